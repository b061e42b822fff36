/* SPDX-License-Identifier: BSD-2-Clause */
/* Events, decoded (IHI 0070 7.3). */
#ifndef SMMUV3_EVENT_H
#define SMMUV3_EVENT_H

#include <stdbool.h>
#include <stdint.h>

#define EVENT_DWORDS 4U
struct event_record {
	uint64_t dword[EVENT_DWORDS];
};
_Static_assert(sizeof(struct event_record) == 32, "IHI 0070: an event record is 32 bytes.");

#define F_UUT 0x01U
#define C_BAD_STREAMID 0x02U
#define F_STE_FETCH 0x03U
#define C_BAD_STE 0x04U
#define F_BAD_ATS_TREQ 0x05U
#define F_STREAM_DISABLED 0x06U
#define F_TRANSL_FORBIDDEN 0x07U
#define C_BAD_SUBSTREAMID 0x08U
#define F_CD_FETCH 0x09U
#define C_BAD_CD 0x0aU
#define F_WALK_EABT 0x0bU
#define F_TRANSLATION 0x10U
#define F_ADDR_SIZE 0x11U
#define F_ACCESS 0x12U
#define F_PERMISSION 0x13U
#define F_TLB_CONFLICT 0x20U
#define F_CFG_CONFLICT 0x21U
#define E_PAGE_REQUEST 0x24U
#define F_VMS_FETCH 0x25U
#define EVENT_IMPLEMENTATION_DEFINED 0xe0U
static inline int event_is_implementation_defined(unsigned int code)
{
	return (code & ~0xfU) == EVENT_IMPLEMENTATION_DEFINED;
}

#define EVENT_CLASS_CD 0U
#define EVENT_CLASS_TT 1U
#define EVENT_CLASS_IN 2U

struct smmuv3_event {
	unsigned int code;
	uint32_t sid;
	bool has_access; /* `write` and `address` are valid. */
	bool write;
	uint64_t address;
	uint64_t fetch_address; /* Of the structure whose fetch failed; at stage 2 the IPA. */
	bool has_ssid;
	uint32_t ssid;
	bool stalled; /* It waits for CMD_RESUME with `stag`. */
	unsigned int stag;
	bool stage2;
	unsigned int class; /* EVENT_CLASS_*. */
	bool privileged;
	bool instruction;
};

/* Pure. */
void smmuv3_decode_event(const struct event_record *record, struct smmuv3_event *event);
const char *smmuv3_event_name(unsigned int code);
const char *smmuv3_event_cause(unsigned int code);

#endif
