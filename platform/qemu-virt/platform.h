/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's `virt`: facts that no table tells. */
#ifndef PLATFORM_H
#define PLATFORM_H

#define PLATFORM_NAME "qemu-virt"
#define PLATFORM_RAM_BASE 0x40000000	/* Trees and arguments lie above. */
#define PLATFORM_DEVICE_TREE 0x40000000 /* QEMU's place for a bare ELF, or flash. */
#define PLATFORM_EARLY_PL011 0x09000000 /* Before a console is described. */
#define PLATFORM_TICK_HZ 62500000	/* If CNTFRQ is 0. */
#define PLATFORM_SELFTEST_FULL 1	/* Damaging checks run by default. */
/* Without a device tree: what ACPI lacks. */
#define PLATFORM_RAM_SIZE 0x10000000 /* There may be more. */
#define PLATFORM_FW_CFG 0x09020000
#define PLATFORM_PCI_BASE 0x10000000 /* First host's 32-bit window, the same for cores and bus. */
#define PLATFORM_PCI_SIZE 0x2eff0000
#define PLATFORM_GICD_BASE 0x08000000 /* For an entry in EL3. */
#define PLATFORM_GICR_BASE 0x080a0000
#define PLATFORM_GICC_BASE 0x08010000 /* With GICv2. */

#endif
