/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The Arm SMMUv3 (IHI 0070), behind the operations of drivers/iommu. It is told stream IDs and knows no bus and no
 * table.
 *
 * The order of a registration: identify; GBPA.ABORT and everything off; tables and queues programmed; CMDQEN; (the
 * replay writes STEs, without a command each: SMMUEN is clear); CFGI_ALL, TLBI_NSNH_ALL and one SYNC; EVENTQEN;
 * interrupts; SMMUEN. Every write of CR0 and IRQ_CTRL waits for its acknowledge, and every wait is bounded.
 *
 * Assumes: little-endian cores; registers of pages 0 and 1 mapped as Device; non-secure programming interface.
 */
#ifndef SMMUV3_SMMUV3_H
#define SMMUV3_SMMUV3_H

#include <stdbool.h>
#include <stdint.h>

#include "iommu/iommu.h"
#include "pgtable/pgtable.h"
#include "smmuv3/errata.h"
#include "smmuv3/ids.h"
#include "smmuv3/structures.h"

#define SMMUV3_WAIT_US 1000000U	   /* Bound of every wait for the hardware. */
#define SMMUV3_SID_BITS_MAX 25U	   /* Bounds the first level at 256 KiB. */
#define SMMUV3_LINEAR_BITS_MAX 16U /* Bounds a linear stream table at 4 MiB. */
#define SMMUV3_STORM_EVENTS 8192U  /* Of one stream within a second: it is silenced. */
#define SMMUV3_CMDQ_LOG2_MAX 7U
#define SMMUV3_EVTQ_LOG2_MAX 10U /* One DMA that is stopped may be tried word by word: 128 events for 512 bytes. */

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

/* What the firmware found before its first write. */
struct smmuv3_inherited {
	uint32_t cr0;
	uint32_t gbpa;
	uint32_t gerror_active; /* GERROR ^ GERRORN. */
	uint64_t strtab_base;
	uint32_t strtab_base_cfg;
	uint32_t irq_ctrl;
	uint32_t cmdq_prod;
	uint32_t cmdq_cons;
};

/* One decoded event record. */
struct smmuv3_event {
	unsigned int code;
	uint32_t sid;
	bool has_access; /* `write` and `address` mean something. */
	bool write;
	uint64_t address;
	uint64_t fetch_address; /* Of the structure that could not be fetched, for fetch faults; an IPA, for stage 2. */
	bool has_ssid;
	uint32_t ssid;
	bool stalled; /* The transaction waits for a CMD_RESUME with this tag. */
	unsigned int stag;
	bool stage2;	    /* Of the translation faults: which stage, */
	unsigned int class; /* and in the input, a table or a context descriptor (EVENT_CLASS_*); */
	bool privileged;
	bool instruction;
};

/*
 * What an SMMU is worth: one word, from good to bad. From SMMUV3_LOST on every change is refused with -EIO, and nothing
 * that the SMMU may still hold is given back, until a new start() has turned the SMMU off. See smmuv3_set_health().
 */
enum smmuv3_health {
	SMMUV3_OFF,		/* SMMUEN is clear; before it is set everything is invalidated. */
	SMMUV3_ON,		/* SMMUEN is set, or about to be: every change is invalidated. */
	SMMUV3_LOST,		/* It refused a command (CERROR_ILL): a cache may hold what was to leave it. */
	SMMUV3_BROKEN,		/* A bounded wait has failed: it gets no more commands. */
	SMMUV3_SERVICE_FAILURE, /* GERROR.SFM_ERR: only its reset helps (IHI 0070, 6.3.19). */
};

struct smmuv3_queue {
	void *entries;
	unsigned int log2;
	uint32_t consumer; /* Index and wrap bit, of a queue that the cores consume. */
};

struct smmuv3_stream_table {
	bool two_level;
	unsigned int log2size; /* Stream IDs covered. */
	unsigned int split;    /* Of them, those of one second level. */
	uint32_t bytes;	       /* Memory that it has taken. */
	uint32_t changes;      /* Made of it while the SMMU was on. */
	uint64_t *level1;      /* Two-level. */
	struct ste *linear;
};

enum smmuv3_domain_kind {
	SMMUV3_ABORT,
	SMMUV3_BYPASS,
	SMMUV3_STAGE1,
	SMMUV3_STAGE2,
	SMMUV3_NESTED, /* A stage 1 whose addresses, and whose tables, go through its parent's stage 2. */
};

/* Whether the next command errors are wanted: they are counted, and neither said nor held against the SMMU. */
enum smmuv3_provoked {
	SMMUV3_NOT_PROVOKED,
	SMMUV3_PROVOKED,
	SMMUV3_PROVOKED_IN_VAIN, /* They do not end: the commands behind them are given up. */
};

struct smmuv3_domain;

struct smmuv3_domain_config {
	enum smmuv3_domain_kind kind;
	unsigned int granule_bits;    /* 12, 14 or 16; of no meaning for bypass and abort. */
	unsigned int input_bits;      /* 0 for as many as there can be, 48 at most. */
	struct smmuv3_domain *parent; /* Of SMMUV3_NESTED: an SMMUV3_STAGE2 of the same instance. */
};

struct smmuv3_domain {
	struct iommu_domain domain;
	enum smmuv3_domain_kind kind;
	struct smmuv3_domain *parent;
	bool has_children;
	struct pgtable table;
	unsigned int asid;
	unsigned int vmid;
	struct smmuv3_domain *next_free;
};

/* Counters that checks and the report read. */
struct smmuv3_counts {
	uint32_t commands;
	uint32_t illegal_commands;
	uint32_t aborted_fetches;
	uint32_t events;
	uint32_t event_overflows;
	uint32_t event_interrupts;
	uint32_t gerror_interrupts;
	uint32_t aborted_events;    /* EVENTQ_ABT_ERR: records that could not be written. */
	uint32_t resumed;	    /* Stalled transactions that were ended. */
	uint32_t silenced_streams;  /* For storms of events. */
	uint32_t unsilenced_storms; /* Of streams that can have no entry: beyond the table, or no memory is left. */
	uint32_t refused_writes;
	uint32_t unprovoked; /* Command queue errors that nobody provoked: commands that were not executed. */
	uint32_t gerrors;    /* Every bit of GERROR that was ever active and acknowledged, ORed. */
};

/* As many as have an ASID, and as many as have a VMID. */
#define SMMUV3_DOMAINS_MAX (2 * SMMUV3_IDS_MAX)

#define SMMUV3_STORM_STREAMS 4U

/* The streams that most events are of. */
struct smmuv3_storm {
	struct {
		uint32_t sid;
		uint32_t count; /* 0: nobody's. */
		uint64_t began; /* In ticks. */
	} stream[SMMUV3_STORM_STREAMS];
};

struct smmuv3 {
	struct iommu iommu; /* First: the operations are handed this. */
	volatile uint8_t *regs;
	uint64_t base;		       /* Physical: for messages. */
	bool coherent;		       /* As described. */
	unsigned int described_quirks; /* SMMUV3_DESCRIBED_*, set between smmuv3_init() and smmuv3_inherit(). */
	unsigned int errata_effects;   /* SMMUV3_ERRATA_*, known since smmuv3_inherit(). */
	struct smmuv3_features features;
	struct smmuv3_inherited inherited;
	uint32_t cr0;		 /* What is enabled, or about to be: what must not be written follows from it, */
	uint32_t irq_ctrl;	 /* and from this. */
	_Atomic uint32_t health; /* enum smmuv3_health: smmuv3_health() reads it, smmuv3_set_health() writes it. */
	bool gbpa_works;	 /* GBPA.ABORT has read back once: from then on it has to. Since smmuv3_block(). */
	struct smmuv3_stream_table table;
	struct word changing; /* A core changes the stream table, or SMMUEN: see smmuv3_begin_change(). */
	struct lock lock;     /* Context descriptors, ASIDs, VMIDs, lists of domains: LOCK_RANK_INSTANCE. */
	struct lock cmdq_lock;
	struct lock evtq_lock;
	struct smmuv3_queue cmdq;
	uint32_t issued;	   /* Under cmdq_lock: commands since the queue was programmed; CMDQ_PROD. */
	unsigned int batch_max;	   /* Commands to a SYNC. */
	uint32_t command_mask;	   /* Of what PROD and CONS tell of these numbers. */
	_Atomic uint32_t consumed; /* Of them, as far as somebody has seen. */
	_Atomic uint32_t provoked; /* Written under cmdq_lock: enum smmuv3_provoked. */
	uint32_t error_at;	   /* Under cmdq_lock: commands consumed before the last error, */
	unsigned int error_streak; /* and how often it was that one. */
	unsigned int starving;	   /* Under cmdq_lock: 1 + the core that others let pass, or 0. */
	struct smmuv3_queue evtq;
	struct smmuv3_storm storm; /* Under evtq_lock. */
	bool evtq_published;	   /* Under evtq_lock: queue and registers fit together, and may be looked at. */
	struct cd *cd;		   /* One for each ASID. */
	unsigned int cd_count;	   /* Of them, that were ever in use. Under lock. */
	struct smmuv3_ids asids;
	struct smmuv3_ids vmids;
	struct smmuv3_domain *empty;  /* The default domain: translates nothing, reports everything. */
	struct ste *empty_ste;	      /* What its streams' entries are. */
	struct smmuv3_domain *domain; /* All that there can be, set aside when the instance starts. */
	unsigned int domain_count;    /* Of them, that were ever in use. Under lock. */
	struct smmuv3_domain *free_domain;
	bool domains_ran_out;		   /* That was said. */
	struct smmuv3_domain *held_domain; /* Ended, but perhaps in a cache: for the next start. Under lock. */
	struct smmuv3_counts counts;
	/* Told of each event with LOCK_RANK_EVENT_QUEUE held, perhaps in an interrupt. */
	void (*on_event)(struct smmuv3 *smmu, const struct smmuv3_event *event);
	/*
	 * Told that a stream's events did not end: it is silenced, or cannot be and was counted among
	 * counts.unsilenced_storms. Perhaps in an interrupt, with no lock held.
	 */
	void (*on_storm)(struct smmuv3 *smmu, uint32_t sid, bool silenced);
	bool event_interrupt; /* Wired and enabled at the interrupt controller. */
	bool gerror_interrupt;
};

extern const struct iommu_ops smmuv3_ops;

/* What the instance is worth now. Any core, any lock held. */
static inline enum smmuv3_health smmuv3_health(const struct smmuv3 *smmu)
{
	return (enum smmuv3_health)atomic_load_explicit(&smmu->health, memory_order_relaxed);
}

/*
 * Takes mapped registers; fills in `ops`, `name` and the locks. No register is touched. `coherent` is what the
 * description says of the instance's accesses to memory.
 */
void smmuv3_init(struct smmuv3 *smmu, const char *name, uint64_t base, volatile uint8_t *regs, bool coherent);

/* Records what the instance was left in: reads only. -ENODEV where the registers do not look like an SMMUv3. */
int smmuv3_inherit(struct smmuv3 *smmu);

/*
 * Denies everything: GBPA.ABORT with its other fields kept, then SMMUEN and queues off, each acknowledged, interrupts
 * off. Learns whether GBPA works; one that has worked and does not any more is an error, before SMMUEN falls.
 *
 * Return:      0
 *              -EIO  an acknowledge did not come, or GBPA.ABORT does not read back (named on the console): the SMMU may
 *                    translate on
 * Context:     one core, while no other uses the instance but for smmuv3_poll_*(); waits for the SMMU.
 * See:         IHI 0070 6.3.9, 6.3.15
 */
int smmuv3_block(struct smmuv3 *smmu);

/* Decodes IDR0 to IDR5, IIDR and AIDR. Pure. */
void smmuv3_identify(struct smmuv3_features *features, uint32_t idr0, uint32_t idr1, uint32_t idr5, uint32_t iidr,
		     uint32_t aidr);

/* And what IDR3 tells. Pure. */
void smmuv3_identify_idr3(struct smmuv3_features *features, uint32_t idr3);

/* The smallest granule, as a power of two; 0 without any. Pure. */
unsigned int smmuv3_granule_bits(const struct smmuv3_features *features);

/* Why this firmware cannot drive such an instance, or NULL where it can. Pure. */
const char *smmuv3_refusal(const struct smmuv3_features *features);

/*
 * Clears SMMUEN and leaves GBPA.ABORT to deny everything; and sets it again after invalidating all.
 *
 * Return:      0
 *              -EIO  the instance has failed; where SMMUEN did not fall it translates on, and nothing is given back
 * Context:     any core that holds no lock but a group's; waits for the SMMU.
 * See:         IHI 0070 6.3.9.6
 */
int smmuv3_pause(struct smmuv3 *smmu);
int smmuv3_resume(struct smmuv3 *smmu);

/* Makes the instance forget every cached configuration and translation. 0; -EIO: it has failed. Any core. */
int smmuv3_invalidate_all(struct smmuv3 *smmu);

/*
 * Drains the event queue into on_event(), ends what is stalled, and silences a stream whose events do not end:
 * SMMUV3_STORM_EVENTS of it within a second. One that can have no stream table entry is not silent then, but does not
 * interrupt any more; either way on_storm() is told. Any core, interrupt handlers included, that holds no lock of rank
 * LOCK_RANK_INSTANCE or higher; bounded.
 */
void smmuv3_poll_events(struct smmuv3 *smmu);

/* Looks for active errors, repairs the command queue, acknowledges. Any core that may take LOCK_RANK_COMMAND_QUEUE. */
void smmuv3_poll_gerror(struct smmuv3 *smmu);

/*
 * Makes a domain. It ends by the instance's domain_free() operation, once no stream is attached, and a parent after its
 * children. Its table is mapped by map(), unmapped by unmap(), and attached by attach(), as any other.
 *
 * Return:      0         and `made`
 *              -EINVAL   a parent that is none, or none for SMMUV3_NESTED; sizes
 *              -ENOTSUP  the SMMU lacks the stage or the granule, or has an erratum of it
 *              -ENOMEM   memory, ASIDs or VMIDs have run out
 *              -EIO      the instance has failed: see smmuv3_health()
 * State left:  on an error, as before.
 * Context:     any core; callers serialise on one domain.
 */
int smmuv3_domain_make(struct smmuv3 *smmu, const struct smmuv3_domain_config *config, struct smmuv3_domain **made);

/*
 * Maps the memory of context descriptors and translation tables one to one and read-only in a stage 2, so that stage-1
 * tables upon it can be walked. 0, or what pgtable_map() says.
 */
int smmuv3_domain_share_tables(struct smmuv3_domain *parent);

/*
 * Issues one command of a reserved opcode, then a SYNC.
 *
 * Return:      0        the SMMU reported CERROR_ILL, the command was repaired and the SYNC completed
 *              -ENOMSG  it swallowed the command
 *              -EIO     the instance has failed: see smmuv3_health()
 * Context:     any core that may take LOCK_RANK_COMMAND_QUEUE; waits for the SMMU.
 * See:         IHI 0070 7.1
 */
int smmuv3_provoke_illegal_command(struct smmuv3 *smmu);

/*
 * Lets the command queue be fetched from `nowhere`, where nothing answers, and puts it back.
 *
 * Return:      0        the SMMU reported CERROR_ABT, and the queue worked again afterwards
 *              -ENOMSG  it reported nothing
 *              -EINVAL  `nowhere` is not aligned to the queue's size
 *              -EIO     the instance has failed: the queue could not be replaced, put back or used again
 * State left:  but for -EIO, the queue as it was, with no error of it active.
 * Context:     no other core issues commands meanwhile; waits for the SMMU.
 * See:         IHI 0070 6.3.26, 7.1
 */
int smmuv3_provoke_queue_abort(struct smmuv3 *smmu, uint64_t nowhere);

/*
 * Gives the event queue as few entries as 1 << log2, or lets it be written to `nowhere` (log2 0); nobody drains it
 * until smmuv3_restore_events(), which puts it back, empty, and is due after an error, too. 0; -EIO: the SMMU did not
 * acknowledge; -EINVAL.
 */
int smmuv3_shrink_events(struct smmuv3 *smmu, unsigned int log2);
int smmuv3_misplace_events(struct smmuv3 *smmu, uint64_t nowhere);
int smmuv3_restore_events(struct smmuv3 *smmu);

/* Whether records were lost, as EVENTQ_PROD.OVFLG says. */
bool smmuv3_events_overflowed(const struct smmuv3 *smmu);

/* What translates a stream's address, damaged in one place, and mended. */
enum smmuv3_damage {
	SMMUV3_DAMAGE_STE,	   /* V is clear: C_BAD_STE. */
	SMMUV3_DAMAGE_CD,	   /* V is clear: C_BAD_CD. */
	SMMUV3_DAMAGE_CD_POINTER,  /* It leads nowhere: F_CD_FETCH. */
	SMMUV3_DAMAGE_TABLE,	   /* The root is nowhere: F_WALK_EABT. */
	SMMUV3_DAMAGE_ACCESS_FLAG, /* Of the page: F_ACCESS. */
	SMMUV3_DAMAGE_OUTPUT_SIZE, /* The page leads beyond the output size: F_ADDR_SIZE. */
};

/*
 * Of stream `sid`, which `domain` (SMMUV3_STAGE1 or SMMUV3_STAGE2) is attached to, and its page at `iova`. Invalidated
 * as any change is. 0; -ENOTSUP for what the domain has not; -ENOENT for a page that is not mapped; -EIO: the instance
 * has failed. No other core changes the domain or the stream's entry meanwhile.
 */
int smmuv3_damage(struct smmuv3_domain *domain, uint32_t sid, uint64_t iova, uint64_t nowhere,
		  enum smmuv3_damage damage);
int smmuv3_mend(struct smmuv3_domain *domain, uint32_t sid, uint64_t iova, enum smmuv3_damage damage);

/* Whether queues are empty: PROD equals CONS in both, as the registers say. */
bool smmuv3_queues_empty(const struct smmuv3 *smmu);

/* How the instance is left. */
enum smmuv3_handover { SMMUV3_HANDOVER_ABORT, SMMUV3_HANDOVER_BYPASS };

/*
 * Hands the instance over: events drained, everything denied, SMMUEN and then the queues and interrupts off, each
 * acknowledged, and GBPA.ABORT as the policy says with its other fields kept. The masters' bus mastering is off
 * already. 0; -EIO where an acknowledge does not come, or a register does not read as it should. The instance is not
 * usable afterwards until registered again.
 */
int smmuv3_hand_over(struct smmuv3 *smmu, enum smmuv3_handover policy);

uint32_t smmuv3_read(const struct smmuv3 *smmu, unsigned int offset);

/* What a registration writes: hashes of the registers but the queues' indices, and of the stream table. */
struct smmuv3_footprint {
	uint32_t registers;
	uint32_t streams;
	uint32_t changes; /* Of the stream table, made through this driver. */
};

/*
 * Takes a footprint: of the table each first-level entry, the second levels that are there, and of an entry with V
 * clear no more than dword 0. It writes neither a register nor the table.
 *
 * Context:     any core that holds no lock but a group's; waits for a core that is changing the table.
 */
void smmuv3_footprint(struct smmuv3 *smmu, struct smmuv3_footprint *footprint);

/*
 * Whether the two differ. Stream tables are compared where this driver has changed nothing of it in between, as other
 * cores do that bind a client.
 */
bool smmuv3_footprint_differs(const struct smmuv3_footprint *a, const struct smmuv3_footprint *b);

/* The words for an event: its name in IHI 0070, and the likely cause for a person. */
void smmuv3_decode_event(const struct event_record *record, struct smmuv3_event *event);
const char *smmuv3_event_name(unsigned int code);
const char *smmuv3_event_cause(unsigned int code);

#endif
