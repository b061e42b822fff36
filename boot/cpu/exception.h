/* SPDX-License-Identifier: BSD-2-Clause */
/* What the vectors call: what both architectures do about an exception, and what each knows of its own. */
#ifndef EXCEPTION_H
#define EXCEPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* --- exception.c and probe.c: any core, on its emergency stack. -------------------------------------------------- */

/* Whether a probing read is to blame for this abort. Then `*pc` is where to go on. */
bool exception_survived(uintptr_t *pc, bool is_synchronous);

/* In words, the status of a fault: DFSR and IFSR of long descriptors, or ESR_ELx. */
const char *exception_fault_words(uint32_t status);

/* The reason of an abort: a stack that ran over, or what was at `address`. */
void exception_describe_abort(char *reason, size_t size, const char *name, uintptr_t pc, uintptr_t address,
			      uint32_t status);

/* Called first for what is not survived: a core that is dying already ends the run at once. */
void exception_begin(void);

/* Says what happened, has the registers printed, and ends the run. A core that another one outran parks. */
_Noreturn void exception_end(const char *reason, void (*print_registers)(const void *exception), const void *exception);

#endif
