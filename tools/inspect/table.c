/* SPDX-License-Identifier: BSD-2-Clause */
#include "table.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "findings/judge.h"
#include "firmware/dt.h"
#include "firmware/dt_lookup.h"
#include "firmware/iort.h"
#include "form.h"

#define FILE_SIZE_MAX (64UL << 20) /* Far above any table. */

static const uint8_t dtb_magic[] = {0xd0, 0x0d, 0xfe, 0xed};

/* Reads all, a pipe too; NULL with `errno`. */
static uint8_t *load(FILE *file, size_t *size)
{
	size_t room = 1UL << 16;
	uint8_t *bytes = malloc(room);

	*size = 0;
	while (bytes && (*size += fread(bytes + *size, 1, room - *size, file)) == room && room <= FILE_SIZE_MAX) {
		uint8_t *more = realloc(bytes, room *= 2);

		bytes = more ? more : (free(bytes), NULL);
	}
	if (bytes && (ferror(file) || *size > FILE_SIZE_MAX)) {
		errno = ferror(file) ? errno : EFBIG;
		free(bytes);
		return NULL;
	}
	/* A sanitiser then sees a byte too many. */
	return bytes ? realloc(bytes, *size ? *size : 1) : NULL;
}

/* --- Windows that follow each other are one. --- */

static bool goes_on(const struct window_description *window, const struct window_description *next)
{
	uint32_t length = window->input_last - window->input_first + 1;

	return window->master == next->master && window->smmu == next->smmu && window->enabled == next->enabled &&
	       window->has_mask == next->has_mask && window->mask == next->mask && window->constant == next->constant &&
	       window->input_last + 1 == next->input_first && next->input_first &&
	       next->sid == (window->constant ? window->sid : window->sid + length);
}

/* Those of one master stand together, ascending. Before traits are read, which count them. */
static void join_windows(struct stream_description *streams)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < streams->window_count; i++) {
		if (count && goes_on(&streams->window[count - 1], &streams->window[i])) {
			streams->window[count - 1].input_last = streams->window[i].input_last;
		} else {
			streams->window[count++] = streams->window[i];
		}
	}
	streams->window_count = count;
}

/* --- Tables. --- */

static const char *say_damage(struct table *table, const struct dt_damage *damage)
{
	(void)snprintf(table->why, sizeof(table->why),
		       "a device tree blob that is damaged at byte 0x%" PRIx32 "%s%.64s: %s", damage->at,
		       damage->node ? ", in node " : "", damage->node ? damage->node : "", damage->what);
	return table->why;
}

static const char *read_dt(struct table *table, const uint8_t *bytes, size_t size)
{
	struct dt_damage damage = dt_find_damage(bytes, size);

	table->format = "dt";
	if (damage.what) {
		return say_damage(table, &damage);
	}
	dt_lookup_begin(bytes);
	/* In a folder of a distribution, overlays stand beside the trees. */
	if (form_explain_blob(bytes, table->path, table->why)) {
		table->is_other = true;
		return table->why;
	}
	if (dt_read_iommus(bytes, &table->description) || dt_read_msis(bytes, &table->description, &table->msis)) {
		return "a device tree blob without a root";
	}
	join_windows(&table->description.streams);
	dt_read_traits(bytes, &table->description, &table->traits);
	return NULL;
}

/* The last warning is about the whole table. */
static const char *read_iort(struct table *table, const uint8_t *bytes, size_t size)
{
	const struct description *description = &table->description;

	table->format = "iort";
	if (iort_read(bytes, size, &table->description)) {
		return description->warning_count ? description->warning[description->warning_count - 1].text :
						    "an IORT that is damaged";
	}
	(void)iort_read_msis(bytes, size, &table->description, &table->msis);
	join_windows(&table->description.streams);
	iort_read_traits(bytes, size, &table->description, &table->traits);
	return NULL;
}

/* The sum is 0 (ACPI 5.2.6); a FACS has no checksum (5.2.10). */
static bool adds_up(const uint8_t *bytes, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++) {
		sum = (uint8_t)(sum + bytes[i]);
	}
	return sum == 0 || !memcmp(bytes, "FACS", 4);
}

/* Name, length (ACPI 5.2.6) and checksum, or an IORT with a damaged name would be passed over. */
static bool is_acpi(const uint8_t *bytes, size_t size)
{
	if (size < 8 || (bytes[4] | (size_t)bytes[5] << 8 | (size_t)bytes[6] << 16 | (size_t)bytes[7] << 24) != size) {
		return false;
	}
	for (size_t i = 0; i < 4; i++) {
		if (!isupper(bytes[i]) && !isdigit(bytes[i]) && bytes[i] != '_') {
			return false;
		}
	}
	return adds_up(bytes, size);
}

static const char *say_other_acpi(struct table *table, const uint8_t *bytes)
{
	table->is_other = true;
	(void)snprintf(table->why, sizeof(table->why), "an ACPI %.4s, which says nothing of stream IDs: an IORT does",
		       (const char *)bytes);
	return table->why;
}

static const char *read_bytes(struct table *table, const uint8_t *bytes, size_t size)
{
	description_init(&table->description);
	table->is_other = false;
	if (form_explain_cut(bytes, size, table->why)) {
		return table->why;
	}
	if (size >= sizeof(dtb_magic) && !memcmp(bytes, dtb_magic, sizeof(dtb_magic))) {
		return read_dt(table, bytes, size);
	}
	if (size >= 4 && !memcmp(bytes, "IORT", 4) && !form_is_text(bytes, size)) {
		return read_iort(table, bytes, size);
	}
	if (size >= 4 && !memcmp(bytes, "VIOT", 4)) {
		return "an ACPI VIOT: it describes a virtio-iommu, and no SMMUv3";
	}
	if (is_acpi(bytes, size)) {
		return say_other_acpi(table, bytes);
	}
	return form_explain(bytes, size, table->path, table->why) ? table->why :
								    "neither a device tree blob nor an ACPI IORT";
}

void table_judge_with(struct table *table, const struct facts *facts)
{
	static struct span spans[TABLE_SPANS_MAX];
	const struct table_view view = {
		.description = &table->description,
		.msis = &table->msis,
		.traits = &table->traits,
		.blob = table->bytes,
		.size = table->size,
		.facts = facts,
		.spans = spans,
	};

	table_judge_all(&view, &table->findings);
}

const char *table_read(struct table *table, const char *path)
{
	FILE *file = strcmp(path, TABLE_STDIN) ? fopen(path, "rb") : stdin;
	const char *why;

	free(table->bytes);
	table->path = path;
	table->bytes = file ? load(file, &table->size) : NULL;
	why = table->bytes ? read_bytes(table, table->bytes, table->size) : strerror(errno);
	if (!why) {
		table_judge_with(table, NULL);
	}
	if (file && file != stdin) {
		(void)fclose(file);
	}
	return why;
}

const char *table_words(const struct table *table)
{
	return table->description.streams.source == DESCRIPTION_IORT ? "IORT" : "device tree";
}
