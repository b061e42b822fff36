/* SPDX-License-Identifier: BSD-2-Clause */
/* The command queue: arithmetic, errors, recovery, commands. */
#include <errno.h>
#include <string.h>

#include "judge.h"
#include "smmuv3/registers.h"

#define BATCH_MAX 40U
#define SMALL_LOG2 3U

/* CFGI_STEs: distinguishable and harmless. */
static void make_batch(struct command *commands, unsigned int count, uint32_t first)
{
	for (unsigned int i = 0; i < count; i++) {
		commands[i] = smmuv3_command_cfgi_ste(first + i);
	}
}

static bool is_drained(const struct judge *judge)
{
	uint32_t mask = smmuv3_queue_mask(&judge->smmu->cmdq);
	uint32_t prod = smmuv3_read(judge->smmu, SMMU_CMDQ_PROD);

	return !((prod ^ smmuv3_read(judge->smmu, SMMU_CMDQ_CONS)) & mask) && prod == (judge->smmu->issued & mask);
}

static void check_invalidates(struct judge *judge, struct smmuv3_domain *domain)
{
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	CHECK(judge_unmap(domain, JUDGE_IOVA, PAGE_SIZE) == 0);
	CHECK(judge_denied(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0], F_TRANSLATION));
	CHECK(is_drained(judge));
	CHECK(judge_pending_errors(judge) == 0);
}

static void cmq_01(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	struct command command = smmuv3_command_cfgi_ste(judge->sid[JUDGE_SECOND]);
	bool wraps[2] = {false, false};

	CHECK(domain);
	for (unsigned int i = 0; i < 5U << judge->smmu->cmdq.log2; i++) {
		CHECK(smmuv3_issue(judge->smmu, &command, 1) == 0);
		CHECK(is_drained(judge));
		wraps[smmuv3_read(judge->smmu, SMMU_CMDQ_PROD) >> judge->smmu->cmdq.log2 & 1] = true;
	}
	CHECK(wraps[0] && wraps[1]);
	check_invalidates(judge, domain);
}

/* --- More than there is room for. --- */

static unsigned int turns;

/* Another core; the first waits for its SYNC, the queue full. */
static void another_core(struct judge *judge)
{
	struct command commands[2];

	if (turns++) {
		return;
	}
	judge->model->as_core(1);
	make_batch(commands, 2, 0x30);
	if (smmuv3_issue(judge->smmu, commands, 2)) {
		judge_fail(judge, "the other core's commands complete", __func__, __LINE__);
	}
	judge->model->as_core(0);
}

static void cmq_02(struct judge *judge)
{
	struct command commands[BATCH_MAX];
	uint32_t wanted[] = {0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x30, 0x31};
	unsigned int seen = 0;
	size_t first;

	if (!judge->model) {
		SKIP("QEMU consumes every command at once: the queue is never full");
	}
	judge->smmu->features.cmdq_log2 = SMALL_LOG2;
	CHECK(judge_register(judge) == 0);
	judge->model->config(judge->model->it)->hold_commands = true;
	judge->model->relax = another_core;
	turns = 0;
	first = judge->model->log_count(judge->model->it);
	make_batch(commands, 7, 0x10);
	CHECK(smmuv3_issue(judge->smmu, commands, 7) == 0);
	CHECK(turns > 1);
	/* Consumed in order; none was overwritten. */
	for (size_t i = first; i < judge->model->log_count(judge->model->it); i++) {
		const struct model_log *entry = judge->model->log(judge->model->it, i);

		if (entry->kind == MODEL_LOG_COMMAND && entry->number == CMD_CFGI_STE) {
			CHECK(seen < 9 && entry->dwords[0] >> 32 == wanted[seen]);
			seen++;
		}
	}
	CHECK(seen == 9);
	CHECK(is_drained(judge));
}

/* A batch and its SYNC fill the queue; one command more is another batch. */
static void cmq_03(struct judge *judge)
{
	struct command commands[BATCH_MAX];
	unsigned int room = (1U << SMALL_LOG2) - 1;

	judge->smmu->features.cmdq_log2 = SMALL_LOG2;
	CHECK(judge_register(judge) == 0);
	make_batch(commands, 2 * room, 0x10);
	for (unsigned int count = room - 1; count <= room + 1; count++) {
		uint32_t before = judge->smmu->issued;
		unsigned int syncs = count > room ? 2 : 1;

		CHECK(smmuv3_issue(judge->smmu, commands, count) == 0);
		CHECK(judge->smmu->issued - before == count + syncs);
		CHECK(is_drained(judge));
	}
	/* Twice a queueful, from every place. */
	for (unsigned int i = 0; i < 2U << SMALL_LOG2; i++) {
		CHECK(smmuv3_issue(judge->smmu, commands, 2 * room) == 0);
		CHECK(smmuv3_issue(judge->smmu, commands, 2) == 0);
		CHECK(is_drained(judge));
	}
}

/* --- Errors. --- */

static void cmq_04(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	struct command command = smmuv3_command_cfgi_ste(judge->sid[JUDGE_SECOND]);

	CHECK(domain);
	CHECK(smmuv3_provoke_illegal_command(judge->smmu) == 0);
	/* ERR as left, no active error. */
	CHECK(smmuv3_read(judge->smmu, SMMU_CMDQ_CONS) >> CMDQ_CONS_ERR_SHIFT == CERROR_ILL);
	CHECK(judge_pending_errors(judge) == 0);
	for (unsigned int i = 0; i < 3U << judge->smmu->cmdq.log2; i++) {
		CHECK(smmuv3_issue(judge->smmu, &command, 1) == 0);
	}
	CHECK(is_drained(judge));
	CHECK(judge->smmu->counts.illegal_commands == 1);
	check_invalidates(judge, domain);
}

static void cmq_05(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);

	CHECK(domain);
	judge_mark(judge);
	CHECK(smmuv3_provoke_illegal_command(judge->smmu) == 0);
	CHECK(judge_count(judge, CMD_SYNC) == 2); /* Behind it, and in its place. */
	CHECK(judge->smmu->counts.gerrors == GERROR_CMDQ_ERR);
	check_invalidates(judge, domain);
}

/* Acknowledged, not mended: it returns, and is reported once. */
static void cmq_06(struct judge *judge)
{
	CHECK(judge_ready(judge));
	CHECK(smmuv3_provoke_illegal_command(judge->smmu) == 0);
	CHECK(judge->smmu->counts.illegal_commands == 1);
	for (unsigned int i = 0; i < 4; i++) {
		smmuv3_poll_gerror(judge->smmu);
	}
	CHECK(judge->smmu->counts.illegal_commands == 1);
	CHECK(smmuv3_health(judge->smmu) <= SMMUV3_ON);
	CHECK(judge_pending_errors(judge) == 0);
	CHECK(smmuv3_provoke_illegal_command(judge->smmu) == 0);
	CHECK(judge->smmu->counts.illegal_commands == 2);
}

static void cmq_07(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);

	CHECK(domain);
	CHECK(smmuv3_provoke_queue_abort(judge->smmu, judge->nowhere) == 0);
	CHECK(judge->smmu->counts.aborted_fetches > 1 && judge->smmu->counts.aborted_fetches <= 5);
	CHECK(judge->smmu->counts.gerrors == GERROR_CMDQ_ERR);
	check_invalidates(judge, domain);
}

static void cmq_08(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	struct command command = smmuv3_command_cfgi_ste(judge->sid[JUDGE_SECOND]);

	CHECK(domain);
	if (!judge->model) {
		SKIP("QEMU has no ATS, and no CERROR_ATC_INV_SYNC");
	}
	judge->model->fail_command(judge->model->it, 2, MODEL_CERROR_ATC_INV);
	judge_mark(judge);
	CHECK(smmuv3_issue(judge->smmu, &command, 1) == 0);
	CHECK(judge_commands(judge) == 2);
	CHECK(judge->smmu->counts.gerrors == GERROR_CMDQ_ERR && !judge->smmu->counts.illegal_commands);
	check_invalidates(judge, domain);
}

static void cmq_09(struct judge *judge)
{
	struct command command = smmuv3_command_cfgi_ste(judge->sid[JUDGE_SECOND]);
	uint32_t before;

	CHECK(judge_ready(judge));
	if (!judge->model) {
		SKIP("QEMU's commands complete at once");
	}
	judge->model->hang_at_command(judge->model->it, 2);
	CHECK(smmuv3_issue(judge->smmu, &command, 1) == -EIO);
	CHECK(smmuv3_health(judge->smmu) == SMMUV3_BROKEN);
	before = judge->smmu->counts.commands;
	CHECK(smmuv3_issue(judge->smmu, &command, 1) == -EIO);
	CHECK(judge->smmu->counts.commands == before);
	judge->model->hang_at_command(judge->model->it, 0);
	judge->smmu->iommu.ops->stop(&judge->smmu->iommu);
	CHECK(judge_register(judge) == 0);
	CHECK(smmuv3_issue(judge->smmu, &command, 1) == 0);
}

static void cmq_10(struct judge *judge)
{
	SKIP("this driver sees a SYNC complete by CMDQ_CONS alone, and asks for no MSI");
}

/* --- What goes into it. --- */

/* Errata 2812531: a SYNC between kinds of command. */
static void cmq_11(struct judge *judge)
{
	struct command commands[4];

	CHECK(judge_register(judge) == 0);
	make_batch(commands, 4, 0x10);
	commands[2] = smmuv3_command_tlbi_all(CMD_TLBI_NSNH_ALL);
	judge_mark(judge);
	CHECK(smmuv3_issue(judge->smmu, commands, 4) == 0);
	CHECK(judge_count(judge, CMD_SYNC) == 1);
	judge->smmu->errata_effects |= SMMUV3_ERRATA_FORCE_SYNC;
	judge_mark(judge);
	CHECK(smmuv3_issue(judge->smmu, commands, 4) == 0);
	CHECK(judge_count(judge, CMD_SYNC) == 3);
	CHECK((judge_command(judge, 2)->dword[0] & 0xff) == CMD_SYNC &&
	      (judge_command(judge, 4)->dword[0] & 0xff) == CMD_SYNC);
}

static void use_everything(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);

	CHECK(domain);
	CHECK(judge_map(domain, JUDGE_IOVA + 0x200000, judge->page[2], 4 * PAGE_SIZE, PGTABLE_READ) == 0);
	CHECK(judge_unmap(domain, JUDGE_IOVA + 0x200000, 4 * PAGE_SIZE) == 0);
	CHECK(judge_attach(judge, JUDGE_FIRST, NULL) == 0);
	smmuv3_domain_free(&domain->domain);
}

/* All since the registration, unless the queue wrapped. */
static bool has_opcode(const struct judge *judge, unsigned int first, unsigned int last)
{
	for (unsigned int i = 0; i < judge_commands(judge); i++) {
		unsigned int opcode = (unsigned int)(judge_command(judge, i)->dword[0] & CMD0_OPCODE_MASK);

		if (opcode >= first && opcode <= last) {
			return true;
		}
	}
	return false;
}

static void cmq_12(struct judge *judge)
{
	unsigned int syncs = 0;

	GO_ON(use_everything(judge));
	for (unsigned int i = 0; i < judge_commands(judge) && i < 1U << judge->smmu->cmdq.log2; i++) {
		const struct command *command = judge_command(judge, i);

		if ((command->dword[0] & CMD0_OPCODE_MASK) == CMD_SYNC) {
			/* SIG_NONE: no MSI, interrupt or event. */
			CHECK(command->dword[0] == CMD_SYNC && command->dword[1] == 0);
			syncs++;
		}
	}
	CHECK(syncs > 1);
}

static void cmq_13(struct judge *judge)
{
	GO_ON(use_everything(judge));
	CHECK(judge_commands(judge) > 4);
	CHECK(!has_opcode(judge, CMD_PREFETCH_CONFIG, CMD_PREFETCH_ADDR));
}

static void cmq_14(struct judge *judge)
{
	struct command commands[BATCH_MAX];
	unsigned int most = judge->smmu->features.cmdq_log2;

	for (unsigned int log2 = 0; log2 <= most && log2 <= 6; log2++) {
		judge->smmu->features.cmdq_log2 = log2;
		if (log2 < 2) {
			CHECK(judge_register(judge) == -ENOTSUP);
			CHECK(judge->smmu->iommu.reason);
			continue;
		}
		CHECK(judge_register(judge) == 0);
		make_batch(commands, BATCH_MAX, 0);
		CHECK(smmuv3_issue(judge->smmu, commands, BATCH_MAX) == 0);
		CHECK(is_drained(judge));
		judge->smmu->iommu.ops->stop(&judge->smmu->iommu);
	}
}

/* --- Invalidation by range. --- */

/* By IHI 0070, 4.4.1.1: granules of one TLBI by address. */
static uint64_t granules_of(const struct command *tlbi)
{
	uint64_t num = tlbi->dword[0] >> 12 & 0x1f, scale = tlbi->dword[0] >> 20 & 0x1f, tg = tlbi->dword[1] >> 10 & 3;

	return tg ? (num + 1) << scale : 1;
}

static bool is_reserved_range(const struct command *tlbi)
{
	uint64_t num = tlbi->dword[0] >> 12 & 0x1f, scale = tlbi->dword[0] >> 20 & 0x1f, tg = tlbi->dword[1] >> 10 & 3;

	return tg ? num == 0 && scale == 0 : num || scale;
}

static void check_range(struct judge *judge, const struct smmuv3_domain *domain, uint64_t granules)
{
	struct command commands[SMMUV3_TLBI_MAX];
	uint64_t start = JUDGE_IOVA;
	unsigned int all = judge->kind == SMMUV3_STAGE2 ? CMD_TLBI_S12_VMALL : CMD_TLBI_NH_ASID;
	unsigned int count = smmuv3_tlbi_range(judge->smmu, domain, start, granules << 12, true, commands);

	CHECK(count > 0 && count <= SMMUV3_TLBI_MAX);
	if ((commands[0].dword[0] & CMD0_OPCODE_MASK) == all) {
		CHECK(count == 1 && granules > 1);
		CHECK(!judge->smmu->features.range_invalidation || granules > 1U << 20 ||
		      (judge->kind == SMMUV3_STAGE2 && domain->has_children));
		return;
	}
	for (unsigned int i = 0; i < count; i++) {
		CHECK(!is_reserved_range(&commands[i]));
		CHECK((commands[i].dword[1] & CMD1_ADDRESS_MASK) == start);
		start += granules_of(&commands[i]) << 12;
	}
	CHECK(start >= JUDGE_IOVA + (granules << 12));
}

static void cmq_15(struct judge *judge)
{
	static const uint64_t odd[] = {1, 2, 3, 15, 16, 17, 31, 32, 33, 63, 64, 65, 511, 513, 1023, 65537, 1000003};
	struct smmuv3_domain *domain = judge_ready(judge);
	bool ril = judge->smmu->features.range_invalidation;

	CHECK(domain);
	for (unsigned int on = 0; on <= 1; on++) {
		judge->smmu->features.range_invalidation = on;
		for (uint64_t granules = 1; granules <= 1U << 20; granules *= 2) {
			GO_ON(check_range(judge, domain, granules));
		}
		for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
			GO_ON(check_range(judge, domain, odd[i]));
		}
	}
	/* The SMMU must agree. */
	judge->smmu->features.range_invalidation = ril;
	for (unsigned int pages = 1; pages <= 9; pages += 4) {
		uint64_t iova = JUDGE_IOVA + 0x400000;

		CHECK(judge_map(domain, iova, judge->page[2], pages * PAGE_SIZE, PGTABLE_READ | PGTABLE_WRITE) == 0);
		for (unsigned int i = 0; i < pages; i++) {
			CHECK(judge_writes(judge, JUDGE_FIRST, iova + i * PAGE_SIZE, judge->page[2 + i]));
		}
		CHECK(judge_unmap(domain, iova, pages * PAGE_SIZE) == 0);
		for (unsigned int i = 0; i < pages; i++) {
			CHECK(judge_denied(judge, JUDGE_FIRST, iova + i * PAGE_SIZE, judge->page[2 + i],
					   F_TRANSLATION));
		}
	}
}

static const struct judge_test tests[] = {
	{"CMQ-01 the queue goes round", cmq_01, JUDGE_ANY},
	{"CMQ-02 a full queue is waited for", cmq_02, JUDGE_ANY},
	{"CMQ-03 a batch that just fits", cmq_03, JUDGE_ANY},
	{"CMQ-04 CONS.ERR that stays is no error", cmq_04, JUDGE_ANY},
	{"CMQ-05 an illegal command is replaced", cmq_05, JUDGE_ANY},
	{"CMQ-06 acknowledged and mended, it does not come back", cmq_06, JUDGE_ANY},
	{"CMQ-07 commands that cannot be fetched", cmq_07, JUDGE_ANY},
	{"CMQ-08 a SYNC behind a failed ATC_INV", cmq_08, JUDGE_ANY},
	{"CMQ-09 a SYNC that never completes", cmq_09, JUDGE_ANY},
	{"CMQ-10 completion by MSI", cmq_10, JUDGE_ANY},
	{"CMQ-11 a SYNC between kinds, by erratum", cmq_11, JUDGE_ANY},
	{"CMQ-12 SYNCs signal nothing", cmq_12, JUDGE_ANY},
	{"CMQ-13 nothing is prefetched", cmq_13, JUDGE_ANY},
	{"CMQ-14 the smallest queues", cmq_14, JUDGE_ANY},
	{"CMQ-15 ranges are covered", cmq_15, JUDGE_ALL},
};

const struct judge_chapter judge_cmdq = {tests, sizeof(tests) / sizeof(tests[0])};
