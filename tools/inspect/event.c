/* SPDX-License-Identifier: BSD-2-Clause */
#include "event.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"
#include "owner.h"

#define OWNERS_SHOWN 8U
#define SENTENCE_SIZE 1280U

/* Events of one SMMU, code and stream. */
struct group {
	const struct log_event *first;
	uint64_t count;
	uint64_t reads;
	uint64_t writes;
	uint64_t lowest;
	uint64_t highest;
	uint64_t stalled;
	bool has_address;
};

/* One group with what the table says of it. */
struct telling {
	const struct event_context *context;
	const struct group *group;
	int smmu;
	struct owner owner[OWNERS_SHOWN];
	size_t owner_count;
	json_t *list; /* Where sentences go. */
};

__attribute__((format(printf, 2, 3))) static void say(const struct telling *telling, const char *format, ...)
{
	char sentence[SENTENCE_SIZE];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(sentence, sizeof(sentence), format, arguments);
	va_end(arguments);
	json_array_append_new(telling->list, json_text(sentence));
}

static json_t *hex(bool known, uint64_t value)
{
	return known ? json_sprintf("0x%" PRIx64, value) : json_null();
}

/* --- Sums. --- */

static int order(const struct log_event *a, const struct log_event *b)
{
	if (a->device != b->device) {
		return a->device < b->device ? -1 : 1;
	}
	if (a->event.code != b->event.code) {
		return a->event.code < b->event.code ? -1 : 1;
	}
	if (a->event.sid != b->event.sid) {
		return a->event.sid < b->event.sid ? -1 : 1;
	}
	return 0;
}

/* Equal ones stay in the order of the log, whose list they point into. */
static int by_stream(const void *a, const void *b)
{
	const struct log_event *const *one = a, *const *other = b;
	int found = order(*one, *other);

	return found ? found : *one < *other ? -1 : 1;
}

static int by_line(const void *a, const void *b)
{
	const struct group *one = a, *other = b;

	return one->first < other->first ? -1 : 1;
}

static void count_in(struct group *group, const struct log_event *event)
{
	uint64_t address = event->event.address;

	group->first = group->count ? group->first : event;
	group->count += event->count;
	if (event->has_access) {
		*(event->event.write ? &group->writes : &group->reads) += event->count;
	}
	group->stalled += event->event.stalled ? event->count : 0;
	if (event->has_address) {
		group->lowest = group->has_address && group->lowest < address ? group->lowest : address;
		group->highest = group->has_address && group->highest > address ? group->highest : address;
		group->has_address = true;
	}
}

/* Those that a check of the firmware provoked are left out. */
static size_t list_events(const struct log *log, const struct log_event **list)
{
	size_t count = 0;

	for (size_t i = 0; i < log->count; i++) {
		if (!log->event[i].expected) {
			list[count++] = &log->event[i];
		}
	}
	qsort(list, count, sizeof(*list), by_stream);
	return count;
}

/* The caller frees it; NULL: no memory. */
static struct group *sum(const struct log *log, size_t *group_count)
{
	const struct log_event **list = calloc(log->count + 1, sizeof(*list));
	struct group *group = calloc(log->count + 1, sizeof(*group));
	size_t count = list && group ? list_events(log, list) : 0;

	*group_count = 0;
	for (size_t i = 0; i < count; i++) {
		*group_count += i == 0 || order(list[i - 1], list[i]) != 0;
		count_in(&group[*group_count - 1], list[i]);
	}
	if (group) {
		qsort(group, *group_count, sizeof(*group), by_line);
	}
	free(list);
	return group;
}

/* --- Whose it is. --- */

static const struct stream_description *streams_of(const struct telling *telling)
{
	return &telling->context->description->streams;
}

static const struct smmu_description *smmu_of(const struct telling *telling)
{
	return telling->smmu == OWNER_NO_SMMU ? NULL : &streams_of(telling)->smmu[telling->smmu];
}

/* "(unassigned sid)" is none. */
static bool has_client(const struct telling *telling)
{
	const char *client = telling->group->first->client;

	return *client && *client != '(';
}

static void say_client(const struct telling *telling)
{
	if (has_client(telling)) {
		say(telling, "the log takes it for %s", telling->group->first->client);
	} else if (*telling->group->first->client) {
		say(telling, "Linux has given this stream to no device");
	}
}

static void say_owners(const struct telling *telling)
{
	uint32_t sid = telling->group->first->event.sid;
	char words[OWNER_WORDS_SIZE];

	for (size_t i = 0; i < telling->owner_count && i < OWNERS_SHOWN; i++) {
		owner_words(&telling->owner[i], words);
		say(telling, "%s", words);
	}
	if (telling->owner_count > OWNERS_SHOWN) {
		say(telling, "and %zu more that give this stream", telling->owner_count - OWNERS_SHOWN);
	}
	if (!telling->owner_count && telling->smmu != OWNER_NO_SMMU) {
		owner_near(streams_of(telling), (unsigned int)telling->smmu, sid, words);
		say(telling, "no master's in this table%s%s", *words ? ": " : "", words);
	} else if (!telling->owner_count) {
		say(telling, "it is not known of which SMMU, and so not whose");
	}
	say_client(telling);
}

/* --- What the SMMU stopped. --- */

static const char *access_words(const struct group *group)
{
	if (group->reads && group->writes) {
		return "reads and writes";
	}
	if (group->writes) {
		return group->count > 1 ? "writes" : "a write";
	}
	if (group->reads) {
		return group->count > 1 ? "reads" : "a read";
	}
	return group->count > 1 ? "accesses" : "an access";
}

static void say_fetch(const struct telling *telling, const char *what)
{
	uint64_t address = telling->group->first->event.fetch_address;

	if (address) {
		say(telling, "the transaction: the SMMU could not read %s at 0x%" PRIx64, what, address);
	} else {
		say(telling, "the transaction: the SMMU could not read %s", what);
	}
}

static void say_access(const struct telling *telling)
{
	const struct group *group = telling->group;
	const struct smmuv3_event *event = &group->first->event;
	char range[64] = "";

	if (group->has_address && group->lowest == group->highest) {
		snprintf(range, sizeof(range), " at 0x%" PRIx64, group->lowest);
	} else if (group->has_address) {
		snprintf(range, sizeof(range), " at 0x%" PRIx64 " to 0x%" PRIx64, group->lowest, group->highest);
	}
	if (!group->first->has_access) {
		say(telling, "%s%s", access_words(group), range);
		return;
	}
	say(telling, "%s%s%s, %s%s", access_words(group), range, event->instruction ? ", for instructions" : "",
	    event->stage2 ? "in stage 2" : "in stage 1", event->privileged ? ", privileged" : "");
	if (event->stage2 && event->fetch_address) {
		say(telling, "the intermediate address is 0x%" PRIx64, event->fetch_address);
	}
}

static void say_stopped(const struct telling *telling)
{
	const struct group *group = telling->group;

	switch (group->first->event.code) {
	case F_STE_FETCH:
		say_fetch(telling, "the stream table entry");
		break;
	case F_CD_FETCH:
		say_fetch(telling, "the context descriptor");
		break;
	case F_VMS_FETCH:
		say_fetch(telling, "the virtual machine structure");
		break;
	case F_WALK_EABT:
		say_fetch(telling, "a translation table");
		say_access(telling);
		break;
	case C_BAD_STREAMID:
	case C_BAD_STE:
	case C_BAD_SUBSTREAMID:
	case C_BAD_CD:
	case F_STREAM_DISABLED:
		say(telling, "every transaction of this stream, whatever its address");
		break;
	default:
		say_access(telling);
		break;
	}
	if (group->stalled) {
		say(telling, "it waits for the driver: stalled, tag 0x%x", group->first->event.stag);
	}
}

/* --- Likely causes. --- */

static const struct fixed_description *endpoint_of(const struct telling *telling)
{
	const struct stream_description *streams = streams_of(telling);

	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		const struct fixed_description *fixed = &streams->fixed[i];
		size_t length = fixed->compatible ? strlen(fixed->compatible) : 0;

		if ((int)fixed->smmu == telling->smmu && length > 3 &&
		    (strstr(fixed->compatible, "pcie-ep") || !strcmp(fixed->compatible + length - 3, "-ep"))) {
			return fixed;
		}
	}
	return NULL;
}

static void suspect_endpoint(const struct telling *telling)
{
	const struct fixed_description *endpoint = endpoint_of(telling);
	uint32_t sid = telling->group->first->event.sid;
	char function[16];

	if (endpoint && !telling->owner_count && !has_client(telling) && sid <= 0xffff) {
		owner_function(sid, function);
		say(telling,
		    "%s is a PCIe endpoint with the one stream 0x%" PRIx32
		    ": what comes through it may have the requester ID "
		    "of the sender on the other side, here %s; it wants a stream for each of those (iommu-map)",
		    endpoint->master, endpoint->first, function);
	}
}

static void suspect_table(const struct telling *telling)
{
	const struct smmu_description *smmu = smmu_of(telling);

	if (smmu && !smmu->enabled) {
		say(telling, "the table has %s disabled: the log is of another table, or of firmware that uses it",
		    smmu->name);
	}
	for (size_t i = 0; i < telling->owner_count && i < OWNERS_SHOWN; i++) {
		if (!owner_is_enabled(&telling->owner[i])) {
			say(telling,
			    "%s is disabled in the table: Linux gives it no stream, and it does DMA all the same",
			    owner_master(&telling->owner[i]));
		}
	}
	if (telling->owner_count > 1) {
		say(telling, "%zu entries of the table give this stream: one's mapping may be the other's fault",
		    telling->owner_count);
	}
	if (!telling->owner_count && smmu && has_client(telling)) {
		say(telling,
		    "%s had this stream, and this table gives it to no master: it is not the table that was in use",
		    telling->group->first->client);
	}
}

static void suspect_stream(const struct telling *telling)
{
	unsigned int code = telling->group->first->event.code;

	if (code != C_BAD_STREAMID && code != C_BAD_STE) {
		return;
	}
	if (telling->owner_count) {
		say(telling, "Linux lets a stream through once a driver takes its master: the DMA came before that "
			     "(left on by a "
			     "boot loader), or its number is beyond the SMMU's SIDSIZE");
	} else if (telling->smmu != OWNER_NO_SMMU) {
		say(telling, "the master emits another stream than the table says, or the table forgets it");
	}
}

static void suspect_region(const struct telling *telling, const struct direct_description *direct)
{
	uint32_t sid = telling->group->first->event.sid;
	bool own = sid >= direct->first && sid <= direct->last;

	if (own) {
		say(telling, "0x%" PRIx64 " is in the region that %s says this stream %s: the OS did not honour it",
		    telling->group->lowest, direct->where, direct->mapped ? "keeps" : "must not be given");
	} else {
		say(telling, "0x%" PRIx64 " is in a region that %s keeps for %s, and not for this stream",
		    telling->group->lowest, direct->where, direct->master);
	}
}

static void suspect_address(const struct telling *telling)
{
	const struct stream_description *streams = streams_of(telling);
	const struct group *group = telling->group;
	unsigned int code = group->first->event.code;

	if (!group->has_address || code < F_TRANSLATION || code > F_PERMISSION) {
		return;
	}
	if (group->lowest < 0x1000) {
		say(telling,
		    "address 0x%" PRIx64 " is near 0: a pointer that was never set, in a descriptor or a register",
		    group->lowest);
	}
	for (unsigned int i = 0; i < streams->direct_count; i++) {
		const struct direct_description *direct = &streams->direct[i];

		if ((int)direct->smmu == telling->smmu && group->lowest >= direct->base &&
		    group->lowest - direct->base < direct->size) {
			suspect_region(telling, direct);
		}
	}
	if (code == F_PERMISSION && group->writes) {
		say(telling, "a buffer that was mapped for the device to read alone (DMA_TO_DEVICE) is written");
	} else if (code == F_TRANSLATION) {
		say(telling, "the device works with an address that its driver did not map, or has unmapped already");
	}
}

static void suspect_fetch(const struct telling *telling)
{
	const struct smmu_description *smmu = smmu_of(telling);
	unsigned int code = telling->group->first->event.code;

	if (code != F_STE_FETCH && code != F_CD_FETCH && code != F_WALK_EABT && code != F_VMS_FETCH) {
		return;
	}
	say(telling, "the address is beyond what the SMMU reaches, or protected from it (a firewall, a secure region)");
	if (smmu) {
		say(telling, "the table has %s %s: if that is wrong, the SMMU reads what the caches still hold back",
		    smmu->name, smmu->coherent ? "coherent" : "not coherent");
	}
}

static enum told ats_of(const struct telling *telling, const char *master)
{
	const struct traits *traits = telling->context->traits;

	for (unsigned int i = 0; traits && i < traits->master_count; i++) {
		if (!strcmp(traits->master[i].name, master)) {
			return traits->master[i].ats;
		}
	}
	return TOLD_NOTHING;
}

static void suspect_ats(const struct telling *telling)
{
	unsigned int code = telling->group->first->event.code;
	const char *place = streams_of(telling)->source == DESCRIPTION_IORT ? "the root complex' ATS attribute" :
									      "the host's ats-supported";
	const char *master = telling->owner_count ? owner_master(&telling->owner[0]) : NULL;
	enum told ats = master ? ats_of(telling, master) : TOLD_NOTHING;

	if (code != F_TRANSL_FORBIDDEN && code != F_BAD_ATS_TREQ) {
		return;
	}
	if (ats == TOLD_YES) {
		say(telling, "%s says that %s has ATS: the function has it on, and the OS has it off for this stream",
		    place, master);
	} else if (ats == TOLD_NO) {
		say(telling, "%s says that %s has no ATS, so the OS leaves it off, and the function has it on", place,
		    master);
	} else {
		say(telling, "%s: the function has ATS on, and the OS has it off for this stream", place);
	}
	say(telling, "firmware or an earlier kernel left ATS on in the function (its ATS capability's Enable bit)");
}

static void suspect(const struct telling *telling)
{
	unsigned int header = telling->group->first->header;

	if (header && header != telling->group->first->event.code) {
		say(telling, "the log's head line says 0x%02x, and the record 0x%02x: lines of two records are mixed",
		    header, telling->group->first->event.code);
	}
	suspect_table(telling);
	suspect_endpoint(telling);
	suspect_stream(telling);
	suspect_address(telling);
	suspect_fetch(telling);
	suspect_ats(telling);
}

/* --- Where to look. --- */

static void look_at_owner(const struct telling *telling, const struct owner *owner)
{
	char function[16];

	if (owner->window && owner->window->segment != STREAM_NO_SEGMENT && owner->input <= 0xffff) {
		owner_function(owner->input, function);
		say(telling, "lspci -vv -s %04" PRIx32 ":%s", owner->window->segment, function);
	} else {
		say(telling, "the driver of %s", owner_master(owner));
	}
}

static void look_at_nothing(const struct telling *telling)
{
	uint32_t sid = telling->group->first->event.sid;
	bool iort = streams_of(telling)->source == DESCRIPTION_IORT;

	if (telling->smmu == OWNER_NO_SMMU) {
		say(telling, "the log's lines of the SMMU, which say where it is");
		return;
	}
	say(telling, "%s: which of them emits 0x%" PRIx32 " by the SoC's manual?",
	    iort ? "the ID mappings of root complexes and named components" : "iommus and iommu-map of the masters",
	    sid);
	say(telling, "the firmware of this project on the board: its `observed` records say who really emits it");
}

static bool is_place(const json_t *finding, const char *name)
{
	const json_t *also = json_object_get(finding, "also");
	const char *where = json_string_value(json_object_get(finding, "where"));
	bool is = where && !strcmp(where, name);

	for (size_t i = 0; !is && i < json_array_size(also); i++) {
		where = json_string_value(json_array_get(also, i));
		is = where && !strcmp(where, name);
	}
	return is;
}

/* What the table's findings say of a master or an SMMU. */
static void say_findings_of(const struct telling *telling, const char *name)
{
	const json_t *findings = telling->context->findings;

	for (size_t i = 0; i < json_array_size(findings); i++) {
		const json_t *finding = json_array_get(findings, i);
		const char *id = json_string_value(json_object_get(finding, "id"));
		const char *text = json_string_value(json_object_get(finding, "text"));

		if (is_place(finding, name)) {
			say(telling, "%s: %s: %s", id ? id : "?", name, text ? text : "?");
		}
	}
}

static void say_findings(const struct telling *telling)
{
	if (smmu_of(telling)) {
		say_findings_of(telling, smmu_of(telling)->name);
	}
	for (size_t i = 0; i < telling->owner_count && i < OWNERS_SHOWN; i++) {
		if (i == 0 || strcmp(owner_master(&telling->owner[i]), owner_master(&telling->owner[i - 1])) != 0) {
			say_findings_of(telling, owner_master(&telling->owner[i]));
		}
	}
}

static void look(const struct telling *telling)
{
	for (size_t i = 0; i < telling->owner_count && i < OWNERS_SHOWN; i++) {
		look_at_owner(telling, &telling->owner[i]);
	}
	if (!telling->owner_count) {
		look_at_nothing(telling);
	}
}

/* --- JSON. --- */

static json_t *sentences(struct telling *telling, void tell(const struct telling *telling))
{
	telling->list = json_array();
	tell(telling);
	return telling->list;
}

static json_t *owner_json(const struct owner *owner)
{
	const struct window_description *window = owner->window;

	return json_pack("{s:o, s:b, s:o, s:o}", "master", json_text(owner_master(owner)), "enabled",
			 owner_is_enabled(owner), "input", hex(window, owner->input), "mask",
			 hex(window && window->has_mask, window ? window->mask : 0));
}

static json_t *owners_json(const struct telling *telling)
{
	json_t *list = json_array();

	for (size_t i = 0; i < telling->owner_count && i < OWNERS_SHOWN; i++) {
		json_array_append_new(list, owner_json(&telling->owner[i]));
	}
	return list;
}

static json_t *facts_json(const struct group *group, const struct log_device *device)
{
	const struct smmuv3_event *event = &group->first->event;
	bool knows_access = group->reads || group->writes;

	return json_pack("{s:o, s:o, s:s, s:o, s:o, s:I, s:i, s:o, s:o, s:o, s:o, s:b, s:o}", "device",
			 *device->name ? json_text(device->name) : json_null(), "code", hex(true, event->code), "name",
			 smmuv3_event_name(event->code), "sid", hex(true, event->sid), "ssid",
			 hex(event->has_ssid, event->ssid), "count", (json_int_t)group->count, "line",
			 (int)group->first->line, "address_first", hex(group->has_address, group->lowest),
			 "address_last", hex(group->has_address, group->highest), "access",
			 !knows_access	? json_null() :
			 !group->writes ? json_string("read") :
					  json_string(group->reads ? "both" : "write"),
			 "stage", knows_access ? json_integer(event->stage2 ? 2 : 1) : json_null(), "stalled",
			 group->stalled > 0, "client",
			 *group->first->client ? json_text(group->first->client) : json_null());
}

static json_t *group_json(const struct event_context *context, const struct log *log, const struct group *group)
{
	const struct stream_description *streams = &context->description->streams;
	const struct log_event *first = group->first;
	struct telling telling = {.context = context, .group = group};
	json_t *json = facts_json(group, &log->device[first->device]);
	char which[OWNER_WORDS_SIZE];

	telling.smmu = owner_choose_smmu(streams, log, first->device, first->event.sid, which);
	if (telling.smmu != OWNER_NO_SMMU) {
		telling.owner_count =
			owners_of(streams, (unsigned int)telling.smmu, first->event.sid, telling.owner, OWNERS_SHOWN);
	}
	json_object_set_new(json, "instance", smmu_of(&telling) ? json_text(smmu_of(&telling)->name) : json_null());
	json_object_set_new(json, "which", *which ? json_text(which) : json_null());
	json_object_set_new(json, "owners", owners_json(&telling));
	json_object_set_new(json, "whose", sentences(&telling, say_owners));
	json_object_set_new(json, "stopped", sentences(&telling, say_stopped));
	json_object_set_new(json, "cause", json_text(smmuv3_event_cause(first->event.code)));
	json_object_set_new(json, "likely", sentences(&telling, suspect));
	json_object_set_new(json, "look_at", sentences(&telling, look));
	json_object_set_new(json, "findings", sentences(&telling, say_findings));
	return json;
}

static json_int_t count_expected(const struct log *log)
{
	uint64_t count = 0;

	for (size_t i = 0; i < log->count; i++) {
		count += log->event[i].expected ? log->event[i].count : 0;
	}
	return (json_int_t)count;
}

json_t *event_json(const struct event_context *context, const struct log *log)
{
	size_t count = 0;
	struct group *group = sum(log, &count);
	json_t *list = json_array();

	for (size_t i = 0; group && i < count; i++) {
		json_array_append_new(list, group_json(context, log, &group[i]));
	}
	free(group);
	return json_pack("{s:o, s:I, s:I, s:i, s:i, s:i}", "events", list, "expected", count_expected(log),
			 "suppressed", (json_int_t)log->suppressed, "overflows", (int)log->overflows, "cut",
			 (int)log->cut, "damaged", (int)(log->damaged + log->nameless));
}
