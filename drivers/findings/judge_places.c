/* SPDX-License-Identifier: BSD-2-Clause */
/* Where SMMUs are: a device tree says it twice, by unit address and by `reg`. */
#include "findings/judge.h"
#include "findings/spans.h"

static bool is_elsewhere(const struct smmu_traits *smmu)
{
	return smmu->has_unit && smmu->has_place && smmu->unit != smmu->place;
}

/* Two nodes of one bus that have each other's address. */
static bool are_exchanged(const struct smmu_traits *a, const struct smmu_traits *b)
{
	return is_elsewhere(a) && is_elsewhere(b) && a->unit == b->place && b->unit == a->place;
}

/* SMMUs by their places. */
static unsigned int fill_spans(const struct table_view *view)
{
	unsigned int count = view->description->streams.smmu_count;

	for (unsigned int i = 0; i < count; i++) {
		view->spans[i] = (struct span){.group = view->traits->smmu[i].place, .index = i};
	}
	spans_sort(view->spans, count);
	return count;
}

/* False: none has it. */
static bool judge_exchange(const struct table_view *view, unsigned int count, struct table_findings *findings,
			   unsigned int i)
{
	const struct smmu_description *smmu = view->description->streams.smmu;
	const struct span *spans = view->spans;
	uint64_t unit = view->traits->smmu[i].unit;

	for (unsigned int at = spans_from(spans, count, unit, 0); at < count && spans[at].group == unit; at++) {
		unsigned int k = spans[at].index;

		if (k != i && are_exchanged(&view->traits->smmu[i], &view->traits->smmu[k])) {
			table_finding_add(
				findings, FINDING_REG_EXCHANGED, smmu[i].name, "reg",
				i < k ? (uint64_t)i << 32 | k : (uint64_t)k << 32 | i,
				"it and %s have each other's address: by its unit address it is at 0x%llx, by "
				"reg at 0x%llx",
				smmu[k].name, (unsigned long long)view->traits->smmu[i].unit,
				(unsigned long long)view->traits->smmu[i].place);
			return true;
		}
	}
	return false;
}

void judge_places(const struct table_view *view, struct table_findings *findings)
{
	const struct stream_description *streams = &view->description->streams;
	unsigned int count = view->traits ? fill_spans(view) : 0;

	for (unsigned int i = 0; view->traits && i < streams->smmu_count; i++) {
		const struct smmu_traits *traits = &view->traits->smmu[i];

		if (is_elsewhere(traits) && !judge_exchange(view, count, findings, i)) {
			table_finding_add(findings, FINDING_UNIT_ADDRESS, streams->smmu[i].name, "reg", i,
					  "0x%llx, and its unit address is 0x%llx: one of the two is wrong",
					  (unsigned long long)traits->place, (unsigned long long)traits->unit);
		}
	}
}
