/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/console.h"

#include <errno.h>

#include "arch.h"
#include "base/deadline.h"
#include "serial/uart.h"

#define UART_SIZE 0x1000U
#define BYTE_US 10000U	 /* Longer than one byte takes at 1200 baud. */
#define FLUSH_US 500000U /* A full FIFO at a slow rate. */

static volatile uint8_t *regs;
static const struct uart_ops *uart;

static const struct uart_ops *ops_for(enum console_kind kind)
{
	switch (kind) {
	case CONSOLE_PL011:
		return &pl011_ops;
	case CONSOLE_16550:
		return &ns16550_ops;
	default:
		return NULL;
	}
}

int console_init(const struct console_description *console)
{
	const struct uart_ops *ops = ops_for(console->kind);
	volatile uint8_t *mapped;

	if (!ops) {
		return -ENODEV;
	}
	mapped = arch_map_device(console->base, UART_SIZE);
	if (!mapped) {
		return -ENOMEM;
	}
	ops->init(mapped);
	regs = mapped;
	uart = ops;
	return 0;
}

/* A UART that takes nothing (flow control, no clock) costs bytes, not the run. */
static void put(char c)
{
	struct deadline deadline;

	if (!uart->has_room(regs)) {
		deadline = deadline_in_us(BYTE_US);
		while (!uart->has_room(regs)) {
			if (deadline_passed(&deadline)) {
				return;
			}
			arch_relax();
		}
	}
	uart->put(regs, c);
}

void console_write(const char *text, size_t size)
{
	if (!uart) {
		return;
	}
	for (size_t i = 0; i < size; i++) {
		if (text[i] == '\n') {
			put('\r');
		}
		put(text[i]);
	}
}

void console_flush(void)
{
	struct deadline deadline;

	if (!uart) {
		return;
	}
	deadline = deadline_in_us(FLUSH_US);
	while (!uart->is_idle(regs) && !deadline_passed(&deadline)) {
		arch_relax();
	}
}
