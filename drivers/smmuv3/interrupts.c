/* SPDX-License-Identifier: BSD-2-Clause */
/* Wired interrupts: turns messages off; handlers for the interrupt controller. */
#include "smmuv3/private.h"

void smmuv3_set_wired(struct smmuv3 *smmu, bool event, bool gerror)
{
	smmu->event_interrupt = event;
	smmu->gerror_interrupt = gerror;
}

/* IRQ_CFG0 is UNKNOWN after reset (6.3.20): zeroed, so that no MSI goes to a stale address. */
int smmuv3_turn_messages_off(struct smmuv3 *smmu)
{
	int error = smmu->features.msi ? smmuv3_write64(smmu, SMMU_GERROR_IRQ_CFG0, 0) : 0;

	return error || !smmu->features.msi ? error : smmuv3_write64(smmu, SMMU_EVENTQ_IRQ_CFG0, 0);
}

bool smmuv3_on_event_interrupt(void *argument)
{
	struct smmuv3 *smmu = argument;
	uint32_t before = smmu->counts.events + smmu->counts.event_overflows;

	smmu->counts.event_interrupts++;
	smmuv3_poll_events(smmu);
	return smmu->counts.events + smmu->counts.event_overflows != before;
}

bool smmuv3_on_gerror_interrupt(void *argument)
{
	struct smmuv3 *smmu = argument;
	bool is_active = smmuv3_has_error(smmu);

	smmu->counts.gerror_interrupts++;
	smmuv3_poll_gerror(smmu);
	return is_active && smmuv3_health(smmu) < SMMUV3_BROKEN;
}

bool smmuv3_on_combined_interrupt(void *argument)
{
	bool event = smmuv3_on_event_interrupt(argument);

	return smmuv3_on_gerror_interrupt(argument) || event;
}
