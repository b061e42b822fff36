/* SPDX-License-Identifier: BSD-2-Clause */
/* What is typed, by each UART, and what a UART gives that is no key. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arch.h"
#include "serial/console.h"
#include "serial/console_input.h"
#include "serial/private.h"

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

static void take(enum console_kind kind)
{
	const struct console_description console = {.kind = kind, .base = 0x1000};

	assert_int_equal(console_init(&console), 0);
}

static void test_pl011(void **state)
{
	(void)state;
	take(CONSOLE_PL011);
	console_listen();
	assert_true(uart.words[0x30 / 4] & 1U << 9);
	assert_true(console_can_read());
	uart.words[0x18 / 4] = 1U << 4;
	uart.words[0] = 'k';
	assert_int_equal(console_read(), -1);
	uart.words[0x18 / 4] = 0;
	assert_int_equal(console_read(), 'k');
	for (unsigned int error = 8; error < 12; error++) {
		uart.words[0] = 'k' | 1U << error;
		assert_int_equal(console_read(), -1);
	}
}

static void test_16550(void **state)
{
	(void)state;
	take(CONSOLE_16550);
	uart.bytes[0] = 'k';
	assert_int_equal(console_read(), -1);
	uart.bytes[5] = 1;
	assert_int_equal(console_read(), 'k');
	/* An overrun lost another byte than this. */
	for (unsigned int error = 1; error < 4; error++) {
		uart.bytes[5] = (uint8_t)(1U | 1U << error);
		assert_int_equal(console_read(), -1);
	}
}

static void test_lpuart(void **state)
{
	(void)state;
	uart.words[0x14 / 4] = 3U << 22;
	take(CONSOLE_LPUART);
	console_listen();
	assert_true(uart.words[0x18 / 4] & 1U << 18);
	uart.words[0x1c / 4] = 'k';
	assert_int_equal(console_read(), -1);
	uart.words[0x14 / 4] |= 1U << 21;
	assert_int_equal(console_read(), 'k');
	for (unsigned int error = 12; error < 16; error++) {
		uart.words[0x1c / 4] = 'k' | 1U << error;
		assert_int_equal(console_read(), -1);
	}
}

/* Of another board's image, or without its clock: all registers read alike. */
static void test_registers_that_are_not_there_are_no_key(void **state)
{
	static const enum console_kind kinds[] = {CONSOLE_PL011, CONSOLE_SBSA, CONSOLE_16550, CONSOLE_LPUART};

	(void)state;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		take(kinds[i]);
		memset(&uart, 0, sizeof(uart));
		assert_int_equal(console_read(), -1);
		memset(&uart, 0xff, sizeof(uart));
		assert_int_equal(console_read(), -1);
	}
}

/* Where a debugger reads it: the keys are its own, not a UART's. */
static void test_memory_is_typed_at_by_a_debugger(void **state)
{
	(void)state;
	take(CONSOLE_PL011);
	uart.words[0] = 'k';
	console_in_memory();
	console_listen();
	assert_true(console_can_read());
	assert_int_equal(console_read(), -1);
	console_write("x", 1);
	_SEGGER_RTT.block.down[0].read_offset = 0;
	_SEGGER_RTT.input[0] = 'd';
	_SEGGER_RTT.block.down[0].write_offset = 1;
	assert_int_equal(console_read(), 'd');
	assert_int_equal(console_read(), -1);
}

/* A UART's key comes first, and a debugger may type beside one. */
static void test_both_may_type(void **state)
{
	(void)state;
	take(CONSOLE_16550);
	console_write("x", 1);
	_SEGGER_RTT.block.down[0].read_offset = 0;
	_SEGGER_RTT.input[0] = 'd';
	_SEGGER_RTT.block.down[0].write_offset = 1;
	uart.bytes[5] = 1;
	uart.bytes[0] = 'k';
	assert_int_equal(console_read(), 'k');
	uart.bytes[5] = 0;
	assert_int_equal(console_read(), 'd');
	assert_int_equal(console_read(), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_pl011, setup),
		cmocka_unit_test_setup(test_16550, setup),
		cmocka_unit_test_setup(test_lpuart, setup),
		cmocka_unit_test_setup(test_registers_that_are_not_there_are_no_key, setup),
		cmocka_unit_test_setup(test_both_may_type, setup),
		cmocka_unit_test_setup(test_memory_is_typed_at_by_a_debugger, setup),
	};

	return cmocka_run_group_tests_name("console input", tests, NULL, NULL);
}
