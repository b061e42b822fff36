/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>

#include "arch.h"
#include "base/arena.h"
#include "pgtable/pgtable.h"

#define ARENA_SIZE (4U << 20)
#define PAGE 4096ULL
#define RW (PGTABLE_READ | PGTABLE_WRITE)

static void *memory;
static struct pgtable table;

static int setup(void **state)
{
	(void)state;
	arch_hooks_reset();
	memory = aligned_alloc(PAGE_SIZE, ARENA_SIZE);
	arena_init(memory, ARENA_SIZE);
	return pgtable_init(&table, 48, 44, true);
}

static int teardown(void **state)
{
	(void)state;
	pgtable_destroy(&table);
	free(memory);
	return 0;
}

static void assert_leads(uint64_t iova, uint64_t wanted, unsigned int wanted_access)
{
	uint64_t pa = ~0ULL;
	unsigned int access = 0;

	assert_int_equal(pgtable_translate(&table, iova, &pa, &access), 0);
	assert_int_equal(pa, wanted);
	assert_int_equal(access, wanted_access);
}

static void assert_unmapped(uint64_t iova)
{
	uint64_t pa;
	unsigned int access;

	assert_int_equal(pgtable_translate(&table, iova, &pa, &access), -ENOENT);
}

static void test_map_and_translate(void **state)
{
	(void)state;
	assert_int_equal(pgtable_map(&table, 0x1000, 0x80000000, 2 * PAGE, RW), 0);
	assert_leads(0x1000, 0x80000000, RW);
	assert_leads(0x2ffc, 0x80001ffc, RW);
	assert_unmapped(0x0fff);
	assert_unmapped(0x3000);
}

static void test_read_only(void **state)
{
	(void)state;
	assert_int_equal(pgtable_map(&table, 0x5000, 0x90000000, PAGE, PGTABLE_READ), 0);
	assert_leads(0x5000, 0x90000000, PGTABLE_READ);
}

static void test_leaf_bits_are_the_architectures(void **state)
{
	const uint64_t *entries = table.root;

	(void)state;
	assert_int_equal(pgtable_map(&table, 0, 0x12345000, PAGE, RW), 0);
	for (int level = 0; level < 3; level++) {
		assert_int_equal(entries[0] & 3, 3);
		entries = arch_virt(entries[0] & 0x0000fffffffff000ULL);
	}
	/* UXN PXN, nG, AF, SH inner, AP[1], AttrIndx 0, page. */
	assert_int_equal(entries[0], 0x0060000012345f43ULL);
}

static void test_map_10_physical_address_zero_is_mapped(void **state)
{
	(void)state;
	assert_int_equal(pgtable_map(&table, 0x7000, 0, PAGE, RW), 0);
	assert_leads(0x7000, 0, RW);
	assert_int_equal(pgtable_map(&table, 0x7000, 0, PAGE, RW), -EEXIST);
}

static void test_overmap_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(pgtable_map(&table, 0x3000, 0x80003000, PAGE, RW), 0);
	assert_int_equal(pgtable_map(&table, 0x1000, 0xa0000000, 4 * PAGE, RW), -EEXIST);
	assert_unmapped(0x1000);
	assert_unmapped(0x2000);
	assert_leads(0x3000, 0x80003000, RW);
	assert_unmapped(0x4000);
	assert_int_equal(table.mapped_pages, 1);
}

static void test_map_03_unmap(void **state)
{
	(void)state;
	assert_int_equal(pgtable_map(&table, 0x1000, 0x80000000, 3 * PAGE, RW), 0);
	assert_int_equal(pgtable_unmap(&table, 0x2000, PAGE), 0);
	assert_leads(0x1000, 0x80000000, RW);
	assert_unmapped(0x2000);
	assert_leads(0x3000, 0x80002000, RW);
}

static void test_unmap_of_a_hole_changes_nothing(void **state)
{
	(void)state;
	assert_int_equal(pgtable_map(&table, 0x1000, 0x80000000, PAGE, RW), 0);
	assert_int_equal(pgtable_unmap(&table, 0x1000, 2 * PAGE), -ENOENT);
	assert_leads(0x1000, 0x80000000, RW);
}

static void test_bad_arguments(void **state)
{
	(void)state;
	assert_int_equal(pgtable_map(&table, 0x1001, 0, PAGE, RW), -EINVAL);
	assert_int_equal(pgtable_map(&table, 0x1000, 4, PAGE, RW), -EINVAL);
	assert_int_equal(pgtable_map(&table, 0x1000, 0, PAGE + 1, RW), -EINVAL);
	assert_int_equal(pgtable_map(&table, 0x1000, 0, 0, RW), -EINVAL);
	assert_int_equal(pgtable_map(&table, 0x1000, 0, PAGE, PGTABLE_WRITE), -EINVAL);
	assert_int_equal(pgtable_map(&table, 0x1000, 0, PAGE, 0), -EINVAL);
	assert_int_equal(pgtable_init(&table, 49, 44, true), -EINVAL);
	assert_int_equal(pgtable_init(&table, 48, 52, true), -EINVAL);
	assert_int_equal(pgtable_init(&table, 24, 44, true), -EINVAL);
	assert_int_equal(pgtable_init(&table, 48, 31, true), -EINVAL);
}

static void test_levels_are_rounded_up(void **state)
{
	static const struct {
		unsigned int input_bits;
		unsigned int levels;
	} cases[] = {{25, 2}, {30, 2}, {31, 3}, {39, 3}, {40, 4}, {48, 4}};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint64_t last = (1ULL << cases[i].input_bits) - PAGE;

		pgtable_destroy(&table);
		assert_int_equal(pgtable_init(&table, cases[i].input_bits, 44, true), 0);
		assert_int_equal(table.levels, cases[i].levels);
		assert_int_equal(pgtable_t0sz(&table), 64 - cases[i].input_bits);
		assert_int_equal(pgtable_map(&table, last, 0x80000000, PAGE, RW), 0);
		assert_leads(last, 0x80000000, RW);
		assert_unmapped(0);
	}
}

/* Two addresses that differ in the highest bit of one level's index alone. */
static void test_every_index_bit_counts(void **state)
{
	(void)state;
	assert_int_equal(pgtable_map(&table, 0, 0x80000000, PAGE, RW), 0);
	for (unsigned int bit = 12; bit < 48; bit++) {
		assert_unmapped(1ULL << bit);
		assert_int_equal(pgtable_map(&table, 1ULL << bit, 0x90000000 + bit * PAGE, PAGE, RW), 0);
	}
	for (unsigned int bit = 12; bit < 48; bit++) {
		assert_leads(1ULL << bit, 0x90000000 + bit * PAGE, RW);
	}
}

static void test_memory_attributes(void **state)
{
	(void)state;
	assert_int_equal(pgtable_mair(), 0xff);
}

static uint64_t root_at_first_wmb;
static uint64_t leaf_at_last_wmb;
static const uint64_t *leaf;

static void look_at_barriers(void)
{
	if (root_at_first_wmb == ~0ULL) {
		root_at_first_wmb = table.root[0];
	}
	if (leaf) {
		leaf_at_last_wmb = *leaf;
	}
}

static void test_map_13_stores_are_ordered(void **state)
{
	(void)state;
	arch_hooks.wmb = look_at_barriers;
	root_at_first_wmb = ~0ULL;
	leaf = NULL;
	assert_int_equal(pgtable_map(&table, 0x1000, 0x80000000, PAGE, RW), 0);
	/* A new table is empty in memory before anything points at it. */
	assert_int_equal(root_at_first_wmb, 0);
	/* On return everything is in memory. */
	leaf = table.root;
	for (int level = 0; level < 3; level++) {
		leaf = arch_virt(leaf[0] & 0x0000fffffffff000ULL);
	}
	leaf += 2;
	assert_int_equal(pgtable_map(&table, 0x2000, 0x90000000, PAGE, RW), 0);
	assert_int_equal(leaf_at_last_wmb & 0x0000fffffffff000ULL, 0x90000000);
	assert_int_equal(pgtable_unmap(&table, 0x2000, PAGE), 0);
	assert_int_equal(leaf_at_last_wmb, 0);
}

static void test_map_12_range_boundaries(void **state)
{
	uint64_t last = (1ULL << 48) - PAGE;

	(void)state;
	assert_int_equal(pgtable_map(&table, last, 0x80000000, PAGE, RW), 0);
	assert_leads(last, 0x80000000, RW);
	assert_int_equal(pgtable_map(&table, last, 0x80000000, 2 * PAGE, RW), -ERANGE);
	assert_int_equal(pgtable_map(&table, 1ULL << 48, 0, PAGE, RW), -ERANGE);
	assert_int_equal(pgtable_map(&table, 0 - PAGE, 0, 2 * PAGE, RW), -ERANGE);
	assert_int_equal(pgtable_map(&table, 0, 1ULL << 44, PAGE, RW), -ERANGE);
	assert_int_equal(pgtable_map(&table, 0, (1ULL << 44) - PAGE, 2 * PAGE, RW), -ERANGE);
	assert_int_equal(pgtable_map(&table, 0, (1ULL << 44) - PAGE, PAGE, RW), 0);
	assert_unmapped(~0ULL);
}

static void test_map_09_out_of_memory_unrolls(void **state)
{
	struct pgtable other;

	(void)state;
	while (page_allocate()) {
	}
	assert_int_equal(pgtable_init(&other, 48, 44, true), -ENOMEM);
	assert_int_equal(pgtable_map(&table, 0x1000, 0x80000000, PAGE, RW), -ENOMEM);
	assert_unmapped(0x1000);
}

static void test_out_of_memory_in_the_middle_unrolls(void **state)
{
	uint64_t boundary = 0x200000; /* Where the next last-level table begins. */

	(void)state;
	assert_int_equal(pgtable_map(&table, 0, 0x80000000, PAGE, RW), 0);
	while (page_allocate()) {
	}
	assert_int_equal(pgtable_map(&table, boundary - PAGE, 0x90000000, 2 * PAGE, RW), -ENOMEM);
	assert_unmapped(boundary - PAGE);
	assert_leads(0, 0x80000000, RW);
	assert_int_equal(table.mapped_pages, 1);
}

static void test_map_14_noncoherent_walker_sees_every_store(void **state)
{
	struct pgtable noncoherent;
	uint64_t before;

	(void)state;
	assert_int_equal(pgtable_init(&noncoherent, 39, 40, false), 0);
	before = arch_hooks.clean_count;
	assert_int_equal(pgtable_map(&noncoherent, 0, 0x80000000, 2 * PAGE, RW), 0);
	/* Two new tables, the two entries that point at them, two leaves. */
	assert_int_equal(arch_hooks.clean_count - before, 6);
	before = arch_hooks.clean_count;
	assert_int_equal(pgtable_unmap(&noncoherent, 0, 2 * PAGE), 0);
	assert_int_equal(arch_hooks.clean_count - before, 2);
	pgtable_destroy(&noncoherent);
}

static void test_destroy_gives_every_page_back(void **state)
{
	struct pgtable other;
	size_t before = pages_free();

	(void)state;
	assert_int_equal(pgtable_init(&other, 48, 48, true), 0);
	assert_int_equal(pgtable_map(&other, 0, 0, PAGE, RW), 0);
	assert_int_equal(pgtable_map(&other, 1ULL << 40, 0, PAGE, RW), 0);
	pgtable_destroy(&other);
	/* A root, and three tables for each of the two addresses. */
	assert_int_equal(pages_free() - before, 7);
	/* Once. */
	pgtable_destroy(&other);
	assert_int_equal(pages_free() - before, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_map_and_translate, setup, teardown),
		cmocka_unit_test_setup_teardown(test_read_only, setup, teardown),
		cmocka_unit_test_setup_teardown(test_leaf_bits_are_the_architectures, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_10_physical_address_zero_is_mapped, setup, teardown),
		cmocka_unit_test_setup_teardown(test_overmap_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_03_unmap, setup, teardown),
		cmocka_unit_test_setup_teardown(test_unmap_of_a_hole_changes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_bad_arguments, setup, teardown),
		cmocka_unit_test_setup_teardown(test_levels_are_rounded_up, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_index_bit_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_memory_attributes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_13_stores_are_ordered, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_12_range_boundaries, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_09_out_of_memory_unrolls, setup, teardown),
		cmocka_unit_test_setup_teardown(test_out_of_memory_in_the_middle_unrolls, setup, teardown),
		cmocka_unit_test_setup_teardown(test_map_14_noncoherent_walker_sees_every_store, setup, teardown),
		cmocka_unit_test_setup_teardown(test_destroy_gives_every_page_back, setup, teardown),
	};

	return cmocka_run_group_tests_name("pgtable", tests, NULL, NULL);
}
