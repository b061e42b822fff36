/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/feature.h"
#include "checks/checks.h"
#include "machine.h"
#include "report/print.h"

OPTIONAL(machine_keep_smmu);
OPTIONAL(machine_say_masked);
OPTIONAL(machine_wire);

/* Bus mastering is off since enumeration. */
void machine_block(struct machine *machine)
{
	for (unsigned int i = 0; i < machine->smmu_count; i++) {
		if (machine->unusable[i]) {
			continue;
		}
		if (smmuv3_block(machine->smmu[i])) {
			machine->unusable[i] = true;
			smmuv3_iommu(machine->smmu[i])->reason = "it did not acknowledge being turned off";
		} else if (is_linked(machine_keep_smmu)) {
			machine_keep_smmu(machine, machine->smmu[i]);
		}
	}
	print(ARCH_PLANS && machine->options.listen ?
		      "block      every SMMU denies everything; what was on the bus stays on it to be heard\n" :
		      "block      every SMMU denies everything, every master is off the bus\n");
}

static void register_one(struct machine *machine, unsigned int i)
{
	struct iommu_instance *iommu = smmuv3_iommu(machine->smmu[i]);

	if (machine->unusable[i]) {
		return;
	}
	print("register   %s\n", machine->bringup.smmu_name[i]);
	footprint_before(&machine->bringup, i);
	if (iommu_register(iommu)) {
		print("register   %s FAILED: %s\n", machine->bringup.smmu_name[i], iommu->reason);
		smmuv3_say_stuck(machine->smmu[i]);
	}
	footprint_after(&machine->bringup, i);
	if (machine->bringup.cores == 1) {
		(void)machine_settle(machine);
	}
}

static void register_each(struct machine *machine)
{
	uint64_t done = 0;

	_Static_assert(DESCRIPTION_SMMUS_MAX <= 64, "a bit for each SMMU that can be described");
	for (unsigned int k = 0; k < machine->options.order_count; k++) {
		unsigned int i = machine->options.order[k];

		if (i < machine->smmu_count) {
			register_one(machine, i);
			done |= 1ULL << i;
		} else {
			print("order= names smmu%u, which is not there: ignored\n", i);
		}
	}
	for (unsigned int i = 0; i < machine->smmu_count; i++) {
		if (!(done & 1ULL << i)) {
			register_one(machine, i);
		}
	}
}

void machine_register(struct machine *machine)
{
	if (is_linked(machine_wire)) {
		machine_wire(machine);
	}
	register_each(machine);
	passes_say(&machine->bringup);
	if (!machine_settle(machine)) {
		machine->bringup.tally.trouble = "a client's binding did not come to an end";
	}
	/* Clients that still wait stay blocked. */
	(void)bind_queue_expire(&machine->queue);
	if (is_linked(machine_say_masked)) {
		machine_say_masked(machine);
	}
	report_instances(&machine->bringup);
	report_masters(&machine->bringup);
}
