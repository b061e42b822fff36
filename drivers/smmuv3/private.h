/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of drivers/smmuv3 share among themselves. */
#ifndef SMMUV3_PRIVATE_H
#define SMMUV3_PRIVATE_H

#include "smmuv3/registers.h"
#include "smmuv3/smmuv3.h"

/* --- reset.c: registers, and waits for them. --- */
void smmuv3_write(struct smmuv3 *smmu, unsigned int offset, uint32_t value);
void smmuv3_write64(struct smmuv3 *smmu, unsigned int offset, uint64_t value);
/* Polls until (register & mask) == wanted; says on the console what it waited for in vain and returns -ETIMEDOUT. */
int smmuv3_wait(const struct smmuv3 *smmu, const char *name, unsigned int offset, uint32_t mask, uint32_t wanted);
/* Writes CR0 (or IRQ_CTRL) and waits for the acknowledge. */
int smmuv3_write_cr0(struct smmuv3 *smmu, uint32_t value);
int smmuv3_write_irq_ctrl(struct smmuv3 *smmu, uint32_t value);
/* Makes stores to `size` bytes at `start` visible to an SMMU that does not snoop. */
void smmuv3_publish(const struct smmuv3 *smmu, const void *start, uint32_t size);

/* --- queue.c: index arithmetic (3.5.1). --- */
int smmuv3_queue_allocate(struct smmuv3_queue *queue, unsigned int log2, uint32_t entry_size);
uint64_t smmuv3_queue_base(const struct smmuv3_queue *queue);
uint32_t smmuv3_queue_index(const struct smmuv3_queue *queue, uint32_t position);
uint32_t smmuv3_queue_advance(const struct smmuv3_queue *queue, uint32_t position, uint32_t count);
uint32_t smmuv3_queue_space(const struct smmuv3_queue *queue, uint32_t producer, uint32_t consumer);
uint32_t smmuv3_queue_mask(const struct smmuv3_queue *queue);

/* --- cmdq.c --- */
/* Issues `count` commands and one SYNC behind them, and waits until it completed. 0, -ETIMEDOUT, -EIO. */
int smmuv3_issue(struct smmuv3 *smmu, const struct command *commands, unsigned int count);
struct command smmuv3_command_cfgi_ste(uint32_t sid);
struct command smmuv3_command_cfgi_all(void);
struct command smmuv3_command_tlbi_asid(unsigned int asid);
struct command smmuv3_command_tlbi_va(unsigned int asid, uint64_t iova);
struct command smmuv3_command_tlbi_all(unsigned int opcode);

/* --- gerror.c: with the command queue's lock held. --- */
void smmuv3_serve_gerror(struct smmuv3 *smmu);

/*
 * --- evtq.c ---
 * Whether any core may look into the event queue from now on: false before it is made or its registers are written,
 * true behind both.
 */
void smmuv3_publish_events(struct smmuv3 *smmu, bool published);

/* --- strtab.c --- */
int smmuv3_stream_table_allocate(struct smmuv3 *smmu);
void smmuv3_stream_table_clear(struct smmuv3 *smmu);
int smmuv3_stream_table_room(struct smmuv3 *smmu, uint32_t sid);
/* Installs an STE, with what invalidation it takes. -ERANGE without room. */
int smmuv3_install_ste(struct smmuv3 *smmu, uint32_t sid, const struct ste *target);
void smmuv3_ste_stage1(const struct smmuv3 *smmu, const struct smmuv3_domain *domain, struct ste *ste);
void smmuv3_ste_abort(struct ste *ste);

/* --- domain.c --- */
struct iommu_domain *smmuv3_domain_allocate(struct iommu *iommu);
void smmuv3_domain_free(struct iommu_domain *domain);
int smmuv3_domain_map(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access);
int smmuv3_domain_unmap(struct iommu_domain *domain, uint64_t iova, uint64_t size);
int smmuv3_domain_translate(const struct iommu_domain *domain, uint64_t iova, uint64_t *pa);

static inline struct smmuv3 *smmuv3_of(struct iommu *iommu)
{
	return (struct smmuv3 *)iommu; /* Its first member. */
}

#endif
