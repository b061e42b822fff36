/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Judges the table that is used, as smmu-inspect does, and with what only the machine shows. Nothing fails by it but
 * where strict=on asks for it.
 */
#include <stddef.h>
#include <string.h>

#include "base/feature.h"
#include "checks/difference.h"
#include "checks/phase.h"
#include "findings/facts.h"
#include "findings/judge.h"
#include "report/finding.h"
#include "report/print.h"

OPTIONAL(iort_read_msis);

/* The image's own memory: describe=only hands out none. */
static struct {
	struct facts facts;
	struct msi_list msis;
	struct traits traits;
	struct table_findings findings;
	struct span span[TABLE_SPANS_MAX];
} work;

/* --- Facts. --- */

static void take_smmu(const struct bringup *bringup, unsigned int i, struct facts *facts)
{
	const struct smmuv3 *smmu = bringup->smmu[i];
	struct smmuv3_facts known = smmuv3_facts(smmu);
	uint32_t value[SMMUV3_ID_REGISTERS];
	unsigned int described;

	if (!difference_described(bringup, i, &described)) {
		return;
	}
	if (!known.features->architecture_major) {
		facts->smmu[described].silent = known.is_mapped ? smmuv3_iommu(bringup->smmu[i])->reason : NULL;
		return;
	}
	smmuv3_id_registers(smmu, value);
	facts->smmu[described].is_known = true;
	for (unsigned int k = 0; k < FACTS_ID_REGISTERS; k++) {
		facts->smmu[described].idr[k] = value[k];
	}
}

static void take_function(const struct pci_function *function, struct facts *facts)
{
	struct pci_virtual virtual = {.count = 0};
	bool ats_was_on = function->left & 1U << PCI_LEFT_ATS;

	if (!pci_virtual_functions(function, &virtual) && !ats_was_on) {
		return;
	}
	if (facts->function_count == FACTS_FUNCTIONS_MAX) {
		facts->functions_left_out++;
		return;
	}
	facts->function[facts->function_count++] = (struct function_facts){
		.name = function->name,
		.segment = function->host->segment,
		.requester_id = function->requester_id,
		.ats_was_on = ats_was_on,
		.virtual_count = virtual.count,
		.virtual_first = virtual.first,
		.virtual_stride = virtual.stride,
	};
}

static void take_facts(const struct bringup *bringup, struct facts *facts)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		take_smmu(bringup, i, facts);
	}
	for (unsigned int i = 0; i < bringup->pci_count; i++) {
		for (unsigned int k = 0; k < bringup->pci[i].function_count; k++) {
			take_function(&bringup->pci[i].function[k], facts);
		}
	}
}

/* --- What comes of it. --- */

/* False: it has no other place. */
static bool list_places(const struct table_findings *findings, const struct table_finding *finding,
			char words[FINDING_ADVICE_SIZE])
{
	const struct table_finding_place *place = &findings->place[finding->place_first];
	size_t length = 0;

	while ((place = table_finding_next_place(findings, place)) && length < FINDING_ADVICE_SIZE) {
		length += format_text(words + length, FINDING_ADVICE_SIZE - length, "%s%s", length ? ", " : "also at ",
				      place->name);
	}
	return length;
}

static void say(const struct table_findings *findings, const struct table_finding *finding)
{
	const char *name = table_finding_name(finding->id);
	char places[FINDING_ADVICE_SIZE];
	const char *advice = list_places(findings, finding, places) ? places : NULL;

	print("  %s %s: %s: %s%s%s\n", table_finding_severity_name(finding->id), finding->place, name, finding->text,
	      advice ? "; " : "", advice ? advice : "");
	for (unsigned int i = 0; i < finding->count; i++) {
		finding_add(name, table_finding_severity(finding->id), finding->place, finding->text, advice);
	}
}

static void say_all(struct bringup *bringup, const struct table_findings *findings)
{
	const struct table_finding *finding = NULL;

	while ((finding = table_finding_next(findings, finding))) {
		say(findings, finding);
	}
	if (!findings->count) {
		print("  no finding\n");
	}
	if (findings->lost) {
		print("  and %u more, for which there is no room: smmu-inspect lists all\n", findings->lost);
	}
	if (bringup->strict && table_findings_at_least(findings, FINDING_ERROR)) {
		bringup->tally.trouble = "the table that is used has an error, and strict=on was asked for";
	}
}

static void read_table(const struct bringup *bringup)
{
	if (bringup->description->streams.source == DESCRIPTION_DT) {
		(void)dt_read_msis(bringup->table, bringup->description, &work.msis);
		dt_read_traits(bringup->table, bringup->description, &work.traits);
	} else if (is_linked(iort_read_msis)) {
		(void)iort_read_msis(bringup->table, bringup->table_size, bringup->description, &work.msis);
		iort_read_traits(bringup->table, bringup->table_size, bringup->description, &work.traits);
	}
}

/* `facts`: NULL: nothing was looked at. */
static void judge_with(struct bringup *bringup, const struct facts *facts)
{
	read_table(bringup);
	table_judge_all(
		&(const struct table_view){
			.description = bringup->description,
			.msis = &work.msis,
			.traits = &work.traits,
			.blob = bringup->table,
			.size = bringup->table_size,
			.facts = facts,
			.spans = work.span,
		},
		&work.findings);
	say_all(bringup, &work.findings);
}

static void judge_table(struct bringup *bringup)
{
	if (!bringup->table) {
		print("  the table is not judged: it is not at hand\n");
		return;
	}
	memset(&work, 0, sizeof(work));
	take_facts(bringup, &work.facts);
	judge_with(bringup, &work.facts);
}

void judge_described(struct bringup *bringup)
{
	if (bringup->table) {
		memset(&work, 0, sizeof(work));
		judge_with(bringup, NULL);
	}
}

LINKED(judge_described);

PHASE(11, judge_table, "judge      the table that is used, by itself and by what the machine shows", judge_table, NULL);
