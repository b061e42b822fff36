/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Hot-plug while the soak runs: a device whose slot's button is pressed is unplugged in order, one that is gone is
 * given up, and one that comes is bound. Slots that were empty at boot are left alone: their ports have no window.
 */
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "base/arena.h"
#include "base/deadline.h"
#include "checks/phase.h"
#include "checks/soak.h"
#include "checks/trial.h"
#include "checks/unplug.h"
#include "machine.h"
#include "pci/slot.h"
#include "report/print.h"

#define SLOTS_MAX 16U
#define WORK_PAGES 8U	  /* For any master driver's queues. */
#define PRIVATE_SIZE 256U /* And its state. */
#define GONE "its device was unplugged while it worked"

struct socket {
	struct pci_slot slot;
	struct master *master;
	const struct master_driver *inner; /* Of the device that is there. */
	struct master_driver driver;	   /* The same, which notices that the device is gone. */
	volatile uint8_t *window;	   /* The port's, mapped. */
	uint64_t window_base;		   /* As the cores see it. */
	uint64_t private[PRIVATE_SIZE / sizeof(uint64_t)];
	uint8_t *work;
	char device_id[16];
};

static struct socket sockets[SLOTS_MAX];
static unsigned int socket_count;
static struct {
	uint32_t unplugged;
	uint32_t lost;
	uint32_t plugged;
} count;

/* --- A master's driver, on a device that may be gone. --- */

static struct socket *socket_of(const struct master *master)
{
	struct socket *socket = sockets;

	while (socket->master != master) {
		socket++;
	}
	return socket;
}

/* True: all of its registers read as ones, and its DMA is over. */
static bool has_gone(struct master *master)
{
	bool gone = pci_is_gone(master->pci);

	if (gone) {
		master->unfit = GONE;
	}
	return gone;
}

/* No error: the first DMA says why. */
static int hotplug_probe(struct master *master)
{
	return pci_is_gone(master->pci) ? 0 : socket_of(master)->inner->probe(master);
}

static int hotplug_prepare(struct master *master, const struct master_dma *stray)
{
	const struct master_driver *inner = socket_of(master)->inner;
	int error = has_gone(master) || !inner->prepare ? 0 : inner->prepare(master, stray);

	return has_gone(master) ? -ENODEV : error;
}

static int hotplug_start(struct master *master, const struct master_dma *dma)
{
	int error = socket_of(master)->inner->start(master, dma);

	return has_gone(master) ? -ENODEV : error;
}

static int hotplug_poll(struct master *master)
{
	int error = socket_of(master)->inner->poll(master);

	return error && has_gone(master) ? -ENODEV : error;
}

static int hotplug_stop(struct master *master)
{
	const struct master_driver *inner = socket_of(master)->inner;
	int error = pci_is_gone(master->pci) || !inner->stop ? 0 : inner->stop(master);

	return error && has_gone(master) ? 0 : error;
}

static void socket_take_driver(struct socket *socket, const struct master_driver *inner)
{
	struct master *master = socket->master;

	socket->inner = inner;
	socket->driver = *inner;
	socket->driver.probe = hotplug_probe;
	socket->driver.prepare = hotplug_prepare;
	socket->driver.start = hotplug_start;
	socket->driver.poll = hotplug_poll;
	socket->driver.stop = hotplug_stop;
	master->driver = &socket->driver;
	master->work = inner->work_pages ? socket->work : NULL;
	master->private = socket->private;
	memset(socket->private, 0, sizeof(socket->private));
}

/* --- Before the soak. --- */

static struct machine *machine_of(struct bringup *bringup)
{
	return (struct machine *)((char *)bringup - offsetof(struct machine, bringup));
}

static bool socket_may_drive(const struct master_driver *inner)
{
	return inner && inner->work_pages <= WORK_PAGES && inner->private_size <= PRIVATE_SIZE;
}

static bool socket_open(struct socket *socket, struct master *master, struct machine *machine)
{
	const struct pci_need *window;

	if (!master->pci || trial_unfit(master, USE_REPEATED) || !socket_may_drive(master->driver) ||
	    !pci_slot_open(&socket->slot, master->pci)) {
		return false;
	}
	window = &socket->slot.port->need[0];
	socket->window_base = window->base + pci_to_cpu(master->pci->host, window->base);
	socket->window = arch_map_device(socket->window_base, window->size);
	socket->work = machine_dma_pages(machine, WORK_PAGES);
	return socket->window && socket->work && device_unbind_wait(&master->device, SOAK_SETTLE_US) == 0;
}

/* Its client begins anew, with the driver that notices that the device is gone. */
static void hotplug_begin(struct bringup *bringup)
{
	for (unsigned int m = 0; m < bringup->master_count && bringup->soak && socket_count < SLOTS_MAX; m++) {
		struct socket *socket = &sockets[socket_count];
		struct master *master = &bringup->master[m];

		if (socket_open(socket, master, machine_of(bringup))) {
			socket->master = master;
			socket_take_driver(socket, master->driver);
			device_offer(&master->device, &socket->driver.driver);
			(void)device_queue(&master->device);
			socket_count++;
		}
	}
	(void)machine_settle(machine_of(bringup));
}

/* Before the soak, which looks for clients that are bound. */
PHASE(49, hotplug, NULL, hotplug_begin, NULL);

/* --- In the soak. --- */

static void socket_leave(struct bringup *bringup, struct socket *socket, bool lost)
{
	struct master *master = socket->master;

	if (!unplug_take_away(bringup, master)) {
		return;
	}
	if (!lost) {
		(void)unplug_deny(bringup, master);
	}
	pci_slot_empty(&socket->slot);
	count.lost += lost;
	count.unplugged += !lost;
	print("soak       %s: %s\n", master->device.name,
	      lost ? "its device is gone: the slot is off" : "its slot's button was pressed: it is unplugged");
}

static void socket_map_bars(struct socket *socket)
{
	struct master *master = socket->master;

	master->regs = NULL;
	for (unsigned int i = 0; i < PCI_BARS_MAX; i++) {
		const struct pci_bar *bar = &master->pci->bar[i];
		bool mapped = bar->address && !bar->is_io;

		master->bar[i] = mapped ? socket->window + (bar->address - socket->window_base) : NULL;
		master->regs = master->regs ? master->regs : master->bar[i];
	}
}

/* NULL, or why the device that came is not taken. */
static const char *socket_take_device(struct socket *socket)
{
	struct pci_function *function = socket->slot.function;
	const struct master_driver *inner;

	switch (pci_slot_fill(&socket->slot)) {
	case 0:
		break;
	case -ENOSPC:
		return "its BARs do not fit into the window of its port";
	case -ENOTSUP:
		return "it is a bridge";
	default:
		return "no function answers";
	}
	inner = master_driver_for(function);
	if (!socket_may_drive(inner)) {
		pci_slot_empty(&socket->slot);
		return "no driver here is for it";
	}
	socket_take_driver(socket, inner);
	socket_map_bars(socket);
	format_text(socket->device_id, sizeof(socket->device_id), "%04x:%04x", function->vendor, function->device);
	socket->master->device_id = socket->device_id;
	socket->master->unfit = NULL;
	return NULL;
}

static void socket_arrive(const struct bringup *bringup, struct socket *socket)
{
	struct master *master = socket->master;
	const char *why = socket_take_device(socket);

	if (why) {
		print("soak       %s: a device came, and its slot is off again: %s\n", master->device.name, why);
		return;
	}
	if (unplug_bring_back(bringup, master, &soak_driver)) {
		(void)device_queue(&master->device);
		count.plugged++;
		print("soak       %s: %s %s came\n", master->device.name, master->device_id,
		      socket->inner->driver.name);
	}
}

static void hotplug_work(struct bringup *bringup, struct master *master, uint32_t *random)
{
	struct socket *socket = &sockets[soak_below(random, SLOTS_MAX)];

	(void)master;
	if (!socket->master || !unplug_begin()) {
		return;
	}
	switch (pci_slot_look(&socket->slot)) {
	case PCI_SLOT_ASKED:
		socket_leave(bringup, socket, false);
		break;
	case PCI_SLOT_LOST:
		socket_leave(bringup, socket, true);
		break;
	case PCI_SLOT_ARRIVED:
		socket_arrive(bringup, socket);
		break;
	case PCI_SLOT_QUIET:
		break;
	}
	unplug_end();
}

static void hotplug_record(struct record *record)
{
	record_count(record, "slots", socket_count);
	record_count(record, "unplugged", count.unplugged);
	record_count(record, "lost", count.lost);
	record_count(record, "plugged", count.plugged);
}

SOAK_STEP(hotplug, hotplug_work, hotplug_record);
