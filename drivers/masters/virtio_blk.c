/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A virtio block device over PCI (virtio 1.1), by its own ID or by the modern side of a transitional one.
 *
 * One DMA is one read request of the disk's first sectors into a page. Nothing is ever written to the disk. The
 * virtqueue is memory that the device reaches through the SMMU, in the master's work pages; VIRTIO_F_ACCESS_PLATFORM
 * says so, and a device that does not offer it goes past every SMMU, which the observation finds out. A device that
 * could not reach something asks to be reset (DEVICE_NEEDS_RESET), so every DMA after such a one begins with that.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "arch.h"
#include "base/arena.h"
#include "base/deadline.h"
#include "masters/disk.h"
#include "masters/master.h"

/* Capabilities in configuration space (4.1.4). */
#define PCI_CAPABILITIES 0x34U
#define PCI_CAPABILITY_VENDOR 0x09U
#define PCI_CAPABILITIES_MAX 48U
#define CFG_TYPE_COMMON 1U
#define CFG_TYPE_NOTIFY 2U

/* The common configuration (4.1.4.3). */
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
#define SECTOR 512U

#define ENTRIES 4U	 /* A request takes three. */
#define STRAY_US 200000U /* Whatever becomes of a stray fetch has left its traces by then. */

/* The work pages. */
enum { PAGE_QUEUE, PAGE_DATA, WORK_PAGES };

struct descriptor {
	uint64_t address;
	uint32_t length;
	uint16_t flags;
	uint16_t next;
};

/* Everything of a queue of four but the data. */
struct queue {
	struct descriptor descriptor[ENTRIES];
	struct {
		uint16_t flags;
		uint16_t index;
		uint16_t ring[ENTRIES];
	} available;
	struct {
		uint16_t flags;
		uint16_t index;
		struct {
			uint32_t id;
			uint32_t length;
		} ring[ENTRIES];
	} used;
	struct {
		uint32_t type;
		uint32_t reserved;
		uint64_t sector;
	} request;
	uint8_t status;
};

_Static_assert(sizeof(struct descriptor) == 16, "virtio 1.1, 2.6.5: a descriptor is 16 bytes.");
_Static_assert(offsetof(struct queue, available) % 2 == 0, "virtio 1.1, 2.6: the driver area is aligned to 2.");
_Static_assert(offsetof(struct queue, used) % 4 == 0, "virtio 1.1, 2.6: the device area is aligned to 4.");
_Static_assert(sizeof(struct queue) <= PAGE_SIZE, "The queue fits its work page.");

/* A stray queue has one entry: the device's first write, avail_event, falls onto the bytes that are looked at. */
#define STRAY_ENTRIES 1U
#define STRAY_DESCRIPTORS 1024U
#define STRAY_AVAILABLE 2048U

enum step { STEP_RESET, STEP_REFERENCE, STEP_READ, STEP_IDLE };

struct virtio_blk {
	volatile uint8_t *common;
	volatile uint8_t *notify;
	uint32_t notify_multiplier;
	enum step step;
	bool ready;
	bool stray;
	uint16_t index; /* Of requests made so far. */
	uint64_t target;
	uint32_t length;
	struct deadline stray_end;
};

static struct virtio_blk *blk_of(const struct master *master)
{
	return master->private;
}

static struct queue *queue_of(const struct master *master)
{
	return (struct queue *)(void *)master->work;
}

static uint64_t iova_of(const struct master *master, const volatile void *object)
{
	return master->work_iova + (uint64_t)((const volatile uint8_t *)object - master->work);
}

static void write64(volatile uint8_t *at, uint64_t value)
{
	arch_write32(at, (uint32_t)value);
	arch_write32(at + 4, (uint32_t)(value >> 32));
}

/* --- Finding the registers. --- */

static volatile uint8_t *place_of(const struct master *master, unsigned int capability, uint32_t size)
{
	uint32_t bar = pci_read32(master->pci, capability + 4) & 0xffU;
	uint32_t offset = pci_read32(master->pci, capability + 8);

	if (bar >= PCI_BARS_MAX || !master->bar[bar] || master->pci->bar[bar].size < size ||
	    offset > master->pci->bar[bar].size - size) {
		return NULL;
	}
	return master->bar[bar] + offset;
}

static void take_capability(struct master *master, unsigned int capability, uint32_t header)
{
	struct virtio_blk *blk = blk_of(master);

	if (header >> 24 == CFG_TYPE_COMMON && !blk->common) {
		blk->common = place_of(master, capability, COMMON_SIZE);
	} else if (header >> 24 == CFG_TYPE_NOTIFY && !blk->notify) {
		blk->notify = place_of(master, capability, sizeof(uint16_t));
		blk->notify_multiplier = pci_read32(master->pci, capability + 16);
	}
}

static bool find_registers(struct master *master)
{
	const struct virtio_blk *blk = blk_of(master);
	unsigned int at = master->pci ? pci_read32(master->pci, PCI_CAPABILITIES) & 0xfcU : 0;

	for (unsigned int i = 0; at && i < PCI_CAPABILITIES_MAX; i++) {
		uint32_t header = pci_read32(master->pci, at);

		if ((header & 0xffU) == PCI_CAPABILITY_VENDOR) {
			take_capability(master, at, header);
		}
		at = header >> 8 & 0xfcU;
	}
	return blk->common && blk->notify;
}

/* A driver goes on with it where it has said so; DRIVER_OK itself QEMU takes back with the bus mastering. */
static bool in_use(struct master *master)
{
	return find_registers(master) && arch_read8(blk_of(master)->common + DEVICE_STATUS) & STATUS_DRIVER;
}

static int probe(struct master *master)
{
	const struct virtio_blk *blk = blk_of(master);

	if (!find_registers(master)) {
		return -ENODEV;
	}
	/* Whatever a boot loader left running stops here, before the device may master the bus. */
	arch_write8(blk->common + DEVICE_STATUS, 0);
	return 0;
}

/* --- Setting it up. --- */

/* Takes what it needs of what is offered. */
static void negotiate(const struct virtio_blk *blk)
{
	uint32_t offered[2];

	for (uint32_t half = 0; half < 2; half++) {
		arch_write32(blk->common + DEVICE_FEATURE_SELECT, half);
		offered[half] = arch_read32(blk->common + DEVICE_FEATURE);
	}
	arch_write32(blk->common + DRIVER_FEATURE_SELECT, 0);
	arch_write32(blk->common + DRIVER_FEATURE, offered[0] & (blk->stray ? FEATURE_EVENT_IDX : 0));
	arch_write32(blk->common + DRIVER_FEATURE_SELECT, 1);
	arch_write32(blk->common + DRIVER_FEATURE,
		     offered[1] & (FEATURE_HIGH_VERSION_1 | FEATURE_HIGH_ACCESS_PLATFORM));
}

static void program_queue(struct master *master)
{
	const struct virtio_blk *blk = blk_of(master);
	struct queue *queue = queue_of(master);

	arch_write16(blk->common + QUEUE_SELECT, 0);
	if (blk->stray) {
		arch_write16(blk->common + QUEUE_SIZE, STRAY_ENTRIES);
		write64(blk->common + QUEUE_DESC, blk->target + STRAY_DESCRIPTORS);
		write64(blk->common + QUEUE_DRIVER, blk->target + STRAY_AVAILABLE);
		write64(blk->common + QUEUE_DEVICE, blk->target);
	} else {
		memset(queue, 0, sizeof(*queue));
		arch_cache_clean_invalidate(queue, sizeof(*queue));
		arch_write16(blk->common + QUEUE_SIZE, ENTRIES);
		write64(blk->common + QUEUE_DESC, iova_of(master, queue->descriptor));
		write64(blk->common + QUEUE_DRIVER, iova_of(master, &queue->available));
		write64(blk->common + QUEUE_DEVICE, iova_of(master, &queue->used));
	}
	arch_write16(blk->common + QUEUE_ENABLE, 1);
}

static void ring(const struct virtio_blk *blk)
{
	uint32_t offset = arch_read16(blk->common + QUEUE_NOTIFY_OFF) * blk->notify_multiplier;

	arch_dma_wmb();
	arch_write16(blk->notify + offset, 0);
}

static int set_up(struct master *master)
{
	struct virtio_blk *blk = blk_of(master);
	uint8_t status = STATUS_ACKNOWLEDGE | STATUS_DRIVER;

	arch_write8(blk->common + DEVICE_STATUS, status);
	negotiate(blk);
	status |= STATUS_FEATURES_OK;
	arch_write8(blk->common + DEVICE_STATUS, status);
	if (!(arch_read8(blk->common + DEVICE_STATUS) & STATUS_FEATURES_OK)) {
		return -EIO;
	}
	program_queue(master);
	arch_write8(blk->common + DEVICE_STATUS, status | STATUS_DRIVER_OK);
	blk->index = 0;
	return 0;
}

/* --- Requests. --- */

static void request(struct master *master, uint64_t address, uint32_t length)
{
	struct virtio_blk *blk = blk_of(master);
	struct queue *queue = queue_of(master);

	queue->descriptor[0] =
		(struct descriptor){iova_of(master, &queue->request), sizeof(queue->request), DESC_NEXT, 1};
	queue->descriptor[1] = (struct descriptor){address, length, DESC_NEXT | DESC_WRITE, 2};
	queue->descriptor[2] =
		(struct descriptor){iova_of(master, &queue->status), sizeof(queue->status), DESC_WRITE, 0};
	queue->request.type = REQUEST_IN;
	queue->status = 0xff;
	queue->available.ring[blk->index % ENTRIES] = 0;
	arch_cache_clean(queue, sizeof(*queue));
	arch_dma_wmb();
	blk->index++;
	queue->available.index = blk->index;
	arch_cache_clean(&queue->available, sizeof(queue->available));
	ring(blk);
}

/* -EAGAIN while the request runs, 0, or -EIO. */
static int completed(struct master *master)
{
	const struct virtio_blk *blk = blk_of(master);
	struct queue *queue = queue_of(master);

	if (arch_read8(blk->common + DEVICE_STATUS) & STATUS_NEEDS_RESET) {
		return -EIO;
	}
	arch_cache_clean_invalidate(queue, sizeof(*queue));
	if (*(volatile uint16_t *)&queue->used.index != blk->index) {
		return -EAGAIN;
	}
	arch_dma_rmb();
	return queue->status == REQUEST_OK ? 0 : -EIO;
}

/* --- The steps. --- */

static void begin(struct master *master)
{
	struct virtio_blk *blk = blk_of(master);

	switch (blk->step) {
	case STEP_RESET:
		blk->ready = false;
		arch_write8(blk->common + DEVICE_STATUS, 0);
		break;
	case STEP_REFERENCE:
		request(master, iova_of(master, master->work + PAGE_DATA * PAGE_SIZE), PAGE_SIZE);
		break;
	case STEP_READ:
		blk->ready = true;
		request(master, blk->target, blk->length);
		break;
	default:
		break;
	}
}

/* A queue at the address as it is: with nothing mapped there is none that could be used. */
static void begin_stray(struct virtio_blk *blk)
{
	blk->step = STEP_IDLE;
	blk->stray_end = deadline_in_us(STRAY_US);
	ring(blk);
}

static int finish_reset(struct master *master)
{
	struct virtio_blk *blk = blk_of(master);
	int error;

	if (arch_read8(blk->common + DEVICE_STATUS)) {
		return -EAGAIN;
	}
	error = set_up(master);
	if (!error && blk->stray) {
		begin_stray(blk);
		return -EAGAIN;
	}
	return error;
}

static int finish_step(struct master *master)
{
	struct virtio_blk *blk = blk_of(master);
	int error = blk->step == STEP_RESET ? finish_reset(master) : completed(master);

	if (!error) {
		blk->step++;
		begin(master);
	}
	return error;
}

static void stop(struct master *master)
{
	struct virtio_blk *blk = blk_of(master);

	arch_write8(blk->common + DEVICE_STATUS, 0);
	blk->ready = false;
}

static int poll_stray(struct master *master)
{
	if (!deadline_passed(&blk_of(master)->stray_end)) {
		return -EAGAIN;
	}
	/* It would try again and again. */
	stop(master);
	return 0;
}

static int poll(struct master *master)
{
	struct virtio_blk *blk = blk_of(master);
	int error = 0;

	if (blk->step == STEP_IDLE && blk->stray) {
		return poll_stray(master);
	}
	while (!error && blk->step != STEP_IDLE) {
		error = finish_step(master);
	}
	return error;
}

static int start(struct master *master, const struct master_dma *dma)
{
	struct virtio_blk *blk = blk_of(master);
	bool usable = blk->ready && blk->step == STEP_IDLE && !blk->stray;

	if (!dma->write || (!dma->stray && !master->work_iova)) {
		return -ENOTSUP;
	}
	blk->stray = dma->stray;
	blk->target = dma->address;
	blk->length = dma->length;
	blk->step = usable && !dma->stray ? STEP_READ : STEP_RESET;
	begin(master);
	return 0;
}

static bool verify(const struct master *master, const uint8_t *memory, uint32_t length, const char **words)
{
	return disk_verify(memory, master->work + PAGE_DATA * PAGE_SIZE, length, words);
}

#define VIRTIO_BLK(id)                                                                                                 \
	{                                                                                                              \
		.driver = {.name = "virtio-blk", .bind = master_bind, .unbind = master_unbind}, .vendor = 0x1af4,      \
		.device = (id), .can = MASTER_WRITES, .length_min = SECTOR, .length_max = PAGE_SIZE,                   \
		.work_pages = WORK_PAGES, .private_size = sizeof(struct virtio_blk), .in_use = in_use, .probe = probe, \
		.start = start, .poll = poll, .stop = stop, .verify = verify,                                          \
	}

static const struct master_driver virtio_blk_driver = VIRTIO_BLK(0x1042);
static const struct master_driver virtio_blk_transitional_driver = VIRTIO_BLK(0x1001);

MASTER_DRIVER(virtio_blk_driver);
MASTER_DRIVER(virtio_blk_transitional_driver);
