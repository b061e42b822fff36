/* SPDX-License-Identifier: BSD-2-Clause */
/* The virtio-blk master on a lying model of a device. */
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

/* One BAR: common, notification and device configuration. */
#define COMMON 0x000U
#define NOTIFY 0x100U
#define CONFIG 0x200U
#define BAR_SIZE 0x1000U
#define NOTIFY_OFF 3U
#define MULTIPLIER 8U
#define CAPABILITY(n) (0x40U + 0x20U * (n))

#define FEATURE_SELECT 0x00U
#define FEATURE 0x04U
#define DRIVER_SELECT 0x08U
#define DRIVER_FEATURE 0x0cU
#define STATUS 0x14U
#define QUEUE_SELECT 0x16U
#define QUEUE_SIZE 0x18U
#define QUEUE_ENABLE 0x1cU
#define QUEUE_NOTIFY_OFF 0x1eU
#define QUEUE_DESC 0x20U
#define QUEUE_DRIVER 0x28U
#define QUEUE_DEVICE 0x30U

#define DRIVER_OK 4U
#define FEATURES_OK 8U
#define NEEDS_RESET 0x40U
#define ACCESS_PLATFORM (1U << 1)
#define VERSION_1 (1U << 0)
#define EVENT_IDX (1U << 29)
#define SECTOR 512U
#define LONG 512U
#define POLLS 2000U
#define SECOND 1000000U

extern const struct master_driver *const virtio_blk_driver_entry;
extern const struct master_driver *const virtio_blk_transitional_driver_entry;

static struct {
	uint16_t seen; /* Of the available ring. */
	uint16_t used;
	unsigned int requests, resets;
	const char *complaint;
	uint64_t due; /* When a reset is over. */
	uint32_t written[2];

	uint32_t offers[2];
	uint64_t capacity;
	bool test_disk;		 /* Its sectors are the test disk's, */
	unsigned int other_disk; /* or another disk's (its number), from that request on. */
	unsigned int other_from;
	uint64_t reset_us;
	bool rejects; /* FEATURES_OK does not stay. */
	uint8_t result;
	bool keeps_status; /* Writes no status. */
	uint32_t wrong_id;
	bool mute; /* Serves, but reports nothing. */
	bool deaf;
	uint32_t wrong_byte, too_few;
} blk;

static uint8_t bar[BAR_SIZE] __attribute__((aligned(8)));

static void complain(bool wrong, const char *what)
{
	if (wrong && !blk.complaint) {
		blk.complaint = what;
	}
}

static uint16_t get16(size_t at)
{
	uint16_t value;

	memcpy(&value, bar + at, sizeof(value));
	return value;
}

static uint64_t get64(size_t at)
{
	uint64_t value;

	memcpy(&value, bar + at, sizeof(value));
	return value;
}

/* --- Requests. --- */

struct descriptor {
	uint64_t address;
	uint32_t length;
	uint16_t flags, next;
};

static uint8_t byte_of(uint64_t sector, uint32_t at)
{
	char line[17];
	unsigned int other = blk.other_disk && blk.requests >= blk.other_from ? blk.other_disk : 0;

	if (blk.test_disk) {
		snprintf(line, sizeof(line), "smmu-bringup %03u", ((unsigned int)sector * SECTOR + at) / 16 + other);
		return (uint8_t)line[at % 16];
	}
	return (uint8_t)(at * 5 + at / 256 + sector + 1 + other);
}

static void break_down(void)
{
	bar[COMMON + STATUS] |= NEEDS_RESET;
}

static bool take_descriptor(unsigned int number, struct descriptor *descriptor)
{
	complain(number >= get16(COMMON + QUEUE_SIZE), "a descriptor beyond the queue");
	return device_read(get64(COMMON + QUEUE_DESC) + 16 * number, descriptor, sizeof(*descriptor));
}

static bool serve_request(const struct descriptor chain[3])
{
	struct {
		uint32_t type, reserved;
		uint64_t sector;
	} header;
	uint8_t data[PAGE_SIZE];

	complain(chain[0].length != 16 || chain[0].flags != 1, "the header's descriptor");
	complain(chain[1].flags != 3 || chain[1].length % SECTOR || chain[1].length > PAGE_SIZE,
		 "the data's descriptor");
	complain(chain[2].flags != 2 || chain[2].length != 1, "the status's descriptor");
	if (!device_read(chain[0].address, &header, sizeof(header))) {
		return false;
	}
	complain(header.type || header.reserved, "a request that is no read");
	complain(header.sector + chain[1].length / SECTOR > blk.capacity, "a read beyond the disk");
	if (blk.complaint) {
		return false; /* After that, all is undefined. */
	}
	for (uint32_t at = 0; at < chain[1].length; at++) {
		data[at] = byte_of(header.sector, at);
	}
	if (blk.wrong_byte) {
		data[blk.wrong_byte - 1] ^= 1;
	}
	if (blk.result == 0 && !device_write(chain[1].address, data, chain[1].length - blk.too_few)) {
		return false;
	}
	return blk.keeps_status || device_write(chain[2].address, &blk.result, 1);
}

static bool tell_used(uint32_t id)
{
	uint64_t ring = get64(COMMON + QUEUE_DEVICE);
	uint32_t element[2] = {id ^ blk.wrong_id, LONG + 1};

	if (blk.mute) {
		return true;
	}
	if (!device_write(ring + 4 + 8ULL * (blk.used % get16(COMMON + QUEUE_SIZE)), element, sizeof(element))) {
		return false;
	}
	blk.used++;
	return device_write(ring + 2, &blk.used, sizeof(blk.used));
}

static bool serve_one(void)
{
	uint64_t ring = get64(COMMON + QUEUE_DRIVER) + 4 + 2ULL * (blk.seen % get16(COMMON + QUEUE_SIZE));
	struct descriptor chain[3];
	uint16_t head, number;

	if (!device_read(ring, &head, sizeof(head))) {
		return false;
	}
	number = head;
	blk.seen++;
	blk.requests++;
	for (unsigned int i = 0; i < 3; i++) {
		if (!take_descriptor(number, &chain[i])) {
			return false;
		}
		number = chain[i].next;
	}
	return blk.deaf || (serve_request(chain) && tell_used(head));
}

static void serve(void)
{
	uint16_t index;

	if (!device_read(get64(COMMON + QUEUE_DRIVER) + 2, &index, sizeof(index))) {
		break_down();
		return;
	}
	complain((uint16_t)(index - blk.seen) > get16(COMMON + QUEUE_SIZE), "more requests than the queue has");
	while (blk.seen != index && !blk.complaint) {
		if (!serve_one()) {
			break_down();
			return;
		}
	}
	/* EVENT_IDX on an empty queue. */
	if (blk.written[0] & EVENT_IDX &&
	    !device_write(get64(COMMON + QUEUE_DEVICE) + 4 + 8ULL * get16(COMMON + QUEUE_SIZE), &blk.seen,
			  sizeof(blk.seen))) {
		break_down();
	}
}

/* --- Registers. --- */

static void reset(void)
{
	memset(bar + COMMON + QUEUE_ENABLE, 0, 2);
	blk.seen = 0;
	blk.used = 0;
	blk.resets++;
	blk.written[0] = blk.written[1] = 0;
	blk.due = arch_hooks.ticks + blk.reset_us;
}

static uint8_t before;

static void on_look(const volatile void *reg, size_t size)
{
	size_t offset = (size_t)((const volatile uint8_t *)reg - bar);

	(void)size;
	if (offset == COMMON + STATUS && blk.due) {
		bar[COMMON + STATUS] = arch_hooks.ticks >= blk.due ? 0 : before;
	}
}

static void take_status(uint8_t status)
{
	complain(blk.due && arch_hooks.ticks < blk.due && status, "it is set up before its reset is over");
	if (status == 0) {
		reset();
		return;
	}
	complain(status & FEATURES_OK && !(before & 2U), "features before a driver");
	complain(status & DRIVER_OK && !(before & FEATURES_OK), "a driver before its features");
	complain(status & DRIVER_OK && !get16(COMMON + QUEUE_ENABLE), "a driver without a queue");
	complain(status & FEATURES_OK && blk.written[1] != (blk.offers[1] & (VERSION_1 | ACCESS_PLATFORM)),
		 "features of the upper half");
	blk.due = 0;
	if (blk.rejects) {
		bar[COMMON + STATUS] &= (uint8_t)~FEATURES_OK;
	}
	before = bar[COMMON + STATUS];
}

static void on_wrote(volatile void *reg, size_t size)
{
	size_t offset = (size_t)((volatile uint8_t *)reg - bar);

	if (offset == COMMON + STATUS) {
		complain(size != 1, "device_status is 8 bits");
		take_status(bar[offset]);
	} else if (offset == NOTIFY + NOTIFY_OFF * MULTIPLIER) {
		complain(!(bar[COMMON + STATUS] & DRIVER_OK), "a notification before DRIVER_OK");
		serve();
	} else {
		complain(offset >= NOTIFY && offset < CONFIG, "a notification of another queue");
		complain(offset == COMMON + QUEUE_SELECT && get16(offset), "a queue that is not there");
	}
}

static uint32_t on_read(const volatile void *reg)
{
	size_t offset = (size_t)((const volatile uint8_t *)reg - bar);
	uint32_t value;

	memcpy(&value, (const void *)(uintptr_t)reg, sizeof(value));
	if (offset == COMMON + FEATURE) {
		value = blk.offers[bar[COMMON + FEATURE_SELECT] & 1U];
	} else if (offset == CONFIG) {
		value = (uint32_t)blk.capacity;
	} else if (offset == CONFIG + 4) {
		value = (uint32_t)(blk.capacity >> 32);
	}
	return value;
}

static void on_write(volatile void *reg, uint32_t value)
{
	size_t offset = (size_t)((volatile uint8_t *)reg - bar);

	memcpy((void *)(uintptr_t)reg, &value, sizeof(value));
	if (offset == COMMON + DRIVER_FEATURE) {
		uint32_t half = bar[COMMON + DRIVER_SELECT];

		complain(half > 1 || value & ~blk.offers[half & 1U], "a feature that is not offered");
		blk.written[half & 1U] = value;
	}
	complain(offset >= COMMON + QUEUE_DESC && offset < COMMON + QUEUE_DEVICE + 8 && get16(COMMON + QUEUE_ENABLE),
		 "a queue is moved while it is enabled");
}

/* --- The tests. --- */

static void put_capability(unsigned int number, uint32_t type, uint32_t where, uint32_t size)
{
	uint32_t *at = &device_configuration[CAPABILITY(number) / 4];

	at[0] = 0x09U | (number < 3 ? CAPABILITY(number + 1) << 8 : 0) | 16U << 16 | type << 24;
	at[1] = 4; /* The BAR. */
	at[2] = where;
	at[3] = size;
	at[4] = MULTIPLIER;
}

static int setup(void **state)
{
	(void)state;
	arch_hooks_reset();
	arch_hooks.tick = 100;
	arch_hooks.read32 = on_read;
	arch_hooks.write32 = on_write;
	arch_hooks.look = on_look;
	arch_hooks.wrote = on_wrote;
	memset(&blk, 0, sizeof(blk));
	memset(bar, 0, sizeof(bar));
	before = 0;
	blk.offers[0] = EVENT_IDX | 0x7fU;
	blk.offers[1] = VERSION_1 | ACCESS_PLATFORM | 0x70U;
	blk.capacity = 8;
	bar[COMMON + QUEUE_NOTIFY_OFF] = NOTIFY_OFF;
	device_reset(virtio_blk_driver_entry);
	device_configuration[0x34 / 4] = CAPABILITY(0);
	put_capability(0, 5, 0, 4); /* By configuration space: of no use. */
	put_capability(1, 4, CONFIG, 0x40);
	put_capability(2, 1, COMMON, 0x38);
	put_capability(3, 2, NOTIFY, 0x100);
	device_function.bar[4] = (struct pci_bar){.size = BAR_SIZE};
	device_master.bar[4] = bar;
	device_master.regs = bar;
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	if (blk.complaint) {
		fprintf(stderr, "the device complains: %s\n", blk.complaint);
	}
	return blk.complaint ? -1 : 0;
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
	bar[COMMON + STATUS] = 0xf;
	before = 0xf;
	assert_int_equal(bind_master(), 0);
	assert_true(device_is_on_the_bus());
	assert_int_equal(bar[COMMON + STATUS], 0);
	assert_int_equal(device_memory.reads + device_memory.writes + device_memory.faults, 0);
	assert_ptr_not_equal(virtio_blk_driver_entry, virtio_blk_transitional_driver_entry);
	assert_int_equal(virtio_blk_transitional_driver_entry->device, 0x1001);
}

static void test_one_dma_is_one_request(void **state)
{
	(void)state;
	bring_up();
	assert_int_equal(blk.requests, 1);
	for (uint32_t length = SECTOR; length <= PAGE_SIZE; length *= 2) {
		unsigned int requests = blk.requests;

		assert_int_equal(device_dma(DEVICE_TARGET_IOVA, length, POLLS), 0);
		assert_int_equal(blk.requests - requests, 1);
		assert_true(device_verifies(length));
		assert_int_equal(device_target[length - 1], byte_of(0, length - 1));
		if (length < PAGE_SIZE) {
			assert_int_equal(device_target[length], DEVICE_CANARY);
		}
	}
	assert_int_equal(device_memory.faults, 0);
	assert_int_equal(blk.resets, 2);
}

/* Rings of four, indices of 16 bits. */
static void test_rings_wrap(void **state)
{
	(void)state;
	bring_up();
	for (unsigned int i = 0; i < 65540; i++) {
		assert_int_equal(device_dma(DEVICE_TARGET_IOVA, SECTOR, 3), 0);
	}
	assert_true(device_verifies(SECTOR));
	assert_int_equal(blk.resets, 2);
}

static void test_without_event_index(void **state)
{
	(void)state;
	blk.offers[0] = 0;
	bring_up();
	assert_int_equal(dma(), 0);
	assert_true(device_verifies(LONG));
}

/* --- What it is. --- */

static void test_legacy_device_is_a_skip(void **state)
{
	(void)state;
	for (unsigned int missing = 1; missing <= 3; missing++) {
		setup(NULL);
		device_configuration[CAPABILITY(missing) / 4] &= ~0xffU;
		assert_unfit(bind_master(), "legacy");
		assert_false(device_is_on_the_bus());
		assert_false(virtio_blk_driver_entry->in_use(&device_master));
	}
	setup(NULL);
	device_configuration[0x34 / 4] = 0;
	assert_unfit(bind_master(), "legacy");
}

/* Beyond the BAR, or in none. */
static void test_places_that_are_none(void **state)
{
	static const uint32_t places[][2] = {{6, 0}, {3, 0}, {2, 0x40}, {4, BAR_SIZE - 0x34}, {4, 0xfffffffc}};

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		setup(NULL);
		device_function.bar[2] = (struct pci_bar){.size = BAR_SIZE}; /* Without an address. */
		device_configuration[CAPABILITY(2) / 4 + 1] = places[i][0];
		device_configuration[CAPABILITY(2) / 4 + 2] = places[i][1];
		assert_unfit(bind_master(), "legacy");
	}
	setup(NULL);
	device_configuration[CAPABILITY(0) / 4] = 0x01U | CAPABILITY(0) << 8;
	assert_unfit(bind_master(), "legacy");
}

static void test_without_access_platform_it_is_a_skip(void **state)
{
	(void)state;
	blk.offers[1] = VERSION_1;
	assert_unfit(bind_master(), "VIRTIO_F_ACCESS_PLATFORM");
	assert_false(device_is_on_the_bus());
	assert_int_equal(dma(), -ENOTSUP);
	assert_int_equal(blk.requests, 0);
}

static void test_capacity(void **state)
{
	static const uint64_t too_small[] = {0, 1, 7};
	static const uint64_t enough[] = {8, 9, 1ULL << 32};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		setup(NULL);
		blk.capacity = too_small[i];
		assert_unfit(bind_master(), "4 KiB");
		assert_false(device_is_on_the_bus());
		setup(NULL);
		blk.capacity = enough[i];
		bring_up();
		assert_int_equal(dma(), 0);
	}
}

static void test_it_is_in_use(void **state)
{
	(void)state;
	assert_false(virtio_blk_driver_entry->in_use(&device_master));
	bar[COMMON + STATUS] = 1;
	assert_false(virtio_blk_driver_entry->in_use(&device_master));
	bar[COMMON + STATUS] = 3;
	assert_true(virtio_blk_driver_entry->in_use(&device_master));
	assert_int_equal(blk.resets, 0);
}

static void test_it_rejects_its_own_features(void **state)
{
	(void)state;
	blk.rejects = true;
	assert_int_equal(bind_master(), 0);
	device_map();
	assert_unfit(master_prepare(&device_master), "features");
	assert_int_equal(bar[COMMON + STATUS] & DRIVER_OK, 0);
}

static void test_it_refuses_to_read(void **state)
{
	(void)state;
	for (uint8_t result = 1; result <= 2; result++) {
		setup(NULL);
		blk.result = result;
		assert_int_equal(bind_master(), 0);
		device_map();
		assert_unfit(master_prepare(&device_master), "refuses");
		assert_int_equal(dma(), -ENODEV);
		assert_int_equal(blk.requests, 1);
	}
}

/* --- Resets. --- */

static void test_slow_reset(void **state)
{
	(void)state;
	blk.reset_us = 4 * SECOND;
	before = 0xf;
	bring_up();
	assert_int_equal(dma(), 0);
}

static void test_reset_that_never_ends(void **state)
{
	(void)state;
	blk.reset_us = 60 * SECOND;
	before = 0xf;
	assert_unfit(bind_master(), "device_status");
	assert_false(device_is_on_the_bus());
	assert_true(arch_hooks.ticks < 10 * SECOND);
	assert_true(said("0000:00:00.0: waited 5000 ms in vain for device_status: it reads 0xf, wanted 0x0\n"));
}

static void test_it_is_quiet_before_its_pages_go(void **state)
{
	(void)state;
	bring_up();
	blk.reset_us = SECOND;
	master_stop(&device_master);
	assert_int_equal(bar[COMMON + STATUS], 0);
	assert_null(device_master.unfit);
	assert_int_equal(dma(), 0);
	blk.reset_us = 60 * SECOND;
	master_stop(&device_master);
	assert_non_null(device_master.unfit);
	assert_false(device_is_on_the_bus());
}

/* --- A failure that may be the SMMU's is never the device's. --- */

static void test_dma_that_is_stopped(void **state)
{
	(void)state;
	bring_up();
	device_unmap_target();
	assert_int_equal(dma(), -EIO);
	assert_int_equal(device_memory.faults, 1);
	assert_true(device_memory.fault == DEVICE_TARGET_IOVA);
	assert_int_equal(device_target[0], DEVICE_CANARY);
	assert_null(device_master.unfit);
	device_map();
	assert_int_equal(dma(), 0);
	assert_true(device_verifies(LONG));
	assert_int_equal(blk.resets, 3);
}

static void test_it_asks_to_be_reset(void **state)
{
	(void)state;
	bring_up();
	assert_int_equal(dma(), 0);
	break_down();
	assert_int_equal(dma(), 0);
	assert_true(device_verifies(LONG));
	assert_int_equal(blk.resets, 3);
}

static void test_queue_that_is_out_of_reach(void **state)
{
	(void)state;
	assert_int_equal(bind_master(), 0);
	device_master.work_iova = DEVICE_WORK_IOVA;
	assert_int_equal(master_prepare(&device_master), -EIO);
	assert_null(device_master.unfit);
	assert_true(device_memory.fault - DEVICE_WORK_IOVA < PAGE_SIZE);
	device_map();
	assert_int_equal(dma(), 0);
}

static void test_status_that_was_not_written(void **state)
{
	(void)state;
	blk.keeps_status = true;
	assert_int_equal(bind_master(), 0);
	device_map();
	assert_int_equal(master_prepare(&device_master), -EIO);
	assert_null(device_master.unfit);
	blk.keeps_status = false;
	assert_int_equal(dma(), 0);
	blk.keeps_status = true;
	assert_int_equal(dma(), -EIO);
}

static void test_results_of_a_dma(void **state)
{
	(void)state;
	bring_up();
	for (unsigned int result = 1; result <= 255; result += 127) {
		blk.result = (uint8_t)result;
		assert_int_equal(dma(), -EIO);
	}
	blk.result = 0;
	assert_int_equal(dma(), 0);
	assert_null(device_master.unfit);
}

static void test_another_requests_completion(void **state)
{
	(void)state;
	bring_up();
	blk.wrong_id = 1;
	assert_int_equal(dma(), -EIO);
	blk.wrong_id = 0;
	assert_int_equal(dma(), 0);
	assert_int_equal(blk.resets, 3);
}

static void test_it_never_answers(void **state)
{
	(void)state;
	blk.deaf = true;
	assert_int_equal(bind_master(), 0);
	device_map();
	assert_int_equal(master_prepare(&device_master), -ETIMEDOUT);
	assert_null(device_master.unfit);
	assert_true(arch_hooks.ticks > SECOND);
	assert_true(arch_hooks.ticks < 10 * SECOND);
	assert_true(said("waited 3000 ms in vain for the used ring's idx: it reads 0x0, wanted 0x1\n"));
	blk.deaf = false;
	assert_int_equal(dma(), 0);
	blk.mute = true;
	assert_int_equal(dma(), -EAGAIN);
	blk.mute = false;
	/* Reset: the late report belongs to no queue. */
	assert_int_equal(dma(), 0);
	assert_int_equal(blk.resets, 4);
}

/* --- The bytes. --- */

static void test_wrong_bytes(void **state)
{
	(void)state;
	bring_up();
	for (uint32_t at = 0; at < LONG; at += 73) {
		blk.wrong_byte = at + 1;
		assert_int_equal(dma(), 0);
		assert_false(device_verifies(LONG));
	}
	blk.wrong_byte = LONG;
	assert_int_equal(dma(), 0);
	assert_false(device_verifies(LONG));
	blk.wrong_byte = 0;
	assert_int_equal(dma(), 0);
	assert_true(device_verifies(LONG));
}

static void test_short_transfers(void **state)
{
	(void)state;
	bring_up();
	for (uint32_t few = 1; few <= LONG; few += 73) {
		blk.too_few = few;
		assert_int_equal(dma(), 0);
		assert_false(device_verifies(LONG));
	}
}

static const char *words_of(bool *right)
{
	const char *words = NULL;

	*right = virtio_blk_driver_entry->verify(&device_master, device_target, LONG, &words);
	return words;
}

static void test_test_disk(void **state)
{
	bool right;

	(void)state;
	blk.test_disk = true;
	bring_up();
	assert_int_equal(dma(), 0);
	assert_non_null(strstr(words_of(&right), "test disk"));
	assert_true(right);
	/* The right name, wrong numbers. */
	blk.other_disk = 32;
	assert_int_equal(dma(), 0);
	(void)words_of(&right);
	assert_false(right);
}

static void test_test_disk_with_other_numbers(void **state)
{
	(void)state;
	blk.test_disk = true;
	blk.other_disk = 1;
	bring_up();
	assert_int_equal(dma(), 0);
	assert_false(device_verifies(LONG));
}

static void test_another_disk_than_first(void **state)
{
	bool right;

	(void)state;
	bring_up();
	assert_int_equal(dma(), 0);
	assert_non_null(strstr(words_of(&right), "first read"));
	assert_true(right);
	blk.other_disk = 1;
	assert_int_equal(dma(), 0);
	assert_false(device_verifies(LONG));
	blk.other_disk = 0;
	blk.test_disk = true;
	assert_int_equal(dma(), 0);
	assert_false(device_verifies(LONG));
}

static void test_dmas_that_it_cannot_make(void **state)
{
	const struct master_dma fetch = {.address = DEVICE_TARGET_IOVA, .length = LONG};

	(void)state;
	assert_int_equal(bind_master(), 0);
	assert_int_equal(dma(), -ENOTSUP);
	assert_int_equal(bar[COMMON + STATUS], 0);
	device_map();
	assert_int_equal(master_start(&device_master, &fetch), -ENOTSUP);
}

/* --- Strays. --- */

static int stray(uint64_t address)
{
	const struct master_dma dma = {.write = true, .stray = true, .address = address, .length = SECTOR};
	int error = master_start(&device_master, &dma);

	assert_int_equal(error, 0);
	for (unsigned int i = 0; i < 100000; i++) {
		error = virtio_blk_driver_entry->poll(&device_master);
		if (error != -EAGAIN) {
			return error;
		}
	}
	fail_msg("it does not end");
	return error;
}

static void test_stray_is_stopped(void **state)
{
	(void)state;
	assert_int_equal(bind_master(), 0);
	assert_int_equal(stray(0x1234567000ULL), 0);
	assert_int_equal(device_memory.faults, 1);
	assert_true(device_memory.fault - 0x1234567000ULL < PAGE_SIZE);
	assert_int_equal(bar[COMMON + STATUS], 0); /* Else it would retry for ever. */
	device_map();
	assert_int_equal(dma(), 0);
	assert_true(device_verifies(LONG));
}

static void test_stray_that_nothing_stops(void **state)
{
	(void)state;
	assert_int_equal(bind_master(), 0);
	device_map();
	memset(device_target, DEVICE_CANARY, SECTOR);
	arch_cache_clean_invalidate(device_target, PAGE_SIZE);
	assert_int_equal(stray(DEVICE_TARGET_IOVA), 0);
	arch_cache_clean_invalidate(device_target, PAGE_SIZE);
	for (uint32_t at = 0; at < SECTOR; at++) {
		if (device_target[at] != DEVICE_CANARY) {
			return;
		}
	}
	fail_msg("it left no trace where it is looked at");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_binds_without_dma),
		TEST(test_one_dma_is_one_request),
		TEST(test_rings_wrap),
		TEST(test_without_event_index),
		TEST(test_legacy_device_is_a_skip),
		TEST(test_places_that_are_none),
		TEST(test_without_access_platform_it_is_a_skip),
		TEST(test_capacity),
		TEST(test_it_is_in_use),
		TEST(test_it_rejects_its_own_features),
		TEST(test_it_refuses_to_read),
		TEST(test_slow_reset),
		TEST(test_reset_that_never_ends),
		TEST(test_it_is_quiet_before_its_pages_go),
		TEST(test_dma_that_is_stopped),
		TEST(test_it_asks_to_be_reset),
		TEST(test_queue_that_is_out_of_reach),
		TEST(test_status_that_was_not_written),
		TEST(test_results_of_a_dma),
		TEST(test_another_requests_completion),
		TEST(test_it_never_answers),
		TEST(test_wrong_bytes),
		TEST(test_short_transfers),
		TEST(test_test_disk),
		TEST(test_test_disk_with_other_numbers),
		TEST(test_another_disk_than_first),
		TEST(test_dmas_that_it_cannot_make),
		TEST(test_stray_is_stopped),
		TEST(test_stray_that_nothing_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
