/* SPDX-License-Identifier: BSD-2-Clause */
#include "pci/registers.h"

#define ACS_CONTROL_SHIFT 16U
#define ACS_SOURCE_VALIDATION (1U << 0)

static const struct pci_function *exchange_bridge_above(const struct pci_function *function)
{
	return &function->host->function[function->parent];
}

/* `on`: sets it where the bridge has it, as enumeration did. */
static void exchange_validate_source(const struct pci_function *bridge, bool on)
{
	unsigned int at = pci_find_extended(bridge, PCI_EXTENDED_ID_ACS);
	uint32_t word;

	if (at) {
		word = pci_read32(bridge, at + PCI_ACS_WORD);
		word &= ~(ACS_SOURCE_VALIDATION << ACS_CONTROL_SHIFT);
		word |= on ? (word & ACS_SOURCE_VALIDATION) << ACS_CONTROL_SHIFT : 0;
		pci_write32(bridge, at + PCI_ACS_WORD, word);
	}
}

static uint8_t exchange_bus_below(const struct pci_function *bridge)
{
	return (uint8_t)(pci_read32(bridge, PCI_BRIDGE_BUSES) >> PCI_BRIDGE_SECONDARY_SHIFT);
}

/* By a type 0 write to the read-only IDs. */
static bool exchange_learns_its_bus(const struct pci_function *function)
{
	uint32_t requester_id =
		(uint32_t)exchange_bus_below(exchange_bridge_above(function)) << 8 | (function->requester_id & 0xffU);
	uint32_t id = (uint32_t)function->device << 16 | function->vendor;

	if (pci_config_read(function->host, requester_id, PCI_ID) != id) {
		return false;
	}
	pci_config_write(function->host, requester_id, PCI_ID, id);
	return true;
}

static bool exchange_buses(const struct pci_function *function, const struct pci_function *other)
{
	struct pci_host *host = function->host;
	uint8_t bus = exchange_bus_below(exchange_bridge_above(function));
	bool learned;

	bus = pci_set_secondary_bus(host, (unsigned int)other->parent, bus);
	(void)pci_set_secondary_bus(host, (unsigned int)function->parent, bus);
	/* Both, even if the first fails. */
	learned = exchange_learns_its_bus(function);
	return exchange_learns_its_bus(other) && learned;
}

bool pci_exchange_buses(const struct pci_function *function, const struct pci_function *other)
{
	const struct pci_function *bridge = exchange_bridge_above(function);
	bool learned;

	exchange_validate_source(bridge, false);
	exchange_validate_source(exchange_bridge_above(other), false);
	learned = exchange_buses(function, other);
	if (!learned && exchange_bus_below(bridge) != bridge->secondary_bus) {
		(void)exchange_buses(function, other);
	}
	if (exchange_bus_below(bridge) == bridge->secondary_bus) {
		exchange_validate_source(bridge, true);
		exchange_validate_source(exchange_bridge_above(other), true);
	}
	return learned;
}
