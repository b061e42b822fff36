/* SPDX-License-Identifier: BSD-2-Clause */
#include "correct_map.h"

#include <stdlib.h>

#define REQUESTER_ID_LAST 0xffffU

static bool read_map(struct map *map, const struct stream_description *streams, uint32_t segment)
{
	*map = (struct map){.segment = segment, .mask = CORRECT_NO_MASK};
	map->entry = calloc(streams->window_count + 1, sizeof(*map->entry));
	for (unsigned int i = 0; map->entry && i < streams->window_count; i++) {
		const struct window_description *window = &streams->window[i];

		if (window->segment == segment && window->enabled && window->input_first <= REQUESTER_ID_LAST) {
			map->host = window->master;
			map->has_mask = window->has_mask;
			map->mask = window->has_mask ? window->mask & REQUESTER_ID_LAST : CORRECT_NO_MASK;
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

bool correct_is_same(const struct stream_id *a, const struct stream_id *b)
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
	return correct_is_same(&stream, &seen->observed);
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
			    !correct_is_same(&sight->seen[i].observed, &sight->seen[k].observed)) {
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
		agree = agree && (!entry->seen || correct_is_same(&own, &first));
		first = own;
		entry->seen++;
	}
	if (entry->seen && agree && !correct_is_same(&first, &entry->stream) &&
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

static bool is_changed(const struct map *map)
{
	bool changed = false;

	for (size_t i = 0; i < map->count; i++) {
		changed = changed || map->entry[i].changed;
	}
	return changed;
}

bool correct_is_first_of_segment(const struct sight *sight, size_t at)
{
	for (size_t i = 0; i < at; i++) {
		if (sight->seen[i].is_function && sight->seen[i].segment == sight->seen[at].segment) {
			return false;
		}
	}
	return true;
}

bool correct_host(struct correction *correction, const struct stream_description *streams, const struct sight *sight,
		  uint32_t segment)
{
	struct map *map = &correction->map;

	*correction = (struct correction){.is_any = false};
	if (!read_map(map, streams, segment) || !map->count) {
		return false;
	}
	correction->drops_mask = map->has_mask && is_too_coarse(map, sight);
	map->mask = correction->drops_mask ? CORRECT_NO_MASK : map->mask;
	for (size_t i = 0; i < map->count; i++) {
		shift(map, &map->entry[i], sight);
	}
	correction->exceptions = exceptions_of(map, sight);
	correction->is_any = correction->exceptions.count || is_changed(map) || correction->drops_mask;
	return correction->exceptions.entry;
}

void correct_free(struct correction *correction)
{
	free(correction->map.entry);
	free(correction->exceptions.entry);
}
