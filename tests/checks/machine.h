/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A whole machine on the host, for tests of drivers/checks: two SMMUs (the real driver on the model), four masters that
 * make honest DMA through them, and one PCI host. A test tells one lie: about one DMA, one event, one register or one
 * operation. findings.h judges what the checks print.
 *
 *   m0  smmu0  stream 0x108  reads and writes   the device reports no failure, as a disk that stays silent
 *   m1  smmu0  stream 0x208  reads and writes   it fetches a descriptor from a work page, and reports failures
 *   m2  smmu1  stream 0x308  writes a pattern   it reports failures
 *   m3  smmu1  stream 0x408  copies             it reports failures
 *
 * Every master is function 1 of device 0 behind a bridge of its own, so that masters of different SMMUs are twins.
 */
#ifndef CHECKS_MACHINE_H
#define CHECKS_MACHINE_H

#include <stdbool.h>
#include <stdint.h>

#include "checks/checks.h"
#include "model/model.h"
#include "smmuv3/private.h"

#define MACHINE_SMMUS 2U
#define MACHINE_MASTERS 4U
#define MACHINE_LIES 3U

enum phase { PHASE_REGISTER, PHASE_OBSERVE, PHASE_PROVE, PHASE_PROVOKE, PHASE_SOAK, PHASE_HAND_OVER };

/* Which DMA of a master a lie is about, as the honest machine sees it, whichever check asks for it. */
enum moment {
	NEVER,
	AT_OBSERVE,    /* The stray one, while nothing is mapped. */
	AT_FETCH,      /* A read of its own page, in prove(). */
	AT_TRANSLATE,  /* In prove(), a write that arrives. */
	AT_READ_ONLY,  /* In prove(), a write that ends in F_PERMISSION. */
	AT_UNMAP,      /* In prove(), a write to a page of its own that is mapped no more. */
	AT_NEAR,       /* A write to the page of a neighbour on the same instance, */
	AT_FAR,	       /* and of one on another. */
	AT_TWIN,       /* Under the stream ID of another instance's master. */
	AT_ORDEAL,     /* In provoke(), the DMA that is to be stopped, */
	AT_RECOVERY,   /* and the one that is to arrive afterwards. */
	AT_SOAK,       /* A write, */
	AT_SOAK_FETCH, /* and the fetch before it. */
};

/* What becomes of the memory. */
enum bytes {
	BYTES_HONEST,
	BYTES_WRONG,	    /* The last byte of the DMA is another one. */
	BYTES_SHORT,	    /* The last four bytes do not arrive. */
	BYTES_NONE,	    /* Nothing arrives. */
	BYTES_BELOW,	    /* They arrive in the page before it. */
	BYTES_ELSEWHERE,    /* They arrive in another page of the same master, and not in this one. */
	BYTES_ALL_THE_SAME, /* They arrive at the address, although the SMMU reports that it stopped them. */
};

/* What becomes of the event. */
enum told {
	TOLD_HONEST,
	TOLD_NOTHING,
	TOLD_CODE,	       /* `operand` in place of the code, */
	TOLD_ADDRESS,	       /* of the address, */
	TOLD_SID,	       /* of the stream ID. */
	TOLD_INSTANCE,	       /* The other instance tells it. */
	TOLD_DIRECTION,	       /* A read for a write, and the reverse. */
	TOLD_TWICE,	       /* Harmless: tried again. */
	TOLD_NO_ACCESS,	       /* Without address and direction. */
	TOLD_LATE,	       /* `operand` microseconds after the device was done. */
	TOLD_STRANGER,	       /* Besides, an event of stream `operand`, which is no master's, at address 0x5000. */
	TOLD_MSI,	       /* Besides, one of the master's own at 0x8020040: a doorbell that is not mapped. */
	TOLD_NEIGHBOUR,	       /* Besides, one of master `operand` at 0x5000. */
	TOLD_ITSELF,	       /* Besides, one at the address of a DMA that no event is due for. */
	TOLD_INSTEAD,	       /* Only the one of TOLD_MSI, */
	TOLD_STRANGER_INSTEAD, /* or of TOLD_STRANGER. */
	TOLD_OWN,	       /* In its place, one of the stream that the master is described with: not mapped. */
};

struct lie {
	const char *of; /* Which master: "m0" to "m3". */
	enum moment when;
	const char *check;   /* AT_ORDEAL, AT_RECOVERY: in which check of provoke(). */
	unsigned int number; /* 0: every such DMA; else only the first, the second... */
	enum bytes bytes;
	enum told told;
	uint64_t operand;
	int start;	    /* What the driver's start() returns instead. */
	int poll;	    /* What its poll() returns in the end. */
	bool never;	    /* The DMA never ends. */
	unsigned int polls; /* How often poll() returns -EAGAIN first. */
};

/* A device that no check drives, denied, which makes DMA all the time: a display that scans out. */
struct scan_out {
	unsigned int code; /* Of its events; 0: there is no such device. */
	unsigned int smmu;
	uint32_t sid;
	uint32_t every_us;
	unsigned int pages; /* One event in each, and from the first one again. */
};

struct machine;

/* Breaks the machine while it is built, before the registration: operations, hooks, what the masters can do. */
typedef void breakage(struct machine *machine);

struct machine {
	struct model *model[MACHINE_SMMUS];
	struct smmuv3 smmu[MACHINE_SMMUS];
	struct smmuv3 *smmus[MACHINE_SMMUS]; /* The same, as `bringup` has them. */
	struct iommu_ops ops[MACHINE_SMMUS]; /* What the core calls; a test may replace an operation. */
	struct master master[MACHINE_MASTERS];
	struct master_driver driver[MACHINE_MASTERS];
	struct iommu_core core;
	struct bind_queue queue;
	struct pci_host pci;
	struct pci_function function[2 * MACHINE_MASTERS];
	bool unusable[MACHINE_SMMUS];
	struct description description; /* A true one. */
	struct bringup bringup;
	enum phase phase;
	uint32_t soak; /* Seconds; 0: none. */
	struct model_config config;
	/* What a register of an SMMU reads as, and whether a write reaches it. NULL: honest. */
	uint32_t (*reads)(struct machine *machine, unsigned int smmu, uint32_t offset, uint32_t value);
	bool (*writes)(struct machine *machine, unsigned int smmu, uint32_t offset, uint32_t value);
	/* Called before each phase begins. */
	void (*before)(struct machine *machine, enum phase phase);
	/* Memory that answers where there should be none: NULL, or its 16 bytes are read everywhere. */
	const uint64_t *anywhere;
	bool takes_anything; /* A write to an address without a device does not abort. */
	struct scan_out scan_out;
	const struct lie *lie; /* MACHINE_LIES of them. */
};

/*
 * Builds the machine (`configure` changes `config` first, and nothing else) and takes it from the registration to the
 * verdict, in this process. drivers/checks keeps what it has seen, so the tests call this in a child. The console's
 * output goes to `console`, of `size` bytes.
 */
void machine_run(const struct lie *lies, breakage *configure, breakage *broken, char *console, size_t size);

/* The fake masters' part (masters.c). */
void masters_build(struct machine *machine);
const struct master *machine_master(const char *name);
void masters_on_event(struct smmuv3 *smmu, const struct smmuv3_event *event);
void masters_time_passes(void);
extern struct machine *machine_under_test;
/* Adds a finding of the test itself about the machine, for `differs`. */
void machine_found(const char *check, const char *subject, bool right);
/* The name of the ordeal under way, by how many check records the instance has had in provoke(). */
const char *machine_ordeal(unsigned int smmu);

/* The stream that each of m0 to m3 emits, and the SMMU in front of it. */
uint32_t machine_sid(const struct master *master);
unsigned int machine_smmu_of(const struct master *master);

#endif
