/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CHECKS_DIFFERENCE_H
#define CHECKS_DIFFERENCE_H

#include "checks/checks.h"

struct difference_pair {
	struct bringup *bringup;
	const char *one;
	const char *other;
	enum difference_kind kind;
};

/* "iort" or "dt". */
const char *difference_source(const struct stream_description *streams);

/* Writes record, finding and line of one; `context` is a struct difference_pair. After 64 records only counts. */
void difference_take(void *context, const char *subject, const char *detail);

/* The description of an instance, and its index there; NULL: it has none. */
const struct smmu_description *difference_described(const struct bringup *bringup, unsigned int smmu,
						    unsigned int *described);

/* Prints how many were only counted since the last call. */
void difference_say_unsaid(struct bringup *bringup);

#endif
