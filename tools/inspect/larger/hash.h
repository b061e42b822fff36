/* SPDX-License-Identifier: BSD-2-Clause */
/* Hash tables that grow. Without memory the program ends. */
#ifndef INSPECT_HASH_H
#define INSPECT_HASH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hash_slot {
	uint32_t key;
	uint32_t value; /* 0: empty. */
};

/* All 0: empty. */
struct hash {
	struct hash_slot *slot;
	uint32_t room; /* A power of 2, or 0. */
	uint32_t count;
};

/* Is it the one that is looked for? Entries of other keys are not asked for. */
typedef bool hash_same(const void *context, uint32_t value);

/* Returns the entry's value, or 0: none. */
uint32_t hash_find(const struct hash *hash, uint32_t key, hash_same *same, const void *context);

/* Adds an entry, which is not looked for before. `value`: not 0. */
void hash_add(struct hash *hash, uint32_t key, uint32_t value);

void hash_clear(struct hash *hash);

/* Keys of some bytes, and of two numbers. */
uint32_t hash_bytes(const void *bytes, size_t size);
uint32_t hash_numbers(uint32_t one, uint32_t other);

/* realloc() of `count` items of `size` bytes, and room for more: `*room` grows by doubling. */
void *grown(void *items, uint32_t count, uint32_t *room, size_t size);

/* `pointer`, if it is none: the program has no memory. */
void *must_have(void *pointer);

#endif
