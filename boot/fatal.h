/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FATAL_H
#define FATAL_H

#include "base/fatal.h"
#include "checks/checks.h"

/*
 * Registers how a run ends at a fault (base/fatal.h): with the reason, the trace and the verdict "fail", whose counts
 * are those of `bringup`, and the machine off. Boot core, first of all.
 */
void boot_fatal_register(const struct bringup *bringup);

#endif
