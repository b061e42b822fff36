/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <inttypes.h>

#include "base/feature.h"
#include "irqchip/irqchip.h"
#include "machine.h"
#include "report/print.h"

static const char *interrupt_owner_of(const struct description *description, uint32_t intid)
{
	const struct stream_description *streams = &description->streams;

	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		if (streams->smmu[i].enabled &&
		    (streams->smmu[i].eventq.intid == intid || streams->smmu[i].gerror.intid == intid)) {
			return streams->smmu[i].name;
		}
	}
	return "the virtual timer";
}

static void go_without(struct machine *machine, struct smmuv3 *smmu, const struct irq_description *irq,
		       const char *name, const char *why, const char *owner)
{
	compare_differ(&machine->bringup, DIFFERENCE_OF_INTERRUPT,
		       machine->description.streams.source == DESCRIPTION_IORT ? "iort" : "dt",
		       smmuv3_iommu(smmu)->name, "its %s interrupt (INTID %" PRIu32 ") is %s%s: this SMMU goes without",
		       name, irq->intid, why, owner);
}

static bool wire(struct machine *machine, const struct irq_description *irq, bool (*handler)(void *argument),
		 struct smmuv3 *smmu, const char *name)
{
	int error = irq->present ? irqchip_enable(irq->intid, irq->edge, handler, smmu) : -ENODEV;

	if (error == -EBUSY) {
		go_without(machine, smmu, irq, name, "already that of ",
			   interrupt_owner_of(&machine->description, irq->intid));
	}
	if (error == -EINVAL) {
		go_without(machine, smmu, irq, name, "no PPI or SPI that this interrupt controller gives out", "");
	}
	return error == 0;
}

static void wire_instance(struct machine *machine, const struct smmu_description *described, struct smmuv3 *smmu)
{
	bool combined = described->eventq.present && described->eventq.intid == described->gerror.intid;
	bool event, gerror;

	if (combined || smmuv3_facts(smmu).has_combined_interrupt) {
		event = wire(machine, &described->eventq, smmuv3_on_combined_interrupt, smmu, "combined");
		gerror = event;
	} else {
		event = wire(machine, &described->eventq, smmuv3_on_event_interrupt, smmu, "event queue");
		gerror = wire(machine, &described->gerror, smmuv3_on_gerror_interrupt, smmu, "global error");
	}
	smmuv3_set_wired(smmu, event, gerror);
}

void machine_wire(struct machine *machine)
{
	for (unsigned int i = 0; i < machine->description.streams.smmu_count; i++) {
		/* An unusable SMMU's interrupt may be another device's. */
		if (machine->smmu_of[i] >= 0 && !machine->unusable[machine->smmu_of[i]]) {
			wire_instance(machine, &machine->description.streams.smmu[i],
				      machine->smmu[machine->smmu_of[i]]);
		}
	}
}

/* compare_interrupts() then ignores its count. */
static bool unwire(struct machine *machine, unsigned int described, uint32_t intid)
{
	const struct smmu_description *from = &machine->description.streams.smmu[described];
	struct smmuv3 *smmu = machine->smmu[machine->smmu_of[described]];
	struct smmuv3_facts facts = smmuv3_facts(smmu);
	bool event = facts.event_interrupt && from->eventq.intid == intid;
	bool gerror = facts.gerror_interrupt && from->gerror.intid == intid;

	smmuv3_set_wired(smmu, facts.event_interrupt && !event, facts.gerror_interrupt && !gerror);
	if (event || gerror) {
		compare_differ(&machine->bringup, DIFFERENCE_OF_INTERRUPT, "hardware", from->name,
			       "its %s interrupt (INTID %" PRIu32
			       ") does not fall while this SMMU has nothing to tell: another device holds that line "
			       "up. It is masked, and this SMMU goes without",
			       event ? "event queue" : "global error", intid);
	}
	return event || gerror;
}

static bool unwire_any(struct machine *machine, uint32_t intid)
{
	for (unsigned int i = 0; i < machine->description.streams.smmu_count; i++) {
		if (machine->smmu_of[i] >= 0 && unwire(machine, i, intid)) {
			return true;
		}
	}
	return false;
}

void machine_say_masked(struct machine *machine)
{
	uint32_t intid;

	while (irqchip_take_storm(&intid)) {
		if (!unwire_any(machine, intid)) {
			print("  warning: INTID %" PRIu32 " does not fall: another device holds that line up%s. It is "
			      "masked\n",
			      intid,
			      intid == machine->description.timer.virtual_timer.intid ?
				      ", which is described as the virtual timer's" :
				      "");
		}
	}
}

LINKED(machine_wire);
LINKED(machine_say_masked);
