/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * QEMU's fw_cfg, by its DMA interface (a read by bytes costs 20 000 times as many instructions), and the table loader
 * that delivers ACPI tables without UEFI.
 */
#ifndef FIRMWARE_FW_CFG_H
#define FIRMWARE_FW_CFG_H

#include <stddef.h>
#include <stdint.h>

struct fw_cfg {
	volatile uint8_t *regs; /* Mapped: data at 0, selector at 8, DMA address at 16. */
};

/* Takes a mapped fw_cfg; -ENODEV where the signature ("QEMU") or the DMA feature bit is missing. */
int fw_cfg_init(struct fw_cfg *fw_cfg, volatile void *regs);

/* Size of the file, or -ENOENT; `selector` gets its key. */
int64_t fw_cfg_find(const struct fw_cfg *fw_cfg, const char *name, uint16_t *selector);

/* Reads `size` bytes of a file from its start. Returns 0, -EIO where the device reports an error, -ETIMEDOUT. */
int fw_cfg_read(const struct fw_cfg *fw_cfg, uint16_t selector, void *buffer, size_t size);

/*
 * Executes "etc/table-loader" (ALLOCATE, ADD_POINTER, ADD_CHECKSUM; others refused): `allocate` gives zeroed aligned
 * memory that stays. QEMU builds the tables at the first read, from the PCI bus numbers of that moment: enumerate PCI
 * first. Returns the RSDP, or NULL with `why` in words. Every offset and size of the script is checked before it is
 * used.
 */
const void *fw_cfg_load_acpi(const struct fw_cfg *fw_cfg, void *(*allocate)(size_t size, size_t alignment),
			     const char **why);

#endif
