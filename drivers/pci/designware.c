/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Synopsys DesignWare: DBI has the root port's registers. An outbound region of the internal address translation unit
 * (iATU) turns accesses to a window into configuration requests. Link and memory windows stay as a boot loader left
 * them. Facts: Linux's drivers/pci/controller/dwc, U-Boot's pcie_dw_common.
 */
#include <stddef.h>

#include "base/arena.h"
#include "base/bits.h"
#include "base/sync.h"
#include "pci/host.h"
#include "pci/registers.h"

#define DBI_SIZE 0x1000U
#define CONFIG_SIZE 0x1000U
#define PORT_DEBUG1 0x72cU
#define PORT_DEBUG1_LINK_UP BIT32(4)
#define PORT_DEBUG1_TRAINING BIT32(29)

/* Since core 4.80 regions are side by side, and the selector reads all ones. Older cores show one at a time. */
#define ATU_VIEWPORT 0x900U
#define ATU_VIEWPORT_REGION 0x904U
#define ATU_VIEWPORT_REGIONS 4U
#define ATU_UNROLLED 0x300000U /* From DBI on, unless described. */
#define ATU_UNROLLED_STEP 0x200U
#define ATU_UNROLLED_REGIONS 8U

#define REGION_CONTROL1 0x00U
#define REGION_TYPE_MASK 0x1fU
#define REGION_TYPE_MEMORY 0U
#define REGION_TYPE_CONFIG0 4U
#define REGION_TYPE_CONFIG1 5U
#define REGION_LARGE BIT32(13) /* REGION_UPPER_LIMIT counts. */
#define REGION_CONTROL2 0x04U
#define REGION_ENABLE BIT32(31)
#define REGION_LOWER_BASE 0x08U
#define REGION_UPPER_BASE 0x0cU
#define REGION_LIMIT 0x10U
#define REGION_LOWER_TARGET 0x14U /* Of configuration requests: the requester ID in the upper half. */
#define REGION_UPPER_TARGET 0x18U
#define REGION_UPPER_LIMIT 0x20U
#define REGION_WORDS 9U
#define REGION_WORDS_CHANGED 7U /* Up to REGION_UPPER_TARGET. */
#define REGION_TARGET_SHIFT 16U

#define ENABLE_READS 10000U
#define NO_REGION UINT32_MAX
#define BUS_MASK 0xffU
#define DEVICE_MASK 0xf8U

struct designware_region {
	uint32_t word[REGION_WORDS];
};

struct designware {
	struct lock lock;
	volatile uint8_t *dbi;
	volatile uint8_t *config;
	volatile uint8_t *atu; /* Region 0's registers, or those of the selected one. */
	bool unrolled;
	uint32_t region;   /* Chosen for configuration, or NO_REGION. */
	uint32_t viewport; /* As found. */
	struct designware_region found;
};

static volatile uint8_t *designware_select(const struct designware *port, uint32_t region)
{
	if (port->unrolled) {
		return port->atu + (size_t)region * ATU_UNROLLED_STEP;
	}
	arch_write32(port->dbi + ATU_VIEWPORT, region);
	return port->atu;
}

static bool designware_link_is_up(const struct designware *port)
{
	return (arch_read32(port->dbi + PORT_DEBUG1) & (PORT_DEBUG1_LINK_UP | PORT_DEBUG1_TRAINING)) ==
	       PORT_DEBUG1_LINK_UP;
}

/* --- Accesses. --- */

/*
 * Polls until the enable reads back: then requests go the new way. That takes some cycles of the controller's clock,
 * and a read takes more.
 */
static bool designware_enable(volatile uint8_t *region)
{
	bool enabled = false;

	arch_write32(region + REGION_CONTROL2, REGION_ENABLE);
	for (unsigned int i = 0; !enabled && i < ENABLE_READS; i++) {
		enabled = arch_read32(region + REGION_CONTROL2) & REGION_ENABLE;
	}
	return enabled;
}

/* False: nothing can answer. Below the port there is only device 0, which on some answers for others, too. */
static bool designware_aim(const struct designware *port, uint32_t requester_id)
{
	uint32_t buses = arch_read32(port->dbi + PCI_BRIDGE_BUSES);
	uint32_t secondary = buses >> PCI_BRIDGE_SECONDARY_SHIFT & BUS_MASK;
	uint32_t subordinate = buses >> PCI_BRIDGE_SUBORDINATE_SHIFT & BUS_MASK;
	uint32_t bus = requester_id >> 8;
	volatile uint8_t *region;

	if (bus < secondary || bus > subordinate || (bus == secondary && requester_id & DEVICE_MASK) ||
	    !designware_link_is_up(port)) {
		return false;
	}
	region = designware_select(port, port->region);
	arch_write32(region + REGION_LOWER_TARGET, requester_id << REGION_TARGET_SHIFT);
	arch_write32(region + REGION_CONTROL1, bus == secondary ? REGION_TYPE_CONFIG0 : REGION_TYPE_CONFIG1);
	return designware_enable(region);
}

static bool designware_transfer(volatile uint8_t *at, uint32_t *value, bool write)
{
	if (write) {
		arch_write32(at, *value);
		return true;
	}
	return arch_probe_read32(at, value);
}

/* The port's own BARs and ROM read as 0: they mean nothing. */
static bool designware_access_port(const struct designware *port, uint32_t requester_id, unsigned int offset,
				   uint32_t *value, bool write)
{
	if (requester_id & BUS_MASK) {
		return false;
	}
	if (offset == PCI_BAR0 || offset == PCI_BAR0 + PCI_BAR_SIZE || offset == PCI_BRIDGE_ROM) {
		*value = 0;
		return true;
	}
	return designware_transfer(port->dbi + offset, value, write);
}

static bool designware_access(const struct pci_host *host, uint32_t requester_id, unsigned int offset, uint32_t *value,
			      bool write)
{
	struct designware *port = host->state;
	uint32_t saved;
	bool answered;

	if (requester_id >> 8 == host->bus_first) {
		return designware_access_port(port, requester_id, offset, value, write);
	}
	saved = lock(&port->lock);
	answered = designware_aim(port, requester_id) && designware_transfer(port->config + offset, value, write);
	unlock(&port->lock, saved);
	return answered;
}

/* --- Regions. --- */

static uint32_t region_word(const struct designware_region *region, unsigned int offset)
{
	return region->word[offset / sizeof(uint32_t)];
}

static uint64_t region_address(const struct designware_region *region, unsigned int low, unsigned int high)
{
	return (uint64_t)region_word(region, high) << 32 | region_word(region, low);
}

static uint64_t region_base(const struct designware_region *region)
{
	return region_address(region, REGION_LOWER_BASE, REGION_UPPER_BASE);
}

static uint64_t region_last(const struct designware_region *region)
{
	bool large = region_word(region, REGION_CONTROL1) & REGION_LARGE;

	return region_address(region, REGION_LIMIT, large ? REGION_UPPER_LIMIT : REGION_UPPER_BASE);
}

static bool region_is_on(const struct designware_region *region)
{
	return region_word(region, REGION_CONTROL2) & REGION_ENABLE;
}

static bool region_is_memory(const struct designware_region *region)
{
	return region_is_on(region) && (region_word(region, REGION_CONTROL1) & REGION_TYPE_MASK) == REGION_TYPE_MEMORY;
}

/* False: there are no more. */
static bool designware_read_region(const struct designware *port, uint32_t index, struct designware_region *region)
{
	const volatile uint8_t *at;

	if (index == (port->unrolled ? ATU_UNROLLED_REGIONS : ATU_VIEWPORT_REGIONS)) {
		return false;
	}
	at = designware_select(port, index);
	for (unsigned int i = 0; i < REGION_WORDS; i++) {
		region->word[i] = arch_read32(at + sizeof(uint32_t) * i);
	}
	return true;
}

/* The bus between may cut off the upper half of a CPU address (i.MX95). */
static bool region_passes(const struct designware_region *region, const struct pci_window *window)
{
	uint64_t base = region_base(region);
	uint64_t cpu = window->base + window->to_cpu;

	cpu = base >> 32 ? cpu : (uint32_t)cpu;
	return region_is_memory(region) && cpu >= base && cpu + (window->size - 1) <= region_last(region) &&
	       window->base - region_address(region, REGION_LOWER_TARGET, REGION_UPPER_TARGET) == cpu - base;
}

/* Size 0: no region passes the window on. */
static uint64_t designware_passed(const struct designware *port, const struct pci_window *window)
{
	struct designware_region region;

	for (uint32_t i = 0; window->size && designware_read_region(port, i, &region); i++) {
		if (i != port->region && region_passes(&region, window)) {
			return window->size;
		}
	}
	return 0;
}

/* For configuration: a region that is over its window already, else the first that is off. */
static void designware_choose(struct designware *port, uint64_t config)
{
	struct designware_region region;
	bool is_over = false;

	for (uint32_t i = 0; !is_over && designware_read_region(port, i, &region); i++) {
		is_over = region_is_on(&region) && region_base(&region) < config + CONFIG_SIZE &&
			  region_last(&region) >= config;
		if (is_over || (port->region == NO_REGION && !region_is_on(&region))) {
			port->region = is_over && region_is_memory(&region) ? NO_REGION : i;
			port->found = region;
		}
	}
}

static bool designware_take_region(struct designware *port, uint64_t config)
{
	volatile uint8_t *region;

	designware_choose(port, config);
	if (port->region == NO_REGION) {
		return false;
	}
	region = designware_select(port, port->region);
	arch_write32(region + REGION_CONTROL2, 0);
	arch_write32(region + REGION_LOWER_BASE, (uint32_t)config);
	arch_write32(region + REGION_UPPER_BASE, (uint32_t)(config >> 32));
	arch_write32(region + REGION_LIMIT, (uint32_t)config + (CONFIG_SIZE - 1));
	arch_write32(region + REGION_UPPER_TARGET, 0);
	return designware_enable(region);
}

/* REGION_CONTROL2, which enables, last. */
static void designware_put_back(const struct designware *port)
{
	volatile uint8_t *region = designware_select(port, port->region);

	arch_write32(region + REGION_CONTROL2, 0);
	for (unsigned int at = REGION_LOWER_BASE; at < REGION_WORDS_CHANGED * sizeof(uint32_t);
	     at += sizeof(uint32_t)) {
		arch_write32(region + at, region_word(&port->found, at));
	}
	arch_write32(region + REGION_CONTROL1, region_word(&port->found, REGION_CONTROL1));
	arch_write32(region + REGION_CONTROL2, region_word(&port->found, REGION_CONTROL2));
}

/* --- Opening and closing. --- */

static void designware_close(struct pci_host *host)
{
	const struct designware *port = host->state;

	if (port->region != NO_REGION) {
		designware_put_back(port);
	}
	if (port->atu && !port->unrolled) {
		arch_write32(port->dbi + ATU_VIEWPORT, port->viewport);
	}
}

static bool designware_find_atu(struct designware *port, const struct pci_registers place[PCI_PLACE_COUNT])
{
	uint64_t size = (uint64_t)ATU_UNROLLED_STEP * ATU_UNROLLED_REGIONS;

	port->viewport = arch_read32(port->dbi + ATU_VIEWPORT);
	port->unrolled = port->viewport == UINT32_MAX;
	if (!port->unrolled) {
		port->atu = port->dbi + ATU_VIEWPORT_REGION;
	} else if (place[PCI_PLACE_ATU].size >= size) {
		port->atu = arch_map_device(place[PCI_PLACE_ATU].base, size);
	} else if (place[PCI_PLACE_DBI].size >= ATU_UNROLLED + size) {
		port->atu = arch_map_device(place[PCI_PLACE_DBI].base + ATU_UNROLLED, size);
	}
	return port->atu;
}

/* Reads a register only after the one before it has answered. */
static const char *designware_start(struct designware *port, const struct pci_registers place[PCI_PLACE_COUNT])
{
	uint32_t id = 0;

	if (!port->dbi || !port->config || !arch_probe_read32(port->dbi + PCI_ID, &id) || id == UINT32_MAX || id == 0) {
		return "its registers do not answer: its clock is off";
	}
	if (!designware_link_is_up(port)) {
		return "its link is down";
	}
	if (!designware_find_atu(port, place)) {
		return "its address translation unit is not described";
	}
	if (!designware_take_region(port, place[PCI_PLACE_CONFIG].base)) {
		return "it has no outbound region for configuration";
	}
	return NULL;
}

static const char *designware_open(struct pci_host *host, const struct pci_registers place[PCI_PLACE_COUNT])
{
	struct designware *port = arena_allocate(sizeof(*port), _Alignof(struct designware));
	const char *why;

	if (!port) {
		return "no memory is left";
	}
	lock_init(&port->lock, LOCK_RANK_PCI);
	port->dbi = arch_map_device(place[PCI_PLACE_DBI].base, DBI_SIZE);
	port->config = arch_map_device(place[PCI_PLACE_CONFIG].base, CONFIG_SIZE);
	port->region = NO_REGION;
	host->state = port;
	why = designware_start(port, place);
	if (why) {
		designware_close(host);
		return why;
	}
	for (unsigned int i = 0; i < PCI_WINDOWS_MAX; i++) {
		host->window[i].size = designware_passed(port, &host->window[i]);
	}
	return NULL;
}

static const struct pci_host_driver designware_driver = {
	.name = "DesignWare",
	.needs = 1U << PCI_PLACE_DBI | 1U << PCI_PLACE_CONFIG,
	.open = designware_open,
	.close = designware_close,
	.access = designware_access,
};

PCI_HOST_DRIVER(designware_driver);
