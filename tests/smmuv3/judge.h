/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tests of drivers/smmuv3 that run against more than one judge: the host's model of an SMMUv3, and QEMU's SMMUv3s
 * with real DMA. A test is one function and knows its judge only by the facts named here. What a test expects of one
 * judge alone is in the test, with the reason. README.md has the measurements.
 */
#ifndef TESTS_SMMUV3_JUDGE_H
#define TESTS_SMMUV3_JUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "model/model.h"
#include "smmuv3/private.h"

#define JUDGE_PAGES 16U
#define JUDGE_EVENTS 64U
#define JUDGE_IOVA 0x01000000ULL /* Where tests map: below 256 MiB, and no physical address of RAM. */
#define JUDGE_CANARY 0xa5U

/* The devices: two behind the instance, and one behind another instance, where there is one. */
enum { JUDGE_FIRST, JUDGE_SECOND, JUDGE_FOREIGN, JUDGE_DEVICES };

struct judge;

/* What only the model offers: functions of tests/model/model.h, and a look at every step of the driver. */
struct judge_model {
	struct model *it;
	enum model_view (*probe_ste)(struct model *model, uint32_t sid, uint64_t *dwords, const char **reason);
	enum model_view (*probe_cd)(struct model *model, uint32_t sid, uint32_t ssid, uint64_t *dwords,
				    const char **reason);
	enum model_outcome (*dma)(struct model *model, const struct model_access *access, uint64_t *pa, size_t *stall);
	struct model_config *(*config)(struct model *model);
	void (*fail_command)(struct model *model, unsigned int nth, enum model_cerror error);
	void (*hang_at_command)(struct model *model, unsigned int nth);
	void (*inject_event)(struct model *model, const uint64_t record[4]);
	void (*set_gerror)(struct model *model, uint32_t bits);
	void (*abort_range)(struct model *model, uint64_t start, uint64_t size);
	void (*reset)(struct model *model);
	size_t (*stall_count)(const struct model *model);
	size_t (*log_count)(const struct model *model);
	const struct model_log *(*log)(const struct model *model, size_t index);
	size_t (*complaint_count)(const struct model *model);
	const char *(*complaint)(const struct model *model, size_t index);
	void (*forget_complaints)(struct model *model);
	uint32_t (*peek32)(const struct model *model, uint32_t offset);
	/* From now on the cores' caches are in between; to be called before anything of the instance is in memory. */
	void (*hide_caches)(struct judge *judge);
	/* From now on the calling core is `core`. */
	void (*as_core)(unsigned int core);
	/* Called after every write barrier of the driver, and (with `rung`) after every doorbell. May be NULL. */
	void (*watch)(struct judge *judge, bool rung);
	/* Called before each register access, and in each round of a wait. May be NULL. */
	void (*access)(struct judge *judge, uint32_t offset, bool write);
	void (*relax)(struct judge *judge);
};

struct judge {
	const char *name;
	struct smmuv3 *smmu;	      /* Inherited and blocked. */
	struct smmuv3 *other;	      /* Another instance, likewise; NULL where there is none. */
	uint32_t sid[JUDGE_DEVICES];  /* Of the devices. */
	uint8_t *page[JUDGE_PAGES];   /* 4 KiB each, one behind the other; nothing else is ever mapped. */
	uint64_t nowhere;	      /* A physical address where nothing answers; a page, and more behind it. */
	struct judge_model *model;    /* NULL: hardware, or an emulator. */
	enum smmuv3_domain_kind kind; /* What the test must translate with: stage 1, 2, or both. */

	/* Facts: where this judge is known to differ from IHI 0070, or what it cannot do. */
	bool no_gbpa;		      /* Everything passes while SMMUEN is clear. */
	uint32_t gbpa_found;	      /* GBPA before the first write. */
	bool overflow_is_abort;	      /* A full event queue is EVENTQ_ABT_ERR, and OVFLG is never set. */
	bool no_access_fault;	      /* A clear access flag is no fault. */
	bool no_output_size_fault;    /* An address beyond the output size is no fault. */
	bool no_class;		      /* Events do not tell their class. */
	bool cd_fetch_in_dword2;      /* F_CD_FETCH has its address in dword 2. */
	bool span_is_log2;	      /* It looks at a second level as far as twice its span; beyond: C_BAD_STE. */
	bool reports_all_streams;     /* C_BAD_STREAMID is recorded whatever CR2.RECINVSID says. */
	bool dies_of_reserved_fields; /* Reserved encodings crash the emulator. */
	bool silent_warm_permission;  /* What stage 2's TLB holds to be read only is written to without a record. */
	bool no_concatenation; /* Only the first of a stage 2's concatenated root tables is used, for all addresses. */
	bool cdmax_without_ssid; /* S1CDMax is refused where there are no substreams. */
	bool dma_is_slow;	 /* A DMA takes 100 ms: there cannot be many within a second. */
	bool emits_32_bits;	 /* Devices emit addresses of 32 bits only. */
	bool no_ssid;		 /* No device here has substreams. */
	bool emulated;		 /* Commands and acknowledges are complete when the write returns. */

	/*
	 * The devices: fetch reads from an address into the device's own memory, put writes from there to an address.
	 */
	void (*fetch)(struct judge *judge, unsigned int device, uint64_t iova, uint32_t length);
	void (*put)(struct judge *judge, unsigned int device, uint64_t iova, uint32_t length);
	/* Wires the instance's interrupts, before its registration. False if that is not possible. */
	bool (*wire)(struct judge *judge);
	/* Masks interrupts; or unmasks them, and takes those that are pending. */
	void (*mask)(struct judge *judge, bool masked);
	/* The interrupts that have come so far. */
	unsigned int event_interrupts;
	void (*say)(const char *line);

	/* What came of it. */
	struct smmuv3_event event[JUDGE_EVENTS];
	unsigned int event_count;
	struct smmuv3 *event_from[JUDGE_EVENTS];
	unsigned int listener_calls;
	struct smmuv3_domain *parent; /* Of nested domains, once there is one. */
	uint32_t mark;		      /* Of the instance's commands. */
	const char *skipped;
	char failure[200];
};

/* --- Tests. --- */

#define JUDGE_STAGE1 (1U << SMMUV3_STAGE1)
#define JUDGE_STAGE2 (1U << SMMUV3_STAGE2)
#define JUDGE_NESTED (1U << SMMUV3_NESTED)
#define JUDGE_ALL (JUDGE_STAGE1 | JUDGE_STAGE2 | JUDGE_NESTED)
#define JUDGE_ANY 0U /* Once, with the first stage that exists. */

struct judge_test {
	const char *title; /* Its id in docs/hazards.md, and what it shows. */
	void (*run)(struct judge *judge);
	unsigned int kinds; /* It is run once for each. */
};

struct judge_chapter {
	const struct judge_test *test;
	unsigned int count;
};

extern const struct judge_chapter judge_ste, judge_cmdq, judge_evtq, judge_gerror, judge_fault, judge_domain_tests,
	judge_isolation, judge_teardown;

/* Ends the test unless the condition holds; ends it as skipped. In functions that return nothing. */
#define CHECK(condition)                                                                                               \
	do {                                                                                                           \
		if (!(condition)) {                                                                                    \
			judge_fail(judge, #condition, __func__, __LINE__);                                             \
			return;                                                                                        \
		}                                                                                                      \
	} while (0)
#define SKIP(reason)                                                                                                   \
	do {                                                                                                           \
		judge->skipped = (reason);                                                                             \
		return;                                                                                                \
	} while (0)
/* Where a function that checks has ended. */
#define GO_ON(call)                                                                                                    \
	do {                                                                                                           \
		call;                                                                                                  \
		if (judge->skipped || judge->failure[0]) {                                                             \
			return;                                                                                        \
		}                                                                                                      \
	} while (0)

/* Keeps the first failure, with the events that were there. */
void judge_fail(struct judge *judge, const char *what, const char *function, int line);

/* Runs every test: begin() gives a fresh instance before each, end() may fail the test. Returns how many failed. */
struct judge_run {
	struct judge *judge;
	void (*begin)(struct judge *judge);
	void (*end)(struct judge *judge);
	unsigned int count;
	unsigned int failed;
};
void judge_run_all(struct judge_run *run);
void judge_run_done(const struct judge_run *run);

/* --- What tests are made of. All of judge->smmu. --- */

/* Empties what a test leaves in `judge`; called by begin(). */
void judge_clear(struct judge *judge);

/* Registers: start, room for both devices' streams, the empty domain for each, enable. Returns 0 or -errno. */
int judge_register(struct judge *judge);
/* The same without entries for the streams: V is clear in them. */
int judge_register_bare(struct judge *judge);
int judge_register_instance(struct smmuv3 *smmu, const uint32_t *sids, unsigned int count);

/* A new domain of this kind, over judge->parent if it is nested; or NULL. */
struct smmuv3_domain *judge_domain(struct judge *judge, enum smmuv3_domain_kind kind);
/*
 * The address that a domain of this kind must lead to for a page to be reached; for a nested one it is not the page's
 * own.
 */
uint64_t judge_output(enum smmuv3_domain_kind kind, const uint8_t *page);
int judge_map(struct smmuv3_domain *domain, uint64_t iova, const uint8_t *page, uint64_t size, unsigned int access);
int judge_unmap(struct smmuv3_domain *domain, uint64_t iova, uint64_t size);
int judge_attach(struct judge *judge, unsigned int device, struct smmuv3_domain *domain);
bool judge_has(const struct judge *judge, enum smmuv3_domain_kind kind);

/*
 * The usual beginning: registered; a domain of judge->kind, attached to the first device, with page 0 at JUDGE_IOVA and
 * page 1 behind it, read-only. NULL after a failure, which is noted.
 */
struct smmuv3_domain *judge_ready(struct judge *judge);

/* A device writes 4 bytes to `iova`. Returns whether they arrived in `page`, at the offset of `iova`. */
bool judge_writes(struct judge *judge, unsigned int device, uint64_t iova, uint8_t *page);
/*
 * A device reads 4 bytes from `iova` and writes them to `reply`, which is mapped to `page`. Returns whether they are
 * the bytes of `source`.
 */
bool judge_reads(struct judge *judge, unsigned int device, uint64_t iova, const uint8_t *source, uint64_t reply,
		 uint8_t *page);

/* The number of events of a device's stream so far, after a drain of the queue; and the first event, or NULL. */
unsigned int judge_event_count(struct judge *judge, unsigned int device);
const struct smmuv3_event *judge_event(struct judge *judge, unsigned int device);
void judge_forget_events(struct judge *judge);
/* Whether the device's one write to `iova` stayed out of `page` and left exactly one event, with this code. */
bool judge_denied(struct judge *judge, unsigned int device, uint64_t iova, uint8_t *page, unsigned int code);

/* Commands since the last mark, as they lie in the queue's memory; no more than the queue's length. */
void judge_mark(struct judge *judge);
unsigned int judge_commands(const struct judge *judge);
const struct command *judge_command(const struct judge *judge, unsigned int index);
unsigned int judge_count(const struct judge *judge, unsigned int opcode);

/* The model may complain so: the test does on purpose what it complains of. */
void judge_expect_complaint(struct judge *judge, const char *part);

/* Writes an STE or a CD as it is, and invalidates it: for contents that the driver would never write. */
int judge_put_ste(struct judge *judge, unsigned int device, const struct ste *ste);
int judge_put_cd(struct judge *judge, struct smmuv3_domain *domain, unsigned int device, const struct cd *cd);
uint32_t judge_pending_errors(const struct judge *judge);

#endif
