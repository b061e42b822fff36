/* SPDX-License-Identifier: BSD-2-Clause */
/* Which functions reach each other without an SMMU (PCIe base specification 6.12, ACS). */
#include <stddef.h>

#include "pci/registers.h"

#define ACS_CONTROL_SHIFT 16U
#define ACS_SOURCE_VALIDATION (1U << 0)
#define ACS_REQUEST_REDIRECT (1U << 2)
#define ACS_COMPLETION_REDIRECT (1U << 3)
#define ACS_UPSTREAM_FORWARDING (1U << 4)
#define ACS_WANTED (ACS_SOURCE_VALIDATION | ACS_REQUEST_REDIRECT | ACS_COMPLETION_REDIRECT | ACS_UPSTREAM_FORWARDING)

/*
 * Turns on the ACS controls that exist: requests go up to the SMMU under their sender's ID. A missing control is
 * hard-wired, or has no path between peers (6.12.1.1, 6.12.1.2).
 */
static bool isolation_redirects(const struct pci_function *function)
{
	unsigned int at = pci_find_extended(function, PCI_EXTENDED_ID_ACS);
	uint32_t word, on;

	if (!at) {
		return false;
	}
	word = pci_read32(function, at + PCI_ACS_WORD);
	on = word & ACS_WANTED;
	pci_write32(function, at + PCI_ACS_WORD, word | on << ACS_CONTROL_SHIFT);
	word = pci_read32(function, at + PCI_ACS_WORD) >> ACS_CONTROL_SHIFT;
	return (word & on) == on;
}

static const struct pci_function *isolation_parent_of(const struct pci_function *function)
{
	return function->parent < 0 ? NULL : &function->host->function[function->parent];
}

static bool isolation_shares_its_device(const struct pci_function *function)
{
	const struct pci_host *host = function->host;

	for (unsigned int i = 0; i < host->function_count; i++) {
		const struct pci_function *other = &host->function[i];

		if (other != function && (other->requester_id ^ function->requester_id) <= function->mates) {
			return true;
		}
	}
	return false;
}

/* The bridge below which all functions reach each other, or NULL. */
static const struct pci_function *isolation_meeting_place(const struct pci_function *bridge)
{
	switch (pci_express_port(bridge)) {
	case PCI_EXPRESS_PORT_ROOT:
		return bridge->redirects ? NULL : bridge;
	case PCI_EXPRESS_PORT_DOWNSTREAM:
		/* The whole switch: its ports meet on its internal bus. */
		return bridge->redirects ? NULL : isolation_parent_of(bridge);
	case PCI_EXPRESS_PORT_UPSTREAM:
		/* Devices below the switch reach the other functions of its device. */
		return bridge->redirects || !isolation_shares_its_device(bridge) ? NULL : bridge;
	default:
		return bridge; /* Conventional PCI: a shared bus. */
	}
}

/* The topmost bridge where this function meets others, or NULL. */
static const struct pci_function *isolation_place_of(const struct pci_function *function)
{
	const struct pci_function *place = NULL;
	const struct pci_function *bridge = function->kind == PCI_BRIDGE ? function : isolation_parent_of(function);

	for (; bridge; bridge = isolation_parent_of(bridge)) {
		const struct pci_function *met = isolation_meeting_place(bridge);

		place = met ? met : place;
	}
	return place;
}

/* Unique over all hosts, never 0. Uses `order`, because a segment may have 32 bits. */
static uint32_t isolation_number_of(const struct pci_host *host, uint32_t requester_id)
{
	return ((uint32_t)host->order << 16 | requester_id) + 1U;
}

static uint32_t isolation_of(const struct pci_function *function)
{
	const struct pci_function *place = isolation_place_of(function);
	bool alone = function->kind == PCI_HOST_BRIDGE || function->redirects || !isolation_shares_its_device(function);

	if (!place && alone) {
		return 0;
	}
	place = place ? place : function;
	/* Functions of one device reach each other without ACS; a single one needs none (6.12.1.3). */
	if (!place->redirects && isolation_shares_its_device(place)) {
		return isolation_number_of(place->host, place->requester_id & ~(uint32_t)place->mates);
	}
	return isolation_number_of(place->host, place->requester_id);
}

void pci_isolate(struct pci_host *host)
{
	for (unsigned int i = 0; i < host->function_count; i++) {
		host->function[i].redirects = isolation_redirects(&host->function[i]);
	}
	for (unsigned int i = 0; i < host->function_count; i++) {
		host->function[i].isolation = isolation_of(&host->function[i]);
	}
}
