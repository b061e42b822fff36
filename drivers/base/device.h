/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Devices, their drivers ("clients") and deferred binding. A client that lacks something is DEFERRED with its cause, a
 * number; the core that makes the cause ready wakes it. Outcomes: drivers/iommu/README.md.
 *
 * A core takes the client word from a settled state by an exchange, and owns the device until it stores the next
 * (CLIENT_STEPS). Any core, no lock held, unless noted.
 */
#ifndef BASE_DEVICE_H
#define BASE_DEVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/sync.h"

/* Above every errno of the C library. */
#define DEVICE_DEFER 517

#define DEVICE_CAUSES_MAX 64U

/* The driver asked to wait, or the master is absent: bind_queue_retry() wakes. */
#define DEVICE_CAUSE_DRIVER DEVICE_CAUSES_MAX

/* Waits in a row before EXPIRED. */
#define DEVICE_DEFERRALS_MAX 256U

enum client_state {
	CLIENT_UNBOUND,
	CLIENT_BINDING,
	CLIENT_BOUND,
	CLIENT_DEFERRED,
	CLIENT_UNBINDING,
	CLIENT_FAILED,
	CLIENT_EXPIRED, /* Waited in vain: nothing wakes it. */
	CLIENT_ABSENT,	/* Not added. */
};

struct device;

struct driver {
	const char *name;
	bool manages_dma; /* Counts as no owner; claims the DMA itself, releases it in unbind(). */
	/*
	 * On the binding core, no lock held; `driver` is its one sample. 0; -DEVICE_DEFER: tried again after another
	 * bind; else FAILED.
	 */
	int (*bind)(struct device *device, const struct driver *driver);
	/* May be NULL. */
	void (*unbind)(struct device *device);
};

/* NULL for a device without DMA. */
struct device_dma_ops {
	/* `driver` is the one sample (B-11). 0; -DEVICE_DEFER with `cause`; else FAILED. */
	int (*use)(struct device *device, const struct driver *driver, unsigned int *cause);
	/* For the same `driver`. */
	void (*unuse)(struct device *device, const struct driver *driver);
	/* Must a device that waits for `cause` still wait? */
	bool (*must_wait)(struct device *device, unsigned int cause);
};

struct bind_queue;

struct device {
	const char *name;
	_Atomic(const struct driver *) candidate; /* For the next bind. Sample it once. */
	_Atomic(const struct driver *) driver;	  /* Bound or binding. Sample it once. */
	struct word client;			  /* enum client_state with operands; read it by client_*(). */
	const struct device_dma_ops *dma;
	struct bind_queue *queue;
	struct device *next_known;
	struct device *next_queued;

	/* The core that owns BINDING writes these; read in a settled state. */
	int error;
	unsigned int core;
	unsigned int deferrals;
	unsigned int waits;	/* Deferrals in a row; */
	uint64_t waiting_since; /* of the first of them, in ticks, if `waits`; 0: not known. */
	uint64_t waited_for;	/* Bit set of causes below DEVICE_CAUSES_MAX. */
};

struct bind_queue {
	struct lock lock; /* Guards both lists. */
	struct device *known;
	struct device *head;
	struct device *tail;
	struct word busy;    /* Queued or being bound. */
	struct word binds;   /* Reasons to try DEVICE_CAUSE_DRIVER again. */
	struct word stalled; /* A client waited for DEVICE_CAUSE_DRIVER. */
};

void bind_queue_init(struct bind_queue *queue);

/* Makes it UNBOUND. The caller has set `name` and `dma`; no other core uses it. */
void device_add(struct bind_queue *queue, struct device *device);

/*
 * Removes a device; then no core keeps a pointer to it that it got here.
 *
 * Return:      0          ABSENT
 *              -EBUSY     bound, queued, or being bound or unbound
 * State left:  -EBUSY: as before.
 * Context:     any core; takes the queue's lock; no wait.
 */
int device_remove(struct device *device);

/* For the next bind; NULL: none. The bound driver stays. Any time. */
void device_offer(struct device *device, const struct driver *driver);

/* That driver's name, or NULL. Any time. */
const char *device_candidate_name(const struct device *device);

/*
 * Queues an UNBOUND or FAILED device.
 *
 * Return:      0          queued
 *              -EBUSY     another state
 * Context:     any core; takes the queue's lock; no wait.
 */
int device_queue(struct device *device);

/* Takes one device off the queue and binds or defers it. False: the queue was empty. Several cores at once. */
bool bind_queue_work(struct bind_queue *queue);

/* Queues each client that waits for `cause`, once. Call once the cause is ready. */
void bind_queue_wake(struct bind_queue *queue, unsigned int cause);

/* For DEVICE_CAUSE_DRIVER: after a bind, or when a master is added or stays. */
void bind_queue_retry(struct bind_queue *queue);

/* Makes DEFERRED clients that are not queued EXPIRED; returns how many. */
unsigned int bind_queue_expire(struct bind_queue *queue);

/* Is nothing queued or being bound? */
bool bind_queue_idle(const struct bind_queue *queue);

/*
 * Unbinds a BOUND device.
 *
 * Return:      0          UNBOUND
 *              -EBUSY     another state
 * State left:  -EBUSY: as before.
 * Context:     any core; no lock held: the driver's unbind() may wait for its device, the DMA's end for the SMMU.
 */
int device_unbind(struct device *device);

/*
 * Waits until no core binds or unbinds the device; unbinds it if BOUND. The caller has made sure that later binds are
 * deferred.
 *
 * Return:      0          not bound
 *              -ETIMEDOUT another core did not finish
 * Context:     not from this device's bind() or unbind().
 */
int device_unbind_wait(struct device *device, uint32_t timeout_us);

/* Queues a device that device_unbind_wait() unbound, unless it was queued since. */
void device_requeue(struct device *device);

enum client_state client_state(const struct device *device);

/* Queued or being bound; and by which core. Any lock held. */
bool client_is_busy(const struct device *device);
unsigned int client_core(const struct device *device);

const char *client_state_name(enum client_state state);

#endif
