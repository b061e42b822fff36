/* SPDX-License-Identifier: BSD-2-Clause */
/* The forms are those of Linux's arm_smmu_dump_raw_event() and arm_smmu_dump_event(), IHI 0070 7.3, and
 * checks/events.c. */
#include "log.h"

#include <ctype.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DRIVER "arm-smmu-v3 "
#define EVENT_CODES 0x100U

/* --- Words. --- */

struct word {
	uint64_t value;
	unsigned int digits;
	bool prefixed; /* By 0x. */
};

static bool ends_word(char c)
{
	return c == '\0' || c == ',' || isspace((unsigned char)c);
}

static const char *skip_gap(const char *at)
{
	while (*at && ends_word(*at)) {
		at++;
	}
	return at;
}

static const char *skip_word(const char *at)
{
	while (!ends_word(*at)) {
		at++;
	}
	return at;
}

/* What follows a number of up to 64 bits; NULL: there is none. */
static const char *take_word(const char *at, struct word *word)
{
	static const char digits[] = "0123456789abcdef";
	const char *digit;

	*word = (struct word){0};
	at = skip_gap(at);
	if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
		word->prefixed = true;
		at += 2;
	}
	for (; *at && (digit = strchr(digits, tolower((unsigned char)*at))); at++, word->digits++) {
		word->value = word->value << 4 | (uint64_t)(digit - digits);
	}
	return word->digits && word->digits <= 16 && ends_word(*at) ? at : NULL;
}

/* The number behind `key`. */
static bool find_number(const char *text, const char *key, uint64_t *value)
{
	const char *at = strstr(text, key);
	struct word word;

	if (!at || !take_word(at + strlen(key), &word)) {
		return false;
	}
	*value = word.value;
	return true;
}

static void copy_text(char *to, size_t room, const char *from, size_t length)
{
	size_t kept = length < room - 1 ? length : room - 1;

	memcpy(to, from, kept);
	to[kept] = '\0';
}

/* --- The list. --- */

/* LOG_DEVICES_MAX: no room. */
static unsigned int find_device(struct log *log, const char *name, size_t length)
{
	char kept[LOG_NAME_SIZE];
	unsigned int i = 0;

	copy_text(kept, sizeof(kept), name, length);
	while (i < log->device_count && strcmp(log->device[i].name, kept) != 0) {
		i++;
	}
	if (i == log->device_count && i < LOG_DEVICES_MAX) {
		memcpy(log->device[i].name, kept, sizeof(kept));
		log->device_count++;
	}
	log->nameless += i == LOG_DEVICES_MAX;
	return i;
}

static struct log_event *newest(struct log *log, unsigned int device)
{
	return log->open[device] ? &log->event[log->open[device] - 1] : NULL;
}

static bool has_room(struct log *log)
{
	size_t room = log->room ? 2 * log->room : 64;
	struct log_event *more;

	if (log->count < log->room) {
		return true;
	}
	more = realloc(log->event, room * sizeof(*more));
	if (more) {
		log->event = more;
		log->room = room;
	}
	return more;
}

static struct log_event *add(struct log *log, unsigned int device, unsigned int line)
{
	struct log_event *event;

	if (!has_room(log)) {
		log->cut++;
		return NULL;
	}
	event = &log->event[log->count++];
	*event = (struct log_event){.device = device, .line = line, .count = 1};
	log->open[device] = log->count;
	return event;
}

/* --- Linux's lines. --- */

static void add_word(struct log_event *event, uint64_t value)
{
	event->record.dword[event->words++] = value;
	smmuv3_decode_event(&event->record, &event->event);
	event->has_sid = true;
	event->has_access = event->words > 1 && event->event.has_access;
	event->has_address = event->words > 2 && event->event.has_access;
}

static bool wants_words(const struct log_event *event)
{
	return event && !event->is_decoded && event->words < EVENT_DWORDS;
}

static void take_words(struct log *log, unsigned int device, const char *at)
{
	struct log_event *event = newest(log, device);
	struct word word;

	while (wants_words(event) && (at = take_word(at, &word)) && word.prefixed) {
		add_word(event, word.value);
	}
}

static const char *find_header(const char *text, uint64_t *code)
{
	const char *end = strstr(text, " received");

	return end && find_number(text, "event ", code) && *code < EVENT_CODES ? end : NULL;
}

static void take_header(struct log *log, unsigned int device, unsigned int line, const char *end, uint64_t code)
{
	struct log_event *event = add(log, device, line);

	if (event) {
		event->header = (unsigned int)code;
		event->event.code = event->header;
		take_words(log, device, skip_word(skip_gap(end)));
	}
}

/* 0: the name is none that is known. */
static unsigned int code_of(const char *name, size_t length)
{
	for (unsigned int code = 1; code < EVENT_CODES; code++) {
		const char *known = smmuv3_event_name(code);

		if (strlen(known) == length && !strncmp(known, name, length)) {
			return code;
		}
	}
	return 0;
}

/* The line in words and the record before it are of one event. */
static bool goes_with(const struct log_event *event, const struct log_event *told)
{
	return event && !event->is_decoded && (event->words || event->header) &&
	       (!told->event.code || told->event.code == event->event.code) &&
	       (!event->has_sid || event->event.sid == told->event.sid) &&
	       (!event->has_address || !told->has_address || event->event.address == told->event.address);
}

static void copy_client(struct log_event *event, const char *text)
{
	const char *client = strstr(text, " client: ");
	const char *end = client ? strstr(client, " sid: ") : NULL;

	if (end) {
		client += strlen(" client: ");
		copy_text(event->client, sizeof(event->client), client, end > client ? (size_t)(end - client) : 0);
	}
}

static struct log_event read_told(const char *text)
{
	struct log_event told = {.count = 1, .is_decoded = true};
	const char *name = strstr(text, "event: ") + strlen("event: ");
	uint64_t value = 0;

	told.event.code = code_of(name, (size_t)(skip_word(name) - name));
	told.has_sid = find_number(text, " sid: ", &value) && value <= UINT32_MAX;
	told.event.sid = (uint32_t)value;
	if (find_number(text, " ssid: ", &value)) {
		told.event.ssid = (uint32_t)value;
		told.event.has_ssid = value != 0;
	}
	told.has_address = find_number(text, " iova: ", &told.event.address);
	(void)find_number(text, " ipa: ", &told.event.fetch_address);
	(void)find_number(text, " fetch_addr: ", &told.event.fetch_address);
	copy_client(&told, text);
	return told;
}

static void take_told(struct log *log, unsigned int device, unsigned int line, const char *text)
{
	struct log_event told = read_told(text);
	struct log_event *event = newest(log, device);

	if (!told.has_sid) {
		log->cut++;
		return;
	}
	if (!goes_with(event, &told)) {
		event = add(log, device, line);
		told.device = device;
		told.line = line;
	} else if (event->has_sid) {
		event->is_decoded = true;
		memcpy(event->client, told.client, sizeof(told.client));
		return;
	} else {
		told.device = device;
		told.line = event->line;
		told.header = event->header;
		told.event.code = event->header;
	}
	if (event) {
		*event = told;
	}
}

/* "unpriv data write s1", between them the class in quotes, "stall" or not. */
static void take_access(struct log *log, unsigned int device, const char *text)
{
	struct log_event *event = newest(log, device);
	char privilege[8], kind[8], access[8], stage[4];
	uint64_t tag = 0;

	if (!event || event->words || !event->is_decoded || event->has_access ||
	    sscanf(text, " %7s %7s %7s %3s", privilege, kind, access, stage) != 4) {
		return;
	}
	event->has_access = true;
	event->event.has_access = true;
	event->event.privileged = !strcmp(privilege, "priv");
	event->event.instruction = !strcmp(kind, "inst");
	event->event.write = !strcmp(access, "write");
	event->event.stage2 = !strcmp(stage, "s2");
	event->event.stalled = strstr(text, "\" stall stag:") || strstr(text, " stall stag:");
	event->event.stag = find_number(text, " stag: ", &tag) ? (unsigned int)(tag & 0xffff) : 0;
}

static void take_line_of(struct log *log, unsigned int device, unsigned int line, const char *text)
{
	uint64_t code;
	const char *header = find_header(text, &code);

	if (device == LOG_DEVICES_MAX) {
		return;
	}
	if (header) {
		take_header(log, device, line, header, code);
	} else if (strstr(text, "event: ") && strstr(text, " sid: ")) {
		take_told(log, device, line, text);
	} else if (strstr(text, " stag: ")) {
		take_access(log, device, text);
	} else if (strstr(text, "EVTQ overflow")) {
		log->overflows++;
	} else {
		take_words(log, device, text);
	}
}

/* `text` begins with DRIVER: the name ends with a colon. Without one, as where dots stand for it, there is none. */
static void take_piece(struct log *log, unsigned int line, const char *text)
{
	const char *name = text + strlen(DRIVER);
	size_t length = strcspn(name, ": \t");
	bool is_named = length && name[length] == ':';

	take_line_of(log, find_device(log, name, is_named ? length : 0), line, is_named ? name + length + 1 : name);
}

/* Several lines of Linux may be joined to one. */
static void take_pieces(struct log *log, unsigned int line, char *text)
{
	char *piece = strstr(text, DRIVER);

	while (piece) {
		char *next = strstr(piece + 1, DRIVER);

		if (next) {
			next[-1] = '\0';
		}
		take_piece(log, line, piece);
		piece = next;
	}
}

/* "arm_smmu_evtq_thread: 123 callbacks suppressed". */
static bool take_suppressed(struct log *log, const char *text)
{
	const char *end = strstr(text, " callbacks suppressed");
	const char *at = end;

	while (at && at > text && isdigit((unsigned char)at[-1])) {
		at--;
	}
	if (!end || at == end || !strstr(text, "arm_smmu")) {
		return false;
	}
	log->suppressed += strtoull(at, NULL, 10) & UINT32_MAX;
	return true;
}

/* --- The firmware's records. --- */

static bool hex_of(const json_t *record, const char *key, uint64_t *value)
{
	const char *text = json_string_value(json_object_get(record, key));
	struct word word;

	*value = 0;
	if (!text || !take_word(text, &word)) {
		return false;
	}
	*value = word.value;
	return true;
}

static const char *text_of(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text ? text : "";
}

static void fill_event(struct log_event *event, const json_t *record)
{
	json_int_t count = json_integer_value(json_object_get(record, "count"));
	const char *master = text_of(record, "master");
	uint64_t code, sid;

	(void)hex_of(record, "code", &code);
	event->has_sid = hex_of(record, "sid", &sid) && sid <= UINT32_MAX;
	event->event.code = (unsigned int)(code & (EVENT_CODES - 1));
	event->event.sid = (uint32_t)sid;
	event->count = count < 1 ? 1 : count > UINT32_MAX ? UINT32_MAX : (uint64_t)count;
	event->has_address = hex_of(record, "address", &event->event.address);
	event->has_access = *text_of(record, "access");
	event->event.has_access = event->has_access;
	event->event.write = !strcmp(text_of(record, "access"), "write");
	event->event.stage2 = json_integer_value(json_object_get(record, "stage")) == 2;
	(void)hex_of(record, "fetch_address", &event->event.fetch_address);
	event->expected = json_is_true(json_object_get(record, "expected"));
	copy_text(event->client, sizeof(event->client), master, strlen(master));
}

static void take_record(struct log *log, unsigned int line, const json_t *record)
{
	const char *kind = text_of(record, "record");
	const char *name = text_of(record, "instance");
	const char *place = text_of(record, "name");
	bool is_instance = !strcmp(kind, "instance");
	unsigned int device;

	if (!is_instance && strcmp(kind, "event") != 0) {
		return;
	}
	device = find_device(log, name, strlen(name));
	if (device == LOG_DEVICES_MAX) {
		return;
	}
	if (is_instance) {
		copy_text(log->device[device].place, LOG_PLACE_SIZE, place, strlen(place));
	} else {
		struct log_event *event = add(log, device, line);

		if (event) {
			fill_event(event, record);
		}
	}
}

static bool take_json(struct log *log, unsigned int line, const char *text)
{
	const char *begin = strchr(text, '{');
	json_t *record;

	if (!begin || !strstr(begin, "\"record\"")) {
		return false;
	}
	record = json_loads(begin, JSON_DISABLE_EOF_CHECK, NULL);
	if (record) {
		take_record(log, line, record);
	} else {
		log->damaged++;
	}
	json_decref(record);
	return true;
}

/* --- Raw records. --- */

/* The words of a text that has nothing else. */
struct words {
	uint64_t *value;
	size_t count;
	size_t room;
	bool narrow; /* 32 bits each. */
	bool wide;
	bool eight; /* A line has eight. */
};

static bool keep_word(struct words *words, const struct word *word, bool *all_narrow)
{
	if (words->count == words->room) {
		size_t room = words->room ? 2 * words->room : 64;
		uint64_t *more = realloc(words->value, room * sizeof(*more));

		if (!more) {
			return false;
		}
		words->value = more;
		words->room = room;
	}
	words->value[words->count++] = word->value;
	words->wide = words->wide || word->digits > 8;
	*all_narrow = *all_narrow && word->digits == 8;
	return true;
}

static const char *refuse(struct log *log, unsigned int line, const char *at)
{
	int length = (int)(skip_word(at) - at);

	(void)snprintf(
		log->why, sizeof(log->why),
		"no event is in it: line %u has \"%.*s\", which is no word of a record; wanted are lines of Linux's "
		"arm-smmu-v3, a raw record, or the firmware's event records",
		line, length < 40 ? length : 40, at);
	return NULL;
}

/* A memory dump's line begins with its address, and may end with the same bytes as characters. */
static const char *skip_address(const char *at, bool *is_dump)
{
	const char *end;

	at = skip_gap(at);
	end = skip_word(at);
	*is_dump = end > at && end[-1] == ':';
	return *is_dump ? end : at;
}

static const char *take_raw_line(struct log *log, struct words *words, unsigned int line, const char *text)
{
	unsigned int in_line = 0, width = 0;
	struct word word;
	bool is_dump;

	if (*skip_gap(text) == '#') {
		return text; /* A comment. */
	}
	text = skip_address(text, &is_dump);
	for (text = skip_gap(text); *text; text = skip_gap(text)) {
		const char *end = take_word(text, &word);

		if (is_dump && in_line && (!end || word.digits != width)) {
			break;
		}
		if (!end) {
			return refuse(log, line, text);
		}
		if (!keep_word(words, &word, &words->narrow)) {
			return NULL;
		}
		width = word.digits;
		text = end;
		in_line++;
	}
	words->eight = words->eight || in_line == 8;
	return text;
}

static bool take_raw(struct log *log, const struct words *words)
{
	bool narrow = !words->wide && (words->narrow || words->eight);
	size_t step = narrow ? 8 : 4;

	if (!words->count || words->count % step) {
		(void)snprintf(log->why, sizeof(log->why),
			       "no event is in it: %zu words of %u bits, and a record has %zu (IHI 0070 7.3)",
			       words->count, narrow ? 32U : 64U, step);
		return false;
	}
	for (size_t i = 0; i < words->count; i += step) {
		struct log_event *event = add(log, find_device(log, "", 0), (unsigned int)(i / step) + 1);

		for (size_t k = 0; event && k < step; k += narrow ? 2 : 1) {
			const uint64_t *value = &words->value[i + k];

			add_word(event, narrow ? value[0] | value[1] << 32 : value[0]);
		}
	}
	return log->count;
}

/* --- The text. --- */

/* Ends the line at `at`; returns where the next one begins. A mail may break one behind "event: NAME": that are two. */
static char *end_line(char *at, char *end, unsigned int *lines)
{
	char *next = memchr(at, '\n', (size_t)(end - at));
	char *told;

	*lines = 1;
	if (!next) {
		return end;
	}
	*next = '\0';
	told = strstr(at, DRIVER) ? strstr(at, "event: ") : NULL;
	if (told && !strstr(told, " sid: ")) {
		*next = ' ';
		*lines = 2;
		next = memchr(next, '\n', (size_t)(end - next));
		if (!next) {
			return end;
		}
		*next = '\0';
	}
	return next + 1;
}

static void take_line(struct log *log, unsigned int line, char *text)
{
	if (take_json(log, line, text) || take_suppressed(log, text)) {
		return;
	}
	if (strstr(text, DRIVER)) {
		take_pieces(log, line, text);
	} else {
		take_line_of(log, find_device(log, "", 0), line, text);
	}
}

/* Ends each line with a null. */
static void read_lines(struct log *log, char *text, char *end)
{
	unsigned int line = 1, lines;

	for (char *at = text; at < end; line += lines) {
		char *next = end_line(at, end, &lines);

		take_line(log, line, at);
		at = next;
	}
}

static void read_raw(struct log *log, const char *text, size_t size)
{
	struct words words = {.narrow = true};
	unsigned int line = 1;
	const char *end = text + size;
	bool good = true;

	for (const char *at = text; good && at < end; at += strlen(at) + 1) {
		good = take_raw_line(log, &words, line++, at);
	}
	if (good && !words.count) {
		(void)snprintf(log->why, sizeof(log->why), "no event is in it: it is empty");
	} else if (good) {
		(void)take_raw(log, &words);
	}
	free(words.value);
}

/* Those of which the stream is known. */
static void drop_cut(struct log *log)
{
	size_t kept = 0;

	for (size_t i = 0; i < log->count; i++) {
		if (log->event[i].has_sid) {
			log->event[kept++] = log->event[i];
		} else {
			log->cut++;
		}
	}
	log->count = kept;
}

static void say_cut(struct log *log)
{
	(void)snprintf(log->why, sizeof(log->why),
		       "no event is in it: %u record%s cut off before the first word, %u damaged", log->cut,
		       log->cut == 1 ? " is" : "s are", log->damaged);
}

int log_read(struct log *log, char *text, size_t size)
{
	memset(log, 0, sizeof(*log));
	for (size_t i = 0; i < size; i++) {
		text[i] = text[i] ? text[i] : ' ';
	}
	text[size] = '\0';
	read_lines(log, text, text + size);
	drop_cut(log);
	if (log->count) {
		return 0;
	}
	if (log->cut || log->damaged) {
		say_cut(log);
	} else if (log->overflows || log->suppressed) {
		(void)snprintf(log->why, sizeof(log->why), "no event is in it: it tells only that events were lost");
	} else {
		read_raw(log, text, size);
	}
	return log->count ? 0 : -1;
}

void log_free(struct log *log)
{
	free(log->event);
	log->event = NULL;
}
