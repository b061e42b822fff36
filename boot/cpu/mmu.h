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

/*
 * Maps stacks of `count` cores, from core 1 on, each with a page below it that faults: `memory` is STACK_STRIDE bytes
 * for each, page-aligned. False where there is no address or no memory for that. Boot core, once, before any of them
 * runs.
 */
bool mmu_map_stacks(const void *memory, unsigned int count);

/* Which core's guard page holds this address, or -1. */
int mmu_guard_of(uintptr_t address);

#endif
