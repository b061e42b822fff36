/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guarded core: instances and their registration, replay, masters, groups, default domains and ownership. It
 * reaches hardware only through struct iommu_ops and knows no SMMU, no firmware table and no bus.
 *
 * Instances, links {master, instance} and masters are a state word each; steps.h has their steps. master_state()
 * follows from a master's links.
 *
 * Invariants, on any number of cores:
 *   - only an instance that a master names probes it, and no operation of an instance is called before its start();
 *   - a client gets DMA only when every link of its master, and every instance these name, is READY; READY is stored
 *     last;
 *   - a stream is identified by {instance, stream ID};
 *   - a second replay, or another order of registration, changes nothing;
 *   - looking up a master's instance has no side effects: only replay tells an instance its stream IDs;
 *   - a master's fault quarantines only that master; an instance's fault fails only that instance;
 *   - groups follow from what is described, not from the order of registration. When a master is removed that held
 *     others together, the group is split at once; or, while one of its instances is in service or the group is owned,
 *     when the last such instance has ended: a stream in service never changes its group.
 *
 * README.md beside this file lists the outcomes, and which core may meet which where.
 */
#ifndef IOMMU_IOMMU_H
#define IOMMU_IOMMU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/device.h"
#include "base/sync.h"

#define IOMMU_INSTANCES_MAX 64U
#define IOMMU_MASTERS_LIMIT 0x100000U /* Keeps the sizes of tables far below 4 GiB. */
#define IOMMU_LINKS_MAX 4U	      /* Instances that one master names. */
#define IOMMU_SIDS_MAX 16U	      /* Streams of one master. */
#define IOMMU_REGIONS_MAX 8U	      /* Direct regions of one group. */

/* Access and memory type of a mapping: the same bits as PGTABLE_*. */
#define IOMMU_READ 1U
#define IOMMU_WRITE 2U
#define IOMMU_EXECUTE 4U
#define IOMMU_DEVICE 8U /* Device memory; otherwise normal, write-back. */

enum iommu_state {
	IOMMU_DESCRIBED,
	IOMMU_STARTING,
	IOMMU_WALKING,
	IOMMU_READY,
	IOMMU_LEAVING,
	IOMMU_GONE,
	IOMMU_FAILED,
	IOMMU_FAILING, /* An operation returned -EIO: no new use; iommu_fail() ends it. */
};

enum link_state {
	LINK_DESCRIBED,
	LINK_PROBING,
	LINK_GROUPED,
	LINK_READY,
	LINK_QUARANTINED,
	LINK_RELEASING,
	LINK_ABSENT, /* The master is being removed: no core probes the link. */
};

struct iommu;
struct iommu_core;
struct iommu_group;

/* One address space on one instance; embedded in the hardware driver's own structure. */
struct iommu_domain {
	struct iommu *iommu;
};

/*
 * The hardware's operations.
 *
 * Return:      0
 *              -EIO       the instance has failed: a wait timed out, its queue is dead, service failure mode. Only this
 *                         gives -EIO, and it gives nothing else; the core raises the instance and blames no master.
 *              -errno     as each operation says. From add_stream() and attach(), any error but -EIO, -ENOMEM and
 *                         -EEXIST is the master's fault.
 * Context:     start(), enable(), stop(): the core that registers, unregisters or fails the instance, no lock held. The
 *              others: any core, between start() and stop(), with the group's lock held (LOCK_RANK_GROUP), except
 *              add_stream() and quarantine(). attach() may run during enable(), when a master is being removed.
 */
struct iommu_ops {
	/* STARTING: everything denied, not enabled, ready for add_stream(). */
	int (*start)(struct iommu *iommu);
	/* End of WALKING: makes the written state take effect. */
	int (*enable)(struct iommu *iommu);
	/*
	 * Denies everything and leaves no footprint. Also called after a failed start() and on a failed instance. -EIO:
	 * the hardware did not stop and may go on translating.
	 */
	int (*stop)(struct iommu *iommu);
	/* Makes room for a stream, denied with an event; no change if it has room. -ERANGE, -ENOMEM. */
	int (*add_stream)(struct iommu *iommu, uint32_t sid);
	/* Translates the stream by `domain`; NULL: by the instance's empty domain. */
	int (*attach)(struct iommu *iommu, uint32_t sid, struct iommu_domain *domain);
	/* Denies the stream silently and for good; ignores one beyond the hardware's range. 0, -EIO. */
	int (*quarantine)(struct iommu *iommu, uint32_t sid);
	struct iommu_domain *(*domain_allocate)(struct iommu *iommu); /* NULL: no memory. */
	/* No stream is attached. -EIO: the driver keeps the memory that the hardware may still use. */
	int (*domain_free)(struct iommu_domain *domain);
	int (*map)(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access);
	/* Returns after the hardware has dropped the range from its TLBs. */
	int (*unmap)(struct iommu_domain *domain, uint64_t iova, uint64_t size);
	int (*translate)(const struct iommu_domain *domain, uint64_t iova, uint64_t *pa);
	/* Is no page of the range mapped? One step for each table, not for each page. */
	bool (*is_empty)(const struct iommu_domain *domain, uint64_t iova, uint64_t size);
};

struct iommu {
	const char *name;
	const struct iommu_ops *ops;
	struct iommu_core *core;
	unsigned int index; /* In iommu_core.instance[]; also the cause that waiting clients give. */
	struct word state;  /* enum iommu_state, perhaps with IOMMU_RAISED: use iommu_state(). */
	/* One word a block, one bit a slot: the slot's master names this instance, or did until just now. */
	struct word *named_by;
	struct word unsettled; /* The last walk left a link DESCRIBED or GROUPED, because memory ran out. */
	struct word probes;    /* Late probes under way; unregistering waits for them. */
	const char *reason;    /* Why it FAILED; written by the core that starts or ends it. */
	uint32_t generation;   /* Registrations so far. */
	bool denying;	       /* List lock: a core is denying `denied_sid`, so that stream's group may not change. */
	uint32_t denied_sid;
};

/* One master on one instance. */
struct iommu_link {
	struct iommu_master *master;
	struct iommu *iommu;
	struct word state;   /* enum link_state; in PROBING also the core. */
	const uint32_t *sid; /* Ascending, no duplicates. */
	unsigned int sid_count;
	struct iommu_link *next_in_part;
	const char *reason; /* Why it is not READY, from the last probe. */
};

/* Memory that firmware told a device to use (RMR, reserved-memory): mapped one to one before any attach. */
struct iommu_region {
	uint64_t base;
	uint64_t size;
	unsigned int access;
};

enum iommu_presence { PRESENCE_ABSENT, PRESENCE_ARRIVING, PRESENCE_PRESENT, PRESENCE_LEAVING };

struct iommu_master {
	const char *name;
	struct iommu_link link[IOMMU_LINKS_MAX];
	unsigned int link_count;
	uint32_t sid[IOMMU_SIDS_MAX];
	unsigned int sid_count;
	struct iommu_region region[IOMMU_REGIONS_MAX];
	unsigned int region_count;
	uint32_t isolation; /* Masters with the same number, unless 0, cannot be isolated from each other: one group. */
	bool exclusive;	    /* It may not share a stream with another master. */
	struct word presence; /* enum iommu_presence. */
	struct pointer group; /* struct iommu_group; NULL for a master that is absent or fits into no group. */
	struct iommu_master *next_in_group;
	uint32_t place;	       /* Its slot's number, over all blocks. */
	struct pointer barred; /* Why it is quarantined for good (a string), or NULL. */
	const char *reason;    /* Set before it is added: why it has no stream, for example. */
};

/* One group on one instance. */
struct iommu_part {
	struct iommu *iommu;
	struct iommu_link *links;      /* Probed links of its members; NULL: the hardware holds nothing of the group. */
	struct iommu_domain *fallback; /* Default domain with the direct regions; NULL: the instance's empty domain. */
	struct iommu_domain *domain;   /* The owner's; NULL while the group has no owner. */
	unsigned int region_count;     /* Number of the group's direct regions that these domains map. */
};

/*
 * Masters that share a stream or cannot be isolated from each other. Built when masters are described, whichever
 * instances are registered.
 */
struct iommu_group {
	unsigned int id;
	struct iommu_group *next_free; /* List lock; while it has no member. */
	struct iommu_master *members;  /* List lock. */
	bool loose;		       /* List lock: a member has left, so the rest may not belong together. */
	struct lock lock;	       /* Guards everything below. */
	struct iommu_part part[IOMMU_LINKS_MAX];
	unsigned int part_count;
	struct iommu_region region[IOMMU_REGIONS_MAX];
	unsigned int region_count;
	unsigned int owner_count;
	const struct iommu_master *claimant; /* Master that the group was claimed through, or NULL. */
};

/* One {instance, stream ID} that a master was described with, or {NULL, isolation number}. */
struct iommu_stream {
	const struct iommu *iommu;
	uint32_t sid;
	unsigned int user_count;
	struct iommu_group *group;
	struct iommu_stream *next;
};

struct iommu_allowed {
	uint64_t base;
	uint64_t size;
};

#define IOMMU_SLOTS_PER_BLOCK 32U

/* NULL or struct iommu_master. */
struct iommu_slot {
	struct pointer master;
	struct word users;
};

/*
 * A core that counts in `users` of a slot, or of its block, may look at the master: removal waits until the count is 0.
 * A block is held only by visits that do not wait.
 */
struct iommu_block {
	struct word users;
	struct iommu_slot slot[IOMMU_SLOTS_PER_BLOCK];
};

struct iommu_core {
	struct iommu *instance[IOMMU_INSTANCES_MAX];
	unsigned int instance_count;
	struct iommu_block *block; /* masters_max slots in all. */
	uint32_t masters_max;
	struct word slot_count;	  /* No slot from here on was ever used. */
	struct word maybe_free;	  /* Hint: where the search for a free slot starts. */
	struct word master_count; /* Slots used or reserved. */
	struct word arrivals;	  /* Masters that ever took a slot. */
	struct bind_queue *queue; /* Queue of the clients that wait for instances. */
	/* Splits the group of a link if it is loose; NULL until the first group is. */
	_Atomic(int (*)(struct iommu_link *)) split;
	struct lock group_list_lock;
	struct iommu_stream **stream; /* Lists by hash of {instance, stream ID}; */
	uint32_t stream_mask;	      /* the number of lists less one. */
	struct iommu_stream *free_stream;
	unsigned int group_count;
	struct iommu_group *free_group;
	struct iommu_allowed allowed; /* The only memory that may be mapped. */
	/*
	 * Unbinds the clients of a master that leaves, or whose instance leaves; returns once none is bound or binding:
	 * 0, or -ETIMEDOUT. A later bind is refused, because LEAVING was stored before. May be NULL.
	 */
	int (*unbind)(struct iommu_master *master);
	/* Queues again the clients that unbind() has unbound, because the master or instance stays. May be NULL. */
	void (*rebind)(struct iommu_master *master);
};

/*
 * Empties the core and makes room for `masters_max` masters at a time (1 to IOMMU_MASTERS_LIMIT).
 *
 * Return:      0
 *              -EINVAL    `masters_max` is out of range
 *              -ENOMEM    the arena is exhausted
 * Context:     boot core, before any other call here.
 */
int iommu_core_init(struct iommu_core *core, struct bind_queue *queue, uint32_t masters_max);

/* From now on only memory in [base, base + size) may be mapped. */
void iommu_allow(struct iommu_core *core, uint64_t base, uint64_t size);

/*
 * Makes an instance known, DESCRIBED. The caller has set `name` and `ops`; no operation is called.
 *
 * Return:      0
 *              -EEXIST    it is known already
 *              -ENOSPC    IOMMU_INSTANCES_MAX are known
 *              -ENOMEM    the arena is exhausted
 * Context:     boot core, before any master that names it.
 */
int iommu_describe(struct iommu_core *core, struct iommu *iommu);

/*
 * Adds {instance, stream ID} to a master that is not added yet, in any order; duplicates are ignored.
 *
 * Return:      0          added, or a duplicate
 *              -ENOSPC    no room for another stream (also for a duplicate) or link
 */
int iommu_master_stream(struct iommu_master *master, struct iommu *iommu, uint32_t sid);

/*
 * Adds memory that every domain of the master maps one to one; the master is not added yet, and never gets a domain
 * without it. [base, base + size) in bytes, whole pages. An SMMU that silences a stream in an event storm does so
 * regardless.
 *
 * Return:      0
 *              -EINVAL    not whole pages, empty, or beyond the address space
 *              -ENOSPC    IOMMU_REGIONS_MAX are there
 */
int iommu_master_region(struct iommu_master *master, uint64_t base, uint64_t size, unsigned int access);

/*
 * Makes a master known, in the group that its streams and `isolation` give, with its links DESCRIBED; probes those
 * whose instance is READY. A probe that fails shows in the link's state only; a master whose groups can no longer be
 * merged is quarantined by its probe.
 *
 * Return:      0          PRESENT
 *              -EBUSY     it is known already
 *              -ENOSPC    masters_max are known
 *              -ENOMEM    the arena is exhausted
 *              -ETIMEDOUT another core kept its group in use
 * State left:  on an error ABSENT.
 * Context:     any core, no lock held; waits for the SMMU where an instance is READY.
 */
int iommu_master_add(struct iommu_core *core, struct iommu_master *master);

/*
 * Removes a master: its clients are unbound, its links released, a claim through it ends, and no core keeps a pointer
 * to it that it got here. A waiting client waits on until the master is added again.
 *
 * Return:      0          ABSENT
 *              -EBUSY     it is not PRESENT, or another core removes it
 *              -EPERM     it has direct regions, so its DMA must go on
 *              -ETIMEDOUT another core's probe, bind or use of the group did not end
 * State left:  -ETIMEDOUT: PRESENT; its links are probed again, clients unbound for this are queued again.
 * Context:     any core, no lock held, not from a callback of the core. The caller makes sure that no core is in
 *              iommu_claim(), iommu_map(), iommu_unmap() or iommu_quarantine() of this master; binding and walking may
 *              run.
 */
int iommu_master_remove(struct iommu_core *core, struct iommu_master *master);

/*
 * Denies a misbehaving master everything, silently, until it is removed. Streams that another master also emits keep
 * working. Its client stays bound. `reason` must outlive the master.
 *
 * Return:      0
 *              -EPERM     it has direct regions
 *              -EBUSY     it is not PRESENT
 *              -ETIMEDOUT another core's probe or release did not end; that link is not denied
 *              -EIO       an instance of it failed; denied there once that has stopped
 * Context:     any core, no lock held.
 */
int iommu_quarantine(struct iommu_core *core, struct iommu_master *master, const char *reason);

/*
 * Registers an instance: starts it, replays its masters, sets up their default domains, enables it, stores READY and
 * wakes waiting clients.
 *
 * Return:      0          READY
 *              -EBUSY     it is registered, or another core registers or ends it
 *              others     the error of start(), enable() or an attach: FAILED
 * State left:  FAILED, with `reason`; its masters DESCRIBED; no other instance touched.
 * Context:     any core, no lock held; several instances may register at once. Waits for the SMMU.
 */
int iommu_register(struct iommu *iommu);

/*
 * Probes again the links of a READY instance that are not settled (memory had run out); writes nothing for the others.
 *
 * Return:      0          every link was tried
 *              -EBUSY     the instance is not READY
 * Context:     any core, no lock held.
 */
int iommu_replay(struct iommu *iommu);

/*
 * Ends a registered instance: no new use, its masters' clients unbound, links released, hardware stopped.
 *
 * Return:      0          GONE
 *              -EBUSY     it is neither READY nor failed since it was READY
 *              -ETIMEDOUT another core's probe or bind did not end
 *              -EIO       it failed before or meanwhile, or did not stop
 * State left:  -ETIMEDOUT: READY, and clients unbound for this are queued again; or, if it had failed, FAILING, and
 *              some clients are unbound. -EIO: FAILED, with `reason`; its masters DESCRIBED.
 * Context:     any core, no lock held, not from a callback of the core. Waits for other cores, 3 s for each link at
 *              most, and for the SMMU.
 */
int iommu_unregister(struct iommu *iommu);

/*
 * Marks an instance as failed: nothing binds, maps, attaches or probes on it any more, and clients that would bind are
 * deferred. One core calls iommu_fail() later; a registration under way fails by itself. No effect on an instance that
 * is not in service or is marked already.
 *
 * Context:     any core, interrupts included, any lock held: one exchange, no wait.
 */
__attribute__((noinline)) void iommu_raise(struct iommu *iommu);

/*
 * Ends a failed instance: raises it if it is READY, then does what iommu_unregister() does. No other instance is
 * touched. `reason` must outlive the instance.
 *
 * Return:      0          FAILED with `reason`
 *              -EBUSY     it is neither READY nor failed since it was READY
 *              -ETIMEDOUT another core's probe or bind did not end
 *              -EIO       FAILED with `reason`, but the hardware did not stop
 * State left:  -ETIMEDOUT: FAILING.
 * Context:     as iommu_unregister().
 */
int iommu_fail(struct iommu *iommu, const char *reason);

/*
 * Takes the DMA of the master's group for a client: struct device_dma_ops.use. `manages_dma` comes from the caller's
 * one sample of the device's driver (B-11).
 *
 * Return:      0          also for a master without streams
 *              -DEVICE_DEFER `cause` is the index of an instance that is not READY or fails meanwhile, or
 *                         DEVICE_CAUSE_DRIVER for a master that is absent or leaves
 *              -EIO       the master is quarantined
 *              -EBUSY     the group is claimed
 *              -ENOMEM    no memory for a domain
 *              others     as attach()
 */
int iommu_use(struct iommu_master *master, bool manages_dma, unsigned int *cause);
void iommu_unuse(struct iommu_master *master, bool manages_dma);

/* Would a client that was told to wait for this instance still have to? */
bool iommu_must_wait(const struct iommu_core *core, const struct iommu_master *master, unsigned int cause);

/*
 * Claims a group for a caller that manages its DMA alone: each part gets a domain with only the direct regions, for
 * iommu_map(). Released through the same master; the default domain is attached again.
 *
 * Return:      0
 *              -EBUSY     the group is owned or claimed
 *              -ENODEV    the master is in no group
 *              -EAGAIN    a link, or its instance, is not READY
 *              -ENOMEM    no memory for a domain
 *              others     as attach()
 * State left:  on an error as before.
 * Context:     any core, no lock held.
 */
int iommu_claim(struct iommu_master *master);
void iommu_release_claim(struct iommu_master *master);

/*
 * Maps for every stream of an owned group.
 *
 * Return:      0          on each of the group's instances that has not failed
 *              -EPERM     memory that iommu_allow() does not cover
 *              -ENODEV    the group has no owner
 *              -EIO       an instance that the master names has failed
 *              others     as pgtable_map()
 * State left:  on an error nothing is mapped, except on a failed instance.
 * Context:     any core, no lock held.
 */
int iommu_map(struct iommu_core *core, struct iommu_master *master, uint64_t iova, uint64_t pa, uint64_t size,
	      unsigned int access);

/*
 * The domain that translates the link's streams while its group is owned, or NULL; for checks. Valid while the owner
 * keeps the group. Any core, no lock held.
 */
struct iommu_domain *iommu_owned_domain(const struct iommu_link *link);

/*
 * Unmaps; after 0 no SMMU translates the range any more.
 *
 * Return:      0
 *              -EPERM     part of the range is a direct region
 *              -ENOENT    nothing there is mapped; or only one instance maps a part of it, and keeps that
 *              -ENODEV    the group has no owner
 *              -EIO       an instance of the group failed: it may translate the range until iommu_fail() has stopped it
 *              others     as pgtable_unmap()
 * Context:     any core, no lock held; waits for the SMMU.
 */
int iommu_unmap(struct iommu_master *master, uint64_t iova, uint64_t size);

/* Decode the state words. A raised instance is FAILING, whatever it was before. */
enum iommu_state iommu_state(const struct iommu *iommu);
enum link_state link_state(const struct iommu_link *link);

enum master_state { MASTER_DESCRIBED, MASTER_READY, MASTER_QUARANTINED };
enum master_state master_state(const struct iommu_master *master);
const char *master_state_name(enum master_state state);

/* Why it is not READY, or NULL. Only once no core probes it. */
const char *master_reason(const struct iommu_master *master);

/* Was it described with a stream of this instance in [first, last]? Any core. */
bool iommu_master_emits(const struct iommu_master *master, const struct iommu *iommu, uint32_t first, uint32_t last);

/* Does a direct region of the master's group overlap [base, base + size)? Any core; takes the group's lock. */
bool iommu_master_keeps(const struct iommu_master *master, uint64_t base, uint64_t size);

/* A master that emits {instance, sid}, or NULL. For messages, while no master is removed. Any core. */
struct iommu_master *iommu_master_of(struct iommu_core *core, const struct iommu *iommu, uint32_t sid);

/* The group's number, or -1. */
int iommu_group_id(const struct iommu_master *master);

#endif
