/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The command queue of drivers/smmuv3, and an SMMU that takes a command when scheduled. A core's word:
 *   I0  issue a batch of three, marked with the number
 *   X   issue an illegal command
 *   G   serve GERROR
 *   S   be the SMMU until the others have ended
 */
#ifndef QUEUE_WORLD_H
#define QUEUE_WORLD_H

#include "scheduler.h"

struct queue_scenario {
	const char *name;
	unsigned int log2;  /* Log2 of the queue's entries. */
	unsigned int batch; /* Without its SYNC. */
	const char *core[SCHEDULE_CORES_MAX];
};

extern const struct queue_scenario queue_scenarios[];
extern const unsigned int queue_scenario_count;

struct schedule queue_schedule(const struct queue_scenario *scenario);

uint32_t queue_read(const volatile void *reg);
void queue_write(volatile void *reg, uint32_t value);

#endif
