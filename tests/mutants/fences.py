# SPDX-License-Identifier: BSD-2-Clause
"""The fence itself: what two processors show that each keep a store back."""

RUNNER = "fences"

SYNC_H = "drivers/base/sync.h"

# Name, what history or rule it undoes, file, text, what stands there instead.
MUTANTS = [
    ("MUTANT_FENCE_OF_THE_COMPILER_ALONE", "A31", SYNC_H,
     "\tatomic_thread_fence(memory_order_seq_cst);", "\tatomic_signal_fence(memory_order_seq_cst);"),
    ("MUTANT_FENCE_OF_ACQUIRE_AND_RELEASE", "A31", SYNC_H,
     "\tatomic_thread_fence(memory_order_seq_cst);", "\tatomic_thread_fence(memory_order_acq_rel);"),
]
