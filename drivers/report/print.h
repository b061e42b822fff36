/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Plain words for people. The formatter is our own: newlib-nano's has no 64-bit integers and shifts the arguments
 * behind one. Conversions: %s %c %d %u %x %p %% and %lu %lx %llu %llx %zu, with a width, '0' and '-'.
 */
#ifndef REPORT_PRINT_H
#define REPORT_PRINT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/*
 * Formats into `text` of `size` bytes, always terminated; returns the length it would have had. Any core.
 */
size_t format_text(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t format_text_v(char *text, size_t size, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

/* How much is said: the value of `log=`. */
enum print_level { PRINT_QUIET, PRINT_NORMAL, PRINT_DEBUG };
void print_set_level(enum print_level level);

/* Prints whole lines under the console's lock (rank LOCK_RANK_CONSOLE, the last one): any core, any lock held. */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));

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

/* Writes bytes as they are under the console's lock. */
void print_bytes(const char *text, size_t size);

#endif
