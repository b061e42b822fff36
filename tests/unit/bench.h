/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver on the host model of an SMMUv3, without the core of drivers/iommu: for tests of one operation at a time.
 * Memory is at the same address for both, and low, so that it is within the smallest output size.
 */
#ifndef BENCH_H
#define BENCH_H

#include "model/model.h"
#include "smmuv3/private.h"
#include "smmuv3/smmuv3.h"

#define BENCH_MEMORY 0x20000000ULL
#define BENCH_MEMORY_SIZE (8U << 20)
#define BENCH_MEMORY_MAX (32U << 20)
#define BENCH_NOWHERE 0x10000000ULL /* Where the SMMU's accesses are aborted. */
#define BENCH_PAGE 0x80000000ULL    /* What is mapped need not be there. */

extern struct model *bench_model;
extern struct smmuv3 bench_smmu;

/* A fresh SMMU of this kind, inherited, and as many bytes of memory. */
void bench_open(const struct model_config *config, size_t memory_size);
/* Nothing may be complained of, nor anything cached that is not so any more. */
void bench_close(void);

/* The SMMU started, with room for the streams [0, stream_count), and enabled. */
void bench_start(unsigned int stream_count);
void bench_add_stream(uint32_t sid);
void bench_attach(uint32_t sid, struct smmuv3_domain *domain);

struct smmuv3_domain *bench_domain(enum smmuv3_domain_kind kind, unsigned int granule_bits,
				   struct smmuv3_domain *parent);
void bench_map(struct smmuv3_domain *domain, uint64_t iova, uint64_t pa, uint64_t size);

enum model_outcome bench_dma(uint32_t sid, uint64_t iova, bool write, uint64_t *pa);
void bench_expect_pass(uint32_t sid, uint64_t iova, uint64_t pa);
/* The DMA ends, and this is the one event that comes of it; it is taken from the queue. */
void bench_expect_fault(uint32_t sid, uint64_t iova, unsigned int code);

/* Of the commands in the model's log: how many there are, and the last one; from where the log was last cleared. */
unsigned int bench_command_count(unsigned int opcode);
const struct model_log *bench_last_command(unsigned int opcode);

void bench_expect_complaint(const char *part);

/* What the console has said since: from here on; and whether that begins so. */
void bench_listen(void);
bool bench_heard(const char *start);

/* What the SMMU may look at in an entry of this kind (IHI 0070, 5.2), of what this driver ever sets. */
void bench_ste_mask(enum model_view view, uint64_t mask[STE_DWORDS]);

#endif
