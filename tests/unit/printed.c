/* SPDX-License-Identifier: BSD-2-Clause */
#include "printed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arch.h"
#include "serial/console.h"

char printed[8192];
size_t printed_length;
static uint32_t uart[0x1000 / 4];

void printed_write(volatile void *reg, uint32_t value)
{
	if (reg == &uart[0] && (char)value != '\r' && printed_length + 1 < sizeof(printed)) {
		printed[printed_length++] = (char)value;
		printed[printed_length] = '\0';
	}
}

static volatile void *uart_map(uint64_t pa, uint64_t size)
{
	(void)pa;
	(void)size;
	return uart;
}

void printed_forget(void)
{
	printed_length = 0;
	printed[0] = '\0';
}

void printed_begin(void)
{
	const struct console_description console = {.kind = CONSOLE_PL011, .base = 0x9000000};

	arch_hooks_reset();
	arch_hooks.write32 = printed_write;
	arch_hooks.map_device = uart_map;
	memset(uart, 0, sizeof(uart));
	assert_int_equal(console_init(&console), 0);
	printed_forget();
}

unsigned int printed_count(const char *text)
{
	unsigned int count = 0;

	for (const char *at = printed; (at = strstr(at, text)); at++) {
		count++;
	}
	return count;
}
