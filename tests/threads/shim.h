/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared here: the shim's part that orders nothing. */
#ifndef SHIM_H
#define SHIM_H

#include <stdbool.h>

extern _Thread_local unsigned int shim_core; /* This thread's core. */

/* Else ends the program with `what`. */
void require(bool condition, const char *what);

#endif
