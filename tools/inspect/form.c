/* SPDX-License-Identifier: BSD-2-Clause */
#include "form.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "firmware/bytes.h"
#include "firmware/dt_tree.h"

/* Looked at for what a text is; a licence may come first. */
#define TEXT_LOOKED_AT 65536U

struct form {
	const char *begins; /* Bytes at the beginning, or, of a text, words within. */
	size_t length;
	const char *what;
	const char *command; /* `%s` is the file. */
};

#define BYTES(text) text, sizeof(text) - 1

/* Bytes of other files. */
static const struct form files[] = {
	{BYTES("0A3+7Q"), "a device tree blob as base64", "base64 -d %s > board.dtb"},
	{BYTES("SU9SV"), "an IORT as base64", "base64 -d %s > iort.aml"},
	{BYTES("\xed\xfe\x0d\xd0"), "a device tree blob whose bytes are swapped in every word of four",
	 "objcopy -I binary -O binary --reverse-bytes=4 %s swapped.dtb"},
	{BYTES("\x0d\xd0\xed\xfe"), "a device tree blob whose bytes are swapped in every pair",
	 "dd if=%s of=swapped.dtb conv=swab"},
	{BYTES("TROI"), "an IORT whose bytes are swapped in every word of four",
	 "objcopy -I binary -O binary --reverse-bytes=4 %s swapped.aml"},
	{BYTES("OITR"), "an IORT whose bytes are swapped in every pair", "dd if=%s of=swapped.aml conv=swab"},
	{BYTES("\x1f\x8b"), "a file packed by gzip", "gunzip -c %s > unpacked"},
	{BYTES("\xfd"
	       "7zXZ"),
	 "a file packed by xz", "xz -dc %s > unpacked"},
	{BYTES("\x28\xb5\x2f\xfd"), "a file packed by zstd", "zstd -dc %s > unpacked"},
	{BYTES("BZh"), "a file packed by bzip2", "bunzip2 -c %s > unpacked"},
	{BYTES("\xd7\xb7\xab\x1e"), "an Android image of device trees", "mkdtboimg dump %s -b tree"},
	{BYTES("\x7f"
	       "ELF"),
	 "an ELF file", "objcopy -O binary --only-section=.dtb.init.rodata %s board.dtb"},
	{BYTES("\xff\xfe"), "a text of UTF-16", "iconv -f UTF-16 -t UTF-8 %s > text"},
};

/* Words of texts; the first that is there counts. */
static const struct form texts[] = {
	{BYTES("/plugin/"), "the source of an overlay, which is no board's tree",
	 "dtc -@ -I dts -O dtb -o overlay.dtbo %s, then fdtoverlay -i base.dtb -o board.dtb overlay.dtbo"},
	{BYTES("#include"), "a device tree's source, for the C preprocessor first",
	 "cpp -nostdinc -undef -x assembler-with-cpp -I include %s | dtc -I dts -O dtb -o board.dtb -"},
	{BYTES("/dts-v1/"), "a device tree's source", "dtc -I dts -O dtb -o board.dtb %s"},
	{BYTES("[0004]"), "an ACPI table's source", "iasl -p iort %s, which makes iort.aml"},
	{BYTES("Signature : "), "an ACPI table's source", "iasl -p iort %s, which makes iort.aml"},
	{BYTES("DefinitionBlock"), "ASL source of a table of code, and no IORT", "acpidump -n IORT -b on that machine"},
	{BYTES(" @ 0x"), "a text of acpidump", "acpixtract -s IORT %s, which makes iort.dat"},
	{BYTES("00000000: d00d feed"), "a hexadecimal dump", "xxd -r %s board.dtb"},
	{BYTES("00000000: 494f 5254"), "a hexadecimal dump", "xxd -r %s iort.aml"},
	{BYTES("00000000  d0 0d fe ed"), "a hexadecimal dump by hexdump -C, whose bytes are behind the address",
	 "cut -c9-58 %s | xxd -r -p > board.dtb"},
	{BYTES("00000000  49 4f 52 54"), "a hexadecimal dump by hexdump -C, whose bytes are behind the address",
	 "cut -c9-58 %s | xxd -r -p > iort.aml"},
};

static void say(const struct form *form, const char *path, char text[FORM_TEXT_SIZE])
{
	size_t length = (size_t)snprintf(text, FORM_TEXT_SIZE, "%s: ", form->what);
	const char *place = strstr(form->command, "%s");
	int before = place ? (int)(place - form->command) : (int)strlen(form->command);

	(void)snprintf(text + length, FORM_TEXT_SIZE - length, "%.*s%s%s", before, form->command, place ? path : "",
		       place ? place + 2 : "");
}

bool form_is_text(const uint8_t *bytes, size_t size)
{
	size = size < TEXT_LOOKED_AT ? size : TEXT_LOOKED_AT;
	for (size_t i = 0; i < size; i++) {
		if (bytes[i] < ' ' && !isspace(bytes[i])) {
			return false;
		}
	}
	return size > 0;
}

static bool has_words(const uint8_t *bytes, size_t size, const struct form *form)
{
	for (size_t i = 0; i + form->length <= size; i++) {
		if (!memcmp(&bytes[i], form->begins, form->length)) {
			return true;
		}
	}
	return false;
}

static bool explain_text(const uint8_t *bytes, size_t size, const char *path, char text[FORM_TEXT_SIZE])
{
	size = size < TEXT_LOOKED_AT ? size : TEXT_LOOKED_AT;
	if (!form_is_text(bytes, size)) {
		return false;
	}
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		if (has_words(bytes, size, &texts[i])) {
			say(&texts[i], path, text);
			return true;
		}
	}
	return false;
}

/* Reversed in words of eight, what comes first is in the second four bytes. */
static bool explain_long_words(const uint8_t *bytes, size_t size, const char *path, char text[FORM_TEXT_SIZE])
{
	static const struct form tree = {NULL, 0, "a device tree blob whose bytes are swapped in every word of eight",
					 "objcopy -I binary -O binary --reverse-bytes=8 %s swapped.dtb"};
	static const struct form iort = {NULL, 0, "an IORT whose bytes are swapped in every word of eight",
					 "objcopy -I binary -O binary --reverse-bytes=8 %s swapped.aml"};
	bool is_tree = size >= 8 && !memcmp(&bytes[4], "\xed\xfe\x0d\xd0", 4);

	if (is_tree || (size >= 8 && !memcmp(&bytes[4], "TROI", 4))) {
		say(is_tree ? &tree : &iort, path, text);
		return true;
	}
	return false;
}

bool form_explain(const uint8_t *bytes, size_t size, const char *path, char text[FORM_TEXT_SIZE])
{
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		if (size >= files[i].length && !memcmp(bytes, files[i].begins, files[i].length)) {
			say(&files[i], path, text);
			return true;
		}
	}
	return explain_long_words(bytes, size, path, text) || explain_text(bytes, size, path, text);
}

bool form_explain_cut(const uint8_t *bytes, size_t size, char text[FORM_TEXT_SIZE])
{
	bool iort = size >= 8 && !memcmp(bytes, "IORT", 4) && !form_is_text(bytes, size);
	uint32_t length;

	if (!iort && (size < 8 || get_be32(bytes) != 0xd00dfeedU)) {
		return false;
	}
	length = iort ? get_le32(&bytes[4]) : get_be32(&bytes[4]);
	if (length <= size) {
		return false;
	}
	(void)snprintf(text, FORM_TEXT_SIZE,
		       "%s: it is cut off: 0x%zx bytes of 0x%" PRIx32 ": copy it again, whole and in binary (%s)",
		       iort ? "an IORT" : "a device tree blob that is damaged at byte 0x4", size, length,
		       iort ? "cp /sys/firmware/acpi/tables/IORT iort.aml" : "cp /sys/firmware/fdt board.dtb");
	return true;
}

bool form_explain_blob(const uint8_t *blob, const char *path, char text[FORM_TEXT_SIZE])
{
	struct dt_node root, node;

	if (!dt_root(blob, &root)) {
		return false;
	}
	node = root;
	if (dt_below("images", 6, &node) && dt_has(&root, "timestamp")) {
		say(&(const struct form){NULL, 0, "a FIT image, which holds device trees",
					 "dumpimage -T flat_dt -p 1 -o board.dtb %s (the number by dumpimage -l)"},
		    path, text);
		return true;
	}
	for (node = root; dt_next(&node);) {
		if (node.depth == 2 && !strcmp(dt_name(blob, dt_offset(&node)), "__overlay__")) {
			say(&(const struct form){NULL, 0, "an overlay, which is no board's tree: apply it to its base",
						 "fdtoverlay -i base.dtb -o board.dtb %s"},
			    path, text);
			return true;
		}
	}
	return false;
}

bool form_explain_folder(const char *path, char text[FORM_TEXT_SIZE])
{
	char cells[4096];
	struct stat found;

	if ((size_t)snprintf(cells, sizeof(cells), "%s/#address-cells", path) >= sizeof(cells) || stat(cells, &found)) {
		return false;
	}
	say(&(const struct form){NULL, 0, "a device tree as a kernel shows it", "dtc -I fs -O dtb -o board.dtb %s"},
	    path, text);
	return true;
}
