/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/device.h"

#include <errno.h>
#include <stddef.h>

/* The client word: state, whether it is on the queue, and what the state carries. */
#define CLIENT_STATE_MASK 0x7fU
#define CLIENT_QUEUED 0x80U
#define CLIENT_OPERAND_SHIFT 8 /* The core of BINDING, the cause of DEFERRED. */

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

	return word & CLIENT_QUEUED || (word & CLIENT_STATE_MASK) == CLIENT_BINDING;
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
		return "deferred";
	case CLIENT_FAILED:
		return "failed";
	default:
		return "none";
	}
}

void bind_queue_init(struct bind_queue *queue)
{
	*queue = (struct bind_queue){0};
	lock_init(&queue->lock, LOCK_RANK_BIND_QUEUE);
}

void device_add(struct bind_queue *queue, struct device *device)
{
	atomic_init(&device->driver, NULL);
	word_store(&device->client, client_word(CLIENT_UNBOUND, 0));
	device->queue = queue;
	device->next_known = queue->known;
	queue->known = device;
}

/* Only the core that set CLIENT_QUEUED pushes, so that a device is on the queue at most once. */
static void push(struct bind_queue *queue, struct device *device)
{
	uint32_t saved;

	word_add(&queue->busy, 1);
	saved = lock(&queue->lock);
	device->next_queued = NULL;
	if (queue->tail) {
		queue->tail->next_queued = device;
	} else {
		queue->head = device;
	}
	queue->tail = device;
	unlock(&queue->lock, saved);
	arch_event_send();
}

static struct device *pop(struct bind_queue *queue)
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

static bool queue_from(struct device *device, uint32_t word)
{
	if (!word_exchange_if(&device->client, word, word | CLIENT_QUEUED)) {
		return false;
	}
	push(device->queue, device);
	return true;
}

int device_queue(struct device *device)
{
	return queue_from(device, client_word(CLIENT_UNBOUND, 0)) ? 0 : -EBUSY;
}

void bind_queue_wake(struct bind_queue *queue, unsigned int cause)
{
	/* Pairs with the fence in defer(): either this core sees DEFERRED, or that core sees that the wait is over. */
	word_fence();
	for (struct device *device = queue->known; device; device = device->next_known) {
		queue_from(device, client_word(CLIENT_DEFERRED, cause));
	}
}

static void defer(struct device *device, unsigned int cause)
{
	uint32_t deferred = client_word(CLIENT_DEFERRED, cause);

	device->deferrals++;
	device->waited_for |= 1ULL << cause;
	word_store(&device->client, deferred);
	word_fence();
	if (!device->dma->must_wait(device, cause)) {
		queue_from(device, deferred);
	}
}

static int use_dma(struct device *device, const struct driver *driver, unsigned int *cause)
{
	return device->dma ? device->dma->use(device, driver, cause) : 0;
}

static void unuse_dma(struct device *device, const struct driver *driver)
{
	if (device->dma) {
		device->dma->unuse(device, driver);
	}
}

/* Everything a bind does short of publishing its outcome. The caller holds BINDING. */
static int try_bind(struct device *device, unsigned int *cause)
{
	const struct driver *driver = device->candidate;
	int error;

	if (!driver) {
		return -ENODEV;
	}
	atomic_store_explicit(&device->driver, driver, memory_order_release);
	arch_sync_point("driver set");
	error = use_dma(device, driver, cause);
	if (!error) {
		error = driver->bind(device);
		if (error) {
			unuse_dma(device, driver);
		}
	}
	if (error) {
		atomic_store_explicit(&device->driver, NULL, memory_order_release);
	}
	return error;
}

static void bind(struct device *device)
{
	unsigned int cause = 0;
	int error = try_bind(device, &cause);

	if (error == -DEVICE_DEFER) {
		defer(device, cause);
		return;
	}
	device->error = error;
	device->core = arch_core();
	word_store(&device->client, client_word(error ? CLIENT_FAILED : CLIENT_BOUND, 0));
}

bool bind_queue_work(struct bind_queue *queue)
{
	struct device *device = pop(queue);

	if (!device) {
		return false;
	}
	/* CLIENT_QUEUED keeps everybody else off the word, so that a plain store takes it over. */
	word_store(&device->client, client_word(CLIENT_BINDING, arch_core()));
	bind(device);
	word_add(&queue->busy, (uint32_t)-1);
	return true;
}

bool bind_queue_idle(const struct bind_queue *queue)
{
	return word_load(&queue->busy) == 0;
}

int device_unbind(struct device *device)
{
	const struct driver *driver;

	if (!word_exchange_if(&device->client, client_word(CLIENT_BOUND, 0), client_word(CLIENT_UNBINDING, 0))) {
		return -EBUSY;
	}
	driver = atomic_load_explicit(&device->driver, memory_order_acquire);
	if (driver->unbind) {
		driver->unbind(device);
	}
	unuse_dma(device, driver);
	atomic_store_explicit(&device->driver, NULL, memory_order_release);
	word_store(&device->client, client_word(CLIENT_UNBOUND, 0));
	return 0;
}
