/* SPDX-License-Identifier: BSD-2-Clause */
/* PSCI (DEN0022), by the conduit that the description names. */
#ifndef PSCI_H
#define PSCI_H

#include <stdbool.h>
#include <stdint.h>

#define PSCI_CPU_OFF 0x84000002U
#define PSCI_CPU_ON 0x84000003U
#define PSCI_AFFINITY_INFO 0x84000004U
#define PSCI_SYSTEM_OFF 0x84000008U

#define PSCI_SUCCESS 0
#define PSCI_NOT_SUPPORTED (-1)
#define PSCI_AFFINITY_OFF 1

bool psci_is_there(void);
/* Whether an undefined instruction is this one: the described way is not there. From then on there is none. */
bool psci_is_undefined(uint32_t pc);
int32_t psci_call(uint32_t function, uint32_t first, uint32_t second, uint32_t third);

/* The words for a PSCI error. */
const char *psci_error(int32_t error);

#endif
