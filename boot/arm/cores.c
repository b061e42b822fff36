/* SPDX-License-Identifier: BSD-2-Clause */
/* The other cores: on and off by PSCI. */
#include <inttypes.h>
#include <stddef.h>

#include "arch.h"
#include "base/deadline.h"
#include "base/sync.h"
#include "boot.h"
#include "psci.h"
#include "report/print.h"

#define ARRIVE_US 1000000U
#define OFF_US 10000U /* PSCI 0.1 tells of no core that it is off: what one that left gets for it. */

/* Of a core. */
enum { NOT_THERE, IS_THERE, LEAVING };

void boot_secondary_start(void);
void boot_secondary_enter(unsigned int core);

static void (*core_entry)(unsigned int core);
static struct word presence[ARCH_CORES_MAX];
static uint32_t affinity[ARCH_CORES_MAX]; /* Of the cores that were asked to come. */
static unsigned int last_core;

/* Where start.S leads a core that was turned on. */
void boot_secondary_enter(unsigned int core)
{
	__asm__ volatile("cpsie a" ::: "memory"); /* Asynchronous aborts are attributed, as on the boot core. */
	word_store(&presence[core], IS_THERE);
	arch_event_send();
	core_entry(core);
	word_store(&presence[core], LEAVING);
	(void)psci_call(PSCI_CPU_OFF, 0, 0, 0);
	/* CPU_OFF returns only when it is refused. */
	word_store(&presence[core], IS_THERE);
	boot_park();
}

static bool wait_for(unsigned int core)
{
	struct deadline deadline = deadline_in_us(ARRIVE_US);

	while (!word_load(&presence[core])) {
		if (deadline_passed(&deadline)) {
			return false;
		}
		arch_relax();
	}
	return true;
}

/* One that PSCI refuses leaves its number, and the stack that goes with it, to the next. */
static bool turn_on(unsigned int core)
{
	uint32_t entry = (uint32_t)(uintptr_t)boot_secondary_start & ~1U;
	/* Nor one that could not be turned off again. */
	int32_t error =
		psci_has(PSCI_CPU_OFF) ? psci_call(PSCI_CPU_ON, affinity[core], entry, core) : PSCI_NOT_SUPPORTED;

	if (error != PSCI_SUCCESS) {
		last_core--;
		print("  core %u (affinity 0x%" PRIx32 ") was not turned on: PSCI says %s; done without\n", core,
		      affinity[core], psci_error(error));
		return false;
	}
	if (!wait_for(core)) {
		print("  core %u (affinity 0x%" PRIx32 ") was turned on but did not arrive; done without\n", core,
		      affinity[core]);
		return false;
	}
	return true;
}

unsigned int boot_cores_start(const struct description *description, void (*entry)(unsigned int core))
{
	unsigned int running = 1;

	core_entry = entry;
	for (unsigned int i = 0; i < description->core_count; i++) {
		const struct core_description *core = &description->core[i];

		if ((uint32_t)core->affinity == arch_affinity()) {
			continue;
		}
		if (!core->enabled) {
			print("  the core of affinity 0x%" PRIx32 " is described as disabled: it stays off\n",
			      (uint32_t)core->affinity);
			continue;
		}
		if (last_core + 1 == ARCH_CORES_MAX) {
			print("  more cores than the %u this firmware has stacks for: the others stay off\n",
			      ARCH_CORES_MAX);
			break;
		}
		affinity[++last_core] = (uint32_t)core->affinity;
		running += turn_on(last_core);
	}
	return running;
}

static bool is_on(unsigned int core)
{
	uint32_t word = word_load(&presence[core]);

	if (word == LEAVING && !psci_has(PSCI_AFFINITY_INFO)) {
		return false;
	}
	return word != NOT_THERE && psci_call(PSCI_AFFINITY_INFO, affinity[core], 0, 0) != PSCI_AFFINITY_OFF;
}

static unsigned int count_on(void)
{
	unsigned int on = 0;

	for (unsigned int core = 1; core <= last_core; core++) {
		on += is_on(core);
	}
	return on;
}

unsigned int boot_cores_wait_off(uint32_t timeout_us)
{
	struct deadline deadline = deadline_in_us(timeout_us);
	unsigned int on = count_on();

	while (on && !deadline_passed(&deadline)) {
		arch_relax();
		on = count_on();
	}
	if (last_core && !psci_has(PSCI_AFFINITY_INFO)) {
		arch_sleep_us(OFF_US);
		on = count_on();
	}
	return on;
}
