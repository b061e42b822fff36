/* SPDX-License-Identifier: BSD-2-Clause */
/* The console: a UART, and memory that a debugger reads (rtt.h). Output only. */
#ifndef SERIAL_CONSOLE_H
#define SERIAL_CONSOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "serial/console_description.h"

/*
 * Maps and uses the described console.
 *
 * Return:      0
 *              -ENODEV    its kind is not supported, or it does not answer
 *              -EINVAL    registers more than 16 bytes apart
 *              -ENOMEM    it cannot be mapped
 * State left:  on an error the previous console stays.
 * Context:     boot core.
 */
int console_init(const struct console_description *console);

/* Turns the UART off for good; waits, bounded, for the debugger that reads the memory. Boot core. */
void console_in_memory(void);

/*
 * Writes bytes; a UART gets "\r\n" for '\n'. A UART that takes nothing for 10 ms loses the rest of the line; after 64
 * such lines in a row it is given up (noted in memory). Memory gets every byte, also before console_init().
 *
 * Context:     no lock; callers serialise (report/print.h).
 */
void console_write(const char *text, size_t size);

/* Does a UART get what is printed? False: memory alone. */
bool console_has_uart(void);

/* Waits, bounded, until the UART is idle and the memory was read: before power-off. */
void console_flush(void);

#endif
