/* SPDX-License-Identifier: BSD-2-Clause */
/* BND-11, in random mixed runs: four cores register, unregister, bind, unbind, add, remove and fail as a seed says. */
#ifndef MIXED_H
#define MIXED_H

#include <stdbool.h>

struct mixed_how {
	bool verbose;	    /* Prints every step. */
	bool until_failure; /* The first failure ends it. */
	bool keeps;	    /* Now and then, cores keep back what they change. */
};

/*
 * Runs seeds `first` to `first` + `count` - 1 on `jobs` processes, checks the invariants after every step, and names
 * each seed that fails. Returns the exit status.
 */
int mixed_runs(unsigned long first, unsigned long count, unsigned int jobs, const struct mixed_how *how);

/*
 * Waits for a process of the test. A process that used up its processor time ends the whole test by the same signal:
 * the run found nothing out.
 * Return:      true       it ended well
 */
bool mixed_wait(void);

#endif
