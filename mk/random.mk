# SPDX-License-Identifier: BSD-2-Clause
# Translation tables under random operations, and what the host tests reach.

# Random operations on translation tables, judged by the model's walker: a short run with sanitizers, a long one without.
PGTABLE := $(BUILD)/pgtable
PGTABLE_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g -O2 $(WARNINGS) -Itests/host -Itests -Idrivers
PGTABLE_SOURCES := $(wildcard drivers/pgtable/*.c) drivers/base/arena.c drivers/base/sync.c drivers/base/fatal.c drivers/base/deadline.c tests/host/arch.c \
	tests/model/walk.c tests/pgtable/random.c
RANDOM_OPERATIONS ?= 1000000

$(eval $(call compiled,$(PGTABLE),$(HOST_CC),PGTABLE_FLAGS,HOSTCC,$(BUILD)/.got-test))

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

coverage-files: | $(BUILD)/.got-coverage
	@$(MAKE) HOST=$(COVERAGE) HOST_MODE='-O0 --coverage' coverage-programs

coverage: ## lines and branches of the SMMU's driver that the host tests reach, and what they do not
	+@$(BUILT)
	@$(MAKE) HOST=$(COVERAGE) HOST_MODE='-O0 --coverage' coverage-counts
	@tools/coverage $(COVERAGE) $(COVERED_LINES) $(COVERED_BRANCHES) $(COVERED)

# What several threads of a test are in. For all of it, counting so would take three times as long.
$(COVERAGE)/drivers/smmuv3/%.o $(COVERAGE)/drivers/base/%.o $(COVERAGE)/tests/host/%.o $(COVERAGE)/tests/unit/test_trace.c.o: private HOST_FLAGS += -fprofile-update=atomic

coverage-programs: $(HOST_PROGRAMS) $(TEST_DATA)

# Counts of an earlier call are no counts of this one, and a source that has gone is not to be counted.
coverage-counts:
	@find $(HOST) -name '*.gcda' -delete
	@find $(HOST) -name '*.gcno' | while IFS= read -r notes; do source=$${notes#$(HOST)/}; \
		[ -e "$${source%.gcno}" ] || [ "$${source#own_strings/}" != "$$source" ] || rm "$$notes"; done
	@CMOCKA_MESSAGE_OUTPUT=TAP prove -Q -j$(JOBS) --exec tools/tap $(HOST_PROGRAMS) 2>$(HOST)/console.log || \
		{ grep -A 3 '^not ok' $(HOST)/console.log >&2; exit 1; }
