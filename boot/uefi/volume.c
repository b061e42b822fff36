/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/arch.h"
#include "serial/rtt.h"
#include "uefi/uefi.h"

#define PATH_SIZE 1024U
#define NAME                                                                                                           \
	{                                                                                                              \
		's', 'm', 'm', 'u', '-', 'r', 'e', 'p', 'o', 'r', 't', '.', 'j', 's', 'o', 'n', 'l', 0                 \
	}

/* The volume's handle goes with its driver; the path stays. */
static uint8_t path[PATH_SIZE] __attribute__((section(".data.uefi"), aligned(8))) = {EFI_PATH_END};
static bool has_path __attribute__((section(".data.uefi"))) = false;

static size_t length_of(const struct efi_device_path *node)
{
	return node->length[0] | (size_t)node->length[1] << 8;
}

void uefi_note_volume(efi_handle device)
{
	const struct efi_guid guid = EFI_DEVICE_PATH_GUID;
	const uint8_t *from = NULL;
	size_t size = 0;
	const struct efi_device_path *node;

	if (!device || uefi.system->boot_services->handle_protocol(device, &guid, (void *)&from) != EFI_SUCCESS) {
		return;
	}
	do {
		node = (const void *)(from + size);
		if (length_of(node) < sizeof(*node) || size + length_of(node) > PATH_SIZE) {
			return;
		}
		size += length_of(node);
	} while (node->type != EFI_PATH_END || node->sub_type != EFI_PATH_END_ENTIRE);
	memcpy(path, from, size);
	has_path = true;
}

static struct efi_file *open_volume(void)
{
	const struct efi_guid guid = EFI_SIMPLE_FILE_SYSTEM_GUID;
	const struct efi_device_path *left = (const void *)path;
	struct efi_simple_file_system *system = NULL;
	struct efi_file *root = NULL;
	efi_handle device = NULL;

	if (!has_path || uefi.system->boot_services->locate_device_path(&guid, &left, &device) != EFI_SUCCESS ||
	    uefi.system->boot_services->handle_protocol(device, &guid, (void *)&system) != EFI_SUCCESS ||
	    system->open_volume(system, &root) != EFI_SUCCESS) {
		return NULL;
	}
	return root;
}

static struct efi_file *create(struct efi_file *root)
{
	const uint16_t name[] = NAME;
	struct efi_file *file = NULL;

	if (root->open(root, &file, name, EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE, 0) == EFI_SUCCESS) {
		(void)file->delete_file(file);
	}
	file = NULL;
	return root->open(root, &file, name, EFI_FILE_MODE_CREATE | EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE, 0) ==
			       EFI_SUCCESS ?
		       file :
		       NULL;
}

static bool volume_write(struct efi_file *file, const char *from, size_t size)
{
	uint64_t written = size;

	return file->write(file, &written, from) == EFI_SUCCESS && written == size;
}

/* Lines that begin with a brace. */
static const char *write_records(struct efi_file *file, const char *at, const char *end)
{
	bool any = false;

	while (at < end) {
		const char *from = at;

		while (at < end && *at == '{') {
			const char *line = memchr(at, '\n', (size_t)(end - at));

			at = line ? line + 1 : end;
		}
		if (at != from) {
			any = true;
			if (!volume_write(file, from, (size_t)(at - from))) {
				return "smmu-report.jsonl is incomplete: the volume is full";
			}
		}
		while (at < end && *at != '{') {
			const char *line = memchr(at, '\n', (size_t)(end - at));

			at = line ? line + 1 : end;
		}
	}
	return any ? NULL : "there are no records (records=off): smmu-report.jsonl is empty";
}

const char *uefi_write_report(void)
{
	struct efi_file *root = open_volume();
	struct efi_file *file;
	const char *start;
	const char *why;
	size_t size = rtt_content(&start);

	if (!root) {
		return "no report is written: it was not started from a volume with files";
	}
	file = create(root);
	why = file ? write_records(file, start, start + size) :
		     "smmu-report.jsonl cannot be written: the volume is full or read-only";
	/* close() may find the volume full. */
	if (file && file->close(file) != EFI_SUCCESS && !why) {
		why = "smmu-report.jsonl is incomplete: the volume is full";
	}
	(void)root->close(root);
	return why;
}
