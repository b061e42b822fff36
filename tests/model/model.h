/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A register-level Arm SMMUv3 (IHI 0070) for host tests, independent of drivers/. It is as strict as the architecture
 * allows, and complains of forbidden and UNPREDICTABLE uses. README.md says what is modelled.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_PAGES_SIZE 0x20000U

struct model;

/* An implementation. model_config() may change it in use. */
struct model_config {
	uint32_t idr[6];
	uint32_t iidr, aidr;
	bool gbpa;		/* Without it SMMUEN == 0 bypasses. */
	uint32_t gbpa_reset;	/* GBPA at reset; UPDATE clear. */
	bool page0_alias;	/* EVENTQ_PROD and EVENTQ_CONS also at page 0. */
	bool page1_absent;	/* EVENTQ_PROD and EVENTQ_CONS at page 0 only. */
	uint32_t unknown;	/* Value of UNKNOWN registers at reset. */
	unsigned int ack_delay; /* Steps of CR0ACK, IRQ_CTRLACK, GBPA.UPDATE; 0: in the write. */
	uint32_t never_ack_cr0; /* CR0 bits. */
	bool never_ack_irq;
	bool never_ack_gbpa;
	unsigned int command_delay; /* Steps to consume one; 0: in CMDQ_PROD's write. */
	bool hold_commands;	    /* Only model_step() consumes. */
	bool register_steps;	    /* Register accesses step, too. */
	bool eager;		    /* Invalidates when consumed; else at CMD_SYNC. */
	bool caches_clean;	    /* Reset invalidates; else software must, before SMMUEN. */
	bool drop_invalid;	    /* The architecture allows to cache them. */
	bool strict;		    /* Complains of stale copies in use. */
	bool msi_64_bits;	    /* CMD_SYNC's MSI writes 64 bits. */
};

extern const struct model_config model_full; /* Both stages, 2 levels, all granules, range invalidation. */
extern const struct model_config model_s1_only;
extern const struct model_config model_s2_only;
extern const struct model_config model_min;  /* SMMUv3.0: linear, 64 streams, 8 commands, not coherent. */
extern const struct model_config model_qemu; /* QEMU 11's nested SMMUv3. */

/* The SMMU's memory; false: external abort. */
struct model_memory {
	void *context;
	bool (*read)(void *context, uint64_t pa, void *bytes, size_t size);
	bool (*write)(void *context, uint64_t pa, const void *bytes, size_t size);
};

/* RAM at [pa, pa + size): `bytes`; else external abort. */
struct model_ram {
	uint8_t *bytes;
	uint64_t pa;
	uint64_t size;
};

bool model_ram_read(void *ram, uint64_t pa, void *bytes, size_t size);
bool model_ram_write(void *ram, uint64_t pa, const void *bytes, size_t size);
struct model_memory model_ram_memory(struct model_ram *ram); /* `ram` must outlive the model. */

enum model_irq {
	MODEL_IRQ_EVENTQ, /* The queue is no longer empty. */
	MODEL_IRQ_GERROR, /* A global error became active. */
	MODEL_IRQ_SYNC,	  /* CMD_SYNC, CS == SIG_IRQ. */
	MODEL_IRQ_SEV,	  /* CMD_SYNC, CS == SIG_SEV. */
};

struct model_hooks {
	void *context;
	void (*irq)(void *context, struct model *model, enum model_irq irq);		 /* Edges; MSIs go to memory. */
	void (*access)(void *context, struct model *model, uint32_t offset, bool write); /* Before each access. */
};

struct model *model_create(const struct model_config *config, const struct model_memory *memory);
void model_destroy(struct model *model);
void model_reset(struct model *model); /* Caches stay unless caches_clean. */
struct model_config *model_config(struct model *model);
void model_set_hooks(struct model *model, const struct model_hooks *hooks);

/* Offsets are from page 0's base; 64-bit accesses are atomic. */
uint32_t model_read32(struct model *model, uint32_t offset);
void model_write32(struct model *model, uint32_t offset, uint32_t value);
uint64_t model_read64(struct model *model, uint32_t offset);
void model_write64(struct model *model, uint32_t offset, uint64_t value);
uint32_t model_peek32(const struct model *model, uint32_t offset); /* No side effect, no step, not counted. */

/* One unit: one command, one tick of an acknowledgement. */
void model_step(struct model *model);

enum model_outcome {
	MODEL_PASSED,
	MODEL_ABORTED,
	MODEL_TERMINATED, /* Reads 0, ignores writes, no error. */
	MODEL_STALLED,	  /* Until CMD_RESUME or CMD_STALL_TERM; see model_stalled(). */
};

struct model_access {
	uint32_t sid;
	bool ssid_valid;
	uint32_t ssid;
	uint64_t address;
	bool write;
	bool privileged;
	bool execute;
};

/* Moves no data; `pa` and `stall` (a handle) may be NULL. */
enum model_outcome model_dma(struct model *model, const struct model_access *access, uint64_t *pa, size_t *stall);
/* These go page by page, unprivileged, up to the first failure. */
enum model_outcome model_dma_read(struct model *model, uint32_t sid, uint64_t iova, void *bytes, size_t size);
enum model_outcome model_dma_write(struct model *model, uint32_t sid, uint64_t iova, const void *bytes, size_t size);
enum model_outcome model_stalled(const struct model *model, size_t stall,
				 uint64_t *pa); /* What became of the stalled access. */
size_t model_stall_count(const struct model *model);

/* How a structure in memory looks now, uncached. */
enum model_view {
	MODEL_NO_STREAM,   /* C_BAD_STREAMID, C_BAD_SUBSTREAMID. */
	MODEL_FETCH_ABORT, /* F_STE_FETCH, F_CD_FETCH. */
	MODEL_INVALID,	   /* V == 0. */
	MODEL_ILLEGAL,	   /* V == 1, but refused. */
	MODEL_VIEW_ABORT,
	MODEL_VIEW_BYPASS,
	MODEL_VIEW_S1,
	MODEL_VIEW_S2,
	MODEL_VIEW_NESTED,
	MODEL_VIEW_CD, /* A valid CD. */
};

/* `dwords` (8) and `reason` may be NULL. */
enum model_view model_probe_ste(struct model *model, uint32_t sid, uint64_t *dwords, const char **reason);
enum model_view model_probe_cd(struct model *model, uint32_t sid, uint32_t ssid, uint64_t *dwords, const char **reason);

/* Complains of each stale copy. */
void model_check_caches(struct model *model);
/* L1STD, STE, L1CD, CD; leaves and tables. */
size_t model_cached_structure_count(const struct model *model);
size_t model_cached_translation_count(const struct model *model);

enum model_cerror { MODEL_CERROR_ILL = 1, MODEL_CERROR_ABT = 2, MODEL_CERROR_ATC_INV = 3 };

/* The nth from now (1: the next). CERROR_ILL lasts until the command is replaced. */
void model_fail_command(struct model *model, unsigned int nth, enum model_cerror error);
void model_hang_at_command(struct model *model,
			   unsigned int nth); /* The SMMU never consumes it. 0 lets the SMMU go on. */
void model_inject_event(struct model *model, const uint64_t record[4]);
void model_set_gerror(struct model *model, uint32_t bits);
void model_abort_range(struct model *model, uint64_t start,
		       uint64_t size); /* Aborts the SMMU's accesses to the range. Size 0: none. */

enum model_log_kind { MODEL_LOG_WRITE, MODEL_LOG_COMMAND, MODEL_LOG_CERROR, MODEL_LOG_EVENT };

struct model_log {
	enum model_log_kind kind;
	uint32_t number;    /* Offset, opcode or event number. */
	uint64_t dwords[4]; /* Value; a command has 2; lost events are not logged. */
};

struct model_counters {
	uint64_t commands, syncs, prod_writes, register_reads, register_writes;
	uint64_t events, lost_events, transactions, tlb_hits, walks;
};

size_t model_log_count(const struct model *model);
const struct model_log *model_log(const struct model *model, size_t index);
void model_log_clear(struct model *model);
struct model_counters *model_counters(struct model *model);

/* Unexpected complaints fail a test. */
size_t model_complaint_count(const struct model *model);
const char *model_complaint(const struct model *model, size_t index);
bool model_complained(const struct model *model, const char *part);
void model_forget_complaints(struct model *model);

#endif
