/* SPDX-License-Identifier: BSD-2-Clause */
/* When to say how far what takes long has come. Boot core. */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#define PROGRESS_US 2000000U

struct progress {
	uint64_t begin; /* Ticks. */
	uint64_t said;
};

struct progress progress_begin(void);

/* True where PROGRESS_US have passed since the begin, or since it was true last: then the caller says a line. */
bool progress_is_due(struct progress *progress);

/* Since the begin. */
uint32_t progress_seconds(const struct progress *progress);

#endif
