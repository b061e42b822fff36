/* SPDX-License-Identifier: BSD-2-Clause */
/* Descriptors of VMSAv8 tables (DDI 0487 D8.3). */
#include "explain/private.h"

#define DESCRIPTOR_VALID BIT64(0)
#define DESCRIPTOR_NOT_BLOCK BIT64(1)
#define LEAF_AF BIT64(10)
#define LEAF_NG BIT64(11)
#define LEAF_DBM BIT64(51)
#define LEAF_CONTIGUOUS BIT64(52)
#define LEAF_PXN BIT64(53)
#define LEAF_XN BIT64(54)
#define LEAF1_USER BIT64(6)
#define LEAF1_READ_ONLY BIT64(7)
#define LEAF2_READ BIT64(6)
#define LEAF2_WRITE BIT64(7)
#define TABLE_PXN BIT64(59)
#define TABLE_XN BIT64(60)
#define TABLE_NO_USER BIT64(61)
#define TABLE_READ_ONLY BIT64(62)

unsigned int explain_level_bits(const struct stage *stage, int level)
{
	return stage->granule_bits + (unsigned int)(3 - level) * (stage->granule_bits - 3);
}

unsigned int explain_index_bits(const struct stage *stage, int level)
{
	unsigned int low = explain_level_bits(stage, level);

	if (level != stage->start_level) {
		return stage->granule_bits - 3;
	}
	return stage->input_bits > low ? stage->input_bits - low : 0;
}

/* A root is aligned to its size; stage 2 may concatenate some. */
uint64_t explain_descriptor_place(const struct stage *stage, int level, uint64_t table, uint64_t input)
{
	unsigned int bits = explain_index_bits(stage, level);

	if (level == stage->start_level) {
		table &= ~low_bits(bits + 3);
	}
	return table + ((input >> explain_level_bits(stage, level) & low_bits(bits)) << 3);
}

static bool is_block_level(const struct stage *stage, int level)
{
	switch (stage->granule_bits) {
	case 12:
		return level == 1 || level == 2 || (level == 0 && stage->has_ds);
	case 14:
		return level == 2 || (level == 1 && stage->has_ds);
	default:
		return level == 2 || (level == 1 && stage->output_bits > 48);
	}
}

enum descriptor_kind explain_descriptor_kind(const struct stage *stage, int level, uint64_t descriptor)
{
	if (!(descriptor & DESCRIPTOR_VALID)) {
		return DESCRIPTOR_IS_INVALID;
	}
	if (level == 3) {
		return descriptor & DESCRIPTOR_NOT_BLOCK ? DESCRIPTOR_IS_LEAF : DESCRIPTOR_IS_RESERVED;
	}
	if (descriptor & DESCRIPTOR_NOT_BLOCK) {
		return DESCRIPTOR_IS_TABLE;
	}
	return is_block_level(stage, level) ? DESCRIPTOR_IS_LEAF : DESCRIPTOR_IS_RESERVED;
}

/* Bits 51:48 of an address lie at 15:12 with 64 KiB, 51:50 at 9:8 with DS. */
static uint64_t address_in(const struct stage *stage, uint64_t descriptor, unsigned int aligned_bits)
{
	uint64_t address;

	if (stage->has_ds) {
		address = descriptor & low_bits(50) & ~low_bits(aligned_bits);
		return address | (descriptor >> 8 & 3) << 50;
	}
	address = descriptor & low_bits(48) & ~low_bits(aligned_bits);
	if (stage->granule_bits == 16 && stage->output_bits > 48) {
		address |= (descriptor >> 12 & 0xf) << 48;
	}
	return address;
}

uint64_t explain_descriptor_next(const struct stage *stage, uint64_t descriptor)
{
	return address_in(stage, descriptor, stage->granule_bits);
}

void explain_descriptor_inherit(const struct stage *stage, uint64_t descriptor, struct hierarchy *above)
{
	if (stage->number == 2 || stage->hierarchy_disabled) {
		return;
	}
	above->no_unprivileged |= (descriptor & TABLE_NO_USER) && !stage->single_privilege;
	above->no_write |= (bool)(descriptor & TABLE_READ_ONLY);
	above->no_execute |= (bool)(descriptor & TABLE_XN);
	above->no_privileged_execute |= (bool)(descriptor & TABLE_PXN);
}

static void permit_stage1(const struct stage *stage, uint64_t d, const struct hierarchy *above, struct leaf *leaf)
{
	bool user = (stage->single_privilege || d & LEAF1_USER) && !above->no_unprivileged;
	bool read_only = (d & LEAF1_READ_ONLY && !(stage->dirty_state && d & LEAF_DBM)) || above->no_write;
	bool xn = (d & LEAF_XN) || above->no_execute, pxn = (d & LEAF_PXN) || above->no_privileged_execute;

	leaf->unprivileged_read = user;
	leaf->unprivileged_write = user && !read_only;
	leaf->unprivileged_execute = !xn && !(stage->write_never_executes && leaf->unprivileged_write);
	leaf->privileged_read = true;
	leaf->privileged_write = !read_only;
	leaf->privileged_execute =
		!pxn && !leaf->unprivileged_write && !(stage->write_never_executes && leaf->privileged_write);
	leaf->attributes = (unsigned int)(d >> 2 & 7);
}

static void permit_stage2(const struct stage *stage, uint64_t d, struct leaf *leaf)
{
	leaf->unprivileged_read = d & LEAF2_READ;
	leaf->unprivileged_write = d & LEAF2_WRITE || (stage->dirty_state && d & LEAF_DBM);
	leaf->unprivileged_execute = leaf->unprivileged_read && !(d & LEAF_XN);
	leaf->privileged_read = leaf->unprivileged_read;
	leaf->privileged_write = leaf->unprivileged_write;
	leaf->privileged_execute = leaf->unprivileged_execute;
	leaf->attributes = (unsigned int)(d >> 2 & 0xf);
}

void explain_descriptor_leaf(const struct stage *stage, int level, uint64_t descriptor, const struct hierarchy *above,
			     struct leaf *leaf)
{
	*leaf = (struct leaf){.bits = explain_level_bits(stage, level),
			      .is_contiguous = descriptor & LEAF_CONTIGUOUS,
			      .has_access_flag = descriptor & LEAF_AF};
	leaf->output = address_in(stage, descriptor, leaf->bits);
	if (stage->number == 1) {
		permit_stage1(stage, descriptor, above, leaf);
	} else {
		permit_stage2(stage, descriptor, leaf);
	}
}

/* Log2 of the entries that a contiguous group has (DDI 0487 D8.7.1). */
static unsigned int contiguous_bits(const struct stage *stage, int level)
{
	switch (stage->granule_bits) {
	case 12:
		return 4;
	case 14:
		return level == 3 ? 7 : 5;
	default:
		return 5;
	}
}

static void leaf_words(const struct stage *stage, int level, uint64_t descriptor, const struct hierarchy *above,
		       char *text)
{
	char size[SIZE_WORDS];
	struct leaf leaf;

	explain_descriptor_leaf(stage, level, descriptor, above, &leaf);
	explain_append(text, "%s of %s at 0x%llx", level == 3 ? "page" : "block", explain_size_words(leaf.bits, size),
		       (unsigned long long)leaf.output);
	explain_append(text, ", %s",
		       leaf.unprivileged_read  ? (leaf.unprivileged_write ? "read-write" : "read-only") :
		       leaf.unprivileged_write ? "write-only" :
		       leaf.privileged_read    ? (leaf.privileged_write ? "read-write for privileged accesses alone" :
									  "read-only for privileged accesses alone") :
						 "no access");
	explain_append(text, ", %s %u%s", stage->number == 1 ? "AttrIndx" : "MemAttr", leaf.attributes,
		       stage->number == 1 && descriptor & LEAF_NG ? ", of its ASID" : "");
	explain_append(text, "%s", leaf.has_access_flag ? "" : ", access flag clear");
	if (leaf.is_contiguous) {
		explain_append(text, ", contiguous: one of %u that make %s", 1U << contiguous_bits(stage, level),
			       explain_size_words(leaf.bits + contiguous_bits(stage, level), size));
	}
}

static void table_words(const struct stage *stage, uint64_t descriptor, char *text)
{
	struct hierarchy own = {0};

	explain_descriptor_inherit(stage, descriptor, &own);
	explain_append(text, "table at 0x%llx%s%s", (unsigned long long)explain_descriptor_next(stage, descriptor),
		       own.no_write ? ", read-only below" : "", own.no_unprivileged ? ", privileged below" : "");
}

void explain_descriptor_words(const struct stage *stage, int level, uint64_t descriptor, const struct hierarchy *above,
			      char *text)
{
	switch (explain_descriptor_kind(stage, level, descriptor)) {
	case DESCRIPTOR_IS_INVALID:
		explain_append(text, "invalid: bit 0 is clear%s", descriptor ? "" : ", all of it is 0");
		break;
	case DESCRIPTOR_IS_RESERVED:
		explain_append(text, "reserved, as invalid: a block at a level that has none");
		break;
	case DESCRIPTOR_IS_TABLE:
		table_words(stage, descriptor, text);
		break;
	case DESCRIPTOR_IS_LEAF:
	default:
		leaf_words(stage, level, descriptor, above, text);
		break;
	}
}
