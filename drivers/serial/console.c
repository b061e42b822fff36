/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/console.h"

#include <errno.h>
#include <string.h>

#include "arch.h"
#include "base/deadline.h"
#include "serial/rtt.h"
#include "serial/uart.h"

#define UART_SIZE 0x1000U
#define PL011_FR 0x18U /* Reading it changes nothing. */
#define SHIFT_MAX 4U
#define BYTE_US 10000U	 /* Longer than one byte takes at 1200 baud. */
#define FLUSH_US 500000U /* A full FIFO at a slow rate. */

static struct uart uart;

int console_init(const struct console_description *console)
{
	struct uart found = {.shift = console->reg_shift};
	uint32_t value;

	switch (console->kind) {
	case CONSOLE_PL011:
		found.ops = &pl011_ops;
		break;
	case CONSOLE_16550:
		found.ops = &ns16550_ops;
		break;
	default:
		return -ENODEV;
	}
	if (found.shift > SHIFT_MAX) {
		return -EINVAL;
	}
	found.regs = arch_map_device(console->base, UART_SIZE);
	if (!found.regs) {
		return -ENOMEM;
	}
	if (console->kind == CONSOLE_PL011 && !arch_probe_read32(found.regs + PL011_FR, &value)) {
		return -ENODEV;
	}
	found.ops->init(&found);
	uart = found;
	return 0;
}

/* One byte, sent or given up. */
static size_t wait_and_send(const char *byte)
{
	struct deadline deadline = deadline_in_us(BYTE_US);

	while (!uart.ops->send(&uart, byte, 1) && !deadline_passed(&deadline)) {
		arch_relax();
	}
	return 1;
}

/* A UART that takes nothing (flow control, no clock) costs bytes, not the run. */
static void send(const char *bytes, size_t size)
{
	while (size) {
		size_t sent = uart.ops->send(&uart, bytes, size);

		if (!sent) {
			sent = wait_and_send(bytes);
		}
		bytes += sent;
		size -= sent;
	}
}

void console_in_memory(void)
{
	console_flush();
	uart.ops = NULL;
	rtt_announce_reader();
}

void console_write(const char *text, size_t size)
{
	rtt_write(text, size);
	if (!uart.ops) {
		return;
	}
	while (size) {
		const char *end = memchr(text, '\n', size);
		size_t length = end ? (size_t)(end - text) : size;

		send(text, length);
		if (end) {
			send("\r\n", 2);
			length++;
		}
		text += length;
		size -= length;
	}
}

void console_flush(void)
{
	struct deadline deadline;

	rtt_flush();
	if (!uart.ops) {
		return;
	}
	deadline = deadline_in_us(FLUSH_US);
	while (!uart.ops->is_idle(&uart) && !deadline_passed(&deadline)) {
		arch_relax();
	}
}
