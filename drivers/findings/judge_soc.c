/* SPDX-License-Identifier: BSD-2-Clause */
/* A table against what is known of its SoC (soc.def). */
#include <inttypes.h>

#include "findings/judge.h"
#include "findings/msi_order.h"
#include "firmware/dt_tree.h"

struct known {
	const char *compatible;
	unsigned int bits;
};

#define LUT(compatible, bits) {compatible, bits},
#define OUTPUT(compatible, bits)
static const struct known luts[] = {
#include "findings/soc.def"
};
#undef LUT
#undef OUTPUT
#define LUT(compatible, bits)
#define OUTPUT(compatible, bits) {compatible, bits},
static const struct known outputs[] = {
#include "findings/soc.def"
};
#undef LUT
#undef OUTPUT

/* --- One table for streams and MSIs. --- */

static const struct known *lut_of(const struct table_view *view, const struct master_traits *host)
{
	for (size_t i = 0; i < sizeof(luts) / sizeof(luts[0]); i++) {
		if (dt_is_compatible(view->blob, (int)host->place, luts[i].compatible)) {
			return &luts[i];
		}
	}
	return NULL;
}

/* False: they agree, or have no ID in common. */
static bool judge_pieces(struct table_findings *findings, const struct known *lut,
			 const struct window_description *window, const struct msi_description *msi)
{
	uint32_t id = window->input_first > msi->input_first ? window->input_first : msi->input_first;
	uint32_t last = window->input_last < msi->input_last ? window->input_last : msi->input_last;
	uint32_t sid = window->constant ? window->sid : window->sid + (id - window->input_first);
	uint32_t device = msi->constant ? msi->device : msi->device + (id - msi->input_first);
	uint32_t mask = (1U << lut->bits) - 1;

	if (!msi->has_input || !msi->has_device || id > last || !((sid ^ device) & mask)) {
		return false;
	}
	table_finding_add(findings, FINDING_LUT_MISMATCH, window->master, NULL, table_cause(window->master),
			  "requester ID 0x%" PRIx32 ": stream 0x%" PRIx32 ", MSI device 0x%" PRIx32
			  ": they share one look-up table of %u bits, and differ in it",
			  id, sid, device, lut->bits);
	return true;
}

struct search {
	const struct table_view *view;
	struct table_findings *findings;
	struct msi_order msis;
};

static void judge_width(const struct search *search, const struct known *lut, const struct window_description *window)
{
	uint32_t limit = 1U << lut->bits;
	uint32_t last = description_window_last(window);

	if (last >= limit) {
		table_finding_add(search->findings, FINDING_LUT_WIDTH, window->master, "iommu-map",
				  table_cause(window->master),
				  "streams 0x%" PRIx32 " to 0x%" PRIx32 ": its look-up table has IDs of %u bits, up to "
				  "0x%" PRIx32,
				  window->sid > limit ? window->sid : limit, last, lut->bits, limit - 1);
	}
}

/* One master's MSIs do not overlap: those that meet the window stand together. */
static bool judge_msis_of(const struct search *search, const struct known *lut, const struct window_description *window)
{
	const struct msi_order *msis = &search->msis;
	unsigned int i = msi_order_from(msis, window->master, window->input_first);

	for (i -= i && msi_order_has(msis, i - 1, window->master);
	     msi_order_has(msis, i, window->master) && msis->span[i].first <= window->input_last; i++) {
		if (judge_pieces(search->findings, lut, window, &search->view->msis->msi[msis->span[i].index])) {
			return true;
		}
	}
	return false;
}

static void judge_lut(const struct search *search, const struct master_traits *host)
{
	const struct known *lut = lut_of(search->view, host);

	for (unsigned int i = 0; lut && i < host->window_count; i++) {
		const struct window_description *window = &search->view->description->streams.window[host->window + i];

		judge_width(search, lut, window);
		if (judge_msis_of(search, lut, window)) {
			return;
		}
	}
}

/* --- RAM that an SMMU cannot emit. --- */

static const struct known *output_of(const struct table_view *view)
{
	struct dt_node root;

	for (size_t i = 0; dt_root(view->blob, &root) && i < sizeof(outputs) / sizeof(outputs[0]); i++) {
		if (dt_compatible(&root, outputs[i].compatible)) {
			return &outputs[i];
		}
	}
	return NULL;
}

static void judge_bank(const struct table_view *view, struct table_findings *findings, const struct dt_node *node,
		       const struct known *output)
{
	struct dt_reader reader = {.fdt = view->blob, .description = view->description};
	struct range_description range;

	for (uint32_t i = 0; i < dt_range_count(node, "reg"); i++) {
		if (dt_reg(node, i, &range) && range.size && (range.base + (range.size - 1)) >> output->bits) {
			table_finding_add(
				findings, FINDING_RAM_ABOVE_OUTPUT, dt_path(&reader, node), "reg", 0,
				"RAM up to 0x%llx, and the SMMUs of this machine emit addresses of %u bits: DMA "
				"above 0x%llx faults (F_ADDR_SIZE)",
				(unsigned long long)(range.base + (range.size - 1)), output->bits,
				(1ULL << output->bits) - 1);
		}
	}
}

static void judge_memory(const struct table_view *view, struct table_findings *findings)
{
	const struct known *output = output_of(view);
	struct dt_node node;

	for (bool more = output && dt_root(view->blob, &node); more; more = dt_next(&node)) {
		if (node.depth == 1 && dt_string_is(&node, "device_type", "memory") && dt_enabled(&node)) {
			judge_bank(view, findings, &node, output);
		}
	}
}

void judge_soc(const struct table_view *view, struct table_findings *findings)
{
	struct search search = {.view = view, .findings = findings, .msis = msi_order(view)};

	if (!view->traits || !view->blob || view->description->streams.source != DESCRIPTION_DT) {
		return;
	}
	for (unsigned int i = 0; i < view->traits->master_count; i++) {
		const struct master_traits *master = &view->traits->master[i];

		if (master->enabled && master->window_count) {
			judge_lut(&search, master);
		}
	}
	/* The target's own registers say it. */
	if (view->description->streams.smmu_count && !view->facts) {
		judge_memory(view, findings);
	}
}
