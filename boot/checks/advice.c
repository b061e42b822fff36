/* SPDX-License-Identifier: BSD-2-Clause */
/* Advice from what was observed, else from a second table. */
#include "checks/advice.h"

#include <inttypes.h>

#include "base/feature.h"
#include "report/format.h"

#define ENTRY_SIZE 256U

static bool is_iort(const struct bringup *bringup)
{
	return bringup->description->streams.source == DESCRIPTION_IORT;
}

static uint32_t mask_of(const struct bringup *bringup, uint32_t segment)
{
	const struct stream_description *streams = &bringup->description->streams;

	for (unsigned int i = 0; i < streams->window_count; i++) {
		if (streams->window[i].segment == segment && streams->window[i].has_mask) {
			return streams->window[i].mask;
		}
	}
	return STREAM_NO_MASK;
}

/* `count` requester IDs; their stream IDs ascend from `sid`. */
struct ids {
	uint32_t segment;
	uint32_t first;
	uint32_t count;
	uint32_t sid;
};

/* The first enabled window with an ID of [id, last], or NULL. */
static const struct window_description *advice_find_window(const struct stream_description *streams, uint32_t segment,
							   uint32_t id, uint32_t last)
{
	for (unsigned int i = 0; i < streams->window_count; i++) {
		const struct window_description *window = &streams->window[i];
		uint32_t mask = window->has_mask ? window->mask : STREAM_NO_MASK;

		if (window->enabled && window->segment == segment && (last & mask) >= window->input_first &&
		    (id & mask) <= window->input_last) {
			return window;
		}
	}
	return NULL;
}

/*
 * The other table's whole range if it agrees, for entries for single IDs would leave neighbours wrong; else this ID. No
 * entry fits an ID that the host's mask hides.
 */
static struct ids ids_of(const struct bringup *bringup, const struct master *master, uint64_t base, uint32_t sid)
{
	struct ids ids = {.segment = master->pci->host->segment, .first = master->requester_id, .count = 1, .sid = sid};
	bool hidden = ids.first & ~mask_of(bringup, ids.segment);
	const struct window_description *window =
		bringup->other && !hidden ? advice_find_window(bringup->other, ids.segment, ids.first, ids.first) :
					    NULL;

	if (window && !window->constant && !window->has_mask && bringup->other->smmu[window->smmu].has_base &&
	    bringup->other->smmu[window->smmu].base == base && window->sid + (ids.first - window->input_first) == sid) {
		ids.count = window->input_last - window->input_first + 1;
		ids.first = window->input_first;
		ids.sid = window->sid;
	}
	return ids;
}

/* Of overlapping entries Linux takes the first; other readers may not. */
static const char *advice_leave_out(const struct bringup *bringup, const struct ids *ids)
{
	if (!advice_find_window(&bringup->description->streams, ids->segment, ids->first,
				ids->first + ids->count - 1)) {
		return "";
	}
	return is_iort(bringup) ? ", and the mapping that has them now must leave them out" :
				  ", and the entry that has them now must leave them out";
}

static void write_entry(const struct bringup *bringup, const struct ids *ids, const char *instance,
			char entry[ENTRY_SIZE])
{
	uint32_t mask = mask_of(bringup, ids->segment);

	if (ids->first & ~mask) {
		format_text(entry, ENTRY_SIZE,
			    "no iommu-map entry can name it before the host's iommu-map-mask, which is 0x%" PRIx32
			    ", lets 0x%" PRIx32 " through",
			    mask, ids->first);
	} else if (is_iort(bringup)) {
		format_text(entry, ENTRY_SIZE,
			    "the root complex needs an ID mapping with input base 0x%" PRIx32
			    ", number of IDs 0x%" PRIx32 ", output base 0x%" PRIx32 ", and a reference to %s%s",
			    ids->first, ids->count - 1, ids->sid, instance, advice_leave_out(bringup, ids));
	} else {
		format_text(entry, ENTRY_SIZE,
			    "the host's iommu-map needs the entry <0x%" PRIx32 " &{%s} 0x%" PRIx32 " 0x%" PRIx32 ">%s",
			    ids->first, instance, ids->sid, ids->count, advice_leave_out(bringup, ids));
	}
}

static void advise_seen(const struct bringup *bringup, const struct master *master, char *advice, size_t size)
{
	const struct master_observation *seen = &master->observation;
	const char *instance = smmuv3_iommu(bringup->smmu[seen->smmu])->name;
	char entry[ENTRY_SIZE];

	if (master->pci) {
		struct ids ids = ids_of(bringup, master, smmuv3_base(bringup->smmu[seen->smmu]), seen->sid);

		write_entry(bringup, &ids, instance, entry);
		format_text(advice, size, "requester ID 0x%x comes out as stream 0x%" PRIx32 " of %s: %s",
			    (unsigned int)master->requester_id, seen->sid, instance, entry);
	} else if (is_iort(bringup)) {
		format_text(advice, size,
			    "it comes out as stream 0x%" PRIx32
			    ": its node needs a single ID mapping with output base 0x%" PRIx32 " and a reference to %s",
			    seen->sid, seen->sid, instance);
	} else {
		format_text(advice, size,
			    "it comes out as stream 0x%" PRIx32 ": it needs iommus = <&{%s} 0x%" PRIx32 ">;", seen->sid,
			    instance, seen->sid);
	}
}

static bool other_says(const struct bringup *bringup, const struct master *master, struct stream_id *stream)
{
	return bringup->other && master->pci &&
	       description_stream_of(bringup->other, master->pci->host->segment, master->requester_id, stream) == 0 &&
	       bringup->other->smmu[stream->smmu].has_base;
}

/* Then advice to describe it again is useless. */
static bool is_described(const struct bringup *bringup, const struct master *master, uint64_t base, uint32_t sid)
{
	const struct iommu_link *link = &master->iommu.link[0];

	return smmuv3_base(bringup->smmu[link->iommu->index]) == base && link->sid[0] == sid;
}

static void advise_past(const struct bringup *bringup, const struct master *master, char *advice, size_t size)
{
	size_t length = format_text(advice, size, "its DMA went past every described SMMU");
	char instance[64], entry[ENTRY_SIZE];
	struct stream_id stream = {0};
	struct ids ids;

	advice += length;
	size -= length;
	if (other_says(bringup, master, &stream)) {
		uint64_t base = bringup->other->smmu[stream.smmu].base;

		if (is_described(bringup, master, base, stream.sid)) {
			format_text(advice, size,
				    ", although the device tree and the IORT agree on stream 0x%" PRIx32
				    " of the SMMU at 0x%llx: the device goes around it, and no table is wrong in that",
				    stream.sid, (unsigned long long)base);
			return;
		}
		format_text(instance, sizeof(instance), is_iort(bringup) ? "the SMMU at 0x%llx" : "/iommu@%llx",
			    (unsigned long long)base);
		ids = ids_of(bringup, master, base, stream.sid);
		write_entry(bringup, &ids, instance, entry);
		format_text(advice, size,
			    ". By the %s it is stream 0x%" PRIx32
			    " of the SMMU at 0x%llx: that has to be described, and %s",
			    is_iort(bringup) ? "device tree" : "IORT", stream.sid, (unsigned long long)base, entry);
		return;
	}
	length = format_text(
		advice, size,
		": either the SMMU in front of it is missing from the description, or there is none and %s %s must ",
		master->pci ? "the" : "its",
		is_iort(bringup) ? "ID mapping" :
		master->pci	 ? "iommu-map" :
				   "iommus");
	advice += length;
	size -= length;
	if (master->pci) {
		length = format_text(advice, size, "leave requester ID 0x%x out of ",
				     (unsigned int)master->requester_id);
	} else {
		length = format_text(advice, size, "not name ");
	}
	format_text(advice + length, size - length, "%s", master->iommu.link[0].iommu->name);
}

void advise(const struct bringup *bringup, const struct master *master, char *advice, size_t size)
{
	const struct master_observation *seen = &master->observation;

	if (seen->seen) {
		advise_seen(bringup, master, advice, size);
	} else if (seen->reached_memory && master->iommu.link_count) {
		advise_past(bringup, master, advice, size);
	} else {
		format_text(
			advice, size,
			"its DMA neither reached memory nor was reported: look whether it masters the bus, and whether "
			"something before the SMMU drops it");
	}
}

LINKED(advise);
