/* SPDX-License-Identifier: BSD-2-Clause */
/* Texts without printf; truncated if too long. */
#ifndef FIRMWARE_TEXT_H
#define FIRMWARE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#define TEXT_SIZE 256U

struct text {
	char chars[TEXT_SIZE]; /* Always terminated. */
	size_t length;
};

void text_clear(struct text *text);
void text_add(struct text *text, const char *more);
void text_add_hex(struct text *text, uint64_t value); /* With "0x". */
void text_add_decimal(struct text *text, uint32_t value);

#endif
