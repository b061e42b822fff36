/* SPDX-License-Identifier: BSD-2-Clause */
/* What is kept of each core. */
#ifndef CORES_H
#define CORES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sync.h"
#include "cpu.h"

struct core_state {
	struct word presence;
	cpu_word affinity;	 /* MPIDR's, as it was asked to come. */
	volatile bool probing;	 /* An abort is reckoned with, */
	volatile bool aborted;	 /* and was there. */
	volatile bool reporting; /* It says its dying words. */
};

/* By their numbers: the boot core alone, until boot_cores_start() has counted the others. */
extern struct core_state *boot_cores;

/*
 * Before anything else is asked of a core. An image that is started again has what an earlier run left in its data, for
 * only bss is cleared.
 */
void boot_cores_init(void);

#endif
