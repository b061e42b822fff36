/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A record of what the driver told its SMMUs: every register write (IHI 0070, 6.3) and every command (IHI 0070, chapter
 * 4), in a ring in RAM that keeps the newest. The console prints it at the end of a run, a debugger dumps it at any
 * time by its symbol smmuv3_trace_ring, and tools/trace decodes both. Events are not in it: the report has them, and a
 * storm of them would leave nothing else.
 *
 * Any core may write, with any lock held and in an interrupt: no lock is taken and nothing is waited for. A counter
 * hands out the places; an entry's `sequence` is its number counted from 1, is cleared before the entry is written and
 * set when it is whole. So an entry whose sequence is not the number that belongs there is torn: its core was stopped
 * in the middle. What is not told apart is a core that was stopped for as long as all others filled the ring once.
 *
 * While the trace is off each call is one test of a flag. While it is on each entry costs two barriers among cores
 * (DMB): a fault that goes away with the trace may be a barrier that is missing.
 *
 * The ring is in cached memory. A halted core reads it as it is; a debugger that reads past the caches sees all of it
 * once it was printed.
 */
#ifndef SMMUV3_TRACE_H
#define SMMUV3_TRACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMMUV3_TRACE_MAGIC "SMMUTRC" /* With its terminator, 8 bytes. */
#define SMMUV3_TRACE_VERSION 1U
#define SMMUV3_TRACE_CAPACITY 2048U /* Entries: some eight registrations and their checks fit. */

/* The letters of the console's lines. */
enum smmuv3_trace_kind {
	SMMUV3_TRACE_WRITE = 'W',
	SMMUV3_TRACE_REFUSED = 'X',
	SMMUV3_TRACE_COMMAND = 'C',
	SMMUV3_TRACE_ERROR = 'G',
};

/* Little-endian; what a debugger dumps. */
struct smmuv3_trace_entry {
	uint64_t ticks;		   /* Of the architected timer. */
	_Atomic uint32_t sequence; /* Number of the entry, counted from 1; 0: being written. */
	uint8_t kind;
	uint8_t instance;
	uint16_t core;
	uint64_t value[2]; /* As on the console's lines. */
};

struct smmuv3_trace_ring {
	char magic[8]; /* SMMUV3_TRACE_MAGIC; zeroes as long as the trace was never started. */
	uint32_t version;
	uint32_t header_size;	/* Bytes from the ring's start to its first entry. */
	uint32_t entry_size;	/* Bytes. */
	uint32_t capacity;	/* Entries. */
	_Atomic uint32_t count; /* Places handed out since the start; the next is at count % capacity. */
	uint32_t tick_hz;
	struct smmuv3_trace_entry entry[SMMUV3_TRACE_CAPACITY];
};

_Static_assert(sizeof(struct smmuv3_trace_entry) == 32, "tools/trace: an entry is 32 bytes.");
_Static_assert(offsetof(struct smmuv3_trace_ring, entry) == 32, "tools/trace: the header is 32 bytes.");

extern struct smmuv3_trace_ring smmuv3_trace_ring;
extern _Atomic bool smmuv3_trace_on;

/* Empties the ring and starts recording. Boot core, while no other core writes. */
void smmuv3_trace_start(void);

/*
 * Stops recording, and makes what was recorded visible to a debugger that reads past the caches. False where nothing
 * was recorded since the last stop. Any core.
 */
bool smmuv3_trace_stop(void);

/* Entries so far, and how many of them newer ones have overwritten. */
uint32_t smmuv3_trace_count(void);
uint32_t smmuv3_trace_lost(void);

/* The entry of this number (from 0), or NULL for one that is torn. Only what is not lost, after a stop. */
const struct smmuv3_trace_entry *smmuv3_trace_entry(uint32_t number);

/* Writes one entry. Use the functions below, which look at the flag first. */
void smmuv3_trace_record(enum smmuv3_trace_kind kind, unsigned int instance, uint64_t first, uint64_t second);

static inline bool smmuv3_trace_is_on(void)
{
	return atomic_load_explicit(&smmuv3_trace_on, memory_order_relaxed);
}

/* `instance` is the index of iommu.h; `offset` counts from page 0. A refused write has not reached the register. */
static inline void smmuv3_trace_register(unsigned int instance, unsigned int offset, uint32_t value, bool refused)
{
	if (smmuv3_trace_is_on()) {
		smmuv3_trace_record(refused ? SMMUV3_TRACE_REFUSED : SMMUV3_TRACE_WRITE, instance, offset, value);
	}
}

static inline void smmuv3_trace_command(unsigned int instance, uint64_t dword0, uint64_t dword1)
{
	if (smmuv3_trace_is_on()) {
		smmuv3_trace_record(SMMUV3_TRACE_COMMAND, instance, dword0, dword1);
	}
}

/* `active` is GERROR ^ GERRORN (IHI 0070, 6.3.19). */
static inline void smmuv3_trace_error(unsigned int instance, uint32_t active)
{
	if (smmuv3_trace_is_on()) {
		smmuv3_trace_record(SMMUV3_TRACE_ERROR, instance, active, 0);
	}
}

#endif
