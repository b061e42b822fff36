/* SPDX-License-Identifier: BSD-2-Clause */
#include "smmuv3/listen.h"

#include <stddef.h>

#include "base/arena.h"
#include "base/store.h"
#include "smmuv3/private.h"

/* --- One entry for all streams: the empty domain's, whose faults have address and direction. --- */

/* Of full size: no Span leads beyond it. */
static struct ste *listen_make_level2(struct smmuv3 *smmu)
{
	uint32_t size = (uint32_t)sizeof(struct ste) << smmu->table.split;
	struct ste *level2 = arena_reserve(size, size);

	if (level2) {
		smmu->table.bytes += size;
		arch_fill64(level2, smmu->empty_ste->dword, 1U << smmu->table.split);
		smmuv3_publish(smmu, level2, size);
	}
	return level2;
}

static void listen_hook(struct smmuv3 *smmu, uint32_t index, const struct ste *level2)
{
	uint64_t *descriptor = &smmu->table.level1[index];

	store64(descriptor, level2 ? arch_phys(level2) | FIELD_PUT64(STRTAB_L1_SPAN, smmu->table.split + 1) : 0);
	smmuv3_publish(smmu, descriptor, sizeof(*descriptor));
}

static bool listen_is_shared(const struct smmuv3 *smmu, const struct smmuv3_listening *listening, uint32_t index)
{
	return listening->shared && (smmu->table.level1[index] & STRTAB_L1_L2PTR_MASK) == arch_phys(listening->shared);
}

/* From one second level to another, or to none. The SMMU is off. */
static void listen_hook_all(struct smmuv3 *smmu, const struct smmuv3_listening *listening, const struct ste *level2)
{
	for (uint32_t i = 0; i < 1U << (smmu->table.log2size - smmu->table.split); i++) {
		if (level2 ? !smmu->table.level1[i] : listen_is_shared(smmu, listening, i)) {
			listen_hook(smmu, i, level2);
		}
	}
}

/* Started, not enabled. */
static int listen_fill(struct smmuv3 *smmu, struct smmuv3_listening *listening)
{
	const struct smmuv3_stream_table *table = &smmu->table;

	if (!table->two_level) {
		arch_fill64(table->linear, smmu->empty_ste->dword, 1U << table->log2size);
		smmuv3_publish(smmu, table->linear, (uint32_t)sizeof(struct ste) << table->log2size);
		return 0;
	}
	listening->shared = listen_make_level2(smmu);
	if (!listening->shared) {
		return -ENOMEM;
	}
	listen_hook_all(smmu, listening, listening->shared);
	return 0;
}

/* --- The instance. --- */

static void listen_give_events(struct smmuv3 *smmu,
			       void (*on_event)(struct smmuv3 *smmu, const struct smmuv3_event *event),
			       void (*on_storm)(struct smmuv3 *smmu, uint32_t sid, enum smmuv3_storm_end end))
{
	uint32_t saved = lock(&smmu->evtq_lock);

	smmu->on_event = on_event;
	smmu->on_storm = on_storm;
	unlock(&smmu->evtq_lock, saved);
}

void smmuv3_listen_beside(struct smmuv3 *smmu, struct smmuv3_listening *listening,
			  void (*on_event)(struct smmuv3 *smmu, const struct smmuv3_event *event),
			  void (*on_storm)(struct smmuv3 *smmu, uint32_t sid, enum smmuv3_storm_end end))
{
	*listening = (struct smmuv3_listening){
		.on_event = smmu->on_event, .on_storm = smmu->on_storm, .counts = smmu->counts};
	listen_give_events(smmu, on_event, on_storm);
}

/* Silenced and lost events were of what was listened to: the run is not judged by them. */
void smmuv3_listen_no_more(struct smmuv3 *smmu, const struct smmuv3_listening *listening)
{
	uint32_t saved;

	listen_give_events(smmu, listening->on_event, listening->on_storm);
	saved = lock(&smmu->evtq_lock);
	smmu->storm = (struct smmuv3_storm){.events = 0};
	smmu->counts.event_overflows = listening->counts.event_overflows;
	smmu->counts.silenced_streams = listening->counts.silenced_streams;
	smmu->counts.unsilenced_storms = listening->counts.unsilenced_storms;
	unlock(&smmu->evtq_lock, saved);
}

int smmuv3_listen_begin(struct smmuv3 *smmu, struct smmuv3_listening *listening,
			void (*on_event)(struct smmuv3 *smmu, const struct smmuv3_event *event),
			void (*on_storm)(struct smmuv3 *smmu, uint32_t sid, enum smmuv3_storm_end end))
{
	int error;

	smmuv3_listen_beside(smmu, listening, on_event, on_storm);
	error = smmuv3_start(&smmu->iommu);
	if (!error) {
		error = listen_fill(smmu, listening);
	}
	if (!error) {
		error = smmuv3_enable(&smmu->iommu);
	}
	if (error) {
		(void)smmuv3_listen_end(smmu, listening);
	}
	return error;
}

/* The shared second level goes once the SMMU reads it no more; smmuv3_stop() blanks the others. */
int smmuv3_listen_end(struct smmuv3 *smmu, const struct smmuv3_listening *listening)
{
	int error = smmuv3_block(smmu);

	smmuv3_poll_events(smmu);
	smmuv3_listen_no_more(smmu, listening);
	if (!error && listening->shared) {
		listen_hook_all(smmu, listening, NULL);
	}
	return error ? error : smmuv3_stop(&smmu->iommu);
}

/* --- A stream. --- */

static int listen_make_room(struct smmuv3 *smmu, const struct smmuv3_listening *listening, uint32_t sid)
{
	uint32_t index = sid >> smmu->table.split;
	const struct ste *own;

	if (sid >> smmu->table.log2size) {
		return -ERANGE;
	}
	if (!listen_is_shared(smmu, listening, index)) {
		return smmuv3_stream_table_room(smmu, sid);
	}
	own = listen_make_level2(smmu);
	if (!own) {
		return -ENOMEM;
	}
	smmuv3_begin_change(smmu);
	listen_hook(smmu, index, own);
	smmuv3_end_change(smmu);
	/* Each entry is the same in both: the change that follows invalidates the descriptor, too (Leaf = 0, 4.3.1). */
	return 0;
}

int smmuv3_listen_answer(struct smmuv3 *smmu, const struct smmuv3_listening *listening, uint32_t sid,
			 enum smmuv3_answer answer)
{
	const struct smmuv3_domain bypass = {.kind = SMMUV3_BYPASS};
	struct ste ste = *smmu->empty_ste;
	int error = listen_make_room(smmu, listening, sid);

	if (answer == SMMUV3_ANSWER_DENY) {
		smmuv3_ste_blank(smmu, &ste);
	} else if (answer == SMMUV3_ANSWER_PASS) {
		smmuv3_ste_of(smmu, &bypass, &ste);
	}
	return error ? error : smmuv3_install_ste(smmu, sid, &ste);
}
