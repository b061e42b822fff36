/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compares the description with a second table, ID registers and PCI. A difference is only a warning: observed
 * DMA decides.
 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/arch.h"
#include "checks/checks.h"
#include "checks/difference.h"
#include "checks/phase.h"
#include "firmware/findings.h"
#include "report/finding.h"
#include "report/print.h"
#include "report/record.h"

/* --- ID registers. --- */

static void compare_reach(struct bringup *bringup, struct smmuv3 *smmu, const char *master, uint32_t last)
{
	unsigned int bits = smmuv3_features(smmu)->sid_bits;

	if (bits < 32 && last >> bits) {
		compare_differ(bringup, DIFFERENCE_OF_TABLES, "idr", master,
			       "its stream 0x%" PRIx32
			       " of %s has more than the %u bits of IDR1.SIDSIZE: no device can emit it",
			       last, smmuv3_iommu(smmu)->name, bits);
	}
}

static void compare_registers(struct bringup *bringup, unsigned int i)
{
	const struct stream_description *streams = &bringup->description->streams;
	struct smmuv3 *smmu = bringup->smmu[i];
	unsigned int described;
	const struct smmu_description *from = difference_described(bringup, i, &described);
	bool coherent = smmuv3_features(smmu)->coherent_access;

	if (!from) {
		return;
	}
	if (from->coherent != coherent) {
		compare_differ(bringup, DIFFERENCE_OF_TABLES, "idr", from->name,
			       "it is described as %scoherent, and IDR0.COHACC is %u: the description is followed",
			       from->coherent ? "" : "not ", coherent);
	}
	for (unsigned int k = 0; k < streams->fixed_count; k++) {
		if (streams->fixed[k].enabled && streams->fixed[k].smmu == described) {
			compare_reach(bringup, smmu, streams->fixed[k].master, streams->fixed[k].last);
		}
	}
	for (unsigned int k = 0; k < streams->window_count; k++) {
		if (streams->window[k].enabled && streams->window[k].smmu == described) {
			compare_reach(bringup, smmu, streams->window[k].master,
				      description_window_last(&streams->window[k]));
		}
	}
}

/* --- PCI. --- */

static bool has_windows(const struct stream_description *streams, uint32_t segment)
{
	for (unsigned int i = 0; i < streams->window_count; i++) {
		if (streams->window[i].enabled && streams->window[i].segment == segment) {
			return true;
		}
	}
	return false;
}

static void compare_function(struct bringup *bringup, const struct master *master)
{
	if (master->pci && !master->iommu.link_count && !master->iommu.reason &&
	    has_windows(&bringup->description->streams, master->pci->host->segment)) {
		compare_differ(bringup, DIFFERENCE_OF_TABLES, "pci", master->device.name,
			       "its requester ID 0x%x is in no window of its host: no SMMU is described for it",
			       (unsigned int)master->requester_id);
	}
}

static const char *source_words(const struct stream_description *streams)
{
	return streams->source == DESCRIPTION_IORT ? "IORT" : "device tree";
}

void compare(struct bringup *bringup)
{
	const struct stream_description *streams = &bringup->description->streams;

	if (bringup->other) {
		struct difference_pair pair = {bringup, difference_source(streams), difference_source(bringup->other),
					       DIFFERENCE_OF_TABLES};

		(void)findings_between(streams, source_words(streams), bringup->other, source_words(bringup->other),
				       difference_take, &pair);
	}
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		if (!bringup->unusable[i]) {
			compare_registers(bringup, i);
		}
	}
	for (unsigned int i = 0; i < bringup->master_count; i++) {
		compare_function(bringup, &bringup->master[i]);
	}
	difference_say_unsaid(bringup);
}

PHASE(10, compare, "compare    the description with the other table, the ID registers and PCI", compare, NULL);
