/* SPDX-License-Identifier: BSD-2-Clause */
#include "pgtable/descriptor.h"

#define FLAGS_ALL                                                                                                      \
	(PGTABLE_READ | PGTABLE_WRITE | PGTABLE_EXECUTE | PGTABLE_DEVICE | PGTABLE_CONTIGUOUS | PGTABLE_NONCACHEABLE)

#define LEAF_SH_INNER (3ULL << 8)
#define LEAF_AF BIT64(10)

#define S1_ATTR_INDEX_SHIFT 2	    /* Bits 4:2: MAIR index. */
#define S1_AP_UNPRIVILEGED BIT64(6) /* AP[1]: masters' accesses are mostly unprivileged. */
#define S1_AP_READ_ONLY BIT64(7)    /* AP[2]. */
#define S1_NOT_GLOBAL BIT64(11)
#define S1_XN (3ULL << 53) /* PXN, UXN. */
#define S1_ALWAYS (S1_AP_UNPRIVILEGED | LEAF_SH_INNER | LEAF_AF | S1_NOT_GLOBAL)

enum attribute_index {
	ATTRIBUTE_WRITE_BACK,
	ATTRIBUTE_DEVICE,
	ATTRIBUTE_NONCACHEABLE,
};

#define MAIR_WRITE_BACK 0xffULL
#define MAIR_DEVICE_NGNRE 0x04ULL
#define MAIR_NONCACHEABLE 0x44ULL

#define S2_MEMATTR_SHIFT 2 /* Bits 5:2. */
#define S2_MEMATTR_MASK 0xfU
#define S2_MEMATTR_WRITE_BACK 0xfU
#define S2_MEMATTR_DEVICE_NGNRE 1U
#define S2_MEMATTR_NONCACHEABLE 5U
#define S2_AP_READ BIT64(6)
#define S2_AP_WRITE BIT64(7)
#define S2_XN (2ULL << 53)
#define S2_ALWAYS (LEAF_SH_INNER | LEAF_AF)

static bool descriptor_may_have(unsigned int stage, unsigned int flags)
{
	unsigned int both = PGTABLE_DEVICE | PGTABLE_NONCACHEABLE;

	if (flags & ~FLAGS_ALL || (flags & both) == both) {
		return false;
	}
	/* Stage 1 cannot be write-only; fetching needs read permission. */
	return flags & PGTABLE_READ || (stage == 2 && (flags & (PGTABLE_WRITE | PGTABLE_EXECUTE)) == PGTABLE_WRITE);
}

static uint64_t descriptor_stage1_attributes(unsigned int flags)
{
	uint64_t attributes = S1_ALWAYS;

	if (flags & PGTABLE_DEVICE) {
		attributes |= ATTRIBUTE_DEVICE << S1_ATTR_INDEX_SHIFT;
	} else if (flags & PGTABLE_NONCACHEABLE) {
		attributes |= ATTRIBUTE_NONCACHEABLE << S1_ATTR_INDEX_SHIFT;
	}
	attributes |= flags & PGTABLE_WRITE ? 0 : S1_AP_READ_ONLY;
	return attributes | (flags & PGTABLE_EXECUTE ? 0 : S1_XN);
}

static uint64_t descriptor_stage2_attributes(unsigned int flags)
{
	unsigned int memory = S2_MEMATTR_WRITE_BACK;

	if (flags & PGTABLE_DEVICE) {
		memory = S2_MEMATTR_DEVICE_NGNRE;
	} else if (flags & PGTABLE_NONCACHEABLE) {
		memory = S2_MEMATTR_NONCACHEABLE;
	}
	return S2_ALWAYS | memory << S2_MEMATTR_SHIFT | (flags & PGTABLE_READ ? S2_AP_READ : 0) |
	       (flags & PGTABLE_WRITE ? S2_AP_WRITE : 0) | (flags & PGTABLE_EXECUTE ? 0 : S2_XN);
}

uint64_t descriptor_attributes(unsigned int stage, unsigned int flags)
{
	uint64_t hint = flags & PGTABLE_CONTIGUOUS ? DESCRIPTOR_CONTIGUOUS : 0;

	if (!descriptor_may_have(stage, flags)) {
		return 0;
	}
	return hint | (stage == 1 ? descriptor_stage1_attributes(flags) : descriptor_stage2_attributes(flags));
}

static unsigned int descriptor_stage1_flags(uint64_t descriptor)
{
	static const uint8_t memory[] = {0, PGTABLE_DEVICE, PGTABLE_NONCACHEABLE, 0};

	return PGTABLE_READ | (descriptor & S1_AP_READ_ONLY ? 0 : PGTABLE_WRITE) |
	       (descriptor & S1_XN ? 0 : PGTABLE_EXECUTE) | memory[(unsigned int)descriptor >> S1_ATTR_INDEX_SHIFT & 3];
}

static unsigned int descriptor_stage2_flags(uint64_t descriptor)
{
	unsigned int memory = (unsigned int)descriptor >> S2_MEMATTR_SHIFT & S2_MEMATTR_MASK;
	unsigned int flags = (descriptor & S2_AP_READ ? PGTABLE_READ : 0) |
			     (descriptor & S2_AP_WRITE ? PGTABLE_WRITE : 0) |
			     (descriptor & S2_XN ? 0 : PGTABLE_EXECUTE);

	if (memory == S2_MEMATTR_DEVICE_NGNRE) {
		flags |= PGTABLE_DEVICE;
	} else if (memory == S2_MEMATTR_NONCACHEABLE) {
		flags |= PGTABLE_NONCACHEABLE;
	}
	return flags;
}

unsigned int descriptor_flags(unsigned int stage, uint64_t descriptor)
{
	unsigned int flags = stage == 1 ? descriptor_stage1_flags(descriptor) : descriptor_stage2_flags(descriptor);

	return descriptor & DESCRIPTOR_CONTIGUOUS ? flags | PGTABLE_CONTIGUOUS : flags;
}

uint64_t pgtable_mair(void)
{
	return MAIR_WRITE_BACK << 8 * ATTRIBUTE_WRITE_BACK | MAIR_DEVICE_NGNRE << 8 * ATTRIBUTE_DEVICE |
	       MAIR_NONCACHEABLE << 8 * ATTRIBUTE_NONCACHEABLE;
}
