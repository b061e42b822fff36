/* SPDX-License-Identifier: BSD-2-Clause */
/* Findings from what only the target knows: ID registers, functions as they were found. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "findings/facts.h"
#include "findings/judge.h"

#define ATS (1U << 10)
#define PRI (1U << 16)
#define STALL_NONE (1U << 24)
#define STALL_FORCED (2U << 24)
#define SSIDS(bits) ((bits) << 6)
#define BBML(level) ((level) << 11)

static struct table_findings findings;
static struct description description;
static struct traits traits;
static struct facts facts;
static struct span spans[TABLE_SPANS_MAX];

static const char *name(const char *text)
{
	return description_name(&description, text);
}

/* An SMMU, a device with stream 1 and a PCI host of one bus behind it, none of which tells anything. */
static int build(void **state)
{
	struct stream_description *streams = &description.streams;

	(void)state;
	description_init(&description);
	memset(&traits, 0, sizeof(traits));
	memset(&facts, 0, sizeof(facts));
	streams->smmu[0] = (struct smmu_description){.name = name("/iommu@0"),
						     .has_base = true,
						     .base = 0x10000,
						     .size = 0x20000,
						     .enabled = true,
						     .eventq.present = true,
						     .gerror.present = true};
	streams->smmu_count = 1;
	streams->fixed[0] = (struct fixed_description){
		.first = 1, .last = 1, .single = true, .master = name("/dma"), .enabled = true};
	streams->fixed_count = 1;
	streams->window[0] = (struct window_description){
		.input_first = 0x100, .input_last = 0x1ff, .sid = 0x100, .master = name("/pcie"), .enabled = true};
	streams->window_count = 1;
	description.host[0] = (struct host_description){.name = name("/pcie"), .bus_last = 1};
	description.host_count = 1;
	traits_clear(&traits, 1);
	traits.master[0] = (struct master_traits){.name = name("/dma"),
						  .segment = STREAM_NO_SEGMENT,
						  .enabled = true,
						  .coherent = TOLD_YES,
						  .fixed_count = 1};
	traits.master[1] =
		(struct master_traits){.name = name("/pcie"), .enabled = true, .coherent = TOLD_YES, .window_count = 1};
	traits.master_count = 2;
	facts.smmu[0] = (struct smmu_facts){.is_known = true, .idr = {STALL_NONE, SSIDS(20U), 0, BBML(2U), 0, 5}};
	return 0;
}

/* The judges of facts alone: there is no blob for others to read. */
static void judge_by(const struct facts *of)
{
	const struct table_view view = {.description = &description, .traits = &traits, .facts = of, .spans = spans};

	table_findings_clear(&findings);
	judge_id_registers(&view, &findings);
	judge_functions(&view, &findings);
}

static void judge(void)
{
	judge_by(&facts);
}

/* The only one. */
static const struct table_finding *finding(enum table_finding_id id)
{
	judge();
	assert_int_equal(findings.count, 1);
	assert_int_equal(findings.finding[0].id, id);
	return &findings.finding[0];
}

static void nothing(void)
{
	judge();
	assert_int_equal(findings.count, 0);
}

static void add_function(uint32_t requester_id, bool ats_was_on, unsigned int first, unsigned int stride,
			 unsigned int count)
{
	facts.function[facts.function_count++] = (struct function_facts){.name = "0000:01:00.0",
									 .requester_id = requester_id,
									 .ats_was_on = ats_was_on,
									 .virtual_count = count,
									 .virtual_first = first,
									 .virtual_stride = stride};
}

static void test_a_machine_as_it_is_described(void **state)
{
	(void)state;
	add_function(0x100, false, 1, 1, 255);
	nothing();
}

static void test_ats_of_one_side_alone(void **state)
{
	(void)state;
	traits.master[1].ats = TOLD_NO;
	nothing();
	traits.master[1].ats = TOLD_YES;
	assert_string_equal(finding(FINDING_ATS_NOT_IN_SMMU)->place, "/pcie");
	facts.smmu[0].idr[0] |= ATS;
	nothing();
	traits.master[1].ats = TOLD_NO;
	assert_string_equal(finding(FINDING_ATS_NOT_TOLD)->place, "/pcie");
	traits.master[1].enabled = false;
	nothing();
}

static void test_page_requests_without_a_queue(void **state)
{
	(void)state;
	traits.master[1].pri = TOLD_YES;
	assert_string_equal(finding(FINDING_PRI_NOT_IN_SMMU)->text,
			    "it is described with PRI, and IDR0.PRI of /iommu@0 is 0: page requests find no queue");
	facts.smmu[0].idr[0] |= PRI;
	nothing();
}

static void test_models_of_stalls(void **state)
{
	(void)state;
	traits.master[0].stall = TOLD_YES;
	assert_string_equal(finding(FINDING_STALL_NOT_IN_SMMU)->place, "/dma");
	facts.smmu[0].idr[0] = 0;
	nothing();
	facts.smmu[0].idr[0] = STALL_FORCED;
	assert_string_equal(finding(FINDING_STALL_FORCED_PCI)->place, "/pcie");
}

static void test_pasids(void **state)
{
	(void)state;
	traits.master[0].tells_pasid = true;
	traits.master[0].pasid_bits = 20;
	nothing();
	facts.smmu[0].idr[1] = SSIDS(16U);
	assert_string_equal(finding(FINDING_PASID_BEYOND_SMMU)->text,
			    "it is described with PASIDs of 20 bits, and /iommu@0 has 16 (IDR1.SSIDSIZE): Linux uses "
			    "the fewer");
	traits.master[0].pasid_bits = 16;
	nothing();
	facts.smmu[0].idr[3] = BBML(1U);
	assert_string_equal(finding(FINDING_BBML)->place, "/dma");
	traits.master[0].pasid_bits = 0;
	nothing();
}

static void test_ram_that_it_cannot_emit(void **state)
{
	static const unsigned int bits[] = {32, 36, 40, 42, 44, 48, 52, 56};

	(void)state;
	description.memory_count = 2;
	for (uint32_t code = 0; code < sizeof(bits) / sizeof(bits[0]); code++) {
		facts.smmu[0].idr[5] = code;
		description.memory[1] = (struct range_description){(1ULL << bits[code]) - 0x1000, 0x1000};
		nothing();
		description.memory[1].size++;
		assert_string_equal(finding(FINDING_RAM_ABOVE_OUTPUT)->place, "/iommu@0");
	}
}

static void test_an_smmu_that_does_not_answer(void **state)
{
	(void)state;
	facts.smmu[0] = (struct smmu_facts){.silent = "nothing answers at its base (external abort)"};
	traits.smmu[0].supply = "clocks <cru 5>";
	assert_string_equal(
		finding(FINDING_SMMU_SILENT)->text,
		"it does not answer (nothing answers at its base (external abort)): it lives on clocks <cru "
		"5>: see that each is on");
	traits.smmu[0].supply = NULL;
	assert_non_null(strstr(finding(FINDING_SMMU_SILENT)->text, "names no power domain, clock or reset"));
	description.streams.source = DESCRIPTION_IORT;
	nothing();
}

static void test_ats_that_was_on(void **state)
{
	(void)state;
	traits.master[1].ats = TOLD_NO;
	add_function(0x100, true, 0, 0, 0);
	assert_non_null(strstr(finding(FINDING_ATS_FOUND_ON)->text, "IDR0.ATS of /iommu@0 is 0"));
	facts.smmu[0].is_known = false;
	assert_non_null(strstr(finding(FINDING_ATS_FOUND_ON)->text, "its host is not described with ATS"));
	traits.master[1].ats = TOLD_YES;
	nothing();
	facts.function[0].requester_id = 0x200;
	traits.master[1].ats = TOLD_NO;
	nothing();
}

static void test_virtual_functions_without_a_stream(void **state)
{
	const struct table_finding *found;

	(void)state;
	description.streams.window[0].input_last = 0x17f;
	description.streams.window[0].has_mask = false;
	add_function(0x100, false, 0x78, 4, 4);
	found = finding(FINDING_VIRTUAL_STREAMLESS);
	assert_string_equal(found->place, "0000:01:00.0");
	assert_string_equal(found->text,
			    "2 of its 4 virtual functions (SR-IOV: first 0x78 behind it, stride 0x4) have no "
			    "stream: requester IDs from 0x180 to 0x184");
	description.streams.window[0].input_last = 0x183;
	assert_non_null(strstr(finding(FINDING_VIRTUAL_STREAMLESS)->text, "from 0x184 to 0x184"));
	description.streams.window[0].input_last = 0x184;
	nothing();
	facts.function[0].segment = 1;
	description.streams.window[0].input_last = 0x17f;
	nothing();
}

static void test_virtual_functions_without_a_bus(void **state)
{
	(void)state;
	description.streams.window[0].input_last = 0xffff;
	add_function(0x1f0, false, 8, 4, 3);
	assert_string_equal(finding(FINDING_VIRTUAL_BUSLESS)->text,
			    "1 of its 3 virtual functions would be on buses behind 0x1, the last of its host: Linux "
			    "cannot enable them");
	description.host[0].bus_last = 2;
	nothing();
}

static void test_work_is_bounded(void **state)
{
	(void)state;
	description.host_count = 0;
	for (unsigned int i = 1; i < DESCRIPTION_WINDOWS_MAX; i++) {
		description.streams.window[i] = description.streams.window[0];
		description.streams.window[i].segment = 1;
	}
	description.streams.window_count = DESCRIPTION_WINDOWS_MAX;
	add_function(0x100, false, 0x400, 0, 0xffff);
	assert_string_equal(finding(FINDING_LEFT_OUT)->text,
			    "many virtual functions: not all are looked at for streams");
	facts.function[0].virtual_first = 0;
	facts.function[0].virtual_count = 1;
	nothing();
	facts.functions_left_out = 1;
	assert_non_null(finding(FINDING_LEFT_OUT));
}

static void test_without_facts(void **state)
{
	(void)state;
	traits.master[1].pri = TOLD_YES;
	judge_by(NULL);
	assert_int_equal(findings.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_a_machine_as_it_is_described, build),
		cmocka_unit_test_setup(test_ats_of_one_side_alone, build),
		cmocka_unit_test_setup(test_page_requests_without_a_queue, build),
		cmocka_unit_test_setup(test_models_of_stalls, build),
		cmocka_unit_test_setup(test_pasids, build),
		cmocka_unit_test_setup(test_ram_that_it_cannot_emit, build),
		cmocka_unit_test_setup(test_an_smmu_that_does_not_answer, build),
		cmocka_unit_test_setup(test_ats_that_was_on, build),
		cmocka_unit_test_setup(test_virtual_functions_without_a_stream, build),
		cmocka_unit_test_setup(test_virtual_functions_without_a_bus, build),
		cmocka_unit_test_setup(test_work_is_bounded, build),
		cmocka_unit_test_setup(test_without_facts, build),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
