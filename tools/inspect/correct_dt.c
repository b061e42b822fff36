/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A tree's maps by what was seen. An overlay's source: phandles are numbers of the base tree, which fdtoverlay leaves
 * alone, so that the base needs no symbols.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "correct.h"
#include "firmware/dt_tree.h"

#define REQUESTER_ID_LAST 0xffffU
#define NO_MASK 0xffffU

struct entry {
	uint32_t first;
	uint32_t last;
	struct stream_id stream; /* Of `first`. */
	unsigned int seen;	 /* Functions of it that were seen. */
	bool changed;
};

struct map {
	const char *host;
	uint32_t segment;
	uint32_t mask;
	bool has_mask;
	bool is_unfit; /* An entry gives many IDs one stream: no map says that. */
	struct entry *entry;
	size_t count;
};

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

/* --- A map. --- */

/* False: no memory. */
static bool read_map(struct map *map, const struct stream_description *streams, uint32_t segment)
{
	*map = (struct map){.segment = segment, .mask = NO_MASK};
	map->entry = calloc(streams->window_count + 1, sizeof(*map->entry));
	for (unsigned int i = 0; map->entry && i < streams->window_count; i++) {
		const struct window_description *window = &streams->window[i];

		if (window->segment == segment && window->enabled && window->input_first <= REQUESTER_ID_LAST) {
			map->host = window->master;
			map->has_mask = window->has_mask;
			map->mask = window->has_mask ? window->mask & REQUESTER_ID_LAST : NO_MASK;
			map->is_unfit =
				map->is_unfit || (window->constant && window->input_first != window->input_last);
			map->entry[map->count++] = (struct entry){
				.first = window->input_first,
				.last = window->input_last < REQUESTER_ID_LAST ? window->input_last : REQUESTER_ID_LAST,
				.stream = {window->smmu, window->sid},
			};
		}
	}
	return map->entry;
}

static struct entry *entry_of(const struct map *map, uint32_t requester_id)
{
	uint32_t input = requester_id & map->mask;

	for (size_t i = 0; i < map->count; i++) {
		if (input >= map->entry[i].first && input <= map->entry[i].last) {
			return &map->entry[i];
		}
	}
	return NULL;
}

static bool is_same(const struct stream_id *a, const struct stream_id *b)
{
	return a->smmu == b->smmu && a->sid == b->sid;
}

static bool is_right(const struct map *map, const struct seen *seen)
{
	const struct entry *entry = entry_of(map, seen->requester_id);
	uint32_t input = seen->requester_id & map->mask;
	struct stream_id stream;

	if (!entry) {
		return false;
	}
	stream = (struct stream_id){entry->stream.smmu, entry->stream.sid + (input - entry->first)};
	return is_same(&stream, &seen->observed);
}

static bool is_of(const struct map *map, const struct seen *seen)
{
	return seen->is_function && seen->segment == map->segment;
}

/* Two functions that the mask makes one have different streams. */
static bool is_too_coarse(const struct map *map, const struct sight *sight)
{
	for (size_t i = 0; i < sight->count; i++) {
		for (size_t k = 0; is_of(map, &sight->seen[i]) && k < i; k++) {
			if (is_of(map, &sight->seen[k]) &&
			    !((sight->seen[i].requester_id ^ sight->seen[k].requester_id) & map->mask) &&
			    !is_same(&sight->seen[i].observed, &sight->seen[k].observed)) {
				return true;
			}
		}
	}
	return false;
}

/* Where all functions of an entry that were seen are off alike, the entry is. */
static void shift(struct map *map, struct entry *entry, const struct sight *sight)
{
	struct stream_id first = {0, 0};
	bool agree = true;

	for (size_t i = 0; i < sight->count; i++) {
		const struct seen *seen = &sight->seen[i];
		struct stream_id own;

		if (!is_of(map, seen) || entry_of(map, seen->requester_id) != entry) {
			continue;
		}
		own = (struct stream_id){seen->observed.smmu,
					 seen->observed.sid - ((seen->requester_id & map->mask) - entry->first)};
		agree = agree && (!entry->seen || is_same(&own, &first));
		first = own;
		entry->seen++;
	}
	if (entry->seen && agree && !is_same(&first, &entry->stream) &&
	    first.sid <= UINT32_MAX - (entry->last - entry->first)) {
		entry->stream = first;
		entry->changed = true;
	}
}

static int by_first(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;

	return one->first < other->first ? -1 : one->first > other->first;
}

static bool joins(const struct entry *entry, const struct entry *next)
{
	return entry->last + 1 == next->first && entry->stream.smmu == next->stream.smmu &&
	       entry->stream.sid + (next->first - entry->first) == next->stream.sid;
}

/* One entry for each function that no entry gives its stream, those in a row joined. */
static struct map exceptions_of(const struct map *map, const struct sight *sight)
{
	struct map found = {.entry = calloc(sight->count + 1, sizeof(struct entry)), .mask = map->mask};
	size_t kept = 0;

	for (size_t i = 0; found.entry && i < sight->count; i++) {
		const struct seen *seen = &sight->seen[i];
		uint32_t input = seen->requester_id & map->mask;

		if (is_of(map, seen) && !is_right(map, seen) && !entry_of(&found, seen->requester_id)) {
			found.entry[found.count++] = (struct entry){input, input, seen->observed, 1, true};
		}
	}
	if (found.count) {
		qsort(found.entry, found.count, sizeof(*found.entry), by_first);
	}
	for (size_t i = 1; i < found.count; i++) {
		if (joins(&found.entry[kept], &found.entry[i])) {
			found.entry[kept].last = found.entry[i].last;
			found.entry[kept].seen++;
		} else {
			found.entry[++kept] = found.entry[i];
		}
	}
	found.count = found.count ? kept + 1 : 0;
	return found;
}

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
			      NO_MASK);
		overlay->properties++;
	}
	end_fragment(overlay);
}

static bool is_changed(const struct map *map)
{
	bool changed = false;

	for (size_t i = 0; i < map->count; i++) {
		changed = changed || map->entry[i].changed;
	}
	return changed;
}

static void correct_map(struct overlay *overlay, struct map *map)
{
	bool drops_mask = map->has_mask && is_too_coarse(map, overlay->sight);
	struct map exceptions;

	map->mask = drops_mask ? NO_MASK : map->mask;
	for (size_t i = 0; i < map->count; i++) {
		shift(map, &map->entry[i], overlay->sight);
	}
	exceptions = exceptions_of(map, overlay->sight);
	if (!exceptions.count && !is_changed(map) && !drops_mask) {
		free(exceptions.entry);
		return;
	}
	if (map->is_unfit || !is_plain(map->host)) {
		leave_out(overlay, map->host, "its map gives many IDs one stream: correct it by hand");
	} else if (has_phandles(overlay, map) && has_phandles(overlay, &exceptions)) {
		print_map(overlay, map, &exceptions, drops_mask);
	}
	free(exceptions.entry);
}

static bool is_first_of_segment(const struct sight *sight, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (sight->seen[i].is_function && sight->seen[i].segment == sight->seen[at].segment) {
			return false;
		}
	}
	return true;
}

static void correct_maps(struct overlay *overlay)
{
	const struct sight *sight = overlay->sight;

	for (size_t i = 0; i < sight->count; i++) {
		struct map map;

		if (!sight->seen[i].is_function || !is_first_of_segment(sight, i)) {
			continue;
		}
		if (read_map(&map, streams_of(overlay), sight->seen[i].segment) && map.count) {
			correct_map(overlay, &map);
		} else {
			leave_out(overlay, sight->seen[i].master,
				  "the table has no iommu-map for its PCI host: add one, so that it can be corrected");
		}
		free(map.entry);
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

	while (i < count && !is_same(&stream[i], wanted)) {
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
