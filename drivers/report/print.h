/* SPDX-License-Identifier: BSD-2-Clause */
/* Plain words for people. What the formats may hold is in format.h. */
#ifndef REPORT_PRINT_H
#define REPORT_PRINT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "report/format.h"

/* How much is said: the value of `log=`. */
enum print_level { PRINT_QUIET, PRINT_NORMAL, PRINT_DEBUG };
void print_set_level(enum print_level level);

/* Prints whole lines under the console's lock (rank LOCK_RANK_CONSOLE, the last one): any core, any lock held. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same at any level: the verdict, and what explains it. */
void print_always(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same, said only with log=debug. */
void print_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Without the lock and at any level: for the dying words of a core. */
void print_raw(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * For a core that ends the run: takes the console for good, or goes on without the lock when nobody gives it back in
 * time; cores that want to print wait for ever from now on. False where another core is ending the run already: then be
 * silent.
 */
bool print_take_over(void);

#define PRINT_LINE_SIZE 512U
/* One line of words: how long it is, cut where it is too long, and then it ends all the same. */
size_t print_line_v(char line[PRINT_LINE_SIZE], const char *format, va_list arguments);

/* Writes bytes as they are under the console's lock: to the console, or only to its copy in memory (serial/rtt.h). */
void print_bytes(const char *text, size_t size);
void print_bytes_to_memory(const char *text, size_t size);

#endif
