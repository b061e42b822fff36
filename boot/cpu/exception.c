/* SPDX-License-Identifier: BSD-2-Clause */
#include "exception.h"

#include "base/arch.h"
#include "base/fatal.h"
#include "boot.h"
#include "cores.h"
#include "mmu.h"
#include "report/print.h"

/* DDI 0406C B3.13.3; DDI 0487, ESR_ELx.ISS of aborts. */
const char *exception_fault_words(uint32_t status)
{
	switch (status & 0x3fU) {
	case 0x00 ... 0x03:
		return "no physical address is that large";
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
	case 0x1c ... 0x1f:
		return "a translation table could not be read";
	case 0x18 ... 0x19:
		return "memory is corrupt (parity or ECC)";
	case 0x21:
		return "it is not aligned";
	default:
		return "for an unusual reason";
	}
}

void exception_describe_abort(char *reason, size_t size, const char *name, uintptr_t pc, uintptr_t address,
			      uint32_t status)
{
	int guard = status & CPU_FAULT_FNV ? -1 : mmu_guard_of(address);

	if (guard >= 0) {
		format_text(reason, size, "stack overflow of core %d at pc 0x%llx", guard, (unsigned long long)pc);
		return;
	}
	format_text(reason, size, "unexpected %s on core %u at pc 0x%llx, address 0x%llx%s: %s", name, arch_core(),
		    (unsigned long long)pc, (unsigned long long)address, status & CPU_FAULT_FNV ? " (not valid)" : "",
		    exception_fault_words(status));
}

void exception_begin(void)
{
	if (boot_cores[arch_core()].reporting) {
		fatal("a fault in a report");
	}
	boot_cores[arch_core()].reporting = true;
}

_Noreturn void exception_end(const char *reason, void (*print_registers)(const void *exception), const void *exception)
{
	if (!print_take_over()) {
		boot_park();
	}
	print_raw("\n%s\n", reason);
	print_registers(exception);
	fatal("%s", reason);
}
