/* SPDX-License-Identifier: BSD-2-Clause */
/* Ends a run that cannot go on. A layer above registers how. */
#ifndef BASE_FATAL_H
#define BASE_FATAL_H

#include <stdarg.h>

/* Prints the reason (report/format.h), ends the run. Any core, any lock held. */
typedef void fatal_way(const char *format, va_list arguments);

/* Boot core, once, before any fatal(). */
void fatal_register(fatal_way *way);

/* Without a registered way the core stays here. Any core, any lock held. */
_Noreturn void fatal(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
