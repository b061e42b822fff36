/* SPDX-License-Identifier: BSD-2-Clause */
/* The firmware's string functions, renamed, beside the host's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

void *own_memmove(void *to, const void *from, size_t size);
int own_memcmp(const void *a, const void *b, size_t size);
void *own_memchr(const void *memory, int value, size_t size);
size_t own_strcspn(const char *text, const char *ends);
size_t own_strlen(const char *text);
int own_strncmp(const char *a, const char *b, size_t size);
int own_strcmp(const char *a, const char *b);
char *own_strchr(const char *text, int value);
char *own_strstr(const char *text, const char *part);

#define SIZE 40U
#define ROUNDS 20000U

static int sign(int value)
{
	return (value > 0) - (value < 0);
}

/* Few values, some with the top bit. */
static void fill(char *bytes, size_t size)
{
	static const char alphabet[] = {'a', 'b', '\x80', '\xff', '\1'};

	for (size_t i = 0; i < size; i++) {
		bytes[i] = alphabet[(size_t)rand() % sizeof(alphabet)];
	}
}

/* Of exact size, to see overruns; at any alignment. */
static char *copy_of(const char *bytes, size_t size, size_t offset)
{
	char *copy = malloc(size + offset + !(size + offset));

	assert_non_null(copy);
	memcpy(copy + offset, bytes, size);
	return copy;
}

static void test_memory(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		size_t size = (size_t)rand() % SIZE;
		size_t offset = (size_t)rand() % 8;
		char bytes[SIZE];
		char *one;
		const char *found;

		fill(bytes, size);
		one = copy_of(bytes, size, offset);
		if (size) {
			bytes[(size_t)rand() % size] ^= (char)(rand() % 2);
		}
		found = memchr(one + offset, 'b', size);
		assert_ptr_equal(own_memchr(one + offset, 'b', size), found);
		assert_ptr_equal(own_memchr(one + offset, '\xff', size), memchr(one + offset, '\xff', size));
		assert_null(own_memchr(one + offset, 'x', size));
		assert_int_equal(sign(own_memcmp(one + offset, bytes, size)), sign(memcmp(one + offset, bytes, size)));
		free(one);
	}
}

static void test_moves_that_overlap(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		char one[SIZE], other[SIZE];
		size_t size = (size_t)rand() % (SIZE / 2);
		size_t from = (size_t)rand() % (SIZE / 2);
		size_t to = (size_t)rand() % (SIZE / 2);

		fill(one, SIZE);
		memcpy(other, one, SIZE);
		/* Downwards it is memcpy(), which copies upwards: boot/aarch32/memory.S. */
		if (to <= from && from < to + size) {
			continue;
		}
		assert_ptr_equal(own_memmove(one + to, one + from, size), one + to);
		memmove(other + to, other + from, size);
		assert_memory_equal(one, other, SIZE);
	}
}

static void test_strings(void **state)
{
	(void)state;
	for (unsigned int round = 0; round < ROUNDS; round++) {
		size_t length = (size_t)rand() % SIZE;
		size_t part_length = (size_t)rand() % 4;
		char bytes[SIZE + 1] = {0};
		char part[4] = {0};
		char *text;

		fill(bytes, length);
		fill(part, part_length < sizeof(part) - 1 ? part_length : sizeof(part) - 1);
		text = copy_of(bytes, length + 1, 0);
		assert_int_equal(own_strlen(text), length);
		assert_int_equal(own_strcspn(text, part), strcspn(text, part));
		assert_ptr_equal(own_strchr(text, 'b'), strchr(text, 'b'));
		assert_ptr_equal(own_strchr(text, '\0'), text + length);
		assert_ptr_equal(own_strstr(text, part), strstr(text, part));
		assert_int_equal(sign(own_strcmp(text, part)), sign(strcmp(text, part)));
		assert_int_equal(sign(own_strncmp(text, part, 2)), sign(strncmp(text, part, 2)));
		free(text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_memory),
		cmocka_unit_test(test_moves_that_overlap),
		cmocka_unit_test(test_strings),
	};

	srand(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
