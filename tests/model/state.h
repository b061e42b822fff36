/* SPDX-License-Identifier: BSD-2-Clause */
/* Private to the model. */
#ifndef MODEL_STATE_H
#define MODEL_STATE_H

#include "model.h"
#include "walk.h"

/* Registers (IHI 0070, 6.1). */
enum {
	R_IDR0 = 0x0,
	R_IDR5 = 0x14,
	R_IIDR = 0x18,
	R_AIDR = 0x1c,
	R_CR0 = 0x20,
	R_CR0ACK = 0x24,
	R_CR1 = 0x28,
	R_CR2 = 0x2c,
	R_STATUSR = 0x40,
	R_GBPA = 0x44,
	R_AGBPA = 0x48,
	R_IRQ_CTRL = 0x50,
	R_IRQ_CTRLACK = 0x54,
	R_GERROR = 0x60,
	R_GERRORN = 0x64,
	R_GERROR_IRQ_CFG0 = 0x68,
	R_GERROR_IRQ_CFG2 = 0x74,
	R_STRTAB_BASE = 0x80,
	R_STRTAB_BASE_CFG = 0x88,
	R_CMDQ_BASE = 0x90,
	R_CMDQ_PROD = 0x98,
	R_CMDQ_CONS = 0x9c,
	R_EVENTQ_BASE = 0xa0,
	R_EVENTQ_PROD_PAGE0 = 0xa8,
	R_EVENTQ_CONS_PAGE0 = 0xac,
	R_EVENTQ_IRQ_CFG0 = 0xb0,
	R_EVENTQ_IRQ_CFG2 = 0xbc,
	R_PRIQ_BASE = 0xc0,
	R_PRIQ_IRQ_CFG0 = 0xd0,
	R_PRIQ_IRQ_CFG2 = 0xdc,
	R_ID_FIRST = 0xfd0,
	R_ID_LAST = 0xffc,
	R_EVENTQ_PROD = 0x100a8,
	R_EVENTQ_CONS = 0x100ac,
	R_PRIQ_PROD = 0x100c8,
	R_PRIQ_CONS = 0x100cc,
};

#define CR0_SMMUEN 0x1U
#define CR0_PRIQEN 0x2U
#define CR0_EVENTQEN 0x4U
#define CR0_CMDQEN 0x8U
#define CR0_ATSCHK 0x10U
#define CR0_VMW 0x1c0U

#define IRQ_GERROR 0x1U
#define IRQ_PRIQ 0x2U
#define IRQ_EVENTQ 0x4U

#define GERROR_CMDQ 0x1U
#define GERROR_EVENTQ_ABT 0x4U
#define GERROR_MSI_CMDQ 0x10U
#define GERROR_MSI_EVENTQ 0x20U
#define GERROR_MSI_GERROR 0x80U
#define GERROR_SFM 0x100U
#define GERROR_BITS 0x1fdU

#define QUEUE_FLAG 0x80000000U /* OVFLG and OVACKFLG. */

/* Of the ID registers. */
#define IDR0_S2P 0x1U
#define IDR0_S1P 0x2U
#define IDR0_AARCH32 0x4U
#define IDR0_AARCH64 0x8U
#define IDR0_HYP 0x200U
#define IDR0_ATS 0x400U
#define IDR0_ASID16 0x1000U
#define IDR0_MSI 0x2000U
#define IDR0_SEV 0x4000U
#define IDR0_PRI 0x10000U
#define IDR0_VMW 0x20000U
#define IDR0_VMID16 0x40000U
#define IDR0_CD2L 0x80000U
#define IDR0_TERM_MODEL 0x4000000U
#define IDR3_STT 0x200U
#define IDR3_RIL 0x400U

enum event {
	C_BAD_STREAMID = 0x02,
	F_STE_FETCH = 0x03,
	C_BAD_STE = 0x04,
	F_STREAM_DISABLED = 0x06,
	C_BAD_SUBSTREAMID = 0x08,
	F_CD_FETCH = 0x09,
	C_BAD_CD = 0x0a,
	F_WALK_EABT = 0x0b,
	F_TRANSLATION = 0x10,
	F_ADDR_SIZE = 0x11,
	F_ACCESS = 0x12,
	F_PERMISSION = 0x13,
};

enum fault_class { CLASS_CD, CLASS_TT, CLASS_IN };

struct fault {
	enum event event;
	bool stage2;
	enum fault_class class;
	uint64_t address; /* Dword 3: an IPA, or what was fetched. */
};

enum structure { L1STD, STE, L1CD, CD };

struct cached_structure {
	enum structure kind;
	uint32_t sid;  /* L1STD: its index. */
	uint32_t ssid; /* L1CD: its index. */
	uint64_t pa;
	unsigned int dword_count;
	uint64_t dwords[8];
};

enum regime { EL1, EL2, EL2_E2H };

struct stream {
	uint32_t sid;
	bool stage1, stage2;
	enum regime regime;
	uint16_t vmid, asid;
	uint64_t ste[8], cd[8];
	struct walk_config two;
};

enum tlb_kind { LEAF1, LEAF2, LEAF12, TABLE1, TABLE2 };

#define ALLOW_READ 1U
#define ALLOW_WRITE 2U
#define ALLOW_EXECUTE 4U

struct tlb_entry {
	enum tlb_kind kind;
	enum regime regime;
	uint16_t vmid, asid;
	bool global;
	uint64_t start;
	unsigned int bits;	/* Log2 of the input range. */
	uint64_t output;	/* First byte's; a table: its descriptor's. */
	unsigned int allows[2]; /* Unprivileged, privileged. */
	unsigned int level, granule_bits;
	uint64_t pa;		   /* Of the descriptor. */
	struct stream stream;	   /* To walk again. */
	struct walk_config config; /* Stage 1's, or stage 2's alone. */
};

struct stalled {
	struct model_access access;
	uint16_t stag;
	bool recorded;
	uint64_t record[4];
	enum model_outcome outcome;
	uint64_t pa;
};

struct command {
	uint64_t dword[2];
};

struct countdown {
	bool running;
	unsigned int left;
};

struct model {
	struct model_config config;
	struct model_memory memory;
	struct model_hooks hooks;
	uint32_t reg[MODEL_PAGES_SIZE / 4];
	struct countdown cr0, irq, gbpa;
	unsigned int command_wait;
	bool consuming;
	bool cons_written; /* CMDQ_CONS written since the queue was last on: it is meaningful. */
	bool sfm;
	bool invalidated_structures, invalidated_el1, invalidated_el2;
	uint64_t fetched; /* Commands so far, for injections. */
	uint64_t fail_at, hang_at;
	enum model_cerror fail_with;
	bool refused_valid;
	struct command refused;
	uint64_t abort_start, abort_size;
	struct command *pending;
	size_t pending_count;
	struct cached_structure *structures;
	size_t structure_count;
	struct tlb_entry *tlb;
	size_t tlb_count;
	struct stalled *stalls;
	size_t stall_count;
	uint16_t next_stag;
	struct model_log *log;
	size_t log_count;
	char **complaints;
	size_t complaint_count;
	struct model_counters counters;
};

/* Returns a new zeroed element. */
#define APPEND(array, count) ((array) = grow((array), (count)++, sizeof(*(array))), &(array)[(count)-1])
void *grow(void *array, size_t count, size_t element_size);

static inline uint64_t field(uint64_t value, unsigned int high, unsigned int low)
{
	return (value >> low) & (~0ULL >> (63 - (high - low)));
}

static inline uint64_t low_bits(unsigned int bits)
{
	return bits >= 64 ? ~0ULL : (1ULL << bits) - 1;
}

static inline uint32_t idr0(const struct model *m)
{
	return m->config.idr[0];
}

/* complaints.c */
__attribute__((format(printf, 2, 3))) void complain(struct model *m, const char *format, ...);
void log_entry(struct model *m, enum model_log_kind kind, uint32_t number, const uint64_t *dwords,
	       unsigned int dword_count);

/* memory.c */
unsigned int address_bits(uint64_t code);
unsigned int oas(const struct model *m);
bool memory_read(struct model *m, uint64_t pa, uint64_t *dwords, unsigned int count);
bool memory_write(struct model *m, uint64_t pa, const uint64_t *dwords, unsigned int count);
bool memory_write_bytes(struct model *m, uint64_t pa, const void *bytes, size_t size);
bool memory_read_bytes(struct model *m, uint64_t pa, void *bytes, size_t size);

/* registers.c */
uint64_t reg64(const struct model *m, uint32_t offset);
bool is_enabled(const struct model *m, uint32_t cr0_bit);
bool is_active(const struct model *m, uint32_t gerror_bit);
unsigned int queue_log2(const struct model *m, uint32_t base);
uint64_t queue_base(const struct model *m, uint32_t base, unsigned int entry_bits);
uint32_t queue_used(uint32_t prod, uint32_t cons, unsigned int log2);

/* indices.c */
uint32_t index_mask(unsigned int log2);
void write_gerrorn(struct model *m, uint32_t value);
void write_cmdq_prod(struct model *m, uint32_t value);
void write_eventq_cons(struct model *m, uint32_t value);

/* enables.c */
void tick_acknowledgements(struct model *m);
void write_cr0(struct model *m, uint32_t value);
void write_irq_ctrl(struct model *m, uint32_t value);
void write_gbpa(struct model *m, uint32_t value);
bool is_guarded(struct model *m, uint32_t cr0_bits, const char *name);
bool is_irq_guarded(struct model *m, uint32_t irq_bit, const char *name);

/* commands.c */
void kick_commands(struct model *m);
void tick_commands(struct model *m, bool by_step);
bool command_is_legal(struct model *m, const struct command *c); /* opcodes.c */

/* invalidate.c */
void invalidate(struct model *m, const struct command *c);

/* configuration.c */
struct fetch {
	struct model *m;
	bool fresh; /* Uncached, without trace. */
};
bool find_ste(const struct fetch *f, uint32_t sid, uint64_t ste[8], struct fault *fault);
bool find_cd(const struct fetch *f, const struct stream *s, uint32_t ssid, uint64_t cd[8], struct fault *fault);
void check_structures(struct model *m);
unsigned int split_of(uint32_t cfg);

/* validity.c and cdvalidity.c: NULL, or why it is ILLEGAL with V == 1. */
const char *ste_illegal(const struct model *m, const uint64_t ste[8]);
const char *cd_illegal(const struct model *m, const uint64_t ste[8], const uint64_t cd[8]);
enum regime regime_of(const struct model *m, const uint64_t ste[8]);
bool is_granule_supported(const struct model *m, unsigned int granule_bits);
unsigned int granule_of(uint64_t tg, bool upper);

/* translate.c and stages.c */
struct want {
	bool write, privileged, execute;
};

struct translation {
	uint64_t output;
	unsigned int bits;
	unsigned int allows[2];
	bool global;
	unsigned int level, granule_bits;
};

bool stage1(const struct fetch *f, const struct stream *s, uint64_t va, const struct want *want, struct translation *t,
	    struct fault *fault);
bool stage2(const struct fetch *f, const struct stream *s, uint64_t ipa, const struct want *want,
	    enum fault_class class, struct translation *t, struct fault *fault);
bool is_allowed(const struct translation *t, const struct want *want);
void set_stream(const struct model *m, struct stream *s, uint32_t sid, const uint64_t ste[8]);
enum model_outcome transact(struct model *m, const struct model_access *access, uint64_t *pa, size_t stall);

/* tlb.c */
struct tlb_key {
	enum tlb_kind kind;
	enum regime regime;
	uint16_t vmid, asid;
};

struct tlb_entry *tlb_find(struct model *m, const struct tlb_key *key, uint64_t address, unsigned int level);
void tlb_insert(struct model *m, const struct tlb_entry *entry);
void check_entry(struct model *m, const struct tlb_entry *entry);

/* events.c */
void raise_gerror(struct model *m, uint32_t bits);
bool record_event(struct model *m, const uint64_t record[4], bool is_stall);
void make_record(const struct model_access *access, const struct want *want, const struct fault *fault,
		 uint64_t record[4]);
bool send_msi(struct model *m, uint64_t address, uint64_t data, size_t size, uint32_t gerror_bit);

/* stalls.c */
enum model_outcome stall(struct model *m, const struct model_access *access, const uint64_t record[4], size_t handle);
void record_stalls(struct model *m);
void resume(struct model *m, uint32_t sid, uint16_t stag, bool retry, bool abort);
void terminate_stalls(struct model *m, bool all, uint32_t sid);

#define NO_STALL SIZE_MAX

#endif
