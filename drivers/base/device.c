/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/device.h"

#include <errno.h>
#include <stddef.h>

#include "base/deadline.h"
#include "base/feature.h"
#include "base/steps.h"
#include "base/timeline.h"

OPTIONAL(timeline_note);

#define CLIENT_STATE_MASK 0x1fU
#define CLIENT_LOOKING 0x20U /* DEFERRED; the deferring core still checks whether it must wait. */
#define CLIENT_WOKEN 0x40U   /* The cause became ready meanwhile. */
#define CLIENT_QUEUED 0x80U
#define CLIENT_FLAGS (CLIENT_LOOKING | CLIENT_WOKEN | CLIENT_QUEUED)
#define CLIENT_OPERAND_SHIFT 8 /* BINDING: the core; DEFERRED: the cause; UNBOUND: DISPLACED or 0. */
#define DISPLACED 1U	       /* device_unbind_wait() unbound it: device_requeue() may queue it. */

static void device_note(enum timeline_kind kind, const struct device *device)
{
	if (is_linked(timeline_note)) {
		timeline_note(kind, device->name);
	}
}

static uint32_t client_word(enum client_state state, unsigned int operand)
{
	return (uint32_t)state | operand << CLIENT_OPERAND_SHIFT;
}

enum client_state client_state(const struct device *device)
{
	return (enum client_state)(word_load(&device->client) & CLIENT_STATE_MASK);
}

bool client_is_busy(const struct device *device)
{
	uint32_t word = word_load(&device->client);

	return word & CLIENT_FLAGS || (word & CLIENT_STATE_MASK) == CLIENT_BINDING;
}

unsigned int client_core(const struct device *device)
{
	return word_load(&device->client) >> CLIENT_OPERAND_SHIFT;
}

const char *client_state_name(enum client_state state)
{
	switch (state) {
	case CLIENT_BOUND:
		return "bound";
	case CLIENT_DEFERRED:
	case CLIENT_EXPIRED:
		return "deferred";
	case CLIENT_FAILED:
		return "failed";
	default:
		return "none";
	}
}

/* Acquire; pairs with the release in device_offer() and driver_set(): a sampled driver is complete. */
static const struct driver *driver_sample(const _Atomic(const struct driver *) *driver)
{
	arch_sync_point("sample", driver);
	return atomic_load_explicit(driver, memory_order_acquire);
}

static void driver_set(struct device *device, const struct driver *driver)
{
	arch_sync_point("store pointer", &device->driver);
	atomic_store_explicit(&device->driver, driver, memory_order_release);
}

void device_offer(struct device *device, const struct driver *driver)
{
	arch_sync_point("store pointer", &device->candidate);
	atomic_store_explicit(&device->candidate, driver, memory_order_release);
}

const char *device_candidate_name(const struct device *device)
{
	const struct driver *candidate = driver_sample(&device->candidate);

	return candidate ? candidate->name : NULL;
}

void bind_queue_init(struct bind_queue *queue)
{
	*queue = (struct bind_queue){0};
	lock_init(&queue->lock, LOCK_RANK_BIND_QUEUE);
}

void device_add(struct bind_queue *queue, struct device *device)
{
	uint32_t saved;

	atomic_store_explicit(&device->driver, NULL, memory_order_relaxed);
	device->queue = queue;
	device->error = 0;
	device->core = 0;
	device->deferrals = 0;
	device->waits = 0;
	device->waited_for = 0;
	STEP(CLIENT_STEPS, CLIENT_ABSENT, CLIENT_UNBOUND);
	saved = lock(&queue->lock);
	word_store(&device->client, client_word(CLIENT_UNBOUND, 0));
	device->next_known = queue->known;
	queue->known = device;
	unlock(&queue->lock, saved);
}

/* Lock held. */
static void device_forget(struct bind_queue *queue, const struct device *device)
{
	struct device **at = &queue->known;

	while (*at != device) {
		at = &(*at)->next_known;
	}
	*at = device->next_known;
}

static bool client_is_removable(uint32_t word)
{
	enum client_state state = (enum client_state)(word & CLIENT_STATE_MASK);

	return !(word & CLIENT_FLAGS) && (state == CLIENT_UNBOUND || state == CLIENT_DEFERRED ||
					  state == CLIENT_FAILED || state == CLIENT_EXPIRED);
}

int device_remove(struct device *device)
{
	uint32_t word = word_load(&device->client);
	struct bind_queue *queue;
	uint32_t saved;

	STEP(CLIENT_STEPS, CLIENT_UNBOUND, CLIENT_ABSENT);
	STEP(CLIENT_STEPS, CLIENT_DEFERRED, CLIENT_ABSENT);
	STEP(CLIENT_STEPS, CLIENT_FAILED, CLIENT_ABSENT);
	STEP(CLIENT_STEPS, CLIENT_EXPIRED, CLIENT_ABSENT);
	if (!client_is_removable(word) || !word_exchange_if(&device->client, word, client_word(CLIENT_ABSENT, 0))) {
		return -EBUSY;
	}
	/* After the exchange: before, another core may have added the device to another queue. */
	queue = device->queue;
	saved = lock(&queue->lock);
	device_forget(queue, device);
	unlock(&queue->lock, saved);
	return 0;
}

/* Lock held. */
static void device_append(struct bind_queue *queue, struct device *device)
{
	device->next_queued = NULL;
	if (queue->tail) {
		queue->tail->next_queued = device;
	} else {
		queue->head = device;
	}
	queue->tail = device;
}

/* Only the core that set CLIENT_QUEUED pushes: at most once. */
static void bind_queue_push(struct bind_queue *queue, struct device *device)
{
	uint32_t saved;

	word_add(&queue->busy, 1);
	saved = lock(&queue->lock);
	device_append(queue, device);
	unlock(&queue->lock, saved);
	arch_event_send();
}

static struct device *bind_queue_pop(struct bind_queue *queue)
{
	uint32_t saved = lock(&queue->lock);
	struct device *device = queue->head;

	if (device) {
		queue->head = device->next_queued;
		if (!queue->head) {
			queue->tail = NULL;
		}
	}
	unlock(&queue->lock, saved);
	return device;
}

static bool device_queue_if(struct device *device, enum client_state state, unsigned int operand)
{
	bool queued = word_exchange_if(&device->client, client_word(state, operand),
				       client_word(CLIENT_UNBOUND, 0) | CLIENT_QUEUED);

	STEP(CLIENT_STEPS, CLIENT_FAILED, CLIENT_UNBOUND);
	if (queued) {
		bind_queue_push(device->queue, device);
	}
	return queued;
}

int device_queue(struct device *device)
{
	return device_queue_if(device, CLIENT_UNBOUND, 0) || device_queue_if(device, CLIENT_UNBOUND, DISPLACED) ||
			       device_queue_if(device, CLIENT_FAILED, 0) ?
		       0 :
		       -EBUSY;
}

void device_requeue(struct device *device)
{
	(void)device_queue_if(device, CLIENT_UNBOUND, DISPLACED);
}

/* True: the caller queues it. A core that still checks (LOOKING) sees WOKEN and queues it itself. */
static bool device_wake(struct device *device, uint32_t deferred)
{
	uint32_t word = word_load(&device->client);

	STEP(CLIENT_STEPS, CLIENT_DEFERRED, CLIENT_DEFERRED);
	while (word == deferred || word == (deferred | CLIENT_LOOKING)) {
		uint32_t next = word == deferred ? deferred | CLIENT_QUEUED : word | CLIENT_WOKEN;

		if (word_exchange_if(&device->client, word, next)) {
			return word == deferred;
		}
		word = word_load(&device->client);
	}
	return false;
}

void bind_queue_wake(struct bind_queue *queue, unsigned int cause)
{
	uint32_t saved;

	/* This core sees DEFERRED, or the core in device_defer() sees the cause ready. */
	word_meet(MEET_WAIT);
	saved = lock(&queue->lock);
	for (struct device *device = queue->known; device; device = device->next_known) {
		if (device_wake(device, client_word(CLIENT_DEFERRED, cause))) {
			device_note(TIMELINE_WAKE_UP, device);
			word_add(&queue->busy, 1);
			device_append(queue, device);
		}
	}
	unlock(&queue->lock, saved);
	arch_event_send();
}

unsigned int bind_queue_expire(struct bind_queue *queue)
{
	unsigned int count = 0;
	uint32_t saved = lock(&queue->lock);

	STEP(CLIENT_STEPS, CLIENT_DEFERRED, CLIENT_EXPIRED);
	for (struct device *device = queue->known; device; device = device->next_known) {
		uint32_t word = word_load(&device->client);

		if ((word & CLIENT_STATE_MASK) == CLIENT_DEFERRED && !(word & CLIENT_FLAGS) &&
		    word_exchange_if(&device->client, word, client_word(CLIENT_EXPIRED, 0))) {
			count++;
		}
	}
	unlock(&queue->lock, saved);
	return count;
}

static bool device_must_wait(struct device *device, unsigned int cause, uint32_t binds)
{
	if (cause == DEVICE_CAUSE_DRIVER) {
		return word_load(&device->queue->binds) == binds;
	}
	return device->dma->must_wait(device, cause);
}

static void device_note_cause(struct device *device, unsigned int cause)
{
	device->deferrals++;
	if (ARCH_PLANS && !device->waits) {
		device->waiting_since = arch_ticks();
	}
	device->waits++;
	if (cause == DEVICE_CAUSE_DRIVER) {
		word_store(&device->queue->stalled, 1);
	} else {
		device->waited_for |= 1ULL << cause;
	}
}

/* `binds`: the count before this bind. */
static void device_defer(struct bind_queue *queue, struct device *device, unsigned int cause, uint32_t binds)
{
	uint32_t deferred = client_word(CLIENT_DEFERRED, cause);

	STEP(CLIENT_STEPS, CLIENT_BINDING, CLIENT_EXPIRED);
	STEP(CLIENT_STEPS, CLIENT_BINDING, CLIENT_DEFERRED);
	device_note_cause(device, cause);
	device_note(TIMELINE_DEFERRAL, device);
	if (device->waits >= DEVICE_DEFERRALS_MAX) {
		word_store(&device->client, client_word(CLIENT_EXPIRED, 0));
		return;
	}
	word_store(&device->client, deferred | CLIENT_LOOKING);
	word_meet(MEET_WAIT);
	/* Once the word is DEFERRED without a flag the device may be removed: no access. */
	if (!device_must_wait(device, cause, binds) ||
	    !word_exchange_if(&device->client, deferred | CLIENT_LOOKING, deferred)) {
		word_store(&device->client, deferred | CLIENT_QUEUED);
		bind_queue_push(queue, device);
	}
}

static int device_use_dma(struct device *device, const struct driver *driver, unsigned int *cause)
{
	return device->dma ? device->dma->use(device, driver, cause) : 0;
}

static void device_unuse_dma(struct device *device, const struct driver *driver)
{
	if (device->dma) {
		device->dma->unuse(device, driver);
	}
}

/* The caller owns BINDING and stores the outcome. */
static int device_try_bind(struct device *device, unsigned int *cause)
{
	/* The one sample (B-11): a later offer is for the next bind. */
	const struct driver *driver = driver_sample(&device->candidate);
	int error;

	if (!driver) {
		return -ENODEV;
	}
	driver_set(device, driver);
	error = device_use_dma(device, driver, cause);
	if (!error) {
		*cause = DEVICE_CAUSE_DRIVER;
		error = driver->bind(device, driver);
		if (error) {
			device_unuse_dma(device, driver);
		}
	}
	if (error) {
		driver_set(device, NULL);
	}
	return error;
}

void bind_queue_retry(struct bind_queue *queue)
{
	word_add(&queue->binds, 1);
	/* This core sees `stalled`, or the core in device_defer() sees the count. */
	word_meet(MEET_WAIT);
	if (word_load(&queue->stalled)) {
		bind_queue_wake(queue, DEVICE_CAUSE_DRIVER);
	}
}

/* No access after a settled state: the device may be removed. */
static void device_bind(struct bind_queue *queue, struct device *device)
{
	uint32_t binds = word_load(&queue->binds);
	unsigned int cause = 0;
	int error = device_try_bind(device, &cause);

	if (error == -DEVICE_DEFER) {
		device_defer(queue, device, cause, binds);
		return;
	}
	STEP(CLIENT_STEPS, CLIENT_BINDING, CLIENT_FAILED);
	STEP(CLIENT_STEPS, CLIENT_BINDING, CLIENT_BOUND);
	device->waits = 0;
	device->error = error;
	device->core = arch_core();
	if (!error) {
		device_note(TIMELINE_BIND, device);
	}
	word_store(&device->client, client_word(error ? CLIENT_FAILED : CLIENT_BOUND, 0));
	if (!error) {
		bind_queue_retry(queue);
	}
}

bool bind_queue_work(struct bind_queue *queue)
{
	struct device *device = bind_queue_pop(queue);

	if (!device) {
		return false;
	}
	STEP(CLIENT_STEPS, CLIENT_UNBOUND, CLIENT_BINDING);
	STEP(CLIENT_STEPS, CLIENT_DEFERRED, CLIENT_BINDING);
	/* A plain store suffices: CLIENT_QUEUED keeps other cores off. */
	word_store(&device->client, client_word(CLIENT_BINDING, arch_core()));
	/* The core in device_unbind_wait() sees BINDING, or this core sees LEAVING. */
	word_meet(MEET_BIND);
	device_bind(queue, device);
	word_add(&queue->busy, (uint32_t)-1);
	return true;
}

bool bind_queue_idle(const struct bind_queue *queue)
{
	return word_load(&queue->busy) == 0;
}

static int device_unbind_displaced(struct device *device, unsigned int displaced)
{
	const struct driver *driver;

	STEP(CLIENT_STEPS, CLIENT_BOUND, CLIENT_UNBINDING);
	STEP(CLIENT_STEPS, CLIENT_UNBINDING, CLIENT_UNBOUND);
	if (!word_exchange_if(&device->client, client_word(CLIENT_BOUND, 0), client_word(CLIENT_UNBINDING, 0))) {
		return -EBUSY;
	}
	driver = driver_sample(&device->driver);
	if (driver->unbind) {
		driver->unbind(device);
	}
	device_unuse_dma(device, driver);
	driver_set(device, NULL);
	word_store(&device->client, client_word(CLIENT_UNBOUND, displaced));
	return 0;
}

int device_unbind(struct device *device)
{
	return device_unbind_displaced(device, 0);
}

int device_unbind_wait(struct device *device, uint32_t timeout_us)
{
	struct deadline deadline = deadline_in_us(timeout_us);

	/* The caller stored LEAVING: this core sees BINDING, or the core in bind_queue_work() sees LEAVING. */
	word_meet(MEET_BIND);
	for (;;) {
		uint32_t word = word_load(&device->client);
		enum client_state state = (enum client_state)(word & CLIENT_STATE_MASK);

		if (state != CLIENT_BINDING && state != CLIENT_BOUND && state != CLIENT_UNBINDING &&
		    !(word & CLIENT_LOOKING)) {
			return 0;
		}
		if (state == CLIENT_BOUND && device_unbind_displaced(device, DISPLACED) == 0) {
			return 0;
		}
		if (deadline_passed(&deadline)) {
			return -ETIMEDOUT;
		}
		arch_relax();
	}
}
