/* SPDX-License-Identifier: BSD-2-Clause */
/* Rockchip RK3588: facts that no table tells, or that are needed before one is read. */
#ifndef PLATFORM_H
#define PLATFORM_H

#define PLATFORM_NAME "rk3588"
#define PLATFORM_AARCH64_ALONE 1	/* The A76s have AArch32 in EL0 alone. */
#define PLATFORM_RAM_BASE 0x00200000	/* What is below is TF-A's. */
#define PLATFORM_DEVICE_TREE 0x12000000 /* U-Boot: fdt_addr_r. */
#define PLATFORM_EARLY_16550 0xfeb50000 /* UART2, 1500000 baud. */
#define PLATFORM_EARLY_16550_SHIFT 2	/* Registers: four bytes apart, 32-bit accesses. */
#define PLATFORM_TICK_HZ 24000000	/* If CNTFRQ is 0. */
#define PLATFORM_SELFTEST_FULL 0	/* Damaging checks need selftest=full. */
#define PLATFORM_GICD_BASE 0xfe600000	/* GIC-600, for an entry in EL3. */
#define PLATFORM_GICR_BASE 0xfe680000

#endif
