/* SPDX-License-Identifier: BSD-2-Clause */
/* Flattened format (Devicetree Specification v0.4, chapter 5). Big-endian. */
#ifndef FIRMWARE_DT_BLOB_H
#define FIRMWARE_DT_BLOB_H

#include <stdint.h>
#include <string.h>

#include "firmware/bytes.h"

#define DT_MAGIC 0xd00dfeedU
#define DT_ALIGNMENT 8U /* Also of memory reservations. */
#define DT_TAG_SIZE 4U

/* The oldest version with the size of the structure block; before it the next block ends it. */
#define DT_VERSION 17U

enum dt_header {
	DT_HEADER_MAGIC,
	DT_HEADER_TOTALSIZE,
	DT_HEADER_OFF_DT_STRUCT,
	DT_HEADER_OFF_DT_STRINGS,
	DT_HEADER_OFF_MEM_RSVMAP,
	DT_HEADER_VERSION,
	DT_HEADER_LAST_COMP_VERSION,
	DT_HEADER_BOOT_CPUID_PHYS,
	DT_HEADER_SIZE_DT_STRINGS,
	DT_HEADER_SIZE_DT_STRUCT,
	DT_HEADER_WORDS,
};

#define DT_HEADER_SIZE (DT_HEADER_WORDS * 4U)

enum dt_token {
	DT_BEGIN_NODE = 1, /* Then the node's name and a NUL. */
	DT_END_NODE = 2,
	DT_PROP = 3, /* Then the value's length, its name's offset, the value. */
	DT_NOP = 4,
	DT_END = 9,
};

#define DT_PROP_LENGTH 4U /* Offsets from the token. */
#define DT_PROP_NAME 8U
#define DT_PROP_VALUE 12U

/* Address and size, 8 bytes each; size 0 ends the list. */
#define DT_RESERVATION_SIZE 16U
#define DT_RESERVATION_LENGTH 8U

static inline uint32_t dt_header(const void *fdt, enum dt_header word)
{
	return get_be32((const uint8_t *)fdt + 4U * (uint32_t)word);
}

static inline uint64_t dt_be64(const uint8_t *bytes)
{
	return (uint64_t)get_be32(bytes) << 32 | get_be32(bytes + 4);
}

/* From here on only for a tree that passed dt_check(). */
static inline const uint8_t *dt_block(const void *fdt)
{
	return (const uint8_t *)fdt + dt_header(fdt, DT_HEADER_OFF_DT_STRUCT);
}

static inline const char *dt_names(const void *fdt)
{
	return (const char *)fdt + dt_header(fdt, DT_HEADER_OFF_DT_STRINGS);
}

static inline const uint8_t *dt_padded(const uint8_t *at, uint32_t size)
{
	return at + ((size + DT_TAG_SIZE - 1) & ~(DT_TAG_SIZE - 1));
}

/* `node`, `property`: at their tokens. */
static inline const uint8_t *dt_behind_name(const uint8_t *node)
{
	return dt_padded(node + DT_TAG_SIZE, (uint32_t)strlen((const char *)node + DT_TAG_SIZE) + 1);
}

static inline const uint8_t *dt_behind_property(const uint8_t *property)
{
	return dt_padded(property + DT_PROP_VALUE, get_be32(property + DT_PROP_LENGTH));
}

#endif
