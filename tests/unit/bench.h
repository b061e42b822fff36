/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver on the host model of an SMMUv3, without drivers/iommu. Memory has one address for both, within the
 * smallest output size.
 */
#ifndef BENCH_H
#define BENCH_H

#include "model/model.h"
#include "smmuv3/private.h"
#include "smmuv3/smmuv3.h"

#define BENCH_MEMORY 0x20000000ULL
#define BENCH_MEMORY_SIZE (8U << 20)
#define BENCH_MEMORY_MAX (32U << 20)
#define BENCH_NOWHERE 0x10000000ULL /* The SMMU's accesses abort. */
#define BENCH_PAGE 0x80000000ULL    /* A page need not exist. */

extern struct model *bench_model;
extern struct smmuv3 bench_smmu;

/* A fresh, inherited SMMU with so many bytes of memory. */
void bench_open(const struct model_config *config, size_t memory_size);
/* Fails if the model complained or has stale copies. */
void bench_close(void);

/* Starts, with room for streams [0, stream_count), and enables. */
void bench_start(unsigned int stream_count);
void bench_add_stream(uint32_t sid);
void bench_attach(uint32_t sid, struct smmuv3_domain *domain);

struct smmuv3_domain *bench_domain(enum smmuv3_domain_kind kind, unsigned int granule_bits,
				   struct smmuv3_domain *parent);
void bench_map(struct smmuv3_domain *domain, uint64_t iova, uint64_t pa, uint64_t size);

enum model_outcome bench_dma(uint32_t sid, uint64_t iova, bool write, uint64_t *pa);
void bench_expect_pass(uint32_t sid, uint64_t iova, uint64_t pa);
/* A DMA fails with exactly this event, which is taken from the queue. */
void bench_expect_fault(uint32_t sid, uint64_t iova, unsigned int code);

/* In the log since it was cleared: the count, the last one. */
unsigned int bench_command_count(unsigned int opcode);
const struct model_log *bench_last_command(unsigned int opcode);

void bench_expect_complaint(const char *part);

/* Marks the console's end; whether the output since begins so. */
void bench_listen(void);
bool bench_heard(const char *start);

/* Bits that the SMMU may look at (IHI 0070, 5.2) and this driver sets. */
void bench_ste_mask(enum model_view view, uint64_t mask[STE_DWORDS]);

#endif
