/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who is to send its MSIs where, as which device: `msi-map` and `msi-parent` of a device tree, ID mappings to the ITS
 * groups of an IORT. This firmware raises no MSI: it is for whoever looks at the tables.
 */
#ifndef FIRMWARE_MSI_H
#define FIRMWARE_MSI_H

#include "firmware/description.h"
#include "firmware/findings.h"

#define MSIS_MAX 512U

/* Input IDs whose MSIs go to one controller: a resolved piece, as window_description is one. */
struct msi_description {
	const char *master;	/* As of the streams. */
	const char *controller; /* Device tree path, or "its:<identifier>" of the group's first. */
	bool has_input;		/* Else it is the master itself, whatever it emits. */
	uint32_t input_first;	/* Masked, inclusive. */
	uint32_t input_last;
	bool has_mask;
	uint32_t mask;
	bool has_device; /* A controller without cells knows its devices by nothing. */
	bool constant;	 /* Every input ID is `device`. */
	uint32_t device; /* DeviceID of input_first; the others follow. */
	bool enabled;
};

struct msi_list {
	struct msi_description msi[MSIS_MAX];
	unsigned int count;
};

/*
 * Reads a tree that dt_check() has passed, or a table that iort_read() takes. Names go into the description's pool;
 * what makes no sense is left out with a warning. 0, or -EINVAL for what cannot be read. Boot core only.
 */
int dt_read_msis(const void *dtb, struct description *description, struct msi_list *list);
int iort_read_msis(const void *table, size_t size, struct description *description, struct msi_list *list);

/* The last DeviceID of a piece. */
uint32_t msi_last(const struct msi_description *msi);

/*
 * Contradictions: a device that two masters claim of one controller; requester IDs that have a stream, of a master that
 * sends MSIs, and no controller. Returns how many there are.
 */
unsigned int findings_of_msis(const struct stream_description *streams, const struct msi_list *list,
			      finding_taker *take, void *context);

#endif
