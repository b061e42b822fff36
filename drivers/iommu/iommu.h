/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guarded core: instances, masters, groups, domains, ownership. It reaches hardware only through struct iommu_ops.
 * State steps: steps.h; outcomes: README.md. Functions run on any core with no lock held unless their comment says
 * otherwise.
 *
 * Invariants, on any number of cores:
 *   - only an instance that a master names probes it; no operation of an instance is called before its start();
 *   - a client gets DMA only when every link of its master, and each link's instance, is READY; READY is stored last;
 *   - a stream is {instance, stream ID};
 *   - a second replay, or another order of registration, changes nothing;
 *   - only replay tells an instance its stream IDs: looking up has no side effects;
 *   - a master's fault quarantines only that master; an instance's fault fails only that instance;
 *   - groups follow from what is described; a stream in service never changes its group (README.md: when one is split).
 */
#ifndef IOMMU_IOMMU_H
#define IOMMU_IOMMU_H

#include <stdbool.h>
#include <stdint.h>

#include "base/device.h"
#include "base/sync.h"

#define IOMMU_INSTANCES_MAX 64U
#define IOMMU_MASTERS_LIMIT 0x100000U /* Keeps tables far below 4 GiB. */
#define IOMMU_LINKS_MAX 4U	      /* Instances of one master or group. */
#define IOMMU_SIDS_MAX 16U
#define IOMMU_REGIONS_MAX 8U

/* The same bits as PGTABLE_*. */
#define IOMMU_READ 1U
#define IOMMU_WRITE 2U
#define IOMMU_EXECUTE 4U
#define IOMMU_DEVICE 8U /* Otherwise normal, write-back. */

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
	LINK_ABSENT, /* Its master is being removed: no core probes it. */
};

struct iommu_instance;
struct iommu_core;
struct iommu_group;

struct iommu_domain {
	struct iommu_instance *iommu;
};

/*
 * The hardware's operations.
 *
 * Return:      0
 *              -EIO       the instance failed: a time-out, a dead queue, service failure mode. Only this gives -EIO,
 *                         and nothing else; the core raises the instance and blames no master.
 *              -errno     as each operation says. From add_stream(), any but -EIO and -ENOMEM is the master's fault.
 * Context:     start(), enable(), stop(): the core that starts or ends the instance, no lock held. Others: any core,
 *              between start() and stop(); add_stream() with no lock held, quarantine() with the lock of the stream's
 *              group if it has one, the rest with the group's lock held (LOCK_RANK_GROUP). attach() may run during
 *              enable(), when a master is being removed.
 */
struct iommu_ops {
	/* STARTING: denies everything; not enabled yet, ready for add_stream(). */
	int (*start)(struct iommu_instance *iommu);
	/* Ends WALKING: what was written takes effect. */
	int (*enable)(struct iommu_instance *iommu);
	/*
	 * Denies everything, leaves no footprint; also after a failed start() and on a failed instance. -EIO: the
	 * hardware did not stop and may go on translating.
	 */
	int (*stop)(struct iommu_instance *iommu);
	/* Makes room for a stream, denied with an event; no change if it has room. -ERANGE, -ENOMEM. */
	int (*add_stream)(struct iommu_instance *iommu, uint32_t sid);
	/* NULL: the instance's empty domain. */
	int (*attach)(struct iommu_instance *iommu, uint32_t sid, struct iommu_domain *domain);
	/* Denies a stream silently and for good; ignores one beyond the hardware's range. 0, -EIO. */
	int (*quarantine)(struct iommu_instance *iommu, uint32_t sid);
	struct iommu_domain *(*domain_allocate)(struct iommu_instance *iommu); /* NULL: no memory. */
	/* No stream is attached. -EIO: the driver keeps what the hardware may still use. */
	int (*domain_free)(struct iommu_domain *domain);
	int (*map)(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access);
	/* Returns after the TLBs have dropped the range. */
	int (*unmap)(struct iommu_domain *domain, uint64_t iova, uint64_t size);
	int (*translate)(const struct iommu_domain *domain, uint64_t iova, uint64_t *pa);
	/* Takes one step for each table, not for each page. */
	bool (*is_empty)(const struct iommu_domain *domain, uint64_t iova, uint64_t size);
};

struct iommu_instance {
	const char *name;
	const struct iommu_ops *ops;
	struct iommu_core *core;
	unsigned int index; /* In iommu_core.instance[]; also the cause of waiting clients. */
	struct word state;  /* enum iommu_state | IOMMU_RAISED: read by iommu_state(). */
	/* A word for each set, a bit for each slot: its master names this instance, or did just now. */
	struct word *named_by;
	struct word unsettled; /* A probe since the walk began left a link DESCRIBED or GROUPED. */
	struct word probes;    /* Late probes under way; unregistering waits for them. */
	const char *reason;    /* Why it FAILED; from the core that starts or ends it. */
	uint32_t generation;   /* Registrations so far. */
	bool denying;	       /* List lock: a core denies `denied_sid`; its group may not change. */
	uint32_t denied_sid;
};

struct iommu_link {
	struct iommu_master *master;
	struct iommu_instance *iommu;
	struct word state;   /* enum link_state; in PROBING also the core. */
	const uint32_t *sid; /* Ascending, no duplicates. */
	unsigned int sid_count;
	struct iommu_link *next_in_part;
	const char *reason;
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
	uint32_t isolation;   /* Masters with equal numbers, unless 0, cannot be isolated: one group. */
	bool exclusive;	      /* It may share no stream. */
	struct word presence; /* enum iommu_presence. */
	struct pointer group; /* NULL: absent, without streams, or fits into no group. */
	struct iommu_master *next_in_group;
	uint32_t slot_number;		  /* Its slot's number, over all sets. */
	struct pointer quarantine_reason; /* Why it is quarantined for good, or NULL. */
	const char *reason;		  /* Set before adding, for example: why it has no stream. */
};

struct iommu_part {
	struct iommu_instance *iommu;
	struct iommu_link *links;      /* Its members' probed links; NULL: the hardware holds none of the group. */
	struct iommu_domain *fallback; /* Maps the direct regions; NULL: the instance's empty domain. */
	struct iommu_domain *domain;   /* The owner's, or NULL. */
	unsigned int region_count;     /* How many of the group's direct regions they map. */
};

/* Masters that share a stream or cannot be isolated, on all instances. */
struct iommu_group {
	unsigned int id;
	struct iommu_group *next_free; /* List lock; of a group without members. */
	struct iommu_master *members;  /* List lock. */
	bool loose;		       /* List lock: a member has left; the rest may not belong together. */
	struct lock lock;	       /* Guards everything below. */
	struct iommu_part part[IOMMU_LINKS_MAX];
	unsigned int part_count;
	struct iommu_region region[IOMMU_REGIONS_MAX];
	unsigned int region_count;
	unsigned int owner_count;
	const struct iommu_master *claimed_by; /* The master whose caller claimed the group, or NULL. */
};

/* One {instance, stream ID} of a master, or {NULL, isolation number}. */
struct iommu_stream {
	const struct iommu_instance *iommu;
	uint32_t sid;
	unsigned int user_count;
	struct iommu_group *group;
	struct iommu_stream *next;
};

struct iommu_allowed {
	uint64_t base;
	uint64_t size;
};

#define IOMMU_SLOTS_PER_SET 32U

struct iommu_slot {
	struct pointer master;
	struct word users;
};

/*
 * A core that counts in `users` of a slot or its set may use the master: removal waits for 0. Only visits that do not
 * wait for another core hold a set.
 */
struct iommu_slot_set {
	struct word users;
	struct iommu_slot slot[IOMMU_SLOTS_PER_SET];
};

struct iommu_core {
	struct iommu_instance *instance[IOMMU_INSTANCES_MAX];
	unsigned int instance_count;
	struct iommu_slot_set *slot_set;
	uint32_t masters_max;
	struct word slot_count;	  /* No slot from here on was used. */
	struct word maybe_free;	  /* The search for a free slot starts here. */
	struct word master_count; /* Slots used or reserved. */
	struct word arrivals;	  /* Masters that took a slot, or stayed after a failed removal. */
	struct bind_queue *queue; /* Clients that wait for instances. */
	/* Splits a link's group if loose; NULL until one is. */
	_Atomic(int (*)(struct iommu_link *)) split;
	struct lock group_list_lock;
	struct iommu_stream **stream; /* Lists by hash of {instance, stream ID}. */
	uint32_t stream_mask;
	struct iommu_stream *free_stream;
	unsigned int group_count;
	struct iommu_group *free_group;
	struct iommu_allowed allowed;
	/*
	 * Unbinds the clients of a master that leaves, or whose instance leaves: 0 once none is bound or binding, or
	 * -ETIMEDOUT. LEAVING, stored before, refuses later binds. May be NULL.
	 */
	int (*unbind)(struct iommu_master *master);
	/* Queues the clients again that unbind() unbound: the master or instance stays. May be NULL. */
	void (*rebind)(struct iommu_master *master);
};

/*
 * Empties the core and makes room for `masters_max` masters (1 to IOMMU_MASTERS_LIMIT).
 *
 * Return:      0
 *              -EINVAL    `masters_max` is out of range
 *              -ENOMEM    the arena is exhausted
 * Context:     boot core, before any other call here.
 */
int iommu_core_init(struct iommu_core *core, struct bind_queue *queue, uint32_t masters_max);

/* From now on only [base, base + size) may be mapped. */
void iommu_allow(struct iommu_core *core, uint64_t base, uint64_t size);

/*
 * Makes an instance DESCRIBED; the caller has set `name` and `ops`.
 *
 * Return:      0
 *              -EEXIST    known already
 *              -ENOSPC    IOMMU_INSTANCES_MAX are known
 *              -ENOMEM    the arena is exhausted
 * Context:     boot core, before any master that names it.
 */
int iommu_describe(struct iommu_core *core, struct iommu_instance *iommu);

/*
 * Adds a stream, in any order, to a master that is not added yet.
 *
 * Return:      0          added, or a duplicate
 *              -ENOSPC    no room for a stream (also a duplicate) or link
 * Context:     the core that will add the master; no lock, no wait.
 */
int iommu_master_stream(struct iommu_master *master, struct iommu_instance *iommu, uint32_t sid);

/*
 * Adds memory, whole pages, that every domain of a master maps one to one; the master is not added yet. An SMMU that
 * silences a stream in an event storm does so regardless.
 *
 * Return:      0
 *              -EINVAL    not whole pages, empty, or beyond the address space
 *              -ENOSPC    IOMMU_REGIONS_MAX are there
 * Context:     as iommu_master_stream().
 */
int iommu_master_region(struct iommu_master *master, uint64_t base, uint64_t size, unsigned int access);

/*
 * Makes a master known, in the group that its streams and `isolation` give; probes links whose instance is READY. A
 * failed probe shows only in the link. The probe quarantines a master that fits into no group.
 *
 * Return:      0          PRESENT
 *              -EBUSY     known already
 *              -ENOSPC    masters_max are known
 *              -ENOMEM    the arena is exhausted
 *              -ETIMEDOUT another core used its group
 * State left:  on an error other than -EBUSY ABSENT.
 * Context:     waits for the SMMU where an instance is READY.
 */
int iommu_master_add(struct iommu_core *core, struct iommu_master *master);

/*
 * Removes a master: unbinds clients, releases links, ends a claim through it; then no core keeps a pointer to it that
 * it got here. Waiting clients wait until it is added again.
 *
 * Return:      0          ABSENT
 *              -EBUSY     not PRESENT
 *              -EPERM     it has direct regions: its DMA must go on
 *              -ETIMEDOUT another core's probe, bind or use of the group did not end
 * State left:  -ETIMEDOUT: PRESENT; links are probed again, clients unbound for this queued again.
 * Context:     not from a callback of the core. The caller keeps all cores out of iommu_claim(), iommu_map(),
 *              iommu_unmap() and iommu_quarantine() of this master; binding and walking may run.
 */
int iommu_master_remove(struct iommu_core *core, struct iommu_master *master);

/*
 * Denies a master everything, silently, until it is removed. Streams that another master emits, too, keep working. Its
 * client stays bound. `reason` must outlive the master.
 *
 * Return:      0
 *              -EPERM     it has direct regions
 *              -EBUSY     not PRESENT
 *              -ETIMEDOUT another core's probe or release did not end; that link is not denied
 *              -EIO       an instance failed; it denies the master once it has stopped
 * Context:     not from a callback of the core; no lock held. Waits for other cores and for the SMMU.
 */
int iommu_quarantine(struct iommu_core *core, struct iommu_master *master, const char *reason);

/*
 * Starts an instance, probes its masters, enables it, stores READY, wakes clients.
 *
 * Return:      0          READY
 *              -EBUSY     it is registered, or another core registers or ends it
 *              others     the error of start() or enable(), or -EIO: FAILED
 * State left:  FAILED, with `reason`; its masters DESCRIBED; no other instance touched.
 * Context:     several instances at once. Waits for the SMMU.
 */
int iommu_register(struct iommu_instance *iommu);

/*
 * Probes unsettled links again; writes nothing for the others.
 *
 * Return:      0          every link was tried
 *              -EBUSY     not READY
 * Context:     any core; no lock held. Waits for the SMMU.
 */
int iommu_replay(struct iommu_instance *iommu);

/*
 * Ends an instance: no new use, clients unbound, links released, hardware stopped.
 *
 * Return:      0          GONE
 *              -EBUSY     neither READY nor failed since READY
 *              -ETIMEDOUT another core's probe or bind did not end
 *              -EIO       it failed, before or meanwhile, or did not stop
 * State left:  -ETIMEDOUT: READY, clients unbound for this queued again; or, if it had failed, FAILING, some clients
 *              unbound. -EIO: FAILED, with `reason`; its masters DESCRIBED.
 * Context:     not from a callback of the core. Waits for other cores, 3 s for each link at most, and for the SMMU.
 */
int iommu_unregister(struct iommu_instance *iommu);

/*
 * Marks an instance in service as failed; no effect on others. Nothing binds, maps, attaches or probes on it any more.
 * One core calls iommu_fail() later; a registration under way fails by itself.
 *
 * Context:     any core, interrupts included, any lock held: one exchange, no wait.
 */
void iommu_raise(struct iommu_instance *iommu);

/*
 * Ends a failed or READY instance as iommu_unregister() does. `reason` must outlive it.
 *
 * Return:      0          FAILED with `reason`
 *              -EBUSY     as iommu_unregister()
 *              -ETIMEDOUT as iommu_unregister(), but FAILING
 *              -EIO       FAILED with `reason`, but the hardware did not stop
 * Context:     as iommu_unregister().
 */
int iommu_fail(struct iommu_instance *iommu, const char *reason);

/*
 * Takes the group's DMA for a client: struct device_dma_ops.use. The caller samples the driver's `manages_dma` once,
 * for this and iommu_unuse() (B-11).
 *
 * Return:      0          also for a master without streams
 *              -DEVICE_DEFER `cause`: an instance that, or whose link, is not READY; DEVICE_CAUSE_DRIVER: the master is
 *                         absent or leaves
 *              -EIO       the master is quarantined
 *              -EBUSY     the group is claimed
 *              -ENOMEM    no memory for a domain
 *              others     as attach()
 * Context:     any core; takes the group's lock. Waits for the SMMU.
 */
int iommu_use(struct iommu_master *master, bool manages_dma, unsigned int *cause);
void iommu_unuse(struct iommu_master *master, bool manages_dma);

/* Must a client whose cause is this instance still wait? */
bool iommu_must_wait(const struct iommu_core *core, const struct iommu_master *master, unsigned int cause);

/*
 * Claims a group for a caller that manages its DMA alone: each part gets a domain with only the direct regions, for
 * iommu_map(). Released through the same master, to the default domain.
 *
 * Return:      0
 *              -EBUSY     the group is owned or claimed
 *              -ENODEV    the master is in no group
 *              -EAGAIN    a link or its instance is not READY, or the master is quarantined
 *              -EIO       it was quarantined meanwhile
 *              -ENOMEM    no memory for a domain
 *              others     as attach()
 * State left:  on an error as before.
 * Context:     as iommu_use().
 */
int iommu_claim(struct iommu_master *master);
void iommu_release_claim(struct iommu_master *master);

/*
 * Maps for every stream of an owned group.
 *
 * Return:      0          on each of its instances that has not failed
 *              -EPERM     iommu_allow() does not cover the memory
 *              -ENODEV    no owner
 *              -EIO       an instance that the master names has failed
 *              others     as pgtable_map()
 * State left:  on an error nothing is mapped, except on a failed instance.
 * Context:     any core; takes the group's lock. Waits for the SMMU only where one of several instances failed to map.
 */
int iommu_map(struct iommu_core *core, struct iommu_master *master, uint64_t iova, uint64_t pa, uint64_t size,
	      unsigned int access);

/* The owner's domain for the link's streams, or NULL; for checks. Valid while the owner keeps the group. */
struct iommu_domain *iommu_owned_domain(const struct iommu_link *link);

/*
 * Unmaps; after 0 no SMMU translates the range any more.
 *
 * Return:      0
 *              -EPERM     part of the range is a direct region
 *              -ENOENT    an instance maps only part of the range, and keeps that; or none maps any
 *              -ENODEV    no owner
 *              -EIO       an instance of the group failed: it may translate until iommu_fail() has stopped it
 *              others     as pgtable_unmap()
 * Context:     waits for the SMMU.
 */
int iommu_unmap(struct iommu_master *master, uint64_t iova, uint64_t size);

/* A raised instance is FAILING. Any lock may be held. */
enum iommu_state iommu_state(const struct iommu_instance *iommu);
const char *iommu_state_name(enum iommu_state state);
enum link_state link_state(const struct iommu_link *link);

enum master_state { MASTER_DESCRIBED, MASTER_READY, MASTER_QUARANTINED };
enum master_state master_state(const struct iommu_master *master);
const char *master_state_name(enum master_state state);

/* Why it is not READY, or NULL. Call it once no core probes the master. */
const char *master_reason(const struct iommu_master *master);

/* Is it described with a stream in [first, last]? Any lock may be held. */
bool iommu_master_emits(const struct iommu_master *master, const struct iommu_instance *iommu, uint32_t first,
			uint32_t last);

/* Does a direct region of its group overlap the range? Takes the group's lock. */
bool iommu_master_keeps(const struct iommu_master *master, uint64_t base, uint64_t size);

/* A master that emits the stream, or NULL. Call it while none is removed. */
struct iommu_master *iommu_master_of(struct iommu_core *core, const struct iommu_instance *iommu, uint32_t sid);

/* The group's number, or -1. Any lock may be held. */
int iommu_group_id(const struct iommu_master *master);

#endif
