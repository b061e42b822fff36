/* SPDX-License-Identifier: BSD-2-Clause */
#include <stdlib.h>
#include <string.h>

#include "json.h"

json_t *json_text(const char *text)
{
	size_t length = text ? strlen(text) : 0;
	char *utf8 = text ? malloc(2 * length + 1) : NULL;
	json_t *json = NULL;
	size_t at = 0;

	for (size_t i = 0; utf8 && i < length; i++) {
		unsigned char c = (unsigned char)text[i];

		if (c >= 0x80) {
			utf8[at++] = (char)(0xc0 | c >> 6);
			c = (unsigned char)(0x80 | (c & 0x3f));
		}
		utf8[at++] = (char)c;
	}
	if (utf8) {
		json = json_stringn(utf8, at);
	}
	free(utf8);
	return json ? json : json_null();
}
