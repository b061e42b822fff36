/* SPDX-License-Identifier: BSD-2-Clause */
/* Performance monitor groups of an IORT (DEN0049 E.e, 3.1.1.6; IHI 0070 10.4). */
#include <inttypes.h>

#include "findings/judge.h"

#define PMCG_PAGE_SIZE 0x1000U

#define NODE_TYPE_NAMED_COMPONENT 1U
#define NODE_TYPE_SMMUV3 4U

/* An SMMUv3's own pages (IHI 0070 6.1): Non-secure, Secure, and page 1's queue indices. */
static const uint32_t own_pages[] = {0, 0x8000, 0x10000};

static const char *type_words(uint8_t type)
{
	static const char *const words[] = {"an ITS group", NULL, NULL, NULL, NULL, "a PMCG", "a memory range (RMR)"};

	return type < sizeof(words) / sizeof(words[0]) && words[type] ? words[type] : "a node of unknown type";
}

static bool counts_what_can_be(const struct pmcg_traits *pmcg)
{
	return pmcg->counts && pmcg->counts_type >= NODE_TYPE_NAMED_COMPONENT && pmcg->counts_type <= NODE_TYPE_SMMUV3;
}

static void judge_reference(struct table_findings *findings, const struct pmcg_traits *pmcg)
{
	if (!pmcg->counts) {
		table_finding_add(findings, FINDING_PMCG_REFERENCE, pmcg->name, "node reference",
				  table_cause(pmcg->name), "no node begins at 0x%" PRIx32, pmcg->reference);
	} else if (!counts_what_can_be(pmcg)) {
		table_finding_add(findings, FINDING_PMCG_REFERENCE, pmcg->name, "node reference",
				  table_cause(pmcg->name),
				  "%s is %s: counters are an SMMU's, a root complex's or a component's", pmcg->counts,
				  type_words(pmcg->counts_type));
	}
}

/* Linux's smmu_pmu_setup_irq() has no third way. */
static void judge_interrupt(struct table_findings *findings, const struct pmcg_traits *pmcg)
{
	if (!pmcg->gsiv && !pmcg->has_mapping) {
		table_finding_add(findings, FINDING_PMCG_NO_INTERRUPT, pmcg->name, "overflow GSIV", 0,
				  "neither an interrupt nor a mapping for MSIs: Linux does without these counters");
	}
}

/* An MMU-600's counters lie among the SMMU's pages. A wrong reference is a finding of its own. */
static bool is_at_home(const struct pmcg_traits *pmcg, const struct smmu_description *smmu, uint64_t offset)
{
	if (pmcg->reference != smmu->handle && counts_what_can_be(pmcg)) {
		return false;
	}
	for (unsigned int i = 0; i < sizeof(own_pages) / sizeof(own_pages[0]); i++) {
		if (offset + PMCG_PAGE_SIZE > own_pages[i] && offset < own_pages[i] + PMCG_PAGE_SIZE) {
			return false;
		}
	}
	return true;
}

static void judge_page(struct table_findings *findings, const struct pmcg_traits *pmcg, unsigned int page,
		       const struct smmu_description *smmu)
{
	uint64_t base = pmcg->page[page];

	if (!smmu->has_base || base < smmu->base || base - smmu->base >= smmu->size ||
	    is_at_home(pmcg, smmu, base - smmu->base)) {
		return;
	}
	table_finding_add(findings, FINDING_PMCG_OVERLAP, pmcg->name, NULL, table_cause(pmcg->name),
			  "its page %u, 0x%llx, lies over registers of %s, at 0x%llx", page, (unsigned long long)base,
			  smmu->name, (unsigned long long)smmu->base);
}

static void judge_pair(struct table_findings *findings, const struct pmcg_traits *pmcg, const struct pmcg_traits *other)
{
	if (pmcg->page[0] == other->page[0]) {
		table_finding_add(findings, FINDING_PMCG_OVERLAP, pmcg->name, NULL, table_cause(pmcg->name),
				  "its page 0, 0x%llx, is that of %s, too", (unsigned long long)pmcg->page[0],
				  other->name);
	}
}

static void judge_one(const struct table_view *view, struct table_findings *findings, unsigned int i)
{
	const struct stream_description *streams = &view->description->streams;
	const struct pmcg_traits *pmcg = &view->traits->pmcg[i];

	judge_reference(findings, pmcg);
	judge_interrupt(findings, pmcg);
	for (unsigned int page = 0; page < pmcg->page_count; page++) {
		for (unsigned int k = 0; k < streams->smmu_count; k++) {
			judge_page(findings, pmcg, page, &streams->smmu[k]);
		}
	}
	for (unsigned int k = 0; k < i; k++) {
		judge_pair(findings, pmcg, &view->traits->pmcg[k]);
	}
}

void judge_pmcgs(const struct table_view *view, struct table_findings *findings)
{
	for (unsigned int i = 0; view->traits && i < view->traits->pmcg_count; i++) {
		judge_one(view, findings, i);
	}
}
