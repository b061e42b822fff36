/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/console_input.h"

#include <stddef.h>

#include "base/arch.h"
#include "base/bits.h"
#include "base/feature.h"
#include "serial/rtt.h"
#include "serial/uart.h"

#define BYTE 0xffU

/* PL011 (DDI 0183 3.3), Generic UART (DEN0094). */
#define UARTDR 0x00U
#define UARTDR_ERRORS (0xfU << 8)
#define UARTFR 0x18U
#define UARTFR_RXFE BIT32(4)
#define UARTCR 0x30U
#define UARTCR_RXE BIT32(9)

/* 16550. */
#define RBR 0U
#define LSR 5U
#define LSR_DR BIT32(0)
#define LSR_ERRORS (7U << 1) /* Overrun apart, these are of the byte that is read next. */

/* LPUART. */
#define STAT 0x14U
#define STAT_RDRF BIT32(21)
#define CTRL 0x18U
#define CTRL_RE BIT32(18)
#define DATA 0x1cU
#define DATA_RXEMPT BIT32(12)
#define DATA_ERRORS (7U << 13) /* FRETSC, PARITYE, NOISY. */

static bool is_pl011(const struct uart *uart)
{
	return uart->ops == &pl011_ops || uart->ops == &sbsa_ops;
}

static uint32_t read_16550(const struct uart *uart, unsigned int reg)
{
	const volatile uint8_t *at = uart->regs + (reg << uart->shift);

	return uart->words ? arch_read32(at) : arch_read8(at);
}

static int take_16550(const struct uart *uart)
{
	uint32_t status = read_16550(uart, LSR);
	uint32_t value;

	if (!(status & LSR_DR)) {
		return -1;
	}
	value = read_16550(uart, RBR);
	return status & LSR_ERRORS ? -1 : (int)(value & BYTE);
}

static int take_pl011(const struct uart *uart)
{
	uint32_t value;

	if (arch_read32(uart->regs + UARTFR) & UARTFR_RXFE) {
		return -1;
	}
	value = arch_read32(uart->regs + UARTDR);
	return value & UARTDR_ERRORS ? -1 : (int)(value & BYTE);
}

static int take_lpuart(const struct uart *uart)
{
	uint32_t value;

	if (!(arch_read32(uart->regs + STAT) & STAT_RDRF)) {
		return -1;
	}
	value = arch_read32(uart->regs + DATA);
	return value & (DATA_RXEMPT | DATA_ERRORS) ? -1 : (int)(value & BYTE);
}

void console_listen(void)
{
	const struct uart *uart = console_uart();

	if (uart->ops == &pl011_ops) {
		arch_write32(uart->regs + UARTCR, arch_read32(uart->regs + UARTCR) | UARTCR_RXE);
	} else if (uart->ops == &lpuart_ops) {
		arch_write32(uart->regs + CTRL, arch_read32(uart->regs + CTRL) | CTRL_RE);
	}
}

bool console_can_read(void)
{
	return console_uart()->ops || rtt_is_read();
}

static int take(const struct uart *uart)
{
	if (is_pl011(uart)) {
		return take_pl011(uart);
	}
	return uart->ops == &ns16550_ops ? take_16550(uart) : take_lpuart(uart);
}

int console_read(void)
{
	const struct uart *uart = console_uart();
	int byte = uart->ops ? take(uart) : -1;

	/* A PL011 that is not there may read as 0: a byte without an error. */
	return byte > 0 ? byte : rtt_read();
}

LINKED(console_listen);
