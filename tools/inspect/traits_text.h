/* SPDX-License-Identifier: BSD-2-Clause */
/* What a table says beyond stream IDs, for people and as JSON. */
#ifndef INSPECT_TRAITS_TEXT_H
#define INSPECT_TRAITS_TEXT_H

#include <jansson.h>

#include "table.h"

/* Behind an SMMU's line: its interrupts and its own MSIs; then a line with its supplies, if it names any. */
void traits_print_smmu(const struct smmu_traits *smmu);

/* A line for each master; nothing without masters. */
void traits_print_masters(const struct traits *traits);

/* What reserved memory may be, by the node that names it, and performance monitors; nothing without any. */
void traits_print_regions(const struct traits *traits);
void traits_print_pmcgs(const struct traits *traits);

/* The lists of SMMUs, in the order of the instances, and of masters; the caller owns them. */
json_t *traits_json_smmus(const struct stream_description *streams, const struct traits *traits);
json_t *traits_json_masters(const struct traits *traits);
json_t *traits_json_regions(const struct traits *traits);
json_t *traits_json_pmcgs(const struct traits *traits);

#endif
