/* SPDX-License-Identifier: BSD-2-Clause */
/* `soak=<seconds>`: registration, binding and DMA on all cores at once. */
#ifndef CHECKS_SOAK_H
#define CHECKS_SOAK_H

#include "checks/checks.h"

#define SOAK_SECONDS_MAX 86400U

/*
 * Unregisters and registers each instance in turn for `seconds` (1 to SOAK_SECONDS_MAX), while the cores in soak_work()
 * bind and unbind the clients; then all are bound as before. Writes the `soak` record; a violation fails the run. Boot
 * core, after observe(), nothing mapped.
 */
void soak_run(struct bringup *bringup, uint32_t seconds);

/* Should other cores call soak_work()? It returns when the soak ends. */
bool soak_wants_work(void);
void soak_work(unsigned int core);

#endif
