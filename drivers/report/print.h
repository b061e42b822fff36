/* SPDX-License-Identifier: BSD-2-Clause */
/* Words for people; formats as in format.h. */
#ifndef REPORT_PRINT_H
#define REPORT_PRINT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "report/format.h"

/* Value of `log=`. */
enum print_level { PRINT_QUIET, PRINT_NORMAL, PRINT_DEBUG };
void print_set_level(enum print_level level);
bool print_is_quiet(void);

/* Prints whole lines under the console's lock (LOCK_RANK_CONSOLE, the highest rank): any core, any lock held. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* At any level: the verdict and its explanation. */
void print_always(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Only with log=debug. */
void print_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Without the lock, at any level: for a core that ends the run. */
void print_raw(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * For a core that ends the run: takes the console for good, even if the lock is not released in time; other cores that
 * print then wait for ever. False: another core is ending the run, so stay silent.
 */
bool print_take_over(void);

#define PRINT_LINE_SIZE 512U
/* Formats a line and returns its length; a truncated line ends with a newline. */
size_t print_line_v(char line[PRINT_LINE_SIZE], const char *format, va_list arguments);

/* Write bytes unchanged under the console's lock: to the console, or only to its copy in memory (serial/rtt.h). */
void print_bytes(const char *text, size_t size);
void print_bytes_to_memory(const char *text, size_t size);

#endif
