/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCENARIOS_H
#define SCENARIOS_H

#include "world.h"

/* Programs are words of the language in world.h. */
struct scenario {
	const char *name; /* The ids of the hazards that it plays (docs/hazards.md), then words. */
	const char *masters;
	const char *before;		      /* Done by one core alone. */
	const char *core[SCHEDULE_CORES_MAX]; /* Up to the first NULL. */
	void (*prepare)(void);		      /* What goes wrong, say; before `before`. */
	void (*check)(void);		      /* Beyond what always holds at rest. */
};

extern const struct scenario scenarios[];
extern const unsigned int scenario_count;

#endif
