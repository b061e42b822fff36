/* SPDX-License-Identifier: BSD-2-Clause */
/* The table against the SMMUs' ID registers (IHI 0070 6.3.1 to 6.3.6). */
#include <inttypes.h>

#include "findings/claim.h"
#include "findings/facts.h"
#include "findings/judge.h"
#include "findings/ram.h"

#define IDR0_COHACC (1U << 4)
#define IDR0_ATS (1U << 10)
#define IDR0_PRI (1U << 16)
#define IDR0_STALL_MODEL_SHIFT 24U
#define IDR0_STALL_MODEL_MASK 3U
#define STALL_MODEL_NONE 1U
#define STALL_MODEL_FORCED 2U
#define IDR1_SIDSIZE_MASK 0x3fU
#define SID_BITS_MAX 32U
#define IDR1_SSIDSIZE_SHIFT 6U
#define IDR1_SSIDSIZE_MASK 0x1fU
#define IDR3_BBML_SHIFT 11U
#define IDR3_BBML_MASK 3U
#define BBML_2 2U
#define IDR5_OAS_MASK 7U

/* A master behind an SMMU whose registers were read. */
struct pair {
	const struct master_traits *master;
	const struct smmu_description *smmu;
	const uint32_t *idr;
	struct table_findings *findings;
};

static unsigned int field(uint32_t value, unsigned int shift, unsigned int mask)
{
	return value >> shift & mask;
}

/* --- RAM. --- */

static uint64_t last_of_ram(const struct table_view *view)
{
	unsigned int count = ram_read(view, view->spans);
	uint64_t last = 0;

	for (unsigned int i = 0; i < count; i++) {
		last = view->spans[i].last > last ? view->spans[i].last : last;
	}
	return last;
}

static void judge_output(const struct table_view *view, struct table_findings *findings, unsigned int i)
{
	static const uint8_t bits_of[IDR5_OAS_MASK + 1] = {32, 36, 40, 42, 44, 48, 52, 56};
	unsigned int bits = bits_of[view->facts->smmu[i].idr[5] & IDR5_OAS_MASK];
	uint64_t last = last_of_ram(view);

	if (last >> bits) {
		table_finding_add(findings, FINDING_RAM_ABOVE_OUTPUT, view->description->streams.smmu[i].name, NULL,
				  bits,
				  "RAM up to 0x%llx, and by IDR5.OAS it emits addresses of %u bits: DMA above 0x%llx "
				  "faults (F_ADDR_SIZE)",
				  (unsigned long long)last, bits, (1ULL << bits) - 1);
	}
}

/* --- Of a report. --- */

/* boot/checks/compare.c tells it on the target. */
static void judge_coherency(const struct table_view *view, struct table_findings *findings, unsigned int i)
{
	const struct smmu_description *smmu = &view->description->streams.smmu[i];
	bool coherent = view->facts->smmu[i].idr[0] & IDR0_COHACC;

	if (smmu->coherent != coherent) {
		table_finding_add(findings, FINDING_COHERENCY_NOT_IN_SMMU, smmu->name, NULL, 0,
				  "it is described as %s, and its IDR0.COHACC is %u",
				  smmu->coherent ? "coherent" : "not coherent", coherent);
	}
}

static void judge_stream(const struct table_view *view, struct table_findings *findings, unsigned int i)
{
	struct claim claim = claim_at(&view->description->streams, i);
	const struct smmu_facts *facts = &view->facts->smmu[claim.smmu];
	unsigned int bits = facts->idr[1] & IDR1_SIDSIZE_MASK;

	if (claim.enabled && facts->is_known && bits < SID_BITS_MAX && claim.last >> bits) {
		table_finding_add(findings, FINDING_STREAM_BEYOND_SMMU, claim.master, claim.property, claim.smmu,
				  "stream 0x%" PRIx32 " has more than the %u bits of %s (IDR1.SIDSIZE): no device can "
				  "emit it",
				  claim.last, bits, view->description->streams.smmu[claim.smmu].name);
	}
}

/* --- What masters are said to do. --- */

/* As Linux's arm_smmu_ats_supported(): both have to say so. */
static void judge_ats(const struct pair *pair)
{
	const struct master_traits *master = pair->master;

	if (master->ats == TOLD_YES && !(pair->idr[0] & IDR0_ATS)) {
		table_finding_add(pair->findings, FINDING_ATS_NOT_IN_SMMU, master->name, NULL, 0,
				  "it is described with ATS, and IDR0.ATS of %s is 0: Linux leaves ATS off",
				  pair->smmu->name);
	}
	if (master->ats == TOLD_NO && pair->idr[0] & IDR0_ATS) {
		table_finding_add(pair->findings, FINDING_ATS_NOT_TOLD, master->name, NULL, 0,
				  "IDR0.ATS of %s is 1, and this host is not described with ATS: Linux leaves ATS off",
				  pair->smmu->name);
	}
	if (master->pri == TOLD_YES && !(pair->idr[0] & IDR0_PRI)) {
		table_finding_add(pair->findings, FINDING_PRI_NOT_IN_SMMU, master->name, NULL, 0,
				  "it is described with PRI, and IDR0.PRI of %s is 0: page requests find no queue",
				  pair->smmu->name);
	}
}

/* A PCI function whose request is stalled may keep the completion that would end the stall from coming. */
static void judge_stalls(const struct pair *pair)
{
	const struct master_traits *master = pair->master;
	unsigned int model = field(pair->idr[0], IDR0_STALL_MODEL_SHIFT, IDR0_STALL_MODEL_MASK);

	if (model == STALL_MODEL_NONE && master->stall == TOLD_YES) {
		table_finding_add(pair->findings, FINDING_STALL_NOT_IN_SMMU, master->name, NULL, 0,
				  "it is described with stalls, and %s has none (IDR0.STALL_MODEL is 1): its faults "
				  "abort",
				  pair->smmu->name);
	}
	if (model == STALL_MODEL_FORCED && master->segment != STREAM_NO_SEGMENT) {
		table_finding_add(pair->findings, FINDING_STALL_FORCED_PCI, master->name, NULL, 0,
				  "%s stalls every fault (IDR0.STALL_MODEL is 2), and this host is PCI: a stalled "
				  "request can lock its link up",
				  pair->smmu->name);
	}
}

/* Linux's arm_smmu_sva_supported() wants what the cores have. */
static void judge_pasids(const struct pair *pair)
{
	const struct master_traits *master = pair->master;
	unsigned int bits = field(pair->idr[1], IDR1_SSIDSIZE_SHIFT, IDR1_SSIDSIZE_MASK);
	unsigned int bbml = field(pair->idr[3], IDR3_BBML_SHIFT, IDR3_BBML_MASK);

	if (!master->tells_pasid || !master->pasid_bits) {
		return;
	}
	if (master->pasid_bits > bits) {
		table_finding_add(pair->findings, FINDING_PASID_BEYOND_SMMU, master->name, NULL, 0,
				  "it is described with PASIDs of %u bits, and %s has %u (IDR1.SSIDSIZE): Linux uses "
				  "the fewer",
				  master->pasid_bits, pair->smmu->name, bits);
	}
	if (bbml < BBML_2) {
		table_finding_add(pair->findings, FINDING_BBML, master->name, NULL, 0,
				  "it is described with PASIDs, and %s has IDR3.BBML %u: Linux refuses shared virtual "
				  "addresses on cores that have level 2",
				  pair->smmu->name, bbml);
	}
}

static void judge_one(const struct table_view *view, struct table_findings *findings,
		      const struct master_traits *master, unsigned int smmu)
{
	const struct pair pair = {
		.master = master,
		.smmu = &view->description->streams.smmu[smmu],
		.idr = view->facts->smmu[smmu].idr,
		.findings = findings,
	};

	if (view->facts->smmu[smmu].is_known) {
		judge_ats(&pair);
		judge_stalls(&pair);
		judge_pasids(&pair);
	}
}

/* Ranges that follow each other mostly lead to one SMMU. */
static void judge_master(const struct table_view *view, struct table_findings *findings,
			 const struct master_traits *master)
{
	const struct stream_description *streams = &view->description->streams;
	unsigned int last = streams->smmu_count;

	for (unsigned int i = 0; i < master->fixed_count + master->window_count; i++) {
		unsigned int smmu = i < master->fixed_count ?
					    streams->fixed[master->fixed + i].smmu :
					    streams->window[master->window + i - master->fixed_count].smmu;

		if (smmu != last) {
			judge_one(view, findings, master, smmu);
		}
		last = smmu;
	}
}

/* --- One that does not answer. --- */

static void judge_silent(const struct table_view *view, struct table_findings *findings, unsigned int i)
{
	const struct smmu_facts *facts = &view->facts->smmu[i];
	const char *supply = view->traits->smmu[i].supply;

	/* An IORT has no place for them. */
	if (!facts->silent || view->description->streams.source != DESCRIPTION_DT) {
		return;
	}
	if (supply) {
		table_finding_add(findings, FINDING_SMMU_SILENT, view->description->streams.smmu[i].name, NULL,
				  table_cause(supply), "it does not answer (%s): it lives on %s: see that each is on",
				  facts->silent, supply);
	} else {
		table_finding_add(findings, FINDING_SMMU_SILENT, view->description->streams.smmu[i].name, NULL, 0,
				  "it does not answer (%s): its node names no power domain, clock or reset, so that "
				  "what ran before has to leave them on",
				  facts->silent);
	}
}

void judge_id_registers(const struct table_view *view, struct table_findings *findings)
{
	if (!view->facts || !view->traits) {
		return;
	}
	for (unsigned int i = 0; i < view->description->streams.smmu_count; i++) {
		judge_silent(view, findings, i);
		if (view->facts->smmu[i].is_known) {
			judge_output(view, findings, i);
		}
		if (view->facts->smmu[i].is_known && view->facts->is_report) {
			judge_coherency(view, findings, i);
		}
	}
	for (unsigned int i = 0; view->facts->is_report && i < claim_count(&view->description->streams); i++) {
		judge_stream(view, findings, i);
	}
	for (unsigned int i = 0; i < view->traits->master_count; i++) {
		if (view->traits->master[i].enabled) {
			judge_master(view, findings, &view->traits->master[i]);
		}
	}
}
