/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FIND_TREE_H
#define FIND_TREE_H

#include <stdint.h>

/*
 * Finds the device tree.
 *
 * Return:      the tree, all of it in memory that answers; NULL: none
 * State left:  `*missed`, 0 before, has what a register named where no tree is
 * Context:     boot core, MMU off, after boot_cores_init()
 */
const void *find_tree(uintptr_t *missed);

#endif
