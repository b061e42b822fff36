/* SPDX-License-Identifier: BSD-2-Clause */
#include "world.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"

#define ARENA_SIZE 12288U
#define PAGE_IOVA 0x4000U
#define PAGE_PA 0x1000000U
#define REGION_BASE 0x8000U

struct world world;

static uint8_t arena[ARENA_SIZE] __attribute__((aligned(64)));

/* --- The hardware. --- */

static struct world_instance *instance_of(const struct iommu_instance *iommu)
{
	return &world.instance[iommu->index];
}

/* Rule 1: no call before its start or after its stop. */
static struct world_instance *started(const struct iommu_instance *iommu, const char *what)
{
	struct world_instance *instance = instance_of(iommu);

	SCHEDULE_REQUIRE(instance->started, "%s of i%u is called while it is not started", what, iommu->index);
	return instance;
}

/* From some operation on, until its stop, its queue hangs. */
static bool is_dead(struct world_instance *instance)
{
	if (instance->dies_at && !--instance->dies_at) {
		instance->dead = true;
	}
	return instance->dead;
}

static int start(struct iommu_instance *iommu)
{
	struct world_instance *instance = instance_of(iommu);

	SCHEDULE_REQUIRE(!instance->started, "i%u is started twice", iommu->index);
	SCHEDULE_REQUIRE(iommu_state(iommu) == IOMMU_STARTING, "i%u starts without saying so", iommu->index);
	arch_sync_point("op start", instance);
	instance->started = true;
	instance->starts++;
	if (instance->start_fails) {
		instance->start_fails--;
		return -EIO;
	}
	return 0;
}

static void await_removal(const struct world_instance *instance)
{
	while (instance->awaits_removal && !word_load(&world.removal_over)) {
		arch_relax();
	}
}

static int enable(struct iommu_instance *iommu)
{
	struct world_instance *instance = started(iommu, "enable");

	arch_sync_point("op enable", instance);
	await_removal(instance);
	instance->enabled = true;
	if (instance->enable_fails) {
		instance->enable_fails--;
		return -EIO;
	}
	return 0;
}

static int stop(struct iommu_instance *iommu)
{
	struct world_instance *instance = started(iommu, "stop");

	arch_sync_point("op stop", instance);
	SCHEDULE_REQUIRE(iommu_state(iommu) != IOMMU_READY, "i%u stops while it is READY", iommu->index);
	instance->started = false;
	instance->enabled = false;
	instance->died = instance->dead;
	instance->dead = false;
	instance->stops++;
	memset(instance->stream, 0, sizeof(instance->stream));
	for (unsigned int d = 0; d < WORLD_DOMAINS; d++) {
		SCHEDULE_REQUIRE(!instance->domain[d].live, "a domain of i%u outlives it", iommu->index);
		instance->domain[d].kept = false;
	}
	memset(instance->attached, 0, sizeof(instance->attached));
	return 0;
}

static int add_stream(struct iommu_instance *iommu, uint32_t sid)
{
	struct world_instance *instance = started(iommu, "add_stream");

	arch_sync_point("op add", instance);
	await_removal(instance);
	started(iommu, "add_stream");
	if (is_dead(instance)) {
		return -EIO;
	}
	if (sid >= WORLD_SIDS) {
		return -ERANGE;
	}
	if (instance->memory_fails) {
		instance->memory_fails--;
		return -ENOMEM;
	}
	instance->adds[sid]++;
	if (instance->stream[sid] == STREAM_NONE) {
		instance->stream[sid] = STREAM_ROOM;
	}
	return 0;
}

static bool has_regions(const struct iommu_instance *iommu, uint32_t sid)
{
	for (unsigned int m = 0; m < WORLD_MASTERS; m++) {
		const struct iommu_master *master = &world.client[m].master;

		for (unsigned int l = 0; world.client[m].region && !world.client[m].gone && l < master->link_count;
		     l++) {
			if (master->link[l].iommu == iommu && master->link[l].sid[0] == sid &&
			    link_state(&master->link[l]) == LINK_READY) {
				return true;
			}
		}
	}
	return false;
}

static int attach(struct iommu_instance *iommu, uint32_t sid, struct iommu_domain *domain)
{
	struct world_instance *instance = started(iommu, "attach");
	struct world_domain *to = (struct world_domain *)domain;

	arch_sync_point("op attach", instance);
	started(iommu, "attach");
	SCHEDULE_REQUIRE(sid < WORLD_SIDS && instance->stream[sid] != STREAM_NONE,
			 "stream %u of i%u is attached before the instance knows it", (unsigned int)sid, iommu->index);
	SCHEDULE_REQUIRE(!to || (to->live && domain->iommu == iommu),
			 "a stream is attached to a dead or foreign domain");
	SCHEDULE_REQUIRE(to || !has_regions(iommu, sid), "a master with direct regions is cut off from them");
	if (is_dead(instance)) {
		/* In memory; only its invalidation is missing. */
		instance->attached[sid] = to;
		instance->stream[sid] = to ? STREAM_DOMAIN : STREAM_EMPTY;
		return -EIO;
	}
	if (to && instance->attach_fails && (sid == 2 || instance->stream[2] == STREAM_NONE)) {
		instance->attach_fails--;
		return -EINVAL;
	}
	/* Attached: what detaching needs is there. */
	if (!to && sid == 1 && instance->empty_fails && !instance->attached[sid]) {
		instance->empty_fails--;
		return iommu_state(iommu) == IOMMU_WALKING ? -EIO : -EINVAL;
	}
	instance->attached[sid] = to;
	instance->stream[sid] = to ? STREAM_DOMAIN : STREAM_EMPTY;
	instance->attaches++;
	return 0;
}

static int quarantine(struct iommu_instance *iommu, uint32_t sid)
{
	struct world_instance *instance = started(iommu, "quarantine");

	arch_sync_point("op quarantine", instance);
	if (sid < WORLD_SIDS) {
		SCHEDULE_REQUIRE(!instance->attached[sid], "stream %u of i%u is quarantined while a domain uses it",
				 (unsigned int)sid, iommu->index);
		instance->stream[sid] = STREAM_ABORT;
	}
	return 0;
}

static struct iommu_domain *domain_allocate(struct iommu_instance *iommu)
{
	struct world_instance *instance = started(iommu, "domain_allocate");

	if (instance->domain_fails) {
		instance->domain_fails--;
		return NULL;
	}
	for (unsigned int d = 0; d < WORLD_DOMAINS; d++) {
		struct world_domain *domain = &instance->domain[d];

		if (!domain->live && !domain->kept) {
			*domain = (struct world_domain){.domain = {.iommu = iommu}, .live = true};
			return &domain->domain;
		}
	}
	schedule_fail("i%u has more domains than masters", iommu->index);
}

static int domain_free(struct iommu_domain *domain)
{
	struct world_domain *gone = (struct world_domain *)domain;
	struct world_instance *instance = started(domain->iommu, "domain_free");

	SCHEDULE_REQUIRE(gone->live, "a domain is freed twice");
	gone->live = false;
	if (instance->dead) {
		gone->kept = true; /* Unflushed: unused until the next start. */
		return -EIO;
	}
	for (unsigned int sid = 0; sid < WORLD_SIDS; sid++) {
		SCHEDULE_REQUIRE(instance->attached[sid] != gone, "a domain is freed while stream %u is attached to it",
				 sid);
	}
	return 0;
}

static int map(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)
{
	struct world_domain *to = (struct world_domain *)domain;

	(void)pa;
	(void)size;
	(void)access;
	started(domain->iommu, "map");
	SCHEDULE_REQUIRE(to->live, "a page is mapped in a dead domain");
	if (iova == REGION_BASE) {
		if (to->region) {
			return -EEXIST;
		}
		to->region = true;
		return 0;
	}
	if (to->mapped) {
		return -EEXIST;
	}
	to->mapped = true;
	return 0;
}

static int unmap(struct iommu_domain *domain, uint64_t iova, uint64_t size)
{
	struct world_domain *from = (struct world_domain *)domain;

	(void)iova;
	(void)size;
	started(domain->iommu, "unmap");
	SCHEDULE_REQUIRE(from->live, "a page is unmapped in a dead domain");
	if (!from->mapped) {
		return -ENOENT;
	}
	from->mapped = false;
	return 0;
}

static int translate(const struct iommu_domain *domain, uint64_t iova, uint64_t *pa)
{
	const struct world_domain *in = (const struct world_domain *)domain;

	*pa = iova;
	return iova == REGION_BASE && in->region ? 0 : -ENOENT;
}

static bool is_empty(const struct iommu_domain *domain, uint64_t iova, uint64_t size)
{
	const struct world_domain *in = (const struct world_domain *)domain;

	(void)iova;
	(void)size;
	started(domain->iommu, "is_empty");
	return !in->mapped;
}

static const struct iommu_ops ops = {
	.start = start,
	.enable = enable,
	.stop = stop,
	.add_stream = add_stream,
	.attach = attach,
	.quarantine = quarantine,
	.domain_allocate = domain_allocate,
	.domain_free = domain_free,
	.map = map,
	.unmap = unmap,
	.translate = translate,
	.is_empty = is_empty,
};

/* --- The clients. --- */

static struct world_client *client_of(struct device *device)
{
	return (struct world_client *)device;
}

static int use(struct device *device, const struct driver *driver, unsigned int *cause)
{
	client_of(device)->binds_seen = word_load(&world.queue.binds);
	return iommu_use(&client_of(device)->master, driver->manages_dma, cause);
}

static void unuse(struct device *device, const struct driver *driver)
{
	iommu_unuse(&client_of(device)->master, driver->manages_dma);
}

static bool must_wait(struct device *device, unsigned int cause)
{
	bool must = iommu_must_wait(&world.core, &client_of(device)->master, cause);

	SCHEDULE_REQUIRE(!client_of(device)->gone, "%s has gone, and a core still looks whether it must wait",
			 device->name);
	return must;
}

static const struct device_dma_ops dma_ops = {.use = use, .unuse = unuse, .must_wait = must_wait};

/* Rule 2, by the hardware: a working client's streams are in a live domain. */
static void require_dma(const struct world_client *client, bool owns)
{
	const struct iommu_master *master = &client->master;

	if (pointer_load(&master->quarantine_reason)) {
		return;
	}
	for (unsigned int l = 0; l < master->link_count; l++) {
		const struct iommu_link *link = &master->link[l];
		const struct world_instance *instance = instance_of(link->iommu);
		enum iommu_state state = iommu_state(link->iommu);

		SCHEDULE_REQUIRE(state == IOMMU_READY || state == IOMMU_LEAVING || state == IOMMU_FAILING,
				 "%s has its DMA while i%u is not ready", master->name, link->iommu->index);
		SCHEDULE_REQUIRE(link_state(link) == LINK_READY || link_state(link) == LINK_QUARANTINED,
				 "%s has its DMA while its link is not READY", master->name);
		for (unsigned int s = 0; s < link->sid_count; s++) {
			const struct world_domain *domain = instance->attached[link->sid[s]];

			SCHEDULE_REQUIRE(!owns || (instance->enabled && domain && domain->live),
					 "%s has its DMA, but stream %u of i%u is in no domain", master->name,
					 (unsigned int)link->sid[s], link->iommu->index);
		}
	}
}

static bool driver_owns(const struct world_client *client)
{
	const struct driver *driver = atomic_load(&client->device.driver);

	SCHEDULE_REQUIRE(driver, "%s is bound without a driver", client->master.name);
	return !driver->manages_dma;
}

static void look_at_dma(const struct world_client *client)
{
	schedule_look(true);
	require_dma(client, driver_owns(client));
	schedule_look(false);
}

static int client_bind(struct device *device, const struct driver *driver)
{
	struct world_client *client = client_of(device);

	SCHEDULE_REQUIRE(driver == atomic_load(&device->driver), "%s is bound by another driver than it was taken for",
			 device->name);
	SCHEDULE_REQUIRE(!client->in_bind && !client->bound, "%s is bound twice", device->name);
	client->in_bind = true;
	look_at_dma(client);
	client->binds_seen = word_load(&world.queue.binds);
	arch_sync_point("bind", device);
	client->in_bind = false;
	client->binds++;
	if (client->bind_fails) {
		client->bind_fails--;
		return client->bind_result;
	}
	client->bound = true;
	return 0;
}

static void client_unbind(struct device *device)
{
	struct world_client *client = client_of(device);

	SCHEDULE_REQUIRE(client->bound, "%s is unbound without being bound", device->name);
	arch_sync_point("unbind", device);
	client->bound = false;
	client->unbinds++;
}

static const struct driver plain_driver = {.name = "plain", .bind = client_bind, .unbind = client_unbind};
static const struct driver managing_driver = {
	.name = "managing", .manages_dma = true, .bind = client_bind, .unbind = client_unbind};

static int unbind_clients(struct iommu_master *master)
{
	for (unsigned int m = 0; m < WORLD_MASTERS; m++) {
		if (&world.client[m].master == master && world.client[m].client) {
			int error = device_unbind_wait(&world.client[m].device, 1000);

			arch_sync_point("unbound", &world.client[m]);
			return error || !world.removals_fail ? error : (world.removals_fail--, -ETIMEDOUT);
		}
	}
	return 0;
}

static void rebind_clients(struct iommu_master *master)
{
	for (unsigned int m = 0; m < WORLD_MASTERS; m++) {
		if (&world.client[m].master == master && world.client[m].client) {
			device_requeue(&world.client[m].device);
		}
	}
}

/* --- Its description. --- */

static void make_master(unsigned int m, const char *words)
{
	static const char *const names[WORLD_MASTERS] = {"m0", "m1", "m2", "m3", "m4"};
	struct world_client *client = &world.client[m];
	const char *at = words;

	client->exists = true;
	client->client = true;
	client->master.name = names[m];
	client->device.name = names[m];
	client->device.dma = &dma_ops;
	device_offer(&client->device, &plain_driver);
	for (; *at >= '0' && *at <= '9'; at += at[3] == ',' ? 4 : 3) {
		SCHEDULE_REQUIRE(!iommu_master_stream(&client->master, &world.instance[at[0] - '0'].iommu,
						      (uint32_t)(at[2] - '0')),
				 "a stream too many");
	}
	for (; *at && *at != ' '; at++) {
		client->region |= *at == 'r';
		client->late |= *at == 'l';
		client->client &= *at != 'n';
		client->master.exclusive |= *at == 'x';
		client->master.isolation = *at == 'g' ? 1 : client->master.isolation;
		if (*at == 'm') {
			device_offer(&client->device, &managing_driver);
		}
	}
	if (client->region) {
		SCHEDULE_REQUIRE(!iommu_master_region(&client->master, REGION_BASE, PAGE_SIZE, IOMMU_READ), "a region");
	}
}

void world_make(const char *masters)
{
	static const char *const names[WORLD_INSTANCES] = {"i0", "i1", "i2"};

	memset(&world, 0, sizeof(world));
	arena_init(arena, sizeof(arena));
	bind_queue_init(&world.queue);
	SCHEDULE_REQUIRE(!iommu_core_init(&world.core, &world.queue, WORLD_MASTERS), "the core");
	iommu_allow(&world.core, PAGE_PA, PAGE_SIZE);
	world.core.unbind = unbind_clients;
	world.core.rebind = rebind_clients;
	for (unsigned int i = 0; i < WORLD_INSTANCES; i++) {
		world.instance[i].iommu.name = names[i];
		world.instance[i].iommu.ops = &ops;
		SCHEDULE_REQUIRE(!iommu_describe(&world.core, &world.instance[i].iommu), "an instance");
	}
	for (const char *at = masters; at && *at; at = strchr(at, ' '), at += at != NULL) {
		make_master((unsigned int)(at[0] - '0'), at + 2);
	}
	for (unsigned int m = 0; m < WORLD_MASTERS; m++) {
		struct world_client *client = &world.client[m];

		if (client->exists && client->client) {
			device_add(&world.queue, &client->device);
		}
		if (client->exists && !client->late) {
			SCHEDULE_REQUIRE(!iommu_master_add(&world.core, &client->master), "a master");
		}
	}
}

/* --- What cores do. --- */

static int bind_one(struct world_client *client)
{
	int error = device_queue(&client->device);

	(void)bind_queue_work(&world.queue);
	return error;
}

static int read_name(const struct world_client *client)
{
	const char *name = device_candidate_name(&client->device);

	return name && strlen(name) == 0 ? -EINVAL : 0;
}

/* It needs a core of its own to end. */
static int work_until_idle(void)
{
	while (word_load(&world.busy)) {
		if (!bind_queue_work(&world.queue)) {
			arch_event_wait();
		}
	}
	while (bind_queue_work(&world.queue)) {
	}
	return 0;
}

static int leave_the_list(struct world_client *client)
{
	int error = device_remove(&client->device);

	if (!error) {
		/* Later accesses through these crash. */
		client->device.queue = (struct bind_queue *)(uintptr_t)0x10;
		client->device.dma = (const struct device_dma_ops *)(uintptr_t)0x10;
		arch_sync_point("gone", &client->device);
		client->device.dma = &dma_ops;
		device_add(&world.queue, &client->device);
	}
	return error;
}

/* B-03: later accesses to it crash. */
static int remove_and_poison(struct world_client *client)
{
	int error = iommu_master_remove(&world.core, &client->master);

	word_store(&world.removal_over, 1);
	if (!error) {
		client->gone = true;
		client->claimed = false;
		client->described = client->master;
		/* A walk of all links leaves memory; a walk of the first follows a bad pointer. */
		client->master.link_count = UINT_MAX;
		for (unsigned int l = 0; l < IOMMU_LINKS_MAX; l++) {
			client->master.link[l].iommu = (struct iommu_instance *)(uintptr_t)0x10;
			client->master.link[l].sid = (const uint32_t *)(uintptr_t)0x10;
		}
	}
	return error;
}

static int add_again(struct world_client *client)
{
	if (client->gone && word_load(&client->master.presence) == PRESENCE_ABSENT) {
		client->master = client->described;
		client->gone = false;
	}
	return iommu_master_add(&world.core, &client->master);
}

static int use_directly(struct world_client *client)
{
	unsigned int cause = 0;
	int error = iommu_use(&client->master, false, &cause);

	if (!error) {
		const struct iommu_link *link = &client->master.link[0];

		schedule_look(true);
		SCHEDULE_REQUIRE(pointer_load(&client->master.quarantine_reason) ||
					 instance_of(link->iommu)->attached[link->sid[0]],
				 "%s was given its DMA, but is in no domain", client->master.name);
		schedule_look(false);
		iommu_unuse(&client->master, false);
	}
	return error;
}

static int claim(struct world_client *client)
{
	int error = iommu_claim(&client->master);

	client->claimed |= !error;
	return error;
}

static int release_claim(struct world_client *client)
{
	if (client->claimed) {
		client->claimed = false;
		iommu_release_claim(&client->master);
	}
	return 0;
}

static int do_to_master(char verb, struct world_client *client)
{
	switch (verb) {
	case 'A':
		return add_again(client);
	case 'D':
		return remove_and_poison(client);
	case 'X':
		return iommu_quarantine(&world.core, &client->master, "it does not behave");
	case 'Q':
		return device_queue(&client->device);
	case 'B':
		return bind_one(client);
	case 'N':
		return device_unbind(&client->device);
	case 'V':
		return device_unbind_wait(&client->device, 1000);
	case 'C':
		return claim(client);
	case 'L':
		return release_claim(client);
	case 'M':
		return iommu_map(&world.core, &client->master, PAGE_IOVA, PAGE_PA, PAGE_SIZE, IOMMU_READ);
	case 'Y':
		return iommu_unmap(&client->master, PAGE_IOVA, PAGE_SIZE);
	case 'O':
		device_offer(&client->device, &managing_driver);
		return 0;
	case 'Z':
		device_offer(&client->device, NULL);
		return 0;
	case 'T':
		return use_directly(client);
	case 'S':
		return read_name(client);
	case 'K':
		return leave_the_list(client);
	default:
		schedule_fail("the language has no word %c", verb);
	}
}

/* Claim, map and quarantine need the caller to prevent a removal; bind, unbind and walks do not. */
static int do_to_held_master(char verb, struct world_client *client)
{
	bool removes = verb == 'D';
	int error;

	if (removes ? client->holders : (client->gone && verb != 'A') || client->leaving) {
		return -EBUSY;
	}
	client->holders += !removes;
	client->leaving += removes;
	error = do_to_master(verb, client);
	client->holders -= !removes;
	client->leaving -= removes;
	return error;
}

static bool is_allowed(char verb, const struct world_client *client)
{
	return client->exists && (client->client || !strchr("QBNVKOZS", verb));
}

static int do_word(char verb, unsigned int number)
{
	struct iommu_instance *iommu = &world.instance[number % WORLD_INSTANCES].iommu;
	struct world_client *client = &world.client[number % WORLD_MASTERS];

	switch (verb) {
	case 'R':
		return iommu_register(iommu);
	case 'U':
		return iommu_unregister(iommu);
	case 'P':
		return iommu_replay(iommu);
	case 'I':
		iommu_raise(iommu);
		word_fence(); /* A core that gives back a lock behind a failed operation has a fence there. */
		/* Raised stays until its stop. */
		schedule_look(true);
		instance_of(iommu)->dead |= instance_of(iommu)->started && iommu_state(iommu) == IOMMU_FAILING;
		schedule_look(false);
		return 0;
	case 'H':
		return iommu_fail(iommu, "it broke");
	case 'J':
		return iommu_master_of(&world.core, iommu, 1) ? 0 : -ENOENT;
	case 'W':
		return bind_queue_work(&world.queue) ? 0 : -ENOENT;
	case 'E':
		world.expired += bind_queue_expire(&world.queue);
		return 0;
	case 'w':
		return work_until_idle();
	case 'G':
		while (!bind_queue_work(&world.queue)) {
			arch_event_wait();
		}
		return 0;
	case 'F':
		(void)word_add(&world.busy, (uint32_t)-1);
		arch_event_send();
		return 0;
	default:
		break;
	}
	if (!is_allowed(verb, client)) {
		return -ENODEV;
	}
	return strchr("ADCLMYXT", verb) ? do_to_held_master(verb, client) : do_to_master(verb, client);
}

void world_do(const char *words)
{
	const char *at = words;

	while (*at) {
		if (*at == ' ') {
			at++;
			continue;
		}
		world.tried[(unsigned int)*at]++;
		if (do_word(at[0], (unsigned int)(at[1] - '0')) == 0) {
			world.done[(unsigned int)*at]++;
		}
		at += 2;
	}
}

/* --- What must hold. --- */

enum link_state world_link(unsigned int master, unsigned int link)
{
	return link_state(&world.client[master].master.link[link]);
}

enum client_state world_client(unsigned int master)
{
	return client_state(&world.client[master].device);
}

static void require_link(const struct world_client *client, const struct iommu_link *link)
{
	const struct world_instance *instance = instance_of(link->iommu);
	enum link_state state = link_state(link);
	enum iommu_state of = iommu_state(link->iommu);

	if (state != LINK_READY && state != LINK_GROUPED) {
		return;
	}
	SCHEDULE_REQUIRE(instance->started && of != IOMMU_DESCRIBED && of != IOMMU_GONE && of != IOMMU_STARTING,
			 "%s is %s on i%u, which is not started", link->master->name,
			 state == LINK_READY ? "READY" : "GROUPED", link->iommu->index);
	for (unsigned int s = 0; s < link->sid_count; s++) {
		enum stream stream = instance->stream[link->sid[s]];

		SCHEDULE_REQUIRE(state != LINK_READY || stream == STREAM_EMPTY || stream == STREAM_DOMAIN,
				 "%s is READY on i%u, but its stream is not set up", link->master->name,
				 link->iommu->index);
		/* A24: a master's firmware region is in each of its domains. */
		SCHEDULE_REQUIRE(state != LINK_READY || !client->region || !instance->attached[link->sid[s]] ||
					 instance->attached[link->sid[s]]->region,
				 "%s is in a domain without its direct region", link->master->name);
	}
}

/* A17, B-05: one stream, one group. */
static void require_one_group(const struct iommu_master *a, const struct iommu_master *b)
{
	const void *group_a = pointer_load(&a->group), *group_b = pointer_load(&b->group);

	for (unsigned int l = 0; l < a->link_count && group_a && group_b; l++) {
		for (unsigned int k = 0; k < b->link_count; k++) {
			SCHEDULE_REQUIRE(a->link[l].iommu != b->link[k].iommu ||
						 a->link[l].sid[0] != b->link[k].sid[0] || group_a == group_b,
					 "%s and %s share a stream, but not a group", a->name, b->name);
		}
	}
}

void world_invariants(const void *unused)
{
	(void)unused;
	for (unsigned int i = 0; i < WORLD_INSTANCES; i++) {
		const struct world_instance *instance = &world.instance[i];

		SCHEDULE_REQUIRE(iommu_state(&instance->iommu) != IOMMU_READY || instance->enabled,
				 "i%u is READY before it is enabled", i);
	}
	for (unsigned int m = 0; m < WORLD_MASTERS; m++) {
		const struct world_client *client = &world.client[m];

		for (unsigned int l = 0; client->exists && !client->gone && l < client->master.link_count; l++) {
			require_link(client, &client->master.link[l]);
		}
		if (client->bound) {
			require_dma(client, driver_owns(client));
		}
	}
}

/* --- At rest. --- */

static void require_groups(void)
{
	for (unsigned int a = 0; a < WORLD_MASTERS; a++) {
		for (unsigned int b = 0; b < a; b++) {
			require_one_group(&world.client[a].master, &world.client[b].master);
		}
	}
}

static bool is_present(const struct world_client *client)
{
	return word_load(&client->master.presence) == PRESENCE_PRESENT;
}

/* Each link of a READY instance is READY, or has a reason. */
static void require_probed(const struct world_client *client, const struct iommu_link *link)
{
	enum link_state state = link_state(link);
	enum iommu_state of = iommu_state(link->iommu);
	bool up = of == IOMMU_READY && is_present(client);

	SCHEDULE_REQUIRE(state != LINK_PROBING && state != LINK_RELEASING && state != LINK_ABSENT,
			 "%s is left half-way on i%u", link->master->name, link->iommu->index);
	SCHEDULE_REQUIRE(!up || state != LINK_DESCRIBED || link->reason, "%s was forgotten by i%u", link->master->name,
			 link->iommu->index);
	SCHEDULE_REQUIRE(up || of == IOMMU_FAILING || state == LINK_DESCRIBED, "%s has left something on i%u",
			 link->master->name, link->iommu->index);
}

/* The instance's walk visits it. */
static void require_listed(const struct world_client *client, const struct iommu_link *link)
{
	uint32_t slot_number = client->master.slot_number;

	SCHEDULE_REQUIRE(pointer_load(&world.core.slot_set->slot[slot_number].master) == &client->master,
			 "%s is not in its slot", client->master.name);
	SCHEDULE_REQUIRE(word_load(link->iommu->named_by) & 1U << slot_number, "walks of i%u do not visit %s",
			 link->iommu->index, client->master.name);
}

/* A31: it waits for something that has not come. */
static void require_reason_to_wait(struct world_client *client)
{
	uint32_t word = word_load(&client->device.client);
	unsigned int cause = word >> 8;

	if (client_state(&client->device) == CLIENT_DEFERRED && cause < WORLD_INSTANCES && !client->gone) {
		SCHEDULE_REQUIRE(iommu_must_wait(&world.core, &client->master, cause),
				 "%s waits for i%u, which has come: the wake-up was lost", client->master.name, cause);
	}
}

/* Its driver waits until another device was bound. */
static void require_nothing_bound_since(const struct world_client *client)
{
	uint32_t word = word_load(&client->device.client);

	if (client_state(&client->device) == CLIENT_DEFERRED && word >> 8 == DEVICE_CAUSE_DRIVER) {
		SCHEDULE_REQUIRE(word_load(&world.queue.binds) == client->binds_seen,
				 "%s waits for another device to be bound, which one was", client->master.name);
	}
}

static void require_client(struct world_client *client)
{
	enum client_state state = client_state(&client->device);

	if (!client->client) {
		return;
	}
	SCHEDULE_REQUIRE(state != CLIENT_BINDING && state != CLIENT_UNBINDING && !client_is_busy(&client->device),
			 "%s is left half-bound", client->master.name);
	SCHEDULE_REQUIRE((state == CLIENT_BOUND) == client->bound, "%s: client and driver disagree",
			 client->master.name);
	SCHEDULE_REQUIRE((state == CLIENT_BOUND) == (atomic_load(&client->device.driver) != NULL),
			 "%s: state and driver disagree", client->master.name);
	require_reason_to_wait(client);
	require_nothing_bound_since(client);
}

/* A15: owners are bound clients whose driver does not manage its DMA. */
static void require_owner_count(const struct iommu_group *group)
{
	unsigned int owners = 0;
	bool claimed = false;

	for (unsigned int m = 0; m < WORLD_MASTERS; m++) {
		const struct world_client *client = &world.client[m];

		if (pointer_load(&client->master.group) == group) {
			owners += client->bound && driver_owns(client);
			claimed |= client->claimed;
		}
	}
	SCHEDULE_REQUIRE(group->owner_count == owners, "%u owners are counted, %u clients are bound",
			 group->owner_count, owners);
	SCHEDULE_REQUIRE((group->claimed_by != NULL) == claimed && !(owners && claimed), "a claim is wrong");
	for (unsigned int p = 0; p < group->part_count; p++) {
		SCHEDULE_REQUIRE(!group->part[p].domain || owners || claimed, "a domain without an owner is left");
		SCHEDULE_REQUIRE(!group->part[p].domain || group->part[p].links, "a domain is left on i%u",
				 group->part[p].iommu->index);
	}
}

void world_settle(void)
{
	while (bind_queue_work(&world.queue)) {
	}
	SCHEDULE_REQUIRE(bind_queue_idle(&world.queue), "the queue is empty, but counts something");
	require_groups();
	for (unsigned int m = 0; m < WORLD_MASTERS; m++) {
		struct world_client *client = &world.client[m];

		for (unsigned int l = 0; client->exists && !client->gone && l < client->master.link_count; l++) {
			require_probed(client, &client->master.link[l]);
			if (is_present(client)) {
				require_listed(client, &client->master.link[l]);
			}
		}
		if (client->exists) {
			require_client(client);
		}
		if (pointer_load(&client->master.group)) {
			require_owner_count(pointer_load(&client->master.group));
		}
	}
	SCHEDULE_REQUIRE(word_load(&world.core.slot_set->users) == 0, "the slots are held for ever");
	for (unsigned int slot_number = 0; slot_number < WORLD_MASTERS; slot_number++) {
		SCHEDULE_REQUIRE(word_load(&world.core.slot_set->slot[slot_number].users) == 0,
				 "slot %u is held for ever", slot_number);
	}
	for (unsigned int i = 0; i < WORLD_INSTANCES; i++) {
		SCHEDULE_REQUIRE(!world.instance[i].died || iommu_state(&world.instance[i].iommu) != IOMMU_GONE,
				 "i%u failed, and is GONE", i);
		SCHEDULE_REQUIRE(!world.instance[i].dead || iommu_state(&world.instance[i].iommu) == IOMMU_FAILING,
				 "i%u does not work, and no core has raised that", i);
		SCHEDULE_REQUIRE(word_load(&world.instance[i].iommu.probes) == 0, "a probe of i%u never ends", i);
	}
}

/* --- Names. --- */

static bool is_in(const void *object, const void *start, size_t size)
{
	return (uintptr_t)object - (uintptr_t)start < size;
}

static bool name_of_master(const void *object, unsigned int m, char *buffer, size_t size)
{
	struct world_client *client = &world.client[m];
	const struct {
		const void *what;
		const char *name;
	} parts[] = {{&client->device.client, "client"},       {&client->device.driver, "driver"},
		     {&client->device.candidate, "candidate"}, {&client->master.link[0].state, "link0"},
		     {&client->master.link[1].state, "link1"}, {&client->master.group, "group"},
		     {&client->master.presence, "presence"},   {&client->master.quarantine_reason, "quarantine_reason"},
		     {&client->device, "driver's code"}};

	for (unsigned int i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (object == parts[i].what) {
			snprintf(buffer, size, "m%u %s", m, parts[i].name);
			return true;
		}
	}
	return false;
}

static bool name_of_core(const void *object, char *buffer, size_t size)
{
	const struct {
		const void *what;
		const char *name;
	} parts[] = {{&world.queue.lock, "queue lock"},		 {&world.queue.busy, "queue count"},
		     {&world.queue.binds, "queue binds"},	 {&world.queue.stalled, "queue stalled"},
		     {&world.core.group_list_lock, "list lock"}, {&world.core.slot_count, "slot count"},
		     {&world.core.maybe_free, "maybe free"},	 {&world.busy, "busy cores"},
		     {&world.removal_over, "removal over"}};

	for (unsigned int i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		if (object == parts[i].what) {
			snprintf(buffer, size, "%s", parts[i].name);
			return true;
		}
	}
	if (is_in(object, world.core.slot_set, sizeof(*world.core.slot_set))) {
		size_t offset = (size_t)((const char *)object - (const char *)world.core.slot_set->slot);

		if (object == &world.core.slot_set->users) {
			snprintf(buffer, size, "slots' users");
		} else {
			snprintf(buffer, size, "slot %zu %s", offset / sizeof(struct iommu_slot),
				 offset % sizeof(struct iommu_slot) ? "users" : "master");
		}
		return true;
	}
	return false;
}

const char *world_name(const void *object, char *buffer, size_t size)
{
	for (unsigned int m = 0; m < WORLD_MASTERS; m++) {
		if (name_of_master(object, m, buffer, size)) {
			return buffer;
		}
	}
	for (unsigned int i = 0; i < WORLD_INSTANCES; i++) {
		struct world_instance *instance = &world.instance[i];

		if (object == &instance->iommu.state || object == &instance->iommu.probes ||
		    object == instance->iommu.named_by || object == &instance->iommu.unsettled || object == instance) {
			snprintf(buffer, size, "i%u%s", i,
				 object == &instance->iommu.state     ? " state" :
				 object == &instance->iommu.probes    ? " probes" :
				 object == instance->iommu.named_by   ? " named_by" :
				 object == &instance->iommu.unsettled ? " unsettled" :
									"");
			return buffer;
		}
	}
	if (name_of_core(object, buffer, size)) {
		return buffer;
	}
	snprintf(buffer, size, "%s", is_in(object, arena, sizeof(arena)) ? "group lock" : "another object");
	return buffer;
}
