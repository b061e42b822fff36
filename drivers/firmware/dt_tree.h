/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the device tree readers share: a place in the tree that knows its ancestors (libfdt finds a parent only by
 * walking from the root again), properties whose length is checked, addresses through `ranges`, interrupts.
 */
#ifndef FIRMWARE_DT_TREE_H
#define FIRMWARE_DT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/description.h"

#define DT_DEPTH_MAX 32

/* What is said of many properties. */
#define DT_NO_ADDRESS "has no address that a core can reach"
#define DT_TOO_MANY "more than can be listed: left out"
#define DT_PHANDLES_CACHED 16U

struct dt_phandle {
	uint32_t phandle;
	int offset; /* Of its node, or negative where there is none. */
};

struct msi_list;

struct dt_reader {
	const void *fdt;
	struct description *description;
	struct msi_list *msis;			     /* Where MSIs are asked for. */
	struct dt_phandle cache[DT_PHANDLES_CACHED]; /* By the phandle's low bits; 0 is no phandle. */
};

/* A node and its ancestors: chain[0] is the root, chain[depth] the node itself. */
struct dt_node {
	const void *fdt;
	int depth;
	int chain[DT_DEPTH_MAX];
};

/* A property as a list of 32-bit cells; bytes beyond the last whole cell are counted by `odd`. */
struct dt_cells {
	const uint8_t *bytes; /* NULL where the property is absent. */
	uint32_t count;
	uint32_t odd;
};

/* The root, the next node in tree order, the node at an offset. False where there is none. */
bool dt_root(const void *fdt, struct dt_node *node);
bool dt_next(struct dt_node *node);
bool dt_at(const void *fdt, int offset, struct dt_node *node);
int dt_offset(const struct dt_node *node);

/* The node at a path of `length` characters: from the root ("/"), and from a node on. Unit addresses may be left out.
 */
bool dt_by_path(const void *fdt, const char *path, size_t length, struct dt_node *node);
bool dt_below(const char *path, size_t length, struct dt_node *node);

/* A node's name with its unit address. */
const char *dt_name(const void *fdt, int offset);

/* A reservation of the blob's header; false behind the last. */
bool dt_reservation(const void *fdt, uint32_t index, struct range_description *range);

/* Whether there are nodes that dt_next() passes over, as they lie DT_DEPTH_MAX deep or deeper. */
bool dt_is_too_deep(const void *fdt);

/* A property's bytes and how many there are, or NULL: the first of its name. In a tree that dt_check() has passed. */
const void *dt_property(const void *fdt, int node, const char *name, uint32_t *size);
bool dt_has_twice(const struct dt_node *node, const char *property);

/* A node's phandle, or 0; and the offset of the node that has it, or negative. */
uint32_t dt_phandle(const void *fdt, int offset);
int dt_by_phandle(struct dt_reader *reader, uint32_t phandle);

/* Says `text` about a property (or NULL) of the node. */
void dt_warn(struct dt_reader *reader, const struct dt_node *node, const char *property, const char *text);

/* The node's path in the description's pool. */
const char *dt_path(struct dt_reader *reader, const struct dt_node *node);

bool dt_has(const struct dt_node *node, const char *property);
struct dt_cells dt_cells(const void *fdt, int offset, const char *property);
uint32_t dt_cell(const struct dt_cells *cells, uint32_t index);

/* `count` (0 to 4) cells as one number, of which the last two count. */
uint64_t dt_number(const struct dt_cells *cells, uint32_t index, uint32_t count);
/* Whether the property is one cell, and no byte more. */
bool dt_is_one_cell(const struct dt_node *node, const char *property);
bool dt_u32(const void *fdt, int offset, const char *property, uint32_t *value);

/* The property's first string, or NULL where it is absent or does not end. */
const char *dt_string(const struct dt_node *node, const char *property);
bool dt_string_is(const struct dt_node *node, const char *property, const char *text);
int dt_string_index(const struct dt_node *node, const char *property, const char *text); /* Of a list, or -1. */
bool dt_compatible(const struct dt_node *node, const char *compatible);
bool dt_is_compatible(const void *fdt, int offset, const char *compatible);

/* Whether the node and all its ancestors are enabled. */
bool dt_enabled(const struct dt_node *node);

/*
 * How many cells an address or a size has on the bus that the node's ancestor at `depth` is; false where it does not
 * say or the figure is impossible.
 */
bool dt_address_cells(const struct dt_node *node, int depth, uint32_t *cells);
bool dt_size_cells(const struct dt_node *node, int depth, uint32_t *cells);

/* An address on that bus, as a core sees it. */
bool dt_translate(const struct dt_node *node, int depth, uint64_t address, uint64_t *physical);

/* Warns of a property on the way from a node's `reg` to the root whose last entry is cut off. */
void dt_check_address(struct dt_reader *reader, const struct dt_node *node);

/* How many entries `reg` has, and one of them as a core sees it. */
uint32_t dt_reg_count(const struct dt_node *node);
bool dt_reg(const struct dt_node *node, uint32_t index, struct range_description *range);

/* The node's interrupt number `index`; NULL, or in words why there is none. */
const char *dt_irq(struct dt_reader *reader, const struct dt_node *node, uint32_t index, struct irq_description *irq);

/* GIC architecture version by compatible string: 2, 3 or 0. */
unsigned int dt_gic_version(const void *fdt, int offset);

/* Whether the node is a PCI host bridge (and not a bridge or device below one). */
bool dt_is_pci_host(const struct dt_node *node);

/* The parts of dt_read(). */
void dt_read_machine(struct dt_reader *reader);
void dt_read_hosts(struct dt_reader *reader);
void dt_read_smmus(struct dt_reader *reader);
void dt_read_streams(struct dt_reader *reader);
void dt_read_direct(struct dt_reader *reader);

/*
 * The segment of a PCI host: linux,pci-domain, else the first from `*next` on (0 at first) that no host names, as Linux
 * has it since 6.3; older ones refuse a tree of both kinds. Ask once for each host, in tree order. STREAM_NO_SEGMENT
 * for a disabled host that does not say.
 */
uint32_t dt_segment(const struct dt_node *host, uint32_t *next);

#endif
