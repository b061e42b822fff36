/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "base/arch.h"
#include "base/deadline.h"
#include "base/feature.h"
#include "base/progress.h"
#include "boot.h"
#include "checks/pending.h"
#include "checks/phase.h"
#include "checks/soak.h"
#include "machine.h"
#include "platform.h"
#include "report/finding.h"
#include "report/print.h"
#include "report/record.h"

#define SETTLE_US 5000000U /* For queued clients; */
#define BIND_US 300000000U /* while a core binds one: more than NVMe's CAP.TO. */
#define NAP_US 1000U

OPTIONAL(machine_put_back);
OPTIONAL(machine_report_next);
OPTIONAL(pending_report);
OPTIONAL(progress_begin);
OPTIONAL(progress_is_due);
OPTIONAL(progress_seconds);
OPTIONAL(provoke);
OPTIONAL(soak_run);
OPTIONAL(words_say);

static void work_for_phases(unsigned int core)
{
	for (const struct phase *phase = __start_phases; phase != __stop_phases; phase++) {
		if (phase->work) {
			phase->work(core);
		}
	}
}

static void bind_clients(void *context, unsigned int core)
{
	struct machine *machine = context;

	while (!word_load(&machine->stop)) {
		work_for_phases(core);
		if (!bind_queue_work(&machine->queue)) {
			arch_event_wait();
		}
	}
}

static void say_unsettled(const struct machine *machine)
{
	for (unsigned int i = 0; i < machine->master_count; i++) {
		const struct device *device = &machine->master[i].device;

		if (client_is_busy(device)) {
			const char *driver = device_candidate_name(device);

			print("waited %u ms in vain for %s (%s), which core %u is binding or no core has taken up\n",
			      SETTLE_US / 1000, device->name, driver ? driver : "no driver", client_core(device));
		}
	}
}

/* The watchdog of binding: names each client that is not done. */
static void say_waiting(const struct machine *machine)
{
	if (!is_linked(pending_report)) {
		say_unsettled(machine);
		return;
	}
	print("waited %u ms in vain for clients to be bound\n", SETTLE_US / 1000);
	(void)pending_report(&machine->bringup, PENDING_LISTED);
}

static bool is_binding(const struct machine *machine)
{
	for (unsigned int i = 0; i < machine->master_count; i++) {
		if (client_state(&machine->master[i].device) == CLIENT_BINDING) {
			return true;
		}
	}
	return false;
}

static void settle_progress(const struct machine *machine, struct progress *progress)
{
	unsigned int count = 0;

	if (!is_linked(progress_begin) || !progress_is_due(progress)) {
		return;
	}
	for (unsigned int i = 0; i < machine->master_count; i++) {
		count += client_is_busy(&machine->master[i].device);
	}
	print("  %u clients are queued or being bound, %u s so far\n", count, (unsigned int)progress_seconds(progress));
}

bool machine_settle(struct machine *machine)
{
	struct deadline deadline = deadline_in_us(SETTLE_US);
	struct deadline longest = deadline_in_us(BIND_US);
	struct progress progress = is_linked(progress_begin) ? progress_begin() : (struct progress){0};

	while (!bind_queue_idle(&machine->queue)) {
		if (is_binding(machine) && !deadline_passed(&longest)) {
			deadline = deadline_in_us(SETTLE_US);
		} else if (deadline_passed(&deadline)) {
			say_waiting(machine);
			return false;
		}
		settle_progress(machine, &progress);
		if (machine->bringup.cores > 1 || !bind_queue_work(&machine->queue)) {
			arch_sleep_us(NAP_US);
		}
	}
	return true;
}

static void start_refuse(struct options *options, const char *word)
{
	options_refuse(options, word, "this build is without what it asks for");
}

/* Refuses values that need a feature which this image lacks. (A word of its own is missing with the feature.) */
static void start_refuse_words(struct options *options)
{
	if (!is_linked(provoke)) {
		start_refuse(options, "selftest=full");
	}
	if (!is_linked(machine_put_back)) {
		start_refuse(options, "exit=return");
	}
	if (!is_linked(words_say)) {
		start_refuse(options, "log=normal");
		start_refuse(options, "log=debug");
	}
}

/* For a word that the image lacks, and that a run may not ignore: a pass would seem to be one with it. */
static bool start_was_asked(const struct options *options, const char *key)
{
	for (unsigned int source = 0; source < OPTIONS_SOURCES; source++) {
		if (options->text[source] && options_name(options->text[source], key)) {
			return true;
		}
	}
	return false;
}

/* Lists ignored words: a mistyped one must not seem obeyed. */
void machine_report_firmware(struct machine *machine, unsigned int smmu_count)
{
	struct record record;
	unsigned int ignored;

	options_check_order(&machine->options, smmu_count);
	start_refuse_words(&machine->options);
	record_begin(&record, "firmware");
	record_string(&record, "name", "smmu-bringup");
	record_string(&record, "version", FIRMWARE_VERSION);
	record_string(&record, "platform", PLATFORM_NAME);
	record_string(&record, "arch", ARCH_NAME);
	record_count(&record, "cores", machine->bringup.cores);
	record_bool(&record, "entered_secure", boot_entered_secure());
	record_string(&record, "description", machine->description.streams.source == DESCRIPTION_IORT ? "iort" : "dt");
	record_count(&record, "interface", 1);
	record_string(&record, "without", FIRMWARE_WITHOUT[0] ? FIRMWARE_WITHOUT : NULL);
	record_string(&record, "id", machine->options.id[0] ? machine->options.id : NULL);
	ignored = options_record(&machine->options, &record);
	record_end(&record);
	if (ignored) {
		finding_add("argument", machine->options.strict ? FINDING_ERROR : FINDING_WARNING, "boot arguments",
			    "a word is ignored: the firmware record says which, and why", NULL);
	}
	if (!is_linked(soak_run) && start_was_asked(&machine->options, "soak=")) {
		machine->bringup.tally.trouble = "soak= was asked for, and this build has none";
	}
	if (ignored && machine->options.strict) {
		machine->bringup.tally.trouble = "a boot argument is ignored, and strict=on was asked for";
	}
}

/* A build that starts no other image fails a run that asks for one. (In AArch32 the word is ignored.) */
static void start_report_next(struct machine *machine)
{
	if (is_linked(machine_report_next)) {
		machine_report_next(machine);
	} else if (ARCH_STARTS_IMAGES &&
		   (machine->options.exit == EXIT_NEXT || start_was_asked(&machine->options, "next="))) {
		machine->bringup.tally.trouble = "next= was asked for, and this build starts no other image";
		machine->options.exit = EXIT_OFF;
	}
}

void machine_start(struct machine *machine)
{
	if (is_linked(pending_report)) {
		machine->bringup.ticks_at_reset = boot_ticks_at_reset();
	}
	machine->bringup.cores = boot_cores_start(&machine->description, bind_clients, machine);
	machine_report_firmware(machine, machine->smmu_count);
	start_report_next(machine);
	for (unsigned int i = 0; i < machine->master_count; i++) {
		if (device_candidate_name(&machine->master[i].device)) {
			(void)device_queue(&machine->master[i].device);
		}
	}
	/* Every client waits before the first registration. */
	if (!machine_settle(machine)) {
		machine->bringup.tally.trouble = "binding did not come to an end before the first registration";
	}
	print("start      %u cores; the clients were tried, and wait for their SMMUs\n", machine->bringup.cores);
}
