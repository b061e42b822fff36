# SPDX-License-Identifier: BSD-2-Clause
# AArch32: Cortex-A7 and A15, and each 64-bit core that has AArch32 in EL1.

FOLDER_arm := aarch32
IMAGE_LIMIT_arm := 143360
# QEMU's names of those that have no other width.
CPUS_arm := cortex-a7 cortex-a15

CROSS_arm := arm-none-eabi-
ARCH_FLAGS_arm := -march=armv7ve+simd -mfloat-abi=hard -mthumb
# newlib's headers, and the string functions that no source here has.
C_LIBRARY_arm := --specs=nano.specs
# Before the MMU is on, an unaligned access faults: nothing in boot/ makes one.
BOOT_FLAGS_arm := -mno-unaligned-access
# The libraries were built with either size of enum, and pass none.
LINK_arm := --specs=nano.specs -Tlinker/ram.ld -Wl,--no-enum-size-warning
# Together some 400 bytes.
SMALLER_arm := -fno-if-conversion -fno-schedule-insns2 -fira-algorithm=priority
# What ARCH_MORE_HOSTS is about: no room.
ABSENT_arm := boot/options/describe.c drivers/pci/host.c
# bench, with -Os: each further master in a replay +9 %, which misses its must. In AArch64 that would be 4 KiB.
FAST_SOURCES_arm := drivers/iommu/replay.c drivers/smmuv3/strtab.c

LINT_CLANG_arm := clang --target=arm-none-eabi -mcpu=cortex-a15 -mfloat-abi=hard -mthumb -ffreestanding -idirafter /usr/include/newlib

# About this width alone: an image of 32 bits in AArch64, or elsewhere than where it is linked for.
QEMU_TESTS_OF_arm := $(patsubst %,tests/qemu/%.t,misplaced secure) tests/a64/monitor.t
