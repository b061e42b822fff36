/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMU_H
#define MMU_H

#include <stdbool.h>
#include <stdint.h>

/* Maps the image, the early UART and `tree` (or NULL). MMU off. */
void mmu_build(const void *tree);

/* An unchecked tree's `totalsize`, which is readable. */
uint32_t mmu_tree_size(const uint8_t *tree);

/* Page-aligned end of what may be read of an unchecked tree whose `totalsize` is readable, BOOT_TREE_MAX at most. */
uint64_t mmu_tree_end(const uint8_t *tree);

/*
 * Maps the stacks of cores 1 to `count`, each above an unmapped guard page, in page-aligned `memory`, STACK_STRIDE
 * each. False: no address or memory. Before these cores run.
 */
bool mmu_map_stacks(const void *memory, unsigned int count);

/* The core whose guard page this is, or -1. */
int mmu_guard_of(uintptr_t address);

#endif
