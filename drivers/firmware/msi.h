/* SPDX-License-Identifier: BSD-2-Clause */
/* Masters, controllers and DeviceIDs of MSIs; only for checking the tables. */
#ifndef FIRMWARE_MSI_H
#define FIRMWARE_MSI_H

#include "firmware/description.h"

struct msi_description {
	const char *master;	/* Named as for streams. */
	const char *controller; /* Device tree path, or "its:<first identifier of the group>". */
	bool has_input;		/* False: the whole master. */
	uint32_t input_first;	/* Masked, inclusive. */
	uint32_t input_last;
	bool has_mask;
	uint32_t mask;
	bool has_device; /* False: the controller has no cells. */
	bool constant;	 /* All input IDs give `device`. */
	uint32_t device; /* DeviceID of input_first; the others follow. */
	bool enabled;
};

struct msi_list {
	struct msi_description msi[MSIS_MAX];
	unsigned int count;
};

/* Read a tree that passed dt_check(), or an IORT; warn of bad entries. Return 0 or -EINVAL. Boot core. */
int dt_read_msis(const void *dtb, struct description *description, struct msi_list *list);
int iort_read_msis(const void *table, size_t size, struct description *description, struct msi_list *list);

uint32_t msi_last(const struct msi_description *msi);

#endif
