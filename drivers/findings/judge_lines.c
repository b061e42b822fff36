/* SPDX-License-Identifier: BSD-2-Clause */
#include <inttypes.h>

#include "findings/judge.h"
#include "findings/lines.h"
#include "findings/spans.h"
#include "report/format.h"

static bool is_foreign(const struct line_traits *line)
{
	return line->kind == LINE_FOREIGN;
}

static bool is_beyond(const struct line_traits *line)
{
	return line->kind == LINE_BEYOND;
}

static bool is_private(const struct line_traits *line)
{
	return line->kind == LINE_PPI || line->kind == LINE_EXTENDED_PPI;
}

static bool is_shared_kind(const struct line_traits *line)
{
	return line->kind == LINE_SPI || line->kind == LINE_EXTENDED_SPI;
}

static bool is_level(const struct line_traits *line)
{
	return is_shared_kind(line) && line->has_trigger && line->trigger == TRIGGER_LEVEL_HIGH;
}

/* A GIC takes a rising edge or a high level. */
static bool is_no_trigger(const struct line_traits *line)
{
	return is_shared_kind(line) && line->has_trigger && line->trigger != TRIGGER_LEVEL_HIGH &&
	       line->trigger != TRIGGER_RISING;
}

static void judge_parent(struct table_findings *findings, const char *name, const struct smmu_traits *smmu,
			 unsigned int i)
{
	for (unsigned int wire = 0; wire < WIRES; wire++) {
		const struct line_traits *line = &smmu->line[wire];

		if (is_foreign(line)) {
			table_finding_add(findings, FINDING_INTERRUPT_NO_GIC, name, "interrupts", i,
					  "go to %s (%s), which is no GIC: this firmware polls", line->parent,
					  line->parent_kind ? line->parent_kind : "no compatible");
			return;
		}
	}
}

/* The usual slip is an INTID for a number: INTIDs of SPIs begin at 32, of PPIs at 16. */
static void judge_numbers(struct table_findings *findings, const char *name, const struct smmu_traits *smmu,
			  unsigned int i)
{
	char text[LINES_TEXT_SIZE];

	if (!lines_that(smmu, is_beyond, text)) {
		return;
	}
	if (smmu->line[WIRE_EVENTQ].has_trigger || smmu->line[WIRE_GERROR].has_trigger) {
		table_finding_add(findings, FINDING_INTERRUPT_BEYOND, name, "interrupts", i,
				  "%s: a GIC has SPIs 0 to 987, PPIs 0 to 15, extended SPIs 0 to 1023, extended PPIs 0 "
				  "to 63; the number is the INTID less the first of its kind (32, 16, 4096, 1056)",
				  text);
	} else {
		table_finding_add(
			findings, FINDING_GSIV_NONE, name, NULL, i,
			"%s: no SPI has that number (32 to 1019, extended ones 4096 to 5119): Linux refuses it", text);
	}
}

static void judge_kinds(struct table_findings *findings, const char *name, const struct smmu_traits *smmu,
			unsigned int i)
{
	char text[LINES_TEXT_SIZE];

	if (lines_that(smmu, is_private, text)) {
		table_finding_add(findings, FINDING_INTERRUPT_PPI, name, NULL, i,
				  "%s: a line of each core, which Linux does not take for an SMMU: they are SPIs",
				  text);
	}
	if (lines_that(smmu, is_level, text)) {
		table_finding_add(
			findings, FINDING_INTERRUPT_LEVEL, name, "interrupts", i,
			"%s: described as level (4): an SMMUv3 pulses its lines, and 1, an edge, is what they "
			"need (IHI 0070 3.18)",
			text);
	}
	if (lines_that(smmu, is_no_trigger, text)) {
		table_finding_add(findings, FINDING_INTERRUPT_TRIGGER, name, "interrupts", i,
				  "%s: the third cell is neither 1 (rising edge) nor 4 (high level), which are what a "
				  "GIC takes; an SMMUv3's is 1",
				  text);
	}
}

/* --- One line for two purposes. --- */

static bool same_line(const struct line_traits *a, const struct line_traits *b)
{
	return is_shared_kind(a) && is_shared_kind(b) && a->intid == b->intid;
}

/* "eventq, priq" of those that are this wire's line. */
static unsigned int name_sharers(const struct smmu_traits *smmu, unsigned int wire, char names[LINES_TEXT_SIZE])
{
	unsigned int count = 0;
	size_t length = 0;

	for (unsigned int other = wire; other < WIRES; other++) {
		if (same_line(&smmu->line[wire], &smmu->line[other])) {
			length += format_text(names + length, LINES_TEXT_SIZE - length, "%s%s", count++ ? ", " : "",
					      line_name((enum wire)other));
		}
	}
	return count;
}

/* Linux requests each alone: the second request fails. */
static void judge_sharing(struct table_findings *findings, const char *name, const struct smmu_traits *smmu,
			  unsigned int i)
{
	char names[LINES_TEXT_SIZE], words[LINES_TEXT_SIZE];

	for (unsigned int wire = 0; !smmu->is_combined && wire < WIRES; wire++) {
		unsigned int count = name_sharers(smmu, wire, names);

		if (count > 1) {
			line_words(&smmu->line[wire], words, sizeof(words));
			table_finding_add(findings, FINDING_INTERRUPT_SHARED, name, NULL, i,
					  "%s are %s %s, and it is not described as \"combined\": Linux refuses the "
					  "second",
					  names, count > 2 ? "all" : "both", words);
			return;
		}
	}
}

/* Lines by their INTIDs; `index` counts wires. */
static unsigned int fill_spans(const struct table_view *view)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < view->description->streams.smmu_count * WIRES; i++) {
		const struct line_traits *line = &view->traits->smmu[i / WIRES].line[i % WIRES];

		if (view->description->streams.smmu[i / WIRES].enabled && is_shared_kind(line)) {
			view->spans[count++] = (struct span){.group = line->intid, .index = i};
		}
	}
	return count;
}

/* One line of an SMMU's is told of, with the first SMMU that has it. */
static void judge_neighbours(const struct table_view *view, struct table_findings *findings)
{
	const struct smmu_description *smmu = view->description->streams.smmu;
	struct span *spans = view->spans;
	unsigned int count = fill_spans(view);
	unsigned int first = 0;
	char words[LINES_TEXT_SIZE];

	spans_sort(spans, count);
	for (unsigned int i = 1; i < count; i++) {
		unsigned int owner = spans[i].index / WIRES;

		first = spans[i].group == spans[first].group ? first : i;
		if (owner != spans[first].index / WIRES &&
		    !table_finding_is_at(findings, FINDING_INTERRUPT_SHARED, smmu[owner].name)) {
			const struct smmu_description *other = &smmu[spans[first].index / WIRES];

			line_words(&view->traits->smmu[owner].line[spans[i].index % WIRES], words, sizeof(words));
			table_finding_add(findings, FINDING_INTERRUPT_SHARED, smmu[owner].name, NULL,
					  table_cause(other->name), "%s is an interrupt of %s, too", words,
					  other->name);
		}
	}
}

/* --- Exchanged lines. --- */

/* From the event queue's line to that of global errors; 0: not known. */
static int64_t line_step(const struct table_view *view, unsigned int i)
{
	const struct line_traits *line = view->traits->smmu[i].line;

	if (!view->description->streams.smmu[i].enabled || !is_shared_kind(&line[WIRE_EVENTQ]) ||
	    !is_shared_kind(&line[WIRE_GERROR])) {
		return 0;
	}
	return (int64_t)line[WIRE_GERROR].intid - line[WIRE_EVENTQ].intid;
}

/* SMMUs of one SoC are mostly wired alike: the fewer that have the step of the others backwards are told. */
static void judge_steps(const struct table_view *view, struct table_findings *findings)
{
	const struct smmu_description *smmu = view->description->streams.smmu;
	unsigned int count = view->description->streams.smmu_count;
	unsigned int forwards = 0, backwards = 0, first = 0;
	int64_t step;

	while (first < count && !line_step(view, first)) {
		first++;
	}
	for (unsigned int i = first; i < count; i++) {
		forwards += line_step(view, i) == line_step(view, first);
		backwards += line_step(view, i) == -line_step(view, first);
	}
	if (!backwards || !forwards) {
		return;
	}
	step = backwards > forwards ? line_step(view, first) : -line_step(view, first);
	for (unsigned int i = first; i < count; i++) {
		if (line_step(view, i) == step) {
			table_finding_add(findings, FINDING_INTERRUPT_ORDER, smmu[i].name, "interrupts", 0,
					  "from eventq to gerror it is %d, and of %u other SMMU%s %d: are the two "
					  "exchanged?",
					  (int)step, backwards > forwards ? backwards : forwards,
					  (backwards > forwards ? backwards : forwards) == 1 ? "" : "s", (int)-step);
		}
	}
}

/* --- By MSI. --- */

static void judge_own_msi(struct table_findings *findings, const struct smmu_description *smmu,
			  const struct smmu_traits *traits, unsigned int i)
{
	bool is_wired = smmu->eventq.present && smmu->gerror.present;

	if (traits->msi == OWN_MSI_NO_FLAG) {
		table_finding_add(findings, FINDING_OWN_MSI_NO_FLAG, smmu->name, NULL, i,
				  "its device ID mapping index is %" PRIu32
				  ", and the flag that it is valid (bit 4) is clear: its own MSIs have no device ID",
				  traits->msi_index);
	} else if (traits->msi == OWN_MSI_RANGE) {
		table_finding_add(
			findings, FINDING_OWN_MSI_RANGE, smmu->name, NULL, i,
			"its device ID mapping index %" PRIu32 " is of a mapping of 0x%" PRIx32
			" IDs, not of a single one: its own MSIs have no device ID, and Linux uses that mapping for no "
			"master's MSIs either",
			traits->msi_index, traits->msi_count);
	} else if (traits->msi == OWN_MSI_NOWHERE && !is_wired) {
		table_finding_add(findings, FINDING_OWN_MSI_NOWHERE, smmu->name, NULL, i,
				  "its own MSIs lead to no MSI controller, and it has no wired interrupts");
	} else if (traits->msi == OWN_MSI_DISABLED && !is_wired) {
		table_finding_add(findings, FINDING_OWN_MSI_DISABLED, smmu->name, "msi-parent", i,
				  "%s is disabled, and it has no wired interrupts", traits->msi_controller);
	}
}

void judge_lines(const struct table_view *view, struct table_findings *findings)
{
	const struct stream_description *streams = &view->description->streams;

	if (!view->traits) {
		return;
	}
	judge_neighbours(view, findings);
	judge_steps(view, findings);
	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		const struct smmu_description *smmu = &streams->smmu[i];
		const struct smmu_traits *traits = &view->traits->smmu[i];

		if (!smmu->enabled) {
			continue;
		}
		judge_parent(findings, smmu->name, traits, i);
		judge_numbers(findings, smmu->name, traits, i);
		judge_kinds(findings, smmu->name, traits, i);
		judge_sharing(findings, smmu->name, traits, i);
		judge_own_msi(findings, smmu, traits, i);
	}
}
