/* SPDX-License-Identifier: BSD-2-Clause */
/* The console in memory, read as a debugger does. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arch.h"
#include "serial/console.h"
#include "serial/rtt.h"

/* Byte offsets of all RTT readers. */
#define UP_COUNT 16U
#define DOWN_COUNT 20U
#define UP 24U
#define UP_BUFFER (UP + 4U)
#define UP_SIZE (UP + 8U)
#define UP_WRITE (UP + 12U)
#define UP_READ (UP + 16U)
#define DOWN 48U
#define DOWN_BUFFER (DOWN + 4U)
#define DOWN_SIZE (DOWN + 8U)
#define DOWN_WRITE (DOWN + 12U)
#define DOWN_READ (DOWN + 16U)

extern uint8_t _SEGGER_RTT[];

static uint8_t *block(void)
{
	return _SEGGER_RTT;
}

static uint64_t below_4_gib(const volatile void *object)
{
	return (uint32_t)(uintptr_t)object;
}

static uint64_t above_4_gib(const volatile void *object)
{
	return 1ULL << 32 | below_4_gib(object);
}

static uint32_t word(unsigned int offset)
{
	uint32_t value;

	memcpy(&value, block() + offset, sizeof(value));
	return value;
}

/* Behind the block: its 32-bit address holds no host pointer. */
static char at(uint32_t offset)
{
	uint32_t distance = word(UP_BUFFER) - (uint32_t)rtt_address();

	return (char)block()[distance + offset];
}

static void set_read(uint32_t offset)
{
	memcpy(block() + UP_READ, &offset, sizeof(offset));
}

/* At power-on: garbage without the name. */
static int setup(void **state)
{
	(void)state;
	arch_hooks_reset();
	arch_hooks.phys = below_4_gib;
	memset(block(), 0xa5, DOWN + 24);
	return 0;
}

static void test_a_reader_finds_it(void **state)
{
	(void)state;
	rtt_write("hello\n", 6);
	assert_string_equal((const char *)block(), "SEGGER RTT");
	assert_int_equal(word(UP_COUNT), 1);
	assert_int_equal(word(DOWN_COUNT), 1);
	assert_int_equal(word(UP_SIZE), RTT_BUFFER_SIZE);
	assert_int_equal(word(UP_WRITE), 6);
	assert_int_equal(word(UP_READ), 0);
	for (uint32_t i = 0; i < 6; i++) {
		assert_int_equal(at(i), "hello\n"[i]);
	}
}

static void test_no_reader_finds_pointers_that_are_cut(void **state)
{
	(void)state;
	arch_hooks.phys = above_4_gib;
	rtt_write("hello\n", 6);
	rtt_write("again\n", 6);
	assert_int_not_equal(strncmp((const char *)block(), "SEGGER RTT", 10), 0);
	assert_int_equal(word(UP_WRITE), 12);
	assert_int_equal(at(6), 'a');
}

static void fill(uint32_t size)
{
	static char text[RTT_BUFFER_SIZE];

	for (uint32_t i = 0; i < size; i++) {
		text[i] = (char)('a' + i % 26);
	}
	rtt_write(text, size);
}

static void test_the_beginning_stays_where_no_debugger_reads(void **state)
{
	(void)state;
	fill(RTT_BUFFER_SIZE - 3);
	rtt_write("12345", 5);
	assert_int_equal(word(UP_WRITE), RTT_BUFFER_SIZE - 1);
	assert_int_equal(at(0), 'a');
	assert_int_equal(at(RTT_BUFFER_SIZE - 3), '1');
	assert_int_equal(at(RTT_BUFFER_SIZE - 2), '2');
}

static void test_it_wraps_behind_the_reader(void **state)
{
	(void)state;
	fill(RTT_BUFFER_SIZE - 3);
	set_read(RTT_BUFFER_SIZE - 3);
	rtt_write("12345", 5);
	assert_int_equal(word(UP_WRITE), 2);
	assert_int_equal(at(RTT_BUFFER_SIZE - 1), '3');
	assert_int_equal(at(0), '4');
	assert_int_equal(at(1), '5');
}

static void test_a_ring_that_is_filled_to_its_end(void **state)
{
	(void)state;
	fill(RTT_BUFFER_SIZE - 3);
	set_read(RTT_BUFFER_SIZE - 3);
	rtt_write("123", 3);
	assert_int_equal(word(UP_WRITE), 0);
	assert_int_equal(at(RTT_BUFFER_SIZE - 1), '3');
}

static unsigned int barriers;

/* At any time: the name is last, an offset follows its bytes. */
static void look_at_the_barrier(void)
{
	barriers++;
	if (barriers == 1) {
		assert_int_not_equal(block()[0], 'S');
		assert_int_equal(word(UP_SIZE), RTT_BUFFER_SIZE);
	} else {
		assert_int_equal(word(UP_WRITE), 0);
		assert_int_equal(at(1), '2');
	}
}

static void test_nothing_is_seen_before_it_is_there(void **state)
{
	(void)state;
	barriers = 0;
	arch_hooks.wmb = look_at_the_barrier;
	rtt_write("12", 2);
	assert_int_equal(barriers, 2);
	assert_int_equal(block()[0], 'S');
	assert_int_equal(word(UP_WRITE), 2);
}

static void test_a_wild_read_offset_leads_nowhere(void **state)
{
	(void)state;
	rtt_write("x", 1);
	set_read(UINT32_MAX);
	rtt_write("y", 1);
	assert_int_equal(at(1), 'y');
	assert_int_equal(word(UP_WRITE), 2);
}

static unsigned int bytes_left; /* Taken one in each round. */

static void take_a_byte(void)
{
	if (bytes_left) {
		bytes_left--;
		set_read((word(UP_READ) + 1) % RTT_BUFFER_SIZE);
	}
}

static void let_read(unsigned int count)
{
	bytes_left = count;
	arch_hooks.relax = take_a_byte;
}

static void take_a_byte_late(void)
{
	arch_hooks.ticks += arch_tick_hz() * 3ULL / 2;
	take_a_byte();
}

/* Below the time-out for each byte, above it for all. */
static void test_a_slow_reader_is_waited_for(void **state)
{
	(void)state;
	rtt_write("abcd", 4);
	rtt_announce_reader();
	let_read(UINT32_MAX);
	arch_hooks.relax = take_a_byte_late;
	rtt_flush();
	assert_int_equal(word(UP_READ), 4);
}

static void test_a_full_buffer_waits_for_a_reader(void **state)
{
	(void)state;
	rtt_write("x", 1);
	rtt_announce_reader();
	fill(RTT_BUFFER_SIZE - 2);
	let_read(UINT32_MAX);
	rtt_write("12345", 5);
	assert_int_equal(word(UP_WRITE), 4);
	assert_int_equal(at(RTT_BUFFER_SIZE - 1), '1');
	assert_int_equal(at(3), '5');
}

static void test_who_has_read_is_waited_for_unannounced(void **state)
{
	(void)state;
	rtt_write("abc", 3);
	set_read(1);
	let_read(UINT32_MAX);
	rtt_flush();
	assert_int_equal(word(UP_READ), 3);
}

static void test_a_reader_that_leaves_costs_one_wait(void **state)
{
	(void)state;
	rtt_write("abc", 3);
	rtt_announce_reader();
	let_read(2);
	rtt_flush();
	assert_int_equal(word(UP_READ), 2);
	let_read(UINT32_MAX);
	rtt_flush();
	assert_int_equal(word(UP_READ), 2);
}

static void test_a_reader_that_never_comes_costs_one_wait(void **state)
{
	uint64_t start;

	(void)state;
	rtt_write("x", 1);
	console_in_memory();
	fill(RTT_BUFFER_SIZE);
	start = arch_ticks();
	rtt_write("y", 1);
	rtt_write("z", 1);
	rtt_flush();
	assert_true(arch_ticks() - start < arch_tick_hz());
	assert_int_equal(word(UP_WRITE), RTT_BUFFER_SIZE - 1);
}

static void test_the_end_waits_for_a_reader(void **state)
{
	uint64_t start = arch_ticks();

	(void)state;
	rtt_write("abc", 3);
	let_read(UINT32_MAX);
	rtt_flush();
	assert_true(arch_ticks() - start < 10);
	assert_int_equal(word(UP_READ), 0);
	rtt_announce_reader();
	rtt_flush();
	assert_int_equal(word(UP_READ), 3);
}

/* --- What a debugger types. --- */

static void set_word(unsigned int offset, uint32_t value)
{
	memcpy(block() + offset, &value, sizeof(value));
}

/* As a debugger: bytes, then the offset. */
static void type(const char *text)
{
	uint32_t distance = word(DOWN_BUFFER) - (uint32_t)rtt_address();
	uint32_t offset = word(DOWN_WRITE);

	for (; *text; text++) {
		block()[distance + offset] = (uint8_t)*text;
		offset = (offset + 1) % word(DOWN_SIZE);
	}
	set_word(DOWN_WRITE, offset);
}

static void expect_typed(const char *text)
{
	for (; *text; text++) {
		assert_int_equal(rtt_read(), *text);
	}
	assert_int_equal(rtt_read(), -1);
}

static void test_what_is_typed_is_read_once(void **state)
{
	(void)state;
	rtt_write("x", 1);
	assert_int_equal(rtt_read(), -1);
	type("help\r");
	expect_typed("help\r");
	assert_int_equal(word(DOWN_READ), 5);
	type("\x80");
	assert_int_equal(rtt_read(), 0x80);
}

static void test_what_is_typed_wraps(void **state)
{
	(void)state;
	rtt_write("x", 1);
	set_word(DOWN_WRITE, word(DOWN_SIZE) - 2);
	set_word(DOWN_READ, word(DOWN_SIZE) - 2);
	type("abcd");
	assert_int_equal(word(DOWN_WRITE), 2);
	expect_typed("abcd");
	assert_int_equal(word(DOWN_READ), 2);
}

/* One byte less than the ring's size, as each reader and writer has it. */
static void test_a_ring_full_of_keys(void **state)
{
	(void)state;
	rtt_write("x", 1);
	for (uint32_t i = 0; i < word(DOWN_SIZE) - 1; i++) {
		type("k");
	}
	for (uint32_t i = 0; i < word(DOWN_SIZE) - 1; i++) {
		assert_int_equal(rtt_read(), 'k');
	}
	assert_int_equal(rtt_read(), -1);
}

static void test_wild_offsets_type_nothing(void **state)
{
	static const uint32_t wild[] = {256, 257, 0x7fffffff, 0x80000000, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < sizeof(wild) / sizeof(wild[0]); i++) {
		rtt_write("x", 1);
		set_word(DOWN_WRITE, wild[i]);
		assert_int_equal(rtt_read(), -1);
		set_word(DOWN_WRITE, 3);
		set_word(DOWN_READ, wild[i]);
		assert_int_equal(rtt_read(), -1);
		assert_int_equal(word(DOWN_READ), wild[i]);
		set_word(DOWN_READ, 3);
		type("k");
		expect_typed("k");
	}
}

/* Size, address and flags are the debugger's to read: what it writes there moves nothing. */
static void test_a_descriptor_that_is_overwritten(void **state)
{
	(void)state;
	rtt_write("x", 1);
	type("key");
	set_word(DOWN_SIZE, UINT32_MAX);
	set_word(DOWN_BUFFER, 0);
	expect_typed("key");
}

static void test_nothing_is_typed_before_the_name_is_there(void **state)
{
	(void)state;
	set_word(DOWN_READ, 0);
	set_word(DOWN_WRITE, 3);
	assert_int_equal(rtt_read(), -1);
}

static void test_a_reader_is_known_by_what_it_read(void **state)
{
	(void)state;
	rtt_write("x", 1);
	assert_false(rtt_is_read());
	set_read(1);
	assert_true(rtt_is_read());
	set_read(0);
	rtt_announce_reader();
	assert_true(rtt_is_read());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_a_reader_finds_it, setup),
		cmocka_unit_test_setup(test_no_reader_finds_pointers_that_are_cut, setup),
		cmocka_unit_test_setup(test_the_beginning_stays_where_no_debugger_reads, setup),
		cmocka_unit_test_setup(test_a_ring_that_is_filled_to_its_end, setup),
		cmocka_unit_test_setup(test_it_wraps_behind_the_reader, setup),
		cmocka_unit_test_setup(test_nothing_is_seen_before_it_is_there, setup),
		cmocka_unit_test_setup(test_a_slow_reader_is_waited_for, setup),
		cmocka_unit_test_setup(test_a_wild_read_offset_leads_nowhere, setup),
		cmocka_unit_test_setup(test_the_end_waits_for_a_reader, setup),
		cmocka_unit_test_setup(test_a_full_buffer_waits_for_a_reader, setup),
		cmocka_unit_test_setup(test_who_has_read_is_waited_for_unannounced, setup),
		cmocka_unit_test_setup(test_what_is_typed_is_read_once, setup),
		cmocka_unit_test_setup(test_what_is_typed_wraps, setup),
		cmocka_unit_test_setup(test_a_ring_full_of_keys, setup),
		cmocka_unit_test_setup(test_wild_offsets_type_nothing, setup),
		cmocka_unit_test_setup(test_a_descriptor_that_is_overwritten, setup),
		cmocka_unit_test_setup(test_nothing_is_typed_before_the_name_is_there, setup),
		cmocka_unit_test_setup(test_a_reader_is_known_by_what_it_read, setup),
		/* The reader stays gone. */
		cmocka_unit_test_setup(test_a_reader_that_leaves_costs_one_wait, setup),
		cmocka_unit_test_setup(test_a_reader_that_never_comes_costs_one_wait, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
