/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Direct regions: reserved memory with equal addresses for a device (`iommu-addresses`) and the cores (`reg`) stays
 * mapped; otherwise the addresses are only taken.
 */
#include <string.h>

#include "firmware/dt_tree.h"

#define PROPERTY "iommu-addresses"
#define PCI_ADDRESS_SHIFT 8U /* In the first cell of `reg`. */
#define PCI_ADDRESS_MASK 0xffffU

static bool is_own_place(const struct dt_node *node, const struct range_description *region)
{
	struct range_description range;

	for (uint32_t i = 0; i < dt_range_count(node, "reg"); i++) {
		if (dt_reg(node, i, &range) && range.base == region->base && range.size == region->size) {
			return true;
		}
	}
	return false;
}

static void add_for_function(struct dt_reader *reader, const struct dt_node *device, struct direct_description *direct)
{
	const struct stream_description *streams = &reader->description->streams;
	struct dt_cells reg = dt_cells(reader->fdt, dt_offset(device), "reg");
	uint32_t id = reg.count ? dt_cell(&reg, 0) >> PCI_ADDRESS_SHIFT & PCI_ADDRESS_MASK : 0;
	struct dt_node host = *device;
	struct stream_id stream;
	const char *name;

	host.depth--;
	name = dt_path(reader, &host);
	for (unsigned int i = 0; reg.count && i < streams->window_count; i++) {
		const struct window_description *window = &streams->window[i];

		if (window->master == name && description_stream_of(streams, window->segment, id, &stream) == 0) {
			direct->smmu = stream.smmu;
			direct->first = stream.sid;
			direct->last = stream.sid;
			description_add_direct(reader->description, direct);
			return;
		}
	}
	description_warn(reader->description, direct->where, PROPERTY ": names a PCI function without a stream");
}

static void add_for(struct dt_reader *reader, const struct dt_node *device, struct direct_description *direct)
{
	const struct stream_description *streams = &reader->description->streams;
	struct dt_node host = *device;
	bool found = false;

	host.depth--;
	if (device->depth > 0 && dt_is_pci_host(&host)) {
		add_for_function(reader, device, direct);
		return;
	}
	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		const struct fixed_description *fixed = &streams->fixed[i];

		if (!strcmp(fixed->master, direct->master)) {
			direct->smmu = fixed->smmu;
			direct->first = fixed->first;
			direct->last = fixed->last;
			description_add_direct(reader->description, direct);
			found = true;
		}
	}
	/* It may be behind another kind of IOMMU. */
	if (!found && !dt_has(device, "iommus")) {
		description_warn(reader->description, direct->where, PROPERTY ": names a device without a stream");
	}
}

/* Linux finds a region only through `memory-region`. */
static bool device_names(const struct dt_reader *reader, const struct dt_node *device, const struct dt_node *node)
{
	struct dt_cells list = dt_cells(reader->fdt, dt_offset(device), "memory-region");
	uint32_t phandle = dt_phandle(reader->fdt, dt_offset(node));

	for (uint32_t i = 0; i < list.count; i++) {
		if (phandle && dt_cell(&list, i) == phandle) {
			return true;
		}
	}
	return false;
}

/* Returns the entry's cells; 0: the list cannot be read on. */
static uint32_t dt_direct_read_entry(struct dt_reader *reader, const struct dt_node *node, const struct dt_cells *cells,
				     uint32_t at)
{
	int offset = dt_by_phandle(reader, dt_cell(cells, at));
	struct direct_description direct;
	struct range_description region;
	uint32_t address, size;
	struct dt_node device;

	if (offset < 0 || !dt_at(reader->fdt, offset, &device) || device.depth == 0 ||
	    !dt_address_cells(&device, device.depth - 1, &address) ||
	    !dt_size_cells(&device, device.depth - 1, &size)) {
		dt_warn(reader, node, PROPERTY, "leads to no device: the list ends here");
		return 0;
	}
	/* Below a PCI host the size has the host's cells, perhaps none. */
	if (address + size == 0 || address + size > cells->count - at - 1) {
		dt_warn(reader, node, PROPERTY, "the last entry is cut off: the list ends here");
		return 0;
	}
	region.base = dt_number(cells, at + 1, address);
	region.size = dt_number(cells, at + 1 + address, size);
	direct = (struct direct_description){
		.mapped = is_own_place(node, &region),
		.base = region.base,
		.size = region.size,
		.master = dt_path(reader, &device),
		.where = dt_path(reader, node),
	};
	if (!device_names(reader, &device, node)) {
		dt_warn(reader, node, PROPERTY, "its device's memory-region does not name it: Linux will not see it");
	}
	add_for(reader, &device, &direct);
	return 1 + address + size;
}

static void read_node(struct dt_reader *reader, const struct dt_node *node)
{
	struct dt_cells cells = dt_cells(reader->fdt, dt_offset(node), PROPERTY);
	uint32_t at = 0;

	if (cells.odd) {
		dt_warn(reader, node, PROPERTY, "no multiple of 4");
	}
	while (at < cells.count) {
		uint32_t length = dt_direct_read_entry(reader, node, &cells, at);

		if (!length) {
			return;
		}
		at += length;
	}
}

void dt_read_direct(struct dt_reader *reader)
{
	struct dt_node node;

	for (bool more = dt_root(reader->fdt, &node); more; more = dt_next(&node)) {
		if (node.depth == 2 && dt_has(&node, PROPERTY) && dt_enabled(&node)) {
			read_node(reader, &node);
		}
	}
}
