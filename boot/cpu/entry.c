/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "arguments.h"
#include "base/arch.h"
#include "base/fatal.h"
#include "boot.h"
#include "cores.h"
#include "cpu.h"
#include "early_uart.h"
#include "find_tree.h"
#include "handback.h"
#include "mmu.h"
#include "platform.h"
#include "report/print.h"
#include "serial/console.h"

extern uint8_t __image_start[];
extern const uintptr_t image_end; /* Defined in start.S: AArch64 code cannot reach the end by itself. */

int main(void);
void boot_prepare(uint64_t ticks);
void boot_enter(void);

static const void *device_tree;
static uintptr_t missed_tree; /* A register's value where no tree is. */
static bool abort_was_pending;
static bool tree_is_named;
static uint64_t ticks_at_reset;
static bool is_unchanged = true;

/* Changed before any protected function runs. */
__attribute__((used)) uintptr_t __stack_chk_guard = 0x5eed1e55;

/* MMU off: no library, no unaligned access. Changes the guard, so may not check it. */
__attribute__((no_stack_protector)) void boot_prepare(uint64_t ticks)
{
	uint32_t word;

	ticks_at_reset = ticks;
	__stack_chk_guard ^= (uint32_t)ticks * 2654435761U;
	boot_cores_init();
	/* The image's memory answers: an abort here was pending before. */
	abort_was_pending = !arch_probe_read32(__image_start, &word);
	device_tree = find_tree(&missed_tree);
	mmu_build(device_tree);
}

/* `used`: the link adds callers after it drops unused functions. */
__attribute__((used)) _Noreturn void __stack_chk_fail(void);
_Noreturn void __stack_chk_fail(void)
{
	fatal("a function overran its stack frame");
}

/* Prints fatal reports until the described console is known. */
static void early_console(void)
{
#ifdef EARLY_UART
	const struct console_description early = {
		.kind = EARLY_UART_KIND, .base = EARLY_UART, .reg_shift = EARLY_UART_SHIFT};

	(void)console_init(&early);
#endif
}

static void entry_say(void)
{
	if (boot_entry[ENTRY_LR / sizeof(uintptr_t)] == LR_BIG_ENDIAN) {
		print("  warning: data was big-endian at the entry: no arguments are read, and there is no way back\n");
	}
	if (abort_was_pending) {
		print("  warning: an asynchronous abort was pending at the entry: an access of earlier software "
		      "failed\n");
	}
	if (missed_tree) {
		print("  warning: a register named a device tree at 0x%llx at the entry, and there is none\n",
		      (unsigned long long)missed_tree);
	}
}

void boot_enter(void)
{
	(void)main();
	boot_power_off();
}

void boot_begin(void)
{
	early_console();
	entry_say();
	tree_is_named = arguments_take(&device_tree);
	cpu_unmask_aborts(); /* So that aborts are attributed. */
}

const void *boot_device_tree(void)
{
	return device_tree;
}

uint64_t boot_device_tree_size(void)
{
	return device_tree ? mmu_tree_size(device_tree) : 0;
}

bool boot_entered_secure(void)
{
	return handback_was_secure();
}

bool boot_tree_is_named(void)
{
	return tree_is_named;
}

uint64_t boot_ticks_at_reset(void)
{
	return ticks_at_reset;
}

uint64_t boot_image_start(void)
{
	return (uintptr_t)__image_start;
}

uint64_t boot_image_end(void)
{
	return image_end;
}

void boot_interrupts_enable(void)
{
	cpu_unmask_interrupts();
}

#define CALLER_STACK 0x100000U /* Below the caller's stack pointer. */

bool boot_was_called(void)
{
	uintptr_t lr = boot_entry[ENTRY_LR / sizeof(uintptr_t)];
	uintptr_t sp = boot_entry[ENTRY_SP / sizeof(uintptr_t)];
	uintptr_t count = boot_entry[ENTRY_ARGUMENT0 / sizeof(uintptr_t)];

	return lr > PLATFORM_RAM_BASE && sp > PLATFORM_RAM_BASE + CALLER_STACK && count > 0 && count <= ARGUMENTS_MAX;
}

uint64_t boot_caller_memory(void)
{
	return boot_was_called() && !boot_given_memory() ? boot_entry[ENTRY_SP / sizeof(uintptr_t)] - CALLER_STACK :
							   UINT64_MAX;
}

void boot_machine_changes(void)
{
	is_unchanged = false;
}

void boot_return_unchanged(void)
{
	if (is_unchanged && boot_given_memory() && boot_was_called()) {
		boot_return(1);
	}
}

void boot_return(uint32_t value)
{
	console_flush();
	arguments_forget();
	boot_hand_back(value);
}
