/* SPDX-License-Identifier: BSD-2-Clause */
/* Random mixed runs: four cores register, unregister, bind, unbind, add, remove and fail as a seed says. */
#ifndef MIXED_H
#define MIXED_H

#include <stdbool.h>

/*
 * Runs seeds `first` to `first` + `count` - 1 on `jobs` processes, the invariants checked after every step; names each
 * seed that fails. `verbose`: prints every step. The exit status.
 */
int mixed_runs(unsigned long first, unsigned long count, unsigned int jobs, bool verbose);

#endif
