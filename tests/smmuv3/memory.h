/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MEMORY_H
#define MEMORY_H

#include <stdbool.h>

/* Whether memset() and memcpy() do what they should, for every length and alignment that takes another way. */
bool memory_works(void);

#endif
