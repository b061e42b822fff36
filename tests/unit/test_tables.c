/* SPDX-License-Identifier: BSD-2-Clause */
/* The order of mapping and reading, and what finds no room. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdbool.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "boot.h"
#include "machine.h"

#define SMMU_BASE 0x900000000ULL
#define ECAM_BASE 0x800000000ULL
#define ECAM_SIZE 0x10000000ULL
#define MAPPED_MAX 8U

static struct machine machine;
static uint64_t mapped[MAPPED_MAX];
static unsigned int mapped_count;
static uint8_t arena[65536] __attribute__((aligned(64)));

/* --- What the rest of the run offers. --- */

const void *boot_device_tree(void)
{
	return NULL;
}

uint64_t boot_device_tree_size(void)
{
	return 0;
}

bool boot_tree_is_named(void)
{
	return false;
}

void boot_facts(struct description *description)
{
	(void)description;
}

void boot_host_facts(struct description *description)
{
	(void)description;
}

const char *boot_arguments(void)
{
	return "";
}

void boot_psci_init(const struct psci_description *psci)
{
	(void)psci;
}

int machine_find_memory(struct machine *of)
{
	(void)of;
	return 0;
}

void machine_check_next(struct machine *of)
{
	(void)of;
}

void machine_check_return(struct machine *of)
{
	(void)of;
}

void machine_note_pci(struct machine *of, struct pci_host *host)
{
	(void)of;
	(void)host;
}

void *machine_take_half(size_t size, unsigned int *count)
{
	(void)size;
	*count = 0;
	return NULL;
}

volatile uint8_t *machine_map_smmu(const struct smmu_description *from)
{
	return arch_map_device(from->base, from->size);
}

/* No room for an ECAM: enumeration ends. */
static volatile void *note_mapping(uint64_t pa, uint64_t size)
{
	(void)size;
	assert_true(mapped_count < MAPPED_MAX);
	mapped[mapped_count++] = pa;
	return NULL;
}

static int reset(void **state)
{
	struct stream_description *streams = &machine.description.streams;

	(void)state;
	arch_hooks_reset();
	arch_hooks.map_device = note_mapping;
	arena_init(arena, sizeof(arena));
	memset(&machine, 0, sizeof(machine));
	mapped_count = 0;
	description_init(&machine.description);
	machine.has_tree = true;
	for (unsigned int i = 0; i < 2; i++) {
		machine.description.host[machine.description.host_count++] = (struct host_description){
			.name = "/pcie",
			.ecam = {.base = ECAM_BASE + i * ECAM_SIZE, .size = ECAM_SIZE},
			.bus_last = 255,
		};
	}
	for (unsigned int i = 0; i < 4; i++) {
		streams->smmu[streams->smmu_count++] = (struct smmu_description){.name = "/iommu",
										 .has_base = true,
										 .base = SMMU_BASE + i * 0x20000,
										 .size = 0x20000,
										 .enabled = true};
	}
	return 0;
}

static unsigned int warned(const char *where, const char *text)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < machine.description.warning_count; i++) {
		count += !strcmp(machine.description.warning[i].where, where) &&
			 !strcmp(machine.description.warning[i].text, text);
	}
	return count;
}

/* An ECAM may use up the addresses; without SMMUs there is no run. */
static void test_tables_smmus_are_mapped_before_ecams(void **state)
{
	(void)state;
	machine.description.streams.smmu[1].enabled = false;
	machine.description.streams.smmu[2].has_base = false;
	assert_int_equal(machine_enumerate(&machine), 0);
	assert_int_equal(machine.pci_count, 0);
	assert_int_equal(mapped_count, 4);
	assert_int_equal(mapped[0], SMMU_BASE);
	assert_int_equal(mapped[1], SMMU_BASE + 3 * 0x20000);
	assert_int_equal(mapped[2], ECAM_BASE);
	assert_int_equal(mapped[3], ECAM_BASE + ECAM_SIZE);
}

/* Reserved; those without room are counted and told once. */
static void test_tables_pages_without_room_are_told_once(void **state)
{
	(void)state;
	machine.options.acpi = 0x48000ff0;
	machine.description.memory[machine.description.memory_count++] =
		(struct range_description){.base = 0x40000000, .size = 0x10000000};
	machine.description.reserved_count = DESCRIPTION_MEMORY_MAX;
	assert_null(machine_find_acpi(&machine).rsdp);
	assert_null(machine_find_acpi(&machine).rsdp);
	assert_int_equal(machine.description.left_out[LIST_MEMORY], 2);
	machine.options.acpi = 0;
	assert_int_equal(machine_enumerate(&machine), 0);
	assert_int_equal(warned("ranges of memory", "2 more than can be listed: left out"), 1);
	assert_int_equal(machine.description.left_out[LIST_MEMORY], 0);
}

#define TEST(name) cmocka_unit_test_setup(name, reset)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_tables_smmus_are_mapped_before_ecams),
		TEST(test_tables_pages_without_room_are_told_once),
	};

	return cmocka_run_group_tests_name("tables", tests, NULL, NULL);
}
