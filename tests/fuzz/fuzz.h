/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared: what holds of any description. */
#ifndef FUZZ_H
#define FUZZ_H

#include "firmware/description.h"
#include "firmware/msi.h"

/* Ends the run unless it holds. */
void fuzz_require(bool condition, const char *what);

/* In bounds, and without contradiction. */
void fuzz_check(const struct description *description);

/* In bounds. */
void fuzz_check_msis(struct description *description, const struct msi_list *list, const void *blob, size_t size);

/* A copy aligned to 8, to see overruns; the caller frees it. */
uint8_t *fuzz_copy(const uint8_t *bytes, size_t size);

#endif
