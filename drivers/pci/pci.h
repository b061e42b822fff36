/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PCI Express enumeration through ECAM: every bus of the range is scanned, bridges get bus numbers and windows,
 * functions get BARs, and nobody gets bus mastering (PCIe base specification, chapter 7). Knows no IOMMU.
 */
#ifndef PCI_PCI_H
#define PCI_PCI_H

#include <stdbool.h>
#include <stdint.h>

#define PCI_BARS_MAX 6U

/* Configuration space offsets and fields that masters need. */
#define PCI_COMMAND 0x04U
#define PCI_COMMAND_MEMORY (1U << 1)
#define PCI_COMMAND_BUS_MASTER (1U << 2)

struct pci_bar {
	uint64_t address; /* CPU physical; 0 where unassigned. */
	uint64_t size;	  /* 0 where absent. */
	bool is_io;
	bool is_64;
	bool prefetchable;
};

/* Of a bridge's window, or of what needs room: as the bus sees it. */
struct pci_need {
	uint64_t base;
	uint64_t size; /* 0: none. */
	uint64_t alignment;
};

#define PCI_SPACES 2U /* Memory for every BAR, and memory for those of 64 bits. */

enum pci_kind { PCI_ENDPOINT, PCI_BRIDGE, PCI_HOST_BRIDGE };

/* What a boot loader, a hypervisor or a dead kernel may have left on; in the order in which it is turned off. */
enum pci_left {
	PCI_LEFT_PRI,
	PCI_LEFT_ATS,
	PCI_LEFT_PASID,
	PCI_LEFT_SRIOV, /* Virtual functions master and decode by bits of their own. */
	PCI_LEFT_MSIX,
	PCI_LEFT_MSI,
	PCI_LEFT_MASTER,
	PCI_LEFT_COUNT
};
#define PCI_ENABLES PCI_LEFT_MASTER /* Those that are in capabilities. */

struct pci_function {
	struct pci_host *host;
	uint16_t requester_id; /* bus << 8 | device << 3 | function. */
	uint16_t vendor;
	uint16_t device;
	uint32_t class_code; /* 24 bits: base class, subclass, interface. */
	enum pci_kind kind;
	bool express_root_port;
	uint8_t secondary_bus; /* Bridges only. */
	uint8_t subordinate_bus;
	int parent;	      /* Index of the bridge above in pci_host.function[], or -1 on a root bus. */
	uint32_t buses_found; /* Bridges only: bus numbers as they were found. */
	uint8_t left;	      /* What it was found with, a bit for each of enum pci_left. All of it is off now. */
	bool redirects;	    /* It has ACS, all on: what it forwards, or its functions send each other, goes up first. */
	uint32_t isolation; /* Those with the same number, not 0, reach each other past every SMMU. */
	struct pci_bar bar[PCI_BARS_MAX];
	bool kept;			  /* Its BARs are where they were found. */
	uint8_t space[PCI_BARS_MAX];	  /* For bars.c: where each BAR goes, */
	struct pci_need need[PCI_SPACES]; /* and a bridge's windows: as found, then as given. */
	char name[20];			  /* "0000:05:00.0"; a segment of more than 16 bits has eight digits. */
};

/* What enumeration may hand out: addresses as the bus sees them, `to_cpu` is added for a core's view. */
struct pci_window {
	uint64_t base;
	uint64_t size;
	uint64_t to_cpu;
};

struct pci_host {
	uint32_t segment;
	uint16_t order;		/* Among the hosts: no two have the same. */
	volatile uint8_t *ecam; /* Mapped; bus_first begins at offset 0. */
	uint8_t bus_first;
	uint8_t bus_last;
	struct pci_window memory32;
	struct pci_window memory64;
	uint8_t root_bus[64];
	unsigned int root_count;
	struct pci_function *function;
	unsigned int function_max; /* Places there, at least one. */
	unsigned int function_count;
	uint16_t left_count[PCI_LEFT_COUNT]; /* How many were found with it. */
	unsigned int unassigned_count;	     /* BARs or buses that found no room; each was named through `warn`. */
};

/*
 * Enumerates. The caller has filled segment, order, ecam, bus range, windows, function and function_max. Bus numbers
 * that are programmed already and make sense are kept; unprogrammed bridges get numbers between their root bus and the
 * next root bus. BARs and bridge windows of a function on a root bus and of all that is below it stay where they are if
 * all of them make sense; else they are assigned. Turns on access control services (ACS) where there are some, turns
 * memory decoding on and bus mastering off everywhere (bridges too: a bridge forwards only once pci_bus_master() was
 * called for something below it), and MSI, MSI-X, INTx, ATS, PRI, PASID and virtual functions off. `warn` (may be NULL)
 * is told in words of anything left out. Returns 0 or -EINVAL for an impossible bus range. Boot core only.
 */
int pci_enumerate(struct pci_host *host, void (*warn)(const struct pci_function *function, const char *text));

/* "MSI-X". */
const char *pci_left_name(enum pci_left left);

/* 32-bit configuration access; `offset` is a multiple of 4 below 4096. Serialise accesses to one function yourself. */
uint32_t pci_read32(const struct pci_function *function, unsigned int offset);
void pci_write32(const struct pci_function *function, unsigned int offset, uint32_t value);

/*
 * The requester ID under which this function's requests leave its root bus. A bridge to conventional PCI takes them for
 * its own: a PCIe to PCI bridge as function 0 of device 0 behind it, a conventional bridge as itself (PCI Express to
 * PCI/PCI-X bridge specification, 2.3). Everything behind such a bridge is one stream.
 */
uint16_t pci_alias(const struct pci_function *function);

/*
 * Bus mastering of one function on or off; on also for every bridge above it (never off again for those: they may serve
 * others). Uses 16-bit-safe read-modify-write of the command register that leaves the write-1-to-clear status bits
 * alone.
 */
void pci_bus_master(const struct pci_function *function, bool on);

/* Bus mastering of every function of the host off, bridges last. */
void pci_bus_master_all_off(struct pci_host *host);

/*
 * Gives a bridge another secondary and subordinate bus number, and returns the old secondary. While it is set, the
 * functions behind it are not reachable by configuration accesses under their recorded requester ID; their BARs are.
 */
uint8_t pci_set_secondary_bus(struct pci_host *host, unsigned int bridge, uint8_t bus);

/*
 * Exchanges the secondary buses of the bridges above two functions of one host, both on root buses, so that each
 * function's requests leave with the other's bus number; called again, it undoes that. A function takes its bus number
 * from a configuration write that reaches it, so each is written to at its new place; and source validation, which
 * drops what carries another bus number, is off in both bridges meanwhile.
 *
 * Return:      true
 *              false    a function does not answer under the other's bus number
 * State left:  where it is false, all as before
 * Context:     boot core, no DMA under way
 * See:         PCI Express base specification, 2.2.6.2 (captured numbers), 6.12.1.1 (source validation)
 */
bool pci_exchange_buses(const struct pci_function *function, const struct pci_function *other);

#endif
