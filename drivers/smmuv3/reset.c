/* SPDX-License-Identifier: BSD-2-Clause */
/* GBPA, inherited state, denying everything (IHI 0070 6.3.9 to 6.3.18). */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>

#include "base/deadline.h"
#include "report/print.h"
#include "smmuv3/private.h"

/* GBPA needs UPDATE; one write sets all its fields. */
int smmuv3_write_gbpa(struct smmuv3 *smmu, uint32_t clear, uint32_t set)
{
	uint32_t value;
	int error = smmuv3_wait(smmu, "GBPA.UPDATE", SMMU_GBPA, GBPA_UPDATE, 0);

	if (error) {
		return error;
	}
	value = smmuv3_read(smmu, SMMU_GBPA);
	if ((value & (clear | set)) == set) {
		return 0;
	}
	(void)smmuv3_write(smmu, SMMU_GBPA, (value & ~clear) | set | GBPA_UPDATE);
	return smmuv3_wait(smmu, "GBPA.UPDATE", SMMU_GBPA, GBPA_UPDATE, 0);
}

static int reset_set_gbpa_abort(struct smmuv3 *smmu)
{
	int error = smmuv3_write_gbpa(smmu, 0, GBPA_ABORT);

	if (error) {
		return error;
	}
	if (smmu->gbpa_works) {
		return smmuv3_wait(smmu, "GBPA.ABORT", SMMU_GBPA, GBPA_ABORT, GBPA_ABORT);
	}
	/* Old QEMU has no GBPA: traffic bypasses while SMMUEN is clear. */
	smmu->gbpa_works = smmuv3_read(smmu, SMMU_GBPA) & GBPA_ABORT;
	return 0;
}

void smmuv3_init(struct smmuv3 *smmu, const char *name, uint64_t base, volatile uint8_t *regs, bool coherent)
{
	*smmu = (struct smmuv3){.regs = regs, .base = base, .coherent = coherent};
	smmu->iommu.name = name;
	smmu->iommu.ops = &smmuv3_ops;
	lock_init(&smmu->lock, LOCK_RANK_INSTANCE);
	lock_init(&smmu->cmdq_lock, LOCK_RANK_COMMAND_QUEUE);
	lock_init(&smmu->evtq_lock, LOCK_RANK_EVENT_QUEUE);
}

enum {
	IDR0,
	IDR1,
	IDR3,
	IDR5,
	IIDR,
	AIDR,
	CR0,
	GBPA,
	GERROR,
	GERRORN,
	STRTAB_BASE_LOW,
	STRTAB_BASE_HIGH,
	STRTAB_BASE_CFG,
	IRQ_CTRL,
	CMDQ_PROD,
	CMDQ_CONS,
	INHERITED_REGISTERS
};

/* Probing reads: a wrong base must not abort the run. */
static bool reset_read_all(const struct smmuv3 *smmu, uint32_t values[INHERITED_REGISTERS])
{
	static const uint8_t offsets[INHERITED_REGISTERS] = {
		[IDR0] = SMMU_IDR0,
		[IDR1] = SMMU_IDR1,
		[IDR3] = SMMU_IDR3,
		[IDR5] = SMMU_IDR5,
		[IIDR] = SMMU_IIDR,
		[AIDR] = SMMU_AIDR,
		[CR0] = SMMU_CR0,
		[GBPA] = SMMU_GBPA,
		[GERROR] = SMMU_GERROR,
		[GERRORN] = SMMU_GERRORN,
		[STRTAB_BASE_LOW] = SMMU_STRTAB_BASE,
		[STRTAB_BASE_HIGH] = SMMU_STRTAB_BASE + 4,
		[STRTAB_BASE_CFG] = SMMU_STRTAB_BASE_CFG,
		[IRQ_CTRL] = SMMU_IRQ_CTRL,
		[CMDQ_PROD] = SMMU_CMDQ_PROD,
		[CMDQ_CONS] = SMMU_CMDQ_CONS,
	};

	for (unsigned int i = 0; i < INHERITED_REGISTERS; i++) {
		if (!arch_probe_read32(smmu->regs + offsets[i], &values[i])) {
			return false;
		}
	}
	return true;
}

int smmuv3_inherit(struct smmuv3 *smmu)
{
	uint32_t values[INHERITED_REGISTERS];

	if (!reset_read_all(smmu, values)) {
		smmu->iommu.reason = "nothing answers at its base (external abort)";
		return -ENODEV;
	}
	if (values[IDR0] == 0 || values[IDR0] == 0xffffffffU) {
		smmu->iommu.reason = "its registers do not read as an SMMUv3's";
		return -ENODEV;
	}
	smmu->inherited = (struct smmuv3_inherited){
		.enabled = values[CR0] & CR0_SMMUEN,
		.aborts = values[GBPA] & GBPA_ABORT,
		.cr0 = values[CR0],
		.gbpa = values[GBPA],
		.gerror_active = values[GERROR] ^ values[GERRORN],
		.strtab_base =
			(values[STRTAB_BASE_LOW] | (uint64_t)values[STRTAB_BASE_HIGH] << 32) & STRTAB_BASE_ADDRESS_MASK,
		.strtab_base_cfg = values[STRTAB_BASE_CFG],
		.irq_ctrl = values[IRQ_CTRL],
		.cmdq_prod = values[CMDQ_PROD],
		.cmdq_cons = values[CMDQ_CONS],
	};
	smmu->cr0 = values[CR0];
	smmu->irq_ctrl = values[IRQ_CTRL];
	smmuv3_identify(&smmu->features, values[IDR0], values[IDR1], values[IDR5], values[IIDR], values[AIDR]);
	smmuv3_identify_idr3(&smmu->features, values[IDR3]);
	smmu->errata_effects = smmuv3_errata_effects(values[IIDR], smmu->described_quirks);
	return 0;
}

static bool reset_is_zero(const struct smmuv3 *smmu, unsigned int offset, unsigned int acknowledge, uint32_t known)
{
	return !known && !smmuv3_read(smmu, offset) && !smmuv3_read(smmu, acknowledge);
}

/* SMMUV3_ON until the acknowledge: the SMMU may translate, so changes are invalidated. */
static int reset_leave_service(struct smmuv3 *smmu, uint32_t cr0)
{
	int error = smmuv3_write_cr0(smmu, cr0);

	if (!error) {
		(void)smmuv3_set_health(smmu, SMMUV3_OFF);
	}
	return error;
}

int smmuv3_block(struct smmuv3 *smmu)
{
	/* GBPA first: clearing SMMUEN would bypass everything. */
	int error = reset_set_gbpa_abort(smmu);

	if (!error && !reset_is_zero(smmu, SMMU_CR0, SMMU_CR0ACK, smmu->cr0)) {
		error = reset_leave_service(smmu, 0);
	}
	if (!error && !reset_is_zero(smmu, SMMU_IRQ_CTRL, SMMU_IRQ_CTRLACK, smmu->irq_ctrl)) {
		error = smmuv3_write_irq_ctrl(smmu, 0);
	}
	return error;
}

int smmuv3_pause(struct smmuv3 *smmu)
{
	int error;

	smmuv3_begin_change(smmu);
	error = reset_leave_service(smmu, CR0_CMDQEN | CR0_EVENTQEN);
	smmuv3_end_change(smmu);
	return error;
}

bool smmuv3_queues_empty(const struct smmuv3 *smmu)
{
	uint32_t commands = smmuv3_read(smmu, SMMU_CMDQ_PROD) ^ smmuv3_read(smmu, SMMU_CMDQ_CONS);
	uint32_t events = smmuv3_read_events(smmu, SMMU_EVENTQ_PROD) ^ smmuv3_read_events(smmu, SMMU_EVENTQ_CONS);

	return !(commands & smmu->command_mask) && !(events & ~EVENTQ_OVERFLOW);
}

static bool reset_left_as_asked(const struct smmuv3 *smmu, enum smmuv3_handover policy)
{
	uint32_t wanted = (smmu->inherited.gbpa & ~(GBPA_ABORT | GBPA_UPDATE)) |
			  (policy == SMMUV3_HANDOVER_ABORT ? GBPA_ABORT : 0);

	return !(smmuv3_read(smmu, SMMU_CR0ACK) & CR0_IMPLEMENTED) && !smmuv3_has_error(smmu) &&
	       smmuv3_queues_empty(smmu) && (!smmu->gbpa_works || smmuv3_read(smmu, SMMU_GBPA) == wanted);
}

int smmuv3_hand_over(struct smmuv3 *smmu, enum smmuv3_handover policy)
{
	int error = reset_set_gbpa_abort(smmu);

	policy = smmu->is_kept ? SMMUV3_HANDOVER_ABORT : policy;
	smmuv3_poll_events(smmu);
	smmuv3_poll_gerror(smmu);
	if (!error) {
		error = smmuv3_pause(smmu);
	}
	/* Events of transactions under way. */
	smmuv3_poll_events(smmu);
	if (!error) {
		error = smmuv3_write_cr0(smmu, CR0_EVENTQEN);
	}
	if (!error) {
		error = smmuv3_write_cr0(smmu, 0);
	}
	if (!error) {
		error = smmuv3_write_irq_ctrl(smmu, 0);
	}
	if (!error && policy == SMMUV3_HANDOVER_BYPASS) {
		error = smmuv3_write_gbpa(smmu, GBPA_ABORT, 0);
	}
	return error ? error : reset_left_as_asked(smmu, policy) ? 0 : -EIO;
}
