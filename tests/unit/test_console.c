/* SPDX-License-Identifier: BSD-2-Clause */
/* The console's UARTs in memory, also one that takes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "base/arch.h"
#include "serial/console.h"
#include "serial/private.h"

#define LSR_EMPTY 0x60U

static union {
	uint8_t bytes[0x1000];
	uint32_t words[0x400];
} uart;

static volatile void *map_uart(uint64_t pa, uint64_t size)
{
	(void)pa;
	return size <= sizeof(uart) ? &uart : NULL;
}

static int setup(void **state)
{
	(void)state;
	arch_hooks_reset();
	arch_hooks.map_device = map_uart;
	memset(&uart, 0, sizeof(uart));
	return 0;
}

static int take(enum console_kind kind, uint32_t shift)
{
	const struct console_description console = {.kind = kind, .base = 0x1000, .reg_shift = shift};

	return console_init(&console);
}

static void test_16550_of_bytes(void **state)
{
	(void)state;
	memset(&uart, 0xee, sizeof(uart));
	uart.bytes[5] = LSR_EMPTY;
	assert_int_equal(take(CONSOLE_16550, 0), 0);
	assert_int_equal(uart.bytes[1], 0);
	console_write("A", 1);
	assert_int_equal(uart.bytes[0], 'A');
	assert_int_equal(uart.bytes[2], 0xee);
	assert_int_equal(uart.bytes[3], 0xee);
}

static void test_16550_of_words(void **state)
{
	(void)state;
	memset(&uart, 0xee, sizeof(uart));
	uart.words[5] = LSR_EMPTY;
	assert_int_equal(take(CONSOLE_16550, 2), 0);
	assert_int_equal(uart.words[1], 0);
	console_write("A", 1);
	assert_int_equal(uart.words[0], 'A');
	assert_int_equal(uart.words[2], 0xeeeeeeee);
}

static void test_16550_of_a_described_width(void **state)
{
	struct console_description console = {.kind = CONSOLE_16550, .base = 0x1000, .reg_shift = 2, .reg_io_width = 1};

	(void)state;
	memset(&uart, 0xee, sizeof(uart));
	uart.bytes[20] = LSR_EMPTY;
	assert_int_equal(console_init(&console), 0);
	console_write("A", 1);
	assert_int_equal(uart.bytes[0], 'A');
	assert_int_equal(uart.bytes[1], 0xee);
	console.reg_io_width = 4;
	assert_int_equal(console_init(&console), 0);
	console_write("B", 1);
	assert_int_equal(uart.words[0], 'B');
}

static void test_lpuart(void **state)
{
	(void)state;
	uart.words[0x14 / 4] = 3U << 22;
	uart.words[0x18 / 4] = 1U << 18;
	assert_int_equal(take(CONSOLE_LPUART, 0), 0);
	assert_int_equal(uart.words[0x18 / 4], 3U << 18);
	console_write("A", 1);
	console_flush();
	assert_int_equal(uart.words[0x1c / 4], 'A');
}

static void test_pl011_has_no_shift(void **state)
{
	(void)state;
	assert_int_equal(take(CONSOLE_PL011, 2), 0);
	console_write("A", 1);
	assert_int_equal(uart.words[0], 'A');
	assert_int_equal(uart.words[0x30 / 4] & 0x101U, 0x101);
}

static volatile void *map_nothing(uint64_t pa, uint64_t size)
{
	(void)pa;
	(void)size;
	return NULL;
}

static bool answers_nothing(const volatile void *reg)
{
	(void)reg;
	return true;
}

static void test_refused_and_the_console_before_stays(void **state)
{
	(void)state;
	assert_int_equal(take(CONSOLE_PL011, 0), 0);
	assert_int_equal(take(CONSOLE_NONE, 0), -ENODEV);
	arch_hooks.map_device = map_nothing;
	assert_int_equal(take(CONSOLE_16550, 0), -ENOMEM);
	console_write("B", 1);
	assert_int_equal(uart.words[0], 'B');
	arch_hooks.map_device = map_uart;
	arch_hooks.is_absent = answers_nothing;
	assert_int_equal(take(CONSOLE_PL011, 0), -ENODEV);
	assert_int_equal(take(CONSOLE_LPUART, 0), -ENODEV);
	assert_int_equal(take(CONSOLE_16550, 2), -ENODEV);
	arch_hooks.is_absent = NULL;
	assert_int_equal(take(CONSOLE_16550, 5), -EINVAL);
	assert_int_equal(take(CONSOLE_16550, 0xffffffff), -EINVAL);
	console_write("A", 1);
	assert_int_equal(uart.words[0], 'A');
}

/* --- A transmitter that loses a byte sent while it is full, and sends one byte in some of the looks at it. --- */

/* Of eight looks, those at which a byte leaves. */
#define BYTE_LEAVES(looks) (0x5aU >> (looks) % 8U & 1U)

static struct {
	bool pl011;
	bool fifo;	   /* PL011 with 16 places; else one. */
	unsigned int held; /* Bytes that wait. */
	unsigned int shifting;
	unsigned int looks;
	unsigned int lost;
	unsigned int settings; /* Writes to other registers. */
	char sent[64];
	unsigned int sent_count;
} line;

static unsigned int places(void)
{
	return line.pl011 && line.fifo ? 16 : 1;
}

static uint32_t pl011_flags(void)
{
	return (line.held ? 1U << 3 : 1U << 7) | (line.held == places() ? 1U << 5 : 0);
}

static uint32_t line_read(const volatile void *reg)
{
	size_t offset = (size_t)((const volatile uint8_t *)reg - uart.bytes);
	uint32_t value = 0;

	if (line.pl011 && offset == 0x2c) {
		return line.fifo ? 0x70 : 0x60;
	}
	if (line.pl011 && offset == 0x30) {
		return 0x301;
	}
	if (line.pl011) {
		value = pl011_flags();
		line.held -= line.held && BYTE_LEAVES(line.looks);
		line.looks++;
		return value;
	}
	value = (line.held ? 0 : 0x20U) | (line.held || line.shifting ? 0 : 0x40U) | 0x01U;
	if (BYTE_LEAVES(line.looks++)) {
		line.shifting = line.held;
		line.held = 0;
	}
	return value;
}

static void line_write(volatile void *reg, uint32_t value)
{
	if ((volatile uint8_t *)reg != uart.bytes) {
		line.settings++;
		return;
	}
	if (line.held == places()) {
		line.lost++;
		return;
	}
	line.held++;
	line.sent[line.sent_count++] = (char)value;
}

static void take_line(enum console_kind kind, uint32_t shift, bool fifo)
{
	arch_hooks.read32 = line_read;
	arch_hooks.write32 = line_write;
	memset(&line, 0, sizeof(line));
	line.pl011 = kind == CONSOLE_PL011;
	line.fifo = fifo;
	assert_int_equal(take(kind, shift), 0);
}

static void assert_sent(const char *wanted)
{
	assert_int_equal(line.lost, 0);
	line.sent[line.sent_count] = '\0';
	assert_string_equal(line.sent, wanted);
}

static void test_nothing_is_sent_into_a_full_transmitter(void **state)
{
	static const struct {
		enum console_kind kind;
		uint32_t shift;
		bool fifo;
	} lines[] = {{CONSOLE_16550, 2, false}, {CONSOLE_PL011, 0, false}, {CONSOLE_PL011, 0, true}};

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		take_line(lines[i].kind, lines[i].shift, lines[i].fifo);
		console_write("one line of more than sixteen\nand another", 41);
		assert_sent("one line of more than sixteen\r\nand another");
		console_flush();
		assert_int_equal(line.held + line.shifting, 0);
	}
}

/* Speed and interrupts stay if both directions are on. */
static void test_a_pl011_that_is_set_up_is_left(void **state)
{
	(void)state;
	take_line(CONSOLE_PL011, 0, true);
	assert_int_equal(line.settings, 0);
	assert_int_equal(uart.words[0x30 / 4], 0);
}

static void test_a_console_in_memory_leaves_the_uart(void **state)
{
	(void)state;
	take_line(CONSOLE_PL011, 0, true);
	console_in_memory();
	console_write("A", 1);
	assert_sent("");
}

/* --- A transmitter that takes `left` bytes more, and then none. --- */

#define LINES_UNTIL_GIVEN_UP 64

static struct {
	unsigned int left;
	unsigned int took;
} stuck;

static uint32_t stuck_read(const volatile void *reg)
{
	size_t offset = (size_t)((const volatile uint8_t *)reg - uart.bytes);

	if (offset == 0x18) {
		return stuck.left ? 0 : 1U << 5 | 1U << 3;
	}
	if (offset == 5U << 2) {
		return stuck.left ? LSR_EMPTY : 0;
	}
	return offset == 0x30 ? 0x301 : 0;
}

static void stuck_write(volatile void *reg, uint32_t value)
{
	(void)value;
	if ((volatile uint8_t *)reg == uart.bytes) {
		stuck.left--;
		stuck.took++;
	}
}

static void take_stuck(enum console_kind kind, unsigned int left)
{
	arch_hooks.read32 = stuck_read;
	arch_hooks.write32 = stuck_write;
	assert_int_equal(take(kind, 2), 0);
	stuck.left = left;
	stuck.took = 0;
}

/* Waits of 10 ms. */
static unsigned int waits(const char *text)
{
	uint64_t before = arch_hooks.ticks;

	console_write(text, strlen(text));
	return (unsigned int)((arch_hooks.ticks - before) * 100 / arch_tick_hz());
}

/* Behind the block and its name; far from full. */
static unsigned int memory_has(const char *text)
{
	const char *at = (const char *)(uintptr_t)rtt_address() + offsetof(struct rtt, buffer);
	unsigned int count = 0;

	while ((at = strstr(at, text))) {
		at++;
		count++;
	}
	return count;
}

static const enum console_kind kinds[] = {CONSOLE_16550, CONSOLE_PL011, CONSOLE_SBSA};

static void test_a_uart_that_takes_nothing_costs_one_wait_a_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		take_stuck(kinds[i], 3);
		assert_int_equal(waits("abcdefgh"), 1);
		assert_int_equal(waits("the same line"), 0);
		assert_int_equal(waits(" ends\n"), 0);
		assert_int_equal(stuck.took, 3);
		assert_int_equal(waits("two\nlines\n"), 2);
		stuck.left = 100;
		assert_int_equal(waits("again\n"), 0);
		assert_int_equal(stuck.took, 3 + 7);
	}
}

static void test_a_uart_that_goes_on_taking_nothing_is_given_up(void **state)
{
	unsigned int count;

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char marker[] = "marker ?\n";

		*strchr(marker, '?') = (char)('0' + i);
		take_stuck(kinds[i], 0);
		for (count = 1; count < LINES_UNTIL_GIVEN_UP; count++) {
			assert_int_equal(waits("x\n"), 1);
		}
		stuck.left = 3;
		assert_int_equal(waits("x\n"), 0);
		for (count = 1; count < LINES_UNTIL_GIVEN_UP; count++) {
			assert_int_equal(waits("x\n"), 1);
		}
		assert_int_equal(memory_has("takes nothing, and gets no more"), i);
		assert_int_equal(waits("x\n"), 1);
		stuck.left = 100;
		assert_int_equal(waits(marker), 0);
		assert_int_equal(stuck.took, 3);
		assert_int_equal(memory_has(marker), 1);
		console_flush();
		assert_int_equal(memory_has("takes nothing, and gets no more"), i + 1);
	}
}

/* --- A generic UART: it has these registers of the PL011 and no more. --- */

static unsigned int beyond; /* Accesses to registers that it lacks. */

static void count_beyond(const volatile void *reg, bool write)
{
	size_t offset = (size_t)((const volatile uint8_t *)reg - uart.bytes);

	/* DR, RSR/ECR, FR, IMSC to ICR; writes to DR only. */
	if (write ? offset != 0 : offset > 4 && offset != 0x18 && (offset < 0x38 || offset > 0x44)) {
		beyond++;
	}
}

static uint32_t generic_read(const volatile void *reg)
{
	count_beyond(reg, false);
	return 1U << 7;
}

static void generic_write(volatile void *reg, uint32_t value)
{
	(void)value;
	count_beyond(reg, true);
	stuck.took++;
}

static void test_a_generic_uart_gets_no_pl011_registers(void **state)
{
	(void)state;
	beyond = 0;
	stuck.took = 0;
	arch_hooks.read32 = generic_read;
	arch_hooks.write32 = generic_write;
	assert_int_equal(take(CONSOLE_SBSA, 0), 0);
	console_write("one line\n", 9);
	console_flush();
	assert_int_equal(stuck.took, 10);
	assert_int_equal(beyond, 0);
	arch_hooks.is_absent = answers_nothing;
	assert_int_equal(take(CONSOLE_SBSA, 0), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_16550_of_bytes, setup),
		cmocka_unit_test_setup(test_16550_of_words, setup),
		cmocka_unit_test_setup(test_16550_of_a_described_width, setup),
		cmocka_unit_test_setup(test_lpuart, setup),
		cmocka_unit_test_setup(test_pl011_has_no_shift, setup),
		cmocka_unit_test_setup(test_a_uart_that_takes_nothing_costs_one_wait_a_line, setup),
		cmocka_unit_test_setup(test_a_uart_that_goes_on_taking_nothing_is_given_up, setup),
		cmocka_unit_test_setup(test_a_generic_uart_gets_no_pl011_registers, setup),
		cmocka_unit_test_setup(test_refused_and_the_console_before_stays, setup),
		cmocka_unit_test_setup(test_nothing_is_sent_into_a_full_transmitter, setup),
		cmocka_unit_test_setup(test_a_pl011_that_is_set_up_is_left, setup),
		cmocka_unit_test_setup(test_a_console_in_memory_leaves_the_uart, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
