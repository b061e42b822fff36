# SPDX-License-Identifier: BSD-2-Clause
# smmu-bringup. `make help` lists what can be asked for.

# The board: a folder of platform/.
BOARD ?= qemu-virt
PLATFORM ?= $(BOARD)
BOARDS := $(patsubst platform/%/platform.h,%,$(wildcard platform/*/platform.h))
$(if $(and $(filter 1,$(words $(PLATFORM))),$(filter $(PLATFORM),$(BOARDS))),,$(error BOARD=$(PLATFORM): there is no such board, but $(BOARDS)))
VERSION := 0.1.0
IMAGE_LIMIT := 139264

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
export EXCEPT INSTANCES CORES MACHINE STAGE MEMORY APPEND QEMU QEMU_EXTRA TIMEOUT
# What `make load` and `make flash` take beside that.
export CONSOLE DTB DTB_AT OPENOCD OPENOCD_EXTRA FLASH

# What the image can do beyond bringing up, proving and reporting it; boot/without and boot/arm/without have what stands in for the rest.
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
FEATURE_SOURCES_return := boot/comeback.c boot/arm/handback.S drivers/pci/snapshot.c
FEATURE_SOURCES_soak := drivers/checks/soak.c
FEATURE_SOURCES_trace := drivers/checks/trace.c drivers/smmuv3/trace.c
FEATURE_SOURCES_words := drivers/report/words.c drivers/firmware/warnings.c $(addprefix drivers/smmuv3/,erratum_words.c event_cause.c)
# What is asked for and not known would be left out in silence.
UNKNOWN_FEATURES := $(filter-out all minimal $(FEATURES_ALL),$(FEATURES))
$(if $(UNKNOWN_FEATURES),$(error FEATURES= knows no $(UNKNOWN_FEATURES): all, minimal, or some of $(FEATURES_ALL)))
WITHOUT := $(if $(filter all,$(FEATURES)),,$(filter-out $(FEATURES),$(FEATURES_ALL)))
WITHOUT_SHARED := $(if $(filter 2,$(words $(filter compare interrupts,$(WITHOUT)))),interrupts-described)
empty :=
space := $(empty) $(empty)

BUILD := build
OUT := $(BUILD)/$(PLATFORM)$(if $(WITHOUT),-without-$(subst $(space),-,$(if $(filter-out $(WITHOUT),$(FEATURES_ALL)),$(WITHOUT),all)))
HOST := $(BUILD)/host
TOOLS := $(BUILD)/tools
ELF := $(OUT)/smmu-bringup.elf
BIN := $(OUT)/smmu-bringup.bin
NOR := $(OUT)/smmu-bringup-nor

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

# --- The firmware. ---

CROSS := arm-none-eabi-
# For the few instructions that a core which starts in AArch64 needs to leave it.
CROSS64 := aarch64-linux-gnu-
# The image has to fit its limit: functions are merged and inlined across files.
LTO := -flto -flto-partition=one
ARCH_FLAGS := -march=armv7ve+simd -mfloat-abi=hard -mthumb
CFLAGS := $(ARCH_FLAGS) -std=c11 -Os -g3 -ffunction-sections -fdata-sections -fno-common \
	-fstack-protector $(LTO) --specs=nano.specs $(WARNINGS) -Idrivers -Iboot/arm
# Before the MMU is on, an unaligned access faults: nothing in boot/ makes one.
BOOT_FLAGS := -mno-unaligned-access -Iboot -Iplatform/$(PLATFORM) -DFIRMWARE_VERSION='"$(VERSION)"' \
	-DFIRMWARE_WITHOUT='"$(WITHOUT)"'
LDFLAGS := $(ARCH_FLAGS) -Os $(LTO) -fstack-protector --specs=nano.specs -nostartfiles -Lplatform/$(PLATFORM) -Tlinker/ram.ld -Wl,--gc-sections \
	-Wl,--no-warn-rwx-segments -Wl,--no-enum-size-warning -Wl,-z,noexecstack -Wl,-Map=$(OUT)/smmu-bringup.map

LEAVE_AARCH64 := boot/arm/leave_aarch64.S
SOURCES := $(filter-out $(LEAVE_AARCH64) $(foreach feature,$(WITHOUT) $(WITHOUT_SHARED),$(FEATURE_SOURCES_$(feature))),\
	$(wildcard boot/*.c boot/arm/*.c drivers/*/*.c platform/$(PLATFORM)/*.c boot/arm/*.S)) \
	$(wildcard $(foreach feature,$(WITHOUT) $(WITHOUT_SHARED),boot/without/$(feature).c boot/arm/without/$(feature).S))
OBJECTS := $(SOURCES:%=$(OUT)/%.o)

# A board whose memory has NOR can be flashed.
HAS_NOR := $(shell grep -sl '^[[:space:]]*NOR ' platform/$(PLATFORM)/memory.ld)

GOT_OPENOCD := $(TOOLS)/.got-openocd
$(GOT_OPENOCD): tools/get tools/versions.sh
	@tools/get openocd
	@touch $@

# QEMU stands in for a board that is one.
WITH_QEMU = $(if $(wildcard platform/$(PLATFORM)/probe),qemu=$$(tools/get qemu) && QEMU=$$qemu)

all: $(ELF) $(BIN) $(if $(HAS_NOR),$(NOR).bin) ## build the firmware for BOARD=qemu-virt (the default)

# Whatever is missing is got before anything is compiled, and only then.
GOT_BUILD := $(TOOLS)/.got-build
$(GOT_BUILD): tools/get tools/versions.sh
	@tools/get build
	@touch $@

$(OUT)/boot/%.o $(OUT)/platform/%.o: CFLAGS += $(BOOT_FLAGS)
# The compiler may not turn these functions' loops into calls of themselves.
$(OUT)/boot/string.c.o: CFLAGS += -fno-lto -fno-builtin -fno-tree-loop-distribute-patterns
# Half a KiB here and there for what is executed most; `speed` among the features.
FAST := $(if $(filter speed,$(WITHOUT)),,-O2)
# And half a KiB less where nothing is to be fast.
$(if $(filter speed,$(WITHOUT)),$(eval CFLAGS += -fno-move-loop-invariants))
# Where most of what a mapping takes is.
$(OUT)/drivers/pgtable/%.o: CFLAGS += $(FAST)
$(OUT)/drivers/smmuv3/cmdq.c.o $(OUT)/drivers/base/sync.c.o: CFLAGS += $(FAST)
# And of what is said.
$(OUT)/drivers/serial/console.c.o $(OUT)/drivers/serial/rtt.c.o $(OUT)/drivers/serial/pl011.c.o $(OUT)/drivers/report/record.c.o $(OUT)/drivers/report/format.c.o $(OUT)/drivers/pci/ecam.c.o $(OUT)/drivers/pci/enumerate.c.o $(OUT)/boot/string.c.o: CFLAGS += $(FAST)
# And where most of what a replay takes is.
$(OUT)/drivers/iommu/instance.c.o $(OUT)/drivers/smmuv3/strtab.c.o: CFLAGS += $(FAST)
# What others wrote is read with more suspicion.
$(OUT)/drivers/firmware/%.o: CFLAGS += -fstack-protector-strong
$(patsubst %,$(OUT)/boot/%.c.o,arm/arguments arm/entry acpi_tables options tables): CFLAGS += -fstack-protector-strong

$(OUT)/%.c.o: %.c Makefile | $(GOT_BUILD)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(CFLAGS) -MMD -MP -c $< -o $@

$(OUT)/leave_aarch64.bin: $(LEAVE_AARCH64) platform/$(PLATFORM)/platform.h boot/arm/early_uart.h boot/arm/system.h Makefile | $(GOT_BUILD)
	$(call say,AS64,$<)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc -E -P -D__ASSEMBLER__ -Iboot/arm -Iplatform/$(PLATFORM) $< -o $(@:.bin=.s)
	$(Q)$(CROSS64)as $(@:.bin=.s) -o $(@:.bin=.o)
	$(Q)$(CROSS64)objcopy -O binary -j .text $(@:.bin=.o) $@

$(OUT)/boot/arm/start.S.o: $(OUT)/leave_aarch64.bin

$(OUT)/%.S.o: %.S Makefile | $(GOT_BUILD)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(ARCH_FLAGS) -g3 -Iboot/arm -Iplatform/$(PLATFORM) -DLEAVE_AARCH64='"$(OUT)/leave_aarch64.bin"' \
		-DPAYLOAD='"$(BIN)"' -MMD -MP -c $< -o $@

# The libraries were built with either size of enum, and pass none; newlib's assembly carries no stack note.
$(ELF): $(OBJECTS) linker/ram.ld platform/$(PLATFORM)/memory.ld
	$(call say,LD,$@)
	$(Q)$(CROSS)gcc $(LDFLAGS) $(OBJECTS) -o $@
	@$(CROSS)size $@ | awk 'NR == 2 { size = $$1 + $$2; \
		printf "image: %.1f KiB text+data (limit %d KiB)\n", size / 1024, $(IMAGE_LIMIT) / 1024; \
		exit size > $(IMAGE_LIMIT) }'

# What U-Boot's `go` takes, and what flash holds.
$(BIN): $(ELF)
	$(Q)$(CROSS)objcopy -O binary $< $@

$(OUT)/boot/arm/nor/nor.S.o: $(BIN)

$(NOR).elf: $(OUT)/boot/arm/nor/nor.S.o linker/nor.ld platform/$(PLATFORM)/memory.ld
	$(call say,LD,$@)
	$(Q)$(CROSS)ld -Lplatform/$(PLATFORM) -Tlinker/nor.ld --no-warn-rwx-segments -z noexecstack $< -o $@

$(NOR).bin: $(NOR).elf
	$(Q)$(CROSS)objcopy -O binary $< $@

# The driver's tests on this board: the same start-up and drivers, and another main page.
TEST_ELF := $(OUT)/smmu-test.elf
JUDGE_SOURCES := $(filter-out tests/smmuv3/host.c,$(wildcard tests/smmuv3/*.c))
TEST_OBJECTS := $(filter-out $(OUT)/boot/main.c.o,$(OBJECTS)) $(JUDGE_SOURCES:%=$(OUT)/%.o)

$(OUT)/tests/%.o: CFLAGS += $(BOOT_FLAGS) -Itests

$(TEST_ELF): $(TEST_OBJECTS) linker/ram.ld platform/$(PLATFORM)/memory.ld
	$(call say,LD,$@)
	$(Q)$(CROSS)gcc $(LDFLAGS:.map=-test.map) $(TEST_OBJECTS) -o $@

# What operations cost, counted by the same image with yet another main page; and a whole run, with a counter around the real one.
BENCH_ELF := $(OUT)/smmu-bench.elf
VERDICT_ELF := $(OUT)/smmu-bench-verdict.elf
BENCH_COMMON := $(filter-out $(OUT)/boot/main.c.o,$(OBJECTS))
BENCH_OBJECTS := $(OUT)/tests/bench/target.c.o
VERDICT_OBJECTS := $(OUT)/tests/bench/verdict.c.o $(OUT)/tests/bench/main.c.o

$(OUT)/tests/bench/main.c.o: CFLAGS += -Dmain=firmware_main -Dboot_power_off=bench_power_off -Wno-missing-prototypes
$(OUT)/tests/bench/main.c.o: boot/main.c Makefile | $(GOT_BUILD)
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(CFLAGS) -MMD -MP -c $< -o $@

$(BENCH_ELF): $(BENCH_OBJECTS)
$(VERDICT_ELF): $(VERDICT_OBJECTS)
$(BENCH_ELF) $(VERDICT_ELF): $(BENCH_COMMON) linker/ram.ld platform/$(PLATFORM)/memory.ld
	$(call say,LD,$@)
	$(Q)$(CROSS)gcc $(LDFLAGS:.map=-$(notdir $(@:.elf=)).map) $(filter %.o,$^) -o $@

# On the host: the same operations as programs, of which valgrind counts the instructions, and the model the commands.
BENCH := $(BUILD)/bench
BENCH_PROGRAMS := $(HOST)/bench-commands $(HOST)/bench-scale $(HOST)/bench-tables

GOT_BENCH := $(TOOLS)/.got-bench
$(GOT_BENCH): tools/get tools/versions.sh
	@tools/get bench
	@touch $@

$(BENCH_PROGRAMS:$(HOST)/bench-%=$(HOST)/tests/bench/%.c.o): | $(GOT_BENCH)
$(BENCH_PROGRAMS): $(HOST)/bench-%: $(HOST)/tests/bench/%.c.o $(HOST)/libdrivers.a $(HOST)/libmodel.a
	$(Q)$(HOST_CC) $(HOST_FLAGS) $< $(HOST)/libdrivers.a $(HOST)/libmodel.a $(HOST)/libdrivers.a -lcmocka -o $@

bench-programs: $(BENCH_PROGRAMS)

bench: $(ELF) $(BENCH_ELF) $(VERDICT_ELF) | $(GOT_BENCH) $(GOT_TEST) ## what operations cost: instructions, commands, register writes and bytes, beside what peers take
	@$(MAKE) --no-print-directory HOST=$(BENCH)/host HOST_MODE=-O2 bench-programs
	@$(MAKE) --no-print-directory FEATURES=minimal all
	@qemu=$$(tools/get qemu) && QEMU=$$qemu python3 tests/bench/bench.py $(BENCH)

test-elf: $(TEST_ELF) ## the image that tests the SMMUv3 driver on QEMU, for tests/qemu/judges.t

# --- Running it. ---

run: $(ELF) ## bring up 3 SMMUv3s on QEMU; takes INSTANCES= CORES= MACHINE= STAGE= MEMORY= APPEND= QEMU= QEMU_EXTRA=
	@[ -x platform/$(PLATFORM)/run ] || { echo "$(PLATFORM) is a board, not an emulator: make load BOARD=$(PLATFORM)"; exit 1; }
	@$(WITH_QEMU) platform/$(PLATFORM)/run $(ELF)

# A board by OpenOCD; tools/load tells the other variables.
load: $(ELF) | $(GOT_OPENOCD) ## OpenOCD puts the image into BOARD='s RAM, verifies and starts it; takes CONSOLE= DTB= DTB_AT= APPEND=
	@$(WITH_QEMU) ELF=$(ELF) NOR=$(NOR).bin tools/load load $(PLATFORM)

flash: all | $(GOT_OPENOCD) ## OpenOCD writes the NOR image to BOARD='s flash, verifies it and resets
	@$(WITH_QEMU) ELF=$(ELF) NOR=$(NOR).bin tools/load flash $(PLATFORM)

new-board: ## lay out the folder of another board: NAME=
	@tools/new-board '$(NAME)'

soak: ## SOAK=60 seconds of registering, binding and DMA at once, on 8 cores and 5 SMMUv3s
	@case '$(SOAK)' in '' | *[!0-9]* | 0*) echo "soak: SOAK=$(SOAK) is no number of seconds from 1 on" >&2; exit 1 ;; esac
	@$(MAKE) --no-print-directory run CORES=8 INSTANCES=5 APPEND='soak=$(SOAK) $(APPEND)' TIMEOUT=$$(($(SOAK) * 2 + 120))

print-qemu: ## print the QEMU that runs use
	@tools/get qemu

# --- Tests. ---

HOST_CC ?= gcc
# `make coverage` and `make mutants` build the same programs elsewhere and otherwise: by HOST= and HOST_MODE=.
HOST_MODE := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g $(HOST_MODE) $(WARNINGS) -Itests/host -Idrivers
# tests/host/coherent.c is for the programs that have a shim of their own.
HOST_SOURCES := $(wildcard drivers/*/*.c) tests/host/arch.c boot/options.c tests/unit/bench.c
HOST_OBJECTS := $(HOST_SOURCES:%=$(HOST)/%.o)
HOST_ARCHIVE := $(HOST)/libdrivers.a
UNIT_TESTS := $(patsubst tests/unit/%.c,$(HOST)/tests/%,$(wildcard tests/unit/test_*.c))
TEST_DATA := $(patsubst tests/unit/%.dts,$(HOST)/tests/%.dtb,$(wildcard tests/unit/*.dts))

GOT_TEST := $(TOOLS)/.got-test
$(GOT_TEST): tools/get tools/versions.sh
	@tools/get test
	@touch $@

$(HOST)/tests/model/%.o $(HOST)/tests/pgtable/%.o: HOST_FLAGS += -Itests -Itests/model
$(HOST)/tests/bench/%.o: HOST_FLAGS += -Itests
$(HOST)/tests/unit/%.o: HOST_FLAGS += -Itests -DTEST_DATA_DIR='"$(CURDIR)/$(HOST)/tests"'

$(HOST)/%.c.o: %.c Makefile | $(GOT_TEST)
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_FLAGS) -Iboot -MMD -MP -c $< -o $@

$(HOST_ARCHIVE): $(HOST_OBJECTS)
	@rm -f $@
	$(Q)ar rcs $@ $^

# The host model of an SMMUv3: it knows nothing of drivers/, and judges them.
MODEL_SOURCES := $(filter-out tests/model/test_%.c,$(wildcard tests/model/*.c))
MODEL_ARCHIVE := $(HOST)/libmodel.a
MODEL_TESTS := $(patsubst tests/model/%.c,$(HOST)/model/%,$(wildcard tests/model/test_*.c))

$(MODEL_ARCHIVE): $(MODEL_SOURCES:%=$(HOST)/%.o)
	@rm -f $@
	$(Q)ar rcs $@ $^

# The firmware's own string functions, beside the host's: under other names, and called by nobody else.
OWN_STRINGS := memmove memcmp memchr strlen strncmp strcmp strchr strstr
$(HOST)/own_strings.c.o: boot/string.c Makefile | $(GOT_TEST)
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
test-unit: $(UNIT_TESTS) $(TEST_DATA) ## the drivers on the host, with sanitizers
	@CMOCKA_MESSAGE_OUTPUT=TAP prove --exec '' $(UNIT_TESTS)

$(HOST)/model/%: $(HOST)/tests/model/%.c.o $(MODEL_ARCHIVE) $(HOST_ARCHIVE)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_FLAGS) $^ -lcmocka -o $@

# The driver's tests, judged by the model.
JUDGE_TEST := $(HOST)/model/test_smmuv3
JUDGE_OBJECTS := $(patsubst %,$(HOST)/%.o,$(filter-out tests/smmuv3/target.c tests/smmuv3/memory.c,$(wildcard tests/smmuv3/*.c)))
$(HOST)/tests/smmuv3/%.o: HOST_FLAGS += -Itests

$(JUDGE_TEST): $(JUDGE_OBJECTS) $(MODEL_ARCHIVE) $(HOST_ARCHIVE)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_FLAGS) $^ -o $@

test-model: $(MODEL_TESTS) $(JUDGE_TEST) ## the SMMUv3 driver on the host model of an SMMUv3, and the model itself
	@CMOCKA_MESSAGE_OUTPUT=TAP prove --exec '' $(MODEL_TESTS) $(JUDGE_TEST)

# drivers/checks on fake masters and SMMUs: each check passes when it may, and fails when it has to.
CHECKS_TESTS := $(patsubst tests/checks/%.c,$(HOST)/checks/%,$(wildcard tests/checks/test_*.c))
CHECKS_SHARED := $(patsubst %,$(HOST)/%.o,$(filter-out tests/checks/test_%.c,$(wildcard tests/checks/*.c)))
$(HOST)/tests/checks/%.o: HOST_FLAGS += -Itests

$(HOST)/checks/%: $(HOST)/tests/checks/%.c.o $(CHECKS_SHARED) $(MODEL_ARCHIVE) $(HOST_ARCHIVE)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_FLAGS) $^ -lcmocka -ljansson -o $@

test-checks: $(CHECKS_TESTS) ## the checks on the host, on devices and SMMUs that lie in one place
	@CMOCKA_MESSAGE_OUTPUT=TAP prove --exec '' $(CHECKS_TESTS)

# The host tool that shows and compares what tables say: the firmware's own readers. The tests run it with sanitizers.
INSPECT := $(HOST)/smmu-inspect
INSPECT_CHECKED := $(HOST)/tools/inspect/smmu-inspect
INSPECT_BUILD := $(BUILD)/inspect
INSPECT_SOURCES := $(wildcard tools/inspect/*.c)
INSPECT_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g -O2 $(WARNINGS) -Itests/host -Idrivers -Itools/inspect
READER_SOURCES := $(filter-out drivers/firmware/fw_cfg.c,$(wildcard drivers/firmware/*.c)) drivers/report/format.c
INSPECT_OBJECTS := $(patsubst %,$(INSPECT_BUILD)/%.o,$(INSPECT_SOURCES) $(READER_SOURCES))
PREFIX ?= /usr/local

GOT_INSPECT := $(TOOLS)/.got-inspect
$(GOT_INSPECT): tools/get tools/versions.sh
	@tools/get inspect
	@touch $@

$(INSPECT_BUILD)/%.c.o: %.c Makefile | $(GOT_INSPECT)
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(INSPECT_FLAGS) -MMD -MP -c $< -o $@

$(INSPECT): $(INSPECT_OBJECTS)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(INSPECT_FLAGS) $^ -ljansson -o $@

$(HOST)/tools/inspect/%.o: HOST_FLAGS += -Itools/inspect
$(patsubst %,$(HOST)/%.o,$(INSPECT_SOURCES)) $(HOST)/tests/checks/findings.c.o: | $(GOT_INSPECT)
$(INSPECT_CHECKED): $(patsubst %,$(HOST)/%.o,$(INSPECT_SOURCES)) $(HOST_ARCHIVE)
	$(Q)$(HOST_CC) $(HOST_FLAGS) $^ -ljansson -o $@

inspect: $(INSPECT) ## the host tool that reads device trees and IORTs: build/host/smmu-inspect

install: $(INSPECT) ## smmu-inspect and its manual page, below PREFIX=/usr/local and DESTDIR=
	install -D $(INSPECT) $(DESTDIR)$(PREFIX)/bin/smmu-inspect
	install -D -m 644 tools/inspect/smmu-inspect.1 $(DESTDIR)$(PREFIX)/share/man/man1/smmu-inspect.1

test-inspect: $(INSPECT_CHECKED) $(INSPECT) ## smmu-inspect on boards' tables, on real machines' and on damaged ones
	@INSPECT=$(INSPECT_CHECKED) prove -j2 --exec python3 tests/inspect/*.t

# Fuzzing: the readers, the event decoder, the boot arguments. What is in tests/fuzz/found is tried first.
FUZZ := $(BUILD)/fuzz
FUZZ_NAMES := dt iort acpi event arguments
FUZZ_SECONDS ?= 600
FUZZ_SECONDS_SHORT := 20
FUZZ_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $(WARNINGS) -Itests/host \
	-Idrivers -I. -Iboot
FUZZ_SHARED := tests/fuzz/fuzz.c $(READER_SOURCES)
FUZZ_SOURCES_event := drivers/smmuv3/event.c drivers/smmuv3/event_cause.c
FUZZ_SOURCES_arguments := boot/options.c

GOT_FUZZ := $(TOOLS)/.got-fuzz
$(GOT_FUZZ): tools/get tools/versions.sh
	@tools/get fuzz
	@touch $@

$(FUZZ)/%.c.o: %.c Makefile | $(GOT_FUZZ) $(GOT_TEST)
	$(call say,FUZZCC,$<)
	@mkdir -p $(@D)
	$(Q)clang $(FUZZ_FLAGS) -MMD -MP -c $< -o $@

fuzz_objects = $(patsubst %,$(FUZZ)/%.o,tests/fuzz/$(1).c $(FUZZ_SHARED) $(FUZZ_SOURCES_$(1)))
define fuzz_program
$(FUZZ)/fuzz-$(1): $(call fuzz_objects,$(1))
	$$(Q)clang $(FUZZ_FLAGS) $$^ -lfdt -o $$@
endef
$(foreach name,$(FUZZ_NAMES),$(eval $(call fuzz_program,$(name))))

$(FUZZ)/seeds: tests/fuzz/seeds.py tests/qemu/tables.py README.md $(wildcard tests/inspect/boards/*) $(wildcard tests/unit/*.dts) | $(GOT_TEST)
	@rm -rf $@
	@mkdir -p $@
	@python3 tests/fuzz/seeds.py $@

fuzz: $(FUZZ_NAMES:%=$(FUZZ)/fuzz-%) $(FUZZ)/seeds ## hostile tables, events and arguments, by libFuzzer: FUZZ_SECONDS=600 each
	@printf '%s\n' $(FUZZ_NAMES) | xargs -P $(JOBS) -I NAME tools/fuzz $(FUZZ)/fuzz-NAME NAME $(FUZZ) $(FUZZ_SECONDS)

# Random operations on translation tables, judged by the model's walker: a short run with sanitizers, a long one without.
PGTABLE := $(BUILD)/pgtable
PGTABLE_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g -O2 $(WARNINGS) -Itests/host -Itests -Idrivers
PGTABLE_SOURCES := $(wildcard drivers/pgtable/*.c) drivers/base/arena.c drivers/base/sync.c drivers/base/deadline.c tests/host/arch.c \
	tests/model/walk.c tests/pgtable/random.c
RANDOM_OPERATIONS ?= 1000000

$(PGTABLE)/%.c.o: %.c Makefile | $(GOT_TEST)
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(PGTABLE_FLAGS) -MMD -MP -c $< -o $@

$(PGTABLE)/random: $(PGTABLE_SOURCES:%=$(PGTABLE)/%.o)
	$(Q)$(HOST_CC) $(PGTABLE_FLAGS) $^ -o $@

$(PGTABLE)/random-sanitized: $(HOST)/tests/pgtable/random.c.o $(HOST_ARCHIVE) $(MODEL_ARCHIVE)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_FLAGS) $< $(HOST_ARCHIVE) $(MODEL_ARCHIVE) -o $@

test-pgtable: $(PGTABLE)/random $(PGTABLE)/random-sanitized ## translation tables: RANDOM_OPERATIONS=1000000 random ones against a walker
	@prove --exec '' $(PGTABLE)/random-sanitized :: 20000
	@prove --exec '' $(PGTABLE)/random :: $(RANDOM_OPERATIONS)

# What the host tests reach of the SMMU's driver: the folders, the least percentage of their lines and of their branches,
# and the programs. gcov's counts, without sanitizers and without optimisation; atomic ones, for some tests have threads.
HOST_PROGRAMS := $(UNIT_TESTS) $(MODEL_TESTS) $(JUDGE_TEST)
HOST_PROGRAM_OBJECTS := $(patsubst %,$(HOST)/%.o,$(wildcard tests/unit/test_*.c tests/model/test_*.c tests/checks/test_*.c))
.SECONDARY: $(HOST_PROGRAM_OBJECTS)
COVERED := drivers/smmuv3 drivers/pgtable
COVERED_LINES := 95
COVERED_BRANCHES := 85
COVERAGE := $(BUILD)/coverage

GOT_COVERAGE := $(TOOLS)/.got-coverage
$(GOT_COVERAGE): tools/get tools/versions.sh
	@tools/get coverage
	@touch $@

coverage: | $(GOT_COVERAGE) ## lines and branches of the SMMU's driver that the host tests reach, and what they do not
	@$(MAKE) --no-print-directory HOST=$(COVERAGE) HOST_MODE='-O0 --coverage' coverage-programs
	@tools/coverage $(COVERAGE) $(COVERED_LINES) $(COVERED_BRANCHES) $(COVERED)

# What several threads of a test are in. For all of it, counting so would take three times as long.
$(COVERAGE)/drivers/smmuv3/%.o $(COVERAGE)/drivers/base/%.o $(COVERAGE)/tests/host/%.o $(COVERAGE)/tests/unit/test_trace.c.o: HOST_FLAGS += -fprofile-update=atomic

# Counts of an earlier call are no counts of this one.
coverage-programs: $(HOST_PROGRAMS) $(TEST_DATA)
	@find $(HOST) -name '*.gcda' -delete
	@CMOCKA_MESSAGE_OUTPUT=TAP prove -Q -j$(JOBS) --exec '' $(HOST_PROGRAMS) 2>$(HOST)/console.log

# The guarded core under the deterministic scheduler: the unchanged sources, with a shim that stops at every sync point.
SCHEDULE := $(BUILD)/schedule
SCHEDULE_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g -O2 -fno-omit-frame-pointer $(WARNINGS) -Itests/host -Idrivers
CORE_SOURCES := $(wildcard drivers/base/*.c drivers/iommu/*.c)
# Beside the core, the command queue: what else its folder needs comes along.
SCHEDULE_SOURCES := $(CORE_SOURCES) $(wildcard drivers/smmuv3/*.c drivers/pgtable/*.c) $(wildcard tests/schedule/*.c) tests/host/coherent.c
SCHEDULE_OBJECTS := $(SCHEDULE_SOURCES:%=$(SCHEDULE)/%.o)
JOBS ?= $(shell nproc)
SEEDS ?= 100000

$(SCHEDULE)/%.c.o: %.c Makefile | $(GOT_TEST)
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(SCHEDULE_FLAGS) -MMD -MP -c $< -o $@

$(SCHEDULE)/test_schedule: $(SCHEDULE_OBJECTS)
	$(Q)$(HOST_CC) $(SCHEDULE_FLAGS) $^ -o $@

PREEMPTIONS ?= 2

test-schedule: $(SCHEDULE)/test_schedule ## the guarded core under every interleaving of PREEMPTIONS=2 (three of two cores), and SEEDS=100000 random runs
	@$< -s 0 -n $(SEEDS) -j $(JOBS)
	@$< -j $(JOBS) -p $(PREEMPTIONS)

# The same sources on real threads.
THREADS := $(BUILD)/threads
THREADS_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g -O1 -fsanitize=thread $(WARNINGS) -Wno-tsan -Itests/host -Idrivers
THREADS_OBJECTS := $(CORE_SOURCES:%=$(THREADS)/%.o) $(THREADS)/tests/threads/threads.c.o $(THREADS)/tests/threads/shim.c.o
QUEUE_SOURCES := $(CORE_SOURCES) $(wildcard drivers/smmuv3/*.c drivers/pgtable/*.c) tests/threads/queue.c tests/threads/shim.c tests/host/coherent.c
THREADS_QUEUE := $(BUILD)/threads-queue
QUEUE_OBJECTS := $(QUEUE_SOURCES:%=$(THREADS_QUEUE)/%.o)
OPERATIONS ?= 1000000
ISSUES ?= 5000

# A word for a number would be taken for 0, of which nothing is tried, or everything for ever.
NUMBERS := $(foreach name,FUZZ_SECONDS RANDOM_OPERATIONS SEEDS PREEMPTIONS OPERATIONS ISSUES JOBS,'$(name)=$($(name))')
NO_NUMBERS := $(shell printf '%s\n' $(NUMBERS) | grep -vxE '[A-Z_]+=[1-9][0-9]*|PREEMPTIONS=0')
$(if $(and $(NO_NUMBERS),$(filter-out help clean distclean,$(or $(MAKECMDGOALS),all))),$(error $(NO_NUMBERS): a number is wanted, and not 0))

$(THREADS)/%.c.o: %.c Makefile | $(GOT_TEST)
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(THREADS_FLAGS) -MMD -MP -c $< -o $@

$(THREADS_QUEUE)/%.c.o: %.c Makefile | $(GOT_TEST)
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(THREADS_FLAGS) -MMD -MP -c $< -o $@

$(THREADS)/test_threads: $(THREADS_OBJECTS)
	$(Q)$(HOST_CC) $(THREADS_FLAGS) $^ -lpthread -o $@

$(THREADS_QUEUE)/test_queue: $(QUEUE_OBJECTS)
	$(Q)$(HOST_CC) $(THREADS_FLAGS) $^ -lpthread -o $@

test-threads: $(THREADS)/test_threads $(THREADS_QUEUE)/test_queue ## the guarded core, and the command queue, on real threads under ThreadSanitizer: OPERATIONS=1000000 ISSUES=5000
	@TSAN_OPTIONS='halt_on_error=1' $(THREADS)/test_threads $(OPERATIONS)
	@TSAN_OPTIONS='halt_on_error=1' $(THREADS_QUEUE)/test_queue $(ISSUES)

replay: $(SCHEDULE)/test_schedule ## one schedule, step by step: REPLAY='NUMBER 0,1,...' or SEED=N, as a failure names it
	@$< $(if $(SEED),-v -s $(SEED),-r $(REPLAY))

# The others by the host tests, with sanitizers or without, and by tests of the tools and runners: tests/mutants/run.py.
MUTANT_HOST := $(BUILD)/mutants/host
MUTANT_MODE := -O1
MUTANT_FLAGS := -std=c11 -D_DEFAULT_SOURCE -Itests/host -Idrivers -Iboot -Itools/inspect
mutant_programs = $(shell python3 tests/mutants/run.py programs $(1))

mutants: $(SCHEDULE)/test_schedule $(THREADS)/test_threads $(THREADS_QUEUE)/test_queue mutants-listed ## every part without each of its guards: a test must fail; MUTANT=NAME tries one
	@MUTANT_FLAGS='$(SCHEDULE_FLAGS)' JOBS=$(JOBS) python3 tests/schedule/mutants.py core $(SCHEDULE) $(BUILD)/mutants/core $(MUTANT)
	@MUTANT_FLAGS='$(THREADS_FLAGS)' MUTANT_LIBRARIES=-lpthread JOBS=1 TSAN_OPTIONS='halt_on_error=1' \
		python3 tests/schedule/mutants.py threads $(THREADS) $(BUILD)/mutants/threads $(MUTANT)
	@MUTANT_FLAGS='$(THREADS_FLAGS)' MUTANT_LIBRARIES=-lpthread JOBS=1 TSAN_OPTIONS='halt_on_error=1' \
		python3 tests/schedule/mutants.py queue $(THREADS_QUEUE) $(BUILD)/mutants/queue $(MUTANT)

# What a list of mutants is linked with: called once for each way to build it.
mutants-host: $(HOST_ARCHIVE) $(MODEL_ARCHIVE) $(TEST_DATA) $(MUTANT_PROGRAMS:%=$(HOST)/tests/unit/test_%.c.o)
	@:

mutants-listed: $(INSPECT_CHECKED) | $(GOT_TEST)
	@$(MAKE) --no-print-directory mutants-host MUTANT_PROGRAMS='$(call mutant_programs,sanitized)'
	@$(MAKE) --no-print-directory HOST=$(MUTANT_HOST) HOST_MODE='$(MUTANT_MODE)' mutants-host MUTANT_PROGRAMS='$(call mutant_programs,plain)'
	@PLAIN_HOST=$(MUTANT_HOST) PLAIN_FLAGS='$(MUTANT_FLAGS) $(MUTANT_MODE)' SANITIZED_HOST=$(HOST) SANITIZED_FLAGS='$(MUTANT_FLAGS) $(HOST_MODE)' \
		JOBS=$(JOBS) python3 tests/mutants/run.py $(BUILD)/mutants/listed $(MUTANT)

mutants-judges: all $(TEST_ELF) $(JUDGE_TEST) | $(GOT_TEST) ## the driver broken in some sixty places, before every judge of tests/README.md: half an hour
	@qemu=$$(tools/get qemu) && QEMU=$$qemu python3 tests/smmuv3/mutants.py $(MUTANT)

# The longest first: the others go on beside them. They wait for the machine's own time as often as for a core.
QEMU_TESTS_LONG := $(patsubst %,tests/qemu/%.t,provoke bad_input uboot soak matrix machines bootargs)
QEMU_TESTS := $(QEMU_TESTS_LONG) $(filter-out $(QEMU_TESTS_LONG),$(wildcard tests/qemu/*.t tests/a64/*.t))

test-qemu: all $(TEST_ELF) $(JUDGE_TEST) | $(GOT_TEST) ## the firmware on QEMU, judged from its records
	@qemu=$$(tools/get qemu) && QEMU=$$qemu ELF=$(ELF) prove -j4 --exec python3 $(QEMU_TESTS)

test-openocd: all | $(GOT_TEST) $(GOT_OPENOCD) ## the real OpenOCD: load, flash, debug, and what goes wrong
	@qemu=$$(tools/get qemu) && QEMU=$$qemu ELF=$(ELF) prove -j3 --exec python3 tests/openocd/flash.t $(filter-out tests/openocd/flash.t,$(wildcard tests/openocd/*.t))

test-boards: | $(GOT_BUILD) $(GOT_TEST) ## every board's image, one of a new board, and builds with FEATURES= left out
	@qemu=$$(tools/get qemu) && QEMU=$$qemu prove --exec python3 tests/boards/*.t

test-matrix: $(ELF) | $(GOT_TEST) ## the firmware on every machine of the matrix: some minutes
	@qemu=$$(tools/get qemu) && MATRIX=all QEMU=$$qemu ELF=$(ELF) prove --exec python3 tests/qemu/matrix.t

# --- Lint: what a reviewer need not look for. ---

LINT_C := $(shell git ls-files '*.c' '*.h' 2>/dev/null)
LINT_SHELL := tools/get tools/fuzz tools/versions.sh tools/new-board $(wildcard platform/*/run platform/*/probe) .ci/run
CLANG_TARGET := --target=arm-none-eabi -mcpu=cortex-a15 -mfloat-abi=hard -mthumb -ffreestanding -idirafter /usr/include/newlib
TARGET_INCLUDES := -Idrivers -Iboot/arm -Iboot -Itests -Iplatform/$(PLATFORM)
HOST_INCLUDES := -Itests/host -Itests -Itests/model -Idrivers -Iboot -Iplatform/$(PLATFORM) -Itools/inspect -D_DEFAULT_SOURCE

GOT_LINT := $(TOOLS)/.got-lint
$(GOT_LINT): tools/get tools/versions.sh | $(GOT_BUILD) $(GOT_TEST) $(GOT_INSPECT) $(GOT_BENCH)
	@tools/get lint
	@touch $@

# One line for each thing looked at, in TAP: what is wrong comes before it.
lint: | $(GOT_LINT) ## format, static analysis, warnings of gcc and clang, self-standing headers, shell scripts
	@LINT_C='$(LINT_C)' LINT_SHELL='$(LINT_SHELL)' CROSS='$(CROSS)gcc $(ARCH_FLAGS)' CLANG_TARGET='$(CLANG_TARGET)' \
		TARGET_INCLUDES="$(TARGET_INCLUDES)" HOST_INCLUDES="$(HOST_INCLUDES)" WARNINGS='-std=c11 $(WARNINGS)' \
		prove --exec sh tools/lint

test: ## every test
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory test-unit
	@$(MAKE) --no-print-directory test-model
	@$(MAKE) --no-print-directory test-checks
	@$(MAKE) --no-print-directory --output-sync=target test-inspect test-pgtable RANDOM_OPERATIONS=500000
	@$(MAKE) --no-print-directory fuzz FUZZ_SECONDS=$(FUZZ_SECONDS_SHORT) JOBS=3
	@$(MAKE) --no-print-directory coverage
	@$(MAKE) --no-print-directory test-schedule PREEMPTIONS=1
	@$(MAKE) --no-print-directory test-threads
	@$(MAKE) --no-print-directory mutants
	@$(MAKE) --no-print-directory bench EXCEPT=known
	@$(MAKE) --no-print-directory test-qemu
	@$(MAKE) --no-print-directory --output-sync=target test-openocd test-boards

clean: ## remove what was built, keep what was fetched and what the fuzzers found
	rm -rf $(BOARDS:%=$(BUILD)/%) $(wildcard $(BUILD)/*-without-*) $(BENCH) $(HOST) $(INSPECT_BUILD) $(SCHEDULE) $(THREADS) $(THREADS_QUEUE) $(COVERAGE) $(PGTABLE) $(BUILD)/mutants $(BUILD)/tests

distclean: ## remove everything that is not in the repository
	rm -rf $(BUILD)

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "%-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

.PHONY: all fuzz inspect install test-inspect test-elf bench run load flash new-board soak print-qemu lint test test-unit test-model test-pgtable coverage coverage-programs bench-programs test-schedule test-threads replay mutants mutants-host mutants-listed mutants-judges test-qemu test-openocd test-boards test-matrix clean distclean help

-include $(OBJECTS:.o=.d) $(BENCH_OBJECTS:.o=.d) $(VERDICT_OBJECTS:.o=.d) $(HOST_OBJECTS:.o=.d) $(SCHEDULE_OBJECTS:.o=.d) $(THREADS_OBJECTS:.o=.d) $(QUEUE_OBJECTS:.o=.d) $(HOST_PROGRAM_OBJECTS:.o=.d) $(MODEL_SOURCES:%=$(HOST)/%.d) $(JUDGE_OBJECTS:.o=.d) $(CHECKS_SHARED:.o=.d) $(INSPECT_OBJECTS:.o=.d) $(foreach name,$(FUZZ_NAMES),$(patsubst %.o,%.d,$(call fuzz_objects,$(name)))) $(INSPECT_SOURCES:%=$(HOST)/%.d) $(JUDGE_SOURCES:%=$(OUT)/%.d) $(HOST)/own_strings.c.d $(BENCH_PROGRAMS:$(HOST)/bench-%=$(HOST)/tests/bench/%.c.d)
