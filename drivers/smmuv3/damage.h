/* SPDX-License-Identifier: BSD-2-Clause */
/* Deliberate damage: errors that an SMMU must report, and the way back from each. For checks. */
#ifndef SMMUV3_DAMAGE_H
#define SMMUV3_DAMAGE_H

#include "smmuv3/smmuv3.h"

/*
 * Issues a reserved opcode, then a SYNC.
 *
 * Return:      0          the SMMU reported CERROR_ILL, and the SYNC in its place completed
 *              -ENOMSG    it ignored the command
 *              -EIO       the instance has failed
 * Context:     any core that may take LOCK_RANK_COMMAND_QUEUE; waits for the SMMU.
 * See:         IHI 0070 7.1
 */
int smmuv3_provoke_illegal_command(struct smmuv3 *smmu);

/*
 * Moves the command queue to `nowhere`, an address that nothing answers, and back.
 *
 * Return:      0          the SMMU reported CERROR_ABT, and the queue works again
 *              -ENOMSG    it reported nothing
 *              -EINVAL    `nowhere` is not aligned to the queue's size
 *              -EIO       the instance has failed: the queue could not be moved, restored or used again
 * State left:  but for -EIO, the queue as before, without an active error.
 * Context:     no other core issues commands meanwhile; waits for the SMMU.
 * See:         IHI 0070 6.3.26, 7.1
 */
int smmuv3_provoke_queue_abort(struct smmuv3 *smmu, uint64_t nowhere);

/*
 * Shrink the event queue to 1 << log2 entries, or move it to `nowhere` with one entry; and restore it, empty. No core
 * drains the queue until smmuv3_restore_events(), which must follow even after an error.
 *
 * Return:      0          done
 *              -EINVAL    too many entries, or `nowhere` is misaligned
 *              -EIO       the SMMU did not acknowledge
 * Context:     one core; waits for the SMMU.
 */
int smmuv3_shrink_events(struct smmuv3 *smmu, unsigned int log2);
int smmuv3_misplace_events(struct smmuv3 *smmu, uint64_t nowhere);
int smmuv3_restore_events(struct smmuv3 *smmu);

/* Takes GERROR.EVENTQ_ABT_ERR out of counts.gerrors, unless it was in them `before`. One core. */
void smmuv3_forget_event_abort(struct smmuv3 *smmu, uint32_t before);

/* Which structure smmuv3_damage() spoils. */
enum smmuv3_damage {
	SMMUV3_DAMAGE_STE,	   /* V = 0: C_BAD_STE. */
	SMMUV3_DAMAGE_CD,	   /* V = 0: C_BAD_CD. */
	SMMUV3_DAMAGE_CD_POINTER,  /* S1ContextPtr nowhere: F_CD_FETCH. */
	SMMUV3_DAMAGE_TABLE,	   /* Root nowhere: F_WALK_EABT. */
	SMMUV3_DAMAGE_ACCESS_FLAG, /* Page's AF = 0: F_ACCESS. */
	SMMUV3_DAMAGE_OUTPUT_SIZE, /* Page's output beyond the output size: F_ADDR_SIZE. */
};

/*
 * Damages, or mends, what translates `iova` of stream `sid`, which `domain` (SMMUV3_STAGE1 or SMMUV3_STAGE2) is
 * attached to, and invalidates. No other core changes the domain or the STE meanwhile.
 *
 * Return:      0
 *              -ENOTSUP   the domain has no such structure
 *              -ENOENT    the page is not mapped
 *              -EIO       the instance has failed
 */
int smmuv3_damage(struct iommu_domain *domain, uint32_t sid, uint64_t iova, uint64_t nowhere,
		  enum smmuv3_damage damage);
int smmuv3_mend(struct iommu_domain *domain, uint32_t sid, uint64_t iova, enum smmuv3_damage damage);

#endif
