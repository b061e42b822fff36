/* SPDX-License-Identifier: BSD-2-Clause */
/* Event records (IHI 0070, 7.3). */
#include <stddef.h>

#include "smmuv3/private.h"

struct event_kind {
	const char *name; /* NULL: the architecture that this firmware knows has no such event. */
	bool has_access;
};

/* By their codes: a storm has thousands of them. */
static const struct event_kind kinds[] = {
	[F_UUT] = {"F_UUT", true},
	[C_BAD_STREAMID] = {"C_BAD_STREAMID", false},
	[F_STE_FETCH] = {"F_STE_FETCH", false},
	[C_BAD_STE] = {"C_BAD_STE", false},
	[F_BAD_ATS_TREQ] = {"F_BAD_ATS_TREQ", true},
	[F_STREAM_DISABLED] = {"F_STREAM_DISABLED", false},
	[F_TRANSL_FORBIDDEN] = {"F_TRANSL_FORBIDDEN", true},
	[C_BAD_SUBSTREAMID] = {"C_BAD_SUBSTREAMID", false},
	[F_CD_FETCH] = {"F_CD_FETCH", false},
	[C_BAD_CD] = {"C_BAD_CD", false},
	[F_WALK_EABT] = {"F_WALK_EABT", true},
	[F_TRANSLATION] = {"F_TRANSLATION", true},
	[F_ADDR_SIZE] = {"F_ADDR_SIZE", true},
	[F_ACCESS] = {"F_ACCESS", true},
	[F_PERMISSION] = {"F_PERMISSION", true},
	[F_TLB_CONFLICT] = {"F_TLB_CONFLICT", true},
	[F_CFG_CONFLICT] = {"F_CFG_CONFLICT", false},
	[E_PAGE_REQUEST] = {"E_PAGE_REQUEST", false},
	[F_VMS_FETCH] = {"F_VMS_FETCH", false},
};

static const struct event_kind *kind_of(unsigned int code)
{
	return code < sizeof(kinds) / sizeof(kinds[0]) && kinds[code].name ? &kinds[code] : NULL;
}

/* The only ones that may stall, and that tell a stage and a class. */
static bool is_translation_fault(unsigned int code)
{
	return code >= F_TRANSLATION && code <= F_PERMISSION;
}

void smmuv3_decode_event(const struct event_record *record, struct smmuv3_event *event)
{
	const struct event_kind *known;

	event->code = (unsigned int)FIELD_GET64(EVENT0_CODE, record->dword[0]);
	event->sid = (uint32_t)FIELD_GET64(EVENT0_SID, record->dword[0]);
	known = kind_of(event->code);
	event->has_access = known && known->has_access;
	event->write = !(record->dword[1] & EVENT1_RNW);
	event->address = record->dword[2];
	event->fetch_address = record->dword[3];
	if (event->code == F_CD_FETCH && !event->fetch_address) {
		/* QEMU puts it where other events have the input address, and this one has nothing. */
		event->fetch_address = record->dword[2];
	}
	event->has_ssid = record->dword[0] & EVENT0_SSV;
	event->ssid = (uint32_t)FIELD_GET64(EVENT0_SSID, record->dword[0]);
	event->stalled = is_translation_fault(event->code) && record->dword[1] & EVENT1_STALL;
	event->stag = (unsigned int)FIELD_GET64(EVENT1_STAG, record->dword[1]);
	event->stage2 = record->dword[1] & EVENT1_S2;
	event->class = (unsigned int)FIELD_GET64(EVENT1_CLASS, record->dword[1]);
	event->privileged = record->dword[1] & EVENT1_PNU;
	event->instruction = record->dword[1] & EVENT1_IND;
}

const char *smmuv3_event_name(unsigned int code)
{
	const struct event_kind *known = kind_of(code);

	return known ? known->name : "unknown";
}
