/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Driver of the Arm SMMUv3 (IHI 0070), behind the operations of drivers/iommu. It gets stream IDs and knows no bus and
 * no firmware table.
 *
 * Order of a registration: identify; GBPA.ABORT, everything off; tables and queues programmed; CMDQEN; the replay
 * writes STEs, without commands because SMMUEN is clear; CFGI_ALL, TLBI_NSNH_ALL and one SYNC; EVENTQEN; interrupts;
 * SMMUEN. Each write of CR0 and IRQ_CTRL waits for its acknowledge; every wait is bounded.
 *
 * Assumes little-endian cores, pages 0 and 1 mapped as Device memory, the Non-secure interface.
 */
#ifndef SMMUV3_SMMUV3_H
#define SMMUV3_SMMUV3_H

#include <stdbool.h>
#include <stdint.h>

#include "iommu/iommu.h"
#include "smmuv3/errata.h"
#include "smmuv3/event.h"

#define SMMUV3_PAGE_SIZE 0x10000U /* A base is a multiple of it; the registers are two, or one without page 1. */
#define SMMUV3_WAIT_US 1000000U	  /* Bound of every wait for the SMMU. */
#define SMMUV3_STORM_EVENTS 8192U /* Within a second from one stream: the stream is silenced. */

/* IDR0 to IDR5, decoded. */
struct smmuv3_features {
	bool stage1;
	bool stage2;
	bool two_level;
	bool coherent_access; /* IDR0.COHACC. */
	bool hyp;
	bool msi;
	bool range_invalidation;
	bool attribute_overrides; /* IDR1.ATTR_TYPES_OVR. */
	bool gran4k;
	bool gran16k;
	bool gran64k;
	bool aarch64_tables;
	bool little_endian;
	bool preset;		  /* TABLES_PRESET, QUEUES_PRESET or REL. */
	bool stall_forced;	  /* Every fault stalls. */
	unsigned int stall_model; /* IDR0.STALL_MODEL. */
	unsigned int asid_bits;
	unsigned int vmid_bits;
	unsigned int ssid_bits;
	unsigned int sid_bits;
	unsigned int cmdq_log2;
	unsigned int evtq_log2;
	unsigned int output_bits;
	unsigned int output_code; /* IDR5.OAS. */
	unsigned int architecture_major;
	unsigned int architecture_minor;
	uint32_t iidr;
};

/* How it was before the firmware's first write. */
struct smmuv3_inherited {
	bool enabled; /* CR0.SMMUEN. */
	bool aborts;  /* GBPA.ABORT. */
	uint32_t cr0;
	uint32_t gbpa;
	uint32_t gerror_active; /* GERROR ^ GERRORN. */
	uint64_t strtab_base;	/* The address alone. */
	uint32_t strtab_base_cfg;
	uint32_t irq_ctrl;
	uint32_t cmdq_prod;
	uint32_t cmdq_cons;
};

/*
 * State of an SMMU, from good to bad. From SMMUV3_LOST on, changes return -EIO, and memory that the SMMU may still use
 * is kept until a new start() has turned it off. Written by smmuv3_set_health() only.
 */
enum smmuv3_health {
	SMMUV3_OFF,		/* SMMUEN is clear; everything is invalidated before it is set. */
	SMMUV3_ON,		/* SMMUEN is set or about to be: each change is invalidated. */
	SMMUV3_LOST,		/* It refused a command (CERROR_ILL): a cache may hold stale entries. */
	SMMUV3_BROKEN,		/* A bounded wait failed: it gets no more commands. */
	SMMUV3_SERVICE_FAILURE, /* GERROR.SFM_ERR: only a reset of the SMMU helps (6.3.19). */
};

enum smmuv3_domain_kind {
	SMMUV3_ABORT,
	SMMUV3_BYPASS,
	SMMUV3_STAGE1,
	SMMUV3_STAGE2,
	SMMUV3_NESTED, /* Stage 1 whose output, and whose tables, go through the parent's stage 2. */
};

/* An instance and a domain of it: the driver's own. */
struct smmuv3;
struct smmuv3_domain;

struct smmuv3_domain_config {
	enum smmuv3_domain_kind kind;
	unsigned int granule_bits;    /* 12, 14 or 16; ignored for bypass and abort. */
	unsigned int input_bits;      /* 0: the maximum, 48 at most. */
	struct smmuv3_domain *parent; /* For SMMUV3_NESTED: an SMMUV3_STAGE2 of the same instance. */
};

/* Read by checks and the report. */
struct smmuv3_counts {
	uint32_t commands;
	uint32_t illegal_commands;
	uint32_t aborted_fetches;
	uint32_t events;
	uint32_t event_overflows;
	uint32_t event_interrupts;
	uint32_t gerror_interrupts;
	uint32_t aborted_events;    /* EVENTQ_ABT_ERR: records that the SMMU could not write. */
	uint32_t resumed;	    /* Stalled transactions that were terminated. */
	uint32_t silenced_streams;  /* Streams silenced in an event storm. */
	uint32_t unsilenced_storms; /* Storms of streams that can have no STE: beyond the table, or no memory. */
	uint32_t refused_writes;
	uint32_t unprovoked; /* Command errors that no check provoked: commands not executed. */
	uint32_t gerrors;    /* OR of all GERROR bits ever active. */
};

/* An SMMU as it is described, and who is told of its events. */
struct smmuv3_config {
	const char *name;
	uint64_t base;		/* Physical, for messages. */
	volatile uint8_t *regs; /* Mapped; NULL: it must not be used. */
	bool coherent;
	unsigned int quirks; /* SMMUV3_DESCRIBED_*. */
	/* Called for each event, with LOCK_RANK_EVENT_QUEUE held, perhaps in an interrupt. */
	void (*on_event)(struct smmuv3 *smmu, const struct smmuv3_event *event);
	/*
	 * Called when a stream's events do not end: silenced, or counted in counts.unsilenced_storms. Perhaps in an
	 * interrupt; no lock held.
	 */
	void (*on_storm)(struct smmuv3 *smmu, uint32_t sid, bool silenced);
};

/* What is known of an instance. */
struct smmuv3_facts {
	uint64_t base; /* 0: none is described. */
	bool coherent; /* From the description. */
	bool has_gbpa; /* GBPA.ABORT reads back: it can deny everything while SMMUEN is clear. */
	bool has_combined_interrupt;
	bool event_interrupt; /* Wired, and enabled in the interrupt controller. */
	bool gerror_interrupt;
	unsigned int quirks; /* SMMUV3_DESCRIBED_*. */
	enum smmuv3_health health;
	const char *stream_table;		/* "2-level" or "linear"; NULL: none yet. */
	const struct smmuv3_features *features; /* All 0 before smmuv3_inherit() has read them. */
	const struct smmuv3_inherited *inherited;
	const struct smmuv3_counts *counts;
};

/* How its registers read. */
struct smmuv3_state {
	bool enabled;	   /* CR0ACK.SMMUEN. */
	bool queues_empty; /* PROD equals CONS in both. */
	uint32_t gbpa;
	uint32_t gerror_active; /* GERROR ^ GERRORN. */
};

extern const struct iommu_ops smmuv3_ops;

/* Makes an instance in the arena; touches no register. NULL: no memory. Boot core. */
struct smmuv3 *smmuv3_create(const struct smmuv3_config *config);

/* The instance as the core knows it. Any core, any lock held; so is smmuv3_facts(). */
struct iommu *smmuv3_iommu(struct smmuv3 *smmu);

struct smmuv3_facts smmuv3_facts(const struct smmuv3 *smmu);

/* Some of the facts alone. */
uint64_t smmuv3_base(const struct smmuv3 *smmu);
bool smmuv3_has_gbpa(const struct smmuv3 *smmu);
const struct smmuv3_features *smmuv3_features(const struct smmuv3 *smmu);
const struct smmuv3_counts *smmuv3_counts(const struct smmuv3 *smmu);

/* Reads its registers: only of an instance that smmuv3_inherit() has found. Any core. */
struct smmuv3_state smmuv3_state(const struct smmuv3 *smmu);

/* Did a GERROR error other than a command's, a lost event or command, or a refused write happen, or did it fail? */
bool smmuv3_has_erred(const struct smmuv3 *smmu);

/*
 * Reads and records the state of the instance; writes nothing.
 *
 * Return:      0
 *              -ENODEV    an external abort, or not an SMMUv3; see iommu.reason
 */
int smmuv3_inherit(struct smmuv3 *smmu);

/*
 * Denies everything: GBPA.ABORT (other fields kept), then SMMUEN and the queues off, each acknowledged, then interrupts
 * off. If GBPA.ABORT has read back once, it must again, before SMMUEN is cleared.
 *
 * Return:      0
 *              -EIO       an acknowledge did not come, or GBPA.ABORT does not read back (printed): the SMMU may
 *                         translate on
 * Context:     one core; other cores use only smmuv3_poll_*(). Waits for the SMMU.
 * See:         IHI 0070 6.3.9, 6.3.15
 */
int smmuv3_block(struct smmuv3 *smmu);

/*
 * Pause clears SMMUEN, so that GBPA.ABORT denies everything; resume invalidates everything and sets it.
 *
 * Return:      0
 *              -EIO       the instance has failed; if SMMUEN was not acknowledged it may translate on, and no memory is
 *                         freed
 * Context:     any core; no lock held but a group's; waits for the SMMU.
 * See:         IHI 0070 6.3.9.6
 */
int smmuv3_pause(struct smmuv3 *smmu);
int smmuv3_resume(struct smmuv3 *smmu);

/*
 * Invalidates all cached configuration and translations.
 *
 * Return:      0          done
 *              -EIO       the instance has failed
 * Context:     any core; waits for the SMMU.
 */
int smmuv3_invalidate_all(struct smmuv3 *smmu);

/*
 * Drains the event queue into on_event(), terminates stalled transactions, and silences a stream with
 * SMMUV3_STORM_EVENTS events in a second; if that stream can have no STE, turns the event interrupt off. Then
 * on_storm() is called.
 *
 * Context:     any core, interrupts included; no lock of LOCK_RANK_INSTANCE or higher held; bounded.
 */
void smmuv3_poll_events(struct smmuv3 *smmu);

/* Were records lost (EVENTQ_PROD.OVFLG)? Any core. */
bool smmuv3_events_overflowed(const struct smmuv3 *smmu);

/* Handles active errors, repairs the command queue, acknowledges. Any core that may take LOCK_RANK_COMMAND_QUEUE. */
void smmuv3_poll_gerror(struct smmuv3 *smmu);

/*
 * Makes a domain for map(), unmap() and attach(). The instance's domain_free() ends it, once no stream is attached;
 * children before their parent.
 *
 * Return:      0          and `made`
 *              -EINVAL    wrong or missing parent, a parent without SMMUV3_NESTED, sizes
 *              -ENOTSUP   the SMMU lacks the stage or granule, or an erratum forbids it
 *              -ENOMEM    no memory, ASID or VMID left
 *              -EIO       the instance has failed
 * State left:  on an error, as before.
 * Context:     any core; callers serialise on one domain.
 */
int smmuv3_domain_make(struct smmuv3 *smmu, const struct smmuv3_domain_config *config, struct smmuv3_domain **made);

/*
 * Maps the memory of CDs and translation tables one to one, read-only, in a stage 2, so that a nested stage 1 can be
 * walked.
 *
 * Return:      0          mapped
 *              -EIO       the instance has failed
 *              others     as pgtable_map()
 */
int smmuv3_domain_share_tables(struct smmuv3_domain *parent);

/* How the instance is left. */
enum smmuv3_handover { SMMUV3_HANDOVER_ABORT, SMMUV3_HANDOVER_BYPASS };

/*
 * Hands the instance over: denies everything, drains events, turns off SMMUEN, queues and interrupts, each
 * acknowledged; GBPA.ABORT then follows the policy, its other fields kept. The masters' bus mastering is off already.
 *
 * Return:      0          off
 *              -EIO       no acknowledge, or a register reads wrong
 * State left:  unusable until registered again, whatever the result.
 */
int smmuv3_hand_over(struct smmuv3 *smmu, enum smmuv3_handover policy);

/* Print the registers that tell what it is (log=debug), and why a start failed. Any core. */
void smmuv3_say_identity(const struct smmuv3 *smmu);
void smmuv3_say_stuck(const struct smmuv3 *smmu);

/*
 * Its interrupts: handlers for the interrupt controller, whose argument is the instance. One that finds nothing to do
 * returns false; another core may have done it.
 */
bool smmuv3_on_event_interrupt(void *argument);
bool smmuv3_on_gerror_interrupt(void *argument);
bool smmuv3_on_combined_interrupt(void *argument); /* One line for both, by erratum. */

/* Notes which of them are wired and enabled. Boot core. */
void smmuv3_set_wired(struct smmuv3 *smmu, bool event, bool gerror);

/* Hashes of what a registration writes: registers (but queue indices), stream table. */
struct smmuv3_footprint {
	uint32_t registers;
	uint32_t streams;
	uint32_t changes; /* Changes of the stream table so far. */
};

/*
 * Takes a footprint; writes neither registers nor the table. Second levels that do not exist, and an STE's dwords 1 to
 * 7 while V = 0, are left out.
 *
 * Context:     any core; no lock held but a group's; waits for a core that is changing the table.
 */
void smmuv3_footprint(struct smmuv3 *smmu, struct smmuv3_footprint *footprint);

/*
 * Compares the registers, and the stream tables unless this driver changed one in between (other cores bind clients).
 */
bool smmuv3_footprint_differs(const struct smmuv3_footprint *a, const struct smmuv3_footprint *b);

#endif
