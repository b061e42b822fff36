/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The description of the platform. The readers of the device tree and of the IORT fill it; everything else reads only
 * this. Names point into its own pool, so the tables may go away.
 */
#ifndef FIRMWARE_DESCRIPTION_H
#define FIRMWARE_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "firmware/limits.h"
#include "serial/console_description.h"

/* Physical, in bytes. */
struct range_description {
	uint64_t base;
	uint64_t size;
};

struct core_description {
	uint64_t affinity; /* `reg` of the node: MPIDR affinity fields. */
	bool enabled;
};

enum psci_method { PSCI_NONE, PSCI_HVC, PSCI_SMC };

#define PSCI_NO_FUNCTION 0xffffffffU

struct psci_description {
	enum psci_method method;
	bool is_0_1;	 /* "arm,psci": only the functions below, with these numbers. */
	uint32_t cpu_on; /* PSCI 0.1; or PSCI_NO_FUNCTION. */
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
	bool edge;	/* From an IORT, which has no trigger type, always edge: SMMUv3 wired interrupts pulse. */
	uint32_t intid; /* INTID: SPI n is 32 + n, PPI n is 16 + n. */
};

struct timer_description {
	struct irq_description virtual_timer;
	uint32_t clock_frequency; /* clock-frequency, or 0. */
};

struct pci_window_description {
	uint64_t pci_base; /* Bus address. */
	uint64_t cpu_base; /* CPU address. */
	uint64_t size;
};

struct host_description {
	const char *name;	       /* Device tree path. */
	uint32_t segment;	       /* linux,pci-domain, or the lowest number that no host has. */
	struct range_description ecam; /* `base`: bus `bus_first`. */
	uint8_t bus_first;
	uint8_t bus_last;
	struct pci_window_description memory32; /* Non-prefetchable 32-bit window; size 0: none. */
	struct pci_window_description memory64; /* 64-bit window; size 0: none. */
};

/* Errata that a table names. */
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
	uint32_t handle; /* How masters refer to it: phandle, or IORT node offset. */
	struct irq_description eventq;
	struct irq_description priq;
	struct irq_description sync;
	struct irq_description gerror;
};

#define STREAM_NO_MASK 0xffffffffU

/* Stream IDs named directly: an `iommus` specifier, an ID mapping of an IORT named component. */
struct fixed_description {
	unsigned int smmu; /* Index into smmu[]. */
	uint32_t first;	   /* Inclusive. */
	uint32_t last;	   /* Inclusive. */
	bool single;
	bool has_address;	/* False for an IORT. */
	uint64_t address;	/* The master's first registers. */
	const char *master;	/* Device tree path, or IORT device name. */
	const char *compatible; /* First one, or NULL. */
	bool enabled;
};

/*
 * A resolved piece of an `iommu-map` or of a root complex's ID mappings. Pieces of one master are disjoint and
 * ascending; the first matching entry of the table has won.
 */
struct window_description {
	unsigned int smmu;
	uint32_t input_first; /* Masked, inclusive. */
	uint32_t input_last;
	uint32_t sid;  /* Stream ID of input_first; the others follow. */
	bool constant; /* All input IDs give `sid`. */
	bool has_mask;
	uint32_t mask;	    /* Applied to the requester ID, if has_mask. */
	bool has_address;   /* False for an IORT. */
	uint64_t address;   /* The master's first registers. */
	const char *master; /* Path of the host, or "segment:<n>". */
	uint32_t segment;   /* PCI segment; STREAM_NO_SEGMENT for a node that is no PCI host. */
	bool enabled;
};

#define STREAM_NO_SEGMENT 0xffffffffU

/* Addresses that masters with these streams already use: `iommu-addresses`, RMR nodes. */
struct direct_description {
	unsigned int smmu;
	uint32_t first; /* Inclusive. */
	uint32_t last;	/* Inclusive. */
	bool mapped;	/* Mapped one to one, and stays so; otherwise the addresses are only taken. */
	uint64_t base;	/* The range as described. */
	uint64_t size;
	const char *master;
	const char *where; /* The node that says so. */
};

struct warning_description {
	const char *where;
	const char *text;
};

/* Lists that a table may overfill. */
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

/* Which masters emit which stream IDs: what a device tree and an IORT both tell. */
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
	struct psci_description psci;
	struct gic_description gic;
	struct timer_description timer;
	struct host_description host[DESCRIPTION_HOSTS_MAX];
	unsigned int host_count;
	uint64_t fw_cfg_base; /* 0: none. */
	const char *bootargs; /* /chosen/bootargs, or "". */

	struct stream_description streams;

	unsigned int left_out[LISTS]; /* Since that was told. */

	struct warning_description
		warning[DESCRIPTION_WARNINGS_MAX + LISTS]; /* The last LISTS places report what was left out. */
	unsigned int warning_count;
	unsigned int warnings_lost; /* Did not fit. */

	struct warning_description
		note[DESCRIPTION_NOTES_MAX]; /* Nodes that are skipped without being wrong, in order. */
	unsigned int note_count;

	char names[DESCRIPTION_NAMES_SIZE + DESCRIPTION_NAMES_KEPT]; /* The last bytes report what was left out. */
	size_t names_used;
	size_t names_room;
};

struct stream_id {
	unsigned int smmu; /* Index into streams.smmu[]. */
	uint32_t sid;
};

/* Empties a description. */
void description_init(struct description *description);

/* Drops instances, streams and windows, for another reader; the names stay. */
void description_clear_streams(struct description *description);

/*
 * Copies a string into the pool (equal strings are shared), and returns the copy, valid as long as the description.
 * Pool full: "?", and a lost warning is counted. Boot core.
 */
const char *description_name(struct description *description, const char *text);

/* Records a warning, once. `where`: path or node; `text`: a sentence; both are copied. */
void description_warn(struct description *description, const char *where, const char *text);

/*
 * The first counts an item that finds no room in its list. The second, a reader's last call, warns of all that were
 * counted since the last time: once for each list, with the count, and in room that is kept for it.
 */
void description_leave_out(struct description *description, enum description_list list);
void description_warn_left_out(struct description *description);

/* Records something skipped that is no mistake; ignored if there is no room. */
void description_note(struct description *description, const char *where, const char *text);

/* Records a direct region. One that wraps, is empty or finds no room becomes a warning about its `where`. */
void description_add_direct(struct description *description, const struct direct_description *direct);

/* The region in whole 4 KiB pages. Any core. */
struct range_description description_direct_pages(const struct direct_description *direct);

/* The last stream ID of a window that its mask allows. Any core. */
uint32_t description_window_last(const struct window_description *window);

/* Requester IDs that map to stream IDs in one way, or not at all. */
struct stream_run {
	uint32_t first;
	uint32_t last;
	bool mapped;
	bool constant;		 /* All give the same stream ID; otherwise they count up. */
	struct stream_id stream; /* For `first`. */
};

/* The run that begins with this requester ID of this segment. Any core. */
void description_run_of(const struct stream_description *streams, uint32_t segment, uint32_t requester_id,
			struct stream_run *run);

/*
 * The stream of PCI function `requester_id` of `segment`.
 *
 * Return:      0          `stream` holds it
 *              -ENOENT    no enabled window holds the ID
 * Context:     any core.
 */
int description_stream_of(const struct stream_description *streams, uint32_t segment, uint32_t requester_id,
			  struct stream_id *stream);

#endif
