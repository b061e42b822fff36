/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef STACKS_H
#define STACKS_H

#define STACK_PAGE 4096
#define STACK_SIZE 16384    /* Above its guard page. */
#define EMERGENCY_SIZE 8192 /* Above the stack. */
#define STACK_STRIDE (STACK_PAGE + STACK_SIZE + EMERGENCY_SIZE)

#endif
