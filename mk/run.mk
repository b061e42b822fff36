# SPDX-License-Identifier: BSD-2-Clause
# Running it: on an emulator, on a board, and with Linux behind it.

run-files: $(ELF) $(if $(HAS_UEFI),$(EFI))
run: ## bring up 3 SMMUv3s on QEMU; takes INSTANCES= CORES= MACHINE= STAGE= MEMORY= APPEND= QEMU= QEMU_EXTRA=
	@$(FORGET)
	@[ -x platform/$(PLATFORM)/run ] || { echo "$(PLATFORM) is a board, not an emulator: make load BOARD=$(PLATFORM)"; exit 1; }
	+@$(BUILT)
	@$(GET_PAGE)
	@$(WITH_QEMU) platform/$(PLATFORM)/run $(ELF)

# A board by OpenOCD; tools/load tells the other variables.
load-files: $(ELF) | $(BUILD)/.got-openocd
load: ## OpenOCD puts the image into BOARD='s RAM, verifies and starts it; takes CONSOLE= DTB= DTB_AT= APPEND=
	@$(FORGET)
	+@$(BUILT)
	@$(WITH_QEMU) ELF=$(ELF) NOR=$(NOR).bin INSPECT=$(INSPECT) tools/load load $(PLATFORM)

flash-files: $(IMAGES) | $(BUILD)/.got-openocd
flash: ## OpenOCD writes the NOR image to BOARD='s flash, verifies it and resets
	@$(FORGET)
	+@$(BUILT)
	@$(WITH_QEMU) ELF=$(ELF) NOR=$(NOR).bin tools/load flash $(PLATFORM)

new-board: ## lay out the folder of another board: NAME=
	@tools/new-board '$(NAME)'

picture: ## run the firmware in both widths (what both have), and draw docs/run.svg from what they said
	@[ -x platform/$(PLATFORM)/run ] || { echo "$(PLATFORM) is a board, not an emulator: no run of it can be drawn here"; exit 1; }
	@for arch in $(ARCHS); do $(MAKE) ARCH=$$arch FEATURES=basic picture-of-one || exit 1; done
	@tools/picture $(ARCHS:%=$(BUILD)/picture/%/console.log) docs/run.svg

picture-of-one-files: $(ELF)
picture-of-one:
	+@$(BUILT)
	@$(WITH_QEMU) RUN_DIR=$(BUILD)/picture/$(ARCH) platform/$(PLATFORM)/run $(ELF)

soak: ## SOAK=60 seconds of registering, binding and DMA at once, on 8 cores and 5 SMMUv3s
	@$(FORGET)
	@case '$(SOAK)' in '' | *[!0-9]* | 0*) echo "soak: SOAK=$(SOAK) is no number of seconds from 1 on" >&2; exit 1 ;; esac
	@$(MAKE) run CORES=8 INSTANCES=5 APPEND='soak=$(SOAK) $(APPEND)' TIMEOUT=$$(($(SOAK) * 2 + 1200))

print-qemu: ## print the QEMU that runs use
	@tools/get qemu

# Linux for arm64 is started by the image of 64 bits.
ELF64 := $(BUILD)/qemu-virt-aarch64/smmu-bringup.elf
EFI_ELF := $(BUILD)/uefi-aarch64/smmu-bringup.elf
linux-image:
	+@$(MAKE) ARCH=aarch64 all-files

# Boards that are not there: their device trees, planned by the image of 64 bits.
test-dtbs-files: linux-image $(INSPECT) | $(BUILD)/.got-test
test-dtbs: ## describe=only over each device tree of Debian's newest kernel that names an SMMUv3
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && QEMU=$$qemu ELF=$(ELF64) prove --exec 'tools/tap python3' tests/boards/dtbs.t

run-linux-files: linux-image | $(BUILD)/.got-test
run-linux: ## Linux after the firmware, on QEMU: LINUX=oldest (or newest), with a disk behind each SMMU
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && QEMU=$$qemu ELF=$(ELF64) LINUX=$(LINUX) CPU=$(CPU) CORES=$(CORES) APPEND='$(APPEND)' python3 tests/qemu/linux.py

linux-table-files: linux-image | $(BUILD)/.got-test
linux-table: ## tables with a wrong entry each: what the firmware says, and what Linux says, beside docs/linux.md; takes WRONG= (words of a row): 15 minutes
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && QEMU=$$qemu ELF=$(ELF64) WRONG='$(WRONG)' python3 tests/qemu/linux_table.py $(LINUX)

uefi-image:
	+@$(MAKE) BOARD=uefi all-files

test-uefi-files: uefi-image | $(BUILD)/.got-test
test-uefi: ## the firmware as a UEFI application, in the ways of platform/uefi/README.md: 10 minutes; SHORT=yes: one of them
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && SHORT=$(SHORT) QEMU=$$qemu ELF=$(EFI_ELF) prove --exec 'tools/tap python3' tests/qemu/uefi.t

test-linux-files: linux-image $(LOOK) | $(BUILD)/.got-test
test-linux: ## Linux of both ages after the firmware, in EL2 and in EL1, and the firmware after Linux: 10 minutes
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && LINUX=all QEMU=$$qemu ELF=$(ELF64) prove --exec 'tools/tap python3' $(patsubst %,tests/qemu/%.t,linux designware) tests/look/linux.t $(LINUX_TESTS)
