/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arch.h"
#include "base/arena.h"
#include "base/feature.h"
#include "boot.h"
#include "irqchip/irqchip.h"
#include "machine.h"
#include "pci/host.h"
#include "report/print.h"

OPTIONAL(irqchip_restore);
/* Without: each SMMU stays as handover= says, with `restored` false. */
OPTIONAL(smmuv3_keep);
OPTIONAL(smmuv3_put_back);

static const char no_caller[] = "no boot loader called this firmware in its width";

void machine_check_return(struct machine *machine)
{
	struct options *options = &machine->options;

	if (options->exit != EXIT_RETURN) {
		return;
	}
	if (!boot_was_called()) {
		print("  warning: exit=return, but %s: it turns the machine off\n", no_caller);
		options->exit = EXIT_OFF;
		options_refuse(options, "exit=return", no_caller);
		return;
	}
	if (ARCH_PLANS && options->describe) {
		return;
	}
	if (!boot_given_memory()) {
		print("  exit=return: memory from 0x%llx on is the boot loader's\n",
		      (unsigned long long)boot_caller_memory());
	}
	if (options->handover != SMMUV3_HANDOVER_BYPASS) {
		print("  warning: exit=return without handover=bypass stops the boot loader's DMA\n");
	}
}

void machine_note_pci(struct machine *machine, struct pci_host *host)
{
	struct pci_snapshot *before = &machine->pci_before[machine->pci_count];

	before->found = machine_take_half(sizeof(*before->found), &before->found_max);
	if (!before->found_max) {
		print("  warning: no memory is left to note how PCI was found: it will not be put back\n");
		return;
	}
	pci_snapshot_take(before, host);
	arena_trim(&before->found[before->count]);
}

void machine_keep_smmu(const struct machine *machine, struct smmuv3 *smmu)
{
	if (machine->options.exit == EXIT_RETURN && is_linked(smmuv3_keep)) {
		smmuv3_keep(smmu);
	}
}

static const char *put_smmus_back(const struct machine *machine)
{
	const char *trouble = NULL;

	for (unsigned int i = 0; i < machine->smmu_count && is_linked(smmuv3_put_back); i++) {
		if (smmuv3_put_back(machine->smmu[i])) {
			trouble = "an SMMU could not be put back";
		}
	}
	return trouble;
}

static const char *put_pci_back(struct machine *machine, const char *trouble)
{
	for (unsigned int i = 0; i < machine->pci_count; i++) {
		struct pci_snapshot *before = &machine->pci_before[i];

		if (!before->found_max || pci_snapshot_restore(before, &machine->pci[i])) {
			trouble = "PCI could not be put back as it was found";
		}
	}
	return trouble;
}

static void close_hosts(struct machine *machine)
{
	for (unsigned int i = 0; i < machine->pci_count; i++) {
		if (machine->pci[i].driver) {
			machine->pci[i].driver->close(&machine->pci[i]);
		}
	}
}

const char *machine_put_back(struct machine *machine)
{
	const char *trouble = NULL;

	/* From here on the SMMUs' interrupts are the caller's. */
	(void)arch_irq_save();
	/* Sleeps spin from here on: no handler would end WFI. */
	boot_timer_stop();
	if (machine->options.exit == EXIT_RETURN) {
		/* SMMUs before PCI, which turns bus mastering on. */
		trouble = put_pci_back(machine, put_smmus_back(machine));
	}
	if (ARCH_MORE_HOSTS) {
		close_hosts(machine);
	}
	if (is_linked(irqchip_restore)) {
		irqchip_restore(machine->options.exit == EXIT_RETURN);
	}
	return trouble;
}

LINKED(machine_check_return);
LINKED(machine_note_pci);
LINKED(machine_keep_smmu);
LINKED(machine_put_back);
