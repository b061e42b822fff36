/* SPDX-License-Identifier: BSD-2-Clause */
#include "device.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#include "base/arch.h"

#define LINE 64U
#define WINDOWS 2U
#define PRIVATE_SIZE 512U

/* The core's view, memory, and the cache when both agreed. */
struct window {
	uint64_t iova;
	size_t size;
	uint8_t *core;
	uint8_t memory[DEVICE_WORK_PAGES * PAGE_SIZE];
	uint8_t synced[DEVICE_WORK_PAGES * PAGE_SIZE];
	bool mapped;
};

struct device_memory device_memory;
struct master device_master;
struct pci_function device_function;
uint32_t device_configuration[1024];
uint8_t device_target[PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t work[DEVICE_WORK_PAGES * PAGE_SIZE] __attribute__((aligned(4096)));
static uint8_t page[PAGE_SIZE] __attribute__((aligned(4096)));
static uint64_t private[PRIVATE_SIZE / 8];
static struct pci_host host;
static struct window windows[WINDOWS];

static void make_window(struct window *window, uint64_t iova, uint8_t *core, size_t size)
{
	*window = (struct window){.iova = iova, .size = size, .core = core};
	memset(core, 0, size);
}

/* --- Caches. --- */

static void sync_line(struct window *window, size_t at, bool invalidate)
{
	if (memcmp(window->core + at, window->synced + at, LINE) != 0) {
		memcpy(window->memory + at, window->core + at, LINE);
	}
	if (invalidate) {
		memcpy(window->core + at, window->memory + at, LINE);
	}
	memcpy(window->synced + at, window->core + at, LINE);
}

static void on_cache(const volatile void *start, size_t size, bool invalidate)
{
	const uint8_t *first = (const uint8_t *)(uintptr_t)start;

	for (unsigned int i = 0; i < WINDOWS; i++) {
		struct window *window = &windows[i];
		size_t from = (size_t)(first - window->core) & ~(size_t)(LINE - 1);

		if (first < window->core || first >= window->core + window->size) {
			continue;
		}
		for (size_t at = from; at < (size_t)(first - window->core) + size && at < window->size; at += LINE) {
			sync_line(window, at, invalidate);
		}
	}
}

/* --- DMA. --- */

static uint8_t *reach(uint64_t iova, size_t size)
{
	for (unsigned int i = 0; i < WINDOWS; i++) {
		struct window *window = &windows[i];

		if (window->mapped && iova >= window->iova && iova - window->iova + size <= window->size) {
			return window->memory + (iova - window->iova);
		}
	}
	if (!device_memory.faults++) {
		device_memory.fault = iova;
	}
	return NULL;
}

bool device_read(uint64_t iova, void *to, size_t size)
{
	const uint8_t *from = reach(iova, size);

	if (from) {
		memcpy(to, from, size);
		device_memory.reads++;
	}
	return from != NULL;
}

bool device_write(uint64_t iova, const void *from, size_t size)
{
	uint8_t *to = reach(iova, size);

	if (to) {
		memcpy(to, from, size);
		device_memory.writes++;
	}
	return to != NULL;
}

/* --- The master. --- */

void device_reset(const struct master_driver *driver)
{
	arch_hooks.cache = on_cache;
	device_memory = (struct device_memory){0};
	memset(device_configuration, 0, sizeof(device_configuration));
	memset(private, 0, sizeof(private));
	make_window(&windows[0], DEVICE_WORK_IOVA, work, sizeof(work));
	make_window(&windows[1], DEVICE_TARGET_IOVA, device_target, sizeof(device_target));
	host = (struct pci_host){.ecam = (volatile uint8_t *)device_configuration};
	device_function = (struct pci_function){.host = &host, .parent = -1, .name = "0000:00:00.0"};
	assert(driver->work_pages <= DEVICE_WORK_PAGES && driver->private_size <= sizeof(private));
	device_master = (struct master){.driver = driver, .pci = &device_function, .private = private};
	device_master.device.name = device_function.name;
	device_master.page[0] = page;
	device_master.work = driver->work_pages ? work : NULL;
}

void device_map(void)
{
	windows[0].mapped = true;
	windows[1].mapped = true;
	device_master.work_iova = device_master.work ? DEVICE_WORK_IOVA : 0;
}

void device_unmap_target(void)
{
	windows[1].mapped = false;
}

bool device_is_on_the_bus(void)
{
	return device_configuration[PCI_COMMAND / 4] & PCI_COMMAND_BUS_MASTER;
}

int device_dma(uint64_t address, uint32_t length, unsigned int polls)
{
	const struct master_dma dma = {.write = true, .address = address, .length = length};
	int error;

	memset(device_target, DEVICE_CANARY, sizeof(device_target));
	arch_cache_clean_invalidate(device_target, sizeof(device_target));
	error = master_start(&device_master, &dma);
	if (error) {
		return error;
	}
	do {
		error = device_master.driver->poll(&device_master);
	} while (error == -EAGAIN && polls--);
	arch_cache_clean_invalidate(device_target, sizeof(device_target));
	return error;
}

bool device_verifies(uint32_t length)
{
	const char *words = NULL;

	return device_master.driver->verify(&device_master, device_target, length, &words);
}
