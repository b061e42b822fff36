/* SPDX-License-Identifier: BSD-2-Clause */
/* One DMA of one master, and what came of it. Many trials run at once: slow masters overlap. */
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

struct trial {
	/* Asked for. */
	struct master *master; /* NULL: nothing is run, and nothing came of it. */
	bool write;
	bool stray; /* Nothing is mapped for the master: it shall emit the address as it is. */
	uint64_t address;
	uint64_t source; /* For a master that copies: where from; 0: from the other half of the same page. */
	uint8_t *memory; /* Where the DMA would land, or NULL; filled with canaries first when it is a write. */
	uint32_t length;
	/* Found out. */
	int error;    /* 0 when the device was done; -EIO where it noticed an error; -ETIMEDOUT; -errno of the start. */
	bool touched; /* A write changed `memory`. */
	unsigned int since; /* Mark in the event log before it began. */
	bool running;
};

/* Runs them all at once, waits (bounded) for the last one, and drains the event queues. */
void trials_run(struct bringup *bringup, struct trial *trials, unsigned int count);

/* The first event that the trial caused on the master's own described stream, claimed; or NULL. */
const struct logged_event *trial_event(const struct trial *trial);

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
