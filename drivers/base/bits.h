/* SPDX-License-Identifier: BSD-2-Clause */
/* Register fields, by NAME_SHIFT and NAME_WIDTH. */
#ifndef BASE_BITS_H
#define BASE_BITS_H

#include <stdint.h>

#define FIELD_MAX(name) ((1ULL << name##_WIDTH) - 1)
#define FIELD_MASK(name) (FIELD_MAX(name) << name##_SHIFT)

#define FIELD_GET32(name, reg) ((uint32_t)((reg) >> name##_SHIFT) & (uint32_t)FIELD_MAX(name))
#define FIELD_GET64(name, reg) ((uint64_t)((reg) >> name##_SHIFT) & FIELD_MAX(name))

/* Bits beyond the width are cut off. */
#define FIELD_PUT32(name, value) ((uint32_t)(((uint64_t)(value)&FIELD_MAX(name)) << name##_SHIFT))
#define FIELD_PUT64(name, value) (((uint64_t)(value)&FIELD_MAX(name)) << name##_SHIFT)

#define BIT32(n) (1U << (n))
#define BIT64(n) (1ULL << (n))

#endif
