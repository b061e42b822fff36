/* SPDX-License-Identifier: BSD-2-Clause */
/* The interrupt controllers' driver on a model of a GICv2 and of what is new in a GICv3 (IHI 0048, IHI 0069). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "arch.h"
#include "irqchip/gic.h"
#include "irqchip/irqchip.h"

#define LINES 96U
#define FRAME 0x10000U
#define DISTRIBUTOR 0x08000000ULL
#define PROCESSOR 0x08010000ULL
#define REDISTRIBUTOR 0x080a0000ULL
#define SPURIOUS 1023U
#define TYPER_LINES (LINES / 32 - 1)

#define GICC_CTLR 0x000U
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
	uint32_t forced; /* What ICC_IAR1 reads next, or 0. */
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

static void spread(uint32_t word, uint32_t bits, bool *set, bool value)
{
	for (unsigned int i = 0; i < 32 && word * 32 + i < LINES; i++) {
		set[word * 32 + i] = bits >> i & 1U ? value : set[word * 32 + i];
	}
}

static uint32_t acknowledge(void)
{
	for (unsigned int line = 0; line < LINES; line++) {
		if (is_pending(line) && is_enabled(line) && !model.active[line]) {
			model.latched[line] = false;
			model.active[line] = true;
			return line;
		}
	}
	return SPURIOUS;
}

static void end(uint32_t intid)
{
	model.ends++;
	if (intid < LINES) {
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
	default:
		return offset == GICD_TYPER ? TYPER_LINES : model.distributor[offset / 4];
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
	default:
		model.distributor[offset / 4] = value;
	}
}

static volatile void *map_device(uint64_t pa, uint64_t size)
{
	(void)size;
	return pa == DISTRIBUTOR ? model.distributor : pa == PROCESSOR ? model.processor : model.redistributor;
}

/* The core takes interrupts until none is pending: how often it took an exception, at most `most`. */
static unsigned int take_interrupts(unsigned int most)
{
	for (unsigned int i = 0; i < most; i++) {
		bool any = model.forced;

		for (unsigned int line = 0; line < LINES; line++) {
			any |= is_pending(line) && is_enabled(line) && !model.active[line];
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
	bool mine;   /* The handler finds something to do. */
	bool lowers; /* And the line falls. */
};

static bool handle(void *argument)
{
	struct device *device = argument;

	device->calls++;
	if (device->lowers) {
		model.level[device->line] = false;
	}
	return device->mine;
}

/* Numbers that no test used before: handlers are never given back. */
static unsigned int next_line = GIC_SPI_FIRST;

static struct device device_on(unsigned int line)
{
	return (struct device){.line = line, .mine = true, .lowers = true};
}

static int setup(void **state)
{
	const struct gic_description gic = {
		.version = 2,
		.distributor = {DISTRIBUTOR, FRAME},
		.processor = {PROCESSOR, FRAME},
	};
	uint32_t intid;

	(void)state;
	arch_hooks_reset();
	memset(&model, 0, sizeof(model));
	arch_hooks.read32 = read32;
	arch_hooks.write32 = write32;
	arch_hooks.map_device = map_device;
	while (irqchip_take_storm(&intid)) {
	}
	return irqchip_init(&gic) || irqchip_core_init();
}

/* --- Tests. --------------------------------------------------------------------------------------------------------
 */

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

/* Another core took what the interrupt told of; the line has fallen, and no number of these is a storm. */
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

/* A device that has always more to do keeps its interrupt. */
static void test_work_is_no_storm(void **state)
{
	struct device device = {.line = next_line++, .mine = true};
	uint32_t intid;

	(void)state;
	assert_int_equal(irqchip_enable(device.line, false, handle, &device), 0);
	model.level[device.line] = true;
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

/* --- GICv3. --------------------------------------------------------------------------------------------------------
 */

static uint32_t acknowledge_forced(void)
{
	uint32_t intid = model.forced ? model.forced : acknowledge();

	model.forced = 0;
	return intid;
}

static int setup_v3(void **state)
{
	const struct gic_description gic = {
		.version = 3,
		.distributor = {DISTRIBUTOR, FRAME},
		.redistributor = {{REDISTRIBUTOR, 2 * FRAME}},
		.redistributor_count = 1,
	};

	(void)setup(state);
	memset(&model, 0, sizeof(model));
	arch_hooks.acknowledge = acknowledge_forced;
	arch_hooks.end = end;
	return irqchip_init(&gic) || irqchip_core_init();
}

/* 4128 and 8224 are 32 in their lower ten bits. */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_an_interrupt_is_served_and_comes_again, setup),
		cmocka_unit_test_setup(test_a_line_that_stays_up_is_masked_and_told, setup),
		cmocka_unit_test_setup(test_interrupts_in_vain_are_no_storm, setup),
		cmocka_unit_test_setup(test_work_is_no_storm, setup),
		cmocka_unit_test_setup(test_an_interrupt_without_a_handler_is_masked, setup),
		cmocka_unit_test_setup(test_what_cannot_be_enabled_is_refused, setup),
		cmocka_unit_test_setup(test_large_numbers_are_no_small_ones, setup_v3),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
