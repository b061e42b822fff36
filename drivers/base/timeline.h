/* SPDX-License-Identifier: BSD-2-Clause */
/* What each core did, and when, for the time line of a run's page. Without the file timeline.c nothing is noted. */
#ifndef BASE_TIMELINE_H
#define BASE_TIMELINE_H

#include <stdatomic.h>
#include <stdint.h>

#define TIMELINE_CAPACITY 1024U

enum timeline_kind {
	TIMELINE_NONE,
	TIMELINE_REGISTRATION, /* An instance starts; */
	TIMELINE_REPLAY,       /* walks its masters; */
	TIMELINE_READY,	       /* is enabled. */
	TIMELINE_DEFERRAL,     /* A client waits, */
	TIMELINE_WAKE_UP,      /* is queued again because its cause is ready, */
	TIMELINE_BIND,	       /* is bound. */
	TIMELINE_DMA,	       /* A master's DMA is started. */
	TIMELINE_EVENT,	       /* An instance's event is taken. */
};

struct timeline_entry {
	uint64_t ticks;
	const char *name;
	uint32_t core;
	_Atomic uint32_t kind; /* Written last: an entry without one is not whole. */
};

/* `name` is kept. Once TIMELINE_CAPACITY are noted, further ones are counted alone. Any core; no lock. */
void timeline_note(enum timeline_kind kind, const char *name);

/* With those that had no room. */
uint32_t timeline_count(void);

/* NULL: it is not whole. `number` is below TIMELINE_CAPACITY. */
const struct timeline_entry *timeline_entry(uint32_t number);

#endif
