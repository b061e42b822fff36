/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the checks print, as findings: one for each {check, subject}. A case of a test is a lie (machine.h) and where
 * the findings differ from those of the honest machine; all others have to be the same.
 */
#ifndef CHECKS_FINDINGS_H
#define CHECKS_FINDINGS_H

#include <stdbool.h>
#include <stddef.h>

#include "machine.h"

/* `differs` for all that provoke() looks at on an instance. */
#define ORDEALS(result, smmu)                                                                                          \
	result " illegal_command " smmu ";" result " queue_abort " smmu ";" ORDEALS_OF_DMA(result, smmu)
#define ORDEALS_OF_DMA(result, smmu)                                                                                   \
	result " event_overflow " smmu ";" result " event_abort " smmu ";" result " bad_ste " smmu ";" result          \
	       " bad_cd " smmu ";" result " cd_fetch " smmu ";" result " walk_abort " smmu ";" result                  \
	       " access_flag " smmu ";" result " address_size " smmu ";" result " translation_fault " smmu ";" result  \
	       " permission_fault " smmu ";" result " abort_all " smmu

struct check_case {
	const char *name;
	struct lie lie[MACHINE_LIES];
	breakage *broken;
	breakage *configure; /* Of `config`, before the machine is built. */
	/*
	 * "fail translate m0; skip isolation m1": nothing, where the lie is a harmless oddity. `observed` records are
	 * findings of the check "match", `soak` and `handover` records of their own names with the subjects "machine"
	 * and the instance. The verdict has to be fail where a finding is, or where events were not expected. In every
	 * case, what is wrong is listed at the end (a `finding` record) as long as there is room in the list.
	 */
	const char *differs;
	unsigned int
		unexpected; /* Records of events; at least as many, where a finding is fail, or a device goes on. */
	bool endless;
	const char *says;     /* Words that the first of `differs` has to say, */
	const char *says_not; /* and those that it may not. */
};

/*
 * Runs every case as a test of the group, in a process of its own; `honest` (or NULL) is done to all of them, and to
 * the machine that they are compared with. What main() returns.
 */
int cases_run(const char *group, breakage *honest, const struct check_case *cases, size_t count);

#endif
