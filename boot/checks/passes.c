/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "checks/checks.h"
#include "report/print.h"

#define LINE_SIZE 128U
#define LINE_FULL 72U /* Another check begins a new line: 100 columns hold it. */

void passes_note(struct bringup *bringup, const char *check, const char *key)
{
	struct tally *tally = &bringup->tally;
	unsigned int i = 0;

	while (i < tally->pass_count && strcmp(tally->pass[i].check, check)) {
		i++;
	}
	if (i == PASSES_MAX) {
		passes_say(bringup);
		i = 0;
	}
	if (i == tally->pass_count) {
		tally->pass[tally->pass_count++] = (struct pass){check, key, 0};
	}
	tally->pass[i].count++;
}

static bool passes_alike(const struct pass *one, const struct pass *other)
{
	return one->count == other->count && one->key == other->key;
}

void passes_say(struct bringup *bringup)
{
	struct tally *tally = &bringup->tally;
	char line[LINE_SIZE];
	size_t length = 0;

	for (unsigned int i = 0; i < tally->pass_count; i++) {
		const struct pass *pass = &tally->pass[i];

		length += format_text(line + length, LINE_SIZE - length, "%s%s", length ? ", " : "", pass->check);
		if (i + 1 == tally->pass_count || length > LINE_FULL || !passes_alike(pass, pass + 1)) {
			print("  pass %s (%ss: %u)\n", line, pass->key, pass->count);
			length = 0;
		}
	}
	tally->pass_count = 0;
}
