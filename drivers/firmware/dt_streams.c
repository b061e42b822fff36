/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/description_lookup.h"
#include "firmware/dt_map.h"

#define NO_CELL "no cell, no stream"
#define SPECIFIER                                                                                                      \
	{                                                                                                              \
		.cells = "#iommu-cells", .missing = "a phandle leads to no #iommu-cells"                               \
	}

static const struct dt_specifier specifier = SPECIFIER;

/* --- iommus. --- */

static void dt_stream_add_fixed(struct dt_reader *reader, const struct dt_node *node, unsigned int smmu, uint32_t sid)
{
	struct stream_description *streams = &reader->description->streams;
	const char *compatible = dt_string(node, "compatible");
	struct range_description registers;
	bool has_address = dt_reg(node, 0, &registers);

	if (streams->fixed_count == DESCRIPTION_FIXED_MAX) {
		description_leave_out(reader->description, LIST_FIXED);
		return;
	}
	streams->fixed[streams->fixed_count++] = (struct fixed_description){
		.smmu = smmu,
		.first = sid,
		.last = sid,
		.single = true,
		.has_address = has_address,
		.address = has_address ? registers.base : 0,
		.master = dt_path(reader, node),
		.compatible = compatible ? description_name(reader->description, compatible) : NULL,
		.enabled = dt_enabled(node),
	};
}

static void add_target(struct dt_reader *reader, const struct dt_node *node, uint32_t phandle, uint32_t cells,
		       uint32_t value)
{
	int smmu = description_smmu_of_handle(&reader->description->streams, phandle);

	if (smmu != NO_SMMU && cells == 0) {
		dt_warn(reader, node, "iommus", NO_CELL);
	} else if (smmu != NO_SMMU) {
		dt_stream_add_fixed(reader, node, (unsigned int)smmu, value);
	}
}

/* --- iommu-map. --- */

static void dt_stream_add_window(struct dt_reader *reader, const struct dt_node *node, const struct dt_map_entry *piece,
				 uint32_t segment)
{
	struct stream_description *streams = &reader->description->streams;
	int smmu = description_smmu_of_handle(streams, piece->phandle);
	struct range_description registers;
	struct window_description window = {
		.input_first = piece->first,
		.input_last = piece->last,
		.sid = piece->output,
		.mask = STREAM_NO_MASK,
		.segment = segment,
	};

	/* Another kind of IOMMU: it still takes these IDs. */
	if (smmu == NO_SMMU) {
		return;
	}
	if (piece->cells == 0) {
		dt_warn(reader, node, "iommu-map", NO_CELL);
		return;
	}
	if (streams->window_count == DESCRIPTION_WINDOWS_MAX) {
		description_leave_out(reader->description, LIST_WINDOWS);
		return;
	}
	window.smmu = (unsigned int)smmu;
	window.has_mask = dt_u32(reader->fdt, dt_offset(node), "iommu-map-mask", &window.mask);
	window.master = dt_path(reader, node);
	window.enabled = dt_enabled(node);
	window.has_address = dt_reg(node, 0, &registers);
	window.address = window.has_address ? registers.base : 0;
	streams->window[streams->window_count++] = window;
}

static const struct dt_map_kind iommu_map = {
	.property = "iommu-map",
	.mask = "iommu-map-mask",
	.specifier = SPECIFIER,
	.outside_mask = "an input base is outside iommu-map-mask",
	.add = dt_stream_add_window,
};

/* Linux uses the first, too. */
static void warn_of_twins(struct dt_reader *reader, const struct dt_node *node, const char *property)
{
	if (dt_has_twice(node, property)) {
		dt_warn(reader, node, property, "stands there twice: the first is used");
	}
}

static void warn_of_node(struct dt_reader *reader, const struct dt_node *node)
{
	uint32_t size = 0;
	const char *status = dt_property(reader->fdt, dt_offset(node), "status", &size);

	if (status && size > 0 && status[size - 1]) {
		dt_warn(reader, node, "status", "does not end");
	}
	warn_of_twins(reader, node, "iommus");
	warn_of_twins(reader, node, "iommu-map");
}

#define HOSTS_WITH_DOMAIN 1U
#define HOSTS_WITHOUT 2U
#define HOSTS_OF_BOTH_KINDS (HOSTS_WITH_DOMAIN | HOSTS_WITHOUT)

/* The PCI binding wants the property on all hosts or none. Warns of the first that differs. */
static void warn_of_both_kinds(struct dt_reader *reader, const struct dt_node *host, unsigned int *kinds)
{
	unsigned int before = *kinds;

	*kinds |= dt_has(host, "linux,pci-domain") ? HOSTS_WITH_DOMAIN : HOSTS_WITHOUT;
	if (*kinds == HOSTS_OF_BOTH_KINDS && before != HOSTS_OF_BOTH_KINDS) {
		dt_warn(reader, host, "linux,pci-domain", "only some PCI hosts have it: older kernels refuse that");
	}
}

void dt_read_streams(struct dt_reader *reader)
{
	struct dt_node node;
	uint32_t place = 0;
	unsigned int kinds = 0;

	reader->description->streams.source = DESCRIPTION_DT;
	dt_read_smmus(reader);
	for (bool more = dt_root(reader->fdt, &node); more; more = dt_next(&node)) {
		bool is_host = dt_is_pci_host(&node);
		uint32_t segment = is_host ? dt_segment(&node, &place) : STREAM_NO_SEGMENT;

		if (is_host && dt_enabled(&node)) {
			warn_of_both_kinds(reader, &node, &kinds);
		}
		warn_of_node(reader, &node);
		dt_list_read(reader, &node, "iommus", &specifier, add_target);
		/* Nodes with the same path cannot be told apart. */
		if (dt_has(&node, "iommu-map") &&
		    description_has_window(&reader->description->streams, dt_path(reader, &node))) {
			dt_warn(reader, &node, "iommu-map", "another node has the same path: left out");
		} else {
			dt_map_read(reader, &node, &iommu_map, segment);
		}
	}
}
