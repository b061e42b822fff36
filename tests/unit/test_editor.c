/* SPDX-License-Identifier: BSD-2-Clause */
/* The monitor's line editor, and a terminal that does what it is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "monitor/editor.h"

#define PROMPT "> "
#define COLUMNS 512U

static struct editor editor;

/* What a person sees of the last line, and how often it rang. */
static struct {
	char line[COLUMNS];
	size_t cursor;
	unsigned int bells;
	unsigned int lines;
} terminal;

static const char *const words[] = {"instances", "inject", "masters", "map", "smmu0", NULL};

static const char *word(const char *line, unsigned int n)
{
	(void)line;
	return words[n];
}

static void terminal_put(char byte)
{
	switch (byte) {
	case '\a':
		terminal.bells++;
		break;
	case '\b':
		assert_true(terminal.cursor > 0);
		terminal.cursor--;
		break;
	case '\n':
		memset(terminal.line, 0, sizeof(terminal.line));
		terminal.cursor = 0;
		terminal.lines++;
		break;
	default:
		assert_true(byte >= ' ' && byte <= '~');
		assert_true(terminal.cursor + 1 < COLUMNS);
		terminal.line[terminal.cursor++] = byte;
		break;
	}
}

static void terminal_write(const char *text, size_t size)
{
	static const char erase[] = "\x1b[K";

	for (size_t i = 0; i < size; i++) {
		if (size - i >= sizeof(erase) - 1 && !memcmp(text + i, erase, sizeof(erase) - 1)) {
			memset(terminal.line + terminal.cursor, 0, COLUMNS - terminal.cursor);
			i += sizeof(erase) - 2;
		} else {
			terminal_put(text[i]);
		}
	}
}

static int begin(void **state)
{
	(void)state;
	memset(&terminal, 0, sizeof(terminal));
	editor = (struct editor){.prompt = PROMPT, .write = terminal_write, .word = word};
	editor_begin(&editor);
	return 0;
}

/* What is seen is what the caller gets, with the cursor where the next character goes. */
static void assert_shown(void)
{
	char seen[COLUMNS + sizeof(PROMPT)] = PROMPT;

	strcat(seen, editor.line);
	assert_string_equal(terminal.line, seen);
	assert_int_equal(terminal.cursor, strlen(PROMPT) + editor.cursor);
	assert_int_equal(strlen(editor.line), editor.length);
}

/* Returns how many lines were whole; the next one is begun. */
static unsigned int type(const char *keys)
{
	unsigned int whole = 0;

	for (; *keys; keys++) {
		if (editor_take(&editor, *keys)) {
			whole++;
			editor_begin(&editor);
		}
		assert_shown();
	}
	return whole;
}

static void assert_line(const char *keys, const char *wanted)
{
	assert_int_equal(type(keys), 0);
	assert_string_equal(editor.line, wanted);
}

static void test_keys_change_the_line(void **state)
{
	static const struct {
		const char *keys;
		const char *line;
	} cases[] = {
		{"abc", "abc"},
		{"abc\b", "ab"},
		{"abc\x7f\x7f\x7f\x7f", ""},
		{"abc\x01x", "xabc"},
		{"abc\x02\x02x", "axbc"},
		{"abc\x1b[D\x1b[Dx", "axbc"},
		{"abc\x01\x06x", "axbc"},
		{"abc\x01\x1b[Cx", "axbc"},
		{"abc\x01\x04", "bc"},
		{"abc\x02\x0b", "ab"},
		{"abc\x15x", "x"},
		{"abc\x03x", "x"},
		{"abc\x01\x05x", "abcx"},
		{"abc\x1bOHx", "xabc"},
		{"abc\x1b[H\x1b[Fx", "abcx"},
		{"abc\x1b[3~x", "abcx"},	/* A longer sequence means nothing, */
		{"abc\x1b[1;5Dx", "abcx"},	/* nor does one with parameters, */
		{"abc\x1bxy", "abcy"},		/* nor a key with Alt. */
		{"a\x0e\x10\x1b[A\x1b[B", "a"}, /* There is no line before. */
		{"\x02\x06\x04\x0b\x08", ""},
		{"\x80\xff\xc3\xa9", ""},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)begin(state);
		assert_line(cases[i].keys, cases[i].line);
	}
}

static void test_a_line_ends_once(void **state)
{
	(void)state;
	assert_int_equal(type("one\r\ntwo\nthree\r\r\n"), 4);
	assert_int_equal(terminal.lines, 4);
}

static void test_a_line_that_is_full_takes_no_more(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < EDITOR_LINE_SIZE + 3; i++) {
		(void)type("x");
	}
	assert_int_equal(editor.length, EDITOR_LINE_SIZE - 1);
	assert_int_equal(terminal.bells, 4);
	assert_line("\bz", editor.line);
}

static void test_the_lines_before_are_fetched(void **state)
{
	(void)state;
	(void)type("one\rtwo\rtwo\r\rthree\r");
	assert_line("\x1b[A", "three");
	assert_line("\x1b[A", "two");
	assert_line("\x10", "one");
	assert_line("\x10", "one");
	assert_int_equal(terminal.bells, 1);
	assert_line("\x0e", "two");
	assert_line("\x1b[B\x1b[B", "");
	for (char c = 'a'; c <= 'l'; c++) {
		char line[] = {c, '\r', '\0'};

		(void)type(line);
	}
	assert_line("\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10", "e");
}

static void test_words_are_completed(void **state)
{
	(void)state;
	assert_line("mas\t", "masters ");
	assert_line("sm\t", "masters smmu0 ");
	(void)begin(state);
	assert_line("in\t", "in");
	assert_int_equal(terminal.lines, 2); /* Both are listed. */
	assert_line("s\t", "instances ");
	(void)begin(state);
	assert_line("m\tp\t", "map ");
	(void)begin(state);
	assert_line("x\t", "x");
	assert_int_equal(terminal.bells, 1);
	(void)begin(state);
	assert_line("mas\x01\t", "masters "); /* At the line's end, wherever the cursor is. */
}

static void test_without_words_a_tab_does_nothing(void **state)
{
	(void)state;
	editor.word = NULL;
	assert_line("in\t", "in");
}

/* Any bytes: what is seen stays what the caller gets, and no line is too long. */
static void test_random_keys(void **state)
{
	static const char keys[] = "abc \b\x7f\t\r\n\x01\x02\x03\x04\x05\x06\x0b\x0e\x10\x15\x1b[ABCDHFO~;\x80";

	(void)state;
	srand(1);
	for (unsigned int i = 0; i < 200000; i++) {
		char key[] = {keys[(size_t)rand() % (sizeof(keys) - 1)], '\0'};

		(void)type(key);
	}
}

#define TEST(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_keys_change_the_line),
		TEST(test_a_line_ends_once),
		TEST(test_a_line_that_is_full_takes_no_more),
		TEST(test_the_lines_before_are_fetched),
		TEST(test_words_are_completed),
		TEST(test_without_words_a_tab_does_nothing),
		TEST(test_random_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
