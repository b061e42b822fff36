/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings/ram.h"

#include "firmware/dt_tree.h"

static void add_range(struct span *ranges, unsigned int *count, const struct range_description *range)
{
	if (range->size && *count < DESCRIPTION_MEMORY_MAX) {
		ranges[*count] =
			(struct span){.first = range->base, .last = range->base + (range->size - 1), .index = *count};
		(*count)++;
	}
}

static void add_node(const struct dt_node *node, struct span *ranges, unsigned int *count)
{
	struct range_description range;

	for (uint32_t i = 0; i < dt_range_count(node, "reg") && *count < DESCRIPTION_MEMORY_MAX; i++) {
		if (dt_reg(node, i, &range)) {
			add_range(ranges, count, &range);
		}
	}
}

unsigned int ram_read(const struct table_view *view, struct span *ranges)
{
	const struct description *description = view->description;
	unsigned int count = 0;
	struct dt_node node;

	for (unsigned int i = 0; i < description->memory_count; i++) {
		add_range(ranges, &count, &description->memory[i]);
	}
	if (count || description->streams.source != DESCRIPTION_DT || !view->blob) {
		return count;
	}
	for (bool more = dt_root(view->blob, &node); more; more = dt_next(&node)) {
		if (node.depth == 1 && dt_string_is(&node, "device_type", "memory") && dt_enabled(&node)) {
			add_node(&node, ranges, &count);
		}
	}
	return count;
}
