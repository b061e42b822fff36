/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices, their drivers ("clients"), and binding that may be deferred. Several cores take work from one queue. A
 * client whose resources are missing is DEFERRED with a cause, a number; the core that makes the cause ready wakes it
 * once. Knows no IOMMU and no bus: DMA is behind struct device_dma_ops.
 *
 * A core takes the client word from a settled state by an exchange, and owns the device until it stores the next
 * settled state: CLIENT_STEPS of base/steps.h. Outcomes: drivers/iommu/README.md.
 */
#ifndef BASE_DEVICE_H
#define BASE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sync.h"

/* Result of a bind that has to wait; above every errno of the C library. */
#define DEVICE_DEFER 517

#define DEVICE_CAUSES_MAX 64U

/*
 * Cause of a client whose driver asked to wait or whose master is absent: tried again after bind_queue_retry(), when
 * another device is bound or a master is added or stays.
 */
#define DEVICE_CAUSE_DRIVER DEVICE_CAUSES_MAX

/* Waits in a row after which a client is EXPIRED and its device stays blocked. */
#define DEVICE_DEFERRALS_MAX 256U

enum client_state {
	CLIENT_UNBOUND,
	CLIENT_BINDING,
	CLIENT_BOUND,
	CLIENT_DEFERRED,
	CLIENT_UNBINDING,
	CLIENT_FAILED,
	CLIENT_EXPIRED, /* All waiting was ended while it waited: nothing wakes it. */
	CLIENT_ABSENT,	/* In no queue. */
};

struct device;

struct driver {
	const char *name;
	bool manages_dma; /* Takes no owner count; claims the device's DMA itself and releases it in unbind(). */
	/*
	 * Brings the device up. Called on the binding core, no lock held; `driver` is that core's one sample of the
	 * device's driver. 0; -DEVICE_DEFER: try again after another device was bound; another -errno: FAILED, until it
	 * is queued again.
	 */
	int (*bind)(struct device *device, const struct driver *driver);
	/* May be NULL. */
	void (*unbind)(struct device *device);
};

/* How a device gets its DMA; NULL for a device without. */
struct device_dma_ops {
	/*
	 * Takes the DMA for `driver`, the caller's one sample (B-11). 0; -DEVICE_DEFER with `cause`; another -errno:
	 * FAILED.
	 */
	int (*use)(struct device *device, const struct driver *driver, unsigned int *cause);
	/* Gives it back, for the same `driver`. */
	void (*unuse)(struct device *device, const struct driver *driver);
	/* Would a device told to wait for `cause` still have to? */
	bool (*must_wait)(struct device *device, unsigned int cause);
};

struct bind_queue;

struct device {
	const char *name;
	_Atomic(const struct driver *) candidate; /* The driver for the next bind: device_offer(). Sample it once. */
	_Atomic(const struct driver *) driver;	  /* The driver that is bound or binding. Sample it once. */
	struct word client;			  /* enum client_state with operands; use client_*(). */
	const struct device_dma_ops *dma;
	struct bind_queue *queue;
	struct device *next_known;
	struct device *next_queued;

	/* Written only by the core that owns BINDING; read by others in a settled state. */
	int error;
	unsigned int core; /* The core that bound it. */
	unsigned int deferrals;
	unsigned int waits;  /* Deferrals since it was last bound. */
	uint64_t waited_for; /* Bit set of causes below DEVICE_CAUSES_MAX. */
};

struct bind_queue {
	struct lock lock;     /* Guards the two lists. */
	struct device *known; /* All devices added. */
	struct device *head;
	struct device *tail;
	struct word busy;    /* Devices queued or being bound. */
	struct word binds;   /* Counts reasons to try DEVICE_CAUSE_DRIVER again: binds, bind_queue_retry(). */
	struct word stalled; /* A driver has asked to wait. */
};

void bind_queue_init(struct bind_queue *queue);

/*
 * Adds a device, UNBOUND, counts 0. The caller has set `name` and `dma`. Any core, no lock held; no other core uses the
 * device.
 */
void device_add(struct bind_queue *queue, struct device *device);

/*
 * Removes a device; afterwards no core keeps a pointer to it that it got here.
 *
 * Return:      0          ABSENT
 *              -EBUSY     it is bound, queued, or a core is binding or unbinding it
 * Context:     any core, no lock held.
 */
int device_remove(struct device *device);

/* Sets the driver for the device's next bind; NULL: none. The bound one stays. Any core, any time. */
void device_offer(struct device *device, const struct driver *driver);

/* Name of that driver, or NULL. Any core, any time. */
const char *device_candidate_name(const struct device *device);

/*
 * Queues an UNBOUND or FAILED device.
 *
 * Return:      0          queued
 *              -EBUSY     it was in another state
 * Context:     any core, no lock held.
 */
int device_queue(struct device *device);

/*
 * Takes one device off the queue and tries to bind it; if it must wait it is DEFERRED. False: the queue was empty. Any
 * core, several at once, no lock held.
 */
bool bind_queue_work(struct bind_queue *queue);

/* Queues each client that waits for `cause`, once. Call after the cause is ready. Any core, no lock held. */
void bind_queue_wake(struct bind_queue *queue, unsigned int cause);

/* Queues each client that waits for DEVICE_CAUSE_DRIVER. Any core, no lock held. */
void bind_queue_retry(struct bind_queue *queue);

/* Makes every DEFERRED client EXPIRED, and returns their number. Any core, no lock held. */
unsigned int bind_queue_expire(struct bind_queue *queue);

/* True if nothing is queued or being bound. */
bool bind_queue_idle(const struct bind_queue *queue);

/*
 * Unbinds a BOUND device.
 *
 * Return:      0          UNBOUND
 *              -EBUSY     it was in another state
 * Context:     any core, no lock held.
 */
int device_unbind(struct device *device);

/*
 * Waits until no core is binding or unbinding the device, and unbinds it if BOUND. The caller has made sure that later
 * binds are deferred.
 *
 * Return:      0          not bound
 *              -ETIMEDOUT another core did not finish in `timeout_us`
 * Context:     any core, no lock held, not from this device's bind() or unbind().
 */
int device_unbind_wait(struct device *device, uint32_t timeout_us);

/*
 * Queues a device that device_unbind_wait() has unbound and that was not queued since; leaves others alone. Any core,
 * no lock held.
 */
void device_requeue(struct device *device);

/* Decodes the client word. */
enum client_state client_state(const struct device *device);

/* Is it queued or being bound? And the core, while it is being bound. */
bool client_is_busy(const struct device *device);
unsigned int client_core(const struct device *device);

/* As the report spells it. */
const char *client_state_name(enum client_state state);

#endif
