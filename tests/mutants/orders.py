# SPDX-License-Identifier: BSD-2-Clause
"""Where cores meet without a lock: each order that is asked for has a mutant, or a reason why it has none."""
import os
import re

CMDQ = "drivers/smmuv3/cmdq.c"
DEVICE = "drivers/base/device.c"
GROUP = "drivers/iommu/group.c"
INSTANCE = "drivers/iommu/instance.c"
LIFE = "drivers/smmuv3/life.c"
SMMUV3 = "drivers/smmuv3/private.h"
SYNC = "drivers/base/sync.c"
SYNC_H = "drivers/base/sync.h"
TIMELINE = "drivers/base/timeline.c"
TRACE = "drivers/smmuv3/trace.c"
TRACE_H = "drivers/smmuv3/trace.h"

# An order that is asked for, or that an atomic of the language has by itself.
ORDERS = re.compile(r"word_(?:fence|meet)\(\w*\);|memory_order_\w+|__ATOMIC_\w+|atomic_(?:load|store|exchange|fetch_\w+|compare_exchange_\w+)\(")
ORDERED = ("drivers/base", "drivers/iommu", "drivers/smmuv3")

# Those that no mutant undoes: file, text, why a test on this machine cannot miss it.
PINNED = [
    (SYNC_H, "\tatomic_thread_fence(memory_order_seq_cst);", "of every fence: MUTANT_FENCE_*, on two processors"),
    (SYNC_H, "(void)meeting;\n\tword_fence();", "of every pair: MUTANT_NO_FENCE_*"),
    (SYNC, "memory_order_acquire,\n\t\t\t\t\t\t     memory_order_relaxed);", "the order of a lock that was not taken: nothing is read on account of it"),
    (SYNC, "(void)atomic_fetch_or(&word->value, bits);", "a bit says where to look; what is there is published by its slot's pointer, and MUTANT_NO_FENCE_BEHIND_AN_ARRIVAL has the order"),
    (SYNC, "(void)atomic_fetch_and(&word->value, ~bits);", "as for setting one: MUTANT_NO_FENCE_BEHIND_THE_EMPTY_SLOT has the order"),
    (DEVICE, "atomic_store_explicit(&device->driver, driver, memory_order_release);", "who unbinds has the client's word first, which publishes it; who only prints the name wants it whole"),
    (DEVICE, "atomic_store_explicit(&device->driver, NULL, memory_order_relaxed);", "before the device is known to another core"),
    (GROUP, "atomic_store_explicit(&core->split, group_split_of_link, memory_order_release);", "a function: nothing is behind the pointer; MUTANT_NO_FENCE_BEHIND_A_LOOSE_GROUP has the order"),
    (INSTANCE, "split = atomic_load_explicit(&iommu->core->split, memory_order_acquire);", "as above; MUTANT_NO_FENCE_BEHIND_THE_END has the order"),
    ("drivers/base/store.h", "__atomic_load_n(entry, __ATOMIC_RELAXED);", "in one piece: the SMMU changes nothing in it"),
    (CMDQ, "atomic_store(&smmu->consumed, 0);", "before the queue is any other core's"),
    (SMMUV3, "atomic_load_explicit(&smmu->health, memory_order_relaxed);", "one word, which is worth what it says: nothing is read on account of it"),
    (LIFE, "atomic_load(&smmu->health);", "the exchange looks again"),
    (LIFE, "atomic_compare_exchange_weak(&smmu->health, &now, health)", "one word, of which the worst value stays: what else is read has the state's word between"),
    (LIFE, "atomic_store(&smmu->health, SMMUV3_OFF);", "before the instance is any other core's"),
    (TRACE, "atomic_store_explicit(&smmuv3_trace, trace_record, memory_order_release);", "before the other cores are started"),
    (TRACE, "atomic_fetch_add_explicit(&smmuv3_trace_ring.count, 1, memory_order_relaxed);", "a number for each record, and nothing behind it"),
    (TRACE, "atomic_store_explicit(&entry->sequence, 0, memory_order_relaxed);\n\tatomic_thread_fence(memory_order_release);",
     "for a debugger that reads while the cores run: no core does"),
    (TRACE, "atomic_store_explicit(&entry->sequence, number + 1, memory_order_release);", "as above"),
    (TRACE, "atomic_exchange(&smmuv3_trace, NULL)", "once, by the core that is left"),
    (TRACE, "atomic_load_explicit(&smmuv3_trace_ring.count, memory_order_acquire);", "after the other cores have stopped"),
    (TRACE, "atomic_load_explicit(&entry->sequence, memory_order_acquire)", "after the other cores have stopped"),
    (TIMELINE, "atomic_fetch_add_explicit(&timeline.count, 1, memory_order_relaxed);", "a number for each step, and nothing behind it"),
    (TIMELINE, "atomic_store_explicit(&entry->kind, kind, memory_order_release);", "read after the other cores have stopped"),
    (TIMELINE, "atomic_load_explicit(&timeline.count, memory_order_relaxed);", "a count: nothing is read on account of it"),
    (TIMELINE, "atomic_load_explicit(&entry->kind, memory_order_acquire)", "after the other cores have stopped"),
    (TRACE_H, "atomic_load_explicit(&smmuv3_trace, memory_order_relaxed)", "a core that sees it late leaves a record out"),
]


def places(path, texts):
    """Where in a file what one of the texts says begins and ends."""
    with open(path, encoding="utf-8") as file:
        source = file.read()
    for text in texts:
        if source.count(text) != 1:
            raise ValueError(f"a text is {source.count(text)} times in {path}, not once: {text!r}")
    return source, [(source.index(text), source.index(text) + len(text)) for text in texts]


def refuse_unlisted(mutants):
    """A new order that none of these undoes, or one that is weakened, is told."""
    undone = [each[-3:-1] for each in mutants] + [each[:2] for each in PINNED]
    for path in sorted(os.path.join(at, name) for folder in ORDERED for at, _, names in os.walk(folder) for name in names):
        source, listed = places(path, [text for where, text in undone if where == path])
        for found in ORDERS.finditer(source):
            if not any(begin <= found.start() and found.end() <= end for begin, end in listed):
                line = source.count("\n", 0, found.start()) + 1
                raise ValueError(f"{path}:{line}: no mutant undoes {found.group()}, nor does PINNED say why: see {__file__}")
