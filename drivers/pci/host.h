/* SPDX-License-Identifier: BSD-2-Clause */
/* Host bridges without ECAM: each has a driver, which registers itself. Only ARCH_MORE_HOSTS. */
#ifndef PCI_HOST_H
#define PCI_HOST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/feature.h"
#include "pci/pci.h"

/* By the names of their bindings. */
enum pci_place { PCI_PLACE_DBI, PCI_PLACE_CONFIG, PCI_PLACE_ATU, PCI_PLACE_COUNT };

/* Physical, in bytes; size 0: not described. */
struct pci_registers {
	uint64_t base;
	uint64_t size;
};

struct pci_host_driver {
	const char *name;
	unsigned int needs; /* Bits by enum pci_place: this driver takes a host that has all of them. */
	/*
	 * Finds out what a boot loader has set up; zeroes the size of each window that the host does not pass on.
	 *
	 * Return:      NULL
	 *              words      why the host cannot be used
	 * State left:  words: as found.
	 * Context:     boot core; `host` has its bus range and windows. Bounded.
	 */
	const char *(*open)(struct pci_host *host, const struct pci_registers place[PCI_PLACE_COUNT]);
	/* Restores what open() and accesses changed. Boot core, no access under way. */
	void (*close)(struct pci_host *host);
	/*
	 * Reads or writes 32 bits of configuration space at a multiple of 4 below 4096.
	 *
	 * Return:      true
	 *              false      nothing answers
	 * Context:     any core; takes a lock of LOCK_RANK_PCI. Bounded.
	 */
	bool (*access)(const struct pci_host *host, uint32_t requester_id, unsigned int offset, uint32_t *value,
		       bool write);
};

/* Registers a driver, at the end of its file. */
#define PCI_HOST_DRIVER(driver)                                                                                        \
	extern const struct pci_host_driver *const driver##_entry;                                                     \
	const struct pci_host_driver *const driver##_entry LISTED("pci_hosts") = &(driver)

/* Of a host with these registers; NULL: none. */
const struct pci_host_driver *pci_host_driver_for(const struct pci_registers place[PCI_PLACE_COUNT]);

#endif
