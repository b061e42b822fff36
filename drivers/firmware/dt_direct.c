/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Direct regions: reserved memory with equal addresses for a device (`iommu-addresses`) and the cores (its first `reg`)
 * stays mapped; other addresses are only taken. Ignores `status`, like Linux's of_iommu_get_resv_regions().
 */
#include <string.h>

#include "base/arch.h"
#include "firmware/dt_map.h"

#define PROPERTY "iommu-addresses"
#define PCI_ADDRESS_SHIFT 8U /* In the first cell of `reg`. */
#define PCI_ADDRESS_MASK 0xffffU

static bool is_place(const struct dt_node *node, uint32_t index, const struct range_description *region)
{
	struct range_description range;

	return dt_reg(node, index, &range) && range.base == region->base && range.size == region->size;
}

static bool is_own_place(struct dt_reader *reader, const struct dt_node *node, const struct range_description *region)
{
	for (uint32_t i = 1; ARCH_PLANS && i < dt_range_count(node, "reg"); i++) {
		if (is_place(node, i, region)) {
			dt_warn(reader, node, PROPERTY, "is its reg, but not the first: Linux maps only that");
		}
	}
	return is_place(node, 0, region);
}

static void add_for_function(struct dt_reader *reader, const struct dt_node *device, const struct dt_node *host,
			     struct direct_description *direct)
{
	const struct stream_description *streams = &reader->description->streams;
	struct dt_cells reg = dt_cells(reader->fdt, dt_offset(device), "reg");
	uint32_t id = reg.count ? dt_cell(&reg, 0) >> PCI_ADDRESS_SHIFT & PCI_ADDRESS_MASK : 0;
	const char *name = dt_path(reader, host);
	struct stream_id stream;

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

	/* Also behind ports. */
	while (--host.depth > 0) {
		if (dt_is_pci_host(&host)) {
			add_for_function(reader, device, &host, direct);
			return;
		}
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
	/* The device may be behind another kind of IOMMU. */
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

static bool find_device(struct dt_reader *reader, uint32_t phandle, struct dt_node *device, struct dt_node *bus)
{
	int offset = dt_by_phandle(reader, phandle);

	if (offset < 0 || !dt_at(reader->fdt, offset, device)) {
		return false;
	}
	*bus = *device;
	return dt_dma_parent(reader, bus);
}

/* Returns the entry's cells; 0: the rest of the list cannot be read. */
static uint32_t dt_direct_read_entry(struct dt_reader *reader, const struct dt_node *node, const struct dt_cells *cells,
				     uint32_t at)
{
	struct direct_description direct;
	struct range_description region;
	uint32_t address, size;
	struct dt_node device, bus;

	if (!find_device(reader, dt_cell(cells, at), &device, &bus) || !dt_address_cells(&bus, bus.depth, &address) ||
	    !dt_size_cells(&bus, bus.depth, &size)) {
		dt_list_ends(reader, node, PROPERTY, "leads to no device");
		return 0;
	}
	/* Below a PCI host the size has the host's cells, perhaps none. */
	if (address + size == 0 || address + size > cells->count - at - 1) {
		dt_list_ends(reader, node, PROPERTY, "the last entry is cut off");
		return 0;
	}
	if (!dt_dma_address(reader, &bus, cells, at + 1, address, &region.base)) {
		dt_list_ends(reader, node, PROPERTY, "an address outside of dma-ranges");
		return 0;
	}
	region.size = dt_number(cells, at + 1 + address, size);
	direct = (struct direct_description){
		.mapped = is_own_place(reader, node, &region),
		.base = region.base,
		.size = region.size,
		.master = dt_path(reader, &device),
		.where = dt_path(reader, node),
	};
	if (dt_enabled(&device)) {
		if (!device_names(reader, &device, node)) {
			dt_warn(reader, node, PROPERTY,
				"its device's memory-region does not name it: Linux will not see it");
		}
		add_for(reader, &device, &direct);
	}
	return 1 + address + size;
}

static void read_node(struct dt_reader *reader, const struct dt_node *node)
{
	struct dt_cells cells = dt_cells(reader->fdt, dt_offset(node), PROPERTY);
	struct range_description range;
	uint32_t at = 0;

	if (dt_has(node, "reg") && !dt_reg(node, 0, &range)) {
		dt_warn(reader, node, "reg", DT_NO_ADDRESS);
		return;
	}
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
		if (dt_has(&node, PROPERTY)) {
			read_node(reader, &node);
		}
	}
}
