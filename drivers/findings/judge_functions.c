/* SPDX-License-Identifier: BSD-2-Clause */
/* The table against PCI functions as they were found: ATS, and virtual functions. */
#include <inttypes.h>

#include "findings/facts.h"
#include "findings/judge.h"

#define IDR0_ATS (1U << 10)
#define REQUESTER_ID_MASK 0xffffU
#define BUS_SHIFT 8U
#define WORK_MAX 5000000U /* Windows looked at, far above real machines. */

struct search {
	const struct table_view *view;
	struct table_findings *findings;
	uint32_t work;
};

/* Of the virtual functions of one function. */
struct lack {
	unsigned int count;
	uint32_t first;
	uint32_t last;
};

static bool is_host_told_ats(const struct traits *traits, uint32_t segment)
{
	for (unsigned int i = 0; i < traits->master_count; i++) {
		if (traits->master[i].segment == segment && traits->master[i].ats == TOLD_YES) {
			return true;
		}
	}
	return false;
}

static void judge_ats(const struct search *search, const struct function_facts *function,
		      const struct stream_id *stream)
{
	const struct smmu_facts *smmu = &search->view->facts->smmu[stream->smmu];

	if (smmu->is_known && !(smmu->idr[0] & IDR0_ATS)) {
		table_finding_add(search->findings, FINDING_ATS_FOUND_ON, function->name, NULL, 0,
				  "its ATS was on when it was found, and IDR0.ATS of %s is 0: its translated requests "
				  "are denied",
				  search->view->description->streams.smmu[stream->smmu].name);
	} else if (!is_host_told_ats(search->view->traits, function->segment)) {
		table_finding_add(search->findings, FINDING_ATS_FOUND_ON, function->name, NULL, 1,
				  "its ATS was on when it was found, and its host is not described with ATS: what ran "
				  "before knows another table");
	}
}

static void add_to(struct lack *lack, uint32_t requester_id)
{
	lack->first = lack->count ? lack->first : requester_id;
	lack->last = requester_id;
	lack->count++;
}

/* The last bus of the function's host; all where no table says. */
static uint32_t last_bus_of(const struct description *description, uint32_t segment)
{
	for (unsigned int i = 0; i < description->host_count; i++) {
		if (description->host[i].segment == segment) {
			return description->host[i].bus_last;
		}
	}
	return REQUESTER_ID_MASK >> BUS_SHIFT;
}

/* PCIe base specification 9.2.1.2: requester IDs of virtual functions. */
static void judge_virtual(struct search *search, const struct function_facts *function)
{
	const struct stream_description *streams = &search->view->description->streams;
	uint32_t last_bus = last_bus_of(search->view->description, function->segment);
	uint32_t requester_id = function->requester_id + function->virtual_first;
	struct lack streamless = {.count = 0};
	struct lack busless = {.count = 0};
	struct stream_id stream;

	for (unsigned int i = 0; i < function->virtual_count; i++, requester_id += function->virtual_stride) {
		search->work += streams->window_count + 1;
		if (search->work > WORK_MAX) {
			return;
		}
		if (requester_id >> BUS_SHIFT > last_bus) {
			add_to(&busless, requester_id);
		} else if (description_stream_of(streams, function->segment, requester_id, &stream)) {
			add_to(&streamless, requester_id);
		}
	}
	if (streamless.count) {
		table_finding_add(search->findings, FINDING_VIRTUAL_STREAMLESS, function->name, NULL,
				  table_cause(function->name),
				  "%u of its %u virtual functions (SR-IOV: first 0x%x behind it, stride 0x%x) have no "
				  "stream: requester IDs from 0x%" PRIx32 " to 0x%" PRIx32,
				  streamless.count, function->virtual_count, function->virtual_first,
				  function->virtual_stride, streamless.first, streamless.last);
	}
	if (busless.count) {
		table_finding_add(search->findings, FINDING_VIRTUAL_BUSLESS, function->name, NULL,
				  table_cause(function->name),
				  "%u of its %u virtual functions would be on buses behind 0x%" PRIx32
				  ", the last of its host: Linux cannot enable them",
				  busless.count, function->virtual_count, last_bus);
	}
}

static void judge_function(struct search *search, const struct function_facts *function)
{
	struct stream_id stream;

	/* Of a host without an SMMU another judge tells. */
	if (description_stream_of(&search->view->description->streams, function->segment, function->requester_id,
				  &stream)) {
		return;
	}
	if (function->ats_was_on) {
		judge_ats(search, function, &stream);
	}
	judge_virtual(search, function);
}

void judge_functions(const struct table_view *view, struct table_findings *findings)
{
	struct search search = {.view = view, .findings = findings};

	if (!view->facts || !view->traits) {
		return;
	}
	for (unsigned int i = 0; i < view->facts->function_count; i++) {
		judge_function(&search, &view->facts->function[i]);
	}
	if (search.work > WORK_MAX || view->facts->functions_left_out) {
		table_finding_add(findings, FINDING_LEFT_OUT, "/", NULL, 4,
				  "many virtual functions: not all are looked at for streams");
	}
}
