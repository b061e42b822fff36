/* SPDX-License-Identifier: BSD-2-Clause */
/* A UART that is polled. */
#ifndef SERIAL_UART_H
#define SERIAL_UART_H

#include <stdbool.h>
#include <stdint.h>

struct uart {
	const struct uart_ops *ops;
	volatile uint8_t *regs;
	unsigned int shift; /* Registers are 1 << shift bytes apart, where that differs. */
};

struct uart_ops {
	/* Makes sure that it transmits; what a boot loader set up (the baud rate above all) stays. */
	void (*init)(const struct uart *uart);
	bool (*has_room)(const struct uart *uart);
	void (*put)(const struct uart *uart, char c);
	bool (*is_idle)(const struct uart *uart);
};

extern const struct uart_ops pl011_ops;
extern const struct uart_ops ns16550_ops;

#endif
