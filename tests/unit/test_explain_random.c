/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * drivers/explain against the model of an SMMUv3, on random structures: where each access ends, with which event, is
 * what the model does. Memory has no end and no bytes: what is at an address is made from the address and a seed, so
 * that tables name tables, loops included.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "explain/explain.h"
#include "model/model.h"
#include "smmuv3/event.h"

#define CASES 40000U
#define EVENTQ 0x1000ULL /* Only written; it reads as tables. */

/* What lies at an address: by bits 21:20. */
enum area { AREA_TABLES, AREA_CDS, AREA_L1CDS, AREA_STES };

static struct world {
	uint64_t seed;
	struct model_config config;
	uint64_t ste[8];
	bool two_level;
	unsigned int split;
} world;

static uint64_t mix(uint64_t value)
{
	value ^= value >> 33;
	value *= 0xff51afd7ed558ccdULL;
	value ^= value >> 33;
	value *= 0xc4ceb9fe1a85ec53ULL;
	return value ^ value >> 33;
}

static uint64_t at(uint64_t address, unsigned int salt)
{
	return mix(world.seed ^ mix(address * 64 + salt));
}

static uint64_t state;

static uint64_t next(void)
{
	return state = mix(state + 0x9e3779b97f4a7c15ULL);
}

static uint64_t below(uint64_t count)
{
	return next() % count;
}

/* `percent` of a hundred. */
static bool mostly(uint64_t value, unsigned int percent)
{
	return value % 100 < percent;
}

/* An address in an area; seldom beyond what the SMMU puts out. */
static uint64_t address_in(uint64_t random, enum area area, unsigned int aligned_bits)
{
	uint64_t address = mostly(random >> 3, 97) ? random >> 20 & 0xffffffffULL : random >> 12 & 0xffffffffffffULL;

	address = (address & ~0x300000ULL) | (uint64_t)area << 20;
	return address & ~((1ULL << aligned_bits) - 1);
}

static uint64_t descriptor_at(uint64_t address)
{
	uint64_t kind = at(address, 1), random = at(address, 2), more = at(address, 3);
	/* Pages of stage 2 lead to CDs, too. */
	enum area area = mostly(kind >> 8, 60) ? AREA_TABLES : (enum area)(kind >> 16 & 3);
	uint64_t d = address_in(random, area, 12);

	if (mostly(kind, 4)) {
		return random & ~(3ULL | 3ULL << 51);
	}
	d |= mostly(kind >> 24, 85) ? 3 : 1;
	d |= (more & 0xfffULL) & ~0x403ULL;
	d |= mostly(more >> 12, 85) ? 0x400 : 0;
	d |= mostly(more >> 24, 70) ? 0x40 : 0;
	d &= mostly(more >> 32, 60) ? ~0x80ULL : ~0ULL;
	/* Hierarchy and execution. Bit 51 (DBM) is not modelled; bit 52 makes the model use an entry for its
	 * neighbours. */
	d |= mostly(more >> 40, 20) ? more & 0x7860000000000000ULL : 0;
	return d;
}

/* As IDR0.STALL_MODEL has it. */
static uint64_t stalls(uint64_t random)
{
	uint64_t model = world.config.idr[0] >> 24 & 3;

	return model == 0 || mostly(random, 3) ? random >> 8 & 1 : model == 2;
}

static uint64_t plausible_cd0(uint64_t random)
{
	static const uint8_t granules[] = {0, 0, 2, 1, 1, 3};
	uint64_t cd = 1ULL << 31 | 1ULL << 41 | 1ULL << 46;

	cd |= 16 + random % 24;						  /* T0SZ. */
	cd |= (uint64_t)granules[random >> 8 & 3] << 6;			  /* TG0. */
	cd |= (16 + (random >> 16) % 24) << 16;				  /* T1SZ. */
	cd |= (uint64_t)(1 + (random >> 24) % 3) << 22;			  /* TG1. */
	cd |= (random >> 32 & 1) << 30;					  /* EPD1. */
	cd |= (random >> 33) % 8 == 0 ? 1ULL << 14 : 0;			  /* EPD0. */
	cd |= (mostly(random >> 36, 70) ? 5ULL : random >> 40 & 7) << 32; /* IPS. */
	cd |= (random >> 48 & 3) << 38;					  /* TBI. */
	cd |= stalls(random >> 4) << 44 | (random >> 50 & 1) << 45;	  /* S, R. */
	cd |= (random >> 52 & 0xff) << 48;				  /* ASID. */
	return cd;
}

static uint64_t cd_at(uint64_t address)
{
	uint64_t start = address & ~63ULL, random = at(start, 4), noise = at(address, 5);

	switch (address >> 3 & 7) {
	case 0:
		/* AFFD, HA, A, V and others, now and then. Not WXN, UWXN, PAN: they are not modelled. */
		return plausible_cd0(random) ^
		       (mostly(noise, 20) ? (1ULL << (noise >> 8 & 63)) & ~0x0000013000000000ULL : 0);
	case 1:
	case 2:
		return address_in(noise, AREA_TABLES, mostly(noise >> 40, 90) ? 16 : 4);
	default:
		return 0;
	}
}

static uint64_t dword_at(uint64_t address)
{
	switch ((enum area)(address >> 20 & 3)) {
	case AREA_CDS:
		return cd_at(address);
	case AREA_L1CDS:
		return address_in(at(address, 6), AREA_CDS, 12) | mostly(at(address, 7), 90);
	case AREA_STES:
		if (world.two_level && !(address & 0x80000)) {
			/* Span, and where the second level is. */
			return (address_in(at(address, 8), AREA_STES, 17) | 0x80000) +
			       (mostly(at(address, 9), 90) ? 7 : at(address, 11) % 12);
		}
		return world.ste[address >> 3 & 7];
	case AREA_TABLES:
	default:
		return descriptor_at(address);
	}
}

static bool is_there(uint64_t address)
{
	return !mostly(at(address >> 12, 10), 2);
}

static bool read_bytes(void *context, uint64_t address, void *bytes, size_t size)
{
	(void)context;
	for (size_t i = 0; i < size; i += 8) {
		uint64_t dword = dword_at(address + i);

		if (!is_there(address + i)) {
			return false;
		}
		memcpy((uint8_t *)bytes + i, &dword, 8);
	}
	return true;
}

static bool write_bytes(void *context, uint64_t address, const void *bytes, size_t size)
{
	(void)context;
	(void)bytes;
	(void)size;
	return address >= EVENTQ && address < EVENTQ + 0x200;
}

/* --- A world. --- */

static void make_config(void)
{
	static const struct model_config *const configs[] = {&model_full,    &model_full,    &model_full,
							     &model_s1_only, &model_s2_only, &model_qemu};
	struct model_config *config = &world.config;

	*config = *configs[below(6)];
	config->caches_clean = true;
	config->ack_delay = 0;
	config->idr[0] = (config->idr[0] & ~(0xcU | 0x3000000U)) | 0x8U | (uint32_t)(below(4) % 3) << 24;
	config->idr[3] &= ~(1U << 13 | 1U << 2 | 1U << 4); /* E0PD, HAD, XNX: not modelled. */
	config->idr[5] = (config->idr[5] & ~0x187U) | (uint32_t)(mostly(next(), 60) ? 5 : below(7));
	config->aidr = (uint32_t)(1 + below(3));
}

static uint64_t plausible_ste2(void)
{
	static const uint8_t granules[] = {0, 0, 2, 1};
	uint64_t tg = granules[below(4)], sl0 = below(3);
	unsigned int stride = tg == 0 ? 9 : tg == 2 ? 11 : 13, granule = stride + 3;
	unsigned int below_first = granule + ((unsigned int)sl0 + (tg == 0 ? 1 : 0)) * stride;
	uint64_t input = below_first + 1 + below(stride + 4), t0sz = input > 52 ? 16 : 64 - input;

	return below(256) | t0sz << 32 | sl0 << 38 | tg << 46 | (mostly(next(), 70) ? 5ULL : below(8)) << 48 |
	       1ULL << 51 | below(2) << 53 | stalls(next()) << 57 | below(2) << 58;
}

/* Not S2PTW, S2FWB: they are not modelled. */
static void make_ste(void)
{
	static const uint8_t configs[] = {5, 5, 5, 7, 7, 7, 6, 6, 4, 0};
	uint64_t *ste = world.ste;
	uint64_t format = mostly(next(), 60) ? 0 : below(4);

	memset(ste, 0, sizeof(world.ste));
	ste[0] = 1 | (uint64_t)configs[below(10)] << 1 | format << 4;
	ste[0] |= address_in(next(), format == 1 || format == 2 ? AREA_L1CDS : AREA_CDS, mostly(next(), 90) ? 18 : 6);
	ste[0] |= (mostly(next(), 75) ? 0 : below(20)) << 59;
	ste[1] = (mostly(next(), 60) ? 2 : below(4)) | (mostly(next(), 80) ? 0 : below(4)) << 30 |
		 (mostly(next(), 80) ? 0 : below(16)) << 48;
	ste[2] = plausible_ste2();
	ste[3] = address_in(next(), AREA_TABLES, 20);
	if (mostly(next(), 10)) {
		ste[below(4)] ^= 1ULL << below(64);
		ste[1] &= ~(1ULL << 25);
		ste[2] &= ~(1ULL << 54 | 1ULL << 55);
		ste[3] &= 0xfffffffffffffULL; /* Bits 55:52 of S2TTB are RES0. */
	}
}

static void wr(struct model *model, uint32_t offset, uint64_t value, bool wide)
{
	model_write32(model, offset, (uint32_t)value);
	if (wide) {
		model_write32(model, offset + 4, (uint32_t)(value >> 32));
	}
}

static struct model *make_model(void)
{
	const struct model_memory memory = {NULL, read_bytes, write_bytes};
	struct model *model = model_create(&world.config, &memory);
	unsigned int log2size = (unsigned int)(mostly(next(), 95) ? 6 + below(11) : below(6));

	world.two_level = (world.config.idr[0] >> 27 & 3) && below(2);
	world.split = (unsigned int)(6 + 2 * below(3));
	/* The first level lies where bit 19 is clear. */
	wr(model, 0x80, address_in(next(), AREA_STES, 6) & ~0x80000ULL, true);
	wr(model, 0x88, log2size | world.split << 6 | (world.two_level ? 1U << 16 : 0), false);
	wr(model, 0xa0, EVENTQ | 4, true);
	wr(model, 0x100a8, 0, false);
	wr(model, 0x100ac, 0, false);
	wr(model, 0x2c, 2 | below(2), false); /* CR2: RECINVSID, E2H. */
	wr(model, 0x20, 4, false);
	wr(model, 0x20, 4 | (mostly(next(), 98) ? 1U : 0), false);
	return model;
}

static bool read_register(void *context, uint32_t offset, uint32_t *value)
{
	*value = model_peek32(context, offset);
	return true;
}

/* --- The comparison. --- */

static void make_access(struct model_access *access)
{
	*access = (struct model_access){.sid = (uint32_t)below(mostly(next(), 95) ? 64 : 1U << 17),
					.ssid_valid = mostly(next(), 15),
					.ssid = (uint32_t)below(mostly(next(), 80) ? 16 : 1U << 20),
					.write = below(2),
					.privileged = below(2),
					.execute = mostly(next(), 20)};
	access->address = next() >> below(40);
	if (mostly(next(), 60)) {
		access->address &= 0xffffffffffULL;
	} else if (mostly(next(), 40)) {
		access->address |= 0xffff000000000000ULL;
	}
}

static unsigned int count_of_end[EXPLAIN_UNKNOWN + 1];
static unsigned int count_of_event[64];
static unsigned int depth_of_walks;

static void count_step(void *context, const struct explain_step *step)
{
	unsigned int *steps = context;

	assert_non_null(step->what);
	assert_true(strlen(step->meaning) > 0 && strlen(step->meaning) < EXPLAIN_TEXT_SIZE);
	(*steps)++;
}

static const struct model_log *last_event(struct model *model)
{
	for (size_t i = model_log_count(model); i-- > 0;) {
		if (model_log(model, i)->kind == MODEL_LOG_EVENT) {
			return model_log(model, i);
		}
	}
	return NULL;
}

/* Where both end; false: not alike, which is said. */
static bool is_alike(struct model *model, enum model_outcome outcome, uint64_t pa, const struct explain_result *result)
{
	const struct model_log *log = last_event(model);
	bool passed = result->end == EXPLAIN_TRANSLATED || result->end == EXPLAIN_BYPASSED;
	bool is_expected = result->end == EXPLAIN_FAULTED && result->is_recorded;

	if ((outcome == MODEL_PASSED) == passed && (!passed || pa == result->output) &&
	    (outcome == MODEL_STALLED) == result->is_stalled && (log != NULL) == is_expected &&
	    (!log || log->number == result->event)) {
		return true;
	}
	print_error("the model: outcome %d, event 0x%x, 0x%llx; here: end %d, event 0x%x, 0x%llx: %s\n", outcome,
		    log ? log->number : 0, (unsigned long long)pa, result->end, result->event,
		    (unsigned long long)result->output, result->why);
	if (log) {
		print_error("  fetches: the model 0x%llx; here 0x%llx\n", (unsigned long long)log->dwords[3],
			    (unsigned long long)result->fetch);
	}
	for (size_t i = 0; i < model_complaint_count(model); i++) {
		print_error("  the model: %s\n", model_complaint(model, i));
	}
	return false;
}

static void compare_event(struct model *model, const struct explain_result *result)
{
	const struct model_log *log = last_event(model);

	if (!log) {
		return;
	}
	if (result->event >= F_TRANSLATION && result->event <= F_PERMISSION) {
		assert_int_equal(log->dwords[1] >> 39 & 1, result->stage == 2);
	}
	if (result->event == F_WALK_EABT || result->event == F_CD_FETCH || result->event == F_STE_FETCH) {
		assert_int_equal(log->dwords[3], result->fetch & 0xfffffffffffff8ULL);
	}
}

static void compare(struct model *model, const struct explain_smmu *smmu, const struct model_access *access)
{
	const struct explain_access same = {.sid = access->sid,
					    .has_ssid = access->ssid_valid,
					    .ssid = access->ssid,
					    .address = access->address,
					    .write = access->write,
					    .privileged = access->privileged,
					    .instruction = access->execute};
	unsigned int steps = 0;
	const struct explain_listener listener = {count_step, &steps};
	struct explain_result result;
	uint64_t pa = 0;
	enum model_outcome outcome = model_dma(model, access, &pa, NULL);

	explain_walk(smmu, &same, &listener, &result);
	assert_int_not_equal(result.end, EXPLAIN_UNKNOWN);
	assert_true(is_alike(model, outcome, pa, &result));
	compare_event(model, &result);
	/* 5 levels of both stages, each descriptor of stage 1 and each structure by way of stage 2. */
	assert_true(steps <= 64);
	count_of_end[result.end]++;
	count_of_event[result.end == EXPLAIN_FAULTED ? result.event & 63 : 0]++;
	depth_of_walks = steps > depth_of_walks ? steps : depth_of_walks;
}

static void test_walks_are_the_models(void **unused)
{
	(void)unused;
	state = 1;
	for (unsigned int i = 0; i < CASES; i++) {
		struct model_access access;
		struct explain_smmu smmu;
		struct model *model;
		struct explain_target target = {NULL, read_bytes, read_register};

		world.seed = next();
		make_config();
		make_ste();
		model = make_model();
		target.context = model;
		assert_true(explain_open(&smmu, &target));
		assert_false(smmu.ids_assumed);
		make_access(&access);
		compare(model, &smmu, &access);
		model_destroy(model);
	}
}

/* What was compared is of every kind. */
static void test_all_ends_came(void **unused)
{
	static const unsigned int events[] = {C_BAD_STREAMID,	 F_STE_FETCH, C_BAD_STE, C_BAD_SUBSTREAMID,
					      F_STREAM_DISABLED, F_CD_FETCH,  C_BAD_CD,	 F_WALK_EABT,
					      F_TRANSLATION,	 F_ADDR_SIZE, F_ACCESS,	 F_PERMISSION};

	(void)unused;
	for (unsigned int end = 0; end < EXPLAIN_UNKNOWN; end++) {
		assert_true(count_of_end[end] > 50);
	}
	for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
		assert_true(count_of_event[events[i]] > 50);
	}
	assert_true(depth_of_walks > 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_walks_are_the_models),
		cmocka_unit_test(test_all_ends_came),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
