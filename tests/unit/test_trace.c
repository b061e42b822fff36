/* SPDX-License-Identifier: BSD-2-Clause */
/* The ring of register writes and commands: kept, lost, torn, off. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "checks/checks.h"
#include "serial/console.h"
#include "smmuv3/private.h"
#include "smmuv3/trace.h"

#define WRITERS 4U
#define EACH (SMMUV3_TRACE_CAPACITY / WRITERS) /* No entry is overtaken by a whole round. */
#define ROUNDS 200U
#define TEXT_SIZE (SMMUV3_TRACE_CAPACITY * 80U)

static struct smmuv3_trace_ring *const ring = &smmuv3_trace_ring;
static uint32_t regs[SMMU_PAGES_SIZE / 4];
static struct smmuv3 smmu;
static char text[TEXT_SIZE];
static size_t length;

static int setup(void **state)
{
	(void)state;
	arch_hooks_reset();
	memset(regs, 0, sizeof(regs));
	smmuv3_init(&smmu, "smmu", 0xc000000, (volatile uint8_t *)regs, true);
	smmu.iommu.index = 3;
	smmuv3_trace_start();
	return 0;
}

static void write_some(uint32_t first, uint32_t number)
{
	for (uint32_t i = 0; i < number; i++) {
		smmuv3_trace_register(1, SMMU_GBPA, first + i, false);
	}
}

/* Keeps what is printed. */
void console_write(const char *bytes, size_t size)
{
	assert_true(length + size < sizeof(text));
	memcpy(text + length, bytes, size);
	length += size;
	text[length] = '\0';
}

static const char *printed(void)
{
	length = 0;
	text[0] = '\0';
	report_trace();
	return text;
}

static void test_off_is_nothing(void **state)
{
	(void)state;
	printed();
	memset(ring, 0xaa, sizeof(*ring));
	atomic_store(&ring->count, 7);
	smmuv3_trace_register(1, SMMU_CR0, 1, false);
	smmuv3_trace_register(1, SMMU_CR0, 1, true);
	smmuv3_trace_command(1, CMD_SYNC, 0);
	smmuv3_trace_error(1, GERROR_CMDQ_ERR);
	smmuv3_write(&smmu, SMMU_CR0, 1);
	assert_int_equal(regs[SMMU_CR0 / 4], 1);
	assert_int_equal(smmuv3_trace_count(), 7);
	assert_int_equal(ring->entry[7].kind, 0xaa);
	assert_string_equal(printed(), "");
}

static void test_header(void **state)
{
	(void)state;
	assert_memory_equal(ring->magic, "SMMUTRC", 8);
	assert_int_equal(ring->version, 1);
	assert_int_equal(ring->header_size, (uintptr_t)ring->entry - (uintptr_t)ring);
	assert_int_equal(ring->entry_size, sizeof(ring->entry[0]));
	assert_int_equal(ring->capacity, sizeof(ring->entry) / sizeof(ring->entry[0]));
	assert_int_equal(ring->tick_hz, arch_tick_hz());
	assert_int_equal(smmuv3_trace_count(), 0);
	assert_string_equal(printed(), "trace start 0 entries, 0 lost, 1000000 Hz\ntrace end\n");
}

static void test_an_entry(void **state)
{
	const struct smmuv3_trace_entry *entry = &ring->entry[0];

	(void)state;
	arch_hooks.ticks = 0x123456789abcULL;
	arch_hooks.core = 2;
	smmuv3_trace_command(5, 0x1122334455667703ULL, 0x8899aabbccddeeffULL);
	assert_int_equal(smmuv3_trace_count(), 1);
	assert_int_equal(entry->sequence, 1);
	assert_int_equal(entry->ticks, 0x123456789abcULL);
	assert_int_equal(entry->kind, 'C');
	assert_int_equal(entry->instance, 5);
	assert_int_equal(entry->core, 2);
	assert_int_equal(entry->value[0], 0x1122334455667703ULL);
	assert_int_equal(entry->value[1], 0x8899aabbccddeeffULL);
}

/* Accepted, refused, in page 1, and a command with its doorbell. */
static void test_the_driver_writes(void **state)
{
	static const char wanted[] = "trace start 3 entries, 0 lost, 1000000 Hz\n"
				     "trace 0000000000000000 smmu3 core0 W 00044 80100000\n"
				     "trace 0000000000000001 smmu3 core0 X 00088 00000010\n"
				     "trace 0000000000000002 smmu3 core0 W 100ac 80000000\n"
				     "trace end\n";

	(void)state;
	(void)smmuv3_write(&smmu, SMMU_GBPA, GBPA_UPDATE | GBPA_ABORT);
	smmu.cr0 = CR0_SMMUEN;
	(void)smmuv3_write(&smmu, SMMU_STRTAB_BASE_CFG, 0x10);
	(void)smmuv3_write(&smmu, SMMU_EVENTQ_CONS, EVENTQ_OVERFLOW);
	assert_int_equal(regs[SMMU_STRTAB_BASE_CFG / 4], 0);
	assert_string_equal(printed(), wanted);
	assert_string_equal(printed(), ""); /* Once. */
}

static uint32_t consume(const volatile void *reg)
{
	return (uintptr_t)reg - (uintptr_t)regs == SMMU_CMDQ_CONS ? regs[SMMU_CMDQ_PROD / 4] :
								    *(const volatile uint32_t *)reg;
}

static void test_the_driver_issues(void **state)
{
	static uint64_t memory[PAGE_SIZE * 2 / 8] __attribute__((aligned(4096)));
	struct command command = smmuv3_command_tlbi_address(CMD_TLBI_NH_VA, 0, 7, 0x12345000, true);

	(void)state;
	arena_init(memory, sizeof(memory));
	arch_hooks.read32 = consume;
	assert_int_equal(smmuv3_queue_allocate(&smmu.cmdq, 3, sizeof(struct command)), 0);
	smmuv3_command_queue_reset(&smmu);
	assert_int_equal(smmuv3_issue(&smmu, &command, 1), 0);
	assert_int_equal(smmuv3_trace_count(), 3);
	assert_int_equal(ring->entry[0].kind, 'C');
	assert_int_equal(ring->entry[0].instance, 3);
	assert_int_equal(ring->entry[0].value[0], 0x0007000000000012ULL);
	assert_int_equal(ring->entry[0].value[1], 0x12345001);
	assert_int_equal(ring->entry[1].kind, 'C');
	assert_int_equal(ring->entry[1].value[0] & 0xff, CMD_SYNC);
	assert_int_equal(ring->entry[2].kind, 'W');
	assert_int_equal(ring->entry[2].value[0], SMMU_CMDQ_PROD);
	assert_int_equal(ring->entry[2].value[1], 2);
}

/* Lines that begin with `start`. */
static unsigned int lines(const char *at, const char *start)
{
	unsigned int number = 0;

	for (; at && *at; at = strchr(at, '\n') ? strchr(at, '\n') + 1 : NULL) {
		number += !strncmp(at, start, strlen(start));
	}
	return number;
}

static void test_the_oldest_are_lost(void **state)
{
	const char *all, *first, *last;

	(void)state;
	write_some(0, SMMUV3_TRACE_CAPACITY);
	assert_int_equal(smmuv3_trace_lost(), 0);
	write_some(SMMUV3_TRACE_CAPACITY, 5);
	assert_int_equal(smmuv3_trace_lost(), 5);
	assert_int_equal(ring->entry[4].value[1], SMMUV3_TRACE_CAPACITY + 4);
	assert_int_equal(ring->entry[5].value[1], 5);
	all = printed();
	assert_int_equal(lines(all, "trace start 2048 entries, 5 lost, 1000000 Hz\n"), 1);
	assert_int_equal(lines(all, "trace 0"), SMMUV3_TRACE_CAPACITY);
	first = strstr(all, " W 00044 00000005\n");
	last = strstr(all, " W 00044 00000804\ntrace end\n");
	assert_non_null(first);
	assert_non_null(last);
	assert_true(first < last);
	assert_null(strstr(all, " W 00044 00000004\n"));
	assert_int_equal(lines(all, "{"), 0);
}

static void test_torn_entries_are_told(void **state)
{
	(void)state;
	write_some(0x10, 3);
	atomic_store(&ring->entry[1].sequence, 0);
	assert_int_equal(lines(printed(), "trace torn\n"), 1);
	assert_null(strstr(text, " W 00044 00000011\n"));
	assert_non_null(strstr(text, " W 00044 00000012\n"));
	/* An earlier round's rest is no entry. */
	smmuv3_trace_start();
	write_some(0, SMMUV3_TRACE_CAPACITY);
	atomic_fetch_add(&ring->count, 1);
	assert_int_equal(lines(printed(), "trace torn\n"), 1);
	assert_int_equal(lines(text, "trace 0"), SMMUV3_TRACE_CAPACITY - 1);
}

static void test_a_start_empties(void **state)
{
	(void)state;
	write_some(0, 10);
	smmuv3_trace_start();
	assert_int_equal(smmuv3_trace_count(), 0);
	write_some(0, 1);
	assert_int_equal(lines(printed(), "trace 0"), 1);
}

static pthread_barrier_t together;

static void *writer(void *argument)
{
	uint64_t number = *(const unsigned int *)argument;

	pthread_barrier_wait(&together);
	for (uint64_t i = 0; i < EACH; i++) {
		smmuv3_trace_command((unsigned int)number, number << 32 | i, ~(number << 32 | i));
	}
	return NULL;
}

static void let_all_write(void)
{
	static unsigned int numbers[WRITERS];
	pthread_t threads[WRITERS];

	assert_int_equal(pthread_barrier_init(&together, NULL, WRITERS), 0);
	for (unsigned int i = 0; i < WRITERS; i++) {
		numbers[i] = i;
		assert_int_equal(pthread_create(&threads[i], NULL, writer, &numbers[i]), 0);
	}
	for (unsigned int i = 0; i < WRITERS; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
	}
	pthread_barrier_destroy(&together);
}

/* None lost, doubled or mixed. */
static void test_several_writers(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		uint64_t next[WRITERS] = {0};

		smmuv3_trace_start();
		let_all_write();
		assert_int_equal(smmuv3_trace_count(), SMMUV3_TRACE_CAPACITY);
		for (uint32_t i = 0; i < SMMUV3_TRACE_CAPACITY; i++) {
			const struct smmuv3_trace_entry *entry = &ring->entry[i];
			uint64_t who = entry->value[0] >> 32;

			assert_int_equal(entry->sequence, i + 1);
			assert_int_equal(entry->value[1], ~entry->value[0]);
			assert_int_equal(entry->instance, who);
			assert_int_equal((uint32_t)entry->value[0], next[who]++);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_off_is_nothing, setup),
		cmocka_unit_test_setup(test_header, setup),
		cmocka_unit_test_setup(test_an_entry, setup),
		cmocka_unit_test_setup(test_the_driver_writes, setup),
		cmocka_unit_test_setup(test_the_driver_issues, setup),
		cmocka_unit_test_setup(test_the_oldest_are_lost, setup),
		cmocka_unit_test_setup(test_torn_entries_are_told, setup),
		cmocka_unit_test_setup(test_a_start_empties, setup),
		cmocka_unit_test_setup(test_several_writers, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
