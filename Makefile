# SPDX-License-Identifier: BSD-2-Clause
# smmu-bringup: `make help` lists what can be asked for. The rules are in mk/, by subject.

# A name of a file cannot have a space in it where make reads a list of them.
$(if $(word 2,$(CURDIR)),$(error $(CURDIR): make cannot build in a folder whose path has a space; move the checkout))

# The board: a folder of platform/.
BOARD ?= qemu-virt
PLATFORM ?= $(BOARD)
BOARDS := $(patsubst platform/%/platform.h,%,$(wildcard platform/*/platform.h))
VERSION := 0.1.0

# The width of the processor: that of the core which `make run` has (CPU=), where that is named.
CPU ?=
# What each of them is: mk/arch.
ARCHS := arm $(filter-out arm,$(patsubst mk/arch/%.mk,%,$(wildcard mk/arch/*.mk)))
HAS_UEFI := $(shell grep -sl 'PLATFORM_UEFI 1' platform/$(PLATFORM)/platform.h)
HAS_AARCH64_ALONE := $(shell grep -sl 'PLATFORM_AARCH64_ALONE 1' platform/$(PLATFORM)/platform.h)
include $(ARCHS:%=mk/arch/%.mk)
ARCH ?= $(if $(filter-out $(CPUS_arm),$(CPU))$(HAS_UEFI)$(HAS_AARCH64_ALONE),aarch64,arm)
ARCH_FOLDER := $(FOLDER_$(ARCH))
IMAGE_LIMIT = $(IMAGE_LIMIT_$(ARCH))

# What `make run` takes.
INSTANCES ?=
CORES ?= 4
MACHINE ?=
STAGE ?=
MEMORY ?= 512M
APPEND ?=
QEMU ?=
QEMU_EXTRA ?=
SOAK ?= 60
LINUX ?= oldest
WRONG ?=
export CPU INSTANCES CORES MACHINE STAGE MEMORY APPEND QEMU QEMU_EXTRA TIMEOUT
# What `make load` and `make flash` take beside that.
export CONSOLE DTB DTB_AT OPENOCD OPENOCD_EXTRA FLASH

# What is built depends on all of them.
RULES := Makefile $(patsubst %,mk/%.mk,features folders given rules firmware run page host bench inspect look random schedule mutants qemu lint) $(ARCHS:%=mk/arch/%.mk)
include $(filter-out Makefile mk/arch/%,$(RULES))

# Scenarios in which two cores meet at a fence: they find nine of the thirteen that tests/mutants/core_kept.py leaves out.
FENCED := A26 A31 A33 B-03 GRP-01 BND: CON-10

check: ## what one runs while working: lint, the host tests and one run, under three minutes
	@$(MAKE) lint
	@$(MAKE) test-unit test-model test-checks
	@$(MAKE) run TIMEOUT=1200 RUN_DIR=$(BUILD)/check >$(BUILD)/check.log || { tail -n 30 $(BUILD)/check.log; exit 1; }
	@python3 tests/qemu/judge.py $(BUILD)/check/report.jsonl
	@tail -n 2 $(BUILD)/check.log | head -n 1

# Whatever any test needs is got before the first one. Each of the two rows leaves a core idle for a third of its time: they go
# on beside each other.
test: | $(BUILD)/.got-everything ## all tests, the longest in a shorter form: under half an hour on two cores
	@$(MAKE) test-row-of-host test-row-of-target || { echo "make test: red; the reasons are above, at 'not ok' and at '***'" >&2; exit 1; }

test-row-of-host:
	@$(MAKE) lint
	@$(MAKE) test-unit
	@$(MAKE) test-model
	@$(MAKE) test-checks
	@$(MAKE) test-inspect
	@$(MAKE) test-page
	@$(MAKE) test-pgtable RANDOM_OPERATIONS=250000
	@$(MAKE) fuzz FUZZ_SECONDS=$(FUZZ_SECONDS_SHORT) JOBS=3
	@$(MAKE) coverage
	@$(MAKE) test-schedule PREEMPTIONS=1 KEPT='$(FENCED)'
	@$(MAKE) test-threads
	@$(MAKE) mutants MUTANT_EVERY=20
	@$(MAKE) bench
	@$(MAKE) test-boards

test-row-of-target:
	@$(MAKE) test-qemu
	@$(MAKE) test-look
	@$(MAKE) ARCH=aarch64 test-qemu SHORT=yes QEMU_TESTS='$(QEMU_TESTS_OF_aarch64) $(QEMU_TESTS_OF_BOTH)'
	@$(MAKE) test-uefi SHORT=yes
	@$(MAKE) test-openocd
	@$(MAKE) test-dtbs
	@$(MAKE) ARCH=aarch64 test-openocd SHORT=yes

clean: ## remove what was built, keep what was fetched and what the fuzzers found
	rm -rf $(BOARDS:%=$(BUILD)/%) $(BOARDS:%=$(BUILD)/%-aarch64) $(wildcard $(BUILD)/*-without-* $(BUILD)/*-basic $(BUILD)/*-with-next) $(BUILD)/shared $(BENCH) $(HOST) $(INSPECT_BUILD) $(SCHEDULE) $(THREADS) $(FENCES) $(COVERAGE) $(PGTABLE) $(BUILD)/mutants $(BUILD)/tests $(BUILD)/plain $(BUILD)/picture $(BUILD)/check

distclean: ## remove everything that is not in the repository
	rm -rf $(BUILD)

help: ## list the targets
	@awk -F ':.*## ' 'FNR == 2 { subject = substr($$0, 3) } \
		/^[a-z-]+:.*## / { if (subject != told) print "\n" (told = subject); printf "  %-14s %s\n", $$1, $$2 }' $(RULES)

# What a goal says of itself, what it needs, and what only other rules ask for.
ASKED_FOR := $(shell sed -n 's/^\([a-z-]*\):.*\#\# .*/\1/p' $(RULES))
.PHONY: $(ASKED_FOR) $(ASKED_FOR:%=%-files) test-row-of-host test-row-of-target linux-image uefi-image coverage-programs coverage-counts bench-programs bench-minimal bench-basic bench-aarch64 \
	mutants-host mutants-listed mutants-listed-files test-matrix-of-one test-matrix-of-one-files picture-of-one picture-of-one-files architectures

-include $(sort $(LINKED:.o=.d)) $(HOST_PROGRAM_OBJECTS:.o=.d) $(HOST)/own_strings.c.d $(BENCH_PROGRAMS:$(HOST)/bench-%=$(HOST)/tests/bench/%.c.d)
