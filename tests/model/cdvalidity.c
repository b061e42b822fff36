/* SPDX-License-Identifier: BSD-2-Clause */
/* When a CD is ILLEGAL (IHI 0070, 5.4.2), and why. */
#include "state.h"

static const char *faults_illegal(const struct model *m, const uint64_t ste[8], uint64_t cd)
{
	uint64_t stall_model = field(idr0(m), 25, 24);
	bool stall = field(cd, 44, 44);

	if (stall && field(ste[1], 27, 27)) {
		return "S is set, and the STE's S1STALLD is as well";
	}
	if (!field(cd, 46, 46) && (idr0(m) & IDR0_TERM_MODEL)) {
		return "A is clear, and TERM_MODEL knows only aborts";
	}
	if (stall && stall_model == 1) {
		return "S is set, and stalls are not supported";
	}
	return !stall && stall_model == 2 ? "S is clear, and stalls are forced" : NULL;
}

static const char *size_illegal(const struct model *m, uint64_t tsz, unsigned int granule_bits)
{
	unsigned int least = granule_bits == 16 && field(m->config.idr[5], 11, 10) ? 12 : 16, most = 39;

	if (m->config.idr[3] & IDR3_STT) {
		most = granule_bits == 16 ? 47 : 48;
	}
	return tsz < least || tsz > most ? "TxSZ is out of range" : NULL;
}

static const char *half_illegal(const struct model *m, const uint64_t cd[8], bool upper)
{
	unsigned int granule_bits = granule_of(upper ? field(cd[0], 23, 22) : field(cd[0], 7, 6), upper);
	uint64_t tsz = upper ? field(cd[0], 21, 16) : field(cd[0], 5, 0);
	uint64_t ttb = cd[upper ? 2 : 1] & low_bits(56) & ~low_bits(4);
	unsigned int range = address_bits(field(cd[0], 34, 32));

	if (!is_granule_supported(m, granule_bits)) {
		return "TGx is not supported";
	}
	range = range < oas(m) ? range : oas(m);
	if (granule_bits != 16 && range > 48) {
		range = 48;
	}
	return ttb > low_bits(range) ? "TTBx is beyond IPS" : size_illegal(m, tsz, granule_bits);
}

static const char *tables_illegal(const struct model *m, const uint64_t ste[8], const uint64_t cd[8])
{
	enum regime regime = regime_of(m, ste);
	bool lower = regime == EL2 || !field(cd[0], 14, 14), upper = regime != EL2 && !field(cd[0], 30, 30);
	uint64_t endian = field(idr0(m), 22, 21);
	const char *reason = NULL;

	if ((lower || upper) && ((endian == 2 && field(cd[0], 15, 15)) || (endian == 3 && !field(cd[0], 15, 15)))) {
		return "ENDI is not supported";
	}
	if (regime != EL2 && !(idr0(m) & IDR0_ASID16) && field(cd[0], 63, 56)) {
		return "ASID has more than 8 bits";
	}
	if (lower) {
		reason = half_illegal(m, cd, false);
	}
	return !reason && upper ? half_illegal(m, cd, true) : reason;
}

const char *cd_illegal(const struct model *m, const uint64_t ste[8], const uint64_t cd[8])
{
	uint64_t httu = field(idr0(m), 7, 6);
	const char *reason = faults_illegal(m, ste, cd[0]);

	if (reason) {
		return reason;
	}
	if (!field(cd[0], 41, 41)) {
		return "AA64 is clear, and AArch32 is not modelled";
	}
	if (!(idr0(m) & IDR0_AARCH64)) {
		return "AA64 is set without AArch64 tables";
	}
	if ((!httu && field(cd[0], 43, 42)) || (httu == 1 && field(cd[0], 42, 42))) {
		return "HA or HD is set without HTTU";
	}
	return tables_illegal(m, ste, cd);
}
