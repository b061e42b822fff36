/* SPDX-License-Identifier: BSD-2-Clause */
/* next=: starts an arm64 Image (Linux, Documentation/arch/arm64/booting.rst). */
#include <stddef.h>

#include "base/arch.h"
#include "base/feature.h"
#include "boot.h"
#include "machine.h"
#include "report/print.h"
#include "report/record.h"
#include "serial/console.h"

#define BASE_ALIGNMENT 0x200000U
#define IMAGE_MAGIC 0x644d5241U /* "ARM\x64", little-endian. */
#define GZIP_MAGIC 0x8b1fU
#define ZBOOT_MAGIC 0x676d697aU /* "zimg", after "MZ" and two bytes. */
#define EFI_MAGIC 0x5a4dU	/* "MZ": for UEFI, too. */
#define HANDOVER "handover="
#define PE_MAGIC 0x4550U /* "PE", 0, 0 */
#define TAIL 0x10000U

struct image_header {
	uint32_t code[2];
	uint64_t text_offset;
	uint64_t image_size; /* With bss. */
	uint64_t flags;
	uint64_t reserved[3];
	uint32_t magic;
	uint32_t pe_offset;
};

/* PE format 3.3 and 4. */
struct pe_header {
	uint32_t magic;
	uint16_t machine;
	uint16_t section_count;
	uint32_t unused[3];
	uint16_t optional_size;
	uint16_t flags;
};

struct pe_section {
	char name[8];
	uint32_t memory[2];
	uint32_t file_size;
	uint32_t file_offset;
	uint32_t unused[4];
};

_Static_assert(sizeof(struct image_header) == 64, "The header of an Image has 64 bytes.");
_Static_assert(sizeof(struct pe_header) == 24 && sizeof(struct pe_section) == 40, "The sizes of a PE header's parts.");
_Static_assert(PSCI_HVC == 1 && PSCI_SMC == 2, "boot/cpu/returned.inc knows them.");

/* boot/cpu/returned.inc prints it, when nothing else may be left. Revokes the verdict before it. */
static const char returned[] =
	"\r\nnext       the image returned\r\n"
	"{\"record\":\"verdict\",\"result\":\"fail\",\"reason\":\"the image that next= names returned\"}\r\n";

/* A range that wraps ends at the last address. */
static bool next_overlaps(uint64_t base, uint64_t size, uint64_t other, uint64_t other_size)
{
	return base >= other ? base - other < other_size : other - base < size;
}

/* Bytes to the end of the bank; 0: no RAM. */
static uint64_t ram_from(const struct description *description, uint64_t base)
{
	for (unsigned int i = 0; i < description->memory_count; i++) {
		uint64_t offset = base - description->memory[i].base;

		if (offset < description->memory[i].size) {
			return description->memory[i].size - offset;
		}
	}
	return 0;
}

/* What lies there, or NULL. */
static const char *find_owner(const struct description *description, uint64_t base, uint64_t size)
{
	if (next_overlaps(base, size, boot_image_start(), boot_image_end() - boot_image_start())) {
		return "this firmware itself lies there";
	}
	if (next_overlaps(base, size, arch_phys(boot_device_tree()), boot_device_tree_size())) {
		return "the device tree lies there";
	}
	for (unsigned int i = 0; i < description->reserved_count; i++) {
		if (next_overlaps(base, size, description->reserved[i].base, description->reserved[i].size)) {
			return "the initrd or other reserved memory lies there";
		}
	}
	return NULL;
}

static bool is_for_uefi(const struct image_header *header)
{
	return (header->code[0] & 0xffffU) == EFI_MAGIC;
}

static const char *why_no_image(const struct image_header *header)
{
	if ((header->code[0] & 0xffffU) == GZIP_MAGIC) {
		return "it is a gzip file: decompress it first";
	}
	if (header->code[1] == ZBOOT_MAGIC) {
		return "it is an EFI zboot image: take the arm64 Image that it holds";
	}
	return "no arm64 Image is there: its header lacks the magic number";
}

static const char *check_header(const struct machine *machine, const struct image_header *header)
{
	uint64_t next = machine->options.next;
	bool is_image = header->magic == IMAGE_MAGIC;

	if ((next - (is_image ? header->text_offset : 0)) % BASE_ALIGNMENT) {
		return "it does not begin at a multiple of 2 MiB, plus its text_offset";
	}
	if (!is_image) {
		return why_no_image(header);
	}
	if (header->image_size < sizeof(*header) || header->image_size > ram_from(&machine->description, next)) {
		return "the RAM ends before the image does, or its header has no size";
	}
	return boot_next_refusal(header->flags);
}

/* Maps and reads only the header. */
static const char *take_image(struct machine *machine)
{
	struct description *description = &machine->description;
	uint64_t next = machine->options.next;
	const struct image_header *header;
	uint32_t word;
	const char *why;

	if (ram_from(description, next) < sizeof(*header) || next % sizeof(uint64_t)) {
		return "no RAM is described there";
	}
	why = find_owner(description, next, sizeof(*header));
	header = why ? NULL : arch_map_memory(next, sizeof(*header));
	if (!header || !arch_probe_read32(header, &word)) {
		return why ? why : "its memory is in use, or does not answer";
	}
	why = check_header(machine, header);
	if (why) {
		return why;
	}
	machine->next_size = header->image_size;
	return find_owner(description, next, machine->next_size);
}

/* For a UEFI image: the end of its last section in the file; 0: not known. */
static uint64_t file_end(const struct image_header *header, uint64_t size)
{
	const uint8_t *base = (const uint8_t *)header;
	const struct pe_header *pe = (const void *)(base + header->pe_offset);
	const struct pe_section *last;
	uint64_t offset = (uint64_t)header->pe_offset + sizeof(*pe);

	if (!is_for_uefi(header) || header->pe_offset % sizeof(uint32_t) || offset > size || pe->magic != PE_MAGIC ||
	    !pe->section_count || pe->optional_size % sizeof(uint32_t)) {
		return 0;
	}
	offset += pe->optional_size + (pe->section_count - 1) * sizeof(*last);
	last = (const void *)(base + offset);
	return offset + sizeof(*last) > size ? 0 : (uint64_t)last->file_offset + last->file_size;
}

/* Sees a cut only where unwritten RAM reads as 0. A whole kernel ends with fewer than TAIL zeros. */
static const char *why_cut_off(const struct machine *machine)
{
	const struct image_header *header = arch_virt(machine->options.next);
	uint64_t end = file_end(header, machine->next_size);
	const uint32_t *word = (const void *)((const uint8_t *)header + (end & ~3ULL));

	if (end < TAIL) {
		return NULL;
	}
	if (end > machine->next_size) {
		return "its PE header tells of more than its image_size";
	}
	for (unsigned int i = 1; i <= TAIL / sizeof(*word); i++) {
		if (word[-(int)i]) {
			return NULL;
		}
	}
	return "it is cut off: its last bytes are 0";
}

static const char *reserve_image(struct machine *machine)
{
	struct description *description = &machine->description;
	uint64_t next = machine->options.next;
	uint64_t mapped = (next | 0xfffU) + 1; /* The header's page is mapped. */

	if (description->reserved_count == DESCRIPTION_MEMORY_MAX ||
	    (next + machine->next_size > mapped && !arch_map_memory(mapped, next + machine->next_size - mapped))) {
		return "its memory is in use";
	}
	description->reserved[description->reserved_count++] = (struct range_description){next, machine->next_size};
	return NULL;
}

static const char *next_check(struct machine *machine)
{
	const char *why = boot_next_refusal(0);

	if (why) {
		return why;
	}
	if (!machine->options.next) {
		return "exit=next needs next=ADDRESS";
	}
	if (!machine->has_tree) {
		return "there is no device tree to hand over";
	}
	why = take_image(machine);
	why = why ? why : reserve_image(machine);
	return why ? why : why_cut_off(machine);
}

/* A kernel has UEFI's header. An image without may be a boot loader, without a driver for an SMMU. */
static void choose_policy(struct options *options)
{
	const struct image_header *header = arch_virt(options->next);

	if (!is_for_uefi(header) && !options_name(options->text[OPTIONS_FROM_TREE], HANDOVER) &&
	    !options_name(options->text[OPTIONS_FROM_CALLER], HANDOVER)) {
		options->handover = SMMUV3_HANDOVER_BYPASS;
		print("next       it may be a boot loader, which needs its DMA: handover=bypass, as none is given\n");
	}
}

void machine_check_next(struct machine *machine)
{
	struct options *options = &machine->options;

	if (options->exit != EXIT_NEXT) {
		return;
	}
	machine->next_why = next_check(machine);
	if (!machine->next_why) {
		choose_policy(options);
	} else {
		print("next       the image at 0x%llx is refused: %s\n", (unsigned long long)options->next,
		      machine->next_why);
		options->exit = EXIT_OFF;
		options_refuse(options, options->next ? "next=" : "exit=next", machine->next_why);
	}
}

void machine_report_next(struct machine *machine)
{
	struct record record;

	if (machine->options.exit != EXIT_NEXT && !machine->next_why) {
		return;
	}
	if (machine->next_why) {
		machine->bringup.tally.trouble = "the image that next= names is refused, and not started";
	}
	record_begin(&record, "next");
	record_hex(&record, "address", machine->options.next);
	record_hex(&record, "size", machine->next_size);
	record_string(&record, "refused", machine->next_why);
	record_end(&record);
}

void machine_start_next(const struct machine *machine, bool passed)
{
	uint64_t next = machine->options.next;

	if (machine->options.exit != EXIT_NEXT) {
		return;
	}
	if (!passed && !machine->options.next_always) {
		print("next       the image at 0x%llx is not started after this verdict: next=0x%llx,always would\n",
		      (unsigned long long)next, (unsigned long long)next);
		return;
	}
	print("next       the image at 0x%llx is started\n", (unsigned long long)next);
	console_flush();
	arch_cache_clean_invalidate((const void *)(uintptr_t)next, (size_t)machine->next_size);
	arch_cache_clean_invalidate(boot_device_tree(), (size_t)boot_device_tree_size());
	boot_next(next, boot_device_tree(), returned, boot_off_method());
}

LINKED(machine_check_next);
LINKED(machine_report_next);
LINKED(machine_start_next);
