/* SPDX-License-Identifier: BSD-2-Clause */
/* PCI Express enumeration. Knows no IOMMU. */
#ifndef PCI_PCI_H
#define PCI_PCI_H

#include <stdbool.h>
#include <stdint.h>

#define PCI_BARS_MAX 6U

#define PCI_COMMAND 0x04U
#define PCI_COMMAND_MEMORY (1U << 1)
#define PCI_COMMAND_BUS_MASTER (1U << 2)

struct pci_bar {
	uint64_t address; /* CPU physical; 0: unassigned. */
	uint64_t size;	  /* 0: absent. */
	bool is_io;
	bool is_64;
	bool prefetchable;
};

/* Bus addresses. */
struct pci_need {
	uint64_t base;
	uint64_t size; /* 0: none. */
	uint64_t alignment;
};

#define PCI_SPACES 2U /* memory32 and memory64. */

enum pci_kind { PCI_ENDPOINT, PCI_BRIDGE, PCI_HOST_BRIDGE };

/* Enables that earlier software may have left on; those in capabilities in the order of turning off. */
enum pci_left {
	PCI_LEFT_POWER, /* D1 to D3hot: a port forwards nothing, a BAR does not answer. */
	PCI_LEFT_PRI,
	PCI_LEFT_ATS,
	PCI_LEFT_PASID,
	PCI_LEFT_SRIOV, /* Virtual functions master the bus by themselves. */
	PCI_LEFT_MSIX,
	PCI_LEFT_MSI,
	PCI_LEFT_MASTER,
	PCI_LEFT_NO_INTX, /* Interrupt disable, now set in every function. */
	PCI_LEFT_COUNT
};
#define PCI_ENABLES PCI_LEFT_MASTER /* Those in capabilities. */

struct pci_function {
	struct pci_host *host;
	uint16_t requester_id; /* bus << 8 | device << 3 | function. */
	uint16_t vendor;
	uint16_t device;
	uint32_t class_code; /* Base class, subclass, interface. */
	enum pci_kind kind;
	bool express_root_port;
	uint8_t secondary_bus; /* Bridges only. */
	uint8_t subordinate_bus;
	int parent;	      /* Index of the bridge above, or -1. */
	uint8_t mates;	      /* Requester IDs of one device differ in these bits. */
	uint32_t buses_found; /* Bus number register as found. */
	uint16_t left;	      /* Found on: bits by enum pci_left. */
	bool redirects;	      /* Has ACS, all on: requests go up first. */
	uint32_t isolation;   /* Functions with the same number, unless 0, reach each other without an SMMU. */
	struct pci_bar bar[PCI_BARS_MAX];
	bool kept;			  /* Its BARs stay. */
	uint8_t space[PCI_BARS_MAX];	  /* For bars.c: the space of each BAR. */
	struct pci_need need[PCI_SPACES]; /* A bridge's windows: as found, then as assigned. */
	char name[20];			  /* "0000:05:00.0"; eight digits for a segment above 16 bits. */
};

/* Bus addresses; CPU address = bus address + `to_cpu`. */
struct pci_window {
	uint64_t base;
	uint64_t size;
	uint64_t to_cpu;
};

struct pci_host_driver;

#define PCI_WINDOWS_ASSIGNED 2U
#define PCI_WINDOWS_MAX 10U

struct pci_host {
	uint32_t segment;
	uint16_t order;		/* Unique among the hosts. */
	volatile uint8_t *ecam; /* Mapped; offset 0 is bus_first. */
	uint8_t bus_first;
	uint8_t bus_last;
	union {
		struct {
			struct pci_window memory32;
			struct pci_window memory64;
		};
		/* Addresses are assigned from these two; the others may hold addresses that stay. */
		struct pci_window window[PCI_WINDOWS_MAX];
	};
	uint8_t root_bus[64];
	unsigned int root_count;
	struct pci_function *function;
	unsigned int function_max; /* Size of `function`, at least 1. */
	unsigned int function_count;
	uint16_t left_count[PCI_LEFT_COUNT]; /* Functions, by enable found on. */
	bool listens; /* Only ARCH_PLANS: what masters the bus goes on, until pci_bus_master_all_off(). */
	unsigned int unassigned_count;	      /* What `warn` was called for. */
	const struct pci_host_driver *driver; /* NULL: ECAM. Else host.h, only ARCH_MORE_HOSTS. */
	void *state;			      /* The driver's. */
};

/*
 * Enumerates. The caller has set segment, order, bus range, windows, function, function_max and ecam (else driver,
 * which has opened the host). Bus numbers that make sense stay, and addresses below a root-bus function if all of them
 * do. I/O BARs, I/O windows and expansion ROMs stay, but off. Wakes functions from low power. Turns ACS and memory
 * decoding on; bus mastering, MSI, MSI-X, INTx, ATS, PRI, PASID and virtual functions off. Calls `warn` (may be NULL)
 * for anything left out.
 *
 * Return:      0
 *              -EINVAL    no ECAM and no driver, or an empty bus range
 * Context:     boot core; waits 1 s for each function whose virtual functions were on, 10 ms for each that it wakes,
 *              and at most 1 s whenever one is not ready.
 * See:         PCIe base specification 9.3.3.3.1 (VF Enable), 2.3.2 and 6.6.1 (not ready)
 */
int pci_enumerate(struct pci_host *host, void (*warn)(const struct pci_function *function, const char *text));

const char *pci_left_name(enum pci_left left);

/* As the function tells them now: the specification lets both places change with NumVFs. */
struct pci_virtual {
	unsigned int count;  /* TotalVFs. */
	unsigned int first;  /* From the function's requester ID to that of the first. */
	unsigned int stride; /* From each to the next. */
};

/* False: no SR-IOV. Boot core. */
bool pci_virtual_functions(const struct pci_function *function, struct pci_virtual *found);

/* What to add to a bus address: `to_cpu` of the window that holds it, or of the last. */
uint64_t pci_to_cpu(const struct pci_host *host, uint64_t address);

/* `offset`: a multiple of 4, below 4096. Callers serialise on one function. */
uint32_t pci_read32(const struct pci_function *function, unsigned int offset);
void pci_write32(const struct pci_function *function, unsigned int offset, uint32_t value);

/*
 * The requester ID on the root bus. Behind a bridge to conventional PCI: device 0, function 0 of a PCIe-to-PCI bridge's
 * secondary bus, or a conventional bridge's own ID (PCIe to PCI/PCI-X bridge specification 2.3).
 */
uint16_t pci_alias(const struct pci_function *function);

/* On: also of the bridges above, which stay on because they may serve others. */
void pci_bus_master(const struct pci_function *function, bool on);

/* Bridges go last. */
void pci_bus_master_all_off(struct pci_host *host);

/*
 * Changes a bridge's bus numbers; returns the old secondary one. Meanwhile functions behind it have BARs, but no
 * configuration access.
 */
uint8_t pci_set_secondary_bus(struct pci_host *host, unsigned int bridge, uint8_t bus);

/*
 * Exchanges the secondary bus numbers of the bridges, both on root buses, above two functions of one host: each
 * function's requests then carry the other's bus number. A second call undoes it. A function captures its bus number
 * from a configuration write. ACS source validation drops foreign numbers, so it is off meanwhile.
 *
 * Return:      true
 *              false      a function does not answer under the new bus number
 * State left:  false: as before.
 * Context:     boot core, no DMA under way.
 * See:         PCIe base specification 2.2.6.2 (captured numbers), 6.12.1.1 (source validation)
 */
bool pci_exchange_buses(const struct pci_function *function, const struct pci_function *other);

#endif
