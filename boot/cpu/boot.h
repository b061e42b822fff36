/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What boot/<arch>/ and boot/cpu/ offer to the run: the machine from reset on, its cores, the way out. Not for
 * drivers/.
 */
#ifndef BOOT_H
#define BOOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/description.h"

#define BOOT_TREE_MAX (2U << 20) /* Bytes; a larger device tree is refused. */

/*
 * First of all in main(), after boot_fatal_register(): the console, the device tree and the arguments from entry, and
 * the warnings about them. Boot core.
 */
void boot_begin(void);

/* The device tree from entry or at the start of RAM, mapped read-only; NULL: none. */
const void *boot_device_tree(void);

/* Its size in bytes, as its header has it; 0: no tree. */
uint64_t boot_device_tree_size(void);

/* Do boot arguments name a device tree? Then no other description is used. */
bool boot_tree_is_named(void);

/* Adds what ACPI does not tell, from the platform's folder: RAM, fw_cfg, PCI windows. */
void boot_facts(struct description *description);

/* Adds what the caller has told of the described PCI hosts: their windows. */
void boot_host_facts(struct description *description);

/* Arguments from a boot loader's command line or a debugger, one text; "": none. */
const char *boot_arguments(void);

/* Memory that the caller has given for the run, and no other is used; or NULL. */
const struct range_description *boot_given_memory(void);

/* Was the image called as a function, so that exit=return can be obeyed? */
bool boot_was_called(void);

/* Start of the caller's RAM, a little below its stack; UINT64_MAX: no caller to return to. */
uint64_t boot_caller_memory(void);

/* Was the boot core entered in EL3 or Secure SVC, and brought to Non-secure state? */
bool boot_entered_secure(void);

/* arch_ticks() at reset. */
uint64_t boot_ticks_at_reset(void);

/* Physical start (inclusive) and end (exclusive) of the image, with stacks and bss. */
uint64_t boot_image_start(void);
uint64_t boot_image_end(void);

/* Sets the PSCI conduit; before that boot_power_off() only parks. Boot core. */
void boot_psci_init(const struct psci_description *psci);

enum boot_timer { BOOT_TIMER_VIRTUAL, BOOT_TIMER_PHYSICAL, BOOT_TIMER_EL2, BOOT_TIMERS };

/* Turns the timers off, and enables the interrupt for arch_sleep_us(). Boot core, after irqchip_core_init(). */
void boot_timer_init(const struct timer_description *timer);

/*
 * Lets the calling core's timer expire after `ticks` without an interrupt: an emulator that counts instructions ends
 * the core's turn there. For tests/bench, outside arch_sleep_us().
 */
void boot_timer_silent(uint32_t ticks);

/* Did boot_timer_init() find this timer running, its interrupt not masked? */
bool boot_timer_was_running(enum boot_timer timer);

/* Restores the physical timer; arch_sleep_us() spins from now on. Boot core. */
void boot_timer_stop(void);

/*
 * Turns on all other described cores, with stacks from the arena, and waits for each, bounded. Each runs
 * `entry(context, core)` with MMU, caches and vectors on and interrupts masked, and turns itself off afterwards. A core
 * that PSCI refuses, or that does not arrive, is printed and left out. Returns the number of running cores, the caller
 * included. Boot core, once.
 */
unsigned int boot_cores_start(const struct description *description, void (*entry)(void *context, unsigned int core),
			      void *context);

/* Waits `timeout_us` at most until all started cores are off (PSCI). Returns how many are still on. Boot core. */
unsigned int boot_cores_wait_off(uint32_t timeout_us);

/* Starts counting the calling core's retired instructions; false: no counter. QEMU counts only with -icount. */
bool boot_instructions_start(void);
/* The count, modulo 2^32. */
uint32_t boot_instructions(void);

/* Enables interrupts on the calling core. */
void boot_interrupts_enable(void);

/*
 * Returns `value` to the caller, the processor state restored. Boot core; boot_caller_memory() is valid, other cores
 * are off, interrupts and masters quiet.
 */
_Noreturn void boot_return(uint32_t value);

/* Why an arm64 Image with these header flags cannot be started, or NULL. */
const char *boot_next_refusal(uint64_t flags);

/*
 * Jumps to an image: MMU and caches off, EL2 if entered there, x0 the tree, x1 to x3 0. The image is clean to the point
 * of coherency. Boot core, the others off.
 */
_Noreturn void boot_next(uint64_t image, const void *tree);

/* From here on the machine is changed. */
void boot_machine_changes(void);

/* Before that: gives the result 1 to a caller that gave the memory. */
void boot_return_unchanged(void);

/* Powers off through PSCI, or parks the core; see boot_return_unchanged(). */
_Noreturn void boot_power_off(void);

/* Masks everything and sleeps for ever. */
_Noreturn void boot_park(void);

#endif
