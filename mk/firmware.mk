# SPDX-License-Identifier: BSD-2-Clause
# The firmware: its images, for RAM and for NOR.

CROSS := $(CROSS_$(ARCH))
# For the few instructions that a core which starts in AArch64 needs to leave it.
CROSS64 := $(CROSS_aarch64)
# The image has to fit its limit: functions are merged and inlined across files.
LTO := -flto -flto-partition=one
ARCH_FLAGS := $(ARCH_FLAGS_$(ARCH))
# What -Os leaves on although this image is smaller without: what loops compute is kept in registers that are then missing.
SMALL := move-loop-invariants tree-loop-im tree-pre code-hoisting
CFLAGS := $(ARCH_FLAGS) -std=c11 -Os $(SMALL:%=-fno-%) $(SMALLER_$(ARCH)) -g3 -ffunction-sections -fdata-sections -fno-common \
	-fstack-protector $(LTO) $(C_LIBRARY_$(ARCH)) $(WARNINGS) $(WITH_NEXT:%=-DWITH_NEXT) -Idrivers -Iboot/$(ARCH_FOLDER)
BOOT_FLAGS := $(BOOT_FLAGS_$(ARCH)) -Iboot -Iboot/cpu -Iplatform/$(PLATFORM) -DFIRMWARE_VERSION='"$(VERSION)"' \
	-DFIRMWARE_WITHOUT='"$(WITHOUT)"'
LINKER_SCRIPT := $(patsubst -T%,%,$(filter -T%,$(LINK_$(ARCH))))
# Besides its objects, what an image is made of.
IMAGE_NEEDS := $(LINKER_SCRIPT) platform/$(PLATFORM)/memory.ld $(PACK_$(ARCH))
LDFLAGS := $(ARCH_FLAGS) -Os $(LTO) -fstack-protector $(LINK_$(ARCH)) -nostartfiles -Lplatform/$(PLATFORM) -Wl,--gc-sections \
	-Wl,--no-warn-rwx-segments -Wl,-z,noexecstack -Wl,-Map=$(OUT)/smmu-bringup.map

# Of AArch64, in an image of AArch32.
FOREIGN := leave_aarch64 return_to_aarch64
SOURCES := $(filter-out $(ABSENT_$(ARCH)) $(FOREIGN:%=boot/aarch32/%.S) $(foreach feature,$(WITHOUT) $(WITHOUT_SHARED),$(FEATURE_SOURCES_$(feature))),\
	$(wildcard boot/*.c boot/checks/*.c boot/monitor/*.c boot/options/*.c boot/cpu/*.c boot/$(ARCH_FOLDER)/*.c $(if $(HAS_UEFI),boot/uefi/*.c) drivers/*/*.c platform/$(PLATFORM)/*.c boot/$(ARCH_FOLDER)/*.S))
# No board is known to drivers/ (-Iplatform is none of its flags): all boards of a width link the same objects of it, compiled once.
SHARED := $(BUILD)/shared/$(ARCH)$(if $(filter speed,$(WITHOUT)),-without-speed)$(if $(WITH_NEXT),-with-next)
object_of = $(if $(filter drivers/%,$(1)),$(SHARED),$(OUT))/$(1).o
OBJECTS := $(foreach source,$(SOURCES),$(call object_of,$(source)))

# A board whose memory has NOR can be flashed.
HAS_NOR := $(shell grep -sl '^[[:space:]]*NOR ' platform/$(PLATFORM)/memory.ld)

# QEMU stands in for a board that is one.
WITH_QEMU = $(if $(wildcard platform/$(PLATFORM)/probe),qemu=$$(tools/get qemu) && QEMU=$$qemu)

IMAGES := $(ELF) $(BIN) $(if $(HAS_NOR),$(NOR).bin) $(if $(HAS_UEFI),$(EFI))

all-files: $(IMAGES)
all: ## build the firmware for BOARD=qemu-virt (the default)
	+@$(BUILT)

$(OUT)/boot/%.o $(OUT)/platform/%.o: private CFLAGS += $(BOOT_FLAGS)
# Called by UEFI, which owns x18 (UEFI 2.10, 2.3.6.1): such a flag holds for a whole link. Before start.S has moved the pointers there
# is no stack guard.
$(OUT)/boot/uefi/%.o: private CFLAGS += -fno-lto -ffixed-x18 -fno-stack-protector
# The compiler may not turn these functions' loops into calls of themselves.
$(OUT)/boot/string.c.o $(OUT)/boot/aarch64/string.c.o: private CFLAGS += -fno-lto -fno-builtin -fno-tree-loop-distribute-patterns
# Half a KiB here and there for what is executed most; `speed` among the features.
FAST := $(if $(filter speed,$(WITHOUT)),,-O2 $(SMALL:%=-f%))
# bench, with -Os: map 512 pages +76 % (pgtable), each further command of a batch +38 %, one command and SYNC +6 % (cmdq).
$(patsubst %,$(SHARED)/drivers/%.c.o,pgtable/map pgtable/unmap pgtable/descriptor smmuv3/cmdq): private CFLAGS += $(FAST)
$(foreach source,$(FAST_SOURCES_$(ARCH)),$(call object_of,$(source))): private CFLAGS += $(FAST)
# What others wrote is read with more suspicion.
$(SHARED)/drivers/firmware/%.o: private CFLAGS += -fstack-protector-strong
$(patsubst %,$(OUT)/boot/%.c.o,cpu/arguments cpu/entry acpi_tables options/options tables): private CFLAGS += -fstack-protector-strong

# All that any of them is compiled with.
TARGET_FLAGS := $(CFLAGS) $(BOOT_FLAGS) $(FAST)
$(OUT)/.flags: FORCE
	$(call saved,$(CROSS)gcc $(TARGET_FLAGS))

SHARED_FLAGS := $(CFLAGS) $(FAST)
$(SHARED)/.flags: FORCE
	$(call saved,$(CROSS)gcc $(SHARED_FLAGS))

$(SHARED)/%.c.o: %.c $(RULES) $(SHARED)/.flags | $(BUILD)/.got-build
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(CFLAGS) -MMD -MP -c $< -o $@

$(OUT)/%.c.o: %.c $(RULES) $(OUT)/.flags | $(BUILD)/.got-build
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(CFLAGS) -MMD -MP -c $< -o $@

$(FOREIGN:%=$(OUT)/%.bin): $(OUT)/%.bin: boot/aarch32/%.S platform/$(PLATFORM)/platform.h boot/cpu/early_uart.h boot/cpu/returned.inc boot/aarch32/system.h $(RULES) $(OUT)/.flags | $(BUILD)/.got-build
	$(call say,AS64,$<)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc -E -P -D__ASSEMBLER__ $(WITH_NEXT:%=-DWITH_NEXT) -Iboot -Iboot/aarch32 -Iplatform/$(PLATFORM) $< -o $(@:.bin=.s)
	$(Q)$(CROSS64)as $(@:.bin=.s) -o $(@:.bin=.o)
	$(Q)$(CROSS64)objcopy -O binary -j .text $(@:.bin=.o) $@

$(OUT)/boot/aarch32/start.S.o: $(OUT)/leave_aarch64.bin
$(OUT)/boot/aarch32/leap.S.o: $(OUT)/return_to_aarch64.bin

$(OUT)/%.S.o: %.S $(RULES) $(OUT)/.flags | $(BUILD)/.got-build
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(ARCH_FLAGS) -g3 -Iboot -Iboot/cpu -Iboot/$(ARCH_FOLDER) -Iplatform/$(PLATFORM) -DFIRMWARE_VERSION='"$(VERSION)"' -DLEAVE_AARCH64='"$(OUT)/leave_aarch64.bin"' \
		-DRETURN_TO_AARCH64='"$(OUT)/return_to_aarch64.bin"' \
		-DPAYLOAD='"$(BIN)"' -MMD -MP -c $< -o $@

LINK := $(CROSS)gcc $(LDFLAGS)
$(eval $(call linked,$(ELF),OBJECTS,LINK))
# Renamed when it is whole: a run that was started before goes on with the one that it has.
$(ELF): $(IMAGE_NEEDS)
	$(call say,LD,$@)
	$(Q)$(LINK) $(OBJECTS) -o $@.new
	$(Q)$(or $(PACK_$(ARCH)),:) $@.new
	@$(CROSS)size $@.new | awk 'NR == 2 { size = $$1 + $$2; \
		printf "image: %.1f KiB text+data (limit %d KiB)\n", size / 1024, $(IMAGE_LIMIT) / 1024; \
		exit size > $(IMAGE_LIMIT) }'
	@mv $@.new $@

# What U-Boot's `go` takes, and what flash holds.
$(BIN): $(ELF)
	$(Q)$(CROSS)objcopy -O binary $< $@.new && mv $@.new $@

# The same file: its header is an Image's and an application's.
$(EFI): $(BIN)
	$(Q)cp $< $@.new && mv $@.new $@

$(OUT)/boot/$(ARCH_FOLDER)/nor/nor.S.o: $(BIN)

$(NOR).elf: $(OUT)/boot/$(ARCH_FOLDER)/nor/nor.S.o linker/nor.ld platform/$(PLATFORM)/memory.ld
	$(call say,LD,$@)
	$(Q)$(CROSS)ld -Lplatform/$(PLATFORM) -Tlinker/nor.ld --no-warn-rwx-segments -z noexecstack $< -o $@

$(NOR).bin: $(NOR).elf
	$(Q)$(CROSS)objcopy -O binary $< $@.new && mv $@.new $@
