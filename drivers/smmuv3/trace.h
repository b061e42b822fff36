/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Trace of what the driver told its SMMUs: register writes (IHI 0070 6.3) and commands (chapter 4), in a ring in RAM
 * that keeps the newest. The console prints it after a run, a debugger can dump smmuv3_trace_ring at any time;
 * tools/trace decodes both. Events are not traced: the report has them, and a storm would overwrite all else.
 *
 * Any core may record, with any lock held and in interrupts: it takes no lock and does not wait. A counter hands out
 * entries. An entry's `sequence`, its number from 1, is cleared before the entry is written and set after, so another
 * value there means a torn entry. Not detected: a core stopped while the others fill the whole ring.
 *
 * Off, a call tests one flag; on, an entry costs two DMBs, so a fault that the trace hides may be a missing barrier.
 *
 * The ring is cached: a halted core reads it right; a debugger that reads past the caches sees all of it only after
 * smmuv3_trace_stop().
 */
#ifndef SMMUV3_TRACE_H
#define SMMUV3_TRACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMMUV3_TRACE_MAGIC "SMMUTRC" /* 8 bytes with its terminator. */
#define SMMUV3_TRACE_VERSION 1U
#define SMMUV3_TRACE_CAPACITY 2048U /* About eight registrations with their checks. */

/* Letters of the console's lines. */
enum smmuv3_trace_kind {
	SMMUV3_TRACE_WRITE = 'W',
	SMMUV3_TRACE_REFUSED = 'X',
	SMMUV3_TRACE_COMMAND = 'C',
	SMMUV3_TRACE_ERROR = 'G',
};

/* Little-endian; debuggers dump it. */
struct smmuv3_trace_entry {
	uint64_t ticks;		   /* Architected timer. */
	_Atomic uint32_t sequence; /* Number from 1; 0: being written. */
	uint8_t kind;
	uint8_t instance;
	uint16_t core;
	uint64_t value[2]; /* As on the console's lines. */
};

struct smmuv3_trace_ring {
	char magic[8]; /* SMMUV3_TRACE_MAGIC; 0 if the trace was never started. */
	uint32_t version;
	uint32_t header_size;	/* Bytes before the first entry. */
	uint32_t entry_size;	/* Bytes. */
	uint32_t capacity;	/* Entries. */
	_Atomic uint32_t count; /* Entries handed out; the next is at count % capacity. */
	uint32_t tick_hz;
	struct smmuv3_trace_entry entry[SMMUV3_TRACE_CAPACITY];
};

_Static_assert(sizeof(struct smmuv3_trace_entry) == 32, "tools/trace: an entry is 32 bytes.");
_Static_assert(offsetof(struct smmuv3_trace_ring, entry) == 32, "tools/trace: the header is 32 bytes.");

extern struct smmuv3_trace_ring smmuv3_trace_ring;
extern _Atomic bool smmuv3_trace_on;

/* Empties the ring and starts. Boot core, while no core records. */
void smmuv3_trace_start(void);

/* Stops, and cleans the ring from the caches for debuggers. False if the trace was off. Any core. */
bool smmuv3_trace_stop(void);

/* Entries so far, and those overwritten. */
uint32_t smmuv3_trace_count(void);
uint32_t smmuv3_trace_lost(void);

/* Entry by number (from 0), or NULL if torn. Only one that is not overwritten, after a stop. */
const struct smmuv3_trace_entry *smmuv3_trace_entry(uint32_t number);

/* Records unconditionally; the functions below test the flag. */
void smmuv3_trace_record(enum smmuv3_trace_kind kind, unsigned int instance, uint64_t first, uint64_t second);

static inline bool smmuv3_trace_is_on(void)
{
	return atomic_load_explicit(&smmuv3_trace_on, memory_order_relaxed);
}

/* `instance`: iommu.index. `refused`: the register was not written. */
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

/* `active`: GERROR ^ GERRORN (6.3.19). */
static inline void smmuv3_trace_error(unsigned int instance, uint32_t active)
{
	if (smmuv3_trace_is_on()) {
		smmuv3_trace_record(SMMUV3_TRACE_ERROR, instance, active, 0);
	}
}

#endif
