/* SPDX-License-Identifier: BSD-2-Clause */
/* Errata: affected versions, at their borders, and the driver's answer. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "smmuv3/errata.h"

#define ARM 0x43bU
#define MMU_600 0x483U
#define MMU_700 0x487U
#define MMU_L1 0x48aU
#define MMU_S3 0x498U

static uint32_t iidr(uint32_t product, uint32_t variant, uint32_t revision)
{
	return product << 20 | variant << 16 | revision << 12 | ARM;
}

/* Each is listed once. */
static bool has(uint32_t number, uint32_t id, unsigned int described)
{
	const struct smmuv3_erratum *erratum = NULL;
	unsigned int found = 0;

	while ((erratum = smmuv3_errata_next(erratum, id, described))) {
		found += erratum->number == number;
	}
	assert_true(found <= 1);
	return found;
}

static unsigned int how_many(uint32_t id, unsigned int described)
{
	const struct smmuv3_erratum *erratum = NULL;
	unsigned int found = 0;

	while ((erratum = smmuv3_errata_next(erratum, id, described))) {
		found++;
		assert_true(strlen(smmuv3_erratum_words(erratum->number).part) > 5);
		assert_true(strlen(smmuv3_erratum_words(erratum->number).consequence) > 20);
		assert_true(erratum->effects);
	}
	return found;
}

struct border {
	uint32_t number, product;
	uint32_t variant, revision; /* The last affected version. */
	unsigned int effects;
};

static void test_borders(void **state)
{
	static const struct border borders[] = {
		{1076982, MMU_600, 0, 2, SMMUV3_ERRATA_NO_SEV},
		{1209401, MMU_600, 1, 15, SMMUV3_ERRATA_NO_NESTING},
		{2268618, MMU_700, 1, 0, SMMUV3_ERRATA_NO_NESTING | SMMUV3_ERRATA_NO_BTM},
		{2812531, MMU_700, 1, 0, SMMUV3_ERRATA_FORCE_SYNC | SMMUV3_ERRATA_NO_NESTING | SMMUV3_ERRATA_NO_BTM},
		{2133013, MMU_700, 15, 15, SMMUV3_ERRATA_NO_BTM},
		{3777127, MMU_700, 15, 15, SMMUV3_ERRATA_NO_BTM},
		{3878312, MMU_L1, 15, 15, SMMUV3_ERRATA_NO_BTM},
		{3995052, MMU_S3, 15, 15, SMMUV3_ERRATA_NO_BTM},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(borders) / sizeof(borders[0]); i++) {
		const struct border *border = &borders[i];
		uint32_t last = border->variant << 4 | border->revision;

		for (uint32_t version = 0; version < 0x100; version++) {
			uint32_t id = iidr(border->product, version >> 4, version & 15);

			assert_int_equal(has(border->number, id, 0), version <= last);
			if (version <= last) {
				assert_int_equal(smmuv3_errata_effects(id, 0) & border->effects, border->effects);
			}
			assert_false(has(border->number, iidr(border->product ^ 1, version >> 4, version & 15), 0));
			assert_false(has(border->number, id ^ 0x43b ^ 0x4e, 0)); /* Another implementer's. */
		}
	}
}

static void test_effects_of_whole_parts(void **state)
{
	const unsigned int nesting = SMMUV3_ERRATA_NO_NESTING;
	const unsigned int broadcast = SMMUV3_ERRATA_NO_BTM;

	(void)state;
	assert_int_equal(smmuv3_errata_effects(iidr(MMU_600, 0, 0), 0), nesting | SMMUV3_ERRATA_NO_SEV);
	assert_int_equal(smmuv3_errata_effects(iidr(MMU_600, 0, 2), 0), nesting | SMMUV3_ERRATA_NO_SEV);
	assert_int_equal(smmuv3_errata_effects(iidr(MMU_600, 0, 3), 0), nesting);
	assert_int_equal(smmuv3_errata_effects(iidr(MMU_600, 1, 0), 0), nesting);
	assert_int_equal(smmuv3_errata_effects(iidr(MMU_600, 2, 0), 0), 0);
	assert_int_equal(smmuv3_errata_effects(iidr(MMU_700, 0, 5), 0), nesting | broadcast | SMMUV3_ERRATA_FORCE_SYNC);
	assert_int_equal(smmuv3_errata_effects(iidr(MMU_700, 1, 0), 0), nesting | broadcast | SMMUV3_ERRATA_FORCE_SYNC);
	assert_int_equal(smmuv3_errata_effects(iidr(MMU_700, 1, 1), 0), broadcast);
	assert_int_equal(smmuv3_errata_effects(iidr(MMU_L1, 0, 0), 0), broadcast);
	assert_int_equal(smmuv3_errata_effects(iidr(MMU_S3, 0, 0), 0), broadcast);
	assert_int_equal(how_many(iidr(MMU_600, 0, 0), 0), 2);
	assert_int_equal(how_many(iidr(MMU_700, 0, 0), 0), 4);
	assert_int_equal(how_many(iidr(MMU_700, 1, 1), 0), 2);
}

static void test_unknown_parts_have_none(void **state)
{
	static const uint32_t unknown[] = {0, 0xffffffff, ARM, 0x48300000, 0x48300036, 0x4870043a, 0x48600000 | ARM};

	(void)state;
	for (size_t i = 0; i < sizeof(unknown) / sizeof(unknown[0]); i++) {
		assert_null(smmuv3_errata_next(NULL, unknown[i], 0));
		assert_int_equal(smmuv3_errata_effects(unknown[i], 0), 0);
	}
}

static void test_what_is_described(void **state)
{
	static const struct {
		unsigned int described;
		uint32_t number;
		unsigned int effects;
	} cases[] = {
		{SMMUV3_DESCRIBED_NO_PAGE1, 74, SMMUV3_ERRATA_PAGE1_IN_PAGE0},
		{SMMUV3_DESCRIBED_COMBINED_IRQ, 126, SMMUV3_ERRATA_COMBINED_IRQ},
		{SMMUV3_DESCRIBED_NO_PREFETCH, 161010701, SMMUV3_ERRATA_NO_PREFETCH},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(has(cases[i].number, 0, cases[i].described));
		assert_int_equal(how_many(0, cases[i].described), 1);
		assert_int_equal(smmuv3_errata_effects(0, cases[i].described), cases[i].effects);
		assert_int_equal(smmuv3_errata_effects(iidr(MMU_600, 1, 0), cases[i].described),
				 cases[i].effects | SMMUV3_ERRATA_NO_NESTING);
	}
	assert_int_equal(how_many(0, SMMUV3_DESCRIBED_NO_PAGE1 | SMMUV3_DESCRIBED_COMBINED_IRQ), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_borders),
		cmocka_unit_test(test_effects_of_whole_parts),
		cmocka_unit_test(test_unknown_parts_have_none),
		cmocka_unit_test(test_what_is_described),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
