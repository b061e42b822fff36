/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A stand-in for TF-A at EL3 on QEMU's `virt` with secure=on: it enters the boot core and CPU_ON's cores in non-secure
 * AArch64 EL2, and answers PSCI by SMC. It runs from flash at 0 and writes to secure RAM, zero when QEMU starts;
 * nothing resets the machine.
 *
 * A core that is off waits with WFI for a secure SGI: QEMU 7.2's WFE does not halt, and would take a CPU of the host.
 */
	.ifndef PAYLOAD
	.equ PAYLOAD, 0x40200000
	.endif
	.equ TREE_LOADED, 0x48000000		/* A test's own device tree. */
	.equ TREE_OF_QEMU, 0x40000000
	.equ FDT_MAGIC_LE, 0xedfe0dd0		/* 0xd00dfeed, read little-endian. */

	.equ GICD, 0x08000000
	.equ GICD_CTLR, 0x0
	.equ GICD_TYPER, 0x4
	.equ GICD_IGROUPR, 0x80
	.equ GICR, 0x080a0000			/* The first core's; the others' follow. */
	.equ GICR_STRIDE, 0x20000
	.equ GICR_TYPER, 0x8
	.equ GICR_WAKER, 0x14
	.equ GICR_SGI, 0x10000			/* The SGI frame. */
	.equ GICR_IGROUPR0, 0x80
	.equ GICR_ISENABLER0, 0x100
	.equ GICR_ICENABLER0, 0x180
	.equ GICR_ICPENDR0, 0x280
	.equ UART, 0x09000000
	.equ GPIO, 0x090b0000			/* The secure PL061. */
	.equ GPIO_DIR, 0x400
	.equ GPIO_OFF, 0x4			/* Pin 0 alone: power off. */
	.equ RAM, 0x0e000000			/* Secure. */

	.equ SCTLR_RES1, 0x30c50830		/* EL2 and EL3: MMU and caches off. */
	.equ SCR_EL3_VALUE, 0x531		/* NS, RES1, HCE, RW. SMD is clear. */
	.equ SPSR_EL2H, 0x3c9			/* AArch64, DAIF masked. */
	.equ CNTFRQ, 62500000
	.equ WAKE_SGI, 15			/* Group 0 for a core that is off; else non-secure. */
	.equ TRIES, 1000000

/* A core's record; its stack grows down from the end. */
	.equ MAX_CORES, 16			/* Aff0 is the core's number, the others are 0. */
	.equ RECORD_SHIFT, 10
	.equ RECORD_SIZE, 1 << RECORD_SHIFT
	.equ STATE, 0
	.equ GO, 4				/* The entry and the context are there. */
	.equ ENTRY, 8
	.equ CONTEXT, 16
	.equ STATE_ON, 1			/* 0 is off. */
	.equ STATE_PENDING, 2

	.equ EC_SMC32, 0x13
	.equ EC_SMC64, 0x17
	.equ PSCI_1_1, 0x10001
	.equ NOT_SUPPORTED, -1
	.equ INVALID_PARAMETERS, -2
	.equ ALREADY_ON, -4
	.equ ON_PENDING, -5
	.equ INVALID_ADDRESS, -9

	.text
	.global _start
_start:
	adr	x0, vectors
	msr	vbar_el3, x0
	ldr	x0, =SCTLR_RES1
	msr	sctlr_el3, x0
	mov	x0, #SCR_EL3_VALUE		/* NS selects the copies of ICC registers. */
	msr	scr_el3, x0
	msr	cptr_el3, xzr
	msr	mdcr_el3, xzr
	ldr	x0, =CNTFRQ
	msr	cntfrq_el0, x0
	mov	x0, #0xf			/* Enable for lower levels, DIB, DFB, SRE. */
	msr	icc_sre_el3, x0
	isb
	mrs	x0, mpidr_el1
	and	x0, x0, #0xffffff
	bl	find_core
	cbz	x0, park
	msr	tpidr_el3, x0
	add	sp, x0, #RECORD_SIZE

	/* Awake; SGIs and PPIs non-secure. */
	ldr	w2, [x1, #GICR_WAKER]
	and	w2, w2, #~2			/* ProcessorSleep */
	str	w2, [x1, #GICR_WAKER]
	mov	w3, #TRIES & 0xffff
	movk	w3, #TRIES >> 16, lsl #16
1:	ldr	w2, [x1, #GICR_WAKER]
	tbz	w2, #2, 2f			/* ChildrenAsleep */
	subs	w3, w3, #1
	b.ne	1b
	adr	x0, text_asleep
	b	fatal
2:	add	x1, x1, #GICR_SGI
	mov	w2, #-1
	str	w2, [x1, #GICR_IGROUPR0]
	ldr	x2, =RAM
	cmp	x0, x2
	b.ne	pen

	/* The boot core sets up the distributor. IGROUPR needs disabled groups. */
	ldr	x1, =GICD
	mov	w2, #0x30			/* ARE_S, ARE_NS */
	str	w2, [x1, #GICD_CTLR]
	ldr	w3, [x1, #GICD_TYPER]
	and	w3, w3, #0x1f			/* ITLinesNumber */
	add	x4, x1, #GICD_IGROUPR
	mov	w2, #-1
3:	cbz	w3, 4f
	str	w2, [x4, #4]!			/* IGROUPR0 is the redistributors'. */
	sub	w3, w3, #1
	b	3b
4:	mov	w2, #0x31			/* EnableGrp0, for the pen. */
	str	w2, [x1, #GICD_CTLR]
	dsb	sy

	mov	w2, #STATE_ON
	str	w2, [x0, #STATE]
	ldr	x1, =FDT_MAGIC_LE
	ldr	x0, =TREE_LOADED
	ldr	w2, [x0]
	ldr	x3, =TREE_OF_QEMU
	cmp	w1, w2
	csel	x0, x0, x3, eq
	ldr	x1, =PAYLOAD

/* x0: the core's argument, x1: its entry in EL2. */
enter:
	msr	elr_el3, x1
	mov	x1, #SPSR_EL2H
	msr	spsr_el3, x1
	ldr	x1, =SCTLR_RES1
	msr	sctlr_el2, x1
	.irp	n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30
	mov	x\n, #0
	.endr
	dsb	sy
	eret

pen:
	mrs	x19, tpidr_el3
	add	sp, x19, #RECORD_SIZE
	mrs	x0, mpidr_el1
	and	x0, x0, #0xffffff
	bl	find_core
	add	x20, x1, #GICR_SGI
	mov	w21, #1 << WAKE_SGI
	mvn	w22, w21
	str	w22, [x20, #GICR_IGROUPR0]
	str	w21, [x20, #GICR_ISENABLER0]
	msr	icc_igrpen1_el3, xzr		/* Software's pending interrupts end no WFI. */
	mov	x0, #0xff
	msr	icc_pmr_el1, x0
	mov	x0, #1
	msr	icc_igrpen0_el1, x0
	isb
	/* The SGI comes after GO: one of the two is there at the WFI. */
1:	str	w21, [x20, #GICR_ICPENDR0]
	dsb	sy
	ldr	w0, [x19, #GO]
	cbnz	w0, 2f
	wfi
	b	1b
2:	msr	icc_igrpen0_el1, xzr
	msr	icc_pmr_el1, xzr
	str	w21, [x20, #GICR_ICENABLER0]
	str	w21, [x20, #GICR_ICPENDR0]
	mov	w22, #-1
	str	w22, [x20, #GICR_IGROUPR0]
	isb
	dmb	sy
	ldr	x1, [x19, #ENTRY]
	ldr	x0, [x19, #CONTEXT]
	str	wzr, [x19, #GO]
	dmb	sy
	mov	w2, #STATE_ON
	str	w2, [x19, #STATE]
	b	enter

park:
	wfi
	b	park

/* x0: a whole PSCI affinity. Returns the record in x0, or 0, and the redistributor in x1. Clobbers x4, x5. */
find_core:
	cmp	x0, #MAX_CORES
	b.hs	3f
	ldr	x1, =GICR
1:	ldr	x4, [x1, #GICR_TYPER]
	lsr	x5, x4, #32			/* Affinity_Value */
	cmp	x5, x0
	b.eq	2f
	tbnz	x4, #4, 3f			/* Last */
	add	x1, x1, #GICR_STRIDE
	b	1b
2:	ldr	x5, =RAM
	add	x0, x5, x0, lsl #RECORD_SHIFT
	ret
3:	mov	x0, #0
	ret

/* --- SMC, from either execution state. --- */

smc:
	stp	x4, x5, [sp, #-32]!
	stp	x6, x30, [sp, #16]
	mrs	x4, esr_el3
	lsr	w4, w4, #26			/* EC */
	cmp	w4, #EC_SMC64
	b.eq	1f
	cmp	w4, #EC_SMC32
	b.ne	unexpected
	mov	w0, w0				/* An AArch32 caller has no upper halves */
	tbnz	w0, #30, not_supported		/* and no SMC64 functions. */
1:	tbnz	w0, #30, 2f
	mov	w1, w1				/* SMC32: 32-bit arguments. */
	mov	w2, w2
	mov	w3, w3
2:	adr	x5, functions
3:	ldr	w4, [x5], #8
	cbz	w4, not_supported
	cmp	w4, w0
	b.ne	3b
	ldr	w4, [x5, #-4]			/* Linked at 0: offsets are addresses. */
	br	x4

	.balign 8
functions:
	.ifdef PSCI_0_1
	.word	0x95c10001, psci_cpu_off	/* Only these two, none of DEN0022's. */
	.word	0x95c10002, psci_cpu_on
	.else
	.word	0x84000000, psci_version
	.word	0x84000002, psci_cpu_off
	.word	0x84000003, psci_cpu_on
	.word	0xc4000003, psci_cpu_on
	.word	0x84000004, psci_affinity_info
	.word	0xc4000004, psci_affinity_info
	.word	0x84000008, power_off
	.word	0x8400000a, psci_features
	.endif
	.word	0, 0

not_supported:
	mov	x0, #NOT_SUPPORTED
	b	answer
invalid_parameters:
	mov	x0, #INVALID_PARAMETERS

/* x0: the answer. x1 to x3 are spoiled: a caller may not rely on them. */
answer:
	mov	x1, #0x5a5a
	mov	x2, x1
	mov	x3, x1
	ldp	x6, x30, [sp, #16]
	ldp	x4, x5, [sp], #32
	eret

psci_version:
	ldr	x0, =PSCI_1_1
	b	answer

/* x1: the function. */
psci_features:
	adr	x5, functions
1:	ldr	w4, [x5], #8
	cbz	w4, not_supported
	cmp	w4, w1
	b.ne	1b
	mov	x0, #0
	b	answer

/* x1: the core, x2: level 0 only. */
psci_affinity_info:
	cbnz	w2, invalid_parameters
	mov	x0, x1
	bl	find_core
	cbz	x0, invalid_parameters
	ldr	w0, [x0, #STATE]
	eor	w4, w0, #1			/* PSCI: ON 0, OFF 1. */
	cmp	w0, #STATE_PENDING
	csel	w0, w0, w4, eq
	b	answer

/* x1: the core, x2: the entry, x3: the context. SCR_EL3.RW is set: no Thumb entry. */
psci_cpu_on:
	mov	x6, x1
	mov	x0, x1
	bl	find_core
	cbz	x0, invalid_parameters
	tbnz	x2, #0, 3f
	/* Exclusives with the MMU off: QEMU's promise. */
1:	ldaxr	w4, [x0]
	cmp	w4, #STATE_ON
	b.eq	4f
	cmp	w4, #STATE_PENDING
	b.eq	5f
	mov	w4, #STATE_PENDING
	stlxr	w5, w4, [x0]
	cbnz	w5, 1b
	stp	x2, x3, [x0, #ENTRY]
	.ifdef LATE_CORE
	cmp	x6, #LATE_CORE
	b.eq	6f				/* It comes with the next core, or never. */
	.endif
	dmb	sy
	mov	w4, #1
	str	w4, [x0, #GO]
	dsb	sy
	.ifdef COMES_LATE
	cmp	x6, #(LATE_CORE + 1)
	b.ne	7f
	mov	x0, #LATE_CORE
	bl	find_core
	mov	w4, #1
	str	w4, [x0, #GO]
	dsb	sy
	ldr	x4, =((1 << LATE_CORE) | (WAKE_SGI << 24))
	msr	icc_sgi0r_el1, x4
7:	mov	w4, #1
	.endif
	lsl	x4, x4, x6			/* TargetList */
	orr	x4, x4, #(WAKE_SGI << 24)
	msr	icc_sgi0r_el1, x4
	isb
6:	mov	x0, #0
	b	answer
3:	mov	x0, #INVALID_ADDRESS
	b	answer
4:	clrex
	mov	x0, #ALREADY_ON
	b	answer
5:	clrex
	mov	x0, #ON_PENDING
	b	answer

psci_cpu_off:
	mrs	x0, tpidr_el3
	dmb	sy
	str	wzr, [x0, #STATE]
	b	pen

power_off:
	ldr	x0, =GPIO
	mov	w1, #1
	str	w1, [x0, #GPIO_DIR]
	str	wzr, [x0, #GPIO_OFF]
	str	w1, [x0, #GPIO_OFF]
	b	park

/* --- Unexpected exceptions: printed, then QEMU ends. --- */

unexpected:
	adr	x0, text_exception
fatal:
	bl	put_text
	mrs	x0, esr_el3
	bl	put_number
	mrs	x0, elr_el3
	bl	put_number
	mrs	x0, far_el3
	bl	put_number
	mov	w0, #'\n'
	bl	put_character
	b	power_off

/* w0. Clobbers x8 to x10. */
put_character:
	ldr	x8, =UART
	ldr	w10, =TRIES
1:	ldr	w9, [x8, #0x18]			/* UARTFR */
	tbz	w9, #5, 2f			/* TXFF */
	subs	w10, w10, #1
	b.ne	1b
2:	str	w0, [x8]
	ret

/* x0: zero-terminated. */
put_text:
	mov	x11, x30
	mov	x12, x0
1:	ldrb	w0, [x12], #1
	cbz	w0, 2f
	bl	put_character
	b	1b
2:	br	x11

/* x0, after a blank. */
put_number:
	mov	x11, x30
	mov	x12, x0
	mov	w0, #' '
	bl	put_character
	mov	x13, #60
1:	lsr	x0, x12, x13
	and	w0, w0, #0xf
	cmp	w0, #10
	add	w0, w0, #'0'
	add	w14, w0, #'a' - '0' - 10
	csel	w0, w0, w14, lo
	bl	put_character
	subs	x13, x13, #4
	b.pl	1b
	br	x11

text_exception:
	.asciz	"monitor: unexpected exception, ESR_EL3 ELR_EL3 FAR_EL3"
text_asleep:
	.asciz	"monitor: a redistributor does not wake, ESR_EL3 ELR_EL3 FAR_EL3"
	.balign 4
	.ltorg

	.balign 0x800
vectors:
	.irp	n, 0,1,2,3,4,5,6,7
	b	unexpected			/* From EL3 itself. */
	.balign 0x80
	.endr
	b	smc				/* From a lower level in AArch64. */
	.balign 0x80
	.irp	n, 0,1,2
	b	unexpected
	.balign 0x80
	.endr
	b	smc				/* From a lower level in AArch32. */
	.balign 0x80
	.irp	n, 0,1,2
	b	unexpected
	.balign 0x80
	.endr
