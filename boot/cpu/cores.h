/* SPDX-License-Identifier: BSD-2-Clause */
/* State of each core. */
#ifndef CORES_H
#define CORES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sync.h"
#include "cpu.h"

struct core_state {
	struct word presence;
	cpu_word affinity;	 /* MPIDR, as passed to CPU_ON. */
	volatile bool probing;	 /* An abort is expected; */
	volatile bool aborted;	 /* it has happened. */
	volatile bool reporting; /* It reports its own fault. */
};

/* By core number; only the boot core before boot_cores_start(). */
extern struct core_state *boot_cores;

/* Called first. A restarted image has an earlier run's values in data: only bss is cleared. */
void boot_cores_init(void);

#endif
