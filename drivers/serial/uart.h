/* SPDX-License-Identifier: BSD-2-Clause */
/* Polled UART. */
#ifndef SERIAL_UART_H
#define SERIAL_UART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uart {
	const struct uart_ops *ops;
	volatile uint8_t *regs;
	unsigned int shift; /* Registers are 1 << shift bytes apart. */
};

struct uart_ops {
	/* Keeps a boot loader's settings (baud rate). */
	void (*init)(const struct uart *uart);
	/* Sends what fits now; returns the number. */
	size_t (*send)(const struct uart *uart, const char *bytes, size_t size);
	bool (*is_idle)(const struct uart *uart);
};

extern const struct uart_ops pl011_ops;
extern const struct uart_ops sbsa_ops; /* Generic UART: a subset of the PL011. */
extern const struct uart_ops ns16550_ops;

#endif
