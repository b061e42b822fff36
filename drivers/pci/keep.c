/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Decides which addresses stay: a boot loader's driver, a frame buffer or a secure world may rely on them. A root-bus
 * function is kept with all below it, or not at all.
 */
#include <stddef.h>

#include "pci/registers.h"

#define CLAIMS (PCI_BARS_MAX + PCI_SPACES)
#define UPPER_SHIFT 32U
#define REGISTER_SHIFT 16U
#define REGISTER_MASK 0xfff0U
#define LIMIT_LOW 0xfffffU

/* Bus addresses, inclusive. */
struct claim {
	uint64_t first;
	uint64_t last;
};

/* A window at 0 has its reset value: it was never set up. */
static struct pci_need keep_window_of(uint32_t word, uint64_t base_upper, uint64_t limit_upper)
{
	uint64_t base = base_upper << UPPER_SHIFT | (uint64_t)(word & REGISTER_MASK) << REGISTER_SHIFT;
	uint64_t limit = limit_upper << UPPER_SHIFT | (word & REGISTER_MASK << REGISTER_SHIFT) | LIMIT_LOW;

	return base && base < limit ? (struct pci_need){.base = base, .size = limit - base + 1} : (struct pci_need){0};
}

void pci_note_windows(struct pci_function *bridge)
{
	bridge->need[0] = keep_window_of(pci_read32(bridge, PCI_BRIDGE_MEMORY), 0, 0);
	bridge->need[1] = keep_window_of(pci_read32(bridge, PCI_BRIDGE_PREFETCHABLE),
					 pci_read32(bridge, PCI_BRIDGE_PREFETCHABLE_BASE_UPPER),
					 pci_read32(bridge, PCI_BRIDGE_PREFETCHABLE_LIMIT_UPPER));
}

static bool keep_claim_of(const struct pci_function *function, unsigned int i, struct claim *claim)
{
	const struct pci_bar *bar = &function->bar[i % PCI_BARS_MAX];
	const struct pci_need *window = &function->need[i % PCI_SPACES];
	uint64_t size = i >= PCI_BARS_MAX ? window->size : bar->is_io ? 0 : bar->size;

	claim->first = i < PCI_BARS_MAX ? bar->address : window->base;
	claim->last = claim->first + (size - 1);
	return size;
}

static bool keep_claims_overlap(const struct claim *a, const struct claim *b)
{
	return a->first <= b->last && b->first <= a->last;
}

static bool keep_is_in(const struct claim *claim, uint64_t base, uint64_t size)
{
	return size && claim->first >= base && claim->last >= claim->first && claim->last - base < size;
}

/* Can the bridge above, or the host, forward to it? */
static bool keep_is_reached(const struct pci_function *function, unsigned int i, const struct claim *claim)
{
	const struct pci_host *host = function->host;
	const struct pci_need *above = function->parent < 0 ? NULL : host->function[function->parent].need;
	bool prefetchable = i < PCI_BARS_MAX ? function->bar[i].prefetchable : i > PCI_BARS_MAX;

	for (unsigned int k = 0; k < PCI_WINDOWS_MAX && !above; k++) {
		if (keep_is_in(claim, host->window[k].base, host->window[k].size)) {
			return true;
		}
	}
	return above && (keep_is_in(claim, above[0].base, above[0].size) ||
			 (prefetchable && keep_is_in(claim, above[1].base, above[1].size)));
}

/* Is it clear of earlier claims on its bus? On a root bus only kept claims count. */
static bool keep_is_alone(const struct pci_function *function, unsigned int i, const struct claim *claim)
{
	const struct pci_host *host = function->host;

	for (const struct pci_function *other = host->function; other <= function; other++) {
		for (unsigned int k = 0; k < CLAIMS && other->parent == function->parent; k++) {
			struct claim taken;

			if (other == function ? k < i : function->parent >= 0 || other->kept) {
				if (keep_claim_of(other, k, &taken) && keep_claims_overlap(claim, &taken)) {
					return false;
				}
			}
		}
	}
	return true;
}

static bool keep_makes_sense(const struct pci_function *function)
{
	for (unsigned int i = 0; i < CLAIMS; i++) {
		struct claim claim;

		if (keep_claim_of(function, i, &claim) &&
		    (claim.first == 0 || (i < PCI_BARS_MAX && claim.first & (function->bar[i].size - 1)) ||
		     !keep_is_reached(function, i, &claim) || !keep_is_alone(function, i, &claim))) {
			return false;
		}
	}
	return true;
}

/* Closes windows of bridges with nothing below. */
static void keep_forget_empty(struct pci_host *host)
{
	for (unsigned int i = 0; i < host->function_count; i++) {
		bool empty = host->function[i].kind == PCI_BRIDGE;

		for (unsigned int k = i + 1; k < host->function_count && empty; k++) {
			empty = host->function[k].parent != (int)i;
		}
		if (empty) {
			host->function[i].need[0].size = 0;
			host->function[i].need[1].size = 0;
		}
	}
}

static bool keep_all_make_sense(const struct pci_host *host, unsigned int top)
{
	for (unsigned int i = top; i < host->function_count; i++) {
		if (pci_is_at_or_below(&host->function[i], &host->function[top]) &&
		    !keep_makes_sense(&host->function[i])) {
			return false;
		}
	}
	return true;
}

void pci_keep(struct pci_host *host)
{
	keep_forget_empty(host);
	for (unsigned int i = 0; i < host->function_count; i++) {
		struct pci_function *function = &host->function[i];

		function->kept =
			function->parent < 0 ? keep_all_make_sense(host, i) : host->function[function->parent].kept;
	}
}

uint64_t pci_behind_kept(const struct pci_host *host, uint64_t base, uint64_t size)
{
	struct claim wanted = {.first = base, .last = base + (size - 1)};

	for (unsigned int i = 0; i < host->function_count; i++) {
		const struct pci_function *function = &host->function[i];

		for (unsigned int k = 0; k < CLAIMS && function->kept && function->parent < 0; k++) {
			struct claim taken;

			if (keep_claim_of(function, k, &taken) && keep_claims_overlap(&wanted, &taken)) {
				return taken.last + 1;
			}
		}
	}
	return base;
}
