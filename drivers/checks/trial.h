/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One DMA of one master, what it is to lead to, and what came of it: a check is a row of trials, and trial_judge() is
 * the one judge of all. Several trials run at once: slow masters overlap.
 */
#ifndef CHECKS_TRIAL_H
#define CHECKS_TRIAL_H

#include "checks/events.h"

#define TRIAL_CANARY 0xa5U
#define TRIAL_SHORT 4U		       /* Bytes of a DMA that is meant to be stopped: one event each. */
#define TRIAL_SOURCE 2048U	       /* In a page: where a copy comes from that has no source of its own. */
#define TRIAL_IOVA_FIRST 0x01000000ULL /* Every address that a check lets a master use, or try, is in here. */
#define TRIAL_IOVA_SIZE 0x0f000000ULL
#define TRIAL_LONG 64U /* Bytes of a DMA that is meant to arrive. */
#define TRIALS_MAX 128U
#define TRIALS_AT_ONCE 32U /* A stopped DMA is 16 events of an NVMe: half of an event queue of 1024 entries. */
#define TRIAL_WORDS 160U
#define TRIAL_EVENTS_MAX 4096U /* Of one trial: a device that tries more often does not give up. */
#define TRIAL_EVENT_US                                                                                                 \
	200000U /* How long the end of a trial is waited for once the device is done: writes are posted,               \
		   and a record is written behind the DMA that it tells of. */
#define TRIAL_SILENCE_US 5000U /* No event for so long: none comes any more. */

/* What becomes of the memory. */
enum trial_end {
	TRIAL_STOPPED, /* It stays as it was. */
	TRIAL_ARRIVES, /* A write changes it; */
	TRIAL_CARRIES, /* and the bytes are those that were given to the master to carry. A read ends without error. */
};

/* Which events a trial leads to: of the master's own stream, of this code, at the page that was tried. */
enum trial_report {
	TRIAL_SILENT,	/* None. */
	TRIAL_REPORTED, /* One, or more where the device tries again. */
	TRIAL_UNHEARD,	/* Any number: they may be lost, or the device may have nowhere to go. */
};

struct expectation {
	enum trial_end end;
	enum trial_report report;
	unsigned int code; /* Of the events. */
	bool everywhere; /* All of the master's DMA is stopped, not what it does at `address` alone: its queues, too. */
};

struct trial {
	/* Asked for. */
	struct master *master; /* NULL: nothing is run, and nothing came of it. */
	bool write;
	bool stray; /* Nothing is mapped for the master: it shall emit the address as it is. */
	uint64_t address;
	uint64_t source; /* For a master that copies: where from; 0: from the other half of the same page. */
	uint8_t *memory; /* Where the DMA would land, or NULL; filled with canaries first when it is a write. */
	uint32_t length;
	uint32_t round; /* Of trial_fill(): which bytes it is to carry. */
	struct expectation expect;
	/* Found out. */
	int error;    /* 0 when the device was done; -EIO where it noticed an error; -ETIMEDOUT; -errno of the start. */
	bool touched; /* A write changed `memory`. */
	unsigned int since; /* Mark in the event log before it began. */
	bool running;
	char words[TRIAL_WORDS]; /* Of the judge; empty where there is nothing to say. */
};

/*
 * Starts them all at once and waits for the last one, at most ten seconds, and finds out what became of the memory.
 * Any core.
 */
void trials_drive(struct trial *trials, unsigned int count);

/*
 * Drives TRIALS_AT_ONCE of them after the other, and waits for what each is to lead to: at most TRIAL_EVENT_US; then
 * until no event has come for TRIAL_SILENCE_US, for at most as long again. Boot core.
 */
void trials_run(struct bringup *bringup, struct trial *trials, unsigned int count);

/*
 * Compares all that a trial was to lead to with what came of it, and claims the events that it was to lead to: any
 * other is unexpected. `words` says what was different.
 *
 * Return:      CHECK_PASS
 *              CHECK_FAIL   something was different
 *              CHECK_SKIP   the trial could not be made: the device is not what its driver is for, has nothing to
 *                           read, or an emulator has no such event
 */
enum check_result trial_judge(const struct bringup *bringup, struct trial *trial);

/* How many events of those that it is to lead to have come, and are not claimed yet. */
unsigned int trial_events(const struct trial *trial);

/*
 * Whether an error of a driver's start() or poll() says that the device, and not its DMA, is the trouble: anything but
 * -EIO (it reports that it failed) and -ETIMEDOUT.
 */
bool trial_is_device_fault(int error);

/* The instance and the stream ID that the master is described with first. It has a stream. */
unsigned int trial_instance(const struct master *master);
uint32_t trial_sid(const struct master *master);

/*
 * Whether an event that names `seen` may tell of a DMA to `tried`: of the same page, or of what is left of it in a
 * master that emits fewer bits of an address, but 24 at least.
 */
bool trial_agrees(uint64_t seen, uint64_t tried);

/* Whether an event names what a stray trial's DMA emits: a master with queues, or one that copies, fetches as well. */
bool trial_strays(const struct trial *trial, const struct smmuv3_event *event);

/* What a master is wanted for: for each, all that is asked for by those before it, and more. */
enum trial_use {
	USE_STRAY,    /* A DMA while nothing is mapped for it. */
	USE_MAPPED,   /* DMA to what is mapped for it, and to what is not. */
	USE_REPEATED, /* DMA that has been seen to arrive before. */
};

/*
 * Who may be driven, for all checks.
 *
 * Return:      NULL, or in words why the master may not be used so
 */
const char *trial_unfit(const struct master *master, enum trial_use use);

/* The private address of one of a master's pages; its driver's work pages follow the MASTER_PAGES. All below 256 MiB.
 */
uint64_t trial_iova(const struct master *master, unsigned int page);

/*
 * Maps the driver's work pages, without which no trial but a stray one can run, and makes the device ready; and takes
 * them away again, the device quiet, before anything else of the master's is unmapped. 0; the mapping's -errno, or
 * -ENODEV where the device cannot be driven (master->unfit), with nothing left mapped.
 */
int trial_map_work(const struct bringup *bringup, struct master *master);
void trial_unmap_work(struct master *master);

/*
 * What a master is given to carry: bytes that no other master has, others each `round`, and no canary. And whether they
 * are what a write brought to `memory`: what was fetched or copied, the pattern of a master that can do neither, or
 * what its driver verifies; `words` (or NULL) says what a person has to know of a pass. Any core.
 */
void trial_fill(const struct master *master, uint32_t round, uint8_t *memory, uint32_t length);
bool trial_arrived(const struct master *master, uint32_t round, const uint8_t *memory, uint32_t length,
		   const char **words);

/* A length that the master can do, of at most `wanted`. */
uint32_t trial_length(const struct master *master, uint32_t wanted);

#endif
