/* SPDX-License-Identifier: BSD-2-Clause */
/* The description against ID registers, PCI and interrupts. */
#include "case.h"

static struct smmu_description *described(struct machine *machine)
{
	return &machine->description.streams.smmu[0];
}

static void describe_incoherent(struct machine *machine)
{
	described(machine)->coherent = false;
}

static void be_incoherent(struct machine *machine)
{
	machine->smmu[0].features.coherent_access = false;
}

static void lose_coherency(struct machine *machine, enum phase phase)
{
	if (phase == PHASE_REGISTER) {
		be_incoherent(machine);
	}
}

static void describe_coherent_in_vain(struct machine *machine)
{
	machine->before = lose_coherency;
}

/* There are 16 bits of stream IDs. */
static void describe_far_window(struct machine *machine)
{
	struct stream_description *streams = &machine->description.streams;

	streams->window[streams->window_count++] = (struct window_description){
		.smmu = 1,
		.input_first = 0x8000,
		.input_last = 0x8000,
		.sid = 0x10000,
		.master = "far",
		.segment = 1,
		.enabled = true,
	};
}

static void describe_last_window(struct machine *machine)
{
	describe_far_window(machine);
	machine->description.streams.window[MACHINE_MASTERS].sid = 0xffff;
}

static void describe_disabled_window(struct machine *machine)
{
	describe_far_window(machine);
	machine->description.streams.window[MACHINE_MASTERS].enabled = false;
}

static void describe_far_stream(struct machine *machine)
{
	struct stream_description *streams = &machine->description.streams;

	streams->fixed[streams->fixed_count++] = (struct fixed_description){
		.smmu = 0, .first = 0x20000, .last = 0x20000, .master = "far", .enabled = true};
}

static void wire_events(struct machine *machine)
{
	machine->smmu[0].event_interrupt = true;
}

static void wire_errors(struct machine *machine)
{
	machine->smmu[0].gerror_interrupt = true;
}

static void interrupts_come(struct machine *machine, enum phase phase)
{
	(void)phase;
	machine->smmu[0].counts.event_interrupts++;
	machine->smmu[0].counts.gerror_interrupts++;
}

static void wire_all(struct machine *machine)
{
	wire_events(machine);
	wire_errors(machine);
	machine->before = interrupts_come;
}

/* None was due. */
static void forget_counts(struct machine *machine, enum phase phase)
{
	if (phase == PHASE_PROVOKE) {
		machine->bringup.quick = true;
		for (unsigned int m = 0; m < MACHINE_MASTERS; m++) {
			machine->master[m].observation.match = false;
		}
		machine->smmu[0].counts.events = 0;
	}
}

static void wire_what_is_not_due(struct machine *machine)
{
	wire_events(machine);
	machine->before = forget_counts;
}

static const struct check_case cases[] = {
	{.name = "described as not coherent, and it is",
	 .broken = describe_incoherent,
	 .differs = "told idr smmu0",
	 .says = "not coherent, and IDR0.COHACC is 1"},
	{.name = "described as coherent, and it is not",
	 .broken = describe_coherent_in_vain,
	 .differs = "told idr smmu0",
	 .says = "COHACC is 0"},
	{.name = "a window beyond its stream IDs",
	 .broken = describe_far_window,
	 .differs = "told idr far",
	 .says = "0x10000"},
	{.name = "a window that just fits", .broken = describe_last_window},
	{.name = "a window that is disabled", .broken = describe_disabled_window},
	{.name = "a stream beyond its stream IDs",
	 .broken = describe_far_stream,
	 .differs = "told idr far",
	 .says = "0x20000"},
	{.name = "an event interrupt that never comes",
	 .broken = wire_events,
	 .differs = "told hardware smmu0",
	 .says = "event queue interrupt"},
	{.name = "an error interrupt that never comes",
	 .broken = wire_errors,
	 .differs = "told hardware smmu0",
	 .says = "global error interrupt"},
	{.name = "interrupts that come", .broken = wire_all},
	{.name = "an event interrupt that is not due",
	 .broken = wire_what_is_not_due,
	 .differs = "skip queue_abort smmu0; skip queue_abort smmu1; " INJECTIONS_OF_DMA(
		 "skip", "smmu0") ";" INJECTIONS_OF_DMA("skip", "smmu1")},
};

int main(void)
{
	return cases_run("compare", NULL, cases, sizeof(cases) / sizeof(cases[0]));
}
