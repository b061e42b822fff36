/* SPDX-License-Identifier: BSD-2-Clause */
#include "cpu/exception.h"

#include <stdint.h>

#include "base/arch.h"
#include "boot.h"
#include "cpu.h"
#include "cpu/psci.h"
#include "report/print.h"

#define REGISTERS 31U

#define ESR_CLASS_SHIFT 26U
#define CLASS_UNKNOWN 0x00U
#define CLASS_HVC 0x16U
#define CLASS_SMC 0x17U
#define CLASS_INSTRUCTION_ABORT 0x21U
#define CLASS_PC_ALIGNMENT 0x22U
#define CLASS_DATA_ABORT 0x25U
#define CLASS_SP_ALIGNMENT 0x26U

/* As in vectors.S. */
struct frame {
	uint64_t x[REGISTERS];
	uint64_t pc;
	uint64_t spsr;
	uint64_t sp;
	uint64_t kind;
};

enum kind { KIND_SYNCHRONOUS, KIND_INTERRUPT, KIND_FIQ, KIND_SERROR, KINDS };

void exception_take(struct frame *frame);

static uint64_t syndrome(void)
{
	uint64_t esr;

	CPU_READ("esr_el1", esr);
	return esr;
}

static uint64_t fault_address(void)
{
	uint64_t address;

	CPU_READ("far_el1", address);
	return address;
}

static unsigned int class_of(uint64_t esr)
{
	return (unsigned int)(esr >> ESR_CLASS_SHIFT & 0x3fU);
}

/* DDI 0487, ESR_EL1.EC */
static const char *class_words(unsigned int class)
{
	switch (class) {
	case CLASS_UNKNOWN:
		return "undefined instruction";
	case 0x01:
		return "trapped wait";
	case 0x07:
	case 0x19:
	case 0x1d:
		return "use of FP, SVE or SME";
	case 0x09:
		return "trapped pointer authentication";
	case 0x0d:
		return "branch to what is no branch's target (BTI)";
	case 0x0e:
		return "illegal execution state";
	case 0x15:
		return "supervisor call";
	case CLASS_HVC:
		return "hypervisor call";
	case CLASS_SMC:
		return "secure monitor call";
	case 0x18:
		return "trapped system register";
	case 0x1c:
		return "pointer that is not authentic";
	case CLASS_PC_ALIGNMENT:
		return "pc that is not aligned";
	case CLASS_SP_ALIGNMENT:
		return "stack pointer that is not aligned";
	case 0x2d:
		return "return that the guarded control stack does not know";
	case 0x30 ... 0x31:
	case 0x3c:
		return "breakpoint";
	case 0x32 ... 0x33:
		return "software step";
	case 0x34 ... 0x35:
		return "watchpoint";
	default:
		return "exception";
	}
}

static void exception_print_registers(const void *exception)
{
	const struct frame *frame = exception;

	print_raw("  pc  %016llx  sp  %016llx  spsr %08llx  esr %08llx  far %016llx\n", (unsigned long long)frame->pc,
		  (unsigned long long)frame->sp, (unsigned long long)frame->spsr, (unsigned long long)syndrome(),
		  (unsigned long long)fault_address());
	for (unsigned int i = 0; i < REGISTERS; i++) {
		print_raw("  x%-2u %016llx%c", i, (unsigned long long)frame->x[i],
			  i % 4 == 3 || i == REGISTERS - 1 ? '\n' : ' ');
	}
}

static void describe_synchronous(char *reason, size_t size, const struct frame *frame)
{
	unsigned int class = class_of(syndrome());

	if (class == CLASS_DATA_ABORT || class == CLASS_INSTRUCTION_ABORT) {
		exception_describe_abort(reason, size, class == CLASS_DATA_ABORT ? "data abort" : "prefetch abort",
					 frame->pc, fault_address(), (uint32_t)syndrome());
	} else if (class == CLASS_UNKNOWN && psci_is_undefined(frame->pc)) {
		format_text(reason, size,
			    "PSCI is not there by the way that is described (hvc or smc), on core %u at pc 0x%llx",
			    arch_core(), (unsigned long long)frame->pc);
	} else {
		format_text(reason, size, "unexpected %s (class 0x%x) on core %u at pc 0x%llx", class_words(class),
			    class, arch_core(), (unsigned long long)frame->pc);
	}
}

static void exception_describe(char *reason, size_t size, const struct frame *frame)
{
	switch (frame->kind % KINDS) {
	case KIND_SYNCHRONOUS:
		describe_synchronous(reason, size, frame);
		return;
	case KIND_SERROR:
		format_text(reason, size,
			    "an earlier access was not answered (SError, syndrome 0x%llx), on core %u at pc 0x%llx",
			    (unsigned long long)syndrome(), arch_core(), (unsigned long long)frame->pc);
		return;
	default:
		format_text(reason, size, "unexpected %s on core %u at pc 0x%llx",
			    frame->kind % KINDS == KIND_FIQ ? "fast interrupt" : "interrupt", arch_core(),
			    (unsigned long long)frame->pc);
		return;
	}
}

static bool is_abort(const struct frame *frame)
{
	return frame->kind == KIND_SERROR ||
	       (frame->kind == KIND_SYNCHRONOUS && class_of(syndrome()) == CLASS_DATA_ABORT);
}

/* On the emergency stack. */
void exception_take(struct frame *frame)
{
	char reason[192];

	if (is_abort(frame) && exception_survived(&frame->pc, frame->kind == KIND_SYNCHRONOUS)) {
		return;
	}
	exception_begin();
	exception_describe(reason, sizeof(reason), frame);
	exception_end(reason, exception_print_registers, frame);
}
