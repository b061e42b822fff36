/* SPDX-License-Identifier: BSD-2-Clause */
/* What breaks the architecture's rules, in all that is reachable from the registers. */
#include "explain/private.h"

struct checking {
	const struct explain_smmu *smmu;
	const struct explain_listener *listener;
	uint32_t left; /* Entries that may be looked at. */
	unsigned int count;
	bool is_cut;
	uint32_t sid; /* Whose structures are looked at. */
};

static void complain(struct checking *c, const char *what, uint64_t address, uint64_t value, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

static void complain(struct checking *c, const char *what, uint64_t address, uint64_t value, const char *format, ...)
{
	char text[EXPLAIN_TEXT_SIZE];
	const struct explain_step step = {
		.what = what, .has_address = true, .address = address, .value = value, .meaning = text};
	va_list arguments;

	va_start(arguments, format);
	(void)format_text_v(text, sizeof(text), format, arguments);
	va_end(arguments);
	c->count++;
	say(c->listener, &step);
}

static bool may_look(struct checking *c)
{
	if (c->left) {
		c->left--;
		return true;
	}
	c->is_cut = true;
	return false;
}

/* --- Streams. --- */

static void check_ste(struct checking *c, const struct explain_stream *stream)
{
	const uint64_t *ste = stream->ste;
	const char *broken;

	for (unsigned int n = 0; (broken = explain_ste_broken(c->smmu, ste, n)); n++) {
		complain(c, "STE", stream->address, ste[0], "stream 0x%x is ILLEGAL: %s", stream->first, broken);
	}
	if (config_of(ste) && ste_aborts(ste)) {
		complain(c, "STE", stream->address, ste[0], "stream 0x%x: Config %u is reserved, and aborts",
			 stream->first, config_of(ste));
	}
	if (has_stage1(ste) && (ste[0] & STE0_S1CONTEXTPTR_MASK) != cd_table(c->smmu, ste)) {
		complain(c, "STE", stream->address, ste[0],
			 "stream 0x%x: S1ContextPtr is not aligned to the size of its table", stream->first);
	}
}

static bool check_stream(void *context, const struct explain_stream *stream)
{
	struct checking *c = context;

	if (!may_look(c)) {
		return false;
	}
	c->sid = stream->first;
	if (stream->is_readable) {
		check_ste(c, stream);
	} else {
		complain(c, "STE", stream->address, 0, "the entry of stream 0x%x cannot be read: nothing answers there",
			 stream->first);
	}
	return true;
}

static void check_strtab(struct checking *c)
{
	uint32_t cfg = register_of(c->smmu, EXPLAIN_STRTAB_BASE_CFG);
	uint64_t base = c->smmu->value[EXPLAIN_STRTAB_BASE] & STRTAB_BASE_ADDRESS_MASK;
	struct strtab_shape shape;

	if (!strtab_shape(c->smmu, &shape)) {
		return;
	}
	if (shape.base != base) {
		complain(c, "STRTAB_BASE", SMMU_STRTAB_BASE, base, "it is not aligned to the size of the stream table");
	}
	if (shape.log2size > c->smmu->sid_bits) {
		complain(c, "STRTAB_BASE_CFG", SMMU_STRTAB_BASE_CFG, cfg,
			 "2^%u streams are more than this SMMU has (IDR1.SIDSIZE)", shape.log2size);
	}
	if (shape.split && !IDR(c->smmu, 0, ST_LEVEL)) {
		complain(c, "STRTAB_BASE_CFG", SMMU_STRTAB_BASE_CFG, cfg,
			 "it is a 2-level table, which this SMMU does not have (IDR0.ST_LEVEL)");
	}
}

unsigned int explain_check(const struct explain_smmu *smmu, uint32_t limit, const struct explain_listener *listener,
			   bool *is_cut)
{
	struct checking c = {.smmu = smmu, .listener = listener, .left = limit};

	check_strtab(&c);
	if (explain_streams(smmu, limit, check_stream, &c) == EXPLAIN_SCAN_CUT) {
		c.is_cut = true;
	}
	c.count += explain_errors(smmu, listener);
	*is_cut = c.is_cut;
	return c.count;
}
