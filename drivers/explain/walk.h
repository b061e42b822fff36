/* SPDX-License-Identifier: BSD-2-Clause */
/* A walk on its way. */
#ifndef EXPLAIN_WALK_H
#define EXPLAIN_WALK_H

#include "explain/private.h"

struct walking {
	const struct explain_smmu *smmu;
	const struct explain_access *access;
	const struct explain_listener *listener;
	struct explain_result *result;
	uint64_t ste[STE_DWORDS];
	uint64_t cd[CD_DWORDS];
	bool has_cd;
	bool stage1; /* S1DSS may skip it. */
	bool stage2;
	bool privileged; /* As the STE has it. */
	bool instruction;
	unsigned int depth; /* Of the steps. */
};

struct want {
	bool write;
	bool privileged;
	bool instruction;
};

/* A step. */
void walk_tell(const struct walking *w, const char *what, uint64_t address, uint64_t value, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* The sentence of the end. */
void walk_conclude(struct walking *w, enum explain_end end, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Ends with an event; returns false. */
bool walk_fail(struct walking *w, unsigned int event, unsigned int stage, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* Reads what an address names; at stage 1's side of stage 2 that address is an IPA. False: it ended. */
bool walk_fetch(struct walking *w, const char *what, uint64_t address, uint64_t *dwords, unsigned int count,
		unsigned int event, uint64_t *physical);

/* One stage of the access's own address. False: it ended. */
bool walk_stage1(struct walking *w, uint64_t address, uint64_t *output);
bool walk_stage2(struct walking *w, uint64_t ipa, const struct want *want, uint64_t *output);

#endif
