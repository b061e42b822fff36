/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Assigns BARs and bridge windows. Addresses that make sense stay (keep.c). The rest of a bus is laid out by falling
 * alignment, without gaps; a bridge is one item.
 *
 * memory64 takes 64-bit BARs, behind bridges only prefetchable ones: only the prefetchable window reaches above 4 GiB.
 * Huge BARs go there, others only if memory32 is full: AArch32 cores have 32-bit addresses.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "pci/registers.h"

#define HUGE_SIZE 0x10000000U /* Larger BARs go to memory64. */
#define NOWHERE UINT64_MAX
#define ROOT (-1)
#define BAR_UPPER_SHIFT 32U
#define WINDOW_REGISTER_SHIFT 16U
#define WINDOW_REGISTER_MASK 0xfff0U

enum space { SPACE_32, SPACE_64, SPACE_COUNT, SPACE_NONE = SPACE_COUNT, SPACE_KEPT };

_Static_assert(SPACE_COUNT == PCI_SPACES, "one need for each space");

/* --- Sizing. --- */

static unsigned int bar_count(const struct pci_function *function)
{
	uint32_t type = pci_read32(function, PCI_HEADER) >> PCI_HEADER_TYPE_SHIFT & PCI_HEADER_TYPE_MASK;

	if (type == PCI_HEADER_TYPE_BRIDGE) {
		return PCI_BRIDGE_BARS;
	}
	return type == 0 ? PCI_ENDPOINT_BARS : 0;
}

static unsigned int bar_offset(unsigned int index)
{
	return PCI_BAR0 + index * PCI_BAR_SIZE;
}

/* Leaves the BAR 0. Decoding is off. */
static uint32_t bar_writable_bits(const struct pci_function *function, unsigned int index)
{
	uint32_t bits;

	pci_write32(function, bar_offset(index), UINT32_MAX);
	bits = pci_read32(function, bar_offset(index));
	pci_write32(function, bar_offset(index), 0);
	return bits;
}

/* A BAR's size is its lowest writable address bit. */
static uint64_t bars_lowest_bit(uint64_t bits)
{
	return bits & (~bits + 1);
}

/* An I/O BAR keeps its address: it does not decode. */
static unsigned int size_bar(struct pci_function *function, unsigned int index, unsigned int count)
{
	struct pci_bar *bar = &function->bar[index];
	uint32_t before = pci_read32(function, bar_offset(index));
	uint32_t low = bar_writable_bits(function, index);
	uint64_t bits = low & ~PCI_BAR_MEMORY_FLAGS;

	bar->is_io = low & PCI_BAR_IO;
	if (bar->is_io) {
		bar->size = bars_lowest_bit(low & ~PCI_BAR_IO_FLAGS);
		pci_write32(function, bar_offset(index), before);
		return 1;
	}
	bar->address = before & ~PCI_BAR_MEMORY_FLAGS;
	bar->prefetchable = low & PCI_BAR_PREFETCHABLE;
	/* The last BAR has no register for an upper half. */
	bar->is_64 = (low & PCI_BAR_TYPE_MASK) == PCI_BAR_TYPE_64 && index + 1 < count;
	if (bar->is_64) {
		bar->address |= (uint64_t)pci_read32(function, bar_offset(index + 1)) << BAR_UPPER_SHIFT;
		bits |= (uint64_t)bar_writable_bits(function, index + 1) << BAR_UPPER_SHIFT;
	} else if (low) {
		bits |= 1ULL << BAR_UPPER_SHIFT; /* No writable bit in the lower half: 4 GiB at least. */
	}
	bar->size = bars_lowest_bit(bits);
	return bar->is_64 ? 2 : 1;
}

static void bars_size_function(struct pci_function *function)
{
	unsigned int count = bar_count(function);

	for (unsigned int index = 0; index < count;) {
		index += size_bar(function, index, count);
	}
	if (count > 0) {
		unsigned int rom = function->kind == PCI_BRIDGE ? PCI_BRIDGE_ROM : PCI_ROM;

		pci_write32(function, rom, pci_read32(function, rom) & ~PCI_ROM_ENABLE);
	}
}

void pci_size_bars(struct pci_host *host)
{
	for (unsigned int i = 0; i < host->function_count; i++) {
		bars_size_function(&host->function[i]);
	}
}

/* --- Layout. --- */

/* Inlined: AArch32 +32 bytes. */
static __attribute__((noinline)) uint64_t bars_align_up(uint64_t address, uint64_t alignment)
{
	uint64_t aligned = (address + alignment - 1) & ~(alignment - 1);

	return aligned < address ? NOWHERE : aligned;
}

/* On a root bus clear of kept ranges. */
static uint64_t bars_put(const struct pci_function *function, uint64_t cursor, uint64_t size, uint64_t alignment,
			 uint64_t *base)
{
	uint64_t wanted = cursor;

	do {
		*base = bars_align_up(wanted, alignment);
		if (*base == NOWHERE || *base + size < *base) {
			return NOWHERE;
		}
		wanted = function->parent == ROOT ? pci_behind_kept(function->host, *base, size) : *base;
	} while (wanted != *base);
	return *base + size;
}

static uint64_t bars_put_function(struct pci_function *function, enum space space, uint64_t alignment, uint64_t cursor)
{
	struct pci_need *need = &function->need[space];

	for (unsigned int bar = 0; bar < PCI_BARS_MAX && cursor != NOWHERE; bar++) {
		if (function->space[bar] == space && function->bar[bar].size == alignment) {
			cursor = bars_put(function, cursor, alignment, alignment, &function->bar[bar].address);
		}
	}
	if (cursor != NOWHERE && need->size && need->alignment == alignment) {
		cursor = bars_put(function, cursor, need->size, alignment, &need->base);
	}
	return cursor;
}

/* The alignments of all on the bus below `parent`, ORed. */
static uint64_t bars_alignments(const struct pci_host *host, int parent, enum space space)
{
	uint64_t bits = 0;

	for (unsigned int i = 0; i < host->function_count; i++) {
		const struct pci_function *function = &host->function[i];

		for (unsigned int bar = 0; function->parent == parent && bar < PCI_BARS_MAX; bar++) {
			bits |= host->function[i].space[bar] == space ? function->bar[bar].size : 0;
		}
		bits |= function->parent == parent ? host->function[i].need[space].alignment : 0;
	}
	return bits;
}

static uint64_t bars_highest_bit(uint64_t bits)
{
	return 1ULL << (63 - __builtin_clzll(bits));
}

/* `parent` is ROOT for all root buses. Returns the end, or NOWHERE. */
static uint64_t bars_lay_out(struct pci_host *host, int parent, enum space space, uint64_t cursor)
{
	uint64_t left = bars_alignments(host, parent, space);

	while (left && cursor != NOWHERE) {
		uint64_t alignment = bars_highest_bit(left);

		for (unsigned int i = 0; i < host->function_count && cursor != NOWHERE; i++) {
			if (host->function[i].parent == parent) {
				cursor = bars_put_function(&host->function[i], space, alignment, cursor);
			}
		}
		left -= alignment;
	}
	return cursor;
}

static uint64_t bars_alignment_below(const struct pci_host *host, int bridge, enum space space)
{
	return bars_highest_bit(bars_alignments(host, bridge, space) | PCI_BRIDGE_GRANULE);
}

/* From the end: a bridge is recorded before what is below it. */
static void bars_size_windows(struct pci_host *host, enum space space)
{
	for (unsigned int i = host->function_count; i-- > 0;) {
		struct pci_need *need = &host->function[i].need[space];

		if (host->function[i].kept) {
			continue;
		}
		*need = (struct pci_need){0};
		if (host->function[i].kind == PCI_BRIDGE) {
			need->size = bars_align_up(bars_lay_out(host, (int)i, space, 0), PCI_BRIDGE_GRANULE);
			need->alignment = need->size ? bars_alignment_below(host, (int)i, space) : 0;
		}
	}
}

/* Address 0 means unassigned: it is not given out. */
static uint64_t bars_start_of(const struct pci_window *window)
{
	return window->base ? window->base : PCI_BRIDGE_GRANULE;
}

static bool bars_fit(struct pci_host *host, enum space space, const struct pci_window *window)
{
	uint64_t start = bars_start_of(window);
	uint64_t end;

	bars_size_windows(host, space);
	end = bars_lay_out(host, ROOT, space, start);
	return end == start || (end != NOWHERE && end - window->base <= window->size);
}

/* --- Choosing a space. --- */

/* Every bridge above needs a 64-bit prefetchable window. */
static bool bar_may_use_64(const struct pci_function *function, const struct pci_bar *bar)
{
	const struct pci_host *host = function->host;

	if (!bar->is_64 || host->memory64.size == 0 || (!bar->prefetchable && function->parent >= 0)) {
		return false;
	}
	while (function->parent >= 0) {
		function = &host->function[function->parent];
		if (!(pci_read32(function, PCI_BRIDGE_PREFETCHABLE) & PCI_BRIDGE_PREFETCHABLE_64)) {
			return false;
		}
	}
	return true;
}

static enum space bar_first_choice(const struct pci_function *function, const struct pci_bar *bar)
{
	if (bar->size == 0 || bar->is_io) {
		return SPACE_NONE;
	}
	if (function->kept) {
		return SPACE_KEPT;
	}
	return bar->size > HUGE_SIZE && bar_may_use_64(function, bar) ? SPACE_64 : SPACE_32;
}

static void bars_choose_spaces(struct pci_host *host)
{
	for (unsigned int i = 0; i < host->function_count; i++) {
		struct pci_function *function = &host->function[i];

		for (unsigned int bar = 0; bar < PCI_BARS_MAX; bar++) {
			function->space[bar] = (uint8_t)bar_first_choice(function, &function->bar[bar]);
			function->bar[bar].address = function->kept ? function->bar[bar].address : 0;
		}
	}
}

/* For when the kept addresses leave too little room. */
static bool bars_keep_nothing(struct pci_host *host)
{
	bool any = false;

	for (unsigned int i = 0; i < host->function_count; i++) {
		any |= host->function[i].kept;
		host->function[i].kept = false;
	}
	if (any) {
		bars_choose_spaces(host);
	}
	return any;
}

struct victim {
	unsigned int function;
	unsigned int bar;
	uint64_t size; /* 0: none. */
};

/* `movable`: only BARs that may use memory64. */
static struct victim bars_find_largest(const struct pci_host *host, enum space space, bool movable)
{
	struct victim largest = {0};

	for (unsigned int i = 0; i < host->function_count; i++) {
		const struct pci_function *function = &host->function[i];

		for (unsigned int bar = 0; bar < PCI_BARS_MAX; bar++) {
			if (host->function[i].space[bar] == space && function->bar[bar].size > largest.size &&
			    (!movable || bar_may_use_64(function, &function->bar[bar]))) {
				largest = (struct victim){i, bar, function->bar[bar].size};
			}
		}
	}
	return largest;
}

bool pci_is_at_or_below(const struct pci_function *function, const struct pci_function *top)
{
	while (function != top && function->parent >= 0) {
		function = &function->host->function[function->parent];
	}
	return function == top;
}

/* Drops the largest BAR's function, and all below: one device is lost, not several. */
static bool bars_leave_out(struct pci_host *host, enum space space, pci_warn_function *warn)
{
	struct victim victim = bars_find_largest(host, space, false);
	const struct pci_function *top = &host->function[victim.function];

	if (victim.size == 0) {
		return false;
	}
	for (unsigned int i = victim.function; i < host->function_count; i++) {
		for (unsigned int bar = 0; pci_is_at_or_below(&host->function[i], top) && bar < PCI_BARS_MAX; bar++) {
			host->function[i].space[bar] = SPACE_NONE;
			host->function[i].bar[bar].address = 0;
		}
	}
	pci_unassigned(top, warn, "a BAR found no room: memory decoding stays off");
	return true;
}

static bool bars_move_to_64(struct pci_host *host)
{
	struct victim victim = bars_find_largest(host, SPACE_32, true);

	if (victim.size == 0) {
		return false;
	}
	host->function[victim.function].space[victim.bar] = SPACE_64;
	return true;
}

/* Ends: each round takes a BAR out of a space or, once, drops the kept addresses. */
static void bars_make_fit(struct pci_host *host, pci_warn_function *warn)
{
	bool low_fits;

	do {
		low_fits = bars_fit(host, SPACE_32, &host->memory32);
		if (low_fits && bars_fit(host, SPACE_64, &host->memory64)) {
			return;
		}
	} while ((!low_fits && bars_move_to_64(host)) || bars_keep_nothing(host) ||
		 bars_leave_out(host, low_fits ? SPACE_64 : SPACE_32, warn));
}

/* --- Programming. --- */

static uint32_t bars_window_register(const struct pci_need *need)
{
	uint32_t base = (uint32_t)(need->base >> WINDOW_REGISTER_SHIFT) & WINDOW_REGISTER_MASK;
	uint32_t limit = (uint32_t)((need->base + need->size - 1) >> WINDOW_REGISTER_SHIFT) & WINDOW_REGISTER_MASK;

	return limit << WINDOW_REGISTER_SHIFT | base;
}

static void bars_program_bridge(const struct pci_function *bridge)
{
	const struct pci_need *low = &bridge->need[SPACE_32];
	const struct pci_need *high = &bridge->need[SPACE_64];

	if (low->size) {
		pci_write32(bridge, PCI_BRIDGE_MEMORY, bars_window_register(low));
	}
	if (high->size) {
		uint64_t last = high->base + high->size - 1;

		pci_write32(bridge, PCI_BRIDGE_PREFETCHABLE_BASE_UPPER, (uint32_t)(high->base >> BAR_UPPER_SHIFT));
		pci_write32(bridge, PCI_BRIDGE_PREFETCHABLE_LIMIT_UPPER, (uint32_t)(last >> BAR_UPPER_SHIFT));
		pci_write32(bridge, PCI_BRIDGE_PREFETCHABLE, bars_window_register(high));
	}
}

uint64_t pci_to_cpu(const struct pci_host *host, uint64_t address)
{
	const struct pci_window *window = host->window;

	while (window != &host->window[PCI_WINDOWS_MAX - 1] && address - window->base >= window->size) {
		window++;
	}
	return window->to_cpu;
}

static void program_bar(struct pci_function *function, unsigned int bar_index)
{
	struct pci_bar *bar = &function->bar[bar_index];

	pci_write32(function, bar_offset(bar_index), (uint32_t)bar->address);
	if (bar->is_64) {
		pci_write32(function, bar_offset(bar_index + 1), (uint32_t)(bar->address >> BAR_UPPER_SHIFT));
	}
	bar->address += pci_to_cpu(function->host, bar->address);
}

/* Memory decoding stays off if a BAR without an address would answer at 0. */
static void bars_program_function(struct pci_function *function)
{
	bool complete = true;

	for (unsigned int bar = 0; bar < PCI_BARS_MAX; bar++) {
		if (function->space[bar] != SPACE_NONE) {
			program_bar(function, bar);
		} else if (function->bar[bar].size && !function->bar[bar].is_io) {
			complete = false;
		}
	}
	if (function->kind == PCI_BRIDGE) {
		bars_program_bridge(function);
	}
	if (complete) {
		pci_command(function, PCI_COMMAND_MEMORY, 0);
	}
}

void pci_assign_bars(struct pci_host *host, pci_warn_function *warn)
{
	pci_keep(host);
	bars_choose_spaces(host);
	bars_make_fit(host, warn);
	for (unsigned int i = 0; i < host->function_count; i++) {
		if (host->function[i].kind == PCI_BRIDGE && !host->function[i].kept) {
			bars_lay_out(host, (int)i, SPACE_32, host->function[i].need[SPACE_32].base);
			bars_lay_out(host, (int)i, SPACE_64, host->function[i].need[SPACE_64].base);
		}
	}
	for (unsigned int i = 0; i < host->function_count; i++) {
		bars_program_function(&host->function[i]);
	}
}

int pci_place_bars(struct pci_function *function)
{
	struct pci_host *host = function->host;
	const struct pci_need *window = &host->function[function->parent].need[SPACE_32];

	memset(function->bar, 0, sizeof(function->bar));
	bars_size_function(function);
	function->kept = false;
	for (unsigned int bar = 0; bar < PCI_BARS_MAX; bar++) {
		bool is_memory = function->bar[bar].size && !function->bar[bar].is_io;

		function->space[bar] = is_memory ? SPACE_32 : SPACE_NONE;
		function->bar[bar].address = 0;
	}
	if (bars_lay_out(host, function->parent, SPACE_32, window->base) > window->base + window->size) {
		return -ENOSPC;
	}
	bars_program_function(function);
	return 0;
}
