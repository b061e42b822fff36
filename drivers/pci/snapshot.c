/* SPDX-License-Identifier: BSD-2-Clause */
#include "pci/snapshot.h"

#include <errno.h>

#include "pci/registers.h"

#define FIRST_WORD PCI_BAR0
#define BUSES_PASSES 16U /* Nested bridges. */

static bool snapshot_is_there(const struct pci_host *host, const struct pci_found *found)
{
	return pci_config_read(host, found->requester_id, PCI_ID) == found->id;
}

static struct pci_function snapshot_function_of(struct pci_host *host, uint32_t requester_id)
{
	return (struct pci_function){.host = host, .requester_id = (uint16_t)requester_id};
}

/* Not the capability pointer and read-only IDs. */
static bool snapshot_is_kept(const struct pci_found *found, unsigned int offset)
{
	return offset != PCI_CAPABILITIES && (found->bridge || offset != PCI_SUBSYSTEM);
}

static uint32_t snapshot_kept_bits(const struct pci_found *found, unsigned int offset)
{
	return found->bridge && offset == PCI_BRIDGE_IO ? PCI_BRIDGE_IO_MASK : UINT32_MAX;
}

static void snapshot_note(struct pci_snapshot *snapshot, struct pci_host *host, uint32_t requester_id)
{
	struct pci_found *found = &snapshot->found[snapshot->count];
	const struct pci_function function = snapshot_function_of(host, requester_id);
	unsigned int acs = pci_find_extended(&function, PCI_EXTENDED_ID_ACS);

	*found = (struct pci_found){
		.requester_id = (uint16_t)requester_id,
		.id = pci_config_read(host, requester_id, PCI_ID),
		.bridge = pci_header_type(host, requester_id) == PCI_HEADER_TYPE_BRIDGE,
		.command = pci_config_read(host, requester_id, PCI_COMMAND) & PCI_COMMAND_MASK,
		.acs = acs ? pci_config_read(host, requester_id, acs + PCI_ACS_WORD) : 0,
	};
	for (unsigned int i = 0; i < PCI_SNAPSHOT_WORDS; i++) {
		found->word[i] = pci_config_read(host, requester_id, FIRST_WORD + 4 * i);
	}
	pci_note_enables(&function, found->enables);
	snapshot->count++;
}

void pci_snapshot_take(struct pci_snapshot *snapshot, struct pci_host *host)
{
	uint32_t last = (host->bus_last + 1U) << 8;

	snapshot->count = 0;
	snapshot->lost = 0;
	for (uint32_t id = (uint32_t)host->bus_first << 8; id < last; id++) {
		bool extra = id % PCI_DEVICE_FUNCTIONS;

		if (!pci_is_present(host, id)) {
			/* Without function 0 the device is absent. */
			id |= extra ? 0 : PCI_DEVICE_FUNCTIONS - 1U;
			continue;
		}
		if (snapshot->count == snapshot->found_max) {
			snapshot->lost++;
			continue;
		}
		snapshot_note(snapshot, host, id);
		if (!extra && !pci_is_multi_function(host, id)) {
			id |= PCI_DEVICE_FUNCTIONS - 1U;
		}
	}
}

/* Last bridge first, so that each is still reachable. */
static void snapshot_silence(struct pci_host *host)
{
	for (unsigned int i = host->function_count; i > 0; i--) {
		const struct pci_function *function = &host->function[i - 1];

		pci_write32(function, PCI_COMMAND, PCI_COMMAND_INTX_DISABLE);
		if (function->kind == PCI_BRIDGE) {
			pci_write32(function, PCI_BRIDGE_BUSES,
				    pci_read32(function, PCI_BRIDGE_BUSES) & ~PCI_BRIDGE_BUSES_MASK);
		}
	}
}

static void snapshot_put_back(struct pci_host *host, struct pci_found *found)
{
	const struct pci_function function = snapshot_function_of(host, found->requester_id);
	unsigned int acs = pci_find_extended(&function, PCI_EXTENDED_ID_ACS);

	for (unsigned int i = 0; i < PCI_SNAPSHOT_WORDS; i++) {
		unsigned int offset = FIRST_WORD + 4 * i;

		if (snapshot_is_kept(found, offset)) {
			pci_config_write(host, found->requester_id, offset,
					 found->word[i] & snapshot_kept_bits(found, offset));
		}
	}
	if (acs) {
		pci_config_write(host, found->requester_id, acs + PCI_ACS_WORD, found->acs);
	}
	pci_put_enables(&function, found->enables);
	found->restored = true;
}

/* A function answers under its old number once all bridges above have theirs. */
static void snapshot_put_back_reachable(struct pci_snapshot *snapshot, struct pci_host *host)
{
	for (unsigned int i = 0; i < snapshot->count; i++) {
		struct pci_found *found = &snapshot->found[i];

		if (!found->restored && snapshot_is_there(host, found)) {
			snapshot_put_back(host, found);
		}
	}
}

int pci_snapshot_restore(struct pci_snapshot *snapshot, struct pci_host *host)
{
	unsigned int missing = snapshot->lost;

	snapshot_silence(host);
	for (unsigned int pass = 0; pass < BUSES_PASSES; pass++) {
		snapshot_put_back_reachable(snapshot, host);
	}
	for (unsigned int i = 0; i < snapshot->count; i++) {
		const struct pci_found *found = &snapshot->found[i];

		missing += !found->restored;
		if (found->restored) {
			pci_config_write(host, found->requester_id, PCI_COMMAND, found->command);
		}
	}
	return missing ? -EIO : 0;
}
