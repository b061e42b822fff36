/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A second, small world: the command queue of drivers/smmuv3, with an SMMU that takes one command whenever the
 * scheduler lets it. Its words, one for each core:
 *   I0  issue a batch of three, marked with the number
 *   X   issue an illegal command
 *   G   serve GERROR, as its interrupt does
 *   S   be the SMMU until the others have ended
 */
#ifndef QUEUE_WORLD_H
#define QUEUE_WORLD_H

#include "scheduler.h"

struct queue_scenario {
	const char *name;
	unsigned int log2;  /* Entries of the queue. */
	unsigned int batch; /* Commands of one batch, its SYNC aside. */
	const char *core[SCHEDULE_CORES_MAX];
};

extern const struct queue_scenario queue_scenarios[];
extern const unsigned int queue_scenario_count;

struct schedule queue_schedule(const struct queue_scenario *scenario);

/* A register access of the driver. */
uint32_t queue_read(const volatile void *reg);
void queue_write(volatile void *reg, uint32_t value);

#endif
