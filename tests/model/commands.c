/* SPDX-License-Identifier: BSD-2-Clause */
/* The command queue: consumption, errors, completion by CMD_SYNC. */
#include "state.h"

#define OP_CFGI_FIRST 0x03U
#define OP_TLBI_LAST 0x30U
#define OP_RESUME 0x44U
#define OP_STALL_TERM 0x45U
#define OP_SYNC 0x46U

#define CS_IRQ 1U
#define CS_SEV 2U

static bool is_ready(const struct model *m)
{
	return is_enabled(m, CR0_CMDQEN) && !is_active(m, GERROR_CMDQ) && !m->sfm &&
	       m->reg[R_CMDQ_PROD / 4] != (m->reg[R_CMDQ_CONS / 4] & 0xfffff);
}

static void fail(struct model *m, enum model_cerror error, const struct command *c)
{
	m->reg[R_CMDQ_CONS / 4] = (m->reg[R_CMDQ_CONS / 4] & 0xfffff) | (uint32_t)error << 24;
	log_entry(m, MODEL_LOG_CERROR, (uint32_t)error, c->dword, 2);
	raise_gerror(m, GERROR_CMDQ);
}

static void advance(struct model *m)
{
	uint32_t cons = m->reg[R_CMDQ_CONS / 4], mask = (2U << queue_log2(m, R_CMDQ_BASE)) - 1;

	m->reg[R_CMDQ_CONS / 4] = (cons & 0x7f000000U) | ((cons + 1) & mask);
}

static bool fetch_command(struct model *m, struct command *c)
{
	uint32_t index = m->reg[R_CMDQ_CONS / 4] & ((1U << queue_log2(m, R_CMDQ_BASE)) - 1);

	c->dword[0] = c->dword[1] = 0;
	return memory_read(m, queue_base(m, R_CMDQ_BASE, 4) + 16ULL * index, c->dword, 2);
}

static void complete_invalidations(struct model *m)
{
	for (size_t i = 0; i < m->pending_count; i++) {
		invalidate(m, &m->pending[i]);
	}
	m->pending_count = 0;
}

static void signal_sync(struct model *m, const struct command *c)
{
	uint64_t address = field(c->dword[1], 55, 2) << 2;
	unsigned int signal = (unsigned int)field(c->dword[0], 13, 12);

	if (signal == CS_IRQ && address && (idr0(m) & IDR0_MSI)) {
		send_msi(m, address, field(c->dword[0], 63, 32), m->config.msi_64_bits ? 8 : 4, GERROR_MSI_CMDQ);
	}
	if (m->hooks.irq && signal == CS_IRQ) {
		m->hooks.irq(m->hooks.context, m, MODEL_IRQ_SYNC);
	}
	if (m->hooks.irq && signal == CS_SEV && (idr0(m) & IDR0_SEV)) {
		m->hooks.irq(m->hooks.context, m, MODEL_IRQ_SEV);
	}
}

/* Only a CMD_SYNC completes an invalidation. */
static void execute(struct model *m, const struct command *c)
{
	uint32_t opcode = c->dword[0] & 0xff, sid = (uint32_t)(c->dword[0] >> 32);

	if (opcode >= OP_CFGI_FIRST && opcode <= OP_TLBI_LAST) {
		*APPEND(m->pending, m->pending_count) = *c;
		if (m->config.eager) {
			complete_invalidations(m);
		}
	} else if (opcode == OP_RESUME) {
		resume(m, sid, (uint16_t)c->dword[1], c->dword[0] & (1U << 12), c->dword[0] & (1U << 13));
	} else if (opcode == OP_STALL_TERM) {
		terminate_stalls(m, false, sid);
	} else if (opcode == OP_SYNC) {
		m->counters.syncs++;
		complete_invalidations(m);
	}
}

static bool is_same(const struct command *a, const struct command *b)
{
	return a->dword[0] == b->dword[0] && a->dword[1] == b->dword[1];
}

/* Illegal until software replaces it. */
static bool is_injected(struct model *m, const struct command *c)
{
	if (m->refused_valid && is_same(&m->refused, c)) {
		fail(m, MODEL_CERROR_ILL, c);
		return true;
	}
	m->refused_valid = false;
	m->fetched++;
	if (m->fetched != m->fail_at) {
		return false;
	}
	m->refused = *c;
	m->refused_valid = m->fail_with == MODEL_CERROR_ILL;
	fail(m, m->fail_with, c);
	return true;
}

static void consume(struct model *m)
{
	struct command c;

	if (!fetch_command(m, &c)) {
		fail(m, MODEL_CERROR_ABT, &c);
		return;
	}
	if (is_injected(m, &c)) {
		return;
	}
	if (!command_is_legal(m, &c)) {
		fail(m, MODEL_CERROR_ILL, &c);
		return;
	}
	m->counters.commands++;
	log_entry(m, MODEL_LOG_COMMAND, c.dword[0] & 0xff, c.dword, 2);
	execute(m, &c);
	/* Signalled once all that it completes is visible; consumed no later. */
	advance(m);
	if ((c.dword[0] & 0xff) == OP_SYNC) {
		signal_sync(m, &c);
	}
}

static bool hangs(const struct model *m)
{
	return m->hang_at && m->fetched + 1 >= m->hang_at;
}

/* Hooks may ring the doorbell: the outer call goes on with that. */
void kick_commands(struct model *m)
{
	if (m->config.hold_commands || m->consuming) {
		return;
	}
	if (m->config.command_delay) {
		m->command_wait = m->command_wait ? m->command_wait : m->config.command_delay;
		return;
	}
	m->consuming = true;
	while (is_ready(m) && !hangs(m)) {
		consume(m);
	}
	m->consuming = false;
}

void tick_commands(struct model *m, bool by_step)
{
	bool due = by_step && m->config.hold_commands;

	if (m->consuming || !is_ready(m) || hangs(m)) {
		return;
	}
	if (!m->config.hold_commands && m->config.command_delay) {
		m->command_wait -= m->command_wait ? 1 : 0;
		due = !m->command_wait;
	}
	if (due) {
		m->command_wait = m->config.command_delay;
		m->consuming = true;
		consume(m);
		m->consuming = false;
	}
}
