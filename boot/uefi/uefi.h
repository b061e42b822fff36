/* SPDX-License-Identifier: BSD-2-Clause */
/* The image as a UEFI application. Boot core, on UEFI's stack and tables unless noted. */
#ifndef UEFI_H
#define UEFI_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/description.h"
#include "uefi/efi.h"

#define UEFI_WORDS 2 /* A name, and all words in one text. */

/* Not in bss, which is cleared between start and end. */
struct uefi {
	struct efi_system_table *system;
	efi_handle image;
	efi_handle *pci; /* Those with drivers. */
	uint64_t pci_count;
	struct range_description memory; /* Size 0: none. */
	uint64_t memory_pages_at, memory_pages;
	uint64_t map_at, map_size, map_pages, descriptor_size; /* UEFI's memory map. */
};

/* Hidden: needs no pointer, which would have to be moved first. */
#define UEFI_HIDDEN __attribute__((visibility("hidden")))
extern struct uefi uefi UEFI_HIDDEN;
extern bool uefi_has_left UEFI_HIDDEN;	   /* Boot services are over. */
extern efi_status uefi_status UEFI_HIDDEN; /* Why it was not started. */

/*
 * Notes what UEFI knows; then takes the devices from their drivers (exit=return), or ends boot services.
 *
 * Return:      the count of arguments for start.S, or 0: `uefi_status` says why
 * Context:     UEFI's core, with boot services; they may be over on return.
 */
uint64_t uefi_prepare(efi_handle image, struct efi_system_table *system, const char *const **words);

/*
 * Gives the devices back, writes the report, prints the verdict.
 *
 * Return:      EFI_SUCCESS for a result of 0, else EFI_ABORTED
 * Context:     UEFI's core, with boot services.
 */
efi_status uefi_finish(uint64_t result);

/* On UEFI's console; '\n' starts a line. */
void uefi_say(const char *text);

/* volume.c: notes the application's volume, while it has a driver. */
void uefi_note_volume(efi_handle device);
/* Writes the records there. NULL, or why not. Devices are connected again. */
const char *uefi_write_report(void);

/* windows.c: notes the PCI hosts' windows. */
void uefi_note_windows(void);
/* Adds the windows. Any context. */
void uefi_add_windows(struct description *description);

/* NULL: UEFI did not start this image. Any context. */
const struct range_description *uefi_memory(void);

/* Adds RAM of UEFI's memory map. Any context. */
void uefi_add_ram(struct description *description);

#endif
