/* SPDX-License-Identifier: BSD-2-Clause */
/* Cores other than the boot core do DMA in bind(). */
#include "checks/soak.h"

#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/deadline.h"
#include "base/feature.h"
#include "base/progress.h"
#include "checks/phase.h"
#include "checks/trial.h"
#include "report/print.h"
#include "report/record.h"

OPTIONAL(progress_begin);
OPTIONAL(progress_is_due);
OPTIONAL(progress_seconds);

#define REST_US 20000U /* Lets other cores get on. */
#define WARM_ROUNDS 2U /* After these, no round may use more memory. */

enum page { PAGE_FROM, PAGE_TO };

static struct {
	struct word working;
	struct word workers; /* Cores that bind and unbind. */
	struct word binds;
	struct word unbinds;
	struct word dmas;
	struct word bytes;
	struct word violations;
} soak;

static struct bringup *machine; /* For soak_bind(). */
static struct master **client;
static unsigned int client_count; /* Fixed before other cores begin. */

/* Weak: without a step the linker may collect none. */
extern const struct soak_step __start_soak_steps[] __attribute__((weak));
extern const struct soak_step __stop_soak_steps[] __attribute__((weak));

bool soak_goes_on(void)
{
	return word_load(&soak.working);
}

void soak_violation(const char *name, const char *what)
{
	if (word_add(&soak.violations, 1) < 10) {
		print("soak       %s: %s\n", name, what);
	}
}

/* --- One DMA, on any core. --- */

/* NULL, or what was different. */
static const char *one_dma(struct trial *trial, enum page page, bool write)
{
	struct master *master = trial->master;
	const char *note;

	trial->write = write;
	trial->address = trial_iova(master, page);
	trial->memory = master->page[page];
	trials_drive(trial, 1);
	if (!trial->error) {
		word_add(&soak.dmas, 1);
		word_add(&soak.bytes, trial->length);
	}
	return trial_wrong_end(trial, &note);
}

/* Other bytes each time; the boot core watches for events. */
static const char *move_bytes(struct master *master)
{
	struct trial trial = {
		.master = master,
		.source = trial_iova(master, PAGE_FROM),
		.length = trial_length(master, TRIAL_LONG),
		.round = word_load(&soak.dmas),
		.expect = {.end = TRIAL_CARRIES},
	};
	const char *wrong = NULL;

	trial_fill(master, trial.round, master->page[PAGE_FROM], trial.length);
	if (master->driver->can & MASTER_READS) {
		wrong = one_dma(&trial, PAGE_FROM, false);
	}
	return wrong ? wrong : one_dma(&trial, PAGE_TO, true);
}

static int soak_map_pages(struct master *master)
{
	int error = 0;

	for (unsigned int page = PAGE_FROM; page <= PAGE_TO && !error; page++) {
		error = iommu_map(machine->core, &master->iommu, trial_iova(master, page),
				  arch_phys(master->page[page]), PAGE_SIZE, IOMMU_READ | IOMMU_WRITE);
	}
	return error ? error : trial_map_work(machine, master);
}

static void soak_unmap_pages(struct master *master)
{
	trial_unmap_work(master);
	for (unsigned int page = PAGE_FROM; page <= PAGE_TO; page++) {
		if (iommu_unmap(&master->iommu, trial_iova(master, page), PAGE_SIZE)) {
			soak_violation(master->device.name, "a page could not be unmapped");
		}
	}
}

/* --- The soak's driver. --- */

/* Rule 2: a bound client's instances are READY, or just leaving. */
static void look_at_instances(const struct master *master)
{
	for (unsigned int l = 0; l < master->iommu.link_count; l++) {
		enum iommu_state state = iommu_state(master->iommu.link[l].iommu);

		if (state != IOMMU_READY && state != IOMMU_LEAVING) {
			soak_violation(master->device.name, "it is being bound while its instance is not ready");
		}
	}
}

int soak_bind(struct device *device, const struct driver *driver)
{
	struct master *master = master_of_device(device);
	const char *wrong;
	int error = master_bind(device, driver);

	if (error) {
		soak_violation(device->name, "the device is not what it was");
		return error;
	}
	look_at_instances(master);
	error = soak_map_pages(master);
	wrong = error ? "its pages could not be mapped" : move_bytes(master);
	/* An unfit device is no violation. */
	if (wrong && !master->unfit) {
		soak_violation(device->name, wrong);
	}
	if (!error || master->unfit) {
		soak_unmap_pages(master);
	}
	if (master->unfit) {
		master_unbind(device);
		return -ENODEV;
	}
	word_add(&soak.binds, 1);
	return 0;
}

void soak_unbind(struct device *device)
{
	master_unbind(device);
	word_add(&soak.unbinds, 1);
}

const struct driver soak_driver = {.name = "soak", .bind = soak_bind, .unbind = soak_unbind};

/* --- The other cores. --- */

uint32_t soak_below(uint32_t *random, uint32_t bound)
{
	*random ^= *random << 13;
	*random ^= *random >> 17;
	*random ^= *random << 5;
	return *random % bound;
}

static void work(uint32_t *random)
{
	if (client_count) {
		struct master *master = client[soak_below(random, client_count)];

		if (device_queue(&master->device) && soak_below(random, 2)) {
			(void)device_unbind(&master->device);
		}
		for (const struct soak_step *step = __start_soak_steps; step != __stop_soak_steps; step++) {
			step->work(machine, master, random);
		}
	}
	(void)bind_queue_work(machine->core->queue);
}

static void soak_work(unsigned int core)
{
	uint32_t random = 0x9e3779b9U * (core + 1);

	if (!soak_goes_on()) {
		return;
	}
	word_add(&soak.workers, 1);
	while (soak_goes_on()) {
		work(&random);
	}
	word_add(&soak.workers, (uint32_t)-1);
}

/* --- The boot core. --- */

static uint32_t registrations;
static uint32_t unregistrations;

/* A8, A32: its links are released (or their master is removed), other instances unchanged. */
static void look_at_who_left(unsigned int left, const uint32_t *generations, const bool *ready)
{
	for (unsigned int m = 0; m < machine->master_count; m++) {
		const struct iommu_master *master = &machine->master[m].iommu;

		for (unsigned int l = 0; l < master->link_count; l++) {
			enum link_state state = link_state(&master->link[l]);

			if (master->link[l].iommu == smmuv3_iommu(machine->smmu[left]) && state != LINK_DESCRIBED &&
			    state != LINK_ABSENT) {
				soak_violation(master->name, "its instance has gone, but its link is not released");
			}
		}
	}
	for (unsigned int i = 0; i < machine->smmu_count; i++) {
		const struct iommu_instance *iommu = smmuv3_iommu(machine->smmu[i]);

		if (i != left &&
		    (iommu->generation != generations[i] || (iommu_state(iommu) == IOMMU_READY) != ready[i])) {
			soak_violation(iommu->name, "it changed when another one was unregistered");
		}
	}
}

static void come_and_go(unsigned int i)
{
	static uint32_t generations[IOMMU_INSTANCES_MAX];
	static bool ready[IOMMU_INSTANCES_MAX];
	struct iommu_instance *iommu = smmuv3_iommu(machine->smmu[i]);

	for (unsigned int k = 0; k < machine->smmu_count; k++) {
		generations[k] = smmuv3_iommu(machine->smmu[k])->generation;
		ready[k] = iommu_state(smmuv3_iommu(machine->smmu[k])) == IOMMU_READY;
	}
	if (iommu_unregister(iommu)) {
		soak_violation(iommu->name, "it could not be unregistered");
		return;
	}
	unregistrations++;
	look_at_who_left(i, generations, ready);
	arch_sleep_us(REST_US);
	if (iommu_register(iommu)) {
		soak_violation(iommu->name, "it could not be registered again");
		return;
	}
	registrations++;
}

static void soak_progress(struct progress *progress, uint32_t seconds)
{
	if (is_linked(progress_begin) && progress_is_due(progress)) {
		print("soak       %" PRIu32 " of %" PRIu32 " s so far: %" PRIu32 " registrations, %" PRIu32
		      " DMAs, %" PRIu32 " violations\n",
		      progress_seconds(progress), seconds, registrations, word_load(&soak.dmas),
		      word_load(&soak.violations));
	}
}

static void one_round(uint32_t *random, struct deadline *deadline)
{
	for (unsigned int i = 0; i < machine->smmu_count && !deadline_passed(deadline); i++) {
		if (iommu_state(smmuv3_iommu(machine->smmu[i])) == IOMMU_READY) {
			come_and_go(i);
		}
		(void)events_drain(machine);
		if (machine->cores == 1) {
			work(random);
		}
		arch_sleep_us(REST_US);
	}
}

static unsigned int deferrals(void)
{
	unsigned int count = 0;

	for (unsigned int m = 0; m < machine->master_count; m++) {
		count += machine->master[m].device.deferrals;
	}
	return count;
}

static void choose_clients(void)
{
	client_count = 0;
	client = arena_allocate(machine->master_count * sizeof(struct master *), sizeof(struct master *));
	for (unsigned int m = 0; m < machine->master_count; m++) {
		struct master *master = &machine->master[m];

		master->was_bound = client_state(&master->device) == CLIENT_BOUND;
		if (client && !trial_unfit(master, USE_REPEATED)) {
			client[client_count++] = master;
			device_offer(&master->device, &soak_driver);
		}
	}
}

static void work_queue(struct deadline *deadline)
{
	while (!bind_queue_idle(machine->core->queue) && !deadline_passed(deadline)) {
		(void)bind_queue_work(machine->core->queue);
	}
}

/* Binds what was bound to its own driver, also clients unbound with an instance. */
static void bind_again(void)
{
	struct deadline deadline = deadline_in_us(SOAK_SETTLE_US);

	work_queue(&deadline);
	for (unsigned int c = 0; c < client_count; c++) {
		(void)device_unbind_wait(&client[c]->device, SOAK_SETTLE_US);
		if (client[c]->unfit) {
			print("soak       %s: %s\n", client[c]->device.name, client[c]->unfit);
		}
		device_offer(&client[c]->device, &client[c]->driver->driver);
	}
	for (unsigned int m = 0; m < machine->master_count; m++) {
		struct device *device = &machine->master[m].device;

		/* ABSENT: it was unplugged. */
		if (machine->master[m].was_bound && client_state(device) != CLIENT_BOUND &&
		    client_state(device) != CLIENT_ABSENT && device_queue(device)) {
			soak_violation(device->name, "its client is left half-way");
		}
	}
	work_queue(&deadline);
}

static void stop_workers(void)
{
	struct deadline deadline = deadline_in_us(SOAK_SETTLE_US);

	word_store(&soak.working, 0);
	arch_event_send();
	while (word_load(&soak.workers) && !deadline_passed(&deadline)) {
		arch_relax();
	}
	if (word_load(&soak.workers)) {
		soak_violation("a core", "its last bind does not come to an end");
	}
}

static const char *trouble_of(uint32_t wrong, unsigned int events)
{
	if (!client_count) {
		return client ? "there was nothing to soak: no master can be driven through an SMMU" :
				"no memory is left to soak with";
	}
	if (wrong) {
		return "the soak found violations";
	}
	if (events) {
		return "the soak found events that no trial expected";
	}
	return word_load(&soak.dmas) && registrations ? NULL : "nothing moved in the soak";
}

static void soak_report(uint32_t seconds, unsigned int deferred, unsigned int events)
{
	uint32_t wrong = word_load(&soak.violations);
	const char *trouble = trouble_of(wrong, events);
	struct record record;

	record_begin(&record, "soak");
	record_count(&record, "seconds", seconds);
	record_count(&record, "registrations", registrations);
	record_count(&record, "unregistrations", unregistrations);
	record_count(&record, "binds", word_load(&soak.binds));
	record_count(&record, "unbinds", word_load(&soak.unbinds));
	record_count(&record, "deferrals", deferred);
	record_count(&record, "dmas", word_load(&soak.dmas));
	record_count(&record, "bytes", word_load(&soak.bytes));
	record_count(&record, "violations", wrong);
	record_count(&record, "unexpected_events", events);
	for (const struct soak_step *step = __start_soak_steps; step != __stop_soak_steps; step++) {
		step->record(&record);
	}
	record_string(&record, "result", trouble ? "fail" : "pass");
	record_string(&record, "reason", trouble);
	record_end(&record);
	print("soak       %" PRIu32 " registrations, %" PRIu32 " binds, %u deferrals, %" PRIu32 " DMAs: %" PRIu32
	      " violations, %u unexpected events\n",
	      registrations, word_load(&soak.binds), deferred, word_load(&soak.dmas), wrong, events);
	if (trouble) {
		print("soak       %s\n", trouble);
		machine->tally.trouble = trouble;
	}
}

static void soak_clients(uint32_t seconds)
{
	struct deadline deadline = deadline_in_us(1);
	struct progress progress = is_linked(progress_begin) ? progress_begin() : (struct progress){0};
	uint32_t random = 1;
	size_t used = 0;

	deadline.ticks = (uint64_t)seconds * arch_tick_hz();
	word_store(&soak.working, 1);
	arch_event_send();
	for (unsigned int round = 0; !deadline_passed(&deadline); round++) {
		one_round(&random, &deadline);
		soak_progress(&progress, seconds);
		used = round < WARM_ROUNDS ? arena_used() : used;
	}
	stop_workers();
	bind_again();
	if (used && arena_used() > used) {
		soak_violation("the arena", "memory is used up by registering again");
	}
}

static bool is_any(const struct logged_event *logged, const void *wanted)
{
	(void)logged;
	(void)wanted;
	return true;
}

void soak_run(struct bringup *bringup, uint32_t seconds)
{
	unsigned int deferred, events, lost;

	machine = bringup;
	deferred = deferrals();
	events = events_mark(bringup);
	lost = events_lost();
	choose_clients();
	if (client_count) {
		soak_clients(seconds);
		arch_sleep_us(TRIAL_SILENCE_US); /* Records follow the last DMA. */
	}
	(void)events_drain(bringup);
	soak_report(seconds, deferrals() - deferred, events_find(events, is_any, NULL, NULL) + events_lost() - lost);
}

static void soak_asked_for(struct bringup *bringup)
{
	if (bringup->soak) {
		print("soak       %" PRIu32 " seconds of registering, binding and DMA on all cores\n", bringup->soak);
		soak_run(bringup, bringup->soak);
	}
}

PHASE(50, soak, NULL, soak_asked_for, soak_work);
LINKED(soak_run);
