/* SPDX-License-Identifier: BSD-2-Clause */
/* Whether a blob is a whole device tree: what has passed is read without another look at lengths and tokens. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "firmware/dt.h"
#include "firmware/dt_blob.h"

/* The structure block, token by token. */
struct walk {
	const char *names; /* Of properties: the strings block, */
	uint32_t names_size;
	const uint8_t *block;
	uint32_t size;
	uint32_t at;
	unsigned int depth;
	bool had_subnode; /* Of the node that is open: a property behind one is nobody's. */
};

static bool skip(struct walk *walk, uint32_t bytes)
{
	uint32_t room = walk->size - walk->at;
	uint32_t padded = (bytes + DT_TAG_SIZE - 1) & ~(DT_TAG_SIZE - 1);

	if (bytes > room || padded > room) {
		return false;
	}
	walk->at += padded;
	return true;
}

static bool skip_name(struct walk *walk)
{
	const uint8_t *name = walk->block + walk->at;
	const uint8_t *end = memchr(name, '\0', walk->size - walk->at);

	return end && skip(walk, (uint32_t)(end - name) + 1);
}

static bool has_name(const struct walk *walk, uint32_t offset)
{
	return offset < walk->names_size && memchr(walk->names + offset, '\0', walk->names_size - offset);
}

/* Behind its token. */
static bool skip_property(struct walk *walk)
{
	const uint8_t *property = walk->block + walk->at - DT_TAG_SIZE;

	if (walk->size - walk->at < DT_PROP_VALUE - DT_TAG_SIZE || !has_name(walk, get_be32(property + DT_PROP_NAME))) {
		return false;
	}
	walk->at += DT_PROP_VALUE - DT_TAG_SIZE;
	return skip(walk, get_be32(property + DT_PROP_LENGTH));
}

/* One token; false where the block makes no sense, and at its end. */
static bool take_token(struct walk *walk, uint32_t token)
{
	switch (token) {
	case DT_BEGIN_NODE:
		if (walk->depth == 0 && walk->had_subnode) {
			return false; /* A second root. */
		}
		walk->depth++;
		walk->had_subnode = false;
		return skip_name(walk);
	case DT_END_NODE:
		walk->had_subnode = true;
		return walk->depth-- > 0;
	case DT_PROP:
		return walk->depth > 0 && !walk->had_subnode && skip_property(walk);
	case DT_NOP:
		return true;
	default:
		return false;
	}
}

/* The name of the root and what follows the end are of no consequence. */
static bool tokens_are_sound(const void *dtb)
{
	struct walk walk = {
		.names = (const char *)dtb + dt_header(dtb, DT_HEADER_OFF_DT_STRINGS),
		.names_size = dt_header(dtb, DT_HEADER_SIZE_DT_STRINGS),
		.block = (const uint8_t *)dtb + dt_header(dtb, DT_HEADER_OFF_DT_STRUCT),
		.size = dt_header(dtb, DT_HEADER_SIZE_DT_STRUCT),
	};

	while (walk.size - walk.at >= DT_TAG_SIZE) {
		uint32_t token = get_be32(walk.block + walk.at);

		walk.at += DT_TAG_SIZE;
		if (token == DT_END) {
			return walk.depth == 0;
		}
		if (!take_token(&walk, token)) {
			return false;
		}
	}
	return false;
}

static bool overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return a_size && b_size && (a < b ? b - a < a_size : a - b < b_size);
}

static bool is_in(uint32_t offset, uint32_t size, uint32_t total)
{
	return offset >= DT_HEADER_SIZE && offset <= total && size <= total - offset;
}

static bool blocks_are_sound(const void *dtb, uint32_t total)
{
	uint32_t structure = dt_header(dtb, DT_HEADER_OFF_DT_STRUCT);
	uint32_t structure_size = dt_header(dtb, DT_HEADER_SIZE_DT_STRUCT);
	uint32_t strings = dt_header(dtb, DT_HEADER_OFF_DT_STRINGS);
	uint32_t strings_size = dt_header(dtb, DT_HEADER_SIZE_DT_STRINGS);

	return structure % DT_TAG_SIZE == 0 && is_in(structure, structure_size, total) &&
	       is_in(strings, strings_size, total) && !overlap(structure, structure_size, strings, strings_size);
}

/* Their list has to end: nobody would know else what memory is somebody's. */
static bool reservations_end(const uint8_t *dtb, uint32_t total)
{
	uint32_t at = dt_header(dtb, DT_HEADER_OFF_MEM_RSVMAP);

	if (at % DT_ALIGNMENT || !is_in(at, 0, total)) {
		return false;
	}
	for (; total - at >= DT_RESERVATION_SIZE; at += DT_RESERVATION_SIZE) {
		if (dt_be64(dtb + at + DT_RESERVATION_LENGTH) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_version_read(const void *dtb)
{
	uint32_t version = dt_header(dtb, DT_HEADER_VERSION);
	uint32_t last_compatible = dt_header(dtb, DT_HEADER_LAST_COMP_VERSION);

	return version >= DT_VERSION && last_compatible <= DT_VERSION;
}

int dt_check(const void *dtb, size_t limit)
{
	uint32_t total;

	if (!dtb || (uintptr_t)dtb % DT_ALIGNMENT || limit < DT_HEADER_SIZE ||
	    dt_header(dtb, DT_HEADER_MAGIC) != DT_MAGIC || !is_version_read(dtb)) {
		return -EINVAL;
	}
	total = dt_header(dtb, DT_HEADER_TOTALSIZE);
	if (total > limit || total > INT32_MAX || !blocks_are_sound(dtb, total) || !reservations_end(dtb, total)) {
		return -EINVAL;
	}
	return tokens_are_sound(dtb) ? 0 : -EINVAL;
}
