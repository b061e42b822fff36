/* SPDX-License-Identifier: BSD-2-Clause */
/* Finds the device tree with the MMU off. */
#ifndef FIND_TREE_H
#define FIND_TREE_H

#include <stdint.h>

/*
 * Return:      the tree, all of it in memory that answers; NULL: none
 * State left:  `*missed`, 0 before, has what a register named where no tree is
 * Context:     boot core, MMU off, after boot_cores_init()
 */
const void *find_tree(uintptr_t *missed);

#endif
