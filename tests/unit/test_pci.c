/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI enumeration on a model of configuration space: bus numbers and windows route as in real bridges. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arch.h"
#include "pci/pci.h"
#include "pci/snapshot.h"

#define MODEL_MAX 600
#define ROOT_PORT 4U
#define UPSTREAM_PORT 5U
#define DOWNSTREAM_PORT 6U
#define NO_PORT 0xfU
#define BRIDGE_TO_PCI 7U
#define PCIE_ENDPOINT 0U
#define INTX_DISABLE 0x400U
#define MEMORY32_BASE 0x10000000U
#define MEMORY32_SIZE 0x10000000U
#define MEMORY64_BASE 0x8000000000ULL
#define MEMORY64_SIZE 0x8000000000ULL

/* --- The model. ----------------------------------------------------------------------------------------------------
 */

struct model_function {
	int parent; /* -1: on root bus `root`. */
	unsigned int root;
	unsigned int device;
	unsigned int number;
	uint32_t id;
	unsigned int not_ready; /* Reads of its ID. */
	uint32_t class_code;
	unsigned int header;
	bool multi;
	unsigned int port;
	uint32_t bar_mask[6];
	uint32_t bar_flags[6];
	bool prefetchable_64;
	uint32_t config[16];
	bool circular;	  /* Its list never ends. */
	uint16_t acs;	  /* 0: no ACS capability. */
	uint16_t acs_off; /* Stay off when written. */
	uint16_t acs_on;
	uint8_t captured; /* Bus number of its last configuration write; its requests carry it. */
	bool ari;
	uint8_t ari_next; /* The function that follows this one, or 0. */
	bool enables;	  /* Has all of `switches`. */
	uint32_t enable[PCI_ENABLES];
};

/* Switches in capabilities, 4 or 8 bytes behind the header. */
static const struct {
	uint16_t header;
	uint16_t word;
	uint32_t id;
	uint32_t writable;
	uint32_t cleared; /* By writing 1. */
} switches[PCI_ENABLES] = {
	[PCI_LEFT_POWER] = {0x40, 0x44, 0x5001, 0x0103, 0x8000},
	[PCI_LEFT_PRI] = {0x200, 0x204, 0x21010013, 0x1, 0x01030000},
	[PCI_LEFT_ATS] = {0x210, 0x214, 0x2201000f, 0x801f0000, 0},
	[PCI_LEFT_PASID] = {0x220, 0x224, 0x2301001b, 0x00070000, 0},
	[PCI_LEFT_SRIOV] = {0x230, 0x238, 0x00010010, 0x1f, 0x00010000},
	[PCI_LEFT_MSIX] = {0x70, 0x70, 0x00070011, 0xc0000000, 0},
	[PCI_LEFT_MSI] = {0x60, 0x60, 0x00867005, 0x00710000, 0},
};

static struct model_function model[MODEL_MAX];
static int model_count;
static unsigned int violations; /* Accesses that disturb a real device, or come early. */
static uint64_t vf_rests_until; /* Until then, no read of the SR-IOV capability. */
static uint64_t wakes_until;	/* Until then, no access to the function. */
static uint32_t last_bus_offset;
static uint8_t *const ecam = (uint8_t *)(uintptr_t)0x4000000000ULL;
static uint8_t first_bus;
#define FUNCTIONS_MAX 600U
#define FUNCTIONS_FEW 256U

static struct pci_host host;
static struct pci_function functions[FUNCTIONS_MAX];
static unsigned int warnings;
static char last_warning[64];

static int add(int parent, unsigned int root, unsigned int device, unsigned int number, uint32_t id)
{
	model[model_count] = (struct model_function){
		.parent = parent,
		.root = root,
		.device = device,
		.number = number,
		.id = id,
		.class_code = 0x00ff00,
		.port = NO_PORT,
	};
	return model_count++;
}

static int add_bridge(int parent, unsigned int root, unsigned int device, unsigned int port)
{
	int bridge = add(parent, root, device, 0, 0x000c1b36);

	model[bridge].header = 1;
	model[bridge].class_code = 0x060400;
	model[bridge].port = port;
	model[bridge].prefetchable_64 = true;
	return bridge;
}

#define BAR_32 0x0U
#define BAR_64 0x4U
#define BAR_64_PREFETCHABLE 0xcU
#define BAR_IO 0x1U

static void add_bar(int function, unsigned int bar, uint64_t size, uint32_t flags)
{
	uint64_t mask = ~(size - 1);

	model[function].bar_mask[bar] = (uint32_t)mask & ~0xfU;
	model[function].bar_flags[bar] = flags;
	if (flags == BAR_IO) {
		model[function].bar_mask[bar] = (uint32_t)mask & 0xfffcU;
	} else if (flags & BAR_64) {
		model[function].bar_mask[bar + 1] = (uint32_t)(mask >> 32);
	}
}

static uint32_t *reg(struct model_function *function, unsigned int offset)
{
	return &function->config[offset / 4];
}

static unsigned int secondary(int bridge)
{
	return *reg(&model[bridge], 0x18) >> 8 & 0xffU;
}

static unsigned int subordinate(int bridge)
{
	return *reg(&model[bridge], 0x18) >> 16 & 0xffU;
}

/* Every bridge above forwards requests for `bus`, and none takes them. */
static bool arrives(int bridge, unsigned int bus)
{
	int above = model[bridge].parent;

	return above < 0 ||
	       (secondary(above) != 0 && secondary(above) < bus && bus <= subordinate(above) && arrives(above, bus));
}

static bool is_on(int function, unsigned int bus)
{
	int parent = model[function].parent;

	if (parent < 0) {
		return model[function].root == bus;
	}
	return secondary(parent) != 0 && secondary(parent) == bus && arrives(parent, bus);
}

/* The first function that answers; stale numbers may route to several. */
static struct model_function *find(uint32_t requester_id, unsigned int *count)
{
	struct model_function *found = NULL;

	*count = 0;
	for (int i = 0; i < model_count; i++) {
		if (model[i].device == (requester_id >> 3 & 0x1fU) && model[i].number == (requester_id & 7U) &&
		    is_on(i, requester_id >> 8)) {
			found = found ? found : &model[i];
			(*count)++;
		}
	}
	return found;
}

static uint32_t bar_value(const struct model_function *function, unsigned int bar)
{
	uint32_t mask = function->bar_mask[bar];

	return (function->config[4 + bar] & mask) | function->bar_flags[bar];
}

static bool switch_read(const struct model_function *function, unsigned int offset, uint32_t *value)
{
	for (unsigned int i = 0; function->enables && i < PCI_ENABLES; i++) {
		bool word = offset == switches[i].word;

		violations += i == PCI_LEFT_SRIOV && arch_hooks.ticks < vf_rests_until &&
			      offset >= switches[i].header && offset <= switches[i].word;
		if (word || offset == switches[i].header) {
			*value = (offset == switches[i].header ? switches[i].id : 0) | (word ? function->enable[i] : 0);
			return true;
		}
	}
	return false;
}

static bool switch_write(struct model_function *function, unsigned int offset, uint32_t value)
{
	for (unsigned int i = 0; function->enables && i < PCI_ENABLES; i++) {
		if (offset == switches[i].word) {
			uint32_t fixed = function->enable[i] & ~switches[i].writable;
			bool falls = function->enable[i] & ~value & 1;

			/* 9.3.3.3.1: 1 s. */
			vf_rests_until = i == PCI_LEFT_SRIOV && falls ? arch_hooks.ticks + 1000000 : vf_rests_until;
			/* 5.3.1.4, 5.9: 10 ms, and without No_Soft_Reset all is at its reset value. */
			if (i == PCI_LEFT_POWER && (value ^ function->enable[i]) & 3) {
				wakes_until = arch_hooks.ticks + 10000;
				*reg(function, 4) = value & 3 ? *reg(function, 4) : 0;
			}
			violations += (value & switches[i].cleared) != 0;
			/* 10.5.1.3: undefined. */
			violations += i == PCI_LEFT_PASID && function->enable[PCI_LEFT_ATS] >> 31 &&
				      (value ^ function->enable[i]) & switches[i].writable;
			function->enable[i] = fixed | (value & switches[i].writable);
			return true;
		}
	}
	return false;
}

static uint32_t model_read(struct model_function *function, unsigned int offset)
{
	unsigned int bars = function->header == 1 ? 2 : 6;
	uint32_t value;

	violations += function->enables && arch_hooks.ticks < wakes_until;
	if (switch_read(function, offset, &value)) {
		return value;
	}
	if (offset >= 0x10 && offset < 0x10 + 4 * bars) {
		return bar_value(function, (offset - 0x10) / 4);
	}
	switch (offset) {
	case 0x00:
		if (function->not_ready) {
			function->not_ready--;
			return 0xffff0001;
		}
		return function->id;
	case 0x04:
		return (*reg(function, 4) & 0xffffU) | (function->port != NO_PORT ? 0x00100000U : 0);
	case 0x08:
		return function->class_code << 8;
	case 0x0c:
		return function->header << 16 | (function->multi ? 1U << 23 : 0);
	case 0x34:
		return 0x40;
	case 0x40: /* Power management, then PCI Express. */
		return 0x5001;
	case 0x50:
		return function->port << 20 | 0x00020010U | (function->enables ? 0x6000U : 0);
	case 0x100: /* Error reporting, then ACS. */
		return function->ari	  ? 0x0001000eU :
		       function->acs	  ? 0x14020001U :
		       function->enables  ? 0x20020001U :
		       function->circular ? 0x10020001U :
					    0;
	case 0x104:
		return function->ari ? (uint32_t)function->ari_next << 8 : 0;
	case 0x140:
		return 0x0001000d;
	case 0x144:
		return (uint32_t)function->acs_on << 16 | function->acs;
	case 0x24:
		return *reg(function, 0x24) | (function->header == 1 && function->prefetchable_64 ? 0x00010001U : 0);
	default:
		return offset < 0x40 ? *reg(function, offset) : 0;
	}
}

static void model_write(struct model_function *function, unsigned int offset, uint32_t value)
{
	bool decoding = *reg(function, 4) & PCI_COMMAND_MEMORY;
	bool bridge = function->header == 1;

	/* Status is cleared by writing 1; BARs and windows must not move while they decode. */
	violations += (offset == 4 || (offset == 0x1c && bridge)) && value >> 16;
	violations += decoding && offset >= 0x10 && offset < (bridge ? 0x18U : 0x28U);
	violations += decoding && bridge && offset >= 0x1c && offset <= 0x30;
	if (offset == 0x144 && function->acs) {
		violations += value >> 16 & ~(uint32_t)function->acs; /* Reserved unless offered. */
		function->acs_on = (uint16_t)(value >> 16 & ~(uint32_t)function->acs_off);
		return;
	}
	if (switch_write(function, offset, value)) {
		return;
	}
	violations += offset >= 0x40;
	if (offset < 0x40) {
		*reg(function, offset) = value;
	}
}

static uint32_t hook_read(const volatile void *at)
{
	uintptr_t offset = (uintptr_t)at - (uintptr_t)ecam;
	struct model_function *function;
	unsigned int count;

	assert_true(offset < last_bus_offset && offset % 4 == 0);
	function = find((uint32_t)(offset >> 12) + ((uint32_t)first_bus << 8), &count);
	return function ? model_read(function, offset & 0xfffU) : UINT32_MAX;
}

static void hook_write(volatile void *at, uint32_t value)
{
	uintptr_t offset = (uintptr_t)at - (uintptr_t)ecam;
	struct model_function *function;
	unsigned int count;

	assert_true(offset < last_bus_offset && offset % 4 == 0);
	function = find((uint32_t)(offset >> 12) + ((uint32_t)first_bus << 8), &count);
	if (function) {
		function->captured = (uint8_t)((offset >> 20) + first_bus);
		model_write(function, offset & 0xfffU, value);
	}
}

/* --- Who answers at a memory address? ------------------------------------------------------------------------------
 */

static bool window_holds(struct model_function *bridge, uint64_t address)
{
	uint32_t low = *reg(bridge, 0x20);
	uint32_t high = *reg(bridge, 0x24);
	uint64_t base = (uint64_t)*reg(bridge, 0x28) << 32 | (uint64_t)(high & 0xfff0U) << 16;
	uint64_t limit = (uint64_t)*reg(bridge, 0x2c) << 32 | (high & 0xfff00000U) | 0xfffffU;

	if (address >> 32 == 0 && address >= (uint64_t)(low & 0xfff0U) << 16 &&
	    address <= ((low & 0xfff00000U) | 0xfffffU)) {
		return true;
	}
	return address >= base && address <= limit;
}

static bool visible(int function, uint64_t address)
{
	int parent = model[function].parent;

	return parent < 0 || (*reg(&model[parent], 4) & PCI_COMMAND_MEMORY && window_holds(&model[parent], address) &&
			      visible(parent, address));
}

static bool bar_answers(int index, unsigned int bar, uint64_t address)
{
	struct model_function *function = &model[index];
	uint32_t flags = function->bar_flags[bar];
	uint64_t base = bar_value(function, bar) & ~0xfU;
	uint64_t mask = function->bar_mask[bar];

	if (flags & BAR_IO || (bar > 0 && function->bar_flags[bar - 1] & BAR_64)) {
		return false;
	}
	if (flags & BAR_64 && bar + 1 < PCI_BARS_MAX) {
		base |= (uint64_t)bar_value(function, bar + 1) << 32;
		mask |= (uint64_t)function->bar_mask[bar + 1] << 32;
	} else if (mask) {
		mask |= 0xffffffff00000000ULL;
	}
	if (mask == 0) {
		return false;
	}
	return *reg(function, 4) & PCI_COMMAND_MEMORY && (address & mask) == base;
}

static unsigned int answers_at(uint64_t address, uint32_t *id)
{
	unsigned int count = 0;

	for (int i = 0; i < model_count; i++) {
		for (unsigned int bar = 0; bar < 6; bar++) {
			if (bar_answers(i, bar, address) && visible(i, address)) {
				*id = model[i].id;
				count++;
			}
		}
	}
	return count;
}

/* Only bridges above the function may claim an address. */
static void assert_no_other_forwards(int index, uint64_t address)
{
	int above = -1;

	for (int function = index; function >= 0; function = model[function].parent) {
		for (int i = 0; i < model_count; i++) {
			if (model[i].header == 1 && model[i].parent == model[function].parent && i != above) {
				assert_false(window_holds(&model[i], address));
			}
		}
		above = model[function].parent;
	}
}

static uint64_t on_bus(uint64_t address)
{
	for (unsigned int i = 0; i < PCI_WINDOWS_MAX; i++) {
		uint64_t bus_address = address - host.window[i].to_cpu;

		if (bus_address - host.window[i].base < host.window[i].size) {
			return bus_address;
		}
	}
	return address;
}

static void assert_bars_answer(void)
{
	for (unsigned int i = 0; i < host.function_count; i++) {
		const struct pci_function *function = &host.function[i];

		for (unsigned int bar = 0; bar < PCI_BARS_MAX; bar++) {
			uint64_t address = function->bar[bar].address;
			uint64_t size = function->bar[bar].size;
			uint32_t id = 0;
			unsigned int count;
			const struct model_function *found = find(function->requester_id, &count);

			if (address == 0) {
				continue;
			}
			address = on_bus(address);
			assert_int_equal(address % size, 0);
			assert_int_equal(answers_at(address, &id), 1);
			assert_int_equal(id, (uint32_t)function->device << 16 | function->vendor);
			if (found) {
				assert_no_other_forwards((int)(found - model), address);
				assert_no_other_forwards((int)(found - model), address + size - 1);
			}
			assert_int_equal(answers_at(address + size - 1, &id), 1);
			assert_int_equal(id, (uint32_t)function->device << 16 | function->vendor);
		}
	}
}

/* --- Helpers. ------------------------------------------------------------------------------------------------------
 */

static void note_warning(const struct pci_function *function, const char *text)
{
	warnings++;
	strncpy(last_warning, text, sizeof(last_warning) - 1);
	assert_non_null(function);
	assert_ptr_equal(function->host, &host);
}

static int reset(void **state)
{
	(void)state;
	arch_hooks_reset();
	arch_hooks.read32 = hook_read;
	arch_hooks.write32 = hook_write;
	memset(model, 0, sizeof(model));
	memset(&host, 0, sizeof(host));
	model_count = 0;
	violations = 0;
	vf_rests_until = 0;
	wakes_until = 0;
	warnings = 0;
	first_bus = 0;
	host.ecam = ecam;
	host.bus_last = 255;
	host.function = functions;
	host.function_max = FUNCTIONS_MAX;
	host.memory32 = (struct pci_window){MEMORY32_BASE, MEMORY32_SIZE, 0};
	host.memory64 = (struct pci_window){MEMORY64_BASE, MEMORY64_SIZE, 0};
	return 0;
}

static void enumerate(void)
{
	unsigned int count;

	first_bus = host.bus_first;
	last_bus_offset = (uint32_t)(host.bus_last - host.bus_first + 1) << 20;
	assert_int_equal(pci_enumerate(&host, note_warning), 0);
	assert_int_equal(violations, 0);
	for (unsigned int i = 0; i < host.function_count; i++) {
		assert_true(host.listens || !(pci_read32(&host.function[i], PCI_COMMAND) & PCI_COMMAND_BUS_MASTER));
		assert_true(host.function[i].parent < (int)i);
		assert_non_null(find(host.function[i].requester_id, &count));
		assert_int_equal(count, 1);
	}
	assert_bars_answer();
}

static struct pci_function *by_id(uint32_t id)
{
	for (unsigned int i = 0; i < host.function_count; i++) {
		if (host.function[i].vendor == (id & 0xffffU) && host.function[i].device == id >> 16) {
			return &host.function[i];
		}
	}
	fail_msg("no function %x", id);
	return NULL;
}

static void program_buses(int bridge, unsigned int primary, unsigned int second, unsigned int sub)
{
	*reg(&model[bridge], 0x18) = primary | second << 8 | sub << 16;
}

/* Roots 0 and 0x40: a port with an endpoint, a port with a switch, one on the second root. */
static void build_typical(void)
{
	int bridge;
	int upstream;
	int downstream;
	int endpoint = add(-1, 0, 0, 0, 0x00081b36);

	model[endpoint].class_code = 0x060000;
	endpoint = add(-1, 0, 1, 0, 0x10001af4);
	model[endpoint].multi = true;
	add_bar(endpoint, 0, 0x20, BAR_IO);
	add_bar(endpoint, 1, 0x1000, BAR_32);
	add_bar(endpoint, 4, 0x4000, BAR_64_PREFETCHABLE);
	endpoint = add(-1, 0, 1, 3, 0x10011af4);
	add_bar(endpoint, 0, 0x200000, BAR_32);
	bridge = add_bridge(-1, 0, 2, ROOT_PORT);
	add_bar(bridge, 0, 0x1000, BAR_32);
	endpoint = add(bridge, 0, 0, 0, 0x11e81234);
	add_bar(endpoint, 0, 0x100000, BAR_32);
	bridge = add_bridge(-1, 0, 3, ROOT_PORT);
	upstream = add_bridge(bridge, 0, 0, UPSTREAM_PORT);
	downstream = add_bridge(upstream, 0, 0, DOWNSTREAM_PORT);
	endpoint = add(downstream, 0, 0, 0, 0x00108086);
	add_bar(endpoint, 0, 0x4000, BAR_64);
	add_bar(endpoint, 2, 0x800000, BAR_64_PREFETCHABLE);
	downstream = add_bridge(upstream, 0, 5, DOWNSTREAM_PORT);
	endpoint = add(downstream, 0, 0, 0, 0x00118086);
	add_bar(endpoint, 0, 0x1000, BAR_32);
	bridge = add_bridge(-1, 0x40, 0, ROOT_PORT);
	endpoint = add(bridge, 0, 0, 0, 0x00128086);
	add_bar(endpoint, 0, 0x10000, BAR_32);
}

/* --- Tests. --------------------------------------------------------------------------------------------------------
 */

static void test_pci_finds_everything(void **state)
{
	(void)state;
	build_typical();
	enumerate();
	assert_int_equal(host.function_count, 13);
	assert_int_equal(host.root_count, 2);
	assert_int_equal(host.root_bus[0], 0);
	assert_int_equal(host.root_bus[1], 0x40);
	assert_int_equal(host.unassigned_count, 0);
	assert_int_equal(warnings, 0);
	assert_int_equal(by_id(0x00081b36)->kind, PCI_HOST_BRIDGE);
	assert_int_equal(by_id(0x10001af4)->kind, PCI_ENDPOINT);
	assert_int_equal(by_id(0x10001af4)->class_code, 0x00ff00);
	assert_string_equal(by_id(0x10011af4)->name, "0000:00:01.3");
	assert_string_equal(by_id(0x11e81234)->name, "0000:01:00.0");
	assert_string_equal(by_id(0x00108086)->name, "0000:04:00.0");
	assert_string_equal(by_id(0x00118086)->name, "0000:05:00.0");
	assert_string_equal(by_id(0x00128086)->name, "0000:41:00.0");
	assert_int_equal(by_id(0x00128086)->requester_id, 0x4100);
}

static void test_pci_bridges(void **state)
{
	const struct pci_function *port;
	const struct pci_function *upstream;

	(void)state;
	build_typical();
	enumerate();
	upstream = &host.function[by_id(0x00118086)->parent];
	assert_int_equal(upstream->kind, PCI_BRIDGE);
	assert_false(upstream->express_root_port);
	upstream = &host.function[upstream->parent];
	port = &host.function[upstream->parent];
	assert_true(port->express_root_port);
	assert_int_equal(port->parent, -1);
	assert_int_equal(port->secondary_bus, 2);
	assert_int_equal(port->subordinate_bus, 5);
	assert_int_equal(upstream->secondary_bus, 3);
	assert_int_equal(upstream->subordinate_bus, 5);
	assert_int_equal(pci_read32(port, 0x18) & 0xffffff, 0x050200);
}

static void test_pci_alias_is_who_the_root_bus_sees(void **state)
{
	int root_port = add_bridge(-1, 0, 1, ROOT_PORT);
	int to_pci = add_bridge(root_port, 0, 0, BRIDGE_TO_PCI);
	int below = add_bridge(to_pci, 0, 2, NO_PORT);
	int conventional = add_bridge(-1, 0, 3, NO_PORT);

	(void)state;
	add(add_bridge(-1, 0, 2, ROOT_PORT), 0, 0, 0, 0x00011111);
	add(to_pci, 0, 3, 0, 0x00021111);
	add(below, 0, 4, 0, 0x00031111);
	add(conventional, 0, 5, 0, 0x00041111);
	add(-1, 0, 6, 0, 0x00051111);
	enumerate();
	/* Express all the way: itself. */
	assert_int_equal(pci_alias(by_id(0x00011111)), by_id(0x00011111)->requester_id);
	assert_int_equal(pci_alias(by_id(0x00051111)), 6 << 3);
	/* Behind an Express-to-PCI bridge: device 0 of its bus. */
	assert_int_equal(pci_alias(by_id(0x00021111)), by_id(0x00021111)->requester_id & 0xff00);
	assert_int_equal(pci_alias(by_id(0x00031111)), by_id(0x00021111)->requester_id & 0xff00);
	/* Behind a conventional bridge: the bridge. */
	assert_int_equal(pci_alias(by_id(0x00041111)), 3 << 3);
}

#define ACS_ALL 0x1dU /* Source validation, both redirects, upstream forwarding. */

static uint32_t isolation(uint32_t id)
{
	return by_id(id)->isolation;
}

static void test_pci_acs_keeps_ports_apart(void **state)
{
	int good = add_bridge(-1, 0, 1, ROOT_PORT);
	int bad = add_bridge(-1, 0, 2, ROOT_PORT);
	int stuck = add_bridge(-1, 0, 3, ROOT_PORT);
	int circular = add_bridge(-1, 0, 4, ROOT_PORT);

	(void)state;
	model[good].acs = ACS_ALL | 0x40;
	model[stuck].acs = ACS_ALL;
	model[stuck].acs_off = 1U << 3;
	model[circular].circular = true;
	add(good, 0, 0, 0, 0x00011111);
	add(bad, 0, 0, 0, 0x00021111);
	add(stuck, 0, 0, 0, 0x00031111);
	add(circular, 0, 0, 0, 0x00041111);
	add(-1, 0, 5, 0, 0x00051111);
	enumerate();
	assert_int_equal(violations, 0);
	assert_int_equal(model[good].acs_on, ACS_ALL);
	assert_int_equal(isolation(0x00011111), 0);
	assert_int_equal(isolation(0x00051111), 0);
	/* A port without redirection is one group with all below. */
	assert_int_equal(isolation(0x00021111), (2U << 3) + 1);
	assert_int_equal(isolation(0x00031111), (3U << 3) + 1);
	assert_int_equal(isolation(0x00041111), (4U << 3) + 1);
	assert_int_equal(host.function[by_id(0x00021111)->parent].isolation, (2U << 3) + 1);
	assert_int_equal(host.function[by_id(0x00011111)->parent].isolation, 0);
}

static void test_pci_a_switch_without_acs_is_one_place(void **state)
{
	int root = add_bridge(-1, 0, 1, ROOT_PORT);
	int upstream = add_bridge(root, 0, 0, UPSTREAM_PORT);
	int one = add_bridge(upstream, 0, 0, DOWNSTREAM_PORT);
	int two = add_bridge(upstream, 0, 1, DOWNSTREAM_PORT);

	(void)state;
	model[root].acs = ACS_ALL;
	add(one, 0, 0, 0, 0x00011111);
	add(two, 0, 0, 0, 0x00021111);
	enumerate();
	assert_int_not_equal(isolation(0x00011111), 0);
	assert_int_equal(isolation(0x00011111), isolation(0x00021111));
	model[one].acs = ACS_ALL;
	model[two].acs = ACS_ALL;
	enumerate();
	assert_int_equal(isolation(0x00011111), 0);
	assert_int_equal(isolation(0x00021111), 0);
	/* Below one port without it, functions reach the others. */
	model[two].acs = 0;
	enumerate();
	assert_int_not_equal(isolation(0x00021111), 0);
	/* A root port without redirection is above all. */
	model[root].acs = 0;
	enumerate();
	assert_int_equal(isolation(0x00011111), (1U << 3) + 1);
	assert_int_equal(isolation(0x00021111), (1U << 3) + 1);
}

static void test_pci_functions_of_one_device_meet_inside(void **state)
{
	int first = add(-1, 0, 4, 0, 0x00011111);
	int port = add_bridge(-1, 0, 6, ROOT_PORT);
	int other = add(-1, 0, 6, 1, 0x00061111);

	(void)state;
	add(-1, 0, 4, 2, 0x00021111);
	model[first].multi = true;
	model[port].multi = true;
	add(port, 0, 0, 0, 0x00051111);
	enumerate();
	assert_int_equal(isolation(0x00011111), (4U << 3) + 1);
	assert_int_equal(isolation(0x00021111), (4U << 3) + 1);
	/* A root port brings what is below it. */
	assert_int_equal(isolation(0x00051111), (6U << 3) + 1);
	assert_int_equal(isolation(0x00061111), (6U << 3) + 1);
	model[first].port = 0;
	model[first].acs = ACS_ALL;
	model[port].acs = ACS_ALL;
	model[other].port = 0;
	model[other].acs = 0xc;
	enumerate();
	assert_int_equal(isolation(0x00011111), 0);
	assert_int_equal(isolation(0x00021111), (4U << 3) + 1);
	assert_int_equal(isolation(0x00051111), 0);
	assert_int_equal(isolation(0x00061111), 0);
	assert_int_equal(violations, 0);
}

static void offer(int port, unsigned int acs, unsigned int off)
{
	model[port].acs = (uint16_t)acs;
	model[port].acs_off = (uint16_t)off;
	model[port].acs_on = 0;
	enumerate();
}

/* All that a port has must be on: 1, spoofed senders; 16, traffic sent down again. */
static void test_pci_acs_is_all_that_a_port_has(void **state)
{
	int port = add_bridge(-1, 0, 1, ROOT_PORT);

	(void)state;
	add(port, 0, 0, 0, 0x00011111);
	for (unsigned int control = 1; control <= 0x10; control <<= 1) {
		offer(port, ACS_ALL, control);
		assert_int_equal(isolation(0x00011111), ACS_ALL & control ? (1U << 3) + 1 : 0);
		offer(port, ACS_ALL & ~control, control);
		assert_int_equal(isolation(0x00011111), 0);
	}
	/* A capability with none of the four: peers cannot reach each other. No capability: unknown. */
	offer(port, 0x40, 0);
	assert_int_equal(isolation(0x00011111), 0);
	offer(port, 0, 0);
	assert_int_equal(isolation(0x00011111), (1U << 3) + 1);
	assert_int_equal(violations, 0);
}

/* Unless both sides exclude it, a device's other functions reach what is below its switch. */
static void test_pci_a_switch_meets_the_functions_beside_it(void **state)
{
	int root = add_bridge(-1, 0, 1, ROOT_PORT);
	int upstream = add_bridge(root, 0, 0, UPSTREAM_PORT);
	int downstream = add_bridge(upstream, 0, 0, DOWNSTREAM_PORT);
	int beside;

	(void)state;
	model[root].acs = ACS_ALL;
	model[downstream].acs = ACS_ALL;
	add(downstream, 0, 0, 0, 0x00011111);
	enumerate();
	/* Alone in its device, an upstream port needs no ACS. */
	assert_int_equal(isolation(0x00011111), 0);
	beside = add(root, 0, 0, 1, 0x00021111);
	model[beside].port = PCIE_ENDPOINT;
	model[upstream].multi = true;
	enumerate();
	assert_int_not_equal(isolation(0x00011111), 0);
	assert_int_equal(isolation(0x00011111), isolation(0x00021111));
	model[upstream].acs = 0x1c;
	model[beside].acs = 0xc;
	enumerate();
	assert_int_equal(isolation(0x00011111), 0);
	assert_int_equal(isolation(0x00021111), 0);
	assert_int_equal(violations, 0);
}

static void test_pci_a_conventional_bus_is_shared(void **state)
{
	int root = add_bridge(-1, 0, 1, ROOT_PORT);
	int to_pci = add_bridge(root, 0, 0, BRIDGE_TO_PCI);

	(void)state;
	model[root].acs = ACS_ALL;
	add(to_pci, 0, 3, 0, 0x00011111);
	add(to_pci, 0, 4, 0, 0x00021111);
	host.segment = 0x20000; /* The upper half is no other host's number. */
	host.order = 2;
	enumerate();
	assert_int_equal(isolation(0x00011111), isolation(0x00021111));
	assert_int_equal(isolation(0x00011111) >> 16, 2);
	host.segment = 0;
	host.order = 0;
}

static void test_pci_bars(void **state)
{
	const struct pci_bar *bar;

	(void)state;
	build_typical();
	enumerate();
	bar = by_id(0x10001af4)->bar;
	assert_true(bar[0].is_io);
	assert_int_equal(bar[0].size, 0x20);
	assert_int_equal(bar[0].address, 0);
	assert_int_equal(bar[1].size, 0x1000);
	assert_int_not_equal(bar[1].address, 0);
	assert_true(bar[4].is_64 && bar[4].prefetchable);
	assert_true(bar[4].address < MEMORY64_BASE); /* 32-bit addresses are easily reached. */
	assert_int_equal(bar[5].size, 0);
	bar = by_id(0x00108086)->bar;
	assert_true(bar[0].is_64 && !bar[0].prefetchable);
	assert_int_equal(bar[2].size, 0x800000);
	for (unsigned int i = 0; i < host.function_count; i++) {
		assert_true(pci_read32(&host.function[i], PCI_COMMAND) & PCI_COMMAND_MEMORY);
	}
	assert_int_equal(bar[2].address, MEMORY32_BASE);
}

static void test_pci_windows_closed_where_nothing_is_behind(void **state)
{
	int bridge = add_bridge(-1, 0, 1, ROOT_PORT);

	(void)state;
	*reg(&model[bridge], 0x20) = 0x1ff01000;
	*reg(&model[bridge], 0x1c) = 0x00000000;
	enumerate();
	assert_true((*reg(&model[bridge], 0x20) & 0xfff0U) > (*reg(&model[bridge], 0x20) >> 16 & 0xfff0U));
	assert_true((*reg(&model[bridge], 0x24) & 0xfff0U) > (*reg(&model[bridge], 0x24) >> 16 & 0xfff0U));
	assert_int_equal(*reg(&model[bridge], 4) & 1, 0);
}

static void test_pci_to_cpu_offset(void **state)
{
	int endpoint = add(-1, 0, 1, 0, 0x11e81234);

	(void)state;
	add_bar(endpoint, 0, 0x1000, BAR_32);
	add_bar(endpoint, 2, 0x40000000, BAR_64_PREFETCHABLE);
	host.memory32.to_cpu = 0x5000000000ULL;
	host.memory64.to_cpu = 0x1000000000ULL;
	enumerate();
	assert_int_equal(host.function[0].bar[0].address, 0x5010000000ULL);
	assert_int_equal(*reg(&model[endpoint], 0x10) & ~0xfU, MEMORY32_BASE);
	assert_int_equal(host.function[0].bar[2].address, MEMORY64_BASE + 0x1000000000ULL);
}

static void test_pci_huge_bar_goes_to_memory64(void **state)
{
	int bridge = add_bridge(-1, 0, 1, ROOT_PORT);
	int endpoint = add(bridge, 0, 0, 0, 0x11e81234);

	(void)state;
	add_bar(endpoint, 0, 0x20000000, BAR_64_PREFETCHABLE);
	add_bar(endpoint, 2, 0x1000, BAR_64);
	host.memory32.size = 0x40000000; /* Fits, but leaves little. */
	enumerate();
	assert_int_equal(by_id(0x11e81234)->bar[0].address, MEMORY64_BASE);
	assert_int_equal(by_id(0x11e81234)->bar[2].address, MEMORY32_BASE);
	assert_int_equal(*reg(&model[bridge], 0x28), MEMORY64_BASE >> 32);
}

static void test_pci_memory64_needs_64_bit_bridges(void **state)
{
	int bridge = add_bridge(-1, 0, 1, ROOT_PORT);
	int endpoint = add(bridge, 0, 0, 0, 0x11e81234);

	(void)state;
	model[bridge].prefetchable_64 = false;
	add_bar(endpoint, 0, 0x20000000, BAR_64_PREFETCHABLE);
	add_bar(endpoint, 2, 0x1000, BAR_32);
	enumerate();
	assert_int_equal(by_id(0x11e81234)->bar[0].address, 0);
	assert_int_equal(by_id(0x11e81234)->bar[2].address, 0); /* All BARs decode, or none. */
	assert_int_equal(host.unassigned_count, 1);
}

static void test_pci_overflow_moves_to_memory64_then_leaves_out(void **state)
{
	int a = add(-1, 0, 1, 0, 0x00011234);
	int b = add(-1, 0, 2, 0, 0x00021234);
	int c = add(-1, 0, 3, 0, 0x00031234);

	(void)state;
	add_bar(a, 0, 0x8000000, BAR_32);
	add_bar(b, 0, 0x8000000, BAR_64_PREFETCHABLE);
	add_bar(c, 0, 0x1000, BAR_32);
	enumerate();
	assert_int_equal(by_id(0x00021234)->bar[0].address, MEMORY64_BASE);
	assert_int_equal(host.unassigned_count, 0);

	reset(NULL);
	a = add(-1, 0, 1, 0, 0x00011234);
	c = add(-1, 0, 3, 0, 0x00031234);
	add_bar(a, 0, 0x20000000, BAR_32);
	add_bar(c, 0, 0x1000, BAR_32);
	enumerate();
	assert_int_equal(by_id(0x00011234)->bar[0].address, 0);
	assert_int_equal(by_id(0x00031234)->bar[0].address, MEMORY32_BASE);
	assert_int_equal(host.unassigned_count, 1);
	assert_int_equal(warnings, 1);
	assert_int_equal(*reg(&model[a], 4) & PCI_COMMAND_MEMORY, 0); /* It would answer at 0. */
	assert_int_equal(*reg(&model[c], 4) & PCI_COMMAND_MEMORY, PCI_COMMAND_MEMORY);
}

static void test_pci_no_windows_at_all(void **state)
{
	int endpoint = add(-1, 0, 1, 0, 0x11e81234);

	(void)state;
	add_bar(endpoint, 0, 0x1000, BAR_32);
	add_bar(endpoint, 2, 1ULL << 63, BAR_64_PREFETCHABLE);
	host.memory32 = (struct pci_window){0};
	host.memory64 = (struct pci_window){0};
	enumerate();
	assert_int_equal(host.function_count, 1);
	assert_int_equal(host.unassigned_count, 1);
	assert_int_equal(*reg(&model[endpoint], 4), INTX_DISABLE);
}

static void test_pci_address_0_is_given_to_no_bar(void **state)
{
	int endpoint = add(-1, 0, 1, 0, 0x11e81234);

	(void)state;
	add_bar(endpoint, 0, 0x1000, BAR_32);
	host.memory32 = (struct pci_window){0, 0x10000000, 0x5000000000ULL};
	enumerate();
	assert_int_equal(host.function[0].bar[0].address, 0x5000100000ULL);
}

static void test_pci_bridge_without_room_takes_what_is_below_along(void **state)
{
	int bridge = add_bridge(-1, 0, 1, ROOT_PORT);
	int endpoint = add(bridge, 0, 0, 0, 0x11e81234);
	int other = add(-1, 0, 2, 0, 0x00011234);

	(void)state;
	add_bar(bridge, 0, 0x40000000, BAR_32);
	add_bar(endpoint, 0, 0x1000, BAR_32);
	add_bar(other, 0, 0x1000, BAR_32);
	enumerate();
	assert_int_equal(host.unassigned_count, 1);
	assert_int_equal(by_id(0x11e81234)->bar[0].address, 0);
	assert_int_equal(by_id(0x00011234)->bar[0].address, MEMORY32_BASE);
	assert_int_equal(*reg(&model[bridge], 4), INTX_DISABLE);
}

/* No memory64 below a 32-bit bridge. */
static void test_pci_memory64_needs_every_bridge(void **state)
{
	(void)state;
	for (unsigned int narrow = 0; narrow < 3; narrow++) {
		int top;
		int endpoint;

		reset(NULL);
		top = add_bridge(-1, 0, 1, ROOT_PORT);
		endpoint = add(add_bridge(top, 0, 0, UPSTREAM_PORT), 0, 0, 0, 0x00011234);
		add_bar(endpoint, 0, 0x40000000, BAR_64_PREFETCHABLE);
		if (narrow < 2) {
			model[top + (int)narrow].prefetchable_64 = false;
		}
		enumerate();
		assert_int_equal(by_id(0x00011234)->bar[0].address, narrow < 2 ? 0 : MEMORY64_BASE);
		assert_int_equal(host.unassigned_count, narrow < 2);
	}
}

static void test_pci_memory64_is_for_prefetchable_bars_of_64_bits(void **state)
{
	static const uint32_t others[] = {BAR_64, BAR_64_PREFETCHABLE & ~BAR_64};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
		reset(NULL);
		add_bar(add(add_bridge(-1, 0, 1, ROOT_PORT), 0, 0, 0, 0x00011234), 0, 0x20000000, others[i]);
		enumerate();
		assert_int_equal(by_id(0x00011234)->bar[0].address, 0);
		assert_int_equal(host.unassigned_count, 1);
	}
	reset(NULL);
	/* Filling memory32 is not too large. */
	add_bar(add(-1, 0, 1, 0, 0x00011234), 0, MEMORY32_SIZE, BAR_64_PREFETCHABLE);
	enumerate();
	assert_int_equal(by_id(0x00011234)->bar[0].address, MEMORY32_BASE);
}

static void test_pci_room_that_is_met_exactly(void **state)
{
	(void)state;
	for (unsigned int less = 0; less < 2; less++) {
		int endpoint;

		reset(NULL);
		endpoint = add(-1, 0, 1, 0, 0x00011234);
		add_bar(endpoint, 0, 0x100000, BAR_32);
		endpoint = add(-1, 0, 2, 0, 0x00021234);
		add_bar(endpoint, 0, 0x100000, BAR_32);
		host.memory32.size = 0x200000 - less;
		enumerate();
		assert_int_equal(host.unassigned_count, less);
	}
}

/* The last BAR has no upper half: the next register is another. */
static void test_pci_malformed_last_bar(void **state)
{
	int endpoint = add(-1, 0, 1, 0, 0x00011234);

	(void)state;
	model[endpoint].bar_mask[5] = 0xfffff000;
	model[endpoint].bar_flags[5] = BAR_64;
	*reg(&model[endpoint], 0x28) = 0x1234;
	enumerate();
	assert_int_equal(*reg(&model[endpoint], 0x28), 0x1234);
	assert_int_equal(by_id(0x00011234)->bar[5].address, MEMORY32_BASE);
}

static void test_pci_roms_are_off(void **state)
{
	int bridge = add_bridge(-1, 0, 1, ROOT_PORT);
	int endpoint = add(-1, 0, 2, 0, 0x00011234);

	(void)state;
	*reg(&model[bridge], 0x38) = 0xfff00001;
	*reg(&model[endpoint], 0x30) = 0xfff00001;
	*reg(&model[endpoint], 0x38) = 0x1234;
	enumerate();
	assert_int_equal(*reg(&model[bridge], 0x38), 0xfff00000);
	assert_int_equal(*reg(&model[endpoint], 0x30), 0xfff00000);
	assert_int_equal(*reg(&model[endpoint], 0x38), 0x1234);
}

static void test_pci_io_addresses_stay(void **state)
{
	int bridge = add_bridge(-1, 0, 1, ROOT_PORT);
	int behind = add(bridge, 0, 0, 0, 0x00011234);
	int kept = add(-1, 0, 2, 0, 0x00021234);

	(void)state;
	program_buses(bridge, 0, 1, 1);
	*reg(&model[bridge], 0x1c) = 0x4131;
	*reg(&model[bridge], 0x30) = 0x00020002;
	add_bar(behind, 0, 0x1000, BAR_32);
	add_bar(behind, 1, 0x20, BAR_IO);
	*reg(&model[behind], 0x14) = 0x3e20;
	add_bar(kept, 0, 0x20, BAR_IO);
	*reg(&model[kept], 0x10) = 0x1000;
	add_bar(kept, 2, 0x100000, BAR_32);
	*reg(&model[kept], 0x18) = MEMORY32_BASE + 0x300000;
	*reg(&model[bridge], 4) = *reg(&model[behind], 4) = *reg(&model[kept], 4) = 1;
	enumerate();
	assert_int_equal(bar_value(&model[behind], 1), 0x3e21);
	assert_int_equal(bar_value(&model[kept], 0), 0x1001);
	assert_int_equal(*reg(&model[bridge], 0x1c), 0x4131);
	assert_int_equal(*reg(&model[bridge], 0x30), 0x00020002);
	assert_int_equal((*reg(&model[bridge], 4) | *reg(&model[behind], 4) | *reg(&model[kept], 4)) & 1, 0);
}

static void test_pci_all_zeros_is_nothing(void **state)
{
	int device = add(-1, 0, 2, 0, 0x00011234);

	(void)state;
	model[device].multi = true;
	add(-1, 0, 1, 0, 0);
	add(-1, 0, 2, 1, 0);
	enumerate();
	assert_int_equal(host.function_count, 1);
}

static void test_pci_roots_met_exactly(void **state)
{
	(void)state;
	for (unsigned int more = 0; more < 2; more++) {
		reset(NULL);
		for (unsigned int i = 0; i < sizeof(host.root_bus) + more; i++) {
			add(-1, i, 1, 0, 0x00011234);
		}
		host.bus_last = (uint8_t)(sizeof(host.root_bus) + more - 1);
		enumerate();
		assert_int_equal(host.root_count, sizeof(host.root_bus));
		assert_int_equal(host.unassigned_count, more);
		enumerate();
		assert_int_equal(host.unassigned_count, more);
	}
}

static void test_pci_siblings_that_share_one_bus(void **state)
{
	int a = add_bridge(-1, 0, 1, ROOT_PORT);
	int b = add_bridge(-1, 0, 2, ROOT_PORT);

	(void)state;
	program_buses(a, 0, 3, 5);
	program_buses(b, 0, 5, 8);
	enumerate();
	assert_int_equal(secondary(a), 3);
	assert_int_equal(secondary(b), 6);
}

static void test_pci_nested_too_deeply_forwards_nothing(void **state)
{
	int bridge = -1;

	(void)state;
	for (unsigned int i = 0; i < 17; i++) {
		bridge = add_bridge(bridge, 0, 0, i == 0 ? ROOT_PORT : DOWNSTREAM_PORT);
		program_buses(bridge, i, i + 1, 30);
	}
	add(bridge, 0, 0, 0, 0x00011234);
	enumerate();
	assert_int_equal(host.function_count, 17);
	assert_int_equal(host.unassigned_count, 1);
	assert_int_equal(secondary(bridge), 0);
}

/* On a link, other device numbers echo device 0. */
static void test_pci_a_link_has_one_device(void **state)
{
	static const unsigned int ports[] = {ROOT_PORT, DOWNSTREAM_PORT, UPSTREAM_PORT};

	(void)state;
	for (size_t i = 0; i < sizeof(ports) / sizeof(ports[0]); i++) {
		int bridge;

		reset(NULL);
		bridge = add_bridge(-1, 0, 1, ports[i]);
		add(bridge, 0, 0, 0, 0x00011234);
		add(bridge, 0, 3, 0, 0x00021234);
		enumerate();
		assert_int_equal(host.function_count, ports[i] == UPSTREAM_PORT ? 3 : 2);
	}
}

static void test_pci_alias_is_the_topmost(void **state)
{
	int above = add_bridge(add_bridge(-1, 0, 1, ROOT_PORT), 0, 0, BRIDGE_TO_PCI);
	int below = add_bridge(above, 0, 2, BRIDGE_TO_PCI);

	(void)state;
	add(below, 0, 1, 0, 0x00011234);
	enumerate();
	assert_int_equal(pci_alias(by_id(0x00011234)), secondary(above) << 8);
}

static void test_pci_keeps_sane_bus_numbers(void **state)
{
	int a = add_bridge(-1, 0, 1, ROOT_PORT);
	int b = add_bridge(-1, 0, 2, ROOT_PORT);
	int c = add_bridge(-1, 0, 3, ROOT_PORT);
	int upstream = add_bridge(b, 0, 0, UPSTREAM_PORT);
	int downstream = add_bridge(upstream, 0, 1, DOWNSTREAM_PORT);

	(void)state;
	add(c, 0, 0, 0, 0x00031234);
	add(downstream, 0, 0, 0, 0x00021234);
	program_buses(b, 0, 8, 12);
	program_buses(upstream, 8, 9, 12);
	program_buses(downstream, 9, 10, 10);
	program_buses(c, 7, 4, 4);
	enumerate();
	assert_int_equal(secondary(b), 8);
	assert_int_equal(subordinate(b), 12);
	assert_int_equal(by_id(0x00021234)->requester_id, 10 << 8);
	assert_int_equal(by_id(0x00031234)->requester_id, 4 << 8);
	assert_int_equal(*reg(&model[c], 0x18), 0x00040400);
	assert_int_equal(secondary(a), 13);
}

static void test_pci_replaces_bad_bus_numbers(void **state)
{
	static const unsigned int bad[][3] = {
		{0, 5, 4},
		{0, 0, 9},
		{0, 3, 0x45},
		{0, 0x41, 0x41},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		int bridge;
		int second;

		reset(NULL);
		bridge = add_bridge(-1, 0, 1, ROOT_PORT);
		add(bridge, 0, 0, 0, 0x00011234);
		second = add_bridge(-1, 0x40, 0, ROOT_PORT);
		add(second, 0, 0, 0, 0x00021234);
		program_buses(bridge, bad[i][0], bad[i][1], bad[i][2]);
		enumerate();
		assert_int_equal(by_id(0x00011234)->requester_id, 0x100);
		assert_int_equal(by_id(0x00021234)->requester_id, 0x4100);
		assert_int_equal(subordinate(bridge), 1);
		assert_int_equal(host.root_count, 2);
	}
}

static void test_pci_siblings_that_overlap(void **state)
{
	int a = add_bridge(-1, 0, 1, ROOT_PORT);
	int b = add_bridge(-1, 0, 2, ROOT_PORT);

	(void)state;
	add(a, 0, 0, 0, 0x00011234);
	add(b, 0, 0, 0, 0x00021234);
	program_buses(a, 0, 3, 6);
	program_buses(b, 0, 5, 8);
	enumerate();
	assert_int_equal(by_id(0x00011234)->requester_id, 0x300);
	assert_int_equal(by_id(0x00021234)->requester_id, 0x700);
}

static void test_pci_roots_behind_programmed_bridges(void **state)
{
	int bridge = add_bridge(-1, 0, 1, ROOT_PORT);
	int second;

	(void)state;
	/* The bridge's own function is no root. */
	add(bridge, 0, 0, 0, 0x00011234);
	program_buses(bridge, 0, 1, 0x3f);
	second = add_bridge(-1, 0x40, 0, ROOT_PORT);
	add(second, 0, 0, 0, 0x00021234);
	program_buses(second, 0x40, 0x50, 0x50);
	enumerate();
	assert_int_equal(host.root_count, 2);
	assert_int_equal(host.root_bus[1], 0x40);
	assert_int_equal(by_id(0x00021234)->requester_id, 0x5000);
}

static void test_pci_bridge_that_claims_buses_below_its_root(void **state)
{
	int bridge = add_bridge(-1, 0x40, 0, ROOT_PORT);

	(void)state;
	add(-1, 0, 1, 0, 0x00021234);
	add(bridge, 0, 0, 0, 0x00011234);
	program_buses(bridge, 0x40, 0x10, 0x10);
	enumerate();
	assert_int_equal(host.root_count, 2);
	assert_int_equal(host.function_count, 3);
	assert_int_equal(by_id(0x00011234)->requester_id, 0x4100);
}

static void test_pci_bus_numbers_run_out(void **state)
{
	int a = add_bridge(-1, 0x10, 1, ROOT_PORT);
	int b = add_bridge(-1, 0x10, 2, ROOT_PORT);
	int c = add_bridge(-1, 0x10, 3, ROOT_PORT);

	(void)state;
	add(a, 0, 0, 0, 0x00011234);
	add(b, 0, 0, 0, 0x00021234);
	add(c, 0, 0, 0, 0x00031234);
	host.bus_first = 0x10;
	host.bus_last = 0x12;
	enumerate();
	assert_int_equal(by_id(0x00021234)->requester_id, 0x1200);
	assert_int_equal(host.function_count, 5);
	assert_int_equal(host.unassigned_count, 1);
	assert_int_equal(warnings, 1);
	assert_int_equal(secondary(c), 0);
}

static void test_pci_nested_too_deeply(void **state)
{
	int bridge = -1;

	(void)state;
	for (unsigned int i = 0; i < 30; i++) {
		bridge = add_bridge(bridge, 0, 0, i == 0 ? ROOT_PORT : DOWNSTREAM_PORT);
	}
	enumerate();
	assert_int_equal(host.function_count, 17);
	assert_int_equal(host.unassigned_count, 1);
}

static void test_pci_more_functions_than_fit(void **state)
{
	(void)state;
	for (unsigned int device = 0; device < 32; device++) {
		for (unsigned int number = 0; number < 8; number++) {
			int function = add(-1, 0, device, number, 0x00011234);

			model[function].multi = true;
			*reg(&model[function], 4) = PCI_COMMAND_BUS_MASTER;
		}
	}
	add(-1, 1, 0, 0, 0x00021234);
	*reg(&model[256], 4) = PCI_COMMAND_BUS_MASTER;
	host.function_max = FUNCTIONS_FEW;
	enumerate();
	assert_int_equal(host.function_count, FUNCTIONS_FEW);
	assert_int_equal(host.unassigned_count, 1);
	assert_int_equal(*reg(&model[256], 4), INTX_DISABLE);
}

static void test_pci_as_many_as_there_are_places_for(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < FUNCTIONS_MAX; i++) {
		model[add(-1, i / 256, i / 8 % 32, i % 8, 0x00011234)].multi = true;
	}
	enumerate();
	assert_int_equal(host.function_count, FUNCTIONS_MAX);
	assert_int_equal(host.unassigned_count, 0);
	assert_int_equal(host.function[FUNCTIONS_MAX - 1].requester_id, FUNCTIONS_MAX - 1);
}

static void test_pci_silences_what_was_left_on(void **state)
{
	int bridge = add_bridge(-1, 0, 1, ROOT_PORT);
	int endpoint = add(bridge, 0, 0, 0, 0x11e81234);

	(void)state;
	add_bar(endpoint, 0, 0x1000, BAR_32);
	*reg(&model[endpoint], 4) = PCI_COMMAND_BUS_MASTER | PCI_COMMAND_MEMORY | 1;
	*reg(&model[bridge], 4) = PCI_COMMAND_BUS_MASTER | PCI_COMMAND_MEMORY | 1;
	program_buses(bridge, 0, 1, 1);
	enumerate();
	assert_int_equal(*reg(&model[endpoint], 4), PCI_COMMAND_MEMORY | INTX_DISABLE);
	assert_int_equal(*reg(&model[bridge], 4), PCI_COMMAND_MEMORY | INTX_DISABLE);
}

static void test_pci_what_is_listened_to_stays_on_the_bus(void **state)
{
	int bridge = add_bridge(-1, 0, 1, ROOT_PORT);
	int endpoint = add(bridge, 0, 0, 0, 0x11e81234);
	int other = add(bridge, 0, 1, 0, 0x11e81234);

	(void)state;
	add_bar(endpoint, 0, 0x1000, BAR_32);
	*reg(&model[endpoint], 4) = PCI_COMMAND_BUS_MASTER | PCI_COMMAND_MEMORY;
	*reg(&model[bridge], 4) = PCI_COMMAND_BUS_MASTER | PCI_COMMAND_MEMORY;
	program_buses(bridge, 0, 1, 1);
	host.listens = true;
	enumerate();
	assert_int_equal(*reg(&model[endpoint], 4), PCI_COMMAND_BUS_MASTER | PCI_COMMAND_MEMORY | INTX_DISABLE);
	assert_int_equal(*reg(&model[bridge], 4), PCI_COMMAND_BUS_MASTER | PCI_COMMAND_MEMORY | INTX_DISABLE);
	assert_int_equal(*reg(&model[other], 4) & PCI_COMMAND_BUS_MASTER, 0);
	pci_bus_master_all_off(&host);
	assert_int_equal(*reg(&model[endpoint], 4) & PCI_COMMAND_BUS_MASTER, 0);
}

/* As a crashed kernel leaves a device. */
static const uint32_t all_on[PCI_ENABLES] = {
	[PCI_LEFT_POWER] = 0x0103,   /* D3hot, and may wake by itself. */
	[PCI_LEFT_PRI] = 0x01000001, /* And stopped. */
	[PCI_LEFT_ATS] = 0x80050020,  [PCI_LEFT_PASID] = 0x00030000, [PCI_LEFT_SRIOV] = 0x00010009,
	[PCI_LEFT_MSIX] = 0xc0000000, [PCI_LEFT_MSI] = 0x00310000,
};

static int add_left_on(void)
{
	int function = add(add_bridge(-1, 0, 1, ROOT_PORT), 0, 0, 0, 0x11e81234);

	program_buses(function - 1, 0, 1, 1);
	model[function].port = PCIE_ENDPOINT;
	model[function].enables = true;
	memcpy(model[function].enable, all_on, sizeof(all_on));
	*reg(&model[function], 4) = PCI_COMMAND_BUS_MASTER | PCI_COMMAND_MEMORY;
	return function;
}

static void test_pci_enables_are_turned_off(void **state)
{
	static const uint32_t bits[PCI_ENABLES] = {
		[PCI_LEFT_POWER] = 3,	       [PCI_LEFT_PRI] = 1,   [PCI_LEFT_ATS] = 0x80000000,
		[PCI_LEFT_PASID] = 0x00010000, [PCI_LEFT_SRIOV] = 9, [PCI_LEFT_MSIX] = 0x80000000,
		[PCI_LEFT_MSI] = 0x00010000,
	};
	int function = add_left_on();

	(void)state;
	enumerate();
	for (unsigned int i = 0; i < PCI_ENABLES; i++) {
		assert_int_equal(model[function].enable[i], all_on[i] & ~bits[i]);
		assert_int_equal(host.left_count[i], 1);
		assert_non_null(pci_left_name((enum pci_left)i));
	}
	assert_int_equal(by_id(0x11e81234)->left, 0xff);
	assert_int_equal(by_id(0x000c1b36)->left, 0);
	assert_int_equal(host.left_count[PCI_LEFT_MASTER], 1);
	assert_true(*reg(&model[function], 4) & INTX_DISABLE);
	enumerate();
	assert_int_equal(by_id(0x11e81234)->left, 1U << PCI_LEFT_NO_INTX);
	assert_int_equal(host.left_count[PCI_LEFT_MSIX], 0);
}

/* Noted where it was found, not where a scan set it. */
static int add_of_ari(int bridge, unsigned int number, unsigned int next)
{
	int function = add(bridge, 0, number / 8, number % 8, 0x0a001234U + (number << 16));

	model[function].port = PCIE_ENDPOINT;
	model[function].ari = true;
	model[function].ari_next = (uint8_t)next;
	*reg(&model[function], 4) = PCI_COMMAND_BUS_MASTER;
	return function;
}

/* Function numbers of 8 bits below a port that forwards them (6.13): left unseen they would master the bus. */
static void test_pci_functions_beyond_7(void **state)
{
	int bridge = add_bridge(-1, 0, 1, ROOT_PORT);
	int beside = add_bridge(-1, 0, 2, ROOT_PORT);
	int last;

	(void)state;
	add_of_ari(bridge, 0, 9);
	add_of_ari(bridge, 9, 255);
	last = add_of_ari(bridge, 255, 0);
	program_buses(bridge, 0, 1, 1);
	program_buses(beside, 0, 2, 2);
	model[bridge].acs = model[beside].acs = ACS_ALL;
	/* It has one function: what answers there besides is no function of it. */
	model[add_of_ari(beside, 0, 0)].id = 0x00051234;
	add_of_ari(beside, 12, 0);
	enumerate();
	assert_int_equal(by_id(0x0aff1234)->requester_id, 0x1ff);
	assert_string_equal(by_id(0x0aff1234)->name, "0000:01:1f.7");
	assert_int_equal(*reg(&model[last], 4) & PCI_COMMAND_BUS_MASTER, 0);
	assert_int_equal(host.function_count, 6);
	assert_int_equal(isolation(0x0a001234), isolation(0x0aff1234));
	assert_int_equal(isolation(0x0a091234), isolation(0x0aff1234));
	assert_true(isolation(0x0a091234) != isolation(0x00051234));
}

/* On a shared bus ARI says nothing: device 1 is another device. */
static void test_pci_ari_beside_other_devices(void **state)
{
	int endpoint = add_of_ari(-1, 0, 9);

	(void)state;
	model[endpoint].multi = true;
	add_of_ari(-1, 7, 0);
	add(-1, 0, 1, 0, 0x00051234);
	enumerate();
	assert_int_equal(host.function_count, 3);
	assert_int_equal(isolation(0x00051234), 0);
	assert_int_equal(isolation(0x0a001234), isolation(0x0a071234));
}

static void test_pci_interrupt_disable_is_noted(void **state)
{
	(void)state;
	*reg(&model[add(-1, 0, 1, 0, 0x00011234)], 4) = INTX_DISABLE;
	add(-1, 0, 2, 0, 0x00021234);
	enumerate();
	assert_int_equal(by_id(0x00011234)->left, 1U << PCI_LEFT_NO_INTX);
	assert_int_equal(by_id(0x00021234)->left, 0);
	assert_int_equal(host.left_count[PCI_LEFT_NO_INTX], 1);
	assert_string_equal(pci_left_name(PCI_LEFT_NO_INTX), "interrupt disable");
	assert_string_equal(pci_left_name(PCI_LEFT_PRI), "PRI");
	assert_string_equal(pci_left_name(PCI_LEFT_SRIOV), "SR-IOV");
	reset(NULL);
	program_buses(add_bridge(-1, 0x40, 1, ROOT_PORT), 0x40, 0x10, 0x10);
	add(model_count - 1, 0, 0, 0, 0x00031234);
	enumerate();
	assert_int_equal(host.left_count[PCI_LEFT_NO_INTX], 0);
}

static void test_pci_bus_master_opens_the_way(void **state)
{
	struct pci_function *endpoint;
	struct pci_function *neighbour;
	unsigned int on = 0;

	(void)state;
	build_typical();
	enumerate();
	endpoint = by_id(0x00108086);
	neighbour = by_id(0x00118086);
	pci_bus_master(endpoint, true);
	for (unsigned int i = 0; i < host.function_count; i++) {
		on += (pci_read32(&host.function[i], PCI_COMMAND) & PCI_COMMAND_BUS_MASTER) != 0;
	}
	assert_int_equal(on, 4); /* Endpoint, downstream, upstream and root port. */
	pci_bus_master(neighbour, true);
	pci_bus_master(endpoint, false);
	assert_int_equal(pci_read32(endpoint, PCI_COMMAND) & PCI_COMMAND_BUS_MASTER, 0);
	assert_true(pci_read32(&host.function[endpoint->parent], PCI_COMMAND) & PCI_COMMAND_BUS_MASTER);
	assert_true(pci_read32(endpoint, PCI_COMMAND) & PCI_COMMAND_MEMORY);
	pci_bus_master_all_off(&host);
	for (unsigned int i = 0; i < host.function_count; i++) {
		assert_int_equal(pci_read32(&host.function[i], PCI_COMMAND) & PCI_COMMAND_BUS_MASTER, 0);
	}
	assert_int_equal(violations, 0);
}

static void test_pci_secondary_bus_moves_and_comes_back(void **state)
{
	struct pci_function *endpoint;
	unsigned int bridge;

	(void)state;
	build_typical();
	enumerate();
	endpoint = by_id(0x11e81234);
	bridge = (unsigned int)endpoint->parent;
	assert_int_equal(pci_set_secondary_bus(&host, bridge, 0x30), 1);
	assert_int_equal(pci_read32(endpoint, 0), UINT32_MAX);
	assert_int_equal(pci_read32(&host.function[bridge], 0x18) & 0xffffff, 0x303000);
	assert_bars_answer();
	assert_int_equal(pci_set_secondary_bus(&host, bridge, 1), 0x30);
	assert_int_equal(pci_read32(endpoint, 0), 0x11e81234);
	bridge = (unsigned int)host.function[host.function[by_id(0x00108086)->parent].parent].parent;
	pci_set_secondary_bus(&host, bridge, pci_set_secondary_bus(&host, bridge, 0x31));
	assert_int_equal(pci_read32(by_id(0x00118086), 0), 0x00118086);
}

/* PCI Express: a function's bus number is the last configuration write's; ports check it. */
static void test_pci_buses_are_exchanged_and_given_back(void **state)
{
	int port[2], end[2];
	struct pci_function *function[2];

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		port[i] = add_bridge(-1, 0, 1 + i, ROOT_PORT);
		model[port[i]].acs = ACS_ALL;
		end[i] = add(port[i], 0, 0, 0, 0x00118086 + i * 0x10000);
	}
	enumerate();
	for (unsigned int i = 0; i < 2; i++) {
		function[i] = by_id(model[end[i]].id);
		assert_int_equal(model[end[i]].captured, 1 + i);
	}
	assert_true(pci_exchange_buses(function[0], function[1]));
	for (unsigned int i = 0; i < 2; i++) {
		assert_int_equal(model[end[i]].captured, 2 - i);
		assert_int_equal(secondary(port[i]), 2 - i);
		assert_int_equal(model[port[i]].acs_on, ACS_ALL & ~1U);
		assert_int_equal(pci_read32(function[i], 0), model[end[1 - i]].id);
	}
	assert_true(pci_exchange_buses(function[1], function[0]));
	/* Without an answer under the other's number, all is as before. */
	for (unsigned int again = 0; again < 2; again++) {
		for (unsigned int i = 0; i < 2; i++) {
			assert_int_equal(secondary(port[i]), 1 + i);
			assert_int_equal(subordinate(port[i]), 1 + i);
			assert_int_equal(model[port[i]].acs_on, ACS_ALL);
			assert_int_equal(model[end[i]].captured, 1 + i);
		}
		model[end[1]].id = again ? model[end[1]].id : UINT32_MAX;
		assert_false(pci_exchange_buses(function[0], function[1]));
	}
	assert_int_equal(violations, 0);
}

static void test_pci_twice_gives_the_same(void **state)
{
	static struct pci_host before;
	static struct pci_function functions_before[FUNCTIONS_MAX];

	(void)state;
	build_typical();
	enumerate();
	before = host;
	memcpy(functions_before, functions, sizeof(functions));
	before.function = functions_before;
	enumerate();
	assert_int_equal(host.function_count, before.function_count);
	for (unsigned int i = 0; i < host.function_count; i++) {
		const struct pci_function *function = &host.function[i];

		assert_true(function->kept);
		assert_string_equal(function->name, before.function[i].name);
		assert_memory_equal(function->bar, before.function[i].bar, sizeof(function->bar));
		assert_int_equal(function->subordinate_bus, before.function[i].subordinate_bus);
	}
}

/* --- Addresses that were found. --- */

static void set_bar(int function, unsigned int bar, uint64_t address)
{
	*reg(&model[function], 0x10 + 4 * bar) = (uint32_t)address;
	if (model[function].bar_flags[bar] & BAR_64) {
		*reg(&model[function], 0x14 + 4 * bar) = (uint32_t)(address >> 32);
	}
}

static int add_endpoint(int parent, unsigned int device, uint32_t id, uint64_t size, uint64_t address)
{
	int endpoint = add(parent, 0, device, 0, id);

	add_bar(endpoint, 0, size, size > 0x10000000 ? BAR_64_PREFETCHABLE : BAR_32);
	set_bar(endpoint, 0, address);
	return endpoint;
}

#define ADDRESS_OF(id) (by_id(id)->bar[0].address)

static void test_pci_addresses_that_make_sense_are_kept(void **state)
{
	int port = add_bridge(-1, 0, 3, ROOT_PORT);

	(void)state;
	program_buses(port, 0, 5, 5);
	*reg(&model[port], 0x20) = 0x14101400;
	*reg(&model[port], 0x24) = 0xfff10001;
	*reg(&model[port], 0x28) = 0x90;
	*reg(&model[port], 0x2c) = 0x90;
	add_endpoint(port, 0, 0x00031234, 0x100000, 0x14100000);
	add_bar(port + 1, 2, 0x40000000, BAR_64_PREFETCHABLE);
	set_bar(port + 1, 2, 0x9040000000);
	add_endpoint(-1, 1, 0x00011234, 0x100000, MEMORY32_BASE);
	add_endpoint(-1, 2, 0x00021234, 0x100000, 0);
	add_endpoint(-1, 4, 0x00041234, 0x100000, MEMORY32_BASE);
	add_endpoint(-1, 5, 0x00051234, 0x100000, 0x0f000000); /* The host does not forward there. */
	add_endpoint(-1, 6, 0x00061234, 0x100000, 0x14000000); /* In the port's window. */
	enumerate();
	assert_int_equal(ADDRESS_OF(0x00031234), 0x14100000);
	assert_int_equal(by_id(0x00031234)->bar[2].address, 0x9040000000);
	assert_int_equal(ADDRESS_OF(0x00011234), MEMORY32_BASE);
	assert_int_equal(ADDRESS_OF(0x00021234), MEMORY32_BASE + 0x100000);
	assert_int_equal(ADDRESS_OF(0x00041234), MEMORY32_BASE + 0x200000);
	assert_int_equal(ADDRESS_OF(0x00051234), MEMORY32_BASE + 0x300000);
	assert_int_equal(ADDRESS_OF(0x00061234), MEMORY32_BASE + 0x400000);
	assert_int_equal(host.unassigned_count, 0);
}

static void test_pci_a_port_is_kept_as_a_whole(void **state)
{
	static const uint64_t second[] = {0x14100000, 0x14000000, 0x15000000, 0};

	(void)state;
	for (size_t i = 0; i < sizeof(second) / sizeof(second[0]); i++) {
		int port;

		reset(NULL);
		port = add_bridge(-1, 0, 3, NO_PORT);
		program_buses(port, 0, 5, 5);
		*reg(&model[port], 0x20) = 0x14101400;
		*reg(&model[port], 0x24) = i % 2 ? 0x0000fff0 : 0;
		add_endpoint(port, 0, 0x00011234, 0x100000, 0x14000000);
		add_endpoint(port, 1, 0x00021234, 0x100000, second[i]);
		enumerate();
		assert_int_equal(ADDRESS_OF(0x00011234), i ? MEMORY32_BASE : 0x14000000);
		assert_int_equal(by_id(0x00021234)->kept, i == 0);
	}
}

/* Addresses are assigned from two windows; what was found may lie in others. */
static void test_pci_what_lies_in_another_window_stays(void **state)
{
	(void)state;
	host.window[PCI_WINDOWS_MAX - 2] = (struct pci_window){0x50000000, 0x1000000, 0};
	host.window[PCI_WINDOWS_MAX - 1] = (struct pci_window){0x40000000, 0x1000000, 0x7000000000};
	add_endpoint(-1, 1, 0x00011234, 0x100000, 0x40f00000);
	add_endpoint(-1, 2, 0x00021234, 0x100000, 0x50000000);
	add_endpoint(-1, 3, 0x00031234, 0x100000, 0x41000000);
	enumerate();
	assert_int_equal(ADDRESS_OF(0x00011234), 0x7040f00000);
	assert_int_equal(ADDRESS_OF(0x00021234), 0x50000000);
	assert_int_equal(ADDRESS_OF(0x00031234), MEMORY32_BASE);
	assert_true(by_id(0x00011234)->kept && by_id(0x00021234)->kept && !by_id(0x00031234)->kept);
}

static void test_pci_what_is_in_the_way_moves(void **state)
{
	(void)state;
	add_endpoint(-1, 1, 0x00011234, 0x100000, MEMORY32_BASE + 0x7f00000);
	add_endpoint(-1, 2, 0x00021234, 0x8000000, 0);
	add_endpoint(-1, 3, 0x00031234, 0x4000000, 0);
	add_endpoint(-1, 4, 0x00041234, 0x2000000, 0);
	host.memory32.size = 0xf000000;
	enumerate();
	assert_int_equal(host.unassigned_count, 0);
	assert_int_equal(ADDRESS_OF(0x00021234), MEMORY32_BASE);
	assert_false(by_id(0x00011234)->kept);
}

static void test_pci_memory64_alone_serves_a_root_bus(void **state)
{
	(void)state;
	add_bar(add(-1, 0, 1, 0, 0x00011234), 0, 0x4000, BAR_64);
	host.memory32 = (struct pci_window){0};
	enumerate();
	assert_int_equal(ADDRESS_OF(0x00011234), MEMORY64_BASE);
}

static void test_pci_free_numbers_below_those_in_use(void **state)
{
	int kept = add_bridge(-1, 0, 1, ROOT_PORT);
	int other = add_bridge(-1, 0, 2, ROOT_PORT);
	int third = add_bridge(-1, 0, 3, ROOT_PORT);

	(void)state;
	host.bus_last = 0x1f;
	program_buses(kept, 0, 3, 0x1f);
	add(other, 0, 0, 0, 0x00021234);
	add(third, 0, 0, 0, 0x00031234);
	enumerate();
	assert_int_equal(secondary(kept), 3);
	assert_int_equal(by_id(0x00021234)->requester_id, 0x100);
	assert_int_equal(by_id(0x00031234)->requester_id, 0x200);
	assert_int_equal(host.unassigned_count, 0);
}

static void test_pci_a_function_that_is_not_ready_is_waited_for(void **state)
{
	int port = add_bridge(-1, 0, 1, ROOT_PORT);
	int endpoint = add(port, 0, 0, 0, 0x00011234);

	(void)state;
	model[port].not_ready = 20;
	model[endpoint].not_ready = 1000;
	enumerate();
	assert_int_equal(by_id(0x00011234)->requester_id, 0x100);
	assert_int_equal(host.unassigned_count, 0);
}

static void test_pci_a_function_that_stays_not_ready_is_told(void **state)
{
	(void)state;
	model[add(-1, 0, 1, 0, 0x00011234)].not_ready = UINT32_MAX;
	add(-1, 0, 2, 0, 0x00021234);
	enumerate();
	assert_int_equal(host.function_count, 1);
	assert_int_equal(warnings, 1);
	assert_non_null(strstr(last_warning, "not ready"));
}

static void test_pci_impossible_range(void **state)
{
	(void)state;
	host.bus_first = 2;
	host.bus_last = 1;
	assert_int_equal(pci_enumerate(&host, note_warning), -EINVAL);
	host.bus_last = 2;
	host.ecam = NULL;
	assert_int_equal(pci_enumerate(&host, NULL), -EINVAL);
}

static void test_pci_segment_in_name(void **state)
{
	(void)state;
	add(-1, 0xfe, 0x1f, 0, 0x11e81234);
	host.segment = 0xab;
	host.bus_first = 0xf0;
	enumerate();
	assert_string_equal(host.function[0].name, "00ab:fe:1f.0");
	assert_int_equal(host.root_bus[0], 0xfe);
	host.segment = 0xabcd0012;
	enumerate();
	assert_string_equal(host.function[0].name, "abcd0012:fe:1f.0");
}

static uint32_t random_state = 7;

static uint32_t random_below(uint32_t limit)
{
	random_state = random_state * 1664525U + 1013904223U;
	return (random_state >> 8) % limit;
}

static void add_random_bars(int function)
{
	for (unsigned int bar = 0; bar < 6; bar += 2) {
		uint32_t kind = random_below(4);
		uint64_t size = 1ULL << (8 + random_below(16));

		if (kind == 1) {
			add_bar(function, bar, size, BAR_32);
		} else if (kind == 2) {
			add_bar(function, bar, size << random_below(10), BAR_64_PREFETCHABLE);
		} else if (kind == 3) {
			add_bar(function, bar, 0x100, BAR_IO);
		}
	}
}

/* Every assigned BAR answers, alone. */
static void test_pci_random_trees(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 150; round++) {
		int bridges[40];
		unsigned int bridge_count = 0;

		reset(NULL);
		add_random_bars(add(-1, 0, 31, 0, 0x10011234));
		for (unsigned int i = 0; i < 30; i++) {
			int parent = bridge_count && random_below(3) ? bridges[random_below(bridge_count)] : -1;
			unsigned int root = random_below(2) * 0x40;
			int bridge = add_bridge(parent, root, i, UPSTREAM_PORT);

			model[bridge].id = 0xb0001234 + (i << 16);
			model[bridge].prefetchable_64 = random_below(4) > 0;
			if (random_below(3) == 0) {
				program_buses(bridge, random_below(4), random_below(90), random_below(120));
			}
			bridges[bridge_count++] = bridge;
			add_random_bars(add(bridge, 0, 31, 0, 0x00011234 + (i << 16)));
		}
		enumerate();
	}
}

/* --- As it was found. --- */

static struct pci_found found[FUNCTIONS_FEW];
static struct pci_snapshot snapshot = {.found = found, .found_max = FUNCTIONS_FEW};
static struct model_function found_model[MODEL_MAX];

static void add_found_tree(void)
{
	int port = add_bridge(-1, 0, 1, ROOT_PORT);
	int up = add_bridge(port, 0, 0, UPSTREAM_PORT);
	int down = add_bridge(up, 0, 3, DOWNSTREAM_PORT);
	int disk = add(down, 0, 0, 0, 0x00011af4);
	int other = add(-1, 0x40, 2, 0, 0x11e81234);

	add_bar(disk, 0, 0x4000, BAR_64_PREFETCHABLE);
	add_bar(other, 0, 0x100000, BAR_32);
	model[port].acs = 0x1d;
	model[port].acs_on = 0x01;
	program_buses(port, 0, 9, 12);
	program_buses(up, 9, 11, 12);
	program_buses(down, 11, 12, 12);
	*reg(&model[disk], 0x10) = 0x1f000000;
	*reg(&model[disk], 0x14) = 0x80;
	*reg(&model[disk], 0x3c) = 0x22;
	*reg(&model[disk], 4) = 0x6;
	*reg(&model[other], 0x10) = 0x1e000000;
	*reg(&model[other], 4) = 0x2;
	*reg(&model[port], 4) = 0x7;
	*reg(&model[port], 0x20) = 0x1e101e00;
	*reg(&model[port], 0x24) = 0x1f101f00;
	*reg(&model[port], 0x1c) = 0xf0;
}

static void note_and_enumerate(void)
{
	memcpy(found_model, model, sizeof(model));
	pci_snapshot_take(&snapshot, &host);
	assert_memory_equal(found_model, model, sizeof(model));
	assert_int_equal(pci_enumerate(&host, NULL), 0);
	assert_memory_not_equal(found_model, model, sizeof(model));
}

static void test_pci_everything_is_put_back(void **state)
{
	(void)state;
	add_found_tree();
	note_and_enumerate();
	assert_int_equal(snapshot.count, 5);
	assert_int_equal(pci_snapshot_restore(&snapshot, &host), 0);
	for (int i = 0; i < model_count; i++) {
		for (unsigned int offset = 0; offset < 0x40; offset += 4) {
			assert_int_equal(model_read(&model[i], offset), model_read(&found_model[i], offset));
		}
		assert_int_equal(model[i].acs_on, found_model[i].acs_on);
	}
	assert_int_equal(violations, 0);
}

static void test_pci_enables_are_put_back(void **state)
{
	int function = add_left_on();
	uint64_t before;

	(void)state;
	*reg(&model[function], 4) = PCI_COMMAND_BUS_MASTER | INTX_DISABLE;
	note_and_enumerate();
	before = arch_hooks.ticks;
	assert_int_equal(pci_snapshot_restore(&snapshot, &host), 0);
	assert_memory_equal(model[function].enable, all_on, sizeof(all_on));
	/* 9.3.3.3.1: 100 ms after VFs are enabled. */
	assert_true(arch_hooks.ticks - before >= 100000);
	assert_int_equal(*reg(&model[function], 4), PCI_COMMAND_BUS_MASTER | INTX_DISABLE);
	assert_int_equal(violations, 0);
}

static void test_pci_what_was_numbered_backwards_is_put_back(void **state)
{
	int bridge = add_bridge(-1, 0x40, 1, ROOT_PORT);
	int behind = add(bridge, 0, 0, 0, 0x00011af4);

	(void)state;
	add(-1, 0, 0, 0, 0x11e81234);
	program_buses(bridge, 0x40, 0x10, 0x10);
	*reg(&model[behind], 4) = 0x6;
	note_and_enumerate();
	assert_int_equal(snapshot.count, 3);
	assert_int_equal(pci_snapshot_restore(&snapshot, &host), 0);
	assert_int_equal(*reg(&model[bridge], 0x18), 0x101040);
	assert_int_equal(*reg(&model[behind], 4), 0x6);
}

static void test_pci_what_a_loader_did_not_reach_is_silenced(void **state)
{
	(void)state;
	add(add_bridge(-1, 0, 1, ROOT_PORT), 0, 0, 0, 0x00011af4);
	note_and_enumerate();
	assert_int_equal(host.function_count, 2);
	assert_int_equal(snapshot.count, 1);
	assert_int_equal(pci_snapshot_restore(&snapshot, &host), 0);
	assert_int_equal(*reg(&model[0], 0x18), 0);
	assert_int_equal(*reg(&model[1], 4), INTX_DISABLE);
}

static void test_pci_one_that_is_gone_is_told(void **state)
{
	(void)state;
	add_found_tree();
	note_and_enumerate();
	model[model_count - 1].id = UINT32_MAX;
	assert_int_equal(pci_snapshot_restore(&snapshot, &host), -EIO);
}

static void test_pci_more_than_can_be_noted_is_told(void **state)
{
	(void)state;
	for (unsigned int i = 0; i <= FUNCTIONS_FEW; i++) {
		int function = add(-1, i / 256, i / 8 % 32, i % 8, 0x00011234);

		model[function].multi = true;
	}
	pci_snapshot_take(&snapshot, &host);
	pci_snapshot_take(&snapshot, &host);
	assert_int_equal(snapshot.count, FUNCTIONS_FEW);
	assert_int_equal(snapshot.lost, 1);
	assert_int_equal(pci_enumerate(&host, NULL), 0);
	assert_int_equal(pci_snapshot_restore(&snapshot, &host), -EIO);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_pci_roots_met_exactly), /* First: later tests rely on these roots. */
		TEST(test_pci_finds_everything),
		TEST(test_pci_bridges),
		TEST(test_pci_alias_is_who_the_root_bus_sees),
		TEST(test_pci_acs_keeps_ports_apart),
		TEST(test_pci_acs_is_all_that_a_port_has),
		TEST(test_pci_a_switch_meets_the_functions_beside_it),
		TEST(test_pci_a_switch_without_acs_is_one_place),
		TEST(test_pci_functions_of_one_device_meet_inside),
		TEST(test_pci_a_conventional_bus_is_shared),
		TEST(test_pci_bars),
		TEST(test_pci_windows_closed_where_nothing_is_behind),
		TEST(test_pci_to_cpu_offset),
		TEST(test_pci_huge_bar_goes_to_memory64),
		TEST(test_pci_memory64_needs_64_bit_bridges),
		TEST(test_pci_overflow_moves_to_memory64_then_leaves_out),
		TEST(test_pci_no_windows_at_all),
		TEST(test_pci_address_0_is_given_to_no_bar),
		TEST(test_pci_bridge_without_room_takes_what_is_below_along),
		TEST(test_pci_memory64_needs_every_bridge),
		TEST(test_pci_memory64_is_for_prefetchable_bars_of_64_bits),
		TEST(test_pci_room_that_is_met_exactly),
		TEST(test_pci_malformed_last_bar),
		TEST(test_pci_roms_are_off),
		TEST(test_pci_io_addresses_stay),
		TEST(test_pci_all_zeros_is_nothing),
		TEST(test_pci_siblings_that_share_one_bus),
		TEST(test_pci_nested_too_deeply_forwards_nothing),
		TEST(test_pci_a_link_has_one_device),
		TEST(test_pci_alias_is_the_topmost),
		TEST(test_pci_keeps_sane_bus_numbers),
		TEST(test_pci_replaces_bad_bus_numbers),
		TEST(test_pci_siblings_that_overlap),
		TEST(test_pci_roots_behind_programmed_bridges),
		TEST(test_pci_bridge_that_claims_buses_below_its_root),
		TEST(test_pci_bus_numbers_run_out),
		TEST(test_pci_nested_too_deeply),
		TEST(test_pci_more_functions_than_fit),
		TEST(test_pci_as_many_as_there_are_places_for),
		TEST(test_pci_silences_what_was_left_on),
		TEST(test_pci_what_is_listened_to_stays_on_the_bus),
		TEST(test_pci_enables_are_turned_off),
		TEST(test_pci_functions_beyond_7),
		TEST(test_pci_ari_beside_other_devices),
		TEST(test_pci_interrupt_disable_is_noted),
		TEST(test_pci_bus_master_opens_the_way),
		TEST(test_pci_secondary_bus_moves_and_comes_back),
		TEST(test_pci_buses_are_exchanged_and_given_back),
		TEST(test_pci_twice_gives_the_same),
		TEST(test_pci_impossible_range),
		TEST(test_pci_segment_in_name),
		TEST(test_pci_addresses_that_make_sense_are_kept),
		TEST(test_pci_a_port_is_kept_as_a_whole),
		TEST(test_pci_what_lies_in_another_window_stays),
		TEST(test_pci_what_is_in_the_way_moves),
		TEST(test_pci_memory64_alone_serves_a_root_bus),
		TEST(test_pci_free_numbers_below_those_in_use),
		TEST(test_pci_a_function_that_is_not_ready_is_waited_for),
		TEST(test_pci_a_function_that_stays_not_ready_is_told),
		TEST(test_pci_random_trees),
		TEST(test_pci_everything_is_put_back),
		TEST(test_pci_enables_are_put_back),
		TEST(test_pci_what_was_numbered_backwards_is_put_back),
		TEST(test_pci_what_a_loader_did_not_reach_is_silenced),
		TEST(test_pci_one_that_is_gone_is_told),
		TEST(test_pci_more_than_can_be_noted_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
