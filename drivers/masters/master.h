/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DMA masters. Each device that may emit a stream ID is a struct master; one that can be driven has a struct
 * master_driver, one small file: what it can do, probing, one DMA. A stray DMA is the same DMA to an unmapped address.
 */
#ifndef MASTERS_MASTER_H
#define MASTERS_MASTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/bits.h"
#include "base/device.h"
#include "iommu/iommu.h"
#include "pci/pci.h"

#define MASTER_PAGES 3U /* Pages that a driven master uses. */

struct master;

/* What its DMA can do; other checks are skipped. */
#define MASTER_READS BIT32(0)  /* Reads `length` bytes of memory into the device. */
#define MASTER_WRITES BIT32(1) /* Writes `length` bytes to memory: those that it read last, or its own. */
#define MASTER_COPIES BIT32(2) /* Writes what it reads from `source` in the same DMA. */

struct master_dma {
	bool write;
	bool stray;	  /* Nothing is mapped at `address`; the master emits it even so. */
	uint64_t address; /* IOVA that the master emits. */
	uint64_t source;  /* IOVA of the source, for MASTER_COPIES. */
	uint64_t memory;  /* Physical target, for devices that check it themselves. */
	uint32_t length;  /* Bytes: a multiple of 4, length_min to length_max. */
};

struct master_driver {
	struct driver driver; /* First: name, generic bind and unbind. */
	uint16_t vendor;
	uint16_t device;
	uint32_t class_code; /* Unless 0: any device of this class; vendor and device are ignored. */
	unsigned int can;    /* MASTER_READS, MASTER_WRITES, MASTER_COPIES. */
	uint32_t length_min;
	uint32_t length_max;
	uint32_t pattern;	 /* Written by a master that can neither read, copy nor verify. */
	unsigned int work_pages; /* Memory that the device itself uses (queues): master->work. */
	uint32_t private_size;	 /* Bytes for master->private. */
	/* Has a boot loader set it up, to go on with it? Changes nothing. May be NULL. Registers are mapped. */
	bool (*in_use)(struct master *master);
	/*
	 * Checks and resets the device, without DMA; may wait as long as the device asks for. Registers are mapped, bus
	 * mastering is off. 0, or -ENODEV with master->unfit.
	 */
	int (*probe)(struct master *master);
	/*
	 * Prepares the device so that start() begins exactly one DMA: resets a broken device, sets up queues in the
	 * work pages, asks what it can do; nothing if that is done. Waits, bounded. `stray`: that DMA comes next and
	 * nothing is mapped, so no DMA is made here; else NULL. May be NULL.
	 *
	 * Return:      0
	 *              -ENODEV    the device cannot be driven (master->unfit)
	 *              -EIO, -ETIMEDOUT its DMA may have been stopped
	 */
	int (*prepare)(struct master *master, const struct master_dma *stray);
	/* Starts one DMA on a prepared, idle device. 0; -ERANGE or -ENOTSUP: it cannot make this DMA. */
	int (*start)(struct master *master, const struct master_dma *dma);
	/* -EAGAIN: running; 0: done; -EIO: the device reports a failure. */
	int (*poll)(struct master *master);
	/* Stops all DMA of the device. 0, or -ETIMEDOUT. May be NULL if a DMA is over when start() returns. */
	int (*stop)(struct master *master);
	/* Did a write bring the right bytes? `words`: which. NULL: compare with what was read, or with `pattern`. */
	bool (*verify)(const struct master *master, const uint8_t *memory, uint32_t length, const char **words);
};

/* Result of observe(). */
struct master_observation {
	bool seen; /* By `smmu`, as `sid`. */
	unsigned int smmu;
	uint32_t sid;
	bool address_seen; /* The event had the address that the master was given. */
	bool reached_memory;
	bool match;
};

struct master {
	struct device device; /* First: the client. */
	struct iommu_master iommu;
	const struct master_driver *driver;  /* NULL: cannot be driven. */
	const char *device_id;		     /* "1234:11e8", or the compatible string. */
	struct pci_function *pci;	     /* NULL: a platform device. */
	uint16_t requester_id;		     /* In its requests: the function's own, or a bridge's alias. */
	volatile uint8_t *bar[PCI_BARS_MAX]; /* Mapped, or NULL. */
	volatile uint8_t *regs;		     /* The first BAR. */
	uint8_t *page[MASTER_PAGES];	     /* NULL: no memory; not driven. */
	uint8_t *work;			     /* The driver's work pages, contiguous. */
	uint64_t work_iova;		     /* Their IOVA; 0: not mapped. */
	void *private;
	uint32_t seen;	     /* Last read of what the driver waits for. */
	const char *unfit;   /* Why it cannot be driven (not an SMMU's or table's fault), or NULL. */
	unsigned int number; /* Among all masters. */
	unsigned int group;  /* In the report. */
	struct master_observation observation;
	bool tried;	 /* Its translation was checked, or cannot be. */
	bool translated; /* Its DMA brought the right bytes. */
	bool was_bound;	 /* When the soak began. */
};

/* The driver for a PCI function, or NULL. */
const struct master_driver *master_driver_for(const struct pci_function *function);

/* Registers a driver; goes at the end of its file, nothing else is needed (README.md). */
#define MASTER_DRIVER(name)                                                                                            \
	extern const struct master_driver *const name##_entry;                                                         \
	const struct master_driver *const name##_entry __attribute__((used, section("master_drivers"))) = &(name)

/*
 * Generic bind: probes the device, then turns bus mastering on; and its reverse. For every master_driver.
 *
 * Return:      0
 *              -ENODEV    the device cannot be driven: master->unfit
 * State left:  on an error bus mastering stays off.
 * Context:     the binding core, no lock held; waits for the device, as long as that asks for.
 */
int master_bind(struct device *device, const struct driver *driver);
void master_unbind(struct device *device);

/*
 * Prepares a bound master with mapped work pages, so that its first DMA is one command.
 *
 * Return:      0
 *              -ENODEV    the device cannot be driven: master->unfit; its checks are skipped
 *              -EIO       the device gave up or refused: its DMA may have been stopped
 *              -ETIMEDOUT it did not answer: likewise
 * State left:  on an error the next DMA begins with a reset of the device.
 * Context:     one core at a time for a master; waits for the device.
 */
int master_prepare(struct master *master);

/*
 * Starts one DMA, after preparing the device if needed.
 *
 * Return:      0          driver->poll() tells its progress
 *              -ERANGE    the device cannot emit this address or length
 *              -ENOTSUP   it cannot make such a DMA, or its work pages are not mapped
 *              others     as master_prepare()
 * Context:     as master_prepare().
 */
int master_start(struct master *master, const struct master_dma *dma);

/*
 * Stops a master before its memory is unmapped. One that does not stop loses bus mastering and is not driven any more
 * (master->unfit).
 *
 * Context:     as master_prepare().
 */
void master_stop(struct master *master);

/* For drivers: sets master->unfit. Returns -ENODEV. */
int master_unfit(struct master *master, const char *why);

/*
 * For drivers: calls `look`, which stores what it reads in master->seen, until its result is not -EAGAIN.
 *
 * Return:      -ETIMEDOUT -EAGAIN for `us` microseconds; `name`, the value read and `wanted` are printed
 *              others     the result of `look`
 */
int master_wait(struct master *master, int (*look)(struct master *master), uint32_t us, const char *name,
		uint32_t wanted);

/* DMA of clients, through drivers/iommu. */
extern const struct device_dma_ops master_dma_ops;

static inline struct master *master_of_device(struct device *device)
{
	return (struct master *)device; /* First member. */
}

#endif
