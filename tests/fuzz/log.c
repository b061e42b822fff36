/* SPDX-License-Identifier: BSD-2-Clause */
/* Any text as a log: what is found in it is in bounds, and each event is told once, with words. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Two SMMUs, a master of one stream that another claims, and windows of each kind. */
static void describe(struct description *description)
{
	struct stream_description *streams = &description->streams;

	description_init(description);
	streams->smmu_count = 2;
	streams->smmu[0] = (struct smmu_description){
		.name = "/iommu@50000000", .has_base = true, .base = 0x50000000, .size = 0x20000, .enabled = true};
	streams->smmu[1] = (struct smmu_description){
		.name = "/iommu@60000000", .has_base = true, .base = 0x60000000, .size = 0x20000};
	streams->fixed_count = 1;
	streams->fixed[0] = (struct fixed_description){
		.first = 8, .last = 9, .master = "/ep@0", .compatible = "acme,pcie-ep", .enabled = true};
	streams->window_count = 3;
	streams->window[0] = (struct window_description){.input_last = 0xffff, .master = "/pcie@0", .enabled = true};
	streams->window[1] = (struct window_description){.smmu = 1,
							 .input_first = 0x100,
							 .input_last = 0x1ff,
							 .sid = 0xffffff00,
							 .has_mask = true,
							 .mask = 0xfff,
							 .master = "/pcie@1",
							 .segment = 1};
	streams->window[2] = (struct window_description){.smmu = 1,
							 .input_last = 0xffffffff,
							 .sid = 5,
							 .constant = true,
							 .has_mask = true,
							 .mask = 0x80000001,
							 .master = "/hub",
							 .segment = STREAM_NO_SEGMENT};
	streams->direct_count = 1;
	streams->direct[0] = (struct direct_description){
		.first = 8, .last = 8, .base = 0x1000, .size = 0x1000, .master = "/ep@0", .where = "/kept"};
}

static void check_log(const struct log *log)
{
	fuzz_require(log->device_count <= LOG_DEVICES_MAX, "too many SMMUs");
	for (size_t i = 0; i < log->count; i++) {
		const struct log_event *event = &log->event[i];

		fuzz_require(event->device < log->device_count && event->line > 0, "an event of no line");
		fuzz_require(event->has_sid && event->words <= EVENT_DWORDS && event->count > 0,
			     "an event of no stream");
		fuzz_require(event->event.code <= 0xff, "a code of more than 8 bits");
		fuzz_require(memchr(event->client, 0, sizeof(event->client)) != NULL, "a client without an end");
	}
}

static json_int_t count_told(const json_t *events)
{
	const json_t *list = json_object_get(events, "events");
	json_int_t count = json_integer_value(json_object_get(events, "expected"));

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *event = json_array_get(list, i);

		count += json_integer_value(json_object_get(event, "count"));
		fuzz_require(json_array_size(json_object_get(event, "stopped")) > 0, "an event that stopped nothing");
		fuzz_require(json_array_size(json_object_get(event, "whose")) > 0, "an event of no words");
		fuzz_require(json_is_string(json_object_get(event, "cause")), "an event without a cause");
	}
	return count;
}

static void check_told(const struct log *log)
{
	static struct description description;
	const struct event_context context = {&description, NULL, NULL};
	json_int_t count = 0;
	json_t *events;

	describe(&description);
	events = event_json(&context, log);
	fuzz_require(events != NULL, "events that are no JSON");
	for (size_t i = 0; i < log->count; i++) {
		count += (json_int_t)log->event[i].count;
	}
	fuzz_require(count_told(events) == count, "events are told twice or never");
	json_decref(events);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	static struct log log;
	char *text = malloc(size + 1);
	int read;

	fuzz_require(text != NULL, "memory");
	memcpy(text, bytes, size);
	text[size] = '\0';
	read = log_read(&log, text, size);
	fuzz_require((read == 0) == (log.count > 0), "what was found is not what is returned");
	fuzz_require(read == 0 || *log.why, "a refusal without words");
	check_log(&log);
	if (read == 0) {
		check_told(&log);
	}
	log_free(&log);
	free(text);
	return 0;
}
