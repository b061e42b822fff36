/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors of both stages (DDI 0487 D8.3, D8.4, D8.6). */
#ifndef PGTABLE_DESCRIPTOR_H
#define PGTABLE_DESCRIPTOR_H

#include <stdint.h>

#include "base/bits.h"
#include "pgtable/pgtable.h"

/* Bits 1:0; the table encoding is a page at the last level. */
#define DESCRIPTOR_TYPE_MASK 3U
#define DESCRIPTOR_INVALID 0U
#define DESCRIPTOR_BLOCK 1U
#define DESCRIPTOR_TABLE 3U
#define DESCRIPTOR_PAGE 3U

#define DESCRIPTOR_CONTIGUOUS BIT64(52)
#define DESCRIPTOR_ADDRESS_MASK 0x0000fffffffff000ULL

/* With 64 KiB granules PA[51:48] are in bits 15:12: increments carry to bit 47 only. */
#define DESCRIPTOR_LOW_ADDRESS_BITS 48U

static inline unsigned int descriptor_type(uint64_t descriptor)
{
	return (unsigned int)descriptor & DESCRIPTOR_TYPE_MASK;
}

/* A leaf without type and address; 0: impossible at this stage. */
uint64_t descriptor_attributes(unsigned int stage, unsigned int flags);

unsigned int descriptor_flags(unsigned int stage, uint64_t descriptor);

/* For any granule: PA[51:48] go to bits 15:12. */
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
