/* SPDX-License-Identifier: BSD-2-Clause */
/* Specifiers for another kind of IOMMU. The reader ends such a list where Linux does; this says why. */
#include <inttypes.h>

#include "findings/judge.h"
#include "firmware/description_lookup.h"
#include "firmware/dt_map.h"

#define SMMU_CELLS 1U
#define LIST_CELLS 2U
#define MAP_CELLS 4U	    /* Input, phandle, stream, length. */
#define MAP_CELLS_OF_TWO 5U /* With an SMMUv2's mask. */

struct specifiers {
	const struct table_view *view;
	struct table_findings *findings;
	struct dt_reader reader;
};

/* The index of the SMMUv3 that the phandle names, or smmu_count. */
static unsigned int smmu_of(struct specifiers *specifiers, uint32_t phandle)
{
	const struct stream_description *streams = &specifiers->view->description->streams;
	int smmu = description_smmu_of_handle(streams, phandle);

	return smmu == NO_SMMU ? streams->smmu_count : (unsigned int)smmu;
}

static bool is_smmu(struct specifiers *specifiers, uint32_t phandle)
{
	return smmu_of(specifiers, phandle) < specifiers->view->description->streams.smmu_count;
}

static uint32_t cells_of(struct specifiers *specifiers, uint32_t phandle)
{
	int offset = dt_by_phandle(&specifiers->reader, phandle);
	uint32_t cells = SMMU_CELLS;

	if (offset >= 0) {
		(void)dt_u32(specifiers->reader.fdt, offset, "#iommu-cells", &cells);
	}
	return cells;
}

static bool is_iommu(struct specifiers *specifiers, uint32_t phandle)
{
	int offset = dt_by_phandle(&specifiers->reader, phandle);
	uint32_t cells;

	return offset >= 0 && dt_u32(specifiers->reader.fdt, offset, "#iommu-cells", &cells);
}

static void add_second_cell(struct specifiers *specifiers, const struct dt_node *node, const char *property,
			    uint32_t phandle, uint32_t cell)
{
	unsigned int smmu = smmu_of(specifiers, phandle);

	table_finding_add(specifiers->findings, FINDING_TWO_CELLS, dt_path(&specifiers->reader, node), property, smmu,
			  "a second cell (0x%" PRIx32 ") behind %s, as SMMUv2's mask: an SMMUv3 takes one; Linux reads "
			  "this list no further",
			  cell, specifiers->view->description->streams.smmu[smmu].name);
}

/* A cell that names no IOMMU follows an SMMUv3's specifier; then the next one, or the end. */
static void judge_list(struct specifiers *specifiers, const struct dt_node *node)
{
	struct dt_cells list = dt_cells(node->fdt, dt_offset(node), "iommus");

	for (uint32_t at = 0; at + 2 < list.count; at += 2) {
		uint32_t phandle = dt_cell(&list, at);

		if (!is_smmu(specifiers, phandle) || cells_of(specifiers, phandle) != SMMU_CELLS) {
			return;
		}
		if (!is_iommu(specifiers, dt_cell(&list, at + 2))) {
			if (at + 3 == list.count || is_iommu(specifiers, dt_cell(&list, at + 3))) {
				add_second_cell(specifiers, node, "iommus", phandle, dt_cell(&list, at + 2));
			}
			return;
		}
	}
}

/* Every fifth cell names an SMMUv3 that takes one cell. */
static void judge_map(struct specifiers *specifiers, const struct dt_node *node)
{
	struct dt_cells map = dt_cells(node->fdt, dt_offset(node), "iommu-map");

	if (map.count == 0 || map.count % MAP_CELLS_OF_TWO ||
	    (map.count > MAP_CELLS_OF_TWO && map.count % MAP_CELLS == 0 &&
	     is_iommu(specifiers, dt_cell(&map, MAP_CELLS + 1)))) {
		return;
	}
	for (uint32_t at = 0; at < map.count; at += MAP_CELLS_OF_TWO) {
		uint32_t phandle = dt_cell(&map, at + 1);

		if (!is_smmu(specifiers, phandle) || cells_of(specifiers, phandle) != SMMU_CELLS) {
			return;
		}
	}
	add_second_cell(specifiers, node, "iommu-map", dt_cell(&map, 1), dt_cell(&map, 3));
}

/* --- Cells in another order. --- */

static bool is_controller(struct specifiers *specifiers, uint32_t phandle)
{
	int offset = dt_by_phandle(&specifiers->reader, phandle);
	uint32_t cells;

	return offset >= 0 && (dt_u32(specifiers->reader.fdt, offset, "#iommu-cells", &cells) ||
			       dt_u32(specifiers->reader.fdt, offset, "#msi-cells", &cells));
}

/* Is this cell of each entry a phandle? */
static bool has_phandles_at(struct specifiers *specifiers, const struct dt_cells *list, uint32_t size, uint32_t at)
{
	while (at < list->count && is_controller(specifiers, dt_cell(list, at))) {
		at += size;
	}
	return at >= list->count;
}

/* Where `right` is the place of the phandle, is it at another one in each entry? */
static void judge_order(struct specifiers *specifiers, const struct dt_node *node, const char *property, uint32_t size,
			uint32_t right)
{
	struct dt_cells list = dt_cells(node->fdt, dt_offset(node), property);

	if (!list.count || list.count % size || is_controller(specifiers, dt_cell(&list, right))) {
		return;
	}
	for (uint32_t at = 0; at < size; at++) {
		if (has_phandles_at(specifiers, &list, size, at)) {
			table_finding_add(
				specifiers->findings, FINDING_MAP_ORDER, dt_path(&specifiers->reader, node), property,
				0, "the phandle is cell %" PRIu32 " of each entry, and should be cell %" PRIu32 ": %s",
				at + 1, right + 1, right ? "<ID phandle output length>" : "<phandle stream>");
			return;
		}
	}
}

/* --- An SMMUv3 whose own node says another count. --- */

static void judge_smmu(struct specifiers *specifiers, const struct dt_node *node)
{
	uint32_t phandle = dt_phandle(node->fdt, dt_offset(node));
	uint32_t cells = SMMU_CELLS;

	if (dt_u32(node->fdt, dt_offset(node), "#iommu-cells", &cells) && cells > SMMU_CELLS) {
		table_finding_add(specifiers->findings, FINDING_SPECIFIER_CELLS, dt_path(&specifiers->reader, node),
				  "#iommu-cells", phandle,
				  "%" PRIu32 ": an SMMUv3 takes one, the stream ID; what names it is read with %" PRIu32
				  " cells, and Linux uses the first",
				  cells, cells);
	}
	if (dt_has(node, "mmu-masters")) {
		table_finding_add(specifiers->findings, FINDING_MMU_MASTERS, dt_path(&specifiers->reader, node),
				  "mmu-masters", 0,
				  "the old binding of SMMUv1 and v2: an SMMUv3's driver does not read it; each master "
				  "names its stream, iommus = <&smmu ID>");
	}
}

/* Entries of one cell are then unreadable: they follow from this finding. */
static void judge_users(struct specifiers *specifiers, const struct dt_node *node, const char *property, uint32_t at)
{
	struct dt_cells list = dt_cells(node->fdt, dt_offset(node), property);
	uint32_t phandle = list.count > at ? dt_cell(&list, at) : 0;
	uint32_t cells = is_smmu(specifiers, phandle) ? cells_of(specifiers, phandle) : SMMU_CELLS;

	if (cells > SMMU_CELLS && cells <= DT_SPECIFIER_CELLS_MAX && list.count % (at ? cells + 3 : cells + 1)) {
		table_finding_add(
			specifiers->findings, FINDING_SPECIFIER_CELLS, dt_path(&specifiers->reader, node), property,
			phandle, "its entries have one cell for a stream, and #iommu-cells of %s is %" PRIu32,
			specifiers->view->description->streams.smmu[smmu_of(specifiers, phandle)].name, cells);
	}
}

void judge_specifiers(const struct table_view *view, struct table_findings *findings)
{
	struct specifiers specifiers = {.view = view, .findings = findings};
	struct dt_node node;

	if (view->description->streams.source != DESCRIPTION_DT || !view->blob) {
		return;
	}
	specifiers.reader = (struct dt_reader){.fdt = view->blob, .description = view->description};
	for (bool more = dt_root(view->blob, &node); more; more = dt_next(&node)) {
		if (dt_compatible(&node, "arm,smmu-v3")) {
			judge_smmu(&specifiers, &node);
		}
	}
	for (bool more = dt_root(view->blob, &node); more; more = dt_next(&node)) {
		judge_list(&specifiers, &node);
		judge_map(&specifiers, &node);
		judge_order(&specifiers, &node, "iommus", LIST_CELLS, 0);
		judge_order(&specifiers, &node, "iommu-map", MAP_CELLS, 1);
		judge_order(&specifiers, &node, "msi-map", MAP_CELLS, 1);
		judge_users(&specifiers, &node, "iommus", 0);
		judge_users(&specifiers, &node, "iommu-map", 1);
	}
}
