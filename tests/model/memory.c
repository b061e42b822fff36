/* SPDX-License-Identifier: BSD-2-Clause */
/* The SMMU's memory: physical, little-endian, with holes. */
#include <string.h>

#include "state.h"

/* Encoding of IDR5.OAS, CD.IPS, STE.S2PS. */
unsigned int address_bits(uint64_t code)
{
	static const unsigned int bits[] = {32, 36, 40, 42, 44, 48, 52};

	return code < sizeof(bits) / sizeof(bits[0]) ? bits[code] : 52;
}

unsigned int oas(const struct model *m)
{
	return address_bits(field(m->config.idr[5], 2, 0));
}

static bool is_reachable(const struct model *m, uint64_t pa, size_t size)
{
	if (pa > low_bits(oas(m)) || size - 1 > low_bits(oas(m)) - pa) {
		return false;
	}
	return !m->abort_size || pa + size <= m->abort_start || pa >= m->abort_start + m->abort_size;
}

bool memory_read_bytes(struct model *m, uint64_t pa, void *bytes, size_t size)
{
	return is_reachable(m, pa, size) && m->memory.read(m->memory.context, pa, bytes, size);
}

bool memory_write_bytes(struct model *m, uint64_t pa, const void *bytes, size_t size)
{
	return is_reachable(m, pa, size) && m->memory.write(m->memory.context, pa, bytes, size);
}

bool memory_read(struct model *m, uint64_t pa, uint64_t *dwords, unsigned int count)
{
	uint8_t bytes[8];

	for (unsigned int i = 0; i < count; i++) {
		if (!memory_read_bytes(m, pa + 8ULL * i, bytes, sizeof(bytes))) {
			return false;
		}
		dwords[i] = 0;
		for (unsigned int j = 0; j < 8; j++) {
			dwords[i] |= (uint64_t)bytes[j] << (8 * j);
		}
	}
	return true;
}

bool memory_write(struct model *m, uint64_t pa, const uint64_t *dwords, unsigned int count)
{
	uint8_t bytes[8];

	for (unsigned int i = 0; i < count; i++) {
		for (unsigned int j = 0; j < 8; j++) {
			bytes[j] = (uint8_t)(dwords[i] >> (8 * j));
		}
		if (!memory_write_bytes(m, pa + 8ULL * i, bytes, sizeof(bytes))) {
			return false;
		}
	}
	return true;
}

void model_abort_range(struct model *model, uint64_t start, uint64_t size)
{
	model->abort_start = start;
	model->abort_size = size;
}
