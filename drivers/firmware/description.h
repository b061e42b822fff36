/* SPDX-License-Identifier: BSD-2-Clause */
/* The platform, as device tree and ACPI describe it. Names are copied: the tables may go away. */
#ifndef FIRMWARE_DESCRIPTION_H
#define FIRMWARE_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arch.h"
#include "firmware/limits.h"
#include "serial/console_description.h"

/* Physical, in bytes. */
struct range_description {
	uint64_t base;
	uint64_t size;
};

static inline bool range_has(const struct range_description *range, uint64_t at, uint64_t size)
{
	return at >= range->base && at - range->base < range->size && size <= range->size - (at - range->base);
}

struct core_description {
	uint64_t affinity; /* MPIDR affinity fields. */
	bool enabled;
};

enum psci_method { PSCI_NONE, PSCI_HVC, PSCI_SMC };

#define PSCI_NO_FUNCTION 0xffffffffU

struct psci_description {
	enum psci_method method;
	bool is_0_1;	 /* "arm,psci": only these functions. */
	uint32_t cpu_on; /* Or PSCI_NO_FUNCTION. */
	uint32_t cpu_off;
};

struct gic_description {
	unsigned int version; /* 2, 3, or 0: none. */
	struct range_description distributor;
	struct range_description processor; /* GICv2: GICC. */
	struct range_description redistributor[DESCRIPTION_REDISTRIBUTORS_MAX];
	unsigned int redistributor_count;
};

struct irq_description {
	bool present;
	bool edge;	/* IORT: always, because SMMUv3 wired interrupts pulse. */
	uint32_t intid; /* SPI n is 32 + n, PPI n is 16 + n. */
};

struct timer_description {
	struct irq_description virtual_timer;
	uint32_t clock_frequency; /* Hz, or 0. */
};

struct pci_window_description {
	uint64_t pci_base;
	uint64_t cpu_base;
	uint64_t size;
};

struct host_description {
	const char *name;	       /* Device tree path, or "segment:<n>". */
	uint32_t segment;	       /* From linux,pci-domain or MCFG, or the lowest free number. */
	struct range_description ecam; /* Begins at `bus_first`. */
	uint8_t bus_first;
	uint8_t bus_last;
	struct pci_window_description memory32; /* Size 0: none. Prefetchable only if there is no other. */
	struct pci_window_description memory64; /* Size 0: none. */
	struct pci_window_description window[DESCRIPTION_HOST_WINDOWS_MAX]; /* A device tree's, with those two. */
};

#define DESCRIPTION_UNKNOWN_HOSTS_MAX (ARCH_PLANS ? DESCRIPTION_HOSTS_MAX : 1U)

struct unknown_host_description {
	struct host_description host; /* Without ECAM; without `dbi`, only a name and a segment. */
	const char *compatible;	      /* The first. */
	/* By their names; size 0: not described. */
	struct range_description dbi;
	struct range_description config;
	struct range_description atu;
};

#define SMMU_QUIRK_NO_PAGE1 (1U << 0)	  /* cavium,cn9900-broken-page1-regspace; IORT model 2 (CN99xx). */
#define SMMU_QUIRK_NO_PREFETCH (1U << 1)  /* hisilicon,broken-prefetch-cmd; IORT model 1 (HI161x). */
#define SMMU_QUIRK_COMBINED_IRQ (1U << 2) /* CN99xx with four equal GSIVs. */

struct smmu_description {
	const char *name; /* Device tree path, or "iort@0x<node offset>". */
	bool has_base;
	uint64_t base; /* CPU physical. */
	uint64_t size;
	bool enabled;
	bool coherent;
	uint8_t quirks;	 /* SMMU_QUIRK_*. */
	uint32_t handle; /* Phandle, or IORT node offset. */
	struct irq_description eventq;
	struct irq_description priq;
	struct irq_description sync;
	struct irq_description gerror;
};

#define STREAM_NO_MASK 0xffffffffU

/* Streams of an `iommus` specifier or an IORT named component. */
struct fixed_description {
	unsigned int smmu; /* Index into smmu[]. */
	uint32_t first;
	uint32_t last; /* Inclusive. */
	bool single;
	bool has_address;
	uint64_t address;	/* The master's first registers. */
	const char *master;	/* Path, or IORT device name. */
	const char *compatible; /* First one, or NULL. */
	bool enabled;
};

/* A range of an `iommu-map` or root complex; those of one master are disjoint and ascending. */
struct window_description {
	unsigned int smmu;
	uint32_t input_first; /* Masked, inclusive. */
	uint32_t input_last;
	uint32_t sid;  /* For input_first; the others follow. */
	bool constant; /* All input IDs give `sid`. */
	bool has_mask;
	uint32_t mask; /* Applied to the requester ID. */
	bool has_address;
	uint64_t address;
	const char *master; /* Path, or "segment:<n>". */
	uint32_t segment;   /* STREAM_NO_SEGMENT: no PCI host. */
	bool enabled;
};

#define STREAM_NO_SEGMENT 0xffffffffU

/* Addresses that these streams use already: `iommu-addresses`, RMR nodes. */
struct direct_description {
	unsigned int smmu;
	uint32_t first;
	uint32_t last; /* Inclusive. */
	bool mapped;   /* Mapped one to one for good; false: the addresses are only taken. */
	uint64_t base;
	uint64_t size;
	const char *master;
	const char *where; /* The node that says so. */
};

struct warning_description {
	const char *where;
	const char *text;
};

enum description_list {
	LIST_MEMORY,
	LIST_CORES,
	LIST_REDISTRIBUTORS,
	LIST_HOSTS,
	LIST_SMMUS,
	LIST_FIXED,
	LIST_WINDOWS,
	LIST_DIRECTS,
	LIST_MSIS,
	LISTS
};

#define DESCRIPTION_NAMES_KEPT 640U

enum description_source { DESCRIPTION_DT, DESCRIPTION_IORT };

struct stream_description {
	enum description_source source;
	struct smmu_description smmu[DESCRIPTION_SMMUS_MAX];
	unsigned int smmu_count;
	struct fixed_description fixed[DESCRIPTION_FIXED_MAX];
	unsigned int fixed_count;
	struct window_description window[DESCRIPTION_WINDOWS_MAX];
	unsigned int window_count;
	struct direct_description direct[DESCRIPTION_DIRECTS_MAX];
	unsigned int direct_count;
};

struct description {
	struct range_description memory[DESCRIPTION_MEMORY_MAX];
	unsigned int memory_count;
	struct range_description reserved[DESCRIPTION_MEMORY_MAX]; /* /memreserve/, /reserved-memory, initrd. */
	unsigned int reserved_count;
	struct core_description core[DESCRIPTION_CORES_MAX];
	unsigned int core_count;
	struct console_description console;
	const char *unknown_console; /* Its first compatible string, or NULL. */
	struct psci_description psci;
	struct gic_description gic;
	struct timer_description timer;
	struct host_description host[DESCRIPTION_HOSTS_MAX];
	unsigned int host_count;
	struct unknown_host_description unknown_host[DESCRIPTION_UNKNOWN_HOSTS_MAX]; /* Only ARCH_PLANS. */
	unsigned int unknown_host_count;
	uint64_t fw_cfg_base; /* 0: none. */
	const char *bootargs; /* "": none. */

	struct stream_description streams;

	unsigned int left_out[LISTS]; /* Items since the last warning. */

	struct warning_description
		warning[DESCRIPTION_WARNINGS_MAX + LISTS]; /* The last LISTS places report what was left out. */
	unsigned int warning_count;
	unsigned int warnings_lost;

	struct warning_description
		note[DESCRIPTION_NOTES_MAX]; /* Nodes that are skipped without being wrong, in order. */
	unsigned int note_count;

	char names[DESCRIPTION_NAMES_SIZE + DESCRIPTION_NAMES_KEPT]; /* The end is for what was left out. */
	size_t names_used;
	size_t names_room;
};

struct stream_id {
	unsigned int smmu;
	uint32_t sid;
};

void description_init(struct description *description);

/* Keeps the names. */
void description_clear_streams(struct description *description);

/* Copies a string into the pool, which shares equal ones. Pool full: "?", and a lost warning is counted. Boot core. */
const char *description_name(struct description *description, const char *text);

/* Records a warning once; copies both strings. */
void description_warn(struct description *description, const char *where, const char *text);

/*
 * The first counts an item without room in its list. The second is a reader's last call: it warns of what was counted,
 * in room kept for it.
 */
void description_leave_out(struct description *description, enum description_list list);
void description_warn_left_out(struct description *description);

/* Records something skipped that is no mistake, if there is room. */
void description_note(struct description *description, const char *where, const char *text);

/* Adds a region, or warns if it wraps, is empty or finds no room. */
void description_add_direct(struct description *description, const struct direct_description *direct);

/* The region in whole 4 KiB pages. */
struct range_description description_direct_pages(const struct direct_description *direct);

/* The last stream ID that the window's mask allows. */
uint32_t description_window_last(const struct window_description *window);

/* Requester IDs whose stream IDs count up, are all the same, or are missing. */
struct stream_run {
	uint32_t first;
	uint32_t last;
	bool mapped;
	bool constant;
	struct stream_id stream; /* For `first`. */
};

void description_run_of(const struct stream_description *streams, uint32_t segment, uint32_t requester_id,
			struct stream_run *run);

/*
 * The stream of a PCI function.
 *
 * Return:      0
 *              -ENOENT    no enabled window holds the ID
 * Context:     any core.
 */
int description_stream_of(const struct stream_description *streams, uint32_t segment, uint32_t requester_id,
			  struct stream_id *stream);

#endif
