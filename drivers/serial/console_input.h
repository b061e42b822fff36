/* SPDX-License-Identifier: BSD-2-Clause */
/* What is typed at the console: by a UART's receiver, or by a debugger into the console in memory. */
#ifndef SERIAL_CONSOLE_INPUT_H
#define SERIAL_CONSOLE_INPUT_H

#include <stdbool.h>

/* Turns the receiver on. Boot core; so are all. */
void console_listen(void);

/* False: no UART, and no debugger reads the console in memory. */
bool console_can_read(void);

/* The next byte, or -1: none is there, or it came with an error. Does not wait. */
int console_read(void);

#endif
