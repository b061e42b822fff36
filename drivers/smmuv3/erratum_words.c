/* SPDX-License-Identifier: BSD-2-Clause */
#include <stddef.h>

#include "base/feature.h"
#include "smmuv3/errata.h"

#define NESTING "stages 1 and 2 must not be nested; this firmware does not"
#define BROADCAST "broadcast TLB maintenance must not be relied on; here it is never turned on"

static const struct {
	uint32_t number;
	struct smmuv3_erratum_words words;
} errata[] = {
	{1076982, {"MMU-600 r0p0 to r0p2", "the event at a CMD_SYNC's completion may not come: it is polled for here"}},
	{1209401, {"MMU-600 before r2p0", NESTING}},
	{2133013, {"MMU-700", BROADCAST}},
	{2268618, {"MMU-700 before r1p1", NESTING}},
	{2812531,
	 {"MMU-700 before r1p1",
	  "some sequences of commands need a CMD_SYNC between them: batches here are of one kind"}},
	{3777127, {"MMU-700", BROADCAST}},
	{3878312, {"MMU-L1", BROADCAST}},
	{3995052, {"MMU-S3", BROADCAST}},
	{74, {"Cavium ThunderX2", "register page 1 is not there: the event queue's indices are used in page 0"}},
	{126, {"Cavium ThunderX2", "one interrupt stands for events and errors"}},
	{161010701, {"HiSilicon Hip06 and Hip07", "prefetch commands must not be sent; none is sent here"}},
};

struct smmuv3_erratum_words smmuv3_erratum_words(uint32_t number)
{
	for (size_t i = 0; i < sizeof(errata) / sizeof(errata[0]); i++) {
		if (errata[i].number == number) {
			return errata[i].words;
		}
	}
	return (struct smmuv3_erratum_words){NULL, NULL};
}

LINKED(smmuv3_erratum_words);
