/* SPDX-License-Identifier: BSD-2-Clause */
/* From a stream ID to where its access ends (IHI 0070 3.3, 3.4, 3.12). */
#include "explain/walk.h"

#include <string.h>

void walk_tell(const struct walking *w, const char *what, uint64_t address, uint64_t value, const char *format, ...)
{
	char text[EXPLAIN_TEXT_SIZE];
	struct explain_step step = {.what = what,
				    .has_address = true,
				    .address = address,
				    .value = value,
				    .depth = w->depth,
				    .meaning = text};
	va_list arguments;

	va_start(arguments, format);
	(void)format_text_v(text, sizeof(text), format, arguments);
	va_end(arguments);
	explain_tell(w->listener, &step);
}

void walk_conclude(struct walking *w, enum explain_end end, const char *format, ...)
{
	va_list arguments;

	w->result->end = end;
	va_start(arguments, format);
	(void)format_text_v(w->result->why, sizeof(w->result->why), format, arguments);
	va_end(arguments);
}

/* Faults of a translation go by CD.S and CD.R, or STE.S2S and STE.S2R (3.12). */
static void set_policy(struct walking *w)
{
	struct explain_result *r = w->result;

	r->is_recorded = true;
	if (r->event == C_BAD_STREAMID) {
		r->is_recorded = register_of(w->smmu, EXPLAIN_CR2) & CR2_RECINVSID;
	} else if (r->event >= F_TRANSLATION && r->event <= F_PERMISSION && r->stage == 2) {
		r->is_stalled = w->ste[2] & STE2_S2S;
		r->is_recorded = r->is_stalled || w->ste[2] & STE2_S2R;
	} else if (r->event >= F_TRANSLATION && r->event <= F_PERMISSION && w->has_cd) {
		r->is_stalled = w->cd[0] & CD0_S;
		r->is_recorded = r->is_stalled || w->cd[0] & CD0_R;
	}
}

bool walk_fail(struct walking *w, unsigned int event, unsigned int stage, const char *format, ...)
{
	va_list arguments;

	w->result->end = EXPLAIN_FAULTED;
	w->result->event = event;
	w->result->stage = stage;
	va_start(arguments, format);
	(void)format_text_v(w->result->why, sizeof(w->result->why), format, arguments);
	va_end(arguments);
	set_policy(w);
	return false;
}

/* --- STE. --- */

static bool find_by_l1std(struct walking *w, const struct strtab_shape *shape, uint64_t *address)
{
	unsigned int sid = w->access->sid, index = sid & (unsigned int)low_bits(shape->split), streams;
	uint64_t l1std, physical;

	if (!walk_fetch(w, "level-1 stream table descriptor", explain_l1std_address(shape, sid), &l1std, 1, F_STE_FETCH,
			&physical)) {
		return false;
	}
	streams = explain_l1std_streams(shape, l1std);
	if (streams) {
		walk_tell(w, "L1STD", physical, l1std, "%u streams from 0x%x on, STEs at 0x%llx", streams, sid - index,
			  (unsigned long long)explain_l1std_table(l1std));
	} else {
		walk_tell(w, "L1STD", physical, l1std, "no streams: Span is %u",
			  (unsigned int)FIELD_GET64(STRTAB_L1_SPAN, l1std));
	}
	if (index >= streams) {
		return walk_fail(w, C_BAD_STREAMID, 0,
				 "stream 0x%x is beyond what the stream table's first level names", sid);
	}
	*address = explain_l1std_table(l1std) + sizeof(struct ste) * index;
	return true;
}

static bool find_ste(struct walking *w, uint64_t *address)
{
	struct strtab_shape shape;
	unsigned int sid = w->access->sid;

	if (!explain_strtab_shape(w->smmu, &shape)) {
		walk_conclude(w, EXPLAIN_UNKNOWN,
			      "STRTAB_BASE and STRTAB_BASE_CFG are not known: no walk without them");
		return false;
	}
	if (sid > low_bits(shape.log2size < w->smmu->sid_bits ? shape.log2size : w->smmu->sid_bits)) {
		return walk_fail(w, C_BAD_STREAMID, 0, "stream 0x%x is beyond the stream table, which has 2^%u", sid,
				 shape.log2size);
	}
	*address = shape.base + sizeof(struct ste) * (uint64_t)sid;
	return !shape.split || find_by_l1std(w, &shape, address);
}

static bool read_ste(struct walking *w)
{
	char text[EXPLAIN_TEXT_SIZE];
	uint64_t address = 0, physical;
	const char *broken;

	if (!find_ste(w, &address) || !walk_fetch(w, "STE", address, w->ste, STE_DWORDS, F_STE_FETCH, &physical)) {
		return false;
	}
	explain_ste(w->smmu, w->ste, text);
	walk_tell(w, "STE", physical, w->ste[0], "%s", text);
	if (!(w->ste[0] & STE0_V)) {
		return walk_fail(w, C_BAD_STE, 0, "the STE of stream 0x%x is invalid (V is 0)",
				 (unsigned int)w->access->sid);
	}
	broken = explain_ste_broken(w->smmu, w->ste, 0);
	return !broken || walk_fail(w, C_BAD_STE, 0, "the STE of stream 0x%x is ILLEGAL: %s",
				    (unsigned int)w->access->sid, broken);
}

/* --- CD. --- */

static bool find_by_l1cd(struct walking *w, unsigned int split, uint64_t table, unsigned int ssid, uint64_t *address)
{
	uint64_t l1cd, physical, pointer;

	if (!walk_fetch(w, "level-1 CD descriptor", table + 8ULL * (ssid >> split), &l1cd, 1, F_CD_FETCH, &physical)) {
		return false;
	}
	pointer = explain_pointer(l1cd, 12);
	walk_tell(w, "L1CD", physical, l1cd, l1cd & L1CD_V ? "CDs at 0x%llx" : "invalid (V is 0)",
		  (unsigned long long)pointer);
	if (!(l1cd & L1CD_V) || pointer > low_bits(w->smmu->output_bits)) {
		return walk_fail(w, C_BAD_SUBSTREAMID, 0, "the CD table's first level names no CD for substream 0x%x",
				 ssid);
	}
	*address = pointer + sizeof(struct cd) * (ssid & low_bits(split));
	return true;
}

static bool read_cd(struct walking *w, unsigned int ssid)
{
	uint64_t table = explain_cd_table(w->smmu, w->ste), address = table + sizeof(struct cd) * (uint64_t)ssid,
		 physical;
	unsigned int split = explain_cd_split(w->smmu, w->ste);
	char text[EXPLAIN_TEXT_SIZE];
	const char *broken;

	if ((split && !find_by_l1cd(w, split, table, ssid, &address)) ||
	    !walk_fetch(w, "CD", address, w->cd, CD_DWORDS, F_CD_FETCH, &physical)) {
		return false;
	}
	explain_cd(w->smmu, w->ste, w->cd, text);
	walk_tell(w, "CD", physical, w->cd[0], "%s", text);
	if (!(w->cd[0] & CD0_V)) {
		return walk_fail(w, C_BAD_CD, 0, "the CD of substream 0x%x is invalid (V is 0)", ssid);
	}
	broken = explain_cd_broken(w->smmu, w->ste, w->cd, 0);
	if (broken) {
		return walk_fail(w, C_BAD_CD, 0, "the CD of substream 0x%x is ILLEGAL: %s", ssid, broken);
	}
	w->has_cd = true;
	return true;
}

/* Which CD, or that stage 1 is skipped (S1DSS). */
static bool choose_cd(struct walking *w)
{
	const struct explain_access *access = w->access;
	unsigned int bits = w->stage1 ? explain_ssid_bits_of(w->smmu, w->ste) : 0;
	unsigned int without = (unsigned int)FIELD_GET64(STE1_S1DSS, w->ste[1]);

	if (access->has_ssid && (!bits || access->ssid >> bits)) {
		return walk_fail(w, C_BAD_SUBSTREAMID, 0,
				 bits ? "substream 0x%x is beyond S1CDMax of the STE" :
					"substream 0x%x of a stream without substreams",
				 (unsigned int)access->ssid);
	}
	if (bits && !access->has_ssid && without == STE1_S1DSS_BYPASS) {
		w->stage1 = false;
	} else if (bits &&
		   (access->has_ssid ? without == STE1_S1DSS_SSID0 && !access->ssid : without != STE1_S1DSS_SSID0)) {
		return walk_fail(w, F_STREAM_DISABLED, 0,
				 access->has_ssid ? "substream 0 is for accesses without one (S1DSS)" :
						    "accesses without a substream are aborted (S1DSS)");
	}
	return !w->stage1 || read_cd(w, access->has_ssid ? access->ssid : 0);
}

/* --- All of it. --- */

/* PRIVCFG and INSTCFG, where the SMMU has them (13.5). */
static void override(struct walking *w)
{
	unsigned int privilege = (unsigned int)FIELD_GET64(STE1_PRIVCFG, w->ste[1]);
	unsigned int instruction = (unsigned int)FIELD_GET64(STE1_INSTCFG, w->ste[1]);

	if (!IDR(w->smmu, 1, ATTR_PERMS_OVR)) {
		return;
	}
	if (privilege >= STE1_CFG_CLEAR) {
		w->privileged = privilege == STE1_CFG_SET;
	}
	if (instruction >= STE1_CFG_CLEAR) {
		w->instruction = instruction == STE1_CFG_SET && !w->access->write;
	}
}

static void pass_disabled(struct walking *w)
{
	unsigned int gbpa = register_of(w->smmu, EXPLAIN_GBPA);

	walk_tell(w, "CR0", SMMU_CR0, w->smmu->value[EXPLAIN_CR0], "translation is off (SMMUEN is 0): GBPA decides");
	if (!w->smmu->is_known[EXPLAIN_GBPA]) {
		walk_conclude(w, EXPLAIN_UNKNOWN, "the SMMU is off, and GBPA, which decides then, is not known");
		return;
	}
	walk_tell(w, "GBPA", SMMU_GBPA, gbpa, gbpa & GBPA_ABORT ? "aborts everything" : "lets everything pass");
	if (gbpa & GBPA_ABORT || w->access->address > low_bits(w->smmu->output_bits)) {
		walk_conclude(w, EXPLAIN_ABORTED, "the SMMU is off and aborts everything (GBPA.ABORT)");
		return;
	}
	w->result->output = w->access->address;
	walk_conclude(w, EXPLAIN_BYPASSED, "the SMMU is off and lets everything pass");
}

static bool translate(struct walking *w)
{
	const struct want want = {
		.write = w->access->write, .privileged = w->privileged, .instruction = w->instruction};
	uint64_t output = w->access->address;

	if (!w->stage1 && output > low_bits(w->smmu->output_bits)) {
		return walk_fail(w, F_ADDR_SIZE, 1, "0x%llx is beyond the SMMU's %u bits", (unsigned long long)output,
				 w->smmu->output_bits);
	}
	if ((w->stage1 && !walk_stage1(w, output, &output)) || (w->stage2 && !walk_stage2(w, output, &want, &output))) {
		return false;
	}
	w->result->output = output;
	return true;
}

static void conclude_translated(struct walking *w)
{
	const struct explain_result *r = w->result;
	char size[SIZE_WORDS];

	if (!w->stage1 && !w->stage2) {
		walk_conclude(w, EXPLAIN_BYPASSED, "the STE lets the stream pass untranslated");
		return;
	}
	walk_conclude(w, EXPLAIN_TRANSLATED, "0x%llx, in %s that may be %s", (unsigned long long)r->output,
		      explain_size_words(r->size_bits, size),
		      r->writable ? (r->readable ? "read and written" : "written") : "read");
}

static void walk_enabled(struct walking *w)
{
	if (!read_ste(w)) {
		return;
	}
	if (ste_aborts(w->ste)) {
		walk_conclude(w, EXPLAIN_ABORTED,
			      "the STE of stream 0x%x aborts everything, without an event (Config %u)",
			      (unsigned int)w->access->sid, config_of(w->ste));
		return;
	}
	override(w);
	w->stage1 = has_stage1(w->ste);
	w->stage2 = has_stage2(w->ste);
	if (choose_cd(w) && translate(w)) {
		conclude_translated(w);
	}
}

void explain_walk(const struct explain_smmu *smmu, const struct explain_access *access,
		  const struct explain_listener *listener, struct explain_result *result)
{
	struct walking w = {.smmu = smmu,
			    .access = access,
			    .listener = listener,
			    .result = result,
			    .privileged = access->privileged,
			    .instruction = access->instruction && !access->write};

	memset(result, 0, sizeof(*result));
	result->readable = result->writable = true;
	if (smmu->is_known[EXPLAIN_CR0] && !(register_of(smmu, EXPLAIN_CR0) & CR0_SMMUEN)) {
		pass_disabled(&w);
	} else {
		walk_enabled(&w);
	}
}
