/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FATAL_H
#define FATAL_H

#include "checks/checks.h"

/* Sets the counts for the verdict of boot_fatal(). */
void boot_fatal_context(const struct bringup *bringup);

#endif
