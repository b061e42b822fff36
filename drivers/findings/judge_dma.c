/* SPDX-License-Identifier: BSD-2-Clause */
/* What does DMA and has no IOMMU, beside siblings that have one (dma.def). */
#include <string.h>

#include "findings/judge.h"
#include "findings/spans.h"
#include "firmware/dt_tree.h"

struct search {
	const struct table_view *view;
	struct table_findings *findings;
	unsigned int count; /* Of translated masters, in the view's spans. */
};

static const char *const does_dma[] = {
#define DMA(compatible) compatible,
#include "findings/dma.def"
#undef DMA
};

static const char *dma_of(const struct dt_node *node)
{
	for (size_t i = 0; i < sizeof(does_dma) / sizeof(does_dma[0]); i++) {
		if (dt_compatible(node, does_dma[i])) {
			return does_dma[i];
		}
	}
	return NULL;
}

static bool has_iommu(const struct dt_node *node)
{
	return dt_has(node, "iommus") || dt_has(node, "iommu-map");
}

/* A device of several nodes may name its IOMMU in any of them. */
static bool is_behind_one(const struct dt_node *node)
{
	struct dt_node other = *node;

	for (; other.depth > 0; other.depth--) {
		if (has_iommu(&other)) {
			return true;
		}
	}
	other = *node;
	while (dt_next(&other) && other.depth > node->depth) {
		if (has_iommu(&other)) {
			return true;
		}
	}
	return false;
}

/* What a bus has: the SMMU of a PCI host tells nothing of other devices, nor the other way round. */
enum kind { KIND_DEVICE, KIND_HOST, KINDS };

_Static_assert(KINDS <= TABLE_SPANS_OF_A_MASTER, "room for each master in each kind");

/* Its first SMMU, or smmu_count. */
static unsigned int smmu_of(const struct stream_description *streams, const struct master_traits *master,
			    enum kind kind)
{
	if (kind == KIND_HOST) {
		return master->window_count ? streams->window[master->window].smmu : streams->smmu_count;
	}
	return master->fixed_count ? streams->fixed[master->fixed].smmu : streams->smmu_count;
}

/* Translated masters by bus and kind. */
static unsigned int order_translated(const struct table_view *view)
{
	struct span *translated = view->spans;
	const struct stream_description *streams = &view->description->streams;
	unsigned int count = 0;

	for (unsigned int i = 0; i < view->traits->master_count; i++) {
		const struct master_traits *master = &view->traits->master[i];

		for (enum kind kind = KIND_DEVICE; master->enabled && kind < KINDS; kind++) {
			unsigned int smmu = smmu_of(streams, master, kind);

			if (smmu < streams->smmu_count && streams->smmu[smmu].enabled) {
				translated[count++] = (struct span){.group = master->bus, .first = kind, .index = i};
			}
		}
	}
	spans_sort(translated, count);
	return count;
}

/* The first of the same bus and kind that an enabled SMMUv3 translates, or NULL. */
static const struct master_traits *sibling_of(const struct search *search, const struct dt_node *node)
{
	uint32_t bus = (uint32_t)node->chain[node->depth - 1];
	enum kind kind = dt_is_pci_host(node) ? KIND_HOST : KIND_DEVICE;
	const struct span *translated = search->view->spans;
	unsigned int place = spans_from(translated, search->count, bus, kind);

	if (place == search->count || translated[place].group != bus || translated[place].first != kind) {
		return NULL;
	}
	return &search->view->traits->master[translated[place].index];
}

static void judge_node(const struct search *search, const struct dt_node *node)
{
	struct dt_reader reader = {.fdt = search->view->blob, .description = search->view->description};
	const char *compatible = dma_of(node);
	const struct master_traits *sibling;

	if (!compatible || node->depth == 0 || !dt_enabled(node) || is_behind_one(node)) {
		return;
	}
	sibling = sibling_of(search, node);
	if (sibling) {
		table_finding_add(search->findings, FINDING_DMA_WITHOUT_IOMMU, dt_path(&reader, node), NULL,
				  table_cause(compatible),
				  "does DMA (%s) and names no IOMMU, beside %s, which does: nothing is known to "
				  "translate it",
				  compatible, sibling->name);
	}
}

void judge_dma(const struct table_view *view, struct table_findings *findings)
{
	struct search search = {.view = view, .findings = findings};
	struct dt_node node;

	if (!view->traits || !view->traits->master_count || view->description->streams.source != DESCRIPTION_DT) {
		return;
	}
	search.count = order_translated(view);
	for (bool more = dt_root(view->blob, &node); more; more = dt_next(&node)) {
		judge_node(&search, &node);
	}
}
