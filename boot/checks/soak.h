/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CHECKS_SOAK_H
#define CHECKS_SOAK_H

#include "checks/checks.h"

#define SOAK_SECONDS_MAX 86400U

/*
 * For soak=: registers instances again for `seconds` (1 to SOAK_SECONDS_MAX), while the other cores bind and unbind
 * clients; then binds all as before. A violation fails the run. Boot core, after observe(), nothing mapped.
 */
void soak_run(struct bringup *bringup, uint32_t seconds);

#endif
