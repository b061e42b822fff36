/* SPDX-License-Identifier: BSD-2-Clause */
/* How structures look in memory now; leaves no trace. */
#include <string.h>

#include "state.h"

static bool has_no_stage1(struct fault *fault)
{
	fault->event = C_BAD_SUBSTREAMID;
	return false;
}

static enum model_view view_of_fault(enum event event, const char *reason)
{
	if (event == C_BAD_STREAMID || event == C_BAD_SUBSTREAMID) {
		return MODEL_NO_STREAM;
	}
	if (event == C_BAD_STE || event == C_BAD_CD) {
		return reason ? MODEL_ILLEGAL : MODEL_INVALID;
	}
	return MODEL_FETCH_ABORT;
}

static enum model_view view_of_config(uint64_t ste0)
{
	static const enum model_view views[] = {MODEL_VIEW_BYPASS, MODEL_VIEW_S1, MODEL_VIEW_S2, MODEL_VIEW_NESTED};
	uint64_t config = field(ste0, 3, 1);

	return config < 4 ? MODEL_VIEW_ABORT : views[config - 4];
}

enum model_view model_probe_ste(struct model *model, uint32_t sid, uint64_t *dwords, const char **reason)
{
	struct fetch f = {.m = model, .fresh = true};
	struct fault fault = {.event = 0};
	uint64_t ste[8] = {0};
	bool found = find_ste(&f, sid, ste, &fault);
	const char *why = fault.event == C_BAD_STE && (ste[0] & 1) ? ste_illegal(model, ste) : NULL;

	if (dwords) {
		memcpy(dwords, ste, sizeof(ste));
	}
	if (reason) {
		*reason = why;
	}
	return found ? view_of_config(ste[0]) : view_of_fault(fault.event, why);
}

enum model_view model_probe_cd(struct model *model, uint32_t sid, uint32_t ssid, uint64_t *dwords, const char **reason)
{
	struct fetch f = {.m = model, .fresh = true};
	struct fault fault = {.event = 0};
	struct stream s;
	uint64_t ste[8] = {0}, cd[8] = {0};
	bool found = find_ste(&f, sid, ste, &fault);
	const char *why = NULL;

	if (found) {
		set_stream(model, &s, sid, ste);
		found = s.stage1 ? find_cd(&f, &s, ssid, cd, &fault) : has_no_stage1(&fault);
		why = fault.event == C_BAD_CD && (cd[0] & (1ULL << 31)) ? cd_illegal(model, ste, cd) : NULL;
	}
	if (dwords) {
		memcpy(dwords, cd, sizeof(cd));
	}
	if (reason) {
		*reason = why;
	}
	return found ? MODEL_VIEW_CD : view_of_fault(fault.event, why);
}
