/* SPDX-License-Identifier: BSD-2-Clause */
/* The iommu-testdev master on a model, and which driver takes which device. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arch.h"
#include "device.h"

#define TRIGGER 0x00U
#define ADDRESS 0x04U
#define LENGTH 0x0cU
#define RESULT 0x10U
#define DOORBELL 0x14U
#define ATTRIBUTES 0x18U
#define CHECK 0x1cU
#define BUSY 0xfffffffeU
#define IDLE 0xffffffffU
#define PATTERN 0x12345678U

extern const struct master_driver *const iommu_testdev_driver_entry;
extern const struct master_driver *const nvme_driver_entry;
extern const struct master_driver *const edu_driver_entry;
extern const struct master_driver *const virtio_blk_driver_entry;

static struct {
	bool armed;
	bool takes_no_length;
	uint32_t fails;
	unsigned int triggers;
} testdev;

static uint32_t regs[0x40 / 4];
static uint64_t looked_at;

static uint64_t get64(size_t at)
{
	return regs[at / 4] | (uint64_t)regs[at / 4 + 1] << 32;
}

static void trigger(void)
{
	uint32_t pattern = PATTERN;

	testdev.triggers++;
	if (!testdev.armed) {
		return;
	}
	testdev.armed = false;
	looked_at = get64(CHECK);
	/* Non-secure, and marked valid. */
	assert_int_equal(regs[ATTRIBUTES / 4], 0xa);
	regs[RESULT / 4] = device_write(get64(ADDRESS), &pattern, regs[LENGTH / 4]) ? testdev.fails : 0xdead0001U;
}

static uint32_t on_read(const volatile void *reg)
{
	size_t offset = (size_t)((const volatile uint8_t *)reg - (volatile uint8_t *)regs);

	if (offset == TRIGGER) {
		trigger();
	}
	return *(const volatile uint32_t *)reg;
}

static void on_write(volatile void *reg, uint32_t value)
{
	size_t offset = (size_t)((volatile uint8_t *)reg - (volatile uint8_t *)regs);

	if (offset != LENGTH || !testdev.takes_no_length) {
		*(volatile uint32_t *)reg = value;
	}
	if (offset == DOORBELL && value & 1U) {
		testdev.armed = true;
		regs[RESULT / 4] = BUSY;
	}
}

static int setup(void **state)
{
	(void)state;
	arch_hooks_reset();
	arch_hooks.read32 = on_read;
	arch_hooks.write32 = on_write;
	memset(regs, 0, sizeof(regs));
	memset(&testdev, 0, sizeof(testdev));
	regs[RESULT / 4] = IDLE;
	device_reset(iommu_testdev_driver_entry);
	device_master.regs = (volatile uint8_t *)regs;
	return 0;
}

static int dma(bool write, uint64_t address, uint64_t memory)
{
	const struct master_dma dma = {.write = write, .address = address, .memory = memory, .length = 4};

	memset(device_target, DEVICE_CANARY, PAGE_SIZE);
	arch_cache_clean_invalidate(device_target, PAGE_SIZE);
	return master_start(&device_master, &dma);
}

static void test_one_write(void **state)
{
	uint32_t found[2];

	(void)state;
	assert_int_equal(master_bind(&device_master.device, &device_master.driver->driver), 0);
	device_map();
	assert_int_equal(dma(true, DEVICE_TARGET_IOVA, 0x4512345678ULL), 0);
	assert_int_equal(iommu_testdev_driver_entry->poll(&device_master), 0);
	arch_cache_clean_invalidate(device_target, PAGE_SIZE);
	memcpy(found, device_target, sizeof(found));
	assert_int_equal(found[0], iommu_testdev_driver_entry->pattern);
	assert_int_equal(found[1], 0xa5a5a5a5U);
	assert_true(looked_at == 0x4512345678ULL);
	assert_int_equal(device_memory.writes, 1);
	assert_int_equal(iommu_testdev_driver_entry->can, MASTER_WRITES);
	assert_int_equal(iommu_testdev_driver_entry->length_max, 4);
}

static void test_whole_address(void **state)
{
	(void)state;
	assert_int_equal(master_bind(&device_master.device, &device_master.driver->driver), 0);
	assert_int_equal(dma(true, 0x9abcdef000ULL, 0), 0);
	assert_int_equal(iommu_testdev_driver_entry->poll(&device_master), -EIO);
	assert_true(device_memory.fault == 0x9abcdef000ULL);
}

static void test_results(void **state)
{
	static const struct {
		uint32_t result;
		int error;
	} results[] = {{BUSY, -EAGAIN}, {IDLE, -EAGAIN}, {0, 0}, {1, -EIO}, {0xdead0002U, -EIO}, {0x7fffffff, -EIO}};

	(void)state;
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		regs[RESULT / 4] = results[i].result;
		assert_int_equal(iommu_testdev_driver_entry->poll(&device_master), results[i].error);
	}
}

static void test_it_cannot_read(void **state)
{
	(void)state;
	assert_int_equal(master_bind(&device_master.device, &device_master.driver->driver), 0);
	testdev.triggers = 0;
	assert_int_equal(dma(false, DEVICE_TARGET_IOVA, 0), -ENOTSUP);
	assert_int_equal(testdev.triggers, 0);
}

static void test_another_device_is_a_skip(void **state)
{
	(void)state;
	testdev.takes_no_length = true;
	assert_int_equal(master_bind(&device_master.device, &device_master.driver->driver), -ENODEV);
	assert_non_null(device_master.unfit);
	assert_false(device_is_on_the_bus());
}

/* --- Which driver is whose. --- */

static const struct master_driver *driver_of(uint16_t vendor, uint16_t device, uint32_t class_code)
{
	const struct pci_function function = {.vendor = vendor, .device = device, .class_code = class_code};

	return master_driver_for(&function);
}

static void test_whose_driver(void **state)
{
	(void)state;
	assert_ptr_equal(driver_of(0x1b36, 5, 0x00ff00), iommu_testdev_driver_entry);
	assert_ptr_equal(driver_of(0x1234, 0x11e8, 0x00ff00), edu_driver_entry);
	assert_ptr_equal(driver_of(0x1af4, 0x1042, 0x010000), virtio_blk_driver_entry);
	assert_non_null(driver_of(0x1af4, 0x1001, 0x010000));
	/* By class, any vendor. */
	assert_ptr_equal(driver_of(0x1b36, 0x10, 0x010802), nvme_driver_entry);
	assert_ptr_equal(driver_of(0x144d, 0xa808, 0x010802), nvme_driver_entry);
	assert_null(driver_of(0x1b36, 0x10, 0x010803));
	assert_null(driver_of(0x1b36, 0x11e8, 0x00ff00));
	assert_null(driver_of(0x1234, 5, 0x00ff00));
	assert_null(driver_of(0, 0, 0));
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_one_write),
		TEST(test_whole_address),
		TEST(test_results),
		TEST(test_it_cannot_read),
		TEST(test_another_device_is_a_skip),
		TEST(test_whose_driver),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
