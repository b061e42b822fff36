/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The world in which the guarded core is interleaved: instances whose hardware records what it is asked for
 * and complains about what it must never be asked, masters with clients, and a small language for what cores do.
 *
 * Masters, one word each:  "0:0.1"          instance 0, stream 1;  "0:0.1,1.2" two instances
 *   behind that, any of:   r                it has a direct region;        x  it is exclusive
 *                          g                it shares its isolation with others that have g
 *                          m                its driver manages its DMA;    n  no client
 *                          l                late: not added by prepare
 * What a core does, one word each, with the number of an instance or a master:
 *   R0 register  U0 unregister  P0 replay  I0 raise  H0 end one that failed
 *   A0 add  D0 remove  X0 quarantine
 *   Q0 queue the client  W bind what is queued  B0 both   N0 unbind  V0 wait and unbind
 *   C0 claim  L0 release the claim   M0 map a page  Y0 unmap it   O0 offer the other driver  Z0 offer no driver
 *   T0 take the DMA without a client, look, and give it back
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
	bool region; /* The direct region. */
};

struct world_instance {
	struct iommu iommu; /* First. */
	bool started;
	bool enabled;
	enum stream stream[WORLD_SIDS];
	struct world_domain *attached[WORLD_SIDS];
	struct world_domain domain[WORLD_DOMAINS];
	/* What goes wrong: how often it still does. */
	bool awaits_removal;  /* It goes on only after a removal, where it reads a stream and where it is enabled. */
	unsigned int dies_at; /* It dies at this operation, counted from now on; 0: never. */
	bool dead;
	bool died; /* It died before its last stop. */
	unsigned int start_fails;
	unsigned int enable_fails;
	unsigned int memory_fails; /* In add_stream. */
	unsigned int domain_fails;
	unsigned int attach_fails; /* To a domain: of stream 2, where there is one. */
	unsigned int empty_fails;  /* To the empty one, of stream 1. */
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
	bool gone;		       /* Removed, and poisoned. */
	unsigned int leaving;	       /* Some core removes it. */
	unsigned int holders;	       /* Cores that keep it from being removed. */
	uint32_t binds_seen;	       /* The binds when its driver was last asked. */
	struct iommu_master described; /* What it was before it was removed and poisoned. */
	/* As its driver sees it. */
	bool in_bind;
	bool bound;
	bool claimed;
	unsigned int binds;
	unsigned int unbinds;
	unsigned int probes; /* Of its links, by PROBING. */
	int bind_fails;
	int bind_result; /* Of a bind that fails. */
};

struct world {
	struct iommu_core core;
	struct bind_queue queue;
	struct world_instance instance[WORLD_INSTANCES];
	struct world_client client[WORLD_MASTERS];
	uint32_t ranks_held[SCHEDULE_CORES_MAX];
	unsigned int done[WORLD_WORDS]; /* How often each word of the language succeeded. */
	unsigned int tried[WORLD_WORDS];
	unsigned int expired;
	unsigned int removals_fail; /* So many removals fail. */
	struct word busy;	    /* Cores that do not work on the queue alone. */
	struct word removal_over;   /* Some removal has come to its end, good or bad. */
};

extern struct world world;

/* Empties the world and describes instances and masters; `masters` has words of the language. */
void world_make(const char *masters);

/* Does what the words say, on the calling core. */
void world_do(const char *words);

/* Checks what holds at every moment; calls schedule_fail() otherwise. */
void world_invariants(const void *unused);

/* Binds all that is queued, then checks everything that holds when no core works. */
void world_settle(void);

/* Names an object for a schedule: "i0.state". */
const char *world_name(const void *object, char *buffer, size_t size);

enum link_state world_link(unsigned int master, unsigned int link);
enum client_state world_client(unsigned int master);

#endif
