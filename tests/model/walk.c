/* SPDX-License-Identifier: BSD-2-Clause */
/* One walk of VMSAv8-64 translation tables. */
#include "walk.h"

#include <string.h>

struct state {
	const struct walk_config *config;
	const struct walk_access *access;
	struct walk_result *result;
	unsigned int stride;
	/* Of all levels above, at stage 1. */
	bool no_unprivileged, no_write, no_execute, no_privileged_execute;
};

static uint64_t mask(unsigned int bits)
{
	return bits >= 64 ? ~0ULL : (1ULL << bits) - 1;
}

/* Log2 of a descriptor's range. */
static unsigned int level_bits(const struct state *s, unsigned int level)
{
	return s->config->granule_bits + (3 - level) * s->stride;
}

static unsigned int first_level(const struct state *s)
{
	unsigned int level = 3;

	if (s->config->stage == 2) {
		return s->config->start_level;
	}
	while (level > 0 && level_bits(s, level) + s->stride < s->config->input_bits) {
		level--;
	}
	return level;
}

/* 64 KiB granule: PA[51:48] are in bits 15:12. */
static uint64_t address_of(const struct state *s, uint64_t descriptor, unsigned int aligned_bits)
{
	uint64_t address = descriptor & mask(48) & ~mask(aligned_bits);

	if (s->config->granule_bits == 16 && s->config->output_bits > 48) {
		address |= ((descriptor >> 12) & 0xf) << 48;
	}
	return address;
}

/* All remaining input bits index the root: stage 2 may concatenate tables. */
static uint64_t descriptor_at(const struct state *s, unsigned int level, uint64_t table, bool is_root)
{
	unsigned int low = level_bits(s, level);
	unsigned int bits = is_root ? s->config->input_bits - low : s->stride;

	if (is_root) {
		table &= ~mask(bits + 3);
	}
	return table + (((s->access->address >> low) & mask(bits)) << 3);
}

static bool is_block_level(const struct state *s, unsigned int level)
{
	switch (s->config->granule_bits) {
	case 12:
		return level == 1 || level == 2;
	case 14:
		return level == 2;
	default:
		return level == 2 || (level == 1 && s->config->output_bits > 48);
	}
}

static unsigned int contiguous_bits(const struct state *s, unsigned int level)
{
	switch (s->config->granule_bits) {
	case 12:
		return 4;
	case 14:
		return level == 3 ? 7 : 5;
	default:
		return 5;
	}
}

static void permit_stage1(const struct state *s, uint64_t d)
{
	struct walk_result *r = s->result;
	bool user = (d & (1ULL << 6)) && !s->no_unprivileged;
	bool read_only = (d & (1ULL << 7)) || s->no_write;
	bool uxn = (d & (1ULL << 54)) || s->no_execute;
	bool pxn = (d & (1ULL << 53)) || s->no_privileged_execute;

	r->readable = s->access->privileged || user;
	r->writable = r->readable && !read_only;
	/* Unprivileged-writable is never privileged-executable. */
	r->executable = s->access->privileged ? !pxn && !(user && !read_only) : !uxn;
	r->attributes = (unsigned int)(d >> 2) & 7;
	r->not_global = d & (1ULL << 11);
}

static void permit_stage2(const struct state *s, uint64_t d)
{
	struct walk_result *r = s->result;

	r->readable = d & (1ULL << 6);
	r->writable = d & (1ULL << 7);
	r->executable = r->readable && !(d & (1ULL << 54));
	r->attributes = (unsigned int)(d >> 2) & 0xf;
}

static bool is_permitted(const struct state *s)
{
	const struct walk_result *r = s->result;

	if (s->access->write) {
		return r->writable;
	}
	return s->access->execute ? r->executable : r->readable;
}

/* Filled in for WALK_PERMISSION, too: it can be cached. */
static enum walk_fault leaf(struct state *s, unsigned int level, uint64_t d)
{
	struct walk_result *r = s->result;
	unsigned int bits = level_bits(s, level);
	uint64_t address = address_of(s, d, bits);

	if (address > mask(s->config->output_bits)) {
		return WALK_ADDRESS_SIZE;
	}
	r->contiguous = d & (1ULL << 52);
	r->block_bits = bits + (r->contiguous ? contiguous_bits(s, level) : 0);
	if (r->block_bits > s->config->input_bits) {
		r->block_bits = s->config->input_bits;
	}
	r->output = address | (s->access->address & mask(bits));
	r->shareability = (unsigned int)(d >> 8) & 3;
	if (s->config->stage == 1) {
		permit_stage1(s, d);
	} else {
		permit_stage2(s, d);
	}
	if (s->config->access_flag_faults && !(d & (1ULL << 10))) {
		return WALK_ACCESS;
	}
	return is_permitted(s) ? WALK_OK : WALK_PERMISSION;
}

static void inherit(struct state *s, uint64_t d)
{
	if (s->config->stage == 2) {
		return;
	}
	s->no_unprivileged |= (d >> 61) & 1;
	s->no_write |= (d >> 62) & 1;
	s->no_execute |= (d >> 60) & 1;
	s->no_privileged_execute |= (d >> 59) & 1;
}

static enum walk_fault descend(struct state *s, bool (*read)(void *, uint64_t, uint64_t *), void *context)
{
	unsigned int level = first_level(s);
	uint64_t table = s->config->root;
	bool is_root = true;
	uint64_t d = 0;

	for (;; level++, is_root = false) {
		s->result->level = level;
		s->result->fetch = descriptor_at(s, level, table, is_root);
		if (!read(context, s->result->fetch, &d)) {
			return WALK_EXTERNAL_ABORT;
		}
		if (!(d & 1)) {
			return WALK_TRANSLATION;
		}
		if (level == 3) {
			return d & 2 ? leaf(s, level, d) : WALK_TRANSLATION;
		}
		if (!(d & 2)) {
			return is_block_level(s, level) ? leaf(s, level, d) : WALK_TRANSLATION;
		}
		inherit(s, d);
		table = address_of(s, d, s->config->granule_bits);
		if (table > mask(s->config->output_bits)) {
			return WALK_ADDRESS_SIZE;
		}
	}
}

void walk(const struct walk_config *config, const struct walk_access *access,
	  bool (*read)(void *context, uint64_t address, uint64_t *descriptor), void *context,
	  struct walk_result *result)
{
	struct state s = {.config = config, .access = access, .result = result, .stride = config->granule_bits - 3};

	memset(result, 0, sizeof(*result));
	result->level = first_level(&s);
	if (access->address > mask(config->input_bits)) {
		result->fault = WALK_TRANSLATION;
		return;
	}
	result->fault = descend(&s, read, context);
}
