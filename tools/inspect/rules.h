/* SPDX-License-Identifier: BSD-2-Clause */
/* Which rules of BSA and SBSA the SMMUs of a report meet, by their ID registers. */
#ifndef INSPECT_RULES_H
#define INSPECT_RULES_H

#include <jansson.h>

/*
 * A list, which the caller owns: for each rule and instance an object with `rule`, `level`, `instance`, `result`
 * ("met", "not met", "depends") and `why`; B_SMMU_01, which is of all of them, has a null instance. Empty: no instance
 * has its registers in the report.
 */
json_t *rules_judge(const json_t *report);

/* Prints it on stdout, a line each; returns how many are not met. */
unsigned int rules_print(const json_t *verdicts);

#endif
