/* SPDX-License-Identifier: BSD-2-Clause */
/* Errors that are provoked on each instance, and what is left of it afterwards. */
#include <stddef.h>

#include "base/arena.h"
#include "checks/trial.h"

#define IOVA_AFTER 0x0f000000ULL /* Where a master writes to show that its instance works again. */

static bool is_ready(const struct bringup *bringup, unsigned int smmu)
{
	return iommu_state(&bringup->smmu[smmu].iommu) == IOMMU_READY;
}

/* --- abort_all: with SMMUEN clear, GBPA.ABORT stops everything. --- */

struct abort_trial {
	const char *skip;
	const char *failure;
	struct master *master;
};

static struct abort_trial aborts[DESCRIPTION_SMMUS_MAX];
static struct trial trials[DESCRIPTION_SMMUS_MAX];

static struct master *master_on(const struct bringup *bringup, unsigned int smmu)
{
	for (unsigned int i = 0; i < bringup->master_count; i++) {
		struct master *master = &bringup->master[i];

		if (master_is_driven(master) && master->observation.match && master->iommu.link_count &&
		    master->iommu.link[0].iommu->index == smmu && master->driver->can & MASTER_WRITES) {
			return master;
		}
	}
	return NULL;
}

static void choose(struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		aborts[i] = (struct abort_trial){.master = master_on(bringup, i)};
		if (!is_ready(bringup, i)) {
			aborts[i].skip = "the instance is not ready";
		} else if (!bringup->smmu[i].gbpa_works) {
			aborts[i].skip =
				"GBPA does not read back what was written: everything bypasses while SMMUEN is clear";
		} else if (!aborts[i].master) {
			aborts[i].skip = "no master behind it can be driven";
		}
	}
}

static void plan(unsigned int i, uint64_t address)
{
	struct master *master = aborts[i].skip || aborts[i].failure ? NULL : aborts[i].master;

	trials[i] = (struct trial){.master = master};
	if (master) {
		trials[i] = (struct trial){
			.master = master,
			.write = true,
			.stray = !address,
			/* The page's physical address: a DMA that bypasses lands there, and is seen. */
			.address = address ? address : arch_phys(master->page[0]),
			.memory = master->page[0],
			.length = trial_length(master, TRIAL_SHORT),
		};
	}
}

static void plan_all(const struct bringup *bringup, uint64_t address)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		plan(i, address);
	}
}

static void for_each_trial(struct bringup *bringup, int (*act)(struct smmuv3 *smmu), const char *failure)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		if (!aborts[i].skip && act(&bringup->smmu[i]) && !aborts[i].failure) {
			aborts[i].failure = failure;
		}
	}
}

static void judge_stopped(const struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		if (!trials[i].master) {
			continue;
		}
		if (trials[i].touched) {
			aborts[i].failure = "a DMA reached memory with SMMUEN clear and GBPA.ABORT set";
		} else if (trial_event(&trials[i])) {
			aborts[i].failure = "GBPA.ABORT is silent, yet an event was reported";
		}
	}
}

static void judge_resumed(struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		if (trials[i].master && !trials[i].touched) {
			aborts[i].failure = "no DMA reaches memory after it was enabled again";
		}
	}
}

static int map_for_after(const struct bringup *bringup, struct master *master)
{
	int error = trial_map_work(bringup, master);

	if (!error) {
		error = iommu_map(bringup->core, &master->iommu, IOVA_AFTER, arch_phys(master->page[0]), PAGE_SIZE,
				  IOMMU_READ | IOMMU_WRITE);
	}
	return error;
}

static void map_after(struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		if (!aborts[i].skip && map_for_after(bringup, aborts[i].master)) {
			aborts[i].failure = "its master's page could not be mapped";
		}
	}
}

static void unmap_after(struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		if (!aborts[i].skip) {
			trial_unmap_work(aborts[i].master);
			(void)iommu_unmap(&aborts[i].master->iommu, IOVA_AFTER, PAGE_SIZE);
		}
	}
}

static void provoke_abort_all(struct bringup *bringup)
{
	choose(bringup);
	map_after(bringup);
	for_each_trial(bringup, smmuv3_pause, "it did not acknowledge that SMMUEN was cleared");
	plan_all(bringup, 0);
	trials_run(bringup, trials, bringup->smmu_count);
	judge_stopped(bringup);
	for_each_trial(bringup, smmuv3_resume, "it did not acknowledge that SMMUEN was set again");
	plan_all(bringup, IOVA_AFTER);
	trials_run(bringup, trials, bringup->smmu_count);
	judge_resumed(bringup);
	unmap_after(bringup);
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		const struct abort_trial *abort = &aborts[i];

		check_instance(bringup, "abort_all", i,
			       abort->failure ? CHECK_FAIL :
			       abort->skip    ? CHECK_SKIP :
						CHECK_PASS,
			       abort->failure ? abort->failure : abort->skip);
	}
}

void provoke(struct bringup *bringup)
{
	provoke_ordeals(bringup);
	provoke_abort_all(bringup);
	events_report(bringup);
}
