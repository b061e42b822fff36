/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/dt.h"

#include <errno.h>

#include "firmware/dt_tree.h"

static void warn_of_depth(struct dt_reader *reader)
{
	if (dt_is_too_deep(reader->fdt)) {
		description_warn(reader->description, "/", "nodes nested more than 31 deep are left out");
	}
}

static void read_iommus(struct dt_reader *reader)
{
	warn_of_depth(reader);
	dt_read_streams(reader);
	dt_read_direct(reader);
	description_warn_left_out(reader->description);
}

int dt_read_iommus(const void *dtb, struct description *description)
{
	struct dt_reader reader = {.fdt = dtb, .description = description};
	struct dt_node root;

	if (!dt_root(dtb, &root)) {
		return -EINVAL;
	}
	read_iommus(&reader);
	return 0;
}

int dt_read(const void *dtb, struct description *description)
{
	struct dt_reader reader = {.fdt = dtb, .description = description};
	struct dt_node root;

	if (!dt_root(dtb, &root)) {
		return -EINVAL;
	}
	dt_read_machine(&reader);
	dt_read_hosts(&reader);
	read_iommus(&reader);
	return 0;
}
