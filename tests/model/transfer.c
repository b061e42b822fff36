/* SPDX-License-Identifier: BSD-2-Clause */
/* Transactions that really move bytes, a page at a time. */
#include "state.h"

#define PAGE 4096U

static size_t in_page(uint64_t address, size_t size)
{
	size_t left = PAGE - (size_t)(address % PAGE);

	return size < left ? size : left;
}

enum model_outcome model_dma_read(struct model *model, uint32_t sid, uint64_t iova, void *bytes, size_t size)
{
	struct model_access access = {.sid = sid, .address = iova};
	uint8_t *to = bytes;

	while (size) {
		size_t part = in_page(access.address, size);
		uint64_t pa;
		enum model_outcome outcome = model_dma(model, &access, &pa, NULL);

		if (outcome != MODEL_PASSED) {
			return outcome;
		}
		if (!model->memory.read(model->memory.context, pa, to, part)) {
			return MODEL_ABORTED;
		}
		access.address += part;
		to += part;
		size -= part;
	}
	return MODEL_PASSED;
}

enum model_outcome model_dma_write(struct model *model, uint32_t sid, uint64_t iova, const void *bytes, size_t size)
{
	struct model_access access = {.sid = sid, .address = iova, .write = true};
	const uint8_t *from = bytes;

	while (size) {
		size_t part = in_page(access.address, size);
		uint64_t pa;
		enum model_outcome outcome = model_dma(model, &access, &pa, NULL);

		if (outcome != MODEL_PASSED) {
			return outcome;
		}
		if (!model->memory.write(model->memory.context, pa, from, part)) {
			return MODEL_ABORTED;
		}
		access.address += part;
		from += part;
		size -= part;
	}
	return MODEL_PASSED;
}
