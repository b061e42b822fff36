/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A register-level Arm SMMUv3 (IHI 0070) for host tests, written from the specification and independent of drivers/. It
 * is as strict as the architecture allows, and complains of every use that the architecture forbids or calls
 * UNPREDICTABLE. README.md says what is modelled.
 */
#ifndef MODEL_H
#define MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MODEL_PAGES_SIZE 0x20000U /* Register pages 0 and 1, 64 KiB each. */

struct model; /* One SMMU; there may be several. */

/* The properties of one implementation. model_config() may change all of them while the model is in use. */
struct model_config {
	uint32_t idr[6];
	uint32_t iidr, aidr;
	bool gbpa;		    /* GBPA exists; without it SMMUEN == 0 bypasses. */
	uint32_t gbpa_reset;	    /* What GBPA resets to; UPDATE is clear. */
	bool page0_alias;	    /* EVENTQ_PROD and EVENTQ_CONS answer at their page 0 offsets as well. */
	bool page1_absent;	    /* EVENTQ_PROD and EVENTQ_CONS answer at their page 0 offsets only. */
	uint32_t unknown;	    /* What registers with an UNKNOWN reset value hold. */
	unsigned int ack_delay;	    /* Steps until CR0ACK, IRQ_CTRLACK and GBPA.UPDATE follow; 0: within the write. */
	uint32_t never_ack_cr0;	    /* Bits of CR0 that are never acknowledged. */
	bool never_ack_irq;	    /* IRQ_CTRLACK never follows. */
	bool never_ack_gbpa;	    /* GBPA.UPDATE never clears. */
	unsigned int command_delay; /* Steps until a command is consumed; 0: within the write of CMDQ_PROD. */
	bool hold_commands;	    /* Only model_step() consumes commands, one a step. */
	bool register_steps;	    /* Every access to a register steps, as model_step() does. */
	bool eager;		    /* Invalidations take effect when consumed; else at the next CMD_SYNC. */
	bool caches_clean;	    /* Reset has invalidated all caches; else software must, before SMMUEN. */
	bool drop_invalid;	    /* Invalid structures are not cached; the architecture allows that they are. */
	bool strict;		    /* A use of a cached copy that differs from memory is a complaint. */
	bool msi_64_bits;	    /* The MSI of a CMD_SYNC writes 64 bits, which some implementations do. */
};

extern const struct model_config model_full;	/* Both stages, 2-level tables, all granules, range invalidation. */
extern const struct model_config model_s1_only; /* No stage 2. */
extern const struct model_config model_s2_only; /* No stage 1. */
extern const struct model_config model_min;	/* SMMUv3.0, linear tables of 64 streams, 8 commands, not coherent. */
extern const struct model_config model_qemu;	/* The ID registers of QEMU 11's nested SMMUv3. */

/* Memory as the SMMU sees it: false is an external abort. */
struct model_memory {
	void *context;
	bool (*read)(void *context, uint64_t pa, void *bytes, size_t size);
	bool (*write)(void *context, uint64_t pa, const void *bytes, size_t size);
};

/*
 * One piece of RAM at [pa, pa + size), in the test's own memory at `bytes`; every other address is an external abort.
 */
struct model_ram {
	uint8_t *bytes;
	uint64_t pa;
	uint64_t size;
};

bool model_ram_read(void *ram, uint64_t pa, void *bytes, size_t size);
bool model_ram_write(void *ram, uint64_t pa, const void *bytes, size_t size);
struct model_memory model_ram_memory(struct model_ram *ram); /* The RAM must outlive the model. */

enum model_irq {
	MODEL_IRQ_EVENTQ, /* The event queue is no longer empty. */
	MODEL_IRQ_GERROR, /* A global error has become active. */
	MODEL_IRQ_SYNC,	  /* A CMD_SYNC with CS == SIG_IRQ. */
	MODEL_IRQ_SEV,	  /* A CMD_SYNC with CS == SIG_SEV. */
};

struct model_hooks {
	void *context;
	void (*irq)(void *context, struct model *model, enum model_irq irq); /* An edge. MSIs go to memory instead. */
	void (*access)(void *context, struct model *model, uint32_t offset, bool write); /* Before each access. */
};

struct model *model_create(const struct model_config *config, const struct model_memory *memory);
void model_destroy(struct model *model);
void model_reset(struct model *model); /* The hardware's reset. The caches keep their contents unless caches_clean. */
struct model_config *model_config(struct model *model);
void model_set_hooks(struct model *model, const struct model_hooks *hooks);

/* Registers. An offset is from the base of page 0; 64-bit accesses are atomic. */
uint32_t model_read32(struct model *model, uint32_t offset);
void model_write32(struct model *model, uint32_t offset, uint32_t value);
uint64_t model_read64(struct model *model, uint32_t offset);
void model_write64(struct model *model, uint32_t offset, uint64_t value);
uint32_t model_peek32(const struct model *model, uint32_t offset); /* No side effect, no step, not counted. */

/* One unit of asynchronous work: one command, one tick towards an acknowledgement. */
void model_step(struct model *model);

/* Transactions. */
enum model_outcome {
	MODEL_PASSED,
	MODEL_ABORTED,
	MODEL_TERMINATED, /* Reads as zero, writes are ignored, and the master sees no error. */
	MODEL_STALLED,	  /* Waits for CMD_RESUME or CMD_STALL_TERM; see model_stalled(). */
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

/* `pa` and `stall` (a handle) may be NULL. It translates one address and moves no data. */
enum model_outcome model_dma(struct model *model, const struct model_access *access, uint64_t *pa, size_t *stall);
/* These move bytes, page by page, as unprivileged data; they end at the first page that does not pass. */
enum model_outcome model_dma_read(struct model *model, uint32_t sid, uint64_t iova, void *bytes, size_t size);
enum model_outcome model_dma_write(struct model *model, uint32_t sid, uint64_t iova, const void *bytes, size_t size);
enum model_outcome model_stalled(const struct model *model, size_t stall,
				 uint64_t *pa);	     /* What became of the stalled access. */
size_t model_stall_count(const struct model *model); /* How many still wait. */

/* How the SMMU would see a structure that it reads from memory now, past all caches. */
enum model_view {
	MODEL_NO_STREAM,   /* C_BAD_STREAMID, or C_BAD_SUBSTREAMID. */
	MODEL_FETCH_ABORT, /* F_STE_FETCH, or F_CD_FETCH. */
	MODEL_INVALID,	   /* V == 0. */
	MODEL_ILLEGAL,	   /* V == 1, but refused. */
	MODEL_VIEW_ABORT,
	MODEL_VIEW_BYPASS,
	MODEL_VIEW_S1,
	MODEL_VIEW_S2,
	MODEL_VIEW_NESTED,
	MODEL_VIEW_CD, /* A valid CD. */
};

/* `dwords` (8 of them) and `reason` (why the structure is MODEL_ILLEGAL) may be NULL. */
enum model_view model_probe_ste(struct model *model, uint32_t sid, uint64_t *dwords, const char **reason);
enum model_view model_probe_cd(struct model *model, uint32_t sid, uint32_t ssid, uint64_t *dwords, const char **reason);

/* Complains of each cached copy that differs from memory now. */
void model_check_caches(struct model *model);
/* What is cached: structures (L1STD, STE, L1CD, CD), and translations (leaves and tables of both stages). */
size_t model_cached_structure_count(const struct model *model);
size_t model_cached_translation_count(const struct model *model);

/* Faults to inject. */
enum model_cerror { MODEL_CERROR_ILL = 1, MODEL_CERROR_ABT = 2, MODEL_CERROR_ATC_INV = 3 };

/* The nth command from now (1: the next) is refused. CERROR_ILL lasts until software replaces the command. */
void model_fail_command(struct model *model, unsigned int nth, enum model_cerror error);
void model_hang_at_command(struct model *model,
			   unsigned int nth); /* The SMMU never consumes it. 0 lets the SMMU go on. */
void model_inject_event(struct model *model, const uint64_t record[4]);
void model_set_gerror(struct model *model, uint32_t bits);
void model_abort_range(struct model *model, uint64_t start,
		       uint64_t size); /* Aborts the SMMU's accesses to the range. Size 0: none. */

/* Observation. */
enum model_log_kind { MODEL_LOG_WRITE, MODEL_LOG_COMMAND, MODEL_LOG_CERROR, MODEL_LOG_EVENT };

struct model_log {
	enum model_log_kind kind;
	uint32_t number;    /* A register's offset, an opcode, or an event number. */
	uint64_t dwords[4]; /* The value written; a command has 2; a lost event is not logged. */
};

struct model_counters {
	uint64_t commands, syncs, prod_writes, register_reads, register_writes;
	uint64_t events, lost_events, transactions, tlb_hits, walks;
};

size_t model_log_count(const struct model *model);
const struct model_log *model_log(const struct model *model, size_t index);
void model_log_clear(struct model *model);
struct model_counters *model_counters(struct model *model);

/* A test fails if there is a complaint that it did not expect. */
size_t model_complaint_count(const struct model *model);
const char *model_complaint(const struct model *model, size_t index);
bool model_complained(const struct model *model, const char *part);
void model_forget_complaints(struct model *model);

#endif
