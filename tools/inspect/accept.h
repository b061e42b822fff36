/* SPDX-License-Identifier: BSD-2-Clause */
/* A file of findings that are known and let be. */
#ifndef INSPECT_ACCEPT_H
#define INSPECT_ACCEPT_H

#include "findings/finding.h"

struct accepted_list {
	struct accepted *first; /* NULL: none is accepted. */
};

/*
 * Reads lines "id place  # reason"; `place` may have * and ? and [...], as a shell's pattern. Blank lines, and lines
 * that begin with '#', are passed over. Return:      true false      it cannot be read, or a line is wrong: stderr has
 * one line that says which and why
 */
bool accept_read(struct accepted_list *list, const char *path);

/* Marks each finding of which every place is accepted. */
void accept_apply(const struct accepted_list *list, struct table_findings *findings);

/* Adds a finding for each line that no finding has needed so far. */
void accept_add_unused(const struct accepted_list *list, struct table_findings *findings);

#endif
