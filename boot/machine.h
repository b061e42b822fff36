/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine: what is described, and what was made of it. Boot core. */
#ifndef MACHINE_H
#define MACHINE_H

#include "base/device.h"
#include "checks/checks.h"
#include "firmware/description.h"
#include "iommu/iommu.h"
#include "masters/master.h"
#include "options/options.h"
#include "pci/pci.h"
#include "pci/snapshot.h"
#include "smmuv3/smmuv3.h"

/* `find` returns `size` readable bytes at `pa`, or NULL. */
struct acpi_tables {
	const void *rsdp; /* NULL: none, see `why`. */
	const void *(*find)(uint64_t pa, uint64_t size);
	const char *why;
};

struct machine {
	struct options options;
	struct description description;
	bool has_tree;
	uint64_t next_size;   /* Of the image at options.next, with bss. */
	const char *next_why; /* Why it is refused, or NULL. */
	struct acpi_tables acpi;
	struct stream_description other; /* Only compared. */
	bool has_other;
	const void *table; /* The device tree or IORT that `description` has its streams from. */
	size_t table_size;
	struct pci_host *pci;
	unsigned int pci_count;
	struct pci_snapshot *pci_before; /* For exit=return, by host; or NULL. */
	struct smmuv3 **smmu;
	const char **smmu_name;
	unsigned int smmu_count;
	bool *unusable; /* Not to be registered. */
	int *smmu_of;	/* Description index to smmu[] index; -1: disabled. */
	struct master *master;
	unsigned int master_max;
	unsigned int master_count;
	unsigned int masters_left_out;
	struct bind_queue queue;
	struct iommu_core core;
	struct word stop; /* Tells the other cores to leave. */
	struct bringup bringup;
	uint8_t *dma_memory; /* For the masters. */
	uint64_t dma_size;
	uint64_t dma_used;
};

/* describe.c: from the tables to instances and masters. An error ends the run. */
void machine_describe(struct machine *machine);

/* "GICv2", "GICv3", or that none is known. */
const char *machine_gic_name(unsigned int version);

/* memory.c: finds the arena and the masters' memory. 0, or -ENOMEM. */
int machine_find_memory(struct machine *machine);
/* Half of the arena, uninitialised, for `count` entries of `size` bytes. arena_trim() gives the rest back. */
void *machine_take_half(size_t size, unsigned int *count);
/* Contiguous pages for masters, uninitialised; or NULL. */
uint8_t *machine_dma_pages(struct machine *machine, unsigned int count);

/* acpi_tables.c: loads the ACPI tables from fw_cfg, once, or reserves them in place. */
struct acpi_tables machine_find_acpi(struct machine *machine);

/* tables.c: reads the device tree, else ACPI; then finds memory. 0, or -errno after a message. */
int machine_read_tables(struct machine *machine, const void *device_tree);
/* Enumerates PCI; then reads the IORT, which QEMU makes from bus numbers. 0, or -errno after a message. */
int machine_enumerate(struct machine *machine);

/* comeback.c: refuses exit=return without a caller. */
void machine_check_return(struct machine *machine);
/* Saves a host's functions. Call it before enumeration. */
void machine_note_pci(struct machine *machine, struct pci_host *host);
/* For exit=return: keeps how a blocked SMMU was found. */
void machine_keep_smmu(const struct machine *machine, struct smmuv3 *smmu);
/* Restores interrupts and timers; SMMUs and PCI for exit=return. NULL, or what failed. */
const char *machine_put_back(struct machine *machine);

/* next.c: checks and reserves the image of next=, before memory is taken. */
void machine_check_next(struct machine *machine);
/* Writes the image's record. A refused image fails the run. */
void machine_report_next(struct machine *machine);
/* Starts the image, or returns. Other cores are off. */
void machine_start_next(const struct machine *machine, bool passed);

/* inherit.c: records what each SMMU and PCI had on. An SMMU that does not answer becomes unusable. */
void machine_inherit(struct machine *machine);

/* register.c: makes every SMMU deny everything, or unusable. */
void machine_block(struct machine *machine);
/* Registers each usable SMMU, in the order of order=. */
void machine_register(struct machine *machine);

/* plan.c: for describe=only: says what a run would do, and ends. Only ARCH_PLANS. */
_Noreturn void machine_plan(struct machine *machine);

/* start.c: writes the record `firmware`; `smmu_count` is for order=. */
void machine_report_firmware(struct machine *machine, unsigned int smmu_count);
/* Starts the other cores and queues each client that has a driver. */
void machine_start(struct machine *machine);
/* Waits until every queued client was tried; a single core binds here. False: prints the others. */
bool machine_settle(struct machine *machine);

/* interrupts.c: enables the SMMUs' interrupts; a failure is a `difference`. */
void machine_wire(struct machine *machine);
/* Reports interrupts masked since the last call. */
void machine_say_masked(struct machine *machine);

/* population.c: makes instances and masters. */
void machine_populate(struct machine *machine);
/* Why no SMMU can be at its described base, or NULL. */
const char *machine_smmu_impossible(const struct description *description, unsigned int described);
/* Only an SMMU's own registers: the next page may be another device's. NULL: not possible. */
volatile uint8_t *machine_map_smmu(const struct smmu_description *from);

#endif
