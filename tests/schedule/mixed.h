/* SPDX-License-Identifier: BSD-2-Clause */
/* BND-11, in random mixed runs: four cores register, unregister, bind, unbind, add, remove and fail as a seed says. */
#ifndef MIXED_H
#define MIXED_H

#include <stdbool.h>

struct mixed_how {
	bool verbose;	    /* Prints every step. */
	bool until_failure; /* The first one ends it. */
	bool keeps;	    /* Cores keep back what they change, now and then. */
};

/*
 * Runs seeds `first` to `first` + `count` - 1 on `jobs` processes, the invariants checked after every step; names each
 * seed that fails. The exit status.
 */
int mixed_runs(unsigned long first, unsigned long count, unsigned int jobs, const struct mixed_how *how);

/*
 * Waits for a process of the test: whether it ended well. One that used up its time of the processor takes the test
 * along, by the same signal: nothing was found out then.
 */
bool mixed_wait(void);

#endif
