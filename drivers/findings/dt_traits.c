/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "findings/traits.h"
#include "firmware/dt_map.h"
#include "firmware/text.h"

#define GIC_CELLS 3U
#define TRIGGER_MASK 0xfU /* A mask of cores stands beside it. */

struct pass {
	struct dt_reader reader;
	struct traits *traits;
	struct traits_cursor cursor;
	unsigned int smmu;
	uint32_t segment;
};

/* --- Supplies. --- */

/* "property <provider 1 2>, <...>" of a list of phandles with specifiers. */
static void add_supplies(struct dt_reader *reader, const struct dt_node *node, const char *property,
			 const char *cells_property, struct text *text)
{
	struct dt_cells list = dt_cells(reader->fdt, dt_offset(node), property);
	const char *comma = " ";

	if (list.count == 0) {
		return;
	}
	text_add(text, text->length ? ", " : "");
	text_add(text, property);
	for (uint32_t at = 0; at < list.count; comma = ", ") {
		int provider = dt_by_phandle(reader, dt_cell(&list, at++));
		uint32_t cells = 0;

		text_add(text, comma);
		text_add(text, "<");
		text_add(text, provider < 0 ? "?" : dt_name(reader->fdt, provider));
		if (provider < 0 || !dt_u32(reader->fdt, provider, cells_property, &cells)) {
			at = list.count;
		}
		for (uint32_t i = 0; i < cells && at < list.count; i++) {
			text_add(text, " ");
			text_add_hex(text, dt_cell(&list, at++));
		}
		text_add(text, ">");
	}
}

/* NULL: it names none. */
static const char *supply_of(struct dt_reader *reader, const struct dt_node *node)
{
	struct text text;

	text_clear(&text);
	add_supplies(reader, node, "power-domains", "#power-domain-cells", &text);
	add_supplies(reader, node, "clocks", "#clock-cells", &text);
	add_supplies(reader, node, "resets", "#reset-cells", &text);
	return text.length ? description_name(reader->description, text.chars) : NULL;
}

/* --- Reach. --- */

/* The highest address on the bus at `depth` that its `dma-ranges` takes, as Linux's of_dma_get_range(). */
static void read_ranges(const struct dt_node *node, int depth, struct master_traits *master)
{
	struct dt_cells ranges = dt_cells(node->fdt, node->chain[depth], "dma-ranges");
	uint32_t address, size, parent, entry;

	if (depth == 0 || !dt_address_cells(node, depth, &address) || !dt_size_cells(node, depth, &size) ||
	    !dt_address_cells(node, depth - 1, &parent)) {
		return;
	}
	entry = address + parent + size;
	if (ranges.count < entry) {
		return;
	}
	master->tells_reach = true;
	master->reaches_nothing = true;
	for (uint32_t at = 0; at + entry <= ranges.count; at += entry) {
		uint64_t first = dt_number(&ranges, at, address);
		uint64_t length = dt_number(&ranges, at + address + parent, size);
		uint64_t last = first + (length - 1) < first ? UINT64_MAX : first + (length - 1);

		if (length > 0) {
			master->reaches_nothing = false;
			master->reach = last > master->reach ? last : master->reach;
		}
	}
}

/* The first `dma-ranges` that is not empty, from a PCI host's own or a device's bus's on. */
static void read_reach(const struct dt_node *node, bool is_host, struct master_traits *master)
{
	int depth = is_host ? node->depth : node->depth - 1;

	for (; depth > 0; depth--) {
		struct dt_cells ranges = dt_cells(node->fdt, node->chain[depth], "dma-ranges");

		if (ranges.count) {
			read_ranges(node, depth, master);
			return;
		}
	}
}

/* --- Masters. --- */

static enum told is_told(bool yes)
{
	return yes ? TOLD_YES : TOLD_NO;
}

/* "...-pcie-ep", "...-pci-ep". */
static bool is_endpoint(const struct dt_node *node)
{
	uint32_t size = 0;
	const char *names = dt_property(node->fdt, dt_offset(node), "compatible", &size);

	for (uint32_t at = 0; at + 3 <= size; at++) {
		if (!memcmp(&names[at], "-ep", 3) && (at + 3 == size || !names[at + 3])) {
			return true;
		}
	}
	return false;
}

static bool is_bridge(const struct dt_node *node)
{
	return dt_string_is(node, "device_type", "pci");
}

static enum pci_place place_of(const struct dt_node *node, bool is_host)
{
	struct dt_node parent = *node;

	/* Some hosts lack a device_type, which the binding wants. */
	if (is_host && !is_endpoint(node)) {
		return PCI_HOST;
	}
	parent.depth--;
	return parent.depth > 0 && is_bridge(&parent) ? PCI_FUNCTION : PCI_NOT;
}

/* `bus-range`, or all buses. */
static void read_buses(const struct dt_node *node, struct master_traits *master)
{
	struct dt_cells buses = dt_cells(node->fdt, dt_offset(node), "bus-range");

	master->bus_last = UINT8_MAX;
	if (buses.count >= 2 && dt_cell(&buses, 0) <= dt_cell(&buses, 1) && dt_cell(&buses, 1) <= UINT8_MAX) {
		master->bus_first = (uint8_t)dt_cell(&buses, 0);
		master->bus_last = (uint8_t)dt_cell(&buses, 1);
	}
}

/* Entries with one output cell, as an SMMUv3 has; others count as leading elsewhere. */
static bool maps_elsewhere(struct dt_reader *reader, const struct dt_node *node)
{
	struct dt_cells map = dt_cells(reader->fdt, dt_offset(node), "iommu-map");

	for (uint32_t at = 0; at + 1 < map.count; at += 4) {
		int target = dt_by_phandle(reader, dt_cell(&map, at + 1));

		if (target < 0 || !dt_is_compatible(reader->fdt, target, "arm,smmu-v3")) {
			return true;
		}
	}
	return false;
}

/* An interrupt "msi", "msi0": the controller itself takes MSIs out of the stream of writes. */
static bool names_msi(const struct dt_node *node)
{
	uint32_t size = 0;
	const char *names = dt_property(node->fdt, dt_offset(node), "interrupt-names", &size);

	for (uint32_t at = 0; at + 3 <= size; at++) {
		if (!memcmp(&names[at], "msi", 3) && (at == 0 || !names[at - 1])) {
			return true;
		}
	}
	return false;
}

static bool has_own_msis(const struct dt_node *node)
{
	struct dt_node child = *node;

	if (names_msi(node) || dt_has(node, "msi-controller")) {
		return true;
	}
	while (dt_next(&child) && child.depth > node->depth) {
		if (dt_has(&child, "msi-controller")) {
			return true;
		}
	}
	return false;
}

static void read_pci(struct dt_reader *reader, const struct dt_node *node, bool is_host, struct master_traits *master)
{
	master->pci = place_of(node, is_host);
	master->is_endpoint = is_endpoint(node);
	if (is_host) {
		master->maps_elsewhere = maps_elsewhere(reader, node);
		master->has_own_msis = has_own_msis(node);
		read_buses(node, master);
	}
	master->tells_msis = dt_has(node, "msi-map") || dt_has(node, "msi-parent");
}

static void read_master(struct pass *pass, const struct dt_node *node, uint32_t segment, struct master_traits *master)
{
	bool is_host = segment != STREAM_NO_SEGMENT;
	uint32_t bits = 0;

	master->segment = segment;
	master->place = (uint32_t)dt_offset(node);
	master->bus = node->depth > 0 ? (uint32_t)node->chain[node->depth - 1] : master->place;
	master->enabled = dt_enabled(node);
	master->coherent = is_told(dt_is_coherent(&pass->reader, node));
	/* As Linux's of_pci_check_device_ats(), which looks at the host. */
	master->ats = is_host ? is_told(dt_has(node, "ats-supported")) : TOLD_NOTHING;
	master->stall = is_host ? TOLD_NOTHING : is_told(dt_has(node, "dma-can-stall"));
	master->supply = supply_of(&pass->reader, node);
	if (!is_host) {
		(void)dt_u32(node->fdt, dt_offset(node), "pasid-num-bits", &bits);
		master->tells_pasid = true;
		master->pasid_bits = (uint8_t)(bits < UINT8_MAX ? bits : UINT8_MAX);
	}
	read_reach(node, is_host, master);
	read_pci(&pass->reader, node, is_host, master);
}

static void read_node(struct pass *pass, const struct dt_node *node)
{
	bool is_host = dt_is_pci_host(node);
	uint32_t segment = is_host ? dt_segment(node, &pass->segment) : STREAM_NO_SEGMENT;
	struct master_traits master = {.name = NULL};
	struct master_traits *added;

	if (!dt_has(node, "iommus") && !dt_has(node, "iommu-map")) {
		return;
	}
	master.name = dt_path(&pass->reader, node);
	if (!traits_take_streams(&pass->cursor, &pass->reader.description->streams, master.name, &master)) {
		return;
	}
	added = traits_add_master(pass->traits);
	if (added) {
		read_master(pass, node, segment, &master);
		*added = master;
	}
}

/* --- The SMMUs' interrupts. --- */

static const struct {
	enum line_kind kind;
	uint32_t first;
	uint32_t count;
} types[] = {
	{LINE_SPI, 32, 988},
	{LINE_PPI, 16, 16},
	{LINE_EXTENDED_SPI, 4096, 1024},
	{LINE_EXTENDED_PPI, 1056, 64},
};

static void read_line_of(struct dt_reader *reader, int parent, const struct dt_cells *cells, uint32_t at,
			 struct line_traits *line)
{
	struct dt_node controller;
	const char *kind;

	line->type = dt_cell(cells, at);
	if (dt_gic_version(reader->fdt, parent)) {
		line->number = dt_cell(cells, at + 1);
		line->trigger = dt_cell(cells, at + 2) & TRIGGER_MASK;
		line->has_trigger = true;
		line->kind = LINE_BEYOND;
		if (line->type < sizeof(types) / sizeof(types[0]) && line->number < types[line->type].count) {
			line->kind = types[line->type].kind;
			line->intid = types[line->type].first + line->number;
		}
		return;
	}
	line->kind = LINE_FOREIGN;
	line->parent = "?";
	if (dt_at(reader->fdt, parent, &controller)) {
		line->parent = dt_path(reader, &controller);
		/* A child of a controller may leave `compatible` to the node above. */
		while (controller.depth > 1 && !dt_has(&controller, "compatible")) {
			controller.depth--;
		}
		kind = dt_string(&controller, "compatible");
		line->parent_kind = kind ? description_name(reader->description, kind) : NULL;
	}
}

static void read_extended(struct dt_reader *reader, const struct dt_cells *cells, uint32_t index,
			  struct line_traits *line)
{
	uint32_t size;

	for (uint32_t at = 0; at < cells->count; at += 1 + size, index--) {
		int parent = dt_by_phandle(reader, dt_cell(cells, at));

		if (parent < 0 || !dt_u32(reader->fdt, parent, "#interrupt-cells", &size) ||
		    size > cells->count - at - 1) {
			return;
		}
		if (index == 0) {
			if (size >= GIC_CELLS || (size > 0 && !dt_gic_version(reader->fdt, parent))) {
				read_line_of(reader, parent, cells, at + 1, line);
			}
			return;
		}
	}
}

static void read_plain(struct dt_reader *reader, const struct dt_node *node, uint32_t index, struct line_traits *line)
{
	struct dt_cells cells = dt_cells(reader->fdt, dt_offset(node), "interrupts");
	int parent = dt_interrupt_parent(reader, node);
	uint32_t size = 0;

	if (parent < 0 || !dt_u32(reader->fdt, parent, "#interrupt-cells", &size) || size == 0 ||
	    cells.count / size <= index || (size < GIC_CELLS && dt_gic_version(reader->fdt, parent))) {
		return;
	}
	read_line_of(reader, parent, &cells, index * size, line);
}

static bool read_line(struct dt_reader *reader, const struct dt_node *node, const char *name, struct line_traits *line)
{
	struct dt_cells extended = dt_cells(reader->fdt, dt_offset(node), "interrupts-extended");
	int index = dt_string_index(node, "interrupt-names", name);

	if (index < 0) {
		return false;
	}
	if (extended.bytes) {
		read_extended(reader, &extended, (uint32_t)index, line);
	} else {
		read_plain(reader, node, (uint32_t)index, line);
	}
	return true;
}

static void read_lines(struct dt_reader *reader, const struct dt_node *node, struct smmu_traits *smmu)
{
	static const char *const names[WIRES] = {"eventq", "priq", "cmdq-sync", "gerror"};

	for (unsigned int wire = 0; wire < WIRES; wire++) {
		(void)read_line(reader, node, names[wire], &smmu->line[wire]);
		smmu->is_combined = read_line(reader, node, "combined", &smmu->line[wire]);
	}
}

/* --- The SMMUs' own MSIs. --- */

static void read_own_msi(struct dt_reader *reader, const struct dt_node *node, struct smmu_traits *smmu)
{
	struct dt_cells list = dt_cells(reader->fdt, dt_offset(node), "msi-parent");
	struct dt_node controller;
	uint32_t cells = 0;

	if (list.count == 0) {
		return;
	}
	smmu->msi = OWN_MSI_NOWHERE;
	if (!dt_at(reader->fdt, dt_by_phandle(reader, dt_cell(&list, 0)), &controller) ||
	    !dt_has(&controller, "msi-controller")) {
		return;
	}
	(void)dt_u32(reader->fdt, dt_offset(&controller), "#msi-cells", &cells);
	smmu->msi = dt_enabled(&controller) ? OWN_MSI_USED : OWN_MSI_DISABLED;
	smmu->msi_controller = dt_path(reader, &controller);
	smmu->msi_has_device = cells > 0 && list.count > 1;
	smmu->msi_device = smmu->msi_has_device ? dt_cell(&list, 1) : 0;
}

/* --- SMMUs. --- */

static unsigned int digit_of(char c)
{
	if (c >= '0' && c <= '9') {
		return (unsigned int)(c - '0');
	}
	return c >= 'a' && c <= 'f' ? (unsigned int)(c - 'a') + 10 :
	       c >= 'A' && c <= 'F' ? (unsigned int)(c - 'A') + 10 :
				      16;
}

/* False: none, or no hexadecimal number, such as "1,0" on some buses. */
static bool read_unit(const char *name, uint64_t *unit)
{
	const char *at = strchr(name, '@');

	*unit = 0;
	if (!at || !at[1]) {
		return false;
	}
	for (at++; *at; at++) {
		if (digit_of(*at) > 15) {
			return false;
		}
		*unit = *unit << 4 | digit_of(*at);
	}
	return true;
}

static void read_place(const struct dt_node *node, struct smmu_traits *smmu)
{
	struct dt_cells reg = dt_cells(node->fdt, dt_offset(node), "reg");
	uint32_t cells;

	smmu->has_unit = read_unit(dt_name(node->fdt, dt_offset(node)), &smmu->unit);
	if (node->depth > 0 && dt_address_cells(node, node->depth - 1, &cells) && reg.count >= cells) {
		smmu->has_place = true;
		smmu->place = dt_number(&reg, 0, cells);
	}
}

static void read_smmu(struct pass *pass, const struct dt_node *node)
{
	struct smmu_traits *smmu = &pass->traits->smmu[pass->smmu];
	const char *status = dt_string(node, "status");

	if (pass->smmu == pass->reader.description->streams.smmu_count) {
		return;
	}
	pass->smmu++;
	*smmu = (struct smmu_traits){
		.status = status ? description_name(pass->reader.description, status) : NULL,
		.supply = supply_of(&pass->reader, node),
	};
	read_lines(&pass->reader, node, smmu);
	read_own_msi(&pass->reader, node, smmu);
	read_place(node, smmu);
}

void dt_read_traits(const void *dtb, struct description *description, struct traits *traits)
{
	struct pass pass = {.reader = {.fdt = dtb, .description = description}, .traits = traits};
	struct dt_node node;

	traits_clear(traits, description->streams.smmu_count);
	for (bool more = dt_root(dtb, &node); more; more = dt_next(&node)) {
		if (dt_compatible(&node, "arm,smmu-v3")) {
			read_smmu(&pass, &node);
		}
		read_node(&pass, &node);
	}
}
