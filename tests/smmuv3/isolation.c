/* SPDX-License-Identifier: BSD-2-Clause */
/* A master reaches only its own pages. */
#include <errno.h>
#include <string.h>

#include "base/device.h"
#include "iommu/iommu.h"
#include "judge.h"
#include "smmuv3/registers.h"

#define READ_WRITE (PGTABLE_READ | PGTABLE_WRITE)

static void iso_01(struct judge *judge)
{
	struct smmuv3_domain *first = judge_ready(judge);
	struct smmuv3_domain *between = judge_domain(judge, judge->kind);
	struct smmuv3_domain *second = judge_domain(judge, judge->kind);

	CHECK(first && between && second);
	CHECK(judge_map(second, JUDGE_IOVA, judge->page[3], PAGE_SIZE, READ_WRITE) == 0);
	CHECK(judge_attach(judge, JUDGE_SECOND, second) == 0);
	for (unsigned int round = 0; round < 2; round++) {
		CHECK(!judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[3]));
		CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
		CHECK(!judge_writes(judge, JUDGE_SECOND, JUDGE_IOVA, judge->page[0]));
		CHECK(judge_writes(judge, JUDGE_SECOND, JUDGE_IOVA, judge->page[3]));
	}
	CHECK(judge->event_count == 0);
	CHECK(judge_denied(judge, JUDGE_SECOND, JUDGE_IOVA + PAGE_SIZE, judge->page[1], F_TRANSLATION));
	CHECK(judge_map(second, JUDGE_IOVA + 8 * PAGE_SIZE, judge->page[4], PAGE_SIZE, READ_WRITE) == 0);
	CHECK(judge_writes(judge, JUDGE_SECOND, JUDGE_IOVA + 8 * PAGE_SIZE, judge->page[4]));
	CHECK(judge_denied(judge, JUDGE_FIRST, JUDGE_IOVA + 8 * PAGE_SIZE, judge->page[4], F_TRANSLATION));
}

/* A device without description. */
static void iso_02(struct judge *judge)
{
	struct smmuv3_domain *domain;
	bool linear = !judge->smmu->features.two_level;

	CHECK(judge_register_instance(judge->smmu, judge->sid, 1) == 0);
	domain = judge_domain(judge, judge->kind);
	CHECK(domain && judge_map(domain, JUDGE_IOVA, judge->page[0], PAGE_SIZE, READ_WRITE) == 0);
	CHECK(judge_attach(judge, JUDGE_FIRST, domain) == 0);
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	CHECK(judge_denied(judge, JUDGE_SECOND, JUDGE_IOVA, judge->page[0], linear ? C_BAD_STE : C_BAD_STREAMID));
	CHECK(judge_denied(judge, JUDGE_SECOND, arch_phys(judge->page[0]), judge->page[0],
			   linear ? C_BAD_STE : C_BAD_STREAMID));
}

/* Its DMA comes to the other instance, not here. */
static void iso_03(struct judge *judge)
{
	struct smmuv3_domain *domain;
	const struct smmuv3_event *event;
	struct iommu_instance *iommu = &judge->smmu->iommu;
	uint32_t sid = judge->sid[JUDGE_FOREIGN];

	if (!judge->other) {
		SKIP("this machine has one SMMUv3");
	}
	CHECK(judge_register(judge) == 0);
	CHECK(judge_register_instance(judge->other, NULL, 0) == 0);
	domain = judge_domain(judge, judge->kind);
	CHECK(domain && judge_map(domain, JUDGE_IOVA, judge->page[0], PAGE_SIZE, READ_WRITE) == 0);
	CHECK(iommu->ops->add_stream(iommu, sid) == 0 && iommu->ops->attach(iommu, sid, &domain->domain) == 0);
	CHECK(!judge_writes(judge, JUDGE_FOREIGN, JUDGE_IOVA, judge->page[0]));
	event = judge_event(judge, JUDGE_FOREIGN);
	CHECK(event && (event->code == C_BAD_STREAMID || event->code == C_BAD_STE));
	smmuv3_poll_events(judge->smmu);
	CHECK(judge->event_count == 1);
}

static void iso_04(struct judge *judge)
{
	CHECK(judge->smmu->gbpa_works == !judge->no_gbpa);
	if (judge->no_gbpa) {
		CHECK(judge_writes(judge, JUDGE_FIRST, arch_phys(judge->page[0]), judge->page[0]));
		SKIP("this SMMU has no GBPA: everything passes while SMMUEN is clear");
	}
	CHECK(!judge_writes(judge, JUDGE_FIRST, arch_phys(judge->page[0]), judge->page[0]));
	CHECK(!judge_writes(judge, JUDGE_SECOND, arch_phys(judge->page[0]), judge->page[0]));
	/* Nor between steps of a registration. */
	CHECK(judge->smmu->iommu.ops->start(&judge->smmu->iommu) == 0);
	CHECK(!judge_writes(judge, JUDGE_FIRST, arch_phys(judge->page[0]), judge->page[0]));
	CHECK(judge->smmu->iommu.ops->enable(&judge->smmu->iommu) == 0);
	CHECK(!judge_writes(judge, JUDGE_FIRST, arch_phys(judge->page[0]), judge->page[0]));
	CHECK(smmuv3_pause(judge->smmu) == 0);
	CHECK(!judge_writes(judge, JUDGE_FIRST, arch_phys(judge->page[0]), judge->page[0]));
	CHECK(smmuv3_block(judge->smmu) == 0);
	CHECK(!judge_writes(judge, JUDGE_FIRST, arch_phys(judge->page[0]), judge->page[0]));
}

/* --- While a stream changes domains. --- */

static struct {
	uint64_t old, target; /* JUDGE_IOVA's target. */
	unsigned int tries;
	bool leaked, went_back, arrived;
} during;

static void try_dma(struct judge *judge, bool rung)
{
	const struct model_access access = {.sid = judge->sid[JUDGE_FIRST], .address = JUDGE_IOVA, .write = true};
	uint64_t pa = 0;
	bool passed = judge->model->dma(judge->model->it, &access, &pa, NULL) == MODEL_PASSED;

	(void)rung;
	during.tries++;
	during.leaked = during.leaked || (passed && pa != during.old && pa != during.target);
	during.went_back = during.went_back || (passed && pa == during.old && during.arrived);
	during.arrived = during.arrived || (passed && pa == during.target);
}

static void try_at_access(struct judge *judge, uint32_t offset, bool write)
{
	(void)offset;
	(void)write;
	try_dma(judge, false);
}

static uint64_t output_of(const struct smmuv3_domain *domain)
{
	uint64_t pa = 0;

	(void)smmuv3_domain_translate(&domain->domain, JUDGE_IOVA, &pa);
	return domain->kind == SMMUV3_NESTED ? pa - (judge_output(SMMUV3_NESTED, NULL) - arch_phys(NULL)) : pa;
}

static void switch_to(struct judge *judge, struct smmuv3_domain *from, struct smmuv3_domain *to)
{
	during.old = output_of(from);
	during.target = output_of(to);
	during.tries = 0;
	during.leaked = during.went_back = during.arrived = false;
	judge->model->watch = try_dma;
	judge->model->access = try_at_access;
	CHECK(judge_attach(judge, JUDGE_FIRST, to) == 0);
	judge->model->watch = NULL;
	judge->model->access = NULL;
	CHECK(during.tries > 4);
	CHECK(!during.leaked);
	CHECK(!during.went_back);
	smmuv3_poll_events(judge->smmu);
}

static void iso_05(struct judge *judge)
{
	static const enum smmuv3_domain_kind kinds[] = {SMMUV3_STAGE1, SMMUV3_STAGE2, SMMUV3_NESTED, SMMUV3_ABORT,
							SMMUV3_STAGE1};
	struct smmuv3_domain *domain[5] = {NULL};

	if (!judge->model) {
		SKIP("a device's DMA is not to be timed between two stores");
	}
	/* Uses stale copies on purpose, between a store and its invalidation. */
	judge->model->config(judge->model->it)->strict = false;
	CHECK(judge_register(judge) == 0);
	for (unsigned int i = 0; i < 5; i++) {
		if (kinds[i] == SMMUV3_ABORT || judge_has(judge, kinds[i])) {
			domain[i] = judge_domain(judge, kinds[i]);
			CHECK(domain[i]);
			CHECK(kinds[i] == SMMUV3_ABORT ||
			      judge_map(domain[i], JUDGE_IOVA, judge->page[i], PAGE_SIZE, READ_WRITE) == 0);
		}
	}
	for (unsigned int i = 0; i < 5; i++) {
		for (unsigned int j = 0; j < 5; j++) {
			if (domain[i] && domain[j] && i != j) {
				CHECK(judge_attach(judge, JUDGE_FIRST, domain[i]) == 0);
				GO_ON(switch_to(judge, domain[i], domain[j]));
			}
		}
	}
}

/* --- Through drivers/iommu. --- */

static struct iommu_core core;
static struct bind_queue queue;
static struct iommu_master master[JUDGE_DEVICES];

static void describe(struct judge *judge, unsigned int devices)
{
	bind_queue_init(&queue);
	CHECK(iommu_core_init(&core, &queue, JUDGE_DEVICES) == 0);
	iommu_allow(&core, arch_phys(judge->page[0]), (uint64_t)JUDGE_PAGES * PAGE_SIZE);
	CHECK(iommu_describe(&core, &judge->smmu->iommu) == 0);
	for (unsigned int i = 0; i < devices; i++) {
		memset(&master[i], 0, sizeof(master[i]));
		master[i].name = "device";
		CHECK(iommu_master_stream(&master[i], &judge->smmu->iommu, judge->sid[i]) == 0);
	}
}

static void add(struct judge *judge, unsigned int devices)
{
	for (unsigned int i = 0; i < devices; i++) {
		CHECK(iommu_master_add(&core, &master[i]) == 0);
	}
	CHECK(iommu_register(&judge->smmu->iommu) == 0);
}

static int map_page(unsigned int device, uint64_t iova, uint64_t pa)
{
	return iommu_map(&core, &master[device], iova, pa, PAGE_SIZE, IOMMU_READ | IOMMU_WRITE);
}

/* Image, tables and queues are unmappable. */
static void iso_06(struct judge *judge)
{
	struct smmuv3 *smmu = judge->smmu;
	const void *own[] = {smmu->cmdq.entries, smmu->evtq.entries, smmu->cd, smmu, &core};

	GO_ON(describe(judge, 1));
	GO_ON(add(judge, 1));
	CHECK(iommu_claim(&master[0]) == 0);
	own[0] = smmu->cmdq.entries;
	own[1] = smmu->evtq.entries;
	own[2] = smmu->cd;
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		uint64_t page = arch_phys(own[i]) & ~(uint64_t)(PAGE_SIZE - 1);

		CHECK(map_page(0, JUDGE_IOVA, page) == -EPERM);
		CHECK(judge_denied(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0], F_TRANSLATION));
	}
	/* Begins right, ends wrong. */
	CHECK(iommu_map(&core, &master[0], JUDGE_IOVA, arch_phys(judge->page[0]), (JUDGE_PAGES + 1) * PAGE_SIZE,
			IOMMU_READ) == -EPERM);
	CHECK(map_page(0, JUDGE_IOVA, arch_phys(judge->page[0])) == 0);
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	iommu_release_claim(&master[0]);
	CHECK(judge_denied(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0], F_TRANSLATION));
}

static void iso_07(struct judge *judge)
{
	GO_ON(describe(judge, 1));
	GO_ON(add(judge, 1));
	CHECK(iommu_unregister(&judge->smmu->iommu) == 0);
	/* The queue is too small: registration fails. */
	judge->smmu->features.cmdq_log2 = 1;
	CHECK(iommu_register(&judge->smmu->iommu) == -ENOTSUP);
	CHECK(iommu_state(&judge->smmu->iommu) == IOMMU_FAILED && judge->smmu->iommu.reason);
	if (judge->no_gbpa) {
		SKIP("this SMMU has no GBPA: everything passes while SMMUEN is clear");
	}
	CHECK(!judge_writes(judge, JUDGE_FIRST, arch_phys(judge->page[0]), judge->page[0]));
	CHECK(!judge_writes(judge, JUDGE_SECOND, arch_phys(judge->page[0]), judge->page[0]));
}

static void iso_07_late(struct judge *judge)
{
	if (!judge->model) {
		SKIP("QEMU's commands complete: no registration fails at its end");
	}
	GO_ON(describe(judge, 1));
	CHECK(iommu_master_add(&core, &master[0]) == 0);
	judge->model->hang_at_command(judge->model->it, 1);
	CHECK(iommu_register(&judge->smmu->iommu) == -EIO);
	CHECK(iommu_state(&judge->smmu->iommu) == IOMMU_FAILED);
	CHECK(smmuv3_read(judge->smmu, SMMU_CR0ACK) == 0);
	CHECK(!judge_writes(judge, JUDGE_FIRST, arch_phys(judge->page[0]), judge->page[0]));
}

/* Undriven: only its direct region. */
static void iso_08(struct judge *judge)
{
	uint64_t region = arch_phys(judge->page[5]);

	GO_ON(describe(judge, 2));
	CHECK(iommu_master_region(&master[0], region, PAGE_SIZE, IOMMU_READ | IOMMU_WRITE) == 0);
	GO_ON(add(judge, 2));
	CHECK(judge_writes(judge, JUDGE_FIRST, region + 0x10, judge->page[5]));
	CHECK(judge_denied(judge, JUDGE_FIRST, region + PAGE_SIZE, judge->page[6], F_TRANSLATION));
	CHECK(judge_denied(judge, JUDGE_FIRST, region - PAGE_SIZE, judge->page[4], F_TRANSLATION));
	CHECK(judge_denied(judge, JUDGE_SECOND, region + 0x10, judge->page[5], F_TRANSLATION));
	CHECK(iommu_claim(&master[0]) == 0);
	CHECK(map_page(0, JUDGE_IOVA, arch_phys(judge->page[7])) == 0);
	CHECK(judge_writes(judge, JUDGE_FIRST, region + 0x10, judge->page[5]));
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[7]));
}

static void iso_09(struct judge *judge)
{
	GO_ON(describe(judge, 2));
	GO_ON(add(judge, 2));
	CHECK(iommu_claim(&master[0]) == 0 && iommu_claim(&master[1]) == 0);
	CHECK(map_page(0, JUDGE_IOVA, arch_phys(judge->page[0])) == 0);
	CHECK(map_page(1, JUDGE_IOVA, arch_phys(judge->page[1])) == 0);
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	CHECK(iommu_quarantine(&core, &master[0], "it does not behave") == 0);
	CHECK(!judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 0);
	CHECK(judge_writes(judge, JUDGE_SECOND, JUDGE_IOVA, judge->page[1]));
	CHECK(!judge->model ||
	      judge->model->probe_ste(judge->model->it, judge->sid[JUDGE_FIRST], NULL, NULL) == MODEL_VIEW_ABORT);
}

static const struct judge_test tests[] = {
	{"ISO-01 two devices, two domains, one address", iso_01, JUDGE_ALL},
	{"ISO-02 a device that is not described", iso_02, JUDGE_ALL},
	{"ISO-03 a stream ID of another instance", iso_03, JUDGE_ALL},
	{"ISO-04 before it is registered", iso_04, JUDGE_ANY},
	{"ISO-05 while a stream changes domains", iso_05, JUDGE_ANY},
	{"ISO-06 the firmware's own memory", iso_06, JUDGE_ANY},
	{"ISO-07 after a registration that was refused", iso_07, JUDGE_ANY},
	{"ISO-07 after a registration that failed at its end", iso_07_late, JUDGE_ANY},
	{"ISO-08 a direct region alone", iso_08, JUDGE_ANY},
	{"ISO-09 one of two is quarantined", iso_09, JUDGE_ANY},
};

const struct judge_chapter judge_isolation = {tests, sizeof(tests) / sizeof(tests[0])};
