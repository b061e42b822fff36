/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guarded core: instances, their registration, the replay of each instance's own masters, groups, default domain
 * and ownership. It reaches the hardware through struct iommu_ops alone and knows no SMMU, no table and no bus.
 *
 *   instance  DESCRIBED -> STARTING -> WALKING -> READY -> LEAVING -> GONE, or FAILED; GONE and FAILED may start again;
 *             WALKING, READY or LEAVING -> FAILING -> FAILED: iommu_raise()
 *   link      {master, instance}: DESCRIBED -> PROBING(core) -> READY, GROUPED or QUARANTINED; GROUPED -> READY;
 *             RELEASING -> DESCRIBED. Every step is an exchange: two cores that want the same one are told apart by it.
 *   master    ABSENT -> ARRIVING -> PRESENT -> LEAVING -> ABSENT; what it is worth follows from its links
 *
 * What holds at every moment, on any number of cores:
 *   - a master is probed only by an instance that it names, and no operation of an instance is called before its
 * start();
 *   - a client gets DMA only when its master's links and every instance they name are READY; READY is published last;
 *   - the key of a stream is {instance, stream ID};
 *   - a second replay, or another order of registration, changes nothing;
 *   - finding a master's instance has no side effects: only replay tells an instance its stream IDs;
 *   - one master's fault quarantines that master; one instance's fault fails that instance; both take nobody along;
 *   - which masters form a group is a matter of what is described, never of the order of registration. Members that
 *     only one that has gone held together are told apart at once, or, where an instance of theirs is in service or the
 *     group is owned, when the last such instance has ended: a stream in service never changes its group.
 *
 * README.md beside this file has the table of outcomes, and says which core may meet which where.
 */
#ifndef IOMMU_IOMMU_H
#define IOMMU_IOMMU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/device.h"
#include "base/sync.h"

#define IOMMU_INSTANCES_MAX 64U
#define IOMMU_MASTERS_LIMIT 0x100000U /* Sizes of tables stay far below 4 GiB. */
#define IOMMU_LINKS_MAX 4U	      /* Instances that one master names. */
#define IOMMU_SIDS_MAX 16U	      /* Streams of one master. */
#define IOMMU_REGIONS_MAX 8U	      /* Direct regions of one group. */

/* What a master may do with a mapping, and what is mapped: the bits of drivers/pgtable's PGTABLE_*. */
#define IOMMU_READ 1U
#define IOMMU_WRITE 2U
#define IOMMU_EXECUTE 4U
#define IOMMU_DEVICE 8U /* Device memory; else normal, write-back. */

enum iommu_state {
	IOMMU_DESCRIBED,
	IOMMU_STARTING,
	IOMMU_WALKING,
	IOMMU_READY,
	IOMMU_LEAVING,
	IOMMU_GONE,
	IOMMU_FAILED,
	IOMMU_FAILING, /* An operation said -EIO: nothing new is done with it, and iommu_fail() does the rest. */
};

enum link_state {
	LINK_DESCRIBED,
	LINK_PROBING,
	LINK_GROUPED,
	LINK_READY,
	LINK_QUARANTINED,
	LINK_RELEASING,
	LINK_ABSENT, /* Its master is being removed: nobody probes it any more. */
};

struct iommu;
struct iommu_core;
struct iommu_group;

/* One address space on one instance; the hardware's driver puts more behind it. */
struct iommu_domain {
	struct iommu *iommu;
};

/*
 * The hardware's operations.
 *
 * Return:      0
 *              -EIO       the instance has failed: a wait for it timed out, its queue is dead, service failure mode. No
 *                         operation says -EIO for another reason, and none says anything else for this one; the
 *                         core raises it (iommu_raise()), and blames no master.
 *              -errno     what each says; anything but -EIO, -ENOMEM and -EEXIST from add_stream() or attach() is
 *                         the master's fault
 * Context:     start(), enable() and stop(): the core that registers, unregisters or fails the instance, no lock held.
 *              The others: any core, between start() and stop(), with the group's lock held (LOCK_RANK_GROUP) but for
 *              add_stream() and quarantine(). attach() may come while enable() runs: a master is being removed.
 */
struct iommu_ops {
	/* STARTING: brings the hardware to where streams can be told, everything denied, nothing enabled. */
	int (*start)(struct iommu *iommu);
	/* End of WALKING: what was written becomes effective. */
	int (*enable)(struct iommu *iommu);
	/*
	 * Back to everything denied; no footprint. Called after a failed start(), and on an instance that failed, too.
	 * -EIO: it did not stop, and may go on translating by what it has.
	 */
	int (*stop)(struct iommu *iommu);
	/* Makes room for a stream, denied with an event; one that has room stays as it is. -ERANGE, -ENOMEM. */
	int (*add_stream)(struct iommu *iommu, uint32_t sid);
	/* The stream is translated by `domain`; NULL: by the instance's empty domain. */
	int (*attach)(struct iommu *iommu, uint32_t sid, struct iommu_domain *domain);
	/* The stream is denied silently, for good. One beyond the hardware's range is ignored. 0, -EIO. */
	int (*quarantine)(struct iommu *iommu, uint32_t sid);
	struct iommu_domain *(*domain_allocate)(struct iommu *iommu); /* NULL: no memory. */
	/* No stream is attached any more. 0; -EIO: the driver keeps what the hardware may still use. */
	int (*domain_free)(struct iommu_domain *domain);
	int (*map)(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access);
	/* Returns after the hardware has forgotten the range. */
	int (*unmap)(struct iommu_domain *domain, uint64_t iova, uint64_t size);
	int (*translate)(const struct iommu_domain *domain, uint64_t iova, uint64_t *pa);
	/* Whether no page of the range is mapped: in a step for each table, however large a range is. */
	bool (*is_empty)(const struct iommu_domain *domain, uint64_t iova, uint64_t size);
};

struct iommu {
	const char *name;
	const struct iommu_ops *ops;
	struct iommu_core *core;
	unsigned int index; /* In iommu_core.instance[]; also the "cause" that its clients wait for. */
	struct word state;  /* enum iommu_state, and IOMMU_RAISED: see iommu_state(). */
	/* A word for each block, a bit for each slot: its master names this instance, or has done so until just now. */
	struct word *named_by;
	struct word unsettled; /* Since the last walk began a link was left DESCRIBED or GROUPED: memory ran out. */
	struct word probes;    /* Late ones that are under way: an instance that leaves waits for them. */
	const char *reason;    /* Why it FAILED; written by the core that starts or ends it. */
	uint32_t generation;   /* Registrations so far. */
	bool denying;	       /* Under the list lock: a core denies `denied_sid`, whose group stays what it is. */
	uint32_t denied_sid;
};

/* What one master has on one instance. */
struct iommu_link {
	struct iommu_master *master;
	struct iommu *iommu;
	struct word state;   /* enum link_state, and the core in PROBING. */
	const uint32_t *sid; /* Ascending, each once. */
	unsigned int sid_count;
	struct iommu_link *next_in_part;
	const char *reason; /* Why it is not READY: of the probe that ended last. */
};

/* Memory that firmware has told a device to use: mapped one to one before the device is attached to anything. */
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
	uint32_t isolation;   /* Masters with the same number, not 0, cannot be isolated from each other: one group. */
	bool exclusive;	      /* It may share a stream with nobody. */
	struct word presence; /* enum iommu_presence. */
	struct pointer group; /* struct iommu_group; while it is known. NULL where it fits into none. */
	struct iommu_master *next_in_group;
	uint32_t place;	       /* Its slot: counted through all blocks. */
	struct pointer barred; /* Why it was quarantined for good, as a string; or NULL. */
	const char *reason;    /* Set before it is added: why it has no stream, say. */
};

/* What a group has on one instance. */
struct iommu_part {
	struct iommu *iommu;
	struct iommu_link *links;      /* That were probed, of its members; NULL: the hardware holds nothing of it. */
	struct iommu_domain *fallback; /* With the direct regions alone; NULL: the instance's empty domain. */
	struct iommu_domain *domain;   /* The owner's; NULL while nobody owns the group. */
	unsigned int region_count;     /* Of the group's direct regions, that these domains hold. */
};

/*
 * Masters that cannot be told apart, for they share a stream, or that cannot be kept apart. Made when they are
 * described, whichever instances are registered.
 */
struct iommu_group {
	unsigned int id;
	struct iommu_group *next_free; /* Under the list lock, while it has no member. */
	struct iommu_master *members;  /* Under the list lock. */
	bool loose;	  /* Under the list lock: a member has gone, and others may be held together by nothing. */
	struct lock lock; /* Of everything below. */
	struct iommu_part part[IOMMU_LINKS_MAX];
	unsigned int part_count;
	struct iommu_region region[IOMMU_REGIONS_MAX];
	unsigned int region_count;
	unsigned int owner_count;
	const struct iommu_master *claimant; /* Through which somebody claimed it, or NULL. */
};

/* One {instance, stream ID} that some master was described with; or, without an instance, a number of isolation. */
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

/* A place for a master: NULL or struct iommu_master. */
struct iommu_slot {
	struct pointer master;
	struct word users;
};

/*
 * Whoever counts among the users of a slot, or of its whole block, may look at the master: it leaves when nobody does
 * any more. A block is held for looks that wait for nobody.
 */
struct iommu_block {
	struct word users;
	struct iommu_slot slot[IOMMU_SLOTS_PER_BLOCK];
};

struct iommu_core {
	struct iommu *instance[IOMMU_INSTANCES_MAX];
	unsigned int instance_count;
	struct iommu_block *block; /* With masters_max slots in all. */
	uint32_t masters_max;
	struct word slot_count;	  /* Beyond it no slot was ever taken. */
	struct word maybe_free;	  /* A slot, from which on a free one is looked for: a hint. */
	struct word master_count; /* Slots that are taken, or promised. */
	struct word arrivals;	  /* Masters that ever took a slot. */
	struct bind_queue *queue; /* Whose clients wait for instances. */
	/* Tells a link's group apart, where it is loose; NULL until a group ever is. */
	_Atomic(int (*)(struct iommu_link *)) split;
	struct lock group_list_lock;
	struct iommu_stream **stream; /* By a hash of {instance, stream ID}: */
	uint32_t stream_mask;	      /* as many lists, less one. */
	struct iommu_stream *free_stream;
	unsigned int group_count;
	struct iommu_group *free_group;
	struct iommu_allowed allowed; /* The only memory that may ever be mapped. */
	/*
	 * Unbinds the clients of a master that leaves, or whose instance does, and returns once none is bound or
	 * binding: 0, or -ETIMEDOUT. A later bind defers or fails, because LEAVING was published before. May be NULL.
	 */
	int (*unbind)(struct iommu_master *master);
	/*
	 * Queues again the clients that unbind() has unbound: the master, or its instance, stays after all. They are
	 * bound before or after this returns, or wait. May be NULL.
	 */
	void (*rebind)(struct iommu_master *master);
};

/*
 * Empties the core, and makes room for `masters_max` masters at a time (1 to IOMMU_MASTERS_LIMIT). 0; -EINVAL for
 * another number; -ENOMEM where the arena has run out. Boot core, before anything else here.
 */
int iommu_core_init(struct iommu_core *core, struct bind_queue *queue, uint32_t masters_max);

/* Only memory in [base, base + size) may be mapped for masters from now on. */
void iommu_allow(struct iommu_core *core, uint64_t base, uint64_t size);

/*
 * Makes an instance known, DESCRIBED; the caller has set `name` and `ops`. Nothing of it is called. 0; -EEXIST where it
 * is known already; -ENOSPC; -ENOMEM. Boot core, before masters that name it.
 */
int iommu_describe(struct iommu_core *core, struct iommu *iommu);

/*
 * Adds {instance, stream ID} to a master that is not added yet; streams may come in any order and more than once. 0,
 * -ENOSPC.
 */
int iommu_master_stream(struct iommu_master *master, struct iommu *iommu, uint32_t sid);

/*
 * Adds memory that stays mapped one to one for a master, not added yet, through every domain it is ever in: the master
 * is never put into an empty one; an SMMU that silences a stream for a storm of events does it on its own. [base, base
 * + size) in bytes, whole pages. 0; -EINVAL; -ENOSPC.
 */
int iommu_master_region(struct iommu_master *master, uint64_t base, uint64_t size, unsigned int access);

/*
 * Makes a master known, in the group that its streams and its `isolation` lead to, its links DESCRIBED, and probes
 * those whose instance has been registered already. 0; -EBUSY where it is known already; -ENOSPC, -ENOMEM: not known;
 * -ETIMEDOUT, where another core does not let go of its group: not known. A
 * failing probe is not an error here: it shows in the link's state. Nor is a master that would join what cannot be
 * joined any more: it is quarantined when it is probed. Any core; no lock held.
 */
int iommu_master_add(struct iommu_core *core, struct iommu_master *master);

/*
 * The reverse: no more probes, its clients unbound, its links released, out of its group, ABSENT; afterwards no core
 * holds a pointer to it that it got here. 0; -EBUSY where it is not known, or another core removes it; -EPERM for one
 * with direct regions, whose DMA has to go on; -ETIMEDOUT where another core's probe or bind does not end: it is known
 * on then, its links are probed again, and the clients that were unbound for it are queued again. A claim through it
 * ends. A client that waits goes on waiting, until the master is added again. Any core; no lock held, and from no
 * callback of the core. Nobody may be inside iommu_claim(), iommu_map(), iommu_unmap() or iommu_quarantine() of this
 * master meanwhile: that is the caller's part; walking and binding are the core's.
 */
int iommu_master_remove(struct iommu_core *core, struct iommu_master *master);

/*
 * Denies a master everything, silently and until it is removed: for one that does not behave. A stream that another
 * master has, too, keeps working. Its client stays bound, with nothing behind it. `reason` outlives the master. 0;
 * -EPERM for one with direct regions; -EBUSY where it is not known; -ETIMEDOUT where another core's probe or release of
 * it does not end: what that core holds is not denied; -EIO where one of its instances fails meanwhile: what it emits
 * there is denied once that has stopped. Any core; no lock held.
 */
int iommu_quarantine(struct iommu_core *core, struct iommu_master *master, const char *reason);

/*
 * Registers one instance: starts it, replays its own masters, sets up their default domain, enables it, publishes READY
 * and wakes the clients that wait for it. 0; -EBUSY where it is registered or on the way; else the instance is FAILED,
 * with `reason`, its masters are DESCRIBED again and no other instance was touched. Any core, no lock held; two
 * instances may register at once.
 */
int iommu_register(struct iommu *iommu);

/*
 * Probes again what a READY instance's masters still lack (memory that had run out, say); writes nothing for a link
 * that is settled. 0, or -EBUSY unless it is READY. Any core, no lock held.
 */
int iommu_replay(struct iommu *iommu);

/*
 * The reverse of iommu_register(): out of look-up first, its masters' clients unbound, its masters released, the
 * hardware stopped.
 *
 * Return:      0          GONE
 *              -EBUSY     it is neither READY nor FAILING
 *              -ETIMEDOUT another core's probe or bind does not end
 *              -EIO       the instance failed, before or meanwhile, or did not stop
 * State left:  -ETIMEDOUT: READY again, the clients that were unbound for it queued again; or FAILING again, and some
 * unbound. -EIO: FAILED, with `reason`; its masters DESCRIBED. Context:     any core; no lock held, and from no
 * callback of the core.
 */
int iommu_unregister(struct iommu *iommu);

/*
 * Says that an instance has failed: from here on nothing binds, maps, attaches or probes on it, clients that would bind
 * are deferred, and maps fail. The rest is iommu_fail()'s, later, on one core. One that is being registered fails
 * there. Nothing where it is not in service, or was raised before.
 *
 * Context:     any core, in interrupts, too, and with any lock held: one exchange.
 */
__attribute__((noinline)) void iommu_raise(struct iommu *iommu);

/*
 * Ends an instance that failed: raises it where it is READY still, then as iommu_unregister(). Its masters are
 * DESCRIBED and blocked, and no other instance is touched.
 *
 * `reason`: why, in words that outlive the instance.
 *
 * Return:      0          FAILED with `reason`
 *              -EBUSY     it is neither READY nor FAILING
 *              -ETIMEDOUT another core's probe or bind does not end
 *              -EIO       FAILED with `reason`, but the hardware did not stop
 * State left:  -ETIMEDOUT: FAILING.
 * Context:     any core; no lock held, and from no callback of the core.
 */
int iommu_fail(struct iommu *iommu, const char *reason);

/*
 * Takes the master's DMA for a client: struct device_dma_ops.use. `manages_dma` comes from the caller's one sample of
 * the device's driver. 0; -DEVICE_DEFER with `cause` set to the index of an instance that is not READY, or to
 * DEVICE_CAUSE_DRIVER for a master that is not known or is being removed; -EIO for a
 * quarantined master; -EBUSY where the group is claimed; -ENOMEM. One whose instance fails meanwhile is deferred. A
 * master without streams has nothing to take: 0.
 */
int iommu_use(struct iommu_master *master, bool manages_dma, unsigned int *cause);
void iommu_unuse(struct iommu_master *master, bool manages_dma);

/* Whether a client told to wait for this instance would still have to. */
bool iommu_must_wait(const struct iommu_core *core, const struct iommu_master *master, unsigned int cause);

/*
 * Claims a group for somebody who manages its DMA alone: from the default domain into one of its own, for iommu_map(),
 * which holds nothing but direct regions. 0; -EBUSY while anybody owns or claims it; -ENODEV for one without a group;
 * -EAGAIN unless the master is READY on instances that are; -ENOMEM and what attach() says: nothing has changed then.
 * And back to the default domain, through the same master. Any core; no lock held.
 */
int iommu_claim(struct iommu_master *master);
void iommu_release_claim(struct iommu_master *master);

/*
 * Maps for every stream of an owned group.
 *
 * Return:      0          on each of the group's instances that has not failed
 *              -EPERM     memory that iommu_allow() does not cover
 *              -ENODEV    nobody owns the group
 *              -EIO       an instance that the master names has failed
 *              others     as pgtable_map()
 * State left:  on an error nothing is mapped, but on an instance that failed.
 * Context:     any core, no lock held.
 */
int iommu_map(struct iommu_core *core, struct iommu_master *master, uint64_t iova, uint64_t pa, uint64_t size,
	      unsigned int access);

/*
 * The domain that translates the link's streams for whoever owns its master's group, or NULL: for checks that look
 * behind iommu_map(). It is the owner's as long as it owns. Any core, no lock held.
 */
struct iommu_domain *iommu_owned_domain(const struct iommu_link *link);

/*
 * Unmaps; when it returns 0, no SMMU translates the range any more. -EPERM for what a direct region of the group is
 * part of; -ENOENT where nothing of the range is mapped anywhere, or one instance has a part of it alone and keeps
 * that; -ENODEV where nobody owns the group; -EIO where an instance of the group has failed: it may go on translating
 * until iommu_fail() has stopped it; else as pgtable_unmap(). Any core, no lock held.
 */
int iommu_unmap(struct iommu_master *master, uint64_t iova, uint64_t size);

/* The state words' parts, and their names as the report spells them. FAILING: whatever else it was at. */
enum iommu_state iommu_state(const struct iommu *iommu);
enum link_state link_state(const struct iommu_link *link);

enum master_state { MASTER_DESCRIBED, MASTER_READY, MASTER_QUARANTINED };
enum master_state master_state(const struct iommu_master *master);
const char *master_state_name(enum master_state state);

/* Why it is not READY, or NULL. Once no core probes it any more. */
const char *master_reason(const struct iommu_master *master);

/* Whether it was described with a stream of this instance from `first` to `last`, inclusive. Any core. */
bool iommu_master_emits(const struct iommu_master *master, const struct iommu *iommu, uint32_t first, uint32_t last);

/*
 * Whether memory in [base, base + size) stays mapped one to one for this master or for one of its group: a direct
 * region. Any core; takes the group's lock.
 */
bool iommu_master_keeps(const struct iommu_master *master, uint64_t base, uint64_t size);

/* A master that emits {instance, sid}, or NULL: for messages, as long as masters are not removed. Any core. */
struct iommu_master *iommu_master_of(struct iommu_core *core, const struct iommu *iommu, uint32_t sid);

/* The group's number, or -1 for a master in none. */
int iommu_group_id(const struct iommu_master *master);

#endif
