/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/explained.h"

#include <string.h>

#include "base/feature.h"
#include "report/format.h"

/* Of a record, for what comes behind the walk, and for one step. */
#define ROOM_BEHIND 320U
#define MEANING_SIZE 160U
#define ROOM_OF_STEP (MEANING_SIZE + 128U)
#define PAGE_1 0x10000U

struct looked_at {
	const struct bringup *bringup;
	volatile uint8_t *regs;
	uint64_t regs_size;
};

static bool is_ram(const struct description *description, uint64_t address, size_t size)
{
	for (unsigned int i = 0; i < description->memory_count; i++) {
		const struct range_description *memory = &description->memory[i];

		if (address >= memory->base && address - memory->base <= memory->size &&
		    size <= memory->size - (address - memory->base)) {
			return true;
		}
	}
	return false;
}

/* What a damaged table names may be anything: only RAM is read, and an abort is survived. */
static bool read_memory(void *context, uint64_t address, void *bytes, size_t size)
{
	const struct looked_at *at = context;

	if (address & 3 || size & 3 || !is_ram(at->bringup->description, address, size)) {
		return false;
	}
	for (size_t done = 0; done < size; done += sizeof(uint32_t)) {
		uint32_t word;

		if (!arch_probe_read32((const volatile uint8_t *)arch_virt(address) + done, &word)) {
			return false;
		}
		memcpy((uint8_t *)bytes + done, &word, sizeof(word));
	}
	return true;
}

static bool read_register(void *context, uint32_t offset, uint32_t *value)
{
	const struct looked_at *at = context;

	return at->regs && offset < at->regs_size && arch_probe_read32(at->regs + offset, value);
}

/* False: its registers do not answer. */
static bool open_smmu(const struct bringup *bringup, unsigned int smmu, struct looked_at *at,
		      struct explain_smmu *opened)
{
	const struct explain_target target = {at, read_memory, read_register};
	struct smmuv3_facts facts = smmuv3_facts(bringup->smmu[smmu]);

	at->bringup = bringup;
	at->regs_size = facts.quirks & SMMUV3_DESCRIBED_NO_PAGE1 ? PAGE_1 : 2ULL * PAGE_1;
	/* As it is mapped already. */
	at->regs = facts.base && facts.health != SMMUV3_SERVICE_FAILURE ? arch_map_device(facts.base, at->regs_size) :
									  NULL;
	return explain_open(opened, &target);
}

/* Steps on the way to others are left out: nested walks have up to 24. */
static void add_step(void *context, const struct explain_step *step)
{
	struct record *record = context;
	char meaning[MEANING_SIZE];

	if (step->depth || record->length + ROOM_OF_STEP + ROOM_BEHIND > RECORD_SIZE) {
		return;
	}
	format_text(meaning, sizeof(meaning), "%s", step->meaning);
	record_open(record, NULL, '{');
	record_string(record, "what", step->what);
	record_hex(record, "address", step->address);
	record_hex(record, "value", step->value);
	record_string(record, "meaning", meaning);
	record_close(record, '}');
}

static void write_sentence(const struct explain_access *access, const struct explain_result *result, char *sentence)
{
	const char *access_words = access->write ? "write" : "read";
	unsigned long long address = access->address;

	switch (result->end) {
	case EXPLAIN_TRANSLATED:
		format_text(sentence, EXPLAIN_TEXT_SIZE,
			    "by the tables as they are now, a %s of 0x%llx is translated: %s", access_words, address,
			    result->why);
		break;
	case EXPLAIN_FAULTED:
		format_text(sentence, EXPLAIN_TEXT_SIZE,
			    "by the tables as they are now, a %s of 0x%llx ends with %s: %s", access_words, address,
			    smmuv3_event_name(result->event), result->why);
		break;
	case EXPLAIN_BYPASSED:
	case EXPLAIN_ABORTED:
	case EXPLAIN_UNKNOWN:
	default:
		format_text(sentence, EXPLAIN_TEXT_SIZE, "as the SMMU is now, %s", result->why);
		break;
	}
}

void explained_walk(const struct bringup *bringup, unsigned int smmu, const struct explain_access *access,
		    struct record *record, char *sentence)
{
	const struct explain_listener listener = {add_step, record};
	struct explain_result result;
	struct explain_smmu opened;
	struct looked_at at;

	sentence[0] = '\0';
	if (!open_smmu(bringup, smmu, &at, &opened)) {
		return;
	}
	record_open(record, "walk", '[');
	explain_walk(&opened, access, &listener, &result);
	record_close(record, ']');
	write_sentence(access, &result, sentence);
}

void explained_instance(const struct bringup *bringup, unsigned int smmu, struct record *record)
{
	const struct explain_listener listener = {add_step, record};
	struct explain_smmu opened;
	struct looked_at at;

	if (!open_smmu(bringup, smmu, &at, &opened)) {
		return;
	}
	record_open(record, "walk", '[');
	explain_identity(&opened, &listener);
	record_close(record, ']');
}

LINKED(explained_walk);
