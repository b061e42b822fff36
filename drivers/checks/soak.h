/* SPDX-License-Identifier: BSD-2-Clause */
/* `soak=<seconds>`: registration, binding and DMA on all cores at once, for a while. */
#ifndef CHECKS_SOAK_H
#define CHECKS_SOAK_H

#include "checks/checks.h"

#define SOAK_SECONDS_MAX 86400U

/*
 * Unregisters and registers instance after instance for `seconds` (1 to SOAK_SECONDS_MAX), while the cores that are in
 * soak_work() bind and unbind every client that can be driven; then everybody is bound as before. Ends with the `soak`
 * record; anything wrong is named and fails the run. Boot core, after observe(), nothing mapped.
 */
void soak_run(struct bringup *bringup, uint32_t seconds);

/* Whether other cores shall call soak_work(), which returns when the soak ends. */
bool soak_wants_work(void);
void soak_work(unsigned int core);

#endif
