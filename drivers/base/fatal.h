/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The way to end a run that cannot go on: a lock that stays taken, an exception, a machine that cannot be used. What is
 * above registers it; what is below calls fatal() and knows no more.
 */
#ifndef BASE_FATAL_H
#define BASE_FATAL_H

#include <stdarg.h>

/* Prints the reason (a format of report/format.h) and ends the run; does not return. Any core, any lock held. */
typedef void fatal_way(const char *format, va_list arguments);

/* Boot core, once, before anything that may call fatal(). */
void fatal_register(fatal_way *way);

/* Ends the run the registered way; without one the core stays here. Any core, any lock held. */
_Noreturn void fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
