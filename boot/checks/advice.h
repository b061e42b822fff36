/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CHECKS_ADVICE_H
#define CHECKS_ADVICE_H

#include <stddef.h>

#include "checks/checks.h"

#define ADVICE_SIZE 512U

/*
 * Writes the `iommus`, `iommu-map` entry or IORT ID mapping that a wrongly described master needs. Boot core, after
 * observe().
 */
void advise(const struct bringup *bringup, const struct master *master, char *advice, size_t size);

#endif
