/* SPDX-License-Identifier: BSD-2-Clause */
/* Exceptions: what both architectures share. Any core, on its emergency stack. */
#ifndef EXCEPTION_H
#define EXCEPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Did a probing read abort? Then `*pc` is where to continue. */
bool exception_survived(uintptr_t *pc, bool is_synchronous);

/* For DFSR or IFSR (long descriptors), or ESR_ELx. */
const char *exception_fault_words(uint32_t status);

/* A stack overflow, or a fault at `address`. */
void exception_describe_abort(char *reason, size_t size, const char *name, uintptr_t pc, uintptr_t address,
			      uint32_t status);

/* Ends the run at once if this core reports already. */
void exception_begin(void);

/* Prints, and ends the run; parks if another core does so. */
_Noreturn void exception_end(const char *reason, void (*print_registers)(const void *exception), const void *exception);

#endif
