# SPDX-License-Identifier: BSD-2-Clause
# Each guard left out: a test must fail.

# The others by the host tests, with sanitizers or without, and by tests of the tools and runners: tests/mutants/run.py.
MUTANT_HOST := $(BUILD)/mutants/host
MUTANT_MODE := -O1
MUTANT_FLAGS := -std=c11 -D_DEFAULT_SOURCE -Itests/host -Idrivers -Iboot -Iboot/cpu -Iplatform/qemu-virt -Itools/inspect -DSMMU_INSPECT_VERSION=0
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

mutants-listed-files: $(INSPECT_CHECKED) | $(BUILD)/.got-test
	@$(MAKE) mutants-host MUTANT_PROGRAMS='$(call mutant_programs,sanitized)'
	@$(MAKE) HOST=$(MUTANT_HOST) HOST_MODE='$(MUTANT_MODE)' mutants-host MUTANT_PROGRAMS='$(call mutant_programs,plain)'

mutants-listed:
	+@$(BUILT)
	@PLAIN_HOST=$(MUTANT_HOST) PLAIN_FLAGS='$(MUTANT_FLAGS) $(MUTANT_MODE)' SANITIZED_HOST=$(HOST) SANITIZED_FLAGS='$(MUTANT_FLAGS) $(HOST_MODE)' \
		JOBS=$(JOBS) MUTANT_EVERY=$(MUTANT_EVERY) python3 tests/mutants/run.py $(BUILD)/mutants/listed $(MUTANT)

mutants-judges-files: $(IMAGES) $(TEST_ELF) $(JUDGE_TEST) | $(BUILD)/.got-test
mutants-judges: ## the driver broken in some sixty places, before every judge of tests/README.md: half an hour
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && QEMU=$$qemu python3 tests/smmuv3/mutants.py $(MUTANT)
