/* SPDX-License-Identifier: BSD-2-Clause */
/* What a debugger types into the console in memory. */
#include "base/arch.h"
#include "base/feature.h"
#include "serial/private.h"

void rtt_set_up_input(void)
{
	_SEGGER_RTT.block.down_count = RTT_DOWN_BUFFERS;
	_SEGGER_RTT.block.down[0] = (struct rtt_ring){
		.name = (uint32_t)arch_phys(_SEGGER_RTT.name),
		.buffer = (uint32_t)arch_phys(_SEGGER_RTT.input),
		.size = RTT_INPUT_SIZE,
	};
}

/* A debugger may write anything into either offset: one beyond the ring holds no byte. */
int rtt_read(void)
{
	volatile struct rtt_ring *ring = &_SEGGER_RTT.block.down[0];
	uint32_t write = ring->write_offset;
	uint32_t read = ring->read_offset;
	uint8_t byte;

	if (_SEGGER_RTT.block.id[0] != 'S' || write >= RTT_INPUT_SIZE || read >= RTT_INPUT_SIZE || write == read) {
		return -1;
	}
	/* The byte was written before the offset. */
	arch_dma_rmb();
	byte = (uint8_t)_SEGGER_RTT.input[read];
	arch_dma_wmb();
	ring->read_offset = read + 1 < RTT_INPUT_SIZE ? read + 1 : 0;
	return byte;
}

LINKED(rtt_set_up_input);
