/* SPDX-License-Identifier: BSD-2-Clause */
/* Complaints, the log, counters. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define COMPLAINT_SIZE 160U

/* Room up to the next power of two. */
void *grow(void *array, size_t count, size_t element_size)
{
	char *grown = count & (count - 1) ? array : realloc(array, (count ? 2 * count : 1) * element_size);

	if (!grown) {
		abort();
	}
	memset(grown + count * element_size, 0, element_size);
	return grown;
}

void complain(struct model *m, const char *format, ...)
{
	char *text = malloc(COMPLAINT_SIZE);
	va_list arguments;

	if (!text) {
		abort();
	}
	va_start(arguments, format);
	vsnprintf(text, COMPLAINT_SIZE, format, arguments);
	va_end(arguments);
	*APPEND(m->complaints, m->complaint_count) = text;
}

size_t model_complaint_count(const struct model *model)
{
	return model->complaint_count;
}

const char *model_complaint(const struct model *model, size_t index)
{
	return index < model->complaint_count ? model->complaints[index] : NULL;
}

bool model_complained(const struct model *model, const char *part)
{
	for (size_t i = 0; i < model->complaint_count; i++) {
		if (strstr(model->complaints[i], part)) {
			return true;
		}
	}
	return false;
}

void model_forget_complaints(struct model *model)
{
	for (size_t i = 0; i < model->complaint_count; i++) {
		free(model->complaints[i]);
	}
	free(model->complaints);
	model->complaints = NULL;
	model->complaint_count = 0;
}

void log_entry(struct model *m, enum model_log_kind kind, uint32_t number, const uint64_t *dwords,
	       unsigned int dword_count)
{
	struct model_log *entry = APPEND(m->log, m->log_count);

	entry->kind = kind;
	entry->number = number;
	memcpy(entry->dwords, dwords, dword_count * sizeof(*dwords));
}

size_t model_log_count(const struct model *model)
{
	return model->log_count;
}

const struct model_log *model_log(const struct model *model, size_t index)
{
	return index < model->log_count ? &model->log[index] : NULL;
}

void model_log_clear(struct model *model)
{
	free(model->log);
	model->log = NULL;
	model->log_count = 0;
}

struct model_counters *model_counters(struct model *model)
{
	return &model->counters;
}
