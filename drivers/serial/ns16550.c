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

static void write(const struct uart *uart, unsigned int reg, uint8_t value)
{
	volatile uint8_t *at = uart->regs + (reg << uart->shift);

	if (uart->words) {
		arch_write32(at, value);
	} else {
		arch_write8(at, value);
	}
}

static uint32_t status(const struct uart *uart)
{
	const volatile uint8_t *at = uart->regs + (LSR << uart->shift);

	return uart->words ? arch_read32(at) : arch_read8(at);
}

static void init(const struct uart *uart)
{
	write(uart, IER, 0);
}

/* The FIFO's depth varies. */
static size_t send(const struct uart *uart, const char *bytes, size_t size)
{
	if (!size || !(status(uart) & LSR_THRE)) {
		return 0;
	}
	write(uart, THR, (uint8_t)bytes[0]);
	return 1;
}

static bool is_idle(const struct uart *uart)
{
	return status(uart) & LSR_TEMT;
}

const struct uart_ops ns16550_ops = {.status = LSR, .init = init, .send = send, .is_idle = is_idle};
