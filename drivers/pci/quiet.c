/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Wakes functions; turns off interrupts, translation requests and virtual functions, which would cause events that no
 * check provoked (PCIe base specification 5.3, 7.5, 7.7, 7.8, 9.3, 10.5).
 */
#include <string.h>

#include "base/arch.h"
#include "pci/registers.h"

#define VF_OFF_US 1000000U /* From VF Enable's fall until its capability is read (9.3.3.3.1). */
#define VF_ON_US 100000U   /* From its rise until a virtual function is read. */
#define POWER_US 10000U	   /* Between D3hot and D0 (5.9). */

/* In the order of enum pci_left; pointers would be larger. */
static const char names[] = "low power\0PRI\0ATS\0PASID\0SR-IOV\0MSI-X\0MSI\0bus mastering\0interrupt disable";

/* `kept`: bits that may be written back. */
struct enable {
	uint16_t id;
	bool extended;
	uint8_t offset;
	uint32_t on;
	uint32_t kept;
};

static const struct enable enables[PCI_ENABLES] = {
	[PCI_LEFT_POWER] = {PCI_CAPABILITY_ID_POWER, false, 4, 3U << 0, 0x7fffU}, /* PME status is RW1C. */
	[PCI_LEFT_PRI] = {PCI_EXTENDED_ID_PRI, true, 4, 1U << 0, 0xffffU},	  /* Status is RW1C. */
	[PCI_LEFT_ATS] = {PCI_EXTENDED_ID_ATS, true, 4, 1U << 31, UINT32_MAX},
	[PCI_LEFT_PASID] = {PCI_EXTENDED_ID_PASID, true, 4, 1U << 16, UINT32_MAX},
	/* VF Enable, VF Memory Space Enable; status is RW1C. */
	[PCI_LEFT_SRIOV] = {PCI_EXTENDED_ID_SRIOV, true, 8, 1U << 0 | 1U << 3, 0xffffU},
	[PCI_LEFT_MSIX] = {PCI_CAPABILITY_ID_MSIX, false, 0, 1U << 31, UINT32_MAX},
	[PCI_LEFT_MSI] = {PCI_CAPABILITY_ID_MSI, false, 0, 1U << 16, UINT32_MAX},
};

const char *pci_left_name(enum pci_left left)
{
	const char *name = names;

	for (unsigned int i = 0; i < left; i++) {
		name += strlen(name) + 1;
	}
	return name;
}

static unsigned int quiet_find(const struct pci_function *function, const struct enable *enable)
{
	unsigned int at =
		enable->extended ? pci_find_extended(function, enable->id) : pci_find_capability(function, enable->id);

	return at ? at + enable->offset : 0;
}

static void quiet_note_left(struct pci_function *function, unsigned int left)
{
	function->left |= (uint16_t)(1U << left);
	function->host->left_count[left]++;
}

static void quiet_set(const struct pci_function *function, unsigned int left, unsigned int at, uint32_t word,
		      uint32_t vf_rest_us)
{
	pci_write32(function, at, word & enables[left].kept);
	if (left == PCI_LEFT_SRIOV || left == PCI_LEFT_POWER) {
		arch_sleep_us(left == PCI_LEFT_POWER ? POWER_US : vf_rest_us);
	}
}

static uint32_t quiet_command(const struct pci_function *function, uint32_t command)
{
	return PCI_COMMAND_INTX_DISABLE |
	       (ARCH_PLANS && function->host->listens ? command & PCI_COMMAND_BUS_MASTER : 0);
}

void pci_quiet(struct pci_function *function, bool again)
{
	uint32_t command = pci_read32(function, PCI_COMMAND);

	if (command & PCI_COMMAND_BUS_MASTER) {
		quiet_note_left(function, PCI_LEFT_MASTER);
	}
	if (command & PCI_COMMAND_INTX_DISABLE && !again) {
		quiet_note_left(function, PCI_LEFT_NO_INTX);
	}
	pci_write32(function, PCI_COMMAND, quiet_command(function, command));
	for (unsigned int i = 0; i < PCI_ENABLES; i++) {
		unsigned int at = quiet_find(function, &enables[i]);
		uint32_t word = at ? pci_read32(function, at) : 0;

		if (word & enables[i].on) {
			quiet_note_left(function, i);
			quiet_set(function, i, at, word & ~enables[i].on, VF_OFF_US);
			/* Waking may have reset it. */
			pci_write32(function, PCI_COMMAND, quiet_command(function, command));
		}
	}
}

void pci_note_enables(const struct pci_function *function, uint32_t words[PCI_ENABLES])
{
	for (unsigned int i = 0; i < PCI_ENABLES; i++) {
		unsigned int at = quiet_find(function, &enables[i]);

		words[i] = at ? pci_read32(function, at) : 0;
	}
}

void pci_put_enables(const struct pci_function *function, const uint32_t words[PCI_ENABLES])
{
	for (unsigned int i = PCI_ENABLES; i > 0; i--) {
		const struct enable *enable = &enables[i - 1];

		if (words[i - 1] & enable->on) {
			quiet_set(function, i - 1, quiet_find(function, enable), words[i - 1], VF_ON_US);
		}
	}
}
