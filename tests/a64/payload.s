/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What shows the monitor by itself: every core says how it was entered and which interrupts it gets, and the boot
 * core says what PSCI answers. One line each, `kind key=value...`, all numbers hexadecimal. With CALLER32=1, PSCI is
 * called from AArch32 SVC, below an EL2 whose HCR_EL2.RW is 0. With IDLE=N, no core has anything to do for N seconds
 * at the end.
 */
	.ifndef CALLER32
	.equ CALLER32, 0
	.endif
	.ifndef IDLE
	.equ IDLE, 0
	.endif

	.equ CORES, 4
	.equ GICD, 0x08000000
	.equ GICR, 0x080a0000
	.equ UART, 0x09000000
	.equ SECURE_RAM, 0x0e000000
	.equ STACKS, 0x40280000
	.equ SGI, 15
	.equ PPI, 30				/* The physical timer's. */
	.equ SPI, 64
	.equ SCTLR_EL1_RES1, 0x00c50838		/* As AArch32 has it. */

	.equ PSCI_VERSION, 0x84000000
	.equ CPU_SUSPEND, 0x84000001
	.equ CPU_OFF, 0x84000002
	.equ CPU_ON, 0x84000003
	.equ CPU_ON_64, 0xc4000003
	.equ AFFINITY_INFO, 0x84000004
	.equ AFFINITY_INFO_64, 0xc4000004
	.equ SYSTEM_OFF, 0x84000008
	.equ SYSTEM_RESET, 0x84000009
	.equ PSCI_FEATURES, 0x8400000a
	.equ NOBODYS, 0x84001234

	.macro	print text
	.pushsection .rodata
.Ltext\@:
	.asciz	"\text"
	.popsection
	adr	x0, .Ltext\@
	bl	put_text
	.endm

	/* A line begins; put_line ends it. */
	.macro	line kind
	bl	lock
	print	"\kind"
	.endm

	.macro	field name, register
	mov	x8, \register
	print	" \name="
	mov	x0, x8
	bl	put_number
	.endm

	.macro	call function, first=0, second=0, third=0
	ldr	x0, =\function
	ldr	x1, =\first
	ldr	x2, =\second
	ldr	x3, =\third
	bl	psci_report
	.endm

	/* ... and where it was turned on, until that core has said so. */
	.macro	turn_on function, core, context
	call	\function, \core, secondary, \context
	mov	x1, #\core
	bl	wait_online
	.endm

	.text
	.global _start
_start:
	mov	x19, x0
	bl	setup
	ldr	x1, =GICD
	mov	w2, #0x12			/* As non-secure software sees it: ARE_NS, EnableGrp1A. */
	str	w2, [x1]
	mov	x0, x19
	bl	report_entry

	/* NS is set: what is secure is not there for us. */
	ldr	x0, =SECURE_RAM
	mov	x1, #0
probe:
	ldr	w2, [x0]
	mov	x19, x1
	line	"secure"
	field	abort, x19
	bl	put_line

	/* An SPI, by the distributor. */
	ldr	x1, =GICD
	mov	w2, #1 << (SPI % 32)
	str	w2, [x1, #0x100 + SPI / 32 * 4]	/* GICD_ISENABLER */
	str	w2, [x1, #0x200 + SPI / 32 * 4]	/* GICD_ISPENDR */
	bl	acknowledge
	mov	x19, x0
	line	"spi"
	field	taken, x19
	bl	put_line

	call	PSCI_VERSION
	call	PSCI_FEATURES, CPU_ON
	call	PSCI_FEATURES, CPU_ON_64
	call	PSCI_FEATURES, CPU_SUSPEND
	call	NOBODYS
	call	SYSTEM_RESET

	call	AFFINITY_INFO, 0
	call	AFFINITY_INFO, 1
	call	AFFINITY_INFO, 3
	call	AFFINITY_INFO, 1, 1
	call	AFFINITY_INFO, 7
	call	AFFINITY_INFO, 0x100000001	/* SMC32: 1, from either width. */
	call	AFFINITY_INFO_64, 1

	call	CPU_ON, 0, secondary
	call	CPU_ON, 7, secondary
	call	CPU_ON, 0x100, secondary
	call	CPU_ON, 1, secondary + 1
	call	AFFINITY_INFO, 1
	call	CPU_ON, 1, secondary, 0xc0de0001
	call	CPU_ON, 1, secondary, 0xc0de0bad
	mov	w0, #0				/* The first of the two CPU_ON calls counted. */
	mov	x1, #1
	bl	wait_online
	turn_on	CPU_ON_64, 2, 0xc0de000200000064
	turn_on	CPU_ON, 2, 0xc0de0002
	turn_on	CPU_ON, 3, 0xc0de0003
	call	AFFINITY_INFO, 1
	call	AFFINITY_INFO, 2
	call	AFFINITY_INFO, 3
	call	CPU_ON, 3, secondary

	/* They may go. */
	bl	let_go
	.irp	core, 1,2,3
	mov	x1, #\core
	bl	wait_off
	call	AFFINITY_INFO, \core
	.endr

	/* Core 1 once more: what it was in the pen has left nothing behind. */
	turn_on	CPU_ON, 1, 0xc0de0011
	bl	let_go
	mov	x1, #1
	bl	wait_off
	call	AFFINITY_INFO, 1

	.if	IDLE
	mov	x20, #IDLE
	bl	deadline
	msr	cntp_cval_el0, x20
	mov	x0, #1
	msr	cntp_ctl_el0, x0
1:	wfi
	bl	late
	cbz	x0, 1b
	.endif
	line	"end"
	bl	put_line
	ldr	x0, =SYSTEM_OFF
	bl	psci
	line	"alive"
	bl	put_line
1:	wfi
	b	1b

/* A core that was turned on: x0 is the context. */
secondary:
	mov	x19, x0
	bl	setup
	mov	x0, x19
	bl	report_entry
	bl	number
	ldr	x1, =online
	mov	w2, #1
	dmb	sy
	str	w2, [x1, x0, lsl #2]
	mov	x20, #10
	bl	deadline
	ldr	x21, =go
2:	ldr	w1, [x21]
	cbnz	w1, 3f
	yield
	bl	late
	cbz	x0, 2b
3:	msr	cntp_cval_el0, xzr		/* The timer goes on asserting: that must not keep the core awake. */
	mov	x0, #1
	msr	cntp_ctl_el0, x0
	isb
	ldr	x0, =CPU_OFF
	bl	psci
	line	"alive"
	bl	put_line
4:	wfi
	b	4b

/* --- Its parts. --- */

/* Returns the core's number in x0. */
number:
	mrs	x0, mpidr_el1
	and	x0, x0, #0xff
	ret

/* Returns the core's frame of SGIs and PPIs in x0. Clobbers x1. */
redistributor:
	mrs	x0, mpidr_el1
	and	x0, x0, #0xff
	ldr	x1, =GICR + 0x10000
	add	x0, x1, x0, lsl #17
	ret

/* Vectors, stack, and what EL2 needs to run AArch32 below it. Clobbers x0 to x2. */
setup:
	mrs	x2, mpidr_el1
	and	x2, x2, #0xff
	add	x2, x2, #1
	ldr	x0, =STACKS
	add	x0, x0, x2, lsl #12
	mov	sp, x0
	adr	x0, vectors
	msr	vbar_el2, x0
	msr	hcr_el2, xzr			/* RW is 0: EL1 is AArch32. */
	ldr	x0, =SCTLR_EL1_RES1
	msr	sctlr_el1, x0
	mov	x0, #0x33ff			/* Nothing is trapped to EL2. */
	msr	cptr_el2, x0
	msr	cnthctl_el2, xzr
	isb
	ret

/* x0: what it held at the core's entry. */
report_entry:
	stp	x19, x30, [sp, #-16]!
	mov	x19, x0
	line	"entry"
	bl	number
	field	core, x0
	mrs	x0, currentel
	lsr	x0, x0, #2
	field	el, x0
	mrs	x0, spsel
	field	spsel, x0
	mrs	x0, daif
	field	daif, x0
	field	x0, x19
	mrs	x0, cntfrq_el0
	field	cntfrq, x0
	mrs	x0, sctlr_el2
	and	x0, x0, #0x1
	field	mmu, x0
	bl	redistributor
	ldr	w0, [x0, #0x100]
	ubfx	w0, w0, #SGI, #1
	field	enabled, x0			/* Already? Then the monitor has left something behind. */
	fmov	d0, x19				/* Trapped to EL3, each of these would be the end. */
	mrs	x0, pmcr_el0
	mrs	x0, mdscr_el1
	/* An SGI, by the system registers. */
	mov	x0, #0xff
	msr	icc_pmr_el1, x0
	mov	x0, #1
	msr	icc_igrpen1_el1, x0
	isb
	bl	redistributor
	mov	w1, #1 << SGI
	str	w1, [x0, #0x100]		/* GICR_ISENABLER0 */
	dsb	sy
	bl	number
	mov	x1, #1
	lsl	x1, x1, x0
	orr	x1, x1, #(SGI << 24)
	msr	icc_sgi1r_el1, x1
	isb
	bl	acknowledge
	field	sgi, x0
	/* A PPI, by the timer. */
	bl	redistributor
	ldr	w1, =1 << PPI
	str	w1, [x0, #0x100]
	dsb	sy
	msr	cntp_cval_el0, xzr
	mov	x0, #1
	msr	cntp_ctl_el0, x0
	isb
	bl	acknowledge
	field	ppi, x0
	bl	put_line
	ldp	x19, x30, [sp], #16
	ret

/* Returns in x0 the interrupt that is there within a second, or 3ff. */
acknowledge:
	stp	x20, x30, [sp, #-32]!
	str	x21, [sp, #16]
	mov	x20, #1
	bl	deadline
1:	mrs	x21, icc_iar1_el1
	dsb	sy
	cmp	x21, #1023
	b.ne	2f
	yield
	bl	late
	cbz	x0, 1b
	b	3f
2:	msr	cntp_ctl_el0, xzr		/* The timer goes on asserting: off before the end of its interrupt. */
	isb
	msr	icc_eoir1_el1, x21
	isb
3:	mov	x0, x21
	ldr	x21, [sp, #16]
	ldp	x20, x30, [sp], #32
	ret

/* x20: seconds. Returns the time when they are over in x20. */
deadline:
	mrs	x0, cntfrq_el0
	mrs	x1, cntpct_el0
	madd	x20, x20, x0, x1
	ret

/* Is x20 over? */
late:
	mrs	x0, cntpct_el0
	cmp	x0, x20
	cset	x0, hs
	ret

/* x1: a core that is awaited, if PSCI said so in x0. */
wait_online:
	cbnz	w0, 3f
	stp	x20, x30, [sp, #-32]!
	str	x21, [sp, #16]
	ldr	x21, =online
	add	x21, x21, x1, lsl #2
	mov	x20, #5
	bl	deadline
1:	ldr	w0, [x21]
	cbnz	w0, 2f
	yield
	bl	late
	cbz	x0, 1b
	line	"absent"
	bl	put_line
2:	dmb	sy
	ldr	x21, [sp, #16]
	ldp	x20, x30, [sp], #32
3:	ret

/* Every core that was turned on may turn itself off; the next ones are awaited anew. */
let_go:
	ldr	x0, =online
	stp	xzr, xzr, [x0]
	ldr	x0, =go
	mov	w1, #1
	str	w1, [x0]
	dsb	sy
	ret

/* x1: a core. */
wait_off:
	stp	x20, x30, [sp, #-32]!
	str	x21, [sp, #16]
	mov	x21, x1
	mov	x20, #5
	bl	deadline
1:	ldr	x0, =AFFINITY_INFO
	mov	x1, x21
	mov	x2, #0
	bl	psci
	cmp	w0, #1
	b.eq	2f
	tbnz	w0, #31, 2f			/* There is no such core. */
	yield
	bl	late
	cbz	x0, 1b
2:	ldr	x21, [sp, #16]
	ldp	x20, x30, [sp], #32
	ret

/*
 * x0 to x3: PSCI's function and what it takes. Returns its answer in x0, and in x1 a bit for each of x4 to x28 that is
 * not what it was.
 */
psci:
	stp	x29, x30, [sp, #-96]!
	stp	x19, x20, [sp, #16]
	stp	x21, x22, [sp, #32]
	stp	x23, x24, [sp, #48]
	stp	x25, x26, [sp, #64]
	stp	x27, x28, [sp, #80]
	.irp	n, 4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28
	mov	w\n, #0xa500 + \n
	.endr
	bl	conduit
	mov	x1, #0
	.irp	n, 4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28
	mov	w2, #0xa500 + \n
	cmp	x\n, x2
	cset	x3, ne
	orr	x1, x1, x3, lsl #\n
	.endr
	ldp	x19, x20, [sp, #16]
	ldp	x21, x22, [sp, #32]
	ldp	x23, x24, [sp, #48]
	ldp	x25, x26, [sp, #64]
	ldp	x27, x28, [sp, #80]
	ldp	x29, x30, [sp], #96
	ret

	.if	CALLER32
/* To AArch32 SVC; the HVC behind its SMC comes back to returned. */
conduit:
	str	x30, [sp, #-16]!
	adr	x30, stub
	msr	elr_el2, x30
	mov	x30, #0x1d3			/* SVC in A32, AIF masked. */
	msr	spsr_el2, x30
	eret
returned:
	mrs	x30, esr_el2
	lsr	w30, w30, #26
	cmp	w30, #0x12			/* HVC from AArch32 */
	b.ne	unexpected
	ldr	x30, [sp], #16
	ret
stub:
	.inst	0xe1600070			/* A32: smc #0 */
	.inst	0xe1400070			/* A32: hvc #0 */
	.else
conduit:
	smc	#0
	ret
returned:
	b	unexpected
	.endif

/* As psci, and a line about it. */
psci_report:
	stp	x19, x30, [sp, #-48]!
	stp	x20, x21, [sp, #16]
	stp	x22, x23, [sp, #32]
	mov	x19, x0
	mov	x20, x1
	mov	x21, x2
	bl	psci
	mov	x22, x0
	mov	x23, x1
	line	"psci"
	field	function, x19
	field	first, x20
	ldr	x0, =secondary			/* An address says nothing to a reader. */
	subs	x0, x21, x0
	cmp	x0, #1
	csel	x21, x0, x21, ls
	field	second, x21
	field	answer, x22
	field	lost, x23
	bl	put_line
	mov	x0, x22
	ldp	x22, x23, [sp, #32]
	ldp	x20, x21, [sp, #16]
	ldp	x19, x30, [sp], #48
	ret

synchronous:
	mrs	x2, elr_el2
	adr	x1, probe
	cmp	x1, x2
	b.ne	unexpected
	add	x2, x2, #4
	msr	elr_el2, x2
	mov	x1, #1
	eret

unexpected:
	print	"unexpected"
	mrs	x0, esr_el2
	field	esr, x0
	mrs	x0, elr_el2
	field	elr, x0
	bl	put_line
	ldr	x0, =SYSTEM_OFF
	smc	#0
1:	wfi
	b	1b

/* w0. Clobbers x9 to x11. */
put_character:
	ldr	x9, =UART
	mov	w11, #0xffff
1:	ldr	w10, [x9, #0x18]		/* UARTFR */
	tbz	w10, #5, 2f			/* TXFF */
	subs	w11, w11, #1
	b.ne	1b
2:	str	w0, [x9]
	ret

/* x0: zero-terminated. Clobbers x9 to x13. */
put_text:
	mov	x12, x30
	mov	x13, x0
1:	ldrb	w0, [x13], #1
	cbz	w0, 2f
	bl	put_character
	b	1b
2:	br	x12

/* x0, without leading zeros. Clobbers x9 to x15. */
put_number:
	mov	x12, x30
	mov	x13, x0
	mov	x14, #60
1:	lsr	x15, x13, x14
	cbnz	x15, 2f
	subs	x14, x14, #4
	b.pl	1b
	mov	x14, #0
2:	lsr	x0, x13, x14
	and	w0, w0, #0xf
	cmp	w0, #10
	add	w15, w0, #'a' - 10
	add	w0, w0, #'0'
	csel	w0, w0, w15, lo
	bl	put_character
	subs	x14, x14, #4
	b.pl	2b
	br	x12

put_line:
	mov	x12, x30
	mov	w0, #'\n'
	bl	put_character
	ldr	x9, =busy
	stlr	wzr, [x9]
	br	x12

/*
 * Waits until no other core is on a line, at most twenty minutes. As in the monitor, exclusives are QEMU's promise.
 * Clobbers x9 to x15.
 */
lock:
	mov	x12, x30
	mov	x13, x20
	mov	x14, x0
	mov	x15, x1
	mov	x20, #1200
	bl	deadline
	ldr	x9, =busy
	mov	w10, #1
1:	ldaxr	w11, [x9]
	cbnz	w11, 2f
	stlxr	w11, w10, [x9]
	cbz	w11, 3f
2:	yield
	bl	late
	cbz	x0, 1b
3:	mov	x20, x13
	mov	x0, x14
	mov	x1, x15
	br	x12

	.ltorg
	.balign 0x800
vectors:
	.irp	n, 0,1,2,3
	b	unexpected
	.balign 0x80
	.endr
	b	synchronous
	.balign 0x80
	.irp	n, 0,1,2,3,4,5,6
	b	unexpected
	.balign 0x80
	.endr
	b	returned			/* From AArch32. */
	.balign 0x80
	.irp	n, 0,1,2
	b	unexpected
	.balign 0x80
	.endr

	.data
	.balign 16
online:
	.space	4 * CORES
go:
	.word	0
busy:
	.word	0
