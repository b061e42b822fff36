/* SPDX-License-Identifier: BSD-2-Clause */
/* The checks with real DMA. Boot core, after the clients have settled, unless noted. */
#ifndef CHECKS_CHECKS_H
#define CHECKS_CHECKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/description.h"
#include "iommu/iommu.h"
#include "masters/master.h"
#include "pci/pci.h"
#include "smmuv3/smmuv3.h"

/* What passed and was not said yet. */
#define PASSES_MAX 16U
struct pass {
	const char *check;
	const char *key; /* Of the record: "master" or "instance". */
	unsigned int count;
};

struct tally {
	unsigned int checks_passed;
	unsigned int checks_failed;
	unsigned int checks_skipped;
	unsigned int translates_passed;
	unsigned int mismatches;
	unsigned int differences;
	unsigned int unexpected_events;
	const char *mismatched;	    /* First mismatch's master, or NULL. */
	const char *unexpected;	    /* First unexpected event's master or instance, or NULL. */
	const char *trouble;	    /* Last failure outside a check. */
	const char *failed_check;   /* First check that failed, or NULL; */
	const char *failed_subject; /* and its master or instance. */
	struct pass pass[PASSES_MAX];
	unsigned int pass_count;
};

struct bringup {
	struct description *description; /* Judges of the table add names. */
	const void *table;		 /* The device tree or IORT that is used. */
	size_t table_size;
	const struct stream_description *other; /* Second description, or NULL. */
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
	const bool *unusable; /* Registers not readable, or not stopped. */
	bool quick;
	bool strict;			 /* Interrupts have to be as they are described. */
	uint32_t soak;			 /* In seconds; 0: none. */
	bool monitor;			 /* It waits for commands before the hand-over; */
	bool monitor_on_failure;	 /* where the run fails by then. */
	const char *run;		 /* Its commands without a person, or "". */
	unsigned int differences_unsaid; /* Without a record. */
	uint64_t ticks_at_reset;	 /* Only with pending.c. */
	struct tally tally;
};

/* Each writes record, finding and line: a pass has its own with log=debug alone. */
enum check_result { CHECK_PASS, CHECK_FAIL, CHECK_SKIP };
extern const char check_result_names[][5];
void check_master(struct bringup *bringup, const char *check, const struct master *master, enum check_result result,
		  const char *detail);
void check_instance(struct bringup *bringup, const char *check, unsigned int smmu, enum check_result result,
		    const char *detail);

/* Passes for passes_say(), which says those since its last call: a line for all checks of equally many. Boot core. */
void passes_note(struct bringup *bringup, const char *check, const char *key);
void passes_say(struct bringup *bringup);

/* Around each instance's registration. */
void footprint_before(struct bringup *bringup, unsigned int registered);
void footprint_after(struct bringup *bringup, unsigned int registered);

/* A `difference` record for each. compare_interrupts(): after the provoked errors. */
void compare(struct bringup *bringup);
/* What is found of an interrupt is a finding of its own; with strict=on the run fails by it. */
enum difference_kind { DIFFERENCE_OF_TABLES, DIFFERENCE_OF_INTERRUPT };
/* Record, finding and line. `against`: "hardware", or its own source. */
void compare_differ(struct bringup *bringup, enum difference_kind kind, const char *against, const char *subject,
		    const char *format, ...) __attribute__((format(printf, 5, 6)));
void compare_interrupts(struct bringup *bringup);

/* One DMA of each driven master while nothing is mapped: which SMMU sees it? */
void observe(struct bringup *bringup);

/* Judges the table of a run that touches nothing; `description`, `table`, `table_size`, `strict` are set. Boot core. */
void judge_described(struct bringup *bringup);

/* Of a master that was observed and does not match. */
const char *observe_wrong_words(const struct master *master);

/* The line of a master that was observed, if it is worth one. */
void observe_say(const struct bringup *bringup, const struct master *master, const char *advice);

/* For each master: translate, read_only, unmap, isolation. Unmaps what it maps. */
void prove(struct bringup *bringup);

/* For each instance: provoked errors, with recovery, and abort_all. */
void provoke(struct bringup *bringup);

/* Fails raised instances, quarantines storming masters. Between the phases. */
void attend(struct bringup *bringup);

/* For smmuv3_config.on_storm: any core, any context. */
void storms_note(struct smmuv3 *smmu, uint32_t sid, enum smmuv3_storm_end end);

/* Bus mastering off, each instance as the policy says, verified. */
void hand_over(struct bringup *bringup);

void report_instances(struct bringup *bringup);
void report_masters(struct bringup *bringup);

/* Stops and prints the trace, at any log level. Any core that may take LOCK_RANK_CONSOLE or took over the console. */
void report_trace(void);

/* timeline.c: the records `steps`. Boot core, the other cores off. */
void report_timeline(void);

/* Why the verdict would be "fail" if it was given now, or NULL. Adds no finding. Boot core. */
const char *verdict_so_far(const struct bringup *bringup);

/* True: pass. */
bool verdict(struct bringup *bringup, uint64_t ticks);

/* For describe=only, with nothing touched: true if `reason` is NULL. */
bool verdict_described(const struct bringup *bringup, unsigned int smmu_count, const char *reason, uint64_t ticks);

/*
 * Fails the run with the findings and counts so far; the reason comes last again, behind a long trace. Any core; NULL:
 * the record alone.
 */
void verdict_fatal(const struct bringup *bringup, const char *reason, uint64_t ticks);

#endif
