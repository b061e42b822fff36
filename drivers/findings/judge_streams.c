/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>
#include <string.h>

#include "findings/claim.h"
#include "findings/judge.h"

/* Many streams of the same two masters are one mistake. */
static uint64_t cause_of_pair(const char *master, const char *other)
{
	return table_cause(master) * 31 + table_cause(other);
}

static void judge_pair(const struct stream_description *streams, struct table_findings *findings,
		       const struct claim *claim, const struct claim *other)
{
	uint32_t first, last;
	const char *smmu = streams->smmu[claim->smmu].name;
	uint64_t cause = cause_of_pair(claim->master, other->master);

	/* Equal names share a pointer. A master may name a stream twice. */
	if (!other->enabled || other->smmu != claim->smmu || other->master == claim->master ||
	    !claims_meet(claim, other, &first, &last)) {
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
	for (unsigned int k = 0; k < i; k++) {
		struct claim other = claim_at(streams, k);

		judge_pair(streams, findings, &claim, &other);
	}
}

void judge_streams(const struct table_view *view, struct table_findings *findings)
{
	const struct stream_description *streams = &view->description->streams;

	for (unsigned int i = 0; i < claim_count(streams); i++) {
		judge_claim(view, findings, i);
	}
}
