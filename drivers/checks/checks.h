/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is checked with real DMA, in the order of the main page, and what is reported of it. Everything here runs on the
 * boot core, after the clients have settled, unless a comment says otherwise.
 */
#ifndef CHECKS_CHECKS_H
#define CHECKS_CHECKS_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/description.h"
#include "iommu/iommu.h"
#include "masters/master.h"
#include "pci/pci.h"
#include "smmuv3/smmuv3.h"

/* What the verdict counts. */
struct tally {
	unsigned int checks_passed;
	unsigned int checks_failed;
	unsigned int checks_skipped;
	unsigned int translates_passed;
	unsigned int mismatches;
	unsigned int differences;
	unsigned int unexpected_events;
	const char *trouble; /* What failed the run outside of a check: the first of it. */
};

/* The machine under test, as it has been brought up. */
struct bringup {
	const struct description *description;
	const struct stream_description *other; /* A second description of its streams, or NULL. */
	struct smmuv3 *smmu;
	const char *const *smmu_name; /* "smmu0"... */
	unsigned int smmu_count;
	struct master *master;
	unsigned int master_count;
	struct iommu_core *core;
	struct pci_host *pci;
	unsigned int pci_count;
	unsigned int cores;
	enum smmuv3_handover handover;
	const bool *unusable;		 /* Whose registers could not be read, or who did not stop. */
	bool quick;			 /* selftest=quick: only what damages nothing. */
	unsigned int differences_unsaid; /* Beyond what has a record. */
	struct tally tally;
};

/* One finding: record and words. */
enum check_result { CHECK_PASS, CHECK_FAIL, CHECK_SKIP };
void check_master(struct bringup *bringup, const char *check, const struct master *master, enum check_result result,
		  const char *detail);
void check_instance(struct bringup *bringup, const char *check, unsigned int smmu, enum check_result result,
		    const char *detail);

/* Per instance: registration_footprint. Around its registration. */
void footprint_before(struct bringup *bringup, unsigned int registered);
void footprint_after(struct bringup *bringup, unsigned int registered);

/*
 * The description against itself, a second one, the ID registers and PCI; and, once interrupts were provoked, against
 * those that came. A `difference` record each.
 */
void compare(struct bringup *bringup);
/* One more, of the description that is used from `against` ("hardware", or its own source): a record, and a line. */
void compare_differ(struct bringup *bringup, const char *against, const char *subject, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void compare_interrupts(struct bringup *bringup);

/* Each master that can be driven does one DMA while no domain holds a mapping: who saw it? */
void observe(struct bringup *bringup);

/* Per master: translate, read_only, unmap, isolation. Maps, and unmaps all of it again. */
void prove(struct bringup *bringup);

/*
 * Per instance: errors of its queues, of its structures and of translations, provoked and recovered from, with a DMA
 * that arrives after each; and abort_all.
 */
void provoke(struct bringup *bringup);

/*
 * Acts upon what interrupts have noticed since: fails an instance in service failure mode and names its masters,
 * quarantines a master whose events do not end. Between the phases of the main page.
 */
void attend(struct bringup *bringup);

/* smmuv3.on_storm: any core, any context. */
void storms_note(struct smmuv3 *smmu, uint32_t sid, bool silenced);

/* Bus mastering off, each instance left as the policy says, and verified. */
void hand_over(struct bringup *bringup);

/* Records and lines for instances, and for masters and their clients. */
void report_instances(struct bringup *bringup);
void report_masters(struct bringup *bringup);

/*
 * Stops the trace and prints it at any log level; nothing where it is off, so that it is printed once. Any core that
 * may take LOCK_RANK_CONSOLE, or has taken the console over.
 */
void report_trace(void);

/* Counts, the verdict record and its words. Returns whether it is a pass. */
bool verdict(struct bringup *bringup, uint64_t ticks);

/* The verdict of a run that ends here, from any core: result fail, with this reason and the counts so far. `bringup`
 * may be NULL. */
void verdict_fatal(const struct bringup *bringup, const char *reason, uint64_t ticks);

#endif
