/* SPDX-License-Identifier: BSD-2-Clause */
#include <errno.h>
#include <stddef.h>

#include "base/arch.h"
#include "base/arena.h"
#include "boot.h"
#include "machine.h"
#include "report/print.h"

#define PIECE_ALIGNMENT 0x200000ULL /* Mapped in blocks. */
#define PIECE_MAX (64ULL << 20)
#define PIECE_MIN (8ULL << 20)
#define DMA_PART 4U /* So much of the piece is for masters' pages, the rest for the arena. */
#define ADDRESS_END ARCH_MEMORY_END

struct piece {
	uint64_t base;
	uint64_t size;
};

/* A range that wraps ends at the last address. `size` is not 0. */
static uint64_t last_of(uint64_t base, uint64_t size)
{
	return size - 1 > UINT64_MAX - base ? UINT64_MAX : base + (size - 1);
}

/* ADDRESS_END: none. */
static uint64_t memory_align_up(uint64_t value)
{
	return value < ADDRESS_END ? (value + PIECE_ALIGNMENT - 1) & ~(PIECE_ALIGNMENT - 1) : ADDRESS_END;
}

/* The piece's base, moved behind this range if they overlap. */
static uint64_t behind(const struct piece *piece, uint64_t base, uint64_t size)
{
	uint64_t last;

	if (size == 0 || piece->base + (piece->size - 1) < base) {
		return piece->base;
	}
	last = last_of(base, size);
	return piece->base > last ? piece->base : memory_align_up(last < ADDRESS_END ? last + 1 : last);
}

static uint64_t behind_obstacles(const struct machine *machine, const struct piece *piece)
{
	const struct description *description = &machine->description;
	uint64_t base = behind(piece, boot_image_start(), boot_image_end() - boot_image_start());

	if (base == piece->base) {
		base = behind(piece, arch_phys(boot_device_tree()), boot_device_tree_size());
	}
	if (base == piece->base && boot_caller_memory() != UINT64_MAX) {
		base = behind(piece, boot_caller_memory(), ADDRESS_END - boot_caller_memory());
	}
	for (unsigned int i = 0; i < description->reserved_count && base == piece->base; i++) {
		base = behind(piece, description->reserved[i].base, description->reserved[i].size);
	}
	return base;
}

static bool fit(const struct machine *machine, const struct range_description *bank, uint64_t size, struct piece *piece)
{
	uint64_t last = bank->size ? last_of(bank->base, bank->size) : 0;

	*piece = (struct piece){.base = memory_align_up(bank->base), .size = size};
	while (piece->base + (size - 1) <= last && piece->base + size <= ADDRESS_END) {
		uint64_t base = behind_obstacles(machine, piece);

		if (base == piece->base) {
			return true;
		}
		piece->base = base;
	}
	return false;
}

_Static_assert(PIECE_MAX / DMA_PART / PAGE_SIZE / MASTER_PAGES <= MASTER_NUMBERS, "a number for each driven master");

static bool memory_find(const struct machine *machine, struct piece *piece)
{
	const struct range_description *given = boot_given_memory();

	for (uint64_t size = PIECE_MAX; size >= PIECE_MIN; size /= 2) {
		if (given && fit(machine, given, size, piece)) {
			return true;
		}
		for (unsigned int i = 0; i < machine->description.memory_count && !given; i++) {
			if (fit(machine, &machine->description.memory[i], size, piece)) {
				return true;
			}
		}
	}
	return false;
}

static bool memory_answers(const uint8_t *memory, uint64_t size)
{
	uint32_t value;

	for (uint64_t at = 0; at < size; at += PIECE_ALIGNMENT) {
		if (!arch_probe_read32(memory + at, &value)) {
			return false;
		}
	}
	return true;
}

int machine_find_memory(struct machine *machine)
{
	struct piece piece;
	uint8_t *memory;

	if (machine->dma_memory) {
		return 0;
	}
	if (!memory_find(machine, &piece)) {
		print("no piece of RAM is free behind the firmware's image\n");
		return -ENOMEM;
	}
	memory = arch_map_memory(piece.base, piece.size);
	if (!memory || !memory_answers(memory, piece.size)) {
		print("the RAM described at 0x%llx %s\n", (unsigned long long)piece.base,
		      memory ? "does not answer" : "cannot be mapped");
		return -ENOMEM;
	}
	for (unsigned int i = 0; i < machine->description.memory_count; i++) {
		print_debug("  RAM of 0x%llx bytes at 0x%llx\n",
			    (unsigned long long)machine->description.memory[i].size,
			    (unsigned long long)machine->description.memory[i].base);
	}
	print_debug("  the firmware is at 0x%llx to 0x%llx, its tables and buffers are at 0x%llx to 0x%llx\n",
		    (unsigned long long)boot_image_start(), (unsigned long long)boot_image_end(),
		    (unsigned long long)piece.base, (unsigned long long)(piece.base + piece.size));
	machine->dma_memory = memory;
	machine->dma_size = piece.size / DMA_PART;
	arena_init(memory + machine->dma_size, (size_t)(piece.size - machine->dma_size));
	return 0;
}

void *machine_take_half(size_t size, unsigned int *count)
{
	*count = (unsigned int)(arena_left() / 2 / size);
	return arena_reserve(*count * size, sizeof(uint64_t));
}

uint8_t *machine_dma_pages(struct machine *machine, unsigned int count)
{
	uint64_t size = (uint64_t)count * PAGE_SIZE;
	uint8_t *pages = machine->dma_memory + machine->dma_used;

	if (size > machine->dma_size - machine->dma_used) {
		return NULL;
	}
	machine->dma_used += size;
	return pages;
}
