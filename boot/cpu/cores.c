/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "base/arch.h"
#include "base/arena.h"
#include "base/deadline.h"
#include "base/sync.h"
#include "boot.h"
#include "cores.h"
#include "cpu.h"
#include "mmu.h"
#include "psci.h"
#include "report/finding.h"
#include "report/format.h"
#include "report/print.h"
#include "stacks.h"

#define ARRIVE_US 5000000U
#define OFF_US 10000U /* PSCI 0.1 cannot tell when a core is off. */

/* core_state.presence. A core that comes too late finds IS_GIVEN_UP and turns itself off. */
enum { NOT_THERE, IS_ASKED, IS_GIVEN_UP, IS_THERE, LEAVING };

void boot_secondary_start(void);
void boot_secondary_enter(unsigned int core);

static void (*core_entry)(void *context, unsigned int core);
static void *core_context;
static struct core_state boot_core;
struct core_state *boot_cores;
static unsigned int last_core;

void boot_cores_init(void)
{
	boot_cores = &boot_core;
}

void boot_secondary_enter(unsigned int core)
{
	cpu_unmask_aborts(); /* So that aborts are attributed to this core. */
	if (word_exchange_if(&boot_cores[core].presence, IS_ASKED, IS_THERE)) {
		arch_event_send();
		core_entry(core_context, core);
	}
	word_store(&boot_cores[core].presence, LEAVING);
	(void)psci_call(PSCI_CPU_OFF, 0, 0, 0);
	/* CPU_OFF was refused. */
	word_store(&boot_cores[core].presence, IS_THERE);
	boot_park();
}

static bool cores_wait_for(unsigned int core)
{
	struct deadline deadline = deadline_in_us(ARRIVE_US);

	while (word_load(&boot_cores[core].presence) == IS_ASKED) {
		if (deadline_passed(&deadline)) {
			return !word_exchange_if(&boot_cores[core].presence, IS_ASKED, IS_GIVEN_UP);
		}
		arch_relax();
	}
	return true;
}

static void say_absent(unsigned int core, const char *why, const char *more)
{
	char text[FINDING_TEXT_SIZE];

	format_text(text, sizeof(text), "core %u (affinity 0x%llx) was %s%s; done without", core,
		    (unsigned long long)boot_cores[core].affinity, why, more);
	print("  %s\n", text);
	finding_add("core", FINDING_WARNING, "cores", text, NULL);
}

/* The next core takes a refused core's number and stack. */
static bool turn_on(unsigned int core)
{
	cpu_word entry = (uintptr_t)boot_secondary_start & ~(uintptr_t)1; /* Thumb bit. */
	int32_t error = PSCI_NOT_SUPPORTED;

	/* Only if it can be turned off again. A core given up may still come: it counts as on. */
	word_store(&boot_cores[core].presence, IS_ASKED);
	if (psci_has(PSCI_CPU_OFF)) {
		error = psci_call(PSCI_CPU_ON, boot_cores[core].affinity, entry, core);
	}
	if (error != PSCI_SUCCESS) {
		word_store(&boot_cores[core].presence, NOT_THERE);
		say_absent(core, "not turned on: PSCI says ", psci_error(error));
		last_core--;
		return false;
	}
	if (!cores_wait_for(core)) {
		say_absent(core, "turned on but did not arrive", "");
		return false;
	}
	return true;
}

static cpu_word mpidr(void)
{
	cpu_word value;

	CPU_READ(CPU_MPIDR, value);
	return value;
}

static bool is_other(const struct core_description *core)
{
	return (core->affinity ^ mpidr()) & CPU_MPIDR_AFFINITY;
}

/* False: no memory. */
static bool cores_make_room(const struct description *description)
{
	struct core_state *states;
	unsigned int count = 0;
	void *stacks;

	for (unsigned int i = 0; i < description->core_count; i++) {
		count += description->core[i].enabled && is_other(&description->core[i]);
	}
	stacks = arena_reserve((size_t)count * STACK_STRIDE, STACK_PAGE);
	states = arena_allocate((count + 1) * sizeof(*states), _Alignof(struct core_state));
	if (!stacks || !states || (count && !mmu_map_stacks(stacks, count))) {
		print("  no memory is left for the stacks of %u cores: they stay off\n", count);
		return false;
	}
	states[0] = boot_cores[0];
	boot_cores = states;
	return true;
}

unsigned int boot_cores_start(const struct description *description, void (*entry)(void *context, unsigned int core),
			      void *context)
{
	unsigned int running = 1;

	core_entry = entry;
	core_context = context;
	if (!cores_make_room(description)) {
		return running;
	}
	for (unsigned int i = 0; i < description->core_count; i++) {
		const struct core_description *core = &description->core[i];

		if (!is_other(core)) {
			continue;
		}
		if (!core->enabled) {
			print("  the core of affinity 0x%llx is described as disabled: it stays off\n",
			      (unsigned long long)core->affinity);
			continue;
		}
		boot_cores[++last_core].affinity = (cpu_word)core->affinity;
		running += turn_on(last_core);
	}
	return running;
}

static bool is_on(unsigned int core)
{
	uint32_t word = word_load(&boot_cores[core].presence);

	if (word == LEAVING && !psci_has(PSCI_AFFINITY_INFO)) {
		return false;
	}
	return word != NOT_THERE && psci_call(PSCI_AFFINITY_INFO, boot_cores[core].affinity, 0, 0) != PSCI_AFFINITY_OFF;
}

static unsigned int count_on(bool say)
{
	unsigned int on = 0;

	for (unsigned int core = 1; core <= last_core; core++) {
		if (is_on(core)) {
			on++;
			if (say) {
				print("  core %u is on: PSCI's AFFINITY_INFO does not say 1, as is wanted\n", core);
			}
		}
	}
	return on;
}

unsigned int boot_cores_wait_off(uint32_t timeout_us)
{
	struct deadline deadline = deadline_in_us(timeout_us);
	unsigned int on = count_on(false);

	while (on && !deadline_passed(&deadline)) {
		arch_relax();
		on = count_on(false);
	}
	if (last_core && !psci_has(PSCI_AFFINITY_INFO)) {
		arch_sleep_us(OFF_US);
		on = count_on(false);
	}
	return on ? count_on(true) : 0;
}
