/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/arch.h"
#include "firmware/finder.h"
#include "report/format.h"

#define REQUESTER_ID_MAX 0xffffU
#define WORDS_SIZE 160U

struct side {
	const struct stream_description *streams;
	const char *name;
};

struct comparison {
	struct side a;
	struct side b;
	struct finder finder;
	bool sums; /* What is off alike is one difference. Only ARCH_PLANS. */
};

struct node_words {
	char irq[96];
	char name[64];
	size_t irqs;
	size_t names;
};

/* Calls `look` for each side as side a: it finds what only side a has. */
static void from_both_sides(struct comparison *comparison, void (*look)(struct comparison *comparison))
{
	struct comparison reversed = *comparison;

	look(comparison);
	reversed.a = comparison->b;
	reversed.b = comparison->a;
	reversed.finder = comparison->finder;
	look(&reversed);
	comparison->finder = reversed.finder;
}

/* --- Instances. --- */

/* By name if neither has a base. */
static bool same_smmu(const struct smmu_description *one, const struct smmu_description *two)
{
	if (one->has_base || two->has_base) {
		return one->has_base && two->has_base && one->base == two->base;
	}
	return !strcmp(one->name, two->name);
}

static const struct smmu_description *difference_twin_of(const struct stream_description *streams,
							 const struct smmu_description *wanted)
{
	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		if (streams->smmu[i].enabled && same_smmu(&streams->smmu[i], wanted)) {
			return &streams->smmu[i];
		}
	}
	return NULL;
}

static const char *instance_words(char words[WORDS_SIZE], const struct smmu_description *smmu)
{
	if (smmu->has_base) {
		format_text(words, WORDS_SIZE, "the SMMU at 0x%llx", (unsigned long long)smmu->base);
	} else {
		format_text(words, WORDS_SIZE, "%s", smmu->name);
	}
	return words;
}

static void compare_irq(struct comparison *comparison, const char *subject, const char *name,
			const struct irq_description *a, const struct irq_description *b)
{
	if (a->present && b->present && a->intid != b->intid) {
		found(&comparison->finder, subject,
		      "its %s interrupt is INTID %" PRIu32 " by the %s, %" PRIu32 " by the %s", name, a->intid,
		      comparison->a.name, b->intid, comparison->b.name);
	} else if (a->present != b->present) {
		found(&comparison->finder, subject, "only the %s has its %s interrupt",
		      a->present ? comparison->a.name : comparison->b.name, name);
	}
}

/* The INTIDs are right, but their names are exchanged. */
static bool are_exchanged(const struct smmu_description *a, const struct smmu_description *b)
{
	return a->eventq.present && a->gerror.present && b->eventq.present && b->gerror.present &&
	       a->eventq.intid != a->gerror.intid && a->eventq.intid == b->gerror.intid &&
	       a->gerror.intid == b->eventq.intid;
}

static void compare_irqs(struct comparison *comparison, const char *subject, const struct smmu_description *a,
			 const struct smmu_description *b)
{
	if (ARCH_PLANS && are_exchanged(a, b)) {
		found(&comparison->finder, subject,
		      "its event queue and global error interrupts are exchanged: INTID %" PRIu32 " and %" PRIu32
		      " by the %s, the other way round by the %s",
		      a->eventq.intid, a->gerror.intid, comparison->a.name, comparison->b.name);
		return;
	}
	compare_irq(comparison, subject, "event queue", &a->eventq, &b->eventq);
	compare_irq(comparison, subject, "global error", &a->gerror, &b->gerror);
}

static void compare_instance(struct comparison *comparison, const struct smmu_description *a,
			     const struct smmu_description *b)
{
	char subject[WORDS_SIZE];

	(void)instance_words(subject, a);
	if (a->coherent != b->coherent) {
		found(&comparison->finder, subject,
		      "the %s says that its table walks are coherent, the %s that they are not",
		      a->coherent ? comparison->a.name : comparison->b.name,
		      a->coherent ? comparison->b.name : comparison->a.name);
	}
	compare_irqs(comparison, subject, a, b);
	if ((a->quirks ^ b->quirks) & (SMMU_QUIRK_NO_PAGE1 | SMMU_QUIRK_NO_PREFETCH)) {
		found(&comparison->finder, subject, "the two do not name the same errata of it");
	}
}

#define SPI_FIRST 32U
#define CELL_MASK 0xffffffffULL

static void add_irq(struct node_words *words, const char *name, const struct irq_description *irq)
{
	if (!irq->present || irq->intid < SPI_FIRST) {
		return;
	}
	words->irqs += format_text(words->irq + words->irqs, sizeof(words->irq) - words->irqs, "%s<0 %" PRIu32 " %u>",
				   words->irqs ? ", " : "", irq->intid - SPI_FIRST, irq->edge ? 1U : 4U);
	words->names += format_text(words->name + words->names, sizeof(words->name) - words->names, "%s\"%s\"",
				    words->names ? ", " : "", name);
}

/* Prints device tree source, for a bus of two cells each. */
static void found_missing_node(struct comparison *comparison, const char *subject, const struct smmu_description *smmu)
{
	struct node_words words = {.irqs = 0};

	add_irq(&words, "eventq", &smmu->eventq);
	add_irq(&words, "priq", &smmu->priq);
	add_irq(&words, "cmdq-sync", &smmu->sync);
	add_irq(&words, "gerror", &smmu->gerror);
	found(&comparison->finder, subject,
	      "only the %s has it; the %s lacks iommu@%llx { compatible = \"arm,smmu-v3\"; reg = <0x%llx 0x%llx 0x%llx "
	      "0x%llx>; #iommu-cells = <1>;%s%s%s%s%s%s };",
	      comparison->a.name, comparison->b.name, (unsigned long long)smmu->base,
	      (unsigned long long)(smmu->base >> 32), (unsigned long long)(smmu->base & CELL_MASK),
	      (unsigned long long)(smmu->size >> 32), (unsigned long long)(smmu->size & CELL_MASK),
	      smmu->coherent ? " dma-coherent;" : "", words.irqs ? " interrupts = " : "", words.irq,
	      words.irqs ? "; interrupt-names = " : "", words.name, words.irqs ? ";" : "");
}

static void instances_of_one_side(struct comparison *comparison)
{
	const struct stream_description *streams = comparison->a.streams;

	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		const struct smmu_description *smmu = &streams->smmu[i];
		char subject[WORDS_SIZE];

		if (smmu->enabled && !difference_twin_of(comparison->b.streams, smmu)) {
			(void)instance_words(subject, smmu);
			if (comparison->b.streams->source == DESCRIPTION_DT && smmu->has_base) {
				found_missing_node(comparison, subject, smmu);
			} else {
				found(&comparison->finder, subject, "only the %s has it", comparison->a.name);
			}
		}
	}
}

static void compare_instances(struct comparison *comparison)
{
	const struct stream_description *streams = comparison->a.streams;

	from_both_sides(comparison, instances_of_one_side);
	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		const struct smmu_description *smmu = &streams->smmu[i];
		const struct smmu_description *twin = difference_twin_of(comparison->b.streams, smmu);

		if (smmu->enabled && twin) {
			compare_instance(comparison, smmu, twin);
		}
	}
}

/* --- PCI. --- */

static bool same_instance(const struct side *a, unsigned int i, const struct side *b, unsigned int k)
{
	return same_smmu(&a->streams->smmu[i], &b->streams->smmu[k]);
}

static bool agree(const struct comparison *comparison, const struct stream_run *a, const struct stream_run *b)
{
	if (!a->mapped || !b->mapped) {
		return a->mapped == b->mapped;
	}
	return a->stream.sid == b->stream.sid &&
	       same_instance(&comparison->a, a->stream.smmu, &comparison->b, b->stream.smmu);
}

static const char *way_words(char words[WORDS_SIZE], const struct side *side, const struct stream_run *run)
{
	char instance[WORDS_SIZE];

	if (!run->mapped) {
		return "to no SMMU";
	}
	format_text(words, WORDS_SIZE, "to %s as 0x%" PRIx32 "%s",
		    instance_words(instance, &side->streams->smmu[run->stream.smmu]), run->stream.sid,
		    run->constant || run->first == run->last ? "" : " on");
	return words;
}

static void report_way(struct comparison *comparison, uint32_t segment, const struct stream_run *a,
		       const struct stream_run *b)
{
	char subject[WORDS_SIZE], way_a[WORDS_SIZE], way_b[WORDS_SIZE];

	if (a->first == a->last) {
		format_text(subject, sizeof(subject), "segment %" PRIu32 ", requester ID 0x%" PRIx32, segment,
			    a->first);
	} else {
		format_text(subject, sizeof(subject), "segment %" PRIu32 ", requester IDs 0x%" PRIx32 " to 0x%" PRIx32,
			    segment, a->first, a->last);
	}
	found(&comparison->finder, subject, "the %s sends them %s, the %s %s", comparison->a.name,
	      way_words(way_a, &comparison->a, a), comparison->b.name, way_words(way_b, &comparison->b, b));
}

/* A disabled SMMU counts as none. */
static void leave_out_disabled(const struct stream_description *streams, struct stream_run *run)
{
	run->mapped = run->mapped && streams->smmu[run->stream.smmu].enabled;
}

/* Two runs from one ID, cut to where both continue. */
static void next_runs(const struct comparison *comparison, uint32_t segment, uint32_t id, struct stream_run *a,
		      struct stream_run *b)
{
	uint32_t last;

	description_run_of(comparison->a.streams, segment, id, a);
	description_run_of(comparison->b.streams, segment, id, b);
	leave_out_disabled(comparison->a.streams, a);
	leave_out_disabled(comparison->b.streams, b);
	last = a->last < b->last ? a->last : b->last;
	last = last < REQUESTER_ID_MAX ? last : REQUESTER_ID_MAX;
	if (a->mapped && b->mapped && a->constant != b->constant) {
		last = id;
	}
	a->last = last;
	b->last = last;
}

/* True also if `next` repeats `run`, as with a mask. */
static bool difference_goes_on(const struct stream_run *run, const struct stream_run *next)
{
	uint32_t step = next->stream.sid - run->stream.sid;

	if (!run->mapped || !next->mapped) {
		return run->mapped == next->mapped;
	}
	return run->stream.smmu == next->stream.smmu &&
	       (step == 0 || (!run->constant && step == next->first - run->first));
}

/* The last ID before the windows' common mask repeats. */
static uint32_t last_distinct(const struct comparison *comparison, uint32_t segment)
{
	const struct stream_description *const sides[] = {comparison->a.streams, comparison->b.streams};
	uint32_t mask = 0;

	for (unsigned int s = 0; s < 2; s++) {
		for (unsigned int i = 0; i < sides[s]->window_count; i++) {
			const struct window_description *window = &sides[s]->window[i];

			if (window->enabled && window->segment == segment) {
				mask |= window->has_mask ? window->mask : REQUESTER_ID_MAX;
			}
		}
	}
	/* A mask with holes, or several masks: all IDs. */
	return mask & (mask + 1) || mask > REQUESTER_ID_MAX ? REQUESTER_ID_MAX : mask;
}

/* --- Ranges that are off alike. --- */

#define SHIFTS_MAX 8U /* Kinds of one segment; those beyond are told each. */

/* Ranges that both sides map, and to streams that are apart by the same step. */
struct shift {
	struct stream_run a; /* The first of them. */
	struct stream_run b;
	uint32_t last;
	unsigned int count;
};

struct shifts {
	struct shift shift[SHIFTS_MAX];
	unsigned int count;
};

static bool is_of_shift(const struct shift *shift, const struct stream_run *a, const struct stream_run *b)
{
	return a->stream.smmu == shift->a.stream.smmu && b->stream.smmu == shift->b.stream.smmu &&
	       a->constant == shift->a.constant &&
	       b->stream.sid - a->stream.sid == shift->b.stream.sid - shift->a.stream.sid;
}

/* False: it is to be told by itself. */
static bool keep_shift(struct shifts *shifts, const struct stream_run *a, const struct stream_run *b)
{
	unsigned int i = 0;

	if (!a->mapped || !b->mapped || a->constant != b->constant) {
		return false;
	}
	while (i < shifts->count && !is_of_shift(&shifts->shift[i], a, b)) {
		i++;
	}
	if (i == SHIFTS_MAX) {
		return false;
	}
	if (i == shifts->count) {
		shifts->shift[shifts->count++] = (struct shift){.a = *a, .b = *b};
	}
	shifts->shift[i].last = a->last;
	shifts->shift[i].count++;
	return true;
}

static void report_shift(struct comparison *comparison, uint32_t segment, const struct shift *shift)
{
	uint32_t step = shift->b.stream.sid - shift->a.stream.sid;
	bool is_lower = step > INT32_MAX;
	char subject[WORDS_SIZE], way_a[WORDS_SIZE], way_b[WORDS_SIZE];

	format_text(subject, sizeof(subject),
		    "segment %" PRIu32 ", %u ranges of requester IDs in 0x%" PRIx32 " to 0x%" PRIx32, segment,
		    shift->count, shift->a.first, shift->last);
	(void)way_words(way_a, &comparison->a, &shift->a);
	(void)way_words(way_b, &comparison->b, &shift->b);
	if (step) {
		found(&comparison->finder, subject,
		      "each is 0x%" PRIx32 " %s by the %s: the %s sends the first %s, the %s %s",
		      is_lower ? 0 - step : step, is_lower ? "lower" : "higher", comparison->b.name, comparison->a.name,
		      way_a, comparison->b.name, way_b);
	} else {
		found(&comparison->finder, subject, "each goes elsewhere: the %s sends the first %s, the %s %s",
		      comparison->a.name, way_a, comparison->b.name, way_b);
	}
}

/* One difference for what is off alike. */
static void take_way(struct comparison *comparison, uint32_t segment, struct shifts *shifts, const struct stream_run *a,
		     const struct stream_run *b)
{
	if (!ARCH_PLANS || !comparison->sums || !keep_shift(shifts, a, b)) {
		report_way(comparison, segment, a, b);
	}
}

static void report_shifts(struct comparison *comparison, uint32_t segment, const struct shifts *shifts)
{
	for (unsigned int i = 0; i < shifts->count; i++) {
		const struct shift *shift = &shifts->shift[i];

		if (shift->count == 1) {
			report_way(comparison, segment, &shift->a, &shift->b);
		} else {
			report_shift(comparison, segment, shift);
		}
	}
}

/* Of requester IDs that this side maps; REQUESTER_ID_MAX: it takes none away. False: it maps none. */
static bool mask_of(const struct stream_description *streams, uint32_t segment, uint32_t *mask)
{
	for (unsigned int i = 0; i < streams->window_count; i++) {
		const struct window_description *window = &streams->window[i];

		if (window->enabled && window->segment == segment) {
			*mask = window->has_mask ? window->mask & REQUESTER_ID_MAX : REQUESTER_ID_MAX;
			return true;
		}
	}
	return false;
}

/* `mask`: IDs with other bits are passed over. */
static void compare_ranges(struct comparison *comparison, uint32_t segment, uint32_t mask)
{
	uint32_t end = last_distinct(comparison, segment);
	struct stream_run a, b, kept_a = {.last = 0}, kept_b = {.last = 0};
	struct shifts shifts;
	bool pending = false;

	shifts.count = 0;
	for (uint32_t id = 0; id <= end; id = a.last + 1) {
		bool differ;

		if (id & ~mask) {
			a.last = id;
			continue;
		}
		next_runs(comparison, segment, id, &a, &b);
		if (mask != REQUESTER_ID_MAX) {
			a.last = b.last = id;
		}
		differ = !agree(comparison, &a, &b);
		if (pending && differ && difference_goes_on(&kept_a, &a) && difference_goes_on(&kept_b, &b)) {
			kept_a.last = kept_b.last = a.last;
			continue;
		}
		if (pending) {
			take_way(comparison, segment, &shifts, &kept_a, &kept_b);
		}
		pending = differ;
		kept_a = a;
		kept_b = b;
	}
	if (pending) {
		take_way(comparison, segment, &shifts, &kept_a, &kept_b);
	}
	if (ARCH_PLANS) {
		report_shifts(comparison, segment, &shifts);
	}
}

static void take_nothing(void *context, const char *subject, const char *detail)
{
	(void)context;
	(void)subject;
	(void)detail;
}

/* Do their masks make more than one difference? */
static bool masks_matter(const struct comparison *comparison, uint32_t segment)
{
	struct comparison counted = *comparison;

	counted.finder = (struct finder){.take = take_nothing};
	counted.sums = false;
	compare_ranges(&counted, segment, REQUESTER_ID_MAX);
	return counted.finder.count > 1;
}

/* Two masks are one cause. Returns the bits that both let through, or REQUESTER_ID_MAX. */
static uint32_t compare_masks(struct comparison *comparison, uint32_t segment)
{
	char subject[WORDS_SIZE];
	uint32_t a, b;

	if (!mask_of(comparison->a.streams, segment, &a) || !mask_of(comparison->b.streams, segment, &b) || a == b ||
	    !masks_matter(comparison, segment)) {
		return REQUESTER_ID_MAX;
	}
	format_text(subject, sizeof(subject), "segment %" PRIu32, segment);
	found(&comparison->finder, subject,
	      "the %s masks its requester IDs with 0x%" PRIx32 ", the %s with 0x%" PRIx32
	      ": IDs with other bits are not compared further",
	      comparison->a.name, a, comparison->b.name, b);
	return a & b;
}

static void compare_segment(struct comparison *comparison, uint32_t segment)
{
	compare_ranges(comparison, segment, ARCH_PLANS ? compare_masks(comparison, segment) : REQUESTER_ID_MAX);
}

static bool has_segment(const struct stream_description *streams, unsigned int count, uint32_t segment)
{
	for (unsigned int i = 0; i < count; i++) {
		if (streams->window[i].enabled && streams->window[i].segment == segment) {
			return true;
		}
	}
	return false;
}

static void compare_segments(struct comparison *comparison)
{
	const struct stream_description *a = comparison->a.streams;
	const struct stream_description *b = comparison->b.streams;

	for (unsigned int i = 0; i < a->window_count; i++) {
		uint32_t segment = a->window[i].segment;

		if (a->window[i].enabled && segment != STREAM_NO_SEGMENT && !has_segment(a, i, segment)) {
			compare_segment(comparison, segment);
		}
	}
	for (unsigned int i = 0; i < b->window_count; i++) {
		uint32_t segment = b->window[i].segment;

		if (b->window[i].enabled && segment != STREAM_NO_SEGMENT && !has_segment(b, i, segment) &&
		    !has_segment(a, a->window_count, segment)) {
			compare_segment(comparison, segment);
		}
	}
}

/* --- Streams named directly, and of other buses. --- */

struct claim {
	const struct smmu_description *smmu;
	const char *master;
	uint32_t first;
	uint32_t last;
	bool has_address;
	uint64_t address;
	bool counts;	 /* Stream IDs count up with input IDs, */
	uint32_t offset; /* at this distance. */
};

static unsigned int difference_claim_count(const struct stream_description *streams)
{
	return streams->fixed_count + streams->window_count;
}

/* False: disabled, behind a disabled SMMU, or PCI. */
static bool difference_claim_at(const struct stream_description *streams, unsigned int i, struct claim *claim)
{
	const struct window_description *window;

	if (i < streams->fixed_count) {
		const struct fixed_description *fixed = &streams->fixed[i];

		*claim = (struct claim){
			.smmu = &streams->smmu[fixed->smmu],
			.master = fixed->master,
			.first = fixed->first,
			.last = fixed->last,
			.has_address = fixed->has_address,
			.address = fixed->address,
		};
		return fixed->enabled && claim->smmu->enabled;
	}
	window = &streams->window[i - streams->fixed_count];
	*claim = (struct claim){
		.smmu = &streams->smmu[window->smmu],
		.master = window->master,
		.first = window->sid,
		.last = description_window_last(window),
		.has_address = window->has_address,
		.address = window->address,
		.counts = !window->constant,
		.offset = window->sid - window->input_first,
	};
	return window->enabled && claim->smmu->enabled && window->segment == STREAM_NO_SEGMENT;
}

/* Not if their known addresses differ. */
static bool is_comparable(const struct claim *claim, const struct claim *other)
{
	if (claim->counts && other->counts && claim->offset != other->offset) {
		return false;
	}
	return same_smmu(claim->smmu, other->smmu) &&
	       (!claim->has_address || !other->has_address || claim->address == other->address);
}

/* Does the other side name stream `id`? `last`: the last stream with the same answer. */
static bool difference_is_named(const struct stream_description *streams, const struct claim *claim, uint32_t id,
				uint32_t *last)
{
	struct claim other;

	*last = claim->last;
	for (unsigned int i = 0; i < difference_claim_count(streams); i++) {
		if (!difference_claim_at(streams, i, &other) || !is_comparable(claim, &other)) {
			continue;
		}
		if (other.first <= id && id <= other.last) {
			*last = other.last < claim->last ? other.last : claim->last;
			return true;
		}
		if (other.first > id && other.first - 1 < *last) {
			*last = other.first - 1;
		}
	}
	return false;
}

static void report_claim(struct comparison *comparison, const struct claim *claim, uint32_t first, uint32_t last)
{
	char instance[WORDS_SIZE];

	(void)instance_words(instance, claim->smmu);
	if (first == last) {
		found(&comparison->finder, claim->master, "only the %s gives it stream 0x%" PRIx32 " of %s",
		      comparison->a.name, first, instance);
	} else {
		found(&comparison->finder, claim->master,
		      "only the %s gives it streams 0x%" PRIx32 " to 0x%" PRIx32 " of %s", comparison->a.name, first,
		      last, instance);
	}
}

static void claims_of_one_side(struct comparison *comparison)
{
	const struct stream_description *streams = comparison->a.streams;
	struct claim claim;

	for (unsigned int i = 0; i < difference_claim_count(streams); i++) {
		if (!difference_claim_at(streams, i, &claim)) {
			continue;
		}
		for (uint64_t id = claim.first; id <= claim.last;) {
			uint32_t last;

			if (!difference_is_named(comparison->b.streams, &claim, (uint32_t)id, &last)) {
				report_claim(comparison, &claim, (uint32_t)id, last);
			}
			id = (uint64_t)last + 1;
		}
	}
}

/* --- Direct regions. --- */

static bool difference_is_kept(const struct comparison *comparison, const struct direct_description *direct,
			       uint32_t id, uint32_t *last)
{
	const struct stream_description *streams = comparison->b.streams;

	*last = direct->last;
	for (unsigned int i = 0; i < streams->direct_count; i++) {
		const struct direct_description *other = &streams->direct[i];

		if (!other->mapped || other->base != direct->base || other->size != direct->size ||
		    !same_instance(&comparison->a, direct->smmu, &comparison->b, other->smmu)) {
			continue;
		}
		if (other->first <= id && id <= other->last) {
			*last = other->last < direct->last ? other->last : direct->last;
			return true;
		}
		if (other->first > id && other->first - 1 < *last) {
			*last = other->first - 1;
		}
	}
	return false;
}

static void report_direct(struct comparison *comparison, const struct direct_description *direct, uint32_t first,
			  uint32_t last)
{
	found(&comparison->finder, direct->master,
	      "only the %s keeps 0x%llx to 0x%llx mapped for its streams 0x%" PRIx32 " to 0x%" PRIx32,
	      comparison->a.name, (unsigned long long)direct->base,
	      (unsigned long long)(direct->base + (direct->size - 1)), first, last);
}

static void directs_of_one_side(struct comparison *comparison)
{
	const struct stream_description *streams = comparison->a.streams;

	for (unsigned int i = 0; i < streams->direct_count; i++) {
		const struct direct_description *direct = &streams->direct[i];

		for (uint64_t id = direct->first; direct->mapped && id <= direct->last;) {
			uint32_t last;

			if (!difference_is_kept(comparison, direct, (uint32_t)id, &last)) {
				report_direct(comparison, direct, (uint32_t)id, last);
			}
			id = (uint64_t)last + 1;
		}
	}
}

unsigned int findings_between(const struct stream_description *a, const char *a_name,
			      const struct stream_description *b, const char *b_name, finding_taker *take,
			      void *context)
{
	struct comparison comparison = {
		.a = {a, a_name}, .b = {b, b_name}, .finder = {.take = take, .context = context}, .sums = ARCH_PLANS};

	compare_instances(&comparison);
	compare_segments(&comparison);
	from_both_sides(&comparison, claims_of_one_side);
	from_both_sides(&comparison, directs_of_one_side);
	return comparison.finder.count;
}
