/* SPDX-License-Identifier: BSD-2-Clause */
/* CFGI and TLBI commands remove no more than the architecture demands. */
#include "state.h"

enum {
	OP_CFGI_STE = 0x03,
	OP_CFGI_STE_RANGE = 0x04,
	OP_CFGI_CD = 0x05,
	OP_CFGI_CD_ALL = 0x06,
	OP_NH_ALL = 0x10,
	OP_NH_ASID = 0x11,
	OP_NH_VA = 0x12,
	OP_NH_VAA = 0x13,
	OP_EL2_ALL = 0x20,
	OP_EL2_ASID = 0x21,
	OP_EL2_VA = 0x22,
	OP_EL2_VAA = 0x23,
	OP_S12_VMALL = 0x28,
	OP_S2_IPA = 0x2a,
	OP_NSNH_ALL = 0x30,
};

static bool is_l1std_of(const struct model *m, const struct cached_structure *s, uint32_t first, uint32_t last)
{
	unsigned int split = split_of(m->reg[R_STRTAB_BASE_CFG / 4]);

	return s->kind == L1STD && s->sid >= first >> split && s->sid <= last >> split;
}

static bool is_structure_hit(const struct model *m, const struct command *c, const struct cached_structure *s)
{
	uint32_t sid = (uint32_t)(c->dword[0] >> 32), ssid = (uint32_t)field(c->dword[0], 31, 12);
	uint64_t span = low_bits((unsigned int)(c->dword[1] & 0x1f) + 1);
	bool leaf_only = c->dword[1] & 1;

	switch (c->dword[0] & 0xff) {
	case OP_CFGI_STE:
		return (s->kind != L1STD && s->sid == sid) || (!leaf_only && is_l1std_of(m, s, sid, sid));
	case OP_CFGI_STE_RANGE:
		sid &= (uint32_t)~span;
		return (s->kind != L1STD && s->sid >= sid && s->sid <= (sid | span)) ||
		       is_l1std_of(m, s, sid, (uint32_t)(sid | span));
	case OP_CFGI_CD:
		/* An L1CD remembers its first substream. */
		return (s->kind == CD && s->sid == sid && s->ssid == ssid) ||
		       (s->kind == L1CD && s->sid == sid && !leaf_only && s->dwords[1] <= ssid && ssid <= s->dwords[2]);
	default:
		return (s->kind == CD || s->kind == L1CD) && s->sid == sid;
	}
}

static void invalidate_structures(struct model *m, const struct command *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->structure_count; i++) {
		if (!is_structure_hit(m, c, &m->structures[i])) {
			m->structures[kept++] = m->structures[i];
		}
	}
	m->structure_count = kept;
	if ((c->dword[0] & 0xff) == OP_CFGI_STE_RANGE && (c->dword[1] & 0x1f) == 31) {
		m->invalidated_structures = true;
	}
}

static bool is_stage1(const struct tlb_entry *e)
{
	return e->kind == LEAF1 || e->kind == TABLE1 || e->kind == LEAF12;
}

static bool is_table(const struct tlb_entry *e)
{
	return e->kind == TABLE1 || e->kind == TABLE2;
}

/* CR0.VMW: low bits of the VMID are ignored. */
static bool is_vmid_hit(const struct model *m, const struct command *c, const struct tlb_entry *e)
{
	unsigned int wildcard = (unsigned int)field(m->reg[R_CR0ACK / 4], 8, 6);
	uint64_t vmid = field(c->dword[0], 47, 32);

	if (!(idr0(m) & IDR0_S2P)) {
		return true;
	}
	return ((vmid ^ e->vmid) >> (wildcard <= 4 ? wildcard : 0)) == 0;
}

static bool is_asid_hit(const struct command *c, const struct tlb_entry *e)
{
	return field(c->dword[0], 63, 48) == e->asid;
}

static bool is_level_hit(const struct tlb_entry *e, uint64_t ttl)
{
	if (!ttl) {
		return true;
	}
	return is_table(e) ? e->level < ttl : e->level == ttl;
}

static bool overlaps(const struct tlb_entry *e, uint64_t first, uint64_t last)
{
	uint64_t end = e->start | low_bits(e->bits);

	return e->start <= last && end >= first;
}

static bool is_address_hit(const struct model *m, const struct command *c, const struct tlb_entry *e)
{
	uint64_t tg = field(c->dword[1], 11, 10), ttl = field(c->dword[1], 9, 8), span;
	uint64_t first = c->dword[1] & ~low_bits(12), last;
	unsigned int granule_bits = 10 + 2 * (unsigned int)tg;

	if (is_table(e) && (c->dword[1] & 1)) {
		return false;
	}
	if (!(m->config.idr[3] & IDR3_RIL) || !tg) {
		return overlaps(e, first, first);
	}
	if (granule_bits != e->granule_bits || !is_level_hit(e, tg == 2 && ttl == 1 ? 0 : ttl)) {
		return false;
	}
	span = ((field(c->dword[0], 16, 12) + 1) << field(c->dword[0], 24, 20)) << granule_bits;
	last = first + span - 1;
	return overlaps(e, first, last < first ? ~0ULL : last);
}

static bool is_el2_hit(const struct model *m, const struct command *c, const struct tlb_entry *e)
{
	bool e2h = m->reg[R_CR2 / 4] & 1;

	if (e->regime == EL1) {
		return false;
	}
	switch (c->dword[0] & 0xff) {
	case OP_EL2_ALL:
		return true;
	case OP_EL2_ASID:
		return e->regime == EL2_E2H && !e->global && is_asid_hit(c, e);
	case OP_EL2_VA:
		return e->regime == (e2h ? EL2_E2H : EL2) && (!e2h || e->global || is_asid_hit(c, e)) &&
		       is_address_hit(m, c, e);
	default:
		return e->regime == (e2h ? EL2_E2H : EL2) && is_address_hit(m, c, e);
	}
}

static bool is_tlb_hit(const struct model *m, const struct command *c, const struct tlb_entry *e)
{
	uint32_t opcode = c->dword[0] & 0xff;

	if (opcode >= OP_EL2_ALL && opcode <= OP_EL2_VAA) {
		return is_el2_hit(m, c, e);
	}
	if (e->regime != EL1 || (opcode != OP_NSNH_ALL && !is_vmid_hit(m, c, e))) {
		return false;
	}
	switch (opcode) {
	case OP_NH_ALL:
		return is_stage1(e);
	case OP_NH_ASID:
		return is_stage1(e) && !e->global && is_asid_hit(c, e);
	case OP_NH_VA:
		return is_stage1(e) && (e->global || is_asid_hit(c, e)) && is_address_hit(m, c, e);
	case OP_NH_VAA:
		return is_stage1(e) && is_address_hit(m, c, e);
	case OP_S2_IPA:
		/* Entries of both stages are tagged by VA: stage 1 commands only. */
		return !is_stage1(e) && is_address_hit(m, c, e);
	default:
		return true;
	}
}

static void note_complete(struct model *m, uint32_t opcode)
{
	m->invalidated_el1 = m->invalidated_el1 || opcode == OP_NSNH_ALL;
	m->invalidated_el2 = m->invalidated_el2 || opcode == OP_EL2_ALL;
}

static void invalidate_tlb(struct model *m, const struct command *c)
{
	size_t kept = 0;

	for (size_t i = 0; i < m->tlb_count; i++) {
		if (!is_tlb_hit(m, c, &m->tlb[i])) {
			m->tlb[kept++] = m->tlb[i];
		}
	}
	m->tlb_count = kept;
	note_complete(m, c->dword[0] & 0xff);
}

void invalidate(struct model *m, const struct command *c)
{
	uint32_t opcode = c->dword[0] & 0xff;

	if (opcode >= OP_CFGI_STE && opcode <= OP_CFGI_CD_ALL) {
		invalidate_structures(m, c);
	} else {
		invalidate_tlb(m, c);
	}
}
