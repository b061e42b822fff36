/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <stdbool.h>

/* Stands for arguments cut off: options_parse() ignores it, with the reason. */
#define ARGUMENTS_CUT "...="

/*
 * Appends the arguments of `go` to a debugger's, while there is room. True: there is a dtb=, mapped at `tree`, or NULL
 * after a message. Boot core, once.
 */
bool arguments_take(const void **tree);

/* Before a return: a later `go` brings its own. */
void arguments_forget(void);

#endif
