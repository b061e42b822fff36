/* SPDX-License-Identifier: BSD-2-Clause */
/* The machine: memory, cores, console, PSCI, GIC, timer, fw_cfg, command line. */
#include <string.h>

#include "base/arch.h"
#include "base/feature.h"
#include "firmware/dt_tree.h"

#define GIC_REG_DISTRIBUTOR 0U
#define GIC_REG_SECOND 1U /* GICv2: CPU interface. GICv3: redistributors. */
#define TIMER_VIRTUAL 2U  /* Order: secure, non-secure, virtual, hypervisor. */
#define CORE_CELLS_MAX 2U
#define ALIAS_SIZE 32U /* 31 characters and a NUL. */

OPTIONAL(dt_gic_version);
OPTIONAL(dt_irq);

static void add_range(struct dt_reader *reader, struct range_description *list, unsigned int *count,
		      struct range_description range)
{
	if (range.size == 0) {
		return;
	}
	if (*count == DESCRIPTION_MEMORY_MAX) {
		description_leave_out(reader->description, LIST_MEMORY);
		if (list == reader->description->reserved) {
			/* Uses no memory at all, because this reservation is lost. */
			list[0] = (struct range_description){.base = 0, .size = 1ULL << 40};
		}
		return;
	}
	list[(*count)++] = range;
}

static void dt_machine_read_ranges(struct dt_reader *reader, const struct dt_node *node, const char *property,
				   struct range_description *list, unsigned int *list_count)
{
	uint32_t count = dt_range_count(node, property);
	struct range_description range;

	dt_check_address(reader, node);
	if (count == 0) {
		dt_warn(reader, node, property, DT_NO_ADDRESS);
	}
	for (uint32_t i = 0; i < count; i++) {
		if (!dt_range(node, property, i, &range)) {
			dt_warn(reader, node, property, DT_NO_ADDRESS);
			continue;
		}
		add_range(reader, list, list_count, range);
	}
}

static void read_memory(struct dt_reader *reader, const struct dt_node *node)
{
	struct description *description = reader->description;

	if (!reader->is_crash_kernels) {
		dt_machine_read_ranges(reader, node, "reg", description->memory, &description->memory_count);
	}
}

/* After a crash (kexec -p; only of arm64 Images) other memory is the dead kernel's. */
static void read_crash_kernel(struct dt_reader *reader, const struct dt_node *chosen)
{
	static const char usable[] = "linux,usable-memory-range";
	static const char core[] = "linux,elfcorehdr";
	struct description *description = reader->description;

	if (dt_has(chosen, usable)) {
		reader->is_crash_kernels = true;
		description->memory_count = 0;
		dt_machine_read_ranges(reader, chosen, usable, description->memory, &description->memory_count);
	}
	if (dt_has(chosen, core)) {
		dt_machine_read_ranges(reader, chosen, core, description->reserved, &description->reserved_count);
	}
}

static void read_reservations(struct dt_reader *reader)
{
	struct description *description = reader->description;
	struct range_description range;

	for (uint32_t i = 0; dt_reservation(reader->fdt, i, &range); i++) {
		add_range(reader, description->reserved, &description->reserved_count, range);
	}
}

/* Without `reg` the next operating system chooses the address. */
static void read_reserved_node(struct dt_reader *reader, const struct dt_node *node)
{
	struct description *description = reader->description;

	if (dt_has(node, "reg")) {
		dt_machine_read_ranges(reader, node, "reg", description->reserved, &description->reserved_count);
	}
}

static void dt_machine_read_core(struct dt_reader *reader, const struct dt_node *node)
{
	struct description *description = reader->description;
	struct dt_cells reg = dt_cells(reader->fdt, dt_offset(node), "reg");
	uint32_t cells;

	if (!dt_address_cells(node, node->depth - 1, &cells) || cells > CORE_CELLS_MAX || reg.count < cells) {
		dt_warn(reader, node, "reg", "is no affinity");
		return;
	}
	if (description->core_count == DESCRIPTION_CORES_MAX) {
		description_leave_out(description, LIST_CORES);
		return;
	}
	description->core[description->core_count++] = (struct core_description){
		.affinity = dt_number(&reg, 0, cells),
		.enabled = dt_enabled(node),
	};
}

static uint32_t read_function(struct dt_reader *reader, const struct dt_node *node, const char *property)
{
	uint32_t number = PSCI_NO_FUNCTION;

	if (!dt_u32(reader->fdt, dt_offset(node), property, &number)) {
		dt_warn(reader, node, property, "is missing: PSCI 0.1 starts no other core");
	}
	return number;
}

static void read_psci(struct dt_reader *reader, const struct dt_node *node)
{
	struct psci_description *psci = &reader->description->psci;

	if (psci->method != PSCI_NONE) {
		return;
	}
	if (dt_string_is(node, "method", "hvc")) {
		psci->method = PSCI_HVC;
	} else if (dt_string_is(node, "method", "smc")) {
		psci->method = PSCI_SMC;
	} else {
		dt_warn(reader, node, "method", "neither hvc nor smc");
	}
	if (!dt_compatible(node, "arm,psci-1.0") && !dt_compatible(node, "arm,psci-0.2")) {
		psci->is_0_1 = true;
		psci->cpu_on = read_function(reader, node, "cpu_on");
		psci->cpu_off = read_function(reader, node, "cpu_off");
	}
}

static void read_redistributors(struct dt_reader *reader, const struct dt_node *node, struct gic_description *gic)
{
	uint32_t regions = 1;

	dt_u32(reader->fdt, dt_offset(node), "#redistributor-regions", &regions);
	if (regions > DESCRIPTION_REDISTRIBUTORS_MAX) {
		reader->description->left_out[LIST_REDISTRIBUTORS] = regions - DESCRIPTION_REDISTRIBUTORS_MAX;
		regions = DESCRIPTION_REDISTRIBUTORS_MAX;
	}
	for (uint32_t i = 0; i < regions; i++) {
		if (!dt_reg(node, GIC_REG_SECOND + i, &gic->redistributor[gic->redistributor_count])) {
			dt_warn(reader, node, "reg", DT_NO_ADDRESS);
			continue;
		}
		gic->redistributor_count++;
	}
}

static void read_gic(struct dt_reader *reader, const struct dt_node *node)
{
	struct gic_description *gic = &reader->description->gic;
	struct gic_description found = {.version = dt_gic_version(reader->fdt, dt_offset(node))};
	bool usable = dt_reg(node, GIC_REG_DISTRIBUTOR, &found.distributor);

	if (gic->version != 0) {
		dt_warn(reader, node, NULL, "one GIC was described before: left out");
		return;
	}
	if (found.version == 2) {
		usable = usable && dt_reg(node, GIC_REG_SECOND, &found.processor);
	} else {
		read_redistributors(reader, node, &found);
		usable = usable && found.redistributor_count > 0;
	}
	if (!usable) {
		dt_warn(reader, node, "reg", DT_NO_ADDRESS);
		return;
	}
	*gic = found;
}

static void read_timer(struct dt_reader *reader, const struct dt_node *node)
{
	struct timer_description *timer = &reader->description->timer;
	int named = dt_string_index(node, "interrupt-names", "virt");
	uint32_t index = named >= 0 ? (uint32_t)named : TIMER_VIRTUAL;
	const char *why = is_linked(dt_irq) ? dt_irq(reader, node, index, &timer->virtual_timer) : NULL;

	if (why) {
		dt_warn(reader, node, "interrupts", why);
	}
	dt_u32(reader->fdt, dt_offset(node), "clock-frequency", &timer->clock_frequency);
}

static void read_fw_cfg(struct dt_reader *reader, const struct dt_node *node)
{
	struct range_description range;

	if (!dt_reg(node, 0, &range)) {
		dt_warn(reader, node, "reg", DT_NO_ADDRESS);
		return;
	}
	reader->description->fw_cfg_base = range.base;
}

static const struct {
	const char *compatible;
	uint8_t kind;
	uint8_t reg_shift;
} consoles[] = {
	{"arm,sbsa-uart", CONSOLE_SBSA, 0},  {"arm,pl011", CONSOLE_PL011, 0},
	{"arm,primecell", CONSOLE_PL011, 0}, {"ns16550a", CONSOLE_16550, 0},
	{"ns16550", CONSOLE_16550, 0},	     {"snps,dw-apb-uart", CONSOLE_16550, 0},
	{"ti,am654-uart", CONSOLE_16550, 2}, {"ti,j721e-uart", CONSOLE_16550, 2},
};

static struct console_description console_at(const struct dt_node *node, uint64_t base)
{
	for (unsigned int i = 0; i < sizeof(consoles) / sizeof(consoles[0]); i++) {
		if (dt_compatible(node, consoles[i].compatible)) {
			return (struct console_description){.kind = (enum console_kind)consoles[i].kind,
							    .base = base,
							    .reg_shift = consoles[i].reg_shift};
		}
	}
	if (ARCH_MORE_CONSOLES && dt_compatible(node, "fsl,imx7ulp-lpuart")) {
		return (struct console_description){.kind = CONSOLE_LPUART, .base = base};
	}
	return (struct console_description){.kind = CONSOLE_NONE};
}

static const char *alias(const void *fdt, const char *name, size_t length)
{
	char property[ALIAS_SIZE];
	struct dt_node aliases;

	if (length >= sizeof(property) || !dt_by_path(fdt, "/aliases", strlen("/aliases"), &aliases)) {
		return NULL;
	}
	memcpy(property, name, length);
	property[length] = '\0';
	return dt_string(&aliases, property);
}

/* Alias or path; ignores what follows a colon ("serial0:115200n8"). */
static bool stdout_node(const void *fdt, const char *path, struct dt_node *node)
{
	size_t length = strcspn(path, ":");
	size_t first = strcspn(path, "/:");

	if (first > 0) {
		const char *stands_for = alias(fdt, path, first);

		return stands_for && dt_by_path(fdt, stands_for, strlen(stands_for), node) &&
		       dt_below(path + first, length - first, node);
	}
	return length > 0 && dt_by_path(fdt, path, length, node);
}

static void read_console(struct dt_reader *reader, const struct dt_node *chosen, const char *property)
{
	struct console_description *console = &reader->description->console;
	const char *path = dt_string(chosen, property);
	struct dt_node node;
	struct range_description range;
	uint32_t offset;

	if (console->kind != CONSOLE_NONE || !dt_has(chosen, property)) {
		return;
	}
	if (!path || !stdout_node(reader->fdt, path, &node)) {
		dt_warn(reader, chosen, property, "leads to no node");
		return;
	}
	if (console_at(&node, 0).kind == CONSOLE_NONE) {
		path = dt_string(&node, "compatible");
		reader->description->unknown_console = path ? description_name(reader->description, path) : NULL;
		dt_warn(reader, &node, "compatible", "a console of unknown kind");
		return;
	}
	if (!dt_reg(&node, 0, &range)) {
		dt_warn(reader, &node, "reg", DT_NO_ADDRESS);
		return;
	}
	*console = console_at(&node, range.base);
	dt_u32(reader->fdt, dt_offset(&node), "reg-shift", &console->reg_shift);
	if (!ARCH_MORE_CONSOLES) {
		return;
	}
	dt_u32(reader->fdt, dt_offset(&node), "reg-io-width", &console->reg_io_width);
	if (dt_u32(reader->fdt, dt_offset(&node), "reg-offset", &offset)) {
		console->base += offset;
	}
}

/* One or two cells, regardless of #address-cells; 0: none. */
static uint64_t chosen_address(const struct dt_node *chosen, const char *property)
{
	struct dt_cells cells = dt_cells(chosen->fdt, dt_offset(chosen), property);

	return cells.count == 1 || cells.count == 2 ? dt_number(&cells, 0, cells.count) : 0;
}

static void read_initrd(struct dt_reader *reader, const struct dt_node *chosen)
{
	struct description *description = reader->description;
	uint64_t start = chosen_address(chosen, "linux,initrd-start");
	uint64_t end = chosen_address(chosen, "linux,initrd-end");

	if (start < end) {
		add_range(reader, description->reserved, &description->reserved_count,
			  (struct range_description){start, end - start});
	}
}

static void read_chosen(struct dt_reader *reader, const struct dt_node *chosen)
{
	const char *bootargs = dt_string(chosen, "bootargs");

	if (bootargs) {
		reader->description->bootargs = description_name(reader->description, bootargs);
	} else if (dt_has(chosen, "bootargs")) {
		dt_warn(reader, chosen, "bootargs", "does not end");
	}
	read_initrd(reader, chosen);
	if (ARCH_STARTS_IMAGES) {
		read_crash_kernel(reader, chosen);
	}
	read_console(reader, chosen, "stdout-path");
	read_console(reader, chosen, "linux,stdout-path");
}

static bool named(const struct dt_node *node, int depth, const char *name)
{
	return depth <= node->depth && !strcmp(dt_name(node->fdt, node->chain[depth]), name);
}

static void read_by_place(struct dt_reader *reader, const struct dt_node *node)
{
	if (node->depth == 1 && named(node, 1, "chosen")) {
		read_chosen(reader, node);
	} else if (node->depth == 1 && dt_string_is(node, "device_type", "memory") && dt_enabled(node)) {
		read_memory(reader, node);
	} else if (node->depth == 2 && named(node, 1, "cpus") && dt_string_is(node, "device_type", "cpu")) {
		dt_machine_read_core(reader, node);
	} else if (node->depth == 2 && named(node, 1, "reserved-memory") && dt_enabled(node)) {
		read_reserved_node(reader, node);
	}
}

static void read_by_compatible(struct dt_reader *reader, const struct dt_node *node)
{
	if (!dt_has(node, "compatible") || !dt_enabled(node)) {
		return;
	}
	if (is_linked(dt_gic_version) && dt_gic_version(reader->fdt, dt_offset(node)) != 0) {
		read_gic(reader, node);
	} else if (dt_compatible(node, "arm,armv8-timer") || dt_compatible(node, "arm,armv7-timer")) {
		read_timer(reader, node);
	} else if (dt_compatible(node, "arm,psci-1.0") || dt_compatible(node, "arm,psci-0.2") ||
		   dt_compatible(node, "arm,psci")) {
		read_psci(reader, node);
	} else if (dt_compatible(node, "qemu,fw-cfg-mmio")) {
		read_fw_cfg(reader, node);
	}
}

void dt_read_machine(struct dt_reader *reader)
{
	struct dt_node node;

	read_reservations(reader);
	for (bool more = dt_root(reader->fdt, &node); more; more = dt_next(&node)) {
		read_by_place(reader, &node);
		read_by_compatible(reader, &node);
	}
	if (reader->description->memory_count == 0) {
		description_warn(reader->description, "/", "no memory is described");
	}
}
