/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * virtio block device over PCI (virtio 1.1): one DMA reads the disk's first sectors; nothing writes the disk. The
 * virtqueue is in the work pages, behind the SMMU. Without VIRTIO_F_ACCESS_PLATFORM a device bypasses every SMMU (6.1)
 * and is not driven. One that could not reach memory sets DEVICE_NEEDS_RESET and is reset before the next DMA.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "base/deadline.h"
#include "masters/disk.h"
#include "masters/master.h"

/* PCI capabilities (4.1.4). */
#define PCI_CAPABILITIES 0x34U
#define PCI_CAPABILITY_VENDOR 0x09U
#define PCI_CAPABILITIES_MAX 48U
#define CFG_TYPE_COMMON 1U
#define CFG_TYPE_NOTIFY 2U
#define CFG_TYPE_DEVICE 4U

/* Device configuration (5.2.4). */
#define CAPACITY 0x00U /* In sectors. */
#define CAPACITY_SIZE 8U

/* Common configuration (4.1.4.3). */
#define DEVICE_FEATURE_SELECT 0x00U
#define DEVICE_FEATURE 0x04U
#define DRIVER_FEATURE_SELECT 0x08U
#define DRIVER_FEATURE 0x0cU
#define DEVICE_STATUS 0x14U
#define QUEUE_SELECT 0x16U
#define QUEUE_SIZE 0x18U
#define QUEUE_ENABLE 0x1cU
#define QUEUE_NOTIFY_OFF 0x1eU
#define QUEUE_DESC 0x20U
#define QUEUE_DRIVER 0x28U
#define QUEUE_DEVICE 0x30U
#define COMMON_SIZE 0x38U

#define STATUS_ACKNOWLEDGE 0x01U
#define STATUS_DRIVER 0x02U
#define STATUS_DRIVER_OK 0x04U
#define STATUS_FEATURES_OK 0x08U
#define STATUS_NEEDS_RESET 0x40U

#define FEATURE_EVENT_IDX BIT32(29)
#define FEATURE_HIGH_VERSION_1 BIT32(0)
#define FEATURE_HIGH_ACCESS_PLATFORM BIT32(1)

#define DESC_NEXT 1U
#define DESC_WRITE 2U
#define REQUEST_IN 0U
#define REQUEST_OK 0U
#define STATUS_UNWRITTEN 0xffU
#define SECTOR 512U

#define ENTRIES 4U /* A request needs three. */
#define HEAD 0U
#define RESET_US 5000000U /* No register gives a bound. */
#define REQUEST_US 3000000U
#define STRAY_US 200000U /* By then a fetch has had its effect. */

enum { PAGE_QUEUE, PAGE_DATA, WORK_PAGES };

struct descriptor {
	uint64_t address;
	uint32_t length;
	uint16_t flags;
	uint16_t next;
};

/*
 * A stray DMA puts the queue at an unmapped address, of which only the first bytes are checked: fields that the device
 * writes come first. Fields that it reads are apart: it reads an empty queue there, not canaries.
 */
struct queue {
	struct {
		uint16_t flags;
		uint16_t index;
		struct {
			uint32_t id;
			uint32_t length;
		} ring[ENTRIES];
		uint16_t available_event;
	} used;
	uint8_t status;
	struct {
		uint32_t type;
		uint32_t reserved;
		uint64_t sector;
	} request;
	struct descriptor descriptor[ENTRIES] __attribute__((aligned(2048)));
	struct {
		uint16_t flags;
		uint16_t index;
		uint16_t ring[ENTRIES];
		uint16_t used_event;
	} available;
};

_Static_assert(sizeof(struct descriptor) == 16, "virtio 1.1, 2.6.5: a descriptor is 16 bytes.");
_Static_assert(offsetof(struct queue, used.available_event) == 4 + 8 * ENTRIES, "virtio 1.1, 2.6.8: behind the ring.");
_Static_assert(offsetof(struct queue, descriptor) % 16 == 0, "virtio 1.1, 2.6: the descriptors are aligned to 16.");
_Static_assert(offsetof(struct queue, available) % 2 == 0, "virtio 1.1, 2.6: the driver area is aligned to 2.");
_Static_assert(offsetof(struct queue, used) % 4 == 0, "virtio 1.1, 2.6: the device area is aligned to 4.");
_Static_assert(sizeof(struct queue) <= PAGE_SIZE, "The queue fits its work page.");

struct virtio_blk {
	volatile uint8_t *common;
	volatile uint8_t *notify;
	volatile uint8_t *config;
	uint32_t notify_multiplier;
	bool ready; /* PAGE_DATA holds the expected bytes. */
	bool busy;
	bool stray;
	uint16_t index;
	struct deadline stray_end;
};

static struct virtio_blk *virtio_blk_of(const struct master *master)
{
	return master->private;
}

static struct queue *virtio_blk_queue_of(const struct master *master)
{
	return (struct queue *)(void *)master->work;
}

static uint64_t virtio_blk_iova_of(const struct master *master, const volatile void *object)
{
	return master->work_iova + (uint64_t)((const volatile uint8_t *)object - master->work);
}

static void virtio_blk_write64(volatile uint8_t *at, uint64_t value)
{
	arch_write32(at, (uint32_t)value);
	arch_write32(at + 4, (uint32_t)(value >> 32));
}

/* --- Registers. --- */

static volatile uint8_t *virtio_blk_place_of(const struct master *master, unsigned int capability, uint32_t size)
{
	uint32_t bar = pci_read32(master->pci, capability + 4) & 0xffU;
	uint32_t offset = pci_read32(master->pci, capability + 8);

	if (bar >= PCI_BARS_MAX || !master->bar[bar] || master->pci->bar[bar].size < size ||
	    offset > master->pci->bar[bar].size - size) {
		return NULL;
	}
	return master->bar[bar] + offset;
}

static void virtio_blk_take_capability(struct master *master, unsigned int capability, uint32_t header)
{
	struct virtio_blk *blk = virtio_blk_of(master);

	if (header >> 24 == CFG_TYPE_COMMON && !blk->common) {
		blk->common = virtio_blk_place_of(master, capability, COMMON_SIZE);
	} else if (header >> 24 == CFG_TYPE_NOTIFY && !blk->notify) {
		blk->notify = virtio_blk_place_of(master, capability, sizeof(uint16_t));
		blk->notify_multiplier = pci_read32(master->pci, capability + 16);
	} else if (header >> 24 == CFG_TYPE_DEVICE && !blk->config) {
		blk->config = virtio_blk_place_of(master, capability, CAPACITY_SIZE);
	}
}

static bool virtio_blk_find_registers(struct master *master)
{
	const struct virtio_blk *blk = virtio_blk_of(master);
	unsigned int at = master->pci ? pci_read32(master->pci, PCI_CAPABILITIES) & 0xfcU : 0;

	for (unsigned int i = 0; at && i < PCI_CAPABILITIES_MAX; i++) {
		uint32_t header = pci_read32(master->pci, at);

		if ((header & 0xffU) == PCI_CAPABILITY_VENDOR) {
			virtio_blk_take_capability(master, at, header);
		}
		at = header >> 8 & 0xfcU;
	}
	return blk->common && blk->notify && blk->config;
}

/* Not DRIVER_OK: QEMU clears it with bus mastering. */
static bool virtio_blk_in_use(struct master *master)
{
	return virtio_blk_find_registers(master) &&
	       arch_read8(virtio_blk_of(master)->common + DEVICE_STATUS) & STATUS_DRIVER;
}

static int virtio_blk_look_reset(struct master *master)
{
	master->seen = arch_read8(virtio_blk_of(master)->common + DEVICE_STATUS);
	return master->seen ? -EAGAIN : 0;
}

/* The status reads as 0 once the reset is complete (4.1.4.3.2). */
static int virtio_blk_stop(struct master *master)
{
	struct virtio_blk *blk = virtio_blk_of(master);

	blk->ready = false;
	blk->busy = false;
	blk->stray = false;
	arch_write8(blk->common + DEVICE_STATUS, 0);
	return master_wait(master, virtio_blk_look_reset, RESET_US, "device_status", 0);
}

#define RESTLESS "device_status does not read 0 after a reset"

static uint32_t virtio_blk_offered(const struct virtio_blk *blk, uint32_t half)
{
	arch_write32(blk->common + DEVICE_FEATURE_SELECT, half);
	return arch_read32(blk->common + DEVICE_FEATURE);
}

static bool virtio_blk_holds_a_page(const struct virtio_blk *blk)
{
	return arch_read32(blk->config + CAPACITY) >= PAGE_SIZE / SECTOR || arch_read32(blk->config + CAPACITY + 4);
}

static int virtio_blk_probe(struct master *master)
{
	const struct virtio_blk *blk = virtio_blk_of(master);

	if (!virtio_blk_find_registers(master)) {
		return master_unfit(master, "it is a legacy device: no registers of virtio 1");
	}
	if (virtio_blk_stop(master)) {
		return master_unfit(master, RESTLESS);
	}
	if (!(virtio_blk_offered(blk, 1) & FEATURE_HIGH_ACCESS_PLATFORM)) {
		return master_unfit(master, "without VIRTIO_F_ACCESS_PLATFORM its DMA goes past every SMMU");
	}
	return virtio_blk_holds_a_page(blk) ? 0 : master_unfit(master, "its disk has less than 4 KiB");
}

/* EVENT_IDX makes the device write even for an empty queue. */
static void virtio_blk_negotiate(const struct virtio_blk *blk)
{
	static const uint32_t wanted[2] = {
		FEATURE_EVENT_IDX,
		FEATURE_HIGH_VERSION_1 | FEATURE_HIGH_ACCESS_PLATFORM,
	};

	for (uint32_t half = 0; half < 2; half++) {
		uint32_t features = virtio_blk_offered(blk, half) & wanted[half];

		arch_write32(blk->common + DRIVER_FEATURE_SELECT, half);
		arch_write32(blk->common + DRIVER_FEATURE, features);
	}
}

static void virtio_blk_program_queue(const struct virtio_blk *blk, uint64_t address)
{
	arch_write16(blk->common + QUEUE_SELECT, 0);
	arch_write16(blk->common + QUEUE_SIZE, ENTRIES);
	virtio_blk_write64(blk->common + QUEUE_DESC, address + offsetof(struct queue, descriptor));
	virtio_blk_write64(blk->common + QUEUE_DRIVER, address + offsetof(struct queue, available));
	virtio_blk_write64(blk->common + QUEUE_DEVICE, address + offsetof(struct queue, used));
	arch_write16(blk->common + QUEUE_ENABLE, 1);
}

static void virtio_blk_ring(const struct virtio_blk *blk)
{
	uint32_t offset = arch_read16(blk->common + QUEUE_NOTIFY_OFF) * blk->notify_multiplier;

	arch_dma_wmb();
	arch_write16(blk->notify + offset, 0);
}

static int virtio_blk_set_up(struct master *master, uint64_t address)
{
	struct virtio_blk *blk = virtio_blk_of(master);
	uint8_t status = STATUS_ACKNOWLEDGE | STATUS_DRIVER;

	if (virtio_blk_stop(master)) {
		return master_unfit(master, RESTLESS);
	}
	memset(master->work, 0, WORK_PAGES * PAGE_SIZE);
	arch_cache_clean_invalidate(master->work, WORK_PAGES * PAGE_SIZE);
	arch_write8(blk->common + DEVICE_STATUS, status);
	virtio_blk_negotiate(blk);
	status |= STATUS_FEATURES_OK;
	arch_write8(blk->common + DEVICE_STATUS, status);
	if (!(arch_read8(blk->common + DEVICE_STATUS) & STATUS_FEATURES_OK)) {
		return master_unfit(master, "it rejects the features that it offers");
	}
	virtio_blk_program_queue(blk, address);
	arch_write8(blk->common + DEVICE_STATUS, status | STATUS_DRIVER_OK);
	blk->index = 0;
	return 0;
}

/* --- Requests. --- */

static void virtio_blk_request(struct master *master, uint64_t address, uint32_t length)
{
	struct virtio_blk *blk = virtio_blk_of(master);
	struct queue *queue = virtio_blk_queue_of(master);

	queue->descriptor[0] =
		(struct descriptor){virtio_blk_iova_of(master, &queue->request), sizeof(queue->request), DESC_NEXT, 1};
	queue->descriptor[1] = (struct descriptor){address, length, DESC_NEXT | DESC_WRITE, 2};
	queue->descriptor[2] =
		(struct descriptor){virtio_blk_iova_of(master, &queue->status), sizeof(queue->status), DESC_WRITE, 0};
	queue->request.type = REQUEST_IN;
	queue->status = STATUS_UNWRITTEN;
	queue->available.ring[blk->index % ENTRIES] = HEAD;
	arch_cache_clean(queue, sizeof(*queue));
	arch_dma_wmb();
	blk->index++;
	blk->busy = true;
	queue->available.index = blk->index;
	arch_cache_clean(&queue->available, sizeof(queue->available));
	virtio_blk_ring(blk);
}

/* -EAGAIN: running; 0; -ENODEV: refused; -EIO: failed. */
static int virtio_blk_completed(struct master *master)
{
	struct virtio_blk *blk = virtio_blk_of(master);
	struct queue *queue = virtio_blk_queue_of(master);

	if (arch_read8(blk->common + DEVICE_STATUS) & STATUS_NEEDS_RESET) {
		return -EIO;
	}
	arch_cache_clean_invalidate(queue, offsetof(struct queue, request));
	master->seen = *(volatile uint16_t *)&queue->used.index;
	if (master->seen != blk->index) {
		return -EAGAIN;
	}
	arch_dma_rmb();
	if (queue->used.ring[(blk->index - 1U) % ENTRIES].id != HEAD || queue->status == STATUS_UNWRITTEN) {
		return -EIO;
	}
	blk->busy = false;
	return queue->status == REQUEST_OK ? 0 : -ENODEV;
}

/* --- One DMA. --- */

static int virtio_blk_prepare(struct master *master, const struct master_dma *stray)
{
	struct virtio_blk *blk = virtio_blk_of(master);
	uint8_t *data = master->work + PAGE_DATA * PAGE_SIZE;
	int error;

	if (!stray && blk->ready && !blk->busy && !(arch_read8(blk->common + DEVICE_STATUS) & STATUS_NEEDS_RESET)) {
		return 0;
	}
	error = virtio_blk_set_up(master, stray ? stray->address : master->work_iova);
	if (error || stray) {
		return error;
	}
	virtio_blk_request(master, virtio_blk_iova_of(master, data), PAGE_SIZE);
	error = master_wait(master, virtio_blk_completed, REQUEST_US, "the used ring's idx", blk->index);
	arch_cache_clean_invalidate(data, PAGE_SIZE);
	blk->ready = !error;
	return error == -ENODEV ? master_unfit(master, "it refuses to read its disk") : error;
}

static int virtio_blk_start(struct master *master, const struct master_dma *dma)
{
	struct virtio_blk *blk = virtio_blk_of(master);

	if (!dma->write) {
		return -ENOTSUP;
	}
	if (dma->stray) {
		/* The queue itself is unmapped. */
		blk->stray = true;
		blk->stray_end = deadline_in_us(STRAY_US);
		virtio_blk_ring(blk);
	} else {
		virtio_blk_request(master, dma->address, dma->length);
	}
	return 0;
}

static int virtio_blk_poll_stray(struct master *master)
{
	if (!deadline_passed(&virtio_blk_of(master)->stray_end)) {
		return -EAGAIN;
	}
	/* Stopped, because the device would retry for ever. */
	return virtio_blk_stop(master) ? -EIO : 0;
}

static int virtio_blk_poll(struct master *master)
{
	int error = virtio_blk_of(master)->stray ? virtio_blk_poll_stray(master) : virtio_blk_completed(master);

	return error == -ENODEV ? -EIO : error;
}

static bool virtio_blk_verify(const struct master *master, const uint8_t *memory, uint32_t length, const char **words)
{
	return disk_verify(memory, master->work + PAGE_DATA * PAGE_SIZE, length, words);
}

#define VIRTIO_BLK(id)                                                                                                 \
	{                                                                                                              \
		.driver = {.name = "virtio-blk", .bind = master_bind, .unbind = master_unbind}, .vendor = 0x1af4,      \
		.device = (id), .can = MASTER_WRITES, .length_min = SECTOR, .length_max = PAGE_SIZE,                   \
		.work_pages = WORK_PAGES, .private_size = sizeof(struct virtio_blk), .in_use = virtio_blk_in_use,      \
		.probe = virtio_blk_probe, .prepare = virtio_blk_prepare, .start = virtio_blk_start,                   \
		.poll = virtio_blk_poll, .stop = virtio_blk_stop, .verify = virtio_blk_verify,                         \
	}

static const struct master_driver virtio_blk_driver = VIRTIO_BLK(0x1042);
static const struct master_driver virtio_blk_transitional_driver = VIRTIO_BLK(0x1001);

MASTER_DRIVER(virtio_blk_driver);
MASTER_DRIVER(virtio_blk_transitional_driver);
