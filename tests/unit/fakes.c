/* SPDX-License-Identifier: BSD-2-Clause */
#include "fakes.h"

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

#define FAKE_MEMORY_SIZE (1U << 20)

void *fake_memory;
struct iommu_core fake_core;
struct bind_queue fake_queue;
struct fake fake[INSTANCES];
struct client client[MASTERS];
int bind_result;
unsigned int bind_count;
unsigned int unbind_count;

struct fake *fake_of(struct iommu_instance *iommu)
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

const struct iommu_ops fake_ops = {
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
	return iommu_must_wait(&fake_core, master_of(device), cause);
}

static const struct device_dma_ops client_dma = {
	.use = client_use, .unuse = client_unuse, .must_wait = client_must_wait};

int client_bind(struct device *device, const struct driver *driver)
{
	assert_non_null(driver);
	assert_true(client_is_busy(device));
	assert_int_equal(client_core(device), arch_core());
	assert_false(bind_queue_idle(&fake_queue));
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
const struct driver managing_driver = {.name = "managing", .manages_dma = true, .bind = client_bind};

int unbind_clients(struct iommu_master *master)
{
	int error = 0;

	for (unsigned int i = 0; i < MASTERS; i++) {
		if (&client[i].master == master) {
			error = device_unbind_wait(&client[i].device, 1000);
		}
	}
	return error;
}

void rebind_clients(struct iommu_master *master)
{
	device_requeue(&((struct client *)((char *)master - offsetof(struct client, master)))->device);
}

int fake_setup(void **state)
{
	static const char *const names[] = {"i0", "i1", "i2"};

	(void)state;
	arch_hooks_reset();
	fake_memory = aligned_alloc(PAGE_SIZE, FAKE_MEMORY_SIZE);
	arena_init(fake_memory, FAKE_MEMORY_SIZE);
	memset(fake, 0, sizeof(fake));
	memset(client, 0, sizeof(client));
	bind_result = 0;
	bind_count = 0;
	unbind_count = 0;
	bind_queue_init(&fake_queue);
	assert_int_equal(iommu_core_init(&fake_core, &fake_queue, FAKE_MASTERS_MAX), 0);
	iommu_allow(&fake_core, 0x1000000, 0x100000);
	fake_core.unbind = unbind_clients;
	for (unsigned int i = 0; i < INSTANCES; i++) {
		fake[i].iommu.name = names[i];
		fake[i].iommu.ops = &fake_ops;
		assert_int_equal(iommu_describe(&fake_core, &fake[i].iommu), 0);
	}
	return 0;
}

int fake_teardown(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < MASTERS; i++) {
		(void)device_unbind(&client[i].device);
		iommu_release_claim(&client[i].master);
	}
	for (unsigned int i = 0; i < INSTANCES; i++) {
		assert_int_equal(fake[i].domains, 0);
	}
	free(fake_memory);
	return 0;
}

/* A master with one stream and a queued client. */
struct iommu_master *add(unsigned int m, unsigned int instance, uint32_t sid)
{
	struct client *c = &client[m];

	assert_int_equal(iommu_master_stream(&c->master, &fake[instance].iommu, sid), 0);
	return &c->master;
}

void publish(unsigned int m)
{
	struct client *c = &client[m];

	c->master.name = "m";
	c->device.name = "m";
	if (!device_candidate_name(&c->device)) {
		device_offer(&c->device, &plain_driver);
	}
	c->device.dma = &client_dma;
	device_add(&fake_queue, &c->device);
	assert_int_equal(iommu_master_add(&fake_core, &c->master), 0);
}

static unsigned int number_after(char separator, char **at)
{
	assert_int_equal(**at, separator);
	return (unsigned int)strtoul(*at + 1, at, 10);
}

void lay_out(const char *masters)
{
	for (;;) {
		char *at;
		unsigned int m = (unsigned int)strtoul(masters, &at, 10);
		char separator = ':';

		do {
			unsigned int instance = number_after(separator, &at);

			add(m, instance, number_after('.', &at));
			separator = ',';
		} while (*at == separator);
		publish(m);
		if (*at == '\0') {
			return;
		}
		assert_int_equal(*at, ' ');
		masters = at + 1;
	}
}

void bind_all(void)
{
	for (unsigned int i = 0; i < MASTERS; i++) {
		if (client[i].device.queue) {
			(void)device_queue(&client[i].device);
		}
	}
	while (bind_queue_work(&fake_queue)) {
	}
}

int register_instance(unsigned int i)
{
	int error = iommu_register(&fake[i].iommu);

	while (bind_queue_work(&fake_queue)) {
	}
	return error;
}

enum link_state link_of(unsigned int m, unsigned int l)
{
	return link_state(&client[m].master.link[l]);
}

void two_at_work(void)
{
	lay_out("0:0.1 1:1.1");
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(register_instance(1), 0);
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
}

const struct iommu_group *group_of(unsigned int m)
{
	return pointer_load(&client[m].master.group);
}
