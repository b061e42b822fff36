/* SPDX-License-Identifier: BSD-2-Clause */
#include "checks/explained.h"

#include "base/feature.h"
#include "checks/live.h"
#include "report/format.h"

/* Of a record, for what comes behind the walk, and for one step. */
#define ROOM_BEHIND 320U
#define MEANING_SIZE 160U
#define ROOM_OF_STEP (MEANING_SIZE + 128U)

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
	struct live live;

	sentence[0] = '\0';
	if (!live_open(&live, bringup, bringup->smmu[smmu], &opened)) {
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
	struct live live;

	if (!live_open(&live, bringup, bringup->smmu[smmu], &opened)) {
		return;
	}
	record_open(record, "walk", '[');
	explain_identity(&opened, &listener);
	record_close(record, ']');
}

LINKED(explained_walk);
