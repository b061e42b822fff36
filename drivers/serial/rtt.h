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
 * Appends bytes. Where nobody reads and the buffer is full, what does not fit is dropped, so that the beginning stays.
 * No lock is taken: callers serialise.
 */
void rtt_write(const char *text, size_t size);

/* From now on a full buffer is waited for, as long as a reader makes room every now and then. */
void rtt_wait_for_reader(void);

/* Waits until everything was read, as long as somebody reads; not before rtt_wait_for_reader(). */
void rtt_flush(void);

/* Where the control block is. */
uint64_t rtt_address(void);

#endif
