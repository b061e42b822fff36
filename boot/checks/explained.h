/* SPDX-License-Identifier: BSD-2-Clause */
/* Why, by the SMMU's tables as they are now: for events that no check provoked, and for checks that fail. */
#ifndef CHECKS_EXPLAINED_H
#define CHECKS_EXPLAINED_H

#include "checks/checks.h"
#include "explain/explain.h"
#include "report/record.h"

/*
 * Walks an access. Adds `walk` to the record, as far as it fits; writes a sentence of at most EXPLAIN_TEXT_SIZE bytes.
 * Boot core; reads alone.
 */
void explained_walk(const struct bringup *bringup, unsigned int smmu, const struct explain_access *access,
		    struct record *record, char *sentence);

/* Of an instance: what its registers say, into `walk`. */
void explained_instance(const struct bringup *bringup, unsigned int smmu, struct record *record);

#endif
