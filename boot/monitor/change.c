/* SPDX-License-Identifier: BSD-2-Clause */
/* What changes something: maps of a master's own pages, its DMA, its client, instances. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/deadline.h"
#include "checks/trial.h"
#include "monitor/monitor.h"
#include "report/print.h"

#define NO_MASTER "there is no master of that name; masters lists them"
#define NO_ADDRESS "that is no address: a number, as 0x1000000"
#define SETTLE_US 5000000U
#define NAP_US 1000U

/* --- Maps. --- */

static bool take_access(const char *word, unsigned int *access)
{
	static const struct {
		char word[4];
		unsigned int access;
	} known[] = {{"r", IOMMU_READ}, {"w", IOMMU_WRITE}, {"rw", IOMMU_READ | IOMMU_WRITE}};

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (!strcmp(known[i].word, word)) {
			*access = known[i].access;
			return true;
		}
	}
	return false;
}

static const char *error_words(int error)
{
	switch (-error) {
	case 0:
		return NULL;
	case ENODEV:
		return "its group has no owner: bind its client first";
	case EPERM:
		return "that is a direct region, or memory that may not be mapped";
	case EEXIST:
		return "something is mapped there";
	case ENOENT:
		return "nothing is mapped there, or only a part";
	case EIO:
		return "its instance has failed";
	case EBUSY:
		return "it is not in a state for that";
	case ETIMEDOUT:
		return "another core did not finish in time";
	case ENOMEM:
		return "there is no memory for tables";
	default:
		return "the address, the size or the state does not allow it";
	}
}

static const char *run_map(struct monitor *monitor, const struct monitor_words *words)
{
	struct master *master = monitor_master(monitor, words->word[0]);
	unsigned int access = IOMMU_READ | IOMMU_WRITE;
	uint64_t iova;
	uint64_t page;

	if (!master) {
		return NO_MASTER;
	}
	if (!master->driver) {
		return "no driver here drives it: it has no pages of its own";
	}
	if (!monitor_number(words->word[1], &iova)) {
		return NO_ADDRESS;
	}
	if (!monitor_number(words->word[2], &page) || page >= MASTER_PAGES) {
		return "PAGE is the number of one of its own pages: 0, 1 or 2";
	}
	if (words->count > 3 && !take_access(words->word[3], &access)) {
		return "access is r, w or rw";
	}
	return error_words(iommu_map(monitor->bringup->core, &master->iommu, iova, arch_phys(master->page[page]),
				     PAGE_SIZE, access));
}

static const char *run_unmap(struct monitor *monitor, const struct monitor_words *words)
{
	struct master *master = monitor_master(monitor, words->word[0]);
	uint64_t size = PAGE_SIZE;
	uint64_t iova;

	if (!master) {
		return NO_MASTER;
	}
	if (!monitor_number(words->word[1], &iova) || (words->count > 2 && !monitor_number(words->word[2], &size))) {
		return NO_ADDRESS;
	}
	return error_words(iommu_unmap(&master->iommu, iova, size));
}

/* --- DMA. --- */

static bool is_of_trial(const struct logged_event *logged, const void *wanted)
{
	const struct trial *trial = wanted;

	if (logged->smmu != trial->smmu || logged->event.sid != trial->sid) {
		return false;
	}
	print_always("  the SMMU stopped it: %s", smmuv3_event_name(logged->event.code));
	if (logged->event.has_access) {
		print_always(" at 0x%llx", (unsigned long long)logged->event.address);
	}
	print_always(": %s\n", events_cause_of(&logged->event));
	return true;
}

static void dma_drive(struct monitor *monitor, struct trial *trial)
{
	unsigned int mark = events_mark(monitor->bringup);

	trials_drive(trial, 1);
	arch_sleep_us(TRIAL_SILENCE_US);
	(void)events_drain(monitor->bringup);
	if (!events_claim(mark, is_of_trial, trial, NULL)) {
		print_always("  no SMMU reported anything\n");
	}
	print_always("  the device: %s\n", !trial->error	      ? "done" :
					   trial->error == -EIO	      ? "it noticed an error" :
					   trial->error == -ETIMEDOUT ? "it did not end" :
									"it cannot do that DMA");
}

static const char *why_no_dma(const struct master *master)
{
	if (!master) {
		return NO_MASTER;
	}
	if (!master->driver || !master->iommu.link_count) {
		return "no driver here drives it, or no SMMU is described for it";
	}
	return client_state(&master->device) == CLIENT_BOUND ? trial_unfit(master, USE_STRAY) :
							       "its client is not bound";
}

static const char *run_dma(struct monitor *monitor, const struct monitor_words *words)
{
	struct master *master = monitor_master(monitor, words->word[0]);
	const char *why = why_no_dma(master);
	struct trial trial = {.master = master, .write = true};

	if (why) {
		return why;
	}
	if (!monitor_number(words->word[1], &trial.address)) {
		return NO_ADDRESS;
	}
	if (words->count > 2) {
		trial.write = !strcmp(words->word[2], "write");
		if (!trial.write && strcmp(words->word[2], "read")) {
			return "a DMA is read or write";
		}
	}
	trial.smmu = trial_instance(master);
	trial.sid = trial_sid(master);
	trial.length = trial_length(master, TRIAL_SHORT);
	trial.memory = master->page[0];
	dma_drive(monitor, &trial);
	return NULL;
}

/* --- Clients. --- */

/* Until no client is queued or being bound, and `device`, unless NULL, is not busy; or for a time. */
static void settle_clients(struct bringup *bringup, const struct device *device)
{
	struct deadline deadline = deadline_in_us(SETTLE_US);

	while ((!bind_queue_idle(bringup->core->queue) || (device && client_is_busy(device))) &&
	       !deadline_passed(&deadline)) {
		if (!bind_queue_work(bringup->core->queue)) {
			arch_sleep_us(NAP_US);
		}
	}
}

static void settle(struct bringup *bringup, const struct device *device)
{
	settle_clients(bringup, device);
	print_always("  %s is %s\n", device->name, client_state_name(client_state(device)));
}

static const char *run_bind(struct monitor *monitor, const struct monitor_words *words)
{
	struct master *master = monitor_master(monitor, words->word[0]);
	int error;

	if (!master || !master->driver) {
		return !master ? NO_MASTER : "no driver here drives it";
	}
	device_offer(&master->device, &master->driver->driver);
	error = device_queue(&master->device);
	if (!error) {
		settle(monitor->bringup, &master->device);
	}
	return error_words(error);
}

static const char *run_unbind(struct monitor *monitor, const struct monitor_words *words)
{
	struct master *master = monitor_master(monitor, words->word[0]);
	int error = master ? device_unbind(&master->device) : 0;

	if (!master) {
		return NO_MASTER;
	}
	if (!error) {
		settle(monitor->bringup, &master->device);
	}
	return error_words(error);
}

/* --- Instances. --- */

static const char *run_register(struct monitor *monitor, const struct monitor_words *words)
{
	struct smmuv3 *smmu = monitor_instance(monitor, words->word[0]);
	int error = smmu ? iommu_register(smmuv3_iommu(smmu)) : 0;

	if (smmu && error && error != -EBUSY) {
		smmuv3_say_stuck(smmu);
	}
	/* It woke the clients that waited for the instance. */
	settle_clients(monitor->bringup, NULL);
	return smmu ? error_words(error) : MONITOR_NO_INSTANCE;
}

static const char *run_unregister(struct monitor *monitor, const struct monitor_words *words)
{
	struct smmuv3 *smmu = monitor_instance(monitor, words->word[0]);

	return smmu ? error_words(iommu_unregister(smmuv3_iommu(smmu))) : MONITOR_NO_INSTANCE;
}

static const char *run_handover(struct monitor *monitor, const struct monitor_words *words)
{
	bool bypass = !strcmp(words->word[0], "bypass");

	if (!bypass && strcmp(words->word[0], "abort")) {
		return "a policy is abort or bypass";
	}
	monitor->bringup->handover = bypass ? SMMUV3_HANDOVER_BYPASS : SMMUV3_HANDOVER_ABORT;
	monitor->over = true;
	return NULL;
}

MONITOR_COMMAND(30, map, "MASTER IOVA PAGE [r|w|rw]", "maps one of the master's own pages, 0 to 2", 3, 4, run_map);
MONITOR_COMMAND(31, unmap, "MASTER IOVA [SIZE]", "unmaps", 2, 3, run_unmap);
MONITOR_COMMAND(32, dma, "MASTER IOVA [read|write]", "one DMA: what the SMMU and the device say", 2, 3, run_dma);
MONITOR_COMMAND(40, bind, "MASTER", "binds its client", 1, 1, run_bind);
MONITOR_COMMAND(41, unbind, "MASTER", "unbinds it", 1, 1, run_unbind);
MONITOR_COMMAND(42, register, "INSTANCE", "registers an instance", 1, 1, run_register);
MONITOR_COMMAND(43, unregister, "INSTANCE", "ends its service", 1, 1, run_unregister);
MONITOR_COMMAND(98, handover, "abort|bypass", "ends the monitor with this hand-over", 1, 1, run_handover);
