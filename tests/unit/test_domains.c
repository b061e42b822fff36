/* SPDX-License-Identifier: BSD-2-Clause */
/* Domains: which SMMU has which, what translates, what a failure leaves, in which order one unmaps and ends. */
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
#include "recorder.h"
#include "said.h"

#define IDR0_ASID16 0x1000U
#define IDR0_VMID16 0x40000U

#define SID 1U
#define IOVA 0x40000000ULL
#define DATA 0x140000000ULL
#define BLOCK 0x40000000ULL

static const unsigned int granules[] = {12, 14, 16};

static int setup(void **state)
{
	(void)state;
	bench_open(&model_full, BENCH_MEMORY_SIZE);
	bench_start(SID + 2);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	bench_close();
	return 0;
}

static void reopen(const struct model_config *config)
{
	bench_close();
	bench_open(config, BENCH_MEMORY_SIZE);
	bench_start(SID + 2);
}

static int make(enum smmuv3_domain_kind kind, unsigned int granule_bits, struct smmuv3_domain *parent)
{
	const struct smmuv3_domain_config config = {.kind = kind, .granule_bits = granule_bits, .parent = parent};
	struct smmuv3_domain *made = NULL;
	int error = smmuv3_domain_make(&bench_smmu, &config, &made);

	assert_int_equal(!error, made != NULL);
	return error;
}

/* Stage 2, identity, for stage-1 tables and DATA. */
static struct smmuv3_domain *make_parent(unsigned int granule_bits)
{
	struct smmuv3_domain *parent = bench_domain(SMMUV3_STAGE2, granule_bits, NULL);

	assert_int_equal(smmuv3_domain_share_tables(parent), 0);
	bench_map(parent, DATA, DATA, BLOCK);
	return parent;
}

/* --- What translates. --- */

static void translate_through(struct smmuv3_domain *domain, unsigned int granule_bits)
{
	uint64_t granule = 1ULL << granule_bits;
	uint64_t pa = 0;

	bench_attach(SID, domain);
	bench_expect_fault(SID, IOVA, F_TRANSLATION);
	bench_map(domain, IOVA, DATA + granule, 2 * granule);
	bench_expect_pass(SID, IOVA + 0x123, DATA + granule + 0x123);
	assert_int_equal(smmuv3_ops.translate(&domain->domain, IOVA + granule, &pa), 0);
	assert_true(pa == DATA + 2 * granule);
	bench_expect_pass(SID, IOVA + granule, pa);
	bench_expect_fault(SID, IOVA + 2 * granule, F_TRANSLATION);
	assert_int_equal(smmuv3_ops.unmap(&domain->domain, IOVA, 2 * granule), 0);
	bench_expect_fault(SID, IOVA, F_TRANSLATION);
	assert_int_equal(smmuv3_ops.attach(&bench_smmu.iommu, SID, NULL), 0);
	smmuv3_ops.domain_free(&domain->domain);
	model_check_caches(bench_model);
}

static void test_every_kind_with_every_granule(void **state)
{
	(void)state;
	for (size_t g = 0; g < sizeof(granules) / sizeof(granules[0]); g++) {
		translate_through(bench_domain(SMMUV3_STAGE1, granules[g], NULL), granules[g]);
		translate_through(bench_domain(SMMUV3_STAGE2, granules[g], NULL), granules[g]);
		for (size_t p = 0; p < sizeof(granules) / sizeof(granules[0]); p++) {
			struct smmuv3_domain *parent = make_parent(granules[p]);

			translate_through(bench_domain(SMMUV3_NESTED, granules[g], parent), granules[g]);
			smmuv3_ops.domain_free(&parent->domain);
		}
	}
}

/* Only stage 1 with 64 KiB pages reaches beyond 48 bits. */
static void test_every_kind_with_52_bits(void **state)
{
	struct model_config config = model_full;

	(void)state;
	config.idr[5] = (config.idr[5] & ~7U) | 6;
	reopen(&config);
	test_every_kind_with_every_granule(state);
}

/* Stage 2 takes no wider addresses than it gives. */
static void test_every_kind_with_36_bits(void **state)
{
	struct model_config config = model_full;

	(void)state;
	config.idr[5] = (config.idr[5] & ~7U) | 1;
	reopen(&config);
	test_every_kind_with_every_granule(state);
}

static void test_input_sizes(void **state)
{
	struct smmuv3_domain_config config = {.kind = SMMUV3_STAGE1, .granule_bits = 12};
	struct smmuv3_domain *domain = NULL;

	(void)state;
	for (config.input_bits = 25; config.input_bits <= 48; config.input_bits++) {
		uint64_t last = (1ULL << config.input_bits) - 0x1000;

		assert_int_equal(smmuv3_domain_make(&bench_smmu, &config, &domain), 0);
		bench_attach(SID, domain);
		bench_map(domain, last, DATA, 0x1000);
		bench_expect_pass(SID, last, DATA);
		bench_expect_fault(SID, last + 0x1000, F_TRANSLATION);
		assert_int_equal(smmuv3_ops.map(&domain->domain, last + 0x1000, DATA, 0x1000, PGTABLE_READ), -ERANGE);
		assert_int_equal(smmuv3_ops.attach(&bench_smmu.iommu, SID, NULL), 0);
		smmuv3_ops.domain_free(&domain->domain);
	}
	config.input_bits = 24;
	assert_int_equal(smmuv3_domain_make(&bench_smmu, &config, &domain), -EINVAL);
}

static void test_a_child_gives_no_longer_addresses_than_its_parent_takes(void **state)
{
	struct smmuv3_domain_config config = {.kind = SMMUV3_STAGE2, .granule_bits = 12, .input_bits = 36};
	struct smmuv3_domain *parent = NULL;
	struct smmuv3_domain *child;

	(void)state;
	assert_int_equal(smmuv3_domain_make(&bench_smmu, &config, &parent), 0);
	child = bench_domain(SMMUV3_NESTED, 12, parent);
	assert_int_equal(child->table.format.output_bits, 36);
	assert_int_equal(smmuv3_ops.map(&child->domain, IOVA, 1ULL << 36, 0x1000, PGTABLE_READ), -ERANGE);
	assert_int_equal(smmuv3_ops.map(&child->domain, IOVA, (1ULL << 36) - 0x1000, 0x1000, PGTABLE_READ), 0);
}

static void test_bypass_and_abort_have_no_table(void **state)
{
	struct smmuv3_domain *bypass = bench_domain(SMMUV3_BYPASS, 0, NULL);
	struct smmuv3_domain *deny = bench_domain(SMMUV3_ABORT, 0, NULL);
	uint64_t pa = 0;

	(void)state;
	assert_int_equal(smmuv3_ops.map(&bypass->domain, IOVA, DATA, 0x1000, PGTABLE_READ), -ENOTSUP);
	assert_int_equal(smmuv3_ops.unmap(&deny->domain, IOVA, 0x1000), -ENOTSUP);
	assert_int_equal(smmuv3_domain_share_tables(bypass), -ENOTSUP);
	assert_int_equal(smmuv3_ops.translate(&bypass->domain, IOVA, &pa), 0);
	assert_true(pa == IOVA);
	assert_int_equal(smmuv3_ops.translate(&deny->domain, IOVA, &pa), -ENOENT);
	bench_attach(SID, bypass);
	bench_expect_pass(SID, 0x1234567, 0x1234567);
	bench_attach(SID, deny);
	assert_int_equal(bench_dma(SID, IOVA, false, NULL), MODEL_ABORTED);
	assert_true(smmuv3_queues_empty(&bench_smmu)); /* Without a command. */
	model_log_clear(bench_model);
	smmuv3_ops.domain_free(&bypass->domain);
	assert_int_equal(model_log_count(bench_model), 0); /* Nothing to invalidate. */
}

/* Stage 2 maps stage 1's tables read-only. */
static void test_tables_are_shared_read_only(void **state)
{
	struct smmuv3_domain *parent = bench_domain(SMMUV3_STAGE2, 12, NULL);
	struct smmuv3_domain *child = bench_domain(SMMUV3_NESTED, 12, parent);

	(void)state;
	bench_map(child, IOVA, DATA, 0x1000);
	bench_map(parent, DATA, DATA, 0x1000);
	bench_attach(SID, child);
	bench_expect_fault(SID, IOVA, F_TRANSLATION); /* Of the context descriptor. */
	assert_int_equal(smmuv3_domain_share_tables(parent), 0);
	bench_expect_pass(SID, IOVA, DATA);
	bench_attach(SID + 1, parent);
	assert_int_equal(bench_dma(SID + 1, BENCH_MEMORY, false, NULL), MODEL_PASSED);
	assert_int_equal(bench_dma(SID + 1, BENCH_MEMORY, true, NULL), MODEL_ABORTED);
	smmuv3_poll_events(&bench_smmu);
}

/* --- What cannot be made. --- */

static void test_parents_that_are_none(void **state)
{
	struct smmuv3_domain *stage1 = bench_domain(SMMUV3_STAGE1, 12, NULL);
	struct smmuv3_domain *stage2 = bench_domain(SMMUV3_STAGE2, 12, NULL);
	struct smmuv3 another;
	struct smmuv3_domain foreign = *stage2;

	(void)state;
	assert_int_equal(make(SMMUV3_NESTED, 12, NULL), -EINVAL);
	assert_int_equal(make(SMMUV3_NESTED, 12, stage1), -EINVAL);
	for (unsigned int kind = SMMUV3_ABORT; kind < SMMUV3_NESTED; kind++) {
		assert_int_equal(make((enum smmuv3_domain_kind)kind, 12, stage2), -EINVAL);
	}
	foreign.domain.iommu = &another.iommu;
	assert_int_equal(make(SMMUV3_NESTED, 12, &foreign), -EINVAL);
	assert_false(stage2->has_children);
	assert_int_equal(make(SMMUV3_NESTED, 12, stage2), 0);
	assert_true(stage2->has_children);
}

static void test_stages_that_are_not_there(void **state)
{
	(void)state;
	reopen(&model_s1_only);
	assert_int_equal(make(SMMUV3_STAGE1, 12, NULL), 0);
	assert_int_equal(make(SMMUV3_STAGE2, 12, NULL), -ENOTSUP);
	reopen(&model_s2_only);
	assert_int_equal(make(SMMUV3_STAGE1, 12, NULL), -ENOTSUP);
	assert_int_equal(make(SMMUV3_STAGE2, 12, NULL), 0);
	assert_int_equal(make(SMMUV3_NESTED, 12, bench_domain(SMMUV3_STAGE2, 12, NULL)), -ENOTSUP);
	assert_int_equal(make(SMMUV3_BYPASS, 12, NULL), 0);
}

static void test_an_erratum_forbids_nesting(void **state)
{
	struct smmuv3_domain *parent = bench_domain(SMMUV3_STAGE2, 12, NULL);

	(void)state;
	bench_smmu.errata_effects |= SMMUV3_ERRATA_NO_NESTING;
	assert_int_equal(make(SMMUV3_NESTED, 12, parent), -ENOTSUP);
	assert_int_equal(make(SMMUV3_STAGE1, 12, NULL), 0);
}

static void test_granules_that_are_not_there(void **state)
{
	static const unsigned int none[] = {0, 11, 13, 15, 17, 48};

	(void)state;
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(make(SMMUV3_STAGE1, none[i], NULL), -ENOTSUP);
		assert_int_equal(make(SMMUV3_STAGE2, none[i], NULL), -ENOTSUP);
		assert_int_equal(make(SMMUV3_BYPASS, none[i], NULL), 0);
	}
	for (unsigned int have = 0; have < 3; have++) {
		bench_smmu.features.gran4k = have == 0;
		bench_smmu.features.gran16k = have == 1;
		bench_smmu.features.gran64k = have == 2;
		for (unsigned int g = 0; g < 3; g++) {
			assert_int_equal(make(SMMUV3_STAGE1, granules[g], NULL), g == have ? 0 : -ENOTSUP);
		}
	}
}

/* One stage: the default domain has it. Unattached streams are denied with an event. */
static void test_the_default_domain_is_of_the_stage_there_is(void **state)
{
	const struct model_config *const configs[] = {&model_full, &model_s1_only, &model_s2_only, &model_min};

	(void)state;
	for (size_t i = 0; i < sizeof(configs) / sizeof(configs[0]); i++) {
		struct smmuv3_domain *domain;

		reopen(configs[i]);
		domain = (struct smmuv3_domain *)smmuv3_ops.domain_allocate(&bench_smmu.iommu);
		assert_non_null(domain);
		assert_int_equal(domain->kind, configs[i] == &model_s2_only ? SMMUV3_STAGE2 : SMMUV3_STAGE1);
		assert_int_equal(smmuv3_ops.attach(&bench_smmu.iommu, SID, NULL), 0);
		bench_expect_fault(SID, IOVA, F_TRANSLATION);
		bench_attach(SID, domain);
		bench_map(domain, IOVA, BENCH_PAGE, 0x1000);
		bench_expect_pass(SID, IOVA, BENCH_PAGE);
	}
}

/* --- What runs out, and what is given back. --- */

static void exhaust(enum smmuv3_domain_kind kind, unsigned int expected)
{
	static struct smmuv3_domain *domain[SMMUV3_IDS_MAX];
	const struct smmuv3_domain_config config = {.kind = kind, .granule_bits = 12, .input_bits = 32};
	unsigned int count = 0;

	while (smmuv3_domain_make(&bench_smmu, &config, &domain[count]) == 0) {
		for (unsigned int i = 0; i < count; i++) {
			assert_true(domain[i]->asid != domain[count]->asid || domain[i]->vmid != domain[count]->vmid);
		}
		count++;
		assert_true(count < SMMUV3_IDS_MAX);
	}
	assert_int_equal(count, expected);
	assert_int_equal(make(kind, 12, NULL), -ENOMEM);
	/* An ID is reused once every TLB has forgotten it. */
	model_log_clear(bench_model);
	smmuv3_ops.domain_free(&domain[7]->domain);
	assert_int_equal(bench_command_count(kind == SMMUV3_STAGE1 ? CMD_TLBI_NH_ASID : CMD_TLBI_S12_VMALL), 1);
	assert_int_equal(make(kind, 12, NULL), 0);
	assert_int_equal(make(kind, 12, NULL), -ENOMEM);
}

static void test_asids_and_vmids_run_out(void **state)
{
	static const char words[] = "no domain more: 256 ASIDs and VMIDs are all that this firmware gives an SMMU\n";
	static struct model_config narrow;

	(void)state;
	bench_close();
	narrow = model_full;
	narrow.idr[0] &= ~(IDR0_ASID16 | IDR0_VMID16); /* 8 bits: more is refused. */
	bench_open(&narrow, BENCH_MEMORY_MAX);
	bench_start(0);
	assert_int_equal(said(words), 0);
	exhaust(SMMUV3_STAGE1, SMMUV3_IDS_MAX - 1); /* The default domain has one. */
	exhaust(SMMUV3_STAGE2, SMMUV3_IDS_MAX - 1); /* VMID 0 is reserved. */
	assert_int_equal(said(words), 1);
	/* Possible without IDs. */
	assert_int_equal(make(SMMUV3_BYPASS, 0, NULL), 0);
}

/* Set aside at registration: later only tables take memory. */
static void test_domains_are_set_aside(void **state)
{
	struct smmuv3_domain *first = bench_domain(SMMUV3_BYPASS, 0, NULL);
	const unsigned int expected = SMMUV3_DOMAINS_MAX - bench_smmu.domain_count;
	size_t used = arena_used();
	unsigned int count = 0;

	(void)state;
	while (make(SMMUV3_BYPASS, 0, NULL) == 0) {
		count++;
		assert_true(count <= expected);
	}
	assert_int_equal(count, expected);
	assert_int_equal(arena_used(), used);
	smmuv3_ops.domain_free(&first->domain);
	assert_ptr_equal(bench_domain(SMMUV3_ABORT, 0, NULL), first);
	assert_int_equal(make(SMMUV3_ABORT, 0, NULL), -ENOMEM);
}

static void test_without_memory_for_a_table(void **state)
{
	struct smmuv3_domain *freed = bench_domain(SMMUV3_BYPASS, 0, NULL);
	const struct smmuv3_ids asids = bench_smmu.asids;
	const struct smmuv3_ids vmids = bench_smmu.vmids;
	size_t used;

	(void)state;
	smmuv3_ops.domain_free(&freed->domain); /* Room for a domain, not for a table. */
	while (arena_allocate(4096, 64)) {
	}
	used = arena_used();
	assert_int_equal(make(SMMUV3_STAGE1, 12, NULL), -ENOMEM);
	assert_int_equal(make(SMMUV3_STAGE2, 16, NULL), -ENOMEM);
	assert_memory_equal(&bench_smmu.asids, &asids, sizeof(asids));
	assert_memory_equal(&bench_smmu.vmids, &vmids, sizeof(vmids));
	assert_ptr_equal(bench_smmu.free_domain, freed);
	assert_int_equal(arena_used(), used);
	while (arena_allocate(64, 64)) {
	}
	assert_int_equal(make(SMMUV3_BYPASS, 0, NULL), 0);
	assert_int_equal(make(SMMUV3_BYPASS, 0, NULL), 0);
}

/* A TLB may hold it: neither tag nor table is reused. */
static void test_a_tag_that_was_not_flushed_is_lost(void **state)
{
	struct smmuv3_domain *domain = bench_domain(SMMUV3_STAGE2, 12, NULL);
	size_t free_count = pages_free_count();

	(void)state;
	bench_map(domain, IOVA, DATA, 0x1000);
	model_hang_at_command(bench_model, 1);
	smmuv3_ops.domain_free(&domain->domain);
	assert_int_equal(smmuv3_health(&bench_smmu), SMMUV3_BROKEN);
	assert_true(bench_smmu.vmids.used[0] & 1U << domain->vmid);
	assert_int_equal(pages_free_count(), free_count);
	assert_ptr_not_equal(bench_smmu.free_domain, domain);
}

/* Nor tables whose invalidation failed. */
static void test_tables_that_were_not_flushed_are_lost(void **state)
{
	struct smmuv3_domain *domain = bench_domain(SMMUV3_STAGE1, 12, NULL);
	size_t free_count;

	(void)state;
	bench_map(domain, IOVA, DATA + 0x1000, 0x200000);
	free_count = pages_free_count();
	model_hang_at_command(bench_model, 1);
	assert_int_equal(smmuv3_ops.unmap(&domain->domain, IOVA, 0x200000), -EIO);
	assert_true(pgtable_has_retired(&domain->table));
	assert_int_equal(pages_free_count(), free_count);
	assert_int_equal(smmuv3_ops.unmap(&domain->domain, IOVA, 0x200000), -EIO);
}

/* Tables are given back after their invalidation, not before. */
static size_t free_at_sync;

static void note_pages(void)
{
	free_at_sync = pages_free_count();
}

static void test_retired_tables_outlive_their_invalidation(void **state)
{
	struct smmuv3_domain *domain = bench_domain(SMMUV3_STAGE1, 12, NULL);
	const struct model_log *command;
	size_t before;

	(void)state;
	bench_attach(SID, domain);
	bench_map(domain, IOVA, DATA + 0x1000, 0x200000);
	bench_expect_pass(SID, IOVA, DATA + 0x1000);
	before = pages_free_count();
	arch_hooks.wmb = note_pages;
	model_log_clear(bench_model);
	assert_int_equal(smmuv3_ops.unmap(&domain->domain, IOVA, 0x200000), 0);
	arch_hooks.wmb = NULL;
	assert_int_equal(free_at_sync, before);
	assert_int_equal(pages_free_count(), before + 1);
	/* All levels: a table is gone. */
	command = bench_last_command(CMD_TLBI_NH_VA);
	assert_non_null(command);
	assert_int_equal(command->dwords[1] & CMD1_LEAF, 0);
	/* Last level: no table is gone. */
	bench_map(domain, IOVA, DATA + 0x1000, 0x200000);
	assert_int_equal(smmuv3_ops.unmap(&domain->domain, IOVA, 0x1000), 0);
	assert_int_equal(bench_last_command(CMD_TLBI_NH_VA)->dwords[1] & CMD1_LEAF, CMD1_LEAF);
}

/* --- Memory after registration: second levels, tables, and a domain's notes; nothing else. --- */

static void use_everything(struct smmuv3_domain *domain)
{
	bench_attach(SID, domain);
	bench_map(domain, IOVA, DATA, 0x4000);
	bench_expect_pass(SID, IOVA, DATA);
	assert_int_equal(smmuv3_ops.unmap(&domain->domain, IOVA, 0x4000), 0);
	assert_int_equal(smmuv3_ops.map(&domain->domain, IOVA + 1, DATA, 0x1000, PGTABLE_READ), -EINVAL);
	bench_expect_fault(SID, IOVA, F_TRANSLATION);
	smmuv3_ops.quarantine(&bench_smmu.iommu, SID);
	assert_int_equal(smmuv3_invalidate_all(&bench_smmu), 0);
	assert_int_equal(smmuv3_pause(&bench_smmu), 0);
	assert_int_equal(smmuv3_resume(&bench_smmu), 0);
	smmuv3_poll_events(&bench_smmu);
	smmuv3_poll_gerror(&bench_smmu);
	assert_int_equal(smmuv3_provoke_illegal_command(&bench_smmu), 0);
	assert_int_equal(smmuv3_shrink_events(&bench_smmu, 2), 0);
	assert_int_equal(smmuv3_restore_events(&bench_smmu), 0);
	assert_int_equal(smmuv3_ops.attach(&bench_smmu.iommu, SID, NULL), 0);
	bench_add_stream(SID);
}

static void test_no_memory_is_taken_but_for_tables(void **state)
{
	struct smmuv3_domain *domain = bench_domain(SMMUV3_STAGE1, 12, NULL);
	size_t used;

	(void)state;
	bench_map(domain, IOVA + 0x10000, DATA, 0x1000);
	used = arena_used();
	use_everything(domain);
	assert_int_equal(arena_used(), used);
	/* An aligned table and a few words. */
	bench_domain(SMMUV3_STAGE1, 12, NULL);
	assert_true(arena_used() - used <= 2 * PAGE_SIZE + sizeof(struct smmuv3_domain));
	used = arena_used();
	for (unsigned int i = 0; i < 10; i++) {
		struct smmuv3_domain *again = bench_domain(SMMUV3_STAGE2, 12, NULL);

		smmuv3_ops.domain_free(&again->domain);
		used = i ? used : arena_used();
		assert_int_equal(arena_used(), used);
	}
	assert_int_equal(smmuv3_hand_over(&bench_smmu, SMMUV3_HANDOVER_ABORT), 0);
	bench_start(SID + 2);
	assert_int_equal(arena_used(), used);
}

static struct smmuv3_domain *attached(void)
{
	struct smmuv3_domain *domain = bench_domain(SMMUV3_STAGE1, 12, NULL);
	uint64_t pa;

	bench_map(domain, IOVA, DATA, 0x1000);
	bench_attach(SID, domain);
	assert_int_equal(bench_dma(SID, IOVA, true, &pa), MODEL_PASSED);
	return domain;
}

/* The SMMU uses its copy of the old entry: a retry does not help. */
static void test_an_attach_that_failed_fails_again(void **state)
{
	uint64_t pa;

	(void)state;
	attached();
	model_hang_at_command(bench_model, 1);
	assert_int_equal(smmuv3_ops.attach(&bench_smmu.iommu, SID, NULL), -EIO);
	assert_int_equal(bench_dma(SID, IOVA, true, &pa), MODEL_PASSED);
	bench_expect_complaint("stale STE");
	assert_int_equal(smmuv3_ops.attach(&bench_smmu.iommu, SID, NULL), -EIO);
}

/* Refused as illegal, it invalidated nothing, although its SYNC completed. */
static void test_what_was_not_invalidated_is_not_given_back(void **state)
{
	struct smmuv3_domain *domain = attached();
	size_t free_count;

	(void)state;
	bench_map(domain, 2 * IOVA, DATA, 0x1000);
	free_count = pages_free_count();
	model_fail_command(bench_model, 1, MODEL_CERROR_ILL);
	assert_int_equal(smmuv3_ops.unmap(&domain->domain, IOVA, 0x1000), -EIO);
	assert_int_equal(bench_smmu.counts.unprovoked, 1);
	assert_int_equal(smmuv3_health(&bench_smmu), SMMUV3_LOST);
	assert_int_equal(smmuv3_ops.attach(&bench_smmu.iommu, SID, NULL), -EIO);
	assert_int_equal(smmuv3_ops.domain_free(&domain->domain), -EIO);
	assert_int_equal(pages_free_count(), free_count);
	assert_ptr_not_equal(bench_smmu.free_domain, domain);
	model_forget_complaints(bench_model);
	assert_int_equal(smmuv3_hand_over(&bench_smmu, SMMUV3_HANDOVER_ABORT), 0);
	bench_start(SID + 2);
	domain = attached();
	assert_int_equal(smmuv3_ops.attach(&bench_smmu.iommu, SID, NULL), 0);
	smmuv3_ops.domain_free(&domain->domain);
	assert_true(pages_free_count() > free_count);
}

/* SMMUEN stays set: DMA goes on, so nothing is given back. */
static void test_a_pause_that_fails_is_none(void **state)
{
	struct smmuv3_domain *domain = attached();
	size_t free_count = pages_free_count();
	uint64_t pa;

	(void)state;
	model_config(bench_model)->never_ack_cr0 = CR0_SMMUEN;
	assert_int_equal(smmuv3_pause(&bench_smmu), -EIO);
	assert_int_equal(smmuv3_health(&bench_smmu), SMMUV3_BROKEN);
	assert_int_equal(bench_dma(SID, IOVA, true, &pa), MODEL_PASSED);
	assert_int_equal(smmuv3_ops.attach(&bench_smmu.iommu, SID, NULL), -EIO);
	assert_int_equal(smmuv3_ops.domain_free(&domain->domain), -EIO);
	assert_int_equal(pages_free_count(), free_count);
	model_config(bench_model)->never_ack_cr0 = 0;
	model_forget_complaints(bench_model);
}

static void test_output_is_48_bits_at_most(void **state)
{
	const struct cd *cd;

	(void)state;
	*reg(SMMU_IDR5) = (IDR5_QEMU & ~7U) | 6; /* 52 bits. */
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	add_master(0x500);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	cd = arch_virt(ste_of(0x500)->dword[0] & 0x000fffffffffffc0ULL);
	assert_int_equal(cd->dword[0] >> 32 & 7, 5);
}

static void test_map_11_unmap_ends_in_tlbi_and_sync(void **state)
{
	unsigned int before, cause = 0;

	(void)state;
	add_master(0x500);
	iommu_allow(&core, 0x80000000, 0x100000);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	before = recorded_count;
	assert_int_equal(iommu_map(&core, &master, 0x10000, 0x80000000, 0x3000, IOMMU_READ), 0);
	assert_int_equal(count_since(before, true), 0);
	assert_int_equal(iommu_unmap(&master, 0x10000, 0x3000), 0);
	assert_int_equal(count_since(before, true), 4);
	assert_int_equal(recorded[before + 1].what, CMD_TLBI_NH_VA);
	assert_int_equal(recorded[before + 1].second & ~0xfffULL, 0x10000);
	assert_int_equal(recorded[before + 3].second & ~0xfffULL, 0x12000);
	assert_int_equal(recorded[before + 1].value >> 48, 1); /* 0 is the empty domain's. */
	assert_int_equal(recorded[recorded_count - 1].what, CMD_SYNC);
	/* IHI 0070, 4.4: CMD_TLBI_NH_VA of ASID 1. */
	assert_int_equal(recorded[before + 1].value, 1ULL << 48 | 0x12);
	assert_int_equal(recorded[before + 1].second, 0x10001);
	/* Not mapped: no invalidation. */
	before = recorded_count;
	assert_int_equal(iommu_unmap(&master, 0x10000, 0x1000), -ENOENT);
	assert_int_equal(recorded_count, before);
}

static uint64_t pa_at_tlbi;

static void note_translation(const struct command *command)
{
	if ((command->dword[0] & 0xff) == 0x12) {
		const struct iommu_group *group = pointer_load(&master.group);

		hw.on_command = NULL;
		pa_at_tlbi = 0;
		(void)smmuv3_ops.translate(group->part[0].domain, 0x10000, &pa_at_tlbi);
	}
}

static void test_map_11_unmapped_before_it_is_invalidated(void **state)
{
	unsigned int cause = 0;

	(void)state;
	add_master(0x500);
	iommu_allow(&core, 0x80000000, 0x100000);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	assert_int_equal(iommu_map(&core, &master, 0x10000, 0x80000000, 0x1000, IOMMU_READ), 0);
	hw.on_command = note_translation;
	pa_at_tlbi = ~0ULL;
	assert_int_equal(iommu_unmap(&master, 0x10000, 0x1000), 0);
	assert_int_equal(pa_at_tlbi, 0);
}

static void test_map_11_large_ranges_go_by_asid(void **state)
{
	unsigned int before, cause = 0;

	(void)state;
	add_master(0x500);
	iommu_allow(&core, 0x80000000, 0x100000);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	before = recorded_count;
	assert_int_equal(iommu_map(&core, &master, 0x10000, 0x80000000, 0x10000, IOMMU_READ), 0);
	assert_int_equal(iommu_unmap(&master, 0x10000, 0x10000), 0);
	assert_int_equal(count_since(before, true), 16 + 1);
	before = recorded_count;
	assert_int_equal(iommu_map(&core, &master, 0x10000, 0x80000000, 0x11000, IOMMU_READ), 0);
	assert_int_equal(iommu_unmap(&master, 0x10000, 0x11000), 0);
	assert_int_equal(count_since(before, true), 1 + 1);
	assert_int_equal(recorded[before + 1].value, 1ULL << 48 | 0x11); /* CMD_TLBI_NH_ASID of ASID 1. */
}

static size_t pages_at_tlbi;

/* The descriptor is invalid; its tables are not reused yet. */
static void note_end_of_a_domain(const struct command *command)
{
	if ((command->dword[0] & 0xff) == 0x11) {
		hw.on_command = NULL;
		pages_at_tlbi = pages_free_count();
		assert_int_equal(command->dword[0] >> 48, 1);
		assert_int_equal(smmu.cd[1].dword[0], 0);
	}
}

static void test_map_06_asid_is_flushed_before_reuse(void **state)
{
	unsigned int before, cause = 0;
	size_t pages;

	(void)state;
	add_master(0x500);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	before = recorded_count;
	pages = pages_free_count();
	hw.on_command = note_end_of_a_domain;
	iommu_unuse(&master, false);
	assert_null(hw.on_command);
	assert_int_equal(pages_at_tlbi, pages);
	assert_int_equal(pages_free_count(), pages + 1);
	assert_true(find(before, true, CMD_TLBI_NH_ASID) < recorded_count);
	assert_true(find(before, true, CMD_CFGI_STE) < find(before, true, CMD_TLBI_NH_ASID));
	assert_int_equal(recorded[recorded_count - 1].what, CMD_SYNC);
}

static void test_map_06_asid_that_was_not_flushed_is_not_reused(void **state)
{
	struct iommu_domain *domain;
	size_t pages;

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	domain = smmuv3_ops.domain_allocate(&smmu.iommu);
	assert_non_null(domain);
	pages = pages_free_count();
	hw.consume = false;
	assert_int_equal(smmuv3_ops.domain_free(domain), -EIO);
	assert_int_equal(pages_free_count(), pages);
	assert_null(smmuv3_ops.domain_allocate(&smmu.iommu));
	smmu.health = SMMUV3_OFF;
	domain = smmuv3_ops.domain_allocate(&smmu.iommu);
	assert_int_equal(((struct smmuv3_domain *)domain)->asid, 2);
	recorded_count = 0;
	smmuv3_ops.domain_free(domain);
	assert_int_equal(recorded_count, 0);
}

static void test_domains_run_out_and_come_back(void **state)
{
	struct iommu_domain *domains[SMMUV3_IDS_MAX];
	size_t used = 0;

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	smmu.health = SMMUV3_OFF;
	for (int round = 0; round < 2; round++) {
		for (unsigned int i = 0; i < SMMUV3_IDS_MAX - 1; i++) {
			domains[i] = smmuv3_ops.domain_allocate(&smmu.iommu);
			assert_non_null(domains[i]);
			assert_int_equal(((struct smmuv3_domain *)domains[i])->asid, i + 1);
			assert_true(i == 0 || domains[i] != domains[i - 1]);
		}
		assert_null(smmuv3_ops.domain_allocate(&smmu.iommu));
		used = used ? used : arena_used();
		assert_int_equal(arena_used(), used);
		for (unsigned int i = 0; i < SMMUV3_IDS_MAX - 1; i++) {
			smmuv3_ops.domain_free(domains[i]);
		}
	}
}

static void test_domain_without_memory_keeps_no_asid(void **state)
{
	struct iommu_domain *domain;
	void *page;

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	page = page_allocate();
	while (page_allocate()) {
	}
	while (arena_allocate(8, 8)) {
	}
	/* No memory for the domain. */
	assert_null(smmuv3_ops.domain_allocate(&smmu.iommu));
	assert_int_equal(smmu.asids.used[0], 1);
	arena_init(page, 2048);
	assert_null(smmuv3_ops.domain_allocate(&smmu.iommu));
	assert_int_equal(smmu.asids.used[0], 1);
	arena_init((uint8_t *)recorder_memory + RECORDER_MEMORY_SIZE / 2, RECORDER_MEMORY_SIZE / 2);
	domain = smmuv3_ops.domain_allocate(&smmu.iommu);
	assert_non_null(domain);
	assert_int_equal(((struct smmuv3_domain *)domain)->asid, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_every_kind_with_every_granule),
		TEST(test_every_kind_with_52_bits),
		TEST(test_every_kind_with_36_bits),
		TEST(test_input_sizes),
		TEST(test_a_child_gives_no_longer_addresses_than_its_parent_takes),
		TEST(test_bypass_and_abort_have_no_table),
		TEST(test_tables_are_shared_read_only),
		TEST(test_parents_that_are_none),
		TEST(test_stages_that_are_not_there),
		TEST(test_an_erratum_forbids_nesting),
		TEST(test_granules_that_are_not_there),
		TEST(test_the_default_domain_is_of_the_stage_there_is),
		TEST(test_asids_and_vmids_run_out),
		TEST(test_domains_are_set_aside),
		TEST(test_without_memory_for_a_table),
		TEST(test_a_tag_that_was_not_flushed_is_lost),
		TEST(test_tables_that_were_not_flushed_are_lost),
		TEST(test_retired_tables_outlive_their_invalidation),
		TEST(test_no_memory_is_taken_but_for_tables),
		TEST(test_an_attach_that_failed_fails_again),
		TEST(test_a_pause_that_fails_is_none),
		TEST(test_what_was_not_invalidated_is_not_given_back),
		RECORDED(test_output_is_48_bits_at_most),
		RECORDED(test_map_11_unmap_ends_in_tlbi_and_sync),
		RECORDED(test_map_11_unmapped_before_it_is_invalidated),
		RECORDED(test_map_11_large_ranges_go_by_asid),
		RECORDED(test_map_06_asid_is_flushed_before_reuse),
		RECORDED(test_map_06_asid_that_was_not_flushed_is_not_reused),
		RECORDED(test_domains_run_out_and_come_back),
		RECORDED(test_domain_without_memory_keeps_no_asid),
	};

	return cmocka_run_group_tests_name("domains", tests, NULL, NULL);
}
