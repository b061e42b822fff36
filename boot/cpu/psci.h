/* SPDX-License-Identifier: BSD-2-Clause */
/* PSCI (DEN0022) through the described conduit; for 0.1 with the described numbers. */
#ifndef PSCI_H
#define PSCI_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"

enum psci_function { PSCI_CPU_OFF, PSCI_CPU_ON, PSCI_AFFINITY_INFO, PSCI_SYSTEM_OFF, PSCI_FUNCTIONS };

#define PSCI_SUCCESS 0
#define PSCI_NOT_SUPPORTED (-1)
#define PSCI_AFFINITY_OFF 1

/* Is this undefined instruction a PSCI call? Then the conduit does not exist, and is not used again. */
bool psci_is_undefined(uintptr_t pc);

/* Is there a number for it? */
bool psci_has(enum psci_function function);

/* PSCI's result; PSCI_NOT_SUPPORTED without conduit or number. */
int32_t psci_call(enum psci_function function, cpu_word first, cpu_word second, cpu_word third);

/* Words for an error. */
const char *psci_error(int32_t error);

#endif
