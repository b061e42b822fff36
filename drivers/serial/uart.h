/* SPDX-License-Identifier: BSD-2-Clause */
/* A UART that is polled. */
#ifndef SERIAL_UART_H
#define SERIAL_UART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uart {
	const struct uart_ops *ops;
	volatile uint8_t *regs;
	unsigned int shift; /* Registers are 1 << shift bytes apart, where that differs. */
};

struct uart_ops {
	/* Makes sure that it transmits; what a boot loader set up (the baud rate above all) stays. */
	void (*init)(const struct uart *uart);
	/* Sends as many of the bytes as there is room for now, and says how many: 0 while there is none. */
	size_t (*send)(const struct uart *uart, const char *bytes, size_t size);
	bool (*is_idle)(const struct uart *uart);
};

extern const struct uart_ops pl011_ops;
extern const struct uart_ops sbsa_ops; /* The PL011's registers that a generic UART has. */
extern const struct uart_ops ns16550_ops;

#endif
