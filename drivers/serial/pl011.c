/* SPDX-License-Identifier: BSD-2-Clause */
/* The PL011 (DDI 0183). */
#include "arch.h"
#include "base/bits.h"
#include "serial/uart.h"

#define UARTDR 0x00U
#define UARTFR 0x18U
#define UARTFR_BUSY BIT32(3)
#define UARTFR_TXFF BIT32(5)
#define UARTLCR_H 0x2cU
#define UARTLCR_H_FEN BIT32(4)
#define UARTLCR_H_8_BITS (3U << 5)
#define UARTCR 0x30U
#define UARTCR_UARTEN BIT32(0)
#define UARTCR_TXE BIT32(8)
#define UARTIMSC 0x38U

static void init(const struct uart *uart)
{
	uint32_t control = arch_read32(uart->regs + UARTCR);

	if ((control & (UARTCR_UARTEN | UARTCR_TXE)) == (UARTCR_UARTEN | UARTCR_TXE)) {
		return;
	}
	arch_write32(uart->regs + UARTIMSC, 0);
	arch_write32(uart->regs + UARTLCR_H, UARTLCR_H_8_BITS | UARTLCR_H_FEN);
	arch_write32(uart->regs + UARTCR, control | UARTCR_UARTEN | UARTCR_TXE);
}

static bool has_room(const struct uart *uart)
{
	return !(arch_read32(uart->regs + UARTFR) & UARTFR_TXFF);
}

static void put(const struct uart *uart, char c)
{
	arch_write32(uart->regs + UARTDR, (uint8_t)c);
}

static bool is_idle(const struct uart *uart)
{
	return !(arch_read32(uart->regs + UARTFR) & UARTFR_BUSY);
}

const struct uart_ops pl011_ops = {.init = init, .has_room = has_room, .put = put, .is_idle = is_idle};
