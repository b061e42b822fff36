/* SPDX-License-Identifier: BSD-2-Clause */
/* What the files of drivers/smmuv3 share among themselves. */
#ifndef SMMUV3_PRIVATE_H
#define SMMUV3_PRIVATE_H

#include <errno.h>

#include "smmuv3/registers.h"
#include "smmuv3/smmuv3.h"

/* --- access.c: registers, and waits for them. --- */
/* -EPERM where the register must not be written as things are: said on the console, and not written. */
int smmuv3_write(struct smmuv3 *smmu, unsigned int offset, uint32_t value);
/* Both halves of a 64-bit register. As smmuv3_write(). */
int smmuv3_write64(struct smmuv3 *smmu, unsigned int offset, uint64_t value);
/* A base register: -EINVAL where it is not aligned to `size`, a power of two. `flags` are its other fields. */
int smmuv3_write_base(struct smmuv3 *smmu, unsigned int offset, const char *name, uint64_t address, uint64_t size,
		      uint64_t flags);
/*
 * Polls until (register & mask) == wanted, SMMUV3_WAIT_US at most. 0; -EIO: the SMMU is SMMUV3_BROKEN, and the console
 * has the register, what was wanted and what was read.
 */
int smmuv3_wait(struct smmuv3 *smmu, const char *name, unsigned int offset, uint32_t mask, uint32_t wanted);
/* Writes CR0 (or IRQ_CTRL) and waits for the acknowledge. */
int smmuv3_write_cr0(struct smmuv3 *smmu, uint32_t value);
int smmuv3_write_irq_ctrl(struct smmuv3 *smmu, uint32_t value);
/* Makes stores to `size` bytes at `start` visible to an SMMU that does not snoop. */
void smmuv3_publish(const struct smmuv3 *smmu, const void *start, uint32_t size);

/*
 * --- health.c ---
 * Goes from SMMUV3_OFF to SMMUV3_ON and back, and from anything to something worse; never from SMMUV3_LOST or worse to
 * something better. Whether that changed it. Any core, any lock held.
 */
bool smmuv3_set_health(struct smmuv3 *smmu, enum smmuv3_health health);
/* SMMUV3_OFF whatever it was. start() alone, once SMMUEN was acknowledged to be clear. */
void smmuv3_renew_health(struct smmuv3 *smmu);
/* The one question of every operation: 0, or -EIO from SMMUV3_LOST on. Any core, any lock held. */
static inline int smmuv3_check_health(const struct smmuv3 *smmu)
{
	return smmuv3_health(smmu) > SMMUV3_ON ? -EIO : 0;
}

/* --- queue.c: index arithmetic (3.5.1). --- */
int smmuv3_queue_allocate(struct smmuv3_queue *queue, unsigned int log2, uint32_t entry_size);
uint32_t smmuv3_queue_index(const struct smmuv3_queue *queue, uint32_t position);
uint32_t smmuv3_queue_advance(const struct smmuv3_queue *queue, uint32_t position, uint32_t count);
uint32_t smmuv3_queue_mask(const struct smmuv3_queue *queue);

/* --- command.c --- */
struct command smmuv3_command(unsigned int opcode);
struct command smmuv3_command_cfgi_ste(uint32_t sid);
struct command smmuv3_command_cfgi_all(void);
struct command smmuv3_command_tlbi_all(unsigned int opcode);
struct command smmuv3_command_tlbi_asid(unsigned int vmid, unsigned int asid);
struct command smmuv3_command_tlbi_vmid(unsigned int vmid);
struct command smmuv3_command_tlbi_address(unsigned int opcode, unsigned int vmid, unsigned int asid, uint64_t address,
					   bool leaf);
/* Makes an invalidation by address one of (num + 1) << scale granules (IDR3.RIL). */
void smmuv3_command_range(struct command *tlbi, unsigned int granule_bits, unsigned int num, unsigned int scale);
struct command smmuv3_command_resume_abort(uint32_t sid, unsigned int stag);

/* --- tlbi.c --- */
#define SMMUV3_TLBI_MAX 16U /* Beyond as many pages one command for the whole domain is cheaper. */
/*
 * The commands that make every TLB forget [address, address + size) of a domain, whole granules; `leaf`: no table was
 * cut off. Returns how many there are, SMMUV3_TLBI_MAX at most.
 */
unsigned int smmuv3_tlbi_range(const struct smmuv3 *smmu, const struct smmuv3_domain *domain, uint64_t address,
			       uint64_t size, bool leaf, struct command *commands);
struct command smmuv3_tlbi_domain(const struct smmuv3_domain *domain);

/* --- cmdq.c --- */
/*
 * Issues `count` commands, a SYNC behind each batch, and waits until the last completed.
 *
 * Return:      0     all of them were executed, and so was every command before them
 *              -EIO  the SMMU is SMMUV3_LOST or worse, or the errors were provoked in vain
 * Context:     any core; takes the command queue's lock, and waits without it, SMMUV3_WAIT_US at most.
 * See:         IHI 0070 4.7
 */
int smmuv3_issue(struct smmuv3 *smmu, const struct command *commands, unsigned int count);
/* How many commands the SMMU has consumed since the queue was programmed, as far as can be seen. Any core. */
uint32_t smmuv3_commands_consumed(struct smmuv3 *smmu);
/* The queue gets no more commands: SMMUV3_BROKEN, or provoked in vain. With the queue's lock held. */
void smmuv3_command_queue_broken(struct smmuv3 *smmu, const char *why);
/* Whether waiting for the queue is in vain. Any core, any lock held. */
static inline bool smmuv3_queue_rests(const struct smmuv3 *smmu)
{
	return smmuv3_health(smmu) >= SMMUV3_BROKEN || smmu->provoked == SMMUV3_PROVOKED_IN_VAIN;
}
/* PROD and CONS are 0; nothing is under way. Only with CMDQEN clear. */
void smmuv3_command_queue_reset(struct smmuv3 *smmu);

/* --- gerror.c: the second with the command queue's lock held. --- */
bool smmuv3_has_error(const struct smmuv3 *smmu);
void smmuv3_serve_gerror(struct smmuv3 *smmu);

/*
 * --- evtq.c ---
 * Whether any core may look into the event queue from now on: false before it is made or its registers are written,
 * true behind both.
 */
void smmuv3_publish_events(struct smmuv3 *smmu, bool published);

/* Where EVENTQ_PROD or EVENTQ_CONS is: in page 1, or at the same place of page 0 where there is no page 1. */
static inline unsigned int smmuv3_eventq_offset(const struct smmuv3 *smmu, unsigned int offset)
{
	return smmu->errata_effects & SMMUV3_ERRATA_PAGE1_IN_PAGE0 ? offset % SMMU_PAGE_SIZE : offset;
}

/*
 * --- storm.c, with the event queue's lock held ---
 * Counts an event; whether its stream has just had too many of them.
 */
bool smmuv3_storm_count(struct smmuv3_storm *storm, uint32_t sid);
/* Takes the last event back: the stream's next one has it found out again. */
void smmuv3_storm_recount(struct smmuv3_storm *storm, uint32_t sid);

/*
 * --- update.c ---
 * Changes an entry of 64 bytes that the SMMU may be reading from what it is to `target`, with as few invalidations as
 * that takes: none in between where one store is enough, by way of an invalid entry where it is not. On an error, which
 * is invalidate()'s, the entry is as far as that step. No other core changes the entry meanwhile.
 */
struct entry_update {
	struct smmuv3 *smmu;
	uint32_t sid;
	uint64_t valid;					      /* The bit of dword 0 that makes it valid. */
	void (*used)(const uint64_t *dword, uint64_t *used);  /* The bits that the SMMU looks at. */
	void (*safe)(uint64_t *safe);			      /* Of them, those that may change at any time; or NULL. */
	int (*invalidate)(const struct entry_update *update); /* Returns when no SMMU has the old one. */
};
int smmuv3_update_entry(const struct entry_update *update, uint64_t *entry, const uint64_t *target);

/* --- ste.c, cd.c --- */
void smmuv3_ste_of(const struct smmuv3 *smmu, const struct smmuv3_domain *domain, struct ste *ste);
/* Silent; beside it is what smmuv3_ste_blank() has. */
void smmuv3_ste_abort(const struct smmuv3 *smmu, struct ste *ste);
/*
 * One that nobody wrote: V is clear, and what all entries of stage 1 have alike is there already, so that making one
 * valid is one store.
 */
void smmuv3_ste_blank(const struct smmuv3 *smmu, struct ste *ste);
void smmuv3_ste_used(const uint64_t *dword, uint64_t *used);
void smmuv3_ste_safe(uint64_t *safe);
void smmuv3_cd_of(const struct smmuv3 *smmu, const struct smmuv3_domain *domain, struct cd *cd);
void smmuv3_cd_used(const uint64_t *dword, uint64_t *used);
/* Empties descriptors up to this one that nobody had yet: before it is installed. With the instance's lock held. */
void smmuv3_empty_cd(struct smmuv3 *smmu, unsigned int asid);
void smmuv3_install_cd(struct smmuv3 *smmu, unsigned int asid, const struct cd *cd);
void smmuv3_clear_cd(struct smmuv3 *smmu, unsigned int asid);
unsigned int smmuv3_output_code(unsigned int output_bits);

/* --- strtab.c --- */
int smmuv3_stream_table_allocate(struct smmuv3 *smmu);
/* What STRTAB_BASE and STRTAB_BASE_CFG say of it. */
void smmuv3_stream_table_program(struct smmuv3 *smmu, uint32_t *config, const void **base, uint64_t *size);
void smmuv3_stream_table_clear(struct smmuv3 *smmu);
/* Changes with every bit of the stream table that the SMMU looks at. The caller is changing. */
uint32_t smmuv3_stream_table_hash(const struct smmuv3 *smmu, uint32_t hash);
/* A step of a 32-bit hash (FNV-1a by words): of two values that differ the results do. */
static inline uint32_t smmuv3_mix(uint32_t hash, uint32_t value)
{
	return (hash ^ value) * 0x01000193U;
}
/*
 * One core at a time changes the stream table, or SMMUEN. This is no lock: a change waits for the SMMU, and interrupts
 * stay as they are meanwhile.
 *
 * Return:      smmuv3_try_change(): whether no other core is changing.
 * Context:     smmuv3_begin_change() waits for the core that is, LOCK_WAIT_US at most, and holds no lock but a group's.
 *              An interrupt handler tries, for the core that it interrupted may be the one that is changing.
 */
void smmuv3_begin_change(struct smmuv3 *smmu);
bool smmuv3_try_change(struct smmuv3 *smmu);
void smmuv3_end_change(struct smmuv3 *smmu);
/*
 * Makes room for a stream; every stream that had room keeps its entry, perhaps elsewhere.
 *
 * Return:      0
 *              -ERANGE  the stream ID is beyond the table
 *              -ENOMEM  the arena has run out
 *              -EIO     smmuv3_check_health()
 * Context:     any core that is not changing.
 * See:         IHI 0070 3.3.1, 5.1
 */
int smmuv3_stream_table_room(struct smmuv3 *smmu, uint32_t sid);
/* The stream's entry, or NULL without room. The caller is changing. */
struct ste *smmuv3_stream_table_entry(const struct smmuv3 *smmu, uint32_t sid);
/*
 * Installs an STE, with what invalidation it takes.
 *
 * Return:      0        the SMMU goes by it
 *              -ERANGE  the stream has no room
 *              -EIO     the SMMU may still go by what was there before, or by V clear
 * Context:     any core that is not changing.
 * See:         IHI 0070 3.21.3
 */
int smmuv3_install_ste(struct smmuv3 *smmu, uint32_t sid, const struct ste *target);
/*
 * Denies a stream everything, without an event, until it is attached again; one without room gets it.
 *
 * Return:      0
 *              -ERANGE, -ENOMEM, -EIO  as smmuv3_stream_table_room()
 * Context:     a core that is changing.
 * See:         IHI 0070 5.2, STE.Config 0b000
 */
int smmuv3_silence(struct smmuv3 *smmu, uint32_t sid);

/* --- smmuv3.c: base, PROD and CONS of a queue whose enable is clear, at an address. 0, -EINVAL, -EPERM. --- */
int smmuv3_program_command_queue(struct smmuv3 *smmu, uint64_t address);
int smmuv3_program_event_queue(struct smmuv3 *smmu, uint64_t address);

/* --- domain.c --- */
unsigned int smmuv3_tlb_vmid(const struct smmuv3_domain *domain);
struct iommu_domain *smmuv3_domain_allocate(struct iommu *iommu);
int smmuv3_domain_free(struct iommu_domain *domain);
int smmuv3_domain_map(struct iommu_domain *domain, uint64_t iova, uint64_t pa, uint64_t size, unsigned int access);
int smmuv3_domain_unmap(struct iommu_domain *domain, uint64_t iova, uint64_t size);
int smmuv3_domain_translate(const struct iommu_domain *domain, uint64_t iova, uint64_t *pa);
bool smmuv3_domain_is_empty(const struct iommu_domain *domain, uint64_t iova, uint64_t size);
/* Gives back what was held since the SMMU failed: tables, ASIDs, VMIDs, domains. Once everything was invalidated. */
void smmuv3_domains_give_back(struct smmuv3 *smmu);

static inline struct smmuv3 *smmuv3_of(struct iommu *iommu)
{
	return (struct smmuv3 *)iommu; /* Its first member. */
}

#endif
