# SPDX-License-Identifier: BSD-2-Clause
"""
A caller in AArch64 that has on what a core of ARMv9 has, and calls the firmware with exit=return: its MMU and caches, pointer
authentication with keys, branch targets that are checked, MTE, PAN, SVE, permission indirection, a guarded control stack, and in EL2
every trap and translation of a hypervisor. Behind the call it compares the registers and authenticates what it has signed before.
"""

import loader

UART, SP, GCS, RETURNS = 0x09000000, 0x47C00000, 0x47C80000, "exit=return handover=bypass selftest=quick"

# By names that every assembler knows: registers, what they hold at the call, and of which level they are.
KEYS = [f"s3_0_c2_c{row}_{column}" for row, columns in ((1, 4), (2, 4), (3, 2)) for column in range(columns)]
OF_EL1 = {
    "TCR_EL1": ("tcr_el1", 0x180_0280_3519 | 1 << 37),
    "TTBR0_EL1": ("ttbr0_el1", "table"),
    "MAIR_EL1": ("mair_el1", 0x04F0),
    "VBAR_EL1": ("vbar_el1", "vectors"),
    "CPACR_EL1": ("cpacr_el1", 0x3330000),
    "ZCR_EL1": ("s3_0_c1_c2_0", 3),
    "PIR_EL1": ("s3_0_c10_c2_3", 0x7777_7777_7777_7797),
    "TCR2_EL1": ("s3_0_c2_c0_3", 2),
    "SCTLR2_EL1": ("s3_0_c1_c0_3", 1 << 5),
    "TPIDR_EL1": ("tpidr_el1", 0x1234),
    "MDSCR_EL1": ("mdscr_el1", 1 << 12),
}
OF_EL2 = {
    "TCR_EL2": ("tcr_el2", 0x80823519 | 7 << 20),
    "TTBR0_EL2": ("ttbr0_el2", "table"),
    "MAIR_EL2": ("mair_el2", 0x04F0),
    "VBAR_EL2": ("vbar_el2", "vectors"),
    "HCRX_EL2": ("s3_4_c1_c2_2", 1 << 14 | 1 << 15 | 1 << 22),
    "PIR_EL2": ("s3_4_c10_c2_3", 0x7777_7777_7777_7797),
    "TCR2_EL2": ("s3_4_c2_c0_3", 2),
    "SCTLR2_EL2": ("s3_4_c1_c0_3", 1 << 5),
    "ZCR_EL2": ("s3_4_c1_c2_0", 2),
    "CPTR_EL2": ("cptr_el2", 0xC01032FF),
    "CNTHCTL_EL2": ("cnthctl_el2", 0),
    "CNTVOFF_EL2": ("cntvoff_el2", 0x123456),
    "MDCR_EL2": ("mdcr_el2", 0xF60),
    "HSTR_EL2": ("hstr_el2", 0x8001),
    "VTTBR_EL2": ("vttbr_el2", 0x0012_0000_47E0_0000),
    "VPIDR_EL2": ("vpidr_el2", 0x5678),
    "VMPIDR_EL2": ("vmpidr_el2", 0x80000055),
    "TCR_EL1": ("tcr_el1", 0x1234_0000),
    "SCTLR_EL1": ("sctlr_el1", 0x30D0_0801),
    "TCR2_EL1": ("s3_0_c2_c0_3", 2),
    "HCR_EL2": ("hcr_el2", 1 << 56 | 3 << 40 | 1 << 31 | 3 << 13 | 0x39),
}
# With E2H the names of EL1 are EL2's, which then has two privilege levels; those of EL1 have others.
OF_VHE = {
    "HCR_EL2": ("hcr_el2", OF_EL2["HCR_EL2"][1] | 1 << 34),
    "CPTR_EL2": ("cptr_el2", 0x130000),
    **{name: word for name, word in OF_EL2.items() if name not in ("HCR_EL2", "CPTR_EL2")},
    "TCR_EL2": ("tcr_el2", 0x180_0280_3519 | 1 << 37),
    "TCR_EL1": ("s3_5_c2_c0_2", 0x1234_0000),
    "SCTLR_EL1": ("s3_5_c1_c0_0", 0x30D0_0801),
    "TCR2_EL1": ("s3_5_c2_c0_3", 2),
}
# Enable bits of pointer authentication, of branch targets, and of MTE; alignment of the stack; M, C, I.
SCTLR = 0xC850_280D | 1 << 12 | 1 << 27 | 3 << 35 | 1 << 37 | 1 << 40 | 3 << 42
STATES = ("pan", "uao", "dit", "ssbs", "tco", "daif")


def words_of(level):
    """(name, register, value), in the order in which they are written and compared."""
    keys = [(f"key half {n}", register, 0x0123_4567_89AB_CDEF * (n + 1) & (1 << 64) - 1) for n, register in enumerate(KEYS)]
    of_level = {"EL1": OF_EL1, "EL2": OF_EL2, "EL2 with E2H": OF_VHE}[level]
    return keys + [(name, register, value) for name, (register, value) in of_level.items()]


def names_of(level):
    last = [f"SCTLR_{level[:3]}", f"GCSCR_{level[:3]}", f"GCSPR_{level[:3]}", *(state.upper() for state in STATES)]
    return [name for name, _, _ in words_of(level)] + last


def gcs_of(level):
    """Its control register, and its pointer."""
    return ("s3_0_c2_c5_0", "s3_0_c2_c5_1") if level == "EL1" else ("s3_4_c2_c5_0", "s3_4_c2_c5_1")


def snapshot(level, at):
    gcscr, gcspr = gcs_of(level)
    registers = [register for _, register, _ in words_of(level)] + [f"sctlr_{level[:3].lower()}", gcscr, gcspr, *STATES]
    return f"\tldr x0, ={at}\n" + "\n".join(f"\tmrs x1, {register}\n\tstr x1, [x0], #8" for register in registers)


def caller(level):
    """Says on the UART: < the firmware's answer, a letter for each register that changed, A or a: the signature holds, >."""
    gcscr, gcspr = gcs_of(level)
    written = "\n".join(f"\tldr x0, ={value}\n\tmsr {register}, x0" for _, register, value in words_of(level))
    is_el2 = level != "EL1"
    block, gcs_block = 0x701, 0x741  # Bit 6 is of an index into PIR, whose second permission is a guarded stack's.
    return f"""
	.arch armv8.5-a+memtag
	ldr x0, =table
	ldr x1, =ram + 3
	mov x2, #{block | 4:#x}				/* Devices. */
	str x2, [x0]
	str x1, [x0, #8]
	ldr x0, =ram
	ldr x1, =0x40000000 | 1 << 50 | {block:#x}
	mov x2, #512
1:	str x1, [x0], #8
	add x1, x1, #0x200000
	subs x2, x2, #1
	b.ne 1b
	ldr x0, =ram + 8 * {(GCS - 0x40000000) >> 21}
	ldr x1, ={GCS & ~0x1FFFFF:#x} | {gcs_block:#x}
	str x1, [x0]
	ldr x0, ={SP:#x}
	mov sp, x0
{written}
	isb
	tlbi {"alle2" if is_el2 else "vmalle1"}
	dsb sy
	ldr x0, ={SCTLR:#x}
	msr sctlr_{level[:3].lower()}, x0
	isb
	ldr x0, ={GCS:#x}
	msr {gcspr}, x0
	mov x0, #1
	msr {gcscr}, x0
	msr pan, #1
	msr uao, #1
	msr dit, #1
	msr ssbs, #1
	msr tco, #0
	msr daifclr, #12
	isb
	ldr x20, =0x40201230
	ldr x21, =0x1234
	pacia x20, x21
{snapshot(level, "before")}
	mov x0, #2
	ldr x1, =list
	ldr x16, =entry
	ldr x16, [x16]
	blr x16
	mov w19, w0
{snapshot(level, "after")}
	ldr x9, ={UART:#x}
	mov w0, #'<'
	str w0, [x9]
	add w19, w19, #'0'
	str w19, [x9]
	ldr x0, =before
	ldr x1, =after
	mov w2, #'0'
	mov w3, #{len(names_of(level))}
1:	ldr x4, [x0], #8
	ldr x5, [x1], #8
	add w2, w2, #1
	cmp x4, x5
	b.eq 2f
	str w2, [x9]
2:	subs w3, w3, #1
	b.ne 1b
	autia x20, x21
	ldr x21, =0x40201230
	cmp x20, x21
	mov w1, #'!'
	mov w2, #'?'
	csel w0, w1, w2, eq
	str w0, [x9]
	mov w0, #'>'
	str w0, [x9]
	mov w0, #10
	str w0, [x9]
off:	ldr w0, =0x84000008
	{"smc" if is_el2 else "hvc"} #0
	b .
	.balign 8
entry:	.quad {loader.ENTRY:#x}
list:	.quad first, second
first:	.asciz "{loader.ENTRY:#x}"
second:	.asciz "{RETURNS}"
	.balign 2048
vectors:
	.rept 16
	ldr x9, ={UART:#x}
	mov w0, #'X'
	str w0, [x9]
	mov w0, #10
	str w0, [x9]
	b off
	.balign 128
	.endr
	.pool
	.balign 4096
table:	.space 4096
ram:	.space 4096
before:	.space 512
after:	.space 512
"""
