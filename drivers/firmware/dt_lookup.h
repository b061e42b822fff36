/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Look-ups through a whole tree or node. smmu-inspect has tools/inspect/larger/dt_lookup.c instead, which walks once
 * and remembers.
 */
#ifndef FIRMWARE_DT_LOOKUP_H
#define FIRMWARE_DT_LOOKUP_H

#include "firmware/dt_tree.h"

/* Call before a tree is read: forgets what was remembered of this address. */
void dt_lookup_begin(const void *fdt);

/* The token of the node's first property of this name, or NULL. */
const uint8_t *dt_first_property(const void *fdt, int node, const char *name);

/* Likewise, but from token `at` on. */
const uint8_t *dt_find_property(const void *fdt, const uint8_t *at, const char *name);

/* The offset of the first node with this phandle, or negative. */
int dt_find_phandle(const void *fdt, uint32_t phandle);

bool dt_is_segment_said(const void *fdt, uint32_t segment);

#endif
