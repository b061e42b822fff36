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
#define SIDS 16U

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
	int domain_error;
	enum fake_stream stream[SIDS];
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
	f->started = true;
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

	memset(f->stream, 0, sizeof(f->stream));
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
	f->attaches++;
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
	fake_of(domain->iommu)->domains--;
	free(domain);
}

static int fake_map(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)
{
	(void)pa;
	(void)size;
	(void)access;
	if (iova == 0xbad000) {
		return -EEXIST;
	}
	((struct fake_domain *)domain)->map_count++;
	return 0;
}

static int fake_unmap(struct iommu_domain *domain, uint64_t iova, uint64_t size)
{
	(void)iova;
	(void)size;
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
	(void)device;
	return bind_result;
}

static const struct driver plain_driver = {.name = "plain", .bind = client_bind};
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
	static const unsigned int orders[][INSTANCES] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
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
	assert_int_equal(iommu_replay(&fake[0].iommu), 0);
	while (bind_queue_work(&queue)) {
	}
	assert_int_equal(link(0, 0), LINK_READY);
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
	assert_int_equal(register_instance(1), -EIO);
	assert_memory_equal(&before.stream, &fake[0].stream, sizeof(before.stream));
	assert_int_equal(before.attaches, fake[0].attaches);
	assert_int_equal(iommu_state(&fake[1].iommu), IOMMU_FAILED);
	assert_non_null(fake[1].iommu.reason);
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
	fake[1].enable_error = 0;
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(link(0, 0), LINK_READY);
}

static void test_reg_09_registering_twice_is_refused(void **state)
{
	(void)state;
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(register_instance(0), -EBUSY);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_READY);
}

/* --- Binding. --- */

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
	assert_int_equal(register_instance(1), 0);
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
	(void)state;
	add(0, 0, 5);
	publish(0);
	bind_all();
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(fake[0].stream[5], STREAM_DOMAIN);
	add(1, 0, 5);
	publish(1);
	assert_int_equal(link(1, 0), LINK_READY);
	assert_int_equal(fake[0].stream[5], STREAM_DOMAIN);
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
	assert_int_equal(iommu_unmap(master, 0x1000, 0x1000), 0);
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
	assert_int_equal(client_state(&client[0].device), CLIENT_UNBOUND);
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
		TEST(test_streams_are_sorted_by_link),
		TEST(test_more_streams_than_fit_are_refused),
		TEST(test_iso_06_only_allowed_memory_is_mapped),
		TEST(test_tdn_01_unregister_releases_own_masters_alone),
		TEST(test_master_of_stream),
	};

	return cmocka_run_group_tests_name("iommu", tests, NULL, NULL);
}
