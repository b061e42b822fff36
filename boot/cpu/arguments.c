/* SPDX-License-Identifier: BSD-2-Clause */
/* Boot arguments: argc and argv of `go` or `bootelf`, and what a debugger wrote into boot_arguments_text. */
#include "arguments.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arch.h"
#include "boot.h"
#include "handback.h"
#include "mmu.h"
#include "platform.h"
#include "report/print.h"

#define TEXT_SIZE 512U
#define PAGE 0x1000U
#define TREE_WORD "dtb="
#define ROOM_FOR_CUT (TEXT_SIZE - sizeof(" " ARGUMENTS_CUT))

/* Not in bss: a debugger writes it before the start. */
char boot_arguments_text[TEXT_SIZE] __attribute__((section(".data.arguments"), used)) = "";

/* Probes: the RAM may not exist. */
static bool peek(uintptr_t address, uint32_t *value)
{
	uintptr_t page = address & ~(uintptr_t)(PAGE - 1);

	if (address < PLATFORM_RAM_BASE || address % sizeof(uint32_t)) {
		return false;
	}
	/* NULL if mapped already. */
	(void)arch_map_memory(page, PAGE);
	return arch_probe_read32((const volatile void *)(uintptr_t)address, value);
}

static bool peek_word(uintptr_t address, uintptr_t *value)
{
	uint32_t part;

	*value = 0;
	for (unsigned int i = 0; i < sizeof(*value) / sizeof(part); i++) {
		if (!peek(address + i * sizeof(part), &part)) {
			return false;
		}
		*value |= (uintptr_t)((uint64_t)part << 32 * i);
	}
	return true;
}

static bool peek_byte(uintptr_t address, char *byte)
{
	uint32_t value;

	if (!peek(address & ~(uintptr_t)3, &value)) {
		return false;
	}
	*byte = (char)(value >> address % 4 * 8);
	return true;
}

static size_t own_length; /* Of what a debugger wrote. */

/* Drops a cut word, because half of it may mean another, and appends ARGUMENTS_CUT. */
static void cut_at(size_t length)
{
	char *at = &boot_arguments_text[length < ROOM_FOR_CUT ? length : ROOM_FOR_CUT];

	*at = '\0';
	while (at != boot_arguments_text && *at != ' ') {
		at--;
	}
	memcpy(at, " " ARGUMENTS_CUT, sizeof(" " ARGUMENTS_CUT));
}

/* Appends a string of argv. False: no room, or it cannot be read to its end. */
static bool append_word(size_t *length, uintptr_t address)
{
	char byte = ' ';

	do {
		if (*length + 1 == TEXT_SIZE) {
			return false;
		}
		boot_arguments_text[(*length)++] = byte;
		if (!peek_byte(address++, &byte)) {
			return false;
		}
	} while (byte);
	boot_arguments_text[*length] = '\0';
	return true;
}

/* `go` passes its address first, `bootelf` only words. */
static bool is_address(uintptr_t list)
{
	uintptr_t address;
	char byte;

	if (!peek_word(list, &address)) {
		return true;
	}
	while (peek_byte(address, &byte) && byte) {
		if (byte == '=') {
			return false;
		}
		address++;
	}
	return true;
}

static void append_arguments(void)
{
	uintptr_t count = boot_entry[ENTRY_ARGUMENT0 / sizeof(uintptr_t)];
	uintptr_t list = boot_entry[ENTRY_ARGUMENT1 / sizeof(uintptr_t)];
	uintptr_t address;
	bool whole = !boot_arguments_text[TEXT_SIZE - 1];
	size_t length;

	boot_arguments_text[TEXT_SIZE - 1] = '\0';
	length = strlen(boot_arguments_text);
	own_length = length;
	count = count > ARGUMENTS_MAX ? 0 : count;
	for (uintptr_t i = is_address(list); i < count && whole; i++) {
		if (peek_word(list + i * sizeof(uintptr_t), &address)) {
			whole = append_word(&length, address);
		}
	}
	if (!whole) {
		cut_at(length);
	}
}

/* 0x is optional; 0: malformed. */
static uintptr_t arguments_parse_address(const char *at)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	uintptr_t address = 0;
	const char *digit;

	at += at[0] == '0' && (at[1] | 0x20) == 'x' ? 2 : 0;
	while (*at && (digit = strchr(digits, *at))) {
		address = address << 4 | ((uintptr_t)(digit - digits) & 0xfU);
		at++;
	}
	return *at && *at != ' ' ? 0 : address;
}

/* The text after dtb=, or NULL. */
static const char *find_tree_word(void)
{
	const char *word = boot_arguments_text;

	while ((word = strstr(word, TREE_WORD)) && word != boot_arguments_text && word[-1] != ' ') {
		word++;
	}
	return word ? word + sizeof(TREE_WORD) - 1 : NULL;
}

/* Maps as much as its header says; NULL: not possible. */
static const void *arguments_map_tree(uintptr_t address)
{
	const uint8_t *tree = (const uint8_t *)(uintptr_t)address;
	uint32_t size;
	uint64_t end;

	if (address % sizeof(uint64_t) || !peek(address + sizeof(size), &size)) {
		return NULL;
	}
	end = mmu_tree_end(tree);
	for (uint64_t at = (address & ~(uintptr_t)(PAGE - 1)) + (uint64_t)PAGE; at < end; at += PAGE) {
		(void)arch_map_memory(at, PAGE);
	}
	return tree;
}

bool arguments_take(const void **tree)
{
	const char *word;

	append_arguments();
	word = find_tree_word();
	if (!word) {
		return false;
	}
	*tree = arguments_map_tree(arguments_parse_address(word));
	if (!*tree) {
		print("dtb= names no place in RAM where a device tree can be\n");
	}
	return true;
}

void arguments_forget(void)
{
	boot_arguments_text[own_length] = '\0';
}

const char *boot_arguments(void)
{
	return boot_arguments_text;
}
