/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <string.h>

#include "findings/claim.h"
#include "findings/judge.h"
#include "findings/spans.h"

#define WORK_MAX 5000000U /* Holes of masks that are passed, far above real tables. */

struct pairs {
	const struct stream_description *streams;
	struct table_findings *findings;
	uint32_t work;
};

/* Many streams of the same two masters are one mistake. */
static uint64_t cause_of_pair(const char *master, const char *other)
{
	return table_cause(master) * 31 + table_cause(other);
}

static void judge_pair(struct pairs *pairs, const struct claim *claim, const struct claim *other)
{
	uint32_t first, last;
	struct table_findings *findings = pairs->findings;
	const char *smmu = pairs->streams->smmu[claim->smmu].name;
	uint64_t cause = cause_of_pair(claim->master, other->master);

	if (pairs->work > WORK_MAX || !claims_meet(claim, other, &first, &last, &pairs->work)) {
		return;
	}
	if (first == last) {
		table_finding_add(findings, FINDING_STREAM_TWICE, claim->master, claim->property, cause,
				  "stream 0x%" PRIx32 " of %s is claimed by %s, too", first, smmu, other->master);
	} else {
		table_finding_add(findings, FINDING_STREAM_TWICE, claim->master, claim->property, cause,
				  "streams 0x%" PRIx32 " to 0x%" PRIx32 " of %s are claimed by %s, too", first, last,
				  smmu, other->master);
	}
}

/* `status = "reserved"`: the SMMU exists, for its owner only. */
static bool is_reserved(const struct table_view *view, unsigned int smmu)
{
	const char *status = view->traits ? view->traits->smmu[smmu].status : NULL;

	return status && !strcmp(status, "reserved");
}

static void judge_claim(const struct table_view *view, struct table_findings *findings, unsigned int i)
{
	const struct stream_description *streams = &view->description->streams;
	struct claim claim = claim_at(streams, i);

	if (!claim.enabled) {
		return;
	}
	if (!streams->smmu[claim.smmu].enabled) {
		table_finding_add(
			findings, FINDING_SMMU_DISABLED, claim.master, claim.property, claim.smmu,
			is_reserved(view, claim.smmu) ?
				"names %s, which is reserved: another firmware's, and Linux gives it no IOMMU" :
				"names %s, which is disabled: nothing translates its DMA",
			streams->smmu[claim.smmu].name);
	}
}

static void judge_met(void *context, unsigned int later, unsigned int earlier)
{
	struct pairs *pairs = context;
	struct claim claim = claim_at(pairs->streams, later);
	struct claim other = claim_at(pairs->streams, earlier);

	judge_pair(pairs, &claim, &other);
}

/* Equal names share a pointer. A master may name a stream twice. */
static unsigned int fill_spans(const struct stream_description *streams, struct span *spans)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < claim_count(streams); i++) {
		struct claim claim = claim_at(streams, i);

		if (claim.enabled) {
			spans[count++] = (struct span){.group = claim.smmu,
						       .first = claim.first,
						       .last = claim.last,
						       .owner = claim.master,
						       .index = i};
		}
	}
	return count;
}

static void judge_twice(const struct table_view *view, struct table_findings *findings)
{
	const struct stream_description *streams = &view->description->streams;
	struct pairs pairs = {.streams = streams, .findings = findings};
	bool all = spans_each_met(view->spans, fill_spans(streams, view->spans), judge_met, &pairs);

	if (!all || pairs.work > WORK_MAX) {
		table_finding_add(findings, FINDING_LEFT_OUT, "/", NULL, 2,
				  "many streams lie over each other: not each two of them are compared");
	}
}

void judge_streams(const struct table_view *view, struct table_findings *findings)
{
	const struct stream_description *streams = &view->description->streams;

	for (unsigned int i = 0; i < claim_count(streams); i++) {
		judge_claim(view, findings, i);
	}
	judge_twice(view, findings);
}
