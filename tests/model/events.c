/* SPDX-License-Identifier: BSD-2-Clause */
/* The event queue (records: IHI 0070, 7.3), global errors, interrupts. */
#include "state.h"

#define RECORD_BITS 5U

bool send_msi(struct model *m, uint64_t address, uint64_t data, size_t size, uint32_t gerror_bit)
{
	uint8_t bytes[8];

	for (unsigned int i = 0; i < sizeof(bytes); i++) {
		bytes[i] = (uint8_t)(data >> (8 * i));
	}
	if (memory_write_bytes(m, address, bytes, size)) {
		return true;
	}
	raise_gerror(m, gerror_bit);
	return false;
}

static void interrupt(struct model *m, uint32_t enable, enum model_irq irq, uint32_t cfg, uint32_t abort_bit)
{
	uint64_t address = reg64(m, cfg) & 0x00fffffffffffffcULL;

	if (!(m->reg[R_IRQ_CTRLACK / 4] & enable)) {
		return;
	}
	if ((idr0(m) & IDR0_MSI) && address) {
		send_msi(m, address, m->reg[cfg / 4 + 2], 4, abort_bit);
	} else if (m->hooks.irq) {
		m->hooks.irq(m->hooks.context, m, irq);
	}
}

void raise_gerror(struct model *m, uint32_t bits)
{
	uint32_t new = bits & ~(m->reg[R_GERROR / 4] ^ m->reg[R_GERRORN / 4]);

	m->reg[R_GERROR / 4] ^= new;
	/* An aborted MSI of GERROR raises no other one. */
	if (new & ~GERROR_MSI_GERROR) {
		interrupt(m, IRQ_GERROR, MODEL_IRQ_GERROR, R_GERROR_IRQ_CFG0, GERROR_MSI_GERROR);
	}
}

static void overflow(struct model *m)
{
	if (!((m->reg[R_EVENTQ_PROD / 4] ^ m->reg[R_EVENTQ_CONS / 4]) & QUEUE_FLAG)) {
		m->reg[R_EVENTQ_PROD / 4] ^= QUEUE_FLAG;
	}
}

static bool is_room(struct model *m, bool is_stall)
{
	unsigned int log2 = queue_log2(m, R_EVENTQ_BASE);

	if (m->sfm || !is_enabled(m, CR0_EVENTQEN) || is_active(m, GERROR_EVENTQ_ABT)) {
		return false;
	}
	if (queue_used(m->reg[R_EVENTQ_PROD / 4], m->reg[R_EVENTQ_CONS / 4], log2) >= 1U << log2) {
		if (!is_stall) {
			overflow(m);
		}
		return false;
	}
	return true;
}

static bool append(struct model *m, const uint64_t record[4])
{
	unsigned int log2 = queue_log2(m, R_EVENTQ_BASE);
	uint32_t prod = m->reg[R_EVENTQ_PROD / 4], mask = (2U << log2) - 1;
	bool was_empty = !queue_used(prod, m->reg[R_EVENTQ_CONS / 4], log2);
	uint64_t at = queue_base(m, R_EVENTQ_BASE, RECORD_BITS) + ((prod & (mask >> 1)) << RECORD_BITS);

	if (!memory_write(m, at, record, 4)) {
		raise_gerror(m, GERROR_EVENTQ_ABT);
		return false;
	}
	m->reg[R_EVENTQ_PROD / 4] = (prod & QUEUE_FLAG) | ((prod + 1) & mask);
	m->counters.events++;
	log_entry(m, MODEL_LOG_EVENT, (uint32_t)field(record[0], 7, 0), record, 4);
	if (was_empty) {
		interrupt(m, IRQ_EVENTQ, MODEL_IRQ_EVENTQ, R_EVENTQ_IRQ_CFG0, GERROR_MSI_EVENTQ);
	}
	return true;
}

bool record_event(struct model *m, const uint64_t record[4], bool is_stall)
{
	if (is_room(m, is_stall)) {
		/* A stalled record that an abort lost is not repeated. */
		return append(m, record) || is_stall;
	}
	if (!is_stall) {
		m->counters.lost_events++;
	}
	return false;
}

static bool has_address(enum event event)
{
	return event >= F_WALK_EABT;
}

void make_record(const struct model_access *access, const struct want *want, const struct fault *fault,
		 uint64_t record[4])
{
	record[0] = (uint64_t)fault->event | (uint64_t)access->sid << 32;
	record[0] |= access->ssid_valid ? 1ULL << 11 | (uint64_t)(access->ssid & 0xfffff) << 12 : 0;
	record[1] = record[2] = record[3] = 0;
	if (fault->event == F_STE_FETCH || fault->event == F_CD_FETCH) {
		record[3] = fault->address & low_bits(56) & ~low_bits(3);
	}
	if (!has_address(fault->event)) {
		return;
	}
	record[1] |= want->privileged ? 1ULL << 33 : 0;
	record[1] |= want->execute && !want->write ? 1ULL << 34 : 0;
	record[1] |= want->write ? 0 : 1ULL << 35;
	record[1] |= fault->stage2 ? 1ULL << 39 : 0;
	record[1] |= (uint64_t)fault->class << 40;
	record[2] = access->address;
	if (fault->event == F_WALK_EABT) {
		record[3] = fault->address & low_bits(56) & ~low_bits(3);
	} else if (fault->stage2) {
		record[3] = fault->address & low_bits(56) & ~low_bits(12);
	}
}
