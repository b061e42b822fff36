/* SPDX-License-Identifier: BSD-2-Clause */
/* Clients: queued, bound, deferred, woken, given up: drivers/base/device.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arch.h"
#include "fakes.h"

static void test_bnd_01_a_device_is_queued_and_bound_once(void **state)
{
	(void)state;
	lay_out("0:0.1");
	assert_int_equal(register_instance(0), 0);
	assert_false(client_is_busy(&client[0].device));
	assert_true(bind_queue_idle(&fake_queue));
	arch_hooks.event_count = 0;
	assert_int_equal(device_queue(&client[0].device), 0);
	assert_int_equal(arch_hooks.event_count, 1);
	assert_true(client_is_busy(&client[0].device));
	assert_false(bind_queue_idle(&fake_queue));
	assert_int_equal(device_queue(&client[0].device), -EBUSY);
	arch_hooks.core = 2;
	assert_true(bind_queue_work(&fake_queue));
	assert_false(bind_queue_work(&fake_queue));
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(client[0].device.core, 2);
	assert_int_equal(bind_count, 1);
	assert_true(bind_queue_idle(&fake_queue));
	assert_int_equal(device_queue(&client[0].device), -EBUSY);
	assert_string_equal(client_state_name(client_state(&client[0].device)), "bound");
}

static void test_device_without_dma_or_driver(void **state)
{
	struct device driverless = {.name = "driverless"};
	struct device plain = {.name = "plain",
			       .candidate = &(const struct driver){.name = "plain", .bind = client_bind}};

	(void)state;
	device_add(&fake_queue, &driverless);
	device_add(&fake_queue, &plain);
	assert_int_equal(device_queue(&driverless), 0);
	assert_int_equal(device_queue(&plain), 0);
	while (bind_queue_work(&fake_queue)) {
	}
	assert_int_equal(client_state(&driverless), CLIENT_FAILED);
	assert_int_equal(driverless.error, -ENODEV);
	assert_int_equal(client_state(&plain), CLIENT_BOUND);
	assert_int_equal(device_unbind(&plain), 0);
}

static void test_bnd_06_a_link_without_memory_is_waited_for(void **state)
{
	(void)state;
	lay_out("0:0.1,1.2");
	bind_all();
	fake[1].add_error = -ENOMEM;
	fake[1].add_error_count = 2;
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(link_of(0, 0), LINK_READY);
	assert_int_equal(link_of(0, 1), LINK_DESCRIBED);
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
	lay_out("0:0.1");
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
	lay_out("0:1.1");
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
	lay_out("0:0.1,1.2");
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
		(void)bind_queue_work(&fake_queue);
		assert_int_equal(client_state(&c->device), CLIENT_DEFERRED);
	}
}

static void test_bnd_04_bind_in_the_walk_is_deferred(void **state)
{
	(void)state;
	lay_out("0:0.1");
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
	lay_out("0:0.1");
	assert_int_equal(register_instance(0), 0);
	bind_result = -EIO;
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_FAILED);
	assert_int_equal(client[0].device.error, -EIO);
	assert_null(atomic_load(&client[0].device.driver));
	assert_true(bind_queue_idle(&fake_queue));
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

static void test_a_failed_client_may_be_queued_again(void **state)
{
	(void)state;
	lay_out("0:0.1");
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
	lay_out("0:0.1");
	device->waits = DEVICE_DEFERRALS_MAX - 1;
	bind_all();
	assert_int_equal(client_state(device), CLIENT_EXPIRED);
	assert_int_equal(device->deferrals, 1);
	device->error = -EIO;
	assert_int_equal(device_remove(device), 0);
	device_add(&fake_queue, device);
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

static void test_bnd_02_waiting_ends_closed(void **state)
{
	(void)state;
	lay_out("0:0.1");
	bind_all();
	assert_int_equal(bind_queue_expire(&fake_queue), 1);
	assert_int_equal(bind_queue_expire(&fake_queue), 0);
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
	lay_out("0:0.1 1:0.2");
	assert_int_equal(register_instance(0), 0);
	bind_result = -DEVICE_DEFER;
	assert_int_equal(device_queue(&client[0].device), 0);
	assert_true(bind_queue_work(&fake_queue));
	assert_false(bind_queue_work(&fake_queue));
	assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
	assert_int_equal(client[0].device.deferrals, 1);
	assert_int_equal(client[0].device.waited_for, 0);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	for (unsigned int i = 2; i <= DEVICE_DEFERRALS_MAX; i++) {
		bind_result = 0;
		assert_int_equal(device_queue(&client[1].device), 0);
		assert_true(bind_queue_work(&fake_queue));
		bind_result = -DEVICE_DEFER;
		assert_true(bind_queue_work(&fake_queue));
		assert_int_equal(client[0].device.deferrals, i);
		assert_int_equal(device_unbind(&client[1].device), 0);
	}
	assert_int_equal(client_state(&client[0].device), CLIENT_EXPIRED);
	assert_false(bind_queue_work(&fake_queue));
}

static void test_con_02_what_was_offered_meanwhile_is_for_the_next_time(void **state)
{
	(void)state;
	lay_out("0:0.1");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKED(test_bnd_02_waiting_ends_closed),
		FAKED(test_bnd_02_a_driver_that_defers_for_ever),
		FAKED(test_con_02_what_was_offered_meanwhile_is_for_the_next_time),
		FAKED(test_bnd_01_a_device_is_queued_and_bound_once),
		FAKED(test_device_without_dma_or_driver),
		FAKED(test_bnd_06_a_link_without_memory_is_waited_for),
		FAKED(test_bnd_09_managing_driver_gives_no_count_back),
		FAKED(test_bnd_03_deferred_names_its_instance_and_is_woken),
		FAKED(test_bnd_06_both_instances_must_be_ready),
		FAKED(test_bnd_04_bind_in_the_walk_is_deferred),
		FAKED(test_bnd_08_failed_bind_gives_its_count_back),
		FAKED(test_bnd_09_managing_driver_takes_no_count),
		FAKED(test_a_failed_client_may_be_queued_again),
		FAKED(test_a_device_that_is_added_again_begins_anew),
	};

	return cmocka_run_group_tests_name("binding", tests, NULL, NULL);
}
