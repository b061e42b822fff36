/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <stdbool.h>

/*
 * Copies the words that a boot loader's `go` has passed behind those that a debugger left. True where one of them names
 * a device tree: then that and no other is meant, and `tree` is where it is mapped, or NULL where none can be, which is
 * said. Boot core, once, with the MMU on.
 */
bool arguments_take(const void **tree);

#endif
