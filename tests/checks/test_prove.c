/* SPDX-License-Identifier: BSD-2-Clause */
/* translate, read_only, unmap, isolation: what must not pass, or not fail. */
#include "base/arena.h"
#include "case.h"
#include "checks/trial.h"

/* A DMA to be stopped with an event. */
#define STOPPED(check, master, moment, wrong)                                                                          \
	LIE(check ": memory is reached", master, moment, BYTES(ALL_THE_SAME), "fail " check " " master,                \
	    .says = "reached memory"),                                                                                 \
		LIE(check ": no event", master, moment, TOLD(NOTHING), "fail " check " " master),                      \
		LIE(check ": memory is reached, and no event", master, moment,                                         \
		    BYTES(ALL_THE_SAME) COMMA TOLD(NOTHING), "fail " check " " master),                                \
		LIE(check ": an event of another code", master, moment, TOLD(CODE) COMMA.operand = (wrong),            \
		    "fail " check " " master),                                                                         \
		LIE(check ": an event at another address", master, moment,                                             \
		    TOLD(ADDRESS) COMMA.operand = OTHER_ADDRESS, "fail " check " " master, .unexpected = 1),           \
		LIE(check ": an event of the other direction", master, moment, TOLD(DIRECTION),                        \
		    "fail " check " " master, .unexpected = 1),                                                        \
		LIE(check ": an event without an address", master, moment, TOLD(NO_ACCESS), "fail " check " " master,  \
		    .unexpected = 1),                                                                                  \
		LIE(check ": an event of no master's stream", master, moment, TOLD(SID) COMMA.operand = UNOWNED_SID,   \
		    "fail " check " " master, .unexpected = 1),                                                        \
		LIE(check ": the other instance's event", master, moment, TOLD(INSTANCE), "fail " check " " master,    \
		    .unexpected = 1),                                                                                  \
		LIE(check ": a doorbell's event alone", master, moment, TOLD(INSTEAD), "fail " check " " master,       \
		    .unexpected = 1),                                                                                  \
		LIE(check ": the device is never done", master, moment, .never = true, "fail " check " " master),      \
		LIE(check ": the device does not start", master, moment,                                               \
		    BYTES(NONE) COMMA TOLD(NOTHING) COMMA.start = -EIO, "fail " check " " master),                     \
		LIE(check ": a doorbell's event besides", master, moment, TOLD(MSI), NULL, .unexpected = 1),           \
		LIE(check ": a stranger's event besides", master, moment, TOLD(STRANGER) COMMA.operand = UNOWNED_SID,  \
		    NULL, .unexpected = 1),                                                                            \
		LIE(check ": it is tried again", master, moment, TOLD(TWICE), NULL),                                   \
		LIE(check ": a slow device", master, moment, .polls = 20, NULL),                                       \
		LIE(check ": the device reports that it was stopped", master, moment, .poll = -EIO, NULL),             \
		LIE(check ": an event after the device is done", master, moment, TOLD(LATE) COMMA.operand = 20000,     \
		    NULL)

/* --- Drivers that are broken. --- */

static int map_writable(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)
{
	return smmuv3_ops.map(domain, iova, pa, size, access | IOMMU_WRITE);
}

static void ignore_read_only(struct machine *machine)
{
	machine->ops[0].map = map_writable;
}

static struct {
	struct iommu_domain *domain;
	uint64_t iova;
	uint64_t size;
} owed;

static void catch_up(void)
{
	if (owed.domain) {
		(void)smmuv3_ops.unmap(owed.domain, owed.iova, owed.size);
		owed.domain = NULL;
	}
}

static int unmap_later(struct iommu_domain *domain, uint64_t iova, uint64_t size)
{
	catch_up();
	owed.domain = domain;
	owed.iova = iova;
	owed.size = size;
	return 0;
}

static int map_after_unmap(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)
{
	catch_up();
	return smmuv3_ops.map(domain, iova, pa, size, access);
}

/* m3 is smmu1's last to be unmapped. */
static void return_before_the_smmu_forgets(struct machine *machine)
{
	machine->ops[1].unmap = unmap_later;
	machine->ops[1].map = map_after_unmap;
}

static void attach_m2_to_m3s(struct machine *machine, enum phase phase)
{
	const struct iommu_link *m2 = &machine->master[2].iommu.link[0];
	const struct iommu_link *of = &machine->master[phase == PHASE_PROVE ? 3 : 2].iommu.link[0];

	if (phase == PHASE_PROVE || phase == PHASE_PROVOKE) {
		(void)smmuv3_ops.attach(m2->iommu, m2->sid[0], iommu_owned_domain(of));
	}
}

static void share_one_domain(struct machine *machine)
{
	machine->before = attach_m2_to_m3s;
}

static int map_next_page(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)
{
	return smmuv3_ops.map(domain, iova, pa + size, size, access);
}

static void map_the_wrong_page(struct machine *machine)
{
	machine->ops[0].map = map_next_page;
}

static int map_nothing(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)
{
	(void)domain;
	(void)iova;
	(void)pa;
	(void)size;
	(void)access;
	return -ENOMEM;
}

static void have_no_memory(struct machine *machine)
{
	machine->ops[1].map = map_nothing;
}

#define COMMON 0x0e000000U /* Every master's third page. */

/* m0 and m1 write into each other's page: only the bytes tell. */
static int map_the_others_page(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size,
			       unsigned int access)
{
	const struct master *master = machine_under_test->master;

	if (iova == COMMON) {
		pa = arch_phys(master[pa == arch_phys(master[0].page[2])].page[2]);
	}
	return smmuv3_ops.map(domain, iova, pa, size, access);
}

static void swap_pages(struct machine *machine)
{
	machine->ops[0].map = map_the_others_page;
}

static int unmap_common_badly(struct iommu_domain *domain, uint64_t iova, uint64_t size)
{
	int error = smmuv3_ops.unmap(domain, iova, size);

	return iova == COMMON && machine_under_test->phase == PHASE_PROVE ? -ETIMEDOUT : error;
}

static void unmap_badly(struct machine *machine)
{
	machine->ops[0].unmap = unmap_common_badly;
}

/* --- Masters that are no neighbours. --- */

/* Not isolated from each other: one domain, in turns. */
static void group_m0_and_m1(struct machine *machine)
{
	for (unsigned int m = 0; m < 2; m++) {
		struct iommu_master *iommu = &machine->master[m].iommu;

		(void)iommu_master_remove(&machine->core, iommu);
		iommu->isolation = 1;
		(void)iommu_master_add(&machine->core, iommu);
	}
}

/* More than have places in a page. */
static void write_much(struct machine *machine)
{
	machine->driver[2].length_min = machine->driver[3].length_min = 1024;
}

/* --- What is left. --- */

static bool is_mapped(const struct master *master, uint64_t iova)
{
	struct iommu_domain *domain = iommu_owned_domain(&master->iommu.link[0]);
	uint64_t pa;

	return domain && smmuv3_ops.translate(domain, iova, &pa) == 0;
}

static void look_at_mappings(struct machine *machine, enum phase phase)
{
	bool mapped = false;

	for (unsigned int m = 0; m < MACHINE_MASTERS && phase == PHASE_PROVOKE; m++) {
		for (unsigned int page = 0; page <= MASTER_PAGES; page++) {
			mapped |= is_mapped(&machine->master[m], trial_iova(&machine->master[m], page));
		}
		mapped |= is_mapped(&machine->master[m], COMMON);
	}
	if (phase == PHASE_PROVOKE) {
		machine_found("unmapped", "machine", !mapped);
	}
}

static void look_at_what_is_left(struct machine *machine)
{
	machine->before = look_at_mappings;
}

/* --- More masters than fit into one page at once: all but m11 are on smmu0, and try m11's. --- */

static void have_many_masters(struct machine *machine)
{
	machine->master_count = MACHINE_MASTERS_MAX;
	machine->first_of_smmu1 = MACHINE_MASTERS_MAX - 1;
}

#define PROVED(m)                                                                                                      \
	"pass blocked_before_attach " m "; pass match " m "; pass translate " m "; pass read_only " m                  \
	"; pass unmap " m "; pass isolation " m ";"

/* --- Masters that can do less. --- */

static void cannot_write(struct machine *machine)
{
	machine->driver[3].can = MASTER_READS;
}

static bool says_wrong(const struct master *master, const uint8_t *memory, uint32_t length, const char **words)
{
	(void)master;
	(void)memory;
	(void)length;
	*words = NULL;
	return false;
}

static void verify_refuses(struct machine *machine)
{
	machine->driver[1].verify = says_wrong;
}

static const struct check_case cases[] = {
	/* Fetches and writes, with work pages, a pattern, a copy. */
	LIE("translate: other bytes, fetched and written", "m0", AT_TRANSLATE, BYTES(WRONG), "fail translate m0"),
	LIE("translate: other bytes, with work pages", "m1", AT_TRANSLATE, BYTES(WRONG), "fail translate m1"),
	LIE("translate: other bytes, a pattern", "m2", AT_TRANSLATE, BYTES(WRONG), "fail translate m2"),
	LIE("translate: other bytes, a copy", "m3", AT_TRANSLATE, BYTES(WRONG), "fail translate m3"),
	LIE("translate: the last word is missing", "m0", AT_TRANSLATE, BYTES(SHORT), "fail translate m0"),
	LIE("translate: the last word of a pattern is missing", "m2", AT_TRANSLATE, BYTES(SHORT), "fail translate m2"),
	LIE("translate: nothing arrives", "m0", AT_TRANSLATE, BYTES(NONE), "fail translate m0"),
	LIE("translate: nothing of a pattern arrives", "m2", AT_TRANSLATE, BYTES(NONE), "fail translate m2"),
	LIE("translate: nothing of a copy arrives", "m3", AT_TRANSLATE, BYTES(NONE), "fail translate m3"),
	LIE("translate: it lands in the page before", "m1", AT_TRANSLATE, BYTES(BELOW), "fail translate m1"),
	LIE("translate: it lands in the master's other pages", "m1", AT_TRANSLATE, BYTES(ELSEWHERE),
	    "fail translate m1"),
	LIE("translate: other bytes were fetched", "m0", AT_FETCH, BYTES(WRONG), "fail translate m0"),
	LIE("translate: the device reports an error", "m1", AT_TRANSLATE, .poll = -EIO, "fail translate m1"),
	LIE("translate: the device does not start", "m2", AT_TRANSLATE, .start = -EIO, "fail translate m2"),
	LIE("translate: the device is never done", "m3", AT_TRANSLATE, .never = true, "fail translate m3"),
	LIE("unmap: an event that comes too late", "m1", AT_UNMAP, TOLD_WITH(LATE, TRIAL_EVENT_US + 4000),
	    "fail unmap m1", .says = "later than it should"),
	LIE("translate: an event at its address", "m0", AT_TRANSLATE, TOLD(ITSELF), "fail translate m0",
	    .unexpected = 0),
	LIE("translate: a doorbell's event", "m0", AT_TRANSLATE, TOLD(MSI), NULL, .unexpected = 1),
	LIE("translate: a stranger's event", "m0", AT_TRANSLATE, TOLD(STRANGER) COMMA.operand = UNOWNED_SID, NULL,
	    .unexpected = 1),
	LIE("translate: a neighbour's event is not the subject's", "m0", AT_TRANSLATE,
	    TOLD(NEIGHBOUR) COMMA.operand = 1, NULL, .unexpected = 1),
	LIE("translate: a slow device", "m1", AT_TRANSLATE, .polls = 100, NULL),
	LIE("translate: a slow fetch", "m0", AT_FETCH, .polls = 100, NULL),
	{.name = "translate: its driver refuses the bytes", .broken = verify_refuses, .differs = "fail translate m1"},
	{.name = "translate: pages lead to the next page",
	 .broken = map_the_wrong_page,
	 .differs = "fail translate m0; fail translate m1;" INJECTIONS_OF_DMA("skip", "smmu0")},

	{.name = "translate: it lands in the page of another master",
	 .broken = swap_pages,
	 .differs = "fail translate m0; fail translate m1;" INJECTIONS_OF_DMA("skip", "smmu0"),
	 .says = "other bytes"},
	{.name = "two masters of one group take turns", .broken = group_m0_and_m1},
	{.name = "long DMA is whole", .broken = write_much},
	{.name = "nothing stays mapped", .broken = look_at_what_is_left, .differs = "pass unmapped machine"},

	STOPPED("read_only", "m0", AT_READ_ONLY, F_TRANSLATION),
	STOPPED("read_only", "m2", AT_READ_ONLY, F_TRANSLATION),
	{.name = "read_only: every page is mapped writable",
	 .broken = ignore_read_only,
	 .differs = "fail read_only m0; fail read_only m1; fail permission_fault smmu0"},

	STOPPED("unmap", "m1", AT_UNMAP, F_PERMISSION),
	/* Copied canaries would be invisible. */
	STOPPED("unmap", "m3", AT_UNMAP, F_PERMISSION),
	{.name = "unmap: it returns before the SMMU has forgotten",
	 .broken = return_before_the_smmu_forgets,
	 .differs = "fail unmap m3"},

	{.name = "unmap: unmapping fails",
	 .broken = unmap_badly,
	 .differs = "fail unmap m0; fail unmap m1",
	 .says = "could not be unmapped"},

	{.name = "isolation: two that try one place",
	 .lie = {{.of = "m2", .when = AT_FAR, BYTES(ALL_THE_SAME)}},
	 .broken = write_much,
	 .differs = "fail isolation m2; fail isolation m3",
	 .says = "reached memory"},
	STOPPED("isolation", "m0", AT_NEAR, F_PERMISSION),
	/* Both try m0's page, at different places. */
	STOPPED("isolation", "m2", AT_FAR, F_PERMISSION),
	STOPPED("isolation", "m3", AT_FAR, F_PERMISSION),
	{.name = "isolation: one of many that try the same page reaches it",
	 .configure = have_many_masters,
	 .lie = {{.of = "m0", .when = AT_FAR, BYTES(ALL_THE_SAME)}},
	 .differs = "fail isolation m0;" PROVED("m4") PROVED("m5") PROVED("m6") PROVED("m7") PROVED("m8") PROVED("m9")
		 PROVED("m10") PROVED("m11"),
	 .says = "reached memory"},
	{.name = "isolation: a master is in the domain of another",
	 .broken = share_one_domain,
	 .differs = "fail isolation m2; fail translate m2; fail read_only m2"},

	/* The subject's instance must report the twin's stream ID as unknown. */
	LIE("twin: memory is reached", "m0", AT_TWIN, BYTES(ALL_THE_SAME), "fail isolation m0",
	    .says = "which smmu1 lets through for m2: a DMA of 4 bytes to"),
	LIE("twin: stopped as a known stream", "m0", AT_TWIN, TOLD(CODE) COMMA.operand = F_TRANSLATION,
	    "fail isolation m0"),
	LIE("twin: stopped as a stream that is known, and damaged", "m0", AT_TWIN, TOLD(CODE) COMMA.operand = C_BAD_CD,
	    "fail isolation m0"),
	LIE("twin: an event after the device is done", "m0", AT_TWIN, TOLD(LATE) COMMA.operand = 20000, NULL),
	LIE("twin: the other instance's event", "m2", AT_TWIN, TOLD(INSTANCE), "fail isolation m2", .unexpected = 1),
	LIE("twin: the twin's own event is not the subject's", "m0", AT_TWIN, TOLD(NEIGHBOUR) COMMA.operand = 2, NULL,
	    .unexpected = 1),
	LIE("twin: it cannot be made: it goes on under its own stream", "m0", AT_TWIN, TOLD(OWN) COMMA.operand = 0x108,
	    NULL),
	LIE("twin: it cannot be made: what came of it is dropped before the SMMU", "m0", AT_TWIN, TOLD(NOTHING), NULL),

	{.name = "no SMMU is to blame for a master that cannot write",
	 .broken = cannot_write,
	 .differs =
		 "gone match m3; skip blocked_before_attach m3; skip translate m3; skip read_only m3; skip unmap m3; "
		 "skip isolation m3"},
	{.name = "pages that cannot be mapped",
	 .broken = have_no_memory,
	 .differs = "fail translate m2; fail read_only m2; fail unmap m2; fail isolation m2; fail translate m3; "
		    "fail read_only m3; fail unmap m3; fail isolation m3;" INJECTIONS_OF_DMA("skip", "smmu1")},
};

int main(void)
{
	return cases_run("prove", NULL, cases, sizeof(cases) / sizeof(cases[0]));
}
