/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Steps of state words: a table STEPS(ROW, a, b) has rows ROW(a, b, FROM, TO, WHO, LOCK). A step without a row does not
 * compile; drivers/iommu/README.md prints them (make lint).
 */
#ifndef BASE_STEPS_H
#define BASE_STEPS_H

#include "base/sync.h"

#define STEP_IS_ROW(a, b, from, to, who, lock) || 256 * (a) + (b) == 256 * (from) + (to)

#define STEP(steps, from, to) _Static_assert(0 steps(STEP_IS_ROW, from, to), #steps " has no row " #from ", " #to)

/* By an exchange; false if the word was not `from`. */
#define STEP_IF(steps, word, from, to)                                                                                 \
	({                                                                                                             \
		STEP(steps, from, to);                                                                                 \
		word_exchange_if(word, from, to);                                                                      \
	})

/* By a store; the caller owns the word, which is `from`. */
#define STEP_TO(steps, word, from, to)                                                                                 \
	({                                                                                                             \
		STEP(steps, from, to);                                                                                 \
		word_store(word, to);                                                                                  \
	})

#define CLIENT_STEPS(ROW, a, b)                                                                                        \
	ROW(a, b, CLIENT_ABSENT, CLIENT_UNBOUND, "the core that adds the device", "bind queue")                        \
	ROW(a, b, CLIENT_UNBOUND, CLIENT_BINDING, "the core that takes it from the bind queue", "none")                \
	ROW(a, b, CLIENT_DEFERRED, CLIENT_BINDING, "the same, once it was woken", "none")                              \
	ROW(a, b, CLIENT_DEFERRED, CLIENT_DEFERRED, "the core that stores READY, or binds another: it is woken",       \
	    "bind queue")                                                                                              \
	ROW(a, b, CLIENT_DEFERRED, CLIENT_EXPIRED, "the boot core, when every instance was tried", "bind queue")       \
	ROW(a, b, CLIENT_BINDING, CLIENT_DEFERRED, "the core that binds: what it needs is not ready", "none")          \
	ROW(a, b, CLIENT_BINDING, CLIENT_EXPIRED, "the core that binds: its driver has asked to wait too often",       \
	    "none")                                                                                                    \
	ROW(a, b, CLIENT_BINDING, CLIENT_FAILED, "the core that binds", "none")                                        \
	ROW(a, b, CLIENT_BINDING, CLIENT_BOUND, "the core that binds", "none")                                         \
	ROW(a, b, CLIENT_BOUND, CLIENT_UNBINDING, "the core that unbinds", "none")                                     \
	ROW(a, b, CLIENT_UNBINDING, CLIENT_UNBOUND, "the core that unbinds", "none")                                   \
	ROW(a, b, CLIENT_FAILED, CLIENT_UNBOUND, "the core that queues it again", "none")                              \
	ROW(a, b, CLIENT_UNBOUND, CLIENT_ABSENT, "the core that removes the device", "none")                           \
	ROW(a, b, CLIENT_DEFERRED, CLIENT_ABSENT, "the same", "none")                                                  \
	ROW(a, b, CLIENT_FAILED, CLIENT_ABSENT, "the same", "none")                                                    \
	ROW(a, b, CLIENT_EXPIRED, CLIENT_ABSENT, "the same", "none")

#endif
