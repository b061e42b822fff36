/* SPDX-License-Identifier: BSD-2-Clause */
/* 16550, set up by a boot loader. */
#include "base/arch.h"
#include "base/bits.h"
#include "serial/uart.h"

#define THR 0U
#define IER 1U
#define LSR 5U
#define LSR_THRE BIT32(5)
#define LSR_TEMT BIT32(6)

static void ns16550_write(const struct uart *uart, unsigned int reg, uint8_t value)
{
	volatile uint8_t *at = uart->regs + (reg << uart->shift);

	if (uart->words) {
		arch_write32(at, value);
	} else {
		arch_write8(at, value);
	}
}

static uint32_t ns16550_status(const struct uart *uart)
{
	const volatile uint8_t *at = uart->regs + (LSR << uart->shift);

	return uart->words ? arch_read32(at) : arch_read8(at);
}

static void ns16550_init(const struct uart *uart)
{
	ns16550_write(uart, IER, 0);
}

/* The FIFO's depth varies. */
static size_t ns16550_send(const struct uart *uart, const char *bytes, size_t size)
{
	if (!size || !(ns16550_status(uart) & LSR_THRE)) {
		return 0;
	}
	ns16550_write(uart, THR, (uint8_t)bytes[0]);
	return 1;
}

static bool ns16550_is_idle(const struct uart *uart)
{
	return ns16550_status(uart) & LSR_TEMT;
}

const struct uart_ops ns16550_ops = {
	.status = LSR, .init = ns16550_init, .send = ns16550_send, .is_idle = ns16550_is_idle};
