/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of all descriptions, as many as there are: they stay until the program ends, and equal ones are one pointer. */
#include <stdlib.h>
#include <string.h>

#include "firmware/description.h"
#include "hash.h"

#define CHUNK_SIZE 65536U

static struct hash known;
static const char **names; /* A value of `known` is an index, and one more. */
static uint32_t name_count;
static uint32_t name_room;

static bool is_name(const void *text, uint32_t value)
{
	return !strcmp(names[value - 1], text);
}

/* Returns room that is never given back. */
static char *room_for(size_t size)
{
	static char *chunk;
	static size_t left;
	char *room;

	if (size > left) {
		left = size > CHUNK_SIZE ? size : CHUNK_SIZE;
		chunk = must_have(malloc(left));
	}
	room = chunk;
	chunk += size;
	left -= size;
	return room;
}

const char *description_name(struct description *description, const char *text)
{
	size_t size = strlen(text) + 1;
	uint32_t key = hash_bytes(text, size);
	uint32_t value = hash_find(&known, key, is_name, text);

	(void)description;
	if (!value) {
		names = grown(names, name_count, &name_room, sizeof(names[0]));
		names[name_count++] = memcpy(room_for(size), text, size);
		value = name_count;
		hash_add(&known, key, value);
	}
	return names[value - 1];
}
