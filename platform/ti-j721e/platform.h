/* SPDX-License-Identifier: BSD-2-Clause */
/* TI's J721E (SPRUIL1): facts that no table tells. */
#ifndef PLATFORM_H
#define PLATFORM_H

#define PLATFORM_NAME "ti-j721e"
#define PLATFORM_RAM_BASE 0x80000000	/* DDR; trees and arguments lie above. */
#define PLATFORM_DEVICE_TREE 0x88000000 /* TI's U-Boot: fdtaddr. */
#define PLATFORM_EARLY_16550 0x02800000 /* MAIN_UART0 */
#define PLATFORM_EARLY_16550_SHIFT 2	/* Registers: four bytes apart. */
#define PLATFORM_TICK_HZ 200000000	/* If CNTFRQ is 0. */
#define PLATFORM_SELFTEST_FULL 0	/* Damaging checks need selftest=full. */
#define PLATFORM_GICD_BASE 0x01800000	/* GIC-500, for an entry in EL3. */
#define PLATFORM_GICR_BASE 0x01900000

#endif
