/* SPDX-License-Identifier: BSD-2-Clause */
/* All facts come from UEFI, ACPI or the device tree. */
#ifndef PLATFORM_H
#define PLATFORM_H

#define PLATFORM_NAME "uefi"
#define PLATFORM_UEFI 1
#define PLATFORM_RAM_BASE 0x1000   /* Not the first page. */
#define PLATFORM_DEVICE_TREE 0	   /* None of its own. */
#define PLATFORM_TICK_HZ 100000000 /* If CNTFRQ is 0. */
#define PLATFORM_SELFTEST_FULL 0   /* Damaging checks need selftest=full. */

#endif
