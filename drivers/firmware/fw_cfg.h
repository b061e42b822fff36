/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's fw_cfg through its DMA interface (byte reads take 20 000 times as many instructions), and the table loader for
 * ACPI tables without UEFI.
 */
#ifndef FIRMWARE_FW_CFG_H
#define FIRMWARE_FW_CFG_H

#include <stddef.h>
#include <stdint.h>

struct fw_cfg {
	volatile uint8_t *regs; /* Mapped: data at 0, selector at 8, DMA address at 16. */
};

/*
 * Uses a mapped fw_cfg.
 *
 * Return:      0          found
 *              -ENODEV    no signature, or no DMA
 */
int fw_cfg_init(struct fw_cfg *fw_cfg, volatile void *regs);

/*
 * Looks up a file.
 *
 * Return:      >= 0       its size, with its key in `selector`
 *              -ENOENT    no such file
 */
int64_t fw_cfg_find(const struct fw_cfg *fw_cfg, const char *name, uint16_t *selector);

/*
 * Reads the first `size` bytes of a file.
 *
 * Return:      0          read
 *              -EIO       the device reports an error
 *              -ETIMEDOUT the device does not finish
 */
int fw_cfg_read(const struct fw_cfg *fw_cfg, uint16_t selector, void *buffer, size_t size);

/*
 * Runs "etc/table-loader" (ALLOCATE, ADD_POINTER, ADD_CHECKSUM); checks all offsets and sizes. `allocate` gives zeroed,
 * aligned, permanent memory. QEMU builds the tables at the first read, from the PCI bus numbers of that moment:
 * enumerate PCI first. Returns the RSDP, or NULL with `why`.
 */
const void *fw_cfg_load_acpi(const struct fw_cfg *fw_cfg, void *(*allocate)(size_t size, size_t alignment),
			     const char **why);

#endif
