/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stddef.h>

#include "base/store.h"
#include "smmuv3/private.h"

#define RESERVED_OPCODE 0xffU

static void damage_set_provoked(struct smmuv3 *smmu, enum smmuv3_provoked provoked)
{
	uint32_t saved = lock(&smmu->cmdq_lock);

	smmu->provoked = provoked;
	unlock(&smmu->cmdq_lock, saved);
}

int smmuv3_provoke_illegal_command(struct smmuv3 *smmu)
{
	struct command illegal = smmuv3_command(RESERVED_OPCODE);
	uint32_t before = smmu->counts.illegal_commands;
	int error;

	damage_set_provoked(smmu, SMMUV3_PROVOKED);
	error = smmuv3_issue(smmu, &illegal, 1);
	damage_set_provoked(smmu, SMMUV3_NOT_PROVOKED);
	return error ? error : smmu->counts.illegal_commands == before + 1 ? 0 : -ENOMSG;
}

/* CMDQEN is clear meanwhile; after an error the next call sets it. */
static int provoke_replace_commands(struct smmuv3 *smmu, uint64_t address)
{
	uint32_t enabled = smmu->cr0 | CR0_CMDQEN;
	int error = smmuv3_write_cr0(smmu, enabled & ~CR0_CMDQEN);

	if (!error) {
		error = smmuv3_program_command_queue(smmu, address);
	}
	return error ? error : smmuv3_write_cr0(smmu, enabled);
}

/* False if commands were executed: the SMMU fetched something else. */
static bool provoke_reports_abort(struct smmuv3 *smmu)
{
	uint32_t before = smmu->counts.aborted_fetches;
	bool executed;

	damage_set_provoked(smmu, SMMUV3_PROVOKED);
	executed = smmuv3_invalidate_all(smmu) == 0;
	damage_set_provoked(smmu, SMMUV3_NOT_PROVOKED);
	return !executed && smmu->counts.aborted_fetches != before;
}

int smmuv3_provoke_queue_abort(struct smmuv3 *smmu, uint64_t nowhere)
{
	int error = provoke_replace_commands(smmu, nowhere);
	bool reported = !error && provoke_reports_abort(smmu);

	/* Restores the queue even after an error, and shows that it works. */
	if (provoke_replace_commands(smmu, arch_phys(smmu->cmdq.entries))) {
		return -EIO;
	}
	smmuv3_poll_gerror(smmu);
	if (smmuv3_invalidate_all(smmu)) {
		return -EIO;
	}
	return error ? error : reported ? 0 : -ENOMSG;
}

static int provoke_replace_events(struct smmuv3 *smmu, uint64_t address, unsigned int log2)
{
	uint32_t enabled = smmu->cr0 | CR0_EVENTQEN;
	int error = smmuv3_write_cr0(smmu, enabled & ~CR0_EVENTQEN);

	smmu->evtq.log2 = log2;
	if (!error) {
		error = smmuv3_program_event_queue(smmu, address);
	}
	return error ? error : smmuv3_write_cr0(smmu, enabled);
}

int smmuv3_shrink_events(struct smmuv3 *smmu, unsigned int log2)
{
	if (log2 > smmu->features.evtq_log2) {
		return -EINVAL; /* The SMMU would write beyond the queue's memory. */
	}
	smmuv3_poll_events(smmu);
	smmuv3_publish_events(smmu, false);
	return provoke_replace_events(smmu, arch_phys(smmu->evtq.entries), log2);
}

int smmuv3_misplace_events(struct smmuv3 *smmu, uint64_t nowhere)
{
	smmuv3_poll_events(smmu);
	smmuv3_publish_events(smmu, false);
	return provoke_replace_events(smmu, nowhere, 0);
}

int smmuv3_restore_events(struct smmuv3 *smmu)
{
	int error = provoke_replace_events(smmu, arch_phys(smmu->evtq.entries), smmu->features.evtq_log2);

	smmuv3_poll_gerror(smmu);
	smmuv3_publish_events(smmu, !error);
	return error;
}

void smmuv3_forget_event_abort(struct smmuv3 *smmu, uint32_t before)
{
	smmu->counts.gerrors &= ~GERROR_EVENTQ_ABT_ERR | before;
}

static struct smmuv3 *damage_smmu_of(const struct smmuv3_domain *domain)
{
	return smmuv3_of(domain->domain.iommu);
}

static int damage_forget(const struct smmuv3_domain *domain, uint32_t sid)
{
	struct command commands[] = {smmuv3_command_cfgi_ste(sid), smmuv3_tlbi_domain(domain)};

	return smmuv3_issue(damage_smmu_of(domain), commands, sizeof(commands) / sizeof(commands[0]));
}

/* Keeps within the output size: the SMMU reads no table beyond it. */
static uint64_t damage_table_nowhere(const struct smmuv3_domain *domain, uint64_t nowhere)
{
	return nowhere & (BIT64(domain->table.format.output_bits) - 1);
}

static void damage_ste(const struct smmuv3_domain *domain, uint64_t nowhere, enum smmuv3_damage damage, struct ste *ste)
{
	if (damage == SMMUV3_DAMAGE_STE) {
		ste->dword[0] &= ~STE0_V;
	} else if (damage == SMMUV3_DAMAGE_CD_POINTER) {
		ste->dword[0] = (ste->dword[0] & ~STE0_S1CONTEXTPTR_MASK) | (nowhere & STE0_S1CONTEXTPTR_MASK);
	} else if (damage == SMMUV3_DAMAGE_TABLE && domain->kind == SMMUV3_STAGE2) {
		ste->dword[3] = damage_table_nowhere(domain, nowhere) & STE3_S2TTB_MASK;
	}
}

static void damage_cd(const struct smmuv3_domain *domain, uint64_t nowhere, enum smmuv3_damage damage, struct cd *cd)
{
	if (damage == SMMUV3_DAMAGE_CD) {
		cd->dword[0] &= ~CD0_V;
	} else if (damage == SMMUV3_DAMAGE_TABLE) {
		cd->dword[1] = damage_table_nowhere(domain, nowhere) & CD1_TTB0_MASK;
	}
}

/* XOR: a second call undoes the first. */
static int damage_flip_leaf(struct smmuv3_domain *domain, uint64_t iova, uint64_t bits)
{
	uint64_t *leaf = pgtable_leaf(&domain->table, iova);

	if (!leaf) {
		return -ENOENT;
	}
	store64(leaf, *leaf ^ bits);
	smmuv3_publish(damage_smmu_of(domain), leaf, sizeof(*leaf));
	return 0;
}

/* Bit 47 must be beyond the output size. */
static uint64_t damage_bits_of(const struct smmuv3_domain *domain, enum smmuv3_damage damage)
{
	if (damage == SMMUV3_DAMAGE_ACCESS_FLAG) {
		return PGTABLE_ACCESS_FLAG;
	}
	return domain->table.format.output_bits < 48 ? BIT64(47) : 0;
}

static bool damage_applies(const struct smmuv3_domain *domain, enum smmuv3_damage damage)
{
	bool stage1 = domain->kind == SMMUV3_STAGE1;

	if (damage == SMMUV3_DAMAGE_CD || damage == SMMUV3_DAMAGE_CD_POINTER) {
		return stage1;
	}
	if (damage == SMMUV3_DAMAGE_OUTPUT_SIZE && !damage_bits_of(domain, damage)) {
		return false;
	}
	return stage1 || domain->kind == SMMUV3_STAGE2;
}

static int damage_install(struct smmuv3_domain *domain, uint32_t sid, uint64_t nowhere,
			  const enum smmuv3_damage *damage)
{
	struct smmuv3 *smmu = damage_smmu_of(domain);
	struct ste ste;
	struct cd cd;
	int error;

	smmuv3_ste_of(smmu, domain, &ste);
	if (damage) {
		damage_ste(domain, nowhere, *damage, &ste);
	}
	if (domain->kind == SMMUV3_STAGE1) {
		smmuv3_cd_of(smmu, domain, &cd);
		if (damage) {
			damage_cd(domain, nowhere, *damage, &cd);
		}
		smmuv3_install_cd(smmu, domain->asid, &cd);
	}
	error = smmuv3_install_ste(smmu, sid, &ste);
	return error ? error : damage_forget(domain, sid);
}

static bool damage_is_of_the_leaf(enum smmuv3_damage damage)
{
	return damage == SMMUV3_DAMAGE_ACCESS_FLAG || damage == SMMUV3_DAMAGE_OUTPUT_SIZE;
}

int smmuv3_damage(struct iommu_domain *iommu_domain, uint32_t sid, uint64_t iova, uint64_t nowhere,
		  enum smmuv3_damage damage)
{
	struct smmuv3_domain *domain = (struct smmuv3_domain *)iommu_domain;
	int error;

	if (!damage_applies(domain, damage)) {
		return -ENOTSUP;
	}
	if (!damage_is_of_the_leaf(damage)) {
		return damage_install(domain, sid, nowhere, &damage);
	}
	error = damage_flip_leaf(domain, iova, damage_bits_of(domain, damage));
	return error ? error : damage_forget(domain, sid);
}

int smmuv3_mend(struct iommu_domain *iommu_domain, uint32_t sid, uint64_t iova, enum smmuv3_damage damage)
{
	struct smmuv3_domain *domain = (struct smmuv3_domain *)iommu_domain;
	int error;

	if (!damage_is_of_the_leaf(damage)) {
		return damage_install(domain, sid, 0, NULL);
	}
	error = damage_flip_leaf(domain, iova, damage_bits_of(domain, damage));
	return error ? error : damage_forget(domain, sid);
}
