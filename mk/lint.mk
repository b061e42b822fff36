# SPDX-License-Identifier: BSD-2-Clause
# What a reviewer need not look for.

# Of a tree that came without its history: all that is not built.
LINT_FILES := $(if $(filter lint,$(GOALS)),$(shell if [ -e .git ]; then git ls-files; else \
	find . -path ./build -prune -o -type f -print | sed 's|^\./||' | LC_ALL=C sort; fi))
LINT_C := $(filter %.c %.h,$(LINT_FILES))
LINT_SHELL := tools/judge tools/alone tools/nearest tools/run_folder.sh tools/get tools/fuzz tools/again tools/versions.sh tools/new-board $(wildcard platform/*/run platform/*/probe) .ci/run
TARGET_INCLUDES := -Idrivers -Iboot -Iboot/cpu -Itests -Iplatform/$(PLATFORM)
LINT_GCC_ARM := $(CROSS_arm)gcc $(ARCH_FLAGS_arm) -Iboot/aarch32 $(TARGET_INCLUDES)
LINT_GCC_AARCH64 := $(CROSS_aarch64)gcc $(ARCH_FLAGS_aarch64) $(C_LIBRARY_aarch64) -Iboot/aarch64 $(TARGET_INCLUDES)
LINT_CLANG_ARM := clang --target=arm-none-eabi -mcpu=cortex-a15 -mfloat-abi=hard -mthumb -ffreestanding -idirafter /usr/include/newlib \
	-Iboot/aarch32 $(TARGET_INCLUDES)
LINT_CLANG_AARCH64 := clang --target=aarch64-none-elf -mgeneral-regs-only -ffreestanding -idirafter $(PICOLIBC) -Iboot/aarch64 $(TARGET_INCLUDES)
HOST_INCLUDES := -Itests/host -Itests -Itests/model -Idrivers -Iboot -Iboot/cpu -Iplatform/$(PLATFORM) -Itools/inspect -D_DEFAULT_SOURCE

# One line for each thing looked at, in TAP: what is wrong comes before it.
lint: | $(BUILD)/.got-lint ## format, static analysis, warnings of gcc and clang, self-standing headers, shell scripts
	@LINT_FILES='$(LINT_FILES)' LINT_C='$(LINT_C)' LINT_SHELL='$(LINT_SHELL)' GCC_ARM='$(LINT_GCC_ARM)' GCC_AARCH64='$(LINT_GCC_AARCH64)' \
		CLANG_ARM='$(LINT_CLANG_ARM)' CLANG_AARCH64='$(LINT_CLANG_AARCH64)' HOST_INCLUDES="$(HOST_INCLUDES)" WARNINGS='-std=c11 $(WARNINGS)' \
		prove --exec sh tools/lint
