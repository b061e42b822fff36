/* SPDX-License-Identifier: BSD-2-Clause */
#include "findings/lines.h"

#include <inttypes.h>

#include "report/format.h"

const char *line_name(enum wire wire)
{
	static const char *const names[WIRES] = {"eventq", "priq", "cmdq-sync", "gerror"};

	return names[wire];
}

/* The first cell of a specifier, and the kinds that a GIC has. */
static const char *type_name(uint32_t type)
{
	static const char *const names[] = {"SPI", "PPI", "extended SPI", "extended PPI"};

	return type < sizeof(names) / sizeof(names[0]) ? names[type] : "type";
}

void line_words(const struct line_traits *line, char *text, size_t size)
{
	static const char *const names[] = {
		[LINE_SPI] = "SPI",
		[LINE_PPI] = "PPI",
		[LINE_EXTENDED_SPI] = "extended SPI",
		[LINE_EXTENDED_PPI] = "extended PPI",
	};

	if (line->kind == LINE_FOREIGN) {
		format_text(text, size, "of %s", line->parent);
	} else if (line->kind != LINE_BEYOND) {
		format_text(text, size, "%s %" PRIu32, names[line->kind], line->number);
	} else if (!line->has_trigger) {
		format_text(text, size, "GSIV %" PRIu32, line->intid);
	} else {
		format_text(text, size, "%s %" PRIu32, type_name(line->type), line->number);
	}
}

bool lines_that(const struct smmu_traits *smmu, line_test *test, char text[LINES_TEXT_SIZE])
{
	size_t length = 0;
	char words[LINES_TEXT_SIZE / 2];

	for (unsigned int wire = 0; wire < (smmu->is_combined ? 1U : (unsigned int)WIRES); wire++) {
		if (smmu->line[wire].kind == LINE_ABSENT || !test(&smmu->line[wire])) {
			continue;
		}
		line_words(&smmu->line[wire], words, sizeof(words));
		length += format_text(text + length, LINES_TEXT_SIZE - length, "%s%s %s", length ? ", " : "",
				      smmu->is_combined ? "combined" : line_name((enum wire)wire), words);
		length = length < LINES_TEXT_SIZE ? length : LINES_TEXT_SIZE - 1;
	}
	return length > 0;
}
