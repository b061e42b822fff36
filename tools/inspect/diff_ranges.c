/* SPDX-License-Identifier: BSD-2-Clause */
#include "diff_ranges.h"

#include <stdlib.h>
#include <string.h>

static int by_first(const void *a, const void *b)
{
	const struct span *one = a, *other = b;

	return one->first < other->first ? -1 : one->first > other->first;
}

void diff_sort(struct spans *spans)
{
	qsort(spans->span, spans->count, sizeof(*spans->span), by_first);
}

/* NULL: none has the ID. `until` comes down to the last ID that is treated as it is. */
static const struct span *span_at(const struct spans *spans, size_t *at, uint64_t id, uint64_t *until)
{
	const struct span *span;

	while (*at < spans->count && spans->span[*at].last < id) {
		(*at)++;
	}
	if (*at == spans->count) {
		return NULL;
	}
	span = &spans->span[*at];
	if (span->first > id) {
		*until = span->first - 1 < *until ? span->first - 1 : *until;
		return NULL;
	}
	*until = span->last < *until ? span->last : *until;
	return span;
}

uint32_t diff_out_of(const struct span *span, uint64_t id)
{
	return span->constant ? span->out : span->out + (uint32_t)(id - span->first);
}

static bool is_one(const struct span *span)
{
	return span->constant || span->first == span->last;
}

/* Both treat the ID alike; one ID is constant or not. */
static bool is_alike(const struct span *a, const struct span *b, uint64_t first, uint64_t last)
{
	if (!a || !b) {
		return a == b;
	}
	return !strcmp(a->target, b->target) && diff_out_of(a, first) == diff_out_of(b, first) &&
	       diff_out_of(a, last) == diff_out_of(b, last) && (first == last || is_one(a) == is_one(b)) &&
	       a->has_mask == b->has_mask && a->mask == b->mask;
}

/* Whether it goes on in the next range as it was. */
static bool goes_on(const struct span *a, uint64_t last, const struct span *b)
{
	if (!a || !b) {
		return a == b;
	}
	return a == b || (!a->constant && !b->constant && !strcmp(a->target, b->target) &&
			  diff_out_of(a, last) + 1 == diff_out_of(b, last + 1) && a->has_mask == b->has_mask &&
			  a->mask == b->mask);
}

struct step {
	const struct span *old;
	const struct span *new;
	uint64_t first;
	uint64_t last;
};

static void give(const struct step *step, range_taker *take, void *context)
{
	if (!is_alike(step->old, step->new, step->first, step->last)) {
		take(context, step->first, step->last, step->old, step->new);
	}
}

/* Goes over all IDs by ranges in which neither table changes. */
void diff_ranges(const struct spans *old, const struct spans *new, range_taker *take, void *context)
{
	struct step step = {.last = UINT64_MAX};
	size_t at_old = 0, at_new = 0;

	for (uint64_t id = 0; id <= UINT32_MAX && (at_old < old->count || at_new < new->count);) {
		struct step next = {.first = id, .last = UINT32_MAX};

		next.old = span_at(old, &at_old, id, &next.last);
		next.new = span_at(new, &at_new, id, &next.last);
		if (id && goes_on(step.old, step.last, next.old) && goes_on(step.new, step.last, next.new)) {
			step.last = next.last;
		} else {
			give(&step, take, context);
			step = next;
		}
		id = next.last + 1;
	}
	give(&step, take, context);
}
