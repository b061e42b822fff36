/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine as the main page sees it: what is described, and what was made of it. */
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

/* Arrays are in the arena, as large as what is described and found. */
struct acpi_tables {
	const void *rsdp; /* NULL: none, see `why`. */
	const void *(*find)(uint64_t pa, uint64_t size);
	const char *why;
};

struct machine {
	struct options options;
	struct description description;
	bool has_tree;
	uint64_t next_size;   /* Size of the image at options.next, bss included. */
	const char *next_why; /* Why it is not started, or NULL. */
	struct acpi_tables acpi;
	struct stream_description other; /* The second table: only compared. */
	bool has_other;
	struct pci_host *pci;
	unsigned int pci_count;
	struct pci_snapshot *pci_before; /* For exit=return, one for each host; or NULL. */
	struct smmuv3 **smmu;
	const char **smmu_name;
	unsigned int smmu_count;
	bool *unusable; /* Registers could not be read: not registered. */
	int *smmu_of;	/* Description index to smmu[] index; -1: disabled. */
	struct master *master;
	unsigned int master_max;
	unsigned int master_count;
	unsigned int masters_left_out;
	struct bind_queue queue;
	struct iommu_core core;
	struct word stop; /* Tells the other cores to leave. */
	struct bringup bringup;
	uint8_t *dma_memory; /* For the masters; the only memory mapped for them. */
	uint64_t dma_size;
	uint64_t dma_used;
};

/*
 * describe.c: reads the tables, enumerates PCI, makes instances and masters, enables interrupts. Ends the run if the
 * machine cannot be used. Boot core. (Inlined into main() it keeps smaller functions from it: 0.6 KiB in AArch64.)
 */
__attribute__((noinline)) void machine_describe(struct machine *machine);

/* memory.c: finds the arena and the masters' memory. 0, or -ENOMEM. */
int machine_find_memory(struct machine *machine);
/*
 * Half of the arena for a list of unknown length: `count` entries of `size` bytes, uninitialised. arena_trim() gives
 * the rest back.
 */
void *machine_take_half(size_t size, unsigned int *count);
/* Contiguous pages that masters may use, uninitialised; or NULL. */
uint8_t *machine_dma_pages(struct machine *machine, unsigned int count);

/*
 * acpi_tables.c: finds the ACPI tables. From fw_cfg they are loaded into the arena, once, as QEMU makes them at that
 * moment; in memory they are reserved as they are read.
 */
struct acpi_tables machine_find_acpi(struct machine *machine);

/*
 * tables.c: reads the device tree, or else ACPI and the platform's facts; then finds memory. 0, or -errno after a
 * message.
 */
int machine_read_tables(struct machine *machine, const void *device_tree);
/* Enumerates PCI, then reads the IORT, which QEMU makes from the PCI bus numbers. 0, or -errno after a message. */
int machine_enumerate(struct machine *machine);

/* comeback.c: refuses exit=return, with a message, if there is no caller. */
void machine_check_return(struct machine *machine);
/* Saves a host's functions before enumeration. */
void machine_note_pci(struct machine *machine, struct pci_host *host);
/* Restores interrupts and timer, and PCI for exit=return. NULL, or what could not be restored. */
const char *machine_put_back(struct machine *machine);

/* next.c: checks the image of next= before any memory is taken, and reserves it; prints a refusal. */
void machine_check_next(struct machine *machine);
/* Writes the record `next`; a refused image fails the run. */
void machine_report_next(struct machine *machine);
/* Starts the image with the device tree; returns if it is not to be started. Boot core, the others off. */
void machine_start_next(const struct machine *machine, bool passed);

/*
 * inherit.c: records how each SMMU was left, before the first write, and what PCI had on (off now). An SMMU that does
 * not answer becomes unusable. Boot core.
 */
void machine_inherit(struct machine *machine);

/* register.c: every SMMU denies everything; one that does not becomes unusable. Boot core. */
void machine_block(struct machine *machine);
/* Registers each usable SMMU, in the order of order=, and reports instances and masters. Boot core. */
void machine_register(struct machine *machine);

/* start.c: starts the other cores, writes the record `firmware`, and queues each client that has a driver. Boot core.
 */
void machine_start(struct machine *machine);
/* Waits until every queued client was tried, or names those that were not: false. A single core does the work itself.
 */
bool machine_settle(struct machine *machine);

/* interrupts.c: enables the SMMUs' interrupts; each one that fails is a `difference`. Boot core. */
void machine_wire(struct machine *machine);
/* Reports interrupts masked since the last call: a `difference` or a warning. */
void machine_say_masked(struct machine *machine);

/* population.c: makes instances and masters from the description and PCI. */
void machine_populate(struct machine *machine);
/*
 * Maps the registers of an SMMU with a base, only as many as it has: the next page may be another device's. NULL: they
 * cannot be mapped.
 */
volatile uint8_t *machine_map_smmu(const struct smmu_description *from);

#endif
