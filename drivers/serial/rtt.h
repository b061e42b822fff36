/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Console in memory, in SEGGER's RTT layout: a control block that debuggers find by its name or symbol _SEGGER_RTT, and
 * a ring they read during or after the run. Gets everything that is printed.
 */
#ifndef SERIAL_RTT_H
#define SERIAL_RTT_H

#include <stddef.h>
#include <stdint.h>

/* Holds the whole report of a large machine. */
#define RTT_BUFFER_SIZE 0x80000U

/*
 * Appends bytes. If the ring is full: waits while a debugger reads, else drops the rest, so that the beginning stays.
 * No lock: callers serialise.
 */
void rtt_write(const char *text, size_t size);

/* A debugger is expected: wait for it, 2 s at most, though it has not read yet. */
void rtt_announce_reader(void);

/* Waits until everything was read, while a debugger reads. */
void rtt_flush(void);

/* What was written and no debugger has read, up to the ring's end. Returns its size. */
size_t rtt_content(const char **start);

/* Address of the control block. */
uint64_t rtt_address(void);

#endif
