/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The newest register writes (IHI 0070 6.3) and commands (chapter 4), in RAM; tools/trace decodes it from the console
 * or a dump. No events: a storm would overwrite all else. Any core may record, with any lock held and in interrupts: no
 * lock, no wait. An entry whose `sequence` is not its number is torn; a core that stops while others fill the ring may
 * tear one unseen. Barriers of the trace can hide that one is missing. A debugger that reads past caches needs
 * smmuv3_trace_stop() first.
 */
#ifndef SMMUV3_TRACE_H
#define SMMUV3_TRACE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SMMUV3_TRACE_MAGIC "SMMUTRC" /* 8 bytes with its terminator. */
#define SMMUV3_TRACE_VERSION 1U
#define SMMUV3_TRACE_CAPACITY 2048U /* About eight registrations with checks. */

enum smmuv3_trace_kind {
	SMMUV3_TRACE_WRITE = 'W',
	SMMUV3_TRACE_REFUSED = 'X',
	SMMUV3_TRACE_COMMAND = 'C',
	SMMUV3_TRACE_ERROR = 'G',
};

/* Little-endian. */
struct smmuv3_trace_entry {
	uint64_t ticks;
	_Atomic uint32_t sequence; /* From 1; 0: being written. */
	uint8_t kind;
	uint8_t instance;
	uint16_t core;
	uint64_t value[2]; /* As on the console. */
};

struct smmuv3_trace_ring {
	char magic[8]; /* 0: never started. */
	uint32_t version;
	uint32_t header_size;	/* Bytes before the first entry. */
	uint32_t entry_size;	/* Bytes. */
	uint32_t capacity;	/* Entries. */
	_Atomic uint32_t count; /* Handed out; next: count % capacity. */
	uint32_t tick_hz;
	struct smmuv3_trace_entry entry[SMMUV3_TRACE_CAPACITY];
};

_Static_assert(sizeof(struct smmuv3_trace_entry) == 32, "tools/trace: an entry is 32 bytes.");
_Static_assert(offsetof(struct smmuv3_trace_ring, entry) == 32, "tools/trace: the header is 32 bytes.");

extern struct smmuv3_trace_ring smmuv3_trace_ring;

typedef void smmuv3_trace_record(enum smmuv3_trace_kind kind, unsigned int instance, uint64_t first, uint64_t second);

/* The driver's (access.c): what records, or NULL. Without trace.c it stays NULL. */
extern _Atomic(smmuv3_trace_record *) smmuv3_trace;

/* Empties the ring. Boot core, while no core records. */
void smmuv3_trace_start(void);

/* Cleans the ring from the caches. False: it was off. Any core. */
bool smmuv3_trace_stop(void);

uint32_t smmuv3_trace_count(void);
uint32_t smmuv3_trace_lost(void);

/* Counts from 0; NULL if torn. Only after a stop, and if not overwritten. */
const struct smmuv3_trace_entry *smmuv3_trace_entry(uint32_t number);

/* NULL: off. */
static inline smmuv3_trace_record *smmuv3_trace_recorder(void)
{
	return atomic_load_explicit(&smmuv3_trace, memory_order_relaxed);
}

static inline void smmuv3_trace_one(enum smmuv3_trace_kind kind, unsigned int instance, uint64_t first, uint64_t second)
{
	smmuv3_trace_record *record = smmuv3_trace_recorder();

	if (record) {
		record(kind, instance, first, second);
	}
}

/* `instance`: iommu.index. `refused`: not written. */
static inline void smmuv3_trace_register(unsigned int instance, unsigned int offset, uint32_t value, bool refused)
{
	smmuv3_trace_one(refused ? SMMUV3_TRACE_REFUSED : SMMUV3_TRACE_WRITE, instance, offset, value);
}

static inline void smmuv3_trace_command(unsigned int instance, uint64_t dword0, uint64_t dword1)
{
	smmuv3_trace_one(SMMUV3_TRACE_COMMAND, instance, dword0, dword1);
}

/* `active`: GERROR ^ GERRORN (6.3.19). */
static inline void smmuv3_trace_error(unsigned int instance, uint32_t active)
{
	smmuv3_trace_one(SMMUV3_TRACE_ERROR, instance, active, 0);
}

#endif
