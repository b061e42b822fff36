/* SPDX-License-Identifier: BSD-2-Clause */
/* What the console prints, on a PL011 in memory that is always ready. */
#ifndef PRINTED_H
#define PRINTED_H

#include <stddef.h>
#include <stdint.h>

/* Without carriage returns, and terminated. */
extern char printed[8192];
extern size_t printed_length;

/* Resets the hooks of arch.h and begins a console that has printed nothing. */
void printed_begin(void);
void printed_forget(void);
/* The hook that it sets: a byte that is written to the UART. */
void printed_write(volatile void *reg, uint32_t value);

/* How often the text is in it. */
unsigned int printed_count(const char *text);

#endif
