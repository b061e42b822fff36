/* SPDX-License-Identifier: BSD-2-Clause */
/* Facts about QEMU's `virt` that no table tells before it is read. */
#ifndef PLATFORM_H
#define PLATFORM_H

#define PLATFORM_NAME "qemu-virt"
#define PLATFORM_RAM_BASE 0x40000000	/* Where QEMU puts the device tree of a bare ELF. */
#define PLATFORM_EARLY_PL011 0x09000000 /* For the dying words of a core before the console is described. */
#define PLATFORM_TICK_HZ 62500000U	/* Where neither CNTFRQ nor the device tree says. */

#endif
