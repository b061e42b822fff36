/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * OpenOCD's Tcl port: a command, its result, each ended by 0x1a. Of all commands only those are sent that read. A
 * memory access port reads while the cores run; a core has to be halted.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "connection.h"

#define END '\x1a'
#define ANSWER_SIZE 32768U
#define NAME_SIZE 64U

struct openocd {
	struct connection connection;
	char name[NAME_SIZE]; /* Of the target that is read through. */
	bool is_memory_port;
	char place[256]; /* Without the target's name. */
	char answer[ANSWER_SIZE];
};

/* Evaluates `command`; its result in openocd->answer. False: it failed, and `why` has OpenOCD's words. */
static bool evaluate(struct target *target, const char *command)
{
	struct openocd *openocd = target->context;
	char text[512];
	size_t used = 0;
	int length = snprintf(text, sizeof(text), "if {[catch {%s} r]} {return \"-$r\"} else {return \"+$r\"}%c",
			      command, END);
	int c = 0;

	if (target->is_lost || !connection_send(&openocd->connection, target, text, (size_t)length)) {
		return false;
	}
	while ((c = connection_take(&openocd->connection, target)) >= 0 && c != END) {
		if (used + 1 < sizeof(openocd->answer)) {
			openocd->answer[used++] = (char)c;
		}
	}
	openocd->answer[used] = '\0';
	if (c < 0) {
		return false;
	}
	return openocd->answer[0] == '+' ||
	       target_fail(target, "OpenOCD: %.200s", openocd->answer + (openocd->answer[0] == '-'));
}

/* "0x1 0x2 ...", `count` words of 32 bits. */
static bool take_words(struct target *target, uint8_t *bytes, size_t count)
{
	const struct openocd *openocd = target->context;
	const char *text = openocd->answer + 1;

	for (size_t i = 0; i < count; i++) {
		char *end;
		unsigned long long word;

		errno = 0;
		word = strtoull(text, &end, 0);
		if (end == text || errno || word > UINT32_MAX) {
			return target_fail(target, "OpenOCD answers %zu of %zu words", i, count);
		}
		for (unsigned int byte = 0; byte < 4; byte++) {
			bytes[4 * i + byte] = (uint8_t)(word >> (8 * byte));
		}
		text = end;
	}
	return true;
}

/* Whole words: registers have to be read so. */
static bool openocd_read(struct target *target, uint64_t address, void *bytes, size_t size)
{
	const struct openocd *openocd = target->context;
	uint8_t words[4096 + 8];
	uint64_t start = address & ~3ULL;
	size_t count = (size_t)((address + size - start + 3) / 4);
	char command[256];

	if (size > 4096) {
		return target_fail(target, "more than 4096 bytes at once");
	}
	(void)snprintf(command, sizeof(command), "%s read_memory 0x%llx 32 %zu%s", openocd->name,
		       (unsigned long long)start, count, openocd->is_memory_port ? "" : " phys");
	if (!evaluate(target, command) || !take_words(target, words, count)) {
		return false;
	}
	memcpy(bytes, words + (address - start), size);
	return true;
}

static void openocd_close(struct target *target)
{
	struct openocd *openocd = target->context;

	connection_close(&openocd->connection);
	free(openocd);
}

/* A board's script of this project names a port; else the first memory access port, or the current target. */
static bool choose_target(struct target *target)
{
	struct openocd *openocd = target->context;

	if (!openocd->name[0] &&
	    !evaluate(target,
		      "set f [target current]; foreach t [target names] {if {[$t cget -type] eq \"mem_ap\"} "
		      "{set f $t; break}}; if {[info exists ::BRINGUP_MEMORY]} {set f $::BRINGUP_MEMORY}; set f")) {
		return false;
	}
	if (!openocd->name[0]) {
		(void)snprintf(openocd->name, sizeof(openocd->name), "%.63s", openocd->answer + 1);
	}
	return true;
}

static bool learn_type(struct target *target)
{
	struct openocd *openocd = target->context;
	char command[NAME_SIZE + 32];

	if (strspn(openocd->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") !=
		    strlen(openocd->name) ||
	    !openocd->name[0]) {
		return target_fail(target, "%s: this is no target's name", openocd->name);
	}
	(void)snprintf(command, sizeof(command), "%s cget -type", openocd->name);
	if (!evaluate(target, command)) {
		return false;
	}
	openocd->is_memory_port = !strcmp(openocd->answer + 1, "mem_ap");
	return true;
}

/* "HOST:PORT" or "HOST:PORT,TARGET". */
static bool split_place(struct target *target, const char *place)
{
	struct openocd *openocd = target->context;
	const char *comma = strrchr(place, ',');
	size_t length = comma ? (size_t)(comma - place) : strlen(place);

	if (length >= sizeof(openocd->place) || (comma && strlen(comma + 1) >= sizeof(openocd->name))) {
		return target_fail(target, "%s: HOST:PORT or HOST:PORT,TARGET is wanted", place);
	}
	memcpy(openocd->place, place, length);
	if (comma) {
		memcpy(openocd->name, comma + 1, strlen(comma + 1) + 1);
	}
	target->place = openocd->place;
	return true;
}

bool target_open_openocd(struct target *target, const char *place, unsigned int timeout_s)
{
	struct openocd *openocd = calloc(1, sizeof(*openocd));

	*target = (struct target){
		.kind = "openocd", .place = place, .context = openocd, .read = openocd_read, .close = openocd_close};
	if (!openocd) {
		return target_fail(target, "no memory");
	}
	openocd->connection.socket = -1;
	if (!split_place(target, place) || !connection_open(&openocd->connection, target, openocd->place, timeout_s) ||
	    !choose_target(target) || !learn_type(target)) {
		openocd_close(target);
		return false;
	}
	return true;
}
