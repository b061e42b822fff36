/* SPDX-License-Identifier: BSD-2-Clause */
/* Circular queues (IHI 0070 3.5.1, 6.3.26 to 6.3.34). */
#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "smmuv3/private.h"

int smmuv3_queue_allocate(struct smmuv3_queue *queue, unsigned int log2, uint32_t entry_size)
{
	uint32_t size = entry_size << log2;

	if (!queue->entries || queue->log2 != log2) {
		/* The SMMU aligns a base down to the size. Not zeroed: no entry is read before it is written. */
		queue->entries = arena_reserve(size, size < 32 ? 32 : size);
	}
	queue->log2 = log2;
	queue->consumer = 0;
	return queue->entries ? 0 : -ENOMEM;
}

uint32_t smmuv3_queue_mask(const struct smmuv3_queue *queue)
{
	return (2U << queue->log2) - 1;
}

uint32_t smmuv3_queue_index(const struct smmuv3_queue *queue, uint32_t position)
{
	return position & ((1U << queue->log2) - 1);
}

uint32_t smmuv3_queue_advance(const struct smmuv3_queue *queue, uint32_t position, uint32_t count)
{
	return (position + count) & smmuv3_queue_mask(queue);
}

int smmuv3_program_command_queue(struct smmuv3 *smmu, uint64_t address)
{
	uint64_t size = sizeof(struct command) << smmu->cmdq.log2;
	int error = smmuv3_write_base(smmu, SMMU_CMDQ_BASE, "CMDQ_BASE", address, size,
				      QUEUE_BASE_ALLOCATE | smmu->cmdq.log2);

	smmuv3_command_queue_reset(smmu);
	if (!error) {
		error = smmuv3_write(smmu, SMMU_CMDQ_PROD, 0);
	}
	return error ? error : smmuv3_write(smmu, SMMU_CMDQ_CONS, 0);
}

int smmuv3_program_event_queue(struct smmuv3 *smmu, uint64_t address)
{
	uint64_t size = sizeof(struct event_record) << smmu->evtq.log2;
	int error = smmuv3_write_base(smmu, SMMU_EVENTQ_BASE, "EVENTQ_BASE", address, size,
				      QUEUE_BASE_ALLOCATE | smmu->evtq.log2);

	smmu->evtq.consumer = 0;
	if (!error) {
		error = smmuv3_write(smmu, smmuv3_eventq_offset(smmu, SMMU_EVENTQ_PROD), 0);
	}
	return error ? error : smmuv3_write(smmu, smmuv3_eventq_offset(smmu, SMMU_EVENTQ_CONS), 0);
}

bool smmuv3_queues_empty(const struct smmuv3 *smmu)
{
	uint32_t commands = smmuv3_read(smmu, SMMU_CMDQ_PROD) ^ smmuv3_read(smmu, SMMU_CMDQ_CONS);
	uint32_t events = smmuv3_read_events(smmu, SMMU_EVENTQ_PROD) ^ smmuv3_read_events(smmu, SMMU_EVENTQ_CONS);

	return !(commands & smmu->command_mask) && !(events & ~EVENTQ_OVERFLOW);
}
