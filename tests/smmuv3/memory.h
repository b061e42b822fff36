/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>

/* Checks memset() and memcpy() for each length and alignment with a path of its own. */
bool memory_works(void);

#endif
