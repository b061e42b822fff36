/* SPDX-License-Identifier: BSD-2-Clause */
/* Stalled transactions wait for CMD_RESUME or CMD_STALL_TERM. */
#include <string.h>

#include "state.h"

/* A handle outlasts retries, its tag does not. */
enum model_outcome stall(struct model *m, const struct model_access *access, const uint64_t record[4], size_t handle)
{
	struct stalled *s = handle == NO_STALL ? APPEND(m->stalls, m->stall_count) : &m->stalls[handle];

	s->access = *access;
	s->stag = m->next_stag++;
	s->outcome = MODEL_STALLED;
	memcpy(s->record, record, sizeof(s->record));
	s->record[1] |= 1ULL << 31 | s->stag;
	s->recorded = record_event(m, s->record, true);
	return MODEL_STALLED;
}

/* When the event queue may be writable again. */
void record_stalls(struct model *m)
{
	for (size_t i = 0; i < m->stall_count; i++) {
		struct stalled *s = &m->stalls[i];

		if (s->outcome == MODEL_STALLED && !s->recorded) {
			s->recorded = record_event(m, s->record, true);
		}
	}
}

static void end(struct model *m, struct stalled *s, bool abort)
{
	s->outcome = abort || (idr0(m) & IDR0_TERM_MODEL) ? MODEL_ABORTED : MODEL_TERMINATED;
}

void resume(struct model *m, uint32_t sid, uint16_t stag, bool retry, bool abort)
{
	for (size_t i = 0; i < m->stall_count; i++) {
		struct stalled *s = &m->stalls[i];
		struct model_access access = s->access;
		enum model_outcome outcome;
		uint64_t pa = 0;

		if (s->outcome != MODEL_STALLED || !s->recorded || s->stag != stag || access.sid != sid) {
			continue;
		}
		if (!retry) {
			end(m, s, abort);
			return;
		}
		outcome = transact(m, &access, &pa, i);
		m->stalls[i].outcome = outcome;
		m->stalls[i].pa = pa;
		return;
	}
	complain(m, "CMD_RESUME of stream 0x%x and tag 0x%x, which is not stalled", sid, stag);
}

void terminate_stalls(struct model *m, bool all, uint32_t sid)
{
	for (size_t i = 0; i < m->stall_count; i++) {
		if (m->stalls[i].outcome == MODEL_STALLED && (all || m->stalls[i].access.sid == sid)) {
			end(m, &m->stalls[i], true);
		}
	}
}

enum model_outcome model_stalled(const struct model *model, size_t stall_handle, uint64_t *pa)
{
	const struct stalled *s = &model->stalls[stall_handle];

	if (pa) {
		*pa = s->pa;
	}
	return s->outcome;
}

size_t model_stall_count(const struct model *model)
{
	size_t count = 0;

	for (size_t i = 0; i < model->stall_count; i++) {
		count += model->stalls[i].outcome == MODEL_STALLED;
	}
	return count;
}
