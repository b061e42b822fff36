/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine from reset on, its cores, and the way out. Boot core, unless noted. */
#ifndef BOOT_H
#define BOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/description.h"

#define BOOT_TREE_MAX (2U << 20) /* Bytes; larger trees are refused. */

/* Starts the console, takes tree and arguments, with their warnings. After boot_fatal_register(). */
void boot_begin(void);

/* The device tree that a register, dtb= or the platform names; NULL: none. */
const void *boot_device_tree(void);

/* 0: no tree. */
uint64_t boot_device_tree_size(void);

/* dtb= names a tree: no other description is used. */
bool boot_tree_is_named(void);

/* Adds the platform's facts, which ACPI lacks: RAM, fw_cfg, a PCI window. */
void boot_facts(struct description *description);

void boot_host_facts(struct description *description);

/* Words of a boot loader or debugger; "": none. */
const char *boot_arguments(void);

/* The only memory to use, given by the caller; or NULL. */
const struct range_description *boot_given_memory(void);

/* Was the image called as a function? exit=return needs it. */
bool boot_was_called(void);

/* Start of the caller's RAM, a little below its stack; UINT64_MAX: no caller, or it gave memory. */
uint64_t boot_caller_memory(void);

/* Was the boot core entered in EL3 or Secure SVC? */
bool boot_entered_secure(void);

uint64_t boot_ticks_at_reset(void);

/* Physical, with stacks and bss; the end is exclusive. */
uint64_t boot_image_start(void);
uint64_t boot_image_end(void);

/* Before, boot_power_off() only parks. */
void boot_psci_init(const struct psci_description *psci);

/* How boot_power_off() turns the machine off; PSCI_NONE: it parks. */
enum psci_method boot_off_method(void);

enum boot_timer { BOOT_TIMER_VIRTUAL, BOOT_TIMER_PHYSICAL, BOOT_TIMER_EL2, BOOT_TIMERS };

/* Turns the timers off, enables arch_sleep_us()'s interrupt. After irqchip_core_init(). */
void boot_timer_init(const struct timer_description *timer);

/*
 * For tests/bench: ends the core's turn after `ticks`, without an interrupt, in an emulator that counts instructions.
 * Not during arch_sleep_us().
 */
void boot_timer_silent(uint32_t ticks);

/* Did boot_timer_init() find it running, not masked? */
bool boot_timer_was_running(enum boot_timer timer);

/* Restores the physical timer; arch_sleep_us() then spins. */
void boot_timer_stop(void);

/*
 * Turns on the other described cores. Each runs `entry(context, core)`, interrupts masked, then turns itself off. A
 * refused or late core is left out.
 *
 * Return:      the number of running cores, the caller included
 * Context:     boot core, once
 */
unsigned int boot_cores_start(const struct description *description, void (*entry)(void *context, unsigned int core),
			      void *context);

/* Waits `timeout_us` at most until the other cores are off. Returns how many are on. */
unsigned int boot_cores_wait_off(uint32_t timeout_us);

/* Counts this core's retired instructions; false: no counter. QEMU needs -icount. */
bool boot_instructions_start(void);
/* Modulo 2^32. */
uint32_t boot_instructions(void);

void boot_interrupts_enable(void);

/*
 * Returns `value` to the caller, its processor state restored. If boot_was_called(); other cores are off, masters
 * quiet.
 */
_Noreturn void boot_return(uint32_t value);

/* Why an arm64 Image with these flags cannot be started, or NULL. */
const char *boot_next_refusal(uint64_t flags);

/*
 * Jumps to an image, clean to the point of coherency: MMU off, EL2 if entered there, x0 the tree, x1 to x3 0. If the
 * image returns, prints `text` on the early UART and turns the machine off by `method`, or sleeps. The other cores are
 * off.
 */
_Noreturn void boot_next(uint64_t image, const void *tree, const char *text, enum psci_method method);

void boot_machine_changes(void);

/* Before boot_machine_changes(): returns 1 to a caller that gave memory. */
void boot_return_unchanged(void);

/* Calls boot_return_unchanged(), then powers off by PSCI, or parks. */
_Noreturn void boot_power_off(void);

_Noreturn void boot_park(void);

#endif
