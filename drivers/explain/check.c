/* SPDX-License-Identifier: BSD-2-Clause */
/* What breaks the architecture's rules, in all that is reachable from the registers. */
#include "explain/private.h"

#define SEEN_MAX 64U

/* Translation tables of an address space that were looked at. */
struct seen {
	unsigned int number; /* Of the stage. */
	uint64_t id;	     /* ASID, VMID; unique where nothing tags them. */
	uint64_t root;
};

struct checking {
	const struct explain_smmu *smmu;
	const struct explain_listener *listener;
	unsigned int left; /* Entries that may be looked at. */
	unsigned int count;
	bool is_cut;
	unsigned int sid; /* Whose structures are looked at. */
	struct seen seen[SEEN_MAX];
	unsigned int seen_count;
};

static void complain(struct checking *c, const char *what, uint64_t address, uint64_t value, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

static void complain(struct checking *c, const char *what, uint64_t address, uint64_t value, const char *format, ...)
{
	char text[EXPLAIN_TEXT_SIZE];
	const struct explain_step step = {
		.what = what, .has_address = true, .address = address, .value = value, .meaning = text};
	va_list arguments;

	va_start(arguments, format);
	(void)format_text_v(text, sizeof(text), format, arguments);
	va_end(arguments);
	c->count++;
	explain_tell(c->listener, &step);
}

static bool may_look(struct checking *c)
{
	if (c->left) {
		c->left--;
		return true;
	}
	c->is_cut = true;
	return false;
}

/* --- Translation tables. --- */

struct path {
	uint64_t table[5]; /* From the root on. */
	unsigned int depth;
};

static const char *stage_words(const struct stage *stage)
{
	return stage->number == 1 ? "table of stage 1" : "table of stage 2";
}

static bool is_on_path(const struct path *path, uint64_t table)
{
	for (unsigned int i = 0; i < path->depth; i++) {
		if (path->table[i] == table) {
			return true;
		}
	}
	return false;
}

static void check_leaf(struct checking *c, const struct stage *stage, int level, uint64_t address, uint64_t descriptor)
{
	const struct hierarchy above = {0};
	struct leaf leaf;

	explain_descriptor_leaf(stage, level, descriptor, &above, &leaf);
	if (leaf.output > low_bits(stage->output_bits)) {
		complain(c, stage_words(stage), address, descriptor,
			 "stream 0x%x: level %d puts out 0x%llx, beyond %u bits: F_ADDR_SIZE", c->sid, level,
			 (unsigned long long)leaf.output, stage->output_bits);
	}
}

/* Whether the table that a descriptor names is to be looked at. */
static bool may_descend(struct checking *c, const struct stage *stage, int level, uint64_t address, uint64_t descriptor,
			const struct path *path)
{
	uint64_t table = explain_descriptor_next(stage, descriptor);

	if (table > low_bits(stage->output_bits)) {
		complain(c, stage_words(stage), address, descriptor,
			 "stream 0x%x: level %d names a table at 0x%llx, beyond %u bits: F_ADDR_SIZE", c->sid, level,
			 (unsigned long long)table, stage->output_bits);
		return false;
	}
	if (is_on_path(path, table)) {
		complain(c, stage_words(stage), address, descriptor,
			 "stream 0x%x: level %d names the table at 0x%llx, by which it was reached: the tables loop",
			 c->sid, level, (unsigned long long)table);
		return false;
	}
	return true;
}

static void check_table(struct checking *c, const struct stage *stage, int level, uint64_t table, struct path *path);

static void check_descriptor(struct checking *c, const struct stage *stage, int level, uint64_t address,
			     uint64_t descriptor, struct path *path)
{
	switch (explain_descriptor_kind(stage, level, descriptor)) {
	case DESCRIPTOR_IS_RESERVED:
		complain(c, stage_words(stage), address, descriptor,
			 "stream 0x%x: a block at level %d, which has none: it counts as invalid", c->sid, level);
		break;
	case DESCRIPTOR_IS_TABLE:
		if (may_descend(c, stage, level, address, descriptor, path)) {
			check_table(c, stage, level + 1, explain_descriptor_next(stage, descriptor), path);
		}
		break;
	case DESCRIPTOR_IS_LEAF:
		check_leaf(c, stage, level, address, descriptor);
		break;
	case DESCRIPTOR_IS_INVALID:
	default:
		break;
	}
}

static void check_table(struct checking *c, const struct stage *stage, int level, uint64_t table, struct path *path)
{
	uint64_t count = 1ULL << explain_index_bits(stage, level), dword;

	path->table[path->depth++] = table;
	for (uint64_t i = 0; i < count && may_look(c); i++) {
		if (!explain_read_dwords(c->smmu, table + 8 * i, &dword, 1)) {
			complain(c, stage_words(stage), table + 8 * i, 0,
				 "stream 0x%x: level %d cannot be read: nothing answers there", c->sid, level);
			break;
		}
		check_descriptor(c, stage, level, table + 8 * i, stage->is_big_endian ? explain_swapped(dword) : dword,
				 path);
	}
	path->depth--;
}

/* False: they were looked at before. What one ASID or VMID tags has to be the same (5.2.1, 5.4.1). */
static bool is_new(struct checking *c, const char *what, uint64_t address, const struct seen *new)
{
	for (unsigned int i = 0; i < c->seen_count; i++) {
		const struct seen *old = &c->seen[i];

		if (old->number != new->number || (old->id != new->id && old->root != new->root)) {
			continue;
		}
		if (old->root == new->root) {
			return false;
		}
		complain(c, what, address, new->root, "stream 0x%x has %s %u, as others whose tables are at 0x%llx",
			 c->sid, new->number == 1 ? "ASID" : "VMID", (unsigned int)new->id & 0xffff,
			 (unsigned long long)old->root);
		break;
	}
	if (c->seen_count < SEEN_MAX) {
		c->seen[c->seen_count++] = *new;
	}
	return true;
}

static void check_stage(struct checking *c, const struct stage *stage)
{
	unsigned int bits = explain_index_bits(stage, stage->start_level);
	struct path path = {.depth = 0};

	check_table(c, stage, stage->start_level, stage->root & ~low_bits(bits + 3), &path);
}

/* --- CDs. --- */

/* What tags its translations: ASID and VMID at EL1, ASID at EL2 with E2H; at EL2 nothing does. */
static uint64_t tag_of(const struct checking *c, const uint64_t ste[8], const uint64_t cd[8])
{
	uint64_t asid = FIELD_GET64(CD0_ASID, cd[0]);

	switch (explain_regime_of(c->smmu, ste)) {
	case REGIME_EL1:
		return asid | (IDR(c->smmu, 0, S2P) ? FIELD_GET64(STE2_S2VMID, ste[2]) << 16 : 0);
	case REGIME_EL2_E2H:
		return asid | 1ULL << 32;
	case REGIME_EL2:
	default:
		return 2ULL << 32 | c->sid;
	}
}

static void check_tables_of_cd(struct checking *c, uint64_t address, const uint64_t ste[8], const uint64_t cd[8])
{
	struct seen new = {.number = 1, .id = tag_of(c, ste, cd), .root = cd[1] & CD1_TTB0_MASK};

	/* With stage 2, tables of stage 1 lie at IPAs: each walk tells them. */
	if (has_stage2(ste) || !is_new(c, "CD", address, &new)) {
		return;
	}
	for (unsigned int upper = 0; upper < 2; upper++) {
		struct stage stage;

		explain_stage1_of(c->smmu, ste, cd, upper, &stage);
		if (!stage.is_disabled) {
			check_stage(c, &stage);
		}
	}
}

struct cd_step {
	uint64_t address;
	bool is_found;
};

static void keep_cd(void *context, const struct explain_step *step)
{
	struct cd_step *found = context;

	/* "CD" alone. */
	if (!step->depth && step->what[0] == 'C' && step->what[1] == 'D') {
		found->address = step->address;
		found->is_found = true;
	}
}

/* By a walk: it goes through both levels, and stage 2. */
static void check_cd(struct checking *c, const uint64_t ste[8], bool has_ssid, unsigned int ssid)
{
	const struct explain_access access = {.sid = c->sid, .has_ssid = has_ssid, .ssid = ssid};
	struct cd_step found = {0};
	const struct explain_listener listener = {keep_cd, &found};
	struct explain_result result;
	uint64_t cd[CD_DWORDS];
	const char *broken;

	explain_walk(c->smmu, &access, &listener, &result);
	if (!found.is_found || !explain_read_dwords(c->smmu, found.address, cd, CD_DWORDS)) {
		if (result.is_unreadable && !has_ssid) {
			complain(c, "CD", result.fetch, 0, "stream 0x%x: %s", c->sid, result.why);
		}
		return;
	}
	for (unsigned int n = 0; (broken = explain_cd_broken(c->smmu, ste, cd, n)); n++) {
		complain(c, "CD", found.address, cd[0], "stream 0x%x, substream 0x%x is ILLEGAL: %s", c->sid, ssid,
			 broken);
	}
	if (cd[0] & CD0_V && !explain_cd_broken(c->smmu, ste, cd, 0)) {
		check_tables_of_cd(c, found.address, ste, cd);
	} else if (!has_ssid && !(cd[0] & CD0_V)) {
		complain(c, "CD", found.address, cd[0], "stream 0x%x translates, and its CD is invalid (V is 0)",
			 c->sid);
	}
}

static void check_cds(struct checking *c, const uint64_t ste[8])
{
	unsigned int bits = explain_ssid_bits_of(c->smmu, ste);

	check_cd(c, ste, false, 0);
	for (unsigned int ssid = 0; bits && ssid < BIT32(bits) && may_look(c); ssid++) {
		check_cd(c, ste, true, ssid);
	}
}

/* --- Streams. --- */

static void check_stage2(struct checking *c, uint64_t address, const uint64_t ste[8])
{
	struct stage stage;
	struct seen new = {.number = 2, .id = FIELD_GET64(STE2_S2VMID, ste[2])};

	explain_stage2_of(c->smmu, ste, &stage);
	new.root = stage.root;
	if (is_new(c, "STE", address, &new)) {
		check_stage(c, &stage);
	}
}

static void check_ste(struct checking *c, const struct explain_stream *stream)
{
	const uint64_t *ste = stream->ste;
	const char *broken;

	for (unsigned int n = 0; (broken = explain_ste_broken(c->smmu, ste, n)); n++) {
		complain(c, "STE", stream->address, ste[0], "stream 0x%x is ILLEGAL: %s", c->sid, broken);
	}
	if (config_of(ste) && ste_aborts(ste)) {
		complain(c, "STE", stream->address, ste[0], "stream 0x%x: Config %u is reserved, and aborts", c->sid,
			 config_of(ste));
	}
	if (has_stage1(ste) && explain_pointer(ste[0], 6) != explain_cd_table(c->smmu, ste)) {
		complain(c, "STE", stream->address, ste[0],
			 "stream 0x%x: S1ContextPtr is not aligned to the size of its table", c->sid);
	}
	if (explain_ste_broken(c->smmu, ste, 0)) {
		return;
	}
	if (has_stage2(ste)) {
		check_stage2(c, stream->address, ste);
	}
	if (has_stage1(ste)) {
		check_cds(c, ste);
	}
}

static bool check_stream(void *context, const struct explain_stream *stream)
{
	struct checking *c = context;

	if (!may_look(c)) {
		return false;
	}
	c->sid = stream->first;
	if (stream->is_readable) {
		check_ste(c, stream);
	} else {
		complain(c, "STE", stream->address, 0, "the entry of stream 0x%x cannot be read: nothing answers there",
			 c->sid);
	}
	return true;
}

static void check_strtab(struct checking *c)
{
	unsigned int cfg = register_of(c->smmu, EXPLAIN_STRTAB_BASE_CFG);
	uint64_t base = explain_pointer(c->smmu->value[EXPLAIN_STRTAB_BASE], 6);
	struct strtab_shape shape;

	if (!explain_strtab_shape(c->smmu, &shape)) {
		return;
	}
	if (shape.base != base) {
		complain(c, "STRTAB_BASE", SMMU_STRTAB_BASE, base, "it is not aligned to the size of the stream table");
	}
	if (shape.log2size > c->smmu->sid_bits) {
		complain(c, "STRTAB_BASE_CFG", SMMU_STRTAB_BASE_CFG, cfg,
			 "2^%u streams are more than this SMMU has (IDR1.SIDSIZE)", shape.log2size);
	}
	if (shape.split && !IDR(c->smmu, 0, ST_LEVEL)) {
		complain(c, "STRTAB_BASE_CFG", SMMU_STRTAB_BASE_CFG, cfg,
			 "it is a 2-level table, which this SMMU does not have (IDR0.ST_LEVEL)");
	}
}

unsigned int explain_check(const struct explain_smmu *smmu, uint32_t limit, const struct explain_listener *listener,
			   bool *is_cut)
{
	struct checking c = {.smmu = smmu, .listener = listener, .left = limit};

	check_strtab(&c);
	if (explain_streams(smmu, limit, check_stream, &c) == EXPLAIN_SCAN_CUT) {
		c.is_cut = true;
	}
	c.count += explain_errors(smmu, listener);
	*is_cut = c.is_cut;
	return c.count;
}
