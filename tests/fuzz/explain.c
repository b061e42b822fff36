/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Any bytes as registers and memory of an SMMU: all that drivers/explain can be asked is answered in words, with
 * bounded work, and it reads nothing beyond what it asked for.
 */
#include <string.h>

#include "explain/explain.h"
#include "fuzz.h"

#define REGISTERS_SIZE 256U
#define LIMIT 4096U
#define READS_MAX ((2U << 19) + 300000U) /* Two queues of the largest size, and what the limits let. */

struct input {
	const uint8_t *bytes;
	size_t size;
	unsigned int reads;
};

/* Memory is the input over and over; its last bytes say which pages are not there. */
static bool read_memory(void *context, uint64_t address, void *bytes, size_t size)
{
	struct input *input = context;
	uint8_t *to = bytes;

	input->reads++;
	fuzz_require(size > 0 && size <= 4096, "a size that the interface forbids");
	fuzz_require(input->reads < READS_MAX, "work without a bound");
	if (input->bytes[(address >> 12) % input->size] == 0xee) {
		return false;
	}
	for (size_t i = 0; i < size; i++) {
		to[i] = input->bytes[(address + i) % input->size];
	}
	return true;
}

static bool read_register(void *context, uint32_t offset, uint32_t *value)
{
	struct input *input = context;
	size_t at = (offset ^ offset >> 8) % REGISTERS_SIZE;

	if (at + 4 > input->size || input->bytes[at] == 0xed) {
		return false;
	}
	memcpy(value, input->bytes + at, 4);
	return true;
}

static void check_words(const char *words)
{
	fuzz_require(memchr(words, '\0', EXPLAIN_TEXT_SIZE), "words without an end");
	fuzz_require(words[0] != '\0', "no words");
}

static void take_step(void *context, const struct explain_step *step)
{
	(void)context;
	check_words(step->what);
	check_words(step->meaning);
}

static bool take_stream(void *context, const struct explain_stream *stream)
{
	char text[EXPLAIN_TEXT_SIZE];

	fuzz_require(stream->first <= stream->last, "a run that ends before it begins");
	if (stream->is_readable) {
		explain_ste(context, stream->ste, text);
		check_words(text);
	}
	return true;
}

static bool take_entry(void *context, const struct explain_entry *entry)
{
	unsigned int *left = context;
	char text[EXPLAIN_TEXT_SIZE];

	explain_command(entry->dword, text);
	check_words(text);
	explain_event(entry->dword, text);
	check_words(text);
	return --*left > 0;
}

static void ask_lists(struct explain_smmu *smmu, const struct explain_listener *listener)
{
	unsigned int left = LIMIT;
	bool is_cut;

	explain_identity(smmu, listener);
	(void)explain_streams(smmu, LIMIT, take_stream, smmu);
	(void)explain_queue(smmu, EXPLAIN_CMDQ, take_entry, &left);
	left = LIMIT;
	(void)explain_queue(smmu, EXPLAIN_EVENTQ, take_entry, &left);
	(void)explain_check(smmu, LIMIT, listener, &is_cut);
}

/* Of the input's end. */
static void ask_walks(struct explain_smmu *smmu, const struct input *input, const struct explain_listener *listener)
{
	struct explain_access access = {0};
	struct explain_result result;
	uint64_t tail[2] = {0};

	memcpy(tail, input->bytes + input->size - sizeof(tail), sizeof(tail));
	for (unsigned int i = 0; i < 8; i++) {
		access = (struct explain_access){.sid = (uint32_t)(tail[0] >> i),
						 .has_ssid = i & 1,
						 .ssid = (uint32_t)(tail[0] >> 44),
						 .address = tail[1] >> (i * 4),
						 .write = i & 2,
						 .privileged = i & 4};
		explain_walk(smmu, &access, listener, &result);
		check_words(result.why);
		fuzz_require(result.level >= -1 && result.level <= 3, "a level that there is not");
		fuzz_require(result.end != EXPLAIN_FAULTED || result.event, "a fault without an event");
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	const struct explain_listener listener = {take_step, NULL};
	struct input input = {bytes, size, 0};
	const struct explain_target target = {&input, read_memory, read_register};
	struct explain_smmu smmu;

	if (size >= 16 && explain_open(&smmu, &target)) {
		ask_lists(&smmu, &listener);
		ask_walks(&smmu, &input, &listener);
	}
	return 0;
}
