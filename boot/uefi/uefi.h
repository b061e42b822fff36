/* SPDX-License-Identifier: BSD-2-Clause */
/* The image as a UEFI application. Boot core, on UEFI's stack and tables, unless it says otherwise. */
#ifndef UEFI_H
#define UEFI_H

#include <stdbool.h>
#include <stdint.h>

#include "firmware/description.h"
#include "uefi/efi.h"

#define UEFI_WORDS 2 /* argv: a name, and all words in one text. */

/* What is kept from the start to the end; not in bss, which is cleared in between. */
struct uefi {
	struct efi_system_table *system;
	efi_handle image;
	efi_handle *pci; /* Handles that had drivers. */
	uint64_t pci_count;
	struct range_description memory; /* Allocated for the run; size 0: none. */
	uint64_t memory_pages_at, memory_pages;
	uint64_t map_at, map_size, map_pages, descriptor_size; /* The memory map, as UEFI told it. */
};

/* Hidden: found without a pointer, which would have to be moved first. */
#define UEFI_HIDDEN __attribute__((visibility("hidden")))
extern struct uefi uefi UEFI_HIDDEN;
extern bool uefi_has_left UEFI_HIDDEN;	   /* Boot services are over. */
extern efi_status uefi_status UEFI_HIDDEN; /* Why it was not started. */

/*
 * Notes what UEFI knows, takes the devices from their drivers, and, unless exit=return holds, ends boot services.
 * Called by the entry of the application.
 *
 * Return:      the count of arguments for start.S, or 0: not possible, and `uefi_status` says why.
 */
uint64_t uefi_prepare(efi_handle image, struct efi_system_table *system, const char *const **words);

/*
 * Gives the devices back, writes the report to the volume that the application came from, and says the verdict.
 *
 * Return:      EFI_SUCCESS for a result of 0, else EFI_ABORTED.
 */
efi_status uefi_finish(uint64_t result);

/* Prints on UEFI's console; '\n' starts a line. */
void uefi_say(const char *text);

/* volume.c: notes the volume of this application, before its driver is disconnected. */
void uefi_note_volume(efi_handle device);
/* Writes the records of the report to it. NULL, or why not. Devices are connected again. */
const char *uefi_write_report(void);

/* windows.c: notes the windows of PCI hosts. */
void uefi_note_windows(void);
/* Gives them to the described hosts. Any context. */
void uefi_add_windows(struct description *description);

/* Memory for the run, or NULL: not started by UEFI. Any context. */
const struct range_description *uefi_memory(void);

/* Adds the RAM of UEFI's memory map. Any context. */
void uefi_add_ram(struct description *description);

#endif
