/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts about Arm's FVP_Base_RevC that no table tells before it is read. */
#ifndef PLATFORM_H
#define PLATFORM_H

#define PLATFORM_NAME "fvp-base-revc"
#define PLATFORM_RAM_BASE 0x80000000	/* Only above it does the firmware look for a device tree, or arguments. */
#define PLATFORM_DEVICE_TREE 0x82000000 /* Where `run` has the model load it. */
#define PLATFORM_EARLY_PL011 0x1c090000 /* UART0. */
#define PLATFORM_TICK_HZ 100000000	/* If neither CNTFRQ nor the device tree says it. */
#define PLATFORM_SELFTEST_FULL 1	/* Checks that damage things on purpose run by default. */
#define PLATFORM_GICD_BASE 0x2f000000	/* GICv3, for a core that is entered in EL3, as without TF-A. */
#define PLATFORM_GICR_BASE 0x2f100000

#endif
