/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef REPORT_PRINT_H
#define REPORT_PRINT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "report/format.h"

/* `log=`. */
enum print_level { PRINT_QUIET, PRINT_NORMAL, PRINT_DEBUG };

/* words.c: a build without it prints records alone. */
void print_set_level(enum print_level level);
bool print_is_quiet(void);
void words_say(enum print_level least, const char *format, va_list arguments);

/* Whole lines under LOCK_RANK_CONSOLE, the highest: any core, any lock held. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* At any level. */
void print_always(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* With log=debug. */
void print_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Without the lock: for a core that ends the run. */
void print_raw(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * For a core that ends the run: takes the console's lock for good, after 100 ms goes on without. False: another core is
 * ending the run; stay silent.
 */
bool print_take_over(void);

#define PRINT_LINE_SIZE 512U
/* Returns the length. A truncated line ends with a newline. */
size_t print_line_v(char line[PRINT_LINE_SIZE], const char *format, va_list arguments);

/* Unchanged, under the lock: to the console, or only to serial/rtt.h. */
void print_bytes(const char *text, size_t size);
void print_bytes_to_memory(const char *text, size_t size);

#endif
