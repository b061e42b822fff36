/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/feature.h"
#include "firmware/dt_tree.h"

#define SMMU_SIZE 0x20000U	 /* Two 64 KiB pages. */
#define SMMU_SIZE_PAGE0 0x10000U /* Page 1 folded into page 0. */
#define SMMU_CELLS 1U

OPTIONAL(dt_irq);

bool dt_dma_parent(struct dt_reader *reader, struct dt_node *node)
{
	int wanted = dt_string_index(node, "interconnect-names", "dma-mem");
	struct dt_cells cells = dt_cells(reader->fdt, dt_offset(node), "interconnects");
	uint32_t at = 0;

	for (int i = 0; wanted >= 0 && at < cells.count; i++) {
		int target = dt_by_phandle(reader, dt_cell(&cells, at));
		uint32_t size;

		if (target < 0 || !dt_u32(reader->fdt, target, "#interconnect-cells", &size) ||
		    size > cells.count - at - 1) {
			dt_warn(reader, node, "interconnects", "an entry leads nowhere: the bus above is asked");
			break;
		}
		if (i == wanted) {
			return dt_at(reader->fdt, target, node);
		}
		at += 1 + size;
	}
	node->depth--;
	return node->depth >= 0;
}

bool dt_is_coherent(struct dt_reader *reader, const struct dt_node *device)
{
	struct dt_node node = *device;

	/* Bounded: interconnects may form a circle. */
	for (unsigned int i = 0; i < DT_DMA_PARENTS_MAX; i++) {
		if (dt_has(&node, "dma-coherent")) {
			return true;
		}
		if (dt_has(&node, "dma-noncoherent") || !dt_dma_parent(reader, &node)) {
			return false;
		}
	}
	dt_warn(reader, device, "interconnects", "DMA parents form a circle: not coherent");
	return false;
}

static void read_smmu_irq(struct dt_reader *reader, const struct dt_node *node, const char *name,
			  struct irq_description *irq)
{
	int index = dt_string_index(node, "interrupt-names", name);
	const char *why;

	if (index < 0 || !is_linked(dt_irq)) {
		return;
	}
	why = dt_irq(reader, node, (uint32_t)index, irq);
	if (why) {
		dt_warn(reader, node, "interrupts", why);
	}
}

static void read_smmu_irqs(struct dt_reader *reader, const struct dt_node *node, struct smmu_description *smmu)
{
	struct irq_description combined = {.present = false};

	read_smmu_irq(reader, node, "eventq", &smmu->eventq);
	read_smmu_irq(reader, node, "priq", &smmu->priq);
	read_smmu_irq(reader, node, "cmdq-sync", &smmu->sync);
	read_smmu_irq(reader, node, "gerror", &smmu->gerror);
	read_smmu_irq(reader, node, "combined", &combined);
	if (combined.present) {
		smmu->eventq = smmu->priq = smmu->sync = smmu->gerror = combined;
	}
	if (dt_has(node, "interrupts") && !dt_has(node, "interrupt-names")) {
		dt_warn(reader, node, "interrupt-names", "missing: no interrupt is used");
	}
}

static void read_smmu_base(struct dt_reader *reader, const struct dt_node *node, struct smmu_description *smmu)
{
	uint64_t wanted = smmu->quirks & SMMU_QUIRK_NO_PAGE1 ? SMMU_SIZE_PAGE0 : SMMU_SIZE;
	struct range_description range;

	dt_check_address(reader, node);
	if (!dt_reg(node, 0, &range)) {
		dt_warn(reader, node, "reg", DT_NO_ADDRESS);
		return;
	}
	smmu->has_base = true;
	smmu->base = range.base;
	smmu->size = range.size;
	if (range.size < wanted) {
		dt_warn(reader, node, "reg", "smaller than an SMMUv3");
	}
}

static uint8_t read_smmu_quirks(const struct dt_node *node)
{
	unsigned int quirks = 0;

	if (dt_has(node, "cavium,cn9900-broken-page1-regspace")) {
		quirks |= SMMU_QUIRK_NO_PAGE1;
	}
	if (dt_has(node, "hisilicon,broken-prefetch-cmd")) {
		quirks |= SMMU_QUIRK_NO_PREFETCH;
	}
	return (uint8_t)quirks;
}

/* Returns 0 if another node has the phandle first, as in Linux. */
static uint32_t own_phandle(struct dt_reader *reader, const struct dt_node *node)
{
	uint32_t phandle = dt_phandle(reader->fdt, dt_offset(node));

	if (phandle && dt_by_phandle(reader, phandle) != dt_offset(node)) {
		dt_warn(reader, node, "phandle", "another node has the same: no reference can name this one");
		phandle = 0;
	}
	if (dt_has(node, "iommus")) {
		dt_warn(reader, node, "iommus", "an SMMU behind an SMMU");
	}
	return phandle;
}

static void dt_read_smmu(struct dt_reader *reader, const struct dt_node *node)
{
	struct stream_description *streams = &reader->description->streams;
	struct smmu_description *smmu = &streams->smmu[streams->smmu_count];
	uint32_t cells;

	if (streams->smmu_count == DESCRIPTION_SMMUS_MAX) {
		description_leave_out(reader->description, LIST_SMMUS);
		return;
	}
	*smmu = (struct smmu_description){
		.name = dt_path(reader, node),
		.enabled = dt_enabled(node),
		.coherent = dt_is_coherent(reader, node),
		.quirks = read_smmu_quirks(node),
		.handle = own_phandle(reader, node),
	};
	streams->smmu_count++;
	read_smmu_base(reader, node, smmu);
	read_smmu_irqs(reader, node, smmu);
	if (!dt_u32(reader->fdt, dt_offset(node), "#iommu-cells", &cells)) {
		dt_warn(reader, node, "#iommu-cells", "missing");
	} else if (cells != SMMU_CELLS) {
		dt_warn(reader, node, "#iommu-cells", "not 1");
	} else if (!dt_is_one_cell(node, "#iommu-cells")) {
		dt_warn(reader, node, "#iommu-cells", "not one cell: its first is used");
	}
}

void dt_read_smmus(struct dt_reader *reader)
{
	struct dt_node node;

	for (bool more = dt_root(reader->fdt, &node); more; more = dt_next(&node)) {
		if (dt_compatible(&node, "arm,smmu-v3")) {
			dt_read_smmu(reader, &node);
		}
	}
}
