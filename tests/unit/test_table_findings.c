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
static struct span spans[TABLE_SPANS_MAX];

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
	const struct table_view view = {.description = &description, .msis = &msis, .spans = spans};

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

/* Each finding of that id is counted. */
static unsigned int count_of(enum table_finding_id id)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < findings.count; i++) {
		count += findings.finding[i].id == id ? findings.finding[i].count : 0;
	}
	return count;
}

static void test_a_reserved_smmu_is_another_firmwares(void **state)
{
	static struct traits traits;
	const struct table_view view = {.description = &description, .msis = &msis, .traits = &traits, .spans = spans};

	(void)state;
	add_smmu("/iommu@0", 0, false);
	add_stream("/a", 0, 1);
	traits_clear(&traits, 1);
	traits.smmu[0].status = "reserved";
	table_judge_all(&view, &findings);
	assert_string_equal(
		the(FINDING_SMMU_DISABLED)->text,
		"iommus: names /iommu@0, which is reserved: another firmware's, and Linux gives it no IOMMU");
}

static void test_streams_that_are_no_ones_twice(void **state)
{
	(void)state;
	add_smmu("/iommu@0", 0, true);
	add_smmu("/iommu@1", 0x20000, true);
	add_stream("/a", 0, 1);
	add_stream("/a", 0, 1);
	add_stream("/b", 1, 1);
	add_stream("/c", 0, 1);
	description.streams.fixed[3].enabled = false;
	judge();
	assert_int_equal(findings.count, 0);
	description.streams.fixed[3].enabled = true;
	judge();
	assert_int_equal(count_of(FINDING_STREAM_TWICE), 1);
	assert_int_equal(findings.count, 1);
}

/* IDs beyond its mask come in as those that it lets through. */
static void test_a_mask_keeps_from_claiming(void **state)
{
	(void)state;
	add_smmu("/iommu@0", 0, true);
	description.streams.window[0] = (struct window_description){.input_last = 0xffff,
								    .has_mask = true,
								    .mask = 0xff,
								    .master = description_name(&description, "/pcie"),
								    .enabled = true};
	description.streams.window_count = 1;
	add_stream("/dma", 0, 0x500);
	judge();
	assert_int_equal(count_of(FINDING_STREAM_TWICE), 0);
	add_stream("/dma", 0, 0xff);
	judge();
	assert_int_equal(count_of(FINDING_STREAM_TWICE), 1);
}

static void test_what_is_not_compared_is_told(void **state)
{
	(void)state;
	add_smmu("/iommu@0", 0, true);
	for (unsigned int i = 0; i < 33; i++) {
		add_stream("/a", 0, 1);
	}
	judge();
	assert_int_equal(findings.count, 0);
	add_stream("/a", 0, 1);
	judge();
	assert_string_equal(the(FINDING_LEFT_OUT)->text,
			    "many streams lie over each other: not each two of them are compared");
}

static void test_a_disabled_master_names_no_smmu(void **state)
{
	(void)state;
	add_smmu("/iommu@0", 0, true);
	add_stream("/a", 0, 1);
	description.streams.fixed[0].enabled = false;
	judge();
	assert_int_equal(count_of(FINDING_NO_MASTER), 1);
}

static void test_registers_that_do_not_overlap(void **state)
{
	(void)state;
	add_smmu("/iommu@0", 0, true);
	add_smmu("/iommu@1", 0x20000, true);
	add_smmu("/iommu@2", 0x40000, false);
	add_smmu("/iommu@3", 0x40000, true);
	judge();
	assert_int_equal(count_of(FINDING_REG_OVERLAP), 0);
}

static void test_two_smmus_of_a_master(void **state)
{
	(void)state;
	add_smmu("/iommu@0", 0, true);
	add_smmu("/iommu@1", 0x20000, true);
	add_stream("/a", 0, 1);
	add_stream("/a", 1, 2);
	add_stream("/a", 1, 3);
	description.streams.fixed[0].enabled = false;
	judge();
	assert_int_equal(count_of(FINDING_SMMUS_OF_ONE_MASTER), 0);
	description.streams.fixed[0].enabled = true;
	judge();
	assert_int_equal(count_of(FINDING_SMMUS_OF_ONE_MASTER), 1);
	description.streams.fixed[0].smmu = 1;
	description.streams.fixed[1].smmu = 0;
	description.streams.fixed[2].smmu = 1;
	judge();
	assert_string_equal(the(FINDING_SMMUS_OF_ONE_MASTER)->text,
			    "iommus: streams of /iommu@1 and of /iommu@0: Linux takes all of them for the first one's");
}

/* --- MSIs. --- */

static struct msi_description *add_msi(const char *master, const char *controller, uint32_t first, uint32_t last)
{
	struct msi_description *msi = &msis.msi[msis.count++];

	*msi = (struct msi_description){
		.master = description_name(&description, master),
		.controller = description_name(&description, controller),
		.has_input = true,
		.input_first = first,
		.input_last = last,
		.has_device = true,
		.device = first,
		.enabled = true,
	};
	return msi;
}

static void test_device_ids_claimed_twice(void **state)
{
	struct msi_description *second;

	(void)state;
	add_msi("/a", "/its@0", 0, 0xff);
	add_msi("/a", "/its@0", 0, 0xff);
	add_msi("/b", "/its@1", 0, 0xff);
	second = add_msi("/c", "/its@0", 0x80, 0x8f);
	second->enabled = false;
	judge();
	assert_int_equal(findings.count, 0);
	second->enabled = true;
	judge();
	assert_string_equal(the(FINDING_MSI_TWICE)->text,
			    "MSIs: devices 0x80 to 0x8f of /its@0 are claimed by /a, too");
}

static struct window_description *add_window(uint32_t first, uint32_t last)
{
	struct window_description *window = &description.streams.window[description.streams.window_count++];

	*window = (struct window_description){
		.input_first = first,
		.input_last = last,
		.sid = first,
		.master = description_name(&description, "/pcie"),
		.segment = 0,
		.enabled = true,
	};
	return window;
}

static void test_requester_ids_without_msis(void **state)
{
	struct window_description *window;
	struct msi_description *msi;

	(void)state;
	add_smmu("/iommu@0", 0, true);
	window = add_window(0, 0xff);
	msi = add_msi("/pcie", "/its", 0, 0x7f);
	judge();
	assert_string_equal(the(FINDING_MSI_HOLE)->text,
			    "requester IDs 0x80 to 0xff have a stream, and no controller for their MSIs");
	add_msi("/pcie", "/its", 0xa0, 0xff);
	judge();
	assert_string_equal(the(FINDING_MSI_HOLE)->text,
			    "requester IDs 0x80 to 0x9f have a stream, and no controller for their MSIs");
	window->enabled = false;
	judge();
	assert_int_equal(count_of(FINDING_MSI_HOLE), 0);
	window->enabled = true;
	window->has_mask = true;
	window->mask = 0xff;
	judge();
	assert_int_equal(count_of(FINDING_MSI_HOLE), 0);
	window->has_mask = false;
	msi->has_mask = true;
	msi->mask = 0xff;
	judge();
	assert_int_equal(count_of(FINDING_MSI_HOLE), 0);
}

static void test_requester_ids_with_msis(void **state)
{
	(void)state;
	add_smmu("/iommu@0", 0, true);
	add_window(0x10, 0x7f);
	add_window(0x80, 0x1ffff);
	add_msi("/pcie", "/its", 0, 0xffff);
	judge();
	assert_int_equal(findings.count, 0);
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
		cmocka_unit_test_setup(test_a_reserved_smmu_is_another_firmwares, clear),
		cmocka_unit_test_setup(test_streams_that_are_no_ones_twice, clear),
		cmocka_unit_test_setup(test_a_mask_keeps_from_claiming, clear),
		cmocka_unit_test_setup(test_what_is_not_compared_is_told, clear),
		cmocka_unit_test_setup(test_a_disabled_master_names_no_smmu, clear),
		cmocka_unit_test_setup(test_registers_that_do_not_overlap, clear),
		cmocka_unit_test_setup(test_two_smmus_of_a_master, clear),
		cmocka_unit_test_setup(test_device_ids_claimed_twice, clear),
		cmocka_unit_test_setup(test_requester_ids_without_msis, clear),
		cmocka_unit_test_setup(test_requester_ids_with_msis, clear),
		cmocka_unit_test_setup(test_lost_warnings_are_told, clear),
		cmocka_unit_test_setup(test_what_no_row_has_is_of_the_machine, clear),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
