/* SPDX-License-Identifier: BSD-2-Clause */
/* The dying words of a core: what happened, where, and every register. */
#include <inttypes.h>
#include <stddef.h>

#include "arch.h"
#include "boot.h"
#include "exception.h"
#include "mmu.h"
#include "psci.h"
#include "report/print.h"

#define REGISTERS 13U
#define CPSR_T 0x20U

enum exception { EXCEPTION_RESET, EXCEPTION_UNDEFINED, EXCEPTION_SVC, EXCEPTION_PREFETCH, EXCEPTION_DATA };

static const char *const names[] = {
	"jump to the reset vector", "undefined instruction", "supervisor call", "prefetch abort", "data abort",
	"hypervisor trap",	    "fast interrupt",
};

static volatile bool dying[ARCH_CORES_MAX];

uint32_t exception_data_fault_status(void)
{
	uint32_t status;

	__asm__ volatile("mrc p15, 0, %0, c5, c0, 0" : "=r"(status)); /* DFSR */
	return status;
}

static uint32_t data_fault_address(void)
{
	uint32_t address;

	__asm__ volatile("mrc p15, 0, %0, c6, c0, 0" : "=r"(address)); /* DFAR */
	return address;
}

static uint32_t instruction_fault_status(void)
{
	uint32_t status;

	__asm__ volatile("mrc p15, 0, %0, c5, c0, 1" : "=r"(status)); /* IFSR */
	return status;
}

static uint32_t instruction_fault_address(void)
{
	uint32_t address;

	__asm__ volatile("mrc p15, 0, %0, c6, c0, 2" : "=r"(address)); /* IFAR */
	return address;
}

/* The status field of the long-descriptor format (DDI 0406C, B3.13.3). */
static const char *fault_words(uint32_t status)
{
	switch (status & 0x3fU) {
	case 0x04 ... 0x07:
		return "nothing is mapped there";
	case 0x08 ... 0x0b:
		return "its access flag is clear";
	case 0x0c ... 0x0f:
		return "that access is not permitted there";
	case 0x10:
		return "nothing answered (external abort)";
	case 0x11:
		return "an earlier access was not answered (asynchronous external abort)";
	case 0x14 ... 0x17:
		return "a translation table could not be read";
	case 0x21:
		return "it is not aligned";
	case 0x22:
		return "debug event";
	default:
		return "for an unusual reason";
	}
}

static const char *mode_name(uint32_t spsr)
{
	switch (spsr & 0x1fU) {
	case 0x10:
		return "user";
	case 0x11:
		return "FIQ";
	case 0x12:
		return "IRQ";
	case 0x13:
		return "supervisor";
	case 0x17:
		return "abort";
	case 0x1a:
		return "hypervisor";
	case 0x1b:
		return "undefined";
	default:
		return "system";
	}
}

/* The vectors take what suits A32; a Thumb instruction that is undefined, or a call, is only two bytes behind lr. */
static uint32_t blamed_pc(uint32_t kind, uint32_t spsr, uint32_t pc)
{
	return spsr & CPSR_T && (kind == EXCEPTION_UNDEFINED || kind == EXCEPTION_SVC) ? pc + 2 : pc;
}

static void print_registers(uint32_t pc, uint32_t spsr, const uint32_t *frame, uint32_t sp, uint32_t lr)
{
	print_raw("  pc  %08" PRIx32 "  lr  %08" PRIx32 "  sp  %08" PRIx32 "  cpsr %08" PRIx32 " (%s mode)\n", pc, lr,
		  sp, spsr, mode_name(spsr));
	for (unsigned int i = 0; i < REGISTERS; i++) {
		print_raw("  r%-2u %08" PRIx32 "%c", i, frame[i], i % 4 == 3 || i == REGISTERS - 1 ? '\n' : ' ');
	}
}

static void describe(char *reason, size_t size, uint32_t kind, uint32_t spsr, uint32_t pc)
{
	const char *name = kind < sizeof(names) / sizeof(names[0]) ? names[kind] : "exception";
	uint32_t address;
	int guard;

	if (kind == EXCEPTION_UNDEFINED && spsr & CPSR_T && psci_is_undefined(pc)) {
		format_text(reason, size,
			    "PSCI is not there by the way that is described (hvc or smc), on core %u at pc 0x%" PRIx32,
			    arch_core(), pc);
		return;
	}
	if (kind != EXCEPTION_DATA && kind != EXCEPTION_PREFETCH) {
		format_text(reason, size, "unexpected %s on core %u at pc 0x%" PRIx32, name, arch_core(), pc);
		return;
	}
	address = kind == EXCEPTION_DATA ? data_fault_address() : instruction_fault_address();
	guard = mmu_guard_of(address);
	if (guard >= 0) {
		format_text(reason, size, "stack overflow of core %d at pc 0x%" PRIx32, guard, pc);
		return;
	}
	format_text(reason, size, "unexpected %s on core %u at pc 0x%" PRIx32 ", address 0x%" PRIx32 ": %s", name,
		    arch_core(), pc, address,
		    fault_words(kind == EXCEPTION_DATA ? exception_data_fault_status() : instruction_fault_status()));
}

_Noreturn void exception_report(uint32_t kind, uint32_t spsr, const uint32_t *frame, uint32_t sp, uint32_t lr)
{
	uint32_t pc = blamed_pc(kind, spsr, frame[EXCEPTION_FRAME_PC]);
	char reason[192];

	if (dying[arch_core()]) {
		boot_fatal("a fault in a report");
	}
	dying[arch_core()] = true;
	describe(reason, sizeof(reason), kind, spsr, pc);
	if (!print_take_over()) {
		boot_park();
	}
	print_raw("\n%s\n", reason);
	print_registers(pc, spsr, frame, sp, lr);
	boot_fatal(reason);
}
