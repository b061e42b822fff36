/* SPDX-License-Identifier: BSD-2-Clause */
/* Traits from an IORT (DEN0049 E.e, 3.1.1). */
#include <string.h>

#include "findings/traits.h"
#include "firmware/bytes.h"
#include "firmware/iort_lookup.h"
#include "firmware/iort_nodes.h"
#include "firmware/text.h"

#define IORT_LENGTH 4U

#define NODE_REVISION 3U
#define NODE_MAPPING_COUNT 8U
#define NODE_MAPPING_OFFSET 12U

#define NODE_TYPE_ITS_GROUP 0U
#define NODE_TYPE_NAMED_COMPONENT 1U
#define NODE_TYPE_SMMUV3 4U

#define NODE_TYPE_PMCG 5U
#define NODE_TYPE_RMR 6U

#define PMCG_PAGE_0 16U
#define PMCG_GSIV 24U
#define PMCG_REFERENCE 28U
#define PMCG_PAGE_1 32U
#define PMCG_SIZE_0 32U
#define PMCG_SIZE_1 40U

#define RMR_FLAGS 16U
#define RMR_MAY_MOVE (1U << 0)
#define RMR_PRIVILEGED (1U << 1)
#define RMR_ATTRIBUTES_SHIFT 2U
#define RMR_REGION_COUNT 20U
#define RMR_REGION_OFFSET 24U
#define RMR_SIZE 28U
#define RMR_REGION_LENGTH 8U
#define RMR_REGION_SIZE 20U

#define ITS_GROUP_COUNT 16U
#define ITS_GROUP_IDENTIFIER 20U
#define ITS_GROUP_SIZE 24U

#define NAMED_COMPONENT_FLAGS 16U
#define NAMED_COMPONENT_STALL (1U << 0)
#define NAMED_COMPONENT_PASID_SHIFT 1U
#define NAMED_COMPONENT_PASID_MASK 0x1fU
#define NAMED_COMPONENT_PROPERTIES 20U
#define NAMED_COMPONENT_LIMIT 28U
#define NAMED_COMPONENT_NAME 29U

#define ROOT_COMPLEX_PROPERTIES 16U
#define ROOT_COMPLEX_ATS 24U
#define ROOT_COMPLEX_ATS_SUPPORTED (1U << 0)
#define ROOT_COMPLEX_PRI_SUPPORTED (1U << 1)
#define ROOT_COMPLEX_LIMIT 32U
#define ROOT_COMPLEX_PASID 33U
#define ROOT_COMPLEX_PASID_MASK 0x1fU
#define ROOT_COMPLEX_FLAGS 36U
#define ROOT_COMPLEX_FLAG_PASID (1U << 0)
#define ROOT_COMPLEX_REVISION_LIMIT 1U
#define ROOT_COMPLEX_REVISION_PASID 3U
#define ROOT_COMPLEX_SIZE_1 33U
#define ROOT_COMPLEX_SIZE_3 40U

#define PROPERTIES_CCA 0U
#define PROPERTIES_FLAGS 7U
#define PROPERTIES_CPM (1U << 0)
#define PROPERTIES_DACS (1U << 1)

#define SMMUV3_FLAGS 24U
#define SMMUV3_FLAG_DEVICE_ID_VALID (1U << 4)
#define SMMUV3_SIZE 60U
#define SMMUV3_DEVICE_ID 64U
#define SMMUV3_DEVICE_ID_SIZE 68U
#define SMMUV3_REVISION_DEVICE_ID 1U
#define SMMUV3_REVISION_DEVICE_ID_FLAG 5U

#define MAPPING_COUNT 4U /* Minus one. */
#define MAPPING_OUTPUT 8U
#define MAPPING_REFERENCE 12U
#define MAPPING_FLAGS 16U
#define MAPPING_FLAG_SINGLE (1U << 0)
#define MAPPING_SIZE 20U

#define ADDRESS_BITS_MAX 64U
#define IDS_OF_A_BUS 0x100U

struct pass {
	const uint8_t *table;
	uint32_t size;
	struct description *description;
	struct traits *traits;
	struct traits_cursor cursor;
	unsigned int smmu;
};

struct node {
	const uint8_t *bytes;
	uint32_t offset;
	uint32_t length;
	uint8_t type;
	uint8_t revision;
};

static bool node_at(const struct pass *pass, uint32_t offset, struct node *node)
{
	if (offset > pass->size || pass->size - offset < NODE_HEADER_SIZE) {
		return false;
	}
	node->bytes = &pass->table[offset];
	node->offset = offset;
	node->length = (uint32_t)get_le(&node->bytes[NODE_LENGTH], 2);
	node->type = node->bytes[0];
	node->revision = node->bytes[NODE_REVISION];
	return node->length >= NODE_HEADER_SIZE && node->length <= pass->size - offset;
}

/* --- Masters. --- */

static const char *node_name(struct pass *pass, const struct node *node)
{
	struct text name;

	text_clear(&name);
	text_add(&name, "iort@");
	text_add_hex(&name, node->offset);
	return description_name(pass->description, name.chars);
}

static void read_properties(const uint8_t *properties, struct master_traits *master)
{
	master->coherent = get_le32(&properties[PROPERTIES_CCA]) == 1 ? TOLD_YES : TOLD_NO;
	master->has_attributes = true;
	master->path_is_coherent = properties[PROPERTIES_FLAGS] & PROPERTIES_CPM;
	master->is_cacheable = properties[PROPERTIES_FLAGS] & PROPERTIES_DACS;
}

static void read_limit(uint8_t bits, struct master_traits *master)
{
	master->tells_reach = true;
	master->reaches_nothing = bits == 0;
	master->limit_bits = bits;
	master->reach = bits < ADDRESS_BITS_MAX ? (1ULL << bits) - 1 : UINT64_MAX;
}

static const uint8_t *mapping_at(const struct node *node, uint32_t index);
static bool is_single(const uint8_t *mapping);

/* Whether it leads to a node that is no ITS group. */
static bool may_reach_smmu(const struct pass *pass, const uint8_t *mapping)
{
	struct node target;

	return node_at(pass, get_le32(&mapping[MAPPING_REFERENCE]), &target) && target.type != NODE_TYPE_ITS_GROUP;
}

/* The field is the number of IDs less one: a number of whole buses in it takes the next bus's first function along. */
static void read_counts(const struct node *node, struct master_traits *master)
{
	const uint8_t *mapping;

	for (uint32_t i = 0; !master->has_one_more && (mapping = mapping_at(node, i)) != NULL; i++) {
		uint32_t first = get_le32(mapping);
		uint32_t count = get_le32(&mapping[MAPPING_COUNT]);

		master->has_one_more = !is_single(mapping) && count && (first | count) % IDS_OF_A_BUS == 0;
		master->one_more = first + count;
	}
}

/* Linux uses only a segment's first root complex. */
static void read_root_complex(struct pass *pass, const struct node *node)
{
	uint32_t segment = get_le32(&node->bytes[ROOT_COMPLEX_SEGMENT]);
	uint32_t ats = get_le32(&node->bytes[ROOT_COMPLEX_ATS]);
	/* Linux uses only a segment's first root complex. */
	bool is_first = iort_root_complex_of(pass->table, segment) == node->offset;
	struct master_traits *master = is_first ? traits_add_master(pass->traits) : NULL;
	struct text name;

	if (!master) {
		return;
	}
	text_clear(&name);
	text_add(&name, "segment:");
	text_add_decimal(&name, segment);
	*master = (struct master_traits){
		.name = description_name(pass->description, name.chars),
		.segment = segment,
		.pci = PCI_HOST,
		.place = node->offset,
		.node = node_name(pass, node),
		.enabled = true,
		.ats = ats & ROOT_COMPLEX_ATS_SUPPORTED ? TOLD_YES : TOLD_NO,
		.pri = ats & ROOT_COMPLEX_PRI_SUPPORTED ? TOLD_YES : TOLD_NO,
	};
	(void)traits_take_streams(&pass->cursor, &pass->description->streams, master->name, master);
	read_counts(node, master);
	read_properties(&node->bytes[ROOT_COMPLEX_PROPERTIES], master);
	if (node->revision >= ROOT_COMPLEX_REVISION_LIMIT && node->length >= ROOT_COMPLEX_SIZE_1) {
		read_limit(node->bytes[ROOT_COMPLEX_LIMIT], master);
	}
	if (node->revision >= ROOT_COMPLEX_REVISION_PASID && node->length >= ROOT_COMPLEX_SIZE_3) {
		master->tells_pasid = true;
		if (get_le32(&node->bytes[ROOT_COMPLEX_FLAGS]) & ROOT_COMPLEX_FLAG_PASID) {
			master->pasid_bits = node->bytes[ROOT_COMPLEX_PASID] & ROOT_COMPLEX_PASID_MASK;
		}
	}
}

/* Is it a component's single mapping to what may lead to an SMMU? */
static bool is_taken(const struct pass *pass, const uint8_t *mapping)
{
	return is_single(mapping) && may_reach_smmu(pass, mapping);
}

static void read_mappings(const struct pass *pass, const struct node *node, struct master_traits *master)
{
	const uint8_t *mapping;
	bool stopped = false;

	for (uint32_t i = 0; (mapping = mapping_at(node, i)) != NULL; i++) {
		bool taken = is_taken(pass, mapping);

		stopped = stopped || !taken;
		master->mappings_taken += !stopped;
		master->mappings_lost += stopped && taken;
		master->mappings_ranged += !is_single(mapping) && may_reach_smmu(pass, mapping);
	}
}

static void read_component(struct pass *pass, const struct node *node)
{
	const char *name = (const char *)&node->bytes[NAMED_COMPONENT_NAME];
	uint32_t flags = get_le32(&node->bytes[NAMED_COMPONENT_FLAGS]);
	struct master_traits *master;

	if (!memchr(name, '\0', node->length - NAMED_COMPONENT_NAME)) {
		return;
	}
	master = traits_add_master(pass->traits);
	if (!master) {
		return;
	}
	*master = (struct master_traits){
		.name = *name ? description_name(pass->description, name) : node_name(pass, node),
		.segment = STREAM_NO_SEGMENT,
		.place = node->offset,
		.enabled = true,
		.stall = flags & NAMED_COMPONENT_STALL ? TOLD_YES : TOLD_NO,
		.tells_pasid = true,
		.pasid_bits = (uint8_t)(flags >> NAMED_COMPONENT_PASID_SHIFT & NAMED_COMPONENT_PASID_MASK),
	};
	(void)traits_take_streams(&pass->cursor, &pass->description->streams, master->name, master);
	read_mappings(pass, node, master);
	read_properties(&node->bytes[NAMED_COMPONENT_PROPERTIES], master);
	read_limit(node->bytes[NAMED_COMPONENT_LIMIT], master);
}

/* --- SMMUs. --- */

static const struct {
	uint32_t first;
	uint32_t count;
	enum line_kind kind;
} kinds[] = {
	{16, 16, LINE_PPI},
	{32, 988, LINE_SPI},
	{1056, 64, LINE_EXTENDED_PPI},
	{4096, 1024, LINE_EXTENDED_SPI},
};

/* GSIVs of one node: event, PRI, GERR, SYNC. */
static void read_lines(const struct node *node, struct smmu_traits *smmu)
{
	static const uint8_t offsets[WIRES] = {44, 48, 56, 52};

	for (unsigned int wire = 0; wire < WIRES; wire++) {
		uint32_t gsiv = get_le32(&node->bytes[offsets[wire]]);
		struct line_traits *line = &smmu->line[wire];

		*line = (struct line_traits){.kind = gsiv ? LINE_BEYOND : LINE_ABSENT, .number = gsiv, .intid = gsiv};
		for (unsigned int i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			if (gsiv >= kinds[i].first && gsiv - kinds[i].first < kinds[i].count) {
				line->kind = kinds[i].kind;
				line->number = gsiv - kinds[i].first;
			}
		}
	}
}

static bool all_wired(const struct smmu_traits *smmu)
{
	for (unsigned int wire = 0; wire < WIRES; wire++) {
		if (smmu->line[wire].kind == LINE_ABSENT) {
			return false;
		}
	}
	return true;
}

/* NULL: outside of the node. */
static const uint8_t *mapping_at(const struct node *node, uint32_t index)
{
	uint32_t offset = get_le32(&node->bytes[NODE_MAPPING_OFFSET]);

	if (index >= get_le32(&node->bytes[NODE_MAPPING_COUNT]) || offset < NODE_HEADER_SIZE || offset > node->length ||
	    index >= (node->length - offset) / MAPPING_SIZE) {
		return NULL;
	}
	return &node->bytes[offset + index * MAPPING_SIZE];
}

static bool is_single(const uint8_t *mapping)
{
	return get_le32(&mapping[MAPPING_FLAGS]) & MAPPING_FLAG_SINGLE;
}

/* A single mapping of an SMMU serves only its own MSIs. */
static bool has_single(const struct node *node)
{
	const uint8_t *mapping;

	for (uint32_t i = 0; (mapping = mapping_at(node, i)) != NULL; i++) {
		if (is_single(mapping)) {
			return true;
		}
	}
	return false;
}

static enum own_msi follow_own_msi(struct pass *pass, const uint8_t *mapping, struct smmu_traits *smmu)
{
	struct node group;
	struct text name;

	smmu->msi_count = get_le32(&mapping[MAPPING_COUNT]) + 1;
	if (!is_single(mapping)) {
		return OWN_MSI_RANGE;
	}
	smmu->msi_has_device = true;
	smmu->msi_device = get_le32(&mapping[MAPPING_OUTPUT]);
	if (!node_at(pass, get_le32(&mapping[MAPPING_REFERENCE]), &group) || group.type != NODE_TYPE_ITS_GROUP ||
	    group.length < ITS_GROUP_SIZE || !get_le32(&group.bytes[ITS_GROUP_COUNT])) {
		return OWN_MSI_NOWHERE;
	}
	text_clear(&name);
	text_add(&name, "its:");
	text_add_decimal(&name, get_le32(&group.bytes[ITS_GROUP_IDENTIFIER]));
	smmu->msi_controller = description_name(pass->description, name.chars);
	return OWN_MSI_USED;
}

/* As Linux's iort_get_id_mapping_index(), iort_node_get_id(). */
static enum own_msi read_own_msi(struct pass *pass, const struct node *node, struct smmu_traits *smmu)
{
	uint32_t count = get_le32(&node->bytes[NODE_MAPPING_COUNT]);
	const uint8_t *mapping;

	if (node->revision < SMMUV3_REVISION_DEVICE_ID || node->length < SMMUV3_DEVICE_ID_SIZE || count == 0) {
		return OWN_MSI_NONE;
	}
	smmu->msi_index = get_le32(&node->bytes[SMMUV3_DEVICE_ID]);
	if (node->revision >= SMMUV3_REVISION_DEVICE_ID_FLAG &&
	    !(get_le32(&node->bytes[SMMUV3_FLAGS]) & SMMUV3_FLAG_DEVICE_ID_VALID)) {
		return has_single(node) && !all_wired(smmu) ? OWN_MSI_NO_FLAG : OWN_MSI_NONE;
	}
	if (node->revision < SMMUV3_REVISION_DEVICE_ID_FLAG && all_wired(smmu)) {
		return OWN_MSI_NONE;
	}
	mapping = mapping_at(node, smmu->msi_index);
	return mapping ? follow_own_msi(pass, mapping, smmu) : OWN_MSI_BEYOND;
}

static void read_smmu(struct pass *pass, const struct node *node)
{
	const struct stream_description *streams = &pass->description->streams;
	struct smmu_traits *smmu = &pass->traits->smmu[pass->smmu];

	if (pass->smmu == streams->smmu_count || streams->smmu[pass->smmu].handle != node->offset) {
		return;
	}
	pass->smmu++;
	*smmu = (struct smmu_traits){0};
	read_lines(node, smmu);
	smmu->is_combined = streams->smmu[pass->smmu - 1].quirks & SMMU_QUIRK_COMBINED_IRQ;
	smmu->msi = read_own_msi(pass, node, smmu);
}

/* --- Performance monitors, and reserved memory. --- */

static bool first_node(const struct pass *pass, struct node *node)
{
	return get_le32(&pass->table[IORT_NODE_COUNT]) && node_at(pass, get_le32(&pass->table[IORT_NODE_OFFSET]), node);
}

/* False: no node begins there. */
static bool find_node(const struct pass *pass, uint32_t offset, struct node *node)
{
	bool more = first_node(pass, node);

	while (more && node->offset < offset) {
		more = node_at(pass, node->offset + node->length, node);
	}
	return more && node->offset == offset;
}

static void read_pmcg(struct pass *pass, const struct node *node)
{
	struct traits *traits = pass->traits;
	struct pmcg_traits *pmcg = &traits->pmcg[traits->pmcg_count];
	struct node counted;

	if (traits->pmcg_count == TRAITS_PMCGS_MAX) {
		traits->pmcgs_left_out++;
		return;
	}
	traits->pmcg_count++;
	*pmcg = (struct pmcg_traits){
		.name = node_name(pass, node),
		.page = {get_le(&node->bytes[PMCG_PAGE_0], 8)},
		.page_count = 1,
		.gsiv = get_le32(&node->bytes[PMCG_GSIV]),
		.has_mapping = mapping_at(node, 0) != NULL,
		.reference = get_le32(&node->bytes[PMCG_REFERENCE]),
	};
	if (node->revision > 0 && node->length >= PMCG_SIZE_1) {
		pmcg->page[pmcg->page_count++] = get_le(&node->bytes[PMCG_PAGE_1], 8);
	}
	if (find_node(pass, pmcg->reference, &counted)) {
		pmcg->counts = node_name(pass, &counted);
		pmcg->counts_type = counted.type;
	}
}

static void read_region(struct pass *pass, const struct node *node, const uint8_t *range)
{
	struct traits *traits = pass->traits;
	uint32_t flags = get_le32(&node->bytes[RMR_FLAGS]);

	if (traits->region_count == TRAITS_REGIONS_MAX) {
		traits->regions_left_out++;
		return;
	}
	traits->region[traits->region_count++] = (struct region_traits){
		.name = node_name(pass, node),
		.base = get_le(range, 8),
		.size = get_le(&range[RMR_REGION_LENGTH], 8),
		.may_move = flags & RMR_MAY_MOVE,
		.is_privileged = flags & RMR_PRIVILEGED,
		.attributes = (uint8_t)(flags >> RMR_ATTRIBUTES_SHIFT),
	};
}

static void read_rmr(struct pass *pass, const struct node *node)
{
	uint32_t count = get_le32(&node->bytes[RMR_REGION_COUNT]);
	uint32_t offset = get_le32(&node->bytes[RMR_REGION_OFFSET]);

	for (uint32_t i = 0; i < count && offset >= RMR_SIZE && offset <= node->length - RMR_REGION_SIZE; i++) {
		read_region(pass, node, &node->bytes[offset]);
		offset += RMR_REGION_SIZE;
	}
}

static void read_node(struct pass *pass, const struct node *node)
{
	if (node->type == NODE_TYPE_SMMUV3 && node->length >= SMMUV3_SIZE) {
		read_smmu(pass, node);
	} else if (node->type == NODE_TYPE_ROOT_COMPLEX && node->length >= ROOT_COMPLEX_SIZE) {
		read_root_complex(pass, node);
	} else if (node->type == NODE_TYPE_NAMED_COMPONENT && node->length > NAMED_COMPONENT_NAME) {
		read_component(pass, node);
	} else if (node->type == NODE_TYPE_ITS_GROUP && node->length >= ITS_GROUP_SIZE) {
		pass->traits->has_its = pass->traits->has_its || get_le32(&node->bytes[ITS_GROUP_COUNT]);
	} else if (node->type == NODE_TYPE_PMCG && node->length >= PMCG_SIZE_0) {
		read_pmcg(pass, node);
	} else if (node->type == NODE_TYPE_RMR && node->length >= RMR_SIZE) {
		read_rmr(pass, node);
	}
}

void iort_read_traits(const void *table, size_t size, struct description *description, struct traits *traits)
{
	struct pass pass = {.table = table, .description = description, .traits = traits};
	uint32_t offset = get_le32(&pass.table[IORT_NODE_OFFSET]);
	struct node node;

	pass.size = get_le32(&pass.table[IORT_LENGTH]);
	pass.size = pass.size < size ? pass.size : (uint32_t)size;
	traits_clear(traits, description->streams.smmu_count);
	for (uint32_t i = 0; i < get_le32(&pass.table[IORT_NODE_COUNT]) && node_at(&pass, offset, &node); i++) {
		read_node(&pass, &node);
		offset += node.length;
	}
}
