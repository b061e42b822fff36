/* SPDX-License-Identifier: BSD-2-Clause */
/* What no table says and only the machine itself shows. */
#ifndef FINDINGS_FACTS_H
#define FINDINGS_FACTS_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/limits.h"

#define FACTS_ID_REGISTERS 6U /* IDR0 to IDR5. */
#define FACTS_FUNCTIONS_MAX 256U

struct smmu_facts {
	bool is_known; /* Its ID registers were read. */
	uint32_t idr[FACTS_ID_REGISTERS];
	const char *silent; /* Why its registers cannot be used, or NULL. */
};

/* A PCI function that has virtual functions, or whose ATS was on. */
struct function_facts {
	const char *name;
	uint32_t segment;
	uint32_t requester_id;
	bool ats_was_on;
	unsigned int virtual_count;  /* TotalVFs; 0: no SR-IOV. */
	unsigned int virtual_first;  /* From its requester ID to that of the first. */
	unsigned int virtual_stride; /* From each to the next. */
};

struct facts {
	bool is_report; /* Of a run that is over: on the target, the phase `compare` tells what registers contradict. */
	struct smmu_facts smmu[DESCRIPTION_SMMUS_MAX]; /* As in the description. */
	struct function_facts function[FACTS_FUNCTIONS_MAX];
	unsigned int function_count;
	unsigned int functions_left_out;
};

#endif
