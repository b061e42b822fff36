/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The driver below drivers/iommu, on registers in memory that record each write and each command in their order. They
 * have no state of their own: what they do is said below.
 */
#ifndef RECORDER_H
#define RECORDER_H

#include <stdbool.h>
#include <stdint.h>

#include "smmuv3/private.h"
#include "smmuv3/registers.h"
#include "smmuv3/smmuv3.h"
#include "smmuv3/structures.h"

#define RECORDER_MEMORY_SIZE (32U << 20)
#define RECORDER_MASTERS_MAX 8U
#define LOG_MAX 512U
#define IDR0_QEMU 0x0d44101aU
#define IDR1_QEMU 0x02730010U
#define IDR5_QEMU 0x74U

/* A register write, or a command. */
struct recorded {
	bool is_command;
	uint32_t what;
	uint64_t value; /* Or the command's first dword. */
	uint64_t second;
};

/* What the SMMU does. */
struct hardware {
	bool acknowledge_cr0;
	uint32_t never_acknowledged; /* Bits of CR0. */
	uint32_t gbpa_pending;	     /* GBPA after `gbpa_reads` more reads. */
	unsigned int gbpa_reads;
	unsigned int gbpa_delay;
	void (*on_smmuen_off)(void);
	bool acknowledge_irq_ctrl;
	bool consume;
	bool gbpa_present;
	uint32_t abort_fetches;	  /* CERROR_ABTs to report. */
	uint32_t abort_syncs;	  /* CERROR_ATC_INV_SYNCs to report. */
	bool swallow;		  /* Skip illegal commands. */
	uint64_t wmb_at_doorbell; /* Barriers before the last doorbell. */
	void (*on_command)(const struct command *command);
};

extern struct hardware hw;
extern void *recorder_memory;
extern uint8_t *regs;
extern struct recorded recorded[LOG_MAX];
extern unsigned int recorded_count;
extern struct smmuv3 smmu;
extern struct bind_queue queue;
extern struct iommu_core core;
extern struct iommu_master master; /* The last that was added. */

/* For cmocka: an SMMU that was described and inherited, and memory. */
int recorder_setup(void **state);
int recorder_teardown(void **state);
#define RECORDED(name) cmocka_unit_test_setup_teardown(name, recorder_setup, recorder_teardown)

uint32_t *reg(unsigned int offset);
uint64_t reg_pair(unsigned int offset);
/* What the hooks of arch.h are set to. */
uint32_t recorder_read(const volatile void *at);
void recorder_write(volatile void *at, uint32_t value);

/* The first entry from `from` on, or recorded_count. */
unsigned int find(unsigned int from, bool is_command, uint32_t what);
unsigned int count_since(unsigned int from, bool is_command);

/* The SMMU does not snoop from now on; what it sees of an object. */
void put_a_cache_between(void);
void *seen_by_hardware(const void *object);

/* Of the stream table that the registers name. */
unsigned int split(void);
uint64_t descriptor_of(uint32_t sid);
const struct ste *ste_of(uint32_t sid);

/* Adds `master`, with this stream. */
void add_master(uint32_t sid);

/* A record in the event queue. */
void raise_event(uint64_t code, uint64_t sid, uint64_t second, uint64_t address);

#endif
