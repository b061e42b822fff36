/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings/compare_traits.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "firmware/finder.h"
#include "report/format.h"

#define SUBJECT_SIZE 160U

struct comparison {
	const struct traits_side *a;
	const struct traits_side *b;
	struct finder finder;
	struct traits_compared *compared;
};

const char *trait_name(enum trait trait)
{
	static const char *const names[TRAITS] = {"coherency", "ATS", "PRI", "PASIDs", "stalls", "address limits"};

	return names[trait];
}

/* --- SMMUs. --- */

static bool same_smmu(const struct smmu_description *one, const struct smmu_description *two)
{
	return one->enabled && two->enabled && one->has_base && two->has_base && one->base == two->base;
}

/* The other side's index, or its count. */
static unsigned int twin_of(const struct traits_side *side, const struct smmu_description *smmu)
{
	unsigned int i = 0;

	while (i < side->streams->smmu_count && !same_smmu(&side->streams->smmu[i], smmu)) {
		i++;
	}
	return i;
}

static void compare_line(struct comparison *comparison, const char *subject, const char *name,
			 const struct line_traits *a, const struct line_traits *b)
{
	if (a->has_trigger && b->has_trigger && a->trigger != b->trigger) {
		found(&comparison->finder, subject,
		      "its %s interrupt has trigger %" PRIu32 " by the %s, %" PRIu32 " by the %s", name, a->trigger,
		      comparison->a->name, b->trigger, comparison->b->name);
	}
}

/* Not for the event queue and global error: differences.c compares their numbers. */
static void compare_number(struct comparison *comparison, const char *subject, const char *name,
			   const struct line_traits *a, const struct line_traits *b)
{
	if (a->intid && b->intid && a->intid != b->intid) {
		found(&comparison->finder, subject,
		      "its %s interrupt is INTID %" PRIu32 " by the %s, %" PRIu32 " by the %s", name, a->intid,
		      comparison->a->name, b->intid, comparison->b->name);
	}
}

static void compare_own_msi(struct comparison *comparison, const char *subject, const struct smmu_traits *a,
			    const struct smmu_traits *b)
{
	if (a->msi == OWN_MSI_USED && b->msi == OWN_MSI_USED && a->msi_has_device && b->msi_has_device &&
	    a->msi_device != b->msi_device) {
		found(&comparison->finder, subject,
		      "its own MSIs are device 0x%" PRIx32 " by the %s, 0x%" PRIx32 " by the %s", a->msi_device,
		      comparison->a->name, b->msi_device, comparison->b->name);
	}
}

static void compare_smmu(struct comparison *comparison, const struct smmu_description *smmu,
			 const struct smmu_traits *a, const struct smmu_traits *b)
{
	static const char *const names[WIRES] = {"event queue", "PRI queue", "command SYNC", "global error"};
	char subject[SUBJECT_SIZE];

	comparison->compared->smmus++;
	format_text(subject, sizeof(subject), "the SMMU at 0x%llx", (unsigned long long)smmu->base);
	for (unsigned int wire = 0; wire < WIRES; wire++) {
		compare_line(comparison, subject, names[wire], &a->line[wire], &b->line[wire]);
		if (wire == WIRE_PRIQ || wire == WIRE_SYNC) {
			compare_number(comparison, subject, names[wire], &a->line[wire], &b->line[wire]);
		}
	}
	compare_own_msi(comparison, subject, a, b);
}

static void compare_smmus(struct comparison *comparison)
{
	const struct stream_description *streams = comparison->a->streams;

	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		unsigned int twin = twin_of(comparison->b, &streams->smmu[i]);

		if (twin < comparison->b->streams->smmu_count) {
			compare_smmu(comparison, &streams->smmu[i], &comparison->a->traits->smmu[i],
				     &comparison->b->traits->smmu[twin]);
		}
	}
}

/* Of trees, by the hosts' paths: a changed segment gives one host's functions another's streams. */
static void compare_segment(struct comparison *comparison, const struct master_traits *host)
{
	const struct traits *traits = comparison->b->traits;

	for (unsigned int i = 0; i < traits->master_count; i++) {
		const struct master_traits *other = &traits->master[i];

		if (other->segment != STREAM_NO_SEGMENT && other->segment != host->segment &&
		    !strcmp(other->name, host->name)) {
			found(&comparison->finder, host->name,
			      "it is segment %" PRIu32 " by the %s, %" PRIu32 " by the %s", host->segment,
			      comparison->a->name, other->segment, comparison->b->name);
		}
	}
}

static void compare_segments(struct comparison *comparison)
{
	const struct traits *traits = comparison->a->traits;

	for (unsigned int i = 0; i < traits->master_count; i++) {
		if (traits->master[i].segment != STREAM_NO_SEGMENT) {
			compare_segment(comparison, &traits->master[i]);
		}
	}
}

static unsigned int disabled_smmus(const struct stream_description *streams)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		count += !streams->smmu[i].enabled;
	}
	return count;
}

/* --- Masters. --- */

/* Larger limits limit nothing: an SMMU takes input addresses of 48 bits (IHI 0070 3.4.1; 52 with 64 KiB pages). */
#define REACH_BITS_MAX 48U

static unsigned int bits_of(uint64_t reach)
{
	unsigned int bits = 0;

	for (; reach && bits < REACH_BITS_MAX; reach >>= 1) {
		bits++;
	}
	return bits;
}

/* A trait as a number; false: that table does not tell it. */
static bool trait_of(const struct master_traits *master, enum trait trait, unsigned int *value)
{
	const enum told told[TRAITS] = {
		[TRAIT_COHERENCY] = master->coherent,
		[TRAIT_ATS] = master->ats,
		[TRAIT_PRI] = master->pri,
		[TRAIT_STALL] = master->stall,
	};

	switch (trait) {
	case TRAIT_PASID:
		*value = master->pasid_bits;
		return master->tells_pasid;
	case TRAIT_REACH:
		*value = master->reaches_nothing ? 0 : bits_of(master->reach);
		return master->tells_reach;
	case TRAIT_COHERENCY:
	case TRAIT_ATS:
	case TRAIT_PRI:
	case TRAIT_STALL:
	case TRAITS:
	default:
		*value = told[trait] == TOLD_YES;
		return told[trait] != TOLD_NOTHING;
	}
}

static void report_trait(struct comparison *comparison, const char *subject, enum trait trait, unsigned int a,
			 unsigned int b)
{
	const char *yes = a ? comparison->a->name : comparison->b->name;
	const char *no = a ? comparison->b->name : comparison->a->name;

	switch (trait) {
	case TRAIT_COHERENCY:
		found(&comparison->finder, subject, "its DMA is coherent by the %s, not coherent by the %s", yes, no);
		return;
	case TRAIT_PASID:
		found(&comparison->finder, subject, "it has PASIDs of %u bits by the %s, of %u by the %s", a,
		      comparison->a->name, b, comparison->b->name);
		return;
	case TRAIT_REACH:
		found(&comparison->finder, subject, "its DMA reaches addresses of %u bits by the %s, of %u by the %s",
		      a, comparison->a->name, b, comparison->b->name);
		return;
	case TRAIT_ATS:
	case TRAIT_PRI:
	case TRAIT_STALL:
	case TRAITS:
	default:
		found(&comparison->finder, subject, "%s: supported by the %s, not supported by the %s",
		      trait_name(trait), yes, no);
	}
}

static void compare_master(struct comparison *comparison, const struct master_traits *a, const struct master_traits *b)
{
	struct traits_compared *compared = comparison->compared;
	char subject[SUBJECT_SIZE];

	compared->masters++;
	if (a->segment != STREAM_NO_SEGMENT) {
		format_text(subject, sizeof(subject), "segment %" PRIu32, a->segment);
	} else {
		format_text(subject, sizeof(subject), "%s", a->name);
	}
	for (enum trait trait = TRAIT_COHERENCY; trait < TRAITS; trait++) {
		unsigned int value_a, value_b;
		bool in_a = trait_of(a, trait, &value_a);
		bool in_b = trait_of(b, trait, &value_b);

		compared->in_both[trait] += in_a && in_b;
		compared->in_a[trait] += in_a && !in_b;
		compared->in_b[trait] += in_b && !in_a;
		if (in_a && in_b && value_a != value_b) {
			report_trait(comparison, subject, trait, value_a, value_b);
		}
	}
}

/* NULL: none has the segment, or it is disabled. */
static const struct master_traits *host_of(const struct traits *traits, uint32_t segment)
{
	for (unsigned int i = 0; i < traits->master_count; i++) {
		if (traits->master[i].segment == segment && traits->master[i].enabled) {
			return &traits->master[i];
		}
	}
	return NULL;
}

static const struct master_traits *master_named(const struct traits *traits, const char *name)
{
	for (unsigned int i = 0; i < traits->master_count; i++) {
		if (traits->master[i].name == name && traits->master[i].enabled) {
			return &traits->master[i];
		}
	}
	return NULL;
}

/* Whose stream it is on that side, or NULL. */
static const char *owner_of(const struct traits_side *side, const struct smmu_description *smmu, uint32_t sid)
{
	const struct stream_description *streams = side->streams;

	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		const struct fixed_description *fixed = &streams->fixed[i];

		if (fixed->enabled && fixed->first <= sid && sid <= fixed->last &&
		    same_smmu(&streams->smmu[fixed->smmu], smmu)) {
			return fixed->master;
		}
	}
	return NULL;
}

static void compare_hosts(struct comparison *comparison)
{
	const struct traits *traits = comparison->a->traits;

	for (unsigned int i = 0; i < traits->master_count; i++) {
		const struct master_traits *host = &traits->master[i];
		const struct master_traits *twin = NULL;

		if (host->segment != STREAM_NO_SEGMENT && host == host_of(traits, host->segment)) {
			twin = host_of(comparison->b->traits, host->segment);
		}
		if (twin) {
			compare_master(comparison, host, twin);
		}
	}
}

/* By each one's first stream, because the tables name devices differently. */
static void compare_devices(struct comparison *comparison)
{
	const struct stream_description *streams = comparison->a->streams;
	const char *last = NULL;

	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		const struct fixed_description *fixed = &streams->fixed[i];
		const struct master_traits *master, *twin;
		const char *owner;

		if (fixed->master == last || !fixed->enabled) {
			continue;
		}
		last = fixed->master;
		owner = owner_of(comparison->b, &streams->smmu[fixed->smmu], fixed->first);
		master = master_named(comparison->a->traits, fixed->master);
		twin = owner ? master_named(comparison->b->traits, owner) : NULL;
		if (master && twin) {
			compare_master(comparison, master, twin);
		}
	}
}

unsigned int findings_between_traits(const struct traits_side *a, const struct traits_side *b, finding_taker *take,
				     void *context, struct traits_compared *compared)
{
	struct comparison comparison = {
		.a = a, .b = b, .finder = {.take = take, .context = context}, .compared = compared};

	*compared = (struct traits_compared){
		.disabled = disabled_smmus(a->streams) + disabled_smmus(b->streams),
	};
	compare_smmus(&comparison);
	compare_segments(&comparison);
	compare_hosts(&comparison);
	compare_devices(&comparison);
	return comparison.finder.count;
}
