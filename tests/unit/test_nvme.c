/* SPDX-License-Identifier: BSD-2-Clause */
/* The NVMe master on a lying model of a controller. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/arch.h"
#include "device.h"
#include "said.h"

#define REGISTERS 0x2000U
#define ENTRIES_MAX 4096U
#define CAP_LOW 0x00U
#define CAP_HIGH 0x04U
#define INTMS 0x0cU
#define CC 0x14U
#define CSTS 0x1cU
#define AQA 0x24U
#define ASQ 0x28U
#define ACQ 0x30U
#define DOORBELLS 0x1000U
#define EN 1U
#define RDY 1U
#define CFS 2U
#define GET_LOG_PAGE 0x02U
#define IDENTIFY 0x06U
#define DATA_TRANSFER_ERROR 0x04U
#define INVALID_FIELD 0x02U
#define SECOND 1000000U
#define LONG 64U
#define POLLS 2000U

extern const struct master_driver *const nvme_driver_entry;

/* The controller, and its lies. */
static struct {
	uint32_t cc, csts, aqa, masked;
	uint64_t asq, acq;
	uint64_t due; /* When RDY follows EN. */
	uint32_t sq_head, sq_tail, cq_head, cq_tail, phase;
	unsigned int commands, identifies, resets;
	const char *complaint; /* The rule that the driver broke. */
	uint32_t last[16];

	uint32_t stride; /* CAP.DSTRD */
	uint32_t cap_high_flip;
	uint32_t units; /* CAP.TO */
	uint64_t on_us, off_us;
	bool gone;
	bool gives_up;
	uint32_t refuses_log; /* Status fields of 15 bits. */
	uint32_t refuses_identify;
	uint32_t flags; /* More status bits. */
	uint32_t wrong_id, wrong_phase;
	bool mute;
	bool deaf;	     /* Takes it, and does nothing. */
	uint32_t wrong_byte; /* Number of the wrong byte + 1. */
	uint32_t too_few;    /* Bytes that do not come. */
} nvme;

static uint32_t regs[REGISTERS / 4];

static void complain(bool wrong, const char *what)
{
	if (wrong && !nvme.complaint) {
		nvme.complaint = what;
	}
}

static void time_passes(void)
{
	if (!((nvme.csts ^ nvme.cc) & 1U) || arch_hooks.ticks < nvme.due) {
		return;
	}
	if (nvme.cc & EN && nvme.gives_up) {
		nvme.csts |= CFS;
	} else {
		nvme.csts = nvme.cc & EN;
	}
}

/* --- Commands. --- */

static uint8_t byte_of(uint32_t opcode, uint32_t at)
{
	return (uint8_t)(at * 7 + opcode + 3);
}

static uint32_t answer_data(uint32_t length)
{
	uint8_t data[PAGE_SIZE];
	uint64_t prp = nvme.last[6] | (uint64_t)nvme.last[7] << 32;

	for (uint32_t at = 0; at < length; at++) {
		data[at] = byte_of(nvme.last[0] & 0xffU, at);
	}
	if (nvme.wrong_byte) {
		data[nvme.wrong_byte - 1] ^= 0x10;
	}
	complain(prp % PAGE_SIZE + length > PAGE_SIZE, "the second PRP entry is reserved");
	return device_write(prp, data, length - nvme.too_few) ? 0 : DATA_TRANSFER_ERROR;
}

static uint32_t do_command(void)
{
	uint32_t opcode = nvme.last[0] & 0xffU;

	complain(nvme.last[0] & 0xff00U, "fused, or SGLs");
	complain(nvme.last[4] | nvme.last[5] | nvme.last[8] | nvme.last[9] | nvme.last[11], "reserved words");
	if (opcode == GET_LOG_PAGE) {
		complain(nvme.last[1] != 0xffffffffU || (nvme.last[10] & 0xffffU) != 3, "the firmware's log");
		return nvme.refuses_log ? nvme.refuses_log : answer_data(4 * ((nvme.last[10] >> 16) + 1));
	}
	complain(opcode != IDENTIFY || nvme.last[1] || nvme.last[10] != 1, "Identify Controller");
	nvme.identifies++;
	return nvme.refuses_identify ? nvme.refuses_identify : answer_data(PAGE_SIZE);
}

static void complete(uint32_t status)
{
	uint32_t size = (nvme.aqa >> 16) + 1;
	uint32_t entry[4] = {0};

	entry[2] = nvme.sq_head;
	entry[3] = ((nvme.last[0] >> 16) ^ nvme.wrong_id) | (nvme.phase ^ nvme.wrong_phase) << 16 |
		   (status | nvme.flags) << 17;
	complain((nvme.cq_tail + 1) % size == nvme.cq_head, "the completion queue is full");
	if (!device_write(nvme.acq + 16 * nvme.cq_tail, entry, sizeof(entry))) {
		nvme.csts |= CFS;
	}
	nvme.cq_tail = (nvme.cq_tail + 1) % size;
	nvme.phase ^= nvme.cq_tail == 0;
}

static void execute(void)
{
	uint32_t size = (nvme.aqa & 0xfffU) + 1;

	while (nvme.sq_head != nvme.sq_tail && !(nvme.csts & CFS)) {
		uint32_t status;

		if (!device_read(nvme.asq + 64 * nvme.sq_head, nvme.last, sizeof(nvme.last))) {
			nvme.csts |= CFS;
			return;
		}
		nvme.sq_head = (nvme.sq_head + 1) % size;
		nvme.commands++;
		if (nvme.deaf) {
			continue;
		}
		status = do_command();
		if (!nvme.mute) {
			complete(status);
		}
	}
}

static void ring(uint32_t number, uint32_t value)
{
	complain(!(nvme.csts & RDY) || !(nvme.cc & EN), "a doorbell of a controller that is not ready");
	complain(number > 1, "a doorbell of a queue that is not there");
	complain(value > (number ? nvme.aqa >> 16 : nvme.aqa & 0xfffU), "a doorbell beyond the queue");
	if (nvme.complaint) {
		return; /* Undefined from here on. */
	}
	if (number == 0) {
		nvme.sq_tail = value;
		execute();
	} else {
		nvme.cq_head = value;
	}
}

/* --- Registers. --- */

static void configure(uint32_t value)
{
	bool rises = value & ~nvme.cc & EN, falls = nvme.cc & ~value & EN;

	complain(rises && nvme.csts & RDY, "EN rises before RDY has fallen");
	complain(falls && !(nvme.csts & (RDY | CFS)), "EN falls before RDY has risen");
	nvme.cc = value;
	if (rises) {
		nvme.due = arch_hooks.ticks + nvme.on_us;
		nvme.sq_head = nvme.sq_tail = nvme.cq_head = nvme.cq_tail = 0;
		nvme.phase = 1;
	}
	if (falls) {
		nvme.due = arch_hooks.ticks + nvme.off_us;
		nvme.resets++;
		/* Off at once if RDY is not set. */
		nvme.csts = nvme.csts & RDY;
	}
}

static uint32_t on_read(const volatile void *reg)
{
	size_t offset = (size_t)((const volatile uint8_t *)reg - (volatile uint8_t *)regs);

	if (offset >= REGISTERS) {
		return *(const volatile uint32_t *)reg;
	}
	time_passes();
	if (nvme.gone) {
		return 0xffffffffU;
	}
	switch (offset) {
	case CAP_LOW:
		return 0x7ffU | nvme.units << 24;
	case CAP_HIGH:
		return (nvme.stride | 1U << 5) ^ nvme.cap_high_flip;
	case CC:
		return nvme.cc;
	case CSTS:
		return nvme.csts;
	default:
		complain(true, "a register that is not read");
		return 0;
	}
}

static void put_half(uint64_t *value, size_t offset, uint32_t half)
{
	complain(nvme.cc & EN, "a queue is moved while EN is set");
	*value = offset & 4 ? (*value & 0xffffffffU) | (uint64_t)half << 32 : (*value & ~0xffffffffULL) | half;
}

static void on_write(volatile void *reg, uint32_t value)
{
	size_t offset = (size_t)((volatile uint8_t *)reg - (volatile uint8_t *)regs);

	if (offset >= REGISTERS) {
		*(volatile uint32_t *)reg = value;
		return;
	}
	time_passes();
	switch (offset) {
	case INTMS:
		nvme.masked = value;
		break;
	case CC:
		/* As QEMU 7, which is not enabled otherwise. */
		complain(value & EN && (value >> 16 & 0xffU) != 0x46, "enabled without the sizes of queue entries");
		configure(value);
		break;
	case AQA:
		complain(nvme.cc & EN, "AQA is written while EN is set");
		nvme.aqa = value;
		break;
	case ASQ:
	case ASQ + 4:
		put_half(&nvme.asq, offset, value);
		break;
	case ACQ:
	case ACQ + 4:
		put_half(&nvme.acq, offset, value);
		break;
	default:
		complain(offset < DOORBELLS || (offset - DOORBELLS) % (4U << nvme.stride),
			 "a register that is not there");
		ring((uint32_t)(offset - DOORBELLS) / (4U << nvme.stride), value);
	}
}

/* --- The tests. --- */

static int setup(void **state)
{
	(void)state;
	arch_hooks_reset();
	arch_hooks.tick = 100;
	arch_hooks.read32 = on_read;
	arch_hooks.write32 = on_write;
	memset(&nvme, 0, sizeof(nvme));
	nvme.units = 1;
	device_reset(nvme_driver_entry);
	device_master.regs = (volatile uint8_t *)regs;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (nvme.complaint) {
		fprintf(stderr, "the controller complains: %s\n", nvme.complaint);
	}
	return nvme.complaint ? -1 : 0;
}

static int bind_master(void)
{
	return master_bind(&device_master.device, &device_master.driver->driver);
}

static void bring_up(void)
{
	assert_int_equal(bind_master(), 0);
	device_map();
	assert_int_equal(master_prepare(&device_master), 0);
}

static int dma(void)
{
	return device_dma(DEVICE_TARGET_IOVA, LONG, POLLS);
}

static void assert_unfit(int error, const char *words)
{
	assert_int_equal(error, -ENODEV);
	assert_non_null(device_master.unfit);
	assert_non_null(strstr(device_master.unfit, words));
}

static void test_binds_without_dma(void **state)
{
	(void)state;
	assert_int_equal(bind_master(), 0);
	assert_true(device_is_on_the_bus());
	assert_null(device_master.unfit);
	assert_int_equal(nvme.commands, 0);
	assert_int_equal(nvme.csts, 0);
	assert_int_equal(device_memory.reads + device_memory.writes + device_memory.faults, 0);
}

static void test_one_dma_is_one_command(void **state)
{
	(void)state;
	bring_up();
	assert_int_equal(nvme.masked, 0xffffffffU);
	for (uint32_t length = 4; length <= 512; length *= 2) {
		unsigned int commands = nvme.commands, writes = device_memory.writes;

		assert_int_equal(device_dma(DEVICE_TARGET_IOVA, length, POLLS), 0);
		assert_int_equal(nvme.commands - commands, 1);
		assert_int_equal(device_memory.writes - writes, 2);
		assert_true(device_verifies(length));
		assert_int_equal(device_target[length - 1], byte_of(GET_LOG_PAGE, length - 1));
		assert_int_equal(device_target[length], DEVICE_CANARY);
	}
	assert_int_equal(nvme.identifies, 0);
	assert_int_equal(device_memory.faults, 0);
}

/* Tails, heads and phases wrap: old entries do not count. */
static void test_queues_wrap(void **state)
{
	(void)state;
	bring_up();
	for (unsigned int i = 0; i < 40; i++) {
		assert_int_equal(dma(), 0);
		assert_true(device_verifies(LONG));
	}
	assert_int_equal(nvme.resets, 0);
	nvme.mute = true;
	for (unsigned int i = 0; i < 20; i++) {
		assert_int_equal(device_dma(DEVICE_TARGET_IOVA, LONG, 3), -EAGAIN);
		nvme.mute = false;
		assert_int_equal(dma(), 0);
		nvme.mute = true;
	}
}

static void test_doorbells_with_a_stride(void **state)
{
	(void)state;
	nvme.stride = 3;
	bring_up();
	assert_int_equal(dma(), 0);
	assert_true(device_verifies(LONG));
}

static void test_completion_of_last_round_is_none(void **state)
{
	(void)state;
	bring_up();
	nvme.wrong_phase = 1;
	assert_int_equal(dma(), -EAGAIN);
	assert_int_equal(nvme.commands, 2);
}

/* --- Its own time. --- */

static void test_slow_controller_is_waited_for(void **state)
{
	(void)state;
	nvme.units = 255;
	nvme.on_us = 120 * SECOND;
	nvme.off_us = 126 * SECOND;
	bring_up();
	assert_int_equal(dma(), 0);
	master_stop(&device_master);
	assert_int_equal(nvme.csts, 0);
	assert_null(device_master.unfit);
}

static void test_one_unit_where_none_is_told(void **state)
{
	(void)state;
	nvme.units = 0;
	nvme.on_us = SECOND / 2 - 10000;
	bring_up();
}

static void test_slower_than_it_says_is_a_skip(void **state)
{
	(void)state;
	nvme.units = 10;
	nvme.on_us = 6 * SECOND;
	assert_int_equal(bind_master(), 0);
	device_map();
	assert_unfit(master_prepare(&device_master), "CSTS.RDY");
	assert_true(arch_hooks.ticks > 5 * SECOND);
	assert_true(arch_hooks.ticks < 6 * SECOND);
	assert_true(said("waited 5000 ms in vain for CSTS.RDY: it reads 0x0, wanted 0x1\n"));
	assert_int_equal(dma(), -ENODEV);
	assert_int_equal(nvme.commands, 0);
}

static void test_one_that_does_not_stop_is_not_bound(void **state)
{
	(void)state;
	nvme.cc = EN;
	nvme.csts = RDY;
	nvme.off_us = 2 * SECOND;
	assert_unfit(bind_master(), "CSTS.RDY");
	assert_false(device_is_on_the_bus());
}

static void test_one_that_gives_up_at_once_is_a_skip(void **state)
{
	(void)state;
	nvme.gives_up = true;
	assert_int_equal(bind_master(), 0);
	device_map();
	assert_unfit(master_prepare(&device_master), "CSTS.RDY");
	assert_true(arch_hooks.ticks < SECOND / 10);
}

static void test_what_a_boot_loader_left(void **state)
{
	(void)state;
	nvme.cc = EN | 6U << 16;
	nvme.csts = RDY;
	assert_true(nvme_driver_entry->in_use(&device_master));
	assert_int_equal(bind_master(), 0);
	assert_int_equal(nvme.csts, 0);
	assert_false(nvme_driver_entry->in_use(&device_master));
	/* Starting. */
	nvme.units = 4;
	nvme.cc = EN;
	nvme.due = arch_hooks.ticks + SECOND;
	assert_int_equal(bind_master(), 0);
	assert_int_equal(nvme.csts, 0);
	nvme.cc = EN;
	nvme.csts = CFS;
	assert_int_equal(bind_master(), 0);
	assert_int_equal(nvme.csts, 0);
	assert_int_equal(nvme.resets, 3);
}

/* --- What it is. --- */

static void test_not_what_the_driver_is_for(void **state)
{
	static const uint32_t flips[] = {1U << 5, 1U << 16, 8U << 16};

	(void)state;
	for (size_t i = 0; i < sizeof(flips) / sizeof(flips[0]); i++) {
		nvme.cap_high_flip = flips[i];
		assert_unfit(bind_master(), "CAP");
		assert_false(device_is_on_the_bus());
	}
	nvme.cap_high_flip = 0;
	nvme.gone = true;
	assert_unfit(bind_master(), "CAP");
	nvme.gone = false;
	device_master.regs = NULL;
	assert_unfit(bind_master(), "not what its driver is for");
	/* Cleared by the bind. */
	device_master.regs = (volatile uint8_t *)regs;
	assert_int_equal(bind_master(), 0);
	assert_null(device_master.unfit);
}

static void test_gone_it_is_not_waited_for(void **state)
{
	uint64_t before;

	(void)state;
	bring_up();
	assert_int_equal(dma(), 0);
	nvme.gone = true;
	before = arch_hooks.ticks;
	assert_int_equal(device_master.driver->stop(&device_master), -EIO);
	assert_true(arch_hooks.ticks - before < 1000000);
}

static void test_without_a_log_it_identifies(void **state)
{
	(void)state;
	nvme.refuses_log = INVALID_FIELD;
	bring_up();
	assert_int_equal(dma(), 0);
	assert_int_equal(nvme.identifies, 2);
	assert_true(device_verifies(512));
	assert_int_equal(device_target[PAGE_SIZE - 1], byte_of(IDENTIFY, PAGE_SIZE - 1));
	assert_int_equal(device_dma(DEVICE_TARGET_IOVA + 64, LONG, POLLS), -ERANGE);
	assert_int_equal(dma(), 0);
	assert_int_equal(nvme.resets, 0);
}

static void test_one_that_refuses_everything_is_a_skip(void **state)
{
	static const uint32_t statuses[] = {1, INVALID_FIELD, 0x86 | 2 << 8, 0x7ff};

	(void)state;
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		setup(NULL);
		nvme.refuses_log = nvme.refuses_identify = statuses[i];
		assert_int_equal(bind_master(), 0);
		device_map();
		assert_unfit(master_prepare(&device_master), "refuses");
		assert_int_equal(dma(), -ENODEV);
		assert_int_equal(nvme.commands, 2);
	}
}

/* --- A failure that may be the SMMU's is never the device's. --- */

static void test_bytes_that_do_not_get_through(void **state)
{
	(void)state;
	nvme.refuses_log = DATA_TRANSFER_ERROR;
	assert_int_equal(bind_master(), 0);
	device_map();
	assert_int_equal(master_prepare(&device_master), -EIO);
	assert_null(device_master.unfit);
	nvme.refuses_log = 0;
	assert_int_equal(dma(), 0);
	assert_int_equal(nvme.resets, 1);
	device_unmap_target();
	assert_int_equal(dma(), -EIO);
	assert_int_equal(device_memory.faults, 1);
	assert_true(device_memory.fault == DEVICE_TARGET_IOVA);
	assert_null(device_master.unfit);
	assert_int_equal(device_target[0], DEVICE_CANARY);
	device_map();
	assert_int_equal(dma(), 0);
	assert_int_equal(nvme.resets, 1);
}

static void test_queue_that_is_out_of_reach(void **state)
{
	(void)state;
	assert_int_equal(bind_master(), 0);
	device_master.work_iova = DEVICE_WORK_IOVA;
	assert_int_equal(master_prepare(&device_master), -EIO);
	assert_null(device_master.unfit);
	assert_true(device_memory.fault == DEVICE_WORK_IOVA);
	assert_int_equal(device_memory.faults, 1);
	assert_true(nvme.csts & CFS);
	device_map();
	assert_int_equal(dma(), 0);
	assert_int_equal(nvme.resets, 1);
}

static void test_one_that_gives_up_in_a_dma(void **state)
{
	(void)state;
	bring_up();
	nvme.csts |= CFS;
	assert_int_equal(nvme_driver_entry->poll(&device_master), -EIO);
	assert_int_equal(dma(), 0);
	assert_int_equal(nvme.resets, 1);
	assert_true(device_verifies(LONG));
}

static void test_one_that_never_answers(void **state)
{
	(void)state;
	nvme.deaf = true;
	assert_int_equal(bind_master(), 0);
	device_map();
	assert_int_equal(master_prepare(&device_master), -ETIMEDOUT);
	assert_null(device_master.unfit);
	assert_true(arch_hooks.ticks > SECOND);
	assert_true(arch_hooks.ticks < 10 * SECOND);
	assert_true(said("waited 3000 ms in vain for a completion's dword 3: it reads 0x0, wanted 0x10001\n"));
	nvme.deaf = false;
	assert_int_equal(dma(), 0);
	nvme.mute = true;
	assert_int_equal(dma(), -EAGAIN);
	nvme.mute = false;
	assert_int_equal(dma(), 0);
	assert_int_equal(nvme.resets, 2);
}

static void test_statuses_of_a_dma(void **state)
{
	static const uint32_t statuses[] = {1, 0x80, 0x100, 0x281, 0x400};

	(void)state;
	bring_up();
	for (size_t i = 0; i < sizeof(statuses) / sizeof(statuses[0]); i++) {
		nvme.refuses_log = statuses[i];
		assert_int_equal(dma(), -EIO);
		nvme.refuses_log = 0;
		assert_int_equal(dma(), 0);
	}
	/* More, DNR and CRD: no error. */
	nvme.flags = 0x7800;
	assert_int_equal(dma(), 0);
	assert_int_equal(nvme.resets, 0);
}

static void test_another_commands_completion(void **state)
{
	(void)state;
	bring_up();
	nvme.wrong_id = 0x40;
	assert_int_equal(dma(), -EIO);
	nvme.wrong_id = 0;
	assert_int_equal(dma(), 0);
	assert_int_equal(nvme.resets, 1);
}

/* --- The bytes. --- */

static void test_wrong_bytes(void **state)
{
	(void)state;
	bring_up();
	for (uint32_t at = 0; at < LONG; at++) {
		nvme.wrong_byte = at + 1;
		assert_int_equal(dma(), 0);
		assert_false(device_verifies(LONG));
	}
	nvme.wrong_byte = 0;
	assert_int_equal(dma(), 0);
	assert_true(device_verifies(LONG));
}

static void test_short_transfers(void **state)
{
	(void)state;
	bring_up();
	for (uint32_t few = 1; few <= LONG; few += 21) {
		nvme.too_few = few;
		assert_int_equal(dma(), 0);
		assert_false(device_verifies(LONG));
	}
}

static void test_dmas_that_it_cannot_make(void **state)
{
	const struct master_dma fetch = {.address = DEVICE_TARGET_IOVA, .length = LONG};

	(void)state;
	assert_int_equal(bind_master(), 0);
	assert_int_equal(dma(), -ENOTSUP);
	assert_int_equal(nvme.commands, 0);
	assert_int_equal(nvme.cc & EN, 0);
	device_map();
	assert_int_equal(master_start(&device_master, &fetch), -ENOTSUP);
	assert_int_equal(device_dma(DEVICE_TARGET_IOVA + PAGE_SIZE - LONG + 4, LONG, POLLS), -ERANGE);
	assert_int_equal(device_dma(DEVICE_TARGET_IOVA + PAGE_SIZE - LONG, LONG, POLLS), 0);
	assert_int_equal(device_target[PAGE_SIZE - 1], byte_of(GET_LOG_PAGE, LONG - 1));
}

/* --- Strays, and the end. --- */

static int stray(uint64_t address)
{
	const struct master_dma dma = {.write = true, .stray = true, .address = address, .length = 4};
	int error = master_start(&device_master, &dma);

	assert_int_equal(error, 0);
	for (unsigned int i = 0; i < 100000; i++) {
		error = nvme_driver_entry->poll(&device_master);
		if (error != -EAGAIN) {
			return error;
		}
	}
	fail_msg("it does not end");
	return error;
}

static void test_stray_is_one_fetch(void **state)
{
	(void)state;
	assert_int_equal(bind_master(), 0);
	assert_int_equal(stray(0x1234567000ULL), -EIO);
	assert_int_equal(device_memory.faults, 1);
	assert_true(device_memory.fault == 0x1234567000ULL);
	assert_int_equal(stray(0x1234568000ULL), -EIO);
	assert_int_equal(device_memory.faults, 2);
	device_map();
	assert_int_equal(dma(), 0);
	assert_true(device_verifies(LONG));
}

static void test_stray_that_nothing_stops(void **state)
{
	uint64_t began;

	(void)state;
	nvme.deaf = true;
	assert_int_equal(bind_master(), 0);
	device_map();
	began = arch_hooks.ticks;
	assert_int_equal(stray(DEVICE_TARGET_IOVA), 0);
	assert_true(arch_hooks.ticks - began > SECOND / 10);
	assert_int_equal(nvme.commands, 1);
}

static void test_it_is_quiet_before_its_pages_go(void **state)
{
	(void)state;
	bring_up();
	nvme.off_us = SECOND / 4;
	master_stop(&device_master);
	assert_int_equal(nvme.csts, 0);
	assert_null(device_master.unfit);
	assert_true(device_is_on_the_bus());
	assert_int_equal(dma(), 0);
	master_unbind(&device_master.device);
	assert_int_equal(nvme.csts, 0);
	assert_false(device_is_on_the_bus());
}

static void test_one_that_goes_on_is_taken_off_the_bus(void **state)
{
	(void)state;
	bring_up();
	nvme.off_us = 10 * SECOND;
	master_stop(&device_master);
	assert_false(device_is_on_the_bus());
	assert_non_null(device_master.unfit);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_binds_without_dma),
		TEST(test_one_dma_is_one_command),
		TEST(test_queues_wrap),
		TEST(test_doorbells_with_a_stride),
		TEST(test_completion_of_last_round_is_none),
		TEST(test_slow_controller_is_waited_for),
		TEST(test_one_unit_where_none_is_told),
		TEST(test_slower_than_it_says_is_a_skip),
		TEST(test_one_that_does_not_stop_is_not_bound),
		TEST(test_one_that_gives_up_at_once_is_a_skip),
		TEST(test_what_a_boot_loader_left),
		TEST(test_not_what_the_driver_is_for),
		TEST(test_gone_it_is_not_waited_for),
		TEST(test_without_a_log_it_identifies),
		TEST(test_one_that_refuses_everything_is_a_skip),
		TEST(test_bytes_that_do_not_get_through),
		TEST(test_queue_that_is_out_of_reach),
		TEST(test_one_that_gives_up_in_a_dma),
		TEST(test_one_that_never_answers),
		TEST(test_statuses_of_a_dma),
		TEST(test_another_commands_completion),
		TEST(test_wrong_bytes),
		TEST(test_short_transfers),
		TEST(test_dmas_that_it_cannot_make),
		TEST(test_stray_is_one_fetch),
		TEST(test_stray_that_nothing_stops),
		TEST(test_it_is_quiet_before_its_pages_go),
		TEST(test_one_that_goes_on_is_taken_off_the_bus),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
