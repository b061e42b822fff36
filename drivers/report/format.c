/* SPDX-License-Identifier: BSD-2-Clause */
#include "report/format.h"

#include <stdbool.h>
#include <stdint.h>

struct sink {
	char *text;
	size_t size;
	size_t length;
};

struct conversion {
	unsigned int width;
	bool left;
	char pad;
	unsigned int longs; /* l and z: 1; ll: 2. */
	bool is_size;
};

static void format_put(struct sink *sink, char c)
{
	if (sink->length + 1 < sink->size) {
		sink->text[sink->length] = c;
	}
	sink->length++;
}

static bool format_is_printable(char c)
{
	return c >= ' ' && c <= '~';
}

static void format_put_padded(struct sink *sink, const char *text, size_t length, const struct conversion *conversion)
{
	size_t padding = conversion->width > length ? conversion->width - length : 0;

	for (size_t i = 0; i < padding && !conversion->left; i++) {
		format_put(sink, conversion->pad);
	}
	/* Only printable ASCII: text from tables must not begin a line, also not by NEL or U+2028. */
	for (size_t i = 0, at = sink->length; i < length && at + 1 < sink->size; i++, at++) {
		sink->text[at] = format_is_printable(text[i]) ? text[i] : '?';
	}
	sink->length += length;
	for (size_t i = 0; i < padding && conversion->left; i++) {
		format_put(sink, ' ');
	}
}

/* For AArch32, which has no 64-bit division. Returns the remainder. */
static unsigned int format_divide(uint64_t *value, unsigned int base)
{
	uint64_t quotient = 0;
	uint32_t small = (uint32_t)*value;
	uint32_t rest = 0;

	if (*value == small) {
		*value = small / base;
		return small % base;
	}
	for (int shift = 48; shift >= 0; shift -= 16) {
		rest = rest << 16 | (uint32_t)(*value >> shift & 0xffffU);
		quotient = quotient << 16 | rest / base;
		rest %= base;
	}
	*value = quotient;
	return rest;
}

static void format_put_number(struct sink *sink, uint64_t value, unsigned int base, bool negative,
			      const struct conversion *conversion)
{
	char digits[24];
	size_t at = sizeof(digits);

	do {
		digits[--at] = "0123456789abcdef"[format_divide(&value, base)];
	} while (value);
	if (negative) {
		digits[--at] = '-';
	}
	format_put_padded(sink, digits + at, sizeof(digits) - at, conversion);
}

static const char *format_parse_conversion(const char *format, struct conversion *conversion)
{
	*conversion = (struct conversion){.pad = ' '};
	for (; *format == '-' || *format == '0'; format++) {
		if (*format == '-') {
			conversion->left = true;
		} else {
			conversion->pad = '0';
		}
	}
	for (; *format >= '0' && *format <= '9'; format++) {
		conversion->width = conversion->width * 10 + (unsigned int)(*format - '0');
	}
	for (; *format == 'l' || *format == 'z'; format++) {
		conversion->longs++;
		conversion->is_size = *format == 'z';
	}
	return format;
}

static uint64_t format_unsigned_argument(const struct conversion *conversion, va_list *arguments)
{
	if (conversion->longs >= 2) {
		return va_arg(*arguments, unsigned long long);
	}
	if (conversion->is_size) {
		return va_arg(*arguments, size_t);
	}
	return conversion->longs ? va_arg(*arguments, unsigned long) : va_arg(*arguments, unsigned int);
}

static int64_t format_signed_argument(const struct conversion *conversion, va_list *arguments)
{
	if (conversion->longs >= 2) {
		return va_arg(*arguments, long long);
	}
	return conversion->longs ? va_arg(*arguments, long) : va_arg(*arguments, int);
}

static void format_put_string(struct sink *sink, const char *text, const struct conversion *conversion)
{
	size_t length = 0;

	text = text ? text : "(null)";
	while (text[length]) {
		length++;
	}
	format_put_padded(sink, text, length, conversion);
}

static void format_put_conversion(struct sink *sink, char kind, struct conversion *conversion, va_list *arguments)
{
	int64_t number;

	switch (kind) {
	case 's':
		conversion->pad = ' ';
		format_put_string(sink, va_arg(*arguments, const char *), conversion);
		break;
	case 'c':
		format_put(sink, (char)va_arg(*arguments, int));
		break;
	case 'd':
		number = format_signed_argument(conversion, arguments);
		format_put_number(sink, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 10, number < 0,
				  conversion);
		break;
	case 'u':
		format_put_number(sink, format_unsigned_argument(conversion, arguments), 10, false, conversion);
		break;
	case 'x':
		format_put_number(sink, format_unsigned_argument(conversion, arguments), 16, false, conversion);
		break;
	case 'p':
		format_put(sink, '0');
		format_put(sink, 'x');
		format_put_number(sink, (uintptr_t)va_arg(*arguments, void *), 16, false, conversion);
		break;
	default:
		format_put(sink, kind);
		break;
	}
}

size_t format_text_v(char *text, size_t size, const char *format, va_list arguments)
{
	struct sink sink = {.text = text, .size = size};
	struct conversion conversion;
	va_list rest;

	va_copy(rest, arguments);
	for (; *format; format++) {
		if (*format != '%') {
			format_put(&sink, *format);
			continue;
		}
		format = format_parse_conversion(format + 1, &conversion);
		if (!*format) {
			break;
		}
		format_put_conversion(&sink, *format, &conversion, &rest);
	}
	va_end(rest);
	if (size) {
		text[sink.length < size ? sink.length : size - 1] = '\0';
	}
	return sink.length;
}

size_t format_text(char *text, size_t size, const char *format, ...)
{
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	length = format_text_v(text, size, format, arguments);
	va_end(arguments);
	return length;
}
