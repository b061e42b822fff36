/* SPDX-License-Identifier: BSD-2-Clause */
/* Arm's Morello SDP, and N1SDP: facts that no table tells, or that are needed before one is read. */
#ifndef PLATFORM_H
#define PLATFORM_H

#define PLATFORM_NAME "morello"
#define PLATFORM_AARCH64_ALONE 1	/* AArch32 is in EL0 alone, or nowhere. */
#define PLATFORM_RAM_BASE 0x80000000	/* Trees and arguments lie above. */
#define PLATFORM_DEVICE_TREE 0		/* UEFI, or a register, names it. */
#define PLATFORM_EARLY_PL011 0x2a400000 /* The AP's, 115200 baud. */
#define PLATFORM_TICK_HZ 100000000	/* If CNTFRQ is 0. */
#define PLATFORM_SELFTEST_FULL 0	/* Damaging checks need selftest=full. */
#define PLATFORM_GICD_BASE 0x30000000	/* GICv3, for an entry in EL3. */
#define PLATFORM_GICR_BASE 0x300c0000

#endif
