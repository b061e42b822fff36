/* SPDX-License-Identifier: BSD-2-Clause */
/* Shared by the searches for findings: the receiver, and a count. */
#ifndef FIRMWARE_FINDER_H
#define FIRMWARE_FINDER_H

#include "firmware/findings.h"

struct finder {
	finding_taker *take;
	void *context;
	unsigned int count;
};

/* Formats a finding and passes it on. */
void found(struct finder *finder, const char *subject, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
