/* SPDX-License-Identifier: BSD-2-Clause */
/* What the programs of this folder share: the part of the architecture shim that orders nothing. */
#ifndef SHIM_H
#define SHIM_H

#include <stdbool.h>

extern _Thread_local unsigned int shim_core; /* Which core this thread is. */

/* Ends the program, with these words, where the condition does not hold. */
void require(bool condition, const char *what);

#endif
