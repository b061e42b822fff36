/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory, deadlines and locks. The device model is tested with drivers/iommu. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arch.h"
#include "base/arena.h"
#include "base/deadline.h"
#include "base/device.h"
#include "base/progress.h"
#include "base/sync.h"

#define ARENA_SIZE (16 * PAGE_SIZE)

static uint8_t *memory;

static int setup(void **state)
{
	(void)state;
	arch_hooks_reset();
	memory = aligned_alloc(PAGE_SIZE, ARENA_SIZE);
	memset(memory, 0xee, ARENA_SIZE);
	arena_init(memory, ARENA_SIZE);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	free(memory);
	return 0;
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++) {
		if (bytes[i]) {
			return false;
		}
	}
	return true;
}

static void test_arena_is_handed_out_to_its_last_byte(void **state)
{
	uint8_t *first, *second;

	(void)state;
	first = arena_allocate(3, 1);
	assert_ptr_equal(first, memory);
	assert_true(is_zero(first, 3));
	second = arena_allocate(64, 64);
	assert_ptr_equal(second, memory + 64);
	assert_int_equal(arena_used(), 128);
	assert_null(arena_allocate(ARENA_SIZE - 127, 1));
	assert_null(arena_allocate(SIZE_MAX, 1));
	assert_null(arena_allocate(1, (size_t)1 << 46));
	assert_int_equal(arena_used(), 128);
	assert_non_null(arena_allocate(ARENA_SIZE - 128, 1));
	assert_null(arena_allocate(1, 1));
	assert_null(arena_allocate(1, PAGE_SIZE));
}

static void test_arena_takes_back_the_end_of_a_list(void **state)
{
	uint8_t *list;

	(void)state;
	assert_int_equal(arena_left(), ARENA_SIZE);
	list = arena_reserve(ARENA_SIZE / 2, 1);
	assert_int_equal(arena_left(), ARENA_SIZE / 2);
	arena_trim(list + 100);
	assert_int_equal(arena_left(), ARENA_SIZE - 100);
	assert_ptr_equal(arena_allocate(1, 1), list + 100);
}

static void test_arena_knows_what_it_handed_out(void **state)
{
	uint64_t start = arch_phys(memory);

	(void)state;
	assert_non_null(arena_allocate(PAGE_SIZE, 1));
	assert_true(arena_contains(start, PAGE_SIZE));
	assert_true(arena_contains(start + PAGE_SIZE, 0));
	assert_false(arena_contains(start, PAGE_SIZE + 1));
	assert_false(arena_contains(start + PAGE_SIZE - 1, 2));
	assert_false(arena_contains(start - 1, 1));
	assert_false(arena_contains(start + PAGE_SIZE + 1, 0));
	assert_false(arena_contains(start + PAGE_SIZE + 1, UINT64_MAX));
	assert_false(arena_contains(start + 1, UINT64_MAX));
}

static void test_pages_come_back_zeroed(void **state)
{
	uint8_t *page[3];

	(void)state;
	for (int i = 0; i < 3; i++) {
		page[i] = page_allocate();
		assert_non_null(page[i]);
		assert_int_equal((uintptr_t)page[i] % PAGE_SIZE, 0);
		assert_true(is_zero(page[i], PAGE_SIZE));
	}
	for (int i = 0; i < 3; i++) {
		memset(page[i], 0xaa, PAGE_SIZE);
		page_free(page[i]);
		assert_int_equal(pages_free_count(), i + 1);
	}
	for (int i = 2; i >= 0; i--) {
		uint8_t *again = page_allocate();

		assert_ptr_equal(again, page[i]);
		assert_true(is_zero(again, PAGE_SIZE));
		assert_int_equal(pages_free_count(), i);
	}
	assert_int_equal(arena_used(), 3 * PAGE_SIZE);
	assert_ptr_equal(page_allocate(), memory + 3 * PAGE_SIZE);
}

static void test_deadline_is_exact(void **state)
{
	struct deadline deadline;

	(void)state;
	assert_int_equal(ticks_of_us(1000000), 1000000);
	assert_int_equal(ticks_of_us(0xffffffffU), 0xffffffffU);
	deadline = deadline_in_us(3);
	assert_false(deadline_passed(&deadline));
	assert_false(deadline_passed(&deadline));
	assert_false(deadline_passed(&deadline));
	assert_true(deadline_passed(&deadline));
	deadline = deadline_in_us(0);
	arch_hooks.ticks = deadline.start;
	assert_false(deadline_passed(&deadline));
	assert_false(deadline_passed(&deadline));
	assert_true(deadline_passed(&deadline));
}

/* A debugger halts the core after its look, for longer than the wait. */
static void test_a_core_that_was_held_up_looks_once_more(void **state)
{
	struct deadline deadline = deadline_in_us(1000);

	(void)state;
	assert_false(deadline_passed(&deadline));
	arch_hooks.ticks += 1000000;
	assert_false(deadline_passed(&deadline));
	assert_true(deadline_passed(&deadline));
	assert_true(deadline_passed(&deadline));
}

/* A lock that is never given back ends the run. */
static void test_lock_that_is_held_is_waited_for_in_vain(void **state)
{
	static struct lock held = LOCK_INIT(LOCK_RANK_CONSOLE);
	int status;
	pid_t child = fork();

	(void)state;
	if (child == 0) {
		(void)signal(SIGABRT, SIG_DFL);
		(void)alarm(1200);
		(void)lock(&held);
		arch_hooks.core = 1;
		(void)lock(&held);
		_exit(0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void test_words(void **state)
{
	struct word word = {0};

	(void)state;
	word_store(&word, 5);
	assert_false(word_exchange_if(&word, 4, 7));
	assert_int_equal(word_load(&word), 5);
	assert_true(word_exchange_if(&word, 5, 7));
	assert_int_equal(word_add(&word, 2), 7);
	assert_int_equal(word_load(&word), 9);
	assert_int_equal(word_add(&word, (uint32_t)-1), 9);
	assert_int_equal(word_load(&word), 8);
}

static void test_client_states_are_named(void **state)
{
	(void)state;
	assert_string_equal(client_state_name(CLIENT_BOUND), "bound");
	assert_string_equal(client_state_name(CLIENT_DEFERRED), "deferred");
	assert_string_equal(client_state_name(CLIENT_FAILED), "failed");
	assert_string_equal(client_state_name(CLIENT_UNBOUND), "none");
	assert_string_equal(client_state_name(CLIENT_BINDING), "none");
}

/* A clock that stands still, but for what is added. */
static void test_progress_is_said_every_two_seconds_at_most(void **state)
{
	uint64_t period = ticks_of_us(PROGRESS_US);
	struct progress progress;
	unsigned int said = 0;

	(void)state;
	arch_hooks.tick = 0;
	progress = progress_begin();
	arch_hooks.ticks += period - 1;
	assert_false(progress_is_due(&progress));
	arch_hooks.ticks++;
	assert_true(progress_is_due(&progress));
	assert_false(progress_is_due(&progress));
	assert_int_equal(progress_seconds(&progress), PROGRESS_US / 1000000U);
	progress = progress_begin();
	for (unsigned int i = 0; i < 100; i++) { /* In tenths of 2 s, for 20 s. */
		arch_hooks.ticks += period / 10;
		said += progress_is_due(&progress);
	}
	assert_in_range(said, 9, 10);
}

static void test_ticks_are_counted_in_ms(void **state)
{
	uint64_t in_a_ms = arch_tick_hz() / 1000U;

	(void)state;
	assert_int_equal(ms_of_ticks(0), 0);
	assert_int_equal(ms_of_ticks(in_a_ms - 1), 0);
	assert_int_equal(ms_of_ticks(7 * in_a_ms), 7);
	assert_in_range(ms_of_ticks(10000000ULL * in_a_ms), 9900000, 10100000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_arena_is_handed_out_to_its_last_byte),
		TEST(test_arena_takes_back_the_end_of_a_list),
		TEST(test_arena_knows_what_it_handed_out),
		TEST(test_pages_come_back_zeroed),
		TEST(test_deadline_is_exact),
		TEST(test_a_core_that_was_held_up_looks_once_more),
		TEST(test_progress_is_said_every_two_seconds_at_most),
		TEST(test_ticks_are_counted_in_ms),
		TEST(test_lock_that_is_held_is_waited_for_in_vain),
		TEST(test_words),
		TEST(test_client_states_are_named),
	};

	return cmocka_run_group_tests_name("base", tests, NULL, NULL);
}
