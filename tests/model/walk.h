/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * One walk of AArch64 VMSA translation tables (DDI 0487, D8) as an SMMUv3 makes it, for tests: written from the
 * specification, and independent of drivers/.
 */
#ifndef MODEL_WALK_H
#define MODEL_WALK_H

#include <stdbool.h>
#include <stdint.h>

enum walk_fault {
	WALK_OK,
	WALK_TRANSLATION,  /* An invalid descriptor, or an input address beyond the input size. */
	WALK_ADDRESS_SIZE, /* A table's or the final address beyond the output size. */
	WALK_ACCESS,	   /* AF is clear. */
	WALK_PERMISSION,
	WALK_EXTERNAL_ABORT, /* A descriptor could not be read; `fetch` says where. */
};

struct walk_config {
	unsigned int stage;	   /* 1 or 2. */
	unsigned int granule_bits; /* 12, 14 or 16. */
	unsigned int input_bits;   /* 64 - T0SZ (or S2T0SZ). */
	unsigned int output_bits;  /* IPS or S2PS: 32 to 52. 52 with the 64 KiB granule only. */
	unsigned int start_level;  /* Stage 2: as S2SL0 says; concatenated roots follow from it. Stage 1: ignored. */
	uint64_t root;		   /* TTB0 or S2TTB. */
	bool access_flag_faults;   /* AFFD is 0. */
};

struct walk_access {
	uint64_t address;
	bool write;
	bool privileged;
	bool execute;
};

struct walk_result {
	enum walk_fault fault;
	unsigned int level;	 /* Where the walk ended. */
	uint64_t output;	 /* The translated address. */
	unsigned int block_bits; /* Log2 of the leaf's size, or of the contiguous group's if the hint is set. */
	bool contiguous;
	bool readable, writable, executable;
	unsigned int attributes; /* Stage 1: AttrIndx; stage 2: MemAttr. */
	unsigned int shareability;
	bool not_global;
	uint64_t fetch; /* Address of the descriptor that was read last. */
};

/* `read` returns a descriptor, little-endian; false is an external abort, or what the caller makes of it. */
void walk(const struct walk_config *config, const struct walk_access *access,
	  bool (*read)(void *context, uint64_t address, uint64_t *descriptor), void *context,
	  struct walk_result *result);

#endif
