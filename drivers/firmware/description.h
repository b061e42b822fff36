/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The one description of the platform. The device tree reader and the ACPI IORT reader both fill it; everything else
 * reads this and never a table. Names are pointers into the description's own pool, so that the tables may go away.
 */
#ifndef FIRMWARE_DESCRIPTION_H
#define FIRMWARE_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DESCRIPTION_MEMORY_MAX 64U
#define DESCRIPTION_CORES_MAX 512U
#define DESCRIPTION_HOSTS_MAX 16U
#define DESCRIPTION_SMMUS_MAX 64U
#define DESCRIPTION_FIXED_MAX 512U
#define DESCRIPTION_WINDOWS_MAX 512U
#define DESCRIPTION_DIRECTS_MAX 64U
#define DESCRIPTION_WARNINGS_MAX 64U
#define DESCRIPTION_NOTES_MAX 32U
#define DESCRIPTION_REDISTRIBUTORS_MAX 8U
#define DESCRIPTION_NAMES_SIZE 49152U

/* Physical addresses and sizes in bytes. */
struct range_description {
	uint64_t base;
	uint64_t size;
};

struct core_description {
	uint64_t affinity; /* `reg` of the core's node: MPIDR affinity fields. */
	bool enabled;
};

enum console_kind { CONSOLE_NONE, CONSOLE_PL011, CONSOLE_16550, CONSOLE_SBSA };

struct console_description {
	enum console_kind kind;
	uint64_t base;
	uint32_t reg_shift; /* A 16550's registers are 1 << reg_shift bytes apart. */
};

enum psci_method { PSCI_NONE, PSCI_HVC, PSCI_SMC };

#define PSCI_NO_FUNCTION 0xffffffffU

struct psci_description {
	enum psci_method method;
	bool is_0_1;	 /* "arm,psci": its functions have the numbers below, and no others are there. */
	uint32_t cpu_on; /* Of 0.1, or PSCI_NO_FUNCTION. */
	uint32_t cpu_off;
};

struct gic_description {
	unsigned int version; /* 2, 3, or 0 where none is described. */
	struct range_description distributor;
	struct range_description processor; /* GICv2's GICC. */
	struct range_description redistributor[DESCRIPTION_REDISTRIBUTORS_MAX];
	unsigned int redistributor_count;
};

struct irq_description {
	bool present;
	bool edge;	/* An IORT carries no trigger type: edge is assumed there, as SMMUv3 wired interrupts pulse. */
	uint32_t intid; /* GIC INTID: SPI n is 32 + n, PPI n is 16 + n. */
};

struct timer_description {
	struct irq_description virtual_timer;
	uint32_t clock_frequency; /* The node's clock-frequency, or 0. */
};

struct pci_window_description {
	uint64_t pci_base; /* As the bus sees it. */
	uint64_t cpu_base; /* As a core sees it. */
	uint64_t size;
};

struct host_description {
	const char *name;	       /* Device tree path. */
	uint32_t segment;	       /* linux,pci-domain, else the lowest number that no host names. */
	struct range_description ecam; /* `base` is where bus `bus_first` begins. */
	uint8_t bus_first;
	uint8_t bus_last;
	struct pci_window_description memory32; /* Non-prefetchable 32-bit window; size 0 where absent. */
	struct pci_window_description memory64; /* 64-bit window; size 0 where absent. */
};

/* What a table says of an SMMU's errata. */
#define SMMU_QUIRK_NO_PAGE1 (1U << 0)	  /* cavium,cn9900-broken-page1-regspace; IORT model 2, CN99xx. */
#define SMMU_QUIRK_NO_PREFETCH (1U << 1)  /* hisilicon,broken-prefetch-cmd; IORT model 1, HI161x. */
#define SMMU_QUIRK_COMBINED_IRQ (1U << 2) /* A CN99xx with four equal GSIVs. */

struct smmu_description {
	const char *name; /* Device tree path, or "iort@0x<node offset>". */
	bool has_base;
	uint64_t base; /* CPU physical. */
	uint64_t size;
	bool enabled;
	bool coherent;
	uint8_t quirks;	 /* SMMU_QUIRK_*. */
	uint32_t handle; /* phandle, or IORT node offset: how masters refer to it. */
	struct irq_description eventq;
	struct irq_description priq;
	struct irq_description sync;
	struct irq_description gerror;
};

#define STREAM_NO_MASK 0xffffffffU

/* Stream IDs that a table names outright: an `iommus` specifier, an ID mapping of an IORT named component. */
struct fixed_description {
	unsigned int smmu; /* Index into smmu[]. */
	uint32_t first;	   /* Inclusive. */
	uint32_t last;	   /* Inclusive. */
	bool single;
	bool has_address;	/* An IORT knows none. */
	uint64_t address;	/* Of the master's first registers. */
	const char *master;	/* Device tree path, or IORT device name. */
	const char *compatible; /* First compatible string, or NULL. */
	bool enabled;
};

/*
 * Input IDs (requester IDs) that are translated: one resolved piece of an `iommu-map`, or of an IORT root complex's ID
 * mappings. Pieces of one master are disjoint and ascending; the first matching entry of the table won.
 */
struct window_description {
	unsigned int smmu;
	uint32_t input_first; /* Masked IDs, inclusive. */
	uint32_t input_last;
	uint32_t sid;  /* Of input_first; the others follow. */
	bool constant; /* Every input ID gives `sid`. */
	bool has_mask;
	uint32_t mask;	    /* Applied to the requester ID first, where has_mask. */
	bool has_address;   /* An IORT knows none. */
	uint64_t address;   /* Of the master's first registers. */
	const char *master; /* Device tree path of the host, or "segment:<n>". */
	uint32_t segment;   /* Which host bridge these requester IDs belong to; STREAM_NO_SEGMENT for a non-PCI node. */
	bool enabled;
};

#define STREAM_NO_SEGMENT 0xffffffffU

/* Addresses that whoever emits these streams uses already: `iommu-addresses`, an IORT's RMR node. */
struct direct_description {
	unsigned int smmu;
	uint32_t first; /* Inclusive. */
	uint32_t last;	/* Inclusive. */
	bool mapped;	/* They lead to memory at the same addresses, and stay mapped so. Else they are just taken. */
	uint64_t base;	/* As described. */
	uint64_t size;
	const char *master;
	const char *where; /* Node that says so. */
};

struct warning_description {
	const char *where;
	const char *text;
};

enum description_source { DESCRIPTION_DT, DESCRIPTION_IORT };

/* Who emits which stream ID where: what a device tree and an IORT both say. */
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
	struct range_description reserved[DESCRIPTION_MEMORY_MAX]; /* /memreserve/, /reserved-memory, an initrd. */
	unsigned int reserved_count;
	struct core_description core[DESCRIPTION_CORES_MAX];
	unsigned int core_count;
	struct console_description console;
	struct psci_description psci;
	struct gic_description gic;
	struct timer_description timer;
	struct host_description host[DESCRIPTION_HOSTS_MAX];
	unsigned int host_count;
	uint64_t fw_cfg_base; /* 0 where there is none. */
	const char *bootargs; /* /chosen/bootargs; "" where absent. */

	struct stream_description streams;

	struct warning_description warning[DESCRIPTION_WARNINGS_MAX];
	unsigned int warning_count;
	unsigned int warnings_lost; /* Did not fit. */

	struct warning_description note[DESCRIPTION_NOTES_MAX]; /* What is there, in order, and none of ours. */
	unsigned int note_count;

	char names[DESCRIPTION_NAMES_SIZE];
	size_t names_used;
};

struct stream_id {
	unsigned int smmu; /* Index into streams.smmu[]. */
	uint32_t sid;
};

/* Empties a description. */
void description_init(struct description *description);

/* Forgets instances, fixed streams and windows (the pool keeps their names): before another reader fills them. */
void description_clear_streams(struct description *description);

/*
 * Copies a string into the pool and returns the copy, which lives as long as the description; an equal string is
 * shared. Returns
 * "?" when the pool is full (and counts a lost warning). Boot core only.
 */
const char *description_name(struct description *description, const char *text);

/* Records a warning, once: `where` is a path or node, `text` a sentence. Both are copied. */
void description_warn(struct description *description, const char *where, const char *text);

/* Notes what was passed over, and is no mistake. What finds no room is not noted. */
void description_note(struct description *description, const char *where, const char *text);

/*
 * Notes a direct region; one that wraps, is empty or finds no room is left out with a warning in the name of its
 * `where`.
 */
void description_add_direct(struct description *description, const struct direct_description *direct);

/* The region, widened to whole pages of 4 KiB. Any core. */
struct range_description description_direct_pages(const struct direct_description *direct);

/* The last stream ID of a window that its mask, if any, lets anybody emit. Any core. */
uint32_t description_window_last(const struct window_description *window);

/* Requester IDs that become stream IDs in one way, or none at all. */
struct stream_run {
	uint32_t first;
	uint32_t last;
	bool mapped;
	bool constant;		 /* All give the same stream ID; else they count up. */
	struct stream_id stream; /* Of `first`. */
};

/* The run that begins with this requester ID of this segment, as far as it goes on. Reads only; any core. */
void description_run_of(const struct stream_description *streams, uint32_t segment, uint32_t requester_id,
			struct stream_run *run);

/*
 * Which stream does PCI function `requester_id` of `segment` emit? Returns 0 and fills `stream`, or -ENOENT where no
 * enabled window holds it. Reads only; any core.
 */
int description_stream_of(const struct stream_description *streams, uint32_t segment, uint32_t requester_id,
			  struct stream_id *stream);

#endif
