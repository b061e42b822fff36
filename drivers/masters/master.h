/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DMA masters. Every device that may emit a stream ID is a struct master; one that can be driven has a struct
 * master_driver, which is one small file: what it can do, how to look at it, one DMA. A deliberate stray DMA is the same DMA
 * to an address that nobody mapped.
 */
#ifndef MASTERS_MASTER_H
#define MASTERS_MASTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bits.h"
#include "base/device.h"
#include "iommu/iommu.h"
#include "pci/pci.h"

#define MASTER_PAGES 3U /* Of memory that a driven master works on. */

struct master;

/* What a master's DMA can do: what it cannot is a skipped check. */
#define MASTER_READS BIT32(0)  /* Fetches `length` bytes of memory into the device. */
#define MASTER_WRITES BIT32(1) /* Writes `length` bytes, what was fetched last or its own pattern, to memory. */

struct master_dma {
	bool write;
	uint64_t address; /* What the master emits: an IOVA. */
	uint64_t memory;  /* Where that should lead, physically; for devices that look for themselves. */
	uint32_t length;  /* Bytes: a multiple of 4, at most the driver's length_max. */
};

struct master_driver {
	struct driver driver; /* First: its name, and the generic bind and unbind. */
	uint16_t vendor;
	uint16_t device;
	unsigned int can; /* MASTER_READS, MASTER_WRITES. */
	uint32_t length_max;
	uint32_t pattern; /* What a master writes that cannot read. */
	/* Looks whether the device is what it should be; -ENODEV. Registers are mapped, bus mastering is off. */
	int (*probe)(struct master *master);
	/* Starts one DMA; the device is idle. */
	int (*start)(struct master *master, const struct master_dma *dma);
	/* -EAGAIN while it runs; 0 when it is done; -EIO where the device itself reports that it failed. */
	int (*poll)(struct master *master);
};

/* What the observation found out. */
struct master_observation {
	bool done;
	bool seen; /* Some SMMU saw it: `smmu` and `sid`. */
	unsigned int smmu;
	uint32_t sid;
	bool reached_memory;
	bool match;
};

struct master {
	struct device device; /* First: the client. */
	struct iommu_master iommu;
	const struct master_driver *driver; /* NULL: cannot be driven. */
	const char *device_id;		    /* "1234:11e8", or the compatible string. */
	struct pci_function *pci;	    /* NULL for a platform device. */
	volatile uint8_t *regs;
	uint8_t *page[MASTER_PAGES]; /* NULL where memory for it ran out: not driven then. */
	unsigned int number;	     /* Among all masters. */
	unsigned int group;	     /* As the report numbers it. */
	struct master_observation observation;
};

/* The driver for a PCI function, or NULL. */
const struct master_driver *master_driver_for(uint16_t vendor, uint16_t device);

/* Every driver there is; the last is NULL. A SoC team adds its own engine here. */
extern const struct master_driver *const master_drivers[];

/* The generic bind: looks at the device, then lets it master the bus; and the reverse. Used by every master_driver. */
int master_bind(struct device *device);
void master_unbind(struct device *device);

/* How a client takes its DMA: through drivers/iommu. */
extern const struct device_dma_ops master_dma_ops;

static inline struct master *master_of_device(struct device *device)
{
	return (struct master *)device; /* Its first member. */
}

/* Whether checks may drive it: bound, with memory to work on. Sampled. */
bool master_is_driven(const struct master *master);

#endif
