/* SPDX-License-Identifier: BSD-2-Clause */
/* Masters whose streams came out otherwise by one cause: they are one finding. */
#ifndef CHECKS_SHIFTED_H
#define CHECKS_SHIFTED_H

#include "checks/checks.h"

/*
 * Keeps a master that was observed and does not match, until shifted_tell().
 *
 * Return:      NULL       no earlier one has its cause
 *              else       the name of the first that has
 * Context:     boot core
 */
const char *shifted_add(const struct bringup *bringup, const struct master *master);

/* Adds a finding for each cause. */
void shifted_tell(const struct bringup *bringup);

#endif
