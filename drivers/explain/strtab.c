/* SPDX-License-Identifier: BSD-2-Clause */
/* The stream table (IHI 0070 3.3.1, 5.1). */
#include <string.h>

#include "explain/private.h"

bool explain_strtab_shape(const struct explain_smmu *smmu, struct strtab_shape *shape)
{
	unsigned int cfg = register_of(smmu, EXPLAIN_STRTAB_BASE_CFG);
	unsigned int split = FIELD_GET32(STRTAB_BASE_CFG_SPLIT, cfg);
	bool two_level = FIELD_GET32(STRTAB_BASE_CFG_FMT, cfg) == STRTAB_BASE_CFG_FMT_TWO_LEVEL;
	unsigned int aligned;

	shape->log2size = FIELD_GET32(STRTAB_BASE_CFG_LOG2SIZE, cfg);
	/* Reserved values behave as 6. */
	shape->split = !two_level ? 0 : split == 8 || split == 10 ? split : 6;
	aligned = two_level ? (shape->log2size > shape->split + 3 ? shape->log2size - shape->split + 3 : 6) :
			      shape->log2size + 6;
	shape->base = explain_pointer(smmu->value[EXPLAIN_STRTAB_BASE], 6) & ~low_bits(aligned);
	return smmu->is_known[EXPLAIN_STRTAB_BASE] && smmu->is_known[EXPLAIN_STRTAB_BASE_CFG];
}

uint64_t explain_l1std_address(const struct strtab_shape *shape, unsigned int sid)
{
	return shape->base + 8ULL * (sid >> shape->split);
}

unsigned int explain_l1std_streams(const struct strtab_shape *shape, uint64_t l1std)
{
	unsigned int span = (unsigned int)FIELD_GET64(STRTAB_L1_SPAN, l1std);

	return span && span <= shape->split + 1 ? BIT32(span - 1) : 0;
}

uint64_t explain_l1std_table(uint64_t l1std)
{
	return explain_pointer(l1std, 6) & ~low_bits((unsigned int)FIELD_GET64(STRTAB_L1_SPAN, l1std) + 5);
}

/* --- All streams. --- */

struct scan {
	const struct explain_smmu *smmu;
	struct strtab_shape shape;
	unsigned int left;
	explain_take_stream *take;
	void *context;
	struct explain_stream run; /* Not given yet. */
	bool has_run;
	bool is_over;
};

static bool says_the_same(const struct explain_stream *a, const struct explain_stream *b)
{
	if (a->is_readable != b->is_readable || a->last + 1 != b->first) {
		return false;
	}
	return !a->is_readable ||
	       (!has_stage1(a->ste) && !has_stage2(a->ste) && config_of(a->ste) == config_of(b->ste));
}

static void give_run(struct scan *scan)
{
	if (scan->has_run && !scan->is_over && !scan->take(scan->context, &scan->run)) {
		scan->is_over = true;
	}
	scan->has_run = false;
}

static void add_stream(struct scan *scan, const struct explain_stream *stream)
{
	if (scan->has_run && says_the_same(&scan->run, stream)) {
		scan->run.last = stream->last;
		return;
	}
	give_run(scan);
	scan->run = *stream;
	scan->has_run = true;
}

static bool count_down(struct scan *scan)
{
	if (!scan->left) {
		scan->is_over = true;
		return false;
	}
	scan->left--;
	return !scan->is_over;
}

/* `count` STEs from an address on. */
static void scan_stes(struct scan *scan, uint64_t address, unsigned int first, uint64_t count)
{
	for (uint64_t i = 0; i < count && count_down(scan); i++) {
		struct explain_stream stream = {.first = first + (unsigned int)i,
						.last = first + (unsigned int)i,
						.address = address + sizeof(struct ste) * i};

		stream.is_readable = explain_read_dwords(scan->smmu, stream.address, stream.ste, STE_DWORDS);
		if (!stream.is_readable || stream.ste[0] & STE0_V) {
			add_stream(scan, &stream);
		}
	}
}

static void scan_l1(struct scan *scan)
{
	uint64_t tables =
		1ULL << (scan->shape.log2size > scan->shape.split ? scan->shape.log2size - scan->shape.split : 0);

	for (uint64_t i = 0; i < tables && count_down(scan); i++) {
		unsigned int first = (unsigned int)(i << scan->shape.split);
		struct explain_stream stream = {.first = first,
						.last = first | (unsigned int)low_bits(scan->shape.split)};
		uint64_t l1std;

		stream.address = explain_l1std_address(&scan->shape, first);
		if (explain_read_dwords(scan->smmu, stream.address, &l1std, 1)) {
			scan_stes(scan, explain_l1std_table(l1std), first, explain_l1std_streams(&scan->shape, l1std));
		} else {
			add_stream(scan, &stream);
		}
	}
}

enum explain_scan explain_streams(const struct explain_smmu *smmu, uint32_t limit, explain_take_stream *take,
				  void *context)
{
	struct scan scan = {.smmu = smmu, .left = limit, .take = take, .context = context};
	bool is_cut;

	if (!explain_strtab_shape(smmu, &scan.shape)) {
		return EXPLAIN_NO_TABLE;
	}
	if (scan.shape.log2size > smmu->sid_bits) {
		scan.shape.log2size = smmu->sid_bits;
	}
	if (scan.shape.split) {
		scan_l1(&scan);
	} else {
		scan_stes(&scan, scan.shape.base, 0, 1ULL << scan.shape.log2size);
	}
	is_cut = scan.is_over;
	scan.is_over = is_cut && scan.left;
	give_run(&scan);
	return is_cut ? EXPLAIN_SCAN_CUT : EXPLAIN_SCANNED;
}
