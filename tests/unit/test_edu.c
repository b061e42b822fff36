/* SPDX-License-Identifier: BSD-2-Clause */
/* The edu master on a model: DMA takes some time. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arch.h"
#include "device.h"
#include "said.h"

#define ID 0x00U
#define SOURCE 0x80U
#define DESTINATION 0x88U
#define COUNT 0x90U
#define COMMAND 0x98U
#define RUN 1U
#define TO_MEMORY 2U
#define BUFFER 0x40000U
#define BUFFER_SIZE 4096U
#define TAKES_US 100000U

extern const struct master_driver *const edu_driver_entry;

static struct {
	uint32_t id;
	uint8_t buffer[BUFFER_SIZE];
	uint64_t due;
	bool stuck;
	unsigned int runs;
} edu;

static uint32_t regs[0x100 / 4];

static void run(void)
{
	bool to_memory = regs[COMMAND / 4] & TO_MEMORY;
	uint32_t inside = regs[(to_memory ? SOURCE : DESTINATION) / 4];
	uint32_t outside = regs[(to_memory ? DESTINATION : SOURCE) / 4];
	uint32_t count = regs[COUNT / 4];

	edu.runs++;
	edu.due = arch_hooks.ticks + TAKES_US;
	assert_true(inside >= BUFFER && inside - BUFFER + count <= BUFFER_SIZE);
	if (to_memory) {
		(void)device_write(outside, edu.buffer + (inside - BUFFER), count);
	} else {
		(void)device_read(outside, edu.buffer + (inside - BUFFER), count);
	}
}

static uint32_t on_read(const volatile void *reg)
{
	size_t offset = (size_t)((const volatile uint8_t *)reg - (volatile uint8_t *)regs);

	if (offset == COMMAND && arch_hooks.ticks >= edu.due && !edu.stuck) {
		regs[COMMAND / 4] &= ~RUN;
	}
	return offset == ID ? edu.id : *(const volatile uint32_t *)reg;
}

static void on_write(volatile void *reg, uint32_t value)
{
	size_t offset = (size_t)((volatile uint8_t *)reg - (volatile uint8_t *)regs);

	assert_false(offset < sizeof(regs) && regs[COMMAND / 4] & RUN);
	*(volatile uint32_t *)reg = value;
	if (offset == COMMAND && value & RUN) {
		run();
	}
}

static int setup(void **state)
{
	(void)state;
	arch_hooks_reset();
	arch_hooks.tick = 100;
	arch_hooks.read32 = on_read;
	arch_hooks.write32 = on_write;
	memset(regs, 0, sizeof(regs));
	memset(&edu, 0, sizeof(edu));
	edu.id = 0x010000edU;
	device_reset(edu_driver_entry);
	device_master.regs = (volatile uint8_t *)regs;
	return 0;
}

static int poll_to_the_end(void)
{
	int error = -EAGAIN;

	for (unsigned int i = 0; error == -EAGAIN && i < 100000; i++) {
		error = edu_driver_entry->poll(&device_master);
		(void)arch_ticks();
	}
	return error;
}

static int dma(bool write, uint64_t address, uint32_t length)
{
	const struct master_dma dma = {.write = write, .address = address, .length = length};

	return master_start(&device_master, &dma);
}

static void fill(uint8_t first)
{
	for (uint32_t at = 0; at < PAGE_SIZE; at++) {
		device_target[at] = (uint8_t)(first + at * 3);
	}
	arch_cache_clean(device_target, PAGE_SIZE);
}

static void test_bytes_are_fetched_and_written(void **state)
{
	static const uint32_t lengths[] = {4, 64, 4092};

	(void)state;
	assert_int_equal(master_bind(&device_master.device, &device_master.driver->driver), 0);
	assert_true(device_is_on_the_bus());
	device_map();
	for (size_t i = 0; i < 3; i++) {
		fill((uint8_t)i);
		assert_int_equal(dma(false, DEVICE_TARGET_IOVA, lengths[i]), 0);
		assert_int_equal(edu_driver_entry->poll(&device_master), -EAGAIN);
		assert_int_equal(poll_to_the_end(), 0);
		memset(device_target, DEVICE_CANARY, PAGE_SIZE);
		arch_cache_clean_invalidate(device_target, PAGE_SIZE);
		assert_int_equal(dma(true, DEVICE_TARGET_IOVA, lengths[i]), 0);
		assert_int_equal(poll_to_the_end(), 0);
		arch_cache_clean_invalidate(device_target, PAGE_SIZE);
		for (uint32_t at = 0; at < lengths[i]; at++) {
			assert_int_equal(device_target[at], (uint8_t)(i + at * 3));
		}
		assert_int_equal(device_target[lengths[i]], DEVICE_CANARY);
	}
	assert_int_equal(edu.runs, 6);
	assert_int_equal(device_memory.faults, 0);
	assert_true(edu_driver_entry->length_max <= 4092);
	assert_int_equal(edu_driver_entry->can, MASTER_READS | MASTER_WRITES);
}

static void test_addresses_beyond_32_bits(void **state)
{
	(void)state;
	assert_int_equal(master_bind(&device_master.device, &device_master.driver->driver), 0);
	assert_int_equal(dma(true, 1ULL << 32 | DEVICE_TARGET_IOVA, 4), -ERANGE);
	assert_int_equal(dma(false, 1ULL << 63, 4), -ERANGE);
	assert_int_equal(edu.runs, 0);
	assert_int_equal(dma(true, 0xfffff000U, 4), 0);
	assert_true(device_memory.fault == 0xfffff000U);
}

static void test_another_device_is_a_skip(void **state)
{
	static const uint32_t ids[] = {0, 0xffffffffU, 0x010000ecU, 0x020000edU};

	(void)state;
	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		edu.id = ids[i];
		assert_int_equal(master_bind(&device_master.device, &device_master.driver->driver), -ENODEV);
		assert_non_null(device_master.unfit);
		assert_false(device_is_on_the_bus());
	}
}

static void test_its_end_is_waited_for(void **state)
{
	(void)state;
	assert_int_equal(master_bind(&device_master.device, &device_master.driver->driver), 0);
	device_map();
	assert_int_equal(dma(true, DEVICE_TARGET_IOVA, 4), 0);
	master_stop(&device_master);
	assert_int_equal(edu_driver_entry->poll(&device_master), 0);
	assert_null(device_master.unfit);
	assert_true(device_is_on_the_bus());
	edu.stuck = true;
	assert_int_equal(dma(true, DEVICE_TARGET_IOVA, 4), 0);
	master_stop(&device_master);
	assert_non_null(device_master.unfit);
	assert_false(device_is_on_the_bus());
	assert_true(said("waited 3000 ms in vain for the DMA command's RUN: it reads 0x3, wanted 0x0\n"));
	edu.stuck = false;
	assert_int_equal(dma(true, DEVICE_TARGET_IOVA, 4), -ENODEV);
}

static void test_a_slow_dma_is_no_end(void **state)
{
	(void)state;
	assert_int_equal(master_bind(&device_master.device, &device_master.driver->driver), 0);
	device_map();
	edu.stuck = true;
	assert_int_equal(dma(true, DEVICE_TARGET_IOVA, 4), 0);
	for (unsigned int i = 0; i < 1000; i++) {
		assert_int_equal(edu_driver_entry->poll(&device_master), -EAGAIN);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_bytes_are_fetched_and_written), TEST(test_addresses_beyond_32_bits),
		TEST(test_another_device_is_a_skip),	  TEST(test_its_end_is_waited_for),
		TEST(test_a_slow_dma_is_no_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
