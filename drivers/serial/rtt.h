/* SPDX-License-Identifier: BSD-2-Clause */
/* Console in memory in SEGGER's RTT layout; debuggers find its name or symbol _SEGGER_RTT. */
#ifndef SERIAL_RTT_H
#define SERIAL_RTT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A large machine's report fits. */
#define RTT_BUFFER_SIZE 0x80000U

/* If full, waits while a debugger reads, else drops the rest: the beginning stays. Callers serialise. */
void rtt_write(const char *text, size_t size);

/* Later calls wait 2 s at most for a debugger that has not read yet. */
void rtt_announce_reader(void);

/* Waits until a debugger that reads has all. */
void rtt_flush(void);

/* A debugger has read, or was announced, and let no time-out pass. */
bool rtt_is_read(void);

/* The next byte that a debugger has typed, or -1. Does not wait. Boot core. */
int rtt_read(void);

/* Unread bytes up to the ring's end; returns their number. */
size_t rtt_content(const char **start);

/* Of the control block. */
uint64_t rtt_address(void);

#endif
