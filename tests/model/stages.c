/* SPDX-License-Identifier: BSD-2-Clause */
/* One stage: TLB entries and the walk. */
#include <string.h>

#include "state.h"

#define LEVELS 5U

struct walking {
	const struct fetch *f;
	const struct stream *s;
	const struct walk_config *config;
	enum tlb_kind table_kind;
	uint64_t address; /* The whole input: it tags entries. */
	unsigned int first_level;
	unsigned int count; /* Descriptors read. */
	unsigned int replayed;
	bool replaying;
	struct {
		uint64_t pa, descriptor;
		bool cached;
	} seen[LEVELS];
	bool nested_fault; /* Stage 2 faulted on the descriptor's address and recorded it. */
	struct fault *fault;
};

static struct tlb_key key_of(const struct stream *s, enum tlb_kind kind)
{
	return (struct tlb_key){.kind = kind, .regime = s->regime, .vmid = s->vmid, .asid = s->asid};
}

static unsigned int level_bits(const struct walk_config *c, unsigned int level)
{
	return c->granule_bits + (3 - level) * (c->granule_bits - 3);
}

static unsigned int first_level(const struct walk_config *c)
{
	unsigned int level = 3;

	if (c->stage == 2) {
		return c->start_level;
	}
	while (level && level_bits(c, level - 1) < c->input_bits) {
		level--;
	}
	return level;
}

static bool use_cached_table(struct walking *w, uint64_t *descriptor)
{
	struct model *m = w->f->m;
	struct tlb_key key = key_of(w->s, w->table_kind);
	struct tlb_entry *e;

	if (w->f->fresh) {
		return false;
	}
	e = tlb_find(m, &key, w->address, w->first_level + w->count);
	if (!e) {
		return false;
	}
	if (m->config.strict) {
		check_entry(m, e);
	}
	w->seen[w->count].cached = true;
	*descriptor = e->output;
	return true;
}

static bool read_from_memory(struct walking *w, uint64_t address, uint64_t *descriptor)
{
	struct translation t = {.output = address};
	struct want want = {.privileged = true};

	if (w->table_kind == TABLE1 && w->s->stage2 && !stage2(w->f, w->s, address, &want, CLASS_TT, &t, w->fault)) {
		w->nested_fault = true;
		return false;
	}
	w->seen[w->count].pa = t.output;
	return memory_read(w->f->m, t.output, descriptor, 1);
}

/* A single privilege level: AP[1] counts as set, APTable[0] as clear. */
static uint64_t as_walked(const struct walking *w, uint64_t descriptor)
{
	if (w->table_kind != TABLE1 || w->s->regime != EL2) {
		return descriptor;
	}
	return (descriptor | 1ULL << 6) & ~(1ULL << 61);
}

static bool read_descriptor(void *context, uint64_t address, uint64_t *descriptor)
{
	struct walking *w = context;

	if (w->replaying) {
		*descriptor = as_walked(w, w->seen[w->replayed++].descriptor);
		return true;
	}
	if (!use_cached_table(w, descriptor) && !read_from_memory(w, address, descriptor)) {
		return false;
	}
	w->seen[w->count++].descriptor = *descriptor;
	*descriptor = as_walked(w, *descriptor);
	return true;
}

/* All but the last were tables: cached whatever the result. */
static void cache_tables(const struct walking *w)
{
	for (unsigned int i = 0; i + 1 < w->count; i++) {
		unsigned int level = w->first_level + i, bits = level_bits(w->config, level);
		struct tlb_entry e = {.kind = w->table_kind,
				      .regime = w->s->regime,
				      .vmid = w->s->vmid,
				      .asid = w->s->asid,
				      .start = w->address & ~low_bits(bits),
				      .bits = bits,
				      .output = w->seen[i].descriptor,
				      .level = level,
				      .granule_bits = w->config->granule_bits,
				      .pa = w->seen[i].pa};

		if (!w->seen[i].cached) {
			tlb_insert(w->f->m, &e);
		}
	}
}

static unsigned int allowed(const struct walk_result *r)
{
	return (r->readable ? ALLOW_READ : 0) | (r->writable ? ALLOW_WRITE : 0) | (r->executable ? ALLOW_EXECUTE : 0);
}

bool is_allowed(const struct translation *t, const struct want *want)
{
	unsigned int needed = want->execute ? ALLOW_EXECUTE : ALLOW_READ;

	return t->allows[want->privileged] & (want->write ? ALLOW_WRITE : needed);
}

static void other_privilege(struct walking *w, const struct walk_access *access, struct translation *t)
{
	struct walk_access other = *access;
	struct walk_result r;

	other.privileged = !access->privileged;
	w->replaying = true;
	walk(w->config, &other, read_descriptor, w, &r);
	t->allows[other.privileged] = allowed(&r);
}

static bool set_fault(struct fault *fault, enum event event, const struct walking *w, enum fault_class class)
{
	fault->event = event;
	fault->stage2 = w->table_kind == TABLE2;
	fault->class = class;
	fault->address = w->address;
	return false;
}

static bool explain(const struct walking *w, enum walk_fault reason, enum fault_class class)
{
	static const enum event events[] = {[WALK_TRANSLATION] = F_TRANSLATION,
					    [WALK_ADDRESS_SIZE] = F_ADDR_SIZE,
					    [WALK_ACCESS] = F_ACCESS,
					    [WALK_PERMISSION] = F_PERMISSION};

	if (w->nested_fault) {
		return false;
	}
	if (reason == WALK_EXTERNAL_ABORT) {
		set_fault(w->fault, F_WALK_EABT, w, w->table_kind == TABLE1 ? CLASS_TT : class);
		w->fault->address = w->seen[w->count].pa;
		return false;
	}
	return set_fault(w->fault, events[reason], w, class);
}

/* Aligned down to its size, but unaligned is a mistake. */
static void check_root(const struct walking *w)
{
	unsigned int bits = w->config->input_bits - level_bits(w->config, w->first_level) + 3;

	if (!w->f->fresh && (w->config->root & low_bits(bits))) {
		complain(w->f->m, "stream 0x%x: the stage %u table 0x%llx is not aligned to its size", w->s->sid,
			 w->config->stage, (unsigned long long)w->config->root);
	}
}

static bool do_walk(struct walking *w, uint64_t input, const struct want *want, struct translation *t,
		    enum fault_class class)
{
	struct walk_access access = {
		.address = input, .write = want->write, .privileged = want->privileged, .execute = want->execute};
	struct walk_result r;

	w->first_level = first_level(w->config);
	check_root(w);
	walk(w->config, &access, read_descriptor, w, &r);
	if (!w->f->fresh) {
		w->f->m->counters.walks++;
		cache_tables(w);
	}
	if (r.fault != WALK_OK && r.fault != WALK_PERMISSION) {
		return explain(w, r.fault, class);
	}
	*t = (struct translation){.output = r.output,
				  .bits = r.block_bits,
				  .global = w->table_kind == TABLE1 && !r.not_global,
				  .level = r.level,
				  .granule_bits = w->config->granule_bits};
	t->allows[want->privileged] = allowed(&r);
	other_privilege(w, &access, t);
	return true;
}

static void cache_leaf(const struct walking *w, enum tlb_kind kind, const struct translation *t)
{
	uint64_t start = w->address & ~low_bits(t->bits);
	struct tlb_entry e = {.kind = kind,
			      .regime = w->s->regime,
			      .vmid = w->s->vmid,
			      .asid = w->s->asid,
			      .global = t->global,
			      .start = start,
			      .bits = t->bits,
			      .output = t->output - (w->address - start),
			      .allows = {t->allows[0], t->allows[1]},
			      .level = t->level,
			      .granule_bits = t->granule_bits,
			      .pa = w->seen[w->count - 1].pa,
			      .stream = *w->s,
			      .config = *w->config};

	tlb_insert(w->f->m, &e);
}

static bool look_up(const struct fetch *f, const struct stream *s, enum tlb_kind kind, uint64_t address,
		    struct translation *t)
{
	struct tlb_key key = key_of(s, kind);
	struct tlb_entry *e = f->fresh ? NULL : tlb_find(f->m, &key, address, 0);

	if (!e) {
		return false;
	}
	f->m->counters.tlb_hits++;
	*t = (struct translation){.output = e->output + (address - e->start),
				  .bits = e->bits,
				  .allows = {e->allows[0], e->allows[1]},
				  .global = e->global,
				  .level = e->level,
				  .granule_bits = e->granule_bits};
	if (f->m->config.strict) {
		/* The second walk appends nothing: the entry stays in place. */
		check_entry(f->m, e);
	}
	return true;
}

static bool run_stage(struct walking *w, enum tlb_kind kind, uint64_t input, const struct want *want,
		      struct translation *t, enum fault_class class)
{
	if (!look_up(w->f, w->s, kind, w->address, t)) {
		if (!do_walk(w, input, want, t, class)) {
			return false;
		}
		if (!w->f->fresh) {
			cache_leaf(w, kind, t);
		}
	}
	return is_allowed(t, want) || set_fault(w->fault, F_PERMISSION, w, class);
}

bool stage2(const struct fetch *f, const struct stream *s, uint64_t ipa, const struct want *want,
	    enum fault_class class, struct translation *t, struct fault *fault)
{
	struct stream untagged = *s;
	struct walking w = {
		.f = f, .s = &untagged, .config = &s->two, .table_kind = TABLE2, .address = ipa, .fault = fault};

	untagged.asid = 0;
	return run_stage(&w, LEAF2, ipa, want, t, class);
}

/* Of one half of the VA space; false: walks are disabled. */
static bool half_config(const struct model *m, const struct stream *s, bool upper, struct walk_config *c)
{
	const uint64_t *cd = s->cd;
	unsigned int ips = address_bits(field(cd[0], 34, 32));

	*c = (struct walk_config){.stage = 1,
				  .granule_bits = granule_of(upper ? field(cd[0], 23, 22) : field(cd[0], 7, 6), upper),
				  .input_bits = 64 - (unsigned int)(upper ? field(cd[0], 21, 16) : field(cd[0], 5, 0)),
				  .output_bits = ips < oas(m) ? ips : oas(m),
				  .root = cd[upper ? 2 : 1] & low_bits(56) & ~low_bits(4),
				  .access_flag_faults = !field(cd[0], 35, 35) && !field(cd[0], 43, 43)};
	if (s->regime == EL2) {
		return !upper;
	}
	return !field(cd[0], upper ? 30 : 14, upper ? 30 : 14);
}

/* TBI: the top byte copies bit 55. */
static uint64_t without_tag(const struct stream *s, uint64_t va, bool upper)
{
	if (!field(s->cd[0], upper ? 39 : 38, upper ? 39 : 38)) {
		return va;
	}
	return upper ? va | 0xffULL << 56 : va & low_bits(56);
}

bool stage1(const struct fetch *f, const struct stream *s, uint64_t va, const struct want *want, struct translation *t,
	    struct fault *fault)
{
	bool upper = (va >> 55) & 1;
	uint64_t address = without_tag(s, va, upper), top;
	struct walk_config config;
	struct walking w = {
		.f = f, .s = s, .config = &config, .table_kind = TABLE1, .address = address, .fault = fault};
	struct want effective = *want;

	if (!half_config(f->m, s, upper, &config)) {
		return set_fault(fault, F_TRANSLATION, &w, CLASS_IN);
	}
	top = ~low_bits(config.input_bits);
	if ((address & top) != (upper ? top : 0)) {
		return set_fault(fault, F_TRANSLATION, &w, CLASS_IN);
	}
	effective.privileged = want->privileged && s->regime != EL2;
	return run_stage(&w, LEAF1, address & ~top, &effective, t, CLASS_IN);
}
