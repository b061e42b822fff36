/* SPDX-License-Identifier: BSD-2-Clause */
/* One stage, level by level. */
#include "explain/walk.h"

#define DEVICE_MEMORY 0U /* MemAttr[3:2]. */

/* "stage 1 level 0": both are one digit; level -1 has a sign. */
static const char *level_name(const struct stage *stage, int level)
{
	static const char *const names[2][5] = {
		{"stage 1 level -1", "stage 1 level 0", "stage 1 level 1", "stage 1 level 2", "stage 1 level 3"},
		{"stage 2 level -1", "stage 2 level 0", "stage 2 level 1", "stage 2 level 2", "stage 2 level 3"}};

	return names[stage->number - 1][level + 1];
}

static bool is_permitted(const struct leaf *leaf, const struct want *want)
{
	if (want->privileged) {
		return want->write	 ? leaf->privileged_write :
		       want->instruction ? leaf->privileged_execute :
					   leaf->privileged_read;
	}
	return want->write	 ? leaf->unprivileged_write :
	       want->instruction ? leaf->unprivileged_execute :
				   leaf->unprivileged_read;
}

static const char *access_words(const struct want *want)
{
	return want->write ? "a write" : want->instruction ? "an instruction fetch" : "a read";
}

/* PAN: a privileged access to data of unprivileged pages. */
static bool is_kept_off(const struct walking *w, const struct stage *stage, const struct leaf *leaf,
			const struct want *want)
{
	return stage->number == 1 && w->has_cd && w->cd[0] & CD0_PAN && !stage->single_privilege && want->privileged &&
	       !want->instruction && leaf->unprivileged_read;
}

static bool end_at_leaf(struct walking *w, const struct stage *stage, int level, const struct leaf *leaf,
			const struct want *want)
{
	if (leaf->output > low_bits(stage->output_bits)) {
		return walk_fail(w, F_ADDR_SIZE, stage->number, "level %d puts out 0x%llx, which is beyond %u bits",
				 level, (unsigned long long)leaf->output, stage->output_bits);
	}
	if (stage->access_flag_faults && !leaf->has_access_flag) {
		return walk_fail(w, F_ACCESS, stage->number, "the access flag of the descriptor at level %d is clear",
				 level);
	}
	w->result->readable &= leaf->unprivileged_read || (want->privileged && leaf->privileged_read);
	w->result->writable &= leaf->unprivileged_write || (want->privileged && leaf->privileged_write);
	if (!is_permitted(leaf, want) || is_kept_off(w, stage, leaf, want)) {
		return walk_fail(w, F_PERMISSION, stage->number, "the descriptor at level %d does not permit %s%s",
				 level, want->privileged && stage->number == 1 ? "privileged: " : "",
				 access_words(want));
	}
	return true;
}

static bool end_without_leaf(struct walking *w, const struct stage *stage, int level, uint64_t input,
			     enum descriptor_kind kind)
{
	return walk_fail(w, F_TRANSLATION, stage->number,
			 "nothing is mapped at %s 0x%llx: the descriptor at level %d %s",
			 stage->number == 1 ? "address" : "IPA", (unsigned long long)input, level,
			 kind == DESCRIPTOR_IS_INVALID ? "is invalid" : "is reserved");
}

static bool read_descriptor(struct walking *w, const struct stage *stage, int level, uint64_t place,
			    uint64_t *descriptor)
{
	uint64_t physical;

	w->result->level = level;
	w->result->stage = stage->number;
	if (!walk_fetch(w, level_name(stage, level), place, descriptor, 1, F_WALK_EABT, &physical)) {
		return false;
	}
	w->result->stage = stage->number;
	w->result->level = level;
	w->result->fetch = physical;
	if (stage->is_big_endian) {
		*descriptor = explain_swapped(*descriptor);
	}
	return true;
}

static void tell_descriptor(const struct walking *w, const struct stage *stage, int level, uint64_t descriptor,
			    const struct hierarchy *above)
{
	char text[EXPLAIN_TEXT_SIZE] = "";

	explain_descriptor_words(stage, level, descriptor, above, text);
	walk_tell(w, level_name(stage, level), w->result->fetch, descriptor, "%s", text);
}

/* `found`: the leaf. */
static bool descend(struct walking *w, const struct stage *stage, uint64_t input, const struct want *want,
		    struct leaf *found)
{
	struct hierarchy above = {0};
	uint64_t table = stage->root, d;

	for (int level = stage->start_level; level <= 3; level++) {
		enum descriptor_kind kind;

		if (!read_descriptor(w, stage, level, explain_descriptor_place(stage, level, table, input), &d)) {
			return false;
		}
		tell_descriptor(w, stage, level, d, &above);
		kind = explain_descriptor_kind(stage, level, d);
		if (kind == DESCRIPTOR_IS_LEAF) {
			explain_descriptor_leaf(stage, level, d, &above, found);
			return end_at_leaf(w, stage, level, found, want);
		}
		if (kind != DESCRIPTOR_IS_TABLE) {
			return end_without_leaf(w, stage, level, input, kind);
		}
		explain_descriptor_inherit(stage, d, &above);
		table = explain_descriptor_next(stage, d);
		if (table > low_bits(stage->output_bits)) {
			return walk_fail(w, F_ADDR_SIZE, stage->number,
					 "the table that level %d names, 0x%llx, is beyond %u bits", level,
					 (unsigned long long)table, stage->output_bits);
		}
	}
	return false;
}

static bool walk(struct walking *w, const struct stage *stage, uint64_t input, const struct want *want,
		 uint64_t *output)
{
	struct leaf leaf;

	if (!stage->granule_bits) {
		walk_conclude(w, EXPLAIN_UNKNOWN, "the granule of stage %u has a reserved code", stage->number);
		return false;
	}
	if (input > low_bits(stage->input_bits)) {
		w->result->level = stage->start_level;
		return walk_fail(w, F_TRANSLATION, stage->number,
				 "0x%llx is beyond the %u bits that stage %u translates", (unsigned long long)input,
				 stage->input_bits, stage->number);
	}
	if (!descend(w, stage, input, want, &leaf)) {
		return false;
	}
	*output = leaf.output | (input & low_bits(leaf.bits));
	if (!w->depth && (!w->result->size_bits || leaf.bits < w->result->size_bits)) {
		w->result->size_bits = leaf.bits;
	}
	return true;
}

bool walk_stage2(struct walking *w, uint64_t ipa, const struct want *want, uint64_t *output)
{
	struct stage stage;

	explain_stage2_of(w->smmu, w->ste, &stage);
	w->result->ipa = ipa;
	return walk(w, &stage, ipa, want, output);
}

/* TBI: bits 63:56 are no part of the address. */
static uint64_t without_tag(const struct walking *w, uint64_t address, bool upper)
{
	if (!(w->cd[0] & (upper ? CD0_TBI1 : CD0_TBI0))) {
		return address;
	}
	return upper ? address | 0xffULL << 56 : address & low_bits(56);
}

static bool is_hidden(const struct walking *w, bool upper)
{
	return IDR(w->smmu, 3, E0PD) && !w->privileged && explain_regime_of(w->smmu, w->ste) != REGIME_EL2 &&
	       w->cd[upper ? 2 : 1] & (upper ? CD2_E0PD1 : CD1_E0PD0);
}

/* AArch32: T0SZ and T1SZ say where the halves of 32 bits begin and end. */
static bool is_upper(const struct walking *w, uint64_t address)
{
	struct stage lower, upper;

	if (w->cd[0] & CD0_AA64) {
		return address >> 55 & 1;
	}
	explain_stage1_of(w->smmu, w->ste, w->cd, false, &lower);
	explain_stage1_of(w->smmu, w->ste, w->cd, true, &upper);
	if (upper.input_bits < 32) {
		return (address & low_bits(32)) >> upper.input_bits == low_bits(32) >> upper.input_bits;
	}
	return lower.input_bits < 32 && address >> lower.input_bits;
}

static bool refuse_input(struct walking *w, const struct stage *stage, const char *why)
{
	w->result->level = stage->start_level;
	return walk_fail(w, F_TRANSLATION, 1, "%s", why);
}

bool walk_stage1(struct walking *w, uint64_t address, uint64_t *output)
{
	bool upper = is_upper(w, address);
	uint64_t input = without_tag(w, address, upper), top;
	struct want want = {.write = w->access->write, .privileged = w->privileged, .instruction = w->instruction};
	struct stage stage;

	explain_stage1_of(w->smmu, w->ste, w->cd, upper, &stage);
	if (stage.is_disabled) {
		return refuse_input(w, &stage,
				    upper ? "the address is in the upper half, which no table of the CD translates" :
					    "the address is in the lower half, whose table is disabled (EPD0)");
	}
	if (is_hidden(w, upper)) {
		return refuse_input(w, &stage, "unprivileged accesses are kept off this half (E0PD)");
	}
	top = ~low_bits(stage.input_bits) & (w->cd[0] & CD0_AA64 ? ~0ULL : low_bits(32));
	if ((input & top) != (upper ? top : 0) || (!(w->cd[0] & CD0_AA64) && input > low_bits(32))) {
		return refuse_input(w, &stage, "the address is beyond what TxSZ of the CD lets the table translate");
	}
	want.privileged = want.privileged && !stage.single_privilege;
	return walk(w, &stage, input & ~top & low_bits(stage.input_bits), &want, output);
}

/* S2PTW: tables of stage 1 may not lie in Device memory. */
bool walk_fetch(struct walking *w, const char *what, uint64_t address, uint64_t *dwords, unsigned int count,
		unsigned int event, uint64_t *physical)
{
	const struct want want = {.privileged = true};
	unsigned int stage = w->result->stage;
	int level = w->result->level;

	*physical = address;
	if (w->stage2 && stage != 2) {
		w->depth++;
		if (!walk_stage2(w, address, &want, physical)) {
			w->depth--;
			explain_append(w->result->why, "; stage 2 was on the way to %s", what);
			return false;
		}
		w->depth--;
	}
	w->result->stage = stage;
	w->result->level = level;
	w->result->fetch = *physical;
	if (!explain_read_dwords(w->smmu, *physical, dwords, count)) {
		w->result->is_unreadable = true;
		return walk_fail(w, event, stage, "the %s at 0x%llx cannot be read: %s", what,
				 (unsigned long long)*physical,
				 *physical > low_bits(w->smmu->output_bits) ? "it is beyond the SMMU's address size" :
									      "nothing answers there");
	}
	return true;
}
