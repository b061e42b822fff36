/* SPDX-License-Identifier: BSD-2-Clause */
/* A UART that is polled. */
#ifndef SERIAL_UART_H
#define SERIAL_UART_H

#include <stdbool.h>
#include <stdint.h>

struct uart_ops {
	/* Makes sure that it transmits; what a boot loader set up (the baud rate above all) stays. */
	void (*init)(volatile uint8_t *regs);
	bool (*has_room)(const volatile uint8_t *regs);
	void (*put)(volatile uint8_t *regs, char c);
	bool (*is_idle)(const volatile uint8_t *regs);
};

extern const struct uart_ops pl011_ops;
extern const struct uart_ops ns16550_ops;

#endif
