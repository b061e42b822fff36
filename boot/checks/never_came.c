/* SPDX-License-Identifier: BSD-2-Clause */
/* Interrupts that were due, and never came. */
#include <inttypes.h>
#include <stddef.h>

#include "checks/checks.h"
#include "checks/difference.h"
#include "checks/phase.h"

static void compare_interrupts_of(struct bringup *bringup, unsigned int i)
{
	struct smmuv3_facts facts = smmuv3_facts(bringup->smmu[i]);
	unsigned int described;
	const struct smmu_description *from = difference_described(bringup, i, &described);

	if (!from || iommu_state(smmuv3_iommu(bringup->smmu[i])) != IOMMU_READY) {
		return;
	}
	if (facts.event_interrupt && facts.counts->events && !facts.counts->event_interrupts) {
		compare_differ(bringup, DIFFERENCE_OF_INTERRUPT, "hardware", from->name,
			       "it has reported %" PRIu32 " events, and its event queue interrupt (INTID %" PRIu32
			       ") never came",
			       facts.counts->events, from->eventq.intid);
	}
	if (facts.gerror_interrupt && facts.counts->illegal_commands && !facts.counts->gerror_interrupts) {
		compare_differ(bringup, DIFFERENCE_OF_INTERRUPT, "hardware", from->name,
			       "an error was provoked, and its global error interrupt (INTID %" PRIu32 ") never came",
			       from->gerror.intid);
	}
}

void compare_interrupts(struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		compare_interrupts_of(bringup, i);
	}
	difference_say_unsaid(bringup);
}

/* After the provoked errors, and what lines.c finds of them. */
PHASE(42, compare_interrupts, NULL, compare_interrupts, NULL);
