/* SPDX-License-Identifier: BSD-2-Clause */
/* A phase between registration and hand-over registers itself by being linked. */
#ifndef CHECKS_PHASE_H
#define CHECKS_PHASE_H

#include "base/feature.h"
#include "checks/checks.h"

struct phase {
	const char *words;		      /* A line that is printed before; NULL: none. */
	void (*run)(struct bringup *bringup); /* Boot core. */
	/* What other cores do; returns when nothing is to do. NULL: nothing ever is. */
	void (*work)(unsigned int core);
};

/* At the end of its file. `order`: two digits, by which the linker's script sorts. */
#define PHASE(order, name, ...)                                                                                        \
	extern const struct phase name##_phase;                                                                        \
	const struct phase name##_phase LISTED("phases." #order) = {__VA_ARGS__}

extern const struct phase __start_phases[];
extern const struct phase __stop_phases[];

#endif
