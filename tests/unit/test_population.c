/* SPDX-License-Identifier: BSD-2-Clause */
/* What a description becomes: instances, masters, and refused masters. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "boot.h"
#include "checks/trial.h"
#include "device.h"
#include "machine.h"
#include "report/finding.h"
#include "said.h"
#include "smmuv3/registers.h"

#define IMAGE 0x40200000ULL
#define IMAGE_SIZE 0x100000U
#define FULL "the core could not take it: memory for masters ran out"
#define TAKEN "another core is using it"

static uint8_t arena[1U << 20] __attribute__((aligned(64)));
static uint8_t regs[2 * SMMU_PAGES_SIZE];
static struct machine machine;
static bool arena_is_full;
static bool is_taken;

const struct range_description *boot_given_memory(void)
{
	return NULL;
}

uint64_t boot_image_start(void)
{
	return IMAGE;
}

uint64_t boot_image_end(void)
{
	while (arena_is_full && arena_allocate(1, 1)) {
	}
	if (is_taken) {
		word_store(&machine.master[1].iommu.presence, PRESENCE_LEAVING);
	}
	return IMAGE + IMAGE_SIZE;
}

static uint8_t pages[16 * PAGE_SIZE];

uint8_t *machine_dma_pages(struct machine *of, unsigned int count)
{
	uint8_t *taken = &pages[of->dma_used];

	of->dma_used += count * PAGE_SIZE;
	return taken;
}

static volatile void *map_device(uint64_t pa, uint64_t size)
{
	(void)pa;
	(void)size;
	return regs;
}

/* Two masters of one SMMU, the second with a region. */
static void describe(uint64_t region)
{
	struct description *description = &machine.description;
	struct stream_description *streams = &description->streams;
	static const char *const master[] = {"/first", "/second"};

	description_init(description);
	streams->smmu[0] = (struct smmu_description){
		.name = "/smmu", .has_base = true, .base = 0xc000000, .size = SMMU_PAGES_SIZE, .enabled = true};
	streams->smmu_count = 1;
	for (unsigned int i = 0; i < 2; i++) {
		streams->fixed[i] =
			(struct fixed_description){.first = 8 + i, .last = 8 + i, .master = master[i], .enabled = true};
	}
	streams->fixed_count = 2;
	streams->direct[0] = (struct direct_description){
		.first = 9, .last = 9, .mapped = true, .base = region, .size = PAGE_SIZE, .where = "/memory"};
	streams->direct_count = 1;
}

static void populate(uint64_t region)
{
	describe(region);
	machine_populate(&machine);
	assert_int_equal(machine.master_count, 2);
}

static int setup(void **state)
{
	(void)state;
	memset(&machine, 0, sizeof(machine));
	arch_hooks_reset();
	arch_hooks.map_device = map_device;
	arena_init(arena, sizeof(arena));
	arena_is_full = false;
	is_taken = false;
	findings_forget();
	memset((void *)(uintptr_t)rtt_address(), 0, RTT_BUFFER_SIZE);
	return 0;
}

static bool is_known(unsigned int i)
{
	return iommu_master_of(&machine.core, smmuv3_iommu(machine.smmu[0]), 8 + i) == &machine.master[i].iommu;
}

static void test_each_master_is_the_cores(void **state)
{
	(void)state;
	populate(0x80000000);
	assert_true(is_known(0) && is_known(1));
	assert_int_equal(machine.master[1].iommu.region_count, 1);
	findings_report();
	assert_int_equal(said("warning:"), 0);
	assert_int_equal(said("not_added"), 0);
}

static void test_a_master_that_the_core_refuses(void **state)
{
	(void)state;
	arena_is_full = true;
	populate(0x80000000);
	assert_true(is_known(0) && !is_known(1));
	assert_int_equal(said("  warning: /second: " FULL " (-12)"), 1);
	assert_null(machine.master[0].iommu.reason);
	assert_string_equal(machine.master[1].iommu.reason, FULL);
	findings_report();
	assert_int_equal(said(". warning /second: not_added: " FULL), 1);
	assert_int_equal(said("/first: not_added"), 0);
}

/* Memory is not to blame. */
static void test_a_master_that_another_core_uses(void **state)
{
	(void)state;
	is_taken = true;
	populate(0x80000000);
	assert_int_equal(said("  warning: /second: " TAKEN " (-16)"), 1);
	assert_string_equal(machine.master[1].iommu.reason, TAKEN);
	findings_report();
	assert_int_equal(said(". warning /second: not_added: " TAKEN), 1);
}

static void test_no_region_is_mapped_over_the_firmware(void **state)
{
	static const uint64_t inside[] = {IMAGE, IMAGE + IMAGE_SIZE - 1};

	for (unsigned int i = 0; i < 2; i++) {
		setup(state);
		populate(inside[i]);
		assert_int_equal(said("is where this firmware is: not mapped"), 1);
		assert_int_equal(machine.master[1].iommu.region_count, 0);
		assert_true(is_known(1));
	}
	setup(state);
	populate(IMAGE + IMAGE_SIZE);
	assert_int_equal(machine.master[1].iommu.region_count, 1);
	setup(state);
	populate(IMAGE - PAGE_SIZE);
	assert_int_equal(machine.master[1].iommu.region_count, 1);
}

static int bind_fake(struct device *device, const struct driver *driver)
{
	(void)device;
	(void)driver;
	return 0;
}

static const struct master_driver fake = {
	.driver = {.name = "fake", .bind = bind_fake}, .vendor = 0x1234, .device = 0x5678, .work_pages = 1};

MASTER_DRIVER(fake);

/* Of thousands of functions few are driven, and edu's addresses have 28 bits. */
static void test_only_driven_masters_have_addresses(void **state)
{
	static struct pci_function function[5];
	static struct pci_host host = {.function = function, .function_count = 5};

	(void)state;
	for (unsigned int i = 0; i < 5; i++) {
		function[i] = (struct pci_function){.host = &host, .requester_id = (uint16_t)(8 * i), .parent = -1};
		function[i].kind = i < 2 ? PCI_BRIDGE : PCI_ENDPOINT;
		function[i].vendor = 0x1234;
		function[i].device = 0x5678;
		function[i].bar[0] = (struct pci_bar){.address = 0x10000000, .size = PAGE_SIZE};
	}
	machine.pci = &host;
	machine.pci_count = 1;
	describe(0x80000000);
	machine_populate(&machine);
	assert_int_equal(machine.master_count, 7);
	for (unsigned int i = 2; i < 5; i++) {
		const struct master *master = &machine.master[i];

		assert_null(master->unfit);
		assert_true(trial_iova(master, 0) == TRIAL_IOVA_FIRST || i > 2);
		/* With its work page. */
		assert_true(trial_iova(master, MASTER_PAGES) < trial_iova(master + 1, 0) || i == 4);
		assert_true(trial_iova(master, MASTER_PAGES) < TRIAL_IOVA_COMMON);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_each_master_is_the_cores, setup),
		cmocka_unit_test_setup(test_a_master_that_the_core_refuses, setup),
		cmocka_unit_test_setup(test_a_master_that_another_core_uses, setup),
		cmocka_unit_test_setup(test_no_region_is_mapped_over_the_firmware, setup),
		cmocka_unit_test_setup(test_only_driven_masters_have_addresses, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
