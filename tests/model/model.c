/* SPDX-License-Identifier: BSD-2-Clause */
/* An SMMU's creation and end, its kinds, and the faults to inject. */
#include <stdlib.h>
#include <string.h>

#include "state.h"

#define LITTLE_ENDIAN_TABLES (2U << 21)
#define TWO_LEVELS (1U << 27)
#define NO_STALLS (1U << 24)
#define UNKNOWN_PATTERN 0x5a5a5a5aU

#define IDR1(sid, ssid, queue) ((uint32_t)(sid) | ((ssid) << 6) | ((queue) << 16) | ((queue) << 21) | (3U << 26))

#define COMMON .gbpa = true, .gbpa_reset = 0x1000, .unknown = UNKNOWN_PATTERN, .strict = true

const struct model_config model_full = {
	COMMON,
	.idr = {IDR0_S2P | IDR0_S1P | IDR0_AARCH64 | 0x10 | IDR0_HYP | IDR0_ASID16 | IDR0_VMID16 | IDR0_CD2L |
			LITTLE_ENDIAN_TABLES | TWO_LEVELS,
		IDR1(16U, 4U, 10U), 0, IDR3_RIL, 0, 0x00100075},
	.aidr = 2,
};

const struct model_config model_s1_only = {
	COMMON,
	.idr = {IDR0_S1P | IDR0_AARCH64 | 0x10 | IDR0_ASID16 | LITTLE_ENDIAN_TABLES | TWO_LEVELS | NO_STALLS,
		IDR1(16U, 0U, 8U), 0, IDR3_RIL, 0, 0x74},
	.aidr = 2,
};

const struct model_config model_s2_only = {
	COMMON,
	.idr = {IDR0_S2P | IDR0_AARCH64 | 0x10 | IDR0_VMID16 | LITTLE_ENDIAN_TABLES | TWO_LEVELS | NO_STALLS,
		IDR1(16U, 0U, 8U), 0, IDR3_RIL, 0, 0x75},
	.aidr = 2,
};

const struct model_config model_min = {
	COMMON,
	.idr = {IDR0_S1P | IDR0_AARCH64 | LITTLE_ENDIAN_TABLES | NO_STALLS | IDR0_TERM_MODEL, IDR1(6U, 0U, 3U), 0, 0, 0,
		0x12},
};

const struct model_config model_qemu = {
	.gbpa = true,
	.gbpa_reset = 0x1000,
	.strict = true,
	.page0_alias = true,
	.idr = {0x0d44101b, 0x02730010, 0, 0x1414, 0, 0x74},
	.aidr = 1,
};

struct model *model_create(const struct model_config *config, const struct model_memory *memory)
{
	struct model *m = calloc(1, sizeof(*m));

	if (!m) {
		abort();
	}
	m->config = *config;
	m->memory = *memory;
	model_reset(m);
	return m;
}

static void clear_caches(struct model *m)
{
	m->structure_count = 0;
	m->tlb_count = 0;
}

void model_destroy(struct model *model)
{
	model_forget_complaints(model);
	free(model->log);
	free(model->pending);
	free(model->structures);
	free(model->tlb);
	free(model->stalls);
	free(model);
}

static void set_unknown(struct model *m, uint32_t first, uint32_t last, uint32_t mask)
{
	for (uint32_t at = first; at <= last; at += 4) {
		m->reg[at / 4] = m->config.unknown & mask;
	}
}

static void reset_unknown(struct model *m)
{
	set_unknown(m, R_CR1, R_CR1, 0xfff);
	set_unknown(m, R_CR2, R_CR2, 0xf);
	set_unknown(m, R_STRTAB_BASE, R_STRTAB_BASE + 4, 0x00ffffc0);
	set_unknown(m, R_STRTAB_BASE_CFG, R_STRTAB_BASE_CFG, 0x307ff);
	set_unknown(m, R_CMDQ_BASE, R_CMDQ_BASE + 4, 0x00ffffff);
	set_unknown(m, R_CMDQ_PROD, R_CMDQ_PROD, 0xf);
	set_unknown(m, R_EVENTQ_BASE, R_EVENTQ_BASE + 4, 0x00ffffff);
	set_unknown(m, R_EVENTQ_PROD, R_EVENTQ_PROD, 0xf);
	/* So that a driver that keeps the indices finds no empty queue. */
	set_unknown(m, R_CMDQ_CONS, R_CMDQ_CONS, 0x5);
	set_unknown(m, R_EVENTQ_CONS, R_EVENTQ_CONS, 0x5);
	if (idr0(m) & IDR0_MSI) {
		set_unknown(m, R_GERROR_IRQ_CFG0, R_GERROR_IRQ_CFG2, 0x00fffffc);
		set_unknown(m, R_EVENTQ_IRQ_CFG0, R_EVENTQ_IRQ_CFG2, 0x00fffffc);
	}
}

void model_reset(struct model *model)
{
	terminate_stalls(model, true, 0);
	memset(model->reg, 0, sizeof(model->reg));
	memset(&model->cr0, 0, sizeof(model->cr0));
	memset(&model->irq, 0, sizeof(model->irq));
	memset(&model->gbpa, 0, sizeof(model->gbpa));
	model->sfm = false;
	model->consuming = false;
	model->cons_written = false;
	model->refused_valid = false;
	model->pending_count = 0;
	model->invalidated_structures = model->invalidated_el1 = model->invalidated_el2 = model->config.caches_clean;
	if (model->config.caches_clean) {
		clear_caches(model);
	}
	reset_unknown(model);
	model->reg[R_GBPA / 4] = model->config.gbpa ? model->config.gbpa_reset : 0;
}

struct model_config *model_config(struct model *model)
{
	return &model->config;
}

void model_set_hooks(struct model *model, const struct model_hooks *hooks)
{
	model->hooks = *hooks;
}

void model_fail_command(struct model *model, unsigned int nth, enum model_cerror error)
{
	model->fail_at = nth ? model->fetched + nth : 0;
	model->fail_with = error;
}

void model_hang_at_command(struct model *model, unsigned int nth)
{
	model->hang_at = nth ? model->fetched + nth : 0;
	kick_commands(model);
}

void model_inject_event(struct model *model, const uint64_t record[4])
{
	record_event(model, record, false);
}

void model_set_gerror(struct model *model, uint32_t bits)
{
	model->sfm = model->sfm || (bits & GERROR_SFM);
	raise_gerror(model, bits);
}
