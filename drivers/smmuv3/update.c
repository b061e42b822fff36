/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Changing a stream table entry or a context descriptor that the SMMU may be reading (IHI 0070, 3.21.3). It reads 64
 * bits at once and no more, and may hold any mixture of what was there before. So an entry only ever passes through
 * images that mean either what it meant or what it shall mean:
 *
 *   - bits that the SMMU does not look at, as things are, can be changed at any time;
 *   - one dword whose bits it does look at can be changed by one store;
 *   - more than one: V is cleared first, and the stream is denied for that moment.
 *
 * Each step that the next one builds upon ends with an invalidation that has completed. That is so between filling an
 * invalid entry and making it valid, too: the SMMU reads the dwords in any order, and may hold old ones beside a new V.
 */
#include <stddef.h>

#include "base/store.h"
#include "smmuv3/private.h"

struct images {
	bool differ;		       /* In something that the SMMU looks at, now or then. */
	uint64_t prepared[STE_DWORDS]; /* Now, with what will be looked at, and is not yet, as the target has it. */
	unsigned int critical;	       /* Dwords in which that is not enough. */
	unsigned int last;	       /* Of them. */
};

static void prepare(const struct entry_update *update, const uint64_t *entry, const uint64_t *target,
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

/* Stores what differs, and invalidates where anything did. Between its stores there is no order. */
static int set(const struct entry_update *update, uint64_t *entry, const uint64_t *image, unsigned int first,
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

static int change_one_dword(const struct entry_update *update, uint64_t *entry, const uint64_t *target,
			    struct images *images)
{
	int error;

	images->prepared[images->last] = entry[images->last];
	error = set(update, entry, images->prepared, 0, STE_DWORDS);
	/* What nobody looks at any more stays as it is. */
	return error ? error : set(update, entry, target, images->last, images->last + 1);
}

/* An invalid entry: first what the SMMU will look at besides dword 0, then that one. */
static int fill_and_make(const struct entry_update *update, uint64_t *entry, const uint64_t *target)
{
	uint64_t used[STE_DWORDS];
	uint64_t filled[STE_DWORDS];
	int error;

	update->used(target, used);
	for (unsigned int i = 0; i < STE_DWORDS; i++) {
		filled[i] = (target[i] & used[i]) | (entry[i] & ~used[i]);
	}
	error = set(update, entry, filled, 1, STE_DWORDS);
	return error ? error : set(update, entry, target, 0, 1);
}

static int break_and_make(const struct entry_update *update, uint64_t *entry, const uint64_t *target)
{
	uint64_t invalid = entry[0] & ~update->valid;
	int error = set(update, entry, &invalid, 0, 1);

	return error ? error : fill_and_make(update, entry, target);
}

int smmuv3_update_entry(const struct entry_update *update, uint64_t *entry, const uint64_t *target)
{
	struct images images;

	/* What the entry will point at is in memory before the entry points at it. */
	arch_dma_wmb();
	if (!(entry[0] & update->valid)) {
		return fill_and_make(update, entry, target);
	}
	prepare(update, entry, target, &images);
	if (!images.differ) {
		return 0;
	}
	if (images.critical > 1) {
		return break_and_make(update, entry, target);
	}
	return images.critical ? change_one_dword(update, entry, target, &images) :
				 set(update, entry, images.prepared, 0, STE_DWORDS);
}
