/* SPDX-License-Identifier: BSD-2-Clause */
/* From a StreamID to STE and CD, through the configuration cache. */
#include <string.h>

#include "state.h"

static const char *const structure_names[] = {"L1STD", "STE", "L1CD", "CD"};

static struct cached_structure *find_cached(struct model *m, const struct cached_structure *like)
{
	for (size_t i = 0; i < m->structure_count; i++) {
		struct cached_structure *s = &m->structures[i];

		if (s->kind == like->kind && s->sid == like->sid && s->ssid == like->ssid) {
			return s;
		}
	}
	return NULL;
}

static void check_structure(struct model *m, const struct cached_structure *s)
{
	uint64_t now[8];

	if (!memory_read(m, s->pa, now, s->dword_count) ||
	    memcmp(now, s->dwords, s->dword_count * sizeof(now[0])) != 0) {
		complain(m, "stale %s: stream%s 0x%x, substream%s 0x%x", structure_names[s->kind],
			 s->kind == L1STD ? " table index" : "", s->sid, s->kind == L1CD ? " table index" : "",
			 s->ssid);
	}
}

void check_structures(struct model *m)
{
	for (size_t i = 0; i < m->structure_count; i++) {
		check_structure(m, &m->structures[i]);
	}
}

static bool is_valid(const struct cached_structure *s)
{
	switch (s->kind) {
	case L1STD:
		return s->dwords[0] & 0x1f;
	case CD:
		return s->dwords[0] & (1ULL << 31);
	default:
		return s->dwords[0] & 1;
	}
}

static void remember(struct model *m, const struct cached_structure *s)
{
	if (is_valid(s) || !m->config.drop_invalid) {
		*APPEND(m->structures, m->structure_count) = *s;
	}
}

/* `through`: the stream whose stage 2 translates the address, or NULL. False: see `fault`. */
static bool fetch_structure(const struct fetch *f, const struct stream *through, struct cached_structure *s,
			    struct fault *fault)
{
	struct cached_structure *cached = f->fresh ? NULL : find_cached(f->m, s);
	struct translation t = {.output = s->pa};
	struct want want = {.privileged = true};

	if (cached) {
		if (f->m->config.strict) {
			check_structure(f->m, cached);
		}
		*s = *cached;
		return true;
	}
	if (through && through->stage2 && !stage2(f, through, s->pa, &want, CLASS_CD, &t, fault)) {
		return false;
	}
	s->pa = t.output;
	if (!memory_read(f->m, s->pa, s->dwords, s->dword_count)) {
		fault->event = s->kind == STE || s->kind == L1STD ? F_STE_FETCH : F_CD_FETCH;
		fault->address = s->pa;
		return false;
	}
	if (s->kind == L1CD) {
		/* Its substreams, for invalidations. */
		unsigned int bits = through && field(through->ste[0], 5, 4) == 1 ? 6 : 10;

		s->dwords[1] = (uint64_t)s->ssid << bits;
		s->dwords[2] = s->dwords[1] | low_bits(bits);
	}
	if (!f->fresh) {
		remember(f->m, s);
	}
	return true;
}

static bool bad(struct fault *fault, enum event event)
{
	fault->event = event;
	return false;
}

/* Reserved values of SPLIT behave as 6. */
unsigned int split_of(uint32_t cfg)
{
	unsigned int split = (unsigned int)field(cfg, 10, 6);

	return split == 8 || split == 10 ? split : 6;
}

static void check_l1std(const struct fetch *f, uint32_t sid, uint64_t l1std, unsigned int split)
{
	unsigned int span = l1std & 0x1f;
	uint64_t pointer = l1std & low_bits(56) & ~low_bits(6);

	if (f->fresh) {
		return;
	}
	if (span > split + 1) {
		complain(f->m, "L1STD of stream 0x%x: Span %u is reserved or beyond SPLIT", sid, span);
	} else if (span && (pointer & low_bits(span + 5))) {
		complain(f->m, "L1STD of stream 0x%x: L2Ptr is not aligned to the table's size", sid);
	}
}

static bool find_ste_by_l1std(const struct fetch *f, uint32_t sid, uint64_t base, uint32_t cfg, uint64_t *pa,
			      struct fault *fault)
{
	unsigned int split = split_of(cfg), log2 = cfg & 0x3f, span;
	unsigned int bits = log2 > split + 3 ? log2 - split + 3 : 6;
	struct cached_structure s = {.kind = L1STD, .sid = sid >> split, .dword_count = 1};
	uint64_t index = sid & low_bits(split);

	s.pa = (base & ~low_bits(bits)) + 8ULL * s.sid;
	if (!fetch_structure(f, NULL, &s, fault)) {
		return false;
	}
	check_l1std(f, sid, s.dwords[0], split);
	span = s.dwords[0] & 0x1f;
	if (!span || span > split + 1 || index >> (span - 1)) {
		return bad(fault, C_BAD_STREAMID);
	}
	*pa = (s.dwords[0] & low_bits(56) & ~low_bits(span + 5)) + 64 * index;
	return true;
}

static bool locate_ste(const struct fetch *f, uint32_t sid, uint64_t *pa, struct fault *fault)
{
	uint32_t cfg = f->m->reg[R_STRTAB_BASE_CFG / 4];
	uint64_t base = reg64(f->m, R_STRTAB_BASE) & low_bits(56) & ~low_bits(6);
	unsigned int log2 = cfg & 0x3f, most = (unsigned int)field(f->m->config.idr[1], 5, 0);

	if (sid > low_bits(log2 < most ? log2 : most)) {
		return bad(fault, C_BAD_STREAMID);
	}
	if (field(cfg, 17, 16) == 1) {
		return find_ste_by_l1std(f, sid, base, cfg, pa, fault);
	}
	*pa = (base & ~low_bits(log2 + 6)) + 64ULL * sid;
	return true;
}

static void check_reserved_ste(const struct fetch *f, uint32_t sid, const uint64_t ste[8])
{
	unsigned int config = (unsigned int)field(ste[0], 3, 1);
	bool substreams = (config & 5) == 5 && field(ste[0], 63, 59) && field(f->m->config.idr[1], 10, 6);

	if (config > 0 && config < 4) {
		complain(f->m, "STE of stream 0x%x: Config %u is reserved", sid, config);
	}
	if (substreams && (ste[1] & 3) == 3) {
		complain(f->m, "STE of stream 0x%x: S1DSS 3 is reserved", sid);
	}
	if (substreams && field(ste[0], 5, 4) == 3) {
		complain(f->m, "STE of stream 0x%x: S1Fmt 3 is reserved", sid);
	}
}

bool find_ste(const struct fetch *f, uint32_t sid, uint64_t ste[8], struct fault *fault)
{
	struct cached_structure s = {.kind = STE, .sid = sid, .dword_count = 8};
	const char *reason;

	if (!locate_ste(f, sid, &s.pa, fault) || !fetch_structure(f, NULL, &s, fault)) {
		return false;
	}
	memcpy(ste, s.dwords, sizeof(s.dwords));
	if (!(ste[0] & 1)) {
		return bad(fault, C_BAD_STE);
	}
	reason = ste_illegal(f->m, ste);
	if (!f->fresh) {
		check_reserved_ste(f, sid, ste);
	}
	if (reason && !f->fresh) {
		complain(f->m, "STE of stream 0x%x is ILLEGAL: %s", sid, reason);
	}
	return reason ? bad(fault, C_BAD_STE) : true;
}

static bool find_cd_by_l1cd(const struct fetch *f, const struct stream *s, uint64_t table, uint32_t ssid,
			    uint64_t *address, struct fault *fault)
{
	unsigned int bits = field(s->ste[0], 5, 4) == 1 ? 6 : 10;
	struct cached_structure l1cd = {.kind = L1CD,
					.sid = s->sid,
					.ssid = ssid >> bits,
					.pa = table + 8ULL * (ssid >> bits),
					.dword_count = 1};
	uint64_t pointer;

	if (!fetch_structure(f, s, &l1cd, fault)) {
		return false;
	}
	pointer = l1cd.dwords[0] & low_bits(56) & ~low_bits(12);
	if (!(l1cd.dwords[0] & 1) || pointer > low_bits(oas(f->m))) {
		return bad(fault, C_BAD_SUBSTREAMID);
	}
	*address = pointer + 64 * (ssid & low_bits(bits));
	return true;
}

/* RES0 bits of S1ContextPtr count as zero. */
static uint64_t cd_table(const struct fetch *f, const struct stream *s, uint64_t format)
{
	/* S1CDMax is IGNORED without substreams. */
	unsigned int cd_max = field(f->m->config.idr[1], 10, 6) ? (unsigned int)field(s->ste[0], 63, 59) : 0;
	unsigned int bits = cd_max + 6, leaf = format == 1 ? 6 : 10;
	uint64_t pointer = s->ste[0] & low_bits(56) & ~low_bits(6);

	if (format == 1 || format == 2) {
		bits = cd_max > leaf + 3 ? cd_max - leaf + 3 : 6;
	}
	if (!f->fresh && (pointer & low_bits(bits))) {
		complain(f->m, "STE of stream 0x%x: S1ContextPtr is not aligned to the table's size", s->sid);
	}
	return pointer & ~low_bits(bits);
}

bool find_cd(const struct fetch *f, const struct stream *s, uint32_t ssid, uint64_t cd[8], struct fault *fault)
{
	bool substreams = field(s->ste[0], 63, 59) && field(f->m->config.idr[1], 10, 6);
	uint64_t format = substreams ? field(s->ste[0], 5, 4) : 0, table = cd_table(f, s, format);
	struct cached_structure found = {
		.kind = CD, .sid = s->sid, .ssid = ssid, .pa = table + 64ULL * ssid, .dword_count = 8};
	const char *reason;

	if ((format == 1 || format == 2) && !find_cd_by_l1cd(f, s, table, ssid, &found.pa, fault)) {
		return false;
	}
	if (!fetch_structure(f, s, &found, fault)) {
		return false;
	}
	memcpy(cd, found.dwords, sizeof(found.dwords));
	if (!(cd[0] & (1ULL << 31))) {
		return bad(fault, C_BAD_CD);
	}
	reason = cd_illegal(f->m, s->ste, cd);
	if (reason && !f->fresh) {
		complain(f->m, "CD of stream 0x%x, substream 0x%x is ILLEGAL: %s", s->sid, ssid, reason);
	}
	return reason ? bad(fault, C_BAD_CD) : true;
}
