/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings/msi_order.h"

#include "findings/judge.h"

struct msi_order msi_order(const struct table_view *view)
{
	const struct msi_list *list = view->msis;
	struct span *spans = view->spans;
	unsigned int count = list ? list->count : 0;

	for (unsigned int i = 0; i < count; i++) {
		const struct msi_description *msi = &list->msi[i];

		spans[i] = (struct span){.group = table_cause(msi->master),
					 .first = msi->has_input ? msi->input_first : 0,
					 .last = msi->has_input ? msi->input_last : STREAM_NO_MASK,
					 .index = i};
	}
	spans_sort(spans, count);
	for (unsigned int i = 1; i < count; i++) {
		if (spans[i].group == spans[i - 1].group && spans[i].last < spans[i - 1].last) {
			spans[i].last = spans[i - 1].last;
		}
	}
	return (struct msi_order){.span = spans, .count = count};
}

/* Equal names share a pointer. */
unsigned int msi_order_from(const struct msi_order *order, const char *master, uint64_t input)
{
	return spans_from(order->span, order->count, table_cause(master), input);
}

bool msi_order_has(const struct msi_order *order, unsigned int place, const char *master)
{
	return place < order->count && order->span[place].group == table_cause(master);
}
