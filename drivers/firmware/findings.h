/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Contradictions within a description, and differences between two. Nothing is refused; each finding is a sentence for
 * the tables' author.
 */
#ifndef FIRMWARE_FINDINGS_H
#define FIRMWARE_FINDINGS_H

#include "firmware/description.h"

#define FINDING_SUBJECT_SIZE 320U
#define FINDING_DETAIL_SIZE 640U

/* Receives a finding: its subject (a path, a node, a range of IDs) and what is wrong. The strings are the caller's. */
typedef void finding_taker(void *context, const char *subject, const char *detail);

/*
 * Searches a description for contradictions: overlapping registers, a stream of two masters, an SMMU without masters, a
 * master behind a disabled SMMU, missing interrupts. Returns their number. Any core; the description does not change
 * meanwhile.
 */
unsigned int findings_within(const struct stream_description *streams, finding_taker *take, void *context);

/*
 * Compares the enabled parts of two descriptions. Instances match by base; streams by segment and requester ID, by the
 * master's address, or, if a table has none, by the stream. `a_name`, `b_name`: "device tree", "IORT". Returns the
 * number of differences. Any core.
 */
unsigned int findings_between(const struct stream_description *a, const char *a_name,
			      const struct stream_description *b, const char *b_name, finding_taker *take,
			      void *context);

#endif
