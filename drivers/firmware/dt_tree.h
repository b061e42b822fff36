/* SPDX-License-Identifier: BSD-2-Clause */
/* The device tree for its readers; a node knows its ancestors. */
#ifndef FIRMWARE_DT_TREE_H
#define FIRMWARE_DT_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/description.h"

#define DT_DEPTH_MAX 32

#define DT_NO_ADDRESS "has no address that a core can reach"
#define DT_PHANDLES_CACHED 16U

struct dt_phandle {
	uint32_t phandle;
	int offset; /* Negative: none. */
};

struct msi_list;

struct dt_reader {
	const void *fdt;
	struct description *description;
	struct msi_list *msis;			     /* NULL: not read. */
	struct dt_phandle cache[DT_PHANDLES_CACHED]; /* By the phandle's low bits. */
	bool is_crash_kernels;			     /* Memory is /chosen's, not /memory's. */
};

/* chain[depth] is the node, chain[0] the root. */
struct dt_node {
	const void *fdt;
	int depth;
	int chain[DT_DEPTH_MAX];
};

/* `odd`: bytes after the last cell. */
struct dt_cells {
	const uint8_t *bytes; /* NULL: absent. */
	uint32_t count;
	uint32_t odd;
};

/* The root, the next node in tree order, the node at an offset (0 or more). False: none. */
bool dt_root(const void *fdt, struct dt_node *node);
bool dt_next(struct dt_node *node);
bool dt_at(const void *fdt, int offset, struct dt_node *node);
int dt_offset(const struct dt_node *node);

/* The node at a path, from the root or from a node. Unit addresses are optional. */
bool dt_by_path(const void *fdt, const char *path, size_t length, struct dt_node *node);
bool dt_below(const char *path, size_t length, struct dt_node *node);

/* With unit address. */
const char *dt_name(const void *fdt, int offset);

/* False after the last reservation. */
bool dt_reservation(const void *fdt, uint32_t index, struct range_description *range);

/* Are there nodes at DT_DEPTH_MAX or deeper, which dt_next() skips? */
bool dt_is_too_deep(const void *fdt);

/* The first property of this name, or NULL. */
const void *dt_property(const void *fdt, int node, const char *name, uint32_t *size);
bool dt_has_twice(const struct dt_node *node, const char *property);

/* The node's phandle, or 0; the offset of a phandle's node, or negative. */
uint32_t dt_phandle(const void *fdt, int offset);
int dt_by_phandle(struct dt_reader *reader, uint32_t phandle);

/* `property`: may be NULL. */
void dt_warn(struct dt_reader *reader, const struct dt_node *node, const char *property, const char *text);

/* In the description's pool. */
const char *dt_path(struct dt_reader *reader, const struct dt_node *node);

bool dt_has(const struct dt_node *node, const char *property);
struct dt_cells dt_cells(const void *fdt, int offset, const char *property);
uint32_t dt_cell(const struct dt_cells *cells, uint32_t index);

/* `count`: 0 to 4; only the last two cells count. */
uint64_t dt_number(const struct dt_cells *cells, uint32_t index, uint32_t count);
bool dt_is_one_cell(const struct dt_node *node, const char *property);
bool dt_u32(const void *fdt, int offset, const char *property, uint32_t *value);

/* The first string; NULL: absent or unterminated. */
const char *dt_string(const struct dt_node *node, const char *property);
bool dt_string_is(const struct dt_node *node, const char *property, const char *text);
int dt_string_index(const struct dt_node *node, const char *property,
		    const char *text); /* Index in a list of strings, or -1. */
bool dt_compatible(const struct dt_node *node, const char *compatible);
bool dt_is_compatible(const void *fdt, int offset, const char *compatible);

/* Are the node and all its ancestors enabled? */
bool dt_enabled(const struct dt_node *node);

/* Cells of an address or size on the bus at `depth`; false: missing or impossible. */
bool dt_address_cells(const struct dt_node *node, int depth, uint32_t *cells);
bool dt_size_cells(const struct dt_node *node, int depth, uint32_t *cells);

/*
 * From a node to its DMA parent: the interconnect named dma-mem, else the bus above (Linux's __of_get_dma_parent()).
 * False: none. Parents may form a circle: at most DT_DMA_PARENTS_MAX calls.
 */
#define DT_DMA_PARENTS_MAX 64U
bool dt_dma_parent(struct dt_reader *reader, struct dt_node *node);

/*
 * The memory address of a DMA address of devices on `bus` (`count` cells at `at`): translated by each DMA parent's
 * dma-ranges, if any (Linux's of_translate_dma_address()). False: no range has it.
 */
bool dt_dma_address(struct dt_reader *reader, const struct dt_node *bus, const struct dt_cells *cells, uint32_t at,
		    uint32_t count, uint64_t *address);

/* Translates an address on that bus. */
bool dt_translate(const struct dt_node *node, int depth, uint64_t address, uint64_t *physical);

/* Warns of a cut-off last entry in `reg` or `ranges`, up to the root. */
void dt_check_address(struct dt_reader *reader, const struct dt_node *node);

/* Entries of a property like `reg`, as CPU addresses. */
uint32_t dt_range_count(const struct dt_node *node, const char *property);
bool dt_range(const struct dt_node *node, const char *property, uint32_t index, struct range_description *range);
bool dt_reg(const struct dt_node *node, uint32_t index, struct range_description *range);

/* NULL, or why there is no interrupt `index`. */
const char *dt_irq(struct dt_reader *reader, const struct dt_node *node, uint32_t index, struct irq_description *irq);

/* The offset of the nearest `interrupt-parent`, or controller among the ancestors; or negative. */
int dt_interrupt_parent(struct dt_reader *reader, const struct dt_node *node);

/* By its own `dma-coherent` or that of its DMA parents, as in Linux's of_dma_is_coherent(). */
bool dt_is_coherent(struct dt_reader *reader, const struct dt_node *device);

/* 2, 3 or 0. */
unsigned int dt_gic_version(const void *fdt, int offset);

/* False for a bridge or device below a host. */
bool dt_is_pci_host(const struct dt_node *node);

void dt_read_machine(struct dt_reader *reader);
void dt_read_hosts(struct dt_reader *reader);
void dt_read_smmus(struct dt_reader *reader);
void dt_read_streams(struct dt_reader *reader);
void dt_read_direct(struct dt_reader *reader);

/*
 * A host's linux,pci-domain, or the first number from `*next` (0 at first) that no host has, as in Linux since 6.3.
 * Called once for each host, in tree order. STREAM_NO_SEGMENT: disabled, without the property.
 */
uint32_t dt_segment(const struct dt_node *host, uint32_t *next);

#endif
