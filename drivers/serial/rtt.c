/* SPDX-License-Identifier: BSD-2-Clause */
#include "serial/rtt.h"

#include <stdbool.h>
#include <string.h>

#include "base/arch.h"
#include "base/deadline.h"
#include "base/feature.h"
#include "serial/private.h"

#define READER_US 2000000U /* Debuggers poll ten times a second. */
#define SKIP_WHEN_FULL 0U
#define BLOCK_WHEN_FULL 2U

volatile struct rtt _SEGGER_RTT __attribute__((section(".uncached"), aligned(4096)));

OPTIONAL(rtt_set_up_input);

static bool gone; /* The debugger let a time-out pass: no more waiting. */

static void rtt_put_text(volatile char *to, const char *text)
{
	do {
		*to++ = *text;
	} while (*text++);
}

/* Writes the name last, in two parts: the image must hold no copy. */
static void rtt_set_up(void)
{
	_SEGGER_RTT.block.up_count = RTT_UP_BUFFERS;
	_SEGGER_RTT.block.down_count = 0;
	if (is_linked(rtt_set_up_input)) {
		rtt_set_up_input();
	}
	rtt_put_text(_SEGGER_RTT.name, "console");
	_SEGGER_RTT.block.up[0] = (struct rtt_ring){
		.name = (uint32_t)arch_phys(_SEGGER_RTT.name),
		.buffer = (uint32_t)arch_phys(_SEGGER_RTT.buffer),
		.size = RTT_BUFFER_SIZE,
		.flags = SKIP_WHEN_FULL,
	};
	/* Above 4 GiB not "RTT": a debugger would use the truncated address. */
	rtt_put_text(_SEGGER_RTT.block.id + 7, rtt_address() >> 32 ? "64" : "RTT");
	arch_dma_wmb();
	for (unsigned int i = 7; i > 0; i--) {
		_SEGGER_RTT.block.id[i - 1] = "SEGGER "[i - 1];
	}
}

static uint32_t rtt_free_bytes(volatile struct rtt_ring *ring)
{
	uint32_t read = ring->read_offset % RTT_BUFFER_SIZE;

	return (read + RTT_BUFFER_SIZE - ring->write_offset - 1) % RTT_BUFFER_SIZE;
}

/* A debugger read before, or was announced. */
static bool rtt_has_reader(volatile struct rtt_ring *ring)
{
	return !gone && (ring->flags == BLOCK_WHEN_FULL || ring->read_offset);
}

bool rtt_is_read(void)
{
	return rtt_has_reader(&_SEGGER_RTT.block.up[0]);
}

static bool rtt_wait_for(volatile struct rtt_ring *ring, uint32_t wanted)
{
	struct deadline deadline = deadline_in_us(READER_US);
	uint32_t seen = ring->read_offset;

	while (rtt_free_bytes(ring) < wanted && rtt_has_reader(ring)) {
		if (ring->read_offset != seen) {
			seen = ring->read_offset;
			deadline = deadline_in_us(READER_US);
		}
		gone = deadline_passed(&deadline);
		arch_relax();
	}
	return rtt_free_bytes(ring) >= wanted;
}

/* Bytes first, then the offset. */
static void rtt_append(volatile struct rtt_ring *ring, const char *text, uint32_t count)
{
	uint32_t at = ring->write_offset;
	volatile char *to = &_SEGGER_RTT.buffer[at];

	for (uint32_t i = 0; i < count; i++) {
		to[i] = text[i];
	}
	arch_dma_wmb();
	ring->write_offset = at + count < RTT_BUFFER_SIZE ? at + count : 0;
}

void rtt_write(const char *text, size_t size)
{
	volatile struct rtt_ring *ring = &_SEGGER_RTT.block.up[0];

	if (_SEGGER_RTT.block.id[0] != 'S') {
		rtt_set_up();
	}
	while (size && rtt_wait_for(ring, 1)) {
		uint32_t room = rtt_free_bytes(ring);
		uint32_t straight = RTT_BUFFER_SIZE - ring->write_offset;
		uint32_t count = room < straight ? room : straight;

		count = size < count ? (uint32_t)size : count;

		rtt_append(ring, text, count);
		text += count;
		size -= count;
	}
}

void rtt_flush(void)
{
	(void)rtt_wait_for(&_SEGGER_RTT.block.up[0], RTT_BUFFER_SIZE - 1);
}

void rtt_announce_reader(void)
{
	_SEGGER_RTT.block.up[0].flags = BLOCK_WHEN_FULL;
}

uint64_t rtt_address(void)
{
	return arch_phys(&_SEGGER_RTT);
}

size_t rtt_content(const char **start)
{
	const volatile struct rtt_ring *ring = &_SEGGER_RTT.block.up[0];

	*start = (const char *)(uintptr_t)&_SEGGER_RTT.buffer[ring->read_offset];
	return ring->write_offset < ring->read_offset ? 0 : ring->write_offset - ring->read_offset;
}
