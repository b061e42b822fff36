/* SPDX-License-Identifier: BSD-2-Clause */
/* Printed text, from the console in memory. */
#ifndef SAID_H
#define SAID_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "serial/rtt.h"

/* How often, in this test or an earlier one. */
static inline unsigned int said(const char *text)
{
	const char *console = (const char *)(uintptr_t)rtt_address();
	unsigned int count = 0;

	for (size_t at = 0; at < RTT_BUFFER_SIZE; at++) {
		count += !strncmp(console + at, text, strlen(text));
	}
	return count;
}

#endif
