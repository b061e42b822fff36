/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Device trees, by the firmware's reader and by libfdt: names, parents, phandles, properties and translated addresses
 * of every node. Prints what was compared, or the first difference. A tree of version 16 is opened as one of 17 by
 * libfdt.
 */
#include <libfdt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/dt.h"
#include "firmware/dt_lookup.h"
#include "firmware/dt_tree.h"

#define FILE_SIZE_MAX (8UL << 20)
#define OPENED_MORE 4096U
#define PHANDLES_EACH 40U

static struct {
	const char *path;
	unsigned long nodes, properties, phandles, addresses;
	const uint8_t *ours;
	const void *theirs;
	struct dt_reader reader;
	int chain[DT_DEPTH_MAX]; /* libfdt's. */
} tree;

static void differ(int node, const char *what)
{
	fprintf(stderr, "%s: node at 0x%x (%s): another %s than libfdt's\n", tree.path, (unsigned int)node,
		fdt_get_name(tree.theirs, node, NULL), what);
	exit(1);
}

static void compare_properties(int node)
{
	int property;

	fdt_for_each_property_offset(property, tree.theirs, node)
	{
		const char *name;
		uint32_t size = 0;
		int length;
		const void *theirs = fdt_getprop_by_offset(tree.theirs, property, &name, NULL);
		const void *ours = dt_property(tree.ours, node, name, &size);

		theirs = fdt_getprop(tree.theirs, node, name, &length);
		if (!ours || size != (uint32_t)length || memcmp(ours, theirs, size) != 0) {
			differ(node, name);
		}
		tree.properties++;
	}
}

/* Each looks for a phandle through the whole tree: one of 16 is looked for in large ones. */
static void compare_phandle(int node)
{
	uint32_t phandle = fdt_get_phandle(tree.theirs, node);

	if (phandle != dt_phandle(tree.ours, node)) {
		differ(node, "phandle");
	}
	if (phandle && phandle != 0xffffffffU) {
		if ((tree.phandles < PHANDLES_EACH || tree.phandles % 16 == 0) &&
		    dt_by_phandle(&tree.reader, phandle) != fdt_node_offset_by_phandle(tree.theirs, phandle)) {
			differ(node, "node of its phandle");
		}
		tree.phandles++;
	}
}

/* --- Addresses: libfdt has the cells, and translates none. --- */

struct cells {
	int address;
	int size;
};

/* Of the bus at `depth`, else of its ancestors down to `least`. */
static int cells_named(int depth, int least, const char *name, int otherwise)
{
	for (; depth >= least; depth--) {
		int length;
		const fdt32_t *cell = fdt_getprop(tree.theirs, tree.chain[depth], name, &length);

		if (cell && length == 4) {
			return (int)fdt32_to_cpu(*cell);
		}
	}
	return otherwise;
}

static struct cells cells_of(int depth)
{
	/* The firmware reads no address of a bus that does not say itself how many cells it has. */
	return (struct cells){cells_named(depth, depth, "#address-cells", 0), cells_named(depth, 0, "#size-cells", 1)};
}

static uint64_t number(const fdt32_t *cell, int count)
{
	uint64_t value = 0;

	for (int i = 0; i < count; i++) {
		value = value << 32 | fdt32_to_cpu(cell[i]);
	}
	return value;
}

/* Plain buses of one or two cells: what PCI's flags do is tests/unit/test_dt.c's. */
static bool up_one_bus(int depth, uint64_t *address)
{
	struct cells child = cells_of(depth);
	struct cells parent = cells_of(depth - 1);
	int entry = child.address + parent.address + child.size;
	int length;
	const fdt32_t *ranges = fdt_getprop(tree.theirs, tree.chain[depth], "ranges", &length);

	if (!ranges || child.address < 1 || parent.address < 1 || child.size < 1 || child.address > 2 ||
	    parent.address > 2 || child.size > 2) {
		return false;
	}
	for (int at = 0; at + entry <= length / 4; at += entry) {
		uint64_t first = number(&ranges[at], child.address);
		uint64_t size = number(&ranges[at + child.address + parent.address], child.size);

		if (*address >= first && *address - first < size) {
			*address = *address - first + number(&ranges[at + child.address], parent.address);
			return true;
		}
	}
	return length == 0;
}

/* False: it reaches no core, or over a bus that is not looked at. */
static bool translate(int depth, uint64_t *address)
{
	for (; depth > 0; depth--) {
		if (!up_one_bus(depth, address)) {
			return false;
		}
	}
	return true;
}

static void compare_address(const struct dt_node *node)
{
	struct cells cells = cells_of(node->depth - 1);
	int length;
	const fdt32_t *reg = fdt_getprop(tree.theirs, dt_offset(node), "reg", &length);
	struct range_description range;

	if (!reg || cells.address < 1 || cells.address > 2 || cells.size < 1 || cells.size > 2) {
		return;
	}
	for (int i = 0; (i + 1) * (cells.address + cells.size) <= length / 4; i++) {
		const fdt32_t *entry = &reg[i * (cells.address + cells.size)];
		uint64_t address = number(entry, cells.address);
		uint64_t size = number(&entry[cells.address], cells.size);

		if (translate(node->depth - 1, &address) && (!size || address + (size - 1) >= address)) {
			if (!dt_reg(node, (uint32_t)i, &range) || range.base != address || range.size != size) {
				differ(dt_offset(node), "address");
			}
			tree.addresses++;
		}
	}
}

/* --- Trees. --- */

static void compare_node(const struct dt_node *ours, int node, int depth)
{
	tree.chain[depth] = node;
	if (dt_offset(ours) != node || ours->depth != depth) {
		differ(node, "place");
	}
	if (depth > 0 && ours->chain[depth - 1] != tree.chain[depth - 1]) {
		differ(node, "parent");
	}
	if (strcmp(dt_name(tree.ours, node), fdt_get_name(tree.theirs, node, NULL)) != 0) {
		differ(node, "name");
	}
	compare_properties(node);
	compare_phandle(node);
	if (depth > 0) {
		compare_address(ours);
	}
	tree.nodes++;
}

/* The firmware's reader passes deeper nodes over. */
static void compare_tree(void)
{
	struct dt_node ours;
	bool more = dt_root(tree.ours, &ours);
	int depth = 0;

	for (int node = 0; node >= 0 && depth >= 0; node = fdt_next_node(tree.theirs, node, &depth)) {
		if (depth >= DT_DEPTH_MAX) {
			continue;
		}
		if (!more) {
			differ(node, "end");
		}
		compare_node(&ours, node, depth);
		more = dt_next(&ours);
	}
	if (more) {
		differ(dt_offset(&ours), "end");
	}
}

static void refuse(const char *why)
{
	fprintf(stderr, "%s: %s\n", tree.path, why);
	exit(1);
}

static void compare_file(const char *path)
{
	static struct description description;
	static uint8_t bytes[FILE_SIZE_MAX];
	static uint8_t opened[FILE_SIZE_MAX + OPENED_MORE];
	FILE *file = fopen(path, "rb");
	size_t size;

	memset(&tree, 0, sizeof(tree));
	tree.path = path;
	if (!file) {
		refuse("cannot be read");
	}
	size = fread(bytes, 1, sizeof(bytes), file);
	(void)fclose(file);
	if (dt_check(bytes, size)) {
		refuse("the firmware's reader refuses it");
	}
	if (fdt_open_into(bytes, opened, sizeof(opened))) {
		refuse("libfdt refuses it");
	}
	description_init(&description);
	dt_lookup_begin(bytes);
	tree.ours = bytes;
	tree.theirs = opened;
	tree.reader = (struct dt_reader){.fdt = bytes, .description = &description};
	compare_tree();
	printf("%lu nodes, %lu properties, %lu phandles, %lu addresses: %s\n", tree.nodes, tree.properties,
	       tree.phandles, tree.addresses, path);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		compare_file(argv[i]);
	}
	return 0;
}
