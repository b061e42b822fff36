/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef FINDINGS_LINES_H
#define FINDINGS_LINES_H

#include <stddef.h>

#include "findings/traits.h"

#define LINES_TEXT_SIZE 256U

/* The binding's names: "eventq", "priq", "cmdq-sync", "gerror". */
const char *line_name(enum wire wire);

typedef bool line_test(const struct line_traits *line);

/* Lists the lines that pass, as "eventq SPI 74, gerror SPI 79"; a combined line once. False: none passes. */
bool lines_that(const struct smmu_traits *smmu, line_test *test, char text[LINES_TEXT_SIZE]);

/* "SPI 74", "extended SPI 4", "GSIV 5". */
void line_words(const struct line_traits *line, char *text, size_t size);

#endif
