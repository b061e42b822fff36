/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI as it was found, for a boot loader that goes on with it. */
#ifndef PCI_SNAPSHOT_H
#define PCI_SNAPSHOT_H

#include "pci/pci.h"

#define PCI_SNAPSHOT_WORDS 12U

/* What enumeration changes of one function. */
struct pci_found {
	uint16_t requester_id;
	uint32_t id; /* Vendor and device. */
	bool bridge;
	uint32_t command;
	uint32_t word[PCI_SNAPSHOT_WORDS]; /* The header from the first BAR on. */
	uint32_t acs;			   /* Its control register, in the upper half. */
	uint32_t enables[PCI_ENABLES];	   /* MSI and others: as pci_note_enables() has them. */
	bool restored;
};

struct pci_snapshot {
	struct pci_found *found; /* The caller gives it, */
	unsigned int found_max;	 /* and places there. */
	unsigned int count;
	unsigned int lost; /* More than there is room for. */
};

/*
 * Notes commands, BARs, bus numbers, bridge windows, ACS and what pci_quiet() turns off of every function that answers
 * on a bus of the range, and writes nothing. `host` as for pci_enumerate(), which comes after it. Boot core only.
 */
void pci_snapshot_take(struct pci_snapshot *snapshot, struct pci_host *host);

/*
 * Puts everything back, bus mastering last: 0, or -EIO where a function does not answer where it was found, or was not
 * noted. What `host` says of its functions is not true any more. No DMA and no access to a BAR meanwhile. Boot core
 * only.
 */
int pci_snapshot_restore(struct pci_snapshot *snapshot, struct pci_host *host);

#endif
