/* SPDX-License-Identifier: BSD-2-Clause */
/* NXP's i.MX 95: facts that no table tells, or that are needed before one is read. */
#ifndef PLATFORM_H
#define PLATFORM_H

#define PLATFORM_NAME "imx95"
#define PLATFORM_RAM_BASE 0x90000000	 /* The M33 and TF-A have what is below. */
#define PLATFORM_DEVICE_TREE 0		 /* dtb= names it. */
#define PLATFORM_EARLY_LPUART 0x44380000 /* LPUART1, 115200 baud. */
#define PLATFORM_TICK_HZ 24000000	 /* If CNTFRQ is 0. */
#define PLATFORM_SELFTEST_FULL 0	 /* Damaging checks need selftest=full. */
#define PLATFORM_GICD_BASE 0x48000000	 /* GIC-720AE, for an entry in EL3. */
#define PLATFORM_GICR_BASE 0x48060000

#endif
