/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SYSTEM_H
#define SYSTEM_H

#define MODE_MASK 0x1f
#define MODE_FIQ 0x11
#define MODE_IRQ 0x12
#define MODE_SVC 0x13
#define MODE_MON 0x16
#define MODE_ABT 0x17
#define MODE_HYP 0x1a
#define MODE_UND 0x1b
#define MASK_AIF 0x1c0

/* MMU and caches off, exceptions in little-endian A32 at VBAR. */
#define SCTLR_AT_RESET 0x00c50878

/* Offset in the image; exceptions from EL1 in AArch32 go to 0x600 behind it. */
#define EL2_VECTORS 0x800
#define HVC_LEAVE 0x5b

#endif
