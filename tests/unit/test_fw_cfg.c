/* SPDX-License-Identifier: BSD-2-Clause */
/* fw_cfg by DMA and the table loader, on a model of QEMU's device. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/arch.h"
#include "firmware/acpi.h"
#include "firmware/fw_cfg.h"

#define ITEM_MAX 0x40U
#define FIRST_FILE 0x20U
#define FILE_DIR 0x19U
#define NAME_SIZE 56U
#define COMMAND_SIZE 128U
#define POOL_SIZE 0x10000U

/* --- The device. ---------------------------------------------------------------------------------------------------
 */

struct item {
	uint8_t bytes[0x2000];
	size_t size;
};

static struct item items[ITEM_MAX];
static uint16_t selected;
static size_t position;
static uint64_t request;
static bool silent;
static bool failing;
static bool without_dma; /* The registers deny DMA. */
static uint64_t wmb_at_start;
static unsigned int file_count;
static _Alignas(8) uint8_t registers[32];
static struct fw_cfg fw_cfg;

static uint64_t get_be(const volatile uint8_t *bytes, unsigned int size)
{
	uint64_t value = 0;

	for (unsigned int i = 0; i < size; i++) {
		value = value << 8 | bytes[i];
	}
	return value;
}

static void put_be(uint8_t *bytes, uint64_t value, unsigned int size)
{
	while (size > 0) {
		bytes[--size] = (uint8_t)value;
		value >>= 8;
	}
}

static void copy_out(uint8_t *to, size_t length)
{
	const struct item *item = selected < ITEM_MAX ? &items[selected] : &items[0];

	for (size_t i = 0; i < length; i++, position++) {
		to[i] = position < item->size ? item->bytes[position] : 0;
	}
}

static void transfer(void)
{
	uint8_t *bytes = (uint8_t *)(uintptr_t)request;
	uint32_t control = (uint32_t)get_be(bytes, 4);
	uint32_t length = (uint32_t)get_be(&bytes[4], 4);

	assert_true(arch_hooks.wmb_count > wmb_at_start); /* A barrier came first. */
	wmb_at_start = arch_hooks.wmb_count;
	if (silent) {
		return;
	}
	if (control & 8) {
		selected = (uint16_t)(control >> 16);
		position = 0;
	}
	if (control & 2) {
		copy_out((uint8_t *)(uintptr_t)get_be(&bytes[8], 8), length);
	} else if (control & 4) {
		position += length;
	}
	put_be(bytes, failing ? 1 : 0, 4);
}

static uint32_t hook_read(const volatile void *at)
{
	size_t offset = (size_t)((const volatile uint8_t *)at - registers);
	const char *text = without_dma ? "\0\0\0\0\0\0\0\0" : "QEMU CFG";
	uint32_t word;

	assert_true(offset == 16 || offset == 20); /* The others are not read by 32 bits. */
	memcpy(&word, &text[offset - 16], 4);
	return word;
}

static void hook_write(volatile void *at, uint32_t value)
{
	size_t offset = (size_t)((volatile uint8_t *)at - registers);
	uint8_t bytes[4];

	memcpy(bytes, &value, 4);
	if (offset == 16) {
		request = get_be(bytes, 4) << 32;
		return;
	}
	assert_int_equal(offset, 20);
	request |= get_be(bytes, 4);
	transfer();
	request = 0;
}

static unsigned int add_file(const char *name, const void *bytes, size_t size)
{
	unsigned int item = FIRST_FILE + file_count;
	uint8_t *entry = &items[FILE_DIR].bytes[4 + 64 * file_count];

	assert_true(size <= sizeof(items[item].bytes));
	memcpy(items[item].bytes, bytes, size);
	items[item].size = size;
	put_be(entry, size, 4);
	put_be(&entry[4], item, 2);
	memset(&entry[8], 0, NAME_SIZE);
	memcpy(&entry[8], name, strlen(name));
	file_count++;
	put_be(items[FILE_DIR].bytes, file_count, 4);
	items[FILE_DIR].size = 4 + 64 * file_count;
	return item;
}

/* --- Memory for tables. --------------------------------------------------------------------------------------------
 */

static _Alignas(4096) uint8_t pool[POOL_SIZE];
static size_t pool_used;
static unsigned int allocations;
static unsigned int allocations_allowed;

static void *allocate(size_t size, size_t alignment)
{
	void *memory;

	assert_true(alignment > 0 && (alignment & (alignment - 1)) == 0);
	pool_used = (pool_used + alignment - 1) & ~(alignment - 1);
	if (allocations == allocations_allowed || size > POOL_SIZE - pool_used) {
		return NULL;
	}
	allocations++;
	memory = &pool[pool_used];
	pool_used += size;
	return memory;
}

static const void *find(uint64_t pa, uint64_t size)
{
	uint64_t start = (uint64_t)(uintptr_t)pool;

	if (pa < start || pa - start > POOL_SIZE || size > POOL_SIZE - (pa - start)) {
		return NULL;
	}
	return &pool[pa - start];
}

/* --- The loader script. --------------------------------------------------------------------------------------------
 */

static uint8_t script[0x1000];
static size_t script_size;

static void put_le(uint8_t *bytes, uint64_t value, unsigned int size)
{
	for (unsigned int i = 0; i < size; i++) {
		bytes[i] = (uint8_t)(value >> (8 * i));
	}
}

static uint8_t *add_command(uint32_t command)
{
	uint8_t *entry = &script[script_size];

	memset(entry, 0, COMMAND_SIZE);
	put_le(entry, command, 4);
	script_size += COMMAND_SIZE;
	return entry;
}

static void add_allocate(const char *file, uint32_t alignment)
{
	uint8_t *entry = add_command(1);

	memcpy(&entry[4], file, strlen(file));
	put_le(&entry[60], alignment, 4);
	entry[64] = 1;
}

static void add_pointer(const char *to, const char *from, uint32_t offset, uint8_t size)
{
	uint8_t *entry = add_command(2);

	memcpy(&entry[4], to, strlen(to));
	memcpy(&entry[60], from, strlen(from));
	put_le(&entry[116], offset, 4);
	entry[120] = size;
}

static void add_checksum(const char *file, uint32_t offset, uint32_t start, uint32_t length)
{
	uint8_t *entry = add_command(3);

	memcpy(&entry[4], file, strlen(file));
	put_le(&entry[60], offset, 4);
	put_le(&entry[64], start, 4);
	put_le(&entry[68], length, 4);
}

#define TABLES "etc/acpi/tables"
#define RSDP "etc/acpi/rsdp"
#define XSDT_AT 64U

static void add_tables(void)
{
	uint8_t tables[256] = {0};
	uint8_t rsdp[36] = {0};

	memcpy(tables, "IORT", 4);
	put_le(&tables[4], 48, 4);
	memcpy(&tables[XSDT_AT], "XSDT", 4);
	put_le(&tables[XSDT_AT + 4], 44, 4);
	add_file(TABLES, tables, sizeof(tables));
	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = 2;
	put_le(&rsdp[20], 36, 4);
	put_le(&rsdp[24], XSDT_AT, 8);
	add_file(RSDP, rsdp, sizeof(rsdp));
}

static void add_script(void)
{
	add_allocate(TABLES, 64);
	add_allocate(RSDP, 16);
	add_checksum(TABLES, 9, 0, 48);
	add_pointer(TABLES, TABLES, XSDT_AT + 36, 8);
	add_checksum(TABLES, XSDT_AT + 9, XSDT_AT, 44);
	add_pointer(RSDP, TABLES, 24, 8);
	add_checksum(RSDP, 8, 0, 20);
	add_checksum(RSDP, 32, 0, 36);
}

static const void *load(const char **why)
{
	add_command(0);
	add_file("etc/table-loader", script, script_size);
	return fw_cfg_load_acpi(&fw_cfg, allocate, why);
}

static void assert_refused(const char *part)
{
	const char *why = NULL;

	assert_null(load(&why));
	assert_non_null(why);
	if (!strstr(why, part)) {
		fail_msg("\"%s\" instead of \"%s\"", why, part);
	}
}

static int start(void **state)
{
	(void)state;
	arch_hooks_reset();
	arch_hooks.read32 = hook_read;
	arch_hooks.write32 = hook_write;
	memset(items, 0, sizeof(items));
	memset(pool, 0, sizeof(pool));
	memcpy(items[0].bytes, "QEMU", 4);
	items[0].size = 4;
	items[1].bytes[0] = 3;
	items[1].size = 4;
	silent = false;
	failing = false;
	without_dma = false;
	wmb_at_start = 0;
	file_count = 0;
	script_size = 0;
	pool_used = 0;
	allocations = 0;
	allocations_allowed = 100;
	add_file("bootorder", "x", 1);
	assert_int_equal(fw_cfg_init(&fw_cfg, registers), 0);
	return 0;
}

/* --- Tests. --------------------------------------------------------------------------------------------------------
 */

static void test_fw_cfg_init(void **state)
{
	(void)state;
	assert_int_equal(fw_cfg_init(&fw_cfg, NULL), -ENODEV);
	items[1].bytes[0] = 1;
	assert_int_equal(fw_cfg_init(&fw_cfg, registers), -ENODEV);
	items[1].bytes[0] = 3;
	items[0].bytes[0] = 'X';
	assert_int_equal(fw_cfg_init(&fw_cfg, registers), -ENODEV);
	items[0].bytes[0] = 'Q';
	without_dma = true;
	assert_int_equal(fw_cfg_init(&fw_cfg, registers), -ENODEV);
}

static void test_fw_cfg_files(void **state)
{
	char text[8] = {0};
	uint16_t selector = 0;
	unsigned int item;

	(void)state;
	item = add_file("opt/a", "hello", 5);
	add_file("opt/ab", "", 0);
	assert_int_equal(fw_cfg_find(&fw_cfg, "opt/a", &selector), 5);
	assert_int_equal(selector, item);
	assert_int_equal(fw_cfg_find(&fw_cfg, "opt/ab", &selector), 0);
	assert_int_equal(fw_cfg_find(&fw_cfg, "opt", &selector), -ENOENT);
	assert_int_equal(fw_cfg_find(&fw_cfg, "opt/abc", &selector), -ENOENT);
	assert_int_equal(fw_cfg_read(&fw_cfg, (uint16_t)item, text, 5), 0);
	assert_string_equal(text, "hello");
}

static void test_fw_cfg_endless_directory(void **state)
{
	uint16_t selector;

	(void)state;
	put_be(items[FILE_DIR].bytes, 0xffffffff, 4);
	assert_int_equal(fw_cfg_find(&fw_cfg, "none", &selector), -ENOENT);
}

static void test_fw_cfg_errors(void **state)
{
	uint8_t byte;
	uint16_t selector;

	(void)state;
	failing = true;
	assert_int_equal(fw_cfg_read(&fw_cfg, 0, &byte, 1), -EIO);
	assert_int_equal(fw_cfg_find(&fw_cfg, "bootorder", &selector), -ENOENT);
	failing = false;
	silent = true;
	assert_int_equal(fw_cfg_read(&fw_cfg, 0, &byte, 1), -ETIMEDOUT);
	assert_int_equal(fw_cfg_init(&fw_cfg, registers), -ENODEV);
}

static void test_fw_cfg_loads_tables(void **state)
{
	const char *why = "not set";
	const uint8_t *rsdp;
	const uint8_t *table;
	size_t size = 0;

	(void)state;
	add_tables();
	add_script();
	rsdp = load(&why);
	assert_null(why);
	assert_non_null(rsdp);
	assert_int_equal((uintptr_t)rsdp % 16, 0);
	/* Only tables with good checksums. */
	table = acpi_find(rsdp, find, "IORT", &size, &why);
	assert_null(why);
	assert_ptr_equal(table, pool);
	assert_int_equal(size, 48);
}

static void test_fw_cfg_no_script(void **state)
{
	const char *why = NULL;

	(void)state;
	assert_null(fw_cfg_load_acpi(&fw_cfg, allocate, &why));
	assert_non_null(strstr(why, "no script"));
	assert_null(fw_cfg_load_acpi(&fw_cfg, allocate, NULL));
	script_size = 100;
	add_file("etc/table-loader", script, script_size);
	assert_null(fw_cfg_load_acpi(&fw_cfg, allocate, &why));
}

static void test_fw_cfg_bad_allocate(void **state)
{
	(void)state;
	add_tables();
	add_allocate("etc/none", 16);
	assert_refused("no such file");
	start(NULL);
	add_tables();
	add_allocate(RSDP, 24);
	assert_refused("alignment");
	start(NULL);
	add_tables();
	add_allocate(RSDP, 16);
	add_allocate(RSDP, 16);
	assert_refused("twice");
	start(NULL);
	add_tables();
	add_script();
	allocations_allowed = 1;
	assert_refused("no memory");
	start(NULL);
	add_tables();
	add_allocate(TABLES, 16);
	assert_refused("no RSDP");
}

static void test_fw_cfg_bad_pointer(void **state)
{
	static const struct {
		const char *to;
		const char *from;
		uint32_t offset;
		uint8_t size;
		const char *why;
	} cases[] = {
		{RSDP, "etc/none", 24, 8, "no such file"}, {"etc/none", TABLES, 24, 8, "no such file"},
		{RSDP, TABLES, 29, 8, "outside a file"},   {RSDP, TABLES, 0xfffffffc, 8, "outside a file"},
		{RSDP, TABLES, 24, 3, "outside a file"},   {RSDP, TABLES, 24, 0, "outside a file"},
		{RSDP, TABLES, 0, 8, "outside a file"},	   {RSDP, TABLES, 24, 1, "too narrow"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(NULL);
		add_tables();
		add_allocate(TABLES, 64);
		add_allocate(RSDP, 16);
		add_pointer(cases[i].to, cases[i].from, cases[i].offset, cases[i].size);
		assert_refused(cases[i].why);
	}
}

static void test_fw_cfg_bad_checksum(void **state)
{
	static const struct {
		const char *file;
		uint32_t offset;
		uint32_t start;
		uint32_t length;
		const char *why;
	} cases[] = {
		{"etc/none", 0, 0, 1, "no such file"},	     {RSDP, 36, 0, 1, "outside a file"},
		{RSDP, 0, 37, 0, "outside a file"},	     {RSDP, 0, 1, 36, "outside a file"},
		{RSDP, 0, 16, 0xfffffff8, "outside a file"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		start(NULL);
		add_tables();
		add_allocate(RSDP, 16);
		add_checksum(cases[i].file, cases[i].offset, cases[i].start, cases[i].length);
		assert_refused(cases[i].why);
	}
}

/* Commands that QEMU has had since, or will have, are skipped. */
static void test_fw_cfg_unknown_command(void **state)
{
	const char *why = "not set";

	(void)state;
	add_tables();
	add_command(4);
	add_script();
	add_command(0x80000004);
	assert_non_null(load(&why));
	assert_null(why);
}

static void load_files(unsigned int count)
{
	char name[] = "file-a";

	for (unsigned int i = 0; i < count; i++, name[5]++) {
		add_file(name, "x", 1);
		add_allocate(name, 0);
	}
	add_tables();
	add_script();
}

static void test_fw_cfg_too_many_files(void **state)
{
	(void)state;
	load_files(14);
	assert_non_null(load(NULL));
	start(NULL);
	load_files(15);
	assert_refused("too many");
}

static uint32_t random_state = 9;

static uint32_t random_below(uint32_t limit)
{
	random_state = random_state * 1664525U + 1013904223U;
	return (random_state >> 8) % limit;
}

static void test_fw_cfg_damaged_script(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 5000; round++) {
		start(NULL);
		add_tables();
		add_script();
		for (unsigned int i = 0; i < 1 + round % 4; i++) {
			script[random_below((uint32_t)script_size)] = (uint8_t)random_below(256);
		}
		load(NULL);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, start)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_fw_cfg_init),
		TEST(test_fw_cfg_files),
		TEST(test_fw_cfg_endless_directory),
		TEST(test_fw_cfg_errors),
		TEST(test_fw_cfg_loads_tables),
		TEST(test_fw_cfg_no_script),
		TEST(test_fw_cfg_bad_allocate),
		TEST(test_fw_cfg_bad_pointer),
		TEST(test_fw_cfg_bad_checksum),
		TEST(test_fw_cfg_unknown_command),
		TEST(test_fw_cfg_too_many_files),
		TEST(test_fw_cfg_damaged_script),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
