/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * STEs and CDs change under an SMMU that reads 64 bits at any time and caches until an invalidation. It may hold any
 * mixture of old and new: the model judges each.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "bench.h"

#define SID 3U
#define DWORDS 8U

static struct smmuv3_domain *domain[5]; /* One of each kind. */
static struct smmuv3_domain *other[5];	/* Another of each. */

static int open_with(const struct model_config *config)
{
	bench_open(config, BENCH_MEMORY_SIZE);
	bench_start(SID + 1);
	for (unsigned int kind = SMMUV3_ABORT; kind <= SMMUV3_NESTED; kind++) {
		domain[kind] =
			bench_domain((enum smmuv3_domain_kind)kind, 12, kind == SMMUV3_NESTED ? domain[3] : NULL);
		other[kind] = bench_domain((enum smmuv3_domain_kind)kind, 12, kind == SMMUV3_NESTED ? other[3] : NULL);
	}
	return 0;
}

static int setup(void **state)
{
	(void)state;
	return open_with(&model_full);
}

static int teardown(void **state)
{
	(void)state;
	bench_close();
	return 0;
}

/* --- Every mixture of two images, as the model sees it. --- */

static struct {
	uint64_t *entry;
	uint64_t last[DWORDS];	  /* At the last barrier. */
	uint64_t old[DWORDS];	  /* Before the change. */
	uint64_t target[DWORDS];  /* Must become this. */
	enum model_view old_view; /* What its valid entries mean. */
	enum model_view new_view;
	unsigned int syncs;
	unsigned int gaps; /* Steps with the stream denied, although neither image denies it. */
} watched;

static bool means(const uint64_t *image, const uint64_t *what, enum model_view view)
{
	uint64_t mask[DWORDS];

	bench_ste_mask(view, mask);
	for (unsigned int i = 0; i < DWORDS; i++) {
		if ((image[i] ^ what[i]) & mask[i]) {
			return false;
		}
	}
	return true;
}

static void judge(const uint64_t *image)
{
	uint64_t now[DWORDS];
	const char *reason = NULL;
	enum model_view view;

	memcpy(now, watched.entry, sizeof(now));
	memcpy(watched.entry, image, sizeof(now));
	view = model_probe_ste(bench_model, SID, NULL, &reason);
	memcpy(watched.entry, now, sizeof(now));
	if (view == MODEL_INVALID) {
		return;
	}
	assert_int_not_equal(view, MODEL_ILLEGAL);
	assert_true((view == watched.old_view && means(image, watched.old, view)) ||
		    (view == watched.new_view && means(image, watched.target, view)));
}

static void look(void)
{
	uint64_t now[DWORDS];
	uint64_t image[DWORDS];

	memcpy(now, watched.entry, sizeof(now));
	for (unsigned int choice = 0; choice < 1U << DWORDS; choice++) {
		for (unsigned int i = 0; i < DWORDS; i++) {
			image[i] = choice & 1U << i ? now[i] : watched.last[i];
		}
		judge(image);
	}
	memcpy(watched.last, now, sizeof(now));
	watched.gaps += !(now[0] & STE0_V);
}

static enum model_view view_of(const uint64_t *image)
{
	uint64_t now[DWORDS];
	enum model_view view;

	memcpy(now, watched.entry, sizeof(now));
	memcpy(watched.entry, image, sizeof(now));
	view = model_probe_ste(bench_model, SID, NULL, NULL);
	memcpy(watched.entry, now, sizeof(now));
	return view;
}

/* Looks at every step; the last image means the same as the target. */
static void change(struct smmuv3_domain *to)
{
	struct ste target;

	smmuv3_ste_of(&bench_smmu, to, &target);
	memset(&watched, 0, sizeof(watched));
	watched.entry = smmuv3_stream_table_entry(&bench_smmu, SID)->dword;
	memcpy(watched.last, watched.entry, sizeof(watched.last));
	memcpy(watched.old, watched.entry, sizeof(watched.old));
	memcpy(watched.target, target.dword, sizeof(watched.target));
	watched.old_view = view_of(watched.old);
	watched.new_view = view_of(watched.target);
	model_log_clear(bench_model);
	arch_hooks.wmb = look;
	bench_attach(SID, to);
	arch_hooks.wmb = NULL;
	watched.syncs = bench_command_count(CMD_SYNC);
	assert_int_equal(bench_command_count(CMD_CFGI_STE), watched.syncs);
	assert_true(means(watched.entry, target.dword, watched.new_view));
	assert_int_equal(view_of(watched.entry), watched.new_view);
	model_check_caches(bench_model);
}

/* Invalidations at most, and whether the stream is denied meanwhile. */
static const struct {
	enum smmuv3_domain_kind from;
	enum smmuv3_domain_kind to;
	unsigned int syncs;
	bool hitless;
} changes[] = {
	{SMMUV3_ABORT, SMMUV3_BYPASS, 2, true},	  {SMMUV3_BYPASS, SMMUV3_ABORT, 1, true},
	{SMMUV3_ABORT, SMMUV3_STAGE1, 2, true},	  {SMMUV3_STAGE1, SMMUV3_ABORT, 1, true},
	{SMMUV3_BYPASS, SMMUV3_STAGE1, 2, true},  {SMMUV3_STAGE1, SMMUV3_BYPASS, 2, true},
	{SMMUV3_ABORT, SMMUV3_STAGE2, 2, true},	  {SMMUV3_STAGE2, SMMUV3_ABORT, 1, true},
	{SMMUV3_BYPASS, SMMUV3_STAGE2, 2, true},  {SMMUV3_STAGE2, SMMUV3_BYPASS, 1, true},
	{SMMUV3_STAGE1, SMMUV3_STAGE1, 1, true},  {SMMUV3_STAGE2, SMMUV3_STAGE2, 3, false},
	{SMMUV3_ABORT, SMMUV3_NESTED, 2, true},	  {SMMUV3_NESTED, SMMUV3_ABORT, 1, true},
	{SMMUV3_BYPASS, SMMUV3_NESTED, 2, true},  {SMMUV3_NESTED, SMMUV3_BYPASS, 2, true},
	{SMMUV3_NESTED, SMMUV3_NESTED, 3, false},
};

static void test_ste_01_to_10_transitions(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		bench_attach(SID, domain[changes[i].from]);
		assert_int_not_equal(bench_dma(SID, BENCH_PAGE, true, NULL), MODEL_STALLED);
		change(other[changes[i].to]);
		if (watched.syncs > changes[i].syncs || !watched.gaps != changes[i].hitless) {
			print_message("%u to %u: %u invalidations, %u gaps\n", changes[i].from, changes[i].to,
				      watched.syncs, watched.gaps);
		}
		assert_true(watched.syncs <= changes[i].syncs);
		assert_int_equal(!watched.gaps, changes[i].hitless);
	}
}

/* DMA in between fills the caches. */
static void test_no_mixture_is_ever_anything_else(void **state)
{
	(void)state;
	for (unsigned int from = 0; from < 10; from++) {
		for (unsigned int to = 0; to < 10; to++) {
			bench_attach(SID, from < 5 ? domain[from] : other[from - 5]);
			(void)bench_dma(SID, BENCH_PAGE, false, NULL);
			change(to < 5 ? domain[to] : other[to - 5]);
			(void)bench_dma(SID, BENCH_PAGE, false, NULL);
		}
	}
}

static void test_ste_12_the_same_again_is_nothing(void **state)
{
	(void)state;
	for (unsigned int kind = SMMUV3_ABORT; kind <= SMMUV3_NESTED; kind++) {
		bench_attach(SID, domain[kind]);
		change(domain[kind]);
		assert_int_equal(watched.syncs, 0);
		assert_int_equal(model_log_count(bench_model), 0);
	}
}

static void expect_no_gap(void)
{
	assert_true(watched.entry[0] & STE0_V);
}

/* It costs an invalidation, and never a denial. */
static void test_merging_of_events_is_no_reason_for_a_gap(void **state)
{
	struct ste ste;

	(void)state;
	bench_attach(SID, domain[SMMUV3_NESTED]);
	smmuv3_ste_of(&bench_smmu, domain[SMMUV3_NESTED], &ste);
	ste.dword[1] |= STE1_MEV;
	memset(&watched, 0, sizeof(watched));
	watched.entry = smmuv3_stream_table_entry(&bench_smmu, SID)->dword;
	model_log_clear(bench_model);
	arch_hooks.wmb = expect_no_gap;
	assert_int_equal(smmuv3_install_ste(&bench_smmu, SID, &ste), 0);
	assert_int_equal(bench_command_count(CMD_SYNC), 1);
	assert_int_equal(watched.entry[1], ste.dword[1]);
	ste.dword[1] &= ~STE1_MEV;
	ste.dword[2] ^= FIELD_PUT64(STE2_S2VMID, 0xff);
	model_log_clear(bench_model);
	assert_int_equal(smmuv3_install_ste(&bench_smmu, SID, &ste), 0);
	arch_hooks.wmb = NULL;
	assert_true(bench_command_count(CMD_SYNC) <= 2);
	assert_memory_equal(watched.entry, ste.dword, sizeof(ste));
}

/* --- A step whose invalidation fails. --- */

static unsigned int fail_at;
static unsigned int invalidation_count;

static int invalidate(const struct entry_update *update)
{
	(void)update;
	return ++invalidation_count == fail_at ? -EIO : 0;
}

static struct entry_update update_of(unsigned int failing)
{
	fail_at = failing;
	invalidation_count = 0;
	return (struct entry_update){.smmu = &bench_smmu,
				     .sid = SID,
				     .valid = STE0_V,
				     .used = smmuv3_ste_used,
				     .safe = smmuv3_ste_safe,
				     .invalidate = invalidate};
}

static unsigned int config_of(const struct ste *ste)
{
	return (unsigned int)FIELD_GET64(STE0_CONFIG, ste->dword[0]);
}

/* The change ends at the invalidation that fails. */
static void fail_a_change(enum smmuv3_domain_kind from, enum smmuv3_domain_kind to, unsigned int failing,
			  struct ste *entry, struct ste *target)
{
	struct entry_update update = update_of(failing);

	smmuv3_ste_of(&bench_smmu, domain[from], entry);
	smmuv3_ste_of(&bench_smmu, other[to], target);
	assert_int_equal(smmuv3_update_entry(&update, entry->dword, target->dword), -EIO);
	assert_int_equal(invalidation_count, failing);
}

static void test_a_failed_step_ends_the_change(void **state)
{
	struct ste entry;
	struct ste target;

	(void)state;
	fail_a_change(SMMUV3_BYPASS, SMMUV3_STAGE1, 1, &entry, &target);
	assert_int_equal(config_of(&entry), STE0_CONFIG_BYPASS);
	fail_a_change(SMMUV3_BYPASS, SMMUV3_STAGE1, 2, &entry, &target);
	assert_int_equal(config_of(&entry), STE0_CONFIG_S1);
	/* What bypass does not look at stays. */
	fail_a_change(SMMUV3_STAGE1, SMMUV3_BYPASS, 1, &entry, &target);
	assert_int_equal(config_of(&entry), STE0_CONFIG_BYPASS);
	assert_true(entry.dword[1] != target.dword[1]);
	/* Through an invalid entry: it stays invalid. */
	fail_a_change(SMMUV3_STAGE2, SMMUV3_STAGE2, 1, &entry, &target);
	assert_int_equal(entry.dword[0] & STE0_V, 0);
	assert_true(entry.dword[3] != target.dword[3]);
	fail_a_change(SMMUV3_STAGE2, SMMUV3_STAGE2, 2, &entry, &target);
	assert_int_equal(entry.dword[0] & STE0_V, 0);
	assert_true(entry.dword[3] == target.dword[3]);
	fail_a_change(SMMUV3_STAGE2, SMMUV3_STAGE2, 3, &entry, &target);
	assert_memory_equal(&entry, &target, sizeof(entry));
}

/* --- What is in an entry, bit by bit. --- */

static void test_ste_21_stage_1_alone_has_vmid_0(void **state)
{
	struct ste ste;

	(void)state;
	smmuv3_ste_of(&bench_smmu, domain[SMMUV3_STAGE1], &ste);
	assert_int_equal(FIELD_GET64(STE2_S2VMID, ste.dword[2]), 0);
	smmuv3_ste_of(&bench_smmu, domain[SMMUV3_STAGE2], &ste);
	assert_int_not_equal(FIELD_GET64(STE2_S2VMID, ste.dword[2]), 0);
	assert_int_equal(FIELD_GET64(STE2_S2VMID, ste.dword[2]), domain[SMMUV3_STAGE2]->vmid);
	smmuv3_ste_of(&bench_smmu, domain[SMMUV3_NESTED], &ste);
	assert_int_equal(FIELD_GET64(STE2_S2VMID, ste.dword[2]), domain[SMMUV3_STAGE2]->vmid);
}

static void test_ste_20_fields_of_a_context_descriptor(void **state)
{
	struct cd cd;

	(void)state;
	smmuv3_cd_of(&bench_smmu, other[SMMUV3_STAGE1], &cd);
	/* T0SZ 16, 4 KiB, write-back, inner, EPD1, V, 48 bits, AA64, R, A, ASET. */
	assert_true((cd.dword[0] & 0xffffffffffffULL) ==
		    (16ULL | 1 << 8 | 1 << 10 | 3 << 12 | 1ULL << 30 | 1ULL << 31 | 5ULL << 32 | 1ULL << 41 |
		     1ULL << 45 | 1ULL << 46 | 1ULL << 47));
	assert_int_equal(cd.dword[0] >> 48, other[SMMUV3_STAGE1]->asid);
	assert_int_not_equal(other[SMMUV3_STAGE1]->asid, domain[SMMUV3_STAGE1]->asid);
	assert_int_equal(cd.dword[1], pgtable_root(&other[SMMUV3_STAGE1]->table));
	bench_smmu.features.stall_model = IDR0_STALL_MODEL_FORCED;
	smmuv3_cd_of(&bench_smmu, other[SMMUV3_STAGE1], &cd);
	assert_int_equal(cd.dword[0] >> 44 & 1, 1);
}

static void test_ste_19_bypass_takes_the_attributes_that_come(void **state)
{
	struct ste ste;

	(void)state;
	for (unsigned int overrides = 0; overrides < 2; overrides++) {
		bench_smmu.features.attribute_overrides = overrides;
		smmuv3_ste_of(&bench_smmu, domain[SMMUV3_BYPASS], &ste);
		assert_int_equal(ste.dword[0], 9);
		assert_true(ste.dword[1] == (overrides ? 1ULL << 44 : 0));
	}
}

static void test_stalling_follows_the_model(void **state)
{
	struct ste ste;

	(void)state;
	bench_smmu.features.stall_model = IDR0_STALL_MODEL_FORCED;
	smmuv3_ste_of(&bench_smmu, domain[SMMUV3_NESTED], &ste);
	assert_true(ste.dword[2] & 1ULL << 57);
	assert_false(ste.dword[1] & 1ULL << 27);
	bench_smmu.features.stall_model = IDR0_STALL_MODEL_BOTH;
	smmuv3_ste_of(&bench_smmu, domain[SMMUV3_NESTED], &ste);
	assert_false(ste.dword[2] & 1ULL << 57);
	assert_true(ste.dword[1] & 1ULL << 27);
	bench_smmu.features.stall_model = 1;
	smmuv3_ste_of(&bench_smmu, domain[SMMUV3_NESTED], &ste);
	assert_false(ste.dword[2] & 1ULL << 57);
	assert_false(ste.dword[1] & 1ULL << 27);
}

static void test_codes_of_output_sizes(void **state)
{
	static const unsigned int bits[] = {32, 36, 40, 42, 44, 48, 52};

	(void)state;
	for (unsigned int code = 0; code < 7; code++) {
		assert_int_equal(smmuv3_output_code(bits[code]), code);
		assert_int_equal(smmuv3_output_code(bits[code] - 1), code);
	}
	assert_int_equal(smmuv3_output_code(56), 6);
}

/* Valid: all bits; else V only. */
static void test_used_bits_of_a_context_descriptor(void **state)
{
	uint64_t cd[CD_DWORDS] = {0, 1, 2, 3};
	uint64_t used[CD_DWORDS];

	(void)state;
	smmuv3_cd_used(cd, used);
	assert_true(used[0] == CD0_V);
	for (unsigned int i = 1; i < CD_DWORDS; i++) {
		assert_true(used[i] == 0);
	}
	cd[0] = CD0_V;
	smmuv3_cd_used(cd, used);
	for (unsigned int i = 0; i < CD_DWORDS; i++) {
		assert_true(used[i] == ~0ULL);
	}
}

/* No room, or beyond the table. */
static void test_no_room_no_entry(void **state)
{
	struct ste ste;

	(void)state;
	smmuv3_ste_abort(&bench_smmu, &ste);
	assert_int_equal(smmuv3_install_ste(&bench_smmu, 0x200, &ste), -ERANGE);
	assert_int_equal(smmuv3_install_ste(&bench_smmu, 0x10000, &ste), -ERANGE);
	assert_null(smmuv3_stream_table_entry(&bench_smmu, 0xffffffff));
	assert_int_equal(smmuv3_stream_table_room(&bench_smmu, 0x10000), -ERANGE);
}

/* --- The stream table: what it takes, and what growing leaves alone. --- */

static void test_a_growing_part_keeps_its_entries(void **state)
{
	(void)state;
	bench_map(domain[SMMUV3_STAGE1], BENCH_PAGE, 0x40000000, 0x1000);
	bench_attach(SID, domain[SMMUV3_STAGE1]);
	bench_expect_pass(SID, BENCH_PAGE, 0x40000000);
	for (uint32_t sid = SID + 1; sid < 64; sid++) {
		const struct ste before = *smmuv3_stream_table_entry(&bench_smmu, SID);

		model_log_clear(bench_model);
		bench_add_stream(sid);
		assert_memory_equal(smmuv3_stream_table_entry(&bench_smmu, SID), &before, sizeof(before));
		bench_expect_pass(SID, BENCH_PAGE, 0x40000000);
		bench_expect_fault(sid, BENCH_PAGE, C_BAD_STE);
		model_check_caches(bench_model);
	}
}

/* Complete, old entries included, before the descriptor leads to it. */
static void look_at_descriptor(void)
{
	static uint64_t seen;
	uint64_t descriptor = bench_smmu.table.level1[0];

	if (descriptor != seen) {
		assert_int_equal(model_probe_ste(bench_model, SID, NULL, NULL), MODEL_VIEW_BYPASS);
		seen = descriptor;
	}
}

static unsigned int barriers_before_the_descriptor;
static uint64_t descriptor_at_first;

static void count_barriers(void)
{
	barriers_before_the_descriptor += bench_smmu.table.level1[0] == descriptor_at_first;
	look_at_descriptor();
}

static void test_ste_14_contents_before_the_pointer(void **state)
{
	(void)state;
	bench_attach(SID, domain[SMMUV3_BYPASS]);
	descriptor_at_first = bench_smmu.table.level1[0];
	barriers_before_the_descriptor = 0;
	arch_hooks.wmb = count_barriers;
	bench_add_stream(40);
	arch_hooks.wmb = NULL;
	/* Blank entries; copied ones. */
	assert_int_equal(barriers_before_the_descriptor, 2);
	assert_int_not_equal(bench_smmu.table.level1[0], descriptor_at_first);
	bench_expect_pass(SID, 0x1234, 0x1234);
}

/* The present level works on. The largest table is needed; smaller ones may have room. */
static void test_no_memory_for_a_part_of_the_table(void **state)
{
	uint64_t level1[1024];
	uint32_t bytes;

	(void)state;
	bench_map(domain[SMMUV3_STAGE1], BENCH_PAGE, 0x40000000, 0x1000);
	bench_attach(SID, domain[SMMUV3_STAGE1]);
	while (arena_allocate(64, 64)) {
	}
	bytes = bench_smmu.table.bytes;
	memcpy(level1, bench_smmu.table.level1, sizeof(level1));
	model_log_clear(bench_model);
	assert_int_equal(smmuv3_stream_table_room(&bench_smmu, 0x1000), -ENOMEM); /* An empty part, */
	assert_int_equal(smmuv3_stream_table_room(&bench_smmu, 63), -ENOMEM);	  /* and one too small. */
	assert_memory_equal(bench_smmu.table.level1, level1, sizeof(level1));
	assert_int_equal(bench_smmu.table.bytes, bytes);
	assert_int_equal(model_log_count(bench_model), 0);
	assert_null(smmuv3_stream_table_entry(&bench_smmu, 63));
	bench_expect_pass(SID, BENCH_PAGE, 0x40000000);
	bench_expect_fault(0x1000, BENCH_PAGE, C_BAD_STREAMID);
}

/* --- How much memory the stream table takes. --- */

/* Memory for these streams, in any order of growth. */
static uint32_t bytes_for(unsigned int sid_bits, const uint32_t *sids, unsigned int count)
{
	struct model_config config = model_full;
	uint32_t bytes;

	bench_close();
	config.idr[1] = (config.idr[1] & ~0x3fU) | sid_bits;
	bench_open(&config, BENCH_MEMORY_SIZE);
	bench_start(0);
	for (unsigned int i = 0; i < count; i++) {
		bench_add_stream(sids[i]);
		assert_non_null(smmuv3_stream_table_entry(&bench_smmu, sids[i]));
	}
	bytes = bench_smmu.table.bytes;
	return bytes;
}

#define MASTERS 32U

static void test_memory_of_32_masters_among_65536_streams(void **state)
{
	uint32_t one_bus[MASTERS];
	uint32_t first_devices[MASTERS];
	uint32_t last_devices[MASTERS];

	(void)state;
	for (uint32_t i = 0; i < MASTERS; i++) {
		one_bus[i] = 0x500 + 8 * i;
		first_devices[i] = i << 8;
		last_devices[i] = i << 8 | 0xf8;
	}
	assert_true(bytes_for(16, one_bus, MASTERS) < 64 << 10);
	assert_true(bytes_for(16, first_devices, MASTERS) < 64 << 10);
	/* Worst case: 136 KiB, 8 for the first level and a second level of 4 for each. */
	assert_int_equal(bytes_for(16, last_devices, MASTERS), 136 << 10);
}

static void test_memory_of_3_masters_among_33554432_streams(void **state)
{
	static const uint32_t sids[][3] = {
		{0, 1, 2},
		{0, 0x100000, 0x1ffffff},
		{0x3ff, 0x7ff, 0x1ffffff}, /* The last of three parts. */
		{0x1ff, 0x5ff, 0x1fffdff},
		{0x1, 0x1ff, 0x3ff}, /* One part, grown twice. */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(sids) / sizeof(sids[0]); i++) {
		assert_true(bytes_for(25, sids[i], 3) < 512 << 10);
	}
}

/* Every split, at both ends. */
static void test_splits(void **state)
{
	static const struct {
		unsigned int sid_bits;
		unsigned int split;
	} cases[] = {{7, 6}, {16, 6}, {17, 8}, {20, 8}, {21, 10}, {25, 10}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const uint32_t sids[] = {1, (1U << cases[i].sid_bits) - 1, (1U << cases[i].split) - 1,
					 1U << cases[i].split};

		(void)bytes_for(cases[i].sid_bits, sids, 4);
		assert_int_equal(bench_smmu.table.split, cases[i].split);
		for (unsigned int k = 0; k < 4; k++) {
			bench_expect_fault(sids[k], BENCH_PAGE, C_BAD_STE);
			bench_attach(sids[k], bench_domain(SMMUV3_BYPASS, 0, NULL));
			bench_expect_pass(sids[k], BENCH_PAGE, BENCH_PAGE);
		}
		assert_int_equal(smmuv3_stream_table_room(&bench_smmu, 1U << cases[i].sid_bits), -ERANGE);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ste_01_to_10_transitions),
		TEST(test_no_mixture_is_ever_anything_else),
		TEST(test_ste_12_the_same_again_is_nothing),
		TEST(test_merging_of_events_is_no_reason_for_a_gap),
		TEST(test_a_failed_step_ends_the_change),
		TEST(test_ste_21_stage_1_alone_has_vmid_0),
		TEST(test_ste_20_fields_of_a_context_descriptor),
		TEST(test_ste_19_bypass_takes_the_attributes_that_come),
		TEST(test_stalling_follows_the_model),
		TEST(test_codes_of_output_sizes),
		TEST(test_used_bits_of_a_context_descriptor),
		TEST(test_no_room_no_entry),
		TEST(test_a_growing_part_keeps_its_entries),
		TEST(test_ste_14_contents_before_the_pointer),
		TEST(test_no_memory_for_a_part_of_the_table),
		TEST(test_memory_of_32_masters_among_65536_streams),
		TEST(test_memory_of_3_masters_among_33554432_streams),
		TEST(test_splits),
	};

	return cmocka_run_group_tests_name("ste", tests, NULL, NULL);
}
