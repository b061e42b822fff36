/* SPDX-License-Identifier: BSD-2-Clause */
/* A walk of VMSA tables (DDI 0487, D8) as an SMMUv3 makes it; independent of drivers/. */
#ifndef MODEL_WALK_H
#define MODEL_WALK_H

#include <stdbool.h>
#include <stdint.h>

enum walk_fault {
	WALK_OK,
	WALK_TRANSLATION,  /* Invalid, or beyond the input size. */
	WALK_ADDRESS_SIZE, /* A table or the output beyond the output size. */
	WALK_ACCESS,	   /* AF is clear. */
	WALK_PERMISSION,
	WALK_EXTERNAL_ABORT, /* A descriptor's read; see `fetch`. */
};

struct walk_config {
	unsigned int stage;	   /* 1 or 2. */
	unsigned int granule_bits; /* 12, 14 or 16. */
	unsigned int input_bits;   /* 64 - T0SZ (or S2T0SZ). */
	unsigned int output_bits;  /* IPS or S2PS: 32 to 52; 52 needs 64 KiB. */
	unsigned int start_level;  /* Stage 2: by S2SL0, with concatenation; stage 1: ignored. */
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
	unsigned int level;
	uint64_t output;
	unsigned int block_bits; /* Log2 of the leaf, or of its contiguous group. */
	bool contiguous;
	bool readable, writable, executable;
	unsigned int attributes; /* AttrIndx; stage 2: MemAttr. */
	unsigned int shareability;
	bool not_global;
	uint64_t fetch; /* The last descriptor's address. */
};

/* `read`: a little-endian descriptor; false: external abort, or the caller's choice. */
void walk(const struct walk_config *config, const struct walk_access *access,
	  bool (*read)(void *context, uint64_t address, uint64_t *descriptor), void *context,
	  struct walk_result *result);

#endif
