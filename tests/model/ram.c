/* SPDX-License-Identifier: BSD-2-Clause */
/* One piece of RAM; nothing answers beyond. */
#include <string.h>

#include "model.h"

/* NULL: not in it. */
static uint8_t *place_of(const struct model_ram *ram, uint64_t pa, size_t size)
{
	bool is_ram = size <= ram->size && pa >= ram->pa && pa - ram->pa <= ram->size - size;

	return is_ram ? ram->bytes + (pa - ram->pa) : NULL;
}

bool model_ram_read(void *context, uint64_t pa, void *bytes, size_t size)
{
	const uint8_t *from = place_of(context, pa, size);

	if (from) {
		memcpy(bytes, from, size);
	}
	return from;
}

bool model_ram_write(void *context, uint64_t pa, const void *bytes, size_t size)
{
	uint8_t *to = place_of(context, pa, size);

	if (to) {
		memcpy(to, bytes, size);
	}
	return to;
}

struct model_memory model_ram_memory(struct model_ram *ram)
{
	return (struct model_memory){ram, model_ram_read, model_ram_write};
}
