/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef MMU_H
#define MMU_H

#include <stdbool.h>
#include <stdint.h>

/* Builds the early map: image, early UART, `tree` (may be NULL). MMU off. */
void mmu_build(const void *tree);

/* What an unchecked tree says of its size. `totalsize` is readable. */
uint32_t mmu_tree_size(const uint8_t *tree);

/*
 * Page-aligned end of what may be read of an unchecked tree: its size, but at least its header, BOOT_TREE_MAX at most,
 * within the address space. `totalsize` is readable. Any core.
 */
uint64_t mmu_tree_end(const uint8_t *tree);

/*
 * Maps the stacks of cores 1 to `count`, each above an unmapped guard page. `memory`: page-aligned, STACK_STRIDE for
 * each. False: no address or memory. Boot core, once, before these cores run.
 */
bool mmu_map_stacks(const void *memory, unsigned int count);

/* The core whose guard page this is, or -1. */
int mmu_guard_of(uintptr_t address);

#endif
