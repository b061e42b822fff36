/* SPDX-License-Identifier: BSD-2-Clause */
/* The guarded core on fake hardware that records its calls. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/arch.h"
#include "base/arena.h"
#include "iommu/iommu.h"

#define ARENA_SIZE (1U << 20)
#define INSTANCES 3U
#define MASTERS 8U
#define MASTERS_MAX 512U
#define SIDS 512U

#define PAGES 512U

struct fake_domain {
	struct iommu_domain domain;
	unsigned int access[PAGES];
	unsigned int map_count;
	uint64_t page[PAGES]; /* IOVAs, and targets. */
	uint64_t leads_to[PAGES];
	unsigned int pages;
};

enum fake_stream { STREAM_NONE, STREAM_ROOM, STREAM_EMPTY, STREAM_DOMAIN, STREAM_ABORT };

struct fake {
	struct iommu_instance iommu; /* First. */
	bool started;
	bool enabled;
	int start_error;
	int enable_error;
	bool raised_at_enable; /* By an interrupt or another core. */
	int add_error;
	unsigned int add_error_count; /* Failures still to come. */
	int attach_error;
	uint32_t attach_error_sid; /* 0: all streams. */
	int empty_error;	   /* Only for `empty_error_sid`. */
	uint32_t empty_error_sid;
	int domain_error;
	int map_error;
	int stop_error;
	int free_error;
	int quarantine_error;
	const char *refusal; /* Of a failing start. */
	enum fake_stream stream[SIDS];
	struct iommu_domain *attached[SIDS];
	unsigned int starts;
	unsigned int stops;
	unsigned int adds;
	unsigned int attaches;
	unsigned int blocked; /* Detaches from a domain. */
	unsigned int domains;
	unsigned int looks; /* Reads of tables. */
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

static struct fake *fake_of(struct iommu_instance *iommu)
{
	struct fake *f = (struct fake *)iommu;

	assert_true(f->started);
	return f;
}

static int fake_start(struct iommu_instance *iommu)
{
	struct fake *f = (struct fake *)iommu;

	assert_int_equal(iommu_state(iommu), IOMMU_STARTING);
	assert_int_equal(f->starts, f->stops);
	f->starts++;
	f->started = true;
	iommu->reason = f->refusal ? f->refusal : iommu->reason;
	return f->start_error;
}

static int fake_enable(struct iommu_instance *iommu)
{
	assert_int_equal(iommu_state(iommu), IOMMU_WALKING);
	fake_of(iommu)->enabled = true;
	if (fake_of(iommu)->raised_at_enable) {
		iommu_raise(iommu);
	}
	return fake_of(iommu)->enable_error;
}

static int fake_stop(struct iommu_instance *iommu)
{
	struct fake *f = fake_of(iommu);

	/* Until stopped, it is not READY and no core may start it. */
	assert_true(iommu_state(iommu) != IOMMU_GONE && iommu_state(iommu) != IOMMU_FAILED);
	assert_int_not_equal(iommu_state(iommu), IOMMU_READY);
	memset(f->stream, 0, sizeof(f->stream));
	f->stops++;
	f->enabled = false;
	f->started = false;
	return f->stop_error;
}

static int fake_add_stream(struct iommu_instance *iommu, uint32_t sid)
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

static int fake_attach(struct iommu_instance *iommu, uint32_t sid, struct iommu_domain *domain)
{
	struct fake *f = fake_of(iommu);

	assert_true(sid < SIDS);
	assert_int_not_equal(f->stream[sid], STREAM_NONE);
	assert_true(!domain || domain->iommu == iommu);
	if (f->attach_error && domain && (!f->attach_error_sid || sid == f->attach_error_sid)) {
		return f->attach_error;
	}
	if (f->empty_error && !domain && sid == f->empty_error_sid) {
		return f->empty_error;
	}
	f->attaches++;
	f->blocked += !domain && f->attached[sid];
	f->attached[sid] = domain;
	f->stream[sid] = domain ? STREAM_DOMAIN : STREAM_EMPTY;
	return 0;
}

static int fake_quarantine(struct iommu_instance *iommu, uint32_t sid)
{
	struct fake *f = fake_of(iommu);

	if (sid < SIDS && !f->quarantine_error) {
		f->stream[sid] = STREAM_ABORT;
	}
	return f->quarantine_error;
}

static struct iommu_domain *fake_domain_allocate(struct iommu_instance *iommu)
{
	struct fake *f = fake_of(iommu);
	struct fake_domain *domain = f->domain_error ? NULL : calloc(1, sizeof(*domain));

	if (domain) {
		domain->domain.iommu = iommu;
		f->domains++;
	}
	return domain ? &domain->domain : NULL;
}

static int fake_domain_free(struct iommu_domain *domain)
{
	int error = fake_of(domain->iommu)->free_error;

	for (unsigned int sid = 0; sid < SIDS; sid++) {
		assert_ptr_not_equal(fake_of(domain->iommu)->attached[sid], domain);
	}
	fake_of(domain->iommu)->domains--;
	free(domain);
	return error;
}

static int fake_translate(const struct iommu_domain *domain, uint64_t iova, uint64_t *pa)
{
	const struct fake_domain *f = (const struct fake_domain *)domain;

	fake_of(domain->iommu)->looks++;
	for (unsigned int i = 0; i < f->pages; i++) {
		if (f->page[i] == iova) {
			*pa = f->leads_to[i];
			return 0;
		}
	}
	return -ENOENT;
}

static bool fake_is_empty(const struct iommu_domain *domain, uint64_t iova, uint64_t size)
{
	const struct fake_domain *f = (const struct fake_domain *)domain;

	fake_of(domain->iommu)->looks++;
	for (unsigned int i = 0; i < f->pages; i++) {
		if (f->page[i] - iova < size) {
			return false;
		}
	}
	return true;
}

static int fake_map(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access)
{
	struct fake_domain *f = (struct fake_domain *)domain;

	if (fake_of(domain->iommu)->map_error) {
		return fake_of(domain->iommu)->map_error;
	}
	for (uint64_t at = iova; at < iova + size; at += PAGE_SIZE) {
		uint64_t ignored;

		if (fake_translate(domain, at, &ignored) == 0) {
			return -EEXIST;
		}
	}
	for (uint64_t at = iova; at < iova + size; at += PAGE_SIZE) {
		assert_true(f->pages < PAGES);
		f->page[f->pages] = at;
		f->access[f->pages] = access;
		f->leads_to[f->pages++] = pa + (at - iova);
	}
	((struct fake_domain *)domain)->map_count++;
	return 0;
}

static int fake_unmap(struct iommu_domain *domain, uint64_t iova, uint64_t size)
{
	struct fake_domain *f = (struct fake_domain *)domain;
	unsigned int kept = 0;
	uint64_t ignored;

	if (fake_of(domain->iommu)->map_error) {
		return fake_of(domain->iommu)->map_error;
	}
	for (uint64_t at = iova; at < iova + size; at += PAGE_SIZE) {
		if (fake_translate(domain, at, &ignored)) {
			return -ENOENT;
		}
	}
	for (unsigned int i = 0; i < f->pages; i++) {
		if (f->page[i] - iova >= size) {
			f->page[kept] = f->page[i];
			f->access[kept] = f->access[i];
			f->leads_to[kept++] = f->leads_to[i];
		}
	}
	f->pages = kept;
	f->map_count--;
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
	.translate = fake_translate,
	.is_empty = fake_is_empty,
};

static struct iommu_master *master_of(struct device *device)
{
	return &((struct client *)device)->master;
}

static int client_use(struct device *device, const struct driver *driver, unsigned int *cause)
{
	/* Driver first, then DMA: other cores see the owner. */
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

static int client_bind(struct device *device, const struct driver *driver)
{
	assert_non_null(driver);
	assert_true(client_is_busy(device));
	assert_int_equal(client_core(device), arch_core());
	assert_false(bind_queue_idle(&queue));
	bind_count++;
	return bind_result;
}

/* A stopping device needs its DMA until it has stopped. */
static void client_unbind(struct device *device)
{
	const struct iommu_link *first = &master_of(device)->link[0];

	assert_int_equal(client_state(device), CLIENT_UNBINDING);
	assert_int_equal(fake_of(first->iommu)->stream[first->sid[0]],
			 link_state(first) == LINK_QUARANTINED ? STREAM_ABORT : STREAM_DOMAIN);
	unbind_count++;
}

static const struct driver plain_driver = {.name = "plain", .bind = client_bind, .unbind = client_unbind};
static const struct driver managing_driver = {.name = "managing", .manages_dma = true, .bind = client_bind};

static int unbind_clients(struct iommu_master *master)
{
	int error = 0;

	for (unsigned int i = 0; i < MASTERS; i++) {
		if (&client[i].master == master) {
			error = device_unbind_wait(&client[i].device, 1000);
		}
	}
	return error;
}

static void rebind_clients(struct iommu_master *master)
{
	device_requeue(&((struct client *)((char *)master - offsetof(struct client, master)))->device);
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
	assert_int_equal(iommu_core_init(&core, &queue, MASTERS_MAX), 0);
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
		iommu_release_claim(&client[i].master);
	}
	for (unsigned int i = 0; i < INSTANCES; i++) {
		assert_int_equal(fake[i].domains, 0);
	}
	free(memory);
	return 0;
}

/* A master with one stream and a queued client. */
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
	if (!device_candidate_name(&c->device)) {
		device_offer(&c->device, &plain_driver);
	}
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
	/* fake_of() fails on calls before instance 1's start. */
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
	assert_non_null(master_reason(&client[1].master));
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
	fake[0].add_error_count = 2;
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_READY);
	assert_int_equal(link(0, 0), LINK_DESCRIBED);
	assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
	assert_non_null(master_reason(&client[0].master));
	assert_int_equal(iommu_replay(&fake[0].iommu), 0);
	while (bind_queue_work(&queue)) {
	}
	assert_int_equal(link(0, 0), LINK_READY);
	assert_null(master_reason(&client[0].master));
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
	assert_int_equal(fake[1].stream[1], STREAM_NONE);
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
	for (unsigned int m = 0; m < 3; m++) {
		assert_int_equal(link(m, 0), LINK_DESCRIBED);
	}
	fake[0].empty_error = 0;
	assert_int_equal(register_instance(0), 0);
	for (unsigned int m = 0; m < 3; m++) {
		assert_int_equal(link(m, 0), LINK_READY);
	}
}

/* The bad master's range is refused after its first stream had room. */
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
	add(2, 0, 1);
	add(2, 0, SIDS);
	publish(2);
	assert_int_equal(master_state(&client[2].master), MASTER_QUARANTINED);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	assert_int_equal(link(1, 0), LINK_DESCRIBED);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link(1, 0), LINK_QUARANTINED);
}

static void probed_by_core_3(const char *point, const void *object)
{
	(void)object;
	if (!strcmp(point, "probed")) {
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
	static struct iommu_instance more[IOMMU_INSTANCES_MAX];
	static struct iommu_master masters[MASTERS_MAX + 1];

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
	for (unsigned int m = 0; m < MASTERS_MAX; m++) {
		assert_int_equal(iommu_master_add(&core, &masters[m]), 0);
	}
	/* No stream and no region is left behind. */
	assert_int_equal(iommu_master_stream(&masters[MASTERS_MAX], &more[0], 77), 0);
	assert_int_equal(iommu_master_region(&masters[MASTERS_MAX], 0x1000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_master_add(&core, &masters[MASTERS_MAX]), -ENOSPC);
	assert_null(iommu_master_of(&core, &more[0], 77));
	assert_int_equal(iommu_master_remove(&core, &masters[7]), 0);
	assert_int_equal(iommu_master_add(&core, &masters[MASTERS_MAX]), 0);
	assert_int_equal(iommu_master_add(&core, &masters[7]), -ENOSPC);
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
	/* This client does not wait for that instance. */
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

static void bind_in_the_walk(const char *point, const void *object)
{
	(void)object;
	if (bind_at && !strcmp(point, "walked")) {
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
	assert_int_equal(iommu_claim(&client[0].master), 0);
}

static void test_bnd_09_managing_driver_takes_no_count(void **state)
{
	(void)state;
	add(0, 0, 1);
	device_offer(&client[0].device, &managing_driver);
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
	assert_int_equal(iommu_claim(&client[0].master), -ENOMEM);
	assert_int_equal(fake[0].domains, 0);
	fake[1].domain_error = 0;
	assert_int_equal(iommu_claim(&client[0].master), 0);
}

static void test_failed_attach_falls_back_to_the_empty_domain(void **state)
{
	unsigned int cause = 0;

	(void)state;
	add(0, 0, 1);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	fake[0].attach_error = -EINVAL;
	assert_int_equal(iommu_use(&client[0].master, false, &cause), -EINVAL);
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

/* It would join two groups, and memory runs out half-way. */
static void test_grp_05_joining_two_groups_fails_half_way(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 1, 2);
	publish(0);
	publish(1);
	while (arena_allocate(8, 8)) {
	}
	add(2, 0, 1);
	add(2, 1, 2);
	add(2, 1, 3);
	assert_int_equal(iommu_master_add(&core, &client[2].master), -ENOMEM);
	assert_int_not_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[1].master));
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(register_instance(0), 0);
	/* Its group has a part on the stream's instance. */
	assert_int_equal(iommu_quarantine(&core, &client[1].master, "on purpose"), 0);
	assert_int_equal(fake[1].stream[2], STREAM_ABORT);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
}

/* Before any registration, they become one group; later, the newcomer is refused. */
static void test_grp_05_a_master_that_joins_two_groups(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 1, 2);
	add(2, 0, 1);
	add(2, 1, 2);
	for (unsigned int m = 0; m < 3; m++) {
		publish(m);
	}
	assert_int_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[2].master));
	assert_int_equal(iommu_group_id(&client[1].master), iommu_group_id(&client[2].master));
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(master_state(&client[2].master), MASTER_READY);
}

static void test_grp_05_streams_of_two_groups_are_refused(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 0, 2);
	publish(0);
	publish(1);
	bind_all();
	assert_int_equal(register_instance(0), 0);
	add(2, 0, 1);
	add(2, 0, 2);
	add(2, 0, 3);
	publish(2);
	bind_all();
	assert_int_equal(master_state(&client[2].master), MASTER_QUARANTINED);
	assert_non_null(strstr(master_reason(&client[2].master), "two groups"));
	assert_int_equal(client_state(&client[2].device), CLIENT_FAILED);
	assert_int_equal(fake[0].stream[1], STREAM_DOMAIN);
	assert_int_equal(fake[0].stream[2], STREAM_DOMAIN);
	assert_int_equal(fake[0].stream[3], STREAM_ABORT);
	assert_int_equal(link(0, 0), LINK_READY);
	assert_int_equal(link(1, 0), LINK_READY);
	/* Accepted when added again while nothing is registered. */
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	assert_int_equal(iommu_master_remove(&core, &client[2].master), 0);
	assert_int_equal(iommu_master_add(&core, &client[2].master), 0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(master_state(&client[2].master), MASTER_READY);
	assert_int_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[1].master));
}

static void test_failed_instance_lets_its_masters_go(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 1, 1);
	publish(0);
	publish(1);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(iommu_fail(&fake[0].iommu, "it broke"), 0);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_FAILED);
	assert_string_equal(fake[0].iommu.reason, "it broke");
	assert_int_equal(link(0, 0), LINK_DESCRIBED);
	assert_int_equal(link(1, 0), LINK_READY);
	assert_int_equal(iommu_fail(&fake[0].iommu, "again"), -EBUSY);
	assert_string_equal(fake[0].iommu.reason, "it broke");
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link(0, 0), LINK_READY);
}

/* --- An instance that fails at work: rule 7. --- */

static void two_at_work(void)
{
	add(0, 0, 1);
	add(1, 1, 1);
	publish(0);
	publish(1);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(register_instance(1), 0);
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
}

/* i0 works again after its end; i1 works throughout. */
static void require_raised_and_mended(void)
{
	unsigned int adds = fake[0].adds;

	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_FAILING);
	assert_int_equal(iommu_state(&fake[1].iommu), IOMMU_READY);
	assert_int_equal(iommu_replay(&fake[0].iommu), -EBUSY);
	assert_int_equal(register_instance(0), -EBUSY);
	assert_int_equal(fake[0].adds, adds);
	assert_int_equal(iommu_map(&core, &client[1].master, 0x7000, 0x1000000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_unmap(&client[1].master, 0x7000, 0x1000), 0);
	fake[0].add_error_count = 0;
	fake[0].attach_error = fake[0].empty_error = fake[0].map_error = 0;
	fake[0].free_error = fake[0].quarantine_error = 0;
	assert_int_equal(iommu_fail(&fake[0].iommu, "it broke"), 0);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_FAILED);
	assert_string_equal(fake[0].iommu.reason, "it broke");
	assert_int_equal(link(0, 0), LINK_DESCRIBED);
	assert_int_equal(client_state(&client[1].device), CLIENT_BOUND);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(master_state(&client[0].master), MASTER_READY);
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
}

static void test_a_late_probe_that_fails_blames_the_instance(void **state)
{
	(void)state;
	two_at_work();
	add(2, 0, 2);
	fake[0].add_error = -EIO;
	fake[0].add_error_count = 1;
	publish(2);
	assert_int_equal(link(2, 0), LINK_DESCRIBED);
	assert_int_equal(master_state(&client[2].master), MASTER_DESCRIBED);
	assert_non_null(strstr(master_reason(&client[2].master), "instance failed"));
	bind_all();
	assert_int_equal(client_state(&client[2].device), CLIENT_DEFERRED);
	require_raised_and_mended();
	assert_int_equal(client_state(&client[2].device), CLIENT_BOUND);
}

static void test_a_bind_that_fails_waits_for_the_instance(void **state)
{
	(void)state;
	two_at_work();
	add(2, 0, 2);
	publish(2);
	fake[0].attach_error = -EIO;
	bind_all();
	assert_int_equal(client_state(&client[2].device), CLIENT_DEFERRED);
	require_raised_and_mended();
	assert_int_equal(client_state(&client[2].device), CLIENT_BOUND);
}

static void test_a_claim_that_fails_may_be_tried_again(void **state)
{
	(void)state;
	two_at_work();
	add(2, 0, 2);
	publish(2);
	fake[0].attach_error = -EIO;
	assert_int_equal(iommu_claim(&client[2].master), -EAGAIN);
	assert_int_equal(fake[0].domains, 1);
	require_raised_and_mended();
	assert_int_equal(device_unbind(&client[2].device), 0);
	assert_int_equal(iommu_claim(&client[2].master), 0);
}

static void test_every_operation_raises_its_instance(void **state)
{
	struct iommu_master *master = &client[0].master;

	(void)state;
	two_at_work();
	assert_int_equal(iommu_map(&core, master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
	fake[0].map_error = -EIO;
	assert_int_equal(iommu_map(&core, master, 0x2000, 0x1000000, 0x1000, IOMMU_READ), -EIO);
	fake[0].map_error = 0;
	assert_int_equal(iommu_map(&core, master, 0x2000, 0x1000000, 0x1000, IOMMU_READ), -EIO);
	assert_int_equal(((struct fake_domain *)fake[0].attached[1])->map_count, 1);
	require_raised_and_mended();

	assert_int_equal(iommu_map(&core, master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
	fake[0].map_error = -EIO;
	assert_int_equal(iommu_unmap(master, 0x1000, 0x1000), -EIO);
	fake[0].map_error = 0;
	/* An address whose invalidation failed is not reused. */
	assert_int_equal(iommu_map(&core, master, 0x1000, 0x1001000, 0x1000, IOMMU_READ), -EIO);
	require_raised_and_mended();

	fake[0].free_error = -EIO;
	assert_int_equal(device_unbind(&client[0].device), 0);
	require_raised_and_mended();

	fake[0].empty_error = -EIO;
	fake[0].empty_error_sid = 1;
	fake[0].attached[1] = NULL;
	assert_int_equal(device_unbind(&client[0].device), 0);
	require_raised_and_mended();
}

static void test_a_quarantine_that_fails_raises_the_instance(void **state)
{
	(void)state;
	two_at_work();
	add(2, 0, 2);
	publish(2);
	fake[0].quarantine_error = -EIO;
	assert_int_equal(iommu_quarantine(&core, &client[2].master, "it storms"), -EIO);
	require_raised_and_mended();
	assert_int_equal(fake[0].stream[2], STREAM_ABORT);
}

static void test_a_removal_that_fails_raises_the_instance(void **state)
{
	(void)state;
	two_at_work();
	add(2, 0, 2);
	publish(2);
	fake[0].empty_error = -EIO;
	fake[0].empty_error_sid = 2;
	assert_int_equal(iommu_master_remove(&core, &client[2].master), 0);
	require_raised_and_mended();
}

static void test_a_walk_that_meets_a_failure_fails_the_registration(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 0, 2);
	publish(0);
	publish(1);
	fake[0].add_error = -EIO;
	fake[0].add_error_count = 1;
	assert_int_equal(register_instance(0), -EIO);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_FAILED);
	assert_int_equal(fake[0].stops, 1);
	assert_int_equal(fake[0].adds, 0);
	assert_int_equal(link(0, 0), LINK_DESCRIBED);
	assert_int_equal(link(1, 0), LINK_DESCRIBED);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	fake[0].empty_error = -EINVAL;
	fake[0].empty_error_sid = 2;
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link(0, 0), LINK_READY);
	assert_int_equal(link(1, 0), LINK_GROUPED);
	fake[0].empty_error = 0;
	assert_int_equal(iommu_replay(&fake[0].iommu), 0);
	assert_int_equal(link(1, 0), LINK_READY);
}

static void test_an_instance_raised_while_it_is_registered_is_never_ready(void **state)
{
	(void)state;
	add(0, 0, 1);
	publish(0);
	bind_all();
	fake[0].raised_at_enable = true;
	assert_int_equal(register_instance(0), -EIO);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_FAILED);
	assert_non_null(fake[0].iommu.reason);
	assert_int_equal(fake[0].stops, 1);
	assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
	fake[0].raised_at_enable = false;
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
}

static void test_an_instance_that_does_not_stop_has_not_gone(void **state)
{
	(void)state;
	add(0, 0, 1);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	fake[0].stop_error = -EIO;
	assert_int_equal(iommu_unregister(&fake[0].iommu), -EIO);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_FAILED);
	assert_non_null(strstr(fake[0].iommu.reason, "did not stop"));
	assert_int_equal(link(0, 0), LINK_DESCRIBED);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_fail(&fake[0].iommu, "it broke"), -EIO);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_FAILED);
	assert_string_equal(fake[0].iommu.reason, "it broke");
	fake[0].stop_error = 0;
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_GONE);
}

static void test_unregistering_what_has_failed_ends_it(void **state)
{
	(void)state;
	two_at_work();
	iommu_raise(&fake[0].iommu);
	assert_int_equal(iommu_unregister(&fake[0].iommu), -EIO);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_FAILED);
	assert_non_null(fake[0].iommu.reason);
	assert_int_equal(client_state(&client[0].device), CLIENT_UNBOUND);
	assert_int_equal(iommu_unregister(&fake[0].iommu), -EBUSY);
	/* An instance that fails while it leaves. */
	assert_int_equal(register_instance(0), 0);
	fake[0].empty_error = -EIO;
	fake[0].empty_error_sid = 1;
	assert_int_equal(iommu_unregister(&fake[0].iommu), -EIO);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_FAILED);
	fake[0].empty_error = 0;
	iommu_raise(&fake[0].iommu);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_FAILED);
	iommu_raise(&fake[2].iommu);
	assert_int_equal(iommu_state(&fake[2].iommu), IOMMU_DESCRIBED);
	assert_int_equal(register_instance(0), 0);
}

static int unbind_raises(struct iommu_master *master)
{
	(void)master;
	iommu_raise(&fake[0].iommu);
	return -ETIMEDOUT;
}

static void test_an_instance_that_fails_as_it_leaves_is_not_ready_again(void **state)
{
	(void)state;
	two_at_work();
	core.unbind = unbind_raises;
	assert_int_equal(iommu_unregister(&fake[0].iommu), -ETIMEDOUT);
	core.unbind = unbind_clients;
	require_raised_and_mended();
	/* An instance that could not be ended in time. */
	core.unbind = unbind_raises;
	assert_int_equal(iommu_fail(&fake[0].iommu, "it broke"), -ETIMEDOUT);
	core.unbind = unbind_clients;
	require_raised_and_mended();
}

/* m0 is on i0 and i1, m1 on i1, where they share a stream. */
static void test_a_group_works_on_without_an_instance_that_failed(void **state)
{
	unsigned int cause = 1;

	(void)state;
	add(0, 0, 1);
	add(0, 1, 2);
	add(1, 1, 2);
	publish(0);
	publish(1);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(register_instance(1), 0);
	iommu_raise(&fake[0].iommu);
	assert_int_equal(iommu_use(&client[0].master, false, &cause), -DEVICE_DEFER);
	assert_int_equal(cause, 0);
	assert_int_equal(iommu_use(&client[1].master, false, &cause), 0);
	assert_int_equal(fake[0].domains, 0);
	assert_int_equal(iommu_map(&core, &client[1].master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_map(&core, &client[0].master, 0x2000, 0x1000000, 0x1000, IOMMU_READ), -EIO);
	/* i0 may translate until it is ended. */
	assert_int_equal(iommu_unmap(&client[1].master, 0x1000, 0x1000), -EIO);
	assert_int_equal(iommu_fail(&fake[0].iommu, "it broke"), 0);
	assert_int_equal(iommu_map(&core, &client[1].master, 0x3000, 0x1000000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_unmap(&client[1].master, 0x3000, 0x1000), 0);
	iommu_unuse(&client[1].master, false);
	/* An instance fails while the owner takes its domains. */
	assert_int_equal(register_instance(0), 0);
	fake[0].attach_error = -EIO;
	assert_int_equal(iommu_use(&client[1].master, false, &cause), 0);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_FAILING);
	iommu_unuse(&client[1].master, false);
	assert_int_equal(fake[0].domains, 0);
	assert_int_equal(fake[1].domains, 0);
}

/* --- The description decides, not what was there before. --- */

static void test_grouping_knows_no_history(void **state)
{
	(void)state;
	/* m0 came with i1, and left. */
	add(0, 0, 5);
	add(0, 1, 6);
	add(1, 0, 5);
	publish(1);
	publish(0);
	assert_int_equal(iommu_master_remove(&core, &client[0].master), 0);
	/* With i1, i2 and two more the group would have five. */
	assert_int_equal(register_instance(1), 0);
	add(2, 0, 9);
	publish(2);
	add(3, 0, 5);
	add(3, 0, 9);
	publish(3);
	assert_null(master_reason(&client[3].master));
	assert_int_equal(iommu_group_id(&client[1].master), iommu_group_id(&client[3].master));
	assert_int_equal(iommu_group_id(&client[2].master), iommu_group_id(&client[3].master));
}

static const struct iommu_group *group_of(unsigned int m)
{
	return pointer_load(&client[m].master.group);
}

static uint32_t at_random(uint32_t *random, uint32_t bound)
{
	*random = *random * 1664525U + 1013904223U;
	return (*random >> 16) % bound;
}

/* Whether two masters share a stream or an isolation. */
static bool hang_together(const struct iommu_master *a, const struct iommu_master *b)
{
	for (unsigned int l = 0; l < a->link_count; l++) {
		for (unsigned int s = 0; s < a->link[l].sid_count; s++) {
			if (iommu_master_emits(b, a->link[l].iommu, a->link[l].sid[s], a->link[l].sid[s])) {
				return true;
			}
		}
	}
	return a->isolation && a->isolation == b->isolation;
}

/* A group's number is the lowest of its present masters. */
static void group_by_hand(const struct iommu_master *masters, const bool *present, unsigned int *group)
{
	for (unsigned int m = 0; m < MASTERS; m++) {
		group[m] = m;
	}
	for (unsigned int round = 0; round < MASTERS; round++) {
		for (unsigned int a = 0; a < MASTERS; a++) {
			for (unsigned int b = 0; b < MASTERS; b++) {
				if (present[a] && present[b] && group[b] < group[a] &&
				    hang_together(&masters[a], &masters[b])) {
					group[a] = group[b];
				}
			}
		}
	}
}

static void assert_groups(const struct iommu_master *masters, const bool *present)
{
	unsigned int group[MASTERS];

	group_by_hand(masters, present, group);
	for (unsigned int a = 0; a < MASTERS; a++) {
		for (unsigned int b = 0; b < a && present[a]; b++) {
			if (present[b]) {
				assert_int_equal(group[a] == group[b],
						 iommu_group_id(&masters[a]) == iommu_group_id(&masters[b]));
			}
		}
	}
}

static void describe_at_random(struct iommu_master *master, uint32_t *random)
{
	*master = (struct iommu_master){.name = "m"};
	for (uint32_t left = 1 + at_random(random, 2); left; left--) {
		assert_int_equal(iommu_master_stream(master, &fake[at_random(random, 2)].iommu, at_random(random, 6)),
				 0);
	}
	master->isolation = at_random(random, 4) == 0 ? 1 + at_random(random, 2) : 0;
}

static void test_groups_are_a_matter_of_who_is_present(void **state)
{
	static struct iommu_master masters[MASTERS];
	bool present[MASTERS] = {false};
	uint32_t random = 1;

	(void)state;
	for (unsigned int step = 0; step < 5000; step++) {
		unsigned int m = at_random(&random, MASTERS);

		if (present[m]) {
			assert_int_equal(iommu_master_remove(&core, &masters[m]), 0);
		} else {
			describe_at_random(&masters[m], &random);
			assert_int_equal(iommu_master_add(&core, &masters[m]), 0);
			assert_null(master_reason(&masters[m]));
		}
		present[m] = !present[m];
		assert_groups(masters, present);
	}
	assert_in_range(core.group_count, 1, MASTERS);
}

static void join_two(bool in_service)
{
	add(0, 0, 1);
	add(1, 0, 2);
	add(2, 0, 1);
	add(2, 0, 2);
	publish(0);
	publish(1);
	publish(2);
	assert_int_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[1].master));
	if (in_service) {
		assert_int_equal(register_instance(0), 0);
	}
	assert_int_equal(iommu_master_remove(&core, &client[2].master), 0);
}

static void assert_apart(void)
{
	assert_int_not_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[1].master));
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_claim(&client[0].master), 0);
	assert_int_equal(iommu_claim(&client[1].master), 0);
	assert_ptr_not_equal(fake[0].attached[1], fake[0].attached[2]);
}

static void test_a_group_in_service_is_told_apart_when_it_ends(void **state)
{
	(void)state;
	join_two(true);
	assert_int_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[1].master));
	assert_int_equal(iommu_claim(&client[0].master), 0);
	assert_int_equal(iommu_claim(&client[1].master), -EBUSY);
	iommu_release_claim(&client[0].master);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	assert_apart();
}

/* A part that no member names would count when the next member needs room. */
static void test_a_group_has_the_parts_of_its_members_alone(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 1, 1);
	add(2, 0, 1);
	add(2, 1, 1);
	publish(0);
	publish(1);
	publish(2);
	assert_int_equal(iommu_master_remove(&core, &client[2].master), 0);
	assert_int_equal(group_of(0)->part_count, 1);
	assert_int_equal(group_of(1)->part_count, 1);
	assert_int_equal(iommu_master_remove(&core, &client[1].master), 0);
	assert_int_equal(iommu_master_add(&core, &client[2].master), 0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(group_of(0)->part_count, 2);
	assert_int_equal(iommu_master_remove(&core, &client[2].master), 0);
	assert_int_equal(group_of(0)->part_count, 1);
}

static void test_a_group_is_told_apart_when_its_instance_fails(void **state)
{
	(void)state;
	join_two(true);
	assert_int_equal(iommu_fail(&fake[0].iommu, "it broke"), 0);
	assert_apart();
}

static void test_no_memory_to_tell_apart(void **state)
{
	(void)state;
	add(3, 1, 1);
	publish(3);
	add(0, 0, 1);
	add(2, 0, 1);
	add(2, 0, 2);
	add(1, 0, 2);
	publish(0);
	publish(2);
	publish(1);
	while (arena_allocate(8, 8)) {
	}
	assert_int_equal(iommu_master_remove(&core, &client[2].master), 0);
	assert_int_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[1].master));
	assert_int_equal(iommu_master_remove(&core, &client[3].master), 0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	assert_apart();
}

static void test_equal_regions_of_two_members_count_once(void **state)
{
	(void)state;
	for (unsigned int m = 0; m < 3; m++) {
		add(m, 0, m == 2 ? 1 : m);
		client[m].master.isolation = 1;
		for (unsigned int r = 0; r < IOMMU_REGIONS_MAX; r++) {
			assert_int_equal(
				iommu_master_region(&client[m].master, 0x10000000 + 0x100000 * r, 0x1000, IOMMU_READ),
				0);
		}
		assert_int_equal(iommu_master_region(&client[m].master, 0x1000, 0x1000, IOMMU_READ), -ENOSPC);
		publish(m);
	}
	assert_null(master_reason(&client[2].master));
	assert_int_equal(group_of(2)->region_count, IOMMU_REGIONS_MAX);
	add(3, 0, 1);
	assert_int_equal(iommu_master_region(&client[3].master, 0x1000, 0x1000, IOMMU_READ), 0);
	publish(3);
	assert_non_null(strstr(master_reason(&client[3].master), "more instances or direct regions"));
}

static void test_a_group_that_is_used_again_holds_nothing(void **state)
{
	const struct iommu_group *gone;

	(void)state;
	add(0, 0, 1);
	add(1, 0, 2);
	assert_int_equal(iommu_master_region(&client[0].master, 0x5000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_master_region(&client[1].master, 0x6000, 0x1000, IOMMU_READ), 0);
	publish(0);
	publish(1);
	gone = group_of(1);
	add(2, 0, 1);
	add(2, 0, 2);
	publish(2);
	assert_ptr_equal(group_of(1), group_of(0));
	assert_int_equal(group_of(0)->region_count, 2);
	add(3, 1, 1);
	publish(3);
	gone = gone == group_of(0) ? group_of(3) : gone;
	assert_ptr_equal(group_of(3), gone);
	assert_int_equal(gone->region_count, 0);
	assert_int_equal(gone->part_count, 1);
	assert_int_equal(gone->owner_count, 0);
	assert_null(gone->claimed_by);
	assert_false(iommu_master_keeps(&client[3].master, 0x5000, 0x2000));
	assert_true(iommu_master_keeps(&client[2].master, 0x5000, 0x1000));
}

/* Rights of the page at `at`; 0: not mapped. */
static unsigned int rights(uint32_t sid, uint64_t at)
{
	const struct fake_domain *in = (const struct fake_domain *)fake[0].attached[sid];

	for (unsigned int i = 0; in && i < in->pages; i++) {
		if (in->page[i] == at) {
			return in->access[i];
		}
	}
	return 0;
}

static void test_regions_that_overlap_have_the_rights_of_both(void **state)
{
	(void)state;
	add(0, 0, 1);
	assert_int_equal(iommu_master_region(&client[0].master, 0x5000, 0x2000, IOMMU_READ), 0);
	assert_int_equal(iommu_master_region(&client[0].master, 0x6000, 0x4000, IOMMU_READ | IOMMU_WRITE), 0);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link(0, 0), LINK_READY);
	assert_int_equal(rights(1, 0x5000), IOMMU_READ);
	assert_int_equal(rights(1, 0x6000), IOMMU_READ | IOMMU_WRITE);
	assert_int_equal(rights(1, 0x7000), IOMMU_READ | IOMMU_WRITE);
	/* Few large maps: pages would take a table for each 2 MiB. */
	assert_int_equal(((const struct fake_domain *)fake[0].attached[1])->map_count, 3);
	add(1, 0, 1);
	assert_int_equal(iommu_master_region(&client[1].master, 0x5000, 0x1000, IOMMU_WRITE), 0);
	publish(1);
	assert_int_equal(link(1, 0), LINK_GROUPED);
	assert_non_null(strstr(master_reason(&client[1].master), "fewer rights"));
	assert_int_equal(rights(1, 0x5000), IOMMU_READ);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link(1, 0), LINK_READY);
	assert_int_equal(rights(1, 0x5000), IOMMU_READ | IOMMU_WRITE);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
}

/* --- Unhappy paths of clients and additions. --- */

static int bind_and_time_out(struct iommu_master *master)
{
	(void)master;
	bind_queue_work(&queue);
	return -ETIMEDOUT;
}

static void test_a_removal_that_comes_to_nothing_takes_no_client_along(void **state)
{
	(void)state;
	add(0, 0, 1);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(device_queue(&client[0].device), 0);
	core.unbind = bind_and_time_out;
	assert_int_equal(iommu_master_remove(&core, &client[0].master), -ETIMEDOUT);
	core.unbind = unbind_clients;
	assert_int_equal(master_state(&client[0].master), MASTER_READY);
	while (bind_queue_work(&queue)) {
	}
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
}

static int unbind_and_time_out(struct iommu_master *master)
{
	assert_int_equal(unbind_clients(master), 0);
	return -ETIMEDOUT;
}

static void test_what_stays_has_its_clients_again(void **state)
{
	(void)state;
	two_at_work();
	assert_int_equal(device_unbind(&client[1].device), 0);
	core.unbind = unbind_and_time_out;
	core.rebind = rebind_clients;
	assert_int_equal(iommu_master_remove(&core, &client[0].master), -ETIMEDOUT);
	assert_int_equal(iommu_master_remove(&core, &client[1].master), -ETIMEDOUT);
	while (bind_queue_work(&queue)) {
	}
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(client_state(&client[1].device), CLIENT_UNBOUND);
	assert_int_equal(iommu_unregister(&fake[0].iommu), -ETIMEDOUT);
	while (bind_queue_work(&queue)) {
	}
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	core.unbind = unbind_clients;
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_UNBOUND);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_UNBOUND);
	assert_int_equal(device_queue(&client[0].device), 0);
	while (bind_queue_work(&queue)) {
	}
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	core.rebind = NULL;
}

static void test_a_failed_client_may_be_queued_again(void **state)
{
	(void)state;
	add(0, 0, 1);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	bind_result = -EIO;
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_FAILED);
	bind_result = 0;
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(client[0].device.error, 0);
}

static void test_a_device_that_is_added_again_begins_anew(void **state)
{
	struct device *device = &client[0].device;

	(void)state;
	add(0, 0, 1);
	publish(0);
	device->waits = DEVICE_DEFERRALS_MAX - 1;
	bind_all();
	assert_int_equal(client_state(device), CLIENT_EXPIRED);
	assert_int_equal(device->deferrals, 1);
	device->error = -EIO;
	assert_int_equal(device_remove(device), 0);
	device_add(&queue, device);
	assert_int_equal(device->deferrals, 0);
	assert_int_equal(device->waited_for, 0);
	assert_int_equal(device->error, 0);
	bind_all();
	assert_int_equal(client_state(device), CLIENT_DEFERRED);
	assert_int_equal(device->waits, 1);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(client_state(device), CLIENT_BOUND);
	assert_int_equal(device->waits, 0);
}

static void test_an_addition_that_fails_keeps_nothing(void **state)
{
	static struct iommu_master many[MASTERS_MAX + 1];

	(void)state;
	memset(many, 0, sizeof(many));
	for (unsigned int m = 0; m <= MASTERS_MAX; m++) {
		assert_int_equal(iommu_master_stream(&many[m], &fake[0].iommu, m / 2), 0);
		assert_int_equal(iommu_master_add(&core, &many[m]), m < MASTERS_MAX ? 0 : -ENOSPC);
	}
	assert_int_equal(iommu_group_id(&many[MASTERS_MAX]), -1);
	assert_int_equal(iommu_master_remove(&core, &many[0]), 0);
	assert_int_equal(iommu_master_add(&core, &many[MASTERS_MAX]), 0);
	assert_int_equal(iommu_master_remove(&core, &many[MASTERS_MAX]), 0);
	/* Memory runs out half-way, with one new stream. */
	assert_int_equal(iommu_master_stream(&many[0], &fake[0].iommu, MASTERS_MAX), 0);
	while (arena_allocate(sizeof(void *), sizeof(void *))) {
	}
	core.free_stream = NULL;
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(iommu_master_add(&core, &many[0]), -ENOMEM);
		assert_int_equal(word_load(&core.master_count), MASTERS_MAX - 1);
		assert_int_equal(iommu_group_id(&many[0]), -1);
	}
	assert_int_equal(iommu_master_remove(&core, &many[1]), 0);
	assert_non_null(core.free_stream);
	assert_null(core.free_stream->next);
}

static void test_grp_05_exclusive_masters_share_with_nobody(void **state)
{
	(void)state;
	client[0].master.exclusive = true;
	client[3].master.exclusive = true;
	add(0, 0, 1);
	add(1, 0, 1);
	add(2, 0, 2);
	add(3, 0, 2);
	for (unsigned int m = 0; m < 4; m++) {
		publish(m);
	}
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(master_state(&client[0].master), MASTER_READY);
	assert_int_equal(master_state(&client[1].master), MASTER_QUARANTINED);
	assert_int_equal(master_state(&client[2].master), MASTER_READY);
	assert_int_equal(master_state(&client[3].master), MASTER_QUARANTINED);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	assert_int_equal(fake[0].stream[2], STREAM_EMPTY);
}

static void test_grp_isolation_makes_a_group(void **state)
{
	(void)state;
	for (unsigned int m = 0; m < 4; m++) {
		add(m, 0, m);
		client[m].master.isolation = m < 2 ? 7 : m == 2 ? 8 : 0;
		publish(m);
	}
	assert_int_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[1].master));
	assert_int_not_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[2].master));
	assert_int_not_equal(iommu_group_id(&client[2].master), iommu_group_id(&client[3].master));
	bind_all();
	assert_int_equal(register_instance(0), 0);
	assert_ptr_equal(fake[0].attached[0], fake[0].attached[1]);
	assert_int_equal(fake[0].domains, 3);
	assert_int_equal(iommu_master_remove(&core, &client[0].master), 0);
	assert_int_equal(fake[0].stream[0], STREAM_EMPTY);
	assert_int_equal(fake[0].stream[1], STREAM_DOMAIN);
}

/* B-23: the switched ones go back; the failed one and those after it stay. */
static void test_grp_09_a_switch_that_fails_at_the_second_of_three(void **state)
{
	unsigned int cause = 0;
	unsigned int attaches;

	(void)state;
	for (unsigned int m = 0; m < 3; m++) {
		add(m, 0, m + 1);
		client[m].master.isolation = 1;
		publish(m);
	}
	assert_int_equal(register_instance(0), 0);
	attaches = fake[0].attaches;
	fake[0].attach_error = -EINVAL;
	fake[0].attach_error_sid = 2;
	assert_int_equal(iommu_use(&client[0].master, false, &cause), -EINVAL);
	assert_int_equal(fake[0].attaches, attaches + 2);
	assert_int_equal(fake[0].blocked, 1);
	for (uint32_t sid = 1; sid <= 3; sid++) {
		assert_int_equal(fake[0].stream[sid], STREAM_EMPTY);
	}
	assert_int_equal(fake[0].domains, 0);
}

/* --- Direct regions. --- */

static const struct fake_domain *domain_of(unsigned int instance, uint32_t sid)
{
	return (const struct fake_domain *)fake[instance].attached[sid];
}

static void test_dir_01_regions_are_mapped_before_anything_is_attached(void **state)
{
	(void)state;
	add(0, 0, 1);
	assert_int_equal(iommu_master_region(&client[0].master, 0, 0x2000, IOMMU_READ), 0);
	assert_int_equal(iommu_master_region(&client[0].master, 0x1000, 0x2000, IOMMU_READ), 0);
	assert_int_equal(iommu_master_region(&client[0].master, 0x1800, 0x1000, IOMMU_READ), -EINVAL);
	assert_int_equal(iommu_master_region(&client[0].master, 0x1000, 0, IOMMU_READ), -EINVAL);
	assert_int_equal(iommu_master_region(&client[0].master, 0xfffffffffffff000, 0x2000, IOMMU_READ), -EINVAL);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(fake[0].stream[1], STREAM_DOMAIN);
	assert_int_equal(domain_of(0, 1)->pages, 3);
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(fake[0].domains, 2);
	assert_int_equal(domain_of(0, 1)->pages, 3);
	/* B-21: back to the regions, never to an empty domain. */
	assert_int_equal(device_unbind(&client[0].device), 0);
	assert_int_equal(domain_of(0, 1)->pages, 3);
	assert_int_equal(iommu_claim(&client[0].master), 0);
	assert_int_equal(domain_of(0, 1)->pages, 3);
	iommu_release_claim(&client[0].master);
	assert_int_equal(iommu_quarantine(&core, &client[0].master, "no"), -EPERM);
	assert_int_equal(iommu_master_remove(&core, &client[0].master), -EPERM);
	assert_int_equal(fake[0].blocked, 0);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	assert_int_equal(fake[0].domains, 0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(domain_of(0, 1)->pages, 3);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
}

static void test_dir_02_late_regions_are_added(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 0, 1);
	publish(0);
	bind_all();
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_master_region(&client[1].master, 0x5000, 0x1000, IOMMU_WRITE), 0);
	publish(1);
	assert_int_equal(domain_of(0, 1)->pages, 1);
	assert_int_equal(device_unbind(&client[0].device), 0);
	assert_int_equal(domain_of(0, 1)->pages, 1);
	add(2, 0, 1);
	assert_int_equal(iommu_master_region(&client[2].master, 0x8000, 0x3000, IOMMU_WRITE), 0);
	publish(2);
	assert_int_equal(domain_of(0, 1)->pages, 4);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
}

static void test_dir_03_regions_without_memory_wait(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 0, 2);
	assert_int_equal(iommu_master_region(&client[0].master, 0x5000, 0x1000, IOMMU_WRITE), 0);
	publish(0);
	publish(1);
	bind_all();
	fake[0].domain_error = 1;
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link(0, 0), LINK_GROUPED);
	assert_int_equal(link(1, 0), LINK_READY);
	assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
	fake[0].domain_error = 0;
	assert_int_equal(iommu_replay(&fake[0].iommu), 0);
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(device_unbind(&client[0].device), 0);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
}

/* --- Coming, going, and being put away. --- */

static void test_con_10_a_master_comes_and_goes(void **state)
{
	(void)state;
	add(0, 0, 1);
	assert_int_equal(iommu_master_remove(&core, &client[0].master), -EBUSY);
	publish(0);
	assert_int_equal(iommu_master_add(&core, &client[0].master), -EBUSY);
	bind_all();
	assert_int_equal(register_instance(0), 0);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
		assert_int_equal(device_remove(&client[0].device), -EBUSY);
		assert_int_equal(iommu_master_remove(&core, &client[0].master), 0);
		assert_int_equal(client_state(&client[0].device), CLIENT_UNBOUND);
		assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
		assert_int_equal(iommu_group_id(&client[0].master), -1);
		assert_null(iommu_master_of(&core, &fake[0].iommu, 1));
		assert_int_equal(iommu_master_remove(&core, &client[0].master), -EBUSY);
		assert_int_equal(device_remove(&client[0].device), 0);
		assert_int_equal(device_remove(&client[0].device), -EBUSY);
		assert_int_equal(device_queue(&client[0].device), -EBUSY);
		device_add(&queue, &client[0].device);
		bind_all();
		assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
		assert_int_equal(iommu_master_add(&core, &client[0].master), 0);
		bind_all();
	}
}

/* B-17b: the duplicate goes; the neighbour stays. */
static void test_grp_04_a_removed_duplicate_takes_nobody_along(void **state)
{
	(void)state;
	add(0, 0, 5);
	add(0, 0, 5);
	add(1, 0, 6);
	publish(0);
	publish(1);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_master_remove(&core, &client[0].master), 0);
	assert_null(iommu_master_of(&core, &fake[0].iommu, 5));
	assert_ptr_equal(iommu_master_of(&core, &fake[0].iommu, 6), &client[1].master);
}

static void test_a_master_that_does_not_behave_is_put_away(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(0, 0, 2);
	add(1, 0, 2);
	assert_int_equal(iommu_quarantine(&core, &client[0].master, "it storms"), -EBUSY);
	publish(0);
	publish(1);
	bind_all();
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_quarantine(&core, &client[0].master, "it storms"), 0);
	assert_int_equal(master_state(&client[0].master), MASTER_QUARANTINED);
	assert_string_equal(master_reason(&client[0].master), "it storms");
	assert_int_equal(fake[0].stream[1], STREAM_ABORT);
	/* Shared with the other one. */
	assert_int_equal(fake[0].stream[2], STREAM_DOMAIN);
	assert_int_equal(device_unbind(&client[0].device), 0);
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_FAILED);
	/* Permanent: a new registration keeps it; a new master does not have it. */
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link(0, 0), LINK_QUARANTINED);
	assert_int_equal(fake[0].stream[1], STREAM_ABORT);
	assert_int_equal(iommu_master_remove(&core, &client[0].master), 0);
	assert_int_equal(iommu_master_add(&core, &client[0].master), 0);
	assert_int_equal(link(0, 0), LINK_READY);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
}

static void test_a_client_that_waits_for_memory_is_told_of_the_quarantine(void **state)
{
	(void)state;
	add(0, 0, 1);
	publish(0);
	bind_all();
	fake[0].add_error = -ENOMEM;
	fake[0].add_error_count = 2;
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
	assert_int_equal(iommu_quarantine(&core, &client[0].master, "it storms"), 0);
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_FAILED);
	assert_int_equal(client[0].device.error, -EIO);
}

/* --- The end of all waiting. --- */

static void test_bnd_02_waiting_ends_closed(void **state)
{
	(void)state;
	add(0, 0, 1);
	publish(0);
	bind_all();
	assert_int_equal(bind_queue_expire(&queue), 1);
	assert_int_equal(bind_queue_expire(&queue), 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_EXPIRED);
	assert_string_equal(client_state_name(CLIENT_EXPIRED), "deferred");
	assert_int_equal(client[0].device.waited_for, 1);
	assert_int_equal(register_instance(0), 0);
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_EXPIRED);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
}

static void test_bnd_02_a_driver_that_defers_for_ever(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 0, 2);
	publish(0);
	publish(1);
	assert_int_equal(register_instance(0), 0);
	bind_result = -DEVICE_DEFER;
	assert_int_equal(device_queue(&client[0].device), 0);
	assert_true(bind_queue_work(&queue));
	assert_false(bind_queue_work(&queue));
	assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
	assert_int_equal(client[0].device.deferrals, 1);
	assert_int_equal(client[0].device.waited_for, 0);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	for (unsigned int i = 2; i <= DEVICE_DEFERRALS_MAX; i++) {
		bind_result = 0;
		assert_int_equal(device_queue(&client[1].device), 0);
		assert_true(bind_queue_work(&queue));
		bind_result = -DEVICE_DEFER;
		assert_true(bind_queue_work(&queue));
		assert_int_equal(client[0].device.deferrals, i);
		assert_int_equal(device_unbind(&client[1].device), 0);
	}
	assert_int_equal(client_state(&client[0].device), CLIENT_EXPIRED);
	assert_false(bind_queue_work(&queue));
}

static void test_con_02_what_was_offered_meanwhile_is_for_the_next_time(void **state)
{
	(void)state;
	add(0, 0, 1);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	bind_all();
	device_offer(&client[0].device, &managing_driver);
	assert_string_equal(device_candidate_name(&client[0].device), "managing");
	assert_int_equal(device_unbind(&client[0].device), 0);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	device_offer(&client[0].device, NULL);
	assert_null(device_candidate_name(&client[0].device));
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_FAILED);
}

static void test_describing_twice_is_refused(void **state)
{
	(void)state;
	assert_int_equal(iommu_describe(&core, &fake[1].iommu), -EEXIST);
	assert_int_equal(core.instance_count, INSTANCES);
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
	assert_int_equal(fake[0].attaches, attaches + 1);
}

static void test_default_domain_that_fails_late_makes_nobody_ready(void **state)
{
	unsigned int cause = 1;

	(void)state;
	assert_int_equal(register_instance(0), 0);
	fake[0].empty_error = -EINVAL;
	fake[0].empty_error_sid = 3;
	add(0, 0, 2);
	add(0, 0, 3);
	publish(0);
	assert_int_not_equal(link(0, 0), LINK_READY);
	assert_int_equal(iommu_use(&client[0].master, false, &cause), -DEVICE_DEFER);
	assert_int_equal(cause, 0);
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
	add(1, 0, 0x101); /* In the bucket of stream 0. */
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
		assert_int_equal(iommu_claim(&client[0].master), 0);
		iommu_release_claim(&client[0].master);
		assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
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

static void test_rep_07_half_an_arrival_is_given_back(void **state)
{
	(void)state;
	add(1, 0, 5);
	publish(1);
	assert_int_equal(iommu_master_remove(&core, &client[1].master), 0);
	while (arena_allocate(8, 8)) {
	}
	/* One group and stream are left; the first master needs two streams. */
	add(0, 0, 1);
	add(0, 0, 2);
	assert_int_equal(iommu_master_add(&core, &client[0].master), -ENOMEM);
	assert_int_equal(iommu_group_id(&client[0].master), -1);
	assert_int_equal(iommu_master_add(&core, &client[1].master), 0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link(1, 0), LINK_READY);
	assert_int_equal(fake[0].stream[5], STREAM_EMPTY);
	assert_int_equal(fake[0].adds, 1);
}

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

/* The leaving instance's part is given back. */
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
	assert_int_equal(link(1, 0), LINK_QUARANTINED);
	assert_int_equal(link(1, 1), LINK_QUARANTINED);
	assert_non_null(strstr(master_reason(&client[1].master), "more instances"));
	/* The stream that did not fit gets its own group. */
	assert_int_equal(iommu_use(&client[0].master, false, &cause), 0);
	assert_int_equal(fake[0].stream[1], STREAM_DOMAIN);
	assert_int_equal(more[0].stream[1], STREAM_DOMAIN);
	iommu_unuse(&client[0].master, false);
	assert_int_equal(iommu_master_stream(&client[2].master, &more[1].iommu, 2), 0);
	publish(2);
	assert_int_equal(link(2, 0), LINK_READY);
}

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

/* The second member's other instance has no domain to give. */
static void own_a_group_without_its_second_domain(void)
{
	add(0, 0, 5);
	add(1, 0, 5);
	add(1, 1, 7);
	publish(0);
	publish(1);
	bind_all();
	assert_int_equal(register_instance(0), 0);
	fake[1].domain_error = -ENOMEM;
	assert_int_equal(register_instance(1), 0);
}

static void test_grp_08_a_late_owner_that_fails_takes_nothing_away(void **state)
{
	(void)state;
	own_a_group_without_its_second_domain();
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
	assert_int_equal(iommu_map(&core, master, 0x4000, 0x1000000, 0x100000, IOMMU_READ), 0);
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
	fake[0].map_error = -ETIMEDOUT;
	assert_int_equal(iommu_unmap(master, 0x1000, 0x1000), -ETIMEDOUT);
	assert_int_equal(maps(1, 2), 0);
	fake[0].map_error = 0;
	assert_int_equal(iommu_unmap(master, 0x1000, 0x1000), 0);
	assert_int_equal(maps(0, 1), 0);
	assert_int_equal(device_unbind(&client[0].device), 0);
	assert_int_equal(iommu_map(&core, master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), -ENODEV);
	assert_int_equal(iommu_unmap(master, 0x1000, 0x1000), -ENODEV);
}

/* The late domain lacks the earlier maps. */
static void test_unmap_where_one_instance_came_late(void **state)
{
	struct iommu_master *master = add(0, 0, 1);

	(void)state;
	add(1, 0, 1);
	add(1, 1, 2);
	publish(0);
	publish(1);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_claim(master), 0);
	assert_int_equal(iommu_map(&core, master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(fake[1].stream[2], STREAM_DOMAIN);
	assert_int_equal(iommu_map(&core, master, 0x2000, 0x1001000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_map(&core, master, 0x3000, 0x1002000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_unmap(master, 0x2000, 0x1000), 0);
	assert_int_equal(iommu_unmap(master, 0x2000, 0x1000), -ENOENT);
	assert_int_equal(iommu_unmap(master, 0x1000, 0x1000), 0);
	assert_int_equal(iommu_map(&core, master, 0x2000, 0x1001000, 0x1000, IOMMU_READ), 0);
	iommu_release_claim(master);
	assert_int_equal(iommu_unregister(&fake[1].iommu), 0);
	assert_int_equal(iommu_claim(master), 0);
	assert_int_equal(iommu_map(&core, master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(iommu_map(&core, master, 0x2000, 0x1001000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_unmap(master, 0x1000, 0x2000), -ENOENT);
	iommu_release_claim(master);
}

static void test_unmapping_a_huge_hole_takes_few_looks(void **state)
{
	struct iommu_master *master = add(0, 0, 1);

	(void)state;
	add(0, 1, 2);
	publish(0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_claim(master), -EAGAIN);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(iommu_claim(master), 0);
	fake[0].looks = 0;
	fake[1].looks = 0;
	assert_int_equal(iommu_unmap(master, 0x1000, 1ULL << 47), -ENOENT);
	assert_in_range(fake[0].looks + fake[1].looks, 1, 4);
	iommu_release_claim(master);
}

/* An instance's link was accepted without a domain there. */
static void test_a_late_domain_takes_everybody(void **state)
{
	unsigned int cause = 0;

	(void)state;
	own_a_group_without_its_second_domain();
	assert_int_equal(fake[1].stream[7], STREAM_EMPTY);
	fake[1].domain_error = 0;
	add(2, 0, 5);
	add(2, 1, 8);
	publish(2);
	assert_int_equal(fake[1].stream[8], STREAM_DOMAIN);
	assert_int_equal(iommu_use(&client[1].master, false, &cause), 0);
	assert_int_equal(fake[1].stream[7], STREAM_DOMAIN);
	iommu_unuse(&client[1].master, false);
}

static void test_a_fallback_is_switched_to_again(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(1, 0, 1);
	add(1, 0, 2);
	publish(0);
	publish(1);
	assert_int_equal(register_instance(0), 0);
	fake[0].attach_error = -EINVAL;
	fake[0].attach_error_sid = 2;
	add(2, 0, 1);
	assert_int_equal(iommu_master_region(&client[2].master, 0x5000, 0x1000, IOMMU_WRITE), 0);
	publish(2);
	assert_int_equal(link(2, 0), LINK_GROUPED);
	fake[0].attach_error = 0;
	assert_int_equal(iommu_replay(&fake[0].iommu), 0);
	assert_int_equal(link(2, 0), LINK_READY);
	assert_int_equal(fake[0].stream[1], STREAM_DOMAIN);
	assert_int_equal(fake[0].stream[2], STREAM_DOMAIN);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
}

/* A region leads to itself: its master waits for an owner's map, and no owner removes the region. */
static void test_a_direct_region_and_an_owners_maps(void **state)
{
	struct iommu_master *owner = add(0, 0, 1);

	(void)state;
	publish(0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_claim(owner), 0);
	assert_int_equal(iommu_map(&core, owner, 0x5000, 0x1000000, 0x1000, IOMMU_READ | IOMMU_WRITE), 0);
	add(1, 0, 1);
	assert_int_equal(iommu_master_region(&client[1].master, 0x4000, 0x2000, IOMMU_READ | IOMMU_WRITE), 0);
	publish(1);
	assert_int_equal(link(1, 0), LINK_GROUPED);
	assert_int_equal(iommu_replay(&fake[0].iommu), 0);
	assert_int_equal(link(1, 0), LINK_GROUPED);
	assert_int_equal(iommu_unmap(owner, 0x5000, 0x1000), 0);
	assert_int_equal(iommu_map(&core, owner, 0x5000, 0x1000000, 0x1000, IOMMU_READ | IOMMU_WRITE), 0);
	iommu_release_claim(owner);
	assert_int_equal(iommu_replay(&fake[0].iommu), 0);
	assert_int_equal(link(1, 0), LINK_READY);
	assert_int_equal(iommu_claim(owner), 0);
	assert_int_equal(iommu_unmap(owner, 0x5000, 0x1000), -EPERM);
	assert_int_equal(iommu_unmap(owner, 0x3000, 0x2000), -EPERM);
	assert_int_equal(iommu_map(&core, owner, 0x6000, 0x1000000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_unmap(owner, 0x6000, 0x1000), 0);
	iommu_release_claim(owner);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
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

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_grp_05_a_master_that_joins_two_groups),
		TEST(test_grp_05_joining_two_groups_fails_half_way),
		TEST(test_grp_05_exclusive_masters_share_with_nobody),
		TEST(test_grp_isolation_makes_a_group),
		TEST(test_grp_09_a_switch_that_fails_at_the_second_of_three),
		TEST(test_dir_01_regions_are_mapped_before_anything_is_attached),
		TEST(test_dir_02_late_regions_are_added),
		TEST(test_dir_03_regions_without_memory_wait),
		TEST(test_con_10_a_master_comes_and_goes),
		TEST(test_grp_04_a_removed_duplicate_takes_nobody_along),
		TEST(test_a_master_that_does_not_behave_is_put_away),
		TEST(test_a_client_that_waits_for_memory_is_told_of_the_quarantine),
		TEST(test_bnd_02_waiting_ends_closed),
		TEST(test_bnd_02_a_driver_that_defers_for_ever),
		TEST(test_con_02_what_was_offered_meanwhile_is_for_the_next_time),
		TEST(test_describing_twice_is_refused),
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
		TEST(test_rep_07_half_an_arrival_is_given_back),
		TEST(test_group_that_grows_while_it_is_owned),
		TEST(test_group_that_grows_by_a_master_without_client),
		TEST(test_group_that_shrinks_while_it_is_owned),
		TEST(test_group_on_too_many_instances),
		TEST(test_streams_are_sorted_by_link),
		TEST(test_more_streams_than_fit_are_refused),
		TEST(test_iso_06_only_allowed_memory_is_mapped),
		TEST(test_map_is_made_on_every_instance_or_on_none),
		TEST(test_unmap_where_one_instance_came_late),
		TEST(test_unmapping_a_huge_hole_takes_few_looks),
		TEST(test_a_late_domain_takes_everybody),
		TEST(test_a_fallback_is_switched_to_again),
		TEST(test_a_direct_region_and_an_owners_maps),
		TEST(test_master_without_streams_has_nothing_to_take),
		TEST(test_tdn_01_unregister_releases_own_masters_alone),
		TEST(test_failed_instance_lets_its_masters_go),
		TEST(test_grouping_knows_no_history),
		TEST(test_groups_are_a_matter_of_who_is_present),
		TEST(test_a_group_in_service_is_told_apart_when_it_ends),
		TEST(test_a_group_has_the_parts_of_its_members_alone),
		TEST(test_a_group_is_told_apart_when_its_instance_fails),
		TEST(test_no_memory_to_tell_apart),
		TEST(test_equal_regions_of_two_members_count_once),
		TEST(test_a_group_that_is_used_again_holds_nothing),
		TEST(test_regions_that_overlap_have_the_rights_of_both),
		TEST(test_a_removal_that_comes_to_nothing_takes_no_client_along),
		TEST(test_what_stays_has_its_clients_again),
		TEST(test_a_failed_client_may_be_queued_again),
		TEST(test_a_device_that_is_added_again_begins_anew),
		TEST(test_an_addition_that_fails_keeps_nothing),
		TEST(test_a_late_probe_that_fails_blames_the_instance),
		TEST(test_a_bind_that_fails_waits_for_the_instance),
		TEST(test_a_claim_that_fails_may_be_tried_again),
		TEST(test_every_operation_raises_its_instance),
		TEST(test_a_quarantine_that_fails_raises_the_instance),
		TEST(test_a_removal_that_fails_raises_the_instance),
		TEST(test_a_walk_that_meets_a_failure_fails_the_registration),
		TEST(test_an_instance_raised_while_it_is_registered_is_never_ready),
		TEST(test_an_instance_that_does_not_stop_has_not_gone),
		TEST(test_unregistering_what_has_failed_ends_it),
		TEST(test_an_instance_that_fails_as_it_leaves_is_not_ready_again),
		TEST(test_a_group_works_on_without_an_instance_that_failed),
		TEST(test_master_of_stream),
	};

	return cmocka_run_group_tests_name("iommu", tests, NULL, NULL);
}
