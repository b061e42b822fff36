/* SPDX-License-Identifier: BSD-2-Clause */
#include "pci/host.h"

#include <stddef.h>

/* Weak: on the host the linker may collect none. */
extern const struct pci_host_driver *const __start_pci_hosts[] __attribute__((weak));
extern const struct pci_host_driver *const __stop_pci_hosts[] __attribute__((weak));

const struct pci_host_driver *pci_host_driver_for(const struct pci_registers place[PCI_PLACE_COUNT])
{
	const struct pci_host_driver *const *end = __stop_pci_hosts;
	unsigned int has = 0;

	for (unsigned int i = 0; i < PCI_PLACE_COUNT; i++) {
		has |= place[i].size ? 1U << i : 0;
	}
	for (const struct pci_host_driver *const *driver = __start_pci_hosts; driver != end; driver++) {
		if (((*driver)->needs & ~has) == 0) {
			return *driver;
		}
	}
	return NULL;
}
