/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMU_H
#define MMU_H

#include <stdbool.h>
#include <stdint.h>

/* Builds the tables of the early map: the image with its permissions, the early UART, `tree` (may be NULL). MMU off. */
void mmu_build(const void *tree);

/* Which core's guard page holds this address, or -1. */
int mmu_guard_of(uint32_t address);

#endif
