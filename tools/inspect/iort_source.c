/* SPDX-License-Identifier: BSD-2-Clause */
/* Nodes are those of DEN0049 that iasl has known since 2020: types 0 to 5. */
#include "iort_source.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "firmware/bytes.h"

#define HEADER_SIZE 48U
#define NODE_HEAD_SIZE 16U
#define MAPPING_SIZE 20U
#define TYPES 6U
#define NAME_AT 29U

/* --- Taking apart. --- */

static bool read_mappings(struct iort_node *node, uint32_t count)
{
	node->mapping = calloc((size_t)count + 1, sizeof(*node->mapping));
	node->mapping_count = node->mapping ? count : 0;
	for (size_t i = 0; i < node->mapping_count; i++) {
		const uint8_t *bytes = node->bytes + node->body + i * MAPPING_SIZE;

		node->mapping[i] = (struct iort_mapping){.input = get_le32(bytes),
							 .last = get_le32(bytes + 4),
							 .output = get_le32(bytes + 8),
							 .to = get_le32(bytes + 12),
							 .flags = get_le32(bytes + 16)};
	}
	return node->mapping;
}

/* The language has no escapes: a backslash stands for itself. */
static bool has_plain_name(const struct iort_node *node)
{
	uint32_t at = NAME_AT;

	while (at < node->body && isprint(node->bytes[at]) && node->bytes[at] != '"') {
		at++;
	}
	return at < node->body && !node->bytes[at];
}

static const char *read_node(struct iort_node *node, const uint8_t *table, size_t size, uint32_t at)
{
	static const uint32_t least[TYPES] = {0, 0, 36, 0, 68, 40};
	uint32_t length, count;

	if (at > size || size - at < NODE_HEAD_SIZE) {
		return "a node passes the table's end";
	}
	*node = (struct iort_node){.bytes = table + at, .at = at};
	length = (uint32_t)get_le(node->bytes + 1, 2);
	count = get_le32(node->bytes + 8);
	node->body = count ? get_le32(node->bytes + 12) : length;
	if (length < NODE_HEAD_SIZE || length > size - at || node->body < NODE_HEAD_SIZE || node->body > length) {
		return "a node passes the table's end, or its mappings pass it";
	}
	if (count > length / MAPPING_SIZE || node->body + count * MAPPING_SIZE != length) {
		return "a node has mappings that do not end it";
	}
	if (node->bytes[0] >= TYPES) {
		return "it has a node of a type that iasl's older versions do not know: its source cannot be written";
	}
	if (least[node->bytes[0]] && node->body > least[node->bytes[0]]) {
		return "it has a node with newer fields than iasl's older versions know: its source would lose them";
	}
	node->size = node->body > least[node->bytes[0]] ? node->body : least[node->bytes[0]];
	if (node->bytes[0] == IORT_NODE_COMPONENT && !has_plain_name(node)) {
		return "a named component has a name that iasl's language cannot say";
	}
	return read_mappings(node, count) ? NULL : "no memory";
}

const char *iort_source_read(struct iort_source *source, const uint8_t *bytes, size_t size)
{
	uint32_t count = size >= HEADER_SIZE ? get_le32(bytes + 36) : 0;
	uint32_t at = size >= HEADER_SIZE ? get_le32(bytes + 40) : 0;
	const char *why = NULL;

	*source = (struct iort_source){.bytes = bytes};
	if (count > size / NODE_HEAD_SIZE) {
		return "it says more nodes than it has room for";
	}
	source->node = calloc((size_t)count + 1, sizeof(*source->node));
	for (uint32_t i = 0; source->node && !why && i < count; i++) {
		why = read_node(&source->node[source->count], bytes, size, at);
		at += why ? 0 : (uint32_t)get_le(bytes + at + 1, 2);
		source->count++;
	}
	return source->node ? why : "no memory";
}

void iort_source_free(struct iort_source *source)
{
	for (size_t i = 0; i < source->count; i++) {
		free(source->node[i].mapping);
	}
	free(source->node);
}

struct iort_node *iort_source_node(const struct iort_source *source, uint32_t at)
{
	for (size_t i = 0; i < source->count; i++) {
		if (source->node[i].at == at) {
			return &source->node[i];
		}
	}
	return NULL;
}

struct iort_mapping *iort_source_insert(struct iort_node *node, size_t at)
{
	struct iort_mapping *more = realloc(node->mapping, (node->mapping_count + 1) * sizeof(*more));

	if (!more) {
		return NULL;
	}
	node->mapping = more;
	memmove(&more[at + 1], &more[at], (node->mapping_count - at) * sizeof(*more));
	node->mapping_count++;
	more[at] = (struct iort_mapping){.flags = 0};
	return &more[at];
}

/* --- Printing. --- */

struct printer {
	struct iort_source *source;
	FILE *file;
	const struct iort_node *node;
	uint32_t at; /* In the node. */
};

static void print_number(FILE *file, const char *name, unsigned int size, uint64_t value)
{
	(void)fprintf(file, "%s : %0*" PRIX64 "\n", name, (int)(2 * size), value);
}

static bool is_left(const struct printer *printer, unsigned int size)
{
	return printer->at + size <= printer->node->body;
}

/* The next field of the node; 0 where an older node has none. */
static uint64_t field(struct printer *printer, const char *name, unsigned int size)
{
	uint64_t value = is_left(printer, size) ? get_le(printer->node->bytes + printer->at, size) : 0;

	printer->at += size;
	print_number(printer->file, name, size, value);
	return value;
}

/* Bits of the flags before, as the language has them beside. */
static void bits(const struct printer *printer, const char *name, uint64_t flags, unsigned int shift, uint64_t mask)
{
	(void)fprintf(printer->file, "%s : %" PRIX64 "\n", name, flags >> shift & mask);
}

/* What no field of the node is. */
static void print_padding(struct printer *printer)
{
	if (printer->at >= printer->node->body) {
		return;
	}
	(void)fprintf(printer->file, "Padding :");
	for (; printer->at < printer->node->body; printer->at++) {
		(void)fprintf(printer->file, " %02X", printer->node->bytes[printer->at]);
	}
	(void)fputc('\n', printer->file);
}

static void print_memory_properties(struct printer *printer)
{
	uint64_t flags;

	(void)field(printer, "Cache Coherency", 4);
	flags = field(printer, "Hints (decoded below)", 1);
	bits(printer, "Transient", flags, 0, 1);
	bits(printer, "Write Allocate", flags, 1, 1);
	bits(printer, "Read Allocate", flags, 2, 1);
	bits(printer, "Override", flags, 3, 1);
	(void)field(printer, "Reserved", 2);
	flags = field(printer, "Memory Flags (decoded below)", 1);
	bits(printer, "Coherency", flags, 0, 1);
	bits(printer, "Device Attribute", flags, 1, 1);
}

static void print_its(struct printer *printer)
{
	uint64_t count = field(printer, "ItsCount", 4);

	while (count-- && is_left(printer, 4)) {
		(void)field(printer, "Identifiers", 4);
	}
}

/* Its name ends at a null. */
static void print_component(struct printer *printer)
{
	const char *name;
	size_t length;

	(void)field(printer, "Node Flags", 4);
	print_memory_properties(printer);
	(void)field(printer, "Memory Size Limit", 1);
	name = (const char *)printer->node->bytes + printer->at;
	length = is_left(printer, 1) ? strnlen(name, printer->node->body - printer->at) : 0;
	(void)fprintf(printer->file, "Device Name : \"%.*s\"\n", (int)length, name);
	printer->at += (uint32_t)length + 1;
	print_padding(printer);
}

static void print_root_complex(struct printer *printer)
{
	print_memory_properties(printer);
	(void)field(printer, "ATS Attribute", 4);
	(void)field(printer, "PCI Segment Number", 4);
	(void)field(printer, "Memory Size Limit", 1);
	(void)field(printer, "Reserved", 3);
}

/* Global interrupts and their flags, then those of contexts and of the performance monitor. */
static void print_smmuv2(struct printer *printer)
{
	uint64_t flags, contexts, monitors;

	(void)field(printer, "Base Address", 8);
	(void)field(printer, "Span", 8);
	(void)field(printer, "Model", 4);
	flags = field(printer, "Flags (decoded below)", 4);
	bits(printer, "DVM Supported", flags, 0, 1);
	bits(printer, "Coherent Walk", flags, 1, 1);
	(void)field(printer, "Global Interrupt Offset", 4);
	contexts = field(printer, "Context Interrupt Count", 4);
	(void)field(printer, "Context Interrupt Offset", 4);
	monitors = field(printer, "PMU Interrupt Count", 4);
	(void)field(printer, "PMU Interrupt Offset", 4);
	for (unsigned int i = 0; i < 2; i++) {
		(void)field(printer, i ? "NSgCfgIrpt" : "NSgIrpt", 4);
		flags = field(printer, i ? "NSgCfgIrpt Flags (decoded below)" : "NSgIrpt Flags (decoded below)", 4);
		bits(printer, "Edge Triggered", flags, 0, 1);
	}
	while (contexts-- && is_left(printer, 8)) {
		(void)field(printer, "Context Interrupt", 8);
	}
	while (monitors-- && is_left(printer, 8)) {
		(void)field(printer, "PMU Interrupt", 8);
	}
}

static void print_smmuv3(struct printer *printer)
{
	uint64_t flags;

	(void)field(printer, "Base Address", 8);
	flags = field(printer, "Flags (decoded below)", 4);
	bits(printer, "COHACC Override", flags, 0, 1);
	bits(printer, "HTTU Override", flags, 1, 3);
	bits(printer, "Proximity Domain Valid", flags, 3, 1);
	(void)field(printer, "Reserved", 4);
	(void)field(printer, "VATOS Address", 8);
	(void)field(printer, "Model", 4);
	(void)field(printer, "Event GSIV", 4);
	(void)field(printer, "PRI GSIV", 4);
	(void)field(printer, "GERR GSIV", 4);
	(void)field(printer, "Sync GSIV", 4);
	(void)field(printer, "Proximity Domain", 4);
	(void)field(printer, "Device ID Mapping Index", 4);
}

static uint32_t new_place(const struct iort_source *source, uint32_t at)
{
	const struct iort_node *node = iort_source_node(source, at);

	return node ? node->new_at : at;
}

static void print_monitor(struct printer *printer)
{
	(void)field(printer, "Page 0 Base Address", 8);
	(void)field(printer, "Overflow Interrupt GSIV", 4);
	print_number(printer->file, "Node Reference", 4,
		     is_left(printer, 4) ? new_place(printer->source, get_le32(printer->node->bytes + printer->at)) :
					   0);
	printer->at += 4;
	if (is_left(printer, 8)) {
		(void)field(printer, "Page 1 Base Address", 8);
	}
}

static void print_mapping(const struct printer *printer, const struct iort_mapping *mapping)
{
	FILE *file = printer->file;

	(void)fprintf(file, "\n");
	if (mapping->comment) {
		(void)fprintf(file, "/* %s */\n", mapping->comment);
	}
	print_number(file, "Input base", 4, mapping->input);
	print_number(file, "ID Count", 4, mapping->last);
	print_number(file, "Output Base", 4, mapping->output);
	print_number(file, "Output Reference", 4, new_place(printer->source, mapping->to));
	print_number(file, "Flags (decoded below)", 4, mapping->flags);
	bits(printer, "Single Mapping", mapping->flags, 0, 1);
}

static uint32_t length_of(const struct iort_node *node)
{
	return node->size + (uint32_t)node->mapping_count * MAPPING_SIZE;
}

static void print_node(struct iort_source *source, FILE *file, const struct iort_node *node)
{
	static void (*const print[TYPES])(struct printer * printer) = {
		print_its, print_component, print_root_complex, print_smmuv2, print_smmuv3, print_monitor};
	struct printer printer = {source, file, node, NODE_HEAD_SIZE};

	(void)fprintf(file, "\n/* The node at 0x%" PRIx32 ". */\n", node->new_at);
	print_number(file, "Type", 1, node->bytes[0]);
	print_number(file, "Length", 2, length_of(node));
	print_number(file, "Revision", 1, node->bytes[3]);
	print_number(file, "Reserved", 4, get_le32(node->bytes + 4));
	print_number(file, "Mapping Count", 4, node->mapping_count);
	print_number(file, "Mapping Offset", 4, node->mapping_count ? node->size : get_le(node->bytes + 12, 4));
	print[node->bytes[0]](&printer);
	for (size_t i = 0; i < node->mapping_count; i++) {
		print_mapping(&printer, &node->mapping[i]);
	}
}

static void print_string(FILE *file, const char *name, const uint8_t *bytes, size_t size)
{
	(void)fprintf(file, "%s : \"", name);
	for (size_t i = 0; i < size; i++) {
		(void)fputc(isprint(bytes[i]) && bytes[i] != '"' && bytes[i] != '\\' ? bytes[i] : ' ', file);
	}
	(void)fprintf(file, "\"\n");
}

void iort_source_print(struct iort_source *source, FILE *file)
{
	uint32_t at = HEADER_SIZE;

	for (size_t i = 0; i < source->count; i++) {
		source->node[i].new_at = at;
		at += length_of(&source->node[i]);
	}
	print_string(file, "Signature", source->bytes, 4);
	print_number(file, "Table Length", 4, at);
	print_number(file, "Revision", 1, source->bytes[8]);
	print_number(file, "Checksum", 1, 0);
	print_string(file, "Oem ID", source->bytes + 10, 6);
	print_string(file, "Oem Table ID", source->bytes + 16, 8);
	print_number(file, "Oem Revision", 4, get_le32(source->bytes + 24));
	print_string(file, "Asl Compiler ID", source->bytes + 28, 4);
	print_number(file, "Asl Compiler Revision", 4, get_le32(source->bytes + 32));
	print_number(file, "Node Count", 4, source->count);
	print_number(file, "Node Offset", 4, HEADER_SIZE);
	print_number(file, "Reserved", 4, 0);
	for (size_t i = 0; i < source->count; i++) {
		print_node(source, file, &source->node[i]);
	}
}
