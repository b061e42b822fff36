/* SPDX-License-Identifier: BSD-2-Clause */
/* BND-11: four cores register, unregister, bind, unbind, add, remove and fail, by a seed. */
#ifndef MIXED_H
#define MIXED_H

#include <stdbool.h>

struct mixed_how {
	bool verbose;
	bool until_failure; /* Stops at the first failure. */
	bool keeps;	    /* Cores sometimes keep changes back. */
};

/*
 * Runs seeds `first` to `first` + `count` - 1 on `jobs` processes and names those that fail. Returns the exit status.
 */
int mixed_runs(unsigned long first, unsigned long count, unsigned int jobs, const struct mixed_how *how);

/*
 * Waits for a process of the test. A process that used up its processor time ends the whole test by the same signal:
 * the run found nothing out.
 * Return:      true       it ended well
 */
bool mixed_wait(void);

#endif
