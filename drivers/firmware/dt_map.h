/* SPDX-License-Identifier: BSD-2-Clause */
/* ID maps, and lists of phandles. Boot core. */
#ifndef FIRMWARE_DT_MAP_H
#define FIRMWARE_DT_MAP_H

#include "firmware/dt_tree.h"

#define DT_SPECIFIER_CELLS_MAX 16U /* Linux's MAX_PHANDLE_ARGS. */

/* A map entry, or the range of it that no earlier entry covers. */
struct dt_map_entry {
	uint32_t phandle;
	uint32_t cells; /* Output cells. */
	uint32_t first; /* Masked, inclusive. */
	uint32_t last;
	uint32_t output; /* For `first`. */
};

struct dt_specifier {
	const char *cells;   /* Property, for example "#iommu-cells". */
	const char *missing; /* Warning if that node lacks it; NULL: use the default. */
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

/* Calls `add` for disjoint, ascending ranges; warns of bad entries. */
void dt_map_read(struct dt_reader *reader, const struct dt_node *node, const struct dt_map_kind *kind,
		 uint32_t segment);

/* Warns why it is unknown where the list's next entry begins. */
void dt_list_ends(struct dt_reader *reader, const struct dt_node *node, const char *property, const char *why);

/* `value`: the entry's first cell, or 0. */
typedef void dt_add_target(struct dt_reader *reader, const struct dt_node *node, uint32_t phandle, uint32_t cells,
			   uint32_t value);

/* Calls `add` for each entry; warns and ends at a bad one. */
void dt_list_read(struct dt_reader *reader, const struct dt_node *node, const char *property,
		  const struct dt_specifier *specifier, dt_add_target *add);

#endif
