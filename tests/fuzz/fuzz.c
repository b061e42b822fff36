/* SPDX-License-Identifier: BSD-2-Clause */
#include "fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "findings/judge.h"
#include "firmware/findings.h"

#define REQUESTER_IDS 0x10000U

void fuzz_require(bool condition, const char *what)
{
	if (!condition) {
		fprintf(stderr, "wrong: %s\n", what);
		abort();
	}
}

uint8_t *fuzz_copy(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	fuzz_require(copy != NULL, "memory");
	memcpy(copy, bytes, size);
	return copy;
}

static void check_name(const struct description *description, const char *name)
{
	bool in_pool = name >= description->names && name < description->names + description->names_used;

	fuzz_require(name && (in_pool || !strcmp(name, "?")), "a name is not in the pool");
}

static void check_smmus(const struct description *description)
{
	const struct stream_description *streams = &description->streams;

	fuzz_require(streams->smmu_count <= DESCRIPTION_SMMUS_MAX, "too many SMMUs");
	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		check_name(description, streams->smmu[i].name);
	}
}

static void check_streams(const struct description *description)
{
	const struct stream_description *streams = &description->streams;

	fuzz_require(streams->fixed_count <= DESCRIPTION_FIXED_MAX, "too many fixed streams");
	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		const struct fixed_description *fixed = &streams->fixed[i];

		check_name(description, fixed->master);
		fuzz_require(fixed->smmu < streams->smmu_count && fixed->first <= fixed->last,
			     "a fixed stream is impossible");
	}
	fuzz_require(streams->direct_count <= DESCRIPTION_DIRECTS_MAX, "too many regions");
	for (unsigned int i = 0; i < streams->direct_count; i++) {
		const struct direct_description *direct = &streams->direct[i];

		check_name(description, direct->master);
		check_name(description, direct->where);
		fuzz_require(direct->smmu < streams->smmu_count && direct->first <= direct->last && direct->size &&
				     direct->base + (direct->size - 1) >= direct->base,
			     "a region is impossible");
	}
}

/* Ascending and disjoint for a master. */
static void check_windows(const struct description *description)
{
	const struct stream_description *streams = &description->streams;

	fuzz_require(streams->window_count <= DESCRIPTION_WINDOWS_MAX, "too many windows");
	for (unsigned int i = 0; i < streams->window_count; i++) {
		const struct window_description *window = &streams->window[i];

		check_name(description, window->master);
		fuzz_require(window->smmu < streams->smmu_count && window->input_first <= window->input_last &&
				     description_window_last(window) >= window->sid,
			     "a window is impossible");
		fuzz_require(!i || window[-1].master != window->master || window[-1].input_last < window->input_first,
			     "windows of one master overlap");
	}
}

/* A run agrees with each ID's own look-up. */
static void check_runs(const struct stream_description *streams, uint32_t segment)
{
	struct stream_run run;

	for (uint32_t id = 0, turns = 0; id < REQUESTER_IDS && turns < 64; id = run.last + 1, turns++) {
		uint32_t last;
		struct stream_id stream;

		description_run_of(streams, segment, id, &run);
		fuzz_require(run.first == id && run.last >= id, "a run that does not go on");
		last = run.last < REQUESTER_IDS ? run.last : REQUESTER_IDS - 1;
		fuzz_require((description_stream_of(streams, segment, last, &stream) == 0) == run.mapped,
			     "a run ends before its end");
		if (run.mapped) {
			uint32_t step = run.constant ? 0 : last - id;

			fuzz_require(stream.smmu == run.stream.smmu && stream.sid == run.stream.sid + step,
				     "a run is not what its last ID is");
		}
		if (run.last == UINT32_MAX) {
			break;
		}
	}
}

static void note(void *context, const char *subject, const char *detail)
{
	unsigned int *count = context;

	fuzz_require(strlen(subject) > 0 && strlen(detail) > 0, "a finding without words");
	(*count)++;
}

/* Two of one base: indistinguishable. */
static bool has_twins(const struct stream_description *streams)
{
	for (unsigned int i = 0; i < streams->smmu_count; i++) {
		for (unsigned int k = 0; k < i; k++) {
			if ((streams->smmu[i].has_base && streams->smmu[i].base == streams->smmu[k].base) ||
			    !strcmp(streams->smmu[i].name, streams->smmu[k].name)) {
				return true;
			}
		}
	}
	return false;
}

void fuzz_check(const struct description *description)
{
	const struct stream_description *streams = &description->streams;
	unsigned int count = 0;

	check_smmus(description);
	check_streams(description);
	check_windows(description);
	for (unsigned int i = 0; i < streams->window_count && i < 4; i++) {
		check_runs(streams, streams->window[i].segment);
	}
	fuzz_require(findings_between(streams, "one", streams, "other", note, &count) == count,
		     "differences are miscounted");
	fuzz_require(!count || has_twins(streams), "a description differs from itself");
}

/* Each cause once; what is counted has its places. */
static void check_findings(const struct description *description, const struct table_findings *findings)
{
	unsigned int places = 0;

	for (unsigned int i = 0; i < findings->count; i++) {
		const struct table_finding *finding = &findings->finding[i];

		check_name(description, finding->place);
		places += finding->count;
		for (unsigned int k = 0; k < i; k++) {
			fuzz_require(findings->finding[k].id != finding->id ||
					     findings->finding[k].cause != finding->cause,
				     "one cause is found twice");
		}
	}
	fuzz_require(places == findings->place_count, "places are miscounted");
	fuzz_require(!findings->count == !table_finding_next(findings, NULL), "a finding has no rank");
}

static void judge(struct description *description, const struct msi_list *list, const void *blob, size_t size)
{
	static struct table_findings findings;
	static struct traits traits;
	static struct span spans[TABLE_SPANS_MAX];
	const struct table_view view = {.description = description,
					.msis = list,
					.traits = &traits,
					.blob = blob,
					.size = size,
					.spans = spans};

	if (description->streams.source == DESCRIPTION_DT) {
		dt_read_traits(blob, description, &traits);
	} else {
		iort_read_traits(blob, size, description, &traits);
	}
	for (unsigned int i = 0; i < traits.master_count; i++) {
		check_name(description, traits.master[i].name);
	}

	table_judge_all(&view, &findings);
	check_findings(description, &findings);
}

void fuzz_check_msis(struct description *description, const struct msi_list *list, const void *blob, size_t size)
{
	fuzz_require(list->count <= MSIS_MAX, "more MSIs than there is room for");
	for (unsigned int i = 0; i < list->count; i++) {
		const struct msi_description *msi = &list->msi[i];

		check_name(description, msi->master);
		check_name(description, msi->controller);
		fuzz_require(!msi->has_input || msi->input_first <= msi->input_last, "a piece without IDs");
		fuzz_require(msi_last(msi) >= msi->device, "devices pass the last ID");
	}
	judge(description, list, blob, size);
}
