/* SPDX-License-Identifier: BSD-2-Clause */
/* Who emits what without being asked: a BMC, a display, a boot loader's disk. */
#ifndef CHECKS_LISTEN_H
#define CHECKS_LISTEN_H

#include "checks/checks.h"

#define LISTEN_SECONDS_MAX 3600U

/*
 * Listens to every usable SMMU for `seconds`. One that is not in service is started for that, denies every stream with
 * an event, and is blocked again; of one in service, streams stay as they are. PCI functions that were found on the
 * bus, that no client drives and that are behind such SMMUs alone, may master it meanwhile. `pass`: a stream that was
 * heard is let through untranslated from its second transaction on, where its SMMU is not in service.
 *
 * A line, a `listen` record and a finding for each stream that was heard. Boot core; waits.
 */
void listen(struct bringup *bringup, uint32_t seconds, bool pass);

#endif
