/* SPDX-License-Identifier: BSD-2-Clause */
/* For the two that look for findings: who takes them, and how many there were. */
#ifndef FIRMWARE_FINDER_H
#define FIRMWARE_FINDER_H

#include "firmware/findings.h"

struct finder {
	finding_taker *take;
	void *context;
	unsigned int count;
};

/* Puts a finding's words together and hands it over. */
void found(struct finder *finder, const char *subject, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
