/* SPDX-License-Identifier: BSD-2-Clause */
/* Translation tables on the host: target.c's operations, counted by callgrind. */
#include <stdio.h>
#include <stdlib.h>
#include <valgrind/callgrind.h>

#include "base/arena.h"
#include "pgtable/pgtable.h"

#define ARENA_SIZE (4U << 20)
#define IOVA 0x40000000ULL
#define PA 0x80200000ULL /* Not 1 GiB-aligned: 512 blocks stay 512. */
#define GRANULE 4096ULL
#define BLOCK (2ULL << 20)
#define LEAVES 512U

static struct pgtable table;
static uint8_t memory[ARENA_SIZE] __attribute__((aligned(4096)));

static void require(int error, const char *what)
{
	if (error) {
		fprintf(stderr, "bench: %s: error %d\n", what, error);
		exit(1);
	}
}

static void new_table(void)
{
	const struct pgtable_format format = {
		.stage = 1, .granule_bits = 12, .input_bits = 48, .output_bits = 44, .coherent = true};

	arena_init(memory, sizeof(memory));
	require(pgtable_init(&table, &format), "a table");
}

static void begin_table(uint64_t neighbour)
{
	new_table();
	/* The tables to an address exist, none empty. */
	require(pgtable_map(&table, neighbour, PA, GRANULE, PGTABLE_READ), "a neighbour");
}

static void count_map(const char *what, uint64_t iova, uint64_t pa, uint64_t size)
{
	int error;

	CALLGRIND_TOGGLE_COLLECT;
	error = pgtable_map(&table, iova, pa, size, PGTABLE_READ | PGTABLE_WRITE);
	CALLGRIND_TOGGLE_COLLECT;
	CALLGRIND_DUMP_STATS_AT(what);
	require(error, what);
	require(!pgtable_map(&table, iova + size - GRANULE, PA, GRANULE, PGTABLE_READ), "an overmap is not refused");
}

static void count_unmap(const char *what, uint64_t iova, uint64_t size)
{
	int error;

	CALLGRIND_TOGGLE_COLLECT;
	error = pgtable_unmap(&table, iova, size);
	CALLGRIND_TOGGLE_COLLECT;
	CALLGRIND_DUMP_STATS_AT(what);
	require(error, what);
}

static void count_translate(const char *what, uint64_t iova)
{
	unsigned int access;
	uint64_t pa;
	int error;

	CALLGRIND_TOGGLE_COLLECT;
	error = pgtable_translate(&table, iova, &pa, &access);
	CALLGRIND_TOGGLE_COLLECT;
	CALLGRIND_DUMP_STATS_AT(what);
	require(error || pa != PA, what);
}

/* With the root. */
static void say_bytes(const char *what, uint64_t pa, uint64_t size)
{
	new_table();
	require(size ? pgtable_map(&table, IOVA, pa, size, PGTABLE_READ) : 0, what);
	printf("{\"bench\":\"page tables\",\"what\":\"%s\",\"bytes\":%zu}\n", what, arena_used());
}

int main(void)
{
	say_bytes("nothing mapped", PA, 0);
	say_bytes("1 page", PA, GRANULE);
	say_bytes("512 pages", PA + GRANULE, LEAVES * GRANULE);
	say_bytes("1 GiB as 2 MiB blocks", PA, LEAVES * BLOCK);
	say_bytes("1 GiB as pages", PA + GRANULE, LEAVES * BLOCK);
	begin_table(IOVA + GRANULE);
	count_map("map 1 page, table present", IOVA, PA, GRANULE);
	count_translate("iova_to_phys, page", IOVA);
	count_unmap("unmap 1 page", IOVA, GRANULE);
	/* Not 2 MiB-aligned: 512 pages are not a block. */
	begin_table(IOVA + BLOCK);
	count_map("map 512 pages", IOVA, PA + GRANULE, LEAVES * GRANULE);
	count_unmap("unmap 512 pages", IOVA, LEAVES * GRANULE);
	begin_table(4 * IOVA);
	count_map("map 1 GiB as 2 MiB blocks", IOVA, PA, LEAVES * BLOCK);
	count_unmap("unmap 1 GiB of 2 MiB blocks", IOVA, LEAVES * BLOCK);
	return 0;
}
