/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCENARIOS_H
#define SCENARIOS_H

#include "world.h"

/* Programs are words of the language in world.h. */
struct scenario {
	const char *name; /* The ids of the hazards that it plays (docs/hazards.md), then a title. */
	const char *masters;
	const char *before;		      /* Done by one core alone. */
	const char *core[SCHEDULE_CORES_MAX]; /* Up to the first NULL. */
	void (*prepare)(void);		      /* Called before `before`; sets up what goes wrong, for example. */
	void (*check)(void);		      /* Checks beyond what always holds at rest. */
};

extern const struct scenario scenarios[];
extern const unsigned int scenario_count;

#endif
