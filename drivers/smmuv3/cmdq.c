/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Command queue (IHI 0070 3.5, chapter 4) for several cores. A batch is contiguous and ends with a SYNC. No core waits
 * with the lock held.
 *
 * `issued` and `consumed` count commands; PROD and CONS are their low bits. `consumed` only grows: a stale value is too
 * small, never too large.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "base/deadline.h"
#include "report/print.h"
#include "smmuv3/private.h"
#include "smmuv3/trace.h"

#define BATCH_MAX 32U /* Small, so that every core gets its turn. */

void smmuv3_command_queue_broken(struct smmuv3 *smmu, const char *why)
{
	smmu->starving = 0;
	if (smmu->provoked) {
		smmu->provoked = SMMUV3_PROVOKED_IN_VAIN;
		return;
	}
	if (!smmuv3_set_health(smmu, SMMUV3_BROKEN)) {
		return;
	}
	print("%s: %s: CMDQ_PROD 0x%" PRIx32 ", CMDQ_CONS 0x%" PRIx32 ", wanted CONS 0x%" PRIx32
	      ". It gets no more commands\n",
	      smmu->iommu.name, why, smmuv3_read(smmu, SMMU_CMDQ_PROD), smmuv3_read(smmu, SMMU_CMDQ_CONS),
	      smmu->issued & smmuv3_queue_mask(&smmu->cmdq));
}

void smmuv3_command_queue_reset(struct smmuv3 *smmu)
{
	unsigned int room = (1U << smmu->cmdq.log2) - 1; /* One entry is for the SYNC. */

	smmu->batch_max = room < BATCH_MAX ? room : BATCH_MAX;
	smmu->command_mask = smmuv3_queue_mask(&smmu->cmdq);
	smmu->error_streak = 0;
	smmu->issued = 0;
	atomic_store(&smmu->consumed, 0);
	smmu->starving = 0;
}

static bool cmdq_is_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

/* Acquire; pairs with the release where CONS is read: an entry is reused only after CONS has passed it. */
static uint32_t cmdq_consumed_so_far(const struct smmuv3 *smmu)
{
	return atomic_load_explicit(&smmu->consumed, memory_order_acquire);
}

/* Masks CMDQ_CONS.ERR, which stays after recovery. */
uint32_t smmuv3_commands_consumed(struct smmuv3 *smmu)
{
	uint32_t seen = cmdq_consumed_so_far(smmu);
	uint32_t passed = (smmuv3_read(smmu, SMMU_CMDQ_CONS) - seen) & smmu->command_mask;
	uint32_t now = seen + passed;

	/* Other cores advanced since `seen`, or the SMMU consumes commands that were never issued. */
	if (passed > smmu->command_mask / 2 + 1) {
		return seen;
	}
	while (cmdq_is_before(seen, now) &&
	       !atomic_compare_exchange_weak_explicit(&smmu->consumed, &seen, now, memory_order_acq_rel,
						      memory_order_acquire)) {
	}
	return cmdq_is_before(seen, now) ? now : seen;
}

/*
 * Before the doorbell: its effects come later in the trace. bench: one command and SYNC +2 % and over its must, each
 * further one +25 %, without the noinline of this file.
 */
static __attribute__((noinline)) void cmdq_trace(const struct smmuv3 *smmu, const struct command *commands,
						 unsigned int count, uint32_t doorbell)
{
	for (unsigned int i = 0; i < count; i++) {
		smmuv3_trace_command(smmu->iommu.index, commands[i].dword[0], commands[i].dword[1]);
	}
	smmuv3_trace_command(smmu->iommu.index, CMD_SYNC, 0);
	smmuv3_trace_register(smmu->iommu.index, SMMU_CMDQ_PROD, doorbell, false);
}

static __attribute__((noinline)) void cmdq_clean(const struct smmuv3 *smmu, uint32_t position, unsigned int count)
{
	const struct command *entries = smmu->cmdq.entries;

	for (unsigned int i = 0; i < count; i++) {
		arch_cache_clean(&entries[smmuv3_queue_index(&smmu->cmdq, position + i)], sizeof(*entries));
	}
}

/* Lock held, room checked. Returns `consumed` at completion. */
static uint32_t cmdq_put_batch(struct smmuv3 *smmu, const struct command *commands, unsigned int count)
{
	struct command *entries = smmu->cmdq.entries;
	uint32_t mask = smmu->command_mask >> 1; /* Without the wrap bit. */
	uint32_t position = smmu->issued;

	for (const struct command *command = commands; command < commands + count; command++) {
		entries[position++ & mask] = *command;
	}
	/* CS = SIG_NONE: complete once CONS has passed it (4.7). */
	entries[position++ & mask] = (struct command){.dword = {CMD_SYNC, 0}};
	if (!smmu->coherent) {
		cmdq_clean(smmu, smmu->issued, count + 1);
	}
	smmu->counts.commands += count + 1;
	smmu->issued = position;
	if (smmuv3_trace_recorder()) {
		cmdq_trace(smmu, commands, count, position & smmu->command_mask);
	}
	/* Commands before the doorbell. */
	arch_dma_wmb();
	arch_write32(smmu->regs + SMMU_CMDQ_PROD, position & smmu->command_mask);
	return position;
}

/* The consumed count that makes room. */
static uint32_t cmdq_needed(const struct smmuv3 *smmu, unsigned int count)
{
	return smmu->issued + count - smmu->command_mask / 2 - 1;
}

static bool cmdq_has_room(struct smmuv3 *smmu, unsigned int count)
{
	uint32_t end = cmdq_needed(smmu, count);

	return !cmdq_is_before(cmdq_consumed_so_far(smmu), end) || !cmdq_is_before(smmuv3_commands_consumed(smmu), end);
}

static __attribute__((noinline)) bool cmdq_may_go_late(struct smmuv3 *smmu, unsigned int count)
{
	unsigned int me = arch_core() + 1;

	if (smmu->starving && smmu->starving != me) {
		return false;
	}
	smmu->starving = cmdq_has_room(smmu, count) ? 0 : me;
	return !smmu->starving;
}

/* Lock held. A core that found no room goes first: small batches must not starve a large one. */
static bool cmdq_may_go(struct smmuv3 *smmu, unsigned int count)
{
	bool free = !smmu->starving && !cmdq_is_before(cmdq_consumed_so_far(smmu), cmdq_needed(smmu, count));

	return free || cmdq_may_go_late(smmu, count);
}

/* As cmdq_put_batch(); -EAGAIN without room; -EIO. */
static int64_t cmdq_try_batch(struct smmuv3 *smmu, const struct command *commands, unsigned int count)
{
	uint32_t saved = lock(&smmu->cmdq_lock);
	int64_t end = smmuv3_check_health(smmu);

	if (!end) {
		end = cmdq_may_go(smmu, count + 1) ? 0 : -EAGAIN;
	}
	if (!end) {
		end = cmdq_put_batch(smmu, commands, count);
	}
	unlock(&smmu->cmdq_lock, saved);
	return end;
}

static void cmdq_give_up(struct smmuv3 *smmu)
{
	uint32_t saved = lock(&smmu->cmdq_lock);

	smmuv3_command_queue_broken(smmu, "CMD_SYNC did not complete in time");
	unlock(&smmu->cmdq_lock, saved);
}

/* Serves errors, too: their interrupt may not be wired. -EIO: waiting is useless. */
static int cmdq_wait_a_turn(struct smmuv3 *smmu, struct deadline *deadline)
{
	if (smmuv3_has_error(smmu)) {
		smmuv3_poll_gerror(smmu);
	}
	if (deadline_passed(deadline)) {
		cmdq_give_up(smmu);
	}
	if (smmuv3_queue_rests(smmu)) {
		return -EIO;
	}
	arch_relax();
	return 0;
}

/* Out of line: most commands need no wait. */
static __attribute__((noinline)) int cmdq_wait_consumed(struct smmuv3 *smmu, uint32_t end)
{
	struct deadline deadline = deadline_in_us(SMMUV3_WAIT_US);
	int error = 0;

	while (!error && cmdq_is_before(smmuv3_commands_consumed(smmu), end)) {
		error = cmdq_wait_a_turn(smmu, &deadline);
	}
	return error;
}

static __attribute__((noinline)) int64_t cmdq_wait_for_room(struct smmuv3 *smmu, const struct command *commands,
							    unsigned int count)
{
	struct deadline deadline = deadline_in_us(SMMUV3_WAIT_US);
	int64_t end;

	do {
		end = cmdq_wait_a_turn(smmu, &deadline);
		end = end ? end : cmdq_try_batch(smmu, commands, count);
	} while (end == -EAGAIN);
	return end;
}

/* Checks health last: the SMMU may have refused a command before the SYNC. */
static __attribute__((noinline)) int cmdq_issue_batch(struct smmuv3 *smmu, const struct command *commands,
						      unsigned int count)
{
	int64_t end = cmdq_try_batch(smmu, commands, count);
	int error = 0;

	if (end == -EAGAIN) {
		end = cmdq_wait_for_room(smmu, commands, count);
	}
	if (end < 0) {
		return (int)end;
	}
	if (cmdq_is_before(smmuv3_commands_consumed(smmu), (uint32_t)end)) {
		error = cmdq_wait_consumed(smmu, (uint32_t)end);
	}
	return error ? error : smmuv3_check_health(smmu);
}

/* With SMMUV3_ERRATA_FORCE_SYNC a batch has one opcode. */
static unsigned int cmdq_batch_length(const struct smmuv3 *smmu, const struct command *commands, unsigned int count)
{
	unsigned int max = count < smmu->batch_max ? count : smmu->batch_max;
	bool forced = smmu->errata_effects & SMMUV3_ERRATA_FORCE_SYNC;
	unsigned int length = 1;

	if (!forced) {
		return max;
	}
	while (length < max && !((commands[length].dword[0] ^ commands[0].dword[0]) & CMD0_OPCODE_MASK)) {
		length++;
	}
	return length;
}

static __attribute__((noinline)) int cmdq_issue_batches(struct smmuv3 *smmu, const struct command *commands,
							unsigned int count)
{
	int error = 0;

	while (count && !error) {
		unsigned int batch = cmdq_batch_length(smmu, commands, count);

		error = cmdq_issue_batch(smmu, commands, batch);
		commands += batch;
		count -= batch;
	}
	return error;
}

/* bench: one command and SYNC +17 % without a way of its own. */
int smmuv3_issue(struct smmuv3 *smmu, const struct command *commands, unsigned int count)
{
	return count == 1 ? cmdq_issue_batch(smmu, commands, 1) : cmdq_issue_batches(smmu, commands, count);
}
