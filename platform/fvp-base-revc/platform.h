/* SPDX-License-Identifier: BSD-2-Clause */
/* Arm's FVP_Base_RevC: facts that no table tells. */
#ifndef PLATFORM_H
#define PLATFORM_H

#define PLATFORM_NAME "fvp-base-revc"
#define PLATFORM_RAM_BASE 0x80000000	/* Trees and arguments lie above. */
#define PLATFORM_DEVICE_TREE 0x82000000 /* `run` loads it there. */
#define PLATFORM_EARLY_PL011 0x1c090000 /* UART0. */
#define PLATFORM_TICK_HZ 100000000	/* If CNTFRQ is 0. */
#define PLATFORM_SELFTEST_FULL 1	/* Damaging checks run by default. */
#define PLATFORM_GICD_BASE 0x2f000000	/* GICv3, for an entry in EL3. */
#define PLATFORM_GICR_BASE 0x2f100000

#endif
