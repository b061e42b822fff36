/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is wrong with a description though it can be read: where it contradicts itself, and where two descriptions of
 * one machine differ. Nothing here is refused; each finding is a sentence for whoever wrote the tables.
 */
#ifndef FIRMWARE_FINDINGS_H
#define FIRMWARE_FINDINGS_H

#include "firmware/description.h"

#define FINDING_SUBJECT_SIZE 320U
#define FINDING_DETAIL_SIZE 640U

/* Takes one finding: what it is about (a path, a node, a range of IDs), and what is wrong with it. Both are the
 * caller's. */
typedef void finding_taker(void *context, const char *subject, const char *detail);

/*
 * Looks for contradictions within a description: registers that overlap, a stream that two masters claim, an SMMU that
 * nobody names, a master behind a disabled SMMU, interrupts that are missing. Returns how many there are. Any core; the
 * description does not change meanwhile.
 */
unsigned int findings_within(const struct stream_description *streams, finding_taker *take, void *context);

/*
 * Compares what is enabled in two descriptions. Instances are matched by their base; streams by the segment and the
 * requester ID, by the master's address, or where a table knows none, by the stream itself. `a_name` and `b_name` are
 * words for the two ("device tree", "IORT"). Returns the number of differences. Any core.
 */
unsigned int findings_between(const struct stream_description *a, const char *a_name,
			      const struct stream_description *b, const char *b_name, finding_taker *take,
			      void *context);

#endif
