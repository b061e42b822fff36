/* SPDX-License-Identifier: BSD-2-Clause */
/* Doorbells, consumption, acknowledgements. */
#include "state.h"

void write_gerrorn(struct model *m, uint32_t value)
{
	uint32_t toggled = value ^ m->reg[R_GERRORN / 4];
	uint32_t inactive = toggled & ~(m->reg[R_GERROR / 4] ^ m->reg[R_GERRORN / 4]);

	if (inactive) {
		complain(m, "GERRORN toggles 0x%x, which is not active", inactive);
	}
	/* Permanent: no driver will toggle GERROR back. */
	m->reg[R_GERRORN / 4] = value & GERROR_BITS;
	record_stalls(m);
	kick_commands(m);
}

uint32_t index_mask(unsigned int log2)
{
	return (2U << log2) - 1;
}

/* During CMDQ_ERR, software may take commands back, down to CONS. */
static void check_prod(struct model *m, uint32_t old, uint32_t value)
{
	unsigned int log2 = queue_log2(m, R_CMDQ_BASE);
	uint32_t cons = m->reg[R_CMDQ_CONS / 4];
	uint32_t used = queue_used(value, cons, log2), before = queue_used(old, cons, log2);

	if (value & ~index_mask(log2)) {
		complain(m, "CMDQ_PROD 0x%x has bits beyond the wrap bit", value);
	}
	if (used > 1U << log2) {
		complain(m, "CMDQ_PROD 0x%x passes CMDQ_CONS 0x%x by more than the queue's size", value, cons);
	} else if (used < before && !is_active(m, GERROR_CMDQ)) {
		complain(m, "CMDQ_PROD goes backwards from 0x%x to 0x%x", old, value);
	}
}

void write_cmdq_prod(struct model *m, uint32_t value)
{
	uint32_t old = m->reg[R_CMDQ_PROD / 4];

	m->counters.prod_writes++;
	if (is_enabled(m, CR0_CMDQEN)) {
		check_prod(m, old, value);
	} else if (m->cons_written && queue_used(value, m->reg[R_CMDQ_CONS / 4], queue_log2(m, R_CMDQ_BASE))) {
		complain(m, "CMDQ_PROD 0x%x is a doorbell while CMDQEN is clear", value);
	}
	m->reg[R_CMDQ_PROD / 4] = value & 0xfffff & index_mask(queue_log2(m, R_CMDQ_BASE));
	kick_commands(m);
}

static void check_eventq_cons(struct model *m, uint32_t old, uint32_t value)
{
	unsigned int log2 = queue_log2(m, R_EVENTQ_BASE);
	uint32_t prod = m->reg[R_EVENTQ_PROD / 4];
	uint32_t left = queue_used(prod, value, log2), before = queue_used(prod, old, log2);

	if (value & ~QUEUE_FLAG & ~index_mask(log2)) {
		complain(m, "EVENTQ_CONS 0x%x has bits beyond the wrap bit", value);
	}
	if (left > before) {
		complain(m, "EVENTQ_CONS goes from 0x%x to 0x%x, which is backwards or past EVENTQ_PROD 0x%x", old,
			 value, prod);
	}
	if (((value ^ old) & QUEUE_FLAG) && !((prod ^ old) & QUEUE_FLAG)) {
		complain(m, "EVENTQ_CONS.OVACKFLG is toggled without an overflow");
	}
}

void write_eventq_cons(struct model *m, uint32_t value)
{
	if (is_enabled(m, CR0_EVENTQEN)) {
		check_eventq_cons(m, m->reg[R_EVENTQ_CONS / 4], value);
	}
	m->reg[R_EVENTQ_CONS / 4] = value & (QUEUE_FLAG | index_mask(queue_log2(m, R_EVENTQ_BASE)));
	record_stalls(m);
}
