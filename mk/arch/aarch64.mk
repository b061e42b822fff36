# SPDX-License-Identifier: BSD-2-Clause
# AArch64.

FOLDER_aarch64 := aarch64
# 200 KiB are for FEATURES=basic.
IMAGE_LIMIT_aarch64 = $(shell expr $(if $(filter-out $(WITHOUT),$(FEATURES_LATER)),360448,204800) + $(if $(HAS_UEFI),12288,0))

CROSS_aarch64 := aarch64-linux-gnu-
# tiny: code reaches what it names in one instruction, 5 % less of an image, which linker/aarch64.ld holds to 1 MiB. small: in two.
REACH ?= $(if $(filter-out $(WITHOUT),$(FEATURES_LATER)),small,tiny)
ARCH_FLAGS_aarch64 = -march=armv8-a -mcmodel=$(REACH) -mgeneral-regs-only -mstrict-align -mno-outline-atomics
comma := ,
# There is no newlib among Debian's packages: the headers are picolibc's. Of its code none is used.
PICOLIBC := /usr/lib/picolibc/aarch64-linux-gnu/include
C_LIBRARY_aarch64 := -include boot/aarch64/hidden.h -ffreestanding -fomit-frame-pointer -fpie -fvisibility=hidden \
	-fno-asynchronous-unwind-tables -isystem $(PICOLIBC)
# An image that moves its pointers itself.
LINK_aarch64 = -ffreestanding -fpie -fvisibility=hidden -nostdlib -pie -Tlinker/aarch64.ld -Wl,--no-dynamic-linker -Wl,-z,notext -Wl,-z,norelro \
	-Wl,--build-id=none -Wl,-z,max-page-size=4096 $(patsubst %,-Wl%--defsym=__reaches_all=1,$(if $(filter small,$(REACH)),$(comma)))
PACK_aarch64 := tools/pointers

LINT_CLANG_aarch64 := clang --target=aarch64-none-elf -mgeneral-regs-only -ffreestanding -idirafter $(PICOLIBC)

# About this width alone: an image that runs anywhere.
QEMU_TESTS_OF_aarch64 := $(patsubst %,tests/qemu/%.t,above anywhere designware explained hotplug judge_target left_on lines listen linux models monitor)
