/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CHECKS_ADVICE_H
#define CHECKS_ADVICE_H

#include <stddef.h>

#include "checks/checks.h"

#define ADVICE_SIZE 512U

/*
 * What would have to stand in the table that is used for a master whose DMA was not seen as described: the exact
 * `iommus` or `iommu-map` entry, in the language of device tree sources, or the IORT's ID mapping. Boot core, after the
 * observation.
 */
void advise(const struct bringup *bringup, const struct master *master, char *advice, size_t size);

#endif
