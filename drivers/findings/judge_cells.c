/* SPDX-License-Identifier: BSD-2-Clause */
/* Buses of SMMUs and masters without `#address-cells`: Linux looks further up, and warns since 6.13. */
#include "findings/judge.h"
#include "firmware/dt_tree.h"

static bool has_address(const struct dt_node *node)
{
	return dt_has(node, "reg") &&
	       (dt_compatible(node, "arm,smmu-v3") || dt_has(node, "iommus") || dt_has(node, "iommu-map"));
}

static void judge_bus(const struct table_view *view, struct table_findings *findings, const struct dt_node *bus)
{
	struct dt_reader reader = {.fdt = view->blob, .description = view->description};

	if (dt_cells(bus->fdt, dt_offset(bus), "#address-cells").count == 0) {
		table_finding_add(
			findings, FINDING_CELLS_MISSING, dt_path(&reader, bus), "#address-cells", 0,
			"missing on a bus of an SMMU or master: Linux takes those of the next node above that "
			"has it, else 1");
	}
}

/* As far as its address is translated. */
static void judge_buses(const struct table_view *view, struct table_findings *findings, struct dt_node bus)
{
	bool goes_on = true;

	while (goes_on && bus.depth > 0) {
		bus.depth--;
		judge_bus(view, findings, &bus);
		goes_on = dt_has(&bus, "ranges");
	}
}

void judge_cells(const struct table_view *view, struct table_findings *findings)
{
	struct dt_node node;

	if (!view->blob || view->description->streams.source != DESCRIPTION_DT) {
		return;
	}
	for (bool more = dt_root(view->blob, &node); more; more = dt_next(&node)) {
		if (has_address(&node)) {
			judge_buses(view, findings, node);
		}
	}
}
