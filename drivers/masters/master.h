/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * DMA masters. Every device that may emit a stream ID is a struct master; one that can be driven has a struct
 * master_driver, which is one small file: what it can do, how to look at it, one DMA. A deliberate stray DMA is the
 * same DMA to an address that nobody mapped.
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
#define MASTER_WRITES BIT32(1) /* Writes `length` bytes, what was fetched last or its own, to memory. */
#define MASTER_COPIES BIT32(2) /* Writes what it fetches from `source` in the same DMA: a memory-to-memory engine. */

struct master_dma {
	bool write;
	bool stray;	  /* Nothing is mapped for the master: it shall emit `address`, whatever becomes of it. */
	uint64_t address; /* What the master emits: an IOVA. */
	uint64_t source;  /* Where one that copies takes its bytes: an IOVA, too. */
	uint64_t memory;  /* Where that should lead, physically; for devices that look for themselves. */
	uint32_t length;  /* Bytes: a multiple of 4, from the driver's length_min to its length_max. */
};

struct master_driver {
	struct driver driver; /* First: its name, and the generic bind and unbind. */
	uint16_t vendor;
	uint16_t device;
	uint32_t class_code; /* Where it is not 0, any device of this class instead of that vendor's. */
	unsigned int can;    /* MASTER_READS, MASTER_WRITES, MASTER_COPIES. */
	uint32_t length_min;
	uint32_t length_max;
	uint32_t pattern;	 /* What a master writes that can neither read nor copy nor verify. */
	unsigned int work_pages; /* Memory that the device itself must reach, for its queues say: master->work. */
	uint32_t private_size;	 /* Bytes of the driver's own for each master: master->private. */
	/*
	 * Whether a boot loader has set it up and may go on with it, which nothing that is read changes; may be NULL.
	 * Registers are mapped.
	 */
	bool (*in_use)(struct master *master);
	/*
	 * Looks whether the device is what it should be and resets it, without any DMA; may wait, for as long as the
	 * device itself asks for. Registers are mapped, bus mastering is off. 0, or -ENODEV where it cannot be driven:
	 * master->unfit says why.
	 */
	int (*probe)(struct master *master);
	/*
	 * Makes ready for start(), so that start() begins one DMA and no other: a device that the DMA before left
	 * broken is reset, queues are set up in the work pages, what it can do is asked. Waits, with a bound; does
	 * nothing where all of it was done before. With `stray` (or NULL) for that DMA, and nothing is mapped: no DMA
	 * is made then. 0; -ENODEV where the device itself says that it cannot be driven (master->unfit); -EIO or
	 * -ETIMEDOUT where its DMA may not have got through. May be NULL.
	 */
	int (*prepare)(struct master *master, const struct master_dma *stray);
	/* Starts one DMA; the device is prepared and idle. 0; -ERANGE, -ENOTSUP where it cannot make this one. */
	int (*start)(struct master *master, const struct master_dma *dma);
	/* -EAGAIN while it runs; 0 when it is done; -EIO where the device itself reports that it failed. */
	int (*poll)(struct master *master);
	/*
	 * Leaves the device quiet for what comes next: it makes no DMA any more, and its registers say so. 0, or
	 * -ETIMEDOUT where it does not become quiet. May be NULL where a DMA is over when start() returns.
	 */
	int (*stop)(struct master *master);
	/* Whether a write brings these bytes, and in words which; NULL: what was fetched, or the pattern. */
	bool (*verify)(const struct master *master, const uint8_t *memory, uint32_t length, const char **words);
};

/* What the observation found out. */
struct master_observation {
	bool done;
	bool seen; /* Some SMMU saw it: `smmu` and `sid`. */
	unsigned int smmu;
	uint32_t sid;
	bool address_seen; /* The event named the address that the master was given. */
	bool reached_memory;
	bool match;
};

struct master {
	struct device device; /* First: the client. */
	struct iommu_master iommu;
	const struct master_driver *driver;  /* NULL: cannot be driven. */
	const char *device_id;		     /* "1234:11e8", or the compatible string. */
	struct pci_function *pci;	     /* NULL for a platform device. */
	uint16_t requester_id;		     /* That its requests carry: the function\'s own, or a bridge\'s alias. */
	volatile uint8_t *bar[PCI_BARS_MAX]; /* Mapped; NULL where there is none. */
	volatile uint8_t *regs;		     /* The first of them. */
	uint8_t *page[MASTER_PAGES];	     /* NULL where memory for it ran out: not driven then. */
	uint8_t *work;			     /* The driver's work pages, one behind the other. */
	uint64_t work_iova;		     /* Where the device reaches them; 0 while they are not mapped. */
	void *private;
	uint32_t seen;	     /* What the driver read last, of what it waits for. */
	const char *unfit;   /* Why it cannot be driven, through no fault of an SMMU or a table; NULL where it can. */
	unsigned int number; /* Among all masters. */
	unsigned int group;  /* As the report numbers it. */
	struct master_observation observation;
	bool tried;	 /* Its translation was checked, or could not be. */
	bool translated; /* And what its DMA brought was right. */
	bool was_bound;	 /* When the soak began. */
};

/* The driver for a PCI function, or NULL. */
const struct master_driver *master_driver_for(const struct pci_function *function);

/*
 * Makes a driver known: at the end of its file, and nothing else is needed. A SoC team adds its own engine so;
 * README.md beside this file shows how.
 */
#define MASTER_DRIVER(name)                                                                                            \
	extern const struct master_driver *const name##_entry;                                                         \
	const struct master_driver *const name##_entry __attribute__((used, section("master_drivers"))) = &(name)

/*
 * The generic bind: looks at the device, then lets it master the bus; and the reverse. Used by every master_driver.
 *
 * Return:      0
 *              -ENODEV    the device cannot be driven: master->unfit says why
 * State left:  on an error the device does not master the bus.
 * Context:     the binding core, no lock held; waits for the device, for as long as the device itself asks for.
 */
int master_bind(struct device *device, const struct driver *driver);
void master_unbind(struct device *device);

/*
 * Makes a bound master ready for its DMAs, so that the first of them is one command; its work pages are mapped.
 *
 * Return:      0
 *              -ENODEV    the device cannot be driven: master->unfit says why, and a check of it is skipped
 *              -EIO       the device gave up, or refused: its DMA may not have got through
 *              -ETIMEDOUT it did not answer: likewise
 * State left:  on an error the next DMA begins with a reset of the device.
 * Context:     one core at a time for a master; waits for the device.
 */
int master_prepare(struct master *master);

/*
 * Begins one DMA, of a device that is made ready for it first where it is not.
 *
 * Return:      0          driver->poll() says how it goes
 *              -ERANGE    the device cannot emit this address, or not so many bytes
 *              -ENOTSUP   it cannot make such a DMA, or its work pages are not mapped
 *              others     as master_prepare()
 * Context:     as master_prepare().
 */
int master_start(struct master *master, const struct master_dma *dma);

/*
 * Ends whatever a master does, before memory that it may reach is unmapped. One that does not become quiet is taken
 * off the bus, and is not driven any more (master->unfit).
 *
 * Context:     as master_prepare().
 */
void master_stop(struct master *master);

/* For drivers: a master cannot be driven, and why. Returns -ENODEV. */
int master_unfit(struct master *master, const char *why);

/*
 * For drivers: looks again and again, `us` at most. What `look` returned but -EAGAIN; or -ETIMEDOUT, after saying what
 * `name`, a register or a word in memory, was read as by the last look (it leaves that in `master->seen`), and what was
 * wanted.
 */
int master_wait(struct master *master, int (*look)(struct master *master), uint32_t us, const char *name,
		uint32_t wanted);

/* How a client takes its DMA: through drivers/iommu. */
extern const struct device_dma_ops master_dma_ops;

static inline struct master *master_of_device(struct device *device)
{
	return (struct master *)device; /* Its first member. */
}

#endif
