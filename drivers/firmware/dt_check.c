/* SPDX-License-Identifier: BSD-2-Clause */
/* Checks a whole device tree, so that later reads need not check lengths and tokens. */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "firmware/dt.h"
#include "firmware/dt_blob.h"

struct walk {
	uint32_t names_size; /* Of the strings block, up to its last NUL. */
	const uint8_t *block;
	uint32_t size;
	uint32_t at;
	unsigned int depth;
	bool had_subnode; /* No property may follow. */
	const char *node; /* The last node that began. */
	const char *what; /* What is wrong at `at`. */
};

static bool damaged(struct walk *walk, const char *what)
{
	walk->what = what;
	return false;
}

static bool dt_check_skip(struct walk *walk, uint32_t bytes)
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

	return end && dt_check_skip(walk, (uint32_t)(end - name) + 1);
}

/* `at` is behind the token. */
static bool skip_property(struct walk *walk)
{
	const uint8_t *property = walk->block + walk->at - DT_TAG_SIZE;

	if (walk->size - walk->at < DT_PROP_VALUE - DT_TAG_SIZE ||
	    get_be32(property + DT_PROP_NAME) >= walk->names_size) {
		return false;
	}
	walk->at += DT_PROP_VALUE - DT_TAG_SIZE;
	return dt_check_skip(walk, get_be32(property + DT_PROP_LENGTH));
}

static bool begin_node(struct walk *walk)
{
	const char *name = (const char *)walk->block + walk->at;

	if (walk->depth == 0 && walk->had_subnode) {
		return damaged(walk, "a second root begins");
	}
	if (!skip_name(walk)) {
		return damaged(walk, "a node's name does not end");
	}
	walk->node = *name ? name : "/";
	walk->depth++;
	walk->had_subnode = false;
	return true;
}

static bool end_node(struct walk *walk)
{
	if (walk->depth == 0) {
		return damaged(walk, "a node ends that never began");
	}
	walk->depth--;
	walk->had_subnode = true;
	return true;
}

static bool take_property(struct walk *walk)
{
	if (walk->depth == 0 || walk->had_subnode) {
		return damaged(walk, "a property belongs to no node");
	}
	return skip_property(walk) || damaged(walk, "a property's name or length leads out of the tree");
}

static bool take_token(struct walk *walk, uint32_t token)
{
	switch (token) {
	case DT_BEGIN_NODE:
		return begin_node(walk);
	case DT_END_NODE:
		return end_node(walk);
	case DT_PROP:
		return take_property(walk);
	case DT_NOP:
		return true;
	default:
		return damaged(walk, "neither a node nor a property begins");
	}
}

/* The root's name and bytes after the end do not matter. */
static bool tokens_are_sound(struct walk *walk)
{
	while (walk->size - walk->at >= DT_TAG_SIZE) {
		uint32_t start = walk->at;
		uint32_t token = get_be32(walk->block + walk->at);

		walk->at += DT_TAG_SIZE;
		if (token == DT_END) {
			return walk->depth == 0 || damaged(walk, "the tree ends within a node");
		}
		if (!take_token(walk, token)) {
			walk->at = start;
			return false;
		}
	}
	return damaged(walk, "the structure block ends without an end token");
}

/* Takes version 16, too, as Linux does (libfdt's fdt_check_header()). */
static uint32_t structure_size(const void *dtb)
{
	uint32_t structure = dt_header(dtb, DT_HEADER_OFF_DT_STRUCT);
	uint32_t strings = dt_header(dtb, DT_HEADER_OFF_DT_STRINGS);

	if (dt_header(dtb, DT_HEADER_VERSION) >= DT_VERSION) {
		return dt_header(dtb, DT_HEADER_SIZE_DT_STRUCT);
	}
	return (strings > structure ? strings : dt_header(dtb, DT_HEADER_TOTALSIZE)) - structure;
}

static struct dt_damage find_in_structure(const void *dtb)
{
	const uint32_t structure = dt_header(dtb, DT_HEADER_OFF_DT_STRUCT);
	const char *names = dt_names(dtb);
	struct walk walk = {
		.names_size = dt_header(dtb, DT_HEADER_SIZE_DT_STRINGS),
		.block = (const uint8_t *)dtb + structure,
		.size = structure_size(dtb),
	};

	while (walk.names_size && names[walk.names_size - 1]) {
		walk.names_size--;
	}
	if (tokens_are_sound(&walk)) {
		return (struct dt_damage){.what = NULL};
	}
	return (struct dt_damage){.what = walk.what, .at = structure + walk.at, .node = walk.node};
}

static bool dt_check_overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return a_size && b_size && (a < b ? b - a < a_size : a - b < b_size);
}

static bool dt_check_is_in(uint32_t offset, uint32_t size, uint32_t total)
{
	return offset >= DT_HEADER_SIZE && offset <= total && size <= total - offset;
}

static bool blocks_are_sound(const void *dtb, uint32_t total)
{
	uint32_t structure = dt_header(dtb, DT_HEADER_OFF_DT_STRUCT);
	uint32_t size = structure_size(dtb);
	uint32_t strings = dt_header(dtb, DT_HEADER_OFF_DT_STRINGS);
	uint32_t strings_size = dt_header(dtb, DT_HEADER_SIZE_DT_STRINGS);

	return structure % DT_TAG_SIZE == 0 && dt_check_is_in(structure, size, total) &&
	       dt_check_is_in(strings, strings_size, total) &&
	       !dt_check_overlap(structure, size, strings, strings_size);
}

/* Without an end it is unknown which memory is reserved. */
static bool reservations_end(const uint8_t *dtb, uint32_t total)
{
	uint32_t at = dt_header(dtb, DT_HEADER_OFF_MEM_RSVMAP);

	if (at % DT_ALIGNMENT || !dt_check_is_in(at, 0, total)) {
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

	return version >= DT_VERSION - 1 && last_compatible <= DT_VERSION;
}

static struct dt_damage damage_in_header(uint32_t word, const char *what)
{
	return (struct dt_damage){.what = what, .at = word * (uint32_t)sizeof(uint32_t)};
}

struct dt_damage dt_find_damage(const void *dtb, size_t limit)
{
	uint32_t total;

	if (!dtb || (uintptr_t)dtb % DT_ALIGNMENT || limit < DT_HEADER_SIZE) {
		return damage_in_header(DT_HEADER_MAGIC,
					"it is not at a multiple of 8 bytes, or shorter than a header");
	}
	if (dt_header(dtb, DT_HEADER_MAGIC) != DT_MAGIC) {
		return damage_in_header(DT_HEADER_MAGIC, "it does not begin as a device tree does, with 0xd00dfeed");
	}
	if (!is_version_read(dtb)) {
		return damage_in_header(DT_HEADER_VERSION, "it is of another version than 16 and 17");
	}
	total = dt_header(dtb, DT_HEADER_TOTALSIZE);
	if (total > limit || total > INT32_MAX) {
		return damage_in_header(DT_HEADER_TOTALSIZE,
					"it is cut off, or says that it is larger than a tree may be");
	}
	if (!blocks_are_sound(dtb, total)) {
		return damage_in_header(DT_HEADER_OFF_DT_STRUCT, "its blocks lie outside of it, or over each other");
	}
	if (!reservations_end(dtb, total)) {
		return damage_in_header(DT_HEADER_OFF_MEM_RSVMAP, "its list of reserved memory does not end");
	}
	return find_in_structure(dtb);
}

int dt_check(const void *dtb, size_t limit)
{
	return dt_find_damage(dtb, limit).what ? -EINVAL : 0;
}
