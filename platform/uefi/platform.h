/* SPDX-License-Identifier: BSD-2-Clause */
/* Any machine that starts UEFI applications: all facts come from UEFI, ACPI or the device tree. */
#ifndef PLATFORM_H
#define PLATFORM_H

#define PLATFORM_NAME "uefi"
#define PLATFORM_UEFI 1
#define PLATFORM_RAM_BASE 0x1000   /* RAM may begin anywhere but in the first page. */
#define PLATFORM_DEVICE_TREE 0	   /* Only where a register or UEFI names one. */
#define PLATFORM_TICK_HZ 100000000 /* If neither CNTFRQ nor the device tree says it. */
#define PLATFORM_SELFTEST_FULL 0   /* Checks that damage things on purpose are asked for: selftest=full. */

#endif
