/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FATAL_H
#define FATAL_H

#include "checks/checks.h"

/* What a run that dies from now on reports as its counts. */
void boot_fatal_context(const struct bringup *bringup);

#endif
