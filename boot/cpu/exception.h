/* SPDX-License-Identifier: BSD-2-Clause */
/* Called by the vectors: the shared part, and what each architecture provides. */
#ifndef EXCEPTION_H
#define EXCEPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- exception.c and probe.c: any core, on its emergency stack. --- */

/* Was this abort caused by a probing read? Then `*pc` is where to continue. */
bool exception_survived(uintptr_t *pc, bool is_synchronous);

/* Words for a fault status: DFSR or IFSR (long descriptors), or ESR_ELx. */
const char *exception_fault_words(uint32_t status);

/* Describes an abort: a stack overflow, or the fault at `address`. */
void exception_describe_abort(char *reason, size_t size, const char *name, uintptr_t pc, uintptr_t address,
			      uint32_t status);

/* For a fatal exception; ends the run at once if the core was already reporting one. */
void exception_begin(void);

/* Prints the reason and the registers, and ends the run. Parks if another core is doing so. */
_Noreturn void exception_end(const char *reason, void (*print_registers)(const void *exception), const void *exception);

#endif
