/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by start-up code and C. */
#ifndef STACKS_H
#define STACKS_H

#define STACK_PAGE 4096
#define STACK_SIZE 16384    /* For one core, above its guard page. */
#define EMERGENCY_SIZE 8192 /* For fatal reports, above the stack. */
#define STACK_STRIDE (STACK_PAGE + STACK_SIZE + EMERGENCY_SIZE)

#endif
