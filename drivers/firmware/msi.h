/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which masters send MSIs to which controller, as which device: `msi-map` and `msi-parent`, IORT mappings to ITS
 * groups. This firmware sends none: it is for checking the tables.
 */
#ifndef FIRMWARE_MSI_H
#define FIRMWARE_MSI_H

#include "firmware/description.h"
#include "firmware/findings.h"

/* A resolved piece, like window_description. */
struct msi_description {
	const char *master;	/* Named as for streams. */
	const char *controller; /* Device tree path, or "its:<first identifier of the group>". */
	bool has_input;		/* False: the master as a whole. */
	uint32_t input_first;	/* Masked, inclusive. */
	uint32_t input_last;
	bool has_mask;
	uint32_t mask;
	bool has_device; /* False: a controller without cells. */
	bool constant;	 /* All input IDs give `device`. */
	uint32_t device; /* DeviceID of input_first; the others follow. */
	bool enabled;
};

struct msi_list {
	struct msi_description msi[MSIS_MAX];
	unsigned int count;
};

/*
 * Read a tree that passed dt_check(), or a table that iort_read() accepts; names go into the description's pool, bad
 * entries are left out with a warning. 0, or -EINVAL. Boot core.
 */
int dt_read_msis(const void *dtb, struct description *description, struct msi_list *list);
int iort_read_msis(const void *table, size_t size, struct description *description, struct msi_list *list);

/* Last DeviceID of a piece. */
uint32_t msi_last(const struct msi_description *msi);

/*
 * Finds contradictions: a DeviceID of two masters; requester IDs with a stream, of a master that sends MSIs, without a
 * controller. Returns their number.
 */
unsigned int findings_of_msis(const struct stream_description *streams, const struct msi_list *list,
			      finding_taker *take, void *context);

#endif
