/* SPDX-License-Identifier: BSD-2-Clause */
#ifndef SMMUV3_DAMAGE_H
#define SMMUV3_DAMAGE_H

#include "smmuv3/smmuv3.h"

/*
 * Issues a reserved opcode.
 *
 * Return:      0          CERROR_ILL was reported, its command replaced
 *              -ENOMSG    the SMMU ignored the command
 *              -EIO       the instance failed
 * Context:     any core that may take LOCK_RANK_COMMAND_QUEUE; waits.
 * See:         IHI 0070 7.1
 */
int smmuv3_provoke_illegal_command(struct smmuv3 *smmu);

/*
 * Moves the command queue to `nowhere`, which nothing answers, and back.
 *
 * Return:      0          CERROR_ABT was reported, and the queue works again
 *              -ENOMSG    nothing was reported
 *              -EINVAL    `nowhere` is misaligned
 *              -EIO       the instance failed
 * State left:  but for -EIO, the queue as before, without an error.
 * Context:     no other core issues commands; waits.
 * See:         IHI 0070 6.3.26, 7.1
 */
int smmuv3_provoke_queue_abort(struct smmuv3 *smmu, uint64_t nowhere);

/*
 * Shrink the event queue to 1 << log2 entries, or move it to `nowhere` with one entry; restore it, empty. No core
 * drains it until smmuv3_restore_events(), which must follow even an error.
 *
 * Return:      0
 *              -EINVAL    too many entries, or `nowhere` is misaligned
 *              -EIO       no acknowledge
 * Context:     one core; waits.
 */
int smmuv3_shrink_events(struct smmuv3 *smmu, unsigned int log2);
int smmuv3_misplace_events(struct smmuv3 *smmu, uint64_t nowhere);
int smmuv3_restore_events(struct smmuv3 *smmu);

/* Takes EVENTQ_ABT_ERR out of counts.gerrors, unless in `before`. One core. */
void smmuv3_forget_event_abort(struct smmuv3 *smmu, uint32_t before);

enum smmuv3_damage {
	SMMUV3_DAMAGE_STE,	   /* C_BAD_STE. */
	SMMUV3_DAMAGE_CD,	   /* C_BAD_CD. */
	SMMUV3_DAMAGE_CD_POINTER,  /* F_CD_FETCH. */
	SMMUV3_DAMAGE_TABLE,	   /* F_WALK_EABT. */
	SMMUV3_DAMAGE_ACCESS_FLAG, /* F_ACCESS. */
	SMMUV3_DAMAGE_OUTPUT_SIZE, /* F_ADDR_SIZE. */
};

/*
 * Damages, or mends, what translates `iova` of stream `sid`, attached to `domain` (one stage), and invalidates. No
 * other core changes the domain or STE.
 *
 * Return:      0
 *              -ENOTSUP   the domain has no such structure
 *              -ENOENT    the page is not mapped
 *              -EIO       the instance failed
 * Context:     any core; waits for the SMMU.
 */
int smmuv3_damage(struct iommu_domain *domain, uint32_t sid, uint64_t iova, uint64_t nowhere,
		  enum smmuv3_damage damage);
int smmuv3_mend(struct iommu_domain *domain, uint32_t sid, uint64_t iova, enum smmuv3_damage damage);

#endif
