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
#include "smmuv3/structures.h"

#define SMMUV3_WAIT_US 1000000U /* Bound of every wait for the hardware. */
#define SMMUV3_ASIDS_MAX 256U
#define SMMUV3_SPLIT 8U		/* STRTAB_BASE_CFG.SPLIT: STEs per second-level table, as a power of two. */
#define SMMUV3_SID_BITS_MAX 24U /* Bounds the first level at 512 KiB. */
#define SMMUV3_CMDQ_LOG2_MAX 7U
#define SMMUV3_EVTQ_LOG2_MAX 10U /* One DMA that is stopped may be tried word by word: 128 events for 512 bytes. */

/* IDR0 to IDR5, decoded. */
struct smmuv3_features {
	bool stage1;
	bool stage2;
	bool two_level;
	bool coherent_access; /* IDR0.COHACC. */
	bool hyp;
	bool stall_both; /* STALL_MODEL 0: stages choose between stalling and terminating. */
	bool gran4k;
	bool aarch64_tables;
	bool little_endian;
	bool preset; /* TABLES_PRESET, QUEUES_PRESET or REL. */
	unsigned int asid_bits;
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
};

/* One decoded event record. */
struct smmuv3_event {
	unsigned int code;
	uint32_t sid;
	bool has_access; /* `write` and `address` mean something. */
	bool write;
	uint64_t address;
	uint64_t fetch_address; /* Of the structure that could not be fetched, for fetch faults. */
};

struct smmuv3_queue {
	void *entries;
	unsigned int log2;
	uint32_t producer; /* Index and wrap bit. */
	uint32_t consumer;
};

struct smmuv3_stream_table {
	bool two_level;
	unsigned int log2size; /* Stream IDs covered. */
	uint64_t *level1;      /* Two-level. */
	struct ste *linear;
};

struct smmuv3_domain {
	struct iommu_domain domain;
	struct pgtable table;
	unsigned int asid;
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
	uint32_t gerrors; /* Every bit of GERROR that was ever active and acknowledged, ORed. */
};

struct smmuv3 {
	struct iommu iommu; /* First: the operations are handed this. */
	volatile uint8_t *regs;
	uint64_t base; /* Physical: for messages. */
	bool coherent; /* As described. */
	struct smmuv3_features features;
	struct smmuv3_inherited inherited;
	bool gbpa_works;      /* GBPA.ABORT reads back. */
	bool enabled;	      /* SMMUEN: a change of a structure needs an invalidation. */
	bool broken;	      /* A bounded wait has failed: no more commands. */
	bool service_failure; /* GERROR.SFM_ERR. */
	struct smmuv3_stream_table table;
	struct lock lock; /* Stream table, context descriptors, ASIDs: LOCK_RANK_INSTANCE. */
	struct lock cmdq_lock;
	struct lock evtq_lock;
	struct smmuv3_queue cmdq;
	struct smmuv3_queue evtq;
	bool evtq_published; /* Under evtq_lock: queue and registers fit together, and may be looked at. */
	struct cd *cd;	     /* One for each ASID. */
	uint32_t asid_used[SMMUV3_ASIDS_MAX / 32];
	struct smmuv3_domain *empty; /* The default domain: translates nothing, reports everything. */
	struct smmuv3_domain *free_domain;
	struct smmuv3_counts counts;
	/* Told of each event with LOCK_RANK_EVENT_QUEUE held, perhaps in an interrupt. */
	void (*on_event)(struct smmuv3 *smmu, const struct smmuv3_event *event);
	bool event_interrupt; /* Wired and enabled at the interrupt controller. */
	bool gerror_interrupt;
};

extern const struct iommu_ops smmuv3_ops;

/*
 * Takes mapped registers; fills in `ops`, `name` and the locks. No register is touched. `coherent` is what the
 * description says of the instance's accesses to memory.
 */
void smmuv3_init(struct smmuv3 *smmu, const char *name, uint64_t base, volatile uint8_t *regs, bool coherent);

/* Records what the instance was left in: reads only. -ENODEV where the registers do not look like an SMMUv3. */
int smmuv3_inherit(struct smmuv3 *smmu);

/*
 * Denies everything: GBPA.ABORT with its other fields kept, then SMMUEN and queues off, each acknowledged, interrupts
 * off. 0; -ETIMEDOUT where an acknowledge does not come (named on the console). Learns whether GBPA works.
 */
int smmuv3_block(struct smmuv3 *smmu);

/* Decodes IDR0 to IDR5, IIDR and AIDR. Pure. */
void smmuv3_identify(struct smmuv3_features *features, uint32_t idr0, uint32_t idr1, uint32_t idr5, uint32_t iidr,
		     uint32_t aidr);

/* Why this firmware cannot drive such an instance, or NULL where it can. Pure. */
const char *smmuv3_refusal(const struct smmuv3_features *features);

/* Clears SMMUEN and leaves GBPA.ABORT to deny everything; and sets it again after invalidating all. 0, -ETIMEDOUT. */
int smmuv3_pause(struct smmuv3 *smmu);
int smmuv3_resume(struct smmuv3 *smmu);

/* Makes the instance forget every cached configuration and translation. 0, or an -errno of the queue. Any core. */
int smmuv3_invalidate_all(struct smmuv3 *smmu);

/* Drains the event queue into on_event(). Any core, any context that may take LOCK_RANK_EVENT_QUEUE; bounded. */
void smmuv3_poll_events(struct smmuv3 *smmu);

/* Looks for active errors, repairs the command queue, acknowledges. Any core that may take LOCK_RANK_COMMAND_QUEUE. */
void smmuv3_poll_gerror(struct smmuv3 *smmu);

/*
 * Issues one command of a reserved opcode, then a SYNC. 0 where the SMMU reported CERROR_ILL, the command was repaired
 * and the SYNC completed; -ENOMSG where it swallowed the command; another -errno of the queue.
 */
int smmuv3_provoke_illegal_command(struct smmuv3 *smmu);

/* Whether queues are empty: PROD equals CONS in both, as the registers say. */
bool smmuv3_queues_empty(const struct smmuv3 *smmu);

/* How the instance is left. */
enum smmuv3_handover { SMMUV3_HANDOVER_ABORT, SMMUV3_HANDOVER_BYPASS };

/*
 * Hands the instance over: events drained, everything denied, SMMUEN and then the queues and interrupts off, each
 * acknowledged, and GBPA.ABORT as the policy says with its other fields kept. The masters' bus mastering is off
 * already. 0, -ETIMEDOUT, -EIO where a register does not read as it should. The instance is not usable afterwards until
 * registered again.
 */
int smmuv3_hand_over(struct smmuv3 *smmu, enum smmuv3_handover policy);

uint32_t smmuv3_read(const struct smmuv3 *smmu, unsigned int offset);

/* The words for an event: its name in IHI 0070, and the likely cause for a person. */
void smmuv3_decode_event(const struct event_record *record, struct smmuv3_event *event);
const char *smmuv3_event_name(unsigned int code);
const char *smmuv3_event_cause(unsigned int code);

#endif
