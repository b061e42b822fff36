/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the tables, queues and registers of an SMMUv3 say, in words (IHI 0070). It reads by two functions that it is
 * given and writes nothing. It trusts nothing that it reads: each walk and each list is bounded, and what cannot be
 * read is said. Any SMMU: live or dead, programmed by this firmware or by another owner.
 *
 * Context:     any core or host program; callers serialise on one target.
 */
#ifndef EXPLAIN_EXPLAIN_H
#define EXPLAIN_EXPLAIN_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EXPLAIN_TEXT_SIZE 256U

struct explain_target {
	void *context;
	/* Reads `size` bytes at a physical address, at most 4096. False: nothing answers there. */
	bool (*read_memory)(void *context, uint64_t address, void *bytes, size_t size);
	/* Reads 32 bits at an offset from page 0. False: the value is not known. */
	bool (*read_register)(void *context, uint32_t offset, uint32_t *value);
};

/* In the order of their offsets; explain_register() names them. */
enum explain_register_id {
	EXPLAIN_IDR0,
	EXPLAIN_IDR1,
	EXPLAIN_IDR2,
	EXPLAIN_IDR3,
	EXPLAIN_IDR4,
	EXPLAIN_IDR5,
	EXPLAIN_IIDR,
	EXPLAIN_AIDR,
	EXPLAIN_CR0,
	EXPLAIN_CR0ACK,
	EXPLAIN_CR1,
	EXPLAIN_CR2,
	EXPLAIN_GBPA,
	EXPLAIN_IRQ_CTRL,
	EXPLAIN_GERROR,
	EXPLAIN_GERRORN,
	EXPLAIN_STRTAB_BASE,
	EXPLAIN_STRTAB_BASE_CFG,
	EXPLAIN_CMDQ_BASE,
	EXPLAIN_CMDQ_PROD,
	EXPLAIN_CMDQ_CONS,
	EXPLAIN_EVENTQ_BASE,
	EXPLAIN_EVENTQ_PROD,
	EXPLAIN_EVENTQ_CONS,
	EXPLAIN_PRIQ_BASE,
	EXPLAIN_PRIQ_PROD,
	EXPLAIN_PRIQ_CONS,
	EXPLAIN_REGISTERS
};

struct explain_register {
	const char *name;
	uint32_t offset;
	bool is_64_bit;
};

const struct explain_register *explain_register(enum explain_register_id id);

/* An SMMU as its registers were when it was opened. */
struct explain_smmu {
	struct explain_target target;
	uint64_t value[EXPLAIN_REGISTERS];
	bool is_known[EXPLAIN_REGISTERS];
	bool ids_assumed; /* IDR0, IDR1 or IDR5 is not known: all that the architecture allows is taken to be there. */
	unsigned int minor; /* Of SMMUv3.x. */
	unsigned int sid_bits;
	unsigned int ssid_bits;
	unsigned int output_bits; /* OAS. */
};

/* Reads the registers. False: none of them can be read. */
bool explain_open(struct explain_smmu *smmu, const struct explain_target *target);

/* A piece of what was read, and what it means. */
struct explain_step {
	const char *what; /* "STE", "CD", "stage 1 level 2" ... */
	bool has_address;
	uint64_t address;   /* Physical; of the register: its offset. */
	uint64_t value;	    /* Its first 64 bits. */
	unsigned int depth; /* 1: on the way to what is told next (stage 2 of a structure's address). */
	const char *meaning;
};

/* Is given each step; the strings live until it returns. */
typedef void explain_say(void *context, const struct explain_step *step);

struct explain_listener {
	explain_say *say; /* NULL: nothing is said. */
	void *context;
};

/* What it is and in which state: identity, what is on, tables, queues, errors. */
void explain_identity(const struct explain_smmu *smmu, const struct explain_listener *listener);

/* Each active error of GERROR ^ GERRORN, and what the command queue's error code says. Returns how many are active. */
unsigned int explain_errors(const struct explain_smmu *smmu, const struct explain_listener *listener);

/* --- Streams. --- */

struct explain_stream {
	uint32_t first;
	uint32_t last;	  /* As `first`, or the end of a run of streams that say the same and translate nothing. */
	bool is_readable; /* Else memory does not answer for its STE. */
	uint64_t address; /* Of the first one's STE. */
	uint64_t ste[8];
};

/* False: no more. */
typedef bool explain_take_stream(void *context, const struct explain_stream *stream);

enum explain_scan { EXPLAIN_SCANNED, EXPLAIN_SCAN_CUT, EXPLAIN_NO_TABLE };

/*
 * Gives each stream whose STE is valid or cannot be read, in order; looks at `limit` entries of both levels at most.
 *
 * Return:      EXPLAIN_SCANNED    all of them
 *              EXPLAIN_SCAN_CUT   the limit, or the taker, ended it
 *              EXPLAIN_NO_TABLE   the registers that tell where it is are not known
 */
enum explain_scan explain_streams(const struct explain_smmu *smmu, uint32_t limit, explain_take_stream *take,
				  void *context);

/* `text` has EXPLAIN_TEXT_SIZE bytes. */
void explain_ste(const struct explain_smmu *smmu, const uint64_t ste[8], char *text);
void explain_cd(const struct explain_smmu *smmu, const uint64_t ste[8], const uint64_t cd[8], char *text);

/* The n-th rule of the architecture that it breaks (5.2.2, 5.4.2), or NULL. */
const char *explain_ste_broken(const struct explain_smmu *smmu, const uint64_t ste[8], unsigned int n);
const char *explain_cd_broken(const struct explain_smmu *smmu, const uint64_t ste[8], const uint64_t cd[8],
			      unsigned int n);

/* --- A walk. --- */

struct explain_access {
	uint32_t sid;
	bool has_ssid;
	uint32_t ssid;
	uint64_t address;
	bool write;
	bool privileged;
	bool instruction;
};

enum explain_end {
	EXPLAIN_TRANSLATED,
	EXPLAIN_BYPASSED,
	EXPLAIN_ABORTED, /* Without an event. */
	EXPLAIN_FAULTED, /* With `event`, unless the entry says that none is recorded. */
	EXPLAIN_UNKNOWN, /* Something is not known, or of a kind that is not walked here. */
};

struct explain_result {
	enum explain_end end;
	unsigned int event; /* F_*, C_* of smmuv3/event.h; 0: none. */
	bool is_recorded;
	bool is_stalled;    /* It waits for CMD_RESUME. */
	bool is_unreadable; /* Memory does not answer at `fetch`: here it may be the target's fault, not the SMMU's. */
	unsigned int stage; /* Of the fault; 0: before both. */
	int level;	    /* Of the last descriptor. */
	uint64_t fetch;	    /* Of the last structure or descriptor that was read. */
	uint64_t output;
	uint64_t ipa;		/* Of the fault at stage 2. */
	unsigned int size_bits; /* Log2 of the page or block, of the smaller one of two stages; 0: all. */
	bool readable;
	bool writable;
	char why[EXPLAIN_TEXT_SIZE]; /* A sentence. */
};

/* Walks as the SMMU would now without what it has cached. */
void explain_walk(const struct explain_smmu *smmu, const struct explain_access *access,
		  const struct explain_listener *listener, struct explain_result *result);

/* --- Queues. --- */

enum explain_queue { EXPLAIN_CMDQ, EXPLAIN_EVENTQ, EXPLAIN_PRIQ };

struct explain_entry {
	uint32_t index;
	bool is_pending; /* Between CONS and PROD; else it is older. */
	bool is_readable;
	uint64_t address;
	uint64_t dword[4];
};

/* False: no more. */
typedef bool explain_take_entry(void *context, const struct explain_entry *entry);

/* Gives the older entries that are not all zero, oldest first, then those that are pending. False: it is not known. */
bool explain_queue(const struct explain_smmu *smmu, enum explain_queue queue, explain_take_entry *take, void *context);

void explain_command(const uint64_t command[2], char *text);
void explain_event(const uint64_t event[4], char *text);

/* --- What is wrong. --- */

/*
 * Says each entry that breaks a rule: registers, stream table, STEs, CDs, translation tables. Looks at `limit` entries
 * at most.
 *
 * Return:      how many
 */
unsigned int explain_check(const struct explain_smmu *smmu, uint32_t limit, const struct explain_listener *listener,
			   bool *is_cut);

#endif
