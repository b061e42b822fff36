/* SPDX-License-Identifier: BSD-2-Clause */
/* The life of an instance: health, block, start, enable, stop, hand over (IHI 0070 6.3.9 to 6.3.18). */
#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "smmuv3/private.h"

/* Inlined: AArch32 +32 bytes. */
__attribute__((noinline)) bool smmuv3_set_health(struct smmuv3 *smmu, enum smmuv3_health health)
{
	uint32_t now = atomic_load(&smmu->health);

	while (now != health && (now <= SMMUV3_ON || health > now)) {
		if (atomic_compare_exchange_weak(&smmu->health, &now, health)) {
			if (health > SMMUV3_ON) {
				iommu_raise(&smmu->iommu);
			}
			return true;
		}
	}
	return false;
}

void smmuv3_renew_health(struct smmuv3 *smmu)
{
	atomic_store(&smmu->health, SMMUV3_OFF);
}

static int life_set_gbpa_abort(struct smmuv3 *smmu)
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

static bool life_is_zero(const struct smmuv3 *smmu, unsigned int offset, unsigned int acknowledge, uint32_t known)
{
	return !known && !smmuv3_read(smmu, offset) && !smmuv3_read(smmu, acknowledge);
}

/* Stays SMMUV3_ON until the acknowledge: the SMMU may translate, so changes are invalidated. */
static int life_leave_service(struct smmuv3 *smmu, uint32_t cr0)
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
	int error = life_set_gbpa_abort(smmu);

	if (!error && !life_is_zero(smmu, SMMU_CR0, SMMU_CR0ACK, smmu->cr0)) {
		error = life_leave_service(smmu, 0);
	}
	if (!error && !life_is_zero(smmu, SMMU_IRQ_CTRL, SMMU_IRQ_CTRLACK, smmu->irq_ctrl)) {
		error = smmuv3_write_irq_ctrl(smmu, 0);
	}
	return error;
}

static int life_allocate(struct smmuv3 *smmu)
{
	int error = smmuv3_stream_table_allocate(smmu);

	if (!error) {
		error = smmuv3_queue_allocate(&smmu->cmdq, smmu->features.cmdq_log2, sizeof(struct command));
	}
	if (!error) {
		error = smmuv3_queue_allocate(&smmu->evtq, smmu->features.evtq_log2, sizeof(struct event_record));
	}
	if (!error) {
		/*
		 * Cleans the cores' zeroes out: written back later, they would overwrite records of an SMMU that does
		 * not snoop.
		 */
		smmuv3_publish(smmu, smmu->evtq.entries, (uint32_t)sizeof(struct event_record) << smmu->evtq.log2);
	}
	if (!error && !smmu->cd) {
		smmu->cd = arena_reserve(sizeof(struct cd) * SMMUV3_IDS_MAX, sizeof(struct cd));
		error = smmu->cd ? 0 : -ENOMEM;
	}
	if (!error && !smmu->domain) {
		/* For all domains, now: later only tables take memory. */
		smmu->domain =
			arena_reserve(sizeof(*smmu->domain) * SMMUV3_DOMAINS_MAX, _Alignof(struct smmuv3_domain));
		error = smmu->domain ? 0 : -ENOMEM;
	}
	if (!error && !smmu->empty_ste) {
		smmu->empty_ste = arena_reserve(sizeof(struct ste), _Alignof(struct ste));
		error = smmu->empty_ste ? 0 : -ENOMEM;
	}
	if (!error && !smmu->empty) {
		smmu->empty = (struct smmuv3_domain *)smmuv3_domain_allocate(&smmu->iommu);
		error = smmu->empty ? 0 : -ENOMEM;
	}
	if (!error) {
		smmuv3_ste_of(smmu, smmu->empty, smmu->empty_ste);
	}
	return error;
}

static uint32_t life_memory_attributes(const struct smmuv3 *smmu)
{
	uint32_t cacheability = smmu->coherent ? CACHE_WRITE_BACK : 0;
	uint32_t share = smmu->coherent ? SHARE_INNER : SHARE_OUTER;

	return FIELD_PUT32(CR1_QUEUE_IC, cacheability) | FIELD_PUT32(CR1_QUEUE_OC, cacheability) |
	       FIELD_PUT32(CR1_QUEUE_SH, share) | FIELD_PUT32(CR1_TABLE_IC, cacheability) |
	       FIELD_PUT32(CR1_TABLE_OC, cacheability) | FIELD_PUT32(CR1_TABLE_SH, share);
}

static int life_program_stream_table(struct smmuv3 *smmu)
{
	const void *base;
	uint64_t size;
	uint32_t config;
	int error;

	smmuv3_stream_table_program(smmu, &config, &base, &size);
	error = smmuv3_write_base(smmu, SMMU_STRTAB_BASE, "STRTAB_BASE", arch_phys(base), size, STRTAB_BASE_RA);
	return error ? error : smmuv3_write(smmu, SMMU_STRTAB_BASE_CFG, config);
}

/* SMMUEN, CMDQEN, EVENTQEN and interrupts are clear. */
static int life_program(struct smmuv3 *smmu)
{
	int error = smmuv3_write(smmu, SMMU_CR1, life_memory_attributes(smmu));

	if (!error) {
		error = smmuv3_turn_messages_off(smmu);
	}
	if (!error) {
		error = smmuv3_write(smmu, SMMU_CR2, CR2_PTM | CR2_RECINVSID);
	}
	if (!error) {
		error = life_program_stream_table(smmu);
	}
	if (!error) {
		error = smmuv3_program_command_queue(smmu, arch_phys(smmu->cmdq.entries));
	}
	return error ? error : smmuv3_program_event_queue(smmu, arch_phys(smmu->evtq.entries));
}

/* Acknowledges all but SFM_ERR, which only a reset ends. */
static int life_clear_latched_errors(struct smmuv3 *smmu)
{
	uint32_t gerror = smmuv3_read(smmu, SMMU_GERROR);
	uint32_t active = gerror ^ smmuv3_read(smmu, SMMU_GERRORN);

	if (active & GERROR_SFM_ERR) {
		(void)smmuv3_set_health(smmu, SMMUV3_SERVICE_FAILURE);
		smmu->iommu.reason = "an SMMU entered service failure mode (GERROR.SFM_ERR): only its reset helps";
		return -EIO;
	}
	if (active) {
		(void)smmuv3_write(smmu, SMMU_GERRORN, gerror);
	}
	return 0;
}

int smmuv3_start(struct iommu_instance *iommu)
{
	struct smmuv3 *smmu = smmuv3_of(iommu);
	int error;

	iommu->reason = smmuv3_refusal(&smmu->features);
	if (iommu->reason) {
		return -ENOTSUP;
	}
	error = smmuv3_block(smmu);
	if (error) {
		iommu->reason = "it did not acknowledge being turned on or off";
		return error;
	}
	smmuv3_renew_health(smmu);
	smmuv3_publish_events(smmu, false);
	error = life_allocate(smmu);
	if (error) {
		iommu->reason = "memory ran out for its tables and queues";
		return error;
	}
	error = life_clear_latched_errors(smmu);
	if (error) {
		return error;
	}
	error = life_program(smmu);
	if (error) {
		iommu->reason = "a table or queue is not aligned to its size, or a register was refused";
		return error;
	}
	smmuv3_publish_events(smmu, true);
	error = smmuv3_write_cr0(smmu, CR0_CMDQEN);
	if (error) {
		iommu->reason = "it did not acknowledge being turned on or off";
	}
	return error;
}

/* Covers what was written while SMMUEN was clear, and what was cached before. */
int smmuv3_invalidate_all(struct smmuv3 *smmu)
{
	struct command commands[3];
	unsigned int count = 0;

	commands[count++] = smmuv3_command_cfgi_all();
	if (smmu->features.hyp) {
		commands[count++] = smmuv3_command_tlbi_all(CMD_TLBI_EL2_ALL);
	}
	commands[count++] = smmuv3_command_tlbi_all(CMD_TLBI_NSNH_ALL);
	return smmuv3_issue(smmu, commands, count);
}

/* SMMUV3_ON before SMMUEN: later changes are invalidated. */
static int life_open(struct smmuv3 *smmu)
{
	smmuv3_begin_change(smmu);
	(void)smmuv3_set_health(smmu, SMMUV3_ON);
	smmuv3_end_change(smmu);
	return smmuv3_write_cr0(smmu, CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
}

int smmuv3_resume(struct smmuv3 *smmu)
{
	int error = smmuv3_invalidate_all(smmu);

	return error ? error : life_open(smmu);
}

int smmuv3_enable(struct iommu_instance *iommu)
{
	struct smmuv3 *smmu = smmuv3_of(iommu);
	uint32_t interrupts =
		(smmu->event_interrupt ? IRQ_CTRL_EVENTQ : 0) | (smmu->gerror_interrupt ? IRQ_CTRL_GERROR : 0);
	int error = smmuv3_invalidate_all(smmu);

	if (!error) {
		smmuv3_domains_give_back(smmu);
		error = smmuv3_write_cr0(smmu, CR0_CMDQEN | CR0_EVENTQEN);
	}
	if (!error) {
		error = smmuv3_write_irq_ctrl(smmu, interrupts);
	}
	if (!error) {
		error = life_open(smmu);
	}
	if (error) {
		iommu->reason = smmu->cr0 & CR0_EVENTQEN ? "it did not acknowledge being turned on or off" :
							   "its command queue does not work";
	}
	return error;
}

/* An SMMU that does not stop may use its stream table, which stays. */
int smmuv3_stop(struct iommu_instance *iommu)
{
	struct smmuv3 *smmu = smmuv3_of(iommu);
	int error;

	smmuv3_begin_change(smmu);
	error = smmuv3_block(smmu);
	smmuv3_end_change(smmu);
	/* Events from before the stop. */
	smmuv3_poll_events(smmu);
	if (!error) {
		smmuv3_publish_events(smmu, false);
		smmuv3_stream_table_clear(smmu);
	}
	return error;
}

int smmuv3_pause(struct smmuv3 *smmu)
{
	int error;

	smmuv3_begin_change(smmu);
	error = life_leave_service(smmu, CR0_CMDQEN | CR0_EVENTQEN);
	smmuv3_end_change(smmu);
	return error;
}

static bool life_left_as_asked(const struct smmuv3 *smmu, enum smmuv3_handover policy)
{
	uint32_t wanted = (smmu->inherited.gbpa & ~(GBPA_ABORT | GBPA_UPDATE)) |
			  (policy == SMMUV3_HANDOVER_ABORT ? GBPA_ABORT : 0);

	return !(smmuv3_read(smmu, SMMU_CR0ACK) & CR0_IMPLEMENTED) && !smmuv3_has_error(smmu) &&
	       smmuv3_queues_empty(smmu) && (!smmu->gbpa_works || smmuv3_read(smmu, SMMU_GBPA) == wanted);
}

int smmuv3_hand_over(struct smmuv3 *smmu, enum smmuv3_handover policy)
{
	int error = life_set_gbpa_abort(smmu);

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
	return error ? error : life_left_as_asked(smmu, policy) ? 0 : -EIO;
}
