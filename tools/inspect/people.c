/* SPDX-License-Identifier: BSD-2-Clause */
#include "people.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "findings/claim.h"
#include "findings/judge.h"
#include "findings/spans.h"
#include "traits_text.h"

#define RANGE_SIZE 40

void people_print_text_to(FILE *file, const char *text)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c < 0x80 && isprint(c)) {
			(void)fputc(c, file);
		} else {
			(void)fprintf(file, "\\x%02x", c);
		}
	}
}

void people_print_text(const char *text)
{
	people_print_text_to(stdout, text);
}

static void range_words(char words[RANGE_SIZE], uint32_t first, uint32_t last)
{
	if (first == last) {
		snprintf(words, RANGE_SIZE, "0x%" PRIx32, first);
	} else {
		snprintf(words, RANGE_SIZE, "0x%" PRIx32 " to 0x%" PRIx32, first, last);
	}
}

/* Widest text, head or row. */
struct columns {
	int ids;
	int input;
};

#define IDS_HEAD "stream IDs"
#define DEVICES_HEAD "device IDs"
#define INPUT_HEAD "requester or input IDs"

static int wider(int width, const char *words)
{
	int length = (int)strlen(words);

	return length > width ? length : width;
}

static void input_words(char words[2 * RANGE_SIZE], uint32_t first, uint32_t last, bool has_mask, uint32_t mask)
{
	range_words(words, first, last);
	if (has_mask) {
		size_t length = strlen(words);

		snprintf(words + length, 2 * RANGE_SIZE - length, " & 0x%" PRIx32, mask);
	}
}

static void print_row(const struct columns *columns, const char *ids, const char *input, const char *master,
		      const char *to, bool enabled)
{
	printf("  %-*s  %-*s  ", columns->ids, ids, columns->input, input);
	people_print_text(master);
	if (to) {
		printf(" to ");
		people_print_text(to);
	}
	puts(enabled ? "" : " (disabled)");
}

static void fixed_words(const struct fixed_description *fixed, char ids[RANGE_SIZE])
{
	range_words(ids, fixed->first, fixed->last);
}

static void window_words(const struct window_description *window, char ids[RANGE_SIZE], char input[2 * RANGE_SIZE])
{
	range_words(ids, window->sid, description_window_last(window));
	input_words(input, window->input_first, window->input_last, window->has_mask, window->mask);
}

static void print_instance(const struct smmu_description *smmu, const struct smmu_traits *traits)
{
	people_print_text(smmu->name);
	if (smmu->has_base) {
		printf(": at 0x%" PRIx64 ", 0x%" PRIx64 " bytes", smmu->base, smmu->size);
	} else {
		printf(": at no address");
	}
	printf(", %s", smmu->enabled ? "enabled" : "disabled");
	if (!smmu->enabled && traits->status) {
		printf(" (status \"");
		people_print_text(traits->status);
		printf("\"%s)", strcmp(traits->status, "reserved") ? "" : ": it is there, and another firmware's");
	}
	printf(", %s", smmu->coherent ? "coherent" : "not coherent");
	traits_print_smmu(traits);
}

static void print_head(const struct columns *columns, const char *ids)
{
	printf("  %-*s  %-*s  %s\n", columns->ids, ids, columns->input, INPUT_HEAD, "master");
}

/* Streams as rows, those of an SMMU beside each other: its index is the group. */
static struct span rows[DESCRIPTION_FIXED_MAX + DESCRIPTION_WINDOWS_MAX];

static unsigned int sort_rows(const struct stream_description *streams)
{
	unsigned int count = claim_count(streams);

	for (unsigned int i = 0; i < count; i++) {
		rows[i] = (struct span){.group = claim_at(streams, i).smmu, .index = i};
	}
	spans_sort(rows, count);
	return count;
}

static void row_words(const struct stream_description *streams, unsigned int i, char ids[RANGE_SIZE],
		      char input[2 * RANGE_SIZE])
{
	if (i < streams->fixed_count) {
		fixed_words(&streams->fixed[i], ids);
		snprintf(input, 2 * RANGE_SIZE, "-");
	} else {
		window_words(&streams->window[i - streams->fixed_count], ids, input);
	}
}

static void print_streams(const struct stream_description *streams, const struct span *row, unsigned int count)
{
	char ids[RANGE_SIZE], input[2 * RANGE_SIZE];
	struct columns columns = {wider(0, IDS_HEAD), wider(0, INPUT_HEAD)};

	if (count == 0) {
		puts("  no stream goes here");
		return;
	}
	for (unsigned int i = 0; i < count; i++) {
		row_words(streams, row[i].index, ids, input);
		columns.ids = wider(columns.ids, ids);
		columns.input = wider(columns.input, input);
	}
	print_head(&columns, IDS_HEAD);
	for (unsigned int i = 0; i < count; i++) {
		struct claim claim = claim_at(streams, row[i].index);

		row_words(streams, row[i].index, ids, input);
		print_row(&columns, ids, input, claim.master, NULL, claim.enabled);
	}
}

static void print_instances(const struct table *table)
{
	const struct stream_description *streams = &table->description.streams;
	unsigned int count = sort_rows(streams);
	unsigned int first = 0;

	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		unsigned int end = first;

		while (end < count && rows[end].group == i) {
			end++;
		}
		(void)putchar('\n');
		print_instance(&streams->smmu[i], &table->traits.smmu[i]);
		print_streams(streams, &rows[first], end - first);
		first = end;
	}
}

static void print_direct(const struct direct_description *direct)
{
	people_print_text(direct->master);
	printf(" %s 0x%" PRIx64 " to 0x%" PRIx64 ", says ", direct->mapped ? "keeps" : "must not be given",
	       direct->base, direct->base + (direct->size - 1));
	people_print_text(direct->where);
	(void)putchar('\n');
}

static void msi_words(const struct msi_description *msi, char ids[RANGE_SIZE], char input[2 * RANGE_SIZE])
{
	snprintf(ids, RANGE_SIZE, "-");
	if (msi->has_device) {
		range_words(ids, msi->device, msi_last(msi));
	}
	snprintf(input, 2 * RANGE_SIZE, "-");
	if (msi->has_input) {
		input_words(input, msi->input_first, msi->input_last, msi->has_mask, msi->mask);
	}
}

static void print_msis(const struct msi_list *msis)
{
	struct columns columns = {wider(0, DEVICES_HEAD), wider(0, INPUT_HEAD)};
	char ids[RANGE_SIZE], input[2 * RANGE_SIZE];

	for (unsigned int i = 0; i < msis->count; i++) {
		msi_words(&msis->msi[i], ids, input);
		columns.ids = wider(columns.ids, ids);
		columns.input = wider(columns.input, input);
	}
	if (msis->count) {
		printf("\nMSIs\n");
		print_head(&columns, DEVICES_HEAD);
	}
	for (unsigned int i = 0; i < msis->count; i++) {
		const struct msi_description *msi = &msis->msi[i];

		msi_words(msi, ids, input);
		print_row(&columns, ids, input, msi->master, msi->controller, msi->enabled);
	}
}

static const char *plural(unsigned int count)
{
	return count == 1 ? "" : "s";
}

/* A few of the places behind the first; --json has all. */
#define PLACES_SHOWN 4U

static void print_other_places(const struct table_findings *findings, const struct table_finding *finding)
{
	const struct table_finding_place *place = &findings->place[finding->place_first];

	for (unsigned int i = 0; i < PLACES_SHOWN && (place = table_finding_next_place(findings, place)); i++) {
		printf(i ? ", " : ": ");
		people_print_text(place->name);
	}
	puts(finding->count > PLACES_SHOWN + 1 ? ", ..." : "");
}

static void print_finding(const struct table_findings *findings, const struct table_finding *finding)
{
	printf("  %-7s  ", table_finding_severity_name(finding->id));
	people_print_text(finding->place);
	printf(": ");
	people_print_text(finding->text);
	printf(" [%s]\n", table_finding_name(finding->id));
	if (finding->count > 1) {
		printf("           and %u more like it", finding->count - 1);
		print_other_places(findings, finding);
	}
}

/* "No findings" is of these alone. */
static void print_looked_at(const struct table *table)
{
	const struct stream_description *streams = &table->description.streams;
	const char *subject;

	printf("Looked at: ");
	for (unsigned int i = 0; (subject = table_judge_subject(i)); i++) {
		printf("%s%s", i ? ", " : "", subject);
	}
	printf(".\nThe table has %u SMMUv3, %u stream%s named, %u window%s, %u reserved region%s, %u destination%s of "
	       "MSIs.\n",
	       streams->smmu_count, streams->fixed_count, plural(streams->fixed_count), streams->window_count,
	       plural(streams->window_count), streams->direct_count, plural(streams->direct_count), table->msis.count,
	       plural(table->msis.count));
}

static void print_accepted(unsigned int count, const char *before, const char *behind)
{
	if (count) {
		printf("%s%u finding%s%s", before, count, plural(count), behind);
	}
}

void people_print_findings(const struct table *table)
{
	const struct table_findings *findings = &table->findings;
	unsigned int count = table_findings_at_least(findings, FINDING_NOTE);
	const struct table_finding *finding = NULL;

	puts(count ? "\nFindings, worst first" : "\nNo findings.");
	while ((finding = table_finding_next(findings, finding))) {
		if (!finding->accepted) {
			print_finding(findings, finding);
		}
	}
	if (findings->lost) {
		printf("  and %u more, which find no room in the list\n", findings->lost);
	}
	if (!count) {
		print_looked_at(table);
	}
	print_accepted(findings->count + findings->lost - count, "\n", " accepted.\n");
}

void people_print(const struct table *table)
{
	const struct description *description = &table->description;
	const struct stream_description *streams = &description->streams;

	people_print_text(table->path);
	printf(": %s, %u SMMUv3\n", table_words(table), streams->smmu_count);
	print_instances(table);
	traits_print_masters(&table->traits);
	for (unsigned int i = 0; i < streams->direct_count; i++) {
		printf(i ? "" : "\nReserved\n");
		printf("  ");
		print_direct(&streams->direct[i]);
	}
	traits_print_regions(&table->traits);
	traits_print_pmcgs(&table->traits);
	print_msis(&table->msis);
	for (unsigned int i = 0; i < description->note_count; i++) {
		printf(i ? "  " : "\nPassed over\n  ");
		people_print_text(description->note[i].where);
		printf(": ");
		people_print_text(description->note[i].text);
		(void)putchar('\n');
	}
	people_print_findings(table);
}

void people_print_line(const struct table *table, const char *why)
{
	const struct stream_description *streams = &table->description.streams;
	unsigned int findings = table_findings_at_least(&table->findings, FINDING_NOTE);

	people_print_text(table->path);
	printf(": ");
	if (why) {
		printf("REFUSED: %s\n", why);
		return;
	}
	printf("%s, %u SMMUv3, %u stream%s named, %u window%s, %u finding%s", table_words(table), streams->smmu_count,
	       streams->fixed_count, plural(streams->fixed_count), streams->window_count, plural(streams->window_count),
	       findings, plural(findings));
	print_accepted(table->findings.count + table->findings.lost - findings, ", ", " accepted");
	(void)putchar('\n');
}
