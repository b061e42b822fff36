/* SPDX-License-Identifier: BSD-2-Clause */
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

/* By number; before boot_cores_start() only the boot core. */
extern struct core_state *boot_cores;

/* First of all: initialised data would keep an earlier run's value. */
void boot_cores_init(void);

#endif
