/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupt controllers' driver on models of GICv2 and GICv3 (IHI 0048, IHI 0069). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arch.h"
#include "irqchip/gic.h"
#include "irqchip/irqchip.h"

#define LINES 256U
#define FRAME 0x10000U
#define DISTRIBUTOR 0x08000000ULL
#define PROCESSOR 0x08010000ULL
#define REDISTRIBUTOR 0x080a0000ULL
#define SPURIOUS 1023U
#define TYPER_LINES (LINES / 32 - 1)
#define TYPER_ESPI (1U << 8) /* 32 of them. */

#define GICC_CTLR 0x000U
#define GICC_CTLR_EOI_MODE (1U << 9)
#define GICC_PMR 0x004U
#define GICC_BPR 0x008U
#define GICC_APR 0x0d0U
#define GICR_TYPER_EPPI (1U << 27) /* 32 of them. */
#define ESPI_ENABLED 0x1200U
#define ESPI_DISABLE 0x1400U
#define ESPI_DEACTIVATE 0x1c00U
#define GICC_IAR 0x00cU
#define GICC_EOIR 0x010U

/* --- The model. ----------------------------------------------------------------------------------------------------
 */

static struct {
	uint32_t distributor[FRAME / 4];
	uint32_t processor[FRAME / 4];
	uint32_t redistributor[4 * FRAME / 4];
	bool level[LINES]; /* The line is up. */
	bool latched[LINES];
	bool active[LINES];
	bool enabled[LINES];
	uint32_t ends;
	uint32_t forced; /* Next ICC_IAR1, or 0. */
	unsigned int version;
	uint32_t turns; /* Acknowledges, also in vain. */
} model;

static bool is_in(const volatile void *reg, const uint32_t *frame, uint32_t *offset)
{
	uintptr_t at = (uintptr_t)reg - (uintptr_t)frame;

	*offset = (uint32_t)at;
	return at < FRAME;
}

static bool is_edge(unsigned int line)
{
	return model.distributor[GICD_ICFGR / 4 + line / 16] >> (line % 16 * 2) & 2U;
}

static bool is_pending(unsigned int line)
{
	return model.latched[line] || (model.level[line] && !is_edge(line));
}

static uint32_t collect(uint32_t word, bool (*is_set)(unsigned int line))
{
	uint32_t bits = 0;

	for (unsigned int i = 0; i < 32 && word * 32 + i < LINES; i++) {
		bits |= is_set(word * 32 + i) ? 1U << i : 0;
	}
	return bits;
}

static bool is_enabled(unsigned int line)
{
	return model.enabled[line];
}

static bool is_active(unsigned int line)
{
	return model.active[line];
}

static bool is_in_group(unsigned int line)
{
	const uint32_t *frame = model.version == 3 && line < 32 ? &model.redistributor[FRAME / 4] : model.distributor;

	return (frame[GICD_IGROUPR / 4 + line / 32] >> line % 32 & 1U) == (model.version == 3);
}

static bool is_busy(void)
{
	return model.version == 3 ? arch_hooks.icc.active[0] : model.processor[GICC_APR / 4];
}

static bool is_signalled(unsigned int line)
{
	return is_pending(line) && is_enabled(line) && !model.active[line] && is_in_group(line) && !is_busy();
}

static void spread(uint32_t word, uint32_t bits, bool *set, bool value)
{
	for (unsigned int i = 0; i < 32 && word * 32 + i < LINES; i++) {
		set[word * 32 + i] = bits >> i & 1U ? value : set[word * 32 + i];
	}
}

static uint32_t acknowledge(void)
{
	assert_true(++model.turns < 100000);
	for (unsigned int line = 0; line < LINES; line++) {
		if (is_signalled(line)) {
			model.latched[line] = false;
			model.active[line] = true;
			return line;
		}
	}
	return SPURIOUS;
}

static void end(uint32_t intid)
{
	bool split = model.version == 3 ? arch_hooks.icc.control & ARCH_ICC_CONTROL_EOI_MODE :
					  model.processor[GICC_CTLR / 4] & GICC_CTLR_EOI_MODE;

	model.ends++;
	if (intid < LINES && !split) {
		model.active[intid] = false;
	}
}

static uint32_t read32(const volatile void *reg)
{
	uint32_t offset;

	if (is_in(reg, model.processor, &offset)) {
		return offset == GICC_IAR ? acknowledge() : model.processor[offset / 4];
	}
	if (!is_in(reg, model.distributor, &offset)) {
		return *(const volatile uint32_t *)reg;
	}
	switch (offset & ~0x7fU) {
	case GICD_ISENABLER:
	case GICD_ICENABLER:
		return collect(offset % 0x80 / 4, is_enabled);
	case GICD_ISPENDR:
	case GICD_ICPENDR:
		return collect(offset % 0x80 / 4, is_pending);
	case GICD_ISACTIVER:
	case GICD_ICACTIVER:
		return collect(offset % 0x80 / 4, is_active);
	default:
		return model.distributor[offset / 4];
	}
}

static void write32(volatile void *reg, uint32_t value)
{
	uint32_t offset;

	if (is_in(reg, model.processor, &offset)) {
		model.processor[offset / 4] = value;
		if (offset == GICC_EOIR) {
			end(value);
		}
		return;
	}
	if (!is_in(reg, model.distributor, &offset)) {
		*(volatile uint32_t *)reg = value;
		return;
	}
	switch (offset & ~0x7fU) {
	case GICD_ISENABLER:
	case GICD_ICENABLER:
		spread(offset % 0x80 / 4, value, model.enabled, (offset & ~0x7fU) == GICD_ISENABLER);
		break;
	case GICD_ISPENDR:
	case GICD_ICPENDR:
		spread(offset % 0x80 / 4, value, model.latched, (offset & ~0x7fU) == GICD_ISPENDR);
		break;
	case GICD_ISACTIVER:
	case GICD_ICACTIVER:
		spread(offset % 0x80 / 4, value, model.active, (offset & ~0x7fU) == GICD_ISACTIVER);
		break;
	default:
		model.distributor[offset / 4] = value;
	}
}

static volatile void *map_device(uint64_t pa, uint64_t size)
{
	(void)size;
	return pa == DISTRIBUTOR ? model.distributor : pa == PROCESSOR ? model.processor : model.redistributor;
}

/* Takes interrupts until none is pending. Returns how many, at most `most`. */
static unsigned int take_interrupts(unsigned int most)
{
	for (unsigned int i = 0; i < most; i++) {
		bool any = model.forced;

		for (unsigned int line = 0; line < LINES; line++) {
			any |= is_signalled(line);
		}
		if (!any) {
			return i;
		}
		irqchip_dispatch();
	}
	return most;
}

/* --- Handlers. -----------------------------------------------------------------------------------------------------
 */

struct device {
	unsigned int line;
	unsigned int calls;
	bool mine;
	bool lowers; /* And the line falls. */
	unsigned int every;
};

static bool handle(void *argument)
{
	struct device *device = argument;

	device->calls++;
	if (device->lowers) {
		model.level[device->line] = false;
	}
	return device->mine || (device->every && device->calls % device->every == 0);
}

/* Unused numbers: handlers are never given back. */
static unsigned int next_line = GIC_SPI_FIRST;

static struct device device_on(unsigned int line)
{
	return (struct device){.line = line, .mine = true, .lowers = true};
}

static int start(void)
{
	static const struct gic_description gic[] = {
		[2] = {.version = 2, .distributor = {DISTRIBUTOR, FRAME}, .processor = {PROCESSOR, FRAME}},
		[3] = {.version = 3,
		       .distributor = {DISTRIBUTOR, FRAME},
		       .redistributor = {{REDISTRIBUTOR, 4 * FRAME}},
		       .redistributor_count = 1},
	};

	return irqchip_init(&gic[model.version]) || irqchip_core_init();
}

static uint32_t acknowledge_forced(void)
{
	uint32_t intid = model.forced ? model.forced : acknowledge();

	model.forced = 0;
	return intid;
}

static int setup_model(unsigned int version)
{
	uint32_t intid;

	arch_hooks_reset();
	memset(&model, 0, sizeof(model));
	model.version = version;
	model.distributor[GICD_TYPER / 4] = TYPER_LINES;
	arch_hooks.read32 = read32;
	arch_hooks.write32 = write32;
	arch_hooks.map_device = map_device;
	arch_hooks.acknowledge = acknowledge_forced;
	arch_hooks.end = end;
	for (unsigned int i = 0; i < LINES && irqchip_take_storm(&intid); i++) {
	}
	return 0;
}

static int setup(void **state)
{
	(void)state;
	return setup_model(2) || start();
}

static int setup_v3(void **state)
{
	(void)state;
	return setup_model(3) || start();
}

static int setup_left_v2(void **state)
{
	(void)state;
	return setup_model(2);
}

static int setup_left_v3(void **state)
{
	(void)state;
	return setup_model(3);
}

/* --- Tests. --------------------------------------------------------------------------------------------------------
 */

/* What is heard from `from` on, or 0. */
static uint32_t heard(uint32_t from)
{
	uint32_t intid;

	return irqchip_heard(from, &intid) ? intid : 0;
}

static void test_what_comes_is_heard(void **state)
{
	struct device device = device_on(next_line++);
	unsigned int foreign = LINES - 1;

	(void)state;
	assert_int_equal(irqchip_enable(device.line, false, handle, &device), 0);
	model.latched[foreign] = true;
	assert_true(irqchip_listen());
	assert_int_equal(heard(0), 0);
	model.latched[device.line] = true;
	model.latched[foreign] = true;
	model.latched[16] = true; /* A PPI. */
	assert_int_equal(take_interrupts(10), 0);
	assert_int_equal(heard(0), device.line);
	assert_int_equal(heard(device.line + 1), foreign);
	assert_int_equal(heard(foreign + 1), 0);
	assert_true(is_edge(device.line));
	irqchip_listen_end();
	assert_false(is_edge(device.line));
	assert_false(model.latched[device.line]);
	assert_false(model.enabled[foreign]);
	model.level[device.line] = true;
	assert_int_equal(take_interrupts(10), 1);
	assert_int_equal(device.calls, 1);
}

/* QEMU's GICv2 keeps what comes for no core from pending. */
static void test_listening_routes_what_has_no_core(void **state)
{
	unsigned int line = next_line++;
	const uint8_t *routes = (const uint8_t *)&model.distributor[GICD_ITARGETSR / 4];

	(void)state;
	model.distributor[GICD_ITARGETSR / 4] = 0x04040404;
	((uint8_t *)&model.distributor[GICD_ITARGETSR / 4])[line + 1] = 2;
	assert_true(irqchip_listen());
	assert_int_equal(routes[line], 4);
	assert_int_equal(routes[line + 1], 2);
	irqchip_listen_end();
	assert_int_equal(routes[line], 0);
	assert_int_equal(routes[line + 1], 2);
}

static void test_an_interrupt_is_served_and_comes_again(void **state)
{
	struct device device = device_on(next_line++);
	uint32_t intid;

	(void)state;
	assert_int_equal(irqchip_enable(device.line, false, handle, &device), 0);
	for (unsigned int i = 1; i <= 1000; i++) {
		model.level[device.line] = true;
		assert_int_equal(take_interrupts(10), 1);
		assert_int_equal(device.calls, i);
	}
	assert_false(irqchip_take_storm(&intid));
	assert_false(irqchip_is_masked(device.line));
	irqchip_disable(device.line);
}

static void test_a_line_that_stays_up_is_masked_and_told(void **state)
{
	struct device stuck = {.line = next_line++};
	struct device other = device_on(next_line++);
	uint32_t intid;

	(void)state;
	assert_int_equal(irqchip_enable(stuck.line, false, handle, &stuck), 0);
	assert_int_equal(irqchip_enable(other.line, false, handle, &other), 0);
	model.level[stuck.line] = true;
	assert_true(take_interrupts(100) < 100);
	assert_int_equal(stuck.calls, 64);
	assert_false(model.enabled[stuck.line]);
	assert_true(irqchip_is_masked(stuck.line));
	assert_true(irqchip_take_storm(&intid));
	assert_int_equal(intid, stuck.line);
	assert_false(irqchip_take_storm(&intid));
	model.level[other.line] = true;
	assert_int_equal(take_interrupts(10), 1);
	assert_int_equal(other.calls, 1);
	irqchip_disable(stuck.line);
	irqchip_disable(other.line);
}

/* Another core took the cause; the line has fallen. */
static void test_interrupts_in_vain_are_no_storm(void **state)
{
	struct device device = {.line = next_line++, .lowers = true};
	uint32_t intid;

	(void)state;
	assert_int_equal(irqchip_enable(device.line, false, handle, &device), 0);
	for (unsigned int i = 0; i < 1000; i++) {
		model.level[device.line] = true;
		assert_int_equal(take_interrupts(10), 1);
	}
	assert_int_equal(device.calls, 1000);
	assert_false(irqchip_take_storm(&intid));
	irqchip_disable(device.line);
}

static void test_work_is_no_storm(void **state)
{
	struct device device = {.line = next_line++, .mine = true};
	uint32_t intid;

	(void)state;
	assert_int_equal(irqchip_enable(device.line, false, handle, &device), 0);
	model.level[device.line] = true;
	assert_int_equal(take_interrupts(100), 100);
	assert_false(irqchip_take_storm(&intid));
	device.mine = false;
	device.every = 50;
	assert_int_equal(take_interrupts(100), 100);
	assert_false(irqchip_take_storm(&intid));
	irqchip_disable(device.line);
}

static void test_an_interrupt_without_a_handler_is_masked(void **state)
{
	unsigned int line = next_line++;
	uint32_t intid;

	(void)state;
	model.enabled[line] = true;
	model.level[line] = true;
	assert_true(take_interrupts(100) < 100);
	assert_false(model.enabled[line]);
	assert_true(irqchip_take_storm(&intid));
	assert_int_equal(intid, line);
}

static void test_what_cannot_be_enabled_is_refused(void **state)
{
	struct device device = device_on(next_line++);

	(void)state;
	assert_int_equal(irqchip_enable(device.line, true, handle, &device), 0);
	assert_int_equal(irqchip_enable(device.line, true, handle, &device), -EBUSY);
	assert_int_equal(irqchip_enable(15, true, handle, &device), -EINVAL);
	assert_int_equal(irqchip_enable(1020, true, handle, &device), -EINVAL);
	assert_int_equal(irqchip_enable(4096 + 40, true, handle, &device), -EINVAL);
	assert_int_equal(irqchip_enable(GIC_LPI_FIRST, true, handle, &device), -EINVAL);
	irqchip_disable(device.line);
}

/* GICD_TYPER has so many; again, because it may not be left with a handler. */
static void test_a_line_beyond_the_controllers_is_refused(void **state)
{
	struct device device = device_on(LINES);

	(void)state;
	assert_int_equal(irqchip_enable(LINES, true, handle, &device), -EINVAL);
	assert_int_equal(irqchip_enable(LINES, true, handle, &device), -EINVAL);
	assert_int_equal(irqchip_enable(1019, false, handle, &device), -EINVAL);
}

static void test_more_handlers_than_there_are_places(void **state)
{
	struct device device = {.mine = true};
	uint32_t intid = GIC_SPI_FIRST;
	int error = 0;

	(void)state;
	while (!error && intid < 1020) {
		error = irqchip_enable(intid++, false, handle, &device);
	}
	assert_int_equal(error, -EBUSY);
	/* Two for each of 64 SMMUs, and the timer. */
	assert_true(intid - GIC_SPI_FIRST > 129);
}

/* --- GICv3. --------------------------------------------------------------------------------------------------------
 */

/* 4128 and 8224: 32 in their lower ten bits. */
static void test_large_numbers_are_no_small_ones(void **state)
{
	static const uint32_t large[] = {4096 + 32, GIC_LPI_FIRST + 32, 0x10000 + 32};
	struct device device = device_on(32);

	(void)state;
	assert_int_equal(irqchip_enable(32, false, handle, &device), 0);
	for (unsigned int i = 0; i < sizeof(large) / sizeof(large[0]); i++) {
		uint32_t ends = model.ends;

		model.forced = large[i];
		assert_int_equal(take_interrupts(10), 1);
		assert_int_equal(device.calls, 0);
		assert_int_equal(model.ends, ends + 1);
	}
	model.level[32] = true;
	assert_int_equal(take_interrupts(10), 1);
	assert_int_equal(device.calls, 1);
	irqchip_disable(32);
}

static void test_an_lpi_is_no_line(void **state)
{
	const uint32_t lpi = GIC_LPI_FIRST + 32;
	uint32_t intid;

	(void)state;
	model.distributor[(GICD_ISPENDR + lpi / 32 * 4) / 4] = UINT32_MAX;
	for (unsigned int i = 0; i < 100; i++) {
		model.forced = lpi;
		assert_int_equal(take_interrupts(10), 1);
	}
	assert_false(irqchip_take_storm(&intid));
}

/* --- What was there before. ----------------------------------------------------------------------------------------
 */

#define LEFT_ACTIVE 40U
#define LEFT_PENDING 41U
#define LEFT_LEVEL 42U

/* A boot loader inside a handler: all enabled, wrong group. */
static void leave_lines(uint32_t groups)
{
	for (unsigned int line = 16; line < LINES; line++) {
		model.enabled[line] = true;
	}
	model.active[LEFT_ACTIVE] = true;
	model.latched[LEFT_PENDING] = true;
	model.level[LEFT_LEVEL] = true;
	model.distributor[GICD_ICFGR / 4 + LEFT_PENDING / 16] = 2U << LEFT_PENDING % 16 * 2;
	for (unsigned int word = 0; word < LINES / 32; word++) {
		model.distributor[GICD_IGROUPR / 4 + word] = groups;
		model.redistributor[FRAME / 4 + GICD_IGROUPR / 4] = groups;
	}
	for (unsigned int word = 0; word < LINES / 4; word++) {
		model.distributor[GICD_IPRIORITYR / 4 + word] = 0x80808080;
		model.distributor[GICD_ITARGETSR / 4 + word] = word < 8 ? 0x01010101 : 0x02020202;
	}
}

static void use_lines(void)
{
	struct device device[] = {device_on(LEFT_ACTIVE), device_on(LEFT_PENDING), device_on(50)};

	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(irqchip_enable(device[i].line, false, handle, &device[i]), 0);
	}
	assert_int_equal(take_interrupts(10), 0);
	for (unsigned int turn = 1; turn <= 3; turn++) {
		for (unsigned int i = 0; i < 3; i++) {
			model.level[device[i].line] = true;
			assert_int_equal(take_interrupts(10), 1);
			assert_int_equal(device[i].calls, turn);
		}
	}
}

static void check_inherited(void)
{
	const struct irqchip_inherited *found = irqchip_inherited();

	assert_int_equal(found->enabled, LINES - 16);
	assert_int_equal(found->active, 1);
	assert_int_equal(found->pending, 1);
	assert_true(found->split_end);
	assert_true(found->busy);
}

static void test_a_gicv2_in_use_is_taken_over_and_given_back(void **state)
{
	static uint32_t distributor[FRAME / 4];
	static uint32_t processor[FRAME / 4];

	(void)state;
	leave_lines(0xffffffff);
	model.distributor[GICD_CTLR / 4] = 3;
	model.processor[GICC_CTLR / 4] = 1 | GICC_CTLR_EOI_MODE;
	model.processor[GICC_PMR / 4] = 0xf0;
	model.processor[GICC_BPR / 4] = 3;
	model.processor[GICC_APR / 4] = 0x10000;
	memcpy(distributor, model.distributor, sizeof(distributor));
	memcpy(processor, model.processor, sizeof(processor));
	assert_int_equal(start(), 0);
	check_inherited();
	use_lines();
	irqchip_restore(true);
	model.processor[GICC_EOIR / 4] = 0;
	assert_memory_equal(model.distributor, distributor, sizeof(distributor));
	assert_memory_equal(model.processor, processor, sizeof(processor));
	for (unsigned int line = 0; line < LINES; line++) {
		assert_int_equal(model.enabled[line], line >= 16);
		assert_int_equal(model.active[line], line == LEFT_ACTIVE);
		assert_int_equal(model.latched[line], line == LEFT_PENDING);
	}
}

static void test_a_gicv3_in_use_is_taken_over_and_given_back(void **state)
{
	const struct arch_icc left = {
		.sre = 7,
		.control = 0x400 | ARCH_ICC_CONTROL_EOI_MODE,
		.priority_mask = 0xf0,
		.binary_point = 3,
		.group_enable = 1,
		.active = {0x10000},
	};
	static uint32_t distributor[FRAME / 4];

	(void)state;
	leave_lines(0);
	model.distributor[GICD_TYPER / 4] |= TYPER_ESPI;
	model.distributor[ESPI_ENABLED / 4] = 0x30;
	model.redistributor[8 / 4] = GICR_TYPER_EPPI;
	model.redistributor[0] = 1;		/* LPIs; */
	model.redistributor[2 * FRAME / 4] = 1; /* those of another core. */
	model.redistributor[2 * FRAME / 4 + 3] = 1;
	arch_hooks.icc = left;
	memcpy(distributor, model.distributor, sizeof(distributor));
	assert_int_equal(start(), 0);
	assert_true(irqchip_inherited()->split_end);
	assert_true(irqchip_inherited()->busy);
	assert_true(irqchip_inherited()->lpis);
	assert_int_equal(irqchip_inherited()->enabled, LINES - 32 + 2);
	assert_int_equal(model.redistributor[0] & 1U, 0);
	assert_int_equal(model.redistributor[2 * FRAME / 4] & 1U, 0);
	assert_int_equal(model.distributor[ESPI_DISABLE / 4], 0xffffffff);
	assert_int_equal(model.distributor[ESPI_DEACTIVATE / 4], 0xffffffff);
	assert_int_equal(model.redistributor[FRAME / 4 + GICD_ICENABLER / 4 + 1], 0xffffffff);
	use_lines();
	irqchip_restore(false);
	assert_int_equal(model.redistributor[0] & 1U, 0);
	irqchip_restore(true);
	assert_memory_equal(&arch_hooks.icc, &left, sizeof(left));
	assert_int_equal(model.redistributor[0] & 1U, 1);
	assert_int_equal(model.redistributor[2 * FRAME / 4] & 1U, 0);
	assert_memory_equal(model.distributor, distributor, ESPI_ENABLED);
	assert_int_equal(model.distributor[ESPI_ENABLED / 4], 0x30);
	for (unsigned int line = 32; line < LINES; line++) {
		assert_true(model.enabled[line]);
		assert_int_equal(model.active[line], line == LEFT_ACTIVE);
		assert_int_equal(model.latched[line], line == LEFT_PENDING);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_what_comes_is_heard, setup),
		cmocka_unit_test_setup(test_what_comes_is_heard, setup_v3),
		cmocka_unit_test_setup(test_listening_routes_what_has_no_core, setup),
		cmocka_unit_test_setup(test_an_interrupt_is_served_and_comes_again, setup),
		cmocka_unit_test_setup(test_a_line_that_stays_up_is_masked_and_told, setup),
		cmocka_unit_test_setup(test_interrupts_in_vain_are_no_storm, setup),
		cmocka_unit_test_setup(test_work_is_no_storm, setup),
		cmocka_unit_test_setup(test_an_interrupt_without_a_handler_is_masked, setup),
		cmocka_unit_test_setup(test_what_cannot_be_enabled_is_refused, setup),
		cmocka_unit_test_setup(test_a_line_beyond_the_controllers_is_refused, setup),
		cmocka_unit_test_setup(test_more_handlers_than_there_are_places, setup),
		cmocka_unit_test_setup(test_large_numbers_are_no_small_ones, setup_v3),
		cmocka_unit_test_setup(test_an_lpi_is_no_line, setup_v3),
		cmocka_unit_test_setup(test_a_gicv2_in_use_is_taken_over_and_given_back, setup_left_v2),
		cmocka_unit_test_setup(test_a_gicv3_in_use_is_taken_over_and_given_back, setup_left_v3),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
