# SPDX-License-Identifier: BSD-2-Clause
# What a reviewer need not look for.

# Of a tree that came without its history: all that is not built.
LINT_FILES := $(if $(filter lint,$(GOALS)),$(shell if [ -e .git ]; then git ls-files; else \
	find . -path ./build -prune -o -type f -print | sed 's|^\./||' | LC_ALL=C sort; fi))
LINT_C := $(filter %.c %.h,$(LINT_FILES))
LINT_SHELL := tools/judge tools/alone tools/nearest tools/run_folder.sh tools/get tools/fuzz tools/again tools/versions.sh tools/new-board $(wildcard platform/*/run platform/*/probe) .ci/run
TARGET_INCLUDES := -Idrivers -Iboot -Iboot/cpu -Itests -Iplatform/$(PLATFORM)
# Of each architecture, for those that compile by themselves.
lint_gcc = $(CROSS_$(1))gcc $(ARCH_FLAGS_$(1)) $(C_LIBRARY_$(1)) -Iboot/$(FOLDER_$(1)) $(TARGET_INCLUDES)
lint_clang = $(LINT_CLANG_$(1)) -Iboot/$(FOLDER_$(1)) $(TARGET_INCLUDES)
HOST_INCLUDES := -Itests/host -Itests -Itests/model -Idrivers -Iboot -Iboot/cpu -Iplatform/$(PLATFORM) -Itools/inspect -Itools/look -D_DEFAULT_SOURCE

# One line for each thing looked at, in TAP: what is wrong comes before it.
lint: | $(BUILD)/.got-lint ## format, static analysis, warnings of gcc and clang, self-standing headers, shell scripts
	@LINT_FILES='$(LINT_FILES)' LINT_C='$(LINT_C)' LINT_SHELL='$(LINT_SHELL)' ARCHS='$(ARCHS)' \
		$(foreach arch,$(ARCHS),FOLDER_$(arch)='$(FOLDER_$(arch))' GCC_$(arch)='$(call lint_gcc,$(arch))' CLANG_$(arch)='$(call lint_clang,$(arch))') \
		HOST_INCLUDES="$(HOST_INCLUDES)" WARNINGS='-std=c11 $(WARNINGS)' \
		prove --exec sh tools/lint

# Name, folder of boot/ and compiler of each.
architectures:
	@$(foreach arch,$(ARCHS),echo '$(arch) $(FOLDER_$(arch)) $(call lint_gcc,$(arch))';)
