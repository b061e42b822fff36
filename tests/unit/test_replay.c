/* SPDX-License-Identifier: BSD-2-Clause */
/* Replay: an instance walks its own masters, late ones are probed, nothing is written twice: drivers/iommu/replay.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/arch.h"
#include "fakes.h"

static void test_rep_01_registering_one_touches_only_its_masters(void **state)
{
	(void)state;
	lay_out("0:0.1 1:1.1 2:0.2");
	/* fake_of() fails on calls before instance 1's start. */
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link_of(0, 0), LINK_READY);
	assert_int_equal(link_of(1, 0), LINK_DESCRIBED);
	assert_int_equal(link_of(2, 0), LINK_READY);
	assert_int_equal(fake[1].adds, 0);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(link_of(1, 0), LINK_READY);
}

static void register_in_order(const unsigned int *order, int groups[MASTERS], enum fake_stream streams[INSTANCES][SIDS])
{
	void *nothing = NULL;

	fake_setup(&nothing);
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
		assert_int_equal(link_of(m, 0), LINK_READY);
		groups[m] = iommu_group_id(&client[m].master);
	}
	for (unsigned int i = 0; i < INSTANCES; i++) {
		memcpy(streams[i], fake[i].stream, sizeof(fake[i].stream));
	}
	free(fake_memory);
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
	lay_out("0:0.1 1:0.2");
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
	lay_out("0:0.3");
	assert_int_equal(link_of(0, 0), LINK_READY);
	assert_int_equal(fake[0].adds, 1);
	assert_int_equal(fake[0].stream[3], STREAM_EMPTY);
}

static void test_rep_06_master_without_client_is_configured(void **state)
{
	(void)state;
	lay_out("0:0.7");
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(fake[0].stream[7], STREAM_EMPTY);
}

static void test_rep_07_out_of_memory_comes_back(void **state)
{
	(void)state;
	lay_out("0:0.1");
	bind_all();
	fake[0].add_error = -ENOMEM;
	fake[0].add_error_count = 2;
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_READY);
	assert_int_equal(link_of(0, 0), LINK_DESCRIBED);
	assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
	assert_non_null(master_reason(&client[0].master));
	assert_int_equal(iommu_replay(&fake[0].iommu), 0);
	while (bind_queue_work(&fake_queue)) {
	}
	assert_int_equal(link_of(0, 0), LINK_READY);
	assert_null(master_reason(&client[0].master));
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
}

static void probed_by_core_3(const char *point, const void *object)
{
	(void)object;
	if (!strcmp(point, "probed")) {
		arch_hooks.sync_point = NULL;
		assert_int_equal(link_of(0, 0), LINK_PROBING);
	}
}

static void test_probing_is_seen_whichever_core_does_it(void **state)
{
	(void)state;
	lay_out("0:0.1");
	arch_hooks.core = 3;
	arch_hooks.sync_point = probed_by_core_3;
	assert_int_equal(iommu_register(&fake[0].iommu), 0);
	assert_null(arch_hooks.sync_point);
}

static void test_default_domain_that_fails_late_makes_no_link_ready(void **state)
{
	unsigned int cause = 1;

	(void)state;
	assert_int_equal(register_instance(0), 0);
	fake[0].empty_error = -EINVAL;
	fake[0].empty_error_sid = 3;
	lay_out("0:0.2,0.3");
	assert_int_not_equal(link_of(0, 0), LINK_READY);
	assert_int_equal(iommu_use(&client[0].master, false, &cause), -DEVICE_DEFER);
	assert_int_equal(cause, 0);
	fake[0].empty_error = 0;
	assert_int_equal(iommu_replay(&fake[0].iommu), 0);
	assert_int_equal(link_of(0, 0), LINK_READY);
	assert_int_equal(iommu_use(&client[0].master, false, &cause), 0);
	iommu_unuse(&client[0].master, false);
}

static void test_every_stream_of_a_master_follows(void **state)
{
	(void)state;
	lay_out("0:0.1,0.2");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKED(test_rep_01_registering_one_touches_only_its_masters),
		cmocka_unit_test(test_rep_02_every_order_gives_the_same_map),
		FAKED(test_rep_03_second_replay_writes_nothing),
		FAKED(test_rep_04_late_master_is_probed_once),
		FAKED(test_rep_06_master_without_client_is_configured),
		FAKED(test_rep_07_out_of_memory_comes_back),
		FAKED(test_probing_is_seen_whichever_core_does_it),
		FAKED(test_default_domain_that_fails_late_makes_no_link_ready),
		FAKED(test_every_stream_of_a_master_follows),
	};

	return cmocka_run_group_tests_name("replay", tests, NULL, NULL);
}
