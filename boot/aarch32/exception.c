/* SPDX-License-Identifier: BSD-2-Clause */
#include "cpu/exception.h"

#include <inttypes.h>

#include "base/arch.h"
#include "boot.h"
#include "cpu/psci.h"
#include "report/print.h"

#define REGISTERS 13U /* r0 to r12, before the pc. */
#define FRAME_PC 13U
#define CPSR_T 0x20U
#define FAULT_STATUS_MASK 0x3fU
#define FAULT_ASYNCHRONOUS 0x11U

enum kind { KIND_RESET, KIND_UNDEFINED, KIND_SVC, KIND_PREFETCH, KIND_DATA };

struct exception {
	uint32_t kind;
	uint32_t spsr;
	const uint32_t *frame;
	uint32_t pc;
	uint32_t sp;
	uint32_t lr;
};

bool exception_data_abort_survived(uint32_t *frame);
_Noreturn void exception_report(uint32_t kind, uint32_t spsr, const uint32_t *frame, uint32_t sp, uint32_t lr);

static const char *const names[] = {
	"jump to the reset vector", "undefined instruction", "supervisor call", "prefetch abort", "data abort",
	"hypervisor trap",	    "fast interrupt",
};

static uint32_t data_fault_status(void)
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

/* The vectors correct lr for A32: by 2 too much for Thumb's undefined instructions and SVCs. */
static uint32_t blamed_pc(uint32_t kind, uint32_t spsr, uint32_t pc)
{
	return spsr & CPSR_T && (kind == KIND_UNDEFINED || kind == KIND_SVC) ? pc + 2 : pc;
}

static void exception_print_registers(const void *exception)
{
	const struct exception *it = exception;

	print_raw("  pc  %08" PRIx32 "  lr  %08" PRIx32 "  sp  %08" PRIx32 "  cpsr %08" PRIx32 " (%s mode)\n", it->pc,
		  it->lr, it->sp, it->spsr, mode_name(it->spsr));
	for (unsigned int i = 0; i < REGISTERS; i++) {
		print_raw("  r%-2u %08" PRIx32 "%c", i, it->frame[i], i % 4 == 3 || i == REGISTERS - 1 ? '\n' : ' ');
	}
}

static void exception_describe(char *reason, size_t size, const struct exception *it)
{
	const char *name = it->kind < sizeof(names) / sizeof(names[0]) ? names[it->kind] : "exception";

	if (it->kind == KIND_UNDEFINED && it->spsr & CPSR_T && psci_is_undefined(it->pc)) {
		format_text(reason, size,
			    "PSCI is not there by the way that is described (hvc or smc), on core %u at pc 0x%" PRIx32,
			    arch_core(), it->pc);
	} else if (it->kind == KIND_DATA) {
		exception_describe_abort(reason, size, name, it->pc, data_fault_address(), data_fault_status());
	} else if (it->kind == KIND_PREFETCH) {
		exception_describe_abort(reason, size, name, it->pc, instruction_fault_address(),
					 instruction_fault_status());
	} else {
		format_text(reason, size, "unexpected %s on core %u at pc 0x%" PRIx32, name, arch_core(), it->pc);
	}
}

/* In the exception's mode. */
bool exception_data_abort_survived(uint32_t *frame)
{
	uintptr_t pc = frame[FRAME_PC];
	bool survived = exception_survived(&pc, (data_fault_status() & FAULT_STATUS_MASK) != FAULT_ASYNCHRONOUS);

	frame[FRAME_PC] = pc;
	return survived;
}

_Noreturn void exception_report(uint32_t kind, uint32_t spsr, const uint32_t *frame, uint32_t sp, uint32_t lr)
{
	const struct exception it = {
		.kind = kind,
		.spsr = spsr,
		.frame = frame,
		.pc = blamed_pc(kind, spsr, frame[FRAME_PC]),
		.sp = sp,
		.lr = lr,
	};
	char reason[192];

	exception_begin();
	exception_describe(reason, sizeof(reason), &it);
	exception_end(reason, exception_print_registers, &it);
}
