/* SPDX-License-Identifier: BSD-2-Clause */
/* Groups and who is in them: drivers/iommu/group.c. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/arena.h"
#include "fakes.h"

static void test_grp_01_singletons(void **state)
{
	(void)state;
	lay_out("0:0.0 1:0.1 2:0.2");
	assert_int_equal(register_instance(0), 0);
	assert_int_not_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[1].master));
	assert_int_not_equal(iommu_group_id(&client[1].master), iommu_group_id(&client[2].master));
}

static void test_grp_02_alias_shares_group_and_domain(void **state)
{
	(void)state;
	lay_out("0:0.4 1:0.4");
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
	lay_out("0:0.5,0.5");
	assert_int_equal(client[0].master.link[0].sid_count, 1);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(fake[0].adds, 1);
	assert_int_equal(fake[0].attaches, 1);
}

/* It would join two groups, and memory runs out half-way. */
static void test_grp_05_joining_two_groups_fails_half_way(void **state)
{
	(void)state;
	lay_out("0:0.1 1:1.2");
	while (arena_allocate(8, 8)) {
	}
	add(2, 0, 1);
	add(2, 1, 2);
	add(2, 1, 3);
	assert_int_equal(iommu_master_add(&fake_core, &client[2].master), -ENOMEM);
	assert_int_not_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[1].master));
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(register_instance(0), 0);
	/* Its group has a part on the stream's instance. */
	assert_int_equal(iommu_quarantine(&fake_core, &client[1].master, "on purpose"), 0);
	assert_int_equal(fake[1].stream[2], STREAM_ABORT);
	assert_int_equal(fake[0].stream[1], STREAM_EMPTY);
}

/* Before any registration, they become one group; later, the newcomer is refused. */
static void test_grp_05_a_master_that_joins_two_groups(void **state)
{
	(void)state;
	lay_out("0:0.1 1:1.2 2:0.1,1.2");
	assert_int_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[2].master));
	assert_int_equal(iommu_group_id(&client[1].master), iommu_group_id(&client[2].master));
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(master_state(&client[2].master), MASTER_READY);
}

static void test_grp_05_streams_of_two_groups_are_refused(void **state)
{
	(void)state;
	lay_out("0:0.1 1:0.2");
	bind_all();
	assert_int_equal(register_instance(0), 0);
	lay_out("2:0.1,0.2,0.3");
	bind_all();
	assert_int_equal(master_state(&client[2].master), MASTER_QUARANTINED);
	assert_non_null(strstr(master_reason(&client[2].master), "two groups"));
	assert_int_equal(client_state(&client[2].device), CLIENT_FAILED);
	assert_int_equal(fake[0].stream[1], STREAM_DOMAIN);
	assert_int_equal(fake[0].stream[2], STREAM_DOMAIN);
	assert_int_equal(fake[0].stream[3], STREAM_ABORT);
	assert_int_equal(link_of(0, 0), LINK_READY);
	assert_int_equal(link_of(1, 0), LINK_READY);
	/* Accepted when added again while nothing is registered. */
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	assert_int_equal(iommu_master_remove(&fake_core, &client[2].master), 0);
	assert_int_equal(iommu_master_add(&fake_core, &client[2].master), 0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(master_state(&client[2].master), MASTER_READY);
	assert_int_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[1].master));
}

static void test_grouping_knows_no_history(void **state)
{
	(void)state;
	/* m0 came with i1, and left. */
	lay_out("1:0.5 0:0.5,1.6");
	assert_int_equal(iommu_master_remove(&fake_core, &client[0].master), 0);
	/* With i1, i2 and two more the group would have five. */
	assert_int_equal(register_instance(1), 0);
	lay_out("2:0.9 3:0.5,0.9");
	assert_null(master_reason(&client[3].master));
	assert_int_equal(iommu_group_id(&client[1].master), iommu_group_id(&client[3].master));
	assert_int_equal(iommu_group_id(&client[2].master), iommu_group_id(&client[3].master));
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
			assert_int_equal(iommu_master_remove(&fake_core, &masters[m]), 0);
		} else {
			describe_at_random(&masters[m], &random);
			assert_int_equal(iommu_master_add(&fake_core, &masters[m]), 0);
			assert_null(master_reason(&masters[m]));
		}
		present[m] = !present[m];
		assert_groups(masters, present);
	}
	assert_in_range(fake_core.group_count, 1, MASTERS);
}

static void join_two(bool in_service)
{
	lay_out("0:0.1 1:0.2 2:0.1,0.2");
	assert_int_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[1].master));
	if (in_service) {
		assert_int_equal(register_instance(0), 0);
	}
	assert_int_equal(iommu_master_remove(&fake_core, &client[2].master), 0);
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
	lay_out("0:0.1 1:1.1 2:0.1,1.1");
	assert_int_equal(iommu_master_remove(&fake_core, &client[2].master), 0);
	assert_int_equal(group_of(0)->part_count, 1);
	assert_int_equal(group_of(1)->part_count, 1);
	assert_int_equal(iommu_master_remove(&fake_core, &client[1].master), 0);
	assert_int_equal(iommu_master_add(&fake_core, &client[2].master), 0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(group_of(0)->part_count, 2);
	assert_int_equal(iommu_master_remove(&fake_core, &client[2].master), 0);
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
	lay_out("3:1.1 0:0.1 2:0.1,0.2 1:0.2");
	while (arena_allocate(8, 8)) {
	}
	assert_int_equal(iommu_master_remove(&fake_core, &client[2].master), 0);
	assert_int_equal(iommu_group_id(&client[0].master), iommu_group_id(&client[1].master));
	assert_int_equal(iommu_master_remove(&fake_core, &client[3].master), 0);
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(iommu_unregister(&fake[0].iommu), 0);
	assert_apart();
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
	lay_out("2:0.1,0.2");
	assert_ptr_equal(group_of(1), group_of(0));
	assert_int_equal(group_of(0)->region_count, 2);
	lay_out("3:1.1");
	gone = gone == group_of(0) ? group_of(3) : gone;
	assert_ptr_equal(group_of(3), gone);
	assert_int_equal(gone->region_count, 0);
	assert_int_equal(gone->part_count, 1);
	assert_int_equal(gone->owner_count, 0);
	assert_null(gone->claimed_by);
	assert_false(iommu_master_keeps(&client[3].master, 0x5000, 0x2000));
	assert_true(iommu_master_keeps(&client[2].master, 0x5000, 0x1000));
}

static void test_grp_05_exclusive_masters_share_with_no_other(void **state)
{
	(void)state;
	client[0].master.exclusive = true;
	client[3].master.exclusive = true;
	lay_out("0:0.1 1:0.1 2:0.2 3:0.2");
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
	assert_int_equal(iommu_master_remove(&fake_core, &client[0].master), 0);
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

static void test_grp_06_same_sid_on_two_instances_is_two_groups(void **state)
{
	(void)state;
	lay_out("0:0.5 1:1.5");
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
	lay_out("0:0.5");
	bind_all();
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(fake[0].stream[5], STREAM_DOMAIN);
	attaches = fake[0].attaches;
	lay_out("1:0.5");
	assert_int_equal(link_of(1, 0), LINK_READY);
	assert_int_equal(fake[0].stream[5], STREAM_DOMAIN);
	assert_int_equal(fake[0].attaches, attaches + 1);
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
			assert_int_equal(link_of(m, 0), LINK_READY);
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
	lay_out("0:0.1,1.2");
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

static void test_group_that_grows_while_it_is_owned(void **state)
{
	(void)state;
	lay_out("0:0.1 1:0.1,1.2");
	bind_all();
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(client_state(&client[0].device), CLIENT_BOUND);
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(client_state(&client[1].device), CLIENT_BOUND);
	assert_int_equal(fake[0].stream[1], STREAM_DOMAIN);
	assert_int_equal(fake[1].stream[2], STREAM_DOMAIN);
	assert_int_equal(iommu_map(&fake_core, &client[0].master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
}

static void test_group_that_grows_by_a_master_without_client(void **state)
{
	(void)state;
	lay_out("0:0.1 1:0.1,1.2");
	assert_int_equal(register_instance(0), 0);
	assert_int_equal(device_queue(&client[0].device), 0);
	assert_true(bind_queue_work(&fake_queue));
	assert_int_equal(register_instance(1), 0);
	assert_int_equal(iommu_map(&fake_core, &client[0].master, 0x1000, 0x1000000, 0x1000, IOMMU_READ), 0);
}

/* The leaving instance's part is given back. */
static void test_group_that_shrinks_while_it_is_owned(void **state)
{
	(void)state;
	lay_out("0:0.1 1:0.1,1.2");
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
		assert_int_equal(iommu_describe(&fake_core, &more[i].iommu), 0);
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
	assert_int_equal(link_of(1, 0), LINK_QUARANTINED);
	assert_int_equal(link_of(1, 1), LINK_QUARANTINED);
	assert_non_null(strstr(master_reason(&client[1].master), "more instances"));
	/* The stream that did not fit gets its own group. */
	assert_int_equal(iommu_use(&client[0].master, false, &cause), 0);
	assert_int_equal(fake[0].stream[1], STREAM_DOMAIN);
	assert_int_equal(more[0].stream[1], STREAM_DOMAIN);
	iommu_unuse(&client[0].master, false);
	assert_int_equal(iommu_master_stream(&client[2].master, &more[1].iommu, 2), 0);
	publish(2);
	assert_int_equal(link_of(2, 0), LINK_READY);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKED(test_grp_05_a_master_that_joins_two_groups),
		FAKED(test_grp_05_joining_two_groups_fails_half_way),
		FAKED(test_grp_05_exclusive_masters_share_with_no_other),
		FAKED(test_grp_isolation_makes_a_group),
		FAKED(test_grp_09_a_switch_that_fails_at_the_second_of_three),
		FAKED(test_grp_01_singletons),
		FAKED(test_grp_02_alias_shares_group_and_domain),
		FAKED(test_grp_03_duplicate_id_of_one_master),
		FAKED(test_grp_05_streams_of_two_groups_are_refused),
		FAKED(test_grp_06_same_sid_on_two_instances_is_two_groups),
		FAKED(test_grp_07_late_alias_gets_the_current_domain),
		FAKED(test_groups_and_streams_come_and_go),
		FAKED(test_group_outlives_one_of_its_instances),
		FAKED(test_group_that_grows_while_it_is_owned),
		FAKED(test_group_that_grows_by_a_master_without_client),
		FAKED(test_group_that_shrinks_while_it_is_owned),
		FAKED(test_group_on_too_many_instances),
		FAKED(test_grouping_knows_no_history),
		FAKED(test_groups_are_a_matter_of_who_is_present),
		FAKED(test_a_group_in_service_is_told_apart_when_it_ends),
		FAKED(test_a_group_has_the_parts_of_its_members_alone),
		FAKED(test_a_group_is_told_apart_when_its_instance_fails),
		FAKED(test_no_memory_to_tell_apart),
		FAKED(test_a_group_that_is_used_again_holds_nothing),
	};

	return cmocka_run_group_tests_name("group", tests, NULL, NULL);
}
