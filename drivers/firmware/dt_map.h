/* SPDX-License-Identifier: BSD-2-Clause */
/* For the device tree readers: maps of IDs, and lists of phandles with specifiers. Boot core only. */
#ifndef FIRMWARE_DT_MAP_H
#define FIRMWARE_DT_MAP_H

#include "firmware/dt_tree.h"

#define DT_SPECIFIER_CELLS_MAX 16U /* Linux's MAX_PHANDLE_ARGS. */

/* An entry of a map, or the piece of one that no earlier entry has. */
struct dt_map_entry {
	uint32_t phandle;
	uint32_t cells; /* Of its output, as the phandle's node wants. */
	uint32_t first; /* Masked input IDs, inclusive. */
	uint32_t last;
	uint32_t output; /* Of `first`; 0 where there is no cell. */
};

/* What follows a phandle. */
struct dt_specifier {
	const char *cells;   /* "#iommu-cells": how many cells, a property of the phandle's node. */
	const char *missing; /* In words, where that node does not have it; NULL: it is then the default. */
	uint32_t cells_default;
};

struct dt_map_kind {
	const char *property; /* "iommu-map" */
	const char *mask;     /* "iommu-map-mask" */
	struct dt_specifier specifier;
	const char *outside_mask;
	void (*add)(struct dt_reader *reader, const struct dt_node *node, const struct dt_map_entry *piece,
		    uint32_t segment);
};

/* Hands the map's pieces to `add`, disjoint and ascending. What makes no sense is left out with a warning. */
void dt_map_read(struct dt_reader *reader, const struct dt_node *node, const struct dt_map_kind *kind,
		 uint32_t segment);

/* What one entry of a list of phandles has: `value` is the first of its cells, 0 where it has none. */
typedef void dt_add_target(struct dt_reader *reader, const struct dt_node *node, uint32_t phandle, uint32_t cells,
			   uint32_t value);

/* Hands the entries of a list of phandles to `add`, up to the first one that makes no sense: a warning. */
void dt_list_read(struct dt_reader *reader, const struct dt_node *node, const char *property,
		  const struct dt_specifier *specifier, dt_add_target *add);

#endif
