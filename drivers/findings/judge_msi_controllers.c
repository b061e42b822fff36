/* SPDX-License-Identifier: BSD-2-Clause */
/* Where the MSIs of masters arrive. */
#include "findings/judge.h"
#include "findings/msi_order.h"

/* The IORT of a machine without an ITS tells nothing of MSIs: its frames are in the MADT. */
static bool has_controllers(const struct table_view *view)
{
	return view->description->streams.source == DESCRIPTION_DT || view->traits->has_its;
}

/* That is told of its SMMU. */
static bool is_lost_with_own(const struct table_view *view, const struct master_traits *host)
{
	const struct stream_description *streams = &view->description->streams;

	for (unsigned int i = 0; i < host->window_count; i++) {
		if (view->traits->smmu[streams->window[host->window + i].smmu].msi == OWN_MSI_RANGE) {
			return true;
		}
	}
	return false;
}

static void judge_presence(const struct table_view *view, const struct msi_order *msis, struct table_findings *findings,
			   const struct master_traits *host)
{
	bool sends = msi_order_has(msis, msi_order_from(msis, host->name, 0), host->name);

	if (host->tells_msis || host->has_own_msis || sends || is_lost_with_own(view, host) ||
	    table_finding_is_at(findings, FINDING_MAP_BEYOND, host->name)) {
		return;
	}
	table_finding_add(findings, FINDING_MSI_NONE, host->name, NULL, 0,
			  "its functions have streams, and no MSI controller is described for them");
}

/* The master is enabled: what disables an entry is its controller. */
static void judge_state(const struct table_view *view, const struct msi_order *msis, struct table_findings *findings,
			const struct master_traits *master)
{
	for (unsigned int i = msi_order_from(msis, master->name, 0); msi_order_has(msis, i, master->name); i++) {
		const struct msi_description *msi = &view->msis->msi[msis->span[i].index];

		if (!msi->enabled) {
			table_finding_add(findings, FINDING_MSI_DISABLED, master->name,
					  msi->has_input ? "msi-map" : "msi-parent", table_cause(msi->controller),
					  "leads to %s, which is disabled: no MSI arrives", msi->controller);
			return;
		}
	}
}

static void judge_master(const struct table_view *view, const struct msi_order *msis, struct table_findings *findings,
			 const struct master_traits *master)
{
	if (master->pci == PCI_HOST && master->window_count && has_controllers(view)) {
		judge_presence(view, msis, findings, master);
	}
	if (master->tells_msis) {
		judge_state(view, msis, findings, master);
	}
}

void judge_msi_controllers(const struct table_view *view, struct table_findings *findings)
{
	struct msi_order msis = msi_order(view);

	for (unsigned int i = 0; view->traits && view->msis && i < view->traits->master_count; i++) {
		if (view->traits->master[i].enabled) {
			judge_master(view, &msis, findings, &view->traits->master[i]);
		}
	}
}
