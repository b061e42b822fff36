/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guarded core on threads, under ThreadSanitizer. What it publishes (a state, a master, a driver, a domain) leads
 * to plain memory that another thread wrote: if an atomic does not order that, it is a data race. The test's own
 * atomics are relaxed: they order nothing.
 *
 *   test_threads [OPERATIONS]
 */
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "iommu/iommu.h"
#include "shim.h"

#define THREADS 4U
#define INSTANCES 2U
#define MASTERS 6U /* Each thread adds and removes one of its own. */
#define SIDS 8U
#define DOMAINS 64U
#define DRIVERS 20000U

struct domain {
	struct iommu_domain domain; /* First. */
	unsigned int live;	    /* Plain: users run after the maker. */
	_Atomic bool taken;
};

struct instance {
	struct iommu_instance iommu; /* First. */
	unsigned int configured;     /* Plain: start() and stop() write; a link's holders read. */
	unsigned int enabled;	     /* Plain: enable() and stop() write; cores that find READY read. */
	struct domain domain[DOMAINS];
};

struct client {
	struct device device; /* First. */
	struct iommu_master master;
	unsigned int described; /* Plain: written before it is added. */
	unsigned int at_work;	/* Plain: the driver's own. */
};

static struct iommu_core core;
static struct bind_queue queue;
static struct instance instance[INSTANCES];
static struct client client[MASTERS];
static _Atomic unsigned long binds;
static unsigned long operations_wanted = 1000000;
static uint8_t arena[1U << 18] __attribute__((aligned(64)));

/* --- The hardware. --- */

static struct instance *instance_of(const struct iommu_instance *iommu)
{
	return &instance[iommu->index];
}

static int start(struct iommu_instance *iommu)
{
	require(!instance_of(iommu)->configured, "an instance is started twice");
	instance_of(iommu)->configured = 1;
	return 0;
}

static int enable(struct iommu_instance *iommu)
{
	instance_of(iommu)->enabled = 1;
	return 0;
}

static int stop(struct iommu_instance *iommu)
{
	instance_of(iommu)->configured = 0;
	instance_of(iommu)->enabled = 0;
	return 0;
}

static int add_stream(struct iommu_instance *iommu, uint32_t sid)
{
	(void)sid;
	require(instance_of(iommu)->configured, "a stream is added to an instance that is not started");
	return 0;
}

static int attach(struct iommu_instance *iommu, uint32_t sid, struct iommu_domain *domain)
{
	(void)sid;
	require(instance_of(iommu)->configured, "a stream is attached on an instance that is not started");
	require(!domain || ((struct domain *)domain)->live, "a stream is attached to a dead domain");
	return 0;
}

static int quarantine(struct iommu_instance *iommu, uint32_t sid)
{
	(void)sid;
	require(instance_of(iommu)->configured, "a stream is quarantined on an instance that is not started");
	return 0;
}

static struct iommu_domain *domain_allocate(struct iommu_instance *iommu)
{
	for (unsigned int d = 0; d < DOMAINS; d++) {
		struct domain *domain = &instance_of(iommu)->domain[d];

		if (!atomic_exchange(&domain->taken, true)) {
			domain->domain.iommu = iommu;
			domain->live = 1;
			return &domain->domain;
		}
	}
	return NULL;
}

static int domain_free(struct iommu_domain *domain)
{
	struct domain *gone = (struct domain *)domain;

	gone->live = 0;
	atomic_store(&gone->taken, false);
	return 0;
}

static int map(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)
{
	(void)iova;
	(void)pa;
	(void)size;
	(void)access;
	((struct domain *)domain)->live++;
	return 0;
}

static int unmap(struct iommu_domain *domain, uint64_t iova, uint64_t size)
{
	(void)iova;
	(void)size;
	((struct domain *)domain)->live--;
	return 0;
}

static const struct iommu_ops ops = {.start = start,
				     .enable = enable,
				     .stop = stop,
				     .add_stream = add_stream,
				     .attach = attach,
				     .quarantine = quarantine,
				     .domain_allocate = domain_allocate,
				     .domain_free = domain_free,
				     .map = map,
				     .unmap = unmap};

/* --- The clients. --- */

static struct client *client_of(struct device *device)
{
	return (struct client *)device;
}

static int use(struct device *device, const struct driver *driver, unsigned int *cause)
{
	return iommu_use(&client_of(device)->master, driver->manages_dma, cause);
}

static void unuse(struct device *device, const struct driver *driver)
{
	iommu_unuse(&client_of(device)->master, driver->manages_dma);
}

static bool must_wait(struct device *device, unsigned int cause)
{
	return iommu_must_wait(&core, &client_of(device)->master, cause);
}

static const struct device_dma_ops dma_ops = {.use = use, .unuse = unuse, .must_wait = must_wait};

static int client_bind(struct device *device, const struct driver *driver)
{
	(void)driver;
	struct client *c = client_of(device);

	require(c->described, "a master is bound that was not described");
	require(!c->at_work, "a client is bound twice");
	for (unsigned int l = 0; l < c->master.link_count; l++) {
		require(instance_of(c->master.link[l].iommu)->enabled,
			"a client is bound while its instance is not enabled");
	}
	c->at_work = 1;
	atomic_fetch_add_explicit(&binds, 1, memory_order_relaxed);
	return 0;
}

static void client_unbind(struct device *device)
{
	client_of(device)->at_work = 0;
}

static int unbind_clients(struct iommu_master *master)
{
	for (unsigned int m = 0; m < MASTERS; m++) {
		if (&client[m].master == master) {
			return device_unbind_wait(&client[m].device, 1000000);
		}
	}
	return 0;
}

/* --- The threads. --- */

static unsigned int below(uint64_t *random, unsigned int bound)
{
	*random ^= *random >> 12;
	*random ^= *random << 25;
	*random ^= *random >> 27;
	return (unsigned int)((*random * 0x2545f4914f6cdd1dULL >> 33) % bound);
}

static void come_and_go(struct client *own)
{
	if (iommu_master_remove(&core, &own->master) == 0) {
		own->described++;
		/* As before: a look-up by stream sees it, or misses. */
		*(volatile uint32_t *)&own->master.sid[0] = own->master.sid[0];
	} else {
		(void)iommu_master_add(&core, &own->master);
		/* It lacked its master: may be retried. */
		if (device_remove(&own->device) == 0) {
			device_add(&queue, &own->device);
		}
	}
}

static void look_at_candidate(const struct client *c)
{
	const char *name = device_candidate_name(&c->device);

	require(!name || name[0] == 'd', "a driver has another name");
}

/* Its sampler reads fields written just before. */
static void offer_new_driver(unsigned int m)
{
	static struct driver made[DRIVERS];
	static unsigned int count; /* One thread makes all. */

	if (count < DRIVERS) {
		made[count] = (struct driver){.name = "driver", .bind = client_bind, .unbind = client_unbind};
		device_offer(&client[m].device, &made[count++]);
	}
}

static void operate(unsigned int thread, uint64_t *random)
{
	unsigned int m = below(random, MASTERS);
	struct client *c = &client[m];

	look_at_candidate(c);
	switch (below(random, thread < INSTANCES ? 10 : 8)) {
	case 0:
	case 1:
	case 2:
		(void)device_queue(&c->device);
		break;
	case 3:
	case 4:
		(void)bind_queue_work(&queue);
		break;
	case 5:
		(void)device_unbind(&c->device);
		break;
	case 6:
		if (thread >= INSTANCES) {
			(void)iommu_master_of(&core, &instance[below(random, INSTANCES)].iommu, below(random, MASTERS));
		}
		(void)iommu_replay(&instance[below(random, INSTANCES)].iommu);
		break;
	case 7:
		if (thread == THREADS - 1) {
			offer_new_driver(m);
		} else {
			come_and_go(&client[thread]);
		}
		break;
	default:
		if (iommu_register(&instance[thread].iommu)) {
			(void)iommu_unregister(&instance[thread].iommu);
		}
		break;
	}
}

static void *run(void *argument)
{
	unsigned int thread = *(const unsigned int *)argument;
	uint64_t random = (thread + 1) * 0x9e3779b97f4a7c15ULL;

	shim_core = thread;
	for (unsigned long i = 0; i < operations_wanted / THREADS; i++) {
		operate(thread, &random);
	}
	return NULL;
}

static void describe(void)
{
	static const char *const names[MASTERS] = {"m0", "m1", "m2", "m3", "m4", "m5"};

	arena_init(arena, sizeof(arena));
	bind_queue_init(&queue);
	require(!iommu_core_init(&core, &queue, MASTERS), "the core");
	core.unbind = unbind_clients;
	for (unsigned int i = 0; i < INSTANCES; i++) {
		instance[i].iommu.name = i ? "i1" : "i0";
		instance[i].iommu.ops = &ops;
		require(!iommu_describe(&core, &instance[i].iommu), "an instance");
	}
	for (unsigned int m = 0; m < MASTERS; m++) {
		client[m].master.name = names[m];
		client[m].device.name = names[m];
		client[m].device.dma = &dma_ops;
		client[m].described = 1;
		require(!iommu_master_stream(&client[m].master, &instance[m % INSTANCES].iommu, m / 2), "a stream");
		if (m >= 4) {
			require(!iommu_master_stream(&client[m].master, &instance[1 - m % INSTANCES].iommu, m),
				"a stream");
		}
		offer_new_driver(m);
		device_add(&queue, &client[m].device);
		require(!iommu_master_add(&core, &client[m].master), "a master");
	}
}

int main(int argc, char **argv)
{
	pthread_t thread[THREADS];
	unsigned int number[THREADS];

	operations_wanted = argc > 1 ? strtoul(argv[1], NULL, 10) : operations_wanted;
	describe();
	for (unsigned int t = 0; t < THREADS; t++) {
		number[t] = t;
		require(!pthread_create(&thread[t], NULL, run, &number[t]), "a thread");
	}
	for (unsigned int t = 0; t < THREADS; t++) {
		pthread_join(thread[t], NULL);
	}
	printf("threads: %lu operations on %u threads, %lu binds\n", operations_wanted, THREADS, binds);
	return binds == 0;
}
