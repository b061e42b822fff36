/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/dt.h"

#include <errno.h>
#include <libfdt.h>

#include "firmware/dt_tree.h"

#define FDT_ALIGNMENT 8U

int dt_check(const void *dtb, size_t limit)
{
	if (!dtb || (uintptr_t)dtb % FDT_ALIGNMENT || limit < sizeof(struct fdt_header)) {
		return -EINVAL;
	}
	/* libfdt reads both with wide accesses, and does not look where they are. */
	if (fdt_off_mem_rsvmap(dtb) % FDT_ALIGNMENT || fdt_off_dt_struct(dtb) % FDT_TAGSIZE) {
		return -EINVAL;
	}
	return fdt_check_full(dtb, limit) == 0 ? 0 : -EINVAL;
}

static void warn_of_depth(struct dt_reader *reader)
{
	int depth = 0;

	for (int offset = 0; offset >= 0 && depth >= 0; offset = fdt_next_node(reader->fdt, offset, &depth)) {
		if (depth >= DT_DEPTH_MAX) {
			description_warn(reader->description, "/", "nodes nested more than 31 deep are left out");
			return;
		}
	}
}

static void read_iommus(struct dt_reader *reader)
{
	warn_of_depth(reader);
	dt_read_streams(reader);
	dt_read_direct(reader);
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
