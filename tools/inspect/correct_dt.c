/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tree's maps by what was seen. An overlay's source: phandles are numbers of the base tree, which fdtoverlay leaves
 * alone, so that the base needs no symbols.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "correct_map.h"
#include "firmware/dt_tree.h"

struct overlay {
	const struct table *table;
	struct sight *sight;
	FILE *file;
	unsigned int fragments;
	unsigned int properties;
};

static const struct stream_description *streams_of(const struct overlay *overlay)
{
	return &overlay->table->description.streams;
}

/* --- The source. --- */

/* A path is a string in the source. */
static bool is_plain(const char *path)
{
	return !strpbrk(path, "\"\\\n") && *path == '/';
}

static void begin_fragment(struct overlay *overlay, const char *path)
{
	(void)fprintf(overlay->file, "\tfragment@%u {\n\t\ttarget-path = \"%s\";\n\n\t\t__overlay__ {\n",
		      overlay->fragments++, path);
}

static void end_fragment(struct overlay *overlay)
{
	(void)fprintf(overlay->file, "\t\t};\n\t};\n");
}

static uint32_t phandle_of(const struct overlay *overlay, unsigned int smmu)
{
	return streams_of(overlay)->smmu[smmu].handle;
}

static void leave_out(struct overlay *overlay, const char *subject, const char *words)
{
	json_array_append_new(overlay->sight->left_out, json_sprintf("%s: %s", subject, words));
}

/* --- Maps. --- */

static void print_entries(struct overlay *overlay, const struct map *map, bool *first)
{
	for (size_t i = 0; i < map->count; i++) {
		const struct entry *entry = &map->entry[i];

		(void)fprintf(overlay->file, "%s<0x%" PRIx32 " 0x%" PRIx32 " 0x%" PRIx32 " 0x%" PRIx32 ">",
			      *first ? "" : ",\n\t\t\t\t    ", entry->first, phandle_of(overlay, entry->stream.smmu),
			      entry->stream.sid, entry->last - entry->first + 1);
		*first = false;
	}
}

static void print_reasons(struct overlay *overlay, const struct map *map, const char *what)
{
	for (size_t i = 0; i < map->count; i++) {
		if (map->entry[i].changed) {
			(void)fprintf(overlay->file,
				      "\t\t\t/* %s 0x%" PRIx32 " to 0x%" PRIx32 ": by %u function%s that %s seen. */\n",
				      what, map->entry[i].first, map->entry[i].last, map->entry[i].seen,
				      map->entry[i].seen == 1 ? "" : "s", map->entry[i].seen == 1 ? "was" : "were");
		}
	}
}

static bool has_phandles(struct overlay *overlay, const struct map *map)
{
	for (size_t i = 0; i < map->count; i++) {
		if (!phandle_of(overlay, map->entry[i].stream.smmu)) {
			leave_out(overlay, streams_of(overlay)->smmu[map->entry[i].stream.smmu].name,
				  "it has no phandle: a map cannot name it; give it one in the source");
			return false;
		}
	}
	return true;
}

static void print_map(struct overlay *overlay, const struct map *map, const struct map *exceptions, bool drops_mask)
{
	bool first = true;

	begin_fragment(overlay, map->host);
	print_reasons(overlay, exceptions, "New entry for");
	print_reasons(overlay, map, "Moved entry of");
	(void)fprintf(overlay->file, "\t\t\tiommu-map = ");
	print_entries(overlay, exceptions, &first);
	print_entries(overlay, map, &first);
	(void)fprintf(overlay->file, ";\n");
	overlay->properties++;
	if (drops_mask) {
		(void)fprintf(overlay->file,
			      "\t\t\t/* The mask hid what the functions differ in; an overlay cannot delete it. */\n"
			      "\t\t\tiommu-map-mask = <0x%" PRIx32 ">;\n",
			      CORRECT_NO_MASK);
		overlay->properties++;
	}
	end_fragment(overlay);
}

static void print_correction(struct overlay *overlay, const struct correction *correction)
{
	const struct map *map = &correction->map;

	if (map->is_unfit || !is_plain(map->host)) {
		leave_out(overlay, map->host, "its map gives many IDs one stream: correct it by hand");
	} else if (has_phandles(overlay, map) && has_phandles(overlay, &correction->exceptions)) {
		print_map(overlay, map, &correction->exceptions, correction->drops_mask);
	}
}

static void correct_maps(struct overlay *overlay)
{
	const struct sight *sight = overlay->sight;

	for (size_t i = 0; i < sight->count; i++) {
		struct correction correction;

		if (!sight->seen[i].is_function || !correct_is_first_of_segment(sight, i)) {
			continue;
		}
		if (!correct_host(&correction, streams_of(overlay), sight, sight->seen[i].segment)) {
			leave_out(overlay, sight->seen[i].master,
				  "the table has no iommu-map for its PCI host: add one, so that it can be corrected");
		} else if (correction.is_any) {
			print_correction(overlay, &correction);
		}
		correct_free(&correction);
	}
}

/* --- Masters that name their streams. --- */

static size_t read_specifiers(const struct stream_description *streams, const char *master, struct stream_id *stream)
{
	size_t count = 0;

	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		if (!strcmp(streams->fixed[i].master, master)) {
			stream[count++] = (struct stream_id){streams->fixed[i].smmu, streams->fixed[i].first};
		}
	}
	return count;
}

static size_t find_stream(const struct stream_id *stream, size_t count, const struct stream_id *wanted)
{
	size_t i = 0;

	while (i < count && !correct_is_same(&stream[i], wanted)) {
		i++;
	}
	return i;
}

/* Whether any changed; `stream` has room for one more each. */
static bool apply_seen(const struct sight *sight, const char *master, struct stream_id *stream, size_t *count)
{
	bool changed = false;

	for (size_t i = 0; i < sight->count; i++) {
		const struct seen *seen = &sight->seen[i];
		size_t at = *count;

		if (strcmp(seen->master, master) != 0 || find_stream(stream, *count, &seen->observed) < *count) {
			continue;
		}
		if (seen->is_described) {
			at = find_stream(stream, *count, &seen->described);
		}
		*count += at == *count;
		stream[at] = seen->observed;
		changed = true;
	}
	return changed;
}

static void print_specifiers(struct overlay *overlay, const char *master, const struct stream_id *stream, size_t count)
{
	begin_fragment(overlay, master);
	(void)fprintf(overlay->file, "\t\t\tiommus = ");
	for (size_t i = 0; i < count; i++) {
		(void)fprintf(overlay->file, "%s<0x%" PRIx32 " 0x%" PRIx32 ">", i ? ", " : "",
			      phandle_of(overlay, stream[i].smmu), stream[i].sid);
	}
	(void)fprintf(overlay->file, ";\n");
	overlay->properties++;
	end_fragment(overlay);
}

static void correct_master(struct overlay *overlay, const char *master)
{
	const struct stream_description *streams = streams_of(overlay);
	struct stream_id *stream = calloc(streams->fixed_count + overlay->sight->count + 1, sizeof(*stream));
	size_t count = stream ? read_specifiers(streams, master, stream) : 0;
	struct dt_node node;
	bool changed = stream && apply_seen(overlay->sight, master, stream, &count);

	for (size_t i = 0; changed && i < count; i++) {
		if (!phandle_of(overlay, stream[i].smmu)) {
			leave_out(overlay, master, "the SMMU that saw it has no phandle: give it one in the source");
			changed = false;
		}
	}
	if (changed && is_plain(master) && dt_by_path(overlay->table->bytes, master, strlen(master), &node)) {
		print_specifiers(overlay, master, stream, count);
	} else if (changed) {
		leave_out(overlay, master, "the tree has no such node");
	}
	free(stream);
}

static void correct_masters(struct overlay *overlay)
{
	const struct sight *sight = overlay->sight;

	for (size_t i = 0; i < sight->count; i++) {
		bool known = sight->seen[i].is_function;

		for (size_t k = 0; k < i; k++) {
			known = known || !strcmp(sight->seen[k].master, sight->seen[i].master);
		}
		if (!known) {
			correct_master(overlay, sight->seen[i].master);
		}
	}
}

/* --- Two SMMUs with each other's registers. --- */

static struct stream_id table_stream(const struct stream_description *streams, const struct seen *seen)
{
	struct stream_id stream = seen->described;

	if (seen->is_function) {
		(void)description_stream_of(streams, seen->segment, seen->requester_id, &stream);
	}
	return stream;
}

/* Their unit addresses say so, and all that was seen of either came out at the other. */
static bool is_exchanged(const struct overlay *overlay, unsigned int a, unsigned int b)
{
	const struct smmu_traits *one = &overlay->table->traits.smmu[a], *other = &overlay->table->traits.smmu[b];
	unsigned int crossed = 0;

	if (!one->has_unit || !other->has_unit || !one->has_place || !other->has_place || one->unit != other->place ||
	    other->unit != one->place || one->unit == one->place) {
		return false;
	}
	for (size_t i = 0; i < overlay->sight->count; i++) {
		const struct seen *seen = &overlay->sight->seen[i];
		struct stream_id stream = table_stream(streams_of(overlay), seen);

		if (stream.smmu == a || stream.smmu == b) {
			if (seen->observed.smmu != (stream.smmu == a ? b : a) || seen->observed.sid != stream.sid) {
				return false;
			}
			crossed++;
		}
	}
	return crossed;
}

/* False: it is not readable again. */
static bool print_registers(struct overlay *overlay, const uint8_t *tree, const char *to, const char *from)
{
	struct dt_node node;
	struct dt_cells cells;

	if (!is_plain(to) || !dt_by_path(tree, from, strlen(from), &node)) {
		return false;
	}
	cells = dt_cells(tree, dt_offset(&node), "reg");
	begin_fragment(overlay, to);
	(void)fprintf(overlay->file, "\t\t\t/* Exchanged with %s: each one's masters came out at the other. */\n",
		      from);
	(void)fprintf(overlay->file, "\t\t\treg = <");
	for (uint32_t i = 0; i < cells.count; i++) {
		(void)fprintf(overlay->file, "%s0x%" PRIx32, i ? " " : "", dt_cell(&cells, i));
	}
	(void)fprintf(overlay->file, ">;\n");
	overlay->properties++;
	end_fragment(overlay);
	return true;
}

static void exchange(struct overlay *overlay, const uint8_t *tree, unsigned int a, unsigned int b)
{
	const struct smmu_description *smmu = streams_of(overlay)->smmu;

	if (!print_registers(overlay, tree, smmu[a].name, smmu[b].name) ||
	    !print_registers(overlay, tree, smmu[b].name, smmu[a].name)) {
		return;
	}
	for (size_t i = 0; i < overlay->sight->count; i++) {
		unsigned int *seen = &overlay->sight->seen[i].observed.smmu;

		*seen = *seen == a ? b : *seen == b ? a : *seen;
	}
}

static void correct_registers(struct overlay *overlay)
{
	unsigned int count = streams_of(overlay)->smmu_count;

	for (unsigned int a = 0; a < count; a++) {
		for (unsigned int b = a + 1; b < count; b++) {
			if (is_exchanged(overlay, a, b)) {
				exchange(overlay, overlay->table->bytes, a, b);
			}
		}
	}
}

/* --- All. --- */

unsigned int correct_print_dt(const struct table *table, struct sight *sight, FILE *file)
{
	struct overlay overlay = {.table = table, .sight = sight, .file = file};

	correct_registers(&overlay);
	correct_maps(&overlay);
	correct_masters(&overlay);
	return overlay.properties;
}
