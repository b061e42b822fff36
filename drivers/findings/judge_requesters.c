/* SPDX-License-Identifier: BSD-2-Clause */
/* Requester IDs of a host's buses without a stream, or without a controller for their MSIs. */
#include <inttypes.h>
#include <string.h>

#include "findings/judge.h"
#include "findings/msi_order.h"
#include "report/format.h"

#define REQUESTER_ID_MAX 0xffffU
#define BUS_SHIFT 8U
#define DEVFN_MASK 0xffU
#define RANGES_SHOWN 4U
#define RANGES_TEXT_SIZE 160U
#define WORK_MAX 5000000U /* Ranges looked at, far above real tables. */

/* One of a host's two maps, as ranges of masked IDs. */
struct map {
	const struct table_view *view;
	const struct master_traits *master;
	bool is_msi;
	bool has_mask;
	uint32_t mask;
	unsigned int first; /* In the list; the host's stand together. */
	unsigned int count;
};

struct search {
	const struct table_view *view;
	struct table_findings *findings;
	struct msi_order msis;
	uint32_t work;
};

static struct map map_of_streams(const struct table_view *view, const struct master_traits *master)
{
	const struct window_description *window = &view->description->streams.window[master->window];

	return (struct map){
		.view = view,
		.master = master,
		.has_mask = master->window_count && window->has_mask,
		.mask = master->window_count && window->has_mask ? window->mask : STREAM_NO_MASK,
		.first = master->window,
		.count = master->window_count,
	};
}

/* The lowest index in the list; MSIS_MAX: none is this master's. */
static unsigned int first_in_list(const struct msi_order *msis, const char *master)
{
	unsigned int first = MSIS_MAX;

	for (unsigned int i = msi_order_from(msis, master, 0); msi_order_has(msis, i, master); i++) {
		first = msis->span[i].index < first ? msis->span[i].index : first;
	}
	return first;
}

/* Equal names share a pointer. */
static struct map map_of_msis(const struct search *search, const struct master_traits *master)
{
	const struct table_view *view = search->view;
	struct map map = {.view = view, .master = master, .is_msi = true, .mask = STREAM_NO_MASK};

	map.first = first_in_list(&search->msis, master->name);
	while (view->msis && map.first + map.count < view->msis->count &&
	       view->msis->msi[map.first + map.count].master == master->name) {
		map.count++;
	}
	if (map.count && view->msis->msi[map.first].has_mask) {
		map.has_mask = true;
		map.mask = view->msis->msi[map.first].mask;
	}
	return map;
}

static void range_of(const struct map *map, unsigned int i, uint32_t *first, uint32_t *last)
{
	const struct window_description *window = &map->view->description->streams.window[map->first + i];
	const struct msi_description *msi = map->is_msi ? &map->view->msis->msi[map->first + i] : NULL;

	*first = !msi ? window->input_first : msi->has_input ? msi->input_first : 0;
	*last = !msi ? window->input_last : msi->has_input ? msi->input_last : STREAM_NO_MASK;
}

/* Does the map hold `id`? `last`: the last ID up to `end` with the same answer. */
static bool holds(const struct map *map, uint32_t id, uint32_t end, uint32_t *last)
{
	uint32_t input = id & map->mask;
	uint32_t until = map->mask & (map->mask + 1) ? input : map->mask; /* A mask with holes: one ID at a time. */
	bool held = false;

	for (unsigned int i = 0; i < map->count && !held; i++) {
		uint32_t first, past;

		range_of(map, i, &first, &past);
		held = first <= input && input <= past;
		if (held && past < until) {
			until = past;
		} else if (first > input && first - 1 < until) {
			until = first - 1;
		}
	}
	*last = until - input > end - id ? end : id + (until - input);
	return held;
}

struct ranges {
	char text[RANGES_TEXT_SIZE];
	size_t length;
	unsigned int count;
	bool is_last_of_bus; /* One ID, and that one. */
};

static void add_range(struct ranges *ranges, uint32_t first, uint32_t last)
{
	size_t left = sizeof(ranges->text) - ranges->length;

	if (ranges->count < RANGES_SHOWN) {
		ranges->length += first == last ? format_text(ranges->text + ranges->length, left, "%s0x%" PRIx32,
							      ranges->count ? ", " : "", first) :
						  format_text(ranges->text + ranges->length, left,
							      "%s0x%" PRIx32 " to 0x%" PRIx32,
							      ranges->count ? ", " : "", first, last);
	} else if (ranges->count == RANGES_SHOWN) {
		ranges->length += format_text(ranges->text + ranges->length, left, ", ...");
	}
	ranges->count++;
	ranges->is_last_of_bus = ranges->count == 1 && first == last && (first & DEVFN_MASK) == DEVFN_MASK;
}

/* The last ID before the answers repeat, with a mask of all low bits. */
static uint32_t last_distinct(const struct map *with, const struct map *without)
{
	uint32_t end = (uint32_t)without->master->bus_last << BUS_SHIFT | DEVFN_MASK;
	uint32_t mask = without->mask | (with ? with->mask : 0);

	return without->master->bus_first == 0 && !(mask & (mask + 1)) && mask < end ? mask : end;
}

/* IDs of the host's buses that `with` holds (NULL: all) and `without` does not. */
static void find_holes(struct search *search, const struct map *with, const struct map *without, struct ranges *ranges)
{
	uint32_t end = last_distinct(with, without);
	uint32_t hole = 0;
	bool in_hole = false;

	memset(ranges, 0, sizeof(*ranges));
	for (uint32_t id = (uint32_t)without->master->bus_first << BUS_SHIFT; id <= end;) {
		uint32_t last_without, last_with = end;
		bool is_hole = !holds(without, id, end, &last_without);

		is_hole = (!with || holds(with, id, end, &last_with)) && is_hole;
		search->work += without->count + (with ? with->count : 0) + 1;
		if (search->work > WORK_MAX) {
			return;
		}
		if (in_hole && !is_hole) {
			add_range(ranges, hole, id - 1);
		}
		hole = is_hole && !in_hole ? id : hole;
		in_hole = is_hole;
		id = (last_without < last_with ? last_without : last_with) + 1;
	}
	if (in_hole) {
		add_range(ranges, hole, end);
	}
}

static bool is_translated(const struct table_view *view, const struct master_traits *master)
{
	const struct stream_description *streams = &view->description->streams;

	for (unsigned int i = 0; i < master->window_count; i++) {
		if (!streams->smmu[streams->window[master->window + i].smmu].enabled) {
			return false;
		}
	}
	return true;
}

/* A mask as text; "no mask". */
static const char *mask_words(const struct map *map, char text[32])
{
	if (!map->has_mask) {
		return "no mask";
	}
	format_text(text, 32, "0x%" PRIx32, map->mask);
	return text;
}

/* judge_msis.c compares maps without masks. */
static bool judge_masks(struct search *search, const struct map *streams, const struct map *msis)
{
	char one[32], other[32];
	struct ranges ranges;

	if (!msis->count || !search->view->msis->msi[msis->first].has_input ||
	    (!streams->has_mask && !msis->has_mask) ||
	    (streams->mask & REQUESTER_ID_MAX) == (msis->mask & REQUESTER_ID_MAX)) {
		return false;
	}
	find_holes(search, streams, msis, &ranges);
	if (ranges.count) {
		table_finding_add(search->findings, FINDING_ONE_MASK, streams->master->name, NULL,
				  table_cause(streams->master->name),
				  "iommu-map-mask: %s, msi-map-mask: %s: requester IDs %s have a stream, and no "
				  "entry for MSIs",
				  mask_words(streams, one), mask_words(msis, other), ranges.text);
		return true;
	}
	find_holes(search, msis, streams, &ranges);
	if (ranges.count) {
		table_finding_add(search->findings, FINDING_ONE_MASK, streams->master->name, NULL,
				  table_cause(streams->master->name),
				  "iommu-map-mask: %s, msi-map-mask: %s: requester IDs %s have an entry for MSIs, and "
				  "no stream",
				  mask_words(streams, one), mask_words(msis, other), ranges.text);
	}
	return ranges.count;
}

static void add_hole(struct search *search, const struct map *streams, const struct ranges *ranges)
{
	const char *name = streams->master->name;
	char mask[32];

	if (ranges->is_last_of_bus) {
		table_finding_add(search->findings, FINDING_REQUESTER_HOLE, name, "iommu-map", table_cause(name),
				  "requester ID %s alone, the last of a bus, has no stream: the length of an entry is "
				  "the number of its IDs, and not that less one",
				  ranges->text);
		return;
	}
	table_finding_add(search->findings, FINDING_REQUESTER_HOLE, name, "iommu-map", table_cause(name),
			  "requester IDs %s of its buses (iommu-map-mask: %s) have no stream: functions there, "
			  "virtual or plugged in later ones too, have no SMMU",
			  ranges->text, mask_words(streams, mask));
}

static void judge_host(struct search *search, const struct master_traits *master)
{
	struct map streams = map_of_streams(search->view, master);
	struct map msis = map_of_msis(search, master);
	struct ranges ranges;

	if (judge_masks(search, &streams, &msis) || master->maps_elsewhere || !is_translated(search->view, master) ||
	    table_finding_is_at(search->findings, FINDING_MAP_BEYOND, master->name)) {
		return;
	}
	find_holes(search, NULL, &streams, &ranges);
	if (ranges.count) {
		add_hole(search, &streams, &ranges);
	}
}

void judge_requesters(const struct table_view *view, struct table_findings *findings)
{
	struct search search = {.view = view, .findings = findings, .msis = msi_order(view)};

	if (!view->traits || view->description->streams.source != DESCRIPTION_DT) {
		return;
	}
	for (unsigned int i = 0; i < view->traits->master_count; i++) {
		const struct master_traits *master = &view->traits->master[i];

		if (master->enabled && master->pci == PCI_HOST && master->window_count) {
			judge_host(&search, master);
		}
	}
	if (search.work > WORK_MAX) {
		table_finding_add(findings, FINDING_LEFT_OUT, "/", NULL, 1,
				  "too many ranges of requester IDs: not all are looked at for holes");
	}
}
