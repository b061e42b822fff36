/* SPDX-License-Identifier: BSD-2-Clause */
/* Masters come, go and are put away: drivers/iommu/master.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "fakes.h"

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
	assert_int_equal(link_of(1, 0), LINK_DESCRIBED);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link_of(1, 0), LINK_QUARANTINED);
}

static void test_tables_of_the_core_are_bounded(void **state)
{
	static struct iommu_instance more[IOMMU_INSTANCES_MAX];
	static struct iommu_master masters[FAKE_MASTERS_MAX + 1];

	(void)state;
	memset(more, 0, sizeof(more));
	memset(masters, 0, sizeof(masters));
	for (unsigned int i = 0; i < IOMMU_INSTANCES_MAX - INSTANCES; i++) {
		assert_int_equal(iommu_describe(&fake_core, &more[i]), 0);
		assert_int_equal(more[i].index, INSTANCES + i);
	}
	assert_int_equal(iommu_describe(&fake_core, &more[IOMMU_INSTANCES_MAX - 1]), -ENOSPC);
	for (unsigned int i = 0; i < IOMMU_LINKS_MAX; i++) {
		assert_int_equal(iommu_master_stream(&client[0].master, &more[i], 1), 0);
	}
	assert_int_equal(iommu_master_stream(&client[0].master, &more[IOMMU_LINKS_MAX], 1), -ENOSPC);
	assert_int_equal(client[0].master.sid_count, IOMMU_LINKS_MAX);
	for (unsigned int m = 0; m < FAKE_MASTERS_MAX; m++) {
		assert_int_equal(iommu_master_add(&fake_core, &masters[m]), 0);
	}
	/* No stream and no region is left behind. */
	assert_int_equal(iommu_master_stream(&masters[FAKE_MASTERS_MAX], &more[0], 77), 0);
	assert_int_equal(iommu_master_region(&masters[FAKE_MASTERS_MAX], 0x1000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_master_add(&fake_core, &masters[FAKE_MASTERS_MAX]), -ENOSPC);
	assert_null(iommu_master_of(&fake_core, &more[0], 77));
	assert_int_equal(iommu_master_remove(&fake_core, &masters[7]), 0);
	assert_int_equal(iommu_master_add(&fake_core, &masters[FAKE_MASTERS_MAX]), 0);
	assert_int_equal(iommu_master_add(&fake_core, &masters[7]), -ENOSPC);
}

static int bind_and_time_out(struct iommu_master *master)
{
	(void)master;
	bind_queue_work(&fake_queue);
	return -ETIMEDOUT;
}

static void test_a_removal_that_comes_to_nothing_takes_no_client_along(void **state)
{
	(void)state;
	lay_out("0:0.1");
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(device_queue(&client[0].device), 0);
	fake_core.unbind = bind_and_time_out;
	assert_int_equal(iommu_master_remove(&fake_core, &client[0].master), -ETIMEDOUT);
	fake_core.unbind = unbind_clients;
	assert_int_equal(master_state(&client[0].master), MASTER_READY);
	while (bind_queue_work(&fake_queue)) {
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
	fake_core.unbind = unbind_and_time_out;
	fake_core.rebind = rebind_clients;
	assert_int_equal(iommu_master_remove(&fake_core, &client[0].master), -ETIMEDOUT);
	assert_int_equal(iommu_master_remove(&fake_core, &client[1].master), -ETIMEDOUT);
	while (bind_queue_work(&fake_queue)) {
	}
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(client_state(&client[1].device), CLIENT_UNBOUND);
	assert_int_equal(iommu_unregister(&fake[0].iommu), -ETIMEDOUT);
	while (bind_queue_work(&fake_queue)) {
	}
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	fake_core.unbind = unbind_clients;
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_UNBOUND);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_UNBOUND);
	assert_int_equal(device_queue(&client[0].device), 0);
	while (bind_queue_work(&fake_queue)) {
	}
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	fake_core.rebind = NULL;
}

static void test_an_addition_that_fails_keeps_nothing(void **state)
{
	static struct iommu_master many[FAKE_MASTERS_MAX + 1];

	(void)state;
	memset(many, 0, sizeof(many));
	for (unsigned int m = 0; m <= FAKE_MASTERS_MAX; m++) {
		assert_int_equal(iommu_master_stream(&many[m], &fake[0].iommu, m / 2), 0);
		assert_int_equal(iommu_master_add(&fake_core, &many[m]), m < FAKE_MASTERS_MAX ? 0 : -ENOSPC);
	}
	assert_int_equal(iommu_group_id(&many[FAKE_MASTERS_MAX]), -1);
	assert_int_equal(iommu_master_remove(&fake_core, &many[0]), 0);
	assert_int_equal(iommu_master_add(&fake_core, &many[FAKE_MASTERS_MAX]), 0);
	assert_int_equal(iommu_master_remove(&fake_core, &many[FAKE_MASTERS_MAX]), 0);
	/* Memory runs out half-way, with one new stream. */
	assert_int_equal(iommu_master_stream(&many[0], &fake[0].iommu, FAKE_MASTERS_MAX), 0);
	while (arena_allocate(sizeof(void *), sizeof(void *))) {
	}
	fake_core.free_stream = NULL;
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(iommu_master_add(&fake_core, &many[0]), -ENOMEM);
		assert_int_equal(word_load(&fake_core.master_count), FAKE_MASTERS_MAX - 1);
		assert_int_equal(iommu_group_id(&many[0]), -1);
	}
	assert_int_equal(iommu_master_remove(&fake_core, &many[1]), 0);
	assert_non_null(fake_core.free_stream);
	assert_null(fake_core.free_stream->next);
}

static void test_con_10_a_master_comes_and_goes(void **state)
{
	(void)state;
	add(0, 0, 1);
	assert_int_equal(iommu_master_remove(&fake_core, &client[0].master), -EBUSY);
	publish(0);
	assert_int_equal(iommu_master_add(&fake_core, &client[0].master), -EBUSY);
	bind_all();
	assert_int_equal(register_instance(0), 0);
	for (unsigned int i = 0; i < 3; i++) {
		assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
		assert_int_equal(device_remove(&client[0].device), -EBUSY);
		assert_int_equal(iommu_master_remove(&fake_core, &client[0].master), 0);
		assert_int_equal(client_state(&client[0].device), CLIENT_UNBOUND);
		assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
		assert_int_equal(iommu_group_id(&client[0].master), -1);
		assert_null(iommu_master_of(&fake_core, &fake[0].iommu, 1));
		assert_int_equal(iommu_master_remove(&fake_core, &client[0].master), -EBUSY);
		assert_int_equal(device_remove(&client[0].device), 0);
		assert_int_equal(device_remove(&client[0].device), -EBUSY);
		assert_int_equal(device_queue(&client[0].device), -EBUSY);
		device_add(&fake_queue, &client[0].device);
		bind_all();
		assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
		assert_int_equal(iommu_master_add(&fake_core, &client[0].master), 0);
		bind_all();
	}
}

/* B-17b: the duplicate goes; the neighbour stays. */
static void test_grp_04_a_removed_duplicate_takes_no_other_along(void **state)
{
	(void)state;
	lay_out("0:0.5,0.5 1:0.6");
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_master_remove(&fake_core, &client[0].master), 0);
	assert_null(iommu_master_of(&fake_core, &fake[0].iommu, 5));
	assert_ptr_equal(iommu_master_of(&fake_core, &fake[0].iommu, 6), &client[1].master);
}

static void test_a_master_that_does_not_behave_is_put_away(void **state)
{
	(void)state;
	add(0, 0, 1);
	add(0, 0, 2);
	add(1, 0, 2);
	assert_int_equal(iommu_quarantine(&fake_core, &client[0].master, "it storms"), -EBUSY);
	publish(0);
	publish(1);
	bind_all();
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_quarantine(&fake_core, &client[0].master, "it storms"), 0);
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
	assert_int_equal(link_of(0, 0), LINK_QUARANTINED);
	assert_int_equal(fake[0].stream[1], STREAM_ABORT);
	assert_int_equal(iommu_master_remove(&fake_core, &client[0].master), 0);
	assert_int_equal(iommu_master_add(&fake_core, &client[0].master), 0);
	assert_int_equal(link_of(0, 0), LINK_READY);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
}

static void test_a_client_that_waits_for_memory_is_told_of_the_quarantine(void **state)
{
	(void)state;
	lay_out("0:0.1");
	bind_all();
	fake[0].add_error = -ENOMEM;
	fake[0].add_error_count = 2;
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
	assert_int_equal(iommu_quarantine(&fake_core, &client[0].master, "it storms"), 0);
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_FAILED);
	assert_int_equal(client[0].device.error, -EIO);
}

static void test_rep_07_half_an_arrival_is_given_back(void **state)
{
	(void)state;
	lay_out("1:0.5");
	assert_int_equal(iommu_master_remove(&fake_core, &client[1].master), 0);
	while (arena_allocate(8, 8)) {
	}
	/* One group and stream are left; the first master needs two streams. */
	add(0, 0, 1);
	add(0, 0, 2);
	assert_int_equal(iommu_master_add(&fake_core, &client[0].master), -ENOMEM);
	assert_int_equal(iommu_group_id(&client[0].master), -1);
	assert_int_equal(iommu_master_add(&fake_core, &client[1].master), 0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link_of(1, 0), LINK_READY);
	assert_int_equal(fake[0].stream[5], STREAM_EMPTY);
	assert_int_equal(fake[0].adds, 1);
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

static void test_master_of_stream(void **state)
{
	(void)state;
	lay_out("0:0.1 1:1.1");
	assert_ptr_equal(iommu_master_of(&fake_core, &fake[0].iommu, 1), &client[0].master);
	assert_ptr_equal(iommu_master_of(&fake_core, &fake[1].iommu, 1), &client[1].master);
	assert_null(iommu_master_of(&fake_core, &fake[2].iommu, 1));
	assert_null(iommu_master_of(&fake_core, &fake[0].iommu, 2));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKED(test_con_10_a_master_comes_and_goes),
		FAKED(test_grp_04_a_removed_duplicate_takes_no_other_along),
		FAKED(test_a_master_that_does_not_behave_is_put_away),
		FAKED(test_a_client_that_waits_for_memory_is_told_of_the_quarantine),
		FAKED(test_rep_05_bad_master_is_quarantined_alone),
		FAKED(test_rep_05_quarantine_spares_shared_streams),
		FAKED(test_tables_of_the_core_are_bounded),
		FAKED(test_rep_07_half_an_arrival_is_given_back),
		FAKED(test_streams_are_sorted_by_link),
		FAKED(test_more_streams_than_fit_are_refused),
		FAKED(test_a_removal_that_comes_to_nothing_takes_no_client_along),
		FAKED(test_what_stays_has_its_clients_again),
		FAKED(test_an_addition_that_fails_keeps_nothing),
		FAKED(test_master_of_stream),
	};

	return cmocka_run_group_tests_name("master", tests, NULL, NULL);
}
