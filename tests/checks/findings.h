/* SPDX-License-Identifier: BSD-2-Clause */
/* The checks' findings {check, subject}. A case is a lie (machine.h) and what then differs from the honest machine. */
#ifndef CHECKS_FINDINGS_H
#define CHECKS_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "machine.h"

/* All of provoke()'s on an instance. */
#define INJECTIONS(result, smmu)                                                                                       \
	result " illegal_command " smmu ";" result " queue_abort " smmu ";" INJECTIONS_OF_DMA(result, smmu)
#define INJECTIONS_OF_DMA(result, smmu)                                                                                \
	result " event_overflow " smmu ";" result " event_abort " smmu ";" result " bad_ste " smmu ";" result          \
	       " bad_cd " smmu ";" result " cd_fetch " smmu ";" result " walk_abort " smmu ";" result                  \
	       " access_flag " smmu ";" result " address_size " smmu ";" result " translation_fault " smmu ";" result  \
	       " permission_fault " smmu ";" result " abort_all " smmu

struct check_case {
	const char *name;
	struct lie lie[MACHINE_LIES];
	breakage *broken;
	breakage *configure; /* Before the machine is built. */
	/*
	 * As "fail translate m0; skip isolation m1"; empty: harmless. `observed` records are of the check "match";
	 * `soak` and `handover` records are of their own names, for "machine" and the instance. Failing findings and
	 * unexpected events fail the verdict. The list at the end holds what is wrong, if there is room.
	 */
	const char *differs;
	unsigned int unexpected; /* Records of events: exactly as many; at least as many if a finding is fail or a
				    device goes on (`endless`). */
	bool endless;
	const char *says;     /* The first of `differs` must say this, */
	const char *says_not; /* and not that. */
};

/*
 * Each case in its own process. `honest` (or NULL) applies to all and to the reference. Returns main()'s exit status.
 */
int cases_run(const char *group, breakage *honest, const struct check_case *cases, size_t count);

#endif
