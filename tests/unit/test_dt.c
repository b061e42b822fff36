/* SPDX-License-Identifier: BSD-2-Clause */
/* The device tree reader, on one full board and on changes of it. */
#include <errno.h>
#include <libfdt.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "firmware/dt.h"
#include "firmware/dt_tree.h"

#define TREE_SIZE 0x10000U
#define PCIE "/pcie@10000000"
#define SMMU_A "/soc/iommu@9050000"
#define SMMU_B "/soc/bus@40000000/iommu@100000"
#define DISPLAY "/soc/display@9300000"
#define NODE_BYTES 8192U

static _Alignas(8) uint8_t tree[TREE_SIZE];
static struct description description;

/* --- Getting and changing a tree. ----------------------------------------------------------------------------------
 */

static int load(void **state)
{
	static _Alignas(8) uint8_t file[TREE_SIZE];
	FILE *stream = fopen(TEST_DATA_DIR "/dt_board.dtb", "rb");

	(void)state;
	assert_non_null(stream);
	assert_true(fread(file, 1, sizeof(file), stream) > 0);
	fclose(stream);
	assert_int_equal(fdt_open_into(file, tree, sizeof(tree)), 0);
	return 0;
}

static int node(const char *path)
{
	int offset = fdt_path_offset(tree, path);

	assert_true(offset >= 0);
	return offset;
}

static uint32_t phandle(const char *path)
{
	uint32_t value = fdt_get_phandle(tree, node(path));

	assert_int_not_equal(value, 0);
	return value;
}

static void set_list(const char *path, const char *property, const uint32_t *cells, size_t count)
{
	fdt32_t list[512];

	assert_true(count <= sizeof(list) / sizeof(list[0]));
	for (size_t i = 0; i < count; i++) {
		list[i] = cpu_to_fdt32(cells[i]);
	}
	assert_int_equal(fdt_setprop(tree, node(path), property, list, (int)(count * 4)), 0);
}

#define SET(path, property, ...)                                                                                       \
	set_list(path, property, (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4)

static void set_text(const char *path, const char *property, const char *text)
{
	assert_int_equal(fdt_setprop(tree, node(path), property, text, (int)strlen(text) + 1), 0);
}

static void set_raw(const char *path, const char *property, const char *bytes, int size)
{
	assert_int_equal(fdt_setprop(tree, node(path), property, bytes, size), 0);
}

static void drop(const char *path, const char *property)
{
	assert_int_equal(fdt_delprop(tree, node(path), property), 0);
}

static void add_node(const char *parent, const char *name)
{
	assert_true(fdt_add_subnode(tree, node(parent), name) >= 0);
}

static void read_tree(void)
{
	assert_int_equal(dt_check(tree, sizeof(tree)), 0);
	description_init(&description);
	assert_int_equal(dt_read(tree, &description), 0);
}

/* --- Looking at a description. -------------------------------------------------------------------------------------
 */

static unsigned int smmu(const char *name)
{
	for (unsigned int i = 0; i < description.streams.smmu_count; i++) {
		if (!strcmp(description.streams.smmu[i].name, name)) {
			return i;
		}
	}
	fail_msg("no instance %s", name);
	return 0;
}

static const struct smmu_description *instance(const char *name)
{
	return &description.streams.smmu[smmu(name)];
}

static bool warned(const char *where, const char *part)
{
	for (unsigned int i = 0; i < description.warning_count; i++) {
		if (!strcmp(description.warning[i].where, where) && strstr(description.warning[i].text, part)) {
			return true;
		}
	}
	return false;
}

static unsigned int fixed_of(const char *master)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < description.streams.fixed_count; i++) {
		count += !strcmp(description.streams.fixed[i].master, master);
	}
	return count;
}

static unsigned int windows_of(const char *master)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < description.streams.window_count; i++) {
		count += !strcmp(description.streams.window[i].master, master);
	}
	return count;
}

static void assert_stream(uint32_t segment, uint32_t requester_id, const char *name, uint32_t sid)
{
	struct stream_id stream;

	assert_int_equal(description_stream_of(&description.streams, segment, requester_id, &stream), 0);
	assert_int_equal(stream.smmu, smmu(name));
	assert_int_equal(stream.sid, sid);
}

static void assert_no_stream(uint32_t segment, uint32_t requester_id)
{
	struct stream_id stream;

	assert_int_equal(description_stream_of(&description.streams, segment, requester_id, &stream), -ENOENT);
}

static void assert_windows_resolved(void)
{
	const struct window_description *window = description.streams.window;

	for (unsigned int i = 0; i < description.streams.window_count; i++) {
		assert_true(window[i].input_first <= window[i].input_last);
		if (i > 0 && !strcmp(window[i].master, window[i - 1].master)) {
			assert_true(window[i - 1].input_last < window[i].input_first);
		}
	}
}

static void assert_range(struct range_description range, uint64_t base, uint64_t size)
{
	assert_int_equal(range.base, base);
	assert_int_equal(range.size, size);
}

/* --- The machine. --------------------------------------------------------------------------------------------------
 */

static void test_dt_memory(void **state)
{
	(void)state;
	read_tree();
	assert_int_equal(description.memory_count, 3);
	assert_range(description.memory[0], 0x40000000, 0x40000000);
	assert_range(description.memory[1], 0x880000000, 0x100000000);
	assert_range(description.memory[2], 0x1000000000, 0x10000000);
	assert_int_equal(description.reserved_count, 2);
	assert_range(description.reserved[0], 0x40000000, 0x10000);
	assert_range(description.reserved[1], 0x50000000, 0x100000);
}

static void test_dt_memory_overflow_and_excess(void **state)
{
	uint32_t many[4 * (DESCRIPTION_MEMORY_MAX + 1)];

	(void)state;
	for (unsigned int i = 0; i <= DESCRIPTION_MEMORY_MAX; i++) {
		memcpy(&many[4 * i], (const uint32_t[]){0, 0x1000 * i, 0, 0x1000}, 16);
	}
	SET("/memory@1000000000", "reg", 0xffffffff, 0xfffff000, 0, 0x2000);
	read_tree();
	assert_int_equal(description.memory_count, 2);
	assert_true(warned("/memory@1000000000", "reg"));
	set_list("/memory@1000000000", "reg", many, 4 * (DESCRIPTION_MEMORY_MAX + 1));
	read_tree();
	assert_int_equal(description.memory_count, DESCRIPTION_MEMORY_MAX);
	assert_true(warned("ranges of memory", "3 more than can be listed: left out"));
}

static void test_dt_reserved_without_an_address(void **state)
{
	(void)state;
	SET("/reserved-memory", "#size-cells", 1);
	read_tree();
	assert_true(warned("/reserved-memory/firmware@50000000",
			   "reg: on the way to its address: the last entry is cut off"));
	SET("/reserved-memory", "#size-cells", 9);
	read_tree();
	assert_int_equal(description.reserved_count, 1);
	assert_true(warned("/reserved-memory/firmware@50000000", "reg: has no address that a core can reach"));
	assert_false(warned("/reserved-memory/pool", "reg"));
	SET("/reserved-memory", "#size-cells", 2);
	drop("/reserved-memory", "ranges");
	read_tree();
	assert_true(warned("/reserved-memory/firmware@50000000", "reg: has no address that a core can reach"));
}

static void test_dt_reserves_an_initrd(void **state)
{
	(void)state;
	SET("/chosen", "linux,initrd-start", 0x48000000);
	SET("/chosen", "linux,initrd-end", 0, 0x48100000);
	read_tree();
	assert_int_equal(description.reserved_count, 3);
	assert_range(description.reserved[1], 0x48000000, 0x100000);
	SET("/chosen", "linux,initrd-end", 0, 0x48000000);
	read_tree();
	assert_int_equal(description.reserved_count, 2);
	SET("/chosen", "linux,initrd-end", 0, 0, 0x48100000);
	read_tree();
	assert_int_equal(description.reserved_count, 2);
}

/* Either may come first, /memory or /chosen. */
static void test_dt_leaves_a_dead_kernels_memory_alone(void **state)
{
	(void)state;
	SET("/chosen", "linux,usable-memory-range", 0, 0x70000000, 0, 0x8000000, 1, 0, 0, 0x4000000);
	SET("/chosen", "linux,elfcorehdr", 0, 0x77fff000, 0, 0x1000);
	read_tree();
	assert_int_equal(description.memory_count, 2);
	assert_range(description.memory[0], 0x70000000, 0x8000000);
	assert_range(description.memory[1], 0x100000000, 0x4000000);
	assert_int_equal(description.reserved_count, 3);
	assert_range(description.reserved[1], 0x77fff000, 0x1000);
	SET("/chosen", "linux,usable-memory-range", 0);
	read_tree();
	assert_int_equal(description.memory_count, 0);
	assert_true(warned("/chosen", "linux,usable-memory-range"));
}

static void test_dt_more_reserved_than_can_be_listed_reserves_everything(void **state)
{
	uint32_t many[4 * (DESCRIPTION_MEMORY_MAX + 1)];

	(void)state;
	for (unsigned int i = 0; i <= DESCRIPTION_MEMORY_MAX; i++) {
		memcpy(&many[4 * i], (const uint32_t[]){0, 0x40000000 + 0x1000 * i, 0, 0x1000}, 16);
	}
	set_list("/reserved-memory/firmware@50000000", "reg", many, 4 * (DESCRIPTION_MEMORY_MAX + 1));
	read_tree();
	assert_int_equal(description.reserved_count, DESCRIPTION_MEMORY_MAX);
	assert_true(warned("ranges of memory", "2 more than can be listed: left out"));
	assert_range(description.reserved[0], 0, 1ULL << 40);
}

/* --- Cells and ranges. ---------------------------------------------------------------------------------------------
 */

static bool has_memory(uint64_t base, uint64_t size)
{
	for (unsigned int i = 0; i < description.memory_count; i++) {
		if (description.memory[i].base == base && description.memory[i].size == size) {
			return true;
		}
	}
	return false;
}

static void test_dt_size_cells_of_an_ancestor(void **state)
{
	(void)state;
	drop("/reserved-memory", "#size-cells");
	read_tree();
	assert_int_equal(description.reserved_count, 2);
	assert_range(description.reserved[1], 0x50000000, 0x100000);
	/* No ancestor has one: 1. */
	drop("/", "#size-cells");
	SET("/memory@1000000000", "reg", 0x10, 0, 0x3000);
	read_tree();
	assert_true(has_memory(0x1000000000, 0x3000));
}

static void test_dt_four_address_cells(void **state)
{
	(void)state;
	SET("/reserved-memory", "#address-cells", 4);
	SET("/reserved-memory/firmware@50000000", "reg", 0, 0, 1, 0x50000000, 0, 0x100000);
	read_tree();
	assert_int_equal(description.reserved_count, 2);
	assert_range(description.reserved[1], 0x150000000, 0x100000);
	SET("/reserved-memory", "#address-cells", 5);
	SET("/reserved-memory/firmware@50000000", "reg", 0, 0, 0, 1, 0x50000000, 0, 0x100000);
	read_tree();
	assert_int_equal(description.reserved_count, 1);
}

/* Bytes behind the property are no size. */
static void test_dt_range_cut_off(void **state)
{
	(void)state;
	SET("/soc", "ranges", 0x40000000, 1, 0x40000000, 0x40000000, 0x9000000, 0, 0x9000000);
	read_tree();
	assert_int_equal(description.console.kind, CONSOLE_NONE);
	assert_true(description.warning_count > 0);
}

/* --- Lists that are just full. -------------------------------------------------------------------------------------
 */

static void test_dt_hosts_fill_their_list(void **state)
{
	char name[32];

	(void)state;
	for (unsigned int i = 0; i < DESCRIPTION_HOSTS_MAX - 1; i++) {
		(void)snprintf(name, sizeof(name), "/pcie@%x0000000", i + 3);
		add_node("/", name + 1);
		set_text(name, "compatible", "pci-host-ecam-generic");
		set_text(name, "device_type", "pci");
		SET(name, "#address-cells", 3);
		SET(name, "#size-cells", 2);
		SET(name, "linux,pci-domain", 10 + i);
		SET(name, "reg", 0x100, 0x100000 * i, 0, 0x100000);
		if (i < DESCRIPTION_HOSTS_MAX - 2) {
			continue;
		}
		read_tree();
		assert_int_equal(description.host_count, DESCRIPTION_HOSTS_MAX);
		assert_true(warned("PCI hosts", "1 more than can be listed: left out"));
	}
}

static const struct direct_description a_region = {.base = 0x1000, .size = 0x1000, .where = "region"};

static void test_description_regions_fill_their_list(void **state)
{
	(void)state;
	description_init(&description);
	for (unsigned int i = 0; i < DESCRIPTION_DIRECTS_MAX; i++) {
		description_add_direct(&description, &a_region);
	}
	assert_int_equal(description.streams.direct_count, DESCRIPTION_DIRECTS_MAX);
	assert_int_equal(description.warning_count, 0);
	description_add_direct(&description, &a_region);
	assert_int_equal(description.streams.direct_count, DESCRIPTION_DIRECTS_MAX);
	description_add_direct(&description, &a_region);
	description_warn_left_out(&description);
	assert_true(warned("direct regions", "2 more than can be listed: left out"));
	description_warn_left_out(&description);
	assert_int_equal(description.warning_count, 1);
	description_add_direct(&description, &a_region);
	description_warn_left_out(&description);
	assert_true(warned("direct regions", "1 more than can be listed: left out"));
	description_clear_streams(&description);
	assert_int_equal(description.streams.direct_count, 0);
}

static void test_description_names_fill_their_room(void **state)
{
	static char name[DESCRIPTION_NAMES_SIZE];
	const char *kept;

	(void)state;
	description_init(&description);
	memset(name, 'x', sizeof(name));
	name[DESCRIPTION_NAMES_SIZE - 3] = '\0'; /* With its zero it leaves two bytes. */
	kept = description_name(&description, name);
	assert_string_equal(kept, name);
	assert_string_equal(description_name(&description, "ab"), "?");
	assert_int_equal(description.warnings_lost, 1);
	assert_string_equal(description_name(&description, "a"), "a");
	assert_int_equal(description.names_used, DESCRIPTION_NAMES_SIZE);
	assert_string_equal(description_name(&description, ""), "?");
	assert_string_equal(description_name(&description, "a"), "a");
	assert_ptr_equal(description_name(&description, name), kept);
	for (unsigned int list = 0; list < LISTS; list++) {
		description.left_out[list] = UINT_MAX - list;
	}
	description_warn_left_out(&description);
	assert_int_equal(description.warnings_lost, 2);
	assert_true(warned("MSIs", "4294967287 more than can be listed: left out"));
	assert_string_equal(description_name(&description, "b"), "?");
}

static void test_description_warnings_fill_their_list(void **state)
{
	char text[8];

	(void)state;
	description_init(&description);
	for (unsigned int i = 0; i <= DESCRIPTION_WARNINGS_MAX; i++) {
		assert_int_equal(description.warnings_lost, 0);
		(void)snprintf(text, sizeof(text), "%u", i);
		description_warn(&description, "table", text);
		description_warn(&description, "table", text);
	}
	assert_int_equal(description.warning_count, DESCRIPTION_WARNINGS_MAX);
	assert_string_equal(description.warning[DESCRIPTION_WARNINGS_MAX - 1].text, "63");
	assert_true(description.warnings_lost > 0);
	for (unsigned int list = 0; list < LISTS; list++) {
		description_leave_out(&description, list);
	}
	description_warn_left_out(&description);
	assert_int_equal(description.warning_count, DESCRIPTION_WARNINGS_MAX + LISTS);
	assert_true(warned("ranges of memory", "1 more than can be listed: left out"));
	assert_true(warned("MSIs", "1 more than can be listed: left out"));
}

static void test_dt_cores(void **state)
{
	(void)state;
	read_tree();
	assert_int_equal(description.core_count, 3);
	assert_int_equal(description.core[2].affinity, 0x100);
	assert_true(description.core[0].enabled);
	assert_false(description.core[1].enabled);
	SET("/cpus", "#address-cells", 2);
	SET("/cpus/cpu@0", "reg", 1, 2);
	read_tree();
	assert_int_equal(description.core_count, 1);
	assert_int_equal(description.core[0].affinity, 0x100000002);
	assert_true(warned("/cpus/cpu@1", "reg"));
}

static void test_dt_console_through_alias_and_ranges(void **state)
{
	(void)state;
	read_tree();
	assert_int_equal(description.console.kind, CONSOLE_PL011);
	assert_int_equal(description.console.base, 0x9000000);
	set_text("/chosen", "stdout-path", "/soc/bus@40000000/serial@5000:9600");
	add_node("/soc/bus@40000000", "serial@5000");
	set_text("/soc/bus@40000000/serial@5000", "compatible", "snps,dw-apb-uart");
	SET("/soc/bus@40000000/serial@5000", "reg", 0x5000, 0x100);
	SET("/soc/bus@40000000/serial@5000", "reg-shift", 2);
	read_tree();
	assert_int_equal(description.console.kind, CONSOLE_16550);
	assert_int_equal(description.console.base, 0x150005000);
	assert_int_equal(description.console.reg_shift, 2);
	/* TI's needs only the compatible; a property overrides. */
	set_text("/soc/bus@40000000/serial@5000", "compatible", "ti,j721e-uart");
	fdt_delprop(tree, fdt_path_offset(tree, "/soc/bus@40000000/serial@5000"), "reg-shift");
	read_tree();
	assert_int_equal(description.console.kind, CONSOLE_16550);
	assert_int_equal(description.console.reg_shift, 2);
	SET("/soc/bus@40000000/serial@5000", "reg-shift", 0);
	read_tree();
	assert_int_equal(description.console.reg_shift, 0);
	assert_int_equal(description.console.reg_io_width, 0);
	SET("/soc/bus@40000000/serial@5000", "reg-io-width", 4);
	SET("/soc/bus@40000000/serial@5000", "reg-offset", 0x40);
	read_tree();
	assert_int_equal(description.console.reg_io_width, 4);
	assert_int_equal(description.console.base, 0x150005040);
}

/* If no name is "virt", the third is the virtual timer's. */
static void test_dt_names_of_interrupts(void **state)
{
	static const struct {
		const char *bytes;
		int size;
		uint32_t intid;
	} names[] = {
		{"virt\0hyp", 9, 29},  {"phys\0virt", 10, 30}, {"a\0\0virt", 8, 27}, {"virtual", 8, 27},
		{"phys\0virt", 9, 27}, {"virt", 4, 27},	       {"vir", 4, 27},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		set_raw("/timer", "interrupt-names", names[i].bytes, names[i].size);
		read_tree();
		assert_int_equal(description.timer.virtual_timer.intid, names[i].intid);
	}
}

static void stdout_is(const char *path, uint64_t base)
{
	set_text("/chosen", "stdout-path", path);
	read_tree();
	assert_int_equal(description.console.kind == CONSOLE_NONE ? 0 : description.console.base, base);
	assert_int_equal(warned("/chosen", "stdout-path"), base == 0);
}

static void test_dt_console_kinds(void **state)
{
	(void)state;
	set_text("/soc/serial@9000000", "compatible", "arm,sbsa-uart");
	read_tree();
	assert_int_equal(description.console.kind, CONSOLE_SBSA);
	set_text("/soc/serial@9000000", "compatible", "arm,primecell");
	read_tree();
	assert_int_equal(description.console.kind, CONSOLE_PL011);
	set_text("/soc/serial@9000000", "compatible", "fsl,imx7ulp-lpuart");
	read_tree();
	assert_int_equal(description.console.kind, CONSOLE_LPUART);
	assert_null(description.unknown_console);
	set_text("/soc/serial@9000000", "compatible", "acme,uart");
	read_tree();
	assert_int_equal(description.console.kind, CONSOLE_NONE);
	assert_string_equal(description.unknown_console, "acme,uart");
}

static void test_dt_console_paths(void **state)
{
	static const char longest[] = "an-alias-of-thirty-one-characte";
	static const char too_long[] = "an-alias-of-thirty-two-character";

	(void)state;
	stdout_is("/soc/serial@9000000", 0x9000000);
	stdout_is("/soc/serial", 0x9000000);
	stdout_is("//soc//serial@9000000/:9600", 0x9000000);
	stdout_is("/soc/seria", 0);
	stdout_is("/soc/serial@", 0);
	stdout_is("/soc/serial@90000000", 0);
	stdout_is("/soc/serial@9000000/none", 0);
	stdout_is("/serial@9000000", 0);
	stdout_is("/aliases/serial@9000000", 0);
	stdout_is("", 0);
	stdout_is(":115200", 0);
	set_text("/aliases", "bus0", "/soc");
	stdout_is("bus0/serial@9000000:1", 0x9000000);
	stdout_is("bus0/none", 0);
	stdout_is("bus", 0);
	set_text("/aliases", "loop", "loop");
	stdout_is("loop", 0);
	set_text("/aliases", longest, "/soc/serial@9000000");
	stdout_is(longest, 0x9000000);
	set_text("/aliases", too_long, "/soc/serial@9000000");
	stdout_is(too_long, 0);
	assert_int_equal(fdt_del_node(tree, node("/aliases")), 0);
	stdout_is("serial0", 0);
}

static void test_dt_console_bad(void **state)
{
	(void)state;
	set_text("/chosen", "stdout-path", "serial7:115200");
	read_tree();
	assert_int_equal(description.console.kind, CONSOLE_NONE);
	assert_true(warned("/chosen", "stdout-path"));
	set_text("/chosen", "stdout-path", DISPLAY);
	read_tree();
	assert_int_equal(description.console.kind, CONSOLE_NONE);
	assert_true(warned(DISPLAY, "compatible"));
	set_raw("/chosen", "stdout-path", "serial0", 7);
	set_raw("/chosen", "bootargs", "abc", 3);
	read_tree();
	assert_int_equal(description.console.kind, CONSOLE_NONE);
	assert_true(warned("/chosen", "bootargs"));
	assert_string_equal(description.bootargs, "");
	set_text("/chosen", "linux,stdout-path", "/soc/serial@9000000");
	read_tree();
	assert_int_equal(description.console.kind, CONSOLE_PL011);
}

static void test_dt_psci_timer_fw_cfg(void **state)
{
	(void)state;
	read_tree();
	assert_int_equal(description.psci.method, PSCI_HVC);
	assert_true(description.timer.virtual_timer.present);
	assert_int_equal(description.timer.virtual_timer.intid, 27);
	assert_true(description.timer.virtual_timer.edge);
	assert_int_equal(description.timer.clock_frequency, 62500000);
	assert_int_equal(description.fw_cfg_base, 0x9020000);
	assert_string_equal(description.bootargs, "tables=dt order=1,0");
	set_text("/psci", "method", "smc");
	read_tree();
	assert_int_equal(description.psci.method, PSCI_SMC);
	set_text("/psci", "method", "call");
	SET("/timer", "interrupts", 1, 13, 8);
	read_tree();
	assert_int_equal(description.psci.method, PSCI_NONE);
	assert_false(description.timer.virtual_timer.present);
	assert_true(warned("/psci", "method"));
	assert_true(warned("/timer", "interrupts"));
}

/* "arm,psci" alone is 0.1: the tree has its function numbers. */
static void test_dt_psci_0_1(void **state)
{
	(void)state;
	read_tree();
	assert_false(description.psci.is_0_1);
	set_text("/psci", "compatible", "arm,psci");
	SET("/psci", "cpu_on", 0x95c10002);
	SET("/psci", "cpu_off", 0);
	read_tree();
	assert_int_equal(description.psci.method, PSCI_HVC);
	assert_true(description.psci.is_0_1);
	assert_int_equal(description.psci.cpu_on, 0x95c10002);
	assert_int_equal(description.psci.cpu_off, 0);
	assert_false(warned("/psci", "cpu_on"));
	assert_false(warned("/psci", "cpu_off"));
	set_raw("/psci", "compatible", "arm,psci-0.2\0arm,psci", 22);
	read_tree();
	assert_int_equal(description.psci.method, PSCI_HVC);
	assert_false(description.psci.is_0_1);
}

static void test_dt_psci_0_1_without_a_function(void **state)
{
	(void)state;
	set_text("/psci", "compatible", "arm,psci");
	read_tree();
	assert_int_equal(description.psci.cpu_on, PSCI_NO_FUNCTION);
	assert_int_equal(description.psci.cpu_off, PSCI_NO_FUNCTION);
	assert_true(warned("/psci", "cpu_on"));
	assert_true(warned("/psci", "cpu_off"));
}

static void test_dt_timer_by_name(void **state)
{
	(void)state;
	set_raw("/timer", "interrupt-names", "sec-phys\0virt", 14);
	read_tree();
	assert_int_equal(description.timer.virtual_timer.intid, 30);
}

static void test_dt_gicv2_and_gicv3(void **state)
{
	static const char path[] = "/interrupt-controller@8000000";

	(void)state;
	read_tree();
	assert_int_equal(description.gic.version, 2);
	assert_range(description.gic.distributor, 0x8000000, 0x10000);
	assert_range(description.gic.processor, 0x8010000, 0x10000);
	set_text(path, "compatible", "arm,gic-v3");
	SET(path, "#redistributor-regions", 2);
	SET(path, "reg", 0, 0x8000000, 0, 0x10000, 0, 0x80a0000, 0, 0xf60000, 0x40, 0, 0, 0x1000000);
	read_tree();
	assert_int_equal(description.gic.version, 3);
	assert_int_equal(description.gic.redistributor_count, 2);
	assert_range(description.gic.redistributor[0], 0x80a0000, 0xf60000);
	assert_range(description.gic.redistributor[1], 0x4000000000, 0x1000000);
	SET(path, "reg", 0, 0x8000000, 0, 0x10000);
	read_tree();
	assert_int_equal(description.gic.version, 0);
	assert_true(warned(path, "reg"));
}

static void test_dt_hosts(void **state)
{
	const struct host_description *host = description.host;

	(void)state;
	read_tree();
	assert_int_equal(description.host_count, 2);
	assert_string_equal(host[0].name, PCIE);
	assert_int_equal(host[0].segment, 0);
	assert_range(host[0].ecam, 0x4010000000, 0x10000000);
	assert_int_equal(host[0].bus_last, 255);
	assert_int_equal(host[0].memory32.pci_base, 0x10000000);
	assert_int_equal(host[0].memory32.size, 0x2eff0000);
	assert_int_equal(host[0].memory64.cpu_base, 0x8000000000);
	assert_int_equal(host[0].memory64.size, 0x8000000000);
	assert_int_equal(host[1].segment, 5);
	assert_int_equal(host[1].bus_last, 15);
	assert_int_equal(host[1].memory32.pci_base, 0);
	assert_int_equal(host[1].memory32.cpu_base, 0x5000000000);
	assert_int_equal(host[1].memory64.size, 0);
}

/* All are listed; of two of 32 bits the one that is not prefetchable is assigned from. */
static void test_dt_host_windows(void **state)
{
	static const uint32_t low = 0x2000000, prefetchable = 0x42000000, high = 0x43000000;
	const struct pci_window_description *window = description.host[0].window;
	uint32_t cells[9 * 7] = {0};

	(void)state;
	SET(PCIE, "ranges", prefetchable, 0, 0x10000000, 0, 0x10000000, 0, 0x1000000, /* Makes room */
	    low, 0, 0x20000000, 0, 0x20000000, 0, 0x1000000,			      /* for this one. */
	    high, 0x80, 0, 0x80, 0, 0x1, 0,					      /* memory64 */
	    low, 0, 0x30000000, 0x70, 0x30000000, 0, 0x1000000, high, 0x90, 0, 0x90, 0, 0x1, 0);
	read_tree();
	assert_int_equal(description.host[0].memory32.pci_base, 0x20000000);
	assert_int_equal(description.host[0].memory64.pci_base, 0x8000000000);
	assert_int_equal(window[0].pci_base, 0x10000000);
	assert_int_equal(window[3].pci_base, 0x30000000);
	assert_int_equal(window[3].cpu_base, 0x7030000000);
	assert_int_equal(window[4].pci_base, 0x9000000000);
	assert_int_equal(window[5].size, 0);
	assert_false(warned(PCIE, "more windows than can be listed"));
	for (unsigned int i = 0; i < 9; i++) {
		cells[7 * i] = i == 8 ? high : low;
		cells[7 * i + 2] = cells[7 * i + 4] = 0x10000000 + i * 0x1000000;
		cells[7 * i + 6] = 0x1000000;
	}
	set_list(PCIE, "ranges", cells, 8 * 7);
	read_tree();
	assert_false(warned(PCIE, "more windows than can be listed"));
	assert_int_equal(window[7].pci_base, 0x17000000);
	set_list(PCIE, "ranges", cells, 9 * 7);
	read_tree();
	assert_true(warned(PCIE, "more windows than can be listed"));
	assert_int_equal(description.host[0].memory32.pci_base, 0x10000000);
	assert_int_equal(description.host[0].memory64.size, 0);
}

/* Exactly the ECAM's buses, and one more; a window up to 4 GiB. */
static void test_dt_host_limits_met(void **state)
{
	(void)state;
	SET("/pcie@20000000", "bus-range", 0x20, 0x2f);
	SET("/pcie@20000000", "ranges", 0x2000000, 0, 0xf0000000, 0x50, 0, 0, 0x10000000);
	read_tree();
	assert_false(warned(PCIE, "bus-range"));
	assert_false(warned("/pcie@20000000", "bus-range"));
	assert_int_equal(description.host[1].bus_last, 0x2f);
	assert_int_equal(description.host[1].memory32.size, 0x10000000);
	SET("/pcie@20000000", "bus-range", 0x20, 0x30);
	read_tree();
	assert_true(warned("/pcie@20000000", "exceeds the ECAM"));
	assert_int_equal(description.host[1].bus_last, 0x2f);
}

static void test_dt_host_bad(void **state)
{
	(void)state;
	SET(PCIE, "bus-range", 9, 8);
	SET("/pcie@20000000", "bus-range", 0x10, 0x4f);
	SET("/pcie@20000000", "ranges", 0x2000000, 0, 0xf0000000, 0x50, 0, 0, 0x20000000);
	read_tree();
	assert_int_equal(description.host_count, 1);
	assert_true(warned(PCIE, "bus-range"));
	assert_true(warned("/pcie@20000000", "bus-range"));
	assert_true(warned("/pcie@20000000", "ranges"));
	assert_int_equal(description.host[0].bus_first, 0x10);
	assert_int_equal(description.host[0].bus_last, 0x1f);
	assert_int_equal(description.host[0].memory32.size, 0);
	set_text("/pcie@20000000", "compatible", "pci-host-cam-generic");
	read_tree();
	assert_int_equal(description.host_count, 0);
	assert_true(warned("/pcie@20000000", "compatible"));
}

/* RK3588's way to name its registers: one more between, and a bus range that no ECAM bounds. */
static void test_dt_host_of_designware(void **state)
{
	static const char names[] = "dbi\0apb\0config\0atu";
	const struct unknown_host_description *unknown = description.unknown_host;

	(void)state;
	set_text(PCIE, "compatible", "rockchip,rk3588-pcie");
	SET(PCIE, "reg", 0xa, 0x40000000, 0, 0x400000, 0, 0xfe150000, 0, 0x10000, 0, 0xf0000000, 0, 0x100000, 0xa,
	    0x40300000, 0, 0x2000);
	set_raw(PCIE, "reg-names", names, sizeof(names));
	SET(PCIE, "bus-range", 0x40, 0x4f);
	read_tree();
	assert_false(warned(PCIE, "compatible"));
	assert_int_equal(description.host_count, 1);
	assert_int_equal(description.unknown_host_count, 1);
	assert_string_equal(unknown->host.name, PCIE);
	assert_string_equal(unknown->compatible, "rockchip,rk3588-pcie");
	assert_range(unknown->dbi, 0xa40000000, 0x400000);
	assert_range(unknown->config, 0xf0000000, 0x100000);
	assert_range(unknown->atu, 0xa40300000, 0x2000);
	assert_int_equal(unknown->host.bus_first, 0x40);
	assert_int_equal(unknown->host.bus_last, 0x4f);
	assert_int_equal(unknown->host.memory32.size, 0x2eff0000);
}

/* Tegra's way: the unit and a DMA engine share registers. */
static void test_dt_host_of_designware_with_dma(void **state)
{
	static const char names[] = "appl\0config\0atu_dma\0dbi";
	const struct unknown_host_description *unknown = description.unknown_host;

	(void)state;
	set_text(PCIE, "compatible", "nvidia,tegra234-pcie");
	SET(PCIE, "reg", 0, 0x14160000, 0, 0x20000, 0, 0x36000000, 0, 0x40000, 0, 0x36040000, 0, 0x40000, 0, 0x36080000,
	    0, 0x40000);
	set_raw(PCIE, "reg-names", names, sizeof(names));
	read_tree();
	assert_false(warned(PCIE, "compatible"));
	assert_range(unknown->dbi, 0x36080000, 0x40000);
	assert_range(unknown->config, 0x36000000, 0x40000);
	assert_range(unknown->atu, 0x36040000, 0x40000);
}

static void test_dt_host_of_another_kind(void **state)
{
	static const char lacking[][11] = {"dbi\0cfg", "regs\0config", "config", "apb\0dbi"};
	const struct unknown_host_description *unknown = description.unknown_host;

	(void)state;
	set_text(PCIE, "compatible", "acme,pcie");
	SET(PCIE, "reg", 0, 0x40000000, 0, 0x400000, 0, 0xf0000000, 0, 0x100000);
	for (unsigned int i = 0; i < sizeof(lacking) / sizeof(lacking[0]); i++) {
		set_raw(PCIE, "reg-names", lacking[i], sizeof(lacking[i]));
		read_tree();
		assert_true(warned(PCIE, "compatible"));
		assert_false(unknown->dbi.size && unknown->config.size);
	}
}

/* The first two without `reg-names`, or with a range that is not there, are no registers. */
static void test_dt_host_of_designware_bad(void **state)
{
	static const char names[] = "config\0dbi";

	(void)state;
	set_text(PCIE, "compatible", "snps,dw-pcie");
	SET(PCIE, "reg", 0, 0x40000000, 0, 0x400000);
	read_tree();
	assert_true(warned(PCIE, "compatible"));
	set_raw(PCIE, "reg-names", names, sizeof(names));
	read_tree();
	assert_true(warned(PCIE, "compatible"));
	assert_int_equal(description.unknown_host[0].dbi.size, 0);
	SET(PCIE, "reg", 0, 0x40000000, 0, 0x400000, 0, 0xf0000000, 0, 0x100000);
	SET(PCIE, "bus-range", 9, 8);
	read_tree();
	assert_true(warned(PCIE, "bus-range"));
	assert_int_equal(description.unknown_host[0].dbi.size, 0);
	SET(PCIE, "bus-range", 0, 255);
	read_tree();
	assert_int_equal(description.unknown_host[0].dbi.base, 0xf0000000);
	SET(PCIE, "#size-cells", 1);
	read_tree();
	assert_true(warned(PCIE, "compatible"));
	assert_int_equal(description.unknown_host[0].dbi.size, 0);
}

#define BOTH_KINDS "linux,pci-domain: only some PCI hosts have it"

static unsigned int told_of_both_kinds(void)
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < description.warning_count; i++) {
		count += strstr(description.warning[i].text, BOTH_KINDS) != NULL;
	}
	return count;
}

static void test_dt_hosts_with_and_without_a_domain(void **state)
{
	(void)state;
	read_tree();
	assert_true(warned("/pcie@20000000", BOTH_KINDS));
	assert_int_equal(told_of_both_kinds(), 1);
	SET(PCIE, "linux,pci-domain", 6);
	read_tree();
	assert_int_equal(told_of_both_kinds(), 0);
	drop(PCIE, "linux,pci-domain");
	set_text(PCIE, "status", "disabled");
	read_tree();
	assert_int_equal(told_of_both_kinds(), 0);
}

static void test_dt_host_segments(void **state)
{
	(void)state;
	/* A number that another host names is not assigned. */
	SET("/pcie@20000000", "linux,pci-domain", 0);
	read_tree();
	assert_false(warned("/pcie@20000000", "linux,pci-domain: another"));
	assert_int_equal(description.host[0].segment, 1);
	assert_int_equal(description.host[1].segment, 0);
	assert_stream(0, 0x1234, "/soc/iommu@9100000", 0x234);
	SET(PCIE, "linux,pci-domain", 0);
	read_tree();
	assert_true(warned("/pcie@20000000", "linux,pci-domain: another"));
	SET(PCIE, "linux,pci-domain", 0xfffffffe);
	drop("/pcie@20000000", "linux,pci-domain");
	read_tree();
	assert_int_equal(description.host[0].segment, 0xfffffffe);
	assert_int_equal(description.host[1].segment, 0);
	drop(PCIE, "linux,pci-domain");
	read_tree();
	assert_int_equal(description.host[1].segment, 1);
	assert_stream(1, 0x1234, "/soc/iommu@9100000", 0x234);
	set_text(PCIE, "status", "disabled");
	read_tree();
	assert_int_equal(description.host_count, 1);
	assert_int_equal(description.host[0].segment, 0);
	assert_stream(0, 0x1234, "/soc/iommu@9100000", 0x234);
	assert_int_equal(windows_of(PCIE), 5);
}

/* --- Instances. ----------------------------------------------------------------------------------------------------
 */

static void test_dt_single_dis_01(void **state)
{
	const struct smmu_description *a;

	(void)state;
	read_tree();
	a = instance(SMMU_A);
	assert_true(a->has_base && a->enabled && a->coherent);
	assert_int_equal(a->base, 0x9050000);
	assert_int_equal(a->size, 0x20000);
	assert_int_equal(a->handle, phandle(SMMU_A));
	assert_int_equal(a->eventq.intid, 32 + 74);
	assert_int_equal(a->priq.intid, 32 + 75);
	assert_int_equal(a->sync.intid, 32 + 76);
	assert_int_equal(a->gerror.intid, 32 + 77);
	assert_true(a->eventq.edge);
	assert_false(a->gerror.edge);
	assert_false(warned(SMMU_A, ""));
}

static void test_dt_multi_dis_02(void **state)
{
	const struct smmu_description *list = description.streams.smmu;

	(void)state;
	read_tree();
	assert_int_equal(description.streams.source, DESCRIPTION_DT);
	assert_int_equal(description.streams.smmu_count, 5);
	assert_string_equal(list[0].name, SMMU_A);
	assert_string_equal(list[1].name, SMMU_B);
	assert_int_equal(list[1].base, 0x150100000);
	assert_true(list[1].coherent);
	assert_false(list[2].enabled);
	assert_false(list[2].coherent);
	assert_true(list[3].coherent);
	assert_false(list[4].has_base);
	assert_true(list[4].enabled);
	assert_true(warned("/soc/nowhere/iommu@0", "reg"));
	/* The disabled one keeps its streams. */
	assert_int_equal(fixed_of("/soc/camera@9400000"), 1);
}

static void test_dt_status(void **state)
{
	static const struct {
		const char *status;
		int size;
		bool enabled;
	} cases[] = {
		{"okay", 5, true},	    {"ok", 3, true},	{"disabled", 9, false}, {"reserved", 9, false},
		{"fail-x", 7, false},	    {"", 1, false},	{"", 0, false},		{"okay", 4, true},
		{"ok\0disabled", 12, true}, {"OKAY", 5, false}, {"oka", 3, false},	{"okays", 5, false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		set_raw(SMMU_A, "status", cases[i].status, cases[i].size);
		read_tree();
		assert_int_equal(instance(SMMU_A)->enabled, cases[i].enabled);
	}
	drop(SMMU_A, "status");
	set_text("/soc", "status", "disabled");
	read_tree();
	assert_false(instance(SMMU_A)->enabled);
	assert_int_equal(description.console.kind, CONSOLE_PL011); /* Used although disabled. */
	assert_int_equal(description.fw_cfg_base, 0);
}

static void test_dt_bad_cells_dis_03(void **state)
{
	(void)state;
	drop(SMMU_A, "#iommu-cells");
	SET(SMMU_B, "#iommu-cells", 2);
	read_tree();
	assert_true(warned(SMMU_A, "#iommu-cells"));
	assert_true(warned(SMMU_B, "#iommu-cells"));
	assert_int_equal(fixed_of(DISPLAY), 0);
	assert_true(warned(DISPLAY, "iommus"));
	assert_true(warned(PCIE, "iommu-map"));
	assert_int_equal(description.streams.smmu_count, 5);
	assert_stream(5, 0x1234, "/soc/iommu@9100000", 0x234);
	assert_int_equal(fixed_of("/soc/camera@9400000"), 1);
}

static void test_dt_small_mmio_dis_04(void **state)
{
	(void)state;
	SET(SMMU_A, "reg", 0x9050000, 0x10000);
	read_tree();
	assert_true(warned(SMMU_A, "reg"));
	assert_int_equal(instance(SMMU_A)->size, 0x10000);
	set_raw(SMMU_A, "cavium,cn9900-broken-page1-regspace", "", 0);
	read_tree();
	assert_false(warned(SMMU_A, "reg"));
}

static void test_dt_quirks(void **state)
{
	(void)state;
	read_tree();
	assert_int_equal(instance(SMMU_A)->quirks, 0);
	set_raw(SMMU_A, "hisilicon,broken-prefetch-cmd", "", 0);
	set_raw(SMMU_B, "cavium,cn9900-broken-page1-regspace", "", 0);
	read_tree();
	assert_int_equal(instance(SMMU_A)->quirks, SMMU_QUIRK_NO_PREFETCH);
	assert_int_equal(instance(SMMU_B)->quirks, SMMU_QUIRK_NO_PAGE1);
}

static void test_dt_base_bad(void **state)
{
	(void)state;
	drop("/soc/bus@40000000", "ranges");
	SET(SMMU_A, "reg", 0x9050000);
	SET("/soc/iommu@9100000", "reg", 0x80000000, 0x20000); /* Outside /soc's ranges. */
	read_tree();
	assert_false(instance(SMMU_A)->has_base);
	assert_false(instance(SMMU_B)->has_base);
	assert_false(instance("/soc/iommu@9100000")->has_base);
	assert_true(warned(SMMU_B, "reg"));
	set_raw("/soc/bus@40000000", "ranges", "", 0);
	read_tree();
	assert_int_equal(instance(SMMU_B)->base, 0x100000);
	drop("/soc/bus@40000000", "#address-cells");
	read_tree();
	assert_false(instance(SMMU_B)->has_base);
}

static void test_dt_ranges_edges(void **state)
{
	(void)state;
	/* A range has its last byte and not the next; the first match counts. */
	SET("/soc/bus@40000000", "ranges", 0x0, 0x10000000, 0x100000, 0x100000, 0x20000000, 0x100000, 0x0, 0x30000000,
	    0x1000000);
	read_tree();
	assert_int_equal(instance(SMMU_B)->base, 0x20000000);
	assert_int_equal(instance("/soc/bus@40000000/iommu@200000")->base, 0x30200000);
	/* Three cells: the first is a flag that must match. */
	SET("/soc/bus@40000000", "#address-cells", 3);
	SET("/soc/bus@40000000", "ranges", 7, 0, 0, 0x10000000, 0x1000000);
	SET(SMMU_B, "reg", 7, 0, 0x100000, 0x20000);
	SET("/soc/bus@40000000/iommu@200000", "reg", 6, 0, 0x200000, 0x20000);
	read_tree();
	assert_int_equal(instance(SMMU_B)->base, 0x10100000);
	assert_false(instance("/soc/bus@40000000/iommu@200000")->has_base);
	SET("/soc/bus@40000000", "#address-cells", 5);
	read_tree();
	assert_false(instance(SMMU_B)->has_base);
}

static void test_dt_coherency(void **state)
{
	static const char *const fabric = "/fabric";

	(void)state;
	drop(fabric, "dma-coherent");
	set_raw("/soc", "dma-coherent", "", 0);
	drop(SMMU_A, "dma-coherent");
	read_tree();
	assert_true(instance(SMMU_A)->coherent);
	assert_false(instance("/soc/iommu@9100000")->coherent); /* Its interconnect, not /soc. */
	set_raw("/soc/bus@40000000", "dma-noncoherent", "", 0);
	drop("/soc/bus@40000000", "dma-coherent");
	read_tree();
	assert_false(instance(SMMU_B)->coherent);
	SET(fabric, "interconnects", phandle(fabric), 1);
	set_text(fabric, "interconnect-names", "dma-mem");
	read_tree();
	assert_false(instance("/soc/iommu@9100000")->coherent);
	assert_true(warned("/soc/iommu@9100000", "circle"));
	SET("/soc/iommu@9100000", "interconnects", 0x7777, 1, 0x7777, 2);
	read_tree();
	assert_true(instance("/soc/iommu@9100000")->coherent);
}

static void test_dt_interrupts(void **state)
{
	const struct smmu_description *b;

	(void)state;
	read_tree();
	b = instance(SMMU_B);
	assert_false(b->eventq.present);
	assert_true(warned(SMMU_B, "interrupts"));
	assert_int_equal(b->gerror.intid, 32 + 90);
	assert_true(b->gerror.edge);
	set_text(SMMU_A, "interrupt-names", "combined");
	read_tree();
	/* One wire for all: no quirk, no warning. */
	assert_true(instance(SMMU_A)->eventq.present);
	assert_int_equal(instance(SMMU_A)->eventq.intid, instance(SMMU_A)->gerror.intid);
	assert_int_equal(instance(SMMU_A)->quirks, 0);
	assert_false(warned(SMMU_A, "interrupt-names"));
	set_text(SMMU_A, "interrupt-names", "gerror");
	SET(SMMU_A, "interrupts", 1, 5, 8);
	read_tree();
	assert_int_equal(instance(SMMU_A)->gerror.intid, 16 + 5);
	SET(SMMU_A, "interrupts", 0, 988, 1);
	read_tree();
	assert_false(instance(SMMU_A)->gerror.present);
	SET(SMMU_A, "interrupts", 0, 9);
	read_tree();
	assert_false(instance(SMMU_A)->gerror.present);
	drop(SMMU_A, "interrupt-names");
	read_tree();
	assert_true(warned(SMMU_A, "interrupt-names"));
}

static void test_dt_interrupt_parent(void **state)
{
	(void)state;
	SET("/soc", "interrupt-parent", phandle("/interrupt-controller@8800000"));
	read_tree();
	assert_false(instance(SMMU_A)->eventq.present);
	SET(SMMU_A, "interrupt-parent", phandle("/interrupt-controller@8000000"));
	SET(SMMU_A, "#interrupt-cells", 1); /* Its own cells do not count. */
	read_tree();
	assert_int_equal(instance(SMMU_A)->eventq.intid, 32 + 74);
	SET(SMMU_A, "interrupt-parent", 0x7777);
	read_tree();
	assert_false(instance(SMMU_A)->eventq.present);
}

/* --- Streams. ------------------------------------------------------------------------------------------------------
 */

static void test_dt_iommus_multi_dis_11(void **state)
{
	const struct fixed_description *fixed = description.streams.fixed;

	(void)state;
	read_tree();
	assert_int_equal(description.streams.fixed_count, 4);
	assert_string_equal(fixed[0].master, DISPLAY);
	assert_string_equal(fixed[0].compatible, "example,display");
	assert_int_equal(fixed[0].smmu, smmu(SMMU_A));
	assert_int_equal(fixed[0].first, 8);
	assert_int_equal(fixed[0].last, 8);
	assert_true(fixed[0].single && fixed[0].enabled);
	assert_int_equal(fixed[1].smmu, smmu(SMMU_B)); /* Behind two cells of another kind. */
	assert_int_equal(fixed[1].first, 9);
	assert_string_equal(fixed[2].master, "/soc/camera@9400000");
	assert_false(fixed[2].enabled);
	assert_string_equal(fixed[3].master, "/soc/off/codec");
	assert_false(fixed[3].enabled);
	assert_null(fixed[3].compatible);
}

static void test_dt_dangling_dis_12(void **state)
{
	(void)state;
	SET(DISPLAY, "iommus", phandle(SMMU_A), 1, 0x7777, 2, phandle(SMMU_B), 3);
	read_tree();
	assert_int_equal(fixed_of(DISPLAY), 1);
	assert_true(warned(DISPLAY, "iommus"));
	SET(DISPLAY, "iommus", phandle("/fabric"), 2, phandle(SMMU_B), 3);
	read_tree();
	assert_int_equal(fixed_of(DISPLAY), 0);
	assert_true(warned(DISPLAY, "no #iommu-cells"));
	SET(DISPLAY, "iommus", phandle(SMMU_A), 1, phandle(SMMU_B));
	read_tree();
	assert_int_equal(fixed_of(DISPLAY), 1);
	assert_true(warned(DISPLAY, "cut off"));
	SET(DISPLAY, "iommus", 0, 1);
	read_tree();
	assert_int_equal(fixed_of(DISPLAY), 0);
	set_raw(DISPLAY, "iommus", "abcde", 5);
	read_tree();
	assert_int_equal(fixed_of(DISPLAY), 0);
	assert_true(warned(DISPLAY, "multiple of 4"));
	set_raw(DISPLAY, "iommus", "", 0);
	read_tree();
	assert_int_equal(fixed_of(DISPLAY), 0);
	assert_int_equal(fixed_of("/soc/camera@9400000"), 1);
}

static void test_dt_iommu_map_dis_10(void **state)
{
	(void)state;
	read_tree();
	assert_windows_resolved();
	assert_stream(0, 0x0, SMMU_A, 0x1000);
	assert_stream(0, 0x2ff, SMMU_A, 0x12ff);
	assert_no_stream(0, 0x300);
	assert_no_stream(0, 0x3ff);
	assert_stream(0, 0x400, SMMU_B, 0x0);
	assert_stream(0, 0x4ff, SMMU_B, 0xff); /* The earlier entry wins over 0x480's. */
	assert_stream(0, 0x500, SMMU_A, 0x80);
	assert_stream(0, 0x67f, SMMU_A, 0x1ff);
	assert_no_stream(0, 0x680);
	assert_stream(0, 0x7ff, SMMU_A, 0x50ff);
	assert_no_stream(0, 0x800);
	assert_stream(0, 0x801, SMMU_A, 0x5101);
	assert_no_stream(0, 0x900);
	assert_no_stream(1, 0);
}

static void test_dt_iommu_map_other_kind_ends_it(void **state)
{
	(void)state;
	/* Two cells and one ID of another kind: not this reader's. */
	SET(PCIE, "iommu-map", 0x10, phandle("/soc/iommu@9200000"), 5, 6, 1, 0x0, phandle(SMMU_A), 0, 0x100);
	read_tree();
	assert_stream(0, 0xf, SMMU_A, 0xf);
	assert_no_stream(0, 0x10);
	assert_stream(0, 0x11, SMMU_A, 0x11);
	assert_int_equal(windows_of(PCIE), 2);
	/* Two cells with more IDs make no sense: the map ends. */
	SET(PCIE, "iommu-map", 0x10, phandle("/soc/iommu@9200000"), 5, 6, 2, 0x0, phandle(SMMU_A), 0, 0x100);
	read_tree();
	assert_int_equal(windows_of(PCIE), 0);
	assert_true(warned(PCIE, "iommu-map"));
}

static void test_dt_iommu_map_mask(void **state)
{
	const struct window_description *window;

	(void)state;
	read_tree();
	assert_stream(5, 0xab12, "/soc/iommu@9100000", 0x212);
	window = &description.streams.window[5];
	assert_string_equal(window->master, "/pcie@20000000");
	assert_true(window->has_mask);
	assert_int_equal(window->mask, 0xff);
	assert_int_equal(window->segment, 5);
	/* A base outside the mask ends the map; earlier entries count. */
	SET(PCIE, "iommu-map-mask", 0xfff);
	SET(PCIE, "iommu-map", 0x0, phandle(SMMU_A), 0, 0x10, 0x1000, phandle(SMMU_A), 0, 0x10, 0x20, phandle(SMMU_A),
	    0, 0x10);
	read_tree();
	assert_stream(0, 0x100f & 0xf, SMMU_A, 0xf);
	assert_no_stream(0, 0x20);
	assert_int_equal(windows_of(PCIE), 1);
	assert_true(warned(PCIE, "iommu-map-mask"));
}

static void test_dt_iommu_map_of_other_nodes(void **state)
{
	const struct window_description *window;

	(void)state;
	read_tree();
	assert_int_equal(windows_of("/bridge@30000000"), 1);
	window = &description.streams.window[6];
	assert_int_equal(window->segment, STREAM_NO_SEGMENT);
	assert_int_equal(window->input_first, 0x10);
	assert_int_equal(window->input_last, 0x11);
	assert_int_equal(window->sid, 0x90);
}

static void test_dt_iommu_map_bad(void **state)
{
	uint32_t a;

	(void)state;
	a = phandle(SMMU_A);
	SET(PCIE, "iommu-map", 0x0, a, 0x0, 0x0, 0x10, a, 0x0, 0x8);
	read_tree();
	assert_int_equal(windows_of(PCIE), 1);
	assert_true(warned(PCIE, "length 0"));
	SET(PCIE, "iommu-map", 0x0, a, 0x0, 0x8, 0x10, 0x7777, 0x0, 0x8, 0x20, a, 0x0, 0x8);
	read_tree();
	assert_int_equal(windows_of(PCIE), 1);
	assert_true(warned(PCIE, "leads to no node"));
	SET(PCIE, "iommu-map", 0x0, a, 0x0, 0x8, 0x10, a, 0x0);
	read_tree();
	assert_int_equal(windows_of(PCIE), 1);
	assert_true(warned(PCIE, "cut off"));
	SET(PCIE, "iommu-map", 0x0, a, 0x0, 0x8, 0x10);
	read_tree();
	assert_int_equal(windows_of(PCIE), 1);
	set_raw(PCIE, "iommu-map", "12345678901234567", 17);
	read_tree();
	assert_int_equal(windows_of(PCIE), 0);
	assert_true(warned(PCIE, "multiple of 4"));
	SET(PCIE, "iommu-map", 0xfffffff0, a, 0x0, 0xffffffff);
	read_tree();
	assert_true(warned(PCIE, "passes the last"));
	assert_int_equal(description.streams.window[0].input_last, 0xffffffff);
	SET(PCIE, "iommu-map", 0x0, a, 0xfffffff0, 0x100);
	read_tree();
	assert_int_equal(description.streams.window[0].input_last, 0xf);
	assert_int_equal(windows_of("/bridge@30000000"), 1);
}

static uint32_t random_state = 1;

static uint32_t random_below(uint32_t limit)
{
	random_state = random_state * 1664525U + 1013904223U;
	return (random_state >> 8) % limit;
}

/* For each ID: masked, then the first entry that holds it. */
static void test_dt_iommu_map_random(void **state)
{
	static const char *const names[] = {SMMU_A, SMMU_B, "/soc/iommu@9100000"};
	uint32_t cells[4 * 10];

	(void)state;
	for (unsigned int round = 0; round < 40; round++) {
		uint32_t mask = round % 2 ? 0xff8 | random_below(8) : 0xffff;

		for (uint32_t i = 0; i < 10; i++) {
			cells[4 * i] = random_below(0x1000) & mask;
			cells[4 * i + 1] = phandle(names[random_below(3)]);
			cells[4 * i + 2] = random_below(0x10000);
			cells[4 * i + 3] = 1 + random_below(0x400);
		}
		set_list(PCIE, "iommu-map", cells, 40);
		SET(PCIE, "iommu-map-mask", mask);
		read_tree();
		assert_windows_resolved();
		for (uint32_t id = 0; id < 0x1800; id++) {
			uint32_t masked = id & mask;
			const uint32_t *entry = cells;

			while (entry < &cells[40] && (masked < entry[0] || masked - entry[0] >= entry[3])) {
				entry += 4;
			}
			if (entry == &cells[40]) {
				assert_no_stream(0, id);
			} else {
				struct stream_id stream;

				assert_int_equal(description_stream_of(&description.streams, 0, id, &stream), 0);
				assert_int_equal(description.streams.smmu[stream.smmu].handle, entry[1]);
				assert_int_equal(stream.sid, entry[2] + (masked - entry[0]));
			}
		}
	}
}

/* --- Limits. -------------------------------------------------------------------------------------------------------
 */

static void test_dt_more_than_fits(void **state)
{
	static const char parent[] = "/bridge@30000000";
	char path[64];

	(void)state;
	for (unsigned int i = 0; i < 70; i++) {
		snprintf(path, sizeof(path), "iommu@%u", i);
		add_node(parent, path);
		snprintf(path, sizeof(path), "%s/iommu@%u", parent, i);
		set_text(path, "compatible", "arm,smmu-v3");
		SET(path, "#iommu-cells", 1);
		SET(path, "phandle", 0x1000 + i);
		SET(path, "iommus", phandle(SMMU_A), i);
	}
	SET(DISPLAY, "iommus", 0x1000, 1, 0x1045, 2);
	read_tree();
	assert_int_equal(description.streams.smmu_count, DESCRIPTION_SMMUS_MAX);
	assert_int_equal(fixed_of(DISPLAY), 1); /* One is an instance that did not fit. */
	assert_int_equal(fixed_of("/bridge@30000000/iommu@69"), 1);
	assert_true(warned("SMMUs", "11 more than can be listed: left out"));
}

static void test_dt_pool_full(void **state)
{
	char where[64];

	(void)state;
	description_init(&description);
	for (unsigned int i = 0; i < 200; i++) {
		snprintf(where, sizeof(where), "/node@%u", i);
		description_warn(&description, where, "a sentence");
	}
	description_warn(&description, "/node@0", "a sentence");
	assert_int_equal(description.warning_count, DESCRIPTION_WARNINGS_MAX);
	assert_int_equal(description.warnings_lost, 200 - DESCRIPTION_WARNINGS_MAX);
	assert_ptr_equal(description_name(&description, "a sentence"), description.warning[0].text);
	for (unsigned int i = 0; i < 10000; i++) {
		snprintf(where, sizeof(where), "/another/node@%u", i);
		description_name(&description, where);
	}
	assert_string_equal(description_name(&description, "what has no room"), "?");
	assert_true(description.names_used <= DESCRIPTION_NAMES_SIZE);
	assert_string_equal(description.warning[0].where, "/node@0");
}

static void test_dt_deep_tree(void **state)
{
	int offset = fdt_path_offset(tree, "/soc");

	(void)state;
	for (unsigned int i = 0; i < 60; i++) {
		offset = fdt_add_subnode(tree, offset, "deep");
		assert_true(offset >= 0);
	}
	assert_int_equal(fdt_setprop(tree, offset, "compatible", "arm,smmu-v3", 12), 0);
	read_tree();
	assert_int_equal(description.streams.smmu_count, 5);
	assert_true(warned("/", "nested"));
	assert_int_equal(fixed_of(DISPLAY), 2);
}

static unsigned int count_deep_nodes(void)
{
	struct dt_node node;
	unsigned int count = 0;

	assert_true(dt_root(tree, &node));
	while (dt_next(&node)) {
		count += !strcmp(dt_name(tree, dt_offset(&node)), "deep");
	}
	return count;
}

static void test_dt_as_deep_as_it_may_be(void **state)
{
	int offset = fdt_path_offset(tree, "/soc");

	(void)state;
	for (unsigned int depth = 2; depth < DT_DEPTH_MAX; depth++) {
		offset = fdt_add_subnode(tree, offset, "deep");
		assert_true(offset >= 0);
	}
	assert_false(dt_is_too_deep(tree));
	assert_int_equal(count_deep_nodes(), DT_DEPTH_MAX - 2);
	assert_true(fdt_add_subnode(tree, offset, "deep") >= 0);
	assert_true(dt_is_too_deep(tree));
	assert_int_equal(count_deep_nodes(), DT_DEPTH_MAX - 2);
}

/* --- Damage. -------------------------------------------------------------------------------------------------------
 */

/* Exact size: the sanitiser sees overruns. */
static void read_copy(const void *bytes, size_t size, bool must_fail)
{
	void *copy = malloc(size ? size : 1);

	assert_non_null(copy);
	memcpy(copy, bytes, size);
	if (dt_check(copy, size) == 0) {
		assert_false(must_fail);
		description_init(&description);
		dt_read(copy, &description);
		assert_windows_resolved();
	}
	free(copy);
}

static void test_dt_every_prefix(void **state)
{
	_Alignas(8) uint8_t copy[NODE_BYTES * 2];
	size_t size;

	(void)state;
	assert_int_equal(fdt_pack(tree), 0);
	size = fdt_totalsize(tree);
	assert_true(size < sizeof(copy));
	for (size_t length = 0; length < size; length++) {
		read_copy(tree, length, true);
		/* The header agrees with the length. */
		memcpy(copy, tree, length);
		if (length >= sizeof(struct fdt_header)) {
			fdt_set_totalsize(copy, (uint32_t)length);
			read_copy(copy, length, false);
		}
	}
	read_copy(tree, size, false);
	assert_int_equal(description.streams.smmu_count, 5);
}

static void test_dt_damaged_bytes(void **state)
{
	static _Alignas(8) uint8_t copy[TREE_SIZE];
	size_t size;

	(void)state;
	assert_int_equal(fdt_pack(tree), 0);
	size = fdt_totalsize(tree);
	for (unsigned int round = 0; round < 20000; round++) {
		memcpy(copy, tree, size);
		for (unsigned int i = 0; i < 1 + round % 4; i++) {
			copy[random_below((uint32_t)size)] = (uint8_t)random_below(256);
		}
		read_copy(copy, size, false);
	}
}

static void test_dt_check_refuses(void **state)
{
	_Alignas(8) uint8_t nothing[64] = {0};

	(void)state;
	assert_int_equal(dt_check(NULL, 100), -EINVAL);
	assert_int_equal(dt_check(nothing, sizeof(nothing)), -EINVAL);
	assert_int_equal(dt_check(tree + 4, sizeof(tree) - 4), -EINVAL);
	assert_int_equal(dt_check(tree, sizeof(tree) - 1), -EINVAL);
	assert_int_equal(dt_check(tree, sizeof(tree)), 0);
}

static void assert_damage(const char *what, const uint8_t *at, const char *node)
{
	struct dt_damage damage = dt_find_damage(tree, TREE_SIZE);

	assert_non_null(damage.what);
	assert_non_null(strstr(damage.what, what));
	assert_int_equal(damage.at, at - (uint8_t *)tree);
	if (node) {
		assert_string_equal(damage.node, node);
	} else {
		assert_null(damage.node);
	}
}

static void put_word(uint8_t *at, uint32_t value)
{
	fdt32_st(at, value);
}

static void test_dt_damage_is_told(void **state)
{
	uint8_t *const header = (uint8_t *)tree;
	uint8_t *at;
	uint32_t kept;

	(void)state;
	assert_null(dt_find_damage(tree, TREE_SIZE).what);
	at = header + fdt_off_dt_struct(tree) +
	     fdt_first_property_offset(tree, fdt_path_offset(tree, "/memory@1000000000"));
	put_word(at, 0x77);
	assert_damage("neither a node nor a property", at, "memory@1000000000");
	put_word(at, FDT_PROP);
	kept = fdt32_ld((const fdt32_t *)(const void *)(at + 4));
	put_word(at + 4, 0x7fffffff);
	assert_damage("a property's name or length", at, "memory@1000000000");
	put_word(at + 4, kept);
	put_word(at, FDT_END);
	assert_damage("within a node", at + 4, "memory@1000000000");
	put_word(at, FDT_PROP);
	kept = fdt_totalsize(tree);
	put_word(header + 4, TREE_SIZE + 1);
	assert_damage("cut off", header + 4, NULL);
	put_word(header + 4, kept);
	put_word(header + 24, 18); /* Readers of version 17 refuse it. */
	assert_damage("another version", header + 20, NULL);
	put_word(header + 24, 16);
	put_word(header, 0xd00dfeee);
	assert_damage("does not begin", header, NULL);
}

/* --- A blob of a few tokens, as libfdt never writes. ---------------------------------------------------------------
 */

#define BLOB_RESERVED 40U
#define BLOB_STRUCTURE 56U

/* One terminating reservation; strings follow the tokens. */
static void make_blob(const uint32_t *tokens, size_t count, const char *strings, size_t strings_size)
{
	const uint32_t size = (uint32_t)count * 4;
	const uint32_t header[] = {
		FDT_MAGIC,
		BLOB_STRUCTURE + size + (uint32_t)strings_size,
		BLOB_STRUCTURE,
		BLOB_STRUCTURE + size,
		BLOB_RESERVED,
		17,
		16,
		0,
		(uint32_t)strings_size,
		size,
	};

	memset(tree, 0, sizeof(tree));
	for (size_t i = 0; i < sizeof(header) / 4; i++) {
		put_word(tree + 4 * i, header[i]);
	}
	for (size_t i = 0; i < count; i++) {
		put_word(tree + BLOB_STRUCTURE + 4 * i, tokens[i]);
	}
	memcpy(tree + BLOB_STRUCTURE + size, strings, strings_size);
}

#define TOKENS(...) (const uint32_t[]){__VA_ARGS__}, sizeof((const uint32_t[]){__VA_ARGS__}) / 4
#define NODE_B FDT_BEGIN_NODE, 0x62000000
#define ROOT FDT_BEGIN_NODE, 0

static void assert_damage_at(const char *what, unsigned int token, const char *in_node)
{
	assert_damage(what, tree + BLOB_STRUCTURE + 4 * token, in_node);
}

static void test_dt_order_of_tokens(void **state)
{
	(void)state;
	make_blob(TOKENS(ROOT, FDT_PROP, 0, 0, NODE_B, FDT_END_NODE, FDT_END_NODE, FDT_END), "a", 2);
	assert_null(dt_find_damage(tree, TREE_SIZE).what);
	make_blob(TOKENS(ROOT, FDT_END_NODE, ROOT, FDT_END_NODE, FDT_END), "a", 2);
	assert_damage_at("a second root", 3, "/");
	make_blob(TOKENS(ROOT, NODE_B, FDT_END_NODE, FDT_PROP, 0, 0, FDT_END_NODE, FDT_END), "a", 2);
	assert_damage_at("belongs to no node", 5, "b");
	make_blob(TOKENS(FDT_PROP, 0, 0, ROOT, FDT_END_NODE, FDT_END), "a", 2);
	assert_damage("belongs to no node", tree + BLOB_STRUCTURE, NULL);
	make_blob(TOKENS(ROOT, FDT_END_NODE, FDT_END_NODE, FDT_END), "a", 2);
	assert_damage_at("never began", 3, "/");
	make_blob(TOKENS(ROOT, FDT_END_NODE), "a", 2);
	assert_damage_at("without an end token", 3, "/");
}

static void test_dt_names_end_in_their_block(void **state)
{
	(void)state;
	make_blob(TOKENS(ROOT, FDT_PROP, 0, 1, FDT_END_NODE, FDT_END), "ab", 3);
	assert_null(dt_find_damage(tree, TREE_SIZE).what);
	make_blob(TOKENS(ROOT, FDT_PROP, 0, 1, FDT_END_NODE, FDT_END), "ab", 2);
	assert_damage_at("name or length", 2, "/");
	make_blob(TOKENS(ROOT, FDT_PROP, 0, 3, FDT_END_NODE, FDT_END), "ab", 3);
	assert_damage_at("name or length", 2, "/");
	make_blob(TOKENS(ROOT, FDT_PROP, 0, 4, FDT_END_NODE, FDT_END), "ab", 3);
	assert_damage_at("name or length", 2, "/");
}

static void test_dt_blocks_and_versions(void **state)
{
	static const uint8_t *const header = tree;

	(void)state;
	make_blob(TOKENS(ROOT, FDT_END_NODE, FDT_END), "abc", 4);
	assert_null(dt_find_damage(tree, TREE_SIZE).what);
	put_word(tree + 20, 15);
	assert_damage("another version", header + 20, NULL);
	/* What is the structure's size in version 17 is none, and what is behind its end does not matter. */
	put_word(tree + 20, 16);
	put_word(tree + 36, 0xffffffff);
	assert_null(dt_find_damage(tree, TREE_SIZE).what);
	put_word(tree + 20, 17);
	assert_damage("over each other", header + 8, NULL);
	make_blob(TOKENS(ROOT, FDT_END_NODE, FDT_END), "abc", 4);
	put_word(tree + 20, 18);
	assert_null(dt_find_damage(tree, TREE_SIZE).what);
	/* Strings that share a byte with the tokens' end or begin. */
	make_blob(TOKENS(ROOT, FDT_END_NODE, FDT_END), "abc", 4);
	put_word(tree + 12, BLOB_STRUCTURE + 12);
	assert_damage("over each other", header + 8, NULL);
	put_word(tree + 12, BLOB_STRUCTURE - 3);
	assert_damage("over each other", header + 8, NULL);
	put_word(tree + 12, BLOB_STRUCTURE - 4);
	assert_null(dt_find_damage(tree, TREE_SIZE).what);
}

static void test_dt_reservations_end(void **state)
{
	const uint32_t total = BLOB_STRUCTURE + 16 + 8;

	(void)state;
	make_blob(TOKENS(ROOT, FDT_END_NODE, FDT_END), "0123456", 8);
	assert_int_equal(fdt_totalsize(tree), total);
	put_word(tree + BLOB_RESERVED + 12, 1);
	assert_damage("list of reserved memory", tree + 16, NULL);
	put_word(tree + BLOB_RESERVED + 12, 0);
	put_word(tree + 16, total);
	assert_damage("list of reserved memory", tree + 16, NULL);
	put_word(tree + 16, BLOB_RESERVED + 4);
	assert_damage("list of reserved memory", tree + 16, NULL);
}

#define RESERVED "/reserved-memory/firmware@50000000"

static void is_direct(unsigned int i, unsigned int smmu, uint32_t sid, uint64_t base, uint64_t size)
{
	const struct direct_description *direct = &description.streams.direct[i];

	assert_true(i < description.streams.direct_count);
	assert_int_equal(direct->smmu, smmu);
	assert_int_equal(direct->first, sid);
	assert_int_equal(direct->last, sid);
	assert_int_equal(direct->base, base);
	assert_int_equal(direct->size, size);
	assert_string_equal(direct->where, RESERVED);
}

static void test_dt_direct_regions(void **state)
{
	(void)state;
	add_node("/pcie@20000000", "gpu@0,0");
	SET("/pcie@20000000/gpu@0,0", "reg", 0x00000900, 0, 0, 0, 0);
	SET("/pcie@20000000/gpu@0,0", "phandle", 0x777);
	SET(DISPLAY, "phandle", 0x776);
	SET(RESERVED, "iommu-addresses", 0x776, 0x50000000, 0x100000, 0x777, 0, 0, 0x50000000, 0, 0x100000);
	read_tree();
	assert_int_equal(description.streams.direct_count, 3);
	is_direct(0, description.streams.fixed[0].smmu, 8, 0x50000000, 0x100000);
	is_direct(1, description.streams.fixed[1].smmu, 9, 0x50000000, 0x100000);
	/* 0x9 through mask and base. */
	is_direct(2, description.streams.direct[2].smmu, 0x209, 0x50000000, 0x100000);
}

/* The host's map has its requester ID, whose bus `reg` tells. */
static void test_dt_direct_region_behind_a_port(void **state)
{
	(void)state;
	add_node("/pcie@20000000", "pcie@1,0");
	set_text("/pcie@20000000/pcie@1,0", "device_type", "pci");
	SET("/pcie@20000000/pcie@1,0", "reg", 0x00000800, 0, 0, 0, 0);
	SET("/pcie@20000000/pcie@1,0", "#address-cells", 3);
	SET("/pcie@20000000/pcie@1,0", "#size-cells", 2);
	add_node("/pcie@20000000/pcie@1,0", "wifi@0");
	SET("/pcie@20000000/pcie@1,0/wifi@0", "reg", 0xff000a00, 0, 0, 0, 0);
	SET("/pcie@20000000/pcie@1,0/wifi@0", "phandle", 0x777);
	SET(RESERVED, "iommu-addresses", 0x777, 0, 0, 0x50000000, 0, 0x100000);
	read_tree();
	assert_int_equal(description.streams.direct_count, 1);
	is_direct(0, description.streams.direct[0].smmu, 0x20a, 0x50000000, 0x100000);
}

static void direct_is_refused(const char *words)
{
	bool said = false;

	read_tree();
	for (unsigned int i = 0; i < description.warning_count; i++) {
		said |= strstr(description.warning[i].where, RESERVED) && strstr(description.warning[i].text, words);
	}
	assert_true(said);
	assert_int_equal(description.streams.direct_count, 0);
}

static void test_dt_direct_regions_that_cannot_be(void **state)
{
	(void)state;
	SET(DISPLAY, "phandle", 0x776);
	SET(RESERVED, "iommu-addresses", 0x999, 0x50000000, 0x100000);
	direct_is_refused("no device");
	SET(RESERVED, "iommu-addresses", 0x776, 0x50000000);
	direct_is_refused("cut off");
	add_node("/", "mute");
	SET("/mute", "phandle", 0x778);
	SET(RESERVED, "iommu-addresses", 0x778, 0, 0x50000000, 0, 0x100000);
	direct_is_refused("without a stream");
	set_text(RESERVED, "status", "disabled");
	read_tree();
	assert_int_equal(description.streams.direct_count, 0);
}

static void test_dt_addresses_that_are_taken_and_not_mapped(void **state)
{
	static const uint32_t places[][2] = {{0x50001000, 0x100000}, {0x50000000, 0x200000}};

	(void)state;
	SET(DISPLAY, "phandle", 0x776);
	for (unsigned int i = 0; i < 2; i++) {
		SET(RESERVED, "iommu-addresses", 0x776, places[i][0], places[i][1]);
		read_tree();
		assert_int_equal(description.streams.direct_count, 2);
		is_direct(0, description.streams.fixed[0].smmu, 8, places[i][0], places[i][1]);
		assert_false(description.streams.direct[0].mapped);
		assert_string_equal(description.streams.direct[1].master, DISPLAY);
	}
}

static void test_dt_direct_regions_that_linux_does_not_see(void **state)
{
	(void)state;
	SET(DISPLAY, "phandle", 0x776);
	SET(RESERVED, "phandle", 0x775);
	SET(RESERVED, "iommu-addresses", 0x776, 0x50000000, 0x100000);
	read_tree();
	assert_true(warned(RESERVED, "memory-region"));
	assert_true(description.streams.direct[0].mapped);
	SET(DISPLAY, "memory-region", 0x1, 0x775);
	read_tree();
	assert_false(warned(RESERVED, "memory-region"));
}

#define TEST(name) cmocka_unit_test_setup(name, load)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_dt_direct_regions),
		TEST(test_dt_direct_region_behind_a_port),
		TEST(test_dt_direct_regions_that_cannot_be),
		TEST(test_dt_addresses_that_are_taken_and_not_mapped),
		TEST(test_dt_direct_regions_that_linux_does_not_see),
		TEST(test_dt_memory),
		TEST(test_dt_memory_overflow_and_excess),
		TEST(test_dt_reserved_without_an_address),
		TEST(test_dt_reserves_an_initrd),
		TEST(test_dt_leaves_a_dead_kernels_memory_alone),
		TEST(test_dt_more_reserved_than_can_be_listed_reserves_everything),
		TEST(test_dt_cores),
		TEST(test_dt_console_through_alias_and_ranges),
		TEST(test_dt_console_kinds),
		TEST(test_dt_console_paths),
		TEST(test_dt_names_of_interrupts),
		TEST(test_dt_console_bad),
		TEST(test_dt_psci_timer_fw_cfg),
		TEST(test_dt_psci_0_1),
		TEST(test_dt_psci_0_1_without_a_function),
		TEST(test_dt_timer_by_name),
		TEST(test_dt_gicv2_and_gicv3),
		TEST(test_dt_hosts),
		TEST(test_dt_host_bad),
		TEST(test_dt_host_of_designware),
		TEST(test_dt_host_of_designware_with_dma),
		TEST(test_dt_host_of_another_kind),
		TEST(test_dt_host_of_designware_bad),
		TEST(test_dt_hosts_with_and_without_a_domain),
		TEST(test_dt_host_segments),
		TEST(test_dt_single_dis_01),
		TEST(test_dt_multi_dis_02),
		TEST(test_dt_status),
		TEST(test_dt_bad_cells_dis_03),
		TEST(test_dt_small_mmio_dis_04),
		TEST(test_dt_quirks),
		TEST(test_dt_base_bad),
		TEST(test_dt_ranges_edges),
		TEST(test_dt_coherency),
		TEST(test_dt_interrupts),
		TEST(test_dt_interrupt_parent),
		TEST(test_dt_iommus_multi_dis_11),
		TEST(test_dt_dangling_dis_12),
		TEST(test_dt_iommu_map_dis_10),
		TEST(test_dt_iommu_map_other_kind_ends_it),
		TEST(test_dt_iommu_map_mask),
		TEST(test_dt_iommu_map_of_other_nodes),
		TEST(test_dt_iommu_map_bad),
		TEST(test_dt_iommu_map_random),
		TEST(test_dt_more_than_fits),
		TEST(test_dt_pool_full),
		TEST(test_dt_deep_tree),
		TEST(test_dt_as_deep_as_it_may_be),
		TEST(test_dt_every_prefix),
		TEST(test_dt_damaged_bytes),
		TEST(test_dt_check_refuses),
		TEST(test_dt_damage_is_told),
		TEST(test_dt_order_of_tokens),
		TEST(test_dt_names_end_in_their_block),
		TEST(test_dt_blocks_and_versions),
		TEST(test_dt_reservations_end),
		TEST(test_dt_size_cells_of_an_ancestor),
		TEST(test_dt_four_address_cells),
		TEST(test_dt_range_cut_off),
		TEST(test_dt_hosts_fill_their_list),
		TEST(test_description_regions_fill_their_list),
		TEST(test_description_names_fill_their_room),
		TEST(test_description_warnings_fill_their_list),
		TEST(test_dt_host_windows),
		TEST(test_dt_host_limits_met),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
