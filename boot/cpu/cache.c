/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arch.h"
#include "cpu.h"

static uintptr_t line_size(void)
{
	uint32_t ctr;

	CPU_READ(CPU_CTR, ctr);
	return 4U << (ctr >> 16 & 0xfU); /* DminLine: log2 of words */
}

/* Out of line: most SMMUs snoop. Inlined: AArch32 +184 bytes. */
__attribute__((noinline)) void arch_cache_clean(const volatile void *start, size_t size)
{
	uintptr_t line = line_size();
	uintptr_t end = (uintptr_t)start + size;

	for (uintptr_t at = (uintptr_t)start & ~(line - 1); at < end; at += line) {
		cpu_clean_line(at);
	}
	arch_dsb();
}

void arch_cache_clean_invalidate(const volatile void *start, size_t size)
{
	uintptr_t line = line_size();
	uintptr_t end = (uintptr_t)start + size;

	for (uintptr_t at = (uintptr_t)start & ~(line - 1); at < end; at += line) {
		cpu_clean_invalidate_line(at);
	}
	arch_dsb();
}
