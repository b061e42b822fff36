/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * `iommu-map` and `msi-map`: input base, phandle, output base, length. As in Linux the ID is masked first, the first
 * entry that holds it wins, a bad entry ends the list.
 */
#include "firmware/dt_map.h"

#include <stddef.h>

#include "firmware/dt_entries.h"
#include "firmware/text.h"

#define INPUT_MAX 0xffffffffU

/* Static: only the boot core reads tables, one at a time. */
static struct dt_map_entry entries[DESCRIPTION_WINDOWS_MAX];

struct map {
	struct dt_reader *reader;
	const struct dt_node *node;
	const struct dt_map_kind *kind;
	uint32_t mask;
	uint32_t count; /* In entries[]. */
};

static const char *target_cells(struct dt_reader *reader, uint32_t phandle, const struct dt_specifier *specifier,
				uint32_t *cells)
{
	int offset = dt_by_phandle(reader, phandle);

	if (offset < 0) {
		return "a phandle leads to no node";
	}
	if (dt_u32(reader->fdt, offset, specifier->cells, cells)) {
		return *cells > DT_SPECIFIER_CELLS_MAX ? "the last entry is cut off" : NULL;
	}
	*cells = specifier->cells_default;
	return specifier->missing;
}

void dt_list_ends(struct dt_reader *reader, const struct dt_node *node, const char *property, const char *why)
{
	struct text text;

	text_clear(&text);
	text_add(&text, why);
	text_add(&text, ": the list ends here");
	dt_warn(reader, node, property, text.chars);
}

void dt_list_read(struct dt_reader *reader, const struct dt_node *node, const char *property,
		  const struct dt_specifier *specifier, dt_add_target *add)
{
	struct dt_cells list = dt_cells(reader->fdt, dt_offset(node), property);
	uint32_t at = 0;

	if (list.odd || (list.bytes && !list.count)) {
		dt_warn(reader, node, property, list.odd ? "no multiple of 4" : "empty");
	}
	while (at < list.count) {
		uint32_t phandle = dt_cell(&list, at);
		uint32_t cells = 0;
		const char *why = target_cells(reader, phandle, specifier, &cells);

		if (!why && cells > list.count - at - 1) {
			why = "the last entry is cut off";
		}
		if (why) {
			dt_list_ends(reader, node, property, why);
			return;
		}
		add(reader, node, phandle, cells, cells ? dt_cell(&list, at + 1) : 0);
		at += 1 + cells;
	}
}

static void dt_map_warn(const struct map *map, const char *words)
{
	dt_warn(map->reader, map->node, map->kind->property, words);
}

static const char *check_entry(const struct map *map, const struct dt_map_entry *entry, uint32_t length)
{
	if (entry->first & ~map->mask) {
		return map->kind->outside_mask;
	}
	if (length > 1 && entry->cells > 1) {
		return "a range has more than one output cell";
	}
	return NULL;
}

static void add_entry(struct map *map, struct dt_map_entry entry, uint32_t length)
{
	if (length == 0) {
		dt_map_warn(map, "an entry of length 0 matches nothing");
		return;
	}
	if (length - 1 > INPUT_MAX - entry.first || length - 1 > INPUT_MAX - entry.output) {
		dt_map_warn(map, "an entry passes the last 32-bit ID: cut");
		length = 1 + (INPUT_MAX - (entry.first > entry.output ? entry.first : entry.output));
	}
	if (map->count == DESCRIPTION_WINDOWS_MAX) {
		description_leave_out(map->reader->description, map->reader->msis ? LIST_MSIS : LIST_WINDOWS);
		return;
	}
	entry.last = entry.first + (length - 1);
	entries[map->count++] = entry;
}

static const char *dt_map_read_entry(struct map *map, const struct dt_cells *cells, uint32_t *at)
{
	struct dt_map_entry entry = {.first = dt_cell(cells, *at)};
	const char *why;
	uint32_t length;

	if (cells->count - *at < 2) {
		return "the last entry is cut off";
	}
	entry.phandle = dt_cell(cells, *at + 1);
	why = target_cells(map->reader, entry.phandle, &map->kind->specifier, &entry.cells);
	if (why) {
		return why;
	}
	if (cells->count - *at < 3 + entry.cells) {
		return "the last entry is cut off";
	}
	entry.output = entry.cells ? dt_cell(cells, *at + 2) : 0;
	length = dt_cell(cells, *at + 2 + entry.cells);
	why = check_entry(map, &entry, length);
	if (!why) {
		add_entry(map, entry, length);
		*at += 3 + entry.cells;
	}
	return why;
}

static void read_entries(struct map *map)
{
	struct dt_cells cells = dt_cells(map->reader->fdt, dt_offset(map->node), map->kind->property);
	uint32_t at = 0;

	if (cells.odd || !cells.count) {
		dt_map_warn(map, cells.odd ? "no multiple of 4" : "empty");
		return;
	}
	while (at < cells.count) {
		const char *why = dt_map_read_entry(map, &cells, &at);

		if (why) {
			dt_list_ends(map->reader, map->node, map->kind->property, why);
			return;
		}
	}
}

void dt_map_read(struct dt_reader *reader, const struct dt_node *node, const struct dt_map_kind *kind, uint32_t segment)
{
	struct map map = {.reader = reader, .node = node, .kind = kind, .mask = STREAM_NO_MASK};
	struct dt_cells mask;
	uint64_t input = 0;

	if (!dt_has(node, kind->property)) {
		return;
	}
	mask = dt_cells(reader->fdt, dt_offset(node), kind->mask);
	if (mask.bytes && !dt_is_one_cell(node, kind->mask)) {
		dt_warn(reader, node, kind->mask,
			mask.count ? "not one cell: its first is used" : "not one cell: not used");
	}
	(void)dt_u32(reader->fdt, dt_offset(node), kind->mask, &map.mask);
	read_entries(&map);
	if (dt_entries_overlap(entries, map.count)) {
		dt_map_warn(&map, "entries overlap: the first one wins");
	}
	while (input <= INPUT_MAX) {
		uint32_t last;
		const struct dt_map_entry *winner = dt_entry_at(entries, map.count, (uint32_t)input, &last);
		struct dt_map_entry piece;

		if (winner) {
			piece = *winner;
			piece.output += (uint32_t)input - piece.first;
			piece.first = (uint32_t)input;
			piece.last = last;
			kind->add(reader, node, &piece, segment);
		}
		input = (uint64_t)last + 1;
	}
}
