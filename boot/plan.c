/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/arch.h"
#include "base/feature.h"
#include "boot.h"
#include "machine.h"
#include "report/print.h"
#include "report/record.h"
#include "smmuv3/smmuv3.h"

OPTIONAL(judge_described);
OPTIONAL(machine_check_return);

typedef unsigned long long address;

static void plan_begin(struct record *record, const char *what)
{
	record_begin(record, "plan");
	record_string(record, "what", what);
}

static void record_interrupt(struct record *record, const char *name, const struct irq_description *irq)
{
	if (irq->present) {
		record_count(record, name, irq->intid);
	} else {
		record_null(record, name);
	}
}

static void record_interrupts(struct record *record, const struct smmu_description *smmu)
{
	record_open(record, "interrupts", '{');
	record_interrupt(record, "eventq", &smmu->eventq);
	record_interrupt(record, "priq", &smmu->priq);
	record_interrupt(record, "cmdq-sync", &smmu->sync);
	record_interrupt(record, "gerror", &smmu->gerror);
	record_close(record, '}');
}

static void record_base(struct record *record, const char *key, bool present, uint64_t base)
{
	if (present) {
		record_hex(record, key, base);
	} else {
		record_null(record, key);
	}
}

static void plan_say_smmu(const struct smmu_description *smmu, const char *why)
{
	if (!smmu->enabled) {
		print("plan       %s is disabled: it is left alone\n", smmu->name);
	} else if (why) {
		print("plan       %s cannot be brought up: %s\n", smmu->name, why);
	} else {
		print("plan       %s at 0x%llx: %scoherent, interrupts for %s and %s\n", smmu->name,
		      (address)smmu->base, smmu->coherent ? "" : "not ", smmu->eventq.present ? "events" : "no events",
		      smmu->gerror.present ? "global errors" : "no global errors");
	}
}

static void plan_smmu(const struct smmu_description *smmu, const char *why)
{
	struct record record;

	plan_say_smmu(smmu, why);
	plan_begin(&record, "smmu");
	record_string(&record, "name", smmu->name);
	record_base(&record, "base", smmu->has_base, smmu->base);
	record_base(&record, "size", smmu->has_base, smmu->size);
	record_bool(&record, "enabled", smmu->enabled);
	record_bool(&record, "coherent", smmu->coherent);
	record_interrupts(&record, smmu);
	record_string(&record, "impossible", why);
	record_end(&record);
}

/* Returns why the run would fail, or NULL. */
static const char *plan_smmus(const struct description *description, unsigned int *usable)
{
	const struct stream_description *streams = &description->streams;
	const char *reason =
		streams->smmu_count ? "every SMMUv3 that is described is disabled" : "no SMMUv3 is described";
	unsigned int impossible = 0;

	*usable = 0;
	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		const struct smmu_description *smmu = &streams->smmu[i];
		const char *why = machine_smmu_impossible(description, i);

		plan_smmu(smmu, why);
		*usable += smmu->enabled && !why;
		impossible += smmu->enabled && why;
	}
	if (impossible) {
		return "an SMMUv3 cannot be brought up as it is described";
	}
	return *usable ? NULL : reason;
}

static void plan_host(const struct host_description *host)
{
	struct record record;

	print("plan       PCI host %s: ECAM at 0x%llx, buses %u to %u, segment %u\n", host->name,
	      (address)host->ecam.base, host->bus_first, host->bus_last, (unsigned int)host->segment);
	plan_begin(&record, "host");
	record_string(&record, "name", host->name);
	record_string(&record, "compatible", NULL);
	record_hex(&record, "ecam", host->ecam.base);
	record_count(&record, "segment", host->segment);
	record_count(&record, "bus_first", host->bus_first);
	record_count(&record, "bus_last", host->bus_last);
	record_end(&record);
}

static void plan_unknown_host(const struct unknown_host_description *host)
{
	struct record record;

	print("plan       PCI host %s is a %s, which has no ECAM that is known%s\n", host->host.name, host->compatible,
	      host->dbi.size ? "" : ": nothing behind it is enumerated");
	plan_begin(&record, "host");
	record_string(&record, "name", host->host.name);
	record_string(&record, "compatible", host->compatible);
	record_null(&record, "ecam");
	record_base(&record, "dbi", host->dbi.size, host->dbi.base);
	record_end(&record);
}

static void plan_hosts(const struct description *description)
{
	for (unsigned int i = 0; i < description->host_count; i++) {
		plan_host(&description->host[i]);
	}
	for (unsigned int i = 0; i < description->unknown_host_count; i++) {
		plan_unknown_host(&description->unknown_host[i]);
	}
}

static const char *console_name(enum console_kind kind)
{
	static const char *const names[] = {[CONSOLE_PL011] = "PL011",
					    [CONSOLE_16550] = "16550",
					    [CONSOLE_SBSA] = "Generic UART",
					    [CONSOLE_LPUART] = "LPUART"};

	return names[kind];
}

static void plan_console(const struct description *description)
{
	const struct console_description *console = &description->console;
	const char *unknown = description->unknown_console;
	const char *name = console_name(console->kind);
	struct record record;

	if (name) {
		print("plan       console: a %s at 0x%llx\n", name, (address)console->base);
	} else {
		print("plan       console: %s%s; the report would be in memory, and on the platform's own UART\n",
		      unknown ? unknown : "none is described", unknown ? ", which no driver here knows" : "");
	}
	plan_begin(&record, "console");
	record_string(&record, "kind", name);
	record_base(&record, "base", name, console->base);
	record_string(&record, "unknown", name ? NULL : unknown);
	record_end(&record);
}

static const char *psci_name(enum psci_method method)
{
	return method == PSCI_HVC ? "hvc" : method == PSCI_SMC ? "smc" : NULL;
}

static unsigned int enabled_cores(const struct description *description)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < description->core_count; i++) {
		count += description->core[i].enabled;
	}
	return count;
}

static void plan_cores(const struct description *description)
{
	const char *psci = psci_name(description->psci.method);
	unsigned int version = description->gic.version;
	unsigned int cores = enabled_cores(description);
	struct record record;

	print("plan       %u cores, %s%s; %s\n", cores, psci ? "started by PSCI's " : "no PSCI: only the first runs",
	      psci ? psci : "", machine_gic_name(version));
	plan_begin(&record, "cores");
	record_count(&record, "cores", cores);
	record_string(&record, "psci", psci);
	record_count(&record, "gic", version);
	record_base(&record, "distributor", version, description->gic.distributor.base);
	record_end(&record);
}

static void plan_memory(const struct description *description)
{
	struct record record;

	if (!description->memory_count) {
		print("plan       memory: none is described: the boot loader has to write it into the tree\n");
	}
	for (unsigned int i = 0; i < description->memory_count; i++) {
		const struct range_description *memory = &description->memory[i];

		print("plan       memory: 0x%llx bytes at 0x%llx\n", (address)memory->size, (address)memory->base);
		plan_begin(&record, "memory");
		record_hex(&record, "base", memory->base);
		record_hex(&record, "size", memory->size);
		record_end(&record);
	}
}

static void plan_fixed(const struct stream_description *streams, const struct fixed_description *fixed)
{
	struct record record;

	plan_begin(&record, "stream");
	record_string(&record, "smmu", streams->smmu[fixed->smmu].name);
	record_string(&record, "master", fixed->master);
	record_hex(&record, "first", fixed->first);
	record_hex(&record, "last", fixed->last);
	record_bool(&record, "enabled", fixed->enabled);
	record_end(&record);
}

static void plan_window(const struct stream_description *streams, const struct window_description *window)
{
	struct record record;

	plan_begin(&record, "window");
	record_string(&record, "smmu", streams->smmu[window->smmu].name);
	record_string(&record, "master", window->master);
	record_hex(&record, "input_first", window->input_first);
	record_hex(&record, "input_last", window->input_last);
	record_hex(&record, "sid", window->sid);
	record_bool(&record, "enabled", window->enabled);
	record_end(&record);
}

static void plan_streams(const struct stream_description *streams)
{
	print("plan       streams: %u of platform devices, %u ranges of requester IDs, by the %s\n",
	      streams->fixed_count, streams->window_count,
	      streams->source == DESCRIPTION_IORT ? "ACPI IORT" : "device tree");
	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		plan_fixed(streams, &streams->fixed[i]);
	}
	for (unsigned int i = 0; i < streams->window_count; i++) {
		plan_window(streams, &streams->window[i]);
	}
}

/* Refuses valid words that mean nothing where nothing is touched. */
static void plan_refuse_words(struct options *options)
{
	if (options->exit == EXIT_NEXT) {
		options_refuse(options, "next=", "describe=only starts nothing");
		options_refuse(options, "exit=next", "describe=only starts nothing");
	}
	if (options->tables == TABLES_IORT && !options->acpi) {
		options_refuse(options, "tables=iort", "describe=only reads no IORT that acpi= does not name");
	}
}

/* As a run does, but for what registers tell. */
static void plan_judge(struct machine *machine)
{
	struct bringup *bringup = &machine->bringup;

	bringup->description = &machine->description;
	bringup->table = machine->table;
	bringup->table_size = machine->table_size;
	bringup->strict = machine->options.strict;
	if (is_linked(judge_described)) {
		print("judge      the table that is used, by itself\n");
		judge_described(bringup);
	}
}

_Noreturn void machine_plan(struct machine *machine)
{
	const struct description *description = &machine->description;
	unsigned int usable;
	const char *reason;
	bool described;

	if (is_linked(machine_check_return)) {
		machine_check_return(machine);
	}
	plan_refuse_words(&machine->options);
	machine->bringup.cores = 1;
	machine_report_firmware(machine, description->streams.smmu_count);
	print("describe   only: no register is touched; a run would go by this\n");
	reason = plan_smmus(description, &usable);
	plan_hosts(description);
	plan_console(description);
	plan_cores(description);
	plan_memory(description);
	plan_streams(&description->streams);
	plan_judge(machine);
	reason = machine->bringup.tally.trouble ? machine->bringup.tally.trouble : reason;
	described = verdict_described(&machine->bringup, usable, reason, arch_ticks() - boot_ticks_at_reset());
	if (machine->options.exit == EXIT_RETURN) {
		boot_return(described ? 0 : 1);
	}
	boot_power_off();
}
