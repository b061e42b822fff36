/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The checks with real DMA, in the order of the main page, and their report. Boot core, after the clients have settled,
 * unless a comment says otherwise.
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

/* Counted for the verdict. */
struct tally {
	unsigned int checks_passed;
	unsigned int checks_failed;
	unsigned int checks_skipped;
	unsigned int translates_passed;
	unsigned int mismatches;
	unsigned int differences;
	unsigned int unexpected_events;
	const char *mismatched;	    /* The master of the first mismatch, */
	const char *unexpected;	    /* and the master or instance of the first unexpected event, or NULL. */
	const char *trouble;	    /* The first failure outside a check. */
	const char *failed_check;   /* The first check that failed, or NULL; */
	const char *failed_subject; /* and which master's or instance's it was. */
};

/* The machine under test. */
struct bringup {
	const struct description *description;
	const struct stream_description *other; /* A second description of its streams, or NULL. */
	struct smmuv3 *const *smmu;
	const char *const *smmu_name; /* "smmu0"... */
	unsigned int smmu_count;
	struct master *master;
	unsigned int master_count;
	struct iommu_core *core;
	struct pci_host *pci;
	unsigned int pci_count;
	unsigned int cores;
	enum smmuv3_handover handover;
	const bool *unusable;		 /* Registers could not be read, or it did not stop. */
	bool quick;			 /* selftest=quick: only harmless checks. */
	unsigned int differences_unsaid; /* Differences without a record. */
	struct tally tally;
};

/* A check's result: record, finding, line. */
enum check_result { CHECK_PASS, CHECK_FAIL, CHECK_SKIP };
void check_master(struct bringup *bringup, const char *check, const struct master *master, enum check_result result,
		  const char *detail);
void check_instance(struct bringup *bringup, const char *check, unsigned int smmu, enum check_result result,
		    const char *detail);

/* registration_footprint, for each instance: around its registration. */
void footprint_before(struct bringup *bringup, unsigned int registered);
void footprint_after(struct bringup *bringup, unsigned int registered);

/*
 * Compares the description with itself, with a second one, with the ID registers and with PCI; compare_interrupts():
 * with the interrupts that came after the provoked errors. One `difference` record each.
 */
void compare(struct bringup *bringup);
/* One difference between the description in use and `against` ("hardware", or its own source): record and line. */
void compare_differ(struct bringup *bringup, const char *against, const char *subject, const char *format, ...)
	__attribute__((format(printf, 4, 5)));
void compare_interrupts(struct bringup *bringup);

/* Each master that can be driven does one DMA while nothing is mapped: which SMMU sees it? */
void observe(struct bringup *bringup);

/* For each master: translate, read_only, unmap, isolation. Unmaps all that it maps. */
void prove(struct bringup *bringup);

/*
 * For each instance: provokes errors of queues, structures and translations, and shows recovery by a DMA that arrives
 * after each; and abort_all.
 */
void provoke(struct bringup *bringup);

/*
 * Acts on what interrupts noted: fails a failing instance and names its masters, quarantines a storming master. Between
 * the phases of the main page.
 */
void attend(struct bringup *bringup);

/* For smmuv3_config.on_storm: any core, any context. */
void storms_note(struct smmuv3 *smmu, uint32_t sid, bool silenced);

/* Turns bus mastering off, leaves each instance as the policy says, verifies it. */
void hand_over(struct bringup *bringup);

/* Records and lines of instances; of masters and clients. */
void report_instances(struct bringup *bringup);
void report_masters(struct bringup *bringup);

/*
 * Stops the trace and prints it, at any log level; nothing if it is off. Any core that may take LOCK_RANK_CONSOLE or
 * has taken over the console.
 */
void report_trace(void);

/* Record and lines of the verdict; true: pass. */
bool verdict(struct bringup *bringup, uint64_t ticks);

/* Verdict "fail" of a run that ends here, with the counts so far. Any core; `bringup` may be NULL. */
void verdict_fatal(const struct bringup *bringup, const char *reason, uint64_t ticks);

#endif
