# SPDX-License-Identifier: BSD-2-Clause
"""Memory order, which no interleaving shows: real threads under ThreadSanitizer do, in one of some runs."""

RUNNER = "threads"

DEVICE = "drivers/base/device.c"
SYNC = "drivers/base/sync.c"
SYNC_H = "drivers/base/sync.h"

# Name, what history or rule it undoes, file, text, what stands there instead.
MUTANTS = [
    ("MUTANT_RELAXED_STATE_STORE", "C.1-15", SYNC_H,
     "atomic_store_explicit(&word->value, value, memory_order_release);",
     "atomic_store_explicit(&word->value, value, memory_order_relaxed);"),
    ("MUTANT_RELAXED_STATE_LOAD", "C.1-15", SYNC_H,
     "return atomic_load_explicit(&word->value, memory_order_acquire);",
     "return atomic_load_explicit(&word->value, memory_order_relaxed);"),
    ("MUTANT_RELAXED_POINTER_STORE", "B-27", SYNC_H,
     "atomic_store_explicit(&pointer->value, value, memory_order_release);",
     "atomic_store_explicit(&pointer->value, value, memory_order_relaxed);"),
    ("MUTANT_RELAXED_POINTER_LOAD", "B-27", SYNC_H,
     "return atomic_load_explicit(&pointer->value, memory_order_acquire);",
     "return atomic_load_explicit(&pointer->value, memory_order_relaxed);"),
    ("MUTANT_RELAXED_EXCHANGE", "B-04", SYNC,
     "exchanged = atomic_compare_exchange_strong(&word->value, &expected, value);",
     "exchanged = atomic_compare_exchange_strong_explicit(&word->value, &expected, value, memory_order_relaxed,\n"
     "\t\t\t\t\t\t\t    memory_order_relaxed);"),
    ("MUTANT_RELAXED_LOCK", "B-07", SYNC,
     "atomic_compare_exchange_weak_explicit(&lock->held, &expected, 1, memory_order_acquire,",
     "atomic_compare_exchange_weak_explicit(&lock->held, &expected, 1, memory_order_relaxed,"),
    ("MUTANT_RELAXED_UNLOCK", "B-07", SYNC,
     "atomic_store_explicit(&lock->held, 0, memory_order_release);",
     "atomic_store_explicit(&lock->held, 0, memory_order_relaxed);"),
    ("MUTANT_RELAXED_CANDIDATE", "B-11", DEVICE,
     "atomic_store_explicit(&device->candidate, driver, memory_order_release);",
     "atomic_store_explicit(&device->candidate, driver, memory_order_relaxed);"),
    ("MUTANT_RELAXED_SAMPLE", "B-11", DEVICE,
     "return atomic_load_explicit(driver, memory_order_acquire);", "return atomic_load_explicit(driver, memory_order_relaxed);"),
    ("MUTANT_RELAXED_ADD", "B-03", SYNC,
     "return atomic_fetch_add(&word->value, addend);", "return atomic_fetch_add_explicit(&word->value, addend, memory_order_relaxed);"),
    ("MUTANT_RELAXED_POINTER_EXCHANGE", "B-27", SYNC,
     "return atomic_compare_exchange_strong(&pointer->value, &expected, value);",
     "return atomic_compare_exchange_strong_explicit(&pointer->value, &expected, value, memory_order_relaxed, memory_order_relaxed);"),
]
