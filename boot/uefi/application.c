/* SPDX-License-Identifier: BSD-2-Clause */
/* The UEFI application around the run. No pointers in data: start.S has not moved them yet. */
#include <string.h>

#include "arguments.h"
#include "base/arch.h"
#include "serial/console.h"
#include "serial/rtt.h"
#include "uefi/uefi.h"

#define TEXT_SIZE 480U
/* Load options may override them. */
#define DEFAULT_WORDS "exit=return handover=bypass records=memory"
#define MEMORY_MOST (66ULL << 20) /* 64 MiB and alignment. */
#define MEMORY_LEAST (12ULL << 20)
#define BLOCK 0x200000ULL
#define BELOW_4_GIB 0xffffffffULL
#define EXIT_TRIES 3U /* The map may have changed (7.4.6). */

struct uefi uefi __attribute__((section(".data.uefi"))) = {.system = NULL};
bool uefi_has_left __attribute__((section(".data.uefi"), used)) = false;
efi_status uefi_status __attribute__((section(".data.uefi"), used)) = EFI_SUCCESS;

/* For start.S, as from `go`. */
static char text[TEXT_SIZE] __attribute__((section(".data.uefi"))) = "";
static const char *words[UEFI_WORDS] __attribute__((section(".data.uefi")));

void uefi_say(const char *at)
{
	uint16_t wide[3] = {0};

	for (; uefi.system->con_out && *at; at++) {
		bool is_end = *at == '\n';

		wide[0] = is_end ? '\r' : (uint8_t)*at;
		wide[1] = is_end ? '\n' : 0;
		(void)uefi.system->con_out->output_string(uefi.system->con_out, wide);
	}
}

/* --- Arguments. --- */

/* False: it does not fit. */
static bool uefi_append(const char *at)
{
	size_t length = strlen(text);

	while (*at && length + 1 < TEXT_SIZE) {
		text[length++] = *at++;
	}
	text[length] = '\0';
	return !*at;
}

static void append_address(const char *key, const void *address)
{
	char number[sizeof("0x0123456789abcdef")] = "0x";
	unsigned int at = 2;

	for (int shift = 60; shift >= 0; shift -= 4) {
		number[at++] = "0123456789abcdef"[(uintptr_t)address >> shift & 0xf];
	}
	(void)uefi_append(key);
	(void)uefi_append(number);
}

static bool uefi_is_printable(uint16_t letter)
{
	return letter >= ' ' && letter < 0x7f;
}

/* ".efi": a shell puts the name first. */
static bool is_name(const char *word, size_t length)
{
	return length >= 4 && word[length - 4] == '.' && (word[length - 3] | 0x20) == 'e' &&
	       (word[length - 2] | 0x20) == 'f' && (word[length - 1] | 0x20) == 'i';
}

/* In quotes where it has spaces. */
static void drop_name(char *start)
{
	size_t quote = *start == '"';
	size_t length = strcspn(start + quote, quote ? "\"" : " ");

	if (is_name(start + quote, length)) {
		memset(start, ' ', quote + length + (quote && start[quote + length]));
	}
}

/* Why the options are ignored, or NULL. Half a word may mean another. */
static const char *copy_options(const struct efi_loaded_image *image)
{
	uint32_t count = image->load_options ? image->load_options_size / 2 : 0;

	for (uint32_t i = 0; i < count && image->load_options[i]; i++) {
		char letter[2] = {(char)image->load_options[i], '\0'};

		if (!uefi_is_printable(image->load_options[i])) {
			return "smmu-bringup: the load options are no plain text, and are ignored\n";
		}
		if (!uefi_append(letter)) {
			return "smmu-bringup: the load options are too long, and are ignored\n";
		}
	}
	return NULL;
}

static void append_load_options(const struct efi_loaded_image *image)
{
	char *start = &text[strlen(text)];
	const char *why = copy_options(image);

	if (why) {
		uefi_say(why);
		memcpy(start, ARGUMENTS_CUT, sizeof(ARGUMENTS_CUT));
	}
	drop_name(start);
}

static bool begins_with(const char *word, const char *start)
{
	return !strncmp(word, start, strlen(start));
}

/* The last such word counts. */
static bool wants_return(void)
{
	bool returns = true;

	for (const char *at = text; at; at = strchr(at, ' ')) {
		at += *at == ' ';
		if (begins_with(at, "exit=return")) {
			returns = true;
		} else if (begins_with(at, "exit=") || begins_with(at, "next=")) {
			returns = false;
		}
	}
	return returns;
}

static bool only_describes(void)
{
	for (const char *at = text; at; at = strchr(at, ' ')) {
		at += *at == ' ';
		if (begins_with(at, "describe=only")) {
			return true;
		}
	}
	return false;
}

/* --- What UEFI knows. --- */

static const void *uefi_find_table(const struct efi_guid *guid)
{
	for (uint64_t i = 0; i < uefi.system->number_of_table_entries; i++) {
		const struct efi_configuration_table *table = &uefi.system->configuration_table[i];

		if (!memcmp(&table->vendor_guid, guid, sizeof(*guid))) {
			return table->vendor_table;
		}
	}
	return NULL;
}

static void append_tables(void)
{
	const struct efi_guid acpi_guid = EFI_ACPI_20_GUID;
	const struct efi_guid tree_guid = EFI_DEVICE_TREE_GUID;
	const void *rsdp = uefi_find_table(&acpi_guid);
	const void *tree = uefi_find_table(&tree_guid);

	if (rsdp) {
		append_address(" acpi=", rsdp);
	}
	if (tree) {
		append_address(" dtb=", tree);
	}
	if (!rsdp && !tree) {
		uefi_say("smmu-bringup: UEFI has neither ACPI tables nor a device tree\n");
	}
}

/* Below 4 GiB, because not every device reaches beyond; else anywhere. */
static efi_status uefi_allocate(uint64_t pages, uint64_t *at)
{
	*at = BELOW_4_GIB;
	if (uefi.system->boot_services->allocate_pages(EFI_ALLOCATE_MAX_ADDRESS, EFI_LOADER_DATA, pages, at) ==
	    EFI_SUCCESS) {
		return EFI_SUCCESS;
	}
	return uefi.system->boot_services->allocate_pages(EFI_ALLOCATE_ANY_PAGES, EFI_LOADER_DATA, pages, at);
}

static efi_status take_memory(void)
{
	for (uint64_t size = MEMORY_MOST; size >= MEMORY_LEAST; size -= BLOCK) {
		uint64_t at;

		if (uefi_allocate(size / EFI_PAGE, &at) == EFI_SUCCESS) {
			uefi.memory_pages_at = at;
			uefi.memory_pages = size / EFI_PAGE;
			uefi.memory.base = (at + BLOCK - 1) & ~(BLOCK - 1);
			uefi.memory.size = (at + size - uefi.memory.base) & ~(BLOCK - 1);
			return EFI_SUCCESS;
		}
	}
	return EFI_OUT_OF_RESOURCES;
}

/* Adds room for what the allocation itself adds. */
static efi_status take_map_room(void)
{
	uint64_t key;
	uint32_t version;

	uefi.map_size = 0;
	(void)uefi.system->boot_services->get_memory_map(&uefi.map_size, NULL, &key, &uefi.descriptor_size, &version);
	uefi.map_pages = uefi.map_size / EFI_PAGE + 2;
	if (uefi_allocate(uefi.map_pages, &uefi.map_at) != EFI_SUCCESS) {
		uefi.map_pages = 0;
		return EFI_OUT_OF_RESOURCES;
	}
	return EFI_SUCCESS;
}

/* A descriptor may be larger than this version's (7.2.3). */
static bool map_is_sound(void)
{
	return uefi.descriptor_size >= sizeof(struct efi_memory_descriptor) &&
	       uefi.descriptor_size % sizeof(uint64_t) == 0 && uefi.map_size <= uefi.map_pages * EFI_PAGE;
}

static efi_status read_map(uint64_t *key)
{
	efi_status status;
	uint32_t version;

	uefi.map_size = uefi.map_pages * EFI_PAGE;
	status = uefi.system->boot_services->get_memory_map(&uefi.map_size, (void *)(uintptr_t)uefi.map_at, key,
							    &uefi.descriptor_size, &version);
	if (status == EFI_SUCCESS && map_is_sound()) {
		return EFI_SUCCESS;
	}
	uefi_say("smmu-bringup: UEFI's memory map cannot be read: nothing is started\n");
	return EFI_ABORTED;
}

/* Disconnects drivers, which would go on using their devices. UEFI refuses a device without one. */
static void take_devices(void)
{
	const struct efi_guid pci_io = EFI_PCI_IO_GUID;
	struct efi_boot_services *services = uefi.system->boot_services;

	if (services->locate_handle_buffer(EFI_BY_PROTOCOL, &pci_io, NULL, &uefi.pci_count, &uefi.pci) != EFI_SUCCESS) {
		uefi.pci_count = 0;
	}
	for (uint64_t i = 0; i < uefi.pci_count; i++) {
		(void)services->disconnect_controller(uefi.pci[i], NULL, NULL);
	}
}

static void give_devices_back(void)
{
	for (uint64_t i = 0; i < uefi.pci_count; i++) {
		(void)uefi.system->boot_services->connect_controller(uefi.pci[i], NULL, NULL, true);
	}
	if (uefi.pci_count) {
		(void)uefi.system->boot_services->free_pool(uefi.pci);
	}
}

static efi_status end_boot_services(void)
{
	efi_status status = EFI_ABORTED;
	uint64_t key;

	for (unsigned int i = 0; i < EXIT_TRIES && status != EFI_SUCCESS; i++) {
		status = read_map(&key);
		if (status == EFI_SUCCESS) {
			status = uefi.system->boot_services->exit_boot_services(uefi.image, key);
		}
	}
	uefi_has_left = status == EFI_SUCCESS;
	return status;
}

static efi_status uefi_get_ready(void)
{
	const struct efi_guid loaded_image = EFI_LOADED_IMAGE_GUID;
	struct efi_loaded_image *loaded = NULL;
	efi_status status = take_memory();
	uint64_t key;

	if (status == EFI_SUCCESS) {
		status = take_map_room();
	}
	if (status != EFI_SUCCESS) {
		uefi_say("smmu-bringup: UEFI has no memory for it: 12 MiB are needed\n");
		return status;
	}
	(void)uefi_append(DEFAULT_WORDS);
	append_tables();
	(void)uefi_append(" ");
	status = uefi.system->boot_services->handle_protocol(uefi.image, &loaded_image, (void *)&loaded);
	if (status == EFI_SUCCESS) {
		append_load_options(loaded);
		uefi_note_volume(loaded->device_handle);
	}
	uefi_note_windows();
	(void)uefi.system->boot_services->set_watchdog_timer(0, 0, 0, NULL);
	if (!wants_return()) {
		return end_boot_services();
	}
	if (!only_describes()) {
		take_devices();
	}
	return read_map(&key);
}

static void free_memory(void)
{
	struct efi_boot_services *services = uefi.system->boot_services;

	if (uefi.map_pages) {
		(void)services->free_pages(uefi.map_at, uefi.map_pages);
	}
	if (uefi.memory_pages) {
		(void)services->free_pages(uefi.memory_pages_at, uefi.memory_pages);
	}
}

uint64_t uefi_prepare(efi_handle image, struct efi_system_table *system, const char *const **at)
{
	uefi.system = system;
	uefi.image = image;
	uefi_status = uefi_get_ready();
	if (uefi_status != EFI_SUCCESS) {
		give_devices_back();
		free_memory();
	}
	words[0] = "smmu-bringup.efi";
	words[1] = text;
	*at = words;
	return uefi_status == EFI_SUCCESS ? UEFI_WORDS : 0;
}

/* --- Afterwards. --- */

static void say_all(void)
{
	const char *at;
	size_t size = rtt_content(&at);
	bool is_start = true;
	bool is_record = false;

	for (; size; size--, at++) {
		char letter[2] = {*at, '\0'};

		is_record = is_start ? *at == '{' : is_record;
		is_start = *at == '\n';
		if (!is_record) {
			uefi_say(letter);
		}
	}
}

static void uefi_say_verdict(bool passed)
{
	const char *why = uefi_write_report();
	const char *verdict = only_describes() ? "smmu-bringup: DESCRIBED; " : "smmu-bringup: PASS; ";

	uefi_say(passed ? verdict : "smmu-bringup: FAIL; ");
	uefi_say(why ? why : "the records are in smmu-report.jsonl, on the volume that it was started from");
	uefi_say("\n");
}

efi_status uefi_finish(uint64_t result)
{
	give_devices_back();
	if (!console_has_uart()) {
		say_all();
	}
	uefi_say_verdict(result == 0);
	free_memory();
	return result ? EFI_ABORTED : EFI_SUCCESS;
}

/* --- For the run. --- */

const struct range_description *uefi_memory(void)
{
	return uefi.memory.size ? &uefi.memory : NULL;
}

/* Tables may lie in any of these. */
static bool is_ram(uint32_t type)
{
	return (type >= EFI_LOADER_CODE && type <= EFI_CONVENTIONAL_MEMORY) || type == EFI_ACPI_RECLAIM_MEMORY ||
	       type == EFI_ACPI_MEMORY_NVS;
}

static bool is_range(const struct efi_memory_descriptor *memory)
{
	return memory->number_of_pages && memory->physical_start % EFI_PAGE == 0 &&
	       memory->number_of_pages <= (UINT64_MAX - memory->physical_start) / EFI_PAGE;
}

static void add_ram(struct description *description, const struct efi_memory_descriptor *memory)
{
	struct range_description *next = &description->memory[description->memory_count];
	uint64_t size = memory->number_of_pages * EFI_PAGE;

	if (!is_range(memory)) {
		description_warn(description, "UEFI's memory map",
				 "a descriptor is empty, unaligned or wraps: left out");
	} else if (description->memory_count && next[-1].base + next[-1].size == memory->physical_start) {
		next[-1].size += size;
	} else if (description->memory_count < DESCRIPTION_MEMORY_MAX) {
		*next = (struct range_description){.base = memory->physical_start, .size = size};
		description->memory_count++;
	} else {
		description_leave_out(description, LIST_MEMORY);
	}
}

void uefi_add_ram(struct description *description)
{
	const char *at = arch_map_memory(uefi.map_at, uefi.map_pages * EFI_PAGE);

	for (uint64_t offset = 0; at && offset + uefi.descriptor_size <= uefi.map_size;
	     offset += uefi.descriptor_size) {
		const struct efi_memory_descriptor *memory = (const void *)(at + offset);

		if (is_ram(memory->type)) {
			add_ram(description, memory);
		}
	}
}
