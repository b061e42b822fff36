# SPDX-License-Identifier: BSD-2-Clause
# smmu-bringup. `make help` lists what can be asked for.

# The board: a folder of platform/.
BOARD ?= qemu-virt
PLATFORM ?= $(BOARD)
BOARDS := $(patsubst platform/%/platform.h,%,$(wildcard platform/*/platform.h))
$(if $(and $(filter 1,$(words $(PLATFORM))),$(filter $(PLATFORM),$(BOARDS))),,$(error BOARD=$(PLATFORM): there is no such board, but $(BOARDS)))
VERSION := 0.1.0

# The width of the processor: that of the core which `make run` has (CPU=), where that is named.
CPU ?=
CPUS_arm := cortex-a7 cortex-a15
ARCH ?= $(if $(filter-out $(CPUS_arm),$(CPU)),aarch64,arm)
ARCHS := arm aarch64
$(if $(and $(filter 1,$(words $(ARCH))),$(filter $(ARCH),$(ARCHS))),,$(error ARCH=$(ARCH): there is no such architecture, but $(ARCHS)))
ARCH_FOLDER := $(patsubst arm,aarch32,$(ARCH))
IMAGE_LIMIT := $(if $(filter arm,$(ARCH)),143360,204800)

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
export CPU INSTANCES CORES MACHINE STAGE MEMORY APPEND QEMU QEMU_EXTRA TIMEOUT
# What `make load` and `make flash` take beside that.
export CONSOLE DTB DTB_AT OPENOCD OPENOCD_EXTRA FLASH

# What the image can do beyond bringing up, proving and reporting it; boot/without and boot/aarch32/without have what stands in for the rest.
FEATURES ?= all
FEATURES_ALL := acpi advice compare disks interrupts provoke return soak speed trace words
FEATURE_SOURCES_acpi := boot/acpi_tables.c $(addprefix drivers/firmware/,acpi.c acpi_machine.c fw_cfg.c iort.c)
FEATURE_SOURCES_advice := drivers/checks/advice.c
FEATURE_SOURCES_compare := drivers/checks/compare.c $(addprefix drivers/firmware/,contradictions.c differences.c)
FEATURE_SOURCES_disks := $(addprefix drivers/masters/,disk.c nvme.c virtio_blk.c)
FEATURE_SOURCES_interrupts := $(wildcard drivers/irqchip/*.c)
# What is read of them is compared, too.
FEATURE_SOURCES_interrupts-described := drivers/firmware/dt_irq.c
FEATURE_SOURCES_provoke := drivers/checks/provoke.c drivers/smmuv3/provoke.c
FEATURE_SOURCES_return := boot/comeback.c boot/$(ARCH_FOLDER)/handback.S drivers/pci/snapshot.c
# A next stage goes on where a boot loader would, and there is none of 32 bits.
FEATURE_SOURCES_next := boot/next.c $(addprefix boot/aarch64/,leap.S next.c)
FEATURE_SOURCES_soak := drivers/checks/soak.c
FEATURE_SOURCES_trace := drivers/checks/trace.c drivers/smmuv3/trace.c
FEATURE_SOURCES_words := drivers/report/words.c drivers/firmware/warnings.c $(addprefix drivers/smmuv3/,erratum_words.c event_cause.c)
# What is asked for and not known would be left out in silence.
$(if $(strip $(FEATURES)),,$(error FEATURES= is empty: all, minimal, or some of $(FEATURES_ALL)))
UNKNOWN_FEATURES := $(filter-out all minimal $(FEATURES_ALL),$(FEATURES))
$(if $(UNKNOWN_FEATURES),$(error FEATURES= knows no $(UNKNOWN_FEATURES): all, minimal, or some of $(FEATURES_ALL)))
WITHOUT := $(if $(filter all,$(FEATURES)),,$(filter-out $(FEATURES),$(FEATURES_ALL)))
WITHOUT_SHARED := $(if $(filter 2,$(words $(filter compare interrupts,$(WITHOUT)))),interrupts-described) \
	$(if $(filter arm,$(ARCH))$(filter return,$(WITHOUT)),next)
empty :=
space := $(empty) $(empty)

BUILD := build
OUT := $(BUILD)/$(PLATFORM)$(if $(filter arm,$(ARCH)),,-$(ARCH))$(if $(WITHOUT),-without-$(subst $(space),-,$(if $(filter-out $(WITHOUT),$(FEATURES_ALL)),$(WITHOUT),all)))
HOST := $(BUILD)/host
ELF := $(OUT)/smmu-bringup.elf
BIN := $(OUT)/smmu-bringup.bin
NOR := $(OUT)/smmu-bringup-nor

# What the last run has left is no report of one that is refused; another run that is under way keeps its own.
FORGET = for folder in $(OUT)/run $(BUILD)/$(PLATFORM)/openocd; do ! [ -d $$folder ] || \
	flock -n $$folder/.lock rm -f $$folder/report.jsonl $$folder/console.log || :; done
refuse = $(shell $(FORGET))$(error $(1))

# --- What may be given. ---

# On the command line: names that this Makefile gives a value to, and those below; another one would be ignored in silence. In the
# environment a name may be there for other programs.
GOALS := $(or $(MAKECMDGOALS),all)
GIVEN := $(strip $(foreach name,$(.VARIABLES),$(if $(filter-out override,$(filter command line,$(origin $(name)))),$(name))))
# What runs and loads take, each board's runner as its head says.
RUN_TAKES := $(shell sed -n 's/^\# Takes: //p' platform/$(PLATFORM)/run 2>/dev/null)
LOAD_TAKES := CONSOLE DTB DTB_AT APPEND FLASH TIMEOUT RUN_DIR OPENOCD OPENOCD_EXTRA GDB_PORT TELNET_PORT TCL_PORT BRIDGE_EXTRA BRINGUP_ADAPTER
TAKES_run := $(RUN_TAKES)
TAKES_load := $(LOAD_TAKES) $(RUN_TAKES)
TAKES_flash := $(TAKES_load)
TAKES_soak := $(RUN_TAKES) SOAK
TAKES_picture := $(filter-out RUN_DIR FLASH,$(RUN_TAKES))
TAKES_new-board := NAME
TAKES_run-linux := CPU CORES APPEND LINUX
TAKES_test-linux := LINUX
# Of no use to any other target.
TAKEN := $(sort $(LOAD_TAKES) $(filter-out QEMU,INSTANCES CORES MACHINE STAGE MEMORY QEMU_EXTRA RECORDS FVP FVP_EXTRA $(RUN_TAKES)) SOAK NAME LINUX)
ANYWHERE := QEMU DESTDIR MUTANT MUTANT_PROGRAMS REPLAY SEED UPDATE MAKEFLAGS GNUMAKEFLAGS SHELL
OWN_NAMES = $(shell sed -n 's/^\([A-Za-z0-9_]\{1,\}\) *[:?]\{0,1\}=.*/\1/p' $(firstword $(MAKEFILE_LIST)))
UNKNOWN := $(filter-out $(TAKEN) $(ANYWHERE),$(GIVEN))
UNKNOWN := $(if $(UNKNOWN),$(firstword $(filter-out $(OWN_NAMES),$(UNKNOWN))))
$(if $(UNKNOWN),$(call refuse,$(UNKNOWN)= is no variable here; the nearest is $(shell tools/nearest '$(UNKNOWN)' $(TAKEN) $(ANYWHERE) $(OWN_NAMES))=))
# A make that is called by this one has the command line of the first, and a goal of its own.
UNUSED := $(if $(filter 0,$(MAKELEVEL)),$(firstword $(filter-out $(foreach goal,$(GOALS),$(TAKES_$(goal))),$(filter $(TAKEN),$(GIVEN)))))
USED_BY = $(strip $(foreach goal,run run-linux load flash soak new-board,$(if $(filter $(UNUSED),$(TAKES_$(goal))),$(goal))))
$(if $(UNUSED),$(call refuse,make $(GOALS) takes no $(UNUSED)=$(if $(USED_BY),, for BOARD=$(PLATFORM))$(if $(USED_BY),: it is for make $(USED_BY))))

MAKEFLAGS += --no-builtin-rules
# As many jobs as cores, unless this make was called by another.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif
.SUFFIXES:
.DELETE_ON_ERROR:
.DEFAULT_GOAL := all

WARNINGS := -Wall -Wextra -Wconversion -Wsign-conversion -Wshadow -Wcast-qual -Wvla -Wstrict-prototypes \
	-Wmissing-prototypes -Wundef -Werror

# V=1 shows the commands.
V ?=
Q := $(if $(V),,@)
say = @$(if $(V),:,echo "  $(1) $(2)")

# saved LINE,WORDS: the target is a file of this line and these words, written only where it held something else. What
# depends on it is then made again: after other flags, and after a source that came or went.
quoted = '$(subst ','\'',$(1))'
saved = @mkdir -p $(@D); printf '%s\n' $(call quoted,$(1)) $(2) >$@.new; cmp -s $@.new $@ && rm $@.new || mv $@.new $@
.PHONY: FORCE
FORCE:

# linked PROGRAM,OBJECTS,COMMAND: the names of variables that hold the objects and what links them.
define linked
$(1): $$($(2)) $(1).objects
$(1).objects: FORCE
	$$(call saved,$$($(3)),$$($(2)))
endef

# compiled FOLDER,COMPILER,FLAGS,WORD,NEEDED: the rule for the objects below a folder. FLAGS is a variable's name: a target may
# have more flags of its own, which are in this Makefile.
define compiled
$(1)/.flags: FORCE
	$$(call saved,$$(FLAGS_OF_$(1)))
FLAGS_OF_$(1) := $(2) $$($(3))
$(1)/%.c.o: %.c Makefile $(1)/.flags | $(5)
	$$(call say,$(4),$$<)
	@mkdir -p $$(@D)
	$$(Q)$(2) $$($(3)) -MMD -MP -c $$< -o $$@
endef

# A recipe begins with $(BUILT) where it takes long: GOAL-files is what it needs. One make builds in this checkout at a time,
# and is not held up by what others run.
BUILT = tools/alone $(BUILD)/.building $(MAKE) --no-print-directory $@-files

# --- The firmware. ---

CROSS_arm := arm-none-eabi-
CROSS_aarch64 := aarch64-linux-gnu-
CROSS := $(CROSS_$(ARCH))
# For the few instructions that a core which starts in AArch64 needs to leave it.
CROSS64 := $(CROSS_aarch64)
# The image has to fit its limit: functions are merged and inlined across files.
LTO := -flto -flto-partition=one
ARCH_FLAGS_arm := -march=armv7ve+simd -mfloat-abi=hard -mthumb
ARCH_FLAGS_aarch64 := -march=armv8-a -mgeneral-regs-only -mstrict-align -mno-outline-atomics
ARCH_FLAGS := $(ARCH_FLAGS_$(ARCH))
# newlib's headers; for 64 bits there is no newlib among Debian's packages, and the headers are picolibc's. Of neither any code is used.
C_LIBRARY_arm := --specs=nano.specs
C_LIBRARY_aarch64 = -ffreestanding -fomit-frame-pointer -fpie -fvisibility=hidden -fno-asynchronous-unwind-tables -isystem $(PICOLIBC)
PICOLIBC := /usr/lib/picolibc/aarch64-linux-gnu/include
# What -Os leaves on although this image is smaller without: what loops compute is kept in registers that are then missing.
SMALL := move-loop-invariants tree-loop-im tree-pre code-hoisting
CFLAGS := $(ARCH_FLAGS) -std=c11 -Os $(SMALL:%=-fno-%) -g3 -ffunction-sections -fdata-sections -fno-common \
	-fstack-protector $(LTO) $(C_LIBRARY_$(ARCH)) $(WARNINGS) -Idrivers -Iboot/$(ARCH_FOLDER)
# Before the MMU is on, an unaligned access faults: nothing in boot/ makes one (in AArch64 nothing does).
BOOT_FLAGS_arm := -mno-unaligned-access
BOOT_FLAGS := $(BOOT_FLAGS_$(ARCH)) -Iboot -Iplatform/$(PLATFORM) -DFIRMWARE_VERSION='"$(VERSION)"' \
	-DFIRMWARE_WITHOUT='"$(WITHOUT)"'
LINK_arm := --specs=nano.specs -Tlinker/ram.ld -Wl,--no-enum-size-warning
# An image that moves its pointers itself.
LINK_aarch64 := -ffreestanding -fpie -fvisibility=hidden -nostdlib -pie -Tlinker/aarch64.ld -Wl,--no-dynamic-linker -Wl,-z,notext -Wl,-z,norelro \
	-Wl,--build-id=none -Wl,-z,max-page-size=4096
LINKER_SCRIPT := $(patsubst -T%,%,$(filter -T%,$(LINK_$(ARCH))))
LDFLAGS := $(ARCH_FLAGS) -Os $(LTO) -fstack-protector $(LINK_$(ARCH)) -nostartfiles -Lplatform/$(PLATFORM) -Wl,--gc-sections \
	-Wl,--no-warn-rwx-segments -Wl,-z,noexecstack -Wl,-Map=$(OUT)/smmu-bringup.map

LEAVE_AARCH64 := boot/aarch32/leave_aarch64.S
SOURCES := $(filter-out $(LEAVE_AARCH64) $(foreach feature,$(WITHOUT) $(WITHOUT_SHARED),$(FEATURE_SOURCES_$(feature))),\
	$(wildcard boot/*.c boot/cpu/*.c boot/$(ARCH_FOLDER)/*.c drivers/*/*.c platform/$(PLATFORM)/*.c boot/$(ARCH_FOLDER)/*.S)) \
	$(wildcard $(foreach feature,$(WITHOUT) $(WITHOUT_SHARED),boot/without/$(feature).c boot/$(ARCH_FOLDER)/without/$(feature).S))
OBJECTS := $(SOURCES:%=$(OUT)/%.o)

# A board whose memory has NOR can be flashed.
HAS_NOR := $(shell grep -sl '^[[:space:]]*NOR ' platform/$(PLATFORM)/memory.ld)

GOT_OPENOCD := $(BUILD)/.got-openocd
$(GOT_OPENOCD): tools/get tools/versions.sh
	@tools/get openocd
	@touch $@

# QEMU stands in for a board that is one.
WITH_QEMU = $(if $(wildcard platform/$(PLATFORM)/probe),qemu=$$(tools/get qemu) && QEMU=$$qemu)

IMAGES := $(ELF) $(BIN) $(if $(HAS_NOR),$(NOR).bin)

all-files: $(IMAGES)
all: ## build the firmware for BOARD=qemu-virt (the default)
	+@$(BUILT)

# Whatever is missing is got before anything is compiled, and only then.
GOT_BUILD := $(BUILD)/.got-build
$(GOT_BUILD): tools/get tools/versions.sh
	@tools/get build
	@touch $@

$(OUT)/boot/%.o $(OUT)/platform/%.o: private CFLAGS += $(BOOT_FLAGS)
# The compiler may not turn these functions' loops into calls of themselves.
$(OUT)/boot/string.c.o: private CFLAGS += -fno-lto -fno-builtin -fno-tree-loop-distribute-patterns
# Half a KiB here and there for what is executed most; `speed` among the features.
FAST := $(if $(filter speed,$(WITHOUT)),,-O2 $(SMALL:%=-f%))
# Where most of what a mapping takes is.
$(OUT)/drivers/pgtable/map.c.o $(OUT)/drivers/pgtable/unmap.c.o $(OUT)/drivers/pgtable/descriptor.c.o: private CFLAGS += $(FAST)
$(OUT)/drivers/smmuv3/cmdq.c.o $(OUT)/drivers/base/sync.c.o: private CFLAGS += $(FAST)
# And of what is said; in AArch64 that is 3 KiB.
FAST_WORDS := $(if $(filter arm,$(ARCH)),$(FAST))
$(OUT)/drivers/serial/console.c.o $(OUT)/drivers/serial/rtt.c.o $(OUT)/drivers/serial/pl011.c.o $(OUT)/drivers/report/format.c.o $(OUT)/boot/string.c.o: private CFLAGS += $(FAST_WORDS)
# And where most of what a replay takes is.
$(OUT)/drivers/iommu/replay.c.o $(OUT)/drivers/smmuv3/strtab.c.o: private CFLAGS += $(FAST)
# What others wrote is read with more suspicion.
$(OUT)/drivers/firmware/%.o: private CFLAGS += -fstack-protector-strong
$(patsubst %,$(OUT)/boot/%.c.o,cpu/arguments cpu/entry acpi_tables options tables): private CFLAGS += -fstack-protector-strong

# All that any of them is compiled with.
TARGET_FLAGS := $(CFLAGS) $(BOOT_FLAGS) $(FAST)
$(OUT)/.flags: FORCE
	$(call saved,$(CROSS)gcc $(TARGET_FLAGS))

$(OUT)/%.c.o: %.c Makefile $(OUT)/.flags | $(GOT_BUILD)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(CFLAGS) -MMD -MP -c $< -o $@

$(OUT)/leave_aarch64.bin: $(LEAVE_AARCH64) platform/$(PLATFORM)/platform.h boot/cpu/early_uart.h boot/aarch32/system.h Makefile $(OUT)/.flags | $(GOT_BUILD)
	$(call say,AS64,$<)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc -E -P -D__ASSEMBLER__ -Iboot -Iboot/aarch32 -Iplatform/$(PLATFORM) $< -o $(@:.bin=.s)
	$(Q)$(CROSS64)as $(@:.bin=.s) -o $(@:.bin=.o)
	$(Q)$(CROSS64)objcopy -O binary -j .text $(@:.bin=.o) $@

$(OUT)/boot/aarch32/start.S.o: $(OUT)/leave_aarch64.bin

$(OUT)/%.S.o: %.S Makefile $(OUT)/.flags | $(GOT_BUILD)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(ARCH_FLAGS) -g3 -Iboot -Iboot/$(ARCH_FOLDER) -Iplatform/$(PLATFORM) -DFIRMWARE_VERSION='"$(VERSION)"' -DLEAVE_AARCH64='"$(OUT)/leave_aarch64.bin"' \
		-DPAYLOAD='"$(BIN)"' -MMD -MP -c $< -o $@

# The libraries were built with either size of enum, and pass none; newlib's assembly carries no stack note.
LINK := $(CROSS)gcc $(LDFLAGS)
$(eval $(call linked,$(ELF),OBJECTS,LINK))
# Renamed when it is whole: a run that was started before goes on with the one that it has.
$(ELF): $(LINKER_SCRIPT) platform/$(PLATFORM)/memory.ld
	$(call say,LD,$@)
	$(Q)$(LINK) $(OBJECTS) -o $@.new
	@$(CROSS)size $@.new | awk 'NR == 2 { size = $$1 + $$2; \
		printf "image: %.1f KiB text+data (limit %d KiB)\n", size / 1024, $(IMAGE_LIMIT) / 1024; \
		exit size > $(IMAGE_LIMIT) }'
	@mv $@.new $@

# What U-Boot's `go` takes, and what flash holds.
$(BIN): $(ELF)
	$(Q)$(CROSS)objcopy -O binary $< $@.new && mv $@.new $@

$(OUT)/boot/$(ARCH_FOLDER)/nor/nor.S.o: $(BIN)

$(NOR).elf: $(OUT)/boot/$(ARCH_FOLDER)/nor/nor.S.o linker/nor.ld platform/$(PLATFORM)/memory.ld
	$(call say,LD,$@)
	$(Q)$(CROSS)ld -Lplatform/$(PLATFORM) -Tlinker/nor.ld --no-warn-rwx-segments -z noexecstack $< -o $@

$(NOR).bin: $(NOR).elf
	$(Q)$(CROSS)objcopy -O binary $< $@.new && mv $@.new $@

# The driver's tests on this board: the same start-up and drivers, and another main page.
TEST_ELF := $(OUT)/smmu-test.elf
JUDGE_SOURCES := $(filter-out tests/smmuv3/host.c,$(wildcard tests/smmuv3/*.c))
TEST_OBJECTS := $(filter-out $(OUT)/boot/main.c.o,$(OBJECTS)) $(JUDGE_SOURCES:%=$(OUT)/%.o)

$(OUT)/tests/%.o: private CFLAGS += $(BOOT_FLAGS) -Itests

$(eval $(call linked,$(TEST_ELF),TEST_OBJECTS,LINK))
$(TEST_ELF): $(LINKER_SCRIPT) platform/$(PLATFORM)/memory.ld
	$(call say,LD,$@)
	$(Q)$(CROSS)gcc $(LDFLAGS:.map=-test.map) $(TEST_OBJECTS) -o $@

# What operations cost, counted by the same image with yet another main page; and a whole run, with a counter around the real one.
BENCH_ELF := $(OUT)/smmu-bench.elf
VERDICT_ELF := $(OUT)/smmu-bench-verdict.elf
BENCH_COMMON := $(filter-out $(OUT)/boot/main.c.o,$(OBJECTS))
BENCH_OBJECTS := $(OUT)/tests/bench/target.c.o $(BENCH_COMMON)
VERDICT_OBJECTS := $(OUT)/tests/bench/verdict.c.o $(OUT)/tests/bench/main.c.o $(BENCH_COMMON)

$(OUT)/tests/bench/main.c.o: private CFLAGS += -Dmain=firmware_main -Dboot_power_off=bench_power_off -Wno-missing-prototypes
$(OUT)/tests/bench/main.c.o: boot/main.c Makefile $(OUT)/.flags | $(GOT_BUILD)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(CFLAGS) -MMD -MP -c $< -o $@

$(eval $(call linked,$(BENCH_ELF),BENCH_OBJECTS,LINK))
$(eval $(call linked,$(VERDICT_ELF),VERDICT_OBJECTS,LINK))
$(BENCH_ELF) $(VERDICT_ELF): $(LINKER_SCRIPT) platform/$(PLATFORM)/memory.ld
	$(call say,LD,$@)
	$(Q)$(CROSS)gcc $(LDFLAGS:.map=-$(notdir $(@:.elf=)).map) $(filter %.o,$^) -o $@

# On the host: the same operations as programs, of which valgrind counts the instructions, and the model the commands.
BENCH := $(BUILD)/bench
BENCH_PROGRAMS := $(HOST)/bench-commands $(HOST)/bench-scale $(HOST)/bench-tables

GOT_BENCH := $(BUILD)/.got-bench
$(GOT_BENCH): tools/get tools/versions.sh
	@tools/get bench
	@touch $@

$(BENCH_PROGRAMS:$(HOST)/bench-%=$(HOST)/tests/bench/%.c.o): | $(GOT_BENCH)
$(BENCH_PROGRAMS): $(HOST)/bench-%: $(HOST)/tests/bench/%.c.o $(HOST)/libdrivers.a $(HOST)/libmodel.a
	$(Q)$(HOST_CC) $(HOST_FLAGS) $< $(HOST)/libdrivers.a $(HOST)/libmodel.a $(HOST)/libdrivers.a -lcmocka -o $@

bench-programs: $(BENCH_PROGRAMS)

bench-minimal: $(IMAGES)

bench-aarch64: $(ELF) $(BENCH_ELF) $(VERDICT_ELF)

bench-files: $(ELF) $(BENCH_ELF) $(VERDICT_ELF) | $(GOT_BENCH) $(GOT_TEST)
	@$(MAKE) --no-print-directory HOST=$(BENCH)/host HOST_MODE=-O2 bench-programs
	@$(MAKE) --no-print-directory FEATURES=minimal bench-minimal
	@$(MAKE) --no-print-directory ARCH=aarch64 bench-aarch64

bench: ## what operations cost: instructions, commands, register writes and bytes, beside what peers take
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && QEMU=$$qemu python3 tests/bench/bench.py $(BENCH)

test-elf-files: $(TEST_ELF)
test-elf: ## the image that tests the SMMUv3 driver on QEMU, for tests/qemu/judges.t
	+@$(BUILT)

# --- Running it. ---

run-files: $(ELF)
run: ## bring up 3 SMMUv3s on QEMU; takes INSTANCES= CORES= MACHINE= STAGE= MEMORY= APPEND= QEMU= QEMU_EXTRA=
	@$(FORGET)
	@[ -x platform/$(PLATFORM)/run ] || { echo "$(PLATFORM) is a board, not an emulator: make load BOARD=$(PLATFORM)"; exit 1; }
	+@$(BUILT)
	@$(WITH_QEMU) platform/$(PLATFORM)/run $(ELF)

# A board by OpenOCD; tools/load tells the other variables.
load-files: $(ELF) | $(GOT_OPENOCD)
load: ## OpenOCD puts the image into BOARD='s RAM, verifies and starts it; takes CONSOLE= DTB= DTB_AT= APPEND=
	@$(FORGET)
	+@$(BUILT)
	@$(WITH_QEMU) ELF=$(ELF) NOR=$(NOR).bin INSPECT=$(INSPECT) tools/load load $(PLATFORM)

flash-files: $(IMAGES) | $(GOT_OPENOCD)
flash: ## OpenOCD writes the NOR image to BOARD='s flash, verifies it and resets
	@$(FORGET)
	+@$(BUILT)
	@$(WITH_QEMU) ELF=$(ELF) NOR=$(NOR).bin tools/load flash $(PLATFORM)

new-board: ## lay out the folder of another board: NAME=
	@tools/new-board '$(NAME)'

picture-files: $(ELF)
picture: ## run the firmware, and draw docs/run.svg from what it said
	+@$(BUILT)
	@[ -x platform/$(PLATFORM)/run ] || { echo "$(PLATFORM) is a board, not an emulator: no run of it can be drawn here"; exit 1; }
	@$(WITH_QEMU) RUN_DIR=$(OUT)/picture platform/$(PLATFORM)/run $(ELF)
	@tools/picture $(OUT)/picture/console.log docs/run.svg

soak: ## SOAK=60 seconds of registering, binding and DMA at once, on 8 cores and 5 SMMUv3s
	@case '$(SOAK)' in '' | *[!0-9]* | 0*) echo "soak: SOAK=$(SOAK) is no number of seconds from 1 on" >&2; exit 1 ;; esac
	@$(MAKE) --no-print-directory run CORES=8 INSTANCES=5 APPEND='soak=$(SOAK) $(APPEND)' TIMEOUT=$$(($(SOAK) * 2 + 120))

print-qemu: ## print the QEMU that runs use
	@tools/get qemu

# --- Tests. ---

HOST_CC ?= gcc
# `make coverage` and `make mutants` build the same programs elsewhere and otherwise: by HOST= and HOST_MODE=.
HOST_MODE := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g $(HOST_MODE) $(WARNINGS) -Itests/host -Idrivers -Iboot
# tests/host/coherent.c is for the programs that have a shim of their own.
HOST_SOURCES := $(wildcard drivers/*/*.c) tests/host/arch.c tests/host/device.c boot/options.c boot/fatal.c tests/unit/bench.c
HOST_OBJECTS := $(HOST_SOURCES:%=$(HOST)/%.o)
HOST_ARCHIVE := $(HOST)/libdrivers.a
UNIT_TESTS := $(patsubst tests/unit/%.c,$(HOST)/tests/%,$(wildcard tests/unit/test_*.c))
TEST_DATA := $(patsubst tests/unit/%.dts,$(HOST)/tests/%.dtb,$(wildcard tests/unit/*.dts))

GOT_TEST := $(BUILD)/.got-test
$(GOT_TEST): tools/get tools/versions.sh
	@tools/get test
	@touch $@

$(HOST)/tests/model/%.o $(HOST)/tests/pgtable/%.o: private HOST_FLAGS += -Itests -Itests/model
$(HOST)/tests/bench/%.o: private HOST_FLAGS += -Itests
$(HOST)/tests/unit/%.o: private HOST_FLAGS += -Itests -DTEST_DATA_DIR='"$(CURDIR)/$(HOST)/tests"'

$(eval $(call compiled,$(HOST),$(HOST_CC),HOST_FLAGS,HOSTCC,$(GOT_TEST)))

AR := ar rcs
$(eval $(call linked,$(HOST_ARCHIVE),HOST_OBJECTS,AR))
$(HOST_ARCHIVE):
	@rm -f $@
	$(Q)$(AR) $@ $(HOST_OBJECTS)

# The host model of an SMMUv3: it knows nothing of drivers/, and judges them.
MODEL_SOURCES := $(filter-out tests/model/test_%.c,$(wildcard tests/model/*.c))
MODEL_ARCHIVE := $(HOST)/libmodel.a
MODEL_TESTS := $(patsubst tests/model/%.c,$(HOST)/model/%,$(wildcard tests/model/test_*.c))

MODEL_OBJECTS := $(MODEL_SOURCES:%=$(HOST)/%.o)
$(eval $(call linked,$(MODEL_ARCHIVE),MODEL_OBJECTS,AR))
$(MODEL_ARCHIVE):
	@rm -f $@
	$(Q)$(AR) $@ $(MODEL_OBJECTS)

# The firmware's own string functions, beside the host's: under other names, and called by nobody else.
OWN_STRINGS := memmove memcmp memchr strlen strncmp strcmp strchr strstr
$(HOST)/own_strings.c.o: boot/string.c Makefile $(HOST)/.flags | $(GOT_TEST)
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_FLAGS) -fno-builtin -Wno-missing-prototypes $(foreach name,$(OWN_STRINGS),-D$(name)=own_$(name)) -MMD -MP -c $< -o $@

$(HOST)/tests/test_string: $(HOST)/own_strings.c.o

$(HOST)/tests/%: $(HOST)/tests/unit/%.c.o $(HOST_ARCHIVE) $(MODEL_ARCHIVE)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_FLAGS) $^ -lfdt -lcmocka -o $@

$(HOST)/tests/%.dtb: tests/unit/%.dts | $(GOT_TEST)
	@mkdir -p $(@D)
	$(Q)dtc -q -I dts -O dtb -o $@ $<

# What a program prints on stderr is the drivers' console; TAP is on stdout. No test is a failure.
test-unit-files: $(UNIT_TESTS) $(TEST_DATA)
test-unit: ## the drivers on the host, with sanitizers
	+@$(BUILT)
	@CMOCKA_MESSAGE_OUTPUT=TAP prove --exec tools/tap $(UNIT_TESTS)

$(HOST)/model/%: $(HOST)/tests/model/%.c.o $(MODEL_ARCHIVE) $(HOST_ARCHIVE)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_FLAGS) $^ -lcmocka -o $@

# The driver's tests, judged by the model.
JUDGE_TEST := $(HOST)/model/test_smmuv3
JUDGE_OBJECTS := $(patsubst %,$(HOST)/%.o,$(filter-out tests/smmuv3/target.c tests/smmuv3/memory.c,$(wildcard tests/smmuv3/*.c)))
$(HOST)/tests/smmuv3/%.o: private HOST_FLAGS += -Itests

HOST_LINK := $(HOST_CC) $(HOST_FLAGS)
$(eval $(call linked,$(JUDGE_TEST),JUDGE_OBJECTS,HOST_LINK))
$(JUDGE_TEST): $(MODEL_ARCHIVE) $(HOST_ARCHIVE)
	@mkdir -p $(@D)
	$(Q)$(HOST_LINK) $(JUDGE_OBJECTS) $(MODEL_ARCHIVE) $(HOST_ARCHIVE) -o $@

test-model-files: $(MODEL_TESTS) $(JUDGE_TEST)
test-model: ## the SMMUv3 driver on the host model of an SMMUv3, and the model itself
	+@$(BUILT)
	@CMOCKA_MESSAGE_OUTPUT=TAP prove --exec tools/tap $(MODEL_TESTS) $(JUDGE_TEST)

# drivers/checks on fake masters and SMMUs: each check passes when it may, and fails when it has to.
CHECKS_TESTS := $(patsubst tests/checks/%.c,$(HOST)/checks/%,$(wildcard tests/checks/test_*.c))
CHECKS_OBJECTS := $(patsubst %,$(HOST)/%.o,$(filter-out tests/checks/test_%.c,$(wildcard tests/checks/*.c)))
$(HOST)/tests/checks/%.o: private HOST_FLAGS += -Itests

CHECKS_SHARED := $(HOST)/libchecks.a
$(eval $(call linked,$(CHECKS_SHARED),CHECKS_OBJECTS,AR))
$(CHECKS_SHARED):
	@rm -f $@
	$(Q)$(AR) $@ $(CHECKS_OBJECTS)

$(HOST)/checks/%: $(HOST)/tests/checks/%.c.o $(CHECKS_SHARED) $(MODEL_ARCHIVE) $(HOST_ARCHIVE)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_FLAGS) $^ -lcmocka -ljansson -o $@

test-checks-files: $(CHECKS_TESTS)
test-checks: ## the checks on the host, on devices and SMMUs that lie in one place
	+@$(BUILT)
	@CMOCKA_MESSAGE_OUTPUT=TAP prove --exec tools/tap $(CHECKS_TESTS)

# The host tool that shows and compares what tables say: the firmware's own readers. The tests run it with sanitizers.
INSPECT := $(HOST)/smmu-inspect
INSPECT_CHECKED := $(HOST)/tools/inspect/smmu-inspect
INSPECT_BUILD := $(BUILD)/inspect
INSPECT_SOURCES := $(wildcard tools/inspect/*.c)
INSPECT_VERSION := -DSMMU_INSPECT_VERSION='"$(VERSION)"'
INSPECT_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g -O2 $(WARNINGS) -Itests/host -Idrivers -Itools/inspect $(INSPECT_VERSION)
READER_SOURCES := $(filter-out drivers/firmware/fw_cfg.c,$(wildcard drivers/firmware/*.c)) drivers/report/format.c
INSPECT_OBJECTS := $(patsubst %,$(INSPECT_BUILD)/%.o,$(INSPECT_SOURCES) $(READER_SOURCES))
PREFIX ?= /usr/local

GOT_INSPECT := $(BUILD)/.got-inspect
$(GOT_INSPECT): tools/get tools/versions.sh
	@tools/get inspect
	@touch $@

$(eval $(call compiled,$(INSPECT_BUILD),$(HOST_CC),INSPECT_FLAGS,HOSTCC,$(GOT_INSPECT)))

INSPECT_LINK := $(HOST_CC) $(INSPECT_FLAGS)
$(eval $(call linked,$(INSPECT),INSPECT_OBJECTS,INSPECT_LINK))
$(INSPECT):
	@mkdir -p $(@D)
	$(Q)$(INSPECT_LINK) $(INSPECT_OBJECTS) -ljansson -o $@

$(HOST)/tools/inspect/%.o: private HOST_FLAGS += -Itools/inspect $(INSPECT_VERSION)
$(patsubst %,$(HOST)/%.o,$(INSPECT_SOURCES)) $(HOST)/tests/checks/findings.c.o: | $(GOT_INSPECT)
CHECKED_OBJECTS := $(patsubst %,$(HOST)/%.o,$(INSPECT_SOURCES))
$(eval $(call linked,$(INSPECT_CHECKED),CHECKED_OBJECTS,HOST_LINK))
$(INSPECT_CHECKED): $(HOST_ARCHIVE)
	$(Q)$(HOST_LINK) $(CHECKED_OBJECTS) $(HOST_ARCHIVE) -ljansson -o $@

# A device tree that is handed over is looked at before it is loaded.
load-files: $(if $(DTB),$(INSPECT))
inspect-files: $(INSPECT)
inspect: ## the host tool that reads device trees and IORTs: build/host/smmu-inspect
	+@$(BUILT)

install-files: $(INSPECT)
install: ## smmu-inspect and its manual page, below PREFIX=/usr/local and DESTDIR=
	+@$(BUILT)
	install -D $(INSPECT) $(DESTDIR)$(PREFIX)/bin/smmu-inspect
	install -D -m 644 tools/inspect/smmu-inspect.1 $(DESTDIR)$(PREFIX)/share/man/man1/smmu-inspect.1

test-inspect-files: $(INSPECT_CHECKED) $(INSPECT)
test-inspect: ## smmu-inspect on boards' tables, on real machines' and on damaged ones
	+@$(BUILT)
	@INSPECT=$(INSPECT_CHECKED) prove -j2 --exec 'tools/tap python3' tests/inspect/*.t

# Fuzzing: the readers, the event decoder, the boot arguments. What is in tests/fuzz/found is tried first.
FUZZ := $(BUILD)/fuzz
FUZZ_NAMES := dt iort acpi event arguments
FUZZ_SECONDS ?= 600
FUZZ_SECONDS_SHORT := 20
FUZZ_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $(WARNINGS) -Itests/host \
	-Idrivers -I. -Iboot
FUZZ_SHARED := tests/fuzz/fuzz.c $(READER_SOURCES)
FUZZ_SOURCES_event := drivers/smmuv3/event.c drivers/smmuv3/event_cause.c
FUZZ_SOURCES_arguments := boot/options.c drivers/report/record.c

GOT_FUZZ := $(BUILD)/.got-fuzz
$(GOT_FUZZ): tools/get tools/versions.sh
	@tools/get fuzz
	@touch $@

$(eval $(call compiled,$(FUZZ),clang,FUZZ_FLAGS,FUZZCC,$(GOT_FUZZ) $(GOT_TEST)))

FUZZ_LINK := clang $(FUZZ_FLAGS)
fuzz_objects = $(patsubst %,$(FUZZ)/%.o,tests/fuzz/$(1).c $(FUZZ_SHARED) $(FUZZ_SOURCES_$(1)))
define fuzz_program
FUZZ_OBJECTS_$(1) := $(call fuzz_objects,$(1))
$(call linked,$(FUZZ)/fuzz-$(1),FUZZ_OBJECTS_$(1),FUZZ_LINK)
$(FUZZ)/fuzz-$(1):
	$$(Q)$$(FUZZ_LINK) $$(FUZZ_OBJECTS_$(1)) -lfdt -o $$@
endef
$(foreach name,$(FUZZ_NAMES),$(eval $(call fuzz_program,$(name))))

SEED_SOURCES := tests/fuzz/seeds.py tests/qemu/tables.py docs/using.md $(wildcard tests/inspect/boards/*) $(wildcard tests/unit/*.dts)
$(eval $(call linked,$(FUZZ)/seeds,SEED_SOURCES,))
$(FUZZ)/seeds: | $(GOT_TEST)
	@rm -rf $@
	@mkdir -p $@
	@python3 tests/fuzz/seeds.py $@

fuzz-files: $(FUZZ_NAMES:%=$(FUZZ)/fuzz-%) $(FUZZ)/seeds
fuzz: ## hostile tables, events and arguments, by libFuzzer: FUZZ_SECONDS=600 each
	+@$(BUILT)
	@printf '%s\n' $(FUZZ_NAMES) | xargs -P $(JOBS) -I NAME tools/fuzz $(FUZZ)/fuzz-NAME NAME $(FUZZ) $(FUZZ_SECONDS)

# Random operations on translation tables, judged by the model's walker: a short run with sanitizers, a long one without.
PGTABLE := $(BUILD)/pgtable
PGTABLE_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g -O2 $(WARNINGS) -Itests/host -Itests -Idrivers
PGTABLE_SOURCES := $(wildcard drivers/pgtable/*.c) drivers/base/arena.c drivers/base/sync.c drivers/base/deadline.c tests/host/arch.c \
	tests/model/walk.c tests/pgtable/random.c
RANDOM_OPERATIONS ?= 1000000

$(eval $(call compiled,$(PGTABLE),$(HOST_CC),PGTABLE_FLAGS,HOSTCC,$(GOT_TEST)))

PGTABLE_OBJECTS := $(PGTABLE_SOURCES:%=$(PGTABLE)/%.o)
PGTABLE_LINK := $(HOST_CC) $(PGTABLE_FLAGS)
$(eval $(call linked,$(PGTABLE)/random,PGTABLE_OBJECTS,PGTABLE_LINK))
$(PGTABLE)/random:
	$(Q)$(PGTABLE_LINK) $(PGTABLE_OBJECTS) -o $@

$(PGTABLE)/random-sanitized: $(HOST)/tests/pgtable/random.c.o $(HOST_ARCHIVE) $(MODEL_ARCHIVE)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_FLAGS) $< $(HOST_ARCHIVE) $(MODEL_ARCHIVE) -o $@

test-pgtable-files: $(PGTABLE)/random $(PGTABLE)/random-sanitized
test-pgtable: ## translation tables: RANDOM_OPERATIONS=1000000 random ones against a walker
	+@$(BUILT)
	@prove --exec tools/tap $(PGTABLE)/random-sanitized :: 20000
	@prove --exec tools/tap $(PGTABLE)/random :: $(RANDOM_OPERATIONS)

# What the host tests reach of the SMMU's driver: the folders, the least percentage of their lines and of their branches,
# and the programs. gcov's counts, without sanitizers and without optimisation; atomic ones, for some tests have threads.
HOST_PROGRAMS := $(UNIT_TESTS) $(MODEL_TESTS) $(JUDGE_TEST)
HOST_PROGRAM_OBJECTS := $(patsubst %,$(HOST)/%.o,$(wildcard tests/unit/test_*.c tests/model/test_*.c tests/checks/test_*.c))
.SECONDARY: $(HOST_PROGRAM_OBJECTS)
COVERED := drivers/smmuv3 drivers/pgtable
COVERED_LINES := 95
COVERED_BRANCHES := 85
COVERAGE := $(BUILD)/coverage

GOT_COVERAGE := $(BUILD)/.got-coverage
$(GOT_COVERAGE): tools/get tools/versions.sh
	@tools/get coverage
	@touch $@

coverage-files: | $(GOT_COVERAGE)
	@$(MAKE) --no-print-directory HOST=$(COVERAGE) HOST_MODE='-O0 --coverage' coverage-programs

coverage: ## lines and branches of the SMMU's driver that the host tests reach, and what they do not
	+@$(BUILT)
	@$(MAKE) --no-print-directory HOST=$(COVERAGE) HOST_MODE='-O0 --coverage' coverage-counts
	@tools/coverage $(COVERAGE) $(COVERED_LINES) $(COVERED_BRANCHES) $(COVERED)

# What several threads of a test are in. For all of it, counting so would take three times as long.
$(COVERAGE)/drivers/smmuv3/%.o $(COVERAGE)/drivers/base/%.o $(COVERAGE)/tests/host/%.o $(COVERAGE)/tests/unit/test_trace.c.o: private HOST_FLAGS += -fprofile-update=atomic

coverage-programs: $(HOST_PROGRAMS) $(TEST_DATA)

# Counts of an earlier call are no counts of this one, and a source that has gone is not to be counted.
coverage-counts:
	@find $(HOST) -name '*.gcda' -delete
	@find $(HOST) -name '*.gcno' | while IFS= read -r notes; do source=$${notes#$(HOST)/}; \
		[ -e "$${source%.gcno}" ] || [ "$$source" = own_strings.c.gcno ] || rm "$$notes"; done
	@CMOCKA_MESSAGE_OUTPUT=TAP prove -Q -j$(JOBS) --exec tools/tap $(HOST_PROGRAMS) 2>$(HOST)/console.log || \
		{ grep -A 3 '^not ok' $(HOST)/console.log >&2; exit 1; }

# The guarded core under the deterministic scheduler: the unchanged sources, with a shim that stops at every sync point.
SCHEDULE := $(BUILD)/schedule
SCHEDULE_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g -O2 -fno-omit-frame-pointer $(WARNINGS) -Itests/host -Idrivers
CORE_SOURCES := $(wildcard drivers/base/*.c drivers/iommu/*.c)
# Beside the core, the command queue: what else its folder needs comes along.
SCHEDULE_SOURCES := $(CORE_SOURCES) $(wildcard drivers/smmuv3/*.c drivers/pgtable/*.c) $(wildcard tests/schedule/*.c) tests/host/coherent.c
SCHEDULE_OBJECTS := $(SCHEDULE_SOURCES:%=$(SCHEDULE)/%.o)
JOBS ?= $(shell nproc)
SEEDS ?= 100000

$(eval $(call compiled,$(SCHEDULE),$(HOST_CC),SCHEDULE_FLAGS,HOSTCC,$(GOT_TEST)))

SCHEDULE_TEST := $(SCHEDULE)/test_schedule
SCHEDULE_LINK := $(HOST_CC) $(SCHEDULE_FLAGS)
$(eval $(call linked,$(SCHEDULE_TEST),SCHEDULE_OBJECTS,SCHEDULE_LINK))
$(SCHEDULE_TEST):
	$(Q)$(SCHEDULE_LINK) $(SCHEDULE_OBJECTS) -o $@

PREEMPTIONS ?= 2

test-schedule-files: $(SCHEDULE_TEST)
test-schedule: ## the guarded core under every interleaving of PREEMPTIONS=2 (three of two cores), and SEEDS=100000 random runs
	+@$(BUILT)
	@$(SCHEDULE_TEST) -s 0 -n $(SEEDS) -j $(JOBS)
	@$(SCHEDULE_TEST) -w 1 -s 0 -n $(SEEDS) -j $(JOBS)
	@$(SCHEDULE_TEST) -j $(JOBS) -p $(PREEMPTIONS)
	@$(SCHEDULE_TEST) -j $(JOBS) -w 2 -c 2

# The same sources on real threads.
THREADS := $(BUILD)/threads
THREADS_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g -O1 -fsanitize=thread $(WARNINGS) -Wno-tsan -Itests/host -Idrivers
THREADS_SOURCES := $(CORE_SOURCES) tests/threads/threads.c tests/threads/shim.c
THREADS_OBJECTS := $(THREADS_SOURCES:%=$(THREADS)/%.o)
QUEUE_SOURCES := $(CORE_SOURCES) $(wildcard drivers/smmuv3/*.c drivers/pgtable/*.c) tests/threads/queue.c tests/threads/shim.c tests/host/coherent.c
QUEUE_OBJECTS := $(QUEUE_SOURCES:%=$(THREADS)/%.o)
OPERATIONS ?= 1000000
ISSUES ?= 5000
# Of `make test-again`.
TIMES ?= 20
# Of each list of mutants every Nth is tried.
MUTANT_EVERY ?= 1

# A word for a number would be taken for 0, of which nothing is tried, or everything for ever.
NUMBERS := $(foreach name,FUZZ_SECONDS RANDOM_OPERATIONS TIMES SEEDS PREEMPTIONS OPERATIONS ISSUES MUTANT_EVERY JOBS,'$(name)=$($(name))')
NO_NUMBERS := $(shell printf '%s\n' $(NUMBERS) | grep -vxE '[A-Z_]+=[1-9][0-9]*|PREEMPTIONS=0')
$(if $(and $(NO_NUMBERS),$(filter-out help clean distclean,$(or $(MAKECMDGOALS),all))),$(error $(NO_NUMBERS): a number is wanted, and not 0))

$(eval $(call compiled,$(THREADS),$(HOST_CC),THREADS_FLAGS,HOSTCC,$(GOT_TEST)))

THREADS_TEST := $(THREADS)/test_threads
QUEUE_TEST := $(THREADS)/test_queue
THREADS_LINK := $(HOST_CC) $(THREADS_FLAGS)
$(eval $(call linked,$(THREADS_TEST),THREADS_OBJECTS,THREADS_LINK))
$(eval $(call linked,$(QUEUE_TEST),QUEUE_OBJECTS,THREADS_LINK))
$(THREADS_TEST) $(QUEUE_TEST):
	$(Q)$(THREADS_LINK) $(filter %.o,$^) -lpthread -o $@

# What a processor may do is seen without what ThreadSanitizer puts between.
FENCES := $(BUILD)/fences
FENCES_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g -O2 $(WARNINGS) -Itests/host -Idrivers
FENCES_OBJECTS := $(FENCES)/tests/threads/fences.c.o
$(eval $(call compiled,$(FENCES),$(HOST_CC),FENCES_FLAGS,HOSTCC,$(GOT_TEST)))

FENCES_TEST := $(FENCES)/test_fences
FENCES_LINK := $(HOST_CC) $(FENCES_FLAGS)
$(eval $(call linked,$(FENCES_TEST),FENCES_OBJECTS,FENCES_LINK))
$(FENCES_TEST):
	$(Q)$(FENCES_LINK) $(FENCES_OBJECTS) -lpthread -o $@

test-threads-files: $(THREADS_TEST) $(QUEUE_TEST) $(FENCES_TEST)
test-threads: ## the guarded core, and the command queue, on real threads under ThreadSanitizer: OPERATIONS=1000000 ISSUES=5000
	+@$(BUILT)
	@TSAN_OPTIONS='halt_on_error=1' $(THREADS_TEST) $(OPERATIONS)
	@TSAN_OPTIONS='halt_on_error=1' $(QUEUE_TEST) $(ISSUES)
	@$(FENCES_TEST)

replay-files: $(SCHEDULE_TEST)
replay: ## one schedule, step by step: REPLAY='NUMBER 0,1,...' or SEED=N, as a failure names it
	+@$(BUILT)
	@$(SCHEDULE_TEST) $(if $(SEED),-v -s $(SEED),-r $(REPLAY))

# The others by the host tests, with sanitizers or without, and by tests of the tools and runners: tests/mutants/run.py.
MUTANT_HOST := $(BUILD)/mutants/host
MUTANT_MODE := -O1
MUTANT_FLAGS := -std=c11 -D_DEFAULT_SOURCE -Itests/host -Idrivers -Iboot -Itools/inspect -DSMMU_INSPECT_VERSION=0
mutant_programs = $(shell python3 tests/mutants/run.py programs $(1))

mutants-files: $(SCHEDULE_TEST) $(THREADS_TEST) $(QUEUE_TEST) $(FENCES_TEST)
mutants: mutants-listed ## every part without each of its guards: a test must fail; MUTANT=NAME tries one
	+@$(BUILT)
	@MUTANT_EVERY=$(MUTANT_EVERY) MUTANT_FLAGS='$(SCHEDULE_FLAGS)' JOBS=$(JOBS) python3 tests/schedule/mutants.py core $(SCHEDULE_TEST) $(BUILD)/mutants/core $(MUTANT)
	@MUTANT_EVERY=$(MUTANT_EVERY) MUTANT_FLAGS='$(SCHEDULE_FLAGS)' JOBS=$(JOBS) python3 tests/schedule/mutants.py kept $(SCHEDULE_TEST) $(BUILD)/mutants/kept $(MUTANT)
	@MUTANT_EVERY=$(MUTANT_EVERY) MUTANT_FLAGS='$(THREADS_FLAGS)' MUTANT_LIBRARIES=-lpthread JOBS=1 TSAN_OPTIONS='halt_on_error=1' \
		python3 tests/schedule/mutants.py threads $(THREADS_TEST) $(BUILD)/mutants/threads $(MUTANT)
	@MUTANT_EVERY=$(MUTANT_EVERY) MUTANT_FLAGS='$(THREADS_FLAGS)' MUTANT_LIBRARIES=-lpthread JOBS=1 TSAN_OPTIONS='halt_on_error=1' \
		python3 tests/schedule/mutants.py queue $(QUEUE_TEST) $(BUILD)/mutants/queue $(MUTANT)
	@MUTANT_EVERY=$(MUTANT_EVERY) MUTANT_FLAGS='$(FENCES_FLAGS)' MUTANT_LIBRARIES=-lpthread JOBS=1 \
		python3 tests/schedule/mutants.py fences $(FENCES_TEST) $(BUILD)/mutants/fences $(MUTANT)

# What a list of mutants is linked with: called once for each way to build it.
mutants-host: $(HOST_ARCHIVE) $(MODEL_ARCHIVE) $(TEST_DATA) $(MUTANT_PROGRAMS:%=$(HOST)/%)
	@:

mutants-listed-files: $(INSPECT_CHECKED) | $(GOT_TEST)
	@$(MAKE) --no-print-directory mutants-host MUTANT_PROGRAMS='$(call mutant_programs,sanitized)'
	@$(MAKE) --no-print-directory HOST=$(MUTANT_HOST) HOST_MODE='$(MUTANT_MODE)' mutants-host MUTANT_PROGRAMS='$(call mutant_programs,plain)'

mutants-listed:
	+@$(BUILT)
	@PLAIN_HOST=$(MUTANT_HOST) PLAIN_FLAGS='$(MUTANT_FLAGS) $(MUTANT_MODE)' SANITIZED_HOST=$(HOST) SANITIZED_FLAGS='$(MUTANT_FLAGS) $(HOST_MODE)' \
		JOBS=$(JOBS) MUTANT_EVERY=$(MUTANT_EVERY) python3 tests/mutants/run.py $(BUILD)/mutants/listed $(MUTANT)

mutants-judges-files: $(IMAGES) $(TEST_ELF) $(JUDGE_TEST) | $(GOT_TEST)
mutants-judges: ## the driver broken in some sixty places, before every judge of tests/README.md: half an hour
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && QEMU=$$qemu python3 tests/smmuv3/mutants.py $(MUTANT)

# Linux for arm64 is started by the image of 64 bits.
ELF64 := $(BUILD)/qemu-virt-aarch64/smmu-bringup.elf
linux-image:
	+@$(MAKE) --no-print-directory ARCH=aarch64 all-files

run-linux-files: linux-image | $(GOT_TEST)
run-linux: ## Linux after the firmware, on QEMU: LINUX=oldest (or newest), with a disk behind each SMMU
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && QEMU=$$qemu ELF=$(ELF64) LINUX=$(LINUX) CPU=$(CPU) CORES=$(CORES) APPEND='$(APPEND)' python3 tests/qemu/linux.py

test-linux-files: linux-image | $(GOT_TEST)
test-linux: ## Linux of both ages after the firmware, in EL2 and in EL1: some minutes
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && LINUX=all QEMU=$$qemu ELF=$(ELF64) prove --exec 'tools/tap python3' tests/qemu/linux.t

# The longest first: the others go on beside them. They wait for the machine's own time as often as for a core.
QEMU_TESTS_LONG := $(patsubst %,tests/qemu/%.t,broken provoke bad_input uboot soak matrix machines bootargs)
# About one width alone: what an image of 32 bits does in AArch64, or elsewhere than where it is linked for; and one that runs anywhere.
QEMU_TESTS_OF_arm := $(patsubst %,tests/qemu/%.t,misplaced secure) $(wildcard tests/a64/*.t)
QEMU_TESTS_OF_aarch64 := $(patsubst %,tests/qemu/%.t,anywhere linux models)
# What has a part of boot/aarch64 in it, beside those: `make test` runs it in the second width, too.
QEMU_TESTS_OF_BOTH := $(patsubst %,tests/qemu/%.t,uboot entry trace acpi inherited fatal handover)
QEMU_TESTS_OTHER := $(foreach arch,$(filter-out $(ARCH),$(ARCHS)),$(QEMU_TESTS_OF_$(arch)))
QEMU_TESTS := $(filter-out $(QEMU_TESTS_OTHER),$(QEMU_TESTS_LONG) $(filter-out $(QEMU_TESTS_LONG),$(wildcard tests/qemu/*.t tests/a64/*.t)))

test-qemu-files: $(IMAGES) $(TEST_ELF) $(JUDGE_TEST) | $(GOT_TEST)
test-qemu: ## the firmware on QEMU, judged from its records
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && QEMU=$$qemu ELF=$(ELF) prove -j4 --exec 'tools/tap python3' $(QEMU_TESTS)

test-openocd-files: $(IMAGES) | $(GOT_TEST) $(GOT_OPENOCD)
test-openocd: ## the real OpenOCD: load, flash, debug, and what goes wrong
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && QEMU=$$qemu ELF=$(ELF) prove -j3 --exec 'tools/tap python3' tests/openocd/flash.t $(filter-out tests/openocd/flash.t,$(wildcard tests/openocd/*.t))

test-boards-files: $(IMAGES) | $(GOT_TEST)
test-boards: ## every board's image, one of a new board, and builds with FEATURES= left out
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && QEMU=$$qemu prove --exec 'tools/tap python3' tests/boards/*.t

# What is tried again: all that waits for something. 20 times all of it is a day's work for two cores.
AGAIN ?= $(QEMU_TESTS) $(wildcard tests/openocd/*.t tests/boards/*.t)

test-again-files: $(IMAGES) $(TEST_ELF) $(JUDGE_TEST) | $(GOT_TEST) $(GOT_OPENOCD)
test-again: ## AGAIN='tests/...' TIMES=20, beside busy loops, on one core and under nohup, in turn: does red mean broken?
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && QEMU=$$qemu ELF=$(ELF) tools/again $(TIMES) $(AGAIN)

test-matrix: ## the firmware on every machine of the matrix, in both widths: some minutes each
	@for arch in $(ARCHS); do $(MAKE) --no-print-directory ARCH=$$arch test-matrix-of-one || exit 1; done

test-matrix-of-one-files: $(ELF) | $(GOT_TEST)
test-matrix-of-one:
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && MATRIX=all QEMU=$$qemu ELF=$(ELF) prove --exec 'tools/tap python3' tests/qemu/matrix.t

# --- Lint: what a reviewer need not look for. ---

# Of a tree that came without its history: all that is not built.
LINT_FILES := $(if $(filter lint,$(GOALS)),$(shell if [ -e .git ]; then git ls-files; else \
	find . -path ./build -prune -o -type f -print | sed 's|^\./||' | LC_ALL=C sort; fi))
LINT_C := $(filter %.c %.h,$(LINT_FILES))
LINT_SHELL := tools/judge tools/alone tools/nearest tools/run_folder.sh tools/get tools/fuzz tools/again tools/versions.sh tools/new-board $(wildcard platform/*/run platform/*/probe) .ci/run
TARGET_INCLUDES := -Idrivers -Iboot -Itests -Iplatform/$(PLATFORM)
LINT_GCC_ARM := $(CROSS_arm)gcc $(ARCH_FLAGS_arm) -Iboot/aarch32 $(TARGET_INCLUDES)
LINT_GCC_AARCH64 := $(CROSS_aarch64)gcc $(ARCH_FLAGS_aarch64) $(C_LIBRARY_aarch64) -Iboot/aarch64 $(TARGET_INCLUDES)
LINT_CLANG_ARM := clang --target=arm-none-eabi -mcpu=cortex-a15 -mfloat-abi=hard -mthumb -ffreestanding -idirafter /usr/include/newlib \
	-Iboot/aarch32 $(TARGET_INCLUDES)
LINT_CLANG_AARCH64 := clang --target=aarch64-none-elf -mgeneral-regs-only -ffreestanding -idirafter $(PICOLIBC) -Iboot/aarch64 $(TARGET_INCLUDES)
HOST_INCLUDES := -Itests/host -Itests -Itests/model -Idrivers -Iboot -Iplatform/$(PLATFORM) -Itools/inspect -D_DEFAULT_SOURCE

GOT_LINT := $(BUILD)/.got-lint
$(GOT_LINT): tools/get tools/versions.sh | $(GOT_BUILD) $(GOT_TEST) $(GOT_INSPECT) $(GOT_BENCH)
	@tools/get lint
	@touch $@

# One line for each thing looked at, in TAP: what is wrong comes before it.
lint: | $(GOT_LINT) ## format, static analysis, warnings of gcc and clang, self-standing headers, shell scripts
	@LINT_FILES='$(LINT_FILES)' LINT_C='$(LINT_C)' LINT_SHELL='$(LINT_SHELL)' GCC_ARM='$(LINT_GCC_ARM)' GCC_AARCH64='$(LINT_GCC_AARCH64)' \
		CLANG_ARM='$(LINT_CLANG_ARM)' CLANG_AARCH64='$(LINT_CLANG_AARCH64)' HOST_INCLUDES="$(HOST_INCLUDES)" WARNINGS='-std=c11 $(WARNINGS)' \
		prove --exec sh tools/lint

# Whatever any test needs is got before the first one.
GOT_EVERYTHING := $(BUILD)/.got-everything
$(GOT_EVERYTHING): tools/get tools/versions.sh
	@tools/get everything
	@touch $@ $(patsubst %,$(BUILD)/.got-%,build test inspect fuzz lint coverage bench openocd)

test: | $(GOT_EVERYTHING) ## every test
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory test-unit
	@$(MAKE) --no-print-directory test-model
	@$(MAKE) --no-print-directory test-checks
	@$(MAKE) --no-print-directory --output-sync=target test-inspect test-pgtable RANDOM_OPERATIONS=500000
	@$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=$(FUZZ_SECONDS_SHORT) JOBS=3
	@$(MAKE) --no-print-directory coverage
	@$(MAKE) --no-print-directory test-schedule PREEMPTIONS=1
	@$(MAKE) --no-print-directory test-threads
	@$(MAKE) --no-print-directory mutants MUTANT_EVERY=16
	@$(MAKE) --no-print-directory bench
	@$(MAKE) --no-print-directory test-qemu
	@$(MAKE) --no-print-directory ARCH=aarch64 test-qemu QEMU_TESTS='$(QEMU_TESTS_OF_BOTH) $(QEMU_TESTS_OF_aarch64)'
	@$(MAKE) --no-print-directory --output-sync=target test-openocd test-boards

clean: ## remove what was built, keep what was fetched and what the fuzzers found
	rm -rf $(BOARDS:%=$(BUILD)/%) $(BOARDS:%=$(BUILD)/%-aarch64) $(wildcard $(BUILD)/*-without-*) $(BENCH) $(HOST) $(INSPECT_BUILD) $(SCHEDULE) $(THREADS) $(FENCES) $(COVERAGE) $(PGTABLE) $(BUILD)/mutants $(BUILD)/tests

distclean: ## remove everything that is not in the repository
	rm -rf $(BUILD)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: linux-image run-linux test-linux all fuzz inspect install test-inspect test-elf bench run picture load flash new-board soak print-qemu lint test test-unit test-model test-checks test-pgtable coverage coverage-programs coverage-counts bench-programs bench-minimal bench-aarch64 test-schedule test-threads replay mutants mutants-host mutants-listed mutants-judges test-qemu test-openocd test-boards test-again test-matrix test-matrix-of-one clean distclean help
.PHONY: $(addsuffix -files,all bench test-elf run picture run-linux test-linux load flash test-unit test-model test-checks inspect install test-inspect fuzz test-pgtable coverage test-schedule test-threads replay mutants mutants-listed mutants-judges test-qemu test-openocd test-boards test-again test-matrix-of-one)

-include $(OBJECTS:.o=.d) $(BENCH_OBJECTS:.o=.d) $(VERDICT_OBJECTS:.o=.d) $(HOST_OBJECTS:.o=.d) $(SCHEDULE_OBJECTS:.o=.d) $(THREADS_OBJECTS:.o=.d) $(QUEUE_OBJECTS:.o=.d) $(HOST_PROGRAM_OBJECTS:.o=.d) $(MODEL_SOURCES:%=$(HOST)/%.d) $(JUDGE_OBJECTS:.o=.d) $(CHECKS_OBJECTS:.o=.d) $(INSPECT_OBJECTS:.o=.d) $(foreach name,$(FUZZ_NAMES),$(patsubst %.o,%.d,$(call fuzz_objects,$(name)))) $(INSPECT_SOURCES:%=$(HOST)/%.d) $(JUDGE_SOURCES:%=$(OUT)/%.d) $(HOST)/own_strings.c.d $(BENCH_PROGRAMS:$(HOST)/bench-%=$(HOST)/tests/bench/%.c.d)
