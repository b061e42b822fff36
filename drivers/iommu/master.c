/* SPDX-License-Identifier: BSD-2-Clause */
/* Masters: their streams, links and states. */
#include <errno.h>
#include <stddef.h>

#include "iommu/core.h"

#define LINK_STATE_MASK 0xffU

enum link_state link_state(const struct iommu_link *link)
{
	return (enum link_state)(word_load(&link->state) & LINK_STATE_MASK);
}

static struct iommu_link *link_to(struct iommu_master *master, struct iommu *iommu)
{
	struct iommu_link *link;

	for (unsigned int i = 0; i < master->link_count; i++) {
		if (master->link[i].iommu == iommu) {
			return &master->link[i];
		}
	}
	if (master->link_count == IOMMU_LINKS_MAX) {
		return NULL;
	}
	link = &master->link[master->link_count++];
	*link = (struct iommu_link){.master = master, .iommu = iommu, .sid = &master->sid[master->sid_count]};
	return link;
}

/* The links' lists lie one behind the other in master->sid[]: inserting moves the later ones along. */
static void insert_sid(struct iommu_master *master, struct iommu_link *link, uint32_t sid)
{
	unsigned int at = (unsigned int)(link->sid - master->sid);
	unsigned int end = at + link->sid_count;

	while (at < end && master->sid[at] < sid) {
		at++;
	}
	if (at < end && master->sid[at] == sid) {
		return;
	}
	for (unsigned int i = master->sid_count; i > at; i--) {
		master->sid[i] = master->sid[i - 1];
	}
	master->sid[at] = sid;
	master->sid_count++;
	link->sid_count++;
	for (struct iommu_link *later = link + 1; later < master->link + master->link_count; later++) {
		later->sid++;
	}
}

int iommu_master_stream(struct iommu_master *master, struct iommu *iommu, uint32_t sid)
{
	struct iommu_link *link;

	if (master->sid_count == IOMMU_SIDS_MAX) {
		return -ENOSPC;
	}
	link = link_to(master, iommu);
	if (!link) {
		return -ENOSPC;
	}
	insert_sid(master, link, sid);
	return 0;
}

int iommu_master_add(struct iommu_core *core, struct iommu_master *master)
{
	uint32_t place = word_load(&core->master_count);

	if (place == IOMMU_MASTERS_MAX) {
		return -ENOSPC;
	}
	core->master[place] = master;
	word_store(&core->master_count, place + 1);
	/* Pairs with the fence in iommu_register(): a walk that is ending sees the master, or this core sees READY. */
	word_fence();
	for (unsigned int i = 0; i < master->link_count; i++) {
		struct iommu *iommu = master->link[i].iommu;

		if (iommu_state(iommu) == IOMMU_READY) {
			iommu_probe_late(&master->link[i]);
		}
	}
	return 0;
}

enum master_state master_state(const struct iommu_master *master)
{
	enum master_state state = MASTER_READY;

	for (unsigned int i = 0; i < master->link_count; i++) {
		enum link_state link = link_state(&master->link[i]);

		if (link == LINK_QUARANTINED) {
			return MASTER_QUARANTINED;
		}
		if (link != LINK_READY) {
			state = MASTER_DESCRIBED;
		}
	}
	return state;
}

const char *master_state_name(enum master_state state)
{
	static const char *const names[] = {"described", "ready", "quarantined"};

	return names[state];
}

struct iommu_master *iommu_master_of(const struct iommu_core *core, const struct iommu *iommu, uint32_t sid)
{
	uint32_t count = word_load(&core->master_count);

	for (uint32_t m = 0; m < count; m++) {
		for (unsigned int l = 0; l < core->master[m]->link_count; l++) {
			const struct iommu_link *link = &core->master[m]->link[l];

			for (unsigned int s = 0; link->iommu == iommu && s < link->sid_count; s++) {
				if (link->sid[s] == sid) {
					return core->master[m];
				}
			}
		}
	}
	return NULL;
}
