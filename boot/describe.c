/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>

#include "base/arch.h"
#include "base/fatal.h"
#include "base/feature.h"
#include "boot.h"
#include "irqchip/irqchip.h"
#include "machine.h"
#include "report/print.h"
#include "smmuv3/trace.h"

OPTIONAL(irqchip_core_init);
OPTIONAL(irqchip_init);
OPTIONAL(smmuv3_trace_start);

/* 0 also in a build without interrupts. */
const char *machine_gic_name(unsigned int version)
{
	return version == 2 ? "GICv2" : version == 3 ? "GICv3" : "no GIC known";
}

static void expect_described(int error)
{
	if (error) {
		fatal(error == -ENOENT ? "the machine is not described: no device tree, or not the table asked for" :
					 "the machine's description cannot be used");
	}
}

/* The interrupt controller first: PCI may use up the addresses for devices. */
void machine_describe(struct machine *machine)
{
	expect_described(machine_read_tables(machine, boot_device_tree()));
	if (ARCH_PLANS && machine->options.describe) {
		machine_plan(machine);
	}
	boot_machine_changes();
	if (is_linked(irqchip_init) && (irqchip_init(&machine->description.gic) || irqchip_core_init())) {
		fatal("the interrupt controller cannot be used");
	}
	expect_described(machine_enumerate(machine));
	machine_populate(machine);
	if (machine->options.trace && is_linked(smmuv3_trace_start)) {
		smmuv3_trace_start();
	}
	print("describe   %u SMMUv3 and %u masters by the %s, %u cores, %s\n", machine->smmu_count,
	      machine->master_count,
	      machine->description.streams.source == DESCRIPTION_IORT ? "ACPI IORT" : "device tree",
	      machine->description.core_count, machine_gic_name(machine->description.gic.version));
	boot_timer_init(&machine->description.timer);
	boot_interrupts_enable();
}
