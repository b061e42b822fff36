/* SPDX-License-Identifier: BSD-2-Clause */
#include "diff.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "diff_ranges.h"
#include "json.h"
#include "traits_text.h"

#define WORDS_SIZE 640U

/* A table by nodes. Of the old one, names are those of the new. */
struct side {
	const struct table *table;
	json_t *nodes;	 /* name: {"kind", "base", "facts", "items": {kind: {words: null}}}, in the table's order */
	json_t *streams; /* master: [index into window[]] */
	json_t *msis;	 /* master: [index into msi[]] */
	json_t *renamed; /* Its own name: the new table's; others keep theirs. */
};

struct diff {
	struct side old;
	struct side new;
	json_t *result;
};

/* --- Nodes. --- */

/* Two of one name are one. */
static json_t *node_of(json_t *nodes, const char *name, const char *kind)
{
	json_t *node = json_object_get(nodes, name);

	if (!node) {
		node = json_pack("{s:s, s:n, s:{}, s:{}}", "kind", kind, "base", "facts", "items");
		json_object_set_new(nodes, name, node);
	}
	return node;
}

static json_t *utf8(const char *text)
{
	return json_text(text);
}

static void set_base(json_t *node, bool known, uint64_t base)
{
	if (known && json_is_null(json_object_get(node, "base"))) {
		json_object_set_new(node, "base", json_sprintf("0x%" PRIx64, base));
	}
}

static json_t *node_named(json_t *nodes, const char *name, const char *kind)
{
	json_t *text = utf8(name);
	json_t *node = node_of(nodes, json_string_value(text), kind);

	json_decref(text);
	return node;
}

static void add_facts(json_t *node, json_t *facts)
{
	json_object_update(json_object_get(node, "facts"), facts);
	json_object_del(json_object_get(node, "facts"), "name");
}

static void add_smmus(struct side *side)
{
	const struct stream_description *streams = &side->table->description.streams;
	json_t *facts = traits_json_smmus(streams, &side->table->traits);

	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		const struct smmu_description *smmu = &streams->smmu[i];
		json_t *node = node_named(side->nodes, smmu->name, "SMMU");
		json_t *own = json_object_get(node, "facts");

		add_facts(node, json_array_get(facts, i));
		set_base(node, smmu->has_base, smmu->base);
		json_object_set(own, "address", json_object_get(node, "base"));
		json_object_set_new(own, "size", smmu->has_base ? json_sprintf("0x%" PRIx64, smmu->size) : json_null());
		json_object_set_new(own, "enabled", json_boolean(smmu->enabled));
		json_object_set_new(own, "coherent", json_boolean(smmu->coherent));
	}
	json_decref(facts);
}

static void add_masters(struct side *side)
{
	const struct stream_description *streams = &side->table->description.streams;
	json_t *facts = traits_json_masters(&side->table->traits);

	for (unsigned int i = 0; i < side->table->traits.master_count; i++) {
		add_facts(node_named(side->nodes, side->table->traits.master[i].name, "master"),
			  json_array_get(facts, i));
	}
	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		const struct fixed_description *fixed = &streams->fixed[i];

		set_base(node_named(side->nodes, fixed->master, "master"), fixed->has_address, fixed->address);
	}
	for (unsigned int i = 0; i < streams->window_count; i++) {
		const struct window_description *window = &streams->window[i];

		set_base(node_named(side->nodes, window->master, "master"), window->has_address, window->address);
	}
	for (unsigned int i = 0; i < side->table->msis.count; i++) {
		(void)node_named(side->nodes, side->table->msis.msi[i].master, "master");
	}
	json_decref(facts);
}

static void begin_side(struct side *side, const struct table *table)
{
	*side = (struct side){table, json_object(), json_object(), json_object(), json_object()};
	add_smmus(side);
	add_masters(side);
}

static void end_side(struct side *side)
{
	json_decref(side->nodes);
	json_decref(side->streams);
	json_decref(side->msis);
	json_decref(side->renamed);
}

/* --- Which are one. --- */

static const char *text_in(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

/* "SMMU 0x50000000": the first node there. */
static json_t *by_base(json_t *nodes)
{
	json_t *found = json_object();
	const char *name;
	json_t *node;

	json_object_foreach(nodes, name, node)
	{
		char key[64];

		if (text_in(node, "base")) {
			snprintf(key, sizeof(key), "%s %s", text_in(node, "kind"), text_in(node, "base"));
			if (!json_object_get(found, key)) {
				json_object_set_new(found, key, json_string(name));
			}
		}
	}
	return found;
}

static bool has_node_at(json_t *nodes, const char *name, json_t *base)
{
	json_t *node = json_object_get(nodes, name);

	return node && (json_is_null(base) || json_is_null(json_object_get(node, "base")) ||
			json_equal(json_object_get(node, "base"), base));
}

/* A name is a node's where its address is the same; else the address tells, and the name where no address does. */
static const char *twin_of(struct diff *diff, json_t *bases, const char *name, const json_t *node)
{
	const char *at = NULL;
	char key[64];

	if (has_node_at(diff->new.nodes, name, json_object_get(node, "base"))) {
		return name;
	}
	snprintf(key, sizeof(key), "%s %s", text_in(node, "kind"), text_in(node, "base") ? text_in(node, "base") : "");
	at = text_in(bases, key);
	if (at && !has_node_at(diff->old.nodes, at, json_object_get(node, "base"))) {
		return at;
	}
	return json_object_get(diff->new.nodes, name) ? name : NULL;
}

static void match(struct diff *diff)
{
	json_t *bases = by_base(diff->new.nodes);
	json_t *taken = json_object();
	const char *name;
	json_t *node;

	json_object_foreach(diff->old.nodes, name, node)
	{
		const char *twin = twin_of(diff, bases, name, node);

		if (twin && !json_object_get(taken, twin)) {
			json_object_set_new(diff->old.renamed, name, json_string(twin));
			json_object_set_new(taken, twin, json_true());
		}
	}
	json_decref(bases);
	json_decref(taken);
}

/* The name by which the new table has it. */
static const char *known_as(const struct side *side, const char *name)
{
	const char *renamed;
	json_t *text = utf8(name);

	renamed = text_in(side->renamed, json_string_value(text));
	json_decref(text);
	return renamed ? renamed : name;
}

/* --- What stands in a master, in words. --- */

static void add_item(struct side *side, const char *master, const char *kind, const char *words)
{
	json_t *items = json_object_get(node_named(side->nodes, master, "master"), "items");
	json_t *set = json_object_get(items, kind);
	json_t *text = utf8(words);

	if (!set) {
		set = json_object();
		json_object_set_new(items, kind, set);
	}
	json_object_set_new(set, json_string_value(text), json_null());
	json_decref(text);
}

static void range_words(char words[48], uint64_t first, uint64_t last)
{
	if (first == last) {
		snprintf(words, 48, "0x%" PRIx64, first);
	} else {
		snprintf(words, 48, "0x%" PRIx64 " to 0x%" PRIx64, first, last);
	}
}

static void add_fixed(struct side *side)
{
	const struct stream_description *streams = &side->table->description.streams;
	char range[48], words[WORDS_SIZE];

	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		const struct fixed_description *fixed = &streams->fixed[i];

		range_words(range, fixed->first, fixed->last);
		snprintf(words, sizeof(words), "%s of %.500s", range, known_as(side, streams->smmu[fixed->smmu].name));
		add_item(side, fixed->master, "stream", words);
	}
}

static void add_regions(struct side *side)
{
	const struct stream_description *streams = &side->table->description.streams;
	char range[48], words[WORDS_SIZE];

	for (unsigned int i = 0; i < streams->direct_count; i++) {
		const struct direct_description *direct = &streams->direct[i];

		range_words(range, direct->base, direct->base + (direct->size - 1));
		snprintf(words, sizeof(words), "%s, %s", range,
			 direct->mapped ? "mapped one to one" : "not to be given");
		add_item(side, direct->master, "region", words);
	}
}

static void add_whole_msis(struct side *side)
{
	char words[WORDS_SIZE];

	for (unsigned int i = 0; i < side->table->msis.count; i++) {
		const struct msi_description *msi = &side->table->msis.msi[i];
		int length = snprintf(words, sizeof(words), "to %.500s", msi->controller);

		if (msi->has_input) {
			continue;
		}
		if (msi->has_device) {
			snprintf(words + length, sizeof(words) - (size_t)length, " as device 0x%" PRIx32, msi->device);
		}
		add_item(side, msi->master, "MSIs", words);
	}
}

static void add_indexes(struct side *side)
{
	const struct stream_description *streams = &side->table->description.streams;

	for (unsigned int i = 0; i < streams->window_count + side->table->msis.count; i++) {
		bool is_window = i < streams->window_count;
		unsigned int k = is_window ? i : i - streams->window_count;
		json_t *of = is_window ? side->streams : side->msis;
		json_t *master = utf8(is_window ? streams->window[k].master : side->table->msis.msi[k].master);

		if (is_window || side->table->msis.msi[k].has_input) {
			const char *name = json_string_value(master);

			if (!json_object_get(of, name)) {
				json_object_set_new(of, name, json_array());
			}
			json_array_append_new(json_object_get(of, name), json_integer(k));
		}
		json_decref(master);
	}
}

static void fill_side(struct side *side)
{
	add_fixed(side);
	add_regions(side);
	add_whole_msis(side);
	add_indexes(side);
}

/* --- What is told. --- */

static void tell(struct diff *diff, const char *node, const char *what, json_t *old, json_t *new)
{
	const char *list = json_is_null(old) ? "added" : json_is_null(new) ? "removed" : "changed";

	json_array_append_new(json_object_get(diff->result, list),
			      json_pack("{s:s, s:s, s:o, s:o}", "node", node, "what", what, "old", old, "new", new));
}

static void compare_facts(struct diff *diff, const char *node, const char *prefix, json_t *old, json_t *new);

static void compare_fact(struct diff *diff, const char *node, const char *what, json_t *old, json_t *new)
{
	if (json_is_object(old) && json_is_object(new)) {
		compare_facts(diff, node, what, old, new);
	} else if (!json_equal(old, new)) {
		json_array_append_new(
			json_object_get(diff->result, "changed"),
			json_pack("{s:s, s:s, s:O, s:O}", "node", node, "what", what, "old", old, "new", new));
	}
}

/* Phandles are renumbered by any other change of a tree: numbers of supplies are not compared. */
static bool is_same_supply(const json_t *old, const json_t *new)
{
	const char *a = json_string_value(old), *b = json_string_value(new);

	if (!a || !b) {
		return a == b;
	}
	for (;; a++, b++) {
		a += strspn(a, "0123456789abcdefx <>");
		b += strspn(b, "0123456789abcdefx <>");
		if (*a != *b || !*a) {
			return *a == *b;
		}
	}
}

static void compare_facts(struct diff *diff, const char *node, const char *prefix, json_t *old, json_t *new)
{
	const char *key;
	json_t *value;

	json_object_foreach(new, key, value)
	{
		json_t *before = json_object_get(old, key);
		char what[96];

		snprintf(what, sizeof(what), "%s%s%s", prefix, *prefix ? " " : "", key);
		if (before && !(!strcmp(key, "supply") && is_same_supply(before, value))) {
			compare_fact(diff, node, what, before, value);
		}
	}
}

/* Words of one set alone. */
static json_t *only_in(json_t *set, const json_t *other)
{
	json_t *list = json_array();
	const char *words;
	json_t *value;

	json_object_foreach(set, words, value)
	{
		if (!json_object_get(other, words)) {
			json_array_append_new(list, json_string(words));
		}
	}
	return list;
}

static json_t *at_or_null(json_t *list, size_t i)
{
	json_t *value = json_array_get(list, i);

	return value ? json_incref(value) : json_null();
}

/* What is left of both is taken for changed, in its order. */
static void compare_items(struct diff *diff, const char *node, const char *kind, json_t *old, json_t *new)
{
	json_t *gone = only_in(old, new);
	json_t *come = only_in(new, old);

	for (size_t i = 0; i < json_array_size(gone) || i < json_array_size(come); i++) {
		tell(diff, node, kind, at_or_null(gone, i), at_or_null(come, i));
	}
	json_decref(gone);
	json_decref(come);
}

/* --- Ranges. --- */

static struct span span_of(const struct side *side, bool of_msis, size_t index)
{
	const struct stream_description *streams = &side->table->description.streams;
	const struct window_description *window = &streams->window[index];
	const struct msi_description *msi = &side->table->msis.msi[index];

	if (of_msis) {
		return (struct span){msi->controller, msi->input_first, msi->input_last, msi->device,
				     msi->constant,   msi->has_mask,	msi->mask};
	}
	return (struct span){known_as(side, streams->smmu[window->smmu].name),
			     window->input_first,
			     window->input_last,
			     window->sid,
			     window->constant,
			     window->has_mask,
			     window->mask};
}

static struct spans spans_of(const struct side *side, bool of_msis, const char *master)
{
	const json_t *list = master ? json_object_get(of_msis ? side->msis : side->streams, master) : NULL;
	struct spans spans = {calloc(json_array_size(list) + 1, sizeof(struct span)), 0};

	for (size_t i = 0; spans.span && i < json_array_size(list); i++) {
		size_t index = (size_t)json_integer_value(json_array_get(list, i));

		spans.span[spans.count++] = span_of(side, of_msis, index);
	}
	if (spans.span) {
		diff_sort(&spans);
	}
	return spans;
}

static json_t *span_words(const struct span *span, uint64_t first, uint64_t last)
{
	char range[48], mask[32] = "", words[WORDS_SIZE];

	if (!span) {
		return json_null();
	}
	range_words(range, diff_out_of(span, first),
		    diff_out_of(span, first) + (span->constant ? 0 : (uint32_t)(last - first)));
	if (span->has_mask) {
		snprintf(mask, sizeof(mask), ", mask 0x%" PRIx32, span->mask);
	}
	snprintf(words, sizeof(words), "%s of %.500s%s", range, span->target, mask);
	return utf8(words);
}

struct ranges {
	struct diff *diff;
	const char *node;
	const char *kind;
};

static void tell_range(void *context, uint64_t first, uint64_t last, const struct span *old, const struct span *new)
{
	const struct ranges *ranges = context;
	char range[48], what[96];

	range_words(range, first, last);
	snprintf(what, sizeof(what), "%s %s", ranges->kind, range);
	tell(ranges->diff, ranges->node, what, span_words(old, first, last), span_words(new, first, last));
}

static void compare_ranges(struct diff *diff, const char *old_name, const char *name, bool of_msis)
{
	struct spans old = spans_of(&diff->old, of_msis, old_name);
	struct spans new = spans_of(&diff->new, of_msis, name);
	struct ranges ranges = {diff, name ? name : old_name, of_msis ? "MSIs of IDs" : "IDs"};

	if (old.span && new.span) {
		diff_ranges(&old, &new, tell_range, &ranges);
	}
	free(old.span);
	free(new.span);
}

/* --- All. --- */

static void compare_sets(struct diff *diff, const char *name, const json_t *old, const json_t *new)
{
	static const char *const kinds[] = {"stream", "MSIs", "region"};

	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		compare_items(diff, name, kinds[i], json_object_get(json_object_get(old, "items"), kinds[i]),
			      json_object_get(json_object_get(new, "items"), kinds[i]));
	}
}

static json_t *node_words(const json_t *node)
{
	return node ? json_string(text_in(node, "base") ? text_in(node, "base") : "there") : json_null();
}

static void compare_node(struct diff *diff, const char *old_name, const char *name, json_t *old, json_t *new)
{
	const char *shown = name ? name : old_name;

	if (!old || !new) {
		tell(diff, shown, text_in(old ? old : new, "kind"), node_words(old), node_words(new));
	} else {
		if (strcmp(old_name, name) != 0) {
			tell(diff, shown, "name", json_string(old_name), json_string(name));
		}
		compare_facts(diff, shown, "", json_object_get(old, "facts"), json_object_get(new, "facts"));
	}
	compare_sets(diff, shown, old, new);
	compare_ranges(diff, old_name, name, false);
	compare_ranges(diff, old_name, name, true);
}

static void compare_nodes(struct diff *diff)
{
	json_t *old_names = json_object();
	const char *name;
	json_t *node, *twin;

	json_object_foreach(diff->old.renamed, name, twin)
	{
		json_object_set_new(old_names, json_string_value(twin), json_string(name));
	}
	json_object_foreach(diff->new.nodes, name, node)
	{
		const char *old_name = text_in(old_names, name);

		compare_node(diff, old_name, name, old_name ? json_object_get(diff->old.nodes, old_name) : NULL, node);
	}
	json_object_foreach(diff->old.nodes, name, node)
	{
		if (!json_object_get(diff->old.renamed, name)) {
			compare_node(diff, name, NULL, node, NULL);
		}
	}
	json_decref(old_names);
}

json_t *diff_json(const struct table *old, const struct table *new)
{
	struct diff diff = {.result = json_pack("{s:[], s:[], s:[]}", "added", "removed", "changed")};

	begin_side(&diff.old, old);
	begin_side(&diff.new, new);
	match(&diff);
	fill_side(&diff.old);
	fill_side(&diff.new);
	compare_nodes(&diff);
	end_side(&diff.old);
	end_side(&diff.new);
	return diff.result;
}
