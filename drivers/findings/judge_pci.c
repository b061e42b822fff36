/* SPDX-License-Identifier: BSD-2-Clause */
/* `iommus` in the places of PCI, and masks that make functions share streams. */
#include <inttypes.h>

#include "findings/judge.h"

#define DEVICE_AND_FUNCTION 0xffU
#define FUNCTION 0x7U

/* Linux's of_iommu_configure() uses the host's iommu-map for every function. */
static void judge_place(const struct table_view *view, struct table_findings *findings,
			const struct master_traits *master)
{
	const struct fixed_description *fixed = &view->description->streams.fixed[master->fixed];

	if (master->fixed_count == 0) {
		return;
	}
	if (master->is_endpoint) {
		if (master->fixed_count == 1) {
			table_finding_add(findings, FINDING_ENDPOINT_STREAM, master->name, "iommus", 0,
					  "one stream, 0x%" PRIx32 ", of a PCIe controller in endpoint mode: where it "
					  "passes the requester IDs of the other side on, their streams are described "
					  "nowhere",
					  fixed->first);
		}
		return;
	}
	if (master->pci == PCI_HOST && master->window_count == 0) {
		table_finding_add(
			findings, FINDING_IOMMUS_ON_PCI, master->name, "iommus", table_cause(master->name),
			"names the bridge's own device: functions below it want iommu-map, and have no stream");
	} else if (master->pci == PCI_FUNCTION) {
		table_finding_add(findings, FINDING_IOMMUS_ON_FUNCTION, master->name, "iommus", 0,
				  "Linux does not look at it: the stream of a PCI function comes from its host's "
				  "iommu-map");
	}
}

/* Masks of one host are equal: its node has one. */
static void judge_mask(const struct table_view *view, struct table_findings *findings,
		       const struct master_traits *master)
{
	const struct window_description *window = &view->description->streams.window[master->window];
	uint32_t lost = DEVICE_AND_FUNCTION & ~window->mask;

	if (master->pci != PCI_HOST || master->window_count == 0 || !window->has_mask || !lost) {
		return;
	}
	if (lost == DEVICE_AND_FUNCTION || lost == FUNCTION) {
		table_finding_add(findings, FINDING_COARSE_MASK, master->name, "iommu-map-mask", 0,
				  "0x%" PRIx32 ": the functions of a %s share one stream, and are not isolated from "
				  "each other",
				  window->mask, lost == FUNCTION ? "device" : "bus");
	} else {
		table_finding_add(findings, FINDING_COARSE_MASK, master->name, "iommu-map-mask", 0,
				  "0x%" PRIx32 ": functions of a bus whose requester IDs differ only in 0x%" PRIx32
				  " share one stream, and are not isolated from each other",
				  window->mask, lost);
	}
}

void judge_pci(const struct table_view *view, struct table_findings *findings)
{
	for (unsigned int i = 0; view->traits && i < view->traits->master_count; i++) {
		const struct master_traits *master = &view->traits->master[i];

		if (master->enabled && view->description->streams.source == DESCRIPTION_DT) {
			judge_place(view, findings, master);
			judge_mask(view, findings, master);
		}
	}
}
