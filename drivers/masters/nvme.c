/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * An NVMe controller (NVM Express base specification 1.4).
 *
 * One DMA is one Read of the namespace's first blocks into a page. Nothing is ever written to the disk. The queues are
 * memory, too: the controller reaches them through the SMMU, in the master's work pages. A controller that cannot fetch
 * a command gives up (CSTS.CFS), so every DMA after such a one begins with a reset.
 */
#include <errno.h>
#include <string.h>

#include "arch.h"
#include "base/arena.h"
#include "base/deadline.h"
#include "masters/disk.h"
#include "masters/master.h"

#define NVME_CAP 0x00U
#define NVME_CAP_HIGH 0x04U
#define CAP_HIGH_DSTRD_SHIFT 0
#define CAP_HIGH_DSTRD_MASK 0xfU
#define CAP_HIGH_CSS_NVM BIT32(5)
#define CAP_HIGH_MPSMIN_SHIFT 16
#define CAP_HIGH_MPSMIN_MASK 0xfU
#define NVME_INTMS 0x0cU
#define NVME_CC 0x14U
#define CC_EN BIT32(0)
#define CC_IOSQES_64 (6U << 16)
#define CC_IOCQES_16 (4U << 20)
#define NVME_CSTS 0x1cU
#define CSTS_RDY BIT32(0)
#define CSTS_CFS BIT32(1)
#define NVME_AQA 0x24U
#define NVME_ASQ 0x28U
#define NVME_ACQ 0x30U
#define NVME_DOORBELLS 0x1000U

#define ADMIN_CREATE_IO_SQ 0x01U
#define ADMIN_CREATE_IO_CQ 0x05U
#define ADMIN_IDENTIFY 0x06U
#define IO_READ 0x02U
#define QUEUE_CONTIGUOUS 1U
#define IO_QUEUE 1U
#define NAMESPACE 1U
#define IDENTIFY_FLBAS 26U
#define IDENTIFY_LBAF0 128U
#define LBADS_MIN 9U
#define LBADS_MAX 12U

#define ENTRIES 8U	 /* Of every queue. */
#define STRAY_US 500000U /* A fetch that nobody stops has left its traces by then. */

/* The work pages. */
enum { PAGE_ADMIN_SQ, PAGE_ADMIN_CQ, PAGE_IO_SQ, PAGE_IO_CQ, PAGE_DATA, WORK_PAGES };

struct command {
	uint32_t dword[16];
};

struct completion {
	uint32_t dword[4];
};

_Static_assert(sizeof(struct command) == 64, "NVMe 1.4, 4.2: a submission queue entry is 64 bytes.");
_Static_assert(sizeof(struct completion) == 16, "NVMe 1.4, 4.6: a completion queue entry is 16 bytes.");

/* Each step is begun when the one before it is done; a DMA begins with the first or, once READY, with the last. */
enum step { STEP_DISABLE, STEP_ENABLE, STEP_IDENTIFY, STEP_IO_CQ, STEP_IO_SQ, STEP_REFERENCE, STEP_READ, STEP_IDLE };

struct queue_pair {
	unsigned int tail;
	unsigned int head;
	uint32_t phase;
};

struct nvme {
	enum step step;
	bool ready; /* The queues are there, and the reference was read. */
	bool stray;
	uint64_t target;
	uint32_t length;
	unsigned int block_log2;
	struct queue_pair queue[2]; /* Admin, I/O. */
	struct deadline stray_end;
};

static struct nvme *nvme_of(const struct master *master)
{
	return master->private;
}

static uint32_t read(const struct master *master, unsigned int offset)
{
	return arch_read32(master->regs + offset);
}

static void write(const struct master *master, unsigned int offset, uint32_t value)
{
	arch_write32(master->regs + offset, value);
}

static void write64(const struct master *master, unsigned int offset, uint64_t value)
{
	write(master, offset, (uint32_t)value);
	write(master, offset + 4, (uint32_t)(value >> 32));
}

static uint8_t *page(const struct master *master, unsigned int number)
{
	return master->work + number * PAGE_SIZE;
}

static uint64_t iova(const struct master *master, unsigned int number)
{
	return master->work_iova + number * PAGE_SIZE;
}

static bool in_use(struct master *master)
{
	return read(master, NVME_CC) & CC_EN;
}

static int probe(struct master *master)
{
	uint32_t high = read(master, NVME_CAP_HIGH);

	if (high == 0xffffffffU || !(high & CAP_HIGH_CSS_NVM) || high >> CAP_HIGH_MPSMIN_SHIFT & CAP_HIGH_MPSMIN_MASK) {
		return -ENODEV;
	}
	/* Whatever a boot loader left running stops here, before the controller may master the bus. */
	write(master, NVME_CC, read(master, NVME_CC) & ~CC_EN);
	return 0;
}

/* --- The queues. --- */

static void ring(const struct master *master, unsigned int doorbell, uint32_t value)
{
	unsigned int stride = 4U << (read(master, NVME_CAP_HIGH) >> CAP_HIGH_DSTRD_SHIFT & CAP_HIGH_DSTRD_MASK);

	write(master, NVME_DOORBELLS + doorbell * stride, value);
}

static void submit(struct master *master, unsigned int queue, uint32_t opcode, uint64_t prp,
		   const uint32_t parameter[3])
{
	struct queue_pair *pair = &nvme_of(master)->queue[queue];
	struct command *entries = (void *)page(master, queue ? PAGE_IO_SQ : PAGE_ADMIN_SQ);
	struct command *command = &entries[pair->tail];

	*command = (struct command){.dword = {
					    [0] = opcode | pair->tail << 16,
					    [1] = queue || opcode == ADMIN_IDENTIFY ? NAMESPACE : 0,
					    [6] = (uint32_t)prp,
					    [7] = (uint32_t)(prp >> 32),
					    [10] = parameter[0],
					    [11] = parameter[1],
					    [12] = parameter[2],
				    }};
	arch_cache_clean(command, sizeof(*command));
	pair->tail = (pair->tail + 1) % ENTRIES;
	arch_dma_wmb();
	ring(master, 2 * queue, pair->tail);
}

/* -EAGAIN while the command runs, 0, or -EIO where it came back with an error. */
static int completed(struct master *master, unsigned int queue)
{
	struct queue_pair *pair = &nvme_of(master)->queue[queue];
	struct completion *entries = (void *)page(master, queue ? PAGE_IO_CQ : PAGE_ADMIN_CQ);
	struct completion *entry = &entries[pair->head];
	uint32_t status;

	arch_cache_clean_invalidate(entry, sizeof(*entry));
	status = *(volatile uint32_t *)&entry->dword[3] >> 16;
	if ((status & 1U) != pair->phase) {
		return -EAGAIN;
	}
	pair->head = (pair->head + 1) % ENTRIES;
	if (pair->head == 0) {
		pair->phase ^= 1U;
	}
	ring(master, 2 * queue + 1, pair->head);
	return status >> 1 ? -EIO : 0;
}

static void program_queues(struct master *master, uint64_t submission, uint64_t completion)
{
	write(master, NVME_INTMS, 0xffffffffU);
	write(master, NVME_AQA, (ENTRIES - 1) << 16 | (ENTRIES - 1));
	write64(master, NVME_ASQ, submission);
	write64(master, NVME_ACQ, completion);
	write(master, NVME_CC, CC_EN | CC_IOSQES_64 | CC_IOCQES_16);
}

/* --- The steps. --- */

static int take_identity(struct master *master)
{
	const uint8_t *data = page(master, PAGE_DATA);
	unsigned int format = data[IDENTIFY_FLBAS] & 0xfU;
	unsigned int lbads = data[IDENTIFY_LBAF0 + 4 * format + 2];

	if (lbads < LBADS_MIN || lbads > LBADS_MAX) {
		return -ENOTSUP;
	}
	nvme_of(master)->block_log2 = lbads;
	return 0;
}

static void begin_enable(struct master *master)
{
	struct nvme *nvme = nvme_of(master);

	for (unsigned int number = 0; number < PAGE_DATA && !nvme->stray; number++) {
		memset(page(master, number), 0, PAGE_SIZE);
		arch_cache_clean_invalidate(page(master, number), PAGE_SIZE);
	}
	nvme->queue[0] = (struct queue_pair){.phase = 1};
	nvme->queue[1] = (struct queue_pair){.phase = 1};
	if (nvme->stray) {
		program_queues(master, nvme->target, nvme->target);
	} else {
		program_queues(master, iova(master, PAGE_ADMIN_SQ), iova(master, PAGE_ADMIN_CQ));
	}
}

/* At least one block: where that is more than was asked for, the rest of the page takes it. */
static void begin_read(struct master *master, uint64_t address, uint32_t length)
{
	uint32_t blocks = length >> nvme_of(master)->block_log2;

	submit(master, IO_QUEUE, IO_READ, address, (const uint32_t[]){0, 0, blocks ? blocks - 1 : 0});
}

static void begin(struct master *master)
{
	struct nvme *nvme = nvme_of(master);

	switch (nvme->step) {
	case STEP_DISABLE:
		nvme->ready = false;
		write(master, NVME_CC, 0);
		break;
	case STEP_ENABLE:
		begin_enable(master);
		break;
	case STEP_IDENTIFY:
		submit(master, 0, ADMIN_IDENTIFY, iova(master, PAGE_DATA), (const uint32_t[]){0, 0, 0});
		break;
	case STEP_IO_CQ:
		submit(master, 0, ADMIN_CREATE_IO_CQ, iova(master, PAGE_IO_CQ),
		       (const uint32_t[]){(ENTRIES - 1) << 16 | IO_QUEUE, QUEUE_CONTIGUOUS, 0});
		break;
	case STEP_IO_SQ:
		submit(master, 0, ADMIN_CREATE_IO_SQ, iova(master, PAGE_IO_SQ),
		       (const uint32_t[]){(ENTRIES - 1) << 16 | IO_QUEUE, IO_QUEUE << 16 | QUEUE_CONTIGUOUS, 0});
		break;
	case STEP_REFERENCE:
		begin_read(master, iova(master, PAGE_DATA), PAGE_SIZE);
		break;
	case STEP_READ:
		nvme->ready = true;
		begin_read(master, nvme->target, nvme->length);
		break;
	default:
		break;
	}
}

/* -EAGAIN while the step runs; 0; or -errno: the DMA is over, and failed. */
static int step_done(struct master *master)
{
	const struct nvme *nvme = nvme_of(master);
	uint32_t status = read(master, NVME_CSTS);

	switch (nvme->step) {
	case STEP_DISABLE:
		return status & CSTS_RDY ? -EAGAIN : 0;
	case STEP_ENABLE:
		return status & CSTS_CFS ? -EIO : status & CSTS_RDY ? 0 : -EAGAIN;
	case STEP_IDLE:
		return 0;
	default:
		return status & CSTS_CFS ? -EIO : completed(master, nvme->step >= STEP_REFERENCE ? IO_QUEUE : 0);
	}
}

/* A lone fetch from the address as it is: with nothing mapped there is no queue that could be used. */
static int poll_stray(struct master *master)
{
	struct nvme *nvme = nvme_of(master);

	if (read(master, NVME_CSTS) & CSTS_CFS) {
		return -EIO;
	}
	return deadline_passed(&nvme->stray_end) ? 0 : -EAGAIN;
}

static int finish_step(struct master *master)
{
	struct nvme *nvme = nvme_of(master);
	int error = 0;

	if (nvme->step == STEP_ENABLE && nvme->stray) {
		nvme->step = STEP_IDLE;
		nvme->stray_end = deadline_in_us(STRAY_US);
		ring(master, 0, 1);
		return -EAGAIN;
	}
	if (nvme->step == STEP_IDENTIFY || nvme->step == STEP_REFERENCE) {
		arch_cache_clean_invalidate(page(master, PAGE_DATA), PAGE_SIZE);
	}
	if (nvme->step == STEP_IDENTIFY) {
		error = take_identity(master);
	}
	if (!error) {
		nvme->step++;
		begin(master);
	}
	return error;
}

static int poll(struct master *master)
{
	struct nvme *nvme = nvme_of(master);
	int error;

	if (nvme->step == STEP_IDLE && nvme->stray) {
		return poll_stray(master);
	}
	do {
		error = step_done(master);
		if (!error) {
			error = finish_step(master);
		}
	} while (!error && nvme->step != STEP_IDLE);
	return error;
}

static int start(struct master *master, const struct master_dma *dma)
{
	struct nvme *nvme = nvme_of(master);
	bool usable = nvme->ready && nvme->step == STEP_IDLE && !(read(master, NVME_CSTS) & CSTS_CFS);

	if (!dma->write || (!dma->stray && !master->work_iova)) {
		return -ENOTSUP;
	}
	nvme->stray = dma->stray;
	nvme->target = dma->address;
	nvme->length = dma->length;
	nvme->step = usable && !dma->stray ? STEP_READ : STEP_DISABLE;
	begin(master);
	return 0;
}

static void stop(struct master *master)
{
	write(master, NVME_CC, 0);
	nvme_of(master)->ready = false;
}

static bool verify(const struct master *master, const uint8_t *memory, uint32_t length, const char **words)
{
	return disk_verify(memory, page(master, PAGE_DATA), length, words);
}

static const struct master_driver nvme_driver = {
	.driver = {.name = "nvme", .bind = master_bind, .unbind = master_unbind},
	.class_code = 0x010802,
	.can = MASTER_WRITES,
	.length_min = 1U << LBADS_MIN,
	.length_max = PAGE_SIZE,
	.work_pages = WORK_PAGES,
	.private_size = sizeof(struct nvme),
	.in_use = in_use,
	.probe = probe,
	.start = start,
	.poll = poll,
	.stop = stop,
	.verify = verify,
};

MASTER_DRIVER(nvme_driver);
