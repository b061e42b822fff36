/* SPDX-License-Identifier: BSD-2-Clause */
/* Command formats (IHI 0070, chapter 4): the fields, and when CERROR_ILL. */
#include "state.h"

#define SSEC (1ULL << 10)
#define SSV (1ULL << 11)
#define SSID (0xfffffULL << 12)
#define SID (0xffffffffULL << 32)
#define VMID (0xffffULL << 32)
#define ASID (0xffffULL << 48)
#define RANGE0 (0x1fULL << 12 | 0x1fULL << 20)
#define RANGE1 (0xfULL << 8)
#define LEAF 1ULL
#define VA (~0ULL << 12)
#define IPA (0xfffffffffffULL << 12)

enum need {
	NEED_S1 = 1,
	NEED_S2 = 2,
	NEED_HYP = 4,
	NEED_ATS = 8,
	NEED_PRI = 16,
	NEED_STALLS = 32,
	HAS_SID = 64,
	HAS_SSID = 128,
	HAS_RANGE = 256,
	HAS_VMID = 512,
	HAS_ASID = 1024,
};

struct format {
	uint32_t opcode;
	const char *name;
	uint64_t fields[2]; /* Bits but the opcode; all others are RES0. */
	unsigned int flags;
};

static const struct format formats[] = {
	{0x01, "CMD_PREFETCH_CONFIG", {SSEC | SSV | SSID | SID, 0}, HAS_SID | HAS_SSID},
	{0x02, "CMD_PREFETCH_ADDR", {SSEC | SSV | SSID | SID | 1ULL << 9, VA | 0x3ff}, HAS_SID | HAS_SSID},
	{0x03, "CMD_CFGI_STE", {SSEC | SID, LEAF}, HAS_SID},
	{0x04, "CMD_CFGI_STE_RANGE", {SSEC | SID, 0x1f}, 0},
	{0x05, "CMD_CFGI_CD", {SSEC | SSID | SID, LEAF}, NEED_S1 | HAS_SID | HAS_SSID},
	{0x06, "CMD_CFGI_CD_ALL", {SSEC | SID, 0}, NEED_S1 | HAS_SID},
	{0x10, "CMD_TLBI_NH_ALL", {VMID, 0}, NEED_S1 | HAS_VMID},
	{0x11, "CMD_TLBI_NH_ASID", {VMID | ASID, 0}, NEED_S1 | HAS_VMID | HAS_ASID},
	{0x12, "CMD_TLBI_NH_VA", {VMID | ASID | RANGE0, LEAF | RANGE1 | VA}, NEED_S1 | HAS_VMID | HAS_ASID | HAS_RANGE},
	{0x13, "CMD_TLBI_NH_VAA", {VMID | RANGE0, LEAF | RANGE1 | VA}, NEED_S1 | HAS_VMID | HAS_RANGE},
	{0x20, "CMD_TLBI_EL2_ALL", {0, 0}, NEED_S1 | NEED_HYP},
	{0x21, "CMD_TLBI_EL2_ASID", {ASID, 0}, NEED_S1 | NEED_HYP | HAS_ASID},
	{0x22, "CMD_TLBI_EL2_VA", {ASID | RANGE0, LEAF | RANGE1 | VA}, NEED_S1 | NEED_HYP | HAS_ASID | HAS_RANGE},
	{0x23, "CMD_TLBI_EL2_VAA", {RANGE0, LEAF | RANGE1 | VA}, NEED_S1 | NEED_HYP | HAS_RANGE},
	{0x28, "CMD_TLBI_S12_VMALL", {VMID, 0}, NEED_S2 | HAS_VMID},
	{0x2a, "CMD_TLBI_S2_IPA", {VMID | RANGE0, LEAF | RANGE1 | IPA}, NEED_S2 | HAS_VMID | HAS_RANGE},
	{0x30, "CMD_TLBI_NSNH_ALL", {0, 0}, 0},
	{0x40, "CMD_ATC_INV", {1ULL << 9 | SSEC | SSV | SSID | SID, VA | 0x3f}, NEED_ATS | HAS_SID | HAS_SSID},
	{0x41, "CMD_PRI_RESP", {SSEC | SSV | SSID | SID, 0x1ff | 3ULL << 12}, NEED_PRI | HAS_SID | HAS_SSID},
	{0x44, "CMD_RESUME", {SSEC | 3ULL << 12 | SID, 0xffff}, NEED_STALLS | HAS_SID},
	{0x45, "CMD_STALL_TERM", {SSEC | SID, 0}, NEED_STALLS | HAS_SID},
	{0x46, "CMD_SYNC", {3ULL << 12 | 0x3fULL << 22 | SID, 0x00fffffffffffffcULL}, 0},
};

static const struct format *find_format(uint32_t opcode)
{
	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		if (formats[i].opcode == opcode) {
			return &formats[i];
		}
	}
	return NULL;
}

static bool is_supported(const struct model *m, const struct format *f)
{
	unsigned int missing = 0;

	missing |= idr0(m) & IDR0_S1P ? 0 : NEED_S1;
	missing |= idr0(m) & IDR0_S2P ? 0 : NEED_S2;
	missing |= idr0(m) & IDR0_HYP ? 0 : NEED_HYP;
	missing |= idr0(m) & IDR0_ATS ? 0 : NEED_ATS;
	missing |= idr0(m) & IDR0_PRI ? 0 : NEED_PRI;
	missing |= field(idr0(m), 25, 24) == 1 ? NEED_STALLS : 0;
	return !(f->flags & missing);
}

static void check_reserved(struct model *m, const struct format *f, const struct command *c)
{
	uint64_t reserved[2] = {c->dword[0] & ~f->fields[0] & ~0xffULL, c->dword[1] & ~f->fields[1]};

	if (reserved[0] || reserved[1]) {
		complain(m, "%s has reserved bits set: 0x%llx 0x%llx", f->name, (unsigned long long)reserved[0],
			 (unsigned long long)reserved[1]);
	}
}

static void check_tags(struct model *m, const struct format *f, const struct command *c)
{
	uint64_t vmid = field(c->dword[0], 47, 32), asid = field(c->dword[0], 63, 48);

	if ((f->flags & HAS_VMID) && vmid && !(idr0(m) & IDR0_S2P)) {
		complain(m, "%s has a VMID, which is reserved without stage 2", f->name);
	} else if ((f->flags & HAS_VMID) && vmid > 0xff && !(idr0(m) & IDR0_VMID16)) {
		complain(m, "%s: VMID 0x%x is out of range", f->name, (unsigned int)vmid);
	}
	if ((f->flags & HAS_ASID) && asid > 0xff && !(idr0(m) & IDR0_ASID16)) {
		complain(m, "%s: ASID 0x%x is out of range", f->name, (unsigned int)asid);
	}
}

static void check_ids(struct model *m, const struct format *f, const struct command *c)
{
	uint64_t sid = c->dword[0] >> 32, ssid = field(c->dword[0], 31, 12);
	uint64_t sid_bits = field(m->config.idr[1], 5, 0), ssid_bits = field(m->config.idr[1], 10, 6);

	if ((f->flags & HAS_SID) && sid > low_bits((unsigned int)sid_bits)) {
		complain(m, "%s: stream 0x%llx is out of range", f->name, (unsigned long long)sid);
	}
	if ((f->flags & HAS_SSID) && ssid > low_bits((unsigned int)ssid_bits)) {
		complain(m, "%s: substream 0x%llx is out of range", f->name, (unsigned long long)ssid);
	}
}

/* Of addresses, for a range and for a level hint. */
static unsigned int range_alignment(uint64_t tg, uint64_t ttl)
{
	unsigned int granule_bits = 10 + 2 * (unsigned int)tg;

	if (ttl == 0 || (tg == 2 && ttl == 1)) {
		return granule_bits;
	}
	return granule_bits + (3 - (unsigned int)ttl) * (granule_bits - 3);
}

static bool is_range_legal(struct model *m, const struct format *f, const struct command *c)
{
	uint64_t num = field(c->dword[0], 16, 12), scale = field(c->dword[0], 24, 20);
	uint64_t ttl = field(c->dword[1], 9, 8), tg = field(c->dword[1], 11, 10);
	uint64_t hint = tg == 2 && ttl == 1 ? 0 : ttl;

	if (!(m->config.idr[3] & IDR3_RIL)) {
		if (num | scale | ttl | tg) {
			complain(m, "%s has range fields without IDR3.RIL", f->name);
		}
		return true;
	}
	if (!tg) {
		if (num | scale | ttl) {
			complain(m, "%s has range fields with TG == 0", f->name);
		}
		return true;
	}
	if (!num && !scale && !hint) {
		complain(m, "%s: TG with NUM, SCALE and TTL 0 is a reserved combination", f->name);
		return false;
	}
	if (tg == 2 && ttl == 1) {
		complain(m, "%s: TTL 1 is reserved for 16 KiB granules", f->name);
	}
	if (!is_granule_supported(m, 10 + 2 * (unsigned int)tg)) {
		complain(m, "%s: the granule of TG %u is not supported", f->name, (unsigned int)tg);
	}
	if (c->dword[1] & low_bits(range_alignment(tg, ttl)) & VA) {
		complain(m, "%s: address 0x%llx is not aligned for its TG and TTL", f->name,
			 (unsigned long long)(c->dword[1] & VA));
	}
	return true;
}

static void check_fields(struct model *m, const struct format *f, const struct command *c)
{
	check_reserved(m, f, c);
	check_tags(m, f, c);
	check_ids(m, f, c);
}

bool command_is_legal(struct model *m, const struct command *c)
{
	const struct format *f = find_format(c->dword[0] & 0xff);

	if (!f || !is_supported(m, f)) {
		return false;
	}
	if ((f->fields[0] & SSEC) && (c->dword[0] & SSEC)) {
		return false;
	}
	if (f->opcode == 0x46 && field(c->dword[0], 13, 12) == 3) {
		return false;
	}
	check_fields(m, f, c);
	return !(f->flags & HAS_RANGE) || is_range_legal(m, f, c);
}
