/* SPDX-License-Identifier: BSD-2-Clause */
/* Traits from a device tree. */
#include <string.h>

#include "findings/traits.h"
#include "firmware/dt_map.h"
#include "firmware/text.h"

#define GIC_CELLS 3U
#define PCI_ADDRESS_CELLS 3U

struct pass {
	struct dt_reader reader;
	struct traits *traits;
	unsigned int fixed;  /* The next stream in the order of the tree. */
	unsigned int window; /* The same of iommu-map. */
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

/* The highest address on the bus at `depth` that its `dma-ranges` takes; as Linux's of_dma_get_range(). */
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

/* A PCI host's own `dma-ranges`, a device's bus's; the first that is not empty. */
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

static void read_master(struct pass *pass, const struct dt_node *node, const char *name, uint32_t segment)
{
	struct master_traits *master = traits_add_master(pass->traits);
	bool is_host = segment != STREAM_NO_SEGMENT;
	uint32_t bits;

	if (!master) {
		return;
	}
	*master = (struct master_traits){
		.name = name,
		.segment = segment,
		.place = (uint32_t)dt_offset(node),
		.enabled = dt_enabled(node),
		.coherent = is_told(dt_is_coherent(&pass->reader, node)),
		/* Linux: of_pci_check_device_ats() asks the host. */
		.ats = is_host ? is_told(dt_has(node, "ats-supported")) : TOLD_NOTHING,
		.stall = is_host ? TOLD_NOTHING : is_told(dt_has(node, "dma-can-stall")),
		.supply = supply_of(&pass->reader, node),
	};
	if (!is_host) {
		bits = 0;
		(void)dt_u32(node->fdt, dt_offset(node), "pasid-num-bits", &bits);
		master->tells_pasid = true;
		master->pasid_bits = (uint8_t)(bits < UINT8_MAX ? bits : UINT8_MAX);
	}
	read_reach(node, is_host, master);
}

/* The readers list streams in the order of the tree. */
static bool has_streams(struct pass *pass, const char *name)
{
	const struct stream_description *streams = &pass->reader.description->streams;
	bool found = false;

	for (; pass->fixed < streams->fixed_count && streams->fixed[pass->fixed].master == name; pass->fixed++) {
		found = true;
	}
	for (; pass->window < streams->window_count && streams->window[pass->window].master == name; pass->window++) {
		found = true;
	}
	return found;
}

static void read_node(struct pass *pass, const struct dt_node *node)
{
	bool is_host = dt_is_pci_host(node);
	uint32_t segment = is_host ? dt_segment(node, &pass->segment) : STREAM_NO_SEGMENT;
	const char *name;

	if (!dt_has(node, "iommus") && !dt_has(node, "iommu-map")) {
		return;
	}
	name = dt_path(&pass->reader, node);
	if (has_streams(pass, name)) {
		read_master(pass, node, name, segment);
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
		line->trigger = dt_cell(cells, at + 2);
		line->has_trigger = true;
		line->kind = LINE_BEYOND;
		if (line->type < sizeof(types) / sizeof(types[0]) && line->number < types[line->type].count) {
			line->kind = types[line->type].kind;
			line->intid = types[line->type].first + line->number;
		}
		return;
	}
	line->kind = LINE_FOREIGN;
	if (dt_at(reader->fdt, parent, &controller)) {
		kind = dt_string(&controller, "compatible");
		line->parent = dt_path(reader, &controller);
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

/* --- Their own MSIs. --- */

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

/* False: none, or no hexadecimal number, as "1,0" of some buses. */
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

	traits->master_count = 0;
	traits->masters_left_out = 0;
	for (bool more = dt_root(dtb, &node); more; more = dt_next(&node)) {
		if (dt_compatible(&node, "arm,smmu-v3")) {
			read_smmu(&pass, &node);
		}
		read_node(&pass, &node);
	}
}
