/* SPDX-License-Identifier: BSD-2-Clause */
/* For drivers/smmuv3 only. */
#ifndef SMMUV3_PRIVATE_H
#define SMMUV3_PRIVATE_H

#include <errno.h>

#include "pgtable/pgtable.h"
#include "smmuv3/damage.h"
#include "smmuv3/ids.h"
#include "smmuv3/registers.h"
#include "smmuv3/smmuv3.h"
#include "smmuv3/structures.h"

#define SMMUV3_SID_BITS_MAX 25U	   /* First level: 256 KiB at most. */
#define SMMUV3_LINEAR_BITS_MAX 16U /* Linear table: 4 MiB at most. */
#define SMMUV3_CMDQ_LOG2_MAX 7U
#define SMMUV3_KEPT 17U		 /* Registers that put_back.c keeps. */
#define SMMUV3_EVTQ_LOG2_MAX 10U /* A denied DMA may fault word by word: 128 events for 512 bytes. */

struct smmuv3_queue {
	void *entries;
	unsigned int log2;
	uint32_t consumer; /* Event queue: index and wrap bit. */
};

struct smmuv3_stream_table {
	bool two_level;
	unsigned int log2size; /* Of the stream IDs covered, */
	unsigned int split;    /* and log2 of those in a second level. */
	uint32_t bytes;
	unsigned int watcher; /* The core that took the last footprint. */
	uint32_t changes;     /* By other cores: second levels linked, STEs changed while on, storms. */
	uint64_t *level1;
	struct ste *linear;
};

/* Errors that a check provokes are only counted. */
enum smmuv3_provoked {
	SMMUV3_NOT_PROVOKED,
	SMMUV3_PROVOKED,
	SMMUV3_PROVOKED_IN_VAIN, /* Later commands are given up. */
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

#define SMMUV3_DOMAINS_MAX (2 * SMMUV3_IDS_MAX)

#define SMMUV3_STORM_STREAMS 16U

struct smmuv3_storm {
	struct smmuv3_storm_counter {
		uint32_t sid;
		uint32_t count; /* 0: free. */
		uint64_t began; /* In ticks. */
	} stream[SMMUV3_STORM_STREAMS];
	struct smmuv3_storm_counter all;
	uint32_t events;
};

struct smmuv3 {
	struct iommu_instance iommu; /* First: operations receive this. */
	volatile uint8_t *regs;
	uint64_t base;
	bool coherent;
	unsigned int described_quirks; /* SMMUV3_DESCRIBED_*; set before smmuv3_inherit(). */
	unsigned int errata_effects;   /* SMMUV3_ERRATA_*; set by smmuv3_inherit(). */
	struct smmuv3_features features;
	struct smmuv3_inherited inherited;
	bool is_kept; /* smmuv3_keep() found it enabled. */
	uint32_t kept[SMMUV3_KEPT];
	uint32_t cr0;		 /* Bits that may be set; see access_locked_register(). */
	uint32_t irq_ctrl;	 /* Likewise. */
	_Atomic uint32_t health; /* enum smmuv3_health. */
	bool gbpa_works;	 /* GBPA.ABORT read back once: from then on it must. */
	struct smmuv3_stream_table table;
	struct word changing; /* See smmuv3_begin_change(). */
	struct lock lock;     /* CDs, ASIDs, VMIDs, lists of domains. LOCK_RANK_INSTANCE. */
	struct lock cmdq_lock;
	struct lock evtq_lock;
	struct smmuv3_queue cmdq;
	uint32_t issued; /* Under cmdq_lock: commands; the low bits are CMDQ_PROD. */
	unsigned int batch_max;
	uint32_t command_mask;	   /* Bits that PROD and CONS hold. */
	_Atomic uint32_t consumed; /* As far as any core has seen. */
	_Atomic uint32_t provoked; /* enum smmuv3_provoked; written under cmdq_lock. */
	uint32_t error_at;	   /* Under cmdq_lock: consumed before the last error, */
	unsigned int error_streak; /* and errors in a row there. */
	unsigned int starving;	   /* Under cmdq_lock: 1 + the core that goes first, or 0. */
	struct smmuv3_queue evtq;
	struct smmuv3_storm storm; /* Under evtq_lock. */
	bool evtq_published;	   /* Under evtq_lock: cores may read the queue. */
	struct cd *cd;		   /* By ASID. */
	unsigned int cd_count;	   /* Ever used. Under lock. */
	struct smmuv3_ids asids;
	struct smmuv3_ids vmids;
	struct smmuv3_domain *empty; /* Default domain: reports each access. */
	struct ste *empty_ste;
	struct smmuv3_domain *domain; /* Allocated by start(). */
	unsigned int domain_count;    /* Ever used. Under lock. */
	struct smmuv3_domain *free_domain;
	bool domains_ran_out;
	struct smmuv3_domain *held_domain; /* The SMMU may cache these until the next start. Under lock. */
	struct smmuv3_counts counts;
	void (*on_event)(struct smmuv3 *smmu, const struct smmuv3_event *event);
	void (*on_storm)(struct smmuv3 *smmu, uint32_t sid, enum smmuv3_storm_end end);
	bool event_interrupt;
	bool gerror_interrupt;
};

/*
 * --- life.c ---
 *
 * Moves between SMMUV3_OFF and SMMUV3_ON, or to a worse state. True if it changed. Any core, any lock held.
 */
bool smmuv3_set_health(struct smmuv3 *smmu, enum smmuv3_health health);
/* From any state; only after SMMUEN = 0 was acknowledged. */
void smmuv3_renew_health(struct smmuv3 *smmu);
static inline enum smmuv3_health smmuv3_health(const struct smmuv3 *smmu)
{
	return (enum smmuv3_health)atomic_load_explicit(&smmu->health, memory_order_relaxed);
}
/* -EIO from SMMUV3_LOST on. Any core, any lock held. */
static inline int smmuv3_check_health(const struct smmuv3 *smmu)
{
	return smmuv3_health(smmu) > SMMUV3_ON ? -EIO : 0;
}
/* As struct iommu_ops has it. */
int smmuv3_start(struct iommu_instance *iommu);
int smmuv3_enable(struct iommu_instance *iommu);
int smmuv3_stop(struct iommu_instance *iommu);

/* --- smmuv3.c --- */
/* Sets `ops`, `name` and the locks; touches no register. */
void smmuv3_init(struct smmuv3 *smmu, const char *name, uint64_t base, volatile uint8_t *regs, bool coherent);

/* --- identify.c --- */
/* Pure; so is smmuv3_identify_idr3(). */
void smmuv3_identify(struct smmuv3_features *features, uint32_t idr0, uint32_t idr1, uint32_t idr5, uint32_t iidr,
		     uint32_t aidr);

void smmuv3_identify_idr3(struct smmuv3_features *features, uint32_t idr3);

/* The smallest granule's log2, or 0. Pure. */
unsigned int smmuv3_granule_bits(const struct smmuv3_features *features);

/* Why the instance cannot be driven, or NULL. Pure. */
const char *smmuv3_refusal(const struct smmuv3_features *features);

/* --- access.c --- */
uint32_t smmuv3_read(const struct smmuv3 *smmu, unsigned int offset);
/* -EPERM: forbidden in the present state (6.3). */
int smmuv3_write(struct smmuv3 *smmu, unsigned int offset, uint32_t value);
int smmuv3_write64(struct smmuv3 *smmu, unsigned int offset, uint64_t value);
/* -EINVAL unless `address` is aligned to `size`, a power of two. `flags`: the other fields. */
int smmuv3_write_base(struct smmuv3 *smmu, unsigned int offset, const char *name, uint64_t address, uint64_t size,
		      uint64_t flags);
/*
 * Polls until (register & mask) == wanted. After SMMUV3_WAIT_US prints, makes the SMMU SMMUV3_BROKEN and returns -EIO.
 */
int smmuv3_wait(struct smmuv3 *smmu, const char *name, unsigned int offset, uint32_t mask, uint32_t wanted);
/* Both wait for the acknowledge. */
int smmuv3_write_cr0(struct smmuv3 *smmu, uint32_t value);
int smmuv3_write_irq_ctrl(struct smmuv3 *smmu, uint32_t value);
/* Clears bits of GBPA, sets others and waits for UPDATE. 0 or -EIO. */
int smmuv3_write_gbpa(struct smmuv3 *smmu, uint32_t clear, uint32_t set);
/* Makes stores visible to the SMMU, snooping or not. */
void smmuv3_publish(const struct smmuv3 *smmu, const void *start, uint32_t size);

/* --- interrupts.c: 0, -EPERM. --- */
int smmuv3_turn_messages_off(struct smmuv3 *smmu);

/* --- queue.c --- */
int smmuv3_queue_allocate(struct smmuv3_queue *queue, unsigned int log2, uint32_t entry_size);
uint32_t smmuv3_queue_index(const struct smmuv3_queue *queue, uint32_t position);
uint32_t smmuv3_queue_advance(const struct smmuv3_queue *queue, uint32_t position, uint32_t count);
uint32_t smmuv3_queue_mask(const struct smmuv3_queue *queue);
/* The queue's enable is clear. 0, -EINVAL, -EPERM. */
int smmuv3_program_command_queue(struct smmuv3 *smmu, uint64_t address);
int smmuv3_program_event_queue(struct smmuv3 *smmu, uint64_t address);
bool smmuv3_queues_empty(const struct smmuv3 *smmu);

/* --- command.c --- */
struct command smmuv3_command(unsigned int opcode);
struct command smmuv3_command_cfgi_ste(uint32_t sid);
struct command smmuv3_command_cfgi_all(void);
struct command smmuv3_command_tlbi_all(unsigned int opcode);
struct command smmuv3_command_tlbi_asid(unsigned int vmid, unsigned int asid);
struct command smmuv3_command_tlbi_vmid(unsigned int vmid);
struct command smmuv3_command_tlbi_address(unsigned int opcode, unsigned int vmid, unsigned int asid, uint64_t address,
					   bool leaf);
/* Covers (num + 1) << scale granules (IDR3.RIL). */
void smmuv3_command_range(struct command *tlbi, unsigned int granule_bits, unsigned int num, unsigned int scale);
struct command smmuv3_command_resume_abort(uint32_t sid, unsigned int stag);

/* --- tlbi.c --- */
#define SMMUV3_TLBI_MAX 16U /* Beyond, one command for the domain is cheaper. */
/*
 * Makes the commands that remove whole granules from every TLB. `leaf`: no table was unlinked. Returns their number,
 * SMMUV3_TLBI_MAX at most.
 */
unsigned int smmuv3_tlbi_range(const struct smmuv3 *smmu, const struct smmuv3_domain *domain, uint64_t address,
			       uint64_t size, bool leaf, struct command *commands);
struct command smmuv3_tlbi_domain(const struct smmuv3_domain *domain);

/* --- cmdq.c --- */
/*
 * Issues commands with SYNCs and waits for completion.
 *
 * Return:      0          these commands, and all before them, were executed
 *              -EIO       SMMUV3_LOST or worse, or provoked errors do not end
 * Context:     any core; takes the command queue's lock; waits without it.
 * See:         IHI 0070 4.7
 */
int smmuv3_issue(struct smmuv3 *smmu, const struct command *commands, unsigned int count);
/* As far as this core sees. Any core. */
uint32_t smmuv3_commands_consumed(struct smmuv3 *smmu);
/* Makes it SMMUV3_BROKEN or SMMUV3_PROVOKED_IN_VAIN. Queue's lock held. */
void smmuv3_command_queue_broken(struct smmuv3 *smmu, const char *why);
/* True: waiting is useless. Any core, any lock held. */
static inline bool smmuv3_queue_rests(const struct smmuv3 *smmu)
{
	return smmuv3_health(smmu) >= SMMUV3_BROKEN || smmu->provoked == SMMUV3_PROVOKED_IN_VAIN;
}
/* Starts counting at PROD = CONS = 0. CMDQEN is clear. */
void smmuv3_command_queue_reset(struct smmuv3 *smmu);

/* --- gerror.c: serve_gerror() with the command queue's lock held. --- */
bool smmuv3_has_error(const struct smmuv3 *smmu);
void smmuv3_serve_gerror(struct smmuv3 *smmu);

/*
 * --- evtq.c ---
 *
 * May cores read the event queue? Set false before it changes, true after.
 */
void smmuv3_publish_events(struct smmuv3 *smmu, bool published);

/* EVENTQ_PROD, EVENTQ_CONS. */
uint32_t smmuv3_read_events(const struct smmuv3 *smmu, unsigned int offset);

/* In page 1, or at the same offset in page 0. */
static inline unsigned int smmuv3_eventq_offset(const struct smmuv3 *smmu, unsigned int offset)
{
	return smmu->errata_effects & SMMUV3_ERRATA_PAGE1_IN_PAGE0 ? offset % SMMU_PAGE_SIZE : offset;
}

/*
 * --- storm.c ---
 *
 * Counts an event. Returns the stream's entry if the stream just reached SMMUV3_STORM_EVENTS; storm->all if all streams
 * just reached SMMUV3_STORM_EVENTS_OF_ALL without one; else NULL. Event queue's lock held.
 */
struct smmuv3_storm_counter *smmuv3_storm_count(struct smmuv3_storm *storm, uint32_t sid);
/*
 * Silences the stream, or turns the event interrupt off; a later event does it if another core is changing. No lock
 * held.
 */
void smmuv3_end_storm(struct smmuv3 *smmu, struct smmuv3_storm_counter *storm, uint32_t sid);

/*
 * --- update.c ---
 *
 * Changes a 64-byte entry that the SMMU may be reading: by one store if possible, else through V = 0. Returns 0, or
 * invalidate()'s error, at that step. No other core changes it.
 */
struct entry_update {
	struct smmuv3 *smmu;
	uint32_t sid;
	uint64_t valid;					      /* In dword 0. */
	void (*used)(const uint64_t *dword, uint64_t *used);  /* Sets the bits that the SMMU reads. */
	void (*safe)(uint64_t *safe);			      /* Sets bits that may change at any time; may be NULL. */
	int (*invalidate)(const struct entry_update *update); /* When it returns, no SMMU caches the old entry. */
};
int smmuv3_update_entry(const struct entry_update *update, uint64_t *entry, const uint64_t *target);

/* --- ste.c, cd.c --- */
void smmuv3_ste_of(const struct smmuv3 *smmu, const struct smmuv3_domain *domain, struct ste *ste);
/* Config 0b000: no event (5.2). */
void smmuv3_ste_abort(const struct smmuv3 *smmu, struct ste *ste);
/* V = 0, with the fields that stage-1 entries share: one store makes it valid. */
void smmuv3_ste_blank(const struct smmuv3 *smmu, struct ste *ste);
void smmuv3_ste_used(const uint64_t *dword, uint64_t *used);
void smmuv3_ste_safe(uint64_t *safe);
void smmuv3_cd_of(const struct smmuv3 *smmu, const struct smmuv3_domain *domain, struct cd *cd);
void smmuv3_cd_used(const uint64_t *dword, uint64_t *used);
/* Zeroes unused CDs up to this one. Instance's lock held. */
void smmuv3_empty_cd(struct smmuv3 *smmu, unsigned int asid);
void smmuv3_install_cd(struct smmuv3 *smmu, unsigned int asid, const struct cd *cd);
void smmuv3_clear_cd(struct smmuv3 *smmu, unsigned int asid);
unsigned int smmuv3_output_code(unsigned int output_bits);

/* --- strtab.c --- */
int smmuv3_stream_table_allocate(struct smmuv3 *smmu);
void smmuv3_stream_table_program(struct smmuv3 *smmu, uint32_t *config, const void **base, uint64_t *size);
void smmuv3_stream_table_clear(struct smmuv3 *smmu);
/* The caller is changing. */
uint32_t smmuv3_stream_table_hash(const struct smmuv3 *smmu, uint32_t hash);
/* 32-bit FNV-1a by words: for equal `hash`, different values give different results. */
static inline uint32_t smmuv3_mix(uint32_t hash, uint32_t value)
{
	return (hash ^ value) * 0x01000193U;
}
/*
 * Serialise changes of the stream table and SMMUEN. Not a lock: a change waits for the SMMU with interrupts as they
 * are.
 *
 * Return:      smmuv3_try_change(): true unless another core is changing
 * Context:     begin waits, LOCK_WAIT_US at most; no lock held but a group's. An interrupt handler only tries: it may
 *              have interrupted the changing core.
 */
void smmuv3_begin_change(struct smmuv3 *smmu);
bool smmuv3_try_change(struct smmuv3 *smmu);
void smmuv3_end_change(struct smmuv3 *smmu);
/*
 * Makes room for a stream; entries may move.
 *
 * Return:      0
 *              -ERANGE    beyond the table
 *              -ENOMEM    the arena is exhausted
 *              -EIO       smmuv3_check_health()
 * Context:     any core that is not changing.
 * See:         IHI 0070 3.3.1, 5.1
 */
int smmuv3_stream_table_room(struct smmuv3 *smmu, uint32_t sid);
/* NULL without room. The caller is changing. */
struct ste *smmuv3_stream_table_entry(const struct smmuv3 *smmu, uint32_t sid);
/*
 * Installs an STE and invalidates.
 *
 * Return:      0          the SMMU uses it
 *              -ERANGE    no room
 *              -EIO       the SMMU may use the old entry, or V = 0
 * Context:     any core that is not changing.
 * See:         IHI 0070 3.21.3
 */
int smmuv3_install_ste(struct smmuv3 *smmu, uint32_t sid, const struct ste *target);
/*
 * Denies a stream without events until it is attached again; makes room.
 *
 * Return:      0
 *              -errno     as smmuv3_stream_table_room()
 * Context:     a core that is changing.
 * See:         IHI 0070 5.2, STE.Config 0b000
 */
int smmuv3_silence(struct smmuv3 *smmu, uint32_t sid);

/* --- domain.c --- */
unsigned int smmuv3_tlb_vmid(const struct smmuv3_domain *domain);
struct iommu_domain *smmuv3_domain_allocate(struct iommu_instance *iommu);
int smmuv3_domain_free(struct iommu_domain *domain);
int smmuv3_domain_map(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access);
int smmuv3_domain_unmap(struct iommu_domain *domain, uint64_t iova, uint64_t size);
int smmuv3_domain_translate(const struct iommu_domain *domain, uint64_t iova, uint64_t *pa);
bool smmuv3_domain_is_empty(const struct iommu_domain *domain, uint64_t iova, uint64_t size);
/* Frees what was held since a failure. Only after everything was invalidated. */
void smmuv3_domains_give_back(struct smmuv3 *smmu);

static inline struct smmuv3 *smmuv3_of(struct iommu_instance *iommu)
{
	return (struct smmuv3 *)iommu; /* First member. */
}

#endif
