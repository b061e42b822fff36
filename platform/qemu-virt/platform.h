/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts about QEMU's `virt` that no table tells before it is read. */
#ifndef PLATFORM_H
#define PLATFORM_H

#define PLATFORM_NAME "qemu-virt"
#define PLATFORM_RAM_BASE 0x40000000	/* Only above it does the firmware look for a device tree, or arguments. */
#define PLATFORM_DEVICE_TREE 0x40000000 /* Where QEMU puts it for a bare ELF, and for flash. */
#define PLATFORM_EARLY_PL011 0x09000000 /* For output before the console is described. */
#define PLATFORM_TICK_HZ 62500000	/* If neither CNTFRQ nor the device tree says it. */
#define PLATFORM_SELFTEST_FULL 1	/* Checks that damage things on purpose run by default. */
/* For a machine without a device tree: what ACPI does not say. */
#define PLATFORM_RAM_SIZE 0x10000000 /* From PLATFORM_RAM_BASE on; there may be more. */
#define PLATFORM_FW_CFG 0x09020000
#define PLATFORM_PCI_BASE 0x10000000 /* Of the first PCI host: a 32-bit window, the same for cores and bus. */
#define PLATFORM_PCI_SIZE 0x2eff0000
#define PLATFORM_GICD_BASE 0x08000000 /* For a core that is entered in EL3. */
#define PLATFORM_GICR_BASE 0x080a0000
#define PLATFORM_GICC_BASE 0x08010000 /* With GICv2. */

#endif
