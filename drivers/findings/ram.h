/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FINDINGS_RAM_H
#define FINDINGS_RAM_H

#include "findings/judge.h"

/*
 * RAM as the description has it, or, where that was not read, as the tree's memory nodes have it. Returns how many
 * ranges are in `ranges`: DESCRIPTION_MEMORY_MAX at most, and further ones are left out. Any core, its own list.
 */
unsigned int ram_read(const struct table_view *view, struct span *ranges);

#endif
