/* SPDX-License-Identifier: BSD-2-Clause */
/* The main page: from the tables to the verdict. */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "base/arch.h"
#include "base/deadline.h"
#include "boot.h"
#include "checks/events.h"
#include "checks/soak.h"
#include "fatal.h"
#include "irqchip/irqchip.h"
#include "machine.h"
#include "platform.h"
#include "report/finding.h"
#include "report/record.h"
#include "smmuv3/registers.h"
#include "smmuv3/trace.h"

#define SETTLE_US 5000000U /* Bound for queued clients after their instances are ready; */
#define BIND_US 300000000U /* and while a core binds one: more than any device asks for (NVMe: CAP.TO). */
#define CORES_OFF_US 1000000U
#define NAP_US 1000U

static struct machine machine;

/* --- Describe. --- */

/* 0 also in a build without interrupts. */
static const char *gic_name(unsigned int version)
{
	return version == 2 ? "GICv2" : version == 3 ? "GICv3" : "no GIC known";
}

static void expect_described(int error)
{
	if (error) {
		fatal(error == -ENOENT ?
				   "the machine is not described: no device tree, or not the table asked for" :
				   "the machine's description cannot be used");
	}
}

/* The interrupt controller first: PCI may use up the addresses for devices. */
static void describe(void)
{
	expect_described(machine_read_tables(&machine, boot_device_tree()));
	if (irqchip_init(&machine.description.gic) || irqchip_core_init()) {
		fatal("the interrupt controller cannot be used");
	}
	expect_described(machine_enumerate(&machine));
	machine_populate(&machine);
	if (machine.options.trace) {
		smmuv3_trace_start();
	}
	print("describe   %u SMMUv3 and %u masters by the %s, %u cores, %s\n", machine.smmu_count, machine.master_count,
	      machine.description.streams.source == DESCRIPTION_IORT ? "ACPI IORT" : "device tree",
	      machine.description.core_count, gic_name(machine.description.gic.version));
	boot_timer_init(&machine.description.timer);
	boot_interrupts_enable();
}

/* --- Block. --- */

/* Enumeration has turned all bus mastering off; now the SMMUs deny everything, too. */
static void block(void)
{
	for (unsigned int i = 0; i < machine.smmu_count; i++) {
		if (!machine.unusable[i] && smmuv3_block(&machine.smmu[i])) {
			machine.unusable[i] = true;
			machine.smmu[i].iommu.reason = "it did not acknowledge being turned off";
		}
	}
	print("block      every SMMU denies everything, every master is off the bus\n");
}

/* --- Start. --- */

/* The other cores bind clients until `stop`. */
static void bind_clients(unsigned int core)
{
	while (!word_load(&machine.stop)) {
		if (soak_wants_work()) {
			soak_work(core);
		}
		if (!bind_queue_work(&machine.queue)) {
			arch_event_wait();
		}
	}
}

/* Names the clients that are not settled. */
static void say_unsettled(void)
{
	for (unsigned int i = 0; i < machine.master_count; i++) {
		const struct device *device = &machine.master[i].device;

		if (client_is_busy(device)) {
			const char *driver = device_candidate_name(device);

			print("waited %u ms in vain for %s (%s), which core %u is binding or nobody has taken up\n",
			      SETTLE_US / 1000, device->name, driver ? driver : "no driver", client_core(device));
		}
	}
}

static bool is_binding(void)
{
	for (unsigned int i = 0; i < machine.master_count; i++) {
		if (client_state(&machine.master[i].device) == CLIENT_BINDING) {
			return true;
		}
	}
	return false;
}

/* Waits until every queued client was tried; a single core does the work itself. */
static bool settle(void)
{
	struct deadline deadline = deadline_in_us(SETTLE_US);
	struct deadline longest = deadline_in_us(BIND_US);

	while (!bind_queue_idle(&machine.queue)) {
		if (is_binding() && !deadline_passed(&longest)) {
			deadline = deadline_in_us(SETTLE_US);
		} else if (deadline_passed(&deadline)) {
			say_unsettled();
			return false;
		}
		if (machine.bringup.cores > 1 || !bind_queue_work(&machine.queue)) {
			arch_sleep_us(NAP_US);
		}
	}
	return true;
}

/* Includes ignored words: a mistyped word must not pass for one that is obeyed. */
static void report_firmware(void)
{
	struct record record;
	unsigned int ignored;

	options_check_order(&machine.options, machine.smmu_count);
	record_begin(&record, "firmware");
	record_string(&record, "name", "smmu-bringup");
	record_string(&record, "version", FIRMWARE_VERSION);
	record_string(&record, "platform", PLATFORM_NAME);
	record_string(&record, "arch", ARCH_NAME);
	record_count(&record, "cores", machine.bringup.cores);
	record_bool(&record, "entered_secure", boot_entered_secure());
	record_string(&record, "description", machine.description.streams.source == DESCRIPTION_IORT ? "iort" : "dt");
	record_count(&record, "interface", 1);
	record_string(&record, "without", FIRMWARE_WITHOUT[0] ? FIRMWARE_WITHOUT : NULL);
	record_string(&record, "id", machine.options.id[0] ? machine.options.id : NULL);
	ignored = options_record(&machine.options, &record);
	record_end(&record);
	if (ignored) {
		finding_add("argument", machine.options.strict ? FINDING_ERROR : FINDING_WARNING, "boot arguments",
			    "a word is ignored: the firmware record says which, and why", NULL);
	}
	if (ignored && machine.options.strict) {
		machine.bringup.tally.trouble = "a boot argument is ignored, and strict=on was asked for";
	}
}

static void start(void)
{
	machine.bringup.cores = boot_cores_start(&machine.description, bind_clients);
	report_firmware();
	machine_report_next(&machine);
	for (unsigned int i = 0; i < machine.master_count; i++) {
		if (device_candidate_name(&machine.master[i].device)) {
			(void)device_queue(&machine.master[i].device);
		}
	}
	/* So every client was tried, and waits, before the first registration. */
	if (!settle()) {
		machine.bringup.tally.trouble = "binding did not come to an end before the first registration";
	}
	print("start      %u cores; the clients were tried, and wait for their SMMUs\n", machine.bringup.cores);
}

/* --- Register. --- */

/* After a failed registration. */
static void say_stuck(const struct smmuv3 *smmu)
{
	print("  CR0 0x%" PRIx32 ", CR0ACK 0x%" PRIx32 ", GBPA 0x%" PRIx32 ", GERROR 0x%" PRIx32 ", GERRORN 0x%" PRIx32
	      ", CMDQ_PROD 0x%" PRIx32 ", CMDQ_CONS 0x%" PRIx32 "\n",
	      smmuv3_read(smmu, SMMU_CR0), smmuv3_read(smmu, SMMU_CR0ACK), smmuv3_read(smmu, SMMU_GBPA),
	      smmuv3_read(smmu, SMMU_GERROR), smmuv3_read(smmu, SMMU_GERRORN), smmuv3_read(smmu, SMMU_CMDQ_PROD),
	      smmuv3_read(smmu, SMMU_CMDQ_CONS));
}

static void attend_all(void)
{
	attend(&machine.bringup);
	machine_say_masked(&machine);
}

static void register_one(unsigned int i)
{
	if (machine.unusable[i]) {
		return;
	}
	print("register   %s\n", machine.bringup.smmu_name[i]);
	footprint_before(&machine.bringup, i);
	if (iommu_register(&machine.smmu[i].iommu)) {
		print("register   %s FAILED: %s\n", machine.bringup.smmu_name[i], machine.smmu[i].iommu.reason);
		say_stuck(&machine.smmu[i]);
	}
	footprint_after(&machine.bringup, i);
	if (machine.bringup.cores == 1) {
		(void)settle();
	}
}

/* In the order of order=, then the others. */
static void register_all(void)
{
	uint64_t done = 0;

	_Static_assert(DESCRIPTION_SMMUS_MAX <= 64, "a bit for each SMMU that can be described");
	machine_wire(&machine);
	for (unsigned int k = 0; k < machine.options.order_count; k++) {
		unsigned int i = machine.options.order[k];

		if (i < machine.smmu_count) {
			register_one(i);
			done |= 1ULL << i;
		} else {
			print("order= names smmu%u, which is not there: ignored\n", i);
		}
	}
	for (unsigned int i = 0; i < machine.smmu_count; i++) {
		if (!(done & 1ULL << i)) {
			register_one(i);
		}
	}
	if (!settle()) {
		machine.bringup.tally.trouble = "a client's binding did not come to an end";
	}
	/* All instances were tried: clients that still wait stay blocked. */
	(void)bind_queue_expire(&machine.queue);
	machine_say_masked(&machine);
	report_instances(&machine.bringup);
	report_masters(&machine.bringup);
}

/* --- The end. --- */

static void stop_cores(void)
{
	unsigned int left;

	word_store(&machine.stop, 1);
	arch_event_send();
	left = boot_cores_wait_off(CORES_OFF_US);
	if (left) {
		machine.bringup.tally.trouble = "a core did not turn itself off for the hand-over";
		/* It may run in memory that a boot loader takes back. */
		machine.options.exit = EXIT_OFF;
	}
}

static void put_back(void)
{
	const char *trouble = machine.options.exit != EXIT_OFF ? machine_put_back(&machine) : NULL;

	if (trouble) {
		machine.bringup.tally.trouble = trouble;
	}
}

static _Noreturn void leave(bool passed)
{
	if (machine.options.exit == EXIT_RETURN) {
		boot_return(passed ? 0 : 1);
	}
	machine_start_next(&machine, passed);
	boot_power_off();
}

int main(void)
{
	boot_fatal_register(&machine.bringup);
	boot_begin();
	print("smmu-bringup " FIRMWARE_VERSION " on " PLATFORM_NAME "\n");
	describe();
	machine_inherit(&machine);
	block();
	start();
	register_all();
	print("compare    the description with itself, the other table, the ID registers and PCI\n");
	compare(&machine.bringup);
	print("observe    one DMA each while nothing is mapped: who sees which stream?\n");
	observe(&machine.bringup);
	attend_all();
	print("prove      translation and isolation by real DMA\n");
	prove(&machine.bringup);
	attend_all();
	print("provoke    errors, and the way back from them\n");
	provoke(&machine.bringup);
	compare_interrupts(&machine.bringup);
	attend_all();
	if (machine.options.soak) {
		print("soak       %" PRIu32 " seconds of registering, binding and DMA on all cores\n",
		      machine.options.soak);
		soak_run(&machine.bringup, machine.options.soak);
	}
	attend_all();
	print("hand over  masters off the bus, SMMUs off, cores off\n");
	hand_over(&machine.bringup);
	stop_cores();
	report_trace();
	put_back();
	leave(verdict(&machine.bringup, arch_ticks() - boot_ticks_at_reset()));
}
