/* SPDX-License-Identifier: BSD-2-Clause */
/* From the RSDP to a table, in a small memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "acpi_bytes.h"
#include "firmware/acpi.h"

#define MEMORY_BASE 0x40000000U
#define MEMORY_SIZE 0x1000U
#define AT_XSDT 0x101U /* Tables may lie anywhere. */
#define AT_RSDT 0x203U
#define AT_OTHER 0x300U
#define AT_IORT 0x402U
#define IORT_SIZE 60U

static uint8_t memory[MEMORY_SIZE];
static uint8_t rsdp[36];

static const void *find(uint64_t pa, uint64_t size)
{
	if (pa < MEMORY_BASE || pa - MEMORY_BASE > MEMORY_SIZE || size > MEMORY_SIZE - (pa - MEMORY_BASE)) {
		return NULL;
	}
	return &memory[pa - MEMORY_BASE];
}

static void put_table(uint32_t at, const char *signature, uint32_t size)
{
	memcpy(&memory[at], signature, 4);
	put(&memory[at + 4], size, 4);
	add_checksum(&memory[at], size, 9);
}

static void sum_rsdp(void)
{
	add_checksum(rsdp, 20, 8);
	add_checksum(rsdp, 36, 32);
}

/* Both root tables name another table first; the RSDT names only that. */
static int build(void **state)
{
	(void)state;
	memset(memory, 0, sizeof(memory));
	memset(rsdp, 0, sizeof(rsdp));
	put_table(AT_OTHER, "FACP", 40);
	put_table(AT_IORT, "IORT", IORT_SIZE);
	put(&memory[AT_XSDT + 36], MEMORY_BASE + AT_OTHER, 8);
	put(&memory[AT_XSDT + 44], 0, 8);
	put(&memory[AT_XSDT + 52], 0x1000, 8);
	put(&memory[AT_XSDT + 60], MEMORY_BASE + AT_IORT, 8);
	put_table(AT_XSDT, "XSDT", 68);
	put(&memory[AT_RSDT + 36], MEMORY_BASE + AT_OTHER, 4);
	put_table(AT_RSDT, "RSDT", 40);
	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = 2;
	put(&rsdp[16], MEMORY_BASE + AT_RSDT, 4);
	put(&rsdp[20], 36, 4);
	put(&rsdp[24], MEMORY_BASE + AT_XSDT, 8);
	sum_rsdp();
	return 0;
}

static void assert_found(const char *signature, uint32_t at, size_t expected)
{
	const char *why = "not set";
	size_t size = 0;

	assert_ptr_equal(acpi_find(rsdp, find, signature, &size, &why), &memory[at]);
	assert_int_equal(size, expected);
	assert_null(why);
}

static void assert_refused(const char *part)
{
	const char *why = NULL;
	size_t size = 0;

	assert_null(acpi_find(rsdp, find, "IORT", &size, &why));
	assert_non_null(why);
	assert_non_null(strstr(why, part));
	assert_null(acpi_find(rsdp, find, "IORT", &size, NULL));
}

static void test_acpi_through_xsdt(void **state)
{
	(void)state;
	assert_found("IORT", AT_IORT, IORT_SIZE);
	assert_found("FACP", AT_OTHER, 40);
}

static void test_acpi_through_rsdt(void **state)
{
	(void)state;
	rsdp[15] = 0; /* Nothing behind byte 20 counts. */
	add_checksum(rsdp, 20, 8);
	rsdp[30] = 0x55;
	assert_refused("no such table");
	put(&memory[AT_RSDT + 36], MEMORY_BASE + AT_IORT, 4);
	put_table(AT_RSDT, "RSDT", 40);
	assert_found("IORT", AT_IORT, IORT_SIZE);
	build(NULL);
	put(&memory[AT_RSDT + 36], MEMORY_BASE + AT_IORT, 4);
	put_table(AT_RSDT, "RSDT", 40);
	put(&rsdp[24], 0, 8);
	sum_rsdp();
	assert_found("IORT", AT_IORT, IORT_SIZE);
}

static void test_acpi_bad_rsdp(void **state)
{
	size_t size;
	const char *why;

	(void)state;
	assert_null(acpi_find(NULL, find, "IORT", &size, &why));
	assert_non_null(why);
	rsdp[0] = 'X';
	assert_refused("signature");
	build(NULL);
	rsdp[8]++;
	assert_refused("checksum");
	build(NULL);
	rsdp[32]++;
	assert_refused("extended checksum");
	build(NULL);
	put(&rsdp[20], 0xffffffff, 4);
	sum_rsdp();
	assert_refused("bad length");
	put(&rsdp[20], 35, 4);
	sum_rsdp();
	assert_refused("bad length");
}

static void test_acpi_bad_root_table(void **state)
{
	(void)state;
	put(&rsdp[24], 0x1000, 8);
	sum_rsdp();
	assert_refused("not in memory");
	put(&rsdp[24], MEMORY_BASE + AT_RSDT, 8);
	sum_rsdp();
	assert_refused("another signature");
	build(NULL);
	put(&memory[AT_XSDT + 4], 0xffffffff, 4);
	assert_refused("not in memory");
	put(&memory[AT_XSDT + 4], 35, 4);
	assert_refused("bad length");
	build(NULL);
	put_table(AT_XSDT, "XSDT", 67); /* The last entry is cut off. */
	assert_refused("no such table");
	put_table(AT_XSDT, "XSDT", 36);
	assert_refused("no such table");
}

static void test_acpi_bad_table(void **state)
{
	(void)state;
	put(&memory[AT_IORT + 4], 8, 4);
	assert_refused("bad length");
	put(&memory[AT_IORT + 4], MEMORY_SIZE, 4);
	assert_refused("not in memory");
}

/* Found all the same, as by Linux. */
static void test_acpi_wrong_checksums(void **state)
{
	static const unsigned int places[] = {AT_XSDT, AT_IORT};

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		size_t size = 0;
		const char *why = NULL;

		build(NULL);
		memory[places[i] + 9]++;
		assert_ptr_equal(acpi_find(rsdp, find, "IORT", &size, &why), &memory[AT_IORT]);
		assert_string_equal(why, "a table of wrong checksum");
	}
}

static uint32_t random_state = 5;

static uint32_t random_below(uint32_t limit)
{
	random_state = random_state * 1664525U + 1013904223U;
	return (random_state >> 8) % limit;
}

static void test_acpi_damaged_bytes(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 20000; round++) {
		size_t size = 0;
		const uint8_t *table;

		build(NULL);
		for (unsigned int i = 0; i < 1 + round % 3; i++) {
			rsdp[random_below(36)] = (uint8_t)random_below(256);
			memory[AT_XSDT + random_below(68)] = (uint8_t)random_below(256);
		}
		sum_rsdp();
		add_checksum(&memory[AT_XSDT], 68, 9);
		table = acpi_find(rsdp, find, "IORT", &size, NULL);
		assert_true(!table || (table >= memory && table + size <= memory + MEMORY_SIZE));
	}
}

#define TEST(name) cmocka_unit_test_setup(name, build)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_acpi_through_xsdt),	TEST(test_acpi_through_rsdt), TEST(test_acpi_bad_rsdp),
		TEST(test_acpi_bad_root_table), TEST(test_acpi_bad_table),    TEST(test_acpi_wrong_checksums),
		TEST(test_acpi_damaged_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
