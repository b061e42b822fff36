/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <stdbool.h>

/*
 * Appends the arguments of a boot loader's `go` to a debugger's. True if a word names a device tree: `tree` is its
 * mapping, or NULL, after a message. Boot core, once, MMU on.
 */
bool arguments_take(const void **tree);

#endif
