/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Random maps, unmaps, translations against a list, judged by tests/model/walk.c: random [OPERATIONS [SEED]]. If a
 * world is not coherent, the walker sees only what was cleaned. Prints what was wrong, in which world.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/arch.h"
#include "base/arena.h"
#include "model/walk.h"
#include "pgtable/pgtable.h"

#define ARENA_START 0x20000000ULL /* Within the smallest output size. */
#define ARENA_SIZE (12U << 20)
#define GARBAGE 0xff
#define WORLD_OPERATIONS 1500U
#define SEGMENTS_MAX 256U
#define RW (PGTABLE_READ | PGTABLE_WRITE)

/* What is left of one call's map. */
struct segment {
	uint64_t iova, pa, size;
	unsigned int flags;
};

static uint64_t *const memory = (uint64_t *)ARENA_START;
static uint64_t *device; /* The walker's view if not coherent. */
static struct pgtable table;
static struct segment segments[SEGMENTS_MAX + 2];
static unsigned int segment_count;
static size_t arena_size; /* Sometimes small: memory runs out. */
static uint64_t random_state, world;
static uint64_t outcomes[3][4]; /* Maps, unmaps, translations: done, and three errors. */

#define CHECK(condition) check(condition, #condition, __LINE__)

static void check(bool condition, const char *text, int line)
{
	if (!condition) {
		printf("not ok - line %d: %s, in world %llu: stage %u, granule %u, input %u, output %u, %scoherent\n",
		       line, text, (unsigned long long)world, table.format.stage, table.format.granule_bits,
		       table.format.input_bits, table.format.output_bits, table.format.coherent ? "" : "not ");
		exit(1);
	}
}

/* --- Numbers. --- */

static uint64_t random64(void)
{
	uint64_t z = random_state += 0x9e3779b97f4a7c15ULL;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return z ^ z >> 31;
}

static uint64_t below(uint64_t limit)
{
	return random64() % limit;
}

static bool chance(unsigned int one_in)
{
	return below(one_in) == 0;
}

static unsigned int granule_bits(void)
{
	return table.format.granule_bits;
}

static uint64_t granule(void)
{
	return 1ULL << granule_bits();
}

/* --- What is mapped. --- */

/* The first that ends behind `iova`. */
static unsigned int segment_at(uint64_t iova)
{
	unsigned int i = 0;

	while (i < segment_count && segments[i].iova + segments[i].size <= iova) {
		i++;
	}
	return i;
}

static const struct segment *segment_of(uint64_t iova)
{
	unsigned int i = segment_at(iova);

	return i < segment_count && segments[i].iova <= iova ? &segments[i] : NULL;
}

static void insert(unsigned int i, struct segment segment)
{
	memmove(&segments[i + 1], &segments[i], (segment_count - i) * sizeof(segments[0]));
	segments[i] = segment;
	segment_count++;
}

static void erase(unsigned int i)
{
	segment_count--;
	memmove(&segments[i], &segments[i + 1], (segment_count - i) * sizeof(segments[0]));
}

static void cut(uint64_t iova)
{
	unsigned int i = segment_at(iova);
	uint64_t head;

	if (i == segment_count || segments[i].iova >= iova) {
		return;
	}
	head = iova - segments[i].iova;
	insert(i + 1, (struct segment){iova, segments[i].pa + head, segments[i].size - head, segments[i].flags});
	segments[i].size = head;
}

static void forget(uint64_t iova, uint64_t size)
{
	unsigned int i;

	cut(iova);
	cut(iova + size);
	i = segment_at(iova);
	while (i < segment_count && segments[i].iova < iova + size) {
		erase(i);
	}
}

static uint64_t granules_mapped(void)
{
	uint64_t count = 0;

	for (unsigned int i = 0; i < segment_count; i++) {
		count += segments[i].size >> granule_bits();
	}
	return count;
}

/* --- Walks. --- */

static void on_clean(const volatile void *start, size_t size, bool invalidate)
{
	uint64_t offset = (uint64_t)(uintptr_t)start - ARENA_START;

	(void)invalidate;
	CHECK(offset + size <= ARENA_SIZE);
	memcpy((char *)device + offset, (char *)memory + offset, size);
}

static bool read_descriptor(void *context, uint64_t address, uint64_t *descriptor)
{
	uint64_t offset = address - ARENA_START;

	(void)context;
	if (offset >= ARENA_SIZE) {
		return false;
	}
	*descriptor = (table.format.coherent ? memory : device)[offset / 8];
	return true;
}

static struct walk_result walk_to(uint64_t iova, bool write, bool execute)
{
	const struct walk_config config = {
		.stage = table.format.stage,
		.granule_bits = granule_bits(),
		.input_bits = table.format.input_bits,
		.output_bits = table.format.output_bits,
		.start_level = pgtable_start_level(&table),
		.root = pgtable_root(&table),
		.access_flag_faults = true,
	};
	const struct walk_access access = {iova, write, false, execute};
	struct walk_result result;

	walk(&config, &access, read_descriptor, NULL, &result);
	return result;
}

static unsigned int flags_of(const struct walk_result *result)
{
	static const unsigned int stage1[] = {0, PGTABLE_DEVICE, PGTABLE_NONCACHEABLE};
	unsigned int flags = (result->readable ? PGTABLE_READ : 0) | (result->writable ? PGTABLE_WRITE : 0) |
			     (result->executable ? PGTABLE_EXECUTE : 0) | (result->contiguous ? PGTABLE_CONTIGUOUS : 0);

	if (table.format.stage == 1) {
		CHECK(result->attributes < 3);
		return flags | stage1[result->attributes];
	}
	CHECK(result->attributes == 15 || result->attributes == 1 || result->attributes == 5);
	flags |= result->attributes == 1 ? PGTABLE_DEVICE : 0;
	return flags | (result->attributes == 5 ? PGTABLE_NONCACHEABLE : 0);
}

/* The whole leaf or group is one segment's; groups need its permission. */
static void check_leaf(uint64_t iova, const struct segment *segment, const struct walk_result *result)
{
	uint64_t size = 1ULL << result->block_bits;
	uint64_t start = iova & ~(size - 1);

	CHECK(start >= segment->iova && start + size <= segment->iova + segment->size);
	CHECK((result->output & (size - 1)) == (iova & (size - 1)));
	CHECK(!result->contiguous || segment->flags & PGTABLE_CONTIGUOUS);
}

static void probe(uint64_t iova)
{
	const struct segment *segment = segment_of(iova);
	bool write = segment && segment->flags & PGTABLE_WRITE && (!(segment->flags & PGTABLE_READ) || chance(2));
	struct walk_result result = walk_to(iova, write, false);
	unsigned int flags = 0;
	uint64_t pa = 0;
	int error = pgtable_translate(&table, iova, &pa, &flags);

	if (!segment) {
		CHECK(result.fault == WALK_TRANSLATION);
		CHECK(error == -ENOENT);
		outcomes[2][1]++;
		return;
	}
	outcomes[2][0]++;
	CHECK(result.fault == WALK_OK);
	CHECK(result.output == segment->pa + (iova - segment->iova));
	CHECK((flags_of(&result) | PGTABLE_CONTIGUOUS) == (segment->flags | PGTABLE_CONTIGUOUS));
	CHECK(result.shareability == 3);
	check_leaf(iova, segment, &result);
	CHECK(error == 0 && pa == result.output && flags == flags_of(&result));
	if (!(segment->flags & PGTABLE_WRITE)) {
		CHECK(walk_to(iova, true, false).fault == WALK_PERMISSION);
	}
}

static void probe_around(uint64_t iova, uint64_t size)
{
	probe(iova);
	probe(iova - 1);
	probe(iova + size - 1);
	probe(iova + size);
	probe(iova + below(size));
}

/* --- Everything, now and then. --- */

static uint64_t digest;
static uint64_t leaf_granules;

/* By entries: each leaf's range, and a digest of the tables. */
static void scan(const uint64_t *entries, uint64_t count, unsigned int shift, uint64_t iova)
{
	for (uint64_t i = 0; i < count; i++, iova += 1ULL << shift) {
		uint64_t entry = entries[i];

		digest = (digest ^ entry) * 0x100000001b3ULL;
		if ((entry & 3) == 3 && shift > granule_bits()) {
			scan((const uint64_t *)(uintptr_t)(entry & 0x0000fffffffff000ULL), granule() / 8,
			     shift - (granule_bits() - 3), iova);
		} else if (entry & 1) {
			leaf_granules += 1ULL << (shift - granule_bits());
			CHECK(segment_of(iova) && segment_of(iova + (1ULL << shift) - 1));
		}
	}
}

static uint64_t scan_all(void)
{
	unsigned int shift = granule_bits() + (3 - pgtable_start_level(&table)) * (granule_bits() - 3);

	digest = 0xcbf29ce484222325ULL;
	leaf_granules = 0;
	scan(table.root, 1ULL << (table.format.input_bits - shift), shift, 0);
	return digest;
}

static void check_everything(void)
{
	scan_all();
	CHECK(leaf_granules == granules_mapped());
	CHECK(leaf_granules == table.mapped);
	for (unsigned int i = 0; i < segment_count; i++) {
		probe_around(segments[i].iova, segments[i].size);
	}
}

/* --- Operations. --- */

/* Near an end or a power of two; sometimes anywhere. */
static uint64_t random_iova(void)
{
	uint64_t end = 1ULL << table.format.input_bits;
	uint64_t base = 1ULL << (granule_bits() + below(table.format.input_bits - granule_bits()));

	switch (below(4)) {
	case 0:
		base = end;
		break;
	case 1:
		base = below(end);
		break;
	default:
		break;
	}
	return (base + (below(64) - 32) * granule()) & ~(granule() - 1);
}

/* Some level's leaves, and a few granules. */
static uint64_t random_size(void)
{
	unsigned int stride = granule_bits() - 3;
	uint64_t size = (1 + below(20)) << granule_bits();

	if (chance(3)) {
		size = (1 + below(3)) << (granule_bits() + stride);
		size += chance(2) ? below(40) * granule() : 0;
	} else if (chance(12) && granule_bits() == 12) {
		size = (1 + below(3)) << 30;
		size += chance(2) ? below(4) << 21 : 0;
	} else if (chance(20)) {
		size = (1ULL << (granule_bits() + stride + 5)) + below(4) * granule();
	}
	return size;
}

/* Mostly block-aligned. */
static uint64_t align(uint64_t address)
{
	switch (below(4)) {
	case 0:
		return address;
	case 1:
		return address & ~((1ULL << (2 * granule_bits() - 3)) - 1);
	case 2:
		return address & ~((1ULL << (2 * granule_bits() + 2)) - 1);
	default:
		return address & ~((1ULL << 30) - 1);
	}
}

static unsigned int random_flags(void)
{
	static const unsigned int accesses[] = {PGTABLE_READ, RW, RW, RW | PGTABLE_EXECUTE, PGTABLE_WRITE};
	static const unsigned int kinds[] = {0, 0, PGTABLE_DEVICE, PGTABLE_NONCACHEABLE};
	unsigned int access = accesses[below(table.format.stage == 2 ? 5 : 4)];

	return access | kinds[below(4)] | (chance(3) ? PGTABLE_CONTIGUOUS : 0);
}

static bool fits(uint64_t start, uint64_t size, unsigned int bits)
{
	uint64_t end = 1ULL << bits;

	return start < end && size <= end - start;
}

static int expected_of_map(uint64_t iova, uint64_t pa, uint64_t size)
{
	unsigned int i;

	if (!fits(iova, size, table.format.input_bits) || !fits(pa, size, table.format.output_bits)) {
		return -ERANGE;
	}
	i = segment_at(iova);
	return i < segment_count && segments[i].iova < iova + size ? -EEXIST : 0;
}

/* The lower address decides: a hole, or a protruding leaf or group. */
static int expected_of_unmap(uint64_t iova, uint64_t size)
{
	uint64_t end = iova + size;

	if (!fits(iova, size, table.format.input_bits)) {
		return -ERANGE;
	}
	while (iova < end) {
		const struct segment *segment = segment_of(iova);
		struct walk_result result;
		uint64_t leaf;

		if (!segment) {
			return -ENOENT;
		}
		result = walk_to(iova, !(segment->flags & PGTABLE_READ), false);
		leaf = 1ULL << result.block_bits;
		if (iova & (leaf - 1) || leaf > end - iova) {
			return -EINVAL;
		}
		iova += leaf;
	}
	return 0;
}

static void count_outcome(unsigned int operation, int error)
{
	static const int told[2][3] = {{-ERANGE, -EEXIST, -ENOMEM}, {-ERANGE, -ENOENT, -EINVAL}};

	outcomes[operation][0] += !error;
	for (unsigned int i = 0; i < 3; i++) {
		outcomes[operation][i + 1] += error == told[operation][i];
	}
}

/* Fewer tables than a map of pages may take. */
static bool may_run_out(uint64_t size)
{
	size_t available = arena_size - arena_used() + pages_free_count() * PAGE_SIZE;

	return available >> granule_bits() < (size >> (2 * granule_bits() - 3)) + 8;
}

/* Mostly aligned as `iova`; sometimes at the end, or at the upper bits. */
static uint64_t random_output(uint64_t iova)
{
	uint64_t offset = chance(4) ? below(1000) * granule() : 0;
	uint64_t pa = align(random64()) + (iova & ((1ULL << 35) - 1)) + offset;

	if (chance(20)) {
		pa = (1ULL << (chance(2) ? 48 : table.format.output_bits)) - below(40) * granule();
	}
	if (!chance(100)) {
		pa &= (1ULL << table.format.output_bits) - 1;
	}
	return pa & ~(granule() - 1);
}

static void map_something(void)
{
	uint64_t iova = align(random_iova());
	uint64_t pa = random_output(iova);
	uint64_t size = random_size();
	unsigned int flags = random_flags();
	int expected, error;
	uint64_t was = 0;
	bool look = chance(400);

	expected = expected_of_map(iova, pa, size);
	if (expected == 0 && segment_count >= SEGMENTS_MAX - 2) {
		return;
	}
	was = look ? scan_all() : 0;
	error = pgtable_map(&table, iova, pa, size, flags);
	count_outcome(0, error);
	CHECK(error == expected || (error == -ENOMEM && expected != -ERANGE && may_run_out(size)));
	CHECK(!look || !error || scan_all() == was);
	if (!error) {
		insert(segment_at(iova), (struct segment){iova, pa, size, flags});
	}
	probe_around(iova, size);
}

/* In a segment or into another: all, part, more. */
static void choose_range(uint64_t *iova, uint64_t *size)
{
	unsigned int i = (unsigned int)below(segment_count);
	unsigned int j = chance(4) && i + 1 < segment_count ? i + 1 : i;
	uint64_t end = segments[j].iova + segments[j].size;

	*iova = segments[i].iova;
	if (chance(3)) {
		*iova += below(segments[i].size) & ~(granule() - 1);
		*iova = chance(2) && align(*iova) >= segments[i].iova ? align(*iova) : *iova;
	}
	if (chance(3)) {
		end -= below(end - *iova) & ~(granule() - 1);
	} else if (chance(8)) {
		end += granule();
	}
	*size = end > *iova ? end - *iova : granule();
}

static void unmap_something(void)
{
	uint64_t iova = random_iova(), size = random_size();
	bool look = chance(400);
	size_t free_count;
	uint64_t was;
	int expected, error;

	if (segment_count && !chance(20)) {
		choose_range(&iova, &size);
	}
	if (segment_count >= SEGMENTS_MAX - 2) {
		iova = segments[0].iova;
		size = segments[0].size;
	}
	expected = expected_of_unmap(iova, size);
	was = look ? scan_all() : 0;
	free_count = pages_free_count();
	error = pgtable_unmap(&table, iova, size);
	CHECK(pages_free_count() == free_count);
	count_outcome(1, error);
	CHECK(error == expected);
	CHECK(!look || !error || scan_all() == was);
	if (!error) {
		forget(iova, size);
	}
	probe_around(iova, size);
	if (pgtable_has_retired(&table) && chance(3)) {
		pgtable_reclaim(&table);
		CHECK(!pgtable_has_retired(&table));
	}
}

static void operate(void)
{
	switch (below(5)) {
	case 0:
	case 1:
		map_something();
		break;
	case 2:
	case 3:
		unmap_something();
		break;
	default:
		probe(segment_count && chance(2) ? segments[below(segment_count)].iova : random_iova());
		break;
	}
}

/* --- Worlds. --- */

static void unmap_all(void)
{
	while (segment_count) {
		CHECK(pgtable_unmap(&table, segments[0].iova, segments[0].size) == 0);
		erase(0);
	}
	CHECK(table.mapped == 0);
	scan_all();
	CHECK(leaf_granules == 0);
}

/* All is free again; a root below a granule leaves a gap. */
static void close_world(size_t root_bytes)
{
	size_t used = arena_used();
	size_t gap = used > root_bytes && root_bytes < granule() ? granule() - root_bytes : 0;

	pgtable_destroy(&table);
	CHECK(table.table_bytes == 0);
	CHECK(pages_free_count() * PAGE_SIZE + gap == used);
	memset(memory, GARBAGE, used);
	memset(device, GARBAGE, used);
}

static void run_world(unsigned int operations)
{
	static const unsigned int granules[] = {12, 14, 16};
	struct pgtable_format format = {
		.stage = (unsigned int)(1 + world % 2),
		.granule_bits = granules[world / 2 % 3],
		.coherent = chance(2),
	};
	size_t root_bytes;

	format.output_bits =
		(unsigned int)(format.stage == 1 && format.granule_bits == 16 && chance(3) ? 52 : 32 + below(17));
	format.input_bits = (unsigned int)(format.stage == 1 ? 25 + below(24) : 32 + below(format.output_bits - 31));
	arena_size = chance(8) ? (1U << 20) + (8U << format.granule_bits) : ARENA_SIZE;
	arena_init(memory, arena_size);
	CHECK(pgtable_init(&table, &format) == 0);
	root_bytes = table.table_bytes;
	for (unsigned int i = 0; i < operations; i++) {
		operate();
	}
	check_everything();
	if (chance(2)) {
		unmap_all();
	}
	segment_count = 0;
	close_world(root_bytes);
}

static bool get_memory(void)
{
	void *wanted = (void *)(uintptr_t)ARENA_START;
	void *got = mmap(wanted, ARENA_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE,
			 -1, 0);

	device = malloc(ARENA_SIZE);
	if (got != wanted || !device) {
		return false;
	}
	memset(memory, GARBAGE, ARENA_SIZE);
	memset(device, GARBAGE, ARENA_SIZE);
	return true;
}

int main(int argc, char **argv)
{
	uint64_t operations = argc > 1 ? strtoull(argv[1], NULL, 0) : 1000000;
	uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : 1;

	if (!get_memory()) {
		printf("Bail out! No memory at 0x%llx.\n", (unsigned long long)ARENA_START);
		return 1;
	}
	printf("1..1\n# %llu operations, seed %llu\n", (unsigned long long)operations, (unsigned long long)seed);
	arch_hooks_reset();
	arch_hooks.cache = on_clean;
	for (uint64_t done = 0; done < operations; done += WORLD_OPERATIONS, world++) {
		random_state = seed * 0x2545f4914f6cdd1dULL + world;
		run_world((unsigned int)(operations - done < WORLD_OPERATIONS ? operations - done : WORLD_OPERATIONS));
	}
	free(device);
	printf("# maps: %llu done, %llu out of range, %llu exist, %llu no memory\n", (unsigned long long)outcomes[0][0],
	       (unsigned long long)outcomes[0][1], (unsigned long long)outcomes[0][2],
	       (unsigned long long)outcomes[0][3]);
	printf("# unmaps: %llu done, %llu out of range, %llu holes, %llu cuts\n", (unsigned long long)outcomes[1][0],
	       (unsigned long long)outcomes[1][1], (unsigned long long)outcomes[1][2],
	       (unsigned long long)outcomes[1][3]);
	printf("# walks: %llu lead somewhere, %llu nowhere\nok 1 - pgtable, random\n",
	       (unsigned long long)outcomes[2][0], (unsigned long long)outcomes[2][1]);
	return 0;
}
