/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/dt_tree.h"

#include <string.h>

#include "firmware/dt_blob.h"
#include "firmware/dt_lookup.h"
#include "firmware/text.h"

#define CELL_SIZE 4U

/* In tree order; changes `depth`. */
static const uint8_t *next_node(const uint8_t *node, int *depth)
{
	const uint8_t *at = dt_behind_name(node);

	for (;;) {
		switch (get_be32(at)) {
		case DT_BEGIN_NODE:
			(*depth)++;
			return at;
		case DT_END_NODE:
			(*depth)--;
			at += DT_TAG_SIZE;
			break;
		case DT_PROP:
			at = dt_behind_property(at);
			break;
		case DT_NOP:
			at += DT_TAG_SIZE;
			break;
		default:
			return NULL;
		}
	}
}

const void *dt_property(const void *fdt, int node, const char *name, uint32_t *size)
{
	const uint8_t *property = dt_first_property(fdt, node, name);

	if (!property) {
		return NULL;
	}
	*size = get_be32(property + DT_PROP_LENGTH);
	return property + DT_PROP_VALUE;
}

bool dt_has_twice(const struct dt_node *node, const char *property)
{
	const uint8_t *first = dt_first_property(node->fdt, dt_offset(node), property);

	return first && dt_find_property(node->fdt, dt_behind_property(first), property);
}

const char *dt_name(const void *fdt, int offset)
{
	return (const char *)dt_block(fdt) + offset + DT_TAG_SIZE;
}

bool dt_reservation(const void *fdt, uint32_t index, struct range_description *range)
{
	const uint8_t *entry =
		(const uint8_t *)fdt + dt_header(fdt, DT_HEADER_OFF_MEM_RSVMAP) + index * DT_RESERVATION_SIZE;

	*range = (struct range_description){.base = dt_be64(entry), .size = dt_be64(entry + DT_RESERVATION_LENGTH)};
	return range->size != 0;
}

bool dt_root(const void *fdt, struct dt_node *node)
{
	const uint8_t *block = dt_block(fdt);
	const uint8_t *at = block;

	while (get_be32(at) == DT_NOP) {
		at += DT_TAG_SIZE;
	}
	node->fdt = fdt;
	node->depth = 0;
	node->chain[0] = (int)(at - block);
	return get_be32(at) == DT_BEGIN_NODE;
}

int dt_offset(const struct dt_node *node)
{
	return node->chain[node->depth];
}

bool dt_next(struct dt_node *node)
{
	const uint8_t *block = dt_block(node->fdt);
	const uint8_t *at = block + dt_offset(node);
	int depth = node->depth;

	/* dt_read() warns of nodes that are too deep. */
	do {
		at = next_node(at, &depth);
		if (!at || depth <= 0) {
			return false;
		}
	} while (depth >= DT_DEPTH_MAX);
	node->depth = depth;
	node->chain[depth] = (int)(at - block);
	return true;
}

bool dt_is_too_deep(const void *fdt)
{
	struct dt_node root;
	int depth = 0;

	if (!dt_root(fdt, &root)) {
		return false;
	}
	for (const uint8_t *at = dt_block(fdt) + dt_offset(&root); at && depth >= 0; at = next_node(at, &depth)) {
		if (depth >= DT_DEPTH_MAX) {
			return true;
		}
	}
	return false;
}

/* With or without unit address. */
static bool name_is(const char *name, const char *wanted, size_t length)
{
	return !strncmp(name, wanted, length) &&
	       (name[length] == '\0' || (name[length] == '@' && !memchr(wanted, '@', length)));
}

static bool dt_tree_enter(struct dt_node *node, const char *name, size_t length)
{
	struct dt_node child = *node;

	while (dt_next(&child) && child.depth > node->depth) {
		if (child.depth == node->depth + 1 && name_is(dt_name(child.fdt, dt_offset(&child)), name, length)) {
			*node = child;
			return true;
		}
	}
	return false;
}

bool dt_below(const char *path, size_t length, struct dt_node *node)
{
	const char *end = path + length;

	while (path < end) {
		const char *slash = memchr(path, '/', (size_t)(end - path));
		const char *stop = slash ? slash : end;

		if (stop > path && !dt_tree_enter(node, path, (size_t)(stop - path))) {
			return false;
		}
		path = stop + 1;
	}
	return true;
}

bool dt_by_path(const void *fdt, const char *path, size_t length, struct dt_node *node)
{
	return length > 0 && path[0] == '/' && dt_root(fdt, node) && dt_below(path, length, node);
}

uint32_t dt_phandle(const void *fdt, int offset)
{
	struct dt_cells cells = dt_cells(fdt, offset, "phandle");

	if (cells.count != 1 || cells.odd) {
		cells = dt_cells(fdt, offset, "linux,phandle");
	}
	return cells.count == 1 && !cells.odd ? dt_cell(&cells, 0) : 0;
}

int dt_by_phandle(struct dt_reader *reader, uint32_t phandle)
{
	struct dt_phandle *cached = &reader->cache[phandle % DT_PHANDLES_CACHED];

	if (phandle == 0 || phandle == UINT32_MAX) {
		return -1;
	}
	if (cached->phandle != phandle) {
		cached->phandle = phandle;
		cached->offset = dt_find_phandle(reader->fdt, phandle);
	}
	return cached->offset;
}

#define PATH_SIZE 2048U

static size_t add_to_path(char *path, size_t length, const char *text)
{
	size_t more = strlen(text);

	if (length + more < PATH_SIZE) {
		memcpy(path + length, text, more + 1);
	}
	return length + more;
}

/* For a path too long for the pool: takes the node's offset instead. */
static void shorten(struct dt_reader *reader, const struct dt_node *node, char *path)
{
	struct text text;

	text_clear(&text);
	text_add(&text, "/...@");
	text_add_hex(&text, (uint64_t)(uint32_t)dt_offset(node));
	(void)add_to_path(path, 0, text.chars);
	description_warn(reader->description, path,
			 "its path has more than 2047 characters: this is where it is in the blob");
}

const char *dt_path(struct dt_reader *reader, const struct dt_node *node)
{
	static char path[PATH_SIZE]; /* Static: only the boot core reads tables. */
	size_t length = 0;

	path[0] = '\0';
	for (int depth = 1; depth <= node->depth; depth++) {
		length = add_to_path(path, length, "/");
		length = add_to_path(path, length, dt_name(node->fdt, node->chain[depth]));
	}
	if (node->depth == 0) {
		(void)add_to_path(path, 0, "/");
	}
	if (length >= PATH_SIZE) {
		shorten(reader, node, path);
	}
	return description_name(reader->description, path);
}

bool dt_has(const struct dt_node *node, const char *property)
{
	return dt_first_property(node->fdt, dt_offset(node), property);
}

struct dt_cells dt_cells(const void *fdt, int offset, const char *property)
{
	uint32_t size = 0;
	const void *value = dt_property(fdt, offset, property, &size);

	return (struct dt_cells){.bytes = value, .count = size / CELL_SIZE, .odd = size % CELL_SIZE};
}

uint32_t dt_cell(const struct dt_cells *cells, uint32_t index)
{
	return get_be32(&cells->bytes[index * CELL_SIZE]);
}

uint64_t dt_number(const struct dt_cells *cells, uint32_t index, uint32_t count)
{
	uint64_t number = 0;

	for (uint32_t i = 0; i < count; i++) {
		number = number << 32 | dt_cell(cells, index + i);
	}
	return number;
}

bool dt_is_one_cell(const struct dt_node *node, const char *property)
{
	struct dt_cells cells = dt_cells(node->fdt, dt_offset(node), property);

	return cells.count == 1 && !cells.odd;
}

bool dt_u32(const void *fdt, int offset, const char *property, uint32_t *value)
{
	struct dt_cells cells = dt_cells(fdt, offset, property);

	if (cells.count == 0) {
		return false;
	}
	*value = dt_cell(&cells, 0);
	return true;
}

static const char *string_at(const void *fdt, int offset, const char *property)
{
	uint32_t size = 0;
	const char *value = dt_property(fdt, offset, property, &size);

	return value && memchr(value, '\0', size) ? value : NULL;
}

const char *dt_string(const struct dt_node *node, const char *property)
{
	return string_at(node->fdt, dt_offset(node), property);
}

static bool string_is(const void *fdt, int offset, const char *property, const char *text)
{
	uint32_t size = 0;
	const char *value = dt_property(fdt, offset, property, &size);

	return value && size > strlen(text) && !strcmp(value, text);
}

bool dt_string_is(const struct dt_node *node, const char *property, const char *text)
{
	return string_is(node->fdt, dt_offset(node), property, text);
}

/* `open`: the last string may lack its NUL, as Linux allows for `compatible`: what follows begins with 0. */
static int string_index(const void *fdt, int offset, const char *property, const char *text, bool open)
{
	uint32_t left = 0;
	const char *at = dt_property(fdt, offset, property, &left);

	for (int i = 0; left > 0; i++) {
		uint32_t size = (uint32_t)strlen(at) + 1;

		if (size > left && !open) {
			return -1;
		}
		if (!strcmp(at, text)) {
			return i;
		}
		left -= size < left ? size : left;
		at += size;
	}
	return -1;
}

int dt_string_index(const struct dt_node *node, const char *property, const char *text)
{
	return string_index(node->fdt, dt_offset(node), property, text, false);
}

bool dt_is_compatible(const void *fdt, int offset, const char *compatible)
{
	return string_index(fdt, offset, "compatible", compatible, true) >= 0;
}

bool dt_compatible(const struct dt_node *node, const char *compatible)
{
	return dt_is_compatible(node->fdt, dt_offset(node), compatible);
}

/* With or without NUL, as in Linux. */
static bool status_is(const void *fdt, int offset, const char *text)
{
	uint32_t length = 0;
	const char *value = dt_property(fdt, offset, "status", &length);
	size_t size = strlen(text);

	return value && length >= size && !memcmp(value, text, size) && (length == size || value[size] == '\0');
}

static bool status_enables(const void *fdt, int offset)
{
	uint32_t size;

	return !dt_property(fdt, offset, "status", &size) || status_is(fdt, offset, "okay") ||
	       status_is(fdt, offset, "ok");
}

bool dt_enabled(const struct dt_node *node)
{
	for (int depth = 0; depth <= node->depth; depth++) {
		if (!status_enables(node->fdt, node->chain[depth])) {
			return false;
		}
	}
	return true;
}

bool dt_is_pci_host(const struct dt_node *node)
{
	if (!dt_string_is(node, "device_type", "pci") && !dt_compatible(node, "pci-host-ecam-generic") &&
	    strncmp(dt_name(node->fdt, dt_offset(node)), "pcie@", 5) != 0) {
		return false;
	}
	return node->depth > 0 && !string_is(node->fdt, node->chain[node->depth - 1], "device_type", "pci");
}

uint32_t dt_segment(const struct dt_node *host, uint32_t *next)
{
	uint32_t segment = STREAM_NO_SEGMENT;

	if (dt_u32(host->fdt, dt_offset(host), "linux,pci-domain", &segment) || !dt_enabled(host)) {
		return segment;
	}
	while (dt_is_segment_said(host->fdt, *next)) {
		(*next)++;
	}
	return (*next)++;
}
