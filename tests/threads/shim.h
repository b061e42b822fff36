/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of this folder share: the part of the architecture shim that orders nothing. */
#ifndef SHIM_H
#define SHIM_H

#include <stdbool.h>

extern _Thread_local unsigned int shim_core; /* The core that this thread is. */

/* Ends the program with `what` unless the condition holds. */
void require(bool condition, const char *what);

#endif
