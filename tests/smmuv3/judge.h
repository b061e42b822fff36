/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Tests of drivers/smmuv3 for several judges: the model, and QEMU's SMMUv3s with real DMA. A test knows its judge only
 * by the facts here. Measurements: README.md.
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
#define JUDGE_IOVA 0x01000000ULL /* Tests map here: below 256 MiB, no RAM. */
#define JUDGE_CANARY 0xa5U

/* Two behind the instance, and one behind another, if any. */
enum { JUDGE_FIRST, JUDGE_SECOND, JUDGE_FOREIGN, JUDGE_DEVICES };

struct judge;

/* Only the model has these. */
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
	/* The caches are in between from now on; called before anything is in memory. */
	void (*hide_caches)(struct judge *judge);
	void (*as_core)(unsigned int core);
	/* After each write barrier and (`rung`) doorbell, or NULL. */
	void (*watch)(struct judge *judge, bool rung);
	/* Before register accesses and in waits, or NULL. */
	void (*access)(struct judge *judge, uint32_t offset, bool write);
	void (*relax)(struct judge *judge);
};

struct judge {
	const char *name;
	struct smmuv3 *smmu;  /* Inherited and blocked. */
	struct smmuv3 *other; /* Likewise; NULL: none. */
	uint32_t sid[JUDGE_DEVICES];
	uint8_t *page[JUDGE_PAGES];   /* 4 KiB each, contiguous; the only pages mapped. */
	uint64_t nowhere;	      /* No device answers: a page and more. */
	struct judge_model *model;    /* NULL: hardware or emulator. */
	enum smmuv3_domain_kind kind; /* To translate with: stage 1, 2, or both. */

	/* Where this judge differs from IHI 0070. */
	bool no_gbpa;		/* SMMUEN clear: all passes. */
	uint32_t gbpa_found;	/* GBPA before the first write. */
	bool overflow_is_abort; /* A full queue is EVENTQ_ABT_ERR, never OVFLG. */
	bool no_access_fault;	/* No fault for a clear AF. */
	bool no_output_size_fault;
	bool no_class;
	bool cd_fetch_in_dword2;  /* F_CD_FETCH: address in dword 2. */
	bool span_is_log2;	  /* Second levels reach twice their span, then C_BAD_STE. */
	bool reports_all_streams; /* C_BAD_STREAMID despite CR2.RECINVSID. */
	bool dies_of_reserved_fields;
	bool silent_warm_permission; /* Read-only in stage 2's TLB: written without a record. */
	bool no_concatenation;	     /* Only the first concatenated root of stage 2 is used. */
	bool cdmax_without_ssid;     /* Refuses S1CDMax without substreams. */
	bool dma_is_slow;	     /* A DMA takes 100 ms: few in a second. */
	bool emits_32_bits;
	bool no_ssid;
	bool emulated; /* Commands and acknowledges complete with the write. */

	/* fetch reads into the device's memory; put writes from it. */
	void (*fetch)(struct judge *judge, unsigned int device, uint64_t iova, uint32_t length);
	void (*put)(struct judge *judge, unsigned int device, uint64_t iova, uint32_t length);
	/* The instance's interrupts, before registration. False: impossible. */
	bool (*wire)(struct judge *judge);
	/* Masks; or unmasks, and takes pending ones. */
	void (*mask)(struct judge *judge, bool masked);
	unsigned int event_interrupts;
	void (*say)(const char *line);

	/* What came of it. */
	struct smmuv3_event event[JUDGE_EVENTS];
	unsigned int event_count;
	struct smmuv3 *event_from[JUDGE_EVENTS];
	unsigned int listener_calls;
	struct smmuv3_domain *parent; /* Of nested domains, once made. */
	uint32_t mark;		      /* Of the instance's commands. */
	const char *skipped;
	char failure[200];
};

/* --- Tests. --- */

#define JUDGE_STAGE1 (1U << SMMUV3_STAGE1)
#define JUDGE_STAGE2 (1U << SMMUV3_STAGE2)
#define JUDGE_NESTED (1U << SMMUV3_NESTED)
#define JUDGE_ALL (JUDGE_STAGE1 | JUDGE_STAGE2 | JUDGE_NESTED)
#define JUDGE_ANY 0U /* Once, with the first stage there is. */

struct judge_test {
	const char *title; /* Hazard id (docs/hazards.md) and title. */
	void (*run)(struct judge *judge);
	unsigned int kinds;
};

struct judge_chapter {
	const struct judge_test *test;
	unsigned int count;
};

extern const struct judge_chapter judge_ste, judge_cmdq, judge_evtq, judge_gerror, judge_fault, judge_domain_tests,
	judge_isolation, judge_teardown;

/* Fails (or skips) the test unless the condition holds. */
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
/* After a check that ended the test. */
#define GO_ON(call)                                                                                                    \
	do {                                                                                                           \
		call;                                                                                                  \
		if (judge->skipped || judge->failure[0]) {                                                             \
			return;                                                                                        \
		}                                                                                                      \
	} while (0)

/* The first failure, with its events. */
void judge_fail(struct judge *judge, const char *what, const char *function, int line);

/* begin() gives a fresh instance, end() may fail the test. Returns the failures. */
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

/* For begin(): what a test leaves in `judge`. */
void judge_clear(struct judge *judge);

/* Start, room, empty domains, enable. Returns 0 or -errno. */
int judge_register(struct judge *judge);
/* Without entries: V is clear. */
int judge_register_bare(struct judge *judge);
int judge_register_instance(struct smmuv3 *smmu, const uint32_t *sids, unsigned int count);

/* Over judge->parent if nested; or NULL. */
struct smmuv3_domain *judge_domain(struct judge *judge, enum smmuv3_domain_kind kind);
/* Where a domain of this kind must lead to reach a page: a nested one's address is moved. */
uint64_t judge_output(enum smmuv3_domain_kind kind, const uint8_t *page);
int judge_map(struct smmuv3_domain *domain, uint64_t iova, const uint8_t *page, uint64_t size, unsigned int access);
int judge_unmap(struct smmuv3_domain *domain, uint64_t iova, uint64_t size);
int judge_attach(struct judge *judge, unsigned int device, struct smmuv3_domain *domain);
bool judge_has(const struct judge *judge, enum smmuv3_domain_kind kind);

/*
 * Registered; a domain of judge->kind on the first device: page 0 at JUDGE_IOVA, then page 1, read-only. NULL: failed.
 */
struct smmuv3_domain *judge_ready(struct judge *judge);

/* Whether 4 bytes arrived in `page`, at `iova`'s offset. */
bool judge_writes(struct judge *judge, unsigned int device, uint64_t iova, uint8_t *page);
/* Whether 4 bytes from `iova`, written to `reply`, which leads to `page`, are `source`'s. */
bool judge_reads(struct judge *judge, unsigned int device, uint64_t iova, const uint8_t *source, uint64_t reply,
		 uint8_t *page);

/* After a drain; the first one, or NULL. */
unsigned int judge_event_count(struct judge *judge, unsigned int device);
const struct smmuv3_event *judge_event(struct judge *judge, unsigned int device);
void judge_forget_events(struct judge *judge);
/* Whether the write stayed out of `page` and left one event, of this code. */
bool judge_denied(struct judge *judge, unsigned int device, uint64_t iova, uint8_t *page, unsigned int code);

/* Since the last mark; at most the queue's length. */
void judge_mark(struct judge *judge);
unsigned int judge_commands(const struct judge *judge);
const struct command *judge_command(const struct judge *judge, unsigned int index);
unsigned int judge_count(const struct judge *judge, unsigned int opcode);

/* The test provokes this complaint. */
void judge_expect_complaint(struct judge *judge, const char *part);

/* Raw, and invalidated: for what the driver never writes. */
int judge_put_ste(struct judge *judge, unsigned int device, const struct ste *ste);
int judge_put_cd(struct judge *judge, struct smmuv3_domain *domain, unsigned int device, const struct cd *cd);
uint32_t judge_pending_errors(const struct judge *judge);

#endif
