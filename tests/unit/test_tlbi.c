/* SPDX-License-Identifier: BSD-2-Clause */
/* Invalidations of a range (CMQ-15): decoded by IHI 0070, 4.4, then tried on the model. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arch.h"
#include "bench.h"

#define SID 1U
#define IOVA 0x0000123440000000ULL

static const unsigned int granules[] = {12, 14, 16};

#define GRANULE_COUNT (sizeof(granules) / sizeof(granules[0]))

static struct smmuv3_domain stage1[GRANULE_COUNT];
static struct smmuv3_domain stage2[GRANULE_COUNT];
static struct smmuv3_domain nested[GRANULE_COUNT];

/* Only kind, tags and granule count. */
static void make_domains(void)
{
	for (size_t g = 0; g < GRANULE_COUNT; g++) {
		const struct pgtable table = {.format.granule_bits = granules[g]};

		stage1[g] = (struct smmuv3_domain){.kind = SMMUV3_STAGE1, .asid = 0x51, .table = table};
		stage2[g] = (struct smmuv3_domain){.kind = SMMUV3_STAGE2, .vmid = 0x72, .table = table};
		nested[g] = (struct smmuv3_domain){
			.kind = SMMUV3_NESTED, .asid = 0x33, .parent = &stage2[g], .table = table};
	}
}

static int setup(void **state)
{
	(void)state;
	bench_open(&model_full, BENCH_MEMORY_SIZE);
	bench_start(SID + 1);
	make_domains();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bench_close();
	return 0;
}

static uint64_t bits(uint64_t dword, unsigned int high, unsigned int low)
{
	return dword >> low & ((2ULL << (high - low)) - 1);
}

/* Its own ASID; its own or its parent's VMID. */
static void check_tags(const struct smmuv3_domain *domain, const struct command *command)
{
	uint64_t opcode = bits(command->dword[0], 7, 0);
	unsigned int vmid = domain->kind == SMMUV3_NESTED ? domain->parent->vmid : domain->vmid;

	assert_int_equal(bits(command->dword[0], 47, 32), vmid);
	assert_int_equal(bits(command->dword[0], 63, 48), domain->kind == SMMUV3_STAGE2 ? 0 : domain->asid);
	if (domain->kind == SMMUV3_STAGE2) {
		assert_true(opcode == 0x28 || opcode == 0x2a);
	} else {
		assert_true(opcode == 0x11 || opcode == 0x12);
	}
}

static bool is_whole_domain(const struct command *command)
{
	uint64_t opcode = bits(command->dword[0], 7, 0);

	return opcode == 0x11 || opcode == 0x28;
}

/* Bytes that one command by address covers. */
static uint64_t bytes_of(const struct command *command, unsigned int granule_bits, bool leaf)
{
	uint64_t num = bits(command->dword[0], 16, 12);
	uint64_t scale = bits(command->dword[0], 24, 20);
	uint64_t tg = bits(command->dword[1], 11, 10);

	assert_int_equal(bits(command->dword[1], 0, 0), leaf);
	assert_int_equal(bits(command->dword[1], 9, 8), 0); /* No level. */
	if (!tg) {
		assert_int_equal(num, 0);
		assert_int_equal(scale, 0);
		return 1ULL << granule_bits;
	}
	assert_true(num || scale); /* Reserved with TTL 0. */
	assert_int_equal(tg, granule_bits == 12 ? 1 : granule_bits == 14 ? 2 : 3);
	return (num + 1) << scale << granule_bits;
}

/* The commands cover the range in order, without a gap. */
static unsigned int check(const struct smmuv3_domain *domain, uint64_t granule_count, bool leaf)
{
	unsigned int granule_bits = domain->table.format.granule_bits;
	uint64_t size = granule_count << granule_bits;
	struct command commands[SMMUV3_TLBI_MAX];
	unsigned int count = smmuv3_tlbi_range(&bench_smmu, domain, IOVA, size, leaf, commands);
	uint64_t covered = 0;

	assert_in_range(count, 1, SMMUV3_TLBI_MAX);
	if (is_whole_domain(&commands[0])) {
		assert_int_equal(count, 1);
		check_tags(domain, &commands[0]);
		assert_int_equal(commands[0].dword[1], 0);
		return 0;
	}
	for (unsigned int i = 0; i < count; i++) {
		uint64_t address = commands[i].dword[1] & ~0xfffULL;

		check_tags(domain, &commands[i]);
		assert_true(address == IOVA + covered);
		covered += bytes_of(&commands[i], granule_bits, leaf);
	}
	assert_true(covered >= size);
	/* NUM has five bits: at most 1/16 too much. */
	assert_true(covered - size <= size / 16);
	return count;
}

static bool is_looked_at(uint64_t granule_count)
{
	return granule_count < 1100 || !(granule_count & (granule_count - 1)) ||
	       !((granule_count + 1) & granule_count) || granule_count % 9973 == 0;
}

/* The 64 KiB granule's million would not fit behind IOVA. */
static void for_all_sizes(void (*look)(const struct smmuv3_domain *domain, uint64_t granule_count, bool leaf))
{
	for (size_t g = 0; g < GRANULE_COUNT; g++) {
		for (uint64_t granule_count = 1; granule_count <= 1U << 20; granule_count++) {
			if (!is_looked_at(granule_count)) {
				continue;
			}
			for (unsigned int leaf = 0; leaf < 2; leaf++) {
				look(&stage1[g], granule_count, leaf);
				look(&stage2[g], granule_count, leaf);
				look(&nested[g], granule_count, leaf);
			}
		}
	}
}

static void look_with_ranges(const struct smmuv3_domain *domain, uint64_t granule_count, bool leaf)
{
	assert_int_equal(check(domain, granule_count, leaf), 1);
}

static void look_without_ranges(const struct smmuv3_domain *domain, uint64_t granule_count, bool leaf)
{
	assert_int_equal(check(domain, granule_count, leaf), granule_count <= 16 ? granule_count : 0);
}

static void test_cmq_15_ranges(void **state)
{
	(void)state;
	for_all_sizes(look_with_ranges);
}

static void test_cmq_15_without_ranges(void **state)
{
	(void)state;
	bench_smmu.features.range_invalidation = false;
	for_all_sizes(look_without_ranges);
}

/* The widest range, and a granule more. */
static void test_a_range_too_wide_for_a_command(void **state)
{
	const uint64_t widest = 32ULL << 16;

	(void)state;
	assert_int_equal(check(&stage1[0], widest, true), 1);
	assert_int_equal(check(&stage1[0], widest + 1, true), 0);
	assert_int_equal(check(&stage2[0], widest + 1, false), 0);
}

/* Entries of both stages go by VMID only. */
static void test_a_parent_forgets_its_children(void **state)
{
	(void)state;
	for (unsigned int ril = 0; ril < 2; ril++) {
		bench_smmu.features.range_invalidation = ril;
		stage2[0].has_children = true;
		assert_int_equal(check(&stage2[0], 1, true), 0);
		assert_int_equal(check(&stage2[0], 500, true), 0);
		stage2[0].has_children = false;
		assert_int_equal(check(&stage2[0], 1, true), 1);
	}
}

static void issue(const struct smmuv3_domain *domain, uint64_t granule_count, bool leaf)
{
	struct command commands[SMMUV3_TLBI_MAX];
	unsigned int count = smmuv3_tlbi_range(&bench_smmu, domain, IOVA,
					       granule_count << domain->table.format.granule_bits, leaf, commands);

	assert_int_equal(smmuv3_issue(&bench_smmu, commands, count), 0);
	model_log_clear(bench_model);
}

static void test_every_command_is_legal(void **state)
{
	(void)state;
	for_all_sizes(issue);
	bench_smmu.features.range_invalidation = false;
	for_all_sizes(issue);
	assert_int_equal(bench_smmu.counts.illegal_commands, 0);
}

/* --- Real domains: what was unmapped is not used any longer. --- */

static struct smmuv3_domain *make(enum smmuv3_domain_kind kind, unsigned int granule_bits)
{
	struct smmuv3_domain *parent = NULL;

	if (kind == SMMUV3_NESTED) {
		parent = bench_domain(SMMUV3_STAGE2, granule_bits, NULL);
		assert_int_equal(smmuv3_domain_share_tables(parent), 0);
		bench_map(parent, 1ULL << 32, 1ULL << 32, 1ULL << 32);
	}
	return bench_domain(kind, granule_bits, parent);
}

static void unmap_and_look(struct smmuv3_domain *domain, uint64_t granule_count)
{
	uint64_t granule = 1ULL << domain->table.format.granule_bits;
	uint64_t at = domain->kind == SMMUV3_STAGE2 ? 0x40000000 : IOVA;

	bench_map(domain, at - granule, (1ULL << 32) - granule + (1ULL << 31), (granule_count + 2) * granule);
	for (uint64_t i = 0; i < granule_count + 2; i++) {
		bench_expect_pass(SID, at + (i - 1) * granule, (3ULL << 31) + (i - 1) * granule);
	}
	assert_int_equal(smmuv3_ops.unmap(&domain->domain, at, granule_count * granule), 0);
	for (uint64_t i = 0; i < granule_count; i++) {
		bench_expect_fault(SID, at + i * granule, F_TRANSLATION);
	}
	bench_expect_pass(SID, at - granule, (3ULL << 31) - granule);
	bench_expect_pass(SID, at + granule_count * granule, (3ULL << 31) + granule_count * granule);
	model_check_caches(bench_model);
	assert_int_equal(smmuv3_ops.unmap(&domain->domain, at - granule, granule), 0);
	assert_int_equal(smmuv3_ops.unmap(&domain->domain, at + granule_count * granule, granule), 0);
}

static void unmap_sizes(enum smmuv3_domain_kind kind, unsigned int granule_bits)
{
	static const uint64_t counts[] = {1, 2, 15, 16, 17, 31, 32, 33, 65};
	struct smmuv3_domain *domain = make(kind, granule_bits);

	bench_attach(SID, domain);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		unmap_and_look(domain, counts[i]);
	}
}

static void test_map_03_unmapped_ranges_are_used_by_no_smmu(void **state)
{
	(void)state;
	for (unsigned int ril = 0; ril < 2; ril++) {
		bench_smmu.features.range_invalidation = ril;
		for (size_t g = 0; g < GRANULE_COUNT; g++) {
			unmap_sizes(SMMUV3_STAGE1, granules[g]);
			unmap_sizes(SMMUV3_STAGE2, granules[g]);
			unmap_sizes(SMMUV3_NESTED, granules[g]);
		}
	}
}

/* No walk cache keeps a cut-off table. */
static void test_map_08_cut_tables_are_forgotten_too(void **state)
{
	(void)state;
	for (unsigned int ril = 0; ril < 2; ril++) {
		for (size_t g = 0; g < GRANULE_COUNT; g++) {
			struct smmuv3_domain *domain = make(SMMUV3_STAGE1, granules[g]);
			uint64_t granule = 1ULL << granules[g];
			uint64_t table = granule << (granules[g] - 3);

			bench_smmu.features.range_invalidation = ril;
			bench_attach(SID, domain);
			for (unsigned int turn = 0; turn < 3; turn++) {
				/* Unaligned: pages. */
				bench_map(domain, IOVA & ~(table - 1), (1ULL << 32) + granule * turn, table);
				bench_expect_pass(SID, IOVA & ~(table - 1), (1ULL << 32) + granule * turn);
				model_log_clear(bench_model);
				assert_int_equal(smmuv3_ops.unmap(&domain->domain, IOVA & ~(table - 1), table), 0);
				assert_false(pgtable_has_retired(&domain->table));
				model_check_caches(bench_model);
				bench_expect_fault(SID, IOVA & ~(table - 1), F_TRANSLATION);
				/* A block instead, through no table. */
				bench_map(domain, IOVA & ~(table - 1), 4 * table, table);
				bench_expect_pass(SID, (IOVA & ~(table - 1)) + granule, 4 * table + granule);
				assert_int_equal(smmuv3_ops.unmap(&domain->domain, IOVA & ~(table - 1), table), 0);
			}
		}
	}
}

static void test_map_05_the_right_tags(void **state)
{
	struct smmuv3_domain *first = make(SMMUV3_STAGE1, 12);
	struct smmuv3_domain *second = make(SMMUV3_NESTED, 12);
	const struct model_log *command;

	(void)state;
	bench_attach(0, first);
	bench_attach(SID, second);
	bench_map(first, IOVA, 1ULL << 32, 0x1000);
	bench_map(second, IOVA, 3ULL << 31, 0x1000);
	bench_expect_pass(0, IOVA, 1ULL << 32);
	bench_expect_pass(SID, IOVA, 3ULL << 31);
	model_log_clear(bench_model);
	assert_int_equal(smmuv3_ops.unmap(&second->domain, IOVA, 0x1000), 0);
	command = bench_last_command(CMD_TLBI_NH_VA);
	assert_non_null(command);
	assert_int_equal(bits(command->dwords[0], 47, 32), second->parent->vmid);
	assert_int_equal(bits(command->dwords[0], 63, 48), second->asid);
	bench_expect_fault(SID, IOVA, F_TRANSLATION);
	bench_expect_pass(0, IOVA, 1ULL << 32);
	/* And the stage below. */
	bench_map(second, IOVA, 3ULL << 31, 0x1000);
	bench_expect_pass(SID, IOVA, 3ULL << 31);
	assert_int_equal(smmuv3_ops.unmap(&second->parent->domain, 1ULL << 32, 1ULL << 32), 0);
	assert_int_equal(bench_command_count(CMD_TLBI_S12_VMALL), 1);
	bench_expect_fault(SID, IOVA, F_TRANSLATION);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_cmq_15_ranges),
		TEST(test_cmq_15_without_ranges),
		TEST(test_a_range_too_wide_for_a_command),
		TEST(test_a_parent_forgets_its_children),
		TEST(test_every_command_is_legal),
		TEST(test_map_03_unmapped_ranges_are_used_by_no_smmu),
		TEST(test_map_08_cut_tables_are_forgotten_too),
		TEST(test_map_05_the_right_tags),
	};

	return cmocka_run_group_tests_name("tlbi", tests, NULL, NULL);
}
