/* SPDX-License-Identifier: BSD-2-Clause */
/* docs/findings.md, which is built in. */
#ifndef INSPECT_EXPLAIN_H
#define INSPECT_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>

/* Parts of the page; they do not end with '\0'. */
struct explanation {
	const char *meaning;
	size_t meaning_length;
	const char *advice;
	size_t advice_length;
};

/* False: the page has no row of this id. */
bool explain_find(const char *id, struct explanation *explanation);

/* Prints what the id means, and what to do; EXPLAIN_ALL: each id of a table. False: there is no such id. */
bool explain_print(const char *id);

#define EXPLAIN_ALL "all"

#endif
