/* SPDX-License-Identifier: BSD-2-Clause */
/* The line that would be right: from what was observed, or else from what a second table says. */
#include "checks/advice.h"

#include <inttypes.h>

#include "report/format.h"

#define ENTRY_SIZE 256U

static bool is_iort(const struct bringup *bringup)
{
	return bringup->description->streams.source == DESCRIPTION_IORT;
}

/* What is left of a requester ID before the host's map is looked at. */
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

/* The entry for one requester ID. `instance` is a node's path, or an IORT node's name. */
static void write_entry(const struct bringup *bringup, uint32_t segment, uint32_t input, const char *instance,
			uint32_t sid, char entry[ENTRY_SIZE])
{
	uint32_t mask = mask_of(bringup, segment);

	if (input & ~mask) {
		format_text(entry, ENTRY_SIZE,
			    "no iommu-map entry can name it before the host's iommu-map-mask, which is 0x%" PRIx32
			    ", lets 0x%" PRIx32 " through",
			    mask, input);
	} else if (is_iort(bringup)) {
		format_text(entry, ENTRY_SIZE,
			    "the root complex needs an ID mapping with input base 0x%" PRIx32
			    ", number of IDs 0, output base 0x%" PRIx32 ", and a reference to %s, before all others",
			    input, sid, instance);
	} else {
		format_text(entry, ENTRY_SIZE,
			    "the host's iommu-map needs the entry <0x%" PRIx32 " &{%s} 0x%" PRIx32
			    " 0x1>, before all others",
			    input, instance, sid);
	}
}

static void advise_seen(const struct bringup *bringup, const struct master *master, char *advice, size_t size)
{
	const struct master_observation *seen = &master->observation;
	const char *instance = bringup->smmu[seen->smmu].iommu.name;
	char entry[ENTRY_SIZE];

	if (master->pci) {
		write_entry(bringup, master->pci->host->segment, master->requester_id, instance, seen->sid, entry);
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

/* Where the table that is not used sends it; false where it does not say. */
static bool other_says(const struct bringup *bringup, const struct master *master, struct stream_id *stream)
{
	return bringup->other && master->pci &&
	       description_stream_of(bringup->other, master->pci->host->segment, master->requester_id, stream) == 0 &&
	       bringup->other->smmu[stream->smmu].has_base;
}

static void advise_past(const struct bringup *bringup, const struct master *master, char *advice, size_t size)
{
	char instance[64], entry[ENTRY_SIZE];
	struct stream_id stream = {0};

	if (other_says(bringup, master, &stream)) {
		uint64_t base = bringup->other->smmu[stream.smmu].base;

		format_text(instance, sizeof(instance), is_iort(bringup) ? "the SMMU at 0x%llx" : "/iommu@%llx",
			    (unsigned long long)base);
		write_entry(bringup, master->pci->host->segment, master->requester_id, instance, stream.sid, entry);
		format_text(advice, size,
			    "its DMA went past every described SMMU. By the %s it is stream 0x%" PRIx32
			    " of the SMMU at 0x%llx: that has to be described, and %s",
			    is_iort(bringup) ? "device tree" : "IORT", stream.sid, (unsigned long long)base, entry);
	} else if (master->pci) {
		format_text(
			advice, size,
			"its DMA went past every described SMMU: either the SMMU in front of it is missing from the "
			"description, or there is none and the %s must leave requester ID 0x%x out of %s",
			is_iort(bringup) ? "IORT ID mapping" : "iommu-map", (unsigned int)master->requester_id,
			master->iommu.link[0].iommu->name);
	} else {
		format_text(
			advice, size,
			"its DMA went past every described SMMU: either the SMMU in front of it is missing from the "
			"description, or there is none and its %s must not name %s",
			is_iort(bringup) ? "ID mapping" : "iommus", master->iommu.link[0].iommu->name);
	}
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
