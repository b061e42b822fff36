/* SPDX-License-Identifier: BSD-2-Clause */
/* When an STE is ILLEGAL (IHI 0070, 5.2.2), and why. */
#include "state.h"

unsigned int granule_of(uint64_t tg, bool upper)
{
	static const unsigned int lower_bits[] = {12, 16, 14, 0}, upper_bits[] = {0, 14, 12, 16};

	return upper ? upper_bits[tg & 3] : lower_bits[tg & 3];
}

bool is_granule_supported(const struct model *m, unsigned int granule_bits)
{
	switch (granule_bits) {
	case 12:
		return m->config.idr[5] & 0x10;
	case 14:
		return m->config.idr[5] & 0x20;
	case 16:
		return m->config.idr[5] & 0x40;
	default:
		return false;
	}
}

static unsigned int config_of(const uint64_t ste[8])
{
	return (unsigned int)field(ste[0], 3, 1);
}

static bool is_strw_used(const struct model *m, const uint64_t ste[8])
{
	return config_of(ste) == 5 && (idr0(m) & IDR0_S1P) && (idr0(m) & IDR0_HYP);
}

enum regime regime_of(const struct model *m, const uint64_t ste[8])
{
	if (!is_strw_used(m, ste) || field(ste[1], 31, 30) != 2) {
		return EL1;
	}
	return m->reg[R_CR2 / 4] & 1 ? EL2_E2H : EL2;
}

static const char *stage1_illegal(const struct model *m, const uint64_t ste[8])
{
	uint64_t ssid_bits = field(m->config.idr[1], 10, 6), cd_max = field(ste[0], 63, 59),
		 format = field(ste[0], 5, 4);

	if (field(ste[1], 27, 27) && field(idr0(m), 25, 24) != 0) {
		return "S1STALLD is set, and STALL_MODEL is not 0";
	}
	if (ssid_bits && cd_max > ssid_bits) {
		return "S1CDMax is beyond SSIDSIZE";
	}
	if (ssid_bits && cd_max && !(idr0(m) & IDR0_CD2L) && (format == 1 || format == 2)) {
		return "S1Fmt is a 2-level table, which is not supported";
	}
	if ((ste[0] & low_bits(56) & ~low_bits(6)) > low_bits(oas(m))) {
		return "S1ContextPtr is out of range";
	}
	return NULL;
}

/* SL0, T0SZ, TG: the first level resolves at least one bit, and at most 4 more than others. */
static bool is_start_inconsistent(unsigned int granule_bits, uint64_t sl0, unsigned int input_bits,
				  unsigned int pa_bits)
{
	unsigned int stride = granule_bits - 3, levels = (unsigned int)sl0 + (granule_bits == 12 ? 2 : 1);
	unsigned int below = granule_bits + (levels - 1) * stride;

	if (sl0 == 3 || (granule_bits == 12 && sl0 == 2 && pa_bits < 44) ||
	    (granule_bits == 14 && sl0 == 2 && pa_bits < 42) || (granule_bits == 16 && sl0 == 2 && pa_bits < 44)) {
		return true;
	}
	return input_bits <= below || input_bits > below + stride + 4;
}

static unsigned int minimum(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

static const char *stage2_size_illegal(const struct model *m, const uint64_t ste[8])
{
	unsigned int granule_bits = granule_of(field(ste[2], 47, 46), false),
		     t0sz = (unsigned int)field(ste[2], 37, 32);
	unsigned int pa_bits = minimum(address_bits(field(ste[2], 50, 48)), oas(m));
	unsigned int most = granule_bits == 16 ? 52 : 48, least = 39;

	if (!is_granule_supported(m, granule_bits)) {
		return "S2TG is not supported";
	}
	if (m->config.idr[3] & IDR3_STT) {
		least = granule_bits == 16 ? 47 : 48;
	}
	if (t0sz > least || t0sz < 64 - minimum(most, oas(m))) {
		return "S2T0SZ is out of range";
	}
	if (is_start_inconsistent(granule_bits, field(ste[2], 39, 38), 64 - t0sz, oas(m))) {
		return "S2SL0 and S2T0SZ are inconsistent";
	}
	if ((ste[3] & low_bits(56) & ~low_bits(4)) > low_bits(minimum(pa_bits, most))) {
		return "S2TTB is beyond S2PS";
	}
	return NULL;
}

static const char *stage2_illegal(const struct model *m, const uint64_t ste[8])
{
	uint64_t endian = field(idr0(m), 22, 21), stall_model = field(idr0(m), 25, 24), httu = field(idr0(m), 7, 6);

	if (!field(ste[2], 51, 51)) {
		return "S2AA64 is clear, and AArch32 is not modelled";
	}
	if (!(idr0(m) & IDR0_AARCH64)) {
		return "S2AA64 is set without AArch64 tables";
	}
	if ((endian == 2 && field(ste[2], 52, 52)) || (endian == 3 && !field(ste[2], 52, 52))) {
		return "S2ENDI is not supported";
	}
	if (stall_model == 1 && field(ste[2], 57, 57)) {
		return "S2S is set, and stalls are not supported";
	}
	if (stall_model == 2 && !field(ste[2], 57, 57)) {
		return "S2S is clear, and stalls are forced";
	}
	if ((!httu && field(ste[2], 56, 55)) || (httu == 1 && field(ste[2], 55, 55))) {
		return "S2HA or S2HD is set without HTTU";
	}
	return stage2_size_illegal(m, ste);
}

static const char *ats_illegal(const struct model *m, const uint64_t ste[8])
{
	unsigned int config = config_of(ste);
	uint64_t eats = field(ste[1], 29, 28);
	bool s2s = field(ste[2], 57, 57);

	if (!(idr0(m) & IDR0_ATS) || config == 4) {
		return NULL;
	}
	if (eats == 2 && (config != 7 || s2s || field(idr0(m), 11, 11))) {
		return "EATS is split-stage ATS, which this STE cannot do";
	}
	return eats == 1 && s2s && (config & 2) ? "EATS is full ATS with S2S" : NULL;
}

static bool is_vmid_used(const struct model *m, const uint64_t ste[8])
{
	return (idr0(m) & IDR0_S2P) && config_of(ste) != 4 && !(is_strw_used(m, ste) && field(ste[1], 31, 30));
}

const char *ste_illegal(const struct model *m, const uint64_t ste[8])
{
	unsigned int config = config_of(ste);
	const char *reason = NULL;

	if (config < 4) {
		return NULL;
	}
	if ((config & 1) && !(idr0(m) & IDR0_S1P)) {
		return "stage 1 is not implemented";
	}
	if ((config & 2) && !(idr0(m) & IDR0_S2P)) {
		return "stage 2 is not implemented";
	}
	if (is_strw_used(m, ste) && field(ste[1], 30, 30)) {
		return "STRW is reserved";
	}
	if (is_vmid_used(m, ste) && !(idr0(m) & IDR0_VMID16) && field(ste[2], 15, 8)) {
		return "S2VMID has more than 8 bits";
	}
	reason = ats_illegal(m, ste);
	if (!reason && (config & 1)) {
		reason = stage1_illegal(m, ste);
	}
	if (!reason && (config & 2)) {
		reason = stage2_illegal(m, ste);
	}
	return reason;
}
