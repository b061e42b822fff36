/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FIRMWARE_FINDER_H
#define FIRMWARE_FINDER_H

#include "firmware/findings.h"

struct finder {
	finding_taker *take;
	void *context;
	unsigned int count;
};

void found(struct finder *finder, const char *subject, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
