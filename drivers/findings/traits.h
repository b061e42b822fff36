/* SPDX-License-Identifier: BSD-2-Clause */
/* What a table says of masters and SMMUs beyond stream IDs. Names are the description's. */
#ifndef FINDINGS_TRAITS_H
#define FINDINGS_TRAITS_H

#include "firmware/description.h"

enum told { TOLD_NOTHING, TOLD_NO, TOLD_YES };

enum pci_place { PCI_NOT, PCI_HOST, PCI_FUNCTION };

/* TOLD_NOTHING: the format, or this revision of the node, has no place for it. */
struct master_traits {
	const char *name; /* As in the streams. */
	uint32_t segment; /* STREAM_NO_SEGMENT: no PCI host. */
	uint32_t place;	  /* Offset of its node in the tree's structure, or in the IORT. */
	const char *node; /* "iort@0x48" of a root complex. */
	uint32_t bus;	  /* Offset of its parent's node in a tree. */
	bool enabled;
	enum told coherent;
	bool has_attributes;   /* IORT: has CCA, CPM and DACS one by one. */
	bool path_is_coherent; /* CPM */
	bool is_cacheable;     /* DACS */
	enum told ats;
	enum told pri;
	enum told stall;
	bool tells_pasid;
	uint8_t pasid_bits; /* 0: no PASIDs. */
	bool tells_reach;
	bool reaches_nothing;
	uint8_t limit_bits; /* An IORT's memory address size limit. */
	uint64_t reach;	    /* The last address that it can emit. */
	const char *supply; /* "power-domains <...>, clocks <...>", or NULL. */
	/*
	 * Of an IORT's component: Linux's iort_nc_iommu_map() stops at the first ID mapping that is not single or leads
	 * to an ITS group: how many it reads, and how many single ones to SMMUs it misses.
	 */
	unsigned int mappings_taken;
	unsigned int mappings_lost;
	unsigned int mappings_ranged; /* No single ones, and not to an ITS group. */
	bool has_one_more;	      /* IORT: a mapping is of whole buses and one requester ID more, */
	uint32_t one_more;	      /* which is this. */
	unsigned int fixed;	      /* Its streams: the first in the description's lists, and their count. */
	unsigned int fixed_count;
	unsigned int window;
	unsigned int window_count;
	enum pci_place pci;
	bool is_endpoint;    /* A PCIe controller in endpoint mode. */
	bool maps_elsewhere; /* Some of its `iommu-map` leads to no SMMUv3. */
	bool tells_msis;     /* It has `msi-map` or `msi-parent`. */
	bool has_own_msis;   /* It is, or holds, an MSI controller, or has an interrupt for MSIs. */
	uint8_t bus_first;   /* Of a host in a device tree. */
	uint8_t bus_last;
};

enum wire { WIRE_EVENTQ, WIRE_PRIQ, WIRE_SYNC, WIRE_GERROR, WIRES };

enum line_kind {
	LINE_ABSENT,
	LINE_SPI,
	LINE_PPI,
	LINE_EXTENDED_SPI,
	LINE_EXTENDED_PPI,
	LINE_BEYOND, /* Of a GIC, but no GIC has this type or number. */
	LINE_FOREIGN /* Its parent is no GIC. */
};

#define TRIGGER_RISING 1U
#define TRIGGER_LEVEL_HIGH 4U

struct line_traits {
	enum line_kind kind;
	uint32_t type;	 /* The specifier's first cell. */
	uint32_t number; /* Of its kind: SPI 0 is INTID 32. */
	uint32_t intid;
	bool has_trigger; /* An IORT's wires are pulses: it tells none. */
	uint32_t trigger; /* The specifier's flags. */
	const char *parent;
	const char *parent_kind; /* The parent's first compatible, or NULL. */
};

enum own_msi {
	OWN_MSI_NONE,
	OWN_MSI_USED,
	OWN_MSI_NO_FLAG,  /* IORT: a single mapping, and the flag that its index is valid is clear. */
	OWN_MSI_RANGE,	  /* IORT: the index is of a mapping that is no single one. */
	OWN_MSI_BEYOND,	  /* IORT: the index has no mapping. */
	OWN_MSI_NOWHERE,  /* It leads to no MSI controller. */
	OWN_MSI_DISABLED, /* Its controller is disabled. */
};

struct smmu_traits {
	struct line_traits line[WIRES];
	bool is_combined; /* By name. */
	enum own_msi msi;
	uint32_t msi_index;
	uint32_t msi_count; /* IDs of the mapping at that index. */
	bool msi_has_device;
	uint32_t msi_device;
	const char *msi_controller;
	bool has_unit;
	uint64_t unit; /* The node's unit address. */
	bool has_place;
	uint64_t place;	    /* The first address in `reg`, untranslated. */
	const char *status; /* NULL: none. */
	const char *supply; /* As a master's, with resets. */
};

struct pmcg_traits {
	const char *name;
	uint64_t page[2];
	unsigned int page_count; /* Revision 0 of the node has only one. */
	uint32_t gsiv;		 /* 0: none. */
	bool has_mapping;	 /* For its MSIs. */
	uint32_t reference;	 /* Offset of the node that it counts. */
	const char *counts;	 /* That node's name; NULL: no node begins there. */
	uint8_t counts_type;	 /* DEN0049's. */
};

/* A range of an RMR node, even if its mappings lead nowhere. */
struct region_traits {
	const char *name;
	uint64_t base;
	uint64_t size;
	bool may_move; /* The operating system may map it elsewhere. */
	bool is_privileged;
	uint8_t attributes; /* DEN0049 E.e, table 19: 0 to 3 Device, 4 normal uncached, 5 normal cached. */
};

struct traits {
	struct smmu_traits smmu[DESCRIPTION_SMMUS_MAX];
	struct master_traits master[TRAITS_MASTERS_MAX];
	unsigned int master_count;
	unsigned int masters_left_out;
	bool has_its; /* IORT: a group names one. */
	struct pmcg_traits pmcg[TRAITS_PMCGS_MAX];
	unsigned int pmcg_count;
	unsigned int pmcgs_left_out;
	struct region_traits region[TRAITS_REGIONS_MAX];
	unsigned int region_count;
	unsigned int regions_left_out;
};

/* Read a tree that passed dt_check(), or an IORT, whose streams `description` has. Boot core. */
void dt_read_traits(const void *dtb, struct description *description, struct traits *traits);
void iort_read_traits(const void *table, size_t size, struct description *description, struct traits *traits);

/* Beginning with empty lists, and nothing known of that many SMMUs; then the next free place for a master, or NULL,
 * and counted. */
void traits_clear(struct traits *traits, unsigned int smmu_count);
struct master_traits *traits_add_master(struct traits *traits);

/* Where the next master's streams begin: the readers keep the table's order. */
struct traits_cursor {
	unsigned int fixed;
	unsigned int window;
};

/* Gives the master of that name its streams, next in the lists. False: none. */
bool traits_take_streams(struct traits_cursor *cursor, const struct stream_description *streams, const char *name,
			 struct master_traits *master);

#endif
