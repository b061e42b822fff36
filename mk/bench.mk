# SPDX-License-Identifier: BSD-2-Clause
# What operations cost, counted.

# What operations cost, counted by the same image with yet another main page; and a whole run, with a counter around the real one.
BENCH_ELF := $(OUT)/smmu-bench.elf
VERDICT_ELF := $(OUT)/smmu-bench-verdict.elf
BENCH_COMMON := $(filter-out $(OUT)/boot/main.c.o,$(OBJECTS))
BENCH_OBJECTS := $(OUT)/tests/bench/target.c.o $(BENCH_COMMON)
VERDICT_OBJECTS := $(OUT)/tests/bench/verdict.c.o $(OUT)/tests/bench/main.c.o $(BENCH_COMMON)

$(OUT)/tests/bench/main.c.o: private CFLAGS += -Dmain=firmware_main -Dboot_power_off=bench_power_off -Wno-missing-prototypes
$(OUT)/tests/bench/main.c.o: boot/main.c $(RULES) $(OUT)/.flags | $(BUILD)/.got-build
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CROSS)gcc $(CFLAGS) -MMD -MP -c $< -o $@

$(eval $(call linked,$(BENCH_ELF),BENCH_OBJECTS,LINK))
$(eval $(call linked,$(VERDICT_ELF),VERDICT_OBJECTS,LINK))
$(BENCH_ELF) $(VERDICT_ELF): $(IMAGE_NEEDS)
	$(call say,LD,$@)
	$(Q)$(CROSS)gcc $(LDFLAGS:.map=-$(notdir $(@:.elf=)).map) $(filter %.o,$^) -o $@
	$(Q)$(or $(PACK_$(ARCH)),:) $@

# On the host: the same operations as programs, of which valgrind counts the instructions, and the model the commands.
BENCH := $(BUILD)/bench
BENCH_PROGRAMS := $(HOST)/bench-commands $(HOST)/bench-scale $(HOST)/bench-tables

$(BENCH_PROGRAMS:$(HOST)/bench-%=$(HOST)/tests/bench/%.c.o): | $(BUILD)/.got-bench
$(BENCH_PROGRAMS): $(HOST)/bench-%: $(HOST)/tests/bench/%.c.o $(HOST)/libdrivers.a $(HOST)/libmodel.a
	$(Q)$(HOST_CC) $(HOST_FLAGS) $< $(HOST)/libdrivers.a $(HOST)/libmodel.a $(HOST)/libdrivers.a -lcmocka -o $@

bench-programs: $(BENCH_PROGRAMS)

bench-minimal bench-basic: $(IMAGES)

bench-aarch64: $(ELF) $(BENCH_ELF) $(VERDICT_ELF)

bench-files: $(ELF) $(BENCH_ELF) $(VERDICT_ELF) | $(BUILD)/.got-bench $(BUILD)/.got-test
	@$(MAKE) HOST=$(BENCH)/host HOST_MODE=-O2 bench-programs
	@$(MAKE) FEATURES=minimal bench-minimal
	@$(MAKE) ARCH=aarch64 bench-aarch64
	@$(MAKE) ARCH=aarch64 FEATURES=basic bench-basic

bench: ## what operations cost: instructions, commands, register writes and bytes, beside what peers take
	+@$(BUILT)
	@qemu=$$(tools/get qemu) && QEMU=$$qemu python3 tests/bench/bench.py $(BENCH)
