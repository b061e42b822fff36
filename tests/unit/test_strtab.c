/* SPDX-License-Identifier: BSD-2-Clause */
/* The stream table and its entries, as the SMMU reads them: drivers/smmuv3/strtab.c, ste.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "recorder.h"

static void test_cold_stream_has_the_empty_domain(void **state)
{
	const struct ste *ste;
	const struct cd *cd;

	(void)state;
	*reg(SMMU_IDR1) |= 1U << 27; /* ATTR_TYPES_OVR. */
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	add_master(0x1234);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	ste = ste_of(0x1234);
	assert_int_equal(ste->dword[0] & 0xf, 1 | 5 << 1);
	assert_int_equal(ste->dword[1] >> 44 & 3, 1); /* SHCFG: incoming. */
	cd = arch_virt(ste->dword[0] & STE0_S1CONTEXTPTR_MASK);
	assert_true(cd->dword[0] & CD0_V);
	assert_true(cd->dword[0] & CD0_AA64);
	assert_true(cd->dword[0] & CD0_R && cd->dword[0] & CD0_A);
	assert_int_equal(cd->dword[0] & 0x3f, 16);
	assert_int_equal(cd->dword[0] >> CD0_IPS_SHIFT & 7, 4);
	/* The neighbour is denied with an event. */
	assert_int_equal(ste_of(0x1235)->dword[0], 0);
}

/* IHI 0070, 5.2 and 5.4. */
static void test_numbers_of_an_entry_and_its_descriptor(void **state)
{
	const struct smmuv3_domain *domain;
	const struct ste *ste;
	const uint64_t *cd;
	unsigned int cause = 0;

	(void)state;
	add_master(0x5ff);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	ste = ste_of(0x5ff);
	/* V, Config: stage 1; write-back, inner shareable. */
	assert_int_equal(ste->dword[0] & ~0x000fffffffffffc0ULL, 1 | 5 << 1);
	assert_int_equal(ste->dword[1], 3 << 6 | 1 << 4 | 1 << 2);
	for (unsigned int i = 2; i < 8; i++) {
		assert_int_equal(ste->dword[i], 0);
	}
	cd = arch_virt(ste->dword[0] & 0x000fffffffffffc0ULL);
	domain =
		(const struct smmuv3_domain *)((const struct iommu_group *)pointer_load(&master.group))->part[0].domain;
	assert_int_equal(domain->asid, 1);
	/* ASID 1, ASET, A, R, AA64, IPS of 44 bits, V, EPD1, SH0 inner, OR0 and IR0 write-back, T0SZ of 48 bits. */
	assert_int_equal(cd[0], 1ULL << 48 | 1ULL << 47 | 1ULL << 46 | 1ULL << 45 | 1ULL << 41 | 4ULL << 32 |
					1ULL << 31 | 1ULL << 30 | 3 << 12 | 1 << 10 | 1 << 8 | 16);
	assert_int_equal(cd[1], arch_phys(domain->table.root));
	assert_int_equal(cd[3], 0x4404ff);
}

static void test_stalling_is_turned_off(void **state)
{
	(void)state;
	*reg(SMMU_IDR0) &= ~(3U << 24);
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	add_master(0x500);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(ste_of(0x500)->dword[1] >> 27 & 1, 1);
}

static struct iommu_master others[2];

static void test_quarantined_stream_aborts_silently(void **state)
{
	unsigned int before;

	(void)state;
	add_master(0x500);
	memset(others, 0, sizeof(others));
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x10ff), 0);
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x10000), 0);
	assert_int_equal(iommu_master_add(&core, &others[0]), 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(ste_of(0x10ff)->dword[0], 1); /* V, Config: abort. */
	/* For another master, only dword 0 is missing. */
	before = recorded_count;
	assert_int_equal(iommu_master_stream(&others[1], &smmu.iommu, 0x10ff), 0);
	assert_int_equal(iommu_master_add(&core, &others[1]), 0);
	assert_int_equal(ste_of(0x10ff)->dword[0] & 0xf, 1 | 5 << 1);
	assert_int_equal(count_since(before, true), 2);
	assert_int_equal(recorded[before + 1].value, 0x10ff00000003ULL); /* CMD_CFGI_STE. */
	assert_int_equal(recorded[before + 1].second, 0);		 /* Not the leaf alone. */
}

/* As an earlier owner left it. */
static void dword1_of(uint32_t sid, uint64_t value)
{
	smmuv3_stream_table_entry(&smmu, sid)->dword[1] = value;
}

static uint64_t entry_at_first_command;

static void note_first_entry(const struct command *command)
{
	if (command->dword[0] == 0x10ff00000003ULL) {
		hw.on_command = NULL;
		entry_at_first_command = ste_of(0x10ff)->dword[0];
	}
}

/* The entry is abort, of which the SMMU reads nothing else. */
static void test_entry_is_filled_before_it_is_made(void **state)
{
	(void)state;
	memset(others, 0, sizeof(others));
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x10ff), 0);
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x10000), 0);
	assert_int_equal(iommu_master_add(&core, &others[0]), 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_master_stream(&others[1], &smmu.iommu, 0x10ff), 0);
	dword1_of(0x10ff, 0);
	entry_at_first_command = ~0ULL;
	hw.on_command = note_first_entry;
	assert_int_equal(iommu_master_add(&core, &others[1]), 0);
	assert_int_equal(entry_at_first_command, 1);
	assert_int_equal(ste_of(0x10ff)->dword[0] & 0xf, 1 | 5 << 1);
}

static void test_entry_stays_aborted_where_the_queue_fails(void **state)
{
	(void)state;
	memset(others, 0, sizeof(others));
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x10ff), 0);
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x10000), 0);
	assert_int_equal(iommu_master_add(&core, &others[0]), 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	hw.consume = false;
	dword1_of(0x10ff, 0);
	assert_int_equal(iommu_master_stream(&others[1], &smmu.iommu, 0x10ff), 0);
	assert_int_equal(iommu_master_add(&core, &others[1]), 0);
	assert_int_equal(ste_of(0x10ff)->dword[0], 1);
	assert_int_not_equal(master_state(&others[1]), MASTER_READY);
	/* A new registration has a new queue. */
	hw.consume = true;
	assert_int_equal(iommu_unregister(&smmu.iommu), -EIO);
	assert_int_equal(iommu_state(&smmu.iommu), IOMMU_FAILED);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(master_state(&others[1]), MASTER_READY);
}

static void test_late_stream_of_a_new_part_of_the_table(void **state)
{
	unsigned int before;
	size_t used;

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	before = recorded_count;
	add_master(0x2001);
	assert_true(ste_of(0x2001)->dword[0] & STE0_V);
	/* The level-1 descriptor may be cached: two invalidations. */
	assert_int_equal(count_since(before, true), 4);
	assert_int_equal(recorded[before + 1].value, 0x200100000003ULL);
	/* Span 2: two entries; room for two more, zero. */
	assert_int_equal(descriptor_of(0x2001) & 0x1f, 2);
	assert_int_equal(ste_of(0x2001)[1].dword[0] | ste_of(0x2001)[2].dword[0], 0);
	memset(others, 0, sizeof(others));
	assert_int_equal(iommu_master_stream(&others[1], &smmu.iommu, 0x203f), 0);
	before = recorded_count;
	assert_int_equal(iommu_master_add(&core, &others[1]), 0);
	assert_int_equal(count_since(before, true), 4);
	assert_int_equal(descriptor_of(0x2001) & 0x1f, 7);
	assert_true(ste_of(0x2001)->dword[0] & STE0_V);
	used = arena_used();
	before = recorded_count;
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x203e), 0);
	assert_int_equal(iommu_master_add(&core, &others[0]), 0);
	assert_true(arena_used() - used < 1024);
	assert_int_equal(count_since(before, true), 2);
	assert_true(ste_of(0x2001)->dword[0] & STE0_V);
	assert_true(ste_of(0x203e)->dword[0] & STE0_V);
	assert_int_equal(ste_of(0x203d)->dword[0], 0);
	before = recorded_count;
	assert_int_equal(smmuv3_ops.attach(&smmu.iommu, 0x2001, NULL), 0);
	assert_int_equal(recorded_count, before);
	assert_int_equal(smmuv3_ops.attach(&smmu.iommu, 0x10000, NULL), -ERANGE);
	assert_int_equal(smmuv3_ops.attach(&smmu.iommu, 0x3000, NULL), -ERANGE);
}

/* Some SMMUs read one bit of Span too far: behind the part, memory is zero. */
static void test_nothing_is_behind_a_short_part(void **state)
{
	const struct ste *part;
	uint8_t *next;

	(void)state;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	add_master(0x2004); /* Index 4: eight entries, room for eight more. */
	part = ste_of(0x2000);
	assert_int_equal(descriptor_of(0x2000) & 0x1f, 4);
	next = arena_allocate(16 * sizeof(struct ste), 64);
	assert_non_null(next);
	memset(next, 0xff, 16 * sizeof(struct ste));
	for (unsigned int i = 8; i < 16; i++) {
		assert_int_equal(part[i].dword[0], 0);
	}
}

static void test_table_sizes(void **state)
{
	(void)state;
	/* 32 bits of stream ID: 25 are enough. */
	*reg(SMMU_IDR1) = (IDR1_QEMU & ~0x3fU) | 32;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	add_master(0x1ffffff);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(*reg(SMMU_STRTAB_BASE_CFG) & 0x3f, 25);
	assert_int_equal(split(), 10);
	assert_int_equal(reg_pair(SMMU_STRTAB_BASE) % (1U << 18), 0);
	assert_true(ste_of(0x1ffffff)->dword[0] & STE0_V);
}

static void test_small_table_is_linear(void **state)
{
	const struct ste *table;

	(void)state;
	/* One part holds them: no second level. */
	*reg(SMMU_IDR1) = (IDR1_QEMU & ~0x3fU) | 6;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	assert_non_null(arena_allocate(8, 8));
	add_master(0x3f);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(*reg(SMMU_STRTAB_BASE_CFG), 6);
	assert_int_equal(reg_pair(SMMU_STRTAB_BASE) % (64 * 64), 0);
	table = arch_virt(reg_pair(SMMU_STRTAB_BASE) & 0x000fffffffffffc0ULL);
	assert_true(table[0x3f].dword[0] & STE0_V);
	assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	assert_int_equal(table[0x3f].dword[0], 0);
}

static void test_live_change_of_one_dword_is_hitless(void **state)
{
	unsigned int before, cause = 0;
	uint64_t old;

	(void)state;
	add_master(0x500);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	old = ste_of(0x500)->dword[0];
	before = recorded_count;
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	assert_int_not_equal(ste_of(0x500)->dword[0], old);
	assert_true(ste_of(0x500)->dword[0] & STE0_V);
	assert_int_equal(count_since(before, false), 1);
	assert_int_equal(count_since(before, true), 2);
	assert_int_equal(recorded[before + 1].what, CMD_CFGI_STE);
	assert_int_equal(recorded[before + 1].value >> 32, 0x500);
	assert_int_equal(recorded[before + 2].what, CMD_SYNC);
}

/* Between two barriers, dword 0 and the rest never change together. */
#define WATCHED 5U

static struct {
	const uint64_t *entry[WATCHED];
	uint64_t seen[WATCHED][8];
	unsigned int count;
} watched;

static void watch(const uint64_t *entry)
{
	assert_true(watched.count < WATCHED);
	watched.entry[watched.count] = entry;
	memcpy(watched.seen[watched.count++], entry, 64);
}

static void look_at_the_watched(void)
{
	for (unsigned int i = 0; i < watched.count; i++) {
		const uint64_t *entry = watched.entry[i];
		unsigned int changed = 0;

		for (unsigned int k = 1; k < 8; k++) {
			changed += entry[k] != watched.seen[i][k];
		}
		if (changed) {
			assert_int_equal(entry[0], watched.seen[i][0]);
			assert_true(entry[0] == 0 || (entry[0] & 0xf) == 1);
		}
		memcpy(watched.seen[i], entry, 64);
	}
}

static void test_ste_17_no_half_written_entry_is_ever_valid(void **state)
{
	unsigned int cause = 0;

	(void)state;
	memset(&watched, 0, sizeof(watched));
	add_master(0x500);
	memset(others, 0, sizeof(others));
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x501), 0);
	assert_int_equal(iommu_master_stream(&others[0], &smmu.iommu, 0x10000), 0);
	assert_int_equal(iommu_master_add(&core, &others[0]), 0);
	/* Once, to allocate. */
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	watch(ste_of(0x500)->dword);
	watch(ste_of(0x501)->dword);
	for (unsigned int asid = 0; asid < 3; asid++) {
		watch(smmu.cd[asid].dword);
	}
	arch_hooks.wmb = look_at_the_watched;
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	assert_int_equal(iommu_master_stream(&others[1], &smmu.iommu, 0x501), 0);
	assert_int_equal(iommu_master_add(&core, &others[1]), 0);
	assert_int_equal(iommu_use(&others[1], false, &cause), 0);
	assert_int_not_equal(ste_of(0x500)->dword[0] & ~0x3fULL, ste_of(0x501)->dword[0] & ~0x3fULL);
	iommu_unuse(&master, false);
	iommu_unuse(&others[1], false);
	look_at_the_watched();
	assert_int_equal(ste_of(0x500)->dword[0] & STE0_V, STE0_V);
}

static void test_noncoherent_smmu_sees_everything(void **state)
{
	const struct smmuv3_domain *domain;
	const uint64_t *cd, *table;
	unsigned int cause = 0;

	(void)state;
	put_a_cache_between();
	add_master(0x1234);
	iommu_allow(&core, 0x80000000, 0x100000);
	/* Twice, to see the second start's clearing. */
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_true(ste_of(0x1234)->dword[0] & STE0_V);
	assert_int_equal(ste_of(0x1235)->dword[0], 0);
	assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	assert_int_equal(ste_of(0x1234)->dword[0], 0);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(iommu_use(&master, false, &cause), 0);
	assert_int_equal(iommu_map(&core, &master, 0, 0x80000000, 0x1000, IOMMU_READ), 0);
	/* Non-cacheable, outer shareable: fetches bypass the caches. */
	assert_int_equal(*reg(SMMU_CR1), 2U << 10 | 2U << 4);
	assert_int_equal(ste_of(0x1234)->dword[1], 3 << 6);
	cd = seen_by_hardware(arch_virt(ste_of(0x1234)->dword[0] & 0x000fffffffffffc0ULL));
	domain =
		(const struct smmuv3_domain *)((const struct iommu_group *)pointer_load(&master.group))->part[0].domain;
	assert_int_equal(cd[0] & 0xffffffffULL, 1ULL << 31 | 1ULL << 30 | 3 << 12 | 16);
	assert_int_equal(cd[0] >> 48, domain->asid);
	assert_int_equal(cd[1], arch_phys(domain->table.root));
	assert_int_equal(cd[3], 0x4404ff);
	table = seen_by_hardware(domain->table.root);
	for (int level = 0; level < 3; level++) {
		assert_int_equal(table[0] & 3, 3);
		assert_int_equal(table[1], 0);
		table = seen_by_hardware(arch_virt(table[0] & 0x0000fffffffff000ULL));
	}
	assert_int_equal(table[0] & 0x0000fffffffff000ULL, 0x80000000);
	assert_int_equal(iommu_unmap(&master, 0, 0x1000), 0);
	assert_int_equal(table[0], 0);
	iommu_unuse(&master, false);
	assert_int_equal(cd[0], 0);
}

static void test_noncoherent_linear_table(void **state)
{
	const struct ste *table;

	(void)state;
	*reg(SMMU_IDR1) = (IDR1_QEMU & ~0x3fU) | 6;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	put_a_cache_between();
	add_master(63);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	table = seen_by_hardware(arch_virt(reg_pair(SMMU_STRTAB_BASE) & 0x000fffffffffffc0ULL));
	assert_true(table[63].dword[0] & STE0_V);
	assert_int_equal(table[0].dword[0], 0);
	assert_int_equal(iommu_unregister(&smmu.iommu), 0);
	assert_int_equal(table[63].dword[0], 0);
}

static void test_ste_22_stream_beyond_the_table(void **state)
{
	(void)state;
	add_master(0x10000);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(master_state(&master), MASTER_QUARANTINED);
	assert_int_equal(iommu_state(&smmu.iommu), IOMMU_READY);
}

static void test_ste_22_linear_table(void **state)
{
	const struct ste *table;

	(void)state;
	*reg(SMMU_IDR0) &= ~(3U << 27);
	*reg(SMMU_IDR1) = (IDR1_QEMU & ~0x3fU) | 6;
	assert_int_equal(smmuv3_inherit(&smmu), 0);
	add_master(63);
	assert_int_equal(iommu_register(&smmu.iommu), 0);
	assert_int_equal(*reg(SMMU_STRTAB_BASE_CFG), 6);
	table = arch_virt(reg_pair(SMMU_STRTAB_BASE) & 0x000fffffffffffc0ULL);
	assert_true(table[63].dword[0] & STE0_V);
	assert_int_equal((uintptr_t)table % (64 * sizeof(*table)), 0);
	assert_int_equal(smmuv3_ops.attach(&smmu.iommu, 64, NULL), -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		RECORDED(test_cold_stream_has_the_empty_domain),
		RECORDED(test_numbers_of_an_entry_and_its_descriptor),
		RECORDED(test_stalling_is_turned_off),
		RECORDED(test_quarantined_stream_aborts_silently),
		RECORDED(test_entry_is_filled_before_it_is_made),
		RECORDED(test_entry_stays_aborted_where_the_queue_fails),
		RECORDED(test_late_stream_of_a_new_part_of_the_table),
		RECORDED(test_nothing_is_behind_a_short_part),
		RECORDED(test_table_sizes),
		RECORDED(test_small_table_is_linear),
		RECORDED(test_live_change_of_one_dword_is_hitless),
		RECORDED(test_ste_17_no_half_written_entry_is_ever_valid),
		RECORDED(test_noncoherent_smmu_sees_everything),
		RECORDED(test_noncoherent_linear_table),
		RECORDED(test_ste_22_stream_beyond_the_table),
		RECORDED(test_ste_22_linear_table),
	};

	return cmocka_run_group_tests_name("strtab", tests, NULL, NULL);
}
