/* SPDX-License-Identifier: BSD-2-Clause */
/* IO Remapping Table (DEN0049, up to E.e). */
#include "firmware/iort.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/arch.h"
#include "base/feature.h"
#include "firmware/bytes.h"
#include "firmware/description_lookup.h"
#include "firmware/iort_lookup.h"
#include "firmware/iort_nodes.h"
#include "firmware/msi.h"
#include "firmware/text.h"

#define IORT_SIGNATURE "IORT"
#define IORT_SIGNATURE_SIZE 4U
#define IORT_LENGTH 4U
#define IORT_REVISION 8U
#define IORT_CHECKSUM 9U
#define IORT_REVISION_RMR 5U /* Linux uses RMR nodes from E.d on. */
#define IORT_HEADER_SIZE 48U

#define NODE_REVISION 3U
#define NODE_MAPPING_COUNT 8U
#define NODE_MAPPING_OFFSET 12U

#define NODE_TYPE_ITS_GROUP 0U
#define NODE_TYPE_NAMED_COMPONENT 1U
#define NODE_TYPE_SMMUV1V2 3U
#define NODE_TYPE_SMMUV3 4U
#define NODE_TYPE_PMCG 5U
#define NODE_TYPE_RMR 6U
#define NODE_TYPE_IWB 7U /* GICv5's. */

#define ITS_GROUP_COUNT 16U
#define ITS_GROUP_IDENTIFIER 20U /* The first. */
#define ITS_GROUP_SIZE 24U

/* RMR node (DEN0049 E 3.1.1.7). */
#define RMR_REGION_COUNT 20U
#define RMR_REGION_OFFSET 24U
#define RMR_SIZE 28U
#define RMR_REGION_SIZE 20U

#define NAMED_COMPONENT_NAME 29U

#define SMMUV3_BASE 16U
#define SMMUV3_FLAGS 24U
#define SMMUV3_FLAG_COHACC (1U << 0)
#define SMMUV3_MODEL 40U
#define SMMUV3_MODEL_HI161X 1U
#define SMMUV3_MODEL_CN99XX 2U
#define SMMUV3_EVENT_GSIV 44U
#define SMMUV3_PRI_GSIV 48U
#define SMMUV3_GERR_GSIV 52U
#define SMMUV3_SYNC_GSIV 56U
#define SMMUV3_DEVICE_ID 64U /* Index of the mapping for its own MSIs, from revision 1 on. */
#define SMMUV3_FLAG_DEVICE_ID_VALID (1U << 4)
#define SMMUV3_REVISION_DEVICE_ID_FLAG 5U
#define SMMUV3_SIZE 60U /* Revision 0. */

#define SMMU_SIZE 0x20000U
#define SMMU_SIZE_CN99XX 0x10000U /* Page 1 folded into page 0. */

#define MAPPING_INPUT 0U
#define MAPPING_COUNT 4U /* Minus one. */
#define MAPPING_OUTPUT 8U
#define MAPPING_REFERENCE 12U
#define MAPPING_FLAGS 16U
#define MAPPING_FLAG_SINGLE (1U << 0)
#define MAPPING_SIZE 20U

#define ID_MAX 0xffffffffU
#define REQUESTER_ID_MAX 0xffffU
#define DEPTH_MAX 8U
#define STEPS_MAX 100000U   /* Bounds the runs, far above real tables. */
#define WORK_MAX 200000000U /* Bounds the mappings looked at. */
#define NO_MAPPING 0xffffffffU

struct node {
	const uint8_t *bytes;
	uint32_t offset;
	uint32_t length;
	uint32_t mapping_count;
	uint32_t mappings; /* Offset in the table. */
	uint8_t type;
};

struct mapping {
	uint32_t first;
	uint32_t last;
	uint32_t count; /* Minus one. If more than one ID, perhaps one too many. */
	uint32_t output;
	uint32_t reference;
	bool single;
	bool wraps; /* Input IDs pass 2^32. */
};

struct iort;
struct master;
struct run;

typedef void its_reached(struct iort *iort, const struct master *master, const struct node *group,
			 const struct run *run);

struct iort {
	const uint8_t *table;
	uint32_t size;
	uint32_t first_node;
	uint32_t node_count;
	struct description *description;
	its_reached *add_msi; /* NULL: reads streams. A pointer, so that images without MSIs do not link it. */
	struct msi_list *msis;
	uint32_t steps;
	uint32_t work;
};

struct run {
	uint32_t input_first; /* As the master emits them. */
	uint32_t input_last;
	uint32_t id; /* What input_first maps to so far. */
	bool constant;
};

static uint32_t run_last(const struct run *run)
{
	return run->constant ? run->id : run->id + (run->input_last - run->input_first);
}

static void name_node(struct text *name, uint32_t offset)
{
	text_clear(name);
	text_add(name, "iort@");
	text_add_hex(name, offset);
}

static void iort_leave_out(struct iort *iort, const struct node *node, const char *what)
{
	struct text name;
	struct text sentence;

	name_node(&name, node->offset);
	text_clear(&sentence);
	text_add(&sentence, what);
	text_add(&sentence, ": left out");
	description_warn(iort->description, name.chars, sentence.chars);
}

static void warn_of(struct iort *iort, const struct node *node, const char *words)
{
	struct text name;

	name_node(&name, node->offset);
	description_warn(iort->description, name.chars, words);
}

static void warn_of_numbers(struct iort *iort, const struct node *node, const char *words, uint32_t number,
			    const char *more, uint32_t last)
{
	struct text sentence;

	text_clear(&sentence);
	text_add(&sentence, words);
	text_add_decimal(&sentence, number);
	text_add(&sentence, more);
	text_add_decimal(&sentence, last);
	warn_of(iort, node, sentence.chars);
}

/* False: the table has used up its bound. */
static bool afford(struct iort *iort, uint32_t mappings)
{
	iort->work = mappings > WORK_MAX - iort->work ? WORK_MAX : iort->work + mappings;
	return iort->work < WORK_MAX && iort->steps <= STEPS_MAX;
}

/* --- Nodes. --- */

static bool node_at(const struct iort *iort, uint32_t offset, struct node *node)
{
	const uint8_t *bytes;

	if (offset > iort->size || iort->size - offset < NODE_HEADER_SIZE) {
		return false;
	}
	bytes = &iort->table[offset];
	*node = (struct node){
		.bytes = bytes,
		.offset = offset,
		.length = (uint32_t)get_le(&bytes[NODE_LENGTH], 2),
		.type = bytes[NODE_TYPE],
		.mapping_count = get_le32(&bytes[NODE_MAPPING_COUNT]),
	};
	return node->length >= NODE_HEADER_SIZE && node->length <= iort->size - offset;
}

static bool find_node(struct iort *iort, uint32_t offset, struct node *node)
{
	return iort_node_begins(iort->table, offset) && node_at(iort, offset, node);
}

/* Only those in the node. Linux's iort_node_map_id() reads beyond it, to the count. */
static void locate_mappings(struct iort *iort, struct node *node)
{
	uint32_t offset = get_le32(&node->bytes[NODE_MAPPING_OFFSET]);
	uint32_t room = offset < node->length ? (node->length - offset) / MAPPING_SIZE : 0;

	if (node->mapping_count && offset < NODE_HEADER_SIZE) {
		iort_leave_out(iort, node, "ID mappings over the node's header");
		node->mapping_count = 0;
	}
	if (node->mapping_count > room) {
		warn_of_numbers(iort, node, "its ", node->mapping_count, " ID mappings pass the node's end: room for ",
				room);
		node->mapping_count = room;
	}
	node->mappings = node->offset + offset;
}

static struct mapping read_mapping(const struct iort *iort, const struct node *node, uint32_t index)
{
	const uint8_t *bytes = &iort->table[node->mappings + index * MAPPING_SIZE];
	uint32_t count = get_le32(&bytes[MAPPING_COUNT]);
	struct mapping mapping = {
		.first = get_le32(&bytes[MAPPING_INPUT]),
		.output = get_le32(&bytes[MAPPING_OUTPUT]),
		.reference = get_le32(&bytes[MAPPING_REFERENCE]),
		.single = get_le32(&bytes[MAPPING_FLAGS]) & MAPPING_FLAG_SINGLE,
		.count = count,
	};

	mapping.wraps = count > ID_MAX - mapping.first;
	mapping.last = mapping.wraps ? ID_MAX : mapping.first + count;
	return mapping;
}

/* --- Instances. --- */

/* INTIDs of PPIs and SPIs, extended PPIs, extended SPIs (IHI 0069 2.2). */
static bool is_interrupt(uint32_t gsiv)
{
	return gsiv - 16 < 1004 || gsiv - 1056 < 64 || gsiv - 4096 < 1024;
}

/* Linux's acpi_register_gsi() refuses others. */
static struct irq_description wired(struct iort *iort, const struct node *node, uint32_t offset)
{
	uint32_t gsiv = get_le32(&node->bytes[offset]);

	if (gsiv && !is_interrupt(gsiv)) {
		warn_of_numbers(iort, node, "no GIC has interrupt ", gsiv, ", its GSIV at byte ", offset);
		gsiv = 0;
	}
	return (struct irq_description){.present = gsiv != 0, .edge = gsiv != 0, .intid = gsiv};
}

static bool one_interrupt(const struct node *node)
{
	uint32_t event = get_le32(&node->bytes[SMMUV3_EVENT_GSIV]);

	return event && get_le32(&node->bytes[SMMUV3_PRI_GSIV]) == event &&
	       get_le32(&node->bytes[SMMUV3_GERR_GSIV]) == event && get_le32(&node->bytes[SMMUV3_SYNC_GSIV]) == event;
}

static uint8_t smmu_quirks(const struct node *node)
{
	switch (get_le32(&node->bytes[SMMUV3_MODEL])) {
	case SMMUV3_MODEL_HI161X:
		return SMMU_QUIRK_NO_PREFETCH;
	case SMMUV3_MODEL_CN99XX:
		return SMMU_QUIRK_NO_PAGE1 | (one_interrupt(node) ? SMMU_QUIRK_COMBINED_IRQ : 0);
	default:
		return 0;
	}
}

/* Before the flag existed: valid if an interrupt is not wired (DEN0049 3.1.1.4). */
static bool has_device_id(const struct node *node)
{
	uint8_t revision = node->bytes[NODE_REVISION];

	if (revision == 0 || node->length < SMMUV3_DEVICE_ID + 4) {
		return false;
	}
	if (revision >= SMMUV3_REVISION_DEVICE_ID_FLAG) {
		return get_le32(&node->bytes[SMMUV3_FLAGS]) & SMMUV3_FLAG_DEVICE_ID_VALID;
	}
	return !get_le32(&node->bytes[SMMUV3_EVENT_GSIV]) || !get_le32(&node->bytes[SMMUV3_PRI_GSIV]) ||
	       !get_le32(&node->bytes[SMMUV3_GERR_GSIV]) || !get_le32(&node->bytes[SMMUV3_SYNC_GSIV]);
}

/* The index of the mapping for an SMMU's own MSIs, as Linux's iort_get_id_mapping_index(). */
static uint32_t own_mapping(const struct node *node)
{
	return node->type == NODE_TYPE_SMMUV3 && has_device_id(node) ? get_le32(&node->bytes[SMMUV3_DEVICE_ID]) :
								       NO_MAPPING;
}

static void iort_read_smmu(struct iort *iort, const struct node *node)
{
	struct stream_description *streams = &iort->description->streams;
	uint64_t base;
	uint32_t size;
	uint8_t quirks;
	struct text name;

	if (node->length < SMMUV3_SIZE) {
		iort_leave_out(iort, node, "too short");
		return;
	}
	if (streams->smmu_count == DESCRIPTION_SMMUS_MAX) {
		description_leave_out(iort->description, LIST_SMMUS);
		return;
	}
	/* Without mappings it has no MSIs: no warning. */
	if (has_device_id(node) && node->mapping_count && own_mapping(node) >= node->mapping_count) {
		warn_of(iort, node, "its device ID mapping index is beyond its mappings: its MSIs have no device ID");
	}
	quirks = smmu_quirks(node);
	name_node(&name, node->offset);
	base = get_le(&node->bytes[SMMUV3_BASE], 8);
	size = quirks & SMMU_QUIRK_NO_PAGE1 ? SMMU_SIZE_CN99XX : SMMU_SIZE;
	if (base + (size - 1) < base) {
		warn_of(iort, node, "its registers pass the last address: it has none that can be used");
	}
	streams->smmu[streams->smmu_count++] = (struct smmu_description){
		.name = description_name(iort->description, name.chars),
		.has_base = base + (size - 1) >= base,
		.base = base,
		.size = size,
		.enabled = true,
		.coherent = get_le32(&node->bytes[SMMUV3_FLAGS]) & SMMUV3_FLAG_COHACC,
		.quirks = quirks,
		.handle = node->offset,
		.eventq = wired(iort, node, SMMUV3_EVENT_GSIV),
		.priq = wired(iort, node, SMMUV3_PRI_GSIV),
		.sync = wired(iort, node, SMMUV3_SYNC_GSIV),
		.gerror = wired(iort, node, SMMUV3_GERR_GSIV),
	};
}

/* --- ID mappings. --- */

struct master {
	const struct node *node;
	const char *name;
	uint32_t segment;
	bool is_component;
	bool regions; /* RMR node. */
	bool single;
};

static void iort_add_fixed(struct iort *iort, const struct master *master, const struct run *run, unsigned int smmu)
{
	struct stream_description *streams = &iort->description->streams;

	if (streams->fixed_count == DESCRIPTION_FIXED_MAX) {
		description_leave_out(iort->description, LIST_FIXED);
		return;
	}
	streams->fixed[streams->fixed_count++] = (struct fixed_description){
		.smmu = smmu,
		.first = run->id,
		.last = run_last(run),
		.single = master->single,
		.master = master->name,
		.enabled = true,
	};
}

static void iort_add_window(struct iort *iort, const struct master *master, const struct run *run, unsigned int smmu)
{
	struct stream_description *streams = &iort->description->streams;

	if (streams->window_count == DESCRIPTION_WINDOWS_MAX) {
		description_leave_out(iort->description, LIST_WINDOWS);
		return;
	}
	streams->window[streams->window_count++] = (struct window_description){
		.smmu = smmu,
		.input_first = run->input_first,
		.input_last = run->input_last,
		.sid = run->id,
		.constant = run->constant,
		.mask = STREAM_NO_MASK,
		.master = master->name,
		.segment = master->segment,
		.enabled = true,
	};
}

static void iort_add_regions(struct iort *iort, const struct master *master, const struct run *run, unsigned int smmu)
{
	const uint8_t *bytes = master->node->bytes;
	uint32_t count = get_le32(&bytes[RMR_REGION_COUNT]);
	uint32_t offset = get_le32(&bytes[RMR_REGION_OFFSET]);

	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *region = &bytes[offset + i * RMR_REGION_SIZE];
		const struct direct_description direct = {
			.smmu = smmu,
			.first = run->id,
			.last = run_last(run),
			.mapped = true,
			.base = get_le(region, 8),
			.size = get_le(&region[8], 8),
			.master = master->name,
			.where = master->name,
		};

		description_add_direct(iort->description, &direct);
	}
}

static void add_msi(struct iort *iort, const struct master *master, const struct node *group, const struct run *run)
{
	struct msi_list *list = iort->msis;
	struct text name;

	if (group->length < ITS_GROUP_SIZE || !get_le32(&group->bytes[ITS_GROUP_COUNT])) {
		iort_leave_out(iort, master->node, "MSIs that lead to no ITS");
		return;
	}
	if (list->count == MSIS_MAX) {
		description_leave_out(iort->description, LIST_MSIS);
		return;
	}
	text_clear(&name);
	text_add(&name, "its:");
	text_add_decimal(&name, get_le32(&group->bytes[ITS_GROUP_IDENTIFIER]));
	list->msi[list->count++] = (struct msi_description){
		.master = master->name,
		.controller = description_name(iort->description, name.chars),
		.has_input = !master->is_component || run->input_last > run->input_first,
		.input_first = run->input_first,
		.input_last = run->input_last,
		.mask = STREAM_NO_MASK,
		.has_device = true,
		.constant = run->constant,
		.device = run->id,
		.enabled = true,
	};
}

static void arrive(struct iort *iort, const struct master *master, const struct node *smmu_node, const struct run *run)
{
	int index = description_smmu_of_handle(&iort->description->streams, smmu_node->offset);
	unsigned int smmu = (unsigned int)index;

	if (index == NO_SMMU) {
		return;
	}
	if (master->regions) {
		iort_add_regions(iort, master, run, smmu);
	} else if (master->is_component) {
		iort_add_fixed(iort, master, run, smmu);
	} else {
		iort_add_window(iort, master, run, smmu);
	}
}

/* A single mapping takes every ID only on a master's node. */
static bool takes_all(const struct node *node, const struct mapping *mapping)
{
	return mapping->single && (node->type == NODE_TYPE_NAMED_COMPONENT || node->type == NODE_TYPE_ROOT_COMPLEX);
}

/* Ends the run before `place`, where another mapping may win. */
static void stop_before(uint32_t place, uint32_t id, uint32_t *last)
{
	if (place > id && place - 1 < *last) {
		*last = place - 1;
	}
}

/*
 * The mapping for `id`, or NO_MAPPING; lowers `last` to the last ID with the same answer. The first mapping wins,
 * unless the ID is its last and a later one's first: some tables have the count where count minus one belongs. Like
 * Linux's iort_node_map_id(), ignores the mapping of an SMMU's own MSIs.
 */
static uint32_t iort_winner_at(const struct iort *iort, const struct node *node, uint32_t id, uint32_t *last)
{
	uint32_t winner = NO_MAPPING;
	uint32_t own = own_mapping(node);

	for (uint32_t i = 0; i < node->mapping_count; i++) {
		struct mapping mapping = read_mapping(iort, node, i);

		if (i == own || (mapping.single && !takes_all(node, &mapping))) {
			continue;
		}
		if (takes_all(node, &mapping)) {
			return i;
		}
		stop_before(mapping.first, id, last);
		if (mapping.count) {
			stop_before(mapping.last, id, last);
		}
		if (mapping.last < ID_MAX) {
			stop_before(mapping.last + 1, id, last);
		}
		if (id < mapping.first || id > mapping.last || (winner != NO_MAPPING && id != mapping.first)) {
			continue;
		}
		winner = i;
		if (!mapping.count || id != mapping.last) {
			return winner;
		}
	}
	return winner;
}

static void follow(struct iort *iort, const struct master *master, uint32_t reference, const struct run *run,
		   unsigned int depth);

/* The IDs of a run from its `skip`th to ID `last`. */
static struct run part_of(const struct run *run, uint32_t skip, uint32_t last)
{
	if (run->constant) {
		return *run;
	}
	return (struct run){
		.input_first = run->input_first + skip,
		.input_last = run->input_first + skip + (last - (run->id + skip)),
		.id = run->id + skip,
	};
}

static void iort_map_run(struct iort *iort, const struct master *master, const struct node *node, uint32_t index,
			 struct run run, unsigned int depth)
{
	struct mapping mapping = read_mapping(iort, node, index);

	if (takes_all(node, &mapping)) {
		run.constant = true;
		run.id = mapping.output;
	} else {
		run.id = mapping.output + (run.id - mapping.first);
	}
	/* Beyond 16 bits no function emits a requester ID: such IDs neither count nor wrap. */
	if (!master->is_component && (run.constant || run_last(&run) < run.id)) {
		if (run.input_first > REQUESTER_ID_MAX) {
			return;
		}
		run.input_last = run.input_last < REQUESTER_ID_MAX ? run.input_last : REQUESTER_ID_MAX;
	}
	if (run_last(&run) < run.id) {
		iort_leave_out(iort, node, "an ID mapping passes the last 32-bit ID");
		return;
	}
	follow(iort, master, mapping.reference, &run, depth + 1);
}

/* iort_winner_at(), with `last` beyond mappings that begin and end without winning. */
static uint32_t winner_until(struct iort *iort, const struct node *node, uint32_t id, uint32_t end, uint32_t *last)
{
	uint32_t winner;
	uint32_t next;

	*last = end;
	winner = iort_winner_at(iort, node, id, last);
	while (*last < end && afford(iort, node->mapping_count)) {
		next = end;
		if (iort_winner_at(iort, node, *last + 1, &next) != winner) {
			break;
		}
		iort->steps++;
		*last = next;
	}
	return winner;
}

static void iort_split(struct iort *iort, const struct master *master, const struct node *node, const struct run *run,
		       unsigned int depth)
{
	uint64_t id = run->id;
	uint32_t end = run_last(run);

	/* Linux's iort_node_map_id() takes no mapping then. */
	if (node->mapping_count && !read_mapping(iort, node, 0).reference) {
		iort_leave_out(iort, node, "ID mappings of which the first has no reference");
		return;
	}
	while (id <= end && afford(iort, node->mapping_count)) {
		uint32_t last;
		uint32_t winner = winner_until(iort, node, (uint32_t)id, end, &last);

		if (++iort->steps > STEPS_MAX) {
			return;
		}
		if (winner != NO_MAPPING) {
			iort_map_run(iort, master, node, winner, part_of(run, (uint32_t)id - run->id, last), depth);
		}
		id = (uint64_t)last + 1;
	}
}

/* At most DEPTH_MAX deep. */
static void follow(struct iort *iort, const struct master *master, uint32_t reference, const struct run *run,
		   unsigned int depth)
{
	struct node node;

	if (!find_node(iort, reference, &node)) {
		iort_leave_out(iort, master->node, "an ID mapping leads to no node");
		return;
	}
	if (node.type == NODE_TYPE_SMMUV3 && !iort->add_msi) {
		/* An SMMU's mappings are for MSIs, never for streams. */
		arrive(iort, master, &node, run);
		return;
	}
	if (master->regions) {
		iort_leave_out(iort, master->node,
			       ARCH_PLANS && node.type == NODE_TYPE_ITS_GROUP ?
				       "memory ranges whose streams lead to an ITS group" :
				       "memory ranges whose streams lead to no SMMUv3");
		return;
	}
	if (node.type == NODE_TYPE_ITS_GROUP && iort->add_msi) {
		iort->add_msi(iort, master, &node, run);
	}
	/* ITS groups and older SMMUs lead to no SMMUv3. */
	if (node.type == NODE_TYPE_ITS_GROUP || (node.type == NODE_TYPE_SMMUV1V2 && !iort->add_msi)) {
		return;
	}
	if (ARCH_PLANS && node.type == NODE_TYPE_IWB && !iort->add_msi) {
		iort_leave_out(iort, master->node, "an ID mapping leads to an IWB, which is no SMMU");
		return;
	}
	if (depth == DEPTH_MAX || node.offset == master->node->offset) {
		iort_leave_out(iort, master->node, "ID mappings form a circle");
		return;
	}
	locate_mappings(iort, &node);
	iort_split(iort, master, &node, run, depth);
}

/* --- Masters. --- */

/* Do they overlap by more than the ID that a wrong count adds? */
static bool iort_overlap(const struct mapping *a, const struct mapping *b)
{
	return !a->single && !b->single && a->first < b->last && b->first < a->last;
}

static bool share_an_id(const struct mapping *a, const struct mapping *b)
{
	return !a->single && !b->single && ((a->count && a->last == b->first) || (b->count && b->last == a->first));
}

/* On a root complex an ID has one mapping; a single mapping has all IDs. */
static bool meet(const struct mapping *a, const struct mapping *b)
{
	if (a->single || b->single) {
		return a->single;
	}
	return a->first <= b->last && b->first <= a->last && !share_an_id(a, b);
}

static void warn_overlaps(struct iort *iort, const struct node *node)
{
	for (uint32_t i = 0; i < node->mapping_count; i++) {
		struct mapping mapping = read_mapping(iort, node, i);

		if (mapping.wraps && !mapping.single) {
			warn_of(iort, node, "the input IDs of an ID mapping pass the last 32-bit ID: cut");
		}
	}
	for (uint32_t i = 1; i < node->mapping_count && afford(iort, i); i++) {
		struct mapping later = read_mapping(iort, node, i);

		for (uint32_t k = 0; k < i; k++) {
			struct mapping earlier = read_mapping(iort, node, k);

			if (node->type == NODE_TYPE_ROOT_COMPLEX ? meet(&earlier, &later) :
								   iort_overlap(&earlier, &later)) {
				warn_of(iort, node, "ID mappings overlap: the first one wins");
				return;
			}
			if (share_an_id(&earlier, &later)) {
				warn_of(iort, node,
					"an ID mapping ends where another starts, as if it had the count of its IDs: "
					"the "
					"ID is the other's");
			}
		}
	}
}

static void read_root_complex(struct iort *iort, const struct node *node)
{
	struct run every = {.input_last = ID_MAX};
	struct master master = {.node = node};
	struct text name;

	if (node->length < ROOT_COMPLEX_SIZE) {
		iort_leave_out(iort, node, "too short");
		return;
	}
	master.segment = get_le32(&node->bytes[ROOT_COMPLEX_SEGMENT]);
	/* Linux uses only a segment's first root complex. */
	if (iort_root_complex_of(iort->table, master.segment) != node->offset) {
		iort_leave_out(iort, node, "another root complex has the same segment");
		return;
	}
	text_clear(&name);
	text_add(&name, "segment:");
	text_add_decimal(&name, master.segment);
	master.name = description_name(iort->description, name.chars);
	warn_overlaps(iort, node);
	iort_split(iort, &master, node, &every, 0);
}

/* Leaves out an ID that another mapping starts with. */
static uint32_t own_last(const struct iort *iort, const struct node *node, uint32_t index)
{
	struct mapping mapping = read_mapping(iort, node, index);

	for (uint32_t i = 0; mapping.count && i < node->mapping_count; i++) {
		struct mapping other = read_mapping(iort, node, i);

		if (i != index && !other.single && other.first == mapping.last) {
			return mapping.last - 1;
		}
	}
	return mapping.last;
}

/*
 * A component's mappings are independent of each other. An RMR's streams are output base and count alone (Linux's
 * iort_node_get_rmr_info()).
 */
static void read_component_mapping(struct iort *iort, struct master *master, uint32_t index)
{
	struct mapping mapping = read_mapping(iort, master->node, index);
	struct run run = {.input_last = mapping.count, .id = mapping.output};

	if (!master->regions) {
		run.input_last = mapping.single ? 0 : own_last(iort, master->node, index) - mapping.first;
	}
	master->single = mapping.single;
	if (run_last(&run) < run.id) {
		iort_leave_out(iort, master->node, "an ID mapping passes the last 32-bit ID");
		return;
	}
	follow(iort, master, mapping.reference, &run, 0);
}

static uint32_t room_before_mappings(const struct node *node, uint32_t from)
{
	uint32_t mappings = get_le32(&node->bytes[NODE_MAPPING_OFFSET]);
	bool behind = node->mapping_count && mappings >= from && mappings < node->length;

	return (behind ? mappings : node->length) - from;
}

static void read_component(struct iort *iort, const struct node *node)
{
	struct master master = {.node = node, .is_component = true, .segment = STREAM_NO_SEGMENT};
	const char *name = (const char *)&node->bytes[NAMED_COMPONENT_NAME];
	struct text own_name;

	if (node->length <= NAMED_COMPONENT_NAME ||
	    !memchr(name, '\0', room_before_mappings(node, NAMED_COMPONENT_NAME))) {
		iort_leave_out(iort, node, "its name does not end");
		return;
	}
	if (*name) {
		master.name = description_name(iort->description, name);
	} else {
		name_node(&own_name, node->offset);
		master.name = description_name(iort->description, own_name.chars);
		description_warn(iort->description, own_name.chars, "a named component without a name");
	}
	warn_overlaps(iort, node);
	for (uint32_t i = 0;
	     i < node->mapping_count && afford(iort, node->mapping_count + iort_work_to_find(iort->table)); i++) {
		read_component_mapping(iort, &master, i);
	}
}

/* An RMR's mappings name streams, like a component's. */
static void read_rmr(struct iort *iort, const struct node *node)
{
	struct master master = {.node = node, .regions = true, .segment = STREAM_NO_SEGMENT};
	uint32_t count, offset;
	struct text name;

	if (node->length < RMR_SIZE) {
		iort_leave_out(iort, node, "too short");
		return;
	}
	count = get_le32(&node->bytes[RMR_REGION_COUNT]);
	offset = get_le32(&node->bytes[RMR_REGION_OFFSET]);
	if (count && (offset < RMR_SIZE || offset > node->length ||
		      count > room_before_mappings(node, offset) / RMR_REGION_SIZE)) {
		iort_leave_out(iort, node, "its memory ranges are outside the node");
		return;
	}
	if (!node->mapping_count) {
		iort_leave_out(iort, node, "memory ranges without an ID mapping");
	}
	name_node(&name, node->offset);
	master.name = description_name(iort->description, name.chars);
	if (iort->table[IORT_REVISION] < IORT_REVISION_RMR) {
		warn_of(iort, node, "a reserved memory range in a table of this revision: Linux will not see it");
	}
	for (uint32_t i = 0;
	     i < node->mapping_count && afford(iort, node->mapping_count + iort_work_to_find(iort->table)); i++) {
		read_component_mapping(iort, &master, i);
	}
}

static void read_master(struct iort *iort, struct node *node)
{
	if (node->type != NODE_TYPE_NAMED_COMPONENT && node->type != NODE_TYPE_ROOT_COMPLEX &&
	    (node->type != NODE_TYPE_RMR || iort->add_msi)) {
		return;
	}
	if (node->type == NODE_TYPE_ROOT_COMPLEX) {
		read_root_complex(iort, node);
	} else if (node->type == NODE_TYPE_RMR) {
		read_rmr(iort, node);
	} else {
		read_component(iort, node);
	}
}

/* --- The table. --- */

static const char *iort_check_table(const uint8_t *table, size_t size, struct iort *iort)
{
	struct node node;
	uint32_t offset;

	if (!table || size < IORT_HEADER_SIZE || memcmp(table, IORT_SIGNATURE, IORT_SIGNATURE_SIZE) != 0) {
		return "no IORT";
	}
	iort->size = get_le32(&table[IORT_LENGTH]);
	if (iort->size < IORT_HEADER_SIZE || iort->size > size) {
		return "bad length, or cut off";
	}
	iort->table = table;
	iort_lookup_begin(table);
	iort->node_count = get_le32(&table[IORT_NODE_COUNT]);
	iort->first_node = get_le32(&table[IORT_NODE_OFFSET]);
	offset = iort->first_node;
	for (uint32_t i = 0; i < iort->node_count; i++) {
		if (offset < IORT_HEADER_SIZE || !node_at(iort, offset, &node)) {
			return "a node outside the table";
		}
		offset += node.length;
	}
	return NULL;
}

/* Warns and uses the table, as Linux's acpi_ut_verify_checksum() does. */
static void warn_of_checksum(struct iort *iort)
{
	uint8_t sum = sum_bytes(iort->table, iort->size);
	uint8_t said = iort->table[IORT_CHECKSUM];
	struct text sentence;

	if (!sum) {
		return;
	}
	text_clear(&sentence);
	text_add(&sentence, "wrong checksum: it is ");
	text_add_hex(&sentence, said);
	text_add(&sentence, ", right would be ");
	text_add_hex(&sentence, (uint8_t)(said - sum));
	description_warn(iort->description, "iort", sentence.chars);
}

static void each_node(struct iort *iort, void (*read)(struct iort *iort, struct node *node))
{
	struct node node;
	uint32_t offset = iort->first_node;

	for (uint32_t i = 0; i < iort->node_count && node_at(iort, offset, &node); i++) {
		offset += node.length;
		locate_mappings(iort, &node);
		read(iort, &node);
	}
}

static void warn_of_rest(struct iort *iort)
{
	struct node node;
	uint32_t offset = iort->first_node;

	for (uint32_t i = 0; i < iort->node_count && node_at(iort, offset, &node); i++) {
		offset += node.length;
	}
	if (iort->node_count ? offset < iort->size : iort->size > IORT_HEADER_SIZE) {
		description_warn(iort->description, "iort", "there is more behind the last node: left out");
	}
}

static void iort_note(struct iort *iort, const struct node *node, const char *what)
{
	struct text name;

	name_node(&name, node->offset);
	description_note(iort->description, name.chars, what);
}

static void read_instance(struct iort *iort, struct node *node)
{
	if (node->type == NODE_TYPE_SMMUV3) {
		iort_read_smmu(iort, node);
	} else if (node->type == NODE_TYPE_SMMUV1V2) {
		iort_note(iort, node, "an SMMUv1 or SMMUv2");
	} else if (node->type == NODE_TYPE_PMCG) {
		iort_note(iort, node, "a performance monitor group (PMCG), which emits no stream");
	} else if (ARCH_PLANS && node->type == NODE_TYPE_IWB) {
		iort_note(iort, node, "an interrupt wire bridge of GICv5 (IWB), which emits no stream");
	} else if (node->type > NODE_TYPE_RMR) {
		iort_leave_out(iort, node, "unknown type");
	}
}

static void iort_add_piece(struct description *description, const struct direct_description *whole, const char *master,
			   uint32_t first, uint32_t last)
{
	struct direct_description piece = *whole;

	piece.first = first > whole->first ? first : whole->first;
	piece.last = last < whole->last ? last : whole->last;
	if (piece.first <= piece.last) {
		piece.master = master;
		description_add_direct(description, &piece);
	}
}

/* Every master of an RMR node's streams gets its regions. */
static void give_to_masters(struct description *description, const struct direct_description *whole)
{
	const struct stream_description *streams = &description->streams;
	unsigned int before = streams->direct_count;

	for (unsigned int i = 0; i < streams->fixed_count; i++) {
		const struct fixed_description *fixed = &streams->fixed[i];

		if (fixed->smmu == whole->smmu) {
			iort_add_piece(description, whole, fixed->master, fixed->first, fixed->last);
		}
	}
	for (unsigned int i = 0; i < streams->window_count; i++) {
		const struct window_description *window = &streams->window[i];

		if (window->smmu == whole->smmu) {
			iort_add_piece(description, whole, window->master, window->sid,
				       description_window_last(window));
		}
	}
	if (streams->direct_count == before) {
		description_add_direct(description, whole);
	}
}

/* Static: only the boot core reads tables. */
static void name_region_masters(struct description *description)
{
	static struct direct_description whole[DESCRIPTION_DIRECTS_MAX];
	unsigned int count = description->streams.direct_count;

	memcpy(whole, description->streams.direct, count * sizeof(whole[0]));
	description->streams.direct_count = 0;
	for (unsigned int i = 0; i < count; i++) {
		give_to_masters(description, &whole[i]);
	}
}

int iort_read(const void *table, size_t size, struct description *description)
{
	struct iort iort = {.description = description};
	const char *problem = iort_check_table(table, size, &iort);

	description->streams.source = DESCRIPTION_IORT;
	if (problem) {
		description_warn(description, "iort", problem);
		return -EINVAL;
	}
	warn_of_checksum(&iort);
	warn_of_rest(&iort);
	each_node(&iort, read_instance);
	each_node(&iort, read_master);
	name_region_masters(description);
	if (!afford(&iort, 0)) {
		description_warn(description, "iort", "too many ID mappings: some are left out");
	}
	description_warn_left_out(description);
	return 0;
}

int iort_read_msis(const void *table, size_t size, struct description *description, struct msi_list *list)
{
	struct iort iort = {.description = description, .add_msi = add_msi, .msis = list};

	list->count = 0;
	if (iort_check_table(table, size, &iort)) {
		return -EINVAL;
	}
	each_node(&iort, read_master);
	if (!afford(&iort, 0)) {
		description_warn(description, "iort", "too many ID mappings: some are left out");
	}
	description_warn_left_out(description);
	return 0;
}

LINKED(iort_read_msis);
LINKED(iort_read);
