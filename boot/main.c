/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arch.h"
#include "base/feature.h"
#include "boot.h"
#include "checks/listen.h"
#include "checks/phase.h"
#include "fatal.h"
#include "machine.h"
#include "platform.h"
#include "report/print.h"

#define CORES_OFF_US 5000000U

OPTIONAL(listen);
OPTIONAL(machine_put_back);
OPTIONAL(machine_say_masked);
OPTIONAL(machine_start_next);
OPTIONAL(report_timeline);
OPTIONAL(report_trace);

static struct machine machine;

static void attend_all(void)
{
	attend(&machine.bringup);
	if (is_linked(machine_say_masked)) {
		machine_say_masked(&machine);
	}
}

/* Compare, observe, prove, provoke, soak: those that are linked. */
static void run_phases(void)
{
	for (const struct phase *phase = __start_phases; phase != __stop_phases; phase++) {
		attend_all();
		if (phase->words) {
			print("%s\n", phase->words);
		}
		phase->run(&machine.bringup);
		passes_say(&machine.bringup);
	}
	attend_all();
}

/* Before another core runs, and before any client may emit. */
static void main_listen(void)
{
	if (machine.options.listen) {
		print("listen     for %u s: who emits what without being asked?\n",
		      (unsigned int)machine.options.listen);
		listen(&machine.bringup, machine.options.listen, machine.options.listen_pass);
	}
}

static void stop_cores(void)
{
	unsigned int left;

	word_store(&machine.stop, 1);
	arch_event_send();
	left = boot_cores_wait_off(CORES_OFF_US);
	if (left) {
		machine.bringup.tally.trouble = "a core did not turn itself off for the hand-over";
		/* That core may run in the boot loader's memory. */
		machine.options.exit = EXIT_OFF;
	}
}

static void main_put_back(void)
{
	bool goes_on = machine.options.exit != EXIT_OFF && is_linked(machine_put_back);
	const char *trouble = goes_on ? machine_put_back(&machine) : NULL;

	if (trouble) {
		machine.bringup.tally.trouble = trouble;
	}
}

static _Noreturn void main_leave(bool passed)
{
	if (machine.options.exit == EXIT_RETURN) {
		boot_return(passed ? 0 : 1);
	}
	if (is_linked(machine_start_next)) {
		machine_start_next(&machine, passed);
	}
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
	if (is_linked(listen)) {
		main_listen();
	}
	machine_start(&machine);
	machine_register(&machine);
	run_phases();
	print("hand over  masters off the bus, SMMUs off, cores off\n");
	hand_over(&machine.bringup);
	stop_cores();
	if (is_linked(report_timeline)) {
		report_timeline();
	}
	if (is_linked(report_trace)) {
		report_trace();
	}
	main_put_back();
	main_leave(verdict(&machine.bringup, arch_ticks() - boot_ticks_at_reset()));
}
