/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Driver of the Arm SMMUv3 (IHI 0070), behind drivers/iommu; it knows no bus and no firmware table.
 *
 * A registration: identify; GBPA.ABORT, everything off; tables and queues; CMDQEN; the replay writes STEs; everything
 * is invalidated; EVENTQEN; interrupts; SMMUEN. Every wait is bounded.
 *
 * Assumes little-endian cores, registers mapped as Device memory, the Non-secure interface.
 */
#ifndef SMMUV3_SMMUV3_H
#define SMMUV3_SMMUV3_H

#include <stdbool.h>
#include <stdint.h>

#include "iommu/iommu.h"
#include "smmuv3/errata.h"
#include "smmuv3/event.h"

#define SMMUV3_PAGE_SIZE 0x10000U /* A base is aligned to it. An instance has two pages, or one. */
#define SMMUV3_WAIT_US 1000000U	  /* Bounds every wait. */
#define SMMUV3_STORM_EVENTS 8192U /* In a second, from one stream: it is silenced. */
#define SMMUV3_STORM_EVENTS_OF_ALL (8 * SMMUV3_STORM_EVENTS) /* In a second, from many streams. */

struct smmuv3_features {
	bool stage1;
	bool stage2;
	bool two_level;
	bool coherent_access; /* IDR0.COHACC. */
	bool hyp;
	bool msi;
	bool range_invalidation;
	bool attribute_overrides;
	bool gran4k;
	bool gran16k;
	bool gran64k;
	bool aarch64_tables;
	bool little_endian;
	bool preset; /* TABLES_PRESET, QUEUES_PRESET or REL. */
	bool stall_forced;
	unsigned int stall_model;
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

/* Before the firmware's first write. */
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
 * From good to bad. From SMMUV3_LOST on, changes return -EIO, and memory that the SMMU may use is kept until a new
 * start(). Only life.c writes it.
 */
enum smmuv3_health {
	SMMUV3_OFF,		/* Everything is invalidated before SMMUEN is set. */
	SMMUV3_ON,		/* SMMUEN is set or about to be: changes are invalidated. */
	SMMUV3_LOST,		/* The SMMU refused a command (CERROR_ILL): its caches may be stale. */
	SMMUV3_BROKEN,		/* A bounded wait failed: no more commands. */
	SMMUV3_SERVICE_FAILURE, /* SFM_ERR: only a reset helps (6.3.19). */
};

enum smmuv3_domain_kind {
	SMMUV3_ABORT,
	SMMUV3_BYPASS,
	SMMUV3_STAGE1,
	SMMUV3_STAGE2,
	SMMUV3_NESTED, /* The parent's stage 2 also translates its tables' addresses. */
};

struct smmuv3;
struct smmuv3_domain;

struct smmuv3_domain_config {
	enum smmuv3_domain_kind kind;
	unsigned int granule_bits;    /* 12, 14 or 16; ignored without a table. */
	unsigned int input_bits;      /* 0: the maximum, at most 48. */
	struct smmuv3_domain *parent; /* SMMUV3_STAGE2, same instance. */
};

struct smmuv3_counts {
	uint32_t commands;
	uint32_t illegal_commands;
	uint32_t aborted_fetches;
	uint32_t events;
	uint32_t event_overflows;
	uint32_t event_interrupts;
	uint32_t gerror_interrupts;
	uint32_t aborted_events; /* EVENTQ_ABT_ERR: the SMMU could not write records. */
	uint32_t resumed;
	uint32_t silenced_streams;
	uint32_t unsilenced_storms; /* Of streams that can have no STE, or of many streams. */
	uint32_t refused_writes;
	uint32_t unprovoked; /* Command errors that no check provoked. */
	uint32_t gerrors;    /* Ever active. */
};

enum smmuv3_storm_end {
	SMMUV3_STORM_GOES_ON, /* The stream can have no STE: the event interrupt is off. */
	SMMUV3_STORM_SILENCED,
	SMMUV3_STORM_OF_MANY, /* No stream has enough events alone: the event interrupt is off. */
};

struct smmuv3_config {
	const char *name;
	uint64_t base;		/* Physical, for messages. */
	volatile uint8_t *regs; /* NULL: not to be used. */
	bool coherent;
	unsigned int quirks; /* SMMUV3_DESCRIBED_*. */
	/* Called with LOCK_RANK_EVENT_QUEUE held, perhaps in an interrupt. */
	void (*on_event)(struct smmuv3 *smmu, const struct smmuv3_event *event);
	/* Called with no lock held, perhaps in an interrupt. */
	void (*on_storm)(struct smmuv3 *smmu, uint32_t sid, enum smmuv3_storm_end end);
};

struct smmuv3_facts {
	uint64_t base; /* 0: none is described. */
	bool coherent; /* As described. */
	bool is_mapped;
	bool has_gbpa; /* GBPA.ABORT reads back: it denies everything while SMMUEN is clear. */
	bool has_combined_interrupt;
	bool is_kept;	      /* smmuv3_put_back() puts it back. */
	bool event_interrupt; /* Wired and enabled. */
	bool gerror_interrupt;
	unsigned int quirks; /* SMMUV3_DESCRIBED_*. */
	enum smmuv3_health health;
	const char *stream_table;		/* NULL: none yet. */
	const struct smmuv3_features *features; /* All 0 before smmuv3_inherit(). */
	const struct smmuv3_inherited *inherited;
	const struct smmuv3_counts *counts;
};

struct smmuv3_state {
	bool enabled;	   /* CR0ACK.SMMUEN. */
	bool queues_empty; /* PROD equals CONS. */
	uint32_t gbpa;
	uint32_t gerror_active; /* GERROR ^ GERRORN. */
};

extern const struct iommu_ops smmuv3_ops;

/* Makes an SMMU in the arena; touches no register. NULL: no memory. Boot core. */
struct smmuv3 *smmuv3_create(const struct smmuv3_config *config);

/* Any core, any lock held; so is smmuv3_facts(). */
struct iommu_instance *smmuv3_iommu(struct smmuv3 *smmu);

struct smmuv3_facts smmuv3_facts(const struct smmuv3 *smmu);

#define SMMUV3_ID_REGISTERS 8U

/* Reads IDR0 to IDR5, IIDR and AIDR (6.3.1 to 6.3.8); the registers have answered. Any core. */
void smmuv3_id_registers(const struct smmuv3 *smmu, uint32_t value[SMMUV3_ID_REGISTERS]);

uint64_t smmuv3_base(const struct smmuv3 *smmu);
bool smmuv3_has_gbpa(const struct smmuv3 *smmu);
const struct smmuv3_features *smmuv3_features(const struct smmuv3 *smmu);
const struct smmuv3_counts *smmuv3_counts(const struct smmuv3 *smmu);

/* Only after smmuv3_inherit() succeeded. Any core. */
struct smmuv3_state smmuv3_state(const struct smmuv3 *smmu);

/*
 * Has it failed, or was there a GERROR other than CMDQ_ERR, an unprovoked command error, a lost event or a refused
 * write?
 */
bool smmuv3_has_erred(const struct smmuv3 *smmu);

/*
 * Records how the instance was found; writes nothing.
 *
 * Return:      0
 *              -ENODEV    an external abort, or not an SMMUv3; see iommu.reason
 * Context:     boot core; no lock held: a read may abort.
 * See:         IHI 0070 6.3
 */
int smmuv3_inherit(struct smmuv3 *smmu);

/*
 * Denies everything: GBPA.ABORT, then CR0, then interrupts. If GBPA.ABORT ever read back, it must before SMMUEN is
 * cleared.
 *
 * Return:      0
 *              -EIO       no acknowledge, or GBPA.ABORT does not read back: the SMMU may translate on
 * Context:     one core; others use only smmuv3_poll_*(). Waits.
 * See:         IHI 0070 6.3.9, 6.3.15
 */
int smmuv3_block(struct smmuv3 *smmu);

/*
 * Pause clears SMMUEN: GBPA.ABORT denies everything. Resume invalidates everything and sets SMMUEN.
 *
 * Return:      0
 *              -EIO       failed; without an acknowledge the SMMU may translate on
 * Context:     any core; no lock held but a group's; waits.
 * See:         IHI 0070 6.3.9.6
 */
int smmuv3_pause(struct smmuv3 *smmu);
int smmuv3_resume(struct smmuv3 *smmu);

/*
 * Makes the SMMU forget all configuration and translations.
 *
 * Return:      0
 *              -EIO       the instance failed
 * Context:     any core; waits.
 */
int smmuv3_invalidate_all(struct smmuv3 *smmu);

/*
 * Drains events into on_event(), terminates stalled transactions, silences a storm's stream (if it can have no STE, or
 * the storm is of many streams: turns the event interrupt off) and calls on_storm().
 *
 * Context:     any core, interrupts included; no lock of LOCK_RANK_INSTANCE or higher held; bounded.
 */
void smmuv3_poll_events(struct smmuv3 *smmu);

/* EVENTQ_PROD.OVFLG is not acknowledged yet. Any core. */
bool smmuv3_events_overflowed(const struct smmuv3 *smmu);

/* Repairs the command queue, acknowledges errors. Any core that may take LOCK_RANK_COMMAND_QUEUE. */
void smmuv3_poll_gerror(struct smmuv3 *smmu);

/*
 * Makes a domain. domain_free() ends it, once no stream is attached; children before parents.
 *
 * Return:      0          and `made`
 *              -EINVAL    wrong or missing parent, or sizes
 *              -ENOTSUP   the SMMU lacks the stage or granule, or an erratum forbids it
 *              -ENOMEM    no memory, ASID or VMID left
 *              -EIO       the instance failed
 * State left:  on an error, as before.
 * Context:     any core; callers serialise on one domain.
 */
int smmuv3_domain_make(struct smmuv3 *smmu, const struct smmuv3_domain_config *config, struct smmuv3_domain **made);

/*
 * Maps CDs and translation tables one to one, read-only, in a stage 2, for nested stages 1.
 *
 * Return:      0
 *              -EIO       the instance failed
 *              others     as pgtable_map()
 * Context:     as smmuv3_domain_make().
 */
int smmuv3_domain_share_tables(struct smmuv3_domain *parent);

enum smmuv3_handover { SMMUV3_HANDOVER_ABORT, SMMUV3_HANDOVER_BYPASS };

/*
 * Denies everything, drains events, turns all off; GBPA.ABORT then follows the policy, unless the SMMU is kept to be
 * put back. Bus mastering is off already.
 *
 * Return:      0
 *              -EIO       no acknowledge, or a register reads wrong
 * State left:  unusable until registered again.
 * Context:     one core; no lock held; waits for the SMMU.
 * See:         IHI 0070 6.3.9, 6.3.15
 */
int smmuv3_hand_over(struct smmuv3 *smmu, enum smmuv3_handover policy);

/*
 * Keeps the registers of an SMMU that was found enabled, for smmuv3_put_back(). Call it right after the first
 * smmuv3_block(): the queues' indices stand still. The hand-over then denies everything. Boot core.
 */
void smmuv3_keep(struct smmuv3 *smmu);

/*
 * Puts an SMMU that was kept back as it was found, with everything invalidated; does nothing to others. Until the last
 * write GBPA.ABORT denies what the SMMU does not translate. Errors that were pending stay acknowledged.
 *
 * Return:      0
 *              -EIO       the instance failed, no acknowledge, or a register reads wrong
 *              -EPERM     a write was refused
 * State left:  on an error, it denies everything unless SMMUEN was acknowledged; unusable until registered again.
 * Context:     one core; waits. Bus mastering is off. Interrupts are masked until the caller has the machine: this
 *              driver would serve them.
 * See:         IHI 0070 3.11, 6.3.9
 */
int smmuv3_put_back(struct smmuv3 *smmu);

/* Print registers: identity (log=debug); why a start failed. Any core. */
void smmuv3_say_identity(const struct smmuv3 *smmu);
void smmuv3_say_stuck(const struct smmuv3 *smmu);

/* `argument`: the instance. False: nothing to do; another core may have done it. */
bool smmuv3_on_event_interrupt(void *argument);
bool smmuv3_on_gerror_interrupt(void *argument);
bool smmuv3_on_combined_interrupt(void *argument); /* By erratum. */

/* Boot core. */
void smmuv3_set_wired(struct smmuv3 *smmu, bool event, bool gerror);

/* Hashes of what a registration writes, without queue indices and IRQ_CFG0. */
struct smmuv3_footprint {
	uint32_t registers;
	uint32_t streams;
	uint32_t changes; /* As smmuv3_stream_table.changes. */
};

/*
 * Takes a footprint. An STE with V = 0 counts by dword 0 alone. Later changes by other cores, and by storms, are
 * counted apart.
 *
 * Context:     any core; no lock held but a group's; waits for a core that is changing the table.
 */
void smmuv3_footprint(struct smmuv3 *smmu, struct smmuv3_footprint *footprint);

/* Both were taken by one core. Stream tables count unless another core, or a storm, changed one in between. */
bool smmuv3_footprint_differs(const struct smmuv3_footprint *a, const struct smmuv3_footprint *b);

#endif
