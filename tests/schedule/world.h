/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The guarded core's world: instances that record and check what they are asked, masters with clients, a language.
 *
 * Masters, one word each:  "0:0.1"     instance 0, stream 1;  "0:0.1,1.2" two instances
 *   behind that, any of:   r  direct region     x  exclusive   g  shares its isolation with other g
 *                          m  manages its DMA   n  no client   l  late: not added by prepare
 * A core's actions, with the number of an instance or a master:
 *   R0 register  U0 unregister  P0 replay  I0 raise  H0 end one that failed
 *   A0 add  D0 remove  X0 quarantine
 *   Q0 queue the client  W bind what is queued  B0 both   N0 unbind  V0 wait and unbind
 *   C0 claim  L0 release   M0 map a page  Y0 unmap it   O0 offer the other driver  Z0 offer none
 *   T0 take the DMA without a client, look, give it back
 *   J0 find the master of stream 1 of an instance
 *   S0 read the candidate's name     K0 leave the list of devices and come back
 *   G bind one device, and sleep until there is one
 *   E end all waiting   w bind until no core is busy   F one busy core has ended
 */
#ifndef WORLD_H
#define WORLD_H

#include <stdbool.h>
#include <stdint.h>

#include "iommu/iommu.h"
#include "scheduler.h"

#define WORLD_INSTANCES 3U
#define WORLD_MASTERS 5U
#define WORLD_SIDS 8U
#define WORLD_DOMAINS 6U
#define WORLD_WORDS ('z' + 1U)

enum stream { STREAM_NONE, STREAM_ROOM, STREAM_EMPTY, STREAM_DOMAIN, STREAM_ABORT };

struct world_domain {
	struct iommu_domain domain; /* First. */
	bool live;
	bool kept;   /* Freed while the instance was dead. */
	bool mapped; /* The page of M. */
	bool region;
};

struct world_instance {
	struct iommu_instance iommu; /* First. */
	bool started;
	bool enabled;
	enum stream stream[WORLD_SIDS];
	struct world_domain *attached[WORLD_SIDS];
	struct world_domain domain[WORLD_DOMAINS];
	/* How often it still goes wrong. */
	bool awaits_removal;  /* Goes on only after a removal: reads of a stream, enable. */
	unsigned int dies_at; /* Operations until it dies; 0: never. */
	bool dead;
	bool died;
	unsigned int start_fails;
	unsigned int enable_fails;
	unsigned int memory_fails; /* In add_stream. */
	unsigned int domain_fails;
	unsigned int attach_fails; /* To a domain: of stream 2, if any. */
	unsigned int empty_fails;  /* To the empty one: of stream 1. */
	/* What was asked. */
	unsigned int starts;
	unsigned int stops;
	unsigned int adds[WORLD_SIDS];
	unsigned int attaches;
};

struct world_client {
	struct device device; /* First. */
	struct iommu_master master;
	bool exists;
	bool region;
	bool late;
	bool client;
	bool gone;
	unsigned int leaving;
	unsigned int holders; /* Cores that prevent its removal. */
	uint32_t binds_seen;  /* Binds when its driver was last asked. */
	struct iommu_master described;
	/* As its driver sees it. */
	bool in_bind;
	bool bound;
	bool claimed;
	unsigned int binds;
	unsigned int unbinds;
	unsigned int probes;
	int bind_fails;
	int bind_result;
};

struct world {
	struct iommu_core core;
	struct bind_queue queue;
	struct world_instance instance[WORLD_INSTANCES];
	struct world_client client[WORLD_MASTERS];
	uint32_t ranks_held[SCHEDULE_CORES_MAX];
	unsigned int done[WORLD_WORDS]; /* Successes of each word. */
	unsigned int tried[WORLD_WORDS];
	unsigned int expired;
	unsigned int removals_fail; /* Removals still to fail. */
	struct word busy;	    /* Cores with other work than the queue. */
	struct word removal_over;   /* A removal ended, well or not. */
};

extern struct world world;

/* Empties the world; describes instances and masters, `masters` in words. */
void world_make(const char *masters);

/* Does the words on the calling core. */
void world_do(const char *words);

/* What always holds; else schedule_fail(). */
void world_invariants(const void *unused);

/* Binds all, then checks what holds at rest. */
void world_settle(void);

/* An object's name in a schedule: "i0.state". */
const char *world_name(const void *object, char *buffer, size_t size);

enum link_state world_link(unsigned int master, unsigned int link);
enum client_state world_client(unsigned int master);

#endif
