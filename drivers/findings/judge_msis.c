/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "findings/judge.h"
#include "findings/msi_order.h"
#include "findings/spans.h"

#define REQUESTER_ID_MAX 0xffffU

struct pairs {
	const struct msi_list *list;
	struct table_findings *findings;
};

static void judge_met(void *context, unsigned int later, unsigned int earlier)
{
	const struct pairs *pairs = context;
	const struct msi_description *msi = &pairs->list->msi[later];
	const struct msi_description *other = &pairs->list->msi[earlier];
	uint32_t first = msi->device > other->device ? msi->device : other->device;
	uint32_t last = msi_last(msi) < msi_last(other) ? msi_last(msi) : msi_last(other);

	table_finding_add(pairs->findings, FINDING_MSI_TWICE, msi->master, NULL,
			  table_cause(msi->master) * 31 + table_cause(other->master),
			  "MSIs: devices 0x%" PRIx32 " to 0x%" PRIx32 " of %s are claimed by %s, too", first, last,
			  msi->controller, other->master);
}

/* Equal names share a pointer. */
static void judge_twice(const struct table_view *view, struct table_findings *findings)
{
	const struct msi_list *list = view->msis;
	struct span *spans = view->spans;
	struct pairs pairs = {.list = list, .findings = findings};
	unsigned int count = 0;

	for (unsigned int i = 0; i < list->count; i++) {
		const struct msi_description *msi = &list->msi[i];

		if (msi->enabled && msi->has_device) {
			spans[count++] = (struct span){.group = table_cause(msi->controller),
						       .first = msi->device,
						       .last = msi_last(msi),
						       .owner = msi->master,
						       .index = i};
		}
	}
	spans_number_groups(spans, count);
	if (!spans_each_met(spans, count, judge_met, &pairs)) {
		table_finding_add(findings, FINDING_LEFT_OUT, "/", NULL, 3,
				  "device IDs of many MSIs lie over each other: not each two of them are compared");
	}
}

static void judge_hole(struct table_findings *findings, const char *master, uint64_t first, uint64_t end)
{
	if (first < end) {
		table_finding_add(findings, FINDING_MSI_HOLE, master, NULL, table_cause(master) + first,
				  "requester IDs 0x%llx to 0x%llx have a stream, and no controller for their MSIs",
				  (unsigned long long)first, (unsigned long long)(end - 1));
	}
}

/* Skips masked maps, whose input IDs do not compare, and masters that send no MSIs. */
static void judge_window(struct table_findings *findings, const struct window_description *window,
			 const struct msi_list *list, const struct msi_order *order)
{
	const char *master = window->master;
	uint64_t input = window->input_first;
	uint64_t end = window->input_last < REQUESTER_ID_MAX ? window->input_last : REQUESTER_ID_MAX;
	unsigned int first = msi_order_from(order, master, 0);
	unsigned int i = msi_order_from(order, master, input);

	if (!window->enabled || window->has_mask || !msi_order_has(order, first, master) ||
	    list->msi[order->span[first].index].has_mask) {
		return;
	}
	if (i > first && order->span[i - 1].last >= input) {
		input = order->span[i - 1].last + 1;
	}
	for (; msi_order_has(order, i, master) && order->span[i].first <= end; i++) {
		judge_hole(findings, master, input, order->span[i].first);
		input = order->span[i].last + 1;
	}
	judge_hole(findings, master, input, end + 1);
}

void judge_msis(const struct table_view *view, struct table_findings *findings)
{
	const struct stream_description *streams = &view->description->streams;
	struct msi_order order;

	if (!view->msis) {
		return;
	}
	judge_twice(view, findings);
	order = msi_order(view);
	for (unsigned int i = 0; i < streams->window_count; i++) {
		judge_window(findings, &streams->window[i], view->msis, &order);
	}
}
