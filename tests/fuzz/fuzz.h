/* SPDX-License-Identifier: BSD-2-Clause */
/* What the fuzz targets share: what must hold of any description, whatever bytes it was read from. */
#ifndef FUZZ_H
#define FUZZ_H

#include "firmware/description.h"
#include "firmware/msi.h"

/* Ends the run where the condition does not hold. */
void fuzz_require(bool condition, const char *what);

/* Whether everything in the description is in bounds, and the description agrees with itself. */
void fuzz_check(const struct description *description);

/* Whether every piece of the list is in bounds. */
void fuzz_check_msis(const struct description *description, const struct msi_list *list);

/* A heap copy of the input that begins at a multiple of 8: reads beside it are seen. The caller frees it. */
uint8_t *fuzz_copy(const uint8_t *bytes, size_t size);

#endif
