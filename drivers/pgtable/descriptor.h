/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors of both stages (DDI 0487 D8.3 formats, D8.4 permissions, D8.6 memory attributes). */
#ifndef PGTABLE_DESCRIPTOR_H
#define PGTABLE_DESCRIPTOR_H

#include <stdint.h>

#include "base/bits.h"
#include "pgtable/pgtable.h"

/* Bits 1:0. The table encoding is a page at the last level. */
#define DESCRIPTOR_TYPE_MASK 3U
#define DESCRIPTOR_INVALID 0U
#define DESCRIPTOR_BLOCK 1U
#define DESCRIPTOR_TABLE 3U
#define DESCRIPTOR_PAGE 3U

#define DESCRIPTOR_CONTIGUOUS BIT64(52)
#define DESCRIPTOR_ADDRESS_MASK 0x0000fffffffff000ULL

/* 64 KiB granule: PA[51:48] are in bits 15:12, so an increment carries up to bit 47 only. */
#define DESCRIPTOR_LOW_ADDRESS_BITS 48U

static inline unsigned int descriptor_type(uint64_t descriptor)
{
	return (unsigned int)descriptor & DESCRIPTOR_TYPE_MASK;
}

/* A leaf without type and address; 0 if this stage has no such leaf. */
uint64_t descriptor_attributes(unsigned int stage, unsigned int flags);

/* The flags of a leaf. */
unsigned int descriptor_flags(unsigned int stage, uint64_t descriptor);

/* The address field of a descriptor, for any granule: bits 15:12 get PA[51:48], which is 0 unless it is 64 KiB. */
static inline uint64_t descriptor_address(uint64_t pa)
{
	return (pa & (BIT64(DESCRIPTOR_LOW_ADDRESS_BITS) - 1)) | (pa >> 36 & 0xf000U);
}

/* The output address of a leaf of 2^shift bytes; shift >= granule_bits. */
static inline uint64_t descriptor_output(unsigned int granule_bits, unsigned int shift, uint64_t descriptor)
{
	uint64_t pa = descriptor & DESCRIPTOR_ADDRESS_MASK & ~(uint64_t)(BIT32(shift) - 1);

	return granule_bits == 16 ? pa | (descriptor & 0xf000U) << 36 : pa;
}

#endif
