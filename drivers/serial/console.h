/* SPDX-License-Identifier: BSD-2-Clause */
/* The console: where bytes for people go, a UART and memory that a debugger reads (rtt.h). Output only so far. */
#ifndef SERIAL_CONSOLE_H
#define SERIAL_CONSOLE_H

#include <stddef.h>
#include <stdint.h>

#include "firmware/description.h"

/*
 * Takes the described console, mapping it. 0; -ENODEV where its kind is not supported, -EINVAL where its
 * registers are more than 16 bytes apart, -ENOMEM: what was the console before stays. Boot core
 * only.
 */
int console_init(const struct console_description *console);

/* From now on no UART is used: memory alone, and whoever reads it is waited for, bounded. Boot core only. */
void console_in_memory(void);

/*
 * Writes bytes, '\n' as "\r\n" on a UART. A UART that takes nothing for 10 ms gets no more of that line, and after 64
 * such lines in a row no more at all, which memory is told. Memory takes every byte, before console_init(), too.
 * Context: no lock is taken; callers serialise (report/print.h does).
 */
void console_write(const char *text, size_t size);

/* Waits (bounded) until everything has left the UART, or was read from memory: before powering off. */
void console_flush(void);

#endif
