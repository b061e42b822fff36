/* SPDX-License-Identifier: BSD-2-Clause */
/* What is advised where a stream ID is described wrongly: one entry, for all that is known, and none where tables
 * agree. */
#include "case.h"

static struct stream_description other;

/* Behind the comparison of the tables, whose differences are no matter here. */
static void show_other(struct machine *machine, enum phase phase)
{
	if (phase == PHASE_OBSERVE) {
		machine->bringup.other = &other;
	}
}

/* An IORT that says what the device tree does. */
static void give_other(struct machine *machine)
{
	other = machine->description.streams;
	other.source = DESCRIPTION_IORT;
	machine->before = show_other;
}

static struct window_description *window_of_m2(struct stream_description *streams)
{
	return &streams->window[2];
}

/* The tree has m2's requester ID 0x308 as another stream; the IORT knows its whole bus, 0x300 to 0x3ff. */
static void describe_m2_wrongly(struct machine *machine)
{
	static uint32_t wrong[] = {0x508};

	machine->master[2].iommu.link[0].sid = wrong;
	give_other(machine);
	window_of_m2(&other)->input_first = 0x300;
	window_of_m2(&other)->input_last = 0x3ff;
	window_of_m2(&other)->sid = 0x300;
	window_of_m2(&machine->description.streams)->sid = 0x508;
}

static void other_is_wrong_by_one(struct machine *machine)
{
	describe_m2_wrongly(machine);
	window_of_m2(&other)->sid = 0x301;
}

static void other_names_another_smmu(struct machine *machine)
{
	describe_m2_wrongly(machine);
	window_of_m2(&other)->smmu = 0;
}

static void other_is_constant(struct machine *machine)
{
	describe_m2_wrongly(machine);
	window_of_m2(&other)->constant = true;
	window_of_m2(&other)->sid = 0x308;
}

static void other_is_disabled(struct machine *machine)
{
	describe_m2_wrongly(machine);
	window_of_m2(&other)->enabled = false;
}

static void by_the_iort(struct machine *machine)
{
	describe_m2_wrongly(machine);
	other.source = DESCRIPTION_DT;
	machine->description.streams.source = DESCRIPTION_IORT;
}

#define NOT_PROVED(m) "skip translate " m "; skip read_only " m "; skip unmap " m "; skip isolation " m

#define ADVICE(title, how, words)                                                                                      \
	{                                                                                                              \
		.name = "advice: " title, .broken = (how), .differs = "fail match m2; " NOT_PROVED("m2"),              \
		.says = (words)                                                                                        \
	}

static const struct check_case cases[] = {
	ADVICE("a range that both agree on", describe_m2_wrongly,
	       "needs the entry <0x300 &{smmu1} 0x300 0x100>, and the entry that has them now must leave them out"),
	ADVICE("the other table is wrong, too", other_is_wrong_by_one, "<0x308 &{smmu1} 0x308 0x1>"),
	ADVICE("the other table names another SMMU", other_names_another_smmu, "<0x308 &{smmu1} 0x308 0x1>"),
	ADVICE("one stream for all of a range is none for each", other_is_constant, "<0x308 &{smmu1} 0x308 0x1>"),
	ADVICE("a disabled host's range", other_is_disabled, "<0x308 &{smmu1} 0x308 0x1>"),
	ADVICE("by an IORT, whose counts are less one", by_the_iort,
	       "input base 0x300, number of IDs 0xff, output base 0x300, and a reference to smmu1, and the mapping"),
	{.name = "advice: none where both tables agree, and the DMA goes past",
	 .lie = {{.of = "m1", .when = AT_OBSERVE, BYTES(ALL_THE_SAME) COMMA TOLD(NOTHING)}},
	 .broken = give_other,
	 .differs = "fail match m1; fail blocked_before_attach m1; " NOT_PROVED("m1"),
	 .says = "no table is wrong in that"},
};

int main(void)
{
	return cases_run("advice", NULL, cases, sizeof(cases) / sizeof(cases[0]));
}
