/* SPDX-License-Identifier: BSD-2-Clause */
/* A trial: one DMA, what is expected and what happened. Several run at once, as some masters are slow. */
#ifndef CHECKS_TRIAL_H
#define CHECKS_TRIAL_H

#include "checks/events.h"

#define TRIAL_CANARY 0xa5U
#define TRIAL_SHORT 4U		       /* For a DMA that should be stopped: one event each. */
#define TRIAL_SOURCE 2048U	       /* A copy's source in the page, by default. */
#define TRIAL_IOVA_FIRST 0x01000000ULL /* First of the addresses that checks use. */
#define TRIAL_IOVA_SIZE 0x0f000000ULL
#define TRIAL_IOVA_COMMON 0x0e000000ULL /* Above the private ones. */
#define TRIAL_LONG 64U			/* For a DMA that should arrive. */
#define TRIALS_MAX 128U
#define TRIALS_AT_ONCE 32U /* With 16 events each (NVMe): half of 1024 entries. */
#define TRIAL_WORDS 160U
#define TRIAL_EVENTS_MAX 4096U /* Beyond, the device retries endlessly. */
#define TRIAL_EVENT_US 200000U /* From the device's end: writes and records are posted. */
#define TRIAL_SILENCE_US 5000U /* After so long without an event none is coming. */

/* Expected effect on memory. */
enum trial_end {
	TRIAL_STOPPED,
	TRIAL_ARRIVES, /* A write changes it, */
	TRIAL_CARRIES, /* and to the right bytes. A read ends without error. */
};

/* Must the instance notice a lost record? */
enum trial_loss {
	LOSS_ANYHOW,
	LOSS_ABORTED, /* By EVENTQ_ABT_ERR, */
	LOSS_NOTICED, /* or by an overflow. */
};

#define TRIAL_CODES 3U

/* Events have the trial's stream, direction and page. */
struct expectation {
	enum trial_end end;
	uint8_t code[TRIAL_CODES];
	bool everywhere; /* All its DMA is stopped, queues too. */
	enum trial_loss loss;
	uint16_t least;
	uint16_t most;	    /* Devices retry. */
	uint32_t within_us; /* For memory, first event and loss, from the device's end. */
};

#define EXPECT_ARRIVAL(how)                                                                                            \
	{                                                                                                              \
		.end = (how), .within_us = TRIAL_EVENT_US                                                              \
	}
#define EXPECT_STOPPED(fewest, ...)                                                                                    \
	{                                                                                                              \
		.end = TRIAL_STOPPED, .code = {__VA_ARGS__}, .least = (fewest), .most = TRIAL_EVENTS_MAX,              \
		.within_us = TRIAL_EVENT_US                                                                            \
	}

struct trial {
	struct master *master; /* NULL: no trial. */
	unsigned int smmu;     /* Of the expected events: the master's, */
	uint32_t sid;
	bool borrowed; /* or another instance's, where the events may come out. */
	bool write;
	bool stray; /* Nothing is mapped: physical address. */
	uint64_t address;
	uint64_t source; /* Of a copy; 0: other half of the page. */
	uint8_t *memory; /* Target, or NULL; a write first gets canaries. */
	uint32_t length;
	uint32_t round;
	uint32_t aborted; /* counts.aborted_events before. */
	struct expectation expect;
	int error; /* 0; -EIO: the device noticed an error; -ETIMEDOUT; or start()'s -errno. */
	bool touched;
	bool late; /* Longer than `within_us`. */
	unsigned int since;
	unsigned int events;	 /* From trial_judge(). */
	bool running;		 /* The device is not done, */
	bool awaited;		 /* or its events or bytes have not come. */
	char words[TRIAL_WORDS]; /* From trial_judge(); may be empty. */
};

/* Starts all at once, waits 10 s at most. Any core. */
void trials_drive(struct trial *trials, unsigned int count);

/*
 * Drives TRIALS_AT_ONCE together; waits `within_us` for outcomes, then for TRIAL_SILENCE_US of silence, TRIAL_EVENT_US
 * at most. Boot core.
 */
void trials_run(struct bringup *bringup, struct trial *trials, unsigned int count);

/*
 * Judges a trial and claims its expected events. `words` describes a difference.
 *
 * Return:      CHECK_PASS
 *              CHECK_FAIL it was different
 *              CHECK_SKIP wrong device, nothing to read, or an event that an emulator lacks
 * Context:     boot core.
 */
enum check_result trial_judge(const struct bringup *bringup, struct trial *trial);

/* NULL, or what was different in memory. Any core. */
const char *trial_wrong_end(const struct trial *trial, const char **note);

/* Was a lost record noticed, if it must be? GERROR and PROD follow the DMA. Boot core. */
bool trial_has_noticed_loss(const struct bringup *bringup, const struct trial *trial);

/*
 * trial_events() counts the expected, unclaimed events; trial_events_ever() also those that were claimed, or came
 * before `since`; trial_claim() claims them.
 */
unsigned int trial_events(const struct trial *trial);
unsigned int trial_events_ever(const struct trial *trial);
void trial_claim(const struct trial *trial);

/* Does the error blame the device? Not -EIO (the device reports a failure) and -ETIMEDOUT. */
bool trial_is_device_fault(int error);

/* Its first stream must exist. */
unsigned int trial_instance(const struct master *master);
uint32_t trial_sid(const struct master *master);

/* May an event at `seen` be of a DMA to `tried`? Same page, or cut to the emitted bits (24 at least). */
bool trial_agrees(uint64_t seen, uint64_t tried);

/* Is the event as expected, except for its stream? */
bool trial_causes(const struct trial *trial, const struct smmuv3_event *event);

/* Each includes those before. */
enum trial_use {
	USE_STRAY,    /* While nothing is mapped. */
	USE_MAPPED,   /* To mapped and unmapped addresses. */
	USE_REPEATED, /* Seen to arrive before. */
};

/* For all checks: NULL, or why this master may not be driven. */
const char *trial_unfit(const struct master *master, enum trial_use use);

/* Of a private page; work pages follow after MASTER_PAGES. Below 256 MiB. */
uint64_t trial_iova(const struct master *master, unsigned int page);

/*
 * Map the driver's work pages (stray trials need none) and prepare the device; stop it and unmap them before other
 * pages.
 *
 * Return:      0
 *              -ENODEV    master->unfit says why; nothing is left mapped
 *              others     as iommu_map()
 * Context:     one core at a time for a master; waits for the device and the SMMU.
 */
int trial_map_work(const struct bringup *bringup, struct master *master);
void trial_unmap_work(struct master *master);

/*
 * Fill memory with unique bytes, no canaries. trial_arrived(): did a write bring these, the driver's pattern, or what
 * verify() accepts? `words`: a remark for a pass, or NULL. Any core.
 */
void trial_fill(const struct master *master, uint32_t round, uint8_t *memory, uint32_t length);
bool trial_arrived(const struct master *master, uint32_t round, const uint8_t *memory, uint32_t length,
		   const char **words);

/* `wanted`, within the driver's lengths. */
uint32_t trial_length(const struct master *master, uint32_t wanted);

#endif
