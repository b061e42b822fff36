/* SPDX-License-Identifier: BSD-2-Clause */
/* Invalidation of a range (IHI 0070 4.4). */
#include <stddef.h>

#include "smmuv3/private.h"

#define NUM_MAX 32U   /* CMD.NUM is one less. */
#define SCALE_MAX 16U /* Beyond, the whole domain is invalidated. */

static unsigned int tlbi_opcode_of(const struct smmuv3_domain *domain)
{
	return domain->kind == SMMUV3_STAGE2 ? CMD_TLBI_S2_IPA : CMD_TLBI_NH_VA;
}

static struct command tlbi_all_of(const struct smmuv3_domain *domain)
{
	return domain->kind == SMMUV3_STAGE2 ? smmuv3_command_tlbi_vmid(domain->vmid) :
					       smmuv3_command_tlbi_asid(smmuv3_tlb_vmid(domain), domain->asid);
}

static struct command tlbi_one_of(const struct smmuv3_domain *domain, uint64_t address, bool leaf)
{
	unsigned int asid = domain->kind == SMMUV3_STAGE2 ? 0 : domain->asid;

	return smmuv3_command_tlbi_address(tlbi_opcode_of(domain), smmuv3_tlb_vmid(domain), asid, address, leaf);
}

/* May cover a little more. False: too large. */
static bool tlbi_as_range(const struct smmuv3_domain *domain, uint64_t address, uint64_t granules, bool leaf,
			  struct command *tlbi)
{
	unsigned int scale = 0;

	while (granules > (uint64_t)NUM_MAX << scale) {
		scale++;
	}
	if (scale > SCALE_MAX) {
		return false;
	}
	*tlbi = tlbi_one_of(domain, address, leaf);
	smmuv3_command_range(tlbi, domain->table.format.granule_bits,
			     (unsigned int)((granules + (1U << scale) - 1) >> scale) - 1, scale);
	return true;
}

unsigned int smmuv3_tlbi_range(const struct smmuv3 *smmu, const struct smmuv3_domain *domain, uint64_t address,
			       uint64_t size, bool leaf, struct command *commands)
{
	unsigned int granule_bits = domain->table.format.granule_bits;
	uint64_t granules = size >> granule_bits;
	unsigned int count = 0;

	/* Entries that combine stages are invalidated by VMID only (4.4). */
	if (domain->kind == SMMUV3_STAGE2 && domain->has_children) {
		commands[0] = tlbi_all_of(domain);
		return 1;
	}
	/* One granule is no range: NUM = SCALE = 0 is reserved. */
	if (smmu->features.range_invalidation && granules > 1) {
		if (!tlbi_as_range(domain, address, granules, leaf, &commands[0])) {
			commands[0] = tlbi_all_of(domain);
		}
		return 1;
	}
	if (granules > SMMUV3_TLBI_MAX) {
		commands[0] = tlbi_all_of(domain);
		return 1;
	}
	for (; count < granules; count++) {
		commands[count] = tlbi_one_of(domain, address + ((uint64_t)count << granule_bits), leaf);
	}
	return count;
}

struct command smmuv3_tlbi_domain(const struct smmuv3_domain *domain)
{
	return tlbi_all_of(domain);
}
