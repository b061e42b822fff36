/* SPDX-License-Identifier: BSD-2-Clause */
/* A line editor for a terminal that takes bytes: history, completion, the keys of every shell. No state but its own. */
#ifndef MONITOR_EDITOR_H
#define MONITOR_EDITOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EDITOR_LINE_SIZE 128U /* With the NUL. */
#define EDITOR_LINES_KEPT 8U

struct editor {
	const char *prompt;
	void (*write)(const char *text, size_t size);
	/* The n-th word that may stand at the line's end, or NULL. May be NULL. */
	const char *(*word)(const char *line, unsigned int n);
	char line[EDITOR_LINE_SIZE];
	size_t length;
	size_t cursor;
	unsigned int escape; /* How many bytes of an escape sequence came. */
	bool after_return;   /* A line feed behind a carriage return is no second line. */
	char kept[EDITOR_LINES_KEPT][EDITOR_LINE_SIZE];
	unsigned int kept_count; /* Ever; the last EDITOR_LINES_KEPT are there. */
	unsigned int back;	 /* How many lines back the line was fetched from; 0: it is a new one. */
};

/* Writes the prompt of a new line. */
void editor_begin(struct editor *editor);

/* Takes a byte. True: `line` is whole; the caller obeys it, then begins the next. */
bool editor_take(struct editor *editor, char byte);

#endif
