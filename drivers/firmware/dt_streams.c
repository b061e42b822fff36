/* SPDX-License-Identifier: BSD-2-Clause */
/* SMMUv3 instances, and who emits which stream ID to them: `iommus` and `iommu-map`. */
#include <libfdt.h>
#include <string.h>

#include "firmware/dt_tree.h"
#include "firmware/text.h"

#define SMMU_SIZE 0x20000U	 /* Two 64 KiB register pages. */
#define SMMU_SIZE_PAGE0 0x10000U /* Where page 1 is folded into page 0. */
#define SMMU_CELLS 1U
#define SPECIFIER_CELLS_MAX 16U /* Linux's MAX_PHANDLE_ARGS. */
#define NO_SMMU (-1)
#define INPUT_MAX 0xffffffffU
#define DMA_PARENTS_MAX 64U

struct iommu_target {
	int smmu; /* Index into smmu[], or NO_SMMU for an IOMMU of another kind. */
	uint32_t cells;
};

/* An entry of `iommu-map`. */
struct map_entry {
	int smmu;
	uint32_t first;
	uint32_t last;
	uint32_t sid;
};

/* Only the boot core reads tables, one at a time. */
static struct map_entry map_entries[DESCRIPTION_WINDOWS_MAX];

/* --- Instances. -------------------------------------------------------------------------------------------------- */

/* Where DMA coherency is inherited from: an interconnect named dma-mem, else the bus above. */
static bool dma_parent(struct dt_reader *reader, struct dt_node *node)
{
	int wanted = fdt_stringlist_search(reader->fdt, dt_offset(node), "interconnect-names", "dma-mem");
	struct dt_cells cells = dt_cells(reader->fdt, dt_offset(node), "interconnects");
	uint32_t at = 0;

	for (int i = 0; wanted >= 0 && at < cells.count; i++) {
		int target = dt_by_phandle(reader, dt_cell(&cells, at));
		uint32_t size;

		if (target < 0 || !dt_u32(reader->fdt, target, "#interconnect-cells", &size) ||
		    size > cells.count - at - 1) {
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

static bool is_coherent(struct dt_reader *reader, const struct dt_node *smmu)
{
	struct dt_node node = *smmu;

	/* Interconnects may point in a circle. */
	for (unsigned int i = 0; i < DMA_PARENTS_MAX; i++) {
		if (dt_has(&node, "dma-coherent")) {
			return true;
		}
		if (dt_has(&node, "dma-noncoherent") || !dma_parent(reader, &node)) {
			return false;
		}
	}
	dt_warn(reader, smmu, "interconnects", "DMA parents form a circle: not coherent");
	return false;
}

static void read_smmu_irq(struct dt_reader *reader, const struct dt_node *node, const char *name,
			  struct irq_description *irq)
{
	int index = fdt_stringlist_search(reader->fdt, dt_offset(node), "interrupt-names", name);
	const char *why;

	if (index < 0) {
		return;
	}
	why = dt_irq(reader, node, (uint32_t)index, irq);
	if (why) {
		dt_warn(reader, node, "interrupts", why);
	}
}

static void read_smmu_irqs(struct dt_reader *reader, const struct dt_node *node, struct smmu_description *smmu)
{
	read_smmu_irq(reader, node, "eventq", &smmu->eventq);
	read_smmu_irq(reader, node, "priq", &smmu->priq);
	read_smmu_irq(reader, node, "cmdq-sync", &smmu->sync);
	read_smmu_irq(reader, node, "gerror", &smmu->gerror);
	if (smmu->quirks & SMMU_QUIRK_COMBINED_IRQ) {
		dt_warn(reader, node, "interrupt-names", "combined is not used");
	}
	if (dt_has(node, "interrupts") && !dt_has(node, "interrupt-names")) {
		dt_warn(reader, node, "interrupt-names", "missing: no interrupt is used");
	}
}

static void read_smmu_base(struct dt_reader *reader, const struct dt_node *node, struct smmu_description *smmu)
{
	uint64_t wanted = smmu->quirks & SMMU_QUIRK_NO_PAGE1 ? SMMU_SIZE_PAGE0 : SMMU_SIZE;
	struct range_description range;

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

static uint8_t read_smmu_quirks(struct dt_reader *reader, const struct dt_node *node)
{
	unsigned int quirks = 0;

	if (dt_has(node, "cavium,cn9900-broken-page1-regspace")) {
		quirks |= SMMU_QUIRK_NO_PAGE1;
	}
	if (dt_has(node, "hisilicon,broken-prefetch-cmd")) {
		quirks |= SMMU_QUIRK_NO_PREFETCH;
	}
	if (fdt_stringlist_search(reader->fdt, dt_offset(node), "interrupt-names", "combined") >= 0) {
		quirks |= SMMU_QUIRK_COMBINED_IRQ;
	}
	return (uint8_t)quirks;
}

static void read_smmu(struct dt_reader *reader, const struct dt_node *node)
{
	struct stream_description *streams = &reader->description->streams;
	struct smmu_description *smmu = &streams->smmu[streams->smmu_count];
	uint32_t cells;

	if (streams->smmu_count == DESCRIPTION_SMMUS_MAX) {
		dt_warn(reader, node, NULL, DT_TOO_MANY);
		return;
	}
	*smmu = (struct smmu_description){
		.name = dt_path(reader, node),
		.enabled = dt_enabled(node),
		.coherent = is_coherent(reader, node),
		.quirks = read_smmu_quirks(reader, node),
		.handle = fdt_get_phandle(reader->fdt, dt_offset(node)),
	};
	streams->smmu_count++;
	read_smmu_base(reader, node, smmu);
	read_smmu_irqs(reader, node, smmu);
	if (!dt_u32(reader->fdt, dt_offset(node), "#iommu-cells", &cells)) {
		dt_warn(reader, node, "#iommu-cells", "missing");
	} else if (cells != SMMU_CELLS) {
		dt_warn(reader, node, "#iommu-cells", "not 1");
	}
}

/* --- Streams. ---------------------------------------------------------------------------------------------------- */

static int smmu_by_handle(const struct stream_description *streams, uint32_t handle)
{
	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		if (handle != 0 && streams->smmu[i].handle == handle) {
			return (int)i;
		}
	}
	return NO_SMMU;
}

/* Resolves one phandle: NULL, or in words why the list ends here. */
static const char *read_target(struct dt_reader *reader, uint32_t phandle, struct iommu_target *target)
{
	int offset = dt_by_phandle(reader, phandle);

	if (offset < 0) {
		return "a phandle leads to no node";
	}
	if (!dt_u32(reader->fdt, offset, "#iommu-cells", &target->cells)) {
		return "a phandle leads to no #iommu-cells";
	}
	target->smmu = smmu_by_handle(&reader->description->streams, phandle);
	return NULL;
}

/* Like Linux, a list ends at the first entry that makes no sense: where the next one begins is not known. */
static void warn_of_end(struct dt_reader *reader, const struct dt_node *node, const char *property, const char *why)
{
	struct text text;

	text_clear(&text);
	text_add(&text, why);
	text_add(&text, ": the list ends here");
	dt_warn(reader, node, property, text.chars);
}

static void add_fixed(struct dt_reader *reader, const struct dt_node *node, unsigned int smmu, uint32_t sid)
{
	struct stream_description *streams = &reader->description->streams;
	const char *compatible = dt_string(node, "compatible");

	if (streams->fixed_count == DESCRIPTION_FIXED_MAX) {
		dt_warn(reader, node, "iommus", DT_TOO_MANY);
		return;
	}
	streams->fixed[streams->fixed_count++] = (struct fixed_description){
		.smmu = smmu,
		.first = sid,
		.last = sid,
		.single = true,
		.master = dt_path(reader, node),
		.compatible = compatible ? description_name(reader->description, compatible) : NULL,
		.enabled = dt_enabled(node),
	};
}

static void read_iommus(struct dt_reader *reader, const struct dt_node *node)
{
	struct dt_cells cells = dt_cells(reader->fdt, dt_offset(node), "iommus");
	uint32_t at = 0;

	if (cells.odd) {
		dt_warn(reader, node, "iommus", "no multiple of 4");
	}
	while (at < cells.count) {
		struct iommu_target target;
		const char *why = read_target(reader, dt_cell(&cells, at), &target);

		if (!why && (target.cells > cells.count - at - 1 || target.cells > SPECIFIER_CELLS_MAX)) {
			why = "the last entry is cut off";
		}
		if (why) {
			warn_of_end(reader, node, "iommus", why);
			return;
		}
		if (target.smmu != NO_SMMU && target.cells == 0) {
			dt_warn(reader, node, "iommus", "no cell, no stream");
		} else if (target.smmu != NO_SMMU) {
			add_fixed(reader, node, (unsigned int)target.smmu, dt_cell(&cells, at + 1));
		}
		at += 1 + target.cells;
	}
}

/* --- Maps. ------------------------------------------------------------------------------------------------------- */

struct map {
	const char *master;
	uint32_t mask;
	bool has_mask;
	uint32_t segment;
	bool enabled;
	uint32_t count; /* Of map_entries[]. */
};

static const char *check_entry(const struct map *map, const struct iommu_target *target, uint32_t base, uint32_t length)
{
	if (base & ~map->mask) {
		return "an input base is outside iommu-map-mask";
	}
	if (length > 1 && target->cells > 1) {
		return "a range has more than one output cell";
	}
	if (map->count == DESCRIPTION_WINDOWS_MAX) {
		return DT_TOO_MANY;
	}
	return NULL;
}

static void add_entry(struct dt_reader *reader, const struct dt_node *node, struct map *map, struct map_entry entry,
		      uint32_t length)
{
	if (length == 0) {
		dt_warn(reader, node, "iommu-map", "an entry of length 0 matches nothing");
		return;
	}
	if (length - 1 > INPUT_MAX - entry.first || length - 1 > INPUT_MAX - entry.sid) {
		dt_warn(reader, node, "iommu-map", "an entry passes the last 32-bit ID: cut");
		length = 1 + (INPUT_MAX - (entry.first > entry.sid ? entry.first : entry.sid));
	}
	entry.last = entry.first + (length - 1);
	map_entries[map->count++] = entry;
}

/* The entry at cell `*at`: input base, phandle, the cells its node wants, length. NULL, or why the list ends here. */
static const char *read_entry(struct dt_reader *reader, const struct dt_node *node, struct map *map,
			      const struct dt_cells *cells, uint32_t *at)
{
	struct map_entry entry = {.first = dt_cell(cells, *at)};
	struct iommu_target target;
	uint32_t length;
	const char *why;

	if (cells->count - *at < 2) {
		return "the last entry is cut off";
	}
	why = read_target(reader, dt_cell(cells, *at + 1), &target);
	if (why) {
		return why;
	}
	if (target.cells > SPECIFIER_CELLS_MAX || cells->count - *at < 3 + target.cells) {
		return "the last entry is cut off";
	}
	length = dt_cell(cells, *at + 2 + target.cells);
	why = check_entry(map, &target, entry.first, length);
	if (why) {
		return why;
	}
	entry.smmu = target.smmu;
	if (target.cells > 0) {
		entry.sid = dt_cell(cells, *at + 2);
	} else if (target.smmu != NO_SMMU) {
		dt_warn(reader, node, "iommu-map", "no cell, no stream");
		entry.smmu = NO_SMMU;
	}
	add_entry(reader, node, map, entry, length);
	*at += 3 + target.cells;
	return NULL;
}

static void read_entries(struct dt_reader *reader, const struct dt_node *node, struct map *map)
{
	struct dt_cells cells = dt_cells(reader->fdt, dt_offset(node), "iommu-map");
	uint32_t at = 0;

	if (cells.odd) {
		dt_warn(reader, node, "iommu-map", "no multiple of 4");
		return;
	}
	while (at < cells.count) {
		const char *why = read_entry(reader, node, map, &cells, &at);

		if (why) {
			warn_of_end(reader, node, "iommu-map", why);
			return;
		}
	}
}

static void add_window(struct dt_reader *reader, const struct dt_node *node, const struct map *map,
		       const struct map_entry *entry, uint32_t first, uint32_t last)
{
	struct stream_description *streams = &reader->description->streams;

	if (streams->window_count == DESCRIPTION_WINDOWS_MAX) {
		dt_warn(reader, node, "iommu-map", DT_TOO_MANY);
		return;
	}
	streams->window[streams->window_count++] = (struct window_description){
		.smmu = (unsigned int)entry->smmu,
		.input_first = first,
		.input_last = last,
		.sid = entry->sid + (first - entry->first),
		.has_mask = map->has_mask,
		.mask = map->mask,
		.master = map->master,
		.segment = map->segment,
		.enabled = map->enabled,
	};
}

/* The first entry that holds `input`, or NULL; `last` gets the last input ID for which that stays true. */
static const struct map_entry *winner_at(const struct map *map, uint32_t input, uint32_t *last)
{
	*last = INPUT_MAX;
	for (uint32_t i = 0; i < map->count; i++) {
		const struct map_entry *entry = &map_entries[i];

		if (entry->first <= input && input <= entry->last) {
			*last = entry->last < *last ? entry->last : *last;
			return entry;
		}
		if (entry->first > input && entry->first - 1 < *last) {
			*last = entry->first - 1;
		}
	}
	return NULL;
}

static void resolve(struct dt_reader *reader, const struct dt_node *node, const struct map *map)
{
	uint64_t input = 0;

	while (input <= INPUT_MAX) {
		uint32_t last;
		const struct map_entry *entry = winner_at(map, (uint32_t)input, &last);

		if (entry && entry->smmu != NO_SMMU) {
			add_window(reader, node, map, entry, (uint32_t)input, last);
		}
		input = (uint64_t)last + 1;
	}
}

static void read_map(struct dt_reader *reader, const struct dt_node *node, uint32_t segment)
{
	struct map map = {.mask = STREAM_NO_MASK, .segment = segment, .enabled = dt_enabled(node)};

	if (!dt_has(node, "iommu-map")) {
		return;
	}
	map.master = dt_path(reader, node);
	map.has_mask = dt_u32(reader->fdt, dt_offset(node), "iommu-map-mask", &map.mask);
	read_entries(reader, node, &map);
	resolve(reader, node, &map);
}

void dt_read_streams(struct dt_reader *reader)
{
	struct dt_node node;
	uint32_t place = 0;

	reader->description->streams.source = DESCRIPTION_DT;
	for (bool more = dt_root(reader->fdt, &node); more; more = dt_next(&node)) {
		if (dt_compatible(&node, "arm,smmu-v3")) {
			read_smmu(reader, &node);
		}
	}
	for (bool more = dt_root(reader->fdt, &node); more; more = dt_next(&node)) {
		uint32_t segment = dt_is_pci_host(&node) ? dt_segment(&node, &place) : STREAM_NO_SEGMENT;

		read_iommus(reader, &node);
		read_map(reader, &node, segment);
	}
}
