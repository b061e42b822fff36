/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts about TI's J721E (SPRUIL1) that no table tells before it is read. */
#ifndef PLATFORM_H
#define PLATFORM_H

#define PLATFORM_NAME "ti-j721e"
#define PLATFORM_RAM_BASE 0x80000000	/* DDR; only above it does the firmware look for a device tree, or arguments. */
#define PLATFORM_DEVICE_TREE 0x88000000 /* TI's U-Boot loads it here (fdtaddr) by default. */
#define PLATFORM_EARLY_16550 0x02800000 /* MAIN_UART0, set up by the boot loader. */
#define PLATFORM_EARLY_16550_SHIFT 2	/* Its registers are four bytes apart. */
#define PLATFORM_TICK_HZ 200000000	/* If neither CNTFRQ nor the device tree says it. */
#define PLATFORM_SELFTEST_FULL 0	/* Only selftest=full runs checks that damage things on purpose. */
#define PLATFORM_GICD_BASE 0x01800000	/* GIC-500, for a core that is entered in EL3. */
#define PLATFORM_GICR_BASE 0x01900000

#endif
