/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/finding.h"

#include <stddef.h>
#include <string.h>

#include "base/feature.h"
#include "report/print.h"
#include "report/record.h"

OPTIONAL(print_is_quiet);

struct finding {
	const char *id;
	const char *place;
	enum finding_severity severity;
	unsigned int count;
	char text[FINDING_TEXT_SIZE];
	char advice[FINDING_ADVICE_SIZE];
};

static struct {
	struct finding finding[FINDINGS_MAX];
	unsigned int count;
	unsigned int lost;
} ledger;

static const char severity_names[][8] = {"note", "warning", "error"};

static struct finding *finding_lookup(const char *id, const char *place)
{
	for (unsigned int i = 0; i < ledger.count; i++) {
		struct finding *finding = &ledger.finding[i];

		if (!strcmp(finding->id, id) && !strcmp(finding->place, place)) {
			return finding;
		}
	}
	return NULL;
}

/* If full, a worse finding replaces a milder one. */
static struct finding *finding_room_for(enum finding_severity severity)
{
	if (ledger.count < FINDINGS_MAX) {
		return &ledger.finding[ledger.count++];
	}
	ledger.lost++;
	for (unsigned int i = FINDINGS_MAX; i-- > 0;) {
		if (ledger.finding[i].severity < severity) {
			return &ledger.finding[i];
		}
	}
	return NULL;
}

void finding_add(const char *id, enum finding_severity severity, const char *place, const char *text,
		 const char *advice)
{
	struct finding *finding = finding_lookup(id, place);

	if (finding) {
		finding->count++;
		return;
	}
	finding = finding_room_for(severity);
	if (!finding) {
		return;
	}
	*finding = (struct finding){.id = id, .place = place, .severity = severity, .count = 1};
	format_text(finding->text, sizeof(finding->text), "%s", text);
	format_text(finding->advice, sizeof(finding->advice), "%s", advice ? advice : "");
}

static void finding_record(const struct finding *finding)
{
	struct record record;

	record_begin(&record, "finding");
	record_string(&record, "id", finding->id);
	record_string(&record, "severity", severity_names[finding->severity]);
	record_string(&record, "place", finding->place);
	record_string(&record, "text", finding->text);
	record_string(&record, "advice", finding->advice[0] ? finding->advice : NULL);
	record_count(&record, "count", finding->count);
	record_end(&record);
}

static void finding_say(unsigned int number, const struct finding *finding)
{
	char times[24] = "";

	if (finding->count > 1) {
		format_text(times, sizeof(times), " (%u times)", finding->count);
	}
	print_always("%2u. %s %s: %s: %s%s\n", number, severity_names[finding->severity], finding->place, finding->id,
		     finding->text, times);
	if (finding->advice[0]) {
		print_always("    %s\n", finding->advice);
	}
}

static unsigned int findings_report_those(enum finding_severity severity, unsigned int number)
{
	for (unsigned int i = 0; i < ledger.count; i++) {
		const struct finding *finding = &ledger.finding[i];

		if (finding->severity != severity) {
			continue;
		}
		if (number < FINDINGS_LISTED) {
			finding_say(number + 1, finding);
		}
		finding_record(finding);
		number++;
	}
	return number;
}

void findings_report(void)
{
	unsigned int number = 0;

	if (ledger.count) {
		print_always("\nfindings   worst first\n");
	}
	for (int severity = FINDING_ERROR; severity >= FINDING_NOTE; severity--) {
		number = findings_report_those((enum finding_severity)severity, number);
	}
	if (number + ledger.lost > FINDINGS_LISTED) {
		print_always("    and %u more%s\n", number + ledger.lost - FINDINGS_LISTED,
			     is_linked(print_is_quiet) && print_is_quiet() ? ": log=normal prints them" : ", above");
	}
}

bool findings_say(void)
{
	unsigned int number = 0;

	for (int severity = FINDING_ERROR; severity >= FINDING_NOTE; severity--) {
		for (unsigned int i = 0; i < ledger.count; i++) {
			if ((int)ledger.finding[i].severity == severity) {
				finding_say(++number, &ledger.finding[i]);
			}
		}
	}
	return number;
}

void findings_forget(void)
{
	ledger.count = 0;
	ledger.lost = 0;
}
