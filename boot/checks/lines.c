/* SPDX-License-Identifier: BSD-2-Clause */
/* One error of each SMMU, without an event: does the interrupt that is described for it come, or another one? */
#include <inttypes.h>
#include <stddef.h>

#include "checks/difference.h"
#include "checks/phase.h"
#include "smmuv3/damage.h"

enum line { LINE_EVENTQ, LINE_GERROR, LINES };

/* How often each handler had run before. */
static uint32_t before[DESCRIPTION_SMMUS_MAX][LINES];

static uint32_t runs_of(const struct bringup *bringup, unsigned int smmu, enum line line)
{
	const struct smmuv3_counts *counts = smmuv3_counts(bringup->smmu[smmu]);

	return line == LINE_EVENTQ ? counts->event_interrupts : counts->gerror_interrupts;
}

static bool came(const struct bringup *bringup, unsigned int smmu, enum line line)
{
	return runs_of(bringup, smmu, line) != before[smmu][line];
}

static void note_runs(const struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		before[i][LINE_EVENTQ] = runs_of(bringup, i, LINE_EVENTQ);
		before[i][LINE_GERROR] = runs_of(bringup, i, LINE_GERROR);
	}
}

static void say_other(struct bringup *bringup, unsigned int smmu, unsigned int other, enum line line)
{
	compare_differ(bringup, DIFFERENCE_OF_INTERRUPT, "hardware", smmuv3_iommu(bringup->smmu[smmu])->name,
		       "an error of it raises the interrupt that is described as the %s of %s, and not its own",
		       line == LINE_EVENTQ ? "event queue's" : "global errors'",
		       smmuv3_iommu(bringup->smmu[other])->name);
}

static void find_other(struct bringup *bringup, unsigned int smmu)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		for (enum line line = LINE_EVENTQ; line < LINES; line++) {
			if (came(bringup, i, line)) {
				say_other(bringup, smmu, i, line);
				return;
			}
		}
	}
}

static void prove_line(struct bringup *bringup, unsigned int smmu)
{
	note_runs(bringup);
	(void)smmuv3_provoke_illegal_command(bringup->smmu[smmu]);
	if (!came(bringup, smmu, LINE_GERROR)) {
		find_other(bringup, smmu);
	}
}

static void prove_lines(struct bringup *bringup)
{
	for (unsigned int i = 0; i < bringup->smmu_count; i++) {
		if (iommu_state(smmuv3_iommu(bringup->smmu[i])) == IOMMU_READY) {
			prove_line(bringup, i);
		}
	}
	difference_say_unsaid(bringup);
}

/* What never came is told before. */
PHASE(42, prove_lines, NULL, prove_lines, NULL);
