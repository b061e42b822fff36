/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A trial: one DMA of one master, its expected end and events, and what happened. Checks are rows of trials;
 * trial_judge() judges all. Several run at once, because some masters are slow.
 */
#ifndef CHECKS_TRIAL_H
#define CHECKS_TRIAL_H

#include "checks/events.h"

#define TRIAL_CANARY 0xa5U
#define TRIAL_SHORT 4U		       /* Bytes of a DMA that should be stopped: one event each. */
#define TRIAL_SOURCE 2048U	       /* Offset in the page of a copy's source, if it has no other. */
#define TRIAL_IOVA_FIRST 0x01000000ULL /* Range of every address that checks map or try. */
#define TRIAL_IOVA_SIZE 0x0f000000ULL
#define TRIAL_LONG 64U /* Bytes of a DMA that should arrive. */
#define TRIALS_MAX 128U
#define TRIALS_AT_ONCE 32U /* A stopped DMA of an NVMe makes 16 events: half of 1024 entries. */
#define TRIAL_WORDS 160U
#define TRIAL_EVENTS_MAX 4096U /* Events of one trial; with more, the device retries endlessly. */
#define TRIAL_EVENT_US 200000U /* For the outcome, from the device's end: writes and records are posted. */
#define TRIAL_SILENCE_US 5000U /* No event for so long: none is coming. */

/* Expected effect on memory. */
enum trial_end {
	TRIAL_STOPPED, /* Unchanged. */
	TRIAL_ARRIVES, /* A write changes it; */
	TRIAL_CARRIES, /* and to the right bytes. A read ends without error. */
};

/* Whether the instance has to notice that a record could not be written. */
enum trial_loss {
	LOSS_ANYHOW,
	LOSS_ABORTED, /* By EVENTQ_ABT_ERR; */
	LOSS_NOTICED, /* or by an overflow. */
};

#define TRIAL_CODES 3U

/* Expected events are of the trial's stream and direction, at the tried page. */
struct expectation {
	enum trial_end end;
	uint8_t code[TRIAL_CODES]; /* Each event has one of these. */
	bool everywhere;	   /* All of the master's DMA is stopped, its queues too. */
	enum trial_loss loss;
	uint16_t least;	    /* As many events at least, */
	uint16_t most;	    /* and at most: devices retry. */
	uint32_t within_us; /* For memory, the first event and a loss, from the device's end. */
};

/* It arrives, and is silent. */
#define EXPECT_ARRIVAL(how)                                                                                            \
	{                                                                                                              \
		.end = (how), .within_us = TRIAL_EVENT_US                                                              \
	}
/* It is stopped, with events of these codes. */
#define EXPECT_STOPPED(fewest, ...)                                                                                    \
	{                                                                                                              \
		.end = TRIAL_STOPPED, .code = {__VA_ARGS__}, .least = (fewest), .most = TRIAL_EVENTS_MAX,              \
		.within_us = TRIAL_EVENT_US                                                                            \
	}

struct trial {
	/* Input. */
	struct master *master; /* NULL: no trial. */
	unsigned int smmu;     /* Stream of the expected events: the master's own, */
	uint32_t sid;
	bool borrowed; /* or one of another instance, where they may come out instead. */
	bool write;
	bool stray; /* Nothing is mapped: the master emits the physical address. */
	uint64_t address;
	uint64_t source; /* For a master that copies; 0: other half of the page. */
	uint8_t *memory; /* Where the DMA would land, or NULL; a write first gets canaries there. */
	uint32_t length;
	uint32_t round;	  /* For trial_fill(): which bytes to carry. */
	uint32_t aborted; /* counts.aborted_events of `smmu` before. */
	struct expectation expect;
	/* Result. */
	int error;	     /* 0: the device is done; -EIO: it noticed an error; -ETIMEDOUT; or start()'s -errno. */
	bool touched;	     /* The write changed `memory`. */
	bool late;	     /* It took longer than `within_us`. */
	unsigned int since;  /* Event mark before the trial. */
	unsigned int events; /* From trial_judge(): expected events that came. */
	bool running;	     /* The device is not done; */
	bool awaited;	     /* or it is, and the rest of it has not come. */
	char words[TRIAL_WORDS]; /* From trial_judge(); may be empty. */
};

/* Starts all trials at once, waits for the last, 10 s at most, and looks at the memory. Any core. */
void trials_drive(struct trial *trials, unsigned int count);

/*
 * Drives the trials, TRIALS_AT_ONCE together; waits for the outcome of each, as long as it may take, then for
 * TRIAL_SILENCE_US without events, TRIAL_EVENT_US at most. Boot core.
 */
void trials_run(struct bringup *bringup, struct trial *trials, unsigned int count);

/*
 * Compares a trial's outcome with its expectation and claims the expected events; others remain unexpected. `words`
 * describes a difference.
 *
 * Return:      CHECK_PASS
 *              CHECK_FAIL it was different
 *              CHECK_SKIP no such trial here: wrong device for the driver, nothing to read, or an emulator lacks the
 *                         event
 */
enum check_result trial_judge(const struct bringup *bringup, struct trial *trial);

/* Its part about memory, for a master that no event is looked for: NULL, or what was different. Any core. */
const char *trial_wrong_end(const struct trial *trial, const char **note);

/* Has the instance noticed a lost record, if it has to? GERROR and PROD follow the DMA. Boot core. */
bool trial_has_noticed_loss(const struct bringup *bringup, const struct trial *trial);

/* Expected events that have come and are not claimed; claims them. */
unsigned int trial_events(const struct trial *trial);
void trial_claim(const struct trial *trial);

/*
 * Does an error of start() or poll() blame the device, not its DMA? All but -EIO (the device reports a failure) and
 * -ETIMEDOUT.
 */
bool trial_is_device_fault(int error);

/* First instance and stream ID of the master's description. It has a stream. */
unsigned int trial_instance(const struct master *master);
uint32_t trial_sid(const struct master *master);

/*
 * May an event with address `seen` belong to a DMA to `tried`? Same page, or the address cut to the bits that the
 * master emits (24 at least).
 */
bool trial_agrees(uint64_t seen, uint64_t tried);

/* Is the event as expected, but for its stream? */
bool trial_causes(const struct trial *trial, const struct smmuv3_event *event);

/* Uses of a master; each includes the conditions of those before. */
enum trial_use {
	USE_STRAY,    /* DMA while nothing is mapped for it. */
	USE_MAPPED,   /* DMA to mapped and unmapped addresses. */
	USE_REPEATED, /* DMA that was seen to arrive before. */
};

/*
 * Which masters may be driven, for all checks.
 *
 * Return:      NULL, or why this master may not
 */
const char *trial_unfit(const struct master *master, enum trial_use use);

/* Address of one of a master's private pages; the driver's work pages follow after MASTER_PAGES. Below 256 MiB. */
uint64_t trial_iova(const struct master *master, unsigned int page);

/*
 * Map the driver's work pages, which every trial but a stray one needs, and prepare the device; unmap them, the device
 * stopped, before the master's other pages.
 *
 * Return:      0
 *              -ENODEV    the device cannot be driven (master->unfit); nothing is left mapped
 *              others     as iommu_map()
 */
int trial_map_work(const struct bringup *bringup, struct master *master);
void trial_unmap_work(struct master *master);

/*
 * Fills memory with bytes that are unique to master and `round`, without canaries. trial_arrived(): did a write bring
 * the right bytes (these, the driver's pattern, or what its verify() accepts)? `words`: a remark for a pass, or NULL.
 * Any core.
 */
void trial_fill(const struct master *master, uint32_t round, uint8_t *memory, uint32_t length);
bool trial_arrived(const struct master *master, uint32_t round, const uint8_t *memory, uint32_t length,
		   const char **words);

/* `wanted`, within the lengths that the driver can do. */
uint32_t trial_length(const struct master *master, uint32_t wanted);

#endif
