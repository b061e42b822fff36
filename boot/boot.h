/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What boot/<arch>/ offers to boot/main.c: the machine from reset on, its cores, and the way out. Nothing in drivers/
 * includes this file.
 */
#ifndef BOOT_H
#define BOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/description.h"

#define BOOT_TREE_MAX (2U << 20) /* Bytes of a device tree: one that says it has more is none. */

/* The device tree handed over: r2 at entry, or the start of RAM; NULL where neither holds one. Mapped, read-only. */
const void *boot_device_tree(void);

/* Whether boot arguments name a device tree: then that, and no other description of the machine, is meant. */
bool boot_tree_is_named(void);

/* What no ACPI table tells, from the platform's folder: RAM, fw_cfg, the windows of PCI. Nothing where that has none.
 */
void boot_facts(struct description *description);

/* Boot arguments from a boot loader's command line or a debugger, as one text; "" where there are none. */
const char *boot_arguments(void);

/*
 * RAM that belongs to whoever called, from a little below its stack on; UINT64_MAX where nobody did, or somebody in
 * AArch64, whom this firmware cannot return to.
 */
uint64_t boot_caller_memory(void);

/* Whether the boot core was entered in EL3, or in Secure SVC, and was brought to Non-secure state. */
bool boot_entered_secure(void);

/* The value of arch_ticks() at reset, for the verdict's `ticks`. */
uint64_t boot_ticks_at_reset(void);

/* Start (inclusive) and end (exclusive) physical address of the firmware image, stacks and bss included. */
uint64_t boot_image_start(void);
uint64_t boot_image_end(void);

/*
 * Takes the PSCI conduit from the description. Until then boot_power_off() only parks. Boot core only.
 */
void boot_psci_init(const struct psci_description *psci);

enum boot_timer { BOOT_TIMER_VIRTUAL, BOOT_TIMER_PHYSICAL, BOOT_TIMERS };

/*
 * Turns the boot core's timers off, and programs the interrupt that arch_sleep_us() uses; after irqchip_core_init().
 * Boot core.
 */
void boot_timer_init(const struct timer_description *timer);

/*
 * The calling core's timer comes to its time after so many ticks, and interrupts nobody: an emulator that counts
 * instructions ends the core's turn there. For tests/bench; no nap is under way.
 */
void boot_timer_silent(uint32_t ticks);

/* Whether boot_timer_init() found this timer on, and its interrupt not masked. */
bool boot_timer_was_running(enum boot_timer timer);

/* Naps are spent awake from now on, and the physical timer is as it was found. Boot core. */
void boot_timer_stop(void);

/*
 * Turns on every core of the description but the calling one, each with stacks from the arena, waits a bounded time for
 * each to arrive, and returns how many cores run, the calling one included. A core that refuses or does not arrive is
 * named on the console and done without. Each runs `entry(core)` on its own stack with MMU, caches and vectors on and
 * interrupts masked; when `entry` returns, the core turns itself off. Boot core only, once.
 */
unsigned int boot_cores_start(const struct description *description, void (*entry)(unsigned int core));

/*
 * Waits (at most `timeout_us`) until every started core has left `entry` and PSCI says that it is off. Returns how many
 * are still on. Boot core only.
 */
unsigned int boot_cores_wait_off(uint32_t timeout_us);

/*
 * Counts the instructions that the calling core retires, from now on. False where it has no counter. QEMU's cores count
 * them under -icount alone; with a counter that does not count, the same figure is read for ever.
 */
bool boot_instructions_start(void);
/* Their number, modulo 2^32. */
uint32_t boot_instructions(void);

/* Enables interrupts on the calling core. */
void boot_interrupts_enable(void);

/*
 * Returns to whoever called, with this value, the processor as it was entered. Every other core is off, interrupts and
 * masters are quiet. Boot core only, where boot_caller_memory() names some.
 */
_Noreturn void boot_return(uint32_t value);

/* Why no arm64 Image with these flags in its header can be started from here; NULL where one can. */
const char *boot_next_refusal(uint64_t flags);

/*
 * Goes on at this address: MMU and caches off, in EL2 where that was entered, x0 the device tree, x1 to x3 0. What is
 * there is clean to the point of coherency, every other core is off. Boot core only.
 */
_Noreturn void boot_next(uint64_t image, const void *tree);

/* Powers the machine off through PSCI; parks the calling core where there is none. */
_Noreturn void boot_power_off(void);

/* Masks everything and rests for ever: a core that has nothing to say any more. */
_Noreturn void boot_park(void);

/*
 * Implemented in boot/fatal.c, called by the vectors after the register dump, on any core: prints the verdict record
 * with result fail and this reason, and powers off. Never returns, and never waits for a lock without a bound.
 */
_Noreturn void boot_fatal(const char *reason);

#endif
