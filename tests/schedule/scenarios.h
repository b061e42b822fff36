/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SCENARIOS_H
#define SCENARIOS_H

#include "world.h"

/* Programs use world.h's words. */
struct scenario {
	const char *name; /* Hazard ids (docs/hazards.md), then a title. */
	const char *masters;
	const char *before;		      /* By one core alone. */
	const char *core[SCHEDULE_CORES_MAX]; /* Up to the first NULL. */
	void (*prepare)(void);		      /* Before `before`: sets up failures. */
	void (*check)(void);		      /* More checks at rest. */
};

extern const struct scenario scenarios[];
extern const unsigned int scenario_count;

#endif
