/* SPDX-License-Identifier: BSD-2-Clause */
/* `reg` and `ranges` (Devicetree Specification 2.3). */
#include <string.h>

#include "firmware/dt_tree.h"

#define ADDRESS_CELLS_MAX 4U
#define SIZE_CELLS_MAX 4U
#define NUMBER_CELLS 2U /* A PCI address has a cell of flags before them. */
#define SIZE_CELLS_DEFAULT 1U
#define DMA_RANGES "dma-ranges"

bool dt_address_cells(const struct dt_node *node, int depth, uint32_t *cells)
{
	return dt_u32(node->fdt, node->chain[depth], "#address-cells", cells) && *cells > 0 &&
	       *cells <= ADDRESS_CELLS_MAX;
}

/* Like Linux, takes an ancestor's value if the bus has none. */
bool dt_size_cells(const struct dt_node *node, int depth, uint32_t *cells)
{
	*cells = SIZE_CELLS_DEFAULT;
	while (depth >= 0 && !dt_u32(node->fdt, node->chain[depth], "#size-cells", cells)) {
		depth--;
	}
	return *cells <= SIZE_CELLS_MAX;
}

struct bus_cells {
	uint32_t address;
	uint32_t size;
};

static bool bus_cells(const struct dt_node *node, int depth, struct bus_cells *cells)
{
	return depth >= 0 && dt_address_cells(node, depth, &cells->address) &&
	       dt_size_cells(node, depth, &cells->size) && cells->size > 0;
}

struct bus_address {
	uint32_t flags;
	uint64_t number;
};

static struct bus_address read_address(const struct dt_cells *cells, uint32_t index, uint32_t count)
{
	return (struct bus_address){
		.flags = count > NUMBER_CELLS ? dt_cell(cells, index) : 0,
		.number = dt_number(cells, index, count),
	};
}

static bool through_range(const struct dt_cells *ranges, uint32_t index, const struct bus_cells *child,
			  uint32_t parent_cells, struct bus_address *address)
{
	struct bus_address from = read_address(ranges, index, child->address);
	struct bus_address to = read_address(ranges, index + child->address, parent_cells);
	uint64_t size = dt_number(ranges, index + child->address + parent_cells, child->size);
	uint64_t offset = address->number - from.number;

	if (address->flags != from.flags || address->number < from.number || offset >= size) {
		return false;
	}
	if (to.number + offset < to.number) {
		return false;
	}
	address->flags = to.flags;
	address->number = to.number + offset;
	return true;
}

/* From the bus at `depth` to the bus of `above`, a node of the same tree. */
static bool through_bus(const struct dt_node *node, int depth, const struct dt_node *above, int above_depth,
			const char *property, struct bus_address *address)
{
	struct dt_cells ranges = dt_cells(node->fdt, node->chain[depth], property);
	struct bus_cells child;
	struct bus_cells parent;
	uint32_t entry;

	if (!ranges.bytes || !bus_cells(node, depth, &child) || !bus_cells(above, above_depth, &parent)) {
		return false;
	}
	if (ranges.count == 0 && ranges.odd == 0) {
		return true;
	}
	entry = child.address + parent.address + child.size;
	for (uint32_t at = 0; at + entry <= ranges.count; at += entry) {
		if (through_range(&ranges, at, &child, parent.address, address)) {
			return true;
		}
	}
	return false;
}

static bool translate(const struct dt_node *node, int depth, struct bus_address *address)
{
	while (depth > 0) {
		if (!through_bus(node, depth, node, depth - 1, "ranges", address)) {
			return false;
		}
		depth--;
	}
	return true;
}

bool dt_translate(const struct dt_node *node, int depth, uint64_t address, uint64_t *physical)
{
	struct bus_address on_bus = {.number = address};
	bool reached = translate(node, depth, &on_bus);

	*physical = on_bus.number;
	return reached;
}

bool dt_dma_address(struct dt_reader *reader, const struct dt_node *bus, const struct dt_cells *cells, uint32_t at,
		    uint32_t count, uint64_t *address)
{
	struct bus_address dma = read_address(cells, at, count);
	struct dt_node node = *bus;
	struct dt_node above = node;

	/* Bounded: interconnects may form a circle. */
	for (unsigned int i = 0; i < DT_DMA_PARENTS_MAX && dt_dma_parent(reader, &above); i++) {
		if (dt_has(&node, DMA_RANGES) &&
		    !through_bus(&node, node.depth, &above, above.depth, DMA_RANGES, &dma)) {
			return false;
		}
		node = above;
	}
	*address = dma.number;
	return true;
}

bool dt_range(const struct dt_node *node, const char *property, uint32_t index, struct range_description *range)
{
	struct dt_cells reg = dt_cells(node->fdt, dt_offset(node), property);
	struct bus_address address;
	struct bus_cells cells;
	uint32_t at;

	if (!bus_cells(node, node->depth - 1, &cells) || index >= reg.count / (cells.address + cells.size)) {
		return false;
	}
	at = index * (cells.address + cells.size);
	address = read_address(&reg, at, cells.address);
	range->size = dt_number(&reg, at + cells.address, cells.size);
	if (!translate(node, node->depth - 1, &address)) {
		return false;
	}
	range->base = address.number;
	return range->size == 0 || range->base + (range->size - 1) >= range->base;
}

uint32_t dt_range_count(const struct dt_node *node, const char *property)
{
	struct bus_cells cells;

	if (!bus_cells(node, node->depth - 1, &cells)) {
		return 0;
	}
	return dt_cells(node->fdt, dt_offset(node), property).count / (cells.address + cells.size);
}

bool dt_reg(const struct dt_node *node, uint32_t index, struct range_description *range)
{
	return dt_range(node, "reg", index, range);
}

static bool is_odd(const struct dt_node *node, int depth, const char *property, uint32_t entry)
{
	struct dt_cells cells = dt_cells(node->fdt, node->chain[depth], property);

	return cells.odd || (entry && cells.count % entry);
}

/* The property with a cut-off last entry, or NULL. */
static const char *odd_address(const struct dt_node *node)
{
	struct bus_cells child;
	struct bus_cells parent;

	if (!bus_cells(node, node->depth - 1, &child)) {
		return NULL;
	}
	if (is_odd(node, node->depth, "reg", child.address + child.size)) {
		return "reg";
	}
	for (int depth = node->depth - 1; depth > 0 && bus_cells(node, depth - 1, &parent); depth--) {
		if (is_odd(node, depth, "ranges", child.address + parent.address + child.size)) {
			return "ranges";
		}
		child = parent;
	}
	return NULL;
}

void dt_check_address(struct dt_reader *reader, const struct dt_node *node)
{
	const char *odd = odd_address(node);

	if (odd) {
		dt_warn(reader, node, odd, "on the way to its address: the last entry is cut off");
	}
}
