/* SPDX-License-Identifier: BSD-2-Clause */
/* CR0, IRQ_CTRL, GBPA: a write takes effect with its acknowledgement. */
#include "state.h"

static uint32_t implemented_cr0(const struct model *m)
{
	uint32_t bits = CR0_SMMUEN | CR0_EVENTQEN | CR0_CMDQEN;

	bits |= idr0(m) & IDR0_PRI ? CR0_PRIQEN : 0;
	bits |= idr0(m) & IDR0_ATS ? CR0_ATSCHK : 0;
	bits |= idr0(m) & IDR0_VMW ? CR0_VMW : 0;
	return bits;
}

static uint32_t implemented_irqs(const struct model *m)
{
	return IRQ_GERROR | IRQ_EVENTQ | (idr0(m) & IDR0_PRI ? IRQ_PRIQ : 0);
}

/* From the enable's write until its removal is acknowledged. */
bool is_guarded(struct model *m, uint32_t cr0_bits, const char *name)
{
	uint32_t set = (m->reg[R_CR0 / 4] | m->reg[R_CR0ACK / 4]) & cr0_bits;

	if (set) {
		complain(m, "%s written while 0x%x of CR0 or CR0ACK is set", name, set);
	}
	return set;
}

bool is_irq_guarded(struct model *m, uint32_t irq_bit, const char *name)
{
	uint32_t set = (m->reg[R_IRQ_CTRL / 4] | m->reg[R_IRQ_CTRLACK / 4]) & irq_bit;

	if (set) {
		complain(m, "%s written while its interrupt is enabled", name);
	}
	return set;
}

static void check_table_format(struct model *m, uint32_t cfg, unsigned int log2)
{
	uint64_t format = field(cfg, 17, 16), split = field(cfg, 10, 6);
	uint64_t levels = field(idr0(m), 28, 27), sid_bits = field(m->config.idr[1], 5, 0);

	if (format > 1 || (format == 1 && levels != 1)) {
		complain(m, "STRTAB_BASE_CFG.FMT %u is not supported", (unsigned int)format);
	}
	if (format == 1 && split != 6 && split != 8 && split != 10) {
		complain(m, "STRTAB_BASE_CFG.SPLIT %u is not 6, 8 or 10", (unsigned int)split);
	}
	if (log2 > sid_bits) {
		complain(m, "STRTAB_BASE_CFG.LOG2SIZE %u is beyond IDR1.SIDSIZE %u", log2, (unsigned int)sid_bits);
	}
}

static void check_stream_table(struct model *m)
{
	uint32_t cfg = m->reg[R_STRTAB_BASE_CFG / 4];
	unsigned int log2 = cfg & 0x3f, split = (unsigned int)field(cfg, 10, 6);
	unsigned int bits = log2 + 6;
	uint64_t base = reg64(m, R_STRTAB_BASE) & low_bits(56);

	check_table_format(m, cfg, log2);
	if (field(cfg, 17, 16) == 1) {
		bits = log2 > split + 3 ? log2 - split + 3 : 6;
	}
	if (base & low_bits(bits)) {
		complain(m, "STRTAB_BASE 0x%llx is not aligned to the table's size", (unsigned long long)base);
	}
	if (base > low_bits(oas(m))) {
		complain(m, "STRTAB_BASE 0x%llx is beyond the output address size", (unsigned long long)base);
	}
}

static void check_caches_clean(struct model *m)
{
	if (!m->invalidated_structures || !m->invalidated_el1) {
		complain(m, "SMMUEN is set while caches have what they had before reset");
	}
	if ((idr0(m) & IDR0_HYP) && !m->invalidated_el2) {
		complain(m, "SMMUEN is set while the TLB has EL2 entries from before reset");
	}
}

static void check_queue(struct model *m, uint32_t base, const char *name, unsigned int entry_bits)
{
	uint64_t value = reg64(m, base), address = field(value, 55, 5) << 5;
	unsigned int log2 = value & 0x1f, bits = queue_log2(m, base) + entry_bits;

	if (log2 > queue_log2(m, base)) {
		complain(m, "%s.LOG2SIZE %u is beyond IDR1", name, log2);
	}
	if (address & low_bits(bits)) {
		complain(m, "%s 0x%llx is not aligned to the queue's size", name, (unsigned long long)address);
	}
	if (address > low_bits(oas(m))) {
		complain(m, "%s 0x%llx is beyond the output address size", name, (unsigned long long)address);
	}
}

static void check_indices(struct model *m, uint32_t base, uint32_t prod, uint32_t cons, const char *name)
{
	unsigned int log2 = queue_log2(m, base);

	if (queue_used(m->reg[prod / 4], m->reg[cons / 4], log2) > 1U << log2) {
		complain(m, "%s is enabled with PROD 0x%x and CONS 0x%x, which is more than it holds", name,
			 m->reg[prod / 4], m->reg[cons / 4]);
	}
}

static void check_enabled(struct model *m, uint32_t enabled)
{
	if (enabled & CR0_CMDQEN) {
		check_queue(m, R_CMDQ_BASE, "CMDQ_BASE", 4);
		check_indices(m, R_CMDQ_BASE, R_CMDQ_PROD, R_CMDQ_CONS, "the command queue");
	}
	if (enabled & CR0_EVENTQEN) {
		check_queue(m, R_EVENTQ_BASE, "EVENTQ_BASE", 5);
		check_indices(m, R_EVENTQ_BASE, R_EVENTQ_PROD, R_EVENTQ_CONS, "the event queue");
	}
	if (enabled & CR0_SMMUEN) {
		check_stream_table(m);
		check_caches_clean(m);
	}
}

static void acknowledge_cr0(struct model *m)
{
	uint32_t old = m->reg[R_CR0ACK / 4];
	uint32_t target = m->reg[R_CR0 / 4] & implemented_cr0(m);

	m->reg[R_CR0ACK / 4] = (target & ~m->config.never_ack_cr0) | (old & m->config.never_ack_cr0);
	if (old & ~target & CR0_CMDQEN) {
		m->cons_written = false;
	}
	if (old & ~target & CR0_SMMUEN) {
		terminate_stalls(m, true, 0);
	}
	if (target & ~old & CR0_EVENTQEN) {
		record_stalls(m);
	}
	kick_commands(m);
}

static void acknowledge_gbpa(struct model *m)
{
	m->reg[R_GBPA / 4] &= 0x7fffffffU;
}

static bool tick(struct countdown *c)
{
	if (!c->running) {
		return false;
	}
	if (c->left) {
		c->left--;
	}
	c->running = c->left;
	return !c->running;
}

void tick_acknowledgements(struct model *m)
{
	if (tick(&m->cr0)) {
		acknowledge_cr0(m);
	}
	if (tick(&m->irq) && !m->config.never_ack_irq) {
		m->reg[R_IRQ_CTRLACK / 4] = m->reg[R_IRQ_CTRL / 4];
	}
	if (tick(&m->gbpa) && !m->config.never_ack_gbpa) {
		acknowledge_gbpa(m);
	}
}

static bool start(const struct model *m, struct countdown *c)
{
	c->left = m->config.ack_delay;
	c->running = c->left;
	return !c->running;
}

void write_cr0(struct model *m, uint32_t value)
{
	uint32_t old = m->reg[R_CR0 / 4], implemented = implemented_cr0(m);
	uint32_t unacknowledged = (old ^ m->reg[R_CR0ACK / 4]) & implemented;

	if (value & ~implemented) {
		complain(m, "CR0 0x%x has bits that are not implemented", value);
	}
	if (unacknowledged & (old ^ value)) {
		complain(m, "CR0 0x%x alters 0x%x again before that is acknowledged", value,
			 unacknowledged & (old ^ value));
	} else if (unacknowledged && value != old) {
		complain(m, "CR0 written while a previous update, 0x%x, is not acknowledged", unacknowledged);
	}
	m->reg[R_CR0 / 4] = value & implemented;
	check_enabled(m, value & ~old & implemented);
	if (start(m, &m->cr0)) {
		acknowledge_cr0(m);
	}
}

void write_irq_ctrl(struct model *m, uint32_t value)
{
	if (value & ~implemented_irqs(m)) {
		complain(m, "IRQ_CTRL 0x%x has bits that are not implemented", value);
	}
	if (m->reg[R_IRQ_CTRL / 4] != m->reg[R_IRQ_CTRLACK / 4] && value != m->reg[R_IRQ_CTRL / 4]) {
		complain(m, "IRQ_CTRL written while a previous update is not acknowledged");
	}
	m->reg[R_IRQ_CTRL / 4] = value & implemented_irqs(m);
	if (start(m, &m->irq) && !m->config.never_ack_irq) {
		m->reg[R_IRQ_CTRLACK / 4] = m->reg[R_IRQ_CTRL / 4];
	}
}

void write_gbpa(struct model *m, uint32_t value)
{
	if (!m->config.gbpa) {
		return;
	}
	if (m->reg[R_GBPA / 4] >> 31) {
		complain(m, "GBPA written while UPDATE is set");
		return;
	}
	if (!(value >> 31)) {
		complain(m, "GBPA written without UPDATE");
		return;
	}
	m->reg[R_GBPA / 4] = value & 0x801f3f1fU;
	if (start(m, &m->gbpa) && !m->config.never_ack_gbpa) {
		acknowledge_gbpa(m);
	}
}
