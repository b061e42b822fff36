/* SPDX-License-Identifier: BSD-2-Clause */
#include "owner.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REQUESTER_ID_LAST 0xffffU

void owner_function(uint32_t requester_id, char words[16])
{
	snprintf(words, 16, "%02x:%02x.%x", requester_id >> 8 & 0xff, requester_id >> 3 & 0x1f, requester_id & 7);
}

const char *owner_master(const struct owner *owner)
{
	return owner->fixed ? owner->fixed->master : owner->window->master;
}

bool owner_is_enabled(const struct owner *owner)
{
	return owner->fixed ? owner->fixed->enabled : owner->window->enabled;
}

/* --- A stream's masters. --- */

/* False: no ID gives it; an input ID with bits beyond the mask never comes. */
static bool invert(const struct window_description *window, uint32_t sid, uint32_t *input)
{
	uint32_t from = window->constant ? 0 : sid - window->sid;
	uint32_t mask = window->has_mask ? window->mask : STREAM_NO_MASK;

	if (sid < window->sid || from > window->input_last - window->input_first ||
	    (window->constant && sid != window->sid)) {
		return false;
	}
	*input = window->input_first + from;
	while (window->constant && *input & ~mask && *input < window->input_last) {
		(*input)++;
	}
	return !(*input & ~mask);
}

size_t owners_of(const struct stream_description *streams, unsigned int smmu, uint32_t sid, struct owner *owner,
		 size_t room)
{
	size_t count = 0;

	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		const struct fixed_description *fixed = &streams->fixed[i];

		if (fixed->smmu == smmu && sid >= fixed->first && sid <= fixed->last && count++ < room) {
			owner[count - 1] = (struct owner){.fixed = fixed};
		}
	}
	for (unsigned int i = 0; i < streams->window_count; i++) {
		const struct window_description *window = &streams->window[i];
		uint32_t input;

		if (window->smmu == smmu && invert(window, sid, &input) && count++ < room) {
			owner[count - 1] = (struct owner){.window = window, .input = input};
		}
	}
	return count;
}

/* Of the 16 bits of a requester ID. */
static unsigned int free_bits(const struct window_description *window)
{
	unsigned int count = 0;

	for (uint32_t bit = 1; window->has_mask && bit <= REQUESTER_ID_LAST; bit <<= 1) {
		count += !(window->mask & bit);
	}
	return count;
}

static void window_owner_words(const struct owner *owner, char words[OWNER_WORDS_SIZE])
{
	const struct window_description *window = owner->window;
	char function[16];
	int length;

	owner_function(owner->input, function);
	if (window->segment == STREAM_NO_SEGMENT || owner->input > REQUESTER_ID_LAST) {
		length = snprintf(words, OWNER_WORDS_SIZE, "%.300s: input ID 0x%" PRIx32, window->master, owner->input);
	} else {
		length = snprintf(words, OWNER_WORDS_SIZE,
				  "%.300s: function %04" PRIx32 ":%s (requester ID 0x%" PRIx32 ")", window->master,
				  window->segment, function, owner->input);
	}
	if (window->constant && window->input_last != window->input_first) {
		length += snprintf(words + length, OWNER_WORDS_SIZE - (size_t)length,
				   ", or any other up to 0x%" PRIx32 ": they share the stream", window->input_last);
	}
	if (free_bits(window)) {
		snprintf(words + length, OWNER_WORDS_SIZE - (size_t)length,
			 ", or one of the %u others that differ where the mask 0x%" PRIx32 " is 0",
			 (1U << free_bits(window)) - 1, window->mask);
	}
}

void owner_words(const struct owner *owner, char words[OWNER_WORDS_SIZE])
{
	if (owner->fixed) {
		snprintf(words, OWNER_WORDS_SIZE, "%.400s", owner->fixed->master);
	} else {
		window_owner_words(owner, words);
	}
	if (!owner_is_enabled(owner)) {
		strncat(words, " (disabled)", OWNER_WORDS_SIZE - strlen(words) - 1);
	}
}

/* --- A stream of no master. --- */

struct near {
	const char *master;
	uint32_t sid;
};

static void come_nearer(struct near *below, struct near *above, uint32_t sid, uint32_t first, uint32_t last,
			const char *master)
{
	if (last < sid && (!below->master || last > below->sid)) {
		*below = (struct near){master, last};
	}
	if (first > sid && (!above->master || first < above->sid)) {
		*above = (struct near){master, first};
	}
}

static void find_near(const struct stream_description *streams, unsigned int smmu, uint32_t sid, struct near *below,
		      struct near *above)
{
	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		const struct fixed_description *fixed = &streams->fixed[i];

		if (fixed->smmu == smmu) {
			come_nearer(below, above, sid, fixed->first, fixed->last, fixed->master);
		}
	}
	for (unsigned int i = 0; i < streams->window_count; i++) {
		const struct window_description *window = &streams->window[i];

		if (window->smmu == smmu) {
			come_nearer(below, above, sid, window->sid, description_window_last(window), window->master);
		}
	}
}

/* The PCI window below it, counted on. */
static const struct window_description *count_on(const struct stream_description *streams, unsigned int smmu,
						 uint32_t sid, uint32_t *requester_id)
{
	const struct window_description *best = NULL;

	for (unsigned int i = 0; i < streams->window_count; i++) {
		const struct window_description *window = &streams->window[i];
		uint64_t id = (uint64_t)sid - window->sid + window->input_first;

		if (window->smmu == smmu && window->segment != STREAM_NO_SEGMENT && !window->constant &&
		    sid >= window->sid && id <= REQUESTER_ID_LAST && (!best || window->sid > best->sid)) {
			best = window;
			*requester_id = (uint32_t)id;
		}
	}
	return best;
}

void owner_near(const struct stream_description *streams, unsigned int smmu, uint32_t sid, char words[OWNER_WORDS_SIZE])
{
	struct near below = {0}, above = {0};
	uint32_t requester_id = sid;
	const struct window_description *window = count_on(streams, smmu, sid, &requester_id);
	char function[16];
	int length = 0;

	find_near(streams, smmu, sid, &below, &above);
	words[0] = '\0';
	if (below.master || above.master) {
		length = snprintf(words, OWNER_WORDS_SIZE, "the nearest");
	}
	if (below.master) {
		length += snprintf(words + length, OWNER_WORDS_SIZE - (size_t)length,
				   " below is 0x%" PRIx32 " (%.120s)", below.sid, below.master);
	}
	if (above.master) {
		length += snprintf(words + length, OWNER_WORDS_SIZE - (size_t)length,
				   "%s above is 0x%" PRIx32 " (%.120s)", below.master ? "," : "", above.sid,
				   above.master);
	}
	owner_function(requester_id, function);
	if (window) {
		snprintf(words + length, OWNER_WORDS_SIZE - (size_t)length,
			 "%sin the map of %.120s it would be function %04" PRIx32 ":%s, which that map lacks",
			 length ? "; " : "", window->master, window->segment, function);
	} else if (sid <= REQUESTER_ID_LAST) {
		snprintf(words + length, OWNER_WORDS_SIZE - (size_t)length, "%sas a requester ID it is %s",
			 length ? "; " : "", function);
	}
}

/* --- Which SMMU. --- */

static int smmu_of_name(const struct stream_description *streams, const char *name)
{
	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		if (*name && !strcmp(streams->smmu[i].name, name)) {
			return (int)i;
		}
	}
	return OWNER_NO_SMMU;
}

/* Linux's "fc900000.iommu". */
static bool has_base(const char *name, uint64_t *base)
{
	char *end;

	*base = strtoull(name, &end, 16);
	return end != name && *end == '.' && strspn(name, "0123456789abcdef") == (size_t)(end - name);
}

static int smmu_at(const struct stream_description *streams, uint64_t base)
{
	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		if (streams->smmu[i].has_base && streams->smmu[i].base == base) {
			return (int)i;
		}
	}
	return OWNER_NO_SMMU;
}

/* Linux numbers what an IORT describes, or the firmware what is enabled. */
static bool has_number(const char *name, bool of_linux, unsigned long *number)
{
	const char *head = of_linux ? "arm-smmu-v3." : "smmu";
	char *end;

	if (strncmp(name, head, strlen(head)) != 0 || name[strlen(head)] < '0' || name[strlen(head)] > '9') {
		return false;
	}
	*number = strtoul(name + strlen(head), &end, 10);
	return of_linux ? !strcmp(end, ".auto") : !*end;
}

static int enabled_smmu(const struct stream_description *streams, unsigned long number)
{
	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		if (streams->smmu[i].enabled && number-- == 0) {
			return (int)i;
		}
	}
	return OWNER_NO_SMMU;
}

/* Linux's numbers ascend as the nodes do, with gaps: the order tells where the log has them all. */
static int smmu_by_order(const struct stream_description *streams, const struct log *log, unsigned long number)
{
	unsigned int known = 0, lower = 0;
	unsigned long other;

	for (unsigned int i = 0; i < log->device_count; i++) {
		if (has_number(log->device[i].name, true, &other)) {
			known++;
			lower += other < number;
		}
	}
	return known == streams->smmu_count ? (int)lower : OWNER_NO_SMMU;
}

static int sole_owner(const struct stream_description *streams, uint32_t sid)
{
	int found = OWNER_NO_SMMU;

	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		if (owners_of(streams, i, sid, NULL, 0)) {
			if (found != OWNER_NO_SMMU) {
				return OWNER_NO_SMMU;
			}
			found = (int)i;
		}
	}
	return found;
}

static int guess(const struct stream_description *streams, uint32_t sid, const char *why, char words[OWNER_WORDS_SIZE])
{
	int smmu = streams->smmu_count == 1 ? 0 : sole_owner(streams, sid);

	if (streams->smmu_count == 1) {
		snprintf(words, OWNER_WORDS_SIZE, "%s: taken for the table's only one", why);
	} else if (smmu != OWNER_NO_SMMU) {
		snprintf(words, OWNER_WORDS_SIZE,
			 "%s: taken for the only one of %u to which the table gives this stream", why,
			 streams->smmu_count);
	} else {
		snprintf(words, OWNER_WORDS_SIZE, "%s: it may be any of the table's %u SMMUs", why,
			 streams->smmu_count);
	}
	return smmu;
}

int owner_choose_smmu(const struct stream_description *streams, const struct log *log, unsigned int device,
		      uint32_t sid, char words[OWNER_WORDS_SIZE])
{
	const struct log_device *named = &log->device[device];
	int smmu = smmu_of_name(streams, named->place);
	unsigned long number;
	uint64_t base;
	char why[OWNER_WORDS_SIZE / 2];

	words[0] = '\0';
	smmu = smmu == OWNER_NO_SMMU ? smmu_of_name(streams, named->name) : smmu;
	if (smmu == OWNER_NO_SMMU && has_base(named->name, &base)) {
		smmu = smmu_at(streams, base);
		snprintf(why, sizeof(why), "no SMMUv3 of this table is at 0x%" PRIx64 ", as the log says", base);
	} else if (smmu == OWNER_NO_SMMU && has_number(named->name, false, &number)) {
		smmu = enabled_smmu(streams, number);
		snprintf(why, sizeof(why), "the table has no %s that is enabled", named->name);
	} else if (smmu == OWNER_NO_SMMU && has_number(named->name, true, &number)) {
		smmu = streams->smmu_count > 1 ? smmu_by_order(streams, log, number) : 0;
		snprintf(why, sizeof(why), "the log says %s, and not which that is", named->name);
	} else if (*named->name) {
		snprintf(why, sizeof(why), "the log's SMMU %s is none of the table's", named->name);
	} else {
		snprintf(why, sizeof(why), "the log names no SMMU");
	}
	return smmu == OWNER_NO_SMMU || (unsigned int)smmu >= streams->smmu_count ? guess(streams, sid, why, words) :
										    smmu;
}
