/* SPDX-License-Identifier: BSD-2-Clause */
/* drivers/explain by hand: what the model does not have (LPA2, AArch32, big-endian), words, lists, and hostile memory.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "explain/explain.h"
#include "smmuv3/event.h"

#define RAM 0x80000000ULL
#define RAM_SIZE 0x100000U
#define STRTAB (RAM + 0x0)
#define CD (RAM + 0x10000)
#define S1 (RAM + 0x20000) /* Tables of 64 KiB. */
#define S2 (RAM + 0x80000)
#define CMDQ (RAM + 0xf0000)
#define EVENTQ (RAM + 0xf8000)
#define DATA (RAM + 0xe0000)
#define SID 3U
#define BIT(n) (1ULL << (n))

static uint8_t ram[RAM_SIZE];
static uint32_t regs[0x200];
static uint32_t page1[0x100];
static uint64_t hole, hole_size;
static unsigned int reads;

static bool read_memory(void *context, uint64_t address, void *bytes, size_t size)
{
	(void)context;
	reads++;
	if (address < RAM || address - RAM > RAM_SIZE - size || size > 4096 ||
	    (hole_size && address + size > hole && address < hole + hole_size)) {
		return false;
	}
	memcpy(bytes, ram + (address - RAM), size);
	return true;
}

static bool read_register(void *context, uint32_t offset, uint32_t *value)
{
	const bool *has_ids = context;

	if (has_ids && !*has_ids && offset < 0x20) {
		return false;
	}
	*value = offset >= 0x10000 ? page1[(offset - 0x10000) / 4] : regs[offset / 4];
	return true;
}

static void put(uint64_t address, uint64_t dword)
{
	memcpy(ram + (address - RAM), &dword, 8);
}

static void put_big(uint64_t address, uint64_t dword)
{
	put(address, __builtin_bswap64(dword));
}

static void set64(uint32_t offset, uint64_t value)
{
	regs[offset / 4] = (uint32_t)value;
	regs[offset / 4 + 1] = (uint32_t)(value >> 32);
}

/* Stages 1 and 2, both formats and endiannesses, 2-level CDs, 52 bits, 20 bits of substream ID. */
static int setup(void **state)
{
	(void)state;
	memset(ram, 0, sizeof(ram));
	memset(regs, 0, sizeof(regs));
	memset(page1, 0, sizeof(page1));
	hole_size = 0;
	reads = 0;
	regs[0x0 / 4] = 0x080c1a0fU | 1U << 9;
	regs[0x4 / 4] = 16U | 20U << 6 | 19U << 16 | 19U << 21;
	regs[0xc / 4] = 1U << 9;
	regs[0x14 / 4] = 6U | 7U << 4 | 1U << 7 | 1U << 10;
	regs[0x1c / 4] = 2;
	regs[0x20 / 4] = regs[0x24 / 4] = 0xd;
	set64(0x80, STRTAB);
	regs[0x88 / 4] = 6;
	return 0;
}

static struct explain_smmu opened(void)
{
	const struct explain_target target = {NULL, read_memory, read_register};
	struct explain_smmu smmu;

	assert_true(explain_open(&smmu, &target));
	return smmu;
}

static struct explain_result walked(uint64_t address)
{
	const struct explain_smmu smmu = opened();
	const struct explain_access access = {.sid = SID, .address = address};
	struct explain_result result;

	explain_walk(&smmu, &access, NULL, &result);
	return result;
}

static void put_stage1_ste(void)
{
	put(STRTAB + 64 * SID, 1 | 5U << 1 | CD);
}

/* V, AA64, A, R, IPS; EPD1. */
static void put_cd(uint64_t more, uint64_t ttb0, uint64_t dword2)
{
	put(CD, BIT(31) | BIT(41) | BIT(46) | BIT(45) | BIT(30) | 6ULL << 32 | more);
	put(CD + 8, ttb0);
	put(CD + 16, dword2);
}

static void assert_output(uint64_t address, uint64_t output, unsigned int size_bits)
{
	struct explain_result result = walked(address);

	assert_string_not_equal(result.why, "");
	assert_int_equal(result.end, EXPLAIN_TRANSLATED);
	assert_int_equal(result.output, output);
	assert_int_equal(result.size_bits, size_bits);
}

/* --- Formats. --- */

/* DS: 52 bits with 4 KiB begin at level -1; bits 51:50 of an address are 9:8 of a descriptor. */
static void test_lpa2_4k(void **state)
{
	(void)state;
	put_stage1_ste();
	put_cd(12, S1, BIT(58));
	put(S1 + 8 * 1, (S1 + 0x1000) | 3);	     /* Level -1: 2^48. */
	put(S1 + 0x1000 + 8 * 2, (S1 + 0x2000) | 3); /* Level 0. */
	put(S1 + 0x1000 + 8 * 3,
	    0x0008000000000000ULL % BIT(50) | BIT(39) | 0x300 | 0x440 | 1); /* A block of 512 GiB. */
	put(S1 + 0x2000 + 8 * 3, (S1 + 0x3000) | 3);
	put(S1 + 0x3000 + 8 * 4, (S1 + 0x4000) | 3);
	put(S1 + 0x4000 + 8 * 5, BIT(49) | 0x5000 | 0x100 | 0x440 | 3);
	assert_output(BIT(48) | 2ULL << 39 | 3ULL << 30 | 4ULL << 21 | 5ULL << 12 | 0x123, BIT(50) | BIT(49) | 0x5123,
		      12);
	assert_output(BIT(48) | 3ULL << 39 | 0x1234567, 3ULL << 50 | BIT(39) | 0x1234567, 39);
}

static void test_lpa2_16k_at_stage_2(void **state)
{
	struct explain_result result;

	(void)state;
	put(STRTAB + 64 * SID, 1 | 6U << 1);
	/* S2T0SZ 12, SL0 3 (level 0 with DS), 16 KiB, 52 bits, AA64, R. */
	put(STRTAB + 64 * SID + 16, 12ULL << 32 | 3ULL << 38 | 2ULL << 46 | 6ULL << 48 | BIT(51) | BIT(58));
	put(STRTAB + 64 * SID + 24, S2 | BIT(3));
	put(S2 + 8 * 2, (S2 + 0x4000) | 3);
	put(S2 + 0x4000 + 8 * 1, BIT(40) | 0x200 | 0x4c0 | 1); /* Level 1: a block of 64 GiB. */
	assert_output(2ULL << 47 | 1ULL << 36 | 0x77, BIT(51) | BIT(40) | 0x77, 36);
	result = walked(3ULL << 47);
	assert_int_equal(result.event, F_TRANSLATION);
	assert_int_equal(result.stage, 2);
	assert_int_equal(result.level, 0);
}

static void test_52_bits_with_64k(void **state)
{
	(void)state;
	put_stage1_ste();
	put_cd(12 | 1U << 6, S1, 0);
	put(S1 + 8 * 5, (S1 + 0x10000) | 3);
	put(S1 + 8 * 6, BIT(42) | 0xa000 | 0x440 | 1); /* Level 1: a block of 4 TiB. */
	put(S1 + 0x10000 + 8 * 7, (S1 + 0x20000) | 3);
	put(S1 + 0x20000 + 8 * 9, 0x30000 | 0xf000 | 0x440 | 3);
	assert_output(5ULL << 42 | 7ULL << 29 | 9ULL << 16 | 0x8000, 0xfULL << 48 | 0x38000, 16);
	assert_output(6ULL << 42 | 0x123, 0xaULL << 48 | BIT(42) | 0x123, 42);
}

static void test_big_endian(void **state)
{
	(void)state;
	put_stage1_ste();
	put_cd(25 | BIT(15), S1, 0);
	put_big(S1 + 8 * 1, (S1 + 0x1000) | 3);
	put_big(S1 + 0x1000, DATA | 0x441 | BIT(52));
	assert_int_equal(walked(BIT(30)).event, 0);
	assert_output(BIT(30) | 0x10, (DATA & ~(BIT(21) - 1)) | 0x10, 21);
	/* And not as little-endian. */
	put_cd(25, S1, 0);
	assert_int_equal(walked(BIT(30)).event, F_TRANSLATION);
}

/* VMSAv8-32 LPAE: 32 bits in, T0SZ and T1SZ choose the half, 40 bits out. */
static void test_aarch32(void **state)
{
	(void)state;
	put_stage1_ste();
	put(CD, BIT(31) | BIT(46) | BIT(45) | 1U << 16 | 0);
	put(CD + 8, S1);
	put(CD + 16, S1 + 0x8000);
	put(S1 + 8 * 1, (S1 + 0x1000) | 3);
	put(S1 + 0x1000 + 8 * 2, 0x9000200000ULL | 0x441);
	put(S1 + 0x8000 + 8 * 1, 0x40000000ULL | 0x441);
	assert_output(0x40400123, 0x9000200123ULL, 21);
	assert_output(0xc0000123, 0x40000123, 30);
	assert_int_equal(walked(0x1c0000123ULL).event, F_TRANSLATION);
}

static void test_substreams(void **state)
{
	struct explain_smmu smmu;
	struct explain_result result;
	struct explain_access access = {.sid = SID, .has_ssid = true, .ssid = 0x45, .address = 0x1000};

	(void)state;
	/* S1Fmt 1 (2-level, 4 KiB), 2^8 CDs: one CD in the second table of 64. */
	put(STRTAB + 64 * SID, 1 | 5U << 1 | 1U << 4 | CD | 8ULL << 59);
	put(CD + 8 * 1, (CD + 0x1000) | 1);
	put(CD + 0x1000 + 64 * 5, BIT(31) | BIT(41) | BIT(46) | BIT(30) | 25);
	put(CD + 0x1000 + 64 * 5 + 8, S1);
	smmu = opened();
	explain_walk(&smmu, &access, NULL, &result);
	assert_int_equal(result.event, F_TRANSLATION);
	assert_int_equal(result.fetch, S1);
	assert_false(result.is_recorded); /* CD.R is clear. */
	access.ssid = 0x85;
	explain_walk(&smmu, &access, NULL, &result);
	assert_int_equal(result.event, C_BAD_SUBSTREAMID);
	access.ssid = 0x100;
	explain_walk(&smmu, &access, NULL, &result);
	assert_int_equal(result.event, C_BAD_SUBSTREAMID);
	access.has_ssid = false;
	explain_walk(&smmu, &access, NULL, &result);
	assert_int_equal(result.event, F_STREAM_DISABLED);
}

/* --- Lists. --- */

static struct explain_stream streams[8];
static unsigned int stream_count;

static bool take_stream(void *context, const struct explain_stream *stream)
{
	const unsigned int *most = context;

	streams[stream_count++] = *stream;
	return stream_count < *most;
}

static enum explain_scan scanned(uint32_t limit, unsigned int most)
{
	const struct explain_smmu smmu = opened();

	stream_count = 0;
	return explain_streams(&smmu, limit, take_stream, &most);
}

static void test_runs_of_streams(void **state)
{
	(void)state;
	put_stage1_ste();
	for (unsigned int sid = 8; sid < 16; sid++) {
		put(STRTAB + 64 * sid, 1);
	}
	put(STRTAB + 64 * 12, 1 | 4U << 1);
	assert_int_equal(scanned(1000, 8), EXPLAIN_SCANNED);
	assert_int_equal(stream_count, 4);
	assert_int_equal(streams[0].first, SID);
	assert_int_equal(streams[0].last, SID);
	assert_int_equal(streams[1].first, 8);
	assert_int_equal(streams[1].last, 11);
	assert_int_equal(streams[2].first, 12);
	assert_int_equal(streams[3].last, 15);
	assert_int_equal(scanned(1000, 2), EXPLAIN_SCAN_CUT);
	assert_int_equal(stream_count, 2);
	/* The entries up to the limit are told all the same. */
	assert_int_equal(scanned(10, 8), EXPLAIN_SCAN_CUT);
	assert_int_equal(stream_count, 2);
	assert_int_equal(streams[1].last, 9);
}

static void test_two_levels(void **state)
{
	(void)state;
	regs[0x88 / 4] = 16 | 8U << 6 | 1U << 16;
	put(STRTAB + 8 * 2, (STRTAB + 0x4000) | 5); /* Span 5: 16 streams from 0x200 on. */
	put(STRTAB + 8 * 3, (STRTAB + 0x4000) | 31);
	put(STRTAB + 0x4000 + 64 * 15, 1 | 4U << 1);
	put(STRTAB + 0x4000 + 64 * 16, 1 | 4U << 1);
	hole = STRTAB + 8 * 0x40;
	hole_size = 8;
	assert_int_equal(scanned(100000, 8), EXPLAIN_SCANNED);
	assert_int_equal(stream_count, 2);
	assert_int_equal(streams[0].first, 0x20f);
	assert_false(streams[1].is_readable);
	assert_int_equal(streams[1].first, 0x4000);
	assert_int_equal(streams[1].last, 0x40ff);
}

/* 2^32 streams that all name one second level: no more is read than the limit lets. */
static void test_scan_is_bounded(void **state)
{
	(void)state;
	regs[0x4 / 4] = 32;
	regs[0x88 / 4] = 32 | 10U << 6 | 1U << 16;
	memset(ram, 0xff, sizeof(ram));
	for (unsigned int i = 0; i < 0x10000; i += 8) {
		put(RAM + i, (STRTAB + 0x10000) | 11);
	}
	assert_int_equal(scanned(5000, 8), EXPLAIN_SCAN_CUT);
	assert_true(reads < 6000);
}

static struct explain_entry entries[40];
static unsigned int entry_count;

static bool take_entry(void *context, const struct explain_entry *entry)
{
	(void)context;
	entries[entry_count++] = *entry;
	return entry_count < 40;
}

static void test_queue_tells_old_and_waiting(void **state)
{
	struct explain_smmu smmu;

	(void)state;
	set64(0x90, CMDQ | 3);
	regs[0x98 / 4] = 0x9; /* Wrapped: index 1. */
	regs[0x9c / 4] = 0x6;
	for (unsigned int i = 0; i < 7; i++) {
		put(CMDQ + 16 * i, 0x46);
	}
	put(CMDQ + 16 * 6, 0x03 | 7ULL << 32);
	smmu = opened();
	entry_count = 0;
	assert_true(explain_queue(&smmu, EXPLAIN_CMDQ, take_entry, NULL));
	/* 1 to 5 are older; 6, 7 (all zero) and 0 wait. */
	assert_int_equal(entry_count, 8);
	assert_int_equal(entries[0].index, 1);
	assert_false(entries[4].is_pending);
	assert_int_equal(entries[5].index, 6);
	assert_true(entries[5].is_pending);
	assert_int_equal(entries[6].index, 7);
	assert_int_equal(entries[7].index, 0);
}

/* A size of 2^31 and indices that lie: no more entries than the architecture has. */
static void test_queue_is_bounded(void **state)
{
	struct explain_smmu smmu;

	(void)state;
	set64(0xa0, 0x1000000000ULL | 31);
	page1[0xa8 / 4] = 0xffffffff;
	smmu = opened();
	entry_count = 0;
	assert_true(explain_queue(&smmu, EXPLAIN_EVENTQ, take_entry, NULL));
	assert_int_equal(entry_count, 40);
	assert_false(entries[0].is_readable);
}

/* --- Words. --- */

static void assert_command(uint64_t low, uint64_t high, const char *words)
{
	const uint64_t command[2] = {low, high};
	char text[EXPLAIN_TEXT_SIZE];

	explain_command(command, text);
	assert_string_equal(text, words);
}

static void test_commands(void **state)
{
	(void)state;
	assert_command(0x46, 0, "CMD_SYNC: no signal at its end");
	assert_command(0x04, 31, "CMD_CFGI_STE_RANGE: everything");
	assert_command(0x04 | 0x40ULL << 32, 3, "CMD_CFGI_STE_RANGE: 2^4 streams around 0x40");
	assert_command(0x12 | 5ULL << 48 | 2ULL << 32, 0x7000 | 1,
		       "CMD_TLBI_NH_VA of ASID 5, VMID 2: 0x7000, leaves alone");
	assert_command(0x2a | 2ULL << 32 | 3ULL << 12 | 1ULL << 20, 0x7000 | 1U << 10,
		       "CMD_TLBI_S2_IPA of VMID 2: 0x7000, 8 pages");
	assert_command(0x44 | 9ULL << 32 | BIT(12), 0x12, "CMD_RESUME of stream 0x9, STAG 0x12: retry");
	assert_command(0x01, 0, "CMD_PREFETCH_CONFIG of stream 0x0");
	assert_command(0xff, 0, "opcode 0xff, which is not of the Non-secure queue: CERROR_ILL");
	assert_command(0x85, 0, "opcode 0x85, which is IMPLEMENTATION DEFINED");
}

static void assert_event(uint64_t d0, uint64_t d1, uint64_t d2, uint64_t d3, const char *words)
{
	const uint64_t event[4] = {d0, d1, d2, d3};
	char text[EXPLAIN_TEXT_SIZE];

	explain_event(event, text);
	assert_string_equal(text, words);
}

static void test_events(void **state)
{
	(void)state;
	assert_event(0x10 | 3ULL << 32, BIT(35), 0x4000, 0, "F_TRANSLATION of stream 0x3: a read of 0x4000, stage 1");
	assert_event(
		0x13 | 3ULL << 32 | BIT(11) | 5ULL << 12, BIT(33) | BIT(39) | 2ULL << 40 | BIT(31) | 7, 0x4000, 0x8000,
		"F_PERMISSION of stream 0x3, substream 0x5: a privileged write of 0x4000, stage 2 at IPA 0x8000 for "
		"the access itself, stalled with STAG 0x7");
	assert_event(0x03 | 3ULL << 32, 0, 0, 0x1000, "F_STE_FETCH of stream 0x3, at 0x1000");
	assert_event(0x77, 0, 0, 0, "unknown of stream 0x0");
}

struct heard {
	char text[8192];
};

static void hear(void *context, const struct explain_step *step)
{
	struct heard *heard = context;
	size_t used = strlen(heard->text);

	assert_true(used + strlen(step->what) + strlen(step->meaning) + 4 < sizeof(heard->text));
	strcat(heard->text, step->what);
	strcat(heard->text, ": ");
	strcat(heard->text, step->meaning);
	strcat(heard->text, "\n");
}

static void test_identity(void **state)
{
	struct heard heard = {""};
	const struct explain_listener listener = {hear, &heard};
	struct explain_smmu smmu;

	(void)state;
	regs[0x60 / 4] = 0x105;
	regs[0x64 / 4] = 0x4;
	regs[0x9c / 4] = 2U << 24;
	smmu = opened();
	explain_identity(&smmu, &listener);
	assert_non_null(strstr(heard.text, "stages 1 and 2, AArch64 AArch32 little- and big-endian tables"));
	assert_non_null(
		strstr(heard.text,
		       "52-bit addresses out, 52 bits into stage 1; granules 4 KiB 16 KiB 64 KiB; 52 bits with 4"));
	assert_non_null(strstr(heard.text, "translation on, command queue on, event queue on\n"));
	assert_non_null(strstr(heard.text, "linear stream table at 0x80000000: 6 bits"));
	assert_non_null(strstr(heard.text, "CERROR_ABT"));
	assert_non_null(strstr(heard.text, "service failure mode"));
	assert_null(strstr(heard.text, "events were lost"));
}

/* --- What is wrong, and hostile memory. --- */

static unsigned int checked(struct heard *heard, bool *is_cut)
{
	const struct explain_listener listener = {hear, heard};
	const struct explain_smmu smmu = opened();

	heard->text[0] = '\0';
	return explain_check(&smmu, 100000, &listener, is_cut);
}

static void assert_found(const char *words)
{
	struct heard heard;
	bool is_cut;

	assert_true(checked(&heard, &is_cut) > 0);
	if (!strstr(heard.text, words)) {
		print_error("%s", heard.text);
	}
	assert_non_null(strstr(heard.text, words));
}

static void put_sound(void)
{
	put_stage1_ste();
	put_cd(25 | 3ULL << 48, S1, 0);
	put(S1, (S1 + 0x1000) | 3);
	put(S1 + 0x1000, (S1 + 0x2000) | 3);
	put(S1 + 0x2000, DATA | 0x443);
}

static void test_check(void **state)
{
	struct heard heard;
	bool is_cut = true;

	(void)state;
	put_sound();
	assert_int_equal(checked(&heard, &is_cut), 0);
	assert_false(is_cut);
	put(S1 + 0x2000 + 8, DATA | 0x441);
	assert_found("a block at level 3, which has none");
	put(S1 + 0x2000 + 8, 0);
	put(S1 + 0x1000 + 8, S1 | 3);
	assert_found("the tables loop");
	put(S1 + 0x1000 + 8, (RAM + RAM_SIZE) | 3);
	assert_found("level 3 cannot be read");
	put(S1 + 0x1000 + 8, 0);
	put(STRTAB + 64 * 4, 1 | 5U << 1 | (CD + 64));
	assert_found("stream 0x4 translates, and its CD is invalid");
	put(CD + 64, BIT(31) | BIT(41) | BIT(46) | BIT(30) | 25 | 3ULL << 48);
	put(CD + 64 + 8, S1 + 0x4000);
	assert_found("stream 0x4 has ASID 3, as others whose tables are at 0x80020000");
	put(CD + 64, BIT(31) | BIT(41) | BIT(46) | BIT(30) | 60 | 4ULL << 48);
	assert_found("T0SZ is out of range");
	put(STRTAB + 64 * 4, 1 | 2U << 1);
	assert_found("Config 2 is reserved");
	put(STRTAB + 64 * 4, 1 | 6U << 1);
	put(STRTAB + 64 * 4 + 16, BIT(51) | 1ULL << 46 | 63ULL << 32);
	assert_found("S2T0SZ is out of range");
	set64(0x80, STRTAB + 0x40);
	assert_found("not aligned to the size of the stream table");
}

/* Each table names itself at every index: 512^3 descriptors that are none. */
static void test_loops_end(void **state)
{
	struct explain_smmu smmu;
	bool is_cut;

	(void)state;
	put_sound();
	for (unsigned int i = 0; i < 4096; i += 8) {
		put(S1 + i, S1 | 3);
	}
	smmu = opened();
	assert_true(explain_check(&smmu, 100000, NULL, &is_cut) >= 512);
	assert_true(reads < 110000);
	assert_int_equal(walked(0x1000).level, 3);
	assert_int_equal(walked(0x1000).event, F_ACCESS);
}

/* 512 tables by 512 by 512, none of which names one above it. */
static void test_check_is_bounded(void **state)
{
	struct explain_smmu smmu;
	bool is_cut = false;

	(void)state;
	put_sound();
	for (unsigned int i = 0; i < 4096; i += 8) {
		put(S1 + i, (S1 + 0x1000) | 3);
		put(S1 + 0x1000 + i, (S1 + 0x2000) | 3);
	}
	smmu = opened();
	assert_int_equal(explain_check(&smmu, 5000, NULL, &is_cut), 0);
	assert_true(is_cut);
	assert_true(reads < 6000);
}

/* TBI0: bits 63:56 are no part of the address. */
static void test_top_byte(void **state)
{
	(void)state;
	put_sound();
	assert_int_equal(walked(0xab00000000000123ULL).event, F_TRANSLATION);
	put_cd(25 | 3ULL << 48 | BIT(38), S1, 0);
	assert_output(0xab00000000000123ULL, DATA | 0x123, 12);
}

static void test_vmids_of_8_bits(void **state)
{
	(void)state;
	put_sound();
	put(STRTAB + 64 * SID + 16, 0x100);
	assert_int_equal(walked(0).event, 0);
	regs[0] &= ~(uint32_t)BIT(18);
	assert_int_equal(walked(0).event, C_BAD_STE);
	assert_found("S2VMID has more than 8 bits");
}

static void test_what_cannot_be_read_is_told(void **state)
{
	struct explain_result result;

	(void)state;
	put_sound();
	hole = S1 + 0x1000;
	hole_size = 8;
	result = walked(0);
	assert_int_equal(result.event, F_WALK_EABT);
	assert_true(result.is_unreadable);
	assert_non_null(strstr(result.why, "nothing answers there"));
	hole = CD;
	assert_int_equal(walked(0).event, F_CD_FETCH);
	hole = STRTAB + 64 * SID;
	assert_int_equal(walked(0).event, F_STE_FETCH);
	/* Beyond the address size it is not asked for. */
	regs[0x14 / 4] = 0x70;
	set64(0x80, BIT(40));
	reads = 0;
	result = walked(0);
	assert_int_equal(result.event, F_STE_FETCH);
	assert_non_null(strstr(result.why, "beyond the SMMU's address size"));
	assert_int_equal(reads, 0);
}

static void test_disabled(void **state)
{
	(void)state;
	regs[0x20 / 4] = 0;
	assert_int_equal(walked(0x1000).end, EXPLAIN_BYPASSED);
	regs[0x44 / 4] = BIT(20);
	assert_int_equal(walked(0x1000).end, EXPLAIN_ABORTED);
}

static bool read_nothing(void *context, uint32_t offset, uint32_t *value)
{
	(void)context;
	(void)offset;
	(void)value;
	return false;
}

static void test_without_registers(void **state)
{
	struct explain_target target = {NULL, read_memory, read_nothing};
	const struct explain_access access = {.sid = SID};
	struct explain_result result;
	struct explain_smmu smmu;
	bool has_ids = false;

	(void)state;
	assert_false(explain_open(&smmu, &target));
	explain_walk(&smmu, &access, NULL, &result);
	assert_int_equal(result.end, EXPLAIN_UNKNOWN);
	assert_int_equal(explain_streams(&smmu, 10, take_stream, NULL), EXPLAIN_NO_TABLE);
	assert_false(explain_queue(&smmu, EXPLAIN_CMDQ, take_entry, NULL));
	/* A crash dump has the tables' places, and no ID registers. */
	put_sound();
	target = (struct explain_target){&has_ids, read_memory, read_register};
	assert_true(explain_open(&smmu, &target));
	assert_true(smmu.ids_assumed);
	explain_walk(&smmu, &access, NULL, &result);
	assert_int_equal(result.end, EXPLAIN_TRANSLATED);
	assert_int_equal(result.output, DATA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_lpa2_4k, setup),
		cmocka_unit_test_setup(test_lpa2_16k_at_stage_2, setup),
		cmocka_unit_test_setup(test_52_bits_with_64k, setup),
		cmocka_unit_test_setup(test_big_endian, setup),
		cmocka_unit_test_setup(test_aarch32, setup),
		cmocka_unit_test_setup(test_substreams, setup),
		cmocka_unit_test_setup(test_runs_of_streams, setup),
		cmocka_unit_test_setup(test_two_levels, setup),
		cmocka_unit_test_setup(test_scan_is_bounded, setup),
		cmocka_unit_test_setup(test_queue_tells_old_and_waiting, setup),
		cmocka_unit_test_setup(test_queue_is_bounded, setup),
		cmocka_unit_test_setup(test_commands, setup),
		cmocka_unit_test_setup(test_events, setup),
		cmocka_unit_test_setup(test_identity, setup),
		cmocka_unit_test_setup(test_check, setup),
		cmocka_unit_test_setup(test_loops_end, setup),
		cmocka_unit_test_setup(test_check_is_bounded, setup),
		cmocka_unit_test_setup(test_top_byte, setup),
		cmocka_unit_test_setup(test_vmids_of_8_bits, setup),
		cmocka_unit_test_setup(test_what_cannot_be_read_is_told, setup),
		cmocka_unit_test_setup(test_disabled, setup),
		cmocka_unit_test_setup(test_without_registers, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
