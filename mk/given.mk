# SPDX-License-Identifier: BSD-2-Clause
# What may be given on the command line, and what is refused.

# What the last run has left is no report of one that is refused; another run that is under way keeps its own.
forget = for folder in $(1) $(if $(RUN_DIR),'$(subst ','\'',$(RUN_DIR))'); do ! [ -d "$$folder" ] || \
	flock -n "$$folder/.lock" rm -f "$$folder/report.jsonl" "$$folder/report.html" "$$folder/console.log" || :; done
FORGET = $(call forget,$(OUT)/run $(BUILD)/$(PLATFORM)/openocd)
refuse = $(shell $(FORGET))$(error $(1))

# one_of NAME,WORD,LIST,WHAT
one_of = $(if $(and $(filter 1,$(words $(2))),$(filter $(2),$(3))),,$(FORGET_ALL)$(error $(1)=$(2): there is no such $(4), but $(3)))

# Which build was meant is not known: no run of this board, or of any, is of the one that is refused.
KNOWN_BOARD = $(if $(filter 1,$(words $(PLATFORM))),$(filter $(PLATFORM),$(BOARDS)))
FORGET_ALL = $(shell $(call forget,$(wildcard $(foreach board,$(or $(KNOWN_BOARD),$(BOARDS)),$(foreach kind,run openocd,$(BUILD)/$(board)/$(kind) $(BUILD)/$(board)-*/$(kind))))))
$(call one_of,BOARD,$(PLATFORM),$(BOARDS),board)
$(call one_of,ARCH,$(ARCH),$(ARCHS),architecture)
$(if $(and $(HAS_UEFI),$(filter arm,$(ARCH))),$(FORGET_ALL)$(error ARCH=arm: UEFI applications for 32-bit cores are not built; leave ARCH= out))
$(if $(and $(HAS_AARCH64_ALONE),$(filter arm,$(ARCH))),$(FORGET_ALL)$(error ARCH=arm: the cores of $(PLATFORM) have no AArch32 in EL1; leave ARCH= out))
$(if $(strip $(FEATURES)),,$(FORGET_ALL)$(error FEATURES= is empty: all, basic, minimal, or some of $(FEATURES_ALL)))
$(if $(UNKNOWN_FEATURES),$(FORGET_ALL)$(error FEATURES= knows no $(UNKNOWN_FEATURES): all, basic, minimal, or some of $(FEATURES_ALL)))

# On the command line: names that this Makefile gives a value to, and those below; another one would be ignored in silence. In the
# environment a name may be there for other programs.
GOALS := $(or $(MAKECMDGOALS),all)
GIVEN := $(strip $(foreach name,$(.VARIABLES),$(if $(filter-out override,$(filter command line,$(origin $(name)))),$(name))))
# What runs and loads take, each board's runner as its head says.
RUN_TAKES := $(shell sed -n 's/^\# Takes: //p' platform/$(PLATFORM)/run 2>/dev/null)
LOAD_TAKES := CONSOLE DTB DTB_AT APPEND FLASH TIMEOUT RUN_DIR PAGE OPENOCD OPENOCD_EXTRA GDB_PORT TELNET_PORT TCL_PORT BRIDGE_EXTRA BRINGUP_ADAPTER
TAKES_run := $(RUN_TAKES)
TAKES_load := $(LOAD_TAKES) $(RUN_TAKES)
TAKES_flash := $(TAKES_load)
TAKES_soak := $(RUN_TAKES) SOAK
TAKES_picture := $(filter-out RUN_DIR FLASH CPU,$(RUN_TAKES))
TAKES_new-board := NAME
TAKES_run-linux := CPU CORES APPEND LINUX
TAKES_test-linux := LINUX
TAKES_linux-table := LINUX WRONG
# What tests take. `make test` gives some of them itself, and hands the others on.
TAKES_test := SEEDS OPERATIONS ISSUES
TAKES_test-schedule := SEEDS PREEMPTIONS KEPT
TAKES_replay := REPLAY SEED
TAKES_test-threads := OPERATIONS ISSUES
TAKES_test-pgtable := RANDOM_OPERATIONS
TAKES_fuzz := FUZZ_SECONDS
TAKES_fuzz-page := SECONDS
TAKES_mutants := MUTANT MUTANT_EVERY
TAKES_mutants-listed := $(TAKES_mutants)
TAKES_mutants-judges := MUTANT
TAKES_test-qemu := QEMU_TESTS SHORT
TAKES_test-openocd := SHORT OPENOCD_TESTS
TAKES_test-uefi := SHORT
TAKES_test-again := AGAIN TIMES QEMU_TESTS
TAKES_install := PREFIX DESTDIR
TESTS_TAKE := test fuzz-page test-schedule replay test-threads test-pgtable fuzz mutants mutants-judges test-qemu test-openocd test-uefi test-again install
# Of no use to any other target.
TAKEN := $(sort $(foreach goal,$(TESTS_TAKE),$(TAKES_$(goal))) $(LOAD_TAKES) $(filter-out QEMU,INSTANCES CORES MACHINE STAGE MEMORY QEMU_EXTRA RECORDS FVP FVP_EXTRA $(RUN_TAKES)) SOAK NAME LINUX WRONG)
ANYWHERE := O QEMU MUTANT_PROGRAMS UPDATE MAKEFLAGS GNUMAKEFLAGS SHELL
OWN_NAMES = $(shell sed -n 's/^\([A-Za-z0-9_]\{1,\}\) *[:?]\{0,1\}=.*/\1/p' $(RULES))
UNKNOWN := $(filter-out $(TAKEN) $(ANYWHERE),$(GIVEN))
UNKNOWN := $(if $(UNKNOWN),$(firstword $(filter-out $(OWN_NAMES),$(UNKNOWN))))
$(if $(UNKNOWN),$(call refuse,$(UNKNOWN)= is no variable here; the nearest is $(shell tools/nearest '$(UNKNOWN)' $(TAKEN) $(ANYWHERE) $(OWN_NAMES))=))
# A make that is called by this one has the command line of the first, and a goal of its own.
UNUSED := $(if $(filter 0,$(MAKELEVEL)),$(firstword $(filter-out $(foreach goal,$(GOALS),$(TAKES_$(goal))),$(filter $(TAKEN),$(GIVEN)))))
USED_BY = $(strip $(foreach goal,run run-linux load flash soak new-board $(TESTS_TAKE),$(if $(filter $(UNUSED),$(TAKES_$(goal))),$(goal))))
$(if $(UNUSED),$(call refuse,make $(GOALS) takes no $(UNUSED)=$(if $(USED_BY),, for BOARD=$(PLATFORM))$(if $(USED_BY),: it is for make $(USED_BY))))
