/* SPDX-License-Identifier: BSD-2-Clause */
/* The run, from the tables to the verdict. */
#include <inttypes.h>

#include "base/arch.h"
#include "boot.h"
#include "checks/soak.h"
#include "fatal.h"
#include "machine.h"
#include "platform.h"
#include "report/print.h"

#define CORES_OFF_US 5000000U

static struct machine machine;

static void attend_all(void)
{
	attend(&machine.bringup);
	machine_say_masked(&machine);
}

static void stop_cores(void)
{
	unsigned int left;

	word_store(&machine.stop, 1);
	arch_event_send();
	left = boot_cores_wait_off(CORES_OFF_US);
	if (left) {
		machine.bringup.tally.trouble = "a core did not turn itself off for the hand-over";
		/* It may run in the boot loader's memory. */
		machine.options.exit = EXIT_OFF;
	}
}

static void main_put_back(void)
{
	const char *trouble = machine.options.exit != EXIT_OFF ? machine_put_back(&machine) : NULL;

	if (trouble) {
		machine.bringup.tally.trouble = trouble;
	}
}

static _Noreturn void main_leave(bool passed)
{
	if (machine.options.exit == EXIT_RETURN) {
		boot_return(passed ? 0 : 1);
	}
	machine_start_next(&machine, passed);
	boot_power_off();
}

int main(void)
{
	boot_fatal_register(&machine.bringup);
	boot_begin();
	print("smmu-bringup " FIRMWARE_VERSION " on " PLATFORM_NAME "\n");
	machine_describe(&machine);
	machine_inherit(&machine);
	machine_block(&machine);
	machine_start(&machine);
	machine_register(&machine);
	print("compare    the description with itself, the other table, the ID registers and PCI\n");
	compare(&machine.bringup);
	print("observe    one DMA each while nothing is mapped: who sees which stream?\n");
	observe(&machine.bringup);
	attend_all();
	print("prove      translation and isolation by real DMA\n");
	prove(&machine.bringup);
	attend_all();
	print("provoke    errors, and the way back from them\n");
	provoke(&machine.bringup);
	compare_interrupts(&machine.bringup);
	attend_all();
	if (machine.options.soak) {
		print("soak       %" PRIu32 " seconds of registering, binding and DMA on all cores\n",
		      machine.options.soak);
		soak_run(&machine.bringup, machine.options.soak);
	}
	attend_all();
	print("hand over  masters off the bus, SMMUs off, cores off\n");
	hand_over(&machine.bringup);
	stop_cores();
	report_trace();
	main_put_back();
	main_leave(verdict(&machine.bringup, arch_ticks() - boot_ticks_at_reset()));
}
