/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SERIAL_UART_H
#define SERIAL_UART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct uart {
	const struct uart_ops *ops;
	volatile uint8_t *regs;
	unsigned int shift; /* 16550: registers are 1 << shift bytes apart. */
	bool words;	    /* Registers take 32-bit accesses. */
};

struct uart_ops {
	unsigned int status; /* Offset, before the shift, of a register that a read does not change. */
	/* Keeps a boot loader's settings (baud rate). */
	void (*init)(const struct uart *uart);
	/* Sends what fits now; returns how much. */
	size_t (*send)(const struct uart *uart, const char *bytes, size_t size);
	bool (*is_idle)(const struct uart *uart);
};

/* The console's; its `ops` are NULL where it is in memory alone. Any core. */
const struct uart *console_uart(void);

extern const struct uart_ops pl011_ops;
extern const struct uart_ops sbsa_ops; /* Generic UART: a subset of the PL011. */
extern const struct uart_ops ns16550_ops;
extern const struct uart_ops lpuart_ops;

#endif
