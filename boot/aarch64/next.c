/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "boot.h"
#include "cpu.h"
#include "handback.h"
#include "system.h"

#define FLAG_BIG_ENDIAN 1U
#define FLAG_PAGES_SHIFT 1U /* 0: unknown, 1: 4 KiB, 2: 16 KiB, 3: 64 KiB. */
#define FLAG_PAGES_MASK 3U
#define MMFR0_TGRAN_NONE 0xfU /* TGran4, TGran64; TGran16 has 0. */

static bool has_pages(uint64_t kind)
{
	uint64_t mmfr0;

	CPU_READ("id_aa64mmfr0_el1", mmfr0);
	switch (kind) {
	case 1:
		return (mmfr0 >> 28 & 0xfU) != MMFR0_TGRAN_NONE;
	case 2:
		return (mmfr0 >> 20 & 0xfU) != 0;
	case 3:
		return (mmfr0 >> 24 & 0xfU) != MMFR0_TGRAN_NONE;
	default:
		return true;
	}
}

const char *boot_next_refusal(uint64_t flags)
{
	if (boot_entry[ENTRY_EL / sizeof(uintptr_t)] == CURRENT_EL3) {
		return "this firmware was entered in EL3, where it leaves no PSCI for what follows";
	}
	if (flags & FLAG_BIG_ENDIAN) {
		return "it is a big-endian kernel";
	}
	return has_pages(flags >> FLAG_PAGES_SHIFT & FLAG_PAGES_MASK) ?
		       NULL :
		       "it is built for pages of a size that this core has not";
}
