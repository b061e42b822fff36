/* SPDX-License-Identifier: BSD-2-Clause */
#include "looked.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "owner.h"

#define PAGE 4096U
#define PAGES 64U

/* Pages that were read: structures lie side by side, and a target is far away. */
static struct {
	bool is_valid;
	uint64_t address;
	uint8_t bytes[PAGE];
} pages[PAGES];

static bool read_page(struct target *target, uint64_t address, unsigned int place)
{
	if (pages[place].is_valid && pages[place].address == address) {
		return true;
	}
	pages[place].is_valid = target->read(target, address, pages[place].bytes, PAGE);
	pages[place].address = address;
	return pages[place].is_valid;
}

/* A page that is not there as a whole may still have these bytes. */
static bool looked_read(void *context, uint64_t address, void *bytes, size_t size)
{
	struct looked *looked = context;
	uint64_t page = address & ~(uint64_t)(PAGE - 1);
	unsigned int place = (unsigned int)(page / PAGE % PAGES);

	if (address + size <= page + PAGE && read_page(looked->target, page, place)) {
		memcpy(bytes, pages[place].bytes + (address - page), size);
		return true;
	}
	return looked->target->read(looked->target, address, bytes, size);
}

static bool is_set(const struct looked *looked, uint32_t offset, uint32_t *value)
{
	for (size_t i = 0; i < looked->set_count; i++) {
		const struct explain_register *reg = explain_register(looked->set[i].id);

		if (reg->offset == offset) {
			*value = (uint32_t)looked->set[i].value;
			return true;
		}
		if (reg->is_64_bit && reg->offset + 4 == offset) {
			*value = (uint32_t)(looked->set[i].value >> 32);
			return true;
		}
	}
	return false;
}

/* Registers are read one by one, 32 bits each, and are not kept. */
static bool looked_read_register(void *context, uint32_t offset, uint32_t *value)
{
	struct looked *looked = context;
	uint8_t bytes[4];

	if (is_set(looked, offset, value)) {
		return true;
	}
	if (!looked->has_base || !looked->target->read(looked->target, looked->base + offset, bytes, sizeof(bytes))) {
		return false;
	}
	*value = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
	return true;
}

bool looked_open(struct looked *looked)
{
	const struct explain_target target = {looked, looked_read, looked_read_register};

	return explain_open(&looked->smmu_state, &target);
}

void looked_master(const struct looked *looked, uint32_t sid, char *words, size_t size)
{
	char text[OWNER_WORDS_SIZE];
	struct owner owner;

	words[0] = '\0';
	if (looked->table && owners_of(&looked->table->description.streams, looked->smmu, sid, &owner, 1)) {
		owner_words(&owner, text);
		(void)snprintf(words, size, "%s", text);
	}
}

static bool find_register(const char *name, size_t length, enum explain_register_id *id)
{
	for (unsigned int i = 0; i < EXPLAIN_REGISTERS; i++) {
		const char *known = explain_register((enum explain_register_id)i)->name;

		if (strlen(known) == length && !strncmp(known, name, length)) {
			*id = (enum explain_register_id)i;
			return true;
		}
	}
	return false;
}

bool looked_parse_set(const char *name_value, struct register_set *set)
{
	const char *name = strncmp(name_value, "SMMU_", 5) ? name_value : name_value + 5;
	const char *equals = strchr(name, '=');
	char *end = NULL;

	errno = 0;
	set->value = equals ? strtoull(equals + 1, &end, 0) : 0;
	return equals && end != equals + 1 && !*end && !errno && find_register(name, (size_t)(equals - name), &set->id);
}
