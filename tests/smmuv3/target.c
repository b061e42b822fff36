/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The judge on the target: a second firmware image. It looks for a drivable SMMUv3 with two masters, runs the tests
 * with their DMA, and turns the machine off.
 */
#include <stddef.h>
#include <string.h>

#include "base/arch.h"
#include "base/deadline.h"
#include "boot.h"
#include "fatal.h"
#include "irqchip/irqchip.h"
#include "judge.h"
#include "machine.h"
#include "memory.h"
#include "report/print.h"

#define DMA_WAIT_US 3000000U
#define DMA_NAP_US 20000U
#define ARENA_SIZE (24UL << 20)
/* QEMU's `virt`, between platform bus and PCI window: empty. */
#define NOWHERE 0x0f000000ULL

static struct machine machine;
static struct judge judge;
static struct master *masters[JUDGE_DEVICES];
static uint8_t *memory;
static const struct smmu_description *described;
static bool masked;
static uint32_t irq_state;

/* --- Devices. --- */

static void dma(struct judge *from, unsigned int device, uint64_t iova, uint32_t length, bool write)
{
	struct master *master = masters[device];
	const struct master_dma request = {.write = write, .stray = true, .address = iova, .length = length};
	struct deadline deadline = deadline_in_us(DMA_WAIT_US);

	if (master->driver->start(master, &request)) {
		judge_fail(from, "the device takes a DMA", __func__, __LINE__);
		return;
	}
	while (master->driver->poll(master)) {
		if (deadline_passed(&deadline)) {
			judge_fail(from, "a DMA ends", __func__, __LINE__);
			return;
		}
		if (!masked) {
			arch_sleep_us(DMA_NAP_US);
		}
	}
}

static void fetch(struct judge *from, unsigned int device, uint64_t iova, uint32_t length)
{
	dma(from, device, iova, length, false);
}

static void put(struct judge *from, unsigned int device, uint64_t iova, uint32_t length)
{
	dma(from, device, iova, length, true);
}

/* Reads and writes, and emits one stream behind one SMMU. */
static bool can_serve(const struct master *master, const struct smmuv3 *smmu)
{
	unsigned int both = MASTER_READS | MASTER_WRITES;

	return master->driver && master->regs && (master->driver->can & both) == both &&
	       master->driver->length_min <= 4 && !master->driver->work_pages && master->iommu.link_count == 1 &&
	       master->iommu.link[0].iommu == &smmu->iommu;
}

/* Behind this instance, from this place of the list on; NULL. */
static struct master *next_behind(const struct smmuv3 *smmu, unsigned int from)
{
	for (unsigned int i = from; i < machine.master_count; i++) {
		if (can_serve(&machine.master[i], smmu)) {
			return &machine.master[i];
		}
	}
	return NULL;
}

static void take(unsigned int device, struct master *master)
{
	masters[device] = master;
	judge.sid[device] = master->iommu.link[0].sid[0];
	if (master->driver->driver.bind(&master->device, &master->driver->driver)) {
		fatal("a device does not do what it should");
	}
}

static bool choose(unsigned int i)
{
	struct master *first = next_behind(machine.smmu[i], 0);
	struct master *second = first ? next_behind(machine.smmu[i], (unsigned int)(first - machine.master) + 1) : NULL;

	if (machine.unusable[i] || !second) {
		return false;
	}
	judge.smmu = machine.smmu[i];
	take(JUDGE_FIRST, first);
	take(JUDGE_SECOND, second);
	for (unsigned int k = 0; k < machine.description.streams.smmu_count; k++) {
		described = machine.smmu_of[k] == (int)i ? &machine.description.streams.smmu[k] : described;
	}
	return true;
}

static void choose_other(void)
{
	for (unsigned int i = 0; i < machine.smmu_count; i++) {
		struct master *master = next_behind(machine.smmu[i], 0);

		if (machine.smmu[i] != judge.smmu && !machine.unusable[i] && master && !judge.other) {
			judge.other = machine.smmu[i];
			take(JUDGE_FOREIGN, master);
		}
	}
}

/* --- Interrupts. --- */

static bool on_event_interrupt(void *argument)
{
	judge.event_interrupts++;
	smmuv3_poll_events(argument);
	return true;
}

static bool on_gerror_interrupt(void *argument)
{
	smmuv3_poll_gerror(argument);
	return true;
}

static bool wire(struct judge *from)
{
	if (!described->eventq.present || !described->gerror.present ||
	    irqchip_enable(described->eventq.intid, described->eventq.edge, on_event_interrupt, from->smmu) ||
	    irqchip_enable(described->gerror.intid, described->gerror.edge, on_gerror_interrupt, from->smmu)) {
		return false;
	}
	from->smmu->event_interrupt = true;
	from->smmu->gerror_interrupt = true;
	return true;
}

static void unwire(void)
{
	if (judge.smmu->event_interrupt) {
		irqchip_disable(described->eventq.intid);
		irqchip_disable(described->gerror.intid);
	}
}

static void mask(struct judge *from, bool wanted)
{
	(void)from;
	if (wanted && !masked) {
		irq_state = arch_irq_save();
	} else if (!wanted && masked) {
		arch_irq_restore(irq_state);
	}
	masked = wanted;
}

/* --- Tests. --- */

/* As found, but for what hardware remembers. */
static void renew(struct smmuv3 *smmu)
{
	const char *name = smmu->iommu.name;
	unsigned int quirks = smmu->described_quirks;

	smmuv3_init(smmu, name, smmu->base, smmu->regs, smmu->coherent);
	smmu->described_quirks = quirks;
	if (smmuv3_inherit(smmu) || smmuv3_block(smmu)) {
		fatal("an SMMU cannot be inherited and blocked");
	}
}

static void begin(struct judge *from)
{
	mask(from, false);
	unwire();
	arena_init(memory, ARENA_SIZE);
	renew(from->smmu);
	if (from->other) {
		renew(from->other);
	}
	judge_clear(from);
}

static void end(struct judge *from)
{
	(void)from;
}

static void say(const char *line)
{
	print("%s\n", line);
}

static void describe(void)
{
	if (machine_read_tables(&machine, boot_device_tree()) || machine_enumerate(&machine)) {
		fatal("the machine's description cannot be used");
	}
	machine_populate(&machine);
	if (irqchip_init(&machine.description.gic) || irqchip_core_init()) {
		fatal("the interrupt controller cannot be used");
	}
	boot_timer_init(&machine.description.timer);
	boot_interrupts_enable();
	for (unsigned int i = 0; i < machine.smmu_count; i++) {
		machine.unusable[i] =
			machine.unusable[i] || smmuv3_inherit(machine.smmu[i]) || smmuv3_block(machine.smmu[i]);
	}
}

/* QEMU's facts (tests/README.md), not the driver's view. Old QEMUs' GBPA reads as zero. */
static void set_facts(void)
{
	bool old = judge.smmu->inherited.gbpa == 0;

	judge.name = "";
	judge.no_gbpa = old;
	judge.gbpa_found = judge.smmu->inherited.gbpa;
	judge.overflow_is_abort = true;
	judge.no_access_fault = old;
	judge.no_output_size_fault = old;
	judge.no_class = old;
	judge.cd_fetch_in_dword2 = true;
	judge.span_is_log2 = true;
	judge.reports_all_streams = true;
	judge.dies_of_reserved_fields = true;
	judge.silent_warm_permission = true;
	judge.no_concatenation = true;
	judge.cdmax_without_ssid = true;
	judge.dma_is_slow = true;
	judge.emits_32_bits = true;
	judge.no_ssid = true;
	judge.emulated = true;
	judge.nowhere = NOWHERE;
}

int main(void)
{
	struct judge_run run = {.judge = &judge, .begin = begin, .end = end};

	boot_fatal_register(&machine.bringup);
	boot_begin();
	describe();
	if (!memory_works()) {
		fatal("memset() or memcpy() does something else");
	}
	for (unsigned int i = 0; i < machine.smmu_count && !judge.smmu; i++) {
		(void)choose(i);
	}
	if (!judge.smmu) {
		fatal("no SMMUv3 has two devices behind it that read and write");
	}
	choose_other();
	for (unsigned int i = 0; i < JUDGE_PAGES; i++) {
		judge.page[i] = machine_dma_pages(&machine, 1);
	}
	memory = arena_allocate(ARENA_SIZE, PAGE_SIZE);
	if (!judge.page[JUDGE_PAGES - 1] || !memory) {
		fatal("no memory is left to test with");
	}
	set_facts();
	judge.fetch = fetch;
	judge.put = put;
	judge.wire = wire;
	judge.mask = mask;
	judge.say = say;
	judge_run_all(&run);
	judge_run_done(&run);
	boot_power_off();
}
