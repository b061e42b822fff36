/* SPDX-License-Identifier: BSD-2-Clause */
/* The UEFI application under a UEFI that is honest but for one lie a test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "firmware/description.h"
#include "uefi/uefi.h"

#define MIB (1ULL << 20)
#define NOWHERE 0x50000000ULL /* Pages that the application does not touch. */
#define HANDLES 2U
#define SAID_SIZE 1024U
#define MEMORY_PAGES_LEAST 0x100U

static struct efi_memory_descriptor map[8];
static uint64_t map_size, descriptor_size;
static uint8_t map_room[16 * EFI_PAGE] __attribute__((aligned(EFI_PAGE)));
static uint64_t pages_taken, pages_most;
static unsigned int disconnected, connected, ended;
static bool map_fails, map_changes;
static char said_text[SAID_SIZE];
static uint16_t options[512];
static struct efi_loaded_image loaded = {.load_options = options};
static struct efi_configuration_table tables[2];
static efi_handle *handles;
static const char *const *words;

static efi_status allocate(enum efi_allocate_type how, enum efi_memory_type type, uint64_t pages, uint64_t *at)
{
	(void)how;
	(void)type;
	if (pages > pages_most) {
		return EFI_OUT_OF_RESOURCES;
	}
	pages_taken += pages;
	*at = pages < MEMORY_PAGES_LEAST ? (uint64_t)(uintptr_t)map_room : NOWHERE;
	return EFI_SUCCESS;
}

static efi_status free_pages(uint64_t at, uint64_t pages)
{
	(void)at;
	pages_taken -= pages;
	return EFI_SUCCESS;
}

static efi_status get_map(uint64_t *size, void *to, uint64_t *key, uint64_t *each, uint32_t *version)
{
	uint64_t room = *size;

	*size = map_size;
	*each = descriptor_size;
	*version = 1;
	*key = map_changes;
	if (!to || map_fails) {
		return EFI_ABORTED;
	}
	memcpy(to, map, room < sizeof(map) ? room : sizeof(map));
	return EFI_SUCCESS;
}

static efi_status end_services(efi_handle image, uint64_t key)
{
	(void)image;
	ended++;
	return key ? EFI_ABORTED : EFI_SUCCESS;
}

/* A root bridge of PCI (UEFI 2.10, 14.2) with two windows below 4 GiB. */
#define WINDOW_SIZE 46U
static uint8_t resources[2 * WINDOW_SIZE + 2];

static efi_status configuration(void *self, const uint8_t **at)
{
	(void)self;
	*at = resources;
	return EFI_SUCCESS;
}

static struct {
	void *before[17];
	efi_status (*configuration)(void *self, const uint8_t **at);
	uint32_t segment;
} bridge = {.configuration = configuration};
static unsigned int bridge_count;

static void put_window(uint8_t *to, uint64_t first, uint64_t last, uint64_t offset)
{
	const uint8_t head[] = {0x8a, WINDOW_SIZE - 3, 0, 0};

	memcpy(to, head, sizeof(head));
	memcpy(to + 14, &first, sizeof(first));
	memcpy(to + 22, &last, sizeof(last));
	memcpy(to + 30, &offset, sizeof(offset));
}

static efi_status protocol(efi_handle handle, const struct efi_guid *guid, void *interface)
{
	const struct efi_guid image = EFI_LOADED_IMAGE_GUID;

	if (handle == &bridge) {
		*(void **)interface = &bridge;
		return EFI_SUCCESS;
	}
	if (handle != &loaded || memcmp(guid, &image, sizeof(image))) {
		return EFI_ABORTED;
	}
	*(struct efi_loaded_image **)interface = &loaded;
	return EFI_SUCCESS;
}

static efi_status locate(enum efi_locate_search_type how, const struct efi_guid *guid, void *key, uint64_t *count,
			 efi_handle **found)
{
	const struct efi_guid pci_io = EFI_PCI_IO_GUID;
	static efi_handle each[HANDLES];

	(void)how;
	(void)key;
	handles = each;
	if (memcmp(guid, &pci_io, sizeof(pci_io))) {
		*count = bridge_count;
		each[0] = &bridge;
		*found = handles;
		return bridge_count ? EFI_SUCCESS : EFI_ABORTED;
	}
	*count = HANDLES;
	*found = handles;
	return EFI_SUCCESS;
}

static efi_status connect(efi_handle device, efi_handle *drivers, void *path, bool recursive)
{
	(void)device;
	(void)drivers;
	(void)path;
	(void)recursive;
	connected++;
	return EFI_SUCCESS;
}

static efi_status disconnect(efi_handle device, efi_handle driver, efi_handle child)
{
	(void)device;
	(void)driver;
	(void)child;
	disconnected++;
	return EFI_SUCCESS;
}

static efi_status free_pool(void *buffer)
{
	return buffer == handles ? EFI_SUCCESS : EFI_ABORTED;
}

static uint64_t watchdog_seconds;

static efi_status watchdog(uint64_t seconds, uint64_t code, uint64_t size, void *data)
{
	(void)code;
	(void)size;
	(void)data;
	watchdog_seconds = seconds;
	return EFI_SUCCESS;
}

static efi_status output(struct efi_text_output *self, const uint16_t *text)
{
	size_t length = strlen(said_text);

	(void)self;
	if (length + 1 < SAID_SIZE) {
		said_text[length] = (char)text[0];
		said_text[length + 1] = '\0';
	}
	return EFI_SUCCESS;
}

static struct efi_text_output console = {.output_string = output};
static struct efi_boot_services services = {
	.allocate_pages = allocate,
	.free_pages = free_pages,
	.get_memory_map = get_map,
	.free_pool = free_pool,
	.handle_protocol = protocol,
	.exit_boot_services = end_services,
	.set_watchdog_timer = watchdog,
	.connect_controller = connect,
	.disconnect_controller = disconnect,
	.locate_handle_buffer = locate,
};
static struct efi_system_table machine = {
	.con_out = &console, .boot_services = &services, .configuration_table = tables};

static int honest(void **state)
{
	(void)state;
	memset(&uefi, 0, sizeof(uefi));
	if (words) {
		((char *)(uintptr_t)words[1])[0] = '\0'; /* As in a fresh image. */
	}
	uefi_has_left = false;
	memset(map, 0, sizeof(map));
	map[0] = (struct efi_memory_descriptor){
		.type = EFI_CONVENTIONAL_MEMORY, .physical_start = 0x40000000, .number_of_pages = 0x10000};
	map_size = sizeof(map[0]);
	descriptor_size = sizeof(map[0]);
	pages_taken = 0;
	pages_most = UINT64_MAX;
	disconnected = connected = ended = bridge_count = 0;
	memset(resources, 0, sizeof(resources));
	map_fails = map_changes = false;
	said_text[0] = '\0';
	watchdog_seconds = 300; /* As a boot manager leaves it: UEFI 3.1.2. */
	memset(options, 0, sizeof(options));
	machine.number_of_table_entries = 0;
	machine.con_out = &console;
	return 0;
}

static void give_options(const char *text)
{
	loaded.load_options_size = (uint32_t)(2 * strlen(text));
	for (size_t i = 0; text[i]; i++) {
		options[i] = (uint8_t)text[i];
	}
}

/* The application's words; NULL: it is not started, and all that it took is given back. */
static const char *started_with(const char *text)
{
	give_options(text);
	if (uefi_prepare(&loaded, &machine, &words) == UEFI_WORDS) {
		return words[1];
	}
	assert_int_equal(pages_taken, 0);
	assert_int_equal(connected, disconnected);
	assert_true(uefi_status & EFI_ERROR_BIT);
	return NULL;
}

static struct description described;

static void read_ram(void)
{
	description_init(&described);
	uefi_add_ram(&described);
}

static void test_an_honest_uefi(void **state)
{
	const char *text = started_with("fs0:\\smmu.efi log=debug");

	(void)state;
	assert_non_null(text);
	assert_non_null(strstr(text, "exit=return"));
	assert_non_null(strstr(text, "log=debug"));
	assert_null(strstr(text, "smmu.efi"));
	assert_null(strstr(text, "acpi="));
	assert_int_equal(watchdog_seconds, 0);
	assert_int_equal(disconnected, HANDLES);
	read_ram();
	assert_int_equal(described.memory_count, 1);
	assert_int_equal(described.memory[0].size, 0x10000 * EFI_PAGE);
	assert_int_equal(described.warning_count, 0);
	assert_int_equal(uefi_finish(0), EFI_SUCCESS);
	assert_int_equal(connected, HANDLES);
	assert_int_equal(pages_taken, 0);
}

static void refused_for_its_map(void)
{
	assert_null(started_with(""));
	assert_non_null(strstr(said_text, "memory map cannot be read"));
}

static void test_a_descriptor_of_no_size(void **state)
{
	(void)state;
	descriptor_size = 0;
	refused_for_its_map();
}

static void test_a_descriptor_that_is_too_short(void **state)
{
	(void)state;
	descriptor_size = sizeof(map[0]) - 8;
	refused_for_its_map();
}

static void test_a_descriptor_that_is_not_aligned(void **state)
{
	(void)state;
	descriptor_size = sizeof(map[0]) + 4;
	refused_for_its_map();
}

static void test_a_map_that_fails(void **state)
{
	(void)state;
	map_fails = true;
	refused_for_its_map();
}

static efi_status get_growing_map(uint64_t *size, void *to, uint64_t *key, uint64_t *each, uint32_t *version)
{
	efi_status status = get_map(size, to, key, each, version);

	*size = to ? sizeof(map_room) + EFI_PAGE : *size;
	return status;
}

static void test_a_map_larger_than_its_room(void **state)
{
	(void)state;
	services.get_memory_map = get_growing_map;
	refused_for_its_map();
	services.get_memory_map = get_map;
}

/* Newer ones have more behind what this version knows. */
static void test_descriptors_that_are_longer(void **state)
{
	(void)state;
	descriptor_size = sizeof(map[0]) + 8;
	memmove((uint8_t *)map + descriptor_size, map, sizeof(map[0]));
	((struct efi_memory_descriptor *)(void *)((uint8_t *)map + descriptor_size))->physical_start = 0x80000000;
	map_size = 2 * descriptor_size;
	assert_non_null(started_with(""));
	read_ram();
	assert_int_equal(described.memory_count, 2);
	assert_int_equal(described.memory[1].base, 0x80000000);
}

static void test_ranges_that_are_none(void **state)
{
	(void)state;
	map[1] = map[2] = map[3] = map[0];
	map[1].number_of_pages = 0;
	map[2].physical_start = 0x80000800;
	map[3].physical_start = UINT64_MAX - EFI_PAGE + 1;
	map_size = 4 * sizeof(map[0]);
	assert_non_null(started_with(""));
	read_ram();
	assert_int_equal(described.memory_count, 1);
	assert_int_equal(described.warning_count, 1);
	assert_non_null(strstr(described.warning[0].text, "left out"));
}

static void test_more_ranges_than_can_be_listed(void **state)
{
	(void)state;
	description_init(&described);
	for (unsigned int i = 0; i < DESCRIPTION_MEMORY_MAX; i++) {
		described.memory[described.memory_count++] = (struct range_description){.base = i, .size = 1};
	}
	assert_non_null(started_with(""));
	uefi_add_ram(&described);
	assert_int_equal(described.memory_count, DESCRIPTION_MEMORY_MAX);
	assert_int_equal(described.left_out[LIST_MEMORY], 1);
}

static void test_too_little_memory(void **state)
{
	(void)state;
	pages_most = 11 * MIB / EFI_PAGE;
	assert_null(started_with(""));
	assert_int_equal(disconnected, 0);
	assert_non_null(strstr(said_text, "12 MiB are needed"));
}

/* exit=off: the map changes under each try, and in the end the shell has all of it back. */
static void test_boot_services_that_do_not_end(void **state)
{
	(void)state;
	map_changes = true;
	assert_null(started_with("exit=off"));
	assert_int_equal(ended, 3);
	assert_false(uefi_has_left);
}

static void test_boot_services_that_end(void **state)
{
	(void)state;
	assert_non_null(started_with("exit=off"));
	assert_int_equal(ended, 1);
	assert_int_equal(disconnected, 0);
	assert_true(uefi_has_left);
}

static void test_both_kinds_of_tables(void **state)
{
	const struct efi_guid acpi = EFI_ACPI_20_GUID;
	const struct efi_guid tree = EFI_DEVICE_TREE_GUID;
	const char *text;

	(void)state;
	tables[0] = (struct efi_configuration_table){.vendor_guid = tree, .vendor_table = map_room};
	tables[1] = (struct efi_configuration_table){.vendor_guid = acpi, .vendor_table = map_room};
	machine.number_of_table_entries = 2;
	text = started_with("");
	assert_non_null(text);
	assert_non_null(strstr(text, " acpi=0x"));
	assert_non_null(strstr(text, " dtb=0x"));
}

/* A segment of its own: the application keeps the windows that it noted. */
static void read_windows(uint32_t segment, uint64_t second_offset)
{
	bridge.segment = segment;
	put_window(resources, 0x10000000, 0x1fffffff, 0);
	put_window(resources + WINDOW_SIZE, 0x30000000, 0x3fffffff, second_offset);
	bridge_count = 1;
	assert_non_null(started_with(""));
	description_init(&described);
	described.host_count = 1;
	described.host[0].segment = segment;
	uefi_add_windows(&described);
	assert_int_equal(described.host[0].memory32.pci_base, 0x10000000);
	assert_int_equal(described.host[0].memory32.cpu_base, 0x10000000);
}

static void starts_without_a_name(const char *text, const char *wanted)
{
	const char *found;

	assert_int_equal(honest(NULL), 0);
	found = started_with(text);
	assert_non_null(found);
	assert_non_null(strstr(found, wanted));
	assert_null(strstr(found, "efi"));
	assert_null(strchr(found, '"'));
}

static void test_names_of_the_file(void **state)
{
	(void)state;
	starts_without_a_name("SMMU.EFI log=debug", " log=debug");
	starts_without_a_name("\"fs0:\\my tools\\smmu.efi\" log=debug", " log=debug");
	starts_without_a_name("\"my smmu.efi\"", "records=memory");
	starts_without_a_name("\"my smmu.efi", "records=memory");
	starts_without_a_name("", "records=memory");
}

/* What follows stays, whatever stands in quotes first. */
static void test_a_first_word_that_is_no_name(void **state)
{
	const char *text = started_with("\"id=a b\" log=debug");

	(void)state;
	assert_non_null(text);
	assert_non_null(strstr(text, "\"id=a b\" log=debug"));
}

/* Words may still name one. */
static void test_neither_kind_of_tables(void **state)
{
	const char *text = started_with("acpi=0x1000");

	(void)state;
	assert_non_null(text);
	assert_non_null(strstr(text, " acpi=0x1000"));
	assert_null(strstr(text, "dtb="));
	assert_non_null(strstr(said_text, "neither ACPI tables nor a device tree"));
}

static void test_windows_of_one_offset(void **state)
{
	(void)state;
	read_windows(1, 0);
	assert_int_equal(described.host[0].memory32.size, 0x30000000);
}

static void test_windows_of_two_offsets(void **state)
{
	(void)state;
	read_windows(2, 0x100000000);
	assert_int_equal(described.host[0].memory32.size, 0x10000000);
}

static void test_no_console(void **state)
{
	(void)state;
	machine.con_out = NULL;
	assert_non_null(started_with(""));
	assert_int_equal(uefi_finish(1), EFI_ABORTED);
	assert_string_equal(said_text, "");
}

static void test_the_report_has_no_volume(void **state)
{
	(void)state;
	assert_non_null(started_with(""));
	assert_int_equal(uefi_finish(0), EFI_SUCCESS);
	assert_non_null(strstr(said_text, "PASS; no report is written"));
}

static void test_describe_only_takes_no_device(void **state)
{
	(void)state;
	assert_non_null(started_with("describe=only"));
	assert_int_equal(disconnected, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_an_honest_uefi, honest),
		cmocka_unit_test_setup(test_a_descriptor_of_no_size, honest),
		cmocka_unit_test_setup(test_a_descriptor_that_is_too_short, honest),
		cmocka_unit_test_setup(test_a_descriptor_that_is_not_aligned, honest),
		cmocka_unit_test_setup(test_a_map_that_fails, honest),
		cmocka_unit_test_setup(test_a_map_larger_than_its_room, honest),
		cmocka_unit_test_setup(test_descriptors_that_are_longer, honest),
		cmocka_unit_test_setup(test_ranges_that_are_none, honest),
		cmocka_unit_test_setup(test_more_ranges_than_can_be_listed, honest),
		cmocka_unit_test_setup(test_too_little_memory, honest),
		cmocka_unit_test_setup(test_boot_services_that_do_not_end, honest),
		cmocka_unit_test_setup(test_boot_services_that_end, honest),
		cmocka_unit_test_setup(test_both_kinds_of_tables, honest),
		cmocka_unit_test_setup(test_names_of_the_file, honest),
		cmocka_unit_test_setup(test_a_first_word_that_is_no_name, honest),
		cmocka_unit_test_setup(test_neither_kind_of_tables, honest),
		cmocka_unit_test_setup(test_windows_of_one_offset, honest),
		cmocka_unit_test_setup(test_windows_of_two_offsets, honest),
		cmocka_unit_test_setup(test_no_console, honest),
		cmocka_unit_test_setup(test_the_report_has_no_volume, honest),
		cmocka_unit_test_setup(test_describe_only_takes_no_device, honest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
