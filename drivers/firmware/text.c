/* SPDX-License-Identifier: BSD-2-Clause */
#include "firmware/text.h"

#define DIGITS_MAX 20U

void text_clear(struct text *text)
{
	text->length = 0;
	text->chars[0] = '\0';
}

void text_add(struct text *text, const char *more)
{
	while (*more && text->length < TEXT_SIZE - 1) {
		text->chars[text->length++] = *more++;
	}
	text->chars[text->length] = '\0';
}

void text_add_hex(struct text *text, uint64_t value)
{
	char digits[DIGITS_MAX + 1];
	unsigned int at = DIGITS_MAX;

	digits[at] = '\0';
	do {
		digits[--at] = "0123456789abcdef"[value & 0xfU];
		value >>= 4;
	} while (value);
	text_add(text, "0x");
	text_add(text, &digits[at]);
}

void text_add_decimal(struct text *text, uint32_t value)
{
	char digits[DIGITS_MAX + 1];
	unsigned int at = DIGITS_MAX;

	digits[at] = '\0';
	do {
		digits[--at] = (char)('0' + value % 10);
		value /= 10;
	} while (value);
	text_add(text, &digits[at]);
}
