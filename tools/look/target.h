/* SPDX-License-Identifier: BSD-2-Clause */
/* What memory is read from: a debugger's stub, a probe, dumps. Nothing here can write to it. */
#ifndef LOOK_TARGET_H
#define LOOK_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define TARGET_WHY_SIZE 256U

struct target {
	const char *kind; /* "gdb", "openocd", "dump", "vmcore". */
	const char *place;
	void *context;
	/* At a physical address, at most 4096 bytes. False: nothing answers there; `why` may say more. */
	bool (*read)(struct target *target, uint64_t address, void *bytes, size_t size);
	void (*close)(struct target *target);
	bool is_lost; /* It answers no more: each further read fails. */
	char why[TARGET_WHY_SIZE];
};

/* Each makes `target`. False: `why` says what is wrong. */
bool target_open_gdb(struct target *target, const char *place, unsigned int timeout_s, bool stay_halted);
bool target_open_openocd(struct target *target, const char *place, unsigned int timeout_s);
bool target_open_vmcore(struct target *target, const char *path);

#define DUMP_PATH_SIZE 4096

/* Of "FILE@ADDRESS". */
bool dump_parse(const char *file_at_address, char path[DUMP_PATH_SIZE], uint64_t *address);
/* Again for each file. */
bool target_add_dump(struct target *target, const char *file_at_address);

/* Sets `why`; returns false. */
bool target_fail(struct target *target, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
