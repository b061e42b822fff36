/* SPDX-License-Identifier: BSD-2-Clause */
/* System registers' values that several assembly files share. */
#ifndef SYSTEM_H
#define SYSTEM_H

#define CURRENT_EL2 (2 << 2)
#define CURRENT_EL3 (3 << 2)

/* As at reset, whatever was there: caches and MMU off, little-endian; ones where ARMv8.0 has them, SPAN, SP checked. */
#define SCTLR_EL1_OFF 0x30d00818
#define SCTLR_EL2_OFF 0x30c50830
#define SCTLR_M_C_I 0x1005
#define SCTLR_WXN 0x80000 /* What is writable is never executed. */

#define SPSR_DAIF 0x3c0
#define SPSR_EL1H (SPSR_DAIF | 5)
#define SPSR_EL2H (SPSR_DAIF | 9)

/* What our own call of EL2 looks like, so that no PSCI call by the wrong conduit is taken for it. */
#define HVC_LEAVE 0x5b

#endif
