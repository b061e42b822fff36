/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Commands and register writes on the model, which QEMU's SMMUv3 cannot show. Figures are JSON, as in
 * tests/bench/target.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "unit/bench.h"

#define IDR3_RIL (1U << 10)
#define IDR0_HYP (1U << 9)
#define IDR0_MSI (1U << 13)
#define MASTERS 16U
#define IOVA 0x40000000ULL
#define PAGES 512U

/* By the model: consumed commands, arrived writes. */
static struct model_counters before;

static void begin(void)
{
	before = *model_counters(bench_model);
}

static void end(const char *what)
{
	const struct model_counters *now = model_counters(bench_model);

	printf("{\"bench\":\"%s\",\"commands\":%u,\"prod_writes\":%u,\"register_writes\":%u}\n", what,
	       (unsigned int)(now->commands - before.commands), (unsigned int)(now->prod_writes - before.prod_writes),
	       (unsigned int)(now->register_writes - before.register_writes));
}

static struct model_config config_without(uint32_t idr0, uint32_t idr3)
{
	struct model_config config = model_full;

	config.idr[0] &= ~idr0;
	config.idr[3] &= ~idr3;
	return config;
}

static void open_with(const struct model_config *config)
{
	bench_open(config, BENCH_MEMORY_MAX);
	bench_start(MASTERS);
}

/* Reset to enabled, so many masters in the empty domain. */
static void cold_start(const char *what, const struct model_config *config, uint32_t masters)
{
	bench_open(config, BENCH_MEMORY_MAX);
	begin();
	assert_int_equal(smmuv3_block(&bench_smmu), 0);
	assert_int_equal(smmuv3_ops.start(&bench_smmu.iommu), 0);
	for (uint32_t sid = 0; sid < masters; sid++) {
		bench_add_stream(sid);
	}
	for (uint32_t sid = 0; sid < masters; sid++) {
		assert_int_equal(smmuv3_ops.attach(&bench_smmu.iommu, sid, NULL), 0);
	}
	assert_int_equal(smmuv3_ops.enable(&bench_smmu.iommu), 0);
	end(what);
	bench_close();
}

static void change(const char *what, enum smmuv3_domain_kind from, enum smmuv3_domain_kind to)
{
	struct smmuv3_domain *first = bench_domain(from, from == SMMUV3_STAGE1 || from == SMMUV3_STAGE2 ? 12 : 0, NULL);
	struct smmuv3_domain *second = bench_domain(to, to == SMMUV3_STAGE1 || to == SMMUV3_STAGE2 ? 12 : 0, NULL);

	bench_attach(1, first);
	begin();
	bench_attach(1, second);
	end(what);
}

static void changes(void)
{
	const struct model_config config = config_without(0, 0);

	open_with(&config);
	begin();
	assert_int_equal(smmuv3_ops.attach(&bench_smmu.iommu, 0, NULL), 0);
	end("live STE: V=0 to valid");
	change("live STE: one stage 1 to another", SMMUV3_STAGE1, SMMUV3_STAGE1);
	change("live STE: abort to stage 1", SMMUV3_ABORT, SMMUV3_STAGE1);
	change("live STE: stage 1 to abort", SMMUV3_STAGE1, SMMUV3_ABORT);
	change("live STE: stage 1 to stage 2", SMMUV3_STAGE1, SMMUV3_STAGE2);
	change("live STE: stage 2 to stage 1", SMMUV3_STAGE2, SMMUV3_STAGE1);
	bench_close();
}

static void invalidation(void)
{
	const struct model_config config = config_without(0, IDR3_RIL);
	struct smmuv3_domain *domain;

	open_with(&config);
	domain = bench_domain(SMMUV3_STAGE1, 12, NULL);
	bench_attach(1, domain);
	bench_map(domain, IOVA, BENCH_PAGE + 0x1000, PAGES * 0x1000ULL);
	begin();
	assert_int_equal(smmuv3_ops.unmap(&domain->domain, IOVA, PAGES * 0x1000ULL), 0);
	end("unmap 512 without range invalidation");
	bench_close();
}

static void bench(void **state)
{
	const struct model_config usual = config_without(IDR0_HYP, 0);
	const struct model_config hyp = model_full;
	struct model_config msi = usual;

	(void)state;
	cold_start("cold start of an instance", &usual, 0);
	cold_start("cold start of an instance with IDR0.HYP", &hyp, 0);
	msi.idr[0] |= IDR0_MSI;
	cold_start("cold start of an instance with IDR0.MSI", &msi, 0);
	cold_start("cold start of an instance and 16 masters", &usual, MASTERS);
	changes();
	invalidation();
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(bench)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
