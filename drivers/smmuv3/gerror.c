/* SPDX-License-Identifier: BSD-2-Clause */
/* Global errors (IHI 0070 6.3.19, 7.5). A bit is active where GERROR and GERRORN differ. */
#include <inttypes.h>
#include <stddef.h>

#include "report/print.h"
#include "smmuv3/private.h"
#include "smmuv3/trace.h"

#define ERRORS_MAX 3U /* In a row at one command: fetches fail again, or the SMMU does not see repairs. */

/* CONS points at the refused command: a SYNC replaces it. */
static void gerror_repair_command(struct smmuv3 *smmu, uint32_t consumer)
{
	struct command *entries = smmu->cmdq.entries;
	struct command *entry = &entries[smmuv3_queue_index(&smmu->cmdq, consumer)];

	*entry = (struct command){.dword = {CMD_SYNC, 0}};
	smmuv3_trace_command(smmu->iommu.index, entry->dword[0], entry->dword[1]);
	smmuv3_publish(smmu, entry, sizeof(*entry));
}

/*
 * Gives up the queue after too many errors in a row: with the interrupt wired each acknowledge raises the next, and the
 * waiting core gets no turn to time out.
 */
static void gerror_count(struct smmuv3 *smmu, uint32_t position, const char *what)
{
	smmu->error_streak = smmu->error_streak && position == smmu->error_at ? smmu->error_streak + 1 : 1;
	smmu->error_at = position;
	smmu->counts.unprovoked += !smmu->provoked;
	if (smmu->error_streak > ERRORS_MAX) {
		smmuv3_command_queue_broken(smmu, what);
	}
}

/* An SMMU wrongly described as coherent does not see the repair: gerror_count() ends that. */
static void gerror_serve_illegal(struct smmuv3 *smmu, uint32_t consumer)
{
	const struct command *entries = smmu->cmdq.entries;
	const struct command *entry = &entries[smmuv3_queue_index(&smmu->cmdq, consumer)];

	smmu->counts.illegal_commands++;
	if (!smmu->provoked) {
		(void)smmuv3_set_health(smmu, SMMUV3_LOST);
		print("%s: it refuses command 0x%llx 0x%llx at CMDQ_CONS 0x%" PRIx32
		      " (CERROR_ILL): a CMD_SYNC takes its place\n",
		      smmu->iommu.name, (unsigned long long)entry->dword[0], (unsigned long long)entry->dword[1],
		      consumer);
	}
	gerror_repair_command(smmu, consumer);
}

static void gerror_serve_command(struct smmuv3 *smmu)
{
	uint32_t consumer = smmuv3_read(smmu, SMMU_CMDQ_CONS);
	uint32_t position = smmuv3_commands_consumed(smmu);

	switch (FIELD_GET32(CMDQ_CONS_ERR, consumer)) {
	case CERROR_NONE:
		break;
	case CERROR_ABT:
		/* The acknowledge makes the SMMU fetch again. */
		smmu->counts.aborted_fetches++;
		gerror_count(smmu, position, "commands cannot be fetched (CERROR_ABT)");
		break;
	case CERROR_ATC_INV_SYNC:
		/* CONS is at the SYNC, which completes on the acknowledge. */
		break;
	default:
		gerror_serve_illegal(smmu, consumer);
		gerror_count(smmu, position, "it does not see that a command was replaced (CERROR_ILL)");
		break;
	}
}

bool smmuv3_has_error(const struct smmuv3 *smmu)
{
	return smmuv3_read(smmu, SMMU_GERROR) ^ smmuv3_read(smmu, SMMU_GERRORN);
}

void smmuv3_serve_gerror(struct smmuv3 *smmu)
{
	uint32_t gerror = smmuv3_read(smmu, SMMU_GERROR);
	uint32_t active = gerror ^ smmuv3_read(smmu, SMMU_GERRORN);

	/* A stopped queue's errors stay active: acknowledged but not mended, they would interrupt again at once. */
	if (!active || smmuv3_queue_rests(smmu)) {
		return;
	}
	smmuv3_trace_error(smmu->iommu.index, active);
	smmu->counts.gerrors |= active;
	if (active & GERROR_EVENTQ_ABT_ERR) {
		smmu->counts.aborted_events++;
	}
	if (active & GERROR_SFM_ERR) {
		(void)smmuv3_set_health(smmu, SMMUV3_SERVICE_FAILURE);
	}
	if (active & GERROR_CMDQ_ERR) {
		gerror_serve_command(smmu);
	}
	if (smmuv3_queue_rests(smmu) && !(active & GERROR_SFM_ERR)) {
		return;
	}
	/* Acknowledges what was read at entry: later errors stay active. SFM_ERR stays, too: only a reset ends it. */
	(void)smmuv3_write(smmu, SMMU_GERRORN, gerror ^ (active & GERROR_SFM_ERR));
}

void smmuv3_poll_gerror(struct smmuv3 *smmu)
{
	uint32_t saved = lock(&smmu->cmdq_lock);

	smmuv3_serve_gerror(smmu);
	unlock(&smmu->cmdq_lock, saved);
}
