/* SPDX-License-Identifier: BSD-2-Clause */
/* Sizes that the start-up code and the C files share. */
#ifndef STACKS_H
#define STACKS_H

#define STACK_PAGE 4096
#define STACK_SIZE 16384    /* Of one core; its guard page lies below. */
#define EMERGENCY_SIZE 8192 /* For its dying words, above. */
#define STACK_STRIDE (STACK_PAGE + STACK_SIZE + EMERGENCY_SIZE)

#endif
