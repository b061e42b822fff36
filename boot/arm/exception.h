/* SPDX-License-Identifier: BSD-2-Clause */
/* What the vectors call. Any core, in the exception's mode, on its emergency stack. */
#ifndef EXCEPTION_H
#define EXCEPTION_H

#include <stdbool.h>
#include <stdint.h>

/* A frame is r0 to r12, and the pc that is to blame or to go on with. */
#define EXCEPTION_FRAME_PC 13U

/* Data abort: whether a probing read is to blame. Then the frame's pc is where to go on. */
bool exception_survived(uint32_t *frame);

/* Says what happened, with the registers, and ends the run. */
_Noreturn void exception_report(uint32_t kind, uint32_t spsr, const uint32_t *frame, uint32_t sp, uint32_t lr);

/* DFSR. */
uint32_t exception_data_fault_status(void);

#endif
