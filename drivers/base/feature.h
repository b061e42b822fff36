/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A feature registers itself by being linked (mk/features.mk), and a build without its files goes without it: nothing
 * stands in for them. Of things of a kind, as masters and phases, each is an entry of a list: LISTED. A function of
 * which there is one has LINKED() in its file; its caller says OPTIONAL(), and asks is_linked() before the call.
 */
#ifndef BASE_FEATURE_H
#define BASE_FEATURE_H

#include "base/arch.h"

/* On an entry; the linker's script gathers those of `list`. */
#define LISTED(list) __attribute__((used, section(list), aligned(sizeof(void *))))

/* At the end of the file that may be left out. */
#define LINKED(function)                                                                                               \
	bool function##_is_linked(void);                                                                               \
	bool function##_is_linked(void)                                                                                \
	{                                                                                                              \
		return true;                                                                                           \
	}                                                                                                              \
	extern __typeof__(function) function

/*
 * In a file that calls it, not in its header: where it is defined it is an ordinary function. LINKED()'s answer
 * replaces this one. The link knows which it is: of the question nothing is left in the image, nor of what is behind it
 * where the answer is no.
 */
#define OPTIONAL(function)                                                                                             \
	bool function##_is_linked(void);                                                                               \
	__attribute__((weak)) bool function##_is_linked(void)                                                          \
	{                                                                                                              \
		return false;                                                                                          \
	}                                                                                                              \
	extern __typeof__(function) function ARCH_OPTIONAL

#define is_linked(function) (ARCH_LINKS_ALL || function##_is_linked())

#endif
