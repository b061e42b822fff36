/* SPDX-License-Identifier: BSD-2-Clause */
/* For device models: memory behind IOVA windows, past caches that do not snoop; and one master. */
#ifndef TESTS_HOST_DEVICE_H
#define TESTS_HOST_DEVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "masters/master.h"

#define DEVICE_WORK_PAGES 5U
#define DEVICE_WORK_IOVA 0x01030000ULL	 /* Mapped work pages, */
#define DEVICE_TARGET_IOVA 0x0e000000ULL /* and DMAs' page. */
#define DEVICE_CANARY 0xa5U

struct device_memory {
	unsigned int reads; /* Arrived: reads and writes; */
	unsigned int writes;
	unsigned int faults; /* without a window, */
	uint64_t fault;	     /* and the first address. */
};

extern struct device_memory device_memory;
extern struct master device_master; /* One PCI function, 0000:00:00.0; no registers. */
extern struct pci_function device_function;
extern uint32_t device_configuration[1024];
extern uint8_t device_target[PAGE_SIZE]; /* DEVICE_TARGET_IOVA's memory, as the core sees it. */

/* No windows, hooked caches, a new master with `driver`. */
void device_reset(const struct master_driver *driver);

void device_map(void);
void device_unmap_target(void);

/* A model's DMA. False: no window, nothing moved. */
bool device_read(uint64_t iova, void *to, size_t size);
bool device_write(uint64_t iova, const void *from, size_t size);

bool device_is_on_the_bus(void);

/* Fills the target with canaries, starts a DMA, polls to its end or `polls` times. */
int device_dma(uint64_t address, uint32_t length, unsigned int polls);

/* The driver accepts the target's bytes. */
bool device_verifies(uint32_t length);

#endif
