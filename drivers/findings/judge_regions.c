/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory that masters use already (iommu-addresses, RMR nodes), and what is there. */
#include "findings/judge.h"
#include "findings/ram.h"

static unsigned long long last_of(uint64_t base, uint64_t size)
{
	return base + (size - 1);
}

static bool meets(const struct direct_description *region, uint64_t base, uint64_t size)
{
	return size && region->base <= last_of(base, size) && base <= last_of(region->base, region->size);
}

/* False: it is an SMMU's registers. */
static bool judge_registers(const struct table_view *view, struct table_findings *findings,
			    const struct direct_description *region)
{
	const struct stream_description *streams = &view->description->streams;

	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		const struct smmu_description *smmu = &streams->smmu[i];

		if (smmu->has_base && meets(region, smmu->base, smmu->size)) {
			table_finding_add(findings, FINDING_REGION_REGISTERS, region->where, NULL,
					  table_cause(region->where),
					  "0x%llx to 0x%llx, which is kept for %s, are registers of %s",
					  (unsigned long long)region->base, last_of(region->base, region->size),
					  region->master, smmu->name);
			return false;
		}
	}
	return true;
}

/* --- RAM, of a device tree: of other tables only what the operating system may have is known. --- */

static bool is_in(const struct direct_description *region, const struct span *ram, unsigned int count)
{
	while (count && !meets(region, ram[count - 1].first, ram[count - 1].last - ram[count - 1].first + 1)) {
		count--;
	}
	return count;
}

static void judge_ram(const struct table_view *view, struct table_findings *findings,
		      const struct direct_description *region, unsigned int ram_count)
{
	if (ram_count && ram_count < DESCRIPTION_MEMORY_MAX && !is_in(region, view->spans, ram_count)) {
		table_finding_add(findings, FINDING_REGION_NO_RAM, region->where, NULL, table_cause(region->where),
				  "0x%llx to 0x%llx, which is kept for %s, is in no memory node",
				  (unsigned long long)region->base, last_of(region->base, region->size),
				  region->master);
	}
}

void judge_regions(const struct table_view *view, struct table_findings *findings)
{
	const struct stream_description *streams = &view->description->streams;
	unsigned int ram_count = streams->source == DESCRIPTION_DT ? ram_read(view, view->spans) : 0;

	for (unsigned int i = 0; i < streams->direct_count; i++) {
		const struct direct_description *region = &streams->direct[i];

		if (region->mapped && region->size && judge_registers(view, findings, region)) {
			judge_ram(view, findings, region, ram_count);
		}
	}
}
