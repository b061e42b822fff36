/* SPDX-License-Identifier: BSD-2-Clause */
/* The IORT reader, on tables built node by node. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "acpi_bytes.h"
#include "firmware/iort.h"

#define TABLE_SIZE 0x8000U
#define SINGLE 1U
#define COHERENT 1U
#define DEVICE_ID_VALID (1U << 4)

static uint8_t table[TABLE_SIZE];
static uint32_t used;
static uint32_t node_start;
static struct description description;

/* --- Building a table. ---------------------------------------------------------------------------------------------
 */

static void put32(uint32_t at, uint32_t value)
{
	for (unsigned int i = 0; i < 4; i++) {
		table[at + i] = (uint8_t)(value >> (8 * i));
	}
}

static uint32_t get32(uint32_t at)
{
	return (uint32_t)table[at] | (uint32_t)table[at + 1] << 8 | (uint32_t)table[at + 2] << 16 |
	       (uint32_t)table[at + 3] << 24;
}

static void sum_table(void)
{
	add_checksum(table, get32(4), 9);
}

static int begin(void **state)
{
	(void)state;
	memset(table, 0, sizeof(table));
	memcpy(table, "IORT", 4);
	table[8] = 5;
	put32(40, 48);
	used = 48;
	return 0;
}

/* `size` bytes before its mappings; the offset may be odd. */
static uint32_t add_node(unsigned int type, unsigned int revision, uint32_t size)
{
	node_start = used;
	table[used] = (uint8_t)type;
	table[used + 3] = (uint8_t)revision;
	used += size;
	put32(36, get32(36) + 1);
	table[node_start + 1] = (uint8_t)size;
	table[node_start + 2] = (uint8_t)(size >> 8);
	return node_start;
}

/* Of the last node; `count` is minus one. */
static void add_mapping(uint32_t input, uint32_t count, uint32_t output, uint32_t reference, uint32_t flags)
{
	uint32_t length;

	if (get32(node_start + 8) == 0) {
		put32(node_start + 12, used - node_start);
	}
	put32(node_start + 8, get32(node_start + 8) + 1);
	put32(used, input);
	put32(used + 4, count);
	put32(used + 8, output);
	put32(used + 12, reference);
	put32(used + 16, flags);
	used += 20;
	length = used - node_start;
	table[node_start + 1] = (uint8_t)length;
	table[node_start + 2] = (uint8_t)(length >> 8);
}

static uint32_t add_its(void)
{
	uint32_t node = add_node(0, 1, 24);

	put32(node + 16, 1);
	return node;
}

static uint32_t add_smmu(uint32_t base, uint32_t flags, unsigned int revision)
{
	uint32_t node = add_node(4, revision, 68);

	put32(node + 16, base);
	put32(node + 24, flags);
	return node;
}

static uint32_t add_root(uint32_t segment)
{
	uint32_t node = add_node(2, 3, 36);

	put32(node + 28, segment);
	return node;
}

static uint32_t add_component(const char *name)
{
	uint32_t size = 29 + (uint32_t)strlen(name) + 1;
	uint32_t node = add_node(1, 2, size);

	memcpy(&table[node + 29], name, strlen(name));
	return node;
}

static int read_table(void)
{
	put32(4, used);
	sum_table();
	description_init(&description);
	return iort_read(table, used, &description);
}

static void read_good(void)
{
	assert_int_equal(read_table(), 0);
	assert_int_equal(description.streams.source, DESCRIPTION_IORT);
}

/* --- Looking at a description. -------------------------------------------------------------------------------------
 */

static bool warned(const char *part)
{
	for (unsigned int i = 0; i < description.warning_count; i++) {
		if (strstr(description.warning[i].text, part)) {
			return true;
		}
	}
	return false;
}

static bool left_out(const char *list, const char *part)
{
	for (unsigned int i = 0; i < description.warning_count; i++) {
		if (!strcmp(description.warning[i].where, list) && strstr(description.warning[i].text, part)) {
			return true;
		}
	}
	return false;
}

static void assert_stream(uint32_t segment, uint32_t requester_id, uint32_t handle, uint32_t sid)
{
	struct stream_id stream;

	assert_int_equal(description_stream_of(&description.streams, segment, requester_id, &stream), 0);
	assert_int_equal(description.streams.smmu[stream.smmu].handle, handle);
	assert_int_equal(stream.sid, sid);
}

static void assert_no_stream(uint32_t segment, uint32_t requester_id)
{
	struct stream_id stream;

	assert_int_equal(description_stream_of(&description.streams, segment, requester_id, &stream), -ENOENT);
}

static void assert_window(unsigned int index, uint32_t first, uint32_t last, uint32_t sid)
{
	const struct window_description *window = &description.streams.window[index];

	assert_true(index < description.streams.window_count);
	assert_int_equal(window->input_first, first);
	assert_int_equal(window->input_last, last);
	assert_int_equal(window->sid, sid);
}

static void assert_fixed(unsigned int index, const char *master, uint32_t first, uint32_t last, bool single)
{
	const struct fixed_description *fixed = &description.streams.fixed[index];

	assert_true(index < description.streams.fixed_count);
	assert_string_equal(fixed->master, master);
	assert_int_equal(fixed->first, first);
	assert_int_equal(fixed->last, last);
	assert_int_equal(fixed->single, single);
	assert_true(fixed->enabled);
}

/* --- Instances. ----------------------------------------------------------------------------------------------------
 */

static void test_iort_smmu(void **state)
{
	const struct smmu_description *smmu = description.streams.smmu;
	uint32_t node;
	char name[32];

	(void)state;
	node = add_smmu(0x9050000, COHERENT, 4);
	put32(node + 20, 0x12);
	put32(node + 44, 106);
	put32(node + 52, 109);
	add_smmu(0x9150000, 0, 0);
	put32(node_start + 40, 2);
	read_good();
	assert_int_equal(description.streams.smmu_count, 2);
	snprintf(name, sizeof(name), "iort@0x%x", node);
	assert_string_equal(smmu[0].name, name);
	assert_true(smmu[0].has_base && smmu[0].enabled && smmu[0].coherent);
	assert_int_equal(smmu[0].base, 0x1209050000);
	assert_int_equal(smmu[0].size, 0x20000);
	assert_true(smmu[0].eventq.present && smmu[0].eventq.edge);
	assert_int_equal(smmu[0].eventq.intid, 106);
	assert_int_equal(smmu[0].gerror.intid, 109);
	assert_false(smmu[0].priq.present);
	assert_false(smmu[0].sync.present);
	assert_false(smmu[1].coherent);
	assert_int_equal(smmu[1].size, 0x10000); /* CN99xx. */
	assert_int_equal(description.warning_count, 0);
}

static void test_iort_gsivs_that_no_gic_has(void **state)
{
	static const struct {
		uint32_t gsiv;
		bool present;
	} cases[] = {{1, false},    {15, false},   {16, true},	  {31, true},	 {32, true},	     {1019, true},
		     {1020, false}, {1055, false}, {1056, true},  {1119, true},	 {1120, false},	     {4095, false},
		     {4096, true},  {5119, true},  {5120, false}, {8192, false}, {0xffffffff, false}};

	(void)state;
	for (unsigned int i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char text[64];

		begin(NULL);
		put32(add_smmu(0x9050000, 0, 4) + 52, cases[i].gsiv);
		read_good();
		assert_int_equal(description.streams.smmu[0].gerror.present, cases[i].present);
		assert_int_equal(description.streams.smmu[0].gerror.intid, cases[i].present ? cases[i].gsiv : 0);
		assert_int_equal(description.warning_count, !cases[i].present);
		snprintf(text, sizeof(text), "no GIC has interrupt %u, its GSIV at byte 52", cases[i].gsiv);
		assert_int_equal(warned(text), !cases[i].present);
	}
}

static void test_iort_quirks(void **state)
{
	static const unsigned char quirks[] = {0, SMMU_QUIRK_NO_PREFETCH, SMMU_QUIRK_NO_PAGE1 | SMMU_QUIRK_COMBINED_IRQ,
					       0, SMMU_QUIRK_NO_PAGE1};
	const struct smmu_description *smmu = description.streams.smmu;

	(void)state;
	/* An unknown model, too; 2 with an interrupt for each purpose. */
	for (uint32_t model = 0; model < 5; model++) {
		uint32_t node = add_smmu(0x9050000 + model * 0x20000, 0, 4);

		put32(node + 40, model == 4 ? 2 : model);
		for (uint32_t gsiv = 44; gsiv < 60; gsiv += 4) {
			put32(node + gsiv, model == 4 ? gsiv : 106);
		}
	}
	read_good();
	assert_int_equal(description.streams.smmu_count, 5);
	for (unsigned int i = 0; i < 5; i++) {
		assert_int_equal(smmu[i].quirks, quirks[i]);
		assert_int_equal(smmu[i].size, quirks[i] & SMMU_QUIRK_NO_PAGE1 ? 0x10000 : 0x20000);
	}
}

static void test_iort_two_instances_dis_13(void **state)
{
	uint32_t its;
	uint32_t a;
	uint32_t b;

	(void)state;
	its = add_its();
	a = add_smmu(0x9050000, 0, 4);
	add_mapping(0, 0xffff, 0, its, 0);
	b = add_smmu(0x9150000, 0, 4);
	add_mapping(0, 0xffff, 0x10000, its, 0);
	add_root(0);
	add_mapping(0x0, 0x4ff, 0x0, a, 0);
	add_mapping(0x500, 0xff, 0x100, b, 0);
	add_mapping(0x600, 0xf9ff, 0x600, its, 0);
	add_component("\\_SB.DMA0");
	add_mapping(0, 0, 0x10, b, SINGLE);
	add_mapping(0, 3, 0x20, a, 0);
	add_node(6, 1, 28); /* RMR. */
	add_mapping(0, 0, 0x10, b, SINGLE);
	read_good();
	assert_int_equal(description.streams.smmu_count, 2);
	assert_int_equal(description.streams.window_count, 2);
	assert_stream(0, 0x4ff, a, 0x4ff);
	assert_stream(0, 0x500, b, 0x100);
	assert_stream(0, 0x5ff, b, 0x1ff);
	assert_no_stream(0, 0x600);
	assert_no_stream(1, 0);
	assert_string_equal(description.streams.window[0].master, "segment:0");
	assert_int_equal(description.streams.fixed_count, 2);
	assert_fixed(0, "\\_SB.DMA0", 0x10, 0x10, true);
	assert_int_equal(description.streams.smmu[description.streams.fixed[0].smmu].handle, b);
	assert_fixed(1, "\\_SB.DMA0", 0x20, 0x23, false);
	assert_int_equal(description.warning_count, 0);
}

static void test_iort_reads_nodes_in_any_order(void **state)
{
	uint32_t root;
	uint32_t smmu;

	(void)state;
	/* The master first, and odd addresses. */
	add_component("\\_SB.ODD");
	root = add_root(3);
	add_mapping(0, 0xffff, 0x20000, 0, 0);
	smmu = add_smmu(0x9050000, 0, 0);
	put32(root + 36 + 12, smmu);
	assert_int_not_equal(smmu % 4, 0);
	read_good();
	assert_stream(3, 0x1234, smmu, 0x21234);
}

static void test_iort_other_kinds_are_skipped(void **state)
{
	uint32_t old;
	uint32_t smmu;

	(void)state;
	old = add_node(3, 3, 76);
	add_mapping(0, 0xffff, 0, 48, 0);
	smmu = add_smmu(0x9050000, 0, 4);
	put32(old + 76 + 12, smmu);
	add_node(5, 2, 40);
	add_mapping(0, 0, 5, old, SINGLE);
	add_component("\\_SB.GPU0");
	add_mapping(0, 0, 0x30, old, SINGLE);
	add_root(0);
	add_mapping(0, 0xff, 0, old, 0);
	add_mapping(0x100, 0xff, 0, smmu, 0);
	add_node(200, 0, 32);
	read_good();
	assert_int_equal(description.streams.smmu_count, 1);
	assert_int_equal(description.streams.fixed_count, 0);
	assert_int_equal(description.streams.window_count, 1);
	assert_no_stream(0, 0x10);
	assert_stream(0, 0x110, smmu, 0x10);
	assert_true(warned("unknown type"));
}

/* --- ID mappings. --------------------------------------------------------------------------------------------------
 */

static void test_iort_count_instead_of_count_minus_one(void **state)
{
	uint32_t a;
	uint32_t b;

	(void)state;
	a = add_smmu(0x9050000, 0, 4);
	b = add_smmu(0x9150000, 0, 4);
	add_root(0);
	add_mapping(0x000, 0x100, 0x1000, a, 0);
	add_mapping(0x100, 0x100, 0x2000, b, 0);
	add_mapping(0x200, 0x100, 0x3000, a, 0);
	read_good();
	assert_int_equal(description.streams.window_count, 3);
	assert_window(0, 0x000, 0x0ff, 0x1000);
	assert_window(1, 0x100, 0x1ff, 0x2000);
	assert_window(2, 0x200, 0x300, 0x3000);
	begin(NULL);
	a = add_smmu(0x9050000, 0, 4);
	b = add_smmu(0x9150000, 0, 4);
	add_root(0);
	add_mapping(0x200, 0x100, 0x3000, a, 0);
	add_mapping(0x100, 0x100, 0x2000, b, 0);
	add_mapping(0x000, 0x100, 0x1000, a, 0);
	read_good();
	assert_window(0, 0x000, 0x0ff, 0x1000);
	assert_window(1, 0x100, 0x1ff, 0x2000);
	assert_window(2, 0x200, 0x300, 0x3000);
}

static void test_iort_component_count_instead_of_count_minus_one(void **state)
{
	uint32_t smmu;

	(void)state;
	smmu = add_smmu(0x9050000, 0, 4);
	add_component("\\_SB.CAM0");
	add_mapping(0, 4, 0x40, smmu, 0);
	add_mapping(4, 4, 0x80, smmu, 0);
	read_good();
	assert_fixed(0, "\\_SB.CAM0", 0x40, 0x43, false);
	assert_fixed(1, "\\_SB.CAM0", 0x80, 0x84, false);
}

static void test_iort_first_mapping_wins_inside(void **state)
{
	uint32_t a;
	uint32_t b;

	(void)state;
	a = add_smmu(0x9050000, 0, 4);
	b = add_smmu(0x9150000, 0, 4);
	add_root(0);
	add_mapping(0x100, 0xff, 0x0, a, 0);
	add_mapping(0x000, 0xffff, 0x0, b, 0);
	read_good();
	assert_int_equal(description.streams.window_count, 3);
	assert_window(0, 0x000, 0x0ff, 0x0);
	assert_window(1, 0x100, 0x1ff, 0x0);
	assert_window(2, 0x200, 0xffff, 0x200);
	assert_true(warned("overlap"));
}

static void test_iort_neighbours_do_not_overlap(void **state)
{
	uint32_t a;

	(void)state;
	a = add_smmu(0x9050000, 0, 4);
	add_root(0);
	add_mapping(0x000, 0xff, 0x0, a, 0);
	add_mapping(0x100, 0xff, 0x1000, a, 0);
	/* A count that is one too large: it shares an ID with the next. */
	add_mapping(0x200, 0x100, 0x2000, a, 0);
	add_mapping(0x300, 0xff, 0x3000, a, 0);
	read_good();
	assert_false(warned("overlap"));
}

static void test_iort_single_mapping_of_a_root_complex(void **state)
{
	uint32_t a;

	(void)state;
	a = add_smmu(0x9050000, 0, 4);
	add_root(0);
	add_mapping(0x50, 7, 0x77, a, SINGLE);
	read_good();
	assert_int_equal(description.streams.window_count, 1);
	assert_window(0, 0, 0xffff, 0x77);
	assert_true(description.streams.window[0].constant);
	assert_stream(0, 0, a, 0x77);
	assert_stream(0, 0xabcd, a, 0x77);
	begin(NULL);
	a = add_smmu(0x9050000, 0, 4);
	add_root(0);
	add_mapping(0x100, 0xff, 0x100, a, 0);
	add_mapping(0, 0, 0x77, a, SINGLE);
	read_good();
	assert_stream(0, 0xff, a, 0x77);
	assert_stream(0, 0x100, a, 0x100);
	assert_stream(0, 0x1fe, a, 0x1fe);
	assert_stream(0, 0x200, a, 0x77);
}

static void test_iort_single_mapping_uses_its_output_alone(void **state)
{
	uint32_t smmu;

	(void)state;
	smmu = add_smmu(0x9050000, 0, 4);
	add_component("\\_SB.DMA0");
	add_mapping(0x9, 0x100, 0x55, smmu, SINGLE);
	read_good();
	assert_int_equal(description.streams.fixed_count, 1);
	assert_fixed(0, "\\_SB.DMA0", 0x55, 0x55, true);
}

static void test_iort_chains(void **state)
{
	uint32_t smmu;
	uint32_t other;
	uint32_t middle;

	(void)state;
	smmu = add_smmu(0x9050000, 0, 4);
	other = add_smmu(0x9150000, 0, 4);
	middle = add_root(9);
	add_mapping(0x1000, 0x7f, 0x5000, smmu, 0);
	add_mapping(0x1090, 0x6f, 0x6000, other, 0);
	add_root(0);
	add_mapping(0x0, 0xff, 0x1000, middle, 0);
	add_component("\\_SB.DMA0");
	add_mapping(0, 0, 0x1095, middle, SINGLE);
	read_good();
	assert_stream(0, 0x00, smmu, 0x5000);
	assert_stream(0, 0x7f, smmu, 0x507f);
	assert_no_stream(0, 0x80);
	assert_no_stream(0, 0x8f);
	assert_stream(0, 0x90, other, 0x6000);
	assert_stream(0, 0xff, other, 0x606f);
	assert_int_equal(description.streams.fixed_count, 1);
	assert_fixed(0, "\\_SB.DMA0", 0x6005, 0x6005, true);
}

static void test_iort_circles_end(void **state)
{
	uint32_t a;
	uint32_t b;

	(void)state;
	a = add_root(0);
	add_mapping(0, 0xffff, 0, 0, 0);
	b = add_root(1);
	add_mapping(0, 0xffff, 0, a, 0);
	put32(a + 36 + 12, b);
	add_component("\\_SB.DMA0");
	add_mapping(0, 0, 0, node_start, SINGLE);
	read_good();
	assert_true(warned("circle"));
	assert_int_equal(description.streams.window_count, 0);
}

static void test_iort_many_steps_end(void **state)
{
	uint32_t next;

	(void)state;
	/* Each node cuts its input into 32 pieces for one output: 2^30 pieces. */
	next = add_smmu(0x9050000, 0, 4);
	for (unsigned int level = 0; level < 6; level++) {
		uint32_t node = add_root(6 - level);

		for (uint32_t piece = 0; piece < 32; piece++) {
			add_mapping(piece << (5 * level), (1U << (5 * level)) - 1, 0, next, 0);
		}
		next = node;
	}
	read_good();
	assert_true(warned("too many"));
}

/* They are for MSIs, in every revision. */
static void test_iort_device_id_mapping_is_no_stream(void **state)
{
	(void)state;
	for (unsigned int revision = 0; revision <= 5; revision++) {
		uint32_t other;
		uint32_t smmu;

		begin(NULL);
		other = add_smmu(0x9150000, 0, revision);
		smmu = add_smmu(0x9050000, DEVICE_ID_VALID, revision);
		put32(smmu + 64, 0);
		add_mapping(0, 0xffff, 0x10000, other, 0);
		add_mapping(0, 0, 0x10, other, SINGLE);
		add_root(0);
		add_mapping(0, 0xffff, 0, smmu, 0);
		read_good();
		assert_int_equal(description.streams.window_count, 1);
		assert_int_equal(description.streams.fixed_count, 0);
		assert_stream(0, 0xffff, smmu, 0xffff);
	}
}

static void test_iort_second_root_complex_of_a_segment(void **state)
{
	uint32_t smmu;

	(void)state;
	smmu = add_smmu(0x9050000, 0, 4);
	add_root(0);
	add_mapping(0, 0xff, 0, smmu, 0);
	add_root(0);
	add_mapping(0x100, 0xff, 0x100, smmu, 0);
	add_root(1);
	add_mapping(0, 0xff, 0x1000, smmu, 0);
	read_good();
	assert_int_equal(description.streams.window_count, 2);
	assert_no_stream(0, 0x100);
	assert_stream(1, 0x10, smmu, 0x1010);
	assert_true(warned("same segment"));
}

static void test_iort_bad_mappings(void **state)
{
	uint32_t smmu;
	uint32_t root;

	(void)state;
	smmu = add_smmu(0x9050000, 0, 4);
	root = add_root(0);
	add_mapping(0x0, 0xff, 0, smmu + 4, 0); /* Inside a node. */
	add_mapping(0x100, 0xff, 0, 0, 0);
	add_mapping(0x200, 0xff, 0, 0xfffffff0, 0);
	add_mapping(0x300, 0xff, 0xffffff80, smmu, 0);
	add_mapping(0x400, 0xffffffff, 0x400, smmu, 0);
	read_good();
	assert_int_equal(description.streams.window_count, 1);
	assert_stream(0, 0x400, smmu, 0x400);
	assert_true(warned("leads to no node"));
	assert_true(warned("passes the last"));
	put32(root + 8, 0x10000000);
	read_good();
	assert_int_equal(description.streams.window_count, 1);
	assert_true(warned("its 268435456 ID mappings pass the node's end: room for 5"));
	put32(root + 8, 1);
	put32(root + 12, 0xfffffff0);
	read_good();
	assert_true(warned("its 1 ID mappings pass the node's end: room for 0"));
	put32(root + 12, 4);
	read_good();
	assert_true(warned("over the node's header"));
}

/* What lies behind a node is no mapping of its, whatever its kind; the rest of the node is read. */
static void test_iort_more_mappings_than_the_node_has(void **state)
{
	uint32_t its;
	uint32_t smmu;

	(void)state;
	its = add_its();
	smmu = add_smmu(0x9050000, 0, 0);
	add_mapping(0, 0xffff, 0, its, 0);
	put32(smmu + 8, 2);
	add_node(5, 2, 40);
	add_mapping(0, 0, 5, its, SINGLE);
	put32(node_start + 8, 3);
	add_root(0);
	add_mapping(0, 0xff, 0x1000, smmu, 0);
	put32(node_start + 8, 2);
	read_good();
	assert_int_equal(description.warning_count, 3);
	assert_string_equal(description.warning[0].where, "iort@0x48");
	assert_string_equal(description.warning[0].text, "its 2 ID mappings pass the node's end: room for 1");
	assert_string_equal(description.warning[1].text, "its 3 ID mappings pass the node's end: room for 1");
	assert_string_equal(description.warning[2].text, "its 2 ID mappings pass the node's end: room for 1");
	assert_int_equal(description.streams.window_count, 1);
	assert_stream(0, 0xff, smmu, 0x10ff);
}

/* What wraps is beyond the last requester ID: nothing is lost. */
static void test_iort_ids_that_no_function_emits_wrap(void **state)
{
	uint32_t smmu;
	uint32_t middle;

	(void)state;
	smmu = add_smmu(0x9050000, 0, 4);
	add_root(0);
	add_mapping(0, 0xffffffff, 0x10000, smmu, 0);
	middle = add_root(1);
	add_mapping(0x10000, 0xfffeffff, 0x20000, smmu, 0); /* Only what comes from segment 2. */
	add_root(2);
	add_mapping(0x8000, 0xffff7fff, 0x18000, middle, 0);
	read_good();
	assert_int_equal(description.warning_count, 0);
	assert_int_equal(description.streams.window_count, 2);
	assert_window(0, 0, 0xffff, 0x10000);
	assert_window(1, 0x8000, 0xffff, 0x28000);
	/* It wraps within the requester IDs. */
	begin(NULL);
	smmu = add_smmu(0x9050000, 0, 4);
	add_root(0);
	add_mapping(0, 0xffffffff, 0xffff0001, smmu, 0);
	read_good();
	assert_true(warned("passes the last"));
	assert_int_equal(description.streams.window_count, 0);
}

static void test_iort_bad_nodes(void **state)
{
	uint32_t smmu;

	(void)state;
	add_node(4, 0, 56); /* Too short for an SMMUv3, */
	add_node(2, 0, 28); /* a root complex, */
	add_node(1, 0, 24); /* a named component. */
	smmu = add_component("\\_SB.LONG");
	memset(&table[smmu + 29], 'A', used - smmu - 29);
	smmu = add_smmu(0x9050000, 0, 4);
	add_root(0);
	add_mapping(0, 0xff, 0, smmu, 0);
	read_good();
	assert_int_equal(description.streams.smmu_count, 1);
	assert_int_equal(description.warning_count, 4);
	assert_stream(0, 0xff, smmu, 0xff);
}

static void test_iort_more_than_fits(void **state)
{
	uint32_t smmu = 0;
	uint32_t its;

	(void)state;
	for (uint32_t i = 0; i < 70; i++) {
		smmu = add_smmu(0x9050000 + i * 0x20000, 0, 4);
	}
	its = add_its();
	add_root(0);
	for (uint32_t i = 0; i < 600; i++) {
		add_mapping(2 * i, 0, i, 48, 0);
	}
	add_component("\\_SB.DMA0");
	for (uint32_t i = 0; i < 600; i++) {
		add_mapping(0, 0, i, i % 2 ? 48 : its, SINGLE);
	}
	add_mapping(0, 0, 1, smmu, SINGLE);
	read_good();
	assert_int_equal(description.streams.smmu_count, DESCRIPTION_SMMUS_MAX);
	assert_int_equal(description.streams.window_count, DESCRIPTION_WINDOWS_MAX);
	assert_int_equal(description.streams.fixed_count, 300);
	assert_true(left_out("SMMUs", "6 more"));
	assert_true(left_out("ranges of requester IDs", "88 more"));
}

/* --- Compared with the rule itself, for each ID. -------------------------------------------------------------------
 */

static uint32_t random_state = 3;

static uint32_t random_below(uint32_t limit)
{
	random_state = random_state * 1664525U + 1013904223U;
	return (random_state >> 8) % limit;
}

struct plain_mapping {
	uint32_t input;
	uint32_t count;
	uint32_t output;
	unsigned int target;
};

/* First match wins, but a match on the last ID of several yields to a later mapping that starts there. */
static const struct plain_mapping *expected(const struct plain_mapping *list, size_t count, uint32_t id)
{
	const struct plain_mapping *provisional = NULL;

	for (const struct plain_mapping *at = list; at < list + count; at++) {
		if (id < at->input || id > at->input + at->count || (provisional && id != at->input)) {
			continue;
		}
		provisional = at;
		if (at->count == 0 || id != at->input + at->count) {
			return at;
		}
	}
	return provisional;
}

static void test_iort_random_mappings(void **state)
{
	struct plain_mapping list[12];

	(void)state;
	for (unsigned int round = 0; round < 300; round++) {
		uint32_t smmu[2];

		begin(NULL);
		smmu[0] = add_smmu(0x9050000, 0, 4);
		smmu[1] = add_smmu(0x9150000, 0, 4);
		add_root(0);
		for (unsigned int i = 0; i < 12; i++) {
			list[i] = (struct plain_mapping){random_below(60), random_below(20), random_below(1000),
							 random_below(2)};
			add_mapping(list[i].input, list[i].count, list[i].output, smmu[list[i].target], 0);
		}
		read_good();
		for (uint32_t id = 0; id < 100; id++) {
			const struct plain_mapping *mapping = expected(list, 12, id);

			if (mapping) {
				assert_stream(0, id, smmu[mapping->target], mapping->output + (id - mapping->input));
			} else {
				assert_no_stream(0, id);
			}
		}
		for (unsigned int i = 1; i < description.streams.window_count; i++) {
			assert_true(description.streams.window[i - 1].input_last <
				    description.streams.window[i].input_first);
		}
	}
}

/* --- Damage. -------------------------------------------------------------------------------------------------------
 */

static void build_typical(void)
{
	uint32_t its;
	uint32_t a;
	uint32_t b;

	begin(NULL);
	its = add_its();
	a = add_smmu(0x9050000, COHERENT, 5);
	add_mapping(0, 0xffff, 0, its, 0);
	b = add_smmu(0x9150000, 0, 1);
	add_node(3, 3, 76);
	add_node(5, 2, 40);
	add_root(0);
	add_mapping(0, 0x4ff, 0, a, 0);
	add_mapping(0x500, 0xff, 0x500, b, 0);
	add_component("\\_SB.DMA0");
	add_mapping(0, 0, 0x10, b, SINGLE);
	add_node(6, 1, 28);
	put32(4, used);
	sum_table();
}

/* Exact size: the sanitiser sees overruns. */
static int read_copy(const uint8_t *bytes, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);
	int result;

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	description_init(&description);
	result = iort_read(copy, size, &description);
	free(copy);
	return result;
}

static void assert_refused(const char *part)
{
	assert_int_equal(description.streams.smmu_count, 0);
	assert_int_equal(description.streams.window_count, 0);
	assert_true(warned(part));
}

static void test_iort_refuses(void **state)
{
	(void)state;
	build_typical();
	assert_int_equal(read_copy(table, used), 0);
	table[0] = 'X';
	assert_int_equal(read_copy(table, used), -EINVAL);
	assert_refused("no IORT");
	build_typical();
	put32(36, get32(36) + 1); /* One node too many. */
	sum_table();
	assert_int_equal(read_copy(table, used), -EINVAL);
	assert_refused("node");
	build_typical();
	table[49] = 0;
	sum_table();
	assert_int_equal(read_copy(table, used), -EINVAL);
	assert_refused("node");
	build_typical();
	put32(40, 0xffffffff);
	sum_table();
	assert_int_equal(read_copy(table, used), -EINVAL);
	assert_refused("node");
	build_typical();
	table[node_start + 1]++;
	sum_table();
	assert_int_equal(read_copy(table, used), -EINVAL);
	assert_refused("node");
	begin(NULL);
	assert_int_equal(read_table(), 0);
}

/* Read all the same, as by Linux: what is right is told. */
static void test_iort_wrong_checksum(void **state)
{
	char text[64];

	(void)state;
	build_typical();
	snprintf(text, sizeof(text), "wrong checksum: it is 0x%x, right would be 0x%x", (table[9] + 5) & 0xff,
		 table[9]);
	table[9] = (uint8_t)(table[9] + 5);
	assert_int_equal(read_copy(table, used), 0);
	assert_true(warned(text));
	assert_int_equal(description.warning_count, 2); /* And of the RMR. */
	assert_int_equal(description.streams.smmu_count, 2);
	assert_int_equal(description.streams.window_count, 2);
}

static void test_iort_every_prefix(void **state)
{
	uint32_t size;

	(void)state;
	build_typical();
	size = used;
	for (uint32_t length = 0; length < size; length++) {
		build_typical();
		assert_int_equal(read_copy(table, length), -EINVAL);
		/* The header agrees with the length. */
		if (length >= 12) {
			put32(4, length);
			sum_table();
			read_copy(table, length);
		}
	}
	build_typical();
	assert_int_equal(read_copy(table, size), 0);
	assert_int_equal(description.streams.smmu_count, 2);
}

static void test_iort_damaged_bytes(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < 30000; round++) {
		build_typical();
		for (unsigned int i = 0; i < 1 + round % 4; i++) {
			table[random_below(used)] = (uint8_t)random_below(256);
		}
		if (get32(4) <= used) {
			sum_table();
		}
		read_copy(table, used);
	}
}

static uint32_t add_rmr(unsigned int regions)
{
	uint32_t node = add_node(6, 3, 28 + 20 * regions);

	put32(node + 20, regions);
	put32(node + 24, 28);
	return node;
}

/* Listed without a warning: neither SMMUv3 nor master. */
static void test_iort_passed_over(void **state)
{
	(void)state;
	(void)add_node(3, 0, 76);
	(void)add_smmu(0x9050000, 0, 4);
	(void)add_node(5, 1, 40);
	(void)add_node(7, 0, 28);
	assert_int_equal(read_table(), 0);
	assert_int_equal(description.warning_count, 0);
	assert_int_equal(description.note_count, 3);
	assert_non_null(strstr(description.note[2].text, "GICv5"));
	assert_string_equal(description.note[0].where, "iort@0x30");
	assert_non_null(strstr(description.note[0].text, "SMMUv2"));
	assert_non_null(strstr(description.note[1].text, "PMCG"));
}

/* Many root complexes with as many mappings as there is room for: they end, with a warning. */
static void test_iort_many_mappings_end(void **state)
{
	uint32_t smmu = add_smmu(0x9050000, 0, 4);

	(void)state;
	for (uint32_t segment = 0; segment < 4; segment++) {
		(void)add_root(segment);
		for (uint32_t i = 0; i < 400; i++) {
			add_mapping(i * 2, 0, i * 2, smmu, 0);
		}
	}
	assert_int_equal(read_table(), 0);
	assert_int_equal(description.streams.window_count, DESCRIPTION_WINDOWS_MAX);
	assert_true(left_out("ranges of requester IDs", "1088 more"));
}

static void test_iort_one_id_twice(void **state)
{
	uint32_t one = add_smmu(0x9050000, 0, 4);
	uint32_t other = add_smmu(0x9070000, 0, 4);

	(void)state;
	(void)add_root(0);
	add_mapping(8, 0, 8, one, 0);
	add_mapping(8, 0, 9, other, 0);
	assert_int_equal(read_table(), 0);
	assert_true(warned("overlap"));
	(void)add_root(1);
	add_mapping(0, 0, 5, one, SINGLE);
	add_mapping(0, 0xff, 0, other, 0);
	put32(one + 68 * 2 + 8, 0);
	assert_int_equal(read_table(), 0);
	assert_true(warned("overlap"));
}

static void set_region(uint32_t node, unsigned int i, uint32_t base, uint32_t size)
{
	put32(node + 28 + 20 * i, base);
	put32(node + 28 + 20 * i + 8, size);
}

static void test_iort_direct_regions(void **state)
{
	uint32_t smmu = add_smmu(0x9050000, 0, 4);
	uint32_t rmr = add_rmr(2);

	(void)state;
	set_region(rmr, 0, 0x80000000, 0x10000);
	set_region(rmr, 1, 0x90000800, 0x1000);
	add_mapping(0, 0, 0x20, smmu, 1);
	add_mapping(0, 3, 0x40, smmu, 0);
	assert_int_equal(read_table(), 0);
	assert_int_equal(description.streams.direct_count, 4);
	assert_int_equal(description.streams.fixed_count, 0);
	for (unsigned int i = 0; i < 4; i++) {
		const struct direct_description *direct = &description.streams.direct[i];

		assert_int_equal(direct->smmu, 0);
		assert_int_equal(direct->first, i < 2 ? 0x20 : 0x40);
		assert_int_equal(direct->last, i < 2 ? 0x20 : 0x43);
		assert_true(direct->mapped);
		assert_int_equal(direct->base, i % 2 ? 0x90000800 : 0x80000000);
		assert_int_equal(direct->size, i % 2 ? 0x1000 : 0x10000);
		assert_int_equal(description_direct_pages(direct).base, i % 2 ? 0x90000000 : 0x80000000);
		assert_int_equal(description_direct_pages(direct).size, i % 2 ? 0x2000 : 0x10000);
	}
}

/* As Linux's iort_node_get_rmr_info() has it: not as a component's. */
static void test_iort_streams_of_a_region(void **state)
{
	const struct direct_description *direct = description.streams.direct;
	uint32_t smmu = add_smmu(0x9050000, 0, 4);
	uint32_t rmr;

	(void)state;
	rmr = add_rmr(1);
	set_region(rmr, 0, 0x80000000, 0x10000);
	add_mapping(0, 1, 0x100, smmu, 0);
	add_mapping(1, 0, 0x200, smmu, 0); /* No reason to take a stream from the first. */
	add_mapping(0, 3, 0x300, smmu, SINGLE);
	add_mapping(0xffffffff, 3, 0x400, smmu, 0);
	assert_int_equal(read_table(), 0);
	assert_int_equal(description.warning_count, 0);
	assert_int_equal(description.streams.direct_count, 4);
	for (unsigned int i = 0; i < 4; i++) {
		static const uint32_t lasts[] = {0x101, 0x200, 0x303, 0x403};

		assert_int_equal(direct[i].first, 0x100 * (i + 1));
		assert_int_equal(direct[i].last, lasts[i]);
	}
}

static void test_iort_region_of_no_stream(void **state)
{
	uint32_t its = add_its();
	uint32_t smmu = add_smmu(0x9050000, 0, 4);
	uint32_t root = add_root(0);
	uint32_t rmr;

	(void)state;
	add_mapping(0, 0xff, 0x100, smmu, 0);
	rmr = add_rmr(1);
	set_region(rmr, 0, 0x80000000, 0x10000);
	read_good();
	assert_true(warned("without an ID mapping"));
	add_mapping(0, 0, 0x10, its, SINGLE);
	read_good();
	assert_true(warned("lead to an ITS group"));
	/* By way of a root complex, too. */
	put32(used - 8, root);
	read_good();
	assert_true(warned("lead to no SMMUv3"));
	assert_int_equal(description.warning_count, 1);
	assert_int_equal(description.streams.direct_count, 0);
}

static void test_iort_direct_regions_outside_the_node(void **state)
{
	uint32_t smmu = add_smmu(0x9050000, 0, 4);
	uint32_t rmr = add_rmr(1);

	(void)state;
	set_region(rmr, 0, 0x80000000, 0);
	add_mapping(0, 0, 0x20, smmu, 1);
	assert_int_equal(read_table(), 0);
	assert_int_equal(description.streams.direct_count, 0);
	assert_int_equal(description.warning_count, 1);
	put32(rmr + 20, 0x10000000);
	assert_int_equal(read_table(), 0);
	assert_non_null(strstr(description.warning[0].text, "outside the node"));
	put32(rmr + 20, 1);
	put32(rmr + 24, 0xfffffff0);
	assert_int_equal(read_table(), 0);
	assert_non_null(strstr(description.warning[0].text, "outside the node"));
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_iort_passed_over),
		TEST(test_iort_many_mappings_end),
		TEST(test_iort_one_id_twice),
		TEST(test_iort_direct_regions),
		TEST(test_iort_streams_of_a_region),
		TEST(test_iort_region_of_no_stream),
		TEST(test_iort_direct_regions_outside_the_node),
		TEST(test_iort_smmu),
		TEST(test_iort_gsivs_that_no_gic_has),
		TEST(test_iort_quirks),
		TEST(test_iort_two_instances_dis_13),
		TEST(test_iort_reads_nodes_in_any_order),
		TEST(test_iort_other_kinds_are_skipped),
		TEST(test_iort_count_instead_of_count_minus_one),
		TEST(test_iort_component_count_instead_of_count_minus_one),
		TEST(test_iort_first_mapping_wins_inside),
		TEST(test_iort_neighbours_do_not_overlap),
		TEST(test_iort_single_mapping_of_a_root_complex),
		TEST(test_iort_single_mapping_uses_its_output_alone),
		TEST(test_iort_chains),
		TEST(test_iort_circles_end),
		TEST(test_iort_many_steps_end),
		TEST(test_iort_device_id_mapping_is_no_stream),
		TEST(test_iort_second_root_complex_of_a_segment),
		TEST(test_iort_bad_mappings),
		TEST(test_iort_more_mappings_than_the_node_has),
		TEST(test_iort_ids_that_no_function_emits_wrap),
		TEST(test_iort_bad_nodes),
		TEST(test_iort_more_than_fits),
		TEST(test_iort_random_mappings),
		TEST(test_iort_refuses),
		TEST(test_iort_wrong_checksum),
		TEST(test_iort_every_prefix),
		TEST(test_iort_damaged_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
