/* SPDX-License-Identifier: BSD-2-Clause */
/* An IORT's mappings by what was seen. */
#include <stdlib.h>
#include <string.h>

#include "correct_map.h"
#include "firmware/bytes.h"
#include "iort_source.h"

#define SINGLE 1U
#define SEGMENT_AT 28U
#define NAME_AT 29U

struct patch {
	const struct table *table;
	struct sight *sight;
	struct iort_source source;
	unsigned int changes;
};

static const struct stream_description *streams_of(const struct patch *patch)
{
	return &patch->table->description.streams;
}

static uint32_t place_of(const struct patch *patch, const struct stream_id *stream)
{
	return streams_of(patch)->smmu[stream->smmu].handle;
}

static void leave_out(struct patch *patch, const char *subject, const char *words)
{
	json_array_append_new(patch->sight->left_out, json_sprintf("%s: %s", subject, words));
}

/* --- Root complexes. --- */

/* NULL: none, or more than one. */
static struct iort_node *root_complex_of(const struct patch *patch, uint32_t segment)
{
	struct iort_node *found = NULL;

	for (size_t i = 0; i < patch->source.count; i++) {
		struct iort_node *node = &patch->source.node[i];

		if (node->bytes[0] == IORT_NODE_ROOT_COMPLEX && node->body >= SEGMENT_AT + 4 &&
		    get_le32(node->bytes + SEGMENT_AT) == segment) {
			if (found) {
				return NULL;
			}
			found = node;
		}
	}
	return found;
}

static unsigned int type_at(const struct patch *patch, uint32_t at)
{
	const struct iort_node *node = iort_source_node(&patch->source, at);

	return node ? node->bytes[0] : UINT32_MAX;
}

/* Drops those that lead to an SMMUv3; false: some go through other nodes than that. */
static bool drop_streams(const struct patch *patch, struct iort_node *node)
{
	size_t kept = 0;

	for (size_t i = 0; i < node->mapping_count; i++) {
		unsigned int type = type_at(patch, node->mapping[i].to);

		if (type != IORT_NODE_SMMUV3 && type != IORT_NODE_ITS) {
			return false;
		}
	}
	for (size_t i = 0; i < node->mapping_count; i++) {
		if (type_at(patch, node->mapping[i].to) != IORT_NODE_SMMUV3) {
			node->mapping[kept++] = node->mapping[i];
		}
	}
	node->mapping_count = kept;
	return true;
}

static void add_piece(const struct patch *patch, struct iort_node *node, const struct entry *entry, uint32_t first,
		      uint32_t last)
{
	struct iort_mapping *mapping = first <= last ? iort_source_insert(node, node->mapping_count) : NULL;

	if (mapping) {
		*mapping = (struct iort_mapping){
			.input = first,
			.last = last - first,
			.output = entry->stream.sid + (first - entry->first),
			.to = place_of(patch, &entry->stream),
			.comment = entry->changed ? "Corrected by what was seen." : NULL,
		};
	}
}

/* Mappings may not overlap (DEN0049): an entry leaves out the exceptions, which are ascending. */
static void add_entry(const struct patch *patch, struct iort_node *node, const struct entry *entry,
		      const struct map *exceptions)
{
	uint32_t first = entry->first;

	for (size_t i = 0; i < exceptions->count; i++) {
		const struct entry *out = &exceptions->entry[i];

		if (out->last < first || out->first > entry->last) {
			continue;
		}
		if (out->first > first) {
			add_piece(patch, node, entry, first, out->first - 1);
		}
		first = out->last + 1;
	}
	add_piece(patch, node, entry, first, entry->last);
}

static void apply(struct patch *patch, struct iort_node *node, const struct correction *correction)
{
	if (correction->map.is_unfit || !drop_streams(patch, node)) {
		leave_out(patch, correction->map.host,
			  "its mappings go through other nodes, or give many IDs one stream: correct them by hand");
		return;
	}
	for (size_t i = 0; i < correction->exceptions.count; i++) {
		const struct entry *entry = &correction->exceptions.entry[i];

		add_piece(patch, node, entry, entry->first, entry->last);
	}
	for (size_t i = 0; i < correction->map.count; i++) {
		add_entry(patch, node, &correction->map.entry[i], &correction->exceptions);
	}
	patch->changes++;
}

static void correct_root_complexes(struct patch *patch)
{
	const struct sight *sight = patch->sight;

	for (size_t i = 0; i < sight->count; i++) {
		struct correction correction;
		struct iort_node *node;

		if (!sight->seen[i].is_function || !correct_is_first_of_segment(sight, i)) {
			continue;
		}
		node = root_complex_of(patch, sight->seen[i].segment);
		if (!correct_host(&correction, streams_of(patch), sight, sight->seen[i].segment) || !node) {
			leave_out(patch, sight->seen[i].master,
				  "not one root complex of its segment has a mapping: add one, so that it can be "
				  "corrected");
		} else if (correction.is_any) {
			apply(patch, node, &correction);
		}
		correct_free(&correction);
	}
}

/* --- Named components. --- */

static struct iort_node *component_of(const struct patch *patch, const char *name)
{
	for (size_t i = 0; i < patch->source.count; i++) {
		struct iort_node *node = &patch->source.node[i];

		if (node->bytes[0] == IORT_NODE_COMPONENT && node->body > NAME_AT + strlen(name) &&
		    !memcmp(node->bytes + NAME_AT, name, strlen(name) + 1)) {
			return node;
		}
	}
	return NULL;
}

static struct iort_mapping *mapping_of(const struct patch *patch, struct iort_node *node,
				       const struct stream_id *stream)
{
	for (size_t i = 0; i < node->mapping_count; i++) {
		if (node->mapping[i].flags & SINGLE && node->mapping[i].to == place_of(patch, stream) &&
		    node->mapping[i].output == stream->sid) {
			return &node->mapping[i];
		}
	}
	return NULL;
}

static void correct_component(struct patch *patch, const struct seen *seen)
{
	struct iort_node *node = component_of(patch, seen->master);
	struct iort_mapping *mapping = node && seen->is_described ? mapping_of(patch, node, &seen->described) : NULL;

	if (!node || (seen->is_described && !mapping)) {
		leave_out(patch, seen->master, "no single mapping of a named component gives the described stream");
		return;
	}
	mapping = mapping ? mapping : iort_source_insert(node, node->mapping_count);
	if (mapping) {
		mapping->flags |= SINGLE;
		mapping->output = seen->observed.sid;
		mapping->to = place_of(patch, &seen->observed);
		mapping->comment = "Corrected by what was seen.";
		patch->changes++;
	}
}

static void correct_components(struct patch *patch)
{
	for (size_t i = 0; i < patch->sight->count; i++) {
		const struct seen *seen = &patch->sight->seen[i];

		if (!seen->is_function && !(seen->is_described && correct_is_same(&seen->described, &seen->observed))) {
			correct_component(patch, seen);
		}
	}
}

const char *correct_print_iort(const struct table *table, struct sight *sight, FILE *file, unsigned int *count)
{
	struct patch patch = {.table = table, .sight = sight};
	const char *why = iort_source_read(&patch.source, table->bytes, table->size);

	if (!why) {
		correct_root_complexes(&patch);
		correct_components(&patch);
		iort_source_print(&patch.source, file);
	}
	*count = patch.changes;
	iort_source_free(&patch.source);
	return why;
}
