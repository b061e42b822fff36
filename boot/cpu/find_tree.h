/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the device tree is, before there are translation tables. */
#ifndef FIND_TREE_H
#define FIND_TREE_H

#include <stdint.h>

/*
 * Return:
 *  the tree; all of it is in memory that answers
 *  NULL: neither a register named one at entry, nor has the platform one
 * `*missed`, 0 before, becomes what such a register held where no tree is.
 * Context: boot core, MMU off, its vectors, stacks and boot_cores_init() behind it.
 */
const void *find_tree(uintptr_t *missed);

#endif
