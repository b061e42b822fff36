/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The device model: devices, their drivers ("clients"), and binding that may be deferred. Several cores take bind work
 * from one queue; a client whose resources are not there yet is DEFERRED and names what it waits for, and whoever makes
 * that thing ready wakes it, once. This room knows no IOMMU and no bus: what a device needs for DMA is behind struct
 * device_dma_ops, and a thing to wait for is a number ("cause").
 *
 *   UNBOUND -> BINDING(core) -> BOUND -> UNBINDING -> UNBOUND
 *              BINDING -> DEFERRED(cause) -> BINDING;  BINDING -> FAILED -> BINDING;  DEFERRED -> EXPIRED
 *
 * Who may write what: a core takes the client word from a settled state by an exchange, and until it stores the next
 * settled state the device is its own. drivers/iommu/README.md tells every outcome.
 */
#ifndef BASE_DEVICE_H
#define BASE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sync.h"

/* Result of a bind that has to wait: beyond every errno of the C library. */
#define DEVICE_DEFER 517

#define DEVICE_CAUSES_MAX 64U

/*
 * The cause of one whose driver asked to wait, or whose master is not known: it is tried again when another device has
 * been bound, and when a master is added or is known on: bind_queue_retry().
 */
#define DEVICE_CAUSE_DRIVER DEVICE_CAUSES_MAX

/* The policy: one that was told to wait as often as this in a row waits no longer, and its device stays blocked. */
#define DEVICE_DEFERRALS_MAX 256U

enum client_state {
	CLIENT_UNBOUND,
	CLIENT_BINDING,
	CLIENT_BOUND,
	CLIENT_DEFERRED,
	CLIENT_UNBINDING,
	CLIENT_FAILED,
	CLIENT_EXPIRED, /* Still waiting when the policy ended all waiting: nothing wakes it. */
	CLIENT_ABSENT,	/* Not known to any queue. */
};

struct device;

struct driver {
	const char *name;
	bool manages_dma; /* Takes no owner count: it claims the device's DMA by itself, and gives that back in
			     unbind(). */
	/*
	 * Brings the device up for its client; called on the binding core with no lock held. `driver` is the core's one
	 * sample of the device's driver. 0; -DEVICE_DEFER: again when another device has been bound; another -errno:
	 * FAILED, until it is queued again.
	 */
	int (*bind)(struct device *device, const struct driver *driver);
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
	_Atomic(const struct driver *) candidate; /* Who is to bind it: device_offer(). Sample it once. */
	_Atomic(const struct driver *) driver;	  /* Who has bound it, or is about to. Sample it once. */
	struct word client;			  /* enum client_state and its operands; see client_*(). */
	const struct device_dma_ops *dma;
	struct bind_queue *queue;
	struct device *next_known;
	struct device *next_queued;

	/* Written by the core that holds BINDING alone; read by others once the client has settled. */
	int error;
	unsigned int core; /* That bound it. */
	unsigned int deferrals;
	unsigned int waits;  /* Of them, since it was bound last. */
	uint64_t waited_for; /* Set of causes below DEVICE_CAUSES_MAX. */
};

struct bind_queue {
	struct lock lock;     /* Of the two lists. */
	struct device *known; /* Every device added. */
	struct device *head;
	struct device *tail;
	struct word busy;    /* Devices queued or being bound. */
	struct word binds;   /* That succeeded, and other reasons to try again who waits for DEVICE_CAUSE_DRIVER. */
	struct word stalled; /* Whether a driver has ever asked to wait. */
};

void bind_queue_init(struct bind_queue *queue);

/*
 * Makes the device known to the queue, UNBOUND, its counts at 0. `name` and `dma` are set by the caller; no
 * other core uses the device meanwhile. Any core, no lock held.
 */
void device_add(struct bind_queue *queue, struct device *device);

/*
 * The reverse: ABSENT. 0; -EBUSY while it is bound, queued, or some core is binding or unbinding it. Afterwards no core
 * holds a pointer to it that it got here. Any core, no lock held.
 */
int device_remove(struct device *device);

/*
 * Says who is to bind the device from its next bind on: NULL for nobody. Who has bound it stays. Any core, at any time.
 */
void device_offer(struct device *device, const struct driver *driver);

/* The name of who is to bind it, or NULL. Any core, at any time. */
const char *device_candidate_name(const struct device *device);

/*
 * Queues an UNBOUND or FAILED device for binding. 0; -EBUSY where it is bound, binding or queued, or waits. Any core,
 * no lock held.
 */
int device_queue(struct device *device);

/*
 * Takes one device off the queue and tries to bind it. False where the queue was empty. Any core, no lock held; several
 * cores may work at once. A device that has to wait is left DEFERRED and the next call goes on with the next device.
 */
bool bind_queue_work(struct bind_queue *queue);

/* Queues every client that waits for `cause`, each once. Call after `cause` was published. Any core, no lock held. */
void bind_queue_wake(struct bind_queue *queue, unsigned int cause);

/* Queues every client that waits for DEVICE_CAUSE_DRIVER. Any core, no lock held. */
void bind_queue_retry(struct bind_queue *queue);

/*
 * Ends all waiting: every DEFERRED client is EXPIRED, and its device stays blocked. Returns how many there were. Any
 * core, no lock held.
 */
unsigned int bind_queue_expire(struct bind_queue *queue);

/* Whether nothing is queued and nothing is being bound. */
bool bind_queue_idle(const struct bind_queue *queue);

/* Unbinds a BOUND device: 0, or -EBUSY in any other state. Any core, no lock held. */
int device_unbind(struct device *device);

/*
 * Unbinds a device whatever it is at: waits until no core is binding or unbinding it, and unbinds it where it is BOUND.
 * For whoever has made sure that a later bind is deferred. 0; -ETIMEDOUT. Any core, no lock held, and not from a
 * driver's bind or unbind of this device.
 */
int device_unbind_wait(struct device *device, uint32_t timeout_us);

/*
 * Queues a device that device_unbind_wait() has unbound, and that was not queued since: what it made way for stays.
 * Any other is left as it is. Any core, no lock held.
 */
void device_requeue(struct device *device);

/* The state word's parts. */
enum client_state client_state(const struct device *device);

/* Whether it is queued or being bound; and, while it is being bound, on which core. */
bool client_is_busy(const struct device *device);
unsigned int client_core(const struct device *device);

/* Its name as the report spells it: "bound", "deferred", "failed" or "none". */
const char *client_state_name(enum client_state state);

#endif
