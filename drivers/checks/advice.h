/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CHECKS_ADVICE_H
#define CHECKS_ADVICE_H

#include <stddef.h>

#include "checks/checks.h"

#define ADVICE_SIZE 512U

/*
 * Writes what the table in use should say for a master whose DMA was not seen as described: the exact `iommus` or
 * `iommu-map` entry in device tree source, or the IORT ID mapping. Boot core, after observe().
 */
void advise(const struct bringup *bringup, const struct master *master, char *advice, size_t size);

#endif
