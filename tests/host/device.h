/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What models of devices need: memory that they reach by IOVAs, in windows, past caches that do not snoop; and one
 * master to give to a driver.
 */
#ifndef TESTS_HOST_DEVICE_H
#define TESTS_HOST_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "masters/master.h"

#define DEVICE_WORK_PAGES 5U
#define DEVICE_WORK_IOVA 0x01030000ULL	 /* Where the work pages are once they are mapped, */
#define DEVICE_TARGET_IOVA 0x0e000000ULL /* and the page that DMAs go to. */
#define DEVICE_CANARY 0xa5U

struct device_memory {
	unsigned int reads; /* DMAs that arrived: reads, and writes; */
	unsigned int writes;
	unsigned int faults; /* those that found no window, */
	uint64_t fault;	     /* and the address of the first of them. */
};

extern struct device_memory device_memory;
extern struct master device_master;	    /* It has one PCI function, 0000:00:00.0, and no registers. */
extern struct pci_function device_function; /* Its function. */
extern uint32_t device_configuration[1024]; /* The function's configuration space. */
extern uint8_t device_target[PAGE_SIZE];    /* What DEVICE_TARGET_IOVA leads to, as the core sees it. */

/* Forgets all windows, hooks the caches, and makes the master anew, with `driver`; maps nothing. */
void device_reset(const struct master_driver *driver);

/* Maps the work pages and the target; unmaps the target. */
void device_map(void);
void device_unmap_target(void);

/* One DMA of a model. False: a window is missing, and nothing was moved. */
bool device_read(uint64_t iova, void *to, size_t size);
bool device_write(uint64_t iova, const void *from, size_t size);

/* Whether the function masters the bus. */
bool device_is_on_the_bus(void);

/* A DMA by the driver: fills the target with canaries, starts the DMA, and polls it to its end, or `polls` times. */
int device_dma(uint64_t address, uint32_t length, unsigned int polls);

/* Whether the driver accepts the target's bytes. */
bool device_verifies(uint32_t length);

#endif
