/* SPDX-License-Identifier: BSD-2-Clause */
/* The operations of drivers/iommu, but for domains. */
#include "smmuv3/smmuv3.h"

#include <errno.h>
#include <stddef.h>

#include "base/arena.h"
#include "report/print.h"
#include "smmuv3/private.h"

static int smmuv3_allocate(struct smmuv3 *smmu)
{
	int error = smmuv3_stream_table_allocate(smmu);

	if (!error) {
		error = smmuv3_queue_allocate(&smmu->cmdq, smmu->features.cmdq_log2, sizeof(struct command));
	}
	if (!error) {
		error = smmuv3_queue_allocate(&smmu->evtq, smmu->features.evtq_log2, sizeof(struct event_record));
	}
	if (!error) {
		/* Cached zeroes must not be written over records of an SMMU that does not snoop. */
		smmuv3_publish(smmu, smmu->evtq.entries, (uint32_t)sizeof(struct event_record) << smmu->evtq.log2);
	}
	if (!error && !smmu->cd) {
		smmu->cd = arena_reserve(sizeof(struct cd) * SMMUV3_IDS_MAX, sizeof(struct cd));
		error = smmu->cd ? 0 : -ENOMEM;
	}
	if (!error && !smmu->domain) {
		/* All now: later domains take memory for tables only. */
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

static uint32_t smmuv3_memory_attributes(const struct smmuv3 *smmu)
{
	uint32_t cacheability = smmu->coherent ? CACHE_WRITE_BACK : 0;
	uint32_t share = smmu->coherent ? SHARE_INNER : SHARE_OUTER;

	return FIELD_PUT32(CR1_QUEUE_IC, cacheability) | FIELD_PUT32(CR1_QUEUE_OC, cacheability) |
	       FIELD_PUT32(CR1_QUEUE_SH, share) | FIELD_PUT32(CR1_TABLE_IC, cacheability) |
	       FIELD_PUT32(CR1_TABLE_OC, cacheability) | FIELD_PUT32(CR1_TABLE_SH, share);
}

static int smmuv3_program_stream_table(struct smmuv3 *smmu)
{
	const void *base;
	uint64_t size;
	uint32_t config;
	int error;

	smmuv3_stream_table_program(smmu, &config, &base, &size);
	error = smmuv3_write_base(smmu, SMMU_STRTAB_BASE, "STRTAB_BASE", arch_phys(base), size, STRTAB_BASE_RA);
	return error ? error : smmuv3_write(smmu, SMMU_STRTAB_BASE_CFG, config);
}

int smmuv3_program_command_queue(struct smmuv3 *smmu, uint64_t address)
{
	uint64_t size = sizeof(struct command) << smmu->cmdq.log2;
	int error = smmuv3_write_base(smmu, SMMU_CMDQ_BASE, "CMDQ_BASE", address, size,
				      QUEUE_BASE_ALLOCATE | smmu->cmdq.log2);

	smmuv3_command_queue_reset(smmu);
	if (!error) {
		error = smmuv3_write(smmu, SMMU_CMDQ_PROD, 0);
	}
	return error ? error : smmuv3_write(smmu, SMMU_CMDQ_CONS, 0);
}

int smmuv3_program_event_queue(struct smmuv3 *smmu, uint64_t address)
{
	uint64_t size = sizeof(struct event_record) << smmu->evtq.log2;
	int error = smmuv3_write_base(smmu, SMMU_EVENTQ_BASE, "EVENTQ_BASE", address, size,
				      QUEUE_BASE_ALLOCATE | smmu->evtq.log2);

	smmu->evtq.consumer = 0;
	if (!error) {
		error = smmuv3_write(smmu, smmuv3_eventq_offset(smmu, SMMU_EVENTQ_PROD), 0);
	}
	return error ? error : smmuv3_write(smmu, smmuv3_eventq_offset(smmu, SMMU_EVENTQ_CONS), 0);
}

/* IRQ_CFG0 is UNKNOWN after reset (6.3.20): zeroed, so that no MSI goes to a stale address. */
static int smmuv3_turn_messages_off(struct smmuv3 *smmu)
{
	int error = smmu->features.msi ? smmuv3_write64(smmu, SMMU_GERROR_IRQ_CFG0, 0) : 0;

	return error || !smmu->features.msi ? error : smmuv3_write64(smmu, SMMU_EVENTQ_IRQ_CFG0, 0);
}

/* Only with SMMUEN, CMDQEN, EVENTQEN and interrupts clear. */
static int smmuv3_program(struct smmuv3 *smmu)
{
	int error = smmuv3_write(smmu, SMMU_CR1, smmuv3_memory_attributes(smmu));

	if (!error) {
		error = smmuv3_turn_messages_off(smmu);
	}
	if (!error) {
		error = smmuv3_write(smmu, SMMU_CR2, CR2_PTM | CR2_RECINVSID);
	}
	if (!error) {
		error = smmuv3_program_stream_table(smmu);
	}
	if (!error) {
		error = smmuv3_program_command_queue(smmu, arch_phys(smmu->cmdq.entries));
	}
	return error ? error : smmuv3_program_event_queue(smmu, arch_phys(smmu->evtq.entries));
}

/* Only a reset ends SFM_ERR. */
static int smmuv3_clear_latched_errors(struct smmuv3 *smmu)
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

static int smmuv3_start(struct iommu_instance *iommu)
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
	error = smmuv3_allocate(smmu);
	if (error) {
		iommu->reason = "memory ran out for its tables and queues";
		return error;
	}
	error = smmuv3_clear_latched_errors(smmu);
	if (error) {
		return error;
	}
	error = smmuv3_program(smmu);
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
static int smmuv3_open(struct smmuv3 *smmu)
{
	smmuv3_begin_change(smmu);
	(void)smmuv3_set_health(smmu, SMMUV3_ON);
	smmuv3_end_change(smmu);
	return smmuv3_write_cr0(smmu, CR0_CMDQEN | CR0_EVENTQEN | CR0_SMMUEN);
}

int smmuv3_resume(struct smmuv3 *smmu)
{
	int error = smmuv3_invalidate_all(smmu);

	return error ? error : smmuv3_open(smmu);
}

static int smmuv3_enable(struct iommu_instance *iommu)
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
		error = smmuv3_open(smmu);
	}
	if (error) {
		iommu->reason = smmu->cr0 & CR0_EVENTQEN ? "it did not acknowledge being turned on or off" :
							   "its command queue does not work";
	}
	return error;
}

/* An SMMU that does not stop may use its stream table: it stays. */
static int smmuv3_stop(struct iommu_instance *iommu)
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

static int smmuv3_add_stream(struct iommu_instance *iommu, uint32_t sid)
{
	return smmuv3_stream_table_room(smmuv3_of(iommu), sid);
}

static __attribute__((noinline)) int smmuv3_attach_to(struct smmuv3 *smmu, uint32_t sid,
						      const struct smmuv3_domain *domain)
{
	struct ste ste;

	smmuv3_ste_of(smmu, domain, &ste);
	return smmuv3_install_ste(smmu, sid, &ste);
}

/* Out of line: a replay attaches only to the empty domain. */
static int smmuv3_attach(struct iommu_instance *iommu, uint32_t sid, struct iommu_domain *domain)
{
	struct smmuv3 *smmu = smmuv3_of(iommu);

	return domain ? smmuv3_attach_to(smmu, sid, (const struct smmuv3_domain *)domain) :
			smmuv3_install_ste(smmu, sid, smmu->empty_ste);
}

static int smmuv3_quarantine(struct iommu_instance *iommu, uint32_t sid)
{
	struct smmuv3 *smmu = smmuv3_of(iommu);
	int error;

	smmuv3_begin_change(smmu);
	error = smmuv3_silence(smmu, sid);
	smmuv3_end_change(smmu);
	/* A stream without an entry is denied already. */
	return error == -EIO ? error : 0;
}

const struct iommu_ops smmuv3_ops = {
	.start = smmuv3_start,
	.enable = smmuv3_enable,
	.stop = smmuv3_stop,
	.add_stream = smmuv3_add_stream,
	.attach = smmuv3_attach,
	.quarantine = smmuv3_quarantine,
	.domain_allocate = smmuv3_domain_allocate,
	.domain_free = smmuv3_domain_free,
	.map = smmuv3_domain_map,
	.unmap = smmuv3_domain_unmap,
	.translate = smmuv3_domain_translate,
	.is_empty = smmuv3_domain_is_empty,
};
