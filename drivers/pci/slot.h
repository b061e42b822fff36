/* SPDX-License-Identifier: BSD-2-Clause */
/* A hot-plug slot: the place below a root or downstream port, for one function (PCIe base specification 6.7). */
#ifndef PCI_SLOT_H
#define PCI_SLOT_H

#include <stdbool.h>
#include <stdint.h>

#include "pci/pci.h"

struct pci_slot {
	struct pci_function *port;
	struct pci_function *function; /* Of device 0, function 0: there, or there before. */
	unsigned int at;	       /* The port's Express capability. */
	bool in_use;
	bool was_lost; /* Whatever is present is another device. */
};

enum pci_slot_event {
	PCI_SLOT_QUIET,
	PCI_SLOT_ASKED,	  /* In use, and its button was pressed: it may be emptied in order. */
	PCI_SLOT_LOST,	  /* In use, and its device is gone, or another one is there. */
	PCI_SLOT_ARRIVED, /* Not in use, and a device came, or its button was pressed. */
};

/*
 * Finds the slot that a function sits in, alone; takes it for in use, and forgets what happened to it before.
 *
 * Return:      true
 *              false      the port above has no slot, or one without hot-plug; or other functions are there, too
 * Context:     boot core.
 */
bool pci_slot_open(struct pci_slot *slot, struct pci_function *function);

/*
 * What happened since the last call.
 *
 * Context:     one core at a time for a slot.
 */
enum pci_slot_event pci_slot_look(struct pci_slot *slot);

/*
 * Turns the slot's power off; the device may then be taken out. Its function gets no access before pci_slot_fill().
 *
 * Context:     as pci_slot_look(); waits 2 s at most.
 */
void pci_slot_empty(struct pci_slot *slot);

/*
 * Turns the slot's power on, and makes `function` what is there now, with addresses in the port's windows, bus
 * mastering off.
 *
 * Return:      0          in use
 *              -ENODEV    no function answers
 *              -ENOTSUP   a bridge, which would need bus numbers
 *              -ENOSPC    its BARs do not fit into the port's window
 * State left:  on an error the slot's power is off.
 * Context:     as pci_slot_look(); waits 5 s at most.
 * See:         PCIe base specification 6.7.3.2 (commands), 6.6.1 (after link up)
 */
int pci_slot_fill(struct pci_slot *slot);

/* Does the function answer no more? Its registers then read as all ones. Any core. */
bool pci_is_gone(const struct pci_function *function);

#endif
