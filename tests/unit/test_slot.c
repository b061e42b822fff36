/* SPDX-License-Identifier: BSD-2-Clause */
/* A hot-plug slot on a model of its port: one device that comes and goes, a link that takes time. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/arch.h"
#include "pci/slot.h"

#define ECAM 0x4000000000ULL
#define BUS 1U
#define EXPRESS 0x50U
#define PRESSED (1U << 16)
#define PRESENCE_CHANGED (1U << 19)
#define COMPLETED (1U << 20)
#define PRESENT (1U << 22)
#define LINK_CHANGED (1U << 24)
#define CLEARED_BY_ONE 0x011f0000U
#define POWER_OFF (1U << 10)
#define INDICATOR (3U << 8)
#define INDICATOR_ON (1U << 8)
#define INDICATOR_OFF (3U << 8)
#define COMMAND_US 5000U /* Until a command is completed. */
#define LINK_US 30000U	 /* From power to the link, */
#define REST_US 100000U	 /* and from there to the first request (6.6.1). */
#define WINDOW 0x10100000U
#define WINDOW_SIZE 0x100000U
#define TO_CPU 0x30000000U

static struct {
	uint32_t slot_capabilities;
	bool has_slot;
	bool reports_link;
	uint32_t control; /* Below; status above. */
	uint64_t completes;
	uint64_t powered; /* When the power came on. */
	uint64_t arrives; /* When another device comes, or 0. */
	uint32_t id;	  /* Of the device; 0: none. */
	uint32_t class_code;
	unsigned int header;
	uint32_t bar_mask[6];
	uint32_t bar[6];
	uint32_t command;
	unsigned int violations;
} model;

static struct pci_host host;
static struct pci_function functions[4];
static struct pci_slot slot;

static bool is_on(void)
{
	return !(model.control & POWER_OFF);
}

static bool is_linked(void)
{
	return model.id && is_on() && arch_hooks.ticks >= model.powered + LINK_US;
}

static uint32_t port_read(unsigned int offset)
{
	switch (offset) {
	case 0x04:
		return 1U << 20;
	case 0x34:
		return EXPRESS;
	case EXPRESS:
		return 4U << 20 | (model.has_slot ? 1U << 24 : 0) | 0x10;
	case EXPRESS + 0x0c:
		return model.reports_link ? 1U << 20 : 0;
	case EXPRESS + 0x10:
		return is_linked() && model.reports_link ? 1U << 29 : 0;
	case EXPRESS + 0x14:
		return model.slot_capabilities;
	case EXPRESS + 0x18:
		if (arch_hooks.ticks >= model.completes && model.completes) {
			model.control |= COMPLETED;
			model.completes = 0;
		}
		if (model.arrives && arch_hooks.ticks >= model.arrives) {
			model.control |= PRESENCE_CHANGED;
			model.arrives = 0;
		}
		return model.control | (model.id ? PRESENT : 0);
	default:
		return 0;
	}
}

static void port_write(unsigned int offset, uint32_t value)
{
	if (offset != EXPRESS + 0x18) {
		return;
	}
	/* 6.7.3.2: not before the last command was completed. */
	model.violations += model.completes != 0;
	if (model.control & POWER_OFF && !(value & POWER_OFF)) {
		model.powered = arch_hooks.ticks;
	}
	model.control = (model.control & ~(value & CLEARED_BY_ONE) & 0xffff0000U) | (value & 0xffffU);
	model.completes = model.slot_capabilities & 1U << 18 ? 0 : arch_hooks.ticks + COMMAND_US;
	if (!is_on()) {
		model.command = 0;
		memset(model.bar, 0, sizeof(model.bar));
	}
}

static uint32_t device_read(unsigned int offset)
{
	if (!is_linked()) {
		return UINT32_MAX;
	}
	model.violations += model.powered && arch_hooks.ticks < model.powered + LINK_US + REST_US;
	if (offset >= 0x10 && offset < 0x28) {
		return model.bar[(offset - 0x10) / 4] & model.bar_mask[(offset - 0x10) / 4];
	}
	switch (offset) {
	case 0x00:
		return model.id;
	case 0x04:
		return model.command;
	case 0x08:
		return model.class_code << 8;
	case 0x0c:
		return model.header << 16;
	default:
		return 0;
	}
}

static void device_write(unsigned int offset, uint32_t value)
{
	if (!is_linked()) {
		return;
	}
	if (offset >= 0x10 && offset < 0x28) {
		model.violations += model.command & PCI_COMMAND_MEMORY;
		model.bar[(offset - 0x10) / 4] = value;
	}
	model.command = offset == 4 ? value : model.command;
}

static uint32_t hook_read(const volatile void *at)
{
	uint64_t offset = (uintptr_t)at - ECAM;

	arch_hooks.ticks++;
	return offset >> 12 == 0	? port_read(offset & 0xfffU) :
	       offset >> 12 == BUS << 8 ? device_read(offset & 0xfffU) :
					  UINT32_MAX;
}

static void hook_write(volatile void *at, uint32_t value)
{
	uint64_t offset = (uintptr_t)at - ECAM;

	if (offset >> 12 == 0) {
		port_write(offset & 0xfffU, value);
	} else if (offset >> 12 == BUS << 8) {
		device_write(offset & 0xfffU, value);
	}
}

static void put_in(uint32_t id, uint32_t size)
{
	model.id = id;
	model.class_code = 0x00ff00;
	model.header = 0;
	memset(model.bar_mask, 0, sizeof(model.bar_mask));
	model.bar_mask[0] = ~(size - 1);
}

static int setup(void **state)
{
	(void)state;
	arch_hooks_reset();
	arch_hooks.ticks = 1000000;
	arch_hooks.read32 = hook_read;
	arch_hooks.write32 = hook_write;
	memset(&model, 0, sizeof(model));
	model.has_slot = true;
	model.reports_link = true;
	model.slot_capabilities = 0x7bU;
	model.control = INDICATOR_ON;
	put_in(0x11e81234, 0x1000);
	host = (struct pci_host){.ecam = (volatile uint8_t *)(uintptr_t)ECAM, .bus_last = 1, .function = functions};
	host.function_count = 2;
	host.memory32 = (struct pci_window){.base = 0x10000000, .size = 0x1000000, .to_cpu = TO_CPU};
	memset(functions, 0, sizeof(functions));
	functions[0] = (struct pci_function){.host = &host, .kind = PCI_BRIDGE, .parent = -1, .secondary_bus = BUS};
	functions[0].need[0] = (struct pci_need){.base = WINDOW, .size = WINDOW_SIZE, .alignment = WINDOW_SIZE};
	functions[1] = (struct pci_function){.host = &host, .requester_id = BUS << 8, .parent = 0};
	return 0;
}

static int no_violation(void **state)
{
	(void)state;
	return model.violations ? -1 : 0;
}

static void open_slot(void)
{
	assert_true(pci_slot_open(&slot, &functions[1]));
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_QUIET);
}

static void test_who_has_a_slot(void **state)
{
	(void)state;
	model.control |= PRESSED | PRESENCE_CHANGED | LINK_CHANGED; /* Of before. */
	open_slot();
	model.has_slot = false;
	assert_false(pci_slot_open(&slot, &functions[1]));
	model.has_slot = true;
	model.slot_capabilities &= ~(1U << 6);
	assert_false(pci_slot_open(&slot, &functions[1]));
	model.slot_capabilities |= 1U << 6;
	assert_false(pci_slot_open(&slot, &functions[0]));
	functions[2] = functions[1];
	functions[2].requester_id |= 1;
	host.function_count = 3;
	assert_false(pci_slot_open(&slot, &functions[1]));
}

static void test_it_leaves_when_it_is_asked_for(void **state)
{
	(void)state;
	open_slot();
	model.control |= PRESSED;
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_ASKED);
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_QUIET);
	assert_true(is_on());
	pci_slot_empty(&slot);
	assert_false(is_on());
	assert_int_equal(model.control & INDICATOR, INDICATOR_OFF);
	/* It may lie there for long. */
	model.control |= LINK_CHANGED;
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_QUIET);
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_QUIET);
	model.id = 0;
	model.control |= PRESENCE_CHANGED;
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_QUIET);
}

/* Before the power was off for a second. */
static void test_another_one_comes_at_once(void **state)
{
	(void)state;
	open_slot();
	model.control |= PRESSED;
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_ASKED);
	model.arrives = arch_hooks.ticks + 500000;
	pci_slot_empty(&slot);
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_ARRIVED);
}

static void lose(void)
{
	model.id = 0;
	model.control |= PRESENCE_CHANGED | LINK_CHANGED;
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_LOST);
	pci_slot_empty(&slot);
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_QUIET);
}

static void test_it_is_lost(void **state)
{
	(void)state;
	open_slot();
	assert_false(pci_is_gone(&functions[1]));
	lose();
	assert_true(pci_is_gone(&functions[1]));
	assert_false(is_on());
	put_in(0x00101b36, 0x4000);
	model.control |= PRESENCE_CHANGED;
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_ARRIVED);
}

/* Without an event it is seen to be empty; with one, another device is there. */
static void test_it_is_exchanged(void **state)
{
	(void)state;
	open_slot();
	model.id = 0;
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_LOST);
	pci_slot_empty(&slot);
	put_in(0x00101b36, 0x4000);
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_ARRIVED);
	assert_int_equal(pci_slot_fill(&slot), 0);
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_QUIET);
	model.control |= LINK_CHANGED;
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_LOST);
	pci_slot_empty(&slot);
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_ARRIVED);
}

static void test_another_device_is_taken(void **state)
{
	(void)state;
	open_slot();
	functions[1].bar[1] = (struct pci_bar){.address = 1, .size = 0x2000};
	lose();
	put_in(0x00101b36, 0x4000);
	model.bar_mask[0] |= 4; /* 64 bits; its upper half follows. */
	model.bar_mask[1] = UINT32_MAX;
	model.bar_mask[2] = ~0x7ffffU;
	model.class_code = 0x010802;
	assert_int_equal(pci_slot_fill(&slot), 0);
	assert_true(is_on());
	assert_int_equal(model.control & INDICATOR, INDICATOR_ON);
	assert_int_equal(functions[1].vendor, 0x1b36);
	assert_int_equal(functions[1].device, 0x0010);
	assert_int_equal(functions[1].class_code, 0x010802);
	assert_int_equal(functions[1].bar[2].address, WINDOW + TO_CPU);
	assert_int_equal(functions[1].bar[2].size, 0x80000);
	assert_int_equal(functions[1].bar[1].size, 0);
	assert_int_equal(model.bar[2], WINDOW);
	assert_int_equal(functions[1].bar[0].address, WINDOW + 0x80000 + TO_CPU);
	assert_int_equal(model.bar[1], 0);
	assert_int_equal(model.command & (PCI_COMMAND_MEMORY | PCI_COMMAND_BUS_MASTER), PCI_COMMAND_MEMORY);
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_QUIET);
}

static void expect_refused(int error)
{
	assert_int_equal(pci_slot_fill(&slot), error);
	assert_false(is_on());
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_QUIET);
	model.control |= PRESSED;
	assert_int_equal(pci_slot_look(&slot), model.id ? PCI_SLOT_ARRIVED : PCI_SLOT_QUIET);
}

static void test_what_is_not_taken(void **state)
{
	(void)state;
	open_slot();
	lose();
	put_in(0x00101b36, 2 * WINDOW_SIZE);
	expect_refused(-ENOSPC);
	assert_int_equal(model.command & PCI_COMMAND_MEMORY, 0);
	put_in(0x000c1b36, 0x1000);
	model.header = 1;
	expect_refused(-ENOTSUP);
	model.id = 0;
	expect_refused(-ENODEV);
}

/* Neither commands that are completed at once, nor a link that tells nothing. */
static void test_a_plain_port(void **state)
{
	(void)state;
	model.slot_capabilities |= 1U << 18;
	model.reports_link = false;
	open_slot();
	lose();
	put_in(0x11e81234, 0x1000);
	model.control |= PRESSED;
	assert_int_equal(pci_slot_look(&slot), PCI_SLOT_ARRIVED);
	assert_int_equal(pci_slot_fill(&slot), 0);
}

static void ignore(volatile void *at, uint32_t value)
{
	(void)at;
	(void)value;
}

/* A command that is never completed is waited for, and no longer than 1 s. */
static void test_a_port_that_hangs(void **state)
{
	uint64_t before;

	(void)state;
	open_slot();
	before = arch_hooks.ticks;
	model.control &= ~COMPLETED;
	arch_hooks.write32 = ignore;
	pci_slot_empty(&slot);
	assert_in_range(arch_hooks.ticks - before, 1000000, 5000000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_who_has_a_slot, setup, no_violation),
		cmocka_unit_test_setup_teardown(test_it_leaves_when_it_is_asked_for, setup, no_violation),
		cmocka_unit_test_setup_teardown(test_another_one_comes_at_once, setup, no_violation),
		cmocka_unit_test_setup_teardown(test_it_is_lost, setup, no_violation),
		cmocka_unit_test_setup_teardown(test_it_is_exchanged, setup, no_violation),
		cmocka_unit_test_setup_teardown(test_another_device_is_taken, setup, no_violation),
		cmocka_unit_test_setup_teardown(test_what_is_not_taken, setup, no_violation),
		cmocka_unit_test_setup_teardown(test_a_plain_port, setup, no_violation),
		cmocka_unit_test_setup(test_a_port_that_hangs, setup),
	};

	return cmocka_run_group_tests_name("slot", tests, NULL, NULL);
}
