# SPDX-License-Identifier: BSD-2-Clause
"""The way to C and back without one of its guards: tests/a64/levels.t, on a core of its own, must find each out."""

PROGRAMS = ()

TEST = "tests/a64/levels.t"
START = "boot/aarch64/start.S"
LEVELS = "boot/aarch64/levels.S"
HANDBACK = "boot/aarch64/handback.S"
MACROS = "boot/aarch64/macros.inc"
LEAVE = "boot/aarch32/leave_aarch64.S"

MUTANTS = [(name, what, TEST, path, text, instead) for name, what, path, text, instead in (
    # --- Caches. ---
    ("CLEANED_AFTER_ALONE", "memory gets what a cache holds", START, "5:	bl	save_entry\n	bl	clean_image\n", "5:	bl	save_entry\n"),
    ("CLEANED_BEFORE_ALONE", "no stale line is hit", START, "	bl	clean_image			/* Drops lines that were read meanwhile. */\n", ""),
    ("ENTRY_UNDER_A_DIRTY_LINE", "what is stored past the cache stays", HANDBACK, "1:	dc	civac, x4\n", "1:\n"),
    ("ONE_LINE_IN_TWO_CLEANED", "each line", START, "1:	dc	civac, x0\n	add	x0, x0, x2\n", "1:	dc	civac, x0\n	add	x0, x0, x2, lsl #1\n"),
    ("AARCH32_CLEANED_AFTER_ALONE", "memory gets what a cache holds", "boot/aarch32/start.S", "	bl	clean_image			/* SVC fetches past HYP's caches. */\n", ""),
    ("AARCH32_CLEANED_BEFORE_ALONE", "no stale line is hit", "boot/aarch32/start.S", "	bl	clean_image			/* Drops lines that were read meanwhile. */\n", ""),
    ("AARCH32_ENTRY_UNDER_A_DIRTY_LINE", "what is stored past the cache stays", "boot/aarch32/start.S", "1:	mcr	p15, 0, r3, c7, c14, 1		/* DCCIMVAC */\n", "1:\n"),
    # --- What an ID register tells of. ---
    ("MPAM_0_1_IGNORED", "MPAM 0.1 has a fraction alone", MACROS, "	orr	\\reg, \\reg, x1\n", ""),
    ("MPAM_TAKEN_FOR_GRANTED", "a register that is not there", MACROS, "	cbz	x5, .Lwithout_mpam\\@\n	\\do", "	\\do"),
    ("MPAMHCR_TAKEN_FOR_GRANTED", "a register that is not there", MACROS, "	tbz	x5, #MPAMIDR_HAS_HCR_BIT, .Lwithout_mpam\\@\n", ""),
    ("MPAM_TRAPS_TO_EL3", "MPAM3_EL3.TRAPLOWER is set at reset", LEVELS, "	bic	x0, x0, #MPAM3_TRAPLOWER\n", ""),
    ("SCTLR2_TRAPS_TO_EL3", "SCR_EL3.SCTLR2En", LEVELS, "	orr	x3, x3, x0\n81:", "81:"),
    ("SCTLR2_STAYS", "SCTLR2_EL2 is UNKNOWN", MACROS, "	where_has s3_0_c0_c7_3, 4, \\do, s3_4_c1_c0_3	/* SCTLRX: SCTLR2_EL2 */\n", ""),
    # --- The guarded control stack. ---
    ("SECONDARY_CALLS_UNDER_GUARD", "off before the first call", START, "	guarded_stack_off\n	bl	enter_el1\n", "	bl	enter_el1\n"),
    ("GUARD_OFF_UNSYNCHRONISED", "off before the first call", START, ".Lguard_is_off\\@:\n	isb\n", ".Lguard_is_off\\@:\n"),
    ("GUARD_ON_UNSYNCHRONISED", "a guarded return", HANDBACK, "left:	isb					/* RET is a guarded return again. */\n", "left:\n"),
    # --- HCR_EL2.E2H. ---
    ("SCTLR_EL2_TAKEN_FOR_EL1S", "with E2H the names are EL2's", MACROS, "	tbnz	\\free, #HCR_E2H_BIT, .Le2h\\@\n", ""),
    ("EL1_SAVED_IN_EL2", "with E2H the names are EL2's", LEVELS, "	str	x1, [x0, #ENTRY_EL1]\n", "	str	x1, [x0, #ENTRY_EL1]\n	bl	save_el1_below\n	str	xzr, [x4, #ENTRY_EL]\n"),
    ("AARCH32_BEGINS_WITH_E2H", "with E2H the names are EL2's", LEAVE, "	msr	hcr_el2, xzr			// RW is 0: EL1 is AArch32.\n	isb\n", ""),
    ("AARCH32_E2H_UNDER_AN_MMU", "a translation that is on changes with E2H", LEAVE, "	msr	sctlr_el2, x4\n	isb\n	msr	hcr_el2", "	msr	hcr_el2"),
)]
