/* SPDX-License-Identifier: BSD-2-Clause */
/* An SMMU that only listens: who emits what, before any master may emit. */
#ifndef SMMUV3_LISTEN_H
#define SMMUV3_LISTEN_H

#include "smmuv3/smmuv3.h"

struct ste;

/* What is put back at the end. */
struct smmuv3_listening {
	void (*on_event)(struct smmuv3 *smmu, const struct smmuv3_event *event);
	void (*on_storm)(struct smmuv3 *smmu, uint32_t sid, enum smmuv3_storm_end end);
	struct smmuv3_counts counts;
	struct ste *shared; /* The second level that first-level descriptors share, or NULL. */
};

/*
 * Starts an instance that is blocked and not registered: every stream is denied with an event that has address and
 * direction, and events go to `on_event` and `on_storm`. smmuv3_listen_end() blocks it again.
 *
 * Return:      0
 *              -ENOMEM    no memory for tables
 *              -EIO       as iommu_ops.start() and enable()
 * State left:  on an error, blocked.
 * Context:     boot core; no other core uses the instance; waits for the SMMU.
 * See:         IHI 0070 3.3.1, 5.1, 5.2
 */
int smmuv3_listen_begin(struct smmuv3 *smmu, struct smmuv3_listening *listening,
			void (*on_event)(struct smmuv3 *smmu, const struct smmuv3_event *event),
			void (*on_storm)(struct smmuv3 *smmu, uint32_t sid, enum smmuv3_storm_end end));

/* -EIO: it did not stop. Context: as smmuv3_listen_begin(). */
int smmuv3_listen_end(struct smmuv3 *smmu, const struct smmuv3_listening *listening);

/* An instance in service: takes its events, gives them back; its streams stay as they are. Any core. */
void smmuv3_listen_beside(struct smmuv3 *smmu, struct smmuv3_listening *listening,
			  void (*on_event)(struct smmuv3 *smmu, const struct smmuv3_event *event),
			  void (*on_storm)(struct smmuv3 *smmu, uint32_t sid, enum smmuv3_storm_end end));
void smmuv3_listen_no_more(struct smmuv3 *smmu, const struct smmuv3_listening *listening);

enum smmuv3_answer {
	SMMUV3_ANSWER_DENY,   /* V = 0: denied with an event without an address. */
	SMMUV3_ANSWER_REPORT, /* Denied with an event that has address and direction. */
	SMMUV3_ANSWER_PASS,   /* Untranslated. */
};

/*
 * What becomes of a stream from now on, while the instance listens. No table describes the stream, or the instance is
 * not registered.
 *
 * Return:      0
 *              -ERANGE    beyond the table
 *              -ENOMEM    no memory for a second level: it stays denied
 *              -EIO       the instance failed
 * Context:     as smmuv3_listen_begin().
 */
int smmuv3_listen_answer(struct smmuv3 *smmu, const struct smmuv3_listening *listening, uint32_t sid,
			 enum smmuv3_answer answer);

#endif
