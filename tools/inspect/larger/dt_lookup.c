/* SPDX-License-Identifier: BSD-2-Clause */
/* What the firmware finds by walking, from tables that are made in one walk: a tree may have 64 MiB. */
#include "firmware/dt_lookup.h"

#include <stdlib.h>
#include <string.h>

#include "firmware/dt_blob.h"
#include "hash.h"

/* No reader looks for a longer name. */
#define NAME_LOOKED_FOR 64U
#define TREES 2U /* As many are compared. */

struct property {
	int node;
	uint32_t token; /* Offset in the structure block. */
};

struct place {
	int node;
	int depth;
	uint32_t parent; /* Index of a place; the root's own. */
};

struct tree {
	const void *fdt;
	struct hash properties; /* Values are indices, and one more. */
	struct property *property;
	uint32_t property_count, property_room;
	struct hash phandles; /* Of places. */
	struct hash segments; /* By the number itself; values are 1. */
	struct place *place;  /* In tree order. */
	uint32_t place_count, place_room;
	uint32_t open[DT_DEPTH_MAX]; /* The last place of each depth. */
};

struct wanted {
	const struct tree *tree;
	const char *name;
	int node;
};

struct wanted_number {
	const struct tree *tree;
	uint32_t number;
};

static struct tree trees[TREES];

/* --- Properties. --- */

static const char *name_of(const struct tree *tree, const struct property *property)
{
	return dt_names(tree->fdt) + get_be32(dt_block(tree->fdt) + property->token + DT_PROP_NAME);
}

static bool is_property(const void *context, uint32_t value)
{
	const struct wanted *wanted = context;
	const struct property *property = &wanted->tree->property[value - 1];

	return property->node == wanted->node && !strcmp(name_of(wanted->tree, property), wanted->name);
}

static uint32_t key_of(const struct wanted *wanted)
{
	return hash_numbers((uint32_t)wanted->node, hash_bytes(wanted->name, strlen(wanted->name)));
}

static void add_property(struct tree *tree, int node, uint32_t token)
{
	struct property property = {.node = node, .token = token};
	struct wanted wanted = {.tree = tree, .node = node, .name = name_of(tree, &property)};
	uint32_t key;

	if (strnlen(wanted.name, NAME_LOOKED_FOR) == NAME_LOOKED_FOR) {
		return;
	}
	key = key_of(&wanted);
	if (!hash_find(&tree->properties, key, is_property, &wanted)) {
		tree->property = grown(tree->property, tree->property_count, &tree->property_room, sizeof(property));
		tree->property[tree->property_count++] = property;
		hash_add(&tree->properties, key, tree->property_count);
	}
}

static void add_properties(struct tree *tree, int node)
{
	const uint8_t *block = dt_block(tree->fdt);
	const uint8_t *at = dt_behind_name(block + node);

	for (;;) {
		switch (get_be32(at)) {
		case DT_PROP:
			add_property(tree, node, (uint32_t)(at - block));
			at = dt_behind_property(at);
			break;
		case DT_NOP:
			at += DT_TAG_SIZE;
			break;
		default:
			return;
		}
	}
}

/* --- Nodes. --- */

static bool is_phandle(const void *context, uint32_t value)
{
	const struct wanted_number *wanted = context;

	return dt_phandle(wanted->tree->fdt, wanted->tree->place[value - 1].node) == wanted->number;
}

static bool is_any(const void *context, uint32_t value)
{
	(void)context;
	return value;
}

static void add_segment(struct tree *tree, int node)
{
	uint32_t segment;

	if (dt_u32(tree->fdt, node, "linux,pci-domain", &segment) &&
	    !hash_find(&tree->segments, segment, is_any, NULL)) {
		hash_add(&tree->segments, segment, 1);
	}
}

static void add_place(struct tree *tree, const struct dt_node *node)
{
	struct wanted_number wanted = {.tree = tree, .number = dt_phandle(tree->fdt, dt_offset(node))};
	uint32_t key = hash_numbers(0, wanted.number);

	tree->place = grown(tree->place, tree->place_count, &tree->place_room, sizeof(tree->place[0]));
	tree->open[node->depth] = tree->place_count;
	tree->place[tree->place_count++] = (struct place){
		.node = dt_offset(node),
		.depth = node->depth,
		.parent = tree->open[node->depth ? node->depth - 1 : 0],
	};
	if (wanted.number && !hash_find(&tree->phandles, key, is_phandle, &wanted)) {
		hash_add(&tree->phandles, key, tree->place_count);
	}
}

static void forget(struct tree *tree)
{
	hash_clear(&tree->properties);
	hash_clear(&tree->phandles);
	hash_clear(&tree->segments);
	free(tree->property);
	free(tree->place);
	*tree = (struct tree){.fdt = NULL};
}

static void remember(struct tree *tree, const void *fdt)
{
	struct dt_node node;

	forget(tree);
	tree->fdt = fdt;
	for (bool more = dt_root(fdt, &node); more; more = dt_next(&node)) {
		add_properties(tree, dt_offset(&node));
		add_place(tree, &node);
		add_segment(tree, dt_offset(&node));
	}
}

static const struct tree *tree_of(const void *fdt)
{
	static unsigned int oldest;

	for (unsigned int i = 0; i < TREES; i++) {
		if (trees[i].fdt == fdt) {
			return &trees[i];
		}
	}
	oldest = (oldest + 1) % TREES;
	remember(&trees[oldest], fdt);
	return &trees[oldest];
}

void dt_lookup_begin(const void *fdt)
{
	for (unsigned int i = 0; i < TREES; i++) {
		if (trees[i].fdt == fdt) {
			forget(&trees[i]);
		}
	}
}

/* --- Questions. --- */

const uint8_t *dt_first_property(const void *fdt, int node, const char *name)
{
	struct wanted wanted = {.tree = tree_of(fdt), .node = node, .name = name};
	uint32_t value = hash_find(&wanted.tree->properties, key_of(&wanted), is_property, &wanted);

	return value ? dt_block(fdt) + wanted.tree->property[value - 1].token : NULL;
}

const uint8_t *dt_find_property(const void *fdt, const uint8_t *at, const char *name)
{
	const char *names = dt_names(fdt);

	for (; get_be32(at) == DT_PROP || get_be32(at) == DT_NOP;) {
		if (get_be32(at) == DT_NOP) {
			at += DT_TAG_SIZE;
		} else if (strcmp(names + get_be32(at + DT_PROP_NAME), name) != 0) {
			at = dt_behind_property(at);
		} else {
			return at;
		}
	}
	return NULL;
}

static int compare_place(const void *offset, const void *place)
{
	int wanted = *(const int *)offset;
	int node = ((const struct place *)place)->node;

	return (wanted > node) - (wanted < node);
}

bool dt_at(const void *fdt, int offset, struct dt_node *node)
{
	const struct tree *tree = tree_of(fdt);
	const struct place *place = tree->place_count ? bsearch(&offset, tree->place, tree->place_count,
								sizeof(tree->place[0]), compare_place) :
							NULL;

	if (!place) {
		return false;
	}
	node->fdt = fdt;
	node->depth = place->depth;
	for (int depth = place->depth; depth >= 0; depth--) {
		node->chain[depth] = place->node;
		place = &tree->place[place->parent];
	}
	return true;
}

int dt_find_phandle(const void *fdt, uint32_t phandle)
{
	struct wanted_number wanted = {.tree = tree_of(fdt), .number = phandle};
	uint32_t value = hash_find(&wanted.tree->phandles, hash_numbers(0, phandle), is_phandle, &wanted);

	return value ? wanted.tree->place[value - 1].node : -1;
}

bool dt_is_segment_said(const void *fdt, uint32_t segment)
{
	return hash_find(&tree_of(fdt)->segments, segment, is_any, NULL);
}
