# SPDX-License-Identifier: BSD-2-Clause
# The firmware on QEMU, under OpenOCD, and for every board.

# The driver's tests on this board: the same start-up and drivers, and another main page.
TEST_ELF := $(OUT)/smmu-test.elf
JUDGE_SOURCES := $(filter-out tests/smmuv3/host.c,$(wildcard tests/smmuv3/*.c))
TEST_OBJECTS := $(filter-out $(OUT)/boot/main.c.o,$(OBJECTS)) $(JUDGE_SOURCES:%=$(OUT)/%.o)

$(OUT)/tests/%.o: private CFLAGS += $(BOOT_FLAGS) -Itests

$(eval $(call linked,$(TEST_ELF),TEST_OBJECTS,LINK))
$(TEST_ELF): $(IMAGE_NEEDS)
	$(call say,LD,$@)
	$(Q)$(CROSS)gcc $(LDFLAGS:.map=-test.map) $(TEST_OBJECTS) -o $@
	$(Q)$(or $(PACK_$(ARCH)),:) $@

test-elf-files: $(TEST_ELF)
test-elf: ## the image that tests the SMMUv3 driver on QEMU, for tests/qemu/judges.t
	+@$(BUILT)

# The longest first: the others go on beside them. They wait for the machine's own time as often as for a core.
QEMU_TESTS_LONG := $(patsubst %,tests/qemu/%.t,broken provoke bad_input uboot soak matrix secure fatal interrupts models machines bootargs)
# What has a part of boot/aarch64 in it, beside those: `make test` runs it in the second width, too, with SHORT=yes.
QEMU_TESTS_OF_BOTH := $(patsubst %,tests/qemu/%.t,uboot next entry trace acpi inherited fatal handover judges soak) tests/a64/bringup.t
# Linux starts more than once in each: `make test-linux` alone runs them.
LINUX_TESTS := $(patsubst %,tests/qemu/%.t,kexec linux_acpi)
# An image of its own: `make test-uefi`.
QEMU_TESTS_OTHER := $(LINUX_TESTS) tests/qemu/uefi.t $(foreach arch,$(filter-out $(ARCH),$(ARCHS)),$(QEMU_TESTS_OF_$(arch)))
QEMU_TESTS := $(filter-out $(QEMU_TESTS_OTHER),$(QEMU_TESTS_LONG) $(filter-out $(QEMU_TESTS_LONG),$(wildcard tests/qemu/*.t tests/a64/*.t)))

test-qemu-files: $(IMAGES) $(TEST_ELF) $(JUDGE_TEST) $(INSPECT) | $(BUILD)/.got-test
test-qemu: ## the firmware on QEMU, judged from its records
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && QEMU=$$qemu ELF=$(ELF) SHORT=$(SHORT) prove -j4 --exec 'tools/tap python3' $(QEMU_TESTS)

test-broken-files: $(IMAGES) | $(BUILD)/.got-test
test-broken: ## the driver broken in one place for each check, on QEMU: that check fails the run
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && BROKEN=all QEMU=$$qemu ELF=$(ELF) prove --exec 'tools/tap python3' tests/qemu/broken.t

# The longest first. The bridge's own test, and that of the parts of tools/load, have both widths in them. SHORT=yes: what is different with the width.
SHORT ?=
OPENOCD_TESTS := $(patsubst %,tests/openocd/%.t,flash load debug j721e $(if $(filter arm,$(ARCH)),bridge tool))

test-openocd-files: $(IMAGES) | $(BUILD)/.got-test $(BUILD)/.got-openocd
test-openocd: ## the real OpenOCD: load, flash, debug, and what goes wrong
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && QEMU=$$qemu ELF=$(ELF) SHORT=$(SHORT) prove -j3 --exec 'tools/tap python3' $(OPENOCD_TESTS)

# dtbs.t: make test-dtbs
BOARD_TESTS := $(filter-out tests/boards/dtbs.t,$(wildcard tests/boards/*.t))

test-boards-files: $(IMAGES) | $(BUILD)/.got-test
test-boards: ## every board's image, one of a new board, and builds with FEATURES= left out
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && QEMU=$$qemu BOARDS_ARCH=$(ARCH) prove -j2 --exec 'tools/tap python3' $(BOARD_TESTS)

# What is tried again: all that waits for something. 20 times all of it, in each condition, is days of work for two cores.
AGAIN ?= $(QEMU_TESTS) $(wildcard tests/openocd/*.t) $(BOARD_TESTS)

test-again-files: $(IMAGES) $(TEST_ELF) $(JUDGE_TEST) | $(BUILD)/.got-test $(BUILD)/.got-openocd
test-again: ## AGAIN='tests/...' TIMES=20 each beside busy loops, on one core, under nohup and not as root: does red mean broken?
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && QEMU=$$qemu ELF=$(ELF) tools/again $(TIMES) $(AGAIN)

test-matrix: ## the firmware on every machine of the matrix, in both widths: some minutes each
	@for arch in $(ARCHS); do $(MAKE) ARCH=$$arch test-matrix-of-one || exit 1; done

test-matrix-of-one-files: $(ELF) | $(BUILD)/.got-test
test-matrix-of-one:
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && MATRIX=all QEMU=$$qemu ELF=$(ELF) prove --exec 'tools/tap python3' tests/qemu/matrix.t
