/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FIRMWARE_FINDINGS_H
#define FIRMWARE_FINDINGS_H

#include "firmware/description.h"

#define FINDING_SUBJECT_SIZE 320U
#define FINDING_DETAIL_SIZE 640U

/* `subject`: a path, a node, a range of IDs. The strings are the caller's. */
typedef void finding_taker(void *context, const char *subject, const char *detail);

/*
 * Compares what is enabled; returns the number of differences. Instances match by base; streams by segment and
 * requester ID, else by the master's address, else by the stream. Any core.
 */
unsigned int findings_between(const struct stream_description *a, const char *a_name,
			      const struct stream_description *b, const char *b_name, finding_taker *take,
			      void *context);

#endif
