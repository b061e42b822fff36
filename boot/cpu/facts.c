/* SPDX-License-Identifier: BSD-2-Clause */
#include "boot.h"
#include "platform.h"
#ifdef PLATFORM_UEFI
#include "uefi/uefi.h"
#endif

const struct range_description *boot_given_memory(void)
{
#ifdef PLATFORM_UEFI
	return uefi_memory();
#else
	return NULL;
#endif
}

void boot_facts(struct description *description)
{
	(void)description;
#ifdef PLATFORM_RAM_SIZE
	description->memory[description->memory_count++] =
		(struct range_description){.base = PLATFORM_RAM_BASE, .size = PLATFORM_RAM_SIZE};
#endif
#ifdef PLATFORM_UEFI
	uefi_add_ram(description);
#endif
#ifdef PLATFORM_FW_CFG
	description->fw_cfg_base = PLATFORM_FW_CFG;
#endif
#ifdef PLATFORM_PCI_BASE
	/* The first host. */
	description->host[0].memory32 = (struct pci_window_description){
		.pci_base = PLATFORM_PCI_BASE, .cpu_base = PLATFORM_PCI_BASE, .size = PLATFORM_PCI_SIZE};
#endif
}

void boot_host_facts(struct description *description)
{
	(void)description;
#ifdef PLATFORM_UEFI
	uefi_add_windows(description);
#endif
}
