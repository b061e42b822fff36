/* SPDX-License-Identifier: BSD-2-Clause */
/* Circular queues: an index with a wrap bit above it (IHI 0070 3.5.1). */
#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "smmuv3/private.h"

int smmuv3_queue_allocate(struct smmuv3_queue *queue, unsigned int log2, uint32_t entry_size)
{
	uint32_t size = entry_size << log2;

	if (!queue->entries || queue->log2 != log2) {
		/* The SMMU aligns a base down to the size. Not zeroed: entries from PROD on are not read. */
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
