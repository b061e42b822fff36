/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "base/feature.h"
#include "boot.h"
#include "irqchip/irqchip.h"
#include "machine.h"
#include "report/print.h"
#include "report/record.h"

static bool inherit_is_plain(const struct smmuv3_inherited *inherited)
{
	return !inherited->enabled && !inherited->aborts && !inherited->gerror_active;
}

OPTIONAL(irqchip_inherited);

static void inherit_say_smmu(const char *name, const struct smmuv3_facts *facts)
{
	const struct smmuv3_inherited *inherited = facts->inherited;

	print("inherit    %s at 0x%llx: %s, %s, %s\n", name, (unsigned long long)facts->base,
	      inherited->enabled ? "ENABLED by what ran before" : "off",
	      inherited->aborts ? "GBPA aborts" : "GBPA lets everything bypass",
	      inherited->gerror_active ? "errors pending" : "no error pending");
	if (inherited->enabled) {
		print("  its stream table is at 0x%llx (STRTAB_BASE_CFG 0x%" PRIx32 "), its command queue at 0x%" PRIx32
		      " of 0x%" PRIx32 "; it denies everything first\n",
		      (unsigned long long)inherited->strtab_base, inherited->strtab_base_cfg, inherited->cmdq_cons,
		      inherited->cmdq_prod);
	}
}

/* Whether it is as reset leaves it. */
static bool inherit_smmu(struct machine *machine, unsigned int i)
{
	struct smmuv3 *smmu = machine->smmu[i];
	bool usable = !machine->unusable[i] && smmuv3_inherit(smmu) == 0;
	struct smmuv3_facts facts = smmuv3_facts(smmu);
	bool plain = usable && inherit_is_plain(facts.inherited);

	if (!usable) {
		machine->unusable[i] = true;
		print("inherit    %s at 0x%llx: %s\n", machine->bringup.smmu_name[i], (unsigned long long)facts.base,
		      smmuv3_iommu(smmu)->reason);
		return false;
	}
	if (!plain) {
		inherit_say_smmu(machine->bringup.smmu_name[i], &facts);
	}
	smmuv3_say_identity(smmu);
	return plain;
}

static void inherit_smmus(struct machine *machine)
{
	unsigned int plain = 0;

	for (unsigned int i = 0; i < machine->smmu_count; i++) {
		plain += inherit_smmu(machine, i);
	}
	if (plain) {
		print("inherit    %u of %u SMMUs off, GBPA.ABORT clear, no error\n", plain, machine->smmu_count);
	}
}

/* --- Interrupts. --- */

static void say_interrupts(void)
{
	const struct irqchip_inherited *found = irqchip_inherited();
	struct record record;

	if (!found->enabled && !found->active && !found->pending && !found->split_end && !found->busy && !found->lpis) {
		return;
	}
	print("inherit    interrupt controller: %u enabled, %u active, %u pending%s%s%s: off now\n", found->enabled,
	      found->active, found->pending, found->split_end ? ", EOImode 1" : "",
	      found->busy ? ", a priority in service" : "", found->lpis ? ", LPIs on" : "");
	record_begin(&record, "inherited");
	record_string(&record, "object", "gic");
	record_count(&record, "enabled", found->enabled);
	record_count(&record, "active", found->active);
	record_count(&record, "pending", found->pending);
	record_bool(&record, "eoi_mode", found->split_end);
	record_bool(&record, "in_service", found->busy);
	record_bool(&record, "lpis", found->lpis);
	record_end(&record);
}

/* --- PCI. --- */

static void report_function(const struct pci_function *function)
{
	struct record record;

	record_begin(&record, "inherited");
	record_string(&record, "object", function->name);
	record_open(&record, "found", '[');
	for (unsigned int i = 0; i < PCI_LEFT_COUNT; i++) {
		if (function->left & 1U << i) {
			record_string(&record, NULL, pci_left_name((enum pci_left)i));
		}
	}
	record_close(&record, ']');
	record_end(&record);
}

static const struct pci_function *first_with(const struct pci_host *host, unsigned int left)
{
	const struct pci_function *function = host->function;

	while (function < &host->function[host->function_count - 1] && !(function->left & 1U << left)) {
		function++;
	}
	return function;
}

static void say_host(const struct pci_host *host)
{
	for (unsigned int i = 0; i < PCI_LEFT_COUNT; i++) {
		if (host->left_count[i]) {
			print("inherit    PCI: %s was on in %u function%s (%s%s): %s now\n",
			      pci_left_name((enum pci_left)i), host->left_count[i], host->left_count[i] == 1 ? "" : "s",
			      first_with(host, i)->name, host->left_count[i] == 1 ? "" : " and others",
			      i == PCI_LEFT_NO_INTX				  ? "on in all" :
			      ARCH_PLANS && i == PCI_LEFT_MASTER && host->listens ? "on until it was listened to, off" :
										    "off");
		}
	}
	for (unsigned int i = 0; i < host->function_count; i++) {
		if (host->function[i].left) {
			report_function(&host->function[i]);
		}
	}
}

static void say_state(void)
{
	if (boot_entered_secure()) {
		print("inherit    Secure state: left for Non-secure; the SMMUs' S_* registers stay as they are\n");
	}
}

static void say_timers(void)
{
	static const char names[BOOT_TIMERS][15] = {"virtual timer", "physical timer", "EL2 timer"};
	struct record record;

	for (unsigned int i = 0; i < BOOT_TIMERS; i++) {
		if (boot_timer_was_running((enum boot_timer)i)) {
			print("inherit    %s: running, not masked: off now\n", names[i]);
			record_begin(&record, "inherited");
			record_string(&record, "object", names[i]);
			record_bool(&record, "enabled", true);
			record_end(&record);
		}
	}
}

void machine_inherit(struct machine *machine)
{
	say_state();
	inherit_smmus(machine);
	if (is_linked(irqchip_inherited)) {
		say_interrupts();
	}
	say_timers();
	for (unsigned int i = 0; i < machine->pci_count; i++) {
		say_host(&machine->pci[i]);
	}
}
