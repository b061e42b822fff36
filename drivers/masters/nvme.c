/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * NVMe controller (NVM Express 1.4): one DMA is one Get Log Page or, if refused, one Identify, whose 4 KiB, retried
 * word by word, overflow the event queue. The admin queues are in the work pages, behind the SMMU. A controller that
 * cannot fetch a command sets CSTS.CFS and is reset before the next DMA.
 */
#include <errno.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "base/deadline.h"
#include "masters/master.h"

#define NVME_CAP 0x00U
#define CAP_TO_SHIFT 24
#define CAP_TO_US 500000U
#define NVME_CAP_HIGH 0x04U
#define CAP_HIGH_DSTRD_SHIFT 0
#define CAP_HIGH_DSTRD_MASK 0xfU
#define CAP_HIGH_CSS_NVM BIT32(5)
#define CAP_HIGH_MPSMIN (0xfU << 16)
#define NVME_INTMS 0x0cU
#define NVME_CC 0x14U
#define CC_EN BIT32(0)
#define CC_IOSQES_64 (6U << 16) /* QEMU 7 sets RDY only with entry sizes. */
#define CC_IOCQES_16 (4U << 20)
#define NVME_CSTS 0x1cU
#define CSTS_RDY BIT32(0)
#define CSTS_CFS BIT32(1)
#define NVME_AQA 0x24U
#define NVME_ASQ 0x28U
#define NVME_ACQ 0x30U
#define NVME_DOORBELLS 0x1000U

#define ADMIN_GET_LOG_PAGE 0x02U
#define LOG_FIRMWARE 0x03U  /* CDW10: firmware slots (5.14.1.3), which are constant, */
#define LOG_DWORDS_SHIFT 16 /* and dwords less one. */
#define LOG_BYTES 512U
#define ADMIN_IDENTIFY 0x06U
#define IDENTIFY_CONTROLLER 1U /* CDW10 (5.15.2.2). */
#define ALL_NAMESPACES 0xffffffffU

#define STATUS_MASK 0x7ffU /* Without CRD, M and DNR. */
#define STATUS_DATA_TRANSFER 0x04U

#define ENTRIES 8U
#define COMMAND_US 3000000U
#define STRAY_US 500000U /* By then a fetch has had its effect. */

enum { PAGE_SUBMISSION, PAGE_COMPLETION, PAGE_DATA, WORK_PAGES };

struct command {
	uint32_t dword[16];
};

struct completion {
	uint32_t dword[4];
};

_Static_assert(sizeof(struct command) == 64, "NVMe 1.4, 4.2: a submission queue entry is 64 bytes.");
_Static_assert(sizeof(struct completion) == 16, "NVMe 1.4, 4.6: a completion queue entry is 16 bytes.");

struct nvme {
	bool ready; /* PAGE_DATA holds the expected bytes. */
	bool busy;
	bool stray;
	bool identifies;
	uint16_t id; /* Of the last command; others are ignored. */
	uint32_t tail;
	uint32_t head;
	uint32_t phase;
	struct deadline stray_end;
};

static struct nvme *nvme_of(const struct master *master)
{
	return master->private;
}

static uint32_t nvme_read(const struct master *master, unsigned int offset)
{
	return arch_read32(master->regs + offset);
}

static void nvme_write(const struct master *master, unsigned int offset, uint32_t value)
{
	arch_write32(master->regs + offset, value);
}

static void nvme_write64(const struct master *master, unsigned int offset, uint64_t value)
{
	nvme_write(master, offset, (uint32_t)value);
	nvme_write(master, offset + 4, (uint32_t)(value >> 32));
}

static uint8_t *nvme_page(const struct master *master, unsigned int number)
{
	return master->work + number * PAGE_SIZE;
}

static uint64_t nvme_iova(const struct master *master, unsigned int number)
{
	return master->work_iova + number * PAGE_SIZE;
}

/* --- On and off. --- */

static int nvme_look_off(struct master *master)
{
	master->seen = nvme_read(master, NVME_CSTS);
	/* All ones: it is gone, and so is what bounds the wait (CAP.TO). */
	return master->seen == UINT32_MAX ? -EIO : master->seen & CSTS_RDY ? -EAGAIN : 0;
}

static int nvme_look_on(struct master *master)
{
	master->seen = nvme_read(master, NVME_CSTS);
	return master->seen & CSTS_CFS ? -EIO : master->seen & CSTS_RDY ? 0 : -EAGAIN;
}

static int nvme_wait_for(struct master *master, int (*look)(struct master *master))
{
	uint32_t units = nvme_read(master, NVME_CAP) >> CAP_TO_SHIFT;

	return master_wait(master, look, (units ? units : 1) * CAP_TO_US, "CSTS.RDY", look == nvme_look_on);
}

/* EN changes only after RDY has followed (3.1.5). */
static int nvme_stop(struct master *master)
{
	uint32_t configuration = nvme_read(master, NVME_CC);

	*nvme_of(master) = (struct nvme){0};
	if (configuration & CC_EN) {
		(void)nvme_wait_for(master, nvme_look_on);
	}
	nvme_write(master, NVME_CC, configuration & ~CC_EN);
	return nvme_wait_for(master, nvme_look_off);
}

#define RESTLESS "CSTS.RDY does not follow CC.EN within CAP.TO"

/* The controller fetches nothing before a doorbell. */
static int nvme_enable(struct master *master, uint64_t submission, uint64_t completion)
{
	int error = nvme_stop(master);

	if (!error) {
		nvme_write(master, NVME_INTMS, 0xffffffffU);
		nvme_write(master, NVME_AQA, (ENTRIES - 1) << 16 | (ENTRIES - 1));
		nvme_write64(master, NVME_ASQ, submission);
		nvme_write64(master, NVME_ACQ, completion);
		nvme_write(master, NVME_CC, CC_EN | CC_IOSQES_64 | CC_IOCQES_16);
		error = nvme_wait_for(master, nvme_look_on);
	}
	return error ? master_unfit(master, RESTLESS) : 0;
}

static bool nvme_in_use(struct master *master)
{
	return nvme_read(master, NVME_CC) & CC_EN;
}

static int nvme_probe(struct master *master)
{
	uint32_t high = nvme_read(master, NVME_CAP_HIGH);

	/* A dead register reads as all ones. */
	if ((high & (CAP_HIGH_CSS_NVM | CAP_HIGH_MPSMIN)) != CAP_HIGH_CSS_NVM) {
		return master_unfit(master, "CAP lacks the NVM command set, or pages of 4 KiB");
	}
	return nvme_stop(master) ? master_unfit(master, RESTLESS) : 0;
}

/* --- Commands. --- */

static void nvme_ring(const struct master *master, unsigned int doorbell, uint32_t value)
{
	unsigned int stride = 4U << (nvme_read(master, NVME_CAP_HIGH) >> CAP_HIGH_DSTRD_SHIFT & CAP_HIGH_DSTRD_MASK);

	nvme_write(master, NVME_DOORBELLS + doorbell * stride, value);
}

static void nvme_submit(struct master *master, uint64_t address, uint32_t length)
{
	struct nvme *nvme = nvme_of(master);
	struct command *entry = (struct command *)(void *)nvme_page(master, PAGE_SUBMISSION) + nvme->tail;

	*entry = (struct command){.dword = {
					  [0] = ADMIN_GET_LOG_PAGE,
					  [1] = ALL_NAMESPACES,
					  [6] = (uint32_t)address,
					  [7] = (uint32_t)(address >> 32),
					  [10] = (length / 4 - 1) << LOG_DWORDS_SHIFT | LOG_FIRMWARE,
				  }};
	if (nvme->identifies) {
		entry->dword[0] = ADMIN_IDENTIFY;
		entry->dword[1] = 0;
		entry->dword[10] = IDENTIFY_CONTROLLER;
	}
	entry->dword[0] |= (uint32_t)++nvme->id << 16;
	arch_cache_clean(entry, sizeof(*entry));
	nvme->tail = (nvme->tail + 1) % ENTRIES;
	nvme->busy = true;
	arch_dma_wmb();
	nvme_ring(master, 0, nvme->tail);
}

static int nvme_result_of(const struct nvme *nvme, uint32_t answer)
{
	uint32_t status = answer >> 17 & STATUS_MASK;

	if (nvme->busy || status == STATUS_DATA_TRANSFER) {
		return -EIO;
	}
	return status ? -ENODEV : 0;
}

/* -EAGAIN: running; 0; -ENODEV: refused; -EIO: failed. */
static int nvme_completed(struct master *master)
{
	struct nvme *nvme = nvme_of(master);
	struct completion *entry = (struct completion *)(void *)nvme_page(master, PAGE_COMPLETION) + nvme->head;
	uint32_t answer;

	if (nvme_read(master, NVME_CSTS) & CSTS_CFS) {
		return -EIO;
	}
	arch_cache_clean_invalidate(entry, sizeof(*entry));
	answer = *(volatile uint32_t *)&entry->dword[3];
	master->seen = answer;
	if ((answer >> 16 & 1U) != nvme->phase) {
		return -EAGAIN;
	}
	arch_dma_rmb();
	nvme->busy = (uint16_t)answer != nvme->id;
	nvme->head = (nvme->head + 1) % ENTRIES;
	nvme->phase ^= nvme->head == 0;
	nvme_ring(master, 1, nvme->head);
	return nvme_result_of(nvme, answer);
}

/* For comparison with later DMAs. */
static int nvme_read_first(struct master *master, bool identifies)
{
	struct nvme *nvme = nvme_of(master);
	int error;

	nvme->identifies = identifies;
	nvme_submit(master, nvme_iova(master, PAGE_DATA), LOG_BYTES);
	error = master_wait(master, nvme_completed, COMMAND_US, "a completion's dword 3", nvme->phase << 16 | nvme->id);
	arch_cache_clean_invalidate(nvme_page(master, PAGE_DATA), PAGE_SIZE);
	return error;
}

static int nvme_prepare_queues(struct master *master)
{
	int error = nvme_enable(master, nvme_iova(master, PAGE_SUBMISSION), nvme_iova(master, PAGE_COMPLETION));

	if (error) {
		return error;
	}
	memset(master->work, 0, WORK_PAGES * PAGE_SIZE);
	arch_cache_clean_invalidate(master->work, WORK_PAGES * PAGE_SIZE);
	nvme_of(master)->phase = 1;
	error = nvme_read_first(master, false);
	if (error == -ENODEV) {
		error = nvme_read_first(master, true);
	}
	nvme_of(master)->ready = !error;
	return error == -ENODEV ? master_unfit(master, "it refuses Get Log Page and Identify") : error;
}

static int nvme_prepare(struct master *master, const struct master_dma *stray)
{
	const struct nvme *nvme = nvme_of(master);

	if (stray) {
		return nvme_enable(master, stray->address, stray->address);
	}
	return nvme->ready && !nvme->busy && !(nvme_read(master, NVME_CSTS) & CSTS_CFS) ? 0 :
											  nvme_prepare_queues(master);
}

/* --- One DMA. --- */

static int nvme_start(struct master *master, const struct master_dma *dma)
{
	if (!dma->write) {
		return -ENOTSUP;
	}
	if (dma->stray) {
		/* The queue is unmapped: its fetch is the stray DMA. */
		nvme_of(master)->stray = true;
		nvme_of(master)->stray_end = deadline_in_us(STRAY_US);
		nvme_ring(master, 0, 1);
		return 0;
	}
	/* Past the page's end it would need PRP2. */
	if (dma->address % PAGE_SIZE + (nvme_of(master)->identifies ? PAGE_SIZE : dma->length) > PAGE_SIZE) {
		return -ERANGE;
	}
	nvme_submit(master, dma->address, dma->length);
	return 0;
}

static int nvme_poll_stray(struct master *master)
{
	if (nvme_read(master, NVME_CSTS) & CSTS_CFS) {
		return -EIO;
	}
	return deadline_passed(&nvme_of(master)->stray_end) ? 0 : -EAGAIN;
}

static int nvme_poll(struct master *master)
{
	int error = nvme_of(master)->stray ? nvme_poll_stray(master) : nvme_completed(master);

	return error == -ENODEV ? -EIO : error;
}

static bool nvme_verify(const struct master *master, const uint8_t *memory, uint32_t length, const char **words)
{
	*words = "the bytes of a first answer to the same command";
	return !memcmp(memory, nvme_page(master, PAGE_DATA), length);
}

static const struct master_driver nvme_driver = {
	.driver = {.name = "nvme", .bind = master_bind, .unbind = master_unbind},
	.class_code = 0x010802,
	.can = MASTER_WRITES,
	.length_min = 4,
	.length_max = LOG_BYTES,
	.work_pages = WORK_PAGES,
	.private_size = sizeof(struct nvme),
	.in_use = nvme_in_use,
	.probe = nvme_probe,
	.prepare = nvme_prepare,
	.start = nvme_start,
	.poll = nvme_poll,
	.stop = nvme_stop,
	.verify = nvme_verify,
};

MASTER_DRIVER(nvme_driver);
