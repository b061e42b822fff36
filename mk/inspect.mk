# SPDX-License-Identifier: BSD-2-Clause
# smmu-inspect, and the fuzzing of what it reads with.

# The host tool that shows and compares what tables say: the firmware's own readers. The tests run it with sanitizers.
INSPECT := $(HOST)/smmu-inspect
INSPECT_CHECKED := $(HOST)/tools/inspect/smmu-inspect
INSPECT_BUILD := $(BUILD)/inspect
INSPECT_SOURCES := $(wildcard tools/inspect/*.c)
INSPECT_VERSION := -DSMMU_INSPECT_VERSION='"$(VERSION)"'
INSPECT_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g -O2 $(WARNINGS) -Itests/host -Itools/inspect/larger -Idrivers -Itools/inspect $(INSPECT_VERSION)
READER_SOURCES := $(filter-out drivers/firmware/fw_cfg.c,$(wildcard drivers/firmware/*.c)) $(wildcard drivers/findings/*.c) drivers/report/format.c
# Where the firmware looks through fixed lists, the host's files of the same names remember, and grow.
INSPECT_LARGER := $(wildcard tools/inspect/larger/*.c)
INSPECT_READERS := $(filter-out $(INSPECT_LARGER:tools/inspect/larger/%=drivers/firmware/%),$(READER_SOURCES)) $(INSPECT_LARGER)
EVENT_SOURCES := drivers/smmuv3/event.c drivers/smmuv3/event_cause.c
INSPECT_OBJECTS := $(patsubst %,$(INSPECT_BUILD)/%.o,$(INSPECT_SOURCES) $(INSPECT_READERS) $(EVENT_SOURCES))
PREFIX ?= /usr/local

$(eval $(call compiled,$(INSPECT_BUILD),$(HOST_CC),INSPECT_FLAGS,HOSTCC,$(BUILD)/.got-inspect))

INSPECT_LINK := $(HOST_CC) $(INSPECT_FLAGS)
$(eval $(call linked,$(INSPECT),INSPECT_OBJECTS,INSPECT_LINK))
$(INSPECT):
	@mkdir -p $(@D)
	$(Q)$(INSPECT_LINK) $(INSPECT_OBJECTS) -ljansson -o $@

$(HOST)/tools/inspect/%.o: private HOST_FLAGS += -Itools/inspect $(INSPECT_VERSION)
$(patsubst %,$(HOST)/%.o,$(INSPECT_SOURCES)) $(HOST)/tests/checks/findings.c.o: | $(BUILD)/.got-inspect
CHECKED_OBJECTS := $(patsubst %,$(HOST)/%.o,$(INSPECT_SOURCES))
$(eval $(call linked,$(INSPECT_CHECKED),CHECKED_OBJECTS,HOST_LINK))
$(INSPECT_CHECKED): $(HOST_ARCHIVE)
	$(Q)$(HOST_LINK) $(CHECKED_OBJECTS) $(HOST_ARCHIVE) -ljansson -o $@

# docs/findings.md is in it.
$(foreach folder,$(INSPECT_BUILD) $(HOST),$(folder)/tools/inspect/explain.c.o): docs/findings.md

# A device tree that is handed over is looked at before it is loaded.
load-files: $(if $(DTB),$(INSPECT))
test-openocd-files: $(INSPECT)
inspect-files: $(INSPECT)
inspect: ## the host tool that reads device trees and IORTs: build/host/smmu-inspect
	+@$(BUILT)

install-files: $(INSPECT)
install: ## smmu-inspect, smmu-look and their manual pages, below PREFIX=/usr/local and DESTDIR=
	+@$(BUILT)
	install -D $(INSPECT) $(DESTDIR)$(PREFIX)/bin/smmu-inspect
	install -D $(LOOK) $(DESTDIR)$(PREFIX)/bin/smmu-look
	install -D -m 644 tools/inspect/smmu-inspect.1 $(DESTDIR)$(PREFIX)/share/man/man1/smmu-inspect.1
	install -D -m 644 tools/look/smmu-look.1 $(DESTDIR)$(PREFIX)/share/man/man1/smmu-look.1

# The same, which counts what it does: tests/inspect/work.t
INSPECT_COUNTED := $(BUILD)/counted
COUNTED_FLAGS = $(INSPECT_FLAGS) -O1 -fno-builtin -fsanitize-coverage=trace-pc
COUNTED_OBJECTS := $(patsubst %,$(INSPECT_COUNTED)/%.o,$(INSPECT_SOURCES) $(INSPECT_READERS) $(EVENT_SOURCES) tests/inspect/work.c)

$(eval $(call compiled,$(INSPECT_COUNTED),$(HOST_CC),COUNTED_FLAGS,COUNTCC,$(BUILD)/.got-inspect))
$(eval $(call linked,$(INSPECT_COUNTED)/smmu-inspect,COUNTED_OBJECTS,INSPECT_LINK))
$(INSPECT_COUNTED)/smmu-inspect:
	$(Q)$(INSPECT_LINK) $(COUNTED_OBJECTS) -ljansson -o $@

# libfdt beside the firmware's reader: tests/inspect/second.t
INSPECT_SECOND := $(HOST)/tests/inspect/second
SECOND_OBJECTS := $(HOST)/tests/inspect/second.c.o
$(eval $(call linked,$(INSPECT_SECOND),SECOND_OBJECTS,HOST_LINK))
$(SECOND_OBJECTS): | $(BUILD)/.got-test
$(INSPECT_SECOND): $(HOST_ARCHIVE)
	$(Q)$(HOST_LINK) $(SECOND_OBJECTS) $(HOST_ARCHIVE) -lfdt -o $@

test-inspect-files: $(INSPECT_CHECKED) $(INSPECT) $(INSPECT_COUNTED)/smmu-inspect $(INSPECT_SECOND)
test-inspect: ## smmu-inspect on boards' tables, on real machines' and on damaged ones
	+@$(BUILT)
	@INSPECT=$(INSPECT_CHECKED) prove -j2 --exec 'tools/tap python3' tests/inspect/*.t

# Fuzzing: the readers, the event decoder, the boot arguments, logs. What is in tests/fuzz/found is tried first.
FUZZ := $(BUILD)/fuzz
FUZZ_NAMES := dt iort acpi event explain arguments log
FUZZ_SECONDS ?= 600
FUZZ_SECONDS_SHORT := 10
FUZZ_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all $(WARNINGS) -Itests/host \
	-Idrivers -I. -Iboot -Itools/inspect
FUZZ_SHARED := tests/fuzz/fuzz.c $(READER_SOURCES)
FUZZ_SOURCES_event := $(EVENT_SOURCES)
FUZZ_SOURCES_explain := $(EVENT_SOURCES) $(wildcard drivers/explain/*.c)
FUZZ_SOURCES_log := $(EVENT_SOURCES) $(patsubst %,tools/inspect/%.c,event json_text log owner)
FUZZ_SOURCES_arguments := $(wildcard boot/options/*.c) drivers/report/record.c

$(eval $(call compiled,$(FUZZ),clang,FUZZ_FLAGS,FUZZCC,$(BUILD)/.got-fuzz $(BUILD)/.got-test))

FUZZ_LINK := clang $(FUZZ_FLAGS)
fuzz_objects = $(patsubst %,$(FUZZ)/%.o,tests/fuzz/$(1).c $(FUZZ_SHARED) $(FUZZ_SOURCES_$(1)))
define fuzz_program
FUZZ_OBJECTS_$(1) := $(call fuzz_objects,$(1))
$(call linked,$(FUZZ)/fuzz-$(1),FUZZ_OBJECTS_$(1),FUZZ_LINK)
$(FUZZ)/fuzz-$(1):
	$$(Q)$$(FUZZ_LINK) $$(FUZZ_OBJECTS_$(1)) -lfdt -ljansson -o $$@
endef
$(foreach name,$(FUZZ_NAMES),$(eval $(call fuzz_program,$(name))))

SEED_SOURCES := tests/fuzz/seeds.py tests/qemu/tables.py docs/using.md $(wildcard tests/inspect/boards/* tests/inspect/logs/*) $(wildcard tests/unit/*.dts)
$(eval $(call linked,$(FUZZ)/seeds,SEED_SOURCES,))
$(FUZZ)/seeds: | $(BUILD)/.got-test
	@rm -rf $@
	@mkdir -p $@
	@python3 tests/fuzz/seeds.py $@

fuzz-files: $(FUZZ_NAMES:%=$(FUZZ)/fuzz-%) $(FUZZ)/seeds
fuzz: ## hostile tables, events and arguments, by libFuzzer: FUZZ_SECONDS=600 each
	+@$(BUILT)
	@printf '%s\n' $(FUZZ_NAMES) | xargs -P $(JOBS) -I NAME tools/fuzz $(FUZZ)/fuzz-NAME NAME $(FUZZ) $(FUZZ_SECONDS)
