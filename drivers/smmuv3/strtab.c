/* SPDX-License-Identifier: BSD-2-Clause */
/* Stream table (IHI 0070 3.3.1, 5.1, 5.2): linear, or two levels, the second on demand. V = 0: denied with an event. */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/deadline.h"
#include "base/store.h"
#include "smmuv3/private.h"

#define STE_BYTES ((uint32_t)sizeof(struct ste))
#define ALIGNMENT_MIN 64U

static uint32_t strtab_level1_entries(const struct smmuv3_stream_table *table)
{
	return 1U << (table->log2size - table->split);
}

/* The SMMU aligns the base to `size`. Uninitialised. */
static void *strtab_reserve_table(struct smmuv3 *smmu, uint32_t size, uint32_t room)
{
	void *memory = arena_reserve(room, size < ALIGNMENT_MIN ? ALIGNMENT_MIN : size);

	smmu->table.bytes += memory ? room : 0;
	return memory;
}

/* Small splits save memory; large ones keep the first level small. */
static unsigned int strtab_choose_split(unsigned int log2size)
{
	return log2size <= 16 ? 6 : log2size <= 20 ? 8 : 10;
}

void smmuv3_stream_table_program(struct smmuv3 *smmu, uint32_t *config, const void **base, uint64_t *size)
{
	const struct smmuv3_stream_table *table = &smmu->table;

	*config = FIELD_PUT32(STRTAB_BASE_CFG_LOG2SIZE, table->log2size);
	if (table->two_level) {
		*config |= FIELD_PUT32(STRTAB_BASE_CFG_SPLIT, table->split) |
			   FIELD_PUT32(STRTAB_BASE_CFG_FMT, STRTAB_BASE_CFG_FMT_TWO_LEVEL);
		*base = table->level1;
		*size = (uint64_t)strtab_level1_entries(table) * sizeof(uint64_t);
	} else {
		*base = table->linear;
		*size = (uint64_t)STE_BYTES << table->log2size;
	}
}

static uint32_t strtab_span_entries(uint64_t descriptor)
{
	uint64_t span = FIELD_GET64(STRTAB_L1_SPAN, descriptor);

	return span ? 1U << (span - 1) : 0;
}

static struct ste *strtab_level2_of(uint64_t descriptor)
{
	return descriptor ? arch_virt(descriptor & STRTAB_L1_L2PTR_MASK) : NULL;
}

/* Only entries that the SMMU does not read. */
static void strtab_blank_entries(const struct smmuv3 *smmu, struct ste *entries, uint32_t count)
{
	struct ste blank;

	if (count) {
		smmuv3_ste_blank(smmu, &blank);
		arch_fill64(entries, blank.dword, count);
		smmuv3_publish(smmu, entries, count * STE_BYTES);
	}
}

/* SMMUEN is clear. Second levels stay linked. */
void smmuv3_stream_table_clear(struct smmuv3 *smmu)
{
	struct smmuv3_stream_table *table = &smmu->table;

	if (table->linear) {
		strtab_blank_entries(smmu, table->linear, 1U << table->log2size);
	}
	for (uint32_t i = 0; table->level1 && i < strtab_level1_entries(table); i++) {
		strtab_blank_entries(smmu, strtab_level2_of(table->level1[i]), strtab_span_entries(table->level1[i]));
	}
}

static uint32_t strtab_mix64(uint32_t hash, uint64_t value)
{
	return smmuv3_mix(smmuv3_mix(hash, (uint32_t)value), (uint32_t)(value >> 32));
}

/* The SMMU ignores dwords 1 to 7 with V = 0 (5.2). */
static uint32_t strtab_hash_entries(uint32_t hash, const struct ste *entries, uint32_t count)
{
	for (const struct ste *entry = entries; entry < entries + count; entry++) {
		unsigned int dwords = entry->dword[0] & STE0_V ? STE_DWORDS : 1;

		for (unsigned int i = 0; i < dwords; i++) {
			hash = strtab_mix64(hash, entry->dword[i]);
		}
	}
	return hash;
}

uint32_t smmuv3_stream_table_hash(const struct smmuv3 *smmu, uint32_t hash)
{
	const struct smmuv3_stream_table *table = &smmu->table;

	if (table->linear) {
		return strtab_hash_entries(hash, table->linear, 1U << table->log2size);
	}
	for (uint32_t i = 0; table->level1 && i < strtab_level1_entries(table); i++) {
		hash = strtab_mix64(hash, table->level1[i]);
		hash = strtab_hash_entries(hash, strtab_level2_of(table->level1[i]),
					   strtab_span_entries(table->level1[i]));
	}
	return hash;
}

int smmuv3_stream_table_allocate(struct smmuv3 *smmu)
{
	struct smmuv3_stream_table *table = &smmu->table;

	if (table->level1 || table->linear) {
		smmuv3_stream_table_clear(smmu);
		return 0;
	}
	table->log2size = smmu->features.sid_bits < SMMUV3_SID_BITS_MAX ? smmu->features.sid_bits : SMMUV3_SID_BITS_MAX;
	table->split = strtab_choose_split(table->log2size);
	table->two_level = smmu->features.two_level && table->log2size > table->split;
	if (table->two_level) {
		uint32_t size = strtab_level1_entries(table) * (uint32_t)sizeof(uint64_t);

		table->level1 = strtab_reserve_table(smmu, size, size);
		if (table->level1) {
			memset(table->level1, 0, size);
			smmuv3_publish(smmu, table->level1, size);
		}
	} else if (table->log2size <= SMMUV3_LINEAR_BITS_MAX) {
		table->linear = strtab_reserve_table(smmu, STE_BYTES << table->log2size, STE_BYTES << table->log2size);
		if (table->linear) {
			strtab_blank_entries(smmu, table->linear, 1U << table->log2size);
		}
	}
	return table->level1 || table->linear ? 0 : -ENOMEM;
}

/* The caller is changing. The watcher's own changes show in its footprint. */
static void strtab_count_change(struct smmuv3_stream_table *table)
{
	table->changes += table->watcher != arch_core();
}

/* A larger second level starts as a copy: the SMMU may read either. */
static int strtab_hook_level2(struct smmuv3 *smmu, uint64_t *descriptor, uint32_t index)
{
	unsigned int log2 = 0;
	struct ste *level2;
	uint32_t count;
	uint32_t size;

	while (index >> log2) {
		log2++;
	}
	size = STE_BYTES << log2;
	/* Some SMMUs (QEMU's too) read Span as the log2 itself, and so one bit too far: the extra entries deny. */
	count = log2 < smmu->table.split ? 2U << log2 : 1U << log2;
	level2 = strtab_reserve_table(smmu, size, count * STE_BYTES);
	if (!level2) {
		return -ENOMEM;
	}
	strtab_blank_entries(smmu, level2, count);
	if (*descriptor) {
		memcpy(level2, strtab_level2_of(*descriptor), strtab_span_entries(*descriptor) * STE_BYTES);
		smmuv3_publish(smmu, level2, size);
	}
	strtab_count_change(&smmu->table);
	/* Contents before the pointer. */
	store64(descriptor, arch_phys(level2) | FIELD_PUT64(STRTAB_L1_SPAN, log2 + 1));
	smmuv3_publish(smmu, descriptor, sizeof(*descriptor));
	return 0;
}

static int strtab_invalidate_stream(struct smmuv3 *smmu, uint32_t sid)
{
	struct command cfgi = smmuv3_command_cfgi_ste(sid);

	return smmuv3_health(smmu) == SMMUV3_OFF ? 0 : smmuv3_issue(smmu, &cfgi, 1);
}

bool smmuv3_try_change(struct smmuv3 *smmu)
{
	return word_exchange_if(&smmu->changing, 0, 1);
}

/* Out of line: contention is rare. bench: each further master +5 % without the noinline of this file. */
static __attribute__((noinline)) void strtab_wait_for_change(struct smmuv3 *smmu)
{
	struct deadline deadline = deadline_in_us(LOCK_WAIT_US);

	while (!smmuv3_try_change(smmu)) {
		if (deadline_passed(&deadline)) {
			lock_stuck(smmu->lock.rank);
		}
		arch_relax();
	}
}

void smmuv3_begin_change(struct smmuv3 *smmu)
{
	if (!smmuv3_try_change(smmu)) {
		strtab_wait_for_change(smmu);
	}
}

void smmuv3_end_change(struct smmuv3 *smmu)
{
	word_store(&smmu->changing, 0);
}

static uint32_t strtab_index_of(const struct smmuv3 *smmu, uint32_t sid)
{
	return sid & ((1U << smmu->table.split) - 1);
}

static bool strtab_has_room(const struct smmuv3 *smmu, uint32_t sid)
{
	/* Span only grows: true is final. The caller checks false again under the change. */
	uint32_t span = (uint32_t)FIELD_GET64(STRTAB_L1_SPAN, load64(&smmu->table.level1[sid >> smmu->table.split]));

	return span && !(strtab_index_of(smmu, sid) >> (span - 1));
}

static inline __attribute__((always_inline)) struct ste *strtab_entry_of(const struct smmuv3 *smmu, uint32_t sid)
{
	uint64_t descriptor;

	if (sid >> smmu->table.log2size) {
		return NULL;
	}
	if (!smmu->table.two_level) {
		return &smmu->table.linear[sid];
	}
	descriptor = smmu->table.level1[sid >> smmu->table.split];
	return strtab_index_of(smmu, sid) < strtab_span_entries(descriptor) ?
		       &strtab_level2_of(descriptor)[strtab_index_of(smmu, sid)] :
		       NULL;
}

/* Out of line except in strtab_change_ste(), which a replay runs for every stream. */
__attribute__((noinline)) struct ste *smmuv3_stream_table_entry(const struct smmuv3 *smmu, uint32_t sid)
{
	return strtab_entry_of(smmu, sid);
}

static int strtab_make_room(struct smmuv3 *smmu, uint32_t sid)
{
	int error = sid >> smmu->table.log2size ? -ERANGE : smmuv3_check_health(smmu);

	if (error || smmuv3_stream_table_entry(smmu, sid)) {
		return error;
	}
	error = strtab_hook_level2(smmu, &smmu->table.level1[sid >> smmu->table.split], strtab_index_of(smmu, sid));
	return error ? error : strtab_invalidate_stream(smmu, sid);
}

static __attribute__((noinline)) int strtab_change_room(struct smmuv3 *smmu, uint32_t sid)
{
	int error;

	smmuv3_begin_change(smmu);
	error = strtab_make_room(smmu, sid);
	smmuv3_end_change(smmu);
	return error;
}

int smmuv3_stream_table_room(struct smmuv3 *smmu, uint32_t sid)
{
	bool has_entry = !(sid >> smmu->table.log2size) && (!smmu->table.two_level || strtab_has_room(smmu, sid));

	return has_entry ? smmuv3_check_health(smmu) : strtab_change_room(smmu, sid);
}

static int strtab_invalidate_entry(const struct entry_update *update)
{
	return strtab_invalidate_stream(update->smmu, update->sid);
}

/* For an SMMU that is off: it reads no entry until everything was invalidated. V last. Dwords 4 to 7 are always 0. */
static void strtab_write_unread(const struct smmuv3 *smmu, struct ste *entry, const struct ste *target)
{
	if (entry->dword[0]) {
		store64(&entry->dword[0], 0);
		smmuv3_publish(smmu, entry, sizeof(*entry));
	}
	entry->dword[1] = target->dword[1];
	entry->dword[2] = target->dword[2];
	entry->dword[3] = target->dword[3];
	smmuv3_publish(smmu, entry, sizeof(*entry));
	store64(&entry->dword[0], target->dword[0]);
	smmuv3_publish(smmu, entry, sizeof(*entry));
}

/* Out of line: most entries are written while off. */
static __attribute__((noinline)) int strtab_update_live(struct smmuv3 *smmu, uint32_t sid, struct ste *entry,
							const struct ste *target)
{
	const struct entry_update update = {
		.smmu = smmu,
		.sid = sid,
		.valid = STE0_V,
		.used = smmuv3_ste_used,
		.safe = smmuv3_ste_safe,
		.invalidate = strtab_invalidate_entry,
	};

	strtab_count_change(&smmu->table);
	return smmuv3_update_entry(&update, entry->dword, target->dword);
}

static int strtab_change_ste(struct smmuv3 *smmu, uint32_t sid, const struct ste *target)
{
	/* Looks it up again: a second level that grew has moved. */
	struct ste *entry = strtab_entry_of(smmu, sid);
	enum smmuv3_health health = smmuv3_health(smmu);

	if (!entry) {
		return -ERANGE;
	}
	if (health == SMMUV3_OFF) {
		strtab_write_unread(smmu, entry, target);
		return 0;
	}
	/* Also for an equal entry: its last change may not have been invalidated. */
	return health == SMMUV3_ON ? strtab_update_live(smmu, sid, entry, target) : -EIO;
}

int smmuv3_install_ste(struct smmuv3 *smmu, uint32_t sid, const struct ste *target)
{
	int error;

	smmuv3_begin_change(smmu);
	error = strtab_change_ste(smmu, sid, target);
	smmuv3_end_change(smmu);
	return error;
}

__attribute__((noinline)) int smmuv3_silence(struct smmuv3 *smmu, uint32_t sid)
{
	struct ste ste;
	int error = strtab_make_room(smmu, sid);

	smmuv3_ste_abort(smmu, &ste);
	return error ? error : strtab_change_ste(smmu, sid, &ste);
}
