/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/shifted.h"

#include <inttypes.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/feature.h"
#include "checks/advice.h"
#include "findings/shift.h"
#include "report/finding.h"
#include "report/print.h"

OPTIONAL(advise);

struct wrong {
	const struct master *master;
	const struct window_description *window; /* Of its requester ID, or at least of its segment; NULL: none. */
	struct shift shift;
	struct wrong *first; /* Of its cause: itself, or an earlier one. */
	unsigned int count;  /* Of the first: how many have it. */
};

static struct {
	struct wrong *wrong;
	unsigned int count;
	unsigned int room;
} kept;

/* --- What differs. --- */

static void shifted_measure(const struct bringup *bringup, struct wrong *wrong)
{
	const struct master *master = wrong->master;
	const struct iommu_link *link = master->iommu.link_count ? &master->iommu.link[0] : NULL;
	const struct master_observation *seen = &master->observation;

	wrong->window = master->pci ? shift_window_of(&bringup->description->streams, master->pci->host->segment,
						      master->requester_id) :
				      NULL;
	wrong->shift = (struct shift){
		.owner = wrong->window ? wrong->window->master : NULL,
		.described_at = link ? link->iommu->name : NULL,
		.seen_at = seen->seen ? smmuv3_iommu(bringup->smmu[seen->smmu])->name : NULL,
	};
	shift_measure(&wrong->shift, link && seen->seen ? link->sid[0] : seen->sid, seen->sid, wrong->window,
		      master->requester_id);
}

static bool shifted_has_cause_of(const struct wrong *wrong, const struct wrong *other)
{
	return shift_is_one_cause(&wrong->shift, &other->shift) &&
	       wrong->master->observation.reached_memory == other->master->observation.reached_memory;
}

/* As many as there are masters: NULL never comes of too many. */
static struct wrong *shifted_room(const struct bringup *bringup)
{
	if (!kept.wrong) {
		kept.room = bringup->master_count;
		kept.wrong = arena_allocate(kept.room * sizeof(*kept.wrong), _Alignof(struct wrong));
	}
	return kept.wrong && kept.count < kept.room ? &kept.wrong[kept.count++] : NULL;
}

const char *shifted_add(const struct bringup *bringup, const struct master *master)
{
	struct wrong *wrong = shifted_room(bringup);

	if (!wrong) {
		finding_add("stream_id", FINDING_ERROR, master->device.name, observe_wrong_words(master), NULL);
		return NULL;
	}
	*wrong = (struct wrong){.master = master, .first = wrong};
	shifted_measure(bringup, wrong);
	for (struct wrong *other = kept.wrong; other < wrong && wrong->first == wrong; other++) {
		if (other->first == other && shifted_has_cause_of(wrong, other)) {
			wrong->first = other;
		}
	}
	wrong->first->count++;
	return wrong->first == wrong ? NULL : wrong->first->master->device.name;
}

/* --- What is said. --- */

/* Where the entry is that the table has, corrected. False: the cause is another. */
static bool shifted_advise(const struct bringup *bringup, const struct wrong *wrong, char advice[ADVICE_SIZE])
{
	const struct window_description *window = wrong->window;
	const struct shift *shift = &wrong->shift;

	if (!window || !shift->seen_at || !shift->described_at) {
		return false;
	}
	if (shift->mask != STREAM_NO_MASK) {
		format_text(advice, ADVICE_SIZE, "take %s's iommu-map-mask away, or make it 0xffff", shift->owner);
	} else if (bringup->description->streams.source == DESCRIPTION_IORT) {
		format_text(advice, ADVICE_SIZE,
			    "the ID mapping of requester IDs 0x%" PRIx32 " to 0x%" PRIx32
			    " should have output base 0x%" PRIx32 ", and a reference to %s",
			    window->input_first, window->input_last, window->sid + shift->step, shift->seen_at);
	} else {
		format_text(advice, ADVICE_SIZE,
			    "the entry of %s's iommu-map for 0x%" PRIx32 " should be <0x%" PRIx32 " &{%s} 0x%" PRIx32
			    " 0x%" PRIx32 ">, or what gives its streams their base should be set up before",
			    shift->owner, window->input_first, window->input_first, shift->seen_at,
			    window->sid + shift->step, window->input_last - window->input_first + 1);
	}
	return true;
}

static void shifted_tell_many(const struct bringup *bringup, const struct wrong *wrong)
{
	char words[SHIFT_WORDS_SIZE], text[FINDING_TEXT_SIZE], advice[ADVICE_SIZE] = "";

	if (wrong->shift.seen_at) {
		shift_words(&wrong->shift, words);
		format_text(text, sizeof(text), "it and %u more%s%s came out %s", wrong->count - 1,
			    wrong->shift.owner ? " of " : "", wrong->shift.owner ? wrong->shift.owner : "", words);
	} else {
		format_text(text, sizeof(text), "%s, and so it is with %u more%s%s", observe_wrong_words(wrong->master),
			    wrong->count - 1, wrong->shift.owner ? " of " : "",
			    wrong->shift.owner ? wrong->shift.owner : "");
	}
	if (!shifted_advise(bringup, wrong, advice) && is_linked(advise)) {
		advise(bringup, wrong->master, advice, sizeof(advice));
	}
	print("  WRONG %s: %s: %s\n", wrong->master->device.name, text, advice);
	for (unsigned int i = 0; i < wrong->count; i++) {
		finding_add("stream_id", FINDING_ERROR, wrong->master->device.name, text, advice);
	}
}

static void shifted_tell_one(const struct bringup *bringup, const struct wrong *wrong)
{
	char advice[ADVICE_SIZE] = "";

	if (is_linked(advise)) {
		advise(bringup, wrong->master, advice, sizeof(advice));
	}
	observe_say(bringup, wrong->master, advice);
	finding_add("stream_id", FINDING_ERROR, wrong->master->device.name, observe_wrong_words(wrong->master), advice);
}

void shifted_tell(const struct bringup *bringup)
{
	for (unsigned int i = 0; i < kept.count; i++) {
		const struct wrong *wrong = &kept.wrong[i];

		if (wrong->count > 1) {
			shifted_tell_many(bringup, wrong);
		} else if (wrong->count) {
			shifted_tell_one(bringup, wrong);
		}
	}
	kept.count = 0;
}

LINKED(shifted_add);
LINKED(shifted_tell);
