# SPDX-License-Identifier: BSD-2-Clause
# The drivers on the host: unit tests, the model of an SMMUv3, the checks.

HOST_CC ?= gcc
# `make coverage` and `make mutants` build the same programs elsewhere and otherwise: by HOST= and HOST_MODE=.
HOST_MODE := -O1 -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g $(HOST_MODE) $(WARNINGS) -Itests/host -Idrivers -Iboot -Iboot/cpu -Iplatform/qemu-virt
# tests/host/coherent.c is for the programs that have a shim of their own.
HOST_SOURCES := $(wildcard drivers/*/*.c boot/checks/*.c boot/options/*.c) tests/host/arch.c tests/host/device.c $(patsubst %,boot/%.c,acpi_tables fatal monitor/editor population tables uefi/application uefi/volume uefi/windows) \
	tests/unit/bench.c tests/unit/fakes.c tests/unit/printed.c tests/unit/recorder.c
HOST_OBJECTS := $(HOST_SOURCES:%=$(HOST)/%.o)
HOST_ARCHIVE := $(HOST)/libdrivers.a
# The longest first: the others go on beside it.
UNIT_TESTS_LONG := tests/unit/test_health.c
UNIT_TESTS := $(patsubst tests/unit/%.c,$(HOST)/tests/%,$(UNIT_TESTS_LONG) $(filter-out $(UNIT_TESTS_LONG),$(wildcard tests/unit/test_*.c)))
TEST_DATA := $(patsubst tests/unit/%.dts,$(HOST)/tests/%.dtb,$(wildcard tests/unit/*.dts))

$(HOST)/tests/model/%.o $(HOST)/tests/pgtable/%.o: private HOST_FLAGS += -Itests -Itests/model
$(HOST)/tests/bench/%.o: private HOST_FLAGS += -Itests
$(HOST)/tests/unit/%.o: private HOST_FLAGS += -Itests -DTEST_DATA_DIR='"$(CURDIR)/$(HOST)/tests"'

$(eval $(call compiled,$(HOST),$(HOST_CC),HOST_FLAGS,HOSTCC,$(BUILD)/.got-test))

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

# The firmware's own string functions, beside the host's: under other names, so that only the tests call them.
OWN_STRINGS := memmove memcmp memchr strcspn strlen strncmp strcmp strchr strstr
$(HOST)/own_strings/%.c.o: boot/%.c $(RULES) $(HOST)/.flags | $(BUILD)/.got-test
	$(call say,HOSTCC,$<)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_FLAGS) -fno-builtin -Wno-missing-prototypes $(foreach name,$(OWN_STRINGS),-D$(name)=own_$(name)) -MMD -MP -c $< -o $@

$(HOST)/tests/test_string: $(HOST)/own_strings/string.c.o $(HOST)/own_strings/aarch64/string.c.o

$(HOST)/tests/%: $(HOST)/tests/unit/%.c.o $(HOST_ARCHIVE) $(MODEL_ARCHIVE)
	@mkdir -p $(@D)
	$(Q)$(HOST_CC) $(HOST_FLAGS) $^ -lfdt -lcmocka -o $@

$(HOST)/tests/%.dtb: tests/unit/%.dts | $(BUILD)/.got-test
	@mkdir -p $(@D)
	$(Q)dtc -q -I dts -O dtb -o $@ $<

# What a program prints on stderr is the drivers' console; TAP is on stdout. No test is a failure.
test-unit-files: $(UNIT_TESTS) $(TEST_DATA)
test-unit: ## the drivers on the host, with sanitizers
	+@$(BUILT)
	@CMOCKA_MESSAGE_OUTPUT=TAP prove -j$(JOBS) --exec tools/tap $(UNIT_TESTS)

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
	@CMOCKA_MESSAGE_OUTPUT=TAP prove -j$(JOBS) --exec tools/tap $(MODEL_TESTS) $(JUDGE_TEST)

# boot/checks on fake masters and SMMUs: each check passes when it may, and fails when it has to.
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
	@CMOCKA_MESSAGE_OUTPUT=TAP prove -j$(JOBS) --exec tools/tap $(CHECKS_TESTS)
