/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/dt.h"

#include <errno.h>
#include <libfdt.h>
#include <stdbool.h>
#include <string.h>

#include "firmware/bytes.h"
#include "firmware/dt_tree.h"

#define FDT_ALIGNMENT 8U
#define TAG_SIZE 4U
#define FDT_VERSION_SIZES 17U /* The first whose header has the size of the structure block. */

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
	uint32_t padded = (bytes + TAG_SIZE - 1) & ~(TAG_SIZE - 1);

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

static bool skip_property(struct walk *walk)
{
	uint32_t length;

	if (walk->size - walk->at < 2 * TAG_SIZE || !has_name(walk, get_be32(walk->block + walk->at + TAG_SIZE))) {
		return false;
	}
	length = get_be32(walk->block + walk->at);
	walk->at += 2 * TAG_SIZE;
	return skip(walk, length);
}

/* One token; false where the block makes no sense, and at its end. */
static bool take_token(struct walk *walk, uint32_t token)
{
	switch (token) {
	case FDT_BEGIN_NODE:
		if (walk->depth == 0 && walk->had_subnode) {
			return false; /* A second root. */
		}
		walk->depth++;
		walk->had_subnode = false;
		return skip_name(walk);
	case FDT_END_NODE:
		walk->had_subnode = true;
		return walk->depth-- > 0;
	case FDT_PROP:
		return walk->depth > 0 && !walk->had_subnode && skip_property(walk);
	case FDT_NOP:
		return true;
	default:
		return false;
	}
}

/*
 * libfdt adds lengths up without looking whether they wrap, and reads on from wherever that leads. What its
 * fdt_check_full() would look at beyond this in the structure block, the name of the root and what follows its end, is
 * of no consequence; and it takes ten times as long.
 */
static bool is_sound(const struct walk *start)
{
	struct walk walk = *start;

	while (walk.size - walk.at >= TAG_SIZE) {
		uint32_t token = get_be32(walk.block + walk.at);

		walk.at += TAG_SIZE;
		if (token == FDT_END) {
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
	return offset >= sizeof(struct fdt_header) && offset <= total && size <= total - offset;
}

int dt_check(const void *dtb, size_t limit)
{
	struct walk walk;
	uint32_t total;

	if (!dtb || (uintptr_t)dtb % FDT_ALIGNMENT || limit < sizeof(struct fdt_header) ||
	    fdt_magic(dtb) != FDT_MAGIC) {
		return -EINVAL;
	}
	/* libfdt reads both with wide accesses, and does not look where they are. */
	if (fdt_off_mem_rsvmap(dtb) % FDT_ALIGNMENT || fdt_off_dt_struct(dtb) % TAG_SIZE) {
		return -EINVAL;
	}
	total = fdt_totalsize(dtb);
	if (total > limit || fdt_version(dtb) < FDT_VERSION_SIZES ||
	    !is_in(fdt_off_dt_struct(dtb), fdt_size_dt_struct(dtb), total) ||
	    !is_in(fdt_off_dt_strings(dtb), fdt_size_dt_strings(dtb), total) ||
	    overlap(fdt_off_dt_struct(dtb), fdt_size_dt_struct(dtb), fdt_off_dt_strings(dtb),
		    fdt_size_dt_strings(dtb))) {
		return -EINVAL;
	}
	walk = (struct walk){
		.names = (const char *)dtb + fdt_off_dt_strings(dtb),
		.names_size = fdt_size_dt_strings(dtb),
		.block = (const uint8_t *)dtb + fdt_off_dt_struct(dtb),
		.size = fdt_size_dt_struct(dtb),
	};
	return fdt_check_header(dtb) == 0 && fdt_num_mem_rsv(dtb) >= 0 && is_sound(&walk) ? 0 : -EINVAL;
}

static void warn_of_depth(struct dt_reader *reader)
{
	if (dt_is_too_deep(reader->fdt)) {
		description_warn(reader->description, "/", "nodes nested more than 31 deep are left out");
	}
}

static void read_iommus(struct dt_reader *reader)
{
	warn_of_depth(reader);
	dt_read_streams(reader);
	dt_read_direct(reader);
}

int dt_read_iommus(const void *dtb, struct description *description)
{
	struct dt_reader reader = {.fdt = dtb, .description = description};
	struct dt_node root;

	if (!dt_root(dtb, &root)) {
		return -EINVAL;
	}
	read_iommus(&reader);
	return 0;
}

int dt_read(const void *dtb, struct description *description)
{
	struct dt_reader reader = {.fdt = dtb, .description = description};
	struct dt_node root;

	if (!dt_root(dtb, &root)) {
		return -EINVAL;
	}
	dt_read_machine(&reader);
	dt_read_hosts(&reader);
	read_iommus(&reader);
	return 0;
}
