/* SPDX-License-Identifier: BSD-2-Clause */
#include "hash.h"

#include <stdio.h>
#include <stdlib.h>

#define ROOM_FIRST 64U
#define FNV_START 2166136261U
#define FNV_PRIME 16777619U

void *must_have(void *pointer)
{
	if (!pointer) {
		(void)fputs("smmu-inspect: there is not enough memory\n", stderr);
		exit(1);
	}
	return pointer;
}

void *grown(void *items, uint32_t count, uint32_t *room, size_t size)
{
	if (count < *room) {
		return items;
	}
	*room = *room ? *room * 2 : ROOM_FIRST;
	return must_have(realloc(items, *room * size));
}

uint32_t hash_bytes(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint32_t key = FNV_START;

	for (size_t i = 0; i < size; i++) {
		key = (key ^ at[i]) * FNV_PRIME;
	}
	return key;
}

/* Neighbours come to lie apart. */
uint32_t hash_numbers(uint32_t one, uint32_t other)
{
	uint64_t mixed = ((uint64_t)one << 32 | other) * 0x9e3779b97f4a7c15ULL;

	return (uint32_t)(mixed >> 32) ^ (uint32_t)(mixed >> 17);
}

static uint32_t empty_slot(const struct hash *hash, uint32_t key)
{
	uint32_t at = key & (hash->room - 1);

	while (hash->slot[at].value) {
		at = (at + 1) & (hash->room - 1);
	}
	return at;
}

static void grow(struct hash *hash)
{
	struct hash larger = {.room = hash->room ? hash->room * 2 : ROOM_FIRST, .count = hash->count};

	larger.slot = must_have(calloc(larger.room, sizeof(larger.slot[0])));
	for (uint32_t i = 0; i < hash->room; i++) {
		if (hash->slot[i].value) {
			larger.slot[empty_slot(&larger, hash->slot[i].key)] = hash->slot[i];
		}
	}
	free(hash->slot);
	*hash = larger;
}

void hash_add(struct hash *hash, uint32_t key, uint32_t value)
{
	if (hash->count >= hash->room / 2) {
		grow(hash);
	}
	hash->slot[empty_slot(hash, key)] = (struct hash_slot){.key = key, .value = value};
	hash->count++;
}

uint32_t hash_find(const struct hash *hash, uint32_t key, hash_same *same, const void *context)
{
	uint32_t at = key & (hash->room - 1);

	while (hash->room && hash->slot[at].value) {
		if (hash->slot[at].key == key && same(context, hash->slot[at].value)) {
			return hash->slot[at].value;
		}
		at = (at + 1) & (hash->room - 1);
	}
	return 0;
}

void hash_clear(struct hash *hash)
{
	free(hash->slot);
	*hash = (struct hash){.slot = NULL};
}
