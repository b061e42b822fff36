/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The stream table (IHI 0070, 3.3.1 and 5.1 to 5.2): linear, or two levels with second-level tables made on demand. An
 * entry that nobody wrote has V clear, so that its stream is denied with an event.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/store.h"
#include "smmuv3/private.h"

#define LEVEL2_ENTRIES (1U << SMMUV3_SPLIT)
#define LEVEL2_SIZE (LEVEL2_ENTRIES * (uint32_t)sizeof(struct ste))
#define ALIGNMENT_MIN 64U

static uint32_t level1_entries(const struct smmuv3 *smmu)
{
	return 1U << (smmu->table.log2size - SMMUV3_SPLIT);
}

/* The SMMU aligns a table's base down to its size. */
static void *allocate_table(struct smmuv3 *smmu, uint32_t size)
{
	void *table = arena_allocate(size, size < ALIGNMENT_MIN ? ALIGNMENT_MIN : size);

	if (table) {
		smmuv3_publish(smmu, table, size);
	}
	return table;
}

int smmuv3_stream_table_allocate(struct smmuv3 *smmu)
{
	struct smmuv3_stream_table *table = &smmu->table;

	if (table->level1 || table->linear) {
		smmuv3_stream_table_clear(smmu);
		return 0;
	}
	table->log2size = smmu->features.sid_bits < SMMUV3_SID_BITS_MAX ? smmu->features.sid_bits : SMMUV3_SID_BITS_MAX;
	table->two_level = smmu->features.two_level && table->log2size > SMMUV3_SPLIT;
	if (table->two_level) {
		table->level1 = allocate_table(smmu, level1_entries(smmu) * (uint32_t)sizeof(uint64_t));
	} else {
		table->linear = allocate_table(smmu, (uint32_t)sizeof(struct ste) << table->log2size);
	}
	return table->level1 || table->linear ? 0 : -ENOMEM;
}

static struct ste *level2_of(const struct smmuv3 *smmu, uint32_t index)
{
	uint64_t descriptor = smmu->table.level1[index];

	return descriptor ? arch_virt(descriptor & STRTAB_L1_L2PTR_MASK) : NULL;
}

/* Only with SMMUEN clear. The second level's memory stays hooked in: it is used again. */
void smmuv3_stream_table_clear(struct smmuv3 *smmu)
{
	struct smmuv3_stream_table *table = &smmu->table;

	if (table->linear) {
		memset(table->linear, 0, sizeof(struct ste) << table->log2size);
		smmuv3_publish(smmu, table->linear, (uint32_t)sizeof(struct ste) << table->log2size);
	}
	for (uint32_t i = 0; table->level1 && i < level1_entries(smmu); i++) {
		struct ste *level2 = level2_of(smmu, i);

		if (level2) {
			memset(level2, 0, LEVEL2_SIZE);
			smmuv3_publish(smmu, level2, LEVEL2_SIZE);
		}
	}
}

static int hook_level2(struct smmuv3 *smmu, uint32_t index)
{
	struct ste *level2 = allocate_table(smmu, LEVEL2_SIZE);

	if (!level2) {
		return -ENOMEM;
	}
	/* Contents first, which allocate_table() published, then the pointer. */
	store64(&smmu->table.level1[index], arch_phys(level2) | FIELD_PUT64(STRTAB_L1_SPAN, SMMUV3_SPLIT + 1));
	smmuv3_publish(smmu, &smmu->table.level1[index], sizeof(uint64_t));
	return 0;
}

int smmuv3_stream_table_room(struct smmuv3 *smmu, uint32_t sid)
{
	uint32_t saved;
	int error = 0;

	if ((uint64_t)sid >> smmu->table.log2size) {
		return -ERANGE;
	}
	if (!smmu->table.two_level) {
		return 0;
	}
	saved = lock(&smmu->lock);
	if (!level2_of(smmu, sid >> SMMUV3_SPLIT)) {
		error = hook_level2(smmu, sid >> SMMUV3_SPLIT);
		if (!error && smmu->enabled) {
			struct command cfgi = smmuv3_command_cfgi_ste(sid);

			error = smmuv3_issue(smmu, &cfgi, 1);
		}
	}
	unlock(&smmu->lock, saved);
	return error;
}

static struct ste *entry_of(const struct smmuv3 *smmu, uint32_t sid)
{
	struct ste *level2;

	if ((uint64_t)sid >> smmu->table.log2size) {
		return NULL;
	}
	if (!smmu->table.two_level) {
		return &smmu->table.linear[sid];
	}
	level2 = level2_of(smmu, sid >> SMMUV3_SPLIT);
	return level2 ? &level2[sid & (LEVEL2_ENTRIES - 1)] : NULL;
}

void smmuv3_ste_abort(struct ste *ste)
{
	*ste = (struct ste){.dword = {STE0_V | FIELD_PUT64(STE0_CONFIG, STE0_CONFIG_ABORT)}};
}

void smmuv3_ste_stage1(const struct smmuv3 *smmu, const struct smmuv3_domain *domain, struct ste *ste)
{
	uint64_t cacheability = smmu->coherent ? CACHE_WRITE_BACK : 0;

	*ste = (struct ste){0};
	ste->dword[0] = STE0_V | FIELD_PUT64(STE0_CONFIG, STE0_CONFIG_S1) |
			(arch_phys(&smmu->cd[domain->asid]) & STE0_S1CONTEXTPTR_MASK);
	ste->dword[1] = FIELD_PUT64(STE1_S1CIR, cacheability) | FIELD_PUT64(STE1_S1COR, cacheability) |
			FIELD_PUT64(STE1_S1CSH, SHARE_INNER) | FIELD_PUT64(STE1_SHCFG, STE1_SHCFG_INCOMING);
	if (smmu->features.stall_both) {
		/* A fault terminates: nobody here would resume a stalled transaction. */
		ste->dword[1] |= STE1_S1STALLD;
	}
}

static int invalidate_ste(struct smmuv3 *smmu, uint32_t sid)
{
	struct command cfgi = smmuv3_command_cfgi_ste(sid);

	return smmu->enabled ? smmuv3_issue(smmu, &cfgi, 1) : 0;
}

static unsigned int differing_dwords(const struct ste *a, const struct ste *b)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < STE_DWORDS; i++) {
		count += a->dword[i] != b->dword[i];
	}
	return count;
}

/* Dword 0, which holds V, goes last: the SMMU never sees a valid entry with another one's contents. */
static void store_entry(struct smmuv3 *smmu, struct ste *entry, const struct ste *target)
{
	for (unsigned int i = 1; i < STE_DWORDS; i++) {
		store64(&entry->dword[i], target->dword[i]);
	}
	smmuv3_publish(smmu, entry, sizeof(*entry));
	store64(&entry->dword[0], target->dword[0]);
	smmuv3_publish(smmu, entry, sizeof(*entry));
}

/* With the lock held. */
static int install(struct smmuv3 *smmu, uint32_t sid, struct ste *entry, const struct ste *target)
{
	unsigned int differing = differing_dwords(entry, target);
	int error = 0;

	if (differing == 0) {
		return 0;
	}
	/* What the entry will point at is in memory before the entry points at it. */
	arch_dma_wmb();
	if (entry->dword[0] & STE0_V && differing > 1) {
		store64(&entry->dword[0], 0);
		smmuv3_publish(smmu, entry, sizeof(*entry));
		error = invalidate_ste(smmu, sid);
	}
	if (!error) {
		store_entry(smmu, entry, target);
		error = invalidate_ste(smmu, sid);
	}
	return error;
}

int smmuv3_install_ste(struct smmuv3 *smmu, uint32_t sid, const struct ste *target)
{
	struct ste *entry = entry_of(smmu, sid);
	uint32_t saved;
	int error;

	if (!entry) {
		return -ERANGE;
	}
	saved = lock(&smmu->lock);
	error = install(smmu, sid, entry, target);
	unlock(&smmu->lock, saved);
	return error;
}
