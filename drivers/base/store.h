/* SPDX-License-Identifier: BSD-2-Clause */
/* Single-copy atomic 64-bit entries that the SMMU reads (AArch32: one STRD or LDRD with LPAE). */
#ifndef BASE_STORE_H
#define BASE_STORE_H

#include <stdint.h>

#include "base/arch.h"

static inline void store64(uint64_t *entry, uint64_t value)
{
	arch_store64(entry, value);
}

static inline uint64_t load64(const uint64_t *entry)
{
	return __atomic_load_n(entry, __ATOMIC_RELAXED);
}

#endif
