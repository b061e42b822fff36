/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef PCI_SNAPSHOT_H
#define PCI_SNAPSHOT_H

#include "pci/pci.h"

#define PCI_SNAPSHOT_WORDS 12U

struct pci_found {
	uint16_t requester_id;
	uint32_t id; /* Vendor and device. */
	bool bridge;
	uint32_t command;
	uint32_t word[PCI_SNAPSHOT_WORDS]; /* The header from BAR0 on. */
	uint32_t acs;			   /* Control in the upper half. */
	uint32_t enables[PCI_ENABLES];	   /* As pci_note_enables(). */
	bool restored;
};

struct pci_snapshot {
	struct pci_found *found; /* Set by the caller. */
	unsigned int found_max;
	unsigned int count;
	unsigned int lost; /* Functions beyond found_max. */
};

/*
 * Saves what enumeration changes; writes nothing. Call it before pci_enumerate(), with `host` set likewise. Boot core.
 */
void pci_snapshot_take(struct pci_snapshot *snapshot, struct pci_host *host);

/*
 * Restores everything, bus mastering last. `host` no longer describes the functions.
 *
 * Return:      0
 *              -EIO       a function does not answer under its old number, or was not saved; the others are restored
 * Context:     boot core; no DMA and no BAR access.
 */
int pci_snapshot_restore(struct pci_snapshot *snapshot, struct pci_host *host);

#endif
