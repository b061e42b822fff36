/* SPDX-License-Identifier: BSD-2-Clause */
/* Console output: a UART, and memory (rtt.h). */
#ifndef SERIAL_CONSOLE_H
#define SERIAL_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "serial/console_description.h"

/*
 * Maps the console and switches to it.
 *
 * Return:      0
 *              -ENODEV    not supported, or no answer
 *              -EINVAL    a 16550 with registers over 16 bytes apart
 *              -ENOMEM    not mapped
 * State left:  on an error the previous console stays.
 * Context:     boot core.
 */
int console_init(const struct console_description *console);

/* Turns the UART off for good, for a debugger that reads the memory. Waits, bounded. Boot core. */
void console_in_memory(void);

/*
 * Writes to memory, also before console_init(), and to the UART, with "\r\n" for '\n'. A UART that takes nothing for 10
 * ms loses the rest of the line, and after 64 such lines in a row is given up. Callers serialise (report/print.h).
 */
void console_write(const char *text, size_t size);

/* False: memory alone. */
bool console_has_uart(void);

/* Before power-off: waits, bounded, until the UART is idle and the memory read. */
void console_flush(void);

#endif
