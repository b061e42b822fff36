/* SPDX-License-Identifier: BSD-2-Clause */
#include "people.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "firmware/findings.h"

#define RANGE_SIZE 40
#define COLUMN "22"

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

static void print_row(uint32_t first, uint32_t last, const char *input, const char *master, bool enabled)
{
	char ids[RANGE_SIZE];

	range_words(ids, first, last);
	printf("  %-" COLUMN "s %-" COLUMN "s ", ids, input);
	people_print_text(master);
	puts(enabled ? "" : " (disabled)");
}

static void print_window(const struct window_description *window)
{
	char input[2 * RANGE_SIZE];
	char ids[RANGE_SIZE];

	range_words(ids, window->input_first, window->input_last);
	if (window->has_mask) {
		snprintf(input, sizeof(input), "%s & 0x%" PRIx32, ids, window->mask);
	} else {
		snprintf(input, sizeof(input), "%s", ids);
	}
	print_row(window->sid, description_window_last(window), input, window->master, window->enabled);
}

static void print_irq(const char *name, const struct irq_description *irq)
{
	if (irq->present) {
		printf(", %s INTID %" PRIu32, name, irq->intid);
	}
}

static void print_instance(const struct smmu_description *smmu)
{
	people_print_text(smmu->name);
	if (smmu->has_base) {
		printf(": at 0x%" PRIx64 ", 0x%" PRIx64 " bytes", smmu->base, smmu->size);
	} else {
		printf(": at no address");
	}
	printf(", %s, %s", smmu->enabled ? "enabled" : "disabled", smmu->coherent ? "coherent" : "not coherent");
	print_irq("eventq", &smmu->eventq);
	print_irq("gerror", &smmu->gerror);
	(void)putchar('\n');
}

static void print_head(bool *said)
{
	if (!*said) {
		printf("  %-" COLUMN "s %-" COLUMN "s %s\n", "stream IDs", "requester or input IDs", "master");
	}
	*said = true;
}

static void print_streams(const struct stream_description *streams, unsigned int smmu)
{
	bool said = false;

	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		const struct fixed_description *fixed = &streams->fixed[i];

		if (fixed->smmu == smmu) {
			print_head(&said);
			print_row(fixed->first, fixed->last, "-", fixed->master, fixed->enabled);
		}
	}
	for (unsigned int i = 0; i < streams->window_count; i++) {
		if (streams->window[i].smmu == smmu) {
			print_head(&said);
			print_window(&streams->window[i]);
		}
	}
	if (!said) {
		puts("  nobody's streams");
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

static void print_msi(const struct msi_description *msi)
{
	char words[RANGE_SIZE] = "-";

	if (msi->has_device) {
		range_words(words, msi->device, msi_last(msi));
	}
	printf("  %-" COLUMN "s ", words);
	snprintf(words, sizeof(words), "-");
	if (msi->has_input) {
		range_words(words, msi->input_first, msi->input_last);
	}
	if (msi->has_mask) {
		printf("%s & 0x%-" COLUMN PRIx32 " ", words, msi->mask);
	} else {
		printf("%-" COLUMN "s ", words);
	}
	people_print_text(msi->master);
	printf(" to ");
	people_print_text(msi->controller);
	puts(msi->enabled ? "" : " (disabled)");
}

static void print_msis(const struct msi_list *msis)
{
	if (msis->count) {
		printf("\nMSIs\n  %-" COLUMN "s %-" COLUMN "s %s\n", "device IDs", "requester or input IDs", "master");
	}
	for (unsigned int i = 0; i < msis->count; i++) {
		print_msi(&msis->msi[i]);
	}
}

static void print_finding(void *context, const char *subject, const char *detail)
{
	unsigned int *count = context;

	if (!(*count)++) {
		puts("\nFindings");
	}
	printf("  ");
	people_print_text(subject);
	printf(": ");
	people_print_text(detail);
	(void)putchar('\n');
}

void people_print(const struct table *table)
{
	const struct description *description = &table->description;
	const struct stream_description *streams = &description->streams;
	unsigned int findings = 0;

	people_print_text(table->path);
	printf(": %s, %u SMMUv3\n", table_words(table), streams->smmu_count);
	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		(void)putchar('\n');
		print_instance(&streams->smmu[i]);
		print_streams(streams, i);
	}
	for (unsigned int i = 0; i < streams->direct_count; i++) {
		printf(i ? "" : "\nReserved\n");
		printf("  ");
		print_direct(&streams->direct[i]);
	}
	print_msis(&table->msis);
	for (unsigned int i = 0; i < description->note_count; i++) {
		printf(i ? "  " : "\nPassed over\n  ");
		people_print_text(description->note[i].where);
		printf(": ");
		people_print_text(description->note[i].text);
		(void)putchar('\n');
	}
	for (unsigned int i = 0; i < description->warning_count; i++) {
		print_finding(&findings, description->warning[i].where, description->warning[i].text);
	}
	if (description->warnings_lost) {
		printf("  and %u warnings more than can be listed\n", description->warnings_lost);
	}
	(void)findings_within(streams, print_finding, &findings);
	(void)findings_of_msis(streams, &table->msis, print_finding, &findings);
	if (!findings) {
		puts("\nNo findings.");
	}
}

static void count_finding(void *context, const char *subject, const char *detail)
{
	(void)context;
	(void)subject;
	(void)detail;
}

void people_print_line(const struct table *table, const char *why)
{
	const struct stream_description *streams = &table->description.streams;

	people_print_text(table->path);
	printf(": ");
	if (why) {
		printf("REFUSED: %s\n", why);
		return;
	}
	printf("%s, %u SMMUv3, %u streams named, %u windows, %u findings\n", table_words(table), streams->smmu_count,
	       streams->fixed_count, streams->window_count,
	       table->description.warning_count + findings_within(streams, count_finding, NULL) +
		       findings_of_msis(streams, &table->msis, count_finding, NULL));
}
