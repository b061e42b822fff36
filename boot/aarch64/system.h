/* SPDX-License-Identifier: BSD-2-Clause */
/* Values of system registers for several assembly files. */
#ifndef SYSTEM_H
#define SYSTEM_H

#define CURRENT_EL2 (2 << 2)
#define CURRENT_EL3 (3 << 2)

/* Caches and MMU off, little-endian; ARMv8.0's RES1 bits, SPAN, SP alignment check. */
#define SCTLR_EL1_OFF 0x30d00818
#define SCTLR_EL2_OFF 0x30c50830
#define SCTLR_M_C_I 0x1005
#define SCTLR_WXN 0x80000 /* Writable memory is never executed. */

#define SPSR_DAIF 0x3c0
#define SPSR_EL1H (SPSR_DAIF | 5)
#define SPSR_EL2H (SPSR_DAIF | 9)

/* Immediate of our own HVC, to tell it from a PSCI call through the wrong conduit. */
#define HVC_LEAVE 0x5b

#endif
