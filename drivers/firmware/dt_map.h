/* SPDX-License-Identifier: BSD-2-Clause */
/* ID maps and lists of phandles with specifiers, for the device tree readers. Boot core. */
#ifndef FIRMWARE_DT_MAP_H
#define FIRMWARE_DT_MAP_H

#include "firmware/dt_tree.h"

#define DT_SPECIFIER_CELLS_MAX 16U /* Linux's MAX_PHANDLE_ARGS. */

/* A map entry, or the piece of one that no earlier entry covers. */
struct dt_map_entry {
	uint32_t phandle;
	uint32_t cells; /* Output cells, as the phandle's node wants. */
	uint32_t first; /* Masked input IDs, inclusive. */
	uint32_t last;
	uint32_t output; /* For `first`; 0 without a cell. */
};

/* The cells that follow a phandle. */
struct dt_specifier {
	const char *cells;   /* "#iommu-cells": property of the phandle's node with the number of cells. */
	const char *missing; /* Why it is an error if that node lacks the property; NULL: use the default. */
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

/* Calls `add` for the map's pieces, disjoint and ascending. Bad entries are left out with a warning. */
void dt_map_read(struct dt_reader *reader, const struct dt_node *node, const struct dt_map_kind *kind,
		 uint32_t segment);

/* One entry of a list; `value`: its first cell, or 0. */
typedef void dt_add_target(struct dt_reader *reader, const struct dt_node *node, uint32_t phandle, uint32_t cells,
			   uint32_t value);

/* Calls `add` for the entries of a list of phandles, up to the first bad one: a warning. */
void dt_list_read(struct dt_reader *reader, const struct dt_node *node, const char *property,
		  const struct dt_specifier *specifier, dt_add_target *add);

#endif
