/* SPDX-License-Identifier: BSD-2-Clause */
/* The guarded core's races and promises, and their outcomes. */
#include "scenarios.h"

#include <errno.h>
#include <string.h>

#define REQUIRE(condition) SCHEDULE_REQUIRE(condition, "in the end: %s", #condition)

static enum iommu_state instance_state(unsigned int i)
{
	return iommu_state(&world.instance[i].iommu);
}

static int group(unsigned int m)
{
	return iommu_group_id(&world.client[m].master);
}

static enum master_state master(unsigned int m)
{
	return master_state(&world.client[m].master);
}

static bool has_domain(unsigned int i, unsigned int sid)
{
	return world.instance[i].stream[sid] == STREAM_DOMAIN;
}

/* --- What goes wrong. --- */

static void second_instance_is_not_enabled(void)
{
	world.instance[1].enable_fails = 1;
}

static void first_start_fails(void)
{
	world.instance[0].start_fails = 1;
}

static void first_enable_fails(void)
{
	world.instance[0].enable_fails = 1;
}

static void first_default_domain_fails(void)
{
	world.instance[0].empty_fails = 1;
}

static void memory_fails_once(void)
{
	world.instance[0].memory_fails = 1;
}

static void memory_fails_twice(void)
{
	world.instance[0].memory_fails = 2;
}

/* A probe takes two operations: the stream, its default domain. */
static void dies_at_the_second(void)
{
	world.instance[0].dies_at = 3;
}

static void dies_at_the_third(void)
{
	world.instance[0].dies_at = 5;
}

static void removals_fail(void)
{
	world.removals_fail = 1;
}

static void domain_fails_once(void)
{
	world.instance[0].domain_fails = 1;
}

static void attach_fails_once(void)
{
	world.instance[0].attach_fails = 1;
}

static void bind_fails_once(void)
{
	world.client[0].bind_fails = 1;
	world.client[0].bind_result = -EIO;
}

static void driver_defers_once(void)
{
	world.client[0].bind_fails = 1;
	world.client[0].bind_result = -DEVICE_DEFER;
}

/* Until a removal, neither the first's walk nor the second's probe goes on. */
static void instances_await_removal(void)
{
	world.instance[0].awaits_removal = true;
	world.instance[1].awaits_removal = true;
}

static void one_core_is_busy(void)
{
	word_store(&world.busy, 1);
}

/* --- What must come of it. --- */

static void all_ready(void)
{
	for (unsigned int m = 0; m < WORLD_MASTERS; m++) {
		REQUIRE(!world.client[m].exists || master(m) == MASTER_READY);
	}
}

static void first_bound(void)
{
	REQUIRE(world_client(0) == CLIENT_BOUND);
	REQUIRE(world.client[0].binds == 1);
	REQUIRE(has_domain(0, 1));
}

static void both_bound(void)
{
	first_bound();
	REQUIRE(world_client(1) == CLIENT_BOUND);
}

static void only_the_first_was_touched(void)
{
	REQUIRE(world.instance[1].starts == 0);
	REQUIRE(world_link(1, 0) == LINK_DESCRIBED);
	REQUIRE(master(0) == MASTER_READY && master(2) == MASTER_READY);
	first_bound();
}

static void second_rolled_back(void)
{
	REQUIRE(instance_state(0) == IOMMU_READY);
	REQUIRE(instance_state(1) == IOMMU_FAILED);
	REQUIRE(world_link(0, 0) == LINK_READY);
	REQUIRE(world_link(2, 0) == LINK_READY);
	REQUIRE(world_link(1, 0) == LINK_DESCRIBED && world_link(2, 1) == LINK_DESCRIBED);
	REQUIRE(world_client(1) == CLIENT_DEFERRED);
	REQUIRE(!world.instance[1].attaches || world.instance[1].stops == 1);
	REQUIRE(world_client(0) == CLIENT_BOUND);
}

static void each_probed_once(void)
{
	for (unsigned int i = 0; i < WORLD_INSTANCES; i++) {
		for (unsigned int sid = 0; sid < WORLD_SIDS; sid++) {
			REQUIRE(world.instance[i].adds[sid] <= 1);
		}
	}
	all_ready();
}

static void one_group(void)
{
	REQUIRE(group(0) == group(1) && group(0) >= 0);
	REQUIRE(world.core.group_count == 1);
	all_ready();
}

static void one_domain(void)
{
	one_group();
	both_bound();
	REQUIRE(world.instance[0].domain[0].live && !world.instance[0].domain[1].live);
}

static void deferred_or_bound(void)
{
	first_bound();
	REQUIRE(world.client[0].device.deferrals <= 2);
}

static void bound_on_both(void)
{
	first_bound();
	REQUIRE(has_domain(1, 1));
}

static void never_bound(void)
{
	REQUIRE(world.client[0].binds == 0);
	REQUIRE(world_client(0) == CLIENT_DEFERRED || world_client(0) == CLIENT_EXPIRED);
	REQUIRE(world.client[0].device.waited_for == 1);
	REQUIRE(world.instance[0].starts == 0);
}

static void expired_once(void)
{
	never_bound();
	REQUIRE(world.expired <= 1);
	REQUIRE((world_client(0) == CLIENT_EXPIRED) == (world.expired == 1));
}

static void bound_or_waits(void)
{
	REQUIRE(world_client(1) == CLIENT_BOUND);
	REQUIRE(world_client(0) == CLIENT_BOUND || world.client[0].device.deferrals == 1);
}

static void no_client_owns(void)
{
	REQUIRE(world_client(0) != CLIENT_BOUND);
	REQUIRE(!world.instance[0].domain[0].live && !world.instance[0].domain[1].live);
}

static void came_back_after_failure(void)
{
	REQUIRE(world.done['R'] == 1 && world.tried['R'] == 2);
	REQUIRE(instance_state(0) == IOMMU_READY);
	REQUIRE(world.instance[0].starts == 2 && world.instance[0].stops == 1);
	all_ready();
	first_bound();
}

static void failed_or_came_back(void)
{
	unsigned int ready = instance_state(0) == IOMMU_READY;

	REQUIRE(ready || instance_state(0) == IOMMU_FAILED);
	REQUIRE(world.done['R'] == ready);
	REQUIRE(world.instance[0].starts == 1U + ready && world.instance[0].stops == 1);
}

static void bad_one_is_alone(void)
{
	REQUIRE(instance_state(0) == IOMMU_READY);
	REQUIRE(master(0) == MASTER_QUARANTINED);
	REQUIRE(world_client(0) == CLIENT_FAILED);
	REQUIRE(world_client(1) == CLIENT_BOUND);
}

static void told_of_the_fault(void)
{
	REQUIRE(master(0) == MASTER_QUARANTINED);
	REQUIRE(world_client(0) == CLIENT_FAILED);
}

static void second_is_refused(void)
{
	REQUIRE(master(0) == MASTER_READY);
	REQUIRE(master(1) == MASTER_QUARANTINED);
	first_bound();
}

static void registered_once(void)
{
	REQUIRE(world.done['R'] == 1 && world.tried['R'] == 2);
	REQUIRE(world.instance[0].starts == 1);
	each_probed_once();
}

static void unregistered_once(void)
{
	REQUIRE(world.done['U'] == 1 && world.tried['U'] == 2);
	REQUIRE(instance_state(0) == IOMMU_GONE);
	REQUIRE(world_link(0, 0) == LINK_DESCRIBED);
	no_client_owns();
}

static void gone_or_bound(void)
{
	REQUIRE(instance_state(0) == IOMMU_GONE);
	REQUIRE(world_client(0) != CLIENT_BOUND);
}

static void removed(void)
{
	REQUIRE(world.done['D'] == 1);
	REQUIRE(word_load(&world.client[0].master.presence) == PRESENCE_ABSENT);
	REQUIRE(world_client(0) != CLIENT_BOUND);
}

static void removed_and_back(void)
{
	REQUIRE(world.done['D'] == 1 && world.done['A'] == 1);
	REQUIRE(word_load(&world.client[0].master.presence) == PRESENCE_PRESENT);
	all_ready();
}

static void both_removed(void)
{
	REQUIRE(world.done['D'] == 2);
	REQUIRE(group(0) == -1 && group(1) == -1);
	REQUIRE(world.core.free_group && !world.core.free_group->next_free);
	no_client_owns();
}

static void switch_failed_for_one(void)
{
	unsigned int bound = (world_client(0) == CLIENT_BOUND ? 1U : 0U) + (world_client(1) == CLIENT_BOUND ? 1U : 0U);

	REQUIRE(bound == 1);
	REQUIRE(has_domain(0, 1) && has_domain(0, 2) && has_domain(0, 3));
}

static void region_is_mapped(void)
{
	REQUIRE(master(0) == MASTER_READY);
	REQUIRE(world.instance[0].attached[1] && world.instance[0].attached[1]->region);
}

static void no_claim_is_left(void)
{
	REQUIRE(world.done['C'] + world.done['B'] >= 1);
	REQUIRE(world.instance[0].stream[1] == STREAM_EMPTY || world_client(0) == CLIENT_BOUND);
}

static void unbound_once(void)
{
	REQUIRE(world.client[0].unbinds == 1);
	REQUIRE(world.done['N'] == 1 && world.tried['N'] == 2);
	no_client_owns();
}

/* No master is blamed, i1 works on; ended and registered, all is well. */
static void failed_alone(void)
{
	REQUIRE(instance_state(0) == IOMMU_FAILING);
	REQUIRE(instance_state(1) == IOMMU_DESCRIBED || world_client(2) == CLIENT_BOUND);
	REQUIRE(master(0) != MASTER_QUARANTINED && master(1) != MASTER_QUARANTINED);
	REQUIRE(world_client(0) == CLIENT_BOUND || world_client(0) == CLIENT_DEFERRED);
	REQUIRE(world_client(1) == CLIENT_BOUND || world_client(1) == CLIENT_DEFERRED);
	world_do("H0");
	REQUIRE(instance_state(0) == IOMMU_FAILED);
	REQUIRE(world_client(0) != CLIENT_BOUND && world_client(1) != CLIENT_BOUND);
	world_do("R0 W0 W0 B0 B1");
	REQUIRE(instance_state(0) == IOMMU_READY);
	REQUIRE(world_client(0) == CLIENT_BOUND && world_client(1) == CLIENT_BOUND);
}

/* Raised before or in service, or after READY. */
static void never_ready_and_raised(void)
{
	bool bound = world_client(0) == CLIENT_BOUND;

	REQUIRE(instance_state(0) == IOMMU_READY || instance_state(0) == IOMMU_FAILED ||
		instance_state(0) == IOMMU_FAILING);
	REQUIRE(instance_state(0) != IOMMU_FAILED || (!bound && world.instance[0].stops == 1));
	REQUIRE(instance_state(1) == IOMMU_READY && world_client(1) == CLIENT_BOUND);
}

static void two_apart(void)
{
	const struct iommu_master *first = &world.client[0].master;
	const struct iommu_master *second = &world.client[1].master;

	REQUIRE(instance_state(0) == IOMMU_GONE);
	REQUIRE(pointer_load(&first->group) != pointer_load(&second->group));
}

/* In service again, perhaps, before they could be separated. */
static void two_apart_later(void)
{
	REQUIRE(instance_state(0) == IOMMU_READY && world_client(1) == CLIENT_BOUND);
	REQUIRE(device_unbind(&world.client[1].device) == 0);
	REQUIRE(iommu_unregister(&world.instance[0].iommu) == 0);
	two_apart();
}

static void gone_or_failed(void)
{
	REQUIRE(instance_state(0) == IOMMU_GONE || instance_state(0) == IOMMU_FAILED);
	REQUIRE((instance_state(0) == IOMMU_GONE) == (world.done['U'] == 1));
	REQUIRE(world.instance[0].stops == 1);
	REQUIRE(world_client(0) == CLIENT_UNBOUND);
}

static void bound_again(void)
{
	REQUIRE(world.done['D'] == 0);
	REQUIRE(master(0) == MASTER_READY);
	REQUIRE(world_client(0) == CLIENT_BOUND);
}

static void last_one_works(void)
{
	REQUIRE(master(2) == MASTER_QUARANTINED);
	REQUIRE(master(3) == MASTER_READY);
	REQUIRE(world_client(3) == CLIENT_BOUND && has_domain(0, 3));
}

static void quarantined(void)
{
	REQUIRE(master(0) == MASTER_QUARANTINED);
	REQUIRE(instance_state(0) != IOMMU_READY || world.instance[0].stream[1] == STREAM_ABORT);
	REQUIRE(master(1) != MASTER_QUARANTINED);
	REQUIRE(world_client(0) != CLIENT_DEFERRED || instance_state(0) != IOMMU_READY);
}

static void after_a_replay(void)
{
	world_do("P0");
	while (bind_queue_work(&world.queue)) {
	}
	all_ready();
	REQUIRE(world_client(0) == CLIENT_BOUND);
}

static void two_of_one_sid(void)
{
	REQUIRE(group(0) != group(1));
	REQUIRE(has_domain(0, 1));
	REQUIRE(world_client(0) == CLIENT_BOUND);
	REQUIRE(world.instance[1].stream[1] == STREAM_EMPTY || world.instance[1].stream[1] == STREAM_DOMAIN);
}

static void neighbour_is_found(void)
{
	REQUIRE(iommu_master_of(&world.core, &world.instance[0].iommu, 6) == &world.client[1].master);
	REQUIRE(!iommu_master_of(&world.core, &world.instance[0].iommu, 5));
	REQUIRE(world.instance[0].adds[5] <= 1);
}

static void merged_or_refused(void)
{
	REQUIRE(instance_state(0) == IOMMU_READY && instance_state(1) == IOMMU_READY);
	REQUIRE(master(0) == MASTER_READY && master(1) == MASTER_READY);
	REQUIRE(master(2) == MASTER_QUARANTINED || (group(0) == group(2) && group(1) == group(2)));
}

static void managed(void)
{
	REQUIRE(world_client(0) != CLIENT_BOUND);
	REQUIRE(!world.instance[0].domain[0].live);
}

static void still_offered(void)
{
	REQUIRE(world_client(0) == CLIENT_UNBOUND || world_client(0) == CLIENT_FAILED);
	no_client_owns();
}

static void mapped_or_not(void)
{
	REQUIRE(world_client(0) != CLIENT_BOUND);
	no_client_owns();
}

static void unmapped_for_both(void)
{
	REQUIRE(world.done['Y'] == 1);
	REQUIRE(world.instance[0].attached[1] && !world.instance[0].attached[1]->mapped);
	REQUIRE(group(0) == group(1));
	both_bound();
}

const struct scenario scenarios[] = {
	/* --- Registration and replay. --- */
	{"B-01 REP-01: registering one of several touches no other instance's masters",
	 "0:0.1 1:1.1 2:0.2",
	 "",
	 {"R0", "B0"},
	 .check = only_the_first_was_touched},
	{"B-02 REP-09: a failed registration rolls back its own masters alone",
	 "0:0.1 1:1.1 2:0.2,1.2",
	 "R0 B0",
	 {"R1", "B1"},
	 .prepare = second_instance_is_not_enabled,
	 .check = second_rolled_back},
	{"B-04 CON-04: two instances register at once over one list of masters",
	 "0:0.1,1.1 1:1.2 2:0.2",
	 "",
	 {"R0", "R1"},
	 .check = each_probed_once},
	{"B-04 REG-09: one instance is registered by two cores",
	 "0:0.1 1:0.2",
	 "",
	 {"R0", "R0"},
	 .check = registered_once},
	{"B-10 REP-06: masters without a client are configured, too",
	 "0:0.1n 1:1.1n",
	 "",
	 {"R0", "R1"},
	 .check = all_ready},
	{"B-12 CON-07 REP-03: two replays at once probe nothing twice",
	 "0:0.1 1:0.2l",
	 "R0",
	 {"P0", "A1 P0"},
	 .check = each_probed_once},
	{"B-16 REP-07: memory that ran out comes back with the next replay",
	 "0:0.1 1:0.2",
	 "",
	 {"R0", "B0"},
	 .prepare = memory_fails_twice,
	 .check = after_a_replay},
	{"B-16: memory runs out while another core replays",
	 "0:0.1 1:0.2",
	 "R0",
	 {"P0 P0", "D0 A0 B0"},
	 .prepare = memory_fails_once,
	 .check = after_a_replay},
	{"B-20 REG-08: the start fails, and is tried again",
	 "0:0.1 1:0.2",
	 "",
	 {"R0 R0", "B0"},
	 .prepare = first_start_fails,
	 .check = came_back_after_failure},
	{"B-20 REG-08: the start fails while another core tries, too",
	 "0:0.1",
	 "",
	 {"R0", "R0"},
	 .prepare = first_start_fails,
	 .check = failed_or_came_back},
	{"B-20 REG-08: the walk fails, and is tried again",
	 "0:0.1 1:0.2",
	 "",
	 {"R0 R0", "B0"},
	 .prepare = first_default_domain_fails,
	 .check = came_back_after_failure},
	{"B-20 REG-08: enabling fails, and is tried again",
	 "0:0.1 1:0.2",
	 "",
	 {"R0 R0", "B0"},
	 .prepare = first_enable_fails,
	 .check = came_back_after_failure},
	{"REG-10: a second instance registers while the first one's client binds",
	 "0:0.1 1:1.1",
	 "R0",
	 {"R1", "B0 N0 B0"},
	 .check = all_ready},
	{"REP-02: three instances register at once",
	 "0:0.1,1.1 1:1.2,2.1 2:2.2",
	 "",
	 {"R0", "R1", "R2"},
	 .check = each_probed_once},
	{"REP-04 REP-10 A33: a master is added while its instance walks",
	 "0:0.1 1:0.2l",
	 "",
	 {"R0", "A1"},
	 .check = each_probed_once},
	{"REP-10: two masters are added while their instance walks",
	 "0:0.1l 1:0.2l",
	 "",
	 {"R0", "A0", "A1"},
	 .check = each_probed_once},
	{"REP-05: a bad master is quarantined alone", "0:0.9 1:0.1", "", {"R0", "B0 B1"}, .check = bad_one_is_alone},
	{"A8: an instance fails while a master of its is removed",
	 "0:0.1 1:0.2",
	 "",
	 {"R0", "D0"},
	 .prepare = first_enable_fails,
	 .check = removed},

	/* --- Groups. --- */
	{"B-05 CON-05 GRP-02: two masters of one stream come at once",
	 "0:0.1l 1:0.1l",
	 "R0",
	 {"A0", "A1"},
	 .check = one_group},
	{"B-06 CON-06: two masters of one stream come and bind at once",
	 "0:0.1l 1:0.1l",
	 "R0",
	 {"A0 B0", "A1 B1"},
	 .check = one_domain},
	{"B-17 GRP-03 GRP-04: a duplicate stream ID comes and goes",
	 "0:0.5,0.5 1:0.6",
	 "",
	 {"R0", "D0"},
	 .check = neighbour_is_found},
	{"B-18 GRP-05 A9: a stream that may not be shared is claimed by a second master",
	 "0:0.1x 1:0.1l",
	 "R0",
	 {"A1", "B0"},
	 .check = second_is_refused},
	{"B-21 GRP-08: direct regions stay, whichever client binds and unbinds",
	 "0:0.1r",
	 "R0",
	 {"B0 N0", "P0"},
	 .check = region_is_mapped},
	{"B-21 A24: direct regions and an instance that leaves and comes",
	 "0:0.1r 1:0.1",
	 "R0",
	 {"B1", "U0 R0"},
	 .check = region_is_mapped},
	{"B-21 GRP-07 GRP-08: a master with a region joins while the group is claimed",
	 "0:0.1lr 1:0.1",
	 "R0",
	 {"A0", "C1 L1"},
	 .check = region_is_mapped},
	{"A24: memory for a direct region comes late",
	 "0:0.1r 1:0.2",
	 "",
	 {"R0", "B0"},
	 .prepare = domain_fails_once,
	 .check = after_a_replay},
	{"B-22: a page is mapped while its owner unbinds", "0:0.1", "R0 B0", {"M0 Y0", "N0"}, .check = mapped_or_not},
	{"B-23 GRP-09: one member of three cannot be switched",
	 "0:0.1g 1:0.2g 2:0.3g",
	 "R0",
	 {"B0", "B1"},
	 .prepare = attach_fails_once,
	 .check = switch_failed_for_one},
	{"GRP-01: singletons bind at once", "0:0.1 1:0.2", "R0", {"B0", "B1"}, .check = both_bound},
	{"GRP-02: two aliases bind and unbind", "0:0.1 1:0.1", "R0", {"B0 N0", "B1 N1"}, .check = NULL},
	{"GRP-06: one stream ID on two instances is two groups",
	 "0:0.1 1:1.1",
	 "R0",
	 {"B0", "R1 B1"},
	 .check = two_of_one_sid},
	{"GRP-07: an alias comes while the first one binds",
	 "0:0.1 1:0.1l",
	 "R0",
	 {"A1 B1", "B0"},
	 .check = both_bound},
	{"GRP-10: the last one out ends the group", "0:0.1 1:0.1", "R0 B0 B1", {"D0", "D1"}, .check = both_removed},
	{"A7: a master that makes two groups one comes while their instances start",
	 "0:0.1 1:1.2 2:0.1,1.2l",
	 "",
	 {"R0", "R1", "A2"},
	 .check = merged_or_refused},

	/* --- Binding and waiting. --- */
	{"B-08 B-13 BND-04 REG-12 A4: a client binds during the walk",
	 "0:0.1 1:0.2",
	 "",
	 {"R0", "B0"},
	 .check = deferred_or_bound},
	{"B-09 BND-05 A18: a client binds between its group and the default domain",
	 "0:0.1 1:0.1",
	 "",
	 {"R0", "B0", "B1"},
	 .check = both_bound},
	{"B-11 CON-01: the driver to bind is withdrawn while another core looks",
	 "0:0.1",
	 "R0",
	 {"B0 N0", "Z0", "S0"},
	 .check = still_offered},
	{"B-11 B-11b CON-02: another driver is offered while the first one binds",
	 "0:0.1",
	 "R0",
	 {"B0 N0", "O0"},
	 .check = no_client_owns},
	{"B-14 BND-06 A5: the second of a master's instances walks",
	 "0:0.1,1.1",
	 "R0",
	 {"R1", "B0"},
	 .check = bound_on_both},
	{"B-14: both of a master's instances register", "0:0.1,1.1", "", {"R0", "R1", "B0"}, .check = bound_on_both},
	{"B-15 BND-02: the instance never comes", "0:0.1 1:1.1", "", {"B0", "R1 B1"}, .check = never_bound},
	{"B-15 BND-02: all waiting ends while a client begins to wait",
	 "0:0.1 1:1.1",
	 "",
	 {"B0", "E0", "R1"},
	 .check = expired_once},
	{"B-26 BND-10 A27: claimed and owned exclude each other",
	 "0:0.1",
	 "R0",
	 {"C0 L0", "B0 N0"},
	 .check = no_claim_is_left},
	{"BND-01: two cores want to bind one device", "0:0.1", "R0", {"B0", "B0"}, .check = first_bound},
	{"BND-03 A31: no wake-up is lost", "0:0.1", "", {"R0", "Q0 W0 W0"}, .check = first_bound},
	{"A31 REP-05: a client waits for a probe that its master fails",
	 "0:0.9l",
	 "R0",
	 {"A0", "B0"},
	 .check = told_of_the_fault},
	{"BND-03: no core sleeps for ever",
	 "0:0.1 1:1.1",
	 "",
	 {"Q0 Q1 R0 R1 F0", "w0"},
	 .prepare = one_core_is_busy,
	 .check = both_bound},
	{"BND-03: a sleeping core is told of work", "0:0.1", "R0", {"G0", "Q0"}, .check = first_bound},
	{"BND-03: two cores sleep and work",
	 "0:0.1",
	 "",
	 {"Q0 R0 F0", "w0", "w0"},
	 .prepare = one_core_is_busy,
	 .check = first_bound},
	{"BND-08: a bind that fails gives back what it took",
	 "0:0.1",
	 "R0",
	 {"B0", "P0"},
	 .prepare = bind_fails_once,
	 .check = no_client_owns},
	{"BND-09 A16: a driver that manages its DMA claims while the instance leaves",
	 "0:0.1m",
	 "R0",
	 {"B0 C0 L0", "U0"},
	 .check = managed},
	{"BND-12: two cores unbind one device", "0:0.1", "R0 B0", {"N0", "N0"}, .check = unbound_once},
	{"BND: a driver asks to wait while another device is bound",
	 "0:0.1 1:0.2",
	 "R0",
	 {"B0", "B1"},
	 driver_defers_once,
	 .check = bound_or_waits},
	{"BND: a device leaves the queue's list while another client is woken",
	 "0:0.1 1:0.2",
	 "B0 B1",
	 {"R0", "K0"},
	 .check = all_ready},

	{"B-03 BND: a device leaves while another core defers it",
	 "0:0.1 1:1.1",
	 "",
	 {"B0", "K0 B0"},
	 .check = never_bound},
	{"B-03 BND: a device leaves behind its bind", "0:0.1", "R0", {"B0", "V0 K0"}, .check = all_ready},
	{"B-03 CON-10: a master leaves while another core defers its client",
	 "0:0.1 1:0.2",
	 "",
	 {"B0", "D0"},
	 .check = removed},

	/* --- Going. --- */
	{"B-03 B-04b CON-08 CON-10: a master is removed while it is probed",
	 "0:0.1 1:0.2",
	 "",
	 {"R0", "D0"},
	 .check = removed},
	{"B-03 CON-10: a master is removed and comes back while its instance replays",
	 "0:0.1 1:0.2",
	 "R0",
	 {"P0 P0", "D0 A0"},
	 .check = removed_and_back},
	{"B-03: a stream's master is looked for while it is removed", "0:0.1", "R0", {"D0", "J0"}, .check = removed},
	{"CON-10: a master takes the slot of one that is removed",
	 "0:0.1 1:0.2l",
	 "R0",
	 {"D0", "A1"},
	 .check = removed},
	{"CON-10 A33: a removal comes to nothing while an instance walks",
	 "0:0.1,1.1",
	 "",
	 {"R0", "D0", "R1"},
	 .prepare = instances_await_removal,
	 .check = NULL},
	{"CON-10: a master is removed by two cores", "0:0.1", "R0 B0", {"D0", "D0"}, .check = removed},
	{"CON-10: a master is removed while its client binds", "0:0.1 1:0.1", "R0", {"D0", "B0"}, .check = removed},
	{"CON-10: a master is removed while its client binds to a group that is owned",
	 "0:0.1 1:0.1",
	 "R0 B1",
	 {"D0", "B0"},
	 .check = removed},
	{"CON-09 A32: a client binds while its instance leaves", "0:0.1", "R0", {"B0", "U0"}, .check = gone_or_bound},
	{"CON-09: a client binds while its instance leaves and comes back",
	 "0:0.1",
	 "R0",
	 {"B0", "U0 R0"},
	 .check = all_ready},
	{"CON-09: one of a client's two instances leaves", "0:0.1,1.1", "R0 R1", {"B0", "U1"}, .check = NULL},
	{"CON-09: a client unbinds while its instance leaves", "0:0.1", "R0 B0", {"N0", "U0"}, .check = gone_or_bound},
	{"CON-09: a master is removed while its instance leaves",
	 "0:0.1 1:0.1",
	 "R0 B0",
	 {"D0", "U0"},
	 .check = removed},
	{"CON-09: an instance leaves while it replays",
	 "0:0.1 1:0.2l",
	 "R0",
	 {"U0", "A1", "P0"},
	 .check = gone_or_bound},
	{"B-12 CON-09: DMA is taken while the instance leaves", "0:0.1", "R0", {"T0", "U0"}, .check = gone_or_bound},
	{"CON-09: two cores unregister one instance", "0:0.1", "R0 B0", {"U0", "U0"}, .check = unregistered_once},
	{"A26: a master is put away while it is probed", "0:0.1 1:0.2", "", {"R0", "X0"}, .check = quarantined},
	{"A26: a master is put away while its client binds", "0:0.1 1:0.2", "R0", {"B0", "X0"}, .check = quarantined},
	{"A26: a master is put away while its instance leaves",
	 "0:0.1 1:0.2",
	 "R0",
	 {"U0", "X0"},
	 .check = quarantined},
	{"A26: a master is put away while its client waits for memory",
	 "0:0.1 1:0.2",
	 "",
	 {"R0", "X0", "B0"},
	 .prepare = memory_fails_twice,
	 .check = quarantined},

	{"CON-15: a page is unmapped while an alias comes to the same domain",
	 "0:0.1 1:0.1l",
	 "R0 B0 M0",
	 {"Y0", "A1 B1"},
	 .check = unmapped_for_both},
	{"CON-15: a page is mapped while the group's other instance comes",
	 "0:0.1 1:0.1,1.2",
	 "R0 B0",
	 {"M0 Y0", "R1"},
	 .check = all_ready},

	/* --- An instance that fails at work: rule 7. --- */
	{"A8: a late probe meets a failure while another client binds",
	 "0:0.1 1:0.2l",
	 "R0",
	 {"A1 B1", "B0"},
	 .prepare = dies_at_the_second,
	 .check = failed_alone},
	{"A8: a bind meets a failure while the other instance's client binds",
	 "0:0.1 1:0.2 2:1.1",
	 "R0 R1",
	 {"B0 B1", "B2"},
	 .prepare = dies_at_the_third,
	 .check = failed_alone},
	{"A8: an instance fails while it is registered",
	 "0:0.1 1:1.1",
	 "R1 B1",
	 {"R0", "I0 B0"},
	 .check = never_ready_and_raised},
	{"A8: an instance fails while it is registered, and nothing else is asked of it",
	 "0:0.1 1:1.1",
	 "R1 B1",
	 {"R0", "I0"},
	 .check = never_ready_and_raised},
	{"A8: an instance is ended by two cores", "0:0.1 1:0.2", "R0 B0 I0", {"H0", "U0 R0", "B1"}, .check = NULL},
	{"A8: an instance fails while it leaves", "0:0.1", "R0 B0", {"U0", "I0"}, .check = gone_or_failed},
	{"A8: an instance fails while a page is mapped",
	 "0:0.1 1:1.1",
	 "R0 R1 B0",
	 {"M0 M1", "I0 H0", "B1"},
	 .check = NULL},

	/* --- Groups that change. --- */
	{"CON-06: a group is claimed while it becomes one with another",
	 "0:0.1 1:1.1 2:0.1,1.1l 3:2.1l",
	 "R0 R1",
	 {"C1 L1", "U0 U1 A2 R0 R1 A3"},
	 .check = NULL},
	{"CON-06: an owner binds and maps while its group becomes one with another",
	 "0:0.1 1:1.1 2:0.1,1.1l 3:2.1l",
	 "R0 R1",
	 {"B1 M1 Y1 N1", "U0 U1 A2 R0 R1 A3"},
	 .check = NULL},
	{"GRP-01: a master that joined two groups goes while their instance ends",
	 "0:0.1 1:0.2 2:0.1,0.2",
	 "R0",
	 {"D2", "U0"},
	 .check = two_apart},
	{"GRP-01: a master that joined two groups goes while their instance ends and comes again",
	 "0:0.1 1:0.2 2:0.1,0.2",
	 "R0",
	 {"D2", "U0 R0 B1"},
	 .check = two_apart_later},
	{"CON-10: a master is bound while its removal comes to nothing",
	 "0:0.1",
	 "R0 Q0",
	 {"D0", "W0"},
	 .prepare = removals_fail,
	 .check = bound_again},
	{"A26: a master is put away while another with its stream comes",
	 "0:0.1 1:0.2 2:0.1,0.2,0.3l 3:0.3l",
	 "R0",
	 {"A2", "A3 B3"},
	 .check = last_one_works},

	/* --- Many at once. --- */
	{"B-07 CON-13: two register, two bind", "0:0.1 1:1.1", "", {"R0", "R1", "B0", "B1"}, .check = both_bound},
	{"B-07 CON-13: register, unregister, bind, remove",
	 "0:0.1 1:0.1 2:1.2",
	 "R0",
	 {"U0 R0", "R1", "B0", "D1"},
	 .check = NULL},
};

const unsigned int scenario_count = sizeof(scenarios) / sizeof(*scenarios);
