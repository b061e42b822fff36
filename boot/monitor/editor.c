/* SPDX-License-Identifier: BSD-2-Clause */
#include "monitor/editor.h"

#include <string.h>

#define CTRL(letter) ((letter) - 'A' + 1)
#define BELL "\a"
#define ESCAPE 0x1b
#define DELETE 0x7f
#define ERASE_TO_END "\x1b[K"
#define LEFT "\b"
#define IN_SEQUENCE 2U /* Behind "\x1b[". */

static void put(const struct editor *editor, const char *text)
{
	editor->write(text, strlen(text));
}

/* Writes what stands from `from` on, and puts the terminal's cursor back. */
static void show_from(const struct editor *editor, size_t from)
{
	editor->write(editor->line + from, editor->length - from);
	put(editor, ERASE_TO_END);
	for (size_t i = editor->length; i > editor->cursor; i--) {
		put(editor, LEFT);
	}
}

static void go_to_start(struct editor *editor)
{
	while (editor->cursor) {
		put(editor, LEFT);
		editor->cursor--;
	}
}

static void go_to_end(struct editor *editor)
{
	editor->write(editor->line + editor->cursor, editor->length - editor->cursor);
	editor->cursor = editor->length;
}

static void insert(struct editor *editor, char byte)
{
	size_t at = editor->cursor;

	if (editor->length + 1 == EDITOR_LINE_SIZE) {
		put(editor, BELL);
		return;
	}
	memmove(editor->line + at + 1, editor->line + at, editor->length - at + 1);
	editor->line[at] = byte;
	editor->length++;
	editor->cursor++;
	show_from(editor, at);
}

/* Removes the character behind the cursor. */
static void remove_one(struct editor *editor)
{
	size_t at = editor->cursor;

	if (at < editor->length) {
		memmove(editor->line + at, editor->line + at + 1, editor->length - at);
		editor->length--;
		show_from(editor, at);
	}
}

static void move_left(struct editor *editor)
{
	if (editor->cursor) {
		editor->cursor--;
		put(editor, LEFT);
	}
}

static void move_right(struct editor *editor)
{
	if (editor->cursor < editor->length) {
		editor->write(editor->line + editor->cursor++, 1);
	}
}

static void rub_out(struct editor *editor)
{
	if (editor->cursor) {
		move_left(editor);
		remove_one(editor);
	}
}

static void set_line(struct editor *editor, const char *text)
{
	size_t length = strlen(text);

	go_to_start(editor);
	memcpy(editor->line, text, length + 1);
	editor->length = length;
	editor->cursor = length;
	show_from(editor, 0);
}

static void cut_to_end(struct editor *editor)
{
	editor->line[editor->cursor] = '\0';
	editor->length = editor->cursor;
	show_from(editor, editor->cursor);
}

/* --- History. --- */

static void keep_line(struct editor *editor)
{
	unsigned int last = (editor->kept_count + EDITOR_LINES_KEPT - 1) % EDITOR_LINES_KEPT;

	if (editor->length && (!editor->kept_count || strcmp(editor->kept[last], editor->line))) {
		memcpy(editor->kept[editor->kept_count++ % EDITOR_LINES_KEPT], editor->line, editor->length + 1);
	}
}

static void fetch(struct editor *editor, unsigned int back)
{
	unsigned int there = editor->kept_count < EDITOR_LINES_KEPT ? editor->kept_count : EDITOR_LINES_KEPT;

	if (back > there) {
		put(editor, BELL);
		return;
	}
	editor->back = back;
	set_line(editor, back ? editor->kept[(editor->kept_count - back) % EDITOR_LINES_KEPT] : "");
}

/* --- Completion. --- */

static size_t start_of_word(const struct editor *editor)
{
	size_t start = editor->length;

	while (start && editor->line[start - 1] != ' ') {
		start--;
	}
	return start;
}

/* The words that begin as the last one of the line does: how many, and what all of them have in common. */
struct candidates {
	unsigned int count;
	const char *first;
	size_t common;
};

static struct candidates find_candidates(const struct editor *editor, const char *begun)
{
	struct candidates found = {0, NULL, 0};
	const char *word;

	for (unsigned int n = 0; (word = editor->word(editor->line, n)); n++) {
		size_t same = 0;

		if (strncmp(word, begun, strlen(begun))) {
			continue;
		}
		if (!found.count++) {
			found.first = word;
			found.common = strlen(word);
		}
		while (same < found.common && word[same] == found.first[same]) {
			same++;
		}
		found.common = same;
	}
	return found;
}

static void list_candidates(const struct editor *editor, const char *begun)
{
	const char *word;

	put(editor, "\n");
	for (unsigned int n = 0; (word = editor->word(editor->line, n)); n++) {
		if (!strncmp(word, begun, strlen(begun))) {
			put(editor, word);
			put(editor, " ");
		}
	}
	put(editor, "\n");
	put(editor, editor->prompt);
	show_from(editor, 0);
}

static void complete(struct editor *editor)
{
	size_t start = start_of_word(editor);
	struct candidates found;
	char begun[EDITOR_LINE_SIZE];

	go_to_end(editor);
	if (!editor->word) {
		return;
	}
	memcpy(begun, editor->line + start, editor->length - start + 1);
	found = find_candidates(editor, begun);
	if (!found.count) {
		put(editor, BELL);
		return;
	}
	if (found.count > 1 && found.common == strlen(begun)) {
		list_candidates(editor, begun);
		return;
	}
	for (size_t i = strlen(begun); i < found.common; i++) {
		insert(editor, found.first[i]);
	}
	if (found.count == 1) {
		insert(editor, ' ');
	}
}

/* --- Keys. --- */

static void take_control(struct editor *editor, char byte)
{
	switch (byte) {
	case CTRL('A'):
		go_to_start(editor);
		break;
	case CTRL('B'):
		move_left(editor);
		break;
	case CTRL('C'):
		set_line(editor, "");
		break;
	case CTRL('D'):
		remove_one(editor);
		break;
	case CTRL('E'):
		go_to_end(editor);
		break;
	case CTRL('F'):
		move_right(editor);
		break;
	case CTRL('H'):
	case DELETE:
		rub_out(editor);
		break;
	case CTRL('I'):
		complete(editor);
		break;
	case CTRL('K'):
		cut_to_end(editor);
		break;
	case CTRL('N'):
		if (editor->back) {
			fetch(editor, editor->back - 1);
		}
		break;
	case CTRL('P'):
		fetch(editor, editor->back + 1);
		break;
	case CTRL('U'):
		set_line(editor, "");
		break;
	case ESCAPE:
		editor->escape = 1;
		break;
	default:
		break;
	}
}

/* Of "\x1b[A" and "\x1bOA"; of longer sequences the end is awaited, and they mean nothing. */
static void take_sequence(struct editor *editor, char byte)
{
	static const char keys[] = "ABCDHF";
	static const char meaning[] = {CTRL('P'), CTRL('N'), CTRL('F'), CTRL('B'), CTRL('A'), CTRL('E')};
	const char *key = strchr(keys, byte);
	bool is_plain = editor->escape == IN_SEQUENCE;

	if (editor->escape == 1) {
		editor->escape = byte == '[' || byte == 'O' ? IN_SEQUENCE : 0;
		return;
	}
	if (byte < '@' || byte > '~') {
		editor->escape++;
		return;
	}
	editor->escape = 0;
	if (is_plain && byte && key) {
		take_control(editor, meaning[key - keys]);
	}
}

void editor_begin(struct editor *editor)
{
	editor->line[0] = '\0';
	editor->length = 0;
	editor->cursor = 0;
	editor->escape = 0;
	editor->back = 0;
	put(editor, editor->prompt);
}

bool editor_take(struct editor *editor, char byte)
{
	bool after_return = editor->after_return;

	editor->after_return = byte == '\r';
	if (editor->escape) {
		take_sequence(editor, byte);
	} else if (byte == '\n' && after_return) {
		return false;
	} else if (byte == '\r' || byte == '\n') {
		put(editor, "\n");
		keep_line(editor);
		return true;
	} else if (byte >= ' ' && byte <= '~') {
		insert(editor, byte);
	} else {
		take_control(editor, byte);
	}
	return false;
}
