/* SPDX-License-Identifier: BSD-2-Clause */
/* The guarded core against hardware that only writes down what it is asked for. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "arch.h"
#include "base/arena.h"
#include "iommu/iommu.h"

#define ARENA_SIZE (1U << 20)
#define INSTANCES 3U
#define MASTERS 8U
#define SIDS 512U

struct fake_domain {
	struct iommu_domain domain;
	unsigned int map_count;
};

enum fake_stream { STREAM_NONE, STREAM_ROOM, STREAM_EMPTY, STREAM_DOMAIN, STREAM_ABORT };

struct fake {
	struct iommu iommu; /* First. */
	bool started;
	bool enabled;
	int start_error;
	int enable_error;
	int add_error;
	unsigned int add_error_count; /* How often it is still returned. */
	int attach_error;
	int empty_error; /* Attaching the empty domain fails for `empty_error_sid`. */
	uint32_t empty_error_sid;
	int domain_error;
	int map_error;
	const char *refusal; /* The reason that a failing start gives. */
	enum fake_stream stream[SIDS];
	struct iommu_domain *attached[SIDS];
	unsigned int starts;
	unsigned int stops;
	unsigned int adds;
	unsigned int attaches;
	unsigned int domains;
};

struct client {
	struct device device; /* First. */
	struct iommu_master master;
};

static void *memory;
static struct iommu_core core;
static struct bind_queue queue;
static struct fake fake[INSTANCES];
static struct client client[MASTERS];
static int bind_result;
static unsigned int bind_count;
static unsigned int unbind_count;

static struct fake *fake_of(struct iommu *iommu)
{
	struct fake *f = (struct fake *)iommu;

	/* Nothing of an instance is ever called before its start. */
	assert_true(f->started);
	return f;
}

static int fake_start(struct iommu *iommu)
{
	struct fake *f = (struct fake *)iommu;

	assert_int_equal(iommu_state(iommu), IOMMU_STARTING);
	/* Between two starts there is a stop. */
	assert_int_equal(f->starts, f->stops);
	f->starts++;
	f->started = true;
	iommu->reason = f->refusal ? f->refusal : iommu->reason;
	return f->start_error;
}

static int fake_enable(struct iommu *iommu)
{
	assert_int_equal(iommu_state(iommu), IOMMU_WALKING);
	fake_of(iommu)->enabled = true;
	return fake_of(iommu)->enable_error;
}

static void fake_stop(struct iommu *iommu)
{
	struct fake *f = fake_of(iommu);

	/* Nobody may start it again, and nobody finds it, before it has stopped. */
	assert_true(iommu_state(iommu) != IOMMU_GONE && iommu_state(iommu) != IOMMU_FAILED);
	assert_int_not_equal(iommu_state(iommu), IOMMU_READY);
	memset(f->stream, 0, sizeof(f->stream));
	f->stops++;
	f->enabled = false;
	f->started = false;
}

static int fake_add_stream(struct iommu *iommu, uint32_t sid)
{
	struct fake *f = fake_of(iommu);

	if (sid >= SIDS) {
		return -ERANGE;
	}
	if (f->add_error_count) {
		f->add_error_count--;
		return f->add_error;
	}
	f->adds++;
	if (f->stream[sid] == STREAM_NONE) {
		f->stream[sid] = STREAM_ROOM;
	}
	return 0;
}

static int fake_attach(struct iommu *iommu, uint32_t sid, struct iommu_domain *domain)
{
	struct fake *f = fake_of(iommu);

	assert_true(sid < SIDS);
	assert_int_not_equal(f->stream[sid], STREAM_NONE);
	assert_true(!domain || domain->iommu == iommu);
	if (f->attach_error && domain) {
		return f->attach_error;
	}
	if (f->empty_error && !domain && sid == f->empty_error_sid) {
		return f->empty_error;
	}
	f->attaches++;
	f->attached[sid] = domain;
	f->stream[sid] = domain ? STREAM_DOMAIN : STREAM_EMPTY;
	return 0;
}

static void fake_quarantine(struct iommu *iommu, uint32_t sid)
{
	if (sid < SIDS) {
		fake_of(iommu)->stream[sid] = STREAM_ABORT;
	}
}

static struct iommu_domain *fake_domain_allocate(struct iommu *iommu)
{
	struct fake *f = fake_of(iommu);
	struct fake_domain *domain = f->domain_error ? NULL : calloc(1, sizeof(*domain));

	if (domain) {
		domain->domain.iommu = iommu;
		f->domains++;
	}
	return domain ? &domain->domain : NULL;
}

static void fake_domain_free(struct iommu_domain *domain)
{
	for (unsigned int sid = 0; sid < SIDS; sid++) {
		assert_ptr_not_equal(fake_of(domain->iommu)->attached[sid], domain);
	}
	fake_of(domain->iommu)->domains--;
	free(domain);
}

static int fake_map(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)
{
	(void)pa;
	(void)size;
	(void)access;
	(void)iova;
	if (fake_of(domain->iommu)->map_error) {
		return fake_of(domain->iommu)->map_error;
	}
	((struct fake_domain *)domain)->map_count++;
	return 0;
}

static int fake_unmap(struct iommu_domain *domain, uint64_t iova, uint64_t size)
{
	(void)iova;
	(void)size;
	if (fake_of(domain->iommu)->map_error) {
		return fake_of(domain->iommu)->map_error;
	}
	((struct fake_domain *)domain)->map_count--;
	return 0;
}

static const struct iommu_ops fake_ops = {
	.start = fake_start,
	.enable = fake_enable,
	.stop = fake_stop,
	.add_stream = fake_add_stream,
	.attach = fake_attach,
	.quarantine = fake_quarantine,
	.domain_allocate = fake_domain_allocate,
	.domain_free = fake_domain_free,
	.map = fake_map,
	.unmap = fake_unmap,
};

static struct iommu_master *master_of(struct device *device)
{
	return &((struct client *)device)->master;
}

static int client_use(struct device *device, const struct driver *driver, unsigned int *cause)
{
	/* The driver is there before its DMA is: whoever looks sees whose it is. */
	assert_ptr_equal(atomic_load(&device->driver), driver);
	return iommu_use(master_of(device), driver->manages_dma, cause);
}

static void client_unuse(struct device *device, const struct driver *driver)
{
	iommu_unuse(master_of(device), driver->manages_dma);
}

static bool client_must_wait(struct device *device, unsigned int cause)
{
	return iommu_must_wait(&core, master_of(device), cause);
}

static const struct device_dma_ops client_dma = {
	.use = client_use, .unuse = client_unuse, .must_wait = client_must_wait};

static int client_bind(struct device *device)
{
	assert_true(client_is_busy(device));
	assert_int_equal(client_core(device), arch_core());
	assert_false(bind_queue_idle(&queue));
	bind_count++;
	return bind_result;
}

/* A device that stops needs its DMA until it has stopped. */
static void client_unbind(struct device *device)
{
	const struct iommu_link *first = &master_of(device)->link[0];

	assert_int_equal(client_state(device), CLIENT_UNBINDING);
	assert_int_equal(fake_of(first->iommu)->stream[first->sid[0]], STREAM_DOMAIN);
	unbind_count++;
}

static const struct driver plain_driver = {.name = "plain", .bind = client_bind, .unbind = client_unbind};
static const struct driver managing_driver = {.name = "managing", .manages_dma = true, .bind = client_bind};

static void unbind_clients(struct iommu_master *master)
{
	for (unsigned int i = 0; i < MASTERS; i++) {
		if (&client[i].master == master) {
			(void)device_unbind(&client[i].device);
		}
	}
}

static int setup(void **state)
{
	static const char *const names[] = {"i0", "i1", "i2"};

	(void)state;
	arch_hooks_reset();
	memory = aligned_alloc(PAGE_SIZE, ARENA_SIZE);
	arena_init(memory, ARENA_SIZE);
	memset(fake, 0, sizeof(fake));
	memset(client, 0, sizeof(client));
	bind_result = 0;
	bind_count = 0;
	unbind_count = 0;
	bind_queue_init(&queue);
	iommu_core_init(&core, &queue);
	iommu_allow(&core, 0x1000000, 0x100000);
	core.unbind = unbind_clients;
	for (unsigned int i = 0; i < INSTANCES; i++) {
		fake[i].iommu.name = names[i];
		fake[i].iommu.ops = &fake_ops;
		assert_int_equal(iommu_describe(&core, &fake[i].iommu), 0);
	}
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < MASTERS; i++) {
		(void)device_unbind(&client[i].device);
	}
	for (unsigned int i = 0; i < INSTANCES; i++) {
		assert_int_equal(fake[i].domains, 0);
	}
	free(memory);
	return 0;
}

/* A master with one stream, known to the core, with a client that is queued. */
static struct iommu_master *add(unsigned int m, unsigned int instance, uint32_t sid)
{
	struct client *c = &client[m];

	assert_int_equal(iommu_master_stream(&c->master, &fake[instance].iommu, sid), 0);
	return &c->master;
}

static void publish(unsigned int m)
{
	struct client *c = &client[m];

	c->master.name = "m";
	c->device.name = "m";
	c->device.candidate = c->device.candidate ? c->device.candidate : &plain_driver;
	c->device.dma = &client_dma;
	device_add(&queue, &c->device);
	assert_int_equal(iommu_master_add(&core, &c->master), 0);
}

static void bind_all(void)
{
	for (unsigned int i = 0; i < MASTERS; i++) {
		if (client[i].device.queue) {
			(void)device_queue(&client[i].device);
		}
	}
	while (bind_queue_work(&queue)) {
	}
}

static int register_instance(unsigned int i)
{
	int error = iommu_register(&fake[i].iommu);

	while (bind_queue_work(&queue)) {
	}
	return error;
}

static enum link_state link(unsigned int m, unsigned int l)
{
	return link_state(&client[m].master.link[l]);
}

/* --- Registration and replay. --- */

static void test_rep_01_registering_one_touches_only_its_masters(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 1, 1);
	add(2, 0, 2);
	for (unsigned int m = 0; m < 3; m++) {
		publish(m);
	}
	/* fake_of() fails the test if anything of instance 1 is called before its own start. */
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link(0, 0), LINK_READY);
	assert_int_equal(link(1, 0), LINK_DESCRIBED);
	assert_int_equal(link(2, 0), LINK_READY);
	assert_int_equal(fake[1].adds, 0);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(link(1, 0), LINK_READY);
}

static void register_in_order(const unsigned int *order, int groups[MASTERS], enum fake_stream streams[INSTANCES][SIDS])
{
	void *nothing = NULL;

	setup(&nothing);
	for (unsigned int m = 0; m < 6; m++) {
		add(m, m % INSTANCES, m / INSTANCES + 4);
		publish(m);
	}
	add(6, 2, 4); /* Shares a stream with master 2. */
	publish(6);
	for (unsigned int i = 0; i < INSTANCES; i++) {
		assert_int_equal(register_instance(order[i]), 0);
	}
	for (unsigned int m = 0; m < 7; m++) {
		assert_int_equal(link(m, 0), LINK_READY);
		groups[m] = iommu_group_id(&client[m].master);
	}
	for (unsigned int i = 0; i < INSTANCES; i++) {
		memcpy(streams[i], fake[i].stream, sizeof(fake[i].stream));
	}
	free(memory);
}

static bool same_partition(const int a[MASTERS], const int b[MASTERS], unsigned int count)
{
	for (unsigned int i = 0; i < count; i++) {
		for (unsigned int k = 0; k < count; k++) {
			if ((a[i] == a[k]) != (b[i] == b[k])) {
				return false;
			}
		}
	}
	return true;
}

static void test_rep_02_every_order_gives_the_same_map(void **state)
{
	static const unsigned int orders[][INSTANCES] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
							 {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
	enum fake_stream first[INSTANCES][SIDS], other[INSTANCES][SIDS];
	int first_groups[MASTERS], other_groups[MASTERS];

	(void)state;
	register_in_order(orders[0], first_groups, first);
	assert_int_equal(first_groups[2], first_groups[6]);
	for (unsigned int i = 1; i < 6; i++) {
		register_in_order(orders[i], other_groups, other);
		assert_memory_equal(first, other, sizeof(first));
		assert_true(same_partition(first_groups, other_groups, 7));
	}
}

static void test_rep_03_second_replay_writes_nothing(void **state)
{
	unsigned int adds, attaches;

	(void)state;
	add(0, 0, 1);
	add(1, 0, 2);
	publish(0);
	publish(1);
	assert_int_equal(register_instance(0), 0);
	adds = fake[0].adds;
	attaches = fake[0].attaches;
	for (int i = 0; i < 3; i++) {
		assert_int_equal(iommu_replay(&fake[0].iommu), 0);
	}
	assert_int_equal(fake[0].adds, adds);
	assert_int_equal(fake[0].attaches, attaches);
	assert_int_equal(iommu_replay(&fake[1].iommu), -EBUSY);
}

static void test_rep_04_late_master_is_probed_once(void **state)
{
	(void)state;
	assert_int_equal(register_instance(0), 0);
	add(0, 0, 3);
	publish(0);
	assert_int_equal(link(0, 0), LINK_READY);
	assert_int_equal(fake[0].adds, 1);
	assert_int_equal(fake[0].stream[3], STREAM_EMPTY);
}

static void test_rep_05_bad_master_is_quarantined_alone(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 0, 5);
	add(1, 0, SIDS + 1);
	add(2, 0, 2);
	for (unsigned int m = 0; m < 3; m++) {
		publish(m);
	}
	bind_all();
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_READY);
	assert_int_equal(master_state(&client[1].master), MASTER_QUARANTINED);
	assert_non_null(client[1].master.reason);
	assert_int_equal(fake[0].stream[5], STREAM_ABORT);
	assert_int_equal(master_state(&client[0].master), MASTER_READY);
	assert_int_equal(master_state(&client[2].master), MASTER_READY);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(client_state(&client[1].device), CLIENT_FAILED);
}

static void test_rep_06_master_without_client_is_configured(void **state)
{
	(void)state;
	add(0, 0, 7);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(fake[0].stream[7], STREAM_EMPTY);
}

static void test_rep_07_out_of_memory_comes_back(void **state)
{
	(void)state;
	add(0, 0, 1);
	publish(0);
	bind_all();
	fake[0].add_error = -ENOMEM;
	fake[0].add_error_count = 2; /* The walk, and the look at what came late. */
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_READY);
	assert_int_equal(link(0, 0), LINK_DESCRIBED);
	assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
	assert_non_null(client[0].master.reason);
	assert_int_equal(iommu_replay(&fake[0].iommu), 0);
	while (bind_queue_work(&queue)) {
	}
	assert_int_equal(link(0, 0), LINK_READY);
	assert_null(client[0].master.reason);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
}

static void test_reg_08_failed_start_leaves_no_footprint(void **state)
{
	struct fake before;

	(void)state;
	add(0, 0, 1);
	add(1, 1, 1);
	publish(0);
	publish(1);
	bind_all();
	assert_int_equal(register_instance(0), 0);
	before = fake[0];
	fake[1].start_error = -EIO;
	fake[1].refusal = "the fake's own reason";
	assert_int_equal(register_instance(1), -EIO);
	assert_memory_equal(&before.stream, &fake[0].stream, sizeof(before.stream));
	assert_int_equal(before.attaches, fake[0].attaches);
	assert_int_equal(iommu_state(&fake[1].iommu), IOMMU_FAILED);
	assert_string_equal(fake[1].iommu.reason, "the fake's own reason");
	assert_int_equal(link(1, 0), LINK_DESCRIBED);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(client_state(&client[1].device), CLIENT_DEFERRED);
}

static void test_rep_09_failed_enable_releases_own_masters(void **state)
{
	(void)state;
	add(0, 1, 1);
	publish(0);
	fake[1].enable_error = -ETIMEDOUT;
	assert_int_equal(register_instance(1), -ETIMEDOUT);
	assert_int_equal(link(0, 0), LINK_DESCRIBED);
	assert_int_equal(iommu_group_id(&client[0].master), -1);
	assert_int_equal(fake[1].stream[1], STREAM_NONE);
	/* FAILED may start again. */
	assert_non_null(fake[1].iommu.reason);
	fake[1].enable_error = 0;
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(link(0, 0), LINK_READY);
	assert_null(fake[1].iommu.reason);
	assert_int_equal(fake[1].iommu.generation, 2);
}

static void test_reg_09_registering_twice_is_refused(void **state)
{
	(void)state;
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(register_instance(0), -EBUSY);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_READY);
}

static void test_rep_09_failed_default_domain_fails_the_instance(void **state)
{
	(void)state;
	for (unsigned int m = 0; m < 3; m++) {
		add(m, 0, m);
		publish(m);
	}
	fake[0].empty_error = -EIO;
	fake[0].empty_error_sid = 1;
	assert_int_equal(register_instance(0), -EIO);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_FAILED);
	assert_false(fake[0].enabled);
	/* One link was READY, the others were on their way: all are back, and their groups are gone. */
	for (unsigned int m = 0; m < 3; m++) {
		assert_int_equal(link(m, 0), LINK_DESCRIBED);
		assert_int_equal(iommu_group_id(&client[m].master), -1);
	}
	fake[0].empty_error = 0;
	assert_int_equal(register_instance(0), 0);
	for (unsigned int m = 0; m < 3; m++) {
		assert_int_equal(link(m, 0), LINK_READY);
	}
}

/* The bad master's range is refused after its first stream had room, which another master has too. */
static void test_rep_05_quarantine_spares_shared_streams(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 0, 1);
	add(1, 0, SIDS);
	publish(0);
	publish(1);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(master_state(&client[1].master), MASTER_QUARANTINED);
	assert_int_equal(master_state(&client[0].master), MASTER_READY);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	/* The same of one that comes late, while the stream is in use. */
	add(2, 0, 1);
	add(2, 0, SIDS);
	publish(2);
	assert_int_equal(master_state(&client[2].master), MASTER_QUARANTINED);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	/* A new start is a new chance, and a new finding. */
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	assert_int_equal(link(1, 0), LINK_DESCRIBED);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link(1, 0), LINK_QUARANTINED);
}

static void probed_by_core_3(const char *point)
{
	if (!strcmp(point, "joined")) {
		arch_hooks.sync_point = NULL;
		assert_int_equal(link(0, 0), LINK_PROBING);
	}
}

static void test_probing_is_seen_whichever_core_does_it(void **state)
{
	(void)state;
	add(0, 0, 1);
	publish(0);
	arch_hooks.core = 3;
	arch_hooks.sync_point = probed_by_core_3;
	assert_int_equal(iommu_register(&fake[0].iommu), 0);
	assert_null(arch_hooks.sync_point);
}

static void test_tables_of_the_core_are_bounded(void **state)
{
	static struct iommu more[IOMMU_INSTANCES_MAX];
	static struct iommu_master masters[IOMMU_MASTERS_MAX + 1];

	(void)state;
	memset(more, 0, sizeof(more));
	memset(masters, 0, sizeof(masters));
	for (unsigned int i = 0; i < IOMMU_INSTANCES_MAX - INSTANCES; i++) {
		assert_int_equal(iommu_describe(&core, &more[i]), 0);
		assert_int_equal(more[i].index, INSTANCES + i);
	}
	assert_int_equal(iommu_describe(&core, &more[IOMMU_INSTANCES_MAX - 1]), -ENOSPC);
	for (unsigned int i = 0; i < IOMMU_LINKS_MAX; i++) {
		assert_int_equal(iommu_master_stream(&client[0].master, &more[i], 1), 0);
	}
	assert_int_equal(iommu_master_stream(&client[0].master, &more[IOMMU_LINKS_MAX], 1), -ENOSPC);
	assert_int_equal(client[0].master.sid_count, IOMMU_LINKS_MAX);
	for (unsigned int m = 0; m < IOMMU_MASTERS_MAX; m++) {
		assert_int_equal(iommu_master_add(&core, &masters[m]), 0);
	}
	assert_int_equal(iommu_master_add(&core, &masters[IOMMU_MASTERS_MAX]), -ENOSPC);
}

/* --- Binding. --- */

static void test_bnd_01_a_device_is_queued_and_bound_once(void **state)
{
	(void)state;
	add(0, 0, 1);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	assert_false(client_is_busy(&client[0].device));
	assert_true(bind_queue_idle(&queue));
	arch_hooks.event_count = 0;
	assert_int_equal(device_queue(&client[0].device), 0);
	/* Cores that sleep for want of work are woken. */
	assert_int_equal(arch_hooks.event_count, 1);
	assert_true(client_is_busy(&client[0].device));
	assert_false(bind_queue_idle(&queue));
	assert_int_equal(device_queue(&client[0].device), -EBUSY);
	arch_hooks.core = 2;
	assert_true(bind_queue_work(&queue));
	assert_false(bind_queue_work(&queue));
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(client[0].device.core, 2);
	assert_int_equal(bind_count, 1);
	assert_true(bind_queue_idle(&queue));
	assert_int_equal(device_queue(&client[0].device), -EBUSY);
	assert_string_equal(client_state_name(client_state(&client[0].device)), "bound");
}

static void test_device_without_dma_or_driver(void **state)
{
	struct device nobodys = {.name = "nobody's"};
	struct device plain = {.name = "plain",
			       .candidate = &(const struct driver){.name = "plain", .bind = client_bind}};

	(void)state;
	device_add(&queue, &nobodys);
	device_add(&queue, &plain);
	assert_int_equal(device_queue(&nobodys), 0);
	assert_int_equal(device_queue(&plain), 0);
	while (bind_queue_work(&queue)) {
	}
	assert_int_equal(client_state(&nobodys), CLIENT_FAILED);
	assert_int_equal(nobodys.error, -ENODEV);
	assert_int_equal(client_state(&plain), CLIENT_BOUND);
	assert_int_equal(device_unbind(&plain), 0);
}

static void test_bnd_06_a_link_without_memory_is_waited_for(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(0, 1, 2);
	publish(0);
	bind_all();
	fake[1].add_error = -ENOMEM;
	fake[1].add_error_count = 2;
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(register_instance(1), 0);
	/* Both instances are READY, one link is not. */
	assert_int_equal(link(0, 0), LINK_READY);
	assert_int_equal(link(0, 1), LINK_DESCRIBED);
	assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
	assert_int_equal(iommu_replay(&fake[1].iommu), 0);
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(fake[1].stream[2], STREAM_DOMAIN);
}

static void test_bnd_09_managing_driver_gives_no_count_back(void **state)
{
	unsigned int cause = 0;

	(void)state;
	add(0, 0, 1);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_use(&client[0].master, false, &cause), 0);
	assert_int_equal(iommu_use(&client[0].master, true, &cause), 0);
	iommu_unuse(&client[0].master, true);
	assert_int_equal(fake[0].stream[1], STREAM_DOMAIN);
	iommu_unuse(&client[0].master, false);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
}

static void test_bnd_03_deferred_names_its_instance_and_is_woken(void **state)
{
	(void)state;
	add(0, 1, 1);
	publish(0);
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
	assert_int_equal(client[0].device.deferrals, 1);
	assert_int_equal(client[0].device.waited_for, 1U << 1);
	/* Another instance's READY is no cause for this client. */
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(client[0].device.deferrals, 1);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(client[0].device.deferrals, 1);
	assert_int_equal(fake[1].stream[1], STREAM_DOMAIN);
}

static void test_bnd_06_both_instances_must_be_ready(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(0, 1, 2);
	publish(0);
	bind_all();
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
	assert_int_equal(client[0].device.waited_for, 1U << 0 | 1U << 1);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	assert_int_equal(master_state(&client[0].master), MASTER_DESCRIBED);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(master_state(&client[0].master), MASTER_READY);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(fake[0].stream[1], STREAM_DOMAIN);
	assert_int_equal(fake[1].stream[2], STREAM_DOMAIN);
}

static struct client *bind_at;

static void bind_in_the_walk(const char *point)
{
	if (bind_at && !strcmp(point, "before ready")) {
		struct client *c = bind_at;

		bind_at = NULL;
		(void)device_queue(&c->device);
		(void)bind_queue_work(&queue);
		assert_int_equal(client_state(&c->device), CLIENT_DEFERRED);
	}
}

static void test_bnd_04_bind_in_the_walk_is_deferred(void **state)
{
	(void)state;
	add(0, 0, 1);
	publish(0);
	bind_at = &client[0];
	arch_hooks.sync_point = bind_in_the_walk;
	assert_int_equal(register_instance(0), 0);
	assert_null(bind_at);
	assert_int_equal(client[0].device.deferrals, 1);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
}

static void test_bnd_08_failed_bind_gives_its_count_back(void **state)
{
	(void)state;
	add(0, 0, 1);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	bind_result = -EIO;
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_FAILED);
	assert_int_equal(client[0].device.error, -EIO);
	assert_null(atomic_load(&client[0].device.driver));
	assert_true(bind_queue_idle(&queue));
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	assert_int_equal(fake[0].domains, 0);
	/* Nobody owns it: it can be claimed. */
	assert_int_equal(iommu_claim(&client[0].master), 0);
}

static void test_bnd_09_managing_driver_takes_no_count(void **state)
{
	(void)state;
	add(0, 0, 1);
	client[0].device.candidate = &managing_driver;
	publish(0);
	assert_int_equal(register_instance(0), 0);
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	assert_int_equal(iommu_claim(&client[0].master), 0);
	assert_int_equal(iommu_claim(&client[0].master), -EBUSY);
	iommu_release_claim(&client[0].master);
	assert_int_equal(iommu_claim(&client[0].master), 0);
}

static void test_bnd_10_claimed_and_owned_exclude_each_other(void **state)
{
	unsigned int cause = 0;

	(void)state;
	add(0, 0, 1);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	bind_all();
	assert_int_equal(iommu_claim(&client[0].master), -EBUSY);
	assert_int_equal(device_unbind(&client[0].device), 0);
	assert_int_equal(iommu_claim(&client[0].master), 0);
	assert_int_equal(iommu_use(&client[0].master, false, &cause), -EBUSY);
}

static void test_bnd_12_unuse_without_use_does_not_underflow(void **state)
{
	unsigned int cause = 0;

	(void)state;
	add(0, 0, 1);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	iommu_unuse(&client[0].master, false);
	assert_int_equal(iommu_use(&client[0].master, false, &cause), 0);
	assert_int_equal(iommu_claim(&client[0].master), -EBUSY);
	iommu_unuse(&client[0].master, false);
	assert_int_equal(iommu_claim(&client[0].master), 0);
}

static void test_use_without_memory_changes_nothing(void **state)
{
	unsigned int cause = 0;

	(void)state;
	add(0, 0, 1);
	add(0, 1, 1);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(register_instance(1), 0);
	fake[1].domain_error = 1;
	assert_int_equal(iommu_use(&client[0].master, false, &cause), -ENOMEM);
	assert_int_equal(fake[0].domains, 0);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	assert_int_equal(iommu_claim(&client[0].master), 0);
}

static void test_failed_attach_falls_back_to_the_empty_domain(void **state)
{
	unsigned int cause = 0;

	(void)state;
	add(0, 0, 1);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	fake[0].attach_error = -EIO;
	assert_int_equal(iommu_use(&client[0].master, false, &cause), -EIO);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	assert_int_equal(fake[0].domains, 0);
}

/* --- Groups. --- */

static void test_grp_01_singletons(void **state)
{
	(void)state;
	for (unsigned int m = 0; m < 3; m++) {
		add(m, 0, m);
		publish(m);
	}
	assert_int_equal(register_instance(0), 0);
	assert_int_not_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[1].master));
	assert_int_not_equal(iommu_group_id(&client[1].master), iommu_group_id(&client[2].master));
}

static void test_grp_02_alias_shares_group_and_domain(void **state)
{
	(void)state;
	add(0, 0, 4);
	add(1, 0, 4);
	publish(0);
	publish(1);
	bind_all();
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[1].master));
	assert_int_equal(fake[0].domains, 1);
	assert_int_equal(device_unbind(&client[0].device), 0);
	assert_int_equal(fake[0].stream[4], STREAM_DOMAIN);
	assert_int_equal(device_unbind(&client[1].device), 0);
	assert_int_equal(fake[0].stream[4], STREAM_EMPTY);
}

static void test_grp_03_duplicate_id_of_one_master(void **state)
{
	(void)state;
	add(0, 0, 5);
	add(0, 0, 5);
	publish(0);
	assert_int_equal(client[0].master.link[0].sid_count, 1);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(fake[0].adds, 1);
	assert_int_equal(fake[0].attaches, 1);
}

static void test_grp_05_streams_of_two_groups_are_refused(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 0, 2);
	add(2, 0, 1);
	add(2, 0, 2);
	for (unsigned int m = 0; m < 3; m++) {
		publish(m);
	}
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(master_state(&client[2].master), MASTER_QUARANTINED);
	/* The first two keep working. */
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	assert_int_equal(fake[0].stream[2], STREAM_EMPTY);
	assert_int_equal(link(0, 0), LINK_READY);
	assert_int_equal(link(1, 0), LINK_READY);
}

static void test_grp_06_same_sid_on_two_instances_is_two_groups(void **state)
{
	(void)state;
	add(0, 0, 5);
	add(1, 1, 5);
	publish(0);
	publish(1);
	bind_all();
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(fake[0].stream[5], STREAM_DOMAIN);
	assert_int_equal(fake[1].stream[5], STREAM_NONE);
	assert_int_equal(register_instance(1), 0);
	assert_int_not_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[1].master));
}

static void test_grp_07_late_alias_gets_the_current_domain(void **state)
{
	unsigned int attaches;

	(void)state;
	add(0, 0, 5);
	publish(0);
	bind_all();
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(fake[0].stream[5], STREAM_DOMAIN);
	attaches = fake[0].attaches;
	add(1, 0, 5);
	publish(1);
	assert_int_equal(link(1, 0), LINK_READY);
	assert_int_equal(fake[0].stream[5], STREAM_DOMAIN);
	/* What the first member has stays untouched. */
	assert_int_equal(fake[0].attaches, attaches + 1);
}

static void test_default_domain_that_fails_late_makes_nobody_ready(void **state)
{
	unsigned int cause = 1;

	(void)state;
	assert_int_equal(register_instance(0), 0);
	fake[0].empty_error = -EIO;
	fake[0].empty_error_sid = 3;
	add(0, 0, 2);
	add(0, 0, 3);
	publish(0);
	assert_int_not_equal(link(0, 0), LINK_READY);
	assert_int_equal(iommu_use(&client[0].master, false, &cause), -DEVICE_DEFER);
	assert_int_equal(cause, 0);
	/* A replay makes good what was lacking. */
	fake[0].empty_error = 0;
	assert_int_equal(iommu_replay(&fake[0].iommu), 0);
	assert_int_equal(link(0, 0), LINK_READY);
	assert_int_equal(iommu_use(&client[0].master, false, &cause), 0);
	iommu_unuse(&client[0].master, false);
}

static void test_every_stream_of_a_master_follows(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(0, 0, 2);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	assert_int_equal(fake[0].stream[2], STREAM_EMPTY);
	bind_all();
	assert_int_equal(fake[0].stream[1], STREAM_DOMAIN);
	assert_int_equal(fake[0].stream[2], STREAM_DOMAIN);
	assert_int_equal(device_unbind(&client[0].device), 0);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	assert_int_equal(fake[0].stream[2], STREAM_EMPTY);
}

static void test_groups_and_streams_come_and_go(void **state)
{
	size_t used = 0;

	(void)state;
	add(0, 0, 0);
	add(1, 0, 0x101); /* In the same bucket as stream 0. */
	add(2, 0, 0);
	add(3, 0, 0x102);
	for (unsigned int m = 0; m < 4; m++) {
		publish(m);
	}
	for (int i = 0; i < 4; i++) {
		assert_int_equal(register_instance(0), 0);
		assert_int_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[2].master));
		for (unsigned int m = 1; m < 4; m++) {
			assert_int_equal(link(m, 0), LINK_READY);
			assert_int_not_equal(iommu_group_id(&client[m].master),
					     iommu_group_id(&client[(m + 1) % 4].master));
		}
		assert_int_not_equal(iommu_group_id(&client[1].master), iommu_group_id(&client[3].master));
		/* Nothing of the last time is left. */
		assert_int_equal(iommu_claim(&client[0].master), 0);
		assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
		assert_int_equal(iommu_group_id(&client[0].master), -1);
		used = used ? used : arena_used();
		assert_int_equal(arena_used(), used);
	}
}

static void test_group_outlives_one_of_its_instances(void **state)
{
	int group;

	(void)state;
	add(0, 0, 1);
	add(0, 1, 2);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(register_instance(1), 0);
	group = iommu_group_id(&client[0].master);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	assert_int_equal(iommu_group_id(&client[0].master), group);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_group_id(&client[0].master), group);
	bind_all();
	assert_int_equal(fake[0].stream[1], STREAM_DOMAIN);
	assert_int_equal(fake[1].stream[2], STREAM_DOMAIN);
}

static void test_rep_07_half_a_join_is_given_back(void **state)
{
	(void)state;
	add(1, 0, 5);
	publish(1);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	while (arena_allocate(8, 8)) {
	}
	/* There is one group and one stream left, and the first master needs two streams. */
	core.master[0] = &client[0].master;
	add(0, 0, 1);
	add(0, 0, 2);
	publish(0);
	core.master[1] = &client[1].master;
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link(0, 0), LINK_DESCRIBED);
	assert_int_equal(iommu_group_id(&client[0].master), -1);
	assert_int_equal(link(1, 0), LINK_READY);
	assert_int_equal(fake[0].stream[5], STREAM_EMPTY);
}

/* The group is owned before its other instance is there. */
static void test_group_that_grows_while_it_is_owned(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 0, 1);
	add(1, 1, 2);
	publish(0);
	publish(1);
	bind_all();
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(client_state(&client[1].device), CLIENT_BOUND);
	assert_int_equal(fake[0].stream[1], STREAM_DOMAIN);
	assert_int_equal(fake[1].stream[2], STREAM_DOMAIN);
	assert_int_equal(iommu_map(&core, &client[0].master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
}

/* Its owner may go on mapping, whether or not anybody binds the master that brought the instance along. */
static void test_group_that_grows_by_a_master_without_client(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 0, 1);
	add(1, 1, 2);
	publish(0);
	publish(1);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(device_queue(&client[0].device), 0);
	assert_true(bind_queue_work(&queue));
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(iommu_map(&core, &client[0].master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
}

/* The first client keeps the group when the other instance leaves, and what the group had there is given back. */
static void test_group_that_shrinks_while_it_is_owned(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 0, 1);
	add(1, 1, 2);
	publish(0);
	publish(1);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(register_instance(1), 0);
	bind_all();
	assert_int_equal(fake[1].domains, 1);
	assert_int_equal(iommu_unregister(&fake[1].iommu), 0);
	assert_int_equal(fake[1].domains, 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(fake[0].stream[1], STREAM_DOMAIN);
	/* And back. */
	assert_int_equal(register_instance(1), 0);
	bind_all();
	assert_int_equal(client_state(&client[1].device), CLIENT_BOUND);
	assert_int_equal(fake[1].stream[2], STREAM_DOMAIN);
}

static void test_group_on_too_many_instances(void **state)
{
	static struct fake more[2];
	unsigned int cause = 0;

	(void)state;
	memset(more, 0, sizeof(more));
	for (unsigned int i = 0; i < 2; i++) {
		more[i].iommu.name = "more";
		more[i].iommu.ops = &fake_ops;
		assert_int_equal(iommu_describe(&core, &more[i].iommu), 0);
	}
	for (unsigned int i = 0; i < INSTANCES; i++) {
		add(0, i, 1);
	}
	assert_int_equal(iommu_master_stream(&client[0].master, &more[0].iommu, 1), 0);
	assert_int_equal(iommu_master_stream(&client[1].master, &more[0].iommu, 1), 0);
	assert_int_equal(iommu_master_stream(&client[1].master, &more[1].iommu, 2), 0);
	publish(0);
	publish(1);
	for (unsigned int i = 0; i < INSTANCES; i++) {
		assert_int_equal(register_instance(i), 0);
	}
	assert_int_equal(iommu_register(&more[0].iommu), 0);
	assert_int_equal(iommu_register(&more[1].iommu), 0);
	assert_int_equal(link(1, 0), LINK_READY);
	assert_int_equal(link(1, 1), LINK_DESCRIBED);
	/* The group keeps working, and the stream that did not fit is free for a group of its own. */
	assert_int_equal(iommu_use(&client[0].master, false, &cause), 0);
	assert_int_equal(fake[0].stream[1], STREAM_DOMAIN);
	assert_int_equal(more[0].stream[1], STREAM_DOMAIN);
	iommu_unuse(&client[0].master, false);
	assert_int_equal(iommu_master_stream(&client[2].master, &more[1].iommu, 2), 0);
	publish(2);
	assert_int_equal(link(2, 0), LINK_READY);
}

/* Master 1 shares stream 5 with master 0, and waits for an instance that comes once the group has an owner. */
static void test_grp_08_a_late_instance_of_an_owned_group_gets_a_domain(void **state)
{
	(void)state;
	add(0, 0, 5);
	add(1, 0, 5);
	add(1, 1, 7);
	publish(0);
	publish(1);
	bind_all();
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(client_state(&client[1].device), CLIENT_DEFERRED);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(client_state(&client[1].device), CLIENT_BOUND);
	assert_int_equal(fake[1].stream[7], STREAM_DOMAIN);
	iommu_allow(&core, 0x80000000, 0x100000);
	assert_int_equal(iommu_map(&core, &client[1].master, 0x1000, 0x80000000, 0x1000, IOMMU_READ), 0);
}

/* And where its domain cannot be had, what the first owner uses stays. */
static void test_grp_08_a_late_owner_that_fails_takes_nothing_away(void **state)
{
	(void)state;
	add(0, 0, 5);
	add(1, 0, 5);
	add(1, 1, 7);
	publish(0);
	publish(1);
	bind_all();
	assert_int_equal(register_instance(0), 0);
	fake[1].domain_error = -ENOMEM;
	assert_int_equal(register_instance(1), 0);
	assert_int_not_equal(client_state(&client[1].device), CLIENT_BOUND);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(fake[0].stream[5], STREAM_DOMAIN);
	assert_int_equal(fake[1].stream[7], STREAM_EMPTY);
}

static void test_streams_are_sorted_by_link(void **state)
{
	const struct iommu_master *master;

	(void)state;
	add(0, 1, 9);
	add(0, 0, 3);
	add(0, 1, 2);
	master = add(0, 0, 1);
	assert_int_equal(master->link_count, 2);
	assert_int_equal(master->link[0].sid[0], 2);
	assert_int_equal(master->link[0].sid[1], 9);
	assert_int_equal(master->link[1].sid[0], 1);
	assert_int_equal(master->link[1].sid[1], 3);
}

static void test_more_streams_than_fit_are_refused(void **state)
{
	(void)state;
	for (uint32_t sid = 0; sid < IOMMU_SIDS_MAX; sid++) {
		add(0, 0, sid);
	}
	assert_int_equal(iommu_master_stream(&client[0].master, &fake[1].iommu, 0), -ENOSPC);
}

/* --- Mapping. --- */

static void test_iso_06_only_allowed_memory_is_mapped(void **state)
{
	struct iommu_master *master = add(0, 0, 1);

	(void)state;
	publish(0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_map(&core, master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), -ENODEV);
	bind_all();
	assert_int_equal(iommu_map(&core, master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_map(&core, master, 0x2000, 0xfff000, 0x1000, IOMMU_READ), -EPERM);
	assert_int_equal(iommu_map(&core, master, 0x2000, 0x10ff000, 0x2000, IOMMU_READ), -EPERM);
	assert_int_equal(iommu_map(&core, master, 0x2000, 0x10ff000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_map(&core, master, 0x2000, ~0ULL - 0xfff, 0x1000, IOMMU_READ), -EPERM);
	assert_int_equal(iommu_map(&core, master, 0x2000, 0x1000000, 0x100000, IOMMU_READ), 0);
	assert_int_equal(iommu_map(&core, master, 0x2000, 0x1000000, 0x101000, IOMMU_READ), -EPERM);
	assert_int_equal(iommu_map(&core, master, 0x2000, 0x1000000, ~0ULL - 0xfff, IOMMU_READ), -EPERM);
	assert_int_equal(iommu_unmap(master, 0x1000, 0x1000), 0);
}

static unsigned int maps(unsigned int instance, uint32_t sid)
{
	return ((const struct fake_domain *)fake[instance].attached[sid])->map_count;
}

static void test_map_is_made_on_every_instance_or_on_none(void **state)
{
	struct iommu_master *master = add(0, 0, 1);

	(void)state;
	add(0, 1, 2);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(register_instance(1), 0);
	bind_all();
	assert_int_equal(iommu_map(&core, master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(maps(0, 1), 1);
	assert_int_equal(maps(1, 2), 1);
	fake[1].map_error = -ENOMEM;
	assert_int_equal(iommu_map(&core, master, 0x2000, 0x1000000, 0x1000, IOMMU_READ), -ENOMEM);
	assert_int_equal(maps(0, 1), 1);
	fake[1].map_error = 0;
	/* An error of one instance neither stops the other one nor is forgotten. */
	fake[0].map_error = -ETIMEDOUT;
	assert_int_equal(iommu_unmap(master, 0x1000, 0x1000), -ETIMEDOUT);
	assert_int_equal(maps(1, 2), 0);
	fake[0].map_error = 0;
	assert_int_equal(iommu_unmap(master, 0x1000, 0x1000), 0);
	assert_int_equal(maps(0, 1), 0);
	/* Without an owner there is no domain to map in. */
	assert_int_equal(device_unbind(&client[0].device), 0);
	assert_int_equal(iommu_map(&core, master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), -ENODEV);
	assert_int_equal(iommu_unmap(master, 0x1000, 0x1000), -ENODEV);
}

static void test_master_without_streams_has_nothing_to_take(void **state)
{
	unsigned int cause = 0;

	(void)state;
	publish(0);
	assert_int_equal(iommu_use(&client[0].master, false, &cause), 0);
	iommu_unuse(&client[0].master, false);
	assert_int_equal(iommu_claim(&client[0].master), -ENODEV);
	assert_int_equal(iommu_map(&core, &client[0].master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), -ENODEV);
	assert_int_equal(iommu_unmap(&client[0].master, 0x1000, 0x1000), -ENODEV);
}

/* --- Leaving. --- */

static void test_tdn_01_unregister_releases_own_masters_alone(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 1, 1);
	publish(0);
	publish(1);
	bind_all();
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_GONE);
	assert_false(fake[0].started);
	assert_int_equal(client_state(&client[0].device), CLIENT_UNBOUND);
	assert_null(atomic_load(&client[0].device.driver));
	assert_int_equal(unbind_count, 1);
	assert_int_equal(link(0, 0), LINK_DESCRIBED);
	assert_int_equal(fake[0].domains, 0);
	assert_int_equal(client_state(&client[1].device), CLIENT_BOUND);
	assert_int_equal(fake[1].stream[1], STREAM_DOMAIN);
	assert_int_equal(iommu_unregister(&fake[0].iommu), -EBUSY);
	/* GONE may start again, and its clients may bind again. */
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
}

static void test_master_of_stream(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 1, 1);
	publish(0);
	publish(1);
	assert_ptr_equal(iommu_master_of(&core, &fake[0].iommu, 1), &client[0].master);
	assert_ptr_equal(iommu_master_of(&core, &fake[1].iommu, 1), &client[1].master);
	assert_null(iommu_master_of(&core, &fake[2].iommu, 1));
	assert_null(iommu_master_of(&core, &fake[0].iommu, 2));
}

/*
 * --- Two cores. ---
 * The second core's work is done whole at one sync point of the first core's, in turn at every one where the first
 * holds no lock, and last after its end.
 */

static struct {
	void (*work)(void);
	unsigned int points; /* That are passed before. */
	unsigned int locks;  /* That the first core holds. */
} second_core;

static int first_result;
static int second_result;

static void meet_second_core(const char *point)
{
	void (*work)(void) = second_core.work;

	if (arch_hooks.core != 0) {
		return;
	}
	second_core.locks -= !strcmp(point, "unlock");
	if (work && !second_core.locks && second_core.points-- == 0) {
		second_core.work = NULL;
		arch_hooks.core = 1;
		work();
		arch_hooks.core = 0;
	}
	second_core.locks += !strcmp(point, "lock");
}

static void in_every_order(void (*prepare)(void), void (*first)(void), void (*second)(void), void (*check)(void))
{
	bool met = true;
	void *nothing = NULL;

	for (unsigned int points = 0; met; points++) {
		setup(&nothing);
		prepare();
		second_core.work = second;
		second_core.points = points;
		second_core.locks = 0;
		arch_hooks.sync_point = meet_second_core;
		first();
		arch_hooks.sync_point = NULL;
		met = !second_core.work;
		if (!met) {
			second();
		}
		while (bind_queue_work(&queue)) {
		}
		assert_true(bind_queue_idle(&queue));
		check();
		teardown(&nothing);
	}
}

static void one_master(void)
{
	add(0, 0, 1);
	publish(0);
}

static void one_ready_master(void)
{
	one_master();
	assert_int_equal(register_instance(0), 0);
}

static void one_bound_client(void)
{
	one_ready_master();
	bind_all();
}

static void check_bound(void)
{
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_READY);
	assert_int_equal(link(0, 0), LINK_READY);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(fake[0].stream[1], STREAM_DOMAIN);
	assert_int_equal(bind_count, 1);
}

static void check_one_won(void)
{
	assert_true(first_result == 0 || second_result == 0);
	assert_int_equal(first_result + second_result, -EBUSY);
}

static void queue_first(void)
{
	first_result = device_queue(&client[0].device);
}

static void queue_second(void)
{
	second_result = device_queue(&client[0].device);
}

static void check_queued_once(void)
{
	check_one_won();
	check_bound();
}

static void test_two_cores_queue_one_client(void **state)
{
	(void)state;
	in_every_order(one_ready_master, queue_first, queue_second, check_queued_once);
}

static void work_once(void)
{
	(void)bind_queue_work(&queue);
}

static void test_two_cores_queue_and_bind(void **state)
{
	(void)state;
	in_every_order(one_ready_master, queue_first, work_once, check_bound);
}

static void two_queued_clients(void)
{
	one_ready_master();
	add(1, 0, 2);
	publish(1);
	assert_int_equal(device_queue(&client[0].device), 0);
	assert_int_equal(device_queue(&client[1].device), 0);
}

static void check_both_bound(void)
{
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(client_state(&client[1].device), CLIENT_BOUND);
	assert_int_equal(bind_count, 2);
}

static void test_two_cores_work_on_one_queue(void **state)
{
	(void)state;
	in_every_order(two_queued_clients, work_once, work_once, check_both_bound);
}

static void unbind_first(void)
{
	first_result = device_unbind(&client[0].device);
}

static void unbind_second(void)
{
	second_result = device_unbind(&client[0].device);
}

static void check_unbound_once(void)
{
	check_one_won();
	assert_int_equal(unbind_count, 1);
	assert_int_equal(client_state(&client[0].device), CLIENT_UNBOUND);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
}

static void test_two_cores_unbind_one_client(void **state)
{
	(void)state;
	in_every_order(one_bound_client, unbind_first, unbind_second, check_unbound_once);
}

static void register_first(void)
{
	first_result = iommu_register(&fake[0].iommu);
}

static void register_second(void)
{
	second_result = iommu_register(&fake[0].iommu);
}

static void gone_instance(void)
{
	one_ready_master();
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
}

static void failed_instance(void)
{
	one_master();
	fake[0].start_error = -EIO;
	assert_int_equal(register_instance(0), -EIO);
	fake[0].start_error = 0;
}

static void check_registered_once(void)
{
	check_one_won();
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_READY);
	assert_int_equal(fake[0].starts, fake[0].stops + 1);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	assert_int_equal(link(0, 0), LINK_READY);
}

static void test_two_cores_register_one_instance(void **state)
{
	(void)state;
	in_every_order(one_master, register_first, register_second, check_registered_once);
	in_every_order(gone_instance, register_first, register_second, check_registered_once);
	in_every_order(failed_instance, register_first, register_second, check_registered_once);
}

static void bind_one(void)
{
	(void)device_queue(&client[0].device);
	(void)bind_queue_work(&queue);
}

/* Whatever the moment at which the client finds its instance not READY, it is woken. */
static void test_no_wake_is_lost(void **state)
{
	(void)state;
	in_every_order(one_master, register_first, bind_one, check_bound);
	in_every_order(one_master, bind_one, register_first, check_bound);
}

static void bad_master(void)
{
	add(0, 0, SIDS);
	publish(0);
}

static void check_failed(void)
{
	assert_int_equal(client_state(&client[0].device), CLIENT_FAILED);
	assert_int_equal(client[0].device.error, -EIO);
}

/* The link is not READY, and never will be: that ends the wait as well. */
static void test_client_of_a_bad_master_does_not_wait(void **state)
{
	(void)state;
	in_every_order(bad_master, register_first, bind_one, check_failed);
	in_every_order(bad_master, bind_one, register_first, check_failed);
}

static void master_on_both(void)
{
	add(0, 0, 1);
	add(0, 1, 2);
	publish(0);
}

static void check_bound_after_the_other(void)
{
	assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
}

static void test_wait_moves_on_to_the_other_instance(void **state)
{
	(void)state;
	in_every_order(master_on_both, register_first, bind_one, check_bound_after_the_other);
	in_every_order(master_on_both, bind_one, register_first, check_bound_after_the_other);
}

static void unknown_master(void)
{
	add(0, 0, 1);
}

static void add_one(void)
{
	assert_int_equal(iommu_master_add(&core, &client[0].master), 0);
}

static void check_probed_once(void)
{
	assert_int_equal(link(0, 0), LINK_READY);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	assert_int_equal(fake[0].adds, 1);
}

static void test_no_late_master_is_lost(void **state)
{
	(void)state;
	in_every_order(unknown_master, register_first, add_one, check_probed_once);
	in_every_order(unknown_master, add_one, register_first, check_probed_once);
}

static void master_without_memory(void)
{
	second_result = 0;
	one_master();
	fake[0].add_error = -ENOMEM;
	fake[0].add_error_count = 2;
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link(0, 0), LINK_DESCRIBED);
}

static void replay_one(void)
{
	assert_int_equal(iommu_replay(&fake[0].iommu), 0);
}

static void test_two_cores_replay_one_instance(void **state)
{
	(void)state;
	in_every_order(master_without_memory, replay_one, replay_one, check_probed_once);
}

static void unregister_first(void)
{
	first_result = iommu_unregister(&fake[0].iommu);
}

static void unregister_second(void)
{
	second_result = iommu_unregister(&fake[0].iommu);
}

static void check_gone(void)
{
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_GONE);
	assert_false(fake[0].started);
	assert_int_equal(fake[0].stops, 1);
	assert_int_equal(fake[0].domains, 0);
	assert_int_equal(link(0, 0), LINK_DESCRIBED);
	assert_int_equal(iommu_group_id(&client[0].master), -1);
	assert_int_not_equal(client_state(&client[0].device), CLIENT_BOUND);
	/* It may come again, and so may its client. */
	assert_int_equal(register_instance(0), 0);
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
}

static void check_gone_once(void)
{
	check_one_won();
	check_gone();
}

/* Where the probe was under way, the instance waited for it in vain, for here it does not go on meanwhile. */
static void check_left_or_stayed(void)
{
	if (second_result == -ETIMEDOUT) {
		check_probed_once();
		return;
	}
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_GONE);
	assert_int_equal(link(0, 0), LINK_DESCRIBED);
	assert_int_equal(iommu_group_id(&client[0].master), -1);
}

static void replay_whatever(void)
{
	(void)iommu_replay(&fake[0].iommu);
}

static void test_replay_while_the_instance_leaves(void **state)
{
	(void)state;
	in_every_order(master_without_memory, unregister_first, replay_whatever, check_left_or_stayed);
	in_every_order(master_without_memory, replay_whatever, unregister_second, check_left_or_stayed);
}

static void test_two_cores_unregister_one_instance(void **state)
{
	(void)state;
	in_every_order(one_bound_client, unregister_first, unregister_second, check_gone_once);
}

static void test_bind_while_the_instance_leaves(void **state)
{
	(void)state;
	in_every_order(one_ready_master, unregister_first, bind_one, check_gone);
}

static void master_on_two_instances(void)
{
	add(0, 0, 1);
	add(0, 1, 2);
	add(1, 1, 2);
	publish(0);
	publish(1);
	bind_all();
}

static void register_other(void)
{
	second_result = iommu_register(&fake[1].iommu);
}

static void check_both_instances(void)
{
	check_both_bound();
	assert_int_equal(first_result, 0);
	assert_int_equal(second_result, 0);
	assert_int_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[1].master));
	assert_int_equal(fake[0].stream[1], STREAM_DOMAIN);
	assert_int_equal(fake[1].stream[2], STREAM_DOMAIN);
	assert_int_equal(fake[0].domains, 1);
	assert_int_equal(fake[1].domains, 1);
}

static void test_two_instances_register_at_once(void **state)
{
	(void)state;
	in_every_order(master_on_two_instances, register_first, register_other, check_both_instances);
}

static void leave_when_the_group_is_found(const char *point)
{
	if (!strcmp(point, "group found")) {
		arch_hooks.sync_point = NULL;
		assert_int_equal(iommu_unregister(&fake[1].iommu), 0);
	}
}

static void test_use_notices_that_the_instance_left(void **state)
{
	unsigned int cause = 0;

	(void)state;
	add(0, 1, 1);
	publish(0);
	assert_int_equal(register_instance(1), 0);
	arch_hooks.sync_point = leave_when_the_group_is_found;
	assert_int_equal(iommu_use(&client[0].master, false, &cause), -DEVICE_DEFER);
	assert_null(arch_hooks.sync_point);
	assert_int_equal(cause, 1);
	assert_int_equal(fake[1].domains, 0);
}

/* Only the first step: LEAVING is published, and the client's unbinding is waited for. */
static void begin_to_leave_when_the_group_is_found(const char *point)
{
	if (!strcmp(point, "group found")) {
		arch_hooks.sync_point = NULL;
		word_store(&fake[1].iommu.state, IOMMU_LEAVING);
	}
}

static void test_use_notices_that_the_instance_leaves(void **state)
{
	unsigned int cause = 0;

	(void)state;
	add(0, 1, 1);
	publish(0);
	assert_int_equal(register_instance(1), 0);
	arch_hooks.sync_point = begin_to_leave_when_the_group_is_found;
	assert_int_equal(iommu_use(&client[0].master, false, &cause), -DEVICE_DEFER);
	assert_null(arch_hooks.sync_point);
	assert_int_equal(cause, 1);
	assert_int_equal(fake[1].domains, 0);
}

/* Groups are used again last first: the two masters have changed theirs. */
static void come_again_when_the_group_is_found(const char *point)
{
	if (!strcmp(point, "group found")) {
		arch_hooks.sync_point = NULL;
		assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
		assert_int_equal(iommu_register(&fake[0].iommu), 0);
	}
}

static void test_use_notices_another_group(void **state)
{
	unsigned int cause = 0;

	(void)state;
	add(0, 0, 1);
	add(1, 0, 2);
	publish(0);
	publish(1);
	assert_int_equal(register_instance(0), 0);
	arch_hooks.sync_point = come_again_when_the_group_is_found;
	assert_int_equal(iommu_use(&client[0].master, false, &cause), -DEVICE_DEFER);
	assert_null(arch_hooks.sync_point);
	assert_int_equal(fake[0].stream[2], STREAM_EMPTY);
	assert_int_equal(iommu_claim(&client[1].master), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_rep_01_registering_one_touches_only_its_masters),
		cmocka_unit_test(test_rep_02_every_order_gives_the_same_map),
		TEST(test_rep_03_second_replay_writes_nothing),
		TEST(test_rep_04_late_master_is_probed_once),
		TEST(test_rep_05_bad_master_is_quarantined_alone),
		TEST(test_rep_06_master_without_client_is_configured),
		TEST(test_rep_07_out_of_memory_comes_back),
		TEST(test_reg_08_failed_start_leaves_no_footprint),
		TEST(test_rep_09_failed_enable_releases_own_masters),
		TEST(test_reg_09_registering_twice_is_refused),
		TEST(test_rep_09_failed_default_domain_fails_the_instance),
		TEST(test_rep_05_quarantine_spares_shared_streams),
		TEST(test_probing_is_seen_whichever_core_does_it),
		TEST(test_tables_of_the_core_are_bounded),
		TEST(test_bnd_01_a_device_is_queued_and_bound_once),
		TEST(test_device_without_dma_or_driver),
		TEST(test_bnd_06_a_link_without_memory_is_waited_for),
		TEST(test_bnd_09_managing_driver_gives_no_count_back),
		TEST(test_bnd_03_deferred_names_its_instance_and_is_woken),
		TEST(test_bnd_06_both_instances_must_be_ready),
		TEST(test_bnd_04_bind_in_the_walk_is_deferred),
		TEST(test_bnd_08_failed_bind_gives_its_count_back),
		TEST(test_bnd_09_managing_driver_takes_no_count),
		TEST(test_bnd_10_claimed_and_owned_exclude_each_other),
		TEST(test_bnd_12_unuse_without_use_does_not_underflow),
		TEST(test_use_without_memory_changes_nothing),
		TEST(test_failed_attach_falls_back_to_the_empty_domain),
		TEST(test_grp_01_singletons),
		TEST(test_grp_02_alias_shares_group_and_domain),
		TEST(test_grp_03_duplicate_id_of_one_master),
		TEST(test_grp_05_streams_of_two_groups_are_refused),
		TEST(test_grp_06_same_sid_on_two_instances_is_two_groups),
		TEST(test_grp_07_late_alias_gets_the_current_domain),
		TEST(test_grp_08_a_late_instance_of_an_owned_group_gets_a_domain),
		TEST(test_grp_08_a_late_owner_that_fails_takes_nothing_away),
		TEST(test_default_domain_that_fails_late_makes_nobody_ready),
		TEST(test_every_stream_of_a_master_follows),
		TEST(test_groups_and_streams_come_and_go),
		TEST(test_group_outlives_one_of_its_instances),
		TEST(test_rep_07_half_a_join_is_given_back),
		TEST(test_group_that_grows_while_it_is_owned),
		TEST(test_group_that_grows_by_a_master_without_client),
		TEST(test_group_that_shrinks_while_it_is_owned),
		TEST(test_group_on_too_many_instances),
		TEST(test_streams_are_sorted_by_link),
		TEST(test_more_streams_than_fit_are_refused),
		TEST(test_iso_06_only_allowed_memory_is_mapped),
		TEST(test_map_is_made_on_every_instance_or_on_none),
		TEST(test_master_without_streams_has_nothing_to_take),
		TEST(test_tdn_01_unregister_releases_own_masters_alone),
		TEST(test_master_of_stream),
		cmocka_unit_test(test_two_cores_queue_one_client),
		cmocka_unit_test(test_two_cores_queue_and_bind),
		cmocka_unit_test(test_two_cores_work_on_one_queue),
		cmocka_unit_test(test_two_cores_unbind_one_client),
		cmocka_unit_test(test_two_cores_register_one_instance),
		cmocka_unit_test(test_no_wake_is_lost),
		cmocka_unit_test(test_client_of_a_bad_master_does_not_wait),
		cmocka_unit_test(test_wait_moves_on_to_the_other_instance),
		cmocka_unit_test(test_no_late_master_is_lost),
		cmocka_unit_test(test_two_cores_replay_one_instance),
		cmocka_unit_test(test_replay_while_the_instance_leaves),
		cmocka_unit_test(test_two_cores_unregister_one_instance),
		cmocka_unit_test(test_bind_while_the_instance_leaves),
		cmocka_unit_test(test_two_instances_register_at_once),
		TEST(test_use_notices_that_the_instance_left),
		TEST(test_use_notices_that_the_instance_leaves),
		TEST(test_use_notices_another_group),
	};

	return cmocka_run_group_tests_name("iommu", tests, NULL, NULL);
}
