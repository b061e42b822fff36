# SPDX-License-Identifier: BSD-2-Clause
# Each guard left out: a test must fail.

# By the host tests, with sanitizers or without, by tests of the tools and runners, and by programs of their own: tests/mutants/run.py.
MUTANT_HOST := $(BUILD)/mutants/host
MUTANT_MODE := -O1
MUTANT_FLAGS := -std=c11 -D_DEFAULT_SOURCE -Itests/host -Idrivers -Iboot -Iboot/cpu -Iplatform/qemu-virt -Itools/inspect -DSMMU_INSPECT_VERSION="0"
mutant_programs = $(shell python3 tests/mutants/run.py programs $(1))
MUTANTS_LISTED := host,inspect,copy
MUTANTS_ALL := $(MUTANTS_LISTED),schedule,kept,threads,queue,fences
# mutants_of RUNNERS
mutants_of = PLAIN_HOST=$(MUTANT_HOST) PLAIN_FLAGS='$(MUTANT_FLAGS) $(MUTANT_MODE)' SANITIZED_HOST=$(HOST) SANITIZED_FLAGS='$(MUTANT_FLAGS) $(HOST_MODE)' \
	SCHEDULE_PROGRAM=$(SCHEDULE_TEST) SCHEDULE_FLAGS='$(SCHEDULE_FLAGS)' THREADS_PROGRAM=$(THREADS_TEST) THREADS_FLAGS='$(THREADS_FLAGS)' \
	QUEUE_PROGRAM=$(QUEUE_TEST) QUEUE_FLAGS='$(THREADS_FLAGS)' FENCES_PROGRAM=$(FENCES_TEST) FENCES_FLAGS='$(FENCES_FLAGS)' \
	JOBS=$(JOBS) MUTANT_EVERY=$(MUTANT_EVERY) python3 tests/mutants/run.py $(BUILD)/mutants/tried $(1) $(MUTANT)

# What a list of mutants is linked with: called once for each way to build it.
mutants-host: $(HOST_ARCHIVE) $(MODEL_ARCHIVE) $(TEST_DATA) $(MUTANT_PROGRAMS:%=$(HOST)/%)
	@:

mutants-listed-files: $(INSPECT_CHECKED) | $(BUILD)/.got-test
	@$(MAKE) mutants-host MUTANT_PROGRAMS='$(call mutant_programs,sanitized)'
	@$(MAKE) HOST=$(MUTANT_HOST) HOST_MODE='$(MUTANT_MODE)' mutants-host MUTANT_PROGRAMS='$(call mutant_programs,plain)'

mutants-listed:
	+@$(BUILT)
	@$(call mutants_of,$(MUTANTS_LISTED))

mutants-files: mutants-listed-files $(SCHEDULE_TEST) $(THREADS_TEST) $(QUEUE_TEST) $(FENCES_TEST)
mutants: ## every part without each of its guards: a test must fail; MUTANT=NAME tries one
	+@$(BUILT)
	@$(call mutants_of,$(MUTANTS_ALL))

mutants-judges-files: $(IMAGES) $(TEST_ELF) $(JUDGE_TEST) | $(BUILD)/.got-test
mutants-judges: ## the driver broken in some sixty places, before every judge of tests/README.md: half an hour
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && export QEMU=$$qemu && $(call mutants_of,judges)
