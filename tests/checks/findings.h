/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the checks print, as findings: one for each {check, subject}. A case of a test is a lie (machine.h) and the
 * findings that differ from the honest machine's; all others must be the same.
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
	breakage *configure; /* Changes `config`, before the machine is built. */
	/*
	 * As "fail translate m0; skip isolation m1"; empty if the lie is harmless. `observed` records are findings of
	 * the check "match"; `soak` and `handover` records are findings of their own names, with the subjects "machine"
	 * and the instance. The verdict must be fail if a finding is, or if events were not expected. In every case,
	 * the list at the end (`finding` records) holds what is wrong, as long as it has room.
	 */
	const char *differs;
	unsigned int unexpected; /* Records of events: exactly as many; at least as many if a finding is fail or a
				    device goes on (`endless`). */
	bool endless;
	const char *says;     /* Words that the first of `differs` must say, */
	const char *says_not; /* and words that it must not say. */
};

/*
 * Runs every case as a test of the group, in a process of its own. `honest` (or NULL) is applied to all of them, and to
 * the machine that they are compared with. Returns main()'s exit status.
 */
int cases_run(const char *group, breakage *honest, const struct check_case *cases, size_t count);

#endif
