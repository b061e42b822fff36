/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A machine on the host for boot/checks: two SMMUs (the real driver on the model), four masters, one PCI host. A
 * test tells one lie: about a DMA, an event, a register or an operation. findings.h judges the output. A case may have
 * more masters, each like one of these.
 *
 *   m0  smmu0  stream 0x108  reads and writes   reports no failure, as a silent disk
 *   m1  smmu0  stream 0x208  reads and writes   fetches a descriptor from a work page, reports failures
 *   m2  smmu1  stream 0x308  writes a pattern   reports failures
 *   m3  smmu1  stream 0x408  copies             reports failures
 *
 * Each is function 1 of device 0 behind its own bridge: masters of different SMMUs are twins.
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
#define MACHINE_MASTERS_MAX 12U
#define MACHINE_LIES 3U

enum phase { PHASE_REGISTER, PHASE_OBSERVE, PHASE_PROVE, PHASE_PROVOKE, PHASE_SOAK, PHASE_HAND_OVER };

/* Which DMA a lie is about, in any check. */
enum moment {
	NEVER,
	AT_OBSERVE,    /* The stray one, nothing mapped. */
	AT_FETCH,      /* prove(): a read of its page. */
	AT_TRANSLATE,  /* prove(): a write that arrives. */
	AT_READ_ONLY,  /* prove(): a write, F_PERMISSION. */
	AT_UNMAP,      /* prove(): a write to its unmapped page. */
	AT_NEAR,       /* A write to a neighbour's page on the same instance, */
	AT_FAR,	       /* on another one. */
	AT_TWIN,       /* Under another instance's master's stream ID. */
	AT_INJECTION,  /* provoke(): to be stopped, */
	AT_RECOVERY,   /* and to arrive afterwards. */
	AT_SOAK,       /* A write, */
	AT_SOAK_FETCH, /* and the fetch before it. */
	AT_REMOVED,    /* The soak: of a master that was removed. */
};

/* What memory gets. */
enum bytes {
	BYTES_HONEST,
	BYTES_WRONG,	    /* The last byte is wrong. */
	BYTES_SHORT,	    /* Without the last four. */
	BYTES_NONE,	    /* Nothing arrives. */
	BYTES_BELOW,	    /* In the page before. */
	BYTES_ELSEWHERE,    /* In another page of the master instead. */
	BYTES_ALL_THE_SAME, /* At the address, though reported as stopped. */
};

/* What the event tells. */
enum told {
	TOLD_HONEST,
	TOLD_NOTHING,
	TOLD_CODE,	       /* `operand` for the code, */
	TOLD_ADDRESS,	       /* of the address, */
	TOLD_SID,	       /* of the stream ID. */
	TOLD_INSTANCE,	       /* By the other instance. */
	TOLD_DIRECTION,	       /* Read for write, and the reverse. */
	TOLD_TWICE,	       /* Harmless: tried again. */
	TOLD_NO_ACCESS,	       /* No address, no direction. */
	TOLD_LATE,	       /* `operand` microseconds late. */
	TOLD_STRANGER,	       /* And one of stream `operand`, no master's, at 0x5000. */
	TOLD_MSI,	       /* And its own at 0x8020040: an unmapped doorbell. */
	TOLD_NEIGHBOUR,	       /* And one of master `operand` at 0x5000. */
	TOLD_ITSELF,	       /* And one at a DMA's address that is due no event. */
	TOLD_INSTEAD,	       /* Only TOLD_MSI's, */
	TOLD_STRANGER_INSTEAD, /* or TOLD_STRANGER's. */
	TOLD_OWN,	       /* Instead, one of the described stream: not mapped. */
};

struct lie {
	const char *of; /* "m0" to "m3". */
	enum moment when;
	const char *check;   /* AT_INJECTION, AT_RECOVERY: provoke()'s check. */
	unsigned int number; /* 0: each such DMA; else the first, the second... */
	enum bytes bytes;
	enum told told;
	uint64_t operand;
	int start; /* The driver's start() returns this. */
	int poll;  /* poll()'s final result. */
	bool never;
	unsigned int polls; /* -EAGAINs of poll() first. */
};

/* A denied device that never stops: a display. */
struct scan_out {
	unsigned int code; /* Its events' code; 0: no device. */
	unsigned int smmu;
	uint32_t sid;
	uint32_t every_us;
	unsigned int pages; /* An event in each, cyclically. */
};

struct machine;

/* Breaks the machine before the registration. */
typedef void breakage(struct machine *machine);

struct machine {
	struct model *model[MACHINE_SMMUS];
	struct smmuv3 smmu[MACHINE_SMMUS];
	struct smmuv3 *smmus[MACHINE_SMMUS]; /* As in `bringup`. */
	struct iommu_ops ops[MACHINE_SMMUS]; /* What the core calls; replaceable. */
	/* For `configure`: more than m0 to m3, and the first of smmu1. */
	unsigned int master_count;
	unsigned int first_of_smmu1;
	struct master master[MACHINE_MASTERS_MAX];
	struct master_driver driver[MACHINE_MASTERS_MAX];
	struct iommu_core core;
	struct bind_queue queue;
	struct pci_host pci;
	struct pci_function function[2 * MACHINE_MASTERS_MAX];
	bool unusable[MACHINE_SMMUS];
	struct description description;
	struct bringup bringup;
	enum phase phase;
	uint32_t soak; /* Seconds; 0: none. */
	struct model_config config;
	/* A register's value, and whether a write arrives. NULL: honest. */
	uint32_t (*reads)(struct machine *machine, unsigned int smmu, uint32_t offset, uint32_t value);
	bool (*writes)(struct machine *machine, unsigned int smmu, uint32_t offset, uint32_t value);
	void (*before)(struct machine *machine, enum phase phase);
	/* Where no memory should be: NULL, or these 16 bytes everywhere. */
	const uint64_t *anywhere;
	bool takes_anything; /* Writes to nowhere do not abort. */
	struct scan_out scan_out;
	const struct lie *lie; /* MACHINE_LIES of them. */
};

/*
 * Runs to the verdict; `configure` changes only `config`, first. In a child: boot/checks keeps its state. Output
 * goes to `console`, `size` bytes.
 */
void machine_run(const struct lie *lies, breakage *configure, breakage *broken, char *console, size_t size);

/* masters.c */
void masters_build(struct machine *machine);
const struct master *machine_master(const char *name);
void masters_on_event(struct smmuv3 *smmu, const struct smmuv3_event *event);
void masters_time_passes(void);
extern struct machine *machine_under_test;
/* A finding of the test itself, for `differs`. */
void machine_found(const char *check, const char *subject, bool right);
/* By the instance's check records in provoke(). */
const char *machine_injection(unsigned int smmu);

/* The stream of each of m0 to m3, and its SMMU. */
uint32_t machine_sid(const struct master *master);
unsigned int machine_smmu_of(const struct master *master);

#endif
