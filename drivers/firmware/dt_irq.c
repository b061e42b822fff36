/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/feature.h"
#include "firmware/dt_tree.h"

/* Type, number, flags; in GICv3 perhaps a PPI partition. */
#define GIC_CELLS 3U
#define GIC_CELLS_MAX 4U
#define GIC_TYPE_SPI 0U
#define GIC_TYPE_PPI 1U
#define GIC_TYPE_EXTENDED_SPI 2U
#define GIC_TYPE_EXTENDED_PPI 3U
#define IRQ_TYPE_EDGE_BOTH 3U

static const struct {
	uint32_t first;
	uint32_t count;
} intids[] = {
	[GIC_TYPE_SPI] = {32, 988},
	[GIC_TYPE_PPI] = {16, 16},
	[GIC_TYPE_EXTENDED_SPI] = {4096, 1024},
	[GIC_TYPE_EXTENDED_PPI] = {1056, 64},
};

#define GIC_TYPES (sizeof(intids) / sizeof(intids[0]))

unsigned int dt_gic_version(const void *fdt, int offset)
{
	static const char *const gicv2[] = {
		"arm,gic-400", "arm,cortex-a15-gic", "arm,cortex-a7-gic", "arm,cortex-a9-gic", "arm,pl390",
	};

	if (dt_is_compatible(fdt, offset, "arm,gic-v3")) {
		return 3;
	}
	for (unsigned int i = 0; i < sizeof(gicv2) / sizeof(gicv2[0]); i++) {
		if (dt_is_compatible(fdt, offset, gicv2[i])) {
			return 2;
		}
	}
	return 0;
}

int dt_interrupt_parent(struct dt_reader *reader, const struct dt_node *node)
{
	uint32_t phandle;
	uint32_t cells;

	for (int depth = node->depth; depth >= 0; depth--) {
		if (depth < node->depth && dt_u32(reader->fdt, node->chain[depth], "#interrupt-cells", &cells)) {
			return node->chain[depth];
		}
		if (dt_u32(reader->fdt, node->chain[depth], "interrupt-parent", &phandle)) {
			return dt_by_phandle(reader, phandle);
		}
	}
	return -1;
}

static const char *decode(const struct dt_cells *cells, uint32_t at, struct irq_description *irq)
{
	uint32_t type = dt_cell(cells, at);
	uint32_t number = dt_cell(cells, at + 1);
	uint32_t flags = dt_cell(cells, at + 2);

	if (type >= GIC_TYPES || number >= intids[type].count) {
		return "no SPI or PPI";
	}
	irq->intid = intids[type].first + number;
	irq->edge = (flags & IRQ_TYPE_EDGE_BOTH) != 0;
	irq->present = true;
	return NULL;
}

/* 0: the parent is no GIC. */
static uint32_t gic_cells(const struct dt_reader *reader, int parent)
{
	uint32_t cells;

	if (parent < 0 || !dt_gic_version(reader->fdt, parent) ||
	    !dt_u32(reader->fdt, parent, "#interrupt-cells", &cells) || cells < GIC_CELLS || cells > GIC_CELLS_MAX) {
		return 0;
	}
	return cells;
}

static const char *plain(struct dt_reader *reader, const struct dt_node *node, uint32_t index,
			 struct irq_description *irq)
{
	struct dt_cells cells = dt_cells(reader->fdt, dt_offset(node), "interrupts");
	uint32_t size = gic_cells(reader, dt_interrupt_parent(reader, node));

	if (size == 0) {
		return "the parent is no GIC of 3 cells";
	}
	if (cells.count / size <= index) {
		return "fewer interrupts than names";
	}
	return decode(&cells, index * size, irq);
}

static const char *extended(struct dt_reader *reader, const struct dt_cells *cells, uint32_t index,
			    struct irq_description *irq)
{
	uint32_t at = 0;

	for (uint32_t i = 0; at < cells->count; i++) {
		int parent = dt_by_phandle(reader, dt_cell(cells, at));
		uint32_t size = 0;

		if (parent < 0 || !dt_u32(reader->fdt, parent, "#interrupt-cells", &size) ||
		    size > cells->count - at - 1) {
			return "an entry leads nowhere";
		}
		if (i == index) {
			return gic_cells(reader, parent) ? decode(cells, at + 1, irq) :
							   "the parent is no GIC of 3 cells";
		}
		at += 1 + size;
	}
	return "fewer interrupts than names";
}

const char *dt_irq(struct dt_reader *reader, const struct dt_node *node, uint32_t index, struct irq_description *irq)
{
	struct dt_cells cells = dt_cells(reader->fdt, dt_offset(node), "interrupts-extended");

	*irq = (struct irq_description){0};
	return cells.bytes ? extended(reader, &cells, index, irq) : plain(reader, node, index, irq);
}

LINKED(dt_irq);
LINKED(dt_gic_version);
