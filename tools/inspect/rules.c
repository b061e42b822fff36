/* SPDX-License-Identifier: BSD-2-Clause */
#include "rules.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "people.h"
#include "report.h"

#define REGISTERS 8U
#define FIELDS_MAX 2U
#define AIDR 7U

static const char *const registers[REGISTERS] = {"IDR0", "IDR1", "IDR2", "IDR3", "IDR4", "IDR5", "IIDR", "AIDR"};

struct field {
	unsigned int from; /* Index into registers[]. */
	unsigned int shift;
	unsigned int width; /* 0: no field. */
	uint32_t value;
	bool or_more;
};

struct rule {
	const char *id;
	const char *level;
	const char *asks;
	const char *unless; /* NULL: it is not met without the fields. */
	struct field field[FIELDS_MAX];
};

#define IS(from, shift, width, value)                                                                                  \
	{                                                                                                              \
		from, shift, width, value, false                                                                       \
	}
#define AT_LEAST(from, shift, width, value)                                                                            \
	{                                                                                                              \
		from, shift, width, value, true                                                                        \
	}
#define DEPENDS(words) words
#define FAILS NULL
#define RULE(id, level, asks, unless, ...) {id, level, asks, unless, {__VA_ARGS__}},
static const struct rule rules[] = {
#include "rules.def"
};

/* False: the report does not have all of them. */
static bool read_registers(const json_t *instance, uint32_t value[REGISTERS])
{
	const json_t *idr = json_object_get(instance, "idr");

	for (unsigned int i = 0; i < REGISTERS; i++) {
		uint64_t read;

		if (!report_hex(idr, registers[i], &read) || read > UINT32_MAX) {
			return false;
		}
		value[i] = (uint32_t)read;
	}
	return true;
}

static uint32_t field_of(const struct field *field, const uint32_t value[REGISTERS])
{
	return value[field->from] >> field->shift & ((1U << field->width) - 1);
}

static bool has(const struct field *field, const uint32_t value[REGISTERS])
{
	uint32_t found = field_of(field, value);

	return !field->width || (field->or_more ? found >= field->value : found == field->value);
}

/* The field that decides: the first that is not as asked, or the first. */
static const struct field *deciding(const struct rule *rule, const uint32_t value[REGISTERS])
{
	return has(&rule->field[0], value) && rule->field[1].width && !has(&rule->field[1], value) ? &rule->field[1] :
												     &rule->field[0];
}

static void field_words(const struct field *field, char words[32])
{
	if (field->width == 1) {
		snprintf(words, 32, "bit %u is", field->shift);
	} else {
		snprintf(words, 32, "bits %u to %u are", field->shift + field->width - 1, field->shift);
	}
}

static json_t *judge(const struct rule *rule, const char *instance, const uint32_t value[REGISTERS])
{
	const struct field *field = deciding(rule, value);
	bool met = has(field, value);
	char bits[32], why[256];

	field_words(field, bits);
	snprintf(why, sizeof(why), "%s: %s is 0x%" PRIx32 ", %s %" PRIu32 "%s%s", rule->asks, registers[field->from],
		 value[field->from], bits, field_of(field, value), met || !rule->unless ? "" : "; met where ",
		 met || !rule->unless ? "" : rule->unless);
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "rule", rule->id, "level", rule->level, "instance", instance,
			 "result",
			 met	      ? "met" :
			 rule->unless ? "depends" :
					"not met",
			 "why", why);
}

/* All have one major revision. */
static json_t *judge_together(const json_t *report)
{
	uint32_t first = 0, value[REGISTERS];
	bool same = true, any = false;

	for (size_t i = 0; i < json_array_size(report); i++) {
		if (read_registers(json_array_get(report, i), value)) {
			same = same && (!any || (value[AIDR] >> 4 & 0xf) == first);
			first = value[AIDR] >> 4 & 0xf;
			any = true;
		}
	}
	return json_pack("{s:s, s:s, s:n, s:s, s:s}", "rule", "B_SMMU_01", "level", "BSA 1", "instance", "result",
			 same ? "met" : "not met", "why", "all SMMUs have one major revision (AIDR)");
}

json_t *rules_judge(const json_t *report)
{
	json_t *list = json_array();

	for (size_t i = 0; i < json_array_size(report); i++) {
		const json_t *instance = json_array_get(report, i);
		uint32_t value[REGISTERS];

		if (strcmp(report_text(instance, "record"), "instance") != 0 || !read_registers(instance, value)) {
			continue;
		}
		for (size_t k = 0; k < sizeof(rules) / sizeof(rules[0]); k++) {
			json_array_append_new(list, judge(&rules[k], report_text(instance, "instance"), value));
		}
	}
	if (json_array_size(list)) {
		json_array_insert_new(list, 0, judge_together(report));
	}
	return list;
}

unsigned int rules_print(const json_t *verdicts)
{
	unsigned int unmet = 0;

	for (size_t i = 0; i < json_array_size(verdicts); i++) {
		const json_t *verdict = json_array_get(verdicts, i);
		const char *instance = report_text(verdict, "instance");
		const char *result = report_text(verdict, "result");

		printf("%-8s %-10s %-20s %-8s ", *instance ? instance : "all", report_text(verdict, "rule"),
		       report_text(verdict, "level"), result);
		people_print_text(report_text(verdict, "why"));
		(void)putchar('\n');
		unmet += !strcmp(result, "not met");
	}
	return unmet;
}
