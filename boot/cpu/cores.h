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
	cpu_word affinity;	 /* As passed to CPU_ON. */
	volatile bool probing;	 /* An abort is expected; */
	volatile bool aborted;	 /* it has happened. */
	volatile bool reporting; /* It reports its own fault. */
};

/* By number; only the boot core before boot_cores_start(). */
extern struct core_state *boot_cores;

/* Called first: an initialiser in data would keep an earlier run's value. */
void boot_cores_init(void);

#endif
