/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Finds functions and assigns bus numbers. A host's root buses, of which it may have several, come first: they answer
 * while no bridge forwards.
 */
#include <errno.h>
#include <stddef.h>

#include "base/arch.h"
#include "base/deadline.h"
#include "pci/registers.h"

#define BUS_SHIFT 8U
#define DEVICE_SHIFT 3U
#define BUS_MASK 0xffU
#define DEPTH_MAX 16U /* Nested bridges. */
#define SCANS_MAX 16U
#define ROOT_BUSES_MAX (sizeof(((struct pci_host *)0)->root_bus))
#define NO_PARENT (-1)
#define NAME_SEGMENT_DIGITS 4U
#define NAME_SEGMENT_DIGITS_MAX 8U
#define READY_US 1000000U
#define NAME_BUS_DIGITS 2U

struct scan {
	struct pci_host *host;
	pci_warn_function *warn;
	bool again; /* Not the first scan: functions may be known. */
};

static uint32_t bus_requester(uint32_t bus, uint32_t device, uint32_t function)
{
	return bus << BUS_SHIFT | device << DEVICE_SHIFT | function;
}

static uint32_t bus_of(const struct pci_function *function)
{
	return (uint32_t)function->requester_id >> BUS_SHIFT;
}

/* A function that is not ready has 1 s after a reset or new bus numbers (PCIe base specification 2.3.2, 6.6.1). */
static uint32_t bus_wait_ready(const struct pci_host *host, uint32_t requester_id)
{
	struct deadline deadline = deadline_in_us(READY_US);
	uint32_t vendor;

	do {
		vendor = pci_config_read(host, requester_id, PCI_ID) & PCI_ID_NONE;
	} while (vendor == PCI_ID_NOT_READY && !deadline_passed(&deadline));
	return vendor;
}

/* Some hosts return all zeros where no function answers. */
bool pci_is_present(const struct pci_host *host, uint32_t requester_id)
{
	uint32_t vendor = pci_config_read(host, requester_id, PCI_ID) & PCI_ID_NONE;

	if (vendor == PCI_ID_NOT_READY) {
		vendor = bus_wait_ready(host, requester_id);
	}
	return vendor != PCI_ID_NONE && vendor != PCI_ID_NOT_READY && vendor != 0;
}

bool pci_is_multi_function(const struct pci_host *host, uint32_t requester_id)
{
	return pci_config_read(host, requester_id, PCI_HEADER) & PCI_HEADER_MULTI_FUNCTION;
}

uint32_t pci_header_type(const struct pci_host *host, uint32_t requester_id)
{
	return pci_config_read(host, requester_id, PCI_HEADER) >> PCI_HEADER_TYPE_SHIFT & PCI_HEADER_TYPE_MASK;
}

void pci_unassigned(const struct pci_function *function, pci_warn_function *warn, const char *text)
{
	function->host->unassigned_count++;
	if (warn) {
		warn(function, text);
	}
}

/* --- Names. --- */

static char *bus_put_hex(char *at, uint32_t value, unsigned int digits)
{
	for (unsigned int digit = digits; digit > 0; digit--) {
		*at++ = "0123456789abcdef"[value >> (4 * (digit - 1)) & 0xfU];
	}
	return at;
}

static void bus_put_name(struct pci_function *function)
{
	uint32_t id = function->requester_id;
	uint32_t segment = function->host->segment;
	char *at = bus_put_hex(function->name, segment, segment >> 16 ? NAME_SEGMENT_DIGITS_MAX : NAME_SEGMENT_DIGITS);

	*at++ = ':';
	at = bus_put_hex(at, id >> BUS_SHIFT, NAME_BUS_DIGITS);
	*at++ = ':';
	at = bus_put_hex(at, id >> DEVICE_SHIFT & (PCI_DEVICES - 1), NAME_BUS_DIGITS);
	*at++ = '.';
	at = bus_put_hex(at, id & (PCI_DEVICE_FUNCTIONS - 1), 1);
	*at = '\0';
}

static enum pci_kind bus_kind_of(const struct pci_host *host, const struct pci_function *function)
{
	if (pci_header_type(host, function->requester_id) == PCI_HEADER_TYPE_BRIDGE) {
		return PCI_BRIDGE;
	}
	return function->class_code >> PCI_CLASS_INTERFACE_WIDTH == PCI_CLASS_HOST_BRIDGE ? PCI_HOST_BRIDGE :
											    PCI_ENDPOINT;
}

/* Closed until bars.c assigns addresses; I/O decoding stays off. */
static void bus_close_windows(const struct pci_function *bridge)
{
	pci_write32(bridge, PCI_BRIDGE_MEMORY, PCI_BRIDGE_CLOSED);
	pci_write32(bridge, PCI_BRIDGE_PREFETCHABLE, PCI_BRIDGE_CLOSED);
	pci_write32(bridge, PCI_BRIDGE_PREFETCHABLE_BASE_UPPER, 0);
	pci_write32(bridge, PCI_BRIDGE_PREFETCHABLE_LIMIT_UPPER, 0);
}

/* Decoding and DMA go off first: while bus numbers change, requests would carry another stream ID. NULL: no room. */
static struct pci_function *bus_record(const struct scan *scan, uint32_t requester_id, int parent)
{
	struct pci_host *host = scan->host;
	uint32_t id = pci_config_read(host, requester_id, PCI_ID);
	struct pci_function *function = &host->function[host->function_count];
	struct pci_function found = {
		.host = host,
		.requester_id = (uint16_t)requester_id,
		.vendor = (uint16_t)(id & PCI_ID_NONE),
		.device = (uint16_t)(id >> PCI_ID_DEVICE_SHIFT),
		.class_code = pci_config_read(host, requester_id, PCI_CLASS) >> PCI_CLASS_CODE_SHIFT,
		.parent = parent,
	};

	pci_quiet(&found, scan->again);
	if (host->function_count == host->function_max) {
		pci_unassigned(function - 1, scan->warn, "more functions than can be listed behind this one");
		return NULL;
	}
	*function = found;
	function->kind = bus_kind_of(host, function);
	function->express_root_port =
		function->kind == PCI_BRIDGE && pci_express_port(function) == PCI_EXPRESS_PORT_ROOT;
	bus_put_name(function);
	host->function_count++;
	return function;
}

/* --- Root buses. --- */

/* Hides what is below the bridge; bus_range_makes_sense() checks the old numbers later. */
static void take_buses(struct pci_function *bridge)
{
	uint32_t buses = pci_read32(bridge, PCI_BRIDGE_BUSES);

	pci_write32(bridge, PCI_BRIDGE_BUSES, buses & ~PCI_BRIDGE_BUSES_MASK);
	bridge->buses_found = buses;
}

static void bus_say_not_ready(const struct scan *scan, uint32_t requester_id)
{
	struct pci_function function = {.host = scan->host, .requester_id = (uint16_t)requester_id};

	if ((pci_config_read(scan->host, requester_id, PCI_ID) & PCI_ID_NONE) == PCI_ID_NOT_READY) {
		bus_put_name(&function);
		pci_unassigned(&function, scan->warn,
			       "it says for a second that it is not ready (vendor ID 0x0001): "
			       "it is left alone");
	}
}

/* A device alone on its bus may have 256 functions (ARI, 6.13): function 0 then names another. */
static bool bus_has_many_functions(struct pci_host *host, uint32_t first)
{
	const struct pci_function function = {.host = host, .requester_id = (uint16_t)first};
	unsigned int at = pci_find_extended(&function, PCI_EXTENDED_ID_ARI);

	return at && pci_read32(&function, at + PCI_ARI_WORD) & PCI_ARI_NEXT_MASK;
}

static uint32_t bus_functions_of(const struct scan *scan, uint32_t first, uint32_t devices)
{
	if (!pci_is_present(scan->host, first)) {
		bus_say_not_ready(scan, first);
		return 0;
	}
	if (devices == 1 && bus_has_many_functions(scan->host, first)) {
		return PCI_DEVICES * PCI_DEVICE_FUNCTIONS;
	}
	return pci_is_multi_function(scan->host, first) ? PCI_DEVICE_FUNCTIONS : 1;
}

/* Returns how many devices answered. */
static unsigned int record_bus(const struct scan *scan, uint32_t bus, int parent, uint32_t devices)
{
	struct pci_host *host = scan->host;
	uint32_t first = bus_requester(bus, 0, 0);
	uint32_t end = first + devices * PCI_DEVICE_FUNCTIONS;
	unsigned int found = 0;

	for (; pci_find_device(host, &first, end); first += PCI_DEVICE_FUNCTIONS) {
		uint32_t functions = bus_functions_of(scan, first, devices);

		found += functions > 0;
		for (uint32_t id = first; id < first + functions; id++) {
			struct pci_function *recorded;

			if (!pci_is_present(host, id)) {
				continue;
			}
			recorded = bus_record(scan, id, parent);
			if (recorded) {
				recorded->mates = (uint8_t)(PCI_DEVICES / devices * PCI_DEVICE_FUNCTIONS - 1);
			}
			if (recorded && recorded->kind == PCI_BRIDGE) {
				pci_note_windows(recorded);
				bus_close_windows(recorded);
				take_buses(recorded);
			}
		}
	}
	return found;
}

/* Lowest bus first: once its bridges forward nothing, another bus that answers is a root bus. */
static void scan_buses(const struct scan *scan)
{
	struct pci_host *host = scan->host;

	host->root_count = 0;
	host->function_count = 0;
	host->unassigned_count = 0;
	for (uint32_t bus = host->bus_first; bus <= host->bus_last; bus++) {
		if (record_bus(scan, bus, NO_PARENT, PCI_DEVICES) == 0) {
			continue;
		}
		if (host->root_count == ROOT_BUSES_MAX) {
			pci_unassigned(&host->function[host->function_count - 1], scan->warn,
				       "more root buses than can be listed behind this one");
			return;
		}
		host->root_bus[host->root_count++] = (uint8_t)bus;
	}
}

static bool bus_all_answer(const struct pci_host *host)
{
	for (unsigned int i = 0; i < host->function_count; i++) {
		if (!pci_is_present(host, host->function[i].requester_id)) {
			return false;
		}
	}
	return true;
}

/* Scans again where a bus no longer answers: a bridge forwarded to it. */
static void bus_find_roots(struct scan *scan)
{
	unsigned int scans = 0;

	do {
		scan->again = scans++;
		scan_buses(scan);
	} while (!bus_all_answer(scan->host) && scans < SCANS_MAX);
}

/* --- Bus numbers. --- */

struct bus_range {
	uint32_t first;
	uint32_t last;
};

static struct bus_range bus_range_before(const struct pci_function *bridge)
{
	return (struct bus_range){
		.first = bridge->buses_found >> PCI_BRIDGE_SECONDARY_SHIFT & BUS_MASK,
		.last = bridge->buses_found >> PCI_BRIDGE_SUBORDINATE_SHIFT & BUS_MASK,
	};
}

static bool bus_ranges_overlap(struct bus_range a, struct bus_range b)
{
	return a.first <= b.last && b.first <= a.last;
}

static struct bus_range bus_range_now(const struct pci_function *bridge)
{
	return (struct bus_range){.first = bridge->secondary_bus, .last = bridge->subordinate_bus};
}

/* Do the programmed numbers lie in `room`, clear of siblings' kept ones? */
static bool bus_range_makes_sense(const struct pci_host *host, const struct pci_function *bridge, struct bus_range room)
{
	struct bus_range before = bus_range_before(bridge);

	if (before.first < room.first || before.first > before.last || before.last > room.last) {
		return false;
	}
	for (const struct pci_function *other = host->function; other < bridge; other++) {
		if (other->kind == PCI_BRIDGE && other->secondary_bus && bus_of(other) == bus_of(bridge) &&
		    bus_ranges_overlap(before, bus_range_now(other))) {
			return false;
		}
	}
	return true;
}

static void set_buses(struct pci_function *bridge, struct bus_range range)
{
	uint32_t buses = pci_read32(bridge, PCI_BRIDGE_BUSES) & ~PCI_BRIDGE_BUSES_MASK;

	bridge->secondary_bus = (uint8_t)range.first;
	bridge->subordinate_bus = (uint8_t)range.last;
	pci_write32(bridge, PCI_BRIDGE_BUSES,
		    buses | bus_of(bridge) | range.first << PCI_BRIDGE_SECONDARY_SHIFT |
			    range.last << PCI_BRIDGE_SUBORDINATE_SHIFT);
}

/* Of the bridges [first, end) of one bus. */
static void bus_keep_numbers(struct pci_host *host, unsigned int first, unsigned int end, struct bus_range room)
{
	for (unsigned int i = first; i < end; i++) {
		struct pci_function *bridge = &host->function[i];

		if (bridge->kind == PCI_BRIDGE && bus_range_makes_sense(host, bridge, room)) {
			set_buses(bridge, bus_range_before(bridge));
		}
	}
}

static const struct pci_function *bus_owner_of(const struct pci_host *host, unsigned int first, unsigned int end,
					       uint32_t bus)
{
	for (unsigned int i = first; i < end; i++) {
		const struct pci_function *bridge = &host->function[i];

		if (bridge->secondary_bus && bridge->secondary_bus <= bus && bus <= bridge->subordinate_bus) {
			return bridge;
		}
	}
	return NULL;
}

/* The longest run of unused numbers; may be empty. */
static struct bus_range bus_free_numbers(const struct pci_host *host, unsigned int first, unsigned int end,
					 struct bus_range room)
{
	struct bus_range best = {.first = 1, .last = 0};
	uint32_t from = room.first;

	for (uint32_t bus = room.first; bus <= room.last + 1; bus++) {
		if (bus > room.last || bus_owner_of(host, first, end, bus)) {
			best = bus - from > best.last + 1 - best.first ? (struct bus_range){from, bus - 1} : best;
			from = bus + 1;
		}
	}
	return best;
}

/* The last number in use, or room.first - 1. */
static uint32_t bus_last_number(const struct pci_host *host, unsigned int first, unsigned int end,
				struct bus_range room)
{
	uint32_t last = room.last;

	while (last >= room.first && !bus_owner_of(host, first, end, last)) {
		last--;
	}
	return last;
}

/* Below a root port or downstream port there is only device 0. */
static uint32_t bus_devices_below(const struct pci_function *bridge)
{
	uint32_t port = pci_express_port(bridge);

	return port == PCI_EXPRESS_PORT_ROOT || port == PCI_EXPRESS_PORT_DOWNSTREAM ? 1 : PCI_DEVICES;
}

static uint32_t number_bus(const struct scan *scan, unsigned int first, unsigned int end, struct bus_range room,
			   unsigned int depth);

/* Returns the last bus number used below the bridge. */
static uint32_t bus_descend(const struct scan *scan, struct pci_function *bridge, uint32_t last, unsigned int depth)
{
	struct pci_host *host = scan->host;
	unsigned int first = host->function_count;
	struct bus_range below = {.first = bridge->secondary_bus + 1U, .last = last};

	record_bus(scan, bridge->secondary_bus, (int)(bridge - host->function), bus_devices_below(bridge));
	return number_bus(scan, first, host->function_count, below, depth + 1);
}

/* Gives the bridge all free numbers, then takes back those not needed. */
static void bus_number_bridge(const struct scan *scan, struct pci_function *bridge, struct bus_range free,
			      unsigned int depth)
{
	uint32_t used;

	if (free.first > free.last) {
		pci_unassigned(bridge, scan->warn, "no bus number is left: nothing below is found");
		return;
	}
	set_buses(bridge, free);
	used = bus_descend(scan, bridge, free.last, depth);
	set_buses(bridge, (struct bus_range){bridge->secondary_bus, used});
}

/* Numbers the bridges [first, end) of one bus, and everything below. Returns the last number used. */
static uint32_t number_bus(const struct scan *scan, unsigned int first, unsigned int end, struct bus_range room,
			   unsigned int depth)
{
	struct pci_host *host = scan->host;

	bus_keep_numbers(host, first, end, room);
	for (unsigned int i = first; i < end; i++) {
		struct pci_function *bridge = &host->function[i];

		if (bridge->kind != PCI_BRIDGE) {
			continue;
		}
		if (depth == DEPTH_MAX) {
			pci_unassigned(bridge, scan->warn, "nested too deeply: nothing below is found");
			set_buses(bridge, (struct bus_range){0, 0});
		} else if (bridge->secondary_bus) {
			bus_descend(scan, bridge, bridge->subordinate_bus, depth);
		} else {
			bus_number_bridge(scan, bridge, bus_free_numbers(host, first, end, room), depth);
		}
	}
	return bus_last_number(host, first, end, room);
}

static void bus_number_roots(const struct scan *scan)
{
	struct pci_host *host = scan->host;
	unsigned int recorded = host->function_count;
	unsigned int first = 0;

	for (unsigned int i = 0; i < host->root_count; i++) {
		uint32_t bus = host->root_bus[i];
		uint32_t last = i + 1 < host->root_count ? host->root_bus[i + 1] - 1U : host->bus_last;
		unsigned int end = first;

		while (end < recorded && bus_of(&host->function[end]) == bus) {
			end++;
		}
		number_bus(scan, first, end, (struct bus_range){bus + 1, last}, 0);
		first = end;
	}
}

int pci_enumerate(struct pci_host *host, void (*warn)(const struct pci_function *function, const char *text))
{
	struct scan scan = {.host = host, .warn = warn};

	if ((!host->ecam && !(ARCH_MORE_HOSTS && host->driver)) || host->bus_first > host->bus_last) {
		return -EINVAL;
	}
	for (unsigned int i = 0; i < PCI_LEFT_COUNT; i++) {
		host->left_count[i] = 0;
	}
	bus_find_roots(&scan);
	bus_number_roots(&scan);
	pci_isolate(host);
	pci_size_bars(host);
	pci_assign_bars(host, warn);
	return 0;
}
