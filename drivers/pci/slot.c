/* SPDX-License-Identifier: BSD-2-Clause */
/* Hot-plug slots (PCIe base specification 6.7, 7.5.3). */
#include "pci/slot.h"

#include <errno.h>
#include <stddef.h>

#include "base/arch.h"
#include "base/deadline.h"
#include "pci/registers.h"

#define FLAGS_SLOT (1U << 24) /* Slot Implemented, in the capability's first dword. */

#define LINK_CAPABILITIES 0x0cU
#define LINK_REPORTS_ACTIVE (1U << 20)
#define LINK_STATUS 0x10U /* In the upper half, as below. */
#define LINK_ACTIVE (1U << 29)

#define SLOT_CAPABILITIES 0x14U
#define SLOT_HOT_PLUG (1U << 6)
#define SLOT_NO_COMMAND_COMPLETED (1U << 18)
#define SLOT_CONTROL 0x18U
#define SLOT_CONTROL_MASK 0xffffU
#define SLOT_POWER_INDICATOR (3U << 8)
#define SLOT_POWER_INDICATOR_ON (1U << 8)
#define SLOT_POWER_INDICATOR_OFF (3U << 8)
#define SLOT_POWER_OFF (1U << 10) /* Power Controller Control. */
#define SLOT_PRESSED (1U << 16)
#define SLOT_PRESENCE_CHANGED (1U << 19)
#define SLOT_COMMAND_COMPLETED (1U << 20)
#define SLOT_PRESENT (1U << 22)
#define SLOT_LINK_CHANGED (1U << 24)
#define SLOT_EVENTS 0x011f0000U /* All of the status that is RW1C. */

#define COMMAND_US 1000000U /* 6.7.3.2. */
#define LINK_US 1000000U
#define AFTER_LINK_US 100000U /* 6.6.1: before the first configuration request. */
#define POWER_OFF_US 1000000U /* 6.7.1.8: before power may come again. */

static uint32_t slot_status(const struct pci_slot *slot)
{
	return pci_read32(slot->port, slot->at + SLOT_CONTROL);
}

/* Each write is a command; it also clears the events that were read. */
static void slot_command(const struct pci_slot *slot, uint32_t control, uint32_t events)
{
	bool tells = !(pci_read32(slot->port, slot->at + SLOT_CAPABILITIES) & SLOT_NO_COMMAND_COMPLETED);
	struct deadline deadline = deadline_in_us(COMMAND_US);

	pci_write32(slot->port, slot->at + SLOT_CONTROL, control | events | SLOT_COMMAND_COMPLETED);
	while (tells && !(slot_status(slot) & SLOT_COMMAND_COMPLETED) && !deadline_passed(&deadline)) {
		arch_relax();
	}
}

static void slot_forget_events(const struct pci_slot *slot)
{
	uint32_t status = slot_status(slot);

	if (status & (SLOT_EVENTS & ~SLOT_COMMAND_COMPLETED)) {
		slot_command(slot, status & SLOT_CONTROL_MASK, status & SLOT_EVENTS);
	}
}

static void slot_power(const struct pci_slot *slot, bool on)
{
	uint32_t control = slot_status(slot) & SLOT_CONTROL_MASK & ~(SLOT_POWER_INDICATOR | SLOT_POWER_OFF);

	slot_command(slot, control | (on ? SLOT_POWER_INDICATOR_ON : SLOT_POWER_INDICATOR_OFF | SLOT_POWER_OFF), 0);
}

static bool slot_is_alone(const struct pci_function *function)
{
	const struct pci_host *host = function->host;

	for (unsigned int i = 0; i < host->function_count; i++) {
		if (&host->function[i] != function && host->function[i].parent == function->parent) {
			return false;
		}
	}
	return true;
}

bool pci_slot_open(struct pci_slot *slot, struct pci_function *function)
{
	*slot = (struct pci_slot){.function = function, .in_use = true};
	if (function->parent < 0 || function->kind != PCI_ENDPOINT || !slot_is_alone(function)) {
		return false;
	}
	slot->port = &function->host->function[function->parent];
	slot->at = pci_find_capability(slot->port, PCI_CAPABILITY_ID_EXPRESS);
	if (!slot->at || !(pci_read32(slot->port, slot->at) & FLAGS_SLOT) ||
	    !(pci_read32(slot->port, slot->at + SLOT_CAPABILITIES) & SLOT_HOT_PLUG)) {
		return false;
	}
	slot_forget_events(slot);
	return true;
}

enum pci_slot_event pci_slot_look(struct pci_slot *slot)
{
	uint32_t status = slot_status(slot);
	bool changed = status & SLOT_PRESENCE_CHANGED;
	bool pressed = status & SLOT_PRESSED;

	if (slot->in_use && (changed || status & SLOT_LINK_CHANGED || !(status & SLOT_PRESENT))) {
		slot->in_use = false;
		slot->was_lost = true;
		return PCI_SLOT_LOST;
	}
	slot_forget_events(slot);
	if (slot->in_use) {
		return pressed ? PCI_SLOT_ASKED : PCI_SLOT_QUIET;
	}
	return status & SLOT_PRESENT && (changed || pressed || slot->was_lost) ? PCI_SLOT_ARRIVED : PCI_SLOT_QUIET;
}

void pci_slot_empty(struct pci_slot *slot)
{
	slot->in_use = false;
	slot_power(slot, false);
	/* At once: what comes from here on is another device's. */
	slot_forget_events(slot);
	arch_sleep_us(POWER_OFF_US);
}

static void slot_await_link(const struct pci_slot *slot)
{
	struct deadline deadline = deadline_in_us(LINK_US);
	bool reports = pci_read32(slot->port, slot->at + LINK_CAPABILITIES) & LINK_REPORTS_ACTIVE;

	while (!reports || !(pci_read32(slot->port, slot->at + LINK_STATUS) & LINK_ACTIVE)) {
		if (deadline_passed(&deadline)) {
			break;
		}
		arch_relax();
	}
	arch_sleep_us(AFTER_LINK_US);
}

static int slot_find_function(struct pci_function *function)
{
	const struct pci_host *host = function->host;

	if (!pci_is_present(host, function->requester_id)) {
		return -ENODEV;
	}
	return pci_header_type(host, function->requester_id) == PCI_HEADER_TYPE_BRIDGE ? -ENOTSUP : 0;
}

static int slot_take_function(struct pci_function *function)
{
	uint32_t id = pci_read32(function, PCI_ID);

	function->vendor = (uint16_t)(id & PCI_ID_NONE);
	function->device = (uint16_t)(id >> PCI_ID_DEVICE_SHIFT);
	function->class_code = pci_read32(function, PCI_CLASS) >> PCI_CLASS_CODE_SHIFT;
	pci_quiet(function, true);
	return pci_place_bars(function);
}

int pci_slot_fill(struct pci_slot *slot)
{
	int error;

	slot->was_lost = false;
	slot_power(slot, true);
	slot_await_link(slot);
	error = slot_find_function(slot->function);
	if (!error) {
		error = slot_take_function(slot->function);
	}
	slot_forget_events(slot);
	slot->in_use = !error;
	if (error) {
		pci_slot_empty(slot);
	}
	return error;
}

bool pci_is_gone(const struct pci_function *function)
{
	return pci_read32(function, PCI_ID) == UINT32_MAX;
}
