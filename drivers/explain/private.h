/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef EXPLAIN_PRIVATE_H
#define EXPLAIN_PRIVATE_H

#include "base/bits.h"
#include "explain/explain.h"
#include "report/format.h"
#include "smmuv3/event.h"
#include "smmuv3/registers.h"
#include "smmuv3/structures.h"

static inline unsigned int register_of(const struct explain_smmu *smmu, enum explain_register_id id)
{
	return (unsigned int)smmu->value[id];
}

#define IDR(smmu, n, name) ((unsigned int)FIELD_GET32(IDR##n##_##name, register_of(smmu, EXPLAIN_IDR##n)))

/* Of less than 64. */
static inline uint64_t low_bits(unsigned int bits)
{
	return bits >= 64 ? ~0ULL : (1ULL << bits) - 1;
}

/* Of a register or structure: its bits 55 to `lowest`; what is beyond the SMMU's address size counts, too (3.4.3). */
static inline uint64_t explain_pointer(uint64_t dword, unsigned int lowest)
{
	return dword & low_bits(56) & ~low_bits(lowest);
}

/* Structures are little-endian; translation tables as CD.ENDI and STE.S2ENDI say. False: memory does not answer. */
bool explain_read_dwords(const struct explain_smmu *smmu, uint64_t address, uint64_t *dwords, unsigned int count);
uint64_t explain_swapped(uint64_t dword);

/* 32 to 52, of the codes of IDR5.OAS, CD.IPS and STE.S2PS. */
unsigned int explain_address_bits_of(const struct explain_smmu *smmu, unsigned int code);

/* 12, 14, 16, or 0 for a reserved code. */
unsigned int explain_granule_of_tg0(unsigned int tg);
unsigned int explain_granule_of_tg1(unsigned int tg);
bool explain_has_granule(const struct explain_smmu *smmu, unsigned int granule_bits);

void explain_tell(const struct explain_listener *listener, const struct explain_step *step);

/* Adds to what `text` holds already, up to EXPLAIN_TEXT_SIZE. */
void explain_append(char *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* "4 KiB", "2 MiB": a buffer of SIZE_WORDS. */
#define SIZE_WORDS 16U
const char *explain_size_words(unsigned int bits, char words[SIZE_WORDS]);

/* --- Structures. --- */

enum regime { REGIME_EL1, REGIME_EL2, REGIME_EL2_E2H };
enum regime explain_regime_of(const struct explain_smmu *smmu, const uint64_t ste[8]);

static inline unsigned int config_of(const uint64_t ste[8])
{
	return (unsigned int)FIELD_GET64(STE0_CONFIG, ste[0]);
}

/* Config: anything below bypass aborts. */
static inline bool ste_aborts(const uint64_t ste[8])
{
	return config_of(ste) < STE0_CONFIG_BYPASS;
}

static inline bool has_stage1(const uint64_t ste[8])
{
	return !ste_aborts(ste) && config_of(ste) & STE0_CONFIG_TRANSLATES_S1;
}

static inline bool has_stage2(const uint64_t ste[8])
{
	return !ste_aborts(ste) && config_of(ste) & STE0_CONFIG_TRANSLATES_S2;
}

/* Log2 of its CDs; 0: one, without substreams. */
unsigned int explain_ssid_bits_of(const struct explain_smmu *smmu, const uint64_t ste[8]);

struct strtab_shape {
	uint64_t base;
	unsigned int log2size;
	unsigned int split; /* 0: linear. */
};

/* False: its registers are not known. */
bool explain_strtab_shape(const struct explain_smmu *smmu, struct strtab_shape *shape);

/* The first-level descriptor's address. */
uint64_t explain_l1std_address(const struct strtab_shape *shape, unsigned int sid);

/* Of a second-level table: its STEs, none if `l1std` is invalid. */
unsigned int explain_l1std_streams(const struct strtab_shape *shape, uint64_t l1std);
uint64_t explain_l1std_table(uint64_t l1std);

/* The first-level CD descriptors: log2 of CDs in each second-level table; 0: linear. */
unsigned int explain_cd_split(const struct explain_smmu *smmu, const uint64_t ste[8]);
uint64_t explain_cd_table(const struct explain_smmu *smmu, const uint64_t ste[8]);

/* --- One stage of translation. --- */

struct stage {
	unsigned int number; /* 1 or 2. */
	unsigned int granule_bits;
	unsigned int input_bits;
	unsigned int output_bits;
	int start_level;
	uint64_t root;
	bool has_ds; /* 52 bits with 4 and 16 KiB: other places for bits 51:50. */
	bool is_big_endian;
	bool access_flag_faults;
	bool dirty_state;	   /* DBM makes a page writable. */
	bool hierarchy_disabled;   /* HAD. */
	bool single_privilege;	   /* EL2: AP[1] counts as 1. */
	bool write_never_executes; /* WXN. */
	bool is_disabled;	   /* EPD. */
};

void explain_stage1_of(const struct explain_smmu *smmu, const uint64_t ste[8], const uint64_t cd[8], bool upper,
		       struct stage *stage);
void explain_stage2_of(const struct explain_smmu *smmu, const uint64_t ste[8], struct stage *stage);

/* Of the levels above, at stage 1. */
struct hierarchy {
	bool no_unprivileged, no_write, no_execute, no_privileged_execute;
};

struct leaf {
	uint64_t output; /* Of its start. */
	unsigned int bits;
	unsigned int attributes;
	bool is_contiguous;
	bool has_access_flag;
	bool unprivileged_read, unprivileged_write, unprivileged_execute;
	bool privileged_read, privileged_write, privileged_execute;
};

enum descriptor_kind { DESCRIPTOR_IS_INVALID, DESCRIPTOR_IS_RESERVED, DESCRIPTOR_IS_TABLE, DESCRIPTOR_IS_LEAF };

unsigned int explain_level_bits(const struct stage *stage, int level);
enum descriptor_kind explain_descriptor_kind(const struct stage *stage, int level, uint64_t descriptor);
uint64_t explain_descriptor_next(const struct stage *stage, uint64_t descriptor);
void explain_descriptor_inherit(const struct stage *stage, uint64_t descriptor, struct hierarchy *above);
void explain_descriptor_leaf(const struct stage *stage, int level, uint64_t descriptor, const struct hierarchy *above,
			     struct leaf *leaf);
void explain_descriptor_words(const struct stage *stage, int level, uint64_t descriptor, const struct hierarchy *above,
			      char *text);

/* The table's index bits at a level; the root may be larger or smaller than others. */
unsigned int explain_index_bits(const struct stage *stage, int level);
uint64_t explain_descriptor_place(const struct stage *stage, int level, uint64_t table, uint64_t input);

#endif
