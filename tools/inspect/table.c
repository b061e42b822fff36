/* SPDX-License-Identifier: BSD-2-Clause */
#include "table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/dt.h"
#include "firmware/iort.h"

#define FILE_SIZE_MAX (64UL << 20) /* No table comes near. */

static const uint8_t dtb_magic[] = {0xd0, 0x0d, 0xfe, 0xed};

/* The whole file in memory that ends where the file does; NULL with `errno`. */
static uint8_t *load(FILE *file, size_t *size)
{
	uint8_t *bytes = NULL;
	long end;

	if (fseek(file, 0, SEEK_END) || (end = ftell(file)) < 0 || fseek(file, 0, SEEK_SET)) {
		return NULL;
	}
	if ((size_t)end > FILE_SIZE_MAX) {
		errno = EFBIG;
		return NULL;
	}
	bytes = malloc(end ? (size_t)end : 1);
	*size = bytes ? fread(bytes, 1, (size_t)end, file) : 0;
	if (bytes && *size != (size_t)end) {
		free(bytes);
		bytes = NULL;
	}
	return bytes;
}

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
	if (dt_read_iommus(bytes, &table->description) || dt_read_msis(bytes, &table->description, &table->msis)) {
		return "a device tree blob without a root";
	}
	return NULL;
}

/* What the reader has found wrong with the table as a whole is its last warning. */
static const char *read_iort(struct table *table, const uint8_t *bytes, size_t size)
{
	const struct description *description = &table->description;

	table->format = "iort";
	if (iort_read(bytes, size, &table->description)) {
		return description->warning_count ? description->warning[description->warning_count - 1].text :
						    "an IORT that is damaged";
	}
	(void)iort_read_msis(bytes, size, &table->description, &table->msis);
	return NULL;
}

static const char *read_bytes(struct table *table, const uint8_t *bytes, size_t size)
{
	description_init(&table->description);
	if (size >= sizeof(dtb_magic) && !memcmp(bytes, dtb_magic, sizeof(dtb_magic))) {
		return read_dt(table, bytes, size);
	}
	if (size >= 4 && !memcmp(bytes, "IORT", 4)) {
		return read_iort(table, bytes, size);
	}
	if (size >= 4 && !memcmp(bytes, "VIOT", 4)) {
		return "an ACPI VIOT: it describes a virtio-iommu, and no SMMUv3";
	}
	return "neither a device tree blob nor an ACPI IORT";
}

const char *table_read(struct table *table, const char *path)
{
	FILE *file = fopen(path, "rb");
	size_t size = 0;
	uint8_t *bytes = file ? load(file, &size) : NULL;
	const char *why = bytes ? read_bytes(table, bytes, size) : strerror(errno);

	table->path = path;
	free(bytes);
	if (file) {
		(void)fclose(file);
	}
	return why;
}

const char *table_words(const struct table *table)
{
	return table->description.streams.source == DESCRIPTION_IORT ? "IORT" : "device tree";
}
