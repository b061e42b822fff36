/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine, as the main page works on it: what is described, and what was made of it. */
#ifndef MACHINE_H
#define MACHINE_H

#include "base/device.h"
#include "checks/checks.h"
#include "firmware/description.h"
#include "iommu/iommu.h"
#include "masters/master.h"
#include "options.h"
#include "pci/pci.h"
#include "pci/snapshot.h"
#include "smmuv3/smmuv3.h"

/* What is counted lies in the arena, as large as what is described and found. */
struct acpi_tables {
	const void *rsdp; /* NULL: there are none, and `why`, in words. */
	const void *(*find)(uint64_t pa, uint64_t size);
	const char *why;
};

struct machine {
	struct options options;
	struct description description;
	bool has_tree;
	uint64_t next_size;   /* Of the image at options.next, its bss included. */
	const char *next_why; /* Why it is not started; NULL where it may be. */
	struct acpi_tables acpi;
	struct stream_description other; /* What a second table says; it is compared, and not used. */
	bool has_other;
	struct pci_host *pci;
	unsigned int pci_count;
	struct pci_snapshot *pci_before; /* For exit=return, of each host; or NULL. */
	struct smmuv3 *smmu;
	const char **smmu_name;
	unsigned int smmu_count;
	bool *unusable; /* Its registers could not be read: it is not registered. */
	int *smmu_of;	/* From the description's index to smmu[], or -1 where disabled. */
	struct master *master;
	unsigned int master_max;
	unsigned int master_count;
	unsigned int masters_left_out;
	struct bind_queue queue;
	struct iommu_core core;
	struct word stop; /* Tells the other cores to leave. */
	struct bringup bringup;
	uint8_t *dma_memory; /* What masters work on: the only memory that is ever mapped for them. */
	uint64_t dma_size;
	uint64_t dma_used;
};

/* memory.c: the arena, and the memory that masters work on. 0, or -ENOMEM where no piece of RAM is left. */
int machine_find_memory(struct machine *machine);
/*
 * Room for a list whose length the caller does not know yet: half of the arena, in entries of `size` bytes; `count` of
 * them. What is behind the list's end goes back by arena_trim(). What is in it is anything.
 */
void *machine_take_half(size_t size, unsigned int *count);
/* Pages, one behind the other, that may be mapped for masters; or NULL. What is in them is anything. */
uint8_t *machine_dma_pages(struct machine *machine, unsigned int count);

/*
 * acpi_tables.c: where the ACPI tables are. From fw_cfg they are loaded into the arena, once, as QEMU makes them at
 * this moment; those in memory are reserved as they are looked at.
 */
struct acpi_tables machine_find_acpi(struct machine *machine);

/*
 * tables.c: the device tree; without one, the machine by ACPI and by what the platform's folder knows. Then memory.
 * 0, or -errno after saying why.
 */
int machine_read_tables(struct machine *machine, const void *device_tree);
/* PCI, then the IORT where there is one: it may be made by what PCI was given. 0, or -errno after saying why. */
int machine_enumerate(struct machine *machine);

/* comeback.c: for exit=return. Whether there is somebody to return to; if not, says so and forgets it. */
void machine_check_return(struct machine *machine);
/* Notes a host's functions as they are found, before it is enumerated. */
void machine_note_pci(struct machine *machine, struct pci_host *host);
/* Interrupts and timer, and for exit=return PCI, as they were found; NULL, or what could not be put back. */
const char *machine_put_back(struct machine *machine);

/*
 * next.c: for next=. Checks the image there before any memory is taken, and reserves its own; one that is refused is
 * told of, and is not started.
 */
void machine_check_next(struct machine *machine);
/* The record `next`, where next= is given; one that is refused fails the run. */
void machine_report_next(struct machine *machine);
/* Starts it, with the device tree as it was given. Returns where it is not to be started. Boot core, the only one on.
 */
void machine_start_next(const struct machine *machine, bool passed);

/*
 * inherit.c: records how each SMMU was left, before the first write to it, and says it; and what PCI was left with,
 * which enumeration has turned off. An SMMU that does not answer is unusable from here on. Boot core.
 */
void machine_inherit(struct machine *machine);

/* interrupts.c: enables the SMMUs' interrupts, as described. What cannot be had is a `difference`. Boot core. */
void machine_wire(struct machine *machine);
/* Those that were masked since the last call, for their lines did not fall: a `difference` or a warning each. */
void machine_say_masked(struct machine *machine);

/* population.c: instances and masters from the description and from what is on PCI. */
void machine_populate(struct machine *machine);

#endif
