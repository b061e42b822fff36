/* SPDX-License-Identifier: BSD-2-Clause */
/* PL011 (DDI 0183) and Generic UART (DEN0094), a subset that firmware sets up. */
#include "base/arch.h"
#include "base/bits.h"
#include "serial/uart.h"

#define UARTDR 0x00U
#define UARTFR 0x18U
#define UARTFR_BUSY BIT32(3)
#define UARTFR_TXFF BIT32(5)
#define UARTFR_TXFE BIT32(7)
#define UARTLCR_H 0x2cU
#define UARTLCR_H_FEN BIT32(4)
#define UARTLCR_H_8_BITS (3U << 5)
#define UARTCR 0x30U
#define UARTCR_UARTEN BIT32(0)
#define UARTCR_TXE BIT32(8)
#define UARTIMSC 0x38U
#define FIFO_PLACES_MIN 16U

static void pl011_init(const struct uart *uart)
{
	uint32_t control = arch_read32(uart->regs + UARTCR);

	if ((control & (UARTCR_UARTEN | UARTCR_TXE)) == (UARTCR_UARTEN | UARTCR_TXE)) {
		return;
	}
	arch_write32(uart->regs + UARTIMSC, 0);
	arch_write32(uart->regs + UARTLCR_H, UARTLCR_H_8_BITS | UARTLCR_H_FEN);
	arch_write32(uart->regs + UARTCR, control | UARTCR_UARTEN | UARTCR_TXE);
}

static void pl011_leave(const struct uart *uart)
{
	(void)uart;
}

static bool pl011_has_fifo(const struct uart *uart)
{
	return uart->ops == &pl011_ops && arch_read32(uart->regs + UARTLCR_H) & UARTLCR_H_FEN;
}

/* An empty FIFO takes 16 bytes at least. */
static size_t pl011_room(const struct uart *uart)
{
	uint32_t flags = arch_read32(uart->regs + UARTFR);

	if (flags & UARTFR_TXFF) {
		return 0;
	}
	return flags & UARTFR_TXFE && pl011_has_fifo(uart) ? FIFO_PLACES_MIN : 1;
}

static size_t pl011_send(const struct uart *uart, const char *bytes, size_t size)
{
	size_t most = pl011_room(uart);
	size_t count = size < most ? size : most;

	for (size_t i = 0; i < count; i++) {
		arch_write32(uart->regs + UARTDR, (uint8_t)bytes[i]);
	}
	return count;
}

static bool pl011_is_idle(const struct uart *uart)
{
	return !(arch_read32(uart->regs + UARTFR) & UARTFR_BUSY);
}

const struct uart_ops pl011_ops = {.status = UARTFR, .init = pl011_init, .send = pl011_send, .is_idle = pl011_is_idle};
const struct uart_ops sbsa_ops = {.status = UARTFR, .init = pl011_leave, .send = pl011_send, .is_idle = pl011_is_idle};
