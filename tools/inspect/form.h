/* SPDX-License-Identifier: BSD-2-Clause */
/* Files that are no table yet: named, with the command that makes one. */
#ifndef INSPECT_FORM_H
#define INSPECT_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FORM_TEXT_SIZE 256U

/* What the bytes are, and the next command to type; `path` is what it names. False: nothing that is known. */
bool form_explain(const uint8_t *bytes, size_t size, const char *path, char text[FORM_TEXT_SIZE]);

/* Of a blob that is whole: an overlay, or an image that holds device trees. False: neither. */
bool form_explain_blob(const uint8_t *blob, const char *path, char text[FORM_TEXT_SIZE]);

/* A kernel's tree as folders. False: not one. */
bool form_explain_folder(const char *path, char text[FORM_TEXT_SIZE]);

/* A text, to its 64 KiB: an IORT's dump begins as an IORT does. */
bool form_is_text(const uint8_t *bytes, size_t size);

/* A table that is shorter than it says, at its beginning. False: not so. */
bool form_explain_cut(const uint8_t *bytes, size_t size, char text[FORM_TEXT_SIZE]);

#endif
