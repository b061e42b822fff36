/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Who can reach whom without an SMMU seeing it (PCI Express base specification, 6.12: access control services). Where a
 * port sends requests between the devices below it on a short cut, no SMMU keeps those apart: they are one group.
 */
#include <stddef.h>

#include "pci/registers.h"

/* ACS capability in the lower half, ACS control in the upper half, of the word behind the header. */
#define ACS_CONTROL_SHIFT 16U
#define ACS_SOURCE_VALIDATION (1U << 0)
#define ACS_REQUEST_REDIRECT (1U << 2)
#define ACS_COMPLETION_REDIRECT (1U << 3)
#define ACS_UPSTREAM_FORWARDING (1U << 4)
#define ACS_WANTED (ACS_SOURCE_VALIDATION | ACS_REQUEST_REDIRECT | ACS_COMPLETION_REDIRECT | ACS_UPSTREAM_FORWARDING)

/*
 * Turns on what the function has, and says whether all of that is on: then every request goes up to where an SMMU sees
 * it, under a requester ID that is its sender's. A control that a function with the capability lacks is hard-wired, or
 * the function has no path between peers that it would close (6.12.1.1 and 6.12.1.2). Linux asks for the same four.
 */
static bool redirects(const struct pci_function *function)
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

static const struct pci_function *parent_of(const struct pci_function *function)
{
	return function->parent < 0 ? NULL : &function->host->function[function->parent];
}

static bool shares_its_device(const struct pci_function *function)
{
	const struct pci_host *host = function->host;

	for (unsigned int i = 0; i < host->function_count; i++) {
		const struct pci_function *other = &host->function[i];

		if (other != function && (other->requester_id ^ function->requester_id) < PCI_DEVICE_FUNCTIONS) {
			return true;
		}
	}
	return false;
}

/* The bridge, below which everything can meet everything; NULL where this one keeps what is below it apart. */
static const struct pci_function *meeting_place(const struct pci_function *bridge)
{
	switch (pci_express_port(bridge)) {
	case PCI_EXPRESS_PORT_ROOT:
		return bridge->redirects ? NULL : bridge;
	case PCI_EXPRESS_PORT_DOWNSTREAM:
		/* The switch as a whole: its ports meet on its inner bus. */
		return bridge->redirects ? NULL : parent_of(bridge);
	case PCI_EXPRESS_PORT_UPSTREAM:
		/* What is below a switch reaches the other functions of a device that the switch is one function of. */
		return bridge->redirects || !shares_its_device(bridge) ? NULL : bridge;
	default:
		return bridge; /* Conventional PCI below it: a bus is shared. */
	}
}

/* The topmost place where this function meets others, or NULL. */
static const struct pci_function *place_of(const struct pci_function *function)
{
	const struct pci_function *place = NULL;
	const struct pci_function *bridge = function->kind == PCI_BRIDGE ? function : parent_of(function);

	for (; bridge; bridge = parent_of(bridge)) {
		const struct pci_function *met = meeting_place(bridge);

		place = met ? met : place;
	}
	return place;
}

/* Numbers that no other host has, and never 0. A segment's number may have 32 bits. */
static uint32_t number_of(const struct pci_host *host, uint32_t requester_id)
{
	return ((uint32_t)host->order << 16 | requester_id) + 1U;
}

static uint32_t isolation_of(const struct pci_function *function)
{
	const struct pci_function *place = place_of(function);
	bool alone = function->kind == PCI_HOST_BRIDGE || function->redirects || !shares_its_device(function);

	if (!place && alone) {
		return 0;
	}
	place = place ? place : function;
	/* Functions of one device reach each other inside of it, unless they say otherwise; one alone needs no ACS
	 * (6.12.1.3). */
	if (!place->redirects && shares_its_device(place)) {
		return number_of(place->host, place->requester_id & ~(PCI_DEVICE_FUNCTIONS - 1U));
	}
	return number_of(place->host, place->requester_id);
}

void pci_isolate(struct pci_host *host)
{
	for (unsigned int i = 0; i < host->function_count; i++) {
		host->function[i].redirects = redirects(&host->function[i]);
	}
	for (unsigned int i = 0; i < host->function_count; i++) {
		host->function[i].isolation = isolation_of(&host->function[i]);
	}
}
