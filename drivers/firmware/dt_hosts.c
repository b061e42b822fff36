/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI hosts with generic ECAM (PCI Bus Binding to IEEE 1275; Linux's host-generic-pci). */
#include "base/arch.h"
#include "firmware/dt_tree.h"

/* `ranges`: three cells of PCI address, the parent's, two of size. */
#define PCI_ADDRESS_CELLS 3U
#define PCI_SIZE_CELLS 2U
#define PCI_HI_SPACE_SHIFT 24U
#define PCI_HI_SPACE_MASK 3U
#define PCI_HI_SPACE_MEMORY32 2U
#define PCI_HI_SPACE_MEMORY64 3U
#define PCI_HI_PREFETCHABLE (1U << 30)

#define ECAM_BUS_SHIFT 20U
#define BUS_MAX 255U
#define SPACE_4_GIB 0x100000000ULL

struct host_range {
	uint32_t flags;
	struct pci_window_description window;
};

static uint32_t space_of(const struct host_range *range)
{
	return range->flags >> PCI_HI_SPACE_SHIFT & PCI_HI_SPACE_MASK;
}

/* A prefetchable 32-bit window is memory32 only if there is no other. */
static void keep_window(struct host_description *host, const struct host_range *range, bool *prefetchable32)
{
	bool prefetchable = range->flags & PCI_HI_PREFETCHABLE;

	if (space_of(range) == PCI_HI_SPACE_MEMORY64 && host->memory64.size == 0) {
		host->memory64 = range->window;
	} else if (space_of(range) == PCI_HI_SPACE_MEMORY32 &&
		   (host->memory32.size == 0 || (*prefetchable32 && !prefetchable))) {
		host->memory32 = range->window;
		*prefetchable32 = prefetchable;
	}
}

static bool window_fits(const struct host_range *range)
{
	const struct pci_window_description *window = &range->window;
	uint64_t last = window->size - 1;

	if (space_of(range) == PCI_HI_SPACE_MEMORY32 &&
	    (window->pci_base >= SPACE_4_GIB || window->size > SPACE_4_GIB - window->pci_base)) {
		return false;
	}
	return window->size && window->pci_base + last >= window->pci_base &&
	       window->cpu_base + last >= window->cpu_base;
}

static void dt_host_read_ranges(struct dt_reader *reader, const struct dt_node *node, struct host_description *host)
{
	struct dt_cells ranges = dt_cells(reader->fdt, dt_offset(node), "ranges");
	int bus = node->depth - 1;
	uint32_t parent_cells;
	uint32_t entry;
	unsigned int window = 0;
	bool prefetchable32 = false;

	if (!dt_address_cells(node, bus, &parent_cells)) {
		return; /* Reported already: the ECAM has no address either. */
	}
	entry = PCI_ADDRESS_CELLS + parent_cells + PCI_SIZE_CELLS;
	if (ranges.odd || ranges.count % entry) {
		dt_warn(reader, node, "ranges", "the last entry is cut off");
	}
	for (uint32_t at = 0; at + entry <= ranges.count; at += entry) {
		uint64_t address = dt_number(&ranges, at + PCI_ADDRESS_CELLS, parent_cells);
		struct host_range range = {
			.flags = dt_cell(&ranges, at),
			.window.pci_base = dt_number(&ranges, at + 1, PCI_ADDRESS_CELLS - 1),
			.window.size = dt_number(&ranges, at + PCI_ADDRESS_CELLS + parent_cells, PCI_SIZE_CELLS),
		};

		if (space_of(&range) < PCI_HI_SPACE_MEMORY32) {
			continue;
		}
		if (!dt_translate(node, bus, address, &range.window.cpu_base) || !window_fits(&range)) {
			dt_warn(reader, node, "ranges", DT_NO_ADDRESS);
			continue;
		}
		if (window == DESCRIPTION_HOST_WINDOWS_MAX) {
			dt_warn(reader, node, "ranges", "more windows than can be listed: what lies there moves");
			return;
		}
		host->window[window++] = range.window;
		keep_window(host, &range, &prefetchable32);
	}
}

/* Default: as many as the ECAM has. */
static bool read_buses(struct dt_reader *reader, const struct dt_node *node, struct host_description *host,
		       uint64_t held)
{
	struct dt_cells buses = dt_cells(reader->fdt, dt_offset(node), "bus-range");
	uint32_t first = 0;
	uint32_t last = BUS_MAX;

	if (buses.count >= 2) {
		first = dt_cell(&buses, 0);
		last = dt_cell(&buses, 1);
	}
	if (first > last || last > BUS_MAX || held == 0) {
		dt_warn(reader, node, "bus-range", "is impossible");
		return false;
	}
	if (held < last - first + 1) {
		if (buses.count >= 2) {
			dt_warn(reader, node, "bus-range", "exceeds the ECAM: cut");
		}
		last = first + (uint32_t)held - 1;
	}
	host->bus_first = (uint8_t)first;
	host->bus_last = (uint8_t)last;
	return true;
}

static bool has_pci_cells(const struct dt_node *node)
{
	uint32_t address;
	uint32_t size;

	return dt_address_cells(node, node->depth, &address) && address == PCI_ADDRESS_CELLS &&
	       dt_size_cells(node, node->depth, &size) && size == PCI_SIZE_CELLS;
}

static void read_host(struct dt_reader *reader, const struct dt_node *node, uint32_t segment)
{
	struct description *description = reader->description;
	struct host_description host = {.name = dt_path(reader, node), .segment = segment};

	if (!has_pci_cells(node)) {
		dt_warn(reader, node, "#address-cells", "is not 3, or #size-cells not 2");
		return;
	}
	if (!dt_reg(node, 0, &host.ecam)) {
		dt_warn(reader, node, "reg", DT_NO_ADDRESS);
		return;
	}
	if (!read_buses(reader, node, &host, host.ecam.size >> ECAM_BUS_SHIFT)) {
		return;
	}
	if (description->host_count == DESCRIPTION_HOSTS_MAX) {
		description_leave_out(description, LIST_HOSTS);
		return;
	}
	dt_host_read_ranges(reader, node, &host);
	description->host[description->host_count++] = host;
}

static void warn_of_shared_segment(struct dt_reader *reader, const struct dt_node *node, uint32_t segment)
{
	const struct description *description = reader->description;

	for (unsigned int i = 0; i < description->host_count; i++) {
		if (description->host[i].segment == segment) {
			dt_warn(reader, node, "linux,pci-domain", "another host has the same segment");
			return;
		}
	}
}

/* Size 0: there is no range of this name. */
static struct range_description named_range(const struct dt_node *node, const char *name)
{
	int index = dt_string_index(node, "reg-names", name);
	struct range_description range;

	return index >= 0 && dt_reg(node, (uint32_t)index, &range) ? range : (struct range_description){0};
}

/* By the names of a DesignWare binding (Linux's snps,dw-pcie-common, nvidia,tegra194-pcie). False: another kind of
 * host. */
static bool read_designware(struct dt_reader *reader, const struct dt_node *node,
			    struct unknown_host_description *unknown)
{
	unknown->config = named_range(node, "config");
	unknown->atu = named_range(node, "atu");
	if (!unknown->atu.size) {
		unknown->atu = named_range(node, "atu_dma");
	}
	if (!unknown->config.size || !has_pci_cells(node) || !read_buses(reader, node, &unknown->host, BUS_MAX + 1)) {
		return false;
	}
	unknown->dbi = named_range(node, "dbi");
	if (unknown->dbi.size) {
		dt_host_read_ranges(reader, node, &unknown->host);
	}
	return unknown->dbi.size;
}

static void note_unknown(struct dt_reader *reader, const struct dt_node *node, uint32_t segment)
{
	struct description *description = reader->description;
	const char *compatible = dt_string(node, "compatible");
	struct unknown_host_description unknown = {.host.name = dt_path(reader, node), .host.segment = segment};

	if (!ARCH_MORE_HOSTS || !read_designware(reader, node, &unknown)) {
		dt_warn(reader, node, "compatible", "no ECAM that is known: not enumerated");
	}
	if (ARCH_PLANS && description->unknown_host_count < DESCRIPTION_UNKNOWN_HOSTS_MAX) {
		unknown.compatible = description_name(description, compatible ? compatible : "no compatible");
		description->unknown_host[description->unknown_host_count++] = unknown;
	}
}

void dt_read_hosts(struct dt_reader *reader)
{
	struct dt_node node;
	uint32_t place = 0;

	for (bool more = dt_root(reader->fdt, &node); more; more = dt_next(&node)) {
		uint32_t segment;

		if (!dt_is_pci_host(&node)) {
			continue;
		}
		segment = dt_segment(&node, &place);
		if (!dt_enabled(&node)) {
			continue;
		}
		warn_of_shared_segment(reader, &node, segment);
		if (dt_compatible(&node, "pci-host-ecam-generic")) {
			read_host(reader, &node, segment);
		} else {
			note_unknown(reader, &node, segment);
		}
	}
}
