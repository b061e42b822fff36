/* SPDX-License-Identifier: BSD-2-Clause */
/* Where descriptions contradict each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "firmware/findings.h"

#define FOUND_MAX 16U /* The last ones stay. */

static struct stream_description one, other;
static char found[FOUND_MAX][1024];
static unsigned int found_count;

static void take(void *context, const char *subject, const char *detail)
{
	assert_ptr_equal(context, &found_count);
	snprintf(found[found_count++ % FOUND_MAX], sizeof(found[0]), "%s: %s", subject, detail);
}

static unsigned int between(void)
{
	unsigned int backwards, count;

	found_count = 0;
	backwards = findings_between(&other, "IORT", &one, "device tree", take, &found_count);
	found_count = 0;
	count = findings_between(&one, "device tree", &other, "IORT", take, &found_count);
	assert_int_equal(count, found_count);
	assert_int_equal(backwards, count);
	return count;
}

static void says(const char *words)
{
	for (unsigned int i = 0; i < found_count && i < FOUND_MAX; i++) {
		if (strstr(found[i], words)) {
			return;
		}
	}
	for (unsigned int i = 0; i < found_count && i < FOUND_MAX; i++) {
		print_message("%s\n", found[i]);
	}
	fail_msg("nothing says: %s", words);
}

static void add_smmu(struct stream_description *streams, const char *name, uint64_t base)
{
	streams->smmu[streams->smmu_count++] = (struct smmu_description){
		.name = name,
		.has_base = true,
		.base = base,
		.size = 0x20000,
		.enabled = true,
		.coherent = true,
		.eventq = {.present = true, .edge = true, .intid = 106},
		.gerror = {.present = true, .edge = true, .intid = 109},
	};
}

static struct fixed_description *add_fixed(struct stream_description *streams, const char *master, unsigned int smmu,
					   uint32_t first, uint32_t last)
{
	struct fixed_description *fixed = &streams->fixed[streams->fixed_count++];

	*fixed = (struct fixed_description){
		.smmu = smmu, .first = first, .last = last, .single = first == last, .master = master, .enabled = true};
	return fixed;
}

static struct window_description *add_window(struct stream_description *streams, const char *master, unsigned int smmu,
					     uint32_t first, uint32_t last, uint32_t sid)
{
	struct window_description *window = &streams->window[streams->window_count++];

	*window = (struct window_description){.smmu = smmu,
					      .input_first = first,
					      .input_last = last,
					      .sid = sid,
					      .mask = STREAM_NO_MASK,
					      .master = master,
					      .enabled = true};
	return window;
}

/* Two instances, a host behind each, a platform master on the first; the IORT agrees. */
static int setup(void **state)
{
	(void)state;
	memset(&one, 0, sizeof(one));
	memset(&other, 0, sizeof(other));
	other.source = DESCRIPTION_IORT;
	add_smmu(&one, "/iommu@1", 0x50000000);
	add_smmu(&one, "/iommu@2", 0x60000000);
	add_smmu(&other, "iort@0x78", 0x60000000);
	add_smmu(&other, "iort@0x30", 0x50000000);
	add_fixed(&one, "/dma@1", 0, 0x20000, 0x20000);
	add_fixed(&other, "\\_SB.DMA0", 1, 0x20000, 0x20000);
	add_window(&one, "/pcie@1", 0, 0, 0x7fff, 0x1000);
	add_window(&one, "/pcie@1", 1, 0x8000, 0xffff, 0x8000);
	add_window(&other, "segment:0", 1, 0, 0x3fff, 0x1000);
	add_window(&other, "segment:0", 1, 0x4000, 0x7fff, 0x5000);
	add_window(&other, "segment:0", 0, 0x8000, 0xffff, 0x8000);
	return 0;
}

static void test_nothing_is_wrong(void **state)
{
	(void)state;
	assert_int_equal(between(), 0);
}

static void test_an_instance_of_one_alone(void **state)
{
	(void)state;
	one.smmu[1].base = 0x70000000;
	assert_int_equal(between(), 3);
	says("the SMMU at 0x70000000: only the device tree has it");
	says("the SMMU at 0x60000000: only the IORT has it; the device tree lacks iommu@60000000 { compatible = "
	     "\"arm,smmu-v3\"; reg = <0x0 0x60000000 0x0 0x20000>; #iommu-cells = <1>; dma-coherent; interrupts = <0 "
	     "74 1>, "
	     "<0 77 1>; interrupt-names = \"eventq\", \"gerror\"; };");
	says("segment 0, requester IDs 0x8000 to 0xffff: the device tree sends them to the SMMU at 0x70000000 as "
	     "0x8000 on, "
	     "the IORT to the SMMU at 0x60000000 as 0x8000 on");
}

static void test_what_is_said_of_an_instance(void **state)
{
	(void)state;
	one.smmu[0].coherent = false;
	one.smmu[0].eventq.intid = 200;
	one.smmu[1].gerror.present = false;
	one.smmu[1].quirks = SMMU_QUIRK_NO_PREFETCH;
	assert_int_equal(between(), 4);
	says("the SMMU at 0x50000000: the IORT says that its table walks are coherent, the device tree that they are "
	     "not");
	says("its event queue interrupt is INTID 200 by the device tree, 106 by the IORT");
	says("the SMMU at 0x60000000: only the IORT has its global error interrupt");
	says("do not name the same errata");
}

static void test_requester_ids(void **state)
{
	(void)state;
	one.window[0].sid++;
	assert_int_equal(between(), 1);
	says("segment 0, requester IDs 0x0 to 0x7fff: the device tree sends them to the SMMU at 0x50000000 as 0x1001 "
	     "on");
	one.window[0].sid--;
	one.window[0].input_last--;
	assert_int_equal(between(), 1);
	says("segment 0, requester ID 0x7fff: the device tree sends them to no SMMU, the IORT to the SMMU at "
	     "0x50000000 as "
	     "0x8fff");
	one.window[0].input_last++;
	one.window[0].segment = 3;
	assert_int_equal(between(), 2);
	says("segment 3, requester IDs 0x0 to 0x7fff: the device tree sends them to the SMMU at 0x50000000");
}

/* A mask makes IDs equal: each is compared and reported once. */
static void test_masks(void **state)
{
	(void)state;
	one.window_count = other.window_count = 0;
	add_window(&one, "/pcie@1", 0, 0, 0xff, 0x100);
	one.window[0].has_mask = true;
	one.window[0].mask = 0xff;
	for (uint32_t bus = 0; bus < 4; bus++) {
		add_window(&other, "segment:0", 1, bus << 8, (bus << 8) + 0xff, 0x100);
	}
	assert_int_equal(between(), 1);
	says("requester IDs 0x400 to 0xffff: the device tree sends them to the SMMU at 0x50000000 as 0x100 on, the "
	     "IORT to no "
	     "SMMU");
	other.window_count = 0;
	add_window(&other, "segment:0", 1, 0, 0xff, 0x101);
	other.window[0].has_mask = true;
	other.window[0].mask = 0xff;
	assert_int_equal(between(), 1);
	says("requester IDs 0x0 to 0xff:");
}

static void test_masks_of_other_kinds(void **state)
{
	(void)state;
	one.window_count = other.window_count = 0;
	add_window(&one, "/pcie@1", 0, 0, 0xffff, 0x100)->has_mask = true;
	add_window(&other, "segment:0", 1, 0, 0xffff, 0x100);
	/* Of 32 bits; requester IDs have 16. */
	assert_int_equal(between(), 0);
	/* With a hole. */
	one.window[0].mask = 0xff0f;
	assert_true(between() > 0);
	says("segment 0: the device tree masks its requester IDs with 0xff0f, the IORT with 0xffff");
	/* A window beyond its mask. */
	one.window[0].mask = 0xff;
	assert_int_equal(between(), 1);
	says("segment 0, requester IDs 0x100 to 0xffff");
}

static void test_a_constant_window_against_one_that_counts(void **state)
{
	(void)state;
	one.window_count = other.window_count = 0;
	add_window(&one, "/pcie@1", 0, 0, 0xff, 0x100)->constant = true;
	add_window(&other, "segment:0", 1, 0, 0xff, 0x100);
	assert_int_equal(between(), 1);
	says("requester IDs 0x1 to 0xff:");
}

/* Not PCI: the owner and the input IDs count like the streams. */
static void test_windows_of_other_buses(void **state)
{
	struct window_description *mine, *theirs;

	(void)state;
	one.window_count = other.window_count = 0;
	mine = add_window(&one, "/mc@1", 0, 0x17, 0x3f, 0x17);
	theirs = add_window(&other, "/mc@2", 1, 0x17, 0x3f, 0x17);
	mine->segment = theirs->segment = STREAM_NO_SEGMENT;
	assert_int_equal(between(), 0);
	theirs->input_first++;
	theirs->input_last++;
	assert_int_equal(between(), 2);
	theirs->input_first--;
	theirs->input_last--;
	mine->has_address = theirs->has_address = true;
	mine->address = 0x1000;
	assert_int_equal(between(), 2);
	theirs->address = 0x1000;
	assert_int_equal(between(), 0);
}

/* A disabled SMMU's master has no streams. */
static void test_streams_of_a_disabled_instance(void **state)
{
	(void)state;
	one.smmu[1].enabled = false;
	other.smmu_count = 1;
	other.smmu[0] = other.smmu[1];
	other.smmu[0].base = 0x50000000;
	other.fixed[0].smmu = 0;
	other.window_count = 2;
	other.window[0].smmu = other.window[1].smmu = 0;
	add_fixed(&one, "/dma@2", 1, 0x9, 0x9);
	assert_int_equal(between(), 0);
}

static void test_a_constant_window(void **state)
{
	(void)state;
	one.window_count = other.window_count = 0;
	add_window(&one, "/pcie@1", 0, 0, 0xffff, 0x8)->constant = true;
	add_window(&other, "segment:0", 1, 0, 0xffff, 0x8)->constant = true;
	assert_int_equal(between(), 0);
	other.window[0].sid = 0x9;
	assert_int_equal(between(), 1);
	says("requester IDs 0x0 to 0xffff: the device tree sends them to the SMMU at 0x50000000 as 0x8, the IORT to "
	     "the SMMU "
	     "at 0x50000000 as 0x9");
}

static void test_streams_that_one_alone_names(void **state)
{
	(void)state;
	other.fixed[0].last = 0x20003;
	other.fixed[0].single = false;
	assert_int_equal(between(), 1);
	says("\\_SB.DMA0: only the IORT gives it streams 0x20001 to 0x20003 of the SMMU at 0x50000000");
	other.fixed[0].first = 0x20001;
	assert_int_equal(between(), 2);
	says("/dma@1: only the device tree gives it stream 0x20000 of the SMMU at 0x50000000");
}

/* Two trees have addresses: the owner of a stream counts. */
static void test_masters_are_known_by_their_addresses(void **state)
{
	struct fixed_description *fixed = &other.fixed[0];

	(void)state;
	one.fixed[0].has_address = fixed->has_address = true;
	one.fixed[0].address = 0x1000;
	fixed->address = 0x2000;
	assert_int_equal(between(), 2);
	fixed->address = 0x1000;
	assert_int_equal(between(), 0);
}

static void test_regions(void **state)
{
	struct direct_description direct = {.smmu = 0,
					    .first = 8,
					    .last = 8,
					    .mapped = true,
					    .base = 0x80000000,
					    .size = 0x1000,
					    .master = "/dma@1"};

	(void)state;
	one.direct[one.direct_count++] = direct;
	assert_int_equal(between(), 1);
	says("/dma@1: only the device tree keeps 0x80000000 to 0x80000fff mapped for its streams 0x8 to 0x8");
	direct.smmu = 1;
	direct.last = 9;
	other.direct[other.direct_count++] = direct;
	assert_int_equal(between(), 1);
	says("only the IORT keeps 0x80000000 to 0x80000fff mapped for its streams 0x9 to 0x9");
	other.direct[0].last = 8;
	assert_int_equal(between(), 0);
	other.direct[0].size = 0x2000;
	assert_int_equal(between(), 2);
	other.direct_count = 0;
	one.direct[0].mapped = false;
	assert_int_equal(between(), 0);
}

static void test_instances_without_a_base(void **state)
{
	(void)state;
	one.smmu[1].has_base = false;
	other = one;
	assert_int_equal(between(), 0);
	other.smmu[1].name = "/iommu@3";
	assert_int_equal(between(), 3);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_nothing_is_wrong),
		TEST(test_an_instance_of_one_alone),
		TEST(test_what_is_said_of_an_instance),
		TEST(test_requester_ids),
		TEST(test_masks),
		TEST(test_masks_of_other_kinds),
		TEST(test_a_constant_window_against_one_that_counts),
		TEST(test_windows_of_other_buses),
		TEST(test_streams_of_a_disabled_instance),
		TEST(test_a_constant_window),
		TEST(test_streams_that_one_alone_names),
		TEST(test_masters_are_known_by_their_addresses),
		TEST(test_regions),
		TEST(test_instances_without_a_base),
	};

	return cmocka_run_group_tests_name("findings", tests, NULL, NULL);
}
