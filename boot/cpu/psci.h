/* SPDX-License-Identifier: BSD-2-Clause */
/* PSCI (DEN0022), by the conduit that the description names, and in 0.1 by the numbers that it names. */
#ifndef PSCI_H
#define PSCI_H

#include <stdbool.h>
#include <stdint.h>

#include "cpu.h"

enum psci_function { PSCI_CPU_OFF, PSCI_CPU_ON, PSCI_AFFINITY_INFO, PSCI_SYSTEM_OFF, PSCI_FUNCTIONS };

#define PSCI_SUCCESS 0
#define PSCI_NOT_SUPPORTED (-1)
#define PSCI_AFFINITY_OFF 1

/* Whether an undefined instruction is this one: the described way is not there. From then on there is none. */
bool psci_is_undefined(uintptr_t pc);

/* Whether there is a number to call it by. */
bool psci_has(enum psci_function function);

/* PSCI's answer; PSCI_NOT_SUPPORTED where there is no conduit, or no number to call it by. */
int32_t psci_call(enum psci_function function, cpu_word first, cpu_word second, cpu_word third);

/* The words for a PSCI error. */
const char *psci_error(int32_t error);

#endif
