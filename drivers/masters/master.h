/* SPDX-License-Identifier: BSD-2-Clause */
/* A master is a device that may emit a stream ID. A stray DMA goes to an unmapped address. */
#ifndef MASTERS_MASTER_H
#define MASTERS_MASTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bits.h"
#include "base/device.h"
#include "base/feature.h"
#include "iommu/iommu.h"
#include "pci/pci.h"

#define MASTER_PAGES 3U
#define MASTER_NUMBERS 3328U /* Their IOVAs have 28 bits (checks/trial.h). */

struct master;

/* What its DMA can do; checks that need more are skipped. */
#define MASTER_READS BIT32(0)
#define MASTER_WRITES BIT32(1) /* The bytes that it read last, or its own. */
#define MASTER_COPIES BIT32(2) /* What it reads from `source` in the same DMA. */

struct master_dma {
	bool write;
	bool stray;	  /* Nothing is mapped at `address`. */
	uint64_t address; /* IOVA. */
	uint64_t source;  /* IOVA, for MASTER_COPIES. */
	uint64_t memory;  /* Physical target, for devices that check it. */
	uint32_t length;  /* A multiple of 4. */
};

struct master_driver {
	struct driver driver; /* First member. */
	uint16_t vendor;
	uint16_t device;
	uint32_t class_code; /* If not 0, replaces vendor and device. */
	unsigned int can;    /* MASTER_* bits. */
	uint32_t length_min;
	uint32_t length_max;
	uint32_t pattern;	 /* Written if it can neither read, copy nor verify. */
	unsigned int work_pages; /* The device's queues: master->work. */
	uint32_t private_size;
	/* Has a boot loader set it up? Only reads; registers are mapped. May be NULL. */
	bool (*in_use)(struct master *master);
	/*
	 * Checks and resets the device without DMA; registers are mapped, bus mastering is off. 0, or -ENODEV with
	 * master->unfit.
	 */
	int (*probe)(struct master *master);
	/*
	 * Makes start() begin exactly one DMA: resets a broken device, sets up queues; waits, bounded. `stray`: that
	 * DMA comes next, nothing is mapped, and this makes none; else NULL. May be NULL.
	 *
	 * Return:      0
	 *              -ENODEV    master->unfit says why
	 *              -EIO, -ETIMEDOUT its DMA may have been stopped
	 * Context:     as master_prepare().
	 */
	int (*prepare)(struct master *master, const struct master_dma *stray);
	/* On a prepared, idle device. 0; -ERANGE or -ENOTSUP: not this DMA. */
	int (*start)(struct master *master, const struct master_dma *dma);
	/* -EAGAIN: running; 0: done; -EIO: failed. */
	int (*poll)(struct master *master);
	/* Stops all DMA. 0, or -ETIMEDOUT. NULL if a DMA is over when start() returns. */
	int (*stop)(struct master *master);
	/* Did a write bring the right bytes? `words`: which. NULL: those read last, or `pattern`. */
	bool (*verify)(const struct master *master, const uint8_t *memory, uint32_t length, const char **words);
};

struct master_observation {
	bool seen; /* By `smmu`, as `sid`. */
	unsigned int smmu;
	uint32_t sid;
	bool address_seen; /* The event had the DMA's address. */
	bool reached_memory;
	bool match;
};

struct master {
	struct device device; /* First member. */
	struct iommu_master iommu;
	const struct master_driver *driver;  /* NULL: not driven. */
	const char *device_id;		     /* "1234:11e8", or compatible. */
	struct pci_function *pci;	     /* NULL: platform device. */
	uint16_t requester_id;		     /* Own, or a bridge's alias. */
	volatile uint8_t *bar[PCI_BARS_MAX]; /* Mapped, or NULL. */
	volatile uint8_t *regs;		     /* First BAR. */
	uint8_t *page[MASTER_PAGES];	     /* NULL: not driven. */
	uint8_t *work;
	uint64_t work_iova; /* 0: not mapped. */
	void *private;
	uint32_t seen;	     /* Last read of what is waited for. */
	const char *unfit;   /* Why it cannot be driven, or NULL. */
	unsigned int number; /* Among the driven ones, below MASTER_NUMBERS: its addresses. */
	unsigned int group;  /* In the report. */
	struct master_observation observation;
	bool tried;	 /* Checked, or cannot be. */
	bool translated; /* Its DMA brought the right bytes. */
	bool was_bound;	 /* When the soak began. */
};

/* NULL: none. */
const struct master_driver *master_driver_for(const struct pci_function *function);

/* Registers a driver, at the end of its file (README.md). */
#define MASTER_DRIVER(name)                                                                                            \
	extern const struct master_driver *const name##_entry;                                                         \
	const struct master_driver *const name##_entry LISTED("master_drivers") = &(name)

/*
 * master_bind() probes the device, then turns bus mastering on; master_unbind() turns it off.
 *
 * Return:      0
 *              -ENODEV    master->unfit says why
 * State left:  on an error bus mastering stays off.
 * Context:     no lock held; waits for the device.
 */
int master_bind(struct device *device, const struct driver *driver);
void master_unbind(struct device *device);

/*
 * Prepares a bound master with mapped work pages for its first DMA.
 *
 * Return:      0
 *              -ENODEV    master->unfit says why; its checks are skipped
 *              -EIO, -ETIMEDOUT its DMA may have been stopped
 * State left:  on an error the next DMA begins with a reset of the device.
 * Context:     one core at a time for a master; waits for the device.
 */
int master_prepare(struct master *master);

/*
 * Starts one DMA; prepares the master first if needed.
 *
 * Return:      0          driver->poll() tells its progress
 *              -ERANGE    not this address or length
 *              -ENOTSUP   no such DMA, or work pages not mapped
 *              others     as master_prepare()
 * Context:     as master_prepare().
 */
int master_start(struct master *master, const struct master_dma *dma);

/*
 * Stops a master before its memory is unmapped, else takes bus mastering away and makes it unfit.
 *
 * Context:     as master_prepare().
 */
void master_stop(struct master *master);

/*
 * Sets master->unfit.
 *
 * Return:      -ENODEV    always: for a driver's probe() to return
 * Context:     the core that probes or prepares the master; no wait.
 */
int master_unfit(struct master *master, const char *why);

/*
 * Calls `look`, which sets master->seen, while it returns -EAGAIN.
 *
 * Return:      -ETIMEDOUT after `us` microseconds; prints `name`, what was seen and `wanted`
 *              others     as `look`
 * Context:     as master_prepare(): waits `us` microseconds at most.
 */
int master_wait(struct master *master, int (*look)(struct master *master), uint32_t us, const char *name,
		uint32_t wanted);

extern const struct device_dma_ops master_dma_ops;

static inline struct master *master_of_device(struct device *device)
{
	return (struct master *)device; /* The first member. */
}

#endif
