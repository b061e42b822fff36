/* SPDX-License-Identifier: BSD-2-Clause */
/* The judges' common part: tests, TAP, building blocks. */
#include "judge.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "base/store.h"
#include "report/print.h"

#define LINE_SIZE 320U
#define NESTED_OFFSET 0x20000000ULL /* From a page to its stage-1 output. */
#define WORD 4U

static struct judge *listening;

/* --- Running. --- */

void judge_fail(struct judge *judge, const char *what, const char *function, int line)
{
	const struct smmuv3_event *event = judge->event_count ? &judge->event[0] : NULL;

	if (judge->failure[0]) {
		return;
	}
	format_text(judge->failure, sizeof(judge->failure), "%s:%d: %s; %u events, the first %s at 0x%llx", function,
		    line, what, judge->event_count, event ? smmuv3_event_name(event->code) : "none",
		    event ? (unsigned long long)event->address : 0ULL);
}

bool judge_has(const struct judge *judge, enum smmuv3_domain_kind kind)
{
	const struct smmuv3_features *features = &judge->smmu->features;

	return kind == SMMUV3_STAGE1 ? features->stage1 :
	       kind == SMMUV3_STAGE2 ? features->stage2 :
				       features->stage1 && features->stage2;
}

static const char *kind_name(enum smmuv3_domain_kind kind)
{
	return kind == SMMUV3_STAGE1 ? ", stage 1" : kind == SMMUV3_STAGE2 ? ", stage 2" : ", nested";
}

static void tell(struct judge_run *run, const struct judge_test *test, const char *kind)
{
	struct judge *judge = run->judge;
	char line[LINE_SIZE];
	bool failed = judge->failure[0];

	run->count++;
	run->failed += failed;
	format_text(line, sizeof(line), "%s %u - %s%s%s%s%s%s", failed ? "not ok" : "ok", run->count, test->title, kind,
		    judge->name[0] ? ": " : "", judge->name, judge->skipped && !failed ? " # SKIP " : "",
		    judge->skipped && !failed ? judge->skipped : "");
	judge->say(line);
	if (failed) {
		format_text(line, sizeof(line), "# %s: %s", judge->name, judge->failure);
		judge->say(line);
	}
}

static void run_one(struct judge_run *run, const struct judge_test *test, enum smmuv3_domain_kind kind,
		    const char *words)
{
	struct judge *judge = run->judge;

	run->begin(judge);
	judge->kind = kind;
	if (judge_has(judge, kind)) {
		test->run(judge);
	} else {
		judge->skipped = "this SMMU does not have the stage";
	}
	run->end(judge);
	tell(run, test, words);
}

static void run_test(struct judge_run *run, const struct judge_test *test)
{
	static const enum smmuv3_domain_kind kinds[] = {SMMUV3_STAGE1, SMMUV3_STAGE2, SMMUV3_NESTED};

	if (test->kinds == JUDGE_ANY) {
		run_one(run, test, run->judge->smmu->features.stage1 ? SMMUV3_STAGE1 : SMMUV3_STAGE2, "");
		return;
	}
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (test->kinds & 1U << kinds[i]) {
			run_one(run, test, kinds[i], kind_name(kinds[i]));
		}
	}
}

void judge_run_all(struct judge_run *run)
{
	static const struct judge_chapter *const chapters[] = {
		&judge_ste,   &judge_cmdq,	   &judge_evtq,	     &judge_gerror,
		&judge_fault, &judge_domain_tests, &judge_isolation, &judge_teardown,
	};

	for (size_t i = 0; i < sizeof(chapters) / sizeof(chapters[0]); i++) {
		for (unsigned int t = 0; t < chapters[i]->count; t++) {
			run_test(run, &chapters[i]->test[t]);
		}
	}
}

void judge_run_done(const struct judge_run *run)
{
	char line[LINE_SIZE];

	format_text(line, sizeof(line), "1..%u", run->count);
	run->judge->say(line);
}

/* --- Events. --- */

static void on_event(struct smmuv3 *smmu, const struct smmuv3_event *event)
{
	struct judge *judge = listening;

	judge->listener_calls++;
	if (judge->event_count < JUDGE_EVENTS) {
		judge->event[judge->event_count] = *event;
		judge->event_from[judge->event_count++] = smmu;
	}
}

void judge_clear(struct judge *judge)
{
	listening = judge;
	judge->smmu->on_event = on_event;
	if (judge->other) {
		judge->other->on_event = on_event;
	}
	judge->event_count = 0;
	judge->listener_calls = 0;
	judge->event_interrupts = 0;
	judge->parent = NULL;
	judge->mark = 0;
	judge->skipped = NULL;
	judge->failure[0] = '\0';
	for (unsigned int i = 0; i < JUDGE_PAGES; i++) {
		memset(judge->page[i], (int)(0x10 + i), PAGE_SIZE);
		arch_cache_clean_invalidate(judge->page[i], PAGE_SIZE);
	}
}

static struct smmuv3 *smmu_of(const struct judge *judge, unsigned int device)
{
	return device == JUDGE_FOREIGN ? judge->other : judge->smmu;
}

static bool is_of(const struct judge *judge, unsigned int event, unsigned int device)
{
	return judge->event_from[event] == smmu_of(judge, device) && judge->event[event].sid == judge->sid[device];
}

unsigned int judge_event_count(struct judge *judge, unsigned int device)
{
	unsigned int count = 0;

	smmuv3_poll_events(smmu_of(judge, device));
	for (unsigned int i = 0; i < judge->event_count; i++) {
		count += is_of(judge, i, device);
	}
	return count;
}

const struct smmuv3_event *judge_event(struct judge *judge, unsigned int device)
{
	smmuv3_poll_events(smmu_of(judge, device));
	for (unsigned int i = 0; i < judge->event_count; i++) {
		if (is_of(judge, i, device)) {
			return &judge->event[i];
		}
	}
	return NULL;
}

void judge_forget_events(struct judge *judge)
{
	smmuv3_poll_events(judge->smmu);
	judge->event_count = 0;
}

/* --- The instance. --- */

static int bring_up(struct smmuv3 *smmu, const uint32_t *sids, unsigned int count, bool attach)
{
	int error = smmu->iommu.ops->start(&smmu->iommu);

	for (unsigned int i = 0; i < count && !error; i++) {
		error = smmu->iommu.ops->add_stream(&smmu->iommu, sids[i]);
		if (!error && attach) {
			error = smmu->iommu.ops->attach(&smmu->iommu, sids[i], NULL);
		}
	}
	return error ? error : smmu->iommu.ops->enable(&smmu->iommu);
}

int judge_register_instance(struct smmuv3 *smmu, const uint32_t *sids, unsigned int count)
{
	return bring_up(smmu, sids, count, true);
}

int judge_register(struct judge *judge)
{
	return bring_up(judge->smmu, judge->sid, 2, true);
}

int judge_register_bare(struct judge *judge)
{
	return bring_up(judge->smmu, judge->sid, 2, false);
}

/* --- Domains. --- */

uint64_t judge_output(enum smmuv3_domain_kind kind, const uint8_t *page)
{
	return arch_phys(page) + (kind == SMMUV3_NESTED ? NESTED_OFFSET : 0);
}

/* Below nested domains: every page, moved, and stage 1's tables. */
static struct smmuv3_domain *make_parent(struct judge *judge)
{
	struct smmuv3_domain_config config = {.kind = SMMUV3_STAGE2, .granule_bits = 12};
	struct smmuv3_domain *parent;

	if (smmuv3_domain_make(judge->smmu, &config, &parent) || smmuv3_domain_share_tables(parent) ||
	    smmuv3_domain_map(&parent->domain, judge_output(SMMUV3_NESTED, judge->page[0]), arch_phys(judge->page[0]),
			      (uint64_t)JUDGE_PAGES * PAGE_SIZE, PGTABLE_READ | PGTABLE_WRITE)) {
		return NULL;
	}
	return parent;
}

struct smmuv3_domain *judge_domain(struct judge *judge, enum smmuv3_domain_kind kind)
{
	struct smmuv3_domain_config config = {.kind = kind, .granule_bits = 12};
	struct smmuv3_domain *domain;

	if (kind == SMMUV3_NESTED) {
		judge->parent = judge->parent ? judge->parent : make_parent(judge);
		config.parent = judge->parent;
	}
	return smmuv3_domain_make(judge->smmu, &config, &domain) ? NULL : domain;
}

int judge_map(struct smmuv3_domain *domain, uint64_t iova, const uint8_t *page, uint64_t size, unsigned int access)
{
	return smmuv3_domain_map(&domain->domain, iova, judge_output(domain->kind, page), size, access);
}

int judge_unmap(struct smmuv3_domain *domain, uint64_t iova, uint64_t size)
{
	return smmuv3_domain_unmap(&domain->domain, iova, size);
}

int judge_attach(struct judge *judge, unsigned int device, struct smmuv3_domain *domain)
{
	struct smmuv3 *smmu = smmu_of(judge, device);

	return smmu->iommu.ops->attach(&smmu->iommu, judge->sid[device], domain ? &domain->domain : NULL);
}

struct smmuv3_domain *judge_ready(struct judge *judge)
{
	struct smmuv3_domain *domain = NULL;

	if (judge_register(judge) == 0) {
		domain = judge_domain(judge, judge->kind);
	}
	if (!domain || judge_map(domain, JUDGE_IOVA, judge->page[0], PAGE_SIZE, PGTABLE_READ | PGTABLE_WRITE) ||
	    judge_map(domain, JUDGE_IOVA + PAGE_SIZE, judge->page[1], PAGE_SIZE, PGTABLE_READ) ||
	    judge_attach(judge, JUDGE_FIRST, domain)) {
		judge_fail(judge, "registered, a domain attached", __func__, __LINE__);
		return NULL;
	}
	return domain;
}

/* --- DMA. --- */

bool judge_writes(struct judge *judge, unsigned int device, uint64_t iova, uint8_t *page)
{
	uint8_t *place = page + iova % PAGE_SIZE;

	memset(place, JUDGE_CANARY, WORD);
	arch_cache_clean_invalidate(place, WORD);
	judge->put(judge, device, iova, WORD);
	arch_cache_clean_invalidate(place, WORD);
	for (unsigned int i = 0; i < WORD; i++) {
		if (place[i] != JUDGE_CANARY) {
			return true;
		}
	}
	return false;
}

bool judge_reads(struct judge *judge, unsigned int device, uint64_t iova, const uint8_t *source, uint64_t reply,
		 uint8_t *page)
{
	/* The device has the canary: its writes would leave no mark. */
	if (source[iova % PAGE_SIZE] == JUDGE_CANARY) {
		judge_fail(judge, "the source is no canary", __func__, __LINE__);
	}
	judge->fetch(judge, device, iova, WORD);
	(void)judge_writes(judge, device, reply, page);
	return memcmp(page + reply % PAGE_SIZE, source + iova % PAGE_SIZE, WORD) == 0;
}

bool judge_denied(struct judge *judge, unsigned int device, uint64_t iova, uint8_t *page, unsigned int code)
{
	const struct smmuv3_event *event;
	bool arrived;

	judge_forget_events(judge);
	arrived = judge_writes(judge, device, iova, page);
	event = judge_event(judge, device);
	return !arrived && event && event->code == code && judge_event_count(judge, device) == 1;
}

/* --- Commands. --- */

void judge_mark(struct judge *judge)
{
	judge->mark = judge->smmu->issued;
}

unsigned int judge_commands(const struct judge *judge)
{
	return judge->smmu->issued - judge->mark;
}

const struct command *judge_command(const struct judge *judge, unsigned int index)
{
	const struct command *entries = judge->smmu->cmdq.entries;

	return &entries[smmuv3_queue_index(&judge->smmu->cmdq, judge->mark + index)];
}

unsigned int judge_count(const struct judge *judge, unsigned int opcode)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < judge_commands(judge); i++) {
		count += (judge_command(judge, i)->dword[0] & CMD0_OPCODE_MASK) == opcode;
	}
	return count;
}

/* --- Complaints. --- */

void judge_expect_complaint(struct judge *judge, const char *part)
{
	size_t count = judge->model ? judge->model->complaint_count(judge->model->it) : 0;

	for (size_t i = 0; i < count; i++) {
		const char *complaint = judge->model->complaint(judge->model->it, i);

		if (!strstr(complaint, part)) {
			judge_fail(judge, complaint, __func__, __LINE__);
		}
	}
	if (count) {
		judge->model->forget_complaints(judge->model->it);
	}
}

/* --- Structures. --- */

static void put_dwords(const struct smmuv3 *smmu, uint64_t *entry, const uint64_t *dwords)
{
	for (unsigned int i = STE_DWORDS; i-- > 0;) {
		store64(&entry[i], dwords[i]);
	}
	smmuv3_publish(smmu, entry, STE_DWORDS * sizeof(uint64_t));
}

int judge_put_ste(struct judge *judge, unsigned int device, const struct ste *ste)
{
	struct ste *entry = smmuv3_stream_table_entry(judge->smmu, judge->sid[device]);
	struct command cfgi = smmuv3_command_cfgi_ste(judge->sid[device]);

	if (!entry) {
		return -ERANGE;
	}
	put_dwords(judge->smmu, entry->dword, ste->dword);
	return smmuv3_issue(judge->smmu, &cfgi, 1);
}

int judge_put_cd(struct judge *judge, struct smmuv3_domain *domain, unsigned int device, const struct cd *cd)
{
	struct command commands[] = {smmuv3_command_cfgi_ste(judge->sid[device]), smmuv3_tlbi_domain(domain)};

	put_dwords(judge->smmu, judge->smmu->cd[domain->asid].dword, cd->dword);
	return smmuv3_issue(judge->smmu, commands, 2);
}

uint32_t judge_pending_errors(const struct judge *judge)
{
	return smmuv3_read(judge->smmu, SMMU_GERROR) ^ smmuv3_read(judge->smmu, SMMU_GERRORN);
}
