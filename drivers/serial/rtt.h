/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A console in memory, in the layout that SEGGER's RTT has made common: a control block that a debugger finds by its
 * name or by the symbol _SEGGER_RTT, and a ring that it reads while the target runs, or afterwards. Everything that is
 * printed goes there, whatever other console there is.
 */
#ifndef SERIAL_RTT_H
#define SERIAL_RTT_H

#include <stddef.h>
#include <stdint.h>

/* Bytes that nobody has read yet: the whole report of a large machine, so that it can be dumped once it is over. */
#define RTT_BUFFER_SIZE 0x80000U

/*
 * Appends bytes. A full buffer is waited for as long as somebody reads; where nobody does, what does not fit is
 * dropped, so that the beginning stays. No lock is taken: callers serialise.
 */
void rtt_write(const char *text, size_t size);

/* A reader is reckoned with, though none has read yet: it is waited for, two seconds at most. */
void rtt_announce_reader(void);

/* Waits until everything was read, as long as somebody reads. */
void rtt_flush(void);

/* Where the control block is. */
uint64_t rtt_address(void);

#endif
