/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/dt_tree.h"

#include <libfdt.h>
#include <string.h>

#include "firmware/bytes.h"
#include "firmware/text.h"

#define CELL_SIZE 4U

bool dt_root(const void *fdt, struct dt_node *node)
{
	*node = (struct dt_node){.fdt = fdt};
	node->chain[0] = fdt_next_node(fdt, -1, NULL);
	return node->chain[0] >= 0;
}

int dt_offset(const struct dt_node *node)
{
	return node->chain[node->depth];
}

bool dt_next(struct dt_node *node)
{
	int depth = node->depth;
	int offset = dt_offset(node);

	/* Nodes nested too deeply are passed over: dt_read() has warned. */
	do {
		offset = fdt_next_node(node->fdt, offset, &depth);
		if (offset < 0 || depth <= 0) {
			return false;
		}
	} while (depth >= DT_DEPTH_MAX);
	node->depth = depth;
	node->chain[depth] = offset;
	return true;
}

bool dt_at(const void *fdt, int offset, struct dt_node *node)
{
	if (!dt_root(fdt, node)) {
		return false;
	}
	while (dt_offset(node) != offset) {
		if (!dt_next(node)) {
			return false;
		}
	}
	return true;
}

int dt_by_phandle(struct dt_reader *reader, uint32_t phandle)
{
	struct dt_phandle *cached = &reader->cache[phandle % DT_PHANDLES_CACHED];

	if (phandle == 0) {
		return -FDT_ERR_NOTFOUND;
	}
	if (cached->phandle != phandle) {
		cached->phandle = phandle;
		cached->offset = fdt_node_offset_by_phandle(reader->fdt, phandle);
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

/* One that is too long for any real tree still is another than its neighbours: by the place of its node. */
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
	static char path[PATH_SIZE]; /* Only the boot core reads tables. */
	size_t length = 0;

	path[0] = '\0';
	for (int depth = 1; depth <= node->depth; depth++) {
		const char *name = fdt_get_name(node->fdt, node->chain[depth], NULL);

		length = add_to_path(path, length, "/");
		length = add_to_path(path, length, name ? name : "?");
	}
	if (node->depth == 0) {
		(void)add_to_path(path, 0, "/");
	}
	if (length >= PATH_SIZE) {
		shorten(reader, node, path);
	}
	return description_name(reader->description, path);
}

void dt_warn(struct dt_reader *reader, const struct dt_node *node, const char *property, const char *text)
{
	struct text sentence;

	text_clear(&sentence);
	if (property) {
		text_add(&sentence, property);
		text_add(&sentence, ": ");
	}
	text_add(&sentence, text);
	description_warn(reader->description, dt_path(reader, node), sentence.chars);
}

bool dt_has(const struct dt_node *node, const char *property)
{
	return fdt_getprop(node->fdt, dt_offset(node), property, NULL) != NULL;
}

struct dt_cells dt_cells(const void *fdt, int offset, const char *property)
{
	int length = 0;
	const void *value = fdt_getprop(fdt, offset, property, &length);

	if (!value || length < 0) {
		return (struct dt_cells){0};
	}
	return (struct dt_cells){
		.bytes = value,
		.count = (uint32_t)length / CELL_SIZE,
		.odd = (uint32_t)length % CELL_SIZE,
	};
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
	int length = 0;
	const char *value = fdt_getprop(fdt, offset, property, &length);

	return value && length > 0 && memchr(value, '\0', (size_t)length) ? value : NULL;
}

const char *dt_string(const struct dt_node *node, const char *property)
{
	return string_at(node->fdt, dt_offset(node), property);
}

static bool string_is(const void *fdt, int offset, const char *property, const char *text)
{
	const char *value = string_at(fdt, offset, property);

	return value && !strcmp(value, text);
}

bool dt_string_is(const struct dt_node *node, const char *property, const char *text)
{
	return string_is(node->fdt, dt_offset(node), property, text);
}

bool dt_compatible(const struct dt_node *node, const char *compatible)
{
	return fdt_node_check_compatible(node->fdt, dt_offset(node), compatible) == 0;
}

/* With or without the byte that ends it: what stands behind a property ends it, too, and so Linux takes it. */
static bool status_is(const void *fdt, int offset, const char *text)
{
	int length = 0;
	const char *value = fdt_getprop(fdt, offset, "status", &length);
	size_t size = strlen(text);

	return value && (size_t)length >= size && !memcmp(value, text, size) &&
	       ((size_t)length == size || value[size] == '\0');
}

/* Only an absent `status`, "okay" and "ok" enable a node. */
static bool status_enables(const void *fdt, int offset)
{
	return !fdt_getprop(fdt, offset, "status", NULL) || status_is(fdt, offset, "okay") ||
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
	const char *name = fdt_get_name(node->fdt, dt_offset(node), NULL);

	if (!dt_string_is(node, "device_type", "pci") && !dt_compatible(node, "pci-host-ecam-generic") &&
	    !(name && !strncmp(name, "pcie@", 5))) {
		return false;
	}
	return node->depth > 0 && !string_is(node->fdt, node->chain[node->depth - 1], "device_type", "pci");
}

uint32_t dt_segment(const struct dt_node *host, uint32_t *place)
{
	uint32_t segment = STREAM_NO_SEGMENT;
	bool said = dt_u32(host->fdt, dt_offset(host), "linux,pci-domain", &segment);

	if (dt_enabled(host)) {
		segment = said ? segment : *place;
		(*place)++;
	}
	return segment;
}
