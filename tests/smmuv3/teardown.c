/* SPDX-License-Identifier: BSD-2-Clause */
/* The ways out, and a second start. */
#include <errno.h>
#include <string.h>

#include "base/device.h"
#include "base/store.h"
#include "iommu/iommu.h"
#include "judge.h"
#include "smmuv3/registers.h"

#define READ_WRITE (PGTABLE_READ | PGTABLE_WRITE)
#define HOLE (JUDGE_IOVA + 0x100000)

/* SMMUEN clear: as GBPA says, or bypass without one. */
static void check_off(struct judge *judge)
{
	bool passes = judge->no_gbpa || !(smmuv3_read(judge->smmu, SMMU_GBPA) & GBPA_ABORT);
	uint32_t before = smmuv3_read(judge->smmu, SMMU_EVENTQ_PROD);

	CHECK(judge_writes(judge, JUDGE_FIRST, arch_phys(judge->page[0]), judge->page[0]) == passes);
	CHECK(judge_writes(judge, JUDGE_SECOND, arch_phys(judge->page[0]), judge->page[0]) == passes);
	CHECK(smmuv3_read(judge->smmu, SMMU_EVENTQ_PROD) == before);
	CHECK(judge_pending_errors(judge) == 0);
}

/* --- Two instances. --- */

static struct iommu_core core;
static struct bind_queue queue;
static struct iommu_master master[JUDGE_DEVICES];

static void describe_all(struct judge *judge)
{
	bind_queue_init(&queue);
	CHECK(iommu_core_init(&core, &queue, JUDGE_DEVICES) == 0);
	iommu_allow(&core, arch_phys(judge->page[0]), (uint64_t)JUDGE_PAGES * PAGE_SIZE);
	CHECK(iommu_describe(&core, &judge->smmu->iommu) == 0 && iommu_describe(&core, &judge->other->iommu) == 0);
	for (unsigned int i = 0; i < JUDGE_DEVICES; i++) {
		struct smmuv3 *smmu = i == JUDGE_FOREIGN ? judge->other : judge->smmu;

		memset(&master[i], 0, sizeof(master[i]));
		master[i].name = "device";
		CHECK(iommu_master_stream(&master[i], &smmu->iommu, judge->sid[i]) == 0);
		CHECK(iommu_master_add(&core, &master[i]) == 0);
	}
}

static bool map_all(struct judge *judge)
{
	for (unsigned int i = 0; i < JUDGE_DEVICES; i++) {
		if (link_state(&master[i].link[0]) == LINK_READY && iommu_claim(&master[i]) == 0 &&
		    iommu_map(&core, &master[i], JUDGE_IOVA, arch_phys(judge->page[i]), PAGE_SIZE,
			      IOMMU_READ | IOMMU_WRITE)) {
			return false;
		}
	}
	return true;
}

static void tdn_01(struct judge *judge)
{
	if (!judge->other) {
		SKIP("this machine has one SMMUv3");
	}
	GO_ON(describe_all(judge));
	CHECK(iommu_register(&judge->smmu->iommu) == 0 && iommu_register(&judge->other->iommu) == 0);
	CHECK(map_all(judge));
	for (unsigned int i = 0; i < JUDGE_DEVICES; i++) {
		CHECK(judge_writes(judge, i, JUDGE_IOVA, judge->page[i]));
	}
	CHECK(iommu_unregister(&judge->smmu->iommu) == 0);
	CHECK(link_state(&master[JUDGE_FIRST].link[0]) == LINK_DESCRIBED);
	CHECK(link_state(&master[JUDGE_FOREIGN].link[0]) == LINK_READY);
	CHECK(!judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[JUDGE_FIRST]));
	CHECK(judge_writes(judge, JUDGE_FOREIGN, JUDGE_IOVA, judge->page[JUDGE_FOREIGN]));
	GO_ON(check_off(judge));
	CHECK(judge->event_count == 0);
	CHECK(iommu_register(&judge->smmu->iommu) == 0);
	CHECK(link_state(&master[JUDGE_FIRST].link[0]) == LINK_READY);
	CHECK(judge_writes(judge, JUDGE_FOREIGN, JUDGE_IOVA, judge->page[JUDGE_FOREIGN]));
}

/* --- The hand-over. --- */

/* The nth write of the masked value since `from`, or the log's end. */
static size_t find_write(const struct judge *judge, size_t from, uint32_t offset, uint64_t mask, uint64_t value)
{
	size_t end = judge->model->log_count(judge->model->it);

	for (; from < end; from++) {
		const struct model_log *entry = judge->model->log(judge->model->it, from);

		if (entry->kind == MODEL_LOG_WRITE && entry->number == offset && (entry->dwords[0] & mask) == value) {
			break;
		}
	}
	return from;
}

static void tdn_02(struct judge *judge)
{
	uint32_t all = CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN;
	size_t from, smmuen, command, off, irq, gbpa, end;

	CHECK(judge_ready(judge));
	from = judge->model ? judge->model->log_count(judge->model->it) : 0;
	CHECK(smmuv3_hand_over(judge->smmu, SMMUV3_HANDOVER_ABORT) == 0);
	CHECK((smmuv3_read(judge->smmu, SMMU_CR0ACK) & all) == 0 && (smmuv3_read(judge->smmu, SMMU_CR0) & all) == 0);
	CHECK(smmuv3_read(judge->smmu, SMMU_IRQ_CTRLACK) == 0);
	GO_ON(check_off(judge));
	if (!judge->model) {
		return;
	}
	end = judge->model->log_count(judge->model->it);
	gbpa = smmuv3_read(judge->smmu, SMMU_GBPA) == (judge->gbpa_found | GBPA_ABORT);
	smmuen = find_write(judge, from, SMMU_CR0, all, CR0_EVENTQEN | CR0_CMDQEN);
	command = find_write(judge, smmuen, SMMU_CR0, all, CR0_EVENTQEN);
	off = find_write(judge, command, SMMU_CR0, all, 0);
	irq = find_write(judge, off, SMMU_IRQ_CTRL, ~0ULL, 0);
	CHECK(gbpa && smmuen < command && command < off && off < irq && irq < end);
}

static void tdn_02_bypass(struct judge *judge)
{
	CHECK(judge_ready(judge));
	CHECK(smmuv3_hand_over(judge->smmu, SMMUV3_HANDOVER_BYPASS) == 0);
	CHECK(judge->no_gbpa || smmuv3_read(judge->smmu, SMMU_GBPA) == (judge->gbpa_found & ~GBPA_ABORT));
	check_off(judge);
}

/* The next owner reuses the memory of tables and queues. */
static void tdn_03(struct judge *judge)
{
	uint64_t first, size;

	CHECK(judge_ready(judge));
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	CHECK(smmuv3_hand_over(judge->smmu, SMMUV3_HANDOVER_ABORT) == 0);
	arena_bounds(&first, &size);
	memset(arch_virt(first), 0xff, arena_used());
	arch_cache_clean(arch_virt(first), arena_used());
	check_off(judge);
}

/* Undrained events, an unserved error. */
static void tdn_07(struct judge *judge)
{
	CHECK(judge_ready(judge));
	for (unsigned int i = 0; i < 3; i++) {
		(void)judge_writes(judge, JUDGE_FIRST, HOLE + i * PAGE_SIZE, judge->page[2]);
	}
	CHECK(judge->event_count == 0);
	CHECK(smmuv3_hand_over(judge->smmu, SMMUV3_HANDOVER_ABORT) == 0);
	CHECK(judge->event_count == 3);
	CHECK(smmuv3_queues_empty(judge->smmu));
	CHECK(judge_pending_errors(judge) == 0);
}

static void tdn_07_error(struct judge *judge)
{
	CHECK(judge_ready(judge));
	CHECK(smmuv3_misplace_events(judge->smmu, judge->nowhere) == 0);
	(void)judge_writes(judge, JUDGE_FIRST, HOLE, judge->page[2]);
	CHECK(judge_pending_errors(judge) == GERROR_EVENTQ_ABT_ERR);
	CHECK(smmuv3_hand_over(judge->smmu, SMMUV3_HANDOVER_ABORT) == 0);
	CHECK(judge_pending_errors(judge) == 0);
}

static void tdn_08(struct judge *judge)
{
	SKIP("the other cores belong to boot/, and are off before the hand-over: tests/qemu/handover.t");
}

static void tdn_09(struct judge *judge)
{
	SKIP("this driver adopts nothing");
}

/* --- A second time. --- */

/* A new firmware knows nothing of memory. */
static void enter_again(struct judge *judge)
{
	struct smmuv3 *smmu = judge->smmu;
	void (*on_event)(struct smmuv3 *, const struct smmuv3_event *) = smmu->on_event;

	smmuv3_init(smmu, smmu->iommu.name, smmu->base, smmu->regs, smmu->coherent);
	smmu->on_event = on_event;
	judge->parent = NULL;
	CHECK(smmuv3_inherit(smmu) == 0);
}

/* Another page there; nothing at the first run's cached addresses. */
static void check_second_run(struct judge *judge)
{
	struct smmuv3_domain *domain;

	CHECK(smmuv3_block(judge->smmu) == 0);
	CHECK(judge_register(judge) == 0);
	CHECK(judge_denied(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0], F_TRANSLATION));
	domain = judge_domain(judge, judge->kind);
	CHECK(domain && judge_map(domain, JUDGE_IOVA, judge->page[4], PAGE_SIZE, READ_WRITE) == 0);
	CHECK(judge_attach(judge, JUDGE_FIRST, domain) == 0);
	judge_forget_events(judge);
	CHECK(!judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[4]));
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 0);
}

/* An earlier owner's GBPA: bypass. */
static void let_bypass(struct judge *judge)
{
	uint32_t gbpa = smmuv3_read(judge->smmu, SMMU_GBPA);

	CHECK(smmuv3_write(judge->smmu, SMMU_GBPA, (gbpa & ~GBPA_ABORT) | GBPA_UPDATE) == 0);
	CHECK(smmuv3_wait(judge->smmu, "GBPA", SMMU_GBPA, GBPA_UPDATE | GBPA_ABORT, 0) == 0);
}

static bool open_door; /* SMMUEN would be cleared while GBPA is open. */

static void watch_door(struct judge *judge, uint32_t offset, bool write)
{
	if (write && offset == SMMU_CR0 && !(judge->model->peek32(judge->model->it, SMMU_GBPA) & GBPA_ABORT)) {
		open_door = true;
	}
}

/* Found enabled, caches full of translations. */
static void tdn_10_live(struct judge *judge)
{
	CHECK(judge_ready(judge));
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	GO_ON(let_bypass(judge));
	GO_ON(enter_again(judge));
	open_door = false;
	if (judge->model) {
		judge->model->access = watch_door;
	}
	CHECK(smmuv3_block(judge->smmu) == 0);
	CHECK(!open_door);
	/* It knows the state, and uses nothing of it. */
	CHECK(judge->smmu->inherited.cr0 == (CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN));
	CHECK(judge->smmu->inherited.gerror_active == 0);
	check_second_run(judge);
}

/* Found enabled, with a garbage stream table and contexts. */
static void tdn_10_corrupt(struct judge *judge)
{
	struct smmuv3_stream_table *table = &judge->smmu->table;
	uint64_t *level1;

	CHECK(judge_ready(judge));
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	level1 = table->two_level ? table->level1 : table->linear[0].dword;
	for (unsigned int i = 0; i < 8; i++) {
		/* Not what kills QEMU: a second level at nowhere. */
		store64(&level1[i], judge->nowhere | 0x7);
	}
	smmuv3_publish(judge->smmu, level1, 64);
	CHECK(smmuv3_provoke_illegal_command(judge->smmu) == 0);
	CHECK(smmuv3_misplace_events(judge->smmu, judge->nowhere) == 0);
	CHECK(smmuv3_invalidate_all(judge->smmu) == 0);
	CHECK(!judge_writes(judge, JUDGE_FIRST, HOLE, judge->page[0]));
	GO_ON(enter_again(judge));
	CHECK(judge->smmu->inherited.cr0 & CR0_SMMUEN);
	check_second_run(judge);
}

static void tdn_10_sfm(struct judge *judge)
{
	CHECK(judge_ready(judge));
	if (!judge->model) {
		SKIP("QEMU has no service failure mode");
	}
	judge->model->set_gerror(judge->model->it, GERROR_SFM_ERR);
	GO_ON(enter_again(judge));
	CHECK(judge->smmu->inherited.gerror_active == GERROR_SFM_ERR);
	CHECK(smmuv3_block(judge->smmu) == 0);
	CHECK(judge_register(judge) == -EIO && judge->smmu->iommu.reason);
	CHECK(smmuv3_read(judge->smmu, SMMU_CR0ACK) == 0);
}

static void tdn_11(struct judge *judge)
{
	for (unsigned int round = 0; round < 2; round++) {
		CHECK(judge_ready(judge));
		CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
		CHECK(smmuv3_hand_over(judge->smmu, round ? SMMUV3_HANDOVER_BYPASS : SMMUV3_HANDOVER_ABORT) == 0);
		GO_ON(enter_again(judge));
		CHECK(judge->smmu->inherited.cr0 == 0 && judge->smmu->inherited.gerror_active == 0);
		GO_ON(check_second_run(judge));
		judge->smmu->iommu.ops->stop(&judge->smmu->iommu);
	}
}

static void tdn_12(struct judge *judge)
{
	SKIP("bus mastering belongs to drivers/pci: tests/qemu/handover.t");
}

static const struct judge_test tests[] = {
	{"TDN-01 one of two instances leaves", tdn_01, JUDGE_ANY},
	{"TDN-02 the order of a hand-over", tdn_02, JUDGE_ANY},
	{"TDN-02 handed over to bypass", tdn_02_bypass, JUDGE_ANY},
	{"TDN-03 memory is used again", tdn_03, JUDGE_ALL},
	{"TDN-07 events that were not read", tdn_07, JUDGE_ANY},
	{"TDN-07 an error that was not served", tdn_07_error, JUDGE_ANY},
	{"TDN-08 the other cores", tdn_08, JUDGE_ANY},
	{"TDN-09 a valid table is adopted", tdn_09, JUDGE_ANY},
	{"TDN-10 found enabled", tdn_10_live, JUDGE_ALL},
	{"TDN-10 found enabled and corrupt", tdn_10_corrupt, JUDGE_ALL},
	{"TDN-10 found in service failure", tdn_10_sfm, JUDGE_ANY},
	{"TDN-11 entered twice", tdn_11, JUDGE_ALL},
	{"TDN-12 bus mastering is off first", tdn_12, JUDGE_ANY},
};

const struct judge_chapter judge_teardown = {tests, sizeof(tests) / sizeof(tests[0])};
