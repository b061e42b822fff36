/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stddef.h>

#include "firmware/finder.h"
#include "report/format.h"

#define REGISTERS_ALIGNMENT 0x10000U

struct search {
	const struct stream_description *streams;
	struct finder finder;
};

struct claim {
	const char *master;
	const char *property;
	unsigned int smmu;
	uint32_t first;
	uint32_t last;
	bool enabled;
};

/* --- Instances. --- */

static bool registers_overlap(const struct smmu_description *a, const struct smmu_description *b)
{
	return a->has_base && b->has_base && a->base < b->base + b->size && b->base < a->base + a->size;
}

static void look_at_registers(struct search *search, unsigned int i)
{
	const struct smmu_description *smmu = &search->streams->smmu[i];

	if (smmu->has_base && smmu->base % REGISTERS_ALIGNMENT) {
		found(&search->finder, smmu->name, "its base 0x%llx is not a multiple of 64 KiB",
		      (unsigned long long)smmu->base);
	}
	for (unsigned int k = 0; k < i; k++) {
		const struct smmu_description *other = &search->streams->smmu[k];

		if (other->enabled && registers_overlap(smmu, other)) {
			found(&search->finder, smmu->name, "its registers at 0x%llx overlap those of %s at 0x%llx",
			      (unsigned long long)smmu->base, other->name, (unsigned long long)other->base);
		}
	}
}

static void look_at_interrupts(struct search *search, const struct smmu_description *smmu)
{
	if (!smmu->eventq.present) {
		found(&search->finder, smmu->name, "no event queue interrupt: faults are seen by polling alone");
	}
	if (!smmu->gerror.present) {
		found(&search->finder, smmu->name, "no global error interrupt: errors are seen by polling alone");
	}
}

/* --- Streams. --- */

static unsigned int contradiction_claim_count(const struct stream_description *streams)
{
	return streams->fixed_count + streams->window_count;
}

static struct claim contradiction_claim_at(const struct stream_description *streams, unsigned int i)
{
	bool iort = streams->source == DESCRIPTION_IORT;

	if (i < streams->fixed_count) {
		const struct fixed_description *fixed = &streams->fixed[i];

		return (struct claim){
			.master = fixed->master,
			.property = iort ? "ID mapping" : "iommus",
			.smmu = fixed->smmu,
			.first = fixed->first,
			.last = fixed->last,
			.enabled = fixed->enabled,
		};
	}
	i -= streams->fixed_count;
	return (struct claim){
		.master = streams->window[i].master,
		.property = iort ? "ID mapping" : "iommu-map",
		.smmu = streams->window[i].smmu,
		.first = streams->window[i].sid,
		.last = description_window_last(&streams->window[i]),
		.enabled = streams->window[i].enabled,
	};
}

static void contradiction_look_at_pair(struct search *search, const struct claim *claim, const struct claim *other)
{
	uint32_t first = claim->first > other->first ? claim->first : other->first;
	uint32_t last = claim->last < other->last ? claim->last : other->last;

	/* Equal names share a pointer. A master may name a stream twice. */
	if (!other->enabled || other->smmu != claim->smmu || other->master == claim->master || first > last) {
		return;
	}
	if (first == last) {
		found(&search->finder, claim->master, "%s: stream 0x%" PRIx32 " of %s is claimed by %s, too",
		      claim->property, first, search->streams->smmu[claim->smmu].name, other->master);
	} else {
		found(&search->finder, claim->master,
		      "%s: streams 0x%" PRIx32 " to 0x%" PRIx32 " of %s are claimed by %s, too", claim->property, first,
		      last, search->streams->smmu[claim->smmu].name, other->master);
	}
}

static void look_at_claim(struct search *search, unsigned int i)
{
	struct claim claim = contradiction_claim_at(search->streams, i);

	if (!claim.enabled) {
		return;
	}
	if (!search->streams->smmu[claim.smmu].enabled) {
		found(&search->finder, claim.master, "%s: names %s, which is disabled: nothing translates its DMA",
		      claim.property, search->streams->smmu[claim.smmu].name);
	}
	for (unsigned int k = 0; k < i; k++) {
		struct claim other = contradiction_claim_at(search->streams, k);

		contradiction_look_at_pair(search, &claim, &other);
	}
}

static bool contradiction_is_named(const struct stream_description *streams, unsigned int smmu)
{
	for (unsigned int i = 0; i < contradiction_claim_count(streams); i++) {
		struct claim claim = contradiction_claim_at(streams, i);

		if (claim.enabled && claim.smmu == smmu) {
			return true;
		}
	}
	return false;
}

unsigned int findings_within(const struct stream_description *streams, finding_taker *take, void *context)
{
	struct search search = {.streams = streams, .finder = {.take = take, .context = context}};

	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		if (streams->smmu[i].enabled) {
			look_at_registers(&search, i);
			look_at_interrupts(&search, &streams->smmu[i]);
			if (!contradiction_is_named(streams, i)) {
				found(&search.finder, streams->smmu[i].name, "no enabled master names it");
			}
		}
	}
	for (unsigned int i = 0; i < contradiction_claim_count(streams); i++) {
		look_at_claim(&search, i);
	}
	return search.finder.count;
}
