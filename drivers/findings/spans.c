/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings/spans.h"

#define NO_SPAN 0xffffffffU

static bool is_before(const struct span *one, const struct span *other)
{
	if (one->group != other->group) {
		return one->group < other->group;
	}
	return one->first != other->first ? one->first < other->first : one->index < other->index;
}

static void swap(struct span *one, struct span *other)
{
	struct span kept = *one;

	*one = *other;
	*other = kept;
}

/* The last of a heap's part, in the order, comes to its top. */
static void sift(struct span *spans, unsigned int top, unsigned int count)
{
	for (unsigned int child = 2 * top + 1; child < count; child = 2 * top + 1) {
		if (child + 1 < count && is_before(&spans[child], &spans[child + 1])) {
			child++;
		}
		if (!is_before(&spans[top], &spans[child])) {
			return;
		}
		swap(&spans[top], &spans[child]);
		top = child;
	}
}

static bool are_sorted(const struct span *spans, unsigned int count)
{
	for (unsigned int i = 1; i < count; i++) {
		if (is_before(&spans[i], &spans[i - 1])) {
			return false;
		}
	}
	return true;
}

void spans_sort(struct span *spans, unsigned int count)
{
	if (are_sorted(spans, count)) {
		return;
	}
	for (unsigned int top = count / 2; top-- > 0;) {
		sift(spans, top, count);
	}
	for (unsigned int end = count; end-- > 1;) {
		swap(&spans[0], &spans[end]);
		sift(spans, 0, end);
	}
}

unsigned int spans_from(const struct span *spans, unsigned int count, uint64_t group, uint64_t first)
{
	unsigned int low = 0;
	unsigned int high = count;

	while (low < high) {
		unsigned int middle = low + (high - low) / 2;

		if (spans[middle].group > group || (spans[middle].group == group && spans[middle].first >= first)) {
			high = middle;
		} else {
			low = middle + 1;
		}
	}
	return low;
}

/* One behind the last of the group that begins at `first`. */
static unsigned int group_end(const struct span *spans, unsigned int count, unsigned int first)
{
	unsigned int end = first;

	while (end < count && spans[end].group == spans[first].group) {
		end++;
	}
	return end;
}

static unsigned int lowest_index(const struct span *spans, unsigned int count)
{
	unsigned int lowest = spans[0].index;

	for (unsigned int i = 1; i < count; i++) {
		lowest = spans[i].index < lowest ? spans[i].index : lowest;
	}
	return lowest;
}

void spans_number_groups(struct span *spans, unsigned int count)
{
	unsigned int end;

	spans_sort(spans, count);
	for (unsigned int first = 0; first < count; first = end) {
		unsigned int number;

		end = group_end(spans, count, first);
		number = lowest_index(&spans[first], end - first);
		while (first < end) {
			spans[first++].group = number;
		}
	}
	spans_sort(spans, count);
}

/* Those that have begun, the latest first: a chain through `next`. */
struct sweep {
	struct span *spans;
	unsigned int begun;
	spans_met *met;
	void *context;
};

/* Takes those that have ended out of the chain as it comes by. */
static bool meet(struct sweep *sweep, const struct span *span)
{
	unsigned int *link = &sweep->begun;
	unsigned int left = SPANS_MET_MAX;

	while (*link != NO_SPAN) {
		struct span *other = &sweep->spans[*link];

		if (other->group != span->group || other->last < span->first) {
			*link = other->next;
			continue;
		}
		if (left-- == 0) {
			return false;
		}
		if (other->owner != span->owner) {
			bool is_later = span->index > other->index;

			sweep->met(sweep->context, is_later ? span->index : other->index,
				   is_later ? other->index : span->index);
		}
		link = &other->next;
	}
	return true;
}

bool spans_each_met(struct span *spans, unsigned int count, spans_met *met, void *context)
{
	struct sweep sweep = {.spans = spans, .begun = NO_SPAN, .met = met, .context = context};
	bool all = true;

	spans_sort(spans, count);
	for (unsigned int i = 0; i < count; i++) {
		all = meet(&sweep, &spans[i]) && all;
		spans[i].next = sweep.begun;
		sweep.begun = i;
	}
	return all;
}
