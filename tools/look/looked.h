/* SPDX-License-Identifier: BSD-2-Clause */
/* The SMMUs that are looked at, by a table or by their bases. */
#ifndef LOOK_LOOKED_H
#define LOOK_LOOKED_H

#include <jansson.h>

#include "explain/explain.h"
#include "table.h"
#include "target.h"

#define LOOKED_MAX DESCRIPTION_SMMUS_MAX
#define SETS_MAX 64U

/* A register whose value the caller gives (--register). */
struct register_set {
	enum explain_register_id id;
	uint64_t value;
};

struct looked {
	struct target *target;
	const struct table *table; /* Or NULL. */
	unsigned int smmu;	   /* Index into the table's, where `table` is. */
	const char *name;	   /* The table's, or NULL. */
	bool has_base;
	uint64_t base;
	const struct register_set *set;
	size_t set_count;
	struct explain_smmu smmu_state;
};

/* Opens it. False: no register of it is known. */
bool looked_open(struct looked *looked);

/* "0000:01:00.0" of a PCI function, the master's path, or "": no table, or no master of it. */
void looked_master(const struct looked *looked, uint32_t sid, char *words, size_t size);

/* False: no register has this name. */
bool looked_parse_set(const char *name_value, struct register_set *set);

#endif
