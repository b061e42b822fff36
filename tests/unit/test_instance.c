/* SPDX-License-Identifier: BSD-2-Clause */
/* Registering an instance, its failure at work, unregistering: drivers/iommu/instance.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "fakes.h"

static void test_reg_08_failed_start_leaves_no_footprint(void **state)
{
	struct fake before;

	(void)state;
	lay_out("0:0.1 1:1.1");
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
	assert_int_equal(link_of(1, 0), LINK_DESCRIBED);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(client_state(&client[1].device), CLIENT_DEFERRED);
}

static void test_rep_09_failed_enable_releases_own_masters(void **state)
{
	(void)state;
	lay_out("0:1.1");
	fake[1].enable_error = -ETIMEDOUT;
	assert_int_equal(register_instance(1), -ETIMEDOUT);
	assert_int_equal(link_of(0, 0), LINK_DESCRIBED);
	assert_int_equal(fake[1].stream[1], STREAM_NONE);
	assert_non_null(fake[1].iommu.reason);
	fake[1].enable_error = 0;
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(link_of(0, 0), LINK_READY);
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
	lay_out("0:0.0 1:0.1 2:0.2");
	fake[0].empty_error = -EIO;
	fake[0].empty_error_sid = 1;
	assert_int_equal(register_instance(0), -EIO);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_FAILED);
	assert_false(fake[0].enabled);
	for (unsigned int m = 0; m < 3; m++) {
		assert_int_equal(link_of(m, 0), LINK_DESCRIBED);
	}
	fake[0].empty_error = 0;
	assert_int_equal(register_instance(0), 0);
	for (unsigned int m = 0; m < 3; m++) {
		assert_int_equal(link_of(m, 0), LINK_READY);
	}
}

static void test_failed_instance_lets_its_masters_go(void **state)
{
	(void)state;
	lay_out("0:0.1 1:1.1");
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(iommu_fail(&fake[0].iommu, "it broke"), 0);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_FAILED);
	assert_string_equal(fake[0].iommu.reason, "it broke");
	assert_int_equal(link_of(0, 0), LINK_DESCRIBED);
	assert_int_equal(link_of(1, 0), LINK_READY);
	assert_int_equal(iommu_fail(&fake[0].iommu, "again"), -EBUSY);
	assert_string_equal(fake[0].iommu.reason, "it broke");
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link_of(0, 0), LINK_READY);
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
	assert_int_equal(iommu_map(&fake_core, &client[1].master, 0x7000, 0x1000000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_unmap(&client[1].master, 0x7000, 0x1000), 0);
	fake[0].add_error_count = 0;
	fake[0].attach_error = fake[0].empty_error = fake[0].map_error = 0;
	fake[0].free_error = fake[0].quarantine_error = 0;
	assert_int_equal(iommu_fail(&fake[0].iommu, "it broke"), 0);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_FAILED);
	assert_string_equal(fake[0].iommu.reason, "it broke");
	assert_int_equal(link_of(0, 0), LINK_DESCRIBED);
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
	assert_int_equal(link_of(2, 0), LINK_DESCRIBED);
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
	lay_out("2:0.2");
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
	lay_out("2:0.2");
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
	assert_int_equal(iommu_map(&fake_core, master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
	fake[0].map_error = -EIO;
	assert_int_equal(iommu_map(&fake_core, master, 0x2000, 0x1000000, 0x1000, IOMMU_READ), -EIO);
	fake[0].map_error = 0;
	assert_int_equal(iommu_map(&fake_core, master, 0x2000, 0x1000000, 0x1000, IOMMU_READ), -EIO);
	assert_int_equal(((struct fake_domain *)fake[0].attached[1])->map_count, 1);
	require_raised_and_mended();

	assert_int_equal(iommu_map(&fake_core, master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
	fake[0].map_error = -EIO;
	assert_int_equal(iommu_unmap(master, 0x1000, 0x1000), -EIO);
	fake[0].map_error = 0;
	/* An address whose invalidation failed is not reused. */
	assert_int_equal(iommu_map(&fake_core, master, 0x1000, 0x1001000, 0x1000, IOMMU_READ), -EIO);
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
	lay_out("2:0.2");
	fake[0].quarantine_error = -EIO;
	assert_int_equal(iommu_quarantine(&fake_core, &client[2].master, "it storms"), -EIO);
	require_raised_and_mended();
	assert_int_equal(fake[0].stream[2], STREAM_ABORT);
}

static void test_a_removal_that_fails_raises_the_instance(void **state)
{
	(void)state;
	two_at_work();
	lay_out("2:0.2");
	fake[0].empty_error = -EIO;
	fake[0].empty_error_sid = 2;
	assert_int_equal(iommu_master_remove(&fake_core, &client[2].master), 0);
	require_raised_and_mended();
}

static void test_a_walk_that_meets_a_failure_fails_the_registration(void **state)
{
	(void)state;
	lay_out("0:0.1 1:0.2");
	fake[0].add_error = -EIO;
	fake[0].add_error_count = 1;
	assert_int_equal(register_instance(0), -EIO);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_FAILED);
	assert_int_equal(fake[0].stops, 1);
	assert_int_equal(fake[0].adds, 0);
	assert_int_equal(link_of(0, 0), LINK_DESCRIBED);
	assert_int_equal(link_of(1, 0), LINK_DESCRIBED);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	fake[0].empty_error = -EINVAL;
	fake[0].empty_error_sid = 2;
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link_of(0, 0), LINK_READY);
	assert_int_equal(link_of(1, 0), LINK_GROUPED);
	fake[0].empty_error = 0;
	assert_int_equal(iommu_replay(&fake[0].iommu), 0);
	assert_int_equal(link_of(1, 0), LINK_READY);
}

static void test_an_instance_raised_while_it_is_registered_is_never_ready(void **state)
{
	(void)state;
	lay_out("0:0.1");
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
	lay_out("0:0.1");
	assert_int_equal(register_instance(0), 0);
	fake[0].stop_error = -EIO;
	assert_int_equal(iommu_unregister(&fake[0].iommu), -EIO);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_FAILED);
	assert_non_null(strstr(fake[0].iommu.reason, "did not stop"));
	assert_int_equal(link_of(0, 0), LINK_DESCRIBED);
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
	fake_core.unbind = unbind_raises;
	assert_int_equal(iommu_unregister(&fake[0].iommu), -ETIMEDOUT);
	fake_core.unbind = unbind_clients;
	require_raised_and_mended();
	/* An instance that could not be ended in time. */
	fake_core.unbind = unbind_raises;
	assert_int_equal(iommu_fail(&fake[0].iommu, "it broke"), -ETIMEDOUT);
	fake_core.unbind = unbind_clients;
	require_raised_and_mended();
}

/* m0 is on i0 and i1, m1 on i1, where they share a stream. */
static void test_a_group_works_on_without_an_instance_that_failed(void **state)
{
	unsigned int cause = 1;

	(void)state;
	lay_out("0:0.1,1.2 1:1.2");
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(register_instance(1), 0);
	iommu_raise(&fake[0].iommu);
	assert_int_equal(iommu_use(&client[0].master, false, &cause), -DEVICE_DEFER);
	assert_int_equal(cause, 0);
	assert_int_equal(iommu_use(&client[1].master, false, &cause), 0);
	assert_int_equal(fake[0].domains, 0);
	assert_int_equal(iommu_map(&fake_core, &client[1].master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_map(&fake_core, &client[0].master, 0x2000, 0x1000000, 0x1000, IOMMU_READ), -EIO);
	/* i0 may translate until it is ended. */
	assert_int_equal(iommu_unmap(&client[1].master, 0x1000, 0x1000), -EIO);
	assert_int_equal(iommu_fail(&fake[0].iommu, "it broke"), 0);
	assert_int_equal(iommu_map(&fake_core, &client[1].master, 0x3000, 0x1000000, 0x1000, IOMMU_READ), 0);
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

static void test_describing_twice_is_refused(void **state)
{
	(void)state;
	assert_int_equal(iommu_describe(&fake_core, &fake[1].iommu), -EEXIST);
	assert_int_equal(fake_core.instance_count, INSTANCES);
}

static void test_tdn_01_unregister_releases_own_masters_alone(void **state)
{
	(void)state;
	lay_out("0:0.1 1:1.1");
	bind_all();
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	assert_int_equal(iommu_state(&fake[0].iommu), IOMMU_GONE);
	assert_false(fake[0].started);
	assert_int_equal(client_state(&client[0].device), CLIENT_UNBOUND);
	assert_null(atomic_load(&client[0].device.driver));
	assert_int_equal(unbind_count, 1);
	assert_int_equal(link_of(0, 0), LINK_DESCRIBED);
	assert_int_equal(fake[0].domains, 0);
	assert_int_equal(client_state(&client[1].device), CLIENT_BOUND);
	assert_int_equal(fake[1].stream[1], STREAM_DOMAIN);
	assert_int_equal(iommu_unregister(&fake[0].iommu), -EBUSY);
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKED(test_describing_twice_is_refused),
		FAKED(test_reg_08_failed_start_leaves_no_footprint),
		FAKED(test_rep_09_failed_enable_releases_own_masters),
		FAKED(test_reg_09_registering_twice_is_refused),
		FAKED(test_rep_09_failed_default_domain_fails_the_instance),
		FAKED(test_tdn_01_unregister_releases_own_masters_alone),
		FAKED(test_failed_instance_lets_its_masters_go),
		FAKED(test_a_late_probe_that_fails_blames_the_instance),
		FAKED(test_a_bind_that_fails_waits_for_the_instance),
		FAKED(test_a_claim_that_fails_may_be_tried_again),
		FAKED(test_every_operation_raises_its_instance),
		FAKED(test_a_quarantine_that_fails_raises_the_instance),
		FAKED(test_a_removal_that_fails_raises_the_instance),
		FAKED(test_a_walk_that_meets_a_failure_fails_the_registration),
		FAKED(test_an_instance_raised_while_it_is_registered_is_never_ready),
		FAKED(test_an_instance_that_does_not_stop_has_not_gone),
		FAKED(test_unregistering_what_has_failed_ends_it),
		FAKED(test_an_instance_that_fails_as_it_leaves_is_not_ready_again),
		FAKED(test_a_group_works_on_without_an_instance_that_failed),
	};

	return cmocka_run_group_tests_name("instance", tests, NULL, NULL);
}
