/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changes an STE or CD that the SMMU may be reading (IHI 0070 3.21.3). It reads 64 bits at a time, so each mix of
 * dwords must mean the old or the new entry:
 *
 *   - bits that it does not read now may change at any time;
 *   - one dword that it reads is changed by one store;
 *   - for more, V is cleared first: the stream is denied for a moment.
 *
 * A completed invalidation ends each step, also before V is set: the SMMU reads dwords in any order, and could combine
 * old ones with the new V.
 */
#include <stddef.h>

#include "base/store.h"
#include "smmuv3/private.h"

struct images {
	bool differ;		       /* In a bit that is or will be read. */
	uint64_t prepared[STE_DWORDS]; /* The entry now, with the bits that only the target reads. */
	unsigned int critical;	       /* Dwords that still differ, */
	unsigned int last;	       /* and the last of them. */
};

static void update_prepare(const struct entry_update *update, const uint64_t *entry, const uint64_t *target,
			   struct images *images)
{
	uint64_t now[STE_DWORDS];
	uint64_t then[STE_DWORDS];
	uint64_t safe[STE_DWORDS] = {0};

	update->used(entry, now);
	update->used(target, then);
	if (update->safe) {
		update->safe(safe);
	}
	images->critical = 0;
	images->differ = false;
	for (unsigned int i = 0; i < STE_DWORDS; i++) {
		uint64_t kept = now[i] & ~safe[i];

		images->differ |= (entry[i] ^ target[i]) & (now[i] | then[i]);
		images->prepared[i] = entry[i] ^ ((entry[i] ^ target[i]) & then[i] & ~kept);
		if ((images->prepared[i] ^ target[i]) & then[i] & ~safe[i]) {
			images->critical++;
			images->last = i;
		}
	}
}

/* In any order; invalidates if anything changed. */
static int update_set(const struct entry_update *update, uint64_t *entry, const uint64_t *image, unsigned int first,
		      unsigned int end)
{
	bool changed = false;

	for (unsigned int i = first; i < end; i++) {
		if (entry[i] != image[i]) {
			store64(&entry[i], image[i]);
			changed = true;
		}
	}
	if (!changed) {
		return 0;
	}
	smmuv3_publish(update->smmu, entry, STE_DWORDS * sizeof(uint64_t));
	return update->invalidate(update);
}

static int update_one_dword(const struct entry_update *update, uint64_t *entry, const uint64_t *target,
			    struct images *images)
{
	int error;

	images->prepared[images->last] = entry[images->last];
	error = update_set(update, entry, images->prepared, 0, STE_DWORDS);
	/* Leaves bits that are no longer read. */
	return error ? error : update_set(update, entry, target, images->last, images->last + 1);
}

/* Dwords 1 to 7 before dword 0. */
static int update_fill_and_make(const struct entry_update *update, uint64_t *entry, const uint64_t *target)
{
	uint64_t used[STE_DWORDS];
	uint64_t filled[STE_DWORDS];
	int error;

	update->used(target, used);
	for (unsigned int i = 0; i < STE_DWORDS; i++) {
		filled[i] = (target[i] & used[i]) | (entry[i] & ~used[i]);
	}
	error = update_set(update, entry, filled, 1, STE_DWORDS);
	return error ? error : update_set(update, entry, target, 0, 1);
}

static int update_break_and_make(const struct entry_update *update, uint64_t *entry, const uint64_t *target)
{
	uint64_t invalid = entry[0] & ~update->valid;
	int error = update_set(update, entry, &invalid, 0, 1);

	return error ? error : update_fill_and_make(update, entry, target);
}

int smmuv3_update_entry(const struct entry_update *update, uint64_t *entry, const uint64_t *target)
{
	struct images images;

	/* What the entry points at is in memory first. */
	arch_dma_wmb();
	if (!(entry[0] & update->valid)) {
		return update_fill_and_make(update, entry, target);
	}
	update_prepare(update, entry, target, &images);
	if (!images.differ) {
		return 0;
	}
	if (images.critical > 1) {
		return update_break_and_make(update, entry, target);
	}
	return images.critical ? update_one_dword(update, entry, target, &images) :
				 update_set(update, entry, images.prepared, 0, STE_DWORDS);
}
