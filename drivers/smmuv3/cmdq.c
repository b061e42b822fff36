/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command queue (IHI 0070, 3.5 and chapter 4), for several cores at once. A batch is contiguous and ends with one
 * SYNC. The lock is held while a batch is written and its doorbell rung, and by nobody who waits: neither for room nor
 * for a SYNC.
 *
 * Commands are counted: `issued` by the cores, `consumed` by what CONS says. PROD and CONS are the low bits of the two.
 * As no more than a queue's length lies between them, and `consumed` only ever grows, a core that looks late sees a
 * number that is too small, and never one that is too large.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "base/deadline.h"
#include "report/print.h"
#include "smmuv3/private.h"
#include "smmuv3/trace.h"

#define BATCH_MAX 32U /* Commands to a SYNC: few enough for every core to have its turn. */

void smmuv3_command_queue_broken(struct smmuv3 *smmu, const char *why)
{
	if (smmu->broken) {
		return;
	}
	smmu->broken = true;
	smmu->starving = 0;
	if (smmu->provoked) {
		return;
	}
	print("%s: %s: CMDQ_PROD 0x%" PRIx32 ", CMDQ_CONS 0x%" PRIx32 ", wanted CONS 0x%" PRIx32
	      ". It gets no more commands\n",
	      smmu->iommu.name, why, smmuv3_read(smmu, SMMU_CMDQ_PROD), smmuv3_read(smmu, SMMU_CMDQ_CONS),
	      smmu->issued & smmuv3_queue_mask(&smmu->cmdq));
}

void smmuv3_command_queue_reset(struct smmuv3 *smmu)
{
	smmu->error_streak = 0;
	smmu->issued = 0;
	atomic_store(&smmu->consumed, 0);
	smmu->starving = 0;
	smmu->broken = false;
}

static bool is_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* CONS without its error field, which stays non-zero after a recovery and means nothing then. */
uint32_t smmuv3_commands_consumed(struct smmuv3 *smmu)
{
	uint32_t seen = atomic_load(&smmu->consumed);
	uint32_t passed = (smmuv3_read(smmu, SMMU_CMDQ_CONS) - seen) & smmuv3_queue_mask(&smmu->cmdq);
	uint32_t now = seen + passed;

	/* More than there can be: others have gone on since `seen`, or the SMMU consumes what nobody issued. */
	if (passed > 1U << smmu->cmdq.log2) {
		return seen;
	}
	while (is_before(seen, now) && !atomic_compare_exchange_weak(&smmu->consumed, &seen, now)) {
	}
	return is_before(seen, now) ? now : seen;
}

static void put(struct smmuv3 *smmu, uint32_t position, const struct command *command)
{
	struct command *entries = smmu->cmdq.entries;
	struct command *entry = &entries[smmuv3_queue_index(&smmu->cmdq, position)];

	smmuv3_trace_command(smmu->iommu.index, command->dword[0], command->dword[1]);
	*entry = *command;
	if (!smmu->coherent) {
		arch_cache_clean(entry, sizeof(*entry));
	}
	smmu->counts.commands++;
}

/* With the lock held, and room for all. Returns the count of commands at which the batch is complete. */
static uint32_t put_batch(struct smmuv3 *smmu, const struct command *commands, unsigned int count)
{
	struct command sync = smmuv3_command(CMD_SYNC); /* CS is SIG_NONE: completion is CONS passing it. */
	uint32_t position = smmu->issued;

	for (unsigned int i = 0; i < count; i++) {
		put(smmu, position++, &commands[i]);
	}
	put(smmu, position++, &sync);
	smmu->issued = position;
	/* The commands are in memory before the doorbell. */
	arch_dma_wmb();
	(void)smmuv3_write(smmu, SMMU_CMDQ_PROD, position & smmuv3_queue_mask(&smmu->cmdq));
	return position;
}

static bool has_room(struct smmuv3 *smmu, unsigned int count)
{
	uint32_t end = smmu->issued + count - (1U << smmu->cmdq.log2);

	return !is_before(atomic_load(&smmu->consumed), end) || !is_before(smmuv3_commands_consumed(smmu), end);
}

/*
 * With the lock held. Whoever finds no room is waited for by whoever comes after it, so that small batches never keep a
 * large one out.
 */
static bool may_go(struct smmuv3 *smmu, unsigned int count)
{
	unsigned int me = arch_core() + 1;

	if (smmu->starving && smmu->starving != me) {
		return false;
	}
	smmu->starving = has_room(smmu, count) ? 0 : me;
	return !smmu->starving;
}

/* 0 and the count at which the batch is complete; -EAGAIN without room; -EIO. */
static int try_batch(struct smmuv3 *smmu, const struct command *commands, unsigned int count, uint32_t *end)
{
	uint32_t saved = lock(&smmu->cmdq_lock);
	int error = smmu->broken ? -EIO : may_go(smmu, count + 1) ? 0 : -EAGAIN;

	if (!error) {
		*end = put_batch(smmu, commands, count);
	}
	unlock(&smmu->cmdq_lock, saved);
	return error;
}

static int give_up(struct smmuv3 *smmu)
{
	uint32_t saved = lock(&smmu->cmdq_lock);

	smmuv3_command_queue_broken(smmu, "CMD_SYNC did not complete in time");
	unlock(&smmu->cmdq_lock, saved);
	return -ETIMEDOUT;
}

/*
 * One turn of a wait. Errors are served by whoever waits, too, for their interrupt may not be wired. 0, or -ETIMEDOUT
 * once there is no point in more.
 */
static int wait_a_turn(struct smmuv3 *smmu, const struct deadline *deadline)
{
	if (smmuv3_has_error(smmu)) {
		smmuv3_poll_gerror(smmu);
	}
	if (smmu->broken) {
		return -ETIMEDOUT;
	}
	if (deadline_passed(deadline)) {
		return give_up(smmu);
	}
	arch_relax();
	return 0;
}

/* A SYNC is consumed when what is before it has completed. */
static int wait_consumed(struct smmuv3 *smmu, uint32_t end)
{
	struct deadline deadline = deadline_in_us(SMMUV3_WAIT_US);
	int error = 0;

	while (!error && is_before(smmuv3_commands_consumed(smmu), end)) {
		error = wait_a_turn(smmu, &deadline);
	}
	return error;
}

static int issue_batch(struct smmuv3 *smmu, const struct command *commands, unsigned int count)
{
	uint32_t end = 0;
	int error = try_batch(smmu, commands, count, &end);

	if (error == -EAGAIN) {
		struct deadline deadline = deadline_in_us(SMMUV3_WAIT_US);

		do {
			error = wait_a_turn(smmu, &deadline);
			error = error ? error : try_batch(smmu, commands, count, &end);
		} while (error == -EAGAIN);
	}
	return error ? error : wait_consumed(smmu, end);
}

/* How many of the commands go before the next SYNC: as many as fit, or as errata let stand behind each other. */
static unsigned int batch_length(const struct smmuv3 *smmu, const struct command *commands, unsigned int count)
{
	unsigned int room = (1U << smmu->cmdq.log2) - 1; /* One entry is the SYNC's. */
	unsigned int max = room < BATCH_MAX ? room : BATCH_MAX;
	bool forced = smmu->errata_effects & SMMUV3_ERRATA_FORCE_SYNC;
	unsigned int length = 1;

	while (length < count && length < max &&
	       (!forced || !((commands[length].dword[0] ^ commands[0].dword[0]) & CMD0_OPCODE_MASK))) {
		length++;
	}
	return length;
}

int smmuv3_issue(struct smmuv3 *smmu, const struct command *commands, unsigned int count)
{
	int error = 0;

	for (unsigned int done = 0; done < count && !error;) {
		unsigned int batch = batch_length(smmu, commands + done, count - done);

		error = issue_batch(smmu, commands + done, batch);
		done += batch;
	}
	return error;
}
