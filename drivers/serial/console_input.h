/* SPDX-License-Identifier: BSD-2-Clause */
/* What is typed at the console: a UART's receiver. */
#ifndef SERIAL_CONSOLE_INPUT_H
#define SERIAL_CONSOLE_INPUT_H

#include <stdbool.h>

/* Turns the receiver on. Boot core; so are all. */
void console_listen(void);

/* False: no UART, or one without a receiver that is known here. */
bool console_can_read(void);

/* The next byte, or -1: none is there, or it came with an error. Does not wait. */
int console_read(void);

#endif
