/* SPDX-License-Identifier: BSD-2-Clause */
/* Mapping and unmapping, and the SMMU's copies. */
#include <errno.h>
#include <string.h>

#include "judge.h"
#include "smmuv3/registers.h"

#define READ_WRITE (PGTABLE_READ | PGTABLE_WRITE)
#define SIZE_2M 0x200000ULL
#define SIZE_1G 0x40000000ULL
#define FAR (JUDGE_IOVA + 0x800000)
#define CAPACITY 300U

static void map_01(struct judge *judge)
{
	CHECK(judge_ready(judge));
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	CHECK(judge_reads(judge, JUDGE_FIRST, JUDGE_IOVA + PAGE_SIZE, judge->page[1], JUDGE_IOVA + 8, judge->page[0]));
	CHECK(judge_event_count(judge, JUDGE_FIRST) == 0);
}

/* --- Sizes. --- */

/* Page 3 in its neighbourhood of `size` bytes; the byte behind is not reached. */
static void check_block(struct judge *judge, struct smmuv3_domain *domain, uint64_t iova, uint64_t size)
{
	uint64_t output = judge_output(judge->kind, judge->page[3]);
	uint64_t start = output & ~(size - 1);
	uint64_t at = iova + (output - start);

	CHECK(smmuv3_domain_map(&domain->domain, iova, start, size, READ_WRITE) == 0);
	CHECK(pgtable_leaf(&domain->table, iova) == pgtable_leaf(&domain->table, iova + size - PAGE_SIZE));
	CHECK(judge_writes(judge, JUDGE_FIRST, at + 0x20, judge->page[3]));
	CHECK(judge_denied(judge, JUDGE_FIRST, iova + size, judge->page[0], F_TRANSLATION));
	CHECK(size == PAGE_SIZE || judge_unmap(domain, at, PAGE_SIZE) == -EINVAL);
	CHECK(judge_writes(judge, JUDGE_FIRST, at + 0x24, judge->page[3]));
	CHECK(judge_unmap(domain, iova, size) == 0);
	CHECK(judge_denied(judge, JUDGE_FIRST, at, judge->page[3], F_TRANSLATION));
}

/* Page, block, page: the aligned middle is a block. */
static void check_mixture(struct judge *judge, struct smmuv3_domain *domain)
{
	uint64_t output = judge_output(judge->kind, judge->page[3]);
	uint64_t start = (output & ~(SIZE_2M - 1)) - PAGE_SIZE;
	uint64_t iova = 0x20000000 - PAGE_SIZE;
	uint64_t at = iova + (output - start);

	CHECK(smmuv3_domain_map(&domain->domain, iova, start, SIZE_2M + 2 * PAGE_SIZE, READ_WRITE) == 0);
	CHECK(pgtable_leaf(&domain->table, iova) != pgtable_leaf(&domain->table, iova + PAGE_SIZE));
	CHECK(pgtable_leaf(&domain->table, iova + PAGE_SIZE) == pgtable_leaf(&domain->table, iova + SIZE_2M));
	CHECK(judge_writes(judge, JUDGE_FIRST, at, judge->page[3]));
	CHECK(judge_unmap(domain, iova, SIZE_2M + 2 * PAGE_SIZE) == 0);
	CHECK(judge_denied(judge, JUDGE_FIRST, at, judge->page[3], F_TRANSLATION));
}

static void map_02(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);

	CHECK(domain);
	GO_ON(check_block(judge, domain, FAR, PAGE_SIZE));
	GO_ON(check_block(judge, domain, 0x10000000, SIZE_2M));
	GO_ON(check_block(judge, domain, SIZE_1G, SIZE_1G));
	check_mixture(judge, domain);
}

/* --- Unmapping. --- */

static void map_03(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);

	CHECK(domain);
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	CHECK(judge_unmap(domain, JUDGE_IOVA, PAGE_SIZE) == 0);
	CHECK(judge_denied(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0], F_TRANSLATION));
}

/* A table goes with its pages; another replaces it. */
static void map_03_table(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);

	CHECK(domain);
	CHECK(judge_map(domain, FAR, judge->page[1], SIZE_2M, READ_WRITE) == 0);
	CHECK(pgtable_leaf(&domain->table, FAR) != pgtable_leaf(&domain->table, FAR + PAGE_SIZE));
	CHECK(judge_writes(judge, JUDGE_FIRST, FAR, judge->page[1]));
	CHECK(judge_unmap(domain, FAR, SIZE_2M) == 0);
	CHECK(!pgtable_has_retired(&domain->table));
	/* Reuses its memory. */
	CHECK(page_allocate());
	CHECK(judge_map(domain, FAR, judge->page[3], PAGE_SIZE, READ_WRITE) == 0);
	CHECK(judge_writes(judge, JUDGE_FIRST, FAR, judge->page[3]));
	CHECK(judge_denied(judge, JUDGE_FIRST, FAR + PAGE_SIZE, judge->page[2], F_TRANSLATION));
}

/* Pages, a range, and one too long for commands by page: cached before, gone afterwards. */
static void map_04(struct judge *judge)
{
	static const unsigned int counts[] = {1, 3, 16, 17};
	struct smmuv3_domain *domain = judge_ready(judge);

	CHECK(domain);
	for (size_t k = 0; k < sizeof(counts) / sizeof(counts[0]); k++) {
		for (unsigned int i = 0; i <= counts[k]; i++) {
			CHECK(judge_map(domain, FAR + i * PAGE_SIZE, judge->page[i % 4], PAGE_SIZE, READ_WRITE) == 0);
			CHECK(judge_writes(judge, JUDGE_FIRST, FAR + i * PAGE_SIZE, judge->page[i % 4]));
		}
		CHECK(judge_unmap(domain, FAR, counts[k] * PAGE_SIZE) == 0);
		for (unsigned int i = 0; i < counts[k]; i++) {
			CHECK(judge_denied(judge, JUDGE_FIRST, FAR + i * PAGE_SIZE, judge->page[i % 4], F_TRANSLATION));
		}
		CHECK(judge_writes(judge, JUDGE_FIRST, FAR + counts[k] * PAGE_SIZE, judge->page[counts[k] % 4]));
		CHECK(judge_unmap(domain, FAR + counts[k] * PAGE_SIZE, PAGE_SIZE) == 0);
	}
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
}

/* Stage 2 loses its part: the combined entry goes. */
static void map_04_below(struct judge *judge)
{
	uint64_t output = judge_output(SMMUV3_NESTED, judge->page[0]);

	CHECK(judge_ready(judge));
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	CHECK(judge_unmap(judge->parent, output, JUDGE_PAGES * PAGE_SIZE) == 0);
	CHECK(judge_denied(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0], F_TRANSLATION));
	CHECK(judge_event(judge, JUDGE_FIRST)->stage2);
	/* Another page there, then unmapped alone. */
	CHECK(smmuv3_domain_map(&judge->parent->domain, output, arch_phys(judge->page[4]), PAGE_SIZE, READ_WRITE) == 0);
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[4]));
	CHECK(judge_unmap(judge->parent, output, PAGE_SIZE) == 0);
	CHECK(judge_denied(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[4], F_TRANSLATION));
}

/* Two domains, one address: only one loses it. */
static void map_05(struct judge *judge)
{
	struct smmuv3_domain *first = judge_ready(judge);
	struct smmuv3_domain *second = judge_domain(judge, judge->kind);

	CHECK(first && second);
	CHECK(judge_map(second, JUDGE_IOVA, judge->page[3], PAGE_SIZE, READ_WRITE) == 0);
	CHECK(judge_attach(judge, JUDGE_SECOND, second) == 0);
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	CHECK(judge_writes(judge, JUDGE_SECOND, JUDGE_IOVA, judge->page[3]));
	CHECK(judge_unmap(second, JUDGE_IOVA, PAGE_SIZE) == 0);
	CHECK(judge_denied(judge, JUDGE_SECOND, JUDGE_IOVA, judge->page[3], F_TRANSLATION));
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	CHECK(judge_unmap(first, JUDGE_IOVA, PAGE_SIZE) == 0);
	CHECK(judge_denied(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0], F_TRANSLATION));
}

static void map_06(struct judge *judge)
{
	struct smmuv3_domain *first = judge_ready(judge);
	struct smmuv3_domain *second;
	unsigned int asid, vmid;

	CHECK(first);
	asid = first->asid;
	vmid = first->vmid;
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	CHECK(judge_attach(judge, JUDGE_FIRST, NULL) == 0);
	smmuv3_domain_free(&first->domain);
	second = judge_domain(judge, judge->kind);
	CHECK(second && second->asid == asid && second->vmid == vmid);
	CHECK(judge_map(second, JUDGE_IOVA + PAGE_SIZE, judge->page[2], PAGE_SIZE, READ_WRITE) == 0);
	CHECK(judge_attach(judge, JUDGE_FIRST, second) == 0);
	CHECK(judge_denied(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0], F_TRANSLATION));
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA + PAGE_SIZE, judge->page[2]));
}

static void map_07(struct judge *judge)
{
	CHECK(judge_ready(judge));
	CHECK(judge_denied(judge, JUDGE_FIRST, JUDGE_IOVA + PAGE_SIZE, judge->page[1], F_PERMISSION));
	CHECK(judge_reads(judge, JUDGE_FIRST, JUDGE_IOVA + PAGE_SIZE + 64, judge->page[1], JUDGE_IOVA, judge->page[0]));
}

static void map_08(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);

	CHECK(domain);
	for (unsigned int i = 1; i < 6; i++) {
		CHECK(judge_map(domain, JUDGE_IOVA, judge->page[i], PAGE_SIZE, READ_WRITE) == -EEXIST);
		CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[i - 1]));
		CHECK(judge_unmap(domain, JUDGE_IOVA, PAGE_SIZE) == 0);
		CHECK(judge_map(domain, JUDGE_IOVA, judge->page[i], PAGE_SIZE, READ_WRITE) == 0);
		/* Not where it was, but where it is. */
		CHECK(!judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[i - 1]));
		CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[i]));
		CHECK(judge_event_count(judge, JUDGE_FIRST) == 0);
	}
}

/* --- Errors and ends. --- */

/* Two tables where three are needed: both are given back. */
static void map_09(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	void *pages[3];
	void *page;
	uint64_t iova = 0x10000000 - PAGE_SIZE;
	uint64_t pa;

	CHECK(domain);
	for (unsigned int i = 0; i < 3; i++) {
		pages[i] = page_allocate();
		CHECK(pages[i]);
	}
	do {
		page = page_allocate();
	} while (page);
	page_free(pages[0]);
	/* Two tables at least: around 2 MiB. */
	CHECK(judge_map(domain, iova, judge->page[2], 2 * PAGE_SIZE, READ_WRITE) == -ENOMEM);
	CHECK(pages_free_count() == 1);
	CHECK(smmuv3_domain_translate(&domain->domain, iova, &pa) == -ENOENT);
	CHECK(judge_denied(judge, JUDGE_FIRST, iova, judge->page[2], F_TRANSLATION));
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[0]));
	page_free(pages[1]);
	page_free(pages[2]);
	CHECK(judge_map(domain, iova, judge->page[2], 2 * PAGE_SIZE, READ_WRITE) == 0);
	CHECK(judge_writes(judge, JUDGE_FIRST, iova, judge->page[2]));
	CHECK(judge_writes(judge, JUDGE_FIRST, iova + PAGE_SIZE, judge->page[3]));
}

/* Physical address 0 is valid. */
static void map_10(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);
	uint64_t pa = 1;

	CHECK(domain);
	CHECK(smmuv3_domain_map(&domain->domain, FAR, 0, PAGE_SIZE, PGTABLE_READ) == 0);
	CHECK(smmuv3_domain_translate(&domain->domain, FAR + 0x10, &pa) == 0 && pa == 0x10);
	CHECK(smmuv3_domain_map(&domain->domain, FAR, 0, PAGE_SIZE, PGTABLE_READ) == -EEXIST);
	CHECK(judge_unmap(domain, FAR, PAGE_SIZE) == 0);
	CHECK(smmuv3_domain_map(&domain->domain, 0, judge_output(judge->kind, judge->page[2]), PAGE_SIZE, READ_WRITE) ==
	      0);
	CHECK(judge_writes(judge, JUDGE_FIRST, 0x10, judge->page[2]));
}

static void map_11(struct judge *judge)
{
	static const unsigned int counts[] = {1, 2, 15, 16, 17, 512, 513, 1024};
	struct smmuv3_domain *domain = judge_ready(judge);

	CHECK(domain);
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		uint64_t size = counts[i] * (uint64_t)PAGE_SIZE;
		unsigned int last;

		CHECK(smmuv3_domain_map(&domain->domain, FAR, 0x40000000, size, READ_WRITE) == 0);
		judge_mark(judge);
		CHECK(judge_unmap(domain, FAR, size) == 0);
		last = judge_commands(judge) - 1;
		CHECK(judge_commands(judge) >= 2 && judge_count(judge, CMD_SYNC) * 2 <= judge_commands(judge));
		CHECK((judge_command(judge, last)->dword[0] & CMD0_OPCODE_MASK) == CMD_SYNC);
		CHECK((judge_command(judge, last - 1)->dword[0] & CMD0_OPCODE_MASK) != CMD_SYNC);
	}
}

static void map_12(struct judge *judge)
{
	struct smmuv3_domain_config config = {.granule_bits = 12, .input_bits = 32};
	struct smmuv3_domain *domain;
	uint64_t end = 1ULL << 32;

	CHECK(judge_register(judge) == 0);
	domain = judge_domain(judge, judge->kind);
	CHECK(domain);
	config.kind = judge->kind;
	config.parent = judge->parent;
	CHECK(smmuv3_domain_make(judge->smmu, &config, &domain) == 0);
	CHECK(judge_map(domain, end - PAGE_SIZE, judge->page[2], PAGE_SIZE, READ_WRITE) == 0);
	CHECK(judge_map(domain, end, judge->page[3], PAGE_SIZE, READ_WRITE) == -ERANGE);
	CHECK(judge_map(domain, end - 2 * PAGE_SIZE, judge->page[3], 3 * PAGE_SIZE, READ_WRITE) == -ERANGE);
	CHECK(judge_map(domain, ~0ULL << 12, judge->page[3], 2 * PAGE_SIZE, READ_WRITE) == -ERANGE);
	CHECK(judge_unmap(domain, end, PAGE_SIZE) == -ERANGE);
	CHECK(judge_unmap(domain, JUDGE_IOVA, PAGE_SIZE) == -ENOENT);
	CHECK(judge_attach(judge, JUDGE_FIRST, domain) == 0);
	if (judge->kind == SMMUV3_STAGE2 && judge->no_concatenation) {
		/* The last of four roots: this judge looks at the first, which is empty. */
		CHECK(judge_denied(judge, JUDGE_FIRST, end - PAGE_SIZE, judge->page[2], F_TRANSLATION));
		return;
	}
	CHECK(judge_writes(judge, JUDGE_FIRST, end - PAGE_SIZE, judge->page[2]));
	CHECK(judge_writes(judge, JUDGE_FIRST, end - 4, judge->page[2]));
	CHECK(judge_unmap(domain, end - PAGE_SIZE, PAGE_SIZE) == 0);
	CHECK(judge_denied(judge, JUDGE_FIRST, end - PAGE_SIZE, judge->page[2], F_TRANSLATION));
}

/* More pages than QEMU caches. */
static void map_13(struct judge *judge)
{
	struct smmuv3_domain *domain = judge_ready(judge);

	CHECK(domain);
	for (unsigned int i = 0; i < CAPACITY; i++) {
		CHECK(judge_map(domain, FAR + i * PAGE_SIZE, judge->page[i % 8], PAGE_SIZE, READ_WRITE) == 0);
	}
	for (unsigned int round = 0; round < 2; round++) {
		for (unsigned int i = 0; i < CAPACITY; i++) {
			CHECK(judge_writes(judge, JUDGE_FIRST, FAR + i * PAGE_SIZE, judge->page[i % 8]));
		}
	}
	CHECK(judge_unmap(domain, FAR, CAPACITY * PAGE_SIZE) == 0);
	for (unsigned int i = 0; i < CAPACITY; i += 13) {
		CHECK(judge_denied(judge, JUDGE_FIRST, FAR + i * PAGE_SIZE, judge->page[i % 8], F_TRANSLATION));
	}
}

static void map_14(struct judge *judge)
{
	struct smmuv3_domain *domain;

	if (!judge->model) {
		SKIP("QEMU has no caches");
	}
	judge->model->hide_caches(judge);
	domain = judge_ready(judge);
	CHECK(domain);
	for (unsigned int i = 0; i < 4; i++) {
		uint64_t iova = FAR + i * SIZE_2M;

		CHECK(judge_map(domain, iova, judge->page[2], PAGE_SIZE, READ_WRITE) == 0);
		CHECK(judge_writes(judge, JUDGE_FIRST, iova, judge->page[2]));
		CHECK(judge_unmap(domain, iova, PAGE_SIZE) == 0);
		CHECK(judge_denied(judge, JUDGE_FIRST, iova, judge->page[2], F_TRANSLATION));
	}
	CHECK(judge_attach(judge, JUDGE_FIRST, NULL) == 0);
	smmuv3_domain_free(&domain->domain);
	domain = judge_domain(judge, judge->kind);
	CHECK(domain && judge_map(domain, JUDGE_IOVA, judge->page[4], PAGE_SIZE, READ_WRITE) == 0);
	CHECK(judge_attach(judge, JUDGE_FIRST, domain) == 0);
	CHECK(judge_writes(judge, JUDGE_FIRST, JUDGE_IOVA, judge->page[4]));
}

static const struct judge_test tests[] = {
	{"MAP-01 a page, written and read", map_01, JUDGE_ALL},
	{"MAP-02 leaves of every size", map_02, JUDGE_ALL},
	{"MAP-03 what is unmapped is denied", map_03, JUDGE_ALL},
	{"MAP-03 and so is a table that was unhooked", map_03_table, JUDGE_ALL},
	{"MAP-04 no TLB keeps what was unmapped", map_04, JUDGE_ALL},
	{"MAP-04 nor what was unmapped from the stage 2 below", map_04_below, JUDGE_NESTED},
	{"MAP-05 of two domains, the one that was meant", map_05, JUDGE_ALL},
	{"MAP-06 an ASID or VMID is used again", map_06, JUDGE_ALL},
	{"MAP-07 a page to be read only", map_07, JUDGE_ALL},
	{"MAP-08 another page in its place", map_08, JUDGE_ALL},
	{"MAP-09 memory that runs out half-way", map_09, JUDGE_ALL},
	{"MAP-10 address 0", map_10, JUDGE_ALL},
	{"MAP-11 every unmapping ends in TLBI and SYNC", map_11, JUDGE_ALL},
	{"MAP-12 the last page, and what is beyond it", map_12, JUDGE_ALL},
	{"MAP-13 more pages than a TLB holds", map_13, JUDGE_ALL},
	{"MAP-14 an SMMU that does not snoop", map_14, JUDGE_ALL},
};

const struct judge_chapter judge_domain_tests = {tests, sizeof(tests) / sizeof(tests[0])};
