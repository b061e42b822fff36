/* SPDX-License-Identifier: BSD-2-Clause */
/* Moves bytes, a page at a time. */
#include "state.h"

#define PAGE 4096U

static size_t in_page(uint64_t address, size_t size)
{
	size_t left = PAGE - (size_t)(address % PAGE);

	return size < left ? size : left;
}

/* A read uses `to`, a write `from`; the other is NULL. */
static enum model_outcome move(struct model *model, struct model_access access, uint8_t *to, const uint8_t *from,
			       size_t size)
{
	const struct model_memory *memory = &model->memory;

	for (size_t done = 0; done < size;) {
		size_t part = in_page(access.address, size - done);
		uint64_t pa;
		enum model_outcome outcome = model_dma(model, &access, &pa, NULL);

		if (outcome != MODEL_PASSED) {
			return outcome;
		}
		if (to ? !memory->read(memory->context, pa, to + done, part) :
			 !memory->write(memory->context, pa, from + done, part)) {
			return MODEL_ABORTED;
		}
		access.address += part;
		done += part;
	}
	return MODEL_PASSED;
}

enum model_outcome model_dma_read(struct model *model, uint32_t sid, uint64_t iova, void *bytes, size_t size)
{
	return move(model, (struct model_access){.sid = sid, .address = iova}, bytes, NULL, size);
}

enum model_outcome model_dma_write(struct model *model, uint32_t sid, uint64_t iova, const void *bytes, size_t size)
{
	return move(model, (struct model_access){.sid = sid, .address = iova, .write = true}, NULL, bytes, size);
}
