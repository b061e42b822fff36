/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formats text: newlib-nano misreads 64-bit integers. Conversions: %s %c %d %u %x %p %% and %lu %lx %llu %llx %zu, with
 * width, '0' and '-'.
 */
#ifndef REPORT_FORMAT_H
#define REPORT_FORMAT_H

#include <stdarg.h>
#include <stddef.h>

/* Terminates; returns the untruncated length. Any core. */
size_t format_text(char *text, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));
size_t format_text_v(char *text, size_t size, const char *format, va_list arguments)
	__attribute__((format(printf, 3, 0)));

#endif
