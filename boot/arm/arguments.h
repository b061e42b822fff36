/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

/*
 * Copies the words that a boot loader's `go` has passed behind those that a debugger left. Returns the device tree that
 * a word names, mapped, or NULL. Boot core, once, with the MMU on.
 */
const void *arguments_take(void);

#endif
