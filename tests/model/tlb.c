/* SPDX-License-Identifier: BSD-2-Clause */
/* The TLB drops nothing, so it goes stale whenever it may. */
#include "state.h"

static bool is_regime_hit(const struct tlb_entry *e, const struct tlb_key *key)
{
	if (e->kind != key->kind || e->regime != key->regime || e->vmid != key->vmid) {
		return false;
	}
	/* No ASIDs in stage 2, nor in EL2 without E2H. */
	return e->kind == LEAF2 || e->kind == TABLE2 || e->regime == EL2 || e->global || e->asid == key->asid;
}

static bool covers(const struct tlb_entry *e, uint64_t address)
{
	return address >= e->start && address <= (e->start | low_bits(e->bits));
}

/* Only tables have a `level`. */
struct tlb_entry *tlb_find(struct model *m, const struct tlb_key *key, uint64_t address, unsigned int level)
{
	bool table = key->kind == TABLE1 || key->kind == TABLE2;

	for (size_t i = 0; i < m->tlb_count; i++) {
		struct tlb_entry *e = &m->tlb[i];

		if (is_regime_hit(e, key) && covers(e, address) && (!table || e->level == level)) {
			return e;
		}
	}
	return NULL;
}

static bool is_conflict(const struct tlb_entry *a, const struct tlb_entry *b)
{
	struct tlb_key key = {.kind = b->kind, .regime = b->regime, .vmid = b->vmid, .asid = b->asid};
	unsigned int bits = a->bits < b->bits ? a->bits : b->bits;
	uint64_t first = a->start > b->start ? a->start : b->start;

	if (!(is_regime_hit(a, &key) ||
	      (b->global && a->kind == b->kind && a->regime == b->regime && a->vmid == b->vmid))) {
		return false;
	}
	if (!covers(a, first) || !covers(b, first)) {
		return false;
	}
	return a->bits != b->bits ||
	       ((a->output + (first - a->start)) ^ (b->output + (first - b->start))) & ~low_bits(bits);
}

void tlb_insert(struct model *m, const struct tlb_entry *entry)
{
	bool leaf = entry->kind == LEAF1 || entry->kind == LEAF2;

	for (size_t i = 0; leaf && i < m->tlb_count; i++) {
		if (is_conflict(&m->tlb[i], entry)) {
			complain(m, "TLB conflict at stage %d: 0x%llx (2^%u) overlaps 0x%llx (2^%u), still cached",
				 entry->kind == LEAF2 ? 2 : 1, (unsigned long long)entry->start, entry->bits,
				 (unsigned long long)m->tlb[i].start, m->tlb[i].bits);
			break;
		}
	}
	*APPEND(m->tlb, m->tlb_count) = *entry;
}

static void check_table(struct model *m, const struct tlb_entry *e)
{
	uint64_t now = 0;

	if (!memory_read(m, e->pa, &now, 1) || now != e->output) {
		complain(m, "stale table of level %u for 0x%llx, vmid %u, asid %u", e->level,
			 (unsigned long long)e->start, e->vmid, e->asid);
	}
}

static bool walk_again(struct model *m, const struct tlb_entry *e, struct translation *t)
{
	struct fetch f = {.m = m, .fresh = true};
	/* The caller compares permissions. */
	struct want want = {.privileged = true};
	struct fault fault = {.event = 0};
	bool done = e->kind == LEAF2 ? stage2(&f, &e->stream, e->start, &want, CLASS_IN, t, &fault) :
				       stage1(&f, &e->stream, e->start, &want, t, &fault);

	return done || fault.event == F_PERMISSION;
}

static void check_combined(struct model *m, const struct tlb_entry *e)
{
	struct fetch f = {.m = m, .fresh = true};
	struct want want = {.privileged = true};
	struct fault fault = {.event = 0};
	struct translation one = {0}, two = {0};

	if ((stage1(&f, &e->stream, e->start, &want, &one, &fault) || fault.event == F_PERMISSION) &&
	    (stage2(&f, &e->stream, one.output, &want, CLASS_IN, &two, &fault) || fault.event == F_PERMISSION) &&
	    two.output == e->output && (one.allows[0] & two.allows[0]) == e->allows[0]) {
		return;
	}
	complain(m, "stale TLB entry of both stages for 0x%llx, vmid %u, asid %u", (unsigned long long)e->start,
		 e->vmid, e->asid);
}

void check_entry(struct model *m, const struct tlb_entry *e)
{
	struct translation now = {0};
	int stage = e->kind == LEAF2 ? 2 : 1;

	if (e->kind == TABLE1 || e->kind == TABLE2) {
		check_table(m, e);
	} else if (e->kind == LEAF12) {
		check_combined(m, e);
	} else if (!walk_again(m, e, &now)) {
		complain(m, "stale TLB entry at stage %d: 0x%llx, vmid %u, asid %u is no longer mapped", stage,
			 (unsigned long long)e->start, e->vmid, e->asid);
	} else if (now.output != e->output || now.bits != e->bits) {
		complain(m, "break-before-make at stage %d: 0x%llx, vmid %u, asid %u was changed while it was cached",
			 stage, (unsigned long long)e->start, e->vmid, e->asid);
	} else if (now.allows[0] != e->allows[0] || now.allows[1] != e->allows[1]) {
		complain(m, "stale TLB entry at stage %d: the permissions of 0x%llx, vmid %u, asid %u were changed",
			 stage, (unsigned long long)e->start, e->vmid, e->asid);
	}
}

void model_check_caches(struct model *model)
{
	check_structures(model);
	for (size_t i = 0; i < model->tlb_count; i++) {
		check_entry(model, &model->tlb[i]);
	}
}

size_t model_cached_translation_count(const struct model *model)
{
	return model->tlb_count;
}

size_t model_cached_structure_count(const struct model *model)
{
	return model->structure_count;
}
