/* SPDX-License-Identifier: BSD-2-Clause */
/* The PCI hosts' windows, from UEFI's root bridges: ACPI has them only in AML. */
#include <string.h>

#include "uefi/uefi.h"

#define WINDOWS_MAX 32U

/* UEFI 2.10, 14.2 */
struct efi_pci_root_bridge_io {
	efi_handle parent_handle;
	void *access[14], *get_attributes, *set_attributes;
	efi_status (*configuration)(struct efi_pci_root_bridge_io *self, const uint8_t **resources);
	uint32_t segment_number;
};

_Static_assert(offsetof(struct efi_pci_root_bridge_io, configuration) == 17 * sizeof(void *), "UEFI 2.10, 14.2");

#define EFI_PCI_ROOT_BRIDGE_IO_GUID                                                                                    \
	{                                                                                                              \
		0x2f707ebb, 0x4a1a, 0x11d4,                                                                            \
		{                                                                                                      \
			0x9a, 0x38, 0x00, 0x90, 0x27, 0x3f, 0xc1, 0x4d                                                 \
		}                                                                                                      \
	}

/* ACPI 6.5, 6.4.3.5.1: QWord Address Space Descriptor. */
#define DESCRIPTOR_TAG 0x8aU
#define DESCRIPTOR_LENGTH_AT 1U
#define DESCRIPTOR_HEADER 3U
#define DESCRIPTOR_TYPE_AT 3U
#define DESCRIPTOR_MIN_AT 14U
#define DESCRIPTOR_MAX_AT 22U
#define DESCRIPTOR_OFFSET_AT 30U
#define DESCRIPTOR_SIZE 46U
#define TYPE_MEMORY 0U
#define END_OF_32_BITS 0x100000000ULL

struct window {
	uint32_t segment;
	uint64_t first, last; /* On the bus. */
	uint64_t to_cpu;
};

static struct window windows[WINDOWS_MAX] __attribute__((section(".data.uefi"))) = {{.segment = 0}};
static unsigned int window_count __attribute__((section(".data.uefi"))) = 0;

static uint64_t get(const uint8_t *from)
{
	uint64_t value;

	memcpy(&value, from, sizeof(value));
	return value;
}

static void windows_note(const uint8_t *descriptor, uint32_t segment)
{
	struct window window = {.segment = segment,
				.first = get(&descriptor[DESCRIPTOR_MIN_AT]),
				.last = get(&descriptor[DESCRIPTOR_MAX_AT]),
				.to_cpu = get(&descriptor[DESCRIPTOR_OFFSET_AT])};

	if (descriptor[DESCRIPTOR_TYPE_AT] == TYPE_MEMORY && window.first < window.last && window_count < WINDOWS_MAX) {
		windows[window_count++] = window;
	}
}

static void note_bridge(struct efi_pci_root_bridge_io *bridge)
{
	const uint8_t *at = NULL;

	if (bridge->configuration(bridge, &at) != EFI_SUCCESS) {
		return;
	}
	while (at && at[0] == DESCRIPTOR_TAG && at[DESCRIPTOR_LENGTH_AT] + DESCRIPTOR_HEADER == DESCRIPTOR_SIZE) {
		windows_note(at, bridge->segment_number);
		at += DESCRIPTOR_SIZE;
	}
}

void uefi_note_windows(void)
{
	const struct efi_guid guid = EFI_PCI_ROOT_BRIDGE_IO_GUID;
	struct efi_boot_services *services = uefi.system->boot_services;
	struct efi_pci_root_bridge_io *bridge = NULL;
	efi_handle *handles = NULL;
	uint64_t count = 0;

	if (services->locate_handle_buffer(EFI_BY_PROTOCOL, &guid, NULL, &count, &handles) != EFI_SUCCESS) {
		return;
	}
	for (uint64_t i = 0; i < count; i++) {
		if (services->handle_protocol(handles[i], &guid, (void *)&bridge) == EFI_SUCCESS) {
			note_bridge(bridge);
		}
	}
	(void)services->free_pool(handles);
}

/* A window has one offset: another offset is another host's. */
static bool has_offset(const struct pci_window_description *window, uint64_t to_cpu)
{
	return !window->size || window->cpu_base - window->pci_base == to_cpu;
}

/* One window for a segment: MCFG's host may be several bridges. */
static void extend(struct pci_window_description *to, const struct window *window)
{
	uint64_t first = to->size && to->pci_base < window->first ? to->pci_base : window->first;
	uint64_t last =
		to->size && to->pci_base + (to->size - 1) > window->last ? to->pci_base + (to->size - 1) : window->last;

	*to = (struct pci_window_description){
		.pci_base = first, .cpu_base = first + window->to_cpu, .size = last - first + 1};
}

void uefi_add_windows(struct description *description)
{
	for (unsigned int i = 0; i < description->host_count; i++) {
		struct host_description *host = &description->host[i];

		for (unsigned int k = 0; k < window_count; k++) {
			struct pci_window_description *to =
				windows[k].last < END_OF_32_BITS ? &host->memory32 : &host->memory64;

			if (windows[k].segment == host->segment && has_offset(to, windows[k].to_cpu)) {
				extend(to, &windows[k]);
			}
		}
	}
}
