/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef CHECKS_UNPLUG_H
#define CHECKS_UNPLUG_H

#include "checks/checks.h"

/* For the core that unplugs or plugs: one at a time. False: another core does. */
bool unplug_begin(void);
void unplug_end(void);

/*
 * Takes a master out of the running system: its client is unbound, its device and its streams are unknown. A failure is
 * a violation of the soak.
 *
 * Return:      true
 *              false      it stays
 * Context:     between unplug_begin() and unplug_end(); waits for other cores, bounded.
 */
bool unplug_take_away(const struct bringup *bringup, struct master *master);

/*
 * Makes a master that was taken away do a DMA, which has to be stopped, with an event where its instance stays. A
 * difference is a violation of the soak.
 *
 * Return:      true       it was stopped
 *              false      it was not, or the device is gone or cannot make such a DMA
 * Context:     as unplug_take_away(); waits for the device, bounded.
 */
bool unplug_deny(struct bringup *bringup, struct master *master);

/*
 * The reverse; its client is UNBOUND, and bound to `driver` once it is queued.
 *
 * Return:      true
 *              false      its streams are unknown: a violation of the soak
 * Context:     as unplug_take_away().
 */
bool unplug_bring_back(const struct bringup *bringup, struct master *master, const struct driver *driver);

#endif
