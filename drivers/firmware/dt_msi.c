/* SPDX-License-Identifier: BSD-2-Clause */
/* `msi-map` and `msi-parent` (PCI MSI and generic MSI controller bindings). */
#include <errno.h>
#include <stddef.h>

#include "firmware/dt_map.h"
#include "firmware/msi.h"

/* As in Linux: without #msi-cells no cell in `msi-parent`, one in `msi-map`. */
static const struct dt_specifier parent_specifier = {.cells = "#msi-cells"};

static void dt_msi_add(struct dt_reader *reader, const struct dt_node *node, uint32_t phandle,
		       struct msi_description msi)
{
	struct msi_list *list = reader->msis;
	struct dt_node controller;

	if (list->count == MSIS_MAX) {
		description_leave_out(reader->description, LIST_MSIS);
		return;
	}
	if (!dt_at(reader->fdt, dt_by_phandle(reader, phandle), &controller)) {
		return;
	}
	if (!dt_has(&controller, "msi-controller")) {
		dt_warn(reader, node, msi.has_input ? "msi-map" : "msi-parent", "leads to what is no msi-controller");
	}
	msi.master = dt_path(reader, node);
	msi.controller = dt_path(reader, &controller);
	msi.enabled = dt_enabled(node) && dt_enabled(&controller);
	list->msi[list->count++] = msi;
}

static void dt_msi_add_piece(struct dt_reader *reader, const struct dt_node *node, const struct dt_map_entry *piece,
			     uint32_t segment)
{
	struct msi_description msi = {
		.has_input = true,
		.input_first = piece->first,
		.input_last = piece->last,
		.mask = STREAM_NO_MASK,
		.has_device = piece->cells > 0,
		.device = piece->output,
	};

	(void)segment;
	msi.has_mask = dt_u32(reader->fdt, dt_offset(node), "msi-map-mask", &msi.mask);
	dt_msi_add(reader, node, piece->phandle, msi);
}

static const struct dt_map_kind msi_map = {
	.property = "msi-map",
	.mask = "msi-map-mask",
	.specifier = {.cells = "#msi-cells", .cells_default = 1},
	.outside_mask = "an input base is outside msi-map-mask",
	.add = dt_msi_add_piece,
};

static void add_parent(struct dt_reader *reader, const struct dt_node *node, uint32_t phandle, uint32_t cells,
		       uint32_t value)
{
	dt_msi_add(reader, node, phandle,
		   (struct msi_description){.mask = STREAM_NO_MASK, .has_device = cells > 0, .device = value});
}

int dt_read_msis(const void *dtb, struct description *description, struct msi_list *list)
{
	struct dt_reader reader = {.fdt = dtb, .description = description, .msis = list};
	struct dt_node node;
	bool more = dt_root(dtb, &node);

	list->count = 0;
	if (!more) {
		return -EINVAL;
	}
	for (; more; more = dt_next(&node)) {
		/* Ignores `msi-parent` beside a map: Linux uses it only for IDs outside the map. */
		if (dt_has(&node, "msi-map")) {
			dt_map_read(&reader, &node, &msi_map, STREAM_NO_SEGMENT);
		} else {
			dt_list_read(&reader, &node, "msi-parent", &parent_specifier, add_parent);
		}
	}
	description_warn_left_out(description);
	return 0;
}
