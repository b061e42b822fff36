/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A buffer that a display behind an SMMU shows at boot: without `iommu-addresses` it stays unmapped, and the display
 * faults once its SMMU translates (reserved-memory binding).
 */
#include <string.h>

#include "findings/judge.h"
#include "firmware/dt_tree.h"

struct buffer {
	const char *node; /* Path of the framebuffer, or of the reserved memory. */
	uint64_t base;
	uint64_t size;
};

struct scanouts {
	const struct table_view *view;
	struct table_findings *findings;
	struct dt_reader reader;
};

/* What the devicetree specification (2.2.2) or bindings call what scans out. */
static bool is_display(const char *name)
{
	static const char *const names[] = {"display",
					    "display-controller",
					    "display-subsystem",
					    "lcd",
					    "lcdif",
					    "vop",
					    "dpu",
					    "dc",
					    "dss",
					    "hdlcd",
					    "mdss",
					    "framebuffer",
					    "lcd-controller",
					    "lcdc",
					    "crtc",
					    "display-processor"};
	size_t length = strcspn(name, "@");

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (strlen(names[i]) == length && !strncmp(name, names[i], length)) {
			return true;
		}
	}
	return false;
}

static bool is_translated(const struct table_view *view, const struct master_traits *master)
{
	const struct stream_description *streams = &view->description->streams;

	return master->enabled && master->fixed_count && streams->smmu[streams->fixed[master->fixed].smmu].enabled;
}

static void add(struct scanouts *scanouts, const struct master_traits *display, const struct buffer *buffer)
{
	table_finding_add(
		scanouts->findings, FINDING_SCANOUT, display->name, NULL, table_cause(display->name),
		"it shows the buffer at 0x%llx, 0x%llx bytes (%s), at boot, and no iommu-addresses keeps it mapped: "
		"it faults when its SMMU translates",
		(unsigned long long)buffer->base, (unsigned long long)buffer->size, buffer->node);
}

/* --- Reserved memory that a display names. --- */

/* Not a pool that Linux allocates from. */
static bool is_buffer(const struct dt_node *node)
{
	return dt_has(node, "reg") && !dt_has(node, "reusable") && !dt_compatible(node, "shared-dma-pool") &&
	       !dt_compatible(node, "restricted-dma-pool") && !dt_has(node, "iommu-addresses") && dt_enabled(node);
}

static void judge_region(struct scanouts *scanouts, const struct master_traits *display, uint32_t phandle)
{
	int offset = phandle ? dt_by_phandle(&scanouts->reader, phandle) : -1;
	struct range_description range;
	struct dt_node region;

	if (offset < 0 || !dt_at(scanouts->view->blob, offset, &region) || region.depth != 2 ||
	    strcmp(dt_name(region.fdt, region.chain[1]), "reserved-memory") || !is_buffer(&region)) {
		return;
	}
	if (dt_reg(&region, 0, &range)) {
		const struct buffer buffer = {dt_path(&scanouts->reader, &region), range.base, range.size};

		add(scanouts, display, &buffer);
	}
}

static void judge_buffers(struct scanouts *scanouts, const struct master_traits *master)
{
	const void *fdt = scanouts->view->blob;
	struct dt_cells list;

	if (is_translated(scanouts->view, master) && is_display(dt_name(fdt, (int)master->place))) {
		list = dt_cells(fdt, (int)master->place, "memory-region");
		for (uint32_t i = 0; i < list.count; i++) {
			judge_region(scanouts, master, dt_cell(&list, i));
		}
	}
}

/* --- The framebuffer of /chosen. --- */

/* The device that `display` names, or the first that scans out. */
static const struct master_traits *display_of(struct scanouts *scanouts, const struct dt_node *framebuffer)
{
	const struct traits *traits = scanouts->view->traits;
	const struct master_traits *first = NULL;
	uint32_t phandle;
	int named = -1;

	if (dt_u32(framebuffer->fdt, dt_offset(framebuffer), "display", &phandle)) {
		named = dt_by_phandle(&scanouts->reader, phandle);
	}
	for (unsigned int i = 0; i < traits->master_count; i++) {
		const struct master_traits *master = &traits->master[i];

		if (!is_translated(scanouts->view, master)) {
			continue;
		}
		if (named >= 0 && master->place == (uint32_t)named) {
			return master;
		}
		if (named < 0 && !first && is_display(dt_name(framebuffer->fdt, (int)master->place))) {
			first = master;
		}
	}
	return first;
}

/* Its memory is a region that it names, or its own `reg`. False: unknown, or kept by `iommu-addresses`. */
static bool read_buffer(struct scanouts *scanouts, const struct dt_node *framebuffer, struct buffer *buffer)
{
	struct dt_node memory = *framebuffer;
	struct range_description range;
	uint32_t phandle;

	if (dt_u32(framebuffer->fdt, dt_offset(framebuffer), "memory-region", &phandle) &&
	    !dt_at(framebuffer->fdt, dt_by_phandle(&scanouts->reader, phandle), &memory)) {
		return false;
	}
	if (dt_has(&memory, "iommu-addresses") || !dt_reg(&memory, 0, &range)) {
		return false;
	}
	*buffer = (struct buffer){dt_path(&scanouts->reader, framebuffer), range.base, range.size};
	return true;
}

/* Also by reserved memory with `iommu-addresses` at the same address. */
static bool is_kept(struct scanouts *scanouts, const struct buffer *buffer)
{
	const struct stream_description *streams = &scanouts->view->description->streams;

	for (unsigned int i = 0; i < streams->direct_count; i++) {
		const struct direct_description *direct = &streams->direct[i];

		if (direct->mapped && direct->base <= buffer->base && buffer->base - direct->base < direct->size) {
			return true;
		}
	}
	return false;
}

static void judge_framebuffer(struct scanouts *scanouts, const struct dt_node *framebuffer)
{
	const struct master_traits *display;
	struct buffer buffer;

	if (!dt_compatible(framebuffer, "simple-framebuffer") || !dt_enabled(framebuffer)) {
		return;
	}
	display = display_of(scanouts, framebuffer);
	if (display && read_buffer(scanouts, framebuffer, &buffer) && !is_kept(scanouts, &buffer)) {
		add(scanouts, display, &buffer);
	}
}

void judge_scanout(const struct table_view *view, struct table_findings *findings)
{
	struct scanouts scanouts = {.view = view, .findings = findings};
	struct dt_node node;

	if (!view->traits || !view->blob || view->description->streams.source != DESCRIPTION_DT) {
		return;
	}
	scanouts.reader = (struct dt_reader){.fdt = view->blob, .description = view->description};
	for (unsigned int i = 0; i < view->traits->master_count; i++) {
		judge_buffers(&scanouts, &view->traits->master[i]);
	}
	for (bool more = dt_root(view->blob, &node); more; more = dt_next(&node)) {
		judge_framebuffer(&scanouts, &node);
	}
}
