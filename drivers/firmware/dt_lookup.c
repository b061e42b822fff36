/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/dt_lookup.h"

#include <string.h>

#include "firmware/dt_blob.h"

void dt_lookup_begin(const void *fdt)
{
	(void)fdt;
}

const uint8_t *dt_find_property(const void *fdt, const uint8_t *at, const char *name)
{
	const char *names = dt_names(fdt);

	for (;;) {
		uint32_t token = get_be32(at);

		if (token == DT_PROP) {
			if (!strcmp(names + get_be32(at + DT_PROP_NAME), name)) {
				return at;
			}
			at = dt_behind_property(at);
		} else if (token == DT_NOP) {
			at += DT_TAG_SIZE;
		} else {
			return NULL;
		}
	}
}

const uint8_t *dt_first_property(const void *fdt, int node, const char *name)
{
	return dt_find_property(fdt, dt_behind_name(dt_block(fdt) + node), name);
}

bool dt_at(const void *fdt, int offset, struct dt_node *node)
{
	if (!dt_root(fdt, node)) {
		return false;
	}
	while (dt_offset(node) != offset) {
		if (!dt_next(node)) {
			return false;
		}
	}
	return true;
}

int dt_find_phandle(const void *fdt, uint32_t phandle)
{
	struct dt_node node;

	for (bool more = dt_root(fdt, &node); more; more = dt_next(&node)) {
		if (dt_phandle(fdt, dt_offset(&node)) == phandle) {
			return dt_offset(&node);
		}
	}
	return -1;
}

bool dt_is_segment_said(const void *fdt, uint32_t segment)
{
	struct dt_node node;
	uint32_t said;

	for (bool more = dt_root(fdt, &node); more; more = dt_next(&node)) {
		if (dt_u32(fdt, dt_offset(&node), "linux,pci-domain", &said) && said == segment) {
			return true;
		}
	}
	return false;
}
