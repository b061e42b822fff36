/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMU_H
#define MMU_H

#include <stdbool.h>
#include <stdint.h>

/* Builds the tables of the early map: the image with its permissions, the early UART, `tree` (may be NULL). MMU off. */
void mmu_build(const void *tree);

/*
 * The page-aligned address behind what may be looked at of a tree in which nothing is believed yet: as much as it says,
 * but its header at least, BOOT_TREE_MAX at most, and nothing behind the last address. Its `totalsize` is readable. Any
 * core.
 */
uint64_t mmu_tree_end(const uint8_t *tree);

/* Which core's guard page holds this address, or -1. */
int mmu_guard_of(uint32_t address);

#endif
