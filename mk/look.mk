# SPDX-License-Identifier: BSD-2-Clause
# smmu-look: what an SMMUv3 is doing, on a machine or in a dump.

# The library of the firmware, and the readers of tables as smmu-inspect has them. The tests run it with sanitizers.
LOOK := $(HOST)/smmu-look
LOOK_CHECKED := $(HOST)/tools/look/smmu-look
LOOK_SOURCES := $(wildcard tools/look/*.c)
EXPLAIN_SOURCES := $(wildcard drivers/explain/*.c)
LOOK_SHARED := $(filter-out tools/inspect/main.c,$(INSPECT_SOURCES)) $(INSPECT_READERS) $(EVENT_SOURCES) $(EXPLAIN_SOURCES)
LOOK_OBJECTS := $(patsubst %,$(INSPECT_BUILD)/%.o,$(LOOK_SOURCES) $(LOOK_SHARED))

$(INSPECT_BUILD)/tools/look/%.o: private INSPECT_FLAGS += -Itools/look
$(eval $(call linked,$(LOOK),LOOK_OBJECTS,INSPECT_LINK))
$(LOOK):
	@mkdir -p $(@D)
	$(Q)$(INSPECT_LINK) $(LOOK_OBJECTS) -ljansson -o $@

$(HOST)/tools/look/%.o: private HOST_FLAGS += -Itools/look -Itools/inspect $(INSPECT_VERSION)
$(patsubst %,$(HOST)/%.o,$(LOOK_SOURCES)): | $(BUILD)/.got-inspect
LOOK_CHECKED_OBJECTS := $(patsubst %,$(HOST)/%.o,$(LOOK_SOURCES) $(filter-out tools/inspect/main.c,$(INSPECT_SOURCES)))
$(eval $(call linked,$(LOOK_CHECKED),LOOK_CHECKED_OBJECTS,HOST_LINK))
$(LOOK_CHECKED): $(HOST_ARCHIVE)
	$(Q)$(HOST_LINK) $(LOOK_CHECKED_OBJECTS) $(HOST_ARCHIVE) -ljansson -o $@

look-files: $(LOOK)
look: ## the host tool that explains a live or dead SMMUv3: build/host/smmu-look
	+@$(BUILT)

install-files: $(LOOK)

# Linux of the newest kernel, too: make test-linux.
test-look-files: $(LOOK_CHECKED) $(LOOK) $(IMAGES) linux-image | $(BUILD)/.got-test $(BUILD)/.got-openocd
test-look: ## smmu-look on this firmware, halted, on Debian's Linux, on dumps, and on targets that fail
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && QEMU=$$qemu ELF=$(ELF) LOOK=$(abspath $(LOOK_CHECKED)) prove -j2 --exec 'tools/tap python3' tests/look/*.t
