/* SPDX-License-Identifier: BSD-2-Clause */
/* drivers/iommu on three instances that fail where they are told to, and masters with a client each. */
#ifndef FAKES_H
#define FAKES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/device.h"
#include "iommu/iommu.h"

#define INSTANCES 3U
#define MASTERS 8U
#define FAKE_MASTERS_MAX 512U
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

extern void *fake_memory;
extern struct iommu_core fake_core;
extern struct bind_queue fake_queue;
extern struct fake fake[INSTANCES];
extern const struct iommu_ops fake_ops;
extern struct client client[MASTERS];
extern const struct driver managing_driver;

/* What binding a client returns; how often one was bound, and unbound. */
extern int bind_result;
extern unsigned int bind_count;
extern unsigned int unbind_count;

/* For cmocka: three instances that are described, and no master. */
int fake_setup(void **state);
int fake_teardown(void **state);
#define FAKED(name) cmocka_unit_test_setup_teardown(name, fake_setup, fake_teardown)

/* Only one that was started. */
struct fake *fake_of(struct iommu_instance *iommu);

/* Describes a stream of a master, or one more; makes the master known, with its client queued. */
struct iommu_master *add(unsigned int m, unsigned int instance, uint32_t sid);
void publish(unsigned int m);
/* Both, for masters with their streams as tests/schedule/world.h has them: "0:0.1,1.2 3:0.5", master 0 with two. */
void lay_out(const char *masters);
/* Queues and binds until nothing is left to do. */
void bind_all(void);
/* Also binds what waited for it. */
int register_instance(unsigned int i);
/* Masters 0 and 1, each on its own instance, at work. */
void two_at_work(void);

enum link_state link_of(unsigned int m, unsigned int l);
const struct iommu_group *group_of(unsigned int m);

/* As a driver and the run have them. */
int client_bind(struct device *device, const struct driver *driver);
int unbind_clients(struct iommu_master *master);
void rebind_clients(struct iommu_master *master);

#endif
