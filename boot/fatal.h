/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FATAL_H
#define FATAL_H

#include "base/fatal.h"
#include "checks/checks.h"

/* Registers the end of a run (base/fatal.h): verdict "fail" with `bringup`'s counts. Boot core, first. */
void boot_fatal_register(const struct bringup *bringup);

#endif
