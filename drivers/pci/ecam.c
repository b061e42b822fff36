/* SPDX-License-Identifier: BSD-2-Clause */
/* Configuration access through ECAM (PCIe base specification 7.2.2), or by a host's driver. */
#include "base/arch.h"
#include "pci/host.h"
#include "pci/registers.h"

#define ECAM_REQUESTER_SHIFT 12U
#define BUS_SHIFT 8U
#define BUS_MASK 0xffU

static volatile uint8_t *ecam_config_at(const struct pci_host *host, uint32_t requester_id, unsigned int offset)
{
	uint32_t first = (uint32_t)host->bus_first << BUS_SHIFT;

	return host->ecam + ((size_t)(requester_id - first) << ECAM_REQUESTER_SHIFT) + offset;
}

/* Probes: some host bridges abort where no function answers. */
static uint32_t ecam_read_id(const volatile uint8_t *function)
{
	uint32_t id;

	return arch_probe_read32(function + PCI_ID, &id) ? id : UINT32_MAX;
}

/* True also for a function that is not ready yet. */
static bool ecam_is_answer(uint32_t id)
{
	uint32_t vendor = id & PCI_ID_NONE;

	return vendor != PCI_ID_NONE && vendor != 0;
}

static bool find_by_driver(const struct pci_host *host, uint32_t *requester_id, uint32_t end)
{
	while (*requester_id < end && !ecam_is_answer(pci_config_read(host, *requester_id, PCI_ID))) {
		*requester_id += PCI_DEVICE_FUNCTIONS;
	}
	return *requester_id != end;
}

/* Increments the address, which is faster for thousands of devices. */
bool pci_find_device(const struct pci_host *host, uint32_t *requester_id, uint32_t end)
{
	const volatile uint8_t *device;

	if (ARCH_MORE_HOSTS && host->driver) {
		return find_by_driver(host, requester_id, end);
	}
	device = ecam_config_at(host, *requester_id, 0);
	while (*requester_id < end && !ecam_is_answer(ecam_read_id(device))) {
		*requester_id += PCI_DEVICE_FUNCTIONS;
		device += PCI_DEVICE_FUNCTIONS << ECAM_REQUESTER_SHIFT;
	}
	return *requester_id < end;
}

uint32_t pci_config_read(const struct pci_host *host, uint32_t requester_id, unsigned int offset)
{
	volatile uint8_t *at;

	if (ARCH_MORE_HOSTS && host->driver) {
		uint32_t value;

		return host->driver->access(host, requester_id, offset, &value, false) ? value : UINT32_MAX;
	}
	at = ecam_config_at(host, requester_id, 0);
	return offset == PCI_ID ? ecam_read_id(at) : arch_read32(at + offset);
}

void pci_config_write(const struct pci_host *host, uint32_t requester_id, unsigned int offset, uint32_t value)
{
	if (ARCH_MORE_HOSTS && host->driver) {
		(void)host->driver->access(host, requester_id, offset, &value, true);
		return;
	}
	arch_write32(ecam_config_at(host, requester_id, offset), value);
}

uint32_t pci_read32(const struct pci_function *function, unsigned int offset)
{
	return pci_config_read(function->host, function->requester_id, offset);
}

void pci_write32(const struct pci_function *function, unsigned int offset, uint32_t value)
{
	pci_config_write(function->host, function->requester_id, offset, value);
}

void pci_command(const struct pci_function *function, uint32_t set, uint32_t clear)
{
	uint32_t command = pci_read32(function, PCI_COMMAND) & PCI_COMMAND_MASK;

	pci_write32(function, PCI_COMMAND, (command & ~clear) | set);
}

unsigned int pci_find_capability(const struct pci_function *function, uint32_t id)
{
	uint32_t offset = 0;

	if (pci_read32(function, PCI_COMMAND) & PCI_STATUS_CAPABILITIES) {
		offset = pci_read32(function, PCI_CAPABILITIES) & PCI_CAPABILITY_OFFSET_MASK;
	}
	for (unsigned int i = 0; i < PCI_CAPABILITIES_MAX && offset; i++) {
		uint32_t header = pci_read32(function, offset);

		if ((header & PCI_CAPABILITY_ID_MASK) == id) {
			return offset;
		}
		offset = header >> PCI_CAPABILITY_NEXT_SHIFT & PCI_CAPABILITY_OFFSET_MASK;
	}
	return 0;
}

uint32_t pci_express_port(const struct pci_function *function)
{
	unsigned int at = pci_find_capability(function, PCI_CAPABILITY_ID_EXPRESS);

	return at ? pci_read32(function, at) >> PCI_EXPRESS_PORT_SHIFT & PCI_EXPRESS_PORT_MASK : PCI_EXPRESS_PORT_NONE;
}

unsigned int pci_find_extended(const struct pci_function *function, uint32_t id)
{
	unsigned int at = PCI_EXTENDED;

	if (!pci_find_capability(function, PCI_CAPABILITY_ID_EXPRESS)) {
		return 0;
	}
	for (unsigned int i = 0; i < PCI_EXTENDED_MAX && at >= PCI_EXTENDED && at < PCI_EXTENDED_END; i++) {
		uint32_t header = pci_read32(function, at);

		if (header == 0 || header == UINT32_MAX) {
			return 0;
		}
		if ((header & PCI_EXTENDED_ID_MASK) == id) {
			return at;
		}
		at = header >> PCI_EXTENDED_NEXT_SHIFT & ~3U;
	}
	return 0;
}

uint16_t pci_alias(const struct pci_function *function)
{
	const struct pci_host *host = function->host;
	uint16_t alias = function->requester_id;

	for (int parent = function->parent; parent >= 0; parent = host->function[parent].parent) {
		const struct pci_function *bridge = &host->function[parent];

		switch (pci_express_port(bridge)) {
		case PCI_EXPRESS_PORT_TO_PCI:
			alias = (uint16_t)(bridge->secondary_bus << BUS_SHIFT);
			break;
		case PCI_EXPRESS_PORT_NONE:
			alias = bridge->requester_id;
			break;
		default:
			break;
		}
	}
	return alias;
}

void pci_bus_master(const struct pci_function *function, bool on)
{
	const struct pci_host *host = function->host;

	if (!on) {
		pci_command(function, 0, PCI_COMMAND_BUS_MASTER);
		return;
	}
	pci_command(function, PCI_COMMAND_BUS_MASTER, 0);
	while (function->parent >= 0) {
		function = &host->function[function->parent];
		pci_command(function, PCI_COMMAND_BUS_MASTER, 0);
	}
}

/* From the end: a bridge is recorded before what is below it. */
void pci_bus_master_all_off(struct pci_host *host)
{
	for (unsigned int i = host->function_count; i > 0; i--) {
		pci_command(&host->function[i - 1], 0, PCI_COMMAND_BUS_MASTER);
	}
}

uint8_t pci_set_secondary_bus(struct pci_host *host, unsigned int bridge, uint8_t bus)
{
	const struct pci_function *function = &host->function[bridge];
	uint32_t buses = pci_read32(function, PCI_BRIDGE_BUSES);
	uint32_t keep = ~(BUS_MASK << PCI_BRIDGE_SECONDARY_SHIFT | BUS_MASK << PCI_BRIDGE_SUBORDINATE_SHIFT);
	uint32_t subordinate = bus == function->secondary_bus ? function->subordinate_bus : bus;

	pci_write32(function, PCI_BRIDGE_BUSES,
		    (buses & keep) | (uint32_t)bus << PCI_BRIDGE_SECONDARY_SHIFT |
			    subordinate << PCI_BRIDGE_SUBORDINATE_SHIFT);
	return (uint8_t)(buses >> PCI_BRIDGE_SECONDARY_SHIFT & BUS_MASK);
}
