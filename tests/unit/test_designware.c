/* SPDX-License-Identifier: BSD-2-Clause */
/* A DesignWare PCI host on a model of its registers: one device below the port, and one behind that. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arch.h"
#include "base/arena.h"
#include "pci/host.h"
#include "pci/registers.h"

#define DBI 0x33800000ULL
#define DBI_SIZE 0x400000ULL
#define CONFIG 0x1ff00000ULL
#define ATU 0x44000000ULL
#define ATU_IN_DBI (DBI + 0x300000ULL)
#define PAGE 0x1000ULL
#define REGIONS_MAX 8U
#define WORDS 9U

enum { CONTROL1, CONTROL2, LOWER_BASE, UPPER_BASE, LIMIT, LOWER_TARGET, UPPER_TARGET, UNUSED, UPPER_LIMIT };

#define TYPE_IO 2U
#define TYPE_CONFIG0 4U
#define TYPE_CONFIG1 5U
#define ENABLE 0x80000000U
#define LARGE 0x2000U

#define PORT_ID 0xabcd16c3U
#define BELOW_ID 0x00101b36U
#define BEHIND_ID 0x11e81234U
#define LINK_UP 0x10U
#define TRAINING 0x20000000U
#define MEMORY_CPU 0x18000000ULL
#define MEMORY_SIZE 0x7f00000ULL
#define VIEWPORT_FOUND 0x80000001U

/* --- The model. --- */

static struct {
	bool clock;
	uint32_t debug;
	bool unrolled;
	uint64_t atu;
	unsigned int regions;
	uint32_t viewport;
	uint32_t word[REGIONS_MAX][WORDS];
	uint32_t active[REGIONS_MAX][WORDS]; /* Takes effect when CONTROL2 is written. */
	uint32_t port[16];		     /* The root port's header. */
	bool enables;			     /* Else ENABLE reads 0. */
	bool aborts;			     /* What nothing answers to. */
	unsigned int writes;
	unsigned int requests;
	uint32_t last_request; /* Requester ID, as the target has it. */
	uint32_t last_type;
	uint32_t written; /* Last word that reached a function. */
} model;

static uint8_t arena[65536] __attribute__((aligned(64)));
static struct pci_host host;
static struct pci_function functions[8];
static struct pci_registers place[PCI_PLACE_COUNT];
static const struct pci_host_driver *driver;

extern const struct pci_host_driver *const designware_driver_entry; /* Links it. */

static uint64_t address_of(const volatile void *reg)
{
	return (uint64_t)(uintptr_t)reg;
}

/* Where a region's register is kept, or NULL. */
static uint32_t *region_register(uint64_t at, uint32_t *index)
{
	uint64_t offset = at - (model.unrolled ? model.atu : DBI + 0x904U);
	uint64_t region = model.unrolled ? offset / 0x200U : model.viewport;

	offset = model.unrolled ? offset % 0x200U : offset;
	*index = (uint32_t)region;
	return region < model.regions && offset < sizeof(model.word[0]) ? &model.word[region][offset / 4] : NULL;
}

/* The first region that the window's address falls into. */
static uint32_t answer_of(uint64_t at)
{
	for (uint32_t i = 0; i < model.regions; i++) {
		const uint32_t *region = model.active[i];

		if (!(region[CONTROL2] & ENABLE) || at < region[LOWER_BASE] || at > region[LIMIT]) {
			continue;
		}
		model.requests++;
		model.last_request = region[LOWER_TARGET] >> 16;
		model.last_type = region[CONTROL1];
		assert_int_equal(region[LOWER_BASE], CONFIG);
		assert_int_equal(region[UPPER_BASE] | region[UPPER_TARGET], 0);
		break;
	}
	if (model.last_type == TYPE_CONFIG0 && model.last_request >> 8 == 1) {
		return BELOW_ID;
	}
	return model.last_type == TYPE_CONFIG1 && model.last_request == 0x208 ? BEHIND_ID : UINT32_MAX;
}

static bool is_absent(const volatile void *reg)
{
	uint64_t at = address_of(reg);

	if (at - DBI < DBI_SIZE && !model.clock) {
		return true;
	}
	return at - CONFIG < PAGE && model.aborts && answer_of(at) == UINT32_MAX;
}

static uint32_t port_read(uint64_t offset)
{
	switch (offset) {
	case 0x72c:
		return model.debug;
	case 0x900:
		return model.unrolled ? UINT32_MAX : model.viewport;
	default:
		return offset < sizeof(model.port) ? model.port[offset / 4] : 0;
	}
}

static uint32_t hook_read(const volatile void *reg)
{
	uint64_t at = address_of(reg);
	uint32_t index;
	const uint32_t *word = region_register(at, &index);

	assert_true(model.clock);
	if (word) {
		return *word;
	}
	if (at - CONFIG < PAGE) {
		uint32_t id = answer_of(at);

		assert_true(id != UINT32_MAX || !model.aborts);
		return id != UINT32_MAX && at != CONFIG ? 0 : id;
	}
	assert_true(at - DBI < PAGE);
	return port_read(at - DBI);
}

static void hook_write(volatile void *reg, uint32_t value)
{
	uint64_t at = address_of(reg);
	uint32_t index;
	uint32_t *word = region_register(at, &index);

	model.writes++;
	if (word) {
		*word = value;
		if (word == &model.word[index][CONTROL2]) {
			*word = model.enables ? value : value & ~ENABLE;
			memcpy(model.active[index], model.word[index], sizeof(model.active[index]));
		}
	} else if (at - CONFIG < PAGE) {
		model.written = answer_of(at) != UINT32_MAX ? value : model.written;
	} else if (at == DBI + 0x900U) {
		model.viewport = model.unrolled ? 0 : value;
	} else {
		assert_true(at - DBI < sizeof(model.port));
		model.port[(at - DBI) / 4] = value;
	}
}

static void set_region(unsigned int index, uint32_t type, uint64_t base, uint64_t size, uint64_t target)
{
	uint32_t *word = model.word[index];

	word[CONTROL1] = type;
	word[CONTROL2] = ENABLE;
	word[LOWER_BASE] = (uint32_t)base;
	word[UPPER_BASE] = (uint32_t)(base >> 32);
	word[LIMIT] = (uint32_t)(base + size - 1);
	word[LOWER_TARGET] = (uint32_t)target;
	word[UPPER_TARGET] = (uint32_t)(target >> 32);
	memcpy(model.active[index], word, sizeof(model.active[index]));
}

static int setup(void **state)
{
	(void)state;
	memset(&model, 0, sizeof(model));
	memset(&host, 0, sizeof(host));
	memset(place, 0, sizeof(place));
	arena_init(arena, sizeof(arena));
	arch_hooks_reset();
	arch_hooks.read32 = hook_read;
	arch_hooks.write32 = hook_write;
	arch_hooks.is_absent = is_absent;
	model.clock = true;
	model.enables = true;
	model.debug = LINK_UP;
	model.regions = 4;
	model.viewport = VIEWPORT_FOUND;
	model.port[0] = PORT_ID;
	model.port[PCI_CLASS / 4] = 0x06040000U;
	model.port[PCI_HEADER / 4] = 0x00010000U;
	model.port[PCI_BAR0 / 4] = 0xfff00004U;
	model.port[PCI_BRIDGE_BUSES / 4] = 0x00020100U;
	for (unsigned int i = 0; i < REGIONS_MAX; i++) {
		for (unsigned int k = 0; k < WORDS; k++) {
			model.word[i][k] = 0x01000000U * (i + 1) + k;
		}
	}
	set_region(0, 0, MEMORY_CPU, MEMORY_SIZE, MEMORY_CPU);
	place[PCI_PLACE_DBI] = (struct pci_registers){DBI, DBI_SIZE};
	place[PCI_PLACE_CONFIG] = (struct pci_registers){CONFIG, 0x80000};
	host.bus_last = 255;
	host.memory32 = (struct pci_window){.base = MEMORY_CPU, .size = MEMORY_SIZE};
	host.function = functions;
	host.function_max = sizeof(functions) / sizeof(functions[0]);
	driver = pci_host_driver_for(place);
	host.driver = driver;
	return driver ? 0 : -1;
}

static void unroll(uint64_t at)
{
	model.unrolled = true;
	model.regions = REGIONS_MAX;
	model.atu = at;
}

static void opens(void)
{
	assert_null(driver->open(&host, place));
}

/* Not one register was written that was not written back. */
static void refuses(const char *words)
{
	uint32_t before[REGIONS_MAX][WORDS];
	const char *why;

	memcpy(before, model.word, sizeof(before));
	why = driver->open(&host, place);
	assert_non_null(why);
	assert_non_null(strstr(why, words));
	assert_memory_equal(before, model.word, sizeof(before));
	assert_int_equal(model.viewport, VIEWPORT_FOUND);
}

/* --- Opening. --- */

static void test_designware_is_known_by_its_registers(void **state)
{
	(void)state;
	assert_string_equal(driver->name, "DesignWare");
	assert_ptr_equal(driver, designware_driver_entry);
	place[PCI_PLACE_CONFIG].size = 0;
	assert_null(pci_host_driver_for(place));
	place[PCI_PLACE_CONFIG].size = 0x1000;
	place[PCI_PLACE_DBI].size = 0;
	place[PCI_PLACE_ATU].size = 0x1000;
	assert_null(pci_host_driver_for(place));
}

static void test_designware_clock_off(void **state)
{
	(void)state;
	model.clock = false;
	refuses("do not answer");
	model.clock = true;
	model.port[0] = UINT32_MAX;
	refuses("do not answer");
	model.port[0] = 0;
	refuses("do not answer");
	assert_int_equal(model.writes, 0);
}

static void test_designware_link_down(void **state)
{
	(void)state;
	model.debug = 0;
	refuses("link is down");
	model.debug = LINK_UP | TRAINING;
	refuses("link is down");
	assert_int_equal(model.writes, 0);
}

static void test_designware_no_region_is_free(void **state)
{
	(void)state;
	for (unsigned int i = 1; i < model.regions; i++) {
		set_region(i, TYPE_IO, MEMORY_CPU + 0x100000000ULL * i, 0x1000, 0);
	}
	refuses("no outbound region");
}

static void test_designware_last_region_is_taken(void **state)
{
	(void)state;
	for (unsigned int i = 1; i + 1 < model.regions; i++) {
		set_region(i, TYPE_IO, 0x10000000U * (i + 2), 0x1000, 0);
	}
	opens();
	assert_int_equal(model.word[model.regions - 1][LOWER_BASE], CONFIG);
}

static void test_designware_memory_over_its_window(void **state)
{
	(void)state;
	set_region(0, 0, CONFIG - 0x1000, 0x1001, 0);
	refuses("no outbound region");
	set_region(0, 0, CONFIG + 0xfff, 0x1000, 0);
	refuses("no outbound region");
	set_region(0, 0, CONFIG - 0x1000, 0x1000, 0);
	opens();
}

static void test_designware_region_that_does_not_enable(void **state)
{
	(void)state;
	model.enables = false;
	refuses("no outbound region");
}

static void test_designware_unrolled_where_it_is_described(void **state)
{
	(void)state;
	unroll(ATU);
	place[PCI_PLACE_ATU] = (struct pci_registers){ATU, 0x1000};
	opens();
	assert_int_equal(model.word[1][LOWER_BASE], CONFIG);
	assert_int_equal(pci_config_read(&host, 0x100, 0), BELOW_ID);
}

static void test_designware_unrolled_within_dbi(void **state)
{
	(void)state;
	unroll(ATU_IN_DBI);
	opens();
	assert_int_equal(pci_config_read(&host, 0x100, 0), BELOW_ID);
}

static void test_designware_unrolled_nowhere(void **state)
{
	(void)state;
	unroll(ATU_IN_DBI);
	place[PCI_PLACE_DBI].size = 0x300fff;
	refuses("is not described");
	place[PCI_PLACE_DBI].size = 0x301000;
	opens();
}

/* --- Accesses. --- */

static void test_designware_port_is_on_the_root_bus(void **state)
{
	(void)state;
	opens();
	assert_int_equal(pci_config_read(&host, 0, 0), PORT_ID);
	assert_int_equal(pci_config_read(&host, 1, 0), UINT32_MAX);
	assert_int_equal(pci_config_read(&host, 8, 0), UINT32_MAX);
	pci_config_write(&host, 0, PCI_COMMAND, 6);
	assert_int_equal(model.port[PCI_COMMAND / 4], 6);
	pci_config_write(&host, 8, PCI_COMMAND, 1);
	assert_int_equal(model.port[PCI_COMMAND / 4], 6);
	assert_int_equal(model.requests, 0);
}

static void test_designware_port_has_no_bars(void **state)
{
	static const unsigned int hidden[] = {PCI_BAR0, PCI_BAR0 + 4, PCI_BRIDGE_ROM};

	(void)state;
	opens();
	model.port[PCI_BRIDGE_ROM / 4] = 0xfff00001U;
	for (unsigned int i = 0; i < 3; i++) {
		uint32_t before = model.port[hidden[i] / 4];

		pci_config_write(&host, 0, hidden[i], UINT32_MAX);
		assert_int_equal(pci_config_read(&host, 0, hidden[i]), 0);
		assert_int_equal(model.port[hidden[i] / 4], before);
	}
}

static void test_designware_type_0_below_and_type_1_beyond(void **state)
{
	(void)state;
	opens();
	assert_int_equal(pci_config_read(&host, 0x100, 0), BELOW_ID);
	assert_int_equal(model.last_type, TYPE_CONFIG0);
	assert_int_equal(pci_config_read(&host, 0x208, 0), BEHIND_ID);
	assert_int_equal(model.last_type, TYPE_CONFIG1);
	pci_config_write(&host, 0x103, 0x10, 0x1234);
	assert_int_equal(model.written, 0x1234);
	assert_int_equal(model.last_request, 0x103);
}

/* The model's device answers for all of them, as real ones do. */
static void test_designware_one_device_below(void **state)
{
	(void)state;
	opens();
	assert_int_equal(pci_config_read(&host, 0x108, 0), UINT32_MAX);
	pci_config_write(&host, 0x1f8, 0x10, 0x1234);
	assert_int_equal(model.requests + model.written, 0);
}

static void test_designware_forwards_its_buses_alone(void **state)
{
	(void)state;
	opens();
	assert_int_equal(pci_config_read(&host, 0x300, 0), UINT32_MAX);
	model.port[PCI_BRIDGE_BUSES / 4] = 0;
	assert_int_equal(pci_config_read(&host, 0x100, 0), UINT32_MAX);
	assert_int_equal(model.requests, 0);
}

static void test_designware_link_that_goes_down(void **state)
{
	(void)state;
	opens();
	model.debug = 0;
	assert_int_equal(pci_config_read(&host, 0x100, 0), UINT32_MAX);
	pci_config_write(&host, 0x100, 0x10, 0x1234);
	assert_int_equal(model.requests, 0);
	assert_int_equal(pci_config_read(&host, 0, 0), PORT_ID);
}

/* Twice: the lock is free again. */
static void test_designware_abort_is_no_answer(void **state)
{
	(void)state;
	opens();
	model.aborts = true;
	assert_int_equal(pci_config_read(&host, 0x200, 0), UINT32_MAX);
	assert_int_equal(pci_config_read(&host, 0x100, 0), BELOW_ID);
}

static void test_designware_enumerates(void **state)
{
	(void)state;
	opens();
	assert_int_equal(pci_enumerate(&host, NULL), 0);
	assert_int_equal(host.function_count, 2);
	assert_int_equal(host.function[0].kind, PCI_BRIDGE);
	assert_string_equal(host.function[1].name, "0000:01:00.0");
	assert_int_equal(host.function[1].vendor, BELOW_ID & 0xffff);
	assert_int_equal(host.function[0].bar[0].size, 0);
}

/* --- Windows. --- */

static uint64_t size_left(uint64_t base, uint64_t size, uint64_t to_cpu)
{
	host.memory64 = (struct pci_window){.base = base, .size = size, .to_cpu = to_cpu};
	opens();
	driver->close(&host);
	return host.memory64.size;
}

static void test_designware_windows_that_are_passed_on(void **state)
{
	(void)state;
	set_region(2, 0, 0x400000000ULL, 0x10000000, 0x80000000ULL);
	assert_int_equal(size_left(0x80000000ULL, 0x10000000, 0x380000000ULL), 0x10000000);
	assert_int_equal(size_left(0x80100000ULL, 0xff00000, 0x380000000ULL), 0xff00000);
	assert_int_equal(host.memory32.size, MEMORY_SIZE);
	/* The bus between cuts off what is above 32 bits. */
	assert_int_equal(size_left(MEMORY_CPU, MEMORY_SIZE, 0x900000000ULL), MEMORY_SIZE);
}

static void test_designware_windows_that_are_not(void **state)
{
	(void)state;
	set_region(2, 0, 0x400000000ULL, 0x10000000, 0x80000000ULL);
	assert_int_equal(size_left(0x80000000ULL, 0x10000001, 0x380000000ULL), 0);
	assert_int_equal(size_left(0x7ff00000ULL, 0x200000, 0x380000000ULL), 0);
	assert_int_equal(size_left(0x80001000ULL, 0x1000, 0x37ffff000ULL), 0);
	assert_int_equal(size_left(0x80000000ULL, 0x1000, 0x480000000ULL), 0);
	model.word[2][CONTROL1] = TYPE_IO;
	assert_int_equal(size_left(0x80000000ULL, 0x1000, 0x380000000ULL), 0);
	model.word[2][CONTROL1] = 0;
	model.word[2][CONTROL2] = 0;
	assert_int_equal(size_left(0x80000000ULL, 0x1000, 0x380000000ULL), 0);
}

static void test_designware_window_of_more_than_4_gib(void **state)
{
	(void)state;
	set_region(2, LARGE, 0x400000000ULL, 0x200000000ULL, 0x400000000ULL);
	model.word[2][UPPER_LIMIT] = 5;
	assert_int_equal(size_left(0x400000000ULL, 0x200000000ULL, 0), 0x200000000ULL);
	model.word[2][CONTROL1] = 0;
	assert_int_equal(size_left(0x400000000ULL, 0x200000000ULL, 0), 0);
}

/* --- And back. --- */

static void comes_back(unsigned int region)
{
	uint32_t before[REGIONS_MAX][WORDS];

	memcpy(before, model.word, sizeof(before));
	opens();
	assert_int_equal(model.word[region][LOWER_BASE], CONFIG);
	assert_int_equal(pci_config_read(&host, 0x208, 0), BEHIND_ID);
	driver->close(&host);
	assert_memory_equal(before, model.word, sizeof(before));
	assert_memory_equal(before[region], model.active[region], sizeof(before[region]));
}

static void test_designware_free_region_is_put_back(void **state)
{
	(void)state;
	comes_back(1);
	assert_int_equal(model.viewport, VIEWPORT_FOUND);
}

static void test_designware_region_over_its_window_is_put_back(void **state)
{
	(void)state;
	set_region(2, TYPE_CONFIG1, CONFIG, 0x80000, 0x01000000);
	comes_back(2);
	assert_int_equal(model.viewport, VIEWPORT_FOUND);
}

static void test_designware_unrolled_region_is_put_back(void **state)
{
	(void)state;
	unroll(ATU_IN_DBI);
	set_region(0, TYPE_CONFIG0, CONFIG, 0x1000, 0x01000000);
	comes_back(0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		TEST(test_designware_is_known_by_its_registers),
		TEST(test_designware_clock_off),
		TEST(test_designware_link_down),
		TEST(test_designware_no_region_is_free),
		TEST(test_designware_last_region_is_taken),
		TEST(test_designware_memory_over_its_window),
		TEST(test_designware_region_that_does_not_enable),
		TEST(test_designware_unrolled_where_it_is_described),
		TEST(test_designware_unrolled_within_dbi),
		TEST(test_designware_unrolled_nowhere),
		TEST(test_designware_port_is_on_the_root_bus),
		TEST(test_designware_port_has_no_bars),
		TEST(test_designware_type_0_below_and_type_1_beyond),
		TEST(test_designware_one_device_below),
		TEST(test_designware_forwards_its_buses_alone),
		TEST(test_designware_link_that_goes_down),
		TEST(test_designware_abort_is_no_answer),
		TEST(test_designware_enumerates),
		TEST(test_designware_windows_that_are_passed_on),
		TEST(test_designware_windows_that_are_not),
		TEST(test_designware_window_of_more_than_4_gib),
		TEST(test_designware_free_region_is_put_back),
		TEST(test_designware_region_over_its_window_is_put_back),
		TEST(test_designware_unrolled_region_is_put_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
