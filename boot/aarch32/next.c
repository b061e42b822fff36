/* SPDX-License-Identifier: BSD-2-Clause */
/* May an arm64 Image be started? AArch32 knows no page sizes. */
#include <stddef.h>

#include "boot.h"
#include "handback.h"

#define FLAG_BIG_ENDIAN 1U

const char *boot_next_refusal(uint64_t flags)
{
	switch (boot_entry[ENTRY_LR / sizeof(uintptr_t)]) {
	case LR_EL2:
		return flags & FLAG_BIG_ENDIAN ? "it is a big-endian kernel" : NULL;
	case LR_EL3:
		return "this firmware was entered in EL3, where it leaves no PSCI for what follows";
	default:
		return "this firmware was not entered in AArch64, where an arm64 Image goes on";
	}
}
