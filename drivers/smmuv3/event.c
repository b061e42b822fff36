/* SPDX-License-Identifier: BSD-2-Clause */
/* Event records (IHI 0070 7.3). */
#include <stddef.h>

#include "smmuv3/private.h"

/* By code. NULL: unknown. */
static const char *const names[] = {
	[F_UUT] = "F_UUT",
	[C_BAD_STREAMID] = "C_BAD_STREAMID",
	[F_STE_FETCH] = "F_STE_FETCH",
	[C_BAD_STE] = "C_BAD_STE",
	[F_BAD_ATS_TREQ] = "F_BAD_ATS_TREQ",
	[F_STREAM_DISABLED] = "F_STREAM_DISABLED",
	[F_TRANSL_FORBIDDEN] = "F_TRANSL_FORBIDDEN",
	[C_BAD_SUBSTREAMID] = "C_BAD_SUBSTREAMID",
	[F_CD_FETCH] = "F_CD_FETCH",
	[C_BAD_CD] = "C_BAD_CD",
	[F_WALK_EABT] = "F_WALK_EABT",
	[F_TRANSLATION] = "F_TRANSLATION",
	[F_ADDR_SIZE] = "F_ADDR_SIZE",
	[F_ACCESS] = "F_ACCESS",
	[F_PERMISSION] = "F_PERMISSION",
	[F_TLB_CONFLICT] = "F_TLB_CONFLICT",
	[F_CFG_CONFLICT] = "F_CFG_CONFLICT",
	[E_PAGE_REQUEST] = "E_PAGE_REQUEST",
	[F_VMS_FETCH] = "F_VMS_FETCH",
};

#define HAS_ACCESS                                                                                                     \
	(BIT32(F_UUT) | BIT32(F_BAD_ATS_TREQ) | BIT32(F_TRANSL_FORBIDDEN) | BIT32(F_WALK_EABT) |                       \
	 BIT32(F_TRANSLATION) | BIT32(F_ADDR_SIZE) | BIT32(F_ACCESS) | BIT32(F_PERMISSION))

static bool event_has_access(unsigned int code)
{
	return code == F_TLB_CONFLICT || (code < 32 && HAS_ACCESS & BIT32(code));
}

/* Only these may stall, and have S2 and CLASS (7.3). */
static bool event_is_translation_fault(unsigned int code)
{
	return code >= F_TRANSLATION && code <= F_PERMISSION;
}

void smmuv3_decode_event(const struct event_record *record, struct smmuv3_event *event)
{
	event->code = (unsigned int)FIELD_GET64(EVENT0_CODE, record->dword[0]);
	event->sid = (uint32_t)FIELD_GET64(EVENT0_SID, record->dword[0]);
	event->has_access = event_has_access(event->code);
	event->write = !(record->dword[1] & EVENT1_RNW);
	event->address = record->dword[2];
	event->fetch_address = record->dword[3];
	if (event->code == F_CD_FETCH && !event->fetch_address) {
		/* QEMU writes FetchAddr to dword 2, which F_CD_FETCH does not define. */
		event->fetch_address = record->dword[2];
	}
	event->has_ssid = record->dword[0] & EVENT0_SSV;
	event->ssid = (uint32_t)FIELD_GET64(EVENT0_SSID, record->dword[0]);
	event->stalled = event_is_translation_fault(event->code) && record->dword[1] & EVENT1_STALL;
	event->stag = (unsigned int)FIELD_GET64(EVENT1_STAG, record->dword[1]);
	event->stage2 = record->dword[1] & EVENT1_S2;
	event->class = (unsigned int)FIELD_GET64(EVENT1_CLASS, record->dword[1]);
	event->privileged = record->dword[1] & EVENT1_PNU;
	event->instruction = record->dword[1] & EVENT1_IND;
}

const char *smmuv3_event_name(unsigned int code)
{
	const char *name = code < sizeof(names) / sizeof(names[0]) ? names[code] : NULL;

	if (name) {
		return name;
	}
	return event_is_implementation_defined(code) ? "IMPLEMENTATION DEFINED" : "unknown";
}
