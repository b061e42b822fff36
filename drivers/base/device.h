/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device model: devices, their drivers ("clients"), and binding that may be deferred. Several cores take bind work
 * from one queue; a client whose resources are not there yet is DEFERRED and names what it waits for, and whoever makes
 * that thing ready wakes it, once. This room knows no IOMMU and no bus: what a device needs for DMA is behind struct
 * device_dma_ops, and a thing to wait for is a number ("cause").
 *
 *   UNBOUND -> BINDING(core) -> BOUND -> UNBINDING -> UNBOUND
 *              BINDING -> DEFERRED(cause) -> BINDING;  BINDING -> FAILED
 */
#ifndef BASE_DEVICE_H
#define BASE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sync.h"

/* Result of a bind that has to wait: beyond every errno of the C library. */
#define DEVICE_DEFER 517

#define DEVICE_CAUSES_MAX 64U

enum client_state {
	CLIENT_UNBOUND,
	CLIENT_BINDING,
	CLIENT_BOUND,
	CLIENT_DEFERRED,
	CLIENT_UNBINDING,
	CLIENT_FAILED,
};

struct device;

struct driver {
	const char *name;
	bool manages_dma; /* Takes no owner count: it claims the device's DMA by itself. */
	/* Brings the device up for its client; called on the binding core with no lock held. 0 or -errno. */
	int (*bind)(struct device *device);
	/* The reverse; may be NULL. */
	void (*unbind)(struct device *device);
};

/* What stands between a device and its DMA. A device without any has NULL. */
struct device_dma_ops {
	/*
	 * Takes the device's DMA for `driver`, which is the caller's one sample of the device's driver: it is not read
	 * again here. 0; -DEVICE_DEFER with `cause` set; another -errno for good.
	 */
	int (*use)(struct device *device, const struct driver *driver, unsigned int *cause);
	/* Gives it back, for the same `driver`. */
	void (*unuse)(struct device *device, const struct driver *driver);
	/* Whether a device that was told to wait for `cause` would still have to. */
	bool (*must_wait)(struct device *device, unsigned int cause);
};

struct bind_queue;

struct device {
	const char *name;
	const struct driver *candidate;	       /* Who binds it; set before it is added. */
	_Atomic(const struct driver *) driver; /* Who has bound it, or is about to; sample it once. */
	struct word client;		       /* enum client_state and its operands; see client_*(). */
	const struct device_dma_ops *dma;
	struct bind_queue *queue;
	struct device *next_known;
	struct device *next_queued;

	/* Written by the core that holds BINDING alone; read by others once the client has settled. */
	int error;
	unsigned int core; /* That bound it. */
	unsigned int deferrals;
	uint64_t waited_for; /* Set of causes. */
};

struct bind_queue {
	struct lock lock;
	struct device *known; /* Every device added. */
	struct device *head;
	struct device *tail;
	struct word busy; /* Devices queued or being bound. */
};

void bind_queue_init(struct bind_queue *queue);

/*
 * Makes the device known to the queue, UNBOUND. `name`, `candidate` and `dma` are set by the caller. Boot core, before
 * other cores work on the queue.
 */
void device_add(struct bind_queue *queue, struct device *device);

/* Queues an UNBOUND device for binding. 0; -EBUSY where it is bound, binding or queued. Any core, no lock held. */
int device_queue(struct device *device);

/*
 * Takes one device off the queue and tries to bind it. False where the queue was empty. Any core, no lock held; several
 * cores may work at once. A device that has to wait is left DEFERRED and the next call goes on with the next device.
 */
bool bind_queue_work(struct bind_queue *queue);

/* Queues every client that waits for `cause`, each once. Call after `cause` was published. Any core, no lock held. */
void bind_queue_wake(struct bind_queue *queue, unsigned int cause);

/* Whether nothing is queued and nothing is being bound. */
bool bind_queue_idle(const struct bind_queue *queue);

/* Unbinds a BOUND device: 0, or -EBUSY in any other state. Any core, no lock held. */
int device_unbind(struct device *device);

/* The state word's parts. */
enum client_state client_state(const struct device *device);

/* Whether it is queued or being bound; and, while it is being bound, on which core. */
bool client_is_busy(const struct device *device);
unsigned int client_core(const struct device *device);

/* Its name as the report spells it: "bound", "deferred", "failed" or "none". */
const char *client_state_name(enum client_state state);

#endif
