/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/console.h"

#include <errno.h>
#include <string.h>

#include "base/arch.h"
#include "base/deadline.h"
#include "serial/rtt.h"
#include "serial/uart.h"

#define UART_SIZE 0x1000U
#define WORD_SHIFT 2U /* Registers of four bytes. */
#define WORD_WIDTH 4U
#define SHIFT_MAX 4U
#define BYTE_US 10000U /* A byte at 1200 baud. */
#define FLUSH_US 500000U
#define CUT_LINES_MAX 64U /* In a row; then the UART is given up. */

static struct uart uart;
static bool cut; /* Timed out: drops the rest of the line. */
static unsigned int cut_lines;

const struct uart *console_uart(void)
{
	return &uart;
}

/* Does not probe byte registers: they may not take a word access. */
static bool console_answers(const struct uart *at)
{
	uint32_t value;

	return !at->words || arch_probe_read32(at->regs + (at->ops->status << at->shift), &value);
}

int console_init(const struct console_description *console)
{
	struct uart found = {.words = true};

	switch (console->kind) {
	case CONSOLE_PL011:
		found.ops = &pl011_ops;
		break;
	case CONSOLE_SBSA:
		found.ops = &sbsa_ops;
		break;
	case CONSOLE_16550:
		found.ops = &ns16550_ops;
		found.shift = console->reg_shift;
		found.words = console->reg_io_width ? console->reg_io_width == WORD_WIDTH : found.shift >= WORD_SHIFT;
		break;
	case CONSOLE_LPUART:
		if (!ARCH_MORE_CONSOLES) {
			return -ENODEV;
		}
		found.ops = &lpuart_ops;
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
	if (!console_answers(&found)) {
		return -ENODEV;
	}
	found.ops->init(&found);
	uart = found;
	cut = false;
	cut_lines = 0;
	return 0;
}

/* 0: no room in time. */
static size_t console_wait_and_send(const char *bytes, size_t size)
{
	struct deadline deadline = deadline_in_us(BYTE_US);
	size_t sent;

	while (!(sent = uart.ops->send(&uart, bytes, size)) && !deadline_passed(&deadline)) {
		arch_relax();
	}
	return sent;
}

/* A UART that takes nothing costs one time-out for each line. */
static void console_send(const char *bytes, size_t size)
{
	while (size && !cut) {
		size_t sent = console_wait_and_send(bytes, size);

		cut = !sent;
		bytes += sent;
		size -= sent;
	}
}

static void console_end_line(void)
{
	static const char given_up[] = "console: the UART takes nothing, and gets no more\n";

	console_send("\r\n", 2);
	cut_lines = cut ? cut_lines + 1 : 0;
	cut = false;
	if (cut_lines == CUT_LINES_MAX) {
		uart.ops = NULL;
		rtt_write(given_up, sizeof(given_up) - 1);
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
	while (size && uart.ops) {
		const char *end = memchr(text, '\n', size);
		size_t length = end ? (size_t)(end - text) : size;

		console_send(text, length);
		if (end) {
			console_end_line();
			length++;
		}
		text += length;
		size -= length;
	}
}

bool console_has_uart(void)
{
	return uart.ops;
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
