/* SPDX-License-Identifier: BSD-2-Clause */
/* Configuration space (PCIe base specification 7.5). For drivers/pci only. */
#ifndef PCI_REGISTERS_H
#define PCI_REGISTERS_H

#include <stdbool.h>
#include <stdint.h>

#include "pci/pci.h"

#define PCI_ID 0x00U
#define PCI_ID_DEVICE_SHIFT 16U
#define PCI_ID_NONE 0xffffU
#define PCI_ID_NOT_READY 0x0001U

#define PCI_COMMAND_IO (1U << 0)
#define PCI_COMMAND_INTX_DISABLE (1U << 10)
#define PCI_COMMAND_MASK 0xffffU /* Above: status (RW1C). */
#define PCI_STATUS_CAPABILITIES (1U << 20)

#define PCI_CLASS 0x08U
#define PCI_CLASS_CODE_SHIFT 8U
#define PCI_CLASS_HOST_BRIDGE 0x0600U /* Base class and subclass. */
#define PCI_CLASS_INTERFACE_WIDTH 8U

#define PCI_HEADER 0x0cU
#define PCI_HEADER_TYPE_SHIFT 16U
#define PCI_HEADER_TYPE_MASK 0x7fU
#define PCI_HEADER_TYPE_BRIDGE 1U
#define PCI_HEADER_MULTI_FUNCTION (1U << 23)

#define PCI_BAR0 0x10U
#define PCI_BAR_SIZE 4U
#define PCI_BAR_IO (1U << 0)
#define PCI_BAR_IO_FLAGS 0x3U
#define PCI_BAR_TYPE_MASK 0x6U
#define PCI_BAR_TYPE_64 0x4U
#define PCI_BAR_PREFETCHABLE (1U << 3)
#define PCI_BAR_MEMORY_FLAGS 0xfU
#define PCI_ROM 0x30U
#define PCI_ROM_ENABLE (1U << 0)
#define PCI_SUBSYSTEM 0x2cU
#define PCI_ENDPOINT_BARS 6U

#define PCI_CAPABILITIES 0x34U
#define PCI_CAPABILITY_OFFSET_MASK 0xfcU
#define PCI_CAPABILITY_ID_MASK 0xffU
#define PCI_CAPABILITY_NEXT_SHIFT 8U
#define PCI_CAPABILITY_ID_EXPRESS 0x10U
#define PCI_CAPABILITIES_MAX 48U /* All that fit; a list may be circular. */
#define PCI_EXPRESS_PORT_SHIFT 20U
#define PCI_EXPRESS_PORT_MASK 0xfU
#define PCI_EXPRESS_PORT_NONE 0xffU /* No Express capability. */
#define PCI_EXPRESS_PORT_ROOT 4U
#define PCI_EXPRESS_PORT_UPSTREAM 5U
#define PCI_EXPRESS_PORT_DOWNSTREAM 6U
#define PCI_EXPRESS_PORT_TO_PCI 7U /* To PCI or PCI-X. */

#define PCI_CAPABILITY_ID_POWER 0x01U
#define PCI_CAPABILITY_ID_MSI 0x05U
#define PCI_CAPABILITY_ID_MSIX 0x11U

#define PCI_EXTENDED 0x100U
#define PCI_EXTENDED_END 4096U
#define PCI_EXTENDED_MAX 64U /* A list may be circular. */
#define PCI_EXTENDED_ID_MASK 0xffffU
#define PCI_EXTENDED_NEXT_SHIFT 20U
#define PCI_EXTENDED_ID_ACS 0x000dU
#define PCI_EXTENDED_ID_ARI 0x000eU
#define PCI_EXTENDED_ID_ATS 0x000fU
#define PCI_EXTENDED_ID_SRIOV 0x0010U
#define PCI_EXTENDED_ID_PRI 0x0013U
#define PCI_EXTENDED_ID_PASID 0x001bU

/* Type 1 header. */
#define PCI_BRIDGE_BARS 2U
#define PCI_BRIDGE_BUSES 0x18U
#define PCI_BRIDGE_SECONDARY_SHIFT 8U
#define PCI_BRIDGE_SUBORDINATE_SHIFT 16U
#define PCI_BRIDGE_BUSES_MASK 0x00ffffffU /* 31:24: latency timer. */
#define PCI_BRIDGE_IO 0x1cU		  /* Above: secondary status (RW1C). */
#define PCI_BRIDGE_IO_MASK 0xffffU
#define PCI_BRIDGE_MEMORY 0x20U
#define PCI_BRIDGE_PREFETCHABLE 0x24U
#define PCI_BRIDGE_PREFETCHABLE_64 (1U << 0)
#define PCI_BRIDGE_PREFETCHABLE_BASE_UPPER 0x28U
#define PCI_BRIDGE_PREFETCHABLE_LIMIT_UPPER 0x2cU
#define PCI_BRIDGE_ROM 0x38U
#define PCI_BRIDGE_GRANULE 0x100000U
#define PCI_BRIDGE_CLOSED 0x0000fff0U /* Base above limit: forwards nothing. */

#define PCI_DEVICES 32U
#define PCI_DEVICE_FUNCTIONS 8U

typedef void pci_warn_function(const struct pci_function *function, const char *text);

uint32_t pci_config_read(const struct pci_host *host, uint32_t requester_id, unsigned int offset);
void pci_config_write(const struct pci_host *host, uint32_t requester_id, unsigned int offset, uint32_t value);

bool pci_is_present(const struct pci_host *host, uint32_t requester_id);
/* Advances to function 0 of the next device that answers. False: none. */
bool pci_find_device(const struct pci_host *host, uint32_t *requester_id, uint32_t end);
bool pci_is_multi_function(const struct pci_host *host, uint32_t requester_id);
uint32_t pci_header_type(const struct pci_host *host, uint32_t requester_id);

/* 0: none. */
unsigned int pci_find_capability(const struct pci_function *function, uint32_t id);
unsigned int pci_find_extended(const struct pci_function *function, uint32_t id);

#define PCI_ARI_WORD 4U
#define PCI_ARI_NEXT_MASK 0xff00U
#define PCI_ACS_WORD 4U /* Capability in the lower half, control in the upper. */

/* Leaves the status register alone. */
void pci_command(const struct pci_function *function, uint32_t set, uint32_t clear);

/* Device/port type, or PCI_EXPRESS_PORT_NONE. */
uint32_t pci_express_port(const struct pci_function *function);

/* Counts what is left out and calls `warn`. */
void pci_unassigned(const struct pci_function *function, pci_warn_function *warn, const char *text);

/*
 * Turns enables off, notes in `left` which were on. `again`: does not note interrupt disable, which an earlier call may
 * have set. Waits 1 s for virtual functions, 10 ms for D0.
 */
void pci_quiet(struct pci_function *function, bool again);

/*
 * 0 for a missing capability. Put back in reverse order: PASID must not change while ATS is on, a low-power state comes
 * last. Waits 100 ms for virtual functions, 10 ms for D3hot.
 */
void pci_note_enables(const struct pci_function *function, uint32_t words[PCI_ENABLES]);
void pci_put_enables(const struct pci_function *function, const uint32_t words[PCI_ENABLES]);

/* Needs all functions and bus numbers. */
void pci_isolate(struct pci_host *host);

bool pci_is_at_or_below(const struct pci_function *function, const struct pci_function *top);

/*
 * keep.c: notes windows before they are closed; after sizing decides which addresses stay; moves a base behind kept
 * ranges.
 */
void pci_note_windows(struct pci_function *bridge);
void pci_keep(struct pci_host *host);
uint64_t pci_behind_kept(const struct pci_host *host, uint64_t base, uint64_t size);

void pci_size_bars(struct pci_host *host);
void pci_assign_bars(struct pci_host *host, pci_warn_function *warn);

/*
 * Sizes and programs the BARs of a function that is alone below its bridge, in the bridge's 32-bit window; turns memory
 * decoding on.
 *
 * Return:      0
 *              -ENOSPC    they do not fit; decoding stays off
 * Context:     after pci_assign_bars(); one core at a time for a function.
 */
int pci_place_bars(struct pci_function *function);

#endif
