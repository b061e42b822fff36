/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/fatal.h"

#include <stddef.h>

#include "base/arch.h"

static fatal_way *registered;

void fatal_register(fatal_way *way)
{
	registered = way;
}

_Noreturn void fatal(const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	if (registered) {
		registered(format, arguments);
	}
	va_end(arguments);
	for (;;) {
		arch_event_wait();
	}
}
