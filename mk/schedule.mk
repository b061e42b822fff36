# SPDX-License-Identifier: BSD-2-Clause
# The guarded core under every interleaving, and on real threads.

# The guarded core under the deterministic scheduler: the unchanged sources, with a shim that stops at every sync point.
SCHEDULE := $(BUILD)/schedule
SCHEDULE_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g -O2 -fno-omit-frame-pointer $(WARNINGS) -Itests/host -Idrivers
CORE_SOURCES := $(wildcard drivers/base/*.c drivers/iommu/*.c)
# Beside the core, the command queue: what else its folder needs comes along.
SCHEDULE_SOURCES := $(CORE_SOURCES) $(wildcard drivers/smmuv3/*.c drivers/pgtable/*.c) $(wildcard tests/schedule/*.c) tests/host/coherent.c tests/host/absent.c
SCHEDULE_OBJECTS := $(SCHEDULE_SOURCES:%=$(SCHEDULE)/%.o)
JOBS ?= $(shell nproc)
SEEDS ?= 100000

$(eval $(call compiled,$(SCHEDULE),$(HOST_CC),SCHEDULE_FLAGS,HOSTCC,$(BUILD)/.got-test))

SCHEDULE_TEST := $(SCHEDULE)/test_schedule
SCHEDULE_LINK := $(HOST_CC) $(SCHEDULE_FLAGS)
$(eval $(call linked,$(SCHEDULE_TEST),SCHEDULE_OBJECTS,SCHEDULE_LINK))
$(SCHEDULE_TEST):
	$(Q)$(SCHEDULE_LINK) $(SCHEDULE_OBJECTS) -o $@

PREEMPTIONS ?= 2
# Of two cores that keep back what they store, in the scenarios with these names: '' is each of them.
KEPT ?= ''

test-schedule-files: $(SCHEDULE_TEST)
test-schedule: ## the guarded core under every interleaving of PREEMPTIONS=2 (three of two cores), and SEEDS=100000 random runs
	+@$(BUILT)
	@$(SCHEDULE_TEST) -s 0 -n $(SEEDS) -j $(JOBS)
	@$(SCHEDULE_TEST) -w 1 -s 0 -n $(SEEDS) -j $(JOBS)
	@$(SCHEDULE_TEST) -j $(JOBS) -p $(PREEMPTIONS)
	@for scenario in $(KEPT); do $(SCHEDULE_TEST) -j $(JOBS) -w 2 -c 2 "$$scenario" || exit 1; done

# The same sources on real threads.
THREADS := $(BUILD)/threads
THREADS_FLAGS := -std=c11 -D_DEFAULT_SOURCE -g -O1 -fsanitize=thread $(WARNINGS) -Wno-tsan -Itests/host -Idrivers
THREADS_SOURCES := $(CORE_SOURCES) tests/threads/threads.c tests/threads/shim.c
THREADS_OBJECTS := $(THREADS_SOURCES:%=$(THREADS)/%.o)
QUEUE_SOURCES := $(CORE_SOURCES) $(wildcard drivers/smmuv3/*.c drivers/pgtable/*.c) tests/threads/queue.c tests/threads/shim.c tests/host/coherent.c tests/host/absent.c
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
$(if $(and $(NO_NUMBERS),$(filter-out help clean distclean,$(or $(MAKECMDGOALS),all))),$(shell $(FORGET))$(error $(NO_NUMBERS): a number is wanted, and not 0))

$(eval $(call compiled,$(THREADS),$(HOST_CC),THREADS_FLAGS,HOSTCC,$(BUILD)/.got-test))

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
$(eval $(call compiled,$(FENCES),$(HOST_CC),FENCES_FLAGS,HOSTCC,$(BUILD)/.got-test))

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
