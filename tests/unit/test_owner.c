/* SPDX-License-Identifier: BSD-2-Clause */
/* Ownership: claims, domains, mapping, direct regions: drivers/iommu/owner.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "fakes.h"

static void test_bnd_10_claimed_and_owned_exclude_each_other(void **state)
{
	unsigned int cause = 0;

	(void)state;
	lay_out("0:0.1");
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
	lay_out("0:0.1");
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
	lay_out("0:0.1,1.1");
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
	lay_out("0:0.1");
	assert_int_equal(register_instance(0), 0);
	fake[0].attach_error = -EINVAL;
	assert_int_equal(iommu_use(&client[0].master, false, &cause), -EINVAL);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
	assert_int_equal(fake[0].domains, 0);
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
	assert_int_equal(link_of(0, 0), LINK_READY);
	assert_int_equal(rights(1, 0x5000), IOMMU_READ);
	assert_int_equal(rights(1, 0x6000), IOMMU_READ | IOMMU_WRITE);
	assert_int_equal(rights(1, 0x7000), IOMMU_READ | IOMMU_WRITE);
	/* Few large maps: pages would take a table for each 2 MiB. */
	assert_int_equal(((const struct fake_domain *)fake[0].attached[1])->map_count, 3);
	add(1, 0, 1);
	assert_int_equal(iommu_master_region(&client[1].master, 0x5000, 0x1000, IOMMU_WRITE), 0);
	publish(1);
	assert_int_equal(link_of(1, 0), LINK_GROUPED);
	assert_non_null(strstr(master_reason(&client[1].master), "fewer rights"));
	assert_int_equal(rights(1, 0x5000), IOMMU_READ);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(link_of(1, 0), LINK_READY);
	assert_int_equal(rights(1, 0x5000), IOMMU_READ | IOMMU_WRITE);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
}

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
	assert_int_equal(iommu_quarantine(&fake_core, &client[0].master, "no"), -EPERM);
	assert_int_equal(iommu_master_remove(&fake_core, &client[0].master), -EPERM);
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
	add(1, 0, 1);
	lay_out("0:0.1");
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
	assert_int_equal(link_of(0, 0), LINK_GROUPED);
	assert_int_equal(link_of(1, 0), LINK_READY);
	assert_int_equal(client_state(&client[0].device), CLIENT_DEFERRED);
	fake[0].domain_error = 0;
	assert_int_equal(iommu_replay(&fake[0].iommu), 0);
	bind_all();
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(device_unbind(&client[0].device), 0);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
}

static void test_grp_08_a_late_instance_of_an_owned_group_gets_a_domain(void **state)
{
	(void)state;
	lay_out("0:0.5 1:0.5,1.7");
	bind_all();
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(client_state(&client[1].device), CLIENT_DEFERRED);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(client_state(&client[1].device), CLIENT_BOUND);
	assert_int_equal(fake[1].stream[7], STREAM_DOMAIN);
	iommu_allow(&fake_core, 0x80000000, 0x100000);
	assert_int_equal(iommu_map(&fake_core, &client[1].master, 0x1000, 0x80000000, 0x1000, IOMMU_READ), 0);
}

/* The second member's other instance has no domain to give. */
static void own_a_group_without_its_second_domain(void)
{
	lay_out("0:0.5 1:0.5,1.7");
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

static void test_iso_06_only_allowed_memory_is_mapped(void **state)
{
	struct iommu_master *master = add(0, 0, 1);

	(void)state;
	publish(0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_map(&fake_core, master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), -ENODEV);
	bind_all();
	assert_int_equal(iommu_map(&fake_core, master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_map(&fake_core, master, 0x2000, 0xfff000, 0x1000, IOMMU_READ), -EPERM);
	assert_int_equal(iommu_map(&fake_core, master, 0x2000, 0x10ff000, 0x2000, IOMMU_READ), -EPERM);
	assert_int_equal(iommu_map(&fake_core, master, 0x2000, 0x10ff000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_map(&fake_core, master, 0x2000, ~0ULL - 0xfff, 0x1000, IOMMU_READ), -EPERM);
	assert_int_equal(iommu_map(&fake_core, master, 0x4000, 0x1000000, 0x100000, IOMMU_READ), 0);
	assert_int_equal(iommu_map(&fake_core, master, 0x2000, 0x1000000, 0x101000, IOMMU_READ), -EPERM);
	assert_int_equal(iommu_map(&fake_core, master, 0x2000, 0x1000000, ~0ULL - 0xfff, IOMMU_READ), -EPERM);
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
	lay_out("0:1.2");
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(register_instance(1), 0);
	bind_all();
	assert_int_equal(iommu_map(&fake_core, master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(maps(0, 1), 1);
	assert_int_equal(maps(1, 2), 1);
	fake[1].map_error = -ENOMEM;
	assert_int_equal(iommu_map(&fake_core, master, 0x2000, 0x1000000, 0x1000, IOMMU_READ), -ENOMEM);
	assert_int_equal(maps(0, 1), 1);
	fake[1].map_error = 0;
	fake[0].map_error = -ETIMEDOUT;
	assert_int_equal(iommu_unmap(master, 0x1000, 0x1000), -ETIMEDOUT);
	assert_int_equal(maps(1, 2), 0);
	fake[0].map_error = 0;
	assert_int_equal(iommu_unmap(master, 0x1000, 0x1000), 0);
	assert_int_equal(maps(0, 1), 0);
	assert_int_equal(device_unbind(&client[0].device), 0);
	assert_int_equal(iommu_map(&fake_core, master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), -ENODEV);
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
	assert_int_equal(iommu_map(&fake_core, master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(fake[1].stream[2], STREAM_DOMAIN);
	assert_int_equal(iommu_map(&fake_core, master, 0x2000, 0x1001000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_map(&fake_core, master, 0x3000, 0x1002000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_unmap(master, 0x2000, 0x1000), 0);
	assert_int_equal(iommu_unmap(master, 0x2000, 0x1000), -ENOENT);
	assert_int_equal(iommu_unmap(master, 0x1000, 0x1000), 0);
	assert_int_equal(iommu_map(&fake_core, master, 0x2000, 0x1001000, 0x1000, IOMMU_READ), 0);
	iommu_release_claim(master);
	assert_int_equal(iommu_unregister(&fake[1].iommu), 0);
	assert_int_equal(iommu_claim(master), 0);
	assert_int_equal(iommu_map(&fake_core, master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(iommu_map(&fake_core, master, 0x2000, 0x1001000, 0x1000, IOMMU_READ), 0);
	assert_int_equal(iommu_unmap(master, 0x1000, 0x2000), -ENOENT);
	iommu_release_claim(master);
}

static void test_unmapping_a_huge_hole_takes_few_looks(void **state)
{
	struct iommu_master *master = add(0, 0, 1);

	(void)state;
	lay_out("0:1.2");
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
static void test_a_late_domain_takes_every_owner(void **state)
{
	unsigned int cause = 0;

	(void)state;
	own_a_group_without_its_second_domain();
	assert_int_equal(fake[1].stream[7], STREAM_EMPTY);
	fake[1].domain_error = 0;
	lay_out("2:0.5,1.8");
	assert_int_equal(fake[1].stream[8], STREAM_DOMAIN);
	assert_int_equal(iommu_use(&client[1].master, false, &cause), 0);
	assert_int_equal(fake[1].stream[7], STREAM_DOMAIN);
	iommu_unuse(&client[1].master, false);
}

static void test_a_fallback_is_switched_to_again(void **state)
{
	(void)state;
	lay_out("0:0.1 1:0.1,0.2");
	assert_int_equal(register_instance(0), 0);
	fake[0].attach_error = -EINVAL;
	fake[0].attach_error_sid = 2;
	add(2, 0, 1);
	assert_int_equal(iommu_master_region(&client[2].master, 0x5000, 0x1000, IOMMU_WRITE), 0);
	publish(2);
	assert_int_equal(link_of(2, 0), LINK_GROUPED);
	fake[0].attach_error = 0;
	assert_int_equal(iommu_replay(&fake[0].iommu), 0);
	assert_int_equal(link_of(2, 0), LINK_READY);
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
	assert_int_equal(iommu_map(&fake_core, owner, 0x5000, 0x1000000, 0x1000, IOMMU_READ | IOMMU_WRITE), 0);
	add(1, 0, 1);
	assert_int_equal(iommu_master_region(&client[1].master, 0x4000, 0x2000, IOMMU_READ | IOMMU_WRITE), 0);
	publish(1);
	assert_int_equal(link_of(1, 0), LINK_GROUPED);
	assert_int_equal(iommu_replay(&fake[0].iommu), 0);
	assert_int_equal(link_of(1, 0), LINK_GROUPED);
	assert_int_equal(iommu_unmap(owner, 0x5000, 0x1000), 0);
	assert_int_equal(iommu_map(&fake_core, owner, 0x5000, 0x1000000, 0x1000, IOMMU_READ | IOMMU_WRITE), 0);
	iommu_release_claim(owner);
	assert_int_equal(iommu_replay(&fake[0].iommu), 0);
	assert_int_equal(link_of(1, 0), LINK_READY);
	assert_int_equal(iommu_claim(owner), 0);
	assert_int_equal(iommu_unmap(owner, 0x5000, 0x1000), -EPERM);
	assert_int_equal(iommu_unmap(owner, 0x3000, 0x2000), -EPERM);
	assert_int_equal(iommu_map(&fake_core, owner, 0x6000, 0x1000000, 0x1000, IOMMU_READ), 0);
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
	assert_int_equal(iommu_map(&fake_core, &client[0].master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), -ENODEV);
	assert_int_equal(iommu_unmap(&client[0].master, 0x1000, 0x1000), -ENODEV);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKED(test_dir_01_regions_are_mapped_before_anything_is_attached),
		FAKED(test_dir_02_late_regions_are_added),
		FAKED(test_dir_03_regions_without_memory_wait),
		FAKED(test_bnd_10_claimed_and_owned_exclude_each_other),
		FAKED(test_bnd_12_unuse_without_use_does_not_underflow),
		FAKED(test_use_without_memory_changes_nothing),
		FAKED(test_failed_attach_falls_back_to_the_empty_domain),
		FAKED(test_grp_08_a_late_instance_of_an_owned_group_gets_a_domain),
		FAKED(test_grp_08_a_late_owner_that_fails_takes_nothing_away),
		FAKED(test_iso_06_only_allowed_memory_is_mapped),
		FAKED(test_map_is_made_on_every_instance_or_on_none),
		FAKED(test_unmap_where_one_instance_came_late),
		FAKED(test_unmapping_a_huge_hole_takes_few_looks),
		FAKED(test_a_late_domain_takes_every_owner),
		FAKED(test_a_fallback_is_switched_to_again),
		FAKED(test_a_direct_region_and_an_owners_maps),
		FAKED(test_master_without_streams_has_nothing_to_take),
		FAKED(test_equal_regions_of_two_members_count_once),
		FAKED(test_regions_that_overlap_have_the_rights_of_both),
	};

	return cmocka_run_group_tests_name("owner", tests, NULL, NULL);
}
