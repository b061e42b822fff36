/* SPDX-License-Identifier: BSD-2-Clause */
/* SR-IOV (PCIe base specification 9.3.3). */
#include "pci/registers.h"

#define SRIOV_COUNTS 0x0cU /* InitialVFs, TotalVFs. */
#define SRIOV_PLACES 0x14U /* First VF Offset, VF Stride. */
#define UPPER_HALF_SHIFT 16U
#define LOWER_HALF_MASK 0xffffU

bool pci_virtual_functions(const struct pci_function *function, struct pci_virtual *found)
{
	unsigned int at = pci_find_extended(function, PCI_EXTENDED_ID_SRIOV);
	uint32_t places;

	if (!at) {
		return false;
	}
	places = pci_read32(function, at + SRIOV_PLACES);
	found->count = pci_read32(function, at + SRIOV_COUNTS) >> UPPER_HALF_SHIFT;
	found->first = places & LOWER_HALF_MASK;
	found->stride = places >> UPPER_HALF_SHIFT;
	return true;
}
