/* SPDX-License-Identifier: BSD-2-Clause */
/* QEMU's fw_cfg by DMA, much faster than byte reads, and its loader of ACPI tables. */
#ifndef FIRMWARE_FW_CFG_H
#define FIRMWARE_FW_CFG_H

#include <stddef.h>
#include <stdint.h>

struct fw_cfg {
	volatile uint8_t *regs; /* Mapped. */
};

/*
 * Uses a mapped fw_cfg.
 *
 * Return:      0
 *              -ENODEV    no signature, or no DMA
 * Context:     boot core.
 */
int fw_cfg_init(struct fw_cfg *fw_cfg, volatile void *regs);

/*
 * Looks up a file.
 *
 * Return:      >= 0       its size, with its key in `selector`
 *              -ENOENT    no such file
 * Context:     as fw_cfg_read().
 */
int64_t fw_cfg_find(const struct fw_cfg *fw_cfg, const char *name, uint16_t *selector);

/*
 * Reads the first `size` bytes.
 *
 * Return:      0
 *              -EIO       the device reports an error
 *              -ETIMEDOUT the device does not finish
 * Context:     boot core; waits for the device.
 */
int fw_cfg_read(const struct fw_cfg *fw_cfg, uint16_t selector, void *buffer, size_t size);

/*
 * Runs "etc/table-loader". `allocate` returns zeroed, aligned, permanent memory. PCI is enumerated before: QEMU builds
 * the tables at the first read, from the present bus numbers. Returns the RSDP, or NULL with `why`.
 */
const void *fw_cfg_load_acpi(const struct fw_cfg *fw_cfg, void *(*allocate)(size_t size, size_t alignment),
			     const char **why);

#endif
