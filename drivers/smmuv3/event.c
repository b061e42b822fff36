/* SPDX-License-Identifier: BSD-2-Clause */
/* Event records in words (IHI 0070, 7.3). */
#include <stddef.h>

#include "smmuv3/private.h"

struct event_words {
	const char *name; /* NULL: the architecture that this firmware knows has no such event. */
	const char *cause;
	bool has_access;
};

/* By their codes: a storm has thousands of them. */
static const struct event_words words[] = {
	[F_UUT] = {"F_UUT", "the transaction is of a kind that the SMMU does not support", true},
	[C_BAD_STREAMID] = {"C_BAD_STREAMID",
			    "nobody described this stream: it is beyond the stream table or its part of it is empty",
			    false},
	[F_STE_FETCH] = {"F_STE_FETCH",
			 "the stream table entry could not be read: is the table in memory that the SMMU reaches?",
			 false},
	[C_BAD_STE] = {"C_BAD_STE", "the stream has no valid stream table entry: nobody has let it through", false},
	[F_BAD_ATS_TREQ] = {"F_BAD_ATS_TREQ", "an ATS translation request came where ATS is off", true},
	[F_STREAM_DISABLED] = {"F_STREAM_DISABLED",
			       "a transaction without a substream came where only substreams are let through", false},
	[F_TRANSL_FORBIDDEN] = {"F_TRANSL_FORBIDDEN",
				"a translated (ATS) address came from a stream that may not use them", true},
	[C_BAD_SUBSTREAMID] = {"C_BAD_SUBSTREAMID", "the substream is beyond the stream's context descriptors", false},
	[F_CD_FETCH] = {"F_CD_FETCH", "the context descriptor could not be read", false},
	[C_BAD_CD] = {"C_BAD_CD", "the context descriptor is not valid", false},
	[F_WALK_EABT] = {"F_WALK_EABT", "a translation table could not be read: it lies where the SMMU cannot reach",
			 true},
	[F_TRANSLATION] = {"F_TRANSLATION", "the address is not mapped for this stream", true},
	[F_ADDR_SIZE] = {"F_ADDR_SIZE", "the translated address is beyond the output size", true},
	[F_ACCESS] = {"F_ACCESS", "the page's access flag is clear", true},
	[F_PERMISSION] = {"F_PERMISSION", "the page is mapped, but not for this kind of access", true},
	[F_TLB_CONFLICT] = {"F_TLB_CONFLICT", "two translations of one address are cached: an invalidation is missing",
			    true},
	[F_CFG_CONFLICT] = {"F_CFG_CONFLICT", "two configurations of one stream are cached: an invalidation is missing",
			    false},
	[E_PAGE_REQUEST] = {"E_PAGE_REQUEST", "the SMMU hints at a page that will be asked for", false},
	[F_VMS_FETCH] = {"F_VMS_FETCH", "the virtual machine structure could not be read", false},
};

static const struct event_words *words_of(unsigned int code)
{
	return code < sizeof(words) / sizeof(words[0]) && words[code].name ? &words[code] : NULL;
}

/* The only ones that may stall, and that tell a stage and a class. */
static bool is_translation_fault(unsigned int code)
{
	return code >= F_TRANSLATION && code <= F_PERMISSION;
}

void smmuv3_decode_event(const struct event_record *record, struct smmuv3_event *event)
{
	const struct event_words *known;

	event->code = (unsigned int)FIELD_GET64(EVENT0_CODE, record->dword[0]);
	event->sid = (uint32_t)FIELD_GET64(EVENT0_SID, record->dword[0]);
	known = words_of(event->code);
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
	const struct event_words *known = words_of(code);

	return known ? known->name : "unknown";
}

const char *smmuv3_event_cause(unsigned int code)
{
	const struct event_words *known = words_of(code);

	return known ? known->cause : "the architecture that this firmware knows has no such event";
}
