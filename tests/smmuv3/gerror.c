/* SPDX-License-Identifier: BSD-2-Clause */
/* Global errors: only active ones are served and acknowledged. */
#include <errno.h>

#include "judge.h"
#include "smmuv3/registers.h"

#define HOLE (JUDGE_IOVA + 0x100000)
#define MSI_ERRORS (GERROR_MSI_CMDQ_ABT_ERR | GERROR_MSI_EVENTQ_ABT_ERR | GERROR_MSI_GERROR_ABT_ERR)

static unsigned int acknowledges(const struct judge *judge)
{
	unsigned int count = 0;

	for (size_t i = 0; i < judge->model->log_count(judge->model->it); i++) {
		const struct model_log *entry = judge->model->log(judge->model->it, i);

		count += entry->kind == MODEL_LOG_WRITE && entry->number == SMMU_GERRORN;
	}
	return count;
}

/* A record that cannot be written. */
static bool abort_an_event(struct judge *judge)
{
	if (smmuv3_misplace_events(judge->smmu, judge->nowhere)) {
		return false;
	}
	(void)judge_writes(judge, JUDGE_FIRST, HOLE, judge->page[2]);
	return true;
}

static void check_events_work(struct judge *judge)
{
	CHECK(smmuv3_restore_events(judge->smmu) == 0);
	CHECK(judge_denied(judge, JUDGE_FIRST, HOLE, judge->page[2], F_TRANSLATION));
	CHECK(judge_pending_errors(judge) == 0);
}

static void ger_01(struct judge *judge)
{
	uint32_t before;

	CHECK(judge_ready(judge));
	CHECK(abort_an_event(judge));
	CHECK(judge_pending_errors(judge) == GERROR_EVENTQ_ABT_ERR);
	before = smmuv3_read(judge->smmu, SMMU_GERRORN);
	smmuv3_poll_gerror(judge->smmu);
	CHECK((smmuv3_read(judge->smmu, SMMU_GERRORN) ^ before) == GERROR_EVENTQ_ABT_ERR);
	CHECK(judge_pending_errors(judge) == 0);
	CHECK(judge->smmu->counts.aborted_events == 1 && judge->smmu->counts.gerrors == GERROR_EVENTQ_ABT_ERR);
	check_events_work(judge);
}

/* Toggling an inactive bit is a lasting error, on QEMU too. */
static void ger_02(struct judge *judge)
{
	uint32_t before;

	CHECK(judge_ready(judge));
	CHECK(smmuv3_provoke_illegal_command(judge->smmu) == 0);
	before = smmuv3_read(judge->smmu, SMMU_GERRORN);
	if (judge->model) {
		unsigned int writes = acknowledges(judge);

		smmuv3_poll_gerror(judge->smmu);
		CHECK(acknowledges(judge) == writes);
	}
	for (unsigned int i = 0; i < 3; i++) {
		smmuv3_poll_gerror(judge->smmu);
		CHECK(smmuv3_read(judge->smmu, SMMU_GERRORN) == before);
		CHECK(judge_pending_errors(judge) == 0);
	}
}

static void ger_03(struct judge *judge)
{
	unsigned int writes = 0;

	CHECK(judge_ready(judge));
	CHECK(abort_an_event(judge));
	writes = judge->model ? acknowledges(judge) : 0;
	CHECK(smmuv3_provoke_illegal_command(judge->smmu) == 0);
	CHECK(judge->smmu->counts.gerrors == (GERROR_EVENTQ_ABT_ERR | GERROR_CMDQ_ERR));
	CHECK(judge->smmu->counts.aborted_events == 1 && judge->smmu->counts.illegal_commands == 1);
	CHECK(!judge->model || acknowledges(judge) == writes + 1 || !judge->emulated);
	CHECK(judge_pending_errors(judge) == 0);
	check_events_work(judge);
}

static bool late;

static void raise_late(struct judge *judge, uint32_t offset, bool write)
{
	if (write && offset == SMMU_GERRORN && !late) {
		late = true;
		judge->model->set_gerror(judge->model->it, GERROR_EVENTQ_ABT_ERR);
	}
}

/* Between the handler's read and write. */
static void ger_04(struct judge *judge)
{
	CHECK(judge_ready(judge));
	if (!judge->model) {
		SKIP("QEMU's errors come within a core's own accesses alone");
	}
	late = false;
	judge->model->access = raise_late;
	CHECK(smmuv3_provoke_illegal_command(judge->smmu) == 0);
	CHECK(late);
	smmuv3_poll_gerror(judge->smmu);
	CHECK(judge->smmu->counts.gerrors == (GERROR_EVENTQ_ABT_ERR | GERROR_CMDQ_ERR));
	CHECK(judge->smmu->counts.aborted_events == 1);
	CHECK(judge_pending_errors(judge) == 0);
}

/* The driver gives up; what translates is the SMMU's part. */
static void ger_05(struct judge *judge)
{
	struct command command = smmuv3_command_cfgi_ste(0);
	uint32_t issued;

	CHECK(judge_ready(judge));
	if (!judge->model) {
		SKIP("QEMU has no service failure mode");
	}
	judge->model->set_gerror(judge->model->it, GERROR_SFM_ERR);
	smmuv3_poll_gerror(judge->smmu);
	CHECK(smmuv3_health(judge->smmu) == SMMUV3_SERVICE_FAILURE);
	issued = judge->smmu->issued;
	CHECK(smmuv3_issue(judge->smmu, &command, 1) == -EIO);
	CHECK(judge->smmu->issued == issued);
	/* Unacknowledged: visible, and no registration passes. */
	CHECK(judge_pending_errors(judge) == GERROR_SFM_ERR);
	CHECK(judge->smmu->iommu.ops->stop(&judge->smmu->iommu) == 0);
	CHECK(judge_register(judge) == -EIO);
	CHECK(judge->smmu->iommu.reason);
	CHECK((smmuv3_read(judge->smmu, SMMU_CR0ACK) & CR0_SMMUEN) == 0);
	CHECK(!judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
}

static void ger_06(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);

	CHECK(domain);
	if (!judge->model) {
		SKIP("QEMU has no MSIs, and nothing of them aborts");
	}
	judge->model->set_gerror(judge->model->it, MSI_ERRORS);
	smmuv3_poll_gerror(judge->smmu);
	CHECK(judge->smmu->counts.gerrors == MSI_ERRORS);
	CHECK(judge_pending_errors(judge) == 0 && smmuv3_health(judge->smmu) <= SMMUV3_ON);
	CHECK(judge_unmap(domain, JUDGE_IOVA, PAGE_SIZE) == 0);
}

static void ger_07(struct judge *judge)
{
	CHECK(judge_ready(judge));
	CHECK(abort_an_event(judge));
	judge->smmu->iommu.ops->stop(&judge->smmu->iommu);
	CHECK(judge_pending_errors(judge) == GERROR_EVENTQ_ABT_ERR);
	CHECK(smmuv3_inherit(judge->smmu) == 0);
	CHECK(judge->smmu->inherited.gerror_active == GERROR_EVENTQ_ABT_ERR);
	/* Before any enable. */
	CHECK(judge->smmu->iommu.ops->start(&judge->smmu->iommu) == 0);
	CHECK(judge_pending_errors(judge) == 0);
	CHECK(judge->smmu->counts.gerrors == 0);
	judge->smmu->iommu.ops->stop(&judge->smmu->iommu);
	CHECK(judge_ready(judge));
	CHECK(judge_denied(judge, JUDGE_FIRST, HOLE, judge->page[2], F_TRANSLATION));
}

static const struct judge_test tests[] = {
	{"GER-01 only what is active is acknowledged", ger_01, JUDGE_ANY},
	{"GER-02 nothing pending, nothing written", ger_02, JUDGE_ANY},
	{"GER-03 two at once", ger_03, JUDGE_ANY},
	{"GER-04 one that comes meanwhile", ger_04, JUDGE_ANY},
	{"GER-05 service failure", ger_05, JUDGE_ANY},
	{"GER-06 an MSI that aborts", ger_06, JUDGE_ANY},
	{"GER-07 latched errors", ger_07, JUDGE_ANY},
};

const struct judge_chapter judge_gerror = {tests, sizeof(tests) / sizeof(tests[0])};
