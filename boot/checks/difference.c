/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/difference.h"

#include "report/finding.h"
#include "report/print.h"
#include "report/record.h"

#define DIFFERENCES_MAX 64U
#define DETAIL_SIZE 320U

const char *difference_source(const struct stream_description *streams)
{
	return streams->source == DESCRIPTION_IORT ? "iort" : "dt";
}

void difference_take(void *context, const char *subject, const char *detail)
{
	const struct difference_pair *pair = context;
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
	/* All that log=quiet and records=off show. */
	format_text(first, sizeof(first), "the first: %s: %s", subject, detail);
	finding_add(
		"difference", FINDING_WARNING, pair->one,
		"it disagrees with what else tells of this machine: each is a 'differs' line and a difference record",
		first);
	print("  differs %s: %s\n", subject, detail);
}

void difference_say_unsaid(struct bringup *bringup)
{
	if (bringup->differences_unsaid) {
		print("  and %u differences more\n", bringup->differences_unsaid);
	}
	bringup->differences_unsaid = 0;
}

void compare_differ(struct bringup *bringup, const char *against, const char *subject, const char *format, ...)
{
	struct difference_pair pair = {bringup, difference_source(&bringup->description->streams), against};
	char detail[DETAIL_SIZE];
	va_list arguments;

	va_start(arguments, format);
	format_text_v(detail, sizeof(detail), format, arguments);
	va_end(arguments);
	difference_take(&pair, subject, detail);
}
