/* SPDX-License-Identifier: BSD-2-Clause */
/* A transaction's outcome and record. */
#include <string.h>

#include "state.h"

#define GBPA_ABORT (1U << 20)
#define CONFIG_BYPASS 4U

struct transaction {
	struct model *m;
	const struct model_access *access;
	struct stream stream;
	struct want want;
	struct fault fault;
	bool has_cd;
	size_t stall;
};

static enum model_outcome bypass_all(const struct model *m, const struct model_access *access, uint64_t *pa)
{
	if ((m->reg[R_GBPA / 4] & GBPA_ABORT) || access->address > low_bits(oas(m))) {
		return MODEL_ABORTED;
	}
	*pa = access->address;
	return MODEL_PASSED;
}

static bool is_translation_related(enum event event)
{
	return event >= F_TRANSLATION && event <= F_PERMISSION;
}

/* By CD.A, R, S or stage 2's; without them, aborted and recorded. */
static enum model_outcome fault_by_policy(struct transaction *t, const uint64_t record[4])
{
	const struct stream *s = &t->stream;
	bool by_cd = !t->fault.stage2 && t->has_cd, by_ste = t->fault.stage2;
	bool stalls = by_cd ? field(s->cd[0], 44, 44) : by_ste && field(s->ste[2], 57, 57);
	bool records = by_cd ? field(s->cd[0], 45, 45) : !by_ste || field(s->ste[2], 58, 58);
	bool aborts = !by_cd || field(s->cd[0], 46, 46);

	if (stalls) {
		return stall(t->m, t->access, record, t->stall);
	}
	if (records) {
		record_event(t->m, record, false);
	}
	return aborts ? MODEL_ABORTED : MODEL_TERMINATED;
}

static enum model_outcome fail(struct transaction *t)
{
	uint64_t record[4];

	make_record(t->access, &t->want, &t->fault, record);
	if (is_translation_related(t->fault.event)) {
		return fault_by_policy(t, record);
	}
	if (t->fault.event != C_BAD_STREAMID || (t->m->reg[R_CR2 / 4] & 2)) {
		record_event(t->m, record, false);
	}
	return MODEL_ABORTED;
}

/* STE.PRIVCFG and STE.INSTCFG, where implemented. */
static void override(struct transaction *t)
{
	uint64_t priv = field(t->stream.ste[1], 49, 48), inst = field(t->stream.ste[1], 51, 50);

	if (!field(t->m->config.idr[1], 26, 26)) {
		return;
	}
	t->want.privileged = priv >= 2 ? priv == 3 : t->want.privileged;
	t->want.execute = inst >= 2 ? inst == 3 && !t->want.write : t->want.execute;
}

static void set_stage2(const struct model *m, struct stream *s)
{
	uint64_t tg = field(s->ste[2], 47, 46), sl0 = field(s->ste[2], 39, 38);
	unsigned int ps = address_bits(field(s->ste[2], 50, 48));

	s->two = (struct walk_config){.stage = 2,
				      .granule_bits = granule_of(tg, false),
				      .input_bits = 64 - (unsigned int)field(s->ste[2], 37, 32),
				      .output_bits = ps < oas(m) ? ps : oas(m),
				      .start_level = (tg == 0 ? 2 : 3) - (unsigned int)sl0,
				      .root = s->ste[3] & low_bits(56) & ~low_bits(4),
				      .access_flag_faults = !field(s->ste[2], 53, 53) && !field(s->ste[2], 56, 56)};
}

void set_stream(const struct model *m, struct stream *s, uint32_t sid, const uint64_t ste[8])
{
	unsigned int config = (unsigned int)field(ste[0], 3, 1);

	memset(s, 0, sizeof(*s));
	memcpy(s->ste, ste, sizeof(s->ste));
	s->sid = sid;
	s->stage1 = config > CONFIG_BYPASS && (config & 1);
	s->stage2 = config > CONFIG_BYPASS && (config & 2);
	s->regime = regime_of(m, ste);
	s->vmid = (idr0(m) & IDR0_S2P) && s->regime == EL1 ? (uint16_t)ste[2] : 0;
	if (s->stage2) {
		set_stage2(m, s);
	}
}

static bool refuse(struct fault *fault, enum event event)
{
	fault->event = event;
	return false;
}

/* Its CD, or that stage 1 is skipped. */
static bool choose_substream(const struct model *m, const struct model_access *access, struct stream *s, uint32_t *ssid,
			     struct fault *fault)
{
	uint64_t ssid_bits = field(m->config.idr[1], 10, 6);
	uint64_t cd_max = ssid_bits ? field(s->ste[0], 63, 59) : 0, s1dss = s->ste[1] & 3;

	*ssid = access->ssid_valid ? access->ssid : 0;
	if (access->ssid_valid && (!s->stage1 || !cd_max || access->ssid >> cd_max)) {
		return refuse(fault, C_BAD_SUBSTREAMID);
	}
	if (!s->stage1 || !cd_max) {
		return true;
	}
	if (access->ssid_valid) {
		return s1dss != 2 || access->ssid || refuse(fault, F_STREAM_DISABLED);
	}
	if (s1dss == 1) {
		s->stage1 = false;
		return true;
	}
	return s1dss == 2 || refuse(fault, F_STREAM_DISABLED);
}

static bool configure(struct transaction *t, const struct fetch *f)
{
	struct stream *s = &t->stream;
	uint32_t ssid;

	if (!choose_substream(t->m, t->access, s, &ssid, &t->fault)) {
		return false;
	}
	if (!s->stage1) {
		return true;
	}
	if (!find_cd(f, s, ssid, s->cd, &t->fault)) {
		return false;
	}
	t->has_cd = true;
	s->asid = s->regime == EL2 ? 0 : (uint16_t)field(s->cd[0], 63, 48);
	return true;
}

static bool use_combined(const struct fetch *f, struct transaction *t, uint64_t *pa)
{
	const struct stream *s = &t->stream;
	struct tlb_key key = {.kind = LEAF12, .regime = s->regime, .vmid = s->vmid, .asid = s->asid};
	struct tlb_entry *e = tlb_find(f->m, &key, t->access->address, 0);
	struct translation found;

	if (!e) {
		return false;
	}
	found = (struct translation){.allows = {e->allows[0], e->allows[1]}};
	*pa = e->output + (t->access->address - e->start);
	if (!is_allowed(&found, &t->want)) {
		return false;
	}
	f->m->counters.tlb_hits++;
	if (f->m->config.strict) {
		check_entry(f->m, e);
	}
	return true;
}

static void combine(const struct fetch *f, const struct transaction *t, const struct translation *one,
		    const struct translation *two)
{
	unsigned int bits = one->bits < two->bits ? one->bits : two->bits;
	uint64_t start = t->access->address & ~low_bits(bits);
	struct tlb_entry e = {.kind = LEAF12,
			      .regime = t->stream.regime,
			      .vmid = t->stream.vmid,
			      .asid = t->stream.asid,
			      .global = one->global,
			      .start = start,
			      .bits = bits,
			      .output = two->output & ~low_bits(bits),
			      .allows = {one->allows[0] & two->allows[0], one->allows[1] & two->allows[1]},
			      .level = one->level,
			      .granule_bits = one->granule_bits,
			      .stream = t->stream};

	tlb_insert(f->m, &e);
}

static bool translate(const struct fetch *f, struct transaction *t, uint64_t *pa)
{
	const struct stream *s = &t->stream;
	struct translation one = {.output = t->access->address}, two;

	if (s->stage1 && s->stage2 && use_combined(f, t, pa)) {
		return true;
	}
	if (!s->stage1 && t->access->address > low_bits(oas(t->m))) {
		t->fault = (struct fault){.event = F_ADDR_SIZE, .class = CLASS_IN};
		return false;
	}
	if (s->stage1 && !stage1(f, s, t->access->address, &t->want, &one, &t->fault)) {
		return false;
	}
	*pa = one.output;
	if (!s->stage2) {
		return true;
	}
	if (!stage2(f, s, one.output, &t->want, CLASS_IN, &two, &t->fault)) {
		return false;
	}
	*pa = two.output;
	if (s->stage1) {
		combine(f, t, &one, &two);
	}
	return true;
}

enum model_outcome transact(struct model *m, const struct model_access *access, uint64_t *pa, size_t stall_handle)
{
	struct transaction t = {.m = m, .access = access, .stall = stall_handle};
	struct fetch f = {.m = m};
	uint64_t ste[8];

	t.want = (struct want){
		.write = access->write, .privileged = access->privileged, .execute = access->execute && !access->write};
	if (m->sfm) {
		return MODEL_ABORTED;
	}
	if (!is_enabled(m, CR0_SMMUEN)) {
		return bypass_all(m, access, pa);
	}
	if (!find_ste(&f, access->sid, ste, &t.fault)) {
		return fail(&t);
	}
	if (field(ste[0], 3, 1) < CONFIG_BYPASS) {
		return MODEL_ABORTED;
	}
	set_stream(m, &t.stream, access->sid, ste);
	override(&t);
	if (!configure(&t, &f) || !translate(&f, &t, pa)) {
		return fail(&t);
	}
	return MODEL_PASSED;
}

enum model_outcome model_dma(struct model *model, const struct model_access *access, uint64_t *pa, size_t *stall_handle)
{
	uint64_t output = 0;
	size_t count = model->stall_count;
	enum model_outcome outcome;

	model->counters.transactions++;
	outcome = transact(model, access, &output, NO_STALL);
	if (pa) {
		*pa = output;
	}
	if (stall_handle && outcome == MODEL_STALLED) {
		*stall_handle = count;
	}
	return outcome;
}
