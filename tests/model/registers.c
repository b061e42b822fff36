/* SPDX-License-Identifier: BSD-2-Clause */
/* Register pages 0 and 1: reads, writes, forbidden writes. */
#include "state.h"

uint64_t reg64(const struct model *m, uint32_t offset)
{
	return m->reg[offset / 4] | ((uint64_t)m->reg[offset / 4 + 1] << 32);
}

bool is_enabled(const struct model *m, uint32_t cr0_bit)
{
	return m->reg[R_CR0ACK / 4] & cr0_bit;
}

bool is_active(const struct model *m, uint32_t gerror_bit)
{
	return (m->reg[R_GERROR / 4] ^ m->reg[R_GERRORN / 4]) & gerror_bit;
}

/* At most IDR1's size. */
unsigned int queue_log2(const struct model *m, uint32_t base)
{
	uint32_t idr1 = m->config.idr[1];
	unsigned int most = (unsigned int)(base == R_CMDQ_BASE ? field(idr1, 25, 21) : field(idr1, 20, 16));
	unsigned int log2 = m->reg[base / 4] & 0x1f;

	return log2 < most ? log2 : most;
}

/* Aligned down to the size. */
uint64_t queue_base(const struct model *m, uint32_t base, unsigned int entry_bits)
{
	unsigned int bits = queue_log2(m, base) + entry_bits;

	return field(reg64(m, base), 55, 5) << 5 & ~low_bits(bits > 5 ? bits : 5);
}

uint32_t queue_used(uint32_t prod, uint32_t cons, unsigned int log2)
{
	return (prod - cons) & ((2U << log2) - 1);
}

static uint32_t read_idr(const struct model *m, uint32_t offset)
{
	if (offset <= R_IDR5) {
		return m->config.idr[offset / 4];
	}
	return offset == R_IIDR ? m->config.iidr : m->config.aidr;
}

static bool is_eventq_index(uint32_t offset)
{
	return offset == R_EVENTQ_PROD || offset == R_EVENTQ_CONS;
}

/* The event queue's indices are in implementation-defined places; elsewhere they are zero. */
static bool is_here(struct model *m, uint32_t offset, uint32_t *canonical)
{
	bool page0 = offset == R_EVENTQ_PROD_PAGE0 || offset == R_EVENTQ_CONS_PAGE0;
	bool here = page0 ? m->config.page0_alias || m->config.page1_absent :
			    !(is_eventq_index(offset) && m->config.page1_absent);

	*canonical = page0 ? offset + R_EVENTQ_PROD - R_EVENTQ_PROD_PAGE0 : offset;
	if (!here) {
		complain(m, "register 0x%x: the event queue's indices are in page %d", offset, page0 ? 1 : 0);
	}
	return here;
}

static bool is_known(uint32_t offset)
{
	return offset <= R_CR2 || (offset >= R_STATUSR && offset <= R_AGBPA) ||
	       (offset >= R_IRQ_CTRL && offset <= R_IRQ_CTRLACK) ||
	       (offset >= R_GERROR && offset <= R_STRTAB_BASE_CFG) ||
	       (offset >= R_CMDQ_BASE && offset < R_EVENTQ_PROD_PAGE0) ||
	       (offset >= R_EVENTQ_IRQ_CFG0 && offset < R_PRIQ_BASE + 8) ||
	       (offset >= R_PRIQ_IRQ_CFG0 && offset <= R_PRIQ_IRQ_CFG2) ||
	       (offset >= R_ID_FIRST && offset <= R_ID_LAST) || is_eventq_index(offset) || offset == R_PRIQ_PROD ||
	       offset == R_PRIQ_CONS;
}

static uint32_t read_register(struct model *m, uint32_t offset)
{
	uint32_t at;

	if (offset <= R_AIDR) {
		return read_idr(m, offset);
	}
	if (!is_here(m, offset, &at)) {
		return 0;
	}
	if (!is_known(at)) {
		complain(m, "read of register 0x%x, which does not exist", offset);
		return 0;
	}
	return m->reg[at / 4];
}

static void write_cr1(struct model *m, uint32_t value)
{
	uint32_t tables = 0xfc0, queues = 0x3f, keep = 0, old = m->reg[R_CR1 / 4];

	if (((value ^ old) & tables) && is_guarded(m, CR0_SMMUEN, "CR1.TABLE_*")) {
		keep |= tables;
	}
	if (((value ^ old) & queues) && is_guarded(m, CR0_CMDQEN | CR0_EVENTQEN | CR0_PRIQEN, "CR1.QUEUE_*")) {
		keep |= queues;
	}
	m->reg[R_CR1 / 4] = ((old & keep) | (value & ~keep)) & (tables | queues);
}

static void write_guarded(struct model *m, uint32_t offset, uint32_t value, uint32_t cr0_bits, const char *name)
{
	if (!is_guarded(m, cr0_bits, name)) {
		m->reg[offset / 4] = value;
	}
}

static void write_irq_cfg(struct model *m, uint32_t offset, uint32_t value)
{
	if (offset <= R_GERROR_IRQ_CFG2) {
		if (is_irq_guarded(m, IRQ_GERROR, "GERROR_IRQ_CFG")) {
			return;
		}
	} else if (offset <= R_EVENTQ_IRQ_CFG2) {
		if (is_irq_guarded(m, IRQ_EVENTQ, "EVENTQ_IRQ_CFG")) {
			return;
		}
	} else if (is_irq_guarded(m, IRQ_PRIQ, "PRIQ_IRQ_CFG")) {
		return;
	}
	/* Absent without MSIs. */
	m->reg[offset / 4] = idr0(m) & IDR0_MSI ? value : 0;
}

static bool is_irq_cfg(uint32_t offset)
{
	return (offset >= R_GERROR_IRQ_CFG0 && offset <= R_GERROR_IRQ_CFG2) ||
	       (offset >= R_EVENTQ_IRQ_CFG0 && offset <= R_EVENTQ_IRQ_CFG2) ||
	       (offset >= R_PRIQ_IRQ_CFG0 && offset <= R_PRIQ_IRQ_CFG2);
}

static void write_queue_register(struct model *m, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case R_CMDQ_BASE:
	case R_CMDQ_BASE + 4:
		write_guarded(m, offset, value, CR0_CMDQEN, "CMDQ_BASE");
		break;
	case R_CMDQ_PROD:
		write_cmdq_prod(m, value);
		break;
	case R_CMDQ_CONS:
		m->cons_written = true;
		write_guarded(m, offset, value & (0x7f000000U | index_mask(queue_log2(m, R_CMDQ_BASE))), CR0_CMDQEN,
			      "CMDQ_CONS");
		break;
	case R_EVENTQ_BASE:
	case R_EVENTQ_BASE + 4:
		write_guarded(m, offset, value, CR0_EVENTQEN, "EVENTQ_BASE");
		break;
	case R_EVENTQ_PROD:
		write_guarded(m, offset, value & (QUEUE_FLAG | index_mask(queue_log2(m, R_EVENTQ_BASE))), CR0_EVENTQEN,
			      "EVENTQ_PROD");
		break;
	case R_EVENTQ_CONS:
		write_eventq_cons(m, value);
		break;
	default:
		complain(m, "write of register 0x%x, which does not exist or is read-only", offset);
	}
}

static void write_control(struct model *m, uint32_t offset, uint32_t value)
{
	switch (offset) {
	case R_CR0:
		write_cr0(m, value);
		break;
	case R_CR1:
		write_cr1(m, value);
		break;
	case R_CR2:
		write_guarded(m, offset, value & 0xf, CR0_SMMUEN, "CR2");
		break;
	case R_GBPA:
		write_gbpa(m, value);
		break;
	case R_IRQ_CTRL:
		write_irq_ctrl(m, value);
		break;
	case R_GERRORN:
		write_gerrorn(m, value);
		break;
	case R_STRTAB_BASE:
	case R_STRTAB_BASE + 4:
		write_guarded(m, offset, value, CR0_SMMUEN, "STRTAB_BASE");
		break;
	case R_STRTAB_BASE_CFG:
		write_guarded(m, offset, value & 0x307ff, CR0_SMMUEN, "STRTAB_BASE_CFG");
		break;
	default:
		write_queue_register(m, offset, value);
	}
}

static void write_register(struct model *m, uint32_t offset, uint32_t value)
{
	uint32_t at;

	if (!is_here(m, offset, &at)) {
		return;
	}
	if (is_irq_cfg(at)) {
		write_irq_cfg(m, at, value);
	} else if (at >= R_PRIQ_BASE && at < R_PRIQ_BASE + 8 && (idr0(m) & IDR0_PRI)) {
		write_guarded(m, at, value, CR0_PRIQEN, "PRIQ_BASE");
	} else {
		write_control(m, at, value);
	}
}

static bool begin(struct model *m, uint32_t offset, bool write)
{
	if (m->hooks.access) {
		m->hooks.access(m->hooks.context, m, offset, write);
	}
	if (offset % 4 || offset >= MODEL_PAGES_SIZE) {
		complain(m, "an access to 0x%x, which is misaligned or outside of the pages", offset);
		return false;
	}
	tick_acknowledgements(m);
	tick_commands(m, m->config.register_steps);
	return true;
}

uint32_t model_read32(struct model *model, uint32_t offset)
{
	model->counters.register_reads++;
	return begin(model, offset, false) ? read_register(model, offset) : 0;
}

static void log_write(struct model *m, uint32_t offset, uint64_t value)
{
	m->counters.register_writes++;
	log_entry(m, MODEL_LOG_WRITE, offset, &value, 1);
}

void model_write32(struct model *model, uint32_t offset, uint32_t value)
{
	log_write(model, offset, value);
	if (begin(model, offset, true)) {
		write_register(model, offset, value);
	}
}

static bool is_64_bits(uint32_t offset)
{
	return offset == R_STRTAB_BASE || offset == R_CMDQ_BASE || offset == R_EVENTQ_BASE || offset == R_PRIQ_BASE ||
	       offset == R_GERROR_IRQ_CFG0 || offset == R_EVENTQ_IRQ_CFG0 || offset == R_PRIQ_IRQ_CFG0;
}

uint64_t model_read64(struct model *model, uint32_t offset)
{
	model->counters.register_reads++;
	if (!is_64_bits(offset)) {
		complain(model, "a 64-bit read of register 0x%x", offset);
		return 0;
	}
	begin(model, offset, false);
	return read_register(model, offset) | ((uint64_t)read_register(model, offset + 4) << 32);
}

void model_write64(struct model *model, uint32_t offset, uint64_t value)
{
	log_write(model, offset, value);
	if (!is_64_bits(offset)) {
		complain(model, "a 64-bit write of register 0x%x", offset);
		return;
	}
	begin(model, offset, true);
	write_register(model, offset, (uint32_t)value);
	write_register(model, offset + 4, (uint32_t)(value >> 32));
}

uint32_t model_peek32(const struct model *model, uint32_t offset)
{
	if (offset % 4 || offset >= MODEL_PAGES_SIZE) {
		return 0;
	}
	return offset <= R_AIDR ? read_idr(model, offset) : model->reg[offset / 4];
}

void model_step(struct model *model)
{
	tick_acknowledgements(model);
	tick_commands(model, true);
}
