/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Translation tables, judged by tests/model/walk.c and handwritten descriptors. The walker reads a copy: stores reach
 * it at barriers (not coherent: cleans), where the test looks for what is visible too early.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/arch.h"
#include "base/arena.h"
#include "model/walk.h"
#include "pgtable/pgtable.h"

/* Within the smallest output size. */
#define ARENA_START 0x20000000ULL
#define ARENA_SIZE (4U << 20)
#define ARENA_WORDS (ARENA_SIZE / 8)
#define GARBAGE 0xff /* Valid to a walker. */

#define R PGTABLE_READ
#define W PGTABLE_WRITE
#define X PGTABLE_EXECUTE
#define RW (R | W)
#define KIB 1024ULL
#define MIB (KIB * KIB)
#define GIB (KIB * MIB)
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint64_t *const memory = (uint64_t *)ARENA_START;
static uint64_t *device;    /* The walker's view. */
static uint64_t *barriered; /* As of the last barrier. */
static struct pgtable table;
static const unsigned int granules[] = {12, 14, 16};

/* --- What a walker sees. --- */

static size_t word_at(uint64_t address)
{
	assert_true(address >= ARENA_START && address < ARENA_START + ARENA_SIZE && address % 8 == 0);
	return (size_t)(address - ARENA_START) / 8;
}

static bool read_device(void *context, uint64_t address, uint64_t *descriptor)
{
	(void)context;
	if (address < ARENA_START || address >= ARENA_START + ARENA_SIZE) {
		return false;
	}
	*descriptor = device[word_at(address)];
	return true;
}

static bool is_valid(uint64_t descriptor)
{
	return descriptor & 1;
}

static bool is_table(uint64_t descriptor, unsigned int level)
{
	return (descriptor & 3) == 3 && level < 3;
}

static size_t entries_of_table(void)
{
	return (size_t)1 << (table.format.granule_bits - 3);
}

static size_t below(uint64_t descriptor)
{
	return word_at(descriptor & 0x0000fffffffff000ULL);
}

/* A table that becomes visible has its content, or nothing, since the last barrier. */
static void assert_arrived(size_t first, unsigned int level)
{
	for (size_t i = first; i < first + entries_of_table(); i++) {
		assert_true(barriered[i] == memory[i] || !is_valid(barriered[i]));
		if (is_table(memory[i], level)) {
			assert_arrived(below(memory[i]), level + 1);
		}
	}
}

/* In use: new descriptors point to what has arrived; none goes from valid to valid. */
static void assert_ordered(size_t first, size_t count, unsigned int level)
{
	for (size_t i = first; i < first + count; i++) {
		if (memory[i] != device[i]) {
			assert_false(is_valid(memory[i]) && is_valid(device[i]));
			if (is_table(memory[i], level)) {
				assert_arrived(below(memory[i]), level + 1);
			}
		} else if (is_table(memory[i], level)) {
			assert_ordered(below(memory[i]), entries_of_table(), level + 1);
		}
	}
}

static size_t entries_of_root(void)
{
	return (size_t)1 << (table.root_log2 - 3);
}

static void look(void)
{
	if (table.root) {
		assert_ordered(word_at(pgtable_root(&table)), entries_of_root(), pgtable_start_level(&table));
	}
}

static void on_barrier(void)
{
	look();
	if (table.format.coherent) {
		memcpy(device, memory, arena_used());
	}
	memcpy(barriered, device, arena_used());
}

static void on_clean(const volatile void *start, size_t size, bool invalidate)
{
	size_t first = word_at((uint64_t)(uintptr_t)start);

	assert_false(invalidate);
	assert_true(first + size / 8 <= ARENA_WORDS);
	look();
	memcpy(&device[first], &memory[first], size);
}

static void assert_settled_below(size_t first, size_t count, unsigned int level)
{
	assert_memory_equal(&barriered[first], &memory[first], count * 8);
	for (size_t i = first; i < first + count; i++) {
		if (is_table(memory[i], level)) {
			assert_settled_below(below(memory[i]), entries_of_table(), level + 1);
		}
	}
}

static void assert_settled(void)
{
	assert_settled_below(word_at(pgtable_root(&table)), entries_of_root(), pgtable_start_level(&table));
}

/* --- Fixtures. --- */

static void spoil(size_t size)
{
	memset(memory, GARBAGE, size);
	memset(device, GARBAGE, size);
	memset(barriered, GARBAGE, size);
}

static int open_memory(void **state)
{
	void *wanted = (void *)(uintptr_t)ARENA_START;

	(void)state;
	device = malloc(ARENA_SIZE);
	barriered = malloc(ARENA_SIZE);
	if (mmap(wanted, ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1,
		 0) != wanted) {
		return -1;
	}
	spoil(ARENA_SIZE);
	arena_init(memory, ARENA_SIZE);
	return 0;
}

static int close_memory(void **state)
{
	(void)state;
	free(device);
	free(barriered);
	return munmap(memory, ARENA_SIZE);
}

static int setup(void **state)
{
	(void)state;
	arch_hooks_reset();
	spoil(arena_used());
	arena_init(memory, ARENA_SIZE);
	table = (struct pgtable){0};
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arch_hooks_reset();
	pgtable_destroy(&table);
	return 0;
}

static void make(unsigned int stage, unsigned int granule_bits, unsigned int input_bits, unsigned int output_bits,
		 bool coherent)
{
	const struct pgtable_format format = {
		.stage = stage,
		.granule_bits = granule_bits,
		.input_bits = input_bits,
		.output_bits = output_bits,
		.coherent = coherent,
	};

	setup(NULL);
	table.format = format; /* The hooks need it. */
	arch_hooks.wmb = on_barrier;
	arch_hooks.cache = on_clean;
	assert_int_equal(pgtable_init(&table, &format), 0);
	assert_settled();
}

/* An empty table of 48 bits for each granule and stage; the sizes of a page and of the smallest block. */
static void on_each_table(void (*try_it)(uint64_t page, uint64_t block))
{
	for (size_t g = 0; g < COUNT(granules); g++) {
		for (unsigned int stage = 1; stage <= 2; stage++) {
			uint64_t page = 1ULL << granules[g];

			make(stage, granules[g], 48, 48, true);
			try_it(page, page * page / 8);
			pgtable_destroy(&table);
		}
	}
}

static struct walk_config walk_config(void)
{
	return (struct walk_config){
		.stage = table.format.stage,
		.granule_bits = table.format.granule_bits,
		.input_bits = 64 - pgtable_t0sz(&table),
		.output_bits = table.format.output_bits,
		.start_level = pgtable_start_level(&table),
		.root = pgtable_root(&table),
		.access_flag_faults = true,
	};
}

static struct walk_result walk_to(uint64_t iova, bool write, bool execute)
{
	struct walk_config config = walk_config();
	struct walk_access access = {.address = iova, .write = write, .execute = execute};
	struct walk_result result;

	walk(&config, &access, read_device, NULL, &result);
	return result;
}

static unsigned int attributes_of(unsigned int flags)
{
	bool stage1 = table.format.stage == 1;

	if (flags & PGTABLE_DEVICE) {
		return 1;
	}
	if (flags & PGTABLE_NONCACHEABLE) {
		return stage1 ? 2 : 5;
	}
	return stage1 ? 0 : 15;
}

/* To `pa`, by a leaf (or contiguous group) of 2^leaf_bits bytes. */
static void assert_leads(uint64_t iova, uint64_t pa, unsigned int flags, unsigned int leaf_bits)
{
	struct walk_result result = walk_to(iova, !(flags & R), false);
	uint64_t translated = ~0ULL;
	unsigned int translated_flags = 0;

	assert_int_equal(result.fault, WALK_OK);
	assert_int_equal(result.output, pa);
	assert_int_equal(result.block_bits, leaf_bits);
	assert_int_equal(result.readable, !!(flags & R));
	assert_int_equal(result.writable, !!(flags & W));
	assert_int_equal(result.executable, !!(flags & X));
	assert_int_equal(result.contiguous, !!(flags & PGTABLE_CONTIGUOUS));
	assert_int_equal(result.attributes, attributes_of(flags));
	assert_int_equal(result.shareability, 3);
	assert_int_equal(result.not_global, table.format.stage == 1);
	assert_int_equal(pgtable_translate(&table, iova, &translated, &translated_flags), 0);
	assert_int_equal(translated, pa);
	assert_int_equal(translated_flags, flags);
}

static void assert_unmapped(uint64_t iova)
{
	uint64_t pa;
	unsigned int flags;

	assert_int_equal(walk_to(iova, false, false).fault, WALK_TRANSLATION);
	assert_int_equal(pgtable_translate(&table, iova, &pa, &flags), -ENOENT);
}

static void map(uint64_t iova, uint64_t pa, uint64_t size, unsigned int flags)
{
	uint64_t mapped = table.mapped;

	assert_int_equal(pgtable_map(&table, iova, pa, size, flags), 0);
	assert_int_equal(table.mapped - mapped, size >> table.format.granule_bits);
	assert_settled();
}

static void unmap(uint64_t iova, uint64_t size)
{
	uint64_t mapped = table.mapped;

	assert_int_equal(pgtable_unmap(&table, iova, size), 0);
	assert_int_equal(mapped - table.mapped, size >> table.format.granule_bits);
	assert_settled();
}

/* A failed call changes no table or record, and shows walkers no store. */
struct before {
	struct pgtable table;
	size_t used, free_count;
	uint64_t wmb_count, clean_count;
};

static uint64_t *before_memory;

static struct before before(void)
{
	before_memory = malloc(arena_used());
	memcpy(before_memory, memory, arena_used());
	return (struct before){table, arena_used(), pages_free_count(), arch_hooks.wmb_count, arch_hooks.clean_count};
}

static void assert_same_below(size_t first, size_t count, unsigned int level)
{
	assert_memory_equal(&before_memory[first], &memory[first], count * 8);
	for (size_t i = first; i < first + count; i++) {
		if (is_table(memory[i], level)) {
			assert_same_below(below(memory[i]), entries_of_table(), level + 1);
		}
	}
}

/* Memory handed out since is free. */
static void assert_as(const struct before *before)
{
	assert_memory_equal(&before->table, &table, sizeof(table));
	assert_same_below(word_at(pgtable_root(&table)), entries_of_root(), pgtable_start_level(&table));
	assert_true(arena_used() - before->used >= (pages_free_count() - before->free_count) * PAGE_SIZE);
	assert_true(table.format.granule_bits > 12 ||
		    arena_used() - before->used == (pages_free_count() - before->free_count) * PAGE_SIZE);
	assert_int_equal(arch_hooks.wmb_count, before->wmb_count);
	assert_int_equal(arch_hooks.clean_count, before->clean_count);
	free(before_memory);
}

static void assert_map_fails(int error, uint64_t iova, uint64_t pa, uint64_t size, unsigned int flags)
{
	struct before was = before();

	assert_int_equal(pgtable_map(&table, iova, pa, size, flags), error);
	assert_as(&was);
}

static void assert_unmap_fails(int error, uint64_t iova, uint64_t size)
{
	struct before was = before();

	assert_int_equal(pgtable_unmap(&table, iova, size), error);
	assert_as(&was);
}

/* The last level's entry. */
static uint64_t leaf_of(uint64_t iova)
{
	return device[word_at(walk_to(iova, false, false).fetch)];
}

/* --- Formats and geometry. --- */

static bool is_format(unsigned int stage, unsigned int granule, unsigned int input, unsigned int output)
{
	bool is_granule = granule == 12 || granule == 14 || granule == 16;

	if (stage == 1 && is_granule && input >= 25 && input <= 48) {
		return (output >= 32 && output <= 48) || (output == 52 && granule == 16);
	}
	return stage == 2 && is_granule && input >= 32 && input <= output && output <= 48;
}

static void try_format(unsigned int stage, unsigned int granule, unsigned int input, unsigned int output)
{
	const struct pgtable_format format = {stage, granule, input, output, true};
	bool good = is_format(stage, granule, input, output);

	assert_int_equal(pgtable_init(&table, &format), good ? 0 : -EINVAL);
	assert_int_equal(!table.root, !good);
	assert_int_equal(!table.table_bytes, !good);
	pgtable_destroy(&table);
	assert_null(table.root);
	assert_int_equal(table.table_bytes, 0);
}

static void test_formats_are_these_and_no_others(void **state)
{
	(void)state;
	for (unsigned int stage = 0; stage < 4; stage++) {
		for (unsigned int granule = 0; granule < 20; granule++) {
			for (unsigned int input = 0; input < 66; input++) {
				for (unsigned int output = 0; output < 66; output++) {
					try_format(stage, granule, input, output);
				}
			}
		}
	}
}

struct layout {
	unsigned int granule, input_from, input_to, level, sl0;
	unsigned int root_entries_log2; /* For input_from; one more for each bit. */
};

static void assert_layout(unsigned int stage, const struct layout *layout)
{
	for (unsigned int input = layout->input_from; input <= layout->input_to; input++) {
		unsigned int root_log2 = layout->root_entries_log2 + 3 + input - layout->input_from;

		make(stage, layout->granule, input, 48, true);
		assert_int_equal(pgtable_start_level(&table), layout->level);
		assert_int_equal(table.levels, 4 - layout->level);
		assert_int_equal(table.root_log2, root_log2);
		assert_int_equal(pgtable_t0sz(&table), 64 - input);
		assert_int_equal(pgtable_root(&table) % (1U << root_log2), 0);
		assert_int_equal(table.table_bytes, root_log2 < 12 ? 4096 : 1U << root_log2);
		if (stage == 2) {
			assert_int_equal(pgtable_sl0(&table), layout->sl0);
		}
		pgtable_destroy(&table);
	}
}

static void test_levels_of_stage_1(void **state)
{
	static const struct layout layouts[] = {
		{12, 25, 30, 2, 0, 4}, {12, 31, 39, 1, 0, 1}, {12, 40, 48, 0, 0, 1}, {14, 25, 25, 3, 0, 11},
		{14, 26, 36, 2, 0, 1}, {14, 37, 47, 1, 0, 1}, {14, 48, 48, 0, 0, 1}, {16, 25, 29, 3, 0, 9},
		{16, 30, 42, 2, 0, 1}, {16, 43, 48, 1, 0, 1},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(layouts); i++) {
		assert_layout(1, &layouts[i]);
	}
}

/* Up to 16 tables at the start: SL0 is 2 - level for 4 KiB, else 3 - level. */
static void test_levels_of_stage_2(void **state)
{
	static const struct layout layouts[] = {
		{12, 32, 34, 2, 0, 11}, {12, 35, 43, 1, 1, 5},	{12, 44, 48, 0, 2, 5}, {14, 32, 40, 2, 1, 7},
		{14, 41, 48, 1, 2, 5},	{16, 32, 33, 3, 0, 16}, {16, 34, 46, 2, 1, 5}, {16, 47, 48, 1, 2, 5},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(layouts); i++) {
		assert_layout(2, &layouts[i]);
	}
}

/* Level 0 of 4 KiB needs 44 bits of output; level 1 of 16 KiB 42, of 64 KiB 44. */
static void test_start_levels_suit_the_output_size(void **state)
{
	(void)state;
	for (size_t g = 0; g < COUNT(granules); g++) {
		for (unsigned int output = 32; output <= 48; output++) {
			for (unsigned int input = 32; input <= output; input++) {
				unsigned int level;

				make(2, granules[g], input, output, true);
				level = pgtable_start_level(&table);
				assert_false(granules[g] == 12 && level == 0 && output <= 42);
				assert_false(granules[g] == 14 && (level == 0 || (level == 1 && output <= 40)));
				assert_false(granules[g] == 16 && (level == 0 || (level == 1 && output <= 42)));
				pgtable_destroy(&table);
			}
		}
	}
}

static void test_encodings(void **state)
{
	(void)state;
	make(1, 12, 48, 48, true);
	assert_int_equal(pgtable_tg(&table), 0);
	make(1, 16, 48, 48, true);
	assert_int_equal(pgtable_tg(&table), 1);
	make(1, 14, 48, 48, true);
	assert_int_equal(pgtable_tg(&table), 2);
	assert_int_equal(pgtable_mair(), 0x4404ff);
}

/* --- Descriptors. --- */

struct descriptor_case {
	unsigned int stage, granule, output, flags;
	uint64_t pa, size, descriptor;
};

static void test_descriptors_bit_by_bit(void **state)
{
	static const struct descriptor_case cases[] = {
		/* UXN PXN | nG AF SH AP AttrIndx, page. */
		{1, 12, 48, RW, 0x123456789000, 4 * KIB, 0x0060123456789f43},
		{1, 12, 48, R, 0x123456789000, 4 * KIB, 0x0060123456789fc3},
		{1, 12, 48, RW | X, 0x123456789000, 4 * KIB, 0x0000123456789f43},
		{1, 12, 48, R | X, 0x123456789000, 4 * KIB, 0x0000123456789fc3},
		{1, 12, 48, RW | PGTABLE_DEVICE, 0x9000, 4 * KIB, 0x0060000000009f47},
		{1, 12, 48, R | PGTABLE_DEVICE, 0x9000, 4 * KIB, 0x0060000000009fc7},
		{1, 12, 48, RW | PGTABLE_NONCACHEABLE, 0x9000, 4 * KIB, 0x0060000000009f4b},
		{1, 12, 48, RW, 0, 4 * KIB, 0x0060000000000f43},
		{1, 12, 48, RW, 0xfffffffff000, 4 * KIB, 0x0060ffffffffff43},
		{1, 12, 48, RW, 0x40200000, 2 * MIB, 0x0060000040200f41},
		{1, 12, 48, R | X, 0xffffc0000000, 1 * GIB, 0x0000ffffc0000fc1},
		{1, 12, 48, RW | PGTABLE_CONTIGUOUS, 0x40010000, 64 * KIB, 0x0070000040010f43},
		{1, 12, 48, RW | PGTABLE_CONTIGUOUS, 0x42000000, 32 * MIB, 0x0070000042000f41},
		{1, 14, 48, RW, 0x123456788000, 16 * KIB, 0x0060123456788f43},
		{1, 14, 48, RW, 0x42000000, 32 * MIB, 0x0060000042000f41},
		{1, 16, 48, RW, 0x123456780000, 64 * KIB, 0x0060123456780f43},
		{1, 16, 48, RW, 0x40000000, 512 * MIB, 0x0060000040000f41},
		/* PA[51:48] in bits 15:12. */
		{1, 16, 52, RW, 0xa123456780000, 64 * KIB, 0x006012345678af43},
		{1, 16, 52, RW, 0xf000020000000, 512 * MIB, 0x006000002000ff41},
		/* XN = 2 | AF SH S2AP MemAttr, page. */
		{2, 12, 48, RW, 0x123456789000, 4 * KIB, 0x00401234567897ff},
		{2, 12, 48, R, 0x123456789000, 4 * KIB, 0x004012345678977f},
		{2, 12, 48, W, 0x123456789000, 4 * KIB, 0x00401234567897bf},
		{2, 12, 48, RW | X, 0x123456789000, 4 * KIB, 0x00001234567897ff},
		{2, 12, 48, R | X, 0x123456789000, 4 * KIB, 0x000012345678977f},
		{2, 12, 48, RW | PGTABLE_DEVICE, 0x9000, 4 * KIB, 0x00400000000097c7},
		{2, 12, 48, RW | PGTABLE_NONCACHEABLE, 0x9000, 4 * KIB, 0x00400000000097d7},
		{2, 12, 48, RW, 0x40200000, 2 * MIB, 0x00400000402007fd},
		{2, 12, 48, RW, 0x40000000, 1 * GIB, 0x00400000400007fd},
		{2, 12, 48, RW | PGTABLE_CONTIGUOUS, 0x40010000, 64 * KIB, 0x00500000400107ff},
		{2, 14, 48, W, 0x42000000, 32 * MIB, 0x00400000420007bd},
		{2, 16, 48, R, 0x40000000, 512 * MIB, 0x004000004000077d},
	};

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct descriptor_case *c = &cases[i];
		/* Aligned as the output is. */
		uint64_t iova = c->pa & 0x0000007fffffffffULL;

		make(c->stage, c->granule, 44, c->output, i % 2);
		map(iova, c->pa, c->size, c->flags);
		assert_int_equal(leaf_of(iova), c->descriptor);
		pgtable_destroy(&table);
	}
}

static void test_every_flag_is_judged_by_the_walk(void **state)
{
	(void)state;
	for (unsigned int stage = 1; stage <= 2; stage++) {
		for (unsigned int flags = 0; flags < 128; flags++) {
			bool readable = flags & R;
			bool good = readable || (stage == 2 && (flags & (W | X)) == W);
			uint64_t pa;
			unsigned int found;

			good = good && flags < 64 && !(flags & PGTABLE_DEVICE && flags & PGTABLE_NONCACHEABLE);
			make(stage, 12, 40, 40, true);
			if (good) {
				map(0x5000, 0x80005000, 4096, flags);
				assert_leads(0x5abc, 0x80005abc, flags & ~PGTABLE_CONTIGUOUS, 12);
			} else {
				assert_map_fails(-EINVAL, 0x5000, 0x80005000, 4096, flags);
				assert_map_fails(-EINVAL, 0, 0x80000000, 4 * MIB, flags);
				assert_int_equal(pgtable_translate(&table, 0x5000, &pa, &found), -ENOENT);
			}
			pgtable_destroy(&table);
		}
	}
}

/* --- Borders. --- */

/* Pages only: no address is block-aligned. */
static void assert_borders(unsigned int stage, unsigned int granule, unsigned int input, unsigned int output)
{
	uint64_t page = 1ULL << granule;
	uint64_t end = 1ULL << input;
	uint64_t output_end = 1ULL << output;

	make(stage, granule, input, output, true);
	map(0, output_end - page, page, RW);
	map(end - page, 0, page, R);
	assert_leads(0, output_end - page, RW, granule);
	assert_leads(page - 1, output_end - 1, RW, granule);
	assert_unmapped(page);
	assert_unmapped(end - page - 1);
	assert_leads(end - page, 0, R, granule);
	assert_leads(end - 1, page - 1, R, granule);
	assert_unmapped(end);
	assert_unmapped(end + page);
	assert_unmapped(~0ULL);
	assert_unmapped(1ULL << 63);

	assert_map_fails(-ERANGE, end - page, 0, 2 * page, RW);
	assert_map_fails(-ERANGE, end, 0, page, RW);
	assert_map_fails(-ERANGE, 0 - page, 0, page, RW);
	assert_map_fails(-ERANGE, 0 - page, 0, 2 * page, RW);
	assert_map_fails(-ERANGE, page, 0, 0 - page, RW);
	assert_map_fails(-ERANGE, 2 * page, 0, 0 - page, RW);
	assert_map_fails(-ERANGE, page, 0, end, RW);
	assert_map_fails(-ERANGE, page, output_end, page, RW);
	assert_map_fails(-ERANGE, page, output_end - page, 2 * page, RW);
	assert_map_fails(-ERANGE, page, 0 - page, page, RW);
	assert_map_fails(-ERANGE, page, 0 - page, 2 * page, RW);
	assert_unmap_fails(-ERANGE, end - page, 2 * page);
	assert_unmap_fails(-ERANGE, end, page);
	assert_unmap_fails(-ERANGE, 0 - page, 2 * page);
	assert_unmap_fails(-ERANGE, 2 * page, 0 - page);

	unmap(0, page);
	unmap(end - page, page);
	assert_unmapped(0);
	assert_unmapped(end - 1);
	assert_int_equal(table.mapped, 0);
	pgtable_destroy(&table);
}

static void test_borders_of_every_format(void **state)
{
	(void)state;
	for (size_t g = 0; g < COUNT(granules); g++) {
		for (unsigned int input = 25; input <= 48; input++) {
			assert_borders(1, granules[g], input, 32 + input % 17);
			if (input >= 32) {
				assert_borders(2, granules[g], input, input + input % (49 - input));
			}
		}
		assert_borders(1, granules[g], 48, 32);
		assert_borders(1, granules[g], 25, 48);
	}
	assert_borders(1, 16, 48, 52);
	assert_borders(1, 16, 29, 52);
}

static void test_alignment(void **state)
{
	(void)state;
	for (size_t g = 0; g < COUNT(granules); g++) {
		uint64_t page = 1ULL << granules[g];

		make(1, granules[g], 48, 48, true);
		map(page, page, page, RW);
		for (uint64_t odd = 1; odd < page; odd *= 2) {
			assert_map_fails(-EINVAL, 4 * page + odd, 0, page, RW);
			assert_map_fails(-EINVAL, 4 * page, odd, page, RW);
			assert_map_fails(-EINVAL, 4 * page, 0, page + odd, RW);
			assert_map_fails(-EINVAL, 4 * page, 0, odd, RW);
			assert_unmap_fails(-EINVAL, page + odd, page);
			assert_unmap_fails(-EINVAL, page, page + odd);
			assert_unmap_fails(-EINVAL, page, odd);
		}
		assert_map_fails(-EINVAL, 4 * page, 0, 0, RW);
		assert_map_fails(-EINVAL, 0, 0, 0, RW);
		assert_unmap_fails(-EINVAL, page, 0);
		pgtable_destroy(&table);
	}
}

static void test_every_address_bit_counts(void **state)
{
	(void)state;
	for (size_t g = 0; g < COUNT(granules); g++) {
		for (unsigned int stage = 1; stage <= 2; stage++) {
			unsigned int granule = granules[g];

			make(stage, granule, 48, 48, true);
			map(0, 0, 1ULL << granule, RW);
			for (unsigned int bit = granule; bit < 48; bit++) {
				assert_unmapped(1ULL << bit);
				map(1ULL << bit, 1ULL << bit, 1ULL << granule, RW);
			}
			for (unsigned int bit = granule; bit < 48; bit++) {
				assert_leads(1ULL << bit, 1ULL << bit, RW, granule);
			}
			pgtable_destroy(&table);
		}
	}
}

/* --- The size of leaves. --- */

/* From `iova`, `count` leaves of 2^bits bytes; returns the address behind them. */
static uint64_t assert_leaves(uint64_t iova, uint64_t pa, unsigned int bits, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++, iova += 1ULL << bits, pa += 1ULL << bits) {
		assert_leads(iova, pa, RW, bits);
		assert_leads(iova + (1ULL << bits) - 1, pa + (1ULL << bits) - 1, RW, bits);
	}
	return iova;
}

struct shape {
	unsigned int granule;
	uint64_t iova, pa, size;
	struct {
		unsigned int bits, count;
	} leaves[6];
};

static void test_the_largest_leaves_that_alignment_allows(void **state)
{
	static const struct shape shapes[] = {
		{12, 2 * MIB, 4 * MIB, 2 * MIB, {{21, 1}}},
		{12, 2 * MIB, 4 * MIB, 2 * MIB - 4096, {{12, 511}}},
		{12, 2 * MIB, 4 * MIB, 2 * MIB + 4096, {{21, 1}, {12, 1}}},
		{12, 2 * MIB - 4096, 4 * MIB - 4096, 2 * MIB + 8192, {{12, 1}, {21, 1}, {12, 1}}},
		{12, 2 * MIB, 4 * MIB + 4096, 2 * MIB, {{12, 512}}},
		{12, 2 * MIB + 4096, 4 * MIB, 2 * MIB, {{12, 512}}},
		{12, 1 * GIB, 3 * GIB, 1 * GIB, {{30, 1}}},
		{12, 1 * GIB, 3 * GIB, 1 * GIB - 2 * MIB, {{21, 511}}},
		{12, 1 * GIB, 3 * GIB + 2 * MIB, 1 * GIB, {{21, 512}}},
		{12, 1 * GIB - 4096, 3 * GIB - 4096, 2 * GIB + 2 * MIB + 8192, {{12, 1}, {30, 2}, {21, 1}, {12, 1}}},
		{12,
		 1 * GIB - 2 * MIB - 4096,
		 5 * GIB - 2 * MIB - 4096,
		 1 * GIB + 4 * MIB + 8192,
		 {{12, 1}, {21, 1}, {30, 1}, {21, 1}, {12, 1}}},
		/* No block of 512 GiB. */
		{12, 512 * GIB, 0, 512 * GIB, {{30, 512}}},
		{14, 32 * MIB, 64 * MIB, 32 * MIB, {{25, 1}}},
		{14, 32 * MIB, 64 * MIB, 32 * MIB - 16384, {{14, 2047}}},
		{14, 32 * MIB - 16384, 64 * MIB - 16384, 32 * MIB + 32768, {{14, 1}, {25, 1}, {14, 1}}},
		{14, 32 * MIB, 64 * MIB + 16384, 32 * MIB, {{14, 2048}}},
		/* No block of 64 GiB. */
		{14, 64 * GIB, 64 * GIB, 64 * GIB, {{25, 2048}}},
		{16, 512 * MIB, 1 * GIB, 512 * MIB, {{29, 1}}},
		{16, 512 * MIB, 1 * GIB, 512 * MIB - 65536, {{16, 8191}}},
		{16, 512 * MIB - 65536, 1 * GIB - 65536, 512 * MIB + 131072, {{16, 1}, {29, 1}, {16, 1}}},
		/* No block of 4 TiB. */
		{16, 4096 * GIB, 4096 * GIB, 4096 * GIB, {{29, 8192}}},
	};

	(void)state;
	for (unsigned int i = 0; i < 2 * COUNT(shapes); i++) {
		const struct shape *shape = &shapes[i / 2];
		uint64_t at = shape->iova;

		make(1 + i % 2, shape->granule, 48, 48, true);
		map(shape->iova, shape->pa, shape->size, RW);
		for (size_t n = 0; n < COUNT(shape->leaves); n++) {
			at = assert_leaves(at, shape->pa + at - shape->iova, shape->leaves[n].bits,
					   shape->leaves[n].count);
		}
		assert_int_equal(at - shape->iova, shape->size);
		assert_unmapped(shape->iova - 1);
		assert_unmapped(at);
		unmap(shape->iova, shape->size);
		assert_unmapped(shape->iova);
		assert_unmapped(at - 1);
		pgtable_destroy(&table);
	}
}

/* None below the start level. */
static void test_blocks_are_no_larger_than_the_root_allows(void **state)
{
	(void)state;
	make(1, 12, 30, 40, true);
	map(0, 1 * GIB, 1 * GIB, RW);
	assert_leaves(0, 1 * GIB, 21, 512);
	make(2, 12, 34, 40, true);
	map(0, 1 * GIB, 2 * GIB, RW);
	assert_leaves(0, 1 * GIB, 21, 1024);
	make(1, 14, 25, 40, true);
	map(0, 1 * GIB, 32 * MIB, RW);
	assert_leaves(0, 1 * GIB, 14, 2048);
	make(1, 16, 29, 40, true);
	map(0, 1 * GIB, 512 * MIB, RW);
	assert_leaves(0, 1 * GIB, 16, 8192);
	make(2, 16, 33, 40, true);
	map(512 * MIB, 1 * GIB, 1 * GIB, RW);
	assert_leaves(512 * MIB, 1 * GIB, 16, 16384);
	make(1, 12, 30, 40, true);
	map(0, 0, 1 * GIB, RW);
	unmap(0, 1 * GIB);
	assert_int_equal(table.mapped, 0);
	assert_false(pgtable_has_retired(&table));
}

static void test_an_empty_table_is_filled_with_smaller_leaves(void **state)
{
	(void)state;
	make(1, 12, 48, 48, true);
	map(4 * MIB, 0, 4096, RW);
	unmap(4 * MIB, 4096);
	/* 4 to 6 MiB has a table. */
	map(2 * MIB, 16 * MIB, 6 * MIB, RW);
	assert_leaves(2 * MIB, 16 * MIB, 21, 1);
	assert_leaves(4 * MIB, 18 * MIB, 12, 512);
	assert_leaves(6 * MIB, 20 * MIB, 21, 1);
	unmap(2 * MIB, 6 * MIB);
	/* And 0 to 1 GiB another. */
	map(0, 0, 2 * GIB, RW);
	assert_leaves(0, 0, 21, 512);
	assert_leaves(1 * GIB, 1 * GIB, 30, 1);
}

/* Within 48 bits descriptors count up; PA[51:48] are elsewhere. */
static void test_outputs_beyond_48_bits(void **state)
{
	(void)state;
	make(1, 16, 48, 52, true);
	map(0x10000, 0xffffffff0000, 0x20000, RW);
	assert_leads(0x10000, 0xffffffff0000, RW, 16);
	assert_leads(0x20000, 0x1000000000000, RW, 16);
	map(512 * MIB, 0x7ffffe0000000, 1 * GIB, RW);
	assert_leads(512 * MIB, 0x7ffffe0000000, RW, 29);
	assert_leads(1 * GIB, 0x8000000000000, RW, 29);
	map(4 * GIB, 0xfffff00000000, 4 * GIB, RW | PGTABLE_CONTIGUOUS);
	assert_leads(8 * GIB - 1, 0xfffffffffffff, RW, 29);
	assert_map_fails(-ERANGE, 16 * GIB, 0xfffffffff0000, 0x20000, RW);
}

/* --- What is mapped stays. --- */

static void overmap_is_refused_everywhere(uint64_t page, uint64_t block)
{
	map(4 * block, 0, block, R);
	map(8 * block + 5 * page, 0, page, R);
	/* Pages over a block. */
	assert_map_fails(-EEXIST, 4 * block, page, page, RW);
	assert_map_fails(-EEXIST, 4 * block + 7 * page, page, page, RW);
	assert_map_fails(-EEXIST, 5 * block - page, page, page, RW);
	assert_map_fails(-EEXIST, 4 * block - page, page, 2 * page, RW);
	assert_map_fails(-EEXIST, 5 * block - page, page, 2 * page, RW);
	/* A block over a block or a page; blocks before one. */
	assert_map_fails(-EEXIST, 4 * block, block, block, RW);
	assert_map_fails(-EEXIST, 8 * block, block, block, RW);
	assert_map_fails(-EEXIST, 2 * block, 0, 3 * block, RW);
	assert_map_fails(-EEXIST, 5 * block, 0, 4 * block, RW);
	assert_map_fails(-EEXIST, 0, 0, 16 * block, RW);
	/* Over a page: first, last, in the middle. */
	assert_map_fails(-EEXIST, 8 * block + 5 * page, page, page, RW);
	assert_map_fails(-EEXIST, 8 * block + 5 * page, page, 9 * page, RW);
	assert_map_fails(-EEXIST, 8 * block, page, 6 * page, RW);
	assert_map_fails(-EEXIST, 8 * block, page, 12 * page, RW);
	assert_map_fails(-EEXIST, 8 * block - page, page, 7 * page, RW);
	assert_leads(8 * block + 5 * page, 0, R, table.format.granule_bits);
	assert_leads(4 * block, 0, R, 2 * table.format.granule_bits - 3);
	map(8 * block, page, 5 * page, RW);
	map(8 * block + 6 * page, page, 5 * page, RW);
	map(3 * block, 0, block, RW);
}

static void test_overmap_is_refused_everywhere(void **state)
{
	(void)state;
	on_each_table(overmap_is_refused_everywhere);
}

static void test_the_odd_one_is_seen_anywhere(void **state)
{
	const uint64_t sizes[] = {4096, 2 * MIB};
	const unsigned int count = 21;

	(void)state;
	for (size_t s = 0; s < COUNT(sizes); s++) {
		for (unsigned int odd = 0; odd < count; odd++) {
			uint64_t size = sizes[s];
			uint64_t base = 4 * GIB + 3 * size;

			make(1, 12, 48, 48, true);
			map(4 * GIB + 32 * size, 32 * size, size, R);
			map(base + odd * size, odd * size, size, R);
			assert_map_fails(-EEXIST, base, 4 * GIB, count * size, RW);
			for (unsigned int i = 0; i < count; i++) {
				if (i != odd) {
					map(base + i * size, i * size, size, R);
				}
			}
			unmap(base + odd * size, size);
			assert_unmap_fails(-ENOENT, base, count * size);
			if (size > 4096) {
				map(base + odd * size, 0, 4096, R);
				assert_unmap_fails(-ENOENT, base, count * size);
			}
			pgtable_destroy(&table);
		}
	}
}

static void test_overmap_of_blocks_of_a_gibibyte(void **state)
{
	(void)state;
	make(1, 12, 48, 48, true);
	map(4 * GIB, 0, 1 * GIB, RW);
	assert_map_fails(-EEXIST, 4 * GIB, 0, 1 * GIB, RW);
	assert_map_fails(-EEXIST, 4 * GIB + 6 * MIB, 0, 2 * MIB, RW);
	assert_map_fails(-EEXIST, 4 * GIB + 4096, 0, 4096, RW);
	assert_map_fails(-EEXIST, 2 * GIB, 0, 4 * GIB, RW);
	assert_map_fails(-EEXIST, 5 * GIB - 4096, 0, 8192, RW);
	map(8 * GIB + 2 * MIB, 0, 2 * MIB, RW);
	assert_map_fails(-EEXIST, 8 * GIB, 0, 1 * GIB, RW);
	assert_map_fails(-EEXIST, 6 * GIB, 0, 4 * GIB, RW);
	map(7 * GIB, 0, 1 * GIB + 2 * MIB, RW);
}

static void test_physical_address_zero_is_mapped(void **state)
{
	(void)state;
	make(1, 12, 48, 48, true);
	map(0x7000, 0, 4096, RW);
	assert_leads(0x7000, 0, RW, 12);
	assert_map_fails(-EEXIST, 0x7000, 0, 4096, RW);
}

/* Takes all the tables left, and counts them. */
static unsigned int exhaust(unsigned int keep)
{
	static void *taken[ARENA_SIZE / PAGE_SIZE];
	unsigned int count = 0;

	while ((taken[count] = pages_allocate(table.format.granule_bits))) {
		count++;
	}
	/* Smaller ones are useless here. */
	for (unsigned int i = 0; i < keep; i++) {
		pages_free(taken[--count], table.format.granule_bits);
	}
	return count;
}

/* `needed` tables; without any one of them, nothing changes. */
static void assert_out_of_memory(uint64_t iova, uint64_t pa, uint64_t size, unsigned int needed)
{
	for (unsigned int have = 0; have <= needed; have++) {
		struct pgtable_format format = table.format;
		struct before was;

		make(format.stage, format.granule_bits, format.input_bits, format.output_bits, format.coherent);
		map(0, 0, 1ULL << format.granule_bits, RW);
		exhaust(have);
		if (have == needed) {
			map(iova, pa, size, RW);
			assert_int_equal(pages_free_count(), 0);
		} else {
			was = before();
			assert_int_equal(pgtable_map(&table, iova, pa, size, RW), -ENOMEM);
			assert_as(&was);
			assert_int_equal(pages_free_count(), have << (format.granule_bits - 12));
			assert_unmapped(iova);
			assert_unmapped(iova + size - 1);
		}
		pgtable_destroy(&table);
	}
}

static void test_out_of_memory_at_every_allocation(void **state)
{
	(void)state;
	make(1, 12, 48, 48, true);
	/* Across a border of the root: three tables each. */
	assert_out_of_memory((1ULL << 39) - 4096, 4096, 8192, 5);
	/* The path; tables of pages and blocks on both sides of 1 GiB. */
	assert_out_of_memory((4ULL << 39) + 1 * GIB - 4096, 1 * GIB - 4096, 1 * GIB + 2 * MIB + 8192, 5);
	assert_out_of_memory(5ULL << 39, 0, 512 * GIB, 1);
	assert_out_of_memory(5ULL << 39, 0, 512 * GIB + 2 * MIB, 3);
	assert_out_of_memory(4096, 0, 4 * MIB, 2);
	make(1, 14, 48, 48, false);
	assert_out_of_memory((1ULL << 47) - 16384, 0, 32768, 5);
	assert_out_of_memory(32 * MIB - 16384, 32 * MIB - 16384, 64 * MIB, 1);
	make(2, 16, 48, 48, true);
	assert_out_of_memory((1ULL << 42) - 65536, 0, 131072, 3);
	make(2, 12, 40, 40, false);
	assert_out_of_memory((1ULL << 39) - 4096, 0, 8192, 4);
}

static void test_no_memory_for_a_root(void **state)
{
	const struct pgtable_format format = {2, 16, 33, 40, true};
	struct pgtable other;

	(void)state;
	make(1, 12, 48, 48, true);
	while (page_allocate()) {
	}
	assert_int_equal(pgtable_init(&other, &format), -ENOMEM);
	assert_null(other.root);
	assert_int_equal(other.table_bytes, 0);
	pgtable_destroy(&other);
}

/* --- Contiguous groups. --- */

struct group {
	unsigned int granule, leaf_bits, group_bits;
};

static const struct group groups[] = {
	{12, 12, 16}, {12, 21, 25}, {12, 30, 34}, {14, 14, 21}, {14, 25, 30}, {16, 16, 21}, {16, 29, 34},
};

static void test_whole_groups_have_the_hint(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * COUNT(groups); i++) {
		const struct group *g = &groups[i / 2];
		uint64_t leaf = 1ULL << g->leaf_bits, group = 1ULL << g->group_bits;
		unsigned int hint = RW | PGTABLE_CONTIGUOUS;

		make(1 + i % 2, g->granule, 48, 48, i % 2);
		/* Two leaves, two groups, two leaves. */
		map(4 * group - 2 * leaf, 2 * group - 2 * leaf, 2 * group + 4 * leaf, hint);
		assert_leads(4 * group - 2 * leaf, 2 * group - 2 * leaf, RW, g->leaf_bits);
		assert_leads(4 * group - 1, 2 * group - 1, RW, g->leaf_bits);
		for (uint64_t at = 0; at < 2 * group; at += leaf) {
			assert_leads(4 * group + at, 2 * group + at, hint, g->group_bits);
		}
		assert_leads(6 * group, 4 * group, RW, g->leaf_bits);
		assert_leads(6 * group + 2 * leaf - 1, 4 * group + 2 * leaf - 1, RW, g->leaf_bits);
		assert_unmapped(6 * group + 2 * leaf);
		map(12 * group, 2 * group, group, RW);
		assert_leads(12 * group, 2 * group, RW, g->leaf_bits);
		pgtable_destroy(&table);
	}
}

static void test_partial_groups_have_no_hint(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * COUNT(groups); i++) {
		const struct group *g = &groups[i / 2];
		uint64_t leaf = 1ULL << g->leaf_bits, group = 1ULL << g->group_bits;
		unsigned int hint = RW | PGTABLE_CONTIGUOUS;

		make(1 + i % 2, g->granule, 48, 48, true);
		/* Without the first, without the last, outputs unaligned. */
		map(group + leaf, group + leaf, group - leaf, hint);
		map(4 * group, 4 * group, group - leaf, hint);
		map(8 * group, 8 * group + leaf, group, hint);
		for (uint64_t at = 0; at < group; at += leaf) {
			if (at) {
				assert_leads(group + at, group + at, RW, g->leaf_bits);
			}
			if (at < group - leaf) {
				assert_leads(4 * group + at, 4 * group + at, RW, g->leaf_bits);
			}
			assert_leads(8 * group + at, 8 * group + leaf + at, RW, g->leaf_bits);
		}
		pgtable_destroy(&table);
	}
}

static void test_groups_go_as_a_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * COUNT(groups); i++) {
		const struct group *g = &groups[i / 2];
		uint64_t leaf = 1ULL << g->leaf_bits, group = 1ULL << g->group_bits;

		make(1 + i % 2, g->granule, 48, 48, i % 2);
		map(4 * group - leaf, 2 * group - leaf, 2 * group + 2 * leaf, RW | PGTABLE_CONTIGUOUS);
		assert_unmap_fails(-EINVAL, 4 * group, leaf);
		assert_unmap_fails(-EINVAL, 4 * group + 3 * leaf, leaf);
		assert_unmap_fails(-EINVAL, 4 * group, group - leaf);
		assert_unmap_fails(-EINVAL, 4 * group + leaf, group - leaf);
		assert_unmap_fails(-EINVAL, 4 * group + leaf, 2 * group);
		assert_unmap_fails(-EINVAL, 4 * group - leaf, 2 * leaf);
		assert_unmap_fails(-EINVAL, 6 * group - leaf, 2 * leaf);
		assert_unmap_fails(-EINVAL, 5 * group - leaf, 2 * leaf);
		unmap(4 * group, group);
		assert_unmapped(4 * group);
		assert_unmapped(5 * group - 1);
		assert_leads(5 * group, 3 * group, RW | PGTABLE_CONTIGUOUS, g->group_bits);
		unmap(4 * group - leaf, leaf);
		unmap(5 * group, group + leaf);
		assert_int_equal(table.mapped, 0);
		pgtable_destroy(&table);
	}
}

/* --- Unmapping. --- */

static void test_unmap_in_the_middle(void **state)
{
	(void)state;
	make(1, 12, 48, 48, true);
	map(0x1000, 0x80000000, 3 * 4096, RW);
	unmap(0x2000, 4096);
	assert_leads(0x1000, 0x80000000, RW, 12);
	assert_unmapped(0x2000);
	assert_leads(0x3000, 0x80002000, RW, 12);
	map(0x2000, 0x90000000, 4096, R);
	unmap(0x1000, 3 * 4096);
	assert_int_equal(table.mapped, 0);
}

static void unmap_across_two_blocks(uint64_t page, uint64_t block)
{
	unsigned int log2 = 2 * table.format.granule_bits - 3;

	map(4 * block, 2 * block, 2 * block, RW);
	assert_unmap_fails(-EINVAL, 4 * block + page, block);
	assert_unmap_fails(-EINVAL, 5 * block - page, block);
	assert_leads(4 * block, 2 * block, RW, log2);
	assert_leads(5 * block, 3 * block, RW, log2);
	unmap(4 * block, 2 * block);
	assert_int_equal(table.mapped, 0);
}

static void test_unmap_across_two_blocks(void **state)
{
	(void)state;
	on_each_table(unmap_across_two_blocks);
}

static void unmap_of_a_hole_changes_nothing(uint64_t page, uint64_t block)
{
	assert_unmap_fails(-ENOENT, 0, page);
	assert_unmap_fails(-ENOENT, 0, 1ULL << 48);
	map(4 * block, 0, 2 * block - page, RW);
	assert_unmap_fails(-ENOENT, 4 * block - page, 2 * page);
	assert_unmap_fails(-ENOENT, 4 * block - page, block + page);
	assert_unmap_fails(-ENOENT, 3 * block, 2 * block);
	assert_unmap_fails(-ENOENT, 4 * block, 2 * block);
	assert_unmap_fails(-ENOENT, 5 * block, block);
	assert_unmap_fails(-ENOENT, 5 * block + page, block - page);
	assert_unmap_fails(-ENOENT, 6 * block - 2 * page, 2 * page);
	assert_unmap_fails(-ENOENT, 6 * block - page, page);
	unmap(5 * block + 9 * page, page);
	assert_unmap_fails(-ENOENT, 5 * block + 9 * page, page);
	assert_unmap_fails(-ENOENT, 5 * block, 20 * page);
	assert_unmap_fails(-ENOENT, 5 * block, 10 * page);
}

static void test_unmap_of_a_hole_changes_nothing(void **state)
{
	(void)state;
	on_each_table(unmap_of_a_hole_changes_nothing);
}

static void emptiness_is_cheap(uint64_t page, uint64_t block)
{
	uint64_t whole = 1ULL << 48;
	uint64_t before;

	assert_true(pgtable_is_empty(&table, 0, whole));
	assert_int_equal(arch_hooks.virt_count, 0);
	map(4 * block + 3 * page, 0, page, RW);
	before = arch_hooks.virt_count;
	assert_true(pgtable_is_empty(&table, 0, 4 * block + 3 * page));
	assert_true(pgtable_is_empty(&table, 4 * block + 4 * page, whole));
	assert_true(pgtable_is_empty(&table, 4 * block + 4 * page, whole - 4 * block - 4 * page));
	assert_in_range(arch_hooks.virt_count - before, 6, 24);
	assert_false(pgtable_is_empty(&table, 0, whole));
	assert_false(pgtable_is_empty(&table, 4 * block + 3 * page, page));
	assert_false(pgtable_is_empty(&table, 4 * block + 4 * page - 1, 1));
	assert_false(pgtable_is_empty(&table, 4 * block - page, 5 * page));
	assert_true(pgtable_is_empty(&table, 4 * block + 4 * page, page));
	assert_true(pgtable_is_empty(&table, 4 * block + 3 * page, 0));
	map(whole - block, 0, block, RW);
	assert_false(pgtable_is_empty(&table, whole - page, page));
	assert_false(pgtable_is_empty(&table, whole - page, whole));
	assert_true(pgtable_is_empty(&table, whole - 2 * block, block));
	assert_true(pgtable_is_empty(&table, whole, whole));
	assert_true(pgtable_is_empty(&table, ~0ULL - page + 1, page));
}

static void test_emptiness_is_cheap(void **state)
{
	(void)state;
	on_each_table(emptiness_is_cheap);
}

static void a_block_is_not_cut(uint64_t page, uint64_t block)
{
	map(4 * block - page, 4 * block - page, 2 * block + page, RW);
	assert_unmap_fails(-EINVAL, 4 * block, page);
	assert_unmap_fails(-EINVAL, 4 * block, block - page);
	assert_unmap_fails(-EINVAL, 4 * block + page, page);
	assert_unmap_fails(-EINVAL, 4 * block + page, block - page);
	assert_unmap_fails(-EINVAL, 5 * block - page, page);
	assert_unmap_fails(-EINVAL, 5 * block - page, 2 * page);
	assert_unmap_fails(-EINVAL, 4 * block - page, 2 * page);
	assert_unmap_fails(-EINVAL, 4 * block, 2 * block - page);
	assert_unmap_fails(-EINVAL, 4 * block + page, 4 * block);
	assert_unmap_fails(-ENOENT, 3 * block, block + page);
	unmap(4 * block, block);
	unmap(5 * block, block);
	unmap(4 * block - page, page);
}

static void test_a_block_is_not_cut(void **state)
{
	(void)state;
	on_each_table(a_block_is_not_cut);
}

/* --- Tables that are retired. --- */

static void test_a_table_is_retired_and_reclaimed(void **state)
{
	(void)state;
	for (size_t g = 0; g < COUNT(granules); g++) {
		for (unsigned int i = 0; i < 4; i++) {
			uint64_t page = 1ULL << granules[g];
			uint64_t block = page * page / 8;
			size_t free_count, bytes;

			make(1 + i % 2, granules[g], 48, 48, i / 2);
			map(4 * block, page, 2 * block, RW);
			bytes = table.table_bytes;
			free_count = pages_free_count();
			assert_false(pgtable_has_retired(&table));
			unmap(4 * block, block);
			assert_unmapped(4 * block);
			assert_unmapped(5 * block - 1);
			assert_leads(5 * block, block + page, RW, granules[g]);
			assert_true(pgtable_has_retired(&table));
			assert_int_equal(pages_free_count(), free_count);
			assert_int_equal(table.table_bytes, bytes);
			pgtable_reclaim(&table);
			assert_false(pgtable_has_retired(&table));
			assert_int_equal(pages_free_count() - free_count, page / 4096);
			assert_int_equal(bytes - table.table_bytes, page);
			pgtable_reclaim(&table);
			assert_int_equal(bytes - table.table_bytes, page);
			map(4 * block, 8 * block, block, RW);
			assert_leads(4 * block, 8 * block, RW, 2 * granules[g] - 3);
			pgtable_destroy(&table);
		}
	}
}

static void test_a_retired_table_is_left_alone(void **state)
{
	uint64_t old[512];
	size_t at;

	(void)state;
	make(1, 12, 48, 48, true);
	map(0, 0x1000, 2 * MIB, RW);
	at = word_at(walk_to(0, false, false).fetch);
	memcpy(old, &memory[at], sizeof(old));
	unmap(0, 2 * MIB);
	map(0, 0x2000, 2 * MIB, RW);
	map(1 * GIB, 0x3000, 8 * MIB, RW);
	for (size_t i = 0; i < 512; i++) {
		assert_true(memory[at + i] == old[i] || !is_valid(memory[at + i]));
	}
	assert_int_not_equal(word_at(walk_to(0, false, false).fetch), at);
}

static void test_only_whole_tables_are_retired(void **state)
{
	(void)state;
	make(2, 12, 48, 48, true);
	map(0, 0x1000, 4 * MIB, RW);
	unmap(4096, 2 * MIB - 4096);
	assert_false(pgtable_has_retired(&table));
	unmap(0, 4096);
	/* Empty, but not by one call. */
	assert_false(pgtable_has_retired(&table));
	unmap(2 * MIB, 2 * MIB - 4096);
	assert_false(pgtable_has_retired(&table));
	unmap(4 * MIB - 4096, 4096);
	assert_false(pgtable_has_retired(&table));
	assert_int_equal(table.mapped, 0);
}

static void test_tables_of_tables_are_retired(void **state)
{
	uint64_t size = 1 * GIB + 4 * MIB;
	size_t bytes, free_count;

	(void)state;
	make(1, 12, 48, 48, false);
	/* From 510 GiB: 1 GiB in 512 tables, another table, and a part of one. */
	map(510 * GIB, 0x1000, size, RW);
	bytes = table.table_bytes;
	free_count = pages_free_count();
	assert_int_equal(bytes, 4096 * (1 + 1 + 2 + 514));
	unmap(510 * GIB, size - 4096);
	assert_true(pgtable_has_retired(&table));
	assert_leads(510 * GIB + size - 4096, 0x1000 + size - 4096, RW, 12);
	assert_int_equal(table.mapped, 1);
	pgtable_reclaim(&table);
	/* The root, the path, a table of pages. */
	assert_int_equal(table.table_bytes, 4096 * 4);
	assert_int_equal(pages_free_count() - free_count, 514);
	unmap(510 * GIB + size - 4096, 4096);
	map(512 * GIB, 512 * GIB, 512 * GIB, RW);
	assert_int_equal(table.table_bytes, 4096 * 5);
	unmap(512 * GIB, 512 * GIB);
	pgtable_reclaim(&table);
	assert_int_equal(table.table_bytes, 4096 * 4);
	assert_int_equal(table.mapped, 0);
}

static void test_a_root_is_never_retired(void **state)
{
	(void)state;
	make(1, 16, 29, 40, true);
	map(0, 0, 512 * MIB, RW);
	unmap(0, 512 * MIB);
	assert_false(pgtable_has_retired(&table));
	make(2, 14, 37, 40, true);
	map(0, 0, 1ULL << 37, RW);
	unmap(0, 1ULL << 37);
	assert_false(pgtable_has_retired(&table));
	assert_int_equal(table.mapped, 0);
}

static void test_destroy_gives_everything_back(void **state)
{
	size_t used;

	(void)state;
	make(1, 12, 48, 48, true);
	map(0, 0, 4096, RW);
	map(1ULL << 40, 0x1000, 6 * MIB, RW);
	unmap(1ULL << 40, 4 * MIB);
	assert_true(pgtable_has_retired(&table));
	used = arena_used();
	pgtable_destroy(&table);
	/* A root; three tables; two and three. */
	assert_int_equal(pages_free_count(), 9);
	assert_int_equal(used, 9 * 4096);
	assert_int_equal(arena_used(), used);
	assert_int_equal(table.table_bytes, 0);
	assert_int_equal(table.mapped, 0);
	assert_false(pgtable_has_retired(&table));
	pgtable_destroy(&table);
	assert_int_equal(pages_free_count(), 9);
}

/* --- Barriers and caches, beside what every other test here checks. --- */

static void test_barriers_and_cleans_are_few(void **state)
{
	uint64_t wmb, clean;

	(void)state;
	make(1, 12, 48, 48, false);
	map(0x1000, 0x80000000, 4096, RW);
	wmb = arch_hooks.wmb_count;
	clean = arch_hooks.clean_count;
	map(0x2000, 0x80001000, 510 * 4096, RW);
	assert_int_equal(arch_hooks.wmb_count - wmb, 1);
	assert_int_equal(arch_hooks.clean_count - clean, 1);
	unmap(0x2000, 510 * 4096);
	assert_int_equal(arch_hooks.wmb_count - wmb, 2);
	assert_int_equal(arch_hooks.clean_count - clean, 2);
	/* The table's leaves, a barrier, its descriptor, a barrier. */
	map(2 * MIB, 0x80001000, 2 * MIB, RW);
	assert_int_equal(arch_hooks.wmb_count - wmb, 4);
	assert_int_equal(arch_hooks.clean_count - clean, 4);
	unmap(2 * MIB, 2 * MIB);
	assert_int_equal(arch_hooks.wmb_count - wmb, 5);
	assert_int_equal(arch_hooks.clean_count - clean, 5);
	make(1, 12, 48, 48, true);
	map(0x1000, 0x80000000, 6 * MIB, RW);
	unmap(0x1000, 6 * MIB);
	assert_int_equal(arch_hooks.clean_count, 0);
}

/* New descriptors must not show the old contents. */
static void test_recycled_tables_are_ordered_too(void **state)
{
	(void)state;
	for (size_t g = 0; g < COUNT(granules); g++) {
		for (unsigned int i = 0; i < 4; i++) {
			uint64_t page = 1ULL << granules[g];
			uint64_t block = page * page / 8;

			make(1 + i % 2, granules[g], 48, 48, i / 2);
			for (unsigned int round = 1; round < 6; round++) {
				uint64_t at = (uint64_t)round << 43;

				map(at + page, page, block + round * page, RW);
				map(at + 8 * block, page, 2 * block, RW);
				unmap(at + page, block + round * page);
				unmap(at + 8 * block, 2 * block);
				pgtable_reclaim(&table);
			}
			pgtable_destroy(&table);
		}
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_formats_are_these_and_no_others),
		TEST(test_levels_of_stage_1),
		TEST(test_levels_of_stage_2),
		TEST(test_start_levels_suit_the_output_size),
		TEST(test_encodings),
		TEST(test_descriptors_bit_by_bit),
		TEST(test_every_flag_is_judged_by_the_walk),
		TEST(test_borders_of_every_format),
		TEST(test_alignment),
		TEST(test_every_address_bit_counts),
		TEST(test_the_largest_leaves_that_alignment_allows),
		TEST(test_blocks_are_no_larger_than_the_root_allows),
		TEST(test_an_empty_table_is_filled_with_smaller_leaves),
		TEST(test_outputs_beyond_48_bits),
		TEST(test_overmap_is_refused_everywhere),
		TEST(test_the_odd_one_is_seen_anywhere),
		TEST(test_overmap_of_blocks_of_a_gibibyte),
		TEST(test_physical_address_zero_is_mapped),
		TEST(test_out_of_memory_at_every_allocation),
		TEST(test_no_memory_for_a_root),
		TEST(test_whole_groups_have_the_hint),
		TEST(test_partial_groups_have_no_hint),
		TEST(test_groups_go_as_a_whole),
		TEST(test_unmap_in_the_middle),
		TEST(test_unmap_across_two_blocks),
		TEST(test_unmap_of_a_hole_changes_nothing),
		TEST(test_emptiness_is_cheap),
		TEST(test_a_block_is_not_cut),
		TEST(test_a_table_is_retired_and_reclaimed),
		TEST(test_a_retired_table_is_left_alone),
		TEST(test_only_whole_tables_are_retired),
		TEST(test_tables_of_tables_are_retired),
		TEST(test_a_root_is_never_retired),
		TEST(test_destroy_gives_everything_back),
		TEST(test_barriers_and_cleans_are_few),
		TEST(test_recycled_tables_are_ordered_too),
	};

	return cmocka_run_group_tests_name("pgtable", tests, open_memory, close_memory);
}
