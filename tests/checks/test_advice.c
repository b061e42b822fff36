/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Advice for DMA that comes out elsewhere: m1, requester ID 0x208, as stream 0x999. A second table sends 0x200 to 0x20f
 * to smmu0, 0x991 and up: it agrees, unless the case differs.
 */
#include "case.h"

#define NOT_PROVED "; skip translate m1; skip read_only m1; skip unmap m1; skip isolation m1"
#define RANGE "<0x200 &{smmu0} 0x991 0x10>"
#define ALONE "<0x208 &{smmu0} 0x999 0x1>"
#define LEFT_OUT "must leave them out"

static struct stream_description other;

static struct window_description *second_window(void)
{
	return &other.window[0];
}

/* After compare(), which would report it. */
static void find_second_table(struct machine *machine, enum phase phase)
{
	machine->bringup.other = phase == PHASE_OBSERVE ? &other : NULL;
}

static void have_second_table(struct machine *machine)
{
	other.source = DESCRIPTION_IORT;
	other.smmu_count = MACHINE_SMMUS;
	for (unsigned int i = 0; i < MACHINE_SMMUS; i++) {
		other.smmu[i] = machine->description.streams.smmu[i];
	}
	other.window_count = 1;
	*second_window() = (struct window_description){
		.smmu = 0,
		.input_first = 0x200,
		.input_last = 0x20f,
		.sid = 0x991,
		.master = "segment:0",
		.enabled = true,
	};
	machine->before = find_second_table;
}

/* --- What it disagrees in. --- */

static void of_another_stream(struct machine *machine)
{
	have_second_table(machine);
	second_window()->sid++;
}

static void of_another_smmu(struct machine *machine)
{
	have_second_table(machine);
	second_window()->smmu = 1;
}

static void of_an_smmu_without_a_base(struct machine *machine)
{
	have_second_table(machine);
	other.smmu[0].has_base = false;
}

static void of_one_stream_for_all(struct machine *machine)
{
	have_second_table(machine);
	second_window()->constant = true;
}

static void of_masked_ids(struct machine *machine)
{
	have_second_table(machine);
	second_window()->has_mask = true;
	second_window()->mask = 0xffff;
}

static void of_a_disabled_window(struct machine *machine)
{
	have_second_table(machine);
	second_window()->enabled = false;
}

static void of_another_segment(struct machine *machine)
{
	have_second_table(machine);
	second_window()->segment = 1;
}

static void of_the_ids_before(struct machine *machine)
{
	have_second_table(machine);
	second_window()->input_last = 0x207;
}

static void of_the_ids_behind(struct machine *machine)
{
	have_second_table(machine);
	second_window()->input_first = 0x209;
	second_window()->sid = 0x99a;
}

/* --- What it agrees in. --- */

static void up_to_its_own_id(struct machine *machine)
{
	have_second_table(machine);
	second_window()->input_last = 0x208;
}

static void of_what_is_described(struct machine *machine)
{
	have_second_table(machine);
	second_window()->sid = 0x200;
}

static void from_its_own_id_on(struct machine *machine)
{
	have_second_table(machine);
	second_window()->input_first = 0x208;
	second_window()->sid = 0x999;
}

static void move_described(struct machine *machine, uint32_t id)
{
	struct window_description *window = &machine->description.streams.window[1];

	have_second_table(machine);
	window->input_first = window->input_last = id;
}

/* At the last ID, behind it, before it. */
static void describe_its_last(struct machine *machine)
{
	move_described(machine, 0x20f);
}

static void describe_behind(struct machine *machine)
{
	move_described(machine, 0x210);
}

static void describe_before(struct machine *machine)
{
	move_described(machine, 0x1ff);
}

/* 0x20c masked is 0x208, not the entry's: it has no ID. */
static void describe_behind_a_mask(struct machine *machine)
{
	move_described(machine, 0x20c);
	machine->description.streams.window[1].has_mask = true;
	machine->description.streams.window[1].mask = 0xfffb;
}

static void describe_disabled(struct machine *machine)
{
	have_second_table(machine);
	machine->description.streams.window[1].enabled = false;
}

static void describe_in_iort(struct machine *machine)
{
	have_second_table(machine);
	machine->description.streams.source = DESCRIPTION_IORT;
}

/* Device and function bits are masked: 0x208 is 0x200. */
static void describe_with_a_mask(struct machine *machine)
{
	struct window_description *window = &machine->description.streams.window[1];

	window->input_first = window->input_last = 0x200;
	window->has_mask = true;
	window->mask = 0xff00;
}

static void describe_a_range_with_a_mask(struct machine *machine)
{
	have_second_table(machine);
	describe_with_a_mask(machine);
}

#define ADVISED(title, wreck, ...)                                                                                     \
	{                                                                                                              \
		.name = "advice: " title, .lie = {{.of = "m1", .when = AT_OBSERVE, TOLD_WITH(SID, UNOWNED_SID)}},      \
		.broken = (wreck), .differs = "fail match m1" NOT_PROVED, __VA_ARGS__                                  \
	}

#define PAST(title, wreck, ...)                                                                                        \
	{                                                                                                              \
		.name = "advice, past every SMMU: " title,                                                             \
		.lie = {{.of = "m1", .when = AT_OBSERVE, BYTES(ALL_THE_SAME), TOLD(NOTHING)}}, .broken = (wreck),      \
		.differs = "fail match m1; fail blocked_before_attach m1" NOT_PROVED, __VA_ARGS__                      \
	}

static const struct check_case cases[] = {
	ADVISED("no second table", NULL, .says = ALONE ", and the entry that has them now " LEFT_OUT),
	ADVISED("all of the range", have_second_table, .says = RANGE ", and the entry that has them now " LEFT_OUT,
		.says_not = ALONE),
	ADVISED("it names another stream", of_another_stream, .says = ALONE),
	ADVISED("it names another SMMU", of_another_smmu, .says = ALONE),
	ADVISED("it does not say where the SMMU is", of_an_smmu_without_a_base, .says = ALONE),
	ADVISED("it has one stream for all", of_one_stream_for_all, .says = ALONE),
	ADVISED("it masks the IDs", of_masked_ids, .says = ALONE),
	ADVISED("its range is disabled", of_a_disabled_window, .says = ALONE),
	ADVISED("its range is another host's", of_another_segment, .says = ALONE),
	ADVISED("its range ends before the ID", of_the_ids_before, .says = ALONE),
	ADVISED("its range begins behind the ID", of_the_ids_behind, .says = ALONE),
	ADVISED("its range ends with the ID", up_to_its_own_id, .says = "<0x200 &{smmu0} 0x991 0x9>"),
	ADVISED("its range begins with the ID", from_its_own_id_on, .says = "<0x208 &{smmu0} 0x999 0x8>"),
	ADVISED("another entry has its last ID", describe_its_last, .says = RANGE ", and the entry"),
	ADVISED("another entry begins behind it", describe_behind, .says = RANGE, .says_not = LEFT_OUT),
	ADVISED("another entry ends before it", describe_before, .says = RANGE, .says_not = LEFT_OUT),
	ADVISED("another entry has none that its mask leaves", describe_behind_a_mask, .says = RANGE,
		.says_not = LEFT_OUT),
	ADVISED("the entry that has them is disabled", describe_disabled, .says = RANGE, .says_not = LEFT_OUT),
	ADVISED("in an IORT", describe_in_iort,
		.says = "input base 0x200, number of IDs 0xf, output base 0x991, and a reference to smmu0, and the "
			"mapping that has them now " LEFT_OUT),
	ADVISED("a mask", describe_with_a_mask, .says = "iommu-map-mask, which is 0xff00, lets 0x208 through",
		.says_not = "<0x"),
	ADVISED("a mask before a range", describe_a_range_with_a_mask,
		.says = "iommu-map-mask, which is 0xff00, lets 0x208 through", .says_not = "<0x"),

	PAST("nothing is known", NULL, .says = "the iommu-map must leave requester ID 0x208 out of smmu0"),
	PAST("the second table knows", have_second_table,
	     .says = "By the IORT it is stream 0x999 of the SMMU at 0xc000000: that has to be described, and the "
		     "host's iommu-map needs the entry <0x200 &{/iommu@c000000} 0x991 0x10>"),
	PAST("both tables agree", of_what_is_described, .says = "no table is wrong in that", .says_not = "<0x"),
	PAST("the second table has the next range", of_the_ids_behind,
	     .says = "must leave requester ID 0x208 out of smmu0"),
};

int main(void)
{
	return cases_run("advice", NULL, cases, sizeof(cases) / sizeof(cases[0]));
}
