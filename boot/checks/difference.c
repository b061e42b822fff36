/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/difference.h"

#include <stddef.h>

#include "report/finding.h"
#include "report/print.h"
#include "report/record.h"

#define DIFFERENCES_MAX 64U /* With a record. */
#define DETAIL_SIZE 320U

const char *difference_source(const struct stream_description *streams)
{
	return streams->source == DESCRIPTION_IORT ? "iort" : "dt";
}

const struct smmu_description *difference_described(const struct bringup *bringup, unsigned int smmu,
						    unsigned int *described)
{
	const struct stream_description *streams = &bringup->description->streams;

	for (*described = 0; *described < streams->smmu_count; (*described)++) {
		if (streams->smmu[*described].name == smmuv3_iommu(bringup->smmu[smmu])->name) {
			return &streams->smmu[*described];
		}
	}
	return NULL;
}

static void record_difference(const struct difference_pair *pair, const char *subject, const char *detail)
{
	struct record record;

	record_begin(&record, "difference");
	record_open(&record, "between", '[');
	record_string(&record, NULL, pair->one);
	record_string(&record, NULL, pair->other);
	record_close(&record, ']');
	record_string(&record, "subject", subject);
	record_string(&record, "detail", detail);
	record_end(&record);
	print("  differs %s: %s\n", subject, detail);
}

static void find_interrupt(struct bringup *bringup, const char *subject, const char *detail)
{
	finding_add("interrupt", bringup->strict ? FINDING_ERROR : FINDING_WARNING, subject,
		    "an interrupt of it does not come as it is described", detail);
	if (bringup->strict) {
		bringup->tally.trouble = "an SMMU's interrupt is not as it is described, and strict=on was asked for";
	}
}

static void find_difference(const char *source, const char *subject, const char *detail)
{
	char first[FINDING_ADVICE_SIZE];

	/* All that log=quiet and records=off show. */
	format_text(first, sizeof(first), "the first: %s: %s", subject, detail);
	finding_add(
		"difference", FINDING_WARNING, source,
		"it disagrees with what else tells of this machine: each is a 'differs' line and a difference record",
		first);
}

void difference_take(void *context, const char *subject, const char *detail)
{
	const struct difference_pair *pair = context;

	if (pair->bringup->tally.differences >= DIFFERENCES_MAX) {
		pair->bringup->differences_unsaid++;
	} else {
		pair->bringup->tally.differences++;
		record_difference(pair, subject, detail);
	}
	if (pair->kind == DIFFERENCE_OF_INTERRUPT) {
		find_interrupt(pair->bringup, subject, detail);
	} else {
		find_difference(pair->one, subject, detail);
	}
}

void difference_say_unsaid(struct bringup *bringup)
{
	if (bringup->differences_unsaid) {
		print("  and %u differences more\n", bringup->differences_unsaid);
	}
	bringup->differences_unsaid = 0;
}

void compare_differ(struct bringup *bringup, enum difference_kind kind, const char *against, const char *subject,
		    const char *format, ...)
{
	struct difference_pair pair = {bringup, difference_source(&bringup->description->streams), against, kind};
	char detail[DETAIL_SIZE];
	va_list arguments;

	va_start(arguments, format);
	format_text_v(detail, sizeof(detail), format, arguments);
	va_end(arguments);
	difference_take(&pair, subject, detail);
}
