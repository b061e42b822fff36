/* SPDX-License-Identifier: BSD-2-Clause */
/* The console in memory: SEGGER's RTT layout, as each reader of it knows it. */
#ifndef SERIAL_PRIVATE_H
#define SERIAL_PRIVATE_H

#include <stddef.h>
#include <stdint.h>

#include "serial/rtt.h"

#define RTT_ID_SIZE 16U
#define RTT_UP_BUFFERS 1U
#define RTT_DOWN_BUFFERS 1U /* Room for them: `down_count` tells how many there are. */
#define RTT_INPUT_SIZE 256U

/* Up the debugger moves `read_offset`, down `write_offset`; equal offsets: empty. */
struct rtt_ring {
	uint32_t name; /* 32 bits by the layout. */
	uint32_t buffer;
	uint32_t size;
	uint32_t write_offset;
	uint32_t read_offset;
	uint32_t flags;
};

struct rtt_control_block {
	char id[RTT_ID_SIZE];
	int32_t up_count;
	int32_t down_count;
	struct rtt_ring up[RTT_UP_BUFFERS];
	struct rtt_ring down[RTT_DOWN_BUFFERS];
};

_Static_assert(sizeof(struct rtt_ring) == 24, "RTT: a ring's descriptor is six words.");
_Static_assert(offsetof(struct rtt_control_block, up) == 24, "RTT: rings follow the name and two counts.");
_Static_assert(offsetof(struct rtt_control_block, down) == 48, "RTT: rings down follow those up.");

/* Uncached: a debugger's bus access sees it. Boot clears only the name's first word. */
struct rtt {
	struct rtt_control_block block;
	char name[RTT_ID_SIZE];
	char buffer[RTT_BUFFER_SIZE];
	char input[RTT_INPUT_SIZE];
};

extern volatile struct rtt _SEGGER_RTT;

/* rtt_input.c, which may be left out: describes the ring down, empty. Before the name is written. */
void rtt_set_up_input(void);

#endif
