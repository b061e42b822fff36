/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors of both stages: DDI 0487, D8.3 (formats), D8.4 (permissions), D8.6 (memory attributes). */
#ifndef PGTABLE_DESCRIPTOR_H
#define PGTABLE_DESCRIPTOR_H

#include <stdint.h>

#include "base/bits.h"
#include "pgtable/pgtable.h"

/* Bits 1:0. At the last level a page has what is a table above it. */
#define DESCRIPTOR_TYPE_MASK 3U
#define DESCRIPTOR_INVALID 0U
#define DESCRIPTOR_BLOCK 1U
#define DESCRIPTOR_TABLE 3U
#define DESCRIPTOR_PAGE 3U

#define DESCRIPTOR_CONTIGUOUS BIT64(52)
#define DESCRIPTOR_ADDRESS_MASK 0x0000fffffffff000ULL

/* With the 64 KiB granule PA[51:48] are in bits 15:12, so that a descriptor carries on to bit 47 only. */
#define DESCRIPTOR_LOW_ADDRESS_BITS 48U

static inline unsigned int descriptor_type(uint64_t descriptor)
{
	return (unsigned int)descriptor & DESCRIPTOR_TYPE_MASK;
}

/* A leaf without its type and its address; 0 where a leaf of this stage cannot have these flags. */
uint64_t descriptor_attributes(unsigned int stage, unsigned int flags);

/* The other way: the flags of a leaf. */
unsigned int descriptor_flags(unsigned int stage, uint64_t descriptor);

/* An output address as a descriptor has it, for any granule: the bits that move are 0 unless it is 64 KiB. */
static inline uint64_t descriptor_address(uint64_t pa)
{
	return (pa & (BIT64(DESCRIPTOR_LOW_ADDRESS_BITS) - 1)) | (pa >> 36 & 0xf000U);
}

/* The output address of a leaf that covers 2^shift bytes, shift being at least granule_bits. */
static inline uint64_t descriptor_output(unsigned int granule_bits, unsigned int shift, uint64_t descriptor)
{
	uint64_t pa = descriptor & DESCRIPTOR_ADDRESS_MASK & ~(uint64_t)(BIT32(shift) - 1);

	return granule_bits == 16 ? pa | (descriptor & 0xf000U) << 36 : pa;
}

#endif
