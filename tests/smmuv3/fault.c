/* SPDX-License-Identifier: BSD-2-Clause */
/* Faults by code: provoked, and reported correctly. */
#include <errno.h>
#include <string.h>

#include "base/store.h"
#include "judge.h"
#include "smmuv3/registers.h"

#define HOLE (JUDGE_IOVA + 0x100000)
#define NOT_MAPPED_IPA 0x11000000ULL /* Not mapped by a parent. */
#define PS_40_BITS 2U

/* The one event of a denied DMA, or NULL. */
static const struct smmuv3_event *event_of(struct judge *judge, uint64_t iova, unsigned int code)
{
	return judge_denied(judge, JUDGE_FIRST, iova, judge->page[0], code) ? judge_event(judge, JUDGE_FIRST) : NULL;
}

static void check_passes(struct judge *judge)
{
	judge_forget_events(judge);
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 0);
}

/* --- The stream table. --- */

static void f_02(struct judge *judge)
{
	unsigned int bits = 31U - (unsigned int)__builtin_clz(judge->sid[JUDGE_SECOND]);
	struct smmuv3 *smmu = judge->smmu;

	/* The table ends before the second device. */
	smmu->features.sid_bits = bits;
	CHECK(judge_register_instance(smmu, judge->sid, 1) == 0);
	CHECK(smmu->table.log2size == bits);
	CHECK(judge_denied(judge, JUDGE_SECOND, HOLE, judge->page[0], C_BAD_STREAMID));
	/* Without RECINVSID, no report. */
	judge_forget_events(judge);
	CHECK(smmuv3_pause(smmu) == 0);
	CHECK(smmuv3_write(smmu, SMMU_CR2, CR2_PTM) == 0);
	CHECK(smmuv3_resume(smmu) == 0);
	CHECK(!judge_writes(judge, JUDGE_SECOND, HOLE, judge->page[0]));
	CHECK(judge_event_count(judge, JUDGE_SECOND) == (judge->reports_all_streams ? 1 : 0));
}

static void f_02_span(struct judge *judge)
{
	if (!judge->smmu->features.two_level) {
		SKIP("this SMMU has linear stream tables only");
	}
	CHECK(judge_register_instance(judge->smmu, judge->sid, 1) == 0);
	CHECK(judge_denied(judge, JUDGE_SECOND, HOLE, judge->page[0], C_BAD_STREAMID));
}

static int put_descriptor(struct judge *judge, uint64_t value)
{
	struct smmuv3_stream_table *table = &judge->smmu->table;
	uint64_t *descriptor = &table->level1[judge->sid[JUDGE_FIRST] >> table->split];
	struct command cfgi = smmuv3_command_cfgi_ste(judge->sid[JUDGE_FIRST]);

	store64(descriptor, value);
	smmuv3_publish(judge->smmu, descriptor, sizeof(*descriptor));
	return smmuv3_issue(judge->smmu, &cfgi, 1);
}

static void f_03(struct judge *judge)
{
	struct smmuv3_stream_table *table = &judge->smmu->table;
	const struct smmuv3_event *event;
	uint64_t entry, before;

	CHECK(judge_ready(judge));
	if (!table->two_level) {
		SKIP("this SMMU has linear stream tables only");
	}
	before = table->level1[judge->sid[JUDGE_FIRST] >> table->split];
	CHECK(put_descriptor(judge, judge->nowhere | (before & 0x1f)) == 0);
	event = event_of(judge, JUDGE_IOVA, F_STE_FETCH);
	CHECK(event);
	entry = judge->nowhere + (judge->sid[JUDGE_FIRST] & ((1U << table->split) - 1)) * sizeof(struct ste);
	CHECK(event->fetch_address == entry);
	CHECK(put_descriptor(judge, before) == 0);
	check_passes(judge);
}

/* --- Stream table entries. --- */

static void check_bad_ste(struct judge *judge, const struct ste *ste)
{
	CHECK(judge_put_ste(judge, JUDGE_FIRST, ste) == 0);
	CHECK(event_of(judge, JUDGE_IOVA, C_BAD_STE));
	judge_expect_complaint(judge, "is ILLEGAL");
}

static void f_04_v(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	struct ste ste;

	CHECK(domain);
	smmuv3_ste_of(judge->smmu, domain, &ste);
	ste.dword[0] &= ~STE0_V;
	GO_ON(check_bad_ste(judge, &ste));
	ste.dword[0] |= STE0_V;
	CHECK(judge_put_ste(judge, JUDGE_FIRST, &ste) == 0);
	check_passes(judge);
}

static void f_04_cdmax(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	struct ste ste;

	CHECK(domain);
	smmuv3_ste_of(judge->smmu, domain, &ste);
	ste.dword[0] |= FIELD_PUT64(STE0_S1CDMAX, judge->no_ssid ? 1 : 31);
	if (judge->no_ssid && !judge->cdmax_without_ssid) {
		/* Ignored without substreams. */
		CHECK(judge_put_ste(judge, JUDGE_FIRST, &ste) == 0);
		GO_ON(check_passes(judge));
		return;
	}
	check_bad_ste(judge, &ste);
}

static void f_04_stalld(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	struct ste ste;

	CHECK(domain);
	smmuv3_ste_of(judge->smmu, domain, &ste);
	ste.dword[1] |= STE1_S1STALLD;
	if (judge->smmu->features.stall_model == IDR0_STALL_MODEL_BOTH) {
		CHECK(judge_put_ste(judge, JUDGE_FIRST, &ste) == 0);
		GO_ON(check_passes(judge));
		return;
	}
	check_bad_ste(judge, &ste);
}

static void f_04_stage(struct judge *judge)
{
	bool one = judge->smmu->features.stage1;
	struct smmuv3_domain *domain = judge_ready(judge);
	struct ste ste;

	CHECK(domain);
	if (judge_has(judge, SMMUV3_NESTED)) {
		SKIP("this SMMU has both stages");
	}
	smmuv3_ste_of(judge->smmu, domain, &ste);
	ste.dword[0] = (ste.dword[0] & ~FIELD_MASK(STE0_CONFIG)) |
		       FIELD_PUT64(STE0_CONFIG, one ? STE0_CONFIG_S2 : STE0_CONFIG_S1);
	if (one) {
		/* Whole: an emulator may check its size first. */
		ste.dword[2] = 1 | 25ULL << 32 | 1ULL << 38 | 4ULL << 48 | STE2_S2AA64 | STE2_S2R;
		ste.dword[3] = pgtable_root(&domain->table);
	}
	check_bad_ste(judge, &ste);
}

/* --- Substreams. --- */

/* Two contexts, the first the domain's. */
static bool put_two_contexts(struct judge *judge, unsigned int s1dss)
{
	struct smmuv3_domain *domain = NULL;
	struct ste ste;
	struct cd cd;

	while (!domain || domain->asid % 2) {
		domain = judge_domain(judge, SMMUV3_STAGE1);
		if (!domain) {
			return false;
		}
	}
	smmuv3_cd_of(judge->smmu, domain, &cd);
	smmuv3_install_cd(judge->smmu, domain->asid + 1, &cd);
	smmuv3_ste_of(judge->smmu, domain, &ste);
	ste.dword[0] |= FIELD_PUT64(STE0_S1CDMAX, 1);
	ste.dword[1] |= FIELD_PUT64(STE1_S1DSS, s1dss);
	return judge_map(domain, JUDGE_IOVA, judge->page[0], PAGE_SIZE, PGTABLE_READ | PGTABLE_WRITE) == 0 &&
	       judge_put_ste(judge, JUDGE_FIRST, &ste) == 0;
}

static enum model_outcome reach(struct judge *judge, uint32_t ssid)
{
	const struct model_access access = {
		.sid = judge->sid[JUDGE_FIRST],
		.ssid_valid = true,
		.ssid = ssid,
		.address = JUDGE_IOVA,
		.write = true,
	};

	return judge->model->dma(judge->model->it, &access, NULL, NULL);
}

static void f_06(struct judge *judge)
{
	if (judge->no_ssid) {
		SKIP("this SMMU has no substreams");
	}
	CHECK(judge_register(judge) == 0);
	CHECK(put_two_contexts(judge, 0));
	CHECK(event_of(judge, JUDGE_IOVA, F_STREAM_DISABLED));
	CHECK(reach(judge, 1) == MODEL_PASSED);
	/* S1DSS 2: without substream, context 0. */
	CHECK(put_two_contexts(judge, 2));
	check_passes(judge);
}

static void f_08(struct judge *judge)
{
	if (judge->no_ssid) {
		SKIP("this SMMU has no substreams");
	}
	CHECK(judge_register(judge) == 0);
	CHECK(put_two_contexts(judge, 2));
	judge_forget_events(judge);
	CHECK(reach(judge, 2) != MODEL_PASSED);
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 1);
	CHECK(judge->event[0].code == C_BAD_SUBSTREAMID && judge->event[0].has_ssid && judge->event[0].ssid == 2);
	CHECK(reach(judge, 1) == MODEL_PASSED);
}

/* --- Context descriptors. --- */

static void f_09(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	uint32_t sid = judge->sid[JUDGE_FIRST];
	const struct smmuv3_event *event;

	CHECK(domain);
	CHECK(smmuv3_damage(&domain->domain, sid, JUDGE_IOVA, judge->nowhere, SMMUV3_DAMAGE_CD_POINTER) == 0);
	event = event_of(judge, JUDGE_IOVA, F_CD_FETCH);
	CHECK(event);
	CHECK((judge->cd_fetch_in_dword2 ? event->address : event->fetch_address) == judge->nowhere);
	CHECK(smmuv3_mend(&domain->domain, sid, JUDGE_IOVA, SMMUV3_DAMAGE_CD_POINTER) == 0);
	check_passes(judge);
}

/* Its address is stage 2's, and not mapped. */
static void f_09_nested(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	const struct smmuv3_event *event;
	struct ste ste;

	CHECK(domain);
	smmuv3_ste_of(judge->smmu, domain, &ste);
	ste.dword[0] = (ste.dword[0] & ~STE0_S1CONTEXTPTR_MASK) | NOT_MAPPED_IPA;
	CHECK(judge_put_ste(judge, JUDGE_FIRST, &ste) == 0);
	event = event_of(judge, JUDGE_IOVA, F_TRANSLATION);
	CHECK(event);
	CHECK(event->stage2 && event->class == EVENT_CLASS_CD);
	CHECK((event->fetch_address & ~0xfffULL) == NOT_MAPPED_IPA);
}

static void check_bad_cd(struct judge *judge, struct smmuv3_domain *domain, uint64_t clear, uint64_t set)
{
	struct cd cd;

	smmuv3_cd_of(judge->smmu, domain, &cd);
	cd.dword[0] = (cd.dword[0] & ~clear) | set;
	CHECK(judge_put_cd(judge, domain, JUDGE_FIRST, &cd) == 0);
	CHECK(event_of(judge, JUDGE_IOVA, C_BAD_CD));
	judge_expect_complaint(judge, "is ILLEGAL");
	smmuv3_cd_of(judge->smmu, domain, &cd);
	CHECK(judge_put_cd(judge, domain, JUDGE_FIRST, &cd) == 0);
	check_passes(judge);
}

static void f_0a_v(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);

	CHECK(domain);
	check_bad_cd(judge, domain, CD0_V, 0);
}

static void f_0a_a(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);

	CHECK(domain);
	if (!(smmuv3_read(judge->smmu, SMMU_IDR0) & BIT32(26))) {
		SKIP("this SMMU can terminate without an abort (IDR0.TERM_MODEL)");
	}
	check_bad_cd(judge, domain, CD0_A, 0);
}

static void f_0a_s(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);

	CHECK(domain);
	if (judge->smmu->features.stall_model == IDR0_STALL_MODEL_BOTH) {
		SKIP("this SMMU can stall (IDR0.STALL_MODEL)");
	}
	check_bad_cd(judge, domain, 0, CD0_S);
}

static void f_0a_t0sz(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);

	CHECK(domain);
	GO_ON(check_bad_cd(judge, domain, FIELD_MASK(CD0_T0SZ), 15));
	GO_ON(check_bad_cd(judge, domain, FIELD_MASK(CD0_T0SZ), 40));
}

/* --- Translation. --- */

static void f_0b(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	uint32_t sid = judge->sid[JUDGE_FIRST];
	const struct smmuv3_event *event;
	uint64_t entry = judge->nowhere + (JUDGE_IOVA >> domain->table.root_shift) * 8;

	CHECK(domain);
	CHECK(smmuv3_damage(&domain->domain, sid, JUDGE_IOVA, judge->nowhere, SMMUV3_DAMAGE_TABLE) == 0);
	event = event_of(judge, JUDGE_IOVA, F_WALK_EABT);
	CHECK(event);
	CHECK(event->address == JUDGE_IOVA && event->fetch_address == entry);
	/* Stage 2's class: the input. */
	CHECK(judge->kind == SMMUV3_STAGE1 ? event->class == EVENT_CLASS_TT :
					     judge->no_class || event->class == EVENT_CLASS_IN);
	CHECK(smmuv3_mend(&domain->domain, sid, JUDGE_IOVA, SMMUV3_DAMAGE_TABLE) == 0);
	check_passes(judge);
}

static bool tells(const struct judge *judge, const struct smmuv3_event *event, uint64_t iova, bool write)
{
	return event->address == iova && event->write == write && event->stage2 == (judge->kind == SMMUV3_STAGE2) &&
	       (judge->no_class || event->class == EVENT_CLASS_IN) && !event->stalled && !event->has_ssid;
}

static void f_10(struct judge *judge)
{
	const struct smmuv3_event *event;

	CHECK(judge_ready(judge));
	event = event_of(judge, HOLE + 0x124, F_TRANSLATION);
	CHECK(event && tells(judge, event, HOLE + 0x124, true));
	judge_forget_events(judge);
	judge->fetch(judge, JUDGE_FIRST, HOLE + 0x128, 4);
	event = judge_event(judge, JUDGE_FIRST);
	CHECK(event && event->code == F_TRANSLATION && tells(judge, event, HOLE + 0x128, false));
	check_passes(judge);
}

static void f_10_beyond(struct judge *judge)
{
	struct smmuv3_domain_config config = {.granule_bits = 12};
	struct smmuv3_domain *domain;
	uint64_t beyond;

	CHECK(judge_register(judge) == 0);
	domain = judge_domain(judge, judge->kind); /* Makes the parent, if any. */
	config.kind = judge->kind;
	config.parent = judge->kind == SMMUV3_NESTED ? judge->parent : NULL;
	config.input_bits = judge->kind == SMMUV3_STAGE2 ? 32 : 28;
	beyond = 1ULL << config.input_bits;
	if (beyond >> 32 && judge->emits_32_bits) {
		SKIP("no device here emits an address beyond 32 bits, and no stage 2 is smaller");
	}
	CHECK(domain && smmuv3_domain_make(judge->smmu, &config, &domain) == 0);
	CHECK(judge_map(domain, JUDGE_IOVA, judge->page[0], PAGE_SIZE, PGTABLE_READ | PGTABLE_WRITE) == 0);
	CHECK(judge_attach(judge, JUDGE_FIRST, domain) == 0);
	GO_ON(check_passes(judge));
	CHECK(event_of(judge, beyond + JUDGE_IOVA, F_TRANSLATION));
	CHECK(event_of(judge, beyond, F_TRANSLATION));
}

static void f_10_upper(struct judge *judge)
{
	CHECK(judge_ready(judge));
	if (judge->emits_32_bits) {
		SKIP("no device here emits an address beyond 32 bits");
	}
	/* EPD1: the upper half has no table. */
	CHECK(event_of(judge, 0xffff000000000000ULL | JUDGE_IOVA, F_TRANSLATION));
	CHECK(event_of(judge, 0xfffffffffffff000ULL, F_TRANSLATION));
	check_passes(judge);
}

/* Stage 2 does not map stage 1's output. */
static void f_10_nested(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	const struct smmuv3_event *event;

	CHECK(domain);
	CHECK(smmuv3_domain_map(&domain->domain, HOLE, NOT_MAPPED_IPA, PAGE_SIZE, PGTABLE_READ | PGTABLE_WRITE) == 0);
	event = event_of(judge, HOLE + 0x40, F_TRANSLATION);
	CHECK(event);
	CHECK(event->stage2 && event->address == HOLE + 0x40);
	CHECK((event->fetch_address & ~0xfffULL) == NOT_MAPPED_IPA);
	CHECK(judge->no_class || event->class == EVENT_CLASS_IN);
	check_passes(judge);
}

/* Stage 2 does not map stage 1's tables. */
static void f_10_tables(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	const struct smmuv3_event *event;
	struct cd cd;

	CHECK(domain);
	smmuv3_cd_of(judge->smmu, domain, &cd);
	cd.dword[1] = NOT_MAPPED_IPA;
	CHECK(judge_put_cd(judge, domain, JUDGE_FIRST, &cd) == 0);
	event = event_of(judge, JUDGE_IOVA, F_TRANSLATION);
	CHECK(event);
	CHECK(event->stage2 && event->class == EVENT_CLASS_TT);
	CHECK((event->fetch_address & ~0xfffULL) == NOT_MAPPED_IPA);
}

/* 40 bits of output, and a page beyond. */
static bool shrink_output(struct judge *judge, struct smmuv3_domain *domain)
{
	uint64_t *leaf = pgtable_leaf(&domain->table, JUDGE_IOVA);
	struct ste ste;
	struct cd cd;

	store64(leaf, *leaf | BIT64(42));
	smmuv3_publish(judge->smmu, leaf, sizeof(*leaf));
	smmuv3_ste_of(judge->smmu, domain, &ste);
	smmuv3_cd_of(judge->smmu, domain, &cd);
	if (domain->kind == SMMUV3_STAGE2) {
		ste.dword[2] = (ste.dword[2] & ~FIELD_MASK(STE2_S2PS)) | FIELD_PUT64(STE2_S2PS, PS_40_BITS);
		return judge_put_ste(judge, JUDGE_FIRST, &ste) == 0;
	}
	cd.dword[0] = (cd.dword[0] & ~FIELD_MASK(CD0_IPS)) | FIELD_PUT64(CD0_IPS, PS_40_BITS);
	return judge_put_cd(judge, domain, JUDGE_FIRST, &cd) == 0;
}

static void f_11(struct judge *judge)
{
	/* Stage 2's input is no wider than its output. */
	struct smmuv3_domain_config config = {.kind = judge->kind, .granule_bits = 12, .input_bits = 40};
	struct smmuv3_domain *domain;
	const struct smmuv3_event *event;

	CHECK(judge_register(judge) == 0);
	if (judge->smmu->features.output_bits < 44) {
		SKIP("this SMMU's addresses are not larger than the size that this sets");
	}
	CHECK(smmuv3_domain_make(judge->smmu, &config, &domain) == 0);
	CHECK(judge_map(domain, JUDGE_IOVA, judge->page[0], PAGE_SIZE, PGTABLE_READ | PGTABLE_WRITE) == 0);
	CHECK(judge_attach(judge, JUDGE_FIRST, domain) == 0);
	CHECK(shrink_output(judge, domain));
	if (judge->no_output_size_fault) {
		CHECK(!judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
		CHECK(judge_event_count(judge, JUDGE_FIRST) == 0);
		return;
	}
	event = event_of(judge, JUDGE_IOVA, F_ADDR_SIZE);
	CHECK(event && tells(judge, event, JUDGE_IOVA, true));
}

static void f_11_damage(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	uint32_t sid = judge->sid[JUDGE_FIRST];
	int error;

	CHECK(domain);
	error = smmuv3_damage(&domain->domain, sid, JUDGE_IOVA, judge->nowhere, SMMUV3_DAMAGE_OUTPUT_SIZE);
	if (error == -ENOTSUP) {
		CHECK(domain->table.format.output_bits == 48);
		SKIP("this SMMU gives out every address that a descriptor holds");
	}
	CHECK(error == 0);
	CHECK(!judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	CHECK(judge_event_count(judge, JUDGE_FIRST) == (judge->no_output_size_fault ? 0 : 1));
	CHECK(judge->no_output_size_fault || judge->event[0].code == F_ADDR_SIZE);
	CHECK(smmuv3_mend(&domain->domain, sid, JUDGE_IOVA, SMMUV3_DAMAGE_OUTPUT_SIZE) == 0);
	check_passes(judge);
}

static void f_12(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	uint32_t sid = judge->sid[JUDGE_FIRST];
	const struct smmuv3_event *event;

	CHECK(domain);
	GO_ON(check_passes(judge));
	CHECK(smmuv3_damage(&domain->domain, sid, JUDGE_IOVA, judge->nowhere, SMMUV3_DAMAGE_ACCESS_FLAG) == 0);
	if (judge->no_access_fault) {
		GO_ON(check_passes(judge));
	} else {
		event = event_of(judge, JUDGE_IOVA, F_ACCESS);
		CHECK(event && tells(judge, event, JUDGE_IOVA, true));
	}
	CHECK(smmuv3_mend(&domain->domain, sid, JUDGE_IOVA, SMMUV3_DAMAGE_ACCESS_FLAG) == 0);
	check_passes(judge);
}

/* Written before and after it is in a TLB. */
static void f_13(struct judge *judge)
{
	uint64_t iova = JUDGE_IOVA + PAGE_SIZE;
	const struct smmuv3_event *event;

	CHECK(judge_ready(judge));
	for (unsigned int round = 0; round < 2; round++) {
		if (round == 1 && judge->kind == SMMUV3_STAGE2 && judge->silent_warm_permission) {
			CHECK(!judge_writes(judge, JUDGE_FIRST, iova, judge->page[1]));
			CHECK(judge_event_count(judge, JUDGE_FIRST) == 0);
			continue;
		}
		CHECK(judge_denied(judge, JUDGE_FIRST, iova, judge->page[1], F_PERMISSION));
		event = judge_event(judge, JUDGE_FIRST);
		CHECK(event && tells(judge, event, iova, true));
		judge_forget_events(judge);
		CHECK(judge_reads(judge, JUDGE_FIRST, iova + 64, judge->page[1], JUDGE_IOVA, judge->page[0]));
		CHECK(judge_event_count(judge, JUDGE_FIRST) == 0);
	}
}

/* --- What is not reported, and what does not end by itself. --- */

static void f_r0(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	struct ste ste;
	struct cd cd;

	CHECK(domain);
	smmuv3_ste_of(judge->smmu, domain, &ste);
	smmuv3_cd_of(judge->smmu, domain, &cd);
	ste.dword[2] &= ~STE2_S2R;
	cd.dword[0] &= ~CD0_R;
	if (judge->kind == SMMUV3_STAGE2) {
		CHECK(judge_put_ste(judge, JUDGE_FIRST, &ste) == 0);
	} else {
		CHECK(judge_put_cd(judge, domain, JUDGE_FIRST, &cd) == 0);
	}
	CHECK(!judge_writes(judge, JUDGE_FIRST, HOLE, judge->page[2]));
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 0);
	check_passes(judge);
}

static void f_decode(struct judge *judge)
{
	static const unsigned char codes[] = {F_UUT,	      F_BAD_ATS_TREQ, F_TRANSL_FORBIDDEN, F_TLB_CONFLICT,
					      F_CFG_CONFLICT, E_PAGE_REQUEST, F_VMS_FETCH,	  0x7f};

	CHECK(judge_ready(judge));
	if (!judge->model) {
		SKIP("nothing makes QEMU report these");
	}
	for (size_t i = 0; i < sizeof(codes); i++) {
		const uint64_t record[4] = {codes[i] | 0x4321ULL << 32, ~0ULL >> i, ~0ULL, ~0ULL};

		judge_forget_events(judge);
		judge->model->inject_event(judge->model->it, record);
		smmuv3_poll_events(judge->smmu);
		CHECK(judge->event_count == 1);
		CHECK(judge->event[0].code == codes[i] && judge->event[0].sid == 0x4321 && !judge->event[0].stalled);
		CHECK(smmuv3_event_cause(codes[i])[0]);
		CHECK((strcmp(smmuv3_event_name(codes[i]), "unknown") == 0) == (codes[i] == 0x7f));
	}
	CHECK(judge->smmu->counts.resumed == 0);
	check_passes(judge);
}

/* The driver ends a stalled transaction: none is left. */
static void f_stall(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	struct ste ste;
	struct cd cd;

	CHECK(domain);
	if (judge->smmu->features.stall_model != IDR0_STALL_MODEL_BOTH || !judge->model) {
		SKIP("this SMMU does not stall");
	}
	smmuv3_ste_of(judge->smmu, domain, &ste);
	smmuv3_cd_of(judge->smmu, domain, &cd);
	ste.dword[1] &= ~STE1_S1STALLD;
	ste.dword[2] |= judge->kind == SMMUV3_STAGE2 ? STE2_S2S : 0;
	cd.dword[0] |= CD0_S;
	CHECK(judge_put_ste(judge, JUDGE_FIRST, &ste) == 0);
	CHECK(judge->kind == SMMUV3_STAGE2 || judge_put_cd(judge, domain, JUDGE_FIRST, &cd) == 0);
	for (unsigned int i = 0; i < 3; i++) {
		CHECK(!judge_writes(judge, JUDGE_FIRST, HOLE + i * PAGE_SIZE, judge->page[2]));
	}
	CHECK(judge->model->stall_count(judge->model->it) == 3);
	judge_mark(judge);
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 3 && judge->event[0].stalled);
	CHECK(judge_count(judge, CMD_RESUME) == 3);
	CHECK(judge->model->stall_count(judge->model->it) == 0);
	CHECK(judge->smmu->counts.resumed == 3);
	check_passes(judge);
}

static const struct judge_test tests[] = {
	{"F-02 C_BAD_STREAMID: beyond the table", f_02, JUDGE_ANY},
	{"F-02 C_BAD_STREAMID: a part that is empty", f_02_span, JUDGE_ANY},
	{"F-03 F_STE_FETCH", f_03, JUDGE_ANY},
	{"F-04 C_BAD_STE: V = 0", f_04_v, JUDGE_ALL},
	{"F-04 C_BAD_STE: S1CDMax", f_04_cdmax, JUDGE_STAGE1},
	{"F-04 C_BAD_STE: S1STALLD", f_04_stalld, JUDGE_STAGE1},
	{"F-04 C_BAD_STE: a stage that is not there", f_04_stage, JUDGE_ANY},
	{"F-06 F_STREAM_DISABLED", f_06, JUDGE_STAGE1},
	{"F-08 C_BAD_SUBSTREAMID", f_08, JUDGE_STAGE1},
	{"F-09 F_CD_FETCH", f_09, JUDGE_STAGE1},
	{"F-09 a context that stage 2 does not map", f_09_nested, JUDGE_NESTED},
	{"F-0A C_BAD_CD: V = 0", f_0a_v, JUDGE_STAGE1 | JUDGE_NESTED},
	{"F-0A C_BAD_CD: A = 0", f_0a_a, JUDGE_STAGE1},
	{"F-0A C_BAD_CD: S = 1", f_0a_s, JUDGE_STAGE1},
	{"F-0A C_BAD_CD: T0SZ of 15 and 40", f_0a_t0sz, JUDGE_STAGE1 | JUDGE_NESTED},
	{"F-0B F_WALK_EABT", f_0b, JUDGE_STAGE1 | JUDGE_STAGE2},
	{"F-10 F_TRANSLATION: a hole, written and read", f_10, JUDGE_ALL},
	{"F-10 F_TRANSLATION: beyond T0SZ", f_10_beyond, JUDGE_ALL},
	{"F-10 F_TRANSLATION: the upper half", f_10_upper, JUDGE_STAGE1 | JUDGE_NESTED},
	{"F-10 F_TRANSLATION: of stage 2 below stage 1", f_10_nested, JUDGE_NESTED},
	{"F-10 F_TRANSLATION: a table that stage 2 does not map", f_10_tables, JUDGE_NESTED},
	{"F-11 F_ADDR_SIZE: beyond IPS", f_11, JUDGE_STAGE1 | JUDGE_STAGE2},
	{"F-11 F_ADDR_SIZE: beyond OAS", f_11_damage, JUDGE_STAGE1 | JUDGE_STAGE2},
	{"F-12 F_ACCESS", f_12, JUDGE_STAGE1 | JUDGE_STAGE2},
	{"F-13 F_PERMISSION: cold and warm", f_13, JUDGE_ALL},
	{"F-R0 what is not to be recorded", f_r0, JUDGE_ALL},
	{"F-UUT and others that are told in words", f_decode, JUDGE_ANY},
	{"F-STALL what stalls is ended", f_stall, JUDGE_ALL},
};

const struct judge_chapter judge_fault = {tests, sizeof(tests) / sizeof(tests[0])};
