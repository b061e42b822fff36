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
#include "pgtable/pgtable.h"
#include "smmuv3/errata.h"
#include "smmuv3/ids.h"
#include "smmuv3/structures.h"

#define SMMUV3_WAIT_US 1000000U	   /* Bound of every wait for the SMMU. */
#define SMMUV3_SID_BITS_MAX 25U	   /* Limits the first level to 256 KiB. */
#define SMMUV3_LINEAR_BITS_MAX 16U /* Limits a linear stream table to 4 MiB. */
#define SMMUV3_STORM_EVENTS 8192U  /* Within a second from one stream: the stream is silenced. */
#define SMMUV3_CMDQ_LOG2_MAX 7U
#define SMMUV3_EVTQ_LOG2_MAX 10U /* One denied DMA may fault word by word: 128 events for 512 bytes. */

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

/* The registers before the firmware's first write. */
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
	bool has_access; /* `write` and `address` are valid. */
	bool write;
	uint64_t address;
	uint64_t fetch_address; /* Address of the structure whose fetch failed; for stage 2 the IPA. */
	bool has_ssid;
	uint32_t ssid;
	bool stalled; /* The transaction waits for CMD_RESUME with `stag`. */
	unsigned int stag;
	bool stage2;	    /* Translation faults: stage 2, not 1; */
	unsigned int class; /* EVENT_CLASS_*: fault on the input, a table or a CD. */
	bool privileged;
	bool instruction;
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

struct smmuv3_queue {
	void *entries;
	unsigned int log2;
	uint32_t consumer; /* Index and wrap bit; for the event queue. */
};

struct smmuv3_stream_table {
	bool two_level;
	unsigned int log2size; /* log2 of the stream IDs covered, */
	unsigned int split;    /* and of those in one second level. */
	uint32_t bytes;	       /* Memory used. */
	uint32_t changes;      /* Number of changes while the SMMU was on. */
	uint64_t *level1;      /* Two-level. */
	struct ste *linear;
};

enum smmuv3_domain_kind {
	SMMUV3_ABORT,
	SMMUV3_BYPASS,
	SMMUV3_STAGE1,
	SMMUV3_STAGE2,
	SMMUV3_NESTED, /* Stage 1 whose output, and whose tables, go through the parent's stage 2. */
};

/* Are command errors expected? Then they are only counted. */
enum smmuv3_provoked {
	SMMUV3_NOT_PROVOKED,
	SMMUV3_PROVOKED,
	SMMUV3_PROVOKED_IN_VAIN, /* The errors do not end: later commands are given up. */
};

struct smmuv3_domain;

struct smmuv3_domain_config {
	enum smmuv3_domain_kind kind;
	unsigned int granule_bits;    /* 12, 14 or 16; ignored for bypass and abort. */
	unsigned int input_bits;      /* 0: the maximum, 48 at most. */
	struct smmuv3_domain *parent; /* For SMMUV3_NESTED: an SMMUV3_STAGE2 of the same instance. */
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

/* One for each ASID and each VMID. */
#define SMMUV3_DOMAINS_MAX (2 * SMMUV3_IDS_MAX)

#define SMMUV3_STORM_STREAMS 4U

/* The streams with the most events. */
struct smmuv3_storm {
	struct {
		uint32_t sid;
		uint32_t count; /* 0: slot is free. */
		uint64_t began; /* In ticks. */
	} stream[SMMUV3_STORM_STREAMS];
};

struct smmuv3 {
	struct iommu iommu; /* First: the operations receive this. */
	volatile uint8_t *regs;
	uint64_t base;		       /* Physical address, for messages. */
	bool coherent;		       /* From the description. */
	unsigned int described_quirks; /* SMMUV3_DESCRIBED_*; set between smmuv3_init() and smmuv3_inherit(). */
	unsigned int errata_effects;   /* SMMUV3_ERRATA_*; set by smmuv3_inherit(). */
	struct smmuv3_features features;
	struct smmuv3_inherited inherited;
	uint32_t cr0;		 /* Bits set or perhaps still set: locked_register() refuses writes by them. */
	uint32_t irq_ctrl;	 /* Likewise. */
	_Atomic uint32_t health; /* enum smmuv3_health; see smmuv3_set_health(). */
	bool gbpa_works;	 /* GBPA.ABORT read back once, so it must from then on. Set by smmuv3_block(). */
	struct smmuv3_stream_table table;
	struct word changing; /* A core is changing: see smmuv3_begin_change(). */
	struct lock lock;     /* Context descriptors, ASIDs, VMIDs, lists of domains. LOCK_RANK_INSTANCE. */
	struct lock cmdq_lock;
	struct lock evtq_lock;
	struct smmuv3_queue cmdq;
	uint32_t issued; /* Under cmdq_lock: commands since the queue was programmed; its low bits are CMDQ_PROD. */
	unsigned int batch_max;	   /* Commands before one SYNC. */
	uint32_t command_mask;	   /* Bits of these counts that PROD and CONS hold. */
	_Atomic uint32_t consumed; /* Commands consumed, as far as any core has seen. */
	_Atomic uint32_t provoked; /* enum smmuv3_provoked; written under cmdq_lock. */
	uint32_t error_at;	   /* Under cmdq_lock: commands consumed before the last error, */
	unsigned int error_streak; /* and errors in a row at that command. */
	unsigned int starving;	   /* Under cmdq_lock: 1 + the core that the others let go first, or 0. */
	struct smmuv3_queue evtq;
	struct smmuv3_storm storm; /* Under evtq_lock. */
	bool evtq_published;	   /* Under evtq_lock: queue and registers match; cores may read them. */
	struct cd *cd;		   /* One for each ASID. */
	unsigned int cd_count;	   /* Descriptors ever used. Under lock. */
	struct smmuv3_ids asids;
	struct smmuv3_ids vmids;
	struct smmuv3_domain *empty;  /* Default domain: nothing mapped, each access reported. */
	struct ste *empty_ste;	      /* The STE of streams in it. */
	struct smmuv3_domain *domain; /* All domains, allocated by start(). */
	unsigned int domain_count;    /* Domains ever used. Under lock. */
	struct smmuv3_domain *free_domain;
	bool domains_ran_out;		   /* The message was printed. */
	struct smmuv3_domain *held_domain; /* Freed, but perhaps still cached: for the next start. Under lock. */
	struct smmuv3_counts counts;
	/* Called for each event, with LOCK_RANK_EVENT_QUEUE held, perhaps in an interrupt. */
	void (*on_event)(struct smmuv3 *smmu, const struct smmuv3_event *event);
	/*
	 * Called when a stream's events do not end: silenced, or counted in counts.unsilenced_storms. Perhaps in an
	 * interrupt; no lock held.
	 */
	void (*on_storm)(struct smmuv3 *smmu, uint32_t sid, bool silenced);
	bool event_interrupt; /* Wired, and enabled in the interrupt controller. */
	bool gerror_interrupt;
};

extern const struct iommu_ops smmuv3_ops;

/* Any core, any lock held. */
static inline enum smmuv3_health smmuv3_health(const struct smmuv3 *smmu)
{
	return (enum smmuv3_health)atomic_load_explicit(&smmu->health, memory_order_relaxed);
}

/* Fills in `ops`, `name` and the locks; touches no register. `regs`: mapped. `coherent`: from the description. */
void smmuv3_init(struct smmuv3 *smmu, const char *name, uint64_t base, volatile uint8_t *regs, bool coherent);

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

/* Decodes IDR0, IDR1, IDR5, IIDR and AIDR. Pure. */
void smmuv3_identify(struct smmuv3_features *features, uint32_t idr0, uint32_t idr1, uint32_t idr5, uint32_t iidr,
		     uint32_t aidr);

/* Decodes IDR3. Pure. */
void smmuv3_identify_idr3(struct smmuv3_features *features, uint32_t idr3);

/* log2 of the smallest granule; 0 without any. Pure. */
unsigned int smmuv3_granule_bits(const struct smmuv3_features *features);

/* Why this firmware cannot drive the instance, or NULL. Pure. */
const char *smmuv3_refusal(const struct smmuv3_features *features);

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
 *              -EIO       the instance has failed: smmuv3_health()
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

/*
 * Issues a reserved opcode, then a SYNC.
 *
 * Return:      0          the SMMU reported CERROR_ILL, and the SYNC in its place completed
 *              -ENOMSG    it ignored the command
 *              -EIO       the instance has failed: smmuv3_health()
 * Context:     any core that may take LOCK_RANK_COMMAND_QUEUE; waits for the SMMU.
 * See:         IHI 0070 7.1
 */
int smmuv3_provoke_illegal_command(struct smmuv3 *smmu);

/*
 * Moves the command queue to `nowhere`, an address that nothing answers, and back.
 *
 * Return:      0          the SMMU reported CERROR_ABT, and the queue works again
 *              -ENOMSG    it reported nothing
 *              -EINVAL    `nowhere` is not aligned to the queue's size
 *              -EIO       the instance has failed: the queue could not be moved, restored or used again
 * State left:  but for -EIO, the queue as before, without an active error.
 * Context:     no other core issues commands meanwhile; waits for the SMMU.
 * See:         IHI 0070 6.3.26, 7.1
 */
int smmuv3_provoke_queue_abort(struct smmuv3 *smmu, uint64_t nowhere);

/*
 * Shrink the event queue to 1 << log2 entries, or move it to `nowhere` with one entry; and restore it, empty. No core
 * drains the queue until smmuv3_restore_events(), which must follow even after an error.
 *
 * Return:      0          done
 *              -EINVAL    too many entries, or `nowhere` is misaligned
 *              -EIO       the SMMU did not acknowledge
 * Context:     one core; waits for the SMMU.
 */
int smmuv3_shrink_events(struct smmuv3 *smmu, unsigned int log2);
int smmuv3_misplace_events(struct smmuv3 *smmu, uint64_t nowhere);
int smmuv3_restore_events(struct smmuv3 *smmu);

/* Were records lost (EVENTQ_PROD.OVFLG)? */
bool smmuv3_events_overflowed(const struct smmuv3 *smmu);

/* Which structure smmuv3_damage() spoils. */
enum smmuv3_damage {
	SMMUV3_DAMAGE_STE,	   /* V = 0: C_BAD_STE. */
	SMMUV3_DAMAGE_CD,	   /* V = 0: C_BAD_CD. */
	SMMUV3_DAMAGE_CD_POINTER,  /* S1ContextPtr nowhere: F_CD_FETCH. */
	SMMUV3_DAMAGE_TABLE,	   /* Root nowhere: F_WALK_EABT. */
	SMMUV3_DAMAGE_ACCESS_FLAG, /* Page's AF = 0: F_ACCESS. */
	SMMUV3_DAMAGE_OUTPUT_SIZE, /* Page's output beyond the output size: F_ADDR_SIZE. */
};

/*
 * Damages, or mends, what translates `iova` of stream `sid`, which `domain` (SMMUV3_STAGE1 or SMMUV3_STAGE2) is
 * attached to, and invalidates. No other core changes the domain or the STE meanwhile.
 *
 * Return:      0
 *              -ENOTSUP   the domain has no such structure
 *              -ENOENT    the page is not mapped
 *              -EIO       the instance has failed
 */
int smmuv3_damage(struct smmuv3_domain *domain, uint32_t sid, uint64_t iova, uint64_t nowhere,
		  enum smmuv3_damage damage);
int smmuv3_mend(struct smmuv3_domain *domain, uint32_t sid, uint64_t iova, enum smmuv3_damage damage);

/* PROD equals CONS in both queues, as the registers say. */
bool smmuv3_queues_empty(const struct smmuv3 *smmu);

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

uint32_t smmuv3_read(const struct smmuv3 *smmu, unsigned int offset);

/* Prints the registers that tell why a start failed. Any core. */
void smmuv3_say_stuck(const struct smmuv3 *smmu);

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

/* Decodes a record; its name in IHI 0070 and likely cause. */
void smmuv3_decode_event(const struct event_record *record, struct smmuv3_event *event);
const char *smmuv3_event_name(unsigned int code);
const char *smmuv3_event_cause(unsigned int code);

#endif
