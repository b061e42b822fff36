/* SPDX-License-Identifier: BSD-2-Clause */
/* Names that are almost those of a binding: no driver reads them, and no compiler complains. */
#include <string.h>

#include "findings/judge.h"
#include "firmware/bytes.h"
#include "firmware/dt_blob.h"
#include "firmware/dt_tree.h"

#define SPELLING_MAX 24U /* Longer names are like none of these. */
#define SMMUV3 "arm,smmu-v3"

static const char *const properties[] = {
	"iommus",	   "iommu-map",		  "iommu-map-mask", "iommu-addresses", "#iommu-cells",
	"msi-map",	   "msi-map-mask",	  "msi-parent",	    "#msi-cells",      "interrupts",
	"interrupt-names", "interrupts-extended", "dma-coherent",   "dma-ranges",      "memory-region",
	"bus-range",	   "linux,pci-domain",	  "pasid-num-bits", "dma-can-stall",   "ats-supported",
};
#define PROPERTY_COUNT (sizeof(properties) / sizeof(properties[0]))

/* What people write for SMMUV3: Arm's products that are one, and names of others that are too near to be mistakes. */
static const char *const products[] = {"arm,mmu-600", "arm,mmu-600ae", "arm,mmu-700", "arm,mmu-s3"};
static const char *const other_kinds[] = {"arm,smmu-v1", "arm,smmu-v2"};

static bool is_one_of(const char *text, const char *const *list, size_t count)
{
	while (count && strcmp(text, list[count - 1])) {
		count--;
	}
	return count;
}

/* At most SPELLING_MAX: many names may share the end of one that is very long. */
static size_t spelling_length(const char *text)
{
	size_t length = 0;

	while (length < SPELLING_MAX && text[length]) {
		length++;
	}
	return length;
}

static unsigned int least(unsigned int a, unsigned int b)
{
	return a < b ? a : b;
}

/* One row of the table of distances: those of the first `i` + 1 letters of `a` to each beginning of `b`. */
static void next_row(const char *a, const char *b, unsigned int i, const unsigned int *before_last,
		     const unsigned int *last, unsigned int *row)
{
	row[0] = i + 1;
	for (unsigned int k = 0; b[k]; k++) {
		row[k + 1] = least(least(last[k + 1], row[k]) + 1, last[k] + (a[i] != b[k]));
		if (i && k && a[i] == b[k - 1] && a[i - 1] == b[k]) {
			row[k + 1] = least(row[k + 1], before_last[k - 1] + 1);
		}
	}
}

/* How many letters are too many, missing, wrong, or exchanged with the next one; SPELLING_MAX: as good as none is
 * right. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int rows[SPELLING_MAX + 1][SPELLING_MAX + 1];
	size_t length = spelling_length(a);

	if (length == SPELLING_MAX) {
		return SPELLING_MAX;
	}
	for (unsigned int k = 0; k <= SPELLING_MAX; k++) {
		rows[0][k] = k;
	}
	for (unsigned int i = 0; i < length; i++) {
		next_row(a, b, i, rows[i ? i - 1 : 0], rows[i], rows[i + 1]);
	}
	return rows[length][strlen(b)];
}

/* The property that is meant, or PROPERTY_COUNT. */
static size_t meant(const char *name)
{
	size_t length = spelling_length(name);
	size_t found = PROPERTY_COUNT;

	for (size_t i = 0; i < PROPERTY_COUNT; i++) {
		size_t known = strlen(properties[i]);

		if (!strcmp(name, properties[i])) {
			return PROPERTY_COUNT;
		}
		if (found == PROPERTY_COUNT && known <= length + 1 && length <= known + 1 &&
		    distance(name, properties[i]) == 1) {
			found = i;
		}
	}
	return found;
}

static void judge_property(const struct table_view *view, struct table_findings *findings, const struct dt_node *node,
			   const char *name)
{
	struct dt_reader reader = {.fdt = view->blob, .description = view->description};
	size_t known = meant(name);

	if (known < PROPERTY_COUNT && !dt_has(node, properties[known])) {
		table_finding_add(findings, FINDING_MISSPELT, dt_path(&reader, node),
				  description_name(view->description, name), known,
				  "Linux reads no property of that name: is %s meant?", properties[known]);
	}
}

static void judge_properties(const struct table_view *view, struct table_findings *findings, const struct dt_node *node)
{
	const uint8_t *at = dt_behind_name(dt_block(node->fdt) + dt_offset(node));

	for (uint32_t token = get_be32(at); token == DT_PROP || token == DT_NOP; token = get_be32(at)) {
		if (token == DT_PROP) {
			judge_property(view, findings, node, dt_names(node->fdt) + get_be32(at + DT_PROP_NAME));
		}
		at = token == DT_PROP ? dt_behind_property(at) : at + DT_TAG_SIZE;
	}
}

static bool is_smmuv3_misspelt(const char *text)
{
	return is_one_of(text, products, sizeof(products) / sizeof(products[0])) ||
	       (distance(text, SMMUV3) <= 2 &&
		!is_one_of(text, other_kinds, sizeof(other_kinds) / sizeof(other_kinds[0])));
}

static void judge_compatible(const struct table_view *view, struct table_findings *findings, const struct dt_node *node,
			     const char *text)
{
	struct dt_reader reader = {.fdt = view->blob, .description = view->description};

	if (is_smmuv3_misspelt(text)) {
		table_finding_add(findings, FINDING_MISSPELT, dt_path(&reader, node), "compatible", PROPERTY_COUNT,
				  "\"%s\" is no driver's: is \"%s\" meant? What names this node has no SMMU in Linux",
				  description_name(view->description, text), SMMUV3);
	}
}

static void judge_compatibles(const struct table_view *view, struct table_findings *findings,
			      const struct dt_node *node)
{
	uint32_t size = 0;
	const char *list = dt_property(node->fdt, dt_offset(node), "compatible", &size);

	if (!list || !size || list[size - 1] || dt_compatible(node, SMMUV3)) {
		return;
	}
	for (const char *text = list; text < list + size; text += strlen(text) + 1) {
		judge_compatible(view, findings, node, text);
	}
}

/* --- Names of an SMMU's interrupts. --- */

static void judge_wire_name(const struct table_view *view, struct table_findings *findings, const struct dt_node *node,
			    const char *text)
{
	static const char *const wires[] = {"eventq", "priq", "cmdq-sync", "gerror", "combined"};
	struct dt_reader reader = {.fdt = view->blob, .description = view->description};

	if (!is_one_of(text, wires, sizeof(wires) / sizeof(wires[0]))) {
		table_finding_add(findings, FINDING_INTERRUPT_NAMES, dt_path(&reader, node), "interrupt-names",
				  (uint64_t)dt_offset(node),
				  "\"%s\" is none of the binding's (eventq, priq, cmdq-sync, gerror, combined): Linux "
				  "does not use that interrupt",
				  description_name(view->description, text));
	}
}

static void judge_wire_names(const struct table_view *view, struct table_findings *findings, const struct dt_node *node)
{
	uint32_t size = 0;
	const char *list = dt_property(node->fdt, dt_offset(node), "interrupt-names", &size);

	if (!list || !size || list[size - 1]) {
		return;
	}
	for (const char *text = list; text < list + size; text += strlen(text) + 1) {
		judge_wire_name(view, findings, node, text);
	}
}

void judge_spellings(const struct table_view *view, struct table_findings *findings)
{
	struct dt_node node;

	if (view->description->streams.source != DESCRIPTION_DT || !view->blob) {
		return;
	}
	for (bool more = dt_root(view->blob, &node); more; more = dt_next(&node)) {
		judge_compatibles(view, findings, &node);
		judge_properties(view, findings, &node);
		if (dt_compatible(&node, SMMUV3) && dt_enabled(&node)) {
			judge_wire_names(view, findings, &node);
		}
	}
}
