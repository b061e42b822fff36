/* SPDX-License-Identifier: BSD-2-Clause */
/* The 16550 with registers four bytes apart, as SoCs have it; left as a boot loader set it up. */
#include "arch.h"
#include "base/bits.h"
#include "serial/uart.h"

#define THR 0x00U
#define IER 0x04U
#define LSR 0x14U
#define LSR_THRE BIT32(5)
#define LSR_TEMT BIT32(6)

static void init(volatile uint8_t *regs)
{
	arch_write32(regs + IER, 0);
}

static bool has_room(const volatile uint8_t *regs)
{
	return arch_read32(regs + LSR) & LSR_THRE;
}

static void put(volatile uint8_t *regs, char c)
{
	arch_write32(regs + THR, (uint8_t)c);
}

static bool is_idle(const volatile uint8_t *regs)
{
	return arch_read32(regs + LSR) & LSR_TEMT;
}

const struct uart_ops ns16550_ops = {.init = init, .has_room = has_room, .put = put, .is_idle = is_idle};
