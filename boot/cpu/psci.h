/* SPDX-License-Identifier: BSD-2-Clause */
/* PSCI (DEN0022) by the described conduit. */
#ifndef PSCI_H
#define PSCI_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"

enum psci_function { PSCI_CPU_OFF, PSCI_CPU_ON, PSCI_AFFINITY_INFO, PSCI_SYSTEM_OFF, PSCI_FUNCTIONS };

#define PSCI_SUCCESS 0
#define PSCI_NOT_SUPPORTED (-1)
#define PSCI_AFFINITY_OFF 1

/* Was it a PSCI call? Then its conduit does not exist, and is not used again. */
bool psci_is_undefined(uintptr_t pc);

/* PSCI 0.1 may lack one. */
bool psci_has(enum psci_function function);

/* PSCI_NOT_SUPPORTED also without conduit or number. */
int32_t psci_call(enum psci_function function, cpu_word first, cpu_word second, cpu_word third);

const char *psci_error(int32_t error);

#endif
