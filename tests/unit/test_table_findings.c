/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings of a table: one for one cause, worst first. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "findings/judge.h"

static struct table_findings findings;
static struct description description;
static struct msi_list msis;

static int clear(void **state)
{
	(void)state;
	table_findings_clear(&findings);
	description_init(&description);
	memset(&msis, 0, sizeof(msis));
	return 0;
}

static void judge(void)
{
	const struct table_view view = {.description = &description, .msis = &msis};

	table_judge_all(&view, &findings);
}

static const struct table_finding *the(enum table_finding_id id)
{
	const struct table_finding *found = NULL;

	for (unsigned int i = 0; i < findings.count; i++) {
		if (findings.finding[i].id == id) {
			assert_null(found);
			found = &findings.finding[i];
		}
	}
	return found;
}

static void test_one_cause_is_one_finding(void **state)
{
	static const char *const places[] = {"/a", "/b", "/c"};
	const struct table_finding_place *place;

	(void)state;
	for (unsigned int i = 0; i < 3; i++) {
		table_finding_add(&findings, FINDING_MAP_EMPTY, places[i], "iommu-map", 7, "entry %u", i);
	}
	table_finding_add(&findings, FINDING_MAP_EMPTY, "/a", NULL, 8, "another");
	assert_int_equal(findings.count, 2);
	assert_int_equal(findings.finding[0].count, 3);
	assert_string_equal(findings.finding[0].text, "iommu-map: entry 0");
	assert_string_equal(findings.finding[1].text, "another");
	place = &findings.place[findings.finding[0].place_first];
	for (unsigned int i = 0; i < 3; i++) {
		assert_string_equal(place->name, places[i]);
		place = table_finding_next_place(&findings, place);
	}
	assert_null(place);
}

static void test_the_same_again_is_nothing_new(void **state)
{
	const char *place = "/a";

	(void)state;
	for (unsigned int i = 0; i < 7; i++) {
		table_finding_add(&findings, FINDING_SMMU_DISABLED, place, NULL, 0, "entry %u", i);
	}
	assert_int_equal(findings.finding[0].count, 1);
	assert_int_equal(findings.place_count, 1);
}

static void test_the_worst_is_first(void **state)
{
	static const enum table_finding_id added[] = {FINDING_NO_MASTER, FINDING_MAP_OVERLAP, FINDING_MAP_CIRCLE,
						      FINDING_MAP_WRAPS, FINDING_NO_ADDRESS};
	static const enum table_finding_id wanted[] = {FINDING_MAP_CIRCLE, FINDING_NO_ADDRESS, FINDING_MAP_OVERLAP,
						       FINDING_MAP_WRAPS, FINDING_NO_MASTER};
	const struct table_finding *finding = NULL;

	(void)state;
	for (unsigned int i = 0; i < 5; i++) {
		table_finding_add(&findings, added[i], "/a", NULL, 0, "it");
	}
	for (unsigned int i = 0; i < 5; i++) {
		finding = table_finding_next(&findings, finding);
		assert_non_null(finding);
		assert_int_equal(finding->id, wanted[i]);
	}
	assert_null(table_finding_next(&findings, finding));
	assert_string_equal(table_finding_name(FINDING_MAP_CIRCLE), "map_circle");
	assert_string_equal(table_finding_severity_name(FINDING_MAP_CIRCLE), "error");
	assert_string_equal(table_finding_severity_name(FINDING_MAP_WRAPS), "warning");
	assert_string_equal(table_finding_severity_name(FINDING_NO_MASTER), "note");
}

static void test_what_finds_no_room_is_counted(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < TABLE_FINDINGS_MAX + 5; i++) {
		table_finding_add(&findings, FINDING_MAP_EMPTY, "/a", NULL, i, "it");
	}
	assert_int_equal(findings.count, TABLE_FINDINGS_MAX);
	assert_int_equal(findings.lost, 5);
	table_findings_clear(&findings);
	for (unsigned int i = 0; i < TABLE_FINDING_PLACES_MAX; i++) {
		table_finding_add(&findings, FINDING_MAP_EMPTY, i % 2 ? "/a" : "/b", NULL, 0, "it");
	}
	for (unsigned int i = 0; i < 5; i++) {
		table_finding_add(&findings, FINDING_MAP_EMPTY, "/c", NULL, 0, "it");
	}
	assert_int_equal(findings.finding[0].count, TABLE_FINDING_PLACES_MAX);
	assert_int_equal(findings.lost, 5);
	table_finding_add(&findings, FINDING_MAP_EMPTY, "/a", NULL, 1, "it");
	assert_int_equal(findings.count, 1);
}

static void test_long_words_are_cut(void **state)
{
	char words[2 * TABLE_FINDING_TEXT_SIZE];

	(void)state;
	memset(words, 'x', sizeof(words));
	words[sizeof(words) - 1] = '\0';
	table_finding_add(&findings, FINDING_MAP_EMPTY, "/a", words, 0, "it");
	table_finding_add(&findings, FINDING_MAP_EMPTY, "/a", NULL, 1, "%s", words);
	assert_int_equal(strlen(findings.finding[0].text), TABLE_FINDING_TEXT_SIZE - 1);
	assert_int_equal(strlen(findings.finding[1].text), TABLE_FINDING_TEXT_SIZE - 1);
}

/* --- The judges. --- */

static void add_smmu(const char *name, uint64_t base, bool enabled)
{
	description.streams.smmu[description.streams.smmu_count++] = (struct smmu_description){
		.name = description_name(&description, name),
		.has_base = true,
		.base = base,
		.size = 0x20000,
		.enabled = enabled,
		.eventq.present = true,
		.gerror.present = true,
	};
}

static void add_stream(const char *master, unsigned int smmu, uint32_t sid)
{
	description.streams.fixed[description.streams.fixed_count++] = (struct fixed_description){
		.smmu = smmu,
		.first = sid,
		.last = sid,
		.single = true,
		.master = description_name(&description, master),
		.enabled = true,
	};
}

static void test_a_disabled_smmu_is_told_once(void **state)
{
	const struct table_finding *found;

	(void)state;
	add_smmu("/iommu@0", 0, false);
	for (uint32_t sid = 0; sid < 30; sid++) {
		add_stream(sid < 10 ? "/a" : sid < 20 ? "/b" : "/c", 0, sid);
	}
	judge();
	found = the(FINDING_SMMU_DISABLED);
	assert_non_null(found);
	assert_int_equal(findings.count, 1);
	assert_int_equal(found->count, 3);
	assert_string_equal(found->text, "iommus: names /iommu@0, which is disabled: nothing translates its DMA");
}

static void test_missing_interrupts_are_one_finding(void **state)
{
	(void)state;
	add_smmu("/iommu@0", 0, true);
	add_stream("/a", 0, 1);
	judge();
	assert_int_equal(findings.count, 0);
	description.streams.smmu[0].eventq.present = false;
	description.streams.smmu[0].gerror.present = false;
	judge();
	assert_int_equal(findings.count, 1);
	assert_int_equal(the(FINDING_NO_INTERRUPT)->count, 1);
}

/* Behind an interrupt controller that is no GIC they are there. */
static void test_an_echo_is_dropped(void **state)
{
	(void)state;
	add_smmu("/iommu@0", 0, true);
	add_stream("/a", 0, 1);
	description.streams.smmu[0].eventq.present = false;
	description_warn(&description, "/iommu@0", "interrupts: the parent is no GIC of 3 cells");
	judge();
	assert_int_equal(findings.count, 1);
	assert_string_equal(the(FINDING_INTERRUPT_NO_GIC)->property, "interrupts");
	assert_string_equal(the(FINDING_INTERRUPT_NO_GIC)->text, "interrupts: the parent is no GIC of 3 cells");
}

static void test_two_masters_with_many_streams_are_one_finding(void **state)
{
	(void)state;
	add_smmu("/iommu@0", 0, true);
	for (uint32_t sid = 0; sid < 64; sid++) {
		add_stream("/a", 0, sid);
		add_stream("/b", 0, sid);
	}
	add_stream("/c", 0, 100);
	judge();
	assert_int_equal(findings.count, 1);
	assert_string_equal(the(FINDING_STREAM_TWICE)->text, "iommus: stream 0x0 of /iommu@0 is claimed by /a, too");
}

static void test_each_kind_of_registers(void **state)
{
	(void)state;
	add_smmu("/iommu@0", 0x1000, true);
	add_smmu("/iommu@1", 0x10000, true);
	add_smmu("/iommu@2", 0x10000, false);
	judge();
	assert_int_equal(findings.count, 3);
	assert_string_equal(the(FINDING_BASE_UNALIGNED)->place, "/iommu@0");
	assert_string_equal(the(FINDING_REG_OVERLAP)->text,
			    "its registers at 0x10000 overlap those of /iommu@0 at 0x1000");
	assert_int_equal(the(FINDING_NO_MASTER)->count, 2);
}

static void test_lost_warnings_are_told(void **state)
{
	(void)state;
	description.warnings_lost = 3;
	judge();
	assert_string_equal(the(FINDING_LEFT_OUT)->text, "3 warnings of the reader find no room in its list");
}

static void test_what_no_row_has_is_of_the_machine(void **state)
{
	(void)state;
	description_warn(&description, "/", "no memory is described");
	description_warn(&description, "iort@0x30", "an ID mapping leads to no node: left out");
	judge();
	assert_string_equal(the(FINDING_MACHINE)->text, "no memory is described");
	assert_null(the(FINDING_MACHINE)->property);
	assert_null(the(FINDING_MAP_NOWHERE)->property);
	assert_string_equal(the(FINDING_MAP_NOWHERE)->text, "an ID mapping leads to no node: left out");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_one_cause_is_one_finding, clear),
		cmocka_unit_test_setup(test_the_same_again_is_nothing_new, clear),
		cmocka_unit_test_setup(test_the_worst_is_first, clear),
		cmocka_unit_test_setup(test_what_finds_no_room_is_counted, clear),
		cmocka_unit_test_setup(test_long_words_are_cut, clear),
		cmocka_unit_test_setup(test_a_disabled_smmu_is_told_once, clear),
		cmocka_unit_test_setup(test_missing_interrupts_are_one_finding, clear),
		cmocka_unit_test_setup(test_an_echo_is_dropped, clear),
		cmocka_unit_test_setup(test_two_masters_with_many_streams_are_one_finding, clear),
		cmocka_unit_test_setup(test_each_kind_of_registers, clear),
		cmocka_unit_test_setup(test_lost_warnings_are_told, clear),
		cmocka_unit_test_setup(test_what_no_row_has_is_of_the_machine, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
