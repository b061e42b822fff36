/* SPDX-License-Identifier: BSD-2-Clause */
/* LPUART of i.MX 7ULP, 8 and 9, set up by a boot loader. */
#include "base/arch.h"
#include "base/bits.h"
#include "serial/uart.h"

#define STAT 0x14U
#define STAT_TC BIT32(22)
#define STAT_TDRE BIT32(23)
#define CTRL 0x18U
#define CTRL_TE BIT32(19)
#define DATA 0x1cU

static void lpuart_init(const struct uart *uart)
{
	uint32_t control = arch_read32(uart->regs + CTRL);

	if (!(control & CTRL_TE)) {
		arch_write32(uart->regs + CTRL, control | CTRL_TE);
	}
}

/* The FIFO's depth varies. */
static size_t lpuart_send(const struct uart *uart, const char *bytes, size_t size)
{
	if (!size || !(arch_read32(uart->regs + STAT) & STAT_TDRE)) {
		return 0;
	}
	arch_write32(uart->regs + DATA, (uint8_t)bytes[0]);
	return 1;
}

static bool lpuart_is_idle(const struct uart *uart)
{
	return arch_read32(uart->regs + STAT) & STAT_TC;
}

const struct uart_ops lpuart_ops = {
	.status = STAT, .init = lpuart_init, .send = lpuart_send, .is_idle = lpuart_is_idle};
