/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Compares the description with itself, a second table, ID registers, PCI and interrupts. A difference is only a
 * warning: observed DMA decides.
 */
#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include "base/arch.h"
#include "checks/checks.h"
#include "firmware/findings.h"
#include "report/finding.h"
#include "report/print.h"
#include "report/record.h"

#define DIFFERENCES_MAX 64U /* With a record. */
#define DETAIL_SIZE 320U

struct pair {
	struct bringup *bringup;
	const char *one;
	const char *other;
};

static const char *source_name(const struct stream_description *streams)
{
	return streams->source == DESCRIPTION_IORT ? "iort" : "dt";
}

static const char *source_words(const struct stream_description *streams)
{
	return streams->source == DESCRIPTION_IORT ? "IORT" : "device tree";
}

static void compare_take(void *context, const char *subject, const char *detail)
{
	const struct pair *pair = context;
	char first[FINDING_ADVICE_SIZE];
	struct record record;

	if (pair->bringup->tally.differences >= DIFFERENCES_MAX) {
		pair->bringup->differences_unsaid++;
		return;
	}
	pair->bringup->tally.differences++;
	record_begin(&record, "difference");
	record_open(&record, "between", '[');
	record_string(&record, NULL, pair->one);
	record_string(&record, NULL, pair->other);
	record_close(&record, ']');
	record_string(&record, "subject", subject);
	record_string(&record, "detail", detail);
	record_end(&record);
	/* With log=quiet and records=off only this is shown. */
	format_text(first, sizeof(first), "the first: %s: %s", subject, detail);
	finding_add(
		"difference", FINDING_WARNING, pair->one,
		"it disagrees with what else tells of this machine: each is a 'differs' line and a difference record",
		first);
	print("  differs %s: %s\n", subject, detail);
}

static void say_unsaid(struct bringup *bringup)
{
	if (bringup->differences_unsaid) {
		print("  and %u differences more\n", bringup->differences_unsaid);
	}
	bringup->differences_unsaid = 0;
}

void compare_differ(struct bringup *bringup, const char *against, const char *subject, const char *format, ...)
{
	struct pair pair = {bringup, source_name(&bringup->description->streams), against};
	char detail[DETAIL_SIZE];
	va_list arguments;

	va_start(arguments, format);
	format_text_v(detail, sizeof(detail), format, arguments);
	va_end(arguments);
	compare_take(&pair, subject, detail);
}

/* --- ID registers. --- */

static const struct smmu_description *description_of(const struct bringup *bringup, unsigned int i,
						     unsigned int *described)
{
	const struct stream_description *streams = &bringup->description->streams;

	for (*described = 0; *described < streams->smmu_count; (*described)++) {
		if (streams->smmu[*described].name == smmuv3_iommu(bringup->smmu[i])->name) {
			return &streams->smmu[*described];
		}
	}
	return NULL;
}

static void compare_reach(struct bringup *bringup, struct smmuv3 *smmu, const char *master, uint32_t last)
{
	unsigned int bits = smmuv3_features(smmu)->sid_bits;

	if (bits < 32 && last >> bits) {
		compare_differ(bringup, "idr", master,
			       "its stream 0x%" PRIx32
			       " of %s has more than the %u bits of IDR1.SIDSIZE: no device can emit it",
			       last, smmuv3_iommu(smmu)->name, bits);
	}
}

static void compare_registers(struct bringup *bringup, unsigned int i)
{
	const struct stream_description *streams = &bringup->description->streams;
	struct smmuv3 *smmu = bringup->smmu[i];
	unsigned int described;
	const struct smmu_description *from = description_of(bringup, i, &described);
	bool coherent = smmuv3_features(smmu)->coherent_access;

	if (!from) {
		return;
	}
	if (from->coherent != coherent) {
		compare_differ(bringup, "idr", from->name,
			       "it is described as %scoherent, and IDR0.COHACC is %u: the description is followed",
			       from->coherent ? "" : "not ", coherent);
	}
	for (unsigned int k = 0; k < streams->fixed_count; k++) {
		if (streams->fixed[k].enabled && streams->fixed[k].smmu == described) {
			compare_reach(bringup, smmu, streams->fixed[k].master, streams->fixed[k].last);
		}
	}
	for (unsigned int k = 0; k < streams->window_count; k++) {
		if (streams->window[k].enabled && streams->window[k].smmu == described) {
			compare_reach(bringup, smmu, streams->window[k].master,
				      description_window_last(&streams->window[k]));
		}
	}
}

/* --- PCI. --- */

static bool has_windows(const struct stream_description *streams, uint32_t segment)
{
	for (unsigned int i = 0; i < streams->window_count; i++) {
		if (streams->window[i].enabled && streams->window[i].segment == segment) {
			return true;
		}
	}
	return false;
}

static void compare_function(struct bringup *bringup, const struct master *master)
{
	if (master->pci && !master->iommu.link_count && !master->iommu.reason &&
	    has_windows(&bringup->description->streams, master->pci->host->segment)) {
		compare_differ(bringup, "pci", master->device.name,
			       "its requester ID 0x%x is in no window of its host: no SMMU is described for it",
			       (unsigned int)master->requester_id);
	}
}

void compare(struct bringup *bringup)
{
	const struct stream_description *streams = &bringup->description->streams;

	/* AArch32's image has no room for it: smmu-inspect says the same of the table. */
	if (ARCH_PLANS) {
		struct pair own = {bringup, source_name(streams), source_name(streams)};

		(void)findings_within(streams, compare_take, &own);
	}
	if (bringup->other) {
		struct pair pair = {bringup, source_name(streams), source_name(bringup->other)};

		(void)findings_between(streams, source_words(streams), bringup->other, source_words(bringup->other),
				       compare_take, &pair);
	}
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		if (!bringup->unusable[i]) {
			compare_registers(bringup, i);
		}
	}
	for (unsigned int i = 0; i < bringup->master_count; i++) {
		compare_function(bringup, &bringup->master[i]);
	}
	say_unsaid(bringup);
}

/* --- Interrupts. --- */

static void compare_interrupts_of(struct bringup *bringup, unsigned int i)
{
	struct smmuv3_facts facts = smmuv3_facts(bringup->smmu[i]);
	unsigned int described;
	const struct smmu_description *from = description_of(bringup, i, &described);

	if (!from || iommu_state(smmuv3_iommu(bringup->smmu[i])) != IOMMU_READY) {
		return;
	}
	if (facts.event_interrupt && facts.counts->events && !facts.counts->event_interrupts) {
		compare_differ(bringup, "hardware", from->name,
			       "it has reported %" PRIu32 " events, and its event queue interrupt (INTID %" PRIu32
			       ") never came",
			       facts.counts->events, from->eventq.intid);
	}
	if (facts.gerror_interrupt && facts.counts->illegal_commands && !facts.counts->gerror_interrupts) {
		compare_differ(bringup, "hardware", from->name,
			       "an error was provoked, and its global error interrupt (INTID %" PRIu32 ") never came",
			       from->gerror.intid);
	}
}

void compare_interrupts(struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		compare_interrupts_of(bringup, i);
	}
	say_unsaid(bringup);
}
