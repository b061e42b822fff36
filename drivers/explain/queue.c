/* SPDX-License-Identifier: BSD-2-Clause */
/* The queues (IHI 0070 3.5), their commands (4.1) and events (7.3). */
#include <string.h>

#include "explain/private.h"

#define QUEUE_LOG2_MAX 19U

struct shape {
	enum explain_register_id base;
	unsigned int dwords;
};

static const struct shape shapes[] = {
	[EXPLAIN_CMDQ] = {EXPLAIN_CMDQ_BASE, COMMAND_DWORDS},
	[EXPLAIN_EVENTQ] = {EXPLAIN_EVENTQ_BASE, EVENT_DWORDS},
	[EXPLAIN_PRIQ] = {EXPLAIN_PRIQ_BASE, 2},
};

static bool is_empty(const uint64_t *dwords, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		if (dwords[i]) {
			return false;
		}
	}
	return true;
}

bool explain_queue(const struct explain_smmu *smmu, enum explain_queue queue, explain_take_entry *take, void *context)
{
	const struct shape *shape = &shapes[queue];
	uint64_t base = smmu->value[shape->base], aligned;
	unsigned int prod = (unsigned int)smmu->value[shape->base + 1],
		     cons = (unsigned int)smmu->value[shape->base + 2];
	unsigned int log2size = (unsigned int)FIELD_GET64(QUEUE_BASE_LOG2SIZE, base);
	unsigned int mask, pending;

	if (!smmu->is_known[shape->base] || !smmu->is_known[shape->base + 1] || !smmu->is_known[shape->base + 2]) {
		return false;
	}
	log2size = log2size < QUEUE_LOG2_MAX ? log2size : QUEUE_LOG2_MAX;
	mask = (unsigned int)low_bits(log2size);
	pending = (prod - cons) & (mask << 1 | 1);
	pending = pending <= mask ? pending : mask + 1;
	/* Aligned to its size. */
	aligned = explain_pointer(base, 5) & ~(uint64_t)((mask + 1ULL) * shape->dwords * 8 - 1);
	for (unsigned int i = 0; i <= mask; i++) {
		struct explain_entry entry = {.index = (cons + pending + i) & mask,
					      .is_pending = i >= mask + 1 - pending};

		entry.address = aligned + (uint64_t)entry.index * shape->dwords * 8;
		entry.is_readable = explain_read_dwords(smmu, entry.address, entry.dword, shape->dwords);
		if (!entry.is_pending && (!entry.is_readable || is_empty(entry.dword, shape->dwords))) {
			continue;
		}
		if (!take(context, &entry)) {
			break;
		}
	}
	return true;
}

/* --- Commands. --- */

struct opcode {
	uint8_t code;
	const char *name;
	void (*add_fields)(const uint64_t command[2], char *text);
};

static uint64_t address_of(const uint64_t command[2])
{
	return command[1] & CMD1_ADDRESS_MASK;
}

static void add_sid(const uint64_t command[2], char *text)
{
	explain_append(text, " of stream 0x%x", (unsigned int)FIELD_GET64(CMD0_SID, command[0]));
}

static void add_sid_leaf(const uint64_t command[2], char *text)
{
	add_sid(command, text);
	explain_append(text, "%s", command[1] & CMD1_LEAF ? ", the entry alone" : "");
}

static void add_range(const uint64_t command[2], char *text)
{
	unsigned int range = (unsigned int)command[1] & 0x1f;

	if (range == CMD1_RANGE_ALL) {
		explain_append(text, ": everything");
	} else {
		explain_append(text, ": 2^%u streams around 0x%x", range + 1,
			       (unsigned int)FIELD_GET64(CMD0_SID, command[0]));
	}
}

static void add_ssid(const uint64_t command[2], char *text)
{
	add_sid_leaf(command, text);
	explain_append(text, ", substream 0x%x", (unsigned int)(command[0] >> 12 & 0xfffff));
}

static void add_asid(const uint64_t command[2], char *text)
{
	explain_append(text, " of ASID %u, VMID %u", (unsigned int)FIELD_GET64(CMD0_ASID, command[0]),
		       (unsigned int)FIELD_GET64(CMD0_VMID, command[0]));
}

static void add_vmid(const uint64_t command[2], char *text)
{
	explain_append(text, " of VMID %u", (unsigned int)FIELD_GET64(CMD0_VMID, command[0]));
}

/* TG says whether it is a range (4.4.1.1). */
static void add_place(const uint64_t command[2], char *text)
{
	explain_append(text, ": 0x%llx%s", (unsigned long long)address_of(command),
		       command[1] & CMD1_LEAF ? ", leaves alone" : "");
	if (FIELD_GET64(CMD1_TG, command[1])) {
		explain_append(text, ", %llu pages",
			       ((unsigned long long)FIELD_GET64(CMD0_NUM, command[0]) + 1)
				       << FIELD_GET64(CMD0_SCALE, command[0]));
	}
}

static void add_asid_place(const uint64_t command[2], char *text)
{
	add_asid(command, text);
	add_place(command, text);
}

static void add_vmid_place(const uint64_t command[2], char *text)
{
	add_vmid(command, text);
	add_place(command, text);
}

static void add_resume(const uint64_t command[2], char *text)
{
	add_sid(command, text);
	explain_append(text, ", STAG 0x%x: %s", (unsigned int)FIELD_GET64(CMD1_STAG, command[1]),
		       command[0] & BIT64(12)	      ? "retry" :
		       command[0] & CMD0_RESUME_ABORT ? "abort" :
							"terminate");
}

static void add_sync(const uint64_t command[2], char *text)
{
	static const char *const signals[] = {"no signal", "an interrupt", "an event", "a reserved signal"};

	explain_append(text, ": %s at its end", signals[command[0] >> 12 & 3]);
}

static const struct opcode opcodes[] = {
	{CMD_PREFETCH_CONFIG, "CMD_PREFETCH_CONFIG", add_sid},
	{CMD_PREFETCH_ADDR, "CMD_PREFETCH_ADDR", add_sid},
	{CMD_CFGI_STE, "CMD_CFGI_STE", add_sid_leaf},
	{CMD_CFGI_ALL, "CMD_CFGI_STE_RANGE", add_range},
	{CMD_CFGI_CD, "CMD_CFGI_CD", add_ssid},
	{CMD_CFGI_CD_ALL, "CMD_CFGI_CD_ALL", add_sid},
	{0x07, "CMD_CFGI_VMS_PIDM", NULL},
	{CMD_TLBI_NH_ALL, "CMD_TLBI_NH_ALL", add_vmid},
	{CMD_TLBI_NH_ASID, "CMD_TLBI_NH_ASID", add_asid},
	{CMD_TLBI_NH_VA, "CMD_TLBI_NH_VA", add_asid_place},
	{0x13, "CMD_TLBI_NH_VAA", add_vmid_place},
	{0x18, "CMD_TLBI_EL3_ALL", NULL},
	{0x1a, "CMD_TLBI_EL3_VA", add_place},
	{CMD_TLBI_EL2_ALL, "CMD_TLBI_EL2_ALL", NULL},
	{0x21, "CMD_TLBI_EL2_ASID", add_asid},
	{0x22, "CMD_TLBI_EL2_VA", add_asid_place},
	{0x23, "CMD_TLBI_EL2_VAA", add_place},
	{CMD_TLBI_S12_VMALL, "CMD_TLBI_S12_VMALL", add_vmid},
	{CMD_TLBI_S2_IPA, "CMD_TLBI_S2_IPA", add_vmid_place},
	{CMD_TLBI_NSNH_ALL, "CMD_TLBI_NSNH_ALL", NULL},
	{0x40, "CMD_ATC_INV", add_sid},
	{0x41, "CMD_PRI_RESP", add_sid},
	{CMD_RESUME, "CMD_RESUME", add_resume},
	{0x45, "CMD_STALL_TERM", add_sid},
	{CMD_SYNC, "CMD_SYNC", add_sync},
	{0x70, "CMD_DPTI_ALL", NULL},
	{0x73, "CMD_DPTI_PA", NULL},
};

void explain_command(const uint64_t command[2], char *text)
{
	unsigned int code = (unsigned int)(command[0] & CMD0_OPCODE_MASK);

	text[0] = '\0';
	for (unsigned int i = 0; i < sizeof(opcodes) / sizeof(opcodes[0]); i++) {
		if (opcodes[i].code == code) {
			explain_append(text, "%s", opcodes[i].name);
			if (opcodes[i].add_fields) {
				opcodes[i].add_fields(command, text);
			}
			return;
		}
	}
	explain_append(text, "opcode 0x%x, which is %s", code,
		       code >= 0x80 && code <= 0x8f ? "IMPLEMENTATION DEFINED" :
						      "not of the Non-secure queue: CERROR_ILL");
}

/* --- Events. --- */

static void add_access(const struct smmuv3_event *event, char *text)
{
	explain_append(text, ": a %s%s of 0x%llx", event->privileged ? "privileged " : "",
		       event->write	  ? "write" :
		       event->instruction ? "fetch of an instruction" :
					    "read",
		       (unsigned long long)event->address);
}

static void add_place_of_fault(const struct smmuv3_event *event, char *text)
{
	static const char *const classes[] = {"while a CD was fetched", "while a table of stage 1 was walked",
					      "for the access itself", "of a reserved class"};

	explain_append(text, ", stage %u", event->stage2 ? 2 : 1);
	if (event->stage2) {
		explain_append(text, " at IPA 0x%llx %s", (unsigned long long)event->fetch_address,
			       classes[event->class]);
	}
}

void explain_event(const uint64_t event[4], char *text)
{
	struct event_record record;
	struct smmuv3_event e;

	memcpy(record.dword, event, sizeof(record.dword));
	smmuv3_decode_event(&record, &e);
	text[0] = '\0';
	explain_append(text, "%s of stream 0x%x", smmuv3_event_name(e.code), (unsigned int)e.sid);
	if (e.has_ssid) {
		explain_append(text, ", substream 0x%x", (unsigned int)e.ssid);
	}
	if (e.has_access) {
		add_access(&e, text);
	}
	if (e.code >= F_TRANSLATION && e.code <= F_PERMISSION) {
		add_place_of_fault(&e, text);
	}
	if (e.code == F_STE_FETCH || e.code == F_CD_FETCH || e.code == F_WALK_EABT) {
		explain_append(text, ", at 0x%llx", (unsigned long long)e.fetch_address);
	}
	if (e.stalled) {
		explain_append(text, ", stalled with STAG 0x%x", e.stag);
	}
}
