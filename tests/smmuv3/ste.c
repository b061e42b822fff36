/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * STEs change while the SMMU may read them. The model judges each image between two invalidations; hardware shows only
 * the result.
 */
#include <errno.h>
#include <string.h>

#include "judge.h"
#include "smmuv3/registers.h"

#define VALUES_MAX 6U
#define V 1ULL

/* --- Every image of an entry. --- */

struct meaning {
	enum model_view view;
	uint64_t used[4];
};

static struct {
	bool on;
	uint32_t sid;
	uint32_t spare;				/* Without a device: shows images to the model. */
	uint64_t value[STE_DWORDS][VALUES_MAX]; /* Each dword's values since the last SYNC. */
	unsigned int value_count[STE_DWORDS];
	uint64_t last[STE_DWORDS];    /* At the last barrier, */
	uint64_t rung_at[STE_DWORDS]; /* and doorbell. */
	bool rung;
	struct meaning old, target;
	bool torn, denied;
} look;

/* What counts in an entry (IHI 0070, 5.2). */
static struct meaning meaning_of(enum model_view view, const uint64_t *dword, bool has_stage2)
{
	struct meaning meaning = {.view = view};
	bool one = view == MODEL_VIEW_S1 || view == MODEL_VIEW_NESTED;
	bool two = view == MODEL_VIEW_S2 || view == MODEL_VIEW_NESTED;

	if (one) {
		meaning.used[0] = dword[0] & ~0xfULL;
		meaning.used[1] = dword[1] & 0xc8000ffULL;
	}
	if (one || two || view == MODEL_VIEW_BYPASS) {
		meaning.used[1] |= dword[1] & (3ULL << 44 | 3ULL << 28);
	}
	if (view == MODEL_VIEW_BYPASS) {
		meaning.used[1] = dword[1] & 3ULL << 44;
	}
	meaning.used[2] = two ? dword[2] : one && has_stage2 ? dword[2] & 0xffff : 0;
	meaning.used[3] = two ? dword[3] : 0;
	return meaning;
}

static bool same(const struct meaning *a, const struct meaning *b)
{
	return a->view == b->view && memcmp(a->used, b->used, sizeof(a->used)) == 0;
}

static struct meaning meaning_of_image(struct judge *judge, const uint64_t *image)
{
	struct ste *spare = smmuv3_stream_table_entry(judge->smmu, look.spare);
	enum model_view view;

	memcpy(spare->dword, image, sizeof(spare->dword));
	arch_cache_clean(spare, sizeof(*spare));
	view = judge->model->probe_ste(judge->model->it, look.spare, NULL, NULL);
	return meaning_of(view, image, judge->smmu->features.stage2);
}

static void judge_image(struct judge *judge, const uint64_t *image)
{
	struct meaning meaning = meaning_of_image(judge, image);

	if (meaning.view == MODEL_INVALID || meaning.view == MODEL_VIEW_ABORT) {
		look.denied = look.denied || (meaning.view != look.old.view && meaning.view != look.target.view);
	} else if (!same(&meaning, &look.old) && !same(&meaning, &look.target)) {
		look.torn = true;
	}
}

static void judge_mixtures(struct judge *judge)
{
	unsigned int pick[STE_DWORDS] = {0};
	uint64_t image[STE_DWORDS];
	unsigned int i;

	do {
		for (i = 0; i < STE_DWORDS; i++) {
			image[i] = look.value[i][pick[i]];
		}
		judge_image(judge, image);
		for (i = 0; i < STE_DWORDS && ++pick[i] == look.value_count[i]; i++) {
			pick[i] = 0;
		}
	} while (i < STE_DWORDS);
}

static void begin_with(const uint64_t *image)
{
	for (unsigned int i = 0; i < STE_DWORDS; i++) {
		look.value[i][0] = image[i];
		look.value_count[i] = 1;
	}
}

static void note_value(unsigned int i, uint64_t value)
{
	for (unsigned int k = 0; k < look.value_count[i]; k++) {
		if (look.value[i][k] == value) {
			return;
		}
	}
	if (look.value_count[i] == VALUES_MAX) {
		look.torn = true;
		return;
	}
	look.value[i][look.value_count[i]++] = value;
}

static bool all_consumed(const struct judge *judge)
{
	uint32_t prod = judge->model->peek32(judge->model->it, SMMU_CMDQ_PROD);
	uint32_t cons = judge->model->peek32(judge->model->it, SMMU_CMDQ_CONS);

	return !((prod ^ cons) & smmuv3_queue_mask(&judge->smmu->cmdq));
}

static void watch(struct judge *judge, bool rung)
{
	uint64_t now[STE_DWORDS];

	if (!look.on) {
		return;
	}
	(void)judge->model->probe_ste(judge->model->it, look.sid, now, NULL);
	if (rung) {
		memcpy(look.rung_at, now, sizeof(now));
		look.rung = true;
		return;
	}
	if (look.rung && all_consumed(judge)) {
		begin_with(look.rung_at);
		look.rung = false;
	}
	for (unsigned int i = 0; i < STE_DWORDS; i++) {
		note_value(i, now[i]);
	}
	memcpy(look.last, now, sizeof(now));
	judge_mixtures(judge);
}

static void look_begin(struct judge *judge, const struct ste *target)
{
	uint64_t now[STE_DWORDS];

	look.sid = judge->sid[JUDGE_FIRST];
	look.spare = look.sid + 1;
	(void)judge->model->probe_ste(judge->model->it, look.sid, now, NULL);
	look.old = meaning_of_image(judge, now);
	look.target = meaning_of_image(judge, target->dword);
	begin_with(now);
	memcpy(look.last, now, sizeof(now));
	look.rung = look.torn = look.denied = false;
	look.on = true;
	judge->model->watch = watch;
}

/* --- Transitions. --- */

/* SYNCs, and whether the stream is denied meanwhile. */
struct cost {
	unsigned int syncs;
	bool hitless;
};

/* Independent of the driver's view. */
static bool is_alike(const struct judge *judge, const struct ste *entry, const struct ste *target)
{
	static const enum model_view views[] = {
		[4] = MODEL_VIEW_BYPASS, MODEL_VIEW_S1, MODEL_VIEW_S2, MODEL_VIEW_NESTED};
	enum model_view view = views[target->dword[0] >> 1 & 7];
	struct meaning is = meaning_of(view, entry->dword, judge->smmu->features.stage2);
	struct meaning wanted = meaning_of(view, target->dword, judge->smmu->features.stage2);

	return !((entry->dword[0] ^ target->dword[0]) & 0xf) && same(&is, &wanted);
}

static void change(struct judge *judge, const struct ste *target, struct cost cost)
{
	int error;

	judge_mark(judge);
	if (judge->model) {
		look_begin(judge, target);
	}
	error = smmuv3_install_ste(judge->smmu, judge->sid[JUDGE_FIRST], target);
	look.on = false;
	CHECK(error == 0);
	CHECK(is_alike(judge, smmuv3_stream_table_entry(judge->smmu, judge->sid[JUDGE_FIRST]), target));
	CHECK(judge_count(judge, CMD_SYNC) == cost.syncs);
	CHECK(judge_count(judge, CMD_CFGI_STE) == cost.syncs);
	CHECK(!judge->model || !look.torn);
	CHECK(!judge->model || look.denied == !cost.hitless);
}

/* What this domain allows; all else is denied. */
static void check_works(struct judge *judge, enum smmuv3_domain_kind kind)
{
	uint64_t where = kind == SMMUV3_BYPASS ? arch_phys(judge->page[0]) : JUDGE_IOVA;

	judge_forget_events(judge);
	CHECK(judge_writes(judge, JUDGE_FIRST, where, judge->page[0]) == (kind != SMMUV3_ABORT));
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 0);
}

static struct smmuv3_domain *mapped_domain(struct judge *judge, enum smmuv3_domain_kind kind)
{
	struct smmuv3_domain *domain = judge_domain(judge, kind);
	bool translates = kind == SMMUV3_STAGE1 || kind == SMMUV3_STAGE2 || kind == SMMUV3_NESTED;

	if (domain && translates &&
	    judge_map(domain, JUDGE_IOVA, judge->page[0], PAGE_SIZE, PGTABLE_READ | PGTABLE_WRITE)) {
		return NULL;
	}
	return domain;
}

static void go_between(struct judge *judge, enum smmuv3_domain_kind a, enum smmuv3_domain_kind b, struct cost there,
		       struct cost back, struct cost again)
{
	struct smmuv3_domain *from, *to;
	struct ste first, second;

	CHECK(judge_register(judge) == 0);
	from = mapped_domain(judge, a);
	to = mapped_domain(judge, b);
	CHECK(from && to);
	CHECK(judge_attach(judge, JUDGE_FIRST, from) == 0);
	GO_ON(check_works(judge, a));
	smmuv3_ste_of(judge->smmu, from, &first);
	smmuv3_ste_of(judge->smmu, to, &second);
	GO_ON(change(judge, &second, there));
	GO_ON(check_works(judge, b));
	GO_ON(change(judge, &first, back));
	GO_ON(check_works(judge, a));
	GO_ON(change(judge, &second, again));
	GO_ON(check_works(judge, b));
}

static const struct cost one_step = {1, true}, two_steps = {2, true}, broken_up = {3, false};

/*
 * Leftovers stay where the present kind does not look: only what is new is prepared. What stage 1 and bypass look at is
 * there from the start.
 */
static void ste_01(struct judge *judge)
{
	go_between(judge, SMMUV3_ABORT, SMMUV3_BYPASS, one_step, one_step, one_step);
}

static void ste_02(struct judge *judge)
{
	go_between(judge, SMMUV3_ABORT, SMMUV3_STAGE1, one_step, one_step, one_step);
}

static void ste_03(struct judge *judge)
{
	go_between(judge, SMMUV3_BYPASS, SMMUV3_STAGE1, one_step, one_step, one_step);
}

static void ste_04(struct judge *judge)
{
	go_between(judge, SMMUV3_ABORT, SMMUV3_STAGE2, two_steps, one_step, one_step);
}

static void ste_05(struct judge *judge)
{
	go_between(judge, SMMUV3_BYPASS, SMMUV3_STAGE2, two_steps, one_step, one_step);
}

/* By hand: the driver's stage 1 has VMID 0, its stage 2 another. */
static void ste_06(struct judge *judge)
{
	struct smmuv3_domain *one, *two;
	struct ste first, second;

	if (!judge_has(judge, SMMUV3_NESTED)) {
		SKIP("this SMMU has one stage only");
	}
	CHECK(judge_register(judge) == 0);
	one = mapped_domain(judge, SMMUV3_STAGE1);
	two = mapped_domain(judge, SMMUV3_STAGE2);
	CHECK(one && two);
	smmuv3_ste_of(judge->smmu, one, &first);
	smmuv3_ste_of(judge->smmu, two, &second);
	first.dword[2] = FIELD_PUT64(STE2_S2VMID, two->vmid);
	CHECK(judge_put_ste(judge, JUDGE_FIRST, &first) == 0);
	GO_ON(check_works(judge, SMMUV3_STAGE1));
	GO_ON(change(judge, &second, two_steps));
	GO_ON(check_works(judge, SMMUV3_STAGE2));
	GO_ON(change(judge, &first, one_step));
	GO_ON(check_works(judge, SMMUV3_STAGE1));
}

static void ste_07(struct judge *judge)
{
	if (!judge_has(judge, SMMUV3_NESTED)) {
		SKIP("this SMMU has one stage only");
	}
	go_between(judge, SMMUV3_STAGE1, SMMUV3_STAGE2, broken_up, broken_up, broken_up);
}

static void ste_08(struct judge *judge)
{
	if (!judge_has(judge, SMMUV3_NESTED)) {
		SKIP("this SMMU has one stage only");
	}
	go_between(judge, SMMUV3_STAGE1, SMMUV3_NESTED, broken_up, broken_up, broken_up);
}

/* The same kind: one dword, one store. */
static void ste_09(struct judge *judge)
{
	go_between(judge, SMMUV3_STAGE1, SMMUV3_STAGE1, one_step, one_step, one_step);
}

static void ste_10(struct judge *judge)
{
	struct smmuv3_domain *domain;
	struct ste ste;
	const struct ste invalid = {.dword = {0}};

	CHECK(judge_register_bare(judge) == 0);
	domain = mapped_domain(judge, judge->kind);
	CHECK(domain);
	CHECK(judge_denied(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0], C_BAD_STE));
	smmuv3_ste_of(judge->smmu, domain, &ste);
	/* A blank entry already has stage 1's constant part. */
	GO_ON(change(judge, &ste, judge->kind == SMMUV3_STAGE1 ? one_step : two_steps));
	GO_ON(check_works(judge, judge->kind));
	/* By hand: the driver never clears V again. */
	CHECK(judge_put_ste(judge, JUDGE_FIRST, &invalid) == 0);
	CHECK(judge_denied(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0], C_BAD_STE));
	GO_ON(change(judge, &ste, two_steps));
	check_works(judge, judge->kind);
}

/* Both dwords are looked at: only V = 0 is between. */
static void ste_11(struct judge *judge)
{
	struct smmuv3_domain *one, *two;
	struct ste ste;

	CHECK(judge_register(judge) == 0);
	one = mapped_domain(judge, SMMUV3_STAGE1);
	two = mapped_domain(judge, SMMUV3_STAGE1);
	CHECK(one && two);
	CHECK(judge_attach(judge, JUDGE_FIRST, one) == 0);
	smmuv3_ste_of(judge->smmu, two, &ste);
	ste.dword[1] |= FIELD_PUT64(STE1_S1DSS, 1);
	GO_ON(change(judge, &ste, broken_up));
	check_works(judge, SMMUV3_STAGE1);
}

static void ste_12(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	struct ste ste;

	CHECK(domain);
	smmuv3_ste_of(judge->smmu, domain, &ste);
	judge_mark(judge);
	CHECK(smmuv3_install_ste(judge->smmu, judge->sid[JUDGE_FIRST], &ste) == 0);
	CHECK(judge_attach(judge, JUDGE_FIRST, domain) == 0);
	CHECK(judge_commands(judge) == 0);
	check_works(judge, judge->kind);
}

/* --- What is in memory when. --- */

static bool early; /* Pointed at before it was there. */
static uint64_t published[STE_DWORDS];
static uint32_t published_commands;

/* While the entry translates, context and page are in memory. Each doorbell has a barrier before it. */
static void watch_order(struct judge *judge, bool rung)
{
	uint64_t now[STE_DWORDS];
	uint32_t sid = judge->sid[JUDGE_FIRST];
	enum model_view view = judge->model->probe_ste(judge->model->it, sid, now, NULL);

	if (view == MODEL_VIEW_S1 && judge->model->probe_cd(judge->model->it, sid, 0, NULL, NULL) != MODEL_VIEW_CD) {
		early = true;
	}
	if (rung && (memcmp(now, published, sizeof(now)) != 0 || published_commands != judge->smmu->issued)) {
		early = true;
	}
	published_commands = judge->smmu->issued;
	memcpy(published, now, sizeof(now));
}

static void ste_13(struct judge *judge)
{
	struct smmuv3_domain *domain;

	if (!judge->model) {
		SKIP("the order of stores is seen by the model alone");
	}
	judge->model->hide_caches(judge);
	CHECK(judge_register_bare(judge) == 0);
	early = false;
	memset(published, 0, sizeof(published));
	judge->model->watch = watch_order;
	domain = mapped_domain(judge, judge->kind);
	CHECK(domain);
	CHECK(judge_attach(judge, JUDGE_FIRST, domain) == 0);
	CHECK(!early);
	GO_ON(check_works(judge, judge->kind));
	CHECK(judge_attach(judge, JUDGE_FIRST, mapped_domain(judge, judge->kind)) == 0);
	CHECK(!early);
	check_works(judge, judge->kind);
}

/* --- Two levels. --- */

/* A new second level only denies. */
static void watch_room(struct judge *judge, bool rung)
{
	uint32_t split = judge->smmu->table.split;
	uint32_t first = judge->sid[JUDGE_SECOND] >> split << split;

	(void)rung;
	for (uint32_t sid = first; sid < first + (1U << split); sid++) {
		enum model_view view = judge->model->probe_ste(judge->model->it, sid, NULL, NULL);

		early = early || (view != MODEL_NO_STREAM && view != MODEL_INVALID);
	}
}

/* The rest of the first level is in memory. */
static bool rest_is_empty(struct judge *judge)
{
	const struct smmuv3_stream_table *table = &judge->smmu->table;

	for (uint32_t part = 0; part < 1U << (table->log2size - table->split); part++) {
		uint32_t sid = part << table->split;

		if (part != judge->sid[JUDGE_FIRST] >> table->split &&
		    part != judge->sid[JUDGE_SECOND] >> table->split &&
		    judge->model->probe_ste(judge->model->it, sid, NULL, NULL) != MODEL_NO_STREAM) {
			return false;
		}
	}
	return true;
}

static void ste_14(struct judge *judge)
{
	struct smmuv3 *smmu = judge->smmu;

	if (!smmu->features.two_level) {
		SKIP("this SMMU has linear stream tables only");
	}
	if (judge->model) {
		judge->model->hide_caches(judge);
		early = false;
	}
	CHECK(judge_register_instance(smmu, judge->sid, 1) == 0);
	CHECK(!judge->model || rest_is_empty(judge));
	CHECK(judge_denied(judge, JUDGE_SECOND, JUDGE_IOVA, judge->page[0], C_BAD_STREAMID));
	judge_mark(judge);
	if (judge->model) {
		judge->model->watch = watch_room;
	}
	CHECK(smmu->iommu.ops->add_stream(&smmu->iommu, judge->sid[JUDGE_SECOND]) == 0);
	CHECK(!judge->model || !early);
	CHECK(judge_count(judge, CMD_CFGI_STE) == 1 && judge_commands(judge) == 2);
	CHECK((judge_command(judge, 0)->dword[1] & CMD1_LEAF) == 0);
	CHECK(judge_denied(judge, JUDGE_SECOND, JUDGE_IOVA, judge->page[0], C_BAD_STE));
}

/* Whichever second level the SMMU finds, the first device's entry is the same. */
static void watch_growth(struct judge *judge, bool rung)
{
	uint64_t now[STE_DWORDS] = {0};

	(void)rung;
	(void)judge->model->probe_ste(judge->model->it, judge->sid[JUDGE_FIRST], now, NULL);
	early = early || memcmp(now, published, sizeof(now)) != 0;
}

static void ste_14_growth(struct judge *judge)
{
	struct smmuv3 *smmu = judge->smmu;
	struct smmuv3_domain *one, *two;
	const struct ste *before;

	if (!smmu->features.two_level) {
		SKIP("this SMMU has linear stream tables only");
	}
	CHECK(judge_register_instance(smmu, judge->sid, 1) == 0);
	one = mapped_domain(judge, judge->kind);
	two = judge_domain(judge, judge->kind);
	CHECK(one && two);
	CHECK(judge_map(two, JUDGE_IOVA, judge->page[3], PAGE_SIZE, PGTABLE_READ | PGTABLE_WRITE) == 0);
	CHECK(judge_attach(judge, JUDGE_FIRST, one) == 0);
	GO_ON(check_works(judge, judge->kind));
	before = smmuv3_stream_table_entry(smmu, judge->sid[JUDGE_FIRST]);
	if (judge->model) {
		(void)judge->model->probe_ste(judge->model->it, judge->sid[JUDGE_FIRST], published, NULL);
		early = false;
		judge->model->watch = watch_growth;
	}
	CHECK(smmu->iommu.ops->add_stream(&smmu->iommu, judge->sid[JUDGE_FIRST] | 0x3f) == 0);
	CHECK(smmuv3_stream_table_entry(smmu, judge->sid[JUDGE_FIRST]) != before);
	CHECK(!judge->model || !early);
	if (judge->model) {
		judge->model->watch = NULL;
	}
	GO_ON(check_works(judge, judge->kind));
	CHECK(judge_attach(judge, JUDGE_FIRST, two) == 0);
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[3]));
	CHECK(!judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 0);
}

/* V stays clear: each DMA is reported once. */
static void ste_15(struct judge *judge)
{
	struct smmuv3 *smmu = judge->smmu;
	uint32_t neighbour = judge->sid[JUDGE_FIRST] + 1;
	unsigned int beyond = judge->span_is_log2 || !smmu->features.two_level ? C_BAD_STE : C_BAD_STREAMID;

	CHECK(judge_register_instance(smmu, &neighbour, 1) == 0);
	CHECK(judge_denied(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0], C_BAD_STE));
	CHECK(judge_denied(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0], C_BAD_STE));
	/* A span that ends before the stream. */
	smmu->iommu.ops->stop(&smmu->iommu);
	neighbour = judge->sid[JUDGE_SECOND] - 5;
	CHECK(judge_register_instance(smmu, &neighbour, 1) == 0);
	CHECK(judge_denied(judge, JUDGE_SECOND, JUDGE_IOVA, judge->page[0], beyond));
}

/* Another owner's valid entries, behind the end. */
static void ste_15_behind(struct judge *judge)
{
	uint32_t neighbour = judge->sid[JUDGE_SECOND] - 1;
	struct smmuv3_domain *bypass;
	struct ste *behind;

	if (!judge->smmu->features.two_level) {
		SKIP("this SMMU has linear stream tables only");
	}
	CHECK(judge_register_instance(judge->smmu, &neighbour, 1) == 0);
	behind = arena_allocate(8 * sizeof(*behind), sizeof(*behind));
	bypass = judge_domain(judge, SMMUV3_BYPASS);
	CHECK(behind && bypass);
	for (unsigned int i = 0; i < 8; i++) {
		smmuv3_ste_of(judge->smmu, bypass, &behind[i]);
	}
	smmuv3_publish(judge->smmu, behind, 8 * sizeof(*behind));
	CHECK(judge_denied(judge, JUDGE_SECOND, arch_phys(judge->page[0]), judge->page[0],
			   judge->span_is_log2 ? C_BAD_STE : C_BAD_STREAMID));
}

/* --- Commands. --- */

static void ste_16(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	struct smmuv3_domain *denied = judge_domain(judge, SMMUV3_ABORT);

	CHECK(domain && denied);
	GO_ON(check_works(judge, judge->kind));
	CHECK(judge_attach(judge, JUDGE_FIRST, denied) == 0);
	GO_ON(check_works(judge, SMMUV3_ABORT));
	CHECK(judge_attach(judge, JUDGE_FIRST, domain) == 0);
	GO_ON(check_works(judge, judge->kind));
	/* The empty domain reports. */
	CHECK(judge_attach(judge, JUDGE_FIRST, NULL) == 0);
	CHECK(judge_denied(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0], F_TRANSLATION));
}

static bool is_cfgi_of(const struct judge *judge, unsigned int index)
{
	const struct command *command = judge_command(judge, index);

	return command->dword[0] == (CMD_CFGI_STE | (uint64_t)judge->sid[JUDGE_FIRST] << 32) && !command->dword[1];
}

static void ste_17(struct judge *judge)
{
	struct smmuv3_domain *one, *two;
	unsigned int steps;

	CHECK(judge_register_bare(judge) == 0);
	one = judge_domain(judge, judge->kind);
	two = judge_domain(judge, judge->kind);
	CHECK(one && two);
	judge_mark(judge);
	CHECK(judge_attach(judge, JUDGE_FIRST, one) == 0);
	steps = judge->kind == SMMUV3_STAGE1 ? 1 : 2;
	CHECK(judge_commands(judge) == 2 * steps && is_cfgi_of(judge, 0) && judge_count(judge, CMD_SYNC) == steps);
	judge_mark(judge);
	CHECK(judge_attach(judge, JUDGE_FIRST, two) == 0);
	CHECK(judge_count(judge, CMD_CFGI_STE) * 2 == judge_commands(judge) && is_cfgi_of(judge, 0));
	judge_mark(judge);
	smmuv3_domain_free(&one->domain);
	CHECK(judge_commands(judge) == 2 && judge_count(judge, CMD_SYNC) == 1);
	CHECK(judge_count(judge, judge->kind == SMMUV3_STAGE2 ? CMD_TLBI_S12_VMALL : CMD_TLBI_NH_ASID) == 1);
	judge_mark(judge);
	judge->smmu->iommu.ops->quarantine(&judge->smmu->iommu, judge->sid[JUDGE_FIRST]);
	CHECK(judge_count(judge, CMD_CFGI_STE) == 1 && judge_count(judge, CMD_SYNC) == 1 && is_cfgi_of(judge, 0));
}

/* --- Kinds of entries. --- */

static void ste_18(struct judge *judge)
{
	CHECK(judge_ready(judge));
	GO_ON(check_works(judge, judge->kind));
	judge->smmu->iommu.ops->quarantine(&judge->smmu->iommu, judge->sid[JUDGE_FIRST]);
	GO_ON(check_works(judge, SMMUV3_ABORT));
	judge->fetch(judge, JUDGE_FIRST, JUDGE_IOVA, 4);
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 0);
}

static void ste_19(struct judge *judge)
{
	struct smmuv3_domain *bypass;
	const struct ste *ste;

	CHECK(judge_register(judge) == 0);
	bypass = judge_domain(judge, SMMUV3_BYPASS);
	CHECK(bypass);
	CHECK(judge_attach(judge, JUDGE_FIRST, bypass) == 0);
	GO_ON(check_works(judge, SMMUV3_BYPASS));
	ste = smmuv3_stream_table_entry(judge->smmu, judge->sid[JUDGE_FIRST]);
	CHECK((ste->dword[1] >> 44 & 3) == (judge->smmu->features.attribute_overrides ? 1 : 0));
	CHECK(judge_reads(judge, JUDGE_FIRST, arch_phys(judge->page[3]), judge->page[3], arch_phys(judge->page[4]),
			  judge->page[4]));
}

/* By IHI 0070, 5.4. */
static void ste_20(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	const struct smmuv3_features *features = &judge->smmu->features;
	static const unsigned int sizes[] = {32, 36, 40, 42, 44, 48};
	uint64_t cd0, ips;

	CHECK(domain);
	cd0 = judge->smmu->cd[domain->asid].dword[0];
	ips = cd0 >> 32 & 7;
	CHECK((cd0 & 0x3f) >= 16 && (cd0 & 0x3f) <= 39 && (cd0 & 0x3f) == 64 - domain->table.format.input_bits);
	CHECK((cd0 >> 6 & 3) == 0);			     /* TG0: 4 KiB. */
	CHECK((cd0 >> 15 & 1) == 0);			     /* ENDI: little. */
	CHECK((cd0 >> 30 & 1) == 1 && (cd0 >> 31 & 1) == 1); /* EPD1, V. */
	CHECK(ips < 6 && sizes[ips] <= features->output_bits &&
	      (sizes[ips] == 48 || features->output_bits < 48 || judge->kind == SMMUV3_NESTED));
	CHECK((cd0 >> 41 & 1) == 1 && (cd0 >> 45 & 7) == 7); /* AA64; R, A, ASET. */
	CHECK((cd0 >> 44 & 1) == 0);			     /* S: no stalls. */
	CHECK(cd0 >> 48 == domain->asid);
	CHECK(judge->smmu->cd[domain->asid].dword[1] == pgtable_root(&domain->table));
	CHECK(!judge->model ||
	      judge->model->probe_cd(judge->model->it, judge->sid[JUDGE_FIRST], 0, NULL, NULL) == MODEL_VIEW_CD);
}

static void ste_21(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	const struct ste *ste = smmuv3_stream_table_entry(judge->smmu, judge->sid[JUDGE_FIRST]);

	CHECK(domain);
	if (judge->kind == SMMUV3_STAGE1) {
		CHECK((ste->dword[2] & 0xffff) == 0);
	} else {
		CHECK((ste->dword[2] & 0xffff) != 0);
	}
	CHECK(smmuv3_tlb_vmid(domain) == (ste->dword[2] & 0xffff));
	/* The instance's own, made first. */
	CHECK(judge->smmu->empty->kind != SMMUV3_STAGE2 || judge->smmu->empty->vmid != 0);
}

static void ste_22(struct judge *judge)
{
	struct smmuv3 *smmu = judge->smmu;
	uint32_t last;
	struct ste ste;

	CHECK(judge_register(judge) == 0);
	last = (uint32_t)((1ULL << smmu->table.log2size) - 1);
	smmuv3_ste_abort(judge->smmu, &ste);
	CHECK(smmu->iommu.ops->add_stream(&smmu->iommu, last) == 0);
	CHECK(smmuv3_install_ste(smmu, last, &ste) == 0);
	CHECK(!judge->model || judge->model->probe_ste(judge->model->it, last, NULL, NULL) == MODEL_VIEW_ABORT);
	judge_mark(judge);
	CHECK(smmu->iommu.ops->add_stream(&smmu->iommu, last + 1) == -ERANGE);
	CHECK(smmuv3_install_ste(smmu, last + 1, &ste) == -ERANGE);
	CHECK(judge_commands(judge) == 0);
}

static const struct judge_test tests[] = {
	{"STE-01 abort and bypass", ste_01, JUDGE_ANY},
	{"STE-02 abort and stage 1", ste_02, JUDGE_STAGE1},
	{"STE-03 bypass and stage 1", ste_03, JUDGE_STAGE1},
	{"STE-04 abort and stage 2", ste_04, JUDGE_STAGE2},
	{"STE-05 bypass and stage 2", ste_05, JUDGE_STAGE2},
	{"STE-06 stage 1 and stage 2 of one VMID", ste_06, JUDGE_ANY},
	{"STE-07 stage 1 and stage 2 of two VMIDs", ste_07, JUDGE_ANY},
	{"STE-08 stage 1 and nested", ste_08, JUDGE_ANY},
	{"STE-09 one context and another", ste_09, JUDGE_STAGE1},
	{"STE-10 invalid and valid", ste_10, JUDGE_ALL},
	{"STE-11 what takes more than one store goes by V = 0", ste_11, JUDGE_STAGE1},
	{"STE-12 the same again is nothing", ste_12, JUDGE_ALL},
	{"STE-13 contents, barrier, pointer, barrier, doorbell", ste_13, JUDGE_ALL},
	{"STE-14 a second level is empty when it comes into sight", ste_14, JUDGE_ANY},
	{"STE-14 a second level that grows keeps what it held", ste_14_growth, JUDGE_ALL},
	{"STE-15 an undescribed neighbour is denied", ste_15, JUDGE_ANY},
	{"STE-15 nor is what lies behind its part of the table", ste_15_behind, JUDGE_ANY},
	{"STE-16 a changed entry is forgotten", ste_16, JUDGE_ALL},
	{"STE-17 the commands of a stream's life", ste_17, JUDGE_ALL},
	{"STE-18 abort is silent", ste_18, JUDGE_ALL},
	{"STE-19 bypass passes, as it comes", ste_19, JUDGE_ANY},
	{"STE-20 fields of a context descriptor", ste_20, JUDGE_STAGE1 | JUDGE_NESTED},
	{"STE-21 VMID 0 is no stage 2's", ste_21, JUDGE_ALL},
	{"STE-22 the last stream, and the one behind it", ste_22, JUDGE_ANY},
};

const struct judge_chapter judge_ste = {tests, sizeof(tests) / sizeof(tests[0])};
